//! Histories that policies are tried on: files of the past taken in by a mapping, listed, removed. Larger ones come by
//! `countersign import history`, which reads them where they lie.

use super::call::{Call, ok};
use super::input::{Input, InputWords, Nothing, Part, Query, parts};
use super::output::{Page, Reply};
use super::route::{Api, Route};
use crate::auth::Permission::{ReadPolicies, WritePolicies};
use crate::histories::{self, parquet::Lines};
use crate::problem::{Kind, Problem};
use axum::body::{Body, Bytes};
use countersign_engine::command::Deed;
use countersign_engine::history::{History as Card, Kept};
use countersign_runtime::ports::StoreError;
use countersign_sim::history::History;
use countersign_sim::history::dirt::{Dirt, Missing, Noted, Oddity, Rejected};
use countersign_sim::history::mapping::Mapping;
use countersign_sim::history::read::read_at;
use countersign_sim::history::table::PARQUET;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use utoipa::{IntoParams, ToSchema};

const GROUP: &str = "Policies";
/// Rejected rows shown; the counts are of all.
const REJECTED_SHOWN: usize = 100;

pub(super) fn routes(api: &mut Api) {
    api.add(
        Route::get("/v1/histories", ReadPolicies, GROUP, "List the histories that policies can be tried on")
            .words("Beside this installation's own journal, which is always one."),
        list,
    );
    api.add(
        Route::put("/v1/histories/{name}", WritePolicies, GROUP, "Take in a history").words(
            "A form: the field `mapping` is the mapping file (TOML, see docs/history.md), each other part a file that it \
             names. Rows that cannot be used are rejected, the others kept. With `dry_run` nothing is kept.",
        ),
        put,
    );
    api.add(Route::delete("/v1/histories/{name}", WritePolicies, GROUP, "Remove a history"), remove);
}

/// A history that is kept.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = History)]
pub(super) struct View {
    name: String,
    /// SHA-256 of its packed bytes: the same files read by the same mapping have the same.
    digest: String,
    bytes: u64,
    rows: u64,
    /// Rows that could not be used.
    rejected: u64,
    orders: u64,
    #[schema(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    to: Option<Timestamp>,
    /// Who took it in; absent for a dry run.
    kept_by: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    kept_at: Option<Timestamp>,
    /// The first rejected rows, when it is taken in.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    faults: Vec<FaultView>,
    /// What is odd in what was used, and columns of the mapping that are not there, when it is taken in.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
}

/// A row of a history that was not used.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HistoryFault)]
struct FaultView {
    file: String,
    /// Line of the file, counted from 1.
    row: u64,
    column: String,
    value: String,
    reason: String,
}

impl View {
    fn of(card: &Card) -> Self {
        Self {
            name: card.name.to_string(),
            digest: card.digest.to_string(),
            bytes: card.bytes,
            rows: card.rows,
            rejected: card.rejected,
            orders: card.orders,
            from: card.from,
            to: card.to,
            kept_by: None,
            kept_at: None,
            faults: vec![],
            notes: vec![],
        }
    }
    fn kept(kept: &Kept) -> Self {
        Self { kept_by: Some(kept.by.name().to_owned()), kept_at: Some(kept.at), ..Self::of(&kept.history) }
    }
    fn with_dirt(self, dirt: &Dirt) -> Self {
        let fault = |r: &Rejected| FaultView {
            file: r.file.clone(),
            row: r.row,
            column: r.column.clone(),
            value: r.value.clone(),
            reason: r.reason.clone(),
        };
        let missing = |m: &Missing| {
            let meant = m.nearest.as_ref().map(|n| format!(": is {n:?} meant?")).unwrap_or_default();
            format!("{} has no column {:?}, mapped to {}{meant}", m.file, m.column, m.field)
        };
        let noted = |(oddity, noted): (&Oddity, &Noted)| {
            format!("{} {} (for example {})", noted.count, oddity.sentence(), noted.examples.join(", "))
        };
        let notes = dirt.missing.iter().map(missing).chain(dirt.noted.iter().map(noted)).collect();
        Self { faults: dirt.samples.iter().take(REJECTED_SHOWN).map(fault).collect(), notes, ..self }
    }
}

async fn list(call: Call, _: Nothing) -> Result<Page<View>, Problem> {
    let all = call.read(histories::all).await?;
    Ok(Page::whole(all.all.values().map(View::kept).collect()))
}

/// Whether anything is kept.
#[derive(Debug, Deserialize, IntoParams)]
pub(super) struct PutQuery {
    /// True: read the files, report rejected rows, keep nothing.
    #[serde(default)]
    dry_run: bool,
}

/// A mapping and the files it names.
pub(super) struct Files {
    query: PutQuery,
    mapping: String,
    files: BTreeMap<String, Bytes>,
}

impl Input for Files {
    fn words() -> InputWords {
        let file = serde_json::json!({"type": "string", "format": "binary"});
        let form = serde_json::json!({
            "type": "object",
            "required": ["mapping"],
            "properties": {"mapping": {"type": "string", "description": "The mapping file, as TOML."}},
            "additionalProperties": file,
        });
        InputWords { body: vec![("multipart/form-data", form)], ..Query::<PutQuery>::words() }
    }
    async fn read(call: &Call, body: Body) -> Result<Self, Problem> {
        let Query(query) = Query::<PutQuery>::read(call, Body::empty()).await?;
        let (mut mapping, mut files) = (None, BTreeMap::new());
        for Part { name, file, bytes } in parts(call, body).await? {
            match name.as_str() {
                "mapping" => mapping = Some(String::from_utf8_lossy(&bytes).into_owned()),
                _ => _ = files.insert(file.unwrap_or(name), bytes),
            }
        }
        let missing = || {
            let sentence = "the form has no field `mapping`: send the mapping file (docs/history.md) with the files";
            Problem::field("/mapping", "", "missing", sentence)
        };
        Ok(Self { query, mapping: mapping.ok_or_else(missing)?, files })
    }
}

impl Files {
    fn read(self, now: Timestamp) -> Result<History, String> {
        let mapping = Mapping::parse(&self.mapping)?;
        let sent = || self.files.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
        let needed = |name: &str| mapping.tables.iter().any(|t| t.file == name && !t.optional);
        read_at(Some(now), &mapping, |name| {
            let Some(bytes) = self.files.get(name).cloned() else {
                match needed(name) {
                    true => return Err(format!("the mapping names {name}, sent were: {}", sent())),
                    false => return Ok(None),
                }
            };
            let input: Box<dyn Read> = match name.ends_with(PARQUET) {
                true => Box::new(Lines::of(bytes).map_err(|why| format!("{name}: {why}"))?),
                false => Box::new(Cursor::new(bytes)),
            };
            Ok(Some(input))
        })
    }
}

async fn put(call: Call, files: Files) -> Result<Reply<View>, Problem> {
    let (name, dry_run) = (call.part("name").to_owned(), files.query.dry_run);
    let faulty = |why: String| Problem::field("/mapping", "", "unreadable", why);
    let now = call.now();
    let read = tokio::task::spawn_blocking(move || files.read(now)).await;
    let history = read.map_err(|e| Problem::new(Kind::Bug, format!("the history could not be read: {e}")))?;
    let history = history.map_err(faulty)?;
    let dirt = history.dirt.clone();
    if dry_run {
        let card = histories::card(&name, &history)?;
        return Ok(Reply::of(&View::of(&card).with_dirt(&dirt)));
    }
    if let Some(why) = histories::useless(&history) {
        return Err(Problem::field("/mapping", "", "no_orders", format!("nothing was kept: {why}")));
    }
    let keep = move |store: &dyn countersign_runtime::ports::Store| -> Result<_, StoreError> {
        let before = histories::all(store)?.all.remove(name.as_str()).map(|kept| kept.history.digest);
        Ok((histories::put(store, &name, &history, now)?, before))
    };
    let (card, before) = call.read(keep).await?;
    let (digest, named) = (card.digest.clone(), card.name.clone());
    let render = move |done: &countersign_runtime::request::Done| match done.after.histories() {
        Some(all) if all.all.contains_key(&named) => ok(&View::kept(&all.all[&named]).with_dirt(&dirt)),
        _ => (200, "{}".into()),
    };
    let reply = call.act(digest.as_bytes(), Deed::KeepHistory(card), render).await?;
    if let Some(before) = before {
        call.read(move |store| histories::let_go(store, &before)).await?;
    }
    Ok(reply)
}

async fn remove(call: Call, _: Nothing) -> Result<Reply<View>, Problem> {
    let name = call.part("name").to_owned();
    let all = call.read(histories::all).await?;
    let Some(kept) = all.all.get(name.as_str()) else {
        return Err(Problem::new(Kind::NotFound, format!("there is no history {name:?}")));
    };
    let (view, digest) = (View::kept(kept), kept.history.digest.clone());
    let render = move |_: &countersign_runtime::request::Done| ok(&view);
    let reply = call.act(&[], Deed::RemoveHistory { name: name.into() }, render).await?;
    call.read(move |store| histories::let_go(store, &digest)).await?;
    Ok(reply)
}
