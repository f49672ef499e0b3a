//! Lists of rules of which the first that fits wins: rules that an earlier one never lets come to their turn.

use super::check::Faults;
use super::{ClockRule, Policy, TransitRule};

pub(super) fn check(policy: &Policy, found: &mut Faults) {
    let modes = &policy.modes;
    hidden(found, "modes", modes, |a, b| {
        a.scope.contains(&b.scope) && a.percent.is_none_or(|wide| b.percent.is_some_and(|narrow| narrow <= wide))
    });
    for (i, rule) in modes.iter().enumerate().filter(|(_, r)| r.percent.is_some_and(|p| !(1..=100).contains(&p))) {
        found.add(format!("/modes/{i}/percent"), rule.percent.unwrap_or_default(), "percent must be 1 to 100");
    }
    hidden(found, "freshness", &policy.freshness, |a, b| a.scope.contains(&b.scope));
    hidden(found, "safety_stock", &policy.safety_stock, |a, b| a.scope.contains(&b.scope));
    hidden(found, "netting", &policy.netting, |a, b| a.source.is_none() || a.source == b.source);
    hidden(found, "transit", &policy.transit, covers_lane);
    clocks(found, &policy.clocks);
}

/// Names every rule that an earlier one covers.
fn hidden<T: PartialEq>(found: &mut Faults, list: &str, rules: &[T], covers: impl Fn(&T, &T) -> bool) {
    for (j, rule) in rules.iter().enumerate() {
        if let Some(i) = (0..j).find(|i| covers(&rules[*i], rule)) {
            found.add(format!("/{list}/{j}"), j + 1, never(list, j, i));
        }
    }
}

fn never(list: &str, j: usize, i: usize) -> String {
    format!(
        "rule {} of {list} is never reached: rule {} fits wherever it does and stands before it; move it up or remove it",
        j + 1,
        i + 1
    )
}

fn covers_lane(wide: &TransitRule, narrow: &TransitRule) -> bool {
    let same = |a: &Option<smol_str::SmolStr>, b: &Option<smol_str::SmolStr>| a.is_none() || a == b;
    let begins = |a: &Option<smol_str::SmolStr>, b: &Option<smol_str::SmolStr>| {
        a.as_ref().is_none_or(|a| b.as_ref().is_some_and(|b| b.starts_with(a.as_str())))
    };
    same(&wide.from, &narrow.from)
        && same(&wide.to, &narrow.to)
        && same(&wide.to_region, &narrow.to_region)
        && begins(&wide.to_postal, &narrow.to_postal)
        && same(&wide.service_level, &narrow.service_level)
}

/// A rule for clocks is never reached if earlier ones name every clock that it names.
fn clocks(found: &mut Faults, rules: &[ClockRule]) {
    let named = |r: &ClockRule| {
        [r.receipt.is_some(), r.acknowledgment.is_some(), r.ship_notice.is_some(), r.cancel_answer.is_some()]
    };
    for (j, rule) in rules.iter().enumerate() {
        let before = rules[..j].iter().enumerate().filter(|(_, r)| r.scope.contains(&rule.scope));
        let taken = |clock: usize| before.clone().find(|(_, r)| named(r)[clock]).map(|(i, _)| i);
        let clocks: Vec<usize> = (0..4).filter(|clock| named(rule)[*clock]).collect();
        let takers: Vec<usize> = clocks.iter().filter_map(|clock| taken(*clock)).collect();
        if !clocks.is_empty() && takers.len() == clocks.len() {
            found.add(format!("/clocks/{j}"), j + 1, never("clocks", j, takers[0]));
        }
    }
}
