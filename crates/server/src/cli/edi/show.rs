//! Findings for people: the segment with the place underlined, what is wrong, what to do; in colour where somebody looks.
//!
//! It knows terminals, not files.

use countersign_edi::{Finding, Level, Report};
use std::io::IsTerminal;

pub const RED: &str = "\x1b[31m";
pub const YELLOW: &str = "\x1b[33m";
pub const GREEN: &str = "\x1b[32m";
const OFF: &str = "\x1b[0m";

/// Letters of a segment shown before the place, and from it on.
const BEFORE_MAX: usize = 40;
const AFTER_MAX: usize = 80;

/// Whether to colour.
#[derive(Debug, Clone, Copy)]
pub struct Paint(bool);

impl Paint {
    /// In colour on a terminal, unless `NO_COLOR` is set.
    pub fn of_output() -> Self {
        Self(std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none())
    }

    /// The text in that colour.
    pub fn put(self, color: &str, text: &str) -> String {
        if self.0 { format!("{color}{text}{OFF}") } else { text.to_owned() }
    }
}

/// `1 set`, `2 sets`.
pub fn counted(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// What came, how it was judged, and why.
pub fn summary(report: &Report) -> String {
    let word = if report.is_accepted() { "accepted" } else { "rejected" };
    let of = |level: Level| report.findings.iter().filter(|finding| finding.level == level).count();
    let kinds =
        [(Level::Reject, "to reject"), (Level::AcceptWithError, "accepted with error"), (Level::Warn, "to warn")];
    let told: Vec<String> = kinds
        .iter()
        .filter(|(level, _)| of(*level) > 0)
        .map(|(level, what)| format!("{} {what}", of(*level)))
        .collect();
    let findings = if told.is_empty() { "nothing found".to_owned() } else { told.join(", ") };
    let interchanges = counted(report.interchanges.len(), "interchange");
    format!("{word}: {interchanges}, {}; {findings}", counted(report.sets().count(), "set"))
}

/// One finding: where and what, the place itself underlined, what to do.
pub fn finding(input: &[u8], report: &Report, finding: &Finding, paint: Paint) {
    let color = if finding.level == Level::Reject { RED } else { YELLOW };
    let level = finding.level.word().replace('_', " ");
    println!("{} {} [{}]", paint.put(color, &level), finding.sentence(), finding.id());
    println!("  {}", place(finding));
    if let Some((text, before, width)) = excerpt(input, report, finding) {
        println!("    {text}\n    {}{}", " ".repeat(before), paint.put(color, &"^".repeat(width)));
    }
    println!("  {}", finding.advice());
}

/// Line, byte, segment and loop, as far as there are some.
fn place(finding: &Finding) -> String {
    let place = &finding.place;
    let mut words = format!("line {}, byte {}", place.line, place.offset);
    if place.segment > 0 {
        words.push_str(&format!(", set {}, segment {}", place.set, place.segment));
    }
    if !place.loop_path.is_empty() {
        words.push_str(&format!(", loop {}", place.loop_path));
    }
    words
}

/// The segment around a place: its text, how many letters stand before the place, and how many it covers.
fn excerpt(input: &[u8], report: &Report, finding: &Finding) -> Option<(String, usize, usize)> {
    let at = usize::try_from(finding.place.offset).ok()?.min(input.len());
    let interchange = report.interchanges.iter().find(|one| one.header.ordinal == finding.place.interchange);
    let terminator = interchange.map_or(b'\n', |one| one.header.delimiters.terminator());
    let ends = |byte: &&u8| **byte != terminator && **byte != b'\n' && **byte != b'\r';
    let before = input[..at].iter().rev().take(BEFORE_MAX).take_while(ends).count();
    let after = input[at..].iter().take(AFTER_MAX).take_while(ends).count();
    let letters = |bytes: &[u8]| -> String {
        String::from_utf8_lossy(bytes).chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
    };
    let width = usize::try_from(finding.place.length).unwrap_or(1).clamp(1, after.max(1));
    let (head, marked) = (letters(&input[at - before..at]), letters(&input[at..(at + width).min(at + after)]));
    let text = format!("{head}{}", letters(&input[at..at + after]));
    (!text.trim().is_empty()).then(|| (text, head.chars().count(), marked.chars().count().max(1)))
}

/// An explanation, its findings in colour.
pub fn explanation(text: &str, paint: Paint) {
    for line in text.lines() {
        let begin = line.trim_start();
        let is_mark = !begin.is_empty() && begin.bytes().all(|byte| byte == b'^');
        match begin {
            _ if begin.starts_with("! reject") => println!("{}", paint.put(RED, line)),
            _ if begin.starts_with("! ") || is_mark => println!("{}", paint.put(YELLOW, line)),
            _ => println!("{line}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_edi::read;

    const HEAD: &str = "ISA|00|          |00|          |ZZ|BUYER          |ZZ|VENDOR         |261123|1030|U|00401|000000201|0|T|>!\
                        GS|PO|BUYER|VENDOR|20261123|1030|201|X|004010!ST|850|0001!";

    #[test]
    fn the_place_is_underlined_whatever_the_delimiters_and_letters() {
        let text = format!(
            "{HEAD}BEG|00|DS|1001-1||20261323!N1|ST|JÖRG|92!PO1|1|three|EA!SE|5|0001!GE|1|201!IEA|1|000000201!"
        );
        let report = read(text.as_bytes());
        let shown = |id: &str| {
            let finding = report.findings.iter().find(|finding| finding.id() == id).expect(id);
            excerpt(text.as_bytes(), &report, finding).expect("a segment")
        };
        assert_eq!(shown("element.date"), ("BEG|00|DS|1001-1||20261323".into(), 18, 8));
        assert_eq!(shown("element.condition-missing"), ("N1|ST|JÖRG|92".into(), 13, 1));
        assert_eq!(shown("element.characters"), ("PO1|1|three|EA".into(), 6, 5));
        assert!(
            summary(&report).starts_with("rejected: 1 interchange, 1 set; 2 to reject, 1 accepted with error"),
            "{}",
            summary(&report)
        );
    }
}
