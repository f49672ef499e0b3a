//! Writing: ORDERS for purchase orders and reminders, ORDCHG for cancellations, CONTRL for receipts that we owe.
//!
//! A line is numbered by its own number where that is a short number, else by its place, with its own number in a
//! reference. What does not fit is refused with a sentence that says what to mend.

use super::settings::Settings;
use crate::desk::ItemName;
use crate::rows::{self, Row, Rows, composite};
use crate::seam::{Numbers, Receipt, Written};
use crate::value;
use countersign_edi::{EdifactInterchange, EdifactMessage, Writer};
use countersign_engine::document::{CancellationDocument, Party, PurchaseOrderDocument, PurchaseOrderDocumentLine};
use countersign_engine::source::Source;
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value;
use smol_str::SmolStr;

/// Longest document number and reference (1004, 1154).
const REFERENCE_MAX: usize = 35;
/// Longest part of a name, street, city or description.
const TEXT_MAX: usize = 35;
/// Parts of a name or street.
const PARTS_MAX: usize = 3;
/// Interchange references count up to what five digits less than fourteen characters hold.
const CONTROL_MAX: u64 = 999_999_999;

/// The number of the ORDCHG that cancels (lines of) a purchase order: an answer that names it answers the change.
pub(crate) fn change_number(po: &str) -> String {
    format!("C-{po}")
}

/// A purchase order; a reminder is the same paper marked as a duplicate.
pub(crate) fn orders(
    source: &Source,
    settings: &Settings,
    order: &PurchaseOrderDocument,
    reminder: bool,
    numbers: &mut Numbers<'_>,
    now: Timestamp,
) -> Result<Written, String> {
    let zone = settings.zone(source);
    let mut rows = Rows::default();
    let po = reference("purchase order number", order.po.as_str())?;
    rows.add("BGM", &["220", po, if reminder { "7" } else { "9" }]);
    let released = value::local(order.released_at, zone).0;
    rows.add("DTM", &[&composite(&["137", &released, "102"])]);
    let ship_by = order.lines.iter().map(|line| line.ship_by).min().unwrap_or_default();
    let deliver_by = order.lines.iter().map(|line| line.deliver_by).min().unwrap_or_default();
    date(&mut rows, "10", ship_by);
    date(&mut rows, "2", deliver_by);
    rows.add("FTX", &["DEL", "", "", value::cut(&order.service_level, TEXT_MAX)]);
    if order.order.as_str().len() <= REFERENCE_MAX {
        rows.add("RFF", &[&composite(&["UC", order.order.as_str()])]);
    }
    rows.add("RFF", &[&composite(&["CR", &format!("ATTEMPT-{}", order.attempt)])]);
    parties(&mut rows, settings);
    delivery(&mut rows, &order.ship_to, settings)?;
    if let Some(line) = order.lines.first() {
        rows.add("CUX", &[&composite(&["2", line.unit_cost.currency.as_str(), "9"])]);
    }
    for (index, line) in order.lines.iter().enumerate() {
        one(&mut rows, settings, line, index, "")?;
        if line.ship_by != ship_by {
            insert_date(&mut rows, "10", line.ship_by);
        }
        if line.deliver_by != deliver_by {
            insert_date(&mut rows, "2", line.deliver_by);
        }
    }
    end(&mut rows, order.lines.len());
    let content = Content { kind: "ORDERS", about: format!("ORDERS-{po}"), rows: vec![rows.0] };
    send(source, settings, content, numbers, now)
}

/// A cancellation of lines, or of the purchase order as a whole where the partner wants it so.
pub(crate) fn ordchg(
    source: &Source,
    settings: &Settings,
    paper: &CancellationDocument,
    numbers: &mut Numbers<'_>,
    now: Timestamp,
) -> Result<Written, String> {
    let whole = settings.cancel_as == "whole" || paper.lines.is_empty();
    let zone = settings.zone(source);
    let mut rows = Rows::default();
    let po = reference("purchase order number", paper.po.as_str())?;
    let number = change_number(po);
    rows.add("BGM", &["230", reference("purchase order number", &number)?, if whole { "1" } else { "4" }]);
    rows.add("DTM", &[&composite(&["137", &value::local(now, zone).0, "102"])]);
    rows.add("FTX", &["AAO", "", "", value::cut(paper.reason.sentence(), 70)]);
    rows.add("RFF", &[&composite(&["ON", po])]);
    rows.add("DTM", &[&composite(&["4", &value::local(paper.released_at, zone).0, "102"])]);
    rows.add("RFF", &[&composite(&["CR", &format!("ATTEMPT-{}", paper.attempt)])]);
    parties(&mut rows, settings);
    for (index, line) in paper.lines.iter().enumerate() {
        one(&mut rows, settings, line, index, "2")?;
    }
    end(&mut rows, paper.lines.len());
    let content = Content { kind: "ORDCHG", about: format!("ORDCHG-{po}"), rows: vec![rows.0] };
    send(source, settings, content, numbers, now)
}

/// A receipt that a reading said we owe.
pub(crate) fn contrl(
    source: &Source,
    settings: &Settings,
    receipt: &Receipt,
    numbers: &mut Numbers<'_>,
    now: Timestamp,
) -> Result<Written, String> {
    let is_contrl = receipt.content.get("kind").and_then(Value::as_str) == Some("CONTRL");
    let sets = receipt.content.get("sets").and_then(rows::from_json).filter(|_| is_contrl);
    let rows = sets.ok_or_else(|| format!("the receipt {:?} has no content that EANCOM can carry", receipt.about))?;
    let mut written = send(source, settings, Content { kind: "CONTRL", about: "CONTRL".into(), rows }, numbers, now)?;
    // Nobody acknowledges an acknowledgment, so nothing will come for this reference.
    written.reference = SmolStr::default();
    Ok(written)
}

fn reference<'t>(what: &str, text: &'t str) -> Result<&'t str, String> {
    if text.len() > REFERENCE_MAX {
        return Err(format!(
            "{what} {text} has {} characters and EANCOM carries {REFERENCE_MAX}: use shorter ids",
            text.len()
        ));
    }
    Ok(text)
}

fn date(rows: &mut Rows, kind: &str, day: Date) {
    rows.add("DTM", &[&composite(&[kind, &value::digits(day), "102"])]);
}

/// A date of the last line stands before its price and reference.
fn insert_date(rows: &mut Rows, kind: &str, day: Date) {
    let place =
        rows.0.iter().rposition(|row| row[0] == "QTY" || row[0] == "DTM").map_or(rows.0.len(), |place| place + 1);
    rows.0.insert(place, vec!["DTM".into(), composite(&[kind, &value::digits(day), "102"])]);
}

fn parties(rows: &mut Rows, settings: &Settings) {
    let party = |id: &str| composite(&[id, "", &settings.agency]);
    rows.add("NAD", &["BY", &party(&settings.sender.id)]);
    rows.add("NAD", &["SU", &party(&settings.receiver.id)]);
}

/// Name and address of the delivery, cut into parts as wide as the standard has them.
fn delivery(rows: &mut Rows, party: &Party, settings: &Settings) -> Result<(), String> {
    if party.name.trim().is_empty() {
        return Err("ship_to.name is missing: EANCOM needs a name to deliver to".into());
    }
    let name = parts("ship_to.name", party.name.trim())?;
    let street = [party.address1.trim(), party.address2.as_deref().unwrap_or_default().trim()];
    let mut lines: Vec<&str> = Vec::new();
    for text in street.into_iter().filter(|text| !text.is_empty()) {
        lines.extend(parts("ship_to.address1", text)?);
    }
    if lines.len() > PARTS_MAX {
        return Err("ship_to.address1 and address2 together are longer than EANCOM carries: shorten them".into());
    }
    let region = party.region.as_deref().unwrap_or_default().trim();
    let postal_max = if settings.is_01b() { 17 } else { 9 };
    let postal = value::cut(party.postal_code.as_deref().unwrap_or_default().trim(), postal_max);
    let region = if region.len() <= 9 { region } else { "" };
    let city = value::cut(party.city.trim(), TEXT_MAX);
    rows.add("NAD", &["DP", "", "", &composite(&name), &composite(&lines), city, region, postal, &party.country]);
    let phone = party.phone.as_deref().map(|text| (text, "TE"));
    let email = party.email.as_deref().map(|text| (text, "EM"));
    let contacts: Vec<_> = [phone, email].into_iter().flatten().filter(|(text, _)| !text.trim().is_empty()).collect();
    if !contacts.is_empty() {
        rows.add("CTA", &["DL"]);
        for (text, kind) in contacts {
            rows.add("COM", &[&composite(&[value::cut(text.trim(), 70), kind])]);
        }
    }
    Ok(())
}

fn parts<'t>(field: &str, text: &'t str) -> Result<Vec<&'t str>, String> {
    let (mut rest, mut parts) = (text, Vec::new());
    while !rest.is_empty() {
        let head = value::cut(rest, TEXT_MAX);
        let end = if head.len() == rest.len() {
            head.len()
        } else {
            head.rfind(' ').filter(|end| *end > 0).unwrap_or(head.len())
        };
        parts.push(rest[..end].trim_end());
        rest = rest[end..].trim_start();
    }
    if parts.len() > PARTS_MAX {
        return Err(format!(
            "{field} is longer than EANCOM carries ({PARTS_MAX} times {TEXT_MAX} characters): shorten it"
        ));
    }
    Ok(parts)
}

fn one(
    rows: &mut Rows,
    settings: &Settings,
    line: &PurchaseOrderDocumentLine,
    index: usize,
    action: &str,
) -> Result<(), String> {
    let own = line.line.len() <= 6 && line.line.bytes().all(|byte| byte.is_ascii_digit());
    let number = if own { line.line.to_string() } else { (index + 1).to_string() };
    let gtin = line.gtin.as_deref().map(plain_gtin);
    let kind = if settings.is_01b() { "SRV" } else { "EN" };
    let id = gtin.map(|digits| composite(&[digits, kind])).unwrap_or_default();
    rows.add("LIN", &[&number, action, &id]);
    let mut pia = vec![if gtin.is_some() { "1" } else { "5" }.to_owned()];
    for (qualifier, name) in &settings.order_items {
        let text = match name {
            ItemName::Sku => line.sku.as_str(),
            ItemName::VendorSku => line.vendor_sku.as_str(),
            _ => continue,
        };
        pia.push(composite(&[reference("item number", text)?, qualifier]));
    }
    if pia.len() > 1 {
        rows.add_all("PIA", pia);
    }
    let title = line.title.trim();
    if !title.is_empty() {
        let first = value::cut(title, TEXT_MAX);
        let second = value::cut(&title[first.len()..], TEXT_MAX);
        rows.add("IMD", &["F", "", &composite(&["", "", "", first.trim(), second.trim()])]);
    }
    rows.add("QTY", &[&composite(&["21", &line.quantity.to_string(), settings.unit_out(&line.unit)])]);
    rows.add("PRI", &[&composite(&["AAA", &line.unit_cost.amount()])]);
    if !own {
        rows.add("RFF", &[&composite(&["LI", reference("line number", &line.line)?])]);
    }
    Ok(())
}

/// Fourteen digits only where they are needed.
fn plain_gtin(digits: &str) -> &str {
    if digits.len() == 14 { digits.strip_prefix('0').unwrap_or(digits) } else { digits }
}

fn end(rows: &mut Rows, lines: usize) {
    rows.add("UNS", &["S"]);
    rows.add("CNT", &[&composite(&["2", &lines.to_string()])]);
}

struct Content {
    kind: &'static str,
    about: String,
    rows: Vec<Vec<Row>>,
}

/// Puts messages into an interchange under the next number of this pair of partners. It is written once with number 1
/// first, so that nothing can fail any more when the number is drawn.
fn send(
    source: &Source,
    settings: &Settings,
    content: Content,
    numbers: &mut Numbers<'_>,
    now: Timestamp,
) -> Result<Written, String> {
    settings.ready()?;
    render(source, settings, &content, "1", now)?;
    let pair = |party: &super::settings::Party| format!("{}:{}", party.qualifier.trim(), party.id.trim());
    let drawn = numbers(&format!("edifact.{}>{}", pair(&settings.sender), pair(&settings.receiver)))?;
    let control = (drawn.saturating_sub(1) % CONTROL_MAX + 1).to_string();
    let bytes = render(source, settings, &content, &control, now)?;
    let about: String =
        content.about.chars().map(|c| if c.is_ascii_alphanumeric() || "-._".contains(c) { c } else { '_' }).collect();
    Ok(Written {
        name: format!("{control:0>9}-{about}.edi"),
        media_type: SmolStr::new_static(super::MEDIA_TYPE),
        bytes,
        reference: SmolStr::new(&control),
    })
}

fn render(
    source: &Source,
    settings: &Settings,
    content: &Content,
    control: &str,
    now: Timestamp,
) -> Result<Vec<u8>, String> {
    let (date, time) = value::local(now, settings.zone(source));
    let mut writer = Writer::new(settings.write_options()?);
    writer.begin_edifact(&EdifactInterchange {
        una: true,
        syntax: &settings.syntax,
        version: 3,
        sender: (&settings.sender.id, &settings.sender.qualifier),
        receiver: (&settings.receiver.id, &settings.receiver.qualifier),
        date: &date[2..],
        time: &time[..4],
        control,
        application: if content.kind == "CONTRL" { "" } else { content.kind },
        acknowledgment_requested: settings.contrl_wanted && content.kind != "CONTRL",
        test: settings.test,
    });
    let release = if content.kind == "CONTRL" { "3" } else { settings.directory() };
    for (index, rows) in content.rows.iter().enumerate() {
        writer.begin_message(&EdifactMessage {
            reference: &(index + 1).to_string(),
            kind: content.kind,
            version: "D",
            release,
            agency: "UN",
            association: settings.association(content.kind),
        });
        rows.iter().for_each(|row| rows::write(&mut writer, settings.capitals(), row));
        writer.end_set();
    }
    writer.finish().map_err(|errors| {
        let first = errors.first().map(ToString::to_string).unwrap_or_default();
        format!("the paper cannot be written in EANCOM: {first}")
    })
}
