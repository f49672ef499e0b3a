//! A store that is no longer young: does capture still cost the same, how soon is the service back after kill -9, how
//! late do clocks fire among a million armed ones, how long do lists take. The service is a process of its own.

use super::load::{Connection, cpu_seconds_of, get, memory_mib_of, post, run};
use super::world::{ITEMS, World, order};
use super::{limits, say};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Vendors who look for their papers themselves: a purchase order is sent by standing there.
const CHANNEL: &str = r#"{"dialect":"portal"}"#;
/// As in the other measurements, but for one category whose answers are due soon; a person is told of each that is late.
const POLICY: &str = r#"{"version":2,"name":"bench","clocks":[{"category":"home/soon","acknowledgment":{"within_s":5,"warn_percent":0,"then":"ask"}},{"receipt":{"within_s":864000,"then":"ask"},"acknowledgment":{"within_s":864000,"then":"reroute"},"ship_notice":{"within_s":864000,"then":"ask"},"cancel_answer":{"within_s":14400,"then":"ask"}}],"sourcing":{"steps":[{"name":"cheapest","choose":{"one":{}},"otherwise":"refuse"}],"attempts_max":5}}"#;
/// The items of that category: the last hundred of the catalogue.
const SOON: u64 = 100;
/// Connections of a measurement of capture.
const CLIENTS: usize = 256;
/// Orders by which capture is measured, at the beginning and at the end.
const SAMPLE: u64 = 50_000;
/// Orders in one request while the store is filled.
const BULK: u64 = 5_000;
/// Orders a second whose clock runs out, and for how many seconds.
const DUE_PER_S: u64 = 1_000;
const DUE_S: u64 = 30;
/// How long what was just busy is left alone, and then watched.
const SETTLED: Duration = Duration::from_secs(3);
const AT_REST: Duration = Duration::from_secs(10);
/// How long after the last of them everything has to be over.
const OVER_WITHIN: Duration = Duration::from_secs(30);
/// How long the outbox may take to empty.
const SENT_WITHIN: Duration = Duration::from_secs(1_800);

/// Fills a store with open orders and measures what their number must not change.
pub async fn all(orders: u64) -> Result<()> {
    let world = World::start(None, CHANNEL, POLICY).await?;
    soon(&world).await?;
    let disk = limits::appends()?;
    let young = capture(&world, "young", SAMPLE.min(orders)).await?;
    fill(&world, orders.saturating_sub(2 * SAMPLE)).await?;
    // What was filled in is still on its way to the disk; what is measured is not how that is written back.
    Command::new("sync").status()?;
    tokio::time::sleep(SETTLED).await;
    let then = limits::appends()?;
    let old = capture(&world, "old", SAMPLE.min(orders)).await?;
    let share = old / young * 100.0;
    let beside = format!("{share:.0} % of the first {SAMPLE} ({young:.0}/s); appends {disk:.0}/s, then {then:.0}/s");
    say(&format!("capture with {orders} orders in the store"), format!("{old:.0}/s"), &beside);
    let (data, auth) = empty_outbox(world).await?;

    let mut node = Node::start(data.path())?;
    kill_under_load(&mut node, &auth).await?;
    drop(node);
    let begin = Instant::now();
    let mut node = Node::start(data.path())?;
    let answers = begin.elapsed();
    let mut line = Connection::open(node.address).await?;
    must(&mut line, &post("/v1/orders", &auth, &order("first", "ITEM-1", 1))).await?;
    let accepted = begin.elapsed();
    let figure = format!("{:.2} s to an address, {:.2} s to an order", answers.as_secs_f64(), accepted.as_secs_f64());
    say(&format!("back after kill -9, {orders} open orders"), figure, &format!("{:.0} MiB", node.memory_mib()));

    lists(&mut line, &auth).await?;
    deadlines(&node, &auth).await?;
    say("memory after that", format!("{:.0} MiB", node.memory_mib()), "");
    node.end();
    Ok(())
}

/// An empty service at rest.
pub async fn idle() -> Result<()> {
    let data = tempfile::tempdir()?;
    let mut node = Node::start(data.path())?;
    tokio::time::sleep(SETTLED).await;
    let before = node.cpu_seconds();
    tokio::time::sleep(AT_REST).await;
    let cpu = (node.cpu_seconds() - before) * 1e3 / AT_REST.as_secs_f64();
    say("an empty service at rest", format!("{:.0} MiB", node.memory_mib()), &format!("{cpu:.1} ms CPU a second"));
    node.end();
    Ok(())
}

async fn soon(world: &World) -> Result<()> {
    let mut line = Connection::open(world.address()).await?;
    for n in ITEMS - SOON..ITEMS {
        let item = format!(r#"{{"title":"Item {n}","category":"home/soon","unit":"EA"}}"#);
        world.put(&mut line, &format!("/v1/items/ITEM-{n}"), &item).await?;
    }
    Ok(())
}

/// One order a request, of items whose answer is due in ten days; orders a second.
async fn capture(world: &World, name: &'static str, orders: u64) -> Result<f64> {
    let auth = world.auth.clone();
    let made = move |n: u64| post("/v1/orders", &auth, &order(&format!("{name}-{n}"), &item(n), 1));
    let measured = run(world.address(), CLIENTS, orders, made, |status| status == 201).await?;
    if measured.unwanted > 0 {
        bail!("{} of {} answers were unwanted", measured.unwanted, measured.done);
    }
    Ok(measured.per_s())
}

fn item(n: u64) -> String {
    format!("ITEM-{}", n % (ITEMS - SOON))
}

async fn fill(world: &World, orders: u64) -> Result<()> {
    let mut line = Connection::open(world.address()).await?;
    let mut done = 0;
    while done < orders {
        let until = (done + BULK).min(orders);
        let lines: Vec<String> = (done..until).map(|n| order(&format!("f-{n}"), &item(n), 1)).collect();
        let request = post("/v1/orders", &world.auth, &lines.join("\n"));
        let request = String::from_utf8(request)?.replace("application/json", "application/x-ndjson");
        must(&mut line, request.as_bytes()).await?;
        done = until;
    }
    Ok(())
}

/// Delivers all purchase orders, ends the service, and hands over its data folder with a key that is good there.
async fn empty_outbox(mut world: World) -> Result<(tempfile::TempDir, String)> {
    let begin = Instant::now();
    let waiting = |world: &World| -> Result<u64> {
        let counts = world.service.office.store().counts()?;
        Ok(counts.iter().find(|(name, _)| *name == "outbox_waiting").map_or(0, |(_, n)| *n))
    };
    let total = waiting(&world)?;
    world.run_errands();
    while waiting(&world)? > 0 {
        if begin.elapsed() > SENT_WITHIN {
            bail!("the outbox is not empty after {} s", SENT_WITHIN.as_secs());
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let rate = total as f64 / begin.elapsed().as_secs_f64();
    say("purchase orders out of a full outbox", format!("{rate:.0}/s"), &format!("{total} of them, to a portal"));
    world.end().await
}

pub(super) async fn must(line: &mut Connection, request: &[u8]) -> Result<Vec<u8>> {
    let answer = line.call(request).await?;
    if answer.status >= 300 {
        bail!("{} {}", answer.status, String::from_utf8_lossy(answer.body));
    }
    Ok(answer.body.to_vec())
}

async fn kill_under_load(node: &mut Node, auth: &str) -> Result<()> {
    let (address, auth) = (node.address, auth.to_owned());
    let load = tokio::spawn(async move {
        let made = move |n: u64| post("/v1/orders", &auth, &order(&format!("k-{n}"), &item(n), 1));
        run(address, 64, u64::MAX, made, |status| status == 201).await
    });
    tokio::time::sleep(Duration::from_secs(2)).await;
    node.child.kill()?;
    node.child.wait()?;
    // Its connections are gone, and so is the load.
    let _ = load.await;
    Ok(())
}

/// What people look at, in a store of that size.
async fn lists(line: &mut Connection, auth: &str) -> Result<()> {
    for path in [
        "/v1/orders?limit=200",
        "/v1/orders?q=f-77777",
        "/v1/purchase-orders?limit=200",
        "/v1/cases?limit=200",
        "/v1/reports/confirmation-latency",
    ] {
        let mut times = vec![];
        for _ in 0..20 {
            let begin = Instant::now();
            must(line, &get(path, auth)).await?;
            times.push(begin.elapsed().as_secs_f64() * 1e3);
        }
        times.sort_by(f64::total_cmp);
        say(&format!("GET {path}"), format!("p50 {:.1} max {:.1} ms", times[10], times[19]), "");
    }
    Ok(())
}

/// Orders whose answer never comes, [`DUE_PER_S`] a second: each is found late once, and how long after.
async fn deadlines(node: &Node, auth: &str) -> Result<()> {
    let mut line = Connection::open(node.address).await?;
    let from = position(&mut line, auth).await?;
    let total = DUE_PER_S * DUE_S;
    let (begin, next) = (Instant::now(), Arc::new(AtomicU64::new(0)));
    let mut clients = vec![];
    for _ in 0..32 {
        let (next, auth, address) = (next.clone(), auth.to_owned(), node.address);
        clients.push(tokio::spawn(async move {
            let mut line = Connection::open(address).await?;
            loop {
                let n = next.fetch_add(1, Ordering::Relaxed);
                if n >= total {
                    return anyhow::Ok(());
                }
                tokio::time::sleep_until((begin + Duration::from_micros(n * 1_000_000 / DUE_PER_S)).into()).await;
                let sku = format!("ITEM-{}", ITEMS - SOON + n % SOON);
                must(&mut line, &post("/v1/orders", &auth, &order(&format!("d-{n}"), &sku, 1))).await?;
            }
        }));
    }
    for client in clients {
        client.await??;
    }
    let (mut late, mut after, ended) = (BTreeMap::<String, Vec<f64>>::new(), from, Instant::now());
    while (late.len() as u64) < total && ended.elapsed() < OVER_WITHIN {
        after = breaches(&mut line, auth, after, &mut late).await?;
    }
    let doubled = late.values().filter(|times| times.len() > 1).count();
    let mut times: Vec<f64> = late.values().flatten().copied().collect();
    if times.len() as u64 != total || doubled > 0 {
        bail!("{} of {total} clocks fired, {doubled} of them more than once", late.len());
    }
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    say(
        &format!("clocks run out, {DUE_PER_S} a second as orders come in"),
        format!("late by p50 {:.0} p99 {:.0} max {:.0} ms", at(0.5), at(0.99), at(1.0)),
        &format!("{total} fired once each; appends {:.0}/s", limits::appends()?),
    );
    Ok(())
}

/// Where the journal ends.
async fn position(line: &mut Connection, auth: &str) -> Result<u64> {
    let body = must(line, &get("/v1/audit/checkpoint", auth)).await?;
    let value: Value = serde_json::from_slice(&body)?;
    value["size"].as_u64().context("a checkpoint without a size")
}

/// Reads one page of breaches; how late each was noticed, in milliseconds, and where the next page begins.
async fn breaches(line: &mut Connection, auth: &str, after: u64, late: &mut BTreeMap<String, Vec<f64>>) -> Result<u64> {
    let path = format!("/v1/events?limit=2000&types=countersign.sla.breached.v1&after={after}");
    let wait = format!("{auth}prefer: wait=1\r\n");
    let answer = line.call(&get(&path, &wait)).await?;
    let next = answer.header("x-next-after").and_then(|v| v.parse().ok()).unwrap_or(after);
    for event in answer.body.split(|b| *b == b'\n').filter(|l| !l.is_empty()) {
        let event: Value = serde_json::from_slice(event)?;
        let moment = |value: &Value| value.as_str().and_then(|t| t.parse::<jiff::Timestamp>().ok());
        let (Some(at), Some(due)) = (moment(&event["time"]), moment(&event["data"]["due"])) else {
            bail!("a breach without times: {event}")
        };
        let order = event["data"]["order"].as_str().unwrap_or_default().to_owned();
        late.entry(order).or_default().push(at.duration_since(due).as_secs_f64() * 1e3);
    }
    Ok(next)
}

/// The service as a process.
pub(super) struct Node {
    child: Child,
    pub(super) address: SocketAddr,
}

impl Node {
    pub(super) fn start(data: &Path) -> Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .env("RUST_LOG", "error")
            .stdout(Stdio::piped())
            .spawn()?;
        let out = child.stdout.take().context("the service has no output")?;
        let mut lines = BufReader::new(out).lines();
        let first = lines.next().context("the service ended before it answered")??;
        let address = first.rsplit('/').next().context("no address")?.parse().with_context(|| first.clone())?;
        // Whatever else it says must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        Ok(Self { child, address })
    }

    fn memory_mib(&self) -> f64 {
        memory_mib_of(&self.child.id().to_string())
    }

    fn cpu_seconds(&self) -> f64 {
        cpu_seconds_of(&self.child.id().to_string())
    }

    pub(super) fn end(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.end();
    }
}
