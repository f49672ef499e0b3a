//! Completes a document with the lines of its purchase order: what a paper leaves to be understood is spelt out here.
//!
//! Knows no dialect and looks nothing up. Whoever holds the purchase order calls [`settle`] once per answer or ship
//! notice; the same document and lines always give the same result.

use crate::seam::{Document, Finding, LineHint, Place, Severity, Whole};
use countersign_engine::document::{
    Acknowledgment, AcknowledgmentLine, Inbound, ItemRef, PurchaseOrderDocumentLine, Shipment,
};
use countersign_engine::ids::{Sku, VendorSku};
use countersign_engine::item::Unit;
use countersign_engine::measure::Quantity;
use countersign_engine::reason::Reason;
use jiff::civil::Date;
use jiff::{Span, ToSpan};
use smol_str::SmolStr;

/// A line of the purchase order, as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderedLine {
    /// Its number.
    pub line: SmolStr,
    /// The retailer's number of the item.
    pub sku: Sku,
    /// The source's number of the item.
    pub vendor_sku: VendorSku,
    /// GTIN digits, if known.
    pub gtin: Option<SmolStr>,
    /// Packs ordered.
    pub quantity: Quantity,
    /// Their unit.
    pub unit: Unit,
    /// Wanted at the carrier by this day.
    pub ship_by: Date,
    /// Wanted at the customer by this day.
    pub deliver_by: Date,
}

impl From<&PurchaseOrderDocumentLine> for OrderedLine {
    fn from(line: &PurchaseOrderDocumentLine) -> Self {
        OrderedLine {
            line: line.line.clone(),
            sku: line.sku.clone(),
            vendor_sku: line.vendor_sku.clone(),
            gtin: line.gtin.clone(),
            quantity: line.quantity,
            unit: line.unit.clone(),
            ship_by: line.ship_by,
            deliver_by: line.deliver_by,
        }
    }
}

/// Spells out what the document leaves to the purchase order and uses its hints up: answers for all lines at once,
/// lines named by their item, the rest of a line that was answered in part, delivery dates in place of ship dates.
/// Units that differ from the order's are told.
pub fn settle(document: &mut Document, ordered: &[OrderedLine]) -> Vec<Finding> {
    let hints = std::mem::take(&mut document.hints);
    let places = &mut document.lines;
    let mut findings = Vec::new();
    match &mut document.content {
        Inbound::Acknowledgment(acknowledgment) => {
            name_lines(&mut acknowledgment.lines, |line| &mut line.line, &hints.lines, ordered, places, &mut findings);
            shift_dates(acknowledgment, &hints.lines, ordered);
            close_rests(acknowledgment, &hints.lines, ordered, hints.whole, places);
            if let Some(whole) = hints.whole {
                answer_rest(acknowledgment, whole, ordered);
            }
        }
        Inbound::Shipment(shipment) => {
            name_lines(&mut shipment.lines, |line| &mut line.line, &hints.lines, ordered, places, &mut findings);
            add_up(shipment, places);
        }
        Inbound::CancellationAnswer(answer) => {
            for number in &mut answer.lines {
                if let Some(order) = ordered.iter().find(|order| same_number(&order.line, number)) {
                    number.clone_from(&order.line);
                }
            }
        }
        Inbound::Advice(_) | Inbound::Receipt(_) => {}
    }
    findings
}

/// Gives every line the number that it has on the purchase order.
fn name_lines<L>(
    lines: &mut [L],
    number: impl Fn(&mut L) -> &mut SmolStr,
    hints: &[LineHint],
    ordered: &[OrderedLine],
    places: &[Place],
    findings: &mut Vec<Finding>,
) {
    for (index, line) in lines.iter_mut().enumerate() {
        let Some(hint) = hints.get(index) else { continue };
        let place = places.get(index).cloned().unwrap_or_default();
        let number = number(line);
        let by_number = ordered.iter().find(|order| same_number(&order.line, number));
        let by_item: Vec<_> = ordered.iter().filter(|order| names(&hint.item, order)).collect();
        let found = match (by_number, by_item.as_slice()) {
            // The paper counts its own lines: the item tells which one is meant.
            (Some(order), [only]) if contradicts(&hint.item, order) => Some(*only),
            (None, [only]) => Some(*only),
            (None, []) if ordered.len() == 1 && number.is_empty() => ordered.first(),
            (by_number, _) => by_number,
        };
        let Some(order) = found else { continue };
        if *number != order.line {
            number.clone_from(&order.line);
        }
        if let Some(unit) = hint.unit.as_ref().filter(|unit| **unit != order.unit) {
            findings.push(Finding {
                id: SmolStr::new_static("catalog_unit_mismatch"),
                severity: Severity::Warning,
                place,
                sentence: format!(
                    "Line {} was ordered in {}, the paper counts in {}.",
                    order.line,
                    order.unit.as_str(),
                    unit.as_str()
                ),
                advice: "If both mean the same, map the unit in the settings of the channel.".into(),
                value: Some(unit.as_str().to_owned()),
            });
        }
    }
}

/// A line id as a dialect of narrow fields carries it: itself if it fits, else its beginning and a sum over all of it.
pub(crate) fn short_number(line: &str, bytes_max: usize) -> String {
    if line.len() <= bytes_max {
        return line.to_owned();
    }
    // FNV-1a: the same for ever, on every machine.
    let sum = line.bytes().fold(0x811c_9dc5_u32, |sum, byte| (sum ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    let kept = bytes_max.saturating_sub(SUM_BYTES + 1);
    let plain: String = line.chars().filter(char::is_ascii_alphanumeric).take(kept).collect();
    format!("{plain}-{sum:08x}")
}

/// Digits of the sum in a shortened line number.
const SUM_BYTES: usize = 8;

/// True if a paper means our line by that number: equal, leading zeros aside (partners pad them), or shortened by us.
fn same_number(ours: &str, theirs: &str) -> bool {
    // Partners may change the case of what they send back.
    let end =
        |text: &str| text.get(text.len().saturating_sub(SUM_BYTES + 1)..).unwrap_or_default().to_ascii_lowercase();
    let shortened = theirs.len() > SUM_BYTES && ours.len() > theirs.len();
    if shortened && end(&short_number(ours, ours.len() - 1)) == end(theirs) {
        return true;
    }
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    ours == theirs || (digits(ours) && digits(theirs) && ours.trim_start_matches('0') == theirs.trim_start_matches('0'))
}

fn names(item: &ItemRef, order: &OrderedLine) -> bool {
    item.vendor_sku.as_ref().is_some_and(|sku| *sku == order.vendor_sku)
        || item.sku.as_ref().is_some_and(|sku| *sku == order.sku)
        || item.gtin.as_deref().zip(order.gtin.as_deref()).is_some_and(|(a, b)| same_gtin(a, b))
}

fn same_gtin(a: &str, b: &str) -> bool {
    a.trim_start_matches('0') == b.trim_start_matches('0')
}

/// True if the paper names an item, and it is not this line's.
fn contradicts(item: &ItemRef, order: &OrderedLine) -> bool {
    *item != ItemRef::default() && !names(item, order)
}

/// A line that comes later by so many days leaves later by so many days.
fn shift_dates(acknowledgment: &mut Acknowledgment, hints: &[LineHint], ordered: &[OrderedLine]) {
    for (line, hint) in acknowledgment.lines.iter_mut().zip(hints) {
        let Some(order) = ordered.iter().find(|order| order.line == line.line) else { continue };
        let (None, Some(deliver_on)) = (line.ship_on, hint.deliver_on) else { continue };
        if deliver_on > order.deliver_by {
            let late: Span = deliver_on.since(order.deliver_by).unwrap_or_else(|_| 0.days());
            line.ship_on = order.ship_by.checked_add(late).ok();
        }
    }
}

/// An answer that says nothing yet.
pub(crate) fn empty_line(line: SmolStr) -> AcknowledgmentLine {
    AcknowledgmentLine {
        line,
        accepted: Quantity::ZERO,
        rejected: Quantity::ZERO,
        backordered: Quantity::ZERO,
        substituted: Quantity::ZERO,
        unit: None,
        ship_on: None,
        reason: None,
        substitute: None,
    }
}

/// Packs that an answer is about.
fn answered(line: &AcknowledgmentLine) -> u32 {
    [line.accepted, line.rejected, line.backordered, line.substituted]
        .into_iter()
        .fold(0, |sum, quantity| sum.saturating_add(quantity.get()))
}

fn answered_of(acknowledgment: &Acknowledgment, number: &str) -> u32 {
    acknowledgment
        .lines
        .iter()
        .filter(|line| line.line == number)
        .fold(0, |sum, line| sum.saturating_add(answered(line)))
}

/// What the answer leaves of a line that it names will not come, unless the partner keeps it open.
fn close_rests(
    acknowledgment: &mut Acknowledgment,
    hints: &[LineHint],
    ordered: &[OrderedLine],
    whole: Option<Whole>,
    places: &mut Vec<Place>,
) {
    for order in ordered {
        let named = acknowledgment.lines.iter().position(|line| line.line == order.line);
        let open = acknowledgment.lines.iter().zip(hints).any(|(line, hint)| line.line == order.line && hint.rest_open);
        let done = answered_of(acknowledgment, &order.line);
        let Some(index) = named.filter(|_| !open && done < order.quantity.get()) else { continue };
        let rest = Quantity::new(order.quantity.get() - done);
        acknowledgment.lines.push(rest_of(order, rest, whole));
        if let Some(place) = places.get(index).cloned() {
            places.push(place);
        }
    }
}

fn rest_of(order: &OrderedLine, rest: Quantity, whole: Option<Whole>) -> AcknowledgmentLine {
    let mut line = empty_line(order.line.clone());
    let reason = match whole {
        Some(Whole::Rejected(reason)) => reason,
        _ => Reason::AckPartialQuantity,
    };
    (line.rejected, line.reason) = (rest, Some(reason));
    line
}

/// Answers the lines that the document does not name.
fn answer_rest(acknowledgment: &mut Acknowledgment, whole: Whole, ordered: &[OrderedLine]) {
    for order in ordered {
        if answered_of(acknowledgment, &order.line) > 0 {
            continue;
        }
        let mut line = empty_line(order.line.clone());
        match whole {
            Whole::Accepted => line.accepted = order.quantity,
            Whole::Rejected(reason) => (line.rejected, line.reason) = (order.quantity, Some(reason)),
        }
        acknowledgment.lines.push(line);
    }
}

/// One entry per line of the purchase order.
fn add_up(shipment: &mut Shipment, places: &mut Vec<Place>) {
    let mut index = 0;
    while index < shipment.lines.len() {
        let earlier = shipment.lines[..index].iter().position(|line| line.line == shipment.lines[index].line);
        if let Some(earlier) = earlier {
            let sum = shipment.lines[earlier].quantity.get().saturating_add(shipment.lines[index].quantity.get());
            shipment.lines[earlier].quantity = Quantity::new(sum);
            shipment.lines.remove(index);
            if index < places.len() {
                places.remove(index);
            }
        } else {
            index += 1;
        }
    }
}
