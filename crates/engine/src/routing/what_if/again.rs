//! The decision about one line, asked again with one fact different.
//!
//! Knows what the verdicts recorded, and when that no longer tells how the rules would have spoken: then nobody knows.

use crate::calibration::Chance;
use crate::ids::SourceId;
use crate::measure::{Money, Quantity};
use crate::offer::Offer;
use crate::order::{Line, Order};
use crate::policy::table::{Input, Matter, Subject, Table};
use crate::policy::{Choose, Policy, Stale};
use crate::promise::{self, Dates};
use crate::reason::Reason;
use crate::routing::choose::Search;
use crate::routing::{Part, Plan, Verdict};
use crate::slice::Slice;
use crate::source::Source;
use jiff::Timestamp;

/// One fact that might have been different; the others as they were.
#[derive(Clone, Copy)]
pub(super) struct Case<'a> {
    pub(super) now: Timestamp,
    pub(super) quantity: Quantity,
    pub(super) policy: &'a Policy,
    pub(super) given: Option<Given<'a>>,
}

/// What a source is given that it did not have.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Given<'a> {
    /// Enough, on fresh advice, and a clean record.
    Supply(&'a SourceId),
    /// Room on its day.
    Capacity(&'a SourceId),
    /// Another price for a pack.
    Price(&'a SourceId, Money),
}

/// Who is chosen for the whole quantity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Winner<'a> {
    /// The records do not tell.
    Unknown,
    /// No source alone.
    Nobody,
    /// This one.
    One(&'a SourceId),
}

/// A candidate in a case.
struct Judged<'a> {
    source: &'a Source,
    is_foreign: bool,
    weight: i64,
    cost: Money,
    adjust: i64,
    dates: Dates,
    able: bool,
}

/// The decision about one line, asked again.
pub(super) struct Again<'a> {
    pub(super) slice: &'a Slice,
    pub(super) policy: &'a Policy,
    pub(super) order: &'a Order,
    pub(super) plan: &'a Plan,
    pub(super) line: &'a Line,
    pub(super) verdicts: Vec<&'a Verdict>,
    pub(super) at: Timestamp,
    /// Acceptances that came too late, by the ordinal of the purchase order.
    pub(super) late: &'a [(u32, Timestamp)],
}

impl<'a> Again<'a> {
    /// True if asking again, with nothing different, leads to what was decided and to the figures recorded then.
    pub(super) fn is_understood(&self, case: Case<'a>) -> bool {
        let sourcing = |input| looks_at(self.policy, Subject::Sourcing, input);
        let line_before = |v: &&Verdict| v.line != self.line.id;
        let before = self.plan.verdicts.iter().take_while(line_before).filter_map(|v| self.order.line(&v.line));
        // A person named the source, or what the tables look at is not recorded, or an earlier line is of the same item.
        let is_named = self.plan.reason == Reason::ManualOverride;
        if is_named || sourcing(Input::AdvisedQuantity) || sourcing(Input::Attempt) {
            return false;
        }
        if before.into_iter().any(|line| line.sku == self.line.sku) {
            return false;
        }
        let same = |v: &&&Verdict| {
            let judged = self.judged(v, case);
            let adjust = v.adjust.map_or(0, |m| m.minor);
            judged.is_some_and(|j| Some(j.cost) == v.cost && Some(j.dates) == v.dates && j.adjust == adjust)
        };
        if !self.verdicts.iter().all(|v| same(&v)) {
            return false;
        }
        let chosen: Vec<&Part> = self.plan.parts.iter().filter(|p| p.line == self.line.id).collect();
        match (chosen.as_slice(), self.winner(case)) {
            ([one], Winner::One(source)) => one.incoming.is_none() && one.source == *source,
            (_, Winner::Nobody) => true,
            _ => false,
        }
    }

    /// The source that the steps for one source choose in a case.
    pub(super) fn winner(&self, case: Case) -> Winner<'a> {
        let mut able = vec![];
        for v in &self.verdicts {
            match self.judged(v, case) {
                None => return Winner::Unknown,
                Some(judged) if judged.able => able.push(judged),
                Some(_) => {}
            }
        }
        let rank = |j: &Judged<'a>| (j.is_foreign, j.weight, j.dates, j.source.id.clone());
        able.sort_by_key(rank);
        for step in &case.policy.sourcing.steps {
            // A step that looks for something else comes first: what it finds is not asked here.
            let Choose::One { kind } = &step.choose else { return Winner::Nobody };
            if let Some(best) = able.iter().find(|j| kind.is_none_or(|k| k == j.source.kind)) {
                return Winner::One(&best.source.id);
            }
        }
        Winner::Nobody
    }

    /// The same under other rules.
    pub(super) fn winner_under(&self, policy: &Policy, case: Case) -> Winner<'a> {
        self.winner(Case { policy, ..case })
    }

    /// `None` where the records do not tell.
    fn judged(&self, v: &Verdict, case: Case) -> Option<Judged<'a>> {
        let (source, offer) = (self.slice.source(&v.source)?, self.slice.offer(&v.source, &self.line.sku)?);
        let priced = match case.given {
            Some(Given::Price(to, price)) if *to == v.source => Some(Offer { unit_cost: price, ..offer.clone() }),
            _ => None,
        };
        let offer = priced.as_ref().unwrap_or(offer);
        let search = Search::on(self.slice, case.policy, self.order, case.now, self.parts_before());
        let (packs, rest) = case.quantity.packs(offer.pack.base_units);
        let (to, level) = (&self.order.destination, self.order.service_level.as_str());
        let dates = promise::from_shelf(source, case.policy, to, level, case.now);
        let cost = search.cost(offer, packs);
        let age_s = |now: Timestamp| v.advice_age_s.map(|age| (age - (self.at.as_second() - now.as_second())).max(0));
        let matter = Matter {
            now: Some(case.now),
            vendor: Some(&v.source),
            kind: Some(source.kind),
            advice_age_s: age_s(case.now),
            acceptance_permille: v.acceptance.as_ref().map(Chance::permille),
            ..self.order.matter(self.line, case.quantity)
        };
        let then = Matter { now: Some(self.at), advice_age_s: age_s(self.at), quantity: Some(v.wanted), ..matter };
        if !self.is_told(v, case, &matter, &then) {
            return None;
        }
        let days_to_door = Some(search.days_to_door(source, dates));
        let preference = case.policy.preference(&Matter { cost: Some(cost), days_to_door, ..matter });
        let supplies = case.given == Some(Given::Supply(&v.source));
        let out = match v.reason {
            Reason::AtpStale | Reason::AtpUnknown | Reason::RouteAlreadyTried => !supplies,
            // What is asked after the exclusion was not asked then.
            Reason::RouteExcluded => matter.advice_age_s.is_none() || self.stale(&matter) == Some(Stale::Exclude),
            Reason::RouteSourcePaused | Reason::CatalogDiscontinued => true,
            _ => false,
        };
        let fits = rest.is_zero() && packs >= offer.minimum;
        let enough = supplies || v.atp >= case.quantity;
        let able = !out && fits && enough && !preference.excluded;
        let has_room = if able { self.has_room(v, case, source, dates)? } else { false };
        let adjust = preference.minor(cost);
        Some(Judged {
            source,
            is_foreign: cost.currency != self.line.unit_price.currency,
            weight: cost.minor.saturating_add(search.lateness(dates)).saturating_add(adjust),
            cost,
            adjust,
            dates,
            able: able && has_room,
        })
    }

    /// True if its capacity of the day is not used up; `None` where it was not asked for that day and quantity.
    fn has_room(&self, v: &Verdict, case: Case, source: &Source, dates: Dates) -> Option<bool> {
        if source.daily_capacity.is_none() || case.given == Some(Given::Capacity(&v.source)) {
            return Some(true);
        }
        let was_asked = match v.reason {
            Reason::RouteChosen | Reason::AtpInsufficient | Reason::RouteNotThisKind | Reason::RouteOtherCurrency => {
                true
            }
            Reason::RouteRankedLower | Reason::RouteLater | Reason::RouteCostlier => true,
            Reason::RouteCapacity => false,
            _ => return None,
        };
        let same_day = v.dates.is_some_and(|d| d.ship_by == dates.ship_by);
        let is_told = if was_asked { case.quantity <= v.wanted } else { case.quantity >= v.wanted };
        (same_day && is_told).then_some(was_asked)
    }

    /// What its advice is worth, if it is stale.
    fn stale(&self, matter: &Matter) -> Option<Stale> {
        let (after, stale) = self.policy.freshness(matter);
        matter.advice_age_s.filter(|age| *age > i64::from(after) * 60).map(|_| stale)
    }

    /// True if what was recorded still tells what the source could promise in a case.
    fn is_told(&self, v: &Verdict, case: Case, matter: &Matter, then: &Matter) -> bool {
        let moved = case.now != self.at;
        let sized = case.quantity != v.wanted;
        let supplied = case.given == Some(Given::Supply(&v.source));
        // Chances hang on the share of the advice that is wanted, its age and the day.
        if (moved || sized || supplied) && self.policy.looks_at_chances() {
            return false;
        }
        let reserves = [Subject::SafetyStock, Subject::Freshness];
        if sized && reserves.into_iter().any(|s| looks_at(self.policy, s, Input::Quantity)) {
            return false;
        }
        let turns = |t: &Table| {
            let between = |at: Option<Timestamp>| at.is_some_and(|at| case.now < at && at <= self.at);
            reserves.contains(&t.decides) && (between(t.from) || between(t.until))
        };
        let aging = || looks_at(self.policy, Subject::SafetyStock, Input::AdviceAgeMinutes);
        let is_otherwise = || {
            let is_part_of_more = !self.parts_before().is_empty();
            is_part_of_more || aging() || self.policy.tables.iter().any(turns) || self.stale(matter) != self.stale(then)
        };
        !(moved && is_otherwise())
    }

    /// True if each unit that it advises is a unit more to promise.
    pub(super) fn is_advice_promised_whole(&self, case: Case, v: &Verdict) -> bool {
        let reserves = self.policy.tables.iter().any(|t| t.decides == Subject::SafetyStock);
        let Some(source) = self.slice.source(&v.source) else { return false };
        let matter = Matter {
            now: Some(case.now),
            vendor: Some(&v.source),
            kind: Some(source.kind),
            advice_age_s: v.advice_age_s,
            ..self.order.matter(self.line, case.quantity)
        };
        let is_halved = self.stale(&matter) == Some(Stale::Halve);
        !reserves && !is_halved && self.policy.safety_stock.iter().all(|rule| !rule.scope.covers(&matter))
    }

    /// The parts that the plan had when it came to this line.
    fn parts_before(&self) -> Vec<Part> {
        let before = self.plan.verdicts.iter().take_while(|v| v.line != self.line.id);
        let lines: Vec<_> = before.map(|v| &v.line).collect();
        self.plan.parts.iter().filter(|p| lines.contains(&&p.line)).cloned().collect()
    }
}

/// True if a table that decides something has a column.
fn looks_at(policy: &Policy, decides: Subject, input: Input) -> bool {
    policy.tables.iter().any(|t| t.decides == decides && t.when.contains(&input))
}
