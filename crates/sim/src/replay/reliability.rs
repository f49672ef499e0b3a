//! How far the learnt chance of acceptance can be trusted: on answers later than those it was learnt from.
//!
//! Whole numbers, in millionths, so that the report is the same on every machine.

use super::model::{Latest, accepted, category, source_id};
use crate::history::{History, NOBODY};
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
    judge(&answers(history))
}

/// All answers of a history, by time: who, in which circumstances, and whether it accepted.
fn answers(history: &History) -> Vec<(SourceId, Cell, bool)> {
    let ids: Vec<SourceId> = history.source_ids.iter().map(source_id).collect();
    let categories: Vec<Category> = history.categories.iter().map(|c| category(c)).collect();
    let mut latest = Latest::new(history);
    let mut all = vec![];
    for index in &history.by_time {
        let order = &history.orders[*index as usize];
        for (n, po) in history.pos_of(order).iter().enumerate().filter(|(_, po)| po.source != NOBODY) {
            if let Some(yes) = accepted(history, order, n, po) {
                let cell = latest.cell(history, &categories, order, n, po);
                all.push((ids[po.source as usize].clone(), cell, yes));
            }
        }
    }
    all
}

/// Judges answers in order of time.
pub fn judge(answers: &[(SourceId, Cell, bool)]) -> Reliability {
    let first = answers.len() * (100 - HELD_OUT_PERCENT) / 100;
    let mut learnt = Calibration::default();
    for (source, cell, yes) in &answers[..first] {
        learn(&mut learnt, source, cell, *yes);
    }
    let count = learnt.all.total;
    let base = u64::from(count.accepted) * 1_000_000 / u64::from(count.asked.max(1));
    let mut sums = [(0_u64, 0_u64, 0_u64); 10];
    let (mut brier, mut base_brier) = (0_u128, 0_u128);
    let error = |chance: u64, yes: bool| {
        let off = u128::from(if yes { 1_000_000 - chance } else { chance });
        off * off / 1_000_000
    };
    for (source, cell, yes) in &answers[first..] {
        let chance = learnt.chance(source, cell).map_or(base, |c| u64::from(c.millionths));
        brier += error(chance, *yes);
        base_brier += error(base, *yes);
        let tenth = &mut sums[usize::try_from(chance / 100_000).unwrap_or(9).min(9)];
        *tenth = (tenth.0 + 1, tenth.1 + chance, tenth.2 + u64::from(*yes));
        learn(&mut learnt, source, cell, *yes);
    }
    let held_out = (answers.len() - first) as u64;
    let mean = |sum: u128| u64::try_from(sum / u128::from(held_out.max(1))).unwrap_or(u64::MAX);
    let tenth = |(n, chances, yes): (u64, u64, u64)| Tenth {
        answers: n,
        expected_permille: chances / n.max(1) / 1_000,
        accepted_permille: yes * 1_000 / n.max(1),
    };
    Reliability {
        learnt_from: first as u64,
        held_out,
        brier_millionths: mean(brier),
        base_rate_brier_millionths: mean(base_brier),
        base_rate_permille: base / 1_000,
        tenths: sums.map(tenth),
    }
}

fn learn(learnt: &mut Calibration, source: &SourceId, cell: &Cell, yes: bool) {
    let count = Count { asked: 1, accepted: u32::from(yes) };
    learnt.count(&Answers { source: source.clone(), cell: cell.clone(), count });
}
