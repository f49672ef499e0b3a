//! What is wrong with a policy beyond its types: rules that are never reached, times that never end.
//!
//! The same check when a policy is saved, by API and by `countersign check`. Does not know which vendors there are.

use super::{Choose, Expedite, Limit, Otherwise, Policy};

/// Longest time that a policy may give in minutes: a year.
const MINUTES_MAX: u32 = 525_600;
/// Longest transit: a container by sea.
const TRANSIT_DAYS_MAX: u32 = 90;
/// Most attempts for one quantity: more vendors than this never offer one item.
const ATTEMPTS_MAX: u32 = 100;

/// Longest patience with supply that does not come, in days.
const WAIT_DAYS_MAX: u32 = 365;

/// Something wrong in a policy: where, what stands there, what is wrong and what to write.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Fault {
    /// JSON pointer into the document.
    pub pointer: String,
    /// What stands there, as far as it fits.
    pub value: String,
    /// What is wrong, and what to do.
    pub sentence: String,
}

/// Gathers faults.
#[derive(Default)]
pub(super) struct Faults(pub(super) Vec<Fault>);

impl Faults {
    pub(super) fn add(&mut self, pointer: impl Into<String>, value: impl ToString, sentence: impl Into<String>) {
        self.0.push(Fault { pointer: pointer.into(), value: value.to_string(), sentence: sentence.into() });
    }
}

impl Policy {
    /// What makes the policy unfit to decide with, as (pointer, sentence); the first fault found.
    pub fn fault(&self) -> Option<(String, String)> {
        self.unfit().0.into_iter().next().map(|f| (f.pointer, f.sentence))
    }

    /// All that is wrong with the policy beyond its types: what makes it unfit, and what it cannot mean. Refused when it
    /// is saved; a policy that rules already goes on ruling.
    pub fn faults(&self) -> Vec<Fault> {
        let mut found = self.unfit();
        if !self.fallbacks.is_empty() {
            let words = "the switch to the legacy path is no part of a document: leave fallbacks out";
            found.add("/fallbacks", self.fallbacks.len(), words);
        }
        self.check_endless(&mut found);
        self.check_splits(&mut found);
        self.check_twice(&mut found);
        self.check_countries(&mut found);
        super::table::check_unheard(&self.tables, &mut found);
        super::lists::check(self, &mut found);
        found.0
    }

    fn unfit(&self) -> Faults {
        let mut found = Faults::default();
        if self.version == 0 {
            found.add("/version", 0, "version counts from 1");
        }
        self.check_steps(&mut found);
        self.check_times(&mut found);
        self.check_expedite(&mut found);
        self.check_shares(&mut found);
        super::table::check_tables(&self.tables, &mut found);
        found
    }

    /// Rules that never end, and times that end before what they are there for.
    fn check_endless(&self, found: &mut Faults) {
        let (attempts, days) = (self.sourcing.attempts_max, self.sourcing.wait_days_max);
        if !(1..=ATTEMPTS_MAX).contains(&attempts) {
            let sentence = format!("attempts_max must be 1 to {ATTEMPTS_MAX}, or a quantity is rerouted without end");
            found.add("/sourcing/attempts_max", attempts, sentence);
        }
        if !(1..=WAIT_DAYS_MAX).contains(&days) {
            let sentence = format!("wait_days_max must be 1 to {WAIT_DAYS_MAX}, or a quantity waits without end");
            found.add("/sourcing/wait_days_max", days, sentence);
        }
        let (hold, approval) = (self.hold_minutes, self.approvals.within_minutes);
        if hold < approval {
            let sentence = format!(
                "hold_minutes ({hold}) ends before approvals.within_minutes ({approval}): what a person approves would \
                 be gone; make it at least {approval}"
            );
            found.add("/hold_minutes", hold, sentence);
        }
    }

    /// A split over one source is none, and one over none finds nothing.
    fn check_splits(&self, found: &mut Faults) {
        for (i, step) in self.sourcing.steps.iter().enumerate() {
            let Choose::Split { sources_max: most @ (0 | 1) } = step.choose else { continue };
            let sentence = format!(
                "step {:?} splits over {most} sources, which is no split: write 2 or more, or choose \"one\"",
                step.name
            );
            found.add(format!("/sourcing/steps/{i}/choose/split/sources_max"), most, sentence);
        }
    }

    /// A step that looks for what an earlier one looked for finds nothing more, and decisions name steps.
    fn check_twice(&self, found: &mut Faults) {
        for (j, step) in self.sourcing.steps.iter().enumerate() {
            let before = &self.sourcing.steps[..j];
            if let Some(i) = before.iter().position(|b| b.choose == step.choose) {
                let sentence = format!(
                    "step {} {:?} looks for the same as step {}, which found nothing: change what it looks for, or remove it",
                    j + 1,
                    step.name,
                    i + 1
                );
                found.add(format!("/sourcing/steps/{j}/choose"), &step.name, sentence);
            }
            if before.iter().any(|b| b.name == step.name) {
                let sentence =
                    format!("two steps are called {:?}: decisions name steps, so give each its own", step.name);
                found.add(format!("/sourcing/steps/{j}/name"), &step.name, sentence);
            }
        }
    }

    /// Lanes from or to what is no country: no order has such an address.
    fn check_countries(&self, found: &mut Faults) {
        let is_country = |code: &str| code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase());
        for (i, rule) in self.transit.iter().enumerate() {
            for (field, code) in [("from", &rule.from), ("to", &rule.to)] {
                if let Some(code) = code.as_ref().filter(|code| !is_country(code)) {
                    let sentence =
                        format!("{code:?} is no country code: write two capital letters (ISO 3166), such as US or DE");
                    found.add(format!("/transit/{i}/{field}"), code, sentence);
                }
            }
        }
    }

    fn check_steps(&self, found: &mut Faults) {
        let Some((last, before)) = self.sourcing.steps.split_last() else {
            return found.add("/sourcing/steps", "[]", "name at least one step");
        };
        for (i, step) in before.iter().enumerate().filter(|(_, s)| s.otherwise != Otherwise::Next) {
            let sentence = format!(
                "step {:?} ends the search here, so the steps after it are never tried: write \"next\" or remove them",
                step.name
            );
            found.add(format!("/sourcing/steps/{i}/otherwise"), word(&step.otherwise), sentence);
        }
        if last.otherwise == Otherwise::Next {
            let sentence =
                format!("the last step {:?} has no otherwise: write \"ask\", \"wait\" or \"refuse\"", last.name);
            found.add(format!("/sourcing/steps/{}/otherwise", before.len()), "next", sentence);
        }
    }

    /// Times that would overflow, never end, or end at once.
    fn check_times(&self, found: &mut Faults) {
        let year = 1..=MINUTES_MAX;
        let (hold, approval) = (self.hold_minutes, self.approvals.within_minutes);
        if !year.contains(&hold) {
            found.add("/hold_minutes", hold, "hold_minutes must be 1 to 525600");
        }
        if !year.contains(&approval) {
            found.add("/approvals/within_minutes", approval, "within_minutes must be 1 to 525600");
        }
        for (i, rule) in self.freshness.iter().enumerate().filter(|(_, r)| !year.contains(&r.stale_after_minutes)) {
            let pointer = format!("/freshness/{i}/stale_after_minutes");
            found.add(pointer, rule.stale_after_minutes, "stale_after_minutes must be 1 to 525600");
        }
        for (i, rule) in self.transit.iter().enumerate().filter(|(_, r)| r.days > TRANSIT_DAYS_MAX) {
            found.add(format!("/transit/{i}/days"), rule.days, "days must be at most 90");
        }
        let bad_clock = |l: &Option<Limit>| l.is_some_and(|l| l.within_s == 0 || l.warn_percent >= 100);
        for (i, clock) in self.clocks.iter().enumerate() {
            let all = [&clock.receipt, &clock.acknowledgment, &clock.ship_notice, &clock.cancel_answer];
            if all.into_iter().any(bad_clock) {
                found.add(format!("/clocks/{i}"), "", "within_s must be at least 1 and warn_percent below 100");
            }
        }
    }

    /// A faster way that is none.
    fn check_expedite(&self, found: &mut Faults) {
        let Some(Expedite { service_level, cost, .. }) = &self.expedite else { return };
        if !self.transit.iter().any(|r| r.service_level.as_ref() == Some(service_level)) {
            let sentence =
                "no transit rule names this service level, so nobody knows that it is faster: add one under transit";
            found.add("/expedite/service_level", service_level, sentence);
        }
        if cost.minor < 0 || !cost.is_price() {
            found.add(
                "/expedite/cost",
                cost,
                "the cost must not be below zero, and have at most 13 digits before the point",
            );
        }
    }

    fn check_shares(&self, found: &mut Faults) {
        for (i, rule) in self.safety_stock.iter().enumerate().filter(|(_, r)| r.percent > 100) {
            found.add(format!("/safety_stock/{i}/percent"), rule.percent, "percent must be at most 100");
        }
        let costs = self.safety_stock.iter().enumerate().filter_map(|(i, r)| Some((i, r.costs?)));
        for (i, costs) in costs {
            let (a, b) = (costs.cancellation, costs.lost_sale);
            if a.currency != b.currency || a.minor < 0 || b.minor < 0 || (a.minor, b.minor) == (0, 0) {
                let sentence = "costs are two amounts of one currency, none below zero and not both nothing";
                found.add(format!("/safety_stock/{i}/costs"), format!("{a}, {b}"), sentence);
            }
        }
    }
}

/// The wire word of a plain enum.
pub(super) fn word<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_value(value).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}
