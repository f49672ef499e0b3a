//! How the sending of a paper went, and whether the source's machine has it. Neither proves anything about stock.

use super::draft::{About, Draft};
use super::{clocks, find_po, holds};
use crate::case::{CaseKind, Remedy};
use crate::command::{Deed, Sending};
use crate::document::Receipt;
use crate::event::Event;
use crate::ids::{OrderId, PoNumber};
use crate::measure::Quantity;
use crate::order::{Assignment, ClockKind, HoldState};
use crate::reason::Reason;
use crate::refusal::Refusal;
use crate::slice::{Key, Slice};
use crate::stock::Netting;
use std::collections::BTreeSet;

pub(super) fn needs(slice: &Slice, deed: &Deed) -> BTreeSet<Key> {
    let mut keys: BTreeSet<Key> = [Key::Policy].into();
    let Some(id) = deed.order() else { return keys };
    keys.insert(Key::Order(id.clone()));
    let order = if slice.has(&Key::Order(id.clone())) { slice.order(&id) } else { None };
    for a in order.iter().flat_map(|o| o.assignments.iter()) {
        if slice.policy().netting(&a.source) == Netting::Received
            && let Some(line) = order.and_then(|o| o.line(&a.line))
        {
            keys.insert(Key::Stock(a.source.clone(), line.sku.clone()));
        }
    }
    keys
}

pub(super) fn decide(d: &mut Draft, number: &PoNumber, outcome: &Sending) -> Result<(), Refusal> {
    let (order, po) = find_po(&d.slice, d.by, number)?;
    let (id, ordinal, source) = (order.id.clone(), po.ordinal, po.source.clone());
    match outcome {
        Sending::Sent { receipt } => {
            if d.po(&id, ordinal).sent_at.is_none() {
                d.record(Event::PurchaseOrderSent { order: id.clone(), purchase_order: ordinal, at: d.now });
            }
            if *receipt {
                received(d, &id, ordinal);
            }
            d.settle_cases(&id, |c| {
                matches!(c.kind, CaseKind::DeliveryFailed | CaseKind::InDoubt) && c.purchase_order == Some(ordinal)
            });
        }
        Sending::Failed { why } => {
            let sentence = format!("{number} could not be delivered to {source}: {why}");
            let options = vec![Remedy::SendAgain, Remedy::SourceHasIt, Remedy::PlanAgain, Remedy::CancelRest];
            d.open_case(&id, CaseKind::DeliveryFailed, About::po(ordinal), Reason::DeliveryFailed, sentence, options);
        }
        Sending::InDoubt { why } => {
            let sentence = format!(
                "It is unknown whether {source} has {number} ({why}). It is not sent again before somebody has asked."
            );
            let options = vec![Remedy::SourceHasIt, Remedy::SendAgain, Remedy::PlanAgain];
            d.open_case(&id, CaseKind::InDoubt, About::po(ordinal), Reason::DeliveryInDoubt, sentence, options);
        }
    }
    Ok(())
}

pub(super) fn receipt(d: &mut Draft, receipt: &Receipt) -> Result<(), Refusal> {
    let (order, po) = find_po(&d.slice, d.by, &receipt.po)?;
    let (id, ordinal, source) = (order.id.clone(), po.ordinal, po.source.clone());
    if receipt.accepted {
        received(d, &id, ordinal);
        d.settle_cases(&id, |c| {
            matches!(c.kind, CaseKind::ReceiptOverdue | CaseKind::InDoubt | CaseKind::DocumentRejected)
                && c.purchase_order == Some(ordinal)
        });
    } else {
        let note = receipt.note.as_deref().unwrap_or("no detail was given");
        let sentence = format!("The system of {source} rejected {}: {note}", receipt.po);
        let options = vec![Remedy::SendAgain, Remedy::PlanAgain, Remedy::CancelRest];
        d.open_case(&id, CaseKind::DocumentRejected, About::po(ordinal), Reason::EdiRejected, sentence, options);
    }
    Ok(())
}

pub(super) fn received(d: &mut Draft, id: &OrderId, ordinal: u32) {
    if d.po(id, ordinal).received_at.is_none() {
        d.record(Event::PurchaseOrderReceived { order: id.clone(), purchase_order: ordinal, at: d.now });
    }
    clocks::meet(d, id, ordinal, ClockKind::Receipt);
    if d.policy.netting(&d.po(id, ordinal).source) == Netting::Received {
        // From now on this source's advice contains the order: the hold must not be taken off a second time.
        let soft = |a: &&Assignment| matches!(a.hold.map(|h| h.state), Some(HoldState::Soft { .. }));
        let waiting: Vec<(u32, Quantity)> =
            d.order(id).of_purchase_order(ordinal).filter(soft).map(|a| (a.ordinal, a.live())).collect();
        for (n, units) in waiting {
            holds::firm(d, id, n, units);
        }
    }
}
