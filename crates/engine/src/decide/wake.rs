//! What is due is done; if nothing is due, nothing happens. True due times stand in the events, however late it is.

use super::draft::{About, Draft, escalate_after};
use super::{approvals, cancellation, supply};
use crate::approval::Approval;
use crate::case::{CaseKind, Remedy, Severity};
use crate::command::Role;
use crate::effect::Effect;
use crate::event::Event;
use crate::ids::{CaseId, LineId, OrderId};
use crate::order::{Clock, ClockKind, ClockState, HoldState, Phase};
use crate::policy::{Breach, ClockRule, Limit};
use crate::reason::Reason;
use crate::routing::{Demand, plan};
use jiff::Timestamp;

pub(super) fn decide(d: &mut Draft, id: &OrderId) {
    if d.slice.order(id).is_none() {
        return;
    }
    clocks(d, id);
    lapsed_approvals(d, id);
    expired_holds(d, id);
    look_again(d, id);
    escalate(d, id);
}

fn clocks(d: &mut Draft, id: &OrderId) {
    let mut due: Vec<(Timestamp, u32, Clock)> = vec![];
    for po in &d.order(id).purchase_orders {
        due.extend(
            po.clocks.iter().filter(|c| c.wakes_at().is_some_and(|t| t <= d.now)).map(|c| (c.due, po.ordinal, *c)),
        );
    }
    due.sort_by_key(|(at, po, clock)| (*at, *po, clock.kind));
    for (_, po, clock) in due {
        let still =
            d.po(id, po).clock(clock.kind).is_some_and(|c| c.state == ClockState::Running && c.due == clock.due);
        if !still {
            continue;
        }
        let source = d.po(id, po).source.clone();
        if clock.due > d.now {
            d.record(Event::SlaWarned {
                order: id.clone(),
                purchase_order: po,
                source,
                clock: clock.kind,
                due: clock.due,
            });
        } else {
            d.record(Event::SlaBreached {
                order: id.clone(),
                purchase_order: po,
                source,
                clock: clock.kind,
                due: clock.due,
            });
            breached(d, id, po, &clock);
        }
    }
}

fn breached(d: &mut Draft, id: &OrderId, po: u32, clock: &Clock) {
    match (clock.kind, clock.then) {
        (ClockKind::CancelAnswer, _) => ask(d, id, po, clock.kind),
        (_, Breach::Remind) if d.po(id, po).reminders == 0 => remind(d, id, po, clock),
        (_, Breach::Remind | Breach::Ask) => ask(d, id, po, clock.kind),
        (kind, Breach::Reroute) => reroute(d, id, po, kind),
    }
}

/// The limit that a policy sets for a kind of clock.
pub(super) fn limit_of(kind: ClockKind) -> fn(&ClockRule) -> Option<Limit> {
    match kind {
        ClockKind::Receipt => |r| r.receipt,
        ClockKind::Acknowledgment => |r| r.acknowledgment,
        ClockKind::ShipNotice => |r| r.ship_notice,
        ClockKind::CancelAnswer => |r| r.cancel_answer,
    }
}

/// Reminds once and gives the same time again.
fn remind(d: &mut Draft, id: &OrderId, po: u32, clock: &Clock) {
    let again = Clock {
        started: d.now,
        warn_at: None,
        due: d.now + clock.due.duration_since(clock.started),
        state: ClockState::Running,
        ..*clock
    };
    let source = d.po(id, po).source.clone();
    d.record(Event::PurchaseOrderReminded { order: id.clone(), purchase_order: po, clock: again });
    let time = d.po(id, po).reminders;
    d.send(Effect::SendReminder { order: id.clone(), purchase_order: po, source, time });
}

fn ask(d: &mut Draft, id: &OrderId, po: u32, kind: ClockKind) {
    let p = d.po(id, po);
    let (number, source) = (p.number.clone(), p.source.clone());
    let (case, sentence, options) = match kind {
        ClockKind::Receipt => (
            CaseKind::ReceiptOverdue,
            format!("{source} has not confirmed that it has {number}."),
            vec![Remedy::SendAgain, Remedy::SourceHasIt, Remedy::WaitLonger, Remedy::PlanAgain],
        ),
        ClockKind::Acknowledgment => (
            CaseKind::AnswerOverdue,
            format!("{source} has not answered {number}."),
            vec![Remedy::WaitLonger, Remedy::PlanAgain, Remedy::CancelRest],
        ),
        ClockKind::ShipNotice => (
            CaseKind::ShipmentOverdue,
            format!("{source} accepted {number} and has not shipped."),
            vec![Remedy::WaitLonger, Remedy::PlanAgain, Remedy::CancelRest],
        ),
        ClockKind::CancelAnswer => (
            CaseKind::CancelOverdue,
            format!("{source} has not said whether it stops {number}."),
            vec![Remedy::SourceWillNotShip, Remedy::KeepSource, Remedy::WaitLonger],
        ),
    };
    d.open_case(id, case, About::po(po), kind.breach_reason(), sentence, options);
    if kind == ClockKind::CancelAnswer {
        let lines: Vec<LineId> = d.order(id).of_purchase_order(po).map(|a| a.line.clone()).collect();
        for line in lines {
            cancellation::after_withdrawal(d, id, &line);
        }
    }
}

/// Gives the source up for what it has not answered, if somebody else can supply; else asks a person and waits on.
fn reroute(d: &mut Draft, id: &OrderId, po: u32, kind: ClockKind) {
    let silent = |p: Phase| match kind {
        ClockKind::ShipNotice => matches!(p, Phase::Acknowledged | Phase::Committed),
        _ => p == Phase::Requested,
    };
    close_partial(d, id, po, kind);
    let leaving: Vec<u32> = d
        .order(id)
        .of_purchase_order(po)
        .filter(|a| silent(a.phase) && a.shipped.is_zero())
        .map(|a| a.ordinal)
        .collect();
    let mut without = d.order(id).clone();
    for a in without.assignments.iter_mut().filter(|a| leaving.contains(&a.ordinal)) {
        a.phase = Phase::Withdrawing;
    }
    let demands: Vec<Demand> = supply::uncovered(&without);
    let found = plan(&d.slice, &d.policy, &without, d.now, &demands, kind.breach_reason());
    if found.parts.is_empty() {
        ask(d, id, po, kind);
        return;
    }
    for n in &leaving {
        let a = d.assignment(id, *n);
        let (line, from, quantity) = (a.line.clone(), a.source.clone(), a.live());
        d.record(Event::LineRerouted { order: id.clone(), line, from, quantity, reason: kind.breach_reason() });
    }
    supply::withdraw(d, id, &leaving, kind.breach_reason());
    supply::follow(d, id, found, None);
}

/// What a source accepted in part and never answered for the rest counts as declined when its time is over.
fn close_partial(d: &mut Draft, id: &OrderId, po: u32, kind: ClockKind) {
    if kind != ClockKind::Acknowledgment {
        return;
    }
    let partial: Vec<u32> = d
        .order(id)
        .of_purchase_order(po)
        .filter(|a| matches!(a.phase, Phase::Acknowledged | Phase::Committed) && a.accepted < a.live())
        .map(|a| a.ordinal)
        .collect();
    for n in partial {
        let a = d.assignment(id, n).clone();
        d.record(Event::AcknowledgmentReceived {
            order: id.clone(),
            purchase_order: po,
            assignment: n,
            accepted: a.accepted,
            declined: a.quantity.less(a.withdrawn + a.accepted),
            ship_by: a.ship_by,
            deliver_by: a.deliver_by,
            at: d.now,
            reason: Some(kind.breach_reason()),
            vendor_order: None,
        });
        supply::firm(d, id, n, a.accepted, crate::stock::minute(d.now));
    }
}

fn lapsed_approvals(d: &mut Draft, id: &OrderId) {
    let due: Vec<Approval> = d.order(id).approvals.iter().filter(|a| a.is_open() && a.due <= d.now).cloned().collect();
    for asked in due {
        approvals::lapse(d, id, &asked);
    }
}

fn expired_holds(d: &mut Draft, id: &OrderId) {
    let expired = |a: &&crate::order::Assignment| {
        a.phase == Phase::Held
            && matches!(a.hold.map(|h| h.state), Some(HoldState::Soft { expires }) if expires <= d.now)
    };
    let due: Vec<(u32, LineId)> =
        d.order(id).assignments.iter().filter(expired).map(|a| (a.ordinal, a.line.clone())).collect();
    for (n, line) in due {
        supply::give_back(d, id, n, Reason::HoldExpired);
        cancellation::void_approvals(d, id, &line);
        if d.order(id).on_hold.is_none() {
            let quantity = d.order(id).line(&line).map(|l| d.order(id).uncovered(l)).unwrap_or_default();
            if !quantity.is_zero() {
                supply::pursue(d, id, &[Demand { line, quantity, only: None, again: false }], Reason::HoldExpired);
            }
        }
    }
}

fn look_again(d: &mut Draft, id: &OrderId) {
    let due: Vec<LineId> =
        d.order(id).lines.iter().filter(|l| l.look_again.is_some_and(|t| t <= d.now)).map(|l| l.id.clone()).collect();
    for line in due {
        d.record(Event::LineResumed { order: id.clone(), line: line.clone() });
        let order = d.order(id);
        let quantity = order.line(&line).map(|l| order.uncovered(l)).unwrap_or_default();
        if !quantity.is_zero() {
            supply::pursue(d, id, &[Demand { line, quantity, only: None, again: true }], Reason::RouteBackorder);
        }
    }
}

/// Open cases go up the ladder: customer service and the specialists to the vendor manager, one severity worse.
fn escalate(d: &mut Draft, id: &OrderId) {
    let due: Vec<(CaseId, Role, Severity)> = d
        .order(id)
        .cases
        .iter()
        .filter(|c| c.is_open() && c.escalate_at.is_some_and(|t| t <= d.now))
        .map(|c| (c.id.clone(), c.role, c.severity))
        .collect();
    for (case, role, severity) in due {
        let worse = match severity {
            Severity::Low => Severity::Medium,
            Severity::Medium => Severity::High,
            Severity::High | Severity::Critical => Severity::Critical,
        };
        let role = if role == Role::CustomerService { Role::VendorManager } else { role };
        let next = (severity != Severity::Critical).then(|| d.now + escalate_after(worse));
        d.record(Event::CaseEscalated { case, role, severity: worse, next });
    }
}
