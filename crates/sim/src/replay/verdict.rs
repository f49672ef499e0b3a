//! The verdict of a trial: what a policy would have changed, against what happened and against another policy, with the
//! orders that changed. Sums and sentences only; every figure says what it rests on.

use super::outcome::{Answers, Brief, Kept, Outcome, Tally};
use super::trial::{Trial, Tried};
use crate::history::facts::came_late;
use crate::history::{AskFact, History, NOBODY, Past, PoFact};
use countersign_engine::policy::Policy;
use countersign_engine::policy::table::Table;
use serde::Serialize;
use std::collections::BTreeMap;

/// Changed orders that are listed of each kind of change; `--order ID` opens any.
pub const CHANGED_MAX: usize = 200;
/// The kind of change of an order that was supplied and is given up.
pub(super) const SUPPLIED_THEN: &str = "given up although it had been supplied";
/// Stands for the source of an order that nobody supplied: no id of a source has brackets.
pub const NO_SOURCE: &str = "(none)";

/// A figure over all seeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Interval {
    /// The least of all seeds.
    pub low: i64,
    /// The middle one.
    pub middle: i64,
    /// The most of all seeds.
    pub high: i64,
}

impl Interval {
    fn of(mut values: Vec<i64>) -> Self {
        values.sort_unstable();
        let at = |n: usize| values.get(n).copied().unwrap_or_default();
        Self { low: at(0), middle: at(values.len() / 2), high: at(values.len().saturating_sub(1)) }
    }
}

/// The figures of one policy, each as an interval over the seeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[expect(missing_docs, reason = "as in Tally")]
pub struct Figures {
    pub cancelled_after_commitment: Interval,
    pub cancelled_before_commitment: Interval,
    pub own_promise_kept_permille: Interval,
    pub told_promise_kept_permille: Interval,
    pub reroutes: Interval,
    pub splits: Interval,
    pub approvals: Interval,
    pub cases: Interval,
    pub sla_breaches: Interval,
    pub cost_minor: Interval,
    pub minutes_to_confirmation: Interval,
    pub units_shipped: Interval,
    pub never_shipped: Interval,
}

impl Figures {
    fn of(totals: &[Tally]) -> Self {
        let each = |f: fn(&Tally) -> i64| Interval::of(totals.iter().map(f).collect());
        Self {
            cancelled_after_commitment: each(|t| t.cancelled_after_commitment as i64),
            cancelled_before_commitment: each(|t| t.cancelled_before_commitment as i64),
            own_promise_kept_permille: each(|t| t.own_promise_kept.permille() as i64),
            told_promise_kept_permille: each(|t| t.told_promise_kept.permille() as i64),
            reroutes: each(|t| t.reroutes as i64),
            splits: each(|t| t.splits as i64),
            approvals: each(|t| t.approvals as i64),
            cases: each(|t| t.cases as i64),
            sla_breaches: each(|t| t.sla_breaches as i64),
            cost_minor: each(|t| t.cost_minor),
            minutes_to_confirmation: each(|t| t.minutes_to_confirmation() as i64),
            units_shipped: each(|t| t.units_shipped as i64),
            never_shipped: each(|t| t.never_shipped as i64),
        }
    }
}

/// How many orders came out otherwise, by kind of change.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Changes {
    /// Orders that came out otherwise.
    pub orders: u64,
    /// Of them, by kind; an order may have several.
    pub kinds: BTreeMap<&'static str, u64>,
    /// The first of each kind.
    pub listed: Vec<Changed>,
}

/// An order that came out otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Changed {
    /// Its id: `--order ID` opens it.
    pub order: String,
    /// What it rests on, here and there.
    pub rests_on: super::outcome::Ground,
    /// What changed, in sentences.
    pub changes: Vec<&'static str>,
    /// The source of its first line, before and now.
    pub source: (Option<String>, Option<String>),
}

/// One policy of a trial.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PolicyVerdict {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: u32,
    /// Its tables that were never in effect while the history lasted: they changed nothing here, and may do later.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub never_in_effect: Vec<String>,
    /// Over all seeds.
    pub figures: Figures,
    /// Under the first seed, exactly.
    pub first_seed: Tally,
    /// Under the first seed, by what the outcome rests on.
    pub by_ground: BTreeMap<&'static str, Tally>,
    /// Under the first seed, by the source of the first line in the end; `(none)` where nobody supplied it.
    pub by_source: BTreeMap<String, Tally>,
    /// Under the first seed, by category.
    pub by_category: BTreeMap<String, Tally>,
    /// Under the first seed: how sources answered.
    pub answers: BTreeMap<String, Answers>,
    /// Against what happened.
    pub against_history: Changes,
}

/// The verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// Seeds tried, and the first.
    pub seeds: (u64, u64),
    /// Orders replayed.
    pub orders: u64,
    /// Orders that were never released, and so not replayed.
    pub not_released: u64,
    /// What happened, in the same terms.
    #[serde(serialize_with = "as_known")]
    pub happened: Tally,
    /// The same by source; `(none)` where the history does not say who supplied it.
    #[serde(serialize_with = "each_as_known")]
    pub happened_by_source: BTreeMap<String, Tally>,
    /// The same by category of the first line.
    #[serde(serialize_with = "each_as_known")]
    pub happened_by_category: BTreeMap<String, Tally>,
    /// By policy.
    pub policies: Vec<PolicyVerdict>,
    /// How orders come out under the first policy, as against the second, where there are two.
    pub first_against_second: Option<Changes>,
}

/// Figures that only a replay has: who was asked of what, what somebody had to look at, when an order was firm. A history
/// does not tell them, and nothing is told of them, not none.
const ONLY_NOW: [&str; 8] = [
    "approvals",
    "cases",
    "confirmed",
    "confirmed_seconds",
    "confirmed_within",
    "own_promise_kept",
    "sla_breaches",
    "splits",
];

/// What happened, without the figures that a history does not tell.
struct Known<'a>(&'a Tally);

impl Serialize for Known<'_> {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut told = serde_json::to_value(self.0).map_err(serde::ser::Error::custom)?;
        ONLY_NOW.iter().for_each(|figure| told[figure] = serde_json::Value::Null);
        told.serialize(to)
    }
}

fn as_known<S: serde::Serializer>(happened: &Tally, to: S) -> Result<S::Ok, S::Error> {
    Known(happened).serialize(to)
}

fn each_as_known<S: serde::Serializer>(parts: &BTreeMap<String, Tally>, to: S) -> Result<S::Ok, S::Error> {
    to.collect_map(parts.iter().map(|(name, tally)| (name, Known(tally))))
}

/// Sums a trial up.
pub fn verdict(trial: &Trial, tried: &[Tried]) -> Verdict {
    let history = trial.history;
    let mut sum = Tally::default();
    let (mut sources, mut categories) = (BTreeMap::<u32, Tally>::new(), BTreeMap::<u16, Tally>::new());
    let replayed = || tried.first().into_iter().flat_map(|t| t.briefs.iter().map(|(n, _)| *n));
    let mut past = Past::default();
    let then: Vec<(u32, Brief)> = replayed()
        .map(|n| {
            history.pasts.read(n, &mut past);
            let outcome = happened(history, n, &past);
            sum.count(&outcome);
            sources.entry(outcome.source).or_default().count(&outcome);
            categories.entry(outcome.category).or_default().count(&outcome);
            (n, Brief::of(&outcome))
        })
        .collect();
    let by_source = |sums: &BTreeMap<u32, Tally>| sums.iter().map(|(n, t)| (source_word(history, *n), *t)).collect();
    let category = |(n, t): (&u16, &Tally)| (history.categories[usize::from(*n)].to_string(), *t);
    let by_category = |sums: &BTreeMap<u16, Tally>| sums.iter().map(category).collect();
    let each = |((name, policy), tried): (&(String, Policy), &Tried)| PolicyVerdict {
        name: name.clone(),
        version: policy.version,
        never_in_effect: never_in_effect(history, policy),
        figures: Figures::of(&tried.totals),
        first_seed: tried.totals.first().copied().unwrap_or_default(),
        by_ground: tried.by_ground.iter().map(|(g, t)| (ground_word(*g), *t)).collect(),
        by_source: by_source(&tried.by_source),
        by_category: by_category(&tried.by_category),
        answers: answers(history, tried),
        against_history: changes(history, &then, &tried.briefs),
    };
    let policies = trial.policies.iter().zip(tried).map(each).collect();
    let against = (tried.len() > 1).then(|| changes(history, &tried[1].briefs, &tried[0].briefs));
    let mut with_lines = 0;
    history.pasts.each(|_, past| with_lines += usize::from(!past.lines.is_empty()));
    Verdict {
        seeds: (trial.seeds, trial.seed),
        orders: history.by_time.len() as u64,
        not_released: (with_lines - history.by_time.len()) as u64,
        happened: sum,
        happened_by_source: by_source(&sources),
        happened_by_category: by_category(&categories),
        policies,
        first_against_second: against,
    }
}

/// The tables of a policy that were not in effect at any time of the history.
fn never_in_effect(history: &History, policy: &Policy) -> Vec<String> {
    let (from, to) = (history.span.0.at(), history.span.1.at());
    let misses = |t: &&Table| t.from.is_some_and(|begin| begin > to) || t.until.is_some_and(|end| end <= from);
    policy.tables.iter().filter(misses).map(|t| t.name.to_string()).collect()
}

fn source_word(history: &History, source: u32) -> String {
    if source == NOBODY { NO_SOURCE.to_owned() } else { history.source_ids.get(source).to_owned() }
}

fn answers(history: &History, tried: &Tried) -> BTreeMap<String, Answers> {
    let asked = (0_u32..).zip(&tried.answers).filter(|(_, a)| a.asked > 0);
    asked.map(|(n, a)| (history.source_ids.get(n).to_owned(), *a)).collect()
}

/// The word of a ground on the wire.
pub fn ground_word(ground: super::outcome::Ground) -> &'static str {
    use super::outcome::Ground;
    match ground {
        Ground::Observed => "observed",
        Ground::Assumed => "assumed",
        Ground::Modelled => "modelled",
    }
}

/// What happened to an order, in the terms of a replay. What never was firm was given up, at the latest with the history.
pub fn happened(history: &History, index: u32, past: &Past) -> Outcome {
    let Past { order, lines, pos, asks } = past;
    let rules = history.zone.rules();
    let mut o = Outcome::begun(history, index, past);
    for (n, line) in lines.iter().enumerate() {
        let left: u32 = past.asks_for(n).map(|a| past.left(a)).sum();
        let supplier = past.asks_for(n).rev().find(|a| past.left(a) > 0).or_else(|| past.asks_for(n).next_back());
        if let Some(ask) = supplier.filter(|_| o.source == NOBODY) {
            o.source = pos[usize::from(ask.po)].source;
        }
        let failed = |a: &AskFact| {
            let po = &pos[usize::from(a.po)];
            po.rejected || po.cancelled.is_known() || a.is_short()
        };
        let missing = line.quantity.saturating_sub(left).saturating_sub(past.excused(n));
        let is_over = order.cancelled.is_known() || past.asks_for(n).any(failed);
        *match (history.is_firm(past, n), is_over) {
            (false, _) => &mut o.given_up_units,
            (true, true) => &mut o.broken_units,
            (true, false) => &mut o.stuck_units,
        } += missing;
        o.units += line.quantity;
        o.shipped += left.min(line.quantity);
        o.reroutes += u16::from(past.is_rerouted(n));
    }
    o.cost = (0_u16..).zip(pos).map(|(n, po)| cost(po, asks.iter().filter(|a| a.po == n), |a| past.left(a))).sum();
    if order.delivered.is_known() && order.promised.is_known() {
        o.told_promise = if came_late(order, &rules) { Kept::Late } else { Kept::Kept };
    }
    o
}

/// What a purchase order cost for the units of its asks that count: goods, and the way once.
pub(super) fn cost<'a>(po: &PoFact, asks: impl Iterator<Item = &'a AskFact>, units: impl Fn(&AskFact) -> u32) -> i64 {
    let goods = |a: &AskFact| Some(units(a)).filter(|n| *n > 0).map(|n| a.unit_cost.saturating_mul(n.into()));
    let goods = asks.filter_map(goods).reduce(i64::saturating_add);
    goods.map_or(0, |minor| minor.saturating_add(po.shipping_cost))
}

fn changes(history: &History, before: &[(u32, Brief)], now: &[(u32, Brief)]) -> Changes {
    let mut sum = Changes::default();
    for ((order, b), (same, n)) in before.iter().zip(now) {
        debug_assert_eq!(order, same, "because both list all orders in order");
        let kinds = kinds(*b, *n);
        if kinds.is_empty() {
            continue;
        }
        sum.orders += 1;
        for kind in &kinds {
            *sum.kinds.entry(kind).or_default() += 1;
        }
        // Of every kind some are listed, however rare it is beside the others.
        if kinds.iter().any(|kind| sum.kinds[kind] <= CHANGED_MAX as u64) {
            let name = |source: u32| (source != NOBODY).then(|| history.source_ids.get(source).to_owned());
            sum.listed.push(Changed {
                order: history.order_ids.get(*order).to_owned(),
                rests_on: n.ground.max(b.ground),
                changes: kinds,
                source: (name(b.source), name(n.source)),
            });
        }
    }
    sum
}

/// How an order came out otherwise.
fn kinds(before: Brief, now: Brief) -> Vec<&'static str> {
    let mut kinds = vec![];
    let mut note = |is: bool, kind| {
        if is {
            kinds.push(kind);
        }
    };
    note(before.is_broken() && !now.is_broken() && now.is_whole(), "supplied instead of cancelled after commitment");
    note(before.is_broken() && now.is_given_up(), "cancelled before commitment instead of after it");
    note(!before.is_broken() && now.is_broken(), "cancelled after commitment, which it was not before");
    let given_up = !before.is_broken() && !before.is_given_up() && now.is_given_up();
    note(given_up && !before.is_stuck(), SUPPLIED_THEN);
    note(given_up && before.is_stuck(), "given up instead of firm and never shipped");
    note(before.is_given_up() && !now.is_given_up() && now.is_whole(), "supplied instead of given up");
    note(before.source != NOBODY && now.source != NOBODY && before.source != now.source, "supplied by another source");
    note(!before.is_stuck() && now.is_stuck(), "firm and never shipped, which it was not before");
    note(before.is_split() != now.is_split(), "split, or no longer split");
    let promise = |a: Kept, b: Kept| a == Kept::Late && b == Kept::Kept;
    note(promise(before.told_promise, now.told_promise), "in time instead of late");
    note(promise(now.told_promise, before.told_promise), "late instead of in time");
    kinds
}
