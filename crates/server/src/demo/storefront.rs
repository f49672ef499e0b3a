//! The storefront: quotes a cart, sends the order, sometimes changes its mind. A client like any other.

use super::Client;
use super::catalogue::Catalogue;
use super::nature::Dice;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

const NAMES: &[&str] = &[
    "Ada Moreno",
    "Ben Okafor",
    "Chen Li",
    "Dana Fischer",
    "Eli Rossi",
    "Fay Novak",
    "Gus Meyer",
    "Hana Sato",
    "Ines Costa",
    "Jon Berg",
];
const PLACES: &[(&str, &str, &str)] = &[
    ("Austin", "TX", "73301"),
    ("Boston", "MA", "02108"),
    ("Denver", "CO", "80201"),
    ("Seattle", "WA", "98101"),
    ("Miami", "FL", "33101"),
    ("Chicago", "IL", "60601"),
    ("Phoenix", "AZ", "85001"),
    ("Portland", "OR", "97201"),
];

/// Sends orders until the demo ends.
pub async fn run(client: Client, catalogue: Arc<Catalogue>, pace: f64) {
    let mut dice = Dice::of("storefront");
    let first = Timestamp::now().as_second() % 1_000_000;
    for n in 0_i64.. {
        let id = format!("{}", 1_000_000 * 7 + first * 10 + n);
        let order = order(&id, &catalogue, &mut dice);
        let cart = json!({"lines": order["lines"], "ship_to": order["ship_to"], "service_level": order["service_level"], "budget_ms": 300});
        if let Err(error) = client.call("POST", "/v1/quotes", &cart).await {
            tracing::warn!(%error, "the storefront got no quote");
        }
        match client.call("POST", "/v1/orders", &order).await {
            Ok(_) if dice.percent(4) => {
                tokio::spawn(change_mind(client.clone(), id, 3 + dice.below(25)));
            }
            Ok(_) => {}
            Err(error) => tracing::info!(%error, "an order was not taken"),
        }
        tokio::time::sleep(Duration::from_secs_f64(pace * (0.4 + 1.2 * dice.below(100) as f64 / 100.0))).await;
    }
}

async fn change_mind(client: Client, id: String, after_s: u64) {
    tokio::time::sleep(Duration::from_secs(after_s)).await;
    if let Err(error) =
        client.call("POST", &format!("/v1/orders/{id}/cancel"), &json!({"reason": "cancel_customer"})).await
    {
        tracing::info!(%error, "an order could not be cancelled");
    }
}

fn order(id: &str, catalogue: &Catalogue, dice: &mut Dice) -> Value {
    let lines = 1 + u64::from(dice.percent(25)) + u64::from(dice.percent(8));
    let lines: Vec<Value> = (1..=lines)
        .map(|line| {
            let item = &catalogue.items[dice.below(catalogue.items.len() as u64) as usize];
            let quantity = match dice.below(100) {
                0..70 => 1,
                70..85 => 2,
                85..93 => u64::from(item.pack.max(3)),
                93..98 => 4 + dice.below(6),
                _ => 30 + dice.below(60),
            };
            json!({"line": line.to_string(), "sku": item.sku, "quantity": quantity, "unit": "EA",
            "unit_price": {"amount": format!("{}.{:02}", item.price / 100, item.price % 100), "currency": "USD"}})
        })
        .collect();
    let name = NAMES[dice.below(NAMES.len() as u64) as usize];
    let (city, region, postal) = PLACES[dice.below(PLACES.len() as u64) as usize];
    let service_level = if dice.percent(12) { "expedited" } else { "standard" };
    json!({
        "id": id, "placed_at": Timestamp::now(), "sales_channel": if dice.percent(30) { "app" } else { "web" },
        "customer": {"name": name, "email": format!("{}@example.com", name.to_lowercase().replace(' ', "."))},
        "ship_to": {"name": name, "address1": format!("{} Main St", 1 + dice.below(900)), "city": city, "region": region, "postal_code": postal, "country": "US"},
        "service_level": service_level, "lines": lines,
    })
}
