//! A trial: policies × seeds × parts, on as many threads as there are, and the same result on any number of them.

use super::model::Models;
use super::outcome::{Answers, Brief, Ground as Rests, Tally};
use super::part::parts;
use super::progress::Progress;
use super::run::{Part, run};
use super::unit::Unit;
use super::world::Ground;
use crate::history::History;
use countersign_engine::policy::table::{Output, Table};
use countersign_engine::policy::{Mode, Policy};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

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
    /// Of the first seed: by the source of the first line in the end; [`crate::history::NOBODY`] if none.
    pub by_source: BTreeMap<u32, Tally>,
    /// Of the first seed: by the category of the first line.
    pub by_category: BTreeMap<u16, Tally>,
    /// Of the first seed, by source index.
    pub answers: Vec<Answers>,
    /// Of the first seed, in the order of the history's indexes: each replayed order.
    pub briefs: Vec<(u32, Brief)>,
    /// Decisions taken, all seeds together.
    pub commands: u64,
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
    policy.tables = policy.tables.iter().map(acting).collect::<Vec<_>>().into();
    // Machines' receipts are not part of a history: nobody waits for them here.
    for rule in &mut policy.clocks {
        rule.receipt = None;
    }
    policy
}

/// A table that lets nobody only watch: everything else that it says stays.
fn acting(table: &Table) -> Table {
    let mut table = table.clone();
    let Some(at) = table.then.iter().position(|output| *output == Output::Mode) else { return table };
    let cells = table.rows.iter_mut().map(|row| &mut row.then).chain(&mut table.otherwise);
    for cell in cells.filter_map(|cells| cells.get_mut(at)).filter(|cell| ["legacy", "observe"].contains(&cell.trim()))
    {
        *cell = "enforce".into();
    }
    table
}

/// Runs a trial; `None` if it was stopped. What of it is finished already by its progress is not replayed again.
pub fn try_out(trial: &Trial, progress: &Progress) -> Option<Vec<Tried>> {
    let (history, models) = (trial.history, Models::fit(trial.history));
    let ground = Ground::of(history, &models);
    let parts = parts(history, &ground);
    let policies: Vec<Policy> = trial.policies.iter().map(|(_, p)| as_if_enforced(p)).collect();
    let seeds = trial.seeds.clamp(1, SEEDS_MAX);
    let mut units: Vec<(usize, u64, usize)> = vec![];
    for policy in 0..policies.len() {
        units.extend((0..seeds).flat_map(|seed| (0..parts.orders.len()).map(move |part| (policy, seed, part))));
    }
    progress.of.store(history.by_time.len() as u64 * policies.len() as u64 * seeds, Ordering::Relaxed);
    let next = AtomicUsize::new(0);
    let work = || {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some((policy, seed, part)) = units.get(at).copied() else { return };
            if progress.has(at) {
                continue;
            }
            let ran = run(
                &Part {
                    history,
                    ground: &ground,
                    models: &models,
                    policy: &policies[policy],
                    seed: trial.seed + seed,
                    parts: &parts,
                    place: part,
                    trace: None,
                    witness: None,
                },
                &progress.stop,
            );
            if ran.stopped {
                return;
            }
            progress.done.fetch_add(parts.orders[part].len() as u64, Ordering::Relaxed);
            progress.finish(at, Unit::of(ran, seed == 0));
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
    let mut tried: Vec<Tried> = policies.iter().map(|_| Tried::new(history, seeds)).collect();
    for (at, unit) in progress.taken() {
        let (policy, seed, _) = units[at];
        tried[policy].add(seed, &unit);
    }
    tried.iter_mut().for_each(|t| t.briefs.sort_unstable_by_key(|(n, _)| *n));
    Some(tried)
}

impl Tried {
    fn new(history: &History, seeds: u64) -> Self {
        let totals = vec![Tally::default(); usize::try_from(seeds).unwrap_or(1)];
        Self { totals, answers: vec![Answers::default(); history.source_ids.len()], ..Self::default() }
    }
    fn add(&mut self, seed: u64, unit: &Unit) {
        self.totals[usize::try_from(seed).unwrap_or(0)].add(&unit.total);
        self.commands += unit.commands;
        for (source, more) in &unit.answers {
            self.answers[*source as usize].add(more);
        }
        add_up(&mut self.by_ground, &unit.by_ground);
        add_up(&mut self.by_source, &unit.by_source);
        add_up(&mut self.by_category, &unit.by_category);
        self.briefs.extend_from_slice(&unit.briefs);
    }
}

fn add_up<K: Ord + Copy>(sums: &mut BTreeMap<K, Tally>, more: &BTreeMap<K, Tally>) {
    for (key, tally) in more {
        sums.entry(*key).or_default().add(tally);
    }
}
