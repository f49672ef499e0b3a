//! Who listens while an input is read, and the listener that keeps everything as a [`Report`].
//!
//! It does not read; it is told.

use crate::finding::{Finding, Level};
use crate::report::{
    GroupHeader, GroupReport, GroupSummary, InterchangeAcknowledgment, InterchangeHeader, InterchangeReport,
    InterchangeSummary, Report, SetHeader, SetReport,
};
use crate::segment::Segment;

/// A segment inside a set, with what is known about its place.
#[derive(Debug, Clone, Copy)]
pub struct SegmentContext<'a> {
    /// Number in the set, the header being 1.
    pub number: u32,
    /// The set around it.
    pub set: &'a SetHeader,
    /// How deep in loops it stands; 0 at the top of the set, or when no schema is known.
    pub depth: u8,
    /// True when it opens a loop.
    pub opens_loop: bool,
}

/// Told what is read, while it is read, in order. Every method may be left out.
#[expect(unused_variables, reason = "the default of each method ignores what it is told")]
pub trait Listener {
    /// An interchange begins.
    fn interchange(&mut self, header: &InterchangeHeader) {}
    /// A group begins.
    fn group(&mut self, header: &GroupHeader) {}
    /// A set begins; its header segment follows through [`Listener::segment`].
    fn set(&mut self, header: &SetHeader) {}
    /// A segment of a set, header and trailer included.
    fn segment(&mut self, segment: &Segment<'_>, context: &SegmentContext<'_>) {}
    /// A set is over.
    fn set_end(&mut self, report: SetReport) {}
    /// A group is over.
    fn group_end(&mut self, summary: GroupSummary) {}
    /// A TA1 stands in this interchange.
    fn acknowledgment(&mut self, acknowledgment: InterchangeAcknowledgment) {}
    /// An interchange is over.
    fn interchange_end(&mut self, summary: InterchangeSummary) {}
    /// Something was found.
    fn finding(&mut self, finding: Finding) {}
}

/// A listener that only wants the report's totals.
impl Listener for () {}

/// Keeps everything; [`crate::read`] uses it.
#[derive(Debug, Default)]
pub struct Collector {
    report: Report,
    findings_max: usize,
}

impl Collector {
    /// Keeps at most `findings_max` findings and counts the rest.
    pub fn new(findings_max: usize) -> Collector {
        Collector { report: Report::default(), findings_max }
    }

    /// The report, for the number of bytes read.
    pub fn finish(mut self, bytes: u64) -> Report {
        self.report.bytes = bytes;
        self.report
    }

    fn open_interchange(&mut self) -> Option<&mut InterchangeReport> {
        self.report.interchanges.last_mut()
    }

    fn open_group(&mut self) -> Option<&mut GroupReport> {
        self.open_interchange()?.groups.last_mut()
    }
}

impl Listener for Collector {
    fn interchange(&mut self, header: &InterchangeHeader) {
        self.report.interchanges.push(InterchangeReport {
            header: header.clone(),
            summary: InterchangeSummary::default(),
            groups: Vec::new(),
            acknowledgments: Vec::new(),
        });
    }

    fn group(&mut self, header: &GroupHeader) {
        if let Some(interchange) = self.open_interchange() {
            interchange.groups.push(GroupReport { header: header.clone(), ..GroupReport::default() });
        }
    }

    fn set_end(&mut self, report: SetReport) {
        if let Some(group) = self.open_group() {
            group.sets.push(report);
        }
    }

    fn group_end(&mut self, summary: GroupSummary) {
        if let Some(group) = self.open_group() {
            group.summary = summary;
        }
    }

    fn acknowledgment(&mut self, acknowledgment: InterchangeAcknowledgment) {
        if let Some(interchange) = self.open_interchange() {
            interchange.acknowledgments.push(acknowledgment);
        }
    }

    fn interchange_end(&mut self, summary: InterchangeSummary) {
        if let Some(interchange) = self.open_interchange() {
            interchange.summary = summary;
        }
    }

    fn finding(&mut self, finding: Finding) {
        if finding.place.interchange == 0 {
            self.report.level_outside = self.report.level_outside.max(finding.level);
        }
        if self.report.findings.len() < self.findings_max {
            self.report.findings.push(finding);
        } else {
            self.report.findings_dropped += 1;
        }
    }
}

impl<L: Listener> Listener for &mut L {
    fn interchange(&mut self, header: &InterchangeHeader) {
        (**self).interchange(header);
    }
    fn group(&mut self, header: &GroupHeader) {
        (**self).group(header);
    }
    fn set(&mut self, header: &SetHeader) {
        (**self).set(header);
    }
    fn segment(&mut self, segment: &Segment<'_>, context: &SegmentContext<'_>) {
        (**self).segment(segment, context);
    }
    fn set_end(&mut self, report: SetReport) {
        (**self).set_end(report);
    }
    fn group_end(&mut self, summary: GroupSummary) {
        (**self).group_end(summary);
    }
    fn acknowledgment(&mut self, acknowledgment: InterchangeAcknowledgment) {
        (**self).acknowledgment(acknowledgment);
    }
    fn interchange_end(&mut self, summary: InterchangeSummary) {
        (**self).interchange_end(summary);
    }
    fn finding(&mut self, finding: Finding) {
        (**self).finding(finding);
    }
}

/// The level that counts for an acceptance: [`Level::Reject`] refuses.
pub(crate) fn is_refusal(level: Level) -> bool {
    level == Level::Reject
}
