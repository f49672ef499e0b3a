//! Quiet hours: when people are not to be written to.

use countersign_engine::calendar::Zone;
use jiff::civil::Time;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

/// From when until when, in which zone; past midnight if `from` is later than `to`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quiet {
    /// The first quiet minute.
    pub from: Time,
    /// The first minute that is not quiet any more.
    pub to: Time,
    /// Where.
    pub time_zone: Zone,
}

impl Quiet {
    /// `now`, or the end of the quiet hours if it falls into them.
    pub fn not_before(&self, now: Timestamp) -> Timestamp {
        let local = now.to_zoned(self.time_zone.rules()).datetime();
        let (time, today) = (local.time(), local.date());
        let ends = match self.from <= self.to {
            true if self.from <= time && time < self.to => today,
            false if time < self.to => today,
            false if time >= self.from => today.saturating_add(1.day()),
            _ => return now,
        };
        let end = self.time_zone.rules().to_ambiguous_zoned(ends.to_datetime(self.to)).compatible();
        end.map_or(now, |end| end.timestamp().max(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_night_ends_in_the_morning_of_the_zone() {
        let quiet = |from: &str, to: &str| Quiet {
            from: from.parse().unwrap(),
            to: to.parse().unwrap(),
            time_zone: Zone::new("America/Chicago").unwrap(),
        };
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let night = quiet("21:00", "07:00");
        assert_eq!(
            night.not_before(at("2026-11-24T04:30:00Z")),
            at("2026-11-24T13:00:00Z"),
            "22:30 the evening before"
        );
        assert_eq!(night.not_before(at("2026-11-24T12:59:00Z")), at("2026-11-24T13:00:00Z"));
        assert_eq!(night.not_before(at("2026-11-24T13:00:00Z")), at("2026-11-24T13:00:00Z"));
        let noon = quiet("12:00", "13:00");
        assert_eq!(noon.not_before(at("2026-11-24T18:15:00Z")), at("2026-11-24T19:00:00Z"));
        // The night in which the clock goes back has an hour more.
        assert_eq!(night.not_before(at("2026-11-01T03:00:00Z")), at("2026-11-01T13:00:00Z"));
    }
}
