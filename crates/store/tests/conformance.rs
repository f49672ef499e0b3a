//! Both stores through one door: every method of the port, the same checks on each.
//!
//! Knows the port only; what differs between the stores is not visible here, and that is the point.

#![expect(clippy::cloned_ref_to_slice_refs, reason = "an expected list reads better as a list")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on may stop")]

mod conformance {
    pub mod facts;
    pub mod journal;
    pub mod lists;
    pub mod queues;
    pub mod records;
}

use countersign_engine::ids::{OrderId, PoNumber, Sku, SourceId};
use countersign_runtime::ports::Store;
use countersign_store::testing::{TemporaryFolder, postgres_or_skip};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

/// A check on a new, empty store.
type Check = fn(&dyn Store);

/// Every check by its name.
fn checks() -> Vec<(&'static str, Check)> {
    use conformance::{facts, journal, lists, queues, records};
    let mut all = records::CHECKS.to_vec();
    all.extend(queues::CHECKS);
    all.extend(lists::CHECKS);
    all.extend(journal::CHECKS);
    all.extend(facts::CHECKS);
    all
}

/// Checks that the store of rehearsals need not pass: what is refused, cleaned or forgotten only on a disk.
const NOT_IN_MEMORY: &[&str] = &[
    "a duplicate is kept and marked",
    "bytes that came in are kept",
    "errands are claimed once and lapse",
    "inbox entries are listed by state",
    "old answers are forgotten",
    "the store is ready and counts",
    "tries end in waiting, sent or dead",
    "what cannot be kept is refused",
];

fn run_all(except: &[&str], new: impl Fn(&str) -> Arc<dyn Store> + std::panic::RefUnwindSafe) {
    let run = |check: Check, name| std::panic::catch_unwind(|| check(new(name).as_ref())).is_err();
    let wanted = checks().into_iter().filter(|(name, _)| !except.contains(name));
    let failed: Vec<_> = wanted.filter(|(name, check)| run(*check, name)).map(|(name, _)| name).collect();
    assert!(failed.is_empty(), "these checks failed: {failed:#?}");
}

#[test]
fn sqlite_conforms() {
    let folder = TemporaryFolder::new("conformance").unwrap();
    run_all(&[], |name| {
        let path = folder.path().join(format!("{}.sqlite", name.replace(' ', "-")));
        countersign_store::open(path.to_str().unwrap()).unwrap()
    });
}

#[test]
fn memory_conforms() {
    run_all(NOT_IN_MEMORY, |_| Arc::new(countersign_runtime::memory::MemoryStore::new()));
}

#[test]
fn postgres_conforms() {
    let Some(server) = postgres_or_skip() else { return };
    run_all(&[], |_| countersign_store::open(&server.database().unwrap()).unwrap());
}

#[test]
fn postgres_may_be_called_from_inside_an_async_runtime() {
    let Some(server) = postgres_or_skip() else { return };
    let store = countersign_store::open(&server.database().unwrap()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async move {
        assert_eq!(store.next_number("a").unwrap(), 1);
        drop(store);
    });
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_795_000_000).unwrap() + SignedDuration::from_secs(second)
}
fn order_id(id: &str) -> OrderId {
    OrderId::new(id).unwrap()
}
fn po(number: &str) -> PoNumber {
    PoNumber::new(number).unwrap()
}
fn sku(sku: &str) -> Sku {
    Sku::new(sku).unwrap()
}
fn source_id(id: &str) -> SourceId {
    SourceId::new(id).unwrap()
}
