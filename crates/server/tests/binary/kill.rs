//! kill -9 in the middle of load: every order that was answered with success is there, once, in a legal state.

use crate::service::{Binary, command};
use serde_json::{Value, json};
use std::collections::BTreeSet;
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
