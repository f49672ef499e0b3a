//! The envelope segments of EDIFACT: UNB, UNG, UNH, UNT, UNE, UNZ. UNA is read with the delimiters.
//!
//! It does not know what stands between UNH and UNT.

use crate::delimiter::Standard;
use crate::envelope::{Envelope, Flow, Scope, trimmed};
use crate::listener::Listener;
use crate::report::{GroupHeader, InterchangeHeader, Party, SetHeader};
use crate::rule::Rule;
use crate::segment::{Segment, Tag};

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
        if control.is_empty() || control.len() > 14 {
            let expected = Some("one to fourteen characters".into());
            self.tell_element(Rule::InterchangeControlInvalid, Scope::Interchange, segment, 5, expected);
        } else if !self.interchange_controls.insert(&format!("{}/{control}", trimmed(segment, 2))) {
            self.tell_element(Rule::InterchangeDuplicate, Scope::Interchange, segment, 5, None);
        }
        Flow::Next
    }

    /// Messages without UNB are read as if they stood in an interchange.
    fn imply_interchange(&mut self, segment: &Segment<'_>) {
        if self.interchange.is_some() {
            return;
        }
        self.open_interchange(InterchangeHeader {
            standard: Standard::Edifact,
            delimiters: *segment.delimiters(),
            ordinal: 0,
            offset: segment.offset(),
            sender: Party::default(),
            receiver: Party::default(),
            date: String::new(),
            time: String::new(),
            control: String::new(),
            version: String::new(),
            acknowledgment_requested: false,
            test: false,
            implied: true,
        });
        self.tell_segment(Rule::InterchangeHeaderMissing, Scope::Interchange, segment);
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
        }
        self.close_interchange(segment.end_offset() + 1);
        Flow::Ended
    }
}
