//! A replay's report: as JSON, and in words for a terminal. Computes nothing.

use countersign_sim::history::History;
use countersign_sim::history::Recorded;
use countersign_sim::history::dirt::{Oddity, Rejected};
use countersign_sim::history::facts::{Happened, Share};
use countersign_sim::history::mapping::Assume;
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;

/// Rejected rows shown on a terminal; `--json` has more of them.
const ROWS_SHOWN: usize = 10;

/// All that is reported.
#[derive(Debug, Serialize)]
pub struct Report {
    history: About,
    rejected: Rejects,
    noted: Vec<Note>,
    happened: Happened,
}

/// What was read.
#[derive(Debug, Serialize)]
struct About {
    name: String,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    rows: BTreeMap<String, u64>,
    recorded: Recorded,
    assumed: Assume,
}

/// Rows that were not used.
#[derive(Debug, Serialize)]
struct Rejects {
    count: u64,
    kinds: Vec<Kind>,
    rows: Vec<Rejected>,
}

#[derive(Debug, Serialize)]
struct Kind {
    file: String,
    kind: &'static str,
    count: u64,
}

/// An oddity of what was used.
#[derive(Debug, Serialize)]
struct Note {
    kind: &'static str,
    count: u64,
    sentence: &'static str,
    examples: Vec<String>,
}

/// Puts the report together.
pub fn report(history: &History, happened: &Happened) -> Report {
    let dirt = &history.dirt;
    let kinds = dirt.rejected.iter().map(|((file, kind), count)| Kind { file: file.clone(), kind, count: *count });
    let note = |oddity: Oddity| {
        let noted = dirt.noted.get(&oddity)?;
        Some(Note {
            kind: oddity.code(),
            count: noted.count,
            sentence: oddity.sentence(),
            examples: noted.examples.clone(),
        })
    };
    Report {
        history: About {
            name: history.name.clone(),
            from: history.span.0.known(),
            to: history.span.1.known(),
            rows: dirt.rows.clone(),
            recorded: history.recorded,
            assumed: history.assume,
        },
        rejected: Rejects { count: dirt.rejected_rows(), kinds: kinds.collect(), rows: dirt.samples.clone() },
        noted: Oddity::ALL.into_iter().filter_map(note).collect(),
        happened: happened.clone(),
    }
}

/// Prints the report for people.
pub fn print(report: &Report) {
    let rows: u64 = report.history.rows.values().sum();
    println!("{}: {rows} rows of {} files", report.history.name, report.history.rows.len());
    if let (Some(from), Some(to)) = (report.history.from, report.history.to) {
        println!("  {from} to {to}");
    }
    print_rejects(&report.rejected);
    for note in &report.noted {
        println!("  {:>8} {} (for example {})", note.count, note.sentence, note.examples.join(", "));
    }
    print_happened(&report.happened);
}

fn print_rejects(rejects: &Rejects) {
    println!("  {} rows rejected", rejects.count);
    for row in rejects.rows.iter().take(ROWS_SHOWN) {
        println!("    {} row {}: {} {:?}: {}", row.file, row.row, row.column, row.value, row.reason);
    }
    if rejects.count > ROWS_SHOWN as u64 {
        println!("    … and others; --json names up to 1,000");
    }
}

fn print_happened(all: &Happened) {
    let (orders, pos) = (&all.orders, &all.purchase_orders);
    println!("\nWhat happened");
    println!("  {} orders, {} with lines; {} lines, {} units", orders.known, orders.with_lines, all.lines, all.units);
    println!("  {} purchase orders, {} sent, {} shipped", pos.known, pos.sent, pos.shipped);
    println!("  {} purchase orders missed their ship-by date", share(pos.missed_ship_by));
    println!("    besides, {} neither shipped nor were cancelled although it had passed", pos.overdue_unshipped);
    println!("  {} orders came after their promised day", share(orders.after_promise));
    println!("    {} if a promised day ends as it begins", share(orders.after_promise_instant));
    println!("  {} sent purchase orders were cancelled after all", share(pos.cancelled_after_commitment));
}

/// `750 of 11333 (6.6 %)`.
fn share(s: Share) -> String {
    let permille = s.permille();
    format!("{} of {} ({}.{} %)", s.count, s.of, permille / 10, permille % 10)
}
