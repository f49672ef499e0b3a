//! A source answers a cancellation, or cancels of its own accord.

use super::draft::{About, Draft};
use super::{find_po, supply};
use crate::case::{CaseKind, Remedy};
use crate::document::CancellationAnswer;
use crate::event::Event;
use crate::ids::{LineId, OrderId};
use crate::measure::Quantity;
use crate::order::{ClockKind, ClockState, Phase};
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
    if withdrawing.is_empty() {
        if answer.accepted || answer.unasked {
            vendor_cancels(d, &id, ordinal, &mine, answer.reason.unwrap_or(Reason::CancelVendor));
        }
        return Ok(());
    }
    settle(d, &id, ordinal, &withdrawing, answer.accepted || answer.unasked);
    Ok(())
}

/// The answer to a cancellation we asked for, by whatever way it came.
pub(super) fn settle(d: &mut Draft, id: &OrderId, po: u32, withdrawing: &[u32], accepted: bool) {
    d.record(Event::CancellationAnswered { order: id.clone(), purchase_order: po, accepted, at: d.now });
    supply::meet(d, id, po, ClockKind::CancelAnswer);
    d.settle_cases(id, |c| {
        matches!(c.kind, CaseKind::CancelOverdue | CaseKind::LateAnswer) && c.purchase_order == Some(po)
    });
    for n in withdrawing {
        let a = d.assignment(id, *n).clone();
        if accepted {
            let reason = a.ended.unwrap_or(Reason::CancelRerouted);
            d.record(Event::AssignmentWithdrawn { order: id.clone(), assignment: *n, quantity: a.live(), reason });
            after_withdrawal(d, id, &a.line);
        } else {
            refused(d, id, po, *n);
        }
    }
}

/// The customer is told of a cancellation once no source of the line is left that could still ship.
pub(super) fn after_withdrawal(d: &mut Draft, id: &OrderId, line: &LineId) {
    let order = d.order(id);
    let Some(l) = order.line(line) else { return };
    let Some(reason) = l.cancelling else { return };
    let timed_out = |po: Option<u32>| {
        let clock = po.and_then(|n| order.purchase_order(n)).and_then(|p| p.clock(ClockKind::CancelAnswer));
        clock.is_some_and(|c| c.state == ClockState::Breached)
    };
    let open = order.of_line(line).any(|a| match a.phase {
        Phase::Planned | Phase::Held | Phase::Requested | Phase::Acknowledged | Phase::Committed => true,
        Phase::Withdrawing => !timed_out(a.purchase_order),
        Phase::Shipped | Phase::Delivered | Phase::Withdrawn | Phase::Released => false,
    });
    if open {
        return;
    }
    let shipped: Quantity = order.of_line(line).map(|a| a.shipped).sum();
    let quantity = l.quantity.less(l.cancelled + shipped);
    if quantity.is_zero() {
        d.record(Event::LineCancellationFailed { order: id.clone(), line: line.clone(), reason: Reason::CancelLate });
    } else {
        d.record(Event::LineCancelled { order: id.clone(), line: line.clone(), quantity, reason });
    }
}

/// The source ships all the same: it is kept, and whoever was asked instead is stopped if that is still possible.
fn refused(d: &mut Draft, id: &OrderId, po: u32, ordinal: u32) {
    let a = d.assignment(id, ordinal).clone();
    d.record(Event::AssignmentKept { order: id.clone(), assignment: ordinal, accepted: a.live() });
    let line = d.order(id).line(&a.line).expect("because assignments name lines of their order").clone();
    let sentence = format!("{} refused to cancel {} of line {}: it ships them.", a.source, a.live(), a.line);
    if line.cancelling.is_some() {
        d.record(Event::LineCancellationFailed {
            order: id.clone(),
            line: line.id.clone(),
            reason: Reason::CancelNotWithdrawn,
        });
    }
    super::acknowledge::start_ship_clock(d, id, po, ordinal);
    if line.cancelling.is_some() || line.cancelled >= line.quantity {
        d.open_case(
            id,
            CaseKind::CannotWithdraw,
            About::both(&a.line, Some(po)),
            Reason::CancelNotWithdrawn,
            sentence,
            vec![Remedy::KeepSource, Remedy::SourceWillNotShip],
        );
    }
    keep_one(d, id, &a.line, ordinal);
    supply::commit(d, id, ordinal, a.live(), Reason::AcknowledgmentAccepted);
}

/// Never two live commitments for one quantity: with `kept` certain to ship, others that are not committed are
/// stopped; where that is impossible a person is told at once.
pub(super) fn keep_one(d: &mut Draft, id: &OrderId, line: &LineId, kept: u32) {
    let order = d.order(id);
    let Some(l) = order.line(line) else { return };
    let mut excess = order.supplied(line).less(l.quantity.less(l.cancelled));
    let mut others: Vec<_> = order.of_line(line).filter(|a| a.ordinal != kept && a.phase.supplies()).cloned().collect();
    others.sort_by_key(|a| (a.phase, std::cmp::Reverse(a.ordinal)));
    let mut stop = vec![];
    for a in others {
        let stoppable = matches!(a.phase, Phase::Planned | Phase::Held | Phase::Requested | Phase::Acknowledged)
            && a.committed.is_zero();
        if stoppable && !excess.is_zero() && a.supply() <= excess {
            excess -= a.supply();
            stop.push(a.ordinal);
        }
    }
    void_approvals(d, id, line);
    supply::withdraw(d, id, &stop, Reason::CancelRerouted);
    if !excess.is_zero() {
        double_supply(d, id, line);
    }
}

pub(super) fn void_approvals(d: &mut Draft, id: &OrderId, line: &LineId) {
    let open: Vec<_> =
        d.order(id).approvals.iter().filter(|a| a.is_open() && a.concerns(line)).map(|a| a.id.clone()).collect();
    for approval in open {
        d.record(Event::ApprovalAnswered { order: id.clone(), approval, outcome: crate::approval::Outcome::Void });
    }
}

/// Two sources supply one quantity: the case names both and their tracking numbers.
pub(super) fn double_supply(d: &mut Draft, id: &OrderId, line: &LineId) {
    let order = d.order(id);
    let tracking = |n: u32| {
        let all =
            order.shipments.iter().filter(|s| s.units.iter().any(|(a, _)| *a == n)).flat_map(|s| s.tracking.iter());
        all.map(ToString::to_string).collect::<Vec<_>>().join(" ")
    };
    let live = order.of_line(line).filter(|a| a.phase.supplies());
    let named: Vec<String> = live
        .map(|a| format!("{} ({}, {} units) {}", a.source, word(a.phase), a.supply(), tracking(a.ordinal)))
        .collect();
    let sentence = format!("Line {line} is supplied more than once: {}.", named.join("; ").trim());
    d.open_case(id, CaseKind::DoubleSupply, About::line(line), Reason::DoubleSupply, sentence, vec![Remedy::Dismiss]);
}

fn word(phase: Phase) -> &'static str {
    match phase {
        Phase::Shipped | Phase::Delivered => "shipped",
        Phase::Committed => "committed",
        _ => "accepted",
    }
}

/// A source takes back its acceptance, or refuses late.
fn vendor_cancels(d: &mut Draft, id: &OrderId, po: u32, mine: &[(u32, Phase)], reason: Reason) {
    let mut demands: Vec<Demand> = vec![];
    for (n, phase) in mine {
        let a = d.assignment(id, *n).clone();
        match phase {
            Phase::Requested | Phase::Acknowledged | Phase::Committed => {
                supply::uncommit(d, id, *n, reason);
                supply::give_back(d, id, *n, reason);
                d.record(Event::AssignmentWithdrawn { order: id.clone(), assignment: *n, quantity: a.live(), reason });
                d.record(Event::LineRerouted {
                    order: id.clone(),
                    line: a.line.clone(),
                    from: a.source.clone(),
                    quantity: a.live(),
                    reason,
                });
                if *phase != Phase::Requested {
                    let sentence =
                        format!("{} cancelled {} of line {} after it had accepted.", a.source, a.live(), a.line);
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
    stop_if_over(d, id, po);
    supply::pursue(d, id, &demands, Reason::RouteNextBest);
}

/// Nothing more is expected of a purchase order whose assignments have all ended.
pub(super) fn stop_if_over(d: &mut Draft, id: &OrderId, po: u32) {
    let over = d.order(id).of_purchase_order(po).all(|a| a.phase.is_ended() || a.phase == Phase::Shipped);
    if !over {
        return;
    }
    let running: Vec<ClockKind> =
        d.po(id, po).clocks.iter().filter(|c| c.state == ClockState::Running).map(|c| c.kind).collect();
    for clock in running {
        d.record(Event::SlaStopped { order: id.clone(), purchase_order: po, clock });
    }
}
