//! What would have changed the outcome: the rules are asked again with one thing different, on the facts of the decision.
//!
//! Rests on the recorded verdicts (what could be promised, how old the advice was) and on the terms as they stand now.
//! Where the terms no longer lead to what was decided then, it says nothing rather than something wrong.

use super::choose::Search;
use super::{Plan, Verdict};
use crate::calibration::Chance;
use crate::ids::SourceId;
use crate::measure::{Money, Quantity};
use crate::offer::Offer;
use crate::order::{Line, Order};
use crate::policy::table::Matter;
use crate::policy::{Choose, Policy};
use crate::promise;
use crate::reason::Reason;
use crate::slice::Slice;
use crate::source::Source;
use jiff::{SignedDuration, Timestamp};

/// Sentences for one line: the most telling ones.
const SENTENCES_PER_LINE_MAX: usize = 8;
/// A line of more than so many times its quantity is another line: larger ones are not asked about.
const LARGER_MAX: u32 = 4;
/// Quantities beyond a turn that are asked about before it is said of all of them.
const ASKED_BEYOND: u32 = 16;

/// Minutes that an order is thought earlier at most: what was advised a day before is another story.
const EARLIER_MAX: i64 = 24 * 60;

/// One thing that might have been different.
#[derive(Clone, Copy)]
struct Case<'a> {
    now: Timestamp,
    quantity: Quantity,
    /// This source had enough, on fresh advice.
    able: Option<&'a SourceId>,
    /// The tables had said nothing.
    untabled: bool,
}

/// A candidate under a case.
struct Judged<'a> {
    source: &'a Source,
    weight: i64,
    dates: promise::Dates,
    able: bool,
    adjusted: bool,
}

/// The decision about one line, asked again.
struct Again<'a> {
    slice: &'a Slice,
    policy: &'a Policy,
    order: &'a Order,
    plan: &'a Plan,
    line: &'a Line,
    verdicts: Vec<&'a Verdict>,
}

/// What would have changed a plan, in sentences. The slice holds item, offers and sources of its verdicts.
pub fn what_if(slice: &Slice, policy: &Policy, order: &Order, plan: &Plan, at: Timestamp) -> Vec<String> {
    let mut all = vec![];
    for line in &order.lines {
        let verdicts: Vec<&Verdict> = plan.verdicts.iter().filter(|v| v.line == line.id).collect();
        let Some(wanted) = verdicts.first().map(|v| v.wanted) else { continue };
        let again = Again { slice, policy, order, plan, line, verdicts };
        let chosen: Vec<&SourceId> = plan.parts.iter().filter(|p| p.line == line.id).map(|p| &p.source).collect();
        let case = Case { now: at, quantity: wanted, able: None, untabled: false };
        let same = match chosen.as_slice() {
            [one] => again.winner(case) == Some(*one),
            _ => again.winner(case).is_none(),
        };
        if same {
            all.extend(again.sentences(case).into_iter().take(SENTENCES_PER_LINE_MAX));
        }
    }
    all
}

impl<'a> Again<'a> {
    /// The source that the steps for one source choose in a case.
    fn winner(&self, case: Case) -> Option<&'a SourceId> {
        let mut able: Vec<Judged> =
            self.verdicts.iter().filter_map(|v| self.judged(v, case)).filter(|j| j.able).collect();
        able.sort_by(|a, b| (a.weight, a.dates, &a.source.id).cmp(&(b.weight, b.dates, &b.source.id)));
        self.policy.sourcing.steps.iter().find_map(|step| match &step.choose {
            Choose::One { kind } => able.iter().find(|j| kind.is_none_or(|k| k == j.source.kind)).map(|j| &j.source.id),
            _ => None,
        })
    }

    fn judged(&self, v: &Verdict, case: Case) -> Option<Judged<'a>> {
        let (source, offer) = (self.slice.source(&v.source)?, self.slice.offer(&v.source, &self.line.sku)?);
        let others = self.plan.parts.iter().filter(|p| p.line != self.line.id).cloned().collect();
        let search = Search::on(self.slice, self.policy, self.order, case.now, others);
        let (packs, rest) = case.quantity.packs(offer.pack.base_units);
        let (to, level) = (&self.order.destination, self.order.service_level.as_str());
        let dates = promise::from_shelf(source, self.policy, to, level, case.now);
        let cost = search.cost(offer, packs);
        let matter = Matter {
            now: Some(case.now),
            vendor: Some(&v.source),
            kind: Some(source.kind),
            cost: Some(cost),
            advice_age_s: v.advice_age_s,
            acceptance_permille: v.acceptance.as_ref().map(Chance::permille),
            days_to_door: Some(search.days_to_door(source, dates)),
            ..self.order.matter(self.line, case.quantity)
        };
        let preference = if case.untabled { Default::default() } else { self.policy.preference(&matter) };
        let granted = case.able == Some(&v.source);
        let out = match v.reason {
            Reason::AtpStale | Reason::AtpUnknown | Reason::RouteAlreadyTried => !granted,
            Reason::RouteCapacity | Reason::RouteSourcePaused | Reason::CatalogDiscontinued => true,
            _ => false,
        };
        let fits = rest.is_zero() && packs >= offer.minimum;
        let enough = granted || v.atp >= case.quantity;
        let adjust = preference.minor(cost);
        Some(Judged {
            source,
            weight: cost.minor.saturating_add(search.lateness(dates)).saturating_add(adjust),
            dates,
            able: !out && fits && enough && !preference.excluded,
            adjusted: adjust != 0 || preference.excluded,
        })
    }

    fn sentences(&self, case: Case) -> Vec<String> {
        let mut all = vec![];
        let chosen = self.winner(case);
        for v in self.verdicts.iter().filter(|v| v.reason != Reason::RouteChosen) {
            let (Some(source), Some(offer)) =
                (self.slice.source(&v.source), self.slice.offer(&v.source, &self.line.sku))
            else {
                continue;
            };
            let wins = |other: Case| self.winner(other) == Some(&v.source);
            let would = format!("Line {} would have gone to {}", self.line.id, v.source);
            if let Some((cutoff, earlier)) = missed_cutoff(source, case.now)
                && wins(Case { now: case.now - earlier, ..case })
            {
                let minutes = (earlier.as_secs() + 59) / 60;
                all.push(format!("{would} if ordered {} earlier, before its cut-off at {cutoff}.", span(minutes)));
            }
            if let Some(quantity) = self.other_quantity(v, offer)
                && wins(Case { quantity, ..case })
            {
                let word = if quantity < case.quantity {
                    format!("below {} units", quantity.get() + 1)
                } else {
                    format!("for {quantity} units")
                };
                all.push(format!("{would} {word}."));
            }
            if let Some(rows) = self.judged(v, case).filter(|j| j.adjusted).map(|_| &v.rules)
                && wins(Case { untabled: true, ..case })
            {
                let rows: Vec<String> =
                    rows.iter().map(|f| format!("row {} of table \"{}\"", f.row, f.table)).collect();
                all.push(format!("{would} without {}.", rows.join(" and ")));
            }
            match v.reason {
                Reason::AtpStale if wins(Case { able: Some(&v.source), ..case }) => {
                    all.push(format!("{would} had its advice been fresher, and enough."));
                }
                Reason::RouteAlreadyTried if wins(Case { able: Some(&v.source), ..case }) => {
                    all.push(format!("Line {} would have stayed with {} had it supplied it.", self.line.id, v.source));
                }
                Reason::AtpInsufficient | Reason::AtpUnknown if wins(Case { able: Some(&v.source), ..case }) => {
                    all.push(format!("{would} had it advised at least {} to promise.", case.quantity));
                }
                _ => {}
            }
            if let (Some(best), Some(mine)) = (chosen.and_then(|c| self.of(c, case)), self.judged(v, case))
                && mine.able
                && best.source.kind == mine.source.kind
                && let Some(cost) = v.cost
            {
                let less = Money { minor: mine.weight - best.weight + 1, ..cost };
                if less.minor > 0 && less.minor <= cost.minor {
                    all.push(format!("{would} had it been {less} cheaper."));
                }
            }
        }
        for turned in [self.turn(case, false), self.turn(case, true), self.earlier(case)] {
            all.extend(turned.filter(|sentence| !all.contains(sentence)));
        }
        all
    }

    /// The nearest earlier minute at which another source would have been chosen: found by halving, each step asked of the
    /// rules.
    fn earlier(&self, case: Case) -> Option<String> {
        let chosen = self.winner(case);
        let winner = |minutes: i64| self.winner(Case { now: case.now - SignedDuration::from_mins(minutes), ..case });
        let other = |minutes: i64| winner(minutes).filter(|w| Some(*w) != chosen);
        let mut asked =
            std::iter::successors(Some(1), |n| Some(n * 2)).take_while(|n| *n < EARLIER_MAX).chain([EARLIER_MAX]);
        let mut beyond = asked.find(|n| other(*n).is_some())?;
        let mut same = if beyond == 1 || winner(beyond / 2) != chosen { 0 } else { beyond / 2 };
        while beyond - same > 1 {
            let middle = same + (beyond - same) / 2;
            if other(middle).is_some() { beyond = middle } else { same = middle }
        }
        let source = self.slice.source(other(beyond)?)?;
        let before = missed_cutoff(source, case.now).filter(|(_, by)| by.as_secs() <= beyond * 60);
        let before = before.map(|(cutoff, _)| format!(", before its cut-off at {cutoff}")).unwrap_or_default();
        let (line, earlier) = (&self.line.id, span(beyond));
        Some(format!("Line {line} would have gone to {} if ordered {earlier} earlier{before}.", source.id))
    }

    /// The nearest quantity at which another source would have been chosen, or none: found by halving, each step asked of
    /// the rules.
    fn turn(&self, case: Case, larger: bool) -> Option<String> {
        let chosen = self.winner(case);
        let pack = chosen.and_then(|c| self.slice.offer(c, &self.line.sku)).map_or(1, |o| o.pack.base_units).max(1);
        let wanted = case.quantity.get();
        let most = if larger { (LARGER_MAX - 1) * wanted / pack } else { wanted.saturating_sub(1) / pack };
        // So many packs more or less.
        let at = |packs: u32| if larger { wanted + packs * pack } else { wanted - packs * pack };
        let winner = |packs: u32| self.winner(Case { quantity: Quantity::new(at(packs)), ..case });
        let mut turned = std::iter::successors(Some(1), |n| Some(n * 2)).take_while(|n| *n < most).chain([most]);
        let mut beyond = turned.find(|n| *n > 0 && winner(*n) != chosen)?;
        let mut same = beyond / 2;
        if winner(same) != chosen {
            same = 0;
        }
        while beyond - same > 1 {
            let middle = same + (beyond - same) / 2;
            if winner(middle) == chosen { same = middle } else { beyond = middle }
        }
        let other = winner(beyond);
        // How far it goes on like that, as far as it was asked about.
        let step = ((most - beyond) / ASKED_BEYOND).max(1);
        let asked = (beyond..=most).step_by(step as usize).chain([most]);
        let ends = asked.take_while(|n| winner(*n) == other).last().unwrap_or(beyond);
        let (from, to) = if larger { (at(beyond), at(ends)) } else { (at(ends), at(beyond)) };
        let line = &self.line.id;
        match (other, ends == most, larger) {
            (Some(other), true, false) => {
                Some(format!("Line {line} would have gone to {other} below {} units.", at(same)))
            }
            (Some(other), true, true) => Some(format!("Line {line} would have gone to {other} from {from} units on.")),
            (Some(other), false, _) if from == to => {
                Some(format!("Line {line} would have gone to {other} for {from} units."))
            }
            (Some(other), false, _) => {
                Some(format!("Line {line} would have gone to {other} for {from} to {to} units."))
            }
            (None, true, true) => {
                Some(format!("Above {} units no single source could have supplied line {line}.", at(same)))
            }
            (None, ..) => None,
        }
    }

    fn of(&self, source: &SourceId, case: Case) -> Option<Judged<'a>> {
        self.verdicts.iter().find(|v| v.source == *source).and_then(|v| self.judged(v, case))
    }

    /// The nearest other quantity that a loser could supply.
    fn other_quantity(&self, v: &Verdict, offer: &Offer) -> Option<Quantity> {
        let size = offer.pack.base_units;
        match v.reason {
            Reason::AtpInsufficient => v.atp.packs(size).0.times(size).filter(|q| !q.is_zero()),
            Reason::CatalogBelowMinimum => offer.minimum.times(size),
            Reason::CatalogPackMismatch => Quantity::new(v.wanted.packs(size).0.get() + 1).times(size),
            _ => None,
        }
    }
}

/// By how much an order came after today's cut-off of a source, and one second more; and the cut-off.
fn missed_cutoff(source: &Source, now: Timestamp) -> Option<(String, SignedDuration)> {
    let cutoff = source.cutoff?;
    let zone = source.time_zone.rules();
    let local = now.to_zoned(zone.clone());
    let ended = local.date().to_datetime(cutoff).to_zoned(zone).ok()?.timestamp();
    let after = now.duration_since(ended);
    (!after.is_negative())
        .then(|| (format!("{:02}:{:02}", cutoff.hour(), cutoff.minute()), after + SignedDuration::from_secs(1)))
}

/// Minutes as people say them.
fn span(minutes: i64) -> String {
    match minutes {
        1 => "a minute".into(),
        m if m < 120 => format!("{m} minutes"),
        m => format!("{} h {} min", m / 60, m % 60),
    }
}
