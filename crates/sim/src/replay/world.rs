//! The records of a replay: what the engine reads and leaves behind, without journal, store or JSON.
//!
//! One world serves one part of the orders on one thread and shares nothing that changes with any other. Stock of which
//! the history has no advice is assumed to be plenty: it is put back after every decision, so that orders that only
//! share such stock do not know of each other.

use super::model::Models;
use crate::history::{AdviceFact, History, Place};
use countersign_engine::calibration::{Evidence, Learnt};
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
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What "plenty" is: more than any order, far from the limit of a quantity.
const PLENTY: u32 = 1_000_000;

/// Slots remembered of orders and of advice, each: enough for what is sold at one time, few enough for any catalogue.
const REMEMBERED_MAX: usize = 20_000;

/// What a record of a slice is between two decisions.
#[derive(Debug, Clone)]
enum Between {
    /// The same for the whole replay.
    Fixed,
    /// The stock of an offer, by index: it lies in the world and is laid before each decision, so that nobody else holds
    /// it meanwhile and nothing is copied to change it.
    Stock(u32),
    /// Stock that never ends: put back after each decision.
    Plenty(Arc<Stock>),
    /// The order itself.
    Order,
}

/// Records under one decision after the other: what is fixed stays, stock comes and goes.
#[derive(Debug, Clone, Default)]
pub struct Papers {
    slice: Slice,
    /// In the key order of the slice; those that are fixed are left out.
    places: Vec<(u16, Between)>,
    /// Where the order stands.
    order: u16,
}

impl Papers {
    /// The order; it has been captured.
    pub fn order(&self) -> &Arc<Order> {
        match self.slice.at(usize::from(self.order)) {
            Some(Record::Order(order)) => order,
            _ => panic!("an order is read before it was captured"),
        }
    }
    /// Puts an order there.
    pub fn put_order(&mut self, order: Arc<Order>) {
        self.slice.exchange(usize::from(self.order), Some(Record::Order(order)));
    }
}

/// The records.
pub struct World<'h> {
    history: &'h History,
    /// Source records, by index.
    sources: Vec<Arc<Source>>,
    ids: Vec<SourceId>,
    policy: Arc<Policy>,
    /// What the sources' own answers teach, for rules that look at chances.
    learnt: Arc<Learnt>,
    evidence: Arc<Vec<Arc<Evidence>>>,
    /// First offer of each item; one more at the end.
    first_offer: Arc<Vec<u32>>,
    stock: Vec<Option<Arc<Stock>>>,
    /// True where the history has advice for an offer.
    advised: Arc<Vec<bool>>,
    /// What orders of one line of that item read, without the order itself.
    templates: BTreeMap<u32, Vec<Slot>>,
    /// What advice for an offer reads.
    of_advice: BTreeMap<(u32, u32), Papers>,
}

/// A key with its record, as far as it is fixed, and what it is between two decisions.
type Slot = (Key, Option<Record>, Between);

/// What all worlds of a replay share: read only.
pub struct Ground {
    first_offer: Arc<Vec<u32>>,
    advised: Arc<Vec<bool>>,
}

impl Ground {
    /// Indexes the offers of a history.
    pub fn of(history: &History) -> Self {
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
            if let Ok(n) = history.offers.binary_search_by_key(&(fact.item, fact.source), |o| (o.item, o.source)) {
                advised[n] = true;
            }
        }
        Self { first_offer: Arc::new(first_offer), advised: Arc::new(advised) }
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

impl<'h> World<'h> {
    /// A world in which that policy rules.
    pub fn new(history: &'h History, ground: &Ground, models: &Models, policy: &Policy) -> Self {
        let each = |(n, id): (usize, &SourceId)| {
            Arc::new(Source {
                id: id.clone(),
                kind: SourceKind::Vendor,
                name: id.to_string(),
                time_zone: history.zone.clone(),
                ships_from: region(&history.regions[usize::from(history.ships_from[n])]),
                calendar: Default::default(),
                cutoff: None,
                handling_days: models.characters[n].handling_days.min(60),
                daily_capacity: None,
                taking_orders: true,
                channel: Channel {
                    dialect: Dialect::Api,
                    connector: serde_json::Value::Null,
                    settings: BTreeMap::new(),
                },
            })
        };
        Self {
            history,
            sources: models.ids().iter().enumerate().map(each).collect(),
            ids: models.ids().to_vec(),
            policy: Arc::new(policy.clone()),
            learnt: models.learnt.clone(),
            evidence: models.evidence.clone(),
            first_offer: ground.first_offer.clone(),
            stock: vec![None; history.offers.len()],
            advised: ground.advised.clone(),
            templates: BTreeMap::new(),
            of_advice: BTreeMap::new(),
        }
    }

    /// The region orders go to.
    pub fn destination(&self, index: u16) -> Region {
        region(&self.history.regions[usize::from(index)])
    }
    /// A source's id.
    pub fn source_id(&self, index: u32) -> &SourceId {
        &self.ids[index as usize]
    }
    /// A source's index.
    pub fn source_index(&self, id: &SourceId) -> Option<u32> {
        self.history.source_ids.find(id.as_str())
    }
    /// The advice for an offer: when, and how much.
    pub fn advice(&self, source: &SourceId, sku: &Sku) -> Option<(Timestamp, Quantity)> {
        let n = self.offer_index(source, sku)?;
        if !self.advised[n as usize] {
            return None;
        }
        self.stock[n as usize].as_ref().map(|s| (s.as_of, s.advised))
    }

    /// The records that a command wants, asked of the engine itself until it asks for nothing new; stock is laid.
    pub fn ask(&mut self, known: Papers, needs: impl Fn(&Slice) -> std::collections::BTreeSet<Key>) -> Papers {
        let mut papers = known;
        self.lay(&mut papers);
        loop {
            let fresh: Vec<Key> = needs(&papers.slice).into_iter().filter(|k| !papers.slice.has(k)).collect();
            if fresh.is_empty() {
                self.lift(&mut papers);
                return papers;
            }
            self.lift(&mut papers);
            let slots = fresh.into_iter().map(|key| self.slot(key)).collect();
            papers = with(papers, slots);
            self.lay(&mut papers);
        }
    }

    /// What orders of these items read, if it is known for all of them.
    pub fn papers(&self, items: impl Iterator<Item = u32>, id: &OrderId) -> Option<Papers> {
        let mut slots: Vec<Slot> = Vec::with_capacity(24);
        for item in items {
            slots.extend(self.templates.get(&item)?.iter().cloned());
        }
        slots.push((Key::Order(id.clone()), None, Between::Order));
        Some(with(Papers::default(), slots))
    }

    /// Remembers what orders of one line of that item read.
    pub fn learn(&mut self, item: u32, papers: &Papers) {
        let place = |n: usize| papers.places.iter().find(|(at, _)| usize::from(*at) == n);
        let slot = |(n, (key, record)): (usize, (&Key, Option<&Record>))| {
            let place = place(n).map_or(Between::Fixed, |(_, place)| place.clone());
            (!matches!(place, Between::Order)).then(|| (key.clone(), record.cloned(), place))
        };
        let slots = papers.slice.records().enumerate().filter_map(slot).collect();
        if self.templates.len() >= REMEMBERED_MAX {
            self.templates.clear();
        }
        self.templates.insert(item, slots);
    }

    /// What a report of advice for one offer reads: asked of the engine once per offer, and given back by
    /// [`World::remember_advice`].
    pub fn advice_papers(&mut self, fact: &AdviceFact, report: &Command) -> Papers {
        match self.of_advice.remove(&(fact.item, fact.source)) {
            Some(known) => known,
            None => self.ask(Papers::default(), |slice| needs(slice, report)),
        }
    }

    /// Keeps what a report of advice for one offer reads.
    pub fn remember_advice(&mut self, fact: &AdviceFact, papers: Papers) {
        if self.of_advice.len() >= REMEMBERED_MAX {
            self.of_advice.clear();
        }
        self.of_advice.insert((fact.item, fact.source), papers);
    }

    /// Decides on papers, which are evolved.
    pub fn decide<T>(&mut self, papers: &mut Papers, decide: impl FnOnce(&mut Slice) -> T) -> T {
        self.lay(papers);
        let decided = decide(&mut papers.slice);
        self.lift(papers);
        decided
    }

    fn lay(&mut self, papers: &mut Papers) {
        for (at, place) in &papers.places {
            if let Between::Stock(n) = place {
                papers.slice.exchange(usize::from(*at), self.stock[*n as usize].take().map(Record::Stock));
            }
        }
    }

    fn lift(&mut self, papers: &mut Papers) {
        for (at, place) in &papers.places {
            match place {
                Between::Stock(n) => {
                    if let Some(Record::Stock(stock)) = papers.slice.exchange(usize::from(*at), None) {
                        self.stock[*n as usize] = Some(stock);
                    }
                }
                Between::Plenty(stock) => {
                    papers.slice.exchange(usize::from(*at), Some(Record::Stock(stock.clone())));
                }
                Between::Fixed | Between::Order => {}
            }
        }
    }

    fn offer_index(&self, source: &SourceId, sku: &Sku) -> Option<u32> {
        let pair = (self.history.skus.find(sku.as_str())?, self.history.source_ids.find(source.as_str())?);
        let found = self.history.offers.binary_search_by_key(&pair, |o| (o.item, o.source));
        found.ok().map(|n| n as u32)
    }

    fn slot(&self, key: Key) -> Slot {
        let record = match &key {
            Key::Policy => Some(Record::Policy(self.policy.clone())),
            Key::Item(sku) => self.item(sku).map(|i| Record::Item(i.into())),
            Key::Source(id) => self.source_index(id).map(|n| Record::Source(self.sources[n as usize].clone())),
            Key::Offerers(sku) => self.offerers(sku).map(|o| Record::Offerers(o.into())),
            Key::Offer(source, sku) => {
                self.offer_index(source, sku).map(|n| Record::Offer(self.offer(n, source, sku).into()))
            }
            Key::Stock(source, sku) => match self.offer_index(source, sku) {
                Some(n) if self.advised[n as usize] => return (key, None, Between::Stock(n)),
                Some(_) => {
                    let plenty = Arc::new(self.plenty(source, sku));
                    return (key, Some(Record::Stock(plenty.clone())), Between::Plenty(plenty));
                }
                None => None,
            },
            Key::Learnt => Some(Record::Learnt(self.learnt.clone())),
            Key::Evidence(id) => self.source_index(id).map(|n| Record::Evidence(self.evidence[n as usize].clone())),
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
        let fact = self.history.items.get(self.history.skus.find(sku.as_str())? as usize)?;
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
        let offers = &self.history.offers[self.first_offer[item] as usize..self.first_offer[item + 1] as usize];
        Some(Offerers { sources: offers.iter().map(|o| self.ids[o.source as usize].clone()).collect() })
    }

    fn offer(&self, n: u32, source: &SourceId, sku: &Sku) -> Offer {
        let fact = &self.history.offers[n as usize];
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

/// Papers with more records; a key that is there already stays as it is.
fn with(papers: Papers, more: Vec<Slot>) -> Papers {
    let mut places = papers.places.into_iter().peekable();
    let known = papers.slice.into_records().enumerate().map(|(n, (key, record))| {
        let place = places.next_if(|(at, _)| usize::from(*at) == n);
        (key, record, place.map_or(Between::Fixed, |(_, place)| place))
    });
    let mut slots: Vec<Slot> = known.chain(more).collect();
    slots.sort_by(|a, b| a.0.cmp(&b.0));
    slots.dedup_by(|a, b| a.0 == b.0);
    let at = |n: usize| u16::try_from(n).expect("because an order reads few records");
    let order = slots.iter().position(|(_, _, place)| matches!(place, Between::Order));
    let places = slots.iter().enumerate().filter(|(_, slot)| !matches!(slot.2, Between::Fixed));
    Papers {
        places: places.map(|(n, slot)| (at(n), slot.2.clone())).collect(),
        order: order.map_or(u16::MAX, at),
        slice: Slice::new(slots.into_iter().map(|(key, record, _)| (key, record))),
    }
}

/// The unit of every replayed line: a history counts base units.
pub fn each() -> Unit {
    Unit::new("EA").expect("because EA is a unit")
}
