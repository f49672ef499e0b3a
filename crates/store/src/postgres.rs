//! The store in PostgreSQL: any number of nodes, one journal.
//!
//! Does not know SQLite. The port is synchronous and may be called from any thread, also from inside another async
//! runtime: the work runs on threads of this store's own, the caller waits for the answer. All SQL stands in
//! `sql/postgres`.

mod calls;
mod commit;
mod connections;
mod copying;
mod facts;
mod lists;
mod queues;
mod records;
mod tls;

use crate::rows::Batch;
use connections::Connections;
use countersign_engine::ids::{OrderId, PoNumber, SourceId};
use countersign_engine::slice::{Key, Record};
use countersign_runtime::chain::Hash;
use countersign_runtime::ports::{
    Answer, Commit, Committed, Counts, DeskQuery, Errand, ErrandState, Exchange, FactQuery, FactRow, InboxEntry,
    InboxState, IndexRow, JournalRow, List, Mapping, NewInbox, OrderQuery, PurchaseOrderQuery, Rendered, Store,
    StoreError, TallyQuery, Versioned,
};
use jiff::Timestamp;
use smol_str::SmolStr;

/// The store in PostgreSQL.
#[derive(Debug)]
pub struct PostgresStore {
    connections: Connections,
}

impl PostgresStore {
    /// Connects and brings the tables up to date. `address` is a `postgres://…` URL.
    pub fn open(address: &str) -> Result<Self, StoreError> {
        let connections = Connections::open(address)?;
        records::migrate(&connections)?;
        Ok(Self { connections })
    }

    /// True if there are tables of ours; makes none.
    pub fn is_set_up(address: &str) -> Result<bool, StoreError> {
        records::is_set_up(&Connections::open(address)?)
    }
}

impl Store for PostgresStore {
    fn load(&self, keys: &[Key]) -> Result<Vec<Option<Versioned>>, StoreError> {
        records::load(&self.connections, keys)
    }
    fn commit(&self, commit: &Commit) -> Result<Committed, StoreError> {
        let batch = Batch::new(commit)?;
        commit::commit(&self.connections, &batch, &commit.entries)
    }
    fn answer(&self, key: &str) -> Result<Option<Answer>, StoreError> {
        records::answer(&self.connections, key)
    }
    fn due(&self, now: Timestamp, limit: u32) -> Result<Vec<(OrderId, Timestamp)>, StoreError> {
        records::due(&self.connections, now, limit)
    }
    fn next_due(&self) -> Result<Option<Timestamp>, StoreError> {
        records::next_due(&self.connections)
    }
    fn receive(&self, new: &NewInbox) -> Result<InboxEntry, StoreError> {
        queues::receive(&self.connections, new)
    }
    fn inbox(&self, state: InboxState, after: u64, limit: u32) -> Result<Vec<InboxEntry>, StoreError> {
        queues::inbox(&self.connections, state, after, limit)
    }
    fn inbox_entry(&self, id: u64) -> Result<Option<InboxEntry>, StoreError> {
        queues::inbox_entry(&self.connections, id)
    }
    fn relate(&self, inbox: u64, pos: &[PoNumber]) -> Result<(), StoreError> {
        queues::relate(&self.connections, inbox, pos)
    }
    fn inbox_of(&self, po: &PoNumber) -> Result<Vec<InboxEntry>, StoreError> {
        queues::inbox_of(&self.connections, po)
    }
    fn errands(&self, now: Timestamp, lease_s: u32, limit: u32) -> Result<Vec<Errand>, StoreError> {
        queues::claim(&self.connections, now, lease_s, limit)
    }
    fn next_errand(&self) -> Result<Option<Timestamp>, StoreError> {
        queues::next_errand(&self.connections)
    }
    fn render(&self, papers: &[(SmolStr, Rendered)]) -> Result<Vec<Rendered>, StoreError> {
        queues::render(&self.connections, papers)
    }
    fn begin(&self, id: &str, note: &str) -> Result<(), StoreError> {
        queues::begin(&self.connections, id, note)
    }
    fn settle(&self, id: &str, state: &ErrandState) -> Result<(), StoreError> {
        queues::settle(&self.connections, id, state)
    }
    fn errands_of(&self, po: &PoNumber) -> Result<Vec<Errand>, StoreError> {
        queues::errands_of(&self.connections, po)
    }
    fn errand_by_reference(&self, source: &SourceId, reference: &str) -> Result<Option<Errand>, StoreError> {
        queues::errand_by_reference(&self.connections, source, reference)
    }
    fn next_number(&self, sequence: &str) -> Result<u64, StoreError> {
        queues::next_number(&self.connections, sequence)
    }
    fn head(&self) -> Result<(u64, Hash), StoreError> {
        records::head(&self.connections)
    }
    fn journal(&self, after: u64, limit: u32) -> Result<Vec<JournalRow>, StoreError> {
        records::journal(&self.connections, after, limit)
    }
    fn tree(&self, level: u8, from: u64, limit: u32) -> Result<Vec<Hash>, StoreError> {
        records::tree(&self.connections, level, from, limit)
    }
    fn tree_length(&self, level: u8) -> Result<u64, StoreError> {
        records::tree_length(&self.connections, level)
    }
    fn extend_tree(&self, level: u8, from: u64, hashes: &[Hash]) -> Result<(), StoreError> {
        records::extend_tree(&self.connections, level, from, hashes)
    }
    fn journal_of(&self, subject: &str, after: u64, limit: u32) -> Result<Vec<JournalRow>, StoreError> {
        records::journal_of(&self.connections, subject, after, limit)
    }
    fn tally(&self, query: &TallyQuery) -> Result<Counts, StoreError> {
        facts::tally(&self.connections, query)
    }
    fn facts(&self, query: &FactQuery) -> Result<Vec<FactRow>, StoreError> {
        facts::list(&self.connections, query)
    }
    fn roll_up(&self, limit: u32) -> Result<u32, StoreError> {
        facts::roll_up(&self.connections, limit)
    }
    fn list(&self, what: &List, after: Option<&str>, limit: u32) -> Result<Vec<Versioned>, StoreError> {
        lists::records(&self.connections, what, after, limit)
    }
    fn orders(&self, query: &OrderQuery) -> Result<Vec<Record>, StoreError> {
        lists::orders(&self.connections, query)
    }
    fn purchase_orders(&self, query: &PurchaseOrderQuery) -> Result<Vec<IndexRow>, StoreError> {
        lists::purchase_orders(&self.connections, query)
    }
    fn cases(&self, query: &DeskQuery) -> Result<Vec<IndexRow>, StoreError> {
        lists::cases(&self.connections, query)
    }
    fn open_cases(&self) -> Result<Vec<(SmolStr, Timestamp)>, StoreError> {
        lists::open_cases(&self.connections)
    }
    fn approvals(&self, query: &DeskQuery) -> Result<Vec<IndexRow>, StoreError> {
        lists::approvals(&self.connections, query)
    }
    fn mappings(&self, source: &SourceId) -> Result<Vec<Mapping>, StoreError> {
        lists::mappings(&self.connections, source)
    }
    fn person(&self, order: &OrderId) -> Result<Option<String>, StoreError> {
        records::person(&self.connections, order)
    }
    fn erase_person(&self, order: &OrderId) -> Result<bool, StoreError> {
        records::erase_person(&self.connections, order)
    }
    fn cover_paper(&self, errand: &str, bytes: &[u8]) -> Result<bool, StoreError> {
        records::cover_paper(&self.connections, errand, bytes)
    }
    fn cover_inbox(&self, id: u64, bytes: &[u8], findings: Option<&str>) -> Result<bool, StoreError> {
        records::cover_inbox(&self.connections, id, bytes, findings)
    }
    fn exchange(&self, pair: &str, message_id: &str) -> Result<Option<Exchange>, StoreError> {
        queues::exchange(&self.connections, pair, message_id)
    }
    fn put_exchange(&self, exchange: &Exchange, replace: bool) -> Result<bool, StoreError> {
        queues::put_exchange(&self.connections, exchange, replace)
    }
    fn due_exchanges(&self, now: Timestamp, limit: u32) -> Result<Vec<Exchange>, StoreError> {
        queues::due_exchanges(&self.connections, now, limit)
    }
    fn put_piece(&self, whole: &str, place: u32, bytes: &[u8]) -> Result<(), StoreError> {
        queues::put_piece(&self.connections, whole, place, bytes)
    }
    fn piece(&self, whole: &str, place: u32) -> Result<Option<Vec<u8>>, StoreError> {
        queues::piece(&self.connections, whole, place)
    }
    fn remove_pieces(&self, whole: &str) -> Result<(), StoreError> {
        queues::remove_pieces(&self.connections, whole)
    }

    fn setting(&self, kind: &str, id: &str) -> Result<Option<(u64, String)>, StoreError> {
        records::setting(&self.connections, kind, id)
    }
    fn settings(&self, kind: &str) -> Result<Vec<(String, String)>, StoreError> {
        records::settings(&self.connections, kind)
    }
    fn settings_until(&self, kind: &str, until: &str, limit: u32) -> Result<Vec<String>, StoreError> {
        records::settings_until(&self.connections, kind, until, limit)
    }
    fn put_setting(&self, kind: &str, id: &str, expected: Option<u64>, body: Option<&str>) -> Result<bool, StoreError> {
        records::put_setting(&self.connections, kind, id, expected, body)
    }
    fn ready(&self) -> Result<(), StoreError> {
        queues::next_number(&self.connections, "store:ready").map(|_| ())
    }
    fn counts(&self) -> Result<Vec<(&'static str, u64)>, StoreError> {
        lists::counts(&self.connections)
    }
}
