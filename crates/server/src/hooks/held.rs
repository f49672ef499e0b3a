//! What one subscription holds back: orders whose message its endpoint does not take. The others go on; the later
//! messages of such an order wait behind it, in order, and outlive a restart.
//!
//! Does not know HTTP.

use crate::cloud_event::place;
use crate::office::Office;
use countersign_runtime::ports::{Store, StoreError};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// The setting that holds what is held back of one order, under `<webhook>/<order>`.
pub const HELD: &str = "webhook_held";
/// Orders held back of one subscription; with so many its endpoint is down, and the subscription stands still.
pub const HELD_MAX: usize = 100;
/// Messages that wait behind one another; with more, the subscription stands still, too.
pub const WAITING_MAX: usize = 1_000;
/// After so many tries in a row that failed, one that succeeds says that the endpoint is back: all are tried again.
const DOWN_AFTER: u32 = 8;
/// Longest pause between two tries.
const PAUSE_MAX: Duration = Duration::from_secs(1_800);

/// One order (or source) that is held back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The order or source; empty for events about neither.
    pub subject: String,
    /// Ids of the events that wait, in order; the first one was not taken.
    pub waiting: Vec<String>,
    /// How often the first one was refused (4xx).
    pub refusals: u32,
    /// How often it failed otherwise.
    pub failures: u32,
    /// What the last try was answered.
    pub why: String,
    /// Since when the first one waits.
    pub since: Timestamp,
    /// When it is tried again.
    pub due: Timestamp,
}

/// Why a message was not taken.
pub struct Trouble {
    /// The endpoint refused it (4xx); else it is down, or says that it is.
    pub refused: bool,
    /// False if nothing was sent.
    pub tried: bool,
    /// What was answered.
    pub why: String,
    /// When the endpoint wants to be asked again.
    pub retry_after: Option<Duration>,
}

impl Held {
    /// Holds messages back, the first of which was not taken.
    pub fn new(subject: String, waiting: Vec<String>, trouble: Trouble, now: Timestamp) -> Self {
        let why = String::new();
        let mut held = Self { subject, waiting, refusals: 0, failures: 0, why, since: now, due: now };
        held.again(trouble, now);
        held
    }

    /// The first one was not taken, again.
    pub fn again(&mut self, trouble: Trouble, now: Timestamp) {
        let Trouble { refused, tried, why, retry_after } = trouble;
        self.refusals += u32::from(refused);
        self.failures += u32::from(tried && !refused);
        self.why = why;
        let doubled = Duration::from_millis(250).saturating_mul(1 << (self.refusals + self.failures).min(13));
        let pause = SignedDuration::try_from(retry_after.unwrap_or(doubled).min(PAUSE_MAX)).unwrap_or_default();
        self.due = now.saturating_add(pause).unwrap_or(Timestamp::MAX);
    }

    /// The first one is done with.
    pub fn step(&mut self, now: Timestamp) {
        self.waiting.remove(0);
        (self.refusals, self.failures, self.since, self.due) = (0, 0, now, now);
    }
}

/// What is held back of one subscription.
///
/// # Errors
/// What the store says.
pub fn read_held(store: &dyn Store, webhook: &str) -> Result<Vec<Held>, StoreError> {
    let prefix = format!("{webhook}/");
    let mine = store.settings(HELD)?.into_iter().filter(|(id, _)| id.starts_with(&prefix));
    Ok(mine.filter_map(|(_, text)| serde_json::from_str(&text).ok()).collect())
}

/// Forgets what a subscription held back.
///
/// # Errors
/// What the store says.
pub fn forget_held(store: &dyn Store, webhook: &str) -> Result<(), StoreError> {
    for held in read_held(store, webhook)? {
        store.put_setting(HELD, &key(webhook, &held.subject), None, None)?;
    }
    Ok(())
}

fn key(webhook: &str, subject: &str) -> String {
    format!("{webhook}/{subject}")
}

/// An order on the shelf.
struct Kept {
    held: Held,
    /// Version of its setting; 0 before it is written.
    version: u64,
    /// Being tried.
    under_way: bool,
}

/// All that is held back of one subscription, as the store has it.
pub struct Shelf {
    office: Office,
    webhook: String,
    kept: BTreeMap<String, Kept>,
    failed_in_a_row: u32,
}

/// Another node, or whoever ended the subscription, wrote there: this one stops.
pub struct TakenOver;

impl Shelf {
    /// Reads it. All are tried at once: whoever starts a service, or changes a subscription, may have mended something.
    ///
    /// # Errors
    /// What the store says.
    pub async fn open(office: &Office, webhook: &str) -> Result<Self, StoreError> {
        let (id, now) = (webhook.to_owned(), office.now());
        let read = move |store: &dyn Store| {
            let mut kept = BTreeMap::new();
            for held in read_held(store, &id)? {
                let version = store.setting(HELD, &key(&id, &held.subject))?.map_or(0, |(version, _)| version);
                kept.insert(held.subject.clone(), Kept { held: Held { due: now, ..held }, version, under_way: false });
            }
            Ok(kept)
        };
        let kept = office.read(read).await?;
        Ok(Self { office: office.clone(), webhook: webhook.to_owned(), kept, failed_in_a_row: 0 })
    }

    /// True while nothing more may be held back.
    pub fn is_full(&self) -> bool {
        self.kept.len() >= HELD_MAX || self.kept.values().any(|k| k.held.waiting.len() >= WAITING_MAX)
    }

    /// True if this order's messages wait.
    pub fn holds(&self, subject: &str) -> bool {
        self.kept.contains_key(subject)
    }

    /// What is to be tried now; it is under way until [`Shelf::tried`].
    pub fn due(&mut self, now: Timestamp, at_most: usize) -> Vec<Held> {
        let due = self.kept.values_mut().filter(|k| !k.under_way && k.held.due <= now).take(at_most);
        due.map(|k| {
            k.under_way = true;
            k.held.clone()
        })
        .collect()
    }

    /// When the next one is to be tried.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.kept.values().filter(|k| !k.under_way).map(|k| k.held.due).min()
    }

    /// Notes how many messages were taken, and whether one was not: an endpoint that was down and is back gets all that
    /// waits.
    pub fn note(&mut self, taken: usize, failed: bool) {
        if taken > 0 && self.failed_in_a_row >= DOWN_AFTER {
            let now = self.office.now();
            self.kept.values_mut().for_each(|k| k.held.due = now);
        }
        match failed {
            true => self.failed_in_a_row = if taken > 0 { 1 } else { self.failed_in_a_row.saturating_add(1) },
            false if taken > 0 => self.failed_in_a_row = 0,
            false => {}
        }
    }

    /// Holds an order back.
    ///
    /// # Errors
    /// See [`TakenOver`].
    pub async fn hold(&mut self, held: Held) -> Result<(), TakenOver> {
        tracing::warn!(webhook = self.webhook, subject = held.subject, why = held.why, "messages are held back");
        let subject = held.subject.clone();
        self.kept.insert(subject.clone(), Kept { held, version: 0, under_way: false });
        self.write(&subject).await
    }

    /// Puts messages behind those that wait; those that were read before are known again.
    ///
    /// # Errors
    /// See [`TakenOver`].
    pub async fn put_behind(&mut self, subject: &str, ids: Vec<String>) -> Result<(), TakenOver> {
        let Some(kept) = self.kept.get_mut(subject) else { return Ok(()) };
        let last = kept.held.waiting.last().and_then(|id| place(id));
        let before = kept.held.waiting.len();
        kept.held.waiting.extend(ids.into_iter().filter(|id| place(id) > last));
        match kept.held.waiting.len() > before {
            true => self.write(subject).await,
            false => Ok(()),
        }
    }

    /// Takes back what was tried: `held` as the tries left it, `done` messages shorter.
    ///
    /// # Errors
    /// See [`TakenOver`].
    pub async fn tried(&mut self, held: Held, done: usize) -> Result<(), TakenOver> {
        let subject = held.subject.clone();
        let Some(kept) = self.kept.get_mut(&subject) else { return Ok(()) };
        // Meanwhile others may have been put behind.
        let waiting = kept.held.waiting.split_off(done.min(kept.held.waiting.len()));
        kept.held = Held { waiting, ..held };
        kept.under_way = false;
        self.write(&subject).await
    }

    /// Writes one as it stands; without messages it is let go. Until the store takes it nothing goes on.
    async fn write(&mut self, subject: &str) -> Result<(), TakenOver> {
        let Some(Kept { held, version, .. }) = self.kept.get(subject) else { return Ok(()) };
        let (id, version) = (key(&self.webhook, subject), *version);
        let text = (!held.waiting.is_empty())
            .then(|| serde_json::to_string(held).expect("because what is held back is plain data"));
        let gone = text.is_none();
        loop {
            let (id, text) = (id.clone(), text.clone());
            let written = self.office.read(move |store| store.put_setting(HELD, &id, Some(version), text.as_deref()));
            match written.await {
                Ok(false) => return Err(TakenOver),
                Ok(true) if gone => {
                    self.kept.remove(subject);
                    return Ok(());
                }
                Ok(true) => {
                    self.kept.entry(subject.to_owned()).and_modify(|kept| kept.version = version + 1);
                    return Ok(());
                }
                Err(error) => {
                    tracing::warn!(%error, webhook = self.webhook, "what is held back could not be written");
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
        }
    }
}
