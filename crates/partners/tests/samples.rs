//! Papers that others wrote, where they lie beside the repository: each is read without a panic, and the valid ones of
//! the kinds that are used here lead to documents or receipts. Skipped, with a line that says so, where there are none.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use countersign_partners::dialects::Partners;
use countersign_partners::seam::{Context, Dialect, Reading};
use serde_json::json;
use std::path::Path;

/// Valid samples that rightly lead to nothing, with the reason.
const NOTHING_IN_THEM: &[(&str, &str)] = &[
    ("860/vscode-edi-support__multiple_transactions.edi", "two changes that name no line"),
    ("staedi__multi-tx-transaction-type.edi", "two 855 that name no line and decide nothing"),
    ("staedi__StaEDIStreamReaderTest_s2.edi", "a 997 without AK1"),
    ("staedi__StaEDIStreamReaderTest_s3.edi", "a 997 without AK1"),
    ("staedi__empty997.edi", "a 997 without AK1"),
];

fn read(dialect: &str, bytes: &[u8]) -> Reading {
    let source = common::source(dialect, &json!({"any_ids": true}));
    let context = Context::new("sample.edi", "2026-12-31T00:00:00Z".parse().unwrap());
    Partners.read(&source, bytes, &context)
}

#[test]
fn samples_of_others_are_read() {
    // Beside the repository, or beside the folder that holds it.
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().skip(3).take(2);
    let Some(root) = above.map(|folder| folder.join("shared/edi/samples")).find(|folder| folder.exists()) else {
        return println!("skipped: no samples beside the repository");
    };
    let manifest = std::fs::read_to_string(root.join("MANIFEST.tsv")).unwrap();
    let (mut silent, mut seen) = (Vec::new(), 0);
    for row in manifest.lines().skip(1) {
        let columns: Vec<&str> = row.split('\t').collect();
        let (path, kind, status) = (columns[0], columns[1], columns[3]);
        let bytes = std::fs::read(root.join(path)).unwrap();
        let dialect = if path.starts_with("x12") { "x12" } else { "eancom" };
        let reading = read(dialect, &bytes);
        seen += 1;
        let used = ["846", "855", "856", "860", "865", "870", "997", "999", "INVRPT", "ORDRSP", "DESADV", "CONTRL"];
        let expected = status == "valid" && used.contains(&kind) && !path.contains("Merch");
        let silent_by_right = NOTHING_IN_THEM.iter().any(|(name, _)| path.ends_with(name));
        if expected && !silent_by_right && reading.documents.is_empty() && reading.receipts.is_empty() {
            let told: Vec<&String> = reading.findings.iter().map(|finding| &finding.sentence).take(3).collect();
            silent.push(format!("{path}: {told:?}"));
        }
        if std::env::var("COUNTERSIGN_SHOW").is_ok_and(|part| path.contains(&part)) {
            println!("=== {path}\n{}", common::note(&common::Noted { reading: &reading, settled: &[] }));
        }
    }
    assert!(seen > 100, "only {seen} samples");
    assert!(silent.is_empty(), "nothing was read from:\n{}", silent.join("\n"));
}
