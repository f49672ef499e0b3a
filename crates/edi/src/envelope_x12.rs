//! The envelope segments of X12: ISA, TA1, GS, ST, SE, GE, IEA.
//!
//! It does not know what stands between ST and SE.

use crate::envelope::{Envelope, Flow, Scope, trimmed};
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
        let control = trimmed(segment, 13);
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
        // The header is split at element separators alone: ISA16 is itself the component separator.
        if segment.raw().iter().filter(|&&byte| byte == segment.delimiters().element()).count() != 16 {
            self.tell_segment(Rule::InterchangeHeaderIncomplete, Scope::Interchange, segment);
        }
        self.check_isa(segment);
        let sender = format!("{}/{}/{control}", trimmed(segment, 6), trimmed(segment, 8));
        if control.is_empty() || !control.bytes().all(|byte| byte.is_ascii_digit()) || control.len() > 9 {
            self.tell_element(
                Rule::InterchangeControlInvalid,
                Scope::Interchange,
                segment,
                13,
                Some("nine digits".into()),
            );
        } else if !self.interchange_controls.insert(&sender) {
            self.tell_element(Rule::InterchangeDuplicate, Scope::Interchange, segment, 13, None);
        }
        Flow::Next
    }

    fn check_isa(&mut self, segment: &Segment<'_>) {
        let mut wrong = |number: usize, expected: &str| {
            self.tell_element(
                Rule::InterchangeHeaderValue,
                Scope::Interchange,
                segment,
                number,
                Some(expected.to_owned()),
            );
        };
        for number in [1, 3, 5, 7] {
            if segment.element(number).raw().trim_ascii().len() != 2 {
                wrong(number, "two characters");
            }
        }
        for number in [6, 8] {
            if segment.element(number).raw().trim_ascii().is_empty() {
                wrong(number, "an id");
            }
        }
        if !value::is_date(segment.element(9).raw(), 6) {
            wrong(9, "a date as YYMMDD");
        }
        if !value::is_time(segment.element(10).raw()) {
            wrong(10, "a time as HHMM");
        }
        let version = segment.element(12).raw();
        if version.len() != 5 || !version.iter().all(u8::is_ascii_digit) {
            wrong(12, "a version of five digits, as 00401");
        }
        if !matches!(segment.element(14).raw(), b"0" | b"1") {
            wrong(14, "0 or 1");
        }
        if !matches!(segment.element(15).raw(), b"P" | b"T" | b"I") {
            wrong(15, "P, T or I");
        }
    }

    fn ta1(&mut self, segment: &Segment<'_>) {
        self.listener.acknowledgment(InterchangeAcknowledgment {
            control: trimmed(segment, 1),
            date: trimmed(segment, 2),
            time: trimmed(segment, 3),
            code: trimmed(segment, 4),
            note: trimmed(segment, 5),
            offset: segment.offset(),
        });
    }

    fn gs(&mut self, segment: &Segment<'_>) {
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
        if segment.element(8).is_empty() {
            self.tell_element(Rule::GroupHeaderValue, Scope::Group, segment, 8, Some("a version, as 004010".into()));
        }
    }

    fn st(&mut self, segment: &Segment<'_>) {
        self.break_off(3, Some(segment), segment.offset());
        if self.group.is_none() {
            let version =
                self.interchange.as_ref().map(|open| format!("0{}0", &open.header.version)).unwrap_or_default();
            self.open_group(GroupHeader { implied: true, version, ..GroupHeader::default() });
            self.tell_segment(Rule::GroupHeaderMissing, Scope::Interchange, segment);
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
            self.tell_element(Rule::SetControlInvalid, Scope::Set, segment, 2, Some("four to nine characters".into()));
        }
        if let Some((_, group)) = GROUP_OF_SET.iter().find(|(set, _)| *set == id)
            && *group != kind
            && !kind.is_empty()
        {
            self.tell_element(Rule::GroupMixed, Scope::Set, segment, 1, Some(format!("a set of group {kind}")));
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
        self.close_group();
    }

    fn iea(&mut self, segment: &Segment<'_>) -> Flow {
        self.break_off(2, Some(segment), segment.offset());
        let Some(interchange) = &self.interchange else { return Flow::Ended };
        let (control, groups) = (interchange.header.control.clone(), interchange.explicit_groups);
        let claimed = self.compare_count(Rule::InterchangeCountWrong, Scope::Interchange, segment, groups);
        if let Some(interchange) = &mut self.interchange {
            interchange.summary.claimed = claimed;
        }
        let rules = (Rule::InterchangeControlMismatch, Rule::InterchangeControlPadding);
        self.compare_controls(rules, Scope::Interchange, segment, 2, &control);
        self.close_interchange(segment.end_offset() + 1);
        Flow::Ended
    }
}
