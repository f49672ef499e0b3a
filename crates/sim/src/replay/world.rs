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

/// Where a record of a slice comes from, and goes back to.
#[derive(Debug, Clone)]
pub enum Slot {
    /// The same for the whole replay.
    Fixed(Option<Record>),
    /// The stock of an offer, by index.
    Stock(u32),
    /// The order itself.
    Order,
}

/// The slots of a slice, in key order.
pub type Slots = Vec<(Key, Slot)>;

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
    templates: BTreeMap<u32, Slots>,
    /// What advice for an offer reads.
    of_advice: BTreeMap<(u32, u32), Arc<Slots>>,
}

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

    /// The slots that a command wants, asked of the engine itself until it asks for nothing new.
    pub fn ask(&self, order: Option<&Arc<Order>>, needs: impl Fn(&Slice) -> std::collections::BTreeSet<Key>) -> Slots {
        let mut slots: Slots = vec![];
        loop {
            let slice = self.slice(&slots, order);
            let fresh: Vec<Key> = needs(&slice).into_iter().filter(|k| !slice.has(k)).collect();
            if fresh.is_empty() {
                return slots;
            }
            slots.extend(fresh.into_iter().map(|key| {
                let place = self.place(&key);
                (key, place)
            }));
            slots.sort_by(|a, b| a.0.cmp(&b.0));
        }
    }

    /// What orders of these items read, if it is known for all of them.
    pub fn slots(&self, items: impl Iterator<Item = u32> + Clone, id: &OrderId) -> Option<Slots> {
        let mut slots: Slots = Vec::with_capacity(24);
        for item in items.clone() {
            slots.extend(self.templates.get(&item)?.iter().cloned());
        }
        slots.push((Key::Order(id.clone()), Slot::Order));
        if items.count() > 1 {
            slots.sort_by(|a, b| a.0.cmp(&b.0));
            slots.dedup_by(|a, b| a.0 == b.0);
        }
        Some(slots)
    }

    /// Remembers what orders of one line of that item read.
    pub fn learn(&mut self, item: u32, slots: &Slots) {
        let kept = slots.iter().filter(|(key, _)| !matches!(key, Key::Order(_))).cloned().collect();
        if self.templates.len() >= REMEMBERED_MAX {
            self.templates.clear();
        }
        self.templates.insert(item, kept);
    }

    /// What a report of advice for one offer reads: asked of the engine once per offer.
    pub fn advice_slots(&mut self, fact: &AdviceFact, report: &Command) -> Arc<Slots> {
        let offer = (fact.item, fact.source);
        if let Some(known) = self.of_advice.get(&offer) {
            return known.clone();
        }
        let slots = Arc::new(self.ask(None, |slice| needs(slice, report)));
        if self.of_advice.len() >= REMEMBERED_MAX {
            self.of_advice.clear();
        }
        self.of_advice.insert(offer, slots.clone());
        slots
    }

    /// The slice of these slots.
    pub fn slice(&self, slots: &Slots, order: Option<&Arc<Order>>) -> Slice {
        Slice::new(slots.iter().map(|(key, place)| (key.clone(), self.record(place, order))))
    }

    fn record(&self, place: &Slot, order: Option<&Arc<Order>>) -> Option<Record> {
        match place {
            Slot::Fixed(record) => record.clone(),
            Slot::Stock(n) => self.stock[*n as usize].clone().map(Record::Stock),
            Slot::Order => order.cloned().map(Record::Order),
        }
    }

    /// Takes back what a decision left; gives the order.
    pub fn keep(&mut self, slots: &Slots, after: Slice) -> Option<Arc<Order>> {
        let mut order = None;
        for ((_, place), (_, record)) in slots.iter().zip(after.into_records()) {
            match (place, record) {
                (Slot::Stock(n), Some(Record::Stock(stock))) if self.advised[*n as usize] => {
                    self.stock[*n as usize] = Some(stock);
                }
                (Slot::Order, Some(Record::Order(now))) => order = Some(now),
                _ => {}
            }
        }
        order
    }

    fn offer_index(&self, source: &SourceId, sku: &Sku) -> Option<u32> {
        let pair = (self.history.skus.find(sku.as_str())?, self.history.source_ids.find(source.as_str())?);
        let found = self.history.offers.binary_search_by_key(&pair, |o| (o.item, o.source));
        found.ok().map(|n| n as u32)
    }

    fn place(&self, key: &Key) -> Slot {
        let fixed = |record: Option<Record>| Slot::Fixed(record);
        match key {
            Key::Policy => fixed(Some(Record::Policy(self.policy.clone()))),
            Key::Item(sku) => fixed(self.item(sku).map(|i| Record::Item(i.into()))),
            Key::Source(id) => fixed(self.source_index(id).map(|n| Record::Source(self.sources[n as usize].clone()))),
            Key::Offerers(sku) => fixed(self.offerers(sku).map(|o| Record::Offerers(o.into()))),
            Key::Offer(source, sku) => {
                fixed(self.offer_index(source, sku).map(|n| Record::Offer(self.offer(n, source, sku).into())))
            }
            Key::Stock(source, sku) => match self.offer_index(source, sku) {
                Some(n) if self.advised[n as usize] => Slot::Stock(n),
                Some(_) => fixed(Some(Record::Stock(self.plenty(source, sku).into()))),
                None => fixed(None),
            },
            Key::Learnt => fixed(Some(Record::Learnt(self.learnt.clone()))),
            Key::Evidence(id) => {
                fixed(self.source_index(id).map(|n| Record::Evidence(self.evidence[n as usize].clone())))
            }
            Key::Order(_) => Slot::Order,
            _ => fixed(None),
        }
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

/// The unit of every replayed line: a history counts base units.
pub fn each() -> Unit {
    Unit::new("EA").expect("because EA is a unit")
}
