//! Sessions of people: a cookie of which only the hash is kept, with an idle and an absolute end.
//!
//! Does not know how somebody proved who they are.

use super::{Caller, hash, random_secret};
use countersign_engine::command::{Actor, Role};
use countersign_engine::ids::{PoNumber, SourceId};
use countersign_runtime::ports::{Store, StoreError};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use smol_str::{SmolStr, format_smolstr};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// How long a session lasts at most: a working day.
pub(super) const SESSION_VALID: SignedDuration = SignedDuration::from_hours(12);
/// How long an unused one lasts: a long lunch.
pub(super) const IDLE_MAX: SignedDuration = SignedDuration::from_hours(2);
/// Use is written down when this much has passed; less only wears the disk.
const NOTE_EVERY_S: i64 = 60;

const SESSIONS: &str = "session";

/// Whose session it is, and what it reaches.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Holder {
    /// Who.
    pub name: SmolStr,
    /// In which role.
    pub role: Role,
    /// The only source they speak for; always there for a vendor's people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<SourceId>,
    /// The only purchase order they reach: they came by the link in its mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub po: Option<PoNumber>,
    /// They came by a one-time link: a new password needs no old one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_link: bool,
}

/// A session as it is kept, under the hash of its token.
#[derive(Debug, Serialize, Deserialize)]
pub struct Session {
    /// Whose.
    #[serde(flatten)]
    pub holder: Holder,
    /// When it began.
    pub created_at: Timestamp,
    /// When it ends, used or not.
    pub expires_at: Timestamp,
    /// When it was last used, seconds since 1970; kept to the minute.
    #[serde(default)]
    used_at: AtomicI64,
}

impl Session {
    pub(super) fn caller(&self, id: &str) -> Caller {
        let Holder { name, role, source, po, .. } = self.holder.clone();
        let actor = match (&source, role) {
            (Some(source), Role::Vendor) => Actor::Source { source: source.clone() },
            _ => Actor::Person { name: name.clone(), role },
        };
        Caller { actor, role, source, po, id: format_smolstr!("s.{}", &id[..16]), by_cookie: true }
    }

    /// True while it opens doors; notes the use.
    pub(super) fn touch(&self, now: Timestamp) -> bool {
        let used = self.used_at.load(Ordering::Relaxed).max(self.created_at.as_second());
        let alive = now < self.expires_at && now.as_second() - used < IDLE_MAX.as_secs();
        if alive {
            self.used_at.fetch_max(now.as_second(), Ordering::Relaxed);
        }
        alive
    }

    fn is_over(&self, now: Timestamp) -> bool {
        let used = self.used_at.load(Ordering::Relaxed).max(self.created_at.as_second());
        // A little later than `touch` says: another node may know of a later use.
        now >= self.expires_at || now.as_second() - used > IDLE_MAX.as_secs() + 2 * NOTE_EVERY_S
    }

    /// What is known here of its use, added to what another reading knows.
    pub(super) fn learn(&self, other: &Session) {
        self.used_at.fetch_max(other.used_at.load(Ordering::Relaxed), Ordering::Relaxed);
    }
}

pub(super) fn session_id(token: &str) -> SmolStr {
    SmolStr::new(hex::encode(hash(token.as_bytes())))
}

/// Begins a session; returns its token, its id and itself. Blocks.
///
/// # Errors
/// The store cannot be written.
pub fn create_session(
    store: &dyn Store,
    holder: Holder,
    now: Timestamp,
) -> Result<(String, SmolStr, Session), StoreError> {
    let token = random_secret()?;
    let id = session_id(&token);
    let session =
        Session { holder, created_at: now, expires_at: now + SESSION_VALID, used_at: AtomicI64::new(now.as_second()) };
    store.put_setting(SESSIONS, &id, Some(0), Some(&super::json(&session)?))?;
    Ok((token, id, session))
}

/// Ends the session of a token; returns its id. Blocks.
///
/// # Errors
/// The store cannot be written.
pub fn end_session(store: &dyn Store, token: &str) -> Result<SmolStr, StoreError> {
    let id = session_id(token);
    if store.setting(SESSIONS, &id)?.is_some() {
        store.put_setting(SESSIONS, &id, None, None)?;
    }
    Ok(id)
}

/// Ends every session that this holds for; returns their ids. Blocks.
///
/// # Errors
/// The store cannot be written.
pub fn end_sessions(store: &dyn Store, whose: impl Fn(&Holder) -> bool) -> Result<Vec<SmolStr>, StoreError> {
    let mut ended = vec![];
    for (id, body) in store.settings(SESSIONS)? {
        if serde_json::from_str::<Session>(&body).is_ok_and(|s| whose(&s.holder)) {
            store.put_setting(SESSIONS, &id, None, None)?;
            ended.push(id.into());
        }
    }
    Ok(ended)
}

pub(super) fn read_sessions(store: &dyn Store) -> Result<HashMap<SmolStr, Arc<Session>>, StoreError> {
    let all = store.settings(SESSIONS)?;
    Ok(all
        .into_iter()
        .filter_map(|(id, body)| Some((SmolStr::new(id), Arc::new(serde_json::from_str(&body).ok()?))))
        .collect())
}

pub(super) fn read_session(store: &dyn Store, id: &str) -> Result<Option<Session>, StoreError> {
    Ok(store.setting(SESSIONS, id)?.and_then(|(_, body)| serde_json::from_str(&body).ok()))
}

/// Writes down when a session was last used, or removes one that is over. Blocks.
pub(super) fn note_use(store: &dyn Store, id: &str, session: &Session, now: Timestamp) -> Result<(), StoreError> {
    let Some((version, body)) = store.setting(SESSIONS, id)? else { return Ok(()) };
    let Ok(stored) = serde_json::from_str::<Session>(&body) else { return Ok(()) };
    let used = session.used_at.load(Ordering::Relaxed);
    if session.is_over(now) && stored.is_over(now) {
        return store.put_setting(SESSIONS, id, Some(version), None).map(drop);
    }
    if used - stored.used_at.load(Ordering::Relaxed) < NOTE_EVERY_S {
        return Ok(());
    }
    stored.used_at.store(used, Ordering::Relaxed);
    store.put_setting(SESSIONS, id, Some(version), Some(&super::json(&stored)?)).map(drop)
}
