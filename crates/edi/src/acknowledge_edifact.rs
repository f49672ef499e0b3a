//! CONTRL out of a report, both legs: that an interchange came in, and what became of its messages.
//!
//! It finds nothing itself, and answers no CONTRL with a CONTRL.

use crate::delimiter::Standard;
use crate::finding::{Finding, Level};
use crate::report::{GroupReport, InterchangeReport, Report, SetReport};
use crate::segment::Tag;
use crate::write::{EdifactMessage, Writer};

/// Which of the two answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContrlLeg {
    /// "It arrived": verdict 8, nothing about messages; sent before they are looked at.
    Receipt,
    /// "It is accepted or not": verdict 7 or 4 for the interchange, and for each message that is told.
    Acceptance,
}

/// How a partner wants his CONTRL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContrlOptions {
    /// Version of the CONTRL message, `D` or `2`.
    pub version: &'static str,
    /// Release, `3` or `2`.
    pub release: &'static str,
    /// Association code, as `EAN002`; may be empty.
    pub association: &'static str,
    /// Names accepted messages too, not only those with errors.
    pub all_messages: bool,
}

impl Default for ContrlOptions {
    fn default() -> ContrlOptions {
        ContrlOptions { version: "D", release: "3", association: "", all_messages: false }
    }
}

/// True when the interchange may be answered: it had a header, and held something that is no CONTRL itself.
pub fn wants_contrl(interchange: &InterchangeReport) -> bool {
    let header = &interchange.header;
    let only_contrl =
        interchange.sets().next().is_some() && interchange.sets().all(|(_, set)| set.header.id == "CONTRL");
    header.standard == Standard::Edifact && !header.implied && !only_contrl
}

/// Writes the CONTRL message into an open interchange; false when there is nothing to answer.
pub fn write_contrl(
    report: &Report,
    interchange: &InterchangeReport,
    leg: ContrlLeg,
    reference: &str,
    options: &ContrlOptions,
    writer: &mut Writer,
) -> bool {
    if !wants_contrl(interchange) {
        return false;
    }
    let ContrlOptions { version, release, association, .. } = *options;
    writer.begin_message(&EdifactMessage { reference, kind: "CONTRL", version, release, agency: "UN", association });
    let own = report.findings.iter().filter(|finding| {
        let place = &finding.place;
        place.interchange == interchange.header.ordinal && place.group == 0 && finding.level > Level::Warn
    });
    let gravest = own.max_by_key(|finding| finding.level);
    write_uci(interchange, leg, gravest, writer);
    let refused_whole = interchange.summary.level == Level::Reject;
    if leg == ContrlLeg::Acceptance && !refused_whole {
        for group in &interchange.groups {
            write_group(report, interchange, group, options, writer);
        }
    }
    writer.end_set();
    true
}

fn write_uci(interchange: &InterchangeReport, leg: ContrlLeg, gravest: Option<&Finding>, writer: &mut Writer) {
    let header = &interchange.header;
    let verdict = match (leg, interchange.summary.level) {
        (_, Level::Reject) => "4",
        (ContrlLeg::Receipt, _) => "8",
        (ContrlLeg::Acceptance, _) => "7",
    };
    let mut uci = writer.segment("UCI");
    uci.element(&header.control)
        .composite(&[&header.sender.id, &header.sender.qualifier])
        .composite(&[&header.receiver.id, &header.receiver.qualifier])
        .element(verdict);
    if verdict == "4" {
        write_cause(gravest, &mut uci);
    }
}

/// Error, service segment and place, as UCI, UCF and UCM name them.
fn write_cause(cause: Option<&Finding>, segment: &mut crate::write::SegmentWriter<'_>) {
    let Some(finding) = cause else { return };
    let service = if finding.place.tag == Tag::NONE { String::new() } else { finding.place.tag.to_string() };
    let service = if service.starts_with("UN") { service } else { String::new() };
    segment.element(&code_of(finding)).element(&service);
    if finding.place.element > 0 && !service.is_empty() {
        place(finding, segment);
    }
}

fn write_group(
    report: &Report,
    interchange: &InterchangeReport,
    group: &GroupReport,
    options: &ContrlOptions,
    writer: &mut Writer,
) {
    let about: Vec<&Finding> = report
        .findings
        .iter()
        .filter(|finding| {
            let place = &finding.place;
            finding.level > Level::Warn
                && place.interchange == interchange.header.ordinal
                && place.group == group.header.ordinal
        })
        .collect();
    let refused = group.summary.level == Level::Reject;
    if !group.header.implied {
        let mut ucf = writer.segment("UCF");
        ucf.element(&group.header.control)
            .element(&group.header.sender)
            .element(&group.header.receiver)
            .element(if refused { "4" } else { "7" });
        if refused {
            write_cause(about.iter().copied().find(|finding| finding.place.set == 0), &mut ucf);
        }
    }
    if refused {
        return;
    }
    for set in &group.sets {
        if set.header.id != "CONTRL" && (options.all_messages || set.level > Level::Warn) {
            let own: Vec<&Finding> =
                about.iter().copied().filter(|finding| finding.place.set == set.header.ordinal).collect();
            write_message(set, &own, writer);
        }
    }
}

fn write_message(set: &SetReport, findings: &[&Finding], writer: &mut Writer) {
    let header = &set.header;
    // UNH S009 is given back as it came; version and release were joined for the report.
    let (version, release) = header.version.split_at(header.version.chars().next().map_or(0, char::len_utf8));
    let refused = set.level == Level::Reject;
    let mut ucm = writer.segment("UCM");
    ucm.element(&header.control)
        .composite(&[&header.id, version, release, "UN", &header.convention])
        .element(if refused { "4" } else { "7" });
    if refused {
        write_cause(findings.iter().copied().find(|finding| is_frame(finding)), &mut ucm);
    }
    drop(ucm);
    let mut sorted: Vec<&Finding> = findings.iter().copied().filter(|finding| !is_frame(finding)).collect();
    sorted.sort_by_key(|finding| (finding.place.segment, finding.place.element));
    let mut open = None;
    for finding in sorted {
        let is_element = finding.rule.codes().element != 0;
        if open != Some(finding.place.segment) || !is_element {
            let code = if is_element { String::new() } else { code_of(finding) };
            writer.segment("UCS").element(&finding.place.segment.to_string()).element(&code);
            open = Some(finding.place.segment);
        }
        if is_element {
            let mut ucd = writer.segment("UCD");
            ucd.element(&code_of(finding));
            place(finding, &mut ucd);
        }
    }
}

/// True for faults of UNH and UNT, which UCM tells itself.
fn is_frame(finding: &Finding) -> bool {
    [Tag::new("UNH"), Tag::new("UNT")].contains(&finding.place.tag)
}

fn code_of(finding: &Finding) -> String {
    // 18 is "something else is wrong": every error has a code.
    match finding.rule.codes().edifact {
        0 => "18".to_owned(),
        code => code.to_string(),
    }
}

/// S011 counts the segment tag as the first element.
fn place(finding: &Finding, segment: &mut crate::write::SegmentWriter<'_>) {
    let element = (finding.place.element + 1).to_string();
    let component = if finding.place.component > 0 { finding.place.component.to_string() } else { String::new() };
    segment.composite(&[&element, &component]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::write::{EdifactInterchange, WriteOptions};
    use crate::{Delimiters, read};

    fn answer_text(input: &str) -> String {
        let report = read(input.as_bytes());
        let mut options = WriteOptions::new(Delimiters::EDIFACT_3);
        options.on_foreign = crate::OnForeign::TransliterateOr(b'.');
        let mut writer = Writer::new(options);
        write_contrl(
            &report,
            &report.interchanges[0],
            ContrlLeg::Acceptance,
            "1",
            &ContrlOptions::default(),
            &mut writer,
        );
        String::from_utf8_lossy(&writer.finish().expect("nothing to refuse")).into_owned()
    }

    fn answer(input: &str, leg: ContrlLeg) -> String {
        let report = read(input.as_bytes());
        let mut writer = Writer::new(WriteOptions::new(Delimiters::EDIFACT_3));
        writer.begin_edifact(&EdifactInterchange {
            una: false,
            syntax: "UNOC",
            version: 3,
            sender: ("V", "14"),
            receiver: ("B", "14"),
            date: "261123",
            time: "1031",
            control: "1",
            application: "",
            acknowledgment_requested: false,
            test: false,
        });
        write_contrl(&report, &report.interchanges[0], leg, "1", &ContrlOptions::default(), &mut writer);
        let text = String::from_utf8(writer.finish().expect("nothing to refuse")).expect("ASCII");
        let own = read(text.as_bytes());
        assert!(own.findings.is_empty(), "{:?}", own.findings);
        text[text.find("UCI").unwrap_or(0)..text.find("UNZ").unwrap_or(text.len())].to_owned()
    }

    fn order(quantity: &str, count: u32) -> String {
        format!(
            "UNB+UNOC:3+B:14+V:14+261123:1030+77'UNH+1+ORDERS:D:96A:UN:EAN008'BGM+220+1001-1+9'DTM+137:20261123:102'\
             NAD+BY+5790000010790::9'LIN+1++4000000000001:EN'QTY+21:{quantity}'UNS+S'CNT+2:1'UNT+{count}+1'UNZ+1+77'"
        )
    }

    #[test]
    fn both_legs_of_a_good_interchange() {
        assert_eq!(answer(&order("3", 9), ContrlLeg::Receipt), "UCI+77+B:14+V:14+8'UNT+3+1'");
        assert_eq!(answer(&order("3", 9), ContrlLeg::Acceptance), "UCI+77+B:14+V:14+7'UNT+3+1'");
    }

    #[test]
    fn an_error_is_named_by_segment_and_element() {
        let text = answer(&order("three", 8), ContrlLeg::Acceptance);
        assert_eq!(text, "UCI+77+B:14+V:14+7'UCM+1+ORDERS:D:96A:UN:EAN008+4+29+UNT+2'UCS+6'UCD+37+2:2'UNT+6+1'");
    }

    #[test]
    fn a_version_in_foreign_letters_is_given_back() {
        let text = answer_text(&order("three", 8).replace("D:96A", "\u{b4}96:A"));
        assert!(text.contains("UCM+1+ORDERS:\u{FFFD}:96A:UN:EAN008+4"), "one byte, as UNOC has it: {text}");
    }
}
