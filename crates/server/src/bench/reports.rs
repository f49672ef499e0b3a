//! Reports over a year of orders: how long each takes, told apart in each way, beside the period before, as CSV, and the
//! list of orders behind a figure.
//!
//! The orders themselves are not made: what reports read is facts and their sums. Of each day, source, category and
//! channel the orders are drawn, and each thing that they would be counted as is written once, by the store's own
//! commit and roll-up: the sums have all the rows that so many orders leave, and lower figures in them.

use super::aged::{Node, must};
use super::load::{Connection, get};
use super::say;
use super::world::World;
use anyhow::{Context, Result};
use countersign_runtime::facts::{BOUNDS_S, Fact, Measure};
use countersign_runtime::ports::{Commit, NewEntry, Store};
use countersign_sim::chance::Chance;
use countersign_store::SqliteStore;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use smol_str::{SmolStr, format_smolstr};
use std::collections::BTreeSet;
use std::path::Path;
use std::time::Instant;

const SOURCE: &str = r#"{"kind":"vendor","name":"Vendor 7","time_zone":"UTC","ships_from":{"country":"US"},"channel":{"dialect":"portal"}}"#;
const DAYS: i64 = 365;
/// A retailer that sells by drop shipment: so many sources, each in so many of the categories.
const SOURCES: u64 = 200;
const CATEGORIES: u64 = 30;
const CATEGORIES_OF_SOURCE: u64 = 2;
const CHANNELS: [&str; 3] = ["marketplace", "store", "web"];
/// Facts summed up at once: a day's, so that filling takes minutes.
const AT_ONCE: u32 = 50_000;
/// Times each question is asked once the file is warm.
const TIMES: usize = 5;

/// Fills a store and asks for everything.
pub async fn all(orders: u64) -> Result<()> {
    let world = World::empty(None).await?;
    // The one whose scorecard is asked for.
    let mut line = Connection::open(world.address()).await?;
    world.put(&mut line, "/v1/sources/vendor-7", SOURCE).await?;
    let (data, auth) = world.end().await?;
    let begin = Instant::now();
    let facts = fill(&data.path().join("countersign.sqlite"), orders)?;
    let beside = format!("{facts} facts for {SOURCES} sources, written in {:.0} s", begin.elapsed().as_secs_f64());
    say("reports on so many orders", format!("{orders} in {DAYS} days"), &beside);
    let mut node = Node::start(data.path())?;
    let mut line = Connection::open(node.address).await?;
    let (mut worst, mut asked) = ((0.0, String::new()), 0);
    for (name, paths) in questions() {
        let (mut of_name, mut slowest) = (0.0, String::new());
        for path in paths {
            let took = time(&mut line, &path, &auth).await?;
            asked += 1;
            if took > of_name {
                (of_name, slowest) = (took, path);
            }
        }
        say(&name, format!("at most {of_name:.0} ms"), &slowest);
        if of_name > worst.0 {
            worst = (of_name, slowest);
        }
    }
    let (took, rows) = behind(&mut line, &auth).await?;
    say("the orders behind each figure", format!("at most {took:.0} ms"), &format!("{rows} figures"));
    say("the slowest of all", format!("{:.0} ms", worst.0.max(took)), &format!("{asked} questions; {}", worst.1));
    node.end();
    Ok(())
}

/// The longest of some askings in milliseconds.
async fn time(line: &mut Connection, path: &str, auth: &str) -> Result<f64> {
    let mut longest = 0.0_f64;
    for _ in 0..TIMES {
        let begin = Instant::now();
        must(line, &get(path, auth)).await.with_context(|| path.to_owned())?;
        longest = longest.max(begin.elapsed().as_secs_f64() * 1e3);
    }
    Ok(longest)
}

const REPORTS: [&str; 10] = [
    "sla-adherence",
    "confirmation-latency",
    "reroutes",
    "reroute-outcomes",
    "cancellations",
    "after-acceptance",
    "exception-aging",
    "promise-accuracy",
    "advice",
    "fill-rate",
];

/// What people ask, by report: each way of telling apart and each filter over the year, and half a year beside the half
/// before.
fn questions() -> Vec<(String, Vec<String>)> {
    let day = |back: i64| {
        let at = Timestamp::now() - SignedDuration::from_hours(24 * back);
        at.strftime("%Y-%m-%d").to_string()
    };
    let year = format!("from={}&to={}", day(DAYS - 1), day(0));
    let half = format!("from={}&to={}&compare=true", day(DAYS / 2 - 1), day(0));
    let of = |report: &str| {
        let mut paths = vec![];
        for by in ["nothing", "source", "category", "channel", "day"] {
            for range in [&year, &half] {
                paths.push(format!("/v1/reports/{report}?{range}&by={by}"));
                for filter in ["source=vendor-7", "category=home/things-7", "channel=web"] {
                    paths.push(format!("/v1/reports/{report}?{range}&by={by}&{filter}"));
                }
            }
        }
        paths.push(format!("/v1/reports/{report}?{year}&by=source&format=csv"));
        (format!("report {report}"), paths)
    };
    let cards = vec![format!("/v1/sources/vendor-7/scorecard?{year}")];
    REPORTS.iter().map(|report| of(report)).chain([("a scorecard".to_owned(), cards)]).collect()
}

/// Follows the links of a report, told apart by source and by nothing: the longest answer, and how many.
async fn behind(line: &mut Connection, auth: &str) -> Result<(f64, usize)> {
    let (mut longest, mut count) = (0.0_f64, 0);
    for report in REPORTS {
        for by in ["nothing", "source"] {
            let from =
                (Timestamp::now() - SignedDuration::from_hours(24 * (DAYS - 1))).strftime("%Y-%m-%d").to_string();
            let body = must(line, &get(&format!("/v1/reports/{report}?from={from}&by={by}"), auth)).await?;
            let value: Value = serde_json::from_slice(&body)?;
            // A few rows stand for all.
            for row in value["rows"].as_array().into_iter().flatten().step_by(37) {
                for link in row["links"].as_object().into_iter().flat_map(|links| links.values()) {
                    let path = link.as_str().context("a link is a text")?;
                    longest = longest.max(time(line, path, auth).await?);
                    count += 1;
                }
            }
        }
    }
    Ok((longest, count))
}

/// Writes a year of facts, oldest first; how many.
fn fill(path: &Path, orders: u64) -> Result<u64> {
    let store = SqliteStore::open(path)?;
    let (today, mut chance, mut total) = (Timestamp::now(), Chance::of(7), 0);
    let groups = SOURCES * CATEGORIES_OF_SOURCE * CHANNELS.len() as u64;
    let mut owed = 0;
    for back in (0..DAYS).rev() {
        let at = today - SignedDuration::from_hours(24 * back);
        let mut facts = vec![];
        for group in 0..groups {
            // What does not divide evenly comes on a later day.
            owed += orders;
            let of_day = owed / (groups * DAYS as u64);
            owed %= groups * DAYS as u64;
            facts.extend(day(group, of_day, at, &mut chance));
        }
        for part in facts.chunks(20_000) {
            let entry = NewEntry { subject: None, at, body: "{}".into() };
            store.commit(&Commit { entries: vec![entry], facts: part.to_vec(), ..Commit::default() })?;
        }
        total += facts.len() as u64;
        while store.roll_up(AT_ONCE)? > 0 {}
    }
    Ok(total)
}

/// What one source's orders of one category and channel count as on one day, each thing once.
fn day(group: u64, orders: u64, at: Timestamp, chance: &mut Chance) -> Vec<Fact> {
    let channels = CHANNELS.len() as u64;
    let (source, place) = (group / channels / CATEGORIES_OF_SOURCE, group / channels % CATEGORIES_OF_SOURCE);
    let mut seen = BTreeSet::new();
    for _ in 0..orders {
        seen.extend(counted(chance));
    }
    if place == 0 && group.is_multiple_of(channels) {
        seen.insert((Measure::Advice, bucket(chance)));
    }
    let fact = |(n, (measure, label)): (usize, (Measure, SmolStr))| Fact {
        entry: 0,
        measure,
        label,
        at,
        source: format_smolstr!("vendor-{source}"),
        category: format_smolstr!("home/things-{}", (source * 7 + place * 11) % CATEGORIES),
        channel: SmolStr::new_static(CHANNELS[(group % channels) as usize]),
        order: format_smolstr!("{}-{group}-{n}", at.as_second() / 86_400),
        purchase_order: 1,
        units: 2,
        value: 3_600,
    };
    seen.into_iter().enumerate().map(fact).collect()
}

fn bucket(chance: &mut Chance) -> SmolStr {
    // Most answers come within hours, some within seconds, some after days.
    let (one, other) = (chance.below(BOUNDS_S.len() as u64), chance.below(BOUNDS_S.len() as u64));
    format_smolstr!("{}", BOUNDS_S[((one + other) / 2) as usize])
}

/// What one order counts as from purchase order to door.
fn counted(chance: &mut Chance) -> Vec<(Measure, SmolStr)> {
    let word = SmolStr::new_static;
    let mut all = vec![
        (Measure::Sla, word("receipt:met")),
        (Measure::Sla, word(if chance.permille(930) { "acknowledgment:met" } else { "acknowledgment:breached" })),
        (Measure::Sla, word(if chance.permille(950) { "ship_notice:met" } else { "ship_notice:breached" })),
        (Measure::Confirmation, bucket(chance)),
        (Measure::AnswerSpeed, bucket(chance)),
        (Measure::Answer, word(if chance.permille(920) { "as_advised" } else { "short" })),
    ];
    let late = ["late_1", "late_2_3", "late_4_7", "late_8"];
    for measure in [Measure::ShipPromise, Measure::DeliveryPromise] {
        let kept = chance.permille(900);
        all.push((measure, word(if kept { "kept" } else { late[chance.below(4) as usize] })));
    }
    all.push((Measure::Supplied, word(if chance.permille(930) { "full" } else { "none" })));
    let mut rarely = |permille: u64, measure: Measure, labels: &[&'static str]| {
        if chance.permille(permille) {
            all.push((measure, word(labels[chance.below(labels.len() as u64) as usize])));
        }
    };
    let why = ["sla_breached_po_ack", "ack_rejected_out_of_stock", "ack_partial_quantity", "manual_override"];
    rarely(60, Measure::Reroute, &why);
    rarely(60, Measure::RerouteOutcome, &["confirmed", "cancelled"]);
    rarely(30, Measure::Cancellation, &["cancel_customer", "cancel_no_source", "cancel_vendor", "cancel_fraud"]);
    let kinds = ["unsourced", "answer_overdue", "shipment_overdue", "date_broken", "vendor_cancelled", "late_answer"];
    rarely(60, Measure::CaseOpened, &kinds);
    rarely(40, Measure::PromiseRevised, &["ack_date_changed", "ack_backordered", "sla_breached_po_ack"]);
    rarely(15, Measure::TakenBack, &["automatic", "considered"]);
    if chance.permille(55) {
        all.push((Measure::CaseResolved, format_smolstr!("{}:{}", kinds[chance.below(6) as usize], bucket(chance))));
    }
    all
}
