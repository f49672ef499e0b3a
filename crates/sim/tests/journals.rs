//! Our own journal, replayed under the policy that ruled: it decides as it did then, because it reads the same records.

#![allow(clippy::unwrap_used, reason = "tests")]

use countersign_engine::command::{Command, Deed};
use countersign_engine::decide::decide_on;
use countersign_engine::event::Event;
use countersign_engine::journal::Entry;
use countersign_engine::policy::Policy;
use countersign_engine::routing::Plan;
use countersign_runtime::memory::MemoryStore;
use countersign_runtime::ports::Store;
use countersign_runtime::{Desk, Settings};
use countersign_sim::history::History;
use countersign_sim::history::journal::Journal;
use countersign_sim::history::keep;
use countersign_sim::replay::model::Models;
use countersign_sim::replay::part::parts;
use countersign_sim::replay::progress::Progress;
use countersign_sim::replay::run::{Part, run};
use countersign_sim::replay::trial::{Trial, as_if_enforced, try_out};
use countersign_sim::replay::verdict::{Verdict, verdict};
use countersign_sim::replay::world::Ground;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};

/// Orders captured.
const ORDERS: u32 = 40;

fn usd(amount: &str) -> Value {
    json!({"amount": amount, "currency": "USD"})
}

fn told(desk: &Desk, at: Timestamp, mut deed: Value) {
    deed["by"] = json!({"kind": "engine"});
    let command: Command = serde_json::from_value(deed.clone()).unwrap_or_else(|why| panic!("{why}: {deed}"));
    let handled = desk.handle_one(at, command);
    assert!(handled.done().is_some(), "{handled:?}");
}

/// A vendor that sells by the dozen and closes at two, another one far away, and a centre of our own that is cheaper than
/// both, but only asked when they have none.
fn catalogue() -> Vec<Value> {
    let source = |id: &str, kind: &str, zone: &str, country: &str, handling: u32, cutoff: Option<&str>| {
        json!({"deed": "record_source", "source": {"id": id, "kind": kind, "name": id, "time_zone": zone,
            "ships_from": {"country": country}, "cutoff": cutoff, "handling_days": handling,
            "calendar": {"business_days": ["mon", "tue", "wed", "thu"], "holidays": ["2026-09-08"]},
            "channel": {"dialect": "api", "connector": {}}}})
    };
    let offer = |source: &str, base_units: u32, unit_cost: &str| {
        json!({"deed": "record_offer", "offer": {"source": source, "sku": "MUG", "vendor_sku": format!("{source}-1"),
            "pack": {"unit": if base_units == 1 { "EA" } else { "DZ" }, "base_units": base_units}, "minimum": 1,
            "unit_cost": usd(unit_cost), "shipping_cost": usd("4.00")}})
    };
    let step = |name: &str, kind: &str, otherwise: &str| json!({"name": name, "choose": {"one": {"kind": kind}}, "otherwise": otherwise});
    vec![
        json!({"deed": "activate_policy", "policy": {"version": 2, "name": "vendors first",
            "modes": [{"mode": "enforce", "commit_on": "acknowledgment"}],
            "sourcing": {"steps": [step("a vendor", "vendor", "next"), step("our centre", "dc", "ask")]},
            "transit": [{"service_level": "express", "days": 1}, {"from": "CA", "days": 6}, {"days": 4}]}}),
        json!({"deed": "record_item", "item": {"sku": "MUG", "title": "Mug", "category": "kitchen/mugs", "unit": "EA"}}),
        source("dozen", "vendor", "America/Chicago", "US", 2, Some("14:00:00")),
        source("far", "vendor", "America/Vancouver", "CA", 1, None),
        source("dc1", "dc", "America/New_York", "US", 0, Some("16:00:00")),
        offer("dozen", 12, "60.00"),
        offer("far", 1, "5.50"),
        offer("dc1", 1, "2.00"),
    ]
}

/// What was planned live when each order came in, and the journal as a history.
fn lived() -> (Policy, BTreeMap<String, Arc<Plan>>, History) {
    let store = Arc::new(MemoryStore::new());
    let desk = Desk::open(store.clone() as Arc<dyn Store>, Settings::default()).unwrap();
    let mut at: Timestamp = "2026-09-01T08:00:00Z".parse().unwrap();
    catalogue().into_iter().for_each(|deed| told(&desk, at, deed));
    for n in 0..ORDERS {
        at += SignedDuration::from_mins(397);
        for (source, quantity) in [("dozen", 2_400), ("far", 200), ("dc1", 5_000)] {
            let lines = json!([{"sku": "MUG", "quantity": quantity}]);
            let report = json!({"deed": "report_advice", "source": source, "as_of": at, "origin": "csv", "full": false,
                "lines": lines});
            told(&desk, at, report);
        }
        let level = if n % 3 == 0 { "express" } else { "standard" };
        let quantity = [12, 5, 24, 301][n as usize % 4];
        told(
            &desk,
            at + SignedDuration::from_secs(1),
            json!({"deed": "capture_order", "id": format!("o{n}"), "placed_at": at, "sales_channel": "web",
                "destination": {"country": "US"}, "service_level": level, "fingerprint": "f", "requested_on": (n % 5 == 0).then_some("2026-09-30"),
                "lines": [{"line": "1", "sku": "MUG", "quantity": quantity, "unit": "EA", "unit_price": usd("9.00")}]}),
        );
    }
    let (mut journal, mut plans, mut policy) = (Journal::default(), BTreeMap::new(), None);
    for row in store.journal(0, u32::MAX).unwrap() {
        let entry: Entry = serde_json::from_str(&row.body).unwrap();
        if let Deed::ActivatePolicy { policy: ruling } = &entry.command.deed {
            policy = Some(ruling.clone());
        }
        for event in &entry.events {
            if let Event::PlanMade { order, plan } = event {
                plans.entry(order.to_string()).or_insert_with(|| plan.clone());
            }
        }
        journal.read(&entry);
    }
    (policy.unwrap(), plans, journal.finish("ours"))
}

/// The first plan of each order in a replay.
fn replayed(history: &History, policy: &Policy) -> BTreeMap<String, Arc<Plan>> {
    let models = Models::fit(history);
    let ground = Ground::of(history, &models);
    let parts = parts(history, &ground);
    let policy = as_if_enforced(policy);
    let plans = Mutex::new(BTreeMap::new());
    let witness = |slice: &_, at: countersign_sim::history::Moment, command: &Command| {
        let Deed::CaptureOrder(capture) = &command.deed else { return };
        let decision = decide_on(Clone::clone(slice), at.at(), command).unwrap();
        for event in decision.events {
            if let Event::PlanMade { plan, .. } = event {
                plans.lock().unwrap().insert(capture.id.to_string(), plan);
            }
        }
    };
    for place in 0..parts.orders.len() {
        let part = Part {
            history,
            ground: &ground,
            models: &models,
            policy: &policy,
            seed: 1,
            parts: &parts,
            place,
            trace: None,
            witness: Some(&witness),
        };
        run(&part, &AtomicBool::new(false));
    }
    plans.into_inner().unwrap()
}

#[test]
fn the_policy_that_ruled_decides_again_as_it_did() {
    let (policy, live, history) = lived();
    let mut bytes = vec![];
    keep::write(&history, &mut bytes).unwrap();
    let kept = keep::read(bytes.as_slice()).unwrap();
    for history in [&history, &kept] {
        let again = replayed(history, &policy);
        assert_eq!(again.len(), ORDERS as usize);
        let mut sources = BTreeMap::new();
        for (order, plan) in &live {
            let now = &again[order];
            assert_eq!(now.parts, plan.parts, "{order}");
            let reasons = |plan: &Plan| plan.verdicts.iter().map(|v| (v.source.clone(), v.reason)).collect::<Vec<_>>();
            assert_eq!(reasons(now), reasons(plan), "{order}");
            for part in &plan.parts {
                *sources.entry(part.source.to_string()).or_insert(0) += 1;
            }
        }
        assert_eq!(sources.keys().collect::<Vec<_>>(), ["dc1", "dozen", "far"], "{sources:?}");
    }
}

/// A journal of three orders: acme declined the first, nobody was asked for the second, and the third is only watched.
/// `after` follows when they came in.
fn waiting(after: impl FnOnce(&Desk, Timestamp)) -> Verdict {
    let store = Arc::new(MemoryStore::new());
    let desk = Desk::open(store.clone() as Arc<dyn Store>, Settings::default()).unwrap();
    let at: Timestamp = "2026-09-01T08:00:00Z".parse().unwrap();
    let item = |sku: &str, category: &str| json!({"deed": "record_item", "item": {"sku": sku, "title": sku, "category": category, "unit": "EA"}});
    let offer = |sku: &str| {
        json!({"deed": "record_offer", "offer": {"source": "acme", "sku": sku, "vendor_sku": sku,
            "pack": {"unit": "EA", "base_units": 1}, "minimum": 1, "unit_cost": usd("5.00"), "shipping_cost": usd("0.00")}})
    };
    let order = |id: &str, sku: &str| {
        json!({"deed": "capture_order", "id": id, "placed_at": at, "sales_channel": "web", "destination": {"country": "US"},
            "service_level": "standard", "fingerprint": "f",
            "lines": [{"line": "1", "sku": sku, "quantity": 2, "unit": "EA", "unit_price": usd("9.00")}]})
    };
    let deeds = [
        json!({"deed": "activate_policy", "policy": {"version": 2, "name": "ours", "modes": [
            {"mode": "observe", "category": "watched", "commit_on": "acknowledgment"}, {"mode": "enforce", "commit_on": "acknowledgment"}]}}),
        item("MUG", "kitchen"),
        item("JUG", "kitchen"),
        item("LAMP", "watched"),
        json!({"deed": "record_source", "source": {"id": "acme", "kind": "vendor", "name": "acme", "time_zone": "UTC",
            "ships_from": {"country": "US"}, "handling_days": 1, "channel": {"dialect": "api", "connector": {}}}}),
        offer("MUG"),
        offer("LAMP"),
        json!({"deed": "report_advice", "source": "acme", "as_of": at, "origin": "csv", "full": false,
            "lines": [{"sku": "MUG", "quantity": 50}, {"sku": "LAMP", "quantity": 50}]}),
        order("o1", "MUG"),
        order("o2", "JUG"),
        order("o3", "LAMP"),
        json!({"deed": "record_acknowledgment", "po": "o1-1", "lines": [{"line": "1", "rejected": 2, "reason": "ack_rejected_out_of_stock"}]}),
    ];
    (0_i64..).zip(deeds).for_each(|(n, deed)| told(&desk, at + SignedDuration::from_mins(n), deed));
    after(&desk, at);
    let mut journal = Journal::default();
    for row in store.journal(0, u32::MAX).unwrap() {
        journal.read(&serde_json::from_str(&row.body).unwrap());
    }
    let history = journal.finish("ours");
    assert_eq!(history.by_time.len(), 3);
    let mut bytes = vec![];
    keep::write(&history, &mut bytes).unwrap();
    let history = keep::read(bytes.as_slice()).unwrap();
    let policies = vec![("tried".to_owned(), Policy::default())];
    let trial = Trial { history: &history, policies, seed: 1, seeds: 1, threads: 1 };
    verdict(&trial, &try_out(&trial, &Progress::default()).unwrap())
}

/// What waits for a person, what nobody was asked for and what is only watched is under way: no end is told of it.
#[test]
fn what_waits_is_open_and_the_gate_is_credited_with_nothing() {
    let told = waiting(|_, _| {});
    let (then, now) = (&told.happened, &told.policies[0]);
    assert_eq!((then.still_open, now.first_seed.still_open), (3, 3), "{then:?}");
    let ends = (then.cancelled_after_commitment, then.cancelled_before_commitment, then.never_shipped);
    assert_eq!((ends, now.against_history.orders), ((0, 0, 0), 0), "{:?}", now.against_history);
}

/// What was given up before anybody was told that it is firm was not cancelled after commitment.
#[test]
fn what_was_never_firm_was_given_up() {
    let person = json!({"kind": "person", "name": "ann", "role": "vendor_manager"});
    let told = waiting(|desk, at| {
        let deed = json!({"deed": "resolve_case", "case": "o1-1", "remedy": {"action": "cancel_rest"}, "by": person});
        let command: Command = serde_json::from_value(deed).unwrap();
        let handled = desk.handle_one(at + SignedDuration::from_mins(90), command);
        assert!(handled.done().is_some(), "{handled:?}");
    });
    let then = &told.happened;
    let ends = (then.cancelled_after_commitment, then.cancelled_before_commitment, then.never_shipped);
    assert_eq!((ends, then.still_open), ((0, 1, 0), 2), "{then:?}");
    let kinds = &told.policies[0].against_history.kinds;
    assert!(!kinds.keys().any(|kind| kind.contains("after commitment")), "{kinds:?}");
}

/// Weeks later nobody waits any more for what was never asked for; of what was only watched still nothing is known.
#[test]
fn what_nobody_asked_for_is_given_up_in_the_end_and_what_nobody_told_of_is_not() {
    let told = waiting(|desk, at| {
        let report = json!({"deed": "report_advice", "source": "acme", "as_of": at, "origin": "csv", "full": false,
            "lines": [{"sku": "MUG", "quantity": 49}]});
        self::told(desk, at + SignedDuration::from_hours(24 * 40), report);
    });
    let then = &told.happened;
    let ends = (then.cancelled_after_commitment, then.cancelled_before_commitment, then.never_shipped);
    assert_eq!((ends, then.still_open), ((0, 2, 0), 1), "{then:?}");
    let kinds = &told.policies[0].against_history.kinds;
    assert!(!kinds.contains_key("given up although it had been supplied"), "{kinds:?}");
}
