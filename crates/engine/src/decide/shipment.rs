//! Goods leave, and arrive.

use super::draft::{About, Draft};
use super::{cancellation, find_po, supply};
use crate::case::{CaseKind, Remedy};
use crate::document::Shipment;
use crate::event::Event;
use crate::ids::{OrderId, PoNumber, ShipmentId};
use crate::measure::Quantity;
use crate::order::{Assignment, ClockKind, Hold, HoldState, Phase, Shipped};
use crate::reason::Reason;
use crate::refusal::{Refusal, RefusalKind};
use crate::stock::minute;

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
            d.open_case(
                &id,
                CaseKind::AnswerMismatch,
                About::po(ordinal),
                Reason::EdiDuplicate,
                sentence,
                vec![Remedy::Dismiss],
            );
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
    supply::meet(d, &id, ordinal, ClockKind::Receipt);
    let mut units = vec![];
    let mut unwanted = vec![];
    for line in &notice.lines {
        let found = d.order(&id).of_purchase_order(ordinal).find(|a| a.line.as_str() == line.line.as_str()).cloned();
        let Some(a) = found else {
            let sentence =
                format!("{} shipped line {}, which is not on {}.", d.po(&id, ordinal).source, line.line, notice.po);
            d.open_case(
                &id,
                CaseKind::AnswerMismatch,
                About::po(ordinal),
                Reason::AckUnknownLine,
                sentence,
                vec![Remedy::Dismiss],
            );
            continue;
        };
        let base = line.quantity.times(a.pack_size).unwrap_or(a.quantity);
        match a.phase {
            Phase::Withdrawn | Phase::Released => unwanted.push((a, base)),
            _ => units.push(take(d, &id, ordinal, &a, base)),
        }
    }
    units.retain(|(_, q): &(u32, Quantity)| !q.is_zero());
    if !units.is_empty() {
        leave(d, &id, ordinal, notice, units);
    }
    for (a, base) in unwanted {
        let sentence = format!(
            "{} shipped {base} of line {} after it had been withdrawn. Tracking: {}.",
            a.source,
            a.line,
            notice.tracking.join(" ")
        );
        d.open_case(
            &id,
            CaseKind::ShippedAfterCancel,
            About::both(&a.line, Some(ordinal)),
            Reason::ShipAfterCancel,
            sentence,
            vec![Remedy::Dismiss],
        );
        if !d.order(&id).supplied(&a.line).is_zero() {
            cancellation::double_supply(d, &id, &a.line);
        }
    }
    cancellation::stop_if_over(d, &id, ordinal);
    Ok(())
}

/// How many units of an assignment leave; a shipment of what nobody had accepted counts as its acceptance.
fn take(d: &mut Draft, id: &OrderId, po: u32, a: &Assignment, base: Quantity) -> (u32, Quantity) {
    let room = a.live().less(a.shipped);
    if base > room {
        let sentence = format!("{} shipped {base} of line {}, {room} were open.", a.source, a.line);
        d.open_case(
            id,
            CaseKind::AnswerMismatch,
            About::both(&a.line, Some(po)),
            Reason::ShipOverQuantity,
            sentence,
            vec![Remedy::Dismiss],
        );
    }
    let leaving = base.min(room);
    if matches!(a.phase, Phase::Requested | Phase::Acknowledged | Phase::Committed) && a.shipped + leaving > a.accepted
    {
        let accepted = a.shipped + leaving;
        d.record(Event::AcknowledgmentReceived {
            order: id.clone(),
            purchase_order: po,
            assignment: a.ordinal,
            accepted,
            declined: a.declined,
            ship_by: a.ship_by,
            deliver_by: a.deliver_by,
            at: d.now,
            reason: None,
            vendor_order: None,
        });
        if a.phase == Phase::Requested {
            supply::firm(d, id, a.ordinal, a.live(), minute(d.now));
        }
        supply::commit(d, id, a.ordinal, accepted, Reason::AcknowledgmentAccepted);
        if !d.order(id).of_purchase_order(po).any(super::acknowledge::is_unanswered) {
            supply::meet(d, id, po, ClockKind::Acknowledgment);
        }
    }
    (a.ordinal, leaving)
}

fn leave(d: &mut Draft, id: &OrderId, po: u32, notice: &Shipment, units: Vec<(u32, Quantity)>) {
    let withdrawing: Vec<u32> =
        units.iter().map(|(n, _)| *n).filter(|n| d.assignment(id, *n).phase == Phase::Withdrawing).collect();
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
        consume(d, id, n, quantity);
    }
    for n in withdrawing {
        shipped_all_the_same(d, id, po, n, notice);
    }
    let awaited = |a: &Assignment| matches!(a.phase, Phase::Requested | Phase::Acknowledged | Phase::Committed);
    if !d.order(id).of_purchase_order(po).any(awaited) {
        supply::meet(d, id, po, ClockKind::ShipNotice);
        d.settle_cases(id, |c| c.kind == CaseKind::ShipmentOverdue && c.purchase_order == Some(po));
    }
}

/// The goods have left the shelf: the hold ends with the order, the stock's sum stays until advice contains it.
fn consume(d: &mut Draft, id: &OrderId, ordinal: u32, quantity: Quantity) {
    let a = d.assignment(id, ordinal);
    let Some(Hold { quantity: held, state: HoldState::Firm { minute: at }, incoming: None }) = a.hold else {
        supply::give_back(d, id, ordinal, Reason::OrderPlaced);
        return;
    };
    let leaving = quantity.min(held);
    if at == i64::MAX {
        // This source's advice nets nothing before it ships: from now on its advice will.
        supply::give_back(d, id, ordinal, Reason::OrderPlaced);
        let (source, line) = (d.assignment(id, ordinal).source.clone(), d.assignment(id, ordinal).line.clone());
        let sku = d.order(id).line(&line).expect("because assignments name lines of their order").sku.clone();
        let from = crate::event::HeldAs::Nothing;
        d.record(Event::HoldFirmed {
            order: id.clone(),
            assignment: ordinal,
            source,
            sku,
            quantity: held,
            given_back: Quantity::ZERO,
            from,
            minute: minute(d.now),
        });
    }
    d.record(Event::HoldConsumed { order: id.clone(), assignment: ordinal, quantity: leaving });
}

/// It was asked to stop and has shipped: the line has it now; whoever was asked instead is stopped if possible.
fn shipped_all_the_same(d: &mut Draft, id: &OrderId, po: u32, ordinal: u32, notice: &Shipment) {
    let a = d.assignment(id, ordinal).clone();
    supply::meet(d, id, po, ClockKind::CancelAnswer);
    let sentence = format!(
        "{} shipped {} of line {} after it had been asked to stop. Tracking: {}.",
        a.source,
        a.shipped,
        a.line,
        notice.tracking.join(" ")
    );
    d.open_case(
        id,
        CaseKind::ShippedAfterCancel,
        About::both(&a.line, Some(po)),
        Reason::ShipAfterCancel,
        sentence,
        vec![Remedy::Dismiss],
    );
    let cancelling = d.order(id).line(&a.line).is_some_and(|l| l.cancelling.is_some());
    if cancelling {
        cancellation::after_withdrawal(d, id, &a.line);
    }
    cancellation::keep_one(d, id, &a.line, ordinal);
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
