//! What every dialect needs while it reads one file: the reading so far, places, findings, and what is left over.
//!
//! Knows no dialect. It bounds what is kept, so that a file of garbage costs no more than a good one.

use crate::seam::{Context, Document, FINDINGS_MAX, Finding, Hints, Place, Reading, Severity, Unmapped};
use crate::value;
use countersign_edi::{Schema, Segment, Tag};
use countersign_engine::document::{Inbound, ItemRef};
use countersign_engine::ids::{PoNumber, Sku, VendorSku};
use countersign_engine::source::Source;
use jiff::Timestamp;
use smol_str::{SmolStr, format_smolstr};
use std::collections::BTreeMap;

/// Bytes of an offending value or of left-over data that are kept.
const VALUE_BYTES_MAX: usize = 200;
/// Different left-over tags kept of one file.
const UNMAPPED_MAX: usize = 500;

/// The desk at which one file is read.
pub(crate) struct Desk<'a> {
    /// Whose file it is.
    pub source: &'a Source,
    /// When it came in.
    pub received_at: Timestamp,
    /// When the set in hand was written, where it says so.
    pub written_at: Option<Timestamp>,
    /// What was read so far.
    pub reading: Reading,
    bytes: &'a [u8],
    /// Where the line count stands: byte offset and the line it is on.
    counted: (usize, u32),
    unmapped: BTreeMap<(SmolStr, SmolStr), usize>,
    /// Where the unused segments of the set in hand are counted: a large feed has one beside each item.
    counting: (SmolStr, BTreeMap<Tag, usize>),
}

impl<'a> Desk<'a> {
    /// An empty desk for a file.
    pub fn new(source: &'a Source, bytes: &'a [u8], context: &Context<'_>) -> Self {
        let received_at = context.received_at;
        Desk {
            source,
            received_at,
            written_at: None,
            reading: Reading::default(),
            bytes,
            counted: (0, 1),
            unmapped: BTreeMap::new(),
            counting: Default::default(),
        }
    }

    /// The line on which a byte stands. Cheap as long as offsets grow.
    pub fn line_of(&mut self, byte: u64) -> u32 {
        let to = usize::try_from(byte).unwrap_or(usize::MAX).min(self.bytes.len());
        if to < self.counted.0 {
            self.counted = (0, 1);
        }
        let feeds = self.bytes[self.counted.0..to].iter().filter(|byte| **byte == b'\n').count();
        self.counted = (to, self.counted.1.saturating_add(u32::try_from(feeds).unwrap_or(u32::MAX)));
        self.counted.1
    }

    /// The place of an element of a segment; element 0 is the segment itself.
    pub fn place(&mut self, line: &Line<'_>, element: usize) -> Place {
        let segment = &line.segment;
        let byte = if element == 0 { segment.offset() } else { segment.element(element).offset() };
        Place {
            byte,
            line: self.line_of(segment.offset()),
            segment: line.number,
            tag: line.tag(),
            element: u32::try_from(element).unwrap_or(u32::MAX),
            component: 0,
        }
    }

    /// Keeps a finding, or counts it once there are too many.
    pub fn keep(&mut self, finding: Finding) {
        if self.reading.findings.len() < FINDINGS_MAX {
            self.reading.findings.push(finding);
        } else {
            self.reading.findings_dropped = self.reading.findings_dropped.saturating_add(1);
        }
    }

    /// Keeps a finding at a place. A part that could not be used (`Error`, `Fatal`) sends the file to quarantine.
    pub fn find(&mut self, id: &str, severity: Severity, place: Place, sentence: impl Into<String>, advice: &str) {
        let value = (place.element > 0).then(|| self.text_at(&place)).flatten();
        self.reading.quarantine |= severity >= Severity::Error;
        let (id, sentence, advice) = (SmolStr::new(id), sentence.into(), advice.to_owned());
        self.keep(Finding { id, severity, place, sentence, advice, value });
    }

    /// As [`Desk::find`], at an element of a segment.
    pub fn find_at(
        &mut self,
        line: &Line<'_>,
        element: usize,
        (id, severity): (&str, Severity),
        sentence: impl Into<String>,
        advice: &str,
    ) {
        let place = self.place(line, element);
        let value = (element > 0).then(|| shortened(&line.segment.text(element)));
        self.reading.quarantine |= severity >= Severity::Error;
        let (id, sentence, advice) = (SmolStr::new(id), sentence.into(), advice.to_owned());
        self.keep(Finding { id, severity, place, sentence, advice, value });
    }

    fn text_at(&self, place: &Place) -> Option<String> {
        let start = usize::try_from(place.byte).ok()?;
        let rest = self.bytes.get(start..)?;
        let end = rest.iter().position(|byte| matches!(byte, b'*' | b'~' | b'+' | b'\'' | b'\r' | b'\n'));
        let text = String::from_utf8_lossy(&rest[..end.unwrap_or(0).min(VALUE_BYTES_MAX)]).into_owned();
        (!text.is_empty()).then_some(text)
    }

    /// Keeps a segment that no mapping uses.
    pub fn unmapped(&mut self, set: &SmolStr, line: &Line<'_>) {
        if self.counting.0 != *set {
            self.counting = (set.clone(), BTreeMap::new());
        }
        if let Some(index) = self.counting.1.get(&line.segment.tag()) {
            let known = &mut self.reading.unmapped[*index];
            known.count = known.count.saturating_add(1);
            return;
        }
        let before = self.reading.unmapped.len();
        let text = String::from_utf8_lossy(line.segment.raw()).into_owned();
        let place = self.place(line, 0);
        self.left_over(set, line.tag(), place, &text);
        if self.reading.unmapped.len() > before {
            self.counting.1.insert(line.segment.tag(), before);
        }
    }

    /// Keeps something that no mapping uses, counted by set and tag.
    pub fn left_over(&mut self, set: &SmolStr, tag: SmolStr, place: Place, text: &str) {
        if let Some(index) = self.unmapped.get(&(set.clone(), tag.clone())) {
            let known = &mut self.reading.unmapped[*index];
            known.count = known.count.saturating_add(1);
        } else if self.unmapped.len() < UNMAPPED_MAX {
            self.unmapped.insert((set.clone(), tag.clone()), self.reading.unmapped.len());
            let text = shortened(text);
            self.reading.unmapped.push(Unmapped { set: set.clone(), tag, count: 1, place, text });
        }
    }

    /// Puts a document down.
    pub fn document(&mut self, content: Inbound, place: Place, lines: Vec<Place>, hints: Hints) {
        let written_at = self.written_at.map(|at| at.min(self.received_at));
        self.reading.documents.push(Document { content, place, lines, written_at, hints });
    }

    /// A purchase order number as the partner wrote it, or a finding that it is none.
    pub fn po_number(&mut self, line: &Line<'_>, element: usize) -> Option<PoNumber> {
        let text = line.segment.text(element);
        match PoNumber::new(text.trim()) {
            Ok(po) => Some(po),
            Err(error) => {
                let sentence = format!("The document names no purchase order of ours: {error}.");
                let advice = "Ask the partner to send the purchase order number exactly as it stands on the order.";
                self.find_at(line, element, ("edi_unmatched_po", Severity::Error), sentence, advice);
                None
            }
        }
    }

    /// An instant, never later than the file itself: figures and shipments from the future are a clock gone wrong.
    pub fn not_after_receipt(&mut self, at: Timestamp, line: &Line<'_>, element: usize) -> Timestamp {
        if at <= self.received_at {
            return at;
        }
        if at.as_second() - self.received_at.as_second() > CLOCK_SKEW_S {
            let sentence = "The date and time lie in the future; the time of receipt is used instead.".to_owned();
            let advice = "Check the partner's clock and the time zone of this source.";
            self.find_at(line, element, ("date_in_future", Severity::Warning), sentence, advice);
        }
        self.received_at
    }
}

/// A clock may be ahead by so much without a word.
const CLOCK_SKEW_S: i64 = 900;

/// A segment and its number in the set, the header being 1.
#[derive(Clone, Copy)]
pub(crate) struct Line<'a> {
    /// The segment.
    pub segment: Segment<'a>,
    /// Its number.
    pub number: u32,
    /// What the partner's codes stand for, where an overlay says so.
    codes: Option<&'a Schema>,
}

impl<'a> Line<'a> {
    /// Its tag as text.
    pub fn tag(&self) -> SmolStr {
        format_smolstr!("{}", self.segment.tag())
    }
    /// Text of an element, blanks around it taken off.
    pub fn text(&self, element: usize) -> SmolStr {
        let text = self.segment.text(element);
        match self.codes {
            Some(codes) => SmolStr::new(codes.map_code(self.segment.tag(), element, text.trim())),
            None => SmolStr::new(text.trim()),
        }
    }
    /// Text of a component of an element, blanks around it taken off.
    pub fn part(&self, element: usize, component: usize) -> SmolStr {
        SmolStr::new(self.segment.component(element, component).trim())
    }
    /// Numbered segments of a set.
    pub fn all(document: &'a countersign_edi::Document<'_>, codes: Option<&'a Schema>) -> Vec<Line<'a>> {
        document.segments().zip(1..).map(|(segment, number)| Line { segment, number, codes }).collect()
    }
}

/// Settings of a channel that nobody here knows, as sentences.
pub(crate) fn unknown_settings(source: &Source, dialect: &str, known: &[&str]) -> Vec<String> {
    let Some(serde_json::Value::Object(fields)) = source.channel.settings.get(dialect) else { return Vec::new() };
    let unknown = fields.keys().filter(|name| !known.contains(&name.as_str()));
    unknown.map(|name| format!("channel.{dialect}.{name} is not a setting known here; it has no effect")).collect()
}

/// A value as a finding shows it: short and readable.
pub(crate) fn shortened(text: &str) -> String {
    value::cut(text, VALUE_BYTES_MAX).chars().map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect()
}

/// Which of an item's three names a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemName {
    /// The retailer's number.
    Sku,
    /// The source's number.
    VendorSku,
    /// The GTIN.
    Gtin,
    /// None of them; kept as unused.
    None,
}

/// Puts a name into an item reference; the first of a kind stays. False if the text cannot be such a name.
pub(crate) fn name_item(item: &mut ItemRef, kind: ItemName, text: &str) -> bool {
    match kind {
        ItemName::Sku => match Sku::new(text) {
            Ok(sku) => {
                item.sku.get_or_insert(sku);
                true
            }
            Err(_) => false,
        },
        ItemName::VendorSku => match VendorSku::new(text) {
            Ok(sku) => {
                item.vendor_sku.get_or_insert(sku);
                true
            }
            Err(_) => false,
        },
        ItemName::Gtin => {
            item.gtin.get_or_insert_with(|| SmolStr::new(text));
            true
        }
        ItemName::None => false,
    }
}
