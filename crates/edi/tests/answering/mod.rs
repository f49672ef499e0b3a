//! What is answered to an interchange, all of it in one file, for tests that look at answers.

use countersign_edi::{
    AcknowledgmentOptions, ContrlLeg, ContrlOptions, Delimiters, EdifactInterchange, InterchangeReport, OnDelimiter,
    OnForeign, Report, Standard, WriteOptions, Writer, X12Group, X12Interchange, interchange_verdict, wants_functional,
    write_997, write_999, write_contrl, write_ta1,
};

/// TA1, 997 and 999, or CONTRL, in delimiters of our own.
pub fn answer(report: &Report, interchange: &InterchangeReport) -> Vec<u8> {
    let (date, time, control) = ("261123", "1031", 1);
    let is_x12 = interchange.header.standard == Standard::X12;
    let delimiters = if is_x12 { Delimiters::X12_5010 } else { Delimiters::EDIFACT_3 };
    let mut options = WriteOptions::new(delimiters);
    (options.on_delimiter, options.on_foreign) = (OnDelimiter::Replace(b' '), OnForeign::TransliterateOr(b'?'));
    let mut writer = Writer::new(options);
    if is_x12 {
        writer.begin_x12(&X12Interchange {
            sender: ("ZZ", "VENDOR"),
            receiver: ("ZZ", "BUYER"),
            date,
            time,
            version: "00501",
            control,
            acknowledgment_requested: false,
            usage: 'T',
        });
        write_ta1(&interchange_verdict(report, interchange), &mut writer);
        let group = |control| X12Group {
            kind: "FA",
            sender: "VENDOR",
            receiver: "BUYER",
            date: "20261123",
            time,
            control,
            version: "005010",
        };
        if wants_functional(interchange) {
            let options = AcknowledgmentOptions::default();
            writer.begin_group(&group(1));
            write_997(report, interchange, options, &mut writer);
            writer.begin_group(&group(2));
            write_999(report, interchange, options, &mut writer);
        }
    } else {
        writer.begin_edifact(&EdifactInterchange {
            una: true,
            syntax: "UNOC",
            version: 3,
            sender: ("V", "14"),
            receiver: ("B", "14"),
            date,
            time,
            control: "1",
            application: "",
            acknowledgment_requested: false,
            test: false,
        });
        let legs = [(ContrlLeg::Receipt, "1"), (ContrlLeg::Acceptance, "2")];
        for (leg, reference) in legs {
            write_contrl(report, interchange, leg, reference, &ContrlOptions::default(), &mut writer);
        }
    }
    writer.finish().unwrap_or_else(|errors| panic!("{errors:?}"))
}
