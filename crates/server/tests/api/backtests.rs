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
