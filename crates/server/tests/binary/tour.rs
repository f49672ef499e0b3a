//! The README's tour with the real binary, real sockets and real files: an empty store, a vendor that is a folder, and
//! a person who writes its answer by hand.

use crate::service::{Binary, command, eventually};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

pub fn papers(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path());
    let mut files: Vec<_> = entries.filter(|p| p.is_file() && !p.to_string_lossy().ends_with(".part")).collect();
    files.sort();
    files.iter().map(|p| fs::read_to_string(p).unwrap()).collect()
}

pub fn x12(group: &str, set: &str, number: u32, body: &[&str]) -> String {
    let mut text = format!(
        "ISA*00*          *00*          *ZZ*ACME           *ZZ*RETAILER       *261123*1510*U*00401*{number:09}*0*P*>~\nGS*{group}*ACME*RETAILER*20261123*1510*{number}*X*004010~\nST*{set}*0001~\n"
    );
    for segment in body {
        text += &format!("{segment}~\n");
    }
    text + &format!("SE*{}*0001~\nGE*1*{number}~\nIEA*1*{number:09}~\n", body.len() + 2)
}

pub async fn set_up(service: &Binary) {
    service
        .done(
            "PUT",
            "/v1/items/LAMP-OAK-01",
            &json!({"title": "Oak table lamp", "category": "lighting/table", "unit": "EA"}),
        )
        .await;
    let source = json!({"kind": "vendor", "name": "Acme Lighting", "time_zone": "America/Chicago",
        "ships_from": {"country": "US", "postal_code": "60601"}, "cutoff": "14:00", "handling_days": 1,
        "channel": {"dialect": "x12", "connector": {"type": "folder", "outbound": "edi/acme/out", "inbound": "edi/acme/in", "settle_s": 0},
            "x12": {"version": "004010", "sender": {"qualifier": "ZZ", "id": "RETAILER"}, "receiver": {"qualifier": "ZZ", "id": "ACME"}}}});
    service.done("PUT", "/v1/sources/acme", &source).await;
    let offer = json!({"vendor_sku": "AC-7781", "pack": {"unit": "EA", "base_units": 1},
        "unit_cost": {"amount": "41.50", "currency": "USD"}, "shipping_cost": {"amount": "9.90", "currency": "USD"}});
    service.done("PUT", "/v1/sources/acme/offers/LAMP-OAK-01", &offer).await;
    let advice = json!({"quantity": 12, "as_of": jiff::Timestamp::now()});
    service.done("PUT", "/v1/sources/acme/advice/LAMP-OAK-01", &advice).await;
}

pub fn order(id: &str) -> Value {
    json!({"id": id, "placed_at": "2026-11-23T15:05:00Z", "sales_channel": "web",
        "customer": {"name": "A. Shopper", "email": "a@example.com"},
        "ship_to": {"name": "A. Shopper", "address1": "1 Main St", "city": "Austin", "region": "TX", "postal_code": "73301", "country": "US"},
        "lines": [{"line": "1", "sku": "LAMP-OAK-01", "quantity": 2, "unit": "EA", "unit_price": {"amount": "89.00", "currency": "USD"}}]})
}

#[tokio::test]
async fn an_order_is_committed_out_of_files_edited_by_hand() {
    let data = tempfile::tempdir().unwrap();
    let service = Binary::serve(data.path(), &[]);
    set_up(&service).await;
    let quote = service.done("POST", "/v1/quotes", &json!({"lines": [{"sku": "LAMP-OAK-01", "quantity": 2}], "ship_to": {"country": "US", "postal_code": "73301"}})).await;
    assert_eq!(quote["lines"][0]["promisable"], 2, "{quote}");

    let (status, placed) = service.call("POST", "/v1/orders", &order("1001")).await;
    assert_eq!((status, placed["status"].as_str()), (201, Some("awaiting_confirmation")), "{placed}");
    assert_eq!(placed["lines"][0]["assignments"][0]["purchase_order"], "1001-1");
    let (again, same) = service.call("POST", "/v1/orders", &order("1001")).await;
    assert!(again < 300 && same["id"] == "1001", "the same order again is the first answer: {again} {same}");
    let mut other = order("1001");
    other["lines"][0]["quantity"] = json!(3);
    assert_eq!(service.call("POST", "/v1/orders", &other).await.0, 409, "the same id with other content");

    let (out, inbound) = (data.path().join("edi/acme/out"), data.path().join("edi/acme/in"));
    let ordered = eventually("the 850", async || papers(&out).into_iter().find(|p| p.contains("ST*850"))).await;
    assert!(ordered.contains("1001-1") && ordered.contains("AC-7781"), "{ordered}");
    fs::write(
        inbound.join("855.edi"),
        x12("PR", "855", 1, &["BAK*00*AT*1001-1*20261123", "PO1*1*2*EA*41.5**VN*AC-7781", "ACK*IA*2*EA", "CTT*1"]),
    )
    .unwrap();
    let confirmed = eventually("the commitment", async || {
        let order = service.done("GET", "/v1/orders/1001", &Value::Null).await;
        (order["status"] == "confirmed").then_some(order)
    });
    let confirmed = confirmed.await;
    assert_eq!(confirmed["lines"][0]["tally"]["committed"], 2);
    assert_eq!(confirmed["lines"][0]["promise"]["state"], "confirmed");
    let receipt = eventually("our 997", async || papers(&out).into_iter().find(|p| p.contains("ST*997"))).await;
    assert!(receipt.contains("AK5*A") || receipt.contains("AK9*A"), "{receipt}");

    fs::write(
        inbound.join("856.edi"),
        x12(
            "SH",
            "856",
            2,
            &[
                "BSN*00*S88*20261124*1600*0004",
                "HL*1**S*1",
                "TD5**2*UPSN",
                "REF*2I*1Z999",
                "DTM*011*20261124",
                "HL*2*1*O*1",
                "PRF*1001-1",
                "HL*3*2*I*0",
                "LIN*1*VN*AC-7781",
                "SN1*1*2*EA",
                "CTT*3",
            ],
        ),
    )
    .unwrap();
    let shipped = eventually("the shipment", async || {
        let order = service.done("GET", "/v1/orders/1001", &Value::Null).await;
        (order["status"] == "shipped").then_some(order)
    });
    assert!(shipped.await.to_string().contains("1Z999"));
    let timeline = service.done("GET", "/v1/orders/1001/timeline", &Value::Null).await;
    let sentences: Vec<&str> =
        timeline["items"].as_array().unwrap().iter().filter_map(|e| e["sentence"].as_str()).collect();
    assert!(sentences.iter().any(|s| s.contains("committed to acme")), "{sentences:?}");
    audit(data.path());
}

/// The log proves itself beside the running service, and offline to somebody who has only the public key.
fn audit(data: &Path) {
    let run = |args: &[&str]| {
        let done = command(data).arg("audit").args(args).output().unwrap();
        (done.status.code(), String::from_utf8(done.stdout).unwrap())
    };
    let file = |name: &str| data.join(name).to_string_lossy().into_owned();
    let (export, kept, key) = (file("export.ndjson"), file("kept.txt"), file("key.txt"));
    fs::write(&key, run(&["key"]).1).unwrap();
    fs::write(&kept, run(&["checkpoint"]).1).unwrap();
    assert_eq!(run(&["verify", "--checkpoint", &kept, "--public-key", &key]).0, Some(0), "the live store");
    assert_eq!(run(&["export", "--to", &export]).0, Some(0));
    let offline = ["verify", "--export", &export, "--checkpoint", &kept, "--public-key", &key];
    assert_eq!(run(&offline).0, Some(0), "{}", run(&offline).1);
    let whole = fs::read_to_string(&export).unwrap();
    fs::write(&export, whole.replacen("LAMP-OAK-01", "LAMP-OAK-02", 1)).unwrap();
    let (code, words) = run(&offline);
    assert!(code == Some(1) && words.starts_with("FAULT"), "{words}");
    let lines: Vec<&str> = whole.lines().collect();
    fs::write(&export, lines[..lines.len() - 2].join("\n")).unwrap();
    assert_eq!(run(&offline).0, Some(1), "cut off");
}

#[tokio::test]
async fn a_garbled_file_is_kept_with_its_findings_and_the_next_one_works() {
    let data = tempfile::tempdir().unwrap();
    let service = Binary::serve(data.path(), &[]);
    set_up(&service).await;
    service.done("POST", "/v1/orders", &order("1001")).await;
    let inbound = data.path().join("edi/acme/in");
    let whole =
        x12("PR", "855", 1, &["BAK*00*AT*1001-1*20261123", "PO1*1*2*EA*41.5**VN*AC-7781", "ACK*IA*2*EA", "CTT*1"]);
    fs::write(inbound.join("cut.edi"), &whole[..whole.len() / 2]).unwrap();
    fs::write(inbound.join("noise.edi"), [0xff_u8, 0xfe, 0x00, 0x31].repeat(500)).unwrap();
    let kept = eventually("two files in quarantine", async || {
        let all = service.done("GET", "/v1/quarantine", &Value::Null).await;
        (all["items"].as_array().is_some_and(|items| items.len() == 2)).then_some(all)
    });
    let kept = kept.await;
    assert!(kept.to_string().contains("cut.edi"), "{kept}");
    fs::write(inbound.join("whole.edi"), whole).unwrap();
    eventually("the commitment", async || {
        (service.done("GET", "/v1/orders/1001", &Value::Null).await["status"] == "confirmed").then_some(())
    })
    .await;
}

#[tokio::test]
async fn bad_input_gets_a_clear_problem() {
    let data = tempfile::tempdir().unwrap();
    let service = Binary::serve(data.path(), &[]);
    set_up(&service).await;
    let with = |path: &[&str], value: Value| {
        let mut body = order("2001");
        let mut at = &mut body;
        for part in path {
            at = match part.parse::<usize>() {
                Ok(n) => &mut at[n],
                Err(_) => &mut at[*part],
            };
        }
        *at = value;
        body
    };
    for (body, pointer) in [
        (with(&["lines", "0", "sku"], json!("LAMP-OAK-0I")), "/lines/0/sku"),
        (with(&["lines", "0", "unit"], json!("CA")), "/lines/0/unit"),
        (with(&["lines", "0", "quantity"], json!(0)), "/lines/0/quantity"),
        (with(&["lines", "0", "quantity"], json!(-1)), "/lines/0/quantity"),
        (with(&["lines", "0", "quantity"], json!(4_000_000_000_u64)), "/lines/0/quantity"),
        (with(&["placed_at"], json!("2026-11-23T15:05:00")), "/placed_at"),
        (with(&["id"], json!("a b")), "/id"),
    ] {
        let (status, problem) = service.call("POST", "/v1/orders", &body).await;
        assert!((400..500).contains(&status), "{pointer}: {status} {problem}");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem}");
        assert!(problem["detail"].as_str().is_some_and(|d| !d.is_empty()), "{problem}");
    }
    assert_eq!(service.call("GET", "/v1/orders/2001", &Value::Null).await.0, 404, "nothing was stored");
    let (status, _) = service.call_as("cs_no_such", "GET", "/v1/orders", &Value::Null).await;
    assert_eq!(status, 401);
}
