//! The simulator's command line: `--seeds N` runs N seeds, `--seed N` one, `--steps N` so many steps each, `--order ID`
//! tells what happened to one order, `--keep FILE` writes down the seed's journal and the records that it led to.

use countersign_sim::kept::Kept;
use countersign_sim::world::{Outcomes, rehearse};
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

/// Steps of one rehearsal.
const STEPS: u32 = 220;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let value = |name: &str| args.iter().position(|a| a == name).and_then(|at| args.get(at + 1)?.parse::<u64>().ok());
    let steps = value("--steps").and_then(|n| u32::try_from(n).ok()).unwrap_or(STEPS);
    // Panics are caught per command and told by the auditor; their backtraces would only drown the report.
    std::panic::set_hook(Box::new(|_| {}));
    match (value("--seed"), value("--seeds")) {
        (Some(seed), _) => {
            if let Some(file) = args.iter().position(|a| a == "--keep").and_then(|at| args.get(at + 1)) {
                return keep(seed, steps, Path::new(file));
            }
            let order = args.iter().position(|a| a == "--order").and_then(|at| args.get(at + 1));
            report(seed, steps, &rehearse(seed, steps, order.map(String::as_str)))
        }
        (None, seeds) => many(value("--from").unwrap_or(1), seeds.unwrap_or(1_000), steps),
    }
}

fn keep(seed: u64, steps: u32, file: &Path) -> ExitCode {
    match std::fs::write(file, Kept::of(seed, steps).to_text()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            println!("{} cannot be written: {why}", file.display());
            ExitCode::FAILURE
        }
    }
}

fn report(seed: u64, steps: u32, outcomes: &Outcomes) -> ExitCode {
    println!(
        "seed {seed}: {} orders, {} entries, {} crashes, {} faults",
        outcomes.orders,
        outcomes.entries,
        outcomes.crashes,
        outcomes.faults.len()
    );
    for fault in outcomes.faults.iter().take(20) {
        println!("  {fault}");
    }
    outcomes.told.iter().for_each(|line| println!("{line}"));
    if outcomes.faults.is_empty() {
        return ExitCode::SUCCESS;
    }
    println!("replay it: cargo xtask sim --seed {seed} --steps {steps}");
    ExitCode::FAILURE
}

/// Many seeds on all cores.
fn many(from: u64, seeds: u64, steps: u32) -> ExitCode {
    let begin = Instant::now();
    let (next, failed) = (AtomicU64::new(from), AtomicBool::new(false));
    let (orders, entries, crashes) = (AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= from + seeds || failed.load(Ordering::Relaxed) {
                        return;
                    }
                    let outcomes = rehearse(seed, steps, None);
                    orders.fetch_add(outcomes.orders, Ordering::Relaxed);
                    entries.fetch_add(outcomes.entries, Ordering::Relaxed);
                    crashes.fetch_add(outcomes.crashes, Ordering::Relaxed);
                    if !outcomes.faults.is_empty() && !failed.swap(true, Ordering::Relaxed) {
                        report(seed, steps, &outcomes);
                    }
                }
            });
        }
    });
    if failed.load(Ordering::Relaxed) {
        return ExitCode::FAILURE;
    }
    let [orders, entries, crashes] = [orders, entries, crashes].map(|n| n.load(Ordering::Relaxed));
    println!(
        "{seeds} seeds, {orders} orders, {entries} journal entries, {crashes} crashes, no rule broken ({:.0} s)",
        begin.elapsed().as_secs_f64()
    );
    ExitCode::SUCCESS
}
