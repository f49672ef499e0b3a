//! How many orders a second a backtest replays: a generated history of a million orders with advice, answers and
//! shipments, from fitting the sources to the verdict, on one core and on two. `ORDERS=100000` for a smaller one.

#![allow(clippy::unwrap_used, reason = "a benchmark")]

use countersign_engine::policy::Policy;
use countersign_sim::history::generate::{Size, generate};
use countersign_sim::replay::trial::{Progress, Trial, try_out};
use countersign_sim::replay::verdict::verdict;
use std::time::Instant;

fn main() {
    let orders: u32 = std::env::var("ORDERS").ok().and_then(|n| n.parse().ok()).unwrap_or(1_000_000);
    let size = Size { orders, items: 20_000.min(orders / 10).max(10), sources: 200, days: 90, advice_hours: 72 };
    let begin = Instant::now();
    let history = generate(size, 1);
    println!(
        "history: {} orders, {} advices, made in {:.1} s, memory {} MB",
        history.orders.len(),
        history.advice.len(),
        begin.elapsed().as_secs_f64(),
        memory_mb()
    );
    let mut rates = vec![];
    for threads in [1, 2] {
        let trial = Trial {
            history: &history,
            policies: vec![("delivered".into(), Policy::default())],
            seed: 1,
            seeds: 1,
            threads,
        };
        let begin = Instant::now();
        let tried = try_out(&trial, &Progress::default()).unwrap();
        let told = verdict(&trial, &tried);
        let seconds = begin.elapsed().as_secs_f64();
        let rate = f64::from(orders) / seconds;
        rates.push(rate);
        println!(
            "{threads} thread(s): {rate:.0} orders/s, {:.1} commands an order, {seconds:.1} s, peak memory {} MB, {} cancelled after commitment (then {})",
            tried[0].commands as f64 / f64::from(orders),
            peak_mb(),
            told.policies[0].first_seed.cancelled_after_commitment,
            told.happened.cancelled_after_commitment,
        );
    }
    println!("two threads over one: {:.2}", rates[1] / rates[0]);
}

fn status(word: &str) -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find(|l| l.starts_with(word)).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|n| n.parse::<u64>().ok()).unwrap_or(0) / 1_024
}
fn memory_mb() -> u64 {
    status("VmRSS:")
}
fn peak_mb() -> u64 {
    status("VmHWM:")
}
