//! Walks the shared collection of sample files, where it is there: what is valid is accepted, what is malformed is
//! found. Without the collection the test says so and passes; the files in `tests/files` are always read.

use countersign_edi::{Report, Rule, read};
use std::path::{Path, PathBuf};

/// A folder of the collection: beside the repository, or beside the folder that holds it.
fn shared(what: &str) -> Option<PathBuf> {
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().skip(3).take(2);
    let found = above.map(|folder| folder.join("shared/edi").join(what)).find(|folder| folder.exists());
    if found.is_none() {
        println!("the shared {what} are not here; skipped");
    }
    found
}

/// Each line of the manifest with its file; fewer than these is no collection.
fn listed() -> Option<Vec<(String, Vec<u8>)>> {
    let folder = shared("samples")?;
    let manifest = std::fs::read_to_string(folder.join("MANIFEST.tsv")).expect("a manifest");
    let file =
        |line: &str| std::fs::read(folder.join(line.split('\t').next().expect("a file"))).expect("a listed file");
    let all: Vec<_> = manifest.lines().skip(1).map(|line| (line.to_owned(), file(line))).collect();
    assert!(all.len() > 100, "only {} samples", all.len());
    Some(all)
}

/// Malformed by a profile that is none of ours: nothing in the standard forbids what they hold.
const BEYOND: [&str; 1] = ["x12/malformed/staedi__ErrorEventsTest_s14.edi"];

/// The findings that tell what the manifest says is wrong with an envelope.
const FAULTS: [(&str, &[Rule]); 15] = [
    ("ISA not fixed-width", &[Rule::InterchangeHeaderWidth]),
    ("SE01=", &[Rule::SetCountWrong]),
    ("SE02!=", &[Rule::SetControlMismatch, Rule::SetControlPadding]),
    ("GE01=", &[Rule::GroupCountWrong]),
    ("GE02!=", &[Rule::GroupControlMismatch, Rule::GroupControlPadding]),
    ("IEA01=", &[Rule::InterchangeCountWrong]),
    ("IEA02!=", &[Rule::InterchangeControlMismatch, Rule::InterchangeControlPadding]),
    ("UNT count=", &[Rule::SetCountWrong, Rule::SetHeaderMissing]),
    ("UNT ref!=", &[Rule::SetControlMismatch, Rule::SetHeaderMissing]),
    ("UNZ count=", &[Rule::InterchangeCountWrong]),
    (
        "UNZ ref!=",
        &[Rule::InterchangeControlMismatch, Rule::InterchangeControlPadding, Rule::InterchangeHeaderIncomplete],
    ),
    ("UNB/UNZ count differs", &[Rule::InterchangeTrailerMissing, Rule::InterchangeHeaderIncomplete]),
    ("UNH/UNT count differs", &[Rule::SetTrailerMissing, Rule::SetHeaderMissing]),
    ("bad segment", &[Rule::SegmentUnknown, Rule::InterchangeLineWrapped]),
    ("", &[]),
];

fn is_found(fault: &str, report: &Report) -> bool {
    let known = FAULTS.iter().find(|(words, _)| fault.starts_with(words)).expect("the last line takes all");
    known.1.is_empty() || report.findings.iter().any(|finding| known.1.contains(&finding.rule))
}

#[test]
fn the_shared_samples_are_judged_as_their_manifest_says() {
    let mut wrong = Vec::new();
    for (line, input) in listed().unwrap_or_default() {
        let fields: Vec<&str> = line.split('\t').collect();
        let (file, status, fault) = (fields[0], fields[3], fields[4]);
        let report = read(&input);
        let told: Vec<String> = report.findings.iter().map(ToString::to_string).collect();
        let fine = match status {
            "malformed" => !report.findings.is_empty() && fault.split("; ").all(|fault| is_found(fault, &report)),
            _ => report.is_accepted(),
        };
        if !fine && !BEYOND.contains(&file) {
            wrong.push(format!("{file} ({status}: {fault})\n  {}", told.join("\n  ")));
        }
        if std::env::var_os("TELL").is_some() {
            println!("{file} ({status}: {fault}) level {:?}\n  {}", report.level(), told.join("\n  "));
        }
    }
    assert!(wrong.is_empty(), "{} samples judged wrongly:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_shared_sample_is_written_again_byte_for_byte() {
    for (file, input) in listed().unwrap_or_default() {
        let tree = countersign_edi::Tree::read(&input).expect("an interchange");
        assert!(tree.write() == input, "{file} is written otherwise");
        let json = tree.to_json();
        assert_eq!(
            countersign_edi::Tree::from_json(&json).expect("its own JSON").write(),
            input,
            "{file} through JSON"
        );
    }
}

#[test]
fn the_shared_warehouse_samples_have_no_finding() {
    let Some(folder) = shared("samples-wms") else { return };
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("a file").path();
        let report = read(&std::fs::read(&path).expect("a readable file"));
        let told = report.findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
        assert!(report.findings.is_empty(), "{}: {told}", path.display());
    }
}
