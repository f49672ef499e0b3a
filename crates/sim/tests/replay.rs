//! A history through a policy: read, replayed, judged; the same on one thread and on two.

#![allow(clippy::unwrap_used, reason = "tests")]

use countersign_engine::policy::Policy;
use countersign_sim::history::History;
use countersign_sim::history::dirt::Oddity;
use countersign_sim::history::facts::happened;
use countersign_sim::history::generate::{Size, accepts_permille, files, generate, mapping};
use countersign_sim::history::mapping::Mapping;
use countersign_sim::history::read::read;
use countersign_sim::replay::progress::{Identity, Progress};
use countersign_sim::replay::trial::{Trial, try_out};
use countersign_sim::replay::verdict::{Verdict, verdict};
use countersign_sim::replay::why::why;
use std::path::Path;

const SMALL: Size = Size { orders: 3_000, items: 400, sources: 12, days: 30, advice_hours: 24 };

fn policy() -> Policy {
    Policy::default()
}

fn judge(history: &History, threads: usize, seeds: u64) -> Verdict {
    let policies = vec![("delivered".to_owned(), policy())];
    let trial = Trial { history, policies, seed: 7, seeds, threads };
    verdict(&trial, &try_out(&trial, &Progress::default()).unwrap())
}

/// The files of a generated history, some rows changed.
fn from_files(history: &History, change: impl Fn(&str, String) -> String) -> History {
    let files = files(history);
    read(&mapping(), |name| {
        let file = files.iter().find(|(n, _)| *n == name);
        Ok(file.map(|(_, content)| std::io::Cursor::new(change(name, content.clone()).into_bytes())))
    })
    .unwrap()
}

#[test]
fn a_history_comes_back_from_its_files() {
    let made = generate(SMALL, 3);
    let read = from_files(&made, |_, content| content);
    assert_eq!(read.dirt.rejected_rows(), 0, "{:?}", read.dirt.samples);
    assert_eq!(read.advice.len(), made.advice.len());
    let (a, b) = (happened(&made), happened(&read));
    assert_eq!((a.orders, a.purchase_orders, a.units), (b.orders, b.purchase_orders, b.units));
}

#[test]
fn faulty_rows_are_named_and_the_rest_is_used() {
    let made = generate(SMALL, 3);
    let read = from_files(&made, |name, mut content| {
        if name == "order_lines.csv" {
            let second = content.lines().nth(1).unwrap().to_owned();
            content += &second.replacen("H0,", "H-bad,", 1).replace("2026-", "2O26-");
            content += "\nH1,9,2026-01-05T00:00:00Z,,,,,NO-SUCH-SKU,1,,vendor-1,,,,,,,,,\n";
        }
        content
    });
    let kinds: Vec<&str> = read.dirt.rejected.keys().map(|(_, kind)| &**kind).collect();
    assert_eq!(kinds, ["bad_time", "unknown_sku"]);
    let bad = read.dirt.samples.iter().find(|r| &*r.kind == "bad_time").unwrap();
    assert_eq!((bad.column.as_str(), bad.row), ("placed_at", 2 + happened(&made).lines));
    assert_eq!(happened(&read).orders, happened(&made).orders);
}

/// What was under way when a history ends was not given up: it counts apart, and its end is modelled.
#[test]
fn what_is_open_when_the_history_ends_counts_apart() {
    let made = generate(SMALL, 3);
    let end = made.pasts.iter().map(|(_, past)| past.order.placed).max().unwrap();
    // The same export, taken in the evening of the last day: nothing that came later stands in it.
    let cut = |text: &str| {
        let later = |field: &str| field.parse::<jiff::Timestamp>().is_ok_and(|t| t > end.at());
        let known = |(n, field): (usize, &str)| {
            if later(field) && ![4, 14].contains(&n) { String::new() } else { field.into() }
        };
        text.split(',').enumerate().map(known).collect::<Vec<_>>().join(",")
    };
    let read = from_files(&made, |name, content| match name {
        "order_lines.csv" => content.lines().map(cut).collect::<Vec<_>>().join("\n"),
        _ => content,
    });
    assert!(read.span.1 <= end, "{:?}", read.span);
    let told = judge(&read, 2, 1);
    let (then, now) = (&told.happened, &told.policies[0].first_seed);
    assert!((50..1_000).contains(&then.still_open), "{then:?}");
    assert_eq!(then.still_open, now.still_open);
    let whole = judge(&made, 2, 1).policies[0].first_seed.cancelled_before_commitment;
    assert!(now.cancelled_before_commitment <= whole, "{whole} of the whole: {now:?}");
    let (_, open) = read.pasts.iter().find(|(_, past)| read.is_in_flight(past)).unwrap();
    assert!(!open.pos.iter().all(|po| po.shipped.is_known()) && !open.order.cancelled.is_known(), "{open:?}");
}

#[test]
fn threads_change_nothing() {
    let history = generate(SMALL, 5);
    let (one, two) = (judge(&history, 1, 2), judge(&history, 2, 2));
    let text = |v: &Verdict| serde_json::to_string(v).unwrap();
    assert_eq!(text(&one), text(&two));
    for threads in [3, 5, 16] {
        assert_eq!(text(&one), text(&judge(&history, threads, 2)), "{threads} threads");
    }
    let other =
        Trial { history: &history, policies: vec![("delivered".into(), policy())], seed: 99, seeds: 2, threads: 2 };
    let other = verdict(&other, &try_out(&other, &Progress::default()).unwrap());
    assert_ne!(one.policies[0].figures, other.policies[0].figures, "another seed draws other answers");
}

#[test]
fn the_gate_turns_late_cancellations_into_reroutes() {
    let history = generate(SMALL, 5);
    let told = judge(&history, 2, 3);
    let (then, now) = (&told.happened, &told.policies[0]);
    assert!(then.cancelled_after_commitment > 100, "{then:?}");
    let broken = now.first_seed.cancelled_after_commitment;
    assert!(broken * 2 < then.cancelled_after_commitment, "{broken} of {}", then.cancelled_after_commitment);
    assert!(now.first_seed.reroutes > 50, "{:?}", now.first_seed);
    assert!(
        now.by_ground.contains_key("observed") && now.by_ground.contains_key("modelled"),
        "{:?}",
        now.by_ground.keys()
    );
    let parts: u64 = now.by_ground.values().map(|t| t.orders).sum();
    assert_eq!(parts, told.orders, "every order rests on one ground");
    assert_eq!(now.first_seed.orders, told.orders);
    let saved = now.against_history.listed.iter().find(|c| c.changes[0].starts_with("supplied instead of cancelled"));
    let index = history.order_ids.find(&saved.unwrap().order).unwrap();
    let why = why(&history, &policy(), 7, index).join("\n");
    assert!(why.contains("[modelled]") && why.contains("goes to") && why.contains("left"), "{why}");
}

#[test]
fn a_stopped_trial_goes_on_where_it_was() {
    use std::sync::atomic::Ordering::Relaxed;
    let history = generate(SMALL, 5);
    let policies = vec![("delivered".to_owned(), policy())];
    let trial = Trial { history: &history, policies, seed: 7, seeds: 6, threads: 2 };
    let progress = Progress::default();
    let stopped = std::thread::scope(|scope| {
        scope.spawn(|| {
            while progress.done.load(Relaxed) == 0 {
                std::thread::yield_now();
            }
            progress.stop.store(true, Relaxed);
        });
        try_out(&trial, &progress).is_none()
    });
    let before = progress.done.load(Relaxed);
    progress.stop.store(false, Relaxed);
    let resumed = try_out(&trial, &progress);
    // A machine that was done before it was told to stop has nothing to resume.
    let resumed = if stopped { resumed.unwrap() } else { try_out(&trial, &Progress::default()).unwrap() };
    assert!(before > 0 && progress.done.load(Relaxed) >= before);
    let whole = try_out(&trial, &Progress::default()).unwrap();
    let text = |tried| serde_json::to_string(&verdict(&trial, tried)).unwrap();
    assert_eq!(text(&resumed), text(&whole), "the same bytes, whether it was stopped or not");
}

/// What a killed process had handed out as batches is all that is left of it.
#[test]
fn a_trial_goes_on_from_its_batches() {
    use std::sync::atomic::Ordering::Relaxed;
    let history = generate(SMALL, 5);
    let both = vec![("delivered".to_owned(), policy()), ("again".to_owned(), policy())];
    let trial = Trial { history: &history, policies: both, seed: 7, seeds: 3, threads: 2 };
    let of = Identity::of(&trial, "the history", "this build");
    let text = |tried| serde_json::to_string(&verdict(&trial, tried)).unwrap();
    let (mut batches, mut whole) = (vec![], vec![]);
    // A busy machine may look at it too late: until there are several.
    while batches.len() < 2 {
        let killed = Progress::default();
        batches.clear();
        whole = std::thread::scope(|scope| {
            let run = scope.spawn(|| try_out(&trial, &killed));
            // Until half of it, so that many are in a batch and some are not.
            while killed.done.load(Relaxed) * 2 < killed.of.load(Relaxed) || killed.of.load(Relaxed) == 0 {
                batches.extend(killed.batch(&of));
                std::thread::yield_now();
            }
            run.join().unwrap().unwrap()
        });
    }

    let next = Progress::default();
    let (torn, rest) = batches.split_last().unwrap();
    assert!(!next.take_up(&of, &torn[..torn.len() - 1]), "what was being written when it died");
    for batch in rest {
        let mut changed = batch.clone();
        *changed.last_mut().unwrap() ^= 1;
        assert!(!next.take_up(&of, &changed) && next.take_up(&of, batch));
    }
    let before = next.done.load(Relaxed);
    assert!(before > 0 && next.batch(&of).is_none(), "what was taken up is saved");
    let resumed = try_out(&trial, &next).unwrap();
    assert_eq!(next.done.load(Relaxed), next.of.load(Relaxed), "every order once");
    assert_eq!(text(&resumed), text(&whole), "the same bytes, whether it was killed or not");

    // Batches of one kind of trial are nothing to another.
    let other = |policies, seed, seeds| Trial { history: &history, policies, seed, seeds, threads: 1 };
    let one = vec![("delivered".to_owned(), policy())];
    let later = vec![("later".to_owned(), Policy { version: 9, ..policy() }), ("again".to_owned(), policy())];
    let same = other(trial.policies.clone(), 7, 3);
    assert_eq!(Identity::of(&same, "the history", "this build"), of, "threads are nothing to it");
    for (trial, history, build) in [
        (other(one, 7, 3), "the history", "this build"),
        (other(later, 7, 3), "the history", "this build"),
        (other(trial.policies.clone(), 8, 3), "the history", "this build"),
        (other(trial.policies.clone(), 7, 4), "the history", "this build"),
        (other(trial.policies.clone(), 7, 3), "another", "this build"),
        (other(trial.policies.clone(), 7, 3), "the history", "the next release"),
    ] {
        assert!(!Progress::default().take_up(&Identity::of(&trial, history, build), &rest[0]), "{history} {build}");
    }
}

#[test]
fn a_stopped_trial_gives_nothing() {
    let history = generate(SMALL, 5);
    let progress = Progress::default();
    progress.stop.store(true, std::sync::atomic::Ordering::Relaxed);
    let trial =
        Trial { history: &history, policies: vec![("delivered".into(), policy())], seed: 1, seeds: 1, threads: 1 };
    assert!(try_out(&trial, &progress).is_none());
}

#[test]
fn what_is_learnt_from_a_history_foretells_its_later_answers() {
    let history = generate(Size { orders: 20_000, ..SMALL }, 11);
    let told = countersign_sim::replay::reliability::reliability(&history);
    assert!(told.held_out > 5_000, "{told:?}");
    assert!(told.brier_millionths < told.base_rate_brier_millionths, "{told:?}");
    for tenth in told.tenths.iter().filter(|t| t.answers >= 1_500) {
        assert!(tenth.expected_permille.abs_diff(tenth.accepted_permille) < 30, "{told:?}");
    }
    assert!(accepts_permille(0, 0, 10) > accepts_permille(6, 90_000, 100));
}

/// The real history, where it lies beside the project; counted on its own by a script while this was written.
#[test]
fn olist_is_read_and_counted() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/olist");
    let folder = if folder.exists() {
        folder
    } else {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/data/olist")
    };
    if !folder.exists() {
        eprintln!("no ../shared/data/olist here: the generated history stands in for it in the other tests");
        return;
    }
    let mapping = Mapping::parse(include_str!("../../../docs/mappings/olist.toml")).unwrap();
    let open = |name: &str| std::fs::File::open(folder.join(name)).map(Some).map_err(|e| e.to_string());
    let history = read(&mapping, open).unwrap();
    let all = happened(&history);
    assert_eq!(history.dirt.rejected_rows(), 0, "{:?}", history.dirt.samples);
    assert_eq!((all.orders.known, all.orders.with_lines), (11_656, 11_566));
    assert_eq!((all.purchase_orders.known, all.purchase_orders.sent), (11_696, 11_696));
    assert_eq!((all.purchase_orders.missed_ship_by.count, all.purchase_orders.missed_ship_by.of), (1_029, 11_584));
    assert_eq!((all.orders.after_promise.count, all.orders.after_promise.of), (750, 11_333));
    assert_eq!(all.orders.after_promise_instant.count, 895);
    assert_eq!(history.dirt.count(Oddity::ShippedNeverSent), 3, "11,693 are recorded as sent");
    assert_eq!(history.dirt.count(Oddity::OrderWithoutLines), 90);
    assert_eq!(history.dirt.count(Oddity::ItemWithoutCategory), 125);
    assert_eq!(history.dirt.count(Oddity::DeliveredBeforeShipped), 1);
    // `canceled` does not say by whom: 75 of them never shipped, and 49 of these have lines; six shipped all the same.
    assert_eq!((all.orders.cancelled, all.orders.cancelled_by_unknown), (139, 75));
    assert_eq!(
        (all.purchase_orders.cancelled_after_commitment.count, all.purchase_orders.cancelled_by_unknown),
        (1, 49)
    );
    assert_eq!(history.dirt.count(Oddity::CancelledAfterShipping), 6);
    let told = judge(&history, 2, 1);
    let now = &told.policies[0].first_seed;
    assert_eq!(
        (told.happened.cancelled_by_unknown, now.cancelled_by_unknown),
        (49, 49),
        "nobody is credited with them"
    );
    assert_eq!((told.happened.cancelled_after_commitment, now.cancelled_before_commitment), (1, 1));
    assert_eq!(told.policies[0].first_seed.orders, told.orders);
    assert!(!told.policies[0].by_ground.contains_key("observed"), "olist records no answers");
}
