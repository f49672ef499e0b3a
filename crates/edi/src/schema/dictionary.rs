//! The segments, composites, elements and code lists of one version, in flat tables.
//!
//! It does not know in which sets the segments stand.

use super::text;
use crate::delimiter::Standard;
use crate::finding::Source;
use crate::segment::Tag;
use std::collections::BTreeMap;

/// "No composite", "no code list", in the tables.
pub(crate) const NONE: u16 = u16::MAX;

/// What values an element may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Text.
    Text,
    /// A code: text from a list.
    Code,
    /// A whole number, perhaps with implied decimals.
    Integer,
    /// A decimal number.
    Decimal,
    /// An X12 date.
    Date,
    /// An X12 time.
    Time,
    /// Letters only.
    Letters,
    /// An EDIFACT number: decimal, by the decimal mark of the interchange.
    Number,
}

/// One element, or component of a composite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ElementRule {
    pub(crate) number: u16,
    pub(crate) kind: Kind,
    pub(crate) mandatory: bool,
    /// The partner agreement says that it is not sent.
    pub(crate) unused: bool,
    pub(crate) min: u16,
    pub(crate) max: u16,
    pub(crate) repeats: u16,
    pub(crate) codes: u16,
    pub(crate) composite: u16,
    pub(crate) name: &'static str,
    pub(crate) source: Source,
}

/// Which of some elements must stand together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoteKind {
    /// All or none.
    Paired,
    /// At least one.
    Required,
    /// At most one.
    Exclusive,
    /// If the first, then all.
    Conditional,
    /// If the first, then at least one of the others.
    List,
}

/// A syntax note. Bit n of a mask speaks of element n + 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Note {
    pub(crate) kind: NoteKind,
    pub(crate) first: u64,
    pub(crate) others: u64,
}

/// A segment.
#[derive(Debug, Clone)]
pub(crate) struct SegmentRule {
    pub(crate) tag: Tag,
    pub(crate) name: &'static str,
    /// Its elements are not described; any are allowed.
    pub(crate) open: bool,
    elements: (u32, u32),
    notes: (u32, u32),
    /// Bit n: element n + 1 is mandatory.
    pub(crate) mandatory: u64,
}

/// Where the components of a composite stand, and what it asks for.
#[derive(Debug, Clone, Copy)]
struct CompositeRule {
    start: u32,
    end: u32,
    mandatory: u64,
    /// Holds date and format in the second and third component.
    period: bool,
}

fn mandatory_mask(rules: &[ElementRule]) -> u64 {
    rules.iter().take(64).enumerate().fold(0, |mask, (place, rule)| mask | u64::from(rule.mandatory) << place)
}

/// A code list. A closed one refuses what it does not hold; an open one only has words.
#[derive(Debug, Clone)]
pub(crate) struct CodeList {
    pub(crate) closed: bool,
    pub(crate) source: Source,
    codes: Vec<(String, String)>,
}

impl CodeList {
    /// A list out of codes and words.
    pub(crate) fn new(closed: bool, source: Source, mut codes: Vec<(String, String)>) -> CodeList {
        codes.sort();
        CodeList { closed, source, codes }
    }

    pub(crate) fn holds(&self, code: &[u8]) -> bool {
        self.codes.binary_search_by(|(known, _)| known.as_bytes().cmp(code)).is_ok()
    }

    pub(crate) fn name(&self, code: &str) -> Option<&str> {
        let place = self.codes.binary_search_by(|(known, _)| known.as_str().cmp(code)).ok()?;
        Some(self.codes[place].1.as_str()).filter(|name| !name.is_empty())
    }

    pub(crate) fn codes(&self) -> impl Iterator<Item = &str> {
        self.codes.iter().map(|(code, _)| code.as_str())
    }

    /// The codes as a sentence needs them, not too many.
    pub(crate) fn expected(&self) -> String {
        const SHOWN: usize = 12;
        let shown: Vec<&str> = self.codes().take(SHOWN).collect();
        let more = if self.codes.len() > SHOWN { " or another of the list" } else { "" };
        format!("one of {}{more}", shown.join(", "))
    }
}

/// Everything about segments in one version of a standard.
#[derive(Debug, Clone)]
pub(crate) struct Dictionary {
    segments: Vec<SegmentRule>,
    by_tag: BTreeMap<Tag, u16>,
    elements: Vec<ElementRule>,
    notes: Vec<Note>,
    composites: Vec<CompositeRule>,
    codes: Vec<CodeList>,
}

impl Dictionary {
    /// Compiles the texts of a standard for a version.
    pub(crate) fn load(standard: Standard, version: &str) -> Dictionary {
        let texts = match standard {
            Standard::X12 => text::Texts {
                elements: include_str!("../../schemas/x12-elements.txt"),
                composites: include_str!("../../schemas/x12-composites.txt"),
                segments: include_str!("../../schemas/x12-segments.txt"),
                codes: include_str!("../../schemas/x12-codes.txt"),
            },
            Standard::Edifact => text::Texts {
                elements: include_str!("../../schemas/edifact-elements.txt"),
                composites: include_str!("../../schemas/edifact-composites.txt"),
                segments: include_str!("../../schemas/edifact-segments.txt"),
                codes: include_str!("../../schemas/edifact-codes.txt"),
            },
        };
        let parsed = text::parse(&texts, version);
        let mut dictionary = Dictionary {
            segments: Vec::new(),
            by_tag: BTreeMap::new(),
            elements: Vec::new(),
            notes: Vec::new(),
            composites: Vec::new(),
            codes: parsed.codes,
        };
        for composite in parsed.composites {
            dictionary.push_composite(composite.elements, composite.id == "C507");
        }
        for segment in parsed.segments {
            dictionary.add_segment(segment.tag, segment.name, segment.open, segment.elements, segment.notes);
        }
        dictionary
    }

    /// Adds a segment, or takes the place of the one with the same tag.
    pub(crate) fn add_segment(
        &mut self,
        tag: Tag,
        name: &'static str,
        open: bool,
        elements: Vec<ElementRule>,
        notes: Vec<Note>,
    ) {
        let rule = self.append(tag, name, open, elements, notes);
        match self.by_tag.get(&tag) {
            Some(&place) => self.segments[usize::from(place)] = rule,
            None => {
                self.by_tag.insert(tag, self.segments.len() as u16);
                self.segments.push(rule);
            }
        }
    }

    /// Adds a variant of a segment that one node of a schema uses; gives its place.
    pub(crate) fn add_variant(&mut self, of: &SegmentRule, elements: Vec<ElementRule>, notes: Vec<Note>) -> u16 {
        let rule = self.append(of.tag, of.name, of.open, elements, notes);
        self.segments.push(rule);
        (self.segments.len() - 1) as u16
    }

    fn append(
        &mut self,
        tag: Tag,
        name: &'static str,
        open: bool,
        elements: Vec<ElementRule>,
        notes: Vec<Note>,
    ) -> SegmentRule {
        let (first_element, first_note) = (self.elements.len() as u32, self.notes.len() as u32);
        let mandatory = mandatory_mask(&elements);
        // Notes that can be broken by silence come first; the others by their first element, so that a look at the
        // last element present tells where to stop.
        let mut notes = notes;
        notes.sort_by_key(|note| (note.kind != NoteKind::Required, (note.first | note.others).trailing_zeros()));
        self.elements.extend(elements);
        self.notes.extend(notes);
        let elements = (first_element, self.elements.len() as u32);
        SegmentRule { tag, name, open, elements, notes: (first_note, self.notes.len() as u32), mandatory }
    }

    /// Adds a changed copy of the composite at `of`; gives its place.
    pub(crate) fn add_composite(&mut self, of: u16, components: Vec<ElementRule>) -> u16 {
        let period = self.composites.get(usize::from(of)).is_some_and(|of| of.period);
        self.push_composite(components, period)
    }

    fn push_composite(&mut self, components: Vec<ElementRule>, period: bool) -> u16 {
        let (start, mandatory) = (self.elements.len() as u32, mandatory_mask(&components));
        self.elements.extend(components);
        self.composites.push(CompositeRule { start, end: self.elements.len() as u32, mandatory, period });
        (self.composites.len() - 1) as u16
    }

    /// Adds a code list; gives its place.
    pub(crate) fn add_codes(&mut self, list: CodeList) -> u16 {
        self.codes.push(list);
        (self.codes.len() - 1) as u16
    }

    pub(crate) fn place_of(&self, tag: Tag) -> Option<u16> {
        self.by_tag.get(&tag).copied()
    }

    pub(crate) fn segment(&self, tag: Tag) -> Option<&SegmentRule> {
        self.place_of(tag).map(|place| self.segment_at(place))
    }

    #[inline]
    pub(crate) fn segment_at(&self, place: u16) -> &SegmentRule {
        &self.segments[usize::from(place)]
    }

    #[inline]
    pub(crate) fn elements(&self, segment: &SegmentRule) -> &[ElementRule] {
        &self.elements[segment.elements.0 as usize..segment.elements.1 as usize]
    }

    #[inline]
    pub(crate) fn notes(&self, segment: &SegmentRule) -> &[Note] {
        &self.notes[segment.notes.0 as usize..segment.notes.1 as usize]
    }

    #[inline]
    pub(crate) fn components(&self, element: &ElementRule) -> &[ElementRule] {
        if element.composite == NONE {
            return &[];
        }
        let composite = &self.composites[usize::from(element.composite)];
        &self.elements[composite.start as usize..composite.end as usize]
    }

    /// The mandatory components of an element as a mask, and whether it is a date with its format.
    #[inline]
    pub(crate) fn demands(&self, element: &ElementRule) -> (u64, bool) {
        self.composites
            .get(usize::from(element.composite))
            .map_or((0, false), |composite| (composite.mandatory, composite.period))
    }

    #[inline]
    pub(crate) fn code_list(&self, element: &ElementRule) -> Option<&CodeList> {
        self.codes.get(usize::from(element.codes))
    }

    /// The rule of an element, or of a component of it; `component` 0 or 1 of a simple element is the element.
    pub(crate) fn rule_at(&self, tag: Tag, element: usize, component: usize) -> Option<&ElementRule> {
        let rule = self.elements(self.segment(tag)?).get(element.checked_sub(1)?)?;
        match self.components(rule) {
            [] => Some(rule),
            components => components.get(component.max(1) - 1),
        }
    }
}
