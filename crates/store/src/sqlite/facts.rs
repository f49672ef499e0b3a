//! Facts: counted, listed, summed up.

use super::fault::Told;
use super::lists::ask;
use super::records::{first, head};
use crate::lists::{cell, fact, fact_query, tally_query};
use crate::statement::sql;
use countersign_runtime::ports::{Counts, FactQuery, FactRow, StoreError, TallyQuery};
use rusqlite::{Connection, params};

/// Counts as of one state of the file: a read is one transaction.
pub(super) fn tally(conn: &Connection, query: &TallyQuery) -> Result<Counts, StoreError> {
    let position = head(conn)?.0;
    let cells = ask(conn, sql!("sqlite", "tally"), &tally_query(query), |row| {
        let read =
            || -> rusqlite::Result<_> { Ok(cell([row.get(0)?, row.get(1)?], row.get(2)?, row.get(3)?, row.get(4)?)) };
        read().told("count")
    })?;
    Ok(Counts { position, cells })
}

pub(super) fn list(conn: &Connection, query: &FactQuery) -> Result<Vec<FactRow>, StoreError> {
    let (notable, parameters) = fact_query(query);
    let text = if notable { sql!("sqlite", "list_notable_facts") } else { sql!("sqlite", "list_facts") };
    ask(conn, text, &parameters, |row| {
        let texts = || -> rusqlite::Result<[String; 6]> {
            Ok([row.get(1)?, row.get(2)?, row.get(4)?, row.get(5)?, row.get(6)?, row.get(7)?])
        };
        let numbers =
            || -> rusqlite::Result<[i64; 5]> { Ok([row.get(0)?, row.get(3)?, row.get(8)?, row.get(9)?, row.get(10)?]) };
        fact(texts().told("list facts")?, numbers().told("list facts")?)
    })
}

pub(super) fn roll_up(conn: &Connection, limit: u32) -> Result<u32, StoreError> {
    let last = first(conn, sql!("sqlite", "rollup_cursor"), [], |row| row.get::<_, i64>(0))?.unwrap_or(0);
    let end = first(conn, sql!("sqlite", "rollup_end"), params![last, limit], |row| {
        Ok((row.get::<_, Option<i64>>(0)?, row.get::<_, u32>(1)?))
    })?;
    let Some((Some(end), count)) = end else { return Ok(0) };
    let mut sum = conn.prepare_cached(sql!("sqlite", "roll_up")).told("prepare to sum up")?;
    sum.execute(params![last, end]).told("sum up")?;
    let mut note = conn.prepare_cached(sql!("sqlite", "move_rollup_cursor")).told("prepare to sum up")?;
    note.execute([end]).told("note what is summed up")?;
    Ok(count)
}
