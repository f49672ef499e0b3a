//! What is due is done; if nothing is due, nothing happens. True due times stand in the events, however late it is.

use super::draft::{About, Draft, escalate_after};
use super::{acknowledge, approvals, cancellation, clocks, holds, supply};
use crate::approval::Approval;
use crate::case::{Case, CaseKind, Remedy, Severity};
use crate::command::Role;
use crate::effect::Effect;
use crate::event::Event;
use crate::ids::{CaseId, LineId, OrderId, SourceId};
use crate::order::{Assignment, Clock, ClockKind, ClockState, HoldState, Phase};
use crate::policy::{Breach, Mode};
use crate::reason::Reason;
use crate::routing::{Demand, Plan, plan};
use jiff::Timestamp;

pub(super) fn decide(d: &mut Draft, id: &OrderId) {
    if d.slice.order(id).is_none() {
        return;
    }
    clocks(d, id);
    lapsed_approvals(d, id);
    expired_holds(d, id);
    look_again(d, id);
    let due = due_to_escalate(&d.order(id).cases, d.now);
    escalate(d, due);
}

/// What is due about a source as such: its cases go up the ladder.
pub(super) fn of_source(d: &mut Draft, id: &SourceId) {
    let due = d.slice.desk(id).map(|desk| due_to_escalate(&desk.cases, d.now)).unwrap_or_default();
    escalate(d, due);
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
    // In this mode a person releases each act, also that of giving a silent source up.
    let then = if d.order(id).mode == Mode::Recommend { Breach::Ask } else { clock.then };
    match (clock.kind, then) {
        (ClockKind::CancelAnswer, _) => ask(d, id, po, clock.kind),
        (_, Breach::Remind) => remind(d, id, po, clock),
        (_, Breach::Ask) => ask(d, id, po, clock.kind),
        (kind, Breach::Reroute) => reroute(d, id, po, kind),
    }
}

/// Reminds once and gives the same time again; after that a person is asked.
fn remind(d: &mut Draft, id: &OrderId, po: u32, clock: &Clock) {
    let source = d.po(id, po).source.clone();
    let assignments: Vec<u32> = d.order(id).of_purchase_order(po).map(|a| a.ordinal).collect();
    let Some(again) = clocks::begin(d, id, &source, &assignments, clock.kind, d.now) else { return };
    let again = Clock { then: Breach::Ask, ..again };
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

/// Gives the source up for the lines that somebody else can supply; for the others a person is asked, and the source
/// is waited for.
fn reroute(d: &mut Draft, id: &OrderId, po: u32, kind: ClockKind) {
    let mut mine = if kind == ClockKind::Acknowledgment { decline_rests(d, id, po) } else { vec![] };
    let silent = |a: &&Assignment| match kind {
        ClockKind::ShipNotice => matches!(a.phase, Phase::Acknowledged | Phase::Committed),
        _ => a.phase == Phase::Requested && acknowledge::is_unanswered(d.order(id), a),
    };
    let mut leaving: Vec<(u32, LineId)> =
        d.order(id).of_purchase_order(po).filter(silent).map(|a| (a.ordinal, a.line.clone())).collect();
    mine.extend(leaving.iter().map(|(_, line)| line.clone()));
    let mut without = d.order(id).clone();
    for a in without.assignments.iter_mut().filter(|a| leaving.iter().any(|(n, _)| *n == a.ordinal)) {
        a.phase = Phase::Withdrawing;
    }
    let demands: Vec<Demand> = supply::uncovered(&without).into_iter().filter(|x| mine.contains(&x.line)).collect();
    let mut found = plan(&d.slice, &d.policy, &without, d.now, &demands, kind.breach_reason());
    let stays = |line: &LineId, found: &Plan| found.unsourced.iter().any(|u| u.line == *line);
    let staying: Vec<LineId> =
        leaving.iter().filter(|(_, line)| stays(line, &found)).map(|(_, line)| line.clone()).collect();
    leaving.retain(|(_, line)| !staying.contains(line));
    found.unsourced.retain(|u| !staying.contains(&u.line));
    for (n, line) in &leaving {
        let a = d.assignment(id, *n);
        let (from, quantity) = (a.source.clone(), a.live().less(a.shipped));
        let (order, line) = (id.clone(), line.clone());
        d.record(Event::LineRerouted { order, line, from, quantity, reason: kind.breach_reason() });
    }
    let ordinals: Vec<u32> = leaving.iter().map(|(n, _)| *n).collect();
    supply::withdraw(d, id, &ordinals, kind.breach_reason());
    let awaited = |a: &Assignment| match kind {
        ClockKind::ShipNotice => a.is_running(),
        _ => acknowledge::is_unanswered(d.order(id), a),
    };
    if d.order(id).of_purchase_order(po).any(awaited) {
        ask(d, id, po, kind);
    }
    if !found.parts.is_empty() || !found.unsourced.is_empty() {
        supply::follow(d, id, found, None);
    }
}

/// What a source accepted in part and never answered for the rest counts as declined when its time is over. Gives the
/// lines concerned.
fn decline_rests(d: &mut Draft, id: &OrderId, po: u32) -> Vec<LineId> {
    let partial: Vec<u32> = d
        .order(id)
        .of_purchase_order(po)
        .filter(|a| !a.accepted.is_zero() && acknowledge::is_unanswered(d.order(id), a))
        .map(|a| a.ordinal)
        .collect();
    let mut lines = vec![];
    for n in partial {
        let a = d.assignment(id, n);
        lines.push(a.line.clone());
        let (order, line, from) = (id.clone(), a.line.clone(), a.source.clone());
        let (quantity, reason) = (a.live().less(a.accepted), ClockKind::Acknowledgment.breach_reason());
        acknowledge::decline_unanswered(d, id, n, reason);
        d.record(Event::LineRerouted { order, line, from, quantity, reason });
    }
    lines
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
        holds::give_back(d, id, n, Reason::HoldExpired);
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

fn due_to_escalate(cases: &[Case], now: Timestamp) -> Vec<(CaseId, Role, Severity)> {
    let due = cases.iter().filter(|c| c.is_open() && c.escalate_at.is_some_and(|t| t <= now));
    due.map(|c| (c.id.clone(), c.role, c.severity)).collect()
}

/// Open cases go up the ladder: customer service and the specialists to the vendor manager, one severity worse.
fn escalate(d: &mut Draft, due: Vec<(CaseId, Role, Severity)>) {
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
