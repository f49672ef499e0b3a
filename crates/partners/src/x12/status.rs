//! 870: order status, as far as it decides something: cancelled, discontinued, out of stock, back-ordered.
//!
//! Progress ("in process", "shipped") decides nothing here; ship notices do. It is kept as unused.

use super::acknowledgment::Answers;
use super::advice::item_of;
use super::settings::Settings;
use super::{Set, tags};
use crate::desk::{Desk, Line};
use crate::matching::empty_line;
use crate::seam::{Hints, LineHint, Severity};
use crate::value;
use countersign_engine::document::{CancellationAnswer, Inbound};
use countersign_engine::ids::PoNumber;
use countersign_engine::measure::Quantity;
use countersign_engine::reason::Reason;
use jiff::civil::Date;
use smol_str::SmolStr;

/// What a status (ISR01, element 368) decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Decides {
    Cancelled(Reason),
    Backordered,
    Nothing,
}

fn decides(code: &str, settings: &Settings) -> Decides {
    let reason = |usual| settings.reasons.get(code).copied().unwrap_or(usual);
    match code {
        "DE" | "IC" => Decides::Cancelled(reason(Reason::CancelVendor)),
        "DI" => Decides::Cancelled(reason(Reason::AckRejectedDiscontinued)),
        "DS" => Decides::Cancelled(reason(Reason::AckRejectedOutOfStock)),
        "BK" | "BO" => Decides::Backordered,
        _ => Decides::Nothing,
    }
}

/// One status with what it is about.
struct Status<'a> {
    line: Line<'a>,
    code: SmolStr,
    po: Option<PoNumber>,
    /// The PO1 it belongs to; without, it is about the whole order.
    item: Option<Line<'a>>,
    quantity: Option<Quantity>,
    on: Option<Date>,
}

/// Reads one 870.
pub(crate) fn read(set: &Set<'_>, settings: &Settings, desk: &mut Desk<'_>) -> String {
    let all = statuses(set, desk);
    let mut decided = 0;
    for status in &all {
        let Some(po) = status.po.clone() else {
            let what = "The status belongs to no purchase order (PRF01); it was left out.";
            desk.find_at(&status.line, 0, ("edi_unmatched_po", Severity::Error), what, "Ask the partner for PRF01.");
            continue;
        };
        match decides(&status.code, settings) {
            Decides::Nothing => desk.unmapped(&set.name, &status.line),
            Decides::Cancelled(reason) => {
                decided += 1;
                let lines = status.item.map(|item| item.text(1)).into_iter().filter(|text| !text.is_empty()).collect();
                let content = CancellationAnswer { po, accepted: true, lines, unasked: true, reason: Some(reason) };
                let place = desk.place(&status.line, 0);
                desk.document(Inbound::CancellationAnswer(content), place, Vec::new(), Hints::default());
            }
            Decides::Backordered => {
                decided += 1;
                backordered(status, po, set, settings, desk);
            }
        }
    }
    format!("{} statuses, {decided} of them decide something", all.len())
}

fn statuses<'a>(set: &Set<'a>, desk: &mut Desk<'_>) -> Vec<Status<'a>> {
    let mut all: Vec<Status<'a>> = Vec::new();
    let (mut po, mut item) = (None, None);
    for line in &set.lines {
        match line.segment.tag() {
            tags::HL => item = None,
            tags::PRF => po = desk.po_number(line, 1),
            tags::PO1 => item = Some(*line),
            tags::ISR => {
                let (code, on) = (line.text(1), value::date(&line.text(2)));
                all.push(Status { line: *line, code, po: po.clone(), item, quantity: None, on });
            }
            tags::QTY => {
                if let Some(status) = all.last_mut() {
                    status.quantity = value::quantity(&line.text(2)).ok();
                }
            }
            tags::ST | tags::SE | tags::BSR | tags::CTT => {}
            _ => desk.unmapped(&set.name, line),
        }
    }
    all
}

fn backordered(status: &Status<'_>, po: PoNumber, set: &Set<'_>, settings: &Settings, desk: &mut Desk<'_>) {
    let Some(item) = &status.item else {
        desk.unmapped(&set.name, &status.line);
        return;
    };
    let ordered = value::quantity(&item.text(2)).ok();
    let mut line = empty_line(item.text(1));
    line.backordered = status.quantity.or(ordered).unwrap_or_default();
    (line.ship_on, line.reason) = (status.on, Some(Reason::AckBackordered));
    line.unit = settings.unit(&item.text(3)).ok().flatten();
    let named = item_of(item, 6, settings, desk, set);
    let hint = LineHint { item: named, unit: line.unit.clone(), ordered, deliver_on: None, rest_open: true };
    let place = desk.place(&status.line, 0);
    let answers = Answers { lines: vec![line], places: vec![place.clone()], hints: vec![hint] };
    answers.put_down(po, None, None, None, place, desk);
}
