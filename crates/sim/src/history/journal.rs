//! Our own journal as a history: what was asked, answered, shipped and cancelled here, ready to be replayed.
//!
//! Reads entries one after the other; where they come from (a store, an export) is the caller's business. What was only
//! watched is as good a history as what ruled: facts of the legacy path tell whom it asked, and what came of it.

use super::names::Names;
use super::pack::Pasts;
use super::records::Records;
use super::{
    AdviceFact, AskFact, CancelledBy, History, ItemFact, LineFact, Manner, Moment, NOBODY, OfferFact, OrderFact, Past,
    Place, PoFact, Recorded, SourceFact,
};
use countersign_engine::calendar::Zone;
use countersign_engine::event::Event;
use countersign_engine::ids::{LineId, OrderId, SourceId};
use countersign_engine::item::Category;
use countersign_engine::journal::Entry;
use countersign_engine::legacy::LegacyFact;
use countersign_engine::measure::Currency;
use countersign_engine::policy::Mode;
use countersign_engine::reason::Reason;
use countersign_engine::source::Region;
use jiff::Timestamp;
use jiff::civil::Date;
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet};

/// A journal being read.
pub struct Journal {
    order_ids: Names,
    skus: Names,
    source_ids: Names,
    categories: Vec<SmolStr>,
    regions: Vec<Place>,
    sources: Vec<SourceFact>,
    manners: Vec<Manner>,
    records: Records,
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
    asks: Vec<AskFact>,
    pos: Vec<Asked>,
    /// What an assignment asks for, and by when; its purchase order is known once it is released.
    assigned: BTreeMap<u32, (AskFact, Moment)>,
    /// The place among `asks` of an assignment that was asked for.
    asked: BTreeMap<u32, usize>,
    firm: bool,
    /// Lines that were given up before anybody was told that they are firm, and when the last of them was.
    given_up: (BTreeSet<u16>, Moment),
}

struct Asked {
    /// Of our own purchase order; none of one of the legacy path.
    ordinal: Option<u32>,
    fact: PoFact,
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
            sources: vec![],
            manners: vec![Manner::default()],
            records: Records::default(),
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
            self.sources.push(SourceFact::default());
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
                let index = self.item(item.sku.as_str(), Some(&item.category));
                self.records.item(index, item);
            }
            Event::SourceRecorded { source } => {
                let (index, place) = (self.source(&source.id), self.region(&source.ships_from));
                self.sources[index as usize].ships_from = place;
                self.records.source(index, source);
            }
            Event::OfferRecorded { offer } => {
                let key = (self.item(offer.sku.as_str(), None), self.source(&offer.source));
                self.currency = self.currency.or(Some(offer.unit_cost.currency));
                let unit = offer.unit_cost.minor / i64::from(offer.pack.base_units.max(1));
                self.offers.insert(key, (unit, offer.shipping_cost.minor));
                self.records.offer(key.0, key.1, offer);
            }
            Event::AdviceRecorded { source, as_of, lines, .. } => {
                let (source, at) = (self.source(source), moment(*as_of));
                for line in lines {
                    let item = self.item(line.sku.as_str(), None);
                    self.advice.push(AdviceFact { at, source, item, quantity: line.quantity.get() });
                }
            }
            Event::OrderCaptured {
                order,
                placed_at,
                captured_at,
                destination,
                service_level,
                sales_channel,
                requested_on,
                mode,
                lines,
                ..
            } => {
                let (index, new) = self.order_ids.give(order.as_str());
                if !new {
                    return;
                }
                debug_assert_eq!(index as usize, self.orders.len(), "because every order is captured once");
                let mut reading = Reading::default();
                reading.fact.placed = moment(*placed_at);
                reading.fact.approved = moment(*captured_at);
                reading.fact.region = self.region(destination);
                let manner = Manner { service_level: service_level.clone(), sales_channel: sales_channel.clone() };
                reading.fact.manner = manner.index(&mut self.manners).unwrap_or(0);
                reading.fact.requested = requested_on.map_or(Moment::NEVER, day_of);
                // The legacy path has no gate.
                reading.fact.firm = if matches!(mode, Mode::Legacy | Mode::Observe) { OrderFact::ALL_FIRM } else { 0 };
                for line in lines {
                    let item = self.item(line.sku.as_str(), Some(&line.category));
                    self.currency = self.currency.or(Some(line.unit_price.currency));
                    let fact = LineFact { item, quantity: line.quantity.get(), price: line.unit_price.minor };
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
                let Some(line) = reading.line(&assignment.line) else { return };
                let ask = AskFact {
                    line,
                    po: u16::MAX,
                    quantity: assignment.quantity.get(),
                    accepted: u32::MAX,
                    unit_cost: assignment.unit_cost.minor / i64::from(assignment.pack_size.max(1)),
                };
                reading.assigned.insert(assignment.ordinal, (ask, end_of(assignment.ship_by)));
            }
            Event::PurchaseOrderReleased { order, ordinal, source, at: sent, assignments, .. } => {
                let source = self.source(source);
                let Some(index) = self.order_ids.find(order.as_str()) else { return };
                let Some(reading) = self.orders.get_mut(index as usize) else { return };
                reading.ask(*ordinal, source, moment(*sent), assignments);
                reading.cost(&self.offers);
            }
            Event::AcknowledgmentReceived {
                order,
                purchase_order,
                assignment,
                accepted,
                ship_by,
                at: said,
                substitute,
                ..
            } => {
                let Some(reading) = self.order(order) else { return };
                let Some(asked) = reading.asked(*purchase_order) else { return };
                asked.answered = asked.answered.or(moment(*said));
                asked.ship_on = asked.ship_on.max(day_of(*ship_by));
                // It replaces the way of what was ordered where nothing else of the purchase order goes along.
                asked.shipping_cost =
                    substitute.as_ref().and_then(|s| s.shipping_cost).map_or(asked.shipping_cost, |way| way.minor);
                if let Some(ask) = reading.asked.get(assignment).and_then(|n| reading.asks.get_mut(*n)) {
                    ask.accepted = accepted.get();
                    if let Some((s, goods)) = substitute.as_ref().and_then(|s| Some((s, s.goods(s.quantity)?))) {
                        let others = i64::from(accepted.less(s.quantity).get());
                        ask.unit_cost = (ask.unit_cost * others + goods.minor) / i64::from(accepted.get()).max(1);
                    }
                }
            }
            Event::ShipmentNotified { order, shipment } => {
                let Some(reading) = self.order(order) else { return };
                if let Some(asked) = reading.asked(shipment.purchase_order) {
                    asked.shipped = asked.shipped.max(moment(shipment.shipped_at));
                }
            }
            Event::ShipmentDelivered { order, purchase_order, at: arrived, .. } => {
                let Some(reading) = self.order(order) else { return };
                let arrived = moment(*arrived);
                reading.fact.delivered = reading.fact.delivered.max(arrived);
                if let Some(asked) = reading.asked(*purchase_order) {
                    asked.delivered = asked.delivered.max(arrived);
                }
            }
            Event::PromiseMade { order, promise, .. } => {
                let Some(reading) = self.order(order) else { return };
                reading.fact.promised = reading.fact.promised.max(day_of(promise.deliver_by));
            }
            Event::LineCommitted { order, line, .. } => {
                let Some(reading) = self.order(order) else { return };
                reading.firm = true;
                if let Some(line) = reading.line(line) {
                    reading.fact.commit(usize::from(line));
                }
            }
            Event::LineCancelled { order, line, reason, .. } => {
                let Some(reading) = self.order(order) else { return };
                let customers = matches!(reason, Reason::CancelCustomer);
                if (customers || reading.firm) && !reading.fact.cancelled.is_known() {
                    reading.fact.cancelled = at;
                    reading.fact.cancelled_by = if customers { CancelledBy::Customer } else { CancelledBy::Unknown };
                } else if let Some(line) = reading.line(line).filter(|_| !reading.fact.cancelled.is_known()) {
                    reading.given_up.0.insert(line);
                    reading.given_up.1 = at;
                }
            }
            Event::LineUncommitted { order, assignment, reason: Reason::CancelVendor, .. } => {
                let Some(reading) = self.order(order) else { return };
                let po = reading.asked.get(assignment).map(|n| usize::from(reading.asks[*n].po));
                if let Some(asked) = po.and_then(|n| reading.pos.get_mut(n)) {
                    (asked.fact.cancelled, asked.fact.cancelled_by) = (at, CancelledBy::Source);
                }
            }
            Event::LegacyRecorded { order, line, at, quantity, fact, .. } => {
                let source = fact.source().map(|id| self.source(id));
                let Some(index) = self.order_ids.find(order.as_str()) else { return };
                let Some(reading) = self.orders.get_mut(index as usize) else { return };
                if let Some(line) = reading.line(line) {
                    reading.watch(line, source, moment(*at), quantity.get(), fact);
                    reading.cost(&self.offers);
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
            let mut past = Past {
                order: reading.fact,
                lines: reading.lines.into_iter().map(|(_, line)| line).collect(),
                asks: reading.asks,
                pos: reading.pos.into_iter().map(|asked| asked.fact).collect(),
            };
            past.asks.sort_by_key(|a| a.line);
            for n in 0..past.pos.len() {
                let declined = past.asks_of(n).all(|a| a.accepted == 0);
                past.pos[n].rejected |= past.pos[n].answered.is_known() && declined;
            }
            let (gone, at) = reading.given_up;
            let rest = (0_u16..).take(past.lines.len()).filter(|n| !gone.contains(n));
            if !rest.map(usize::from).any(|n| past.is_unsupplied(n)) {
                past.order.given_up = at;
            }
            pasts.push(&past);
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
            commitments: true,
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
            sources: self.sources,
            manners: self.manners,
            records: self.records,
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
    fn line(&self, id: &LineId) -> Option<u16> {
        self.lines.iter().position(|(known, _)| known == id).and_then(|n| u16::try_from(n).ok())
    }
    fn asked(&mut self, ordinal: u32) -> Option<&mut PoFact> {
        self.pos.iter_mut().find(|p| p.ordinal == Some(ordinal)).map(|p| &mut p.fact)
    }
    fn ask(&mut self, ordinal: u32, source: u32, sent: Moment, assignments: &[u32]) {
        let po = u16::try_from(self.pos.len()).unwrap_or(u16::MAX);
        let mut ship_by = Moment::NEVER;
        for assignment in assignments {
            let Some((ask, by)) = self.assigned.get(assignment) else { continue };
            ship_by = ship_by.max(*by);
            self.asked.insert(*assignment, self.asks.len());
            self.asks.push(AskFact { po, ..*ask });
        }
        debug_assert_ne!(source, NOBODY, "because a purchase order goes to somebody");
        let fact = PoFact { source, sent, ship_by, ..PoFact::default() };
        self.pos.push(Asked { ordinal: Some(ordinal), fact });
    }

    /// What the last purchase order costs, as its source's offers have it.
    fn cost(&mut self, offers: &BTreeMap<(u32, u32), (i64, i64)>) {
        let Some(Asked { ordinal, fact }) = self.pos.last_mut() else { return };
        let po = self.asks.last().map(|a| a.po);
        for ask in self.asks.iter_mut().filter(|a| Some(a.po) == po) {
            let item = self.lines[usize::from(ask.line)].1.item;
            let Some((unit, way)) = offers.get(&(item, fact.source)) else { continue };
            fact.shipping_cost = fact.shipping_cost.max(*way);
            if ordinal.is_none() {
                ask.unit_cost = *unit;
            }
        }
    }

    /// Takes in what the legacy path did with a line. Whom it asked is known once it says so.
    fn watch(&mut self, line: u16, source: Option<u32>, at: Moment, quantity: u32, fact: &LegacyFact) {
        let known =
            |r: &Self| r.asks.iter().rposition(|a| a.line == line && r.pos[usize::from(a.po)].ordinal.is_none());
        let same = |r: &Self, n: usize| source.is_none_or(|s| r.pos[usize::from(r.asks[n].po)].fact.source == s);
        let ask = match (known(self).filter(|n| same(self, *n)), source) {
            (Some(ask), _) => Some(ask),
            (None, Some(source)) => Some(self.watched(line, source, at)),
            (None, None) => None,
        };
        if let LegacyFact::Cancelled { reason } = fact {
            let by = match reason {
                Reason::CancelCustomer => CancelledBy::Customer,
                Reason::CancelVendor | Reason::CancelNoSource => CancelledBy::Source,
                _ => CancelledBy::Unknown,
            };
            if !self.fact.cancelled.is_known() {
                (self.fact.cancelled, self.fact.cancelled_by) = (at, by);
            }
        }
        let Some(ask) = ask else { return };
        let Some(po) = self.pos.get_mut(usize::from(self.asks[ask].po)).map(|p| &mut p.fact) else { return };
        match fact {
            LegacyFact::Committed { ship_by, deliver_by, .. } => {
                self.fact.commit(usize::from(line));
                po.ship_by = po.ship_by.or(ship_by.map_or(Moment::NEVER, end_of));
                self.fact.promised = self.fact.promised.max(deliver_by.map_or(Moment::NEVER, day_of));
            }
            LegacyFact::Confirmed { .. } => {
                po.answered = po.answered.or(at);
                let ask = &mut self.asks[ask];
                let before = if ask.accepted == u32::MAX { 0 } else { ask.accepted };
                ask.accepted = before.saturating_add(quantity).min(ask.quantity);
            }
            LegacyFact::Rejected { .. } => {
                po.answered = po.answered.or(at);
                let ask = &mut self.asks[ask];
                ask.accepted = ask.accepted.min(ask.quantity.saturating_sub(quantity));
            }
            LegacyFact::Cancelled { reason: Reason::CancelVendor } => {
                (po.cancelled, po.cancelled_by) = (at, CancelledBy::Source);
            }
            LegacyFact::Cancelled { .. } => {}
            LegacyFact::Shipped { .. } => po.shipped = po.shipped.max(at),
            LegacyFact::Delivered => {
                po.delivered = po.delivered.max(at);
                self.fact.delivered = self.fact.delivered.max(at);
            }
        }
    }

    /// The legacy path asked that source for a line: one purchase order a source.
    fn watched(&mut self, line: u16, source: u32, at: Moment) -> usize {
        let there = self.pos.iter().position(|p| p.ordinal.is_none() && p.fact.source == source);
        let po = there.unwrap_or_else(|| {
            // Most systems ask as soon as the order is released; none says so.
            let sent = self.fact.approved.or(at).min(at);
            self.pos.push(Asked { ordinal: None, fact: PoFact { source, sent, ..PoFact::default() } });
            self.pos.len() - 1
        });
        let LineFact { quantity, price, .. } = self.lines[usize::from(line)].1;
        let po = u16::try_from(po).unwrap_or(u16::MAX);
        self.asks.push(AskFact { line, po, quantity, accepted: u32::MAX, unit_cost: price });
        self.asks.len() - 1
    }
}
