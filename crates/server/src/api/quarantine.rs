//! What could not be understood: kept whole, with the reason and the place, to be replayed after the fix.

use super::call::Call;
use super::input::{MaybeJson, Nothing, Query};
use super::output::{NoContent, Page, Reply};
use super::route::{Api, Route};
use crate::auth::Permission::{ReadQuarantine, ReplayQuarantine};
use crate::problem::{Kind, Problem};
use crate::view::purchase_order::{media_type, text};
use base64::Engine as _;
use countersign_partners::seam::{Finding, Severity};
use countersign_runtime::Request;
use countersign_runtime::interpret::Report;
use countersign_runtime::ports::{InboxEntry, InboxState};
use countersign_runtime::receive::{self, NotReceived};
use countersign_runtime::request::Attachments;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

const GROUP: &str = "Quarantine";
const PAGE: u32 = 50;
const PAGE_MAX: u32 = 200;
/// Findings shown of one file.
const FINDINGS_SHOWN: usize = 200;

pub(super) fn routes(api: &mut Api) {
    api.add(
        Route::get("/v1/quarantine", ReadQuarantine, GROUP, "List what could not be understood, oldest first"),
        list,
    );
    api.add(Route::get("/v1/quarantine/{entry}", ReadQuarantine, GROUP, "Read a file with its findings"), get);
    api.add(
        Route::post("/v1/quarantine/{entry}/replay", ReplayQuarantine, GROUP, "Take a file in again")
            .words("As it came, or edited. The original is kept; it leaves the quarantine, its replay may come there."),
        replay,
    );
    api.add(
        Route::post("/v1/quarantine/{entry}/dismiss", ReplayQuarantine, GROUP, "Leave a file as it is")
            .words("It leaves the quarantine and is kept."),
        dismiss,
    );
}

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
pub(super) struct ListQuery {
    /// `next` of the page before.
    #[serde(default)]
    cursor: Option<u64>,
    /// Files on the page, at most 200.
    #[serde(default)]
    limit: Option<u32>,
}

/// A file that could not be understood.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Quarantined)]
pub(super) struct QuarantinedView {
    id: String,
    /// Over which channel: `source:acme`.
    channel: String,
    /// The source, if it is one's channel.
    source: Option<String>,
    /// File name or path.
    name: String,
    media_type: String,
    #[schema(value_type = String, format = DateTime)]
    received_at: Timestamp,
    /// `quarantined`, `done`, `waiting`, `duplicate`.
    state: &'static str,
    /// Bytes.
    size: usize,
    /// The reason code of the gravest finding.
    reason: Option<String>,
    /// What is wrong.
    sentence: Option<String>,
    /// Where.
    place: Option<PlaceView>,
    /// What was found, in the order of the file.
    findings: Vec<FindingView>,
    /// The file, as far as it is text; only where it is read alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
}

/// Where in a file; numbers count from 1, bytes from 0.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Place)]
struct PlaceView {
    byte: u64,
    line: u32,
    segment: u32,
    tag: String,
    element: u32,
    component: u32,
}

/// Something found in a file.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FileFinding)]
struct FindingView {
    id: String,
    /// `note`, `warning`, `error`, `fatal`.
    #[schema(value_type = String)]
    severity: Severity,
    place: PlaceView,
    sentence: String,
    advice: String,
    value: Option<String>,
}

impl FindingView {
    fn new(f: &Finding) -> Self {
        let p = &f.place;
        Self {
            id: f.id.to_string(),
            severity: f.severity,
            place: PlaceView {
                byte: p.byte,
                line: p.line,
                segment: p.segment,
                tag: p.tag.to_string(),
                element: p.element,
                component: p.component,
            },
            sentence: f.sentence.clone(),
            advice: f.advice.clone(),
            value: f.value.clone(),
        }
    }
}

impl QuarantinedView {
    fn new(entry: &InboxEntry, whole: bool) -> Self {
        let report: Report =
            entry.findings.as_ref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        let findings: Vec<FindingView> = report.findings.iter().take(FINDINGS_SHOWN).map(FindingView::new).collect();
        let worst = findings.iter().reduce(|a, b| if b.severity > a.severity { b } else { a });
        Self {
            id: entry.id.to_string(),
            channel: entry.new.channel.to_string(),
            source: receive::source_of(&entry.new.channel).map(|s| s.to_string()),
            name: entry.new.name.clone(),
            media_type: media_type(&entry.new.bytes).to_owned(),
            received_at: entry.new.received_at,
            state: entry.state.word(),
            size: entry.new.bytes.len(),
            reason: worst.map(|f| f.id.clone()),
            sentence: worst.map(|f| f.sentence.clone()),
            place: worst.map(|f| f.place.clone()),
            text: whole.then(|| text(&entry.new.bytes)),
            findings,
        }
    }
}

async fn list(call: Call, Query(query): Query<ListQuery>) -> Result<Page<QuarantinedView>, Problem> {
    let (after, limit) = (query.cursor.unwrap_or(0), query.limit.unwrap_or(PAGE).clamp(1, PAGE_MAX));
    let entries = call.read(move |store| store.inbox(InboxState::Quarantined, after, limit)).await?;
    let next = entries.last().filter(|_| entries.len() == limit as usize).map(|e| e.id.to_string());
    Ok(Page { items: entries.iter().map(|e| QuarantinedView::new(e, false)).collect(), next })
}

async fn entry_of(call: &Call) -> Result<InboxEntry, Problem> {
    let unknown = || Problem::new(Kind::NotFound, "there is no such file");
    let id: u64 = call.part("entry").parse().map_err(|_| unknown())?;
    call.read(move |store| store.inbox_entry(id)).await?.ok_or_else(unknown)
}

async fn get(call: Call, _: Nothing) -> Result<Reply<QuarantinedView>, Problem> {
    Ok(Reply::of(&QuarantinedView::new(&entry_of(&call).await?, true)))
}

/// The file as it should have been; as it came if both are absent.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub(super) struct ReplayBody {
    /// The edited text.
    #[serde(default)]
    text: Option<String>,
    /// The edited bytes, as base64.
    #[serde(default)]
    base64: Option<String>,
}

async fn replay(call: Call, body: MaybeJson<ReplayBody>) -> Result<Reply<QuarantinedView, 202>, Problem> {
    if let Some(first) = call.first_answer(&body.bytes).await? {
        return Ok(first);
    }
    let entry = quarantined(&call).await?;
    let bytes = match (body.value.text, body.value.base64) {
        (Some(text), _) => text.into_bytes(),
        (None, Some(encoded)) => base64::engine::general_purpose::STANDARD
            .decode(encoded)
            .map_err(|e| Problem::field("/base64", serde_json::Value::Null, "invalid", e.to_string()))?,
        (None, None) => entry.new.bytes.clone(),
    };
    let (now, channel, name, id) = (call.now(), entry.new.channel.clone(), entry.new.name.clone(), entry.id);
    let kept = call.read(move |store| Ok(receive::receive(store, now, &channel, &name, bytes, Some(id)))).await?;
    let fresh = kept.map_err(|error| match error {
        NotReceived::TooLarge { .. } => Problem::new(Kind::TooLarge, error.to_string()),
        NotReceived::Store(error) => error.into(),
    })?;
    leave(&call, &entry).await?;
    call.app().office().ring();
    let reply = Reply::text(202, super::call::json(&QuarantinedView::new(&fresh, false)));
    call.keep(&body.bytes, reply).await
}

async fn dismiss(call: Call, _: Nothing) -> Result<NoContent, Problem> {
    let entry = quarantined(&call).await?;
    tracing::info!(target: "countersign::access", entry = entry.id, by = call.caller().actor.name(), "a file was dismissed from the quarantine");
    leave(&call, &entry).await?;
    Ok(NoContent::default())
}

async fn quarantined(call: &Call) -> Result<InboxEntry, Problem> {
    let entry = entry_of(call).await?;
    match entry.state {
        InboxState::Quarantined => Ok(entry),
        state => Err(Problem::new(Kind::NotNow, format!("the file is not in the quarantine: it is {}", state.word()))),
    }
}

/// Takes a file out of the quarantine, findings and all.
async fn leave(call: &Call, entry: &InboxEntry) -> Result<(), Problem> {
    let (id, findings) = (entry.id, entry.findings.clone());
    let request = Request::default().finishing(move |_| Attachments {
        inbox: vec![(id, InboxState::Done, findings.clone())],
        ..Attachments::default()
    });
    call.done(request).await.map(|_| ())
}
