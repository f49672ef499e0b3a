//! Policies and their lives, for people and programs.

use super::words::ActorWords;
use countersign_engine::command::Actor;
use countersign_engine::event::Event;
use countersign_engine::explain;
use countersign_engine::policy::{Activation, Backtest, Fault, Policy, PolicyApproval, PolicyBook, Standing};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema};
use utoipa::{PartialSchema, ToSchema};

/// A policy document; docs/policies.md describes its rules.
#[derive(Debug, Clone, serde::Deserialize, Serialize)]
#[serde(transparent)]
pub struct PolicyBody(pub Policy);

impl PartialSchema for PolicyBody {
    fn schema() -> RefOr<Schema> {
        let words = "version, name, modes, sensitive, clocks, freshness, safety_stock, netting, sourcing, approvals, \
                     answers, transit, hold_minutes, life_cycle. Unknown fields are refused here, because a mistyped \
                     rule must not be ignored.";
        let example = serde_json::to_value(Policy::default()).unwrap_or_default();
        RefOr::T(Schema::Object(ObjectBuilder::new().description(Some(words)).examples([example]).build()))
    }
}
impl ToSchema for PolicyBody {
    fn name() -> std::borrow::Cow<'static, str> {
        "Policy".into()
    }
}

/// A version of the policy and where it stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PolicyVersion)]
pub struct PolicyView {
    version: u32,
    name: String,
    /// `draft`, `backtested`, `approved`, `scheduled`, `active` or `superseded`.
    state: &'static str,
    /// Counts the drafts; send it back with an approval, so that nobody approves what they did not see.
    revision: u32,
    /// Everybody who wrote on it; none of them may approve it.
    #[schema(value_type = Vec<ActorWords>)]
    authors: BTreeSet<Actor>,
    /// When the present draft was written; null of the policy as delivered.
    #[schema(value_type = Option<String>, format = DateTime)]
    saved_at: Option<Timestamp>,
    /// The backtest of the present draft, if one was recorded.
    backtest: Option<BacktestView>,
    /// Who approved the present draft.
    approval: Option<PolicyApprovalView>,
    /// When it takes over, if that was said.
    #[schema(value_type = Option<String>, format = DateTime)]
    takes_over_at: Option<Timestamp>,
    /// When it was put in force, oldest first; a rollback adds another.
    activations: Vec<ActivationView>,
    /// Rules that decide nothing as things stand, told when the draft is written or read alone; they refuse nothing.
    warnings: Vec<WarningView>,
    /// Each rule as a sentence, with its place in the document; tables before lists.
    sentences: Vec<SentenceView>,
    /// What the call did, in sentences, also that nothing changed; only in answers to calls that take a step.
    #[serde(skip_serializing_if = "Option::is_none")]
    said: Option<String>,
    /// The document.
    #[schema(value_type = PolicyBody)]
    policy: Policy,
}

/// A rule that decides nothing as things stand.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = PolicyWarning)]
pub struct WarningView {
    /// JSON pointer into the document.
    pointer: String,
    /// What stands there.
    value: String,
    /// What follows, and what to do.
    sentence: String,
}

impl WarningView {
    /// As the engine told it.
    pub fn new(fault: Fault) -> Self {
        Self { pointer: fault.pointer, value: fault.value, sentence: fault.sentence }
    }
}

/// A rule as a sentence.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PolicySentence)]
pub struct SentenceView {
    /// JSON pointer to the rule.
    pointer: String,
    sentence: String,
}

/// All of its rules as sentences.
pub fn sentences(policy: &Policy) -> Vec<SentenceView> {
    let all = policy.sentences().into_iter();
    all.map(|s| SentenceView { pointer: s.pointer, sentence: s.sentence }).collect()
}

/// What a backtest said.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PolicyBacktest)]
struct BacktestView {
    /// SHA-256 of the whole report.
    digest: String,
    summary: String,
    figures: BTreeMap<String, i64>,
    #[schema(value_type = ActorWords)]
    by: Actor,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
}

/// Who approved it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PolicyApproval)]
struct PolicyApprovalView {
    #[schema(value_type = ActorWords)]
    by: Actor,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    words: Option<String>,
}

/// When it was put in force.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PolicyActivation)]
struct ActivationView {
    #[schema(value_type = ActorWords)]
    by: Actor,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
}

impl BacktestView {
    fn new(b: &Backtest) -> Self {
        let figures = b.figures.iter().map(|(name, n)| (name.to_string(), *n)).collect();
        Self { digest: b.digest.to_string(), summary: b.summary.clone(), figures, by: b.by.clone(), at: b.at }
    }
}

impl PolicyView {
    /// A version that stands in the book.
    pub fn new(book: &PolicyBook, standing: &Standing, policy: Policy) -> Self {
        let version = policy.version;
        let approval = |a: &PolicyApproval| PolicyApprovalView { by: a.by.clone(), at: a.at, words: a.words.clone() };
        let activation = |a: &Activation| ActivationView { by: a.by.clone(), at: a.at };
        Self {
            version,
            name: policy.name.clone(),
            state: book.state(version).map_or("draft", |s| s.code()),
            revision: standing.revision,
            authors: standing.authors.clone(),
            // The policy as delivered never was a draft.
            saved_at: Some(standing.saved_at).filter(|_| standing.revision > 0),
            backtest: standing.backtest.as_ref().map(BacktestView::new),
            approval: standing.approval.as_ref().map(approval),
            takes_over_at: book.scheduled.as_ref().filter(|s| s.version == version).map(|s| s.at),
            activations: standing.activations.iter().map(activation).collect(),
            warnings: vec![],
            sentences: sentences(&policy),
            said: None,
            policy,
        }
    }

    /// With what is to be said of its rules as things stand.
    #[must_use]
    pub fn with_warnings(mut self, warnings: Vec<WarningView>) -> Self {
        self.warnings = warnings;
        self
    }

    /// With what the call did.
    #[must_use]
    pub fn saying(mut self, events: &[Event]) -> Self {
        let sentences: Vec<String> = events.iter().map(explain::event).collect();
        self.said = Some(match sentences.is_empty() {
            true => format!("Nothing changed: policy {} is {} already.", self.version, self.state),
            false => sentences.join(" "),
        });
        self
    }

    /// The policy as delivered, or one that was put in force without a life.
    pub fn without_life(policy: Policy, is_active: bool) -> Self {
        Self {
            version: policy.version,
            name: policy.name.clone(),
            state: if is_active { "active" } else { "superseded" },
            revision: 0,
            authors: BTreeSet::new(),
            saved_at: None,
            backtest: None,
            approval: None,
            takes_over_at: None,
            activations: vec![],
            warnings: vec![],
            sentences: sentences(&policy),
            said: None,
            policy,
        }
    }

    /// True for the one in force.
    pub fn is_active(&self) -> bool {
        self.state == "active"
    }
    /// Its number.
    pub fn version(&self) -> u32 {
        self.version
    }
    /// The document.
    pub fn document(&self) -> &Policy {
        &self.policy
    }
}
