//! Backtests: a policy tried on a history that is kept here, or on this installation's own journal, as a job to watch, to
//! cancel, and to open orders of.
//!
//! A job is kept in the store (see [`card`]) and outlives the process that works on it (see [`work`]). The journal hears of
//! it when it is done: of one that was cancelled or killed it knows nothing, and it goes on where it was.

mod card;
mod work;

use super::call::Call;
use super::input::{MaybeJson, Nothing};
use super::output::{Page, Reply};
use super::route::{Api, Route};
use crate::auth::Permission::{ReadPolicies, WritePolicies};
use crate::office::Office;
use crate::problem::{Kind, Problem};
use card::{Card, Changed, JOBS_MAX, Over, State};
use countersign_engine::policy::Policy;
use countersign_engine::slice::{Key, Record};
use countersign_runtime::ports::{Store, StoreError};
use countersign_sim::replay::trial::SEEDS;
use countersign_sim::replay::why;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::atomic::Ordering;
use utoipa::ToSchema;
pub(crate) use work::Backtests;
use work::{Fault, Place};

const GROUP: &str = "Policies";
/// Seeds of one job: more only delay everybody else on the machine.
const SEEDS_ASKED_MAX: u64 = 50;

pub(super) fn routes(api: &mut Api) {
    api.add(
        Route::post("/v1/policies/{version}/backtest", WritePolicies, GROUP, "Try a policy on what happened").words(
            "Replays a history that is kept here, or this installation's journal, with that policy, beside the work of \
             the day; answers with a job. What sources really answered is observed; where the policy asks another source, a model fitted to that source's \
             own answers replies, and is marked so.",
        ),
        post,
    );
    api.add(
        Route::get("/v1/backtests", ReadPolicies, GROUP, "List the latest backtests")
            .words("Four are kept, also over a restart; when another one begins, the oldest is forgotten."),
        list,
    );
    api.add(Route::get("/v1/backtests/{job}", ReadPolicies, GROUP, "Watch a backtest, read its result"), get);
    api.add(
        Route::post("/v1/backtests/{job}/cancel", WritePolicies, GROUP, "Stop a backtest").words(
            "The journal hears nothing of it. What it has replayed so far is kept, for seven days: `resume` goes on there.",
        ),
        cancel,
    );
    api.add(
        Route::post("/v1/backtests/{job}/resume", WritePolicies, GROUP, "Go on with a stopped backtest").words(
            "With one that was cancelled, or interrupted because the service was stopped or killed. Comes to the same \
             result, to the byte, as if it had not been.",
        ),
        resume,
    );
    api.add(Route::delete("/v1/backtests/{job}", WritePolicies, GROUP, "Cancel and forget a backtest"), forget);
    api.add(
        Route::get("/v1/backtests/{job}/orders/{id}", ReadPolicies, GROUP, "Open one order of a backtest")
            .words("What happened to it, and every decision of the policy with its reasons."),
        order,
    );
}

/// How a policy is tried.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = BacktestAsked)]
pub(super) struct Asked {
    /// The history, by its name (`GET /v1/histories`); this installation's journal if absent.
    history: Option<String>,
    /// Of the journal, up to this position; all of it if absent. Told by the job, so that it can be run again.
    until: Option<u64>,
    /// Another policy to compare with, by version.
    against: Option<u32>,
    /// Replays under so many seeds, for the intervals; 1 to 50.
    seeds: u64,
    /// The first seed.
    seed: u64,
}

impl Default for Asked {
    fn default() -> Self {
        Self { history: None, until: None, against: None, seeds: SEEDS, seed: 1 }
    }
}

/// A backtest as it stands.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Backtest)]
pub(super) struct View {
    id: String,
    policy: u32,
    /// The draft of that policy that is tried, counted as in the policy; null of one that never was a draft.
    revision: Option<u32>,
    against: Option<u32>,
    /// The history it runs over; this installation's journal if absent.
    history: Option<String>,
    /// The journal's position up to which it runs.
    until: Option<u64>,
    seed: u64,
    seeds: u64,
    /// `running`, `done`, `cancelled`, `failed`, or `interrupted`: the service was stopped or killed while it ran.
    /// `resume` goes on with one that is cancelled or interrupted.
    state: &'static str,
    /// Who asked, or asked last that it go on.
    asked_by: String,
    #[schema(value_type = String, format = DateTime)]
    started_at: Timestamp,
    /// Orders replayed so far, all seeds together.
    done: u64,
    /// Of so many; 0 while the history is being read.
    of: u64,
    /// The verdict: per policy its figures, intervals, what they rest on, and the orders that changed.
    #[schema(value_type = Option<Object>)]
    result: Option<Value>,
    /// Why it failed, or was interrupted, where that is known.
    error: Option<String>,
    /// Why the policy does not count as backtested by this result, if it does not: it was written again meanwhile, no
    /// order was replayed, or it never was a draft.
    not_kept: Option<String>,
}

/// What happened to an order, and what the policy would have done.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BacktestOrder)]
pub(super) struct Opened {
    order: String,
    happened: Vec<String>,
    replayed: Vec<String>,
    /// What the policy would have done against which this one was tried; null if there was none.
    against: Option<Vec<String>>,
}

impl View {
    /// A job as it stands.
    fn of(call: &Call, card: &Card, elsewhere: &BTreeSet<u64>) -> Self {
        let here = call.app().backtests().progress(card.id);
        let is_at_work = here.is_some() || elsewhere.contains(&card.id);
        let state = match card.state {
            State::Done => "done",
            State::Failed => "failed",
            State::Running | State::Recording | State::Cancelled | State::Forgotten if is_at_work => "running",
            State::Running | State::Recording => "interrupted",
            State::Cancelled | State::Forgotten => "cancelled",
        };
        let (history, until) = match &card.over {
            Over::History { name, .. } => (Some(name.clone()), None),
            Over::Journal(until) => (None, Some(*until)),
        };
        let figures = here.as_ref().map(|p| (p.done.load(Ordering::Relaxed), p.of.load(Ordering::Relaxed)));
        let (done, of) = figures.filter(|(_, of)| *of > 0).unwrap_or((card.done, card.of));
        Self {
            id: card.id.to_string(),
            policy: card.policy,
            revision: card.revision,
            against: card.against,
            history,
            until,
            seed: card.seed,
            seeds: card.seeds,
            state,
            asked_by: card.by.name().to_owned(),
            started_at: card.started_at,
            done,
            of,
            result: None,
            error: card.error.clone(),
            not_kept: card.not_kept.clone(),
        }
    }
}

async fn post(call: Call, body: MaybeJson<Asked>) -> Result<Reply<View, 202>, Problem> {
    let asked = body.value;
    let text = call.part("version");
    let version =
        text.parse().map_err(|_| Problem::field("{version}", text, "invalid", "a version is a whole number"))?;
    if asked.seeds == 0 || asked.seeds > SEEDS_ASKED_MAX {
        return Err(Problem::field("/seeds", asked.seeds, "out_of_range", format!("1 to {SEEDS_ASKED_MAX} seeds")));
    }
    let (mut policies, mut revisions) = (vec![], vec![]);
    for version in std::iter::once(version).chain(asked.against) {
        let found = call.read(move |store| policy_of(store, version)).await?;
        let missing = || Problem::new(Kind::NotFound, format!("there is no policy {version}: write it first"));
        let (policy, revision) = found.ok_or_else(missing)?;
        policies.push((format!("version {version}"), policy));
        revisions.push(revision);
    }
    let over = what_over(&call, &asked).await?;
    let (app, now) = (call.app(), call.now());
    let under_way = || {
        let sentence = "a backtest is under way: watch it, or cancel it first";
        Problem::new(Kind::TooManyRequests, sentence).retry_after(5)
    };
    if app.backtests().is_at_work() {
        return Err(under_way());
    }
    let id = call.read(card::next).await?;
    let place = Place::take(app, id).await?.ok_or_else(under_way)?;
    let card = Card {
        id,
        by: call.actor(),
        policy: version,
        revision: revisions[0],
        against: asked.against,
        policies,
        over,
        seed: asked.seed,
        seeds: asked.seeds,
        state: State::Running,
        turn: 0,
        started_at: now,
        told_at: now,
        done: 0,
        of: 0,
        error: None,
        not_kept: None,
    };
    let view = View::of(&call, &card, &BTreeSet::new());
    let new = card.clone();
    let keep = move |store: &dyn Store| {
        // The oldest makes room for this one.
        card::sweep(store, now, JOBS_MAX - 1)?;
        card::put(store, &new, 0)
    };
    call.read(keep).await?;
    work::begin(place, card, 1);
    let at = format!("/v1/backtests/{id}");
    Ok(Reply::<View, 202>::of(&view).header(axum::http::header::LOCATION, &at))
}

/// What a backtest runs over, once it is sure: the same history, or the journal up to the same position, comes to the
/// same result again, whatever happens meanwhile.
async fn what_over(call: &Call, asked: &Asked) -> Result<Over, Problem> {
    let Some(name) = asked.history.clone() else {
        let head = call.read(|store| Ok(store.head()?.0)).await?;
        return Ok(Over::Journal(asked.until.unwrap_or(head).min(head)));
    };
    if asked.until.is_some() {
        let sentence = "only the journal has positions: leave out until, or the history";
        return Err(Problem::field("/until", asked.until, "out_of_place", sentence));
    }
    let known = name.clone();
    call.read(move |store| Over::history(store, &known)).await?.ok_or_else(|| {
        let sentence = format!("there is no history {name:?}: see GET /v1/histories, or countersign import history");
        Problem::field("/history", name, "unknown_history", sentence)
    })
}

/// A policy by its version, and the revision of its draft: one that is kept, the one in force, or the one as delivered.
fn policy_of(store: &dyn Store, version: u32) -> Result<Option<(Policy, Option<u32>)>, StoreError> {
    let found = store.load(&[Key::policy_version(version), Key::Policy, Key::PolicyBook])?;
    let (mut policies, mut revision) = (vec![], None);
    for record in found.into_iter().flatten().map(|v| v.record) {
        match record {
            Record::PolicyVersion(policy) | Record::Policy(policy) => policies.push(policy),
            Record::PolicyBook(book) => revision = book.versions.get(&version).map(|s| s.revision),
            _ => {}
        }
    }
    policies.push(Policy::as_delivered().clone());
    let known = policies.into_iter().find(|p| p.version == version);
    Ok(known.map(|policy| (policy.as_ref().clone(), revision)))
}

/// Lets go what killed services left behind.
pub(super) async fn sweep(office: Office) {
    let now = office.now();
    if let Err(error) = office.read(move |store| card::sweep(store, now, JOBS_MAX)).await {
        tracing::warn!(%error, "what old backtests left was not let go; the next one does it");
    }
}

/// The job that a call is about, and those on which other nodes work.
async fn find(call: &Call) -> Result<(Card, BTreeSet<u64>), Problem> {
    let (id, now) = (call.part("job").parse::<u64>().ok(), call.now());
    let found = call.read(move |store| {
        let Some(id) = id else { return Ok(None) };
        let card = card::find(store, id)?.map(|(_, card)| card).filter(|card| card.state != State::Forgotten);
        card.map(|card| Ok((card, card::led(store, now)?))).transpose()
    });
    found.await?.ok_or_else(no_such)
}

fn no_such() -> Problem {
    let sentence = format!("there is no such backtest; only the latest {JOBS_MAX} are kept");
    Problem::new(Kind::NotFound, sentence)
}

async fn get(call: Call, _: Nothing) -> Result<Reply<View>, Problem> {
    let (card, elsewhere) = find(&call).await?;
    let mut view = View::of(&call, &card, &elsewhere);
    if card.state == State::Done {
        view.result = call.read(move |store| card::result(store, card.id)).await?;
    }
    Ok(Reply::of(&view))
}

async fn list(call: Call, _: Nothing) -> Result<Page<View>, Problem> {
    let now = call.now();
    let (all, elsewhere) = call.read(move |store| Ok((card::all(store)?, card::led(store, now)?))).await?;
    let shown = all.iter().rev().filter(|card| card.state != State::Forgotten);
    Ok(Page::whole(shown.map(|card| View::of(&call, card, &elsewhere)).collect()))
}

async fn cancel(call: Call, _: Nothing) -> Result<Reply<View>, Problem> {
    let (card, elsewhere) = find(&call).await?;
    let state = View::of(&call, &card, &elsewhere).state;
    if !matches!(state, "running" | "cancelled") {
        return Err(Problem::new(Kind::NotNow, format!("the backtest is {state}: there is nothing to stop")));
    }
    let changed = call.read(move |store| {
        card::change(store, card.id, |card| {
            let may_stop = matches!(card.state, State::Running | State::Cancelled);
            card.state = State::Cancelled;
            may_stop
        })
    });
    match changed.await? {
        Changed::To(card) => {
            stop_here(&call, card.id);
            Ok(Reply::of(&View { state: "cancelled", ..View::of(&call, &card, &elsewhere) }))
        }
        Changed::Not => Err(Problem::new(Kind::NotNow, "the backtest has come to its end: there is nothing to stop")),
        Changed::Gone => Err(no_such()),
    }
}

/// Another node hears of it from the card.
fn stop_here(call: &Call, id: u64) {
    if let Some(progress) = call.app().backtests().progress(id) {
        progress.stop.store(true, Ordering::Relaxed);
    }
}

async fn resume(call: Call, _: Nothing) -> Result<Reply<View, 202>, Problem> {
    let (Card { id, .. }, _) = find(&call).await?;
    let under_way = || {
        let sentence = "a backtest is under way, or has not stopped yet: ask again in a moment";
        Problem::new(Kind::TooManyRequests, sentence).retry_after(1)
    };
    let place = Place::take(call.app(), id).await?.ok_or_else(under_way)?;
    let (by, now) = (call.actor(), call.now());
    // Nobody works on it now: only another call like this one may change it meanwhile.
    let begun = call.read(move |store| {
        let Some((version, mut card)) = card::find(store, id)? else { return Ok(None) };
        let goes_on = matches!(card.state, State::Running | State::Recording | State::Cancelled);
        if goes_on {
            (card.state, card.turn, card.by, card.told_at) = (State::Running, card.turn + 1, by, now);
            card.error = None;
        }
        let is_begun = goes_on && card::put(store, &card, version)?;
        Ok(Some((card, version + 1, is_begun)))
    });
    let (card, version, is_begun) = begun.await?.ok_or_else(no_such)?;
    let view = View::of(&call, &card, &BTreeSet::new());
    if !is_begun {
        place.give_back().await;
        let sentence = format!("the backtest is {}: only one that was stopped goes on", view.state);
        return Err(Problem::new(Kind::NotNow, sentence));
    }
    work::begin(place, card, version);
    Ok(Reply::of(&view))
}

async fn forget(call: Call, _: Nothing) -> Result<Reply<View>, Problem> {
    let (card, elsewhere) = find(&call).await?;
    let id = card.id;
    let changed = call.read(move |store| {
        card::change(store, id, |card| {
            card.state = State::Forgotten;
            true
        })
    });
    let Changed::To(gone) = changed.await? else { return Err(no_such()) };
    stop_here(&call, id);
    let view = View::of(&call, &card, &elsewhere);
    // Whoever works on it lets it go once they have stopped.
    if View::of(&call, &gone, &elsewhere).state != "running" {
        call.read(move |store| card::let_go(store, id)).await?;
    }
    let state = if view.state == "running" { "cancelled" } else { view.state };
    Ok(Reply::of(&View { state, ..view }))
}

async fn order(call: Call, _: Nothing) -> Result<Reply<Opened>, Problem> {
    let (card, _) = find(&call).await?;
    let (app, order) = (call.app().clone(), call.part("id").to_owned());
    // Goes on if the caller leaves: whoever asks again finds the history read.
    let opened = tokio::task::spawn_blocking(move || {
        let store = app.office().store().clone();
        let read = app.backtests().look_into(store.as_ref(), &card.over);
        let history = read.map_err(|fault| match fault {
            Fault::Store(error) => error.into(),
            Fault::Lasting(why) => Problem::new(Kind::NotNow, why),
        })?;
        let Some(index) = history.order_ids.find(&order) else {
            return Err(Problem::new(Kind::NotFound, format!("the history has no order {order}")));
        };
        let why = |(_, policy): &(String, Policy)| why::why(&history, policy, card.seed, index);
        let mut told = card.policies.iter().map(why);
        Ok(Opened {
            order,
            happened: why::then(&history, index),
            replayed: told.next().unwrap_or_default(),
            against: told.next(),
        })
    });
    let opened = opened.await.map_err(|e| Problem::new(Kind::Bug, format!("the order could not be opened: {e}")))?;
    Ok(Reply::of(&opened?))
}
