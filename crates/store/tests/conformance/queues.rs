//! Inbox and outbox.

use super::records::{done, inbox};
use crate::{Check, at, po, source_id};
use countersign_runtime::ports::{
    Commit, EXCHANGE_AGE_MAX, ErrandState, Exchange, InboxState, Rendered, Store, StoreError,
};
use countersign_store::testing::order_commit;
use jiff::SignedDuration;

pub const CHECKS: &[(&str, Check)] = &[
    ("bytes that came in are kept", bytes_are_kept),
    ("a duplicate is kept and marked", duplicates),
    ("inbox entries are listed by state", inbox_by_state),
    ("inbox entries are found by purchase order", related),
    ("personal data in papers and files is covered", covered),
    ("errands are claimed once and lapse", leases),
    ("claims at the same time do not overlap", claims),
    ("that a try begins is noted", begun),
    ("the first rendering stands", rendering),
    ("a paper may come with its errand", papers_at_once),
    ("tries end in waiting, sent or dead", ends),
    ("errands are found by purchase order and reference", found),
    ("an errand given twice is run once", given_twice),
    ("the first exchange stands until it is replaced", exchanges),
    ("exchanges are due by their time, and old ones are forgotten", due_exchanges),
    ("pieces of something large are kept, replaced and let go", pieces),
];

fn pieces(store: &dyn Store) {
    assert_eq!(store.piece("h", 0).unwrap(), None);
    let large: Vec<u8> = (0..1_u32 << 20).map(|n| (n % 251) as u8).collect();
    store.put_piece("h", 0, &large).unwrap();
    store.put_piece("h", 1, b"").unwrap();
    store.put_piece("other", 0, b"stays").unwrap();
    assert_eq!(store.piece("h", 0).unwrap().as_deref(), Some(&large[..]));
    assert_eq!(store.piece("h", 1).unwrap().as_deref(), Some(&b""[..]));
    assert_eq!(store.piece("h", 2).unwrap(), None);
    store.put_piece("h", 1, &[0, 255, 1]).unwrap();
    assert_eq!(store.piece("h", 1).unwrap().as_deref(), Some(&[0, 255, 1][..]));
    store.remove_pieces("h").unwrap();
    store.remove_pieces("never").unwrap();
    assert_eq!((store.piece("h", 0).unwrap(), store.piece("h", 1).unwrap()), (None, None));
    assert_eq!(store.piece("other", 0).unwrap().as_deref(), Some(&b"stays"[..]));
}

fn exchange(id: &str, second: i64, due: Option<i64>) -> Exchange {
    Exchange { pair: "A>B".into(), message_id: id.into(), at: at(second), due: due.map(at), body: format!("{second}") }
}

fn exchanges(store: &dyn Store) {
    assert_eq!(store.exchange("A>B", "1").unwrap(), None);
    assert!(store.put_exchange(&exchange("1", 0, None), false).unwrap());
    assert!(!store.put_exchange(&exchange("1", 5, None), false).unwrap(), "the first one stands");
    assert_eq!(store.exchange("A>B", "1").unwrap(), Some(exchange("1", 0, None)));
    assert_eq!(store.exchange("B>A", "1").unwrap(), None, "the other way round is another one");
    assert!(store.put_exchange(&exchange("1", 5, Some(9)), true).unwrap());
    let replaced = Exchange { at: at(0), ..exchange("1", 5, Some(9)) };
    assert_eq!(store.exchange("A>B", "1").unwrap(), Some(replaced), "when it came stays");
    assert!(store.put_exchange(&exchange("2", 1, None), true).unwrap());
    assert_eq!(store.exchange("A>B", "2").unwrap(), Some(exchange("2", 1, None)));
}

fn due_exchanges(store: &dyn Store) {
    for (id, due) in [("never", None), ("late", Some(30)), ("soon", Some(10)), ("next", Some(20))] {
        assert!(store.put_exchange(&exchange(id, 0, due), false).unwrap());
    }
    let due = |second, limit| {
        let due = store.due_exchanges(at(second), limit).unwrap();
        due.into_iter().map(|one| one.message_id).collect::<Vec<_>>()
    };
    assert_eq!(due(9, 10), Vec::<String>::new());
    assert_eq!(due(20, 10), ["soon", "next"]);
    assert_eq!(due(99, 1), ["soon"]);
    let later = EXCHANGE_AGE_MAX.as_secs() + 1;
    assert!(store.put_exchange(&exchange("new", later, None), false).unwrap());
    assert_eq!(store.exchange("A>B", "never").unwrap(), None, "old and settled: forgotten");
    assert!(store.exchange("A>B", "late").unwrap().is_some(), "still waited for");
}

fn bytes_are_kept(store: &dyn Store) {
    let mut new = inbox();
    new.name = "odd\0name".into();
    let kept = store.receive(&new).unwrap();
    assert_eq!((kept.id, kept.state, kept.findings.clone()), (1, InboxState::Waiting, None));
    assert_eq!(kept.new.name, "odd\u{FFFD}name");
    new.name.clone_from(&kept.new.name);
    assert_eq!(kept.new, new);
    assert_eq!(store.inbox_entry(1).unwrap(), Some(kept));
    assert_eq!(store.inbox_entry(2).unwrap(), None);
    new.bytes = vec![9; 3_000_000];
    new.hash = [9; 32];
    let large = store.receive(&new).unwrap();
    assert_eq!(store.inbox_entry(large.id).unwrap(), Some(large));
}

fn duplicates(store: &dyn Store) {
    let first = store.receive(&inbox()).unwrap();
    let mut other = inbox();
    other.name = "b.edi".into();
    assert_eq!(store.receive(&other).unwrap().state, InboxState::Duplicate, "the name does not matter");
    other.channel = "source:bolt".into();
    assert_eq!(store.receive(&other).unwrap().state, InboxState::Waiting, "another channel");
    other.channel = inbox().channel;
    other.hash = [8; 32];
    assert_eq!(store.receive(&other).unwrap().state, InboxState::Waiting, "other bytes");
    let mut replay = inbox();
    replay.replays = Some(first.id);
    assert_eq!(store.receive(&replay).unwrap().state, InboxState::Waiting, "a replay is none");
    replay.hash = [6; 32];
    assert_eq!(store.receive(&replay).unwrap().state, InboxState::Waiting);
    let mut later = inbox();
    later.hash = [6; 32];
    assert_eq!(store.receive(&later).unwrap().state, InboxState::Waiting, "nothing duplicates a replay");
    let ids: Vec<_> = store.inbox(InboxState::Waiting, 0, 10).unwrap().iter().map(|e| e.id).collect();
    assert_eq!(ids, [1, 3, 4, 5, 6, 7]);
    let race = std::thread::scope(|scope| {
        let mut new = inbox();
        new.hash = [5; 32];
        let receive = |new: countersign_runtime::ports::NewInbox| store.receive(&new).unwrap().state;
        let threads: Vec<_> = (0..6).map(|_| (new.clone(), receive)).map(|(n, f)| scope.spawn(move || f(n))).collect();
        threads.into_iter().map(|t| t.join().unwrap()).filter(|state| *state == InboxState::Waiting).count()
    });
    assert_eq!(race, 1, "of equal files at the same time one is the first");
}

fn inbox_by_state(store: &dyn Store) {
    for n in 0..5 {
        let mut new = inbox();
        new.hash = [n; 32];
        store.receive(&new).unwrap();
    }
    let settled = vec![(2, InboxState::Done, Some("[1]".to_owned())), (4, InboxState::Quarantined, None)];
    done(store.commit(&Commit { inbox: settled, ..Commit::default() }).unwrap());
    let ids =
        |state, after, limit| -> Vec<u64> { store.inbox(state, after, limit).unwrap().iter().map(|e| e.id).collect() };
    assert_eq!(ids(InboxState::Waiting, 0, 10), [1, 3, 5]);
    assert_eq!(ids(InboxState::Waiting, 1, 1), [3]);
    assert_eq!(ids(InboxState::Quarantined, 0, 10), [4]);
    let entry = store.inbox_entry(2).unwrap().unwrap();
    assert_eq!((entry.state, entry.findings.as_deref()), (InboxState::Done, Some("[1]")));
    done(store.commit(&Commit { inbox: vec![(2, InboxState::Waiting, None)], ..Commit::default() }).unwrap());
    assert_eq!(store.inbox_entry(2).unwrap().unwrap().findings.as_deref(), Some("[1]"), "findings stay");
}

fn related(store: &dyn Store) {
    let (a, mut b) = (store.receive(&inbox()).unwrap(), inbox());
    b.hash = [1; 32];
    let b = store.receive(&b).unwrap();
    store.relate(b.id, &[po("1001-1"), po("1002-1")]).unwrap();
    store.relate(a.id, &[po("1001-1")]).unwrap();
    store.relate(a.id, &[po("1001-1")]).unwrap();
    store.relate(a.id, &[]).unwrap();
    assert_eq!(store.inbox_of(&po("1001-1")).unwrap(), [a, b.clone()]);
    assert_eq!(store.inbox_of(&po("1002-1")).unwrap(), [b]);
    assert!(store.inbox_of(&po("1003-1")).unwrap().is_empty());
}

fn covered(store: &dyn Store) {
    let (first, mut other) = (store.receive(&inbox()).unwrap(), inbox());
    other.hash = [1; 32];
    let other = store.receive(&other).unwrap();
    done(
        store
            .commit(&Commit { inbox: vec![(1, InboxState::Quarantined, Some("[1]".into()))], ..Commit::default() })
            .unwrap(),
    );
    assert!(store.cover_inbox(first.id, b"xxx", Some("[2\0]")).unwrap());
    assert!(!store.cover_inbox(99, b"xxx", None).unwrap(), "there is no such entry");
    let now = store.inbox_entry(first.id).unwrap().unwrap();
    assert_eq!((now.new.bytes.as_slice(), now.state), (b"xxx".as_slice(), InboxState::Quarantined));
    assert_eq!(now.findings.as_deref(), Some("[2\u{FFFD}]"));
    assert_eq!((now.new.hash, &now.new.name), (first.new.hash, &first.new.name), "all else stays");
    assert_eq!(store.inbox_entry(other.id).unwrap().unwrap(), other);
    assert_eq!(store.receive(&inbox()).unwrap().state, InboxState::Duplicate, "the same bytes are known again");
    assert!(store.cover_inbox(first.id, b"", None).unwrap());
    assert_eq!(store.inbox_entry(first.id).unwrap().unwrap().findings, None);

    orders(store, &[("a", 0), ("b", 0)]);
    assert!(!store.cover_paper("a-1", b"yyy").unwrap(), "nothing is rendered");
    render(store, "a-1", paper("first")).unwrap();
    render(store, "b-1", paper("other")).unwrap();
    assert!(store.cover_paper("a-1", b"yyy").unwrap());
    let rendered = |number: &str| store.errands_of(&po(number)).unwrap().remove(0).rendered;
    assert_eq!(rendered("a-1"), Some(Rendered { bytes: b"yyy".to_vec(), ..paper("first") }));
    assert_eq!(rendered("b-1"), Some(paper("other")));
    assert!(!store.cover_paper("x-1", b"yyy").unwrap());
}

fn orders(store: &dyn Store, seconds: &[(&str, i64)]) {
    for (id, second) in seconds {
        done(store.commit(&order_commit(id, "MUG", "acme", at(*second))).unwrap());
    }
}

fn ids(errands: &[countersign_runtime::ports::Errand]) -> Vec<&str> {
    errands.iter().map(|e| e.new.id.as_str()).collect()
}

fn leases(store: &dyn Store) {
    assert_eq!(store.next_errand().unwrap(), None);
    orders(store, &[("c", 3), ("b", 5), ("a", 5)]);
    assert_eq!(store.next_errand().unwrap(), Some(at(3)));
    assert!(store.errands(at(2), 60, 10).unwrap().is_empty());
    let claimed = store.errands(at(10), 60, 2).unwrap();
    assert_eq!(ids(&claimed), ["c-1", "b-1"], "earliest first, then in the order they were given");
    let expected = ErrandState::Waiting { due: at(3), error: None };
    assert_eq!((claimed[0].state.clone(), claimed[0].tries, claimed[0].rendered.clone()), (expected, 0, None));
    assert_eq!(claimed[0].new.effect, order_commit("c", "MUG", "acme", at(3)).outbox[0].effect);
    assert_eq!(store.next_errand().unwrap(), Some(at(5)));
    assert_eq!(ids(&store.errands(at(20), 60, 10).unwrap()), ["a-1"]);
    assert!(store.errands(at(69), 60, 10).unwrap().is_empty());
    assert_eq!(store.next_errand().unwrap(), Some(at(70)), "when the first lease lapses");
    assert_eq!(ids(&store.errands(at(70), 60, 10).unwrap()), ["c-1", "b-1"]);
    assert_eq!(store.next_errand().unwrap(), Some(at(80)));
}

fn claims(store: &dyn Store) {
    let all: Vec<_> = (0..40).map(|n| format!("o{n}")).collect();
    orders(store, &all.iter().map(|id| (id.as_str(), 0)).collect::<Vec<_>>());
    let mut got: Vec<String> = std::thread::scope(|scope| {
        let claim =
            || store.errands(at(1), 60, 7).unwrap().into_iter().map(|e| e.new.id.to_string()).collect::<Vec<_>>();
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(claim)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    got.extend(store.errands(at(1), 60, 100).unwrap().into_iter().map(|e| e.new.id.to_string()));
    assert_eq!(got.len(), 40);
    got.sort();
    got.dedup();
    assert_eq!(got.len(), 40, "none is claimed twice, none is left");
}

fn paper(text: &str) -> Rendered {
    Rendered {
        name: "850.edi".into(),
        media_type: "application/edi-x12".into(),
        bytes: text.into(),
        reference: "7,9".into(),
    }
}

fn render(store: &dyn Store, id: &str, paper: Rendered) -> Result<Rendered, StoreError> {
    Ok(store.render(&[(id.into(), paper)])?.remove(0))
}

fn papers_at_once(store: &dyn Store) {
    let mut commit = order_commit("a", "MUG", "acme", at(0));
    commit.papers.push(("a-1".into(), paper("at once")));
    done(store.commit(&commit).unwrap());
    assert_eq!(store.errands(at(1), 60, 1).unwrap()[0].rendered, Some(paper("at once")));
    assert_eq!(render(store, "a-1", paper("later")).unwrap(), paper("at once"));
}

fn rendering(store: &dyn Store) {
    orders(store, &[("a", 0), ("c", 0)]);
    let some = [("c-1".into(), paper("c")), ("b-1".into(), paper("b"))];
    assert!(store.render(&some).is_err(), "one of them does not exist");
    assert_eq!(render(store, "c-1", paper("c, again")).unwrap(), paper("c, again"), "and so neither was kept");
    let both = [("c-1".into(), paper("other")), ("a-1".into(), paper("first"))];
    assert_eq!(store.render(&both).unwrap(), [paper("c, again"), paper("first")]);
    assert!(render(store, "b-1", paper("x")).is_err(), "there is no such errand");
    assert_eq!(render(store, "a-1", paper("first")).unwrap(), paper("first"));
    assert_eq!(render(store, "a-1", paper("second")).unwrap(), paper("first"));
    assert_eq!(store.errands(at(1), 60, 1).unwrap()[0].rendered, Some(paper("first")));
    let moved = Rendered { media_type: "application/json".into(), ..paper("moved") };
    assert_eq!(render(store, "a-1", moved.clone()).unwrap(), moved, "another form takes the place of the first");
    assert_eq!(render(store, "a-1", Rendered { bytes: vec![], ..moved.clone() }).unwrap(), moved);
}

fn begun(store: &dyn Store) {
    orders(store, &[("a", 0)]);
    assert_eq!(store.errands(at(1), 60, 10).unwrap().len(), 1);
    store.begin("a-1", "unknown: being sent").unwrap();
    assert!(store.errands(at(1), 60, 10).unwrap().is_empty(), "its claim goes on");
    let known = store.errands_of(&po("a-1")).unwrap().remove(0);
    let noted = |state: &ErrandState| matches!(state, ErrandState::Waiting { error: Some(note), .. } if note == "unknown: being sent");
    assert!(noted(&known.state) && known.tries == 0, "{known:?}");
    store.settle("a-1", &ErrandState::Sent { at: at(2) }).unwrap();
    assert!(store.begin("a-1", "again").is_err(), "it waits no more");
    assert!(store.begin("x-1", "again").is_err(), "there is no such errand");
}

fn ends(store: &dyn Store) {
    orders(store, &[("a", 0), ("b", 0), ("c", 0)]);
    assert_eq!(store.errands(at(1), 60, 10).unwrap().len(), 3);
    let again = ErrandState::Waiting { due: at(30), error: Some("refused\0".into()) };
    store.settle("a-1", &again).unwrap();
    assert_eq!(store.next_errand().unwrap(), Some(at(30)), "a try that ended gives its claim back");
    store.settle("b-1", &ErrandState::Dead { error: "too often".into() }).unwrap();
    let sent = vec![("c-1".into(), ErrandState::Sent { at: at(2) })];
    done(store.commit(&Commit { sent, ..Commit::default() }).unwrap());
    assert!(store.settle("x-1", &again).is_err(), "there is no such errand");
    let state = |number: &str| {
        let one = store.errands_of(&po(number)).unwrap().remove(0);
        (one.state, one.tries)
    };
    let kept = ErrandState::Waiting { due: at(30), error: Some("refused\u{FFFD}".into()) };
    assert_eq!(state("a-1"), (kept, 1));
    assert_eq!(state("b-1"), (ErrandState::Dead { error: "too often".into() }, 1));
    assert_eq!(state("c-1"), (ErrandState::Sent { at: at(2) }, 1));
    let claimed = store.errands(at(99), 60, 10).unwrap();
    assert_eq!((ids(&claimed), claimed[0].tries), (vec!["a-1"], 1));
    store.settle("a-1", &ErrandState::Sent { at: at(99) }).unwrap();
    assert_eq!(store.next_errand().unwrap(), None);
    store.settle("b-1", &ErrandState::Waiting { due: at(100), error: None }).unwrap();
    assert_eq!(store.next_errand().unwrap(), Some(at(100)), "a dead one can be given another chance");
}

fn found(store: &dyn Store) {
    orders(store, &[("1001", 0), ("10011", 0)]);
    let mut more = Commit::default();
    for id in ["1001-1.reminder.2", "1001-1.cancel.1", "1001-11", "1001-1.again.1"] {
        let mut errand = order_commit("1001", "MUG", "acme", at(5)).outbox.remove(0);
        errand.id = id.into();
        errand.po = po(if id == "1001-11" { id } else { "1001-1" });
        more.outbox.push(errand);
    }
    done(store.commit(&more).unwrap());
    let of = store.errands_of(&po("1001-1")).unwrap();
    assert_eq!(ids(&of), ["1001-1", "1001-1.reminder.2", "1001-1.cancel.1", "1001-1.again.1"], "oldest first");
    assert!(store.errands_of(&po("1001-2")).unwrap().is_empty());
    let by = |source: &str, reference: &str| {
        store.errand_by_reference(&source_id(source), reference).unwrap().map(|e| e.new.id.to_string())
    };
    assert_eq!(by("acme", "7,9"), None);
    render(store, "1001-1", paper("x")).unwrap();
    render(store, "1001-11", Rendered { reference: "".into(), ..paper("y") }).unwrap();
    assert_eq!(by("acme", "7,9").as_deref(), Some("1001-1"));
    assert_eq!((by("bolt", "7,9"), by("acme", "7"), by("acme", "")), (None, None, None));
    render(store, "1001-1.again.1", paper("z")).unwrap();
    assert_eq!(by("acme", "7,9").as_deref(), Some("1001-1.again.1"), "numbers that wrap: the newest");
}

fn given_twice(store: &dyn Store) {
    orders(store, &[("a", 0)]);
    store.settle("a-1", &ErrandState::Sent { at: at(1) }).unwrap();
    let mut again = order_commit("a", "MUG", "acme", at(50)).outbox;
    again.push(again[0].clone());
    done(store.commit(&Commit { outbox: again, ..Commit::default() }).unwrap());
    assert_eq!(store.next_errand().unwrap(), None);
    assert!(store.next_due().unwrap() > Some(at(0) + SignedDuration::from_secs(1)));
}
