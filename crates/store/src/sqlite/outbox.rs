//! Errands: claims, papers, ends.
//!
//! One process runs the errands of an SQLite file, so its leases stand in memory and cost no write: what it had
//! claimed when it died is due again at once.

use super::fault::Told;
use super::records::{all, first};
use crate::rows::{
    ErrandColumns, ExchangeColumns, FORGOTTEN_PER_EXCHANGE, Settled, Unreadable, after_children, broken, instant, plain,
};
use crate::statement::sql;
use countersign_engine::ids::{PoNumber, SourceId};
use countersign_runtime::ports::{EXCHANGE_AGE_MAX, Errand, Exchange, Rendered, StoreError};
use jiff::Timestamp;
use rusqlite::{Connection, Row, params};
use smol_str::SmolStr;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Which errands are claimed, and until when (microseconds).
#[derive(Debug, Default)]
pub(super) struct Leases(Mutex<HashMap<SmolStr, i64>>);

impl Leases {
    /// Gives leases back.
    pub(super) fn end<'a>(&self, ids: impl IntoIterator<Item = &'a str>) {
        let mut leases = self.lock();
        ids.into_iter().for_each(|id| {
            leases.remove(id);
        });
    }
    fn lock(&self) -> MutexGuard<'_, HashMap<SmolStr, i64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Claims what is due; beside it what cannot be read back.
pub(super) fn claim(
    conn: &Connection,
    leases: &Leases,
    now: Timestamp,
    lease_s: u32,
    limit: u32,
) -> Result<(Vec<Errand>, Vec<Unreadable>), StoreError> {
    let now = now.as_microsecond();
    let mut leases = leases.lock();
    leases.retain(|_, until| *until > now);
    // Behind the leased ones there must be room for `limit` others.
    let room = i64::from(limit) + leases.len() as i64;
    let text = sql!("sqlite", "waiting_errands");
    let ids = all(conn, text, params![now, room], |row| row.get::<_, String>(0).told("read the outbox"))?;
    let free: Vec<_> = ids.into_iter().filter(|id| !leases.contains_key(id.as_str())).take(limit as usize).collect();
    let mut errands = Vec::with_capacity(free.len());
    for id in free {
        errands.extend(all(conn, sql!("sqlite", "errand"), [&id], |row| Ok((id.clone(), errand(row))))?);
        leases.insert(id.into(), now + i64::from(lease_s) * 1_000_000);
    }
    crate::rows::readable(errands)
}

pub(super) fn next(conn: &Connection, leases: &Leases) -> Result<Option<Timestamp>, StoreError> {
    let leases = leases.lock();
    let ids = all(conn, sql!("sqlite", "next_errand"), [leases.len() as i64 + 1], |row| {
        Ok((row.get::<_, String>(0).told("read the outbox")?, row.get::<_, i64>(1).told("read the outbox")?))
    })?;
    let times = ids.iter().map(|(id, due)| leases.get(id.as_str()).map_or(*due, |until| *due.max(until)));
    times.min().map(instant).transpose()
}

pub(super) fn render(conn: &Connection, id: &str, paper: &Rendered) -> Result<Rendered, StoreError> {
    keep(conn, id, paper)?;
    first(conn, sql!("sqlite", "rendered"), [id], |row| rendered(row, 0))?
        .ok_or_else(|| StoreError::Determinate(format!("there is no errand {id}")))
}

/// Keeps a paper unless there is an earlier one.
pub(super) fn keep(conn: &Connection, id: &str, paper: &Rendered) -> Result<(), StoreError> {
    let mut statement = conn.prepare_cached(sql!("sqlite", "render")).told("prepare to keep a paper")?;
    let (name, media_type) = (plain(&paper.name), paper.media_type.as_str());
    let kept = statement.execute(params![id, paper.reference.as_str(), name, media_type, paper.bytes]);
    kept.told("keep a paper").map(drop)
}

pub(super) fn begin(conn: &Connection, id: &str, note: &str) -> Result<(), StoreError> {
    let mut statement = conn.prepare_cached(sql!("sqlite", "begin_errand")).told("prepare to begin an errand")?;
    let begun = statement.execute(params![id, plain(note)]).told("begin an errand")?;
    if begun == 0 { Err(StoreError::Determinate(format!("no errand {id} waits"))) } else { Ok(()) }
}

pub(super) fn settle(conn: &Connection, id: &str, end: &Settled<'_>) -> Result<(), StoreError> {
    let mut statement = conn.prepare_cached(sql!("sqlite", "settle_errands")).told("prepare to settle")?;
    let error = end.error.map(plain);
    let settled = statement.execute(params![id, end.state, end.due, end.sent_at, error]).told("settle an errand")?;
    if settled == 0 { Err(broken(format!("errand {id}"), "there is none")) } else { Ok(()) }
}

pub(super) fn of_purchase_order(conn: &Connection, po: &PoNumber) -> Result<Vec<Errand>, StoreError> {
    all(conn, sql!("sqlite", "errands_of"), [po.as_str(), &after_children(po)], errand)
}

pub(super) fn by_reference(
    conn: &Connection,
    source: &SourceId,
    reference: &str,
) -> Result<Option<Errand>, StoreError> {
    Ok(all(conn, sql!("sqlite", "errand_by_reference"), [source.as_str(), reference], errand)?.pop())
}

fn rendered(row: &Row<'_>, at: usize) -> rusqlite::Result<Rendered> {
    let (media_type, reference): (String, String) = (row.get(at + 1)?, row.get(at + 3)?);
    Ok(Rendered {
        name: row.get(at)?,
        media_type: media_type.into(),
        bytes: row.get(at + 2)?,
        reference: reference.into(),
    })
}

fn errand(row: &Row<'_>) -> Result<Errand, StoreError> {
    let read = || -> rusqlite::Result<ErrandColumns> {
        Ok(ErrandColumns {
            id: row.get(0)?,
            source: row.get(1)?,
            order_id: row.get(2)?,
            po: row.get(3)?,
            effect: row.get(4)?,
            due: row.get(5)?,
            state: row.get(6)?,
            tries: row.get(7)?,
            sent_at: row.get(8)?,
            error: row.get(9)?,
            paper: row.get::<_, Option<String>>(10)?.map(|_| rendered(row, 10)).transpose()?,
        })
    };
    read().told("read the outbox")?.errand()
}

pub(super) fn exchange(conn: &Connection, pair: &str, message_id: &str) -> Result<Option<Exchange>, StoreError> {
    Ok(all(conn, sql!("sqlite", "exchange"), [pair, message_id], exchange_of)?.pop())
}

pub(super) fn put_exchange(conn: &Connection, new: &Exchange, replace: bool) -> Result<bool, StoreError> {
    let oldest = (new.at - EXCHANGE_AGE_MAX).as_microsecond();
    let mut forget = conn.prepare_cached(sql!("sqlite", "forget_exchanges")).told("prepare to forget exchanges")?;
    forget.execute(params![oldest, FORGOTTEN_PER_EXCHANGE]).told("forget exchanges")?;
    let due = new.due.map(Timestamp::as_microsecond);
    let (pair, id, body) = (plain(&new.pair), plain(&new.message_id), plain(&new.body));
    let values = params![pair, id, new.at.as_microsecond(), due, body, i64::from(replace)];
    let kept: Option<String> = first(conn, sql!("sqlite", "put_exchange"), values, |row| row.get(0))?;
    Ok(kept.is_some())
}

pub(super) fn due_exchanges(conn: &Connection, now: Timestamp, limit: u32) -> Result<Vec<Exchange>, StoreError> {
    all(conn, sql!("sqlite", "due_exchanges"), params![now.as_microsecond(), limit], exchange_of)
}

pub(super) fn put_piece(conn: &Connection, whole: &str, place: u32, bytes: &[u8]) -> Result<(), StoreError> {
    let mut put = conn.prepare_cached(sql!("sqlite", "put_piece")).told("prepare to keep a piece")?;
    put.execute(params![plain(whole), place, bytes]).told("keep a piece").map(drop)
}

pub(super) fn piece(conn: &Connection, whole: &str, place: u32) -> Result<Option<Vec<u8>>, StoreError> {
    first(conn, sql!("sqlite", "piece"), params![whole, place], |row| row.get(0))
}

pub(super) fn remove_pieces(conn: &Connection, whole: &str) -> Result<(), StoreError> {
    let mut remove = conn.prepare_cached(sql!("sqlite", "remove_pieces")).told("prepare to remove pieces")?;
    remove.execute([whole]).told("remove pieces").map(drop)
}

fn exchange_of(row: &Row<'_>) -> Result<Exchange, StoreError> {
    let read = || -> rusqlite::Result<ExchangeColumns> {
        Ok(ExchangeColumns { pair: row.get(0)?, id: row.get(1)?, at: row.get(2)?, due: row.get(3)?, body: row.get(4)? })
    };
    read().told("read an exchange")?.exchange()
}
