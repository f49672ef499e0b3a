//! What is wrong with a policy beyond its types: rules that are never reached, times that never end.

use super::{Limit, Otherwise, Policy};

/// Longest time that a policy may give in minutes: a year.
const MINUTES_MAX: u32 = 525_600;
/// Longest transit: a container by sea.
const TRANSIT_DAYS_MAX: u32 = 90;

impl Policy {
    /// Times that would overflow, never end, or end at once.
    fn unbounded(&self) -> Option<(String, String)> {
        let fault = |pointer: String, sentence: &str| Some((pointer, sentence.to_owned()));
        let year = 1..=MINUTES_MAX;
        if !year.contains(&self.hold_minutes) {
            return fault("/hold_minutes".into(), "hold_minutes must be 1 to 525600");
        }
        if !year.contains(&self.approvals.within_minutes) {
            return fault("/approvals/within_minutes".into(), "within_minutes must be 1 to 525600");
        }
        if let Some(i) = self.freshness.iter().position(|r| !year.contains(&r.stale_after_minutes)) {
            let pointer = format!("/freshness/{i}/stale_after_minutes");
            return fault(pointer, "stale_after_minutes must be 1 to 525600");
        }
        let i = self.transit.iter().position(|r| r.days > TRANSIT_DAYS_MAX)?;
        fault(format!("/transit/{i}/days"), "days must be at most 90")
    }
    /// Says what is wrong with the policy beyond its types, as (pointer, sentence).
    pub fn fault(&self) -> Option<(String, String)> {
        if self.version == 0 {
            return Some(("/version".into(), "version counts from 1".into()));
        }
        let Some((last, before)) = self.sourcing.steps.split_last() else {
            return Some(("/sourcing/steps".into(), "name at least one step".into()));
        };
        if let Some(i) = before.iter().position(|s| s.otherwise != Otherwise::Next) {
            return Some((
                format!("/sourcing/steps/{i}/otherwise"),
                format!(
                    "step {:?} ends the search here, so the steps after it are never tried: write \"next\" or remove them",
                    before[i].name
                ),
            ));
        }
        if last.otherwise == Otherwise::Next {
            return Some((
                format!("/sourcing/steps/{}/otherwise", before.len()),
                format!("the last step {:?} has no otherwise: write \"ask\", \"wait\" or \"refuse\"", last.name),
            ));
        }
        if let Some(fault) = self.unbounded() {
            return Some(fault);
        }
        let bad_clock = |l: &Option<Limit>| l.is_some_and(|l| l.within_s == 0 || l.warn_percent >= 100);
        let i = self
            .clocks
            .iter()
            .position(|c| [&c.receipt, &c.acknowledgment, &c.ship_notice, &c.cancel_answer].into_iter().any(bad_clock));
        if let Some(i) = i {
            return Some((format!("/clocks/{i}"), "within_s must be at least 1 and warn_percent below 100".into()));
        }
        self.safety_stock
            .iter()
            .position(|r| r.percent > 100)
            .map(|i| (format!("/safety_stock/{i}/percent"), "percent must be at most 100".into()))
    }
}
