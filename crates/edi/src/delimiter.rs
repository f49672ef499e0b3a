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
/// What may follow the ISA.
const AFTER_ISA: [&[u8]; 6] = [b"GS", b"TA1", b"ISB", b"ISX", b"TA3", b"IEA"];
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
    /// Each terminator has spaces before it that belong to no element.
    pub(crate) spaced: bool,
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
        Delimiters {
            standard: Standard::X12,
            element,
            component,
            repetition,
            terminator,
            release: NONE,
            decimal: b'.',
            spaced: false,
        }
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
        Delimiters {
            standard: Standard::Edifact,
            element,
            component,
            repetition,
            terminator,
            release,
            decimal,
            spaced: false,
        }
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

    /// These delimiters, where documents can be written with them: what a damaged header left out or doubled is
    /// replaced by what most partners use.
    pub(crate) fn writable(mut self) -> Delimiters {
        self.spaced = false;
        if self.standard != Standard::X12 {
            return self;
        }
        if self.terminator.is_ascii_alphanumeric() || self.terminator == self.element {
            self.terminator = b'~';
        }
        if self.component == NONE || self.component == self.element || self.component == self.terminator {
            let taken = [self.element, self.terminator, self.repetition];
            self.component =
                *b">:<|".iter().find(|byte| !taken.contains(byte)).expect("because three are taken at most");
        }
        self
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

/// Reads the delimiters from bytes that begin with `ISA`, `UNA`, `UNB` or, without an envelope, `GS`, `ST`, `UNG` or `UNH`.
///
/// `None` when the bytes begin otherwise or end before the header is whole.
pub fn detect(bytes: &[u8]) -> Option<Detection> {
    match bytes.get(..3)? {
        b"ISA" => detect_isa(bytes),
        b"UNA" => detect_una(bytes),
        b"UNB" | b"UNG" | b"UNH" => Some(detect_unb(bytes, None, 0)),
        _ if is_bare(bytes) => detect_bare(bytes),
        _ => None,
    }
}

/// True when an interchange could begin here.
pub(crate) fn is_start(bytes: &[u8]) -> bool {
    let Some(tag) = bytes.get(..3) else { return false };
    let Some(&next) = bytes.get(3) else { return false };
    match tag {
        // ISA%2A is an ISA written as a web form.
        b"ISA" => !next.is_ascii_alphanumeric() && next != b' ' && !bytes.starts_with(b"ISA%2A"),
        b"UNA" => next != b' ',
        b"UNB" | b"UNH" => !next.is_ascii_alphanumeric() && next != b' ',
        _ => false,
    }
}

/// True when an X12 group or set begins here, which should have an ISA before it.
pub(crate) fn is_bare(bytes: &[u8]) -> bool {
    let field = match bytes.get(..2) {
        Some(b"GS") => 2,
        Some(b"ST") => 3,
        _ => return false,
    };
    let Some(&separator) = bytes.get(2) else { return false };
    let after = bytes.get(3 + field);
    !separator.is_ascii_alphanumeric()
        && separator > b' '
        && separator != b'='
        && bytes[3..].iter().take(field).all(u8::is_ascii_alphanumeric)
        && after == Some(&separator)
}

fn detect_isa(bytes: &[u8]) -> Option<Detection> {
    let element = *bytes.get(3).filter(|byte| !byte.is_ascii_alphanumeric() && **byte != b' ')?;
    let head = &bytes[..bytes.len().min(ISA_SEARCH_BYTES)];
    let mut remarks = Vec::new();
    let has_all = |text: &[u8]| text.len() >= ISA_BYTES && ISA_SEPARATORS.iter().all(|&place| text[place] == element);
    let after_15 = if has_all(head) {
        ISA_SEPARATORS[15]
    } else {
        let unwrapped: Vec<u8> = head.iter().copied().filter(|byte| !is_line_end(*byte)).collect();
        let is_wrapped = unwrapped.len() < head.len() && has_all(&unwrapped);
        remarks.push(match () {
            () if is_wrapped => Rule::InterchangeLineWrapped,
            () if soft_line_end(head, 0).is_some_and(|place| place < ISA_BYTES) => Rule::InterchangeQuotedPrintable,
            () => Rule::InterchangeHeaderWidth,
        });
        memchr::memchr_iter(element, head).nth(15)?
    };
    let mut component = *bytes.get(after_15 + 1)?;
    let mut place = after_15 + 2;
    let spaces = bytes[place.min(bytes.len())..].iter().take_while(|&&byte| byte == b' ').count();
    if spaces > 0 {
        remarks.push(Rule::InterchangeTerminatorSpaced);
        place += spaces;
    }
    let mut terminator = *bytes.get(place)?;
    let line_ended = is_line_end(terminator);
    if !follows(head, place + 1, element) {
        // What follows is no group: the header has a field too few or too many, or lines break here.
        match before_next(head, element, &AFTER_ISA) {
            Some((shown, _)) if shown == terminator => {}
            Some((shown, end)) if line_ended && end > place => {
                remarks.push(Rule::InterchangeLineWrapped);
                terminator = shown;
            }
            Some((shown, end)) => {
                component = last_field(&head[..end], element).filter(|byte| *byte != shown).unwrap_or(NONE);
                terminator = shown;
            }
            None if terminator.is_ascii_alphanumeric() => remarks.push(Rule::InterchangeTerminatorInvalid),
            None if terminator == element || terminator == component => remarks.push(Rule::InterchangeDelimiterClash),
            None => {}
        }
    } else if line_ended && ends_lines(&head[place + 1..], component) {
        // The header lacks its last field, and the line end behind the terminator stands where the terminator should.
        remarks.push(Rule::InterchangeHeaderIncomplete);
    }
    if component.is_ascii_alphanumeric() || component == b' ' {
        component = NONE;
    }
    let fields: Vec<&[u8]> = bytes[..after_15].split(|&byte| byte == element).collect();
    let repetition =
        repetition_of(fields.get(11)?, fields.get(12)?).filter(|byte| ![element, component, terminator].contains(byte));
    let mut delimiters = Delimiters::x12(element, component, repetition, terminator);
    delimiters.spaced = spaces > 0;
    Some(Detection { delimiters, prefix_bytes: 0, remarks })
}

/// True when, after blanks, one of the segments begins that follow an ISA.
fn follows(head: &[u8], place: usize, element: u8) -> bool {
    let rest = head.get(place..).unwrap_or_default().trim_ascii_start();
    rest.is_empty() || AFTER_ISA.iter().any(|tag| rest.starts_with(tag) && rest.get(tag.len()) == Some(&element))
}

/// True when the first lines end with this byte.
fn ends_lines(head: &[u8], byte: u8) -> bool {
    let lines = head.split(|&byte| is_line_end(byte)).filter(|line| !line.is_empty());
    lines.take(2).all(|line| line.last() == Some(&byte))
}

/// The one character of the last field, where it is one.
fn last_field(head: &[u8], element: u8) -> Option<u8> {
    let mut fields = head.rsplit(|&byte| byte == element);
    let field = fields.find(|field| !field.is_empty())?;
    match field {
        [byte] if !byte.is_ascii_alphanumeric() => Some(*byte),
        _ => None,
    }
}

/// Columns of a line in quoted-printable, at most.
const QUOTED_COLUMNS: usize = 76;

/// The first `=` from `from` on that stands before a line end and ends a line as short as quoted-printable makes them.
pub(crate) fn soft_line_end(bytes: &[u8], from: usize) -> Option<usize> {
    let ends = |place: usize| bytes[place + 1..].starts_with(b"\n") || bytes[place + 1..].starts_with(b"\r\n");
    memchr::memchr_iter(b'=', &bytes[from..]).map(|place| from + place).find(|&place| {
        let begin = memchr::memrchr(b'\n', &bytes[..place]).map_or(0, |end| end + 1);
        ends(place) && place - begin < QUOTED_COLUMNS
    })
}

fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}

/// The terminator that stands before the first of `tags`, and where it stands.
fn before_next(head: &[u8], element: u8, tags: &[&[u8]]) -> Option<(u8, usize)> {
    memchr::memchr_iter(element, head).find_map(|place| {
        let tag = tags.iter().find(|tag| head[..place].ends_with(tag))?;
        let before = &head[..place - tag.len()];
        let ended = before.trim_ascii_end();
        let last = *ended.last()?;
        let found = match before.get(ended.len()) {
            Some(&line) if is_line_end(line) && (last.is_ascii_alphanumeric() || last == element) => {
                (line, ended.len())
            }
            _ => (last, ended.len() - 1),
        };
        (!found.0.is_ascii_alphanumeric() && found.0 != element && found.0 != b' ').then_some(found)
    })
}

/// A group or a set without an interchange header: the separator follows its tag, the terminator its last field.
fn detect_bare(bytes: &[u8]) -> Option<Detection> {
    let element = *bytes.get(2)?;
    let head = &bytes[..bytes.len().min(ISA_SEARCH_BYTES)];
    let terminator = match bytes.starts_with(b"GS") {
        true => before_next(head, element, &[b"ST"])?.0,
        false => *head[3..].iter().find(|byte| !byte.is_ascii_alphanumeric() && **byte != element)?,
    };
    Some(Detection {
        delimiters: Delimiters::x12(element, if element == b'>' { b':' } else { b'>' }, None, terminator),
        prefix_bytes: 0,
        remarks: Vec::new(),
    })
}

/// ISA11 separates repetitions from envelope version 00402 on, unless it still holds the old standards letter.
fn repetition_of(isa11: &[u8], isa12: &[u8]) -> Option<u8> {
    let [byte] = isa11 else { return None };
    let modern = isa12 >= b"00402".as_slice() && isa12.iter().all(u8::is_ascii_digit);
    (modern && !byte.is_ascii_alphanumeric() && *byte != b' ').then_some(*byte)
}

fn detect_una(bytes: &[u8]) -> Option<Detection> {
    let mut fields = [0; 6];
    fields.copy_from_slice(bytes.get(3..UNA_BYTES)?);
    let mut remarks = Vec::new();
    let mut prefix_bytes = UNA_BYTES;
    if bytes[UNA_BYTES - 1..].starts_with(b"UN") {
        // One character short: nearly always the blank that is reserved.
        remarks.push(Rule::InterchangeHeaderWidth);
        prefix_bytes -= 1;
        (fields[4], fields[5]) = (b' ', fields[4]);
    }
    let [component, element, decimal, release, reserved, terminator] = fields;
    let release = (release != b' ').then_some(release);
    let mut una = Delimiters::edifact(element, component, None, terminator, release, decimal);
    let after = bytes.get(prefix_bytes..).unwrap_or_default();
    let blank = after.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let head = &after[blank..after.len().min(UNB_SEARCH_BYTES).max(blank)];
    if let Some(used) = used_otherwise(head, &una) {
        remarks.push(Rule::InterchangeDelimiterUnused);
        una = used;
    }
    let mut detection = detect_unb(&after[blank..], Some((una, reserved)), prefix_bytes);
    if una.component == una.element || una.terminator == una.element || una.terminator == una.component {
        remarks.push(Rule::InterchangeDelimiterClash);
    }
    detection.remarks.splice(..0, remarks);
    Some(detection)
}

/// The delimiters that the UNB shows, where they are the usual ones and not those that the UNA announces.
fn used_otherwise(head: &[u8], una: &Delimiters) -> Option<Delimiters> {
    let usual = Delimiters::EDIFACT_3;
    if !head.starts_with(b"UNB") || head.get(3) != Some(&usual.element) {
        return None;
    }
    let end = memchr::memchr(usual.terminator, head)?;
    let next = head[end + 1..].trim_ascii_start();
    let is_usual = next.starts_with(b"UNH+") || next.starts_with(b"UNG+") || next.starts_with(b"UNZ+");
    let as_announced = una.element == usual.element && una.terminator == usual.terminator;
    let component_used = head[..end].get(8) == Some(&usual.component);
    (is_usual && (!as_announced || (component_used && una.component != usual.component)))
        .then_some(Delimiters { decimal: una.decimal, ..usual })
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
