//! Refusals for business reasons: 824 and APERAK. The syntax was right; what the document asks for is not possible.
//!
//! It does not know why: the reasons come from the caller, who knows the business.

use crate::write::{EdifactMessage, Writer};

/// What became of a document as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Taken.
    Accepted,
    /// Taken, with remarks.
    AcceptedWithErrors,
    /// Not taken.
    Refused,
}

/// One reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reason<'a> {
    /// TED01 or ERC code; `ZZZ` in an 824 means "see the text".
    pub code: &'a str,
    /// For a person.
    pub text: &'a str,
    /// Tag of the segment concerned, may be empty.
    pub segment: &'a str,
    /// Its number in the set, 0 when unknown.
    pub position: u32,
    /// The value concerned, may be empty.
    pub value: &'a str,
}

/// A document that is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answered<'a> {
    /// Kind of the reference, `PO` or `ON`.
    pub reference_kind: &'a str,
    /// The reference, as an order number.
    pub reference: &'a str,
    /// Id of the set, `850`; not used in APERAK.
    pub set: &'a str,
    /// Control number of its group; not used in APERAK.
    pub group_control: &'a str,
    /// Control number of the set, or message reference.
    pub set_control: &'a str,
}

/// Writes an 824 into an open `AG` group. `number` is ours for it, `date` CCYYMMDD.
pub fn write_824(
    number: &str,
    date: &str,
    verdict: Verdict,
    about: &Answered<'_>,
    reasons: &[Reason<'_>],
    writer: &mut Writer,
) {
    writer.begin_set("824").simple("BGN", &["00", number, date]);
    let code = match verdict {
        Verdict::Accepted => "TA",
        Verdict::AcceptedWithErrors => "TE",
        Verdict::Refused => "TR",
    };
    let Answered { reference_kind, reference, set, group_control, set_control } = *about;
    writer.simple("OTI", &[code, reference_kind, reference, "", "", "", "", group_control, set_control, set]);
    for reason in reasons {
        let text = cut(reason.text, 60);
        let position = if reason.position > 0 { reason.position.to_string() } else { String::new() };
        writer.simple("TED", &[reason.code, text, reason.segment, &position, "", "", cut(reason.value, 99)]);
        if text.len() < reason.text.len() {
            writer.simple("NTE", &["", cut(reason.text, 80)]);
        }
    }
    writer.end_set();
}

/// Writes an APERAK into an open EDIFACT interchange. `number` is ours for it, `date` CCYYMMDD.
pub fn write_aperak(
    message: &EdifactMessage<'_>,
    number: &str,
    date: &str,
    verdict: Verdict,
    about: &Answered<'_>,
    reasons: &[Reason<'_>],
    writer: &mut Writer,
) {
    writer.begin_message(message);
    let response = match verdict {
        Verdict::Accepted => "AP",
        Verdict::AcceptedWithErrors => "AI",
        Verdict::Refused => "RE",
    };
    writer.simple("BGM", &["", number, "9", response]);
    writer.segment("DTM").composite(&["137", date, "102"]);
    writer.segment("RFF").composite(&[about.reference_kind, about.reference]);
    writer.segment("RFF").composite(&["ACW", about.set_control]);
    for reason in reasons {
        writer.segment("ERC").composite(&[reason.code]);
        writer.segment("FTX").element("AAO").skip(2).composite(&[cut(reason.text, 70), cut(reason.value, 70)]);
    }
    writer.end_set();
}

/// The beginning of a text, not longer than `letters`.
fn cut(text: &str, letters: usize) -> &str {
    text.char_indices().nth(letters).map_or(text, |(end, _)| &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::write::{EdifactInterchange, WriteOptions, X12Group, X12Interchange};
    use crate::{Delimiters, read};

    const REASON: Reason<'_> = Reason {
        code: "ZZZ",
        text: "The order was cancelled before it was shipped",
        segment: "PO1",
        position: 7,
        value: "MUG-1",
    };

    #[test]
    fn an_824_is_valid() {
        let mut writer = Writer::new(WriteOptions::new(Delimiters::X12_4010));
        writer.begin_x12(&X12Interchange {
            sender: ("ZZ", "A"),
            receiver: ("ZZ", "B"),
            date: "261123",
            time: "1030",
            version: "00401",
            control: 1,
            acknowledgment_requested: false,
            usage: 'T',
        });
        let (kind, version) = ("AG", "004010");
        writer.begin_group(&X12Group {
            kind,
            sender: "A",
            receiver: "B",
            date: "20261123",
            time: "1030",
            control: 1,
            version,
        });
        let about =
            Answered { reference_kind: "PO", reference: "1001-1", set: "856", group_control: "9", set_control: "0001" };
        write_824("77", "20261123", Verdict::Refused, &about, &[REASON], &mut writer);
        let bytes = writer.finish().expect("nothing to refuse");
        let report = read(&bytes);
        assert!(report.findings.is_empty(), "{:?}", report.findings);
    }

    #[test]
    fn an_aperak_is_valid() {
        let mut writer = Writer::new(WriteOptions::new(Delimiters::EDIFACT_3));
        writer.begin_edifact(&EdifactInterchange {
            una: false,
            syntax: "UNOC",
            version: 3,
            sender: ("A", "14"),
            receiver: ("B", "14"),
            date: "261123",
            time: "1030",
            control: "1",
            application: "",
            acknowledgment_requested: false,
            test: false,
        });
        let message = EdifactMessage {
            reference: "1",
            kind: "APERAK",
            version: "D",
            release: "96A",
            agency: "UN",
            association: "",
        };
        let about =
            Answered { reference_kind: "ON", reference: "1001-1", set: "", group_control: "", set_control: "5" };
        write_aperak(&message, "77", "20261123", Verdict::Refused, &about, &[REASON], &mut writer);
        let report = read(&writer.finish().expect("nothing to refuse"));
        assert!(report.findings.is_empty(), "{:?}", report.findings);
    }
}
