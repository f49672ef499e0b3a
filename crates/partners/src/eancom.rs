//! GS1 EANCOM: ORDERS and ORDCHG out; ORDRSP, DESADV, INVRPT, CONTRL and APERAK in, in D.96A and D.01B.
//!
//! This file knows the envelope and which message is read where. Syntax and schemas are edi's: what edi rejects is not
//! read here, because the partner is told so and will send it again.

mod answer;
mod codes;
mod despatch;
mod inventory;
mod order;
mod receipt;
pub mod settings;

use crate::desk::{Desk, Line, name_item};
use crate::envelope::{self, Agreed};
use crate::seam::{Context, Numbers, Paper, Place, Reading, Severity, Written};
use crate::{findings, overlay, value};
use countersign_edi::{GroupReport, InterchangeReport, Level, ReadOptions, Report, Schemas, SetReport, Standard, Tag};
use countersign_engine::document::{ItemRef, Outbound};
use countersign_engine::source::Source;
use jiff::Timestamp;
use jiff::civil::{Date, Time};
use settings::Settings;
use smol_str::SmolStr;

/// Of what media type its papers are.
pub(crate) const MEDIA_TYPE: &str = "application/edifact";

/// One message, ready to be read.
pub(crate) struct Message<'a> {
    /// For people: `ORDRSP 1`.
    pub name: SmolStr,
    /// Its segments, header and trailer included.
    pub lines: Vec<Line<'a>>,
}

/// A file with what is agreed about it and what edi found.
struct File<'f> {
    bytes: &'f [u8],
    report: &'f Report,
    settings: &'f Settings,
    schemas: &'f Schemas,
}

/// Reads a file of a source.
pub(crate) fn read(source: &Source, bytes: &[u8], context: &Context<'_>) -> Reading {
    let mut desk = Desk::new(source, bytes, context);
    let settings = match Settings::of(source) {
        Ok(settings) => settings,
        Err(error) => {
            return findings::unreadable(desk, &error, "Mend the settings of the channel, then replay the file.");
        }
    };
    let options = match overlay::read_options(Standard::Edifact, &settings.overlay) {
        Ok(options) => ReadOptions { used: context.used.clone(), ..options },
        Err(error) => return findings::unreadable(desk, &error, "Mend channel.eancom.overlay, then replay the file."),
    };
    let schemas = options.schemas.clone();
    let report = countersign_edi::read_with(bytes, options);
    findings::keep_all(&report, &mut desk);
    let file = File { bytes, report: &report, settings: &settings, schemas: &schemas };
    let mut lost = report.interchanges.is_empty();
    let mut feed = inventory::Feed::default();
    for interchange in &report.interchanges {
        lost |= read_interchange(&file, interchange, &mut desk, &mut feed);
    }
    feed.finish(lost, &mut desk);
    desk.reading.quarantine |= lost;
    desk.reading
}

fn read_interchange(
    file: &File<'_>,
    interchange: &InterchangeReport,
    desk: &mut Desk<'_>,
    feed: &mut inventory::Feed,
) -> bool {
    let header = &interchange.header;
    if header.standard != Standard::Edifact {
        let place = Place { byte: header.offset, line: desk.line_of(header.offset), ..Place::default() };
        let what = "This is X12, and the channel of this source speaks EANCOM.";
        desk.find(
            "edi_syntax",
            Severity::Error,
            place,
            what,
            "Set channel.dialect to x12, or ask the source for EANCOM.",
        );
        return true;
    }
    let Settings { sender, receiver, also_from, any_ids, .. } = file.settings;
    let agreed = Agreed { ours: &sender.id, theirs: &receiver.id, also: also_from, any: *any_ids };
    if !envelope::is_from_partner(interchange, &agreed, ("UNB", "channel.eancom"), desk) {
        return true;
    }
    receipt::owe(file.report, interchange, file.settings, desk);
    let mut lost = interchange.summary.level == Level::Reject;
    for group in &interchange.groups {
        for set in &group.sets {
            lost |= read_message(file, interchange, (group, set), desk, feed);
        }
    }
    lost
}

fn read_message(
    file: &File<'_>,
    interchange: &InterchangeReport,
    (group, report): (&GroupReport, &SetReport),
    desk: &mut Desk<'_>,
    feed: &mut inventory::Feed,
) -> bool {
    let mut envelope = envelope::of(interchange, group, report, desk);
    let above = group.summary.level.max(interchange.summary.level);
    if report.level.max(above) == Level::Reject {
        feed.incomplete |= report.header.id == "INVRPT";
        envelope.outcome = "rejected".into();
        desk.reading.envelopes.push(envelope);
        return true;
    }
    let settings = file.settings;
    let document = report.document(file.bytes, &interchange.header.delimiters);
    let schema = file.schemas.find(Standard::Edifact, &report.header.id, &report.header.version);
    let schema = schema.filter(|_| !settings.overlay.is_null());
    let lines = Line::all(&document, schema.as_deref());
    if lines.is_empty() {
        return true;
    }
    envelope::name(&mut envelope, report, &lines);
    let message = Message { name: SmolStr::new(format!("{} {}", report.header.id, report.header.control)), lines };
    desk.written_at = written_at(&message, settings, desk.source);
    envelope.outcome = match report.header.id.as_str() {
        "APERAK" => receipt::read_aperak(&message, desk),
        "CONTRL" => receipt::read_contrl(&message, desk),
        "DESADV" => despatch::read(&message, settings, desk),
        "INVRPT" => inventory::read(&message, settings, desk, feed),
        "ORDRSP" => answer::read(&message, settings, desk),
        other => {
            let what = format!("Messages of kind {other} are not used here; it is kept as it came.");
            desk.find("document_not_used", Severity::Note, envelope.place.clone(), what, "Nothing has to be done.");
            "not used here".to_owned()
        }
    };
    desk.reading.envelopes.push(envelope);
    false
}

/// When a message was written: its document date (DTM+137).
fn written_at(message: &Message<'_>, settings: &Settings, source: &Source) -> Option<Timestamp> {
    let dates = message.lines.iter().filter(|line| is(line, "DTM")).filter_map(date_of);
    let (_, day, time) = dates.into_iter().find(|(kind, ..)| kind == "137")?;
    value::instant(day, time.unwrap_or_default(), settings.zone(source))
}

/// A date composite (`137:20261123:102`) of element 1: its qualifier, the day, and the time where it has one.
pub(crate) fn date_of(line: &Line<'_>) -> Option<(SmolStr, Date, Option<Time>)> {
    let (text, format) = (line.part(1, 2), line.part(1, 3));
    let (day, time) = match format.as_str() {
        "" | "102" | "203" | "204" | "304" | "718" => (text.get(..8)?, text.get(8..).filter(|_| format != "718")),
        "101" | "201" | "202" => (text.get(..6)?, text.get(6..)),
        _ => return None,
    };
    Some((line.part(1, 1), value::date(day)?, time.and_then(value::time)))
}

/// Takes an item number (composite of number and qualifier) into an item reference; false if it is of no use.
pub(crate) fn take_item(item: &mut ItemRef, line: &Line<'_>, element: usize, settings: &Settings) -> bool {
    let (number, qualifier) = (line.part(element, 1), line.part(element, 2));
    number.is_empty() || name_item(item, settings.item_name(&qualifier), &number)
}

/// Takes the item numbers of a PIA.
pub(crate) fn take_items(item: &mut ItemRef, line: &Line<'_>, settings: &Settings) {
    (2..=6).for_each(|element| {
        take_item(item, line, element, settings);
    });
}

/// True if the segment has this tag.
pub(crate) fn is(line: &Line<'_>, tag: &'static str) -> bool {
    line.segment.tag() == Tag::new(tag)
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
        Paper::Document(Outbound::PurchaseOrder(paper)) => order::orders(source, &settings, paper, false, numbers, now),
        Paper::Document(Outbound::Reminder(paper)) => order::orders(source, &settings, paper, true, numbers, now),
        Paper::Document(Outbound::Cancellation(paper)) => order::ordchg(source, &settings, paper, numbers, now),
        Paper::Receipt(paper) => order::contrl(source, &settings, paper, numbers, now),
    }
}
