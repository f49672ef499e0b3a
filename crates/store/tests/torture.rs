//! A writer is killed in the middle of its work, again and again: whatever it was told is durable is there.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may stop")]

use countersign_runtime::ports::{Committed, InboxState, NewInbox, Store};
use countersign_store::SqliteStore;
use countersign_store::audit::verify_store;
use countersign_store::testing::{TemporaryFolder, order_commit};
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Names the file to the child process; without it the child test does nothing.
const FILE: &str = "COUNTERSIGN_TORTURE_FILE";
/// Kills.
const ROUNDS: u64 = 8;
/// Orders of one commit of the child.
const BATCH: usize = 3;

#[test]
fn what_was_reported_durable_survives_kill_9() {
    let folder = TemporaryFolder::new("torture").unwrap();
    let path = folder.path().join("a.sqlite");
    let mut reported = BTreeSet::new();
    for round in 0..ROUNDS {
        reported.extend(one_life(&path, Duration::from_millis(60 + 47 * round)));
        let store = SqliteStore::open(&path).unwrap();
        assert!(verify_store(&store, None).unwrap().is_ok(), "round {round}");
        for line in &reported {
            check(&store, line);
        }
        let counts = store.counts().unwrap();
        let count = |name: &str| counts.iter().find(|(n, _)| *n == name).unwrap().1;
        assert_eq!(count("orders"), count("journal"), "all of a commit or nothing");
        assert_eq!(count("outbox_waiting"), count("journal"));
        assert_eq!(count("journal") % BATCH as u64, 0);
    }
    assert!(reported.len() > ROUNDS as usize, "the writer got to write: {}", reported.len());
}

/// Lets a child write for a while, kills it, returns what it reported.
fn one_life(path: &Path, life: Duration) -> Vec<String> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child_writes_until_it_is_killed", "--nocapture", "--test-threads=1"])
        .env(FILE, path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let out = BufReader::new(child.stdout.take().unwrap());
    let reader = std::thread::spawn(move || {
        let lines = out.lines().map_while(Result::ok);
        let told = lines.filter_map(|line| Some(line.split_once("durable ")?.1.to_owned()));
        // The last line may have been cut off by the kill.
        told.filter_map(|line| line.strip_suffix('.').map(str::to_owned)).collect::<Vec<_>>()
    });
    std::thread::sleep(life + Duration::from_millis(100));
    child.kill().unwrap();
    child.wait().unwrap();
    reader.join().unwrap()
}

fn check(store: &SqliteStore, line: &str) {
    let (kind, what) = line.split_once(' ').unwrap();
    match kind {
        "order" => {
            let (id, position) = what.split_once(' ').unwrap();
            let row = store.journal(position.parse::<u64>().unwrap() - 1, 1).unwrap().remove(0);
            assert_eq!(row.subject.as_deref(), Some(id), "{line}");
            let key = countersign_engine::slice::Key::Order(countersign_engine::ids::OrderId::new(id).unwrap());
            assert!(store.load(&[key]).unwrap()[0].is_some(), "{line}");
        }
        "inbox" => assert!(store.inbox_entry(what.parse().unwrap()).unwrap().is_some(), "{line}"),
        other => panic!("{other}"),
    }
}

#[test]
fn child_writes_until_it_is_killed() {
    let Ok(path) = std::env::var(FILE) else { return };
    let store = SqliteStore::open(Path::new(&path)).unwrap();
    let at = Timestamp::from_second(1_795_000_000).unwrap();
    let tell = |what: String| std::io::stdout().lock().write_all(format!("durable {what}.\n").as_bytes()).unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for n in 0u64.. {
                let mut hash = [0; 32];
                hash[..8].copy_from_slice(&n.to_le_bytes());
                let (channel, name, bytes) = ("source:acme".into(), n.to_string(), vec![1; 100]);
                let new = NewInbox { channel, name, hash, bytes, received_at: at, replays: None };
                let kept = store.receive(&new).unwrap();
                assert_ne!(kept.state, InboxState::Done);
                tell(format!("inbox {}", kept.id));
            }
        });
        let begin = store.head().unwrap().0;
        for n in 0.. {
            let mut all = countersign_runtime::ports::Commit::default();
            let ids: Vec<_> = (0..BATCH).map(|k| format!("web-{begin}-{n}-{k}")).collect();
            for id in &ids {
                let one = order_commit(id, "MUG", "acme", at);
                all.entries.extend(one.entries);
                all.writes.extend(one.writes);
                all.index.extend(one.index);
                all.outbox.extend(one.outbox);
                all.people.extend(one.people);
            }
            let Committed::Done { first } = store.commit(&all).unwrap() else { panic!("conflict") };
            ids.iter().zip(first..).for_each(|(id, position)| tell(format!("order {id} {position}")));
        }
    });
}
