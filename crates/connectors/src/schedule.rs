//! When a partner's folder or server is looked into: how often, and whether only while the partner works.
//!
//! Pure; "now", the last look and the partner's hours are arguments.

use crate::settings::{Fields, SettingsError};
use std::time::Duration;

/// Longest pause between two looks that may be set: a partner that is looked at less often than daily is forgotten.
const EVERY_S_MAX: u64 = 24 * 3_600;

/// The settings that every connector with a schedule understands.
pub(crate) const FIELDS: [&str; 2] = ["fetch_every_s", "fetch_within"];

/// When to look for what a partner left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FetchSchedule {
    /// Pause between two looks; zero looks as often as the service does.
    pub every: Duration,
    /// Only while the partner works, by its own calendar and zone.
    pub business_hours: bool,
}

impl FetchSchedule {
    /// Reads `fetch_every_s` and `fetch_within`.
    ///
    /// # Errors
    /// The first fault.
    pub fn read(fields: &Fields<'_>) -> Result<Self, SettingsError> {
        Ok(Self {
            every: Duration::from_secs(fields.number("fetch_every_s", 0..=EVERY_S_MAX, 0)?),
            business_hours: fields.word("fetch_within", &["always", "business_hours"])? == "business_hours",
        })
    }

    /// True if it is time to look; `since` is the time since the last look, `open` whether the partner works now.
    pub fn is_due(&self, since: Option<Duration>, open: bool) -> bool {
        (open || !self.business_hours) && since.is_none_or(|since| since >= self.every)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_and_pauses_both_count() {
        let often = FetchSchedule { every: Duration::from_secs(900), business_hours: true };
        assert!(often.is_due(None, true) && !often.is_due(None, false));
        assert!(!often.is_due(Some(Duration::from_secs(899)), true));
        assert!(often.is_due(Some(Duration::from_secs(900)), true));
        assert!(FetchSchedule::default().is_due(Some(Duration::ZERO), false));
    }
}
