//! Step four: what is due becomes `Wake` commands.
//!
//! Decides nothing: the head looks at the clocks. A wake that comes twice, or too early, changes nothing.

use crate::desk::Desk;
use crate::ports::StoreError;
use crate::request::{Handled, Request};
use countersign_engine::command::{Actor, Command, Deed};
use countersign_engine::ids::OrderId;
use countersign_engine::slice::{Key, Record};
use jiff::Timestamp;

/// Orders woken at once: a second's worth of the figure for armed deadlines, in one commit.
pub const WAKES_MAX: u32 = 1_000;

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
