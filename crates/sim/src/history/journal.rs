//! Our own journal as a history: what was asked, answered, shipped and cancelled here, ready to be replayed.
//!
//! Reads entries one after the other; where they come from (a store, an export) is the caller's business. A line that
//! was rerouted counts with the source that was asked first: the others' answers are modelled, and marked so.

use super::names::Names;
use super::pack::Pasts;
use super::{
    AdviceFact, CancelledBy, History, ItemFact, LineFact, Moment, NOBODY, OfferFact, OrderFact, Past, Place, PoFact,
    Recorded,
};
use countersign_engine::calendar::Zone;
use countersign_engine::event::Event;
use countersign_engine::ids::{LineId, OrderId, SourceId};
use countersign_engine::item::Category;
use countersign_engine::journal::Entry;
use countersign_engine::measure::Currency;
use countersign_engine::reason::Reason;
use countersign_engine::source::Region;
use jiff::Timestamp;
use jiff::civil::Date;
use smol_str::SmolStr;
use std::collections::BTreeMap;

/// A journal being read.
pub struct Journal {
    order_ids: Names,
    skus: Names,
    source_ids: Names,
    categories: Vec<SmolStr>,
    regions: Vec<Place>,
    ships_from: Vec<u16>,
    items: Vec<ItemFact>,
    offers: BTreeMap<(u32, u32), (i64, i64)>,
    orders: Vec<Reading>,
    advice: Vec<AdviceFact>,
    currency: Option<Currency>,
    span: (Moment, Moment),
}

/// An order as read so far.
#[derive(Default)]
struct Reading {
    fact: OrderFact,
    lines: Vec<(LineId, LineFact)>,
    pos: Vec<Asked>,
    /// Line by assignment.
    assigned: BTreeMap<u32, Given>,
    firm: bool,
}

struct Asked {
    ordinal: u32,
    fact: PoFact,
    accepted: u32,
}

#[derive(Clone, Copy)]
struct Given {
    line: u16,
    ship_by: Moment,
}

fn moment(at: Timestamp) -> Moment {
    Moment::of(at).unwrap_or(Moment::NEVER)
}

/// The end of a day, in UTC.
fn end_of(day: Date) -> Moment {
    let zoned = day.saturating_add(jiff::ToSpan::days(1)).to_zoned(jiff::tz::TimeZone::UTC);
    zoned.ok().and_then(|z| Moment::of(z.timestamp())).unwrap_or(Moment::NEVER)
}

/// The beginning of a day, in UTC: promised and named days are compared as days.
fn day_of(day: Date) -> Moment {
    day.to_zoned(jiff::tz::TimeZone::UTC).ok().and_then(|z| Moment::of(z.timestamp())).unwrap_or(Moment::NEVER)
}

impl Default for Journal {
    fn default() -> Self {
        Self {
            order_ids: Names::default(),
            skus: Names::default(),
            source_ids: Names::default(),
            categories: vec![SmolStr::new_static("uncategorised")],
            regions: vec![Place { country: "US".into(), ..Place::default() }],
            ships_from: vec![],
            items: vec![],
            offers: BTreeMap::new(),
            orders: vec![],
            advice: vec![],
            currency: None,
            span: (Moment::NEVER, Moment::NEVER),
        }
    }
}

impl Journal {
    /// Takes an entry in.
    pub fn read(&mut self, entry: &Entry) {
        let at = moment(entry.at);
        if !self.span.0.is_known() {
            self.span.0 = at;
        }
        self.span.1 = self.span.1.max(at);
        for event in &entry.events {
            self.catalogue(event);
            self.happen(event, at);
        }
    }

    fn region(&mut self, region: &Region) -> u16 {
        let place = Place {
            country: region.country.clone(),
            region: region.region.clone(),
            postal_code: region.postal_code.as_ref().map(|p| p.chars().take(3).collect()),
        };
        let at = self.regions.iter().position(|p| *p == place).unwrap_or_else(|| {
            self.regions.push(place);
            self.regions.len() - 1
        });
        u16::try_from(at).unwrap_or(0)
    }

    fn source(&mut self, id: &SourceId) -> u32 {
        let (index, new) = self.source_ids.give(id.as_str());
        if new {
            self.ships_from.push(0);
        }
        index
    }

    fn item(&mut self, sku: &str, category: Option<&Category>) -> u32 {
        let (index, new) = self.skus.give(sku);
        if new {
            self.items.push(ItemFact { category: 0 });
        }
        if let Some(category) = category {
            let at = self.categories.iter().position(|c| c == category.as_str()).unwrap_or_else(|| {
                self.categories.push(category.as_str().into());
                self.categories.len() - 1
            });
            self.items[index as usize].category = u16::try_from(at).unwrap_or(0);
        }
        index
    }

    fn catalogue(&mut self, event: &Event) {
        match event {
            Event::ItemRecorded { item } => {
                self.item(item.sku.as_str(), Some(&item.category));
            }
            Event::SourceRecorded { source } => {
                let (index, place) = (self.source(&source.id), self.region(&source.ships_from));
                self.ships_from[index as usize] = place;
            }
            Event::OfferRecorded { offer } => {
                let key = (self.item(offer.sku.as_str(), None), self.source(&offer.source));
                self.currency = self.currency.or(Some(offer.unit_cost.currency));
                let unit = offer.unit_cost.minor / i64::from(offer.pack.base_units.max(1));
                self.offers.insert(key, (unit, offer.shipping_cost.minor));
            }
            Event::AdviceRecorded { source, as_of, lines, .. } => {
                let (source, at) = (self.source(source), moment(*as_of));
                for line in lines {
                    let item = self.item(line.sku.as_str(), None);
                    self.offers.entry((item, source)).or_insert((0, 0));
                    self.advice.push(AdviceFact { at, source, item, quantity: line.quantity.get() });
                }
            }
            Event::OrderCaptured { order, placed_at, captured_at, destination, lines, .. } => {
                let (index, new) = self.order_ids.give(order.as_str());
                if !new {
                    return;
                }
                debug_assert_eq!(index as usize, self.orders.len(), "because every order is captured once");
                let mut reading = Reading::default();
                reading.fact.placed = moment(*placed_at);
                reading.fact.approved = moment(*captured_at);
                reading.fact.region = self.region(destination);
                for line in lines {
                    let item = self.item(line.sku.as_str(), Some(&line.category));
                    self.currency = self.currency.or(Some(line.unit_price.currency));
                    let (quantity, price) = (line.quantity.get(), line.unit_price.minor);
                    let fact = LineFact { item, quantity, accepted: u32::MAX, price, po: u16::MAX };
                    reading.lines.push((line.id.clone(), fact));
                }
                self.orders.push(reading);
            }
            _ => {}
        }
    }

    fn order(&mut self, id: &OrderId) -> Option<&mut Reading> {
        let index = self.order_ids.find(id.as_str())?;
        self.orders.get_mut(index as usize)
    }

    fn happen(&mut self, event: &Event, at: Moment) {
        match event {
            Event::AssignmentMade { order, assignment } => {
                let Some(reading) = self.order(order) else { return };
                let line = reading.lines.iter().position(|(id, _)| *id == assignment.line).unwrap_or(0);
                let given = Given { line: u16::try_from(line).unwrap_or(0), ship_by: end_of(assignment.ship_by) };
                reading.assigned.insert(assignment.ordinal, given);
            }
            Event::PurchaseOrderReleased { order, ordinal, source, at: sent, assignments, .. } => {
                let source = self.source(source);
                if let Some(reading) = self.order(order) {
                    reading.ask(*ordinal, source, moment(*sent), assignments);
                }
            }
            Event::AcknowledgmentReceived {
                order, purchase_order, assignment, accepted, ship_by, at: said, ..
            } => {
                let Some(reading) = self.order(order) else { return };
                let given = reading.assigned.get(assignment).copied();
                let Some((n, asked)) = reading.asked(*purchase_order) else { return };
                asked.fact.answered = asked.fact.answered.or(moment(*said));
                asked.fact.ship_on = asked.fact.ship_on.max(day_of(*ship_by));
                asked.accepted = asked.accepted.saturating_add(accepted.get());
                if let Some((_, line)) = given.and_then(|g| reading.lines.get_mut(usize::from(g.line)))
                    && usize::from(line.po) == n
                {
                    line.accepted = accepted.get();
                }
            }
            Event::ShipmentNotified { order, shipment } => {
                let Some(reading) = self.order(order) else { return };
                if let Some((_, asked)) = reading.asked(shipment.purchase_order) {
                    asked.fact.shipped = asked.fact.shipped.max(moment(shipment.shipped_at));
                }
            }
            Event::ShipmentDelivered { order, purchase_order, at: arrived, .. } => {
                let Some(reading) = self.order(order) else { return };
                let arrived = moment(*arrived);
                reading.fact.delivered = reading.fact.delivered.max(arrived);
                if let Some((_, asked)) = reading.asked(*purchase_order) {
                    asked.fact.delivered = asked.fact.delivered.max(arrived);
                }
            }
            Event::PromiseMade { order, promise, .. } => {
                let Some(reading) = self.order(order) else { return };
                reading.fact.promised = reading.fact.promised.max(day_of(promise.deliver_by));
            }
            Event::LineCommitted { order, .. } => {
                let Some(reading) = self.order(order) else { return };
                reading.firm = true;
            }
            Event::LineCancelled { order, reason, .. } => {
                let Some(reading) = self.order(order) else { return };
                let customers = matches!(reason, Reason::CancelCustomer);
                if (customers || reading.firm) && !reading.fact.cancelled.is_known() {
                    reading.fact.cancelled = at;
                    reading.fact.cancelled_by = if customers { CancelledBy::Customer } else { CancelledBy::Unknown };
                }
            }
            Event::LineUncommitted { order, assignment, reason: Reason::CancelVendor, .. } => {
                let Some(reading) = self.order(order) else { return };
                let line = reading.assigned.get(assignment).map(|g| usize::from(g.line));
                let po = line.and_then(|l| reading.lines.get(l)).map(|(_, l)| usize::from(l.po));
                if let Some(asked) = po.and_then(|n| reading.pos.get_mut(n)) {
                    (asked.fact.cancelled, asked.fact.cancelled_by) = (at, CancelledBy::Source);
                }
            }
            _ => {}
        }
    }

    /// The history.
    pub fn finish(self, name: &str) -> History {
        let mut pasts = Pasts::with_capacity(self.orders.len());
        let mut deliveries = false;
        for reading in self.orders {
            deliveries |= reading.fact.delivered.is_known();
            let rejected = |asked: &Asked| asked.fact.answered.is_known() && asked.accepted == 0;
            let po = |asked: Asked| PoFact { rejected: rejected(&asked), ..asked.fact };
            pasts.push(&Past {
                order: reading.fact,
                lines: reading.lines.into_iter().map(|(_, line)| line).collect(),
                pos: reading.pos.into_iter().map(po).collect(),
            });
        }
        let recorded = Recorded {
            approvals: true,
            sent: true,
            answers: true,
            advice: !self.advice.is_empty(),
            ship_by: true,
            shipments: true,
            promises: true,
            deliveries,
            costs: true,
        };
        let mut advice = self.advice;
        advice.sort_by_key(|a| a.at);
        let offers = self.offers.into_iter();
        let offer = |((item, source), (unit_cost, shipping_cost))| OfferFact { item, source, unit_cost, shipping_cost };
        let mut history = History {
            name: name.to_owned(),
            currency: self.currency.or(Currency::new("USD")).expect("because USD is three capitals"),
            zone: Zone::new("UTC").expect("because UTC is a zone"),
            assume: Default::default(),
            order_ids: self.order_ids,
            skus: self.skus,
            source_ids: self.source_ids,
            categories: self.categories,
            regions: self.regions,
            ships_from: self.ships_from,
            items: self.items,
            offers: offers.map(offer).collect(),
            pasts,
            by_time: vec![],
            advice,
            span: self.span,
            recorded,
            dirt: Default::default(),
        };
        history.by_time = history.timeline();
        history
    }
}

impl Reading {
    fn asked(&mut self, ordinal: u32) -> Option<(usize, &mut Asked)> {
        self.pos.iter_mut().enumerate().find(|(_, p)| p.ordinal == ordinal)
    }
    fn ask(&mut self, ordinal: u32, source: u32, sent: Moment, assignments: &[u32]) {
        let n = u16::try_from(self.pos.len()).unwrap_or(u16::MAX);
        let given: Vec<Given> = assignments.iter().filter_map(|a| self.assigned.get(a).copied()).collect();
        let ship_by = given.iter().map(|g| g.ship_by).max().unwrap_or_default();
        for g in given {
            if let Some((_, line)) = self.lines.get_mut(usize::from(g.line)).filter(|(_, l)| l.po == u16::MAX) {
                line.po = n;
            }
        }
        debug_assert_ne!(source, NOBODY, "because a purchase order goes to somebody");
        self.pos.push(Asked { ordinal, fact: PoFact { source, sent, ship_by, ..PoFact::default() }, accepted: 0 });
    }
}
