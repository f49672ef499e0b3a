//! Advice: items looked up, packs turned into base units, unchanged lines left out, cut into commands.
//!
//! What is left out here the head would leave out too: it compares again, on what stands at that moment.

use super::Work;
use super::findings::finding;
use crate::cache::Known;
use crate::catalogue::Catalogue;
use crate::ports::{List, Mapping, StoreError};
use countersign_engine::command::{Deed, ReportAdvice, ReportedLine};
use countersign_engine::document::{ADVICE_LINES_MAX, Advice, AdviceLine, Inbound};
use countersign_engine::ids::Sku;
use countersign_engine::item::Unit;
use countersign_engine::measure::Quantity;
use countersign_engine::reason::Reason;
use countersign_engine::slice::{Key, Record};
use countersign_engine::stock::{INCOMING_MAX, Incoming, Stock};
use countersign_partners::seam::{Document, Place, Severity};
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// Lines from which on it is cheaper to read all stock of the source than each line's.
const LIST_FROM: usize = 400;
/// Records read at once.
const PAGE: u32 = 5_000;

/// What is known of a source's stock; only for finding, never listed.
type StockBySku = HashMap<Sku, Arc<Stock>>;

impl Work<'_> {
    pub(super) fn advice(&mut self, document: Document) -> Result<(), StoreError> {
        let Document { content: Inbound::Advice(advice), place, lines: places, .. } = document else { return Ok(()) };
        if advice.full && advice.lines.is_empty() {
            let sentence = "A full feed without lines would make every item unavailable; it was not applied.".into();
            self.find(finding(Reason::EdiSyntax, Severity::Error, place, sentence));
            return Ok(());
        }
        let catalogue = self.desk.catalogue(&self.source.id)?;
        let (mut lines, left_out) = self.look_up(&catalogue, &advice, &place, &places);
        if lines.is_empty() && !advice.lines.is_empty() {
            // Not a single item is known: more likely the mapping is wrong than that the source has nothing for us.
            self.quarantine = true;
            return Ok(());
        }
        if advice.full {
            add_absent(&catalogue, &mut lines, &left_out);
        }
        // What a full feed does not change, it confirms; of an item whose line was left out it says nothing. So each
        // other line is told by itself then.
        let confirms = advice.full && left_out.is_empty();
        let advice = Advice { full: confirms, ..advice };
        let known = self.known_stock(&lines, advice.full)?;
        let feed = match self.desk.read(&[Key::Feed(self.source.id.clone())])?.pop().flatten() {
            Some(Record::Feed(feed)) => Some(feed.full_as_of),
            _ => None,
        };
        let count = lines.len();
        let differing: Vec<ReportedLine> =
            lines.into_iter().filter(|l| differs(known.get(&l.sku).map(|s| &**s), feed, &advice, l)).collect();
        let unchanged = u32::try_from(count - differing.len()).unwrap_or(u32::MAX);
        self.report.unchanged = self.report.unchanged.saturating_add(unchanged);
        if differing.len() > LIST_FROM {
            self.know_offers()?;
        }
        self.cut(&advice, differing, unchanged, feed, place);
        Ok(())
    }

    /// The lines in our words, and the offers that lines mean which cannot be used: those become findings.
    fn look_up(
        &mut self,
        catalogue: &Catalogue,
        advice: &Advice,
        place: &Place,
        places: &[Place],
    ) -> (Vec<ReportedLine>, BTreeSet<usize>) {
        let mut left_out: BTreeSet<usize> = BTreeSet::new();
        let mut lines: Vec<ReportedLine> = Vec::with_capacity(advice.lines.len());
        let mut taken: HashMap<usize, usize> = HashMap::with_capacity(advice.lines.len());
        for (n, line) in advice.lines.iter().enumerate() {
            let at = places.get(n).unwrap_or(place);
            let found = catalogue.find(&line.item).map_err(|reason| (reason, name_of(line)));
            let converted = found.and_then(|offer| Ok((offer, in_base_units(&catalogue.offers()[offer], line)?)));
            match converted {
                Err((reason, value)) => {
                    let sentence = format!("{} was left out: {}", named(line), reason.sentence());
                    // The rest of the file goes on, and nothing of it has to be replayed for this line's sake.
                    let mut found = finding(reason, Severity::Error, at.clone(), sentence);
                    found.value = Some(value);
                    self.report.find(found);
                    left_out.extend(catalogue.named(&line.item));
                }
                Ok((offer, reported)) => match taken.get(&offer) {
                    None => {
                        taken.insert(offer, lines.len());
                        lines.push(reported);
                    }
                    Some(first) => {
                        let sentence = format!("{} is listed twice; the smaller figure counts.", named(line));
                        self.report.find(finding(Reason::EdiDuplicate, Severity::Warning, at.clone(), sentence));
                        if reported.quantity < lines[*first].quantity {
                            lines[*first] = reported;
                        }
                    }
                },
            }
        }
        left_out.retain(|offer| !taken.contains_key(offer));
        (lines, left_out)
    }

    /// What stands now, for comparing. Long lists are read as a whole, and kept for the decision that follows.
    fn known_stock(&self, lines: &[ReportedLine], full: bool) -> Result<StockBySku, StoreError> {
        let source = &self.source.id;
        if lines.len() < LIST_FROM && !full {
            let keys: Vec<Key> = lines.iter().map(|l| Key::Stock(source.clone(), l.sku.clone())).collect();
            let records = self.desk.read(&keys)?.into_iter().flatten();
            return Ok(records.filter_map(stock).map(|s| (s.sku.clone(), s)).collect());
        }
        let mut known = HashMap::with_capacity(lines.len());
        self.each(&List::StockOf(source.clone()), |record| {
            let stock = stock(record)?;
            let key = Key::Stock(stock.source.clone(), stock.sku.clone());
            let cursor = stock.sku.to_string();
            known.insert(stock.sku.clone(), stock);
            Some((key, cursor))
        })?;
        Ok(known)
    }

    /// The decision reads each line's offer: all at once costs less than one by one.
    fn know_offers(&self) -> Result<(), StoreError> {
        self.each(&List::OffersOf(self.source.id.clone()), |record| match record {
            Record::Offer(offer) => Some((Key::Offer(offer.source.clone(), offer.sku.clone()), offer.sku.to_string())),
            _ => None,
        })
    }

    fn each(&self, what: &List, mut see: impl FnMut(Record) -> Option<(Key, String)>) -> Result<(), StoreError> {
        let mut after: Option<String> = None;
        loop {
            let page = self.desk.store().list(what, after.as_deref(), PAGE)?;
            let full = page.len() == PAGE as usize;
            for there in page {
                if let Some((key, cursor)) = see(there.record.clone()) {
                    self.desk.cache.put(&key, Known::from(Some(there)));
                    after = Some(cursor);
                }
            }
            if !full {
                return Ok(());
            }
        }
    }

    fn cut(
        &mut self,
        advice: &Advice,
        lines: Vec<ReportedLine>,
        unchanged: u32,
        feed: Option<Timestamp>,
        place: Place,
    ) {
        let completes = advice.full && feed.is_none_or(|last| last < advice.as_of);
        if lines.is_empty() && !completes {
            return;
        }
        let chunks = lines.len().div_ceil(ADVICE_LINES_MAX).max(1);
        let mut lines = lines.into_iter();
        for n in 1..=chunks {
            let last = n == chunks;
            let report = ReportAdvice {
                source: self.source.id.clone(),
                as_of: advice.as_of,
                origin: advice.origin,
                full: advice.full,
                completes_feed: last && completes,
                unchanged: if last { unchanged } else { 0 },
                lines: lines.by_ref().take(ADVICE_LINES_MAX).collect(),
            };
            self.order(Deed::ReportAdvice(report), place.clone());
        }
    }
}

/// Base units and receipts of one line; else why it cannot be used, and the value at fault.
fn in_base_units(offer: &Mapping, line: &AdviceLine) -> Result<ReportedLine, (Reason, String)> {
    if let Some(unit) = line.unit.as_ref().filter(|unit| unit.as_str() != offer.unit) {
        return Err((Reason::CatalogUnitMismatch, Unit::as_str(unit).to_owned()));
    }
    let times =
        |packs: Quantity| packs.times(offer.pack_size).ok_or_else(|| (Reason::CatalogPackMismatch, packs.to_string()));
    if line.discontinued {
        return Ok(reported(offer, Quantity::ZERO, BTreeMap::new(), false));
    }
    let mut incoming: BTreeMap<Date, Incoming> = BTreeMap::new();
    for receivable in &line.incoming {
        let quantity = times(receivable.quantity)?;
        let there = incoming.entry(receivable.on).or_default();
        there.quantity = there.quantity.plus_capped(quantity);
    }
    while incoming.len() > INCOMING_MAX {
        // The furthest ones are least sure and least asked for.
        incoming.pop_last();
    }
    Ok(reported(offer, times(line.quantity)?, incoming, false))
}

fn reported(offer: &Mapping, quantity: Quantity, incoming: BTreeMap<Date, Incoming>, absent: bool) -> ReportedLine {
    ReportedLine { sku: offer.sku.clone(), quantity, incoming, absent }
}

/// A full feed says by silence that the source has none. Of an item whose line could not be used it is not silent.
fn add_absent(catalogue: &Catalogue, lines: &mut Vec<ReportedLine>, left_out: &BTreeSet<usize>) {
    let listed: HashSet<Sku> = lines.iter().map(|l| l.sku.clone()).collect();
    let offers = catalogue.offers().iter().enumerate();
    let absent = offers.filter(|(place, offer)| !listed.contains(&offer.sku) && !left_out.contains(place));
    lines.extend(absent.map(|(_, offer)| reported(offer, Quantity::ZERO, BTreeMap::new(), true)));
}

/// True if the line says something newer and other than what is known: the rule of the head's own comparison.
fn differs(stock: Option<&Stock>, feed: Option<Timestamp>, advice: &Advice, line: &ReportedLine) -> bool {
    let Some(stock) = stock.filter(|s| s.is_advised()) else { return !line.absent };
    let same = stock.advised == line.quantity && stock.announces(&line.incoming);
    let known = stock.confirmed_as_of(feed);
    match () {
        () if advice.as_of < known => false,
        () if advice.as_of == known => !same,
        () if advice.full => !same || !stock.in_full_feed,
        () => true,
    }
}

fn stock(record: Record) -> Option<Arc<Stock>> {
    match record {
        Record::Stock(stock) => Some(stock),
        _ => None,
    }
}

/// How the source names the item of a line.
fn name_of(line: &AdviceLine) -> String {
    let item = &line.item;
    let named = item.vendor_sku.as_ref().map(|v| v.as_str()).or(item.sku.as_ref().map(|s| s.as_str()));
    named.or(item.gtin.as_deref()).unwrap_or("").to_owned()
}

fn named(line: &AdviceLine) -> String {
    format!("Item {}", name_of(line))
}
