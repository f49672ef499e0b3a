//! Step four: what is due becomes `Wake` commands.
//!
//! Decides nothing: the head looks at the clocks. A wake that comes twice, or too early, changes nothing.

use crate::desk::Desk;
use crate::ports::{List, StoreError};
use crate::request::{Handled, Request};
use countersign_engine::command::{Actor, Command, Deed};
use countersign_engine::ids::{OrderId, SourceId};
use countersign_engine::slice::{Key, Record};
use jiff::Timestamp;

/// Orders woken at once: a second's worth of the figure for armed deadlines, in one commit.
pub const WAKES_MAX: u32 = 1_000;

/// Sources read at once.
const SOURCES_AT_ONCE: u32 = 1_000;

/// The command that wakes an order.
pub fn wake_of(order: OrderId) -> Command {
    Command { by: Actor::Engine, deed: Deed::Wake { order } }
}

/// The command that puts a policy in force whose time has come, if there is one.
fn policy_due(desk: &Desk, now: Timestamp) -> Result<Option<Request>, StoreError> {
    let book = desk.read(&[Key::PolicyBook])?.pop().flatten();
    let Some(Record::PolicyBook(book)) = book else { return Ok(None) };
    let due = book.wake_at().is_some_and(|at| at <= now);
    Ok(due.then(|| Request::caused(Command { by: Actor::Engine, deed: Deed::WakePolicies }, "clock")))
}

/// Requests that wake what is due: a policy that takes over first, then orders, earliest first, at most `limit`. Parked
/// orders are left out.
///
/// # Errors
/// The store could not be read.
pub fn due(desk: &Desk, now: Timestamp, limit: u32) -> Result<Vec<Request>, StoreError> {
    let parked = desk.parked();
    let asked = limit.saturating_add(u32::try_from(parked.len()).unwrap_or(u32::MAX));
    let due = desk.store().due(now, asked)?.into_iter().map(|(order, _)| order);
    let awake = due.filter(|order| !parked.contains_key(order)).take(limit as usize);
    let orders = awake.map(|order| Request::caused(wake_of(order), "clock"));
    Ok(policy_due(desk, now)?.into_iter().chain(orders).collect())
}

/// Requests that wake sources of which a case is due to go up the ladder. Reads every source's cases, so once a minute is
/// often enough.
///
/// # Errors
/// The store could not be read.
pub fn sources_due(desk: &Desk, now: Timestamp) -> Result<Vec<Request>, StoreError> {
    let (mut due, mut after) = (vec![], None::<String>);
    loop {
        let page = desk.store().list(&List::Sources, after.as_deref(), SOURCES_AT_ONCE)?;
        let ids: Vec<SourceId> = page
            .into_iter()
            .filter_map(|row| if let Record::Source(source) = row.record { Some(source.id.clone()) } else { None })
            .collect();
        let Some(last) = ids.last() else { return Ok(due) };
        after = Some(last.to_string());
        let keys: Vec<Key> = ids.iter().cloned().map(Key::Desk).collect();
        for (source, record) in ids.into_iter().zip(desk.read(&keys)?) {
            let Some(Record::Desk(cases)) = record else { continue };
            if cases.cases.iter().any(|c| c.is_open() && c.escalate_at.is_some_and(|at| at <= now)) {
                let command = Command { by: Actor::Engine, deed: Deed::WakeSource { source } };
                due.push(Request::caused(command, "clock"));
            }
        }
    }
}

/// Wakes what is due in one commit; how many wakes that were.
///
/// # Errors
/// The store could not be read. What could not be written stays due.
pub fn wake(desk: &Desk, now: Timestamp, limit: u32) -> Result<usize, StoreError> {
    let requests = due(desk, now, limit)?;
    if requests.is_empty() {
        return Ok(0);
    }
    let answers = desk.handle(now, requests);
    let failed = answers.iter().flatten().find_map(Handled::failure);
    match failed {
        Some(failure) => Err(StoreError::Determinate(failure.to_string())),
        None => Ok(answers.len()),
    }
}
