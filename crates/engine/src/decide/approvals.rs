//! A person answers what the policy reserves for a person, or nobody does in time.

use super::acknowledge::{self, Tallied, substitute};
use super::draft::{About, Draft};
use super::{find_order, supply};
use crate::approval::{self, Approval, ApprovalKind, Authority, Outcome};
use crate::case::{CaseKind, Remedy};
use crate::event::Event;
use crate::ids::{ApprovalId, LineId, OrderId};
use crate::order::{Assignment, Phase};
use crate::policy::Unanswered;
use crate::promise::Dates;
use crate::reason::Reason;
use crate::refusal::{Refusal, RefusalKind};
use std::collections::BTreeSet;

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
    let (by, at, words) = (d.by.clone(), d.now, words.map(Into::into));
    let outcome = if approve { Outcome::Approved { by, at, words } } else { Outcome::Rejected { by, at, words } };
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
            let sentence = format!("Nobody answered approval {} in time.", answered.id);
            for line in lines_of(&answered) {
                let options = vec![Remedy::PlanAgain, Remedy::CancelRest];
                let (kind, reason) = (CaseKind::ApprovalLapsed, Reason::ApprovalLapsed);
                d.open_case(id, kind, About::line(&line), reason, sentence.clone(), options);
            }
            undo(d, id, &answered, Reason::ApprovalLapsed);
        }
        None => {
            let reason = if lapsed { Reason::ApprovalLapsed } else { Reason::ManualOverride };
            undo(d, id, &answered, reason);
            elsewhere(d, id, &answered, reason);
        }
    }
}

fn lines_of(asked: &Approval) -> BTreeSet<LineId> {
    asked.plan.parts.iter().map(|p| p.line.clone()).collect()
}

/// The assignments that the plan of an approval made and that still wait for it.
fn waiting(d: &Draft, id: &OrderId, asked: &Approval, phase: Phase) -> Vec<u32> {
    let planned = |a: &&Assignment| asked.plan.parts.iter().any(|p| p.line == a.line && p.source == a.source);
    d.order(id).assignments.iter().filter(|a| a.phase == phase).filter(planned).map(|a| a.ordinal).collect()
}

fn granted(d: &mut Draft, id: &OrderId, asked: &Approval, authority: &Authority) {
    if asked.kind == ApprovalKind::Substitution {
        for n in substituted(d, id, asked) {
            take_substitute(d, id, asked, n);
        }
        return;
    }
    let held = waiting(d, id, asked, Phase::Held);
    if held.is_empty() {
        let demands = supply::uncovered(d.order(id));
        supply::pursue(d, id, &demands, Reason::ManualRelease);
    } else if d.order(id).on_hold.is_none() {
        supply::release(d, id, &held, authority, asked.plan.reason);
    }
}

/// The assignments to which a substitute was offered and that still run.
fn substituted(d: &Draft, id: &OrderId, asked: &Approval) -> Vec<u32> {
    let offered = |a: &&Assignment| asked.plan.parts.iter().any(|p| p.line == a.line && p.source == a.source);
    d.order(id).assignments.iter().filter(|a| a.is_running()).filter(offered).map(|a| a.ordinal).collect()
}

/// The substitute counts as accepted. No hold: what is reserved is reserved of the item that was ordered.
fn take_substitute(d: &mut Draft, id: &OrderId, asked: &Approval, n: u32) {
    let a = d.assignment(id, n).clone();
    let po = a.purchase_order.expect("because it runs");
    let offered = asked.plan.parts.iter().find(|p| p.line == a.line).expect("because it was offered for its line");
    let accepted = (a.accepted + offered.quantity).min(a.live());
    let told = Tallied {
        accepted,
        declined: a.declined,
        dates: Dates { ship_by: a.ship_by, deliver_by: a.deliver_by },
        reason: Some(Reason::AckSubstitution),
        substitute: substitute::taken(d.order(id), &a, offered, accepted.less(a.accepted)),
    };
    acknowledge::record(d, id, po, &a, told, None);
    acknowledge::settle(d, id, po);
    acknowledge::start_ship_clock(d, id, po, n);
    supply::commit(d, id, n, accepted, Reason::AckSubstitution);
    acknowledge::settle_line(d, id, &a.line);
}

fn undo(d: &mut Draft, id: &OrderId, asked: &Approval, reason: Reason) {
    let held = waiting(d, id, asked, Phase::Held);
    supply::withdraw(d, id, &held, reason);
    if asked.kind == ApprovalKind::Substitution {
        for n in substituted(d, id, asked) {
            match d.assignment(id, n).phase {
                Phase::Requested => supply::withdraw(d, id, &[n], reason),
                _ => acknowledge::decline_unanswered(d, id, n, reason),
            }
        }
    }
}

/// A rejected plan leaves the quantity to a person, except a substitution, for which the rules look elsewhere, and a
/// faster way, without which they plan again.
fn elsewhere(d: &mut Draft, id: &OrderId, asked: &Approval, reason: Reason) {
    if matches!(asked.kind, ApprovalKind::Substitution | ApprovalKind::Expedite) {
        let demands = supply::uncovered(d.order(id));
        supply::pursue(d, id, &demands, Reason::RouteNextBest);
        return;
    }
    for line in lines_of(asked) {
        let order = d.order(id);
        let quantity = order.line(&line).map(|l| order.uncovered(l)).unwrap_or_default();
        if !quantity.is_zero() {
            let sentence = format!("The plan for {quantity} of line {line} was rejected: choose what to do.");
            d.open_case(
                id,
                CaseKind::Unsourced,
                About::line(&line),
                reason,
                sentence,
                vec![Remedy::PlanAgain, Remedy::CancelRest],
            );
        }
    }
}
