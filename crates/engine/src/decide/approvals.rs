//! A person answers what the policy reserves for a person, or nobody does in time.

use super::draft::{About, Draft};
use super::{find_order, supply};
use crate::approval::{self, Approval, ApprovalKind, Authority, Outcome};
use crate::case::{CaseKind, Remedy};
use crate::event::Event;
use crate::ids::{ApprovalId, LineId, OrderId};
use crate::order::{Assignment, Phase};
use crate::policy::Unanswered;
use crate::reason::Reason;
use crate::refusal::{Refusal, RefusalKind};
use crate::stock::minute;

pub(super) fn decide(d: &mut Draft, approval: &ApprovalId, approve: bool, words: Option<&str>) -> Result<(), Refusal> {
    let unknown = || {
        Refusal::field(
            RefusalKind::UnknownApproval,
            "/approval",
            approval,
            "unknown_approval",
            format!("approval {approval} is not known here"),
        )
    };
    let (id, _) = approval.split().ok_or_else(unknown)?;
    find_order(&d.slice, &id).map_err(|_| unknown())?;
    let asked = d.order(&id).approvals.iter().find(|a| a.id == *approval).cloned().ok_or_else(unknown)?;
    if !asked.is_open() {
        return Err(Refusal::new(
            RefusalKind::NotNow,
            format!("approval {approval} was answered before: read it again"),
        ));
    }
    let (by, at) = (d.by.clone(), d.now);
    let outcome =
        if approve { Outcome::Approved { by, at } } else { Outcome::Rejected { by, at, words: words.map(Into::into) } };
    answer(d, &id, &asked, outcome);
    Ok(())
}

/// Nobody answered until the approval was due.
pub(super) fn lapse(d: &mut Draft, id: &OrderId, asked: &Approval) {
    answer(d, id, asked, Outcome::Lapsed { at: d.now });
}

fn answer(d: &mut Draft, id: &OrderId, asked: &Approval, outcome: Outcome) {
    d.record(Event::ApprovalAnswered { order: id.clone(), approval: asked.id.clone(), outcome: outcome.clone() });
    let answered = Approval { outcome, ..asked.clone() };
    let authority = approval::by_person(&answered).or_else(|| approval::by_silence(&d.policy, &answered));
    let lapsed = matches!(answered.outcome, Outcome::Lapsed { .. });
    match authority {
        Some(authority) => granted(d, id, &answered, &authority),
        None if lapsed && d.policy.approvals.unanswered == Unanswered::Ask => {
            let line = answered.plan.parts.first().map(|p| p.line.clone());
            let sentence = format!("Nobody answered approval {} in time.", answered.id);
            let about = line.map_or_else(About::default, |l| About::line(&l));
            d.open_case(
                id,
                CaseKind::ApprovalLapsed,
                about,
                Reason::ApprovalLapsed,
                sentence,
                vec![Remedy::PlanAgain, Remedy::CancelRest],
            );
            undo(d, id, &answered, Reason::ApprovalLapsed);
        }
        None => {
            undo(d, id, &answered, Reason::ManualOverride);
            elsewhere(d, id, &answered);
        }
    }
}

/// The assignments that the plan of an approval made and that still wait for it.
fn waiting(d: &Draft, id: &OrderId, asked: &Approval, phase: Phase) -> Vec<u32> {
    let planned = |a: &&Assignment| asked.plan.parts.iter().any(|p| p.line == a.line && p.source == a.source);
    d.order(id).assignments.iter().filter(|a| a.phase == phase).filter(planned).map(|a| a.ordinal).collect()
}

fn granted(d: &mut Draft, id: &OrderId, asked: &Approval, authority: &Authority) {
    if asked.kind == ApprovalKind::Substitution {
        for n in waiting(d, id, asked, Phase::Requested) {
            let a = d.assignment(id, n).clone();
            let accepted = a.live();
            let po = a.purchase_order.expect("because it was requested");
            d.record(Event::AcknowledgmentReceived {
                order: id.clone(),
                purchase_order: po,
                assignment: n,
                accepted,
                declined: a.declined,
                ship_by: a.ship_by,
                deliver_by: a.deliver_by,
                at: d.now,
                reason: Some(Reason::AckSubstitution),
                vendor_order: None,
            });
            supply::firm(d, id, n, accepted, minute(d.now));
            supply::meet(d, id, po, crate::order::ClockKind::Acknowledgment);
            super::acknowledge::start_ship_clock(d, id, po, n);
            supply::commit(d, id, n, accepted, Reason::AckSubstitution);
        }
        return;
    }
    let held = waiting(d, id, asked, Phase::Held);
    if held.is_empty() {
        let demands = supply::uncovered(d.order(id));
        supply::pursue(d, id, &demands, Reason::ManualRelease);
    } else if d.order(id).on_hold.is_none() {
        supply::release(d, id, &held, authority);
    }
}

fn undo(d: &mut Draft, id: &OrderId, asked: &Approval, reason: Reason) {
    let mut ordinals = waiting(d, id, asked, Phase::Held);
    if asked.kind == ApprovalKind::Substitution {
        ordinals.extend(waiting(d, id, asked, Phase::Requested));
    }
    supply::withdraw(d, id, &ordinals, reason);
}

/// A rejected plan leaves the quantity to a person, except a substitution, for which the rules look elsewhere.
fn elsewhere(d: &mut Draft, id: &OrderId, asked: &Approval) {
    if asked.kind == ApprovalKind::Substitution {
        let demands = supply::uncovered(d.order(id));
        supply::pursue(d, id, &demands, Reason::RouteNextBest);
        return;
    }
    let lines: Vec<LineId> = asked.plan.parts.iter().map(|p| p.line.clone()).collect();
    for line in lines {
        let order = d.order(id);
        let quantity = order.line(&line).map(|l| order.uncovered(l)).unwrap_or_default();
        if !quantity.is_zero() {
            let sentence = format!("The plan for {quantity} of line {line} was rejected: choose what to do.");
            d.open_case(
                id,
                CaseKind::Unsourced,
                About::line(&line),
                Reason::ManualOverride,
                sentence,
                vec![Remedy::PlanAgain, Remedy::CancelRest],
            );
        }
    }
}
