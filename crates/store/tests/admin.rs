//! What an administrator does with a store: back it up, move it, open it again, fill its disk.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may stop")]

use countersign_engine::command::{Actor, Command, Deed};
use countersign_engine::ids::OrderId;
use countersign_engine::reason::Reason;
use countersign_runtime::ports::{Commit, Committed, NewInbox, OrderQuery, Rendered, Store, StoreError};
use countersign_runtime::{Desk, Request, Settings, wake};
use countersign_store::audit::{Head, verify_store};
use countersign_store::testing::{TemporaryFolder, item, order_commit, postgres_or_skip};
use countersign_store::{PostgresStore, SqliteStore, copy_to_postgres};
use jiff::Timestamp;
use std::sync::Arc;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_795_000_000 + second).unwrap()
}

/// A store with something in most tables.
fn filled(path: &std::path::Path, orders: usize) -> SqliteStore {
    let store = SqliteStore::open(path).unwrap();
    for n in 0..orders {
        let mut one = order_commit(&format!("web-{n}"), "MUG", "acme", at(n as i64));
        if n == 0 {
            let key = countersign_engine::slice::Key::Item(countersign_engine::ids::Sku::new("MUG").unwrap());
            let record = Some(countersign_engine::slice::Record::Item(Arc::new(item("MUG"))));
            one.writes.push(countersign_runtime::ports::Write { key, expected: 0, record });
        }
        assert!(matches!(store.commit(&one).unwrap(), Committed::Done { .. }));
    }
    let bytes = vec![0, 159, 146, 150];
    let (channel, name) = ("source:acme".into(), "a.edi".into());
    store.receive(&NewInbox { channel, name, hash: [3; 32], bytes, received_at: at(0), replays: None }).unwrap();
    store.put_setting("key", "a", None, Some("x")).unwrap();
    let (name, media_type, reference) = ("850".into(), "text/plain".into(), "7".into());
    store.render(&[("web-0-1".into(), Rendered { name, media_type, bytes: vec![0, 255], reference })]).unwrap();
    assert_eq!(store.next_number("x12").unwrap(), 1);
    store
}

fn head(store: &dyn Store) -> Head {
    let (position, hash) = store.head().unwrap();
    Head { position, hash }
}

#[test]
fn asking_for_a_store_makes_none() {
    let folder = TemporaryFolder::new("asked").unwrap();
    let path = folder.path().join("a.sqlite");
    let place = path.display().to_string();
    assert!(!countersign_store::is_set_up(&place).unwrap() && !path.exists());
    drop(countersign_store::open(&place).unwrap());
    assert!(countersign_store::is_set_up(&place).unwrap());
    let Some(server) = postgres_or_skip() else { return };
    let place = server.database().unwrap();
    assert!(!countersign_store::is_set_up(&place).unwrap());
    assert!(!countersign_store::is_set_up(&place).unwrap(), "and asking changes nothing");
    drop(countersign_store::open(&place).unwrap());
    assert!(countersign_store::is_set_up(&place).unwrap());
}

#[test]
fn a_store_is_the_same_when_it_is_opened_again() {
    let folder = TemporaryFolder::new("again").unwrap();
    let path = folder.path().join("a.sqlite");
    let before = head(&filled(&path, 5));
    let store = countersign_store::open(path.to_str().unwrap()).unwrap();
    assert_eq!(verify_store(store.as_ref(), Some(&before)).unwrap(), Ok(before));
    assert!(matches!(store.commit(&order_commit("more", "MUG", "acme", at(9))).unwrap(), Committed::Done { first: 6 }));
}

#[test]
fn words_that_a_release_before_kept_are_found_whatever_their_case() {
    let folder = TemporaryFolder::new("words").unwrap();
    let path = folder.path().join("a.sqlite");
    let store = SqliteStore::open(&path).unwrap();
    store.commit(&order_commit("R4-A", "Mug", "acme", at(1))).unwrap();
    store.commit(&order_commit("1002", "cup", "acme", at(2))).unwrap();
    while store.roll_up(100).unwrap() > 0 {}
    drop(store);
    let before = "DELETE FROM migrations WHERE name = '0009_words_in_lower_case';
        DELETE FROM order_words;
        INSERT INTO order_words SELECT 'Mug', captured_at, id FROM orders WHERE id = 'R4-A';
        INSERT INTO order_words SELECT 'cup', captured_at, id FROM orders WHERE id = '1002';
        INSERT INTO fresh_words SELECT '1Z9', captured_at, id FROM orders WHERE id = 'R4-A'";
    rusqlite::Connection::open(&path).unwrap().execute_batch(before).unwrap();
    let store = SqliteStore::open(&path).unwrap();
    let found = |text: &str| {
        let query = OrderQuery { text: Some(text.into()), limit: 9, ..OrderQuery::default() };
        store.orders(&query).unwrap().len()
    };
    for text in ["mug", "MUG", "r4-a", "R4-A", "r4-a-1", "1z9", "CUP", "1002-1"] {
        assert_eq!(found(text), 1, "{text}");
    }
    assert_eq!(found("nothing"), 0);
}

#[test]
fn a_backup_is_a_store_of_one_instant() {
    let folder = TemporaryFolder::new("backup").unwrap();
    let store = filled(&folder.path().join("a.sqlite"), 200);
    let copy = folder.path().join("b.sqlite");
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            (0..50).for_each(|n| drop(store.commit(&order_commit(&format!("late-{n}"), "MUG", "acme", at(0))).unwrap()))
        });
        store.backup(&copy).unwrap();
        writer.join().unwrap();
    });
    assert!(store.backup(&copy).is_err(), "a backup overwrites nothing");
    let copy = SqliteStore::open(&copy).unwrap();
    let end = head(&copy);
    assert!((200..=250).contains(&end.position));
    assert_eq!(verify_store(&copy, Some(&end)).unwrap(), Ok(end));
    assert_eq!(store.journal(end.position - 1, 1).unwrap(), copy.journal(end.position - 1, 1).unwrap());
    assert_eq!(copy.counts().unwrap().iter().find(|(n, _)| *n == "orders").unwrap().1, end.position);
}

#[test]
fn a_store_moves_to_postgres_whole() {
    let Some(server) = postgres_or_skip() else { return };
    let folder = TemporaryFolder::new("move").unwrap();
    let path = folder.path().join("a.sqlite");
    let old = filled(&path, 2_100);
    let new = PostgresStore::open(&server.database().unwrap()).unwrap();
    let copied = copy_to_postgres(&path, &new).unwrap();
    assert_eq!(copied.head, head(&old));
    assert!(copied.rows.contains(&("orders".into(), 2_100)), "{:?}", copied.rows);
    let all = OrderQuery { limit: 5_000, ..OrderQuery::default() };
    assert_eq!(old.orders(&all).unwrap(), new.orders(&all).unwrap());
    assert_eq!(old.counts().unwrap(), new.counts().unwrap());
    assert_eq!(old.inbox_entry(1).unwrap(), new.inbox_entry(1).unwrap());
    assert_eq!(old.errands(at(99_999), 60, 5_000).unwrap(), new.errands(at(99_999), 60, 5_000).unwrap());
    assert_eq!(new.setting("key", "a").unwrap(), Some((1, "x".into())));
    assert_eq!((new.next_number("x12").unwrap(), new.next_number("store:inbox").unwrap()), (2, 2));
    let next = new.commit(&order_commit("more", "MUG", "acme", at(9))).unwrap();
    assert_eq!(next, Committed::Done { first: 2_101 });
    assert!(copy_to_postgres(&path, &new).is_err(), "only into an empty one");
}

#[test]
fn a_changed_entry_is_found_in_the_file() {
    let folder = TemporaryFolder::new("tamper").unwrap();
    let path = folder.path().join("a.sqlite");
    let known = head(&filled(&path, 5));
    let changes = [
        "UPDATE journal SET body = replace(body, 'USD', 'EUR') WHERE position = 3",
        "DELETE FROM journal WHERE position = 3",
        "DELETE FROM journal WHERE position = 5",
        "UPDATE journal SET hash = zeroblob(32) WHERE position = 3",
    ];
    for (n, change) in changes.into_iter().enumerate() {
        let copy = folder.path().join(format!("{n}.sqlite"));
        SqliteStore::open(&path).unwrap().backup(&copy).unwrap();
        rusqlite::Connection::open(&copy).unwrap().execute_batch(change).unwrap();
        let store = SqliteStore::open(&copy).unwrap();
        let fault = verify_store(&store, Some(&known)).unwrap().unwrap_err();
        assert_eq!(fault.position, if n == 2 { 5 } else { 3 }, "{change}: {fault}");
    }
}

#[test]
fn a_full_disk_refuses_and_loses_nothing() {
    let folder = TemporaryFolder::new("full").unwrap();
    let path = folder.path().join("a.sqlite");
    let store = filled(&path, 20);
    store.limit_size(2 << 20).unwrap();
    let mut taken = 20;
    let refused = loop {
        match store.commit(&order_commit(&format!("next-{taken}"), "MUG", "acme", at(0))) {
            Ok(Committed::Done { .. }) => taken += 1,
            Ok(other) => panic!("{other:?}"),
            Err(why) => break why,
        }
        assert!(taken < 10_000, "the disk was never full");
    };
    assert!(matches!(refused, StoreError::Unwritable(_)), "{refused}");
    let large = NewInbox {
        channel: "c".into(),
        name: "n".into(),
        hash: [1; 32],
        bytes: vec![1; 3 << 20],
        received_at: at(0),
        replays: None,
    };
    assert!(matches!(store.receive(&large), Err(StoreError::Unwritable(_))));
    assert_eq!(head(&store).position, taken, "what was taken is there, what was refused is not");
    assert!(verify_store(&store, None).unwrap().is_ok());
    store.limit_size(1 << 30).unwrap();
    store.ready().unwrap();
    let next = store.commit(&order_commit("after", "MUG", "acme", at(0))).unwrap();
    assert_eq!(next, Committed::Done { first: taken + 1 }, "it goes on as soon as there is room");
}

#[test]
fn one_callers_failure_is_not_anothers() {
    let folder = TemporaryFolder::new("shared").unwrap();
    let store = filled(&folder.path().join("a.sqlite"), 1);
    let store = &store;
    let done = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..200)
            .map(|n| {
                scope.spawn(move || match n % 4 {
                    0 => matches!(
                        store.commit(&order_commit("web-0", "MUG", "acme", at(0))),
                        Ok(Committed::Conflict { .. })
                    ),
                    1 => store.commit(&order_commit(&format!("o{n}"), "MUG", "acme", at(0))).is_ok(),
                    2 => store.settle("no-such", &countersign_runtime::ports::ErrandState::Sent { at: at(0) }).is_err(),
                    _ => store.next_number("shared").is_ok(),
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).filter(|fine| *fine).count()
    });
    assert_eq!(done, 200);
    assert_eq!(store.next_number("shared").unwrap(), 51);
    assert_eq!(head(store).position, 51);
    assert!(verify_store(store, None).unwrap().is_ok());
    assert!(matches!(store.commit(&Commit::default()).unwrap(), Committed::Done { first: 52 }));
}

#[test]
fn postgres_that_went_away_and_came_back_is_used_again() {
    let Some(server) = postgres_or_skip() else { return };
    let store = PostgresStore::open(&server.database().unwrap()).unwrap();
    store.commit(&order_commit("before", "MUG", "acme", at(0))).unwrap();
    server.crash().unwrap();
    let after = store.commit(&order_commit("after", "MUG", "acme", at(0))).unwrap();
    assert_eq!(after, Committed::Done { first: 2 });
    assert!(verify_store(&store, None).unwrap().is_ok());
}

#[test]
fn a_line_to_postgresql_is_encrypted_and_the_server_proves_who_it_is() {
    if postgres_or_skip().is_none() {
        return;
    }
    let server = countersign_store::testing::TemporaryPostgres::start_encrypted().unwrap();
    let address = server.database_over_tcp().unwrap();
    let refused =
        |address: String| PostgresStore::open(&address).expect_err("because it has to be refused").to_string();
    // The server takes nothing in the open, and is no one that this machine trusts.
    assert!(refused(address.clone()).contains("no encryption"), "{}", refused(address.clone()));
    let stranger = refused(format!("{address}?sslmode=require"));
    assert!(stranger.contains("certificate"), "{stranger}");

    let trusted = format!("sslmode=require&sslrootcert={}", server.certificate().display());
    let store = PostgresStore::open(&format!("{address}?{trusted}")).unwrap();
    assert!(matches!(store.commit(&order_commit("1", "MUG", "acme", at(0))).unwrap(), Committed::Done { first: 1 }));
    // The same certificate under another name is another server's.
    let other = refused(format!("{}?{trusted}", address.replace("localhost", "127.0.0.1")));
    assert!(other.contains("certificate"), "{other}");
}

/// Hardware fails, and programs have faults: whoever asks for the one record is told, all others are served.
#[test]
fn an_order_that_does_not_read_fails_alone() {
    let folder = TemporaryFolder::new("broken").unwrap();
    let path = folder.path().join("store.sqlite");
    drop(filled(&path, 8));
    let spoil = "UPDATE orders SET body = '{\"id\": ', wake_at = 1 WHERE id = 'web-3'";
    rusqlite::Connection::open(&path).unwrap().execute_batch(spoil).unwrap();
    let desk = Desk::open(Arc::new(SqliteStore::open(&path).unwrap()), Settings::default()).unwrap();
    let order = |n: usize| OrderId::new(format!("web-{n}")).unwrap();
    let hold = |n| Deed::HoldOrder { order: order(n), reason: Reason::ManualHold, words: None };
    let ask = |deed| Request::new(Command { by: Actor::Engine, deed });
    let answers = desk.handle(at(100), (0..8).map(hold).map(ask).collect());
    let failed: Vec<usize> = (0..8).filter(|n| answers[*n][0].failure().is_some()).collect();
    assert_eq!(failed, [3], "{answers:?}");
    assert!(answers[3][0].failure().unwrap().to_string().contains("web-3"), "{answers:?}");

    assert!(desk.parked().is_empty());
    desk.handle(at(101), vec![ask(Deed::Wake { order: order(3) }), ask(Deed::Wake { order: order(4) })]);
    assert_eq!(desk.parked().into_keys().collect::<Vec<_>>(), [order(3)], "it would be woken for ever");
    let due = wake::due(&desk, at(102), 10).unwrap();
    assert!(due.iter().all(|r| r.commands.iter().all(|c| c.deed.order() != Some(order(3)))));
}
