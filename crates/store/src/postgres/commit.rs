//! One batch of rows, in one transaction: one statement per table, all sent at once.
//!
//! The head of the journal is locked first and by everyone, so commits of all nodes have one order and none can
//! deadlock with another. A record that has moved on is answered, not raised.

use super::calls::{Call, Trouble, trouble, trouble_at_commit};
use super::connections::{Connection, Connections};
use super::queues::render_call;
use crate::rows::{
    ANSWER_AGE_MAX_US, Batch, Columns, FORGOTTEN_PER_ANSWER, RecordRow, Removal, Table, broken, fact_id, hash, plain,
};
use crate::statement::sql;
use countersign_engine::slice::Key;
use countersign_runtime::chain;
use countersign_runtime::facts::Fact;
use countersign_runtime::ports::{Committed, FACT_BITS, IndexRow, NewEntry, Rendered, StoreError, mail_of};
use smol_str::SmolStr;
use std::collections::HashSet;
use std::sync::Arc;
use tokio_postgres::Row;

/// A batch as calls, with what their answers must be. Made once, sent as often as needed.
struct Plan {
    calls: Vec<Call>,
    /// Per call: what it must return.
    expected: Vec<Expected>,
    orders_added: i64,
    entries: Entries,
    errands: Errands,
    papers: Vec<(SmolStr, Rendered)>,
    facts: Facts,
}

/// What a call must return, or the commit leaves no trace.
enum Expected {
    /// It does not matter.
    Anything,
    /// These records, by their keys; those left out had moved on.
    Records(Vec<(Key, String, String)>),
    /// None of these records; those returned had come meanwhile.
    NoRecords(Vec<(Key, String, String)>),
    /// So many rows: an answer that is missing stood there already.
    Answers(usize),
    /// So many rows, or something is settled that there is not.
    Rows(usize, &'static str),
}

#[derive(Default)]
struct Entries {
    subjects: Vec<Option<String>>,
    at: Vec<i64>,
    bodies: Vec<String>,
}

#[derive(Default)]
struct Facts {
    /// Counted from position 0.
    ids: Vec<i64>,
    /// Measure, label, source, category, channel, order.
    texts: [Vec<String>; 6],
    /// Day, at, purchase order, units, amount, notable.
    numbers: [Vec<i64>; 6],
}

#[derive(Default)]
struct Errands {
    texts: [Vec<String>; 5],
    due: Vec<i64>,
}

pub(super) fn commit(
    connections: &Connections,
    batch: &Batch<'_>,
    entries: &[NewEntry],
) -> Result<Committed, StoreError> {
    let plan = Arc::new(plan(batch, entries));
    connections.run(move |connection| attempt(connection, Arc::clone(&plan)))
}

async fn attempt(connection: Arc<Connection>, plan: Arc<Plan>) -> Result<Committed, Trouble> {
    let lock = Call::new(sql!("postgres", "lock_head"));
    connection.statement(&lock.text).await.map_err(trouble)?;
    let (begun, head) = futures_util::future::join(connection.plain("BEGIN"), connection.query(&lock)).await;
    begun.map_err(trouble)?;
    let head = head.map_err(trouble)?;
    let head = head.first().ok_or_else(|| broken("head of the journal", "it is missing"))?;
    let first = head.get::<_, i64>(0) + 1;
    let last = appended(first - 1, hash(head.get(1))?, &plan);
    let (rows, more) = futures_util::future::join(connection.all(&plan.calls), connection.all(&last)).await;
    let rows = rows.map_err(trouble)?;
    more.map_err(trouble)?;
    let (keys, answered) = plan.conflicts(&rows)?;
    if !keys.is_empty() || answered {
        connection.plain("ROLLBACK").await.map_err(trouble)?;
        return Ok(Committed::Conflict { keys });
    }
    connection.plain("COMMIT").await.map_err(trouble_at_commit)?;
    Ok(Committed::Done { first: first as u64 })
}

/// The calls that depend on the head: journal, head, errands.
fn appended(position: i64, mut link: chain::Hash, plan: &Plan) -> Vec<Call> {
    let first = position + 1;
    let mut calls = Vec::new();
    let entries = &plan.entries;
    let positions: Vec<i64> = (first..first + entries.bodies.len() as i64).collect();
    let mut hashes = Vec::with_capacity(positions.len());
    for (position, body) in positions.iter().zip(&entries.bodies) {
        link = chain::link(&link, *position as u64, body.as_bytes());
        hashes.push(link.to_vec());
    }
    if let Some(last) = positions.last() {
        calls.push(Call::new(sql!("postgres", "move_head")).with(*last).with(link.to_vec()).with(plan.orders_added));
        calls.push(
            Call::new(sql!("postgres", "add_entries"))
                .with(positions)
                .with(entries.subjects.clone())
                .with(entries.at.clone())
                .with(entries.bodies.clone())
                .with(hashes),
        );
    } else if plan.orders_added > 0 {
        let head = Call::new(sql!("postgres", "move_head"));
        calls.push(head.with(position).with(link.to_vec()).with(plan.orders_added));
    }
    if !plan.facts.ids.is_empty() {
        calls.push(facts_call(&plan.facts, first));
    }
    let errands = plan.errands.due.len();
    if errands > 0 {
        let call = plan
            .errands
            .texts
            .iter()
            .fold(Call::new(sql!("postgres", "add_errands")), |call, texts| call.with(texts.clone()));
        let ordinals: Vec<i64> = (0..errands as i64).collect();
        calls.push(call.with(plan.errands.due.clone()).with(vec![first; errands]).with(ordinals));
    }
    if !plan.papers.is_empty() {
        calls.push(render_call(&plan.papers));
    }
    calls
}

fn facts(all: &[Fact]) -> Facts {
    let mut facts = Facts::default();
    for (n, fact) in all.iter().enumerate() {
        // The position of the first entry is added once it is known.
        facts.ids.push(fact_id(0, n, fact));
        let texts = [fact.measure.code(), &fact.label, &fact.source, &fact.category, &fact.channel, &fact.order];
        facts.texts.iter_mut().zip(texts).for_each(|(column, text)| column.push(text.to_owned()));
        let (at, po) = (fact.at.as_microsecond(), i64::from(fact.purchase_order));
        let numbers = [fact.day(), at, po, fact.units, fact.value, i64::from(fact.is_notable())];
        facts.numbers.iter_mut().zip(numbers).for_each(|(column, number)| column.push(number));
    }
    facts
}

fn facts_call(facts: &Facts, first: i64) -> Call {
    let ids: Vec<i64> = facts.ids.iter().map(|id| id + (first << FACT_BITS)).collect();
    let [measure, label, source, category, channel, order] = facts.texts.clone();
    let [day, at, po, units, amount, notable] = facts.numbers.clone();
    let call = Call::new(sql!("postgres", "add_facts")).with(ids).with(measure).with(label).with(day).with(at);
    let call = call.with(source).with(category).with(channel).with(order);
    call.with(po).with(units).with(amount).with(notable)
}

impl Plan {
    /// Which records had moved on, and whether a key had an answer already.
    fn conflicts(&self, rows: &[Vec<Row>]) -> Result<(Vec<Key>, bool), StoreError> {
        let mut moved_on = Vec::new();
        let mut answered = false;
        for (expected, rows) in self.expected.iter().zip(rows) {
            match expected {
                Expected::Anything => {}
                Expected::Answers(count) => answered |= rows.len() < *count,
                Expected::Rows(count, what) if rows.len() < *count => return Err(broken(what, "there is none")),
                Expected::Rows(..) => {}
                Expected::Records(all) if rows.len() == all.len() => {}
                Expected::Records(all) => {
                    let done = keys_of(rows, 1);
                    moved_on.extend(all.iter().filter(|(_, a, b)| !done.contains(&(a.clone(), b.clone()))).map(key));
                }
                Expected::NoRecords(all) => {
                    // Of a loaded row, the last two columns are version and body.
                    let there = keys_of(rows, 3);
                    moved_on.extend(all.iter().filter(|(_, a, b)| there.contains(&(a.clone(), b.clone()))).map(key));
                }
            }
        }
        Ok((moved_on, answered))
    }
}

fn key((key, ..): &(Key, String, String)) -> Key {
    key.clone()
}

/// The keys of returned rows; the second is there if there are more columns than `single`.
fn keys_of(rows: &[Row], single: usize) -> HashSet<(String, String)> {
    rows.iter().map(|row| (row.get(0), if row.len() > single { row.get(1) } else { String::new() })).collect()
}

fn plan(batch: &Batch<'_>, entries: &[NewEntry]) -> Plan {
    let mut plan = Plan {
        calls: Vec::new(),
        expected: Vec::new(),
        orders_added: batch.orders_added,
        entries: Entries::default(),
        errands: Errands::default(),
        papers: batch.papers.to_vec(),
        facts: facts(batch.facts),
    };
    for entry in entries {
        plan.entries.subjects.push(entry.subject.as_ref().map(ToString::to_string));
        plan.entries.at.push(entry.at.as_microsecond());
        plan.entries.bodies.push(entry.body.clone());
    }
    for errand in &batch.outbox {
        let (source, order, po) = (errand.source.to_string(), errand.order.to_string(), errand.po.to_string());
        let texts = [errand.id.to_string(), source, order, po, errand.effect.clone()];
        plan.errands.texts.iter_mut().zip(texts).for_each(|(column, text)| column.push(text));
        plan.errands.due.push(errand.due.as_microsecond());
    }
    for (table, rows) in &batch.writes {
        let (add, change) = write_sql(*table);
        let (new, known): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row.expected == 0);
        plan.write(add, &new);
        plan.write(change, &known);
    }
    for (table, rows) in &batch.removals {
        plan.remove(*table, rows);
    }
    plan.index(batch);
    plan.queues(batch);
    plan.answers(batch);
    plan
}

fn write_sql(table: Table) -> (&'static str, &'static str) {
    match table {
        Table::Items => (sql!("postgres", "add_items"), sql!("postgres", "change_items")),
        Table::Sources => (sql!("postgres", "add_sources"), sql!("postgres", "change_sources")),
        Table::Offers => (sql!("postgres", "add_offers"), sql!("postgres", "change_offers")),
        Table::Stock => (sql!("postgres", "add_stock"), sql!("postgres", "change_stock")),
        Table::Orders => (sql!("postgres", "add_orders"), sql!("postgres", "change_orders")),
        Table::Records => (sql!("postgres", "add_records"), sql!("postgres", "change_records")),
    }
}

/// One column of some rows.
fn column<'r, T, V>(rows: &[&'r T], value: impl Fn(&'r T) -> V) -> Vec<V> {
    rows.iter().map(|row| value(row)).collect()
}

impl Plan {
    fn push(&mut self, call: Call, expected: Expected) {
        self.calls.push(call);
        self.expected.push(expected);
    }

    fn write(&mut self, text: &'static str, rows: &[&RecordRow<'_>]) {
        let Some(sample) = rows.first() else { return };
        let mut call = Call::new(text).with(column(rows, |r| r.key1.to_owned()));
        if !matches!(sample.columns, Columns::Item { .. } | Columns::Source { .. } | Columns::Order { .. }) {
            call = call.with(column(rows, |r| r.key2.to_owned()));
        }
        call = call.with(column(rows, |r| r.expected));
        call = columns(call, sample, rows);
        let keys = column(rows, |r| (r.key.clone(), r.key1.to_owned(), r.key2.to_owned()));
        self.push(call.with(column(rows, |r| r.body.clone())), Expected::Records(keys));
    }

    fn remove(&mut self, table: Table, rows: &[Removal<'_>]) {
        let (text, load, one_key) = match table {
            Table::Items => (sql!("postgres", "remove_items"), sql!("postgres", "load_items"), true),
            Table::Sources => (sql!("postgres", "remove_sources"), sql!("postgres", "load_sources"), true),
            Table::Orders => (sql!("postgres", "remove_orders"), sql!("postgres", "load_orders"), true),
            Table::Offers => (sql!("postgres", "remove_offers"), sql!("postgres", "load_offers"), false),
            Table::Stock => (sql!("postgres", "remove_stock"), sql!("postgres", "load_stock"), false),
            Table::Records => (sql!("postgres", "remove_records"), sql!("postgres", "load_records"), false),
        };
        // Removing what was rightly absent is nothing to do, but it must be absent.
        let (absent, present): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row.expected == 0);
        for (text, rows, versions) in [(text, present, true), (load, absent, false)] {
            if rows.is_empty() {
                continue;
            }
            let mut call = Call::new(text).with(column(&rows, |r| r.key1.to_owned()));
            if !one_key {
                call = call.with(column(&rows, |r| r.key2.to_owned()));
            }
            let keys = column(&rows, |r| (r.key.clone(), r.key1.to_owned(), r.key2.to_owned()));
            if versions {
                self.push(call.with(column(&rows, |r| r.expected)), Expected::Records(keys));
            } else {
                self.push(call, Expected::NoRecords(keys));
            }
        }
    }

    fn index(&mut self, batch: &Batch<'_>) {
        if !batch.words.is_empty() {
            let words: Vec<_> = batch.words.iter().collect();
            let call = Call::new(sql!("postgres", "add_words")).with(column(&words, |w| w.0.to_string()));
            let call = call.with(column(&words, |w| w.1)).with(column(&words, |w| w.2.to_owned()));
            self.push(call, Expected::Anything);
        }
        let tables = [
            (sql!("postgres", "write_purchase_orders"), &batch.purchase_orders),
            (sql!("postgres", "write_cases"), &batch.cases),
            (sql!("postgres", "write_approvals"), &batch.approvals),
        ];
        for (text, rows) in tables {
            if !rows.is_empty() {
                self.push(index_call(text, rows), Expected::Anything);
            }
        }
    }

    fn queues(&mut self, batch: &Batch<'_>) {
        if !batch.people.is_empty() {
            let rows: Vec<_> = batch.people.iter().collect();
            let call = Call::new(sql!("postgres", "write_people")).with(column(&rows, |p| p.0.to_owned()));
            let call = call.with(column(&rows, |p| p.1.to_owned()));
            self.push(call.with(column(&rows, |p| mail_of(p.1))), Expected::Anything);
        }
        if !batch.sent.is_empty() {
            self.push(settle_call(&batch.sent), Expected::Rows(batch.sent.len(), "errand to settle"));
        }
        if !batch.inbox.is_empty() {
            let rows: Vec<_> = batch.inbox.iter().collect();
            let call = Call::new(sql!("postgres", "settle_inbox")).with(column(&rows, |i| i.0 as i64));
            let call = call.with(column(&rows, |i| i.1.word())).with(column(&rows, |i| i.2.map(plain)));
            self.push(call, Expected::Rows(rows.len(), "inbox entry to settle"));
        }
    }

    fn answers(&mut self, batch: &Batch<'_>) {
        let Some(newest) = batch.answers.iter().map(|a| a.at).max() else { return };
        let rows = &batch.answers;
        let some = FORGOTTEN_PER_ANSWER * rows.len() as i64;
        let forget = Call::new(sql!("postgres", "forget_answers"));
        self.push(forget.with(newest.as_microsecond() - ANSWER_AGE_MAX_US).with(some), Expected::Anything);
        let call = Call::new(sql!("postgres", "add_answers"))
            .with(column(rows, |a| a.key.to_string()))
            .with(column(rows, |a| a.fingerprint.to_string()))
            .with(column(rows, |a| i64::from(a.status)))
            .with(column(rows, |a| a.body.clone()))
            .with(column(rows, |a| a.at.as_microsecond()));
        self.push(call, Expected::Answers(rows.len()));
    }
}

/// Ends of tries as one call.
pub(super) fn settle_call(sent: &[(&str, crate::rows::Settled<'_>)]) -> Call {
    let rows: Vec<_> = sent.iter().collect();
    Call::new(sql!("postgres", "settle_errands"))
        .with(column(&rows, |s| s.0.to_owned()))
        .with(column(&rows, |s| s.1.state))
        .with(column(&rows, |s| s.1.due))
        .with(column(&rows, |s| s.1.sent_at))
        .with(column(&rows, |s| s.1.error.map(plain)))
}

/// What stands between version and body. All rows of a table have the columns of its first.
fn columns(call: Call, sample: &RecordRow<'_>, rows: &[&RecordRow<'_>]) -> Call {
    macro_rules! pick {
        ($($variant:ident { $($field:ident: $as:expr),* };)*) => {
            match &sample.columns {
                $(Columns::$variant { .. } => {
                    $(let call = call.with(column(rows, |r| match &r.columns {
                        Columns::$variant { $field, .. } => $as,
                        _ => Default::default(),
                    }));)*
                    call
                })*
                Columns::None => call,
            }
        };
    }
    pick! {
        Item { title: plain(title), category: category.to_string(), gtin: gtin.clone(), status: status.to_string() };
        Source { kind: kind.to_string(), name: plain(name) };
        Offer { vendor_sku: vendor_sku.to_string(), unit: unit.to_string(), pack_size: *pack_size };
        Stock { advised: *advised, soft: *soft, as_of: *as_of };
        Order { status: status.to_string(), captured_at: *captured_at, wake_at: *wake_at };
    }
}

fn index_call(text: &'static str, rows: &[&IndexRow]) -> Call {
    let mut texts: [Vec<String>; 5] = Default::default();
    let mut numbers: [Vec<i64>; 3] = Default::default();
    let mut due: Vec<Option<i64>> = Vec::new();
    for row in rows {
        let (words, values): ([&str; 5], [i64; 3]) = match row {
            IndexRow::PurchaseOrder { number, order, source, attempt, state, released_at, answer_due } => {
                due.push(answer_due.map(|at| at.as_microsecond()));
                let words = [number.as_str(), order.as_str(), source.as_str(), state.as_str(), ""];
                (words, [i64::from(*attempt), released_at.as_microsecond(), 0])
            }
            IndexRow::Case { id, subject, kind, severity, role, open, opened_at, body } => {
                let values = [i64::from(*severity), i64::from(*open), opened_at.as_microsecond()];
                ([id.as_str(), subject.as_str(), kind.as_str(), role.as_str(), body], values)
            }
            IndexRow::Approval { id, order, kind, open, asked_at, due, body } => {
                let values = [i64::from(*open), asked_at.as_microsecond(), due.as_microsecond()];
                ([id.as_str(), order.as_str(), kind.as_str(), body, ""], values)
            }
        };
        texts.iter_mut().zip(words).for_each(|(column, text)| column.push(text.to_owned()));
        numbers.iter_mut().zip(values).for_each(|(column, number)| column.push(number));
    }
    let ([a, b, c, d, e], [x, y, z]) = (texts, numbers);
    let call = Call::new(text).with(a).with(b).with(c);
    match rows.first() {
        Some(IndexRow::PurchaseOrder { .. }) => call.with(x).with(d).with(y).with(due),
        Some(IndexRow::Case { .. }) => call.with(x).with(d).with(y).with(z).with(e),
        _ => call.with(x).with(y).with(z).with(d),
    }
}
