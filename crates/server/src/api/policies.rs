//! Policies: written, backtested, approved by a second person, put in force now or at a time, rolled back.

use super::call::{Call, Rendered, ok, parse};
use super::input::{Input, InputWords, MaybeJson, Nothing, Query, media_type, raw_body, schema_of};
use super::output::{Page, Raw, Reply};
use super::route::{Api, Route};
use crate::auth::Permission::{ApprovePolicies, ReadPolicies, WritePolicies};
use crate::policy_document::{self, Form, sheet};
use crate::problem::{Kind, Problem};
use crate::recorded;
use crate::view::policy::{PolicyBody, PolicyView, WarningView};
use crate::view::words::instant_if_any;
use axum::body::{Body, Bytes};
use axum::http::header;
use countersign_engine::command::Deed;
use countersign_engine::policy::{Policy, PolicyBook};
use countersign_engine::slice::{Key, Record};
use countersign_runtime::ports::{Store, StoreError};
use countersign_runtime::request::Done;
use jiff::Timestamp;
use serde::Deserialize;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

const GROUP: &str = "Policies";

pub(super) fn routes(api: &mut Api) {
    api.add(Route::get("/v1/policies", ReadPolicies, GROUP, "List policies, the one in force first"), list);
    api.add(
        Route::get("/v1/policies/schema", ReadPolicies, GROUP, "The JSON Schema of a policy document")
            .words("Made from the types that read it. What contradicts itself, only the check finds: write a draft."),
        schema,
    );
    api.add(Route::get("/v1/policies/{version}", ReadPolicies, GROUP, "Read a policy and where it stands"), get);
    api.add(
        Route::get("/v1/policies/{version}/document", ReadPolicies, GROUP, "The document alone, as JSON or TOML")
            .words("TOML with `as=toml` or `Accept: application/toml`; both can be sent back with PUT."),
        document,
    );
    api.add(
        Route::put("/v1/policies/{version}", WritePolicies, GROUP, "Write a draft").words(
            "JSON, or TOML with `content-type: application/toml`. Refused with every place that is wrong. A policy that \
             was approved or in force is never changed: write the next version. Writing a draft again voids its \
             backtest.",
        ),
        put,
    );
    api.add(
        Route::get("/v1/policies/{version}/tables/{table}", ReadPolicies, GROUP, "A decision table as CSV")
            .words("By its name. A spreadsheet opens it, and it can be sent back with PUT."),
        table,
    );
    api.add(
        Route::put("/v1/policies/{version}/tables/{table}", WritePolicies, GROUP, "Write a table of a draft as CSV").words(
            "Takes the place of the table of that name, or comes after the others. The whole draft is checked again; \
             faults name table, row and column, and where the file cannot be read, line and column.",
        ),
        put_table,
    );
    api.add(
        Route::post("/v1/policies/{version}/approve", ApprovePolicies, GROUP, "Approve a draft, as a second person")
            .words("Refused with 403 for everybody who wrote on it, and for keys: an approval is a person's."),
        approve,
    );
    api.add(
        Route::post("/v1/policies/{version}/activate", WritePolicies, GROUP, "Put a policy in force").words(
            "At once, or `at` an instant to come. What was scheduled is withdrawn; `said` of the answer tells it, also that \
             nothing changed because the policy is in force already. The policy in force says what it needs first: `life_cycle` (unless it \
             says otherwise, a backtest and an approval from the retailer's second policy on), and every source it names \
             must be recorded. Activating an earlier policy again, the one as delivered included, is the rollback and \
             needs neither.",
        ),
        activate,
    );
    api.add(
        Route::post("/v1/policies/{version}/unschedule", WritePolicies, GROUP, "Withdraw the takeover of a policy")
            .words("The version that was to take over does not. Refused with 409 if it is not scheduled."),
        unschedule,
    );
}

/// A document in one of its forms.
pub(super) struct Document {
    pub(super) policy: Policy,
    bytes: Bytes,
}

impl Input for Document {
    fn words() -> InputWords {
        let (schema, schemas) = schema_of::<PolicyBody>();
        let toml = serde_json::json!({"type": "string", "description": "The same document as TOML."});
        InputWords {
            body: vec![("application/json", schema), ("application/toml", toml)],
            schemas,
            ..InputWords::default()
        }
    }
    async fn read(call: &Call, body: Body) -> Result<Self, Problem> {
        let bytes = raw_body(call, body).await?;
        let form = Form::of_media_type(media_type(call));
        let json = policy_document::as_json(form, &bytes);
        let json = json.map_err(|sentence| Problem::new(Kind::MalformedJson, sentence))?;
        match parse(&json) {
            Ok(policy) => Ok(Self { policy, bytes }),
            Err(problem) => Err(told_by_place(problem, |at| policy_document::place(form, &bytes, &json, at))),
        }
    }
}

/// A type fault with the words for its place.
fn told_by_place(mut problem: Problem, place: impl Fn(&str) -> String) -> Problem {
    if let Some(first) = problem.errors.first_mut() {
        let place = place(&first.pointer);
        problem.detail.push_str(&place);
        first.detail.push_str(&place);
    }
    problem
}

/// A table as a file.
pub(super) struct Sheet(Bytes);

impl Input for Sheet {
    fn words() -> InputWords {
        let csv = serde_json::json!({"type": "string", "description": "table, decides, hit, from, until; a head; rows; otherwise."});
        InputWords { body: vec![("text/csv", csv)], ..InputWords::default() }
    }
    async fn read(call: &Call, body: Body) -> Result<Self, Problem> {
        raw_body(call, body).await.map(Self)
    }
}

/// The policy in force, the book, and every document.
pub(super) struct Shelf {
    pub(super) active: Arc<Policy>,
    pub(super) book: PolicyBook,
}

pub(super) fn shelf(store: &dyn Store) -> Result<Shelf, StoreError> {
    let mut shelf = Shelf { active: Policy::as_delivered().clone(), book: PolicyBook::default() };
    for found in store.load(&[Key::Policy, Key::PolicyBook])?.into_iter().flatten() {
        match found.record {
            Record::Policy(policy) => shelf.active = policy,
            Record::PolicyBook(book) => shelf.book = book.as_ref().clone(),
            _ => {}
        }
    }
    Ok(shelf)
}

/// A version as it stands, if there is one.
pub(super) fn find(store: &dyn Store, version: u32) -> Result<Option<PolicyView>, StoreError> {
    let shelf = shelf(store)?;
    let delivered = Policy::as_delivered();
    let Some(standing) = shelf.book.versions.get(&version) else {
        if shelf.active.version == version {
            return Ok(Some(PolicyView::without_life(shelf.active.as_ref().clone(), true)));
        }
        return Ok((delivered.version == version).then(|| PolicyView::without_life(delivered.as_ref().clone(), false)));
    };
    let document = store.load(&[Key::policy_version(version)])?.into_iter().flatten().next().map(|v| v.record);
    Ok(match document {
        Some(Record::PolicyVersion(policy)) => Some(PolicyView::new(&shelf.book, standing, policy.as_ref().clone())),
        // Nobody wrote it, but somebody returned to it.
        _ if delivered.version == version => Some(PolicyView::new(&shelf.book, standing, delivered.as_ref().clone())),
        _ => None,
    })
}

fn all(store: &dyn Store) -> Result<Vec<PolicyView>, StoreError> {
    let shelf = shelf(store)?;
    let versions: Vec<u32> = shelf.book.versions.keys().rev().copied().collect();
    let keys: Vec<Key> = versions.iter().map(|v| Key::policy_version(*v)).collect();
    let mut views = vec![];
    for found in store.load(&keys)?.into_iter().flatten() {
        if let Record::PolicyVersion(policy) = found.record
            && let Some(standing) = shelf.book.versions.get(&policy.version)
        {
            views.push(PolicyView::new(&shelf.book, standing, policy.as_ref().clone()));
        }
    }
    if !views.iter().any(PolicyView::is_active) {
        views.push(PolicyView::without_life(shelf.active.as_ref().clone(), true));
    }
    let delivered = Policy::as_delivered().version;
    if !views.iter().any(|view| view.version() == delivered) {
        views.extend(find(store, delivered)?);
    }
    views.sort_by_key(|view| (!view.is_active(), std::cmp::Reverse(view.version())));
    Ok(views)
}

async fn list(call: Call, _: Nothing) -> Result<Page<PolicyView>, Problem> {
    Ok(Page::whole(call.read(all).await?))
}

fn version_of(call: &Call) -> Result<u32, Problem> {
    let text = call.part("version");
    text.parse().map_err(|_| Problem::field("{version}", text, "invalid", "a version is a whole number from 1 on"))
}

async fn found(call: &Call) -> Result<PolicyView, Problem> {
    let version = version_of(call)?;
    let view = call.read(move |store| find(store, version)).await?;
    view.ok_or_else(|| Problem::new(Kind::UnknownPolicy, format!("there is no policy {version}")))
}

async fn get(call: Call, _: Nothing) -> Result<Reply<PolicyView>, Problem> {
    let view = found(&call).await?;
    let warnings = saved(&call, view.document().clone()).await?.1;
    Ok(Reply::of(&view.with_warnings(warnings)))
}

/// The command that writes a draft, and what is to be said of its rules as things stand.
pub(super) async fn saved(call: &Call, policy: Policy) -> Result<(Deed, Vec<WarningView>), Problem> {
    let now = call.now();
    let (policy, doubts) = call.read(move |store| recorded::doubts(store, &policy, now).map(|d| (policy, d))).await?;
    let warnings = doubts.warnings.into_iter().map(WarningView::new).collect();
    Ok((Deed::SavePolicy { policy, of_histories: doubts.of_histories }, warnings))
}

/// The form of a document.
#[derive(Debug, Deserialize, IntoParams)]
pub(super) struct FormQuery {
    /// `json` or `toml`.
    #[serde(default, rename = "as")]
    #[param(rename = "as")]
    form: Option<String>,
}

async fn document(call: Call, Query(query): Query<FormQuery>) -> Result<Raw, Problem> {
    let view = found(&call).await?;
    let wanted = query.form.as_deref().or(call.header(header::ACCEPT.as_str())).unwrap_or_default();
    let policy = Policy { fallbacks: vec![], ..view.document().clone() };
    Ok(match Form::of_media_type(wanted) {
        Form::Toml => Raw::text("application/toml", policy_document::write(Form::Toml, &policy)),
        Form::Json => Raw::text("application/json", policy_document::write(Form::Json, &policy)),
    })
}

async fn schema(_: Call, _: Nothing) -> Result<Raw, Problem> {
    Ok(Raw::text("application/schema+json", super::call::json(&countersign_engine::policy::schema())))
}

async fn table(call: Call, _: Nothing) -> Result<Raw, Problem> {
    let (view, name) = (found(&call).await?, call.part("table"));
    match view.document().tables.iter().find(|t| t.name == name) {
        Some(table) => Ok(Raw::text("text/csv; charset=utf-8", sheet::write(table))),
        None => {
            let known: Vec<&str> = view.document().tables.iter().map(|t| t.name.as_str()).collect();
            let sentence = format!("the policy has no table {name:?}; it has {known:?}");
            Err(Problem::new(Kind::NotFound, sentence))
        }
    }
}

async fn put_table(call: Call, body: Sheet) -> Result<Reply<PolicyView>, Problem> {
    let (view, name) = (found(&call).await?, call.part("table").to_owned());
    let read = sheet::read(&body.0).map_err(|fault| {
        let sentence = format!("{}: {}", fault.place, fault.sentence);
        Problem::field(&fault.place, fault.value.as_str(), "invalid", sentence)
    })?;
    if read.name != name {
        let sentence = format!("the path says table {name:?}, the file {:?}: write one name", read.name);
        return Err(Problem::field("line 1, column 2", read.name.as_str(), "name_mismatch", sentence));
    }
    let mut tables = view.document().tables.to_vec();
    match tables.iter_mut().find(|t| t.name == name) {
        Some(there) => *there = read,
        None => tables.push(read),
    }
    let policy = Policy { tables: tables.into(), fallbacks: vec![], ..view.document().clone() };
    write(&call, &body.0, policy).await
}

/// Writes a draft; the answer says what is to be said of its rules.
async fn write(call: &Call, bytes: &[u8], policy: Policy) -> Result<Reply<PolicyView>, Problem> {
    let version = policy.version;
    let (deed, warnings) = saved(call, policy).await?;
    let render = move |done: &Done| match standing(done, version) {
        Some(view) => ok(&view.with_warnings(warnings.clone())),
        None => (200, "{}".into()),
    };
    call.act(bytes, deed, render).await
}

/// The version as it stands after a command that read its book.
fn after(version: u32) -> impl Fn(&Done) -> Rendered + Send + Sync + 'static {
    move |done| standing(done, version).map_or((200, "{}".into()), |view| ok(&view.saying(&done.events)))
}

fn standing(done: &Done, version: u32) -> Option<PolicyView> {
    let delivered = Policy::as_delivered().as_ref();
    let document = done.after.policy_version(version).or((delivered.version == version).then_some(delivered))?;
    match done.after.policy_book() {
        Some(book) if book.versions.contains_key(&version) => {
            Some(PolicyView::new(book, &book.versions[&version], document.clone()))
        }
        _ => (delivered.version == version).then(|| PolicyView::without_life(delivered.clone(), true)),
    }
}

async fn put(call: Call, body: Document) -> Result<Reply<PolicyView>, Problem> {
    let version = version_of(&call)?;
    let policy = body.policy;
    if policy.version != version {
        let sentence = format!("the path says version {version}");
        return Err(Problem::field("/version", policy.version, "version_mismatch", sentence));
    }
    write(&call, &body.bytes, policy).await
}

/// The word of a second person.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub(super) struct ApproveBody {
    /// The draft that was looked at (`revision`); refused with 409 if it was changed meanwhile.
    #[serde(default)]
    revision: Option<u32>,
    /// In what words.
    #[serde(default)]
    words: Option<String>,
}

async fn approve(call: Call, body: MaybeJson<ApproveBody>) -> Result<Reply<PolicyView>, Problem> {
    let version = version_of(&call)?;
    let ApproveBody { revision, words } = body.value;
    let deed = Deed::ApprovePolicy { version, revision, words };
    call.act(&body.bytes, deed, after(version)).await
}

/// From when on.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub(super) struct ActivateBody {
    /// From this instant on, which has to come; at once if absent.
    #[serde(default, deserialize_with = "instant_if_any")]
    #[schema(value_type = Option<String>, format = DateTime)]
    at: Option<Timestamp>,
}

async fn activate(call: Call, body: MaybeJson<ActivateBody>) -> Result<Reply<PolicyView>, Problem> {
    let version = version_of(&call)?;
    let deed = Deed::PutPolicyInForce { version, at: body.value.at };
    call.act(&body.bytes, deed, after(version)).await
}

async fn unschedule(call: Call, _: Nothing) -> Result<Reply<PolicyView>, Problem> {
    let version = version_of(&call)?;
    call.act(b"", Deed::UnschedulePolicy { version }, after(version)).await
}
