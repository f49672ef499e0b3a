//! What the customer was told, and how its dates come about.
//!
//! Does not know the present: `now` is an argument.

use crate::calendar::day_after;
use crate::offer::Offer;
use crate::order::Order;
use crate::policy::Policy;
use crate::reason::Reason;
use crate::source::{Region, Source};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// The promise of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promise {
    /// How sure it is.
    pub state: PromiseState,
    /// At the carrier by this day, in the source's zone.
    pub ship_by: Date,
    /// At the door by this day.
    pub deliver_by: Date,
    /// Why it was changed.
    #[serde(default)]
    pub reason: Option<Reason>,
}

/// How sure a promise is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PromiseState {
    /// Nobody has accepted yet.
    Provisional,
    /// Accepted and committed.
    Confirmed,
    /// Changed after it was confirmed or told.
    Revised,
}

/// The two dates of a promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Dates {
    /// At the carrier by this day.
    pub ship_by: Date,
    /// At the door by this day.
    pub deliver_by: Date,
}

/// Dates for goods on the shelf: order day by cut-off, handling in working days, then transit.
pub fn from_shelf(
    source: &Source,
    policy: &Policy,
    destination: &Region,
    service_level: &str,
    now: Timestamp,
) -> Dates {
    let order_day = source.calendar.order_day(now, &source.time_zone, source.cutoff);
    arrive(
        source,
        policy,
        destination,
        service_level,
        source.calendar.working_days_after(order_day, source.handling_days),
    )
}

/// Dates for goods that the source receives on `available`.
pub fn from_receipt(
    source: &Source,
    policy: &Policy,
    destination: &Region,
    service_level: &str,
    now: Timestamp,
    available: Date,
) -> Dates {
    let order_day = source.calendar.order_day(now, &source.time_zone, source.cutoff);
    let ready = source.calendar.working_day_from(available.max(order_day));
    arrive(source, policy, destination, service_level, source.calendar.working_days_after(ready, source.handling_days))
}

/// Dates for goods that the source must first obtain, by the offer's lead time.
pub fn from_lead_time(
    source: &Source,
    offer: &Offer,
    policy: &Policy,
    destination: &Region,
    service_level: &str,
    now: Timestamp,
) -> Dates {
    let order_day = source.calendar.order_day(now, &source.time_zone, source.cutoff);
    arrive(
        source,
        policy,
        destination,
        service_level,
        source.calendar.working_days_after(order_day, offer.lead_days + source.handling_days),
    )
}

/// Dates for goods that leave on `ship_on`; the carrier does not move them on Saturdays and Sundays.
pub fn arrive(source: &Source, policy: &Policy, destination: &Region, service_level: &str, ship_on: Date) -> Dates {
    let days = policy.transit_days(&source.ships_from.country, destination, service_level);
    let weekend = |d: Date| matches!(d.weekday(), jiff::civil::Weekday::Saturday | jiff::civil::Weekday::Sunday);
    let mut deliver_by = ship_on;
    for _ in 0..days {
        deliver_by = day_after(deliver_by);
        while weekend(deliver_by) {
            deliver_by = day_after(deliver_by);
        }
    }
    Dates { ship_by: ship_on, deliver_by }
}

/// The dates of a line: the latest of its living assignments.
pub fn of_line(order: &Order, line: &crate::ids::LineId) -> Option<Dates> {
    order
        .of_line(line)
        .filter(|a| !a.supply().is_zero())
        .map(|a| Dates { ship_by: a.ship_by, deliver_by: a.deliver_by })
        .reduce(|a, b| Dates { ship_by: a.ship_by.max(b.ship_by), deliver_by: a.deliver_by.max(b.deliver_by) })
}
