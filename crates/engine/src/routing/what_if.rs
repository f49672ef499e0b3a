//! What would have changed the outcome: the rules are asked again with one fact different, on the facts of the decision.
//!
//! Rests on the recorded verdicts (what could be promised, how old the advice was) and on the terms as they stand now.
//! Where these no longer lead to what was decided then, or a rule looks at something that nobody recorded, it says nothing
//! rather than something wrong.

mod again;
mod change;

use super::{Plan, Verdict};
use crate::measure::Quantity;
use crate::offer::Offer;
use crate::order::{ClockKind, Order};
use crate::policy::Policy;
use crate::policy::table::Table;
use crate::reason::Reason;
use crate::slice::Slice;
use crate::source::Source;
use again::{Again, Case, Given, Winner};
pub use change::{Change, Counterfactual};
use jiff::{SignedDuration, Timestamp};

/// Sentences for one line: the most telling ones.
const SENTENCES_PER_LINE_MAX: usize = 8;
/// A line of more than so many times its quantity is another line: a turn that lies beyond is not told.
const LARGER_MAX: u32 = 4;
/// Quantities that are asked about, each by itself, to say of a span that all of it goes elsewhere.
const SPAN_MAX: u32 = 200;
/// Minutes that an order is thought earlier at most: what was advised a day before is another story.
const EARLIER_MAX: i64 = 24 * 60;

/// What would have changed a plan, in sentences. The slice holds item, offers and sources of its verdicts.
pub fn what_if(slice: &Slice, policy: &Policy, order: &Order, plan: &Plan, at: Timestamp) -> Vec<String> {
    counterfactuals(slice, policy, order, plan, at, &[]).iter().map(Counterfactual::sentence).collect()
}

/// What would have changed a plan. `late` are acceptances that came after their time, by the ordinal of the purchase order.
pub fn counterfactuals(
    slice: &Slice,
    policy: &Policy,
    order: &Order,
    plan: &Plan,
    at: Timestamp,
    late: &[(u32, Timestamp)],
) -> Vec<Counterfactual> {
    let mut all = vec![];
    for line in &order.lines {
        let verdicts: Vec<&Verdict> = plan.verdicts.iter().filter(|v| v.line == line.id).collect();
        let Some(wanted) = verdicts.first().map(|v| v.wanted) else { continue };
        let again = Again { slice, policy, order, plan, line, verdicts, at, late };
        let case = Case { now: at, quantity: wanted, policy, given: None };
        if again.is_understood(case) {
            all.extend(again.found(case).into_iter().take(SENTENCES_PER_LINE_MAX));
        }
    }
    all
}

impl<'a> Again<'a> {
    fn found(&self, case: Case<'a>) -> Vec<Counterfactual> {
        let turns: Vec<Change> = [self.turn(case, false), self.turn(case, true)].into_iter().flatten().collect();
        let mut all = vec![];
        for v in self.verdicts.iter().filter(|v| v.reason != Reason::RouteChosen) {
            let (Some(source), Some(offer)) =
                (self.slice.source(&v.source), self.slice.offer(&v.source, &self.line.sku))
            else {
                continue;
            };
            let smaller = turns.iter().any(|turn| turn.goes_to() == Some(&v.source));
            all.extend(self.before_cutoff(case, source));
            all.extend(self.other_quantity(case, v, offer).filter(|_| !smaller));
            all.extend(self.without_rows(case, v));
            all.extend(self.able(case, v));
            all.extend(self.cheaper(case, v, offer));
        }
        all.extend(turns);
        all.extend(self.earlier(case));
        let mut told: Vec<Counterfactual> = vec![];
        for change in all {
            let one = Counterfactual { line: self.line.id.clone(), change };
            if !told.contains(&one) {
                told.push(one);
            }
        }
        told
    }

    fn before_cutoff(&self, case: Case<'a>, source: &Source) -> Option<Change> {
        let (cutoff, by) = missed_cutoff(source, case.now)?;
        let minutes = (by.as_secs() + 59) / 60;
        let now = case.now - SignedDuration::from_mins(minutes);
        let cutoff = Some(cutoff);
        let wins = self.winner(Case { now, ..case }) == Winner::One(&source.id);
        wins.then(|| Change::Earlier { source: source.id.clone(), minutes, cutoff })
    }

    /// The nearest other quantity that a loser could supply.
    fn other_quantity(&self, case: Case<'a>, v: &'a Verdict, offer: &Offer) -> Option<Change> {
        let size = offer.pack.base_units;
        let quantity = match v.reason {
            Reason::AtpInsufficient => v.atp.packs(size).0.times(size).filter(|q| !q.is_zero()),
            Reason::CatalogBelowMinimum => offer.minimum.times(size),
            Reason::CatalogPackMismatch => Quantity::new(v.wanted.packs(size).0.get() + 1).times(size),
            _ => None,
        }?;
        let wins = self.winner(Case { quantity, ..case }) == Winner::One(&v.source);
        let units = quantity.get();
        wins.then(|| Change::Quantity { source: v.source.clone(), from: units, to: Some(units) })
    }

    /// Without the very rows that spoke about it: the other rows of their tables still speak.
    fn without_rows(&self, case: Case<'a>, v: &'a Verdict) -> Option<Change> {
        if v.rules.is_empty() {
            return None;
        }
        let mut tables: Vec<Table> = self.policy.tables.to_vec();
        let mut rules = v.rules.clone();
        rules.sort_by_key(|fired| std::cmp::Reverse(fired.row));
        for fired in &rules {
            let table = tables.iter_mut().find(|t| t.name == fired.table)?;
            match usize::try_from(fired.row).ok()?.checked_sub(1) {
                Some(row) if row < table.rows.len() => _ = table.rows.remove(row),
                Some(_) => return None,
                None => table.otherwise.iter_mut().flatten().for_each(|cell| *cell = Default::default()),
            }
        }
        let policy = Policy { tables: tables.into(), ..self.policy.clone() };
        let wins = self.winner_under(&policy, case) == Winner::One(&v.source);
        let rows = v.rules.iter().map(|fired| (fired.table.clone(), fired.row)).collect();
        wins.then(|| Change::WithoutRows { source: v.source.clone(), rows })
    }

    /// Had it been able to supply what it was not able to.
    fn able(&self, case: Case<'a>, v: &'a Verdict) -> Option<Change> {
        let source = v.source.clone();
        let given = match v.reason {
            Reason::RouteCapacity => Given::Capacity(&v.source),
            Reason::AtpStale | Reason::RouteAlreadyTried | Reason::AtpInsufficient | Reason::AtpUnknown => {
                Given::Supply(&v.source)
            }
            _ => return None,
        };
        if self.winner(Case { given: Some(given), ..case }) != Winner::One(&v.source) {
            return None;
        }
        let plainly = self.is_advice_promised_whole(case, v);
        Some(match v.reason {
            Reason::RouteCapacity => Change::Capacity { source },
            Reason::AtpStale => Change::Fresher { source },
            Reason::RouteAlreadyTried => return self.supplied(v),
            // Units under holds that exceed the advice, and units kept back, take from what would have been advised more.
            Reason::AtpInsufficient if plainly && !v.atp.is_zero() => {
                Change::MoreAdvised { source, units: case.quantity.less(v.atp) }
            }
            Reason::AtpUnknown if plainly => Change::Advised { source, units: case.quantity },
            _ => Change::MorePromisable { source, units: case.quantity, could: v.atp, kept_back: v.kept_back },
        })
    }

    /// Had the source that was asked before done what it was asked for: in time, if that is what it lacked.
    fn supplied(&self, v: &Verdict) -> Option<Change> {
        let source = v.source.clone();
        let asked = self.order.of_line(&self.line.id).filter(|a| a.source == v.source && a.purchase_order.is_some());
        let past = asked.filter_map(|a| self.order.purchase_order(a.purchase_order?).map(|po| (a, po)));
        let last = past.filter(|(_, po)| po.released_at <= self.at).max_by_key(|(_, po)| po.released_at);
        let Some((assignment, po)) = last else { return Some(Change::Supplied { source }) };
        let missed = po.breaches.iter().filter(|b| b.clock == ClockKind::Acknowledgment && b.due <= self.at);
        let due = missed.map(|b| b.due).max();
        match due.filter(|_| assignment.ended == Some(Reason::SlaBreachedPoAck)) {
            Some(due) => {
                let came = self.late.iter().find(|(ordinal, at)| *ordinal == po.ordinal && *at > due);
                let late = came.map(|(_, at)| (at.duration_since(due).as_secs() + 59) / 60);
                Some(Change::AcceptedBy { source, due, late })
            }
            None => Some(Change::Supplied { source }),
        }
    }

    /// The least by which its price would have had to be lower: each step asked of the rules, rounding and percent included.
    fn cheaper(&self, case: Case<'a>, v: &'a Verdict, offer: &Offer) -> Option<Change> {
        let unit = offer.unit_cost;
        let packs = case.quantity.packs(offer.pack.base_units).0;
        let wins = |less: i64| {
            let price = crate::measure::Money { minor: unit.minor - less, ..unit };
            self.winner(Case { given: Some(Given::Price(&v.source, price)), ..case }) == Winner::One(&v.source)
        };
        let less = nearest(unit.minor, wins)?;
        let each = crate::measure::Money { minor: less, ..unit };
        Some(Change::Cheaper { source: v.source.clone(), each, packs, size: offer.pack.base_units })
    }

    /// The nearest earlier minute at which another source would have been chosen.
    fn earlier(&self, case: Case<'a>) -> Option<Change> {
        let chosen = self.winner(case);
        let winner = |minutes: i64| self.winner(Case { now: case.now - SignedDuration::from_mins(minutes), ..case });
        let other = |minutes: i64| match winner(minutes) {
            Winner::One(source) if Winner::One(source) != chosen => Some(source),
            _ => None,
        };
        let minutes = nearest(EARLIER_MAX, |n| other(n).is_some())?;
        let source = self.slice.source(other(minutes)?)?;
        let before = missed_cutoff(source, case.now).filter(|(_, by)| by.as_secs() <= minutes * 60);
        Some(Change::Earlier { source: source.id.clone(), minutes, cutoff: before.map(|(cutoff, _)| cutoff) })
    }

    /// The nearest quantity at which another source would have been chosen, or none.
    fn turn(&self, case: Case<'a>, larger: bool) -> Option<Change> {
        let chosen = self.winner(case);
        let pack = match chosen {
            Winner::One(source) => self.slice.offer(source, &self.line.sku).map_or(1, |o| o.pack.base_units).max(1),
            _ => 1,
        };
        let wanted = case.quantity.get();
        let most = if larger { (LARGER_MAX - 1) * wanted / pack } else { wanted.saturating_sub(1) / pack };
        // So many packs more or less.
        let at = |packs: u32| if larger { wanted + packs * pack } else { wanted - packs * pack };
        let winner = |packs: u32| self.winner(Case { quantity: Quantity::new(at(packs)), ..case });
        let turns = |packs: i64| u32::try_from(packs).is_ok_and(|n| !matches!(winner(n), w if w == chosen));
        let beyond = u32::try_from(nearest(i64::from(most), turns)?).ok()?;
        match winner(beyond) {
            Winner::Unknown => None,
            // What lies between whole packs was not asked about.
            Winner::One(source) if pack > 1 => {
                Some(Change::Quantity { source: source.clone(), from: at(beyond), to: Some(at(beyond)) })
            }
            Winner::One(source) => {
                let end = if larger { beyond + SPAN_MAX } else { most.min(beyond + SPAN_MAX) };
                let last = (beyond..=end).take_while(|n| winner(*n) == Winner::One(source)).last().unwrap_or(beyond);
                // An end was found where it goes elsewhere, or below one unit: not where the asking ended, nor where nobody knows.
                let is_end = if last < end { winner(last + 1) != Winner::Unknown } else { !larger && last == most };
                let (from, to) = match is_end {
                    true if larger => (at(beyond), Some(at(last))),
                    true => (at(last), Some(at(beyond))),
                    false if larger && last == end => (at(beyond), None),
                    false => (at(beyond), Some(at(beyond))),
                };
                Some(Change::Quantity { source: source.clone(), from, to })
            }
            Winner::Nobody => {
                let above = at(beyond - 1);
                let nobody = self.verdicts.iter().all(|v| v.atp.get() <= above);
                (larger && nobody).then_some(Change::NobodyAbove { units: above })
            }
        }
    }
}

/// The nearest of 1 to `most` for which it holds, found by doubling and halving: something that holds, whatever lies
/// between.
fn nearest(most: i64, holds: impl Fn(i64) -> bool) -> Option<i64> {
    if most < 1 {
        return None;
    }
    let mut asked = std::iter::successors(Some(1_i64), |n| n.checked_mul(2)).take_while(|n| *n < most).chain([most]);
    let mut does = asked.find(|n| holds(*n))?;
    let mut does_not = does / 2;
    if does_not > 0 && holds(does_not) {
        does_not = 0;
    }
    while does - does_not > 1 {
        let middle = does_not + (does - does_not) / 2;
        if holds(middle) { does = middle } else { does_not = middle }
    }
    Some(does)
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
