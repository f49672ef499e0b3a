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
    assert!(told.code == 2 && told.out.starts_with("reject No interchange begins anywhere"), "{}", told.out);
    assert_eq!(edi(&["validate", "/no/such/file"]).code, 2);
    let same = edi(&["diff", &example("855-good.edi"), &asked]);
    assert_eq!((same.code, same.out.as_str()), (0, "0 differences\n"));
}

#[test]
fn what_is_no_edi_is_named_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let text = std::fs::read(example("855-good.edi")).unwrap();
    let utf_16: Vec<u8> = [0xFF, 0xFE].into_iter().chain(text.iter().flat_map(|byte| [*byte, 0])).collect();
    // ISA*00* in code page 37.
    let ebcdic = [0xC9, 0xE2, 0xC1, 0x5C, 0xF0, 0xF0, 0x5C, 0x40, 0x40];
    let base_64 = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &text);
    let mail = format!(
        "From: edi@partner.example\r\nSubject: 855\r\nMIME-Version: 1.0\r\nContent-Type: application/EDI-X12\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n{base_64}"
    );
    for (name, bytes, words) in [
        ("stock.csv", b"sku,quantity\nMUG,5\nCUP,2\n".as_slice(), "a table in a text file (CSV)"),
        ("order.json", b"{\"purchase_order\": \"1001-1\"}", "JSON"),
        ("order.xml", b"<?xml version=\"1.0\"?><Order/>", "XML or HTML"),
        ("order.pdf", b"%PDF-1.7\n%\xE2\xE3", "a PDF; it is made for people"),
        ("order.zip", b"PK\x03\x04\x14\0\0\0", "a ZIP archive; unpack it (unzip)"),
        ("order.gz", b"\x1F\x8B\x08\0\0\0\0\0\0\x03,,\n,,", "compressed by gzip; unpack it (gunzip)"),
        ("utf16.txt", &utf_16, "(iconv -f UTF-16 -t UTF-8)"),
        ("host.txt", &ebcdic, "EBCDIC; have it converted"),
        ("coded.txt", base_64.as_bytes(), "Base64; decode it (base64 -d)"),
        ("order.eml", mail.as_bytes(), "a mail whose attachment is in Base64; save the attachment"),
    ] {
        let path: PathBuf = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let path = path.display().to_string();
        for task in ["validate", "explain"] {
            let told = edi(&[task, &path]);
            assert!(told.code == 2 && told.out.contains(words), "{task} {name}: {} {}", told.code, told.out);
            assert!(told.out.contains("[input.empty]"), "{name}: {}", told.out);
        }
        let told = edi(&["parse", &path]);
        assert!(told.code == 2 && told.err.contains(words), "parse {name}: {} {}", told.code, told.err);
    }
    // A mail in quoted-printable shows the interchange, with what is packed in it: it is read, told, and not taken.
    let text = String::from_utf8(text).unwrap();
    let quoted = format!("{}=\n{}", &text[..70], &text[70..]);
    let mail = format!("MIME-Version: 1.0\nContent-Transfer-Encoding: quoted-printable\n\n{quoted}");
    for packed in [quoted, mail] {
        let told = edi(&["validate", &file(folder.path(), "quoted.txt", &packed)]);
        assert!(told.code == 1 && told.out.contains("[interchange.quoted-printable]"), "{}", told.out);
        assert!(!told.out.contains("header-width"), "one cause, one finding: {}", told.out);
        assert_eq!(
            told.out.contains("this looks like a mail in quoted-printable"),
            packed.starts_with("MIME"),
            "{}",
            told.out
        );
    }
}
