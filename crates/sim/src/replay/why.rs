//! One order, opened: what history says happened to it, and every decision of the policy with its reasons.

use super::model::Models;
use super::outcome::Ground;
use super::part::parts;
use super::run::{Part, run};
use super::trial::as_if_enforced;
use super::vendor::Behaviour;
use super::world::{self, is_plenty};
use crate::history::{CancelledBy, History, Moment, NOBODY, Past};
use countersign_engine::explain;
use countersign_engine::policy::Policy;
use countersign_engine::routing::{Plan, Verdict};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use std::sync::atomic::AtomicBool;

/// What a source's doing rests on, in words; `past` is the order as history knows it.
pub fn ground(does: &Behaviour, past: &Past) -> &'static str {
    let repeated = does.repeats.map(|n| &past.pos[usize::from(n)]);
    match (does.ground, repeated) {
        (Ground::Observed, _) => "it really did [observed]",
        (Ground::Assumed, _) => "the history makes one assume: it records what was shipped, not the answers [assumed]",
        (Ground::Modelled, None) => "its own history makes likely: it was not asked for this then [modelled]",
        (Ground::Modelled, Some(po)) if po.answered.is_known() => {
            "it really did until it was cut short [observed], and from there on as its own history makes likely [modelled]"
        }
        (Ground::Modelled, Some(_)) => "its own history makes likely: it was cut short before it answered [modelled]",
    }
}

/// What happened to an order then, in sentences.
pub fn then(history: &History, index: u32) -> Vec<String> {
    let past = history.pasts.get(index);
    let order = &past.order;
    let rules = history.zone.rules();
    let when = |m: Moment| clock(m, &rules);
    let mut told: Vec<(Moment, String)> = vec![(order.placed, "The customer placed the order.".into())];
    if order.approved.is_known() {
        told.push((order.approved, "It was approved.".into()));
    }
    for po in past.pos.iter().filter(|p| p.source != NOBODY) {
        let source = history.source_ids.get(po.source);
        let due = po.ship_by.known().map(|_| format!(", to ship by {}", when(po.ship_by))).unwrap_or_default();
        told.extend(po.sent.is_known().then(|| (po.sent, format!("{source} was asked{due}."))));
        let word = if po.rejected { "declined" } else { "answered" };
        told.extend(po.answered.is_known().then(|| (po.answered, format!("{source} {word}."))));
        let late = if po.ship_by.is_known() && po.shipped > po.ship_by { ", later than it should" } else { "" };
        told.extend(po.shipped.is_known().then(|| (po.shipped, format!("{source} shipped{late}."))));
        told.extend(
            po.cancelled
                .is_known()
                .then(|| (po.cancelled, format!("{source}'s part was cancelled{}.", by(po.cancelled_by)))),
        );
    }
    if order.cancelled.is_known() {
        told.push((order.cancelled, format!("The order was cancelled{}.", by(order.cancelled_by))));
    }
    if order.delivered.is_known() {
        let late = order.promised.is_known() && crate::history::facts::came_late(order, &rules);
        told.push((
            order.delivered,
            if late { "It arrived, later than promised.".into() } else { "It arrived.".into() },
        ));
    }
    told.sort_by_key(|(at, _)| *at);
    let mut lines: Vec<String> = told.into_iter().map(|(at, words)| format!("{} {words}", when(at))).collect();
    if order.promised.is_known() {
        lines.push(format!("Promised for {}.", crate::history::facts::day(order.promised, &rules)));
    }
    lines
}

/// A moment as a clock at the history's place shows it.
pub fn clock(moment: Moment, rules: &TimeZone) -> String {
    rules.to_datetime(moment.at()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// Why a candidate was chosen or passed over; of stock that is not recorded no figure is made up.
pub fn candidate(plan: &Plan, verdict: &Verdict) -> String {
    let told = explain::verdict(plan, verdict);
    if !is_plenty(verdict.atp) {
        return told;
    }
    let figure = format!("can promise {} of {} wanted, advised 0 s ago", verdict.atp, verdict.wanted);
    told.replace(&figure, "its stock is not recorded and taken to be plenty")
}

/// A sentence of the engine, which tells times in UTC, with the times of the history's place.
pub fn in_zone(sentence: &str, rules: &TimeZone) -> String {
    const LENGTH: usize = "2026-11-30 05:49:30".len();
    let mut told = String::with_capacity(sentence.len());
    let mut rest = sentence;
    while let Some(end) = rest.find(" UTC") {
        let (before, after) = (&rest[..end], &rest[end + " UTC".len()..]);
        let text = end.checked_sub(LENGTH).and_then(|from| before.get(from..));
        let time = text.and_then(|text| DateTime::strptime("%Y-%m-%d %H:%M:%S", text).ok());
        match time.and_then(|t| t.to_zoned(TimeZone::UTC).ok()).and_then(|z| Moment::of(z.timestamp())) {
            Some(moment) => {
                told.push_str(&before[..end - LENGTH]);
                told.push_str(&clock(moment, rules));
            }
            None => told.push_str(&rest[..end + " UTC".len()]),
        }
        rest = after;
    }
    told + rest
}

fn by(who: CancelledBy) -> &'static str {
    match who {
        CancelledBy::Unknown => "",
        CancelledBy::Customer => " by the customer",
        CancelledBy::Source => " by the source",
    }
}

/// What the policy would have done with an order, decision by decision, under one seed. Replays what shares stock with
/// it, so that it is the very decision of the trial.
pub fn why(history: &History, policy: &Policy, seed: u64, index: u32) -> Vec<String> {
    let models = Models::fit(history);
    let ground = world::Ground::of(history, &models);
    let parts = parts(history, &ground);
    let Some(place) = parts.orders.iter().position(|p| p.contains(&index)) else {
        return vec!["The order was never released, or has no lines: it is not replayed.".into()];
    };
    let policy = as_if_enforced(policy);
    let part = Part {
        history,
        ground: &ground,
        models: &models,
        policy: &policy,
        seed,
        parts: &parts,
        place,
        trace: Some(index),
        witness: None,
    };
    run(&part, &AtomicBool::new(false)).told
}
