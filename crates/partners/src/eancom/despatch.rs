//! DESADV: what a source shipped. Packing levels (CPS) do not matter here: lines and tracking numbers do.

use super::settings::Settings;
use super::{Message, date_of, is, take_item, take_items};
use crate::desk::{Desk, Line};
use crate::feed::sentence;
use crate::seam::{Hints, LineHint, Place, Severity};
use crate::value;
use countersign_engine::document::{Inbound, ItemRef, Shipment, ShipmentLine};
use countersign_engine::ids::{PoNumber, ShipmentId};
use countersign_engine::measure::Quantity;
use jiff::Timestamp;
use jiff::civil::{Date, Time};
use smol_str::SmolStr;
use std::collections::BTreeMap;

/// Tracking numbers kept of one shipment.
const TRACKING_MAX: usize = 500;

/// One LIN with what stands below it.
struct Item<'a> {
    line: Line<'a>,
    number: SmolStr,
    po: Option<SmolStr>,
    item: ItemRef,
    quantity: Option<Quantity>,
    unit: SmolStr,
}

/// What the heading and the packing say.
#[derive(Default)]
struct Notice {
    po: Option<SmolStr>,
    shipped: Option<(Date, Option<Time>)>,
    noticed: Option<(Date, Option<Time>)>,
    carrier: Option<SmolStr>,
    tracking: Vec<SmolStr>,
    conveyance: Option<SmolStr>,
}

/// Reads one DESADV.
pub(crate) fn read(message: &Message<'_>, settings: &Settings, desk: &mut Desk<'_>) -> String {
    let Some(head) = message.lines.iter().find(|line| is(line, "BGM")) else {
        return "a DESADV without a BGM".into();
    };
    if head.text(3) == "1" {
        let what = "The partner takes back a ship notice (BGM function 1); nothing was changed.";
        let advice = "Ask the partner whether the goods left, and correct the order by hand.";
        desk.find_at(head, 3, ("shipment_taken_back", Severity::Error), what, advice);
        return format!("takes back ship notice {}", head.part(2, 1));
    }
    let number: String = head.part(2, 1).split_whitespace().collect::<Vec<_>>().join("-");
    let shipment = match ShipmentId::new(number) {
        Ok(shipment) => shipment,
        Err(error) => {
            let advice = "Ask the partner for a plain shipment number.";
            desk.find_at(head, 2, ("shipment_number_invalid", Severity::Error), sentence(&error.to_string()), advice);
            return "no usable shipment number".into();
        }
    };
    let (mut notice, mut items) = (Notice::default(), Vec::new());
    for line in &message.lines {
        take(line, &mut notice, &mut items, message, settings, desk);
    }
    let shipped_at = shipped_at(&notice, head, settings, desk);
    let count = put_down(&notice, items, (head, &shipment, shipped_at), settings, desk);
    if count == 0 {
        let what = "The ship notice ships nothing that is known here: no line with an order and a quantity was found.";
        desk.find_at(head, 0, ("shipment_empty", Severity::Error), what, "Ask the partner for RFF+ON, LIN and QTY+12.");
    }
    format!("{count} shipments")
}

fn take<'a>(
    line: &Line<'a>,
    notice: &mut Notice,
    items: &mut Vec<Item<'a>>,
    message: &Message<'_>,
    settings: &Settings,
    desk: &mut Desk<'_>,
) {
    if is(line, "LIN") {
        let mut item = ItemRef::default();
        if !take_item(&mut item, line, 3, settings) {
            desk.unmapped(&message.name, line);
        }
        let (number, po, quantity, unit) = (SmolStr::default(), None, None, SmolStr::default());
        items.push(Item { line: *line, number, po, item, quantity, unit });
    } else if is(line, "RFF") {
        reference(line, notice, items.last_mut(), message, desk);
    } else if is(line, "QTY") && line.part(1, 1) == "12" {
        quantity(line, items.last_mut(), desk);
    } else if is(line, "PIA") {
        if let Some(item) = items.last_mut() {
            take_items(&mut item.item, line, settings);
        }
    } else if is(line, "DTM") && items.is_empty() {
        match date_of(line) {
            Some((kind, day, time)) if kind == "11" => notice.shipped = Some((day, time)),
            Some((kind, day, time)) if kind == "137" => notice.noticed = Some((day, time)),
            _ => desk.unmapped(&message.name, line),
        }
    } else if is(line, "TDT") {
        let carrier = [line.part(5, 1), line.part(5, 4)].into_iter().find(|text| !text.is_empty());
        notice.carrier = notice.carrier.take().or(carrier);
        notice.conveyance = Some(line.text(2)).filter(|text| !text.is_empty());
    } else if is(line, "NAD") && line.text(1) == "CA" {
        let name = [line.part(2, 1), line.part(4, 1)].into_iter().find(|text| !text.is_empty());
        notice.carrier = notice.carrier.take().or(name);
    } else if !["UNH", "BGM", "CPS", "UNT", "CNT", "UNS"].iter().any(|tag| is(line, tag)) {
        desk.unmapped(&message.name, line);
    }
}

fn reference(
    line: &Line<'_>,
    notice: &mut Notice,
    item: Option<&mut Item<'_>>,
    message: &Message<'_>,
    desk: &mut Desk<'_>,
) {
    let text = line.part(1, 2);
    match (line.part(1, 1).as_str(), item) {
        ("ON", Some(item)) => {
            item.po = Some(text);
            let number = line.part(1, 3);
            if item.number.is_empty() {
                item.number = number;
            }
        }
        ("ON", None) => notice.po = Some(text),
        ("LI", Some(item)) => item.number = text,
        ("CN" | "AAS", _) => {
            if !notice.tracking.contains(&text) && notice.tracking.len() < TRACKING_MAX {
                notice.tracking.push(text);
            }
        }
        _ => desk.unmapped(&message.name, line),
    }
}

fn quantity(line: &Line<'_>, item: Option<&mut Item<'_>>, desk: &mut Desk<'_>) {
    let Some(item) = item else { return };
    match value::quantity(&line.part(1, 2)) {
        Ok(quantity) => (item.quantity, item.unit) = (Some(quantity), line.part(1, 3)),
        Err(error) => {
            let advice = "Send whole packs; this item was left out.";
            desk.find_at(line, 1, ("quantity_invalid", Severity::Error), sentence(&error), advice);
        }
    }
}

fn shipped_at(notice: &Notice, head: &Line<'_>, settings: &Settings, desk: &mut Desk<'_>) -> Timestamp {
    let zone = settings.zone(desk.source).clone();
    let same_day = |day: Date| notice.noticed.filter(|(noticed, _)| *noticed == day).and_then(|(_, time)| time);
    let at = notice
        .shipped
        .or(notice.noticed)
        .and_then(|(day, time)| value::instant(day, time.or(same_day(day)).unwrap_or(Time::midnight()), &zone));
    at.map_or(desk.received_at, |at| desk.not_after_receipt(at, head, 0))
}

type Lines = (Vec<ShipmentLine>, Vec<Place>, Vec<LineHint>);

/// One document per purchase order; says how many.
fn put_down(
    notice: &Notice,
    items: Vec<Item<'_>>,
    (head, shipment, shipped_at): (&Line<'_>, &ShipmentId, Timestamp),
    settings: &Settings,
    desk: &mut Desk<'_>,
) -> usize {
    let mut orders: BTreeMap<PoNumber, Lines> = BTreeMap::new();
    for item in items {
        let Some(quantity) = item.quantity.filter(|quantity| !quantity.is_zero()) else { continue };
        let text = item.po.clone().or_else(|| notice.po.clone()).unwrap_or_default();
        let po = match PoNumber::new(&text) {
            Ok(po) => po,
            Err(error) => {
                let advice = "Ask the partner to send the purchase order number exactly as it stands on the order.";
                desk.find_at(
                    &item.line,
                    0,
                    ("edi_unmatched_po", Severity::Error),
                    sentence(&error.to_string()),
                    advice,
                );
                continue;
            }
        };
        let (lines, places, hints) = orders.entry(po).or_default();
        let own = item.line.text(1);
        let number = if item.number.is_empty() { own } else { item.number };
        let unit = Some(&item.unit).filter(|text| !text.is_empty()).and_then(|text| settings.unit(text));
        lines.push(ShipmentLine { line: number, quantity });
        places.push(desk.place(&item.line, 0));
        hints.push(LineHint { item: item.item, unit, ..LineHint::default() });
    }
    let count = orders.len();
    let tracking = if notice.tracking.is_empty() {
        notice.conveyance.clone().into_iter().collect()
    } else {
        notice.tracking.clone()
    };
    for (po, (lines, places, hints)) in orders {
        let carrier = notice.carrier.clone();
        let content =
            Shipment { shipment: shipment.clone(), po, shipped_at, carrier, tracking: tracking.clone(), lines };
        let place = desk.place(head, 0);
        desk.document(Inbound::Shipment(content), place, places, Hints { whole: None, lines: hints });
    }
    count
}
