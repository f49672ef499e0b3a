//! The power is cut in the middle of work: of what was written since the disk last confirmed, some is there, some is not,
//! some is torn. Whatever was reported durable before the cut is there all the same.
//!
//! A child writes while everything it writes is recorded (`power/record.c`, loaded before the C library). The disk of
//! many instants is then made out of the record, and opened.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on may stop")]

use countersign_engine::ids::OrderId;
use countersign_engine::slice::Key;
use countersign_runtime::ports::{Commit, Committed, Store};
use countersign_store::SqliteStore;
use countersign_store::audit::verify_store;
use countersign_store::testing::{TemporaryFolder, order_commit};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Names the file to the child process; without it the child test does nothing.
const FILE: &str = "COUNTERSIGN_POWER_FILE";
/// Orders of one commit of the child: a few pages, so that the log soon is long enough to be moved into the file.
const BATCH: usize = 20;
/// Bytes recorded: the log was moved and has begun anew.
const RECORDED: u64 = 170 << 20;
/// Cuts, spread evenly over the record.
const CUTS: usize = 24;
/// What a disk writes in one piece.
const SECTOR: usize = 512;

#[test]
fn what_was_reported_durable_survives_a_power_cut() {
    let folder = TemporaryFolder::new("power").unwrap();
    let record = record(&folder);
    let writes = record.iter().filter(|r| r.kind == b'W').count();
    let moved = record.iter().any(|r| r.kind == b'S' && r.name.ends_with("/a.sqlite"));
    assert!(moved, "the log was never moved into the file: the record is too short");
    let (mut disk, mut reported, mut chance) = (BTreeMap::<&str, File>::new(), vec![], 7_u64);
    let (mut seen, mut cut) = (0, 0);
    for one in &record {
        match one.kind {
            b'R' => reported.extend(one.told()),
            _ if !one.name.contains("/a.sqlite") || one.name.ends_with("-shm") => {}
            b'U' => drop(disk.remove(one.name.as_str())),
            _ => disk.entry(&one.name).or_default().take(one),
        }
        seen += usize::from(one.kind == b'W');
        if seen == (cut + 1) * writes / (CUTS + 1) && one.kind == b'W' && cut < CUTS {
            cut += 1;
            after_the_cut(&folder, cut, &disk, &reported, &mut chance);
        }
    }
    assert_eq!(cut, CUTS);
    assert!(reported.len() > 100, "the writer got to write: {}", reported.len());
}

/// Opens what the disk holds after a cut.
fn after_the_cut(
    folder: &TemporaryFolder,
    cut: usize,
    disk: &BTreeMap<&str, File>,
    reported: &[String],
    chance: &mut u64,
) {
    let place = folder.path().join(format!("cut-{cut}"));
    std::fs::create_dir(&place).unwrap();
    for (name, file) in disk {
        std::fs::write(place.join(Path::new(name).file_name().unwrap()), file.after_a_cut(chance)).unwrap();
    }
    let path = place.join("a.sqlite");
    let store = SqliteStore::open(&path).unwrap();
    assert!(verify_store(&store, None).unwrap().is_ok(), "cut {cut}");
    let counts = store.counts().unwrap();
    let count = |name: &str| counts.iter().find(|(n, _)| *n == name).unwrap().1;
    assert_eq!(count("orders"), count("journal"), "cut {cut}: all of a commit or nothing");
    assert_eq!(count("journal") % BATCH as u64, 0, "cut {cut}");
    for id in reported {
        let key = Key::Order(OrderId::new(id.as_str()).unwrap());
        assert!(store.load(&[key]).unwrap()[0].is_some(), "cut {cut}: {id} was reported durable");
    }
    drop(store);
    std::fs::remove_dir_all(place).unwrap();
}

/// A file as the disk knows it, and what it was told since it last confirmed.
#[derive(Default)]
struct File {
    confirmed: Vec<u8>,
    told: Vec<(u64, Option<Vec<u8>>)>,
}

impl File {
    fn take(&mut self, one: &Record) {
        match one.kind {
            b'W' => self.told.push((one.offset, Some(one.data.clone()))),
            b'T' => self.told.push((one.offset, None)),
            _ => {
                for (offset, data) in std::mem::take(&mut self.told) {
                    apply(&mut self.confirmed, offset, data.as_deref());
                }
            }
        }
    }

    /// Some of what was told got through, sector by sector, in no order.
    fn after_a_cut(&self, chance: &mut u64) -> Vec<u8> {
        let mut bytes = self.confirmed.clone();
        for (offset, data) in &self.told {
            let Some(data) = data else {
                if flip(chance) {
                    apply(&mut bytes, *offset, None);
                }
                continue;
            };
            let whole = flip(chance);
            for (n, sector) in data.chunks(SECTOR).enumerate() {
                if whole || flip(chance) {
                    apply(&mut bytes, offset + (n * SECTOR) as u64, Some(sector));
                }
            }
        }
        bytes
    }
}

fn apply(bytes: &mut Vec<u8>, offset: u64, data: Option<&[u8]>) {
    let at = offset as usize;
    let Some(data) = data else { return bytes.resize(at, 0) };
    if bytes.len() < at + data.len() {
        bytes.resize(at + data.len(), 0);
    }
    bytes[at..at + data.len()].copy_from_slice(data);
}

/// xorshift64: the same cuts in every run over the same record.
fn flip(chance: &mut u64) -> bool {
    *chance ^= *chance << 13;
    *chance ^= *chance >> 7;
    *chance ^= *chance << 17;
    *chance & 1 == 0
}

/// Something the child did.
struct Record {
    kind: u8,
    offset: u64,
    name: String,
    data: Vec<u8>,
}

impl Record {
    /// Orders it reported durable.
    fn told(&self) -> Vec<String> {
        let text = String::from_utf8_lossy(&self.data);
        text.lines().filter_map(|line| Some(line.split_once("durable ")?.1.to_owned())).collect()
    }
}

/// Lets a child write for a while, kills it, and reads what it did.
fn record(folder: &TemporaryFolder) -> Vec<Record> {
    let (library, trace) = (folder.path().join("record.so"), folder.path().join("trace"));
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/power/record.c");
    let compiled =
        Command::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).args([&library, &source]).arg("-ldl").status();
    assert!(compiled.unwrap().success(), "record.c does not compile");
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child_writes_until_the_power_is_cut", "--nocapture", "--test-threads=1"])
        .env(FILE, folder.path().join("a.sqlite"))
        .env("LD_PRELOAD", &library)
        .env("POWER_TRACE", &trace)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    while std::fs::metadata(&trace).map_or(0, |file| file.len()) < RECORDED {
        assert!(child.try_wait().unwrap().is_none(), "the child ended by itself");
        std::thread::sleep(Duration::from_millis(20));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let bytes = std::fs::read(&trace).unwrap();
    let (mut all, mut rest) = (vec![], &bytes[..]);
    // The last record may have been cut off by the kill.
    while let Some((one, after)) = parse(rest) {
        all.push(one);
        rest = after;
    }
    all
}

fn parse(bytes: &[u8]) -> Option<(Record, &[u8])> {
    let word = |at: usize| Some(u32::from_ne_bytes(bytes.get(at..at + 4)?.try_into().ok()?) as usize);
    let (kind, named, length) = (word(0)?, word(4)?, word(8)?);
    let offset = u64::from_ne_bytes(bytes.get(16..24)?.try_into().ok()?);
    let (name, rest) = bytes[24..].split_at_checked(named)?;
    let (data, rest) = rest.split_at_checked(length)?;
    let name = String::from_utf8_lossy(name).into_owned();
    Some((Record { kind: kind as u8, offset, name, data: data.to_vec() }, rest))
}

#[test]
fn child_writes_until_the_power_is_cut() {
    let Ok(path) = std::env::var(FILE) else { return };
    let store = SqliteStore::open(Path::new(&path)).unwrap();
    let at = Timestamp::from_second(1_795_000_000).unwrap();
    for n in 0.. {
        let mut all = Commit::default();
        let ids: Vec<_> = (0..BATCH).map(|k| format!("web-{n}-{k}")).collect();
        for id in &ids {
            let one = order_commit(id, "MUG", "acme", at);
            all.entries.extend(one.entries);
            all.writes.extend(one.writes);
            all.index.extend(one.index);
            all.outbox.extend(one.outbox);
            all.people.extend(one.people);
        }
        let Committed::Done { .. } = store.commit(&all).unwrap() else { panic!("conflict") };
        let told: String = ids.iter().map(|id| format!("durable {id}\n")).collect();
        std::io::stdout().lock().write_all(told.as_bytes()).unwrap();
        if n % 40 == 0 {
            store.roll_up(1_000).unwrap();
        }
    }
}
