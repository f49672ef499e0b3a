//! One order, opened: what history says happened to it, and every decision of the policy with its reasons.

use super::model::Models;
use super::outcome::Ground;
use super::part::parts;
use super::run::{Part, run};
use super::trial::as_if_enforced;
use super::vendor::Behaviour;
use super::world;
use crate::history::{CancelledBy, History, Moment, NOBODY, Past};
use countersign_engine::policy::Policy;
use std::sync::atomic::AtomicBool;

/// What a source's doing rests on, in words; `past` is the order as history knows it.
pub fn ground(does: &Behaviour, past: &Past) -> &'static str {
    let repeated = does.repeats.map(|n| &past.pos[usize::from(n)]);
    match (does.ground, repeated) {
        (Ground::Observed, _) => "it really did [observed]",
        (Ground::Assumed, _) => "the history makes one assume: it records what was shipped, not the answers [assumed]",
        (Ground::Modelled, None) => "its own history makes likely: it was not asked for this then [modelled]",
        (Ground::Modelled, Some(po)) if po.answered.is_known() => {
            "it really did until the history ends [observed], and from there on as its own history makes likely [modelled]"
        }
        (Ground::Modelled, Some(_)) => "its own history makes likely: the history ends before it answered [modelled]",
    }
}

/// What happened to an order then, in sentences.
pub fn then(history: &History, index: u32) -> Vec<String> {
    let past = history.pasts.get(index);
    let order = &past.order;
    let rules = history.zone.rules();
    let when = |m: Moment| rules.to_datetime(m.at()).to_string();
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
