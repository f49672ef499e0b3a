//! Remembers which files of a server were taken, where the server lets us neither move nor remove them.
//!
//! One line of JSON a file, appended and synced. Does not know SFTP. A file that comes again under the same name with
//! another size or time is another file.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

/// Dead lines are tolerated up to this many beyond twice the living ones; then the file is written anew.
const DEAD_LINES_MAX: usize = 100;

/// What tells one state of a remote file from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    /// Bytes.
    pub size: u64,
    /// Seconds since 1970 by the server's clock; 0 if it does not tell.
    pub modified_s: u32,
}

#[derive(Debug, Serialize, Deserialize)]
struct Line {
    name: String,
    #[serde(flatten)]
    shape: Shape,
}

/// The files taken.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    taken: BTreeMap<String, Shape>,
    lines: usize,
}

impl Journal {
    /// Reads what is there; a torn last line (a crash) is dropped, its file is then fetched again, which is harmless.
    pub fn open(path: PathBuf) -> io::Result<Self> {
        let mut journal = Self { path, taken: BTreeMap::new(), lines: 0 };
        match File::open(&journal.path) {
            Ok(file) => {
                for line in BufReader::new(file).split(b'\n') {
                    journal.lines += 1;
                    if let Ok(Line { name, shape }) = serde_json::from_slice(&line?) {
                        journal.taken.insert(name, shape);
                    }
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        Ok(journal)
    }

    /// True if this very file was taken.
    pub fn holds(&self, name: &str, shape: Shape) -> bool {
        self.taken.get(name) == Some(&shape)
    }

    /// Writes down that it was taken; durable on return.
    pub fn add(&mut self, name: &str, shape: Shape) -> io::Result<()> {
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut line = serde_json::to_vec(&Line { name: name.to_owned(), shape })?;
        line.push(b'\n');
        let mut file = File::options().create(true).append(true).open(&self.path)?;
        // A torn line from a crash must not swallow this one.
        if self.lines > 0 && !ends_with_newline(&self.path)? {
            line.insert(0, b'\n');
        }
        file.write_all(&line)?;
        file.sync_all()?;
        self.lines += 1;
        self.taken.insert(name.to_owned(), shape);
        Ok(())
    }

    /// Forgets files that the server no longer lists, so that the journal stays as small as the server's folder.
    pub fn keep_only(&mut self, listed: impl Fn(&str) -> bool) -> io::Result<()> {
        self.taken.retain(|name, _| listed(name));
        if self.lines <= 2 * self.taken.len() + DEAD_LINES_MAX {
            return Ok(());
        }
        let part = self.path.with_extension("part");
        let mut file = File::create(&part)?;
        for (name, shape) in &self.taken {
            serde_json::to_writer(&mut file, &Line { name: name.clone(), shape: *shape })?;
            file.write_all(b"\n")?;
        }
        file.sync_all()?;
        fs::rename(&part, &self.path)?;
        self.lines = self.taken.len();
        Ok(())
    }
}

fn ends_with_newline(path: &Path) -> io::Result<bool> {
    use std::io::{Read, Seek, SeekFrom};
    let mut file = File::open(path)?;
    if file.metadata()?.len() == 0 {
        return Ok(true);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(size: u64) -> Shape {
        Shape { size, modified_s: 7 }
    }

    #[test]
    fn what_was_taken_is_remembered_over_a_restart() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("below/taken");
        let mut journal = Journal::open(path.clone()).unwrap();
        journal.add("a\n\"b.edi", shape(1)).unwrap();
        journal.add("c.edi", shape(2)).unwrap();
        let again = Journal::open(path).unwrap();
        assert!(again.holds("a\n\"b.edi", shape(1)) && again.holds("c.edi", shape(2)));
        assert!(!again.holds("c.edi", shape(3)), "a file replaced by another one was not taken");
    }

    #[test]
    fn a_torn_line_costs_only_itself() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("taken");
        Journal::open(path.clone()).unwrap().add("a.edi", shape(1)).unwrap();
        let torn = [fs::read(&path).unwrap(), b"{\"name\":\"b.e".to_vec()].concat();
        fs::write(&path, torn).unwrap();
        Journal::open(path.clone()).unwrap().add("c.edi", shape(3)).unwrap();
        let journal = Journal::open(path).unwrap();
        assert!(journal.holds("a.edi", shape(1)) && journal.holds("c.edi", shape(3)));
        assert_eq!(journal.taken.len(), 2);
    }

    #[test]
    fn it_stays_as_small_as_the_folder() {
        let home = tempfile::tempdir().unwrap();
        let mut journal = Journal::open(home.path().join("taken")).unwrap();
        for n in 0..300 {
            journal.add(&format!("{n}.edi"), shape(n)).unwrap();
            journal.keep_only(|name| name == "0.edi" || name == format!("{n}.edi")).unwrap();
        }
        assert!(fs::read_to_string(&journal.path).unwrap().lines().count() < 200);
        let again = Journal::open(journal.path).unwrap();
        assert!(again.holds("0.edi", shape(0)) && again.holds("299.edi", shape(299)));
    }
}
