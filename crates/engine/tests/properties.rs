//! Random worlds, random commands, sane and absurd: whatever comes, the invariants of `world/audit.rs` hold.
//!
//! `SEEDS=100000 cargo test -p countersign-engine --release --test properties` walks more; `SEED=17` walks one again.

#![allow(clippy::unwrap_used, reason = "a test")]

mod walk;
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Walks in the ordinary test run: a few seconds.
const SEEDS: u64 = 2_000;

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn whatever_comes_the_books_balance() {
    if let Some(seed) = setting("SEED") {
        walk::Walk::new(seed).go(true);
        return;
    }
    let mut refused = 0;
    let mut accepted = 0;
    let mut steps = std::collections::BTreeSet::new();
    for seed in 0..setting("SEEDS").unwrap_or(SEEDS) {
        let walked = catch_unwind(AssertUnwindSafe(|| {
            let mut walk = walk::Walk::new(seed);
            walk.go(false);
            walk
        }));
        let Ok(walk) = walked else {
            panic!("seed {seed} fails: SEED={seed} cargo test -p countersign-engine --test properties");
        };
        refused += walk.refused;
        accepted += walk.accepted;
        steps.extend(walk.world.steps);
    }
    println!("{accepted} commands decided, {refused} refused, {} phase steps seen", steps.len());
    assert!(accepted > 4 * refused, "most commands must be sane, or the walk shows little");
    if setting("SEEDS").is_none() {
        for (from, to, why) in countersign_engine::order::PHASE_STEPS {
            let unused = matches!(from, countersign_engine::order::Phase::Planned) && why.contains("no longer");
            assert!(unused || steps.contains(&(*from, *to)), "no walk goes from {from:?} to {to:?} ({why})");
        }
    }
}
