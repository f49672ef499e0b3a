//! The engine alone.

use super::say;
use countersign_engine::command::{Actor, CaptureLine, CaptureOrder, Command, Deed};
use countersign_engine::ids::{LineId, OrderId, Sku, SourceId};
use countersign_engine::item::Unit;
use countersign_engine::measure::{Money, Quantity};
use countersign_engine::slice::{Key, Record, Slice};
use countersign_engine::source::Region;
use countersign_engine::{decide, needs};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Needs, decide and evolve for a plain one-line order that three vendors could supply, on one core.
pub fn engine() {
    let now = Timestamp::now();
    let world = world(now);
    let (begin, mut count) = (Instant::now(), 0_u32);
    while begin.elapsed() < Duration::from_secs(3) {
        for _ in 0..1_000 {
            let command = capture(count, now);
            let slice = settle(&world, &command);
            let decision = decide(&slice, now, &command).expect("because the order is plain");
            std::hint::black_box(decision);
            count += 1;
        }
    }
    let rate = f64::from(count) / begin.elapsed().as_secs_f64();
    say("the engine alone: a plain one-line order", format!("{rate:.0} commands/s"), "one core; needs, decide, evolve");
}

fn settle(world: &BTreeMap<Key, Record>, command: &Command) -> Slice {
    let mut slice = Slice::default();
    for _ in 0..countersign_engine::decide::ROUNDS_MAX {
        let keys = needs(&slice, command);
        if keys.iter().all(|k| slice.has(k)) {
            break;
        }
        slice = Slice::new(keys.into_iter().map(|k| {
            let record = world.get(&k).cloned();
            (k, record)
        }));
    }
    slice
}

fn capture(n: u32, now: Timestamp) -> Command {
    let line = CaptureLine {
        line: LineId::new("1").expect("because 1 is an id"),
        sku: Sku::new("MUG").expect("because MUG is an id"),
        quantity: Quantity::new(1),
        unit: Unit::new("EA").expect("because EA is a unit"),
        unit_price: Money::parse("9.00", "USD").expect("because it is money"),
    };
    let deed = Deed::CaptureOrder(CaptureOrder {
        id: OrderId::new(format!("o{n}")).expect("because it is an id"),
        placed_at: now,
        sales_channel: "web".into(),
        destination: Region { country: "US".into(), region: None, postal_code: None },
        service_level: "standard".into(),
        requested_on: None,
        fingerprint: "f".into(),
        lines: vec![line],
    });
    Command { by: Actor::Program { name: "bench".into() }, deed }
}

fn world(now: Timestamp) -> BTreeMap<Key, Record> {
    let sku = Sku::new("MUG").expect("because MUG is an id");
    let read = |key: Key, body: String| {
        let record = Record::from_json(&key, &body).expect("because the record is whole");
        (key, record)
    };
    let mut world = BTreeMap::from([
        read(Key::Item(sku.clone()), r#"{"sku":"MUG","title":"Mug","category":"kitchen/mugs","unit":"EA"}"#.into()),
        read(Key::Offerers(sku.clone()), r#"{"sources":["a","b","c"]}"#.into()),
    ]);
    for (n, id) in ["a", "b", "c"].iter().enumerate() {
        let source = SourceId::new(*id).expect("because it is an id");
        let body = format!(
            r#"{{"id":"{id}","kind":"vendor","name":"{id}","time_zone":"America/Chicago","ships_from":{{"country":"US"}},"cutoff":"14:00","handling_days":1,"channel":{{"dialect":"portal"}}}}"#
        );
        world.extend([read(Key::Source(source.clone()), body)]);
        let body = format!(
            r#"{{"source":"{id}","sku":"MUG","vendor_sku":"M","pack":{{"unit":"EA","base_units":1}},"unit_cost":{{"amount":"{}.00","currency":"USD"}},"shipping_cost":{{"amount":"2.00","currency":"USD"}}}}"#,
            n + 3
        );
        world.extend([read(Key::Offer(source.clone(), sku.clone()), body)]);
        let body = format!(r#"{{"source":"{id}","sku":"MUG","advised":100000,"as_of":"{now}","origin":"api"}}"#);
        world.extend([read(Key::Stock(source, sku.clone()), body)]);
    }
    world
}
