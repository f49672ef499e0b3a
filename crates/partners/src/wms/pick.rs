//! Pick orders: one CSV row per line, or an X12 940.

use crate::rows::Rows;
use crate::seam::{Numbers, Written};
use crate::value;
use crate::x12::order::{self, Content};
use crate::x12::settings::Settings;
use countersign_engine::document::{Outbound, Party, PurchaseOrderDocumentLine};
use countersign_engine::source::Source;
use jiff::Timestamp;

/// The columns of a pick order, in order.
const COLUMNS: &str = "document,purchase_order,attempt,order,line,sku,vendor_sku,gtin,title,quantity,unit,ship_by,deliver_by,\
                       service_level,reason,name,address1,address2,city,region,postal_code,country,phone,email";

/// A paper as rows.
pub(crate) fn csv(document: &Outbound) -> String {
    let mut out = String::from(COLUMNS);
    out.push_str("\r\n");
    let nobody = Party::default();
    let (kind, head, service, reason, party, lines) = match document {
        Outbound::PurchaseOrder(order) | Outbound::Reminder(order) => {
            let kind = if matches!(document, Outbound::Reminder(_)) { "reminder" } else { "pick" };
            let head = (order.po.as_str(), order.attempt, order.order.as_str());
            (kind, head, order.service_level.as_str(), "", &order.ship_to, &order.lines)
        }
        Outbound::Cancellation(paper) => {
            let head = (paper.po.as_str(), paper.attempt, "");
            ("cancel", head, "", paper.reason.code(), &nobody, &paper.lines)
        }
    };
    for line in lines {
        let attempt = head.1.to_string();
        let mut row: Vec<String> = [kind, head.0, &attempt, head.2, &line.line].map(str::to_owned).to_vec();
        row.extend(item(line));
        row.extend([service.to_owned(), reason.to_owned()]);
        row.extend(address(party));
        let cells: Vec<String> = row.iter().map(|text| cell(text)).collect();
        out.push_str(&cells.join(","));
        out.push_str("\r\n");
    }
    out
}

fn item(line: &PurchaseOrderDocumentLine) -> [String; 8] {
    [
        line.sku.to_string(),
        line.vendor_sku.to_string(),
        line.gtin.as_deref().unwrap_or_default().to_owned(),
        harmless(&line.title),
        line.quantity.to_string(),
        line.unit.as_str().to_owned(),
        line.ship_by.to_string(),
        line.deliver_by.to_string(),
    ]
}

fn address(party: &Party) -> [String; 9] {
    let optional = |text: &Option<String>| harmless(text.as_deref().unwrap_or_default());
    [
        harmless(&party.name),
        harmless(&party.address1),
        optional(&party.address2),
        harmless(&party.city),
        optional(&party.region),
        optional(&party.postal_code),
        party.country.to_string(),
        optional(&party.phone),
        optional(&party.email),
    ]
}

/// Free text that a spreadsheet would take for a formula is marked as text; a phone number's plus is none.
fn harmless(text: &str) -> String {
    let phone =
        text.strip_prefix('+').is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit() || b" -()".contains(&b)));
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\0']) && !phone {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

fn cell(text: &str) -> String {
    if text.contains([',', '"', '\r', '\n', ';', '\t']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

/// A paper as a 940.
pub(crate) fn write_940(
    source: &Source,
    document: &Outbound,
    numbers: &mut Numbers<'_>,
    now: Timestamp,
) -> Result<Written, String> {
    let settings = Settings::of(source)?;
    let mut rows = Rows::default();
    let (po, lines) = match document {
        Outbound::PurchaseOrder(order) | Outbound::Reminder(order) => {
            rows.add("W05", &["N", order.po.as_str(), order.order.as_str()]);
            order::ship_to(&mut rows, &order.ship_to)?;
            let ship_by = order.lines.iter().map(|line| line.ship_by).min().unwrap_or_default();
            rows.add("G62", &["10", &value::digits(ship_by)]);
            let carrier = settings.services.get(&order.service_level).map(|service| service.carrier.as_str());
            let routing = carrier.filter(|code| !code.is_empty()).unwrap_or(&order.service_level);
            rows.add("W66", &["PP", "M", "", "", value::cut(routing, 35)]);
            (&order.po, &order.lines)
        }
        Outbound::Cancellation(paper) => {
            rows.add("W05", &["F", paper.po.as_str()]);
            (&paper.po, &paper.lines)
        }
    };
    let mut total = 0_u32;
    for (index, line) in lines.iter().enumerate() {
        rows.add("LX", &[&(index + 1).to_string()]);
        let mut row = vec![line.quantity.to_string(), order::unit(&settings, line)?, String::new()];
        row.extend(order::item_ids(&settings, line)?.into_iter().take(4));
        rows.add_all("W01", row);
        rows.add("G69", &[value::cut(line.title.trim(), 45)]);
        rows.add("N9", &["LI", &order::line_number(&line.line)?]);
        total = total.saturating_add(line.quantity.get());
    }
    rows.add("W76", &[&total.to_string()]);
    let content = Content { group: "OW", set: "940", sets: vec![rows.0], about: format!("940-{po}") };
    order::send(source, &settings, content, numbers, now)
}
