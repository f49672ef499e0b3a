//! What stands in a segment: elements that must be there, lengths, kinds, codes, and the notes that tie them together.
//!
//! It does not know where the segment stands.

use super::EightBit;
use crate::delimiter::{self, Standard};
use crate::envelope::at_segment;
use crate::finding::{Finding, Source, kept_value};
use crate::overlay::CodeMap;
use crate::rule::Rule;
use crate::scan;
use crate::schema::{Dictionary, ElementRule, Kind, Note, NoteKind, SegmentRule};
use crate::segment::{Element, Segment};
use crate::value;

/// Elements whose presence the notes can ask for.
const NOTED_ELEMENTS: usize = 64;

/// Checks a segment against its rule, with the partner's code maps.
#[inline]
pub(super) fn check(
    dictionary: &Dictionary,
    rule: &SegmentRule,
    segment: &Segment<'_>,
    maps: &[CodeMap],
    eight_bit: EightBit,
    found: &mut Vec<Finding>,
) {
    Look { dictionary, maps, segment, eight_bit, found }.segment(rule);
}

struct Look<'l, 's> {
    dictionary: &'l Dictionary,
    maps: &'l [CodeMap],
    segment: &'l Segment<'s>,
    eight_bit: EightBit,
    found: &'l mut Vec<Finding>,
}

/// Where in the segment a value stands.
#[derive(Clone, Copy)]
struct Spot {
    element: u16,
    component: u16,
    repeat: u16,
}

impl Look<'_, '_> {
    #[inline]
    fn segment(&mut self, rule: &SegmentRule) {
        let rules = self.dictionary.elements(rule);
        let flags = self.segment.flags();
        let present = if flags & (scan::HAS_SUB | scan::HAS_RELEASE | scan::HAS_ODD) == 0 {
            self.plain_elements(rules)
        } else if flags & (scan::HAS_RELEASE | scan::HAS_ODD) == 0 && self.segment.delimiters().repetition().is_none() {
            self.split_elements(rules)
        } else {
            self.pieces(rules)
        };
        if rule.mandatory & !present != 0 {
            for (place, rule) in rules.iter().enumerate() {
                if rule.mandatory && present >> place & 1 == 0 {
                    self.missing(rule, place + 1, 0);
                }
            }
        }
        for note in self.dictionary.notes(rule) {
            if note.kind != NoteKind::Required && 1 << (note.first | note.others).trailing_zeros() > present {
                break;
            }
            if !holds(note, present) {
                self.broken_note(note, rules, present);
            }
        }
    }

    /// A segment without composites, repetitions, release characters and odd bytes: most of X12.
    #[inline]
    fn plain_elements(&mut self, rules: &[ElementRule]) -> u64 {
        let (window, marks) = (self.segment.window(), self.segment.marks());
        let mut present = 0u64;
        let mut end = self.segment.end_in_window();
        if marks.len() > rules.len() {
            self.too_many(rules.len(), marks.len());
        }
        // From the last element to the first, so that each end is the separator just seen.
        for (place, &mark) in marks.iter().enumerate().rev() {
            let value = &window[mark as usize + 1..end as usize];
            end = mark;
            if value.is_empty() {
                continue;
            }
            present |= 1 << (place % NOTED_ELEMENTS);
            let Some(rule) = rules.get(place) else { continue };
            if rule.composite != crate::schema::NONE {
                self.composite_as_simple(rule, place, value);
            } else {
                self.quick_value(rule, value, Spot { element: place as u16 + 1, component: 0, repeat: 1 });
            }
        }
        present
    }

    /// A composite of which only the first component was sent.
    fn composite_as_simple(&mut self, rule: &ElementRule, place: usize, value: &[u8]) {
        let components = self.dictionary.components(rule);
        let spot = Spot { element: place as u16 + 1, component: 1, repeat: 1 };
        if let Some(first) = components.first() {
            self.value(first, value, spot);
        }
        for (component, rule) in components.iter().enumerate().skip(1) {
            if rule.mandatory {
                self.missing(rule, place + 1, component + 1);
            }
        }
    }

    /// Composites, but nothing that needs more than the delimiters already found: most of EDIFACT.
    #[inline]
    fn split_elements(&mut self, rules: &[ElementRule]) -> u64 {
        let (window, marks) = (self.segment.window(), self.segment.marks());
        let separator = self.segment.delimiters().element;
        let last = self.segment.end_in_window();
        let mut present = 0u64;
        let mut at = 0;
        let mut place = 0;
        while at < marks.len() {
            // One element: its pieces reach to the next separator of elements.
            let first = at;
            at += 1;
            while at < marks.len() && window[marks[at] as usize] != separator {
                at += 1;
            }
            let end = marks.get(at).copied().unwrap_or(last);
            if end > marks[first] + 1 {
                present |= 1 << (place % NOTED_ELEMENTS);
                if let Some(rule) = rules.get(place) {
                    self.split_element(rule, place, &marks[first..at], end);
                }
            }
            place += 1;
        }
        if place > rules.len() {
            self.too_many(rules.len(), place);
        }
        present
    }

    /// An element whose component separators are known: `marks` begins with the separator before it.
    #[inline]
    fn split_element(&mut self, rule: &ElementRule, place: usize, marks: &[u32], end: u32) {
        let window = self.segment.window();
        let components = self.dictionary.components(rule);
        let spot = |component: usize| Spot { element: place as u16 + 1, component: component as u16, repeat: 1 };
        let piece = |number: usize| {
            let start = marks[number] as usize + 1;
            &window[start..marks.get(number + 1).map_or(end, |&mark| mark) as usize]
        };
        if components.is_empty() {
            let filled = marks[1..].iter().zip(marks[2.min(marks.len())..].iter().chain([&end]));
            if filled.into_iter().any(|(&from, &to)| to > from + 1) {
                let raw = &window[marks[0] as usize + 1..end as usize];
                return self.tell(Rule::ComponentTooMany, rule, raw, spot(0), Some("a simple value".into()));
            }
            return match piece(0) {
                [] => {}
                value => self.quick_value(rule, value, spot(0)),
            };
        }
        let mut present = 0u64;
        for number in 0..marks.len().min(NOTED_ELEMENTS) {
            let value = piece(number);
            if value.is_empty() {
                continue;
            }
            present |= 1 << number;
            if let Some(rule) = components.get(number) {
                self.quick_value(rule, value, spot(number + 1));
            }
        }
        if marks.len() > components.len() && present >> components.len() != 0 {
            let raw = &window[marks[0] as usize + 1..end as usize];
            let expected = Some(format!("at most {} components", components.len()));
            self.tell(Rule::ComponentTooMany, rule, raw, spot(0), expected);
        }
        let (mandatory, period) = self.dictionary.demands(rule);
        if mandatory & !present != 0 && present != 0 {
            for (number, rule) in components.iter().enumerate() {
                if rule.mandatory && present >> number & 1 == 0 {
                    self.missing(rule, place + 1, number + 1);
                }
            }
        }
        if period && marks.len() >= 3 && present & 2 != 0 && !value::fits_format(piece(1), piece(2)) {
            let expected = format!("a date in format {}", String::from_utf8_lossy(piece(2)));
            self.tell(Rule::ElementDate, &components[1], piece(1), spot(2), Some(expected));
        }
    }

    #[inline]
    fn quick_value(&mut self, rule: &ElementRule, value: &[u8], spot: Spot) {
        if !fits_plain(rule, value) || value[0] == b' ' {
            self.value(rule, value, spot);
        } else if rule.codes != crate::schema::NONE || rule.unused {
            self.code(rule, value, spot);
        }
    }

    /// The general way: elements, their repetitions, their components.
    fn pieces(&mut self, rules: &[ElementRule]) -> u64 {
        let mut present = 0u64;
        let mut count = 0;
        for (place, element) in self.segment.elements().enumerate() {
            count = place + 1;
            if element.is_empty() {
                continue;
            }
            present |= 1 << (place % NOTED_ELEMENTS);
            if let Some(rule) = rules.get(place) {
                self.element(rule, place, &element);
            }
        }
        if count > rules.len() {
            self.too_many(rules.len(), count);
        }
        present
    }

    fn element(&mut self, rule: &ElementRule, place: usize, element: &Element<'_>) {
        let delimiters = self.segment.delimiters();
        let raw = element.raw();
        let repeated = delimiters.repetition().is_some_and(|separator| memchr::memchr(separator, raw).is_some());
        if !repeated {
            return self.repetition(rule, place, 1, element);
        }
        let mut repeats = 0;
        for (repeat, piece) in element.repeats().enumerate() {
            repeats = repeat + 1;
            self.repetition(rule, place, repeats as u16, &piece);
        }
        if repeats > usize::from(rule.repeats) {
            let spot = Spot { element: place as u16 + 1, component: 0, repeat: repeats as u16 };
            let expected = if rule.repeats == 1 { "it once".to_owned() } else { format!("at most {}", rule.repeats) };
            self.tell(Rule::ElementRepeated, rule, raw, spot, Some(expected));
        }
    }

    fn repetition(&mut self, rule: &ElementRule, place: usize, repeat: u16, piece: &Element<'_>) {
        let components = self.dictionary.components(rule);
        let spot = |component: usize| Spot { element: place as u16 + 1, component: component as u16, repeat };
        if components.is_empty() {
            let separator = self.segment.delimiters().component();
            if memchr::memchr(separator, piece.raw()).is_none() {
                return self.value(rule, piece.raw(), spot(0));
            }
            if piece.components().skip(1).any(|component| !component.is_empty()) {
                return self.tell(Rule::ComponentTooMany, rule, piece.raw(), spot(0), Some("a simple value".into()));
            }
            // Separators alone carry no data.
            return match piece.component(1).raw() {
                [] => {}
                value => self.value(rule, value, spot(0)),
            };
        }
        let mut present = 0u64;
        let mut count = 0;
        for (number, component) in piece.components().enumerate() {
            count = number + 1;
            if component.is_empty() {
                continue;
            }
            present |= 1 << (number % NOTED_ELEMENTS);
            if let Some(rule) = components.get(number) {
                self.value(rule, component.raw(), spot(number + 1));
            }
        }
        if count > components.len() && present >> components.len() != 0 {
            let expected = Some(format!("at most {} components", components.len()));
            self.tell(Rule::ComponentTooMany, rule, piece.raw(), spot(0), expected);
        }
        for (number, rule) in components.iter().enumerate() {
            if rule.mandatory && present >> number & 1 == 0 && present != 0 {
                self.missing(rule, place + 1, number + 1);
            }
        }
        if self.dictionary.demands(rule).1 {
            self.period(&components[1], piece, spot(2));
        }
    }

    /// EDIFACT dates carry their own format.
    fn period(&mut self, rule: &ElementRule, piece: &Element<'_>, spot: Spot) {
        let (date, format) = (piece.component(2), piece.component(3));
        if !date.is_empty() && !value::fits_format(date.raw(), format.raw()) {
            let expected = format!("a date in format {}", format.text());
            self.tell(Rule::ElementDate, rule, date.raw(), spot, Some(expected));
        }
    }

    /// One value against its rule, with all that can be odd about it.
    fn value(&mut self, rule: &ElementRule, raw: &[u8], spot: Spot) {
        let bytes = self.without_release(rule, raw, spot);
        let bytes: &[u8] = &bytes;
        if self.segment.flags() & scan::HAS_ODD != 0 {
            self.odd_bytes(rule, bytes, spot);
        }
        if rule.unused {
            return self.tell(Rule::PartnerNotUsed, rule, raw, spot, None);
        }
        if rule.mandatory && bytes.iter().all(|byte| *byte == b' ') {
            return self.tell(Rule::ElementMissing, rule, raw, spot, Some("more than blanks".into()));
        }
        let length = length_of(rule, bytes);
        if !(usize::from(rule.min)..=usize::from(rule.max)).contains(&length) {
            let broken = if length < usize::from(rule.min) { Rule::ElementTooShort } else { Rule::ElementTooLong };
            self.tell(broken, rule, raw, spot, Some(lengths(rule)));
            // A text that is too long can be read; a date that is cannot.
            if matches!(rule.kind, Kind::Date | Kind::Time)
                && let Some(last) = self.found.last_mut()
            {
                last.level = crate::Level::Reject;
            }
            // A code of the wrong length is in no list either; that is said once.
            return;
        } else if let Some((broken, expected)) = wrong_kind(rule.kind, bytes) {
            return self.tell(broken, rule, raw, spot, Some(expected.to_owned()));
        }
        self.code(rule, bytes, spot);
    }

    fn code(&mut self, rule: &ElementRule, bytes: &[u8], spot: Spot) {
        if rule.unused {
            return self.tell(Rule::PartnerNotUsed, rule, bytes, spot, None);
        }
        let Some(list) = self.dictionary.code_list(rule) else { return };
        if !list.closed || list.holds(bytes) {
            return;
        }
        let mapped = self.maps.iter().any(|map| {
            map.tag == self.segment.tag()
                && map.element == spot.element
                && std::str::from_utf8(bytes).is_ok_and(|code| map.codes.contains_key(code))
        });
        if !mapped {
            self.tell(Rule::ElementCode, rule, bytes, spot, Some(list.expected()));
            if list.source == Source::Partner
                && let Some(last) = self.found.last_mut()
            {
                last.source = Source::Partner;
            }
        }
    }

    fn without_release<'r>(&mut self, rule: &ElementRule, raw: &'r [u8], spot: Spot) -> std::borrow::Cow<'r, [u8]> {
        let release = self.segment.delimiters().release;
        if release == delimiter::NONE || self.segment.flags() & scan::HAS_RELEASE == 0 || !raw.contains(&release) {
            return raw.into();
        }
        let mut bytes = Vec::with_capacity(raw.len());
        let mut stray = false;
        let mut rest = raw.iter();
        while let Some(&byte) = rest.next() {
            let byte = if byte == release {
                rest.next().copied().unwrap_or(byte)
            } else {
                bytes.push(byte);
                continue;
            };
            stray |= !self.segment.delimiters().is_special(byte);
            bytes.push(byte);
        }
        if stray {
            self.tell(Rule::ElementStrayRelease, rule, raw, spot, None);
        }
        bytes.into()
    }

    /// Control characters are wrong everywhere; bytes outside ASCII are the partner's business, and told.
    fn odd_bytes(&mut self, rule: &ElementRule, bytes: &[u8], spot: Spot) {
        if bytes.iter().any(|byte| *byte < 0x20) {
            self.tell(Rule::ElementCharacters, rule, bytes, spot, Some("no control characters".into()));
        } else if !bytes.is_ascii() && is_foreign(bytes, self.eight_bit) {
            self.tell(Rule::ElementEncoding, rule, bytes, spot, None);
        }
    }

    fn missing(&mut self, rule: &ElementRule, element: usize, component: usize) {
        let spot = Spot { element: element as u16, component: component as u16, repeat: 1 };
        self.tell(Rule::ElementMissing, rule, &[], spot, None);
    }

    fn too_many(&mut self, known: usize, sent: usize) {
        // Separators alone at the end carry no data.
        let filled = self.segment.elements().enumerate().skip(known).find(|(_, element)| !element.is_empty());
        let mut finding = match filled {
            Some((place, element)) => {
                let mut finding = at_segment(Rule::ElementTooMany, self.segment);
                finding.place.element = place as u16 + 1;
                finding.value = Some(kept_value(element.raw()));
                finding.place.offset = element.offset();
                finding.place.length = element.raw().len() as u32;
                finding
            }
            None => {
                let mut finding = at_segment(Rule::SegmentPadded, self.segment);
                finding.place.element = sent as u16;
                finding
            }
        };
        finding.expected = Some(format!("at most {known} elements"));
        self.found.push(finding);
    }

    fn broken_note(&mut self, note: &Note, rules: &[ElementRule], present: u64) {
        let all = note.first | note.others;
        let (rule, number) = match note.kind {
            NoteKind::Exclusive => (Rule::ElementExcluded, (63 - (present & all).leading_zeros()) as usize + 1),
            NoteKind::Required => (Rule::ElementConditionMissing, note.first.trailing_zeros() as usize + 1),
            _ => (Rule::ElementConditionMissing, (all & !present).trailing_zeros() as usize + 1),
        };
        let Some(element) = rules.get(number - 1) else { return };
        let spot = Spot { element: number as u16, component: 0, repeat: 1 };
        let tag = self.segment.tag();
        let names = |mask: u64| {
            let numbers = (0..NOTED_ELEMENTS).filter(|bit| mask >> bit & 1 == 1);
            numbers.map(|bit| format!("{tag}{:02}", bit + 1)).collect::<Vec<_>>()
        };
        let expected = match note.kind {
            NoteKind::Paired => format!("{} all together or none", names(all).join(", ")),
            NoteKind::Required => format!("at least one of {}", names(all).join(", ")),
            NoteKind::Exclusive => format!("at most one of {}", names(all).join(", ")),
            NoteKind::Conditional => {
                format!("{} as {} is there", names(note.others).join(" and "), names(note.first).join(""))
            }
            NoteKind::List => {
                format!("at least one of {} as {} is there", names(note.others).join(", "), names(note.first).join(""))
            }
        };
        let raw = self.segment.element(number).raw();
        self.tell(rule, element, raw, spot, Some(expected));
    }

    #[cold]
    fn tell(&mut self, rule: Rule, element: &ElementRule, raw: &[u8], spot: Spot, expected: Option<String>) {
        let mut finding = at_segment(rule, self.segment);
        let place = &mut finding.place;
        place.element = spot.element;
        place.component = spot.component;
        place.repeat = spot.repeat;
        let sent = self.segment.element(usize::from(spot.element));
        let (offset, length) = if spot.component > 1 && spot.repeat <= 1 {
            let component = sent.component(usize::from(spot.component));
            if component.raw().is_empty() {
                (sent.offset(), raw.len())
            } else {
                (component.offset(), component.raw().len())
            }
        } else {
            (sent.offset(), raw.len())
        };
        place.offset = offset;
        place.length = length as u32;
        finding.element_number = element.number;
        finding.name = element.name;
        finding.source = element.source;
        finding.value = (!raw.is_empty()).then(|| kept_value(raw));
        finding.expected = expected;
        if self.segment.delimiters().standard() == Standard::Edifact && rule == Rule::ElementTooShort {
            finding.level = finding.level.min(crate::Level::AcceptWithError);
        }
        self.found.push(finding);
    }
}

/// True when bytes outside ASCII do not fit the character set.
fn is_foreign(bytes: &[u8], eight_bit: EightBit) -> bool {
    let utf8 = std::str::from_utf8(bytes).is_ok();
    match eight_bit {
        EightBit::Foreign => true,
        // Between 0x80 and 0x9F no ISO 8859 has letters; a Windows code page was used.
        EightBit::OneByteLetters => utf8 || bytes.iter().any(|byte| (0x80..0xA0).contains(byte)),
        EightBit::Any => !utf8,
    }
}

/// The quick test for a value of plain bytes: true when nothing can be wrong but its code.
#[inline]
fn fits_plain(rule: &ElementRule, value: &[u8]) -> bool {
    match rule.kind {
        Kind::Text | Kind::Code => (usize::from(rule.min)..=usize::from(rule.max)).contains(&value.len()),
        Kind::Integer | Kind::Number | Kind::Decimal => {
            // Digits with at most one point; signs and exponents take the slow way.
            let mut points = 0;
            for &byte in value {
                if !byte.is_ascii_digit() {
                    if byte != b'.' {
                        return false;
                    }
                    points += 1;
                }
            }
            points <= usize::from(rule.kind != Kind::Integer)
                && points < value.len()
                && (usize::from(rule.min)..=usize::from(rule.max)).contains(&(value.len() - points))
        }
        Kind::Date => value.len() == usize::from(rule.max) && value::is_date(value, value.len()),
        Kind::Time => value::is_time(value) && (usize::from(rule.min)..=usize::from(rule.max)).contains(&value.len()),
        Kind::Letters => false,
    }
}

fn length_of(rule: &ElementRule, bytes: &[u8]) -> usize {
    match rule.kind {
        Kind::Integer | Kind::Decimal | Kind::Number => value::number_length(bytes).max(1),
        _ if bytes.is_ascii() => bytes.len(),
        _ => std::str::from_utf8(bytes).map_or(bytes.len(), |text| text.chars().count()),
    }
}

fn lengths(rule: &ElementRule) -> String {
    match (rule.min, rule.max) {
        (min, max) if min == max => format!("{min} characters"),
        (1, max) => format!("at most {max} characters"),
        (min, max) => format!("{min} to {max} characters"),
    }
}

/// The rule that a value of this kind breaks, and what would be right.
fn wrong_kind(kind: Kind, bytes: &[u8]) -> Option<(Rule, &'static str)> {
    let right = match kind {
        Kind::Text | Kind::Code => true,
        Kind::Integer => value::is_integer(bytes),
        Kind::Decimal => value::is_decimal(bytes, b'.', true),
        // The standard takes a comma and a point as decimal mark, whichever the UNA names.
        Kind::Number => value::is_decimal(bytes, b',', false),
        Kind::Date => value::is_date(bytes, bytes.len()),
        Kind::Time => value::is_time(bytes),
        Kind::Letters => bytes.iter().all(|byte| !byte.is_ascii_digit()),
    };
    if right {
        return None;
    }
    Some(match kind {
        Kind::Integer => (Rule::ElementCharacters, "a whole number"),
        Kind::Decimal | Kind::Number => (Rule::ElementCharacters, "a number"),
        Kind::Date => (Rule::ElementDate, "a date as CCYYMMDD"),
        Kind::Time => (Rule::ElementTime, "a time as HHMM, HHMMSS or HHMMSSDD"),
        _ => (Rule::ElementCharacters, "letters"),
    })
}

/// True when a note is kept by what is present.
#[inline]
fn holds(note: &Note, present: u64) -> bool {
    let all = note.first | note.others;
    match note.kind {
        NoteKind::Paired => present & all == 0 || present & all == all,
        NoteKind::Required => present & all != 0,
        NoteKind::Exclusive => (present & all).count_ones() <= 1,
        NoteKind::Conditional => present & note.first == 0 || present & note.others == note.others,
        NoteKind::List => present & note.first == 0 || present & note.others != 0,
    }
}
