//! What two files say differently, by meaning: sets, segments, elements, each with its place in both.
//!
//! Delimiters, line ends, trailing empty elements, control numbers and counts are no difference; `5`, `5.0` and `005`
//! are the same number. It judges neither file.

use crate::reader::{ReadOptions, read_with};
use crate::report::Report;
use crate::schema::dictionary::Kind;
use crate::schema::{Schema, Schemas};
use crate::segment::{Document, Segment, Tag};
use std::fmt;
use std::sync::Arc;

/// Steps that aligning two runs of segments may take; beyond it they are compared in their order.
const STEPS_MAX: usize = 9_000_000;
/// Differences listed.
pub const DIFFERENCES_MAX: usize = 10_000;

/// What kind of difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Difference {
    /// Only the second file has it.
    Added,
    /// Only the first file has it.
    Removed,
    /// Both have it, with other values.
    Changed,
}

impl Difference {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Difference::Added => "added",
            Difference::Removed => "removed",
            Difference::Changed => "changed",
        }
    }
}

/// Where something stands in one of the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Spot {
    /// Byte, counted from 0.
    pub offset: u64,
    /// Line, counted from 1.
    pub line: u64,
    /// Segment of its set, counted from 1.
    pub segment: u32,
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What kind.
    pub difference: Difference,
    /// In which set: `855 0001`, by the first file that has it.
    pub set: String,
    /// What: `855`, `PO1`, `BAK03`, `SN103-1`.
    pub reference: String,
    /// Our own name of it; empty if none is known.
    pub name: String,
    /// What the first file says.
    pub before: Option<String>,
    /// What the second file says.
    pub after: Option<String>,
    /// Where in the first file.
    pub place_before: Option<Spot>,
    /// Where in the second file.
    pub place_after: Option<Spot>,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = |spot: &Option<Spot>| spot.map_or(String::from("-"), |spot| spot.line.to_string());
        write!(f, "{} {}", self.difference.word(), self.reference)?;
        if !self.name.is_empty() {
            write!(f, " ({})", self.name)?;
        }
        write!(f, " in {}, line {}/{}: ", self.set, line(&self.place_before), line(&self.place_after))?;
        match (&self.before, &self.after) {
            (Some(before), Some(after)) => write!(f, "{before:?} -> {after:?}"),
            (Some(one), None) | (None, Some(one)) => write!(f, "{one:?}"),
            (None, None) => Ok(()),
        }
    }
}

/// Compares two files; at most [`DIFFERENCES_MAX`] differences are listed.
pub fn diff(before: &[u8], after: &[u8]) -> Vec<Change> {
    let schemas = Schemas::standard();
    let options = || ReadOptions { findings_max: 0, ..ReadOptions::default() };
    let (first, second) = (read_with(before, options()), read_with(after, options()));
    let papers = (documents(before, &first), documents(after, &second));
    let (first, second) = (sets(&first, &papers.0, &schemas), sets(&second, &papers.1, &schemas));
    let mut out = Out { changes: vec![], before: Lines::new(before), after: Lines::new(after) };
    let mut left: Vec<&Set<'_>> = second.iter().collect();
    for set in &first {
        match left.iter().position(|other| other.id == set.id) {
            Some(at) => compare(set, left.remove(at), &mut out),
            None => out.whole(set, Difference::Removed),
        }
    }
    left.into_iter().for_each(|set| out.whole(set, Difference::Added));
    out.changes.truncate(DIFFERENCES_MAX);
    out.changes
}

/// One set of a file.
struct Set<'a> {
    id: String,
    name: String,
    offset: u64,
    segments: Vec<Row<'a>>,
    schema: Option<Arc<Schema>>,
}

/// One segment with its values by meaning.
struct Row<'a> {
    segment: Segment<'a>,
    number: u32,
    values: Vec<Value>,
}

/// A value: element, repetition and component it stands in (counted from 1), its text, and what that means.
struct Value {
    at: (usize, usize, usize),
    single: bool,
    offset: u64,
    text: String,
    meaning: String,
}

fn documents<'a>(input: &'a [u8], report: &Report) -> Vec<Document<'a>> {
    report.sets().map(|(interchange, _, set)| set.document(input, &interchange.header.delimiters)).collect()
}

fn sets<'a>(report: &Report, documents: &'a [Document<'_>], schemas: &Schemas) -> Vec<Set<'a>> {
    let one =
        |((interchange, _, set), document): ((&crate::InterchangeReport, _, &crate::SetReport), &'a Document<'_>)| {
            let header = &interchange.header;
            let schema = schemas.find(header.standard, &set.header.id, &set.header.version);
            let schema = schema.or_else(|| schemas.nearest(header.standard, &set.header.id, &set.header.version));
            let rows = document.segments().zip(1..).filter(|(segment, _)| !is_trailer(segment.tag()));
            let rows = rows.map(|(segment, number)| Row { segment, number, values: values(&segment, schema.as_ref()) });
            let name = format!("{} {}", set.header.id, set.header.control);
            Set {
                id: set.header.id.clone(),
                name,
                offset: set.range.start,
                segments: rows.collect(),
                schema: schema.clone(),
            }
        };
    report.sets().zip(documents).map(one).collect()
}

fn is_trailer(tag: Tag) -> bool {
    tag == Tag::new("SE") || tag == Tag::new("UNT")
}

/// The number of a set in its envelope is no part of what it says.
fn is_number_of_set(tag: Tag, element: usize) -> bool {
    (tag == Tag::new("ST") && element == 2) || (tag == Tag::new("UNH") && element == 1)
}

fn values(segment: &Segment<'_>, schema: Option<&Arc<Schema>>) -> Vec<Value> {
    let mut all = Vec::new();
    for (element, number) in segment.elements().zip(1..) {
        if is_number_of_set(segment.tag(), number) {
            continue;
        }
        let several = element.repeats().nth(1).is_some() || element.components().nth(1).is_some();
        for (repeat, repetition) in element.repeats().zip(1..) {
            for (part, component) in repeat.components().zip(1..).filter(|(part, _)| !part.is_empty()) {
                let text = part.text().into_owned();
                let rule = schema
                    .and_then(|s| s.dictionary.rule_at(segment.tag(), number, if several { component } else { 0 }));
                let meaning = match rule.map(|rule| rule.kind) {
                    Some(Kind::Integer | Kind::Decimal | Kind::Number) => number_meaning(&text),
                    _ => text.trim_end().to_owned(),
                };
                all.push(Value {
                    at: (number, repetition, component),
                    single: !several,
                    offset: part.offset(),
                    text,
                    meaning,
                });
            }
        }
    }
    all
}

/// A number without what does not matter; a text that is none stays as it is.
fn number_meaning(text: &str) -> String {
    let plain = text.trim().replace(',', ".");
    let (sign, digits) = match plain.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", plain.strip_prefix('+').unwrap_or(&plain)),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return text.trim_end().to_owned();
    }
    let (whole, rest) = digits.split_once('.').unwrap_or((digits, ""));
    let (whole, rest) = (whole.trim_start_matches('0'), rest.trim_end_matches('0'));
    match (whole, rest) {
        ("", "") => "0".to_owned(),
        (whole, "") => format!("{sign}{whole}"),
        (whole, rest) => format!("{sign}{whole}.{rest}"),
    }
}

fn same(a: &Row<'_>, b: &Row<'_>) -> bool {
    a.segment.tag() == b.segment.tag()
        && a.values.len() == b.values.len()
        && a.values.iter().zip(&b.values).all(|(a, b)| a.at == b.at && a.meaning == b.meaning)
}

fn compare(before: &Set<'_>, after: &Set<'_>, out: &mut Out<'_>) {
    let (a, b) = (&before.segments, &after.segments);
    let mut at = (0, 0);
    for (i, j) in matches(a, b).into_iter().chain([(a.len(), b.len())]) {
        gap(before, &a[at.0..i], &b[at.1..j], out);
        at = (i + 1, j + 1);
    }
}

/// Pairs of segments that say the same, in order: as many as possible.
fn matches(a: &[Row<'_>], b: &[Row<'_>]) -> Vec<(usize, usize)> {
    let head = a.iter().zip(b).take_while(|(a, b)| same(a, b)).count();
    let tail = a[head..].iter().rev().zip(b[head..].iter().rev()).take_while(|(a, b)| same(a, b)).count();
    let (rows, columns) = (a.len() - head - tail, b.len() - head - tail);
    let mut pairs: Vec<(usize, usize)> = (0..head).map(|i| (i, i)).collect();
    if rows * columns <= STEPS_MAX {
        let (a, b) = (&a[head..head + rows], &b[head..head + columns]);
        // How many pairs are possible from (i, j) on.
        let mut best = vec![0_u32; (rows + 1) * (columns + 1)];
        let at = |i: usize, j: usize| i * (columns + 1) + j;
        for i in (0..rows).rev() {
            for j in (0..columns).rev() {
                let skipped = best[at(i + 1, j)].max(best[at(i, j + 1)]);
                best[at(i, j)] = if same(&a[i], &b[j]) { best[at(i + 1, j + 1)] + 1 } else { skipped };
            }
        }
        let (mut i, mut j) = (0, 0);
        while i < rows && j < columns {
            if same(&a[i], &b[j]) {
                pairs.push((head + i, head + j));
                (i, j) = (i + 1, j + 1);
            } else if best[at(i + 1, j)] >= best[at(i, j + 1)] {
                i += 1;
            } else {
                j += 1;
            }
        }
    }
    pairs.extend((0..tail).map(|i| (a.len() - tail + i, b.len() - tail + i)));
    pairs
}

/// Segments between two that agree: those of one tag belong together, in their order.
fn gap(set: &Set<'_>, before: &[Row<'_>], after: &[Row<'_>], out: &mut Out<'_>) {
    let mut next = 0;
    for row in before {
        let found = after[next..].iter().position(|other| other.segment.tag() == row.segment.tag());
        match found {
            None => out.segment(set, row, Difference::Removed),
            Some(at) => {
                after[next..next + at].iter().for_each(|other| out.segment(set, other, Difference::Added));
                out.values(set, row, &after[next + at]);
                next += at + 1;
            }
        }
    }
    after[next..].iter().for_each(|row| out.segment(set, row, Difference::Added));
}

/// Lines of an input, counted as offsets grow.
struct Lines<'a> {
    input: &'a [u8],
    counted: (usize, u64),
}

impl<'a> Lines<'a> {
    fn new(input: &'a [u8]) -> Self {
        Self { input, counted: (0, 1) }
    }

    fn spot(&mut self, offset: u64, segment: u32) -> Spot {
        let to = (offset as usize).min(self.input.len());
        if to < self.counted.0 {
            self.counted = (0, 1);
        }
        let feeds = self.input[self.counted.0..to].iter().filter(|byte| **byte == b'\n').count();
        self.counted = (to, self.counted.1 + feeds as u64);
        Spot { offset, line: self.counted.1, segment }
    }
}

struct Out<'a> {
    changes: Vec<Change>,
    before: Lines<'a>,
    after: Lines<'a>,
}

impl Out<'_> {
    fn whole(&mut self, set: &Set<'_>, difference: Difference) {
        let name = set.schema.as_ref().map_or("", |schema| schema.name()).to_owned();
        self.one(set, difference, set.id.clone(), name, set.name.clone(), (set.offset, 1));
    }

    fn segment(&mut self, set: &Set<'_>, row: &Row<'_>, difference: Difference) {
        let tag = row.segment.tag();
        let name = set.schema.as_ref().and_then(|schema| schema.segment_name(tag)).unwrap_or_default().to_owned();
        let text = String::from_utf8_lossy(row.segment.raw()).into_owned();
        self.one(set, difference, tag.to_string(), name, text, (row.segment.offset(), row.number));
    }

    fn one(
        &mut self,
        set: &Set<'_>,
        difference: Difference,
        reference: String,
        name: String,
        text: String,
        (offset, segment): (u64, u32),
    ) {
        let removed = difference == Difference::Removed;
        let lines = if removed { &mut self.before } else { &mut self.after };
        let (text, spot) = (Some(text), Some(lines.spot(offset, segment)));
        let (before, place_before, after, place_after) =
            if removed { (text, spot, None, None) } else { (None, None, text, spot) };
        let set = set.name.clone();
        self.changes.push(Change { difference, set, reference, name, before, after, place_before, place_after });
    }

    /// The values of two segments of one tag, side by side.
    fn values(&mut self, set: &Set<'_>, before: &Row<'_>, after: &Row<'_>) {
        let mut places: Vec<(usize, usize, usize)> =
            before.values.iter().chain(&after.values).map(|value| value.at).collect();
        places.sort_unstable();
        places.dedup();
        for at in places {
            let of = |row: &'_ Row<'_>| row.values.iter().position(|value| value.at == at);
            let (old, new) = (of(before).map(|i| &before.values[i]), of(after).map(|i| &after.values[i]));
            if old.map(|value| &value.meaning) == new.map(|value| &value.meaning) {
                continue;
            }
            let difference = match (old, new) {
                (None, _) => Difference::Added,
                (_, None) => Difference::Removed,
                _ => Difference::Changed,
            };
            let tag = before.segment.tag();
            let single = old.is_none_or(|value| value.single) && new.is_none_or(|value| value.single);
            let (element, _, component) = at;
            let reference =
                if single { format!("{tag}{element:02}") } else { format!("{tag}{element:02}-{component}") };
            let component = if single { 0 } else { component };
            let rule = set.schema.as_ref().and_then(|schema| schema.dictionary.rule_at(tag, element, component));
            let offset =
                |value: Option<&Value>, row: &Row<'_>| value.map_or(row.segment.offset(), |value| value.offset);
            self.changes.push(Change {
                difference,
                set: set.name.clone(),
                reference,
                name: rule.map_or("", |rule| rule.name).to_owned(),
                before: old.map(|value| value.text.clone()),
                after: new.map(|value| value.text.clone()),
                place_before: Some(self.before.spot(offset(old, before), before.number)),
                place_after: Some(self.after.spot(offset(new, after), after.number)),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(control: u32, body: &str) -> Vec<u8> {
        let count = body.matches('~').count() + 2;
        format!(
            "ISA*00*          *00*          *ZZ*SELLER         *ZZ*BUYER          *261123*1030*U*00401*{control:09}*0*T*>~\
             GS*PR*SELLER*BUYER*20261123*1030*{control}*X*004010~ST*855*{control:04}~{body}SE*{count}*{control:04}~GE*1*{control}~IEA*1*{control:09}~"
        )
        .into_bytes()
    }

    fn words(before: &str, after: &str) -> Vec<String> {
        diff(&file(1, before), &file(2, after)).iter().map(ToString::to_string).collect()
    }

    const ONE: &str = "BAK*00*AC*1001-1*20261123~PO1*1*5*EA*9.50**VN*MUG~ACK*IA*5*EA~CTT*1~";

    #[test]
    fn what_means_the_same_is_no_difference() {
        assert_eq!(words(ONE, ONE), Vec::<String>::new());
        assert_eq!(words(ONE, &ONE.replace("*5*", "*05.0*").replace("CTT*1~", "CTT*1***~")), Vec::<String>::new());
        let other = String::from_utf8(file(7, ONE)).unwrap().replace('*', "|").replace('~', "\n");
        assert_eq!(diff(&file(1, ONE), other.as_bytes()), vec![]);
    }

    #[test]
    fn differences_have_a_name_and_both_places() {
        let changed = ONE.replace("ACK*IA*5*", "ACK*IQ*3*");
        assert_eq!(
            words(ONE, &changed),
            [
                "changed ACK01 (Line status) in 855 0001, line 1/1: \"IA\" -> \"IQ\"",
                "changed ACK02 (Quantity) in 855 0001, line 1/1: \"5\" -> \"3\""
            ]
        );
        let more = ONE.replace("CTT*1", "PO1*2*1*EA*2**VN*JUG~ACK*IR*1*EA~CTT*2");
        let found = words(ONE, &more);
        assert!(found[0].starts_with("added PO1") && found[1].starts_with("added ACK"), "{found:?}");
        assert!(found[2].starts_with("changed CTT01") && found.len() == 3, "{found:?}");
        assert!(words(&more, ONE)[0].starts_with("removed PO1"));
        assert_eq!(diff(&file(1, ONE), b"").len(), 1, "the whole set is gone");
    }
}
