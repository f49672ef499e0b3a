//! Backtests: a policy tried on a history that is kept here, or on this installation's own journal, as a job to watch, to cancel, and to open orders of.
//!
//! A job lives in memory and writes nothing until it is done, when a draft's result goes into the journal: cancelled or
//! killed, it leaves nothing behind. A cancelled one goes on where it was; after a kill the same seed begins it again with
//! the same result.

use super::call::Call;
use super::input::{MaybeJson, Nothing};
use super::output::{Page, Reply};
use super::route::{Api, Route};
use crate::auth::Permission::{ReadPolicies, WritePolicies};
use crate::histories;
use crate::problem::{Kind, Problem, of_handled};
use countersign_engine::command::{BacktestResult, Deed};
use countersign_engine::journal::Entry;
use countersign_engine::policy::Policy;
use countersign_engine::slice::{Key, Record};
use countersign_runtime::ports::{Store, StoreError};
use countersign_sim::history::History;
use countersign_sim::history::journal::Journal;
use countersign_sim::replay::summary::summary;
use countersign_sim::replay::trial::{Progress, SEEDS, Trial, try_out};
use countersign_sim::replay::verdict::{Verdict, verdict};
use countersign_sim::replay::why;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use smol_str::SmolStr;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use utoipa::ToSchema;

const GROUP: &str = "Policies";
/// Jobs remembered; the oldest are forgotten, and their histories with them.
const JOBS_MAX: usize = 4;
/// Journal entries read at once.
const PAGE: u32 = 1_000;
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
    api.add(Route::get("/v1/backtests", ReadPolicies, GROUP, "List the latest backtests"), list);
    api.add(Route::get("/v1/backtests/{job}", ReadPolicies, GROUP, "Watch a backtest, read its result"), get);
    api.add(
        Route::post("/v1/backtests/{job}/cancel", WritePolicies, GROUP, "Stop a backtest").words(
            "Nothing is written down of it. What it has replayed so far is kept in memory: `resume` goes on there.",
        ),
        cancel,
    );
    api.add(
        Route::post("/v1/backtests/{job}/resume", WritePolicies, GROUP, "Go on with a stopped backtest")
            .words("Comes to the same result, to the byte, as if it had not been stopped."),
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
    /// `running`, `done`, `cancelled` or `failed`.
    state: &'static str,
    #[schema(value_type = String, format = DateTime)]
    started_at: Timestamp,
    /// Orders replayed so far, all seeds together.
    done: u64,
    /// Of so many; 0 while the history is being read.
    of: u64,
    /// The verdict: per policy its figures, intervals, what they rest on, and the orders that changed.
    #[schema(value_type = Option<Object>)]
    result: Option<Value>,
    /// Why it failed, if it did.
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

struct Job {
    view: Mutex<View>,
    progress: Progress,
    /// By name; the first is the one that is tried.
    policies: Vec<(String, Policy)>,
    history: Mutex<Option<Arc<History>>>,
}

impl Job {
    fn view(&self) -> View {
        let mut view = locked(&self.view).clone();
        view.done = self.progress.done.load(Ordering::Relaxed);
        view.of = self.progress.of.load(Ordering::Relaxed);
        view
    }
}

/// Backtests of this process.
#[derive(Default)]
pub(crate) struct Backtests {
    count: AtomicU64,
    all: Mutex<BTreeMap<u64, Arc<Job>>>,
}

// What a lock guards is whole after every statement.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
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
    let asked = told_what_over(&call, asked).await?;
    let jobs = call.app().backtests();
    let (job, view) = {
        let mut all = locked(&jobs.all);
        if all.values().any(|job| locked(&job.view).state == "running") {
            let sentence = "a backtest is under way: watch it, or cancel it first";
            return Err(Problem::new(Kind::TooManyRequests, sentence).retry_after(5));
        }
        let n = jobs.count.fetch_add(1, Ordering::Relaxed) + 1;
        let view = View {
            id: n.to_string(),
            policy: version,
            revision: revisions[0],
            against: asked.against,
            history: asked.history,
            until: asked.until,
            seed: asked.seed,
            seeds: asked.seeds,
            state: "running",
            started_at: call.now(),
            done: 0,
            of: 0,
            result: None,
            error: None,
            not_kept: None,
        };
        let job = Arc::new(Job {
            view: Mutex::new(view.clone()),
            progress: Progress::default(),
            policies,
            history: Mutex::default(),
        });
        all.insert(n, job.clone());
        while all.len() > JOBS_MAX {
            all.pop_first();
        }
        (job, view)
    };
    begin(&call, job);
    let at = format!("/v1/backtests/{}", view.id);
    Ok(Reply::<View, 202>::of(&view).header(axum::http::header::LOCATION, &at))
}

/// What is asked, once it is sure what it runs over: the same history, or the journal up to the same position, comes to
/// the same result again, whatever happens meanwhile.
async fn told_what_over(call: &Call, asked: Asked) -> Result<Asked, Problem> {
    let name = asked.history.clone();
    let (known, head) = call.read(|store| Ok((histories::all(store)?, store.head()?.0))).await?;
    match name {
        Some(_) if asked.until.is_some() => {
            let sentence = "only the journal has positions: leave out until, or the history";
            Err(Problem::field("/until", asked.until, "out_of_place", sentence))
        }
        Some(name) if !known.all.contains_key(name.as_str()) => {
            let sentence =
                format!("there is no history {name:?}: see GET /v1/histories, or countersign import history");
            Err(Problem::field("/history", name, "unknown_history", sentence))
        }
        Some(_) => Ok(asked),
        None => Ok(Asked { until: Some(asked.until.unwrap_or(head).min(head)), ..asked }),
    }
}

/// Runs a job beside the day's work, and writes down what it came to.
fn begin(call: &Call, job: Arc<Job>) {
    let (office, by) = (call.app().office().clone(), call.actor());
    tokio::spawn(async move {
        let (store, at_work) = (office.store().clone(), job.clone());
        let done = tokio::task::spawn_blocking(move || run(store.as_ref(), &at_work)).await;
        let not_kept = match done {
            Ok(Some(result)) if result.revision.is_some() => {
                of_handled(&office.command(by, Deed::RecordBacktest(result)).await).map(|problem| problem.detail)
            }
            Ok(Some(result)) => Some(format!("policy {} never was a draft: it needs no backtest", result.version)),
            _ => None,
        };
        let mut view = locked(&job.view);
        view.not_kept = not_kept;
        if view.state == "running" {
            view.state = if view.result.is_some() { "done" } else { "failed" };
        }
    });
}

/// Runs a job; gives what is written down of a draft's first policy.
fn run(store: &dyn Store, job: &Job) -> Option<BacktestResult> {
    let (known, asked) = (locked(&job.history).clone(), job.view());
    let read = || match &asked.history {
        Some(name) => histories::open(store, name).map(|history| Some(Arc::new(history))),
        None => journal(store, asked.until, &job.progress).map(|h| h.map(Arc::new)).map_err(|why| why.to_string()),
    };
    let history = known.map_or_else(read, |known| Ok(Some(known)));
    let done = history.map(|history| {
        let history = history?;
        *locked(&job.history) = Some(history.clone());
        // One thread: the day's work goes on beside it.
        let policies = job.policies.clone();
        let trial = Trial { history: &history, policies, seed: asked.seed, seeds: asked.seeds, threads: 1 };
        let tried = try_out(&trial, &job.progress)?;
        Some(verdict(&trial, &tried))
    });
    let mut view = locked(&job.view);
    match done {
        Ok(Some(verdict)) => {
            view.result = serde_json::to_value(&verdict).ok();
            return Some(written(&view, &verdict));
        }
        Ok(None) => view.state = "cancelled",
        Err(why) => (view.state, view.error) = ("failed", Some(why)),
    }
    None
}

/// What the journal keeps of a backtest: the digest of the whole, a sentence, and the main figures.
fn written(job: &View, verdict: &Verdict) -> BacktestResult {
    let (version, over) =
        (job.policy, job.history.as_deref().map_or("the journal".into(), |n| format!("the history {n}")));
    let digest = Sha256::digest(super::call::json(verdict).as_bytes());
    let (figures, summary) = (&verdict.policies[0].figures, summary(verdict, &over));
    let named = [
        ("orders", i64::try_from(verdict.orders).unwrap_or(i64::MAX)),
        ("cancelled_after_commitment", figures.cancelled_after_commitment.middle),
        ("cancelled_before_commitment", figures.cancelled_before_commitment.middle),
        ("told_promise_kept_permille", figures.told_promise_kept_permille.middle),
        ("own_promise_kept_permille", figures.own_promise_kept_permille.middle),
        ("reroutes", figures.reroutes.middle),
        ("splits", figures.splits.middle),
        ("approvals", figures.approvals.middle),
        ("sla_breaches", figures.sla_breaches.middle),
        ("cost_minor", figures.cost_minor.middle),
        ("minutes_to_confirmation", figures.minutes_to_confirmation.middle),
    ];
    let figures = named.into_iter().map(|(name, value)| (SmolStr::new_static(name), value)).collect();
    BacktestResult { version, revision: job.revision, digest: hex::encode(digest).into(), summary, figures }
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

/// This installation's journal up to a position as a history; `None` if it was stopped.
fn journal(store: &dyn Store, until: Option<u64>, progress: &Progress) -> Result<Option<History>, StoreError> {
    let until = until.unwrap_or(u64::MAX);
    let (mut journal, mut after) = (Journal::default(), 0);
    loop {
        if progress.stop.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let mut rows = store.journal(after, PAGE)?;
        rows.retain(|row| row.position <= until);
        let Some(last) = rows.last() else { return Ok(Some(journal.finish("this installation's journal"))) };
        after = last.position;
        for row in &rows {
            let entry: Entry = serde_json::from_str(&row.body)
                .map_err(|why| StoreError::Determinate(format!("entry {} cannot be read: {why}", row.position)))?;
            journal.read(&entry);
        }
    }
}

fn find(call: &Call) -> Result<Arc<Job>, Problem> {
    let id: Option<u64> = call.part("job").parse().ok();
    let job = id.and_then(|id| locked(&call.app().backtests().all).get(&id).cloned());
    job.ok_or_else(|| {
        Problem::new(Kind::NotFound, "there is no such backtest; they are forgotten when the service restarts")
    })
}

async fn get(call: Call, _: Nothing) -> Result<Reply<View>, Problem> {
    Ok(Reply::of(&find(&call)?.view()))
}

async fn list(call: Call, _: Nothing) -> Result<Page<View>, Problem> {
    let all = locked(&call.app().backtests().all);
    let brief = |job: &Arc<Job>| View { result: None, ..job.view() };
    Ok(Page::whole(all.values().rev().map(brief).collect()))
}

async fn cancel(call: Call, _: Nothing) -> Result<Reply<View>, Problem> {
    let job = find(&call)?;
    job.progress.stop.store(true, Ordering::Relaxed);
    let state = job.view().state;
    match state {
        "running" | "cancelled" => Ok(Reply::of(&View { state: "cancelled", ..job.view() })),
        _ => Err(Problem::new(Kind::NotNow, format!("the backtest is {state}: there is nothing to stop"))),
    }
}

async fn resume(call: Call, _: Nothing) -> Result<Reply<View, 202>, Problem> {
    let job = find(&call)?;
    {
        let all = locked(&call.app().backtests().all);
        if all.values().any(|job| locked(&job.view).state == "running") {
            let sentence = "a backtest is under way, or has not stopped yet: ask again in a moment";
            return Err(Problem::new(Kind::TooManyRequests, sentence).retry_after(1));
        }
        let mut view = locked(&job.view);
        if view.state != "cancelled" {
            let sentence = format!("the backtest is {}: only a stopped one goes on", view.state);
            return Err(Problem::new(Kind::NotNow, sentence));
        }
        view.state = "running";
        job.progress.stop.store(false, Ordering::Relaxed);
    }
    begin(&call, job.clone());
    Ok(Reply::of(&job.view()))
}

async fn forget(call: Call, _: Nothing) -> Result<Reply<View>, Problem> {
    let job = find(&call)?;
    job.progress.stop.store(true, Ordering::Relaxed);
    let mut view = job.view();
    if view.state == "running" {
        view.state = "cancelled";
    }
    let id = view.id.parse::<u64>().unwrap_or_default();
    locked(&call.app().backtests().all).remove(&id);
    Ok(Reply::of(&View { result: None, ..view }))
}

async fn order(call: Call, _: Nothing) -> Result<Reply<Opened>, Problem> {
    let job = find(&call)?;
    let id = call.part("id").to_owned();
    let Some(history) = locked(&job.history).clone() else {
        return Err(Problem::new(Kind::NotNow, "the history is still being read: ask again"));
    };
    let Some(index) = history.order_ids.find(&id) else {
        return Err(Problem::new(Kind::NotFound, format!("the history has no order {id}")));
    };
    let seed = job.view().seed;
    let opened = tokio::task::spawn_blocking(move || Opened {
        order: id,
        happened: why::then(&history, index),
        replayed: why::why(&history, &job.policies[0].1, seed, index),
        against: job.policies.get(1).map(|(_, policy)| why::why(&history, policy, seed, index)),
    });
    let opened = opened.await.map_err(|e| Problem::new(Kind::Bug, format!("the order could not be opened: {e}")))?;
    Ok(Reply::of(&opened))
}
