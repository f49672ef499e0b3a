//! Reads the schema texts of `schemas/`. They are part of the crate, so a mistake in them is a bug, not an input error.
//!
//! The form of each text is described at its head.

use super::dictionary::{CodeList, ElementRule, Kind, NONE, Note, NoteKind};
use crate::finding::Source;
use crate::segment::Tag;
use std::collections::BTreeMap;

/// The four texts of a standard.
pub(super) struct Texts {
    pub(super) elements: &'static str,
    pub(super) composites: &'static str,
    pub(super) segments: &'static str,
    pub(super) codes: &'static str,
}

/// What they say for one version.
pub(super) struct Parsed {
    pub(super) segments: Vec<ParsedSegment>,
    pub(super) composites: Vec<ParsedComposite>,
    pub(super) codes: Vec<CodeList>,
}

pub(super) struct ParsedSegment {
    pub(super) tag: Tag,
    pub(super) name: &'static str,
    pub(super) open: bool,
    pub(super) elements: Vec<ElementRule>,
    pub(super) notes: Vec<Note>,
}

pub(super) struct ParsedComposite {
    pub(super) id: &'static str,
    pub(super) elements: Vec<ElementRule>,
}

/// One set of a tree text.
pub(super) struct ParsedSet {
    pub(super) id: &'static str,
    pub(super) group: &'static str,
    pub(super) line: &'static str,
    pub(super) name: &'static str,
    pub(super) tree: &'static str,
}

/// Splits a tree text into its sets.
pub(super) fn sets(text: &'static str) -> Vec<ParsedSet> {
    let mut sets = Vec::new();
    for block in text.split("\n\n") {
        let block = block.trim_matches('\n');
        let Some((head, tree)) = block.split_once('\n') else { continue };
        if head.starts_with('#') {
            continue;
        }
        let mut words = head.splitn(4, ' ');
        let mut word = || words.next().unwrap_or_default();
        let dash = |word: &'static str| if word == "-" { "" } else { word };
        sets.push(ParsedSet { id: word(), group: dash(word()), line: dash(word()), name: word(), tree });
    }
    sets
}

/// Reads the texts for a version.
pub(super) fn parse(texts: &Texts, version: &str) -> Parsed {
    let (codes, code_places) = codes(texts.codes, version);
    let elements = elements(texts.elements, version, &code_places);
    let mut composites: Vec<ParsedComposite> = Vec::new();
    let mut composite_places = BTreeMap::new();
    for line in lines(texts.composites) {
        let (head, body) = line.split_once('|').expect("because every composite has a bar");
        let Some(id) = for_version(name_of(head).0, version) else { continue };
        composite_places.insert(id, composites.len() as u16);
        composites.push(ParsedComposite { id, elements: element_list(body, &elements, &BTreeMap::new()).0 });
    }
    let mut segments: Vec<ParsedSegment> = Vec::new();
    for line in lines(texts.segments) {
        let (head, body) = line.split_once('|').expect("because every segment has a bar");
        let (id, name) = name_of(head);
        let Some(tag) = for_version(id, version) else { continue };
        let open = body.trim() == "open";
        let (elements, notes) =
            if open { Default::default() } else { element_list(body, &elements, &composite_places) };
        let segment = ParsedSegment { tag: Tag::new(tag), name, open, elements, notes };
        match segments.iter_mut().find(|known| known.tag == segment.tag) {
            Some(known) => *known = segment,
            None => segments.push(segment),
        }
    }
    Parsed { segments, composites, codes }
}

fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

fn name_of(head: &'static str) -> (&'static str, &'static str) {
    head.trim().split_once(' ').expect("because a name follows the id")
}

/// The id without its version; `None` when it is for another version.
fn for_version<'t>(id: &'t str, version: &str) -> Option<&'t str> {
    match id.split_once('@') {
        None => Some(id),
        Some((id, only)) => (only == version).then_some(id),
    }
}

fn codes(text: &'static str, version: &str) -> (Vec<CodeList>, BTreeMap<&'static str, u16>) {
    let mut lists = Vec::new();
    let mut places = BTreeMap::new();
    for line in lines(text) {
        let mut parts = line.splitn(3, ' ');
        let element = parts.next().unwrap_or_default();
        let closed = match parts.next().unwrap_or_default().split_once('@') {
            Some((_, only)) => only == version,
            None => line[element.len()..].trim_start().starts_with("closed"),
        };
        let codes = parts.next().unwrap_or_default().split(';').map(|entry| {
            let (code, name) = entry.trim().split_once(' ').unwrap_or((entry.trim(), ""));
            (code.to_owned(), name.to_owned())
        });
        places.insert(element, lists.len() as u16);
        lists.push(CodeList::new(closed, Source::Standard, codes.collect()));
    }
    (lists, places)
}

fn elements(text: &'static str, version: &str, codes: &BTreeMap<&str, u16>) -> BTreeMap<&'static str, ElementRule> {
    let mut elements = BTreeMap::new();
    for line in lines(text) {
        let mut parts = line.splitn(5, ' ');
        let mut word = || parts.next().expect("because an element has five parts");
        let Some(id) = for_version(word(), version) else { continue };
        let kind = kind_of(word());
        let number: u16 = id.parse().expect("because elements are numbered");
        let min = word().parse().expect("because lengths are numbers");
        let max = word().parse().expect("because lengths are numbers");
        // Numbers from 9000 are ours: an acknowledgment must not name them.
        let number = if number < 9000 { number } else { 0 };
        let rule = plain_element(number, kind, min, max, word());
        elements.insert(id, ElementRule { codes: codes.get(id).copied().unwrap_or(NONE), ..rule });
    }
    elements
}

fn kind_of(word: &str) -> Kind {
    match word {
        "AN" | "an" => Kind::Text,
        "ID" => Kind::Code,
        "N0" | "N2" => Kind::Integer,
        "R" => Kind::Decimal,
        "DT" => Kind::Date,
        "TM" => Kind::Time,
        "a" => Kind::Letters,
        "n" => Kind::Number,
        other => panic!("the schema texts name no kind {other}"),
    }
}

/// Elements with their requirement and repetition, then the notes after a semicolon.
fn element_list(
    body: &'static str,
    known: &BTreeMap<&'static str, ElementRule>,
    composites: &BTreeMap<&'static str, u16>,
) -> (Vec<ElementRule>, Vec<Note>) {
    let (list, notes) = body.split_once(';').unwrap_or((body, ""));
    let mut elements = Vec::new();
    let mut rest = list.trim();
    while !rest.is_empty() {
        let word = rest.split(' ').next().unwrap_or_default();
        if let Some((times, _)) = word.split_once('(') {
            let (run, after) = rest.split_once(')').expect("because a run is closed");
            let run = run.split_once('(').map_or("", |(_, run)| run);
            let times: usize = times.parse().expect("because a run has a count");
            for _ in 0..times {
                elements.extend(run.split(' ').map(|word| element(word, known, composites)));
            }
            rest = after.trim_start();
        } else {
            elements.push(element(word, known, composites));
            rest = rest[word.len()..].trim_start();
        }
    }
    (elements, notes.split_whitespace().map(note).collect())
}

fn element(
    word: &'static str,
    known: &BTreeMap<&'static str, ElementRule>,
    composites: &BTreeMap<&'static str, u16>,
) -> ElementRule {
    let (word, repeats) = word
        .split_once('^')
        .map_or((word, 1), |(word, times)| (word, times.parse().expect("because a repetition is a number")));
    let id = word.trim_end_matches('!');
    let mandatory = id.len() < word.len();
    match composites.get(id) {
        Some(&composite) => {
            ElementRule { mandatory, repeats, composite, ..plain_element(0, Kind::Text, 1, u16::MAX, "") }
        }
        None => {
            let rule = known.get(id).cloned().or_else(|| unnumbered(id));
            let rule = rule.unwrap_or_else(|| panic!("the schema texts describe no element {id}"));
            ElementRule { mandatory, repeats, ..rule }
        }
    }
}

/// `ID2-3`: an element that has a kind and lengths, but no number that we could name.
fn unnumbered(word: &str) -> Option<ElementRule> {
    const KINDS: [(&str, &str); 9] = [
        ("AN", "Text"),
        ("an", "Text"),
        ("ID", "Code"),
        ("N0", "Whole number"),
        ("R", "Number"),
        ("n", "Number"),
        ("DT", "Date"),
        ("TM", "Time"),
        ("a", "Letters"),
    ];
    let (kind, name, lengths) =
        KINDS.iter().find_map(|&(kind, name)| Some((kind, name, word.strip_prefix(kind)?.split_once('-')?)))?;
    let (min, max) = (lengths.0.parse().ok()?, lengths.1.parse().ok()?);
    Some(plain_element(0, kind_of(kind), min, max, name))
}

fn plain_element(number: u16, kind: Kind, min: u16, max: u16, name: &'static str) -> ElementRule {
    ElementRule {
        number,
        kind,
        mandatory: false,
        unused: false,
        min,
        max,
        repeats: 1,
        codes: NONE,
        composite: NONE,
        name,
        source: Source::Standard,
    }
}

/// `P0304`: a letter and element numbers of two digits.
fn note(word: &str) -> Note {
    let kind = match word.as_bytes()[0] {
        b'P' => NoteKind::Paired,
        b'R' => NoteKind::Required,
        b'E' => NoteKind::Exclusive,
        b'C' => NoteKind::Conditional,
        b'L' => NoteKind::List,
        other => panic!("the schema texts have no note {}", other as char),
    };
    let bits = word.as_bytes()[1..].chunks(2).map(|digits| {
        let number: u32 = std::str::from_utf8(digits)
            .ok()
            .and_then(|digits| digits.parse().ok())
            .expect("because notes number elements");
        1u64 << (number - 1)
    });
    let bits: Vec<u64> = bits.collect();
    let all = bits.iter().fold(0, |all, bit| all | bit);
    Note { kind, first: bits[0], others: all & !bits[0] }
}
