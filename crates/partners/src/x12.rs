//! ASC X12: purchase orders out as 850 and 860; 846, 855, 856, 860, 865, 870, 824, 945 and receipts in.
//!
//! This file knows the envelope and which set is read where; each set has a file of its own. Syntax and schemas are
//! edi's: what edi rejects is not read here, because the partner is told so and will send it again.

pub(crate) mod acknowledgment;
pub(crate) mod advice;
pub(crate) mod change;
pub(crate) mod codes;
pub(crate) mod order;
pub(crate) mod receipt;
pub mod settings;
pub(crate) mod shipment;
pub(crate) mod status;
pub(crate) mod tags;

use crate::desk::{Desk, Line};
use crate::envelope::{self, Agreed};
use crate::feed::Feed;
use crate::findings;
use crate::overlay;
use crate::seam::{Context, Numbers, Paper, Place, Reading, Severity, Written};
use crate::value;
use countersign_edi::{
    GroupHeader, GroupReport, InterchangeReport, Level, ReadOptions, Report, Schemas, SetReport, Standard,
};
use countersign_engine::document::Outbound;
use countersign_engine::source::Source;
use countersign_engine::stock::Origin;
use jiff::Timestamp;
use settings::Settings;
use smol_str::SmolStr;

/// Of what media type its papers are.
pub(crate) const MEDIA_TYPE: &str = "application/edi-x12";

/// One transaction set, ready to be read.
pub(crate) struct Set<'a> {
    /// For people: `855 0001`.
    pub name: SmolStr,
    /// The group around it.
    pub group: &'a GroupHeader,
    /// Its segments, header and trailer included.
    pub lines: Vec<Line<'a>>,
}

/// The header of a group that is not there.
static NO_GROUP: GroupHeader = GroupHeader {
    ordinal: 0,
    kind: String::new(),
    sender: String::new(),
    receiver: String::new(),
    date: String::new(),
    time: String::new(),
    control: String::new(),
    version: String::new(),
    implied: true,
};

impl Set<'static> {
    /// A set for helpers that only need a name to keep what they do not use.
    pub fn nameless() -> Set<'static> {
        Set { name: SmolStr::default(), group: &NO_GROUP, lines: Vec::new() }
    }
}

/// Reads a file of a source.
pub(crate) fn read(source: &Source, bytes: &[u8], context: &Context<'_>, origin: Origin) -> Reading {
    let mut desk = Desk::new(source, bytes, context);
    let settings = match Settings::of(source) {
        Ok(settings) => settings,
        Err(error) => {
            return findings::unreadable(desk, &error, "Mend the settings of the channel, then replay the file.");
        }
    };
    let options = match overlay::read_options(Standard::X12, &settings.overlay) {
        Ok(options) => ReadOptions { used: context.used.clone(), ..options },
        Err(error) => return findings::unreadable(desk, &error, "Mend channel.x12.overlay, then replay the file."),
    };
    let schemas = options.schemas.clone();
    let report = countersign_edi::read_with(bytes, options);
    findings::keep_all(&report, &mut desk);
    let file = File { bytes, report: &report, settings: &settings, schemas: &schemas };
    let mut feed = Feed::default();
    let mut lost = report.interchanges.is_empty();
    for interchange in &report.interchanges {
        lost |= read_interchange(&file, interchange, &mut desk, &mut feed);
    }
    feed.incomplete |= lost;
    feed.finish(&mut desk, origin);
    desk.reading.quarantine |= lost;
    desk.reading
}

/// A file with what is agreed about it and what edi found.
struct File<'f> {
    bytes: &'f [u8],
    report: &'f Report,
    settings: &'f Settings,
    schemas: &'f Schemas,
}

/// Reads one interchange; true if a part of it could not be read.
fn read_interchange(file: &File<'_>, interchange: &InterchangeReport, desk: &mut Desk<'_>, feed: &mut Feed) -> bool {
    let settings = file.settings;
    let header = &interchange.header;
    if header.standard != Standard::X12 {
        let place = Place { byte: header.offset, line: desk.line_of(header.offset), ..Place::default() };
        let what = "This is EDIFACT, and the channel of this source speaks X12.";
        desk.find(
            "edi_syntax",
            Severity::Error,
            place,
            what,
            "Set channel.dialect to eancom, or ask the source for X12.",
        );
        return true;
    }
    let agreed = Agreed {
        ours: &settings.sender.id,
        theirs: &settings.receiver.id,
        also: &settings.also_from,
        any: settings.any_ids,
    };
    if !envelope::is_from_partner(interchange, &agreed, ("ISA", "channel.x12"), desk) {
        return true;
    }
    receipt::owe(file.report, interchange, settings, desk);
    receipt::read_envelope(interchange, desk);
    if interchange.summary.level == Level::Reject {
        note_rejected(interchange, desk);
        return true;
    }
    let mut lost = false;
    for group in &interchange.groups {
        for set in &group.sets {
            lost |= read_set(file, interchange, (group, set), desk, feed);
        }
    }
    lost
}

fn note_rejected(interchange: &InterchangeReport, desk: &mut Desk<'_>) {
    for (group, set) in interchange.sets() {
        let mut envelope = envelope::of(interchange, group, set, desk);
        envelope.outcome = "rejected with its interchange".into();
        desk.reading.envelopes.push(envelope);
    }
}

/// Reads one set; true if it could not be read.
fn read_set(
    file: &File<'_>,
    interchange: &InterchangeReport,
    (group, report): (&GroupReport, &SetReport),
    desk: &mut Desk<'_>,
    feed: &mut Feed,
) -> bool {
    let settings = file.settings;
    let mut envelope = envelope::of(interchange, group, report, desk);
    let rejected = report.level == Level::Reject || group.summary.level == Level::Reject;
    if rejected {
        feed.incomplete |= report.header.id == "846";
        envelope.outcome = "rejected".into();
        desk.reading.envelopes.push(envelope);
        return true;
    }
    let document = report.document(file.bytes, &interchange.header.delimiters);
    let schema = file.schemas.find(Standard::X12, &report.header.id, &report.header.version);
    let schema = schema.filter(|_| !settings.overlay.is_null());
    let lines = Line::all(&document, schema.as_deref());
    let name = SmolStr::new(format!("{} {}", report.header.id, report.header.control));
    if lines.is_empty() {
        return true;
    }
    envelope::name(&mut envelope, report, &lines);
    let set = Set { name, group: &group.header, lines };
    desk.written_at = written_at(&set, settings, desk.source);
    envelope.outcome = match report.header.id.as_str() {
        "824" => receipt::read_824(&set, desk),
        "846" => advice::read(&set, settings, desk, feed),
        "855" => acknowledgment::read(&set, settings, desk),
        "856" => shipment::read(&set, settings, desk),
        "860" => change::read_860(&set, settings, desk),
        "865" => change::read_865(&set, settings, desk),
        "870" => status::read(&set, settings, desk),
        "945" => shipment::read_warehouse(&set, settings, desk),
        "997" | "999" => receipt::read_functional(&set, desk),
        other => {
            let what = format!("Documents of kind {other} are not used here; it is kept as it came.");
            let advice = "Nothing has to be done.";
            desk.find("document_not_used", Severity::Note, envelope.place.clone(), what, advice);
            "not used here".to_owned()
        }
    };
    desk.reading.envelopes.push(envelope);
    false
}

/// When a set was written: on the day of its BAK, else that of its group (GS04), at the group's time (GS05) if that is the
/// same day.
fn written_at(set: &Set<'_>, settings: &Settings, source: &Source) -> Option<Timestamp> {
    let group = value::date(&set.group.date);
    let bak = set.lines.iter().find(|line| line.segment.tag() == tags::BAK);
    let day = bak.and_then(|line| value::date(&line.text(4))).or(group)?;
    let time = value::time(&set.group.time).filter(|_| group == Some(day)).unwrap_or_default();
    value::instant(day, time, settings.zone(source))
}

/// Writes a paper for a source.
pub(crate) fn write(
    source: &Source,
    paper: &Paper,
    numbers: &mut Numbers<'_>,
    now: Timestamp,
) -> Result<Written, String> {
    let settings = Settings::of(source)?;
    match paper {
        Paper::Document(Outbound::PurchaseOrder(paper)) => {
            order::purchase_order(source, &settings, paper, false, numbers, now)
        }
        Paper::Document(Outbound::Reminder(paper)) => {
            order::purchase_order(source, &settings, paper, true, numbers, now)
        }
        Paper::Document(Outbound::Cancellation(paper)) => order::cancellation(source, &settings, paper, numbers, now),
        Paper::Receipt(paper) => order::receipt(source, &settings, paper, numbers, now),
    }
}
