//! TA1, 997 and 999 out of a report: what was found in reading is what the partner is told.
//!
//! It finds nothing itself, and it acknowledges no acknowledgment. Control numbers and dates come with the writer.

use crate::finding::{Finding, Level};
use crate::report::{GroupReport, InterchangeHeader, InterchangeReport, Report, SetReport};
use crate::rule::Rule;
use crate::write::Writer;

/// Stands for a tag that is none: AK301 has two or three characters.
const UNREADABLE_TAG: &str = "???";
/// How many AK502 to AK506, and AK905 to AK909, there are.
const CODES_MAX: usize = 5;

/// When a set gets its own AK2 loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SetDetail {
    /// Each set.
    #[default]
    Always,
    /// Only where the group holds errors.
    WhenErrors,
}

/// How a partner wants 997 and 999.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AcknowledgmentOptions {
    /// AK2 loops for clean sets.
    pub sets: SetDetail,
    /// AK3 and AK4 segments; without, only AK5 says that something is wrong.
    pub errors: bool,
}

impl Default for AcknowledgmentOptions {
    fn default() -> AcknowledgmentOptions {
        AcknowledgmentOptions { sets: SetDetail::Always, errors: true }
    }
}

/// What a TA1 says about an interchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InterchangeVerdict {
    /// ISA13 as received.
    pub control: String,
    /// ISA09 as received.
    pub date: String,
    /// ISA10 as received.
    pub time: String,
    /// `A`, `E` or `R`.
    pub code: char,
    /// TA105.
    pub note: u8,
}

impl InterchangeVerdict {
    /// A refusal because this control number was received before; only the caller's memory can know.
    pub fn duplicate(header: &InterchangeHeader) -> InterchangeVerdict {
        InterchangeVerdict { code: 'R', note: 25, ..verdict_of(header) }
    }
}

fn verdict_of(header: &InterchangeHeader) -> InterchangeVerdict {
    let InterchangeHeader { control, date, time, .. } = header;
    InterchangeVerdict { control: control.clone(), date: date.clone(), time: time.clone(), code: 'A', note: 0 }
}

/// What to answer to an interchange by TA1: its own header and trailer alone count.
pub fn interchange_verdict(report: &Report, interchange: &InterchangeReport) -> InterchangeVerdict {
    let own = report.findings.iter().filter(|finding| {
        let place = &finding.place;
        place.interchange == interchange.header.ordinal
            && finding.rule != Rule::AcknowledgmentValue
            && place.set == 0
            && (place.group == 0 || finding.rule == Rule::GroupHeaderValue)
    });
    let mut verdict = verdict_of(&interchange.header);
    let mut gravest = Level::Warn;
    for finding in own {
        if finding.level > gravest {
            gravest = finding.level;
            verdict.note = note_of(finding);
        }
    }
    verdict.code = letter(gravest);
    verdict
}

/// TA105; the fields of the header have notes of their own.
fn note_of(finding: &Finding) -> u8 {
    if finding.rule != Rule::InterchangeHeaderValue {
        return match finding.rule.codes().interchange {
            // An interchange cannot have an error without a note; 022 is the control structure.
            0 => 22,
            note => note,
        };
    }
    match finding.place.element {
        1 => 10,
        2 => 11,
        3 => 12,
        4 => 13,
        number @ 5..=8 => number as u8,
        9 => 14,
        10 => 15,
        11 => 16,
        12 => 17,
        13 => 18,
        14 => 19,
        15 => 20,
        16 => 27,
        _ => 24,
    }
}

/// Writes the TA1 into an open interchange, before any group.
pub fn write_ta1(verdict: &InterchangeVerdict, writer: &mut Writer) {
    let note = format!("{:03}", verdict.note);
    let code = verdict.code.to_string();
    writer.simple("TA1", &[&verdict.control, &verdict.date, &verdict.time, &code, &note]);
}

/// True when something in this interchange is to be acknowledged by 997 or 999. A refused envelope gets a TA1 only.
pub fn wants_functional(interchange: &InterchangeReport) -> bool {
    !interchange.header.implied
        && interchange.summary.level < Level::Reject
        && interchange.groups.iter().any(is_acknowledged)
}

fn is_acknowledged(group: &GroupReport) -> bool {
    group.header.kind != "FA" && !group.header.implied
}

/// Writes one 997 for each group of the interchange into an open `FA` group; says how many.
pub fn write_997(
    report: &Report,
    interchange: &InterchangeReport,
    options: AcknowledgmentOptions,
    writer: &mut Writer,
) -> usize {
    write_functional(report, interchange, options, writer, &FUNCTIONAL_997)
}

/// Writes one 999 for each group of the interchange into an open `FA` group; says how many.
pub fn write_999(
    report: &Report,
    interchange: &InterchangeReport,
    options: AcknowledgmentOptions,
    writer: &mut Writer,
) -> usize {
    write_functional(report, interchange, options, writer, &FUNCTIONAL_999)
}

/// What differs between the two.
struct Functional {
    set: &'static str,
    convention: &'static str,
    segment: &'static str,
    element: &'static str,
    verdict: &'static str,
}

const FUNCTIONAL_997: Functional =
    Functional { set: "997", convention: "", segment: "AK3", element: "AK4", verdict: "AK5" };
const FUNCTIONAL_999: Functional =
    Functional { set: "999", convention: "005010X231A1", segment: "IK3", element: "IK4", verdict: "IK5" };

fn write_functional(
    report: &Report,
    interchange: &InterchangeReport,
    options: AcknowledgmentOptions,
    writer: &mut Writer,
    words: &Functional,
) -> usize {
    if !wants_functional(interchange) {
        return 0;
    }
    let groups = interchange.groups.iter().filter(|group| is_acknowledged(group));
    groups.map(|group| write_group(report, interchange, group, options, writer, words)).count()
}

fn write_group(
    report: &Report,
    interchange: &InterchangeReport,
    group: &GroupReport,
    options: AcknowledgmentOptions,
    writer: &mut Writer,
    words: &Functional,
) {
    let modern = group.header.version.as_str() >= "005010" || words.set == "999";
    writer.end_set();
    let control = format!("{:04}", writer.sets_in_group() + 1);
    writer.begin_set_as(words.set, &control, words.convention);
    let version = if modern { group.header.version.as_str() } else { "" };
    writer.simple("AK1", &[&group.header.kind, &group.header.control, version]);
    let mut group_findings: Vec<&Finding> =
        report.findings.iter().filter(|finding| told_in(finding, interchange, group)).collect();
    group_findings.sort_by_key(|finding| finding.place.set);
    let errors = group.sets.iter().any(|set| set.level > Level::Warn);
    for set in &group.sets {
        if options.sets == SetDetail::Always || errors {
            write_set(&group_findings, set, options, writer, words, modern);
        }
    }
    let own: Vec<&&Finding> = group_findings.iter().filter(|finding| finding.place.set == 0).collect();
    let summary = &group.summary;
    let claimed = summary.claimed.unwrap_or(summary.received).to_string();
    let verdict = group_letter(group).to_string();
    let codes = distinct(own.iter().map(|finding| finding.rule.codes().group));
    let accepted = if verdict == "R" { 0 } else { summary.accepted };
    let mut segment = writer.segment("AK9");
    segment.element(&verdict).element(&claimed).element(&summary.received.to_string()).element(&accepted.to_string());
    for code in codes {
        segment.element(&code.to_string());
    }
    drop(segment);
    writer.end_set();
}

fn told_in(finding: &Finding, interchange: &InterchangeReport, group: &GroupReport) -> bool {
    finding.level > Level::Warn
        && finding.place.interchange == interchange.header.ordinal
        && finding.place.group == group.header.ordinal
}

fn write_set(
    findings: &[&Finding],
    set: &SetReport,
    options: AcknowledgmentOptions,
    writer: &mut Writer,
    words: &Functional,
    modern: bool,
) {
    let convention = if modern { set.header.convention.as_str() } else { "" };
    writer.simple("AK2", &[&set.header.id, &set.header.control, convention]);
    // The findings of a group are sorted by set.
    let first = findings.partition_point(|finding| finding.place.set < set.header.ordinal);
    let last = findings.partition_point(|finding| finding.place.set <= set.header.ordinal);
    let own = &findings[first..last];
    if options.errors {
        write_errors(own, writer, words, modern);
    }
    let mut codes = distinct(own.iter().map(|finding| finding.rule.codes().set));
    if codes.is_empty() && set.level > Level::Warn {
        codes.push(5);
    }
    let mut segment = writer.segment(words.verdict);
    segment.element(&letter(set.level).to_string());
    for code in codes {
        segment.element(&code.to_string());
    }
}

/// AK3 once for each segment with a fault of its own, once with code 8 for each with faults of its elements.
fn write_errors(findings: &[&Finding], writer: &mut Writer, words: &Functional, modern: bool) {
    let mut about: Option<(u32, String)> = None;
    let mut sorted = findings.to_vec();
    sorted.sort_by_key(|finding| (finding.place.segment, finding.rule.codes().element != 0));
    for finding in sorted {
        let codes = finding.rule.codes();
        if codes.segment == 0 {
            continue;
        }
        let place = &finding.place;
        let key = (place.segment, place.tag.to_string());
        if codes.element == 0 || about.as_ref() != Some(&key) {
            let loop_id = finding.place.loop_path.rsplit('/').next().unwrap_or_default();
            let loop_id = if loop_id.len() <= if modern { 4 } else { 6 } { loop_id } else { "" };
            let code = codes.segment.to_string();
            let is_tag = (2..=3).contains(&key.1.len()) && key.1.bytes().all(|byte| byte.is_ascii_alphanumeric());
            let tag = if is_tag { key.1.as_str() } else { UNREADABLE_TAG };
            writer.simple(words.segment, &[tag, &place.segment.to_string(), loop_id, &code]);
        }
        if codes.element != 0 {
            write_element(finding, writer, words, modern);
            about = Some(key);
        }
    }
}

fn write_element(finding: &Finding, writer: &mut Writer, words: &Functional, modern: bool) {
    let place = &finding.place;
    let number = |number: u16| if number == 0 { String::new() } else { number.to_string() };
    let repeat = if modern && place.repeat > 1 { number(place.repeat) } else { String::new() };
    let code = match finding.rule.codes().element {
        12 | 13 if !modern => 3,
        code => code,
    };
    let value = finding.value.as_deref().filter(|value| writer.copies(value)).unwrap_or_default().to_owned();
    writer
        .segment(words.element)
        .composite(&[&place.element.max(1).to_string(), &number(place.component), &repeat])
        .element(&number(finding.element_number))
        .element(&code.to_string())
        .element(&value);
}

fn letter(level: Level) -> char {
    match level {
        Level::Reject => 'R',
        Level::AcceptWithError => 'E',
        Level::Warn | Level::Ignore => 'A',
    }
}

/// AK901: refused when all sets are or when the group's own envelope is, partial when some are.
fn group_letter(group: &GroupReport) -> char {
    let refused = group.sets.iter().filter(|set| set.level == Level::Reject).count();
    if group.summary.level == Level::Reject || (refused > 0 && refused == group.sets.len()) {
        'R'
    } else if refused > 0 {
        'P'
    } else {
        letter(group.sets.iter().map(|set| set.level).max().unwrap_or_default().max(group.summary.level))
    }
}

/// The codes that say something, each once, as many as fit.
fn distinct(codes: impl Iterator<Item = u8>) -> Vec<u8> {
    let mut kept = Vec::new();
    for code in codes {
        if code != 0 && !kept.contains(&code) && kept.len() < CODES_MAX {
            kept.push(code);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::write::{WriteOptions, X12Group, X12Interchange};
    use crate::{Delimiters, read};

    fn answer(input: &str) -> String {
        let report = read(input.as_bytes());
        let mut writer = Writer::new(WriteOptions::new(Delimiters::X12_4010));
        writer.begin_x12(&X12Interchange {
            sender: ("ZZ", "VENDOR"),
            receiver: ("ZZ", "BUYER"),
            date: "261123",
            time: "1031",
            version: "00401",
            control: 1,
            acknowledgment_requested: false,
            usage: 'T',
        });
        writer.begin_group(&X12Group {
            kind: "FA",
            sender: "VENDOR",
            receiver: "BUYER",
            date: "20261123",
            time: "1031",
            control: 1,
            version: "004010",
        });
        write_997(&report, &report.interchanges[0], AcknowledgmentOptions::default(), &mut writer);
        let text = String::from_utf8(writer.finish().expect("nothing to refuse")).expect("ASCII");
        let (start, end) = (text.find("AK1").unwrap_or(0), text.find("GE*").unwrap_or(text.len()));
        text[start..end].to_owned()
    }

    fn wrap(body: &str, sets: u32) -> String {
        let head = "ISA*00*          *00*          *ZZ*BUYER          *ZZ*VENDOR         *261123*1030*U*00401*000000201*0*T*>~";
        format!("{head}GS*PO*BUYER*VENDOR*20261123*1030*201*X*004010~{body}GE*{sets}*201~IEA*1*000000201~")
    }

    #[test]
    fn a_clean_group_is_accepted() {
        let body = "ST*850*0001~BEG*00*DS*1001-1**20261123~PO1*1*3*EA*9.5**VN*MUG~CTT*1~SE*5*0001~";
        assert_eq!(answer(&wrap(body, 1)), "AK1*PO*201~AK2*850*0001~AK5*A~AK9*A*1*1*1~SE*6*0001~");
    }

    #[test]
    fn wrong_counts_are_told_in_ak5() {
        let body = "ST*850*0001~BEG*00*DS*1001-1**20261123~PO1*1*3*EA*9.5**VN*MUG~CTT*1~SE*9*0002~";
        assert_eq!(answer(&wrap(body, 1)), "AK1*PO*201~AK2*850*0001~AK5*R*4*3~AK9*R*1*1*0~SE*6*0001~");
    }

    #[test]
    fn errors_are_told_by_segment_and_element() {
        let body = "ST*850*0001~BEG*00*DS*1001-1**20261323~PO1*1*three*EA*9.5**VN*MUG~ZZ9*1~CTT*1~SE*6*0001~";
        assert_eq!(
            answer(&wrap(body, 1)),
            "AK1*PO*201~AK2*850*0001~AK3*BEG*2**8~AK4*5*373*8*20261323~AK3*PO1*3*PO1*8~AK4*2*330*6*three~\
             AK3*ZZ9*4*PO1*6~AK5*R*5~AK9*R*1*1*0~SE*11*0001~"
        );
    }

    #[test]
    fn some_sets_accepted_some_not() {
        let good = "ST*850*0001~BEG*00*DS*1001-1**20261123~PO1*1*3*EA*9.5**VN*MUG~CTT*1~SE*5*0001~";
        let bad = "ST*850*0002~PO1*1*3*EA*9.5**VN*MUG~CTT*1~SE*4*0002~";
        assert_eq!(
            answer(&wrap(&format!("{good}{bad}"), 2)),
            "AK1*PO*201~AK2*850*0001~AK5*A~AK2*850*0002~AK3*BEG*2**3~AK5*R*5~AK9*P*2*2*1~SE*9*0001~"
        );
    }

    #[test]
    fn an_acknowledgment_is_not_acknowledged() {
        let body = "ST*997*0001~AK1*PO*1~AK9*A*1*1*1~SE*4*0001~";
        let report = read(wrap(body, 1).replace("GS*PO", "GS*FA").as_bytes());
        assert!(report.findings.is_empty() && !wants_functional(&report.interchanges[0]));
    }

    #[test]
    fn a_999_names_repetitions_and_the_version() {
        let head = wrap("", 0).replace("*U*00401", "*^*00501").replace("004010", "005010");
        let body = "ST*850*0001~BEG*00*DS*1001-1**20261123~PO1*1*3^4*EA*9.5**VN*MUG~CTT*1~SE*5*0001~GE*1*";
        let report = read(head.replace("GE*0*", body).as_bytes());
        let mut writer = Writer::new(WriteOptions::new(Delimiters::X12_5010));
        write_999(&report, &report.interchanges[0], AcknowledgmentOptions::default(), &mut writer);
        let text = String::from_utf8(writer.finish().expect("nothing to refuse")).expect("ASCII");
        assert_eq!(
            text,
            "ST*999*0001*005010X231A1~AK1*PO*201*005010~AK2*850*0001~IK3*PO1*3*PO1*8~IK4*2::2*330*12~IK5*E*5~\
             AK9*E*1*1*1~SE*8*0001~"
        );
    }

    #[test]
    fn a_refused_envelope_gets_a_ta1_and_no_997() {
        let report = read(wrap("", 0).replace("IEA*1*000000201", "IEA*1*000000999").as_bytes());
        assert!(!wants_functional(&report.interchanges[0]));
        let verdict = interchange_verdict(&report, &report.interchanges[0]);
        assert_eq!((verdict.code, verdict.note), ('R', 1));
    }
}
