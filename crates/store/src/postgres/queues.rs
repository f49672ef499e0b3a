//! The inbox, the outbox and the sequences.
//!
//! A claim keeps other nodes away for a while and nothing rests on it: a paper is rendered once and a try is ended by
//! its id, whoever does it.

use super::calls::{Call, Trouble, trouble, trouble_at_commit};
use super::commit::settle_call;
use super::connections::{Connection, Connections};
use super::records::{all, first};
use crate::rows::{
    ErrandColumns, ExchangeColumns, FORGOTTEN_PER_EXCHANGE, InboxColumns, after_children, broken, give_up, inbox_state,
    instant, plain, readable, settled,
};
use crate::statement::sql;
use countersign_engine::ids::{PoNumber, SourceId};
use countersign_runtime::ports::{
    EXCHANGE_AGE_MAX, Errand, ErrandState, Exchange, InboxEntry, InboxState, NewInbox, Rendered, StoreError,
};
use jiff::Timestamp;
use smol_str::SmolStr;
use std::sync::Arc;
use tokio_postgres::Row;

pub(super) fn receive(connections: &Connections, new: &NewInbox) -> Result<InboxEntry, StoreError> {
    let new = NewInbox { channel: plain(&new.channel).into(), name: plain(&new.name), ..new.clone() };
    let kept = Arc::new(new.clone());
    let (id, state) = connections.run(move |connection| receive_on(connection, Arc::clone(&kept)))?;
    Ok(InboxEntry { id, new, state: inbox_state(&state)?, findings: None })
}

async fn receive_on(connection: Arc<Connection>, new: Arc<NewInbox>) -> Result<(u64, String), Trouble> {
    connection.plain("BEGIN").await.map_err(trouble)?;
    let next = connection.query(&Call::new(sql!("postgres", "next_number")).with("store:inbox")).await;
    // The number's row stays locked, so that of two equal files one sees the other.
    let id: i64 = next.map_err(trouble)?.first().map_or(0, |row| row.get(0));
    let keep = Call::new(sql!("postgres", "receive"))
        .with(new.channel.to_string())
        .with(new.name.clone())
        .with(new.hash.to_vec())
        .with(new.received_at.as_microsecond())
        .with(id)
        .with(new.replays.map(|id| id as i64));
    let bytes = Call::new(sql!("postgres", "receive_bytes")).with(id).with(new.bytes.clone());
    let rows = connection.all(&[keep, bytes]).await.map_err(trouble)?;
    connection.plain("COMMIT").await.map_err(trouble_at_commit)?;
    let state = rows.first().and_then(|rows| rows.first()).map(|row| row.get(0)).unwrap_or_default();
    Ok((id as u64, state))
}

pub(super) fn inbox(
    connections: &Connections,
    state: InboxState,
    after: u64,
    limit: u32,
) -> Result<Vec<InboxEntry>, StoreError> {
    let call = Call::new(sql!("postgres", "inbox")).with(state.word()).with(after as i64).with(i64::from(limit));
    all(&connections.query(call)?, entry)
}

pub(super) fn inbox_entry(connections: &Connections, id: u64) -> Result<Option<InboxEntry>, StoreError> {
    first(connections.query(Call::new(sql!("postgres", "inbox_entry")).with(id as i64))?, entry)
}

pub(super) fn relate(connections: &Connections, inbox: u64, pos: &[PoNumber]) -> Result<(), StoreError> {
    let numbers: Vec<_> = pos.iter().map(ToString::to_string).collect();
    let ids = vec![inbox as i64; numbers.len()];
    connections.write(Call::new(sql!("postgres", "relate")).with(numbers).with(ids)).map(|_| ())
}

pub(super) fn inbox_of(connections: &Connections, po: &PoNumber) -> Result<Vec<InboxEntry>, StoreError> {
    all(&connections.query(Call::new(sql!("postgres", "inbox_of")).with(po.to_string()))?, entry)
}

fn entry(row: &Row) -> Result<InboxEntry, StoreError> {
    let columns = InboxColumns {
        id: row.get(0),
        channel: row.get(1),
        name: row.get(2),
        hash: row.get(3),
        received_at: row.get(4),
        replays: row.get(5),
        state: row.get(6),
        findings: row.get(7),
        bytes: row.get(8),
    };
    columns.entry()
}

pub(super) fn claim(
    connections: &Connections,
    now: Timestamp,
    lease_s: u32,
    limit: u32,
) -> Result<Vec<Errand>, StoreError> {
    let now = now.as_microsecond();
    let until = now + i64::from(lease_s) * 1_000_000;
    let call = Call::new(sql!("postgres", "waiting_errands")).with(now).with(i64::from(limit)).with(until);
    let claimed: Vec<String> = connections.write(call)?.iter().map(|row| row.get(0)).collect();
    if claimed.is_empty() {
        return Ok(Vec::new());
    }
    let rows = connections.query(Call::new(sql!("postgres", "errand")).with(claimed))?;
    let (errands, unreadable) = readable(rows.iter().map(|row| (row.get(0), errand(row))))?;
    give_up(unreadable, |id, state| settle(connections, id, state))?;
    Ok(errands)
}

pub(super) fn next_errand(connections: &Connections) -> Result<Option<Timestamp>, StoreError> {
    first(connections.query(Call::new(sql!("postgres", "next_errand")))?, |row| instant(row.get(0)))
}

pub(super) fn render(connections: &Connections, papers: &[(SmolStr, Rendered)]) -> Result<Vec<Rendered>, StoreError> {
    if papers.is_empty() {
        return Ok(Vec::new());
    }
    connections.write(render_call(papers))?;
    let ids: Vec<String> = papers.iter().map(|(id, _)| id.to_string()).collect();
    let kept = connections.query(Call::new(sql!("postgres", "rendered")).with(ids))?;
    if kept.len() < papers.len() {
        return Err(StoreError::Determinate("there is no errand for one of the papers".into()));
    }
    Ok(kept.iter().map(|row| rendered(row, 0)).collect())
}

/// Keeps papers of errands that have none.
pub(super) fn render_call(papers: &[(SmolStr, Rendered)]) -> Call {
    let column = |of: fn(&Rendered) -> String| papers.iter().map(|(_, paper)| of(paper)).collect::<Vec<String>>();
    Call::new(sql!("postgres", "render"))
        .with(papers.iter().map(|(id, _)| id.to_string()).collect::<Vec<String>>())
        .with(column(|paper| paper.reference.to_string()))
        .with(column(|paper| plain(&paper.name)))
        .with(column(|paper| paper.media_type.to_string()))
        .with(papers.iter().map(|(_, paper)| paper.bytes.clone()).collect::<Vec<Vec<u8>>>())
}

pub(super) fn begin(connections: &Connections, id: &str, note: &str) -> Result<(), StoreError> {
    let begun = connections.write(Call::new(sql!("postgres", "begin_errand")).with(id.to_owned()).with(plain(note)))?;
    if begun.is_empty() { Err(StoreError::Determinate(format!("no errand {id} waits"))) } else { Ok(()) }
}

pub(super) fn settle(connections: &Connections, id: &str, state: &ErrandState) -> Result<(), StoreError> {
    let settled = connections.write(settle_call(&[(id, settled(state))]))?;
    if settled.is_empty() { Err(broken("errand to settle", "there is none")) } else { Ok(()) }
}

pub(super) fn errands_of(connections: &Connections, po: &PoNumber) -> Result<Vec<Errand>, StoreError> {
    let call = Call::new(sql!("postgres", "errands_of")).with(po.to_string()).with(after_children(po));
    all(&connections.query(call)?, errand)
}

pub(super) fn errand_by_reference(
    connections: &Connections,
    source: &SourceId,
    reference: &str,
) -> Result<Option<Errand>, StoreError> {
    let call = Call::new(sql!("postgres", "errand_by_reference"));
    first(connections.query(call.with(source.to_string()).with(reference.to_owned()))?, errand)
}

pub(super) fn next_number(connections: &Connections, sequence: &str) -> Result<u64, StoreError> {
    let next = connections.write(Call::new(sql!("postgres", "next_number")).with(sequence.to_owned()))?;
    let next = first(next, |row| Ok(row.get::<_, i64>(0) as u64))?;
    next.ok_or_else(|| broken(format!("sequence {sequence}"), "it gave no number"))
}

fn rendered(row: &Row, at: usize) -> Rendered {
    let (media_type, reference): (String, String) = (row.get(at + 1), row.get(at + 3));
    Rendered { name: row.get(at), media_type: media_type.into(), bytes: row.get(at + 2), reference: reference.into() }
}

fn errand(row: &Row) -> Result<Errand, StoreError> {
    let columns = ErrandColumns {
        id: row.get(0),
        source: row.get(1),
        order_id: row.get(2),
        po: row.get(3),
        effect: row.get(4),
        due: row.get(5),
        state: row.get(6),
        tries: row.get(7),
        sent_at: row.get(8),
        error: row.get(9),
        paper: row.get::<_, Option<String>>(10).map(|_| rendered(row, 10)),
    };
    columns.errand()
}

pub(super) fn exchange(
    connections: &Connections,
    pair: &str,
    message_id: &str,
) -> Result<Option<Exchange>, StoreError> {
    let call = Call::new(sql!("postgres", "exchange")).with(pair.to_owned()).with(message_id.to_owned());
    first(connections.query(call)?, exchange_of)
}

pub(super) fn put_exchange(connections: &Connections, new: &Exchange, replace: bool) -> Result<bool, StoreError> {
    let oldest = (new.at - EXCHANGE_AGE_MAX).as_microsecond();
    connections.write(Call::new(sql!("postgres", "forget_exchanges")).with(oldest).with(FORGOTTEN_PER_EXCHANGE))?;
    let call = Call::new(sql!("postgres", "put_exchange"))
        .with(plain(&new.pair))
        .with(plain(&new.message_id))
        .with(new.at.as_microsecond())
        .with(new.due.map(Timestamp::as_microsecond))
        .with(plain(&new.body))
        .with(i64::from(replace));
    Ok(!connections.write(call)?.is_empty())
}

pub(super) fn due_exchanges(
    connections: &Connections,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<Exchange>, StoreError> {
    let call = Call::new(sql!("postgres", "due_exchanges")).with(now.as_microsecond()).with(i64::from(limit));
    all(&connections.query(call)?, exchange_of)
}

pub(super) fn put_piece(connections: &Connections, whole: &str, place: u32, bytes: &[u8]) -> Result<(), StoreError> {
    let call = Call::new(sql!("postgres", "put_piece")).with(plain(whole)).with(i64::from(place)).with(bytes.to_vec());
    connections.write(call).map(drop)
}

pub(super) fn piece(connections: &Connections, whole: &str, place: u32) -> Result<Option<Vec<u8>>, StoreError> {
    let call = Call::new(sql!("postgres", "piece")).with(whole.to_owned()).with(i64::from(place));
    first(connections.query(call)?, |row| Ok(row.get(0)))
}

pub(super) fn remove_pieces(connections: &Connections, whole: &str) -> Result<(), StoreError> {
    connections.write(Call::new(sql!("postgres", "remove_pieces")).with(whole.to_owned())).map(drop)
}

fn exchange_of(row: &Row) -> Result<Exchange, StoreError> {
    let columns =
        ExchangeColumns { pair: row.get(0), id: row.get(1), at: row.get(2), due: row.get(3), body: row.get(4) };
    columns.exchange()
}
