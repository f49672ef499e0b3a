//! What we write: valid by edi's own schemas without a finding, readable again, the same on every call.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use common::{order, purchase_order, source};
use countersign_engine::document::{CancellationDocument, Outbound};
use countersign_engine::ids::PoNumber;
use countersign_engine::item::Unit;
use countersign_engine::reason::Reason;
use countersign_partners::dialects::Partners;
use countersign_partners::seam::{Context, Dialect, Paper, Written};
use serde_json::json;
use std::cell::Cell;

fn write(dialect: &str, settings: &serde_json::Value, paper: Paper) -> Result<Written, String> {
    let drawn = Cell::new(11_u64);
    let mut numbers = |_: &str| {
        drawn.set(drawn.get() + 1);
        Ok(drawn.get())
    };
    let now = "2026-11-23T15:06:07Z".parse().unwrap();
    let written = Partners.write(&source(dialect, settings), &paper, &mut numbers, now);
    if written.is_err() {
        assert_eq!(drawn.get(), 11, "a number was drawn for a paper that was not written");
    }
    written
}

fn document(dialect: &str, settings: &serde_json::Value, paper: Outbound) -> String {
    let written = write(dialect, settings, Paper::Document(paper)).unwrap();
    let report = countersign_edi::read(&written.bytes);
    let text = String::from_utf8(written.bytes).unwrap();
    assert!(report.findings.is_empty(), "{text}\n{:#?}", report.findings);
    assert_eq!(report.sets().count(), 1);
    assert!(report.sets().all(|(_, _, set)| set.checked), "no schema for what we write");
    text
}

fn cancellation() -> CancellationDocument {
    let order = order();
    CancellationDocument {
        po: order.po,
        attempt: 1,
        source: order.source,
        requested_at: "2026-11-23T16:00:00Z".parse().unwrap(),
        released_at: order.released_at,
        reason: Reason::CancelCustomer,
        lines: order.lines,
    }
}

const PURCHASE_ORDER: &str = "\
ISA*00*          *00*          *ZZ*RETAILER       *ZZ*ACME           *261123*0906*U*00401*000000012*0*P*>~
GS*PO*RETAILER*ACME*20261123*0906*12*X*004010~
ST*850*0001~
BEG*00*DS*1001-1**20261123~
CUR*BY*USD~
REF*CO*1001~
REF*ZZ*ATTEMPT-1~
DTM*010*20261125~
DTM*002*20261128~
TD5*****standard*******CG~
N1*ST*A. Shopper~
N3*1 Main St~
N4*Austin*TX*73301*US~
PER*IC*A. Shopper*TE*+1 512 555 0100*EM*a@example.com~
PO1*1*10*EA*12.50**VN*WIDGET-001*SK*LAMP-OAK-01*EN*4006381333931~
PID*F****A thing called LAMP-OAK-01~
PO1*2*4*EA*12.50**VN*WIDGET-002*SK*MUG~
PID*F****A thing called MUG~
CTT*2~
SE*18*0001~
GE*1*12~
IEA*1*000000012~
";

#[test]
fn a_purchase_order_reads_as_agreed() {
    assert_eq!(document("x12", &json!({}), purchase_order()), PURCHASE_ORDER);
}

#[test]
fn a_purchase_order_carries_its_reference_and_name() {
    let written = write("x12", &json!({}), Paper::Document(purchase_order())).unwrap();
    assert_eq!(written.reference, "12");
    assert_eq!(written.name, "000000012-850-1001-1.edi");
}

#[test]
fn a_reminder_is_the_same_paper_marked_as_duplicate() {
    let text = document("x12", &json!({}), Outbound::Reminder(order()));
    assert_eq!(text, PURCHASE_ORDER.replace("BEG*00", "BEG*07"));
}

#[test]
fn a_cancellation_deletes_lines_or_the_whole() {
    let text = document("x12", &json!({}), Outbound::Cancellation(cancellation()));
    assert!(text.contains("BCH*04*DS*1001-1***20261123*****20261123~"), "{text}");
    assert!(text.contains("POC*1*DI*10*0*EA*12.50**VN*WIDGET-001"), "{text}");
    let text = document("x12", &json!({"cancel_as": "whole"}), Outbound::Cancellation(cancellation()));
    assert!(text.contains("BCH*01*DS*1001-1") && !text.contains("POC"), "{text}");
}

#[test]
fn version_delimiters_and_envelope_are_the_partners() {
    let settings = json!({
        "version": "005010", "test": true, "ta1_wanted": true, "line_end": "none", "capitals": true,
        "delimiters": {"element": "|", "component": ":", "repetition": "^", "terminator": "\n"},
        "group": {"sender": "WEB", "receiver": "ACMEAPP"},
        "buyer": {"name": "Retailer Inc", "qualifier": "92", "id": "R1"},
        "services": {"standard": {"carrier": "UPSN", "method": "M", "code": "CG"}},
        "units_out": {"EA": "PC"}
    });
    let text = document("x12", &settings, purchase_order());
    assert!(text.starts_with("ISA|00|          |00|          |ZZ|RETAILER       |ZZ|ACME           |261123|0906|^|00501|000000012|1|T|:\n"), "{text}");
    assert!(text.contains("\nGS|PO|WEB|ACMEAPP|20261123|0906|12|X|005010\n"), "{text}");
    assert!(text.contains("\nTD5||2|UPSN|M||||||||CG\n"), "{text}");
    assert!(text.contains("\nN1|BY|RETAILER INC|92|R1\n"), "{text}");
    assert!(text.contains("\nPO1|1|10|PC|12.50||VN|WIDGET-001"), "{text}");
}

#[test]
fn data_never_breaks_the_grammar() {
    let mut order = order();
    order.ship_to.name = "Evil~ST*997*0001~ Übel\u{2764} & Co.\r\nSE".into();
    order.ship_to.address1 =
        "Very long street name that goes on and on until no single field of an address can hold it 12".into();
    order.ship_to.region = Some("Ontario".into());
    order.lines[0].title = "A*b>c~d^e ".repeat(20);
    let text = document("x12", &json!({}), Outbound::PurchaseOrder(order.clone()));
    assert!(text.contains("N1*ST*Evil ST 997 0001"), "{text}");
    assert!(text.contains("N4*Austin**73301*US*SP*Ontario~"), "{text}");
    let refused = write("x12", &json!({"foreign": "refuse"}), Paper::Document(Outbound::PurchaseOrder(order)));
    assert!(refused.unwrap_err().contains("delimiter"));
}

#[test]
fn what_does_not_fit_is_refused_with_a_sentence() {
    let refused = |change: &dyn Fn(&mut countersign_engine::document::PurchaseOrderDocument), settings| {
        let mut order = order();
        change(&mut order);
        write("x12", &settings, Paper::Document(Outbound::PurchaseOrder(order))).unwrap_err()
    };
    let long = refused(&|order| order.po = PoNumber::new("A-VERY-LONG-ORDER-NUMBER-1").unwrap(), json!({}));
    assert!(long.contains("26 characters and X12 carries 22"), "{long}");
    let unit = refused(&|order| order.lines[0].unit = Unit::new("PAL").unwrap(), json!({}));
    assert!(unit.contains("channel.x12.units_out"), "{unit}");
    let name = refused(&|order| order.ship_to.name.clear(), json!({}));
    assert!(name.contains("ship_to.name"), "{name}");
    let ids = refused(&|_| {}, json!({"sender": {}}));
    assert!(ids.contains("channel.x12.sender"), "{ids}");
}

#[test]
fn an_owed_receipt_is_written_and_never_answered() {
    let source = source("x12", &json!({}));
    let sets = [(
        "855".to_owned(),
        vec!["BAK*00*AC*1001-1*20261123".to_owned(), "PO1*1*TEN*EA".to_owned(), "ACK*IA".to_owned()],
    )];
    let bytes = common::x12_interchange(&sets);
    let context = Context::new("a.edi", common::received_at());
    let reading = Partners.read(&source, &bytes, &context);
    let [owed] = reading.owed.as_slice() else { panic!("{:?}", reading.owed) };
    let written = write("x12", &json!({}), Paper::Receipt(owed.clone())).unwrap();
    let text = String::from_utf8(written.bytes.clone()).unwrap();
    assert!(text.contains("AK1*PR*1~") && text.contains("AK2*855*0001~") && text.contains("AK9*R*1*1*0~"), "{text}");
    assert!(written.reference.is_empty());
    let report = countersign_edi::read(&written.bytes);
    assert!(report.findings.is_empty(), "{text}\n{:#?}", report.findings);
    let mut partner = source;
    let settings = partner.channel.settings.get_mut("x12").unwrap();
    let (ours, theirs) = (settings["sender"].clone(), settings["receiver"].clone());
    (settings["sender"], settings["receiver"]) = (theirs, ours);
    let answered = Partners.read(&partner, &written.bytes, &context);
    assert!(answered.owed.is_empty() && answered.receipts.len() == 1 && !answered.receipts[0].accepted);
    assert_eq!(answered.receipts[0].reference, "1");
}

const ORDERS: &str = "\
UNA:+.? '
UNB+UNOC:3+4012345000009:14+4098765000002:14+261123:0906+12++ORDERS++1'
UNH+1+ORDERS:D:96A:UN:EAN008'
BGM+220+1001-1+9'
DTM+137:20261123:102'
DTM+10:20261125:102'
DTM+2:20261128:102'
FTX+DEL+++standard'
RFF+UC:1001'
RFF+CR:ATTEMPT-1'
NAD+BY+4012345000009::9'
NAD+SU+4098765000002::9'
NAD+DP+++A. Shopper+1 Main St+Austin+TX+73301+US'
CTA+DL'
COM+?+1 512 555 0100:TE'
COM+a@example.com:EM'
CUX+2:USD:9'
LIN+1++4006381333931:EN'
PIA+1+WIDGET-001:SA+LAMP-OAK-01:IN'
IMD+F++:::A thing called LAMP-OAK-01'
QTY+21:10:PCE'
PRI+AAA:12.50'
LIN+2'
PIA+5+WIDGET-002:SA+MUG:IN'
IMD+F++:::A thing called MUG'
QTY+21:4:PCE'
PRI+AAA:12.50'
UNS+S'
CNT+2:2'
UNT+28+1'
UNZ+1+12'
";

#[test]
fn eancom_orders_read_as_agreed() {
    assert_eq!(document("eancom", &json!({}), purchase_order()), ORDERS);
    let newer = document("eancom", &json!({"version": "D01B"}), purchase_order());
    assert!(newer.contains("ORDERS:D:01B:UN:EAN010") && newer.contains("4006381333931:SRV"), "{newer}");
    let reminder = document("eancom", &json!({}), Outbound::Reminder(order()));
    assert!(reminder.contains("BGM+220+1001-1+7'"), "{reminder}");
}

#[test]
fn eancom_lines_keep_their_own_numbers_and_text_is_escaped() {
    let mut order = order();
    order.lines[0].line = "c0ffee-1".into();
    order.lines[1].ship_by = "2026-11-26".parse().unwrap();
    order.ship_to.name = "Jim's \"Shop\" + Co: what? \u{2764}".into();
    let text = document("eancom", &json!({}), Outbound::PurchaseOrder(order));
    assert!(text.contains("RFF+LI:c0ffee-1'") && text.contains("DTM+10:20261126:102'"), "{text}");
    assert!(text.contains("Jim?'s \"Shop\" ?+ Co?: what?? ."), "{text}");
}

#[test]
fn eancom_changes_delete_lines_or_the_whole() {
    let text = document("eancom", &json!({}), Outbound::Cancellation(cancellation()));
    assert!(text.contains("BGM+230+C-1001-1+4'") && text.contains("LIN+1+2+4006381333931:EN'"), "{text}");
    let whole =
        document("eancom", &json!({"cancel_as": "whole", "version": "D01B"}), Outbound::Cancellation(cancellation()));
    assert!(whole.contains("BGM+230+C-1001-1+1'"), "{whole}");
}

#[test]
fn an_owed_contrl_is_written_and_never_answered() {
    let source = source("eancom", &json!({}));
    let body = ["BGM+231+SO-77+29", "DTM+137:20261123:102", "RFF+ON:1001-1", "NAD+SU+4098765000002::9", "UNS+S"];
    let bytes = common::edifact_interchange(&[("ORDRSP:D:96A:UN:EAN005".to_owned(), body.map(str::to_owned).to_vec())]);
    let context = Context::new("a.edi", common::received_at());
    let reading = Partners.read(&source, &bytes, &context);
    let [owed] = reading.owed.as_slice() else { panic!("{:?}", reading.owed) };
    let written = write("eancom", &json!({}), Paper::Receipt(owed.clone())).unwrap();
    let text = String::from_utf8(written.bytes.clone()).unwrap();
    assert!(text.contains("UCI+R201+4098765000002:14+4012345000009:14+7'"), "{text}");
    let report = countersign_edi::read(&written.bytes);
    assert!(report.findings.is_empty(), "{text}\n{:#?}", report.findings);
    assert!(Partners.read(&source, &written.bytes, &context).owed.is_empty());
}

#[test]
fn a_warehouse_gets_pick_orders_in_its_format() {
    let csv = write("wms", &json!({}), Paper::Document(purchase_order())).unwrap();
    assert_eq!(csv.name, "pick-1001-1-1.csv");
    let text = String::from_utf8(csv.bytes).unwrap();
    assert!(text.contains("\r\npick,1001-1,1,1001,2,MUG,WIDGET-002,,A thing called MUG,4,EA,2026-11-25,2026-11-28,standard,,A. Shopper,"), "{text}");
    let json = write("wms", &json!({"format": "json"}), Paper::Document(purchase_order())).unwrap();
    let body: serde_json::Value = serde_json::from_slice(&json.bytes).unwrap();
    assert_eq!(body["lines"][0]["vendor_sku"], "WIDGET-001");
    let text = document("wms", &json!({"format": "x12"}), purchase_order());
    assert!(text.contains("W01*10*EA**VN*WIDGET-001*SK*LAMP-OAK-01~") && text.contains("W76*14~"), "{text}");
    document("wms", &json!({"format": "x12"}), Outbound::Cancellation(cancellation()));
}

#[test]
fn the_vendor_api_and_the_portal_write_what_people_and_programs_read() {
    let body = write("api", &json!({}), Paper::Document(purchase_order())).unwrap();
    assert_eq!(body.name, "purchase-orders");
    let json: serde_json::Value = serde_json::from_slice(&body.bytes).unwrap();
    assert_eq!(json["purchase_order"], "1001-1");
    assert_eq!(json["lines"][0]["unit_cost"]["amount"], "12.50");
    let cancel = write("api", &json!({}), Paper::Document(Outbound::Cancellation(cancellation()))).unwrap();
    assert_eq!(cancel.name, "purchase-orders/1001-1/cancellation");
    let page = write("portal", &json!({}), Paper::Document(Outbound::Reminder(order()))).unwrap();
    let text = String::from_utf8(page.bytes).unwrap();
    assert!(text.starts_with("Reminder: purchase order 1001-1\n\nReleased 2026-11-23 09:05 CST."), "{text}");
}

#[test]
fn remarks_name_what_is_wrong_with_the_settings() {
    let remarks = |dialect, settings| countersign_partners::dialects::remarks(&source(dialect, &settings));
    assert!(remarks("x12", json!({})).is_empty() && remarks("eancom", json!({})).is_empty());
    let wrong = json!({"verison": "004010", "sender": {"qualifier": "Z", "id": ""}, "delimiters": {"element": "~"},
                       "overlay": {"documents": {"855": [{"do": "dance"}]}}});
    let told = remarks("x12", wrong).join("\n");
    for part in ["channel.x12.verison", "channel.x12.sender", "two delimiters", "dance"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert!(remarks("eancom", json!({"version": "D99Z"}))[0].contains("D96A"));
    assert!(remarks("x12", json!({"units": 7}))[0].contains("cannot be read"));
}
