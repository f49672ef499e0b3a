//! Records, the journal, people, settings and sequences: reads, and the small writes.
//!
//! Works on whatever connection it is given.

use super::fault::Told;
use crate::rows::{self, Table};
use crate::statement::sql;
use countersign_engine::ids::OrderId;
use countersign_engine::slice::Key;
use countersign_runtime::chain::{GENESIS, Hash};
use countersign_runtime::ports::{Answer, JournalRow, StoreError, Versioned};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Params, Row, params};

/// All rows of a query, each made into something.
pub(super) fn all<T>(
    conn: &Connection,
    text: &str,
    params: impl Params,
    make: impl Fn(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut statement = conn.prepare_cached(text).told("prepare a query")?;
    let mut rows = statement.query(params).told("read")?;
    let mut made = Vec::new();
    while let Some(row) = rows.next().told("read")? {
        made.push(make(row)?);
    }
    Ok(made)
}

/// The first row of a query, if there is one.
pub(super) fn first<T>(
    conn: &Connection,
    text: &str,
    params: impl Params,
    make: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Option<T>, StoreError> {
    let mut statement = conn.prepare_cached(text).told("prepare a query")?;
    statement.query_row(params, make).optional().told("read")
}

pub(super) fn load(conn: &Connection, keys: &[Key]) -> Result<Vec<Option<Versioned>>, StoreError> {
    keys.iter().map(|key| load_one(conn, key)).collect()
}

pub(super) fn load_one(conn: &Connection, key: &Key) -> Result<Option<Versioned>, StoreError> {
    let (table, one, two) = rows::place(key);
    let (text, one_key) = match table {
        Table::Items => (sql!("sqlite", "load_items"), true),
        Table::Sources => (sql!("sqlite", "load_sources"), true),
        Table::Orders => (sql!("sqlite", "load_orders"), true),
        Table::Offers => (sql!("sqlite", "load_offers"), false),
        Table::Stock => (sql!("sqlite", "load_stock"), false),
        Table::Records => (sql!("sqlite", "load_records"), false),
    };
    let mut statement = conn.prepare_cached(text).told("prepare a load")?;
    let mut found = if one_key { statement.query([one]) } else { statement.query([one, two]) }.told("load")?;
    let Some(row) = found.next().told("load")? else { return Ok(None) };
    let body = row.get_ref(1).told("load")?.as_str().map_err(|why| rows::broken(format!("record {key:?}"), why))?;
    rows::versioned(key, row.get(0).told("load")?, body).map(Some)
}

pub(super) fn answer(conn: &Connection, key: &str) -> Result<Option<Answer>, StoreError> {
    let found = first(conn, sql!("sqlite", "answer"), [key], |row| {
        let (key, fingerprint): (String, String) = (row.get(0)?, row.get(1)?);
        Ok((key, fingerprint, row.get::<_, u16>(2)?, row.get::<_, String>(3)?, row.get::<_, i64>(4)?))
    })?;
    let make = |(key, fingerprint, status, body, at): (String, String, u16, String, i64)| {
        Ok(Answer { key: key.into(), fingerprint: fingerprint.into(), status, body, at: rows::instant(at)? })
    };
    found.map(make).transpose()
}

pub(super) fn due(conn: &Connection, now: Timestamp, limit: u32) -> Result<Vec<(OrderId, Timestamp)>, StoreError> {
    all(conn, sql!("sqlite", "due"), params![now.as_microsecond(), limit], |row| {
        let id: String = row.get(0).told("read")?;
        let id = OrderId::new(&id).map_err(|why| rows::broken(format!("order {id}"), why))?;
        Ok((id, rows::instant(row.get(1).told("read")?)?))
    })
}

pub(super) fn next_due(conn: &Connection) -> Result<Option<Timestamp>, StoreError> {
    first(conn, sql!("sqlite", "next_due"), [], |row| row.get(0))?.map(rows::instant).transpose()
}

/// The end of the journal as its last entry says.
pub(crate) fn head(conn: &Connection) -> Result<(u64, Hash), StoreError> {
    let last = first(conn, sql!("sqlite", "head"), [], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?)))?;
    match last {
        None => Ok((0, GENESIS)),
        Some((position, hash)) => Ok((position as u64, rows::hash(&hash)?)),
    }
}

pub(super) fn journal(conn: &Connection, after: u64, limit: u32) -> Result<Vec<JournalRow>, StoreError> {
    all(conn, sql!("sqlite", "journal"), params![after as i64, limit], journal_row)
}

pub(super) fn journal_of(
    conn: &Connection,
    subject: &str,
    after: u64,
    limit: u32,
) -> Result<Vec<JournalRow>, StoreError> {
    all(conn, sql!("sqlite", "journal_of"), params![subject, after as i64, limit], journal_row)
}

pub(super) fn tree(conn: &Connection, level: u8, from: u64, limit: u32) -> Result<Vec<Hash>, StoreError> {
    let hash = |row: &Row<'_>| rows::hash(row.get_ref(0).and_then(|h| Ok(h.as_blob()?)).told("read a hash")?);
    match level {
        0 => all(conn, sql!("sqlite", "journal_hashes"), params![from as i64, limit], hash),
        _ => all(conn, sql!("sqlite", "tree_hashes"), params![level, from as i64, limit], hash),
    }
}

pub(super) fn tree_length(conn: &Connection, level: u8) -> Result<u64, StoreError> {
    let length = first(conn, sql!("sqlite", "tree_length"), [level], |row| row.get::<_, i64>(0))?;
    Ok(length.unwrap_or(0) as u64)
}

pub(super) fn extend_tree(conn: &Connection, level: u8, from: u64, hashes: &[Hash]) -> Result<(), StoreError> {
    let mut add = conn.prepare_cached(sql!("sqlite", "extend_tree")).told("prepare to keep hashes")?;
    for (number, hash) in (from..).zip(hashes) {
        add.execute(params![level, number as i64, hash]).told("keep a hash")?;
    }
    Ok(())
}

fn journal_row(row: &Row<'_>) -> Result<JournalRow, StoreError> {
    let numbers = || Ok((row.get(0)?, row.get(2)?));
    let texts = || Ok((row.get(1)?, row.get(3)?));
    let (position, at) = numbers().told("read the journal")?;
    let (subject, body) = texts().told("read the journal")?;
    let link: Vec<u8> = row.get(4).told("read the journal")?;
    rows::journal_row(position, subject, at, body, &link)
}

pub(super) fn person(conn: &Connection, order: &OrderId) -> Result<Option<String>, StoreError> {
    first(conn, sql!("sqlite", "person"), [order.as_str()], |row| row.get(0))
}

pub(super) fn erase_person(conn: &Connection, order: &OrderId) -> Result<bool, StoreError> {
    overwriting(conn, || {
        let mut statement = conn.prepare_cached(sql!("sqlite", "erase_person")).told("prepare to erase")?;
        statement.execute([order.as_str()]).told("erase personal data")
    })
}

pub(super) fn cover_paper(conn: &Connection, errand: &str, bytes: &[u8]) -> Result<bool, StoreError> {
    overwriting(conn, || {
        let mut statement = conn.prepare_cached(sql!("sqlite", "cover_paper")).told("prepare to cover")?;
        statement.execute((errand, bytes)).told("cover personal data in a paper")
    })
}

pub(super) fn cover_inbox(
    conn: &Connection,
    id: u64,
    bytes: &[u8],
    findings: Option<&str>,
) -> Result<bool, StoreError> {
    overwriting(conn, || {
        let mut statement = conn.prepare_cached(sql!("sqlite", "cover_findings")).told("prepare to cover")?;
        statement.execute((id as i64, findings.map(rows::plain))).told("cover personal data in findings")?;
        let mut statement = conn.prepare_cached(sql!("sqlite", "cover_inbox")).told("prepare to cover")?;
        statement.execute((id as i64, bytes)).told("cover personal data in a file")
    })
}

/// True if something was overwritten: in the file itself, not in the row only.
fn overwriting(conn: &Connection, write: impl FnOnce() -> Result<usize, StoreError>) -> Result<bool, StoreError> {
    conn.pragma_update(None, "secure_delete", true).told("overwrite what is erased")?;
    let written = write();
    conn.pragma_update(None, "secure_delete", false).told("go on as before")?;
    Ok(written? > 0)
}

pub(super) fn next_number(conn: &Connection, sequence: &str) -> Result<u64, StoreError> {
    let next = first(conn, sql!("sqlite", "next_number"), [sequence], |row| row.get::<_, i64>(0))?;
    Ok(next.expect("because the statement returns the row it writes") as u64)
}

pub(super) fn setting(conn: &Connection, kind: &str, id: &str) -> Result<Option<(u64, String)>, StoreError> {
    first(conn, sql!("sqlite", "setting"), [kind, id], |row| Ok((row.get::<_, i64>(0)? as u64, row.get(1)?)))
}

pub(super) fn settings(conn: &Connection, kind: &str) -> Result<Vec<(String, String)>, StoreError> {
    all(conn, sql!("sqlite", "settings"), [kind], |row| {
        Ok((row.get(0).told("read a setting")?, row.get(1).told("read a setting")?))
    })
}

pub(super) fn settings_until(
    conn: &Connection,
    kind: &str,
    until: &str,
    limit: u32,
) -> Result<Vec<String>, StoreError> {
    all(conn, sql!("sqlite", "settings_until"), params![kind, until, limit], |row| row.get(0).told("read a setting"))
}

pub(super) fn put_setting(
    conn: &Connection,
    kind: &str,
    id: &str,
    expected: Option<u64>,
    body: Option<&str>,
) -> Result<bool, StoreError> {
    let version = rows::expected_setting(expected);
    let changed = match body {
        Some(body) => {
            let mut put = conn.prepare_cached(sql!("sqlite", "put_setting")).told("prepare to write a setting")?;
            put.execute(params![kind, id, version, body])
        }
        None => {
            let mut remove =
                conn.prepare_cached(sql!("sqlite", "remove_setting")).told("prepare to write a setting")?;
            remove.execute(params![kind, id, version])
        }
    };
    let absent = || Ok(body.is_none() && expected.unwrap_or(0) == 0 && setting(conn, kind, id)?.is_none());
    Ok(changed.told("write a setting")? > 0 || absent()?)
}
