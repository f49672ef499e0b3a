//! A policy tried on this installation's own journal: a job with a result, one order opened, cancelled without a trace.

use super::world::{World, order_body};
use serde_json::{Value, json};
use std::time::Duration;

const WHO: &str = "vendor_manager";

async fn wait_for(w: &World, job: &str) -> Value {
    for _ in 0..600 {
        let view = w.call(WHO, "GET", &format!("/v1/backtests/{job}"), &[], "").await.expect(200);
        if view["state"] != "running" {
            return view;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the backtest did not end");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_policy_is_tried_on_the_journal() {
    let w = World::stocked().await;
    for n in 0..3 {
        w.post("/v1/orders", order_body(&format!("10{n}"), 2)).await.expect(201);
    }
    let answer = json!({"attempt": 1, "lines": [{"line": "1", "accepted": 2}]});
    w.post_as("acme", "/vendor/v1/purchase-orders/100-1/acknowledgment", answer).await;
    w.post_as(WHO, "/v1/policies/99/backtest", json!({})).await.problem(404);
    w.post_as(WHO, "/v1/policies/1/backtest", json!({"seeds": 0})).await.problem(422);
    let begun = w.post_as(WHO, "/v1/policies/1/backtest", json!({"seeds": 2})).await;
    assert_eq!(begun.headers["location"], "/v1/backtests/1");
    begun.expect(202);
    let view = wait_for(&w, "1").await;
    assert_eq!(view["state"], "done", "{view}");
    let (result, policy) = (&view["result"], &view["result"]["policies"][0]);
    assert_eq!((result["orders"].as_u64(), policy["first_seed"]["orders"].as_u64()), (Some(3), Some(3)), "{result}");
    let opened = w.call(WHO, "GET", "/v1/backtests/1/orders/100", &[], "").await.expect(200);
    let told = opened["replayed"].to_string();
    assert!(told.contains("acme") && told.contains("[observed]"), "{opened}");
    w.call("auditor", "POST", "/v1/policies/1/backtest", &[], "{}").await.problem(403);
    w.call(WHO, "DELETE", "/v1/backtests/1", &[], "").await.expect(200);
    w.call(WHO, "GET", "/v1/backtests/1", &[], "").await.problem(404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopped_backtest_leaves_nothing_and_goes_on() {
    let w = World::stocked().await;
    for n in 0..20 {
        w.post("/v1/orders", order_body(&format!("10{n}"), 1)).await.expect(201);
    }
    w.call("buyer", "PUT", "/v1/policies/2", &[], &json!({"version": 2, "name": "spring"}).to_string())
        .await
        .expect(200);
    let asked = json!({"seeds": 50});
    w.post_as(WHO, "/v1/policies/2/backtest", asked.clone()).await.expect(202);
    // It may be done before it hears of it; then it is done, and that stands.
    let stopped = w.post_as(WHO, "/v1/backtests/1/cancel", json!({})).await.status == 200;
    let first = wait_for(&w, "1").await;
    if stopped && first["state"] == "cancelled" {
        assert!(first["result"].is_null(), "{first}");
        assert!(!w.get("/v1/events").await.text.contains("policy.backtested"), "nothing is written down of it");
        w.post_as(WHO, "/v1/backtests/1/resume", json!({})).await.expect(202);
    }
    let resumed = wait_for(&w, "1").await;
    assert_eq!(
        (resumed["state"].as_str(), resumed["done"].as_u64()),
        (Some("done"), resumed["of"].as_u64()),
        "{resumed}"
    );
    w.post_as(WHO, "/v1/backtests/1/resume", json!({})).await.problem(409);
    w.post_as(WHO, "/v1/policies/1/backtest", asked).await.expect(202);
    let other = wait_for(&w, "2").await;
    assert_eq!(other["result"]["orders"], resumed["result"]["orders"], "{other}");
}
