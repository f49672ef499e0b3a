//! A document in plain words: what each segment is, what each element means, which code stands for what, and what was
//! found wrong at which place.
//!
//! It gives data for a screen or a terminal ([`explain`]) and one plain text of it ([`Explanation::to_text`]); it
//! colours nothing and judges nothing itself.

use crate::finding::Finding;
use crate::report::{GroupReport, InterchangeReport, Report, SetReport};
use crate::rule::Rule;
use crate::schema::{Schema, Schemas};
use crate::segment::{Element, Segment, Tag};
use std::fmt::Write as _;
use std::sync::Arc;

/// Segments that [`explain`] explains of one set; the rest of a very long one is left out, and said so.
pub const SEGMENTS_MAX: usize = 10_000;

/// One set in plain words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// `850`.
    pub id: String,
    /// Our own name of the set.
    pub name: String,
    /// From whom to whom, and the numbers on the envelope.
    pub heading: String,
    /// False when words come from a neighbouring version of the schema.
    pub exact: bool,
    /// The segments.
    pub segments: Vec<ExplainedSegment>,
    /// Findings that belong to no segment that is there, such as missing ones, and those about the envelope.
    pub findings: Vec<Finding>,
    /// True when there were more segments than [`SEGMENTS_MAX`].
    pub cut: bool,
}

/// A segment in plain words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExplainedSegment {
    /// Number in the set.
    pub number: u32,
    /// Where it begins in the input.
    pub offset: u64,
    /// How deep in loops.
    pub depth: u8,
    /// As it was sent.
    pub raw: String,
    /// Its tag.
    pub tag: String,
    /// Our own name of it.
    pub name: String,
    /// What stands in it.
    pub values: Vec<ExplainedValue>,
    /// What was found here.
    pub findings: Vec<Finding>,
}

/// A value in plain words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExplainedValue {
    /// `BEG03`, `QTY01-2`.
    pub reference: String,
    /// Our own name of the element.
    pub name: String,
    /// As it was sent.
    pub value: String,
    /// What a code stands for.
    pub meaning: Option<String>,
    /// Where it stands within the raw segment.
    pub start: usize,
    /// How long it is there.
    pub length: usize,
}

/// Explains one set of a report.
pub fn explain(
    input: &[u8],
    report: &Report,
    interchange: &InterchangeReport,
    group: &GroupReport,
    set: &SetReport,
    schemas: &Schemas,
) -> Explanation {
    let header = &interchange.header;
    let exact = schemas.find(header.standard, &set.header.id, &set.header.version);
    let schema = exact.clone().or_else(|| schemas.nearest(header.standard, &set.header.id, &set.header.version));
    let mut findings: Vec<Finding> = report.findings_of(interchange, group, set).cloned().collect();
    let document = set.document(input, &header.delimiters);
    let mut walk = Walk { schema: schema.as_ref(), node: 0 };
    let mut segments = Vec::new();
    let mut cut = false;
    for (place, segment) in document.segments().enumerate() {
        if place >= SEGMENTS_MAX {
            cut = true;
            break;
        }
        let number = place as u32 + 1;
        let (here, rest) = findings
            .into_iter()
            .partition(|finding| finding.place.segment == number && finding.rule != Rule::SegmentMissing);
        findings = rest;
        segments.push(walk.segment(&segment, number, here));
    }
    let version = &set.header.version;
    let heading = format!(
        "from {} {} to {} {}, interchange {}, group {}, set {} of version {version}",
        header.sender.qualifier,
        header.sender.id,
        header.receiver.qualifier,
        header.receiver.id,
        header.control,
        group.header.control,
        set.header.control,
    );
    let name = schema.as_ref().map_or("unknown set", |schema| schema.name()).to_owned();
    Explanation { id: set.header.id.clone(), name, heading, exact: exact.is_some(), segments, findings, cut }
}

/// Follows the loops of a schema through a set, forgiving what does not fit.
struct Walk<'s> {
    schema: Option<&'s Arc<Schema>>,
    node: u16,
}

impl Walk<'_> {
    fn segment(&mut self, segment: &Segment<'_>, number: u32, findings: Vec<Finding>) -> ExplainedSegment {
        let mut depth = 0;
        let mut name = String::new();
        let tag = self.tag_of(segment);
        if let Some(schema) = self.schema {
            if number > 1
                && let Some(node) = schema.following(self.node, tag)
            {
                self.node = node;
            }
            depth = schema.nodes[usize::from(self.node)].depth;
            name = schema.segment_name(tag).unwrap_or_default().to_owned();
        }
        let mut values = Vec::new();
        for (place, element) in segment.elements().enumerate() {
            let several = element.repeats().nth(1).is_some() || element.components().nth(1).is_some();
            for repeat in element.repeats() {
                for (component, part) in repeat.components().enumerate() {
                    if !part.is_empty() {
                        values.push(self.value(segment, place + 1, if several { component + 1 } else { 0 }, &part));
                    }
                }
            }
        }
        ExplainedSegment {
            number,
            offset: segment.offset(),
            depth,
            raw: String::from_utf8_lossy(segment.raw()).into_owned(),
            tag: String::from_utf8_lossy(segment.tag_bytes()).into_owned(),
            name,
            values,
            findings,
        }
    }

    /// The tag, or the one that was probably meant.
    fn tag_of(&self, segment: &Segment<'_>) -> Tag {
        let (tag, meant) = (segment.tag(), Tag::meant(segment.tag_bytes()));
        let knows = |tag| self.schema.is_some_and(|schema| schema.segment_name(tag).is_some());
        if knows(tag) || !knows(meant) { tag } else { meant }
    }

    fn value(&self, segment: &Segment<'_>, element: usize, component: usize, part: &Element<'_>) -> ExplainedValue {
        let tag = self.tag_of(segment);
        let value = part.text().into_owned();
        let rule = self.schema.and_then(|schema| schema.dictionary.rule_at(tag, element, component));
        let meaning = self.schema.and_then(|schema| {
            let standard = schema.map_code(tag, element, &value);
            let words = schema.code_name(tag, element, component, standard);
            match words {
                Some(words) if standard != value => Some(format!("{standard}, {words}")),
                Some(words) => Some(words.to_owned()),
                None if standard != value => Some(standard.to_owned()),
                None => None,
            }
        });
        let reference =
            if component > 0 { format!("{tag}{element:02}-{component}") } else { format!("{tag}{element:02}") };
        let start = part.offset().saturating_sub(segment.offset()) as usize;
        let name = rule.map_or("", |rule| rule.name).to_owned();
        ExplainedValue { reference, name, value, meaning, start, length: part.raw().len() }
    }
}

impl Explanation {
    /// The explanation as text, one value a line, findings beneath their segment with the place underlined.
    pub fn to_text(&self) -> String {
        let mut out = String::new();
        let _ = writeln!(out, "{} {}: {}", self.id, self.name, self.heading);
        if !self.exact {
            out.push_str("No schema is known for this version; names come from a neighbouring one.\n");
        }
        let is_between = |finding: &Finding| {
            finding.rule == Rule::SegmentMissing && finding.place.segment as usize <= self.segments.len()
        };
        for segment in &self.segments {
            let indent = "  ".repeat(usize::from(segment.depth));
            let before = |finding: &&Finding| is_between(finding) && finding.place.segment == segment.number;
            for finding in self.findings.iter().filter(before) {
                tell(finding, &indent, &mut out);
            }
            segment.to_text(&mut out);
        }
        if self.cut {
            let _ = writeln!(out, "(only the first {SEGMENTS_MAX} segments are explained)");
        }
        for finding in self.findings.iter().filter(|finding| !is_between(finding)) {
            let _ = writeln!(out, "! {finding}\n  {}", finding.advice());
        }
        out
    }
}

impl ExplainedSegment {
    fn to_text(&self, out: &mut String) {
        let indent = "  ".repeat(usize::from(self.depth));
        let _ = writeln!(out, "{indent}{:>3} {}  {}", self.number, self.tag, self.name);
        for value in &self.values {
            let name = if value.name.is_empty() { "" } else { &value.name };
            let _ = write!(out, "{indent}      {:<8} {:<28} {}", value.reference, name, value.value);
            if let Some(meaning) = &value.meaning {
                let _ = write!(out, "  = {meaning}");
            }
            out.push('\n');
        }
        for finding in &self.findings {
            let from = finding.place.offset.saturating_sub(self.offset) as usize;
            if from <= self.raw.len() {
                let width = (finding.place.length as usize).clamp(1, (self.raw.len() - from).max(1));
                let _ =
                    writeln!(out, "{indent}    {}\n{indent}    {}{}", self.raw, " ".repeat(from), "^".repeat(width));
            }
            tell(finding, &indent, out);
        }
    }
}

/// A finding at its place, and what to do.
fn tell(finding: &Finding, indent: &str, out: &mut String) {
    let level = finding.level.word().replace('_', " ");
    let _ = writeln!(
        out,
        "{indent}  ! {level}: {} (line {}) [{}]\n{indent}    {}",
        finding.sentence(),
        finding.place.line,
        finding.id(),
        finding.advice()
    );
}

#[cfg(test)]
mod tests {
    use crate::{Schemas, explain, read};

    #[test]
    fn a_clerk_can_read_it() {
        let input = b"ISA*00*          *00*          *ZZ*SELLER         *ZZ*BUYER          *261123*1030*U*00401*000000201*0*T*>~\
            GS*IB*SELLER*BUYER*20261123*1030*201*X*004010~ST*846*0001~BIA*00*SI*F1*20261123~LIN**VN*MUG~QTY*33*x*EA~\
            CTT*1~SE*6*0001~GE*1*201~IEA*1*000000201~";
        let report = read(input);
        let (interchange, group, set) = report.sets().next().expect("one set");
        let text = explain(input, &report, interchange, group, set, &Schemas::standard()).to_text();
        let expected = "      4 QTY  Quantity
          QTY01    Kind of quantity             33  = available for sale
          QTY02    Quantity                     x
          QTY03    Unit of measure              EA  = each
        QTY*33*x*EA
               ^
      ! reject: QTY02 (Quantity): The value holds characters that its type does not allow. Received \"x\". Expected a number. (line 1) [element.characters]
        Send only the characters of the type; a number has digits, one sign and one decimal mark.
";
        assert!(text.contains(expected), "{text}");
    }

    #[test]
    fn what_is_missing_is_told_where_it_should_stand_and_a_misspelt_tag_is_explained_all_the_same() {
        let input =
            b"UNB+UNOC:3+B:14+V:14+261123:1030+77'UNH+1+ORDERS:D:96A:UN'BGM+220+1001-1+9'lin+1++4000000000001:EN'\
            UNS+S'UNT+5+1'UNZ+1+77'";
        let report = read(input);
        let (interchange, group, set) = report.sets().next().expect("one set");
        let text = explain(input, &report, interchange, group, set, &Schemas::standard()).to_text();
        let expected = "    ! accept with error: DTM (Date, time or period): A mandatory segment is missing. (line 1) [segment.missing]
      Send the segment; the loop path says where it belongs.
    3 lin  Line
        LIN01    Line number                  1
";
        assert!(text.contains(expected), "{text}");
    }
}
