//! The vendor's own HTTP server, by our published contract: purchase orders and cancellations out as JSON bodies with
//! the path they are posted to; bodies of the vendor API in.
//!
//! Does not know the base address or the key; the connector does. Reminders are the purchase order again, marked.

use crate::desk::Desk;
use crate::json;
use crate::seam::{Context, Paper, Reading, Written};
use countersign_engine::document::{CancellationDocument, Outbound, PurchaseOrderDocument, PurchaseOrderDocumentLine};
use countersign_engine::ids::VendorSku;
use countersign_engine::source::Source;
use countersign_engine::stock::Origin;
use serde_json::{Value, json};
use smol_str::SmolStr;

/// Of what media type its papers are.
pub(crate) const MEDIA_TYPE: &str = "application/json";

/// Reads a body.
pub(crate) fn read(source: &Source, bytes: &[u8], context: &Context<'_>, origin: Origin) -> Reading {
    let mut desk = Desk::new(source, bytes, context);
    json::read(bytes, context.name, origin, &mut desk);
    desk.reading
}

/// Reads what a server answered with in the exchange that carried a paper: its name says of which paper, and in whatever
/// dialect that was, what counts is the answer that the contract has for it.
pub(crate) fn read_answer(source: &Source, bytes: &[u8], context: &Context<'_>) -> Reading {
    let mut desk = Desk::new(source, bytes, context);
    json::read_answer(bytes, context.name, &mut desk);
    desk.reading
}

/// Writes a body with its path.
pub(crate) fn write(paper: &Paper) -> Result<Written, String> {
    let (path, body) = match paper {
        Paper::Document(Outbound::PurchaseOrder(order)) => ("purchase-orders".to_owned(), purchase_order(order, false)),
        Paper::Document(Outbound::Reminder(order)) => ("purchase-orders".to_owned(), purchase_order(order, true)),
        Paper::Document(Outbound::Cancellation(paper)) => {
            (format!("purchase-orders/{}/cancellation", paper.po), cancellation(paper))
        }
        Paper::Receipt(receipt) => return Err(format!("HTTP answers are receipts; {:?} is not sent", receipt.about)),
    };
    let bytes = serde_json::to_vec(&body).expect("because JSON values can always be written");
    let media_type = SmolStr::new_static(MEDIA_TYPE);
    Ok(Written { name: path, media_type, bytes, reference: SmolStr::default() })
}

/// The body of `POST {base}/availability`: which of the vendor's numbers are asked about.
pub fn availability_request(vendor_skus: &[VendorSku]) -> Vec<u8> {
    let lines: Vec<Value> = vendor_skus.iter().map(|sku| json!({ "vendor_sku": sku })).collect();
    serde_json::to_vec(&json!({ "lines": lines })).expect("because JSON values can always be written")
}

/// A purchase order as the contract has it.
pub(crate) fn purchase_order(order: &PurchaseOrderDocument, reminder: bool) -> Value {
    let mut body = json!({
        "purchase_order": order.po,
        "attempt": order.attempt,
        "order": order.order,
        "released_at": order.released_at,
        "answer_due": order.answer_due,
        "ship_to": order.ship_to,
        "service_level": order.service_level,
        "lines": order.lines.iter().map(line).collect::<Vec<_>>(),
    });
    if reminder {
        body["reminder"] = json!(true);
    }
    body
}

/// A cancellation as the contract has it.
pub(crate) fn cancellation(paper: &CancellationDocument) -> Value {
    json!({
        "purchase_order": paper.po,
        "attempt": paper.attempt,
        "requested_at": paper.requested_at,
        "reason": paper.reason.code(),
        "reason_text": paper.reason.sentence(),
        "lines": paper.lines.iter().map(line).collect::<Vec<_>>(),
    })
}

fn line(line: &PurchaseOrderDocumentLine) -> Value {
    serde_json::to_value(line).expect("because JSON values can always be written")
}
