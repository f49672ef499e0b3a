//! The folder connector against real folders.
#![expect(clippy::unwrap_used, reason = "a helper of a test may fail like the test itself")]

use countersign_connectors::FolderConnector;
use countersign_runtime::ports::{Connector, Delivery, Rendered};
use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};
use tempfile::TempDir;

const PLENTY: Duration = Duration::from_secs(60);
const DONE: Delivery = Delivery::Done { receipt: false, answer: None };

fn desk(rest: Duration) -> (TempDir, FolderConnector) {
    let home = tempfile::tempdir().unwrap();
    let folder = FolderConnector::new(home.path().join("a/out"), home.path().join("a/in"), rest).unwrap();
    (home, folder)
}

fn paper(bytes: &[u8]) -> Rendered {
    Rendered {
        name: "850-acme-12.x12".into(),
        media_type: "application/edi-x12".into(),
        bytes: bytes.to_vec(),
        reference: "PO.12".into(),
    }
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn fetched(folder: &FolderConnector) -> Vec<(String, Vec<u8>)> {
    folder.fetch(100).unwrap().into_iter().map(|found| (found.name, found.bytes)).collect()
}

#[test]
fn a_paper_appears_once_whole_under_a_name_of_its_id() {
    let (home, folder) = desk(Duration::ZERO);
    let out = home.path().join("a/out");
    assert_eq!(folder.deliver("1001-1/1", &paper(b"ISA*"), PLENTY), DONE);
    let first = names(&out);
    assert_eq!(folder.deliver("1001-1/1", &paper(b"ISA*"), PLENTY), DONE);
    assert_eq!(names(&out), first);
    assert_eq!(first.len(), 1);
    assert!(first[0].ends_with(".x12"), "{first:?}");
    assert_eq!(fs::read(out.join(&first[0])).unwrap(), b"ISA*");
    // Picked up meanwhile: the same name again, which the other side recognises.
    fs::remove_file(out.join(&first[0])).unwrap();
    assert_eq!(folder.deliver("1001-1/1", &paper(b"ISA*"), PLENTY), DONE);
    assert_eq!(names(&out), first);
    assert_eq!(folder.deliver("1001-1/2", &paper(b"ISA*"), PLENTY), DONE);
    assert_eq!(names(&out).len(), 2);
}

#[test]
fn an_interrupted_try_is_written_over() {
    let (home, folder) = desk(Duration::ZERO);
    let out = home.path().join("a/out");
    folder.deliver("1", &paper(b"ISA*"), PLENTY);
    let name = names(&out).remove(0);
    fs::remove_file(out.join(&name)).unwrap();
    fs::write(out.join(format!(".{name}.part")), b"longer than the paper and only half of it").unwrap();
    assert_eq!(folder.deliver("1", &paper(b"ISA*"), PLENTY), DONE);
    assert_eq!((names(&out), fs::read(out.join(&name)).unwrap()), (vec![name], b"ISA*".to_vec()));
}

#[test]
fn an_id_never_leaves_the_folder() {
    let (home, folder) = desk(Duration::ZERO);
    for id in ["../../escape", "/etc/escape", "..", "a\0b", "-rf", ""] {
        assert_eq!(folder.deliver(id, &paper(b"x"), PLENTY), DONE, "{id:?}");
    }
    assert_eq!(names(&home.path().join("a/out")).len(), 6);
    assert_eq!(names(&home.path().join("a")), ["in", "out"]);
}

#[test]
fn a_folder_that_cannot_be_written_is_a_failure_with_its_name() {
    let (home, folder) = desk(Duration::ZERO);
    fs::remove_dir(home.path().join("a/out")).unwrap();
    fs::write(home.path().join("a/out"), b"a file where the folder was").unwrap();
    let delivery = folder.deliver("1", &paper(b"x"), PLENTY);
    assert!(matches!(&delivery, Delivery::Failed { why } if why.contains("a/out")), "{delivery:?}");
    let below = home.path().join("a/out/below");
    let (field, why) = FolderConnector::new(below, home.path().join("in"), Duration::ZERO).err().unwrap();
    assert_eq!(field, "outbound", "{why}");
}

#[test]
fn only_finished_files_are_fetched_and_taken_ones_are_archived() {
    let (home, folder) = desk(Duration::ZERO);
    let inbound = home.path().join("a/in");
    for name in ["855.edi", ".hidden", "856.edi.part", "x.TMP", "y.filepart"] {
        fs::write(inbound.join(name), name).unwrap();
    }
    fs::create_dir(inbound.join("sub.edi")).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", inbound.join("link.edi")).unwrap();
    assert_eq!(fetched(&folder), [("855.edi".to_owned(), b"855.edi".to_vec())]);
    assert_eq!(fetched(&folder).len(), 1, "a file stays until it is taken");
    folder.taken("855.edi").unwrap();
    assert_eq!(fetched(&folder), []);
    assert_eq!(names(&inbound.join("archive")), ["855.edi"]);
    fs::write(inbound.join("855.edi"), b"another one").unwrap();
    assert_eq!(fetched(&folder).len(), 1);
    folder.taken("855.edi").unwrap();
    assert_eq!(names(&inbound.join("archive")), ["855-2.edi", "855.edi"]);
    assert_eq!(fs::read(inbound.join("archive/855-2.edi")).unwrap(), b"another one");
    folder.taken("855.edi").expect("taking twice is harmless");
    assert_eq!(names(&inbound.join("archive")), ["855-2.edi", "855.edi"]);
}

#[test]
fn a_file_replaced_between_reading_and_taking_is_fetched_again() {
    let (home, folder) = desk(Duration::ZERO);
    let inbound = home.path().join("a/in");
    fs::write(inbound.join("846.edi"), b"first").unwrap();
    assert_eq!(fetched(&folder), [("846.edi".to_owned(), b"first".to_vec())]);
    fs::write(inbound.join("846.edi"), b"second one").unwrap();
    folder.taken("846.edi").unwrap();
    assert_eq!(fetched(&folder), [("846.edi".to_owned(), b"second one".to_vec())]);
    folder.taken("846.edi").unwrap();
    assert_eq!(fetched(&folder), []);
}

#[test]
fn names_from_outside_are_no_paths() {
    let (home, folder) = desk(Duration::ZERO);
    fs::write(home.path().join("a/out/mine.edi"), b"x").unwrap();
    for name in ["../out/mine.edi", "/etc/passwd", "..", "", "a/b", "a\0b"] {
        assert!(folder.taken(name).unwrap_err().contains("not the name of a file"), "{name:?}");
    }
    assert_eq!(names(&home.path().join("a/out")), ["mine.edi"]);
}

#[test]
fn a_file_that_may_still_grow_waits_and_an_old_one_does_not() {
    let (home, folder) = desk(Duration::from_secs(3_600));
    let inbound = home.path().join("a/in");
    fs::write(inbound.join("young.edi"), b"half").unwrap();
    fs::write(inbound.join("old.edi"), b"whole").unwrap();
    let yesterday = SystemTime::now() - Duration::from_secs(86_400);
    fs::File::options().write(true).open(inbound.join("old.edi")).unwrap().set_modified(yesterday).unwrap();
    assert_eq!(fetched(&folder), [("old.edi".to_owned(), b"whole".to_vec())]);
}

#[test]
fn a_huge_file_is_reported_and_does_not_hold_up_the_others() {
    let (home, folder) = desk(Duration::ZERO);
    let inbound = home.path().join("a/in");
    let huge = fs::File::create(inbound.join("a-huge.edi")).unwrap();
    huge.set_len(200 * 1024 * 1024).unwrap();
    let why = folder.fetch(10).unwrap_err();
    assert!(why.contains("a-huge.edi has 200 MiB, more than the 64 MiB"), "{why}");
    fs::write(inbound.join("b.edi"), b"fine").unwrap();
    assert_eq!(fetched(&folder), [("b.edi".to_owned(), b"fine".to_vec())]);
    assert_eq!(names(&inbound), ["a-huge.edi", "b.edi"], "nothing is removed");
}

#[test]
fn a_fetch_has_a_limit_and_goes_by_age() {
    let (home, folder) = desk(Duration::ZERO);
    let inbound = home.path().join("a/in");
    for (age, name) in [(30, "b.edi"), (20, "a.edi"), (10, "c.edi")] {
        fs::write(inbound.join(name), name).unwrap();
        let then = SystemTime::now() - Duration::from_secs(age);
        fs::File::options().write(true).open(inbound.join(name)).unwrap().set_modified(then).unwrap();
    }
    let found: Vec<_> = folder.fetch(2).unwrap().into_iter().map(|found| found.name).collect();
    assert_eq!(found, ["b.edi", "a.edi"]);
    assert_eq!(folder.fetch(0).unwrap(), []);
}

#[test]
fn two_takers_never_lose_a_file() {
    let (home, folder) = desk(Duration::ZERO);
    let inbound = home.path().join("a/in");
    for n in 0..200 {
        fs::write(inbound.join(format!("{n}.edi")), n.to_string()).unwrap();
    }
    let other = FolderConnector::new(home.path().join("a/out"), inbound.clone(), Duration::ZERO).unwrap();
    std::thread::scope(|scope| {
        for taker in [&folder, &other] {
            scope.spawn(|| {
                for found in taker.fetch(1_000).unwrap() {
                    taker.taken(&found.name).unwrap();
                }
            });
        }
    });
    assert_eq!(fetched(&folder), []);
    assert_eq!(names(&inbound.join("archive")).len(), 200);
}
