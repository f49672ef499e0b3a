//! A store in memory: for tests, the simulator, the sandbox and backtests.
//!
//! Does everything that the port promises, the hash chain and the conflicts included; forgets everything when it is
//! dropped. Keeps a hook before each call, by which a rehearsal makes it fail.

mod facts;
mod lists;
mod queues;
mod tables;

use crate::chain::Hash;
use crate::ports::{
    Answer, Commit, Committed, Counts, DeskQuery, Errand, ErrandState, Exchange, FactQuery, FactRow, InboxEntry,
    InboxState, IndexRow, JournalRow, List, Mapping, NewInbox, OrderQuery, PurchaseOrderQuery, Rendered, Store,
    StoreError, TallyQuery, Versioned,
};
use countersign_engine::ids::{OrderId, PoNumber, SourceId};
use countersign_engine::slice::{Key, Record};
use jiff::Timestamp;
use smol_str::SmolStr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tables::Tables;

/// What a rehearsal does to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Fault {
    /// Nothing.
    #[default]
    None,
    /// The call fails and was not made.
    Determinate,
    /// The call is made; its answer is lost.
    LostAnswer,
    /// The call is not made; it is not known that it was not.
    LostCall,
    /// The disk is full: the call fails and was not made.
    Unwritable,
    /// What it asks for cannot be read back.
    Unreadable,
}

/// Decides the fate of the next call, by its name (`commit`, `load`, …).
pub type Faults = Box<dyn FnMut(&'static str) -> Fault + Send>;

/// The store.
#[derive(Default)]
pub struct MemoryStore {
    tables: Mutex<Tables>,
    faults: Mutex<Option<Faults>>,
    noted: Mutex<Option<Vec<Commit>>>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// Every call asks `faults` first.
    pub fn set_faults(&self, faults: Option<Faults>) {
        *self.faults.lock().unwrap_or_else(PoisonError::into_inner) = faults;
    }

    /// A store of its own that holds the same, without faults: for what-if questions.
    pub fn fork(&self) -> Self {
        Self { tables: Mutex::new(self.tables().clone()), ..Self::default() }
    }

    /// The commits since this was last asked, as they were handed in; the first time none. For measuring what another
    /// store makes of the same ones.
    pub fn commits(&self) -> Vec<Commit> {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner).replace(vec![]).unwrap_or_default()
    }

    /// All records, in key order.
    pub fn records(&self) -> Vec<(Key, Versioned)> {
        self.tables().records.iter().map(|(key, there)| (key.clone(), there.clone())).collect()
    }

    /// All errands, in order of their ids.
    pub fn all_errands(&self) -> Vec<Errand> {
        self.tables().all_errands()
    }

    /// Spoils an entry of the journal in place, for rehearsing that it is found out.
    pub fn spoil(&self, position: u64, change: impl FnOnce(&mut JournalRow)) {
        if let Some(row) = self.tables().journal.get_mut((position as usize).wrapping_sub(1)) {
            change(row);
        }
    }

    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes a call as the faults allow.
    fn call<T>(&self, name: &'static str, make: impl FnOnce(&mut Tables) -> T) -> Result<T, StoreError> {
        let fault = match self.faults.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            Some(faults) => faults(name),
            None => Fault::None,
        };
        let words = || format!("{name}, as rehearsed");
        match fault {
            Fault::None => Ok(make(&mut self.tables())),
            Fault::Determinate => Err(StoreError::Determinate(words())),
            Fault::LostCall => Err(StoreError::Indeterminate(words())),
            Fault::LostAnswer => {
                make(&mut self.tables());
                Err(StoreError::Indeterminate(words()))
            }
            Fault::Unwritable => Err(StoreError::Unwritable(words())),
            Fault::Unreadable => Err(StoreError::Broken(words())),
        }
    }
}

impl Store for MemoryStore {
    fn load(&self, keys: &[Key]) -> Result<Vec<Option<Versioned>>, StoreError> {
        self.call("load", |t| keys.iter().map(|key| t.records.get(key).cloned()).collect())
    }
    fn commit(&self, commit: &Commit) -> Result<Committed, StoreError> {
        if let Some(noted) = self.noted.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            noted.push(commit.clone());
        }
        self.call("commit", |t| t.commit(commit))
    }
    fn answer(&self, key: &str) -> Result<Option<Answer>, StoreError> {
        self.call("answer", |t| t.answers.get(key).cloned())
    }

    fn due(&self, now: Timestamp, limit: u32) -> Result<Vec<(OrderId, Timestamp)>, StoreError> {
        self.call("due", |t| {
            let due = t.deadlines.iter().take_while(|(at, _)| *at <= now).take(limit as usize);
            due.map(|(at, order)| (order.clone(), *at)).collect()
        })
    }
    fn next_due(&self) -> Result<Option<Timestamp>, StoreError> {
        self.call("next_due", |t| t.deadlines.first().map(|(at, _)| *at))
    }

    fn receive(&self, new: &NewInbox) -> Result<InboxEntry, StoreError> {
        self.call("receive", |t| t.receive(new))
    }
    fn inbox(&self, state: InboxState, after: u64, limit: u32) -> Result<Vec<InboxEntry>, StoreError> {
        self.call("inbox", |t| t.inbox_in(state, after, limit))
    }
    fn inbox_entry(&self, id: u64) -> Result<Option<InboxEntry>, StoreError> {
        self.call("inbox_entry", |t| t.inbox.get(&id).cloned())
    }
    fn relate(&self, inbox: u64, pos: &[PoNumber]) -> Result<(), StoreError> {
        self.call("relate", |t| t.relate(inbox, pos))
    }
    fn inbox_of(&self, po: &PoNumber) -> Result<Vec<InboxEntry>, StoreError> {
        self.call("inbox_of", |t| t.inbox_of(po))
    }

    fn errands(&self, now: Timestamp, lease_s: u32, limit: u32) -> Result<Vec<Errand>, StoreError> {
        self.call("errands", |t| t.claim(now, lease_s, limit))
    }
    fn next_errand(&self) -> Result<Option<Timestamp>, StoreError> {
        self.call("next_errand", |t| t.errands_due.first().map(|(at, _)| *at))
    }
    fn render(&self, papers: &[(SmolStr, Rendered)]) -> Result<Vec<Rendered>, StoreError> {
        self.call("render", |t| t.render(papers))?
    }
    fn begin(&self, id: &str, note: &str) -> Result<(), StoreError> {
        self.call("begin", |t| t.begin(id, note))?
    }
    fn settle(&self, id: &str, state: &ErrandState) -> Result<(), StoreError> {
        self.call("settle", |t| t.settle(id, state))
    }
    fn errands_of(&self, po: &PoNumber) -> Result<Vec<Errand>, StoreError> {
        self.call("errands_of", |t| t.errands_of(po))
    }
    fn errand_by_reference(&self, source: &SourceId, reference: &str) -> Result<Option<Errand>, StoreError> {
        self.call("errand_by_reference", |t| t.errand_by_reference(source, reference))
    }
    fn next_number(&self, sequence: &str) -> Result<u64, StoreError> {
        self.call("next_number", |t| {
            let number = t.numbers.entry(sequence.to_owned()).or_insert(0);
            *number += 1;
            *number
        })
    }

    fn head(&self) -> Result<(u64, Hash), StoreError> {
        self.call("head", |t| t.head())
    }
    fn journal(&self, after: u64, limit: u32) -> Result<Vec<JournalRow>, StoreError> {
        self.call("journal", |t| t.journal.iter().skip(after as usize).take(limit as usize).cloned().collect())
    }
    fn tree(&self, level: u8, from: u64, limit: u32) -> Result<Vec<Hash>, StoreError> {
        self.call("tree", |t| t.hashes(level, from, limit))
    }
    fn tree_length(&self, level: u8) -> Result<u64, StoreError> {
        self.call("tree_length", |t| t.tree.get(&level).map_or(0, |hashes| hashes.len() as u64))
    }
    fn extend_tree(&self, level: u8, from: u64, hashes: &[Hash]) -> Result<(), StoreError> {
        self.call("extend_tree", |t| t.extend_tree(level, from, hashes))
    }
    fn journal_of(&self, subject: &str, after: u64, limit: u32) -> Result<Vec<JournalRow>, StoreError> {
        self.call("journal_of", |t| t.journal_of(subject, after, limit))
    }

    fn tally(&self, query: &TallyQuery) -> Result<Counts, StoreError> {
        self.call("tally", |t| t.tally(query))
    }
    fn facts(&self, query: &FactQuery) -> Result<Vec<FactRow>, StoreError> {
        self.call("facts", |t| t.facts_behind(query))
    }
    fn roll_up(&self, _: u32) -> Result<u32, StoreError> {
        self.call("roll_up", |_| 0)
    }

    fn list(&self, what: &List, after: Option<&str>, limit: u32) -> Result<Vec<Versioned>, StoreError> {
        self.call("list", |t| t.list(what, after, limit))
    }
    fn orders(&self, query: &OrderQuery) -> Result<Vec<Record>, StoreError> {
        self.call("orders", |t| t.orders(query))
    }
    fn purchase_orders(&self, query: &PurchaseOrderQuery) -> Result<Vec<IndexRow>, StoreError> {
        self.call("purchase_orders", |t| t.purchase_orders(query))
    }
    fn cases(&self, query: &DeskQuery) -> Result<Vec<IndexRow>, StoreError> {
        self.call("cases", |t| t.cases(query))
    }
    fn open_cases(&self) -> Result<Vec<(SmolStr, Timestamp)>, StoreError> {
        self.call("open_cases", |t| t.open_cases())
    }
    fn approvals(&self, query: &DeskQuery) -> Result<Vec<IndexRow>, StoreError> {
        self.call("approvals", |t| t.approvals(query))
    }
    fn mappings(&self, source: &SourceId) -> Result<Vec<Mapping>, StoreError> {
        self.call("mappings", |t| t.mappings(source))
    }
    fn person(&self, order: &OrderId) -> Result<Option<String>, StoreError> {
        self.call("person", |t| t.people.get(order).cloned())
    }
    fn erase_person(&self, order: &OrderId) -> Result<bool, StoreError> {
        self.call("erase_person", |t| t.people.remove(order).is_some())
    }
    fn cover_paper(&self, errand: &str, bytes: &[u8]) -> Result<bool, StoreError> {
        self.call("cover_paper", |t| t.cover_paper(errand, bytes))
    }
    fn cover_inbox(&self, id: u64, bytes: &[u8], findings: Option<&str>) -> Result<bool, StoreError> {
        self.call("cover_inbox", |t| t.cover_inbox(id, bytes, findings))
    }

    fn exchange(&self, pair: &str, message_id: &str) -> Result<Option<Exchange>, StoreError> {
        self.call("exchange", |t| t.exchanges.get(&(pair.to_owned(), message_id.to_owned())).cloned())
    }
    fn put_exchange(&self, exchange: &Exchange, replace: bool) -> Result<bool, StoreError> {
        self.call("put_exchange", |t| t.put_exchange(exchange, replace))
    }
    fn due_exchanges(&self, now: Timestamp, limit: u32) -> Result<Vec<Exchange>, StoreError> {
        self.call("due_exchanges", |t| t.due_exchanges(now, limit))
    }

    fn put_piece(&self, whole: &str, place: u32, bytes: &[u8]) -> Result<(), StoreError> {
        self.call("put_piece", |t| _ = t.pieces.insert((whole.to_owned(), place), bytes.to_vec()))
    }
    fn piece(&self, whole: &str, place: u32) -> Result<Option<Vec<u8>>, StoreError> {
        self.call("piece", |t| t.pieces.get(&(whole.to_owned(), place)).cloned())
    }
    fn remove_pieces(&self, whole: &str) -> Result<(), StoreError> {
        self.call("remove_pieces", |t| t.pieces.retain(|(of, _), _| of != whole))
    }

    fn setting(&self, kind: &str, id: &str) -> Result<Option<(u64, String)>, StoreError> {
        self.call("setting", |t| t.settings.get(&(kind.to_owned(), id.to_owned())).cloned())
    }
    fn settings(&self, kind: &str) -> Result<Vec<(String, String)>, StoreError> {
        self.call("settings", |t| {
            let of_kind = t.settings.range((kind.to_owned(), String::new())..).take_while(|((k, _), _)| k == kind);
            of_kind.map(|((_, id), (_, body))| (id.clone(), body.clone())).collect()
        })
    }
    fn settings_until(&self, kind: &str, until: &str, limit: u32) -> Result<Vec<String>, StoreError> {
        self.call("settings_until", |t| {
            let range = (kind.to_owned(), String::new())..=(kind.to_owned(), until.to_owned());
            let ids = if until.is_empty() {
                vec![]
            } else {
                t.settings.range(range).map(|((_, id), _)| id.clone()).collect()
            };
            ids.into_iter().take(limit as usize).collect()
        })
    }
    fn put_setting(&self, kind: &str, id: &str, expected: Option<u64>, body: Option<&str>) -> Result<bool, StoreError> {
        self.call("put_setting", |t| t.put_setting(kind, id, expected, body))
    }

    fn ready(&self) -> Result<(), StoreError> {
        self.call("ready", |_| ())
    }
    fn counts(&self) -> Result<Vec<(&'static str, u64)>, StoreError> {
        self.call("counts", |t| t.counts())
    }
}
