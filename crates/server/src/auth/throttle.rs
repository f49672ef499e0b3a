//! Counts attempts: so many a minute for one name, and no more.

use crate::problem::{Kind, Problem};
use jiff::Timestamp;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Names whose attempts are remembered; more are forgotten all at once.
const NAMES_MAX: usize = 10_000;
/// Longest name that is told apart.
const NAME_LENGTH_MAX: usize = 120;

/// Attempts lately, by name.
#[derive(Default)]
pub struct Throttle(Mutex<HashMap<String, (i64, u32)>>);

impl Throttle {
    /// Counts an attempt; refused beyond `limit` in this minute.
    ///
    /// # Errors
    /// 429 with the seconds to wait.
    pub fn attempt(&self, name: &str, limit: u32, now: Timestamp) -> Result<(), Problem> {
        let minute = now.as_second().div_euclid(60);
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() > NAMES_MAX {
            seen.clear();
        }
        let entry = seen.entry(name.chars().take(NAME_LENGTH_MAX).collect()).or_insert((minute, 0));
        *entry = if entry.0 == minute { (minute, entry.1.saturating_add(1)) } else { (minute, 1) };
        match entry.1 > limit {
            true => {
                let wait = u32::try_from(60 - now.as_second().rem_euclid(60)).unwrap_or(60);
                tracing::warn!(target: "countersign::access", name, "refused: too many attempts");
                Err(Problem::new(Kind::TooManyRequests, "too many attempts: wait a minute").retry_after(wait))
            }
            false => Ok(()),
        }
    }

    /// Forgets the attempts of a name: it was the right person.
    pub fn forget(&self, name: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
    }
}
