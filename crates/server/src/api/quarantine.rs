//! What could not be understood: kept whole, with the reason and the place, to be replayed after the fix.

use super::call::Call;
use super::input::{MaybeJson, Nothing, Query};
use super::output::{NoContent, Page, Reply};
use super::route::{Api, Route};
use crate::auth::Permission::{ReadQuarantine, ReplayQuarantine};
use crate::problem::{Kind, Problem};
use crate::view::purchase_order::{TEXT_BYTES_MAX, bytes_of, media_type, text};
use base64::Engine as _;
use countersign_partners::seam::{Finding, Severity};
use countersign_runtime::Request;
use countersign_runtime::interpret::{Leaving, Left, Report};
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
/// Letters of what a person says about a file.
const WORDS_CHARS_MAX: usize = 1_000;

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
    /// `duplicate` lists the files that came before, byte for byte, and were not read again.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    state: Option<Listed>,
}

/// Which files are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Listed {
    /// Those that were not understood.
    Quarantined,
    /// Those that came before.
    Duplicate,
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
    /// True if the file is longer than its text here; then it can be replayed edited as `base64` only.
    cut: bool,
    /// The file of which this one is a replay, as it came or edited.
    replays: Option<String>,
    /// How it left the quarantine.
    left: Option<LeftView>,
}

/// Who took a file out of the quarantine, when, and how.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LeftQuarantine)]
struct LeftView {
    /// Person or program.
    by: String,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// `replayed`, `edited` or `dismissed`.
    #[schema(value_type = String)]
    how: Leaving,
    /// The file that was read in its place; absent if it was dismissed.
    replay: Option<String>,
    /// What was said about it.
    words: Option<String>,
}

impl LeftView {
    fn new(left: Left) -> Self {
        let Left { by, at, how, replay, words } = left;
        Self { by: by.to_string(), at, how, replay: replay.map(|id| id.to_string()), words }
    }
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
        let report = report_of(entry);
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
            cut: entry.new.bytes.len() > TEXT_BYTES_MAX,
            replays: entry.new.replays.map(|id| id.to_string()),
            left: report.left.map(LeftView::new),
            findings,
        }
    }
}

async fn list(call: Call, Query(query): Query<ListQuery>) -> Result<Page<QuarantinedView>, Problem> {
    let (after, limit) = (query.cursor.unwrap_or(0), query.limit.unwrap_or(PAGE).clamp(1, PAGE_MAX));
    let state = match query.state {
        Some(Listed::Duplicate) => InboxState::Duplicate,
        Some(Listed::Quarantined) | None => InboxState::Quarantined,
    };
    let entries = call.read(move |store| store.inbox(state, after, limit)).await?;
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
    /// Why, for those who look at it later.
    #[serde(default)]
    words: Option<String>,
}

impl ReplayBody {
    /// What is to be read.
    fn bytes(&self, original: &[u8]) -> Result<Vec<u8>, Problem> {
        if let Some(edited) = &self.text {
            if original.len() > TEXT_BYTES_MAX {
                let sentence = "the file is longer than the text that was shown of it: send the whole file as base64";
                return Err(Problem::field("/text", serde_json::Value::Null, "invalid", sentence));
            }
            return bytes_of(edited, original).map_err(|letter| {
                let sentence = "the file is written in ISO 8859-1, which lacks this letter: write it otherwise";
                Problem::field("/text", letter.to_string(), "invalid", sentence)
            });
        }
        let Some(encoded) = &self.base64 else { return Ok(original.to_vec()) };
        base64::engine::general_purpose::STANDARD
            .decode(encoded)
            .map_err(|e| Problem::field("/base64", serde_json::Value::Null, "invalid", e.to_string()))
    }
}

async fn replay(call: Call, body: MaybeJson<ReplayBody>) -> Result<Reply<QuarantinedView, 202>, Problem> {
    if let Some(first) = call.first_answer(&body.bytes).await? {
        return Ok(first);
    }
    let entry = quarantined(&call).await?;
    let words = said(body.value.words.as_deref())?;
    let bytes = body.value.bytes(&entry.new.bytes)?;
    let how = if bytes == entry.new.bytes { Leaving::Replayed } else { Leaving::Edited };
    let (now, channel, name, id) = (call.now(), entry.new.channel.clone(), entry.new.name.clone(), entry.id);
    let kept = call.read(move |store| Ok(receive::receive(store, now, &channel, &name, bytes, Some(id)))).await?;
    let fresh = kept.map_err(|error| match error {
        NotReceived::TooLarge { .. } => Problem::new(Kind::TooLarge, error.to_string()),
        NotReceived::Store(error) => error.into(),
    })?;
    leave(&call, &entry, how, Some(fresh.id), words).await?;
    call.app().office().ring();
    let reply = Reply::text(202, super::call::json(&QuarantinedView::new(&fresh, false)));
    call.keep(&body.bytes, reply).await
}

/// Why a file is left as it is.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub(super) struct DismissBody {
    /// Why, for those who look at it later.
    #[serde(default)]
    words: Option<String>,
}

async fn dismiss(call: Call, body: MaybeJson<DismissBody>) -> Result<NoContent, Problem> {
    let entry = quarantined(&call).await?;
    let words = said(body.value.words.as_deref())?;
    leave(&call, &entry, Leaving::Dismissed, None, words).await?;
    Ok(NoContent::default())
}

/// Words of a person, if there are some.
fn said(words: Option<&str>) -> Result<Option<String>, Problem> {
    let words = words.map(str::trim).filter(|words| !words.is_empty());
    match words {
        Some(long) if long.chars().count() > WORDS_CHARS_MAX => {
            let sentence = format!("at most {WORDS_CHARS_MAX} characters");
            Err(Problem::field("/words", serde_json::Value::Null, "too_long", sentence))
        }
        words => Ok(words.map(str::to_owned)),
    }
}

async fn quarantined(call: &Call) -> Result<InboxEntry, Problem> {
    let entry = entry_of(call).await?;
    match entry.state {
        InboxState::Quarantined => Ok(entry),
        state => Err(Problem::new(Kind::NotNow, format!("the file is not in the quarantine: it is {}", state.word()))),
    }
}

/// Takes a file out of the quarantine; who did it, when and how stays with its findings.
async fn leave(
    call: &Call,
    entry: &InboxEntry,
    how: Leaving,
    replay: Option<u64>,
    words: Option<String>,
) -> Result<(), Problem> {
    let mut report = report_of(entry);
    report.left = Some(Left { by: call.caller().actor.name().into(), at: call.now(), how, replay, words });
    let (id, findings) = (entry.id, report.to_json());
    let request = Request::default().finishing(move |_| Attachments {
        inbox: vec![(id, InboxState::Done, Some(findings.clone()))],
        ..Attachments::default()
    });
    call.done(request).await.map(|_| ())
}

fn report_of(entry: &InboxEntry) -> Report {
    entry.findings.as_ref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}
