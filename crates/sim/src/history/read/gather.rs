//! Rows taken in so far, and the history they make in the end. Rows may come in any order: each is kept packed, chained
//! to the row of the same order before it, until all are there. Knows no texts but ids.

mod assemble;

use super::super::dirt::{Dirt, Oddity};
use super::super::mapping::{EVENT_WORDS, Mapping};
use super::super::names::Names;
use super::super::pack::{Blocks, Bytes, Pasts};
use super::super::{
    AdviceFact, History, ItemFact, Manner, Moment, NOBODY, OfferFact, OrderFact, Past, Place, Recorded, SourceFact,
};
use assemble::{Kept, Said};
pub(super) use assemble::{LineRow, OrderRow};
use countersign_engine::calendar::Zone;
use countersign_engine::measure::Currency;
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet};

/// Seconds of a day.
const DAY_S: i64 = 86_400;
/// Days before the first and after the last order or advice in which all that becomes of an order has happened; what lies
/// further off is a mistyped year.
const FAR_DAYS: usize = 180;
/// Orders and advice that stand so far from all others are mistyped themselves if they are fewer than one in so many.
const FEW: u64 = 20;

/// What an event says; of an order whose purchase orders may not be known yet.
pub(super) struct Event {
    pub order: u32,
    pub at: Moment,
    pub source: Option<u32>,
    pub item: Option<u32>,
    pub quantity: Option<u32>,
    pub due: Moment,
    /// Which row of which file said it, should it turn out to fit nothing.
    pub row: u64,
    pub table: usize,
}

/// The mean of amounts, in minor units.
#[derive(Debug, Clone, Copy, Default)]
struct Mean {
    sum: i128,
    count: u32,
}

impl Mean {
    fn add(&mut self, minor: i64) {
        self.sum += i128::from(minor);
        self.count = self.count.saturating_add(1);
    }
    fn add_all(&mut self, other: Mean) {
        self.sum += other.sum;
        self.count = self.count.saturating_add(other.count);
    }
    fn get(self) -> Option<i64> {
        let mean = self.sum.checked_div(i128::from(self.count))?;
        i64::try_from(mean).ok()
    }
}

/// What is known of the costs of an offer.
#[derive(Debug, Clone, Copy, Default)]
struct Costs {
    /// As a file of offers tells: one unit, and the way.
    told: Option<(i64, i64)>,
    /// What one unit cost, where lines say it.
    unit: Mean,
    /// What lines were sold for.
    price: Mean,
    /// What the way cost, where lines say it.
    way: Mean,
}

pub(super) struct Gathered {
    pub order_ids: Names,
    pub skus: Names,
    pub source_ids: Names,
    customers: Names,
    customer_places: Vec<u16>,
    categories: Vec<SmolStr>,
    /// By the words of the file, and by the path that they became.
    category_of: BTreeMap<SmolStr, u16>,
    path_of: BTreeMap<SmolStr, u16>,
    regions: Vec<Place>,
    region_of: BTreeMap<Place, u16>,
    sources: Vec<SourceFact>,
    pub manners: Vec<Manner>,
    items: Vec<ItemFact>,
    listed: bool,
    sources_listed: bool,
    /// Orders placed and advice given, by day since 1970.
    days: Vec<u32>,
    offers: BTreeMap<(u32, u32), Costs>,
    rows: Blocks,
    /// By order: one more than the place of its last row.
    last_row: Vec<u32>,
    scratch: Vec<u8>,
    advice: Vec<AdviceFact>,
    costs: bool,
    last_event: Moment,
}

impl Gathered {
    pub fn new(country: &str) -> Self {
        let home = Place { country: country.into(), region: None, postal_code: None };
        Self {
            order_ids: Names::default(),
            skus: Names::default(),
            source_ids: Names::default(),
            customers: Names::default(),
            customer_places: vec![],
            categories: vec![SmolStr::new_static("uncategorised")],
            category_of: BTreeMap::new(),
            path_of: BTreeMap::new(),
            region_of: BTreeMap::from([(home.clone(), 0)]),
            regions: vec![home],
            sources: vec![],
            manners: vec![Manner::default()],
            items: vec![],
            listed: false,
            sources_listed: false,
            days: vec![],
            offers: BTreeMap::new(),
            rows: Blocks::default(),
            last_row: vec![],
            scratch: vec![],
            advice: vec![],
            costs: false,
            last_event: Moment::NEVER,
        }
    }

    /// The index of a place; places past 65,535 are all home.
    pub fn place(&mut self, place: Place) -> u16 {
        if let Some(known) = self.region_of.get(&place) {
            return *known;
        }
        let Ok(index) = u16::try_from(self.regions.len()) else { return 0 };
        self.regions.push(place.clone());
        self.region_of.insert(place, index);
        index
    }

    pub fn customer(&mut self, id: &str, place: u16) {
        if self.customers.give(id).1 {
            self.customer_places.push(place);
        }
    }

    pub fn customer_place(&self, id: &str) -> Option<u16> {
        self.customers.find(id).map(|n| self.customer_places[n as usize])
    }

    /// True once a file of items was read: other items are unknown then.
    pub fn items_are_listed(&self) -> bool {
        self.listed
    }

    /// True once a file of sources was read.
    pub fn are_sources_listed(&self) -> bool {
        self.sources_listed
    }

    /// False if the item is known. Its category as the file has it, and as a path.
    pub fn item(&mut self, sku: &str, category: (&str, &str), dirt: &mut Dirt) -> bool {
        self.listed |= self.order_ids.is_empty();
        let (_, new) = self.skus.give(sku);
        if new {
            let category = self.category(category, dirt);
            self.items.push(ItemFact { category });
        }
        new
    }

    fn category(&mut self, (words, path): (&str, &str), dirt: &mut Dirt) -> u16 {
        if path.is_empty() {
            return 0;
        }
        if let Some(known) = self.category_of.get(words) {
            return *known;
        }
        let same = self.path_of.get(path).copied();
        let oddity = if same.is_some() { Some(Oddity::CategoriesMerged) } else { None };
        for oddity in (words != path).then_some(Oddity::CategoryRewritten).into_iter().chain(oddity) {
            dirt.note(oddity, &format!("{words:?} as {path}"));
        }
        let Some(index) = same.or_else(|| u16::try_from(self.categories.len()).ok()) else { return 0 };
        if same.is_none() {
            self.categories.push(path.into());
            self.path_of.insert(path.into(), index);
        }
        self.category_of.insert(words.into(), index);
        index
    }

    /// The source's index, and whether it is new.
    pub fn source(&mut self, id: &str, fact: Option<SourceFact>) -> (u32, bool) {
        self.sources_listed |= fact.is_some();
        let (index, new) = self.source_ids.give(id);
        if new {
            self.sources.push(fact.unwrap_or_default());
        }
        (index, new)
    }

    /// False if the order is known.
    pub fn order(&mut self, id: &str, row: OrderRow) -> bool {
        let (index, new) = self.order_ids.give(id);
        if new {
            self.last_row.push(0);
            self.count_day(row.fact.placed);
            self.keep(index, &Kept::Order(row));
        }
        new
    }

    fn count_day(&mut self, at: Moment) {
        let day = usize::try_from(at.seconds() / DAY_S).unwrap_or(0);
        if day >= self.days.len() {
            self.days.resize(day + 1, 0);
        }
        self.days[day] = self.days[day].saturating_add(1);
    }

    /// Before and after these nothing of the history can have happened: half a year before its first and after its last order
    /// or advice, those left out that stand alone far from all others.
    fn bounds(&self) -> (Moment, Moment) {
        let used = || self.days.iter().enumerate().filter(|(_, n)| **n > 0).map(|(day, n)| (day, u64::from(*n)));
        let all: u64 = used().map(|(_, n)| n).sum();
        let (first, last) = (edge(used(), all), edge(used().rev(), all));
        let day = |n: usize| Moment::from_seconds(u32::try_from(n as u64 * DAY_S.unsigned_abs()).unwrap_or(u32::MAX));
        (day(first.saturating_sub(FAR_DAYS)), day(last + FAR_DAYS + 1))
    }

    /// Takes a line in, for which one unit and the way cost so much where the row says it.
    pub fn line(&mut self, order: u32, row: LineRow, (unit, way): (Option<i64>, Option<i64>), dirt: &mut Dirt) {
        if row.po.source == NOBODY {
            dirt.note(Oddity::SourceUnknown, self.order_ids.get(order));
        } else {
            self.costs |= unit.is_some();
            let costs = self.offers.entry((row.item, row.po.source)).or_default();
            costs.price.add(row.price);
            unit.into_iter().for_each(|minor| costs.unit.add(minor));
            way.into_iter().for_each(|minor| costs.way.add(minor));
        }
        self.keep(order, &Kept::Line(row));
    }

    /// What an offer costs: it counts whatever lines say. False if it was told before.
    pub fn offer(&mut self, item: u32, source: u32, unit: i64, way: i64) -> bool {
        self.costs = true;
        let costs = self.offers.entry((item, source)).or_default();
        costs.told.replace((unit, way)).is_none()
    }

    pub fn advice(&mut self, fact: AdviceFact) {
        self.count_day(fact.at);
        self.offers.entry((fact.item, fact.source)).or_default();
        self.advice.push(fact);
    }

    /// Who offers what at which cost. Where the history records no costs at all, prices stand in for them; where it does,
    /// nobody knows what an offer would cost that was only ever advised.
    fn offers(&mut self, dirt: &mut Dirt) -> Vec<OfferFact> {
        let costs = std::mem::take(&mut self.offers);
        let mut prices: BTreeMap<u32, Mean> = BTreeMap::new();
        for ((item, _), costs) in costs.iter().filter(|_| !self.costs) {
            prices.entry(*item).or_default().add_all(costs.price);
        }
        let mut known = vec![];
        for ((item, source), costs) in costs {
            let mean = costs.unit.get().or(costs.price.get()).or_else(|| prices.get(&item)?.get());
            match costs.told.or(mean.map(|unit| (unit, costs.way.get().unwrap_or(0)))) {
                Some((unit_cost, shipping_cost)) => known.push(OfferFact { item, source, unit_cost, shipping_cost }),
                None => {
                    let example = format!("{} of {}", self.skus.get(item), self.source_ids.get(source));
                    dirt.note(Oddity::OfferWithoutCost, &example);
                }
            }
        }
        known
    }

    /// Takes an event in.
    pub fn event(&mut self, word: &str, event: Event, dirt: &mut Dirt) {
        if event.at < self.last_event {
            dirt.note(Oddity::EventsOutOfOrder, self.order_ids.get(event.order));
        }
        self.last_event = self.last_event.max(event.at);
        let word = EVENT_WORDS.iter().position(|w| *w == word).expect("because the word is one of them");
        self.keep(event.order, &Kept::Event(word, event));
    }

    /// Keeps a row until all are there.
    fn keep(&mut self, order: u32, row: &Kept) {
        let mut out = std::mem::take(&mut self.scratch);
        out.clear();
        let last = &mut self.last_row[order as usize];
        super::super::pack::put_number(&mut out, (*last).into());
        row.put(&mut out);
        *last = self.rows.push(&out) + 1;
        self.scratch = out;
    }

    /// The rows of an order as they came; they are let go.
    fn take_rows(&mut self, order: u32) -> Vec<Kept> {
        let (mut rows, mut last) = (vec![], self.last_row[order as usize]);
        while last != 0 {
            let mut from: Bytes = self.rows.at(last - 1);
            let before = from.small();
            rows.push(Kept::get(&mut from, order));
            self.rows.let_go(last - 1);
            last = before;
        }
        rows.reverse();
        rows
    }

    pub fn finish(mut self, mapping: &Mapping, zone: Zone, currency: Currency, mut dirt: Dirt) -> History {
        let (earliest, latest) = self.bounds();
        let far = |at: &Moment| *at < earliest || *at > latest;
        self.advice.retain(|a| !far(&a.at) || note_far(self.source_ids.get(a.source), a.at, latest, &mut dirt));
        self.advice.shrink_to_fit();
        self.advice.sort_by_key(|a| a.at);
        self.customers = Names::default();
        let mut pasts = Pasts::with_capacity(self.order_ids.len());
        let mut aside = BTreeSet::new();
        for order in 0..u32::try_from(self.order_ids.len()).unwrap_or(u32::MAX) {
            let rows = self.take_rows(order);
            let said = Said { id: self.order_ids.get(order), sources: &self.source_ids, tables: &mapping.tables };
            let mut past = said.past(rows, &mut dirt);
            if let Some(at) = moments_of(&past).filter(far).max() {
                note_far(said.id, at, latest, &mut dirt);
                let placed = if far(&past.order.placed) { Moment::NEVER } else { past.order.placed };
                past = Past { order: OrderFact { placed, ..OrderFact::default() }, ..Past::default() };
                aside.insert(order);
            }
            pasts.push(&past);
        }
        drop(std::mem::take(&mut self.rows));
        let offers = self.offers(&mut dirt);
        let mut history = History {
            name: mapping.name.clone(),
            currency,
            zone,
            assume: mapping.assume,
            order_ids: self.order_ids,
            skus: self.skus,
            source_ids: self.source_ids,
            categories: self.categories,
            regions: self.regions,
            sources: self.sources,
            manners: self.manners,
            records: Default::default(),
            items: self.items,
            offers,
            pasts,
            by_time: vec![],
            span: (Moment::NEVER, Moment::NEVER),
            recorded: Recorded { advice: !self.advice.is_empty(), costs: self.costs, ..Recorded::default() },
            advice: self.advice,
            dirt,
        };
        look_over(&mut history, &aside);
        history.by_time = history.timeline();
        history
    }
}

/// The day at which a history begins, or ends if its days are told from the last one on; days of a few orders and advice that
/// stand far from all others are passed over.
fn edge(days: impl Iterator<Item = (usize, u64)>, all: u64) -> usize {
    let mut days = days.peekable();
    let (mut edge, mut passed) = (days.peek().map_or(0, |(day, _)| *day), 0);
    while let Some((day, count)) = days.next() {
        passed += count;
        if let Some((next, _)) = days.peek()
            && day.abs_diff(*next) > FAR_DAYS
            && passed * FEW < all
        {
            edge = *next;
        }
    }
    edge
}

/// Names what lies far after or before the rest; false, because it is not used.
fn note_far(whose: &str, at: Moment, latest: Moment, dirt: &mut Dirt) -> bool {
    let oddity = if at > latest { Oddity::FarAfterTheRest } else { Oddity::FarBeforeTheRest };
    dirt.note(oddity, &format!("{whose} at {}", at.at()));
    false
}

/// When something happened to an order; days on which something was only due do not count.
fn moments_of(past: &Past) -> impl Iterator<Item = Moment> {
    let Past { order, pos, .. } = past;
    let of_pos = pos.iter().flat_map(|p| [p.sent, p.answered, p.shipped, p.delivered, p.cancelled]);
    let all = of_pos.chain([order.placed, order.approved, order.delivered, order.cancelled]);
    all.filter(|at| at.is_known())
}

/// What is recorded at all, from when to when, and what is odd; not of orders that were set aside.
fn look_over(history: &mut History, aside: &BTreeSet<u32>) {
    let (mut recorded, mut dirt) = (history.recorded, std::mem::take(&mut history.dirt));
    let mut span = (Moment::from_seconds(u32::MAX), Moment::NEVER);
    for (_, past) in history.pasts.iter().filter(|(n, _)| !aside.contains(n)) {
        let (order, pos) = (&past.order, &past.pos);
        recorded.approvals |= order.approved.is_known();
        recorded.promises |= order.promised.is_known();
        recorded.deliveries |= order.delivered.is_known();
        recorded.sent |= pos.iter().any(|p| p.sent.is_known());
        recorded.answers |= pos.iter().any(|p| p.answered.is_known());
        recorded.ship_by |= pos.iter().any(|p| p.ship_by.is_known());
        recorded.shipments |= pos.iter().any(|p| p.shipped.is_known());
        let last = pos.iter().map(|p| p.shipped.max(p.cancelled)).max().unwrap_or_default();
        span = (span.0.min(order.placed), span.1.max(order.placed).max(order.delivered).max(last));
    }
    if span.1.is_known() {
        history.span = span;
    }
    for (n, past) in history.pasts.iter().filter(|(n, _)| !aside.contains(n)) {
        assemble::oddities(history.order_ids.get(n), &past, recorded, &mut dirt);
    }
    (history.recorded, history.dirt) = (recorded, dirt);
}
