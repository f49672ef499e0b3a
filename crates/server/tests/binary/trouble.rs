//! What goes wrong around the service: endpoints that fail, bodies without end, a database that goes away, nodes that die.

use crate::kill::{order, stock_up};
use crate::service::{Binary, client, command, create_key, eventually};
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use countersign_store::testing::postgres_or_skip;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A storefront that is down for its first calls, and never takes what is about one order; it keeps what it was told, and
/// the ids in the order in which they came.
#[derive(Clone, Default)]
struct Storefront {
    refusals_left: Arc<AtomicU32>,
    untaken: Arc<Mutex<Option<String>>>,
    told: Arc<Mutex<BTreeMap<String, Value>>>,
    ids: Arc<Mutex<Vec<String>>>,
}

impl Storefront {
    /// Opens it; gives its address.
    async fn open(&self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/hook", post(told)).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        format!("http://{address}/hook")
    }

    /// Orders whose capture it was told of.
    fn captured(&self) -> BTreeSet<String> {
        let told = self.told.lock().unwrap();
        let captured = told.values().filter(|event| event["type"] == "countersign.order.captured.v1");
        captured.map(|event| event["subject"].as_str().unwrap().to_owned()).collect()
    }
}

async fn told(State(shop): State<Storefront>, headers: HeaderMap, body: String) -> StatusCode {
    let down = shop.refusals_left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1));
    if down.is_ok() {
        return StatusCode::INTERNAL_SERVER_ERROR;
    }
    let id = headers["webhook-id"].to_str().unwrap().to_owned();
    let event: Value = serde_json::from_str(&body).unwrap();
    if shop.untaken.lock().unwrap().as_deref().is_some_and(|subject| event["subject"] == subject) {
        return StatusCode::INTERNAL_SERVER_ERROR;
    }
    shop.ids.lock().unwrap().push(id.clone());
    shop.told.lock().unwrap().insert(id, event);
    StatusCode::NO_CONTENT
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_storefront_that_is_down_hears_everything_once_it_is_back() {
    let shop = Storefront { refusals_left: Arc::new(AtomicU32::new(5)), ..Storefront::default() };
    let address = shop.open().await;
    let data = tempfile::tempdir().unwrap();
    let service = Binary::serve(data.path(), &["--allow-private", "http://127.0.0.0/8"]);
    stock_up(&service).await;
    let hook = json!({"url": address, "types": ["countersign.order.captured.v1"]});
    service.done("PUT", "/v1/webhooks/shop", &hook).await;
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    for n in 0..3 {
        service.done("POST", "/v1/orders", &order(&format!("t-{n}"))).await;
    }
    let all = eventually("three orders told", async || {
        let told = shop.told.lock().unwrap().clone();
        (told.len() == 3).then_some(told)
    });
    let subjects: BTreeSet<String> = all.await.values().map(|event| event["subject"].to_string()).collect();
    assert_eq!(subjects.len(), 3, "{subjects:?}");
    assert_eq!(shop.refusals_left.load(Ordering::Relaxed), 0, "it was down, and was asked again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_order_that_a_storefront_never_takes_holds_up_nobody_else() {
    const OTHERS: usize = 40;
    let shop = Storefront::default();
    *shop.untaken.lock().unwrap() = Some("t-0".into());
    let address = shop.open().await;
    let data = tempfile::tempdir().unwrap();
    let flags = ["--allow-private", "http://127.0.0.0/8"];
    let service = Binary::serve(data.path(), &flags);
    stock_up(&service).await;
    service.done("PUT", "/v1/webhooks/shop", &json!({ "url": address })).await;
    eventually("the subscription to begin", async || {
        (!service.done("GET", "/v1/webhooks/shop", &Value::Null).await["position"].is_null()).then_some(())
    })
    .await;
    for n in 0..=OTHERS {
        service.done("POST", "/v1/orders", &order(&format!("t-{n}"))).await;
    }
    eventually("all others told", async || (shop.captured().len() == OTHERS).then_some(())).await;
    assert!(!shop.captured().contains("t-0"));
    let held_back = async |service: &Binary| {
        let all = service.done("GET", "/v1/webhooks/shop/held-back", &Value::Null).await;
        all["items"].as_array().unwrap().clone()
    };
    let held = eventually("it to be shown", async || held_back(&service).await.pop()).await;
    assert_eq!(held["subject"], "t-0", "{held}");
    assert!(held["why"].as_str().unwrap().contains("500") && held["waiting"].as_u64() > Some(1), "{held}");
    assert_eq!(service.done("GET", "/v1/webhooks/shop", &Value::Null).await["held_back"], 1);

    // Its later messages wait behind it, and a restart forgets nothing.
    service.done("POST", "/v1/orders/t-0/cancel", &json!({"reason": "cancel_customer"})).await;
    let more = eventually("the later ones behind it", async || {
        held_back(&service).await.pop().filter(|now| now["waiting"].as_u64() > held["waiting"].as_u64())
    });
    let (waiting, first) = {
        let more = more.await;
        (more["waiting"].as_u64().unwrap(), more["event"].clone())
    };
    service.kill();
    let service = Binary::serve(data.path(), &flags);
    let held = held_back(&service).await;
    assert_eq!((held[0]["waiting"].as_u64(), &held[0]["event"]), (Some(waiting), &first));
    // Whoever changes a subscription may have mended something: what waits is tried at once.
    service.done("PUT", "/v1/webhooks/shop", &json!({"url": address, "active": false})).await;
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    *shop.untaken.lock().unwrap() = None;
    service.done("PUT", "/v1/webhooks/shop", &json!({ "url": address })).await;
    eventually("nothing held back", async || held_back(&service).await.is_empty().then_some(())).await;
    let place = |id: &str| {
        let (position, index) = id.trim_start_matches("evt_").split_once('_').unwrap();
        (position.parse::<u64>().unwrap(), index.parse::<u64>().unwrap())
    };
    let about = |id: &&String| shop.told.lock().unwrap()[*id]["subject"] == "t-0";
    let told: Vec<(u64, u64)> = shop.ids.lock().unwrap().iter().filter(about).map(|id| place(id)).collect();
    // Under one id, a message may come again after a restart; a storefront knows it by that.
    let mut seen = BTreeSet::new();
    let first: Vec<(u64, u64)> = told.iter().copied().filter(|place| seen.insert(*place)).collect();
    assert!(first.len() as u64 >= waiting && first.is_sorted(), "in order: {told:?}");
}

/// Several nodes on one database: one of them tells a storefront, and another takes over when it dies.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_storefront_hears_each_event_from_one_node() {
    let Some(server) = postgres_or_skip() else { return };
    let database = server.database().unwrap();
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let secret = folders[0].path();
    let start = |n: usize| {
        let key = secret.join("installation.key");
        let shared = ["--database", &database, "--key-file", key.to_str().unwrap()];
        let flags = ["--listen", "127.0.0.1:0", "--allow-private", "http://127.0.0.0/8"];
        Binary::serve_shared(folders[n].path(), &shared, &flags)
    };
    let shop = Storefront::default();
    let address = shop.open().await;
    let (first, second) = (start(0), start(1));
    stock_up(&first).await;
    first.done("PUT", "/v1/webhooks/shop", &json!({ "url": address })).await;
    // Both nodes have looked for subscriptions by then.
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    for n in 0..20 {
        let node = if n % 2 == 0 { &first } else { &second };
        node.done("POST", "/v1/orders", &order(&format!("l-{n}"))).await;
    }
    eventually("all told", async || (shop.captured().len() == 20).then_some(())).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let (ids, told) = (shop.ids.lock().unwrap().len(), shop.told.lock().unwrap().len());
    assert_eq!(ids, told, "each event comes once");

    // Whichever of the two had it, one of these two deaths is its.
    first.kill();
    second.done("POST", "/v1/orders", &order("l-a")).await;
    eventually("the second node's word", async || shop.captured().contains("l-a").then_some(())).await;
    let third = start(0);
    second.kill();
    third.done("POST", "/v1/orders", &order("l-b")).await;
    eventually("the third node's word", async || shop.captured().contains("l-b").then_some(())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_of_200_megabytes_is_refused_and_costs_nothing() {
    let data = tempfile::tempdir().unwrap();
    let service = Binary::serve(data.path(), &[]);
    let request = client().post(format!("{}/v1/orders", service.base)).bearer_auth(&service.key);
    match request.header("content-type", "application/json").body(vec![b' '; 200 << 20]).send().await {
        Ok(answer) => {
            assert_eq!(answer.status(), 413);
            let problem: Value = answer.json().await.unwrap();
            assert!(problem["type"].as_str().unwrap().ends_with("/problems/too-large"), "{problem}");
        }
        // The connection may be closed on a client that does not stop to listen.
        Err(error) => assert!(error.is_request() || error.is_body(), "{error}"),
    }
    service.done("GET", "/v1/orders", &Value::Null).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_goes_away_is_said_and_loses_nothing() {
    let Some(server) = postgres_or_skip() else { return };
    let (database, data) = (server.database().unwrap(), tempfile::tempdir().unwrap());
    let service = Binary::serve_on(data.path(), &database, data.path());
    stock_up(&service).await;
    service.done("POST", "/v1/orders", &order("d-1")).await;
    server.stop().unwrap();
    let (status, problem) = service.call("POST", "/v1/orders", &order("d-2")).await;
    assert_eq!(status, 503, "{problem}");
    assert!(problem["detail"].as_str().is_some_and(|d| !d.is_empty()), "{problem}");
    assert_eq!(service.call("GET", "/readyz", &Value::Null).await.0, 503);
    server.resume().unwrap();
    eventually("the database again", async || {
        let (status, _) = service.call("POST", "/v1/orders", &order("d-2")).await;
        matches!(status, 200 | 201).then_some(())
    })
    .await;
    for id in ["d-1", "d-2"] {
        let order = service.done("GET", &format!("/v1/orders/{id}"), &Value::Null).await;
        assert_eq!(order["lines"][0]["tally"]["held"], 1, "{order}");
    }
}

/// A disk of its own, small; gone when dropped.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    /// `None`, with a line that says so, where this process may not mount.
    fn mount(size: &str) -> Option<Self> {
        let disk = Self(tempfile::tempdir().unwrap());
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size}"), "none"])
            .arg(disk.0.path())
            .stderr(Stdio::null())
            .status();
        if mounted.is_ok_and(|status| status.success()) {
            return Some(disk);
        }
        eprintln!("SKIPPED on a full disk: mounting a small one takes root");
        None
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_said_and_loses_nothing() {
    let Some(disk) = SmallDisk::mount("40m") else { return };
    let (data, filler) = (disk.0.path().join("data"), disk.0.path().join("filler"));
    let service = Binary::serve(&data, &[]);
    stock_up(&service).await;
    std::fs::write(&filler, vec![0; 20 << 20]).unwrap();
    let (mut taken, mut next) = (0_u32, 0_u32);
    let problem = loop {
        let orders: Vec<String> = (next..next + 50).map(|n| order(&format!("f-{n}")).to_string()).collect();
        next += 50;
        let request = client().post(format!("{}/v1/orders", service.base)).bearer_auth(&service.key);
        let sent = request.header("content-type", "application/x-ndjson").body(orders.join("\n")).send().await.unwrap();
        let (status, text) = (sent.status(), sent.text().await.unwrap());
        let refused = text.lines().find(|line| !line.contains("\"status\":201")).map(str::to_owned);
        taken += text.lines().filter(|line| line.contains("\"status\":201")).count() as u32;
        if let Some(refused) = refused {
            break format!("{status} {refused}");
        }
        assert!(next < 20_000, "the disk is never full");
    };
    assert!(problem.contains("/problems/unwritable"), "{problem}");
    assert!(taken > 500, "the disk was full before the load: {taken}");
    // Where many do not fit a few still may, in what the log was given already; then not even a word.
    let last = disk.0.path().join("last");
    let _ = std::fs::write(&last, vec![0; 40 << 20]);
    let mut few = 0;
    while service.call("POST", "/v1/orders", &order(&format!("few-{few}"))).await.0 == 201 {
        few += 1;
        assert!(few < 5_000, "the disk is never full");
    }
    eventually("the store to say so", async || {
        (service.call("GET", "/readyz", &Value::Null).await.0 == 503).then_some(())
    })
    .await;
    // What is there can still be read.
    service.done("GET", "/v1/orders/f-0", &Value::Null).await;

    std::fs::remove_file(&last).unwrap();
    std::fs::remove_file(&filler).unwrap();
    eventually("room again", async || {
        let (status, _) = service.call("POST", "/v1/orders", &order("after")).await;
        (status == 201).then_some(())
    })
    .await;
    assert_eq!(service.call("GET", "/readyz", &Value::Null).await.0, 200);
    service.kill();
    let service = Binary::serve(&data, &[]);
    let many = (0..taken).map(|n| format!("f-{n}"));
    for id in many.chain((0..few).map(|n| format!("few-{n}"))).chain(["after".to_owned()]) {
        let order = service.done("GET", &format!("/v1/orders/{id}"), &Value::Null).await;
        assert_eq!(order["lines"][0]["tally"]["held"], 1, "{order}");
    }
    drop(service);
    assert!(command(&data).args(["audit", "verify"]).status().unwrap().success(), "the journal is whole");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_taken_at_work_is_restored_whole_or_not_at_all() {
    let (data, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let backup = data.path().join("backup.sqlite");
    let service = Binary::serve(data.path(), &[]);
    stock_up(&service).await;
    service.done("POST", "/v1/orders", &order("b-1")).await;
    let run = |folder: &Path, task: &[&str]| {
        let ran = command(folder).arg("admin").args(task).output().unwrap();
        (ran.status.code(), String::from_utf8_lossy(&ran.stderr).into_owned())
    };
    let file = backup.to_str().unwrap();
    assert_eq!(run(data.path(), &["backup", file]).0, Some(0));
    let (code, said) = run(other.path(), &["restore", file]);
    assert!(code == Some(1) && said.contains("installation.key"), "it is another installation's: {said}");
    std::fs::copy(data.path().join("installation.key"), other.path().join("installation.key")).unwrap();

    let mut damaged = std::fs::read(&backup).unwrap();
    let at = damaged.windows(12).rposition(|w| w == b"capture_orde").unwrap();
    damaged[at] = b'C';
    let bad = data.path().join("bad.sqlite");
    std::fs::write(&bad, damaged).unwrap();
    let (code, said) = run(other.path(), &["restore", bad.to_str().unwrap()]);
    assert!(code == Some(1) && said.contains("is not restored"), "{said}");
    assert!(!other.path().join("countersign.sqlite").exists());

    assert_eq!(run(other.path(), &["restore", file]), (Some(0), String::new()));
    let (code, said) = run(other.path(), &["restore", file]);
    assert!(code == Some(1) && said.contains("has a store already"), "{said}");
    let restored = Binary::serve(other.path(), &[]);
    let order = restored.done("GET", "/v1/orders/b-1", &Value::Null).await;
    assert_eq!(order["lines"][0]["tally"]["held"], 1, "{order}");
}

#[test]
fn a_node_with_another_secret_is_told_so() {
    let Some(server) = postgres_or_skip() else { return };
    let database = server.database().unwrap();
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    drop(Binary::serve_on(folders[0].path(), &database, folders[0].path()));
    let node = command(folders[1].path()).args(["serve", "--listen", "127.0.0.1:0", "--database", &database]).output();
    let node = node.unwrap();
    assert_eq!(node.status.code(), Some(1));
    let said = String::from_utf8_lossy(&node.stderr);
    assert!(said.contains("installation.key"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_key_file_is_changed_and_what_it_seals_stays() {
    let data = tempfile::tempdir().unwrap();
    let new = data.path().join("new.key");
    let file = new.to_str().unwrap();
    let service = Binary::serve(data.path(), &[]);
    stock_up(&service).await;
    service.done("PUT", "/v1/secrets/moss", &json!({"secret": "hush"})).await;
    let connector = json!({"type": "http", "base": "https://moss.example", "token": "secret:moss"});
    let moss = json!({"kind": "vendor", "name": "Moss", "time_zone": "America/Chicago", "ships_from": {"country": "US"},
        "channel": {"dialect": "api", "connector": connector}});
    service.done("PUT", "/v1/sources/moss", &moss).await;
    service.done("POST", "/v1/orders", &order("r-1")).await;
    let changed = command(data.path()).args(["admin", "rekey", file]).output().unwrap();
    assert!(changed.status.success(), "{}", String::from_utf8_lossy(&changed.stderr));
    assert_eq!(service.call("POST", "/v1/orders", &order("r-2")).await.0, 201, "a running node goes on");
    service.kill();

    let old = command(data.path()).args(["serve", "--listen", "127.0.0.1:0"]).output().unwrap();
    assert_eq!(old.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&old.stderr).contains("installation.key"));
    let service = Binary::serve(data.path(), &["--key-file", file]);
    // An order is known again by its keyed fingerprint; with another one it would be refused as another order.
    service.done("POST", "/v1/orders", &order("r-1")).await;
    drop(service);
    let check = command(data.path()).args(["check", "--key-file", file]).output().unwrap();
    let said = String::from_utf8_lossy(&check.stdout);
    assert!(!said.contains("secret"), "its token is opened: {said}");
}

/// Several nodes on one database, killed in turn under load: what was answered is there, once; nothing is oversold.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_come_and_go() {
    const STOCK: u64 = 400;
    let Some(server) = postgres_or_skip() else { return };
    let database = server.database().unwrap();
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let secret = folders[0].path();
    let first = Binary::serve_on(secret, &database, secret);
    stock_up(&first).await;
    let advice = json!({"quantity": STOCK, "as_of": jiff::Timestamp::now()});
    first.done("PUT", "/v1/sources/acme/advice/MUG", &advice).await;
    let policy = json!({"version": 2, "name": "sell what is there", "sourcing": {"attempts_max": 5,
        "steps": [{"name": "any", "choose": {"one": {}}, "otherwise": "refuse"}]}});
    let manager = create_key(folders[0].path(), "vendor_manager", &["--database", &database]);
    for (method, path, body) in [("PUT", "/v1/policies/2", policy), ("POST", "/v1/policies/2/activate", json!({}))] {
        let (status, answer) = first.call_as(&manager, method, path, &body).await;
        assert!(status < 300, "{path}: {status} {answer}");
    }
    let nodes = Mutex::new(
        [Some(first), Some(Binary::serve_on(folders[1].path(), &database, secret))].map(|n| n.map(Arc::new)),
    );
    let (nodes, taken) = (Arc::new(nodes), Arc::new(Mutex::new(BTreeSet::new())));
    let (next, refused, ended) =
        (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
    let mut clients = vec![];
    for place in 0..8_usize {
        let (nodes, taken, next, refused, ended) =
            (nodes.clone(), taken.clone(), next.clone(), refused.clone(), ended.clone());
        clients.push(tokio::spawn(async move {
            let http = client();
            while !ended.load(Ordering::Relaxed) {
                let id = format!("n-{}", next.fetch_add(1, Ordering::Relaxed));
                // Asked until somebody answers: on another node if this one died meanwhile.
                let mut turn = place;
                loop {
                    turn += 1;
                    let node = nodes.lock().unwrap()[turn % 2].as_ref().map(|n| (n.base.clone(), n.key.clone()));
                    let Some((base, key)) = node else { continue };
                    let sent = http.post(format!("{base}/v1/orders")).bearer_auth(key).json(&order(&id)).send().await;
                    match sent.map(|answer| answer.status().as_u16()) {
                        Ok(200 | 201) => {
                            taken.lock().unwrap().insert(id);
                            break;
                        }
                        Ok(409) => {
                            refused.fetch_add(1, Ordering::Relaxed);
                            break;
                        }
                        Ok(503) | Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
                        Ok(other) => panic!("{id}: {other}"),
                    }
                }
            }
        }));
    }
    for round in 0..4 {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let dying = nodes.lock().unwrap()[round % 2].take().unwrap();
        dying.kill_shared();
        let born = Binary::serve_on(folders[round % 2].path(), &database, secret);
        nodes.lock().unwrap()[round % 2] = Some(Arc::new(born));
    }
    eventually("the last unit sold", async || (refused.load(Ordering::Relaxed) > 0).then_some(())).await;
    ended.store(true, Ordering::Relaxed);
    for client in clients {
        client.await.unwrap();
    }
    assert_eq!(taken.lock().unwrap().len() as u64, STOCK, "every unit is sold once");
    let verified = command(folders[0].path()).args(["--database", &database, "audit", "verify"]).status().unwrap();
    assert!(verified.success(), "the journal is whole");
}

/// A vendor whose server takes its time and does not know a purchase order again: how often was it asked?
async fn slow_vendor(asked: Arc<AtomicU32>) -> std::net::SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let take = move || {
        let asked = asked.clone();
        async move {
            asked.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(Duration::from_secs(4)).await;
            StatusCode::ACCEPTED
        }
    };
    let router = Router::new().route("/purchase-orders", post(take));
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_purchase_order_on_its_way_when_the_service_ends_goes_out_once() {
    for (signal, cases) in [("-9", vec!["in_doubt"]), ("-TERM", vec![])] {
        let (asked, data) = (Arc::new(AtomicU32::new(0)), tempfile::tempdir().unwrap());
        let address = slow_vendor(asked.clone()).await;
        let flags = ["--allow-private", "http://127.0.0.0/8"];
        let service = Binary::serve(data.path(), &flags);
        stock_up(&service).await;
        let connector = json!({"type": "http", "base": format!("http://{address}"), "idempotent": false});
        let vendor = json!({"kind": "vendor", "name": "Acme", "time_zone": "America/Chicago",
            "ships_from": {"country": "US"}, "channel": {"dialect": "api", "connector": connector}});
        service.done("PUT", "/v1/sources/acme", &vendor).await;
        service.done("POST", "/v1/orders", &order("u-1")).await;
        eventually("the purchase order to arrive", async || (asked.load(Ordering::Relaxed) == 1).then_some(())).await;
        service.end(signal);
        let service = Binary::serve(data.path(), &flags);
        let settled = eventually("the errand to be settled", async || {
            let view = service.done("GET", "/v1/purchase-orders/u-1-1", &Value::Null).await;
            let state = view["documents"][0]["state"].clone();
            (state != "waiting").then_some(state)
        });
        let expected = if cases.is_empty() { "sent" } else { "dead" };
        assert_eq!(settled.await, expected, "{signal}");
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(asked.load(Ordering::Relaxed), 1, "{signal}: it went out twice");
        let open = service.done("GET", "/v1/cases?open=true", &Value::Null).await;
        let kinds: Vec<&str> = open["items"].as_array().unwrap().iter().filter_map(|c| c["kind"].as_str()).collect();
        assert_eq!(kinds, cases, "{signal}");
    }
}
