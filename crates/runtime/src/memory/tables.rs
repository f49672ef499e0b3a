//! The tables of the store in memory, and the commit.

use super::queues::Queued;
use crate::chain::{self, Hash};
use crate::ports::{
    Answer, Commit, Committed, EXCHANGE_AGE_MAX, Exchange, FactRow, InboxEntry, IndexRow, JournalRow, NewEntry,
    Versioned, Write,
};
use countersign_engine::ids::{OrderId, PoNumber, SourceId};
use countersign_engine::slice::{Key, Record};
use jiff::Timestamp;
use smol_str::SmolStr;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Default, Clone)]
pub(super) struct Tables {
    pub records: BTreeMap<Key, Versioned>,
    pub journal: Vec<JournalRow>,
    pub by_subject: BTreeMap<SmolStr, Vec<u64>>,
    pub deadlines: BTreeSet<(Timestamp, OrderId)>,
    pub orders_by_time: BTreeSet<(i64, OrderId)>,
    pub purchase_orders: BTreeMap<PoNumber, IndexRow>,
    pub purchase_orders_by_time: BTreeSet<(i64, PoNumber)>,
    pub cases: BTreeMap<SmolStr, IndexRow>,
    pub approvals: BTreeMap<SmolStr, IndexRow>,
    pub people: BTreeMap<OrderId, String>,
    pub answers: BTreeMap<SmolStr, Answer>,
    pub inbox: BTreeMap<u64, InboxEntry>,
    pub inbox_by_hash: BTreeSet<(SmolStr, Hash)>,
    pub inbox_waiting: BTreeSet<u64>,
    pub inbox_by_order: BTreeMap<PoNumber, BTreeSet<u64>>,
    pub outbox: BTreeMap<SmolStr, Queued>,
    pub errands_due: BTreeSet<(Timestamp, SmolStr)>,
    pub errands_by_order: BTreeMap<PoNumber, Vec<SmolStr>>,
    pub errands_by_reference: BTreeMap<(SourceId, SmolStr), SmolStr>,
    pub numbers: BTreeMap<String, u64>,
    pub settings: BTreeMap<(String, String), (u64, String)>,
    pub exchanges: BTreeMap<(String, String), Exchange>,
    pub pieces: BTreeMap<(String, u32), Vec<u8>>,
    /// Hashes of the journal's tree by level above 0.
    pub tree: BTreeMap<u8, Vec<Hash>>,
    pub facts: Vec<FactRow>,
}

impl Tables {
    /// All or nothing.
    pub fn commit(&mut self, commit: &Commit) -> Committed {
        let stale = |w: &&Write| self.records.get(&w.key).map_or(0, |there| there.version) != w.expected;
        let keys: Vec<Key> = commit.writes.iter().filter(stale).map(|w| w.key.clone()).collect();
        if !keys.is_empty() || commit.answers.iter().any(|answer| self.answers.contains_key(&answer.key)) {
            return Committed::Conflict { keys };
        }
        let first = self.journal.len() as u64 + 1;
        commit.entries.iter().for_each(|entry| self.append(entry));
        commit.writes.iter().for_each(|write| self.write(write));
        commit.index.iter().for_each(|row| self.index(row));
        self.add_facts(first, &commit.facts);
        commit.outbox.iter().for_each(|errand| self.enqueue(errand));
        for (id, paper) in &commit.papers {
            let _ = self.render_one(id, paper);
        }
        self.people.extend(commit.people.iter().map(|row| (row.order.clone(), row.body.clone())));
        self.answers.extend(commit.answers.iter().map(|answer| (answer.key.clone(), answer.clone())));
        for (id, state, findings) in &commit.inbox {
            self.settle_inbox(*id, *state, findings.as_deref());
        }
        for (id, state) in &commit.sent {
            self.settle(id, state);
        }
        Committed::Done { first }
    }

    pub fn head(&self) -> (u64, Hash) {
        self.journal.last().map_or((0, chain::GENESIS), |row| (row.position, row.hash))
    }

    pub fn hashes(&self, level: u8, from: u64, limit: u32) -> Vec<Hash> {
        let (from, limit) = (from as usize, limit as usize);
        match level {
            0 => self.journal.iter().skip(from).take(limit).map(|row| row.hash).collect(),
            _ => self.tree.get(&level).into_iter().flatten().skip(from).take(limit).copied().collect(),
        }
    }

    pub fn extend_tree(&mut self, level: u8, from: u64, hashes: &[Hash]) {
        let there = self.tree.entry(level).or_default();
        let known = (there.len() as u64).saturating_sub(from) as usize;
        there.extend(hashes.iter().skip(known));
    }

    pub fn journal_of(&self, subject: &str, after: u64, limit: u32) -> Vec<JournalRow> {
        let Some(positions) = self.by_subject.get(subject) else { return vec![] };
        let from = positions.partition_point(|position| *position <= after);
        let rows = positions[from..].iter().take(limit as usize);
        rows.map(|position| self.journal[*position as usize - 1].clone()).collect()
    }

    pub fn put_exchange(&mut self, new: &Exchange, replace: bool) -> bool {
        let oldest = new.at - EXCHANGE_AGE_MAX;
        self.exchanges.retain(|_, known| known.at >= oldest || known.due.is_some());
        match self.exchanges.entry((new.pair.clone(), new.message_id.clone())) {
            Entry::Occupied(_) if !replace => return false,
            Entry::Occupied(mut known) => {
                known.get_mut().due = new.due;
                known.get_mut().body.clone_from(&new.body);
            }
            Entry::Vacant(place) => {
                place.insert(new.clone());
            }
        }
        true
    }

    pub fn due_exchanges(&self, now: Timestamp, limit: u32) -> Vec<Exchange> {
        let mut due: Vec<&Exchange> =
            self.exchanges.values().filter(|known| known.due.is_some_and(|due| due <= now)).collect();
        due.sort_by_key(|known| known.due);
        due.into_iter().take(limit as usize).cloned().collect()
    }

    pub fn put_setting(&mut self, kind: &str, id: &str, expected: Option<u64>, body: Option<&str>) -> bool {
        let key = (kind.to_owned(), id.to_owned());
        let version = self.settings.get(&key).map_or(0, |(version, _)| *version);
        if expected.is_some_and(|expected| expected != version) {
            return false;
        }
        match body {
            Some(body) => {
                self.settings.insert(key, (version + 1, body.to_owned()));
            }
            None => {
                self.settings.remove(&key);
            }
        }
        true
    }

    fn append(&mut self, entry: &NewEntry) {
        let (last, previous) = self.head();
        let position = last + 1;
        let hash = chain::link(&previous, position, entry.body.as_bytes());
        if let Some(subject) = &entry.subject {
            self.by_subject.entry(subject.clone()).or_default().push(position);
        }
        let (subject, at, body) = (entry.subject.clone(), entry.at, entry.body.clone());
        self.journal.push(JournalRow { position, subject, at, body, hash });
    }

    fn write(&mut self, write: &Write) {
        let old = match &write.record {
            Some(record) => {
                let there = Versioned { version: write.expected + 1, record: record.clone() };
                self.records.insert(write.key.clone(), there)
            }
            None => self.records.remove(&write.key),
        };
        let Key::Order(id) = &write.key else { return };
        if let Some(Versioned { record: Record::Order(old), .. }) = old {
            self.orders_by_time.remove(&(old.captured_at.as_microsecond(), id.clone()));
            old.wake_at().map(|at| self.deadlines.remove(&(at, id.clone())));
        }
        if let Some(Record::Order(new)) = &write.record {
            self.orders_by_time.insert((new.captured_at.as_microsecond(), id.clone()));
            new.wake_at().map(|at| self.deadlines.insert((at, id.clone())));
        }
    }

    fn index(&mut self, row: &IndexRow) {
        match row {
            IndexRow::PurchaseOrder { number, released_at, .. } => {
                self.purchase_orders_by_time.insert((released_at.as_microsecond(), number.clone()));
                self.purchase_orders.insert(number.clone(), row.clone());
            }
            IndexRow::Case { id, .. } => {
                self.cases.insert(id.clone(), row.clone());
            }
            IndexRow::Approval { id, .. } => {
                self.approvals.insert(id.clone(), row.clone());
            }
        }
    }
}
