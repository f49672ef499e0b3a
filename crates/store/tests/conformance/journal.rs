//! The journal and its chain.

use super::records::done;
use crate::{Check, at, order_id};
use countersign_engine::slice::{Key, Record};
use countersign_runtime::chain::{GENESIS, link};
use countersign_runtime::merkle::{self, Frontier};
use countersign_runtime::ports::{Commit, Committed, NewEntry, Store, Write};
use countersign_runtime::tree::{Tree, grow};
use countersign_store::audit::{Head, verify_store};
use countersign_store::testing::order;
use std::sync::Arc;

pub const CHECKS: &[(&str, Check)] = &[
    ("entries are chained without gaps", chained),
    ("entries are found by subject", by_subject),
    ("commits at the same time get one order", one_order),
    ("a known head proves the journal", known_head),
    ("the journal's tree follows it and proves every entry", tree),
];

fn entry(subject: Option<&str>, body: &str) -> NewEntry {
    NewEntry { subject: subject.map(Into::into), at: at(0), body: body.into() }
}

fn append(store: &dyn Store, entries: Vec<NewEntry>) -> u64 {
    done(store.commit(&Commit { entries, ..Commit::default() }).unwrap())
}

fn chained(store: &dyn Store) {
    assert_eq!(store.head().unwrap(), (0, GENESIS));
    assert_eq!(append(store, vec![entry(Some("1"), "{\"a\":\"ü\"}"), entry(None, "{}")]), 1);
    assert_eq!(append(store, vec![]), 3, "where the next one will stand");
    assert_eq!(append(store, vec![entry(Some("@acme"), "{ }")]), 3);
    let rows = store.journal(0, 10).unwrap();
    let mut hash = GENESIS;
    for (row, (position, body)) in rows.iter().zip([(1, "{\"a\":\"ü\"}"), (2, "{}"), (3, "{ }")]) {
        hash = link(&hash, position, body.as_bytes());
        assert_eq!((row.position, row.body.as_str(), row.hash, row.at), (position, body, hash, at(0)));
    }
    assert_eq!((rows.len(), rows[1].subject.as_deref(), rows[2].subject.as_deref()), (3, None, Some("@acme")));
    assert_eq!(store.head().unwrap(), (3, hash));
    assert_eq!(store.journal(1, 1).unwrap(), rows[1..2]);
    assert!(store.journal(3, 1).unwrap().is_empty());
}

fn by_subject(store: &dyn Store) {
    for n in 0..6 {
        append(store, vec![entry(Some(if n % 2 == 0 { "1001" } else { "@acme" }), &n.to_string())]);
    }
    let positions = |subject: &str, after, limit| -> Vec<u64> {
        store.journal_of(subject, after, limit).unwrap().iter().map(|row| row.position).collect()
    };
    assert_eq!(positions("1001", 0, 10), [1, 3, 5]);
    assert_eq!(positions("@acme", 2, 1), [4]);
    assert!(positions("100", 0, 10).is_empty());
}

fn one_order(store: &dyn Store) {
    let key = Key::Order(order_id("1001"));
    let record = || Some(Record::Order(Arc::new(order("1001", "MUG", "acme", at(0)))));
    let first = Write { key: key.clone(), expected: 0, record: record() };
    done(store.commit(&Commit { writes: vec![first], ..Commit::default() }).unwrap());
    let mut wins = std::thread::scope(|scope| {
        let race = |name: usize| {
            let mut wins = Vec::new();
            while wins.len() < 10 {
                let version = store.load(std::slice::from_ref(&key)).unwrap()[0].as_ref().unwrap().version;
                let writes = vec![Write { key: key.clone(), expected: version, record: record() }];
                let entries = vec![entry(Some("1001"), &format!("{name}"))];
                if let Committed::Done { first } =
                    store.commit(&Commit { writes, entries, ..Commit::default() }).unwrap()
                {
                    wins.push((version, first));
                }
            }
            wins
        };
        let threads: Vec<_> = (0..4).map(|name| scope.spawn(move || race(name))).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
    });
    wins.sort();
    let expected: Vec<_> = (1..=40).map(|n| (n, n)).collect();
    assert_eq!(wins, expected, "every version was replaced once, in the order of the journal");
    let head = store.head().unwrap();
    assert_eq!(verify_store(store, None).unwrap(), Ok(Head { position: 40, hash: head.1 }));
}

fn known_head(store: &dyn Store) {
    append(store, (0..5).map(|n| entry(None, &n.to_string())).collect());
    let (position, hash) = store.head().unwrap();
    let known = Head { position, hash };
    append(store, (5..2_500).map(|n| entry(None, &n.to_string())).collect());
    let head = store.head().unwrap();
    assert_eq!(verify_store(store, Some(&known)).unwrap(), Ok(Head { position: 2_500, hash: head.1 }));
    assert!(verify_store(store, Some(&Head { hash: [1; 32], ..known })).unwrap().is_err());
    assert!(verify_store(store, Some(&Head { position: 2_501, ..known })).unwrap().is_err());
}

fn tree(store: &dyn Store) {
    assert_eq!(Tree::open(store).unwrap().root(0).unwrap(), Frontier::default().root());
    let mut reference = Frontier::default();
    let mut kept = Vec::new();
    for size in [1, 255, 256, 257, 511, 512, 700, 66_000] {
        append(store, (reference.size()..size).map(|n| entry(None, &n.to_string())).collect());
        for hash in store.tree(0, reference.size(), 70_000).unwrap() {
            reference.push(merkle::leaf(&hash));
        }
        let mut tree = Tree::open(store).unwrap();
        assert_eq!((tree.size(), tree.root(size).unwrap()), (size, reference.root()));
        assert_eq!(tree.frontier(size).unwrap(), reference);
        assert_eq!(grow(store).unwrap(), 0, "nothing is left to do");
        assert_eq!((store.tree_length(1).unwrap(), store.tree_length(2).unwrap()), (size / 256, size / 65_536));
        for (earlier, root) in &kept {
            assert_eq!(tree.root(*earlier).unwrap(), *root, "an earlier root can always be had again");
            let path = tree.consistency(*earlier, size).unwrap();
            assert!(merkle::continues(*earlier, root, size, &reference.root(), &path));
        }
        for position in [1, size / 2, size].into_iter().filter(|position| *position > 0) {
            let leaf = merkle::leaf(&store.tree(0, position - 1, 1).unwrap()[0]);
            let path = tree.inclusion(position, size).unwrap();
            assert!(merkle::includes(&leaf, position - 1, size, &path, &reference.root()));
        }
        kept.push((size, reference.root()));
    }
    let there = store.tree(1, 0, 10).unwrap();
    store.extend_tree(1, 0, &[[7; 32]]).unwrap();
    assert_eq!(store.tree(1, 0, 10).unwrap(), there, "what is there stays");
}
