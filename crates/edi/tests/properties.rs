//! What must hold for any input: nothing panics, pieces read like the whole, what is written is read back.

use countersign_edi::{
    Collector, Delimiters, Level, LineEnd, OnDelimiter, OnForeign, ReadOptions, StreamReader, Tree, WriteOptions,
    Writer, X12Group, X12Interchange, read,
};
use proptest::prelude::*;

const ORDER: &str = "ISA*00*          *00*          *ZZ*BUYER          *ZZ*VENDOR         *261123*1030*U*00401*000000201*0*T*>~\
    GS*PO*BUYER*VENDOR*20261123*1030*201*X*004010~ST*850*0001~BEG*00*DS*1001-1**20261123~REF*CO*WEB-1~\
    N1*ST*JANE DOE*92*C-7~N3*1 MAIN ST~N4*COLUMBUS*OH*43004*US~PO1*1*3*EA*9.5**VN*MUG*UP*040000000001~CTT*1~SE*9*0001~\
    GE*1*201~IEA*1*000000201~";
const REPORT: &str = "UNA:+.? 'UNB+UNOC:3+B:14+V:14+261123:1030+77'UNH+1+INVRPT:D:96A:UN:EAN004'BGM+35+F1+9'\
    DTM+137:20261123:102'NAD+SU+5790000010790::9'LIN+1++4000000000001:EN'PIA+1+IT?'S:SA'QTY+145:3:PCE'UNT+8+1'UNZ+1+77'";

/// Bytes that look enough like EDI to get deep into the reader: a good document, cut, spliced and spoiled.
fn spoiled() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![Just(ORDER), Just(REPORT)].prop_flat_map(|text| {
        (0..text.len(), 0..text.len()).prop_map(move |(a, b)| text.as_bytes()[a.min(b)..a.max(b)].to_vec())
    });
    let whole = prop_oneof![Just(ORDER), Just(REPORT)].prop_map(|text| text.as_bytes().to_vec());
    let noise = proptest::collection::vec(any::<u8>(), 0..12);
    proptest::collection::vec(prop_oneof![3 => piece, 2 => whole, 2 => noise], 1..6).prop_map(|parts| parts.concat())
}

fn in_pieces(input: &[u8], size: usize) -> countersign_edi::Report {
    let mut reader = StreamReader::new(ReadOptions::default(), Collector::new(10_000));
    input.chunks(size.max(1)).for_each(|piece| reader.push(piece));
    reader.finish().finish(input.len() as u64)
}

proptest! {
    #[test]
    fn reading_never_panics(input in proptest::collection::vec(any::<u8>(), 0..600)) {
        let report = read(&input);
        prop_assert!(!report.interchanges.is_empty() || report.level() == Level::Reject);
    }

    #[test]
    fn reading_spoiled_documents_never_panics_and_pieces_read_like_the_whole(input in spoiled(), size in 1usize..300) {
        prop_assert_eq!(in_pieces(&input, size), read(&input));
    }

    #[test]
    fn findings_point_into_the_input(input in spoiled()) {
        for finding in read(&input).findings {
            prop_assert!(finding.place.offset + u64::from(finding.place.length) <= input.len() as u64 + 1, "{finding}");
            let line = 1 + input[..(finding.place.offset as usize).min(input.len())].iter().filter(|byte| **byte == b'\n').count();
            prop_assert_eq!(finding.place.line, line as u64, "{} {:?}", finding, String::from_utf8_lossy(&input));
        }
    }

    #[test]
    fn a_tree_is_written_as_it_was_read(input in spoiled()) {
        if let Some(tree) = Tree::read(&input) {
            prop_assert_eq!(&tree.write(), &input);
            prop_assert_eq!(Tree::from_json(&tree.to_json()).expect("its own JSON").write(), input);
        }
    }

    #[test]
    fn what_is_written_is_read_back(values in proptest::collection::vec("\\PC{0,20}", 1..8), edifact in any::<bool>()) {
        let delimiters = if edifact { Delimiters::EDIFACT_3 } else { Delimiters::X12_4010 };
        let options = WriteOptions {
            on_delimiter: OnDelimiter::Replace(b' '),
            on_foreign: OnForeign::TransliterateOr(b'.'),
            line_end: LineEnd::Lf,
            ..WriteOptions::new(delimiters)
        };
        let mut writer = Writer::new(options);
        if edifact {
            writer.begin_edifact(&countersign_edi::EdifactInterchange {
                una: true, syntax: "UNOC", version: 3, sender: ("A", "14"), receiver: ("B", "14"), date: "261123", time: "1030",
                control: "1", application: "", acknowledgment_requested: false, test: false,
            });
            writer.begin_message(&countersign_edi::EdifactMessage {
                reference: "1", kind: "ORDERS", version: "D", release: "96A", agency: "UN", association: "",
            });
        } else {
            writer.begin_x12(&X12Interchange {
                sender: ("ZZ", "A"), receiver: ("ZZ", "B"), date: "261123", time: "1030", version: "00401", control: 1,
                acknowledgment_requested: false, usage: 'T',
            });
            writer.begin_group(&X12Group {
                kind: "PO", sender: "A", receiver: "B", date: "20261123", time: "1030", control: 1, version: "004010",
            });
            writer.begin_set("850");
        }
        let mut segment = writer.segment("FTX");
        values.iter().for_each(|value| { segment.element(value); });
        drop(segment);
        let bytes = writer.finish().expect("everything is replaced");
        let report = read(&bytes);
        let (interchange, _, set) = report.sets().next().expect("one set");
        prop_assert_eq!(set.segments, 3);
        prop_assert!(!report.findings.iter().any(|finding| finding.id().contains("count") || finding.id().contains("control")));
        let document = set.document(&bytes, &interchange.header.delimiters);
        let read_back = document.first("FTX").expect("it was written");
        let plain = |text: &str| text.chars().all(|letter| letter == ' ' || letter.is_ascii_alphanumeric());
        for (place, value) in values.iter().enumerate() {
            if plain(value) {
                prop_assert_eq!(read_back.text(place + 1), value.as_str());
            }
        }
    }
}
