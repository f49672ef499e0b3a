//! Goods leave, and arrive.

use super::acknowledge::{self, Tallied};
use super::draft::{About, Draft};
use super::{cancellation, clocks, find_po, holds, supply};
use crate::case::{CaseKind, Remedy};
use crate::document::Shipment;
use crate::event::Event;
use crate::ids::{LineId, OrderId, PoNumber, ShipmentId};
use crate::measure::{QUANTITY_MAX, Quantity};
use crate::order::{Assignment, ClockKind, Phase, Shipped};
use crate::promise::Dates;
use crate::reason::Reason;
use crate::refusal::{Refusal, RefusalKind};
use std::collections::BTreeMap;

pub(super) fn decide(d: &mut Draft, notice: &Shipment) -> Result<(), Refusal> {
    let (order, po) = find_po(&d.slice, d.by, &notice.po)?;
    let (id, ordinal) = (order.id.clone(), po.ordinal);
    if let Some(known) = order.shipments.iter().find(|s| s.purchase_order == ordinal && s.shipment == notice.shipment) {
        let same = known.tracking == notice.tracking && known.shipped_at == notice.shipped_at;
        if !same {
            let sentence = format!(
                "Shipment {} of {} was notified twice with other content; the first counts.",
                notice.shipment, notice.po
            );
            mismatch(d, &id, About::po(ordinal), Reason::EdiDuplicate, sentence);
        }
        return Ok(());
    }
    if notice.lines.is_empty() {
        return Err(Refusal::field(
            RefusalKind::InvalidField,
            "/lines",
            "[]",
            "no_lines",
            "a ship notice names at least one line",
        ));
    }
    clocks::meet(d, &id, ordinal, ClockKind::Receipt);
    let (units, unwanted) = sort(d, &id, ordinal, notice);
    let leaving: Vec<(u32, Quantity)> =
        units.into_iter().map(|(n, base)| (n, take(d, &id, ordinal, n, base))).collect();
    leave(d, &id, ordinal, notice, leaving.into_iter().filter(|(_, q)| !q.is_zero()).collect());
    for (n, base) in unwanted {
        not_wanted(d, &id, ordinal, n, base, notice);
    }
    acknowledge::settle(d, &id, ordinal);
    told_of_both(d, &id, ordinal);
    Ok(())
}

/// More has left than is wanted: the case names every tracking number.
fn told_of_both(d: &mut Draft, id: &OrderId, po: u32) {
    let order = d.order(id);
    let shipped = |line: &LineId| -> Quantity { order.of_line(line).map(|a| a.shipped).sum() };
    let twice = order.of_purchase_order(po).filter_map(|a| order.line(&a.line)).filter(|l| {
        let wanted = l.quantity.less(l.cancelled);
        !wanted.is_zero() && shipped(&l.id) > wanted
    });
    let twice: Vec<LineId> = twice.map(|l| l.id.clone()).collect();
    for line in twice {
        cancellation::double_supply(d, id, &line, None);
    }
}

/// Base units by assignment.
type Units = BTreeMap<u32, Quantity>;

/// What a notice holds of each assignment: of those that may ship, and of those that were withdrawn. Lines that are
/// not on the purchase order become a case.
fn sort(d: &mut Draft, id: &OrderId, po: u32, notice: &Shipment) -> (Units, Units) {
    let (mut units, mut unwanted) = (Units::new(), Units::new());
    for line in &notice.lines {
        let found = d.order(id).of_purchase_order(po).find(|a| a.line.as_str() == line.line.as_str());
        if let Some(a) = found {
            let base = line.quantity.times(a.pack_size).unwrap_or(Quantity::new(QUANTITY_MAX));
            let ended = matches!(a.phase, Phase::Withdrawn | Phase::Released);
            let sum = if ended { unwanted.entry(a.ordinal) } else { units.entry(a.ordinal) }.or_default();
            *sum = sum.plus_capped(base);
            continue;
        }
        let sentence = format!("{} shipped line {}, which is not on {}.", d.po(id, po).source, line.line, notice.po);
        mismatch(d, id, About::po(po), Reason::AckUnknownLine, sentence);
    }
    (units, unwanted)
}

fn mismatch(d: &mut Draft, id: &OrderId, about: About, reason: Reason, sentence: String) {
    d.open_case(id, CaseKind::AnswerMismatch, about, reason, sentence, vec![Remedy::Dismiss]);
}

/// How many units of an assignment leave; a shipment of what nobody had accepted counts as its acceptance.
fn take(d: &mut Draft, id: &OrderId, po: u32, ordinal: u32, base: Quantity) -> Quantity {
    let a = d.assignment(id, ordinal).clone();
    let room = a.live().less(a.shipped);
    if base > room {
        let sentence = format!("{} shipped {base} of line {}, {room} were open.", a.source, a.line);
        mismatch(d, id, About::both(&a.line, Some(po)), Reason::ShipOverQuantity, sentence);
    }
    let leaving = base.min(room);
    let accepted = a.shipped + leaving;
    if a.is_running() && accepted > a.accepted {
        let dates = Dates { ship_by: a.ship_by, deliver_by: a.deliver_by };
        let told = Tallied { accepted, declined: a.declined, dates, reason: None, substitute: None };
        acknowledge::record(d, id, po, &a, told, None);
        holds::firm(d, id, ordinal, a.live().less(a.shipped));
        acknowledge::start_ship_clock(d, id, po, ordinal);
        supply::commit(d, id, ordinal, accepted, Reason::AcknowledgmentAccepted);
        acknowledge::settle_line(d, id, &a.line);
    }
    leaving
}

/// Records the shipment, also one of which nothing was wanted: its number and tracking must not be lost.
fn leave(d: &mut Draft, id: &OrderId, po: u32, notice: &Shipment, units: Vec<(u32, Quantity)>) {
    let phase = |d: &Draft, n: u32| d.assignment(id, n).phase;
    let withdrawing: Vec<u32> = units.iter().map(|(n, _)| *n).filter(|n| phase(d, *n) == Phase::Withdrawing).collect();
    let shipment = Shipped {
        shipment: notice.shipment.clone(),
        purchase_order: po,
        shipped_at: notice.shipped_at,
        carrier: notice.carrier.clone(),
        tracking: notice.tracking.clone(),
        units: units.clone(),
        delivered: false,
    };
    d.record(Event::ShipmentNotified { order: id.clone(), shipment });
    for (n, quantity) in units {
        holds::use_up(d, id, n, quantity);
        if !withdrawing.contains(&n) {
            // Goods on their way are firm, whatever question about them was still open.
            let (shipped, line) = (d.assignment(id, n).shipped, d.assignment(id, n).line.clone());
            supply::commit(d, id, n, shipped, Reason::AcknowledgmentAccepted);
            acknowledge::settle_line(d, id, &line);
        }
    }
    for n in withdrawing {
        shipped_all_the_same(d, id, po, n, notice);
    }
    if !d.order(id).of_purchase_order(po).any(Assignment::is_running) {
        clocks::meet(d, id, po, ClockKind::ShipNotice);
        d.settle_cases(id, |c| c.kind == CaseKind::ShipmentOverdue && c.purchase_order == Some(po));
    }
}

/// It was asked to stop and has shipped: the line has it now; whoever was asked instead is stopped if possible.
fn shipped_all_the_same(d: &mut Draft, id: &OrderId, po: u32, ordinal: u32, notice: &Shipment) {
    let a = d.assignment(id, ordinal).clone();
    clocks::meet_cancel_answer(d, id, po);
    let tracking = notice.tracking.join(" ");
    let sentence = format!(
        "{} shipped {} of line {} after it had been asked to stop. Tracking: {tracking}.",
        a.source, a.shipped, a.line
    );
    after_cancel(d, id, &a.line, po, sentence);
    cancellation::keep_one(d, id, &a.line, ordinal);
    supply::commit(d, id, ordinal, a.shipped, Reason::AcknowledgmentAccepted);
    cancellation::after_withdrawal(d, id, &a.line);
    acknowledge::settle_line(d, id, &a.line);
}

/// It was withdrawn and has shipped: nothing is changed, a person must know.
fn not_wanted(d: &mut Draft, id: &OrderId, po: u32, ordinal: u32, base: Quantity, notice: &Shipment) {
    let a = d.assignment(id, ordinal);
    let (line, source) = (a.line.clone(), a.source.clone());
    let tracking = notice.tracking.join(" ");
    let sentence = format!("{source} shipped {base} of line {line} after it had been withdrawn. Tracking: {tracking}.");
    after_cancel(d, id, &line, po, sentence);
    if !d.order(id).supplied(&line).is_zero() {
        cancellation::double_supply(d, id, &line, Some(format!("{source} shipped {base} {tracking}")));
    }
}

fn after_cancel(d: &mut Draft, id: &OrderId, line: &LineId, po: u32, sentence: String) {
    let (about, options) = (About::both(line, Some(po)), vec![Remedy::Dismiss]);
    d.open_case(id, CaseKind::ShippedAfterCancel, about, Reason::ShipAfterCancel, sentence, options);
}

pub(super) fn delivered(d: &mut Draft, number: &PoNumber, shipment: &ShipmentId) -> Result<(), Refusal> {
    let (order, po) = find_po(&d.slice, d.by, number)?;
    let (id, ordinal) = (order.id.clone(), po.ordinal);
    let known = order.shipments.iter().find(|s| s.purchase_order == ordinal && s.shipment == *shipment);
    match known.map(|s| s.delivered) {
        None => {
            let sentence = format!("{number} has no shipment {shipment}: send its ship notice first");
            Err(Refusal::field(RefusalKind::NotNow, "/shipment", shipment, "unknown_shipment", sentence))
        }
        Some(true) => Ok(()),
        Some(false) => {
            d.record(Event::ShipmentDelivered {
                order: id,
                purchase_order: ordinal,
                shipment: shipment.clone(),
                at: d.now,
            });
            Ok(())
        }
    }
}
