//! Letters: what is to go out, written down before anything is sent, claimed before its first byte leaves.
//!
//! waiting → sending → sent (a mark that keeps it from being written again), or laid aside. A letter found `sending`
//! after its sender is gone may have arrived: it is laid aside, because nothing is sent twice. Two queues point at
//! letters and marks in the order of their times; looking for what is due never walks through what is kept.

use super::kinds::Kind;
use super::queue::{Entry, Queue};
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
/// Letters by when they are to be looked at: their time, or the end of the claim of whoever sends them.
const WAITING: Queue = Queue("letter_due");
/// Marks by when they were set.
const MARKED: Queue = Queue("letter_marked");

/// Longest time a sending may take before its sender is taken for gone.
pub(super) const CLAIM: SignedDuration = SignedDuration::from_mins(3);
/// How long a mark is kept: longer than a journal entry can wait for its letters to be written.
const MARK_KEPT: SignedDuration = SignedDuration::from_hours(48);
/// Marks forgotten at once.
const MARKS_AT_ONCE: u32 = 500;
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
    store.put_setting(LETTERS, &letter.id, Some(0), Some(&json(letter)?))?;
    // After the letter: whoever stopped between the two writes it down again.
    WAITING.put(store, &letter.id, letter.due)
}

fn is_past(store: &dyn Store, id: &str) -> Result<bool, StoreError> {
    Ok(store.setting(SENT, id)?.is_some() || store.setting(DEAD, id)?.is_some())
}

/// True if the letter was laid aside. Blocks.
pub(super) fn is_dead(store: &dyn Store, id: &str) -> Result<bool, StoreError> {
    Ok(store.setting(DEAD, id)?.is_some())
}

/// True if so many letters are due that writing more can wait. Blocks.
pub(super) fn is_behind(store: &dyn Store, now: Timestamp, most: u32) -> Result<bool, StoreError> {
    Ok(WAITING.due(store, now, most + 1)?.len() > most as usize)
}

/// A letter whose time has come.
#[derive(Debug, PartialEq)]
pub(super) enum Claimed {
    /// To be sent now.
    Mine(Letter),
    /// Its sender has gone: it may have arrived.
    Orphan(Letter),
}

/// Claims at most so many letters that are due: of several senders one gets each. Blocks.
pub(super) fn claim_due(store: &dyn Store, now: Timestamp, most: usize) -> Result<Vec<Claimed>, StoreError> {
    let mut claimed = vec![];
    for entry in WAITING.due(store, now, most as u32)? {
        claimed.extend(claim(store, &entry, now)?);
    }
    Ok(claimed)
}

fn claim(store: &dyn Store, entry: &Entry, now: Timestamp) -> Result<Option<Claimed>, StoreError> {
    let found = store.setting(LETTERS, &entry.name)?;
    let found = found.and_then(|(version, body)| Some((version, serde_json::from_str::<Letter>(&body).ok()?)));
    let Some((version, mut letter)) = found else {
        return WAITING.drop(store, entry).map(|()| None);
    };
    let again = match letter.sending {
        Some(since) if since + CLAIM < now => return Ok(Some(Claimed::Orphan(letter))),
        Some(since) => Some(since + CLAIM),
        None => Some(letter.due).filter(|due| *due > now),
    };
    if let Some(again) = again {
        WAITING.put(store, &letter.id, again)?;
        return WAITING.drop(store, entry).map(|()| None);
    }
    letter.sending = Some(now);
    if !store.put_setting(LETTERS, &letter.id, Some(version), Some(&json(&letter)?))? {
        return Ok(None);
    }
    WAITING.put(store, &letter.id, now + CLAIM)?;
    WAITING.drop(store, entry)?;
    // Composed a second time just after it had been sent: the mark stands since before its letter was removed.
    if is_past(store, &letter.id)? {
        store.put_setting(LETTERS, &letter.id, None, None)?;
        return Ok(None);
    }
    Ok(Some(Claimed::Mine(letter)))
}

/// The letter has gone out. Blocks.
pub(super) fn sent(store: &dyn Store, letter: &Letter, now: Timestamp) -> Result<(), StoreError> {
    let mark = Mark { position: letter.position, at: now };
    store.put_setting(SENT, &letter.id, None, Some(&json(&mark)?))?;
    MARKED.put(store, &letter.id, now)?;
    store.put_setting(LETTERS, &letter.id, None, None).map(drop)
}

/// That a letter has gone out, and of which entry it told.
#[derive(Debug, Serialize, Deserialize)]
struct Mark {
    position: u64,
    at: Timestamp,
}

/// The letter certainly has not gone out: it waits for its next try. Blocks.
pub(super) fn put_back(store: &dyn Store, letter: &Letter, why: String, now: Timestamp) -> Result<(), StoreError> {
    let tries = letter.tries + 1;
    let pause = PAUSE.saturating_mul(1 << letter.tries.min(12)).min(PAUSE_MAX);
    let again = Letter { tries, error: Some(why), sending: None, due: now + pause, ..letter.clone() };
    store.put_setting(LETTERS, &letter.id, None, Some(&json(&again)?))?;
    WAITING.put(store, &letter.id, again.due)
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
    let old = now - MARK_KEPT;
    loop {
        let entries = MARKED.due(store, old, MARKS_AT_ONCE)?;
        for entry in &entries {
            let mark = store.setting(SENT, &entry.name)?.and_then(|(_, body)| serde_json::from_str::<Mark>(&body).ok());
            match mark {
                // Set again since: that has an entry of its own.
                Some(mark) if mark.at > old => {}
                // The journal stood still for two days.
                Some(mark) if mark.position > cursor => MARKED.put(store, &entry.name, now)?,
                _ => drop(store.put_setting(SENT, &entry.name, None, None)?),
            }
            MARKED.drop(store, entry)?;
        }
        if entries.len() < MARKS_AT_ONCE as usize {
            return Ok(());
        }
    }
}

/// Gives letters and marks that have no place in their queue one: earlier releases had no queues, and a service may
/// stop between two writes. Blocks; costs what is kept, once.
pub(super) fn mend(store: &dyn Store, now: Timestamp) -> Result<(), StoreError> {
    let letter = |body: &str| serde_json::from_str::<Letter>(body).map_or(now, |l| l.due);
    WAITING.mend(store, store.settings(LETTERS)?.into_iter().map(|(id, body)| (id, letter(&body))))?;
    let mark = |body: &str| serde_json::from_str::<Mark>(body).map_or(now, |m| m.at);
    MARKED.mend(store, store.settings(SENT)?.into_iter().map(|(id, body)| (id, mark(&body))))
}

/// Letters that were laid aside. Blocks.
///
/// # Errors
/// The store cannot be read.
pub fn dead_letters(store: &dyn Store) -> Result<Vec<Dead>, StoreError> {
    let all = store.settings(DEAD)?.into_iter();
    Ok(all.filter_map(|(_, body)| serde_json::from_str(&body).ok()).collect())
}

/// Covers what mail servers said about letters to the customer of an order, which may name an address; false if they said
/// nothing of the kind. Blocks.
///
/// # Errors
/// The store cannot be written.
pub fn erase(store: &dyn Store, order: &OrderId, covered: impl Fn(&str) -> String) -> Result<bool, StoreError> {
    let theirs = |letter: &Letter| matches!(&letter.to, Recipient::Customer { order: of } if of == order);
    let mut erased = false;
    for mut dead in dead_letters(store)?.into_iter().filter(|dead| theirs(&dead.letter)) {
        let (why, error) = (covered(&dead.why), dead.letter.error.as_deref().map(&covered));
        if why != dead.why || error != dead.letter.error {
            let id = dead.letter.id.clone();
            (dead.why, dead.letter.error) = (why, error);
            erased |= store.put_setting(DEAD, &id, None, Some(&json(&dead)?))?;
        }
    }
    for (id, body) in store.settings(LETTERS)? {
        let Ok(letter) = serde_json::from_str::<Letter>(&body) else { continue };
        let Some((version, _)) = store.setting(LETTERS, &id)?.filter(|(_, now)| *now == body) else { continue };
        let error = letter.error.as_deref().map(&covered);
        if theirs(&letter) && error != letter.error {
            // Whoever sends it just now writes it anew, or removes it.
            erased |= store.put_setting(LETTERS, &id, Some(version), Some(&json(&Letter { error, ..letter })?))?;
        }
    }
    Ok(erased)
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
    let fresh = store.put_setting(LETTERS, id, Some(0), Some(&json(&letter)?))?;
    WAITING.put(store, id, now)?;
    Ok(fresh)
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

    fn waiting(store: &dyn Store) -> usize {
        store.settings(LETTERS).unwrap().len()
    }

    fn claimed(store: &dyn Store, now: Timestamp) -> Option<Letter> {
        match claim_due(store, now, 8).unwrap().pop()? {
            Claimed::Mine(letter) | Claimed::Orphan(letter) => Some(letter),
        }
    }

    #[test]
    fn what_a_server_said_of_a_customers_letter_is_covered_when_they_are_erased() {
        let (store, now) = (MemoryStore::new(), Timestamp::now());
        let of = |order: &str| Letter {
            id: format!("7.{order}"),
            to: Recipient::Customer { order: order.parse().unwrap() },
            ..letter()
        };
        for order in ["1001", "1002"] {
            lay_aside(&store, &of(order), "550 <zoe@example.com> unknown".into(), false, now).unwrap();
        }
        let cover = |text: &str| crate::erasure::covered_text(text, &[]);
        let id: OrderId = "1001".parse().unwrap();
        assert!(erase(&store, &id, cover).unwrap());
        assert!(!erase(&store, &id, cover).unwrap(), "there is nothing left");
        let why: Vec<String> = dead_letters(&store).unwrap().into_iter().map(|dead| dead.why).collect();
        assert_eq!(why, ["550 xxxxxxxxxxxxxxxxx unknown", "550 <zoe@example.com> unknown"]);
    }

    #[test]
    fn a_letter_goes_out_once_however_often_it_is_composed() {
        let (store, now) = (MemoryStore::new(), Timestamp::now());
        for _ in 0..2 {
            post(&store, &letter()).unwrap();
        }
        assert_eq!(waiting(&store), 1);
        let mine = claimed(&store, now).unwrap();
        assert_eq!(claimed(&store, now), None, "somebody else has it");
        sent(&store, &mine, now).unwrap();
        post(&store, &letter()).unwrap();
        assert_eq!(waiting(&store), 0);
        // The race that `post` cannot see: written again between its look and the removal.
        store.put_setting(LETTERS, &letter().id, Some(0), Some(&json(&letter()).unwrap())).unwrap();
        WAITING.put(&store, &letter().id, now).unwrap();
        assert_eq!(claimed(&store, now), None);
        assert_eq!(waiting(&store), 0);
    }

    #[test]
    fn a_failed_try_waits_longer_each_time() {
        let (store, now) = (MemoryStore::new(), Timestamp::now());
        post(&store, &letter()).unwrap();
        let mine = claimed(&store, now).unwrap();
        put_back(&store, &mine, "connection refused".into(), now).unwrap();
        assert_eq!(claimed(&store, now), None, "not yet");
        let again = claimed(&store, now + PAUSE).unwrap();
        assert_eq!((again.tries, again.error.as_deref()), (1, Some("connection refused")));
        lay_aside(&store, &again, "no such mailbox".into(), false, now).unwrap();
        post(&store, &letter()).unwrap();
        assert_eq!((waiting(&store), dead_letters(&store).unwrap().len()), (0, 1));
        assert!(send_again(&store, &letter().id, now).unwrap());
        assert_eq!((waiting(&store), dead_letters(&store).unwrap().len()), (1, 0));
        assert_eq!(claimed(&store, now).map(|l| l.tries), Some(0));
    }

    #[test]
    fn whoever_went_away_while_sending_leaves_an_orphan() {
        let (store, now) = (MemoryStore::new(), Timestamp::now());
        post(&store, &letter()).unwrap();
        claimed(&store, now).unwrap();
        let later = now + CLAIM + SignedDuration::from_secs(1);
        let found = claim_due(&store, later, 8).unwrap();
        assert!(matches!(found.as_slice(), [Claimed::Orphan(_)]), "{found:?}");
        // It stopped before it could lay it aside: the next one finds it, too.
        assert_eq!(claim_due(&store, later, 8).unwrap().len(), 1);
    }

    #[test]
    fn looking_costs_what_is_due_and_not_what_is_kept() {
        const KEPT: usize = 5_000;
        let (store, now) = (MemoryStore::new(), Timestamp::now());
        let tomorrow = now + SignedDuration::from_hours(24);
        for n in 0..KEPT {
            let held = Letter { id: format!("{n}.held"), due: tomorrow, ..letter() };
            post(&store, &held).unwrap();
            sent(&store, &Letter { id: format!("{n}.sent"), ..letter() }, now).unwrap();
        }
        post(&store, &letter()).unwrap();
        sent(&store, &Letter { id: "0.old".into(), ..letter() }, now - MARK_KEPT).unwrap();
        let calls = std::sync::Arc::new(std::sync::Mutex::new(vec![]));
        let seen = calls.clone();
        store.set_faults(Some(Box::new(move |name| {
            seen.lock().unwrap().push(name);
            countersign_runtime::memory::Fault::None
        })));
        assert!(!is_behind(&store, now, 100).unwrap());
        assert!(claimed(&store, now).is_some());
        forget_sent(&store, 0, now).unwrap();
        let calls = calls.lock().unwrap().clone();
        assert!(calls.len() < 16 && !calls.contains(&"settings"), "{calls:?}");
        store.set_faults(None);
        assert!(!is_past(&store, "0.old").unwrap() && is_past(&store, "7.sent").unwrap());
        // And nobody is forgotten.
        assert_eq!(claim_due(&store, tomorrow, 2 * KEPT).unwrap().len(), KEPT + 1);
        forget_sent(&store, 0, now + MARK_KEPT).unwrap();
        assert_eq!(store.settings(SENT).unwrap().len() + store.settings(MARKED.0).unwrap().len(), 0);
    }

    #[test]
    fn what_an_earlier_release_kept_is_found() {
        let (store, now) = (MemoryStore::new(), Timestamp::now());
        store.put_setting(LETTERS, &letter().id, None, Some(&json(&letter()).unwrap())).unwrap();
        let mark = json(&Mark { position: 0, at: now }).unwrap();
        store.put_setting(SENT, "6.sent", None, Some(&mark)).unwrap();
        mend(&store, now).unwrap();
        mend(&store, now).unwrap();
        assert_eq!(store.settings(WAITING.0).unwrap().len(), 1);
        assert!(claimed(&store, now).is_some());
        forget_sent(&store, 0, now + MARK_KEPT).unwrap();
        assert!(!is_past(&store, "6.sent").unwrap());
    }
}
