//! `countersign audit`: the journal's proofs, from a live store, a stopped one, or an export.

use super::Ended;
use crate::config::Common;
use anyhow::{Context, Result, bail};
use clap::Subcommand;
use countersign_runtime::chain::{GENESIS, Hash, link};
use countersign_runtime::ports::{JournalRow, Store};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::PathBuf;

/// Entries read at once.
const PAGE: u32 = 1_000;

#[derive(Subcommand)]
pub enum Audit {
    /// Find any changed, removed or reordered entry
    Verify {
        /// An export; the store of --data or --database if left out
        #[arg(long)]
        export: Option<PathBuf>,
        /// A head noted earlier (POSITION:HASH): finds a journal that was cut or written anew
        #[arg(long)]
        head: Option<String>,
    },
    /// Write all entries with their hashes as NDJSON
    Export {
        /// Where to; standard output if left out
        #[arg(long)]
        to: Option<PathBuf>,
    },
    /// Print the journal's head, to be kept elsewhere
    Checkpoint,
}

/// A line of an export.
#[derive(Serialize, Deserialize)]
struct Line {
    position: u64,
    hash: String,
    /// The entry's exact text.
    body: String,
}

impl Audit {
    pub fn run(self, common: &Common) -> Result<Ended> {
        match self {
            Audit::Verify { export: Some(path), head } => {
                let file = File::open(&path).with_context(|| format!("{}", path.display()))?;
                let lines = BufReader::new(file).lines().enumerate().map(|(n, line)| {
                    let line: Line =
                        serde_json::from_str(&line?).with_context(|| format!("line {} of the export", n + 1))?;
                    let mut hash = GENESIS;
                    hex::decode_to_slice(&line.hash, &mut hash)
                        .with_context(|| format!("hash on line {} of the export", n + 1))?;
                    Ok((line.position, line.body, hash))
                });
                verify(lines, head.as_deref())
            }
            Audit::Verify { export: None, head } => {
                let store = open(common)?;
                verify(entries(store.as_ref()).map(|row| row.map(|r| (r.position, r.body, r.hash))), head.as_deref())
            }
            Audit::Export { to } => {
                let store = open(common)?;
                let out: Box<dyn Write> = match &to {
                    Some(path) => Box::new(File::create(path).with_context(|| format!("{}", path.display()))?),
                    None => Box::new(std::io::stdout()),
                };
                let mut out = BufWriter::new(out);
                for row in entries(store.as_ref()) {
                    let row = row?;
                    let line = Line { position: row.position, hash: hex::encode(row.hash), body: row.body };
                    writeln!(out, "{}", serde_json::to_string(&line)?)?;
                }
                out.flush()?;
                Ok(Ended::Done)
            }
            Audit::Checkpoint => {
                let (position, hash) = open(common)?.head()?;
                println!("{position}:{}", hex::encode(hash));
                Ok(Ended::Done)
            }
        }
    }
}

fn open(common: &Common) -> Result<std::sync::Arc<dyn Store>> {
    let config = common.resolve()?;
    Ok(countersign_store::open(&config.store_location())?)
}

/// All entries of a store, in order.
fn entries(store: &dyn Store) -> impl Iterator<Item = Result<JournalRow>> + '_ {
    let mut after = 0;
    let mut page = vec![].into_iter();
    std::iter::from_fn(move || {
        if let Some(row) = page.next() {
            return Some(Ok(row));
        }
        match store.journal(after, PAGE) {
            Ok(rows) => {
                after = rows.last()?.position;
                page = rows.into_iter();
                page.next().map(Ok)
            }
            Err(e) => Some(Err(e.into())),
        }
    })
}

fn verify(entries: impl Iterator<Item = Result<(u64, String, Hash)>>, head: Option<&str>) -> Result<Ended> {
    let wanted = head.map(parse_head).transpose()?;
    let (mut last, mut previous) = (0_u64, GENESIS);
    let mut met = wanted.is_none();
    for entry in entries {
        let (position, body, hash) = entry?;
        if position != last + 1 {
            println!("FAULT at entry {}: it is missing or out of order (found {position})", last + 1);
            return Ok(Ended::Faulty);
        }
        if link(&previous, position, body.as_bytes()) != hash {
            println!("FAULT at entry {position}: its text or an entry before it was changed");
            return Ok(Ended::Faulty);
        }
        if let Some((at, expected)) = wanted
            && at == position
        {
            if expected != hash {
                println!(
                    "FAULT: entry {position} is not the one that the noted head was made from; the journal was written anew"
                );
                return Ok(Ended::Faulty);
            }
            met = true;
        }
        (last, previous) = (position, hash);
    }
    if !met {
        let at = wanted.map_or(0, |(at, _)| at);
        println!("FAULT: the journal ends at entry {last}, the noted head is entry {at}; entries were cut off");
        return Ok(Ended::Faulty);
    }
    println!("{last} entries, the chain holds; head {last}:{}", hex::encode(previous));
    Ok(Ended::Done)
}

fn parse_head(text: &str) -> Result<(u64, Hash)> {
    let mut hash = GENESIS;
    let parsed = text.split_once(':').and_then(|(at, hex_text)| {
        hex::decode_to_slice(hex_text, &mut hash).ok()?;
        at.parse().ok()
    });
    match parsed {
        Some(at) => Ok((at, hash)),
        None => bail!("a head is POSITION:HASH, as `countersign audit checkpoint` prints it, not {text:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chained(bodies: &[&str]) -> Vec<(u64, String, Hash)> {
        let mut previous = GENESIS;
        let entry = |(n, body): (u64, &&str)| {
            previous = link(&previous, n, body.as_bytes());
            (n, (*body).to_owned(), previous)
        };
        (1..).zip(bodies).map(entry).collect()
    }

    fn holds(entries: Vec<(u64, String, Hash)>, head: Option<&str>) -> bool {
        matches!(verify(entries.into_iter().map(Ok), head).unwrap(), Ended::Done)
    }

    #[test]
    fn every_change_removal_and_swap_is_found() {
        let whole = chained(&["a", "b", "c", "d"]);
        let head = format!("4:{}", hex::encode(whole[3].2));
        assert!(holds(whole.clone(), Some(&head)));
        for i in 0..4 {
            let mut changed = whole.clone();
            changed[i].1.push('!');
            assert!(!holds(changed, None), "changed {i}");
            let mut removed = whole.clone();
            removed.remove(i);
            assert!(!holds(removed, Some(&head)), "removed {i}");
        }
        let mut swapped = whole.clone();
        swapped.swap(1, 2);
        assert!(!holds(swapped, None));
        assert!(!holds(whole[..3].to_vec(), Some(&head)), "cut");
        assert!(!holds(chained(&["a", "x", "c", "d"]), Some(&head)), "written anew");
    }
}
