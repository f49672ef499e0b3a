//! How many orders a second a backtest replays: a generated history of a million orders with advice, answers and
//! shipments, from fitting the sources to the verdict, on one core and on two; beside what the engine alone takes for the
//! same commands. `ORDERS=100000` for a smaller one; `ROWS=10000000` reads so many rows of a file instead, made while
//! they are read, and replays them: for the memory.

#![allow(clippy::unwrap_used, reason = "a benchmark")]

use countersign_engine::command::Command;
use countersign_engine::decide::decide_on;
use countersign_engine::policy::Policy;
use countersign_engine::slice::Slice;
use countersign_sim::history::generate::{Size, generate, mapping};
use countersign_sim::history::read::read;
use countersign_sim::history::{History, Moment};
use countersign_sim::replay::model::Models;
use countersign_sim::replay::part::parts;
use countersign_sim::replay::progress::Progress;
use countersign_sim::replay::reliability::reliability;
use countersign_sim::replay::run::{Part, run};
use countersign_sim::replay::trial::{Trial, as_if_enforced, try_out};
use countersign_sim::replay::verdict::verdict;
use countersign_sim::replay::world::Ground;
use std::hint::black_box;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

/// As in the service.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Commands that the engine decides again alone.
const ALONE: usize = 60_000;
/// What a second of a core must replay.
const GOAL: f64 = 100_000.0;

fn asked(name: &str) -> Option<u32> {
    std::env::var(name).ok()?.parse().ok()
}

fn main() {
    if let Some(rows) = asked("ROWS") {
        return from_rows(rows);
    }
    let orders = asked("ORDERS").unwrap_or(1_000_000);
    let size = Size { orders, items: 20_000.min(orders / 10).max(10), sources: 200, days: 90, advice_hours: 72 };
    let begin = Instant::now();
    let history = generate(size, 1);
    println!(
        "history: {} orders, {} advices, made in {:.1} s, memory {} MB",
        history.pasts.len(),
        history.advice.len(),
        begin.elapsed().as_secs_f64(),
        memory_mb()
    );
    let mut rates = vec![];
    let mut commands = 0.0;
    for threads in [1, 2] {
        let policies = vec![("delivered".into(), Policy::default())];
        let trial = Trial { history: &history, policies, seed: 1, seeds: 1, threads };
        let (begin, busy) = (Instant::now(), busy_s());
        let tried = try_out(&trial, &Progress::default()).unwrap();
        let told = verdict(&trial, &tried);
        let (seconds, busy) = (begin.elapsed().as_secs_f64(), busy_s() - busy);
        let rate = f64::from(orders) / seconds;
        rates.push(rate);
        commands = tried[0].commands as f64 / f64::from(orders);
        println!(
            "{threads} thread(s): {rate:.0} orders/s, {:.0} per second of a core (goal {GOAL:.0}), {commands:.1} commands an order, {seconds:.1} s, peak memory {} MB, {} cancelled after commitment (then {})",
            f64::from(orders) / busy,
            peak_mb(),
            told.policies[0].first_seed.cancelled_after_commitment,
            told.happened.cancelled_after_commitment,
        );
    }
    println!("two threads over one: {:.2} (goal 1.7)", rates[1] / rates[0]);
    let alone = alone(&history);
    println!(
        "the engine alone, the same commands on records at hand: {alone:.0} commands/s, so at most {:.0} orders/s per core",
        alone / commands
    );
}

/// Commands a second that the engine decides, of those that the replay of one part asks of it.
fn alone(history: &History) -> f64 {
    let models = Models::fit(history);
    let ground = Ground::of(history, &models);
    let parts = parts(history, &ground);
    let kept: Mutex<Vec<(Slice, Moment, Command)>> = Mutex::default();
    let stop = AtomicBool::new(false);
    let witness = |slice: &Slice, at: Moment, command: &Command| {
        let mut kept = kept.lock().unwrap();
        if kept.len() < ALONE {
            kept.push((slice.clone(), at, command.clone()));
        } else {
            stop.store(true, std::sync::atomic::Ordering::Relaxed);
        }
    };
    let policy = as_if_enforced(&Policy::default());
    let part = Part {
        history,
        ground: &ground,
        models: &models,
        policy: &policy,
        seed: 1,
        parts: &parts,
        place: 0,
        trace: None,
        witness: Some(&witness),
    };
    run(&part, &stop);
    let kept = kept.into_inner().unwrap();
    let count = kept.len();
    let busy = busy_s();
    for (slice, at, command) in kept {
        let _ = black_box(decide_on(slice, at.at(), &command));
    }
    count as f64 / (busy_s() - busy)
}

/// The memory of a long history, from a file to the verdict.
fn from_rows(rows: u32) {
    let begin = Instant::now();
    let open = |name: &str| {
        let (head, count): (_, u32) = match name {
            "items.csv" => ("sku,category\n", ITEMS),
            "order_lines.csv" => (LINES_HEAD, rows),
            // No offers and no advice.
            _ => ("", 0),
        };
        let kind = name.to_owned();
        let rows = Rows { kind, next: 0, count, text: head.as_bytes().to_vec(), at: 0 };
        Ok((!head.is_empty()).then(|| std::io::BufReader::with_capacity(1 << 20, rows)))
    };
    let history = read(&mapping(), open).unwrap();
    let seconds = begin.elapsed().as_secs_f64();
    println!(
        "{rows} rows, {} orders read in {seconds:.0} s; memory {} MB, peak {} MB",
        history.pasts.len(),
        memory_mb(),
        peak_mb()
    );
    let chances = reliability(&history);
    let policies = vec![("delivered".into(), Policy::default())];
    let trial = Trial { history: &history, policies, seed: 1, seeds: 1, threads: 2 };
    let told = verdict(&trial, &try_out(&trial, &Progress::default()).unwrap());
    println!(
        "{} orders replayed and {} answers judged after {:.0} s; peak memory {} MB, {:.0} bytes a row",
        told.orders,
        chances.held_out,
        begin.elapsed().as_secs_f64(),
        peak_mb(),
        peak_mb() as f64 * 1_048_576.0 / f64::from(rows)
    );
}

const ITEMS: u32 = 20_000;
const LINES_HEAD: &str = "order,line,placed_at,approved_at,promised,delivered_at,cancelled_at,sku,quantity,unit_price,source,unit_cost,shipping_cost,sent_at,ship_by,answered_at,accepted,shipped_at,po_cancelled_at,po_cancelled_by,cancelled_by\n";

/// A file made while it is read; every seventh order has two lines.
struct Rows {
    kind: String,
    next: u32,
    count: u32,
    text: Vec<u8>,
    at: usize,
}

impl Rows {
    fn make(&mut self) {
        let n = self.next;
        self.next += 1;
        let text = match self.kind.as_str() {
            "items.csv" => format!("SKU-{n},lighting/c{}\n", n % 6),
            _ => {
                let order = n - n / 8 - u32::from(n % 8 == 7);
                let placed = 1_767_571_200 + u64::from(order) * 7_776_000 / u64::from(self.count);
                let time = |after: u64| jiff::Timestamp::from_second((placed + after) as i64).unwrap();
                let (item, answer) = ((order * 7_919 + n) % ITEMS, 300 + u64::from(order % 7) * 900);
                format!(
                    "W{:08},{},{},{},{},{},,SKU-{item},2,19.90,vendor-{},9.00,4.90,{},{},{},2,{},,,\n",
                    100_000 + order,
                    n % 8,
                    time(0),
                    time(60),
                    time(777_600),
                    time(answer + 259_200),
                    item % 200,
                    time(60),
                    time(259_200),
                    time(answer),
                    time(answer + 86_400),
                )
            }
        };
        self.text = text.into_bytes();
        self.at = 0;
    }
}

impl std::io::Read for Rows {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        if self.at == self.text.len() && self.next < self.count {
            self.make();
        }
        let some = (self.text.len() - self.at).min(into.len());
        into[..some].copy_from_slice(&self.text[self.at..self.at + some]);
        self.at += some;
        Ok(some)
    }
}

/// Seconds that all threads of this process have spent on a core, so that a busy machine does not spoil the figure.
fn busy_s() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = text.rsplit(')').next().unwrap_or_default();
    let ticks: u64 = after.split_whitespace().skip(11).take(2).filter_map(|n| n.parse::<u64>().ok()).sum();
    ticks as f64 / 100.0
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
