//! The whole life of an order: HTTP order → hold → purchase order to a vendor's server → its acknowledgment back →
//! commitment → webhook. Everything durable, everything on, all on this machine.

use super::load::{Connection, cpu_seconds, post, run};
use super::world::{ITEMS, POLICY, World, order};
use super::{limits, say};
use anyhow::{Result, bail};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post as on_post;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::mpsc;

/// Connections of the measurement.
const CLIENTS: usize = 16;
/// Connections over which the vendor answers.
const ANSWERERS: usize = 16;
/// How long the last webhooks are waited for.
const WEBHOOKS_WITHIN: Duration = Duration::from_secs(10);

/// A vendor with a server of its own that accepts everything, and a storefront that counts its webhooks.
#[derive(Clone)]
struct Others {
    answers: mpsc::Sender<Value>,
    committed: Arc<AtomicU64>,
}

/// Measures the whole life.
pub async fn whole(orders: u64, on: Option<&str>) -> Result<()> {
    let bare = limits::echo(CLIENTS, orders, order("warm-1", "ITEM-1", 1)).await?;
    let service: Arc<OnceLock<(SocketAddr, String)>> = Arc::new(OnceLock::new());
    let (answers, waiting) = mpsc::channel(4_096);
    let others = Others { answers, committed: Arc::new(AtomicU64::new(0)) };
    let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
    let address = listener.local_addr()?;
    let router = Router::new()
        .route("/vendor/purchase-orders", on_post(ordered))
        .route("/vendor/availability", on_post(|| async { StatusCode::NOT_FOUND }))
        .route("/hook", on_post(hooked))
        .with_state(others.clone());
    let server = tokio::spawn(async move { axum::serve(listener, router).await });
    tokio::spawn(answer(service.clone(), waiting));

    let channel = format!(r#"{{"dialect":"api","connector":{{"type":"http","base":"http://{address}/vendor"}}}}"#);
    let mut world = World::start(on, &channel, POLICY).await?;
    world.run_errands();
    // The cheapest vendor gets every order.
    let _ = service.set((world.address(), world.speaking_for("v1")?));
    let mut line = Connection::open(world.address()).await?;
    world
        .put(
            &mut line,
            "/v1/webhooks/oms",
            &format!(r#"{{"url":"http://{address}/hook","types":["countersign.line.committed.v1"]}}"#),
        )
        .await?;
    tokio::time::sleep(Duration::from_secs(2)).await;

    let auth = format!("{}prefer: wait=10\r\n", world.auth);
    let made = move |n: u64| post("/v1/orders", &auth, &order(&format!("l-{n}"), &format!("ITEM-{}", n % ITEMS), 1));
    let cpu = cpu_seconds();
    let measured = run(world.address(), CLIENTS, orders, made, |status| status == 201).await?;
    let cpu = (cpu_seconds() - cpu) * 1_000.0 / measured.done as f64;
    if measured.unwanted > 0 {
        bail!("{} answers were unwanted", measured.unwanted);
    }
    let told = tokio::time::timeout(WEBHOOKS_WITHIN, async {
        while others.committed.load(Ordering::Relaxed) < orders {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
    let all_told = told.await.is_ok();
    let counted = others.committed.load(Ordering::Relaxed);
    let share = measured.per_s() / bare.per_s() * 100.0;
    let figure = format!(
        "{:.0}/s, p50 {:.2} p99 {:.2} ms",
        measured.per_s(),
        measured.percentile_ms(0.5),
        measured.percentile_ms(0.99)
    );
    say(
        "whole life to commitment, 16 clients",
        figure,
        &format!(
            "{cpu:.3} ms CPU an order with vendor and load; bare echo {:.0}/s ({share:.0} %); webhooks {counted}",
            bare.per_s()
        ),
    );
    world.service.stop().await;
    server.abort();
    if !all_told {
        bail!("{counted} of {orders} webhooks came");
    }
    Ok(())
}

async fn ordered(State(others): State<Others>, body: Bytes) -> StatusCode {
    let Ok(order) = serde_json::from_slice::<Value>(&body) else { return StatusCode::BAD_REQUEST };
    match others.answers.send(order).await {
        Ok(()) => StatusCode::ACCEPTED,
        Err(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

async fn hooked(State(others): State<Others>) -> StatusCode {
    others.committed.fetch_add(1, Ordering::Relaxed);
    StatusCode::NO_CONTENT
}

/// The vendor accepts every line of every purchase order, over its own connections.
async fn answer(service: Arc<OnceLock<(SocketAddr, String)>>, waiting: mpsc::Receiver<Value>) {
    let waiting = Arc::new(tokio::sync::Mutex::new(waiting));
    for _ in 0..ANSWERERS {
        let (service, waiting) = (service.clone(), waiting.clone());
        tokio::spawn(async move {
            let mut line: Option<Connection> = None;
            loop {
                let Some(order) = waiting.lock().await.recv().await else { return };
                let Some((address, auth)) = service.get() else { continue };
                let lines: Vec<Value> = order["lines"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .map(|l| json!({"line": l["line"], "accepted": l["quantity"]}))
                    .collect();
                let body = json!({"attempt": order["attempt"], "lines": lines}).to_string();
                let po = order["po"]
                    .as_str()
                    .or_else(|| order["purchase_order"].as_str())
                    .or_else(|| order["number"].as_str())
                    .unwrap_or_default();
                let request = post(&format!("/vendor/v1/purchase-orders/{po}/acknowledgment"), auth, &body);
                if line.is_none() {
                    line = Connection::open(*address).await.ok();
                }
                if let Some(open) = &mut line {
                    match open.call(&request).await {
                        Ok(answer) if answer.status < 300 => {}
                        Ok(answer) => eprintln!(
                            "acknowledgment of {po}: {} {}",
                            answer.status,
                            String::from_utf8_lossy(answer.body)
                        ),
                        Err(_) => line = None,
                    }
                }
            }
        });
    }
}
