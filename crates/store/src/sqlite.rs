//! The store in one SQLite file: zero configuration, one process, one write connection, a few that only read.
//!
//! Does not know PostgreSQL. All SQL stands in `sql/sqlite`. Another process may read the file at any time and may
//! write small things; the errands are leased in memory, because one process runs them.

mod backup;
mod checkpoint;
mod commit;
mod desk;
mod facts;
mod fault;
mod inbox;
mod lists;
mod outbox;
mod readers;
mod records;

use crate::migrate;
use crate::statement::sql;
use checkpoint::Checkpointer;
use countersign_engine::ids::{OrderId, PoNumber, SourceId};
use countersign_engine::slice::{Key, Record};
use countersign_runtime::chain::Hash;
use countersign_runtime::ports::{
    Answer, Commit, Committed, Counts, DeskQuery, Errand, ErrandState, Exchange, FactQuery, FactRow, InboxEntry,
    InboxState, IndexRow, JournalRow, List, Mapping, NewInbox, OrderQuery, PurchaseOrderQuery, Rendered, Store,
    StoreError, TallyQuery, Versioned,
};
use desk::Desk;
use fault::{Told, fault};
use jiff::Timestamp;
use outbox::Leases;
use readers::Readers;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use smol_str::SmolStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Bytes of a page: two orders. An index by item is written all over, one page a row; larger ones would only be written
/// more of.
const PAGE_SIZE: u32 = 4096;
/// Kibibytes of pages the write connection keeps: the hot ends of all tables, a few times over.
const WRITER_CACHE_KIB: u32 = 32 * 1024;
/// Kibibytes of pages a reading connection keeps; a commit empties it.
const READER_CACHE_KIB: u32 = 2 * 1024;
/// Bytes of the file mapped for reading; more of it would count as our memory.
const MAPPED_BYTES: u64 = 64 << 20;
/// How long a statement waits for another process that writes.
const BUSY: Duration = Duration::from_secs(5);
/// Prepared statements kept per connection: all there are.
const STATEMENTS: usize = 160;

pub(crate) use records::head;

/// The store in one SQLite file.
pub struct SqliteStore {
    path: PathBuf,
    desk: Arc<Desk>,
    readers: Readers,
    leases: Leases,
    _checkpointer: Checkpointer,
}

impl std::fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SqliteStore").field("path", &self.path).finish_non_exhaustive()
    }
}

impl SqliteStore {
    /// Opens the file, makes it if it does not exist, and brings its tables up to date.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let mut conn = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
        conn.pragma_update(None, "page_size", PAGE_SIZE).told("set the page size")?;
        conn.pragma_update(None, "journal_mode", "WAL").told("switch to a write-ahead log")?;
        conn.pragma_update(None, "cache_size", -i64::from(WRITER_CACHE_KIB)).told("size the cache")?;
        conn.pragma_update(None, "wal_autocheckpoint", 0).told("leave checkpoints to the checkpointer")?;
        migrate(&mut conn)?;
        let desk = Arc::new(Desk::new(conn));
        let checkpointer = Checkpointer::start(path, Arc::clone(&desk))?;
        let readers = Readers::new(path);
        Ok(Self { path: path.into(), desk, readers, leases: Leases::default(), _checkpointer: checkpointer })
    }

    /// True if the file is there and has tables of ours; makes none.
    pub fn is_set_up(path: &Path) -> Result<bool, StoreError> {
        if !path.exists() {
            return Ok(false);
        }
        let conn = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        let mut asked = conn.prepare(sql!("sqlite", "is_set_up")).told("look for tables")?;
        asked.exists([]).told("look for tables")
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Lets the file grow to so many bytes at most: for rehearsing a full disk.
    #[cfg(feature = "testing")]
    pub fn limit_size(&self, bytes: u64) -> Result<(), StoreError> {
        self.desk.write(move |conn| {
            conn.pragma_update(None, "max_page_count", (bytes / u64::from(PAGE_SIZE)) as i64).told("limit the size")
        })
    }
}

/// A connection with the settings that all share.
fn connect(path: &Path, flags: OpenFlags) -> Result<Connection, StoreError> {
    let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags)
        .map_err(|why| fault("open", why))
        .map_err(|why| StoreError::Determinate(format!("{}: {why}", path.display())))?;
    conn.busy_timeout(BUSY).told("set the time limit")?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS);
    // Plans do not hang on bound values: without this each reading with other ones compiles its statement again.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).told("keep plans")?;
    conn.pragma_update(None, "synchronous", "FULL").told("ask for durable commits")?;
    conn.pragma_update(None, "foreign_keys", true).told("ask for foreign keys")?;
    conn.pragma_update(None, "temp_store", "MEMORY").told("keep temporary tables in memory")?;
    conn.pragma_update(None, "mmap_size", MAPPED_BYTES as i64).told("map the file")?;
    conn.pragma_update(None, "journal_size_limit", checkpoint::LOG_BYTES_KEPT as i64).told("limit the log")?;
    Ok(conn)
}

fn migrate(conn: &mut Connection) -> Result<(), StoreError> {
    let tx = conn.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).told("begin to migrate")?;
    tx.execute_batch(sql!("sqlite", "migrations")).told("make the table of migrations")?;
    let done = {
        let mut read = tx.prepare(sql!("sqlite", "migrations_done")).told("read the migrations")?;
        let rows = read.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).told("read the migrations")?;
        rows.collect::<Result<Vec<(String, String)>, _>>().told("read the migrations")?
    };
    for (migration, checksum) in migrate::pending(&done, |m| m.sqlite)? {
        tx.execute_batch(migration.sqlite).told(migration.name)?;
        tx.execute(sql!("sqlite", "migration_done"), (migration.name, checksum)).told(migration.name)?;
    }
    tx.commit().told("migrate")
}

impl Store for SqliteStore {
    fn load(&self, keys: &[Key]) -> Result<Vec<Option<Versioned>>, StoreError> {
        self.readers.read(|conn| records::load(conn, keys))
    }
    fn commit(&self, commit: &Commit) -> Result<Committed, StoreError> {
        let batch = crate::rows::Batch::new(commit)?;
        let committed = self.desk.commit(&batch, &commit.entries)?;
        if matches!(committed, Committed::Done { .. }) {
            self.leases.end(commit.sent.iter().map(|(id, _)| id.as_str()));
        }
        Ok(committed)
    }
    fn answer(&self, key: &str) -> Result<Option<Answer>, StoreError> {
        self.readers.read(|conn| records::answer(conn, key))
    }
    fn due(&self, now: Timestamp, limit: u32) -> Result<Vec<(OrderId, Timestamp)>, StoreError> {
        self.readers.read(|conn| records::due(conn, now, limit))
    }
    fn next_due(&self) -> Result<Option<Timestamp>, StoreError> {
        self.readers.read(records::next_due)
    }
    fn receive(&self, new: &NewInbox) -> Result<InboxEntry, StoreError> {
        let new = new.clone();
        self.desk.write(move |conn| inbox::receive(conn, &new))
    }
    fn inbox(&self, state: InboxState, after: u64, limit: u32) -> Result<Vec<InboxEntry>, StoreError> {
        self.readers.read(|conn| inbox::in_state(conn, state, after, limit))
    }
    fn inbox_entry(&self, id: u64) -> Result<Option<InboxEntry>, StoreError> {
        self.readers.read(|conn| inbox::entry(conn, id))
    }
    fn relate(&self, inbox: u64, pos: &[PoNumber]) -> Result<(), StoreError> {
        let pos = pos.to_vec();
        self.desk.write(move |conn| inbox::relate(conn, inbox, &pos))
    }
    fn inbox_of(&self, po: &PoNumber) -> Result<Vec<InboxEntry>, StoreError> {
        self.readers.read(|conn| inbox::of_purchase_order(conn, po))
    }
    fn errands(&self, now: Timestamp, lease_s: u32, limit: u32) -> Result<Vec<Errand>, StoreError> {
        let (errands, unreadable) = self.readers.read(|conn| outbox::claim(conn, &self.leases, now, lease_s, limit))?;
        crate::rows::give_up(unreadable, |id, state| self.settle(id, state))?;
        Ok(errands)
    }
    fn next_errand(&self) -> Result<Option<Timestamp>, StoreError> {
        self.readers.read(|conn| outbox::next(conn, &self.leases))
    }
    fn render(&self, papers: &[(SmolStr, Rendered)]) -> Result<Vec<Rendered>, StoreError> {
        let papers = papers.to_vec();
        self.desk.write(move |conn| papers.iter().map(|(id, paper)| outbox::render(conn, id, paper)).collect())
    }
    fn begin(&self, id: &str, note: &str) -> Result<(), StoreError> {
        let (id, note) = (id.to_owned(), note.to_owned());
        self.desk.write(move |conn| outbox::begin(conn, &id, &note))
    }
    fn settle(&self, id: &str, state: &ErrandState) -> Result<(), StoreError> {
        let (owned, state) = (id.to_owned(), state.clone());
        self.desk.write(move |conn| outbox::settle(conn, &owned, &crate::rows::settled(&state)))?;
        self.leases.end([id]);
        Ok(())
    }
    fn errands_of(&self, po: &PoNumber) -> Result<Vec<Errand>, StoreError> {
        self.readers.read(|conn| outbox::of_purchase_order(conn, po))
    }
    fn errand_by_reference(&self, source: &SourceId, reference: &str) -> Result<Option<Errand>, StoreError> {
        self.readers.read(|conn| outbox::by_reference(conn, source, reference))
    }
    fn next_number(&self, sequence: &str) -> Result<u64, StoreError> {
        let name = sequence.to_owned();
        self.desk.write(move |conn| records::next_number(conn, &name))
    }
    fn head(&self) -> Result<(u64, Hash), StoreError> {
        self.readers.read(records::head)
    }
    fn journal(&self, after: u64, limit: u32) -> Result<Vec<JournalRow>, StoreError> {
        self.readers.read(|conn| records::journal(conn, after, limit))
    }
    fn tree(&self, level: u8, from: u64, limit: u32) -> Result<Vec<Hash>, StoreError> {
        self.readers.read(|conn| records::tree(conn, level, from, limit))
    }
    fn tree_length(&self, level: u8) -> Result<u64, StoreError> {
        self.readers.read(|conn| records::tree_length(conn, level))
    }
    fn extend_tree(&self, level: u8, from: u64, hashes: &[Hash]) -> Result<(), StoreError> {
        let hashes = hashes.to_vec();
        self.desk.write(move |conn| records::extend_tree(conn, level, from, &hashes))
    }
    fn journal_of(&self, subject: &str, after: u64, limit: u32) -> Result<Vec<JournalRow>, StoreError> {
        self.readers.read(|conn| records::journal_of(conn, subject, after, limit))
    }
    fn tally(&self, query: &TallyQuery) -> Result<Counts, StoreError> {
        self.readers.read(|conn| facts::tally(conn, query))
    }
    fn facts(&self, query: &FactQuery) -> Result<Vec<FactRow>, StoreError> {
        self.readers.read(|conn| facts::list(conn, query))
    }
    fn roll_up(&self, limit: u32) -> Result<u32, StoreError> {
        self.desk.write(move |conn| facts::roll_up(conn, limit))
    }
    fn list(&self, what: &List, after: Option<&str>, limit: u32) -> Result<Vec<Versioned>, StoreError> {
        self.readers.read(|conn| lists::records(conn, what, after, limit))
    }
    fn orders(&self, query: &OrderQuery) -> Result<Vec<Record>, StoreError> {
        self.readers.read(|conn| lists::orders(conn, query))
    }
    fn purchase_orders(&self, query: &PurchaseOrderQuery) -> Result<Vec<IndexRow>, StoreError> {
        self.readers.read(|conn| lists::purchase_orders(conn, query))
    }
    fn cases(&self, query: &DeskQuery) -> Result<Vec<IndexRow>, StoreError> {
        self.readers.read(|conn| lists::cases(conn, query))
    }
    fn open_cases(&self) -> Result<Vec<(SmolStr, Timestamp)>, StoreError> {
        self.readers.read(lists::open_cases)
    }
    fn approvals(&self, query: &DeskQuery) -> Result<Vec<IndexRow>, StoreError> {
        self.readers.read(|conn| lists::approvals(conn, query))
    }
    fn mappings(&self, source: &SourceId) -> Result<Vec<Mapping>, StoreError> {
        self.readers.read(|conn| lists::mappings(conn, source))
    }
    fn person(&self, order: &OrderId) -> Result<Option<String>, StoreError> {
        self.readers.read(|conn| records::person(conn, order))
    }
    fn erase_person(&self, order: &OrderId) -> Result<bool, StoreError> {
        let order = order.clone();
        self.desk.write(move |conn| records::erase_person(conn, &order))
    }
    fn cover_paper(&self, errand: &str, bytes: &[u8]) -> Result<bool, StoreError> {
        let (errand, bytes) = (errand.to_owned(), bytes.to_vec());
        self.desk.write(move |conn| records::cover_paper(conn, &errand, &bytes))
    }
    fn cover_inbox(&self, id: u64, bytes: &[u8], findings: Option<&str>) -> Result<bool, StoreError> {
        let (bytes, findings) = (bytes.to_vec(), findings.map(str::to_owned));
        self.desk.write(move |conn| records::cover_inbox(conn, id, &bytes, findings.as_deref()))
    }
    fn exchange(&self, pair: &str, message_id: &str) -> Result<Option<Exchange>, StoreError> {
        self.readers.read(|conn| outbox::exchange(conn, pair, message_id))
    }
    fn put_exchange(&self, exchange: &Exchange, replace: bool) -> Result<bool, StoreError> {
        let exchange = exchange.clone();
        self.desk.write(move |conn| outbox::put_exchange(conn, &exchange, replace))
    }
    fn due_exchanges(&self, now: Timestamp, limit: u32) -> Result<Vec<Exchange>, StoreError> {
        self.readers.read(|conn| outbox::due_exchanges(conn, now, limit))
    }
    fn put_piece(&self, whole: &str, place: u32, bytes: &[u8]) -> Result<(), StoreError> {
        let (whole, bytes) = (whole.to_owned(), bytes.to_vec());
        self.desk.write(move |conn| outbox::put_piece(conn, &whole, place, &bytes))
    }
    fn piece(&self, whole: &str, place: u32) -> Result<Option<Vec<u8>>, StoreError> {
        self.readers.read(|conn| outbox::piece(conn, whole, place))
    }
    fn remove_pieces(&self, whole: &str) -> Result<(), StoreError> {
        let whole = whole.to_owned();
        self.desk.write(move |conn| outbox::remove_pieces(conn, &whole))
    }

    fn setting(&self, kind: &str, id: &str) -> Result<Option<(u64, String)>, StoreError> {
        self.readers.read(|conn| records::setting(conn, kind, id))
    }
    fn settings(&self, kind: &str) -> Result<Vec<(String, String)>, StoreError> {
        self.readers.read(|conn| records::settings(conn, kind))
    }
    fn settings_until(&self, kind: &str, until: &str, limit: u32) -> Result<Vec<String>, StoreError> {
        self.readers.read(|conn| records::settings_until(conn, kind, until, limit))
    }
    fn put_setting(&self, kind: &str, id: &str, expected: Option<u64>, body: Option<&str>) -> Result<bool, StoreError> {
        let (kind, id, body) = (kind.to_owned(), id.to_owned(), body.map(crate::rows::plain));
        self.desk.write(move |conn| records::put_setting(conn, &kind, &id, expected, body.as_deref()))
    }
    fn ready(&self) -> Result<(), StoreError> {
        self.desk.write(|conn| records::next_number(conn, "store:ready").map(|_| ()))
    }
    fn counts(&self) -> Result<Vec<(&'static str, u64)>, StoreError> {
        self.readers.read(lists::counts)
    }
}
