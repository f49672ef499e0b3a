//! Backtests as the store keeps them: a card of each, which says what is asked and where it stands; its finished parts in
//! pieces; its result. All bytes of a job go by its number, and its card goes last: what is left of one is found by it.
//!
//! Does not know HTTP, nor which jobs run.

use crate::histories;
use crate::lease;
use countersign_engine::command::Actor;
use countersign_engine::policy::Policy;
use countersign_runtime::ports::{Store, StoreError};
use countersign_sim::replay::progress::{Identity, Progress};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeSet;

/// Jobs remembered; the oldest are forgotten when another one begins.
pub const JOBS_MAX: usize = 4;
/// Jobs that never came to an end are forgotten after so long, when another one begins or the service starts.
const SWEPT_AFTER: SignedDuration = SignedDuration::from_hours(7 * 24);
/// The setting that holds a card.
const CARD: &str = "backtest";
/// The setting that holds a result.
const RESULT: &str = "backtest_result";
/// Counts jobs.
const SEQUENCE: &str = "backtest";
/// What the ids of leases begin with.
const LEASES: &str = "backtest/";

/// Where a job stands, as far as it was written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It was begun; whether somebody is still at it is said by the lease.
    Running,
    /// Its result stands; the journal may not know of it yet.
    Recording,
    /// Its result stands.
    Done,
    /// It was stopped.
    Cancelled,
    /// It cannot go on.
    Failed,
    /// It is let go as soon as nobody works on it.
    Forgotten,
}

impl State {
    /// True if only whoever works on the job writes it.
    pub fn is_of_its_run(self) -> bool {
        matches!(self, State::Running | State::Recording | State::Done | State::Failed)
    }
}

/// What a job runs over: it can be read again, and is the same then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Over {
    /// A history that is kept.
    History {
        /// Its name.
        name: String,
        /// Its digest: another one may be kept under that name by now.
        digest: String,
    },
    /// The journal, up to this position.
    Journal(u64),
}

/// A job.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Card {
    /// Its number; never given twice.
    pub id: u64,
    /// Who asked, or asked last that it go on: the journal names them.
    pub by: Actor,
    /// The version tried.
    pub policy: u32,
    /// Which draft of it.
    pub revision: Option<u32>,
    /// The version compared with.
    pub against: Option<u32>,
    /// Both as they were when it was asked, by name.
    pub policies: Vec<(String, Policy)>,
    /// What it runs over.
    pub over: Over,
    /// The first seed.
    pub seed: u64,
    /// How many.
    pub seeds: u64,
    /// Where it stands.
    pub state: State,
    /// Counts how often it was begun: who was at it before has nothing to say any more.
    pub turn: u64,
    /// When it was asked.
    pub started_at: Timestamp,
    /// When it last told how far it is.
    pub told_at: Timestamp,
    /// Orders replayed.
    pub done: u64,
    /// Of so many.
    pub of: u64,
    /// Why it failed.
    pub error: Option<String>,
    /// Why the policy does not count as backtested by it.
    pub not_kept: Option<String>,
}

/// What became of a change.
pub enum Changed {
    /// It was made.
    To(Box<Card>),
    /// The card does not allow it.
    Not,
    /// There is no such job.
    Gone,
}

/// A number for a new job.
///
/// # Errors
/// As all here: what the store says.
pub fn next(store: &dyn Store) -> Result<u64, StoreError> {
    store.next_number(SEQUENCE)
}

/// All jobs, oldest first; those that are being forgotten too.
pub fn all(store: &dyn Store) -> Result<Vec<Card>, StoreError> {
    Ok(store.settings(CARD)?.into_iter().filter_map(|(_, text)| serde_json::from_str(&text).ok()).collect())
}

/// A job, with the version of its card.
pub fn find(store: &dyn Store, id: u64) -> Result<Option<(u64, Card)>, StoreError> {
    let found = store.setting(CARD, &key(id))?;
    Ok(found.and_then(|(version, text)| Some((version, serde_json::from_str(&text).ok()?))))
}

/// Writes a card if it still has that version (0: if there is none).
pub fn put(store: &dyn Store, card: &Card, version: u64) -> Result<bool, StoreError> {
    store.put_setting(CARD, &key(card.id), Some(version), Some(&crate::api::call::json(card)))
}

/// Changes a card, unless `change` says that it does not allow it.
pub fn change(store: &dyn Store, id: u64, change: impl Fn(&mut Card) -> bool) -> Result<Changed, StoreError> {
    loop {
        let Some((version, mut card)) = find(store, id)? else { return Ok(Changed::Gone) };
        if !change(&mut card) {
            return Ok(Changed::Not);
        }
        if put(store, &card, version)? {
            return Ok(Changed::To(card.into()));
        }
    }
}

/// The result of a job that is done.
pub fn result(store: &dyn Store, id: u64) -> Result<Option<Value>, StoreError> {
    Ok(store.setting(RESULT, &key(id))?.and_then(|(_, text)| serde_json::from_str(&text).ok()))
}

/// Keeps the result of a job.
pub fn put_result(store: &dyn Store, id: u64, result: &Value) -> Result<(), StoreError> {
    store.put_setting(RESULT, &key(id), None, Some(&result.to_string())).map(drop)
}

/// Keeps a batch of finished parts.
pub fn put_batch(store: &dyn Store, id: u64, place: u32, batch: &[u8]) -> Result<(), StoreError> {
    store.put_piece(&whole(id), place, batch)
}

/// Takes up what is finished of a job; gives the place of the next batch. Batches of another build are let go.
pub fn take_up(store: &dyn Store, id: u64, progress: &Progress, of: &Identity) -> Result<u32, StoreError> {
    let (mut place, mut all_taken) = (0, true);
    while let Some(batch) = store.piece(&whole(id), place)? {
        all_taken &= progress.take_up(of, &batch);
        place += 1;
    }
    if all_taken {
        return Ok(place);
    }
    let_batches_go(store, id)?;
    progress.save_again();
    Ok(0)
}

/// Lets the finished parts of a job go.
pub fn let_batches_go(store: &dyn Store, id: u64) -> Result<(), StoreError> {
    store.remove_pieces(&whole(id))
}

/// Lets a job go: whoever worked on it has stopped.
pub fn let_go(store: &dyn Store, id: u64) -> Result<(), StoreError> {
    let_batches_go(store, id)?;
    store.put_setting(RESULT, &key(id), None, None)?;
    store.put_setting(CARD, &key(id), None, None).map(drop)
}

/// Lets a job go if it is forgotten.
pub fn let_forgotten_go(store: &dyn Store, id: u64) -> Result<(), StoreError> {
    match find(store, id)? {
        Some((_, card)) if card.state != State::Forgotten => Ok(()),
        _ => let_go(store, id),
    }
}

/// Lets jobs go that are forgotten or never came to an end, and the oldest of more than `room`; those
/// on which another node works stay. Call it while none runs here.
pub fn sweep(store: &dyn Store, now: Timestamp, room: usize) -> Result<(), StoreError> {
    let (mut cards, led) = (all(store)?, led(store, now)?);
    cards.retain(|card| !led.contains(&card.id));
    let is_over = |card: &Card| match card.state {
        State::Forgotten => true,
        State::Done | State::Failed => false,
        State::Running | State::Recording | State::Cancelled => now.duration_since(card.told_at) >= SWEPT_AFTER,
    };
    let (over, kept): (Vec<Card>, Vec<Card>) = cards.into_iter().partition(is_over);
    let too_many = kept.len().saturating_sub(room);
    for card in over.iter().chain(&kept[..too_many]) {
        let_go(store, card.id)?;
    }
    Ok(())
}

/// The jobs on which a node works, on a store that nodes share.
pub fn led(store: &dyn Store, now: Timestamp) -> Result<BTreeSet<u64>, StoreError> {
    let held = lease::held(store, now)?;
    Ok(held.iter().filter_map(|id| id.strip_prefix(LEASES)?.parse().ok()).collect())
}

/// The lease on a job.
pub fn lease_of(id: u64) -> String {
    format!("{LEASES}{id}")
}

impl Over {
    /// Over a history by its name, as it is kept now; `None` if none is.
    pub fn history(store: &dyn Store, name: &str) -> Result<Option<Self>, StoreError> {
        let kept = histories::all(store)?;
        let digest = kept.all.get(name).map(|kept| kept.history.digest.to_string());
        Ok(digest.map(|digest| Over::History { name: name.to_owned(), digest }))
    }
}

/// By it jobs stand in order.
fn key(id: u64) -> String {
    format!("{id:012}")
}

fn whole(id: u64) -> String {
    format!("backtest/{id}")
}
