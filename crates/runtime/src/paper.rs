//! Papers to sources, made from the order as it stands and from personal data kept apart.
//!
//! Pure. Knows no dialect: packs and dates are the assignment's own, conclusions that were drawn when it was planned.

use countersign_engine::document::{
    CancellationDocument, Outbound, Party, PurchaseOrderDocument, PurchaseOrderDocumentLine,
};
use countersign_engine::effect::Effect;
use countersign_engine::order::{Assignment, Order, PurchaseOrder};
use jiff::SignedDuration;
use serde::Deserialize;
use smol_str::SmolStr;

/// Said as the time to answer by where the policy keeps no clock for answers: a working day is what partners expect.
const ANSWER_USUAL: SignedDuration = SignedDuration::from_hours(24);

/// What the errand says to the source; `None` if the order knows no such purchase order.
pub fn of(effect: &Effect, order: &Order, person: Option<&str>) -> Option<Outbound> {
    let po = order.purchase_order(effect.purchase_order())?;
    Some(match effect {
        Effect::SendPurchaseOrder { .. } | Effect::ResendPurchaseOrder { .. } => {
            Outbound::PurchaseOrder(purchase_order(order, po, person))
        }
        Effect::SendReminder { .. } => Outbound::Reminder(purchase_order(order, po, person)),
        Effect::SendCancellation { assignments, reason, .. } => Outbound::Cancellation(CancellationDocument {
            po: po.number.clone(),
            attempt: po.attempt,
            source: po.source.clone(),
            requested_at: po.cancellation.as_ref().map_or(po.released_at, |c| c.asked_at),
            released_at: po.released_at,
            reason: *reason,
            lines: lines(order, order.of_purchase_order(po.ordinal).filter(|a| assignments.contains(&a.ordinal))),
        }),
    })
}

/// A purchase order as it was released, whatever has happened since.
pub fn purchase_order(order: &Order, po: &PurchaseOrder, person: Option<&str>) -> PurchaseOrderDocument {
    PurchaseOrderDocument {
        po: po.number.clone(),
        attempt: po.attempt,
        source: po.source.clone(),
        order: order.id.clone(),
        released_at: po.released_at,
        answer_due: po.answer_due().unwrap_or(po.released_at + ANSWER_USUAL),
        ship_to: ship_to(order, person),
        service_level: service_level(order, po),
        lines: ordered(order, po),
    }
}

/// The service level that a purchase order asks for: the faster one if any of it goes by that.
fn service_level(order: &Order, po: &PurchaseOrder) -> SmolStr {
    let faster = order.of_purchase_order(po.ordinal).find_map(|a| a.expedited.clone());
    faster.unwrap_or_else(|| order.service_level.clone())
}

/// The lines of a purchase order.
pub fn ordered(order: &Order, po: &PurchaseOrder) -> Vec<PurchaseOrderDocumentLine> {
    lines(order, order.of_purchase_order(po.ordinal))
}

/// One line per order line and item of the source: what stands on the shelf and what is announced go together.
fn lines<'a>(order: &Order, assignments: impl Iterator<Item = &'a Assignment>) -> Vec<PurchaseOrderDocumentLine> {
    let mut lines: Vec<PurchaseOrderDocumentLine> = vec![];
    for a in assignments {
        let (packs, _) = a.quantity.packs(a.pack_size);
        let same = |l: &&mut PurchaseOrderDocumentLine| l.line == a.line.as_str() && l.vendor_sku == a.vendor_sku;
        if let Some(line) = lines.iter_mut().find(same) {
            line.quantity += packs;
            line.ship_by = line.ship_by.max(a.ship_by);
            line.deliver_by = line.deliver_by.max(a.deliver_by);
            continue;
        }
        let Some(of) = order.line(&a.line) else { continue };
        lines.push(PurchaseOrderDocumentLine {
            line: SmolStr::new(a.line.as_str()),
            sku: of.sku.clone(),
            vendor_sku: a.vendor_sku.clone(),
            gtin: of.gtin.clone(),
            title: of.title.clone(),
            quantity: packs,
            unit: a.pack_unit.clone(),
            unit_cost: a.unit_cost,
            ship_by: a.ship_by,
            deliver_by: a.deliver_by,
        });
    }
    lines
}

/// Where it goes: the address kept with the personal data, or the region alone once that was erased.
fn ship_to(order: &Order, person: Option<&str>) -> Party {
    #[derive(Deserialize)]
    struct Person {
        ship_to: Party,
    }
    let known = person.and_then(|body| serde_json::from_str::<Person>(body).ok());
    known.map(|p| p.ship_to).unwrap_or_else(|| Party {
        country: order.destination.country.clone(),
        region: order.destination.region.as_ref().map(ToString::to_string),
        postal_code: order.destination.postal_code.as_ref().map(ToString::to_string),
        ..Party::default()
    })
}
