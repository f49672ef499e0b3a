//! How far the learnt chance of acceptance can be trusted: on answers later than those it was learnt from.
//!
//! Whole numbers, in millionths, so that the report is the same on every machine.

use super::model::{Latest, accepted, category, source_id};
use crate::history::{History, NOBODY, Past};
use countersign_engine::calibration::{Answers, Calibration, Cell, Count};
use countersign_engine::ids::SourceId;
use countersign_engine::item::Category;
use serde::Serialize;

/// Of all answers, the last so many percent are held out.
const HELD_OUT_PERCENT: usize = 30;

/// One tenth of the chances given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Tenth {
    /// Answers whose chance lay there.
    pub answers: u64,
    /// The chance given, on average, in thousandths.
    pub expected_permille: u64,
    /// How many accepted, in thousandths.
    pub accepted_permille: u64,
}

/// How far the chances can be trusted.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Reliability {
    /// Answers learnt from.
    pub learnt_from: u64,
    /// Later answers that were foretold.
    pub held_out: u64,
    /// The mean squared error of the chances, in millionths: smaller is better.
    pub brier_millionths: u64,
    /// The same if always the share of all earlier answers were given.
    pub base_rate_brier_millionths: u64,
    /// The share of all earlier answers that accepted, in thousandths.
    pub base_rate_permille: u64,
    /// The diagram: by tenth of the chance given.
    pub tenths: [Tenth; 10],
}

/// Foretells the later answers of a history from the earlier ones, learning on after each.
pub fn reliability(history: &History) -> Reliability {
    let (mut count, mut judged) = (0, None);
    each_answer(history, |_, _, _| count += 1);
    let first = count * (100 - HELD_OUT_PERCENT) / 100;
    let (mut n, mut learnt) = (0, Calibration::default());
    each_answer(history, |source, cell, yes| {
        if n >= first {
            judged.get_or_insert_with(|| Judged::after(&learnt)).answer(&learnt, source, cell, yes);
        }
        learn(&mut learnt, source, cell, yes);
        n += 1;
    });
    judged.unwrap_or_else(|| Judged::after(&learnt)).told(first as u64)
}

/// All answers of a history, by time: who, in which circumstances, and whether it accepted.
fn each_answer(history: &History, mut take: impl FnMut(&SourceId, &Cell, bool)) {
    let ids: Vec<SourceId> = history.source_ids.iter().map(source_id).collect();
    let categories: Vec<Category> = history.categories.iter().map(|c| category(c)).collect();
    let mut latest = Latest::new(history);
    let mut past = Past::default();
    for index in &history.by_time {
        history.pasts.read(*index, &mut past);
        for (n, po) in past.pos.iter().enumerate().filter(|(_, po)| po.source != NOBODY) {
            if let Some(yes) = accepted(history, &past, n, po) {
                let cell = latest.cell(history, &categories, &past, n, po);
                take(&ids[po.source as usize], &cell, yes);
            }
        }
    }
}

/// Chances given, and what came of them.
struct Judged {
    /// The share of all earlier answers that accepted, in millionths.
    base: u64,
    /// By tenth: how many, their chances summed up, how many accepted.
    sums: [(u64, u64, u64); 10],
    brier: u128,
    base_brier: u128,
}

impl Judged {
    fn after(learnt: &Calibration) -> Self {
        let count = learnt.all.total;
        let base = u64::from(count.accepted) * 1_000_000 / u64::from(count.asked.max(1));
        Self { base, sums: [(0, 0, 0); 10], brier: 0, base_brier: 0 }
    }
    fn answer(&mut self, learnt: &Calibration, source: &SourceId, cell: &Cell, yes: bool) {
        let error = |chance: u64| {
            let off = u128::from(if yes { 1_000_000 - chance } else { chance });
            off * off / 1_000_000
        };
        let chance = learnt.chance(source, cell).map_or(self.base, |c| u64::from(c.millionths));
        self.brier += error(chance);
        self.base_brier += error(self.base);
        let tenth = &mut self.sums[usize::try_from(chance / 100_000).unwrap_or(9).min(9)];
        *tenth = (tenth.0 + 1, tenth.1 + chance, tenth.2 + u64::from(yes));
    }
    fn told(self, learnt_from: u64) -> Reliability {
        let held_out: u64 = self.sums.iter().map(|(n, ..)| n).sum();
        let mean = |sum: u128| u64::try_from(sum / u128::from(held_out.max(1))).unwrap_or(u64::MAX);
        let tenth = |(n, chances, yes): (u64, u64, u64)| Tenth {
            answers: n,
            expected_permille: chances / n.max(1) / 1_000,
            accepted_permille: yes * 1_000 / n.max(1),
        };
        Reliability {
            learnt_from,
            held_out,
            brier_millionths: mean(self.brier),
            base_rate_brier_millionths: mean(self.base_brier),
            base_rate_permille: self.base / 1_000,
            tenths: self.sums.map(tenth),
        }
    }
}

fn learn(learnt: &mut Calibration, source: &SourceId, cell: &Cell, yes: bool) {
    let count = Count { asked: 1, accepted: u32::from(yes) };
    learnt.count(&Answers { source: source.clone(), cell: cell.clone(), count });
}
