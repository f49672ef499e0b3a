//! Orders: captured once, explained, changed, kept apart from people's names.

use super::world::{World, order_body};
use countersign_runtime::ports::Store;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_is_captured_once() {
    let w = World::stocked().await;
    let first = w.post("/v1/orders", order_body("1001", 2)).await;
    assert_eq!(first.headers["location"], "/v1/orders/1001");
    assert!(!first.headers.contains_key("idempotent-replayed"));
    let order = first.expect(201);
    assert_eq!((order["status"].as_str(), order["mode"].as_str()), (Some("awaiting_confirmation"), Some("enforce")));
    let line = &order["lines"][0];
    assert_eq!(
        line["tally"],
        json!({"ordered": 2, "held": 2, "accepted": 0, "committed": 0, "shipped": 0, "cancelled": 0})
    );
    assert_eq!(line["promise"]["state"], "provisional");
    assert_eq!(line["assignments"][0]["purchase_order"], "1001-1");
    assert_eq!(
        (line["assignments"][0]["source"].as_str(), line["assignments"][0]["phase"].as_str()),
        (Some("acme"), Some("requested"))
    );
    assert_eq!(order["customer"]["email"], "a@example.com");

    let again = w.post("/v1/orders", order_body("1001", 2)).await;
    assert_eq!(again.headers["idempotent-replayed"], "true");
    assert_eq!(again.expect(201), order);
    assert_eq!(w.get("/v1/orders/1001").await.expect(200), order, "the same body comes from GET");
    let (kind, body) = w.post("/v1/orders", order_body("1001", 3)).await.problem(409);
    assert_eq!((kind.as_str(), body["errors"][0]["pointer"].as_str()), ("order-conflict", Some("/id")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobodys_name_is_in_the_log() {
    let w = World::stocked().await;
    w.post("/v1/orders", order_body("1001", 1)).await.expect(201);
    for row in w.store.journal(0, 1_000).unwrap() {
        for secret in ["Shopper", "example.com", "Main St", "Austin", "73301"] {
            assert!(!row.body.contains(secret), "{secret} in {}", row.body);
        }
    }
    let buyer = w.call("buyer", "GET", "/v1/orders/1001", &[], "").await.expect(200);
    assert_eq!((&buyer["customer"], &buyer["ship_to"]), (&Value::Null, &Value::Null));
    assert_eq!(buyer["destination"], json!({"country": "US", "region": "TX", "postal_code": "733"}));
    w.call("it", "DELETE", "/v1/orders/1001/person", &[], "").await.expect(204);
    assert_eq!(w.get("/v1/orders/1001").await.expect(200)["ship_to"], Value::Null);
    assert_eq!(w.call("it", "DELETE", "/v1/orders/1001/person", &[], "").await.problem(404).0, "not-found");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_orders_are_refused_with_every_fault() {
    let w = World::stocked().await;
    for quantity in [0, 100_001] {
        let (kind, body) = w.post("/v1/orders", order_body("1", quantity)).await.problem(422);
        assert_eq!(
            (kind.as_str(), body["errors"][0]["pointer"].as_str()),
            ("invalid-field", Some("/lines/0/quantity"))
        );
    }
    let (_, body) = w.post("/v1/orders", order_body("1", -2)).await.problem(422);
    assert_eq!(
        (body["errors"][0]["pointer"].as_str(), &body["errors"][0]["value"]),
        (Some("/lines/0/quantity"), &json!(-2))
    );
    let mut unknown = order_body("1", 1);
    unknown["lines"][0]["sku"] = json!("LAMP-0");
    let (kind, body) = w.post("/v1/orders", unknown).await.problem(422);
    assert_eq!(kind, "unknown-sku");
    assert_eq!(body["errors"][0]["reason"], "catalog_unknown_sku");
    let mut unit = order_body("1", 1);
    unit["lines"][0]["unit"] = json!("CA");
    assert_eq!(w.post("/v1/orders", unit).await.problem(422).1["errors"][0]["reason"], "catalog_unit_mismatch");
    let mut time = order_body("1", 1);
    time["placed_at"] = json!("2026-11-23T15:05:00");
    let (_, body) = w.post("/v1/orders", time).await.problem(422);
    assert_eq!(body["errors"][0]["pointer"], "/placed_at");
    let mut country = order_body("1", 1);
    country["ship_to"]["country"] = json!("usa");
    country["ship_to"]["name"] = json!("x".repeat(400));
    assert_eq!(w.post("/v1/orders", country).await.problem(422).1["errors"].as_array().unwrap().len(), 2);
    let mut more = order_body("1", 1);
    more["a_field_of_tomorrow"] = json!({"x": 1});
    w.post("/v1/orders", more).await.expect(201);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_orders_in_one_request() {
    let w = World::stocked().await;
    let mut lines: Vec<String> = (1..=3).map(|n| order_body(&format!("b{n}"), 1).to_string()).collect();
    lines.insert(1, "{\"id\":".into());
    lines.insert(2, order_body("b9", 0).to_string());
    lines.push(String::new());
    lines.push(order_body("b1", 1).to_string());
    let body = lines.join("\n");
    let answer = w.call("it", "POST", "/v1/orders", &[("content-type", "application/x-ndjson")], &body).await;
    let results = answer.lines();
    let told: Vec<(u64, u64)> =
        results.iter().map(|r| (r["line"].as_u64().unwrap(), r["status"].as_u64().unwrap())).collect();
    assert_eq!(told, [(1, 201), (2, 400), (3, 422), (4, 201), (5, 201), (7, 201)]);
    assert_eq!(results[1]["problem"]["type"], "/problems/malformed-json");
    assert_eq!(results[0]["order_status"], "awaiting_confirmation");
    assert_eq!(w.get("/v1/orders?limit=2").await.expect(200)["items"].as_array().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_is_paged_and_searched() {
    let w = World::stocked().await;
    for n in 1..=5 {
        w.post("/v1/orders", order_body(&format!("p{n}"), 1)).await.expect(201);
    }
    let mut seen = vec![];
    let mut path = "/v1/orders?limit=2".to_owned();
    loop {
        let page = w.get(&path).await.expect(200);
        seen.extend(page["items"].as_array().unwrap().iter().map(|o| o["id"].as_str().unwrap().to_owned()));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/v1/orders?limit=2&cursor={next}");
    }
    assert_eq!(seen, ["p5", "p4", "p3", "p2", "p1"]);
    let found = w.get("/v1/orders?q=p3-1").await.expect(200);
    assert_eq!(found["items"][0]["id"], "p3");
    assert_eq!(w.get("/v1/orders?status=confirmed").await.expect(200)["items"], json!([]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_happened_and_why_in_sentences() {
    let w = World::stocked().await;
    w.post("/v1/orders", order_body("1001", 2)).await.expect(201);
    let timeline = w.get("/v1/orders/1001/timeline").await.expect(200);
    let kinds: Vec<&str> = timeline["items"].as_array().unwrap().iter().map(|i| i["type"].as_str().unwrap()).collect();
    assert!(kinds.starts_with(&["order.captured", "plan.made"]), "{kinds:?}");
    assert!(kinds.contains(&"purchase_order.released"));
    assert_eq!(timeline["items"][0]["by"], json!({"kind": "program", "name": "it"}));
    assert!(
        timeline["items"].as_array().unwrap().iter().all(|i| i["sentence"].as_str().unwrap().ends_with(['.', '!']))
    );
    let decisions = w.get("/v1/orders/1001/decisions").await.expect(200);
    let candidates = decisions["items"][0]["candidates"].as_array().unwrap();
    assert_eq!(candidates.len(), 2);
    let bolt = candidates.iter().find(|c| c["source"] == "bolt").unwrap();
    assert_eq!((bolt["reason"].as_str(), bolt["source_name"].as_str()), (Some("route_costlier"), Some("bolt")));
    assert!(!decisions["items"][0]["what_if"].as_array().unwrap().is_empty());
    assert_eq!(w.get("/v1/orders/none/timeline").await.problem(404).0, "unknown-order");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn orders_are_held_released_rerouted_and_cancelled() {
    let w = World::stocked().await;
    w.post("/v1/orders", order_body("1001", 2)).await.expect(201);
    w.post("/v1/orders/1001/hold", json!({"reason": "manual_hold"})).await.expect(200);
    assert_eq!(w.get("/v1/orders/1001").await.expect(200)["on_hold"], "manual_hold");
    w.call("it", "POST", "/v1/orders/1001/release", &[], "").await.expect(200);
    let forbidden = w.post_as("customer_service", "/v1/orders/1001/lines/1/reroute", json!({"to": "bolt"})).await;
    assert_eq!(forbidden.problem(403).0, "forbidden");
    let moved = w.post_as("buyer", "/v1/orders/1001/lines/1/reroute", json!({"to": "bolt"})).await;
    let order = moved.expect(202);
    let sources: Vec<&str> =
        order["lines"][0]["assignments"].as_array().unwrap().iter().map(|a| a["source"].as_str().unwrap()).collect();
    assert_eq!(sources, ["acme", "bolt"]);
    w.post("/v1/orders/1001/cancel", json!({"reason": "cancel_customer"})).await.expect(202);
    assert_eq!(w.post("/v1/orders/none/cancel", json!({})).await.problem(404).0, "unknown-order");
    let (_, body) = w.post("/v1/orders/1001/cancel", json!({"reason": "because"})).await.problem(422);
    assert_eq!(body["errors"][0]["pointer"], "/reason");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_answer_is_given_again() {
    let w = World::stocked().await;
    let key = [("idempotency-key", "k-1")];
    let body = order_body("1001", 1).to_string();
    let first = w.call("it", "POST", "/v1/orders", &key, &body).await.expect(201);
    w.post("/v1/orders/1001/cancel", json!({})).await.expect(202);
    let again = w.call("it", "POST", "/v1/orders", &key, &body).await;
    assert_eq!(again.headers["idempotent-replayed"], "true");
    assert_eq!(again.expect(201), first, "as it was answered, not as it stands");
    let other = w.call("it", "POST", "/v1/orders", &key, &order_body("1002", 1).to_string()).await;
    assert_eq!(other.problem(422).0, "idempotency-key-reused");
    let foreign = w.call("customer_service", "POST", "/v1/orders", &key, &order_body("1002", 1).to_string()).await;
    foreign.expect(201);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_is_held_until_the_order_is_committed() {
    let w = std::sync::Arc::new(World::stocked().await);
    let waiting = w.clone();
    let held = tokio::spawn(async move {
        let body = order_body("1001", 2).to_string();
        waiting.call("it", "POST", "/v1/orders", &[("prefer", "wait=20")], &body).await.expect(201)
    });
    let path = "/vendor/v1/purchase-orders/1001-1/acknowledgment";
    loop {
        let answer = w.post_as("acme", path, json!({"attempt": 1, "lines": [{"line": "1", "accepted": 2}]})).await;
        if answer.status == 200 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let order = tokio::time::timeout(std::time::Duration::from_secs(10), held).await.unwrap().unwrap();
    assert_eq!(order["status"], "confirmed");
    assert_eq!(order["lines"][0]["promise"]["state"], "confirmed");
    let body = order_body("1002", 1).to_string();
    let short = w.call("it", "POST", "/v1/orders", &[("prefer", "wait=1")], &body).await.expect(201);
    assert_eq!(short["status"], "awaiting_confirmation");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cart_is_quoted_and_nothing_is_written() {
    let w = World::stocked().await;
    let (head, _) = w.store.head().unwrap();
    let cart = json!({"lines": [{"sku": "LAMP", "quantity": 2}, {"sku": "NONE", "quantity": 1}],
        "ship_to": {"country": "US", "postal_code": "73301"}, "service_level": "standard", "budget_ms": 300});
    let quote = w.post("/v1/quotes", cart.clone()).await.expect(200);
    let line = &quote["lines"][0];
    assert_eq!(
        (line["promisable"].as_u64(), line["live"].as_bool(), &line["reason"]),
        (Some(2), Some(false), &Value::Null)
    );
    assert!(line["confidence"].as_str().unwrap().starts_with("0.9"));
    assert_eq!(
        (quote["lines"][1]["promisable"].as_u64(), quote["lines"][1]["reason"].as_str()),
        (Some(0), Some("catalog_unknown_sku"))
    );
    assert_eq!(w.store.head().unwrap().0, head);
    let mut none = cart;
    none["lines"] = json!([]);
    assert_eq!(w.post("/v1/quotes", none).await.problem(422).1["errors"][0]["pointer"], "/lines");
}
