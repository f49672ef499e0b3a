//! One thing found wrong or unusual: which rule, how grave, where, what stood there, what was expected.
//!
//! It does not decide what becomes of the document; levels add up in the [`Report`](crate::Report).

use crate::rule::Rule;
use crate::segment::Tag;
use std::fmt;

/// How many bytes of an offending value a finding keeps; an AK404 can carry no more.
pub const VALUE_BYTES_MAX: usize = 99;

/// How grave a finding is, gravest last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Level {
    /// Not reported at all.
    #[default]
    Ignore,
    /// Reported; the document is accepted.
    Warn,
    /// The document is accepted, and the acknowledgment names the error.
    AcceptWithError,
    /// The document is rejected.
    Reject,
}

impl Level {
    /// The word used in reports and in partner files.
    pub fn word(self) -> &'static str {
        match self {
            Level::Ignore => "ignore",
            Level::Warn => "warn",
            Level::AcceptWithError => "accept_with_error",
            Level::Reject => "reject",
        }
    }

    /// The level with this word.
    pub fn from_word(word: &str) -> Option<Level> {
        [Level::Ignore, Level::Warn, Level::AcceptWithError, Level::Reject]
            .into_iter()
            .find(|level| level.word() == word)
    }
}

/// Who made the rule that was broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Source {
    /// The standard.
    #[default]
    Standard,
    /// The partner overlay.
    Partner,
}

/// Where in the input a finding is. Numbers count from 1; 0 means "not in one".
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Place {
    /// Byte offset from the start of the input.
    pub offset: u64,
    /// Length in bytes of the offending part; 0 for something that is missing.
    pub length: u32,
    /// Line, by line feeds, from 1.
    pub line: u64,
    /// Which interchange of the input.
    pub interchange: u32,
    /// Which group of the interchange.
    pub group: u32,
    /// Which set of the group.
    pub set: u32,
    /// Which segment of the set, its header being 1.
    pub segment: u32,
    /// Tag of the segment, or of the missing one.
    pub tag: Tag,
    /// Which element of the segment.
    pub element: u16,
    /// Which component of the element.
    pub component: u16,
    /// Which repetition of the element.
    pub repeat: u16,
    /// The loops around the segment, outermost first, as `PO1/N1`.
    pub loop_path: String,
}

/// One thing found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The broken rule.
    pub rule: Rule,
    /// How grave it is here, after the partner overlay.
    pub level: Level,
    /// Who made the rule.
    pub source: Source,
    /// Where.
    pub place: Place,
    /// Reference number of the data element in the standard, 0 when unknown. X12 numbers only go into AK402.
    pub element_number: u16,
    /// Plain name of the element, or of the segment when no element is concerned.
    pub name: &'static str,
    /// What stood there, shortened, with unreadable bytes replaced.
    pub value: Option<String>,
    /// What was expected, in words.
    pub expected: Option<String>,
}

impl Finding {
    /// The stable id of the rule.
    pub fn id(&self) -> &'static str {
        self.rule.id()
    }

    /// The name a guide would use: `BEG03`, `C212.2`-like places as `LIN03-2`, or the bare tag.
    pub fn reference(&self) -> String {
        let Place { tag, element, component, .. } = &self.place;
        match (element, component) {
            (0, _) => tag.to_string(),
            (element, 0) => format!("{tag}{element:02}"),
            (element, component) => format!("{tag}{element:02}-{component}"),
        }
    }

    /// What is wrong, in one sentence for a person.
    pub fn sentence(&self) -> String {
        let mut text = String::new();
        if self.place.tag != Tag::NONE {
            text.push_str(&self.reference());
            if !self.name.is_empty() {
                text.push_str(&format!(" ({})", self.name));
            }
            text.push_str(": ");
        }
        text.push_str(self.rule.sentence());
        if let Some(value) = &self.value {
            text.push_str(&format!(" Received \"{value}\"."));
        }
        if let Some(expected) = &self.expected {
            text.push_str(&format!(" Expected {expected}."));
        }
        if self.source == Source::Partner {
            text.push_str(" The partner agreement says so.");
        }
        text
    }

    /// What to do about it.
    pub fn advice(&self) -> &'static str {
        self.rule.advice()
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} (line {}, byte {}", self.level.word(), self.sentence(), self.place.line, self.place.offset)?;
        if self.place.segment > 0 {
            write!(f, ", segment {}", self.place.segment)?;
        }
        if !self.place.loop_path.is_empty() {
            write!(f, ", loop {}", self.place.loop_path)?;
        }
        write!(f, ") [{}]", self.id())
    }
}

/// A value as a finding keeps it: readable and short.
pub(crate) fn kept_value(bytes: &[u8]) -> String {
    let cut = &bytes[..bytes.len().min(VALUE_BYTES_MAX)];
    String::from_utf8_lossy(cut).chars().map(|letter| if letter.is_control() { '\u{FFFD}' } else { letter }).collect()
}
