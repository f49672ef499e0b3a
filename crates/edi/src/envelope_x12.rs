//! The envelope segments of X12: ISA, TA1, GS, ST, SE, GE, IEA.
//!
//! It does not know what stands between ST and SE.

use crate::delimiter;
use crate::envelope::{Envelope, Flow, Scope, at_segment, element_finding, is_x12_version, trimmed};
use crate::finding::Level;
use crate::listener::Listener;
use crate::report::{GroupHeader, InterchangeAcknowledgment, InterchangeHeader, Party, SetHeader};
use crate::rule::Rule;
use crate::segment::{Segment, Tag};
use crate::value;

const ISA: Tag = Tag::new("ISA");
const ISB: Tag = Tag::new("ISB");
const ISE: Tag = Tag::new("ISE");
const ISX: Tag = Tag::new("ISX");
const TA1: Tag = Tag::new("TA1");
const TA3: Tag = Tag::new("TA3");
const GS: Tag = Tag::new("GS");
const ST: Tag = Tag::new("ST");
const SE: Tag = Tag::new("SE");
const GE: Tag = Tag::new("GE");
const IEA: Tag = Tag::new("IEA");

/// What an ISA is made of.
pub(crate) const ISA_FIELDS: &str = "16 fields, the last of them the component separator";

/// The last note that a TA1 can have.
const TA1_NOTE_MAX: u8 = 31;

/// Which functional group a set travels in.
const GROUP_OF_SET: [(&str, &str); 16] = [
    ("180", "AN"),
    ("810", "IN"),
    ("820", "RA"),
    ("824", "AG"),
    ("846", "IB"),
    ("850", "PO"),
    ("855", "PR"),
    ("856", "SH"),
    ("860", "PC"),
    ("865", "CA"),
    ("869", "RS"),
    ("870", "RS"),
    ("940", "OW"),
    ("945", "SW"),
    ("997", "FA"),
    ("999", "FA"),
];

impl<L: Listener> Envelope<L> {
    #[inline]
    pub(crate) fn take_x12(&mut self, segment: &Segment<'_>) -> Flow {
        match segment.tag() {
            ISA => return self.isa(segment),
            GS => self.gs(segment),
            ST => self.st(segment),
            SE => self.se(segment),
            GE => self.ge(segment),
            IEA => return self.iea(segment),
            TA1 if self.set.is_none() => self.ta1(segment),
            ISB | ISE | ISX | TA3 if self.set.is_none() => {}
            _ if self.set.is_some() => self.set_segment(segment),
            _ => self.outside(segment),
        }
        Flow::Next
    }

    fn isa(&mut self, segment: &Segment<'_>) -> Flow {
        if self.interchange.is_some() {
            return Flow::Restart;
        }
        let party = |qualifier, id| Party { qualifier: trimmed(segment, qualifier), id: trimmed(segment, id) };
        // The header is split at element separators alone: ISA16 is itself the component separator.
        let separators = segment.raw().iter().filter(|&&byte| byte == segment.delimiters().element()).count();
        let is_whole = separators == 16;
        let mut control = trimmed(segment, 13);
        let is_number = control.len() == 9 && control.bytes().all(|byte| byte.is_ascii_digit());
        if !is_whole && !is_number {
            // What stands in its place is another field.
            control.clear();
        }
        self.open_interchange(InterchangeHeader {
            standard: segment.delimiters().standard(),
            delimiters: *segment.delimiters(),
            ordinal: 0,
            offset: segment.offset(),
            sender: party(5, 6),
            receiver: party(7, 8),
            date: trimmed(segment, 9),
            time: trimmed(segment, 10),
            control: control.clone(),
            version: trimmed(segment, 12),
            acknowledgment_requested: segment.element(14).raw() == b"1",
            test: segment.element(15).raw() == b"T",
            implied: false,
        });
        if !is_whole {
            let mut finding = at_segment(Rule::InterchangeHeaderIncomplete, segment);
            finding.value = Some(format!("{separators} fields"));
            finding.expected = Some(ISA_FIELDS.into());
            self.tell(finding, Scope::Interchange, segment.window(), segment.base());
        } else {
            self.check_isa(segment);
        }
        let sender = format!("{}/{}/{control}", trimmed(segment, 6), trimmed(segment, 8));
        if !is_whole {
            return Flow::Next;
        }
        if control.is_empty() || !control.bytes().all(|byte| byte.is_ascii_digit()) || control.len() > 9 {
            self.tell_element(
                Rule::InterchangeControlInvalid,
                Scope::Interchange,
                segment,
                13,
                Some("nine digits".into()),
            );
        } else {
            self.find_double(&sender, segment, 13);
        }
        Flow::Next
    }

    fn check_isa(&mut self, segment: &Segment<'_>) {
        let mut wrong = |number: usize, level: Level, expected: &str| {
            let mut finding = element_finding(Rule::InterchangeHeaderValue, segment, number, Some(expected.to_owned()));
            finding.level = level;
            self.tell(finding, Scope::Interchange, segment.window(), segment.base());
        };
        let error = Level::AcceptWithError;
        let field = |number: usize| segment.element(number).raw().trim_ascii();
        for number in [1, 3, 5, 7] {
            if field(number).len() != 2 {
                wrong(number, error, "two characters");
            } else if number > 4 && !is_qualifier(field(number)) {
                wrong(number, Level::Warn, "a qualifier of the standard, as ZZ, 01, 08, 12 or 14");
            }
        }
        for number in [6, 8] {
            if field(number).is_empty() {
                wrong(number, error, "an id");
            }
        }
        if !value::is_date(segment.element(9).raw(), 6) {
            wrong(9, error, "a date as YYMMDD");
        }
        if !value::is_time(segment.element(10).raw()) {
            wrong(10, error, "a time as HHMM");
        }
        let (separator, version) = (field(11), segment.element(12).raw());
        if version.len() != 5
            || !version.iter().all(u8::is_ascii_digit)
            || !(b"00200".as_slice()..b"00900").contains(&version)
        {
            wrong(12, error, "a version of five digits, as 00401");
        } else if version >= b"00402".as_slice() && segment.delimiters().repetition().is_none() {
            wrong(11, Level::Warn, "a separator of repetitions that serves nothing else, as ^");
        } else if version < b"00402".as_slice() && separator.is_empty() {
            wrong(11, Level::Warn, "U");
        }
        if !matches!(segment.element(14).raw(), b"0" | b"1") {
            wrong(14, error, "0 or 1");
        }
        if !matches!(segment.element(15).raw(), b"P" | b"T" | b"I") {
            wrong(15, error, "P, T or I");
        }
        if segment.delimiters().component() == delimiter::NONE {
            wrong(16, error, "a component separator that is neither letter, digit nor blank");
        }
    }

    fn ta1(&mut self, segment: &Segment<'_>) {
        if let Some(open) = &mut self.interchange {
            open.acknowledged = true;
        }
        self.listener.acknowledgment(InterchangeAcknowledgment {
            control: trimmed(segment, 1),
            date: trimmed(segment, 2),
            time: trimmed(segment, 3),
            code: trimmed(segment, 4),
            note: trimmed(segment, 5),
            offset: segment.offset(),
        });
        let control = trimmed(segment, 1);
        let note = trimmed(segment, 5);
        let checks = [
            (
                1,
                !control.is_empty() && control.len() <= 9 && control.bytes().all(|byte| byte.is_ascii_digit()),
                "nine digits",
            ),
            (2, value::is_date(trimmed(segment, 2).as_bytes(), 6), "a date as YYMMDD"),
            (3, value::is_time(trimmed(segment, 3).as_bytes()), "a time as HHMM"),
            (4, matches!(trimmed(segment, 4).as_str(), "A" | "E" | "R"), "A, E or R"),
            (5, note.len() == 3 && note.parse::<u8>().is_ok_and(|note| note <= TA1_NOTE_MAX), "a note from 000 to 031"),
        ];
        for (number, _, expected) in checks.into_iter().filter(|(_, right, _)| !right) {
            let mut finding = element_finding(Rule::AcknowledgmentValue, segment, number, Some(expected.into()));
            if number <= 3 {
                // A faulty header is given back as it came.
                finding.level = Level::Warn;
            }
            self.tell(finding, Scope::Interchange, segment.window(), segment.base());
        }
    }

    fn gs(&mut self, segment: &Segment<'_>) {
        self.imply_interchange(segment);
        self.break_off(2, Some(segment), segment.offset());
        let control = trimmed(segment, 6);
        self.open_group(GroupHeader {
            ordinal: 0,
            kind: trimmed(segment, 1),
            sender: trimmed(segment, 2),
            receiver: trimmed(segment, 3),
            date: trimmed(segment, 4),
            time: trimmed(segment, 5),
            control: control.clone(),
            version: trimmed(segment, 8),
            implied: false,
        });
        for (number, expected) in [(2, "the sender's id"), (3, "the receiver's id")] {
            if trimmed(segment, number).is_empty() {
                self.tell_element(Rule::GroupHeaderValue, Scope::Group, segment, number, Some(expected.into()));
            }
        }
        if segment.element(1).raw().len() != 2 {
            self.tell_element(Rule::GroupHeaderValue, Scope::Group, segment, 1, Some("two letters, as PO".into()));
        }
        if !value::is_date(segment.element(4).raw(), 8) && !value::is_date(segment.element(4).raw(), 6) {
            self.tell_element(Rule::GroupHeaderValue, Scope::Group, segment, 4, Some("a date as CCYYMMDD".into()));
        }
        if !value::is_time(segment.element(5).raw()) {
            self.tell_element(Rule::GroupHeaderValue, Scope::Group, segment, 5, Some("a time as HHMM".into()));
        }
        let fresh = self.interchange.as_mut().is_none_or(|open| open.group_controls.insert(&control));
        if control.is_empty() || control.len() > 9 || !control.bytes().all(|byte| byte.is_ascii_digit()) {
            self.tell_element(Rule::GroupControlInvalid, Scope::Group, segment, 6, Some("one to nine digits".into()));
        } else if !fresh {
            self.tell_element(Rule::GroupDuplicate, Scope::Group, segment, 6, None);
        }
        if !matches!(trimmed(segment, 7).as_str(), "X" | "T") {
            self.tell_element(Rule::GroupHeaderValue, Scope::Group, segment, 7, Some("X".into()));
        }
        if !is_x12_version(&trimmed(segment, 8)) {
            self.tell_element(Rule::GroupHeaderValue, Scope::Group, segment, 8, Some("a version, as 004010".into()));
        }
        self.too_many(segment, 8, Scope::Group);
    }

    fn st(&mut self, segment: &Segment<'_>) {
        self.imply_interchange(segment);
        self.break_off(3, Some(segment), segment.offset());
        if self.group.is_none() {
            // The envelope's version is the best guess at that of the set: 00401 and 004010.
            let open = self.interchange.as_ref().expect("because one was implied");
            let (version, implied) = (format!("{}0", open.header.version), open.header.implied);
            self.open_group(GroupHeader { implied: true, version, ..GroupHeader::default() });
            if !implied {
                self.tell_segment(Rule::GroupHeaderMissing, Scope::Interchange, segment);
            }
        }
        let (kind, version) =
            self.group.as_ref().map(|open| (open.header.kind.clone(), open.header.version.clone())).unwrap_or_default();
        let header = SetHeader {
            ordinal: 0,
            id: trimmed(segment, 1),
            control: trimmed(segment, 2),
            version,
            convention: trimmed(segment, 3),
            offset: segment.offset(),
        };
        let (id, control) = (header.id.clone(), header.control.clone());
        self.open_set(header, segment);
        if id.len() != 3 {
            self.tell_element(Rule::SetIdInvalid, Scope::Set, segment, 1, Some("three characters, as 850".into()));
        }
        if !(4..=9).contains(&control.len()) {
            let expected = Some("four to nine characters".into());
            let mut finding = element_finding(Rule::SetControlInvalid, segment, 2, expected);
            if (1..4).contains(&control.len()) {
                // It is short, and tells the set from others all the same.
                finding.level = Level::AcceptWithError;
            }
            self.tell(finding, Scope::Set, segment.window(), segment.base());
        }
        if let Some((_, group)) = GROUP_OF_SET.iter().find(|(set, _)| *set == id)
            && *group != kind
            && !kind.is_empty()
        {
            let mut finding = element_finding(Rule::GroupMixed, segment, 1, Some(format!("a set of group {kind}")));
            finding.level = Level::AcceptWithError;
            self.tell(finding, Scope::Set, segment.window(), segment.base());
        }
    }

    fn se(&mut self, segment: &Segment<'_>) {
        let Some(set) = &self.set else {
            let scope = if self.group.is_some() { Scope::Group } else { Scope::Interchange };
            return self.tell_segment(Rule::SetHeaderMissing, scope, segment);
        };
        let control = set.header.control.clone();
        self.set_segment(segment);
        let counted = self.set_segments();
        self.compare_count(Rule::SetCountWrong, Scope::Set, segment, counted);
        let rules = (Rule::SetControlMismatch, Rule::SetControlPadding);
        self.compare_controls(rules, Scope::Set, segment, 2, &control);
        self.close_set(Some(segment), segment.end_offset() + 1);
    }

    fn ge(&mut self, segment: &Segment<'_>) {
        self.break_off(3, Some(segment), segment.offset());
        let Some(group) = self.group.as_ref().filter(|open| !open.header.implied) else { return self.outside(segment) };
        let (control, received) = (group.header.control.clone(), group.summary.received);
        let claimed = self.compare_count(Rule::GroupCountWrong, Scope::Group, segment, received);
        if let Some(group) = &mut self.group {
            group.summary.claimed = claimed;
        }
        let rules = (Rule::GroupControlMismatch, Rule::GroupControlPadding);
        self.compare_controls(rules, Scope::Group, segment, 2, &control);
        self.too_many(segment, 2, Scope::Group);
        self.tell_empty(Rule::GroupEmpty, Scope::Group, segment, claimed);
        self.close_group();
    }

    fn iea(&mut self, segment: &Segment<'_>) -> Flow {
        self.break_off(2, Some(segment), segment.offset());
        let Some(interchange) = &self.interchange else { return Flow::Ended };
        let (control, groups) = (interchange.header.control.clone(), interchange.explicit_groups);
        let interchange_implied = interchange.header.implied;
        let claimed = self.compare_count(Rule::InterchangeCountWrong, Scope::Interchange, segment, groups);
        if let Some(interchange) = &mut self.interchange {
            interchange.summary.claimed = claimed;
        }
        let rules = (Rule::InterchangeControlMismatch, Rule::InterchangeControlPadding);
        if interchange_implied {
            // A trailer without a header: here the header was not left out on purpose, it was lost.
            self.tell_segment(Rule::InterchangeHeaderIncomplete, Scope::Interchange, segment);
        } else {
            self.compare_controls(rules, Scope::Interchange, segment, 2, &control);
            self.too_many(segment, 2, Scope::Interchange);
            self.tell_empty(Rule::InterchangeEmpty, Scope::Interchange, segment, claimed);
        }
        self.close_interchange(segment.end_offset() + 1);
        Flow::Ended
    }
}

/// Qualifiers of sender and receiver (I05).
fn is_qualifier(code: &[u8]) -> bool {
    match code {
        b"AM" | b"NR" | b"SA" | b"SN" | b"ZZ" => true,
        [b'0'..=b'3', b'0'..=b'9'] => code != b"00",
        _ => false,
    }
}
