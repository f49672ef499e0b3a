//! What reading says about an input: its interchanges, groups and sets, how grave what was found in them is, and
//! every finding.
//!
//! Acknowledgments are made out of it and out of nothing else. It does not hold the input.

use crate::delimiter::{Delimiters, Standard};
use crate::finding::{Finding, Level};
use crate::segment::Document;
use std::ops::Range;

/// A party of an interchange: its qualifier and its id, trimmed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Hash)]
pub struct Party {
    /// What kind of id it is: `ZZ`, `01`, `14`.
    pub qualifier: String,
    /// The id.
    pub id: String,
}

/// The header of an interchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InterchangeHeader {
    /// X12 or EDIFACT.
    pub standard: Standard,
    /// Its delimiters.
    pub delimiters: Delimiters,
    /// Which interchange of the input, from 1.
    pub ordinal: u32,
    /// Where it begins.
    pub offset: u64,
    /// Who sent it.
    pub sender: Party,
    /// Who shall receive it.
    pub receiver: Party,
    /// Date as sent.
    pub date: String,
    /// Time as sent.
    pub time: String,
    /// Control number or reference as sent.
    pub control: String,
    /// ISA12, or the syntax of UNB as `UNOC:3`.
    pub version: String,
    /// The sender wants a TA1, or a CONTRL.
    pub acknowledgment_requested: bool,
    /// Marked as a test.
    pub test: bool,
    /// True when no header was there and this one was made up around bare messages.
    pub implied: bool,
}

impl InterchangeHeader {
    /// What tells it from every other interchange: its parties and its control number, as `ZZ:ACME>ZZ:US 000000301`.
    pub fn identity(&self) -> String {
        let Self { sender, receiver, control, .. } = self;
        format!("{}:{}>{}:{} {control}", sender.qualifier, sender.id, receiver.qualifier, receiver.id)
    }
}

/// The header of a functional group. EDIFACT messages outside any UNG stand in one made-up group.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GroupHeader {
    /// Which group of the interchange, from 1.
    pub ordinal: u32,
    /// GS01 or the message group id of UNG.
    pub kind: String,
    /// Application sender.
    pub sender: String,
    /// Application receiver.
    pub receiver: String,
    /// Date as sent.
    pub date: String,
    /// Time as sent.
    pub time: String,
    /// Control number as sent.
    pub control: String,
    /// GS08, as `004010VICS`.
    pub version: String,
    /// True when no header was there.
    pub implied: bool,
}

/// The header of a transaction set or message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SetHeader {
    /// Which set of the group, from 1.
    pub ordinal: u32,
    /// `850`, `ORDERS`.
    pub id: String,
    /// Control number or reference as sent.
    pub control: String,
    /// `004010VICS`, `D96A`.
    pub version: String,
    /// ST03, or the association code of UNH as `EAN008`.
    pub convention: String,
    /// Where the set begins.
    pub offset: u64,
}

/// What was found about one set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetReport {
    /// Its header.
    pub header: SetHeader,
    /// Its bytes, header to trailer.
    pub range: Range<u64>,
    /// Segments received, header and trailer included.
    pub segments: u32,
    /// The gravest finding.
    pub level: Level,
    /// True when a schema was there to check it against.
    pub checked: bool,
    /// How many findings it has, kept or not.
    pub findings: u32,
}

impl SetReport {
    /// The segments of the set, out of the input it was read from.
    pub fn document<'a>(&self, input: &'a [u8], delimiters: &Delimiters) -> Document<'a> {
        let clamp = |offset: u64| (offset.min(input.len() as u64)) as usize;
        let (start, end) = (clamp(self.range.start), clamp(self.range.end));
        Document::new(&input[start..end.max(start)], start as u64, *delimiters)
    }
}

/// What the end of a group says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GroupSummary {
    /// Sets that the trailer claims; `None` when it says nothing readable.
    pub claimed: Option<u64>,
    /// Sets received.
    pub received: u64,
    /// Sets accepted, with errors or without.
    pub accepted: u64,
    /// The gravest finding about the group's own header and trailer.
    pub level: Level,
}

/// A group with its sets.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GroupReport {
    /// Its header.
    pub header: GroupHeader,
    /// Its end.
    pub summary: GroupSummary,
    /// Its sets.
    pub sets: Vec<SetReport>,
}

/// What the end of an interchange says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct InterchangeSummary {
    /// Groups or messages that the trailer claims.
    pub claimed: Option<u64>,
    /// The gravest finding about the interchange's own header, trailer and loose segments.
    pub level: Level,
    /// Its end in the input.
    pub end: u64,
}

/// A TA1 that was found: the partner acknowledges, or refuses, an interchange of ours.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct InterchangeAcknowledgment {
    /// The control number that is acknowledged.
    pub control: String,
    /// Its date.
    pub date: String,
    /// Its time.
    pub time: String,
    /// `A`, `E` or `R`.
    pub code: String,
    /// The note, `000` when all is well.
    pub note: String,
    /// Where it stands.
    pub offset: u64,
}

/// An interchange with its groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InterchangeReport {
    /// Its header.
    pub header: InterchangeHeader,
    /// Its end.
    pub summary: InterchangeSummary,
    /// Its groups.
    pub groups: Vec<GroupReport>,
    /// TA1 segments found beside the groups.
    pub acknowledgments: Vec<InterchangeAcknowledgment>,
}

impl InterchangeReport {
    /// The gravest finding anywhere in it.
    pub fn level(&self) -> Level {
        let groups = self
            .groups
            .iter()
            .map(|group| group.sets.iter().map(|set| set.level).max().unwrap_or_default().max(group.summary.level));
        groups.max().unwrap_or_default().max(self.summary.level)
    }

    /// All sets, group after group.
    pub fn sets(&self) -> impl Iterator<Item = (&GroupReport, &SetReport)> {
        self.groups.iter().flat_map(|group| group.sets.iter().map(move |set| (group, set)))
    }
}

/// Everything that reading found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// The interchanges, in order.
    pub interchanges: Vec<InterchangeReport>,
    /// The findings, in order of place, except that missing things are found when their absence is certain.
    pub findings: Vec<Finding>,
    /// Findings beyond the bound, counted but not kept.
    pub findings_dropped: u64,
    /// Bytes read.
    pub bytes: u64,
    /// The gravest finding that belongs to no interchange.
    pub level_outside: Level,
}

impl Report {
    /// The gravest finding of all.
    pub fn level(&self) -> Level {
        self.interchanges.iter().map(InterchangeReport::level).max().unwrap_or_default().max(self.level_outside)
    }

    /// True when nothing in it is rejected.
    pub fn is_accepted(&self) -> bool {
        self.level() < Level::Reject
    }

    /// All sets of all interchanges, with the group and interchange around them.
    pub fn sets(&self) -> impl Iterator<Item = (&InterchangeReport, &GroupReport, &SetReport)> {
        self.interchanges
            .iter()
            .flat_map(|interchange| interchange.sets().map(move |(group, set)| (interchange, group, set)))
    }

    /// The findings in one set.
    pub fn findings_of<'r>(
        &'r self,
        interchange: &'r InterchangeReport,
        group: &'r GroupReport,
        set: &'r SetReport,
    ) -> impl Iterator<Item = &'r Finding> {
        self.findings.iter().filter(move |finding| {
            let place = &finding.place;
            place.interchange == interchange.header.ordinal
                && place.group == group.header.ordinal
                && place.set == set.header.ordinal
        })
    }
}
