//! The file in which a replay keeps what is finished while it runs: run again after a kill, it goes on there.
//!
//! A line that says of which trial it is, then the trial's batches, each with its length before it. What was being written
//! when the process died is cut off. Does not know what a batch holds.

use crate::trials;
use anyhow::{Context, Result, bail};
use countersign_sim::replay::progress::{Identity, Progress};
use countersign_sim::replay::trial::Trial;
use serde::{Deserialize, Serialize};
use std::fs::{File, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// What the first line names.
const FORM: &str = "countersign replay progress 1";

/// The first line.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Head {
    form: String,
    /// The identity of the trial.
    trial: String,
    /// Of this installation's journal, up to which position it runs: it grows meanwhile.
    until: Option<u64>,
}

/// The file.
pub struct Kept {
    path: PathBuf,
    file: File,
    head: Option<Head>,
    /// What stands after the head.
    rest: Vec<u8>,
    /// The trial, once it is known.
    of: Option<Identity>,
}

impl Kept {
    /// Opens it, or makes it.
    ///
    /// # Errors
    /// It cannot be had, another replay is at it, or it holds something else.
    pub fn open(path: &Path) -> Result<Self> {
        let shown = path.display();
        let mut options = File::options();
        let file = options.read(true).write(true).create(true).truncate(false).open(path);
        let mut file = file.with_context(|| shown.to_string())?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => bail!("{shown} is in use by another replay: name another file"),
            Err(TryLockError::Error(why)) => return Err(why).with_context(|| shown.to_string()),
        }
        let mut rest = vec![];
        file.read_to_end(&mut rest).with_context(|| shown.to_string())?;
        let mut head = None;
        if !rest.is_empty() {
            let line = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
            let found = serde_json::from_slice::<Head>(&rest[..line]).ok().filter(|head| head.form == FORM);
            let Some(found) = found else { bail!("{shown} holds no progress of a replay: name another file") };
            head = Some(found);
            rest.drain(..=line.min(rest.len() - 1));
        }
        Ok(Self { path: path.to_owned(), file, head, rest, of: None })
    }

    /// Up to which position of this installation's journal the replay runs that it belongs to.
    pub fn until(&self) -> Option<u64> {
        self.head.as_ref()?.until
    }

    /// Takes up what was finished of a trial.
    ///
    /// # Errors
    /// It is of another trial.
    pub fn take_up(&mut self, trial: &Trial, until: Option<u64>, progress: &Progress) -> Result<()> {
        let of = trials::identity(trial)?;
        let head = Head { form: FORM.into(), trial: of.to_string(), until };
        if self.head.as_ref().is_some_and(|found| *found != head) {
            bail!(
                "{} keeps the progress of another replay (another history, policy or seed, or another release of \
                 countersign): replay that one with the arguments it was begun with, or remove the file to begin this one",
                self.path.display()
            );
        }
        let mut line = serde_json::to_vec(&head)?;
        line.push(b'\n');
        let mut rest = self.rest.as_slice();
        while let Some((length, more)) = rest.split_first_chunk::<4>()
            && let Some((batch, more)) = more.split_at_checked(u32::from_be_bytes(*length) as usize)
            && progress.take_up(&of, batch)
        {
            rest = more;
        }
        let whole = line.len() + self.rest.len() - rest.len();
        let mut begin = || {
            self.file.rewind()?;
            self.file.write_all(&line)?;
            self.file.set_len(whole as u64)?;
            self.file.seek(SeekFrom::End(0))
        };
        begin().with_context(|| self.path.display().to_string())?;
        self.of = Some(of);
        Ok(())
    }

    /// Keeps what was finished since. Where it cannot be written that is said once, and the replay goes on without.
    pub fn keep(&mut self, progress: &Progress) {
        let Some(of) = &self.of else { return };
        while let Some(batch) = progress.batch(of) {
            let length = u32::try_from(batch.len()).expect("because a batch has little more than a megabyte");
            let record = [&length.to_be_bytes(), batch.as_slice()].concat();
            if let Err(why) = self.file.write_all(&record) {
                eprintln!("countersign: {}: {why}; what is finished from now on is not kept", self.path.display());
                self.of = None;
                return;
            }
        }
    }

    /// The replay is done.
    ///
    /// # Errors
    /// It cannot be removed.
    pub fn remove(self) -> Result<()> {
        std::fs::remove_file(&self.path).with_context(|| self.path.display().to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_engine::policy::Policy;
    use countersign_sim::history::History;
    use countersign_sim::history::generate::{Size, generate};
    use countersign_sim::replay::trial::try_out;
    use std::sync::atomic::Ordering;
    use std::time::Duration;

    fn trial(history: &History, seed: u64) -> Trial<'_> {
        Trial { history, policies: vec![("one".into(), Policy::default())], seed, seeds: 2, threads: 1 }
    }

    /// Opens the file at a path for a trial; orders that it has as finished.
    fn taken_up(path: &Path, trial: &Trial) -> (u64, Kept, Progress) {
        let (mut kept, progress) = (Kept::open(path).unwrap(), Progress::default());
        kept.take_up(trial, Some(7), &progress).unwrap();
        (progress.done.load(Ordering::Relaxed), kept, progress)
    }

    #[test]
    fn what_is_kept_is_taken_up_and_a_torn_end_is_cut_off() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("progress");
        let history = generate(Size { orders: 1_000, items: 100, sources: 5, days: 20, advice_hours: 24 }, 4);
        let trial = trial(&history, 1);
        let mut all = 0;
        // A busy machine may look at it too late: until some was kept.
        while all == 0 {
            let (before, mut kept, progress) = taken_up(&path, &trial);
            assert_eq!(before, 0);
            trials::watched(Duration::ZERO, || kept.keep(&progress), || try_out(&trial, &progress));
            drop(kept);
            let (found, kept, _) = taken_up(&path, &trial);
            assert_eq!(kept.until(), Some(7));
            all = found;
        }
        let bytes = std::fs::read(&path).unwrap();
        // Killed while it wrote: in the last batch, in a length, in its first line.
        let head = bytes.iter().position(|byte| *byte == b'\n').unwrap() + 1;
        for cut in [bytes.len() - 1, head + 2, head, head - 1, 0] {
            std::fs::write(&path, &bytes[..cut]).unwrap();
            let some = taken_up(&path, &trial).0;
            assert!(some < all && (some == 0 || cut > head + 2), "{some} of {all}, cut at {cut}");
            let left = std::fs::read(&path).unwrap();
            assert!(left.len() >= head && left.len() <= cut.max(head) && bytes.starts_with(&left), "cut at {cut}");
            assert_eq!(taken_up(&path, &trial).0, some);
        }
        Kept::open(&path).unwrap().remove().unwrap();
        assert!(!path.exists());
    }

    #[test]
    fn a_file_of_something_else_stays_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("progress");
        let history = generate(Size { orders: 100, items: 20, sources: 3, days: 5, advice_hours: 0 }, 4);
        drop(taken_up(&path, &trial(&history, 1)));
        let bytes = std::fs::read(&path).unwrap();
        let mut kept = Kept::open(&path).unwrap();
        let told = Kept::open(&path).err().unwrap().to_string();
        assert!(told.contains("in use by another replay"), "{told}");
        let told = kept.take_up(&trial(&history, 2), Some(7), &Progress::default()).unwrap_err().to_string();
        assert!(told.contains("another history, policy or seed") && told.contains("or remove the file"), "{told}");
        drop(kept);
        assert_eq!(std::fs::read(&path).unwrap(), bytes);
        for text in ["order,line\n", "{}", "\n"] {
            std::fs::write(&path, text).unwrap();
            let told = Kept::open(&path).err().unwrap().to_string();
            assert!(told.contains("holds no progress of a replay"), "{told}");
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        }
    }
}
