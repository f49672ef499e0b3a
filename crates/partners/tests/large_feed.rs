//! A feed as large as they come: a hundred thousand items in ten sets are one advice, read in time that grows with it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use countersign_engine::document::Inbound;
use countersign_partners::dialects::Partners;
use countersign_partners::seam::{Context, Dialect};
use serde_json::json;
use std::time::Instant;

#[test]
fn a_hundred_thousand_items_in_ten_sets_are_one_full_feed() {
    let sets: Vec<(String, Vec<String>)> = (0..10)
        .map(|set| {
            let mut body = vec!["BIA*00*SI*INV1*20261123*0600".to_owned()];
            for item in 0..10_000 {
                body.push(format!("LIN*{}*VN*V-{}", item + 1, set * 10_000 + item));
                body.push("PID*F****A thing that is described in a few words".to_owned());
                body.push(format!("QTY*33*{}*EA", item % 97));
            }
            body.push("CTT*10000".to_owned());
            ("846".to_owned(), body)
        })
        .collect();
    let bytes = common::x12_interchange(&sets);
    let source = common::source("x12", &json!({}));
    let context = Context::new("feed.edi", common::received_at());
    let start = Instant::now();
    let reading = Partners.read(&source, &bytes, &context);
    println!("{} bytes in {:?}", bytes.len(), start.elapsed());
    let [document] = reading.documents.as_slice() else { panic!("{} documents", reading.documents.len()) };
    let Inbound::Advice(advice) = &document.content else { panic!("no advice") };
    assert!(advice.full && advice.lines.len() == 100_000 && document.lines.len() == 100_000);
    assert!(reading.findings.is_empty(), "{:?}", reading.findings[0]);
    assert_eq!(document.lines[99_999].line as usize, bytes.split(|byte| *byte == b'\n').count() - 7);
}
