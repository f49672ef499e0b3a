//! Facts: counted the same before and after they are summed up, and listed behind every figure.

use super::records::done;
use crate::{Check, at};
use countersign_runtime::facts::{Fact, Measure};
use countersign_runtime::memory::MemoryStore;
use countersign_runtime::ports::{By, Commit, FACT_BITS, FactQuery, NewEntry, Store, TallyQuery};
use smol_str::{SmolStr, format_smolstr};

pub const CHECKS: &[(&str, Check)] = &[
    ("facts are counted alike summed up or not", counted),
    ("facts are listed behind every figure", listed),
    ("facts of a commit that conflicts are not there", undone),
];

/// A commit with facts of a few sources, categories, channels and days, the same for the same number.
fn commit(n: u64) -> Commit {
    let entry = |k: u64| NewEntry { subject: None, at: at(0), body: format!("{n}.{k}") };
    let fact = |k: u64| {
        let turn = n * 7 + k * 3;
        Fact {
            entry: (k / 4) as u32,
            measure: if turn.is_multiple_of(3) { Measure::Sla } else { Measure::Confirmation },
            label: SmolStr::new(["acknowledgment:met", "acknowledgment:breached", "60"][(turn % 5 % 3) as usize]),
            at: at((turn as i64 % 9 - 4) * 400_000),
            source: if turn.is_multiple_of(11) { SmolStr::default() } else { format_smolstr!("s{}", turn % 4) },
            category: format_smolstr!("c{}", turn % 3),
            channel: SmolStr::new(if turn.is_multiple_of(2) { "web" } else { "shop" }),
            order: format_smolstr!("{}", 1_000 + n),
            purchase_order: (k % 3) as u32,
            units: turn as i64 % 6,
            value: (turn as i64 % 13) - 6,
        }
    };
    Commit { entries: (0..3).map(entry).collect(), facts: (0..12).map(fact).collect(), ..Commit::default() }
}

fn queries() -> Vec<TallyQuery> {
    let day = at(0).as_second() / 86_400;
    let mut all = Vec::new();
    for by in [By::Nothing, By::Source, By::Category, By::Channel, By::Day] {
        for filters in 0..8 {
            let filter = |bit: i32, word: &str| (filters & bit != 0).then(|| SmolStr::new(word));
            // Days, whole blocks of days with days at their ends, all there is.
            let ranges = [
                (Measure::Sla, day - 9, day + 9),
                (Measure::Sla, day - 40, day + 21),
                (Measure::Confirmation, day - 1, day),
                (Measure::Confirmation, 0, day + 99),
            ];
            for (measure, from, to) in ranges {
                let (source, category, channel) = (filter(1, "s1"), filter(2, "c2"), filter(4, "web"));
                all.push(TallyQuery { measure, from, to, source, category, channel, by });
            }
        }
    }
    all
}

fn agree(store: &dyn Store, reference: &MemoryStore) {
    for query in queries() {
        let (mut counted, mut expected) = (store.tally(&query).unwrap(), reference.tally(&query).unwrap());
        counted.cells.sort();
        expected.cells.sort();
        assert_eq!(counted, expected, "{query:?}");
    }
}

fn counted(store: &dyn Store) {
    let reference = MemoryStore::new();
    agree(store, &reference);
    assert_eq!(store.roll_up(10).unwrap(), 0, "nothing to sum up");
    for n in 0..40 {
        done(store.commit(&commit(n)).unwrap());
        done(reference.commit(&commit(n)).unwrap());
        match n {
            // Not at all, in part, wholly; and facts that come after.
            10 => agree(store, &reference),
            20 => {
                store.roll_up(100).unwrap();
                agree(store, &reference);
            }
            30 => {
                while store.roll_up(37).unwrap() > 0 {}
                agree(store, &reference);
            }
            _ => {}
        }
    }
    agree(store, &reference);
    while store.roll_up(1_000).unwrap() > 0 {}
    agree(store, &reference);
}

fn listed(store: &dyn Store) {
    let reference = MemoryStore::new();
    for n in 0..40 {
        done(store.commit(&commit(n)).unwrap());
        done(reference.commit(&commit(n)).unwrap());
    }
    store.roll_up(100).unwrap();
    for one in queries().into_iter().filter(|query| query.by == By::Nothing) {
        for label in ["acknowledgment:met", "acknowledgment:breached", "60"] {
            let TallyQuery { measure, from, to, source, category, channel, .. } = one.clone();
            let label = SmolStr::new(label);
            let mut query =
                FactQuery { measure, label, from, to, source, category, channel, cursor: None, limit: 1_000 };
            let whole = reference.facts(&query).unwrap();
            assert_eq!(store.facts(&query).unwrap(), whole, "{query:?}");
            let tally = store.tally(&one).unwrap();
            let count = tally.cells.iter().find(|cell| cell.label == query.label).map_or(0, |cell| cell.count);
            assert_eq!(whole.len() as u64, count, "as many as the figure says: {query:?}");
            query.limit = 7;
            let mut paged = Vec::new();
            loop {
                let page = store.facts(&query).unwrap();
                let Some(last) = page.last() else { break };
                query.cursor = Some((last.fact.day(), last.id));
                paged.extend(page);
            }
            assert_eq!(paged, whole, "{query:?}");
        }
    }
    let query = FactQuery {
        measure: Measure::Sla,
        label: "acknowledgment:met".into(),
        from: 0,
        to: 1 << 40,
        source: None,
        category: None,
        channel: None,
        cursor: None,
        limit: 1_000,
    };
    for row in store.facts(&query).unwrap() {
        let entry = store.journal((row.id >> FACT_BITS) - 1, 1).unwrap().pop().unwrap();
        let commit: u64 = entry.body.split('.').next().unwrap().parse().unwrap();
        assert_eq!(row.fact.order, format!("{}", 1_000 + commit), "its id leads to its entry");
    }
}

fn undone(store: &dyn Store) {
    use countersign_engine::slice::Key;
    use countersign_runtime::ports::{Committed, Write};
    let key = Key::Order(crate::order_id("1001"));
    let stale = Write { key: key.clone(), expected: 3, record: None };
    let outcome = store.commit(&Commit { writes: vec![stale], ..commit(0) }).unwrap();
    assert_eq!(outcome, Committed::Conflict { keys: vec![key] });
    let any = store.tally(&queries()[0]).unwrap();
    assert_eq!((any.position, any.cells.len()), (0, 0));
}
