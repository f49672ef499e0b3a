//! A policy tried on this installation's own journal: a job with a result, one order opened, cancelled without a trace,
//! kept over a restart, let go with all its bytes.

use super::histories::keep;
use super::world::{World, order_body};
use countersign_runtime::memory::MemoryStore;
use countersign_runtime::ports::Store;
use countersign_sim::history::generate::{Size, generate};
use jiff::{SignedDuration, Timestamp};
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backtest_counts_for_the_draft_that_it_tried() {
    let w = World::stocked().await;
    for n in 0..40 {
        w.post("/v1/orders", order_body(&format!("10{n}"), 1)).await.expect(201);
    }
    let draft = json!({"version": 2, "name": "spring"});
    let put = async |draft: &Value| w.call("buyer", "PUT", "/v1/policies/2", &[], &draft.to_string()).await.expect(200);
    put(&draft).await;
    let begun = w.post_as(WHO, "/v1/policies/2/backtest", json!({"seeds": 50})).await.expect(202);
    assert_eq!(begun["revision"], 1, "{begun}");
    let mut other = draft.clone();
    other["safety_stock"] = json!([{"units": 100_000}]);
    // Stopped while it is rewritten, so that it ends after that however fast the machine is.
    let stopped = w.post_as(WHO, "/v1/backtests/1/cancel", json!({})).await.status == 200;
    let first = wait_for(&w, "1").await;
    put(&other).await;
    if stopped && first["state"] == "cancelled" {
        w.post_as(WHO, "/v1/backtests/1/resume", json!({})).await.expect(202);
        let done = wait_for(&w, "1").await;
        let not_kept = done["not_kept"].as_str().unwrap();
        assert!(not_kept.contains("about draft 1, it is at draft 2; run the backtest again"), "{done}");
        assert_eq!((&done["state"], done["result"].is_null()), (&json!("done"), false), "{done}");
    }
    let after = w.get("/v1/policies/2").await.expect(200);
    assert_eq!((&after["state"], &after["revision"]), (&json!("draft"), &json!(2)), "{after}");

    // On no orders it says nothing.
    w.post_as(WHO, "/v1/policies/2/backtest", json!({"until": 1})).await.expect(202);
    let empty = wait_for(&w, "2").await;
    assert!(empty["not_kept"].as_str().unwrap().contains("replayed no order"), "{empty}");
    assert_eq!(w.get("/v1/policies/2").await.expect(200)["state"], "draft");
    w.post_as(WHO, "/v1/policies/2/backtest", json!({"seeds": 1})).await.expect(202);
    let kept = wait_for(&w, "3").await;
    assert_eq!((&kept["not_kept"], &kept["revision"]), (&Value::Null, &json!(2)), "{kept}");
    assert_eq!(w.get("/v1/policies/2").await.expect(200)["state"], "backtested");
}

fn key(id: u64) -> String {
    format!("{id:012}")
}

/// Changes what the store keeps of a job, as another process leaves it behind.
fn left_behind(store: &MemoryStore, id: u64, change: impl Fn(&mut Value)) {
    let (_, text) = store.setting("backtest", &key(id)).unwrap().unwrap();
    let mut card: Value = serde_json::from_str(&text).unwrap();
    change(&mut card);
    store.put_setting("backtest", &key(id), None, Some(&card.to_string())).unwrap();
}

/// Nothing of a job is in the store.
fn is_gone(store: &MemoryStore, id: u64) -> bool {
    let has = |kind| store.setting(kind, &key(id)).unwrap().is_some();
    !has("backtest") && !has("backtest_result") && store.piece(&format!("backtest/{id}"), 0).unwrap().is_none()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_killed_node_left_is_interrupted_and_goes_on() {
    let w = World::stocked().await;
    for n in 0..3 {
        w.post("/v1/orders", order_body(&format!("10{n}"), 2)).await.expect(201);
    }
    w.post_as(WHO, "/v1/policies/1/backtest", json!({"seeds": 2})).await.expect(202);
    let done = wait_for(&w, "1").await;
    assert_eq!(done["asked_by"], WHO, "{done}");

    // Another node has it, and lives.
    left_behind(&w.store, 1, |card| card["state"] = "running".into());
    let hold = |from_now: i64| {
        let until = Timestamp::now() + SignedDuration::from_secs(from_now);
        let lease = json!({"node": "another", "until": until}).to_string();
        w.store.put_setting("lease", "backtest/1", None, Some(&lease)).unwrap();
    };
    hold(60);
    let get = async || w.call(WHO, "GET", "/v1/backtests/1", &[], "").await.expect(200);
    assert_eq!(get().await["state"], "running");
    w.post_as(WHO, "/v1/backtests/1/resume", json!({})).await.problem(429);
    w.post_as(WHO, "/v1/policies/1/backtest", json!({})).await.problem(429);

    // It died; what it left is of another build. More orders came in since: they are not of this backtest.
    hold(-1);
    w.store.put_piece("backtest/1", 0, &[7; 100]).unwrap();
    w.post("/v1/orders", order_body("later", 2)).await.expect(201);
    let left = get().await;
    assert_eq!((left["state"].as_str(), left["result"].is_null()), (Some("interrupted"), true), "{left}");
    w.post_as(WHO, "/v1/backtests/1/cancel", json!({})).await.problem(409);
    w.post_as(WHO, "/v1/backtests/1/resume", json!({})).await.expect(202);
    let again = wait_for(&w, "1").await;
    assert_eq!((&again["state"], &again["result"]), (&json!("done"), &done["result"]), "{again}");
    assert_eq!(again["done"], again["of"], "{again}");
    assert_eq!(w.store.piece("backtest/1", 0).unwrap(), None, "the result is all that is kept");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn few_backtests_are_kept_and_all_bytes_of_the_others_let_go() {
    let w = World::stocked().await;
    w.post("/v1/orders", order_body("100", 2)).await.expect(201);
    let run = async |id: u64| {
        let begun = w.post_as(WHO, "/v1/policies/1/backtest", json!({"seeds": 1})).await.expect(202);
        assert_eq!(begun["id"], id.to_string(), "{begun}");
        wait_for(&w, &id.to_string()).await;
    };
    let kept = async || {
        let all = w.call(WHO, "GET", "/v1/backtests", &[], "").await.expect(200);
        let ids = all["items"].as_array().unwrap().iter().map(|job| job["id"].as_str().unwrap().parse().unwrap());
        ids.collect::<Vec<u64>>()
    };
    for id in 1..=5 {
        run(id).await;
    }
    assert_eq!(kept().await, [5, 4, 3, 2]);
    assert!(is_gone(&w.store, 1) && !is_gone(&w.store, 2));
    w.call(WHO, "DELETE", "/v1/backtests/5", &[], "").await.expect(200);
    assert!(is_gone(&w.store, 5));

    // Of those that never came to an end, one is old, one was being forgotten when its node died.
    w.store.put_piece("backtest/3", 0, b"a part").unwrap();
    left_behind(&w.store, 2, |card| card["state"] = "cancelled".into());
    left_behind(&w.store, 3, |card| {
        card["state"] = "running".into();
        card["told_at"] = (Timestamp::now() - SignedDuration::from_hours(7 * 24 + 1)).to_string().into();
    });
    left_behind(&w.store, 4, |card| card["state"] = "forgotten".into());
    assert_eq!(kept().await, [3, 2]);
    w.call(WHO, "GET", "/v1/backtests/4", &[], "").await.problem(404);
    run(6).await;
    assert_eq!(kept().await, [6, 2]);
    assert!(is_gone(&w.store, 3) && is_gone(&w.store, 4));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backtest_is_never_of_another_history_than_it_was() {
    let w = World::stocked().await;
    let made = |seed| generate(Size { orders: 60, items: 20, sources: 3, days: 20, advice_hours: 24 }, seed);
    keep(&w, "spring", &made(5)).await;
    w.post_as(WHO, "/v1/policies/1/backtest", json!({"history": "spring", "seeds": 1})).await.expect(202);
    assert_eq!(wait_for(&w, "1").await["state"], "done");
    let order = async || w.call(WHO, "GET", "/v1/backtests/1/orders/H1", &[], "").await;
    order().await.expect(200);
    // Another one makes the service forget what it has read.
    w.post_as(WHO, "/v1/policies/1/backtest", json!({"seeds": 1})).await.expect(202);
    wait_for(&w, "2").await;
    order().await.expect(200);
    w.call(WHO, "GET", "/v1/backtests/2/orders/none", &[], "").await.problem(404);

    keep(&w, "spring", &made(6)).await;
    let (_, told) = order().await.problem(409);
    assert!(told["detail"].as_str().unwrap().contains("is another one by now"), "{told}");
    left_behind(&w.store, 1, |card| card["state"] = "running".into());
    w.post_as(WHO, "/v1/backtests/1/resume", json!({})).await.expect(202);
    let failed = wait_for(&w, "1").await;
    assert_eq!(failed["state"], "failed", "{failed}");
    assert!(failed["error"].as_str().unwrap().contains("is another one by now"), "{failed}");
    w.post_as(WHO, "/v1/backtests/1/resume", json!({})).await.problem(409);
}
