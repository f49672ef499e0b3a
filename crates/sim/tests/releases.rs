//! What earlier releases wrote is read by this one: journals with their hashes, events that lead to the same records,
//! records as they stood in the store. The files are never changed; a release adds its own:
//! `cargo xtask sim --seed N --steps 60 --keep crates/sim/tests/releases/VERSION-seed-N.txt`.

use countersign_engine::journal::Entry;
use countersign_engine::slice::Key;
use countersign_runtime::audit::Replay;
use countersign_runtime::chain::{GENESIS, link};
use countersign_sim::kept::Kept;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

fn releases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/releases");
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).expect("the folder is there").map(|file| file.expect("a file").path()).collect();
    files.sort();
    assert!(!files.is_empty(), "no release left a journal");
    files
}

fn kept(file: &Path) -> Kept {
    let text = std::fs::read_to_string(file).expect("the file is read");
    Kept::from_text(&text).unwrap_or_else(|why| panic!("{}: {why}", file.display()))
}

#[test]
fn a_journal_of_an_earlier_release_leads_to_the_records_that_it_left() {
    for file in releases() {
        let kept = kept(&file);
        let (mut replay, mut head) = (Replay::default(), GENESIS);
        for (position, (hash, body)) in (1..).zip(&kept.journal) {
            let place = format!("{}, entry {position}", file.display());
            head = link(&head, position, body.as_bytes());
            assert_eq!(&head, hash, "{place}: another hash");
            let entry: Entry = serde_json::from_str(body).unwrap_or_else(|why| panic!("{place}: {why}"));
            replay.apply(&entry.events);
        }
        let stored: BTreeMap<Key, _> =
            kept.read().unwrap_or_else(|why| panic!("{}: {why}", file.display())).into_iter().collect();
        assert_eq!(replay.records().len(), stored.len(), "{}", file.display());
        for (key, record) in replay.records() {
            assert_eq!(Some(record), stored.get(key), "{}: {key:?}", file.display());
        }
    }
}

/// A release may rightly decide otherwise than the one before; then it says so in the changelog, and its number here.
const DECIDES_LIKE: &[&str] = &["0.1"];

#[test]
fn a_command_of_an_earlier_release_is_decided_as_it_was() {
    for file in releases() {
        let name = file.file_name().and_then(|name| name.to_str()).expect("a plain name");
        if !DECIDES_LIKE.iter().any(|release| name.starts_with(release)) {
            continue;
        }
        let mut replay = Replay::default();
        for (position, (_, body)) in (1..).zip(&kept(&file).journal) {
            let entry: Entry = serde_json::from_str(body).expect("the other test says why not");
            if let Err(what) = replay.decide_again(&entry) {
                panic!("{name}, entry {position}: {what}");
            }
            replay.apply(&entry.events);
        }
    }
}
