//! Reads `tests/oddities/*.txt`: what partners do to good documents, one paragraph each, and what is then found and
//! answered. Each is done to every good document of its family in `tests/files`, and the verdict must be the same.
//!
//! A paragraph has a title (`# x12: the trailer is lost`), deeds (`replace "IEA" with ""`, `end with "\\n"`), `---`, and
//! the verdict. `UPDATE_ODDITIES=1 cargo test -p countersign-edi --test oddities` writes the verdicts anew; read them.

mod answering;

use answering::answer;
use countersign_edi::{
    Collector, Delimiters, InterchangeReport, ReadOptions, Report, SetReport, StreamReader, Tree, read,
};
use std::path::PathBuf;

fn folder(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests").join(name)
}

/// The good documents that a title speaks of: all of a family, or those whose name begins so.
fn documents(family: &str) -> Vec<(String, Vec<u8>)> {
    let mut documents = Vec::new();
    for entry in std::fs::read_dir(folder("files")).expect("the folder of test files") {
        let path = entry.expect("a file").path();
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let Some(kind) = name.strip_prefix("valid_") else { continue };
        let bytes: Vec<u8> = std::fs::read(&path).expect("a readable file");
        let is_x12 = bytes.starts_with(b"ISA");
        let plain = !kind.starts_with("newline") && !kind.starts_with("997");
        let wanted = match family {
            "x12" => is_x12 && plain,
            "edifact" => !is_x12,
            one => kind.starts_with(one),
        };
        if wanted {
            documents.push((name, bytes.into_iter().filter(|byte| *byte != b'\n').collect()));
        }
    }
    documents.sort();
    assert!(!documents.is_empty(), "no document is called {family}");
    documents
}

/// The quoted words of a deed, with `\n`, `\r` and `\xNN` for bytes that text cannot show.
fn quoted(line: &str) -> Vec<Vec<u8>> {
    line.split('"').skip(1).step_by(2).map(unescaped).collect()
}

fn unescaped(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        match rest.next() {
            Some(b'n') => bytes.push(b'\n'),
            Some(b'r') => bytes.push(b'\r'),
            Some(b't') => bytes.push(b'\t'),
            Some(b'q') => bytes.push(b'"'),
            Some(b'x') => {
                let digits: Vec<u8> = rest.by_ref().take(2).collect();
                let digits = std::str::from_utf8(&digits).expect("two digits");
                bytes.push(u8::from_str_radix(digits, 16).expect("two hexadecimal digits"));
            }
            other => bytes.extend(other),
        }
    }
    bytes
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

fn replaced(bytes: &[u8], wanted: &[u8], with: &[u8], all: bool) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = bytes;
    while let Some(place) = find(rest, wanted) {
        out.extend_from_slice(&rest[..place]);
        out.extend_from_slice(with);
        rest = &rest[place + wanted.len()..];
        if !all {
            break;
        }
    }
    out.extend_from_slice(rest);
    out
}

/// Does one deed to a document; `None` where the document has nothing to do it to.
fn done(bytes: &[u8], deed: &str) -> Option<Vec<u8>> {
    let words = quoted(deed);
    let verb = deed.split('"').next().unwrap_or_default().trim();
    let at = |wanted: &[u8]| find(bytes, wanted);
    Some(match (verb, words.as_slice()) {
        ("replace", [wanted, with]) => {
            at(wanted)?;
            replaced(bytes, wanted, with, false)
        }
        ("replace all", [wanted, with]) => replaced(bytes, wanted, with, true),
        ("cut from", [wanted]) => bytes[..at(wanted)?].to_vec(),
        ("cut from", [first, last]) => {
            let (first, last) = (at(first)?, at(last)?);
            [&bytes[..first], &bytes[last..]].concat()
        }
        ("keep from", [wanted]) => bytes[at(wanted)?..].to_vec(),
        ("keep bytes", []) => return None,
        ("repeat from", [first, last]) => {
            let (first, last) = (at(first)?, at(last)?);
            [&bytes[..last], &bytes[first..last], &bytes[last..]].concat()
        }
        ("begin with", [text]) => [text.as_slice(), bytes].concat(),
        ("end with", [text]) => [bytes, text.as_slice()].concat(),
        ("twice with", [between]) => [bytes, between.as_slice(), bytes].concat(),
        ("then twice, replacing", [wanted, with]) => [bytes, &replaced(bytes, wanted, with, true)].concat(),
        ("in UTF-16", []) => bytes.iter().flat_map(|byte| [*byte, 0]).collect(),
        ("in quoted-printable", []) => {
            bytes.chunks(75).map(<[u8]>::to_vec).collect::<Vec<_>>().join(b"=\r\n".as_slice())
        }
        (verb, []) if verb.starts_with("in lines of ") => in_lines(bytes, number(verb, "in lines of "), b"\r\n"),
        (verb, []) if verb.starts_with("keep ") => bytes[..number(verb, "keep ")].to_vec(),
        _ => panic!("what to do? {deed}"),
    })
}

fn number(verb: &str, before: &str) -> usize {
    let digits: String = verb[before.len()..].chars().take_while(char::is_ascii_digit).collect();
    digits.parse().expect("a number")
}

fn in_lines(bytes: &[u8], width: usize, end: &[u8]) -> Vec<u8> {
    bytes.chunks(width).flat_map(|line| [line, end].concat()).collect()
}

/// What is found, a line each, without what differs from document to document; then what is answered.
fn verdict(bytes: &[u8]) -> String {
    let report = read(bytes);
    let mut reader = StreamReader::new(ReadOptions::default(), Collector::new(10_000));
    bytes.chunks(7).for_each(|piece| reader.push(piece));
    assert_eq!(reader.finish().finish(bytes.len() as u64), report, "read in pieces");
    if let Some(tree) = Tree::read(bytes) {
        assert_eq!(tree.write(), bytes, "written again");
    }
    let mut lines: Vec<String> = Vec::new();
    for finding in &report.findings {
        let place = &finding.place;
        let end = place.offset + u64::from(place.length);
        assert!(end <= bytes.len() as u64, "outside of the input: {finding}");
        // Where a line breaks differs from document to document.
        let place = if finding.id() == "interchange.line-wrapped" { String::new() } else { finding.reference() };
        lines.push(format!("{} {} {place}", finding.level.word(), finding.id()).trim().to_owned());
    }
    let answered = report.interchanges.iter().filter(|interchange| !interchange.header.implied);
    lines.extend(answered.map(|interchange| told_back(&report, interchange)));
    lines.join("\n")
}

/// The verdicts of TA1 and 997, or of CONTRL, with their codes.
fn told_back(report: &Report, interchange: &InterchangeReport) -> String {
    let written = answer(report, interchange);
    let answered = read(&written);
    let Some(answer) = answered.interchanges.first() else { return String::new() };
    let refused = answer.acknowledgments.iter().filter(|one| one.code != "A");
    let mut told: Vec<String> = refused.map(|one| format!("TA1 {} {}", one.code, one.note)).collect();
    // A 999 says what the 997 says, and the receipt of an interchange nothing about its messages.
    let wanted = |set: &&SetReport| set.header.id == "997" || (set.header.id == "CONTRL" && set.header.control == "2");
    for set in answer.sets().map(|(_, set)| set).filter(wanted) {
        told.extend(codes(&written, &answer.header.delimiters, set));
    }
    format!("  answered: {}", if told.is_empty() { "nothing".to_owned() } else { told.join(", ") })
}

fn codes(written: &[u8], delimiters: &Delimiters, set: &SetReport) -> Vec<String> {
    let document = set.document(written, delimiters);
    let mut told = Vec::new();
    for segment in document.segments() {
        let fields = |from: usize| (from..=segment.len()).map(|n| segment.text(n).into_owned()).collect::<Vec<_>>();
        match segment.tag().to_string().as_str() {
            "AK3" => told.push(format!("AK3 {} {}", segment.text(1), segment.text(4))),
            "AK4" => told.push(format!("AK4 {} {}", segment.text(1), segment.text(3))),
            "AK5" => told.push(format!("AK5 {}", fields(1).join(" "))),
            "AK9" => told.push(format!("AK9 {} {}", segment.text(1), fields(5).join(" ")).trim().to_owned()),
            "UCI" => told.push(format!("UCI {}", fields(4).join(" ")).trim().to_owned()),
            "UCF" => told.push(format!("UCF {}", fields(4).join(" ")).trim().to_owned()),
            "UCM" => told.push(format!("UCM {}", fields(3).join(" ")).trim().to_owned()),
            "UCS" => told.push(format!("UCS {}", fields(2).join(" ")).trim().to_owned()),
            "UCD" => told.push(format!("UCD {}", fields(1).join(" "))),
            _ => {}
        }
    }
    told
}

#[test]
fn each_oddity_has_its_verdict() {
    let update = std::env::var_os("UPDATE_ODDITIES").is_some();
    let (mut wrong, mut tried) = (Vec::new(), 0);
    for entry in std::fs::read_dir(folder("oddities")).expect("the folder of oddities") {
        let path = entry.expect("a file").path();
        let text = std::fs::read_to_string(&path).expect("a readable file");
        let mut rewritten = Vec::new();
        for paragraph in text.split("\n\n").map(str::trim).filter(|paragraph| !paragraph.is_empty()) {
            let (asked, expected) = paragraph.split_once("\n---").unwrap_or((paragraph, ""));
            let (title, deeds) = asked.split_once('\n').unwrap_or((asked, ""));
            let family = title.trim_start_matches("# ").split(':').next().expect("a family");
            let mut first = None;
            for (name, document) in documents(family) {
                let damaged = deeds.lines().try_fold(document, |bytes, deed| done(&bytes, deed));
                let Some(damaged) = damaged else { continue };
                tried += 1;
                let verdict = verdict(&damaged);
                let expected = if update {
                    first.get_or_insert(verdict.clone()).clone()
                } else {
                    expected.trim_start_matches('\n').to_owned()
                };
                if verdict != expected {
                    wrong.push(format!("{title} ({name})\n{verdict}\n  but expected:\n{expected}\n"));
                }
            }
            rewritten.push(format!("{asked}\n---\n{}", first.unwrap_or_default()));
        }
        if update {
            std::fs::write(&path, rewritten.join("\n\n") + "\n").expect("a writable file");
        }
    }
    println!("{tried} tried");
    assert!(wrong.is_empty(), "{} of {tried}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(tried > 500, "only {tried} were tried");
}
