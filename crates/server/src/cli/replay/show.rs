//! A replay's report: as JSON, and in words for a terminal. Computes nothing.

use countersign_sim::history::History;
use countersign_sim::history::Recorded;
use countersign_sim::history::dirt::{Missing, Oddity, Rejected};
use countersign_sim::history::facts::{Happened, Share};
use countersign_sim::history::mapping::Assume;
use countersign_sim::replay::outcome::Tally;
use countersign_sim::replay::reliability::Reliability;
use countersign_sim::replay::verdict::{Changes, Interval, PolicyVerdict, Verdict};
use jiff::Timestamp;
use serde::Serialize;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Rejected rows shown on a terminal; `--json` has more of them.
const ROWS_SHOWN: usize = 10;

/// All that is reported.
#[derive(Debug, Serialize)]
pub struct Report {
    history: About,
    rejected: Rejects,
    noted: Vec<Note>,
    happened: Happened,
    /// How far the learnt chances of acceptance can be trusted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chances: Option<Reliability>,
    /// What the policies would have changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replayed: Option<Verdict>,
}

/// What was read.
#[derive(Debug, Serialize)]
struct About {
    name: String,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    rows: BTreeMap<String, u64>,
    /// Columns that the mapping names and the files have not.
    missing_columns: Vec<Missing>,
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
    kind: Box<str>,
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
    let kinds = dirt.rejected.iter().map(|((file, kind), count)| Kind {
        file: file.clone(),
        kind: kind.clone(),
        count: *count,
    });
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
            missing_columns: dirt.missing.clone(),
            recorded: history.recorded,
            assumed: history.assume,
        },
        rejected: Rejects { count: dirt.rejected_rows(), kinds: kinds.collect(), rows: dirt.samples.clone() },
        noted: Oddity::ALL.into_iter().filter_map(note).collect(),
        happened: happened.clone(),
        chances: None,
        replayed: None,
    }
}

/// Prints the report for people.
pub fn print(report: &Report) {
    let rows: u64 = report.history.rows.values().sum();
    println!("{}: {rows} rows of {} files", report.history.name, report.history.rows.len());
    if let (Some(from), Some(to)) = (report.history.from, report.history.to) {
        println!("  {from} to {to}");
    }
    print_missing(&report.history.missing_columns);
    print_rejects(&report.rejected);
    for note in &report.noted {
        println!("  {:>8} {} (for example {})", note.count, note.sentence, note.examples.join(", "));
    }
    print_happened(&report.happened);
    if let Some(chances) = &report.chances {
        print_chances(chances, report.history.recorded.answers);
    }
    if let Some(replayed) = &report.replayed {
        print_replayed(replayed);
    }
}

/// First the columns that may only be mistyped.
fn print_missing(missing: &[Missing]) {
    for (column, nearest) in missing.iter().filter_map(|m| Some((m, m.nearest.as_ref()?))) {
        let Missing { file, column, field, .. } = column;
        println!("  {file} has no column {column:?}, mapped to {field}: is {nearest:?} meant?");
    }
    let mut files: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for column in missing.iter().filter(|m| m.nearest.is_none()) {
        files.entry(&column.file).or_default().push(&column.column);
    }
    for (file, columns) in files {
        println!("  {file} has none of these mapped columns: {}", columns.join(", "));
    }
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
    println!("  {} sent purchase orders were taken back by their source", share(pos.cancelled_after_commitment));
    if orders.cancelled_by_unknown + pos.cancelled_by_unknown > 0 {
        println!(
            "  {} orders and {} purchase orders were cancelled, and nothing says by whom",
            orders.cancelled_by_unknown, pos.cancelled_by_unknown
        );
    }
}

/// `750 of 11333 (6.6 %)`.
fn share(s: Share) -> String {
    let permille = s.permille();
    format!("{} of {} ({}.{} %)", s.count, s.of, permille / 10, permille % 10)
}

fn print_chances(c: &Reliability, recorded: bool) {
    println!(
        "\nThe chance that a source accepts, learnt from the first {} answers, tried on the {} after them",
        c.learnt_from, c.held_out
    );
    if !recorded {
        println!("  the history records no answers: what was shipped counts as accepted [assumed]");
    }
    let millionths = |n: u64| format!("{}.{:06}", n / 1_000_000, n % 1_000_000);
    println!(
        "  Brier score {} (always the base rate: {})",
        millionths(c.brier_millionths),
        millionths(c.base_rate_brier_millionths)
    );
    for t in c.tenths.iter().filter(|t| t.answers > 0) {
        println!(
            "  {:>8} answers: expected {:>3} in 1000, accepted {:>3}",
            t.answers, t.expected_permille, t.accepted_permille
        );
    }
}

fn print_replayed(v: &Verdict) {
    println!("\nReplayed: {} orders, {} ({} orders were never released)", v.orders, seeds(v.seeds), v.not_released);
    if v.happened.still_open > 0 {
        println!(
            "  {} orders were still open when the history ended: what became of them then is modelled, and they count \
             neither as cancelled nor as given up",
            v.happened.still_open
        );
    }
    if v.happened.cancelled_by_unknown > 0 {
        println!(
            "  {} orders were cancelled, and nothing says by whom: they are cancelled in the replay as well, and count for \
             nobody (map cancelled_by)",
            v.happened.cancelled_by_unknown
        );
    }
    for policy in &v.policies {
        print_policy(policy, v);
    }
    if let (Some(changes), [first, second, ..]) = (&v.first_against_second, &v.policies[..]) {
        println!("\n{}, as against {}", first.name, second.name);
        print_changes(changes);
    }
}

/// `seed 7`, `5 seeds from 7`.
fn seeds((count, first): (u64, u64)) -> String {
    if count == 1 { format!("seed {first}") } else { format!("{count} seeds from {first}") }
}

fn print_policy(p: &PolicyVerdict, all: &Verdict) {
    let (f, then) = (&p.figures, &all.happened);
    println!("\nUnder policy {} ({})", p.version, p.name);
    for table in &p.never_in_effect {
        println!(
            "  its table {table:?} was not in effect at any time of the history: what it changes is not seen here"
        );
    }
    let now = if all.seeds.0 == 1 { "now" } else { "now (over all seeds)" };
    println!("  {:<42}{:>18}    {now}", "", "then");
    let line = |what: &str, then: String, now: Interval| println!("  {what:<42}{then:>18}    {}", interval(now));
    line(
        "orders cancelled after commitment",
        then.cancelled_after_commitment.to_string(),
        f.cancelled_after_commitment,
    );
    line(
        "orders given up before commitment",
        then.cancelled_before_commitment.to_string(),
        f.cancelled_before_commitment,
    );
    line("orders firm and never shipped", then.never_shipped.to_string(), f.never_shipped);
    line("units shipped", then.units_shipped.to_string(), f.units_shipped);
    line(
        "promise told then kept, in 1000",
        then.told_promise_kept.permille().to_string(),
        f.told_promise_kept_permille,
    );
    line("the policy's own promise kept, in 1000", "-".into(), f.own_promise_kept_permille);
    line("lines rerouted", then.reroutes.to_string(), f.reroutes);
    line("orders split", "-".into(), f.splits);
    line("approvals needed", "-".into(), f.approvals);
    line("cases for people", "-".into(), f.cases);
    line("answers and shipments late", "-".into(), f.sla_breaches);
    line("cost in minor units", then.cost_minor.to_string(), f.cost_minor);
    line("minutes to confirmation, on average", "-".into(), f.minutes_to_confirmation);
    println!("  rests on (first seed):");
    for (ground, t) in &p.by_ground {
        println!(
            "    {ground:<10}{:>9} orders, {:>6} cancelled after commitment, {:>6} given up before",
            t.orders, t.cancelled_after_commitment, t.cancelled_before_commitment
        );
    }
    print_parts("source", &all.happened_by_source, &p.by_source);
    print_parts("category", &all.happened_by_category, &p.by_category);
    println!("  against what happened (first seed):");
    print_changes(&p.against_history);
}

/// Then and now, for the parts in which most was cancelled then or is given up now.
fn print_parts(what: &str, then: &BTreeMap<String, Tally>, now: &BTreeMap<String, Tally>) {
    let names: BTreeSet<&String> = then.keys().chain(now.keys()).collect();
    let pair =
        |name: &String| (then.get(name).copied().unwrap_or_default(), now.get(name).copied().unwrap_or_default());
    let mut parts: Vec<_> = names.into_iter().map(|name| (name, pair(name))).collect();
    let weight =
        |(a, b): &(Tally, Tally)| a.cancelled_after_commitment + b.cancelled_before_commitment + b.orders / 100;
    parts.sort_by_key(|(name, pair)| (Reverse(weight(pair)), *name));
    println!("  by {what} (first seed; then → now):");
    for (name, (a, b)) in parts.iter().take(ROWS_SHOWN) {
        println!(
            "    {name:<32} {} → {} orders; cancelled after commitment {} → {}, given up before {} → {}; units shipped {} → {}",
            a.orders,
            b.orders,
            a.cancelled_after_commitment,
            b.cancelled_after_commitment,
            a.cancelled_before_commitment,
            b.cancelled_before_commitment,
            a.units_shipped,
            b.units_shipped,
        );
    }
    if parts.len() > ROWS_SHOWN {
        println!("    … {} others; --json names all", parts.len() - ROWS_SHOWN);
    }
}

fn print_changes(changes: &Changes) {
    println!("    {} orders came out otherwise", changes.orders);
    for (kind, count) in &changes.kinds {
        println!("    {count:>8} {kind}");
    }
    for changed in changes.listed.iter().take(ROWS_SHOWN) {
        println!("      {}: {}", changed.order, changed.changes.join("; "));
    }
    if changes.orders > 0 {
        println!("    open any of them: --order ID");
    }
}

fn interval(i: Interval) -> String {
    if i.low == i.high { i.middle.to_string() } else { format!("{} ({} to {})", i.middle, i.low, i.high) }
}
