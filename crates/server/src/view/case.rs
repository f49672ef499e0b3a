//! Cases and approvals: what waits for a person, and the person's answers.

use super::decision::PlanView;
use super::option::StakeView;
use super::words::ActorWords;
use crate::auth::{may_answer, of_remedy};
use countersign_engine::approval::{Approval, ApprovalKind, Outcome};
use countersign_engine::case::{Case, CaseKind, Comment, Remedy, Resolution, Severity};
use countersign_engine::command::{Actor, Role};
use countersign_engine::explain;
use countersign_engine::ids::{ApprovalId, CaseId, CaseSubject, LineId, OrderId, SourceId};
use countersign_engine::measure::Quantity;
use countersign_engine::order::Order;
use countersign_engine::policy::Unanswered;
use countersign_engine::reason::Reason;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An exception that somebody must look at.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Case)]
pub struct CaseView {
    #[schema(value_type = String)]
    id: CaseId,
    /// What it is about.
    subject: SubjectView,
    /// The order it is about, if one.
    #[schema(value_type = Option<String>)]
    order: Option<OrderId>,
    #[schema(value_type = String)]
    kind: CaseKind,
    /// `low`, `medium`, `high`, `critical`.
    #[schema(value_type = String)]
    severity: Severity,
    /// The role that owns it.
    #[schema(value_type = String)]
    role: Role,
    #[schema(value_type = String)]
    reason: Reason,
    /// What happened.
    sentence: String,
    #[schema(value_type = String, format = DateTime)]
    opened_at: Timestamp,
    /// When it goes up the ladder, unless somebody has answered.
    #[schema(value_type = Option<String>, format = DateTime)]
    escalate_at: Option<Timestamp>,
    #[schema(value_type = Option<String>)]
    line: Option<LineId>,
    /// The number of the purchase order it concerns.
    purchase_order: Option<String>,
    /// True if the line cannot go on before it is resolved.
    blocks: bool,
    /// What may be done, in the order of the rules; `/choices` says which of them is recommended.
    options: Vec<RemedyView>,
    #[schema(value_type = Option<ActorWords>)]
    assigned_to: Option<Actor>,
    #[schema(value_type = Vec<CommentWords>)]
    comments: Vec<Comment>,
    /// How it ended; null while it is open.
    #[schema(value_type = Option<ResolutionWords>)]
    resolution: Option<Resolution>,
    /// Counts changes; send it back when resolving, so that nobody overwrites somebody else.
    revision: u32,
    /// The operator's help for this kind.
    help: String,
    /// What stands on the table; null for cases about no order, and in the answers to acts.
    stake: Option<StakeView>,
    /// Until when the caller has put it aside; null if not.
    #[schema(value_type = Option<String>, format = DateTime)]
    snoozed_until: Option<Timestamp>,
}

/// What a case is about.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CaseSubject)]
pub struct SubjectView {
    /// The order.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    order: Option<OrderId>,
    /// The source, where the case is about no order.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    source: Option<SourceId>,
}

/// What may be done about a case.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Remedy)]
struct RemedyView {
    /// `plan_again`, `reroute_to`, `cancel_rest`, `wait_longer`, `send_again`, `source_has_it`, `source_will_not_ship`,
    /// `keep_source`, `accept_date`, `excuse_breach`, `uphold_breach`, `dismiss`.
    #[serde(flatten)]
    #[schema(value_type = RemedyBody)]
    remedy: Remedy,
    /// What it does.
    sentence: String,
    /// What one must be permitted to choose it, as `permissions` of the session name it.
    permission: String,
    /// True if it states a fact about the world outside: it is never recommended, and refused without words.
    needs_words: bool,
}

/// A remedy as it is chosen.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the engine's Remedy to the documentation")]
pub struct RemedyBody {
    /// One of the actions that the case offers.
    #[schema(example = "plan_again")]
    action: String,
    /// For `reroute_to`: which source.
    source: Option<String>,
    /// For `excuse_breach` and `uphold_breach`: what was late, as the option says.
    clock: Option<String>,
    /// For these: when it was due, as the option says.
    #[schema(format = DateTime)]
    due: Option<String>,
}

/// What somebody wrote.
#[derive(ToSchema)]
#[schema(as = Comment)]
#[expect(dead_code, reason = "describes the engine's Comment to the documentation")]
struct CommentWords {
    by: ActorWords,
    at: String,
    words: String,
}

/// How a case ended.
#[derive(ToSchema)]
#[schema(as = Resolution)]
#[expect(dead_code, reason = "describes the engine's Resolution to the documentation")]
struct ResolutionWords {
    by: ActorWords,
    at: String,
    /// What was done; absent if the matter settled by itself.
    remedy: Option<RemedyBody>,
    /// The code that the person gave.
    reason: Option<String>,
    words: Option<String>,
}

impl CaseView {
    /// The case.
    pub fn new(case: &Case) -> Self {
        let (order, source) = match case.id.split() {
            Some((CaseSubject::Order(order), _)) => (Some(order), None),
            Some((CaseSubject::Source(source), _)) => (None, Some(source)),
            None => (None, None),
        };
        let option = |remedy: &Remedy| RemedyView {
            remedy: remedy.clone(),
            sentence: explain::remedy(remedy),
            permission: of_remedy(remedy).code(),
            needs_words: remedy.is_statement(),
        };
        Self {
            id: case.id.clone(),
            purchase_order: order.as_ref().zip(case.purchase_order).map(|(o, n)| format!("{o}-{n}")),
            subject: SubjectView { order: order.clone(), source },
            order,
            kind: case.kind,
            severity: case.severity,
            role: case.role,
            reason: case.reason,
            sentence: case.sentence.clone(),
            opened_at: case.opened_at,
            escalate_at: case.escalate_at,
            line: case.line.clone(),
            blocks: case.blocks,
            options: case.options.iter().map(option).collect(),
            assigned_to: case.assigned_to.clone(),
            comments: case.comments.clone(),
            resolution: case.resolution.clone(),
            revision: case.revision,
            help: case.kind.help().trim().to_owned(),
            stake: None,
            snoozed_until: None,
        }
    }
    /// With what stands on the table.
    pub fn beside(mut self, case: &Case, order: Option<&Order>) -> Self {
        self.stake = order.and_then(|o| StakeView::of(o, case.line.as_ref(), case.purchase_order));
        self
    }
    /// Put aside by the caller until then.
    pub fn snoozed(mut self, until: Option<Timestamp>) -> Self {
        self.snoozed_until = until;
        self
    }
}

/// How a case is resolved.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ResolveBody {
    /// One of the case's options.
    #[schema(value_type = RemedyBody)]
    pub remedy: Remedy,
    /// Why: one of the codes that `GET /v1/reasons` marks as `given`.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "cancel_customer")]
    pub reason: Option<Reason>,
    /// In what words; needed where the option says `needs_words`.
    #[serde(default)]
    pub words: Option<String>,
    /// The revision that was seen; refused with `stale` if it has moved on.
    #[serde(default)]
    pub revision: Option<u32>,
}

/// To whom a case is given; to oneself if empty.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub struct AssignBody {
    /// The person's login.
    #[serde(default)]
    pub name: Option<String>,
    /// Left for older callers: the role that the person has counts.
    #[serde(default, rename = "role")]
    #[schema(value_type = Option<String>)]
    pub _role: Option<Role>,
    /// The revision that was seen; refused with `stale` if it has moved on.
    #[serde(default)]
    pub revision: Option<u32>,
}

/// Until when a case is put aside.
#[derive(Debug, Deserialize, ToSchema)]
pub struct SnoozeBody {
    /// The moment at which it comes back; at most 30 days ahead.
    #[serde(deserialize_with = "super::words::instant")]
    #[schema(value_type = String, format = DateTime)]
    pub until: Timestamp,
}

/// Words on a case.
#[derive(Debug, Deserialize, ToSchema)]
pub struct CommentBody {
    /// The words; 1 to 4,000 characters.
    pub words: String,
}

/// A decision that waits for a person, or was made by one.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Approval)]
pub struct ApprovalView {
    #[schema(value_type = String)]
    id: ApprovalId,
    #[schema(value_type = String)]
    order: OrderId,
    /// `split`, `substitution`, `cost_increase`, `expedite`, `late_promise`, `release`.
    #[schema(value_type = String)]
    kind: ApprovalKind,
    #[schema(value_type = String)]
    reason: Reason,
    /// Why a person is asked.
    sentence: String,
    #[schema(value_type = String, format = DateTime)]
    asked_at: Timestamp,
    /// Until when an answer counts.
    #[schema(value_type = String, format = DateTime)]
    due: Timestamp,
    /// The plan that would be released.
    plan: PlanView,
    /// Of a substitution: what is offered, instead of what; null for other kinds.
    instead: Option<InsteadView>,
    /// `{"state": "open"}`, `approved`, `rejected`, `lapsed`, `replaced`, `void`; with who and when.
    #[schema(value_type = OutcomeWords)]
    outcome: Outcome,
    /// What happens if nobody answers: `ask` (a case is opened), `approve`, `reject`; null in the answers to acts.
    #[schema(value_type = Option<String>)]
    unanswered: Option<Unanswered>,
    /// What stands on the table; null in the answers to acts.
    stake: Option<StakeView>,
    /// True if the caller's role answers questions of this kind; null in the answers to acts.
    answerable: Option<bool>,
}

/// What a source offers instead of what was ordered.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApprovalInstead)]
struct InsteadView {
    /// The item offered.
    sku: String,
    /// As the source calls it; our own number where it did not say.
    vendor_sku: String,
    #[schema(value_type = u32)]
    quantity: Quantity,
    #[schema(value_type = String)]
    source: SourceId,
    #[schema(value_type = String)]
    line: LineId,
    /// The item that was ordered; null in the answers to acts.
    ordered_sku: Option<String>,
}

impl InsteadView {
    fn new(approval: &Approval) -> Option<Self> {
        let part = approval.plan.parts.first().filter(|_| approval.kind == ApprovalKind::Substitution)?;
        Some(Self {
            // The step of such a part is what is offered.
            sku: part.step.to_string(),
            vendor_sku: part.vendor_sku.to_string(),
            quantity: part.quantity,
            source: part.source.clone(),
            line: part.line.clone(),
            ordered_sku: None,
        })
    }
}

/// Where an approval stands.
#[derive(ToSchema)]
#[schema(as = ApprovalOutcome)]
#[expect(dead_code, reason = "describes the engine's Outcome to the documentation")]
struct OutcomeWords {
    /// `open`, `approved`, `rejected`, `lapsed`, `replaced` (somebody took another source), `void`.
    state: String,
    by: Option<ActorWords>,
    at: Option<String>,
    /// Of `replaced`: the source that was taken.
    to: Option<String>,
    words: Option<String>,
}

impl ApprovalView {
    /// The approval of that order.
    pub fn new(order: &OrderId, approval: &Approval) -> Self {
        Self {
            id: approval.id.clone(),
            order: order.clone(),
            kind: approval.kind,
            reason: approval.reason,
            sentence: match approval.kind {
                ApprovalKind::Substitution => {
                    format!("{} {}", explain::plan(&approval.plan), approval.reason.sentence())
                }
                _ => approval.reason.sentence().to_owned(),
            },
            asked_at: approval.asked_at,
            due: approval.due,
            plan: PlanView::new(&approval.plan),
            instead: InsteadView::new(approval),
            outcome: approval.outcome.clone(),
            unanswered: None,
            stake: None,
            answerable: None,
        }
    }
    /// With whether the reader's role may answer it.
    pub fn for_role(mut self, role: Role) -> Self {
        self.answerable = Some(may_answer(role, self.kind));
        self
    }
    /// With what stands on the table, and what happens if nobody answers.
    pub fn beside(mut self, approval: &Approval, order: Option<&Order>, unanswered: Unanswered) -> Self {
        self.unanswered = Some(unanswered);
        if let (Some(instead), Some(order)) = (&mut self.instead, order) {
            instead.ordered_sku = order.line(&instead.line).map(|l| l.sku.to_string());
        }
        self.stake = order.and_then(|o| StakeView::new(o, |line| approval.concerns(line)));
        self
    }
}

/// The words of an answer.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub struct AnswerBody {
    /// In what words.
    #[serde(default)]
    pub words: Option<String>,
}
