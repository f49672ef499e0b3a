//! The seam between a dialect and the hands: what reading a file leads to, and what writing a paper gives.
//!
//! Knows no dialect and no store. The runtime turns a [`Reading`] into commands and keeps a [`Written`] before its
//! first byte leaves; a dialect does neither. Items are not looked up here and packs are not converted: documents name
//! items as the partner does and count in the partner's packs.

use countersign_engine::document::{Inbound, ItemRef, Outbound};
use countersign_engine::item::Unit;
use countersign_engine::measure::Quantity;
use countersign_engine::reason::Reason;
use countersign_engine::source::Source;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::collections::BTreeSet;

/// Findings kept of one file: nobody reads more, and a file of garbage has one per byte. The dialect counts the rest
/// in [`Reading::findings_dropped`].
pub const FINDINGS_MAX: usize = 1_000;

/// Begins the name of what came back in the exchange that carried a paper of ours; the path of the paper's answer
/// follows, as in `answer/purchase-orders/1001-1/acknowledgment`.
pub const ANSWER: &str = "answer/";

/// How one partner's papers read. One implementation may serve all dialects, choosing by `source.channel.dialect`.
pub trait Dialect: Send + Sync {
    /// Reads what a source sent. Never fails: it finds. The same arguments always give the same reading.
    fn read(&self, source: &Source, bytes: &[u8], context: &Context<'_>) -> Reading;

    /// Writes a paper for a source. `numbers` draws the next number of a durable gapless sequence by its name
    /// (one per pair of partners, as `x12.ZZ:RETAILER>ZZ:ACME`); call it only once nothing else can fail. The result is kept and
    /// sent byte for byte on every try, so this is called once per errand.
    ///
    /// # Errors
    /// The paper cannot be written in this dialect (a setting is missing, a field does not fit): a sentence that says
    /// what to mend. The errand waits until somebody has.
    fn write(
        &self,
        source: &Source,
        paper: &Paper,
        numbers: &mut Numbers<'_>,
        now: Timestamp,
    ) -> Result<Written, String>;

    /// True if papers to this source, as it is now, are of this media type: after a change of dialect those written
    /// before are not.
    fn writes(&self, _source: &Source, _media_type: &str) -> bool {
        true
    }

    /// True if papers to this source carry numbers of a sequence. Others may be written along with the decision that
    /// leads to them.
    fn is_numbered(&self, _source: &Source) -> bool {
        true
    }
}

/// Draws the next number of a named sequence, counted from 1.
pub type Numbers<'a> = dyn FnMut(&str) -> Result<u64, String> + 'a;

/// What is known about a file besides its bytes.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// Its file name, path or Message-ID.
    pub name: &'a str,
    /// When it came in; fills in for dates that the file leaves out.
    pub received_at: Timestamp,
    /// Interchanges that came before with other content, by their [`Envelope::identity`]; a second one is refused.
    pub used: &'a BTreeSet<String>,
}

impl<'a> Context<'a> {
    /// A file of which nothing came before.
    pub fn new(name: &'a str, received_at: Timestamp) -> Self {
        static NONE: BTreeSet<String> = BTreeSet::new();
        Self { name, received_at, used: &NONE }
    }
}

/// What one file holds.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// The documents, in the order of the file.
    pub documents: Vec<Document>,
    /// What was found wrong or unusual, in the order of the file, at most [`FINDINGS_MAX`].
    pub findings: Vec<Finding>,
    /// Findings beyond those.
    pub findings_dropped: u32,
    /// Receipts that we owe for this file (997, 999, TA1, CONTRL), to be written and sent as errands.
    pub owed: Vec<Receipt>,
    /// Receipts that the file holds for papers of ours.
    pub receipts: Vec<ReceiptFor>,
    /// The envelopes of the file, one per set or message, so that a control number seen before can be told.
    pub envelopes: Vec<Envelope>,
    /// Segments or fields that no mapping uses: kept here and shown, never dropped silently.
    pub unmapped: Vec<Unmapped>,
    /// True if (a part of) the file could not be understood: the entry goes to quarantine and can be replayed after the
    /// fix. What could be read is handled all the same.
    pub quarantine: bool,
}

/// One document of a file.
#[derive(Debug, Clone)]
pub struct Document {
    /// What it says.
    pub content: Inbound,
    /// Where it begins.
    pub place: Place,
    /// Where each of its lines stands, parallel to the content's lines; empty if the dialect does not know.
    pub lines: Vec<Place>,
    /// When its sender wrote it, where it says so; never later than it came.
    pub written_at: Option<Timestamp>,
    /// What the document says beyond its neutral form. Before an answer or a ship notice becomes a command, give the
    /// document and the lines of its purchase order to [`crate::matching::settle`], which uses the hints up.
    pub hints: Hints,
}

impl Document {
    /// Where line `index` (from 0) stands, as far as it is known.
    pub fn place_of(&self, index: usize) -> &Place {
        self.lines.get(index).unwrap_or(&self.place)
    }
}

/// What a document says about a purchase order that only the purchase order's own lines can complete: an answer for
/// all lines at once, a line named by its item only, a delivery date where a ship date is wanted.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Hints {
    /// An answer for the purchase order as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub whole: Option<Whole>,
    /// One per line of the content, in its order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<LineHint>,
}

/// An answer that names no lines, or only the exceptions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Whole {
    /// Every line that the document does not name is accepted as ordered.
    Accepted,
    /// Every line that the document does not name is rejected.
    Rejected(Reason),
}

/// What a line of a document says beyond its neutral form.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct LineHint {
    /// How the partner names the item: finds the line where its number is missing or unknown.
    #[serde(default)]
    pub item: ItemRef,
    /// The unit stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Unit>,
    /// The quantity that the partner believes was ordered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ordered: Option<Quantity>,
    /// The day it will be delivered, where the partner names no ship date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deliver_on: Option<Date>,
    /// The partner keeps the rest of this line open: what it did not name is not yet answered.
    #[serde(default)]
    pub rest_open: bool,
}

/// Under which numbers a set came. A second one that is equal in all fields is a resend.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// Who sent it, as `ZZ:ACME`.
    pub sender: SmolStr,
    /// To whom.
    pub receiver: SmolStr,
    /// ISA13 or UNB 0020.
    pub interchange: SmolStr,
    /// GS06 or UNG 0048; empty where there is no group.
    pub group: SmolStr,
    /// ST02 or UNH 0062.
    pub set: SmolStr,
    /// What it is: `855`, `ORDRSP`.
    pub kind: SmolStr,
    /// What was made of it, for people: `acknowledgment of 1001-1`, `rejected`, `not handled here`.
    pub outcome: String,
    /// Where it begins.
    pub place: Place,
    /// What the sender calls it, with its purpose: `00 1001-1` of an 855; empty for what has no name (a feed, a receipt).
    #[serde(default, skip_serializing_if = "SmolStr::is_empty")]
    pub document: SmolStr,
    /// The byte behind its last; 0 if it was refused.
    #[serde(default)]
    pub end: u64,
}

impl Envelope {
    /// What tells its interchange from every other one: its parties and its control number.
    pub fn identity(&self) -> String {
        format!("{}>{} {}", self.sender, self.receiver, self.interchange)
    }
}

/// Data that no mapping uses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unmapped {
    /// In which set, as `856 0001`.
    pub set: SmolStr,
    /// Tag of the segment, or name of the field.
    pub tag: SmolStr,
    /// How many times it occurred in that set.
    pub count: u32,
    /// Where it first occurred.
    pub place: Place,
    /// What stood there first, shortened.
    pub text: String,
}

/// Where in a file something stands. Numbers count from 1; 0 means "not in one" or "not known".
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Place {
    /// Byte offset from the start of the file, counted from 0.
    pub byte: u64,
    /// Line of the file.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub line: u32,
    /// Segment of the set (its header being 1), or row of a table.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub segment: u32,
    /// Tag of the segment, or name of the column or JSON pointer.
    #[serde(default, skip_serializing_if = "SmolStr::is_empty")]
    pub tag: SmolStr,
    /// Element of the segment, or column of the row.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub element: u32,
    /// Component of the element.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub component: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(n: &u32) -> bool {
    *n == 0
}

/// One thing found wrong or unusual in a file; shown to people, kept with the inbox entry as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The broken rule: a reason code (`catalog_unknown_sku`) or the id of a rule of syntax (`segment_unknown`).
    pub id: SmolStr,
    /// How grave.
    pub severity: Severity,
    /// Where.
    #[serde(flatten)]
    pub place: Place,
    /// What is wrong, in one sentence.
    pub sentence: String,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub advice: String,
    /// What stood there, shortened and readable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// How grave a finding is, gravest last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing; it was handled.
    Note,
    /// Unusual; it was handled.
    Warning,
    /// This part was left out; the rest was handled.
    Error,
    /// Nothing of the file could be handled.
    Fatal,
}

/// A receipt that we owe a partner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// What it is, for people: `997 for group 12, accepted`.
    pub about: String,
    /// Its content in the dialect's own form, without the control numbers of its own envelope.
    pub content: serde_json::Value,
}

/// A receipt of a partner for a paper of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptFor {
    /// As in [`Written::reference`].
    pub reference: SmolStr,
    /// False if the partner's machine rejected the paper.
    pub accepted: bool,
    /// What it said, for people: the segments and codes of a rejection.
    pub note: Option<String>,
    /// Where it stands.
    pub place: Place,
}

/// What is to be written.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "a paper lives for one step and is never kept in bulk")]
pub enum Paper {
    /// A document to a source.
    Document(Outbound),
    /// A receipt that a reading said we owe.
    Receipt(Receipt),
}

/// A paper ready for the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// File name, or path of the request. Unique per paper of a source (put a control number or the id into it).
    pub name: String,
    /// Media type.
    pub media_type: SmolStr,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// By which receipts name it, in the form that [`ReceiptFor::reference`] has; empty where none will come. Even the
    /// shortest receipt must lead here: with one set per interchange and one number for all its envelopes, that number
    /// without leading zeros (`12`).
    pub reference: SmolStr,
}
