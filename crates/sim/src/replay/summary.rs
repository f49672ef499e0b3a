//! What a verdict says of its first policy, in a paragraph: what gets better, what gets worse, and what it asks of people.
//!
//! For whoever approves the policy and reads nothing else.

use super::outcome::Tally;
use super::verdict::{Figures, Interval, SUPPLIED_THEN, Verdict};

/// A figure beside what happened.
struct Row {
    words: &'static str,
    /// Above zero where more is better, below where less is.
    sign: i64,
    now: Interval,
    then: i64,
    show: fn(i64) -> String,
    /// Said behind the figures.
    more: String,
}

impl Row {
    /// By how much it is better; below zero if it is worse. An interval that reaches past what happened is neither.
    fn better(&self) -> i64 {
        match () {
            () if self.now.low > self.then => self.sign,
            () if self.now.high < self.then => -self.sign,
            () => 0,
        }
    }
    fn figure(&self) -> String {
        format!("{} {}", self.words, span(self.now, self.show))
    }
    fn sentence(&self) -> String {
        format!("{} (then {}{})", self.figure(), (self.show)(self.then), self.more)
    }
}

/// The paragraph. `over` names what was replayed.
pub fn summary(verdict: &Verdict, over: &str) -> String {
    let Some(policy) = verdict.policies.first() else { return String::new() };
    let rows = rows(verdict, 0);
    let mut said: Vec<(i64, String)> = rows.iter().map(|row| (row.better(), row.sentence())).collect();
    said.extend(cost(&policy.figures, &verdict.happened));
    let of = |head: &str, better: i64| {
        let rows: Vec<&str> = said.iter().filter(|(b, _)| *b == better).map(|(_, words)| words.as_str()).collect();
        if rows.is_empty() { String::new() } else { format!(" {head}: {}.", rows.join(", ")) }
    };
    format!(
        "{} orders of {over}, {} seed{}.{}{}{} People are asked {} times.{}{}",
        verdict.orders,
        verdict.seeds.0,
        if verdict.seeds.0 == 1 { "" } else { "s" },
        of("Better", 1),
        of("Worse", -1),
        of("About the same", 0),
        span(policy.figures.approvals, plain),
        still_open(verdict.happened.still_open),
        against(verdict),
    )
}

fn still_open(orders: u64) -> String {
    match orders {
        0 => String::new(),
        1 => " 1 order was still under way when the history ended; it counts apart.".into(),
        many => format!(" {many} orders were still under way when the history ended; they count apart."),
    }
}

/// The same figures of the policy that it is compared with.
fn against(verdict: &Verdict) -> String {
    let (Some(other), Some(changes)) = (verdict.policies.get(1), &verdict.first_against_second) else {
        return String::new();
    };
    let figures: Vec<String> = rows(verdict, 1).iter().map(Row::figure).collect();
    let (orders, come) = if changes.orders == 1 { ("order", "comes") } else { ("orders", "come") };
    format!(
        " Under {}, version {}, with which it is compared: {}; people are asked {} times. {} {orders} {come} out otherwise.",
        other.name,
        other.version,
        figures.join(", "),
        span(other.figures.approvals, plain),
        changes.orders,
    )
}

/// The figures of a policy. What nobody knows is left out: promises where nothing arrived, and units where some orders were
/// still under way, which a replay follows to their end and a history does not.
fn rows(verdict: &Verdict, place: usize) -> Vec<Row> {
    let (policy, then) = (&verdict.policies[place], &verdict.happened);
    let figures = &policy.figures;
    let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let row =
        |words, sign, now, then: u64| Row { words, sign, now, then: count(then), show: plain, more: String::new() };
    let supplied = policy.against_history.kinds.get(SUPPLIED_THEN).copied().unwrap_or(0);
    let given_up = row(
        "orders given up before commitment",
        -1,
        figures.cancelled_before_commitment,
        then.cancelled_before_commitment,
    );
    let kept = row("promises kept", 1, figures.told_promise_kept_permille, then.told_promise_kept.permille());
    let units = row("units shipped", 1, figures.units_shipped, then.units_shipped);
    let known = then.told_promise_kept.of > 0 && policy.first_seed.told_promise_kept.of > 0;
    let mut rows = vec![
        row(
            "orders cancelled after commitment",
            -1,
            figures.cancelled_after_commitment,
            then.cancelled_after_commitment,
        ),
        match supplied {
            0 => given_up,
            some => Row { more: format!("; {some} of them were supplied then"), ..given_up },
        },
        row("orders firm and never shipped", -1, figures.never_shipped, then.never_shipped),
    ];
    rows.extend(Some(units).filter(|_| then.still_open == 0));
    rows.extend(Some(Row { show: percent, ..kept }).filter(|_| known));
    rows.push(row("reroutes", -1, figures.reroutes, then.reroutes));
    rows
}

/// What a unit that was shipped costs, beside what it cost: sums of different numbers of units are not compared.
fn cost(figures: &Figures, then: &Tally) -> Option<(i64, String)> {
    let (cost, units) = (i128::from(figures.cost_minor.middle), i128::from(figures.units_shipped.middle));
    let before = i128::from(then.cost_minor) * units;
    let permille = ((cost * i128::from(then.units_shipped) - before) * 1_000).checked_div(before)?;
    let permille = i64::try_from(permille).ok()?;
    Some(match permille {
        0 => (0, "cost of a unit shipped".into()),
        more @ 1.. => (-1, format!("a unit shipped costs {} more", percent(more))),
        less => (1, format!("a unit shipped costs {} less", percent(-less))),
    })
}

fn span(of: Interval, show: fn(i64) -> String) -> String {
    if of.low == of.high { show(of.low) } else { format!("{} to {}", show(of.low), show(of.high)) }
}

fn plain(n: i64) -> String {
    n.to_string()
}

fn percent(permille: i64) -> String {
    format!("{}.{} %", permille / 10, permille % 10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::facts::Share;
    use crate::replay::verdict::{Changes, PolicyVerdict};
    use std::collections::BTreeMap;

    fn policy() -> PolicyVerdict {
        let interval = |low, high| Interval { low, middle: (low + high) / 2, high };
        let figures = Figures {
            cancelled_after_commitment: interval(16, 22),
            cancelled_before_commitment: interval(60, 66),
            told_promise_kept_permille: interval(880, 886),
            reroutes: interval(539, 546),
            approvals: interval(30, 34),
            units_shipped: interval(2_000, 2_000),
            cost_minor: interval(330_000, 330_000),
            ..Figures::default()
        };
        let told_promise_kept = Share { count: 880, of: 1_000 };
        PolicyVerdict {
            name: "spring".into(),
            version: 3,
            never_in_effect: vec![],
            figures,
            first_seed: Tally { told_promise_kept, ..Tally::default() },
            by_ground: BTreeMap::new(),
            by_source: BTreeMap::new(),
            by_category: BTreeMap::new(),
            answers: BTreeMap::new(),
            against_history: Changes { kinds: BTreeMap::from([(SUPPLIED_THEN, 41)]), ..Changes::default() },
        }
    }

    fn told() -> Verdict {
        let happened = Tally {
            cancelled_after_commitment: 74,
            told_promise_kept: Share { count: 915, of: 1_000 },
            reroutes: 120,
            units_shipped: 2_000,
            cost_minor: 300_000,
            ..Tally::default()
        };
        Verdict {
            seeds: (20, 1),
            orders: 1_000,
            not_released: 0,
            happened,
            happened_by_source: BTreeMap::new(),
            happened_by_category: BTreeMap::new(),
            policies: vec![policy()],
            first_against_second: None,
        }
    }

    #[test]
    fn what_it_costs_stands_beside_what_it_saves() {
        assert_eq!(
            summary(&told(), "the history spring"),
            "1000 orders of the history spring, 20 seeds. Better: orders cancelled after commitment 16 to 22 (then 74). \
             Worse: orders given up before commitment 60 to 66 (then 0; 41 of them were supplied then), promises kept 88.0 \
             % to 88.6 % (then 91.5 %), reroutes 539 to 546 (then 120), a unit shipped costs 10.0 % more. About the same: \
             orders firm and never shipped 0 (then 0), units shipped 2000 (then 2000). People are asked 30 to 34 times."
        );
    }

    #[test]
    fn what_nobody_knows_is_not_told() {
        let mut verdict = told();
        verdict.happened.told_promise_kept = Share::default();
        verdict.happened.still_open = 15;
        let said = summary(&verdict, "the history spring");
        assert!(!said.contains("promises kept") && !said.contains("units shipped"), "{said}");
        assert!(said.ends_with(" 15 orders were still under way when the history ended; they count apart."), "{said}");
    }

    #[test]
    fn the_policy_that_it_is_compared_with_is_told() {
        let mut verdict = told();
        let mut other = policy();
        (other.name, other.version) = ("winter".into(), 2);
        other.figures.cancelled_after_commitment = Interval { low: 30, middle: 31, high: 32 };
        verdict.policies.push(other);
        verdict.first_against_second = Some(Changes { orders: 7, ..Changes::default() });
        let said = summary(&verdict, "the history spring");
        assert!(
            said.ends_with(
                " Under winter, version 2, with which it is compared: orders cancelled after commitment 30 to 32, orders given \
                 up before commitment 60 to 66, orders firm and never shipped 0, units shipped 2000, promises kept 88.0 % \
                 to 88.6 %, reroutes 539 to 546; people are asked 30 to 34 times. 7 orders come out otherwise."
            ),
            "{said}"
        );
    }
}
