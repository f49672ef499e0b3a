//! A person (or program) holds an order, lets it go on, or takes a line elsewhere.

use super::draft::Draft;
use super::{cancellation, find_order, supply};
use crate::approval::{self, Approval, Outcome};
use crate::case::{Case, CaseKind};
use crate::event::Event;
use crate::ids::{ApprovalId, LineId, OrderId, SourceId};
use crate::measure::Quantity;
use crate::order::{Assignment, Phase};
use crate::reason::Reason;
use crate::refusal::{Refusal, RefusalKind};
use crate::routing::{Demand, plan};

pub(super) fn hold(d: &mut Draft, id: &OrderId, reason: Reason) -> Result<(), Refusal> {
    let order = find_order(&d.slice, id)?;
    if order.on_hold.is_none() {
        d.record(Event::OrderHeld { order: id.clone(), reason });
    }
    Ok(())
}

pub(super) fn release(d: &mut Draft, id: &OrderId) -> Result<(), Refusal> {
    let order = find_order(&d.slice, id)?;
    if order.on_hold.is_none() {
        return Ok(());
    }
    d.record(Event::OrderReleased { order: id.clone() });
    commit_accepted(d, id);
    let held: Vec<(u32, LineId)> = d
        .order(id)
        .assignments
        .iter()
        .filter(|a| a.phase == Phase::Held)
        .map(|a| (a.ordinal, a.line.clone()))
        .collect();
    for (n, line) in held {
        let asked = |p: &&Approval| p.concerns(&line) && d.assignment(id, n).hold.is_some();
        let waits = d.order(id).approvals.iter().filter(asked).any(Approval::is_open);
        let granted = d.order(id).approvals.iter().filter(asked).rev().find_map(approval::by_person);
        match granted {
            _ if waits => {}
            Some(authority) => supply::release(d, id, &[n], &authority, Reason::ManualRelease),
            // Planned while the order was on hold: nobody has judged that plan, so it is made anew.
            None => supply::withdraw(d, id, &[n], Reason::ManualRelease),
        }
    }
    let demands = supply::uncovered(d.order(id));
    supply::pursue(d, id, &demands, Reason::ManualRelease);
    Ok(())
}

/// What sources accepted while the order was on hold becomes firm, unless a person is asked about its date.
fn commit_accepted(d: &mut Draft, id: &OrderId) {
    let order = d.order(id);
    let asked = |a: &Assignment| {
        let about = |c: &Case| c.is_open() && c.kind == CaseKind::DateBroken && c.purchase_order == a.purchase_order;
        order.cases.iter().any(|c| about(c) && c.line.as_ref() == Some(&a.line))
    };
    let accepted: Vec<(u32, Quantity)> = order
        .assignments
        .iter()
        .filter(|a| a.phase == Phase::Acknowledged && a.accepted > a.committed && !asked(a))
        .map(|a| (a.ordinal, a.accepted))
        .collect();
    for (n, units) in accepted {
        supply::commit(d, id, n, units, Reason::AcknowledgmentAccepted);
    }
}

pub(super) fn decide(
    d: &mut Draft,
    id: &OrderId,
    line: &LineId,
    to: Option<&SourceId>,
    reason: Reason,
    answers: Option<(&ApprovalId, Option<&str>)>,
) -> Result<(), Refusal> {
    let order = find_order(&d.slice, id)?;
    let Some(l) = order.line(line) else {
        return Err(Refusal::field(
            RefusalKind::UnknownLine,
            "/line",
            line,
            "unknown_line",
            format!("order {id} has no line {line}"),
        ));
    };
    let concerns = |id: &ApprovalId| order.approvals.iter().any(|a| a.id == *id && a.is_open() && a.concerns(line));
    if let Some((approval, _)) = answers.filter(|(approval, _)| !concerns(approval)) {
        let sentence = format!("approval {approval} asks nothing about line {line} any more: read it again");
        return Err(Refusal::field(RefusalKind::NotNow, "/approval", approval, "not_open", sentence));
    }
    let sku = l.sku.clone();
    if let Some(source) = to.filter(|s| d.slice.offerers(&sku).is_none_or(|o| !o.sources.contains(s))) {
        return Err(Refusal::because(RefusalKind::InvalidField, "/to", source, Reason::CatalogUnknownOffer));
    }
    let movable = |p: Phase| {
        matches!(p, Phase::Planned | Phase::Held | Phase::Requested | Phase::Acknowledged | Phase::Committed)
    };
    let moving: Vec<u32> =
        order.of_line(line).filter(|a| movable(a.phase) && to != Some(&a.source)).map(|a| a.ordinal).collect();
    let mut after = order.clone();
    for a in after.assignments.iter_mut().filter(|a| moving.contains(&a.ordinal)) {
        a.phase = Phase::Withdrawing;
    }
    let quantity = after.uncovered(l);
    if quantity.is_zero() {
        return Err(Refusal::new(
            RefusalKind::NotNow,
            format!("nothing of line {line} can be moved: it has shipped, is being cancelled, or is there already"),
        ));
    }
    let demand = Demand { line: line.clone(), quantity, only: to.cloned(), again: to.is_some() };
    let found = plan(&d.slice, &d.policy, &after, d.now, &[demand], reason);
    if found.parts.is_empty() {
        let why = found.verdicts.first().map_or(Reason::RouteNoCandidate, |v| v.reason);
        return Err(Refusal::new(
            RefusalKind::NotNow,
            format!("no other source can supply {quantity} of {sku}: {} The line stays where it is.", why.sentence()),
        ));
    }
    let (by, at, to_source) = (d.by.clone(), d.now, to.cloned());
    let answered = answers.map(|(approval, words)| {
        let words = words.map(Into::into);
        (approval, Outcome::Replaced { by, at, to: to_source, words })
    });
    cancellation::close_approvals(d, id, line, answered);
    for n in &moving {
        let a = d.assignment(id, *n);
        let (from, quantity) = (a.source.clone(), a.live().less(a.shipped));
        d.record(Event::LineRerouted { order: id.clone(), line: line.clone(), from, quantity, reason });
    }
    supply::withdraw(d, id, &moving, reason);
    let authority = approval::by_order_of(d.by).filter(|_| to.is_some());
    supply::follow(d, id, found, authority);
    Ok(())
}
