//! Who sends what to whom: the ids of an interchange against the agreement, and the numbers that tell a resend.

use crate::desk::{Desk, Line};
use crate::seam::{Envelope, Place, Severity};
use countersign_edi::{GroupReport, InterchangeReport, Party, SetReport, Standard};
use smol_str::{SmolStr, format_smolstr};

/// The ids that the settings of a channel name.
pub(crate) struct Agreed<'s> {
    /// Us.
    pub ours: &'s str,
    /// The partner.
    pub theirs: &'s str,
    /// Further ids of the partner.
    pub also: &'s [String],
    /// Ids do not matter.
    pub any: bool,
}

/// True if the interchange comes from the partner and is for us. Another one's papers are not read.
pub(crate) fn is_from_partner(
    interchange: &InterchangeReport,
    agreed: &Agreed<'_>,
    (tag, settings): (&str, &str),
    desk: &mut Desk<'_>,
) -> bool {
    let header = &interchange.header;
    let same = |found: &str, agreed: &str| found.trim().eq_ignore_ascii_case(agreed.trim());
    let from = same(&header.sender.id, agreed.theirs) || agreed.also.iter().any(|id| same(&header.sender.id, id));
    let to = same(&header.receiver.id, agreed.ours);
    let unset = agreed.theirs.is_empty() || agreed.ours.is_empty();
    if agreed.any || unset || header.implied || (from && to) {
        return true;
    }
    let line = desk.line_of(header.offset);
    let place = Place { byte: header.offset, line, tag: SmolStr::new(tag), ..Place::default() };
    let what = format!(
        "The interchange goes from {:?} to {:?}; the agreement says from {:?} to {:?}. It was not read.",
        header.sender.id, header.receiver.id, agreed.theirs, agreed.ours
    );
    let advice =
        format!("If the ids are right, enter them in {settings} (receiver, sender, also_from), then replay the file.");
    desk.find("edi_unknown_partner", Severity::Error, place, what, &advice);
    false
}

/// Under which numbers a set came.
pub(crate) fn of(
    interchange: &InterchangeReport,
    group: &GroupReport,
    set: &SetReport,
    desk: &mut Desk<'_>,
) -> Envelope {
    let header = &interchange.header;
    let party = |party: &Party| SmolStr::new(format!("{}:{}", party.qualifier, party.id));
    let (byte, tag) = (set.header.offset, if header.standard == Standard::X12 { "ST" } else { "UNH" });
    Envelope {
        sender: party(&header.sender),
        receiver: party(&header.receiver),
        interchange: SmolStr::new(&header.control),
        group: SmolStr::new(&group.header.control),
        set: SmolStr::new(&set.header.control),
        kind: SmolStr::new(&set.header.id),
        outcome: String::new(),
        place: Place { byte, line: desk.line_of(byte), segment: 1, tag: SmolStr::new(tag), ..Place::default() },
        document: SmolStr::default(),
        end: 0,
    }
}

/// Notes what a set that is read calls itself, and where it ends.
pub(crate) fn name(envelope: &mut Envelope, set: &SetReport, lines: &[Line<'_>]) {
    envelope.end = set.range.end;
    let Some(begin) = lines.get(1) else { return };
    envelope.document = match envelope.kind.as_str() {
        "824" | "856" | "945" => format_smolstr!("{} {}", begin.text(1), begin.text(2)),
        "855" | "860" | "865" | "870" => format_smolstr!("{} {}", begin.text(1), begin.text(3)),
        "APERAK" | "DESADV" | "ORDRSP" => format_smolstr!("{} {}", begin.text(3), begin.part(2, 1)),
        _ => SmolStr::default(),
    };
}
