//! Records, the journal, people and settings: reads, and the small writes.

use super::calls::{Call, Trouble, trouble, trouble_at_commit};
use super::connections::{Connection, Connections};
use crate::migrate;
use crate::rows::{self, Table};
use crate::statement::sql;
use countersign_engine::ids::OrderId;
use countersign_engine::slice::Key;
use countersign_runtime::chain::Hash;
use countersign_runtime::ports::{Answer, JournalRow, StoreError, Versioned};
use jiff::Timestamp;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use tokio_postgres::Row;

/// Brings the tables up to date. Nodes that start together wait for each other at the table of migrations.
pub(super) fn migrate(connections: &Connections) -> Result<(), StoreError> {
    connections.run(|connection| async move {
        // Two nodes that make the table at once: one is told that it is there, which is as good.
        let _ = connection.plain(sql!("postgres", "migrations")).await;
        migrate_on(&connection).await
    })
}

pub(super) fn is_set_up(connections: &Connections) -> Result<bool, StoreError> {
    Ok(!connections.query(Call::new(sql!("postgres", "is_set_up")))?.is_empty())
}

async fn migrate_on(connection: &Arc<Connection>) -> Result<(), Trouble> {
    connection.plain("BEGIN; LOCK TABLE migrations IN EXCLUSIVE MODE").await.map_err(trouble)?;
    let done = connection.query(&Call::new(sql!("postgres", "migrations_done"))).await.map_err(trouble)?;
    let done: Vec<(String, String)> = done.iter().map(|row| (row.get(0), row.get(1))).collect();
    for (migration, checksum) in migrate::pending(&done, |m| m.postgres)? {
        connection.plain(migration.postgres).await.map_err(trouble)?;
        let note = Call::new(sql!("postgres", "migration_done")).with(migration.name).with(checksum);
        connection.query(&note).await.map_err(trouble)?;
    }
    connection.plain("COMMIT").await.map_err(trouble_at_commit)
}

/// The only row of an answer, made into something.
pub(super) fn first<T>(
    rows: Vec<Row>,
    make: impl FnOnce(&Row) -> Result<T, StoreError>,
) -> Result<Option<T>, StoreError> {
    rows.first().map(make).transpose()
}

/// All rows of an answer, each made into something.
pub(super) fn all<T>(rows: &[Row], make: impl FnMut(&Row) -> Result<T, StoreError>) -> Result<Vec<T>, StoreError> {
    rows.iter().map(make).collect()
}

pub(super) fn load(connections: &Connections, keys: &[Key]) -> Result<Vec<Option<Versioned>>, StoreError> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let mut tables: BTreeMap<Table, (Vec<String>, Vec<String>)> = BTreeMap::new();
    for key in keys {
        let (table, one, two) = rows::place(key);
        let (ones, twos) = tables.entry(table).or_default();
        ones.push(one.to_owned());
        twos.push(two.to_owned());
    }
    let (names, calls): (Vec<_>, Vec<_>) =
        tables.into_iter().map(|(table, (ones, twos))| (table, load_call(table, ones, twos))).unzip();
    let calls = Arc::new(calls);
    let answers = connections.run(move |connection| {
        let calls = Arc::clone(&calls);
        async move { connection.snapshot(&calls).await.map_err(trouble) }
    })?;
    let mut found: HashMap<(Table, String, String), (i64, String)> = HashMap::new();
    for (table, rows) in names.into_iter().zip(&answers) {
        for row in rows {
            let two = if row.len() > 3 { row.get(1) } else { String::new() };
            let value = (row.get(row.len() - 2), row.get(row.len() - 1));
            found.insert((table, row.get(0), two), value);
        }
    }
    let read = |key: &Key| {
        let (table, one, two) = rows::place(key);
        let value = found.get(&(table, one.to_owned(), two.to_owned()));
        value.map(|(version, body)| rows::versioned(key, *version, body)).transpose()
    };
    keys.iter().map(read).collect()
}

fn load_call(table: Table, ones: Vec<String>, twos: Vec<String>) -> Call {
    match table {
        Table::Items => Call::new(sql!("postgres", "load_items")).with(ones),
        Table::Sources => Call::new(sql!("postgres", "load_sources")).with(ones),
        Table::Orders => Call::new(sql!("postgres", "load_orders")).with(ones),
        Table::Offers => Call::new(sql!("postgres", "load_offers")).with(ones).with(twos),
        Table::Stock => Call::new(sql!("postgres", "load_stock")).with(ones).with(twos),
        Table::Records => Call::new(sql!("postgres", "load_records")).with(ones).with(twos),
    }
}

pub(super) fn answer(connections: &Connections, key: &str) -> Result<Option<Answer>, StoreError> {
    first(connections.query(Call::new(sql!("postgres", "answer")).with(key.to_owned()))?, |row| {
        let (key, fingerprint): (String, String) = (row.get(0), row.get(1));
        let (status, at) = (row.get::<_, i64>(2) as u16, rows::instant(row.get(4))?);
        Ok(Answer { key: key.into(), fingerprint: fingerprint.into(), status, body: row.get(3), at })
    })
}

pub(super) fn due(
    connections: &Connections,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<(OrderId, Timestamp)>, StoreError> {
    let call = Call::new(sql!("postgres", "due")).with(now.as_microsecond()).with(i64::from(limit));
    all(&connections.query(call)?, |row| {
        let id: String = row.get(0);
        let id = OrderId::new(&id).map_err(|why| rows::broken(format!("order {id}"), why))?;
        Ok((id, rows::instant(row.get(1))?))
    })
}

pub(super) fn next_due(connections: &Connections) -> Result<Option<Timestamp>, StoreError> {
    first(connections.query(Call::new(sql!("postgres", "next_due")))?, |row| rows::instant(row.get(0)))
}

pub(super) fn head(connections: &Connections) -> Result<(u64, Hash), StoreError> {
    let head = first(connections.query(Call::new(sql!("postgres", "head")))?, |row| {
        Ok((row.get::<_, i64>(0) as u64, rows::hash(row.get(1))?))
    })?;
    head.ok_or_else(|| rows::broken("head of the journal", "it is missing"))
}

pub(super) fn journal(connections: &Connections, after: u64, limit: u32) -> Result<Vec<JournalRow>, StoreError> {
    let call = Call::new(sql!("postgres", "journal")).with(after as i64).with(i64::from(limit));
    all(&connections.query(call)?, journal_row)
}

pub(super) fn journal_of(
    connections: &Connections,
    subject: &str,
    after: u64,
    limit: u32,
) -> Result<Vec<JournalRow>, StoreError> {
    let call = Call::new(sql!("postgres", "journal_of")).with(subject.to_owned());
    all(&connections.query(call.with(after as i64).with(i64::from(limit)))?, journal_row)
}

pub(super) fn tree(connections: &Connections, level: u8, from: u64, limit: u32) -> Result<Vec<Hash>, StoreError> {
    let call = match level {
        0 => Call::new(sql!("postgres", "journal_hashes")),
        _ => Call::new(sql!("postgres", "tree_hashes")).with(i64::from(level)),
    };
    all(&connections.query(call.with(from as i64).with(i64::from(limit)))?, |row| rows::hash(row.get(0)))
}

pub(super) fn tree_length(connections: &Connections, level: u8) -> Result<u64, StoreError> {
    let call = Call::new(sql!("postgres", "tree_length")).with(i64::from(level));
    Ok(first(connections.query(call)?, |row| Ok(row.get::<_, i64>(0)))?.unwrap_or(0) as u64)
}

pub(super) fn extend_tree(connections: &Connections, level: u8, from: u64, hashes: &[Hash]) -> Result<(), StoreError> {
    let numbers: Vec<i64> = (from as i64..).take(hashes.len()).collect();
    let hashes: Vec<Vec<u8>> = hashes.iter().map(|hash| hash.to_vec()).collect();
    let call = Call::new(sql!("postgres", "extend_tree")).with(i64::from(level)).with(numbers).with(hashes);
    connections.write(call).map(|_| ())
}

fn journal_row(row: &Row) -> Result<JournalRow, StoreError> {
    rows::journal_row(row.get(0), row.get(1), row.get(2), row.get(3), row.get(4))
}

pub(super) fn person(connections: &Connections, order: &OrderId) -> Result<Option<String>, StoreError> {
    first(connections.query(Call::new(sql!("postgres", "person")).with(order.to_string()))?, |row| Ok(row.get(0)))
}

pub(super) fn erase_person(connections: &Connections, order: &OrderId) -> Result<bool, StoreError> {
    let erased = connections.write(Call::new(sql!("postgres", "erase_person")).with(order.to_string()))?;
    Ok(!erased.is_empty())
}

pub(super) fn cover_paper(connections: &Connections, errand: &str, bytes: &[u8]) -> Result<bool, StoreError> {
    let call = Call::new(sql!("postgres", "cover_paper")).with(errand.to_owned()).with(bytes.to_vec());
    Ok(!connections.write(call)?.is_empty())
}

pub(super) fn cover_inbox(
    connections: &Connections,
    id: u64,
    bytes: &[u8],
    findings: Option<&str>,
) -> Result<bool, StoreError> {
    let told = Call::new(sql!("postgres", "cover_findings")).with(id as i64).with(findings.map(rows::plain));
    connections.write(told)?;
    let call = Call::new(sql!("postgres", "cover_inbox")).with(id as i64).with(bytes.to_vec());
    Ok(!connections.write(call)?.is_empty())
}

pub(super) fn setting(connections: &Connections, kind: &str, id: &str) -> Result<Option<(u64, String)>, StoreError> {
    let call = Call::new(sql!("postgres", "setting")).with(kind.to_owned()).with(id.to_owned());
    first(connections.query(call)?, |row| Ok((row.get::<_, i64>(0) as u64, row.get(1))))
}

pub(super) fn settings(connections: &Connections, kind: &str) -> Result<Vec<(String, String)>, StoreError> {
    all(&connections.query(Call::new(sql!("postgres", "settings")).with(kind.to_owned()))?, |row| {
        Ok((row.get(0), row.get(1)))
    })
}

pub(super) fn settings_until(
    connections: &Connections,
    kind: &str,
    until: &str,
    limit: u32,
) -> Result<Vec<String>, StoreError> {
    let call = Call::new(sql!("postgres", "settings_until"));
    let call = call.with(kind.to_owned()).with(until.to_owned()).with(i64::from(limit));
    all(&connections.query(call)?, |row| Ok(row.get(0)))
}

pub(super) fn put_setting(
    connections: &Connections,
    kind: &str,
    id: &str,
    expected: Option<u64>,
    body: Option<&str>,
) -> Result<bool, StoreError> {
    let text = if body.is_some() { sql!("postgres", "put_setting") } else { sql!("postgres", "remove_setting") };
    let call = Call::new(text).with(kind.to_owned()).with(id.to_owned()).with(rows::expected_setting(expected));
    let call = match body {
        Some(body) => call.with(rows::plain(body)),
        None => call,
    };
    if !connections.write(call)?.is_empty() {
        return Ok(true);
    }
    Ok(body.is_none() && expected.unwrap_or(0) == 0 && setting(connections, kind, id)?.is_none())
}
