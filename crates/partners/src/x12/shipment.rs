//! 856: what a source shipped. And 945, a warehouse's word for the same.
//!
//! The levels of an 856 form a tree (shipment, order, pack, item) whose lower levels partners put in either order;
//! only the parent numbers are trusted, and the sequence where those are broken.

use super::advice::item_of;
use super::settings::Settings;
use super::{Set, tags};
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

/// One HL with the segments at its level.
struct Node<'a> {
    line: Line<'a>,
    level: SmolStr,
    parent: Option<usize>,
    /// The shipment level that it belongs to, itself included.
    top: Option<usize>,
    /// The order level that it belongs to, itself included.
    order: Option<usize>,
    below: Vec<Line<'a>>,
}

/// Levels above an order that are looked at: shipment and whatever a partner puts between.
const LEVELS_ABOVE_MAX: usize = 8;

/// Reads one 856.
pub(crate) fn read(set: &Set<'_>, settings: &Settings, desk: &mut Desk<'_>) -> String {
    let Some(head) = set.lines.iter().find(|line| line.segment.tag() == tags::BSN) else {
        return "an 856 without a BSN".into();
    };
    if head.text(1) == "01" {
        let what = "The partner takes back a ship notice (BSN01 is 01); nothing was changed.";
        let advice = "Ask the partner whether the goods left, and correct the order by hand.";
        desk.find_at(head, 1, ("shipment_taken_back", Severity::Error), what, advice);
        return format!("takes back ship notice {}", head.text(2));
    }
    let (nodes, heading) = tree(set, desk);
    let mut count = 0;
    for ((top, order), (ordinal, members)) in orders(&nodes) {
        let branch = Branch { top, order, ordinal, members };
        let made = shipment(set, head, &heading, &nodes, &branch, settings, desk);
        count += usize::from(made);
    }
    keep_rest(set, &nodes, &heading, settings, desk);
    if count == 0 {
        let what = "The ship notice ships nothing that is known here: no order with a shipped item was found.";
        let advice = "Ask the partner for HL levels S, O and I with PRF and SN1.";
        desk.find_at(head, 0, ("shipment_empty", Severity::Error), what, advice);
    }
    format!("{count} shipments")
}

/// The levels, each with its parent, and the segments before the first.
fn tree<'a>(set: &Set<'a>, desk: &mut Desk<'_>) -> (Vec<Node<'a>>, Vec<Line<'a>>) {
    let (mut nodes, mut heading): (Vec<Node<'a>>, Vec<Line<'a>>) = (Vec::new(), Vec::new());
    let mut numbers: BTreeMap<SmolStr, usize> = BTreeMap::new();
    let mut last: [Option<usize>; 5] = [None; 5];
    for line in &set.lines {
        if line.segment.tag() != tags::HL {
            match nodes.last_mut() {
                Some(node) => node.below.push(*line),
                None => heading.push(*line),
            }
            continue;
        }
        let (level, parent) = (line.text(3), line.text(2));
        let named = numbers.get(&parent).copied();
        if named.is_none() && !parent.is_empty() {
            let what =
                format!("HL02 names parent {parent}, which does not stand before; the level before is taken instead.");
            let advice = "Number the levels from 1 and name the parent's number.";
            desk.find_at(line, 2, ("hierarchy_parent_unknown", Severity::Warning), what, advice);
        }
        let above = last[..rank(&level)].iter().flatten().max().copied();
        let (index, parent) = (nodes.len(), named.or(above));
        let top = if level == "S" { Some(index) } else { parent.and_then(|up| nodes[up].top) };
        let order = if level == "O" { Some(index) } else { parent.and_then(|up| nodes[up].order) };
        numbers.insert(line.text(1), index);
        last[rank(&level)] = Some(index);
        nodes.push(Node { line: *line, level, parent, top, order, below: Vec::new() });
    }
    (nodes, heading)
}

/// How high a level stands; a level without a usable parent hangs below the last one that stands higher.
fn rank(level: &str) -> usize {
    match level {
        "S" => 0,
        "O" => 1,
        "T" => 2,
        "P" => 3,
        _ => 4,
    }
}

/// One order within one shipment: its levels, and which shipment of the notice it is (from 0).
struct Branch {
    top: Option<usize>,
    order: usize,
    ordinal: usize,
    members: Vec<usize>,
}

/// Every order of every shipment, with the levels that belong to it.
fn orders(nodes: &[Node<'_>]) -> BTreeMap<(Option<usize>, usize), (usize, Vec<usize>)> {
    let mut tops: Vec<usize> = nodes.iter().filter_map(|node| node.order.and(node.top)).collect();
    tops.sort_unstable();
    tops.dedup();
    let mut all = BTreeMap::new();
    for (index, node) in nodes.iter().enumerate() {
        let Some(order) = node.order else { continue };
        let top = nodes[order].top;
        let ordinal = top.and_then(|top| tops.binary_search(&top).ok()).unwrap_or(0);
        all.entry((top, order)).or_insert_with(|| (ordinal, Vec::new())).1.push(index);
    }
    all
}

/// What the levels around an order say: those above it, and all that belong to it.
fn around<'n, 'a>(nodes: &'n [Node<'a>], branch: &Branch) -> Vec<&'n Line<'a>> {
    // A parent always stands before its child, so this ends.
    let above = std::iter::successors(nodes[branch.order].parent, |index| nodes[*index].parent).take(LEVELS_ABOVE_MAX);
    let mut wanted: Vec<usize> = above.collect();
    wanted.reverse();
    wanted.extend(&branch.members);
    wanted.into_iter().flat_map(|index| nodes[index].below.iter()).collect()
}

fn shipment(
    set: &Set<'_>,
    head: &Line<'_>,
    heading: &[Line<'_>],
    nodes: &[Node<'_>],
    branch: &Branch,
    settings: &Settings,
    desk: &mut Desk<'_>,
) -> bool {
    let Branch { top, order, ordinal, .. } = *branch;
    let Some(prf) = nodes[order].below.iter().find(|line| line.segment.tag() == tags::PRF) else {
        let what = "The order level names no purchase order (PRF); it was left out.";
        desk.find_at(&nodes[order].line, 0, ("edi_unmatched_po", Severity::Error), what, "Ask the partner for PRF01.");
        return false;
    };
    let Some(po) = desk.po_number(prf, 1) else { return false };
    let number = if ordinal == 0 { head.text(2) } else { SmolStr::new(format!("{}.{}", head.text(2), ordinal + 1)) };
    let Some(shipment) = shipment_id(&number, head, desk) else { return false };
    let (lines, places, hints) = items(set, nodes, branch, settings, desk);
    if lines.is_empty() {
        return false;
    }
    let all = around(nodes, branch);
    let place = desk.place(&nodes[top.unwrap_or(order)].line, 0);
    let shipped_at = shipped_at(head, heading, &all, settings, desk);
    let (carrier, tracking) = (carrier(&all), tracking(&all, settings));
    let content = Shipment { shipment, po, shipped_at, carrier, tracking, lines };
    desk.document(Inbound::Shipment(content), place, places, Hints { whole: None, lines: hints });
    true
}

fn shipment_id(number: &str, head: &Line<'_>, desk: &mut Desk<'_>) -> Option<ShipmentId> {
    let plain: String = number.split_whitespace().collect::<Vec<_>>().join("-");
    ShipmentId::new(plain)
        .map_err(|error| {
            let advice = "Ask the partner for a plain shipment number.";
            desk.find_at(head, 2, ("shipment_number_invalid", Severity::Error), sentence(&error.to_string()), advice);
        })
        .ok()
}

type Items = (Vec<ShipmentLine>, Vec<Place>, Vec<LineHint>);

/// The items of an order with their quantities, added up over packs.
fn items(set: &Set<'_>, nodes: &[Node<'_>], branch: &Branch, settings: &Settings, desk: &mut Desk<'_>) -> Items {
    let (mut lines, mut places, mut hints): Items = (Vec::new(), Vec::new(), Vec::new());
    let mut index_of: BTreeMap<SmolStr, usize> = BTreeMap::new();
    for node in branch.members.iter().copied().filter(|index| nodes[*index].level == "I") {
        let Some((line, place, hint)) = item(set, &nodes[node], settings, desk) else { continue };
        let known = index_of.get(&line.line).copied().filter(|_| !line.line.is_empty());
        match known.filter(|index| hints[*index].item == hint.item) {
            Some(index) => {
                let sum = lines[index].quantity.get().saturating_add(line.quantity.get());
                lines[index].quantity = Quantity::new(sum);
            }
            None => {
                index_of.insert(line.line.clone(), lines.len());
                lines.push(line);
                places.push(place);
                hints.push(hint);
            }
        }
    }
    (lines, places, hints)
}

fn item(
    set: &Set<'_>,
    node: &Node<'_>,
    settings: &Settings,
    desk: &mut Desk<'_>,
) -> Option<(ShipmentLine, Place, LineHint)> {
    let lin = node.below.iter().find(|line| line.segment.tag() == tags::LIN);
    let Some(sn1) = node.below.iter().find(|line| line.segment.tag() == tags::SN1) else {
        let what = "The item level has no quantity (SN1); it was left out.";
        desk.find_at(&node.line, 0, ("quantity_missing", Severity::Error), what, "Ask the partner for SN102.");
        return None;
    };
    let quantity = match value::quantity(&sn1.text(2)) {
        Ok(quantity) if quantity.is_zero() => return None,
        Ok(quantity) => quantity,
        Err(error) => {
            let advice = "Send whole packs; this item was left out.";
            desk.find_at(sn1, 2, ("quantity_invalid", Severity::Error), sentence(&error), advice);
            return None;
        }
    };
    let item = lin.map(|line| item_of(line, 2, settings, desk, set)).unwrap_or_default();
    let number = [Some(sn1.text(1)), lin.map(|line| line.text(1))].into_iter().flatten().find(|text| !text.is_empty());
    let unit = settings.unit(&sn1.text(3)).ok().flatten();
    let ordered = value::quantity(&sn1.text(5)).ok();
    let hint = LineHint { item, unit, ordered, deliver_on: None, rest_open: false };
    let line = ShipmentLine { line: number.unwrap_or_default(), quantity };
    Some((line, desk.place(sn1, 0), hint))
}

/// DTM*011 nearest to the order, else the date of the notice itself.
fn shipped_at(
    head: &Line<'_>,
    heading: &[Line<'_>],
    all: &[&Line<'_>],
    settings: &Settings,
    desk: &mut Desk<'_>,
) -> Timestamp {
    let zone = settings.zone(desk.source).clone();
    let dtm = |line: &&Line<'_>| {
        line.segment.tag() == tags::DTM && line.text(1) == "011" && value::date(&line.text(2)).is_some()
    };
    let own = all.iter().rev().copied().find(dtm).or_else(|| heading.iter().find(dtm)).copied();
    let noticed = (value::date(&head.text(3)), value::time(&head.text(4)));
    let (line, element, day, time) = match own {
        Some(line) => (line, 2, value::date(&line.text(2)), value::time(&line.text(3))),
        None => (*head, 3, noticed.0, noticed.1),
    };
    let same_day = noticed.1.filter(|_| noticed.0 == day);
    at(day, time.or(same_day), &line, element, (&zone, desk))
}

fn at(
    day: Option<Date>,
    time: Option<Time>,
    line: &Line<'_>,
    element: usize,
    (zone, desk): (&countersign_engine::calendar::Zone, &mut Desk<'_>),
) -> Timestamp {
    let time = time.unwrap_or(Time::midnight());
    match day.and_then(|day| value::instant(day, time, zone)) {
        Some(at) => desk.not_after_receipt(at, line, element),
        None => desk.received_at,
    }
}

/// The carrier: its SCAC, else any code, else its name.
fn carrier(all: &[&Line<'_>]) -> Option<SmolStr> {
    let of = |element: usize, qualifier: Option<&str>| {
        all.iter()
            .filter(|line| line.segment.tag() == tags::TD5 && qualifier.is_none_or(|wanted| line.text(2) == wanted))
            .map(|line| line.text(element))
            .find(|text| !text.is_empty())
    };
    of(3, Some("2")).or_else(|| of(3, None)).or_else(|| of(5, None))
}

/// Tracking numbers from the first of the agreed places that has any.
fn tracking(all: &[&Line<'_>], settings: &Settings) -> Vec<SmolStr> {
    for place in &settings.tracking {
        let (tag, qualifier) = place.split_once(':').unwrap_or((place.as_str(), ""));
        let mut found: Vec<SmolStr> = Vec::new();
        for line in all.iter().filter(|line| line.tag() == tag) {
            for text in candidates(line, qualifier) {
                if !text.is_empty() && !found.contains(&text) && found.len() < TRACKING_MAX {
                    found.push(text);
                }
            }
        }
        if !found.is_empty() {
            return found;
        }
    }
    Vec::new()
}

fn candidates(line: &Line<'_>, qualifier: &str) -> Vec<SmolStr> {
    let tag = line.segment.tag();
    if tag == tags::TD3 {
        return vec![line.text(3)];
    }
    if tag == tags::MAN {
        let pairs = [(1, [2, 3]), (4, [5, 6])];
        let own = pairs.iter().filter(|(kind, _)| line.text(*kind) == qualifier);
        return own.flat_map(|(_, places)| places.iter().map(|place| line.text(*place))).collect();
    }
    if line.text(1) == qualifier { vec![line.text(2)] } else { Vec::new() }
}

/// Keeps what no mapping used.
fn keep_rest(set: &Set<'_>, nodes: &[Node<'_>], heading: &[Line<'_>], settings: &Settings, desk: &mut Desk<'_>) {
    let all = heading.iter().chain(nodes.iter().flat_map(|node| node.below.iter()));
    for line in all {
        let used = match line.segment.tag() {
            tags::ST | tags::BSN | tags::SE | tags::CTT | tags::PRF | tags::LIN | tags::SN1 | tags::TD5 => true,
            tags::DTM => line.text(1) == "011",
            tags::REF | tags::MAN | tags::TD3 => {
                let place = if line.segment.tag() == tags::TD3 {
                    line.tag()
                } else {
                    SmolStr::new(format!("{}:{}", line.tag(), line.text(1)))
                };
                settings.tracking.contains(&place)
            }
            _ => false,
        };
        if !used {
            desk.unmapped(&set.name, line);
        }
    }
}

/// Reads one 945: a warehouse shipped an order.
pub(crate) fn read_warehouse(set: &Set<'_>, settings: &Settings, desk: &mut Desk<'_>) -> String {
    let Some(head) = set.lines.iter().find(|line| line.segment.tag() == tags::W06) else {
        return "a 945 without a W06".into();
    };
    let Some(po) = desk.po_number(head, 2) else { return "names no purchase order of ours".into() };
    let number = [head.text(4), head.text(2)].into_iter().find(|text| !text.is_empty()).unwrap_or_default();
    let Some(shipment) = shipment_id(&number, head, desk) else { return "no usable shipment number".into() };
    let mut made = Warehouse::default();
    for line in &set.lines {
        made.take(line, set, settings, desk);
    }
    if made.lines.is_empty() {
        let what = "The warehouse ships nothing: no W12 with a quantity was found.";
        desk.find_at(head, 0, ("shipment_empty", Severity::Error), what, "Ask the warehouse for W12 with W1203.");
        return format!("945 for {po} without items");
    }
    let zone = settings.zone(desk.source).clone();
    let day = made.shipped_on.or_else(|| value::date(&head.text(3)));
    let shipped_at = at(day, value::time(&set.group.time), head, 3, (&zone, desk));
    finish_warehouse(made, po.clone(), shipment, shipped_at, desk.place(head, 0), desk);
    format!("shipment of {po}")
}

/// A 945 while it is put together.
#[derive(Default)]
struct Warehouse {
    lines: Vec<ShipmentLine>,
    places: Vec<Place>,
    hints: Vec<LineHint>,
    tracking: Vec<SmolStr>,
    carrier: Option<SmolStr>,
    shipped_on: Option<Date>,
    number: SmolStr,
    /// How many lines there were when the present LX began.
    opened: usize,
}

impl Warehouse {
    /// A line number stands before its item, or after it.
    fn name_line(&mut self, number: SmolStr) {
        let opened = self.opened;
        match self.lines.last_mut().filter(|line| line.line.is_empty()) {
            Some(line) if opened < self.places.len() => line.line = number,
            _ => self.number = number,
        }
    }

    fn take(&mut self, line: &Line<'_>, set: &Set<'_>, settings: &Settings, desk: &mut Desk<'_>) {
        match line.segment.tag() {
            tags::ST | tags::SE | tags::W06 | tags::W03 => {}
            tags::LX => (self.number, self.opened) = (SmolStr::default(), self.lines.len()),
            tags::N9 | tags::REF if line.text(1) == "LI" => self.name_line(line.text(2)),
            tags::W27 => self.carrier = [line.text(2), line.text(3)].into_iter().find(|text| !text.is_empty()),
            tags::G62 if line.text(1) == "11" => self.shipped_on = value::date(&line.text(2)),
            tags::MAN if line.text(1) == "CP" && self.tracking.len() < TRACKING_MAX => self.tracking.push(line.text(2)),
            tags::N9 | tags::REF if matches!(line.text(1).as_str(), "2I" | "CN") => self.tracking.push(line.text(2)),
            tags::W12 => self.item(line, set, settings, desk),
            _ => desk.unmapped(&set.name, line),
        }
    }

    fn item(&mut self, line: &Line<'_>, set: &Set<'_>, settings: &Settings, desk: &mut Desk<'_>) {
        let quantity = match value::quantity(&line.text(3)) {
            Ok(quantity) if quantity.is_zero() => return,
            Ok(quantity) => quantity,
            Err(error) => {
                let advice = "Send whole units; this item was left out.";
                desk.find_at(line, 3, ("quantity_invalid", Severity::Error), sentence(&error), advice);
                return;
            }
        };
        let mut item: ItemRef = item_of(line, 7, settings, desk, set);
        if item == ItemRef::default() && !line.text(6).is_empty() {
            item.gtin = Some(line.text(6));
        }
        let unit = settings.unit(&line.text(5)).ok().flatten();
        let ordered = value::quantity(&line.text(2)).ok();
        self.lines.push(ShipmentLine { line: self.number.clone(), quantity });
        self.places.push(desk.place(line, 0));
        self.hints.push(LineHint { item, unit, ordered, deliver_on: None, rest_open: false });
    }
}

fn finish_warehouse(
    made: Warehouse,
    po: PoNumber,
    shipment: ShipmentId,
    shipped_at: Timestamp,
    place: Place,
    desk: &mut Desk<'_>,
) {
    let Warehouse { lines, places, hints, tracking, carrier, .. } = made;
    let content = Shipment { shipment, po, shipped_at, carrier, tracking, lines };
    desk.document(Inbound::Shipment(content), place, places, Hints { whole: None, lines: hints });
}
