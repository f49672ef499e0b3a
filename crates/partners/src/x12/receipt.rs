//! Receipts: 997, 999, TA1 and 824 for papers of ours, and the 997, 999 and TA1 that we owe.
//!
//! A receipt speaks of syntax only. What we owe is made out of edi's report and nothing else; receipts are never
//! owed for receipts. One set stands in one group in one interchange, all under one number, so that number is the
//! whole reference.

use super::settings::Settings;
use super::{Set, tags};
use crate::desk::{Desk, Line};
use crate::rows;
use crate::seam::{ReceiptFor, Severity};
use countersign_edi::{
    AcknowledgmentOptions, Delimiters, InterchangeReport, Report, SetDetail, WriteOptions, Writer, X12Group,
    X12Interchange,
};
use serde_json::{Value, json};
use smol_str::SmolStr;

/// Errors of a rejection that are put into words; a partner's 997 can name thousands.
const NOTES_MAX: usize = 20;

/// The reference of the paper that was sent under this number: the number without leading zeros.
pub(crate) fn reference(control: &str) -> SmolStr {
    let plain = control.trim().trim_start_matches('0');
    SmolStr::new(if plain.is_empty() { "0" } else { plain })
}

/// Reads one 997 or 999: a word on one group of ours.
pub(crate) fn read_functional(set: &Set<'_>, desk: &mut Desk<'_>) -> String {
    let Some(group) = set.lines.iter().find(|line| line.segment.tag() == tags::AK1) else {
        let what = "The receipt does not say what it is for (AK1 is missing).";
        desk.find_at(&set.lines[0], 0, ("receipt_without_group", Severity::Error), what, "Ask the partner for AK1.");
        return "a receipt for nothing".into();
    };
    let mut accepted = true;
    let mut notes: Vec<String> = Vec::new();
    let mut verdict = SmolStr::default();
    for line in &set.lines {
        match line.segment.tag() {
            tags::AK3 | tags::IK3 => notes.push(segment_note(line)),
            tags::AK4 | tags::IK4 => notes.push(element_note(line)),
            tags::AK5 | tags::IK5 => {
                accepted &= is_accepted(&line.text(1));
                let codes = (2..=6).map(|element| line.text(element)).filter(|code| !code.is_empty());
                notes.extend(codes.map(|code| format!("set: {}", set_words(&code))));
            }
            tags::AK9 => {
                verdict = line.text(1);
                accepted &= is_accepted(&verdict);
                let codes = (5..=9).map(|element| line.text(element)).filter(|code| !code.is_empty());
                notes.extend(codes.map(|code| format!("group: {}", group_words(&code))));
            }
            tags::ST | tags::SE | tags::AK1 | tags::AK2 => {}
            _ => desk.unmapped(&set.name, line),
        }
    }
    if verdict.is_empty() {
        let what = "The receipt ends without a verdict on the group (AK9).";
        desk.find_at(group, 0, ("receipt_without_verdict", Severity::Error), what, "Ask the partner for AK9.");
        return "a receipt without a verdict".into();
    }
    if group.text(1) == "FA" {
        return "a receipt for a receipt".into();
    }
    notes.truncate(NOTES_MAX);
    let note = (!notes.is_empty()).then(|| notes.join("; "));
    let words = if accepted { "accepted" } else { "rejected" };
    if !accepted {
        let what = format!(
            "The partner's machine rejected our group {}: {}.",
            group.text(2),
            note.as_deref().unwrap_or("no details")
        );
        let advice = "Mend what it names (settings or overlay of the channel), then send the paper again.";
        desk.find_at(group, 2, ("edi_rejected", Severity::Warning), what, advice);
    }
    let place = desk.place(group, 0);
    let receipt = ReceiptFor { reference: reference(&group.text(2)), accepted, note, place };
    desk.reading.receipts.push(receipt);
    format!("receipt for group {} {}: {words}", group.text(1), group.text(2))
}

fn is_accepted(code: &str) -> bool {
    matches!(code, "A" | "E")
}

fn segment_note(line: &Line<'_>) -> String {
    let words = match line.text(4).as_str() {
        "1" => "its tag is not known",
        "2" => "it was not expected here",
        "3" => "it is missing",
        "4" => "its loop occurs too often",
        "5" => "it occurs too often",
        "6" => "it does not belong in this set",
        "7" => "it stands out of order",
        "8" => "its elements have errors",
        _ => "it has an error",
    };
    format!("segment {} (number {}): {words}", line.text(1), line.text(2))
}

fn element_note(line: &Line<'_>) -> String {
    let words = match line.text(3).as_str() {
        "1" => "is missing",
        "2" => "is missing beside another",
        "3" => "is one too many",
        "4" => "is too short",
        "5" => "is too long",
        "6" => "has a character that is not allowed",
        "7" => "has a code that is not allowed",
        "8" => "is no date",
        "9" => "is no time",
        "10" => "must not stand beside another",
        _ => "has an error",
    };
    let value = line.text(4);
    let value = if value.is_empty() { String::new() } else { format!(" (\"{value}\")") };
    format!("element {} {words}{value}", line.part(1, 1))
}

fn set_words(code: &str) -> &'static str {
    match code {
        "1" => "this kind of set is not supported",
        "2" => "its trailer is missing",
        "3" => "control numbers of header and trailer differ",
        "4" => "the count of segments is wrong",
        "5" => "segments have errors",
        "6" | "7" => "its header has an error",
        "23" => "its control number was used before",
        _ => "it has an error",
    }
}

fn group_words(code: &str) -> &'static str {
    match code {
        "1" => "this kind of group is not supported",
        "2" => "this version is not supported",
        "3" => "its trailer is missing",
        "4" => "control numbers of header and trailer differ",
        "5" => "the count of sets is wrong",
        "6" => "its control number has an error",
        "19" => "its control number was used before",
        _ => "it has an error",
    }
}

/// Reads the TA1 segments of an interchange. Only a refusal is a word on our paper: an accepted envelope still waits
/// for its 997.
pub(crate) fn read_envelope(interchange: &InterchangeReport, desk: &mut Desk<'_>) {
    for ta1 in &interchange.acknowledgments {
        if ta1.code != "R" {
            continue;
        }
        let line = desk.line_of(ta1.offset);
        let place =
            crate::seam::Place { byte: ta1.offset, line, tag: SmolStr::new_static("TA1"), ..Default::default() };
        let note = format!("interchange {} refused: {}", ta1.control, envelope_words(&ta1.note));
        let advice = "Mend the envelope settings of the channel (ids, version, delimiters), then send the paper again.";
        desk.find("edi_rejected", Severity::Warning, place.clone(), format!("The partner's machine: {note}."), advice);
        let receipt = ReceiptFor { reference: reference(&ta1.control), accepted: false, note: Some(note), place };
        desk.reading.receipts.push(receipt);
    }
}

fn envelope_words(code: &str) -> &'static str {
    match code {
        "001" | "018" => "its control number is wrong or differs in the trailer",
        "002" | "003" | "016" | "017" => "its standard or version is not supported",
        "004" | "026" | "027" => "its delimiters are not allowed",
        "005" | "006" => "the sender is not known there",
        "007" | "008" | "009" => "the receiver is not known there",
        "010" | "011" | "012" | "013" => "its security fields are wrong",
        "014" | "015" => "its date or time is wrong",
        "020" => "its test indicator is wrong",
        "021" | "022" | "024" => "its structure is wrong",
        "023" => "it ends too early",
        "025" => "its control number was used before",
        _ => "no reason that is known here",
    }
}

/// Reads one 824: the partner's application refuses, or accepts, a paper of ours.
pub(crate) fn read_824(set: &Set<'_>, desk: &mut Desk<'_>) -> String {
    let (mut about, mut outcome) = (None, "an 824 without a verdict".to_owned());
    for line in &set.lines {
        match line.segment.tag() {
            tags::OTI => {
                outcome = application(line, desk);
                about = Some(*line);
            }
            tags::TED | tags::NTE | tags::MSG | tags::MTX => {
                let words = [line.text(1), line.text(2), line.text(7)].join(" ");
                let at = about.as_ref().map_or_else(SmolStr::default, |oti: &Line<'_>| oti.text(3));
                let what = format!("The partner says about {at}: {}.", words.trim());
                desk.find_at(
                    line,
                    0,
                    ("edi_rejected", Severity::Warning),
                    what,
                    "Mend what it names and send the paper again.",
                );
            }
            tags::ST | tags::SE | tags::BGN => {}
            _ => desk.unmapped(&set.name, line),
        }
    }
    outcome
}

fn application(line: &Line<'_>, desk: &mut Desk<'_>) -> String {
    let code = line.text(1);
    let rejected = code.ends_with('R') && code.len() == 2;
    let about = format!("{} {}", line.text(2), line.text(3));
    if !rejected {
        return format!("accepted there: {about}");
    }
    let what = format!("The partner's application refuses our paper ({about}).");
    let advice = "Read what it says, settle it with the partner, then send the paper again or reroute the order.";
    let group = line.text(8);
    // With the group's number the runtime finds the paper; without it a person must.
    let severity = if group.is_empty() { Severity::Error } else { Severity::Warning };
    desk.find_at(line, 3, ("edi_rejected", severity), what, advice);
    if !group.is_empty() {
        let place = desk.place(line, 0);
        let note = Some(format!("refused by the partner's application: {about}"));
        desk.reading.receipts.push(ReceiptFor { reference: reference(&group), accepted: false, note, place });
    }
    format!("refused there: {about}")
}

/// The receipts that we owe for an interchange, out of the report.
pub(crate) fn owe(report: &Report, interchange: &InterchangeReport, settings: &Settings, desk: &mut Desk<'_>) {
    let header = &interchange.header;
    if header.implied || !settings.ack.send {
        return;
    }
    let verdict = countersign_edi::interchange_verdict(report, interchange);
    if verdict.code == 'R' || header.acknowledgment_requested && !is_receipt_only(interchange) {
        let content = rendered(|writer| countersign_edi::write_ta1(&verdict, writer), false);
        let about = format!("TA1 for interchange {}: {}", header.control, verdict.code);
        owed(about, "TA1", &content, desk);
    }
    if verdict.code == 'R' || !countersign_edi::wants_functional(interchange) {
        return;
    }
    let sets = if settings.ack.always_detail { SetDetail::Always } else { SetDetail::WhenErrors };
    let options = AcknowledgmentOptions { sets, errors: true };
    let form = if settings.ack.form == "999" { "999" } else { "997" };
    let content = rendered(
        |writer| {
            if form == "999" {
                countersign_edi::write_999(report, interchange, options, writer);
            } else {
                countersign_edi::write_997(report, interchange, options, writer);
            }
        },
        true,
    );
    let groups: Vec<_> = interchange.groups.iter().filter(|group| group.header.kind != "FA").collect();
    let numbers: Vec<_> = groups.iter().map(|group| group.header.control.as_str()).collect();
    let word = match interchange.sets().filter(|(group, set)| group.header.kind != "FA" && !is_fine(set.level)).count()
    {
        0 => "accepted".to_owned(),
        n => format!("{n} sets rejected"),
    };
    owed(format!("{form} for group {}: {word}", numbers.join(", ")), form, &content, desk);
}

fn is_fine(level: countersign_edi::Level) -> bool {
    level < countersign_edi::Level::Reject
}

fn is_receipt_only(interchange: &InterchangeReport) -> bool {
    interchange.groups.iter().all(|group| group.header.kind == "FA")
}

fn owed(about: String, kind: &str, sets: &Value, desk: &mut Desk<'_>) {
    if sets.as_array().is_some_and(|sets| !sets.is_empty()) {
        let content = json!({ "kind": kind, "sets": sets });
        desk.reading.owed.push(crate::seam::Receipt { about, content });
    }
}

/// What edi writes, as sets of segments of elements, without envelope: numbers and dates come when it is sent.
fn rendered(write: impl FnOnce(&mut Writer), grouped: bool) -> Value {
    let [element, component, repetition, terminator] = rows::PLAIN;
    let delimiters = Delimiters::x12(element, component, Some(repetition), terminator);
    let mut writer = Writer::new(rows::plain(WriteOptions::new(delimiters)));
    let party = ("ZZ", "X");
    let (date, time, version) = ("000101", "0000", "00401");
    writer.begin_x12(&X12Interchange {
        sender: party,
        receiver: party,
        date,
        time,
        version,
        control: 1,
        acknowledgment_requested: false,
        usage: 'P',
    });
    if grouped {
        let (date, version) = ("20000101", "004010");
        writer.begin_group(&X12Group { kind: "FA", sender: "X", receiver: "X", date, time, control: 1, version });
    }
    write(&mut writer);
    writer.finish().map_or_else(|_| Value::Array(Vec::new()), |bytes| rows::to_json(&bytes))
}
