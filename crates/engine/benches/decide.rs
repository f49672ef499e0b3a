//! How many commands a second the head decides on one core: a plain order of one line, three vendors offering, from
//! `needs` to the records after it. No store, no JSON, no network.

#![allow(clippy::unwrap_used, reason = "a benchmark")]

use countersign_engine::command::{Actor, CaptureOrder, Command, Deed, ReportAdvice, ReportedLine};
use countersign_engine::policy::Policy;
use countersign_engine::slice::{Key, Record, Slice};
use countersign_engine::{decide, needs};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use std::collections::HashMap;
use std::hint::black_box;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

/// How long each figure is measured.
const MEASURE: Duration = Duration::from_secs(2);
/// Orders of one pass; each is decided on the records before it.
const ORDERS: u32 = 2_000;
/// Items over which the orders are spread, so that no record grows.
const ITEMS: u32 = 400;

type Records = HashMap<Key, Record>;

fn slice(records: &Records, command: &Command) -> Slice {
    let mut slice = Slice::new([]);
    loop {
        let missing: Vec<Key> = needs(&slice, command).into_iter().filter(|k| !slice.has(k)).collect();
        if missing.is_empty() {
            return slice;
        }
        let found = missing.into_iter().map(|k| {
            let record = records.get(&k).cloned();
            (k, record)
        });
        slice = Slice::new(slice.into_records().chain(found));
    }
}

fn run(records: &mut Records, now: Timestamp, command: &Command) {
    let decision = decide(&slice(records, command), now, command).unwrap_or_else(|r| panic!("{r}"));
    records.extend(black_box(decision).after.into_records().filter_map(|(k, r)| Some((k, r?))));
}

fn deed(value: serde_json::Value) -> Command {
    let by = Actor::Program { name: "shop".into() };
    Command { by, deed: serde_json::from_value(value).unwrap() }
}

fn world(now: Timestamp) -> Records {
    let mut records = Records::new();
    for source in ["acme", "bright", "candela"] {
        let source = json!({"id": source, "kind": "vendor", "name": source, "time_zone": "America/Chicago",
            "ships_from": {"country": "US"}, "cutoff": "14:00:00", "handling_days": 1, "channel": {"dialect": "x12"}});
        run(&mut records, now, &deed(json!({"deed": "record_source", "source": source})));
    }
    for n in 0..ITEMS {
        let sku = format!("LAMP-OAK-{n}");
        let item = json!({"sku": sku, "title": "Oak table lamp", "category": "lighting/table"});
        run(&mut records, now, &deed(json!({"deed": "record_item", "item": item})));
        for (source, cost) in [("acme", "41.50"), ("bright", "42.00"), ("candela", "43.10")] {
            let money = |amount: &str| json!({"amount": amount, "currency": "USD"});
            let offer = json!({"source": source, "sku": sku, "vendor_sku": format!("V-{n}"),
                "pack": {"unit": "EA", "base_units": 1}, "unit_cost": money(cost), "shipping_cost": money("9.90")});
            run(&mut records, now, &deed(json!({"deed": "record_offer", "offer": offer})));
            let line: ReportedLine = serde_json::from_value(json!({"sku": sku, "quantity": 10_000_000})).unwrap();
            let report: ReportAdvice =
                serde_json::from_value(json!({"source": source, "as_of": now, "origin": "x12", "lines": [line]}))
                    .unwrap();
            let by = Actor::Program { name: "feed".into() };
            run(&mut records, now, &Command { by, deed: Deed::ReportAdvice(report) });
        }
    }
    records
}

fn order(n: u32, now: Timestamp) -> Command {
    let capture: CaptureOrder = serde_json::from_value(json!({
        "id": format!("{}", 1_000_000 + n), "placed_at": now, "sales_channel": "web",
        "destination": {"country": "US", "region": "TX", "postal_code": "733"}, "service_level": "standard",
        "fingerprint": "f", "lines": [{"line": "1", "sku": format!("LAMP-OAK-{}", n % ITEMS), "quantity": 2, "unit": "EA",
        "unit_price": {"amount": "89.00", "currency": "USD"}}]}))
    .unwrap();
    Command { by: Actor::Program { name: "shop".into() }, deed: Deed::CaptureOrder(capture) }
}

fn acknowledgment(n: u32) -> Command {
    deed(json!({"deed": "record_acknowledgment", "po": format!("{}-1", 1_000_000 + n), "attempt": 1,
        "lines": [{"line": "1", "accepted": 2}]}))
}

/// Time this thread has spent on a core, so that a busy machine does not spoil the figure; elsewhere than on Linux, time.
fn busy() -> Duration {
    static BEGAN: LazyLock<Instant> = LazyLock::new(Instant::now);
    let spent = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = spent.and_then(|s| s.split(' ').next()?.parse().ok());
    nanoseconds.map_or_else(|| BEGAN.elapsed(), Duration::from_nanos)
}

/// A command with the slices that the rounds of `needs` lead to: first nothing, last all it asked for.
fn prepare(records: &Records, command: Command) -> (Command, Vec<Slice>) {
    let mut rounds = vec![Slice::new([])];
    loop {
        let keys = needs(&rounds[rounds.len() - 1], &command);
        if keys.iter().all(|k| rounds[rounds.len() - 1].has(k)) {
            return (command, rounds);
        }
        rounds.push(Slice::new(keys.into_iter().map(|k| {
            let record = records.get(&k).cloned();
            (k, record)
        })));
    }
}

/// All rounds of `needs`, then `decide`, which evolves every event; the records themselves are at hand.
fn measure(what: &str, start: &Records, commands: impl Iterator<Item = Command>, now: Timestamp) -> f64 {
    let prepared: Vec<(Command, Vec<Slice>)> = commands.map(|command| prepare(start, command)).collect();
    let (mut done, mut spent) = (0_u32, Duration::ZERO);
    while spent < MEASURE {
        let began = busy();
        for (command, rounds) in &prepared {
            for slice in rounds {
                black_box(needs(slice, command));
            }
            let decision = decide(&rounds[rounds.len() - 1], now, command).unwrap_or_else(|r| panic!("{r}"));
            assert!(!black_box(decision).events.is_empty());
        }
        spent += busy() - began;
        done += u32::try_from(prepared.len()).unwrap();
    }
    let rate = f64::from(done) / spent.as_secs_f64();
    println!("{what:<44} {rate:>10.0} commands/s on one core");
    rate
}

fn main() {
    let now: Timestamp = "2026-11-23T15:05:00Z".parse().unwrap();
    let mut world = world(now);
    let orders = || (0..ORDERS).map(|n| order(n, now));
    let rate = measure("capture, plan, hold, purchase order", &world, orders(), now);
    orders().for_each(|command| run(&mut world, now, &command));
    let answered = now + SignedDuration::from_mins(5);
    measure("acknowledge, firm, commit, promise", &world, (0..ORDERS).map(acknowledgment), answered);
    println!("goal 150000, reached {:.0} %", rate / 1_500.0);
    rules(rate, now);
    observe(rate, now);
}

/// What watching costs: the same orders where the policy only observes.
fn observe(enforced: f64, now: Timestamp) {
    let mut watched = world(now);
    let policy: Policy = serde_json::from_value(json!({"version": 2, "modes": [{"mode": "observe"}]})).unwrap();
    watched.insert(Key::Policy, Record::Policy(policy.into()));
    let rate = measure("the same, only observed", &watched, (0..ORDERS).map(|n| order(n, now)), now);
    println!("to observe costs {:.0} % of what it costs to enforce (goal at most 105)", 100.0 * enforced / rate);
}

/// What a policy of 500 rules adds to a decision: the same orders, ruled by tables of 500 rows together.
fn rules(without: f64, now: Timestamp) {
    let mut ruled = world(now);
    let policy = policy_of_500_rules();
    let began = busy();
    assert_eq!(policy.faults(), []);
    let checked = busy() - began;
    ruled.insert(Key::Policy, Record::Policy(policy.into()));
    let orders = (0..ORDERS).map(|n| order(n, now));
    let with = measure("the same under a policy of 500 rules", &ruled, orders, now);
    let added = 1e6 / with - 1e6 / without;
    println!(
        "500 rules add {added:.2} us to a decision of three candidates (goal 20); checking them took {checked:?} (goal 50 ms)"
    );
}

/// 300 rows that rank and exclude, 100 that set clocks, 60 that keep stock back, 40 that set modes; none of them is like
/// another, and few fit.
fn policy_of_500_rules() -> Policy {
    let table = |name: &str, decides: &str, hit: &str, when: &[&str], then: &[&str], rows: Vec<serde_json::Value>| {
        json!({"name": name, "decides": decides, "hit": hit, "when": when, "then": then, "rows": rows,
            "otherwise": vec![""; then.len()]})
    };
    let rows = |count: u32, row: fn(u32) -> serde_json::Value| (0..count).map(row).collect::<Vec<_>>();
    let tables = vec![
        table(
            "ranks",
            "sourcing",
            "collect",
            &["vendor", "category", "cost", "quantity", "destination"],
            &["exclude", "adjust"],
            rows(300, |n| {
                json!({"when": [format!("\"v{}\", \"acme\"", n % 40), format!("lighting/c{}", n % 7),
                format!("[{}..{})", n, n + 50), format!("> {}", n % 9), "US, CA/BC"], "then": ["", "0.50"]})
            }),
        ),
        table(
            "clocks",
            "clocks",
            "first",
            &["clock", "vendor", "quantity"],
            &["within_minutes"],
            rows(100, |n| json!({"when": ["acknowledgment", format!("v{n}"), format!("> {n}")], "then": ["60"]})),
        ),
        table(
            "buffers",
            "safety_stock",
            "first",
            &["vendor", "advice_age_minutes"],
            &["percent"],
            rows(60, |n| json!({"when": [format!("v{n}"), format!("> {n}")], "then": ["10"]})),
        ),
        table(
            "modes",
            "modes",
            "first",
            &["vendor", "category", "cohort_percent"],
            &["mode"],
            rows(40, |n| json!({"when": [format!("v{n}"), "lighting", format!("< {}", n + 1)], "then": ["observe"]})),
        ),
    ];
    serde_json::from_value(json!({"version": 2, "tables": tables})).unwrap()
}
