//! The records of a replay: what the engine reads and leaves behind, without journal, store or JSON.
//!
//! One world serves one part of the orders on one thread and shares nothing that changes with any other. Stock of which
//! the history has no advice is assumed to be plenty: it is put back after every decision, so that orders that only
//! share such stock do not know of each other.

use super::model::Models;
use crate::history::{AdviceFact, History, Place};
use countersign_engine::calibration::Learnt;
use countersign_engine::command::Command;
use countersign_engine::ids::{OrderId, Sku, SourceId};
use countersign_engine::item::{Item, ItemStatus, Unit};
use countersign_engine::measure::{Money, Quantity};
use countersign_engine::needs;
use countersign_engine::offer::{Offer, OfferStatus, Pack};
use countersign_engine::order::Order;
use countersign_engine::policy::Policy;
use countersign_engine::slice::{Key, Offerers, Record, Slice};
use countersign_engine::source::{Channel, Dialect, Region, Source, SourceKind};
use countersign_engine::stock::{Origin, Stock};
use foldhash::fast::FixedState;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// What "plenty" is: more than any order, far from the limit of a quantity.
const PLENTY: u32 = 1_000_000;

/// Items of which it is remembered what their orders read, and offers of which, what their advice reads: enough for what
/// is sold at one time, few enough for any catalogue.
const REMEMBERED_MAX: usize = 20_000;

/// What a record of a slice is between two decisions.
#[derive(Debug, Clone)]
enum Between {
    /// The same for the whole replay.
    Fixed,
    /// The stock of an offer, by its place in the world: it lies in the world and is laid before each decision, so that
    /// nobody else holds it meanwhile and nothing is copied to change it.
    Stock(u32),
    /// Stock that never ends: put back after each decision.
    Plenty(Arc<Stock>),
    /// The order; its key sorts behind all others.
    Order,
}

/// Records under one decision after the other: what is fixed stays, stock and the order come and go.
#[derive(Debug, Clone, Default)]
struct Sheet {
    slice: Slice,
    /// In the key order of the slice; those that are fixed are left out.
    places: Vec<(u16, Between)>,
}

impl Sheet {
    /// True if the stock of an offer is on it, and with it what advice for that offer reads.
    fn has_stock(&self, at: u32) -> bool {
        self.places.iter().any(|(_, place)| matches!(place, Between::Stock(n) if *n == at))
    }
}

/// An order under way, and the sheet on which it is decided.
#[derive(Debug)]
pub struct Papers {
    id: OrderId,
    order: Option<Arc<Order>>,
    on: On,
}

/// Whose sheet.
#[derive(Debug)]
enum On {
    /// That of its item, by place, shared with all orders of one line of that item.
    Item(u32),
    /// Its own.
    Own(Box<Sheet>),
}

impl Papers {
    /// The order; it has been captured.
    pub fn order(&self) -> &Arc<Order> {
        self.order.as_ref().expect("because an order is read after it was captured")
    }
    /// Puts an order there.
    pub fn put_order(&mut self, order: Arc<Order>) {
        self.order = Some(order);
    }
}

/// Places by number, found fast; the seed is fixed, and nothing depends on the order.
type Places = HashMap<u32, u32, FixedState>;

/// The records.
pub struct World<'h> {
    history: &'h History,
    ground: &'h Ground,
    models: &'h Models,
    policy: Arc<Policy>,
    /// What the sources' own answers teach, for rules that look at chances.
    learnt: Arc<Learnt>,
    /// By offer that anybody read: its place among the stock.
    of_offer: Places,
    stock: Vec<Shelf>,
    /// By item that anybody ordered: its place among the sheets.
    of_item: Places,
    /// What orders of one line of an item read.
    sheets: Vec<Option<Box<Sheet>>>,
    /// How many of them there are.
    remembered: usize,
}

/// The stock of an offer.
struct Shelf {
    /// Away while it lies before the engine.
    stock: Option<Arc<Stock>>,
    /// What advice for it reads, as long as no sheet of its item has the same.
    sheet: Option<Box<Sheet>>,
    /// False until its first advice: what a source has of which nobody had asked yet is not known to be nothing.
    told: bool,
}

/// A key with its record, as far as it is fixed, and what it is between two decisions.
type Slot = (Key, Option<Record>, Between);

/// What all worlds of a replay share: read only.
pub struct Ground {
    /// Source records, by index.
    sources: Vec<Arc<Source>>,
    /// By item.
    skus: Vec<Sku>,
    /// First offer of each item; one more at the end.
    first_offer: Vec<u32>,
    /// True where the history has advice for an offer.
    advised: Vec<bool>,
}

impl Ground {
    /// Indexes the offers of a history.
    pub fn of(history: &History, models: &Models) -> Self {
        let mut first_offer = Vec::with_capacity(history.items.len() + 1);
        let mut at = 0;
        for item in 0..history.items.len() {
            while at < history.offers.len() && (history.offers[at].item as usize) < item {
                at += 1;
            }
            first_offer.push(at as u32);
        }
        first_offer.push(history.offers.len() as u32);
        let mut advised = vec![false; history.offers.len()];
        for fact in &history.advice {
            if let Some(n) = offer_at(history, &first_offer, fact.item, fact.source) {
                advised[n as usize] = true;
            }
        }
        let sources = models.ids().iter().enumerate().map(|n| Arc::new(source(history, models, n))).collect();
        let sku = |text: &str| Sku::new(text).expect("because ids were checked when the history was read");
        let skus = history.skus.iter().map(sku).collect();
        Self { sources, skus, first_offer, advised }
    }
    /// What an item is called.
    pub fn sku(&self, item: u32) -> &Sku {
        &self.skus[item as usize]
    }
    /// True if orders for this item compete for advised stock.
    pub fn is_shared(&self, item: u32) -> bool {
        let (from, to) = (self.first_offer[item as usize], self.first_offer[item as usize + 1]);
        self.advised[from as usize..to as usize].iter().any(|a| *a)
    }
}

fn region(place: &Place) -> Region {
    Region { country: place.country.clone(), region: place.region.clone(), postal_code: place.postal_code.clone() }
}

fn source(history: &History, models: &Models, (n, id): (usize, &SourceId)) -> Source {
    if let Some(record) = history.records.sources.get(&(n as u32)) {
        return record.clone();
    }
    let fact = &history.sources[n];
    Source {
        id: id.clone(),
        kind: fact.kind.unwrap_or(SourceKind::Vendor),
        name: id.to_string(),
        time_zone: history.zone.clone(),
        ships_from: region(&history.regions[usize::from(fact.ships_from)]),
        calendar: Default::default(),
        cutoff: fact.cutoff,
        handling_days: fact.handling_days.unwrap_or(models.characters[n].handling_days).min(60),
        daily_capacity: None,
        taking_orders: true,
        channel: Channel { dialect: Dialect::Api, connector: serde_json::Value::Null, settings: BTreeMap::new() },
    }
}

impl<'h> World<'h> {
    /// A world in which that policy rules.
    pub fn new(history: &'h History, ground: &'h Ground, models: &'h Models, policy: &Policy) -> Self {
        Self {
            history,
            ground,
            models,
            policy: Arc::new(policy.clone()),
            learnt: models.learnt.clone(),
            of_offer: HashMap::default(),
            stock: vec![],
            of_item: HashMap::default(),
            sheets: vec![],
            remembered: 0,
        }
    }

    /// The region orders go to.
    pub fn destination(&self, index: u16) -> Region {
        region(&self.history.regions[usize::from(index)])
    }
    /// The unit in which an item is ordered.
    pub fn unit(&self, item: u32) -> Unit {
        self.history.records.items.get(&item).map_or_else(each, |record| record.unit.clone())
    }
    /// A source's id.
    pub fn source_id(&self, index: u32) -> &SourceId {
        &self.models.ids()[index as usize]
    }
    /// A source's index.
    pub fn source_index(&self, id: &SourceId) -> Option<u32> {
        self.history.source_ids.find(id.as_str())
    }
    /// The advice of a source for an item: when, and how much.
    pub fn advice(&self, item: u32, source: u32) -> Option<(Timestamp, Quantity)> {
        let n = self.offer_at(item, source)?;
        let shelf = &self.stock[*self.of_offer.get(&n)? as usize];
        shelf.stock.as_ref().filter(|_| shelf.told).map(|s| (s.as_of, s.advised))
    }

    /// The papers of an order of these items that is to be captured by that command.
    pub fn papers(&mut self, items: &[u32], id: OrderId, capture: &Command) -> Papers {
        let on = match items {
            [item] => On::Item(self.item_place(*item)),
            _ => On::Own(Box::new(self.sheet_of(items, &id, capture))),
        };
        Papers { id, order: None, on }
    }

    /// Decides a command on an order, which is evolved.
    pub fn decide<T>(
        &mut self,
        papers: &mut Papers,
        command: &Command,
        decide: impl FnOnce(&mut Slice, &Command) -> T,
    ) -> T {
        let Papers { id, order, on } = papers;
        match on {
            On::Own(sheet) => self.decide_on(sheet, id, order, |slice| decide(slice, command)),
            On::Item(item) => {
                let mut sheet = match self.sheets[*item as usize].take() {
                    Some(sheet) => sheet,
                    None => self.fresh_sheet(Some((id, order)), command),
                };
                let decided = self.decide_on(&mut sheet, id, order, |slice| decide(slice, command));
                self.sheets[*item as usize] = Some(sheet);
                decided
            }
        }
    }

    fn decide_on<T>(
        &mut self,
        sheet: &mut Sheet,
        id: &OrderId,
        order: &mut Option<Arc<Order>>,
        decide: impl FnOnce(&mut Slice) -> T,
    ) -> T {
        self.lay(sheet, Some((id, order)));
        let decided = decide(&mut sheet.slice);
        self.lift(sheet, Some(order));
        decided
    }

    /// Decides a report of advice for one offer.
    pub fn advise<T>(
        &mut self,
        fact: &AdviceFact,
        report: &Command,
        decide: impl FnOnce(&mut Slice, &Command) -> T,
    ) -> T {
        let offer = self.offer_at(fact.item, fact.source).map(|n| self.stock_place(n));
        if let Some(place) = offer {
            self.stock[place as usize].tell();
        }
        let item = self.of_item.get(&fact.item).copied();
        if let (Some(offer), Some(item)) = (offer, item)
            && let Some(mut sheet) = self.sheets[item as usize].take_if(|sheet| sheet.has_stock(offer))
        {
            let decided = self.advise_on(&mut sheet, report, decide);
            self.sheets[item as usize] = Some(sheet);
            return decided;
        }
        let known = offer.and_then(|place| self.stock[place as usize].sheet.take());
        let mut sheet = match known {
            Some(sheet) => sheet,
            None => self.fresh_sheet(None, report),
        };
        let decided = self.advise_on(&mut sheet, report, decide);
        if let Some(place) = offer {
            self.stock[place as usize].sheet = Some(sheet);
        }
        decided
    }

    fn advise_on<T>(
        &mut self,
        sheet: &mut Sheet,
        report: &Command,
        decide: impl FnOnce(&mut Slice, &Command) -> T,
    ) -> T {
        self.lay(sheet, None);
        let decided = decide(&mut sheet.slice, report);
        self.lift(sheet, None);
        decided
    }

    /// The place of an item's sheet, which may be blank.
    fn item_place(&mut self, item: u32) -> u32 {
        let next = self.sheets.len() as u32;
        let place = *self.of_item.entry(item).or_insert(next);
        if place == next {
            self.sheets.push(None);
        }
        place
    }

    /// The place of an offer's stock.
    fn stock_place(&mut self, offer: u32) -> u32 {
        let next = self.stock.len() as u32;
        let place = *self.of_offer.entry(offer).or_insert(next);
        if place == next {
            let fact = &self.history.offers[offer as usize];
            let stock = self.plenty(self.source_id(fact.source), self.ground.sku(fact.item));
            self.stock.push(Shelf { stock: Some(stock.into()), sheet: None, told: false });
        }
        place
    }

    /// A sheet that is remembered: for the orders of one line of an item, made for the first of them, or for the advice
    /// for one offer.
    fn fresh_sheet(&mut self, order: Option<(&OrderId, &mut Option<Arc<Order>>)>, command: &Command) -> Box<Sheet> {
        if self.remembered >= REMEMBERED_MAX {
            self.sheets.fill_with(|| None);
            self.stock.iter_mut().for_each(|shelf| shelf.sheet = None);
            self.remembered = 0;
        }
        self.remembered += 1;
        Box::new(self.ask(Sheet::default(), order, |slice| needs(slice, command)))
    }

    /// A sheet for an order of several lines: what orders of its items alone read, if that is known of all of them.
    fn sheet_of(&mut self, items: &[u32], id: &OrderId, capture: &Command) -> Sheet {
        let sheet = |item| self.sheets[*self.of_item.get(item)? as usize].as_deref();
        let known: Option<Vec<&Sheet>> = items.iter().map(sheet).collect();
        match known {
            Some(known) => {
                let order = (Key::Order(id.clone()), None, Between::Order);
                with(Sheet::default(), known.into_iter().flat_map(slots).chain([order]).collect())
            }
            None => self.ask(Sheet::default(), Some((id, &mut None)), |slice| needs(slice, capture)),
        }
    }

    /// The records that a command wants, asked of the engine itself until it asks for nothing new.
    fn ask(
        &mut self,
        mut sheet: Sheet,
        mut order: Option<(&OrderId, &mut Option<Arc<Order>>)>,
        needs: impl Fn(&Slice) -> BTreeSet<Key>,
    ) -> Sheet {
        loop {
            self.lay(&mut sheet, order.as_mut().map(|(id, order)| (&**id, &mut **order)));
            let fresh: Vec<Key> = needs(&sheet.slice).into_iter().filter(|k| !sheet.slice.has(k)).collect();
            self.lift(&mut sheet, order.as_mut().map(|(_, order)| &mut **order));
            if fresh.is_empty() {
                return sheet;
            }
            let slots = fresh.into_iter().map(|key| self.slot(key)).collect();
            sheet = with(sheet, slots);
        }
    }

    fn lay(&mut self, sheet: &mut Sheet, order: Option<(&OrderId, &mut Option<Arc<Order>>)>) {
        let mut order = order;
        for (at, place) in &sheet.places {
            match place {
                Between::Stock(n) => {
                    sheet.slice.exchange(usize::from(*at), self.stock[*n as usize].stock.take().map(Record::Stock));
                }
                Between::Order => {
                    if let Some((id, order)) = order.take() {
                        sheet.slice.exchange_order(id, order.take());
                    }
                }
                Between::Fixed | Between::Plenty(_) => {}
            }
        }
    }

    fn lift(&mut self, sheet: &mut Sheet, order: Option<&mut Option<Arc<Order>>>) {
        let mut order = order;
        for (at, place) in &sheet.places {
            match place {
                Between::Stock(n) => {
                    if let Some(Record::Stock(stock)) = sheet.slice.exchange(usize::from(*at), None) {
                        self.stock[*n as usize].stock = Some(stock);
                    }
                }
                Between::Plenty(stock) => {
                    sheet.slice.exchange(usize::from(*at), Some(Record::Stock(stock.clone())));
                }
                Between::Order => {
                    if let (Some(order), Some(Record::Order(now))) =
                        (order.take(), sheet.slice.exchange(usize::from(*at), None))
                    {
                        *order = Some(now);
                    }
                }
                Between::Fixed => {}
            }
        }
    }

    fn offer_at(&self, item: u32, source: u32) -> Option<u32> {
        offer_at(self.history, &self.ground.first_offer, item, source)
    }
    fn offer_index(&self, source: &SourceId, sku: &Sku) -> Option<u32> {
        self.offer_at(self.history.skus.find(sku.as_str())?, self.history.source_ids.find(source.as_str())?)
    }

    fn slot(&mut self, key: Key) -> Slot {
        let record = match &key {
            Key::Policy => Some(Record::Policy(self.policy.clone())),
            Key::Item(sku) => self.item(sku).map(|i| Record::Item(i.into())),
            Key::Source(id) => self.source_index(id).map(|n| Record::Source(self.ground.sources[n as usize].clone())),
            Key::Offerers(sku) => self.offerers(sku).map(|o| Record::Offerers(o.into())),
            Key::Offer(source, sku) => {
                self.offer_index(source, sku).map(|n| Record::Offer(self.offer(n, source, sku).into()))
            }
            Key::Stock(source, sku) => match self.offer_index(source, sku) {
                Some(n) if self.ground.advised[n as usize] => {
                    let place = self.stock_place(n);
                    return (key, None, Between::Stock(place));
                }
                Some(_) => {
                    let plenty = Arc::new(self.plenty(source, sku));
                    return (key, Some(Record::Stock(plenty.clone())), Between::Plenty(plenty));
                }
                None => None,
            },
            Key::Learnt => Some(Record::Learnt(self.learnt.clone())),
            Key::Evidence(id) => {
                self.source_index(id).map(|n| Record::Evidence(self.models.evidence[n as usize].clone()))
            }
            Key::Order(_) => return (key, None, Between::Order),
            _ => None,
        };
        (key, record, Between::Fixed)
    }

    /// Advice as of the end of the history: every hold lies before it, so that none of it is ever used up.
    fn plenty(&self, source: &SourceId, sku: &Sku) -> Stock {
        let as_of = self.history.span.1.at() + jiff::SignedDuration::from_hours(24 * 365);
        Stock {
            advised: Quantity::new(PLENTY),
            as_of,
            origin: Origin::Csv,
            ..Stock::unadvised(source.clone(), sku.clone())
        }
    }

    fn item(&self, sku: &Sku) -> Option<Item> {
        let index = self.history.skus.find(sku.as_str())?;
        if let Some(record) = self.history.records.items.get(&index) {
            return Some(record.clone());
        }
        let fact = self.history.items.get(index as usize)?;
        let category = super::model::category(&self.history.categories[usize::from(fact.category)]);
        Some(Item {
            sku: sku.clone(),
            title: sku.to_string(),
            category,
            gtin: None,
            unit: each(),
            attributes: BTreeMap::new(),
            status: ItemStatus::Active,
            discontinued_from: None,
            substitutes: vec![],
        })
    }

    fn offerers(&self, sku: &Sku) -> Option<Offerers> {
        let item = self.history.skus.find(sku.as_str())? as usize;
        let offers =
            &self.history.offers[self.ground.first_offer[item] as usize..self.ground.first_offer[item + 1] as usize];
        Some(Offerers { sources: offers.iter().map(|o| self.models.ids()[o.source as usize].clone()).collect() })
    }

    fn offer(&self, n: u32, source: &SourceId, sku: &Sku) -> Offer {
        let fact = &self.history.offers[n as usize];
        if let Some(record) = self.history.records.offers.get(&(fact.item, fact.source)) {
            return record.clone();
        }
        let money = |minor| Money { minor, currency: self.history.currency };
        Offer {
            source: source.clone(),
            sku: sku.clone(),
            vendor_sku: countersign_engine::ids::VendorSku::new(sku.as_str()).expect("because a SKU is an id as well"),
            pack: Pack { unit: each(), base_units: 1 },
            unit_cost: money(fact.unit_cost),
            shipping_cost: money(fact.shipping_cost),
            lead_days: 0,
            minimum: Quantity::new(1),
            status: OfferStatus::Active,
        }
    }
}

impl Shelf {
    /// The first advice comes: until then there was plenty, and what was taken of that stays taken.
    fn tell(&mut self) {
        if std::mem::replace(&mut self.told, true) {
            return;
        }
        if let Some(stock) = &mut self.stock {
            let stock = Arc::make_mut(stock);
            let Stock { advised, as_of, .. } = Stock::unadvised(stock.source.clone(), stock.sku.clone());
            (stock.advised, stock.as_of) = (advised, as_of);
        }
    }
}

/// The offer of an item by a source, by index.
fn offer_at(history: &History, first_offer: &[u32], item: u32, source: u32) -> Option<u32> {
    let (from, to) = (first_offer[item as usize], first_offer[item as usize + 1]);
    let offers = &history.offers[from as usize..to as usize];
    offers.binary_search_by_key(&source, |o| o.source).ok().map(|n| from + n as u32)
}

/// What a sheet has, but the order.
fn slots(sheet: &Sheet) -> impl Iterator<Item = Slot> {
    let mut places = sheet.places.iter().peekable();
    let slots = sheet.slice.records().enumerate().map(move |(n, (key, record))| {
        let place = places.next_if(|(at, _)| usize::from(*at) == n);
        (key.clone(), record.cloned(), place.map_or(Between::Fixed, |(_, place)| place.clone()))
    });
    slots.filter(|(_, _, place)| !matches!(place, Between::Order))
}

/// A sheet with more records; a key that is there already stays as it is.
fn with(sheet: Sheet, more: Vec<Slot>) -> Sheet {
    let mut places = sheet.places.into_iter().peekable();
    let known = sheet.slice.into_records().enumerate().map(|(n, (key, record))| {
        let place = places.next_if(|(at, _)| usize::from(*at) == n);
        (key, record, place.map_or(Between::Fixed, |(_, place)| place))
    });
    let mut slots: Vec<Slot> = known.chain(more).collect();
    slots.sort_by(|a, b| a.0.cmp(&b.0));
    slots.dedup_by(|a, b| a.0 == b.0);
    let at = |n: usize| u16::try_from(n).expect("because an order reads few records");
    let places = slots.iter().enumerate().filter(|(_, slot)| !matches!(slot.2, Between::Fixed));
    Sheet {
        places: places.map(|(n, slot)| (at(n), slot.2.clone())).collect(),
        slice: Slice::new(slots.into_iter().map(|(key, record, _)| (key, record))),
    }
}

/// True for what can be promised of stock that the history does not record.
pub fn is_plenty(atp: Quantity) -> bool {
    atp.get() > PLENTY / 2
}

/// The unit of every replayed line: a history counts base units.
pub fn each() -> Unit {
    Unit::new("EA").expect("because EA is a unit")
}
