//! Receipts: CONTRL and APERAK for papers of ours, and the CONTRL that we owe.
//!
//! One message stands in one interchange, so the interchange's reference is the whole reference.

use super::settings::Settings;
use super::{Message, is};
use crate::desk::Desk;
use crate::rows;
use crate::seam::{ReceiptFor, Severity};
use crate::x12::receipt::reference;
use countersign_edi::{
    ContrlLeg, ContrlOptions, Delimiters, EdifactInterchange, InterchangeReport, Level, Report, WriteOptions, Writer,
    wants_contrl, write_contrl,
};
use serde_json::json;
use smol_str::SmolStr;

/// Errors of a rejection that are put into words.
const NOTES_MAX: usize = 20;

/// Reads a CONTRL: a word on one interchange of ours.
pub(crate) fn read_contrl(message: &Message<'_>, desk: &mut Desk<'_>) -> String {
    let Some(uci) = message.lines.iter().find(|line| is(line, "UCI")) else {
        return "a CONTRL without UCI".into();
    };
    let mut accepted = uci.text(4) != "4";
    let mut notes = Vec::new();
    for line in &message.lines {
        let error = |element: usize| line.text(element);
        if is(line, "UCI") && !error(5).is_empty() {
            notes.push(format!("interchange: {}", words(&error(5))));
        } else if is(line, "UCM") || is(line, "UCF") {
            let verdict = if is(line, "UCM") { 3 } else { 4 };
            accepted &= line.text(verdict) != "4";
            if !error(verdict + 1).is_empty() {
                notes.push(format!("message {}: {}", line.text(1), words(&error(verdict + 1))));
            }
        } else if is(line, "UCS") {
            notes.push(format!("segment {}: {}", line.text(1), words(&error(2))));
        } else if is(line, "UCD") {
            notes.push(format!("element {}: {}", line.part(2, 1), words(&error(1))));
        }
    }
    notes.truncate(NOTES_MAX);
    let note = (!notes.is_empty()).then(|| notes.join("; "));
    let number = uci.text(1);
    if !accepted {
        let what = format!(
            "The partner's machine rejected our interchange {number}: {}.",
            note.as_deref().unwrap_or("no details")
        );
        let advice = "Mend what it names (settings or overlay of the channel), then send the paper again.";
        desk.find_at(uci, 1, ("edi_rejected", Severity::Warning), what, advice);
    }
    let place = desk.place(uci, 0);
    desk.reading.receipts.push(ReceiptFor { reference: reference(&number), accepted, note, place });
    format!("receipt for interchange {number}: {}", if accepted { "accepted" } else { "rejected" })
}

fn words(code: &str) -> &'static str {
    match code {
        "" => "an error without a code",
        "2" => "syntax level not supported",
        "7" => "not meant for this recipient",
        "12" => "a value is not valid",
        "13" => "something is missing",
        "14" => "a value is not supported in this place",
        "15" => "not supported in this place",
        "16" => "too many parts",
        "17" => "no agreement",
        "18" => "an error that is not specified",
        "20" | "21" | "22" | "37" => "characters that are not allowed",
        "23" => "the sender is not known there",
        "26" => "received before",
        "28" => "references of header and trailer differ",
        "29" => "a count is wrong",
        "35" => "too many repetitions",
        "39" => "too long",
        "40" => "too short",
        _ => "an error",
    }
}

/// Reads an APERAK: the partner's application refuses, or accepts, a paper of ours.
pub(crate) fn read_aperak(message: &Message<'_>, desk: &mut Desk<'_>) -> String {
    let (mut about, mut answered, mut error) = (SmolStr::default(), None, None);
    for line in &message.lines {
        if is(line, "RFF") {
            match line.part(1, 1).as_str() {
                "ACW" => answered = Some(*line),
                "ON" => about = line.part(1, 2),
                _ => desk.unmapped(&message.name, line),
            }
        } else if is(line, "ERC") {
            error = Some(*line);
        } else if is(line, "FTX") && error.is_some() {
            let what = format!("The partner says about {about}: {}.", line.part(4, 1));
            desk.find_at(
                line,
                4,
                ("edi_rejected", Severity::Warning),
                what,
                "Mend what it names and send the paper again.",
            );
        } else if !["UNH", "BGM", "DTM", "NAD", "UNT"].iter().any(|tag| is(line, tag)) {
            desk.unmapped(&message.name, line);
        }
    }
    let Some(error) = error else { return format!("accepted there: {about}") };
    let what = format!("The partner's application refuses our paper {about} (code {}).", error.part(1, 1));
    let advice = "Read what it says, settle it with the partner, then send the paper again or reroute the order.";
    let severity = if answered.is_some() { Severity::Warning } else { Severity::Error };
    desk.find_at(&error, 1, ("edi_rejected", severity), what, advice);
    if let Some(line) = answered {
        let (place, note) = (desk.place(&line, 0), Some(format!("refused by the partner's application: {about}")));
        desk.reading.receipts.push(ReceiptFor { reference: reference(&line.part(1, 2)), accepted: false, note, place });
    }
    format!("refused there: {about}")
}

/// The CONTRL that we owe for an interchange, out of the report.
pub(crate) fn owe(report: &Report, interchange: &InterchangeReport, settings: &Settings, desk: &mut Desk<'_>) {
    if !settings.send_contrl || !wants_contrl(interchange) {
        return;
    }
    let [element, component, repetition, terminator] = rows::PLAIN;
    let delimiters = Delimiters::edifact(element, component, Some(repetition), terminator, None, b'.');
    let mut writer = Writer::new(rows::plain(WriteOptions::new(delimiters)));
    let (party, blank) = (("X", "14"), "");
    writer.begin_edifact(&EdifactInterchange {
        una: false,
        syntax: "UNOC",
        version: 3,
        sender: party,
        receiver: party,
        date: "000101",
        time: "0000",
        control: "1",
        application: blank,
        acknowledgment_requested: false,
        test: false,
    });
    let options = ContrlOptions::default();
    if !write_contrl(report, interchange, ContrlLeg::Acceptance, "1", &options, &mut writer) {
        return;
    }
    let Ok(bytes) = writer.finish() else { return };
    let verdict = if interchange.level() == Level::Reject { "with rejections" } else { "accepted" };
    let about = format!("CONTRL for interchange {}: {verdict}", interchange.header.control);
    let content = json!({ "kind": "CONTRL", "sets": rows::to_json(&bytes) });
    desk.reading.owed.push(crate::seam::Receipt { about, content });
}
