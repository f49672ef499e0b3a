//! One-time links: 256 secret bits of which only the hash is kept, short-lived, good for one thing and one use.
//!
//! Looking at the page behind a link uses nothing up, because mail scanners follow links; pressing its button does. A
//! used link stays known until it would have ended, so that its page can say so and offer a fresh one by mail.

use super::sessions::session_id;
use super::{hash, random_secret};
use countersign_engine::command::Role;
use countersign_engine::ids::{ApprovalId, PoNumber, SourceId};
use countersign_runtime::ports::{Store, StoreError};
use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use smol_str::SmolStr;

/// How long a link that logs a person in may be used.
pub const LINK_VALID: SignedDuration = SignedDuration::from_mins(15);
/// How long an ended link stays known, so that its page can offer a fresh one.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24 * 14);

const LINKS: &str = "login_link";

/// What a link is good for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "for", rename_all = "snake_case")]
pub enum Purpose {
    /// Log a person in.
    Login {
        /// Who.
        name: SmolStr,
        /// In which role, where nobody is known by that name yet (the first person).
        role: Role,
    },
    /// Let a vendor's people in: to one purchase order, or to all of the vendor's own.
    Portal {
        /// Whose people.
        source: SourceId,
        /// Only this purchase order.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        po: Option<PoNumber>,
        /// The mail address it went to: the only one that gets a fresh one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mail: Option<String>,
    },
    /// Answer one approval.
    Approval {
        /// Which.
        approval: ApprovalId,
        /// Who may answer by it.
        name: SmolStr,
    },
}

/// A link as it is kept, under the hash of its token.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Link {
    /// What it is good for.
    #[serde(flatten)]
    pub purpose: Purpose,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// True once it was used.
    #[serde(default)]
    pub used: bool,
}

impl Link {
    /// True if its button still works.
    pub fn is_good(&self, now: Timestamp) -> bool {
        !self.used && now < self.expires_at
    }
}

/// The token of a link that goes out by mail: derived from the installation's secret, so that it stands nowhere in the
/// store, and a mail that is tried again carries the same.
pub fn derived_token(key: &[u8; 32], mail: &str) -> String {
    use base64::Engine as _;
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("because HMAC takes keys of any length");
    mac.update(b"link in a mail|");
    mac.update(mail.as_bytes());
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
}

/// Makes a link; returns its token. Blocks.
///
/// # Errors
/// The store cannot be written.
pub fn create_link(
    store: &dyn Store,
    purpose: Purpose,
    valid: SignedDuration,
    now: Timestamp,
) -> Result<String, StoreError> {
    let token = random_secret()?;
    keep_link(store, &token, purpose, valid, now)?;
    Ok(token)
}

/// Keeps a link under a token that was made elsewhere; one that is kept already stays as it is. Blocks.
///
/// # Errors
/// The store cannot be written.
pub fn keep_link(
    store: &dyn Store,
    token: &str,
    purpose: Purpose,
    valid: SignedDuration,
    now: Timestamp,
) -> Result<(), StoreError> {
    let link = Link { purpose, created_at: now, expires_at: now + valid, used: false };
    store.put_setting(LINKS, &session_id(token), Some(0), Some(&super::json(&link)?)).map(drop)
}

/// What a token is or was good for; uses nothing up. Blocks.
///
/// # Errors
/// The store cannot be read.
pub fn look_at_link(store: &dyn Store, token: &str) -> Result<Option<Link>, StoreError> {
    Ok(store.setting(LINKS, &session_id(token))?.and_then(|(_, body)| serde_json::from_str(&body).ok()))
}

/// Uses a link up, if it is one of those that `fits`; of two who try at once, one wins. Blocks.
///
/// # Errors
/// The store cannot be written.
pub fn redeem_link(
    store: &dyn Store,
    token: &str,
    now: Timestamp,
    fits: impl Fn(&Purpose) -> bool,
) -> Result<Option<Purpose>, StoreError> {
    let id = session_id(token);
    let Some((version, body)) = store.setting(LINKS, &id)? else { return Ok(None) };
    let Some(link) = serde_json::from_str::<Link>(&body).ok().filter(|l| l.is_good(now) && fits(&l.purpose)) else {
        return Ok(None);
    };
    let used = Link { used: true, ..link };
    let won = store.put_setting(LINKS, &id, Some(version), Some(&super::json(&used)?))?;
    Ok(won.then_some(used.purpose))
}

/// Makes every link useless that this holds for. Blocks.
///
/// # Errors
/// The store cannot be written.
pub fn revoke_links(store: &dyn Store, whose: impl Fn(&Purpose) -> bool) -> Result<usize, StoreError> {
    sweep(store, |link| whose(&link.purpose))
}

/// Forgets links that ended long ago. Blocks.
pub(super) fn forget_old(store: &dyn Store, now: Timestamp) -> Result<usize, StoreError> {
    sweep(store, |link| link.expires_at + REMEMBERED < now)
}

fn sweep(store: &dyn Store, gone: impl Fn(&Link) -> bool) -> Result<usize, StoreError> {
    let mut count = 0;
    for (id, body) in store.settings(LINKS)? {
        // What cannot be read any more is of no use to anybody.
        if serde_json::from_str::<Link>(&body).map_or(true, |link| gone(&link)) {
            store.put_setting(LINKS, &id, None, None)?;
            count += 1;
        }
    }
    Ok(count)
}

/// A short tag of a token for logs: enough to find its mail, useless to anybody else.
pub fn tag_of(token: &str) -> String {
    hex::encode(&hash(token.as_bytes())[..4])
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_runtime::memory::MemoryStore;

    fn login(name: &str) -> Purpose {
        Purpose::Login { name: name.into(), role: Role::It }
    }

    #[test]
    fn a_link_works_once_in_its_time_and_for_its_purpose() {
        let (store, now) = (MemoryStore::new(), Timestamp::now());
        let any = |_: &Purpose| true;
        let token = create_link(&store, login("ida"), LINK_VALID, now).unwrap();
        assert_eq!(redeem_link(&store, "other", now, any).unwrap(), None);
        assert_eq!(redeem_link(&store, &token, now, |p| matches!(p, Purpose::Portal { .. })).unwrap(), None);
        assert_eq!(redeem_link(&store, &token, now, any).unwrap(), Some(login("ida")));
        assert_eq!(redeem_link(&store, &token, now, any).unwrap(), None, "used up");
        assert!(look_at_link(&store, &token).unwrap().unwrap().used);
        let late = create_link(&store, login("ida"), LINK_VALID, now).unwrap();
        assert_eq!(redeem_link(&store, &late, now + SignedDuration::from_hours(1), any).unwrap(), None);
        let revoked = create_link(&store, login("eve"), LINK_VALID, now).unwrap();
        assert_eq!(revoke_links(&store, |p| *p == login("eve")).unwrap(), 1);
        assert_eq!(redeem_link(&store, &revoked, now, any).unwrap(), None);
        assert!(!format!("{:?}", store.settings(LINKS)).contains(&token), "only hashes are at rest");
    }

    #[test]
    fn of_many_who_press_at_once_one_wins() {
        let (store, now) = (MemoryStore::new(), Timestamp::now());
        let token = create_link(&store, login("ida"), LINK_VALID, now).unwrap();
        let won = std::thread::scope(|scope| {
            let tries: Vec<_> =
                (0..8).map(|_| scope.spawn(|| redeem_link(&store, &token, now, |_| true).unwrap())).collect();
            tries.into_iter().filter_map(|t| t.join().unwrap()).count()
        });
        assert_eq!(won, 1);
    }
}
