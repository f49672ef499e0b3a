//! Somebody of the retailer writes to the customer of an order, or to the source of one of its purchase orders.

use super::draft::Draft;
use super::{find_order, find_po};
use crate::command::Actor;
use crate::event::Event;
use crate::ids::{OrderId, SourceId};
use crate::message::{Addressee, MESSAGES_MAX, Message};
use crate::refusal::{Refusal, RefusalKind};
use smol_str::SmolStr;

/// The message is on record; the hands send it, once.
pub(super) fn decide(
    d: &mut Draft,
    id: &OrderId,
    message: &SmolStr,
    to: &Addressee,
    fingerprint: &SmolStr,
) -> Result<(), Refusal> {
    if let Actor::Source { .. } | Actor::Engine = d.by {
        let sentence = "people of the retailer and their programs write messages: answer the purchase order instead";
        return Err(Refusal::new(RefusalKind::Forbidden, sentence));
    }
    let order = find_order(&d.slice, id)?;
    if order.messages.iter().any(|m| m.id == *message) {
        return Ok(());
    }
    if order.messages.len() >= MESSAGES_MAX {
        let sentence = format!("order {id} has {MESSAGES_MAX} messages already: telephone, and note it on its case");
        return Err(Refusal::field(RefusalKind::NotNow, "/order", id, "messages", sentence));
    }
    let source = addressed(d, id, to)?;
    let message = Message {
        id: message.clone(),
        to: to.clone(),
        source,
        by: d.by.clone(),
        at: d.now,
        fingerprint: fingerprint.clone(),
    };
    d.record(Event::MessageWritten { order: id.clone(), message });
    Ok(())
}

/// The source that is written to, if it is one.
fn addressed(d: &Draft, id: &OrderId, to: &Addressee) -> Result<Option<SourceId>, Refusal> {
    let Addressee::Source { po: number } = to else { return Ok(None) };
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
    find_po(&d.slice, d.by, number).map(|(_, po)| Some(po.source.clone()))
}
