//! Papers through two folders: one we write into, one we read from. The partner's side is whatever else sees them.
//!
//! Knows files. A paper is visible under its final name only once it is whole and on disk; a file is fetched only once
//! nobody writes it any more, and taken by moving it into `archive` beside it, so nothing is ever deleted.

use crate::names::{PART, fetchable, is_file_name, numbered, outgoing};
use crate::settle::{Look, Settle};
use countersign_runtime::ports::{Connector, Delivery, Found, Rendered};
use std::collections::BTreeMap;
use std::fs::{self, File, Metadata};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Largest file fetched: the largest feeds seen have some ten megabytes, and a file is held in memory while it is kept.
pub const FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Bytes of one fetch together; the rest comes with the next one.
const FETCH_BYTES_MAX: u64 = 128 * 1024 * 1024;

/// Names tried in the archive before we give up; a partner that reuses one name this often has a fault.
const ARCHIVE_TRIES_MAX: u32 = 10_000;

/// Files rest this long before they are fetched, unless the settings say otherwise.
pub const REST_DEFAULT: Duration = Duration::from_secs(5);

/// Where taken files go, below the folder they came from.
const ARCHIVE: &str = "archive";

/// What tells one state of a file from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Shape {
    size: u64,
    modified: Option<SystemTime>,
}

impl Shape {
    fn of(metadata: &Metadata) -> Self {
        Self { size: metadata.len(), modified: metadata.modified().ok() }
    }

    fn look(self) -> Look {
        let since = self.modified.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        let modified_s = since.and_then(|since| i64::try_from(since.as_secs()).ok()).unwrap_or(0);
        Look { size: self.size, modified_s }
    }
}

/// The connector.
#[derive(Debug)]
pub struct FolderConnector {
    outbound: PathBuf,
    inbound: PathBuf,
    started: Instant,
    desk: Mutex<Desk>,
}

/// What is remembered between calls.
#[derive(Debug)]
struct Desk {
    settle: Settle,
    /// Shape of each fetched file, so that a file replaced meanwhile is not taken for the one that was read.
    fetched: BTreeMap<String, Shape>,
}

impl FolderConnector {
    /// Makes both folders if they are missing. Files rest for `rest` before they are fetched; zero takes them at once.
    ///
    /// # Errors
    /// The name of the faulty setting, and a sentence that says what to mend.
    pub fn new(outbound: PathBuf, inbound: PathBuf, rest: Duration) -> Result<Self, (&'static str, String)> {
        for (field, folder) in [("outbound", &outbound), ("inbound", &inbound)] {
            let made = fs::create_dir_all(folder);
            made.map_err(|error| (field, format!("the folder {} cannot be made: {error}", folder.display())))?;
        }
        let desk = Mutex::new(Desk { settle: Settle::new(rest), fetched: BTreeMap::new() });
        Ok(Self { outbound, inbound, started: Instant::now(), desk })
    }

    fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let whole = self.outbound.join(name);
        if whole.symlink_metadata().is_ok() {
            // An earlier try got this far: the same id has the same bytes.
            return Ok(());
        }
        let part = self.outbound.join(format!(".{name}{PART}"));
        let mut file = File::create(&part)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&part, &whole)?;
        File::open(&self.outbound)?.sync_all()
    }

    /// Finished files in the order they came, oldest first.
    fn list(&self) -> Result<Vec<(String, Shape)>, String> {
        let place = self.inbound.display();
        let entries = fs::read_dir(&self.inbound).map_err(|error| format!("{place} cannot be listed: {error}"))?;
        let mut files = Vec::new();
        for entry in entries {
            let entry = entry.map_err(|error| format!("{place} cannot be listed: {error}"))?;
            // A link could point anywhere on this machine; `metadata` of an entry does not follow it.
            let Ok(metadata) = entry.metadata() else { continue };
            let name = entry.file_name();
            match name.to_str() {
                Some(name) if metadata.is_file() && fetchable(name) => {
                    files.push((name.to_owned(), Shape::of(&metadata)))
                }
                None if metadata.is_file() => {
                    tracing::warn!(?name, folder = %place, "a file name is not UTF-8: rename it")
                }
                _ => {}
            }
        }
        files.sort_by(|a, b| (a.1.modified, &a.0).cmp(&(b.1.modified, &b.0)));
        Ok(files)
    }

    fn settled(&self, files: Vec<(String, Shape)>) -> Vec<(String, Shape)> {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).ok();
        let wall_s = wall.and_then(|wall| i64::try_from(wall.as_secs()).ok());
        let looks: Vec<_> = files.iter().map(|(name, shape)| (name.clone(), shape.look())).collect();
        let mut desk = self.desk();
        desk.fetched.retain(|name, _| looks.iter().any(|(listed, _)| listed == name));
        let settled = desk.settle.look(self.started.elapsed(), wall_s, &looks);
        files.into_iter().zip(settled).filter_map(|(file, settled)| settled.then_some(file)).collect()
    }

    fn desk(&self) -> std::sync::MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads a file as it was listed; `None` if it went away or changed meanwhile.
    fn read(&self, name: &str, listed: Shape) -> io::Result<Option<Vec<u8>>> {
        let file = match File::open(self.inbound.join(name)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut bytes = Vec::with_capacity(usize::try_from(listed.size).unwrap_or(0));
        (&file).take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes)?;
        let unchanged = Shape::of(&file.metadata()?) == listed && bytes.len() as u64 == listed.size;
        Ok(unchanged.then_some(bytes))
    }

    /// A free name in the archive, reserved by an empty file so that two takers never meet.
    fn reserve(&self, name: &str) -> io::Result<PathBuf> {
        let archive = self.inbound.join(ARCHIVE);
        fs::create_dir_all(&archive)?;
        for n in 1..=ARCHIVE_TRIES_MAX {
            let path = archive.join(numbered(name, n));
            match File::create_new(&path) {
                Ok(_) => return Ok(path),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::Error::other(format!("the archive holds {ARCHIVE_TRIES_MAX} files of this name; clear it")))
    }

    /// Moves a file into the archive. If it turns out to be another one than was read, it is put back.
    fn archive(&self, name: &str, read: Option<Shape>) -> io::Result<()> {
        let from = self.inbound.join(name);
        let archived = self.reserve(name)?;
        if let Err(error) = fs::rename(&from, &archived) {
            fs::remove_file(&archived)?;
            let gone = error.kind() == io::ErrorKind::NotFound;
            return if gone { Ok(()) } else { Err(error) };
        }
        let shape = Shape::of(&archived.symlink_metadata()?);
        if read.is_some_and(|read| read != shape) {
            self.put_back(&archived, name)?;
        }
        Ok(())
    }

    fn put_back(&self, archived: &Path, name: &str) -> io::Result<()> {
        for n in 1..=ARCHIVE_TRIES_MAX {
            match fs::hard_link(archived, self.inbound.join(numbered(name, n))) {
                Ok(()) => return fs::remove_file(archived),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::Error::other(format!("{} was replaced while it was taken; move it back by hand", archived.display())))
    }
}

/// The sentence for a file that is too large to be fetched.
pub(crate) fn too_large(place: &str, size: u64) -> String {
    let (has, limit) = (size / (1024 * 1024), FILE_BYTES_MAX / (1024 * 1024));
    format!("{place} has {has} MiB, more than the {limit} MiB that are read; split it, then remove it")
}

impl Connector for FolderConnector {
    fn deliver(&self, id: &str, paper: &Rendered, _deadline: Duration) -> Delivery {
        let name = outgoing(id, &paper.name);
        match self.write(&name, &paper.bytes) {
            Ok(()) => Delivery::Done { receipt: false, answer: None },
            Err(error) => {
                Delivery::Failed { why: format!("{} cannot be written: {error}", self.outbound.join(name).display()) }
            }
        }
    }

    fn idempotent(&self) -> bool {
        true
    }

    fn fetch(&self, limit: usize) -> Result<Vec<Found>, String> {
        let mut found = Vec::new();
        let mut faults = Vec::new();
        let mut bytes_left = FETCH_BYTES_MAX;
        for (name, shape) in self.settled(self.list()?) {
            let place = self.inbound.join(&name);
            if shape.size > FILE_BYTES_MAX {
                faults.push(too_large(&place.display().to_string(), shape.size));
                continue;
            }
            if found.len() >= limit || shape.size > bytes_left {
                break;
            }
            match self.read(&name, shape) {
                Ok(Some(bytes)) => {
                    bytes_left -= shape.size;
                    self.desk().fetched.insert(name.clone(), shape);
                    found.push(Found { name, bytes });
                }
                Ok(None) => {}
                Err(error) => faults.push(format!("{} cannot be read: {error}", place.display())),
            }
        }
        faults.iter().for_each(|fault| tracing::warn!(fault, "a file is left where it is"));
        // One file that cannot be read must not keep the others from being read.
        if found.is_empty() && !faults.is_empty() { Err(faults.join("; ")) } else { Ok(found) }
    }

    fn taken(&self, name: &str) -> Result<(), String> {
        if !is_file_name(name) {
            return Err(format!("{name:?} is not the name of a file in {}", self.inbound.display()));
        }
        let read = self.desk().fetched.remove(name);
        self.archive(name, read)
            .map_err(|error| format!("{} cannot be archived: {error}", self.inbound.join(name).display()))
    }
}
