//! The vendors' side: own purchase orders, answers, shipments; nothing of others.

use super::world::{World, order_body};
use serde_json::json;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_the_purchase_order_to_the_shipment() {
    let w = World::stocked().await;
    w.post("/v1/orders", order_body("1001", 2)).await.expect(201);
    let mine = w.call("acme", "GET", "/vendor/v1/purchase-orders?state=open", &[], "").await.expect(200);
    let po = &mine["items"][0];
    assert_eq!((po["purchase_order"].as_str(), po["attempt"].as_u64()), (Some("1001-1"), Some(1)));
    assert_eq!(
        (po["ship_to"]["city"].as_str(), po["lines"][0]["vendor_sku"].as_str()),
        (Some("Austin"), Some("acme-1"))
    );
    w.call("acme", "POST", "/vendor/v1/purchase-orders/1001-1/receipt", &[], "").await.expect(200);
    let answer = json!({"attempt": 1, "vendor_order": "V-9", "lines": [
        {"line": "1", "accepted": 1, "ship_on": "2026-11-24"}, {"line": "1", "rejected": 1, "reason": "out_of_stock"}]});
    let told = w.post_as("acme", "/vendor/v1/purchase-orders/1001-1/acknowledgment", answer).await.expect(200);
    assert_eq!((told["lines"][0]["accepted"].as_u64(), told["lines"][0]["declined"].as_u64()), (Some(1), Some(1)));
    assert_eq!(told.get("ship_to"), None, "what was not read is not told as empty");
    let order = w.get("/v1/orders/1001").await.expect(200);
    assert_eq!(order["lines"][0]["tally"]["committed"], 1);
    assert_eq!(order["lines"][0]["assignments"][1]["source"], "bolt", "the rest is asked of the next");
    let notice = json!({"shipment": "S-88", "shipped_at": jiff::Timestamp::now().to_string(), "carrier": "UPSN",
        "tracking": ["1Z"], "lines": [{"line": "1", "quantity": 1}]});
    let told = w.post_as("acme", "/vendor/v1/purchase-orders/1001-1/shipments", notice).await.expect(200);
    assert_eq!(told["shipments"], json!(["S-88"]));
    let view = w.get("/v1/purchase-orders/1001-1").await.expect(200);
    let names: Vec<&str> = view["documents"].as_array().unwrap().iter().map(|d| d["name"].as_str().unwrap()).collect();
    assert!(names.contains(&"purchase-orders/1001-1/acknowledgment"), "{names:?}");
    assert_eq!(view["vendor_order"], "V-9");
    let card = w.call("acme", "GET", "/vendor/v1/scorecard", &[], "").await.expect(200);
    assert_eq!(
        (card["purchase_orders"].as_u64(), card["units_accepted"].as_u64(), card["units_shipped"].as_u64()),
        (Some(1), Some(1), Some(1))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_vendors_things_are_as_if_absent() {
    let w = World::stocked().await;
    w.post("/v1/orders", order_body("1001", 2)).await.expect(201);
    for (method, tail, body) in [
        ("GET", "", ""),
        ("POST", "/receipt", ""),
        ("POST", "/acknowledgment", "{\"lines\":[{\"line\":\"1\",\"accepted\":2}]}"),
        ("POST", "/shipments", "{\"shipment\":\"S\",\"lines\":[{\"line\":\"1\",\"quantity\":1}]}"),
        ("POST", "/cancellation-answer", "{\"accepted\":true}"),
    ] {
        let foreign =
            w.call("bolt", method, &format!("/vendor/v1/purchase-orders/1001-1{tail}"), &[], body).await.problem(404);
        let absent =
            w.call("bolt", method, &format!("/vendor/v1/purchase-orders/1001-9{tail}"), &[], body).await.problem(404);
        assert_eq!(foreign.0, absent.0);
        let same = |v: &serde_json::Value| v["detail"].as_str().unwrap().replace("1001-9", "1001-1");
        assert_eq!(same(&foreign.1), same(&absent.1));
    }
    let none = w.call("bolt", "GET", "/vendor/v1/purchase-orders?source=acme", &[], "").await.expect(200);
    assert_eq!(none["items"], json!([]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn faulty_answers_change_nothing() {
    let w = World::stocked().await;
    w.post("/v1/orders", order_body("1001", 2)).await.expect(201);
    let path = "/vendor/v1/purchase-orders/1001-1/acknowledgment";
    let both = json!({"attempt": 1, "lines": [{"line": "1", "accepted": 1, "rejected": 1}]});
    let (_, body) = w.post_as("acme", path, both).await.problem(422);
    assert_eq!(body["errors"][0]["pointer"], "/lines/0");
    assert_eq!(w.call("acme", "POST", path, &[], "{\"lines\":").await.problem(400).0, "malformed-json");
    assert_eq!(
        w.call("acme", "POST", path, &[("content-type", "application/json")], "").await.problem(400).0,
        "malformed-json"
    );
    let negative = json!({"attempt": 1, "lines": [{"line": "1", "accepted": -1}]});
    assert_eq!(w.post_as("acme", path, negative).await.problem(422).0, "invalid-field");
    assert_eq!(w.get("/v1/orders/1001").await.expect(200)["lines"][0]["tally"]["accepted"], 0);
    let late = json!({"attempt": 7, "lines": [{"line": "1", "accepted": 2}]});
    w.post_as("acme", path, late).await.expect(200);
    assert_eq!(w.get("/v1/orders/1001").await.expect(200)["lines"][0]["tally"]["accepted"], 0);
    let more = json!({"attempt": 1, "lines": [{"line": "1", "accepted": 9}]});
    w.post_as("acme", path, more).await.expect(200);
    let order = w.get("/v1/orders/1001").await.expect(200);
    let cases = order["cases"].as_array().unwrap();
    let mismatch = cases.iter().find(|c| c["kind"] == "answer_mismatch").unwrap();
    assert_eq!(mismatch["subject"]["order"], "1001");
    let case = mismatch["id"].as_str().unwrap();
    let stale = json!({"remedy": {"action": "dismiss"}, "revision": 99});
    assert_eq!(w.post_as("vendor_manager", &format!("/v1/cases/{case}/resolve"), stale).await.problem(409).0, "stale");
    let resolved = w
        .post_as("vendor_manager", &format!("/v1/cases/{case}/resolve"), json!({"remedy": {"action": "dismiss"}}))
        .await;
    assert!(resolved.expect(200)["resolution"].is_object());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn availability_is_reported() {
    let w = World::stocked().await;
    let body = json!({"lines": [{"vendor_sku": "acme-1", "quantity": 4}, {"vendor_sku": "none", "quantity": 1}]});
    let outcome = w.post_as("acme", "/vendor/v1/availability", body).await.expect(200);
    assert_eq!(outcome["findings"][0]["reason"], "catalog_unknown_sku");
    assert_eq!(w.get("/v1/sources/acme/advice/LAMP").await.expect(200)["quantity"], 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn advice_of_which_nothing_can_be_used_is_a_problem() {
    let w = World::stocked().await;
    let line = |sku: &str| json!({"vendor_sku": sku, "quantity": 3, "unit": if sku == "acme-1" { "CA" } else { "EA" }});
    for (lines, reason) in [(["acme-1"], "catalog_unit_mismatch"), (["nope"], "catalog_unknown_sku")] {
        let lines: Vec<_> = lines.into_iter().map(line).collect();
        let told = w.post_as("acme", "/vendor/v1/availability", json!({"lines": lines})).await.problem(422);
        assert_eq!((told.0.as_str(), told.1["errors"][0]["reason"].as_str()), ("invalid-field", Some(reason)));
    }
}
