//! Rows taken in so far, and the history they make in the end. Knows no texts but ids.

use super::super::dirt::{Dirt, Oddity};
use super::super::mapping::Mapping;
use super::super::names::Names;
use super::super::{
    AdviceFact, CancelledBy, History, ItemFact, LineFact, Moment, NOBODY, OfferFact, OrderFact, Place, PoFact, Recorded,
};
use countersign_engine::calendar::Zone;
use countersign_engine::measure::Currency;
use smol_str::SmolStr;
use std::collections::BTreeMap;

/// Lines of one order that are replayed; the engine takes no more either.
const LINES_MAX: usize = countersign_engine::order::LINES_MAX;

/// A line before its order's lines are brought together.
#[derive(Clone, Copy)]
pub(super) struct RawLine {
    pub order: u32,
    pub item: u32,
    pub source: u32,
    pub quantity: u32,
    pub accepted: u32,
    pub price: i64,
}

/// What an event says.
pub(super) struct Said {
    pub order: u32,
    pub at: Moment,
    pub source: Option<u32>,
    pub item: Option<u32>,
    pub quantity: Option<u32>,
    pub due: Moment,
}

pub(super) struct Gathered {
    pub order_ids: Names,
    pub skus: Names,
    pub source_ids: Names,
    customers: Names,
    customer_places: Vec<u16>,
    categories: Vec<SmolStr>,
    category_of: BTreeMap<SmolStr, u16>,
    regions: Vec<Place>,
    region_of: BTreeMap<Place, u16>,
    ships_from: Vec<u16>,
    items: Vec<ItemFact>,
    listed: bool,
    offers: BTreeMap<(u32, u32), (i64, i64)>,
    orders: Vec<OrderFact>,
    order_shipped: Vec<(u32, Moment)>,
    raw: Vec<(RawLine, PoFact, bool)>,
    lines: Vec<LineFact>,
    pos: Vec<PoFact>,
    advice: Vec<AdviceFact>,
    recorded: Recorded,
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
            region_of: BTreeMap::from([(home.clone(), 0)]),
            regions: vec![home],
            ships_from: vec![],
            items: vec![],
            listed: false,
            offers: BTreeMap::new(),
            orders: vec![],
            order_shipped: vec![],
            raw: vec![],
            lines: vec![],
            pos: vec![],
            advice: vec![],
            recorded: Recorded::default(),
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

    /// False if the item is known.
    pub fn item(&mut self, sku: &str, category: &str) -> bool {
        self.listed |= self.raw.is_empty() && self.orders.is_empty();
        let (_, new) = self.skus.give(sku);
        if new {
            let category = self.category(category);
            self.items.push(ItemFact { category });
        }
        new
    }

    fn category(&mut self, path: &str) -> u16 {
        if path.is_empty() {
            return 0;
        }
        if let Some(known) = self.category_of.get(path) {
            return *known;
        }
        let Ok(index) = u16::try_from(self.categories.len()) else { return 0 };
        self.categories.push(path.into());
        self.category_of.insert(path.into(), index);
        index
    }

    /// The source's index, and whether it is new.
    pub fn source(&mut self, id: &str, place: Option<u16>) -> (u32, bool) {
        let (index, new) = self.source_ids.give(id);
        if new {
            self.ships_from.push(place.unwrap_or(0));
        }
        (index, new)
    }

    /// False if the order is known.
    pub fn order(&mut self, id: &str, fact: OrderFact, shipped: Moment) -> bool {
        let (index, new) = self.order_ids.give(id);
        if new {
            self.orders.push(fact);
            if shipped.is_known() {
                self.order_shipped.push((index, shipped));
            }
        }
        new
    }

    pub fn line(
        &mut self,
        line: RawLine,
        po: PoFact,
        costs: (Option<i64>, Option<i64>),
        add_up: bool,
        dirt: &mut Dirt,
    ) {
        if line.source == NOBODY {
            dirt.note(Oddity::SourceUnknown, self.order_ids.get(line.order));
        } else {
            self.recorded.costs |= costs.0.is_some();
            let cost = (costs.0.unwrap_or(line.price), costs.1.unwrap_or(0));
            self.offers.entry((line.item, line.source)).or_insert(cost);
        }
        self.raw.push((line, po, add_up));
    }

    pub fn advice(&mut self, fact: AdviceFact) {
        self.offers.entry((fact.item, fact.source)).or_insert((0, 0));
        self.advice.push(fact);
    }

    /// Brings the lines of each order together, and makes its purchase orders: one per source.
    pub fn group(&mut self, dirt: &mut Dirt) {
        let mut raw = std::mem::take(&mut self.raw);
        raw.sort_by_key(|(line, ..)| line.order);
        let mut at = 0;
        while at < raw.len() {
            let order = raw[at].0.order;
            let end = at + raw[at..].partition_point(|(line, ..)| line.order == order);
            self.group_one(order, &raw[at..end], dirt);
            at = end;
        }
        for (order, shipped) in std::mem::take(&mut self.order_shipped) {
            self.ship_all(order, shipped, dirt);
        }
    }

    fn group_one(&mut self, order: u32, raw: &[(RawLine, PoFact, bool)], dirt: &mut Dirt) {
        let (first_line, first_po) = (self.lines.len(), self.pos.len());
        for (line, said, add_up) in raw {
            let po = match line.source {
                NOBODY => u16::MAX,
                _ => self.po_of(first_po, said),
            };
            let same = |l: &&mut LineFact| *add_up && l.item == line.item && l.po == po && l.price == line.price;
            if let Some(there) = self.lines[first_line..].iter_mut().find(same) {
                there.quantity = there.quantity.saturating_add(line.quantity);
                if line.accepted != u32::MAX && there.accepted != u32::MAX {
                    there.accepted = there.accepted.saturating_add(line.accepted);
                }
                dirt.note(Oddity::LinesJoined, self.order_ids.get(order));
            } else if self.lines.len() - first_line < LINES_MAX {
                let RawLine { item, quantity, accepted, price, .. } = *line;
                self.lines.push(LineFact { item, quantity, accepted, price, po });
            }
        }
        let fact = &mut self.orders[order as usize];
        fact.first_line = u32::try_from(first_line).unwrap_or(u32::MAX);
        fact.lines = u16::try_from(self.lines.len() - first_line).unwrap_or(u16::MAX);
        fact.first_po = u32::try_from(first_po).unwrap_or(u32::MAX);
        fact.pos = u16::try_from(self.pos.len() - first_po).unwrap_or(u16::MAX);
    }

    /// The purchase order of that source within the order being grouped, with what another line says of it.
    fn po_of(&mut self, first: usize, said: &PoFact) -> u16 {
        let there = self.pos[first..].iter().position(|p| p.source == said.source);
        let at = there.unwrap_or_else(|| {
            self.pos.push(PoFact { source: said.source, ..PoFact::default() });
            self.pos.len() - first - 1
        });
        let po = &mut self.pos[first + at];
        po.sent = po.sent.or(said.sent);
        po.ship_by = po.ship_by.max(said.ship_by);
        po.answered = po.answered.or(said.answered);
        po.ship_on = po.ship_on.max(said.ship_on);
        po.shipped = po.shipped.max(said.shipped);
        po.delivered = po.delivered.max(said.delivered);
        if said.cancelled.is_known() && !po.cancelled.is_known() {
            (po.cancelled, po.cancelled_by) = (said.cancelled, said.cancelled_by);
        }
        u16::try_from(at).unwrap_or(u16::MAX - 1)
    }

    fn ship_all(&mut self, order: u32, shipped: Moment, dirt: &mut Dirt) {
        let fact = self.orders[order as usize];
        if fact.pos > 1 {
            dirt.note(Oddity::ShipTimeOfOrder, self.order_ids.get(order));
        }
        for po in &mut self.pos[fact.first_po as usize..][..usize::from(fact.pos)] {
            po.shipped = po.shipped.or(shipped);
        }
    }

    /// Takes an event in; a fault is (field, kind, sentence).
    pub fn event(&mut self, word: &str, said: &Said, dirt: &mut Dirt) -> Result<(), (usize, &'static str, String)> {
        if said.at < self.last_event {
            dirt.note(Oddity::EventsOutOfOrder, self.order_ids.get(said.order));
        }
        self.last_event = self.last_event.max(said.at);
        let fact = &mut self.orders[said.order as usize];
        let at = said.at;
        match word {
            "ignored" => return Ok(()),
            "approved" => {
                fact.approved = fact.approved.or(at);
                return Ok(());
            }
            "delivered" if said.source.is_none() => {
                fact.delivered = fact.delivered.or(at);
                fact.promised = fact.promised.or(said.due);
                return Ok(());
            }
            "cancelled_by_customer" => {
                if !fact.cancelled.is_known() {
                    (fact.cancelled, fact.cancelled_by) = (at, CancelledBy::Customer);
                }
                return Ok(());
            }
            "sent" | "accepted" | "rejected" | "shipped" | "delivered" | "cancelled" | "cancelled_by_source" => {}
            _ => {
                let known = super::super::mapping::EVENT_WORDS.join(", ");
                return Err((2, "unknown_event", format!("translate this event by values.event into one of {known}")));
            }
        }
        let (first, count) = (fact.first_po as usize, usize::from(fact.pos));
        if said.source.is_none() && matches!(word, "cancelled") && !fact.cancelled.is_known() {
            fact.cancelled = at;
        }
        let mut any = false;
        for n in 0..count {
            if said.source.is_some_and(|s| s != self.pos[first + n].source) {
                continue;
            }
            any = true;
            self.happen(word, first + n, said);
            if let ("accepted" | "rejected", Some(quantity)) = (word, said.quantity) {
                let lines = &mut self.lines[self.orders[said.order as usize].first_line as usize..]
                    [..usize::from(self.orders[said.order as usize].lines)];
                for line in lines.iter_mut().filter(|l| usize::from(l.po) == n && said.item.is_none_or(|i| i == l.item))
                {
                    line.accepted = if word == "accepted" { quantity } else { line.quantity.saturating_sub(quantity) };
                }
            }
        }
        if any { Ok(()) } else { Err((3, "unknown_purchase_order", "the order has no line at this source".into())) }
    }

    fn happen(&mut self, word: &str, po: usize, said: &Said) {
        let po = &mut self.pos[po];
        match word {
            "sent" => {
                po.sent = po.sent.or(said.at);
                po.ship_by = po.ship_by.or(said.due);
            }
            "accepted" => {
                po.answered = po.answered.or(said.at);
                po.ship_on = po.ship_on.or(said.due);
            }
            "rejected" => {
                po.answered = po.answered.or(said.at);
                po.rejected |= said.quantity.is_none();
            }
            "shipped" => {
                po.shipped = po.shipped.or(said.at);
                po.ship_by = po.ship_by.or(said.due);
            }
            "delivered" => po.delivered = po.delivered.or(said.at),
            _ => {
                if !po.cancelled.is_known() {
                    po.cancelled = said.at;
                    po.cancelled_by = if word == "cancelled" { CancelledBy::Unknown } else { CancelledBy::Source };
                }
            }
        }
    }

    /// An answer that accepts nothing of any line declines the purchase order.
    fn mark_declined(&mut self) {
        for order in &self.orders {
            let lines = &self.lines[order.first_line as usize..][..usize::from(order.lines)];
            for n in 0..order.pos {
                let po = &mut self.pos[order.first_po as usize + usize::from(n)];
                po.rejected |= po.answered.is_known() && lines.iter().filter(|l| l.po == n).all(|l| l.accepted == 0);
            }
        }
    }

    pub fn finish(mut self, mapping: &Mapping, zone: Zone, currency: Currency, mut dirt: Dirt) -> History {
        self.mark_declined();
        self.advice.sort_by_key(|a| a.at);
        let recorded_sent = self.pos.iter().any(|p| p.sent.is_known());
        let mut span = (Moment::from_seconds(u32::MAX), Moment::NEVER);
        for (index, order) in self.orders.iter().enumerate() {
            if order.lines == 0 {
                dirt.note(Oddity::OrderWithoutLines, self.order_ids.get(index as u32));
            }
            let pos = &self.pos[order.first_po as usize..][..usize::from(order.pos)];
            oddities(self.order_ids.get(index as u32), order, pos, recorded_sent, &mut dirt);
            let last = pos.iter().map(|p| p.shipped.max(p.cancelled)).max().unwrap_or_default();
            span = (span.0.min(order.placed), span.1.max(order.placed).max(order.delivered).max(last));
        }
        if self.orders.is_empty() {
            span.0 = Moment::NEVER;
        }
        let recorded = Recorded {
            approvals: self.orders.iter().any(|o| o.approved.is_known()),
            sent: recorded_sent,
            answers: self.pos.iter().any(|p| p.answered.is_known()),
            advice: !self.advice.is_empty(),
            ship_by: self.pos.iter().any(|p| p.ship_by.is_known()),
            shipments: self.pos.iter().any(|p| p.shipped.is_known()),
            promises: self.orders.iter().any(|o| o.promised.is_known()),
            deliveries: self.orders.iter().any(|o| o.delivered.is_known()),
            costs: self.recorded.costs,
        };
        let offers = self.offers.into_iter();
        let offers = offers.map(|((item, source), (unit_cost, shipping_cost))| OfferFact {
            item,
            source,
            unit_cost,
            shipping_cost,
        });
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
            ships_from: self.ships_from,
            items: self.items,
            offers: offers.collect(),
            orders: self.orders,
            by_time: vec![],
            lines: self.lines,
            pos: self.pos,
            advice: self.advice,
            span,
            recorded,
            dirt,
        };
        history.by_time = history.timeline();
        history
    }
}

fn oddities(id: &str, order: &OrderFact, pos: &[PoFact], recorded_sent: bool, dirt: &mut Dirt) {
    let mut note = |wrong: bool, oddity| {
        if wrong {
            dirt.note(oddity, id);
        }
    };
    note(order.approved.is_known() && order.approved < order.placed, Oddity::ApprovedBeforePlaced);
    for po in pos {
        let shipped = po.shipped.is_known();
        note(shipped && po.shipped < order.placed, Oddity::ShippedBeforePlaced);
        note(shipped && order.approved.is_known() && po.shipped < order.approved, Oddity::ShippedBeforeApproved);
        note(!po.sent.is_known() && shipped && recorded_sent, Oddity::ShippedNeverSent);
        note(!po.sent.is_known() && !shipped && !order.approved.is_known(), Oddity::NeverSent);
        note(po.answered.is_known() && po.answered < History::sent(order, po), Oddity::AnsweredBeforeSent);
    }
    let first = pos.iter().map(|p| p.shipped).filter(|s| s.is_known()).min();
    let cancelled = order.cancelled.is_known() || pos.iter().any(|p| p.cancelled.is_known());
    note(!order.approved.is_known() && order.lines > 0, Oddity::NeverApproved);
    note(order.delivered.is_known() && first.is_some_and(|s| order.delivered < s), Oddity::DeliveredBeforeShipped);
    note(order.delivered.is_known() && order.lines > 0 && first.is_none(), Oddity::DeliveredNeverShipped);
    note(cancelled && first.is_some(), Oddity::CancelledAfterShipping);
}
