//! The portal: a small vendor reads a page and answers on it. Nothing goes over a wire; the paper is a text to be read
//! (and mailed), and answers come as bodies of the vendor API.

use crate::seam::{Paper, Written};
use countersign_engine::document::{Outbound, Party, PurchaseOrderDocument, PurchaseOrderDocumentLine};
use countersign_engine::source::Source;
use jiff::Timestamp;
use smol_str::SmolStr;
use std::fmt::Write as _;

/// Of what media type its papers are.
pub(crate) const MEDIA_TYPE: &str = "text/plain; charset=utf-8";

/// Writes a paper as text, times in the zone of the source.
pub(crate) fn write(source: &Source, paper: &Paper) -> Result<Written, String> {
    let (po, text) = match paper {
        Paper::Document(Outbound::PurchaseOrder(order)) => (&order.po, purchase_order(source, order, "Purchase order")),
        Paper::Document(Outbound::Reminder(order)) => {
            (&order.po, purchase_order(source, order, "Reminder: purchase order"))
        }
        Paper::Document(Outbound::Cancellation(paper)) => {
            let mut text = format!("Cancellation of purchase order {}\n\n", paper.po);
            let _ = writeln!(text, "Asked for {}. {}", at(source, paper.requested_at), paper.reason.sentence());
            text.push_str("Please say whether you can still stop it:\n\n");
            paper.lines.iter().for_each(|line| one(&mut text, line));
            (&paper.po, text)
        }
        Paper::Receipt(receipt) => {
            return Err(format!("the portal needs no receipts; {:?} is not sent", receipt.about));
        }
    };
    let kind = match paper {
        Paper::Document(Outbound::PurchaseOrder(_)) => "purchase-order",
        Paper::Document(Outbound::Reminder(_)) => "reminder",
        _ => "cancellation",
    };
    let media_type = SmolStr::new_static(MEDIA_TYPE);
    Ok(Written {
        name: format!("{kind}-{po}.txt"),
        media_type,
        bytes: text.into_bytes(),
        reference: SmolStr::default(),
    })
}

fn at(source: &Source, time: Timestamp) -> String {
    time.to_zoned(source.time_zone.rules()).strftime("%Y-%m-%d %H:%M %Z").to_string()
}

fn purchase_order(source: &Source, order: &PurchaseOrderDocument, title: &str) -> String {
    let mut text = format!("{title} {}\n\n", order.po);
    let _ = writeln!(
        text,
        "Released {}. Please answer by {}.",
        at(source, order.released_at),
        at(source, order.answer_due)
    );
    let _ = writeln!(text, "Service: {}\n", order.service_level);
    order.lines.iter().for_each(|line| one(&mut text, line));
    text.push_str("\nShip to:\n");
    address(&mut text, &order.ship_to);
    text
}

fn one(text: &mut String, line: &PurchaseOrderDocumentLine) {
    let _ = writeln!(
        text,
        "  {}. {} {} of {} ({}), {} each, at the carrier by {}, at the customer by {}",
        line.line,
        line.quantity,
        line.unit.as_str(),
        line.vendor_sku,
        line.title,
        line.unit_cost,
        line.ship_by,
        line.deliver_by
    );
}

fn address(text: &mut String, party: &Party) {
    let city = [Some(party.city.as_str()), party.region.as_deref(), party.postal_code.as_deref()];
    let city = city.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    let lines = [Some(party.name.as_str()), Some(&party.address1), party.address2.as_deref(), Some(&city)];
    for line in lines.into_iter().flatten().chain([party.country.as_str()]).filter(|line| !line.is_empty()) {
        let _ = writeln!(text, "  {line}");
    }
}
