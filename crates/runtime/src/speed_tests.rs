//! Figures, not tests: what the steps cost without disk and network, in processor time of one thread.
//!
//! `cargo test --release -p countersign-runtime -- --ignored --nocapture --test-threads 1 speed`

use crate::interpret;
use crate::memory::MemoryStore;
use crate::quote::Enquiry;
use crate::receive::{channel_of, receive};
use crate::request::Request;
use crate::{Desk, Settings};
use countersign_engine::command::{Actor, Command};
use countersign_engine::document::{Advice, AdviceLine, Inbound, ItemRef};
use countersign_engine::ids::SourceId;
use countersign_engine::measure::Quantity;
use countersign_engine::source::Source;
use countersign_engine::stock::Origin;
use countersign_partners::seam::{Context, Dialect, Document, Numbers, Paper, Place, Reading, Written};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// Processor time of this thread: other work on the machine does not count.
fn spent() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    Duration::from_nanos(text.split_whitespace().next().unwrap().parse().unwrap())
}

fn say(what: &str, count: u32, started: Duration) {
    let each = (spent() - started) / count;
    println!("{what}: {each:?} each, {:.0}/s", 1.0 / each.as_secs_f64());
}

fn now() -> Timestamp {
    "2026-11-23T15:00:00Z".parse().unwrap()
}

fn command(deed: Value) -> Command {
    Command { by: Actor::Engine, deed: serde_json::from_value(deed).unwrap() }
}

/// Vendors offer items, all in stock for ever.
fn world(vendors: u32, items: u32) -> Desk {
    let desk = Desk::open(Arc::new(MemoryStore::new()), Settings::default()).unwrap();
    let mut requests = vec![];
    let mut want = |deed| requests.push(Request::new(command(deed)));
    for item in 0..items {
        want(
            json!({"deed": "record_item", "item": {"sku": format!("SKU-{item}"), "title": "A thing", "category": "home"}}),
        );
    }
    for vendor in 0..vendors {
        want(
            json!({"deed": "record_source", "source": {"id": format!("v{vendor}"), "kind": "vendor", "name": "Vendor",
            "time_zone": "America/Chicago", "ships_from": {"country": "US"}, "channel": {"dialect": "x12"}}}),
        );
        for item in 0..items {
            want(
                json!({"deed": "record_offer", "offer": {"source": format!("v{vendor}"), "sku": format!("SKU-{item}"),
                "vendor_sku": format!("V{vendor}-{item}"), "pack": {"unit": "EA", "base_units": 1},
                "unit_cost": {"amount": "4.00", "currency": "USD"},
                "shipping_cost": {"amount": "1.00", "currency": "USD"}}}),
            );
        }
    }
    for answers in desk.handle(now(), requests) {
        assert!(answers[0].done().is_some(), "{answers:?}");
    }
    for vendor in 0..vendors {
        feed(&desk, vendor, items, 5_000_000, "2026-11-23T14:59:00Z");
    }
    desk
}

/// A dialect that makes up a feed instead of reading one.
struct MadeUp(Advice);

impl Dialect for MadeUp {
    fn read(&self, _: &Source, _: &[u8], _: &Context<'_>) -> Reading {
        let content = Inbound::Advice(self.0.clone());
        let lines = vec![Place::default(); self.0.lines.len()];
        let document =
            Document { content, place: Place::default(), lines, written_at: None, hints: Default::default() };
        Reading { documents: vec![document], ..Reading::default() }
    }
    fn write(&self, _: &Source, _: &Paper, _: &mut Numbers<'_>, _: Timestamp) -> Result<Written, String> {
        Err("it only reads".into())
    }
}

fn feed(desk: &Desk, vendor: u32, items: u32, quantity: u32, as_of: &str) {
    let line = |item| AdviceLine {
        item: ItemRef { vendor_sku: Some(format!("V{vendor}-{item}").parse().unwrap()), ..ItemRef::default() },
        quantity: Quantity::new(quantity),
        unit: None,
        incoming: vec![],
        discontinued: false,
    };
    let lines = (0..items).map(line).collect();
    let advice = Advice { as_of: as_of.parse().unwrap(), origin: Origin::X12, full: true, lines };
    let channel = channel_of(&SourceId::new(format!("v{vendor}")).unwrap());
    let entry = receive(&**desk.store(), now(), &channel, "feed", as_of.as_bytes().to_vec(), Some(1)).unwrap();
    let interpreted = interpret::interpret(desk, &MadeUp(advice), now(), &entry).unwrap();
    assert!(interpreted.report.findings.is_empty());
}

fn capture(id: &str, item: u32) -> Request {
    Request::new(command(json!({"deed": "capture_order", "id": id, "placed_at": now(), "sales_channel": "web",
        "destination": {"country": "US"}, "service_level": "standard", "fingerprint": "f",
        "lines": [{"line": "1", "sku": format!("SKU-{item}"), "quantity": 1, "unit": "EA",
                   "unit_price": {"amount": "9.00", "currency": "USD"}}]})))
}

#[test]
#[ignore = "prints figures"]
fn speed_of_captures() {
    for vendors in [1, 3] {
        let desk = world(vendors, 400);
        let (batches, size) = (100_u32, 256_u32);
        let request = |n: u32| capture(&format!("w-{vendors}-{n}"), n * 7 % 400);
        let all: Vec<Vec<Request>> = (0..batches).map(|b| (0..size).map(|n| request(b * size + n)).collect()).collect();
        let (loads, started) = (desk.counted().store_loads, spent());
        for requests in all {
            for answers in desk.handle(now(), requests) {
                assert!(answers[0].done().is_some(), "{answers:?}");
            }
        }
        say(&format!("capture, {vendors} vendors, engine and store in memory included"), batches * size, started);
        println!("loads {}", desk.counted().store_loads - loads);
    }
}

#[test]
#[ignore = "prints figures"]
fn speed_of_the_engine_alone() {
    for vendors in [1, 3] {
        let desk = world(vendors, 400);
        let started = spent();
        let count = 20_000;
        let commands: Vec<Command> =
            (0..count).map(|n| capture(&format!("e-{n}"), n * 7 % 400).commands.remove(0)).collect();
        say("  (making the command)", count, started);
        let (started, mut rounds) = (spent(), 0);
        let mut slices = vec![];
        for command in &commands {
            let mut slice = countersign_engine::slice::Slice::default();
            loop {
                let wanted: Vec<_> =
                    countersign_engine::needs(&slice, command).into_iter().filter(|k| !slice.has(k)).collect();
                if wanted.is_empty() {
                    break;
                }
                rounds += 1;
                let records = desk.read(&wanted).unwrap();
                slice =
                    countersign_engine::slice::Slice::new(slice.into_records().chain(wanted.into_iter().zip(records)));
            }
            slices.push(slice);
        }
        say(
            &format!("needs and reading, {vendors} vendors, {} rounds", rounds as f64 / f64::from(count)),
            count,
            started,
        );
        let started = spent();
        let decided: Vec<_> =
            commands.iter().zip(&slices).map(|(c, s)| countersign_engine::decide(s, now(), c).unwrap()).collect();
        say(&format!("decide, {vendors} vendors"), count, started);
        let started = spent();
        let bytes: usize = decided.iter().map(|d| serde_json::to_string(&d.events).unwrap().len()).sum();
        say(&format!("events as JSON, {} bytes", bytes / count as usize), count, started);
    }
}

#[test]
#[ignore = "prints figures"]
fn speed_of_feeds() {
    let items = 100_000;
    let started = spent();
    let desk = world(1, items);
    say("set up an item and its offer and first advice", items, started);
    let started = spent();
    feed(&desk, 0, items, 77, "2026-11-23T15:01:00Z");
    say("line of a feed that differs", items, started);
    let started = spent();
    feed(&desk, 0, items, 77, "2026-11-23T15:02:00Z");
    say("line of an unchanged feed", items, started);
    println!("{:?}", desk.counted());
}

#[test]
#[ignore = "prints figures"]
fn speed_of_quotes() {
    let desk = world(3, 400);
    let cart = |n: u32| {
        serde_json::from_value(json!({"lines": [{"sku": format!("SKU-{}", n % 400), "quantity": 2}],
            "destination": {"country": "US"}, "service_level": "standard"}))
        .unwrap()
    };
    let carts: Vec<_> = (0..20_000).map(cart).collect();
    let started = spent();
    for cart in carts {
        assert_eq!(Enquiry::open(&desk, cart).unwrap().quote(now(), &Default::default())[0].promisable.get(), 2);
    }
    say("quote of one line, three vendors", 20_000, started);
}
