//! The envelope segments of EDIFACT: UNB, UNG, UNH, UNT, UNE, UNZ. UNA is read with the delimiters.
//!
//! It does not know what stands between UNH and UNT.

use crate::delimiter::Standard;
use crate::envelope::{Envelope, Flow, Scope, element_finding, trimmed};
use crate::finding::Level;
use crate::listener::Listener;
use crate::report::{GroupHeader, InterchangeHeader, Party, SetHeader};
use crate::rule::Rule;
use crate::segment::{Segment, Tag};
use crate::value;

/// Elements of a UNB.
const UNB_ELEMENTS: usize = 11;

const UNB: Tag = Tag::new("UNB");
const UNG: Tag = Tag::new("UNG");
const UNH: Tag = Tag::new("UNH");
const UNT: Tag = Tag::new("UNT");
const UNE: Tag = Tag::new("UNE");
const UNZ: Tag = Tag::new("UNZ");

impl<L: Listener> Envelope<L> {
    #[inline]
    pub(crate) fn take_edifact(&mut self, segment: &Segment<'_>) -> Flow {
        match segment.tag() {
            UNB => return self.unb(segment),
            UNG => self.ung(segment),
            UNH => self.unh(segment),
            UNT => self.unt(segment),
            UNE => self.une(segment),
            UNZ => return self.unz(segment),
            _ if self.set.is_some() => self.set_segment(segment),
            _ => {
                self.imply_interchange(segment);
                self.outside(segment);
            }
        }
        Flow::Next
    }

    fn unb(&mut self, segment: &Segment<'_>) -> Flow {
        if self.interchange.is_some() {
            return Flow::Restart;
        }
        let text = |number, component| segment.component(number, component).trim_end().to_owned();
        let control = text(5, 1);
        self.open_interchange(InterchangeHeader {
            standard: Standard::Edifact,
            delimiters: *segment.delimiters(),
            ordinal: 0,
            offset: segment.offset(),
            sender: Party { qualifier: text(2, 2), id: text(2, 1) },
            receiver: Party { qualifier: text(3, 2), id: text(3, 1) },
            date: text(4, 1),
            time: text(4, 2),
            control: control.clone(),
            version: format!("{}:{}", text(1, 1), text(1, 2)),
            acknowledgment_requested: segment.element(9).raw() == b"1",
            test: segment.element(11).raw() == b"1",
            implied: false,
        });
        for number in 1..=4 {
            if segment.element(number).is_empty() {
                self.tell_element(Rule::InterchangeHeaderIncomplete, Scope::Interchange, segment, number, None);
            }
        }
        self.check_unb(segment);
        if control.is_empty() || control.len() > 14 {
            let expected = Some("one to fourteen characters".into());
            self.tell_element(Rule::InterchangeControlInvalid, Scope::Interchange, segment, 5, expected);
        } else {
            self.find_double(&format!("{}/{control}", trimmed(segment, 2)), segment, 5);
        }
        Flow::Next
    }

    /// The values of the header. None of them keeps the messages from being read.
    fn check_unb(&mut self, segment: &Segment<'_>) {
        let mut wrong = |number: usize, level: Level, expected: &str| {
            let mut finding = element_finding(Rule::InterchangeHeaderValue, segment, number, Some(expected.to_owned()));
            finding.level = level;
            self.tell(finding, Scope::Interchange, segment.window(), segment.base());
        };
        let syntax = segment.component(1, 1);
        let version = segment.component(1, 2);
        let is_known = match syntax.as_bytes() {
            [b'U', b'N', b'O', letter] => (b'A'..=b'K').contains(letter) || (b'W'..=b'Y').contains(letter),
            // Partners may agree on a set of their own.
            other => other.len() == 4,
        };
        if !segment.element(1).is_empty() && !is_known {
            wrong(1, Level::AcceptWithError, "a character set from UNOA to UNOK, or UNOW to UNOY");
        } else if !segment.element(1).is_empty() && !matches!(version.as_ref(), "1" | "2" | "3" | "4") {
            wrong(1, Level::AcceptWithError, "syntax version 1, 2, 3 or 4");
        }
        let (date, time) = (segment.component(4, 1), segment.component(4, 2));
        let digits = if version == "4" { 8 } else { 6 };
        if !date.is_empty() && !value::is_date(date.as_bytes(), date.len()) {
            wrong(4, Level::AcceptWithError, "a date as YYMMDD; as CCYYMMDD in syntax 4");
        } else if !date.is_empty() && date.len() != digits {
            wrong(
                4,
                Level::Warn,
                if digits == 8 {
                    "a date as CCYYMMDD, as syntax 4 has it"
                } else {
                    "a date as YYMMDD, as syntax 3 has it"
                },
            );
        } else if !time.is_empty() && !value::is_time(time.as_bytes()) {
            wrong(4, Level::AcceptWithError, "a time as HHMM");
        }
        self.too_many(segment, UNB_ELEMENTS, Scope::Interchange);
    }

    fn ung(&mut self, segment: &Segment<'_>) {
        self.imply_interchange(segment);
        self.break_off(2, Some(segment), segment.offset());
        let text = |number, component| segment.component(number, component).trim_end().to_owned();
        let control = text(5, 1);
        self.open_group(GroupHeader {
            ordinal: 0,
            kind: text(1, 1),
            sender: text(2, 1),
            receiver: text(3, 1),
            date: text(4, 1),
            time: text(4, 2),
            control: control.clone(),
            version: format!("{}{}", text(7, 1), text(7, 2)),
            implied: false,
        });
        if segment.element(1).is_empty() {
            self.tell_element(Rule::GroupHeaderValue, Scope::Group, segment, 1, Some("the kind of message".into()));
        }
        let fresh = self.interchange.as_mut().is_none_or(|open| open.group_controls.insert(&control));
        if control.is_empty() || control.len() > 14 {
            let expected = Some("one to fourteen characters".into());
            self.tell_element(Rule::GroupControlInvalid, Scope::Group, segment, 5, expected);
        } else if !fresh {
            self.tell_element(Rule::GroupDuplicate, Scope::Group, segment, 5, None);
        }
    }

    fn unh(&mut self, segment: &Segment<'_>) {
        self.imply_interchange(segment);
        self.break_off(3, Some(segment), segment.offset());
        if self.group.is_none() {
            self.open_group(GroupHeader { implied: true, ..GroupHeader::default() });
        }
        let text = |number, component| segment.component(number, component).trim_end().to_owned();
        let header = SetHeader {
            ordinal: 0,
            id: text(2, 1),
            control: text(1, 1),
            version: format!("{}{}", text(2, 2), text(2, 3)),
            convention: text(2, 5),
            offset: segment.offset(),
        };
        let (id, control) = (header.id.clone(), header.control.clone());
        let kind = self.group.as_ref().map(|open| open.header.kind.clone()).unwrap_or_default();
        self.open_set(header, segment);
        if id.is_empty() || id.len() > 6 {
            self.tell_element(Rule::SetIdInvalid, Scope::Set, segment, 2, Some("a message type, as ORDERS".into()));
        } else if !kind.is_empty() && kind != id {
            self.tell_element(Rule::GroupMixed, Scope::Set, segment, 2, Some(format!("a message of group {kind}")));
        }
        if control.is_empty() || control.len() > 14 {
            let expected = Some("one to fourteen characters".into());
            self.tell_element(Rule::SetControlInvalid, Scope::Set, segment, 1, expected);
        }
    }

    fn unt(&mut self, segment: &Segment<'_>) {
        self.imply_interchange(segment);
        let Some(set) = &self.set else {
            return self.tell_segment(Rule::SetHeaderMissing, Scope::Interchange, segment);
        };
        let control = set.header.control.clone();
        self.set_segment(segment);
        let counted = self.set_segments();
        self.compare_count(Rule::SetCountWrong, Scope::Set, segment, counted);
        let rules = (Rule::SetControlMismatch, Rule::SetControlPadding);
        self.compare_controls(rules, Scope::Set, segment, 2, &control);
        self.close_set(Some(segment), segment.end_offset() + 1);
    }

    fn une(&mut self, segment: &Segment<'_>) {
        self.break_off(3, Some(segment), segment.offset());
        let Some(group) = self.group.as_ref().filter(|open| !open.header.implied) else {
            self.imply_interchange(segment);
            return self.outside(segment);
        };
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

    fn unz(&mut self, segment: &Segment<'_>) -> Flow {
        self.imply_interchange(segment);
        self.break_off(2, Some(segment), segment.offset());
        let Some(interchange) = &self.interchange else { return Flow::Ended };
        let counted = if interchange.explicit_groups > 0 { interchange.explicit_groups } else { interchange.sets };
        let (control, implied) = (interchange.header.control.clone(), interchange.header.implied);
        let claimed = self.compare_count(Rule::InterchangeCountWrong, Scope::Interchange, segment, counted);
        if let Some(interchange) = &mut self.interchange {
            interchange.summary.claimed = claimed;
        }
        if implied {
            // A trailer without a header: here the header was not left out on purpose, it was lost.
            self.tell_segment(Rule::InterchangeHeaderIncomplete, Scope::Interchange, segment);
        } else {
            let rules = (Rule::InterchangeControlMismatch, Rule::InterchangeControlPadding);
            self.compare_controls(rules, Scope::Interchange, segment, 2, &control);
            self.too_many(segment, 2, Scope::Interchange);
            self.tell_empty(Rule::InterchangeEmpty, Scope::Interchange, segment, claimed);
        }
        self.close_interchange(segment.end_offset() + 1);
        Flow::Ended
    }
}
