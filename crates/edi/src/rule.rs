//! Every rule that reading can find broken: its stable id, its usual level, its codes in each kind of acknowledgment,
//! and its words.
//!
//! One table for 997, 999, TA1 and CONTRL, so that a report and its acknowledgments cannot say different things.
//! It does not know where a rule was broken; that is a [`Finding`](crate::Finding).

use crate::finding::Level;

/// A rule of syntax or of a schema.
///
/// The usual levels follow one thought: what cannot be read or attributed is rejected (a lost trailer, a count that is
/// wrong, an empty mandatory element, a number that is none, a segment in a loop it does not belong to); what can be
/// read although it is not as it should be is accepted, and the error is told (a value too long, a segment too late).
/// A partner overlay or [`ReadOptions::levels`](crate::ReadOptions) can say otherwise for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Rule {
    /// No interchange begins anywhere in the input.
    InputEmpty,
    /// There are bytes outside any interchange; they were skipped.
    InterchangeJunk,
    /// The ISA or UNA does not have its fixed width; the separators were counted instead.
    InterchangeHeaderWidth,
    /// The interchange header is incomplete.
    InterchangeHeaderIncomplete,
    /// Messages or groups stand here without an interchange header around them.
    InterchangeHeaderMissing,
    /// A field of the interchange header has a value that it cannot have.
    InterchangeHeaderValue,
    /// The character after the header cannot be a segment terminator.
    InterchangeTerminatorInvalid,
    /// There is a space before the segment terminator of the header.
    InterchangeTerminatorSpaced,
    /// The segments are ended by line ends although no UNA says so.
    InterchangeTerminatorLine,
    /// One character serves as two different delimiters.
    InterchangeDelimiterClash,
    /// The UNA announces other delimiters than the segments have.
    InterchangeDelimiterUnused,
    /// Line ends stand inside segments; they were read as if they were not there.
    InterchangeLineWrapped,
    /// The input is packed in quoted-printable: a `=` stands before line ends.
    InterchangeQuotedPrintable,
    /// The control number of the interchange trailer is not that of its header.
    InterchangeControlMismatch,
    /// The control numbers of header and trailer agree only when leading zeros are ignored.
    InterchangeControlPadding,
    /// The interchange has no usable control number.
    InterchangeControlInvalid,
    /// The interchange trailer claims another number of groups or messages than were received.
    InterchangeCountWrong,
    /// The interchange ends without its trailer.
    InterchangeTrailerMissing,
    /// This control number was already used by an interchange of the same sender: in this input, or in one that the options name.
    InterchangeDuplicate,
    /// A field of a TA1 has a value that it cannot have.
    AcknowledgmentValue,
    /// The interchange holds no group and no message.
    InterchangeEmpty,
    /// A transaction set stands outside any functional group.
    GroupHeaderMissing,
    /// A field of the group header has a value that it cannot have.
    GroupHeaderValue,
    /// The control number of the group trailer is not that of its header.
    GroupControlMismatch,
    /// The control numbers of group header and trailer agree only when leading zeros are ignored.
    GroupControlPadding,
    /// The group has no usable control number.
    GroupControlInvalid,
    /// The group trailer claims another number of sets than were received.
    GroupCountWrong,
    /// The group ends without its trailer.
    GroupTrailerMissing,
    /// Two groups of this interchange have the same control number.
    GroupDuplicate,
    /// The group holds no set.
    GroupEmpty,
    /// The kind of this set is not the kind that the group header announces.
    GroupMixed,
    /// The control number of the set trailer is not that of its header.
    SetControlMismatch,
    /// The control numbers of set header and trailer agree only when leading zeros are ignored.
    SetControlPadding,
    /// The set has no usable control number.
    SetControlInvalid,
    /// The set trailer claims another number of segments than were received.
    SetCountWrong,
    /// The set ends without its trailer.
    SetTrailerMissing,
    /// A set trailer stands here without a set header before it.
    SetHeaderMissing,
    /// Two sets of this group have the same control number.
    SetDuplicate,
    /// The set header does not say which kind of set this is.
    SetIdInvalid,
    /// No schema is known for this set in this version; beyond the envelope there are only hints.
    SetUnknown,
    /// A segment stands where only envelope segments may stand.
    SegmentOutside,
    /// A segment terminator stands alone, without a segment.
    SegmentEmpty,
    /// A segment is longer than this reader allows; its terminator is probably lost.
    SegmentTooLong,
    /// The last segment is not ended by a terminator.
    SegmentUnterminated,
    /// This segment tag does not exist.
    SegmentUnknown,
    /// This segment does not belong to this kind of set.
    SegmentNotInSet,
    /// This segment may not stand in this place.
    SegmentUnexpected,
    /// This segment comes too late: segments that follow it in the standard stand before it.
    SegmentOutOfOrder,
    /// A mandatory segment is missing.
    SegmentMissing,
    /// This segment is repeated more often than allowed.
    SegmentTooMany,
    /// This loop is repeated more often than allowed.
    LoopTooMany,
    /// A mandatory element is empty.
    ElementMissing,
    /// An element is empty that others in this segment make necessary.
    ElementConditionMissing,
    /// Elements are filled of which only one may be.
    ElementExcluded,
    /// The segment has more elements than the standard knows.
    ElementTooMany,
    /// The element has more components than it may have.
    ComponentTooMany,
    /// The element is repeated more often than allowed.
    ElementRepeated,
    /// The value is too short.
    ElementTooShort,
    /// The value is too long.
    ElementTooLong,
    /// The value holds characters that its type does not allow.
    ElementCharacters,
    /// The code is not in the list for this element.
    ElementCode,
    /// The value is not a date in the form it must have.
    ElementDate,
    /// The value is not a time in the form it must have.
    ElementTime,
    /// A release character stands before a character that needs none; it was dropped.
    ElementStrayRelease,
    /// The value holds bytes outside the character set of the interchange.
    ElementEncoding,
    /// The segment ends with empty elements.
    SegmentPadded,
    /// This hierarchy number was already used in this set.
    HierarchyNumber,
    /// The parent that this hierarchy level names does not exist before it.
    HierarchyParent,
    /// The level above says that it has no levels below it.
    HierarchyChild,
    /// The number of lines that the trailer of the document claims is not the number of lines received.
    TotalWrong,
    /// The partner agreement says that this is not sent.
    PartnerNotUsed,
}

/// The codes a rule has in acknowledgments; 0 where an acknowledgment cannot say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleCodes {
    /// AK304 and IK304, of a segment.
    pub segment: u8,
    /// AK403 and IK403, of an element.
    pub element: u8,
    /// AK502 and IK502, of a set.
    pub set: u8,
    /// AK905, of a group.
    pub group: u8,
    /// TA105, of an interchange.
    pub interchange: u8,
    /// 0085 in CONTRL.
    pub edifact: u8,
}

struct Entry {
    rule: Rule,
    id: &'static str,
    level: Level,
    codes: RuleCodes,
    sentence: &'static str,
    advice: &'static str,
}

const fn codes(segment: u8, element: u8, set: u8, group: u8, interchange: u8, edifact: u8) -> RuleCodes {
    RuleCodes { segment, element, set, group, interchange, edifact }
}

impl Rule {
    /// All rules, in the order of the table.
    pub fn all() -> impl Iterator<Item = Rule> {
        TABLE.iter().map(|entry| entry.rule)
    }

    /// The rule with this id.
    pub fn from_id(id: &str) -> Option<Rule> {
        TABLE.iter().find(|entry| entry.id == id).map(|entry| entry.rule)
    }

    /// The stable id, as `element.too-long`. It never changes its meaning.
    pub fn id(self) -> &'static str {
        self.entry().id
    }

    /// How grave a breach is unless a partner overlay says otherwise.
    pub fn level(self) -> Level {
        self.entry().level
    }

    /// The codes in acknowledgments.
    pub fn codes(self) -> RuleCodes {
        self.entry().codes
    }

    /// What is wrong, in one sentence.
    pub fn sentence(self) -> &'static str {
        self.entry().sentence
    }

    /// What to do about it, in one sentence.
    pub fn advice(self) -> &'static str {
        self.entry().advice
    }

    fn entry(self) -> &'static Entry {
        &TABLE[self as usize]
    }
}

#[rustfmt::skip]
const TABLE: &[Entry] = &[
    Entry { rule: Rule::InputEmpty, id: "input.empty", level: Level::Reject, codes: codes(0, 0, 0, 0, 0, 0),
        sentence: "No interchange begins anywhere in the input.",
        advice: "Send a file that begins with ISA, UNA or UNB; perhaps it is compressed, encrypted, or in another format." },
    Entry { rule: Rule::InterchangeJunk, id: "interchange.junk", level: Level::Warn, codes: codes(0, 0, 0, 0, 0, 0),
        sentence: "There are bytes outside any interchange; they were skipped.",
        advice: "Look at what stands there; if it is a lost interchange, its header is damaged." },
    Entry { rule: Rule::InterchangeHeaderWidth, id: "interchange.header-width", level: Level::Warn, codes: codes(0, 0, 0, 0, 0, 0),
        sentence: "The header does not have its fixed width; its separators were counted instead.",
        advice: "Pad the ISA fields with spaces so that the ISA is 106 bytes long; a UNA has nine." },
    Entry { rule: Rule::InterchangeHeaderIncomplete, id: "interchange.header-incomplete", level: Level::Reject, codes: codes(0, 0, 0, 0, 22, 13),
        sentence: "The interchange header is incomplete.",
        advice: "Send all the mandatory fields of the interchange header." },
    Entry { rule: Rule::InterchangeHeaderMissing, id: "interchange.header-missing", level: Level::Warn, codes: codes(0, 0, 0, 0, 22, 33),
        sentence: "Messages or groups stand here without an interchange header around them.",
        advice: "Wrap them in UNB and UNZ, or ISA and IEA; without them nothing can be acknowledged." },
    Entry { rule: Rule::InterchangeHeaderValue, id: "interchange.header-value", level: Level::AcceptWithError, codes: codes(0, 0, 0, 0, 24, 12),
        sentence: "A field of the interchange header has a value that it cannot have.",
        advice: "Correct the field of the interchange header." },
    Entry { rule: Rule::InterchangeTerminatorInvalid, id: "interchange.terminator-invalid", level: Level::Reject, codes: codes(0, 0, 0, 0, 4, 0),
        sentence: "The character after the header cannot be a segment terminator.",
        advice: "Check the header's length; the terminator must be neither a letter nor a digit." },
    Entry { rule: Rule::InterchangeTerminatorSpaced, id: "interchange.terminator-spaced", level: Level::Warn, codes: codes(0, 0, 0, 0, 0, 0),
        sentence: "There is a space before the segment terminator of the header.",
        advice: "Remove the space between the last header field and the terminator." },
    Entry { rule: Rule::InterchangeTerminatorLine, id: "interchange.terminator-line", level: Level::Warn, codes: codes(0, 0, 0, 0, 0, 0),
        sentence: "The segments are ended by line ends although no UNA says so.",
        advice: "Send a UNA, or end the segments with an apostrophe." },
    Entry { rule: Rule::InterchangeDelimiterClash, id: "interchange.delimiter-clash", level: Level::Reject, codes: codes(0, 0, 0, 0, 27, 0),
        sentence: "One character serves as two different delimiters.",
        advice: "Choose four different characters as delimiters." },
    Entry { rule: Rule::InterchangeDelimiterUnused, id: "interchange.delimiter-unused", level: Level::AcceptWithError, codes: codes(0, 0, 0, 0, 0, 12),
        sentence: "The UNA announces other delimiters than the segments have; those of the segments were used.",
        advice: "Write the UNA with the delimiters that are used, or leave it out." },
    Entry { rule: Rule::InterchangeLineWrapped, id: "interchange.line-wrapped", level: Level::Warn, codes: codes(0, 0, 0, 0, 0, 0),
        sentence: "Line ends stand inside segments; they were read as if they were not there.",
        advice: "Send the file without wrapping its lines." },
    Entry { rule: Rule::InterchangeQuotedPrintable, id: "interchange.quoted-printable", level: Level::Reject, codes: codes(0, 0, 0, 0, 24, 18),
        sentence: "The input is packed in quoted-printable, as mails are: a = stands before line ends, and =3D for =.",
        advice: "Save the text with a mail program, or decode it (qprint -d), and read that." },
    Entry { rule: Rule::InterchangeControlMismatch, id: "interchange.control-mismatch", level: Level::Reject, codes: codes(0, 0, 0, 0, 1, 28),
        sentence: "The control number of the interchange trailer is not that of its header.",
        advice: "Put the header's control number in the trailer." },
    Entry { rule: Rule::InterchangeControlPadding, id: "interchange.control-padding", level: Level::Warn, codes: codes(0, 0, 0, 0, 0, 0),
        sentence: "The control numbers of header and trailer agree only when leading zeros are ignored.",
        advice: "Write the control number with the same zeros in header and trailer." },
    Entry { rule: Rule::InterchangeControlInvalid, id: "interchange.control-invalid", level: Level::Reject, codes: codes(0, 0, 0, 0, 18, 13),
        sentence: "The interchange has no usable control number.",
        advice: "Number the interchange in its header." },
    Entry { rule: Rule::InterchangeCountWrong, id: "interchange.count-wrong", level: Level::Reject, codes: codes(0, 0, 0, 0, 21, 29),
        sentence: "The interchange trailer claims another number of groups or messages than were received.",
        advice: "Compare with what was sent: something was lost, added, or counted wrongly." },
    Entry { rule: Rule::InterchangeTrailerMissing, id: "interchange.trailer-missing", level: Level::Reject, codes: codes(0, 0, 0, 0, 23, 13),
        sentence: "The interchange ends without its trailer.",
        advice: "The file is probably cut off; ask for it again." },
    Entry { rule: Rule::InterchangeDuplicate, id: "interchange.duplicate", level: Level::Warn, codes: codes(0, 0, 0, 0, 25, 26),
        sentence: "This control number was already used by an interchange of the same sender.",
        advice: "Number every interchange anew, unless this is a deliberate resend." },
    Entry { rule: Rule::AcknowledgmentValue, id: "acknowledgment.value", level: Level::AcceptWithError, codes: codes(0, 0, 0, 0, 0, 0),
        sentence: "A field of the TA1 has a value that it cannot have.",
        advice: "Correct the field; what cannot be attributed stops no clock." },
    Entry { rule: Rule::InterchangeEmpty, id: "interchange.empty", level: Level::Warn, codes: codes(0, 0, 0, 0, 0, 32),
        sentence: "The interchange holds no group and no message.",
        advice: "Nothing to do unless something was expected in it." },
    Entry { rule: Rule::GroupHeaderMissing, id: "group.header-missing", level: Level::Reject, codes: codes(0, 0, 0, 0, 24, 0),
        sentence: "A transaction set stands outside any functional group.",
        advice: "Put the sets between GS and GE." },
    Entry { rule: Rule::GroupHeaderValue, id: "group.header-value", level: Level::AcceptWithError, codes: codes(0, 0, 0, 0, 24, 12),
        sentence: "A field of the group header has a value that it cannot have.",
        advice: "Correct the field of the group header." },
    Entry { rule: Rule::GroupControlMismatch, id: "group.control-mismatch", level: Level::Reject, codes: codes(0, 0, 0, 4, 0, 28),
        sentence: "The control number of the group trailer is not that of its header.",
        advice: "Put the header's control number in the trailer." },
    Entry { rule: Rule::GroupControlPadding, id: "group.control-padding", level: Level::Warn, codes: codes(0, 0, 0, 0, 0, 0),
        sentence: "The control numbers of group header and trailer agree only when leading zeros are ignored.",
        advice: "Write the control number with the same zeros in header and trailer." },
    Entry { rule: Rule::GroupControlInvalid, id: "group.control-invalid", level: Level::Reject, codes: codes(0, 0, 0, 6, 0, 13),
        sentence: "The group has no usable control number.",
        advice: "Number the group in its header with one to nine digits." },
    Entry { rule: Rule::GroupCountWrong, id: "group.count-wrong", level: Level::Reject, codes: codes(0, 0, 0, 5, 0, 29),
        sentence: "The group trailer claims another number of sets than were received.",
        advice: "Compare with what was sent: a set was lost, added, or counted wrongly." },
    Entry { rule: Rule::GroupTrailerMissing, id: "group.trailer-missing", level: Level::Reject, codes: codes(0, 0, 0, 3, 0, 13),
        sentence: "The group ends without its trailer.",
        advice: "End the group with its trailer." },
    Entry { rule: Rule::GroupDuplicate, id: "group.duplicate", level: Level::AcceptWithError, codes: codes(0, 0, 0, 19, 0, 26),
        sentence: "Two groups of this interchange have the same control number.",
        advice: "Number every group of an interchange differently." },
    Entry { rule: Rule::GroupEmpty, id: "group.empty", level: Level::Warn, codes: codes(0, 0, 0, 0, 0, 32),
        sentence: "The group holds no set.",
        advice: "Nothing to do unless something was expected in it." },
    Entry { rule: Rule::GroupMixed, id: "group.mixed", level: Level::Warn, codes: codes(0, 0, 6, 0, 0, 31),
        sentence: "The kind of this set is not the kind that the group header announces.",
        advice: "Send each kind of set in a group of its own." },
    Entry { rule: Rule::SetControlMismatch, id: "set.control-mismatch", level: Level::Reject, codes: codes(0, 0, 3, 0, 0, 28),
        sentence: "The control number of the set trailer is not that of its header.",
        advice: "Put the header's control number in the trailer." },
    Entry { rule: Rule::SetControlPadding, id: "set.control-padding", level: Level::Warn, codes: codes(0, 0, 0, 0, 0, 0),
        sentence: "The control numbers of set header and trailer agree only when leading zeros are ignored.",
        advice: "Write the control number with the same zeros in header and trailer." },
    Entry { rule: Rule::SetControlInvalid, id: "set.control-invalid", level: Level::Reject, codes: codes(0, 0, 7, 0, 0, 13),
        sentence: "The set has no usable control number.",
        advice: "Number the set in its header with four to nine characters." },
    Entry { rule: Rule::SetCountWrong, id: "set.count-wrong", level: Level::Reject, codes: codes(0, 0, 4, 0, 0, 29),
        sentence: "The set trailer claims another number of segments than were received.",
        advice: "Count the segments from header to trailer, both included; a segment may have been lost." },
    Entry { rule: Rule::SetTrailerMissing, id: "set.trailer-missing", level: Level::Reject, codes: codes(0, 0, 2, 0, 0, 13),
        sentence: "The set ends without its trailer.",
        advice: "End the set with its trailer; the rest of it may be missing too." },
    Entry { rule: Rule::SetHeaderMissing, id: "set.header-missing", level: Level::Reject, codes: codes(0, 0, 6, 5, 22, 33),
        sentence: "A set trailer stands here without a set header before it.",
        advice: "Begin each set with its header." },
    Entry { rule: Rule::SetDuplicate, id: "set.duplicate", level: Level::AcceptWithError, codes: codes(0, 0, 23, 0, 0, 26),
        sentence: "Two sets of this group have the same control number.",
        advice: "Number every set of a group differently." },
    Entry { rule: Rule::SetIdInvalid, id: "set.id-invalid", level: Level::Reject, codes: codes(0, 0, 6, 0, 0, 12),
        sentence: "The set header does not say which kind of set this is.",
        advice: "Name the set in its header, as 850 or ORDERS." },
    Entry { rule: Rule::SetUnknown, id: "set.unknown", level: Level::Warn, codes: codes(0, 0, 1, 0, 0, 14),
        sentence: "No schema is known for this set in this version; beyond the envelope there are only hints.",
        advice: "Agree on a set and version that both sides know, or read on without checks." },
    Entry { rule: Rule::SegmentOutside, id: "segment.outside", level: Level::Reject, codes: codes(0, 0, 0, 0, 22, 33),
        sentence: "A segment stands where only envelope segments may stand.",
        advice: "Move it into a set, or remove it." },
    Entry { rule: Rule::SegmentEmpty, id: "segment.empty", level: Level::Warn, codes: codes(0, 0, 0, 0, 0, 0),
        sentence: "A segment terminator stands alone, without a segment.",
        advice: "Remove the extra terminator." },
    Entry { rule: Rule::SegmentTooLong, id: "segment.too-long", level: Level::Reject, codes: codes(5, 0, 5, 0, 24, 39),
        sentence: "A segment is longer than this reader allows; its terminator is probably lost.",
        advice: "Check the terminator; data in a segment may hold a stray delimiter." },
    Entry { rule: Rule::SegmentUnterminated, id: "segment.unterminated", level: Level::Warn, codes: codes(0, 0, 0, 0, 0, 0),
        sentence: "The last segment is not ended by a terminator.",
        advice: "End the last segment like all the others." },
    Entry { rule: Rule::SegmentUnknown, id: "segment.unknown", level: Level::Reject, codes: codes(1, 0, 5, 0, 0, 15),
        sentence: "This segment tag does not exist.",
        advice: "Look for a typing error or for a stray terminator in the data before it." },
    Entry { rule: Rule::SegmentNotInSet, id: "segment.not-in-set", level: Level::AcceptWithError, codes: codes(6, 0, 5, 0, 0, 15),
        sentence: "This segment does not belong to this kind of set.",
        advice: "Leave the segment out, or agree on it and allow it in the partner overlay." },
    Entry { rule: Rule::SegmentUnexpected, id: "segment.unexpected", level: Level::Reject, codes: codes(2, 0, 5, 0, 0, 15),
        sentence: "This segment may not stand in this place.",
        advice: "Move it to the loop it belongs to; perhaps the segment that opens the loop is missing." },
    Entry { rule: Rule::SegmentOutOfOrder, id: "segment.out-of-order", level: Level::AcceptWithError, codes: codes(7, 0, 5, 0, 0, 15),
        sentence: "This segment comes too late: segments that follow it in the standard stand before it.",
        advice: "Bring the segments into the order of the standard." },
    Entry { rule: Rule::SegmentMissing, id: "segment.missing", level: Level::AcceptWithError, codes: codes(3, 0, 5, 0, 0, 13),
        sentence: "A mandatory segment is missing.",
        advice: "Send the segment; the loop path says where it belongs." },
    Entry { rule: Rule::SegmentTooMany, id: "segment.too-many", level: Level::AcceptWithError, codes: codes(5, 0, 5, 0, 0, 35),
        sentence: "This segment is repeated more often than allowed.",
        advice: "Send fewer, or agree on more and raise the limit in the partner overlay." },
    Entry { rule: Rule::LoopTooMany, id: "loop.too-many", level: Level::AcceptWithError, codes: codes(4, 0, 5, 0, 0, 35),
        sentence: "This loop is repeated more often than allowed.",
        advice: "Send fewer, or agree on more and raise the limit in the partner overlay." },
    Entry { rule: Rule::ElementMissing, id: "element.missing", level: Level::Reject, codes: codes(8, 1, 5, 0, 0, 13),
        sentence: "A mandatory element is empty.",
        advice: "Fill the element." },
    Entry { rule: Rule::ElementConditionMissing, id: "element.condition-missing", level: Level::AcceptWithError, codes: codes(8, 2, 5, 0, 0, 13),
        sentence: "An element is empty that others in this segment make necessary.",
        advice: "Fill the element, or empty those that need it." },
    Entry { rule: Rule::ElementExcluded, id: "element.excluded", level: Level::AcceptWithError, codes: codes(8, 10, 5, 0, 0, 12),
        sentence: "Elements are filled of which only one may be.",
        advice: "Keep one of them." },
    Entry { rule: Rule::ElementTooMany, id: "element.too-many", level: Level::AcceptWithError, codes: codes(8, 3, 5, 0, 0, 16),
        sentence: "The segment has more elements than the standard knows.",
        advice: "Remove the elements at the end; perhaps the data holds a stray separator." },
    Entry { rule: Rule::ComponentTooMany, id: "component.too-many", level: Level::AcceptWithError, codes: codes(8, 13, 5, 0, 0, 16),
        sentence: "The element has more components than it may have.",
        advice: "Remove the extra components; perhaps the data holds a stray separator." },
    Entry { rule: Rule::ElementRepeated, id: "element.repeated", level: Level::AcceptWithError, codes: codes(8, 12, 5, 0, 0, 35),
        sentence: "The element is repeated more often than allowed.",
        advice: "Send it once, or as often as the standard allows." },
    Entry { rule: Rule::ElementTooShort, id: "element.too-short", level: Level::AcceptWithError, codes: codes(8, 4, 5, 0, 0, 40),
        sentence: "The value is too short.",
        advice: "Send the full value; leading zeros may have been lost." },
    Entry { rule: Rule::ElementTooLong, id: "element.too-long", level: Level::AcceptWithError, codes: codes(8, 5, 5, 0, 0, 39),
        sentence: "The value is too long.",
        advice: "Shorten the value, or agree on more length in the partner overlay." },
    Entry { rule: Rule::ElementCharacters, id: "element.characters", level: Level::Reject, codes: codes(8, 6, 5, 0, 0, 37),
        sentence: "The value holds characters that its type does not allow.",
        advice: "Send only the characters of the type; a number has digits, one sign and one decimal mark." },
    Entry { rule: Rule::ElementCode, id: "element.code", level: Level::Reject, codes: codes(8, 7, 5, 0, 0, 12),
        sentence: "The code is not in the list for this element.",
        advice: "Use one of the codes of the list, or agree on this one in the partner overlay." },
    Entry { rule: Rule::ElementDate, id: "element.date", level: Level::Reject, codes: codes(8, 8, 5, 0, 0, 12),
        sentence: "The value is not a date in the form it must have.",
        advice: "Send a date that exists, in the form the element demands." },
    Entry { rule: Rule::ElementTime, id: "element.time", level: Level::Reject, codes: codes(8, 9, 5, 0, 0, 12),
        sentence: "The value is not a time in the form it must have.",
        advice: "Send a time of day, hours first, two digits each." },
    Entry { rule: Rule::ElementStrayRelease, id: "element.stray-release", level: Level::Warn, codes: codes(0, 0, 0, 0, 0, 0),
        sentence: "A release character stands before a character that needs none; it was dropped.",
        advice: "Write the release character twice if it is meant as data." },
    Entry { rule: Rule::ElementEncoding, id: "element.encoding", level: Level::Warn, codes: codes(0, 0, 0, 0, 0, 0),
        sentence: "The value holds bytes outside the character set of the interchange.",
        advice: "Send the character set that the header names." },
    Entry { rule: Rule::SegmentPadded, id: "segment.padded", level: Level::Warn, codes: codes(0, 0, 0, 0, 0, 0),
        sentence: "The segment ends with empty elements.",
        advice: "Nothing breaks; drop the separators at the end." },
    Entry { rule: Rule::HierarchyNumber, id: "hierarchy.number", level: Level::AcceptWithError, codes: codes(8, 7, 5, 0, 0, 12),
        sentence: "This hierarchy number was already used in this set.",
        advice: "Number the HL segments of a set from 1 upwards." },
    Entry { rule: Rule::HierarchyParent, id: "hierarchy.parent", level: Level::AcceptWithError, codes: codes(8, 7, 5, 0, 0, 12),
        sentence: "The parent that this hierarchy level names does not exist before it.",
        advice: "Name the number of an HL segment that came before." },
    Entry { rule: Rule::HierarchyChild, id: "hierarchy.child", level: Level::Warn, codes: codes(0, 0, 0, 0, 0, 0),
        sentence: "The level above says that it has no levels below it.",
        advice: "Write 1 into HL04 of a level that has others below it, or leave HL04 out." },
    Entry { rule: Rule::TotalWrong, id: "total.wrong", level: Level::Warn, codes: codes(0, 0, 0, 0, 0, 29),
        sentence: "The number of lines that the trailer of the document claims is not the number of lines received.",
        advice: "Compare with what was sent: a line was lost, added, or counted wrongly." },
    Entry { rule: Rule::PartnerNotUsed, id: "partner.not-used", level: Level::Reject, codes: codes(8, 3, 5, 0, 0, 12),
        sentence: "The partner agreement says that this is not sent.",
        advice: "Leave it out, or change the agreement." },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_rules() {
        for (place, entry) in TABLE.iter().enumerate() {
            assert_eq!(entry.rule as usize, place, "{}", entry.id);
            assert_eq!(Rule::from_id(entry.id), Some(entry.rule));
            assert!(entry.sentence.ends_with('.') && entry.advice.ends_with('.'), "{}", entry.id);
        }
    }

    #[test]
    fn what_rejects_a_set_can_be_said_in_a_997() {
        for entry in TABLE {
            let codes = entry.codes;
            if entry.level == Level::Reject && (codes.segment != 0 || codes.element != 0) {
                assert_ne!(codes.set, 0, "{}", entry.id);
            }
        }
    }
}
