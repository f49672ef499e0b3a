//! Vendors with a server of their own: they take purchase orders by the published contract and answer through the
//! vendor API, each in its own way and time.

use super::Client;
use super::catalogue::{Offer, alike};
use super::nature::{Carrier, Conduct, Dice, Nature, Says, Vendor};
use anyhow::Result;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Seconds between two advices of a vendor that advises.
const ADVISE_EVERY: Duration = Duration::from_secs(60);

#[derive(Clone)]
struct Shop {
    vendor: &'static Vendor,
    client: Client,
    offers: Arc<Vec<Offer>>,
    dice: Arc<Mutex<Dice>>,
    /// Purchase orders it has taken: a repeated one has no second effect.
    taken: Arc<Mutex<BTreeSet<String>>>,
    /// Purchase orders it was asked to stop, and those that have shipped.
    stopped: Arc<Mutex<BTreeSet<String>>>,
    shipped: Arc<Mutex<BTreeSet<String>>>,
}

/// Starts the vendor's server; its base address.
pub async fn serve(vendor: &'static Vendor, client: Client, offers: Arc<Vec<Offer>>) -> Result<String> {
    let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
    let base = format!("http://{}", listener.local_addr()?);
    let dice = Arc::new(Mutex::new(Dice::of(vendor.name)));
    let shop =
        Shop { vendor, client, offers, dice, taken: Arc::default(), stopped: Arc::default(), shipped: Arc::default() };
    let router = Router::new()
        .route("/availability", post(availability))
        .route("/purchase-orders", post(ordered))
        .route("/purchase-orders/{po}/cancellation", post(cancelled))
        .with_state(shop);
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(base)
}

async fn availability(State(shop): State<Shop>, Json(question): Json<Value>) -> (StatusCode, Json<Value>) {
    match shop.vendor.nature {
        // A server that hangs: it costs the budget once, then its circuit is open.
        Nature::Silent => tokio::time::sleep(Duration::from_secs(30)).await,
        Nature::Late | Nature::Stale => return (StatusCode::NOT_IMPLEMENTED, Json(json!({}))),
        _ => {}
    }
    let mut dice = shop.dice.lock().unwrap_or_else(PoisonError::into_inner);
    let asked = question["lines"].as_array().cloned().unwrap_or_default();
    let lines: Vec<Value> =
        asked.iter().map(|line| json!({"vendor_sku": line["vendor_sku"], "quantity": 5 + dice.below(40)})).collect();
    (StatusCode::OK, Json(json!({"as_of": Timestamp::now(), "lines": lines})))
}

async fn ordered(State(shop): State<Shop>, Json(order): Json<Value>) -> StatusCode {
    let po = number(&order);
    if shop.taken.lock().unwrap_or_else(PoisonError::into_inner).insert(po) {
        let packs =
            order["lines"].as_array().into_iter().flatten().filter_map(|l| l["quantity"].as_u64()).max().unwrap_or(1);
        let conduct = shop
            .vendor
            .conduct(&mut shop.dice.lock().unwrap_or_else(PoisonError::into_inner), u32::try_from(packs).unwrap_or(1));
        tokio::spawn(async move {
            let po = number(&order);
            if let Err(error) = treat(shop, order, conduct).await {
                tracing::info!(po, %error, "a vendor's answer was not taken");
            }
        });
    }
    StatusCode::ACCEPTED
}

fn number(order: &Value) -> String {
    ["po", "purchase_order", "number"].iter().find_map(|name| order[*name].as_str()).unwrap_or_default().to_owned()
}

async fn treat(shop: Shop, order: Value, conduct: Conduct) -> Result<()> {
    let Some(after) = conduct.answers_after else { return Ok(()) };
    tokio::time::sleep(Duration::from_secs(after)).await;
    let po = number(&order);
    let is_stopped = || shop.stopped.lock().unwrap_or_else(PoisonError::into_inner).contains(&po);
    if is_stopped() && shop.vendor.nature != Nature::Late {
        return Ok(());
    }
    let path = |what: &str| format!("/vendor/v1/purchase-orders/{po}/{what}");
    let lines: Vec<Value> = order["lines"]
        .as_array()
        .into_iter()
        .flatten()
        .flat_map(|line| says(line, conduct.says, &shop.offers))
        .collect();
    shop.client.call("POST", &path("acknowledgment"), &json!({"attempt": order["attempt"], "lines": lines})).await?;
    tokio::time::sleep(Duration::from_secs(conduct.ships_after)).await;
    if matches!(conduct.says, Says::Rejects | Says::Instead) || is_stopped() {
        return Ok(());
    }
    if conduct.cancels {
        let body = json!({"accepted": true, "unasked": true, "reason": "out_of_stock"});
        shop.client.call("POST", &path("cancellation-answer"), &body).await?;
        return Ok(());
    }
    shop.shipped.lock().unwrap_or_else(PoisonError::into_inner).insert(po.clone());
    let tracking = format!("1Z{:016}", shop.dice.lock().unwrap_or_else(PoisonError::into_inner).below(10_u64.pow(16)));
    let shipped: Vec<Value> = lines
        .iter()
        .filter(|l| l["accepted"].as_u64().unwrap_or(0) > 0)
        .map(|l| json!({"line": l["line"], "quantity": l["accepted"]}))
        .collect();
    let body = json!({"shipment": format!("S-{po}"), "shipped_at": Timestamp::now(), "carrier": "UPSN", "tracking": [tracking], "lines": shipped});
    shop.client.call("POST", &path("shipments"), &body).await?;
    Ok(())
}

/// The vendor's words on one line.
fn says(line: &Value, says: Says, offers: &[Offer]) -> Vec<Value> {
    let packs = line["quantity"].as_u64().unwrap_or(0);
    let name = &line["line"];
    match says {
        Says::Rejects => vec![json!({"line": name, "rejected": packs, "reason": "out_of_stock"})],
        Says::Later(days) => {
            let day = Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date().saturating_add(i64::from(days).days());
            vec![json!({"line": name, "accepted": packs, "ship_on": day})]
        }
        Says::Instead => match alike(offers, line["vendor_sku"].as_str().unwrap_or_default()) {
            Some(other) => {
                vec![json!({"line": name, "substituted": packs, "substitute": {"vendor_sku": other.vendor_sku}})]
            }
            None => vec![json!({"line": name, "accepted": packs})],
        },
        Says::Accepts(most) => {
            let yes = packs.min(u64::from(most));
            let mut all = vec![];
            if yes > 0 {
                all.push(json!({"line": name, "accepted": yes}));
            }
            if packs > yes {
                all.push(json!({"line": name, "rejected": packs - yes, "reason": "out_of_stock"}));
            }
            all
        }
    }
}

async fn cancelled(State(shop): State<Shop>, Path(po): Path<String>) -> StatusCode {
    shop.stopped.lock().unwrap_or_else(PoisonError::into_inner).insert(po.clone());
    if shop.vendor.ignores_cancellation(&mut shop.dice.lock().unwrap_or_else(PoisonError::into_inner)) {
        return StatusCode::ACCEPTED;
    }
    let accepted = !shop.shipped.lock().unwrap_or_else(PoisonError::into_inner).contains(&po);
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(2)).await;
        let path = format!("/vendor/v1/purchase-orders/{po}/cancellation-answer");
        if let Err(error) = shop.client.call("POST", &path, &json!({"accepted": accepted})).await {
            tracing::info!(po, %error, "a vendor's answer was not taken");
        }
    });
    StatusCode::ACCEPTED
}

/// Advises what it has, again and again; a stale vendor only once.
pub async fn advise(vendor: &'static Vendor, client: Client, offers: Arc<Vec<Offer>>) {
    let mut dice = Dice::of(vendor.postal_code);
    loop {
        let lines: Vec<Value> =
            offers.iter().map(|o| json!({"sku": o.sku, "quantity": stock(vendor, &mut dice)})).collect();
        let body = json!({"as_of": Timestamp::now(), "full": true, "lines": lines});
        if let Err(error) = client.call("POST", "/vendor/v1/availability", &body).await {
            tracing::warn!(vendor = vendor.id, %error, "a vendor's advice was not taken");
        }
        if vendor.nature == Nature::Stale || vendor.carrier == Carrier::Portal {
            return;
        }
        tokio::time::sleep(ADVISE_EVERY).await;
    }
}

/// How many packs it says it has.
pub fn stock(vendor: &Vendor, dice: &mut Dice) -> u64 {
    match (vendor.in_house, dice.below(10)) {
        (false, 0) => 0,
        (false, 1 | 2) => 1 + dice.below(3),
        (true, 0..4) => 0,
        _ => 5 + dice.below(35),
    }
}
