//! What edi found, as findings of a reading.
//!
//! One finding there is one here, with the same id, so that a person and an acknowledgment speak of the same thing.

use crate::desk::Desk;
use crate::seam::{FINDINGS_MAX, Finding, Place, Reading, Severity};
use countersign_edi::{Level, Report};
use smol_str::{SmolStr, format_smolstr};

/// Keeps all findings of a report.
pub(crate) fn keep_all(report: &Report, desk: &mut Desk<'_>) {
    for finding in &report.findings {
        desk.keep(convert(finding));
    }
    let dropped = u32::try_from(report.findings_dropped).unwrap_or(u32::MAX);
    desk.reading.findings_dropped = desk.reading.findings_dropped.saturating_add(dropped);
    desk.reading.quarantine |= report.level() == Level::Reject;
}

/// How many findings edi is asked to keep.
pub(crate) const KEPT: usize = FINDINGS_MAX;

fn convert(finding: &countersign_edi::Finding) -> Finding {
    let place = &finding.place;
    Finding {
        id: SmolStr::new(finding.id()),
        severity: match finding.level {
            Level::Reject => Severity::Error,
            Level::AcceptWithError => Severity::Warning,
            Level::Warn | Level::Ignore => Severity::Note,
        },
        place: Place {
            byte: place.offset,
            line: u32::try_from(place.line).unwrap_or(u32::MAX),
            segment: place.segment,
            tag: format_smolstr!("{}", place.tag),
            element: u32::from(place.element),
            component: u32::from(place.component),
        },
        sentence: finding.sentence(),
        advice: finding.advice().to_owned(),
        value: finding.value.clone(),
    }
}

/// A reading of a file that cannot be read at all, with the reason.
pub(crate) fn unreadable(mut desk: Desk<'_>, fault: &str, advice: &str) -> Reading {
    desk.find("edi_syntax", Severity::Fatal, Place::default(), fault, advice);
    desk.reading
}
