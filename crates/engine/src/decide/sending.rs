//! How the sending of a paper went, and whether the source's machine has it. Neither proves anything about stock.

use super::draft::{About, Draft};
use super::{find_po, supply};
use crate::case::{CaseKind, Remedy};
use crate::command::{Deed, Sending};
use crate::document::Receipt;
use crate::event::Event;
use crate::ids::{OrderId, PoNumber};
use crate::order::ClockKind;
use crate::reason::Reason;
use crate::refusal::Refusal;
use crate::slice::Key;
use std::collections::BTreeSet;

pub(super) fn needs(deed: &Deed) -> BTreeSet<Key> {
    deed.order().map(Key::Order).into_iter().collect()
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
    supply::meet(d, id, ordinal, ClockKind::Receipt);
}
