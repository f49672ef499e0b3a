//! 846: what a source can supply.
//!
//! Knows quantities and their traps, not items: names stay as the partner writes them. A full feed may come in many
//! sets, because a set holds at most ten thousand items; the feed puts them together again.

use super::settings::Settings;
use super::{Set, codes, tags};
use crate::desk::{Desk, Line, name_item};
use crate::feed::{Entry, Feed, Figure, Part, Terms, Told, sentence};
use crate::seam::Severity;
use crate::value;
use countersign_engine::document::ItemRef;
use countersign_engine::measure::{QUANTITY_MAX, Quantity};
use jiff::Timestamp;
use jiff::civil::Time;
use smol_str::SmolStr;

/// Reads one 846 into the feed.
pub(crate) fn read(set: &Set<'_>, settings: &Settings, desk: &mut Desk<'_>, feed: &mut Feed) -> String {
    let Some(head) = set.lines.iter().find(|line| line.segment.tag() == tags::BIA) else {
        return "an 846 without a BIA".into();
    };
    let as_of = as_of(set, head, settings, desk);
    let mut part =
        Part { as_of, full: is_full(head, settings, desk), place: desk.place(&set.lines[0], 0), lines: Vec::new() };
    let today = as_of.to_zoned(settings.zone(desk.source).rules()).date();
    let terms = terms(settings);
    let mut told = Told::default();
    let mut entry: Option<Entry<'_>> = None;
    let mut heading_site = SmolStr::default();
    for line in &set.lines {
        if line.segment.tag() == tags::LIN {
            if let Some(done) = entry.replace(begin(line, settings, desk, set, &heading_site)) {
                part.finish(done, today, &terms, desk, &mut told);
            }
            continue;
        }
        match &mut entry {
            Some(entry) => below(entry, line, settings, desk, set),
            None => heading(line, desk, set, &mut heading_site),
        }
    }
    if let Some(done) = entry {
        part.finish(done, today, &terms, desk, &mut told);
    }
    let (kind, lines) = (if part.full { "full feed" } else { "changes" }, part.lines.len());
    feed.parts.push(part);
    format!("{kind}, {lines} items as of {as_of}")
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

fn terms(settings: &Settings) -> Terms<'_> {
    Terms {
        available: &settings.available,
        on_hand: codes::ON_HAND,
        not_available: codes::NOT_AVAILABLE,
        to_come: codes::TO_COME,
        dated_now: settings.dated_available == "now",
        settings: "channel.x12",
    }
}
