//! Re-deciding: two checks that fall out of a journal. Its events, replayed, give the stored state; its commands,
//! decided again, give the stored events.
//!
//! Reads, never writes. Keeps every record it has met in memory. The hash chain is checked elsewhere.

use crate::facts::{self, Fact, Measure, Seen, tally};
use crate::ports::{By, JournalRow, Store, StoreError, TallyQuery};
use countersign_engine::decide::ROUNDS_MAX;
use countersign_engine::event::Event;
use countersign_engine::ids::{CaseSubject, SourceId};
use countersign_engine::journal::Entry;
use countersign_engine::slice::{Key, Record, Slice};
use countersign_engine::{decide, evolve, needs, touches};
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Journal entries read at once.
const PAGE: u32 = 1_000;
/// Differences that are kept: the first ones tell what is wrong.
pub const DIFFERENCES_MAX: usize = 100;

/// Something that does not agree.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Difference {
    /// An entry cannot be read.
    #[error("entry {position} cannot be read: {why}")]
    Unreadable {
        /// Which.
        position: u64,
        /// Why.
        why: String,
    },
    /// Deciding the command again gives something else.
    #[error("entry {position}, decided again, gives something else: {what}")]
    Decision {
        /// Which.
        position: u64,
        /// What is stored, and what came out.
        what: String,
    },
    /// Reports count something else than the journal.
    #[error("the reports' count of {measure} is not what the journal gives: {what}")]
    Count {
        /// Which measure.
        measure: &'static str,
        /// Both.
        what: String,
    },
    /// The stored record is not what the events give.
    #[error("the stored record {key:?} is not what the journal gives: {what}")]
    State {
        /// Which.
        key: Key,
        /// Both.
        what: String,
    },
}

/// What an audit found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    /// Entries read.
    pub entries: u64,
    /// Records that the events led to.
    pub records: u64,
    /// What does not agree, at most [`DIFFERENCES_MAX`].
    pub differences: Vec<Difference>,
}

/// Replays a journal, entry by entry.
#[derive(Debug, Default)]
pub struct Replay {
    records: BTreeMap<Key, Record>,
}

impl Replay {
    /// The records as the entries so far left them.
    pub fn records(&self) -> &BTreeMap<Key, Record> {
        &self.records
    }

    /// Decides an entry's command again, on the records so far; what differs from the stored events and effects.
    pub fn decide_again(&self, entry: &Entry) -> Result<(), String> {
        let decided = catch_unwind(AssertUnwindSafe(|| {
            let mut slice = Slice::default();
            for _ in 0..ROUNDS_MAX {
                let wanted = needs(&slice, &entry.command);
                let fresh: BTreeSet<Key> = wanted.into_iter().filter(|key| !slice.has(key)).collect();
                if fresh.is_empty() {
                    break;
                }
                slice = self.slice(slice, fresh);
            }
            decide(&slice, entry.at, &entry.command)
        }));
        match decided {
            Err(_) => Err("a panic".into()),
            Ok(Err(refusal)) => Err(format!("a refusal: {refusal}")),
            Ok(Ok(decision)) if decision.events != entry.events => {
                Err(first_difference(&entry.events, &decision.events))
            }
            Ok(Ok(decision)) if decision.effects != entry.effects => {
                Err(first_difference(&entry.effects, &decision.effects))
            }
            Ok(Ok(decision)) if decision.policy != entry.policy => {
                Err(format!("policy {}, stored {}", decision.policy, entry.policy))
            }
            Ok(Ok(_)) => Ok(()),
        }
    }

    /// Applies the stored events of an entry.
    pub fn apply(&mut self, events: &[Event]) {
        for event in events {
            let mut slice = self.slice(Slice::default(), touches(event).into_iter().collect());
            evolve(&mut slice, event);
            for (key, record) in slice.into_records() {
                match record {
                    Some(record) => self.records.insert(key, record),
                    None => self.records.remove(&key),
                };
            }
        }
    }

    /// Applies an entry and counts it, as its commit did: the facts of all entries are what reports are made of.
    pub fn count(&mut self, entry: &Entry) -> Vec<Fact> {
        let order = |replay: &Self| match replay.records.get(&Key::Order(entry.command.deed.order()?))? {
            Record::Order(order) => Some(order.clone()),
            _ => None,
        };
        let before = order(self);
        self.apply(&entry.events);
        let after = order(self);
        let desk = entry.events.iter().find_map(|event| {
            let Event::CaseResolved { case, .. } = event else { return None };
            let CaseSubject::Source(source) = case.split()?.0 else { return None };
            match self.records.get(&Key::Desk(source))? {
                Record::Desk(desk) => Some(desk.clone()),
                _ => None,
            }
        });
        let zone = |source: &SourceId| match self.records.get(&Key::Source(source.clone()))? {
            Record::Source(source) => Some(source.time_zone.rules()),
            _ => None,
        };
        let seen = Seen {
            at: entry.at,
            command: &entry.command,
            events: &entry.events,
            before: before.as_deref(),
            after: after.as_deref(),
            desk: desk.as_ref().map(|desk| desk.cases.as_slice()).unwrap_or_default(),
            zone: &zone,
        };
        facts::of(&seen, 0)
    }

    fn slice(&self, slice: Slice, fresh: BTreeSet<Key>) -> Slice {
        let found = fresh.into_iter().map(|key| {
            let record = self.records.get(&key).cloned();
            (key, record)
        });
        Slice::new(slice.into_records().chain(found))
    }
}

/// Audits a whole store: decides every command again if `redecide`, and compares the replayed state with the stored.
/// Decide again only where the journal was written by this version: a later one may rightly decide otherwise.
///
/// # Errors
/// The store could not be read.
pub fn audit(store: &dyn Store, redecide: bool) -> Result<Findings, StoreError> {
    let mut findings = Findings::default();
    let mut replay = Replay::default();
    let mut facts = Vec::new();
    let mut after = 0;
    loop {
        let rows = store.journal(after, PAGE)?;
        let Some(last) = rows.last() else { break };
        after = last.position;
        findings.entries += rows.len() as u64;
        rows.iter().for_each(|row| facts.extend(check(&mut replay, row, redecide, &mut findings)));
    }
    findings.records = replay.records.len() as u64;
    compare(store, &replay, &mut findings)?;
    recount(store, &facts, &mut findings)?;
    Ok(findings)
}

/// Compares what reports count with what the journal's entries count for.
fn recount(store: &dyn Store, facts: &[Fact], findings: &mut Findings) -> Result<(), StoreError> {
    for measure in Measure::ALL.iter().copied() {
        for by in [By::Nothing, By::Source, By::Category, By::Channel, By::Day] {
            let (source, category, channel) = (None, None, None);
            let query = TallyQuery { measure, from: i64::MIN, to: i64::MAX, source, category, channel, by };
            let (mut counted, mut expected) = (store.tally(&query)?.cells, tally(facts, &query));
            counted.sort();
            expected.sort();
            if counted != expected {
                let what = first_difference(&expected, &counted);
                findings.note(Difference::Count { measure: measure.code(), what });
            }
        }
    }
    Ok(())
}

fn check(replay: &mut Replay, row: &JournalRow, redecide: bool, findings: &mut Findings) -> Vec<Fact> {
    let position = row.position;
    let entry: Entry = match serde_json::from_str(&row.body) {
        Ok(entry) => entry,
        Err(error) => {
            findings.note(Difference::Unreadable { position, why: error.to_string() });
            return Vec::new();
        }
    };
    if redecide && let Err(what) = replay.decide_again(&entry) {
        findings.note(Difference::Decision { position, what });
    }
    let counted = catch_unwind(AssertUnwindSafe(|| replay.count(&entry)));
    counted.unwrap_or_else(|_| {
        findings.note(Difference::Unreadable { position, why: "its events do not fit the ones before".into() });
        Vec::new()
    })
}

fn compare(store: &dyn Store, replay: &Replay, findings: &mut Findings) -> Result<(), StoreError> {
    let keys: Vec<&Key> = replay.records.keys().collect();
    for page in keys.chunks(PAGE as usize) {
        let wanted: Vec<Key> = page.iter().map(|key| (*key).clone()).collect();
        for (key, stored) in wanted.iter().zip(store.load(&wanted)?) {
            let stored = stored.map(|there| there.record);
            let replayed = replay.records.get(key);
            if stored.as_ref() != replayed {
                let text = |record: Option<&Record>| record.map_or("nothing".to_owned(), Record::to_json);
                let what = format!("stored {}, replayed {}", text(stored.as_ref()), text(replayed));
                findings.note(Difference::State { key: key.clone(), what });
            }
        }
    }
    Ok(())
}

impl Findings {
    fn note(&mut self, difference: Difference) {
        if self.differences.len() < DIFFERENCES_MAX {
            self.differences.push(difference);
        }
    }
}

fn first_difference<T: PartialEq + std::fmt::Debug>(stored: &[T], now: &[T]) -> String {
    let place = (0..stored.len().max(now.len())).find(|n| stored.get(*n) != now.get(*n)).unwrap_or(0);
    format!("at {place}: stored {:?}, now {:?}", stored.get(place), now.get(place))
}
