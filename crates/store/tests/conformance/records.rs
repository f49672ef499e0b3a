//! Records, versions, conflicts, answers, people, settings, sequences.

use crate::{Check, at, order_id, sku, source_id};
use countersign_engine::policy::{Policy, PolicyBook};
use countersign_engine::slice::{Desk, Key, Offerers, Record};
use countersign_engine::source::{Feed, Load};
use countersign_runtime::ports::{
    Answer, Commit, Committed, InboxState, IndexRow, NewEntry, NewInbox, PersonRow, Store, Write,
};
use countersign_store::testing::{item, offer, order, order_commit, source, stock};
use std::sync::Arc;

pub const CHECKS: &[(&str, Check)] = &[
    ("records of every kind come back as written", every_kind),
    ("versions count and stale writes conflict", versions),
    ("a conflict leaves no trace", conflict_leaves_no_trace),
    ("all stale keys of a commit are named", all_stale_keys),
    ("removed records are gone", removal),
    ("what cannot be kept is refused", refusals),
    ("the first answer stands", answers),
    ("old answers are forgotten", old_answers),
    ("people can be erased", people),
    ("settings are written by compare and swap", settings),
    ("sequences have no gaps", sequences),
    ("the store is ready and counts", ready),
    ("orders are due by their wake time", due),
];

fn write(key: Key, expected: u64, record: Option<Record>) -> Write {
    Write { key, expected, record }
}

fn commit(store: &dyn Store, writes: Vec<Write>) -> Committed {
    store.commit(&Commit { writes, ..Commit::default() }).unwrap()
}

pub fn done(committed: Committed) -> u64 {
    match committed {
        Committed::Done { first } => first,
        Committed::Conflict { keys } => panic!("conflict on {keys:?}"),
    }
}

fn conflicts(committed: Committed) -> Vec<Key> {
    match committed {
        Committed::Done { first } => panic!("done at {first}"),
        Committed::Conflict { mut keys } => {
            keys.sort();
            keys
        }
    }
}

fn one_of_each() -> Vec<(Key, Record)> {
    let acme = source_id("acme");
    vec![
        (Key::Policy, Record::Policy(Arc::new(Policy::default()))),
        (Key::PolicyBook, Record::PolicyBook(Arc::new(PolicyBook::default()))),
        (Key::policy_version(3), Record::PolicyVersion(Arc::new(Policy::default()))),
        (Key::Item(sku("MUG")), Record::Item(Arc::new(item("MUG")))),
        (Key::Source(acme.clone()), Record::Source(Arc::new(source("acme")))),
        (Key::Offerers(sku("MUG")), Record::Offerers(Arc::new(Offerers { sources: [acme.clone()].into() }))),
        (Key::Offer(acme.clone(), sku("MUG")), Record::Offer(Arc::new(offer("acme", "MUG")))),
        (Key::Stock(acme.clone(), sku("MUG")), Record::Stock(Arc::new(stock("acme", "MUG", 7)))),
        (Key::Feed(acme.clone()), Record::Feed(Arc::new(Feed { source: acme.clone(), full_as_of: at(1) }))),
        (Key::Load(acme.clone()), Record::Load(Arc::new(Load::default()))),
        (Key::Desk(acme), Record::Desk(Arc::new(Desk::default()))),
        (Key::Order(order_id("1001")), Record::Order(Arc::new(order("1001", "MUG", "acme", at(0))))),
    ]
}

fn every_kind(store: &dyn Store) {
    let keys: Vec<_> = one_of_each().into_iter().map(|(key, _)| key).collect();
    assert!(store.load(&keys).unwrap().iter().all(Option::is_none));
    let writes = one_of_each().into_iter().map(|(key, record)| write(key, 0, Some(record))).collect();
    done(commit(store, writes));
    let mut asked = keys.clone();
    asked.insert(3, Key::Item(sku("NONE")));
    asked.push(keys[1].clone());
    let found = store.load(&asked).unwrap();
    assert_eq!(found.len(), asked.len());
    assert!(found[3].is_none());
    let last = found.len() - 1;
    assert_eq!(found[last], found[1], "a key may be asked twice");
    let found: Vec<_> = [&found[..3], &found[4..last]].concat().into_iter().map(Option::unwrap).collect();
    for ((key, record), found) in one_of_each().into_iter().zip(found) {
        assert_eq!((found.version, &found.record), (1, &record), "{key:?}");
    }
    let empty: &[Key] = &[];
    assert!(store.load(empty).unwrap().is_empty());
}

fn versions(store: &dyn Store) {
    let key = Key::Stock(source_id("acme"), sku("MUG"));
    let stock = |n| Some(Record::Stock(Arc::new(stock("acme", "MUG", n))));
    done(commit(store, vec![write(key.clone(), 0, stock(1))]));
    done(commit(store, vec![write(key.clone(), 1, stock(2))]));
    done(commit(store, vec![write(key.clone(), 2, stock(3))]));
    for stale in [0, 1, 2, 4] {
        assert_eq!(conflicts(commit(store, vec![write(key.clone(), stale, stock(9))])), [key.clone()], "{stale}");
    }
    let found = store.load(std::slice::from_ref(&key)).unwrap().remove(0).unwrap();
    assert_eq!((found.version, Some(found.record)), (3, stock(3)));
    let absent = Key::Item(sku("MUG"));
    let item = Some(Record::Item(Arc::new(item("MUG"))));
    assert_eq!(conflicts(commit(store, vec![write(absent.clone(), 1, item)])), [absent], "expected one, found none");
}

/// A commit that writes to every table.
fn everything(inbox: u64) -> Commit {
    let mut all = order_commit("1001", "MUG", "acme", at(0));
    all.writes.push(write(Key::Item(sku("MUG")), 0, Some(Record::Item(Arc::new(item("MUG"))))));
    all.index.push(IndexRow::Case {
        id: "1001-1".into(),
        subject: "1001".into(),
        kind: "unsourced".into(),
        severity: 2,
        role: "buyer".into(),
        open: true,
        opened_at: at(0),
        body: "{}".into(),
    });
    all.index.push(IndexRow::Approval {
        id: "1001-1".into(),
        order: order_id("1001"),
        kind: "split".into(),
        open: true,
        asked_at: at(0),
        due: at(9),
        body: "{}".into(),
    });
    all.answers.push(answer("key", 0));
    all.inbox.push((inbox, InboxState::Done, Some("[]".into())));
    all
}

fn conflict_leaves_no_trace(store: &dyn Store) {
    let waiting = store.receive(&inbox()).unwrap();
    let mut all = everything(waiting.id);
    let desk = Key::Desk(source_id("acme"));
    all.writes.push(write(desk.clone(), 3, Some(Record::Desk(Arc::new(Desk::default())))));
    assert_eq!(conflicts(store.commit(&all).unwrap()), [desk]);
    assert_eq!(store.head().unwrap(), (0, [0; 32]));
    assert!(store.load(&[Key::Order(order_id("1001")), Key::Item(sku("MUG"))]).unwrap().iter().all(Option::is_none));
    assert!(store.journal(0, 10).unwrap().is_empty());
    assert!(store.errands(at(99), 60, 10).unwrap().is_empty());
    assert!(store.purchase_orders(&Default::default()).unwrap().is_empty());
    assert_eq!(store.answer("key").unwrap(), None);
    assert_eq!(store.person(&order_id("1001")).unwrap(), None);
    assert_eq!(store.inbox_entry(waiting.id).unwrap().unwrap().state, InboxState::Waiting);
    let page = countersign_runtime::ports::DeskQuery { limit: 10, ..Default::default() };
    assert!(store.cases(&page).unwrap().is_empty() && store.approvals(&page).unwrap().is_empty());
    assert_eq!(done(store.commit(&everything(waiting.id)).unwrap()), 1, "the next one goes through");
    assert_eq!(store.inbox_entry(waiting.id).unwrap().unwrap().findings.as_deref(), Some("[]"));
    assert_eq!(store.cases(&page).unwrap().len() + store.approvals(&page).unwrap().len(), 2);
}

fn all_stale_keys(store: &dyn Store) {
    let key = |n: &str| Key::Stock(source_id("acme"), sku(n));
    let record = |n: &str| Some(Record::Stock(Arc::new(stock("acme", n, 1))));
    done(commit(store, vec![write(key("A"), 0, record("A")), write(key("B"), 0, record("B"))]));
    let item = Some(Record::Item(Arc::new(item("A"))));
    let writes = vec![
        write(key("B"), 0, record("B")),
        write(key("C"), 2, record("C")),
        write(key("A"), 1, record("A")),
        write(Key::Item(sku("A")), 4, item),
    ];
    assert_eq!(conflicts(commit(store, writes)), [Key::Item(sku("A")), key("B"), key("C")]);
}

fn removal(store: &dyn Store) {
    for (key, record) in one_of_each() {
        done(commit(store, vec![write(key.clone(), 0, Some(record.clone()))]));
        assert_eq!(conflicts(commit(store, vec![write(key.clone(), 2, None)])), [key.clone()]);
        assert_eq!(conflicts(commit(store, vec![write(key.clone(), 0, None)])), [key.clone()]);
        done(commit(store, vec![write(key.clone(), 1, None)]));
        assert_eq!(store.load(std::slice::from_ref(&key)).unwrap(), [None]);
        assert_eq!(conflicts(commit(store, vec![write(key.clone(), 1, None)])), [key.clone()]);
        done(commit(store, vec![write(key.clone(), 0, None)]));
    }
}

fn refusals(store: &dyn Store) {
    let wrong = write(Key::Item(sku("MUG")), 0, Some(Record::Load(Arc::new(Load::default()))));
    assert!(store.commit(&Commit { writes: vec![wrong], ..Commit::default() }).is_err());
    let mut all = order_commit("1001", "MUG", "acme", at(0));
    let IndexRow::PurchaseOrder { state, .. } = &mut all.index[0] else { panic!() };
    *state = "lost".into();
    assert!(store.commit(&all).is_err());
    let mut all = order_commit("1001", "MUG", "acme", at(0));
    all.outbox[0].id = "other".into();
    assert!(store.commit(&all).is_err());
    let mut all = order_commit("1001", "MUG", "acme", at(0));
    all.inbox.push((77, InboxState::Done, None));
    assert!(store.commit(&all).is_err(), "there is no such inbox entry");
    let mut all = order_commit("1001", "MUG", "acme", at(0));
    all.sent.push(("1-1".into(), countersign_runtime::ports::ErrandState::Sent { at: at(0) }));
    assert!(store.commit(&all).is_err(), "there is no such errand");
    assert_eq!(store.head().unwrap().0, 0);
    assert_eq!(done(store.commit(&order_commit("1001", "MUG", "acme", at(0))).unwrap()), 1);
}

fn answer(key: &str, second: i64) -> Answer {
    let (fingerprint, body) = ("f1".into(), format!("{{\"for\":\"{key}\"}}"));
    Answer { key: key.into(), fingerprint, status: 201, body, at: at(second) }
}

fn answers(store: &dyn Store) {
    assert_eq!(store.answer("a").unwrap(), None);
    let first = Commit { answers: vec![answer("a", 0), answer("b", 0)], ..Commit::default() };
    done(store.commit(&first).unwrap());
    assert_eq!(store.answer("a").unwrap(), Some(answer("a", 0)));
    let entry = NewEntry { subject: None, at: at(1), body: "{}".into() };
    let again = Commit { entries: vec![entry], answers: vec![answer("c", 1), answer("a", 1)], ..Commit::default() };
    assert_eq!(conflicts(store.commit(&again).unwrap()), [], "a taken key conflicts and names no record");
    assert_eq!(store.head().unwrap().0, 0);
    assert_eq!(store.answer("a").unwrap(), Some(answer("a", 0)));
    assert_eq!(store.answer("c").unwrap(), None);
}

fn old_answers(store: &dyn Store) {
    let day = 24 * 3600;
    for (n, second) in [0, 1, day + 2].into_iter().enumerate() {
        let one = Commit { answers: vec![answer(&n.to_string(), second)], ..Commit::default() };
        done(store.commit(&one).unwrap());
    }
    assert_eq!((store.answer("0").unwrap(), store.answer("1").unwrap()), (None, None));
    assert!(store.answer("2").unwrap().is_some());
}

fn people(store: &dyn Store) {
    let (id, other) = (order_id("1001"), order_id("1002"));
    let row =
        |order: &countersign_engine::ids::OrderId, body: &str| PersonRow { order: order.clone(), body: body.into() };
    let people = vec![row(&id, "{\"a\":1}"), row(&other, "{\"b\":\"ü\"}"), row(&id, "{\"a\":2}")];
    done(store.commit(&Commit { people, ..Commit::default() }).unwrap());
    assert_eq!(store.person(&id).unwrap().as_deref(), Some("{\"a\":2}"), "the last one wins");
    assert!(store.erase_person(&id).unwrap());
    assert!(!store.erase_person(&id).unwrap());
    assert_eq!(store.person(&id).unwrap(), None);
    assert_eq!(store.person(&other).unwrap().as_deref(), Some("{\"b\":\"ü\"}"));
}

fn settings(store: &dyn Store) {
    let put = |expected, body| store.put_setting("key", "a", expected, body).unwrap();
    assert_eq!(store.setting("key", "a").unwrap(), None);
    assert!(!put(Some(1), Some("x")), "expected one, found none");
    assert!(put(Some(0), Some("one")));
    assert!(!put(Some(0), Some("x")), "expected none, found one");
    assert_eq!(store.setting("key", "a").unwrap(), Some((1, "one".into())));
    assert!(put(Some(1), Some("two")));
    assert!(!put(Some(1), Some("x")));
    assert!(put(None, Some("three")));
    assert_eq!(store.setting("key", "a").unwrap(), Some((3, "three".into())));
    assert!(store.put_setting("key", "0", None, Some("zero")).unwrap());
    assert!(store.put_setting("other", "a", None, Some("x")).unwrap());
    let all = [("0".to_owned(), "zero".to_owned()), ("a".into(), "three".into())];
    assert_eq!(store.settings("key").unwrap(), all);
    assert!(store.put_setting("key", "b", None, Some("later")).unwrap());
    let until = |id: &str, limit| store.settings_until("key", id, limit).unwrap();
    assert_eq!(until("a", 9), ["0", "a"], "up to and including, and not those of another kind");
    assert_eq!(until("az", 1), ["0"], "the first ones");
    assert!(until("", 9).is_empty());
    assert!(store.put_setting("key", "b", None, None).unwrap());
    assert!(!put(Some(2), None));
    assert!(put(Some(3), None));
    assert_eq!(store.setting("key", "a").unwrap(), None);
    assert!(put(None, None), "removing what is not there is done already");
    assert!(put(Some(0), None));
    assert!(!put(Some(3), None));
}

fn sequences(store: &dyn Store) {
    for n in 1..=5 {
        assert_eq!(store.next_number("x12:acme:interchange").unwrap(), n);
    }
    assert_eq!(store.next_number("x12:bolt:interchange").unwrap(), 1);
    let mut all: Vec<u64> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| (0..20).map(|_| store.next_number("race").unwrap()).collect::<Vec<_>>()))
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    all.sort();
    assert_eq!(all, (1..=160).collect::<Vec<_>>());
}

fn ready(store: &dyn Store) {
    store.ready().unwrap();
    done(store.commit(&order_commit("1001", "MUG", "acme", at(0))).unwrap());
    store.receive(&inbox()).unwrap();
    let counts = store.counts().unwrap();
    let count = |name: &str| counts.iter().find(|(n, _)| *n == name).unwrap().1;
    assert_eq!((count("orders"), count("journal"), count("outbox_waiting")), (1, 1, 1));
    assert_eq!((count("inbox"), count("inbox_waiting"), count("items"), count("cases_open")), (1, 1, 0, 0));
    assert_eq!(counts.len(), 10);
}

fn due(store: &dyn Store) {
    assert_eq!(store.next_due().unwrap(), None);
    for (id, second) in [("b", 5), ("a", 5), ("c", 1)] {
        done(store.commit(&order_commit(id, "MUG", "acme", at(second))).unwrap());
    }
    let wake = |second: i64| at(second + 4 * 3600);
    assert_eq!(store.next_due().unwrap(), Some(wake(1)));
    assert!(store.due(wake(0), 10).unwrap().is_empty());
    let all = [(order_id("c"), wake(1)), (order_id("a"), wake(5)), (order_id("b"), wake(5))];
    assert_eq!(store.due(wake(5), 10).unwrap(), all);
    assert_eq!(store.due(wake(5), 2).unwrap(), all[..2]);
    assert_eq!(store.due(wake(4), 10).unwrap(), all[..1]);
    let mut quiet = order("c", "MUG", "acme", at(1));
    quiet.purchase_orders.clear();
    quiet.assignments.clear();
    done(commit(store, vec![write(Key::Order(order_id("c")), 1, Some(Record::Order(Arc::new(quiet))))]));
    assert_eq!(store.next_due().unwrap(), Some(wake(5)));
}

pub fn inbox() -> NewInbox {
    NewInbox {
        channel: "source:acme".into(),
        name: "a.edi".into(),
        hash: [7; 32],
        bytes: vec![0, 1, 255],
        received_at: at(0),
        replays: None,
    }
}
