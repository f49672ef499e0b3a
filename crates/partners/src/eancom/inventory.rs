//! INVRPT: what a source can supply. In D.96A a QTY opens each figure, in D.01B an INV does, with its QTY inside;
//! read in sequence both say the same.

use super::settings::Settings;
use super::{Message, codes, date_of, is, take_item, take_items};
use crate::desk::{Desk, Line};
use crate::feed::{self, Entry, Figure, Part, Terms, Told, sentence};
use crate::seam::Severity;
use crate::value;
use countersign_engine::document::ItemRef;
use countersign_engine::stock::Origin;
use jiff::Timestamp;
use jiff::civil::Time;
use smol_str::SmolStr;

/// All stock reports of one file.
#[derive(Default)]
pub(crate) struct Feed {
    feed: feed::Feed,
    /// A report was rejected, so what it held is not known.
    pub incomplete: bool,
}

impl Feed {
    /// Puts the reports together.
    pub fn finish(mut self, lost: bool, desk: &mut Desk<'_>) {
        self.feed.incomplete = self.incomplete || lost;
        self.feed.finish(desk, Origin::Eancom);
    }
}

/// Reads one report into the feed.
pub(crate) fn read(message: &Message<'_>, settings: &Settings, desk: &mut Desk<'_>, feed: &mut Feed) -> String {
    let Some(head) = message.lines.iter().find(|line| is(line, "BGM")) else {
        return "an INVRPT without a BGM".into();
    };
    let as_of = as_of(message, head, settings, desk);
    let full = match (settings.feed.as_str(), head.text(3).as_str()) {
        ("full", _) => true,
        ("delta", _) => false,
        (_, function) => function != "4" && function != "2",
    };
    let mut part = Part { as_of, full, place: desk.place(&message.lines[0], 0), lines: Vec::new() };
    let today = as_of.to_zoned(settings.zone(desk.source).rules()).date();
    let (terms, mut told) = (terms(settings), Told::default());
    let mut reader = Reader { settings, entry: None, bad: false, site: SmolStr::default() };
    for line in &message.lines {
        if let Some(done) = reader.take(line, message, desk) {
            part.finish(done, today, &terms, desk, &mut told);
        }
    }
    if let Some(done) = reader.entry {
        part.finish(done, today, &terms, desk, &mut told);
    }
    let (kind, lines) = (if full { "full feed" } else { "changes" }, part.lines.len());
    feed.feed.parts.push(part);
    format!("{kind}, {lines} items as of {as_of}")
}

fn terms(settings: &Settings) -> Terms<'_> {
    Terms {
        available: &settings.available,
        on_hand: codes::ON_HAND,
        not_available: codes::NOT_AVAILABLE,
        to_come: codes::TO_COME,
        dated_now: settings.dated_available == "now",
        settings: "channel.eancom",
    }
}

/// The date of the report (366), else that of the document (137).
fn as_of(message: &Message<'_>, head: &Line<'_>, settings: &Settings, desk: &mut Desk<'_>) -> Timestamp {
    let zone = settings.zone(desk.source).clone();
    let heading = message.lines.iter().take_while(|line| !is(line, "LIN"));
    let dates: Vec<_> =
        heading.filter(|line| is(line, "DTM")).filter_map(|line| Some((*line, date_of(line)?))).collect();
    let wanted = ["366", "137"].iter().find_map(|kind| dates.iter().find(|(_, (own, ..))| own == kind));
    match wanted {
        Some((line, (_, day, time))) => match value::instant(*day, time.unwrap_or(Time::midnight()), &zone) {
            Some(at) => desk.not_after_receipt(at, line, 1),
            None => desk.received_at,
        },
        None => {
            let what = "The report has no date; the time of receipt is used.";
            desk.find_at(head, 0, ("date_missing", Severity::Note), what, "Ask the partner for DTM+366 or DTM+137.");
            desk.received_at
        }
    }
}

/// Where reading stands in a report.
struct Reader<'s, 'a> {
    settings: &'s Settings,
    entry: Option<Entry<'a>>,
    /// The present INV is about damaged, bonded or reserved stock.
    bad: bool,
    site: SmolStr,
}

impl<'a> Reader<'_, 'a> {
    /// Takes a segment; gives the item that it ends.
    fn take(&mut self, line: &Line<'a>, message: &Message<'_>, desk: &mut Desk<'_>) -> Option<Entry<'a>> {
        if is(line, "LIN") {
            let mut item = ItemRef::default();
            if !take_item(&mut item, line, 3, self.settings) {
                desk.unmapped(&message.name, line);
            }
            self.bad = false;
            let (figures, site) = (Vec::new(), self.site.clone());
            let new = Entry {
                line: *line,
                item,
                figures,
                by_site: None,
                next_on: None,
                site,
                discontinued: false,
                faulty: false,
            };
            return self.entry.replace(new);
        }
        let Some(entry) = &mut self.entry else {
            match is(line, "NAD") && line.text(1) == "WH" {
                true => self.site = line.part(2, 1),
                false if ["UNH", "BGM", "DTM"].iter().any(|tag| is(line, tag)) => {}
                false => desk.unmapped(&message.name, line),
            }
            return None;
        };
        if is(line, "PIA") {
            take_items(&mut entry.item, line, self.settings);
        } else if is(line, "INV") {
            self.bad = matches!(line.text(2).as_str(), "2" | "3" | "4");
        } else if is(line, "QTY") {
            match figure(line, self.settings, desk) {
                Some(figure) if !self.bad => entry.figures.push(figure),
                Some(_) => desk.unmapped(&message.name, line),
                None => entry.faulty = true,
            }
        } else if is(line, "LOC") || is(line, "NAD") {
            let site = line.part(2, 1);
            match entry.figures.last_mut() {
                Some(figure) => figure.site = site,
                None => entry.site = site,
            }
        } else if is(line, "DTM") {
            let day = date_of(line).filter(|(kind, ..)| codes::AVAILABLE_DATES.contains(&kind.as_str()));
            match (day, entry.figures.last_mut()) {
                (Some((_, day, _)), Some(figure)) => figure.on = Some(day),
                (Some((_, day, _)), None) => entry.next_on = Some(day),
                (None, _) => desk.unmapped(&message.name, line),
            }
        } else if says_discontinued(line) {
            entry.discontinued = true;
        } else if !is(line, "UNT") && !is(line, "UNS") && !is(line, "CNT") {
            desk.unmapped(&message.name, line);
        }
        None
    }
}

/// A special condition (79), or a description that is this one word.
fn says_discontinued(line: &Line<'_>) -> bool {
    if is(line, "ALI") {
        return (3..=5).any(|element| line.text(element) == "79");
    }
    let texts = || [line.part(3, 4), line.part(4, 1), line.part(3, 1)];
    (is(line, "IMD") || is(line, "FTX")) && texts().iter().any(|text| text.eq_ignore_ascii_case("discontinued"))
}

fn figure<'a>(line: &Line<'a>, settings: &Settings, desk: &mut Desk<'_>) -> Option<Figure<'a>> {
    match value::stock(&line.part(1, 2)) {
        Ok(quantity) => Some(Figure {
            line: *line,
            qualifier: line.part(1, 1),
            quantity,
            unit: Some(line.part(1, 3)).filter(|text| !text.is_empty()).and_then(|text| settings.unit(&text)),
            on: None,
            site: SmolStr::default(),
            schedule: Vec::new(),
        }),
        Err(error) => {
            let advice = "Send whole packs; this quantity was left out.";
            desk.find_at(line, 1, ("quantity_invalid", Severity::Error), sentence(&error), advice);
            None
        }
    }
}
