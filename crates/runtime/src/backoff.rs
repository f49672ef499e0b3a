//! How tries are spaced: exponentially, with a spread that depends on the id alone, so that a rehearsal repeats it and
//! a thousand errands to one source do not come back in the same second.

use jiff::SignedDuration;

/// The spacing of tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// After the first try.
    pub first: SignedDuration,
    /// At most.
    pub most: SignedDuration,
    /// Tries after which somebody is asked.
    pub tries_max: u32,
}

impl Default for Backoff {
    /// A source that is down for ten minutes is tried eight times; after some three hours a person is asked.
    fn default() -> Self {
        Self { first: SignedDuration::from_secs(5), most: SignedDuration::from_mins(15), tries_max: 20 }
    }
}

impl Backoff {
    /// How long to wait after the `tries`-th try (counted from 1).
    pub fn after(&self, id: &str, tries: u32) -> SignedDuration {
        let doubled = self.first.checked_mul(1 << tries.saturating_sub(1).min(20)).unwrap_or(self.most);
        let base = doubled.min(self.most);
        let spread = base.as_millis().max(0) as u64 / 2;
        let extra = if spread == 0 { 0 } else { scatter(id, tries) % spread };
        base + SignedDuration::from_millis(i64::try_from(extra).unwrap_or(0))
    }
}

/// FNV-1a: scatters well enough, and gives the same on every machine.
fn scatter(id: &str, tries: u32) -> u64 {
    let bytes = id.bytes().chain(tries.to_le_bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_limit_and_spread() {
        let backoff = Backoff::default();
        let seconds: Vec<i64> = [1, 2, 5, 12, 4_000_000].map(|n| backoff.after("1001-1", n).as_secs()).into();
        for (waited, base) in seconds.iter().zip([5, 10, 80, 900, 900]) {
            assert!((base..=base * 3 / 2).contains(waited), "{waited} for {base}");
        }
        assert_eq!(backoff.after("1001-1", 3), backoff.after("1001-1", 3));
        assert_ne!(backoff.after("1001-1", 3), backoff.after("1002-1", 3));
    }
}
