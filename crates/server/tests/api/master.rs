//! Master data in and out.

use super::world::{World, offer_body, source_body};
use serde_json::json;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_goes_in_comes_out() {
    let w = World::stocked().await;
    let item = w.get("/v1/items/LAMP").await.expect(200);
    assert_eq!(item["title"], "Oak lamp");
    assert_eq!(item["unit"], "EA");
    let source = w.get("/v1/sources/acme").await.expect(200);
    assert_eq!(
        (source["time_zone"].as_str(), source["channel"]["dialect"].as_str()),
        (Some("America/Chicago"), Some("portal"))
    );
    let offer = w.get("/v1/sources/acme/offers/LAMP").await.expect(200);
    assert_eq!(offer["unit_cost"], json!({"amount": "41.50", "currency": "USD"}));
    assert_eq!(offer["advice"]["quantity"], 10);
    let sources = w.get("/v1/sources?limit=1").await.expect(200);
    assert_eq!(sources["items"][0]["id"], "acme");
    let next = sources["next"].as_str().unwrap();
    let rest = w.get(&format!("/v1/sources?limit=1&cursor={next}")).await.expect(200);
    assert_eq!(rest["items"][0]["id"], "bolt");
    assert_eq!(w.get("/v1/items/LAMP/offers").await.expect(200)["items"].as_array().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_is_named() {
    let w = World::stocked().await;
    let gtin = json!({"title": "Mug", "category": "kitchen", "gtin": "4006381333932"});
    let (kind, body) = w.put("/v1/items/MUG", gtin).await.problem(422);
    assert_eq!((kind.as_str(), body["errors"][0]["pointer"].as_str()), ("invalid-field", Some("/gtin")));
    assert_eq!(body["errors"][0]["value"], "4006381333932");
    assert!(body["detail"].as_str().unwrap().contains("check digit should be 1"), "{body}");

    let mut zone = source_body("x");
    zone["time_zone"] = json!("America/Chigaco");
    let (_, body) = w.put("/v1/sources/x", zone).await.problem(422);
    assert_eq!(body["errors"][0]["pointer"], "/time_zone");

    let (_, body) = w.put("/v1/items/MUG", json!({"category": "kitchen"})).await.problem(422);
    assert_eq!(
        (body["errors"][0]["pointer"].as_str(), body["errors"][0]["reason"].as_str()),
        (Some("/title"), Some("missing"))
    );

    let advice = json!({"quantity": 12, "as_of": "2026-11-23T09:00:00"});
    let (_, body) = w.put("/v1/sources/acme/advice/LAMP", advice).await.problem(422);
    assert_eq!(body["errors"][0]["value"], "2026-11-23T09:00:00");
    assert!(body["detail"].as_str().unwrap().contains("offset"), "{body}");

    assert_eq!(w.put("/v1/sources/acme/offers/NONE", offer_body("acme", "1.00")).await.problem(404).0, "unknown-sku");
    assert_eq!(
        w.put("/v1/sources/none/offers/LAMP", offer_body("acme", "1.00")).await.problem(404).0,
        "unknown-source"
    );
    assert_eq!(w.get("/v1/items/NONE").await.problem(404).0, "unknown-sku");
    assert_eq!(w.get("/v1/sources/acme/offers/NONE").await.problem(404).0, "not-found");
    let (_, body) = w.get("/v1/items?limit=many").await.problem(422);
    assert_eq!(body["errors"][0]["pointer"], "?limit");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn advice_in_bulk_leaves_out_what_is_wrong() {
    let w = World::stocked().await;
    let now = jiff::Timestamp::now().to_string();
    let feed = json!({"as_of": now, "full": false, "lines": [
        {"vendor_sku": "acme-1", "quantity": 3}, {"sku": "NONE", "quantity": 1}]});
    let outcome = w.post("/v1/sources/acme/advice", feed.clone()).await.expect(200);
    assert_eq!(outcome["lines"], 2);
    assert_eq!(outcome["findings"][0]["reason"], "catalog_unknown_sku");
    assert_eq!(outcome["findings"][0]["pointer"], "/lines/1");
    assert_eq!(w.get("/v1/sources/acme/advice/LAMP").await.expect(200)["quantity"], 3);
    let again = w.post("/v1/sources/acme/advice", feed).await.expect(200);
    assert_eq!(again["unchanged"], 1);
    let unsaid = json!({"as_of": now, "lines": []});
    assert_eq!(w.post("/v1/sources/acme/advice", unsaid).await.problem(422).1["errors"][0]["pointer"], "/full");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_is_taken_in_row_by_row() {
    let w = World::empty().await;
    let csv = "sku,title,category\nMUG,Mug,kitchen\nPOT,Pot,Kitchen\n";
    let job = w.call("buyer", "POST", "/v1/imports?kind=items", &[("content-type", "text/csv")], csv).await.expect(202);
    let path = format!("/v1/imports/{}", job["id"].as_str().unwrap());
    let mut view = w.get(&path).await.expect(200);
    while view["state"] == "running" {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        view = w.get(&path).await.expect(200);
    }
    assert_eq!(
        (view["state"].as_str(), view["taken_in"].as_u64(), view["rejected"].as_u64()),
        (Some("done"), Some(1), Some(1))
    );
    assert_eq!((view["faults"][0]["row"].as_u64(), view["faults"][0]["column"].as_str()), (Some(3), Some("category")));
    w.get("/v1/items/MUG").await.expect(200);
    let refused =
        w.call("customer_service", "POST", "/v1/imports?kind=items", &[("content-type", "text/csv")], csv).await;
    assert_eq!(refused.problem(403).0, "forbidden");
    let refused = w.call("it", "POST", "/v1/imports?kind=things", &[("content-type", "text/csv")], csv).await;
    assert_eq!(refused.problem(422).1["errors"][0]["pointer"], "?kind");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_secret_in_plain_words_never_reaches_the_log() {
    use countersign_runtime::ports::Store;
    let w = World::empty().await;
    let mut source = source_body("acme");
    source["channel"] = json!({"dialect": "api",
        "connector": {"type": "http", "base": "https://vendor.example/api", "token": "canary-4711"}});
    let (_, body) = w.put("/v1/sources/acme", source.clone()).await.problem(422);
    assert_eq!(body["errors"][0]["pointer"], "/channel/connector/token");
    assert!(w.store.journal(0, 10).unwrap().is_empty());
    source["channel"]["connector"]["token"] = json!("secret:acme.token");
    let (_, body) = w.put("/v1/sources/acme", source.clone()).await.problem(422);
    assert!(body["detail"].as_str().unwrap().contains("store it first"), "{body}");
    w.put("/v1/secrets/acme.token", json!({"secret": "canary-4711"})).await.expect(204);
    w.put("/v1/sources/acme", source).await.expect(200);
    assert!(!w.store.journal(0, 10).unwrap().iter().any(|row| row.body.contains("canary")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_of_offers_is_tried_as_it_would_be_taken_in() {
    let w = World::stocked().await;
    let csv = "source,sku,vendor_sku,pack.unit,pack.base_units,unit_cost.amount,unit_cost.currency,shipping_cost.amount,shipping_cost.currency\n\
               acme,LAMP,acme-1,EA,1,40.00,USD,9.90,USD\n\
               acme,NOPE,acme-2,EA,1,40.00,USD,9.90,USD\n\
               acme,LAMP,,EA,six,much,USD,9.90,USD\n";
    for dry_run in [true, false] {
        let path = format!("/v1/imports?kind=offers&dry_run={dry_run}");
        let job = w.call("buyer", "POST", &path, &[("content-type", "text/csv")], csv).await.expect(202);
        let path = format!("/v1/imports/{}", job["id"].as_str().unwrap());
        let mut view = w.get(&path).await.expect(200);
        while view["state"] == "running" {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            view = w.get(&path).await.expect(200);
        }
        assert_eq!((&view["taken_in"], &view["rejected"]), (&json!(1), &json!(2)), "{dry_run}: {view:#}");
        let told: Vec<(u64, &str, &str)> = view["faults"]
            .as_array()
            .unwrap()
            .iter()
            .map(|f| (f["row"].as_u64().unwrap(), f["column"].as_str().unwrap(), f["value"].as_str().unwrap()))
            .collect();
        let expected =
            [(3, "sku", "NOPE"), (4, "vendor_sku", ""), (4, "pack.base_units", "six"), (4, "unit_cost.amount", "much")];
        assert!(expected.iter().all(|fault| told.contains(fault)) && told.len() == 4, "{dry_run}: {told:?}");
        assert!(!view.to_string().contains("invalid type"), "{view:#}");
        let cost = w.get("/v1/sources/acme/offers/LAMP").await.expect(200)["unit_cost"]["amount"].clone();
        assert_eq!(cost, if dry_run { "41.50" } else { "40.00" });
    }
}
