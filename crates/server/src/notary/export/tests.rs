//! A true export is accepted; every change, removal, swap, addition, cut and rewriting of it is found.

use super::*;
use countersign_runtime::memory::MemoryStore;
use countersign_runtime::ports::{Commit, NewEntry};
use jiff::Timestamp;

struct Log {
    store: MemoryStore,
    notary: Notary,
}

impl Log {
    fn of(bodies: impl Iterator<Item = String>) -> Self {
        let store = MemoryStore::new();
        let entries = bodies.map(|body| NewEntry { subject: None, at: Timestamp::UNIX_EPOCH, body }).collect();
        store.commit(&Commit { entries, ..Commit::default() }).unwrap();
        let notary = Notary::open(&store, [7; 32], None).unwrap();
        Self { store, notary }
    }
    fn new(entries: usize) -> Self {
        Self::of((0..entries).map(|n| format!("{{\"n\":{n}}}")))
    }
    fn export(&self, after: u64, to: u64) -> Vec<Line> {
        let rows = self.store.journal(after, (to - after) as u32).unwrap();
        let mut lines = vec![begin(&self.store, after).unwrap()];
        lines.extend(rows.iter().map(Line::from));
        lines.push(end(&self.store, &self.notary, to).unwrap());
        lines
    }
    fn checkpoint(&self, size: u64) -> Checkpoint {
        let Line::End { checkpoint, .. } = end(&self.store, &self.notary, size).unwrap() else { panic!("no end") };
        self.notary.verifier().open(&checkpoint).unwrap()
    }
}

fn verify(lines: &[Line], key: &Verifier, kept: Option<Checkpoint>) -> Result<Proved, Fault> {
    let mut check = Check::new(kept);
    for line in lines {
        check.line(line, Some(key))?;
    }
    check.finish_export()
}

#[test]
fn a_true_export_whole_or_in_part_is_accepted() {
    let log = Log::new(300);
    let key = log.notary.verifier();
    for (after, to) in [(0, 300), (0, 0), (0, 1), (299, 300), (17, 290), (256, 300), (300, 300)] {
        let lines = log.export(after, to);
        let proved = verify(&lines, &key, None).unwrap();
        assert_eq!((proved.size, proved.root), (to, log.checkpoint(to).root));
        for kept in [after, (after + to) / 2, to] {
            verify(&lines, &key, Some(log.checkpoint(kept))).unwrap();
        }
        let text: Vec<String> = lines.iter().map(|line| serde_json::to_string(line).unwrap()).collect();
        let read: Vec<Line> = text.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(read, lines, "lines are told apart when read");
    }
}

#[test]
fn every_single_fault_is_found() {
    let log = Log::new(12);
    let key = log.notary.verifier();
    for after in [0, 5] {
        let whole = log.export(after, 12);
        let entries = 1..whole.len() - 1;
        for at in entries.clone() {
            let spoil = |change: &dyn Fn(&mut u64, &mut String, &mut String)| {
                let mut lines = whole.clone();
                let Line::Entry { position, hash, body } = &mut lines[at] else { panic!("no entry") };
                change(position, hash, body);
                verify(&lines, &key, None).unwrap_err()
            };
            spoil(&|_, _, body| body.push(' '));
            spoil(&|_, _, body| *body = body.replace('n', "m"));
            spoil(&|position, _, _| *position += 1);
            spoil(&|_, hash, _| *hash = "00".repeat(32));
            let mut removed = whole.clone();
            removed.remove(at);
            verify(&removed, &key, None).unwrap_err();
            let mut doubled = whole.clone();
            doubled.insert(at, whole[at].clone());
            verify(&doubled, &key, None).unwrap_err();
            for other in entries.clone().filter(|other| *other != at) {
                let mut swapped = whole.clone();
                swapped.swap(at, other);
                verify(&swapped, &key, None).unwrap_err();
            }
            let mut cut = whole.clone();
            cut.truncate(at);
            verify(&cut, &key, None).unwrap_err();
            cut.push(whole.last().unwrap().clone());
            verify(&cut, &key, None).unwrap_err();
        }
        let mut begun = whole.clone();
        begun.remove(0);
        assert_eq!(verify(&begun, &key, None).is_err(), after > 0, "from the first entry on, nothing went before");
        let mut added = whole.clone();
        added.push(whole[1].clone());
        verify(&added, &key, None).unwrap_err();
    }
}

#[test]
fn a_chain_written_anew_is_found_by_a_kept_checkpoint_or_the_key() {
    let log = Log::new(40);
    let kept = log.checkpoint(25);
    for at in 0..40 {
        let forged = Log::of((0..40).map(|n| format!("{{\"n\":{}}}", if n == at { 99 } else { n })));
        let lines = forged.export(0, 40);
        assert!(verify(&lines, &forged.notary.verifier(), None).is_ok(), "by itself it is a true export");
        assert!(verify(&lines, &log.notary.verifier(), None).is_err(), "another key signed it");
        let known = verify(&lines, &forged.notary.verifier(), Some(kept.clone()));
        assert_eq!(known.is_err(), at < 25, "the kept checkpoint is of 25 entries");
    }
    let shorter = log.export(0, 20);
    assert!(verify(&shorter, &log.notary.verifier(), Some(kept.clone())).unwrap_err().0.contains("cut off"));
    let later = log.export(30, 40);
    assert!(verify(&later, &log.notary.verifier(), Some(kept)).unwrap_err().0.contains("consistency"));
}
