//! The clocks of a purchase order: started, met, stopped. What happens at a breach stands in `wake.rs`.

use super::draft::Draft;
use crate::event::Event;
use crate::ids::{OrderId, SourceId};
use crate::order::{Assignment, Clock, ClockKind, ClockState, Phase};
use crate::policy::table::{Fired, Matter};
use crate::policy::{ClockTime, Limit, Policy};
use crate::source::Source;
use jiff::{SignedDuration, Timestamp};

/// A clock for an answer of a source, if the policy sets one.
pub(super) fn begin(
    d: &Draft,
    id: &OrderId,
    source: &SourceId,
    assignments: &[u32],
    kind: ClockKind,
    from: Timestamp,
) -> Option<Clock> {
    begin_ruled(d, id, source, assignments, kind, from).map(|(clock, _)| clock)
}

/// As [`begin`], with the row of a table that set the limit.
pub(super) fn begin_ruled(
    d: &Draft,
    id: &OrderId,
    source: &SourceId,
    assignments: &[u32],
    kind: ClockKind,
    from: Timestamp,
) -> Option<(Clock, Option<Fired>)> {
    let order = d.order(id);
    let (a, line) = assignments.iter().find_map(|n| {
        let a = order.assignment(*n)?;
        Some((a, order.line(&a.line)?))
    })?;
    let matter = Matter {
        now: Some(d.now),
        vendor: Some(source),
        kind: d.slice.source(source).map(|s| s.kind),
        cost: Some(a.cost),
        attempt: Some(a.attempt),
        ..order.matter(line, a.quantity)
    };
    // A quantity without a clock would wait for ever: where the policy says nothing, the delivered one rules.
    let (limit, fired) = d.policy.limit(kind, &matter).or_else(|| match kind {
        ClockKind::Receipt => None,
        _ => Policy::as_delivered().limit(kind, &matter),
    })?;
    Some((clock(kind, from, limit, d.slice.source(source)), fired))
}

/// A clock that begins at `from`.
fn clock(kind: ClockKind, from: Timestamp, limit: Limit, source: Option<&Source>) -> Clock {
    let after = |seconds: u32| match (limit.time, source) {
        (ClockTime::Business, Some(s)) => s.calendar.business_minutes_after(from, seconds.div_ceil(60), &s.time_zone),
        _ => later(from, SignedDuration::from_secs(i64::from(seconds))),
    };
    let warn = u64::from(limit.within_s) * u64::from(limit.warn_percent) / 100;
    let warn_at = (limit.warn_percent > 0).then(|| after(u32::try_from(warn).unwrap_or(limit.within_s)));
    Clock { kind, started: from, warn_at, due: after(limit.within_s), then: limit.then, state: ClockState::Running }
}

/// `from` and so much more, at most the end of time: a vendor's "never" is a date of the year 9999.
fn later(from: Timestamp, by: SignedDuration) -> Timestamp {
    from.checked_add(by).unwrap_or(Timestamp::MAX)
}

/// Starts a clock of a purchase order anew.
pub(super) fn restart(d: &mut Draft, id: &OrderId, po: u32, kind: ClockKind, then: Option<crate::policy::Breach>) {
    let source = d.po(id, po).source.clone();
    let assignments: Vec<u32> = d.order(id).of_purchase_order(po).map(|a| a.ordinal).collect();
    let Some(mut clock) = begin(d, id, &source, &assignments, kind, d.now) else { return };
    clock.then = then.unwrap_or(clock.then);
    d.record(Event::SlaStarted { order: id.clone(), purchase_order: po, clock });
}

/// Stops the running clocks of a purchase order if nothing else on it is still expected.
pub(super) fn stop_without(d: &mut Draft, id: &OrderId, po: u32, leaving: &[u32]) {
    if !d.order(id).of_purchase_order(po).any(|a| !leaving.contains(&a.ordinal) && a.is_running()) {
        stop(d, id, po);
    }
}

/// Nothing more is expected of a purchase order whose assignments have all ended.
pub(super) fn stop_if_over(d: &mut Draft, id: &OrderId, po: u32) {
    if d.order(id).of_purchase_order(po).all(|a| a.phase.is_ended() || a.phase == Phase::Shipped) {
        stop(d, id, po);
    }
}

/// Stops what runs, except the wait for the answer to a cancellation: only an answer ends that.
fn stop(d: &mut Draft, id: &OrderId, po: u32) {
    let runs = |c: &&Clock| c.state == ClockState::Running && c.kind != ClockKind::CancelAnswer;
    let running: Vec<ClockKind> = d.po(id, po).clocks.iter().filter(runs).map(|c| c.kind).collect();
    for clock in running {
        d.record(Event::SlaStopped { order: id.clone(), purchase_order: po, clock });
    }
}

/// The source's answer to a cancellation is there once nothing on the purchase order is being withdrawn any more.
pub(super) fn meet_cancel_answer(d: &mut Draft, id: &OrderId, po: u32) {
    if !d.order(id).of_purchase_order(po).any(|a: &Assignment| a.phase == Phase::Withdrawing) {
        meet(d, id, po, ClockKind::CancelAnswer);
    }
}

/// Marks a clock met if it still runs; an answer after a breach changes nothing about the breach.
pub(super) fn meet(d: &mut Draft, id: &OrderId, po: u32, kind: ClockKind) {
    let p = d.po(id, po);
    let Some(clock) = p.clock(kind).filter(|c| c.state == ClockState::Running) else { return };
    let (source, due) = (p.source.clone(), clock.due);
    if d.now <= due {
        d.record(Event::SlaMet { order: id.clone(), purchase_order: po, source, clock: kind, at: d.now });
    } else {
        d.record(Event::SlaBreached { order: id.clone(), purchase_order: po, source, clock: kind, due });
    }
}
