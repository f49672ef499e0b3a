//! Letters: what is to go out, written down before anything is sent, claimed before its first byte leaves.
//!
//! waiting → sending → sent (a mark that keeps it from being written again), or laid aside. A letter found `sending`
//! after its sender is gone may have arrived: it is laid aside, because nothing is sent twice.

use super::kinds::Kind;
use crate::auth::{Purpose, json};
use countersign_engine::ids::{OrderId, PoNumber, SourceId};
use countersign_runtime::ports::{Store, StoreError};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::collections::BTreeMap;

const LETTERS: &str = "letter";
const SENT: &str = "letter_sent";
const DEAD: &str = "letter_dead";

/// Longest time a sending may take before its sender is taken for gone.
pub(super) const CLAIM: SignedDuration = SignedDuration::from_mins(3);
/// First pause after a failed try; it doubles.
const PAUSE: SignedDuration = SignedDuration::from_secs(15);
/// Longest pause between two tries.
const PAUSE_MAX: SignedDuration = SignedDuration::from_mins(30);
/// Tries before a letter is laid aside: about two days with half an hour between them.
pub(super) const TRIES_MAX: u32 = 100;

/// To whom.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "to", rename_all = "snake_case")]
pub enum Recipient {
    /// Somebody at a vendor.
    Contact {
        /// Which vendor.
        source: SourceId,
        /// The address.
        mail: String,
    },
    /// A person of the retailer, by login.
    Person {
        /// The login.
        name: String,
    },
    /// The customer of an order; the address stands with the order and can be erased.
    Customer {
        /// Which order.
        order: OrderId,
    },
}

/// A link that the letter is to bear.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Wish {
    /// What it is good for.
    pub purpose: Purpose,
    /// For how long, in seconds.
    pub valid_s: i64,
}

/// A letter to go out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Letter {
    /// The same however often it is composed.
    pub id: String,
    /// What kind.
    pub kind: Kind,
    /// To whom.
    pub to: Recipient,
    /// What it says, apart from names and links.
    #[serde(default)]
    pub facts: BTreeMap<String, String>,
    /// The link it bears.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<Wish>,
    /// The purchase order it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub po: Option<PoNumber>,
    /// The message whose words it bears; they stand with the order's personal data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<(OrderId, SmolStr)>,
    /// The journal position that led to it; 0 for one that somebody asked for.
    #[serde(default)]
    pub position: u64,
    /// Not before.
    pub due: Timestamp,
    /// Tries that failed.
    #[serde(default)]
    pub tries: u32,
    /// Why the last one failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Since when it is being sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sending: Option<Timestamp>,
}

impl Letter {
    /// A letter without more.
    pub fn new(id: String, kind: Kind, to: Recipient, due: Timestamp) -> Self {
        Self {
            id,
            kind,
            to,
            facts: BTreeMap::new(),
            link: None,
            po: None,
            message: None,
            position: 0,
            due,
            tries: 0,
            error: None,
            sending: None,
        }
    }
    /// With a fact.
    pub fn fact(mut self, name: &str, words: impl Into<String>) -> Self {
        self.facts.insert(name.to_owned(), words.into());
        self
    }
    /// With a one-time link.
    pub fn link(mut self, purpose: Purpose, valid: SignedDuration) -> Self {
        self.link = Some(Wish { purpose, valid_s: valid.as_secs() });
        self
    }
    /// With the words of a message.
    pub fn saying(mut self, order: OrderId, message: SmolStr) -> Self {
        self.message = Some((order, message));
        self
    }
    /// About a purchase order.
    pub fn about(mut self, po: PoNumber) -> Self {
        self.po = Some(po);
        self
    }
}

/// A letter that was laid aside.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Dead {
    /// The letter.
    pub letter: Letter,
    /// Why.
    pub why: String,
    /// When.
    pub at: Timestamp,
    /// True if it may have arrived.
    pub in_doubt: bool,
}

/// A fresh id for a letter that somebody asked for.
///
/// # Errors
/// The system gave no random bytes.
pub fn random_id() -> Result<String, StoreError> {
    let mut bytes = [0; 12];
    getrandom::fill(&mut bytes).map_err(|_| StoreError::Determinate("the system gave no random bytes".into()))?;
    Ok(format!("asked.{}", hex::encode(bytes)))
}

/// Writes a letter down, unless it stands there, was sent, or was laid aside. Blocks.
///
/// # Errors
/// The store cannot be written.
pub fn post(store: &dyn Store, letter: &Letter) -> Result<(), StoreError> {
    if is_past(store, &letter.id)? {
        return Ok(());
    }
    store.put_setting(LETTERS, &letter.id, Some(0), Some(&json(letter)?)).map(drop)
}

fn is_past(store: &dyn Store, id: &str) -> Result<bool, StoreError> {
    Ok(store.setting(SENT, id)?.is_some() || store.setting(DEAD, id)?.is_some())
}

/// True if the letter was laid aside. Blocks.
pub(super) fn is_dead(store: &dyn Store, id: &str) -> Result<bool, StoreError> {
    Ok(store.setting(DEAD, id)?.is_some())
}

/// Letters that wait or are being sent. Blocks.
pub(super) fn waiting(store: &dyn Store) -> Result<Vec<Letter>, StoreError> {
    let all = store.settings(LETTERS)?.into_iter();
    Ok(all.filter_map(|(_, body)| serde_json::from_str(&body).ok()).collect())
}

/// Claims a letter: of several senders one gets it. Blocks.
pub(super) fn claim(store: &dyn Store, id: &str, now: Timestamp) -> Result<Option<Letter>, StoreError> {
    let Some((version, body)) = store.setting(LETTERS, id)? else { return Ok(None) };
    let Ok(mut letter) = serde_json::from_str::<Letter>(&body) else { return Ok(None) };
    if letter.sending.is_some() || letter.due > now {
        return Ok(None);
    }
    letter.sending = Some(now);
    if !store.put_setting(LETTERS, id, Some(version), Some(&json(&letter)?))? {
        return Ok(None);
    }
    // Composed a second time just after it had been sent: the mark stands since before its letter was removed.
    if is_past(store, id)? {
        store.put_setting(LETTERS, id, None, None)?;
        return Ok(None);
    }
    Ok(Some(letter))
}

/// The letter has gone out. Blocks.
pub(super) fn sent(store: &dyn Store, letter: &Letter, now: Timestamp) -> Result<(), StoreError> {
    store.put_setting(
        SENT,
        &letter.id,
        None,
        Some(&format!("{{\"position\":{},\"at\":\"{now}\"}}", letter.position)),
    )?;
    store.put_setting(LETTERS, &letter.id, None, None).map(drop)
}

/// The letter certainly has not gone out: it waits for its next try. Blocks.
pub(super) fn put_back(store: &dyn Store, letter: &Letter, why: String, now: Timestamp) -> Result<(), StoreError> {
    let tries = letter.tries + 1;
    let pause = PAUSE.saturating_mul(1 << letter.tries.min(12)).min(PAUSE_MAX);
    let again = Letter { tries, error: Some(why), sending: None, due: now + pause, ..letter.clone() };
    store.put_setting(LETTERS, &letter.id, None, Some(&json(&again)?)).map(drop)
}

/// The letter is laid aside for a person to look at. Blocks.
pub(super) fn lay_aside(
    store: &dyn Store,
    letter: &Letter,
    why: String,
    in_doubt: bool,
    now: Timestamp,
) -> Result<(), StoreError> {
    let dead = Dead { letter: letter.clone(), why, at: now, in_doubt };
    store.put_setting(DEAD, &letter.id, None, Some(&json(&dead)?))?;
    store.put_setting(LETTERS, &letter.id, None, None).map(drop)
}

/// Nobody wants the letter any more. Blocks.
pub(super) fn drop_letter(store: &dyn Store, letter: &Letter, now: Timestamp) -> Result<(), StoreError> {
    sent(store, letter, now)
}

/// Forgets marks of letters that can never be composed again. Blocks.
pub(super) fn forget_sent(store: &dyn Store, cursor: u64, now: Timestamp) -> Result<(), StoreError> {
    #[derive(Deserialize)]
    struct Mark {
        position: u64,
        at: Timestamp,
    }
    for (id, body) in store.settings(SENT)? {
        let old = |m: &Mark| m.position <= cursor && m.at < now - SignedDuration::from_hours(48);
        if serde_json::from_str::<Mark>(&body).map_or(true, |mark| old(&mark)) {
            store.put_setting(SENT, &id, None, None)?;
        }
    }
    Ok(())
}

/// Letters that were laid aside. Blocks.
///
/// # Errors
/// The store cannot be read.
pub fn dead_letters(store: &dyn Store) -> Result<Vec<Dead>, StoreError> {
    let all = store.settings(DEAD)?.into_iter();
    Ok(all.filter_map(|(_, body)| serde_json::from_str(&body).ok()).collect())
}

/// Has a letter that was laid aside tried again, because a person said so; false if there is none. Blocks.
///
/// # Errors
/// The store cannot be written.
pub fn send_again(store: &dyn Store, id: &str, now: Timestamp) -> Result<bool, StoreError> {
    let Some((version, body)) = store.setting(DEAD, id)? else { return Ok(false) };
    let Ok(dead) = serde_json::from_str::<Dead>(&body) else { return Ok(false) };
    if !store.put_setting(DEAD, id, Some(version), None)? {
        return Ok(false);
    }
    let letter = Letter { tries: 0, error: None, sending: None, due: now, ..dead.letter };
    store.put_setting(LETTERS, id, Some(0), Some(&json(&letter)?))
}

/// Forgets a letter that was laid aside; false if there is none. Blocks.
///
/// # Errors
/// The store cannot be written.
pub fn forget_dead(store: &dyn Store, id: &str, now: Timestamp) -> Result<bool, StoreError> {
    let Some((_, body)) = store.setting(DEAD, id)? else { return Ok(false) };
    if let Ok(dead) = serde_json::from_str::<Dead>(&body) {
        sent(store, &dead.letter, now)?;
    }
    store.put_setting(DEAD, id, None, None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_runtime::memory::MemoryStore;

    fn letter() -> Letter {
        let to = Recipient::Contact { source: SourceId::new("moss").unwrap(), mail: "a@moss.example".into() };
        Letter::new("7.vendor_order.1001-1".into(), Kind::VendorOrder, to, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn a_letter_goes_out_once_however_often_it_is_composed() {
        let (store, now) = (MemoryStore::new(), Timestamp::now());
        for _ in 0..2 {
            post(&store, &letter()).unwrap();
        }
        assert_eq!(waiting(&store).unwrap().len(), 1);
        let claimed = claim(&store, &letter().id, now).unwrap().unwrap();
        assert_eq!(claim(&store, &letter().id, now).unwrap(), None, "somebody else has it");
        sent(&store, &claimed, now).unwrap();
        post(&store, &letter()).unwrap();
        assert_eq!(waiting(&store).unwrap(), []);
        // The race that `post` cannot see: written again between its look and the removal.
        store.put_setting(LETTERS, &letter().id, Some(0), Some(&json(&letter()).unwrap())).unwrap();
        assert_eq!(claim(&store, &letter().id, now).unwrap(), None);
    }

    #[test]
    fn a_failed_try_waits_longer_each_time() {
        let (store, now) = (MemoryStore::new(), Timestamp::now());
        post(&store, &letter()).unwrap();
        let claimed = claim(&store, &letter().id, now).unwrap().unwrap();
        put_back(&store, &claimed, "connection refused".into(), now).unwrap();
        assert_eq!(claim(&store, &letter().id, now).unwrap(), None, "not yet");
        let again = claim(&store, &letter().id, now + PAUSE).unwrap().unwrap();
        assert_eq!((again.tries, again.error.as_deref()), (1, Some("connection refused")));
        lay_aside(&store, &again, "no such mailbox".into(), false, now).unwrap();
        post(&store, &letter()).unwrap();
        assert_eq!((waiting(&store).unwrap().len(), dead_letters(&store).unwrap().len()), (0, 1));
        assert!(send_again(&store, &letter().id, now).unwrap());
        assert_eq!((waiting(&store).unwrap().len(), dead_letters(&store).unwrap().len()), (1, 0));
    }
}
