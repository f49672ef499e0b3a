//! Somebody of the retailer writes to the customer of an order or to the source of one of its purchase orders, and what
//! they write back.
//!
//! An answer waits for somebody: a case says so until one of the retailer writes back or has read it.

use super::draft::{About, Draft};
use super::{find_order, find_po};
use crate::case::{Case, CaseKind, Remedy};
use crate::command::Actor;
use crate::event::Event;
use crate::ids::{OrderId, PoNumber, SourceId};
use crate::message::{Addressee, MESSAGES_MAX, Message};
use crate::reason::Reason;
use crate::refusal::{Refusal, RefusalKind};
use smol_str::SmolStr;

/// The message is on record; the hands send it, once. What waited to be read is answered.
pub(super) fn write(
    d: &mut Draft,
    id: &OrderId,
    message: &SmolStr,
    to: &Addressee,
    fingerprint: &SmolStr,
) -> Result<(), Refusal> {
    let outside = matches!(d.by, Actor::Source { .. } | Actor::Engine);
    if outside || matches!(to, Addressee::Retailer { .. }) {
        let sentence = "people of the retailer and their programs write messages: answer the purchase order instead";
        return Err(Refusal::new(RefusalKind::Forbidden, sentence));
    }
    if record(d, id, message, to, fingerprint)? {
        let (kind, po) = waiting(to);
        d.settle_cases(id, |case: &Case| case.kind == kind && case.purchase_order == po);
    }
    Ok(())
}

/// What a customer or a source wrote back is on record, and a case until somebody has seen to it; `reader` first.
pub(super) fn reply(
    d: &mut Draft,
    id: &OrderId,
    message: &SmolStr,
    po: Option<&PoNumber>,
    reader: Option<&Actor>,
    fingerprint: &SmolStr,
) -> Result<(), Refusal> {
    if matches!(d.by, Actor::Source { .. }) && po.is_none() {
        let sentence = "a source writes about one of its purchase orders: name it";
        return Err(Refusal::new(RefusalKind::Forbidden, sentence));
    }
    let from = Addressee::Retailer { po: po.cloned() };
    if !record(d, id, message, &from, fingerprint)? {
        return Ok(());
    }
    let (kind, ordinal) = waiting(&from);
    let (reason, sentence) = match po {
        Some(po) => (Reason::MessageFromSource, format!("The vendor wrote about purchase order {po}")),
        None => (Reason::MessageFromCustomer, format!("The customer wrote about order {id}")),
    };
    let about = About { line: None, purchase_order: ordinal };
    d.open_case(id, kind, about, reason, sentence, vec![Remedy::Dismiss]);
    let open = |case: &&Case| case.is_open() && case.kind == kind && case.purchase_order == ordinal;
    let case = d.order(id).cases.iter().find(open).map(|case| (case.id.clone(), case.assigned_to.clone()));
    if let (Some((case, None)), Some(to)) = (case, reader) {
        d.record(Event::CaseAssigned { case, to: to.clone() });
    }
    Ok(())
}

/// The case that waits while those with whom words are exchanged have not been answered.
fn waiting(with: &Addressee) -> (CaseKind, Option<u32>) {
    match with.po() {
        Some(po) => (CaseKind::VendorWrote, po.split().map(|(_, ordinal)| ordinal)),
        None => (CaseKind::CustomerWrote, None),
    }
}

/// Puts a message on record; false if it stands there.
fn record(
    d: &mut Draft,
    id: &OrderId,
    message: &SmolStr,
    to: &Addressee,
    fingerprint: &SmolStr,
) -> Result<bool, Refusal> {
    let order = find_order(&d.slice, id)?;
    if order.messages.iter().any(|m| m.id == *message) {
        return Ok(false);
    }
    if order.messages.len() >= MESSAGES_MAX {
        let sentence = format!("order {id} has {MESSAGES_MAX} messages already: telephone, and note it on its case");
        return Err(Refusal::field(RefusalKind::NotNow, "/order", id, "messages", sentence));
    }
    let source = to.po().map(|po| source_of(d, id, po)).transpose()?;
    let (by, at) = (d.by.clone(), d.now);
    let message = Message { id: message.clone(), to: to.clone(), source, by, at, fingerprint: fingerprint.clone() };
    d.record(Event::MessageWritten { order: id.clone(), message });
    Ok(true)
}

/// The source of a purchase order of this order.
fn source_of(d: &Draft, id: &OrderId, number: &PoNumber) -> Result<SourceId, Refusal> {
    if number.split().is_none_or(|(order, _)| order != *id) {
        let sentence = format!("{number} is no purchase order of order {id}: name one of its own");
        return Err(Refusal::field(
            RefusalKind::UnknownPurchaseOrder,
            "/po",
            number,
            "unknown_purchase_order",
            sentence,
        ));
    }
    find_po(&d.slice, d.by, number).map(|(_, po)| po.source.clone())
}
