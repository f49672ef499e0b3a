//! A source reports what it can supply. Only differences become events; older advice never replaces newer.

use super::draft::Draft;
use crate::command::{ReportAdvice, ReportedLine};
use crate::document::ADVICE_LINES_MAX;
use crate::event::Event;
use crate::ids::Sku;
use crate::measure::{QUANTITY_MAX, Quantity};
use crate::reason::Reason;
use crate::refusal::{Refusal, RefusalKind};
use crate::slice::Key;
use crate::stock::{INCOMING_MAX, Stock, minute};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// How far ahead of our clock a source's may run before its advice is refused.
const AHEAD_MAX: SignedDuration = SignedDuration::from_hours(24);
/// Our clock is read to the millisecond: what lies within one is not ahead of it.
const TICK: SignedDuration = SignedDuration::from_millis(1);

pub(super) fn needs(report: &ReportAdvice) -> BTreeSet<Key> {
    let source = &report.source;
    let stock = report
        .lines
        .iter()
        .flat_map(|l| [Key::Stock(source.clone(), l.sku.clone()), Key::Offer(source.clone(), l.sku.clone())]);
    stock.chain([Key::Source(source.clone()), Key::Feed(source.clone())]).collect()
}

pub(super) fn decide(d: &mut Draft, report: &ReportAdvice) -> Result<(), Refusal> {
    let source = &report.source;
    if d.slice.source(source).is_none() {
        return Err(Refusal::because(RefusalKind::UnknownSource, "/source", source, Reason::CatalogUnknownSource));
    }
    if report.as_of > d.now + AHEAD_MAX {
        let sentence = "as_of lies more than a day in the future: check the clock and the offset";
        return Err(Refusal::field(RefusalKind::InvalidField, "/as_of", report.as_of, "in_the_future", sentence));
    }
    if report.lines.len() > ADVICE_LINES_MAX {
        let sentence = format!("at most {ADVICE_LINES_MAX} lines in one command");
        return Err(Refusal::field(RefusalKind::InvalidField, "/lines", report.lines.len(), "too_many", sentence));
    }
    check_lines(d, report)?;
    // A clock that runs ahead of ours must neither hide our own holds nor outrank the next true figure.
    let as_of = if report.as_of < d.now + TICK { report.as_of } else { d.now };
    let feed = d.slice.feed(source).map(|f| f.full_as_of);
    let mut carried = BTreeMap::new();
    let mut lines: Vec<ReportedLine> = vec![];
    for line in &report.lines {
        let stock = d.slice.stock(source, &line.sku);
        if stock.is_none_or(|stock| differs(stock, report, as_of, feed, line)) {
            if let Some(held) = stock.and_then(|stock| arrived(stock, line)) {
                carried.insert(line.sku.clone(), (minute(d.now), held));
            }
            lines.push(line.clone());
        }
    }
    if !lines.is_empty() {
        let (source, origin, full) = (source.clone(), report.origin, report.full);
        d.record(Event::AdviceRecorded { source, as_of, origin, full, lines, carried });
    }
    if report.full && report.completes_feed && feed.is_none_or(|last| last < as_of) {
        d.record(Event::FeedCompleted { source: source.clone(), as_of });
    }
    Ok(())
}

fn check_lines(d: &Draft, report: &ReportAdvice) -> Result<(), Refusal> {
    let mut seen: BTreeSet<&Sku> = BTreeSet::new();
    for (i, line) in report.lines.iter().enumerate() {
        let fault = match () {
            () if d.slice.offer(&report.source, &line.sku).is_none() => Some(Reason::CatalogUnknownOffer.code()),
            () if line.incoming.len() > INCOMING_MAX => Some("too_many_receipts"),
            () if !seen.insert(&line.sku) => Some("listed_twice"),
            () if absurd(line) => Some("quantity_out_of_range"),
            () => None,
        };
        if let Some(reason) = fault {
            let sentence = format!(
                "{}: advice needs an offer of the source for each item, listed once, with at most {INCOMING_MAX} receipts",
                line.sku
            );
            return Err(Refusal::field(
                RefusalKind::InvalidField,
                format!("/lines/{i}/sku"),
                &line.sku,
                reason,
                sentence,
            ));
        }
    }
    Ok(())
}

fn absurd(line: &ReportedLine) -> bool {
    let max = Quantity::new(QUANTITY_MAX);
    line.quantity > max || line.incoming.values().any(|i| i.quantity > max)
}

/// True if the line says something newer and other than what is known.
fn differs(
    stock: &Stock,
    report: &ReportAdvice,
    as_of: Timestamp,
    feed: Option<Timestamp>,
    line: &ReportedLine,
) -> bool {
    if !stock.is_advised() {
        return true;
    }
    let known = stock.confirmed_as_of(feed);
    let same_figures = stock.advised == line.quantity && stock.announces(&line.incoming);
    match () {
        () if as_of < known => false,
        () if as_of == known => !same_figures,
        () if report.full => !same_figures || !stock.in_full_feed,
        () => true,
    }
}

/// Units firmly held on announced receipts that the new advice no longer announces: they are (or are about to be) on the
/// shelf. Those that the source has not acknowledged stay with their receipt.
fn arrived(stock: &Stock, line: &ReportedLine) -> Option<Quantity> {
    let gone = stock.incoming.iter().filter(|(day, _)| !line.incoming.contains_key(day));
    let held: Quantity = gone.map(|(_, i)| i.held.less(i.soft)).sum();
    (!held.is_zero()).then_some(held)
}
