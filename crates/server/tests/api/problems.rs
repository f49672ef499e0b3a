//! Every wrong call gets a problem that says what to do; nothing hangs and nothing is half done.

use super::world::{World, order_body};
use serde_json::json;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn malformed_bodies_say_where() {
    let w = World::stocked().await;
    let (kind, body) = w.call("it", "POST", "/v1/orders", &[], "{\"id\": \"1\",\n \"lines\": [").await.problem(400);
    assert_eq!(kind, "malformed-json");
    assert!(body["detail"].as_str().unwrap().contains("line 2"), "{body}");
    assert_eq!(
        w.call("it", "POST", "/v1/quotes", &[("content-type", "application/json")], "").await.problem(400).0,
        "malformed-json"
    );
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let (kind, body) = w.call("it", "PUT", "/v1/items/X", &form, "{}").await.problem(415);
    assert_eq!(kind, "unsupported-media-type");
    assert!(body["detail"].as_str().unwrap().contains("curl"));
    let bytes = [b"{\"title\": \"".as_slice(), &[0xff, 0xfe], b"\"}"].concat();
    let bearer = format!("Bearer {}", w.key("it"));
    let garbled =
        w.raw("PUT", "/v1/items/X", &[("authorization", &bearer), ("content-type", "application/json")], &bytes).await;
    assert_eq!(garbled.problem(400).0, "malformed-json");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn large_bodies_are_refused_unread() {
    let w = World::empty().await;
    let bearer = format!("Bearer {}", w.key("it"));
    let headers =
        [("authorization", bearer.as_str()), ("content-type", "application/json"), ("content-length", "209715200")];
    assert_eq!(w.raw("POST", "/v1/orders", &headers, b"").await.problem(413).0, "too-large");
    let big = format!("{{\"title\": \"{}\"}}", "x".repeat(2 << 20));
    assert_eq!(w.call("it", "PUT", "/v1/items/X", &[], &big).await.problem(413).0, "too-large");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_there_is_said_so() {
    let w = World::empty().await;
    assert_eq!(w.get("/v1/nothing").await.problem(404).0, "not-found");
    let (kind, _) = w.call("it", "DELETE", "/v1/orders", &[], "").await.problem(405);
    assert_eq!(kind, "method-not-allowed");
    assert_eq!(w.get("/v1/orders/none").await.problem(404).0, "unknown-order");
    assert_eq!(w.get("/v1/purchase-orders/none-1").await.problem(404).0, "unknown-purchase-order");
    assert_eq!(w.get("/v1/cases/none-1").await.problem(404).0, "unknown-case");
    assert_eq!(w.get("/v1/approvals/none-1").await.problem(404).0, "unknown-approval");
    assert_eq!(w.post("/v1/cases/none-1/comment", json!({"words": "x"})).await.problem(404).0, "unknown-case");
    assert_eq!(w.get("/v1/quarantine/7").await.problem(404).0, "not-found");
    assert_eq!(w.get("/v1/reports/none").await.problem(404).0, "not-found");
    assert_eq!(w.get("/v1/reports/weather").await.problem(404).0, "not-found");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_keeps_its_id() {
    let w = World::stocked().await;
    let answer =
        w.call("it", "POST", "/v1/orders", &[("x-request-id", "shop-17")], &order_body("1001", 1).to_string()).await;
    assert_eq!(answer.headers["x-request-id"], "shop-17");
    let export = w.call("auditor", "GET", "/v1/audit/export", &[], "").await.lines();
    let last: serde_json::Value = serde_json::from_str(export[export.len() - 2]["body"].as_str().unwrap()).unwrap();
    assert_eq!(last["cause"], "shop-17");
    let odd = w.call("it", "GET", "/v1/orders", &[("x-request-id", "a b")], "").await;
    assert_ne!(odd.headers["x-request-id"], "a b");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_pages_work_offline() {
    let w = World::empty().await;
    let document = w.call("", "GET", "/openapi.json", &[], "").await.expect(200);
    assert_eq!(document["openapi"], "3.1.0");
    let paths = document["paths"].as_object().unwrap();
    for path in
        ["/v1/orders", "/v1/orders/{order}/decisions", "/vendor/v1/purchase-orders/{po}/acknowledgment", "/v1/events"]
    {
        assert!(paths.contains_key(path), "{path}");
    }
    every_reference_leads_somewhere(&document, &document);
    let vendor = w.call("", "GET", "/vendor/openapi.json", &[], "").await.expect(200);
    assert!(vendor["paths"]["/purchase-orders"]["post"].is_object());
    every_reference_leads_somewhere(&vendor, &vendor);
    let page = w.call("", "GET", "/docs", &[], "").await;
    assert!(page.text.contains("/v1/orders"));
    assert!(!page.text.contains("https://") && !page.text.contains("<script"), "nothing from elsewhere");
    assert!(page.headers["content-security-policy"].contains("default-src 'none'"));
    for kind in countersign_server::problem::Kind::ALL {
        assert_eq!(w.call("", "GET", &format!("/problems/{}", kind.code()), &[], "").await.status, 200);
    }
}

fn every_reference_leads_somewhere(part: &serde_json::Value, whole: &serde_json::Value) {
    match part {
        serde_json::Value::Object(fields) => {
            if let Some(reference) = fields.get("$ref").and_then(|r| r.as_str()) {
                assert!(whole.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
            }
            fields.values().for_each(|v| every_reference_leads_somewhere(v, whole));
        }
        serde_json::Value::Array(all) => all.iter().for_each(|v| every_reference_leads_somewhere(v, whole)),
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn operation_is_told() {
    let w = World::stocked().await;
    w.call("", "GET", "/healthz", &[], "").await.expect(200);
    w.call("", "GET", "/readyz", &[], "").await.expect(200);
    assert_eq!(w.call("", "GET", "/metrics", &[], "").await.status, 401);
    let figures = w.get("/metrics").await.text;
    for name in [
        "countersign_http_requests_total{method=\"PUT\",route=\"/v1/items/{sku}\",status=\"2xx\"}",
        "countersign_journal_head",
        "countersign_commands_total{deed=\"record_item\",outcome=\"done\"}",
        "countersign_commit_duration_seconds_count",
        "countersign_commits_total",
    ] {
        assert!(figures.contains(name), "{name}\n{figures}");
    }
    let reasons = w.get("/v1/reasons").await.expect(200);
    assert!(reasons["items"].as_array().unwrap().iter().any(|r| r["code"] == "route_chosen"));
}

/// One store could not hold it and the other would look for it: it is refused at the door, whatever the call.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nul_is_refused_in_every_query_and_path() {
    let w = World::stocked().await;
    for name in ["q", "status", "cursor", "nothing"] {
        let (kind, body) = w.get(&format!("/v1/orders?limit=5&{name}=a%00b")).await.problem(422);
        assert_eq!(kind, "invalid-field");
        assert_eq!(
            (&body["errors"][0]["pointer"], &body["errors"][0]["value"]),
            (&json!(format!("?{name}")), &json!("a\0b"))
        );
    }
    w.get("/v1/orders?q=%2500").await.expect(200);
    let mut walked = 0;
    for described in countersign_server::api::described() {
        let route = &described.route;
        if route.is_page || !matches!(route.access, countersign_server::auth::Access::Needs(_)) {
            continue;
        }
        let Some((before, rest)) = route.path.split_once('{') else { continue };
        let (name, after) = rest.split_once('}').unwrap();
        let path = format!("{before}a%00b{after}");
        let who = countersign_engine::command::Role::ALL.map(countersign_engine::command::Role::code);
        let mut answers = vec![];
        for who in who.into_iter().filter(|who| *who != "vendor").chain(["acme"]) {
            answers.push(w.call(who, route.method.as_str(), &path, &[], "{}").await);
        }
        assert!(answers.iter().all(|a| a.status == 422 || a.status == 403), "{path}: {answers:?}");
        let refused = answers.into_iter().find(|a| a.status == 422).expect("some role may");
        assert_eq!(refused.json()["errors"][0]["pointer"], format!("{{{name}}}"));
        walked += 1;
    }
    assert!(walked > 50, "{walked}");
}
