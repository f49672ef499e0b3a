//! The account of one order under way: what is counted of it, until it becomes an [`Outcome`].

use super::super::outcome::{Ground, Kept, Outcome};
use super::super::vendor::Behaviour;
use super::super::verdict::cost;
use crate::history::facts::day;
use crate::history::{History, Moment, Past};
use countersign_engine::event::Event;
use countersign_engine::order::Order;
use jiff::civil::Date;

pub(super) struct Account {
    pub ground: Ground,
    pub withdrawn: bool,
    captured: Moment,
    /// By line: units firm now, and the most that ever were.
    firm: Vec<(u32, u32)>,
    confirmed: Option<u32>,
    promised: Option<Date>,
    arrives: Moment,
    arrival_unknown: bool,
    reroutes: u16,
    approvals: u16,
    cases: u16,
    breaches: u16,
    split: bool,
}

impl Account {
    pub fn new(lines: usize, captured: Moment) -> Self {
        Self {
            ground: Ground::Observed,
            withdrawn: false,
            captured,
            firm: vec![(0, 0); lines],
            confirmed: None,
            promised: None,
            arrives: Moment::NEVER,
            arrival_unknown: false,
            reroutes: 0,
            approvals: 0,
            cases: 0,
            breaches: 0,
            split: false,
        }
    }

    /// Goods left, to arrive so many seconds later; `None` if they never do.
    pub fn left(&mut self, at: Moment, transit_s: Option<u32>) {
        match transit_s {
            Some(s) => self.arrives = self.arrives.max(Moment::from_seconds((at.seconds() as u32).saturating_add(s))),
            None => self.arrival_unknown = true,
        }
    }

    pub fn book(&mut self, events: &[Event], order: &Order, at: Moment) {
        for event in events {
            match event {
                Event::LineCommitted { line, quantity, .. } => {
                    let firm = &mut self.firm[usize::from(super::place_of(line))];
                    firm.0 += quantity.get();
                    firm.1 = firm.1.max(firm.0);
                    self.confirm(order, at);
                }
                Event::LineUncommitted { line, quantity, .. } => {
                    let firm = &mut self.firm[usize::from(super::place_of(line))];
                    firm.0 = firm.0.saturating_sub(quantity.get());
                }
                Event::PromiseMade { promise, .. } => {
                    self.promised = self.promised.max(Some(promise.deliver_by));
                }
                Event::PlanMade { plan, .. } => self.split |= plan.is_split(),
                Event::LineRerouted { .. } => self.reroutes += 1,
                Event::ApprovalAsked { .. } => self.approvals += 1,
                Event::CaseOpened { .. } => self.cases += 1,
                Event::SlaBreached { .. } => self.breaches += 1,
                _ => {}
            }
        }
    }

    fn confirm(&mut self, order: &Order, at: Moment) {
        let whole = order.lines.iter().zip(&self.firm).all(|(line, firm)| firm.0 >= line.quantity.get());
        if whole && self.confirmed.is_none() {
            self.confirmed = u32::try_from(at.seconds() - self.captured.seconds()).ok();
        }
    }

    pub fn close(
        self,
        history: &History,
        (index, past): (u32, &Past),
        order: &Order,
        behaviours: &[Behaviour],
        source: u32,
    ) -> Outcome {
        let fact = &past.order;
        let rules = history.zone.rules();
        let (mut units, mut shipped, mut broken, mut given_up, mut stuck) = (0, 0, 0, 0, 0);
        for (n, (line, firm)) in order.lines.iter().zip(&self.firm).enumerate() {
            let mut excuse = past.excused(n);
            let mut counted = |units: u32| {
                let excused = units.min(excuse);
                excuse -= excused;
                units - excused
            };
            let ordered = line.quantity.get();
            let left: u32 = order.of_line(&line.id).map(|a| a.shipped.get()).sum();
            let now = firm.0.max(left.min(ordered));
            units += ordered;
            shipped += left;
            broken += counted(firm.1.saturating_sub(now));
            given_up += counted(ordered.saturating_sub(now.max(firm.1)));
            stuck += counted(now.saturating_sub(left));
        }
        let cost = order.purchase_orders.iter().map(|po| cost_of(order, po.ordinal, past, behaviours)).sum();
        let arrived = shipped >= units && units > 0 && !self.arrival_unknown && self.arrives.is_known();
        let kept = |by: Option<Date>| match by {
            Some(by) if arrived => {
                if day(self.arrives, &rules) > by {
                    Kept::Late
                } else {
                    Kept::Kept
                }
            }
            _ => Kept::Unknown,
        };
        Outcome {
            order: index,
            ground: self.ground,
            units,
            shipped,
            broken_units: broken,
            given_up_units: given_up,
            stuck_units: stuck,
            withdrawn: self.withdrawn,
            cause_unknown: past.is_cause_unknown(),
            open: history.is_in_flight(past),
            split: self.split,
            reroutes: self.reroutes,
            approvals: self.approvals,
            cases: self.cases,
            breaches: self.breaches,
            cost,
            confirmed_after_s: self.confirmed,
            own_promise: kept(self.promised),
            told_promise: kept(fact.promised.is_known().then(|| day(fact.promised, &rules))),
            source,
            category: history.category_of(past),
        }
    }
}

/// What a purchase order cost: what was really paid where it repeats one of the history, else what the offer costs.
fn cost_of(order: &Order, ordinal: u32, past: &Past, behaviours: &[Behaviour]) -> i64 {
    let supply = |line: u16| {
        let mut of_line = order.of_purchase_order(ordinal).filter(|a| super::place_of(&a.line) == line);
        of_line.next().map_or(0, |a| a.supply().get())
    };
    match behaviours.get(ordinal as usize - 1).and_then(|does| does.repeats) {
        Some(n) => cost(&past.pos[usize::from(n)], past.asks_of(usize::from(n)), |ask| supply(ask.line)),
        None => order.of_purchase_order(ordinal).map(|a| a.cost_of_supply().minor).sum(),
    }
}

/// An order that the policy did not even take in.
pub(super) fn refused(history: &History, past: &Past, index: u32) -> Outcome {
    let units: u32 = past.lines.iter().map(|l| l.quantity).sum();
    let excused: u32 = (0..past.lines.len()).map(|n| past.excused(n)).sum();
    Outcome { units, given_up_units: units.saturating_sub(excused), ..Outcome::begun(history, index, past) }
}
