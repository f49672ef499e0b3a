//! The two ports: what the steps ask of a store and of a connector.
//!
//! A store is synchronous: it is called from threads that may block. Its one transaction is [`Store::commit`]; no
//! caller ever spans calls with a transaction, which is what keeps SQLite and PostgreSQL alike.

use crate::chain::Hash;
use crate::facts::{Fact, Measure};
use countersign_engine::ids::{OrderId, PoNumber, Sku, SourceId, VendorSku};
use countersign_engine::slice::{Key, Record};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// Why a store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It was certainly not done; trying again is safe.
    #[error("the store refused: {0}")]
    Determinate(String),
    /// What is stored does not read: it stays so until somebody mends it.
    #[error("the store holds what it cannot read: {0}")]
    Broken(String),
    /// It may have been done (the reply to a commit was lost): read back before trying again.
    #[error("the store did not answer, the outcome is unknown: {0}")]
    Indeterminate(String),
    /// The store can take no more writes (disk full, file system error): stop acknowledging.
    #[error("the store cannot write: {0}")]
    Unwritable(String),
}

/// A record with the version it stands at; versions count from 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Versioned {
    /// Counts writes of this record.
    pub version: u64,
    /// The record.
    pub record: Record,
}

/// One transaction: all of it or nothing.
#[derive(Debug, Clone, Default)]
pub struct Commit {
    /// Journal entries, in order.
    pub entries: Vec<NewEntry>,
    /// Records as they stand after the entries; each key at most once.
    pub writes: Vec<Write>,
    /// Rows by which people find things; later ones win.
    pub index: Vec<IndexRow>,
    /// What the entries count for in reports, in the order of the entries.
    pub facts: Vec<Fact>,
    /// Errands.
    pub outbox: Vec<NewErrand>,
    /// Papers of those errands that could be written at once; an earlier rendering stands.
    pub papers: Vec<(SmolStr, Rendered)>,
    /// Personal data of orders.
    pub people: Vec<PersonRow>,
    /// First answers to idempotent requests. If one stands under that key already, the commit conflicts and names no key.
    pub answers: Vec<Answer>,
    /// Inbox entries that this commit settles.
    pub inbox: Vec<(u64, InboxState, Option<String>)>,
    /// Outbox rows that this commit settles (a sent paper and its consequence are one commit).
    pub sent: Vec<(SmolStr, ErrandState)>,
}

/// A journal entry to be appended; the store chains it.
#[derive(Debug, Clone)]
pub struct NewEntry {
    /// The order (its id) or source (`@` and its id) it is about, if one.
    pub subject: Option<SmolStr>,
    /// When it was decided.
    pub at: Timestamp,
    /// The JSON text of the entry, hashed byte for byte.
    pub body: String,
}

/// A record to be written.
#[derive(Debug, Clone)]
pub struct Write {
    /// Which.
    pub key: Key,
    /// The version read; 0 if it was absent. The commit conflicts if another stands there.
    pub expected: u64,
    /// The record; `None` removes it.
    pub record: Option<Record>,
}

/// A row by which people find things; computed from records, never a truth of its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "columns of the search tables")]
pub enum IndexRow {
    /// `state`: open, acknowledged, shipped, withdrawing, closed.
    PurchaseOrder {
        number: PoNumber,
        order: OrderId,
        source: SourceId,
        attempt: u32,
        state: SmolStr,
        released_at: Timestamp,
        answer_due: Option<Timestamp>,
    },
    /// `subject` as in [`NewEntry`]; `body` is the case as JSON.
    Case {
        id: SmolStr,
        subject: SmolStr,
        kind: SmolStr,
        severity: u8,
        role: SmolStr,
        open: bool,
        opened_at: Timestamp,
        body: String,
    },
    /// `body` is the approval as JSON.
    Approval {
        id: SmolStr,
        order: OrderId,
        kind: SmolStr,
        open: bool,
        asked_at: Timestamp,
        due: Timestamp,
        body: String,
    },
}

/// An errand to be run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewErrand {
    /// The effect's stable id.
    pub id: SmolStr,
    /// To whom.
    pub source: SourceId,
    /// About which order.
    pub order: OrderId,
    /// About which purchase order.
    pub po: PoNumber,
    /// The effect as JSON.
    pub effect: String,
    /// Not before.
    pub due: Timestamp,
}

/// An errand as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Errand {
    /// What is to be done.
    pub new: NewErrand,
    /// Where it stands.
    pub state: ErrandState,
    /// Tries that have ended (each [`Store::settle`] and each settling in a commit ends one).
    pub tries: u32,
    /// What goes over the wire, once rendered: the same bytes on every try.
    pub rendered: Option<Rendered>,
}

/// Where an errand stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum ErrandState {
    /// Waits for its (next) try.
    Waiting {
        /// Not before.
        due: Timestamp,
        /// Why the last try failed.
        error: Option<String>,
    },
    /// Done.
    Sent {
        /// When.
        at: Timestamp,
    },
    /// Not to be sent any more: given up (a case says so), or no longer wanted.
    Dead {
        /// Why.
        error: String,
    },
}

/// A paper ready for the wire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rendered {
    /// File name, or path of the request.
    pub name: String,
    /// Media type.
    pub media_type: SmolStr,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// By which receipts name it: (group control number, set control number) or a message id; empty where none.
    pub reference: SmolStr,
}

/// Personal data of one order, and the shop's own fields, as JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonRow {
    /// Whose order.
    pub order: OrderId,
    /// `{"customer": …, "ship_to": …}`.
    pub body: String,
}

/// The customer's mail address of a [`PersonRow`], in lower case: by it orders are found.
pub fn mail_of(person: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Body<'a> {
        #[serde(borrow, default)]
        customer: Option<Customer<'a>>,
    }
    #[derive(Deserialize)]
    struct Customer<'a> {
        #[serde(borrow, default)]
        email: Option<std::borrow::Cow<'a, str>>,
    }
    let mail = serde_json::from_str::<Body<'_>>(person).ok()?.customer?.email?;
    Some(mail.trim().to_lowercase()).filter(|mail| !mail.is_empty())
}

/// The first answer to an idempotent request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The caller and its key.
    pub key: SmolStr,
    /// Tells the same request from another one under the same key.
    pub fingerprint: SmolStr,
    /// HTTP status.
    pub status: u16,
    /// The body.
    pub body: String,
    /// When; answers older than a day may be forgotten.
    pub at: Timestamp,
}

/// How a commit ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Committed {
    /// Durable; the first entry got this position, the others follow it.
    Done {
        /// Position of the first entry.
        first: u64,
    },
    /// Nothing was written: these records had moved on. Load them again and decide again.
    Conflict {
        /// Which; all of them, so that one more try suffices. None where an idempotency key was taken meanwhile.
        keys: Vec<Key>,
    },
}

/// Bytes that came in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewInbox {
    /// Over which channel: `source:acme`, `shop:vendure`, …
    pub channel: SmolStr,
    /// File name, Message-ID or path, for people.
    pub name: String,
    /// By which a second arrival on the same channel is told: it is kept and marked a duplicate. SHA-256 of the bytes; of
    /// what carries no number of its own also of when it came.
    pub hash: Hash,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// When.
    pub received_at: Timestamp,
    /// The inbox entry this is an edited replay of.
    pub replays: Option<u64>,
}

/// An inbox entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboxEntry {
    /// Counted by the store.
    pub id: u64,
    /// What came.
    pub new: NewInbox,
    /// Where it stands.
    pub state: InboxState,
    /// Findings as JSON, once interpreted.
    pub findings: Option<String>,
}

/// Where an inbox entry stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "said by the names")]
pub enum InboxState {
    Waiting,
    Done,
    Duplicate,
    Quarantined,
}

impl InboxState {
    /// The word stored and shown.
    pub fn word(self) -> &'static str {
        match self {
            InboxState::Waiting => "waiting",
            InboxState::Done => "done",
            InboxState::Duplicate => "duplicate",
            InboxState::Quarantined => "quarantined",
        }
    }
}

/// A stored journal entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalRow {
    /// Counted from 1 without gaps.
    pub position: u64,
    /// What it is about.
    pub subject: Option<SmolStr>,
    /// When.
    pub at: Timestamp,
    /// The JSON text.
    pub body: String,
    /// Its link of the chain.
    pub hash: Hash,
}

/// Which orders to list: newest first, after `cursor`.
#[derive(Debug, Clone, Default)]
pub struct OrderQuery {
    /// Only with this status.
    pub status: Option<SmolStr>,
    /// Only whose id, SKU, purchase order or tracking number is this, whatever the case of its letters.
    pub text: Option<String>,
    /// With `text`: also whose customer has this mail address, in lower case (see [`mail_of`]).
    pub mail: Option<String>,
    /// Continue after this (captured_at microseconds, id).
    pub cursor: Option<(i64, String)>,
    /// At most so many.
    pub limit: u32,
}

/// Which purchase orders to list: newest first.
#[derive(Debug, Clone, Default)]
pub struct PurchaseOrderQuery {
    /// Only of this source.
    pub source: Option<SourceId>,
    /// Only in this state.
    pub state: Option<SmolStr>,
    /// Continue after this (released_at microseconds, number).
    pub cursor: Option<(i64, String)>,
    /// At most so many.
    pub limit: u32,
}

/// Which cases or approvals to list: worst and oldest first.
#[derive(Debug, Clone, Default)]
pub struct DeskQuery {
    /// Only open ones, or only closed ones.
    pub open: Option<bool>,
    /// Only owned by this role.
    pub role: Option<SmolStr>,
    /// Only of this kind.
    pub kind: Option<SmolStr>,
    /// Only about this order or source (`@acme`).
    pub subject: Option<SmolStr>,
    /// Skip so many.
    pub offset: u32,
    /// At most so many.
    pub limit: u32,
}

/// What to count: facts of one measure, by day of UTC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TallyQuery {
    /// Which facts.
    pub measure: Measure,
    /// From this day (since 1970) on.
    pub from: i64,
    /// Up to and including this day.
    pub to: i64,
    /// Only of this source.
    pub source: Option<SmolStr>,
    /// Only of this category.
    pub category: Option<SmolStr>,
    /// Only of this channel.
    pub channel: Option<SmolStr>,
    /// What to tell apart.
    pub by: By,
}

/// What a count tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "said by the names")]
pub enum By {
    Nothing,
    Source,
    Category,
    Channel,
    Day,
}

impl By {
    /// The word in queries.
    pub fn code(self) -> &'static str {
        match self {
            By::Nothing => "nothing",
            By::Source => "source",
            By::Category => "category",
            By::Channel => "channel",
            By::Day => "day",
        }
    }
}

/// One counted cell.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cell {
    /// The source, category, channel or day (since 1970); empty where nothing is told apart.
    pub key: SmolStr,
    /// As what it was counted.
    pub label: SmolStr,
    /// Facts.
    pub count: u64,
    /// Their units.
    pub units: i64,
    /// Their values.
    pub value: i64,
}

/// A count, exact as of one position of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counts {
    /// The journal's last position that is counted.
    pub position: u64,
    /// By key and label, in that order.
    pub cells: Vec<Cell>,
}

/// Which facts to list: newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactQuery {
    /// Which facts.
    pub measure: Measure,
    /// As what they were counted.
    pub label: SmolStr,
    /// From this day (since 1970) on.
    pub from: i64,
    /// Up to and including this day.
    pub to: i64,
    /// Only of this source.
    pub source: Option<SmolStr>,
    /// Only of this category.
    pub category: Option<SmolStr>,
    /// Only of this channel.
    pub channel: Option<SmolStr>,
    /// Continue after this (day, id).
    pub cursor: Option<(i64, u64)>,
    /// At most so many.
    pub limit: u32,
}

/// A fact with its place: `id >> 20` is the journal's position it stems from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactRow {
    /// Grows with the journal.
    pub id: u64,
    /// The fact; `entry` is 0.
    pub fact: Fact,
}

/// Bits of a fact's id below its entry's position: more facts than any commit has.
pub const FACT_BITS: u32 = 20;

/// One mapping line of a source, for looking up what a feed calls its items.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// The source's number.
    pub vendor_sku: VendorSku,
    /// Ours.
    pub sku: Sku,
    /// GTIN digits of our item, if known.
    pub gtin: Option<SmolStr>,
    /// The source's unit.
    pub unit: SmolStr,
    /// Base units in one.
    pub pack_size: u32,
}

/// A message of a protocol that has receipts of its own (AS2), as far as it must be known again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// Who talks to whom: `RETAILER>ACME`.
    pub pair: String,
    /// The message's own id.
    pub message_id: String,
    /// When it came or went.
    pub at: Timestamp,
    /// When something is to be done about it: a receipt is missed, or has to be sent.
    pub due: Option<Timestamp>,
    /// What is known of it, as JSON.
    pub body: String,
}

/// Exchanges are remembered for so long: partners send again within days, not months.
pub const EXCHANGE_AGE_MAX: jiff::SignedDuration = jiff::SignedDuration::from_hours(90 * 24);

/// Where bytes, records, the journal and the queues live.
pub trait Store: Send + Sync {
    /// Reads records; the answer has one place per key, `None` where there is no such record.
    fn load(&self, keys: &[Key]) -> Result<Vec<Option<Versioned>>, StoreError>;
    /// Writes everything or nothing. The journal is locked for the commit, so positions have no gaps and one order.
    fn commit(&self, commit: &Commit) -> Result<Committed, StoreError>;
    /// The first answer to an idempotent request.
    fn answer(&self, key: &str) -> Result<Option<Answer>, StoreError>;

    /// Orders whose `wake_at` has come, earliest first.
    fn due(&self, now: Timestamp, limit: u32) -> Result<Vec<(OrderId, Timestamp)>, StoreError>;
    /// The earliest `wake_at` of all orders.
    fn next_due(&self) -> Result<Option<Timestamp>, StoreError>;

    /// Keeps bytes that came in, durably; a duplicate (same channel and hash, none of them a replay) is kept and marked.
    fn receive(&self, new: &NewInbox) -> Result<InboxEntry, StoreError>;
    /// Inbox entries in one state, oldest first.
    fn inbox(&self, state: InboxState, after: u64, limit: u32) -> Result<Vec<InboxEntry>, StoreError>;
    /// One inbox entry.
    fn inbox_entry(&self, id: u64) -> Result<Option<InboxEntry>, StoreError>;
    /// Says that this inbox entry is about this purchase order (for showing documents).
    fn relate(&self, inbox: u64, pos: &[PoNumber]) -> Result<(), StoreError>;
    /// Inbox entries about one purchase order.
    fn inbox_of(&self, po: &PoNumber) -> Result<Vec<InboxEntry>, StoreError>;

    /// Errands whose time has come, claimed for `lease_s` seconds: another node does not get them meanwhile.
    fn errands(&self, now: Timestamp, lease_s: u32, limit: u32) -> Result<Vec<Errand>, StoreError>;
    /// The earliest time at which an unclaimed or lapsed errand is due.
    fn next_errand(&self) -> Result<Option<Timestamp>, StoreError>;
    /// Keeps the rendered bytes of errands before their first byte leaves, in one durable write; where an errand has
    /// earlier ones of that media type, those are kept. Returns what is kept, in the same order. All or nothing.
    fn render(&self, papers: &[(SmolStr, Rendered)]) -> Result<Vec<Rendered>, StoreError>;
    /// Notes with a waiting errand that a try has begun, before its first byte leaves: neither the try nor the claim
    /// ends by it. How the try ended replaces the note.
    fn begin(&self, id: &str, note: &str) -> Result<(), StoreError>;
    /// Ends a try that led to no command: wait again, or done.
    fn settle(&self, id: &str, state: &ErrandState) -> Result<(), StoreError>;
    /// The errands of one purchase order, oldest first.
    fn errands_of(&self, po: &PoNumber) -> Result<Vec<Errand>, StoreError>;
    /// The errand rendered for that source under that reference, if any (to match receipts).
    fn errand_by_reference(&self, source: &SourceId, reference: &str) -> Result<Option<Errand>, StoreError>;
    /// The next number of a durable gapless sequence (interchange, group and set control numbers), counted from 1.
    fn next_number(&self, sequence: &str) -> Result<u64, StoreError>;

    /// The last position and its hash; 0 and genesis if the journal is empty.
    fn head(&self) -> Result<(u64, Hash), StoreError>;
    /// Journal entries after a position, in order.
    fn journal(&self, after: u64, limit: u32) -> Result<Vec<JournalRow>, StoreError>;
    /// Hashes of the journal's tree, in order: at level 0 the entries' own, from the one at position `from + 1` on; at
    /// level n those that [`Store::extend_tree`] kept, from number `from` on. See [`crate::tree`].
    fn tree(&self, level: u8, from: u64, limit: u32) -> Result<Vec<Hash>, StoreError>;
    /// How many hashes are kept of a level above 0.
    fn tree_length(&self, level: u8) -> Result<u64, StoreError>;
    /// Keeps hashes of a level above 0, from number `from` on; those that are there already stay.
    fn extend_tree(&self, level: u8, from: u64, hashes: &[Hash]) -> Result<(), StoreError>;
    /// Journal entries about one subject, in order.
    fn journal_of(&self, subject: &str, after: u64, limit: u32) -> Result<Vec<JournalRow>, StoreError>;

    /// Counts facts, those just committed included.
    fn tally(&self, query: &TallyQuery) -> Result<Counts, StoreError>;
    /// The facts behind a figure.
    fn facts(&self, query: &FactQuery) -> Result<Vec<FactRow>, StoreError>;
    /// Sums up at most so many facts that are not yet, and puts in order what searches walk; returns how much that was.
    /// Makes answers quick and changes none.
    fn roll_up(&self, limit: u32) -> Result<u32, StoreError>;

    /// Records of one kind in key order, after a cursor: items, sources, or the offers of one source.
    fn list(&self, what: &List, after: Option<&str>, limit: u32) -> Result<Vec<Versioned>, StoreError>;
    /// Orders.
    fn orders(&self, query: &OrderQuery) -> Result<Vec<Record>, StoreError>;
    /// Purchase orders.
    fn purchase_orders(&self, query: &PurchaseOrderQuery) -> Result<Vec<IndexRow>, StoreError>;
    /// Cases.
    fn cases(&self, query: &DeskQuery) -> Result<Vec<IndexRow>, StoreError>;
    /// Kind and opening of every open case: of these there are few, however many orders there are.
    fn open_cases(&self) -> Result<Vec<(SmolStr, Timestamp)>, StoreError>;
    /// Approvals.
    fn approvals(&self, query: &DeskQuery) -> Result<Vec<IndexRow>, StoreError>;
    /// The whole item mapping of a source.
    fn mappings(&self, source: &SourceId) -> Result<Vec<Mapping>, StoreError>;
    /// Personal data of an order; `None` if there is none or it was erased.
    fn person(&self, order: &OrderId) -> Result<Option<String>, StoreError>;
    /// Erases personal data of an order.
    fn erase_person(&self, order: &OrderId) -> Result<bool, StoreError>;
    /// Puts other bytes in the place of an errand's rendered ones, because personal data in them was erased; false if
    /// nothing is rendered.
    fn cover_paper(&self, errand: &str, bytes: &[u8]) -> Result<bool, StoreError>;
    /// Puts other bytes, and other findings, in the place of an inbox entry's, because personal data in them was erased.
    /// Its hash stays: the same bytes are known again. False if there is no such entry.
    fn cover_inbox(&self, id: u64, bytes: &[u8], findings: Option<&str>) -> Result<bool, StoreError>;

    /// One exchange.
    fn exchange(&self, pair: &str, message_id: &str) -> Result<Option<Exchange>, StoreError>;
    /// Keeps an exchange, or replaces `due` and `body` of the one that stands there; false if one stood there and is
    /// not to be replaced. Those older than [`EXCHANGE_AGE_MAX`] are forgotten on the way, unless they are due some day.
    fn put_exchange(&self, exchange: &Exchange, replace: bool) -> Result<bool, StoreError>;
    /// Exchanges about which something is to be done now, earliest first.
    fn due_exchanges(&self, now: Timestamp, limit: u32) -> Result<Vec<Exchange>, StoreError>;

    /// Keeps a piece of something too large for a record, durably; a piece that stands there is replaced.
    fn put_piece(&self, whole: &str, place: u32, bytes: &[u8]) -> Result<(), StoreError>;
    /// One piece of a whole.
    fn piece(&self, whole: &str, place: u32) -> Result<Option<Vec<u8>>, StoreError>;
    /// Lets all pieces of a whole go.
    fn remove_pieces(&self, whole: &str) -> Result<(), StoreError>;

    /// A setting (keys, webhooks, cursors, sealed secrets) with its version.
    fn setting(&self, kind: &str, id: &str) -> Result<Option<(u64, String)>, StoreError>;
    /// All settings of a kind, by id.
    fn settings(&self, kind: &str) -> Result<Vec<(String, String)>, StoreError>;
    /// The ids of the first settings of a kind up to and including an id, in order: for kinds of which many are kept.
    fn settings_until(&self, kind: &str, until: &str, limit: u32) -> Result<Vec<String>, StoreError>;
    /// Writes (or removes) a setting if it still has the version read (`None`: whatever it has); false if it has moved on.
    fn put_setting(&self, kind: &str, id: &str, expected: Option<u64>, body: Option<&str>) -> Result<bool, StoreError>;

    /// True if the store answers and can write.
    fn ready(&self) -> Result<(), StoreError>;
    /// How many records of each kind, for metrics and people: (name, count). May be approximate.
    fn counts(&self) -> Result<Vec<(&'static str, u64)>, StoreError>;
}

/// What to list.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "said by the names")]
pub enum List {
    Items,
    Sources,
    OffersOf(SourceId),
    OffersFor(Sku),
    StockOf(SourceId),
}

/// How a delivery ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// The other side has it.
    Done {
        /// The channel's own answer proves that the source's machine has it (2xx, MDN).
        receipt: bool,
        /// An answer that came back in the same exchange, to be received like any other bytes.
        answer: Option<Vec<u8>>,
    },
    /// It certainly does not have it; try again later.
    Failed {
        /// What the network or the other side said.
        why: String,
    },
    /// It certainly does not have it and never will take it like this (4xx): do not try again.
    Refused {
        /// What the other side said.
        why: String,
    },
    /// Unknown: the reply was lost.
    Unknown {
        /// What happened.
        why: String,
    },
}

/// Something found at the other side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its name there.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// What carries papers to and from one source. Blocking; called from threads of its own.
pub trait Connector: Send + Sync {
    /// Hands over one paper under its stable id. The same id twice must be harmless, or `idempotent` says it is not.
    fn deliver(&self, id: &str, paper: &Rendered, deadline: std::time::Duration) -> Delivery;
    /// True if delivering the same paper twice has one effect at the other side.
    fn idempotent(&self) -> bool;
    /// Fetches what lies ready, at most `limit` pieces; each is taken away only by [`Connector::taken`].
    fn fetch(&self, limit: usize) -> Result<Vec<Found>, String>;
    /// The bytes of `name` are durable here: archive or remove them there.
    fn taken(&self, name: &str) -> Result<(), String>;
}

/// What a source with a live API can say before a decision.
pub trait LiveAvailability: Send + Sync {
    /// Asks for packs available by vendor SKU, within the budget.
    fn availability(
        &self,
        vendor_skus: &[VendorSku],
        budget: std::time::Duration,
    ) -> Result<Vec<(VendorSku, u32)>, String>;
}
