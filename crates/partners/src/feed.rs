//! Stock feeds: figures with qualifiers into what is available and what is to come, and parts of a feed into one.
//!
//! Knows no segment; a dialect brings the figures and the [`Terms`] by which to read them.

use crate::desk::{Desk, Line};
use crate::seam::{Hints, Place, Severity};
use countersign_engine::document::{Advice, AdviceLine, Inbound, ItemRef, Receivable};
use countersign_engine::item::Unit;
use countersign_engine::measure::{QUANTITY_MAX, Quantity};
use countersign_engine::stock::{INCOMING_MAX, Origin};
use jiff::Timestamp;
use jiff::civil::Date;
use smol_str::SmolStr;
use std::collections::BTreeMap;

/// How a partner's quantity qualifiers are read.
pub(crate) struct Terms<'s> {
    /// Those that say what may be sold, best first.
    pub available: &'s [SmolStr],
    /// Of these, the ones from which something must be taken off.
    pub on_hand: &'static [&'static str],
    /// What is taken off.
    pub not_available: &'static [&'static str],
    /// What is to come.
    pub to_come: &'static [&'static str],
    /// Available stock with a date in the future is there now.
    pub dated_now: bool,
    /// Where the settings of the channel stand, for advice to people.
    pub settings: &'static str,
}

/// All stock reports of one file.
#[derive(Default)]
pub(crate) struct Feed {
    pub parts: Vec<Part>,
    /// A part of the feed was rejected, so what it held is not known.
    pub incomplete: bool,
}

/// One of them.
pub(crate) struct Part {
    pub as_of: Timestamp,
    pub full: bool,
    pub place: Place,
    pub lines: Vec<(AdviceLine, Place, SmolStr)>,
}

/// One quantity with what stands below it.
pub(crate) struct Figure<'a> {
    pub line: Line<'a>,
    pub qualifier: SmolStr,
    pub quantity: Quantity,
    pub unit: Option<Unit>,
    pub on: Option<Date>,
    pub site: SmolStr,
    pub schedule: Vec<(Quantity, Date)>,
}

/// One item with what stands below it.
pub(crate) struct Entry<'a> {
    pub line: Line<'a>,
    pub item: ItemRef,
    pub figures: Vec<Figure<'a>>,
    pub by_site: Option<Quantity>,
    pub next_on: Option<Date>,
    pub site: SmolStr,
    pub discontinued: bool,
    /// One of its quantities was refused; that is told already.
    pub faulty: bool,
}

/// Things that are told once per set, not once per line.
#[derive(Default)]
pub(crate) struct Told {
    on_hand: bool,
    dated: bool,
}

/// A fault as a sentence of its own.
pub(crate) fn sentence(fault: &str) -> String {
    let mut letters = fault.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str().trim_end_matches('.'))
}

impl Part {
    /// Takes an item with its figures into the part.
    pub fn finish(&mut self, entry: Entry<'_>, today: Date, terms: &Terms<'_>, desk: &mut Desk<'_>, told: &mut Told) {
        if entry.item == ItemRef::default() {
            let advice = format!(
                "Send the vendor's or the retailer's item number, or map the qualifier in {}.item_ids.",
                terms.settings
            );
            let what = "The line names no item in a way that is known here; it was left out.";
            desk.find_at(&entry.line, 0, ("catalog_unknown_sku", Severity::Error), what, &advice);
            return;
        }
        let Some((quantity, unit)) = available(&entry, today, terms, desk, told) else { return };
        let incoming = incoming(&entry, today, terms);
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

fn is_future(figure: &Figure<'_>, today: Date, terms: &Terms<'_>) -> bool {
    !terms.dated_now && figure.on.is_some_and(|on| on > today)
}

/// What is available now, by the best qualifier that the line has.
fn available(
    entry: &Entry<'_>,
    today: Date,
    terms: &Terms<'_>,
    desk: &mut Desk<'_>,
    told: &mut Told,
) -> Option<(Quantity, Option<Unit>)> {
    for qualifier in terms.available {
        let all = || entry.figures.iter().filter(|figure| figure.qualifier == *qualifier);
        let Some(first) = all().find(|figure| !is_future(figure, today, terms)) else {
            if let Some(future) = all().next() {
                tell_dated(&future.line, terms.settings, desk, told);
                return Some((Quantity::ZERO, future.unit.clone()));
            }
            continue;
        };
        let here: Vec<_> = all().filter(|f| !is_future(f, today, terms) && f.unit == first.unit).collect();
        let mut quantity = combined(&here, desk);
        if terms.on_hand.contains(&qualifier.as_str()) {
            let off = entry.figures.iter().filter(|figure| terms.not_available.contains(&figure.qualifier.as_str()));
            quantity = off.fold(quantity, |left, figure| left.less(figure.quantity));
            if !std::mem::replace(&mut told.on_hand, true) {
                let what = "Only stock on hand is stated, not what is available; it is used, less what the line calls \
                            committed, damaged, unusable or on hold.";
                let advice = format!(
                    "Ask the partner for available quantities, or set {}.available to say what its own mean.",
                    terms.settings
                );
                desk.find_at(&first.line, 1, ("quantity_on_hand", Severity::Warning), what, &advice);
            }
        }
        return Some((quantity, first.unit.clone()));
    }
    if let Some(sum) = entry.by_site {
        return Some((sum, None));
    }
    if let Some(figure) = entry.figures.iter().find(|figure| terms.to_come.contains(&figure.qualifier.as_str())) {
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
    let advice =
        format!("Ask the partner for available quantities, or name the qualifier in {}.available.", terms.settings);
    desk.find_at(line, element, ("quantity_not_available", Severity::Error), what, &advice);
    None
}

fn tell_dated(line: &Line<'_>, settings: &str, desk: &mut Desk<'_>, told: &mut Told) {
    if !std::mem::replace(&mut told.dated, true) {
        let what = "The quantity is available from a later day only; it is read as an announced receipt.";
        let advice = format!("If it is on the shelf now, set {settings}.dated_available of this source to now.");
        desk.find_at(line, 0, ("quantity_dated", Severity::Note), what, &advice);
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
fn incoming(entry: &Entry<'_>, today: Date, terms: &Terms<'_>) -> BTreeMap<Date, Quantity> {
    let mut days: BTreeMap<Date, Quantity> = BTreeMap::new();
    let mut add = |on: Date, quantity: Quantity| {
        if on > today && !quantity.is_zero() {
            let sum = days.entry(on).or_default();
            *sum = Quantity::new(sum.get().saturating_add(quantity.get()).min(QUANTITY_MAX));
        }
    };
    for figure in &entry.figures {
        figure.schedule.iter().for_each(|(quantity, on)| add(*on, *quantity));
        let to_come = terms.to_come.contains(&figure.qualifier.as_str());
        let dated = terms.available.contains(&figure.qualifier) && is_future(figure, today, terms);
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
