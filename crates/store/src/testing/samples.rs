//! Rows such as a plain one-line order leaves behind.

use countersign_engine::ids::{OrderId, PoNumber, Sku, SourceId};
use countersign_engine::item::Item;
use countersign_engine::measure::Quantity;
use countersign_engine::offer::Offer;
use countersign_engine::order::Order;
use countersign_engine::slice::{Key, Record};
use countersign_engine::source::Source;
use countersign_engine::stock::Stock;
use countersign_runtime::ports::{Commit, IndexRow, NewEntry, NewErrand, PersonRow, Write};
use jiff::{SignedDuration, Timestamp};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::sync::Arc;

fn read<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).expect("because the sample is written as the type is")
}

/// An item.
pub fn item(sku: &str) -> Item {
    read(json!({"sku": sku, "title": format!("Mug {sku}, stoneware, 30 cl"), "category": "kitchen/mugs",
        "gtin": "4006381333931", "unit": "EA", "status": "active"}))
}

/// A vendor.
pub fn source(id: &str) -> Source {
    read(json!({"id": id, "kind": "vendor", "name": format!("Vendor {id}"), "time_zone": "America/New_York",
        "ships_from": {"country": "US", "postal_code": "10001"}, "channel": {"dialect": "api"}}))
}

/// An offer.
pub fn offer(source: &str, sku: &str) -> Offer {
    let cost = json!({"amount": "4.10", "currency": "USD"});
    read(
        json!({"source": source, "sku": sku, "vendor_sku": format!("V-{sku}"), "pack": {"unit": "CA", "base_units": 6},
        "unit_cost": cost, "shipping_cost": cost}),
    )
}

/// Stock as advised.
pub fn stock(source: &str, sku: &str, advised: u32) -> Stock {
    let mut stock = Stock::unadvised(
        SourceId::new(source).expect("because samples have plain ids"),
        Sku::new(sku).expect("because samples have plain ids"),
    );
    stock.advised = Quantity::new(advised);
    stock
}

/// An order of one line whose purchase order is out.
pub fn order(id: &str, sku: &str, source: &str, at: Timestamp) -> Order {
    let at = at.to_string();
    let due: Timestamp = at.parse::<Timestamp>().expect("because it was one") + SignedDuration::from_hours(4);
    let price = json!({"amount": "12.50", "currency": "USD"});
    let clock = |kind: &str| {
        json!({"kind": kind, "started": at, "warn_at": due.to_string(), "due": due.to_string(), "then": "reroute",
            "state": "running"})
    };
    read(json!({
        "id": id, "placed_at": at, "captured_at": at, "sales_channel": "web",
        "destination": {"country": "US", "region": "NY", "postal_code": "100"}, "service_level": "standard",
        "fingerprint": "b5bb9d8014a0f9b1d61e21e796d78dcc", "mode": "enforce", "policy": 1, "rounds": 1,
        "lines": [{"id": "1", "sku": sku, "title": "Mug, stoneware, 30 cl, glazed, dishwasher safe",
            "category": "kitchen/mugs", "quantity": 1, "unit": "EA", "unit_price": price,
            "promise": {"state": "provisional", "ship_by": "2026-11-24", "deliver_by": "2026-11-27", "reason": null},
            "first_cost": price}],
        "assignments": [{"ordinal": 1, "line": "1", "source": source, "attempt": 1, "vendor_sku": format!("V-{sku}"),
            "pack_unit": "EA", "pack_size": 1, "unit_cost": price, "cost": price, "quantity": 1, "phase": "requested",
            "hold": {"quantity": 1, "state": {"soft": {"expires": due.to_string()}}}, "ship_by": "2026-11-24",
            "deliver_by": "2026-11-27", "purchase_order": 1}],
        "purchase_orders": [{"ordinal": 1, "number": format!("{id}-1"), "source": source, "attempt": 1,
            "released_at": at, "clocks": [clock("receipt"), clock("acknowledgment")]}],
    }))
}

/// All that capturing a plain order writes, the stock row apart: that one is shared by a batch.
pub fn order_commit(id: &str, sku: &str, source: &str, at: Timestamp) -> Commit {
    let order = order(id, sku, source, at);
    let number = PoNumber::of(&order.id, 1);
    let entry = format!(
        r#"{{"at":"{at}","cause":"req-{id}","policy":1,"command":{{"capture_order":{}}}}}"#,
        Record::Order(Arc::new(order.clone())).to_json(),
    );
    let person = r#"{"customer":{"name":"Ada Smith","email":"ada@example.org","phone":"+1 555 0100"},"ship_to":{"name":"Ada Smith","street":"12 Long Lane","city":"New York","postal_code":"10001","country":"US"}}"#;
    let effect = format!(r#"{{"effect":"send_purchase_order","order":"{id}","purchase_order":1,"source":"{source}"}}"#);
    let source = SourceId::new(source).expect("because samples have plain ids");
    Commit {
        entries: vec![NewEntry { subject: Some(id.into()), at, body: entry }],
        index: vec![IndexRow::PurchaseOrder {
            number: number.clone(),
            order: order.id.clone(),
            source: source.clone(),
            attempt: 1,
            state: "open".into(),
            released_at: at,
            answer_due: Some(at),
        }],
        outbox: vec![NewErrand {
            id: number.as_str().into(),
            source,
            order: order.id.clone(),
            po: number,
            effect,
            due: at,
        }],
        people: vec![PersonRow { order: order.id.clone(), body: person.into() }],
        writes: vec![Write { key: key(id), expected: 0, record: Some(Record::Order(Arc::new(order))) }],
        ..Commit::default()
    }
}

fn key(id: &str) -> Key {
    Key::Order(OrderId::new(id).expect("because samples have plain ids"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn samples_are_as_large_as_real_rows() {
        let one = super::order_commit("web-00000001", "MUG-0001", "vendor-1", jiff::Timestamp::UNIX_EPOCH);
        let order = one.writes[0].record.as_ref().unwrap().to_json().len();
        assert!((1_000..2_200).contains(&order) && (1_200..2_200).contains(&one.entries[0].body.len()), "{order}");
    }
}
