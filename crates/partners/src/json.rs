//! Documents of the vendor API as JSON: the bodies that a source posts, or answers with.
//!
//! Knows the fields of version 1. Fields that nobody knows are kept as unused and never break a reader; a field that
//! is wrong is told with its JSON pointer.

use crate::desk::{Desk, name_item};
use crate::seam::{Hints, LineHint, Place, Severity};
use crate::{ItemName, value};
use countersign_engine::document::{
    Acknowledgment, AcknowledgmentLine, Advice, AdviceLine, CancellationAnswer, Inbound, ItemRef, Receipt, Receivable,
    Shipment, ShipmentLine,
};
use countersign_engine::ids::{PoNumber, ShipmentId};
use countersign_engine::item::Unit;
use countersign_engine::measure::{QUANTITY_MAX, Quantity};
use countersign_engine::reason::Reason;
use countersign_engine::stock::{INCOMING_MAX, Origin};
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Map, Value};
use smol_str::SmolStr;

/// Short words for reasons, as vendors write them; the full codes are taken too.
pub(crate) const REASONS: &[(&str, Reason)] = &[
    ("backordered", Reason::AckBackordered),
    ("cancelled_by_vendor", Reason::CancelVendor),
    ("discontinued", Reason::AckRejectedDiscontinued),
    ("insufficient_stock", Reason::AckRejectedOutOfStock),
    ("other", Reason::AckRejectedOther),
    ("out_of_stock", Reason::AckRejectedOutOfStock),
    ("partial_quantity", Reason::AckPartialQuantity),
    ("price", Reason::AckRejectedPrice),
    ("unit_mismatch", Reason::CatalogUnitMismatch),
    ("unknown_item", Reason::AckRejectedUnknownItem),
    ("unknown_sku", Reason::AckRejectedUnknownItem),
];

/// The reason behind a vendor's word.
pub(crate) fn reason(word: &str) -> Option<Reason> {
    let plain = word.trim().to_ascii_lowercase().replace([' ', '-'], "_");
    let short = REASONS.iter().find(|(known, _)| *known == plain).map(|(_, reason)| *reason);
    short.or_else(|| Reason::from_code(&plain))
}

/// How a line can be answered: the quantity under one of these.
const ANSWERS: [&str; 4] = ["accepted", "rejected", "backordered", "substituted"];

/// Which document a body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Availability,
    Receipt,
    Acknowledgment,
    Shipments,
    CancellationAnswer,
}

/// Reads a body. The path it was posted to, or the name of its file, says what it is; without, its fields do.
pub(crate) fn read(bytes: &[u8], name: &str, origin: Origin, desk: &mut Desk<'_>) {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return;
    }
    let body: Value = match serde_json::from_slice(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes)) {
        Ok(body) => body,
        Err(error) => return not_json(bytes, &error, desk),
    };
    for (pointer, body) in bodies(&body) {
        let Value::Object(fields) = body else {
            fault(desk, &pointer, "json_not_an_object", "A document must be a JSON object.", None);
            continue;
        };
        let mut reader = Reader { fields, pointer, used: Vec::new() };
        match kind_of(name, fields) {
            Some(kind) => document(kind, name, &mut reader, origin, desk),
            None => {
                let what = "The body is none of the documents known here; nothing was changed.";
                let advice = "Post it to the path of its kind, or name its fields as the vendor API does.";
                let place = place_of(&reader.pointer);
                desk.find("document_not_used", Severity::Note, place, what, advice);
            }
        }
        reader.keep_rest(desk);
    }
}

/// Reads the body of a 2xx answer. Servers put many things there: the order just created, a status, a page. Only an
/// answer as the contract has it, for the paper that the path names, is more than a receipt.
pub(crate) fn read_answer(bytes: &[u8], path: &str, desk: &mut Desk<'_>) {
    let Ok(body) = serde_json::from_slice::<Value>(bytes) else { return };
    for (pointer, body) in bodies(&body) {
        let Value::Object(fields) = body else { continue };
        match kind_of(path, &Map::new()).filter(|kind| answers(*kind, fields)) {
            Some(kind) => {
                let mut reader = Reader { fields, pointer, used: Vec::new() };
                document(kind, path, &mut reader, Origin::Api, desk);
                reader.keep_rest(desk);
            }
            None => {
                let what = "The body answers nothing: it counts as a receipt.";
                let advice = "To answer at once, put the answer as the vendor API has it into the body.";
                desk.find("document_not_used", Severity::Note, place_of(&pointer), what, advice);
            }
        }
    }
}

/// True if a body says what such an answer must say.
fn answers(kind: Kind, fields: &Map<String, Value>) -> bool {
    let lines = || fields.get("lines").and_then(Value::as_array).into_iter().flatten();
    let says = |line: &Value, name: &&str| line.get(name).is_some_and(|value| !value.is_null() && *value != 0);
    match kind {
        Kind::Acknowledgment => lines().any(|line| ANSWERS.iter().any(|name| says(line, name))),
        Kind::CancellationAnswer => fields.get("accepted").is_some_and(Value::is_boolean),
        Kind::Availability | Kind::Receipt | Kind::Shipments => false,
    }
}

/// The documents of a body, each with its pointer.
fn bodies(body: &Value) -> Vec<(String, &Value)> {
    match body {
        Value::Array(all) => all.iter().enumerate().map(|(index, one)| (format!("/{index}"), one)).collect(),
        one => vec![(String::new(), one)],
    }
}

fn not_json(bytes: &[u8], error: &serde_json::Error, desk: &mut Desk<'_>) {
    let starts = bytes.split_inclusive(|byte| *byte == b'\n').take(error.line().saturating_sub(1));
    let byte = starts.map(<[u8]>::len).sum::<usize>() + error.column().saturating_sub(1);
    let place = Place { byte: byte as u64, line: u32::try_from(error.line()).unwrap_or(u32::MAX), ..Place::default() };
    let what = format!("The body is no JSON: {error}.");
    desk.find("json_syntax", Severity::Fatal, place, what, "Send UTF-8 JSON; check commas, quotes and brackets.");
}

fn kind_of(name: &str, fields: &Map<String, Value>) -> Option<Kind> {
    let path = name.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    let last = path.rsplit('/').next().unwrap_or_default();
    let word = fields.get("document").and_then(Value::as_str).unwrap_or(last);
    match word.trim_end_matches(".json") {
        "availability" | "advice" | "stock" => return Some(Kind::Availability),
        "receipt" => return Some(Kind::Receipt),
        "acknowledgment" | "acknowledgement" => return Some(Kind::Acknowledgment),
        "shipment" | "shipments" => return Some(Kind::Shipments),
        "cancellation-answer" | "cancellation_answer" => return Some(Kind::CancellationAnswer),
        _ => {}
    }
    let first = fields.get("lines").and_then(Value::as_array).and_then(|lines| lines.first());
    let line_has = |names: &[&str]| names.iter().any(|name| first.is_some_and(|line| line.get(*name).is_some()));
    if fields.contains_key("shipment") {
        Some(Kind::Shipments)
    } else if fields.get("accepted").is_some_and(Value::is_boolean) {
        Some(Kind::CancellationAnswer)
    } else if line_has(&ANSWERS) {
        Some(Kind::Acknowledgment)
    } else if line_has(&["quantity"]) && line_has(&["sku", "vendor_sku", "gtin"]) {
        Some(Kind::Availability)
    } else {
        None
    }
}

/// The purchase order that a path names: what stands after `purchase-orders`.
fn po_of_path(name: &str) -> Option<&str> {
    let mut parts = name.split('/');
    parts.find(|part| *part == "purchase-orders")?;
    parts.next().filter(|part| !part.is_empty())
}

fn document(kind: Kind, name: &str, reader: &mut Reader<'_>, origin: Origin, desk: &mut Desk<'_>) {
    if kind == Kind::Availability {
        return availability(reader, origin, desk);
    }
    let Some(po) = purchase_order(name, reader, desk) else { return };
    match kind {
        Kind::Receipt => {
            let accepted = reader.flag("accepted", desk).unwrap_or(true);
            let (_, note) = (reader.number("attempt", desk), reader.text("note", desk).map(Into::into));
            put(Inbound::Receipt(Receipt { po, accepted, note }), reader, Lines::default(), desk);
        }
        Kind::Acknowledgment => acknowledgment(po, reader, desk),
        Kind::Shipments => shipment(po, reader, desk),
        Kind::CancellationAnswer => cancellation(po, reader, desk),
        Kind::Availability => {}
    }
}

fn purchase_order(name: &str, reader: &mut Reader<'_>, desk: &mut Desk<'_>) -> Option<PoNumber> {
    let own = reader.text("purchase_order", desk);
    let text = match (po_of_path(name), own) {
        (Some(path), Some(own)) if path != own.as_str() => {
            let what = format!("The body is about purchase order {own}, the path about {path}; nothing was changed.");
            fault(desk, &reader.at("purchase_order"), "edi_unmatched_po", &what, Some(own.to_string()));
            return None;
        }
        (Some(path), _) => SmolStr::new(path),
        (None, Some(own)) => own,
        (None, None) => {
            fault(
                desk,
                &reader.at("purchase_order"),
                "edi_unmatched_po",
                "The document names no purchase order.",
                None,
            );
            return None;
        }
    };
    match PoNumber::new(&text) {
        Ok(po) => Some(po),
        Err(error) => {
            fault(desk, &reader.at("purchase_order"), "edi_unmatched_po", &format!("{error}."), Some(text.into()));
            None
        }
    }
}

/// Places and hints of the lines of a document.
#[derive(Default)]
struct Lines {
    places: Vec<Place>,
    hints: Vec<LineHint>,
}

fn put(content: Inbound, reader: &Reader<'_>, lines: Lines, desk: &mut Desk<'_>) {
    let hints = Hints { whole: None, lines: lines.hints };
    desk.document(content, place_of(&reader.pointer), lines.places, hints);
}

fn availability(reader: &mut Reader<'_>, origin: Origin, desk: &mut Desk<'_>) {
    let as_of = reader.instant("as_of", desk).unwrap_or(desk.received_at).min(desk.received_at);
    let full = match reader.text("feed", desk).as_deref() {
        Some("full") => true,
        Some(_) => false,
        None => reader.flag("full", desk).unwrap_or(false),
    };
    let mut lines = Vec::new();
    let mut places = Vec::new();
    let mut lost = false;
    for mut line in reader.lines(desk) {
        let item = line.item(desk);
        let quantity = line.quantity("quantity", desk);
        let unit = line.unit(desk);
        let discontinued = line.flag("discontinued", desk).unwrap_or(false);
        let incoming = line.incoming(desk);
        line.keep_rest(desk);
        if item == ItemRef::default() {
            fault(
                desk,
                &line.pointer,
                "catalog_unknown_sku",
                "The line names no item: give sku, vendor_sku or gtin.",
                None,
            );
            lost = true;
            continue;
        }
        let Some(quantity) = quantity.or(discontinued.then_some(Quantity::ZERO)) else {
            line.missing("quantity", desk);
            lost = true;
            continue;
        };
        places.push(place_of(&line.pointer));
        lines.push(AdviceLine { item, quantity, unit, incoming, discontinued });
    }
    // A line that was left out is not an item that is gone.
    let advice = Advice { as_of, origin, full: full && !lost, lines };
    put(Inbound::Advice(advice), reader, Lines { places, hints: Vec::new() }, desk);
}

fn acknowledgment(po: PoNumber, reader: &mut Reader<'_>, desk: &mut Desk<'_>) {
    let attempt = reader.number("attempt", desk);
    let vendor_order = reader.text("vendor_order", desk);
    let (mut lines, mut own) = (Vec::new(), Lines::default());
    for mut line in reader.lines(desk) {
        let item = line.item(desk);
        if let Some(answer) = answer(&mut line, desk) {
            own.hints.push(LineHint { item, unit: answer.unit.clone(), rest_open: true, ..LineHint::default() });
            own.places.push(place_of(&line.pointer));
            lines.push(answer);
        }
        line.keep_rest(desk);
    }
    put(Inbound::Acknowledgment(Acknowledgment { po, attempt, vendor_order, lines }), reader, own, desk);
}

fn answer(line: &mut Reader<'_>, desk: &mut Desk<'_>) -> Option<AcknowledgmentLine> {
    let mut answer = crate::matching::empty_line(line.text("line", desk).unwrap_or_default());
    let quantities = ANSWERS.map(|name| line.quantity(name, desk));
    let [accepted, rejected, backordered, substituted] = quantities.map(Option::unwrap_or_default);
    (answer.accepted, answer.rejected) = (accepted, rejected);
    (answer.backordered, answer.substituted) = (backordered, substituted);
    answer.unit = line.unit(desk);
    answer.ship_on = line.date("ship_on", desk);
    answer.reason = line.reason(desk);
    if let Some(mut other) = line.object("substitute", desk) {
        let item = other.item(desk);
        other.keep_rest(desk);
        answer.substitute = Some(item).filter(|item| *item != ItemRef::default());
    }
    let given = [accepted, rejected, backordered, substituted].iter().filter(|quantity| !quantity.is_zero()).count();
    if given != 1 {
        let what =
            "Each entry answers with exactly one quantity above zero: accepted, rejected, backordered or substituted.";
        fault(desk, &line.pointer, "ack_quantity_ambiguous", what, None);
        return None;
    }
    if !rejected.is_zero() && answer.reason.is_none() {
        answer.reason = Some(Reason::AckRejectedOther);
    }
    Some(answer)
}

fn shipment(po: PoNumber, reader: &mut Reader<'_>, desk: &mut Desk<'_>) {
    let number = reader.text("shipment", desk);
    let shipped_at = reader.instant("shipped_at", desk).unwrap_or(desk.received_at).min(desk.received_at);
    let carrier = reader.text("carrier", desk);
    let tracking = reader.texts("tracking", desk);
    let (mut lines, mut own) = (Vec::new(), Lines::default());
    for mut line in reader.lines(desk) {
        let (item, unit) = (line.item(desk), line.unit(desk));
        let number = line.text("line", desk).unwrap_or_default();
        match line.quantity("quantity", desk) {
            Some(quantity) if !quantity.is_zero() => {
                lines.push(ShipmentLine { line: number, quantity });
                own.hints.push(LineHint { item, unit, ..LineHint::default() });
                own.places.push(place_of(&line.pointer));
            }
            Some(_) => {}
            None => line.missing("quantity", desk),
        }
        line.keep_rest(desk);
    }
    let Some(number) = number else { return reader.missing("shipment", desk) };
    match ShipmentId::new(&number) {
        Ok(shipment) => {
            put(Inbound::Shipment(Shipment { shipment, po, shipped_at, carrier, tracking, lines }), reader, own, desk);
        }
        Err(error) => {
            fault(desk, &reader.at("shipment"), "shipment_number_invalid", &format!("{error}."), Some(number.into()));
        }
    }
}

fn cancellation(po: PoNumber, reader: &mut Reader<'_>, desk: &mut Desk<'_>) {
    let accepted = reader.flag("accepted", desk);
    let unasked = reader.flag("unasked", desk).unwrap_or(false);
    let (_, reason) = (reader.number("attempt", desk), reader.reason(desk));
    let lines = reader.texts("lines", desk);
    let Some(accepted) = accepted else { return reader.missing("accepted", desk) };
    let reason = reason.or(unasked.then_some(Reason::CancelVendor));
    let content = CancellationAnswer { po, accepted, lines, unasked, reason };
    put(Inbound::CancellationAnswer(content), reader, Lines::default(), desk);
}

fn place_of(pointer: &str) -> Place {
    Place { tag: SmolStr::new(pointer), ..Place::default() }
}

fn fault(desk: &mut Desk<'_>, pointer: &str, id: &str, what: &str, value: Option<String>) {
    desk.reading.quarantine = true;
    desk.keep(crate::seam::Finding {
        id: SmolStr::new(id),
        severity: Severity::Error,
        place: place_of(pointer),
        sentence: what.to_owned(),
        advice: "Correct the field and send the document again.".to_owned(),
        value: value.map(|text| crate::desk::shortened(&text)),
    });
}

/// An object that is being read, with the fields that were asked for.
struct Reader<'j> {
    fields: &'j Map<String, Value>,
    pointer: String,
    used: Vec<&'static str>,
}

impl<'j> Reader<'j> {
    fn at(&self, name: &str) -> String {
        format!("{}/{name}", self.pointer)
    }

    fn get(&mut self, name: &'static str) -> Option<&'j Value> {
        self.used.push(name);
        self.fields.get(name).filter(|value| !value.is_null())
    }

    fn wrong(&self, name: &str, value: &Value, wanted: &str, desk: &mut Desk<'_>) {
        let what = format!("{name} must be {wanted}.");
        fault(desk, &self.at(name), "json_field_invalid", &what, Some(value.to_string()));
    }

    fn missing(&self, name: &str, desk: &mut Desk<'_>) {
        fault(desk, &self.at(name), "json_field_missing", &format!("{name} is missing."), None);
    }

    fn text(&mut self, name: &'static str, desk: &mut Desk<'_>) -> Option<SmolStr> {
        match self.get(name)? {
            Value::String(text) if !text.trim().is_empty() => Some(SmolStr::new(text.trim())),
            Value::String(_) => None,
            Value::Number(number) => Some(SmolStr::new(number.to_string())),
            other => {
                self.wrong(name, other, "a text", desk);
                None
            }
        }
    }

    fn texts(&mut self, name: &'static str, desk: &mut Desk<'_>) -> Vec<SmolStr> {
        let text_of = |value: &Value| match value {
            Value::String(text) => Some(SmolStr::new(text.trim())),
            Value::Number(number) => Some(SmolStr::new(number.to_string())),
            // Lines may be objects here as they are elsewhere.
            Value::Object(fields) => fields.get("line").and_then(Value::as_str).map(SmolStr::new),
            _ => None,
        };
        match self.get(name) {
            None => Vec::new(),
            Some(Value::Array(all)) => {
                let texts: Vec<_> = all.iter().filter_map(text_of).filter(|text| !text.is_empty()).collect();
                if texts.len() != all.len() {
                    self.wrong(name, &Value::Array(all.clone()), "a list of texts", desk);
                }
                texts
            }
            Some(one) => text_of(one).into_iter().filter(|text| !text.is_empty()).collect(),
        }
    }

    fn flag(&mut self, name: &'static str, desk: &mut Desk<'_>) -> Option<bool> {
        let value = self.get(name)?;
        if value.as_bool().is_none() {
            self.wrong(name, value, "true or false", desk);
        }
        value.as_bool()
    }

    fn number(&mut self, name: &'static str, desk: &mut Desk<'_>) -> Option<u32> {
        let value = self.get(name)?;
        let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
        if number.is_none() {
            self.wrong(name, value, "a whole number", desk);
        }
        number
    }

    fn quantity(&mut self, name: &'static str, desk: &mut Desk<'_>) -> Option<Quantity> {
        let value = self.get(name)?;
        let text = match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let number = value::quantity(&text).ok();
        if number.is_none() {
            self.wrong(name, value, &format!("a whole number from 0 to {QUANTITY_MAX}"), desk);
        }
        number
    }

    fn date(&mut self, name: &'static str, desk: &mut Desk<'_>) -> Option<Date> {
        let value = self.get(name)?;
        let date = value.as_str().and_then(|text| text.parse().ok());
        if date.is_none() {
            self.wrong(name, value, "a day such as \"2026-11-24\"", desk);
        }
        date
    }

    fn instant(&mut self, name: &'static str, desk: &mut Desk<'_>) -> Option<Timestamp> {
        let value = self.get(name)?;
        let at = value.as_str().and_then(|text| text.parse().ok());
        if at.is_none() {
            self.wrong(name, value, "a time with its offset, such as \"2026-11-24T16:00:00-06:00\"", desk);
        }
        at
    }

    fn unit(&mut self, desk: &mut Desk<'_>) -> Option<Unit> {
        let text = self.text("unit", desk)?;
        match Unit::new(&text) {
            Ok(unit) => Some(unit),
            Err(error) => {
                fault(desk, &self.at("unit"), "catalog_unit_mismatch", &format!("{error}."), Some(text.into()));
                None
            }
        }
    }

    fn reason(&mut self, desk: &mut Desk<'_>) -> Option<Reason> {
        let text = self.text("reason", desk)?;
        let known = reason(&text);
        if known.is_none() {
            let what = format!("The reason {text:?} is not known here; it counts as a reason without a name.");
            let advice = "Use one of the reason codes of the vendor API.";
            desk.find("reason_unknown", Severity::Note, place_of(&self.at("reason")), what, advice);
        }
        Some(known.unwrap_or(Reason::AckRejectedOther))
    }

    fn item(&mut self, desk: &mut Desk<'_>) -> ItemRef {
        let mut item = ItemRef::default();
        let names = [("sku", ItemName::Sku), ("vendor_sku", ItemName::VendorSku), ("gtin", ItemName::Gtin)];
        for (name, kind) in names {
            let Some(text) = self.text(name, desk) else { continue };
            if !name_item(&mut item, kind, &text) {
                let what = format!("{name} {text:?} cannot be an item number.");
                fault(desk, &self.at(name), "catalog_unknown_sku", &what, Some(text.into()));
            }
        }
        item
    }

    fn incoming(&mut self, desk: &mut Desk<'_>) -> Vec<Receivable> {
        let mut receipts = Vec::new();
        for mut receipt in self.objects("incoming", desk).into_iter().take(INCOMING_MAX) {
            let (on, quantity) = (receipt.date("on", desk), receipt.quantity("quantity", desk));
            receipt.keep_rest(desk);
            if let (Some(on), Some(quantity)) = (on, quantity) {
                receipts.push(Receivable { on, quantity });
            }
        }
        receipts
    }

    fn object(&mut self, name: &'static str, desk: &mut Desk<'_>) -> Option<Reader<'j>> {
        match self.get(name)? {
            Value::Object(fields) => Some(Reader { fields, pointer: self.at(name), used: Vec::new() }),
            other => {
                self.wrong(name, other, "an object", desk);
                None
            }
        }
    }

    fn objects(&mut self, name: &'static str, desk: &mut Desk<'_>) -> Vec<Reader<'j>> {
        let all = match self.get(name) {
            None => return Vec::new(),
            Some(Value::Array(all)) => all,
            Some(other) => {
                self.wrong(name, other, "a list", desk);
                return Vec::new();
            }
        };
        let mut readers = Vec::with_capacity(all.len());
        for (index, one) in all.iter().enumerate() {
            let pointer = format!("{}/{name}/{index}", self.pointer);
            match one {
                Value::Object(fields) => readers.push(Reader { fields, pointer, used: Vec::new() }),
                _ => {
                    fault(desk, &pointer, "json_field_invalid", "Each entry must be an object.", Some(one.to_string()))
                }
            }
        }
        readers
    }

    fn lines(&mut self, desk: &mut Desk<'_>) -> Vec<Reader<'j>> {
        if self.fields.get("lines").is_none() {
            self.missing("lines", desk);
        }
        self.objects("lines", desk)
    }

    /// Keeps the fields that nobody asked for.
    fn keep_rest(&self, desk: &mut Desk<'_>) {
        let known =
            |name: &String| self.used.contains(&name.as_str()) || name == "document" || name == "purchase_order";
        for (name, value) in self.fields.iter().filter(|(name, _)| !known(name)) {
            desk.left_over(
                &SmolStr::new_static("json"),
                SmolStr::new(name),
                place_of(&self.at(name)),
                &value.to_string(),
            );
        }
    }
}
