//! kill -9 in the middle of load: every order that was answered with success is there, once, in a legal state.

use crate::service::{Binary, client, command, create_key, eventually};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const KILLS: u64 = 3;
const CLIENTS: usize = 16;

pub fn order(id: &str) -> Value {
    json!({"id": id, "placed_at": "2026-11-23T15:05:00Z", "sales_channel": "web", "customer": {"name": "A"},
        "ship_to": {"name": "A", "address1": "1 Main St", "city": "Austin", "region": "TX", "postal_code": "73301", "country": "US"},
        "lines": [{"line": "1", "sku": "MUG", "quantity": 1, "unit": "EA", "unit_price": {"amount": "9.00", "currency": "USD"}}]})
}

/// One item, one vendor, plenty of it.
pub async fn stock_up(service: &Binary) {
    service.done("PUT", "/v1/items/MUG", &json!({"title": "Mug", "category": "kitchen/mugs", "unit": "EA"})).await;
    service.done("PUT", "/v1/sources/acme", &json!({"kind": "vendor", "name": "Acme", "time_zone": "America/Chicago", "ships_from": {"country": "US"}, "channel": {"dialect": "portal"}})).await;
    let money = json!({"amount": "1.00", "currency": "USD"});
    service.done("PUT", "/v1/sources/acme/offers/MUG", &json!({"vendor_sku": "M", "pack": {"unit": "EA", "base_units": 1}, "unit_cost": money, "shipping_cost": money})).await;
    let advice = json!({"quantity": 1_000_000, "as_of": jiff::Timestamp::now()});
    service.done("PUT", "/v1/sources/acme/advice/MUG", &advice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_answered_is_lost_and_nothing_is_doubled() {
    let data = tempfile::tempdir().unwrap();
    let taken: Arc<Mutex<BTreeSet<String>>> = Arc::default();
    let next = Arc::new(AtomicU64::new(0));
    for round in 0..KILLS {
        let service = Arc::new(Binary::serve(data.path(), &[]));
        if round == 0 {
            stock_up(&service).await;
        }
        let ended = Arc::new(AtomicBool::new(false));
        let mut clients = vec![];
        for _ in 0..CLIENTS {
            let (base, key, taken, next, ended) =
                (service.base.clone(), service.key.clone(), taken.clone(), next.clone(), ended.clone());
            clients.push(tokio::spawn(async move {
                let http = reqwest::Client::new();
                while !ended.load(Ordering::Relaxed) {
                    let id = format!("k-{}", next.fetch_add(1, Ordering::Relaxed));
                    let sent = http.post(format!("{base}/v1/orders")).bearer_auth(&key).json(&order(&id)).send().await;
                    match sent {
                        Ok(answer) if answer.status() == 201 => drop(taken.lock().unwrap().insert(id)),
                        Ok(answer) => panic!("{id}: {}", answer.status()),
                        Err(_) => return,
                    }
                }
            }));
        }
        tokio::time::sleep(Duration::from_millis(700)).await;
        let Ok(service) = Arc::try_unwrap(service) else { panic!("the service is held by nobody else") };
        service.kill();
        ended.store(true, Ordering::Relaxed);
        for client in clients {
            client.await.unwrap();
        }
    }
    let taken = taken.lock().unwrap().clone();
    assert!(taken.len() > 50, "the load was real: {}", taken.len());
    assert!(command(data.path()).args(["audit", "verify"]).status().unwrap().success());
    let service = Binary::serve(data.path(), &[]);
    let mut purchase_orders = BTreeSet::new();
    for id in &taken {
        let order = service.done("GET", &format!("/v1/orders/{id}"), &Value::Null).await;
        assert_eq!(order["status"], "awaiting_confirmation", "{order}");
        assert_eq!(order["lines"][0]["tally"]["held"], 1, "{order}");
        assert!(purchase_orders.insert(order["lines"][0]["assignments"][0]["purchase_order"].to_string()), "{order}");
    }
}

/// Clocks run out while nobody is there, and the service dies again and again while it says so.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_ran_out_meanwhile_fires_once_with_its_true_time() {
    const ORDERS: usize = 300;
    let data = tempfile::tempdir().unwrap();
    let service = Binary::serve(data.path(), &[]);
    stock_up(&service).await;
    let manager = create_key(data.path(), "vendor_manager", &[]);
    let policy = json!({"version": 2, "name": "quick", "clocks": [{"acknowledgment": {"within_s": 3, "warn_percent": 0, "then": "ask"}}]});
    for (method, path, body) in [("PUT", "/v1/policies/2", &policy), ("POST", "/v1/policies/2/activate", &json!({}))] {
        let (status, told) = service.call_as(&manager, method, path, body).await;
        assert!(status < 300, "{told}");
    }
    let ids: Vec<String> = (0..ORDERS).map(|n| format!("c-{n}")).collect();
    let all: Vec<String> = ids.iter().map(|id| order(id).to_string()).collect();
    let request = client().post(format!("{}/v1/orders", service.base)).bearer_auth(&service.key);
    let sent = request.header("content-type", "application/x-ndjson").body(all.join("\n")).send().await.unwrap();
    assert!(sent.status().is_success());
    let mut due = BTreeMap::new();
    for id in &ids {
        let assignment = || async {
            let order = service.done("GET", &format!("/v1/orders/{id}"), &Value::Null).await;
            order["lines"][0]["assignments"][0]["answer_due"].as_str().map(str::to_owned)
        };
        due.insert(id.clone(), eventually("its purchase order to stand at the vendor", assignment).await);
    }
    service.kill();
    tokio::time::sleep(Duration::from_secs(4)).await;
    for life in 0..6 {
        let service = Binary::serve(data.path(), &[]);
        tokio::time::sleep(Duration::from_millis(10 + 15 * life)).await;
        service.kill();
    }

    let service = Binary::serve(data.path(), &[]);
    let path = "/v1/events?after=0&limit=2000&types=countersign.sla.breached.v1";
    let breaches = async || {
        let (mut after, mut found) = (0, vec![]);
        loop {
            let path = path.replace("after=0", &format!("after={after}"));
            let answer =
                client().get(format!("{}{path}", service.base)).bearer_auth(&service.key).send().await.unwrap();
            let next: u64 = answer.headers()["x-next-after"].to_str().unwrap().parse().unwrap();
            let text = answer.text().await.unwrap();
            found.extend(text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()));
            if next == after {
                return found;
            }
            after = next;
        }
    };
    eventually("every clock", async || (breaches().await.len() >= ORDERS).then_some(())).await;
    let found = breaches().await;
    assert_eq!(found.len(), ORDERS, "each once");
    for breach in found {
        let (id, at) = (breach["data"]["order"].as_str().unwrap(), breach["data"]["due"].as_str().unwrap());
        let told: jiff::Timestamp = due.remove(id).expect("each order once").parse().unwrap();
        assert_eq!(at.parse::<jiff::Timestamp>().unwrap(), told, "{id}: the true time");
    }
}
