//! The files of a history in a folder, read by a mapping, and told how far the reading is.

use super::parquet::Lines;
use anyhow::{Context, Result, anyhow};
use countersign_sim::history::History;
use countersign_sim::history::mapping::Mapping;
use countersign_sim::history::read::read_at;
use countersign_sim::history::table::PARQUET;
use jiff::Timestamp;
use std::fs::File;
use std::io::{self, BufReader, IsTerminal, Read};
use std::path::Path;
use std::time::{Duration, Instant};

/// Bytes read from a file at once: histories are read once, from the first byte to the last.
const BUFFER: usize = 1 << 20;
/// How often progress is shown on a terminal.
const SHOWN_EVERY: Duration = Duration::from_millis(500);

/// Reads and checks a mapping file.
///
/// # Errors
/// It cannot be read, or is faulty: each fault with its place.
pub fn mapping(path: &Path) -> Result<Mapping> {
    let text = std::fs::read_to_string(path).with_context(|| format!("{}", path.display()))?;
    Mapping::parse(&text).map_err(|why| anyhow!("{}: {why}", path.display()))
}

/// Reads a history from a folder; `is_told`: says how far it is, on standard error. With the time of import rows are
/// rejected that lie after it; without, the same files are the same history on any day.
///
/// # Errors
/// A file that cannot be opened, or that lacks a column which the mapping names.
pub fn open(folder: &Path, mapping: &Mapping, now: Option<Timestamp>, is_told: bool) -> Result<History> {
    let open = |name: &str| {
        let path = folder.join(name);
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(why) if why.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(why) => return Err(format!("{}: {why}", path.display())),
        };
        let of = file.metadata().map_or(0, |m| m.len());
        let input: Box<dyn Read> = match is_told {
            _ if name.ends_with(PARQUET) => {
                Box::new(Lines::of(file).map_err(|why| format!("{}: {why}", path.display()))?)
            }
            true => Box::new(Told { file, name: name.to_owned(), done: 0, of, shown: Instant::now(), ended: false }),
            false => Box::new(file),
        };
        Ok(Some(BufReader::with_capacity(BUFFER, input)))
    };
    read_at(now, mapping, open).map_err(|why| anyhow!("{why}"))
}

/// A file that says how far it has been read: over and over on a terminal, once at its end in a log.
struct Told {
    file: File,
    name: String,
    done: u64,
    of: u64,
    shown: Instant,
    ended: bool,
}

impl Read for Told {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let some = self.file.read(into)?;
        self.done += some as u64;
        let at_terminal = io::stderr().is_terminal();
        let megabytes = |bytes: u64| bytes.div_ceil(1_000_000);
        if some == 0 && !self.ended {
            self.ended = true;
            eprintln!("{}{}: read, {} MB", if at_terminal { "\r" } else { "" }, self.name, megabytes(self.done));
        } else if at_terminal && self.shown.elapsed() >= SHOWN_EVERY {
            self.shown = Instant::now();
            eprint!("\r{}: {} of {} MB", self.name, megabytes(self.done), megabytes(self.of));
        }
        Ok(some)
    }
}
