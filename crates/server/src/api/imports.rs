//! Bulk master data: a file in, a job to watch.
//!
//! Jobs live as long as the process; what they took in is durable row by row, and sending a file again is harmless.

use super::call::{Call, json};
use super::input::{Bulk, BulkForm, Forms, Nothing, media_type};
use super::output::{Page, Reply};
use super::route::{Api, Route};
use crate::auth::Permission::{CaptureOrders, ReadCatalog, WriteAdvice, WriteItems, WriteOffers, WriteSources};
use crate::auth::{Access, Permission};
use crate::intake::{self, Format, Kind as RowKind, Row};
use crate::office::Office;
use crate::problem::{Kind, Problem};
use axum::body::Bytes;
use axum::http::header;
use countersign_engine::command::{Actor, Command};
use countersign_runtime::{Handled, Request};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use smol_str::{SmolStr, format_smolstr};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use utoipa::{IntoParams, ToSchema};

const GROUP: &str = "Bulk import";
/// Rows decided in one go.
const ROWS_AT_ONCE: usize = 500;
/// Rejected rows kept of one job.
const FAULTS_MAX: usize = 1_000;
/// Jobs remembered; the oldest are forgotten.
const JOBS_MAX: usize = 200;
/// Jobs under way at the same time: each holds its file in memory.
const RUNNING_MAX: usize = 4;

pub(super) fn routes(api: &mut Api) {
    api.add(
        Route::open(axum::http::Method::POST, "/v1/imports", Access::LoggedIn, GROUP, "Take in a file").words(
            "CSV or NDJSON, as the content type says. Faulty rows are reported with row, column, value and reason; the \
             others are taken in. Needs the permission to record what the file holds.",
        ),
        post,
    );
    api.add(Route::get("/v1/imports/{job}", ReadCatalog, GROUP, "Watch a job"), get);
    api.add(Route::get("/v1/imports", ReadCatalog, GROUP, "List the latest jobs"), list);
}

/// What the file holds.
#[derive(Debug, Deserialize, IntoParams)]
pub(super) struct ImportQuery {
    /// `items`, `sources`, `offers`, `advice` or `legacy`.
    #[param(value_type = String)]
    kind: RowKind,
    /// True: check every row's form, store nothing.
    #[serde(default)]
    dry_run: bool,
}

impl BulkForm for ImportQuery {
    fn forms() -> Forms {
        let text = || serde_json::json!({"type": "string"});
        (vec![("text/csv", text()), ("application/x-ndjson", text())], vec![])
    }
}

/// A job as it stands.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ImportJob)]
pub(super) struct JobView {
    id: String,
    /// `items`, `sources`, `offers`, `advice` or `legacy`.
    #[schema(value_type = String)]
    kind: RowKind,
    /// `running`, `done` or `failed`.
    state: &'static str,
    dry_run: bool,
    #[schema(value_type = String, format = DateTime)]
    started_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<Timestamp>,
    taken_in: u64,
    unchanged: u64,
    rejected: u64,
    /// The first rejected rows.
    faults: Vec<FaultView>,
    /// Why it failed, if it did; the rows counted were taken in.
    error: Option<String>,
}

/// A row that was not taken in.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = RowFault)]
struct FaultView {
    /// Line of the file, counted from 1.
    row: u64,
    column: String,
    value: String,
    reason: String,
}

/// Jobs of this process.
#[derive(Default)]
pub(crate) struct Jobs {
    count: AtomicU64,
    all: Mutex<BTreeMap<u64, Arc<Mutex<JobView>>>>,
}

impl Jobs {
    fn begin(&self, kind: RowKind, dry_run: bool, now: Timestamp) -> Result<Arc<Mutex<JobView>>, Problem> {
        let mut all = locked(&self.all);
        let running = all.values().filter(|job| locked(job).state == "running").count();
        if running >= RUNNING_MAX {
            let sentence = format!("{running} imports are under way: send this one when one of them is done");
            return Err(Problem::new(Kind::TooManyRequests, sentence).retry_after(5));
        }
        let n = self.count.fetch_add(1, Ordering::Relaxed) + 1;
        let job = JobView {
            id: n.to_string(),
            kind,
            state: "running",
            dry_run,
            started_at: now,
            ended_at: None,
            taken_in: 0,
            unchanged: 0,
            rejected: 0,
            faults: vec![],
            error: None,
        };
        let job = Arc::new(Mutex::new(job));
        all.insert(n, job.clone());
        while all.len() > JOBS_MAX {
            all.pop_first();
        }
        Ok(job)
    }
}

// What a lock guards is whole after every statement.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn needs(kind: RowKind) -> Permission {
    match kind {
        RowKind::Items => WriteItems,
        RowKind::Sources => WriteSources,
        RowKind::Offers => WriteOffers,
        RowKind::Advice => WriteAdvice,
        RowKind::Legacy => CaptureOrders,
    }
}

async fn post(call: Call, body: Bulk<ImportQuery>) -> Result<Reply<JobView, 202>, Problem> {
    let ImportQuery { kind, dry_run } = body.query;
    let permission = needs(kind);
    if !call.caller().may(permission) {
        let role = call.caller().role.code();
        return Err(Problem::new(Kind::Forbidden, format!("the role {role} may not {}", permission.words())));
    }
    if let Some(first) = call.first_answer(&body.bytes).await? {
        return Ok(first);
    }
    let format = match media_type(&call) {
        "text/csv" => Format::Csv,
        "application/x-ndjson" | "application/ndjson" | "application/jsonl" => Format::Ndjson,
        other => {
            let sentence = format!("send text/csv or application/x-ndjson, not {other:?}");
            return Err(Problem::new(Kind::UnsupportedMediaType, sentence));
        }
    };
    let job = call.app().imports().begin(kind, dry_run, call.now())?;
    let (view, id) = {
        let job = locked(&job);
        (json(&*job), job.id.clone())
    };
    let work =
        Work { office: call.app().office().clone(), by: call.actor(), cause: format_smolstr!("import.{id}"), job };
    let bytes = body.bytes.clone();
    tokio::spawn(work.run(kind, format, dry_run, bytes));
    let reply = Reply::text(202, view).header(header::LOCATION, &format!("/v1/imports/{id}"));
    call.keep(&body.bytes, reply).await
}

async fn get(call: Call, _: Nothing) -> Result<Reply<JobView>, Problem> {
    let id: Option<u64> = call.part("job").parse().ok();
    let job = id.and_then(|id| locked(&call.app().imports().all).get(&id).cloned());
    match job {
        Some(job) => Ok(Reply::of(&*locked(&job))),
        None => Err(Problem::new(Kind::NotFound, "there is no such job; jobs are forgotten when the service restarts")),
    }
}

async fn list(call: Call, _: Nothing) -> Result<Page<JobView>, Problem> {
    let all = locked(&call.app().imports().all);
    Ok(Page::whole(all.values().rev().map(|job| locked(job).clone()).collect()))
}

/// A job under way.
struct Work {
    office: Office,
    by: Actor,
    cause: SmolStr,
    job: Arc<Mutex<JobView>>,
}

impl Work {
    async fn run(self, kind: RowKind, format: Format, dry_run: bool, bytes: Bytes) {
        let (send, mut receive) = tokio::sync::mpsc::channel(2);
        let now = self.office.now();
        let reading = tokio::task::spawn_blocking(move || {
            let mut batch = Vec::with_capacity(ROWS_AT_ONCE);
            for row in intake::rows(kind, format, bytes.as_ref(), now) {
                batch.push(row);
                if batch.len() == ROWS_AT_ONCE && send.blocking_send(std::mem::take(&mut batch)).is_err() {
                    return;
                }
            }
            let _ = send.blocking_send(batch);
        });
        let mut error = None;
        while let Some(batch) = receive.recv().await {
            let mut rows = vec![];
            for row in batch {
                match row {
                    Ok(row) => rows.push(row),
                    Err(fault) => self.reject(fault.row, fault.column, fault.value, fault.reason),
                }
            }
            if dry_run {
                locked(&self.job).taken_in += rows.len() as u64;
            } else if let Err(why) = self.take_in(rows).await {
                error = Some(why);
                break;
            }
        }
        drop(receive);
        let _ = reading.await;
        let mut job = locked(&self.job);
        job.state = if error.is_some() { "failed" } else { "done" };
        job.error = error;
        job.ended_at = Some(self.office.now());
    }

    async fn take_in(&self, rows: Vec<Row>) -> Result<(), String> {
        let (places, requests): (Vec<u64>, Vec<Request>) = rows
            .into_iter()
            .map(|row| {
                let command = Command { by: self.by.clone(), deed: row.deed };
                (row.row, Request::caused(command, self.cause.clone()))
            })
            .unzip();
        let all = self.office.submit_all(requests).await;
        for (row, handled) in places.into_iter().zip(all) {
            match handled.into_iter().next() {
                Some(Handled::Done(done)) if done.position.is_some() => locked(&self.job).taken_in += 1,
                Some(Handled::Done(_)) => locked(&self.job).unchanged += 1,
                Some(Handled::Refused(refusal)) => {
                    let fault = refusal.faults.first();
                    let column = fault.map(|f| f.pointer.trim_start_matches('/').replace('/', ".")).unwrap_or_default();
                    self.reject(row, column, fault.map(|f| f.value.clone()).unwrap_or_default(), refusal.sentence);
                }
                Some(Handled::Parked { words }) => {
                    self.reject(row, String::new(), String::new(), format!("a fault of this service: {words}"));
                }
                Some(Handled::Failed(failure)) => return Err(failure.sentence),
                _ => {}
            }
        }
        Ok(())
    }

    fn reject(&self, row: u64, column: String, value: String, reason: String) {
        let mut job = locked(&self.job);
        job.rejected += 1;
        if job.faults.len() < FAULTS_MAX {
            job.faults.push(FaultView { row, column, value, reason });
        }
    }
}
