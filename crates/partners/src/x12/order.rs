//! Writing: 850 for purchase orders and reminders, 860 for cancellations, and the envelope around every paper.
//!
//! Field widths are those of version 004010, the narrower of the two. What does not fit and may not be cut is refused
//! with a sentence that says which field of which record to mend.

use super::codes;
use super::settings::Settings;
use crate::desk::ItemName;
use crate::rows::{self, Row, Rows};
use crate::seam::{Numbers, Receipt, Written};
use crate::value;
use countersign_edi::{Writer, X12Group, X12Interchange};
use countersign_engine::document::{CancellationDocument, Party, PurchaseOrderDocument, PurchaseOrderDocumentLine};
use countersign_engine::ids::PoNumber;
use countersign_engine::source::Source;
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value;
use smol_str::SmolStr;

/// Longest purchase order number (element 324).
const PO_NUMBER_MAX: usize = 22;
/// Longest line number (element 350).
const LINE_NUMBER_MAX: usize = 20;
/// Longest product id (element 234).
const ITEM_ID_MAX: usize = 48;
/// Longest reference (element 127) in version 004010.
const REFERENCE_MAX: usize = 30;
/// Longest name (element 93).
const NAME_MAX: usize = 60;
/// Longest address line (element 166).
const ADDRESS_MAX: usize = 55;
/// Longest description (element 352).
const DESCRIPTION_MAX: usize = 80;
/// Control numbers have nine digits and begin again at 1.
const CONTROL_MAX: u64 = 999_999_999;

/// A purchase order; a reminder is the same paper marked as a duplicate.
pub(crate) fn purchase_order(
    source: &Source,
    settings: &Settings,
    order: &PurchaseOrderDocument,
    reminder: bool,
    numbers: &mut Numbers<'_>,
    now: Timestamp,
) -> Result<Written, String> {
    let rows = purchase_order_rows(source, settings, order, reminder)?;
    let about = format!("850-{}", order.po);
    send(source, settings, Content { group: "PO", set: "850", sets: vec![rows], about }, numbers, now)
}

/// A cancellation of lines, or of the purchase order as a whole where the partner wants it so.
pub(crate) fn cancellation(
    source: &Source,
    settings: &Settings,
    paper: &CancellationDocument,
    numbers: &mut Numbers<'_>,
    now: Timestamp,
) -> Result<Written, String> {
    let rows = cancellation_rows(source, settings, paper, now)?;
    let about = format!("860-{}", paper.po);
    send(source, settings, Content { group: "PC", set: "860", sets: vec![rows], about }, numbers, now)
}

/// A receipt that a reading said we owe.
pub(crate) fn receipt(
    source: &Source,
    settings: &Settings,
    receipt: &Receipt,
    numbers: &mut Numbers<'_>,
    now: Timestamp,
) -> Result<Written, String> {
    let fault = || format!("the receipt {:?} has no content that X12 can carry", receipt.about);
    let kind = receipt.content.get("kind").and_then(Value::as_str).ok_or_else(fault)?;
    let set = ["997", "999", "TA1"].into_iter().find(|known| *known == kind).ok_or_else(fault)?;
    let all = receipt.content.get("sets").and_then(rows::from_json).ok_or_else(fault)?;
    let content = Content { group: "FA", set, sets: all, about: set.to_owned() };
    let mut written = send(source, settings, content, numbers, now)?;
    // Nobody acknowledges an acknowledgment, so nothing will come for this reference.
    written.reference = SmolStr::default();
    Ok(written)
}

fn purchase_order_rows(
    source: &Source,
    settings: &Settings,
    order: &PurchaseOrderDocument,
    reminder: bool,
) -> Result<Vec<Row>, String> {
    check_po(&order.po)?;
    if order.lines.is_empty() {
        return Err(format!("purchase order {} has no lines", order.po));
    }
    let zone = settings.zone(source);
    let mut rows = Rows::default();
    let purpose = if reminder { "07" } else { "00" };
    let (released_on, _) = value::local(order.released_at, zone);
    rows.add("BEG", &[purpose, &settings.order_type, order.po.as_str(), "", &released_on]);
    rows.add("CUR", &["BY", order.lines[0].unit_cost.currency.as_str()]);
    if order.order.as_str().len() <= REFERENCE_MAX {
        rows.add("REF", &["CO", order.order.as_str()]);
    }
    attempt(&mut rows, settings, order.attempt);
    let ship_by = order.lines.iter().map(|line| line.ship_by).min().unwrap_or_default();
    let deliver_by = order.lines.iter().map(|line| line.deliver_by).min().unwrap_or_default();
    rows.add("DTM", &["010", &value::digits(ship_by)]);
    rows.add("DTM", &["002", &value::digits(deliver_by)]);
    service(&mut rows, settings, &order.service_level);
    if let Some(buyer) = &settings.buyer {
        rows.add("N1", &["BY", value::cut(&buyer.name, NAME_MAX), &buyer.qualifier, &buyer.id]);
    }
    ship_to(&mut rows, &order.ship_to)?;
    for line in &order.lines {
        let mut row =
            vec![line_number(&line.line)?, line.quantity.to_string(), unit(settings, line)?, line.unit_cost.amount()];
        row.push(String::new());
        row.extend(item_ids(settings, line)?);
        rows.add_all("PO1", row);
        description(&mut rows, &line.title);
        line_dates(&mut rows, line, ship_by, deliver_by);
    }
    rows.add("CTT", &[&order.lines.len().to_string()]);
    Ok(rows.0)
}

fn cancellation_rows(
    source: &Source,
    settings: &Settings,
    paper: &CancellationDocument,
    now: Timestamp,
) -> Result<Vec<Row>, String> {
    check_po(&paper.po)?;
    let zone = settings.zone(source);
    let whole = settings.cancel_as == "whole" || paper.lines.is_empty();
    let (released_on, _) = value::local(paper.released_at, zone);
    let (today, _) = value::local(now, zone);
    let mut rows = Rows::default();
    let purpose = if whole { "01" } else { "04" };
    let po = paper.po.as_str();
    rows.add("BCH", &[purpose, &settings.order_type, po, "", "", &released_on, "", "", "", "", &today]);
    attempt(&mut rows, settings, paper.attempt);
    rows.add(
        "REF",
        &["ZZ", value::cut(paper.reason.code(), REFERENCE_MAX), value::cut(paper.reason.sentence(), DESCRIPTION_MAX)],
    );
    for line in paper.lines.iter().filter(|_| !whole) {
        let quantity = line.quantity.to_string();
        let mut row = vec![line_number(&line.line)?, "DI".into(), quantity, "0".into(), unit(settings, line)?];
        row.extend([line.unit_cost.amount(), String::new()]);
        row.extend(item_ids(settings, line)?);
        rows.add_all("POC", row);
    }
    if !whole {
        rows.add("CTT", &[&paper.lines.len().to_string()]);
    }
    Ok(rows.0)
}

fn check_po(po: &PoNumber) -> Result<(), String> {
    if po.as_str().len() > PO_NUMBER_MAX {
        return Err(format!(
            "purchase order number {po} has {} characters and X12 carries {PO_NUMBER_MAX}: use shorter order ids, or another dialect for this source",
            po.as_str().len()
        ));
    }
    Ok(())
}

/// The number of a line as X12 carries it; [`crate::matching`] finds the line again by it.
pub(crate) fn line_number(line: &str) -> Result<String, String> {
    Ok(crate::matching::short_number(line, LINE_NUMBER_MAX))
}

pub(crate) fn unit(settings: &Settings, line: &PurchaseOrderDocumentLine) -> Result<String, String> {
    let unit = settings.unit_out(&line.unit);
    if unit.len() != 2 {
        return Err(format!(
            "unit {} of line {} has no X12 code of two characters: map it in channel.x12.units_out, as {{\"{}\": \"EA\"}}",
            line.unit.as_str(),
            line.line,
            line.unit.as_str()
        ));
    }
    Ok(unit.to_owned())
}

fn attempt(rows: &mut Rows, settings: &Settings, attempt: u32) {
    if !settings.attempt.is_empty() {
        rows.add("REF", &[&settings.attempt, &format!("ATTEMPT-{attempt}")]);
    }
}

fn service(rows: &mut Rows, settings: &Settings, level: &str) {
    match settings.services.get(level) {
        Some(service) => {
            let (qualifier, carrier) = (service.carrier_qualifier.as_str(), service.carrier.as_str());
            let qualifier = if qualifier.is_empty() && !carrier.is_empty() { "2" } else { qualifier };
            let (method, routing) = (service.method.as_str(), service.routing.as_str());
            rows.add("TD5", &["", qualifier, carrier, method, routing, "", "", "", "", "", "", &service.code]);
        }
        None => {
            let known = codes::SERVICE_CODES.iter().find(|(name, _)| *name == level).map(|(_, code)| *code);
            let routing = value::cut(level, 35);
            rows.add("TD5", &["", "", "", "", routing, "", "", "", "", "", "", known.unwrap_or_default()]);
        }
    }
}

/// Name and address. A name or address line that is too long goes on in the next field; a state that is no code of two
/// letters goes into the location fields.
pub(crate) fn ship_to(rows: &mut Rows, party: &Party) -> Result<(), String> {
    let name = party.name.trim();
    if name.is_empty() {
        return Err("ship_to.name is missing: X12 needs a name to ship to".into());
    }
    let (name, more) = split(name, NAME_MAX);
    rows.add("N1", &["ST", name]);
    if !more.is_empty() {
        rows.add("N2", &[value::cut(more, NAME_MAX)]);
    }
    let (first, rest) = split(party.address1.trim(), ADDRESS_MAX);
    let second = [rest, party.address2.as_deref().unwrap_or_default().trim()];
    let second = second.iter().filter(|text| !text.is_empty()).copied().collect::<Vec<_>>().join(", ");
    if second.len() > ADDRESS_MAX {
        return Err(format!(
            "ship_to.address1 and address2 together have more than {} characters, more than X12 carries: shorten them",
            2 * ADDRESS_MAX
        ));
    }
    match (first.is_empty(), second.is_empty()) {
        (true, true) => {}
        (true, false) => rows.add("N3", &[&second]),
        (false, _) => rows.add("N3", &[first, &second]),
    }
    let region = party.region.as_deref().unwrap_or_default().trim();
    let (state, kind, place) = if region.chars().count() == 2 { (region, "", "") } else { ("", "SP", region) };
    let kind = if place.is_empty() { "" } else { kind };
    let city = value::cut(party.city.trim(), 30);
    let postal = value::cut(party.postal_code.as_deref().unwrap_or_default().trim(), 15);
    rows.add("N4", &[city, state, postal, &party.country, kind, value::cut(place, 30)]);
    let phone = party.phone.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(|text| ("TE", text));
    let email = party.email.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(|text| ("EM", text));
    let contacts: Vec<_> = [phone, email].into_iter().flatten().filter(|(_, text)| text.len() <= 80).collect();
    if !contacts.is_empty() {
        let mut row = vec!["IC".to_owned(), name.to_owned()];
        contacts.iter().for_each(|(kind, text)| row.extend([(*kind).to_owned(), (*text).to_owned()]));
        rows.add_all("PER", row);
    }
    Ok(())
}

/// A text in two: what fits, cut at a blank if there is one, and the rest.
fn split(text: &str, bytes: usize) -> (&str, &str) {
    if text.len() <= bytes {
        return (text, "");
    }
    let head = value::cut(text, bytes);
    let end = head.rfind(' ').filter(|end| *end > 0).unwrap_or(head.len());
    (text[..end].trim_end(), text[end..].trim_start())
}

pub(crate) fn item_ids(settings: &Settings, line: &PurchaseOrderDocumentLine) -> Result<Vec<String>, String> {
    let mut ids = Vec::new();
    for (qualifier, name) in &settings.order_items {
        let (qualifier, text) = match name {
            ItemName::Sku => (qualifier.as_str(), line.sku.as_str()),
            ItemName::VendorSku => (qualifier.as_str(), line.vendor_sku.as_str()),
            ItemName::Gtin => match line.gtin.as_deref().and_then(gtin) {
                Some(pair) => pair,
                None => continue,
            },
            ItemName::None => continue,
        };
        if text.len() > ITEM_ID_MAX {
            return Err(format!(
                "item number {text} of line {} has {} characters and X12 carries {ITEM_ID_MAX}: leave it out in channel.x12.order_items or use a shorter one",
                line.line,
                text.len()
            ));
        }
        ids.extend([qualifier.to_owned(), text.to_owned()]);
    }
    if ids.is_empty() {
        return Err(format!("line {} has no item number to send: see channel.x12.order_items", line.line));
    }
    Ok(ids)
}

/// The qualifier of a GTIN by its digits, zeros that only fill up taken off: 12 UP, 13 EN, 14 UK.
fn gtin(digits: &str) -> Option<(&'static str, &str)> {
    let plain = match digits.len() {
        14 if digits.starts_with("00") => &digits[2..],
        14 | 13 if digits.starts_with('0') => &digits[1..],
        _ => digits,
    };
    match plain.len() {
        12 => Some(("UP", plain)),
        13 => Some(("EN", plain)),
        14 => Some(("UK", plain)),
        _ => None,
    }
}

pub(crate) fn description(rows: &mut Rows, title: &str) {
    let text = value::cut(title.trim(), DESCRIPTION_MAX).trim_end();
    if !text.is_empty() {
        rows.add("PID", &["F", "", "", "", text]);
    }
}

fn line_dates(rows: &mut Rows, line: &PurchaseOrderDocumentLine, ship_by: Date, deliver_by: Date) {
    if line.ship_by != ship_by {
        rows.add("DTM", &["010", &value::digits(line.ship_by)]);
    }
    if line.deliver_by != deliver_by {
        rows.add("DTM", &["002", &value::digits(line.deliver_by)]);
    }
}

/// What goes into one interchange.
pub(crate) struct Content {
    pub group: &'static str,
    pub set: &'static str,
    pub sets: Vec<Vec<Row>>,
    pub about: String,
}

/// Puts sets into an interchange under the next number of this pair of partners. It is written once with number 1
/// first, so that nothing can fail any more when the number is drawn.
pub(crate) fn send(
    source: &Source,
    settings: &Settings,
    content: Content,
    numbers: &mut Numbers<'_>,
    now: Timestamp,
) -> Result<Written, String> {
    settings.ready()?;
    render(source, settings, &content, 1, now)?;
    let pair = |party: &super::settings::Party| format!("{}:{}", party.qualifier.trim(), party.id.trim());
    let drawn = numbers(&format!("x12.{}>{}", pair(&settings.sender), pair(&settings.receiver)))?;
    let control = u32::try_from(drawn.saturating_sub(1) % CONTROL_MAX + 1).unwrap_or(1);
    let bytes = render(source, settings, &content, control, now)?;
    let about: String =
        content.about.chars().map(|c| if c.is_ascii_alphanumeric() || "-._".contains(c) { c } else { '_' }).collect();
    Ok(Written {
        name: format!("{control:09}-{about}.edi"),
        media_type: SmolStr::new_static(super::MEDIA_TYPE),
        bytes,
        reference: SmolStr::new(control.to_string()),
    })
}

fn render(
    source: &Source,
    settings: &Settings,
    content: &Content,
    control: u32,
    now: Timestamp,
) -> Result<Vec<u8>, String> {
    let (date, time) = value::local(now, settings.zone(source));
    let time = &time[..4];
    let mut writer = Writer::new(settings.write_options()?);
    writer.begin_x12(&X12Interchange {
        sender: (&settings.sender.qualifier, &settings.sender.id),
        receiver: (&settings.receiver.qualifier, &settings.receiver.id),
        date: &date[2..],
        time,
        version: settings.envelope_version(),
        control,
        acknowledgment_requested: settings.ta1_wanted && content.group != "FA",
        usage: if settings.test { 'T' } else { 'P' },
    });
    if content.set == "TA1" {
        content.sets.iter().flatten().for_each(|row| rows::write(&mut writer, settings.capitals, row));
    } else {
        writer.begin_group(&X12Group {
            kind: content.group,
            sender: settings.group.sender.as_deref().unwrap_or(&settings.sender.id),
            receiver: settings.group.receiver.as_deref().unwrap_or(&settings.receiver.id),
            date: &date,
            time,
            control,
            version: &settings.version,
        });
        for (index, rows) in content.sets.iter().enumerate() {
            let convention = if content.set == "999" { "005010X231A1" } else { "" };
            writer.begin_set_as(content.set, &format!("{:04}", index + 1), convention);
            rows.iter().for_each(|row| rows::write(&mut writer, settings.capitals, row));
            writer.end_set();
        }
    }
    writer.finish().map_err(|errors| {
        let first = errors.first().map(ToString::to_string).unwrap_or_default();
        format!("the paper cannot be written in X12: {first}")
    })
}
