//! A trial: policies × seeds × parts, on as many threads as there are, and the same result on any number of them.

use super::model::Models;
use super::outcome::{Answers, Ground as Rests, Outcome, Tally};
use super::part::parts;
use super::run::{Part, Ran, items_of, run};
use super::world::Ground;
use crate::history::{History, NOBODY};
use countersign_engine::policy::table::{Subject, Table};
use countersign_engine::policy::{Mode, Policy};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// Seeds of a usual trial: enough for an interval, few enough to wait for.
pub const SEEDS: u64 = 5;
/// Most seeds of one trial.
pub const SEEDS_MAX: u64 = 1_000;

/// What is tried.
pub struct Trial<'a> {
    /// The history.
    pub history: &'a History,
    /// Policies, by name.
    pub policies: Vec<(String, Policy)>,
    /// The first seed.
    pub seed: u64,
    /// How many seeds.
    pub seeds: u64,
    /// How many threads; it changes nothing but the time.
    pub threads: usize,
}

/// One policy as it went.
#[derive(Debug, Default)]
pub struct Tried {
    /// By seed.
    pub totals: Vec<Tally>,
    /// Of the first seed: by what the outcome rests on.
    pub by_ground: BTreeMap<Rests, Tally>,
    /// Of the first seed: by the source of the first line in the end.
    pub by_source: BTreeMap<u32, Tally>,
    /// Of the first seed: by the category of the first line.
    pub by_category: BTreeMap<u16, Tally>,
    /// Of the first seed, by source index.
    pub answers: Vec<Answers>,
    /// Of the first seed, by order.
    pub outcomes: Vec<Outcome>,
    /// Decisions taken, all seeds together.
    pub commands: u64,
}

/// How far a trial has come, for whoever waits; and how to stop it.
#[derive(Debug, Default)]
pub struct Progress {
    /// Orders replayed.
    pub done: AtomicU64,
    /// Orders to be replayed.
    pub of: AtomicU64,
    /// Set to stop.
    pub stop: AtomicBool,
    /// What is finished: a trial that was stopped goes on from there, and comes to the same result.
    kept: Mutex<BTreeMap<usize, Unit>>,
}

/// As the policy would rule if it ruled: what only watches or passes through is replayed as if it acted, because the
/// question of a backtest is what it would have done.
pub fn as_if_enforced(policy: &Policy) -> Policy {
    let mut policy = policy.clone();
    for rule in &mut policy.modes {
        if matches!(rule.mode, Mode::Legacy | Mode::Observe) {
            rule.mode = Mode::Enforce;
        }
    }
    let acts: Vec<Table> = policy.tables.iter().filter(|t| t.decides != Subject::Modes).cloned().collect();
    policy.tables = acts.into();
    // Machines' receipts are not part of a history: nobody waits for them here.
    for rule in &mut policy.clocks {
        rule.receipt = None;
    }
    policy
}

/// Runs a trial; `None` if it was stopped. With the progress of an earlier run of the same trial it goes on from there.
pub fn try_out(trial: &Trial, progress: &Progress) -> Option<Vec<Tried>> {
    let (history, models) = (trial.history, Models::fit(trial.history));
    let ground = Ground::of(history);
    let parts = parts(history, &ground);
    let items: Vec<BTreeSet<u32>> = parts.iter().map(|p| items_of(history, p)).collect();
    let policies: Vec<Policy> = trial.policies.iter().map(|(_, p)| as_if_enforced(p)).collect();
    let seeds = trial.seeds.clamp(1, SEEDS_MAX);
    let mut units: Vec<(usize, u64, usize)> = vec![];
    for policy in 0..policies.len() {
        units.extend((0..seeds).flat_map(|seed| (0..parts.len()).map(move |part| (policy, seed, part))));
    }
    progress.of.store(history.by_time.len() as u64 * policies.len() as u64 * seeds, Ordering::Relaxed);
    let next = AtomicUsize::new(0);
    let kept = || progress.kept.lock().unwrap_or_else(PoisonError::into_inner);
    let work = || {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some((policy, seed, part)) = units.get(at).copied() else { return };
            if kept().contains_key(&at) {
                continue;
            }
            let mine = |item: u32| items[part].contains(&item);
            let ran = run(
                &Part {
                    history,
                    ground: &ground,
                    models: &models,
                    policy: &policies[policy],
                    seed: trial.seed + seed,
                    orders: &parts[part],
                    items: &mine,
                    trace: None,
                },
                &progress.stop,
            );
            if ran.stopped {
                return;
            }
            progress.done.fetch_add(parts[part].len() as u64, Ordering::Relaxed);
            kept().insert(at, Unit::of(ran, seed == 0));
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..trial.threads.max(1) {
            scope.spawn(work);
        }
        work();
    });
    if progress.stop.load(Ordering::Relaxed) {
        return None;
    }
    let done = std::mem::take(&mut *kept());
    let mut tried: Vec<Tried> = policies.iter().map(|_| Tried::new(history, seeds)).collect();
    for (at, unit) in done {
        let (policy, seed, _) = units[at];
        tried[policy].add(history, seed, unit);
    }
    tried.iter_mut().for_each(|t| t.outcomes.sort_unstable_by_key(|o| o.order));
    Some(tried)
}

/// What is kept of one part: of seeds after the first, only the sum.
#[derive(Debug)]
struct Unit {
    total: Tally,
    commands: u64,
    answers: Vec<Answers>,
    outcomes: Vec<Outcome>,
}

impl Unit {
    fn of(ran: Ran, whole: bool) -> Self {
        let mut total = Tally::default();
        ran.outcomes.iter().for_each(|o| total.count(o));
        let (answers, outcomes) = if whole { (ran.answers, ran.outcomes) } else { (vec![], vec![]) };
        Self { total, commands: ran.commands, answers, outcomes }
    }
}

impl Tried {
    fn new(history: &History, seeds: u64) -> Self {
        let totals = vec![Tally::default(); usize::try_from(seeds).unwrap_or(1)];
        Self { totals, answers: vec![Answers::default(); history.source_ids.len()], ..Self::default() }
    }
    fn add(&mut self, history: &History, seed: u64, unit: Unit) {
        self.totals[usize::try_from(seed).unwrap_or(0)].add(&unit.total);
        self.commands += unit.commands;
        for (sum, more) in self.answers.iter_mut().zip(&unit.answers) {
            sum.add(more);
        }
        for o in &unit.outcomes {
            self.by_ground.entry(o.ground).or_default().count(o);
            if o.source != NOBODY {
                self.by_source.entry(o.source).or_default().count(o);
            }
            let first = history.lines_of(&history.orders[o.order as usize]).first();
            let category = first.map_or(0, |l| history.items[l.item as usize].category);
            self.by_category.entry(category).or_default().count(o);
        }
        self.outcomes.extend(unit.outcomes);
    }
}
