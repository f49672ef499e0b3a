//! Business time of a source: its zone, its working days and hours, its holidays, its cut-off.
//!
//! Does not know the present. Zones come from the table compiled in, so every machine computes the same times.

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::collections::BTreeSet;

/// Days looked ahead for a working day before a calendar is called closed for good: more than any plant holiday.
const CLOSED_DAYS_MAX: u32 = 366;

/// The next day; the last day that there is follows itself.
pub fn day_after(day: Date) -> Date {
    day.tomorrow().unwrap_or(day)
}

/// An IANA time zone name that the compiled-in table knows, with its rules.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "SmolStr", into = "SmolStr")]
pub struct Zone {
    name: SmolStr,
    /// Kept, because finding them costs more than most that is asked of them.
    rules: TimeZone,
}

impl Zone {
    /// Checks the name against the table.
    pub fn new(name: &str) -> Result<Self, String> {
        TimeZone::get(name)
            .map(|rules| Self { name: name.into(), rules })
            .map_err(|_| format!("time zone {name:?} is unknown: use an IANA name such as \"America/Chicago\""))
    }
    /// The rules of the zone.
    pub fn rules(&self) -> TimeZone {
        self.rules.clone()
    }
    /// The IANA name.
    pub fn as_str(&self) -> &str {
        &self.name
    }
}
impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}
impl Eq for Zone {}
impl TryFrom<SmolStr> for Zone {
    type Error = String;
    fn try_from(s: SmolStr) -> Result<Self, String> {
        Self::new(&s)
    }
}
impl From<Zone> for SmolStr {
    fn from(z: Zone) -> SmolStr {
        z.name
    }
}

/// A working weekday, as the payloads spell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the seven names say it")]
pub enum Day {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

impl Day {
    fn of(weekday: Weekday) -> Self {
        match weekday {
            Weekday::Monday => Day::Mon,
            Weekday::Tuesday => Day::Tue,
            Weekday::Wednesday => Day::Wed,
            Weekday::Thursday => Day::Thu,
            Weekday::Friday => Day::Fri,
            Weekday::Saturday => Day::Sat,
            Weekday::Sunday => Day::Sun,
        }
    }
}

/// Opening hours, the same on every working day, in the source's zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hours {
    /// First minute of work.
    pub open: Time,
    /// End of work; later than `open`.
    pub close: Time,
}

/// When a source works.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calendar {
    /// Working weekdays.
    #[serde(default = "monday_to_friday")]
    pub business_days: BTreeSet<Day>,
    /// Days without work, in the source's zone.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub holidays: BTreeSet<Date>,
    /// Opening hours for clocks that count business time; the whole working day if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<Hours>,
}

fn monday_to_friday() -> BTreeSet<Day> {
    [Day::Mon, Day::Tue, Day::Wed, Day::Thu, Day::Fri].into()
}

impl Default for Calendar {
    fn default() -> Self {
        Self { business_days: monday_to_friday(), holidays: BTreeSet::new(), hours: None }
    }
}

impl Calendar {
    /// Says what is wrong with a calendar, or nothing.
    pub fn fault(&self) -> Option<String> {
        if self.business_days.is_empty() {
            return Some("business_days must name at least one day".into());
        }
        match self.hours {
            Some(h) if h.open >= h.close => {
                Some(format!("hours must open before they close, not {} to {}", h.open, h.close))
            }
            _ => None,
        }
    }
    /// True if the source works on that day.
    pub fn works_on(&self, day: Date) -> bool {
        self.business_days.contains(&Day::of(day.weekday())) && !self.holidays.contains(&day)
    }
    /// `day` itself if it is a working day, else the next one.
    pub fn working_day_from(&self, day: Date) -> Date {
        let mut candidate = day;
        for _ in 0..CLOSED_DAYS_MAX {
            if self.works_on(candidate) {
                return candidate;
            }
            candidate = day_after(candidate);
        }
        candidate
    }
    /// The `n`-th working day after `day` (`n` = 0: `day` or the next working day).
    pub fn working_days_after(&self, day: Date, n: u32) -> Date {
        (0..n).fold(self.working_day_from(day), |d, _| self.working_day_from(day_after(d)))
    }
    /// The working day to which an order that comes in `now` belongs: today before the cut-off, else the next.
    pub fn order_day(&self, now: Timestamp, zone: &Zone, cutoff: Option<Time>) -> Date {
        let local = now.to_zoned(zone.rules()).datetime();
        let late = cutoff.is_some_and(|c| local.time() >= c);
        let today = local.date();
        if late && self.works_on(today) {
            self.working_day_from(day_after(today))
        } else {
            self.working_day_from(today)
        }
    }
    /// True while the source is at work.
    pub fn is_open(&self, now: Timestamp, zone: &Zone) -> bool {
        let rules = zone.rules();
        let day = now.to_zoned(rules.clone()).date();
        let (open, close) = self.opening(day, &rules);
        self.works_on(day) && open <= now && now < close
    }
    /// The instant at which `minutes` of business time have passed since `start`.
    pub fn business_minutes_after(&self, start: Timestamp, minutes: u32, zone: &Zone) -> Timestamp {
        let rules = zone.rules();
        let mut left = SignedDuration::from_mins(i64::from(minutes));
        let mut day = start.to_zoned(rules.clone()).date();
        for _ in 0..CLOSED_DAYS_MAX {
            if self.works_on(day) {
                let (open, close) = self.opening(day, &rules);
                let from = open.max(start);
                if from < close {
                    let room = close.duration_since(from);
                    if left <= room {
                        return from + left;
                    }
                    left -= room;
                }
            }
            day = day_after(day);
        }
        start + SignedDuration::from_hours(24 * i64::from(CLOSED_DAYS_MAX))
    }
    /// The opening hours of one day as instants; a day may have 23 or 25 hours.
    fn opening(&self, day: Date, rules: &TimeZone) -> (Timestamp, Timestamp) {
        let at = |d: Date, t: Time| {
            rules.to_ambiguous_zoned(d.to_datetime(t)).compatible().map(|z| z.timestamp()).unwrap_or(Timestamp::MAX)
        };
        match self.hours {
            Some(h) => (at(day, h.open), at(day, h.close)),
            None => (at(day, Time::midnight()), at(day_after(day), Time::midnight())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chicago() -> Zone {
        Zone::new("America/Chicago").unwrap()
    }
    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }
    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn cutoff_and_holidays_move_the_order_day() {
        let mut calendar = Calendar::default();
        let cutoff = Some("14:00".parse().unwrap());
        let order_day = |c: &Calendar, t: &str| c.order_day(at(t), &chicago(), cutoff);
        assert_eq!(order_day(&calendar, "2026-11-23T15:05:00Z"), day("2026-11-23"));
        assert_eq!(order_day(&calendar, "2026-11-23T20:00:00Z"), day("2026-11-24"), "14:00 sharp is too late");
        assert_eq!(order_day(&calendar, "2026-11-28T12:00:00Z"), day("2026-11-30"), "a Saturday belongs to Monday");
        calendar.holidays.insert(day("2026-11-30"));
        assert_eq!(order_day(&calendar, "2026-11-28T22:00:00Z"), day("2026-12-01"));
        assert_eq!(calendar.working_days_after(day("2026-11-27"), 1), day("2026-12-01"));
    }

    #[test]
    fn work_begins_and_ends_by_the_clock_of_the_source() {
        let hours = Some(Hours { open: Time::constant(9, 0, 0, 0), close: Time::constant(17, 0, 0, 0) });
        let calendar = Calendar { hours, holidays: [day("2026-11-26")].into(), ..Calendar::default() };
        // Chicago is six hours behind; the 26th is a holiday, the 28th a Saturday.
        for (now, open) in
            [("2026-11-25T14:59:59Z", false), ("2026-11-25T15:00:00Z", true), ("2026-11-25T23:00:00Z", false)]
        {
            assert_eq!(calendar.is_open(at(now), &chicago()), open, "{now}");
        }
        assert!(!calendar.is_open(at("2026-11-26T18:00:00Z"), &chicago()));
        assert!(!calendar.is_open(at("2026-11-28T18:00:00Z"), &chicago()));
        assert!(Calendar::default().is_open(at("2026-11-25T08:00:00Z"), &chicago()));
    }

    #[test]
    fn business_minutes_stop_at_night_and_skip_the_lost_hour() {
        let hours = Some(Hours { open: "09:00".parse().unwrap(), close: "17:00".parse().unwrap() });
        let calendar = Calendar { hours, ..Calendar::default() };
        // Friday 16:00 in Chicago, two business hours: Monday 10:00, across the end of daylight-saving time.
        assert_eq!(
            calendar.business_minutes_after(at("2026-10-30T21:00:00Z"), 120, &chicago()),
            at("2026-11-02T16:00:00Z")
        );
        let whole_days = Calendar { business_days: [Day::Sat, Day::Sun, Day::Mon].into(), ..Calendar::default() };
        // Sunday 2026-03-08 has 23 hours: a business day of 1,440 minutes begun at its midnight ends at 01:00 on Monday.
        assert_eq!(
            whole_days.business_minutes_after(at("2026-03-08T06:00:00Z"), 1440, &chicago()),
            at("2026-03-09T06:00:00Z")
        );
    }

    #[test]
    fn an_unknown_zone_is_named() {
        assert!(Zone::new("America/Chigaco").unwrap_err().contains("Chigaco"));
    }
}
