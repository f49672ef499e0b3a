//! A document for a screen: its segments with plain names, what each value means, and what was found, at its place.
//!
//! Reads what is kept; judges by the partner's own rules, as the file was judged when it came in.

mod place;

use super::call::Call;
use super::input::{Nothing, Query};
use super::output::Reply;
use super::purchase_orders;
use super::route::{Api, Route};
use crate::auth::Permission::{ReadOrders, ReadPeople, ReadQuarantine};
use crate::erasure;
use crate::problem::{Kind, Problem};
use countersign_edi::{
    ExplainedSegment, Explanation, Finding, ReadOptions, Schemas, Standard, explain, read, read_with,
};
use countersign_engine::ids::PoNumber;
use countersign_engine::source::Source;
use countersign_partners::{overlay, seam};
use countersign_runtime::interpret::Report;
use countersign_runtime::ports::{Store, StoreError};
use countersign_runtime::receive;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

const GROUP: &str = "Documents";
/// Sets shown of one file.
const SETS_SHOWN: usize = 50;
/// Segments shown of one file: more than anybody scrolls through, little enough for a browser.
const SEGMENTS_SHOWN: usize = 2_000;

pub(super) fn routes(api: &mut Api) {
    let of_file = Route::get("/v1/documents/{document}", ReadQuarantine, GROUP, "A received file, explained");
    api.add(
        of_file.words("By the number of the file in the inbox. X12 and EDIFACT only; other files have no sets."),
        received,
    );
    let path = "/v1/purchase-orders/{po}/documents/{document}";
    let of_order = Route::get(path, ReadOrders, GROUP, "A paper of a purchase order, explained");
    api.add(
        of_order.words(
            "By the id that the purchase order's list of papers gives. `place` is the byte at which a received file \
             speaks of this purchase order, or of its `line`. Whoever may not read personal data reads it with the places \
             of names and addresses covered.",
        ),
        paper,
    );
}

/// A document in plain words.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ExplainedDocument)]
pub(super) struct DocumentWords {
    id: String,
    /// File name.
    name: String,
    /// `x12` or `edifact`; absent for anything else.
    standard: Option<&'static str>,
    sets: Vec<SetWords>,
    /// What was found outside of all sets, and what belongs to no segment that is there.
    findings: Vec<FindingWords>,
    /// True if the file has more than is shown.
    cut: bool,
    /// The byte at which it speaks of what was asked for.
    place: Option<u64>,
    /// True if the places of names and addresses are covered with `x`: the reader may not read personal data.
    covered: bool,
}

/// What is looked for in a paper.
#[derive(Debug, Deserialize, IntoParams)]
pub(super) struct PlaceQuery {
    /// This line of the purchase order; the purchase order as such if absent.
    #[serde(default)]
    line: Option<String>,
}

/// A transaction set or message.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ExplainedSet)]
struct SetWords {
    /// `855`, `ORDRSP`.
    id: String,
    /// Its name in plain words.
    name: String,
    /// From whom to whom, under which numbers.
    heading: String,
    /// False if the words come from a neighbouring version.
    exact: bool,
    segments: Vec<SegmentWords>,
}

/// A segment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ExplainedSegment)]
struct SegmentWords {
    /// In its set, counted from 1.
    number: u32,
    /// Byte of the file, counted from 0.
    offset: u64,
    /// How deep it stands in loops.
    depth: u8,
    /// As it was sent.
    raw: String,
    tag: String,
    /// Its name in plain words.
    name: String,
    values: Vec<ValueWords>,
    findings: Vec<FindingWords>,
}

/// A value of a segment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ExplainedValue)]
struct ValueWords {
    /// `BAK03`, `SN103-1`.
    reference: String,
    /// The element's name in plain words.
    name: String,
    value: String,
    /// What a code stands for.
    meaning: Option<String>,
    /// Where it begins in `raw`, in bytes.
    start: usize,
    /// Its length there.
    length: usize,
}

/// Something found.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DocumentFinding)]
struct FindingWords {
    /// The stable id of the rule.
    id: String,
    /// `note`, `warning`, `error`, `fatal`.
    severity: &'static str,
    /// `BAK03`; the segment alone if the whole is meant.
    reference: String,
    sentence: String,
    /// What to do.
    advice: String,
    /// Where the underlining begins in `raw`, in bytes.
    start: usize,
    /// Its length; 0 for the whole segment.
    length: usize,
    #[serde(skip)]
    byte: u64,
}

impl FindingWords {
    fn of_syntax(finding: &Finding) -> Self {
        let severity = match finding.level.word() {
            "reject" => "error",
            "accept_with_error" | "warn" => "warning",
            _ => "note",
        };
        Self {
            id: finding.id().to_owned(),
            severity,
            reference: finding.reference(),
            sentence: finding.sentence(),
            advice: finding.advice().to_owned(),
            start: 0,
            length: finding.place.length as usize,
            byte: finding.place.offset,
        }
    }

    fn of_reading(finding: &seam::Finding) -> Self {
        let severity = match finding.severity {
            seam::Severity::Note => "note",
            seam::Severity::Warning => "warning",
            seam::Severity::Error => "error",
            seam::Severity::Fatal => "fatal",
        };
        let place = &finding.place;
        let reference =
            if place.element > 0 { format!("{}{:02}", place.tag, place.element) } else { place.tag.to_string() };
        let (sentence, advice) = (finding.sentence.clone(), finding.advice.clone());
        Self {
            id: finding.id.to_string(),
            severity,
            reference,
            sentence,
            advice,
            start: 0,
            length: 0,
            byte: place.byte,
        }
    }
}

/// A document as it is kept.
struct Kept {
    id: String,
    name: String,
    bytes: Vec<u8>,
    /// The channel's settings, if the source is known.
    settings: Option<Value>,
    /// What interpreting found; absent for papers of ours.
    found: Option<Vec<seam::Finding>>,
    /// Where it speaks of what was asked for.
    place: Option<u64>,
    /// Its personal data is covered.
    covered: bool,
}

/// Segments about people: what was found in them names them.
const PEOPLE: [&str; 9] = ["N1", "N2", "N3", "N4", "PER", "NM1", "NAD", "CTA", "COM"];

impl Kept {
    /// As those may read it who may not read personal data; refused where nobody can tell what of it is such.
    fn covered(mut self, values: &[String]) -> Result<Self, Problem> {
        self.bytes = erasure::covered(&self.bytes, values).ok_or_else(|| {
            let sentence = "this paper may hold names and addresses of customers, and its form does not tell where: it is \
                            shown to those who may read personal data of customers";
            Problem::new(Kind::Forbidden, sentence)
        })?;
        for finding in self.found.iter_mut().flatten() {
            finding.sentence = erasure::covered_text(&finding.sentence, values);
            if PEOPLE.contains(&finding.place.tag.as_str()) {
                finding.sentence = "What was found here is about personal data.".into();
            }
        }
        Ok(Self { covered: true, ..self })
    }

    fn words(self) -> DocumentWords {
        let standard = read(&self.bytes).interchanges.first().map(|interchange| interchange.header.standard);
        let options = standard.map(|standard| self.options(standard)).unwrap_or_default();
        let schemas = options.schemas.clone();
        let report = read_with(&self.bytes, options);
        let mut left: Vec<FindingWords> = match &self.found {
            Some(found) => found.iter().map(FindingWords::of_reading).collect(),
            None => report.findings.iter().map(FindingWords::of_syntax).collect(),
        };
        let mut shown = 0;
        let mut cut = report.sets().count() > SETS_SHOWN;
        let mut sets = vec![];
        for (interchange, group, set) in report.sets().take(SETS_SHOWN) {
            let explained = explain(&self.bytes, &report, interchange, group, set, &schemas);
            cut |= explained.cut || shown + explained.segments.len() > SEGMENTS_SHOWN;
            sets.push(SetWords::new(explained, SEGMENTS_SHOWN.saturating_sub(shown), &mut left));
            shown += sets.last().map_or(0, |set| set.segments.len());
        }
        let standard = standard.map(|standard| if standard == Standard::X12 { "x12" } else { "edifact" });
        DocumentWords {
            id: self.id,
            name: self.name,
            standard,
            sets,
            findings: left,
            cut,
            place: self.place,
            covered: self.covered,
        }
    }

    /// The partner's own rules; the bare standard if they cannot be read.
    fn options(&self, standard: Standard) -> ReadOptions {
        let dialect = if standard == Standard::X12 { "x12" } else { "eancom" };
        let rules = self.settings.as_ref().map_or(&Value::Null, |settings| &settings[dialect]["overlay"]);
        overlay::read_options(standard, rules)
            .unwrap_or_else(|_| ReadOptions { schemas: Schemas::standard(), ..ReadOptions::default() })
    }
}

impl SetWords {
    /// Takes those findings out of `left` that stand in its segments.
    fn new(explained: Explanation, most: usize, left: &mut Vec<FindingWords>) -> Self {
        let Explanation { id, name, heading, exact, segments, .. } = explained;
        let segments = segments.into_iter().take(most).map(|segment| SegmentWords::new(segment, left)).collect();
        Self { id, name, heading, exact, segments }
    }
}

impl SegmentWords {
    fn new(segment: ExplainedSegment, left: &mut Vec<FindingWords>) -> Self {
        let ExplainedSegment { number, offset, depth, raw, tag, name, values, .. } = segment;
        let within = |finding: &FindingWords| {
            (offset..=offset + raw.len() as u64).contains(&finding.byte) && finding.reference.starts_with(&tag)
        };
        let (mut findings, rest): (Vec<_>, Vec<_>) = std::mem::take(left).into_iter().partition(within);
        *left = rest;
        for finding in &mut findings {
            finding.start = usize::try_from(finding.byte - offset).unwrap_or(0);
            let value = values.iter().find(|value| value.start == finding.start && value.start > 0);
            finding.length = value.map_or(finding.length, |value| value.length);
        }
        let values = values.into_iter().map(|value| ValueWords {
            reference: value.reference,
            name: value.name,
            value: value.value,
            meaning: value.meaning,
            start: value.start,
            length: value.length,
        });
        Self { number, offset, depth, values: values.collect(), raw, tag, name, findings }
    }
}

async fn received(call: Call, _: Nothing) -> Result<Reply<DocumentWords>, Problem> {
    let unknown = || Problem::new(Kind::NotFound, "there is no such file");
    let text = call.part("document");
    let id: u64 = text.strip_prefix("inbox.").unwrap_or(text).parse().map_err(|_| unknown())?;
    let kept = call.read(move |store| of_inbox(store, id, None)).await?.ok_or_else(unknown)?;
    let kept = if call.caller().may(ReadPeople) { kept } else { kept.covered(&[])? };
    Ok(Reply::of(&kept.words()))
}

async fn paper(call: Call, Query(query): Query<PlaceQuery>) -> Result<Reply<DocumentWords>, Problem> {
    let number: PoNumber = call.id("po")?;
    let id = call.part("document").to_owned();
    let line = query.line.filter(|line| !line.is_empty());
    let kept = call.read(move |store| {
        let kept = of_order(store, &number, &id, line.as_deref())?;
        Ok((kept, purchase_orders::values_of(store, &number)?))
    });
    let (kept, values) = kept.await?;
    let kept = kept.ok_or_else(|| Problem::new(Kind::NotFound, "the purchase order has no such paper"))?;
    let kept = if call.caller().may(ReadPeople) { kept } else { kept.covered(&values)? };
    Ok(Reply::of(&kept.words()))
}

fn of_inbox(store: &dyn Store, id: u64, about: Option<(&PoNumber, Option<&str>)>) -> Result<Option<Kept>, StoreError> {
    let Some(entry) = store.inbox_entry(id)? else { return Ok(None) };
    let source = match receive::source_of(&entry.new.channel) {
        Some(source) => purchase_orders::source_of(store, source)?,
        None => None,
    };
    let place = match (&source, about) {
        (Some(source), Some((number, line))) => place::of(store, source, &entry, number, line)?,
        _ => None,
    };
    let settings = source.and_then(|source| settings_of(&source));
    let report = entry.findings.as_deref().and_then(|text| serde_json::from_str::<Report>(text).ok());
    let found = report.map(|report| report.findings);
    Ok(Some(Kept {
        id: format!("inbox.{id}"),
        name: entry.new.name,
        bytes: entry.new.bytes,
        settings,
        found,
        place,
        covered: false,
    }))
}

fn of_order(store: &dyn Store, number: &PoNumber, id: &str, line: Option<&str>) -> Result<Option<Kept>, StoreError> {
    if purchase_orders::find(store, number)?.is_none() {
        return Ok(None);
    }
    if let Some(inbox) = id.strip_prefix("inbox.").and_then(|id| id.parse().ok()) {
        let about = store.inbox_of(number)?.iter().any(|entry| entry.id == inbox);
        return if about { of_inbox(store, inbox, Some((number, line))) } else { Ok(None) };
    }
    let Some(errand) = store.errands_of(number)?.into_iter().find(|errand| errand.new.id == id) else {
        return Ok(None);
    };
    let settings =
        purchase_orders::source_of(store, errand.new.source.clone())?.and_then(|source| settings_of(&source));
    let Some(paper) = errand.rendered else { return Ok(None) };
    Ok(Some(Kept {
        id: id.to_owned(),
        name: paper.name,
        bytes: paper.bytes,
        settings,
        found: None,
        place: None,
        covered: false,
    }))
}

fn settings_of(source: &Source) -> Option<Value> {
    serde_json::to_value(&source.channel.settings).ok()
}
