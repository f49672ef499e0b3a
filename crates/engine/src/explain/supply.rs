//! Plans and their candidates in sentences: the figures of both are those of what each source gets.

use super::{capital, lower, s};
use crate::ids::LineId;
use crate::measure::{Money, Quantity};
use crate::order::Substitute;
use crate::reason::Reason;
use crate::routing::{Part, Plan, Verdict};

/// A plan in a sentence: who, why, and what is left; and why nobody alone, where a line is split.
pub fn plan(plan: &Plan) -> String {
    let mut parts: Vec<String> = plan.parts.iter().map(|p| part(plan, p)).collect();
    parts.extend(plan.unsourced.iter().map(|u| {
        format!("no source for {} of line {}: {}", u.quantity, u.line, u.reason.sentence().trim_end_matches('.'))
    }));
    let passed = plan.verdicts.iter().filter(|v| v.reason != Reason::RouteChosen).count();
    let over = if passed == 0 { String::new() } else { format!("; {passed} other source{} passed over", s(passed)) };
    let mut sentence = format!("{}{over}.", capital(&parts.join(", ")));
    let mut lines: Vec<&LineId> = plan.parts.iter().map(|p| &p.line).collect();
    lines.dedup();
    sentence.extend(lines.into_iter().filter_map(|line| nobody_alone(plan, line)));
    sentence
}

fn part(plan: &Plan, p: &Part) -> String {
    let when = p.incoming.map_or_else(String::new, |day| format!(" of a receipt on {day}"));
    let costs = if p.unpriced { "its price is not known here".to_owned() } else { p.cost.to_string() };
    if plan.reason == Reason::AckSubstitution && plan.verdicts.is_empty() {
        // What a person is asked about: the step of such a part is what is offered instead.
        return format!(
            "{} {} instead of what line {} asks for, from {} ({costs}, ships by {})",
            p.quantity, p.step, p.line, p.source, p.dates.ship_by
        );
    }
    let way = p.expedited.as_ref().map_or_else(String::new, |level| format!(" by {level}"));
    format!(
        "{} of line {} from {}{when}{way} (rule \"{}\", {costs}{}, ships by {})",
        p.quantity,
        p.line,
        p.source,
        p.step,
        usual(p),
        p.dates.ship_by
    )
}

/// What was taken instead of what was ordered, and what it costs.
pub(super) fn instead(s: &Substitute) -> String {
    let costs = s.cost().map_or_else(|| "its price is not known here".to_owned(), |cost| format!("{cost} in all"));
    format!(" {} of it as {} instead: {costs}.", s.quantity, s.vendor_sku)
}

/// What the faster way costs more, and the day of the usual one.
fn usual(p: &Part) -> String {
    let Some(usual) = &p.usual else { return String::new() };
    let more = Money { minor: p.cost.minor - usual.cost.minor, ..p.cost };
    let more = if more.minor == 0 { "no more".into() } else { format!("{more} more") };
    format!(", {more} than the usual way, which is at the door by {}", usual.deliver_by)
}

/// Why no source alone supplies a line that several do; nothing where one could have.
fn nobody_alone(plan: &Plan, line: &LineId) -> Option<String> {
    let mut sources: Vec<_> = plan.parts.iter().filter(|p| p.line == *line).map(|p| &p.source).collect();
    sources.dedup();
    let of_line = || plan.verdicts.iter().filter(|v| v.line == *line);
    let able = |v: &Verdict| v.reason == Reason::RouteChosen || v.reason == Reason::AtpInsufficient;
    let wanted = of_line().next()?.wanted;
    let is_told = of_line().filter(|v| able(v)).all(|v| v.atp < wanted);
    let could = |v: &Verdict| {
        use Reason::*;
        matches!(v.reason, RouteCostlier | RouteLater | RouteRankedLower | RouteNotThisKind | RouteOtherCurrency)
    };
    if sources.len() < 2 || !is_told || of_line().any(could) {
        return None;
    }
    let each: Vec<String> = of_line().filter(|v| able(v)).map(|v| format!("{} {}", v.source, v.atp)).collect();
    Some(format!(" No source alone can promise the {wanted} of line {line}: {}.", each.join(", ")))
}

/// Why a source was chosen or passed over by a plan, in a sentence with the figures it rests on.
pub fn verdict(plan: &Plan, v: &Verdict) -> String {
    let rules: Vec<String> = v.rules.iter().map(|fired| capital(&fired.sentence()) + ".").collect();
    let outcome = outcome(plan, v) + &chance(v);
    if rules.is_empty() { outcome } else { format!("{outcome} {}", rules.join(" ")) }
}

/// What was known of its chance to accept, and what was kept back.
fn chance(v: &Verdict) -> String {
    let chance = v.acceptance.as_ref().map(|c| format!(" Its chance to accept: {} % ({c}).", c.percent()));
    let kept = (!v.kept_back.is_zero()).then(|| format!(" {} kept back.", v.kept_back));
    chance.unwrap_or_default() + &kept.unwrap_or_default()
}

fn outcome(plan: &Plan, v: &Verdict) -> String {
    match v.reason {
        Reason::RouteChosen => {
            format!("Chosen: can promise {} of {} wanted{}{}.", v.atp, v.wanted, age(v), gets(plan, v))
        }
        Reason::AtpInsufficient => format!("Passed over: can promise {}, {} wanted{}.", v.atp, v.wanted, age(v)),
        Reason::AtpStale => format!("Passed over: its advice is too old{}.", age(v)),
        Reason::RouteCostlier | Reason::RouteLater => {
            let when = v.dates.map(|d| format!(", at the door by {}", d.deliver_by)).unwrap_or_default();
            format!("Passed over: {}{}{when}.", compared(plan, v), cost(v))
        }
        Reason::RouteAlreadyTried => {
            format!("Passed over: {}{}.", lower(v.reason.sentence()).trim_end_matches('.'), cost(v))
        }
        reason => format!("Passed over: {}", lower(reason.sentence())),
    }
}

/// Why another was chosen. Sources are compared by their usual ways: where the chosen one goes by a faster one, whose cost
/// stands beside, the cost that was compared is named.
fn compared(plan: &Plan, v: &Verdict) -> String {
    let plain = lower(v.reason.sentence()).trim_end_matches('.').to_owned();
    let best = plan.verdicts.iter().find(|w| w.line == v.line && w.reason == Reason::RouteChosen);
    let is_faster =
        |w: &&Verdict| plan.parts.iter().any(|p| p.line == w.line && p.source == w.source && p.usual.is_some());
    match best.filter(is_faster).and_then(|w| w.cost) {
        Some(usual) if v.reason == Reason::RouteCostlier => format!("{plain}'s usual way ({usual})"),
        _ => plain,
    }
}

/// How many the plan gives to a chosen source, and what these cost by the way they go.
fn gets(plan: &Plan, v: &Verdict) -> String {
    let parts: Vec<&Part> = plan.parts.iter().filter(|p| p.line == v.line && p.source == v.source).collect();
    let Some(costs) = parts.iter().map(|p| p.cost).reduce(Money::plus) else { return cost(v) };
    let given: Quantity = parts.iter().map(|p| p.quantity).sum();
    let few = if given < v.wanted { format!(", gets {given}") } else { String::new() };
    let way: String =
        parts.iter().filter_map(|p| p.expedited.as_ref().map(|level| format!(" by {level}{}", usual(p)))).collect();
    format!("{few}, costs {costs} with shipping{way}")
}

fn cost(v: &Verdict) -> String {
    v.cost.map(|c| format!(", costs {c}")).unwrap_or_default()
}

fn age(v: &Verdict) -> String {
    match v.advice_age_s {
        None => ", never advised".into(),
        Some(seconds) if seconds < 120 => format!(", advised {seconds} s ago"),
        Some(seconds) if seconds < 7_200 => format!(", advised {} min ago", seconds / 60),
        Some(seconds) => format!(", advised {} h ago", seconds / 3_600),
    }
}
