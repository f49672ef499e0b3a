//! The sandbox: every shipped scenario comes to the point where a person acts, and nothing leaves it.

use super::world::{World, source_body};
use countersign_engine::event::Event;
use countersign_engine::explain;
use countersign_engine::journal::Entry;
use countersign_engine::reason::Reason;
use countersign_engine::slice::{Key, Record};
use countersign_engine::source::{Channel, Dialect, Source};
use countersign_runtime::ports::Store;
use countersign_server::registry::Registry;
use countersign_server::sandbox::copy::Copy;
use countersign_server::sandbox::scenario::{SHIPPED, Scenario};
use countersign_server::sandbox::{Opened, config};
use countersign_server::view::case::ApprovalView;
use countersign_sim::history::generate::{Size, generate};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Looks at the journal until something is true.
async fn until<T>(mut look: impl FnMut() -> Option<T>) -> T {
    for _ in 0..1_200 {
        if let Some(found) = look() {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it did not come to that within a minute");
}

/// An installation with two items and two vendors that are reached over HTTP.
async fn installation() -> World {
    let w = World::stocked().await;
    w.put("/v1/items/MUG", json!({"title": "Mug", "category": "kitchen"})).await.expect(200);
    w
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_scenario_comes_to_the_persons_turn() {
    let w = installation().await;
    for (name, text, guide) in SHIPPED {
        let scenario = Scenario::parse(text).unwrap();
        assert!(guide.contains("1. "), "{name} has a guide with steps");
        let copy = Copy::of(w.store.as_ref()).unwrap();
        let cast = scenario.cast(&copy).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let opened = Opened::new(&config(folder.path(), None).unwrap(), copy, 600, 1).await.unwrap();
        opened.play(&scenario, &cast, 600).await.unwrap_or_else(|e| panic!("{name}: {e:#}"));
        let store = opened.service.office.store().clone();
        let mut missing = scenario.leads_to.clone();
        for _ in 0..1_200 {
            missing = scenario.missing(store.as_ref()).unwrap();
            if missing.is_empty() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert!(missing.is_empty(), "{name} did not come to {missing:?}");
        said_of(name, store.as_ref());
        opened.service.stop().await;
    }
    let real = w.get("/v1/orders").await.expect(200);
    assert_eq!(real["items"], json!([]), "nothing of it reached the installation");
}

/// What the guide of a scenario has its reader look for stands there.
fn said_of(name: &str, store: &dyn Store) {
    let rows = store.journal(0, 10_000).unwrap();
    let entries = rows.iter().map(|row| serde_json::from_str::<Entry>(&row.body).unwrap());
    let events: Vec<Event> = entries.flat_map(|entry| entry.events).collect();
    match name {
        "substitute" => {
            let asked = events.iter().find_map(|e| match e {
                Event::ApprovalAsked { order, approval } => Some(ApprovalView::new(order, approval)),
                _ => None,
            });
            let view = serde_json::to_value(asked.unwrap()).unwrap();
            assert_eq!(
                (&view["instead"]["sku"], &view["instead"]["vendor_sku"]),
                (&json!("MUG"), &json!("MUG")),
                "{view}"
            );
            let told = "1 MUG instead of what line 1 asks for, from acme (its price is not known here, ";
            assert!(view["sentence"].as_str().unwrap().contains(told), "{view}");
            assert!(view["plan"]["sentence"].as_str().unwrap().contains(told), "{view}");
        }
        "costly-reroute" => {
            let plan =
                events.iter().rev().find_map(|e| if let Event::PlanMade { plan, .. } = e { Some(plan) } else { None });
            let told: Vec<String> = plan.unwrap().verdicts.iter().map(|v| explain::verdict(plan.unwrap(), v)).collect();
            assert!(told.len() == 2 && told.iter().all(|v| v.contains("USD")), "both costs: {told:?}");
        }
        "expedite" => {
            let plan = events.iter().find_map(|e| if let Event::PlanMade { plan, .. } = e { Some(plan) } else { None });
            let plan = plan.unwrap();
            let (told, way) = (explain::plan(plan), "more than the usual way, which is at the door by ");
            assert!(told.contains(" by express ") && told.contains(way), "{told}");
            let chosen =
                plan.verdicts.iter().map(|v| explain::verdict(plan, v)).find(|v| v.starts_with("Chosen")).unwrap();
            let costs = plan.parts[0].cost.to_string();
            assert!(told.contains(&costs) && chosen.contains(&costs) && chosen.contains(way), "{told} {chosen}");
        }
        "split" => {
            let plan = events.iter().find_map(|e| if let Event::PlanMade { plan, .. } = e { Some(plan) } else { None });
            let plan = plan.unwrap();
            let told = explain::plan(plan);
            assert!(told.contains("No source alone can promise the 5 of line 1: "), "{told}");
            for part in &plan.parts {
                let verdict = plan.verdicts.iter().find(|v| v.source == part.source).unwrap();
                let chosen = explain::verdict(plan, verdict);
                assert!(chosen.contains(&format!("gets {}, costs {}", part.quantity, part.cost)), "{told} {chosen}");
            }
        }
        "taken-back" => {
            let taken = events.iter().find_map(|e| match e {
                Event::LineUncommitted { reason, .. } => Some(*reason),
                _ => None,
            });
            assert_eq!(taken, Some(Reason::CancelVendor), "it had accepted: it rejected nothing");
        }
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn vendors_behave_as_a_kept_history_knows_them() {
    let w = World::empty().await;
    let nothing = Copy::of(w.store.as_ref()).err().unwrap().to_string();
    assert!(nothing.contains("record sources, items and offers first (PUT /v1/items"), "{nothing}");
    let made = generate(Size { orders: 200, items: 20, sources: 3, days: 20, advice_hours: 24 }, 5);
    let source = made.source_ids.get(0).to_owned();
    super::histories::keep(&w, "spring", &made).await;
    let nothing = Copy::of(w.store.as_ref()).err().unwrap().to_string();
    assert!(nothing.contains(&format!("A kept history knows how {source}")), "{nothing}");

    for id in [source.as_str(), "stranger"] {
        w.put(&format!("/v1/sources/{id}"), source_body(id)).await.expect(200);
    }
    let copy = Copy::of(w.store.as_ref()).unwrap();
    let scenario = Scenario::parse(SHIPPED[0].1).unwrap();
    let bare = scenario.cast(&copy).unwrap_err().to_string();
    assert!(bare.contains("there are 0 items, 2 sources and 0 offers") && bare.contains("PUT /v1/items"), "{bare}");
    let (stage, _) = copy.set_up(60, 1, jiff::Timestamp::now());
    assert!(stage.fitted(&source.parse().unwrap()).is_some(), "the journal knows nothing of it, the history does");
    assert!(stage.fitted(&"stranger".parse().unwrap()).is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fitted_vendors_answer_and_nothing_leaves() {
    let w = installation().await;
    let outside = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = outside.local_addr().unwrap();
    let reached = Arc::new(AtomicUsize::new(0));
    let count = reached.clone();
    tokio::spawn(async move {
        while outside.accept().await.is_ok() {
            count.fetch_add(1, Ordering::Relaxed);
        }
    });
    let folder = tempfile::tempdir().unwrap();
    let mut settings = config(folder.path(), None).unwrap();
    // What an operator may allow elsewhere opens nothing here.
    settings.allow_private = vec!["http://127.0.0.0/8".into()];
    settings.mail = Some((format!("smtp://{address}?tls=none"), "Shop <shop@example.com>".into()));
    let opened = Opened::new(&settings, Copy::of(w.store.as_ref()).unwrap(), 10_000, 1).await.unwrap();
    let (office, store) = (opened.service.office.clone(), opened.service.office.store().clone());

    // A person writes real addresses into the sandbox: a vendor's, and a subscriber's.
    let registry = office.wired().unwrap();
    let lamp = until(|| Registry::source(office.desk(), &"acme".parse().unwrap())).await;
    let connectors = [
        json!({"type": "http", "base": format!("http://{address}")}),
        json!({"type": "as2", "url": format!("http://{address}")}),
        json!({"type": "sftp", "host": "127.0.0.1", "port": address.port()}),
        json!({"type": "folder", "outbound": "/tmp", "inbound": "/var/tmp"}),
    ];
    for connector in connectors {
        for dialect in [Dialect::Api, Dialect::X12, Dialect::Eancom, Dialect::Wms] {
            let channel = Channel { dialect, connector: connector.clone(), settings: Default::default() };
            let made = registry.of(&Source { channel, ..lamp.as_ref().clone() }).unwrap();
            assert!(made.http.is_none() && made.as2.is_none(), "{connector} led out of the sandbox");
        }
    }
    let base = format!("http://{address}/hook").parse().unwrap();
    let denied = registry.http().guard().check_url(&base).unwrap_err();
    assert!(denied.0.contains("nothing leaves it"), "{denied}");
    assert!(registry.http().guard().resolve("localhost", address.port(), true).await.is_err());
    assert!(registry.http().guard().check_address("93.184.216.34".parse().unwrap(), None, false).is_err());

    let scenario = Scenario::parse(
        "title = \"as fitted\"\nsources = [{ has = 50 }]\norders = [{ quantity = 1 }]\nleads_to = [\"line.committed\"]\n",
    )
    .unwrap();
    let cast = scenario.cast(&Copy::of(w.store.as_ref()).unwrap()).unwrap();
    opened.play(&scenario, &cast, 10_000).await.unwrap();
    until(|| scenario.missing(store.as_ref()).unwrap().is_empty().then_some(())).await;
    let secrets = store.load(&[Key::Source("acme".parse().unwrap())]).unwrap().pop().flatten().map(|v| v.record);
    let Some(Record::Source(acme)) = secrets else { panic!("acme was not copied") };
    assert_eq!(acme.channel.connector, json!({"type": "sandbox"}));
    assert_eq!(reached.load(Ordering::Relaxed), 0, "somebody outside was called");
    opened.service.stop().await;
}
