//! Bulk master data: a file in, a job to watch.
//!
//! The file is durable before the 202; jobs outlive a restart (see [`jobs`]), and sending a file again is harmless.

pub(super) mod jobs;

use super::call::{Call, json};
use super::input::{Bulk, BulkForm, Forms, Nothing, media_type};
use super::output::{Page, Reply};
use super::route::{Api, Route};
use crate::auth::Permission::{CaptureOrders, ReadCatalog, WriteAdvice, WriteItems, WriteOffers, WriteSources};
use crate::auth::{Access, Permission};
use crate::intake::{Format, Kind as RowKind, RowFault};
use crate::problem::{Kind, Problem};
use axum::http::header;
use jiff::Timestamp;
use jobs::{Job, NotKept, Sent, State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

const GROUP: &str = "Bulk import";

pub(super) fn routes(api: &mut Api) {
    api.add(
        Route::open(axum::http::Method::POST, "/v1/imports", Access::LoggedIn, GROUP, "Take in a file").words(
            "CSV or NDJSON, as the content type says. The file is kept before the answer; the job outlives a restart. Faulty rows are reported with row, column, value and reason, all faults of a \
             row at once; the others are taken in. An offer for an item or a source that is not recorded is such a fault: \
             record items and sources first. Needs the permission to record what the file holds.",
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
    /// True: try every row as if it were taken in, with what is known now, and store nothing.
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

impl From<Job> for JobView {
    fn from(job: Job) -> Self {
        let state = match job.state {
            State::Receiving | State::Running => "running",
            State::Done => "done",
            State::Failed => "failed",
        };
        let Job { id, kind, dry_run, started_at, ended_at, taken_in, unchanged, rejected, faults, error, .. } = job;
        let fault = |RowFault { row, column, value, reason }| FaultView { row, column, value, reason };
        let faults = faults.into_iter().map(fault).collect();
        let id = id.to_string();
        Self { id, kind, state, dry_run, started_at, ended_at, taken_in, unchanged, rejected, faults, error }
    }
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
    let sent = Sent { kind, format, dry_run, by: call.actor() };
    let job = jobs::keep(call.app().office(), sent, &body.bytes).await.map_err(|why| match why {
        NotKept::Full(under_way) => {
            let sentence = format!("{under_way} imports are under way: send this one when one of them is done");
            Problem::new(Kind::TooManyRequests, sentence).retry_after(5)
        }
        NotKept::Store(error) => error.into(),
    })?;
    call.app().imports().notify_one();
    let id = job.id;
    let reply = Reply::text(202, json(&JobView::from(job))).header(header::LOCATION, &format!("/v1/imports/{id}"));
    call.keep(&body.bytes, reply).await
}

async fn get(call: Call, _: Nothing) -> Result<Reply<JobView>, Problem> {
    let id = call.part("job").to_owned();
    let Ok(number) = id.parse() else { return Err(Problem::absent(Kind::NotFound, &id)) };
    match call.read(move |store| jobs::find(store, number)).await? {
        Some(job) => Ok(Reply::of(&JobView::from(job))),
        None => Err(Problem::new(Kind::NotFound, "there is no such job; only the latest are remembered")),
    }
}

async fn list(call: Call, _: Nothing) -> Result<Page<JobView>, Problem> {
    Ok(Page::whole(call.read(jobs::latest).await?.into_iter().map(JobView::from).collect()))
}
