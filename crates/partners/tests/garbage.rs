//! Whatever comes in, reading finds and never panics, and says the same twice.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use countersign_partners::dialects::Partners;
use countersign_partners::matching::settle;
use countersign_partners::seam::{Context, Dialect, FINDINGS_MAX};
use proptest::prelude::*;
use serde_json::json;

fn read_all(bytes: &[u8], name: &str) {
    for dialect in ["x12", "eancom", "api", "portal", "wms"] {
        let source = common::source(dialect, &json!({"any_ids": true}));
        let context = Context::new(name, common::received_at());
        let mut reading = Partners.read(&source, bytes, &context);
        assert!(reading.findings.len() <= FINDINGS_MAX);
        let again = Partners.read(&source, bytes, &context);
        assert_eq!(format!("{reading:?}"), format!("{again:?}"));
        let order: Vec<_> =
            ["1: 8 EA of MUG (V-MUG), ship by 2026-11-25, deliver by 2026-11-28"].map(common::ordered_line).into();
        for document in &mut reading.documents {
            settle(document, &order);
        }
    }
}

/// Segments as partners might send them, right and wrong.
fn segment() -> impl Strategy<Value = String> {
    let tags = prop::sample::select(vec![
        "BIA", "LIN", "QTY", "DTM", "SCH", "SDQ", "N1", "REF", "BAK", "PO1", "ACK", "BSN", "HL", "PRF", "SN1", "MAN",
        "TD3", "TD5", "BCA", "BCH", "POC", "BSR", "ISR", "AK1", "AK3", "AK5", "AK9", "OTI", "TED", "W06", "W12", "LS",
        "LE", "N9",
    ]);
    let data = prop::sample::select(vec![
        "",
        "1",
        "0",
        "-3",
        "99999999999",
        "33",
        "17",
        "VN",
        "V-MUG",
        "S",
        "O",
        "I",
        "P",
        "1001-1",
        "20261123",
        "EA",
        "IA",
        "IR",
        "IB",
        "IQ",
        "BP",
        "IS",
        "AC",
        "DI",
        "018",
        "068",
        "2I",
        "CP",
        "é^>",
        "00",
        "01",
        "RD",
        "AT",
        "ATTEMPT-9",
    ]);
    (tags, prop::collection::vec(data, 0..12)).prop_map(|(tag, data)| format!("{tag}*{}", data.join("*")))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn arbitrary_bytes(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        read_all(&bytes, "purchase-orders/1001-1/acknowledgment");
    }

    #[test]
    fn sets_of_arbitrary_segments(
        kind in prop::sample::select(vec!["846", "855", "856", "860", "865", "870", "824", "945", "997"]),
        body in prop::collection::vec(segment(), 0..30),
    ) {
        read_all(&common::x12_interchange(&[(kind.to_owned(), body)]), "a.edi");
    }

    #[test]
    fn files_cut_anywhere(cut in 0_usize..900) {
        let body = ["BAK*00*AC*1001-1*20261123", "PO1*1*8*EA*1**VN*V-MUG", "ACK*IA*8*EA*068*20261125", "CTT*1"];
        let bytes = common::x12_interchange(&[("855".to_owned(), body.map(str::to_owned).to_vec())]);
        read_all(&bytes[..cut.min(bytes.len())], "a.edi");
    }

    #[test]
    fn json_of_any_shape(text in "[\\[\\]{}:,\"a-z0-9 ]{0,80}", kind in prop::sample::select(vec![
        "availability", "purchase-orders/1-1/acknowledgment", "purchase-orders/1-1/shipments", "stock.csv",
    ])) {
        read_all(text.as_bytes(), kind);
        let body = format!("{{\"lines\": [{text}], \"shipment\": 1}}");
        read_all(body.as_bytes(), kind);
    }
}
