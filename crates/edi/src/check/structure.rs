//! Where a segment stands in the loop tree, and what is wrong when it stands nowhere.
//!
//! It does not look into segments.

use super::{Checker, apply_levels};
use crate::envelope::{at_segment, missing};
use crate::finding::{Finding, Level, Source, kept_value};
use crate::rule::Rule;
use crate::schema::{NO_TAG, SKIPS, Schema, UNREACHABLE, for_each_following};
use crate::segment::{Segment, Tag};

impl Checker {
    /// Finds the node of a segment and goes there; `None` when it has no place.
    #[inline]
    pub(super) fn step(
        &mut self,
        schema: &Schema,
        segment: &Segment<'_>,
        number: u32,
        found: &mut Vec<Finding>,
    ) -> Option<u16> {
        let mut index = schema.tags.get(segment.tag());
        if index == NO_TAG {
            index = schema.tags.get(Tag::meant(segment.tag_bytes()));
            let meant = (index != NO_TAG).then(|| format!("\"{}\"", Tag::meant(segment.tag_bytes())));
            self.stray(schema, segment, meant, found);
            if index == NO_TAG {
                return None;
            }
        }
        let entry = schema.entry(self.node, index);
        if entry == UNREACHABLE {
            self.displaced(schema, segment, index, found);
            return None;
        }
        let to = entry & !SKIPS;
        let node = &schema.nodes[usize::from(to)];
        if entry & SKIPS != 0 || self.counts[usize::from(to)] >= node.max {
            return Some(self.step_with_care(schema, segment, number, to, found));
        }
        self.go(schema, to);
        Some(to)
    }

    #[inline]
    fn go(&mut self, schema: &Schema, to: u16) {
        let node = &schema.nodes[usize::from(to)];
        self.counts[usize::from(to)] += 1;
        if node.opens_loop {
            self.counts[usize::from(to) + 1..usize::from(node.end)].fill(0);
        }
        self.node = to;
    }

    /// Something mandatory is passed over, or the node is full: then the next node of the same tag may take it.
    fn step_with_care(
        &mut self,
        schema: &Schema,
        segment: &Segment<'_>,
        number: u32,
        nearest: u16,
        found: &mut Vec<Finding>,
    ) -> u16 {
        let mut to = None;
        for_each_following(&schema.nodes, self.node, |node, _| {
            let here = &schema.nodes[usize::from(node)];
            if to.is_none()
                && here.tag_index == schema.nodes[usize::from(nearest)].tag_index
                && self.counts[usize::from(node)] < here.max
            {
                to = Some(node);
            }
        });
        let full = to.is_none();
        let to = to.unwrap_or(nearest);
        for skipped in schema.skipped(self.node, Some(to)) {
            found.push(missing_node(schema, skipped, segment.offset(), number));
        }
        self.go(schema, to);
        if full {
            let node = &schema.nodes[usize::from(to)];
            let rule = if node.opens_loop { Rule::LoopTooMany } else { Rule::SegmentTooMany };
            found.push(self.about(schema, rule, segment, Some(format!("at most {}", node.max))));
        }
        to
    }

    /// The set has this tag, but not here.
    fn displaced(&self, schema: &Schema, segment: &Segment<'_>, index: u16, found: &mut Vec<Finding>) {
        let here = &schema.nodes[usize::from(self.node)];
        let candidates = schema.nodes.iter().filter(|node| node.tag_index == index);
        // Siblings before this place, in the loops around it: there it would have been right, or is full.
        let before =
            candidates.filter(|node| node.place <= self.node && self.node < schema.nodes[usize::from(node.parent)].end);
        let (rule, expected) = match before.max_by_key(|node| node.place) {
            Some(node) if self.counts[usize::from(node.place)] >= node.max => {
                let rule = if node.opens_loop { Rule::LoopTooMany } else { Rule::SegmentTooMany };
                (rule, Some(format!("at most {}", node.max)))
            }
            Some(_) => (Rule::SegmentOutOfOrder, Some(format!("it before {}", here.tag))),
            None => {
                let homes: Vec<String> = homes(schema, index);
                (Rule::SegmentUnexpected, Some(format!("it in {}", homes.join(" or "))))
            }
        };
        found.push(self.about(schema, rule, segment, expected));
    }

    /// The set does not have this tag.
    fn stray(&self, schema: &Schema, segment: &Segment<'_>, meant: Option<String>, found: &mut Vec<Finding>) {
        let known = schema.dictionary.segment(segment.tag()).is_some() || segment.tag().is_plausible();
        let rule = if known { Rule::SegmentNotInSet } else { Rule::SegmentUnknown };
        let mut finding = self.about(schema, rule, segment, meant);
        finding.value = Some(kept_value(segment.raw()));
        found.push(finding);
    }

    fn about(&self, schema: &Schema, rule: Rule, segment: &Segment<'_>, expected: Option<String>) -> Finding {
        let mut finding = at_segment(rule, segment);
        finding.place.loop_path = schema.loop_path(self.node);
        finding.name = schema.dictionary.segment(segment.tag()).map_or("", |rule| rule.name);
        finding.expected = expected;
        apply_levels(schema, &mut finding);
        finding
    }
}

/// A finding about a mandatory node that was passed over before `offset`.
pub(super) fn missing_node(schema: &Schema, node: u16, offset: u64, number: u32) -> Finding {
    let here = &schema.nodes[usize::from(node)];
    let mut finding = missing(Rule::SegmentMissing, here.tag, offset);
    finding.place.segment = number;
    finding.place.loop_path = schema.loop_path(here.parent);
    finding.name = schema.dictionary.segment_at(here.segment).name;
    // Without its first segment, or the lines it must have, a document says nothing.
    if here.place == 1 || schema.carries_lines(here) {
        finding.level = Level::Reject;
    }
    if here.by_partner {
        finding.source = Source::Partner;
    }
    apply_levels(schema, &mut finding);
    finding
}

/// The loops in which a tag has a place, a few of them.
fn homes(schema: &Schema, index: u16) -> Vec<String> {
    const SHOWN: usize = 3;
    let places = schema.nodes.iter().filter(|node| node.tag_index == index).map(|node| schema.loop_path(node.parent));
    let mut homes: Vec<String> = Vec::new();
    for path in places {
        let path = if path.is_empty() { "the heading or summary".to_owned() } else { format!("loop {path}") };
        if !homes.contains(&path) && homes.len() < SHOWN {
            homes.push(path);
        }
    }
    homes
}
