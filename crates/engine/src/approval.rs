//! Decisions that the policy reserves for a person, and the authority to act.
//!
//! [`Authority`] has no public constructor: it comes from the policy or from a person, so that no path can
//! release a plan without one.

use crate::command::Actor;
use crate::ids::{ApprovalId, LineId, SourceId};
use crate::policy::{Mode, Policy, Reserve};
use crate::reason::Reason;
use crate::routing::Plan;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A decision that waits for a person, or was made by one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Approval {
    /// Its id.
    pub id: ApprovalId,
    /// What is asked.
    pub kind: ApprovalKind,
    /// Why a person is asked.
    pub reason: Reason,
    /// When it was asked.
    pub asked_at: Timestamp,
    /// Until when an answer counts.
    pub due: Timestamp,
    /// The plan that would be released.
    pub plan: Plan,
    /// Where it stands.
    pub outcome: Outcome,
}

impl Approval {
    /// True while an answer is awaited.
    pub fn is_open(&self) -> bool {
        self.outcome == Outcome::Open
    }
    /// True if the plan has a part for that line.
    pub fn concerns(&self, line: &LineId) -> bool {
        self.plan.parts.iter().any(|p| p.line == *line)
    }
}

/// What a person is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApprovalKind {
    /// Ship a line from several sources.
    Split,
    /// Ship another item.
    Substitution,
    /// Pay more than the first plan.
    CostIncrease,
    /// Promise a later day than was told.
    LatePromise,
    /// Pay for a faster way, so that a promise is kept.
    Expedite,
    /// Release an act, because the mode asks for it.
    Release,
}

/// Where an approval stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Outcome {
    /// Nobody answered yet.
    Open,
    /// Somebody approved.
    Approved {
        /// Who.
        by: Actor,
        /// When.
        at: Timestamp,
        /// In what words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        words: Option<String>,
    },
    /// Somebody rejected.
    Rejected {
        /// Who.
        by: Actor,
        /// When.
        at: Timestamp,
        /// In what words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        words: Option<String>,
    },
    /// Nobody answered in time.
    Lapsed {
        /// When.
        at: Timestamp,
    },
    /// Somebody took another source than the one asked about.
    Replaced {
        /// Who.
        by: Actor,
        /// When.
        at: Timestamp,
        /// That source; the rules chose it if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<SourceId>,
        /// In what words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        words: Option<String>,
    },
    /// The question no longer arises.
    Void,
}

/// The right to release a plan. Only this module makes one.
#[derive(Debug)]
pub struct Authority {
    source: AuthoritySource,
}

#[derive(Debug)]
enum AuthoritySource {
    Policy,
    Person,
}

impl Authority {
    /// True if a person gave it.
    pub fn is_personal(&self) -> bool {
        matches!(self.source, AuthoritySource::Person)
    }
}

/// Authority by policy, or what a person has to be asked.
pub fn by_policy(policy: &Policy, mode: Mode, plan: &Plan) -> Result<Authority, (ApprovalKind, Reason)> {
    match &plan.reserved {
        Some(reserved) => match reserved.ask {
            Some(kind) => return Err((kind, Reason::ApprovalByTable)),
            None => return by_mode(mode),
        },
        None => by_lists(policy, plan)?,
    }
    by_mode(mode)
}

/// What the policy's lists reserve for a person.
fn by_lists(policy: &Policy, plan: &Plan) -> Result<(), (ApprovalKind, Reason)> {
    let rules = &policy.approvals;
    if plan.is_split() && rules.split == Reserve::Always {
        return Err((ApprovalKind::Split, Reason::ApprovalSplit));
    }
    let ask_before_expediting = policy.expedite.as_ref().is_some_and(|e| e.ask == Reserve::Always);
    if ask_before_expediting && plan.parts.iter().any(|p| p.expedited.is_some()) {
        return Err((ApprovalKind::Expedite, Reason::ApprovalExpedite));
    }
    if let (Some(limit), Some(increase)) = (rules.cost_increase_percent, plan.cost_increase_percent)
        && increase > limit
    {
        return Err((ApprovalKind::CostIncrease, Reason::ApprovalCostIncrease));
    }
    if rules.cost_increase_percent.is_some() && plan.changes_currency {
        return Err((ApprovalKind::CostIncrease, Reason::ApprovalOtherCurrency));
    }
    if plan.breaks_promise && rules.late_promise == Reserve::Always {
        return Err((ApprovalKind::LatePromise, Reason::ApprovalLatePromise));
    }
    Ok(())
}

fn by_mode(mode: Mode) -> Result<Authority, (ApprovalKind, Reason)> {
    if mode == Mode::Recommend {
        return Err((ApprovalKind::Release, Reason::ApprovalRecommend));
    }
    Ok(Authority { source: AuthoritySource::Policy })
}

/// Authority by a person's approval; `None` unless the approval was granted.
pub fn by_person(approval: &Approval) -> Option<Authority> {
    matches!(approval.outcome, Outcome::Approved { .. }).then_some(Authority { source: AuthoritySource::Person })
}

/// Authority by a person who ordered the act himself (a reroute or a retry from a case).
pub fn by_order_of(actor: &Actor) -> Option<Authority> {
    actor.is_person().then_some(Authority { source: AuthoritySource::Person })
}

/// Authority where the policy says that silence is consent.
pub fn by_silence(policy: &Policy, approval: &Approval) -> Option<Authority> {
    let consent = policy.approvals.unanswered == crate::policy::Unanswered::Approve
        && matches!(approval.outcome, Outcome::Lapsed { .. });
    consent.then_some(Authority { source: AuthoritySource::Policy })
}
