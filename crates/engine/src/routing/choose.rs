//! The rules of routing: who can supply, who is best, and what happens otherwise.

use super::{CANDIDATES_MAX, Part, Plan, Reserved, Unsourced, Usual, Verdict};
use crate::approval::ApprovalKind;
use crate::calibration::{Cell, Chance, Evidence, Odds};
use crate::ids::{LineId, Sku, SourceId};
use crate::measure::{Money, Quantity};
use crate::offer::{Offer, OfferStatus};
use crate::order::{Line, Order, Phase};
use crate::policy::table::{Fired, Matter};
use crate::policy::{Choose, Otherwise, Policy, Preference, Stale, Step};
use crate::promise::{self, Dates};
use crate::reason::Reason;
use crate::slice::Slice;
use crate::source::Source;
use crate::stock::{Incoming, Stock};
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

/// A quantity of a line for which supply is wanted.
#[derive(Debug, Clone)]
pub(crate) struct Demand {
    pub(crate) line: LineId,
    pub(crate) quantity: Quantity,
    /// Only this source (a person chose it).
    pub(crate) only: Option<SourceId>,
    /// Sources asked before may be asked again.
    pub(crate) again: bool,
}

/// A source that offers the item, judged.
struct Candidate<'a> {
    source: &'a Source,
    offer: &'a Offer,
    stock: Option<&'a Stock>,
    atp: Quantity,
    acceptance: Option<Chance>,
    kept_back: Quantity,
    age_s: Option<i64>,
    dates: Dates,
    cost: Money,
    /// It costs another currency than the customer pays: no figure of it is compared with the others'.
    is_foreign: bool,
    /// Cost including what a late day is worth and what the policy's tables add; ranks.
    weight: i64,
    /// What the policy's tables add to its rank.
    adjust: i64,
    /// The rows of tables that spoke about it.
    fired: Vec<Fired>,
    /// Why it is out for any quantity.
    out: Option<Reason>,
}

pub(super) struct Search<'a> {
    slice: &'a Slice,
    policy: &'a Policy,
    order: &'a Order,
    now: Timestamp,
    /// Units this plan takes, of the shelf or of the receipt of a day.
    taken: BTreeMap<(SourceId, Sku, Option<Date>), Quantity>,
    loaded: BTreeMap<(SourceId, Date), Quantity>,
    parts: Vec<Part>,
    verdicts: Vec<Verdict>,
    unsourced: Vec<Unsourced>,
}

/// Finds supply for the demands of an order. Reads nothing but the slice; decides nothing but the plan.
pub(crate) fn plan(
    slice: &Slice,
    policy: &Policy,
    order: &Order,
    now: Timestamp,
    demands: &[Demand],
    reason: Reason,
) -> Plan {
    let mut search = Search::on(slice, policy, order, now, vec![]);
    for (n, demand) in demands.iter().enumerate() {
        let from = search.parts.len();
        search.find(demand);
        // The last demand leaves nothing for others to reckon with.
        if n + 1 < demands.len() {
            search.book(demand, from);
        }
    }
    search.expedite();
    let Search { parts, verdicts, unsourced, .. } = search;
    let cost_increase_percent = cost_increase(order, &parts);
    let breaks_promise = parts
        .iter()
        .any(|p| order.line(&p.line).and_then(|l| l.promise).is_some_and(|told| p.dates.deliver_by > told.deliver_by));
    let first = |p: &Part| order.line(&p.line).and_then(|l| l.first_cost);
    let changes_currency = parts.iter().any(|p| first(p).is_some_and(|first| first.currency != p.cost.currency));
    let mut plan = Plan {
        round: order.rounds + 1,
        reason,
        policy: policy.version,
        parts,
        unsourced,
        verdicts,
        cost_increase_percent,
        breaks_promise,
        changes_currency,
        reserved: None,
    };
    plan.reserved = reserved(slice, policy, order, now, &plan);
    plan
}

/// What the approval tables say about a plan: of its parts the first about which a person is asked.
fn reserved(slice: &Slice, policy: &Policy, order: &Order, now: Timestamp, plan: &Plan) -> Option<Reserved> {
    if policy.tables.is_empty() {
        return None;
    }
    let said = |part: &Part| {
        let line = order.line(&part.line)?;
        let source = slice.source(&part.source)?;
        let today = now.to_zoned(source.time_zone.rules()).date();
        let (ask, rule) = policy.reserved(&Matter {
            now: Some(now),
            vendor: Some(&part.source),
            kind: Some(source.kind),
            cost: Some(part.cost),
            days_to_door: Some(days_between(today, part.dates.deliver_by)),
            attempt: Some(plan.round),
            cost_increase_percent: plan.cost_increase_percent,
            is_split: Some(plan.is_split()),
            is_late: Some(plan.breaks_promise),
            ..order.matter(line, part.quantity)
        })?;
        Some(Reserved { ask, rule })
    };
    let mut all = plan.parts.iter().filter_map(said);
    let first = all.next()?;
    if first.ask.is_some() { Some(first) } else { Some(all.find(|r| r.ask.is_some()).unwrap_or(first)) }
}

/// By how many percent the parts cost more than the same share of the first plan; `None` if they do not.
fn cost_increase(order: &Order, parts: &[Part]) -> Option<u32> {
    let worst = parts.iter().filter_map(|part| {
        let line = order.line(&part.line)?;
        let first = line.first_cost.filter(|first| first.currency == part.cost.currency)?;
        let first = i128::from(first.minor);
        let share = first * i128::from(part.quantity.get()) / i128::from(line.quantity.get().max(1));
        let more = i128::from(part.cost.minor) - share;
        (more > 0 && share > 0).then(|| u32::try_from(more * 100 / share).unwrap_or(u32::MAX))
    });
    worst.max().filter(|p| *p > 0)
}

impl<'a> Search<'a> {
    /// A search that begins with these parts.
    pub(super) fn on(slice: &'a Slice, policy: &'a Policy, order: &'a Order, now: Timestamp, parts: Vec<Part>) -> Self {
        let (taken, loaded) = (BTreeMap::new(), BTreeMap::new());
        Self { slice, policy, order, now, taken, loaded, parts, verdicts: vec![], unsourced: vec![] }
    }

    fn find(&mut self, demand: &Demand) {
        let order = self.order;
        let Some(line) = order.line(&demand.line) else { return };
        let mut candidates = self.candidates(line, demand);
        let rank = |c: &Candidate<'a>| (c.is_foreign, c.weight, c.dates, &c.source.id);
        candidates.sort_by(|a, b| rank(a).cmp(&rank(b)));
        let ended = order.of_line(&line.id).filter(|a| matches!(a.phase, Phase::Withdrawing | Phase::Withdrawn));
        let tries = ended.map(|a| a.attempt).collect::<BTreeSet<_>>().len();
        let policy = self.policy;
        let exhausted = !demand.again && demand.only.is_none() && tries >= policy.sourcing.attempts_max as usize;
        let chosen = if exhausted { vec![] } else { self.try_steps(&candidates, line, demand) };
        let covered = !chosen.is_empty();
        self.judge(&candidates, line, demand, &chosen);
        self.parts.extend(chosen);
        if !covered {
            let otherwise = match policy.sourcing.steps.last() {
                Some(last) if !exhausted && demand.only.is_none() => last.otherwise,
                _ => Otherwise::Ask,
            };
            let reason = if exhausted { Reason::RouteAttemptsExhausted } else { why_none(&candidates) };
            self.unsourced.push(Unsourced { line: line.id.clone(), quantity: demand.quantity, otherwise, reason });
        }
    }

    /// Counts what the parts from that place on take for this demand.
    fn book(&mut self, demand: &Demand, from: usize) {
        let Some(line) = self.order.line(&demand.line) else { return };
        for part in &self.parts[from..] {
            *self.taken.entry((part.source.clone(), line.sku.clone(), part.incoming)).or_default() += part.quantity;
            *self.loaded.entry((part.source.clone(), part.dates.ship_by)).or_default() += part.quantity;
        }
    }

    fn candidates(&self, line: &Line, demand: &Demand) -> Vec<Candidate<'a>> {
        let slice = self.slice;
        let Some(offerers) = slice.offerers(&line.sku) else { return vec![] };
        let wanted = |s: &&SourceId| demand.only.as_ref().is_none_or(|only| only == *s);
        let judged = offerers.sources.iter().take(CANDIDATES_MAX).filter(wanted);
        judged
            .filter_map(|id| Some(self.candidate(line, demand, slice.source(id)?, slice.offer(id, &line.sku)?)))
            .collect()
    }

    fn candidate(&self, line: &Line, demand: &Demand, source: &'a Source, offer: &'a Offer) -> Candidate<'a> {
        let slice = self.slice;
        let stock = slice.stock(&source.id, &line.sku).filter(|s| s.is_advised());
        let feed = slice.feed(&source.id).map(|f| f.full_as_of);
        let age_s = stock.map(|s| (self.now.as_second() - s.confirmed_as_of(feed).as_second()).max(0));
        let free =
            stock.map_or(Quantity::ZERO, |s| s.atp(feed, Quantity::ZERO).less(self.taken(&source.id, &line.sku, None)));
        let cell = self.policy.looks_at_chances().then(|| {
            let today = self.now.to_zoned(jiff::tz::TimeZone::UTC).date();
            Cell::of(age_s, demand.quantity, free, today, &line.category)
        });
        let odds = cell.as_ref().and_then(|cell| {
            let source = slice.evidence(&source.id).unwrap_or(Evidence::none());
            Some(Odds { source, all: &slice.learnt()?.all, cell })
        });
        let acceptance = odds.and_then(|o| o.chance());
        let asked = Matter {
            now: Some(self.now),
            vendor: Some(&source.id),
            acceptance_permille: acceptance.as_ref().map(Chance::permille),
            kind: Some(source.kind),
            advice_age_s: age_s,
            advised: stock.map(|s| s.advised),
            attempt: Some(self.order.of_line(&line.id).map(|a| a.attempt).max().unwrap_or(0) + 1),
            ..self.order.matter(line, demand.quantity)
        };
        let (stale_after, stale) = self.policy.freshness(&asked);
        let is_stale = age_s.is_some_and(|age| age > i64::from(stale_after) * 60);
        let kept_back = stock.map_or(Quantity::ZERO, |s| self.policy.safety(&asked, s.advised, odds.as_ref()));
        let atp = match free.less(kept_back) {
            atp if is_stale && stale == Stale::Halve => Quantity::new(atp.get() / 2),
            atp => atp,
        };
        let dates =
            promise::from_shelf(source, self.policy, &self.order.destination, &self.order.service_level, self.now);
        let (packs, rest) = demand.quantity.packs(offer.pack.base_units);
        let cost = self.cost(offer, packs);
        let preference = match self.policy.tables.is_empty() {
            true => Preference::default(),
            false => self.policy.preference(&Matter {
                cost: Some(cost),
                days_to_door: Some(self.days_to_door(source, dates)),
                ..asked
            }),
        };
        let out = match () {
            () if !source.taking_orders => Some(Reason::RouteSourcePaused),
            () if offer.status == OfferStatus::Discontinued => Some(Reason::CatalogDiscontinued),
            () if offer.status == OfferStatus::Paused => Some(Reason::RouteSourcePaused),
            () if !demand.again && self.was_tried(line, &source.id) => Some(Reason::RouteAlreadyTried),
            // A person who names the source has decided otherwise.
            () if preference.excluded && demand.only.is_none() => Some(Reason::RouteExcluded),
            () if stock.is_none() => Some(Reason::AtpUnknown),
            () if is_stale && stale == Stale::Exclude => Some(Reason::AtpStale),
            () if !rest.is_zero() => Some(Reason::CatalogPackMismatch),
            () if packs < offer.minimum => Some(Reason::CatalogBelowMinimum),
            () if self.is_full(source, dates.ship_by, demand.quantity) => Some(Reason::RouteCapacity),
            () => None,
        };
        let adjust = preference.minor(cost);
        let weight = cost.minor.saturating_add(self.lateness(dates)).saturating_add(adjust);
        let fired = preference.fired;
        let is_foreign = cost.currency != line.unit_price.currency;
        Candidate {
            source,
            offer,
            stock,
            atp,
            acceptance,
            kept_back,
            age_s,
            dates,
            cost,
            is_foreign,
            weight,
            adjust,
            fired,
            out,
        }
    }

    /// Days until it is at the door, from the source's today.
    pub(super) fn days_to_door(&self, source: &Source, dates: Dates) -> i64 {
        days_between(self.now.to_zoned(source.time_zone.rules()).date(), dates.deliver_by)
    }

    fn taken(&self, source: &SourceId, sku: &Sku, incoming: Option<Date>) -> Quantity {
        if self.taken.is_empty() {
            return Quantity::ZERO;
        }
        self.taken.get(&(source.clone(), sku.clone(), incoming)).copied().unwrap_or_default()
    }

    /// Goods and shipping; shipping is paid once per source and order.
    pub(super) fn cost(&self, offer: &Offer, packs: Quantity) -> Money {
        let goods = offer.unit_cost.times(packs);
        let together = self.parts.iter().any(|p| p.source == offer.source);
        if together { goods } else { goods.plus(offer.shipping_cost) }
    }

    /// What the days after the wanted day (or after today's) are worth.
    pub(super) fn lateness(&self, dates: Dates) -> i64 {
        let Some(per_day) = self.policy.sourcing.day_late_costs else { return 0 };
        let from = self.order.requested_on.unwrap_or_else(|| self.now.to_zoned(jiff::tz::TimeZone::UTC).date());
        per_day.minor.saturating_mul(days_between(from, dates.deliver_by))
    }

    fn was_tried(&self, line: &Line, source: &SourceId) -> bool {
        let gone = |phase| matches!(phase, Phase::Withdrawing | Phase::Withdrawn);
        self.order
            .of_line(&line.id)
            .any(|a| a.source == *source && (gone(a.phase) || !(a.declined + a.withdrawn).is_zero()))
    }

    fn is_full(&self, source: &Source, day: Date, quantity: Quantity) -> bool {
        let Some(capacity) = source.daily_capacity else { return false };
        let booked = self.slice.load(&source.id).and_then(|l| l.by_day.get(&day).copied()).unwrap_or_default();
        let here = self.loaded.get(&(source.id.clone(), day)).copied().unwrap_or_default();
        booked + here + quantity > capacity
    }

    fn try_steps(&self, candidates: &[Candidate], line: &Line, demand: &Demand) -> Vec<Part> {
        for step in &self.policy.sourcing.steps {
            let found = match &step.choose {
                Choose::One { kind } if demand.only.is_some() || kind.is_none() => {
                    self.one(candidates, line, demand, step, |_| true)
                }
                Choose::One { kind } => self.one(candidates, line, demand, step, |c| Some(c.source.kind) == *kind),
                Choose::Split { sources_max } => self.split(candidates, line, demand, step, usize::from(*sources_max)),
                Choose::Backorder { days_max } => self.backorder(candidates, line, demand, step, *days_max),
            };
            if !found.is_empty() {
                return found;
            }
        }
        vec![]
    }

    fn one(
        &self,
        candidates: &[Candidate],
        line: &Line,
        demand: &Demand,
        step: &Step,
        fits: impl Fn(&Candidate) -> bool,
    ) -> Vec<Part> {
        let best = candidates.iter().find(|c| c.out.is_none() && c.atp >= demand.quantity && fits(c));
        best.map(|c| vec![self.part(c, line, demand.quantity, c.dates, None, step)]).unwrap_or_default()
    }

    /// The fewest sources that together have enough, each giving whole packs; largest first, then cheapest.
    fn split(
        &self,
        candidates: &[Candidate],
        line: &Line,
        demand: &Demand,
        step: &Step,
        sources_max: usize,
    ) -> Vec<Part> {
        let usable = |c: &&Candidate| {
            c.out.is_none_or(|r| {
                matches!(r, Reason::CatalogPackMismatch | Reason::CatalogBelowMinimum | Reason::RouteCapacity)
            })
        };
        let mut able: Vec<&Candidate> = candidates.iter().filter(usable).collect();
        able.sort_by_key(|c| std::cmp::Reverse(c.atp));
        let mut left = demand.quantity;
        let mut parts = vec![];
        for c in able.into_iter().take(sources_max) {
            let (packs, _) = c.atp.min(left).packs(c.offer.pack.base_units);
            let Some(give) = packs.times(c.offer.pack.base_units).filter(|g| !g.is_zero()) else { continue };
            if packs < c.offer.minimum || self.is_full(c.source, c.dates.ship_by, give) {
                continue;
            }
            left -= give;
            parts.push(self.part(c, line, give, c.dates, None, step));
            if left.is_zero() {
                return parts;
            }
        }
        vec![]
    }

    fn backorder(
        &self,
        candidates: &[Candidate],
        line: &Line,
        demand: &Demand,
        step: &Step,
        days_max: u16,
    ) -> Vec<Part> {
        let last = self
            .now
            .to_zoned(jiff::tz::TimeZone::UTC)
            .date()
            .saturating_add(jiff::Span::new().days(i32::from(days_max)));
        let receipt = |c: &Candidate| {
            let incoming = &c.stock?.incoming;
            let free = |day: &Date, i: &Incoming| {
                i.quantity.less(i.held).less(self.taken(&c.source.id, &line.sku, Some(*day)))
            };
            incoming.range(..=last).find(|(day, i)| free(day, i) >= demand.quantity).map(|(day, _)| *day)
        };
        let (to, level) = (&self.order.destination, self.order.service_level.as_str());
        let dates = |c: &Candidate, day| promise::from_receipt(c.source, self.policy, to, level, self.now, day);
        // A day without capacity for goods on the shelf says nothing about the day of the receipt.
        let usable = candidates.iter().filter(|c| c.out.is_none_or(|r| r == Reason::RouteCapacity));
        let able = usable.filter_map(|c| {
            let day = receipt(c)?;
            let dates = dates(c, day);
            (!self.is_full(c.source, dates.ship_by, demand.quantity)).then_some((day, dates, c))
        });
        let Some((day, dates, c)) = able.min_by_key(|(day, _, c)| (*day, c.is_foreign, c.weight)) else {
            return vec![];
        };
        vec![self.part(c, line, demand.quantity, dates, Some(day), step)]
    }

    fn part(
        &self,
        c: &Candidate,
        line: &Line,
        quantity: Quantity,
        dates: Dates,
        incoming: Option<Date>,
        step: &Step,
    ) -> Part {
        let (packs, _) = quantity.packs(c.offer.pack.base_units);
        Part {
            line: line.id.clone(),
            source: c.source.id.clone(),
            quantity,
            vendor_sku: c.offer.vendor_sku.clone(),
            pack_unit: c.offer.pack.unit.clone(),
            pack_size: c.offer.pack.base_units,
            unit_cost: c.offer.unit_cost,
            cost: self.cost(c.offer, packs),
            dates,
            incoming,
            expedited: None,
            usual: None,
            unpriced: false,
            step: step.name.clone(),
        }
    }

    /// Sends what would come too late by the policy's faster way, where that keeps the day, and nobody has refused it.
    fn expedite(&mut self) {
        let Some(rule) = &self.policy.expedite else { return };
        let mut paid = BTreeSet::new();
        for part in &mut self.parts {
            let Some(line) = self.order.line(&part.line) else { continue };
            let Some(day) = line.promise.map(|p| p.deliver_by).or(self.order.requested_on) else { continue };
            let Some(source) = self.slice.source(&part.source) else { continue };
            let to = &self.order.destination;
            let faster = promise::arrive(source, self.policy, to, &rule.service_level, part.dates.ship_by);
            let is_comparable = part.cost.currency == rule.cost.currency;
            let helps = part.dates.deliver_by > day && faster.deliver_by <= day;
            if !helps || !is_comparable || self.order.was_refused(ApprovalKind::Expedite, &part.line) {
                continue;
            }
            part.usual = Some(Usual { cost: part.cost, deliver_by: part.dates.deliver_by });
            part.dates = faster;
            part.expedited = Some(rule.service_level.clone());
            if paid.insert(part.source.clone()) {
                part.cost = part.cost.plus(rule.cost);
            }
        }
    }

    /// Says of each candidate whether it won, or why not.
    fn judge(&mut self, candidates: &[Candidate], line: &Line, demand: &Demand, chosen: &[Part]) {
        let best = candidates.iter().find(|c| chosen.iter().any(|p| p.source == c.source.id));
        for c in candidates {
            let won = chosen.iter().any(|p| p.source == c.source.id);
            let reason = match (won, c.out, best) {
                (true, ..) => Reason::RouteChosen,
                (false, Some(out), _) => out,
                (false, None, _) if c.atp < demand.quantity => Reason::AtpInsufficient,
                (false, None, Some(best)) if best.source.kind != c.source.kind => Reason::RouteNotThisKind,
                (false, None, Some(best)) if best.cost.currency != c.cost.currency => Reason::RouteOtherCurrency,
                (false, None, Some(best)) if c.weight - c.adjust < best.weight - best.adjust => {
                    Reason::RouteRankedLower
                }
                (false, None, Some(best)) if c.cost.minor < best.cost.minor => Reason::RouteLater,
                (false, None, _) => Reason::RouteCostlier,
            };
            self.verdicts.push(Verdict {
                line: line.id.clone(),
                source: c.source.id.clone(),
                reason,
                wanted: demand.quantity,
                atp: c.atp,
                advice_age_s: c.age_s,
                acceptance: c.acceptance.clone(),
                kept_back: c.kept_back,
                cost: Some(c.cost),
                dates: Some(c.dates),
                adjust: (c.adjust != 0).then_some(Money { minor: c.adjust, ..c.cost }),
                rules: c.fired.clone(),
            });
        }
    }
}

/// Days from one to the other, never below zero.
fn days_between(from: Date, to: Date) -> i64 {
    from.until(to).map_or(0, |span| i64::from(span.get_days())).max(0)
}

/// The most telling reason why no candidate could supply.
fn why_none(candidates: &[Candidate]) -> Reason {
    let catalog = |r: Reason| {
        matches!(r, Reason::CatalogPackMismatch | Reason::CatalogUnitMismatch | Reason::CatalogGtinMismatch)
    };
    match () {
        () if candidates.is_empty() => Reason::RouteNoCandidate,
        () if candidates.iter().all(|c| c.out.is_some_and(catalog)) => {
            candidates[0].out.unwrap_or(Reason::RouteNoCandidate)
        }
        () if candidates.iter().all(|c| c.out.is_none()) => Reason::AtpInsufficient,
        () => Reason::RouteNoCandidate,
    }
}
