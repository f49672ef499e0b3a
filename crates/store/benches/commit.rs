//! How many plain one-line orders a store takes per second, in batches, next to what the disk takes in the same run.
//!
//! `cargo bench -p countersign-store [-- ORDERS] [sqlite|postgres]`. Prints; asserts nothing about time.

use countersign_engine::ids::{Sku, SourceId};
use countersign_engine::slice::{Key, Record};
use countersign_runtime::ports::{Commit, Committed, Store, Write};
use countersign_store::testing::{TemporaryFolder, order_commit, postgres_or_skip, stock};
use countersign_store::{PostgresStore, SqliteStore};
use jiff::{SignedDuration, Timestamp};
use std::io::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Items and sources that orders are spread over.
const ITEMS: usize = 400;
const SOURCES: usize = 12;

fn main() {
    let wanted = std::env::args().skip(1).find_map(|a| a.parse().ok()).unwrap_or(200_000usize);
    let folder = TemporaryFolder::new("bench").expect("a temporary folder");
    println!("4 KB append + fdatasync      {:>9.0}/s", raw_syncs(&folder));
    let only = |name: &str| std::env::args().any(|a| a == name);
    if !only("postgres") {
        let sqlite = SqliteStore::open(&folder.path().join("bench.sqlite")).expect("opens");
        measure("SQLite", &sqlite, wanted);
        println!("4 KB append + fdatasync      {:>9.0}/s", raw_syncs(&folder));
    }
    if only("sqlite") {
        return;
    }
    if let Some(server) = postgres_or_skip() {
        let postgres = PostgresStore::open(&server.database().expect("a database")).expect("opens");
        measure("PostgreSQL", &postgres, wanted);
        println!("4 KB append + fdatasync      {:>9.0}/s", raw_syncs(&folder));
    }
}

fn raw_syncs(folder: &TemporaryFolder) -> f64 {
    let mut file = std::fs::File::create(folder.path().join("raw")).expect("a file");
    let (begun, mut count) = (Instant::now(), 0);
    while begun.elapsed() < Duration::from_secs(1) {
        file.write_all(&[7; 4096]).and_then(|()| file.sync_data()).expect("writes");
        count += 1;
    }
    f64::from(count) / begun.elapsed().as_secs_f64()
}

fn measure(name: &str, store: &dyn Store, wanted: usize) {
    let mut next = 0;
    let mut versions = std::collections::HashMap::new();
    for (batch, share) in [(1, 20), (64, 3), (256, 1)] {
        let commits = (wanted / share / batch).max(1);
        let (mut times, mut cpu) = (Vec::with_capacity(commits), 0.0);
        for _ in 0..commits {
            let commit = batch_commit(batch, &mut next, &mut versions);
            let (begun, cpu_begun) = (Instant::now(), cpu_seconds());
            let done = store.commit(&commit).expect("commits");
            assert!(matches!(done, Committed::Done { .. }), "{done:?}");
            times.push(begun.elapsed());
            cpu += cpu_seconds() - cpu_begun;
        }
        let seconds = times.iter().sum::<Duration>().as_secs_f64();
        times.sort();
        let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
        let done = (commits * batch) as f64;
        println!(
            "{name:<10} batches of {batch:>4}   {:>9.0} orders/s   commit p50 {:>6.2} ms  p99 {:>6.2} ms  max {:>6.2} ms   {:>5.1} us CPU of the caller per order",
            done / seconds,
            at(0.5),
            at(0.99),
            at(1.0),
            cpu * 1e6 / done
        );
    }
}

/// CPU time of the main thread so far.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    stat.split(' ').next().and_then(|ns| ns.parse::<f64>().ok()).unwrap_or(0.0) / 1e9
}

fn batch_commit(
    size: usize,
    next: &mut usize,
    versions: &mut std::collections::HashMap<(usize, usize), u64>,
) -> Commit {
    let mut all = Commit::default();
    let mut touched = std::collections::BTreeSet::new();
    let at = Timestamp::from_second(1_795_000_000).expect("in range") + SignedDuration::from_millis(*next as i64);
    for _ in 0..size {
        *next += 1;
        let (item, source) = (*next * 7 % ITEMS, *next * 5 % SOURCES);
        let one =
            order_commit(&format!("web-{:08}", *next), &format!("MUG-{item:04}"), &format!("vendor-{source}"), at);
        all.entries.extend(one.entries);
        all.writes.extend(one.writes);
        all.index.extend(one.index);
        all.outbox.extend(one.outbox);
        all.people.extend(one.people);
        touched.insert((source, item));
    }
    for (source, item) in touched {
        let version = versions.entry((source, item)).or_insert(0);
        let (source, sku) = (format!("vendor-{source}"), format!("MUG-{item:04}"));
        let record = Record::Stock(Arc::new(stock(&source, &sku, 1_000)));
        let key = Key::Stock(SourceId::new(source).expect("an id"), Sku::new(sku).expect("an id"));
        all.writes.push(Write { key, expected: *version, record: Some(record) });
        *version += 1;
    }
    all
}
