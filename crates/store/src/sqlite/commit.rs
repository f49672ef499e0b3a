//! One batch of rows into the tables, inside a transaction that the desk holds.
//!
//! Does not begin, commit or roll back. A record that has moved on is answered, not raised.

use super::desk::Book;
use super::fault::Told;
use super::outbox;
use super::records;
use crate::rows::{
    ANSWER_AGE_MAX_US, Batch, Columns, FORGOTTEN_PER_ANSWER, RecordRow, Removal, Table, broken, fact_id, plain,
};
use crate::statement::sql;
use countersign_engine::slice::Key;
use countersign_runtime::chain;
use countersign_runtime::ports::{Committed, IndexRow, NewEntry, StoreError, mail_of};
use rusqlite::{CachedStatement, Connection, params};

/// Writes all of it; a conflict means that the caller must roll back.
pub(super) fn write(book: &mut Book, batch: &Batch<'_>, entries: &[NewEntry]) -> Result<Committed, StoreError> {
    let keys = write_records(&book.conn, batch)?;
    if !keys.is_empty() || !add_answers(&book.conn, batch)? {
        return Ok(Committed::Conflict { keys });
    }
    let head = match book.head {
        Some(head) => head,
        None => records::head(&book.conn)?,
    };
    let first = head.0 + 1;
    book.head = Some(add_entries(&book.conn, head, entries)?);
    write_index(&book.conn, batch)?;
    add_facts(&book.conn, batch, first as i64)?;
    write_queues(&book.conn, batch, first)?;
    Ok(Committed::Done { first })
}

fn prepare<'a>(conn: &'a Connection, text: &str) -> Result<CachedStatement<'a>, StoreError> {
    conn.prepare_cached(text).told("prepare a statement")
}

fn write_records(conn: &Connection, batch: &Batch<'_>) -> Result<Vec<Key>, StoreError> {
    let mut moved_on = Vec::new();
    for (table, rows) in &batch.writes {
        let (add, change) = write_sql(*table);
        let (mut add, mut change) = (prepare(conn, add)?, prepare(conn, change)?);
        for row in rows {
            let statement = if row.expected == 0 { &mut add } else { &mut change };
            if write_record(statement, row)? == 0 {
                moved_on.push(row.key.clone());
            }
        }
    }
    for (table, rows) in &batch.removals {
        for row in rows {
            if !remove(conn, *table, row)? {
                moved_on.push(row.key.clone());
            }
        }
    }
    Ok(moved_on)
}

/// Two statements, not one that does either: SQLite keeps a copy of every page that such a one might have to restore.
fn write_sql(table: Table) -> (&'static str, &'static str) {
    match table {
        Table::Items => (sql!("sqlite", "add_items"), sql!("sqlite", "change_items")),
        Table::Sources => (sql!("sqlite", "add_sources"), sql!("sqlite", "change_sources")),
        Table::Offers => (sql!("sqlite", "add_offers"), sql!("sqlite", "change_offers")),
        Table::Stock => (sql!("sqlite", "add_stock"), sql!("sqlite", "change_stock")),
        Table::Orders => (sql!("sqlite", "add_orders"), sql!("sqlite", "change_orders")),
        Table::Records => (sql!("sqlite", "add_records"), sql!("sqlite", "change_records")),
    }
}

fn write_record(statement: &mut CachedStatement<'_>, row: &RecordRow<'_>) -> Result<usize, StoreError> {
    let (one, two, version, body) = (row.key1, row.key2, row.expected, &row.body);
    let changed = match &row.columns {
        Columns::Item { title, category, gtin, status } => {
            statement.execute(params![one, version, title, category.as_str(), gtin, status, body])
        }
        Columns::Source { kind, name } => statement.execute(params![one, version, kind, name, body]),
        Columns::Offer { vendor_sku, unit, pack_size } => {
            statement.execute(params![one, two, version, vendor_sku.as_str(), unit.as_str(), pack_size, body])
        }
        Columns::Stock { advised, soft, as_of } => {
            statement.execute(params![one, two, version, advised, soft, as_of, body])
        }
        Columns::Order { status, captured_at, wake_at } => {
            statement.execute(params![one, version, status.as_str(), captured_at, wake_at, body])
        }
        Columns::None => statement.execute(params![one, two, version, body]),
    };
    changed.told("write a record")
}

/// True if the record stood at the expected version, or was rightly expected to be absent.
fn remove(conn: &Connection, table: Table, row: &Removal<'_>) -> Result<bool, StoreError> {
    if row.expected == 0 {
        return Ok(records::load_one(conn, row.key)?.is_none());
    }
    let (text, one_key) = match table {
        Table::Items => (sql!("sqlite", "remove_items"), true),
        Table::Sources => (sql!("sqlite", "remove_sources"), true),
        Table::Orders => (sql!("sqlite", "remove_orders"), true),
        Table::Offers => (sql!("sqlite", "remove_offers"), false),
        Table::Stock => (sql!("sqlite", "remove_stock"), false),
        Table::Records => (sql!("sqlite", "remove_records"), false),
    };
    let mut statement = prepare(conn, text)?;
    let removed = if one_key {
        statement.execute(params![row.key1, row.expected])
    } else {
        statement.execute(params![row.key1, row.key2, row.expected])
    };
    Ok(removed.told("remove a record")? > 0)
}

/// False if one of the keys has an answer already.
fn add_answers(conn: &Connection, batch: &Batch<'_>) -> Result<bool, StoreError> {
    let Some(newest) = batch.answers.iter().map(|a| a.at).max() else { return Ok(true) };
    let mut add = prepare(conn, sql!("sqlite", "add_answers"))?;
    for answer in &batch.answers {
        let at = answer.at.as_microsecond();
        let (key, mark, status) = (answer.key.as_str(), answer.fingerprint.as_str(), answer.status);
        if add.execute(params![key, mark, status, answer.body, at]).told("keep an answer")? == 0 {
            return Ok(false);
        }
    }
    let some = FORGOTTEN_PER_ANSWER * batch.answers.len() as i64;
    let mut forget = prepare(conn, sql!("sqlite", "forget_answers"))?;
    forget.execute(params![newest.as_microsecond() - ANSWER_AGE_MAX_US, some]).told("forget old answers")?;
    Ok(true)
}

fn add_entries(
    conn: &Connection,
    head: (u64, chain::Hash),
    entries: &[NewEntry],
) -> Result<(u64, chain::Hash), StoreError> {
    let (mut position, mut hash) = head;
    if entries.is_empty() {
        return Ok(head);
    }
    let mut add = prepare(conn, sql!("sqlite", "add_entries"))?;
    for entry in entries {
        position += 1;
        hash = chain::link(&hash, position, entry.body.as_bytes());
        let (subject, at) = (entry.subject.as_deref(), entry.at.as_microsecond());
        add.execute(params![position as i64, subject, at, entry.body, hash]).told("append to the journal")?;
    }
    Ok((position, hash))
}

fn write_index(conn: &Connection, batch: &Batch<'_>) -> Result<(), StoreError> {
    let mut statement = prepare(conn, sql!("sqlite", "add_words"))?;
    for (word, captured_at, order) in &batch.words {
        statement.execute(params![word.as_str(), captured_at, order]).told("write a word")?;
    }
    let mut statement = prepare(conn, sql!("sqlite", "write_purchase_orders"))?;
    batch.purchase_orders.iter().try_for_each(|row| write_index_row(&mut statement, row))?;
    let mut statement = prepare(conn, sql!("sqlite", "write_cases"))?;
    batch.cases.iter().try_for_each(|row| write_index_row(&mut statement, row))?;
    let mut statement = prepare(conn, sql!("sqlite", "write_approvals"))?;
    batch.approvals.iter().try_for_each(|row| write_index_row(&mut statement, row))
}

fn write_index_row(statement: &mut CachedStatement<'_>, row: &IndexRow) -> Result<(), StoreError> {
    let written = match row {
        IndexRow::PurchaseOrder { number, order, source, attempt, state, released_at, answer_due } => {
            let due = answer_due.map(|at| at.as_microsecond());
            let (number, order, source) = (number.as_str(), order.as_str(), source.as_str());
            statement.execute(params![
                number,
                order,
                source,
                attempt,
                state.as_str(),
                released_at.as_microsecond(),
                due
            ])
        }
        IndexRow::Case { id, subject, kind, severity, role, open, opened_at, body } => {
            let (id, subject, kind, role) = (id.as_str(), subject.as_str(), kind.as_str(), role.as_str());
            statement.execute(params![id, subject, kind, severity, role, open, opened_at.as_microsecond(), body])
        }
        IndexRow::Approval { id, order, kind, open, asked_at, due, body } => {
            let (asked_at, due) = (asked_at.as_microsecond(), due.as_microsecond());
            statement.execute(params![id.as_str(), order.as_str(), kind.as_str(), open, asked_at, due, body])
        }
    };
    written.told("write an index row").map(|_| ())
}

fn add_facts(conn: &Connection, batch: &Batch<'_>, first: i64) -> Result<(), StoreError> {
    if batch.facts.is_empty() {
        return Ok(());
    }
    let mut add = prepare(conn, sql!("sqlite", "add_facts"))?;
    for (n, fact) in batch.facts.iter().enumerate() {
        let (id, at) = (fact_id(first, n, fact), fact.at.as_microsecond());
        let (source, category, channel) = (fact.source.as_str(), fact.category.as_str(), fact.channel.as_str());
        let (measure, label, order) = (fact.measure.code(), fact.label.as_str(), fact.order.as_str());
        let (po, notable) = (fact.purchase_order, fact.is_notable());
        let values = params![
            id,
            measure,
            label,
            fact.day(),
            at,
            source,
            category,
            channel,
            order,
            po,
            fact.units,
            fact.value,
            notable
        ];
        add.execute(values).told("count a fact")?;
    }
    Ok(())
}

fn write_queues(conn: &Connection, batch: &Batch<'_>, first: u64) -> Result<(), StoreError> {
    let mut add = prepare(conn, sql!("sqlite", "add_errands"))?;
    for (ordinal, errand) in batch.outbox.iter().enumerate() {
        let (source, order, po) = (errand.source.as_str(), errand.order.as_str(), errand.po.as_str());
        let (due, ordinal) = (errand.due.as_microsecond(), ordinal as i64);
        add.execute(params![errand.id.as_str(), source, order, po, errand.effect, due, first as i64, ordinal])
            .told("add an errand")?;
    }
    batch.papers.iter().try_for_each(|(id, paper)| outbox::keep(conn, id, paper))?;
    let mut person = prepare(conn, sql!("sqlite", "write_people"))?;
    for (order, body) in &batch.people {
        person.execute(params![order, body, mail_of(body)]).told("keep personal data")?;
    }
    for (id, state) in &batch.sent {
        outbox::settle(conn, id, state)?;
    }
    let mut settle = prepare(conn, sql!("sqlite", "settle_inbox"))?;
    for (id, state, findings) in &batch.inbox {
        let findings = findings.map(plain);
        if settle.execute(params![*id as i64, state.word(), findings]).told("settle an inbox entry")? == 0 {
            return Err(broken(format!("inbox entry {id}"), "there is none"));
        }
    }
    Ok(())
}
