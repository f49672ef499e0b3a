//! A finished part of a trial, and its bytes: what is kept of one part of the history under one policy and seed, so that
//! it need not be replayed again. Does not know where the bytes go.

use super::outcome::{Answers, Brief, Ground, Kept, Tally};
use super::run::Ran;
use crate::history::pack::{Bytes, put_number, put_signed};
use std::collections::BTreeMap;

/// What is kept of one part: of seeds after the first, only the sum.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Unit {
    pub total: Tally,
    pub commands: u64,
    pub by_ground: BTreeMap<Ground, Tally>,
    pub by_source: BTreeMap<u32, Tally>,
    pub by_category: BTreeMap<u16, Tally>,
    /// By source index, of those that were asked.
    pub answers: Vec<(u32, Answers)>,
    /// By order index.
    pub briefs: Vec<(u32, Brief)>,
}

impl Unit {
    /// What is kept of what ran; all of it under the first seed.
    pub fn of(ran: Ran, whole: bool) -> Self {
        let mut unit = Self { commands: ran.commands, ..Self::default() };
        ran.outcomes.iter().for_each(|o| unit.total.count(o));
        if !whole {
            return unit;
        }
        unit.answers = (0..).zip(ran.answers).filter(|(_, sum)| *sum != Answers::default()).collect();
        for o in &ran.outcomes {
            unit.by_ground.entry(o.ground).or_default().count(o);
            unit.by_source.entry(o.source).or_default().count(o);
            unit.by_category.entry(o.category).or_default().count(o);
        }
        unit.briefs = ran.outcomes.iter().map(|o| (o.order, Brief::of(o))).collect();
        unit.briefs.sort_unstable_by_key(|(order, _)| *order);
        unit
    }

    /// Adds its bytes: some ten for each order under the first seed, fewer than a hundred in all under another one.
    pub fn pack(&self, out: &mut Vec<u8>) {
        put_tally(out, &self.total);
        put_number(out, self.commands);
        put_sums(out, &self.by_ground, |ground| *ground as u64);
        put_sums(out, &self.by_source, |source| source_number(*source));
        put_sums(out, &self.by_category, |category| u64::from(*category));
        put_number(out, self.answers.len() as u64);
        for (source, answers) in &self.answers {
            put_number(out, u64::from(*source));
            put_counts(out, answers_of(&mut answers.clone()));
        }
        put_number(out, self.briefs.len() as u64);
        let mut before = 0;
        for (order, brief) in &self.briefs {
            put_number(out, u64::from(order - before));
            put_number(out, source_number(brief.source));
            put_number(out, u64::from(brief.mark()));
            before = *order;
        }
    }

    /// Reads what [`Unit::pack`] wrote.
    pub fn unpack(from: &mut Bytes) -> Self {
        let (total, commands) = (tally(from), from.number());
        let by_ground = sums(from, ground);
        let by_source = sums(from, source);
        let by_category = sums(from, |n| n as u16);
        let answers = (0..from.number()).map(|_| (from.small(), answers(from))).collect();
        let mut order = 0;
        let briefs = (0..from.number()).map(|_| {
            order += from.small::<u32>();
            let source = source(from.number());
            (order, Brief::marked(source, from.small()))
        });
        let briefs = briefs.collect();
        Self { total, commands, by_ground, by_source, by_category, answers, briefs }
    }
}

impl Brief {
    /// All but the source, in nine bits: those that are seldom set stand above the others.
    fn mark(self) -> u16 {
        self.ground as u16 | (self.told_promise as u16) << 2 | u16::from(self.flags) << 4
    }
    fn marked(source: u32, mark: u16) -> Self {
        let told_promise = match mark >> 2 & 3 {
            1 => Kept::Kept,
            2 => Kept::Late,
            _ => Kept::Unknown,
        };
        Self { source, ground: ground(u64::from(mark & 3)), told_promise, flags: (mark >> 4) as u8 }
    }
}

fn ground(number: u64) -> Ground {
    match number {
        1 => Ground::Assumed,
        2 => Ground::Modelled,
        _ => Ground::Observed,
    }
}

/// Nobody comes first: a number of one byte.
fn source_number(source: u32) -> u64 {
    u64::from(source.wrapping_add(1))
}

fn source(number: u64) -> u32 {
    (number as u32).wrapping_sub(1)
}

fn put_sums<K>(out: &mut Vec<u8>, sums: &BTreeMap<K, Tally>, number: impl Fn(&K) -> u64) {
    put_number(out, sums.len() as u64);
    for (key, sum) in sums {
        put_number(out, number(key));
        put_tally(out, sum);
    }
}

fn sums<K: Ord>(from: &mut Bytes, key: impl Fn(u64) -> K) -> BTreeMap<K, Tally> {
    (0..from.number()).map(|_| (key(from.number()), tally(from))).collect()
}

fn put_tally(out: &mut Vec<u8>, tally: &Tally) {
    put_counts(out, counts_of(&mut tally.clone()));
    put_signed(out, tally.cost_minor);
}

fn tally(from: &mut Bytes) -> Tally {
    let mut tally = Tally::default();
    counts(from, counts_of(&mut tally));
    tally.cost_minor = from.signed();
    tally
}

fn answers(from: &mut Bytes) -> Answers {
    let mut answers = Answers::default();
    counts(from, answers_of(&mut answers));
    answers
}

/// Most counts of a small sum are none: which are not, and those.
fn put_counts<const N: usize>(out: &mut Vec<u8>, counts: [&mut u64; N]) {
    put_number(out, counts.iter().enumerate().fold(0, |bits, (n, count)| bits | u64::from(**count != 0) << n));
    counts.into_iter().filter(|count| **count != 0).for_each(|count| put_number(out, *count));
}

fn counts<const N: usize>(from: &mut Bytes, into: [&mut u64; N]) {
    let known = from.number();
    for (_, count) in into.into_iter().enumerate().filter(|(n, _)| known & (1 << n) != 0) {
        *count = from.number();
    }
}

/// All counts of a sum, in the order of its bytes: a field that is not named here does not compile.
fn counts_of(tally: &mut Tally) -> [&mut u64; 23] {
    let Tally {
        orders,
        units,
        units_shipped,
        cancelled_after_commitment,
        cancelled_before_commitment,
        cancelled_by_customer,
        cancelled_by_unknown,
        never_shipped,
        still_open,
        own_promise_kept,
        told_promise_kept,
        reroutes,
        splits,
        approvals,
        cases,
        sla_breaches,
        cost_minor: _,
        confirmed,
        confirmed_seconds,
        confirmed_within: [hour, hours, day],
    } = tally;
    [
        orders,
        units,
        units_shipped,
        cancelled_after_commitment,
        cancelled_before_commitment,
        cancelled_by_customer,
        cancelled_by_unknown,
        never_shipped,
        still_open,
        &mut own_promise_kept.count,
        &mut own_promise_kept.of,
        &mut told_promise_kept.count,
        &mut told_promise_kept.of,
        reroutes,
        splits,
        approvals,
        cases,
        sla_breaches,
        confirmed,
        confirmed_seconds,
        hour,
        hours,
        day,
    ]
}

fn answers_of(answers: &mut Answers) -> [&mut u64; 9] {
    let Answers { asked, observed, assumed, modelled, accepted, declined, silent, taken_back, shipped } = answers;
    [asked, observed, assumed, modelled, accepted, declined, silent, taken_back, shipped]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::NOBODY;
    use crate::replay::outcome::Outcome;

    fn outcome(order: u32, n: u32) -> Outcome {
        Outcome {
            order,
            ground: ground(u64::from(n % 3)),
            units: n,
            shipped: n - n % 2,
            broken_units: n % 3,
            stuck_units: n % 5,
            split: n.is_multiple_of(7),
            told_promise: [Kept::Unknown, Kept::Kept, Kept::Late][n as usize % 3],
            cost: i64::from(n) - 40,
            confirmed_after_s: Some(n * 1_000),
            source: if n.is_multiple_of(4) { NOBODY } else { u32::MAX - n },
            category: u16::MAX - (n % 3) as u16,
            ..Outcome::default()
        }
    }

    #[test]
    fn a_finished_part_comes_back_whole() {
        let outcomes: Vec<Outcome> = (0..100).map(|n| outcome(u32::MAX - n * 7_919, n)).collect();
        let most = Answers { asked: u64::MAX, shipped: 3, ..Answers::default() };
        for whole in [false, true] {
            let answers = vec![Answers::default(), most];
            let ran = Ran { outcomes: outcomes.clone(), answers, commands: u64::MAX, told: vec![], stopped: false };
            let unit = Unit::of(ran, whole);
            let mut bytes = vec![];
            unit.pack(&mut bytes);
            bytes.push(7);
            let mut from = Bytes::of(&bytes);
            assert_eq!(Unit::unpack(&mut from), unit);
            assert_eq!(from.number(), 7, "and not a byte more");
        }
    }

    #[test]
    fn every_count_of_a_sum_is_packed() {
        let (mut sum, mut n) = (Tally { cost_minor: i64::MIN, ..Tally::default() }, 0);
        for count in counts_of(&mut sum) {
            n += 1;
            *count = n << 40;
        }
        let mut bytes = vec![];
        put_tally(&mut bytes, &sum);
        assert_eq!(tally(&mut Bytes::of(&bytes)), sum);
    }
}
