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

/// Words put in order at once: some ten milliseconds of the write connection.
const WORDS_AT_ONCE: u32 = 4_000;

/// Sums up facts and puts them in order, and words as well.
pub(super) fn roll_up(conn: &Connection, limit: u32) -> Result<u32, StoreError> {
    let worded = order_words(conn)?;
    let last = first(conn, sql!("sqlite", "rollup_cursor"), [], |row| row.get::<_, i64>(0))?.unwrap_or(0);
    let Some((end, count)) = found(conn, sql!("sqlite", "rollup_end"), params![last, limit])? else {
        return Ok(worded);
    };
    run(conn, sql!("sqlite", "roll_up"), params![last, end], "sum up")?;
    run(conn, sql!("sqlite", "late_facts"), params![last, end], "put facts in order")?;
    run(conn, sql!("sqlite", "move_rollup_cursor"), [end], "note what is summed up")?;
    Ok(worded.max(count))
}

fn order_words(conn: &Connection) -> Result<u32, StoreError> {
    let Some((end, count)) = found(conn, sql!("sqlite", "late_words_end"), [WORDS_AT_ONCE])? else { return Ok(0) };
    run(conn, sql!("sqlite", "late_words"), [end], "put words in order")?;
    run(conn, sql!("sqlite", "late_words_done"), [end], "put words in order")?;
    Ok(count)
}

/// The last of what is to be done now, and how much that is; `None` if there is nothing.
fn found(conn: &Connection, text: &str, limits: impl rusqlite::Params) -> Result<Option<(i64, u32)>, StoreError> {
    let end = first(conn, text, limits, |row| Ok((row.get::<_, Option<i64>>(0)?, row.get::<_, u32>(1)?)))?;
    Ok(end.and_then(|(end, count)| Some((end?, count))))
}

fn run(conn: &Connection, text: &str, limits: impl rusqlite::Params, what: &str) -> Result<(), StoreError> {
    conn.prepare_cached(text).and_then(|mut statement| statement.execute(limits)).told(what).map(|_| ())
}
