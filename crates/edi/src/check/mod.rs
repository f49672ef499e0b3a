//! Checks one set against its schema, segment by segment: where each segment stands, and what is in it.
//!
//! It keeps a place in the loop tree and some counts, never the segments. It does not know the envelope.

#[cfg(test)]
mod adversary;
mod elements;
mod hierarchy;
mod structure;

use crate::delimiter::Standard;
use crate::envelope::at_segment;
use crate::finding::{Finding, Level, Source};
use crate::rule::Rule;
use crate::schema::{Dictionary, NO_TAG, Schema, nearest_dictionary};
use crate::segment::{Segment, Tag};
use hierarchy::Hierarchy;
use std::sync::Arc;

const CTT: Tag = Tag::new("CTT");
const CNT: Tag = Tag::new("CNT");
const HL: Tag = Tag::new("HL");
/// CNT qualifier for the number of lines.
const LINES: &[u8] = b"2";

/// What bytes outside ASCII mean in an interchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum EightBit {
    /// They do not belong there.
    #[default]
    Foreign,
    /// One byte is one letter, as in UNOC; UTF-8 is a mistake.
    OneByteLetters,
    /// UTF-8.
    Any,
}

/// The state of one set under check.
#[derive(Debug, Default)]
pub(crate) struct Checker {
    /// `None` when the set is not known in any version: then its elements are looked at with the nearest dictionary.
    schema: Option<Arc<Schema>>,
    /// The schema is not of this very version: what is found are hints.
    advisory: bool,
    eight_bit: EightBit,
    dictionary: Option<(Arc<Dictionary>, String)>,
    node: u16,
    counts: Vec<u32>,
    depth: u8,
    opens_loop: bool,
    lines: u64,
    hierarchy: Hierarchy,
}

impl Checker {
    /// Begins a set. `exact` says that the schema is of the version that was sent; `syntax` is that of the envelope.
    pub(crate) fn start(
        &mut self,
        standard: Standard,
        schema: Option<Arc<Schema>>,
        exact: bool,
        version: &str,
        syntax: &str,
    ) {
        self.advisory = !exact;
        self.eight_bit = match syntax.get(..4) {
            Some("UNOW" | "UNOX" | "UNOY") => EightBit::Any,
            Some("UNOA" | "UNOB") | None => EightBit::Foreign,
            Some(syntax) if syntax.starts_with("UNO") => EightBit::OneByteLetters,
            _ => EightBit::Foreign,
        };
        self.counts.clear();
        match &schema {
            Some(schema) => self.counts.resize(schema.nodes.len(), 0),
            None if self.dictionary.as_ref().is_none_or(|(_, of)| of != version) => {
                self.dictionary = Some((nearest_dictionary(standard, version), version.to_owned()));
            }
            None => {}
        }
        self.schema = schema;
        self.node = 0;
        self.lines = 0;
        self.depth = 0;
        self.opens_loop = false;
        self.hierarchy.clear();
    }

    /// How deep the last segment stands, and whether it opened a loop.
    #[inline]
    pub(crate) fn place(&self) -> (u8, bool) {
        (self.depth, self.opens_loop)
    }

    /// Takes the next segment of the set in; number 1 is its header.
    #[inline]
    pub(crate) fn segment(&mut self, segment: &Segment<'_>, number: u32, found: &mut Vec<Finding>) {
        let Some(schema) = self.schema.take() else { return self.hint(segment, found) };
        let tag = segment.tag();
        let placed = if number == 1 {
            self.counts[0] = 1;
            Some(0)
        } else {
            self.step(&schema, segment, number, found)
        };
        let rule = match placed {
            Some(node) => {
                let node = &schema.nodes[usize::from(node)];
                self.depth = node.depth;
                self.opens_loop = node.opens_loop;
                Some(schema.dictionary.segment_at(node.segment))
            }
            // What does not belong here at all need not be right inside, too.
            None if schema.tags.get(tag) == NO_TAG => None,
            None => schema.dictionary.segment(tag),
        };
        if let Some(rule) = rule
            && !rule.open
        {
            let before = found.len();
            elements::check(&schema.dictionary, rule, segment, &schema.code_maps, self.eight_bit, found);
            if found.len() > before {
                found[before..].sort_by_key(|finding| finding.place.element);
                self.complete(&schema, &mut found[before..]);
            }
        }
        let tag = rule.map_or(tag, |rule| rule.tag);
        if tag == schema.line {
            self.lines += 1;
        }
        match tag {
            HL => self.hierarchy.take(segment, found),
            CTT => self.compare_lines(&schema, segment, 1, found),
            // A CNT inside a loop counts what is in that loop.
            CNT if placed.is_none_or(|node| schema.nodes[usize::from(node)].parent == 0)
                && segment.element(1).component(1).raw() == LINES =>
            {
                self.compare_lines(&schema, segment, 1, found);
            }
            _ => {}
        }
        self.soften(&schema, found);
        self.schema = Some(schema);
    }

    /// An acknowledgment is never acknowledged, so nobody can be told that it is rejected: what it lacks is an error,
    /// and it is used as far as it can be read. By the schema of another version nothing is certain.
    #[inline]
    fn soften(&self, schema: &Schema, found: &mut [Finding]) {
        if found.is_empty() {
            return;
        }
        let gravest = match self.advisory {
            true => Level::Warn,
            false if schema.group == "FA" || schema.id == "CONTRL" => Level::AcceptWithError,
            false => return,
        };
        for finding in found {
            finding.level = finding.level.min(gravest);
        }
    }

    /// The set is over: what is still missing?
    pub(crate) fn finish(&mut self, end: u64, segments: u32, found: &mut Vec<Finding>) {
        let Some(schema) = self.schema.take() else { return };
        let trailer = schema.nodes.len() as u16 - 1;
        for node in schema.skipped(self.node, None).into_iter().filter(|&node| node != trailer) {
            found.push(structure::missing_node(&schema, node, end, segments + 1));
        }
        self.soften(&schema, found);
    }

    /// Without a schema, what the nearest dictionary finds is only a hint.
    fn hint(&mut self, segment: &Segment<'_>, found: &mut Vec<Finding>) {
        let Some((dictionary, _)) = &self.dictionary else { return };
        if let Some(rule) = dictionary.segment(segment.tag())
            && !rule.open
        {
            let before = found.len();
            elements::check(dictionary, rule, segment, &[], self.eight_bit, found);
            for finding in &mut found[before..] {
                finding.level = finding.level.min(Level::Warn);
            }
        }
    }

    /// Loop path and partner's level for findings about elements.
    fn complete(&self, schema: &Schema, found: &mut [Finding]) {
        for finding in found {
            if finding.place.loop_path.is_empty() {
                finding.place.loop_path = schema.loop_path(self.node);
            }
            apply_levels(schema, finding);
        }
    }

    fn compare_lines(&self, schema: &Schema, segment: &Segment<'_>, number: usize, found: &mut Vec<Finding>) {
        if schema.line == Tag::NONE {
            return;
        }
        let component = if segment.tag() == CNT { 2 } else { 1 };
        let claim = segment.element(number).component(component);
        let claimed = crate::envelope::count_of(&claim);
        if claimed.is_none() || claimed == Some(self.lines) {
            return;
        }
        let mut finding = at_segment(Rule::TotalWrong, segment);
        finding.place.element = number as u16;
        finding.place.component = if component == 2 { 2 } else { 0 };
        finding.place.offset = claim.offset();
        finding.place.length = claim.raw().len() as u32;
        finding.value = Some(claim.text().into_owned());
        finding.expected = Some(format!("{}, as there are {} segments", self.lines, schema.line));
        apply_levels(schema, &mut finding);
        found.push(finding);
    }
}

/// The level that a partner overlay gives to a finding.
fn apply_levels(schema: &Schema, finding: &mut Finding) {
    if let Some(rule) = schema.levels.iter().rev().find(|rule| rule.applies(finding)) {
        finding.level = rule.level;
        finding.source = Source::Partner;
    }
}
