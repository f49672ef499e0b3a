//! Rows of the tables as both stores write them: a commit cut up by table, records turned to JSON once.
//!
//! Knows no SQL and no database. This is done before any lock is taken.

use countersign_engine::ids::{OrderId, PoNumber, Sku, SourceId, VendorSku};
use countersign_engine::item::{Item, ItemStatus};
use countersign_engine::slice::{Key, Record};
use countersign_engine::source::SourceKind;
use countersign_runtime::facts::Fact;
use countersign_runtime::ports::{
    Answer, Commit, Errand, ErrandState, Exchange, FACT_BITS, InboxEntry, InboxState, IndexRow, JournalRow, Mapping,
    NewErrand, NewInbox, Rendered, StoreError, Versioned, Write,
};
use jiff::Timestamp;
use smol_str::SmolStr;
use std::collections::BTreeMap;

/// Answers older than this may be forgotten.
pub(crate) const ANSWER_AGE_MAX_US: i64 = 24 * 3600 * 1_000_000;
/// Old answers forgotten by a commit, per answer it adds: two, so that the table shrinks to one day after a rush.
pub(crate) const FORGOTTEN_PER_ANSWER: i64 = 2;
/// Orders looked at when a search asks for a word and a status: a person narrows the search long before.
pub(crate) const EXAMINED_MAX: i64 = 10_000;
/// Facts looked at when a list asks for a label and something rarer beside it: a busy week of one label.
pub(crate) const FACTS_EXAMINED_MAX: i64 = 100_000;
/// The states of a purchase order; the tables refuse any other.
pub(crate) const PURCHASE_ORDER_STATES: [&str; 5] = ["open", "acknowledged", "shipped", "withdrawing", "closed"];

/// The tables that hold records, in the order in which they are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Table {
    Items,
    Sources,
    Offers,
    Stock,
    Orders,
    Records,
}

/// Where a record stands: its table and one or two key columns (the second is empty where there is one).
pub(crate) fn place(key: &Key) -> (Table, &str, &str) {
    match key {
        Key::Policy => (Table::Records, "policy", ""),
        Key::PolicyBook => (Table::Records, "policy_book", ""),
        Key::PolicyVersion(version) => (Table::Records, "policy_version", version.as_str()),
        Key::Item(sku) => (Table::Items, sku.as_str(), ""),
        Key::Source(id) => (Table::Sources, id.as_str(), ""),
        Key::Offerers(sku) => (Table::Records, "offerers", sku.as_str()),
        Key::Offer(source, sku) => (Table::Offers, source.as_str(), sku.as_str()),
        Key::Stock(source, sku) => (Table::Stock, source.as_str(), sku.as_str()),
        Key::Feed(source) => (Table::Records, "feed", source.as_str()),
        Key::Load(source) => (Table::Records, "load", source.as_str()),
        Key::Desk(source) => (Table::Records, "desk", source.as_str()),
        Key::Learnt => (Table::Records, "learnt", ""),
        Key::Evidence(source) => (Table::Records, "evidence", source.as_str()),
        Key::Histories => (Table::Records, "histories", ""),
        Key::Order(id) => (Table::Orders, id.as_str(), ""),
    }
}

/// A record to be written, with the columns by which it is found.
#[derive(Debug)]
pub(crate) struct RecordRow<'a> {
    /// Which record, for the answer to a conflict.
    pub(crate) key: &'a Key,
    pub(crate) key1: &'a str,
    pub(crate) key2: &'a str,
    pub(crate) expected: i64,
    pub(crate) columns: Columns,
    pub(crate) body: String,
}

/// What stands beside the body.
#[derive(Debug)]
pub(crate) enum Columns {
    Item { title: String, category: SmolStr, gtin: Option<String>, status: &'static str },
    Source { kind: &'static str, name: String },
    Offer { vendor_sku: SmolStr, unit: SmolStr, pack_size: i64 },
    Stock { advised: i64, soft: i64, as_of: i64 },
    Order { status: SmolStr, captured_at: i64, wake_at: Option<i64> },
    None,
}

/// A record to be removed.
#[derive(Debug)]
pub(crate) struct Removal<'a> {
    pub(crate) key: &'a Key,
    pub(crate) key1: &'a str,
    pub(crate) key2: &'a str,
    pub(crate) expected: i64,
}

/// A commit cut up by table; a row that may be overwritten stands once. Errands stand as given: of two with one id, the
/// table keeps the first.
#[derive(Debug, Default)]
pub(crate) struct Batch<'a> {
    pub(crate) writes: BTreeMap<Table, Vec<RecordRow<'a>>>,
    pub(crate) removals: BTreeMap<Table, Vec<Removal<'a>>>,
    /// (word, captured_at, order)
    pub(crate) words: Vec<(SmolStr, i64, &'a str)>,
    pub(crate) purchase_orders: Vec<&'a IndexRow>,
    pub(crate) cases: Vec<&'a IndexRow>,
    pub(crate) approvals: Vec<&'a IndexRow>,
    pub(crate) outbox: Vec<&'a NewErrand>,
    pub(crate) papers: &'a [(SmolStr, Rendered)],
    /// (order, body)
    pub(crate) people: Vec<(&'a str, &'a str)>,
    pub(crate) answers: Vec<&'a Answer>,
    pub(crate) sent: Vec<(&'a str, Settled<'a>)>,
    pub(crate) inbox: Vec<(u64, InboxState, Option<&'a str>)>,
    /// As given: in the order of the entries.
    pub(crate) facts: &'a [Fact],
    /// Orders that are added.
    pub(crate) orders_added: i64,
}

impl<'a> Batch<'a> {
    /// Cuts up a commit; refuses what no store could keep.
    pub(crate) fn new(commit: &'a Commit) -> Result<Self, StoreError> {
        let mut batch = Batch { facts: &commit.facts, ..Batch::default() };
        for write in &commit.writes {
            batch.write(write)?;
        }
        for rows in batch.writes.values_mut() {
            rows.sort_by(|a, b| (a.key1, a.key2).cmp(&(b.key1, b.key2)));
        }
        batch.index(&commit.index)?;
        for errand in &commit.outbox {
            if !errand.id.starts_with(errand.po.as_str()) {
                return refuse(format!("errand {} must begin with the number of its order {}", errand.id, errand.po));
            }
        }
        batch.outbox = commit.outbox.iter().collect();
        batch.papers = &commit.papers;
        batch.people = last_of(&commit.people, |p| p.order.as_str())
            .into_iter()
            .map(|p| (p.order.as_str(), p.body.as_str()))
            .collect();
        batch.answers = last_of(commit.answers.iter().rev(), |a| a.key.as_str());
        batch.sent =
            last_of(&commit.sent, |s| s.0.as_str()).into_iter().map(|(id, s)| (id.as_str(), settled(s))).collect();
        batch.inbox = last_of(&commit.inbox, |i| i.0).into_iter().map(|(id, s, f)| (*id, *s, f.as_deref())).collect();
        Ok(batch)
    }

    fn write(&mut self, write: &'a Write) -> Result<(), StoreError> {
        let (table, key1, key2) = place(&write.key);
        let (key, expected) = (&write.key, write.expected as i64);
        let Some(record) = &write.record else {
            self.removals.entry(table).or_default().push(Removal { key, key1, key2, expected });
            return Ok(());
        };
        let Some(columns) = columns(key, record) else {
            return refuse(format!("the record written under {key:?} is of another kind"));
        };
        if let (Record::Order(order), Columns::Order { captured_at, .. }) = (record, &columns) {
            let mut add = |word: &str| self.words.push((SmolStr::new(word.to_ascii_lowercase()), *captured_at, key1));
            if expected == 0 {
                order.lines.iter().for_each(|line| add(line.sku.as_str()));
                // What is in lower case as it is, is found by its own index.
                [order.id.as_str()].into_iter().filter(|id| has_capitals(id)).for_each(&mut add);
            }
            order.shipments.iter().flat_map(|s| &s.tracking).for_each(|word| add(word));
            // Its number is kept when it is released: once it was sent, it was written before.
            let fresh = order.purchase_orders.iter().filter(|po| expected == 0 || po.sent_at.is_none());
            fresh.map(|po| po.number.as_str()).filter(|number| has_capitals(number)).for_each(&mut add);
            self.orders_added += i64::from(expected == 0);
        }
        let row = RecordRow { key, key1, key2, expected, columns, body: record.to_json() };
        self.writes.entry(table).or_default().push(row);
        Ok(())
    }

    fn index(&mut self, rows: &'a [IndexRow]) -> Result<(), StoreError> {
        for row in last_of(rows, index_id) {
            match row {
                IndexRow::PurchaseOrder { number, state, .. } if !PURCHASE_ORDER_STATES.contains(&state.as_str()) => {
                    return refuse(format!("purchase order {number} has no such state as {state:?}"));
                }
                IndexRow::PurchaseOrder { .. } => self.purchase_orders.push(row),
                IndexRow::Case { .. } => self.cases.push(row),
                IndexRow::Approval { .. } => self.approvals.push(row),
            }
        }
        self.words.sort();
        self.words.dedup();
        Ok(())
    }
}

fn has_capitals(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_uppercase())
}

fn refuse<T>(why: String) -> Result<T, StoreError> {
    Err(StoreError::Determinate(why))
}

/// The last row of each id, in order of the ids.
fn last_of<'a, T: 'a, K: Ord>(rows: impl IntoIterator<Item = &'a T>, id: impl Fn(&'a T) -> K) -> Vec<&'a T> {
    rows.into_iter().map(|row| (id(row), row)).collect::<BTreeMap<_, _>>().into_values().collect()
}

fn index_id(row: &IndexRow) -> (u8, &str) {
    match row {
        IndexRow::PurchaseOrder { number, .. } => (0, number.as_str()),
        IndexRow::Case { id, .. } => (1, id.as_str()),
        IndexRow::Approval { id, .. } => (2, id.as_str()),
    }
}

fn columns(key: &Key, record: &Record) -> Option<Columns> {
    Some(match (key, record) {
        (Key::Item(_), Record::Item(item)) => Columns::Item {
            title: item.title.clone(),
            category: SmolStr::new(item.category.as_str()),
            gtin: gtin(item),
            status: match item.status {
                ItemStatus::Active => "active",
                ItemStatus::Discontinued => "discontinued",
            },
        },
        (Key::Source(_), Record::Source(source)) => Columns::Source {
            kind: match source.kind {
                SourceKind::Vendor => "vendor",
                SourceKind::Dc => "dc",
            },
            name: source.name.clone(),
        },
        (Key::Offer(..), Record::Offer(offer)) => Columns::Offer {
            vendor_sku: SmolStr::new(offer.vendor_sku.as_str()),
            unit: SmolStr::new(offer.pack.unit.as_str()),
            pack_size: i64::from(offer.pack.base_units),
        },
        (Key::Stock(..), Record::Stock(stock)) => Columns::Stock {
            advised: i64::from(stock.advised.get()),
            soft: i64::from(stock.soft.get()),
            as_of: stock.as_of.as_microsecond(),
        },
        (Key::Order(_), Record::Order(order)) => Columns::Order {
            status: word(&order.status()),
            captured_at: order.captured_at.as_microsecond(),
            wake_at: order.wake_at().map(|at| at.as_microsecond()),
        },
        (Key::Policy, Record::Policy(_))
        | (Key::PolicyBook, Record::PolicyBook(_))
        | (Key::PolicyVersion(_), Record::PolicyVersion(_))
        | (Key::Offerers(_), Record::Offerers(_))
        | (Key::Feed(_), Record::Feed(_))
        | (Key::Load(_), Record::Load(_))
        | (Key::Desk(_), Record::Desk(_))
        | (Key::Learnt, Record::Learnt(_))
        | (Key::Evidence(_), Record::Evidence(_))
        | (Key::Histories, Record::Histories(_)) => Columns::None,
        _ => return None,
    })
}

fn gtin(item: &Item) -> Option<String> {
    item.gtin.as_ref().map(|gtin| gtin.as_str().to_owned())
}

/// The wire word of a plain enum or string type.
fn word<T: serde::Serialize>(value: &T) -> SmolStr {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word.into(),
        other => SmolStr::new(format!("{other:?}")),
    }
}

/// An errand's end or next try, as columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Settled<'a> {
    pub(crate) state: &'static str,
    pub(crate) due: Option<i64>,
    pub(crate) sent_at: Option<i64>,
    pub(crate) error: Option<&'a str>,
}

/// An errand's state as columns.
pub(crate) fn settled(state: &ErrandState) -> Settled<'_> {
    match state {
        ErrandState::Waiting { due, error } => {
            Settled { state: "waiting", due: Some(due.as_microsecond()), sent_at: None, error: error.as_deref() }
        }
        ErrandState::Sent { at } => {
            Settled { state: "sent", due: None, sent_at: Some(at.as_microsecond()), error: None }
        }
        ErrandState::Dead { error } => Settled { state: "dead", due: None, sent_at: None, error: Some(error) },
    }
}

/// The id of the commit's nth fact; `first` is the position of the commit's first entry.
pub(crate) fn fact_id(first: i64, n: usize, fact: &Fact) -> i64 {
    (first + i64::from(fact.entry)) << FACT_BITS | n as i64
}

/// A row that does not read: says which, so that a person can look.
pub(crate) fn broken(what: impl std::fmt::Display, why: impl std::fmt::Display) -> StoreError {
    StoreError::Broken(format!("the stored {what} does not read ({why}): rebuild it from the journal"))
}

/// An instant out of its column.
pub(crate) fn instant(us: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_microsecond(us).map_err(|why| broken(format!("time {us}"), why))
}

/// A record out of its columns.
pub(crate) fn versioned(key: &Key, version: i64, body: &str) -> Result<Versioned, StoreError> {
    let record = Record::from_json(key, body).map_err(|why| broken(format!("record {key:?}"), why))?;
    Ok(Versioned { version: version as u64, record })
}

/// A record out of its body, where the body itself says which it is.
pub(crate) fn listed(kind: Table, version: i64, body: &str) -> Result<Versioned, StoreError> {
    let read = match kind {
        Table::Items => serde_json::from_str(body).map(Record::Item),
        Table::Sources => serde_json::from_str(body).map(Record::Source),
        Table::Offers => serde_json::from_str(body).map(Record::Offer),
        Table::Stock => serde_json::from_str(body).map(Record::Stock),
        Table::Orders => serde_json::from_str(body).map(Record::Order),
        Table::Records => return refuse("small records are not listed".into()),
    };
    let record = read.map_err(|why| broken(format!("record of {kind:?}"), why))?;
    Ok(Versioned { version: version as u64, record })
}

/// Columns of an errand with its paper, as both databases return them.
pub(crate) struct ErrandColumns {
    pub(crate) id: String,
    pub(crate) source: String,
    pub(crate) order_id: String,
    pub(crate) po: String,
    pub(crate) effect: String,
    pub(crate) due: i64,
    pub(crate) state: String,
    pub(crate) tries: i64,
    pub(crate) sent_at: Option<i64>,
    pub(crate) error: Option<String>,
    pub(crate) paper: Option<Rendered>,
}

impl ErrandColumns {
    pub(crate) fn errand(self) -> Result<Errand, StoreError> {
        let due = instant(self.due)?;
        let state = match (self.state.as_str(), self.sent_at) {
            ("waiting", _) => ErrandState::Waiting { due, error: self.error },
            ("sent", Some(at)) => ErrandState::Sent { at: instant(at)? },
            _ => ErrandState::Dead { error: self.error.unwrap_or_default() },
        };
        let bad = |why| broken(format!("errand {}", self.id), why);
        let new = NewErrand {
            source: SourceId::new(&self.source).map_err(bad)?,
            order: OrderId::new(&self.order_id).map_err(bad)?,
            po: PoNumber::new(&self.po).map_err(bad)?,
            effect: self.effect,
            due,
            id: self.id.into(),
        };
        Ok(Errand { new, state, tries: self.tries as u32, rendered: self.paper })
    }
}

/// The id of an errand that cannot be read back, and why.
pub(crate) type Unreadable = (String, String);

/// Errands that were claimed, told apart from those that cannot be read back.
pub(crate) fn readable(
    rows: impl IntoIterator<Item = (String, Result<Errand, StoreError>)>,
) -> Result<(Vec<Errand>, Vec<Unreadable>), StoreError> {
    let (mut errands, mut unreadable) = (Vec::new(), Vec::new());
    for (id, row) in rows {
        match row {
            Ok(errand) => errands.push(errand),
            Err(StoreError::Broken(why)) => unreadable.push((id, why)),
            Err(error) => return Err(error),
        }
    }
    Ok((errands, unreadable))
}

/// Ends errands that cannot be read back, so that they hold up no others.
pub(crate) fn give_up(
    unreadable: Vec<Unreadable>,
    settle: impl Fn(&str, &ErrandState) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    for (id, error) in unreadable {
        tracing::error!(errand = id, error, "an errand cannot be read back: it is given up");
        settle(&id, &ErrandState::Dead { error })?;
    }
    Ok(())
}

/// Columns of an exchange, as both databases return them.
pub(crate) struct ExchangeColumns {
    pub(crate) pair: String,
    pub(crate) id: String,
    pub(crate) at: i64,
    pub(crate) due: Option<i64>,
    pub(crate) body: String,
}

impl ExchangeColumns {
    pub(crate) fn exchange(self) -> Result<Exchange, StoreError> {
        let due = self.due.map(instant).transpose()?;
        Ok(Exchange { pair: self.pair, message_id: self.id, at: instant(self.at)?, due, body: self.body })
    }
}

/// Exchanges forgotten with each one that is kept, so that the table shrinks as it grows.
pub(crate) const FORGOTTEN_PER_EXCHANGE: i64 = 4;

/// Columns of an inbox entry, as both databases return them.
pub(crate) struct InboxColumns {
    pub(crate) id: i64,
    pub(crate) channel: String,
    pub(crate) name: String,
    pub(crate) hash: Vec<u8>,
    pub(crate) received_at: i64,
    pub(crate) replays: Option<i64>,
    pub(crate) state: String,
    pub(crate) findings: Option<String>,
    pub(crate) bytes: Vec<u8>,
}

impl InboxColumns {
    pub(crate) fn entry(self) -> Result<InboxEntry, StoreError> {
        let new = NewInbox {
            channel: self.channel.into(),
            name: self.name,
            hash: hash(&self.hash)?,
            bytes: self.bytes,
            received_at: instant(self.received_at)?,
            replays: self.replays.map(|id| id as u64),
        };
        Ok(InboxEntry { id: self.id as u64, new, state: inbox_state(&self.state)?, findings: self.findings })
    }
}

/// The state an inbox column says.
pub(crate) fn inbox_state(state: &str) -> Result<InboxState, StoreError> {
    use InboxState::{Done, Duplicate, Quarantined, Waiting};
    let known = [Waiting, Done, Duplicate, Quarantined].into_iter().find(|s| s.word() == state);
    known.ok_or_else(|| broken("inbox state", state))
}

/// A hash out of its column.
pub(crate) fn hash(bytes: &[u8]) -> Result<[u8; 32], StoreError> {
    bytes.try_into().map_err(|_| broken("hash", format!("{} bytes long", bytes.len())))
}

/// A journal entry out of its columns.
pub(crate) fn journal_row(
    position: i64,
    subject: Option<String>,
    at: i64,
    body: String,
    link: &[u8],
) -> Result<JournalRow, StoreError> {
    let (at, hash) = (instant(at)?, hash(link)?);
    Ok(JournalRow { position: position as u64, subject: subject.map(SmolStr::from), at, body, hash })
}

/// A purchase order out of its columns.
pub(crate) fn purchase_order(
    texts: [String; 4],
    attempt: i64,
    released_at: i64,
    answer_due: Option<i64>,
) -> Result<IndexRow, StoreError> {
    let [number, order, source, state] = texts;
    let bad = |why| broken(format!("purchase order {number}"), why);
    Ok(IndexRow::PurchaseOrder {
        number: PoNumber::new(&number).map_err(bad)?,
        order: OrderId::new(order).map_err(bad)?,
        source: SourceId::new(source).map_err(bad)?,
        attempt: attempt as u32,
        state: state.into(),
        released_at: instant(released_at)?,
        answer_due: answer_due.map(instant).transpose()?,
    })
}

/// A case out of its columns: (id, subject, kind, role, body), severity, open, opened_at.
pub(crate) fn case(texts: [String; 5], severity: i64, open: i64, opened_at: i64) -> Result<IndexRow, StoreError> {
    let [id, subject, kind, role, body] = texts;
    Ok(IndexRow::Case {
        id: id.into(),
        subject: subject.into(),
        kind: kind.into(),
        severity: severity as u8,
        role: role.into(),
        open: open != 0,
        opened_at: instant(opened_at)?,
        body,
    })
}

/// An approval out of its columns: (id, order, kind, body), open, asked_at, due.
pub(crate) fn approval(texts: [String; 4], open: i64, asked_at: i64, due: i64) -> Result<IndexRow, StoreError> {
    let [id, order, kind, body] = texts;
    let order = OrderId::new(order).map_err(|why| broken(format!("approval {id}"), why))?;
    let (asked_at, due) = (instant(asked_at)?, instant(due)?);
    Ok(IndexRow::Approval { id: id.into(), order, kind: kind.into(), open: open != 0, asked_at, due, body })
}

/// A mapping line out of its columns: vendor SKU, SKU, unit.
pub(crate) fn mapping(texts: [String; 3], gtin: Option<String>, pack_size: i64) -> Result<Mapping, StoreError> {
    let [vendor_sku, sku, unit] = texts;
    let bad = |why| broken(format!("offer of {sku}"), why);
    Ok(Mapping {
        vendor_sku: VendorSku::new(vendor_sku).map_err(bad)?,
        sku: Sku::new(&sku).map_err(bad)?,
        gtin: gtin.map(SmolStr::from),
        unit: unit.into(),
        pack_size: pack_size as u32,
    })
}

/// Text that both databases keep: PostgreSQL takes no NUL.
pub(crate) fn plain(text: &str) -> String {
    text.replace('\0', "\u{FFFD}")
}

/// The version read as the statements take it: -1 for whatever there is.
pub(crate) fn expected_setting(expected: Option<u64>) -> i64 {
    expected.map_or(-1, |version| version as i64)
}

/// The first text after all that begin with the number and a dot.
pub(crate) fn after_children(po: &PoNumber) -> String {
    format!("{po}/")
}
