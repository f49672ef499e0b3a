//! `countersign edi` on files: the walk of the onboarding guide, what a person sees, and how it ends.

use crate::service::command;
use std::path::{Path, PathBuf};

struct Told {
    code: i32,
    out: String,
    err: String,
}

fn edi(args: &[&str]) -> Told {
    let done = command(Path::new(".")).arg("edi").args(args).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Told { code: done.status.code().unwrap(), out: text(done.stdout), err: text(done.stderr) }
}

fn example(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/guides/partner-example");
    folder.join(name).display().to_string()
}

fn file(folder: &Path, name: &str, text: &str) -> String {
    let path: PathBuf = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path.display().to_string()
}

#[test]
fn a_partner_is_onboarded_by_an_overlay_and_samples() {
    let alone = edi(&["validate", &example("855-good.edi")]);
    assert_eq!(alone.code, 1, "by the standard alone it is rejected: {}", alone.out);
    assert!(alone.out.contains("[segment.not-in-set]") && alone.out.contains("[element.code]"), "{}", alone.out);
    let overlay = example("overlay.json");
    let tried = edi(&["validate", "--partner", &overlay]);
    assert_eq!((tried.code, tried.out.lines().last()), (0, Some("3 samples, 0 failed")), "{}", tried.out);
    let told = edi(&["ack", "--partner", &overlay, &example("855-without-order-number.edi")]);
    assert!(told.code == 1 && told.out.contains("~AK3*BAK*2**8~AK4*8*127*1~AK5*R*5~"), "{}", told.out);
    let told = edi(&["ack", "--partner", &overlay, "--999", &example("855-good.edi")]);
    assert!(told.code == 0 && told.out.contains("~IK5*A~AK9*A*1*1*1~"), "{}", told.out);
}

#[test]
fn a_person_sees_the_place_the_cause_and_the_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(example("855-good.edi")).unwrap();
    let bad = file(
        folder.path(),
        "bad.edi",
        &text
            .replace("*2*EA*41.5", "*two*EA*41.5")
            .replace("ZA*A1*2~\n", "")
            .replace("OK", "IA")
            .replace("SE*7", "SE*6"),
    );
    let told = edi(&["validate", &bad]);
    let expected = "reject PO102 (Quantity ordered): The value holds characters that its type does not allow. Received \"two\". \
                    Expected a number. [element.characters]\n  line 5, byte 210, set 1, segment 3, loop PO1\n    \
                    PO1*1*two*EA*41.5**VN*ACM-1001\n          ^^^\n  Send only the characters of the type; a number has digits, \
                    one sign and one decimal mark.\nrejected: 1 interchange, 1 set; 1 to reject\n";
    assert_eq!((told.code, told.out.as_str()), (1, expected));
    // What is piped on has no colours, and the explanation holds the finding at its segment.
    let told = edi(&["explain", &bad]);
    assert!(!told.out.contains('\x1b') && told.out.contains("^^^") && told.out.contains("= accepted"), "{}", told.out);
    let json: serde_json::Value = serde_json::from_str(&edi(&["validate", "--json", &bad]).out).unwrap();
    assert!(json.to_string().contains("element.characters"), "{json}");
}

#[test]
fn a_refused_envelope_gets_a_ta1_and_what_cannot_be_read_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(example("855-good.edi")).unwrap();
    let refused = file(folder.path(), "refused.edi", &text.replace("IEA*1*000000301", "IEA*1*000000999"));
    let told = edi(&["ack", &refused]);
    assert!(told.code == 1 && told.out.contains("~TA1*000000301*261123*1030*R*001~"), "{}", told.out);
    assert!(!told.out.contains("*997*"), "a refused envelope gets nothing else: {}", told.out);
    let asked = file(folder.path(), "asked.edi", &text.replace("301*0*T", "301*1*T"));
    let told = edi(&["ack", &asked]);
    assert!(told.out.contains("*A*000~GS*FA*") && told.out.contains("ST*997*"), "{}", told.out);
    let told = edi(&["explain", &file(folder.path(), "letter.txt", "Dear partner,\n")]);
    assert!(told.code == 2 && told.err.contains("no X12 or EDIFACT was found"), "{}", told.err);
    assert_eq!(edi(&["validate", "/no/such/file"]).code, 2);
    let same = edi(&["diff", &example("855-good.edi"), &asked]);
    assert_eq!((same.code, same.out.as_str()), (0, "0 differences\n"));
}
