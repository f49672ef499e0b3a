//! Cases: what waits for a person, and what the person does about it.

use super::call::{Call, ok};
use super::input::{Json, MaybeJson, Nothing, Query};
use super::output::{Page, Reply};
use super::route::{Api, Route};
use crate::auth::Permission;
use crate::auth::Permission::{ReadCases, WorkCases};
use crate::problem::{Kind, Problem};
use crate::view::case::{AssignBody, CaseView, CommentBody, ResolveBody};
use countersign_engine::case::{Case, Remedy};
use countersign_engine::command::{Actor, Deed};
use countersign_engine::ids::{CaseId, CaseSubject};
use countersign_engine::slice::{Key, Record, Slice};
use countersign_runtime::ports::{DeskQuery, IndexRow};
use countersign_runtime::request::Done;
use serde::Deserialize;
use smol_str::SmolStr;
use utoipa::IntoParams;

const GROUP: &str = "Cases";
pub(super) const PAGE: u32 = 50;
pub(super) const PAGE_MAX: u32 = 500;

pub(super) fn routes(api: &mut Api) {
    api.add(Route::get("/v1/cases", ReadCases, GROUP, "List cases, worst and oldest first"), list);
    api.add(Route::get("/v1/cases/{case}", ReadCases, GROUP, "Read a case"), get);
    api.add(
        Route::post("/v1/cases/{case}/resolve", WorkCases, GROUP, "Resolve a case by one of its remedies").words(
            "Send the `revision` that was seen; `stale` says that somebody else has changed the case meanwhile.",
        ),
        resolve,
    );
    api.add(Route::post("/v1/cases/{case}/assign", WorkCases, GROUP, "Take a case on, or give it to somebody"), assign);
    api.add(Route::post("/v1/cases/{case}/comment", WorkCases, GROUP, "Write on a case"), comment);
}

/// Which cases or approvals.
#[derive(Debug, Deserialize, IntoParams)]
pub(super) struct DeskListQuery {
    /// Only open ones (`true`), or only closed ones (`false`).
    #[serde(default)]
    open: Option<bool>,
    /// Only owned by this role.
    #[serde(default)]
    role: Option<String>,
    /// Only of this kind.
    #[serde(default)]
    kind: Option<String>,
    /// Only about this order, or source as `@acme`.
    #[serde(default)]
    subject: Option<String>,
    /// `next` of the page before.
    #[serde(default)]
    cursor: Option<u32>,
    /// Things on the page, at most 500.
    #[serde(default)]
    limit: Option<u32>,
}

impl DeskListQuery {
    pub(super) fn query(self) -> DeskQuery {
        let word = |text: Option<String>| text.filter(|t| !t.is_empty()).map(SmolStr::from);
        DeskQuery {
            open: self.open,
            role: word(self.role),
            kind: word(self.kind),
            subject: word(self.subject),
            offset: self.cursor.unwrap_or(0),
            limit: self.limit.unwrap_or(PAGE).clamp(1, PAGE_MAX),
        }
    }
}

/// The cursor behind a full page.
pub(super) fn next_of(found: usize, offset: u32, limit: u32) -> Option<String> {
    (found == limit as usize).then(|| (offset + limit).to_string())
}

async fn list(call: Call, Query(query): Query<DeskListQuery>) -> Result<Page<CaseView>, Problem> {
    let query = query.query();
    let (offset, limit) = (query.offset, query.limit);
    let rows = call.read(move |store| store.cases(&query)).await?;
    let case = |row: &IndexRow| match row {
        IndexRow::Case { body, .. } => serde_json::from_str::<Case>(body).ok(),
        _ => None,
    };
    let next = next_of(rows.len(), offset, limit);
    Ok(Page { items: rows.iter().filter_map(case).map(|c| CaseView::new(&c)).collect(), next })
}

/// The record in which a case stands.
fn key_of(id: &CaseId) -> Option<Key> {
    Some(match id.split()?.0 {
        CaseSubject::Order(order) => Key::Order(order),
        CaseSubject::Source(source) => Key::Desk(source),
    })
}

fn find(record: &Record, id: &CaseId) -> Option<Case> {
    let cases = match record {
        Record::Order(order) => &order.cases,
        Record::Desk(desk) => &desk.cases,
        _ => return None,
    };
    cases.iter().find(|c| c.id == *id).cloned()
}

async fn get(call: Call, _: Nothing) -> Result<Reply<CaseView>, Problem> {
    let id: CaseId = call.id("case")?;
    let record = match key_of(&id) {
        Some(key) => call.record(key).await?,
        None => None,
    };
    match record.and_then(|r| find(&r, &id)) {
        Some(case) => Ok(Reply::of(&CaseView::new(&case))),
        None => Err(Problem::absent(Kind::UnknownCase, id.as_str())),
    }
}

/// The case as it stands after a deed.
fn render(id: &CaseId) -> impl Fn(&Done) -> super::call::Rendered + Send + Sync + use<> {
    let id = id.clone();
    move |done| match in_slice(&done.after, &id) {
        Some(case) => ok(&CaseView::new(&case)),
        None => (200, "{}".into()),
    }
}

fn in_slice(after: &Slice, id: &CaseId) -> Option<Case> {
    let key = key_of(id)?;
    let (_, record) = after.records().find(|(k, _)| **k == key)?;
    find(record?, id)
}

async fn resolve(call: Call, body: Json<ResolveBody>) -> Result<Reply<CaseView>, Problem> {
    let case: CaseId = call.id("case")?;
    let ResolveBody { remedy, words, revision } = body.value;
    if matches!(remedy, Remedy::RerouteTo { .. }) && !call.caller().may(Permission::ChooseSource) {
        let role = call.caller().role.code();
        return Err(Problem::new(Kind::Forbidden, format!("the role {role} may not choose the source of a line")));
    }
    let render = render(&case);
    call.act(&body.bytes, Deed::ResolveCase { case, remedy, words, revision }, render).await
}

async fn assign(call: Call, body: MaybeJson<AssignBody>) -> Result<Reply<CaseView>, Problem> {
    let case: CaseId = call.id("case")?;
    let to = match (body.value.name, body.value.role) {
        (None, _) => call.actor(),
        (Some(name), role) => Actor::Person { name: name.into(), role: role.unwrap_or(call.caller().role) },
    };
    let render = render(&case);
    call.act(&body.bytes, Deed::AssignCase { case, to }, render).await
}

async fn comment(call: Call, body: Json<CommentBody>) -> Result<Reply<CaseView>, Problem> {
    let case: CaseId = call.id("case")?;
    let render = render(&case);
    call.act(&body.bytes, Deed::CommentCase { case, words: body.value.words }, render).await
}
