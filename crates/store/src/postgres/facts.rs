//! Facts: counted, listed, summed up.

use super::calls::{Call, Trouble, trouble, trouble_at_commit};
use super::connections::{Connection, Connections};
use super::lists::call;
use super::records::all;
use crate::lists::{cell, fact, fact_query, tally_query};
use crate::rows;
use crate::statement::sql;
use countersign_runtime::ports::{Counts, FactQuery, FactRow, StoreError, TallyQuery};
use std::sync::Arc;

/// Counts as of one state of the database.
pub(super) fn tally(connections: &Connections, query: &TallyQuery) -> Result<Counts, StoreError> {
    let calls = Arc::new([Call::new(sql!("postgres", "head")), call(sql!("postgres", "tally"), &tally_query(query))]);
    let answers = connections.run(move |connection| {
        let calls = Arc::clone(&calls);
        async move { connection.snapshot(calls.as_slice()).await.map_err(trouble) }
    })?;
    let head = answers.first().and_then(|rows| rows.first());
    let position = head.ok_or_else(|| rows::broken("head of the journal", "it is missing"))?.get::<_, i64>(0) as u64;
    let counted = answers.get(1).map(Vec::as_slice).unwrap_or_default();
    let cells = all(counted, |row| Ok(cell([row.get(0), row.get(1)], row.get(2), row.get(3), row.get(4))))?;
    Ok(Counts { position, cells })
}

pub(super) fn list(connections: &Connections, query: &FactQuery) -> Result<Vec<FactRow>, StoreError> {
    let (notable, parameters) = fact_query(query);
    let text = if notable { sql!("postgres", "list_notable_facts") } else { sql!("postgres", "list_facts") };
    all(&connections.query(call(text, &parameters))?, |row| {
        let texts = [row.get(1), row.get(2), row.get(4), row.get(5), row.get(6), row.get(7)];
        fact(texts, [row.get(0), row.get(3), row.get(8), row.get(9), row.get(10)])
    })
}

pub(super) fn roll_up(connections: &Connections, limit: u32) -> Result<u32, StoreError> {
    connections.run(move |connection| async move {
        match sum(&connection, limit).await {
            Ok(count) => Ok(count),
            Err(why) => {
                // What failed before the end left a transaction open.
                let _ = connection.plain("ROLLBACK").await;
                Err(why)
            }
        }
    })
}

async fn sum(connection: &Arc<Connection>, limit: u32) -> Result<u32, Trouble> {
    // Nodes sum up one after the other.
    connection.plain("BEGIN; LOCK TABLE rollup_cursor IN EXCLUSIVE MODE").await.map_err(trouble)?;
    let found = connection.query(&Call::new(sql!("postgres", "rollup_cursor"))).await.map_err(trouble)?;
    let last: i64 = found.first().map_or(0, |row| row.get(0));
    let end = Call::new(sql!("postgres", "rollup_end")).with(last).with(i64::from(limit));
    let end = connection.query(&end).await.map_err(trouble)?;
    let (end, count): (Option<i64>, i64) = end.first().map_or((None, 0), |row| (row.get(0), row.get(1)));
    if let Some(end) = end {
        let sum = Call::new(sql!("postgres", "roll_up")).with(last).with(end);
        connection.query(&sum).await.map_err(trouble)?;
        let note = Call::new(sql!("postgres", "move_rollup_cursor")).with(end);
        connection.query(&note).await.map_err(trouble)?;
    }
    connection.plain("COMMIT").await.map_err(trouble_at_commit)?;
    Ok(count as u32)
}
