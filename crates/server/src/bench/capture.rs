//! Orders in: one by one, in bulk, on one hot item; carts quoted; feeds taken in.

use super::load::{Connection, Run, cpu_seconds, memory_mib, paced, post, run};
use super::world::{ITEMS, POLICY, World, order};
use super::{limits, say};
use anyhow::{Result, bail};
use countersign_runtime::desk::Counted;
use std::time::Instant;

/// Connections of the capture measurement.
const CLIENTS: usize = 256;
/// Connections of the hot item measurement.
const HOT_CLIENTS: usize = 64;
/// Lines of the feed.
const FEED_LINES: usize = 100_000;
/// Orders in one bulk request.
const BULK: u64 = 5_000;

/// Vendors whose papers wait in the outbox: what is measured ends there.
const LATER: &str = r#"{"dialect":"x12","connector":{"type":"folder","outbound":"out","inbound":"in"},"x12":{"version":"004010","sender":{"qualifier":"ZZ","id":"RETAILER"},"receiver":{"qualifier":"ZZ","id":"V"}}}"#;

/// Durable capture over HTTP.
pub async fn single(orders: u64, on: Option<&str>) -> Result<()> {
    let bare = limits::echo(CLIENTS, orders, order("warm-1", "ITEM-1", 1)).await?;
    let world = World::start(on, LATER, POLICY).await?;
    let auth = world.auth.clone();
    warm(&world).await?;
    let (cpu, before) = (cpu_seconds(), world.service.app.office().desk().counted());
    let made = move |n: u64| post("/v1/orders", &auth, &order(&format!("c-{n}"), &format!("ITEM-{}", n % ITEMS), 1));
    let measured = run(world.address(), CLIENTS, orders, made, |status| status == 201).await?;
    let cpu = (cpu_seconds() - cpu) * 1_000.0 / measured.done as f64;
    no_unwanted(&measured)?;
    let memory = memory_mib();
    let beside = format!(
        "bare echo {:.0}/s, {}, {cpu:.3} ms CPU an order, {memory:.0} MiB",
        bare.per_s(),
        disk(&world, before, on)?
    );
    say("capture, one order a request, 256 clients", figure(&measured), &beside);
    world.service.stop().await;
    Ok(())
}

/// What the disk and the bare store do in the same run, in the batches of the run.
fn disk(world: &World, before: Counted, on: Option<&str>) -> Result<String> {
    let appends = format!("appends {:.0}/s", limits::appends()?);
    if on.is_some() {
        return Ok(appends);
    }
    let desk = world.service.app.office().desk();
    let now = desk.counted();
    let batch = (now.commands_done - before.commands_done) / (now.commits - before.commits).max(1);
    let bare = limits::bare_store(desk.store().as_ref(), batch as usize)?;
    Ok(format!("{appends}, bare store {bare:.0}/s in batches of {batch}"))
}

/// Orders in bulk.
pub async fn bulk(orders: u64, on: Option<&str>) -> Result<()> {
    let world = World::start(on, LATER, POLICY).await?;
    warm(&world).await?;
    let mut line = Connection::open(world.address()).await?;
    let before = world.service.app.office().desk().counted();
    let (begin, mut done) = (Instant::now(), 0);
    while done < orders {
        let lines: Vec<String> = (done..(done + BULK).min(orders))
            .map(|n| order(&format!("b-{n}"), &format!("ITEM-{}", n % ITEMS), 1))
            .collect();
        done += lines.len() as u64;
        let body = lines.join("\n");
        let request = String::from_utf8(post("/v1/orders", &world.auth, &body))?
            .replace("application/json", "application/x-ndjson");
        let answer = line.call(request.as_bytes()).await?;
        if answer.status >= 300 {
            bail!("bulk: {} {}", answer.status, String::from_utf8_lossy(answer.body));
        }
    }
    let rate = done as f64 / begin.elapsed().as_secs_f64();
    say("capture in bulk, NDJSON, one connection", format!("{rate:.0} orders/s"), &disk(&world, before, on)?);
    world.service.stop().await;
    Ok(())
}

/// One hot item: as many units as half the orders want; the others get 409.
pub async fn hot(orders: u64, on: Option<&str>) -> Result<()> {
    let world = World::start(on, LATER, POLICY).await?;
    let mut line = Connection::open(world.address()).await?;
    let units = orders / 2;
    let (now, auth) = (jiff::Timestamp::now(), world.auth.clone());
    world.put(&mut line, "/v1/items/HOT", r#"{"title":"Hot","category":"home/things","unit":"EA"}"#).await?;
    world.put(&mut line, "/v1/sources/v1/offers/HOT", r#"{"vendor_sku":"HOT","pack":{"unit":"EA","base_units":1},"unit_cost":{"amount":"1.00","currency":"USD"},"shipping_cost":{"amount":"1.00","currency":"USD"}}"#).await?;
    world.put(&mut line, "/v1/sources/v1/advice/HOT", &format!(r#"{{"quantity":{units},"as_of":"{now}"}}"#)).await?;
    let sold = std::sync::Arc::new(std::sync::atomic::AtomicU64::new(0));
    let counted = sold.clone();
    let made = move |n: u64| post("/v1/orders", &auth, &order(&format!("h-{n}"), "HOT", 1));
    let wanted = move |status: u16| {
        counted.fetch_add(u64::from(status == 201), std::sync::atomic::Ordering::Relaxed);
        status == 201 || status == 409
    };
    let measured = run(world.address(), HOT_CLIENTS, orders, made, wanted).await?;
    no_unwanted(&measured)?;
    let sold = sold.load(std::sync::atomic::Ordering::Relaxed);
    if sold != units {
        bail!("{sold} units were sold of {units}");
    }
    say(
        "one hot item, one unit an order, 64 clients",
        figure(&measured),
        &format!("{sold} sold of {units}, none oversold, losers got 409"),
    );
    world.service.stop().await;
    Ok(())
}

/// Quotes from stored advice.
pub async fn quotes(total: u64, on: Option<&str>) -> Result<()> {
    let cart = |n: u64| {
        format!(
            r#"{{"lines":[{{"sku":"ITEM-{}","quantity":2}}],"ship_to":{{"country":"US","postal_code":"73301"}},"service_level":"standard","budget_ms":300}}"#,
            n % ITEMS
        )
    };
    let bare = limits::echo(HOT_CLIENTS, total, cart(1)).await?;
    let world = World::start(on, LATER, POLICY).await?;
    warm(&world).await?;
    let ask = |per_s: Option<f64>| {
        let auth = world.auth.clone();
        let made = move |n: u64| post("/v1/quotes", &auth, &cart(n));
        paced(world.address(), HOT_CLIENTS, total, per_s, made, |status| status == 200)
    };
    let measured = ask(None).await?;
    no_unwanted(&measured)?;
    let half = ask(Some(measured.per_s() / 2.0)).await?;
    no_unwanted(&half)?;
    let share = measured.per_s() / bare.per_s() * 100.0;
    say(
        "quotes from stored advice, 64 clients",
        figure(&measured),
        &format!(
            "bare echo {:.0}/s ({share:.0} %); at half of it p99 {:.2} ms",
            bare.per_s(),
            half.percentile_ms(0.99)
        ),
    );
    world.service.stop().await;
    Ok(())
}

/// An X12 846 of 100,000 lines, then the very same figures again, an hour later.
pub async fn feed(on: Option<&str>) -> Result<()> {
    let channel = r#"{"dialect":"x12","connector":{"type":"folder","outbound":"out","inbound":"in","settle_s":0},"x12":{"version":"004010","sender":{"qualifier":"ZZ","id":"RETAILER"},"receiver":{"qualifier":"ZZ","id":"V1"}}}"#;
    let world = World::start(on, LATER, POLICY).await?;
    let mut line = Connection::open(world.address()).await?;
    let source = format!(
        r#"{{"kind":"vendor","name":"Feeder","time_zone":"America/Chicago","ships_from":{{"country":"US"}},"channel":{channel}}}"#
    );
    world.put(&mut line, "/v1/sources/feeder", &source).await?;
    let office = world.service.office.clone();
    let (items, offers): (Vec<_>, Vec<_>) = (0..FEED_LINES).map(master).unzip();
    for deeds in [items, offers] {
        for chunk in deeds.chunks(1_000) {
            let requests = chunk.iter().map(|deed| {
                countersign_runtime::Request::new(countersign_engine::command::Command {
                    by: countersign_engine::command::Actor::Engine,
                    deed: deed.clone(),
                })
            });
            office.submit_all(requests.collect()).await;
        }
    }
    for (round, name) in [(0, "feed of 100,000 lines, all new"), (1, "the same feed again, unchanged")] {
        let text = inventory(round);
        let bytes = text.len();
        let (before, _) = office.store().head()?;
        let begin = Instant::now();
        let (desk, now) = (office.desk().clone(), office.now());
        let done = tokio::task::spawn_blocking(move || -> Result<()> {
            countersign_runtime::receive::receive(
                desk.store().as_ref(),
                now,
                "source:feeder",
                "846.edi",
                text.into_bytes(),
                None,
            )?;
            countersign_runtime::interpret::run(&desk, &countersign_partners::dialects::Partners, now, 10)?;
            Ok(())
        });
        done.await??;
        let took = begin.elapsed().as_secs_f64();
        let (after, _) = office.store().head()?;
        say(name, format!("{took:.2} s"), &format!("{:.1} MB, {} journal entries", bytes as f64 / 1e6, after - before));
    }
    world.service.stop().await;
    Ok(())
}

fn master(n: usize) -> (countersign_engine::command::Deed, countersign_engine::command::Deed) {
    use countersign_engine::command::Deed;
    let item = serde_json::json!({"sku": format!("F-{n}"), "title": format!("Feed item {n}"), "category": "home/things", "unit": "EA"});
    let money = |amount: &str| serde_json::json!({"amount": amount, "currency": "USD"});
    let offer = serde_json::json!({"source": "feeder", "sku": format!("F-{n}"), "vendor_sku": format!("FV-{n}"), "pack": {"unit": "EA", "base_units": 1}, "unit_cost": money("1.00"), "shipping_cost": money("1.00")});
    let item = serde_json::from_value(item).expect("because the item is whole");
    let offer = serde_json::from_value(offer).expect("because the offer is whole");
    (Deed::RecordItem { item }, Deed::RecordOffer { offer })
}

fn inventory(round: u32) -> String {
    use std::fmt::Write;
    let mut set = String::with_capacity(FEED_LINES * 50);
    let hour = 10 + round;
    let _ = write!(
        set,
        "ISA*00*          *00*          *ZZ*V1             *ZZ*RETAILER       *261123*{hour}00*U*00401*{:09}*0*P*>~GS*IB*V1*RETAILER*20261123*{hour}00*{}*X*004010~ST*846*0001~BIA*00*SI*FEED{round}*20261123*{hour}00~",
        round + 1,
        round + 1
    );
    for n in 0..FEED_LINES {
        let _ = write!(set, "LIN*{}*VN*FV-{n}~QTY*33*{}*EA~", n + 1, 10 + n % 90);
    }
    let _ = write!(set, "CTT*{FEED_LINES}~SE*{}*0001~GE*1*{}~IEA*1*{:09}~", 4 + 2 * FEED_LINES, round + 1, round + 1);
    set
}

async fn warm(world: &World) -> Result<()> {
    let auth = world.auth.clone();
    let made = move |n: u64| post("/v1/orders", &auth, &order(&format!("w-{n}"), &format!("ITEM-{}", n % ITEMS), 1));
    run(world.address(), HOT_CLIENTS, 2_000, made, |_| true).await.map(drop)
}

fn no_unwanted(run: &Run) -> Result<()> {
    if run.unwanted > 0 {
        bail!("{} of {} answers were unwanted", run.unwanted, run.done);
    }
    Ok(())
}

fn figure(run: &Run) -> String {
    format!("{:.0}/s, p50 {:.2} p99 {:.2} ms", run.per_s(), run.percentile_ms(0.50), run.percentile_ms(0.99))
}
