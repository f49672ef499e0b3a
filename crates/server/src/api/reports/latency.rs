//! Spans by bucket: their percentiles. Pure.

use super::cells::{Labels, Sum};
use countersign_runtime::facts::BOUNDS_S;
use serde::Serialize;
use serde_json::Value;

/// Spans of one row, by their buckets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spans {
    /// By bucket, the last one above all bounds.
    counts: [u64; BOUNDS_S.len() + 1],
    all: Sum,
}

/// One bar of a distribution.
#[derive(Debug, Serialize)]
pub struct Bar {
    /// Spans up to so many seconds, and above the bar before; absent above the last bound.
    up_to_s: Option<i64>,
    /// How many.
    count: u64,
}

impl Spans {
    /// Out of labels that are buckets, or end in `:bucket`.
    pub fn of(labels: &Labels) -> Self {
        let mut spans = Self { counts: [0; BOUNDS_S.len() + 1], all: Sum::default() };
        for (label, sum) in labels {
            let bucket = label.rsplit(':').next().unwrap_or_default().parse::<i64>();
            let place = bucket.ok().and_then(|bound| BOUNDS_S.iter().position(|b| *b == bound));
            spans.counts[place.unwrap_or(BOUNDS_S.len())] += sum.count;
            spans.all = spans.all.plus(*sum);
        }
        spans
    }
    /// How many.
    pub fn count(&self) -> u64 {
        self.all.count
    }
    /// The bound in seconds that so many of a thousand do not exceed; null of none, and above the last bound.
    pub fn at_most(&self, permille: u64) -> Value {
        let wanted = (self.all.count * permille).div_ceil(1_000).max(1);
        let mut seen = 0;
        let place = self.counts.iter().position(|count| {
            seen += count;
            seen >= wanted
        });
        place.filter(|_| self.all.count > 0).and_then(|place| BOUNDS_S.get(place)).map_or(Value::Null, |s| (*s).into())
    }
    /// Their mean in seconds; null of none.
    pub fn mean(&self) -> Value {
        self.all.value.checked_div(self.all.count as i64).map_or(Value::Null, Value::from)
    }
    /// The distribution, without empty ends.
    pub fn bars(&self) -> Vec<Bar> {
        let used = |n: &usize| self.counts[*n] > 0;
        let (first, last) = ((0..self.counts.len()).find(used), (0..self.counts.len()).rev().find(used));
        let range = first.unwrap_or(1)..=last.unwrap_or(0);
        range.map(|n| Bar { up_to_s: BOUNDS_S.get(n).copied(), count: self.counts[n] }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_runtime::facts::bucket;

    #[test]
    fn percentiles_are_the_bounds_that_hold_them() {
        let mut labels = Labels::new();
        for seconds in 1..=100_i64 {
            let sum = labels.entry(bucket(seconds)).or_default();
            *sum = sum.plus(Sum { count: 1, units: 0, value: seconds });
        }
        let spans = Spans::of(&labels);
        assert_eq!((spans.count(), spans.mean()), (100, 50.into()));
        assert_eq!(spans.at_most(500), 60, "50 s lies in the bucket up to 60 s");
        assert_eq!(spans.at_most(10), 1);
        assert_eq!(spans.at_most(1_000), 120);
        assert_eq!(spans.bars().iter().map(|bar| bar.count).sum::<u64>(), 100);
        assert_eq!(spans.bars().last().unwrap().up_to_s, Some(120));
        assert_eq!(Spans::of(&Labels::new()).at_most(500), Value::Null);
        assert!(Spans::of(&Labels::new()).bars().is_empty());
    }
}
