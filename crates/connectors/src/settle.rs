//! The stable-size rule: a file is fetched only once nobody writes it any more.
//!
//! Pure; sizes, times and "now" are arguments. A file is settled if its own time says that it has rested long enough, or
//! if we saw it with the same size and time at an earlier look that is long enough ago (for servers with a wrong clock).

use std::collections::BTreeMap;
use std::time::Duration;

/// Names remembered between looks; a folder with more is looked at in the order of its names, so nothing starves.
const NAMES_MAX: usize = 20_000;

/// What tells whether a file changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Bytes.
    pub size: u64,
    /// The file's own time in seconds since 1970; 0 if nobody tells.
    pub modified_s: i64,
}

/// What was seen, and when first in this shape.
#[derive(Debug)]
pub struct Settle {
    rest: Duration,
    seen: BTreeMap<String, (Look, Duration)>,
}

impl Settle {
    /// A file must have rested for `rest`; zero takes every file at once.
    pub fn new(rest: Duration) -> Self {
        Self { rest, seen: BTreeMap::new() }
    }

    /// One look at the whole folder: which of the listed files are settled, in the order given. `now` is a steady time
    /// of ours; `wall_s` is seconds since 1970 if the files' times come from a clock that can be trusted.
    pub fn look(&mut self, now: Duration, wall_s: Option<i64>, listed: &[(String, Look)]) -> Vec<bool> {
        let mut seen = BTreeMap::new();
        let mut settled = Vec::with_capacity(listed.len());
        for (name, look) in listed {
            let since = match self.seen.get(name) {
                Some((before, since)) if before == look => *since,
                _ => now,
            };
            let rest_s = i64::try_from(self.rest.as_secs()).unwrap_or(i64::MAX);
            let rested = wall_s.is_some_and(|wall_s| wall_s.saturating_sub(look.modified_s) >= rest_s);
            settled.push(self.rest.is_zero() || rested || now.saturating_sub(since) >= self.rest);
            if seen.len() < NAMES_MAX {
                seen.insert(name.clone(), (*look, since));
            }
        }
        self.seen = seen;
        settled
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn one(size: u64, modified_s: i64) -> Vec<(String, Look)> {
        vec![("a".to_owned(), Look { size, modified_s })]
    }

    #[test]
    fn a_growing_file_waits() {
        let mut settle = Settle::new(at(5));
        assert_eq!(settle.look(at(0), Some(1_000), &one(10, 1_000)), [false]);
        assert_eq!(settle.look(at(3), Some(1_003), &one(20, 1_003)), [false]);
        assert_eq!(settle.look(at(7), Some(1_007), &one(20, 1_003)), [false]);
        assert_eq!(settle.look(at(8), Some(1_008), &one(20, 1_003)), [true]);
    }

    #[test]
    fn an_old_file_is_taken_at_the_first_look() {
        assert_eq!(Settle::new(at(5)).look(at(0), Some(1_000), &one(10, 900)), [true]);
    }

    #[test]
    fn a_clock_in_the_future_or_not_to_be_trusted_is_judged_by_two_looks() {
        for (wall, modified_s) in [(Some(1_000), 9_999), (None, 10), (None, 0)] {
            let mut settle = Settle::new(at(5));
            assert_eq!(settle.look(at(0), wall, &one(10, modified_s)), [false]);
            assert_eq!(settle.look(at(1), wall, &one(10, modified_s)), [false]);
            assert_eq!(settle.look(at(5), wall, &one(10, modified_s)), [true]);
        }
    }

    #[test]
    fn zero_takes_everything_at_once_and_gone_names_are_forgotten() {
        let mut settle = Settle::new(at(0));
        assert_eq!(settle.look(at(0), Some(0), &one(10, 9_999)), [true]);
        settle.look(at(1), Some(1), &[]);
        assert!(settle.seen.is_empty());
    }
}
