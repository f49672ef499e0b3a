//! A source answers a cancellation, or cancels of its own accord.

use super::draft::{About, Draft};
use super::{clocks, find_po, holds, supply};
use crate::approval::{Approval, Outcome};
use crate::case::{CaseKind, Remedy};
use crate::document::CancellationAnswer;
use crate::event::Event;
use crate::ids::{ApprovalId, LineId, OrderId};
use crate::measure::Quantity;
use crate::order::{Assignment, ClockKind, ClockState, Phase};
use crate::reason::Reason;
use crate::refusal::Refusal;
use crate::routing::Demand;

pub(super) fn decide(d: &mut Draft, answer: &CancellationAnswer) -> Result<(), Refusal> {
    let (order, po) = find_po(&d.slice, d.by, &answer.po)?;
    let (id, ordinal) = (order.id.clone(), po.ordinal);
    let named = |line: &LineId| answer.lines.is_empty() || answer.lines.iter().any(|l| l.as_str() == line.as_str());
    let mine: Vec<(u32, Phase)> =
        order.of_purchase_order(ordinal).filter(|a| named(&a.line)).map(|a| (a.ordinal, a.phase)).collect();
    let withdrawing: Vec<u32> = mine.iter().filter(|(_, p)| *p == Phase::Withdrawing).map(|(n, _)| *n).collect();
    let accepted = answer.accepted || answer.unasked;
    match (withdrawing.is_empty(), &po.cancellation) {
        (withdraws_none, _) if answer.unasked => {
            if !withdraws_none {
                settle(d, &id, ordinal, &withdrawing, accepted);
            }
            vendor_cancels(d, &id, ordinal, &mine, answer.reason.unwrap_or(Reason::CancelVendor));
        }
        (false, _) => settle(d, &id, ordinal, &withdrawing, accepted),
        (true, Some(asked)) => {
            if asked.accepted.is_none() {
                settle(d, &id, ordinal, &[], accepted);
            }
        }
        (true, None) => nobody_asked(d, &id, ordinal, accepted),
    }
    Ok(())
}

fn nobody_asked(d: &mut Draft, id: &OrderId, po: u32, accepted: bool) {
    let p = d.po(id, po);
    let will = if accepted { "accepted" } else { "refused" };
    let sentence = format!("{} {will} a cancellation of {} that nobody had asked for.", p.source, p.number);
    let options = vec![Remedy::Dismiss];
    let reason = Reason::CancelUnexpectedAnswer;
    d.open_case(id, CaseKind::AnswerMismatch, About::po(po), reason, sentence, options);
}

/// The answer to a cancellation we asked for, by whatever way it came.
pub(super) fn settle(d: &mut Draft, id: &OrderId, po: u32, withdrawing: &[u32], accepted: bool) {
    d.record(Event::CancellationAnswered { order: id.clone(), purchase_order: po, accepted, at: d.now });
    if withdrawing.is_empty() && !accepted {
        // Nothing of it runs any more: what the source ships all the same, a person must know of.
        let p = d.po(id, po);
        let sentence = format!("{} refused to cancel {}: it ships what is not wanted from it.", p.source, p.number);
        let (reason, options) = (Reason::CancelNotWithdrawn, vec![Remedy::Dismiss]);
        d.open_case(id, CaseKind::CannotWithdraw, About::po(po), reason, sentence, options);
    }
    for n in withdrawing {
        let a = d.assignment(id, *n).clone();
        if accepted {
            let (reason, quantity) = (a.ended.unwrap_or(Reason::CancelRerouted), a.live().less(a.shipped));
            d.record(Event::AssignmentWithdrawn { order: id.clone(), assignment: *n, quantity, reason });
            after_withdrawal(d, id, &a.line);
        } else {
            refused(d, id, po, *n);
        }
    }
    clocks::meet_cancel_answer(d, id, po);
    if !d.order(id).of_purchase_order(po).any(|a| a.phase == Phase::Withdrawing) {
        d.settle_cases(id, |c| {
            matches!(c.kind, CaseKind::CancelOverdue | CaseKind::LateAnswer) && c.purchase_order == Some(po)
        });
    }
}

/// The customer is told of a cancellation once no source of the line is left that could still answer. Whoever refused
/// to stop (or had shipped) is kept; the rest is cancelled.
pub(super) fn after_withdrawal(d: &mut Draft, id: &OrderId, line: &LineId) {
    let order = d.order(id);
    let Some(l) = order.line(line) else { return };
    let Some(reason) = l.cancelling else { return };
    let timed_out = |po: Option<u32>| {
        let clock = po.and_then(|n| order.purchase_order(n)).and_then(|p| p.clock(ClockKind::CancelAnswer));
        clock.is_some_and(|c| c.state == ClockState::Breached)
    };
    if order.of_line(line).any(|a| a.phase == Phase::Withdrawing && !timed_out(a.purchase_order)) {
        return;
    }
    let quantity = l.quantity.less(l.cancelled + order.supplied(line));
    let (order, line_id) = (id.clone(), line.clone());
    if quantity.is_zero() {
        let shipped = d.order(id).of_line(line).any(|a| !a.shipped.is_zero());
        let reason = if shipped { Reason::CancelLate } else { Reason::CancelNotWithdrawn };
        d.record(Event::LineCancellationFailed { order, line: line_id, reason });
    } else {
        d.record(Event::LineCancelled { order, line: line_id, quantity, reason });
    }
    let kept: Vec<(u32, Quantity)> =
        d.order(id).of_line(line).filter(|a| !a.supply().is_zero()).map(firm_units).collect();
    for (n, units) in kept {
        supply::commit(d, id, n, units, Reason::AcknowledgmentAccepted);
    }
}

/// The units of an assignment that are certain to come.
fn firm_units(a: &Assignment) -> (u32, Quantity) {
    (a.ordinal, if a.phase.supplies() { a.accepted } else { a.shipped })
}

/// The source ships all the same: it is kept, and whoever was asked instead is stopped if that is still possible.
fn refused(d: &mut Draft, id: &OrderId, po: u32, ordinal: u32) {
    let a = d.assignment(id, ordinal).clone();
    let units = a.live();
    d.record(Event::AssignmentKept { order: id.clone(), assignment: ordinal, accepted: units });
    holds::firm(d, id, ordinal, units.less(a.shipped));
    super::acknowledge::start_ship_clock(d, id, po, ordinal);
    let unwanted = d.order(id).line(&a.line).is_none_or(|l| l.cancelling.is_some() || l.cancelled >= l.quantity);
    if unwanted {
        let sentence = format!("{} refused to cancel {units} of line {}: it ships them.", a.source, a.line);
        d.open_case(
            id,
            CaseKind::CannotWithdraw,
            About::both(&a.line, Some(po)),
            Reason::CancelNotWithdrawn,
            sentence,
            vec![Remedy::Dismiss],
        );
        after_withdrawal(d, id, &a.line);
        return;
    }
    keep_one(d, id, &a.line, ordinal);
    supply::commit(d, id, ordinal, units, Reason::AcknowledgmentAccepted);
    super::acknowledge::settle_line(d, id, &a.line);
}

/// Never two live commitments for one quantity: with `kept` certain to ship, others are stopped, those that are not
/// committed first; where that is impossible a person is told at once.
pub(super) fn keep_one(d: &mut Draft, id: &OrderId, line: &LineId, kept: u32) {
    let order = d.order(id);
    let Some(l) = order.line(line) else { return };
    let wanted = l.quantity.less(l.cancelled);
    let mut excess = order.supplied(line).less(wanted);
    if excess.is_zero() {
        return;
    }
    let refused = |a: &Assignment| {
        let po = a.purchase_order.and_then(|n| order.purchase_order(n));
        po.and_then(|p| p.cancellation.as_ref()).is_some_and(|c| c.accepted == Some(false))
    };
    let mut others: Vec<&Assignment> =
        order.of_line(line).filter(|a| a.ordinal != kept && a.phase.supplies()).collect();
    others.sort_by_key(|a| (a.phase, std::cmp::Reverse(a.ordinal)));
    let mut stop = vec![];
    for a in others {
        let stoppable = a.phase <= Phase::Committed && a.shipped.is_zero() && !refused(a);
        if stoppable && a.supply() <= excess {
            excess -= a.supply();
            stop.push(a.ordinal);
        }
    }
    void_approvals(d, id, line);
    supply::withdraw(d, id, &stop, Reason::CancelRerouted);
    if !excess.is_zero() && !wanted.is_zero() {
        double_supply(d, id, line, None);
    }
}

/// Withdraws what people were asked about a line; what was asked with it about other lines is asked again.
pub(super) fn void_approvals(d: &mut Draft, id: &OrderId, line: &LineId) {
    close_approvals(d, id, line, None);
}

/// The same, where one of them was answered by what is done.
pub(super) fn close_approvals(d: &mut Draft, id: &OrderId, line: &LineId, answered: Option<(&ApprovalId, Outcome)>) {
    let open: Vec<Approval> =
        d.order(id).approvals.iter().filter(|a| a.is_open() && a.concerns(line)).cloned().collect();
    for mut asked in open {
        let (order, approval) = (id.clone(), asked.id.clone());
        let answer = answered.as_ref().filter(|(which, _)| **which == approval).map(|(_, outcome)| outcome.clone());
        let outcome = answer.unwrap_or(Outcome::Void);
        d.record(Event::ApprovalAnswered { order: order.clone(), approval, outcome });
        asked.plan.parts.retain(|p| p.line != *line);
        if !asked.plan.parts.is_empty() {
            let ordinal = u32::try_from(d.order(id).approvals.len()).unwrap_or(u32::MAX) + 1;
            asked.id = ApprovalId::of(id, ordinal);
            d.record(Event::ApprovalAsked { order, approval: asked });
        }
    }
}

/// Two sources supply one quantity: the case names both and their tracking numbers. `unwanted` is what came from a
/// source that no longer supplies the line.
pub(super) fn double_supply(d: &mut Draft, id: &OrderId, line: &LineId, unwanted: Option<String>) {
    let order = d.order(id);
    let tracking = |n: u32| {
        let all =
            order.shipments.iter().filter(|s| s.units.iter().any(|(a, _)| *a == n)).flat_map(|s| s.tracking.iter());
        all.map(|t| format!(" {t}")).collect::<String>()
    };
    let live = order.of_line(line).filter(|a| !a.supply().is_zero());
    let mut named: Vec<String> =
        live.map(|a| format!("{} {} {}{}", a.source, word(a), a.supply(), tracking(a.ordinal))).collect();
    named.extend(unwanted);
    let sentence = format!("Line {line} is supplied more than once: {}.", named.join("; "));
    d.open_case(id, CaseKind::DoubleSupply, About::line(line), Reason::DoubleSupply, sentence, vec![Remedy::Dismiss]);
}

fn word(a: &Assignment) -> &'static str {
    match a.phase {
        _ if !a.shipped.is_zero() => "shipped",
        Phase::Committed => "committed",
        Phase::Acknowledged => "accepted",
        _ => "was asked for",
    }
}

/// A source takes back its acceptance, or refuses late.
/// What a source gives as its reason, as far as it says more than that it cancels: `: out of stock`.
fn why(given: Reason) -> String {
    let more = given.sentence().split_once(": ").filter(|_| given != Reason::CancelVendor);
    more.map(|(_, why)| format!(": {}", why.trim_end_matches('.'))).unwrap_or_default()
}

/// What had been accepted is taken back, not rejected, whatever reason the source gives; the reason stands in the case.
fn vendor_cancels(d: &mut Draft, id: &OrderId, po: u32, mine: &[(u32, Phase)], given: Reason) {
    let mut demands: Vec<Demand> = vec![];
    for (n, phase) in mine {
        let a = d.assignment(id, *n).clone();
        let reason = if *phase == Phase::Requested { given } else { Reason::CancelVendor };
        match phase {
            Phase::Requested | Phase::Acknowledged | Phase::Committed => {
                supply::uncommit(d, id, *n, reason);
                holds::give_back(d, id, *n, reason);
                let (order, from, quantity) = (id.clone(), a.source.clone(), a.live().less(a.shipped));
                d.record(Event::AssignmentWithdrawn { order: order.clone(), assignment: *n, quantity, reason });
                d.record(Event::LineRerouted { order, line: a.line.clone(), from, quantity, reason });
                if *phase != Phase::Requested {
                    let sentence = format!(
                        "{} cancelled {quantity} of line {} after it had accepted{}.",
                        a.source,
                        a.line,
                        why(given)
                    );
                    d.open_case(
                        id,
                        CaseKind::VendorCancelled,
                        About::both(&a.line, Some(po)),
                        reason,
                        sentence,
                        vec![Remedy::Dismiss, Remedy::PlanAgain, Remedy::CancelRest],
                    );
                }
                let order = d.order(id);
                let quantity = order.line(&a.line).map_or(Quantity::ZERO, |l| order.uncovered(l));
                if !quantity.is_zero() && !demands.iter().any(|x| x.line == a.line) {
                    demands.push(Demand { line: a.line.clone(), quantity, only: None, again: false });
                }
            }
            Phase::Shipped | Phase::Delivered => {
                let sentence = format!("{} cancelled line {}, which it had shipped.", a.source, a.line);
                d.open_case(
                    id,
                    CaseKind::AnswerMismatch,
                    About::both(&a.line, Some(po)),
                    Reason::CancelUnexpectedAnswer,
                    sentence,
                    vec![Remedy::Dismiss],
                );
            }
            _ => {}
        }
    }
    supply::settle_waiting_cases(d, id, po);
    clocks::stop_if_over(d, id, po);
    supply::pursue(d, id, &demands, Reason::RouteNextBest);
}
