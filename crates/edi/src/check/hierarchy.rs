//! HL segments: numbers that are used once, parents that came before.
//!
//! It does not know what the levels mean.

use crate::envelope::at_segment;
use crate::finding::{Finding, Level, kept_value};
use crate::rule::Rule;
use crate::segment::Segment;
use std::collections::BTreeSet;

/// How many HL numbers out of sequence are remembered.
const NUMBERS_KEPT: usize = 65_536;

/// The HL numbers of a set so far. Numbers that count up from 1, as almost all do, cost no memory.
#[derive(Debug, Default)]
pub(super) struct Hierarchy {
    counted: u64,
    others: BTreeSet<Vec<u8>>,
    /// Levels that say they have none below them.
    childless: BTreeSet<Vec<u8>>,
    /// The code of the first level, which alone needs no parent.
    top: Vec<u8>,
}

impl Hierarchy {
    pub(super) fn clear(&mut self) {
        self.counted = 0;
        self.others.clear();
        self.childless.clear();
        self.top.clear();
    }

    pub(super) fn take(&mut self, segment: &Segment<'_>, found: &mut Vec<Finding>) {
        let parent = segment.element(2);
        if !parent.is_empty() && !self.knows(parent.raw()) {
            found.push(about(Rule::HierarchyParent, segment, 2));
        }
        if self.childless.remove(parent.raw()) {
            found.push(about(Rule::HierarchyChild, segment, 2));
        }
        let number = segment.element(1);
        if self.top.is_empty() {
            self.top = segment.element(3).raw().to_vec();
        } else if parent.is_empty() && segment.element(3).raw() != self.top {
            let mut finding = about(Rule::HierarchyParent, segment, 2);
            finding.level = Level::Warn;
            finding.expected = Some("the number of the level above, as this is not a first level".into());
            found.push(finding);
        }
        if segment.element(4).raw() == b"0" && self.childless.len() < NUMBERS_KEPT {
            self.childless.insert(number.raw().to_vec());
        }
        if self.knows(number.raw()) {
            found.push(about(Rule::HierarchyNumber, segment, 1));
        } else if as_number(number.raw()) == Some(self.counted + 1) {
            self.counted += 1;
        } else if self.others.len() < NUMBERS_KEPT {
            self.others.insert(number.raw().to_vec());
        }
    }

    fn knows(&self, number: &[u8]) -> bool {
        as_number(number).is_some_and(|number| (1..=self.counted).contains(&number)) || self.others.contains(number)
    }
}

fn as_number(bytes: &[u8]) -> Option<u64> {
    std::str::from_utf8(bytes).ok()?.parse().ok()
}

fn about(rule: Rule, segment: &Segment<'_>, number: usize) -> Finding {
    let element = segment.element(number);
    let mut finding = at_segment(rule, segment);
    finding.place.element = number as u16;
    finding.place.offset = element.offset();
    finding.place.length = element.raw().len() as u32;
    finding.element_number = if number == 1 { 628 } else { 734 };
    finding.name = if number == 1 { "Hierarchy number" } else { "Parent hierarchy number" };
    finding.value = (!element.is_empty()).then(|| kept_value(element.raw()));
    finding
}
