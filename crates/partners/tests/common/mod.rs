//! What the tests of this crate share: a source, envelopes, and the notes that a clerk would make of a reading.
#![allow(dead_code, reason = "each test file uses a part of it")]

use countersign_engine::document::{
    AcknowledgmentLine, Inbound, ItemRef, Outbound, Party, PurchaseOrderDocument, PurchaseOrderDocumentLine,
};
use countersign_engine::ids::{OrderId, PoNumber, Sku, SourceId, VendorSku};
use countersign_engine::item::Unit;
use countersign_engine::measure::{Money, Quantity};
use countersign_engine::source::Source;
use countersign_partners::matching::OrderedLine;
use countersign_partners::seam::{Finding, Place, Reading};
use jiff::Timestamp;
use std::fmt::Write;

/// When every test file comes in.
pub fn received_at() -> Timestamp {
    "2026-11-23T18:00:00Z".parse().unwrap()
}

/// A source `acme` in Chicago with this dialect and these settings over the usual ids.
pub fn source(dialect: &str, settings: &serde_json::Value) -> Source {
    let mut own = match dialect {
        "x12" | "wms" => {
            serde_json::json!({"version": "004010", "sender": {"qualifier": "ZZ", "id": "RETAILER"}, "receiver": {"qualifier": "ZZ", "id": "ACME"}})
        }
        "eancom" => {
            serde_json::json!({"version": "D96A", "sender": {"qualifier": "14", "id": "4012345000009"}, "receiver": {"qualifier": "14", "id": "4098765000002"}})
        }
        _ => serde_json::json!({}),
    };
    if let (Some(own), Some(more)) = (own.as_object_mut(), settings.as_object()) {
        own.extend(more.clone());
    }
    let mut channel = serde_json::json!({"dialect": dialect});
    channel[if dialect == "wms" { "x12" } else { dialect }] = own;
    if dialect == "wms" {
        channel["wms"] = settings.clone();
    }
    serde_json::from_value(serde_json::json!({
        "id": "acme", "kind": "vendor", "name": "Acme", "time_zone": "America/Chicago",
        "ships_from": {"country": "US"}, "channel": channel
    }))
    .unwrap()
}

/// `1: 10 EA of MUG (V-MUG 04006381333931), ship by 2026-11-25, deliver by 2026-11-28`
pub fn ordered_line(text: &str) -> OrderedLine {
    let (line, rest) = text.split_once(": ").unwrap();
    let words: Vec<&str> = rest.split([' ', ',', '(', ')']).filter(|word| !word.is_empty()).collect();
    let by = words.iter().position(|word| *word == "ship").unwrap();
    OrderedLine {
        line: line.into(),
        quantity: Quantity::new(words[0].parse().unwrap()),
        unit: Unit::new(words[1]).unwrap(),
        sku: Sku::new(words[3]).unwrap(),
        vendor_sku: VendorSku::new(words[4]).unwrap(),
        gtin: (by > 5).then(|| words[5].into()),
        ship_by: words[by + 2].parse().unwrap(),
        deliver_by: words[by + 5].parse().unwrap(),
    }
}

/// Sets in one interchange from ACME to RETAILER, one group each.
pub fn x12_interchange(sets: &[(String, Vec<String>)]) -> Vec<u8> {
    let isa =
        "ISA*00*          *00*          *ZZ*ACME           *ZZ*RETAILER       *261123*0930*U*00401*000000201*0*P*>~\n";
    let mut text = isa.to_owned();
    for (index, (id, body)) in sets.iter().enumerate() {
        let (number, control) = (index + 1, format!("{:04}", index + 1));
        let group = match id.as_str() {
            "846" => "IB",
            "855" => "PR",
            "856" => "SH",
            "860" => "PC",
            "865" => "CA",
            "870" => "RS",
            "824" => "AG",
            "945" => "SW",
            "810" => "IN",
            _ => "FA",
        };
        write!(text, "GS*{group}*ACME*RETAILER*20261123*0930*{number}*X*004010~\nST*{id}*{control}~\n").unwrap();
        let body: Vec<&String> = body.iter().filter(|line| !line.is_empty()).collect();
        body.iter().for_each(|line| writeln!(text, "{line}~").unwrap());
        write!(text, "SE*{}*{control}~\nGE*1*{number}~\n", body.len() + 2).unwrap();
    }
    writeln!(text, "IEA*{}*000000201~", sets.len()).unwrap();
    text.into_bytes()
}

/// Messages in one interchange from the vendor to the retailer. `ORDRSP:D:96A:UN:EAN005` names the message.
pub fn edifact_interchange(sets: &[(String, Vec<String>)]) -> Vec<u8> {
    let mut text = "UNA:+.? '\nUNB+UNOC:3+4098765000002:14+4012345000009:14+261123:0930+R201'\n".to_owned();
    for (index, (id, body)) in sets.iter().enumerate() {
        let number = index + 1;
        writeln!(text, "UNH+{number}+{id}'").unwrap();
        let body: Vec<&String> = body.iter().filter(|line| !line.is_empty()).collect();
        body.iter().for_each(|line| writeln!(text, "{line}'").unwrap());
        writeln!(text, "UNT+{}+{number}'", body.len() + 2).unwrap();
    }
    writeln!(text, "UNZ+{}+R201'", sets.len()).unwrap();
    text.into_bytes()
}

/// A reading and what settling it with the purchase order found.
pub struct Noted<'a> {
    pub reading: &'a Reading,
    pub settled: &'a [Finding],
}

/// The notes of a clerk.
pub fn note(noted: &Noted<'_>) -> String {
    let mut out = String::new();
    let reading = noted.reading;
    for document in &reading.documents {
        note_document(&mut out, &document.content, &document.place);
        if let Some(whole) = document.hints.whole {
            writeln!(out, "  every other line: {whole:?}").unwrap();
        }
        for (index, hint) in document.hints.lines.iter().enumerate() {
            if let Some(day) = hint.deliver_on {
                writeln!(out, "  hint {}: delivered {day}", index + 1).unwrap();
            }
        }
    }
    for receipt in &reading.receipts {
        let word = if receipt.accepted { "accepted" } else { "rejected" };
        let note = receipt.note.as_deref().map(|note| format!(" ({note})")).unwrap_or_default();
        writeln!(out, "receipt for {}: {word}{note}", receipt.reference).unwrap();
    }
    for owed in &reading.owed {
        writeln!(out, "owed: {}", owed.about).unwrap();
    }
    for finding in reading.findings.iter().chain(noted.settled) {
        let severity = serde_json::to_value(finding.severity).unwrap();
        writeln!(out, "{} {} at {}: {}", severity.as_str().unwrap(), finding.id, at(&finding.place), finding.sentence)
            .unwrap();
    }
    for kept in &reading.unmapped {
        writeln!(out, "kept unused: {} x{} in {}: {}", kept.tag, kept.count, kept.set, kept.text).unwrap();
    }
    if reading.quarantine {
        out.push_str("to quarantine\n");
    }
    out
}

fn at(place: &Place) -> String {
    let mut text = format!("line {}", place.line);
    if !place.tag.is_empty() {
        write!(text, " {}", place.tag).unwrap();
    }
    if place.element > 0 {
        write!(text, "{:02}", place.element).unwrap();
    }
    text
}

fn item(item: &ItemRef) -> String {
    let mut names = Vec::new();
    names.extend(item.vendor_sku.as_ref().map(|sku| format!("vendor sku {sku}")));
    names.extend(item.sku.as_ref().map(|sku| format!("sku {sku}")));
    names.extend(item.gtin.as_ref().map(|gtin| format!("gtin {gtin}")));
    names.join(", ")
}

fn note_document(out: &mut String, content: &Inbound, place: &Place) {
    match content {
        Inbound::Advice(advice) => {
            let kind = if advice.full { "full feed" } else { "changes" };
            writeln!(out, "advice by {:?}, {kind}, as of {}", advice.origin, advice.as_of).unwrap();
            for line in &advice.lines {
                let unit = line.unit.as_ref().map(|unit| format!(" {}", unit.as_str())).unwrap_or_default();
                write!(out, "  {}: {}{unit}", item(&line.item), line.quantity).unwrap();
                for receipt in &line.incoming {
                    write!(out, ", {} on {}", receipt.quantity, receipt.on).unwrap();
                }
                out.push_str(if line.discontinued { ", discontinued\n" } else { "\n" });
            }
        }
        Inbound::Receipt(receipt) => writeln!(out, "receipt for {}: {}", receipt.po, receipt.accepted).unwrap(),
        Inbound::Acknowledgment(answer) => {
            write!(out, "acknowledgment of {} (line {})", answer.po, place.line).unwrap();
            answer.attempt.iter().for_each(|n| write!(out, ", attempt {n}").unwrap());
            answer.vendor_order.iter().for_each(|n| write!(out, ", vendor order {n}").unwrap());
            out.push('\n');
            answer.lines.iter().for_each(|line| note_answer(out, line));
        }
        Inbound::Shipment(shipment) => {
            write!(out, "shipment {} of {}, left {}", shipment.shipment, shipment.po, shipment.shipped_at).unwrap();
            shipment.carrier.iter().for_each(|carrier| write!(out, " by {carrier}").unwrap());
            if !shipment.tracking.is_empty() {
                write!(out, ", tracking {}", shipment.tracking.join(" ")).unwrap();
            }
            out.push('\n');
            shipment.lines.iter().for_each(|line| writeln!(out, "  line {}: {}", line.line, line.quantity).unwrap());
        }
        Inbound::CancellationAnswer(answer) => {
            let word = if answer.accepted { "cancelled" } else { "not cancelled" };
            let unasked = if answer.unasked { ", unasked" } else { "" };
            let reason = answer.reason.map(|reason| format!(", {reason}")).unwrap_or_default();
            let lines =
                if answer.lines.is_empty() { String::new() } else { format!(" lines {}", answer.lines.join(" ")) };
            writeln!(out, "{word}: {}{lines}{unasked}{reason}", answer.po).unwrap();
        }
    }
}

fn note_answer(out: &mut String, line: &AcknowledgmentLine) {
    write!(out, "  line {}:", line.line).unwrap();
    for (word, quantity) in [
        ("accepted", line.accepted),
        ("rejected", line.rejected),
        ("backordered", line.backordered),
        ("substituted", line.substituted),
    ] {
        if !quantity.is_zero() {
            write!(out, " {word} {quantity}").unwrap();
        }
    }
    line.unit.iter().for_each(|unit| write!(out, " {}", unit.as_str()).unwrap());
    line.substitute.iter().for_each(|other| write!(out, " by {}", item(other)).unwrap());
    line.ship_on.iter().for_each(|day| write!(out, ", ships {day}").unwrap());
    line.reason.iter().for_each(|reason| write!(out, ", {reason}").unwrap());
    out.push('\n');
}

/// A purchase order of two lines.
pub fn order() -> PurchaseOrderDocument {
    let line =
        |number: &str, sku: &str, vendor_sku: &str, gtin: Option<&str>, quantity: u32| PurchaseOrderDocumentLine {
            line: number.into(),
            sku: Sku::new(sku).unwrap(),
            vendor_sku: VendorSku::new(vendor_sku).unwrap(),
            gtin: gtin.map(Into::into),
            title: format!("A thing called {sku}"),
            quantity: Quantity::new(quantity),
            unit: Unit::new("EA").unwrap(),
            unit_cost: Money::parse("12.50", "USD").unwrap(),
            ship_by: "2026-11-25".parse().unwrap(),
            deliver_by: "2026-11-28".parse().unwrap(),
        };
    PurchaseOrderDocument {
        po: PoNumber::new("1001-1").unwrap(),
        attempt: 1,
        source: SourceId::new("acme").unwrap(),
        order: OrderId::new("1001").unwrap(),
        released_at: "2026-11-23T15:05:00Z".parse().unwrap(),
        answer_due: "2026-11-23T19:05:00Z".parse().unwrap(),
        ship_to: Party {
            name: "A. Shopper".into(),
            address1: "1 Main St".into(),
            city: "Austin".into(),
            region: Some("TX".into()),
            postal_code: Some("73301".into()),
            country: "US".into(),
            phone: Some("+1 512 555 0100".into()),
            email: Some("a@example.com".into()),
            ..Party::default()
        },
        service_level: "standard".into(),
        lines: vec![
            line("1", "LAMP-OAK-01", "WIDGET-001", Some("04006381333931"), 10),
            line("2", "MUG", "WIDGET-002", None, 4),
        ],
    }
}

/// The purchase order as a paper.
pub fn purchase_order() -> Outbound {
    Outbound::PurchaseOrder(order())
}
