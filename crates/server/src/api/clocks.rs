//! The clocks of one source: which rule it, and others proposed for it.
//!
//! Clocks are rules of the policy. Proposing some writes a draft of the next policy, which lives the life of any other:
//! a second person approves it. Does not put anything in force.

use super::call::{Call, json};
use super::input::{Json, Nothing};
use super::output::Reply;
use super::policies::{Shelf, shelf};
use super::route::{Api, Route};
use crate::auth::Permission::{ReadPolicies, WritePolicies};
use crate::problem::{Kind, Problem};
use countersign_engine::command::Actor;
use countersign_engine::ids::SourceId;
use countersign_engine::policy::{ClockRule, Limit, Policy, Scope, Standing};
use countersign_engine::slice::Key;
use countersign_runtime::ports::{Store, StoreError};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub(super) fn routes(api: &mut Api) {
    api.add(
        Route::get("/v1/sources/{source}/clocks", ReadPolicies, "Policies", "How long a source has for its answers"),
        get,
    );
    api.add(
        Route::put("/v1/sources/{source}/clocks", WritePolicies, "Policies", "Propose other clocks for a source").words(
            "Writes them into a draft of the next policy, before the rules for all sources; into the newest draft, if \
             the caller wrote that one alone. They rule once a second person has approved it and it is in force.",
        ),
        propose,
    );
}

/// The clocks of a purchase order; one that is absent does not run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = SourceClocks)]
struct Clocks {
    /// Its machine confirms the paper.
    #[serde(default)]
    #[schema(value_type = Option<ClockLimit>)]
    receipt: Option<Limit>,
    /// It answers the purchase order.
    #[serde(default)]
    #[schema(value_type = Option<ClockLimit>)]
    acknowledgment: Option<Limit>,
    /// It ships, counted from the end of the promised ship day.
    #[serde(default)]
    #[schema(value_type = Option<ClockLimit>)]
    ship_notice: Option<Limit>,
    /// It answers a cancellation.
    #[serde(default)]
    #[schema(value_type = Option<ClockLimit>)]
    cancel_answer: Option<Limit>,
}

/// A time limit and what happens at its end.
#[derive(ToSchema)]
#[expect(dead_code, reason = "says what the engine's limit looks like")]
struct ClockLimit {
    /// Seconds until the answer is due.
    within_s: u32,
    /// Percent of that time after which people are warned; 0 for never.
    warn_percent: u8,
    /// `continuous`, or `business` for the source's business time only.
    time: String,
    /// At the breach: `remind`, `reroute` or `ask`.
    then: String,
}

/// What rules a source, and what is proposed for it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ClocksOfSource)]
pub(super) struct ClocksView {
    /// The policy in force.
    policy: u32,
    /// What it says for this source, whatever is ordered.
    rules: Clocks,
    /// True if it says otherwise for some orders: by category, or in a decision table.
    elsewhere: bool,
    /// The newest draft that has clocks of this source's own.
    draft: Option<u32>,
    /// What that draft says.
    proposed: Option<Clocks>,
}

impl Clocks {
    /// What a policy says for a source, whatever is ordered.
    fn of(policy: &Policy, source: &SourceId) -> Self {
        let general =
            |r: &&ClockRule| r.scope.category.is_none() && r.scope.source.as_ref().is_none_or(|s| s == source);
        policy.clocks.iter().filter(general).fold(Self::default(), |found, rule| Self {
            receipt: found.receipt.or(rule.receipt),
            acknowledgment: found.acknowledgment.or(rule.acknowledgment),
            ship_notice: found.ship_notice.or(rule.ship_notice),
            cancel_answer: found.cancel_answer.or(rule.cancel_answer),
        })
    }
}

fn is_own(rule: &ClockRule, source: &SourceId) -> bool {
    rule.scope.category.is_none() && rule.scope.source.as_ref() == Some(source)
}

/// The newest document that is still a draft, with where it stands.
fn newest_draft(store: &dyn Store, shelf: &Shelf) -> Result<Option<(Standing, Policy)>, StoreError> {
    let newest = shelf.book.versions.iter().next_back();
    let Some((version, standing)) = newest.filter(|(_, s)| s.approval.is_none() && s.activations.is_empty()) else {
        return Ok(None);
    };
    let found = store.load(&[Key::policy_version(*version)])?.into_iter().flatten().next();
    Ok(match found.map(|v| v.record) {
        Some(countersign_engine::slice::Record::PolicyVersion(policy)) => {
            Some((standing.clone(), policy.as_ref().clone()))
        }
        _ => None,
    })
}

fn view(store: &dyn Store, source: &SourceId) -> Result<ClocksView, StoreError> {
    let shelf = shelf(store)?;
    let policy = &shelf.active;
    let draft = newest_draft(store, &shelf)?.map(|(_, policy)| policy);
    let draft = draft.filter(|policy| policy.clocks.iter().any(|rule| is_own(rule, source)));
    let narrow = |r: &ClockRule| r.scope.category.is_some() && r.scope.source.as_ref().is_none_or(|s| s == source);
    let tabled = policy.tables.iter().any(|table| table.decides.code() == "clocks");
    Ok(ClocksView {
        policy: policy.version,
        rules: Clocks::of(policy, source),
        elsewhere: tabled || policy.clocks.iter().any(narrow),
        draft: draft.as_ref().map(|policy| policy.version),
        proposed: draft.map(|policy| Clocks::of(&policy, source)),
    })
}

async fn source_of(call: &Call) -> Result<SourceId, Problem> {
    let source: SourceId = call.id("source")?;
    match call.record(Key::Source(source.clone())).await? {
        Some(_) => Ok(source),
        None => Err(Problem::absent(Kind::NotFound, source.as_str())),
    }
}

async fn get(call: Call, _: Nothing) -> Result<Reply<ClocksView>, Problem> {
    let source = source_of(&call).await?;
    Ok(Reply::of(&call.read(move |store| view(store, &source)).await?))
}

async fn propose(call: Call, body: Json<Clocks>) -> Result<Reply<ClocksView>, Problem> {
    let source = source_of(&call).await?;
    let (by, clocks, of) = (call.actor(), body.value.clone(), source.clone());
    let policy = call.read(move |store| drafted(store, &by, &of, clocks)).await?;
    let (version, proposed) = (policy.version, body.value.clone());
    let render = move |done: &countersign_runtime::request::Done| {
        let active = done.after.policy();
        let view = ClocksView {
            policy: active.version,
            rules: Clocks::of(active, &source),
            elsewhere: false,
            draft: Some(version),
            proposed: Some(proposed.clone()),
        };
        (200, json(&view))
    };
    let deed = super::policies::saved(&call, policy).await?.0;
    call.act(&body.bytes, deed, render).await
}

/// The draft with these clocks in it: the caller's own newest one, or the next version of what is in force.
fn drafted(store: &dyn Store, by: &Actor, source: &SourceId, clocks: Clocks) -> Result<Policy, StoreError> {
    let shelf = shelf(store)?;
    let own = newest_draft(store, &shelf)?.filter(|(s, _)| s.authors.iter().all(|author| author.is_same(by)));
    let newest = shelf.book.versions.keys().next_back().copied().unwrap_or(0).max(shelf.active.version);
    let mut policy = match own {
        Some((_, policy)) => policy,
        None => Policy { version: newest + 1, fallbacks: vec![], ..shelf.active.as_ref().clone() },
    };
    let Clocks { receipt, acknowledgment, ship_notice, cancel_answer } = clocks;
    let scope = Scope { source: Some(source.clone()), category: None };
    policy.clocks.retain(|rule| !is_own(rule, source));
    // Before what holds for all; what holds for a category stays before it.
    let place = policy.clocks.iter().position(|rule| rule.scope == Scope::default()).unwrap_or(policy.clocks.len());
    policy.clocks.insert(place, ClockRule { scope, receipt, acknowledgment, ship_notice, cancel_answer });
    Ok(policy)
}
