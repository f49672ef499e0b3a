//! 846: what a source can supply.
//!
//! Knows quantities and their traps, not items: names stay as the partner writes them. A full feed may come in many
//! sets, because a set holds at most ten thousand items; [`Feed`] puts them together again.

use super::settings::Settings;
use super::{Set, codes, tags};
use crate::desk::{Desk, Line, name_item};
use crate::seam::{Hints, Place, Severity};
use crate::value;
use countersign_engine::document::{Advice, AdviceLine, Inbound, ItemRef, Receivable};
use countersign_engine::item::Unit;
use countersign_engine::measure::{QUANTITY_MAX, Quantity};
use countersign_engine::stock::{INCOMING_MAX, Origin};
use jiff::Timestamp;
use jiff::civil::{Date, Time};
use smol_str::SmolStr;
use std::collections::BTreeMap;

/// All 846 sets of one file.
#[derive(Default)]
pub(crate) struct Feed {
    parts: Vec<Part>,
    /// A set of the feed was rejected, so what it held is not known.
    pub incomplete: bool,
}

/// One 846.
struct Part {
    as_of: Timestamp,
    full: bool,
    place: Place,
    lines: Vec<(AdviceLine, Place, SmolStr)>,
}

/// One QTY with what stands below it.
struct Figure<'a> {
    line: Line<'a>,
    qualifier: SmolStr,
    quantity: Quantity,
    unit: Option<Unit>,
    on: Option<Date>,
    site: SmolStr,
    schedule: Vec<(Quantity, Date)>,
}

/// One LIN with what stands below it.
struct Entry<'a> {
    line: Line<'a>,
    item: ItemRef,
    figures: Vec<Figure<'a>>,
    by_site: Option<Quantity>,
    next_on: Option<Date>,
    site: SmolStr,
    discontinued: bool,
    /// One of its quantities was refused; that is told already.
    faulty: bool,
}

/// Reads one 846 into the feed.
pub(crate) fn read(set: &Set<'_>, settings: &Settings, desk: &mut Desk<'_>, feed: &mut Feed) -> String {
    let Some(head) = set.lines.iter().find(|line| line.segment.tag() == tags::BIA) else {
        return "an 846 without a BIA".into();
    };
    let as_of = as_of(set, head, settings, desk);
    let mut part =
        Part { as_of, full: is_full(head, settings, desk), place: desk.place(&set.lines[0], 0), lines: Vec::new() };
    let today = as_of.to_zoned(settings.zone(desk.source).rules()).date();
    let mut told = Told::default();
    let mut entry: Option<Entry<'_>> = None;
    let mut heading_site = SmolStr::default();
    for line in &set.lines {
        if line.segment.tag() == tags::LIN {
            if let Some(done) = entry.replace(begin(line, settings, desk, set, &heading_site)) {
                part.finish(done, today, settings, desk, &mut told);
            }
            continue;
        }
        match &mut entry {
            Some(entry) => below(entry, line, settings, desk, set),
            None => heading(line, desk, set, &mut heading_site),
        }
    }
    if let Some(done) = entry {
        part.finish(done, today, settings, desk, &mut told);
    }
    let (kind, lines) = (if part.full { "full feed" } else { "changes" }, part.lines.len());
    feed.parts.push(part);
    format!("{kind}, {lines} items as of {as_of}")
}

/// Things that are told once per set, not once per line.
#[derive(Default)]
struct Told {
    on_hand: bool,
    dated: bool,
}

fn is_full(head: &Line<'_>, settings: &Settings, desk: &mut Desk<'_>) -> bool {
    match (settings.feed.as_str(), head.text(1).as_str()) {
        ("full", _) => true,
        ("delta", _) => false,
        (_, "00" | "05" | "06" | "07" | "15" | "22") => true,
        (_, "02" | "03" | "04" | "25" | "52") => false,
        (_, other) => {
            let sentence =
                format!("The purpose {other} does not say whether this feed is complete; it is read as changes.");
            let advice = "Set channel.x12.feed of this source to full or delta.";
            desk.find_at(head, 1, ("feed_purpose_unknown", Severity::Warning), sentence, advice);
            false
        }
    }
}

/// When the figures were true: BIA04/05; a date without a time takes the group's time of the same day.
fn as_of(set: &Set<'_>, head: &Line<'_>, settings: &Settings, desk: &mut Desk<'_>) -> Timestamp {
    let zone = settings.zone(desk.source).clone();
    let group_day = value::date(&set.group.date);
    let day = value::date(&head.text(4)).or(group_day);
    let own = value::time(&head.text(5));
    let group_time = value::time(&set.group.time).filter(|_| day == group_day);
    let at = day.and_then(|day| value::instant(day, own.or(group_time).unwrap_or(Time::midnight()), &zone));
    match at {
        Some(at) => desk.not_after_receipt(at, head, 4),
        None => desk.received_at,
    }
}

fn heading(line: &Line<'_>, desk: &mut Desk<'_>, set: &Set<'_>, site: &mut SmolStr) {
    match line.segment.tag() {
        tags::ST | tags::BIA | tags::SE | tags::CTT => {}
        tags::N1 if matches!(line.text(1).as_str(), "WH" | "SF" | "LW") => *site = site_of(line),
        _ => desk.unmapped(&set.name, line),
    }
}

fn site_of(line: &Line<'_>) -> SmolStr {
    let id = line.text(4);
    if id.is_empty() { line.text(2) } else { id }
}

fn begin<'a>(line: &Line<'a>, settings: &Settings, desk: &mut Desk<'_>, set: &Set<'_>, site: &SmolStr) -> Entry<'a> {
    let item = item_of(line, 2, settings, desk, set);
    let (figures, site) = (Vec::new(), site.clone());
    Entry { line: *line, item, figures, by_site: None, next_on: None, site, discontinued: false, faulty: false }
}

/// The item that qualifier and value pairs name; pairs that name nothing known are kept as unused.
pub(crate) fn item_of(
    line: &Line<'_>,
    first: usize,
    settings: &Settings,
    desk: &mut Desk<'_>,
    set: &Set<'_>,
) -> ItemRef {
    let mut item = ItemRef::default();
    for (qualifier, text) in line.segment.pairs(first) {
        if text.trim().is_empty() {
            continue;
        }
        let name = settings.item_name(qualifier.trim());
        if !name_item(&mut item, name, text.trim()) {
            let tag = SmolStr::new(format!("{} {}", line.segment.tag(), qualifier.trim()));
            let place = desk.place(line, 0);
            desk.left_over(&set.name, tag, place, &text);
        }
    }
    item
}

fn below<'a>(entry: &mut Entry<'a>, line: &Line<'a>, settings: &Settings, desk: &mut Desk<'_>, set: &Set<'_>) {
    match line.segment.tag() {
        tags::QTY => match figure(line, settings, desk) {
            Some(figure) => entry.figures.push(figure),
            None => entry.faulty = true,
        },
        tags::DTM => {
            let on = value::date(&line.text(2)).filter(|_| codes::AVAILABLE_DATES.contains(&line.text(1).as_str()));
            match (entry.figures.last_mut(), on) {
                (_, None) => desk.unmapped(&set.name, line),
                (Some(figure), on) => figure.on = on,
                (None, on) => entry.next_on = on,
            }
        }
        tags::SCH => match (entry.figures.last_mut(), value::quantity(&line.text(1)), value::date(&line.text(6))) {
            (Some(figure), Ok(quantity), Some(on)) => figure.schedule.push((quantity, on)),
            _ => desk.unmapped(&set.name, line),
        },
        tags::SDQ => {
            let stores = (3..line.segment.len()).step_by(2).map(|place| line.text(place + 1));
            let sum =
                stores.filter_map(|text| value::stock(&text).ok()).fold(0_u32, |sum, q| sum.saturating_add(q.get()));
            let before = entry.by_site.map_or(0, Quantity::get);
            entry.by_site = Some(Quantity::new(before.saturating_add(sum).min(QUANTITY_MAX)));
        }
        tags::REF | tags::PID if says_discontinued(line) => entry.discontinued = true,
        tags::REF if inside_site(line, entry) => {
            let site = line.text(2);
            if let Some(figure) = entry.figures.last_mut() {
                figure.site = site;
            }
        }
        tags::N1 if matches!(line.text(1).as_str(), "WH" | "SF" | "LW") => entry.site = site_of(line),
        tags::LS | tags::LE | tags::CTT | tags::SE => {}
        _ => desk.unmapped(&set.name, line),
    }
}

/// A REF below a quantity names the place it lies at.
fn inside_site(line: &Line<'_>, entry: &Entry<'_>) -> bool {
    entry.figures.last().is_some_and(|figure| figure.site.is_empty()) && !line.text(2).is_empty()
}

fn says_discontinued(line: &Line<'_>) -> bool {
    (2..=5)
        .any(|element| matches!(line.text(element).to_ascii_lowercase().as_str(), "discontinued" | "disc" | "obsolete"))
}

fn figure<'a>(line: &Line<'a>, settings: &Settings, desk: &mut Desk<'_>) -> Option<Figure<'a>> {
    let quantity = match value::stock(&line.text(2)) {
        Ok(quantity) => quantity,
        Err(error) => {
            let advice = "Send whole packs; this quantity was left out.";
            desk.find_at(line, 2, ("quantity_invalid", Severity::Error), sentence(&error), advice);
            return None;
        }
    };
    let unit = settings.unit(&line.part(3, 1)).unwrap_or_else(|error| {
        let advice = "Send a unit of measure code, or map it in channel.x12.units.";
        desk.find_at(line, 3, ("catalog_unit_mismatch", Severity::Warning), sentence(&error), advice);
        None
    });
    let (on, site, schedule) = (None, SmolStr::default(), Vec::new());
    Some(Figure { line: *line, qualifier: line.text(1), quantity, unit, on, site, schedule })
}

/// A fault as a sentence of its own.
pub(crate) fn sentence(fault: &str) -> String {
    let mut letters = fault.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str().trim_end_matches('.'))
}

impl Part {
    fn finish(&mut self, entry: Entry<'_>, today: Date, settings: &Settings, desk: &mut Desk<'_>, told: &mut Told) {
        if entry.item == ItemRef::default() {
            let advice =
                "Send the vendor's or the retailer's item number, or map the qualifier in channel.x12.item_ids.";
            let what = "The line names no item in a way that is known here; it was left out.";
            desk.find_at(&entry.line, 0, ("catalog_unknown_sku", Severity::Error), what, advice);
            return;
        }
        let Some((quantity, unit)) = available(&entry, today, settings, desk, told) else { return };
        let incoming = incoming(&entry, today, settings);
        if incoming.len() > INCOMING_MAX {
            let what = format!("More than {INCOMING_MAX} announced receipts; the later ones were left out.");
            desk.find_at(&entry.line, 0, ("incoming_too_many", Severity::Warning), what, "Announce a year at most.");
        }
        let incoming = incoming.into_iter().take(INCOMING_MAX);
        let incoming = incoming.map(|(on, quantity)| Receivable { on, quantity }).collect();
        let place = desk.place(&entry.line, 0);
        let line = AdviceLine { item: entry.item, quantity, unit, incoming, discontinued: entry.discontinued };
        self.lines.push((line, place, entry.site));
    }
}

fn is_future(figure: &Figure<'_>, today: Date, settings: &Settings) -> bool {
    settings.dated_available != "now" && figure.on.is_some_and(|on| on > today)
}

/// What is available now, by the best qualifier that the line has.
fn available(
    entry: &Entry<'_>,
    today: Date,
    settings: &Settings,
    desk: &mut Desk<'_>,
    told: &mut Told,
) -> Option<(Quantity, Option<Unit>)> {
    for qualifier in &settings.available {
        let all = || entry.figures.iter().filter(|figure| figure.qualifier == *qualifier);
        let Some(first) = all().find(|figure| !is_future(figure, today, settings)) else {
            if let Some(future) = all().next() {
                tell_dated(&future.line, desk, told);
                return Some((Quantity::ZERO, future.unit.clone()));
            }
            continue;
        };
        let here: Vec<_> = all().filter(|f| !is_future(f, today, settings) && f.unit == first.unit).collect();
        let mut quantity = combined(&here, desk);
        if qualifier == "17" {
            let off = entry.figures.iter().filter(|figure| codes::NOT_AVAILABLE.contains(&figure.qualifier.as_str()));
            quantity = off.fold(quantity, |left, figure| left.less(figure.quantity));
            if !std::mem::replace(&mut told.on_hand, true) {
                let what = "Only stock on hand is stated, not what is available; it is used, less what the line calls \
                            committed, damaged, unusable or on hold.";
                let advice =
                    "Ask the partner for QTY*33, or set channel.x12.available to say what its quantities mean.";
                desk.find_at(&first.line, 1, ("quantity_on_hand", Severity::Warning), what, advice);
            }
        }
        return Some((quantity, first.unit.clone()));
    }
    if let Some(sum) = entry.by_site {
        return Some((sum, None));
    }
    if let Some(figure) = entry.figures.iter().find(|figure| codes::TO_COME.contains(&figure.qualifier.as_str())) {
        return Some((Quantity::ZERO, figure.unit.clone()));
    }
    if entry.discontinued {
        return Some((Quantity::ZERO, None));
    }
    if entry.faulty {
        return None;
    }
    let what = match entry.figures.first() {
        Some(figure) if figure.qualifier == "QO" => {
            "QO is an operating quantity: neither what is available nor what is on order; the line was left out."
                .to_owned()
        }
        Some(figure) => {
            format!("The qualifier {} does not say what is available; the line was left out.", figure.qualifier)
        }
        None => "The line states no quantity; it was left out.".to_owned(),
    };
    let (line, element) = entry.figures.first().map_or((&entry.line, 0), |figure| (&figure.line, 1));
    let advice = "Ask the partner for QTY*33, or name the qualifier in channel.x12.available.";
    desk.find_at(line, element, ("quantity_not_available", Severity::Error), what, advice);
    None
}

fn tell_dated(line: &Line<'_>, desk: &mut Desk<'_>, told: &mut Told) {
    if !std::mem::replace(&mut told.dated, true) {
        let what = "The quantity is available from a later day only; it is read as an announced receipt.";
        let advice = "If it is on the shelf now, set channel.x12.dated_available of this source to now.";
        desk.find_at(line, 0, ("quantity_dated", Severity::Note), what, advice);
    }
}

/// One figure of several with the same qualifier: a total stands above its sites; sites are added up.
fn combined(figures: &[&Figure<'_>], desk: &mut Desk<'_>) -> Quantity {
    if let [only] = figures {
        return only.quantity;
    }
    let totals: Vec<_> = figures.iter().filter(|figure| figure.site.is_empty()).collect();
    if let [total] = totals.as_slice() {
        return total.quantity;
    }
    if totals.is_empty() {
        let mut sites = BTreeMap::new();
        for figure in figures {
            sites.insert(&figure.site, figure.quantity);
        }
        let sum = sites.values().fold(0_u32, |sum, quantity| sum.saturating_add(quantity.get()));
        return Quantity::new(sum.min(QUANTITY_MAX));
    }
    let least = totals.iter().map(|figure| figure.quantity).min().unwrap_or_default();
    if totals.iter().any(|figure| figure.quantity != least) {
        let what = "The line states the same quantity several times with different figures; the smallest is used.";
        let advice = "Ask the partner to name the place of each quantity (LS, REF, LE) or to send one.";
        desk.find_at(&figures[0].line, 2, ("quantity_ambiguous", Severity::Warning), what, advice);
    }
    least
}

/// Announced receipts after today, by day.
fn incoming(entry: &Entry<'_>, today: Date, settings: &Settings) -> BTreeMap<Date, Quantity> {
    let mut days: BTreeMap<Date, Quantity> = BTreeMap::new();
    let mut add = |on: Date, quantity: Quantity| {
        if on > today && !quantity.is_zero() {
            let sum = days.entry(on).or_default();
            *sum = Quantity::new(sum.get().saturating_add(quantity.get()).min(QUANTITY_MAX));
        }
    };
    for figure in &entry.figures {
        figure.schedule.iter().for_each(|(quantity, on)| add(*on, *quantity));
        let to_come = codes::TO_COME.contains(&figure.qualifier.as_str());
        let dated = settings.available.contains(&figure.qualifier) && is_future(figure, today, settings);
        let on = if to_come { figure.on.or(entry.next_on) } else { figure.on };
        if let Some(on) = on.filter(|_| (to_come || dated) && figure.schedule.is_empty()) {
            add(on, figure.quantity);
        }
    }
    days
}

impl Feed {
    /// Puts the sets together: full ones are one advice, since each alone would make the others' items unavailable.
    pub fn finish(self, desk: &mut Desk<'_>, origin: Origin) {
        let (full, changes): (Vec<Part>, Vec<Part>) = self.parts.into_iter().partition(|part| part.full);
        if let Some(merged) = merge(full, desk) {
            if self.incomplete {
                let what = "A part of this full feed was rejected; items that it does not name stay as they were.";
                let advice = "Mend the rejected part and send the whole feed again.";
                desk.find("feed_incomplete", Severity::Warning, merged.place.clone(), what, advice);
            }
            merged.put_down(!self.incomplete, origin, desk);
        }
        for part in changes {
            if let Some(part) = merge(vec![part], desk) {
                part.put_down(false, origin, desk);
            }
        }
    }
}

impl Part {
    fn put_down(self, full: bool, origin: Origin, desk: &mut Desk<'_>) {
        let (lines, places) = self.lines.into_iter().map(|(line, place, _)| (line, place)).unzip();
        let advice = Advice { as_of: self.as_of, origin, full, lines };
        desk.document(Inbound::Advice(advice), self.place, places, Hints::default());
    }
}

type ItemKey = (Option<SmolStr>, Option<SmolStr>, Option<SmolStr>);

fn key_of(item: &ItemRef) -> ItemKey {
    (item.vendor_sku.clone().map(Into::into), item.sku.clone().map(Into::into), item.gtin.clone())
}

/// One part out of several: an item that stands at several sites is added up, one that is simply repeated counts once.
fn merge(parts: Vec<Part>, desk: &mut Desk<'_>) -> Option<Part> {
    let mut parts = parts.into_iter();
    let mut whole = parts.next()?;
    for part in parts {
        whole.as_of = whole.as_of.min(part.as_of);
        whole.lines.extend(part.lines);
    }
    let mut seen: BTreeMap<ItemKey, (usize, Vec<SmolStr>)> = BTreeMap::new();
    let mut kept: Vec<(AdviceLine, Place, SmolStr)> = Vec::with_capacity(whole.lines.len());
    for (line, place, site) in whole.lines {
        let Some((index, sites)) = seen.get_mut(&key_of(&line.item)) else {
            seen.insert(key_of(&line.item), (kept.len(), vec![site.clone()]));
            kept.push((line, place, site));
            continue;
        };
        let known = &mut kept[*index].0;
        if !site.is_empty() && !sites.contains(&site) && known.unit == line.unit {
            sites.push(site);
            let sum = known.quantity.get().saturating_add(line.quantity.get()).min(QUANTITY_MAX);
            known.quantity = Quantity::new(sum);
            for more in line.incoming {
                match known.incoming.iter_mut().find(|receipt| receipt.on == more.on) {
                    Some(receipt) => {
                        let sum = receipt.quantity.get().saturating_add(more.quantity.get());
                        receipt.quantity = Quantity::new(sum.min(QUANTITY_MAX));
                    }
                    None => known.incoming.push(more),
                }
            }
        } else {
            if known.quantity != line.quantity {
                let what = "The item stands in this feed twice with different figures; the later one is used.";
                let advice = "Ask the partner to name each item once, or to name the warehouse (N1*WH) of each figure.";
                desk.find("feed_item_twice", Severity::Warning, place.clone(), what, advice);
            }
            kept[*index].0 = line;
        }
    }
    whole.lines = kept;
    Some(whole)
}
