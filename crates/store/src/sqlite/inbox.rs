//! Bytes that came in.
//!
//! Works on whatever connection it is given.

use super::fault::Told;
use super::records::{all, first, next_number};
use crate::rows::{InboxColumns, inbox_state, plain};
use crate::statement::sql;
use countersign_engine::ids::PoNumber;
use countersign_runtime::ports::{InboxEntry, InboxState, NewInbox, StoreError};
use rusqlite::{Connection, Row, params};

pub(super) fn receive(conn: &Connection, new: &NewInbox) -> Result<InboxEntry, StoreError> {
    let id = next_number(conn, "store:inbox")?;
    let new = NewInbox { channel: plain(&new.channel).into(), name: plain(&new.name), ..new.clone() };
    let (at, replays) = (new.received_at.as_microsecond(), new.replays.map(|id| id as i64));
    let values = params![new.channel.as_str(), new.name, new.hash, at, id as i64, replays];
    let state: Option<String> = first(conn, sql!("sqlite", "receive"), values, |row| row.get(0))?;
    let mut bytes = conn.prepare_cached(sql!("sqlite", "receive_bytes")).told("prepare to keep bytes")?;
    bytes.execute(params![id as i64, new.bytes]).told("keep bytes that came in")?;
    let state = inbox_state(&state.expect("because the statement returns the row it writes"))?;
    Ok(InboxEntry { id, new, state, findings: None })
}

pub(super) fn in_state(
    conn: &Connection,
    state: InboxState,
    after: u64,
    limit: u32,
) -> Result<Vec<InboxEntry>, StoreError> {
    all(conn, sql!("sqlite", "inbox"), params![state.word(), after as i64, limit], entry_of)
}

pub(super) fn entry(conn: &Connection, id: u64) -> Result<Option<InboxEntry>, StoreError> {
    Ok(all(conn, sql!("sqlite", "inbox_entry"), [id as i64], entry_of)?.pop())
}

pub(super) fn relate(conn: &Connection, inbox: u64, pos: &[PoNumber]) -> Result<(), StoreError> {
    let mut statement = conn.prepare_cached(sql!("sqlite", "relate")).told("prepare to relate")?;
    for po in pos {
        statement.execute(params![po.as_str(), inbox as i64]).told("relate an inbox entry")?;
    }
    Ok(())
}

pub(super) fn of_purchase_order(conn: &Connection, po: &PoNumber) -> Result<Vec<InboxEntry>, StoreError> {
    all(conn, sql!("sqlite", "inbox_of"), [po.as_str()], entry_of)
}

fn entry_of(row: &Row<'_>) -> Result<InboxEntry, StoreError> {
    let read = || -> rusqlite::Result<InboxColumns> {
        Ok(InboxColumns {
            id: row.get(0)?,
            channel: row.get(1)?,
            name: row.get(2)?,
            hash: row.get(3)?,
            received_at: row.get(4)?,
            replays: row.get(5)?,
            state: row.get(6)?,
            findings: row.get(7)?,
            bytes: row.get(8)?,
        })
    };
    read().told("read the inbox")?.entry()
}
