//! CSV of a warehouse: stock, shipments, answers. The first row names the columns; they say what the file is.
//!
//! Comma, semicolon and tab are taken as separators, by the first row; quotes as in RFC 4180.

use super::Settings;
use crate::desk::{Desk, ItemName, name_item, shortened};
use crate::json;
use crate::matching::empty_line;
use crate::seam::{Finding, Hints, LineHint, Place, Severity};
use crate::value;
use countersign_engine::document::{
    Acknowledgment, Advice, AdviceLine, CancellationAnswer, Inbound, ItemRef, Receivable, Shipment, ShipmentLine,
};
use countersign_engine::ids::{PoNumber, ShipmentId};
use countersign_engine::item::Unit;
use countersign_engine::measure::Quantity;
use countersign_engine::reason::Reason;
use countersign_engine::stock::Origin;
use jiff::Timestamp;
use smol_str::SmolStr;
use std::collections::BTreeMap;

/// Columns of one file at most: more is no table that we know.
const COLUMNS_MAX: usize = 200;

/// Every column known here.
const KNOWN: &[&str] = &[
    "accepted",
    "as_of",
    "attempt",
    "backordered",
    "cancelled",
    "carrier",
    "discontinued",
    "gtin",
    "incoming_on",
    "incoming_quantity",
    "line",
    "purchase_order",
    "quantity",
    "reason",
    "rejected",
    "ship_on",
    "shipment",
    "shipped_at",
    "sku",
    "tracking",
    "unit",
    "vendor_sku",
];

/// One row with the names of its cells.
struct Row<'r> {
    columns: &'r [String],
    cells: Vec<String>,
    place: Place,
}

impl Row<'_> {
    fn text(&self, column: &str) -> Option<&str> {
        let index = self.columns.iter().position(|name| name == column)?;
        self.cells.get(index).map(|text| text.trim()).filter(|text| !text.is_empty())
    }

    fn fault(&self, column: &str, id: &str, sentence: &str, desk: &mut Desk<'_>) {
        let index = self.columns.iter().position(|name| name == column).map_or(0, |index| index + 1);
        let element = u32::try_from(index).unwrap_or(0);
        desk.reading.quarantine = true;
        desk.keep(Finding {
            id: SmolStr::new(id),
            severity: Severity::Error,
            place: Place { tag: SmolStr::new(column), element, ..self.place.clone() },
            sentence: crate::feed::sentence(sentence),
            advice: "Correct the cell and send the row again; the other rows were read.".into(),
            value: self.text(column).map(shortened),
        });
    }

    fn quantity(&self, column: &str, desk: &mut Desk<'_>) -> Result<Option<Quantity>, ()> {
        let Some(text) = self.text(column) else { return Ok(None) };
        match value::quantity(text) {
            Ok(quantity) => Ok(Some(quantity)),
            Err(error) => {
                self.fault(column, "quantity_invalid", &error, desk);
                Err(())
            }
        }
    }

    fn item(&self) -> ItemRef {
        let mut item = ItemRef::default();
        for (column, name) in [("sku", ItemName::Sku), ("vendor_sku", ItemName::VendorSku), ("gtin", ItemName::Gtin)] {
            if let Some(text) = self.text(column) {
                name_item(&mut item, name, text);
            }
        }
        item
    }

    fn unit(&self) -> Option<Unit> {
        self.text("unit").and_then(|text| Unit::new(&text.to_ascii_uppercase()).ok())
    }

    fn instant(&self, column: &str) -> Option<Timestamp> {
        self.text(column).and_then(|text| text.parse().ok())
    }

    fn po(&self, desk: &mut Desk<'_>) -> Option<PoNumber> {
        match PoNumber::new(self.text("purchase_order").unwrap_or_default()) {
            Ok(po) => Some(po),
            Err(error) => {
                self.fault("purchase_order", "edi_unmatched_po", &error.to_string(), desk);
                None
            }
        }
    }
}

/// Reads a table.
pub(crate) fn read(bytes: &[u8], name: &str, settings: &Settings, desk: &mut Desk<'_>) {
    let text = String::from_utf8_lossy(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes)).into_owned();
    let first = text.lines().next().unwrap_or_default();
    let separator = [',', ';', '\t'].into_iter().max_by_key(|sign| first.matches(*sign).count()).unwrap_or(',');
    let mut rows = split(&text, separator).into_iter();
    let columns: Vec<String> = match rows.next() {
        Some((_, cells)) => {
            cells.iter().map(|cell| cell.trim().to_ascii_lowercase().replace([' ', '-'], "_")).collect()
        }
        None => Vec::new(),
    };
    let has = |column: &str| columns.iter().any(|name| name == column);
    let items = has("sku") || has("vendor_sku") || has("gtin");
    if columns.len() > COLUMNS_MAX || !(has("purchase_order") || items && has("quantity")) {
        let what = "The first row names no columns that are known here.";
        let advice =
            "Name the columns: sku and quantity for stock; purchase_order, shipment, line and quantity for shipments.";
        let place = Place { line: 1, ..Place::default() };
        return desk.find("table_unknown", Severity::Fatal, place, what, advice);
    }
    for column in columns.iter().filter(|column| !KNOWN.contains(&column.as_str())) {
        let place = Place { line: 1, tag: SmolStr::new(column), ..Place::default() };
        desk.left_over(&SmolStr::new_static("csv"), SmolStr::new(column), place, column);
    }
    let rows: Vec<Row<'_>> = rows
        .map(|(line, cells)| Row { columns: &columns, cells, place: Place { line, segment: line, ..Place::default() } })
        .collect();
    if has("shipment") {
        shipments(&rows, desk);
    } else if has("cancelled") {
        rows.iter().for_each(|row| cancellation(row, desk));
    } else if has("purchase_order") {
        answers(&rows, desk);
    } else {
        stock(&rows, settings.feed == "full" || name.to_ascii_lowercase().contains("full"), desk);
    }
}

/// Rows with the line they begin on; empty lines are stepped over.
fn split(text: &str, separator: char) -> Vec<(u32, Vec<String>)> {
    let mut rows: Vec<(u32, Vec<String>)> = Vec::new();
    let (mut cells, mut cell, mut quoted) = (Vec::new(), String::new(), false);
    let (mut line, mut begun) = (1_u32, 1_u32);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        line += u32::from(letter == '\n');
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                cell.push('"');
            }
            '"' if quoted => quoted = false,
            '"' if cell.trim().is_empty() => (quoted, cell) = (true, String::new()),
            '\n' if !quoted => {
                cells.push(std::mem::take(&mut cell));
                rows.push((begun, std::mem::take(&mut cells)));
                begun = line;
            }
            other if other == separator && !quoted => cells.push(std::mem::take(&mut cell)),
            other => cell.push(other),
        }
    }
    if !cell.is_empty() || !cells.is_empty() {
        cells.push(cell);
        rows.push((begun, cells));
    }
    rows.retain(|(_, cells)| cells.iter().any(|cell| !cell.trim().is_empty()));
    rows
}

fn stock(rows: &[Row<'_>], full: bool, desk: &mut Desk<'_>) {
    let (mut lines, mut places): (Vec<AdviceLine>, Vec<Place>) = (Vec::new(), Vec::new());
    let mut known: BTreeMap<Vec<String>, usize> = BTreeMap::new();
    let mut as_of: Option<Timestamp> = None;
    let mut lost = false;
    for row in rows {
        let item = row.item();
        let Ok(quantity) = row.quantity("quantity", desk) else {
            lost = true;
            continue;
        };
        let (Some(quantity), true) = (quantity, item != ItemRef::default()) else {
            row.fault("quantity", "catalog_unknown_sku", "the row needs an item number and a quantity", desk);
            lost = true;
            continue;
        };
        as_of = [as_of, row.instant("as_of")].into_iter().flatten().min();
        let incoming =
            match (row.text("incoming_on").and_then(|text| text.parse().ok()), row.quantity("incoming_quantity", desk))
            {
                (Some(on), Ok(Some(quantity))) => vec![Receivable { on, quantity }],
                _ => Vec::new(),
            };
        let key = ["sku", "vendor_sku", "gtin"].map(|column| row.text(column).unwrap_or_default().to_owned()).to_vec();
        if let Some(index) = known.get(&key) {
            // A second row of an item names a further receipt.
            lines[*index].incoming.extend(incoming);
            continue;
        }
        known.insert(key, lines.len());
        let discontinued = row.text("discontinued").is_some_and(is_yes);
        places.push(row.place.clone());
        lines.push(AdviceLine { item, quantity, unit: row.unit(), incoming, discontinued });
    }
    let as_of = as_of.unwrap_or(desk.received_at).min(desk.received_at);
    let advice = Advice { as_of, origin: Origin::Wms, full: full && !lost, lines };
    desk.document(Inbound::Advice(advice), Place { line: 1, ..Place::default() }, places, Hints::default());
}

fn is_yes(text: &str) -> bool {
    matches!(text.to_ascii_lowercase().as_str(), "1" | "y" | "yes" | "true")
}

/// Rows of one key, in the order in which the keys first came.
fn grouped<'r, K: Ord + Clone>(rows: &'r [Row<'r>], key: impl Fn(&Row<'_>) -> K) -> Vec<Vec<&'r Row<'r>>> {
    let mut places: BTreeMap<K, usize> = BTreeMap::new();
    let mut groups: Vec<Vec<&Row<'_>>> = Vec::new();
    for row in rows {
        let next = groups.len();
        let index = *places.entry(key(row)).or_insert(next);
        if index == next {
            groups.push(Vec::new());
        }
        groups[index].push(row);
    }
    groups
}

fn shipments(rows: &[Row<'_>], desk: &mut Desk<'_>) {
    let key = |row: &Row<'_>| (row.text("purchase_order").map(str::to_owned), row.text("shipment").map(str::to_owned));
    for group in grouped(rows, key) {
        let first = group[0];
        let Some(po) = first.po(desk) else { continue };
        let shipment = match ShipmentId::new(first.text("shipment").unwrap_or_default()) {
            Ok(shipment) => shipment,
            Err(error) => {
                first.fault("shipment", "shipment_number_invalid", &error.to_string(), desk);
                continue;
            }
        };
        let (mut lines, mut places, mut hints) = (Vec::new(), Vec::new(), Vec::new());
        let mut tracking: Vec<SmolStr> = Vec::new();
        for row in &group {
            let parts = row.text("tracking").into_iter().flat_map(|text| text.split([' ', '|', '/']));
            tracking.extend(parts.filter(|part| !part.is_empty()).map(SmolStr::new));
            let Ok(Some(quantity)) = row.quantity("quantity", desk) else { continue };
            if !quantity.is_zero() {
                lines.push(ShipmentLine { line: SmolStr::new(row.text("line").unwrap_or_default()), quantity });
                places.push(row.place.clone());
                hints.push(LineHint { item: row.item(), unit: row.unit(), ..LineHint::default() });
            }
        }
        tracking.dedup();
        let shipped_at = first.instant("shipped_at").unwrap_or(desk.received_at).min(desk.received_at);
        let carrier = first.text("carrier").map(SmolStr::new);
        let content = Shipment { shipment, po, shipped_at, carrier, tracking, lines };
        desk.document(Inbound::Shipment(content), first.place.clone(), places, Hints { whole: None, lines: hints });
    }
}

fn answers(rows: &[Row<'_>], desk: &mut Desk<'_>) {
    for group in grouped(rows, |row| row.text("purchase_order").map(str::to_owned)) {
        let first = group[0];
        let Some(po) = first.po(desk) else { continue };
        let (mut lines, mut places, mut hints) = (Vec::new(), Vec::new(), Vec::new());
        for row in &group {
            for column in ["accepted", "rejected", "backordered"] {
                let Ok(Some(quantity)) = row.quantity(column, desk) else { continue };
                if quantity.is_zero() {
                    continue;
                }
                let mut line = empty_line(SmolStr::new(row.text("line").unwrap_or_default()));
                let reason = row.text("reason").and_then(json::reason);
                match column {
                    "accepted" => line.accepted = quantity,
                    "rejected" => (line.rejected, line.reason) = (quantity, reason.or(Some(Reason::AckRejectedOther))),
                    _ => (line.backordered, line.reason) = (quantity, reason.or(Some(Reason::AckBackordered))),
                }
                line.unit = row.unit();
                line.ship_on = row.text("ship_on").and_then(|text| text.parse().ok());
                hints.push(LineHint { item: row.item(), unit: row.unit(), rest_open: true, ..LineHint::default() });
                places.push(row.place.clone());
                lines.push(line);
            }
        }
        let attempt = first.text("attempt").and_then(|text| text.parse().ok());
        let content = Acknowledgment { po, attempt, vendor_order: None, lines };
        desk.document(
            Inbound::Acknowledgment(content),
            first.place.clone(),
            places,
            Hints { whole: None, lines: hints },
        );
    }
}

fn cancellation(row: &Row<'_>, desk: &mut Desk<'_>) {
    let Some(po) = row.po(desk) else { return };
    let accepted = row.text("cancelled").is_some_and(is_yes);
    let lines = row.text("line").map(SmolStr::new).into_iter().collect();
    let reason = row.text("reason").and_then(json::reason);
    let content = CancellationAnswer { po, accepted, lines, unasked: false, reason };
    desk.document(Inbound::CancellationAnswer(content), row.place.clone(), Vec::new(), Hints::default());
}
