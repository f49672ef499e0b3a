//! Which characters separate what, and how to find out from the first bytes of an interchange.
//!
//! It looks at headers only (ISA, UNA, UNB); it does not know segments, sets or schemas.

use crate::rule::Rule;

/// How far beyond its start an ISA is searched for its sixteen separators when it is not 106 bytes long.
const ISA_SEARCH_BYTES: usize = 400;
/// How far a UNB without a UNA is searched for its terminator.
const UNB_SEARCH_BYTES: usize = 1024;
/// Length of a full ISA with its terminator.
const ISA_BYTES: usize = 106;
/// Length of a UNA.
const UNA_BYTES: usize = 9;
/// Where the sixteen separators of a full ISA stand.
const ISA_SEPARATORS: [usize; 16] = [3, 6, 17, 20, 31, 34, 50, 53, 69, 76, 81, 83, 89, 99, 101, 103];
/// A byte that stands for "no such delimiter": it occurs neither in ASCII nor in UTF-8.
pub(crate) const NONE: u8 = 0xFF;

/// The two families of EDI that this crate reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Standard {
    /// ANSI ASC X12.
    X12,
    /// UN/EDIFACT, EANCOM included.
    Edifact,
}

/// The delimiter characters of one interchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Delimiters {
    pub(crate) standard: Standard,
    pub(crate) element: u8,
    pub(crate) component: u8,
    pub(crate) repetition: u8,
    pub(crate) terminator: u8,
    pub(crate) release: u8,
    pub(crate) decimal: u8,
}

impl Delimiters {
    /// The delimiters most X12 partners use: `*`, `>`, `~`, no repetition separator.
    pub const X12_4010: Delimiters = Delimiters::x12(b'*', b'>', None, b'~');
    /// The same with `^` for repetition, as 005010 envelopes have it, and `:` for components.
    pub const X12_5010: Delimiters = Delimiters::x12(b'*', b':', Some(b'^'), b'~');
    /// The EDIFACT default of syntax 3.
    pub const EDIFACT_3: Delimiters = Delimiters::edifact(b'+', b':', None, b'\'', Some(b'?'), b'.');
    /// The EDIFACT default of syntax 4, which knows repetition.
    pub const EDIFACT_4: Delimiters = Delimiters::edifact(b'+', b':', Some(b'*'), b'\'', Some(b'?'), b'.');

    /// X12 delimiters of a partner's choice.
    pub const fn x12(element: u8, component: u8, repetition: Option<u8>, terminator: u8) -> Delimiters {
        let repetition = match repetition {
            Some(byte) => byte,
            None => NONE,
        };
        Delimiters { standard: Standard::X12, element, component, repetition, terminator, release: NONE, decimal: b'.' }
    }

    /// EDIFACT delimiters of a partner's choice.
    pub const fn edifact(
        element: u8,
        component: u8,
        repetition: Option<u8>,
        terminator: u8,
        release: Option<u8>,
        decimal: u8,
    ) -> Delimiters {
        let repetition = match repetition {
            Some(byte) => byte,
            None => NONE,
        };
        let release = match release {
            Some(byte) => byte,
            None => NONE,
        };
        Delimiters { standard: Standard::Edifact, element, component, repetition, terminator, release, decimal }
    }

    /// The family.
    pub fn standard(&self) -> Standard {
        self.standard
    }
    /// Separates elements.
    pub fn element(&self) -> u8 {
        self.element
    }
    /// Separates components of a composite element.
    pub fn component(&self) -> u8 {
        self.component
    }
    /// Separates repetitions of an element, where the interchange has such a character.
    pub fn repetition(&self) -> Option<u8> {
        (self.repetition != NONE).then_some(self.repetition)
    }
    /// Ends a segment.
    pub fn terminator(&self) -> u8 {
        self.terminator
    }
    /// Protects the next character, in EDIFACT.
    pub fn release(&self) -> Option<u8> {
        (self.release != NONE).then_some(self.release)
    }
    /// The decimal mark of numbers.
    pub fn decimal(&self) -> u8 {
        self.decimal
    }

    /// True for the four characters that structure a segment, and for the release character.
    pub fn is_special(&self, byte: u8) -> bool {
        byte != NONE
            && (byte == self.element
                || byte == self.component
                || byte == self.terminator
                || byte == self.repetition
                || byte == self.release)
    }
}

/// What the start of an interchange says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detection {
    /// The delimiters found.
    pub delimiters: Delimiters,
    /// Bytes of a UNA to step over before the first segment; 0 without one.
    pub prefix_bytes: usize,
    /// What was unusual about the header, for the report.
    pub remarks: Vec<Rule>,
}

/// Reads the delimiters from bytes that begin with `ISA`, `UNA`, `UNB` or, without an envelope, `UNG` or `UNH`.
///
/// `None` when the bytes begin otherwise or end before the header is whole.
pub fn detect(bytes: &[u8]) -> Option<Detection> {
    match bytes.get(..3)? {
        b"ISA" => detect_isa(bytes),
        b"UNA" => detect_una(bytes),
        b"UNB" | b"UNG" | b"UNH" => Some(detect_unb(bytes, None, 0)),
        _ => None,
    }
}

/// True when an interchange could begin here.
pub(crate) fn is_start(bytes: &[u8]) -> bool {
    let Some(tag) = bytes.get(..3) else { return false };
    let Some(&next) = bytes.get(3) else { return false };
    match tag {
        b"ISA" => !next.is_ascii_alphanumeric() && next != b' ',
        b"UNA" => next != b' ',
        b"UNB" | b"UNH" => !next.is_ascii_alphanumeric() && next != b' ',
        _ => false,
    }
}

fn detect_isa(bytes: &[u8]) -> Option<Detection> {
    let element = *bytes.get(3)?;
    let mut remarks = Vec::new();
    let full = bytes.len() >= ISA_BYTES && ISA_SEPARATORS.iter().all(|&place| bytes[place] == element);
    let after_15 = if full {
        ISA_SEPARATORS[15]
    } else {
        remarks.push(Rule::InterchangeHeaderWidth);
        let head = &bytes[..bytes.len().min(ISA_SEARCH_BYTES)];
        memchr::memchr_iter(element, head).nth(15)?
    };
    let component = *bytes.get(after_15 + 1)?;
    let mut place = after_15 + 2;
    if bytes.get(place) == Some(&b' ') {
        remarks.push(Rule::InterchangeTerminatorSpaced);
        place += bytes[place..].iter().take_while(|&&byte| byte == b' ').count();
    }
    let terminator = *bytes.get(place)?;
    let fields: Vec<&[u8]> = bytes[..after_15].split(|&byte| byte == element).collect();
    let repetition = repetition_of(fields.get(11)?, fields.get(12)?);
    if terminator.is_ascii_alphanumeric() {
        remarks.push(Rule::InterchangeTerminatorInvalid);
    }
    if component == element || terminator == element || terminator == component || repetition == Some(element) {
        remarks.push(Rule::InterchangeDelimiterClash);
    }
    Some(Detection {
        delimiters: Delimiters::x12(element, component, repetition, terminator),
        prefix_bytes: 0,
        remarks,
    })
}

/// ISA11 separates repetitions from envelope version 00402 on, unless it still holds the old standards letter.
fn repetition_of(isa11: &[u8], isa12: &[u8]) -> Option<u8> {
    let [byte] = isa11 else { return None };
    let modern = isa12 >= b"00402".as_slice() && isa12.iter().all(u8::is_ascii_digit);
    (modern && !byte.is_ascii_alphanumeric() && *byte != b' ').then_some(*byte)
}

fn detect_una(bytes: &[u8]) -> Option<Detection> {
    let &[component, element, decimal, release, reserved, terminator] = bytes.get(3..UNA_BYTES)? else { return None };
    let release = (release != b' ').then_some(release);
    let una = Delimiters::edifact(element, component, None, terminator, release, decimal);
    let after = bytes.get(UNA_BYTES..).unwrap_or_default();
    let blank = after.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let mut detection = detect_unb(&after[blank..], Some((una, reserved)), UNA_BYTES);
    if component == element || terminator == element || terminator == component {
        detection.remarks.push(Rule::InterchangeDelimiterClash);
    }
    Some(detection)
}

/// UNB has no fixed places: start from the defaults and correct them by what the segment shows.
fn detect_unb(bytes: &[u8], una: Option<(Delimiters, u8)>, prefix_bytes: usize) -> Detection {
    let head = &bytes[..bytes.len().min(UNB_SEARCH_BYTES)];
    let mut remarks = Vec::new();
    let mut delimiters = una.map_or(Delimiters::EDIFACT_3, |(delimiters, _)| delimiters);
    if una.is_none() {
        if head.get(3) == Some(&0x1D) {
            delimiters = Delimiters::edifact(0x1D, 0x1F, None, 0x1C, None, b'.');
        } else if let Some(line) = head.split(|&byte| byte == b'\n').next()
            && line.len() < head.len()
            && !line.contains(&delimiters.terminator)
        {
            remarks.push(Rule::InterchangeTerminatorLine);
            delimiters.terminator = if line.ends_with(b"\r") { b'\r' } else { b'\n' };
        }
    }
    if syntax_version(head, &delimiters) >= b'4' {
        match una {
            Some((_, reserved)) if reserved != b' ' && !delimiters.is_special(reserved) => {
                delimiters.repetition = reserved
            }
            Some(_) => {}
            None if delimiters.element == b'+' => delimiters.repetition = b'*',
            None => {}
        }
    }
    Detection { delimiters, prefix_bytes, remarks }
}

/// The digit after the first component separator of UNB01, `0` when there is no UNB.
fn syntax_version(head: &[u8], delimiters: &Delimiters) -> u8 {
    if !head.starts_with(b"UNB") {
        return b'0';
    }
    let Some(syntax) = head.get(4..).and_then(|rest| rest.split(|&byte| byte == delimiters.element).next()) else {
        return b'0';
    };
    syntax
        .split(|&byte| byte == delimiters.component)
        .nth(1)
        .and_then(|version| version.first().copied())
        .unwrap_or(b'0')
}

#[cfg(test)]
mod tests {
    use super::*;

    const ISA: &str =
        "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *261123*1030*U*00401*000000201*0*T*>~";

    #[test]
    fn fixed_places_decide() {
        let found = detect(ISA.as_bytes()).expect("an ISA");
        assert_eq!(found.delimiters, Delimiters::X12_4010);
        assert!(found.remarks.is_empty());
    }

    #[test]
    fn newline_may_be_the_terminator() {
        let text = ISA.replace('~', "\n");
        assert_eq!(detect(text.as_bytes()).expect("an ISA").delimiters.terminator(), b'\n');
    }

    #[test]
    fn a_short_header_is_counted() {
        let text = "ISA*00**00**ZZ*A*ZZ*B*261123*1030*^*00501*000000201*0*T*:~GS*";
        let found = detect(text.as_bytes()).expect("an ISA");
        assert_eq!(found.delimiters, Delimiters::X12_5010);
        assert_eq!(found.remarks, [Rule::InterchangeHeaderWidth]);
    }

    #[test]
    fn a_space_before_the_terminator_is_stepped_over() {
        let text = ISA.replace('~', "  ~");
        let found = detect(text.as_bytes()).expect("an ISA");
        assert_eq!(found.delimiters.terminator(), b'~');
        assert_eq!(found.remarks, [Rule::InterchangeTerminatorSpaced]);
    }

    #[test]
    fn una_and_syntax_version_set_the_repetition() {
        let four = detect(b"UNA:+.?*'UNB+UNOA:4+A+B+261123:1030+1'").expect("a UNA");
        assert_eq!(four.delimiters, Delimiters::EDIFACT_4);
        let blank = detect(b"UNA:+.? '\r\nUNB+UNOA:4+A+B+261123:1030+1'").expect("a UNA");
        assert_eq!(blank.delimiters.repetition(), None);
        let three = detect(b"UNA:+.?*'UNB+UNOA:3+A+B+261123:1030+1'").expect("a UNA");
        assert_eq!(three.delimiters.repetition(), None);
        assert_eq!(detect(b"UNB+UNOA:4+A+B'").expect("a UNB").delimiters, Delimiters::EDIFACT_4);
    }

    #[test]
    fn lines_may_end_the_segments_of_edifact() {
        let found = detect(b"UNB+UNOA:3+A+B+261123:1030+1\r\nUNH+1+INVRPT:D:96A:UN\r\n").expect("a UNB");
        assert_eq!(found.delimiters.terminator(), b'\r');
    }
}
