//! The journal as a file that proves itself, and its verification offline.
//!
//! NDJSON: where it begins (and what went before, as far as one must know it), the entries with their exact text, and a
//! signed checkpoint over all up to the last. Knows no store but by its port, and no HTTP.

use super::{Checkpoint, Notary, Verifier};
use anyhow::{Context, Result, bail};
use countersign_runtime::chain::{GENESIS, Hash, link};
use countersign_runtime::merkle::{self, Frontier};
use countersign_runtime::ports::{JournalRow, Store, StoreError};
use countersign_runtime::tree::Tree;
use serde::{Deserialize, Serialize};

/// A line of an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Line {
    /// An entry.
    Entry {
        /// Counted from 1.
        position: u64,
        /// Its link of the chain, in hexadecimal digits.
        hash: String,
        /// Its exact text.
        body: String,
    },
    /// The first line.
    Begin {
        /// Entries that went before and are not in this file.
        after: u64,
        /// The last one's link of the chain.
        previous_hash: String,
        /// The roots of the largest perfect subtrees over them, the largest first.
        peaks: Vec<String>,
    },
    /// The last line.
    End {
        /// The signed note over all entries up to here.
        checkpoint: String,
        /// The key that checks it; compare it with the one you were given.
        verifier: String,
    },
}

impl From<&JournalRow> for Line {
    fn from(row: &JournalRow) -> Self {
        Line::Entry { position: row.position, hash: hex::encode(row.hash), body: row.body.clone() }
    }
}

/// The first line of an export of the entries after `after`.
///
/// # Errors
/// The store could not be read.
pub fn begin(store: &dyn Store, after: u64) -> Result<Line, StoreError> {
    let previous = match after {
        0 => GENESIS,
        _ => store.tree(0, after - 1, 1)?.pop().unwrap_or(GENESIS),
    };
    let frontier = Tree::open(store)?.frontier(after)?;
    let peaks = frontier.peaks().iter().map(hex::encode).collect();
    Ok(Line::Begin { after, previous_hash: hex::encode(previous), peaks })
}

/// The last line of an export of the entries up to `size`.
///
/// # Errors
/// The store could not be read.
pub fn end(store: &dyn Store, notary: &Notary, size: u64) -> Result<Line, StoreError> {
    let root = Tree::open(store)?.root(size)?;
    Ok(Line::End { checkpoint: notary.sign(size, root), verifier: notary.verifier().to_string() })
}

/// A journal that is not what it was; the words say where it shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault(pub String);

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// What has been proved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proved {
    /// Entries up to the last one seen.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
    /// The last link of the chain.
    pub head: Hash,
}

/// Follows chain and tree, entry by entry.
pub struct Check {
    frontier: Frontier,
    head: Hash,
    /// A checkpoint kept from earlier, until it was met.
    kept: Option<Checkpoint>,
    end: Option<Checkpoint>,
}

impl Check {
    /// From the first entry on; `kept` is a checkpoint kept elsewhere, without which a journal that was wholly written
    /// anew cannot be told.
    pub fn new(kept: Option<Checkpoint>) -> Self {
        Self { frontier: Frontier::default(), head: GENESIS, kept, end: None }
    }

    /// The next line of an export; `key` opens its checkpoint.
    ///
    /// # Errors
    /// It does not fit those before.
    pub fn line(&mut self, line: &Line, key: Option<&Verifier>) -> Result<(), Fault> {
        if self.end.is_some() {
            return Err(Fault("lines follow the checkpoint that ends the export: they were added".into()));
        }
        match line {
            Line::Entry { position, hash, body } => {
                let Some(hash) = hash_of(hash) else {
                    return Err(Fault(format!("entry {position} has no hash of 32 bytes")));
                };
                self.entry(*position, body, &hash)
            }
            Line::Begin { after, previous_hash, peaks } => {
                let read: Option<Vec<Hash>> = peaks.iter().map(|peak| hash_of(peak)).collect();
                let frontier = read.and_then(|peaks| Frontier::from_parts(*after, peaks));
                let (Some(frontier), Some(head), 0) = (frontier, hash_of(previous_hash), self.frontier.size()) else {
                    return Err(Fault("the first line does not say where the export begins".into()));
                };
                (self.frontier, self.head) = (frontier, head);
                self.meet()
            }
            Line::End { checkpoint, .. } => {
                let opened = match key {
                    Some(key) => key.open(checkpoint),
                    None => Checkpoint::read(checkpoint),
                };
                let end = opened.map_err(|e| Fault(format!("the checkpoint at the end: {e:#}")))?;
                self.end = Some(end);
                Ok(())
            }
        }
    }

    /// The next entry.
    ///
    /// # Errors
    /// It does not fit those before.
    pub fn entry(&mut self, position: u64, body: &str, hash: &Hash) -> Result<(), Fault> {
        let expected = self.frontier.size() + 1;
        if position != expected {
            return Err(Fault(format!("entry {expected} is missing or out of order: entry {position} stands there")));
        }
        if link(&self.head, position, body.as_bytes()) != *hash {
            return Err(Fault(format!("the text of entry {position}, or its hash, was changed")));
        }
        self.head = *hash;
        self.frontier.push(merkle::leaf(hash));
        self.meet()
    }

    /// Compares with the kept checkpoint where it stands.
    fn meet(&mut self) -> Result<(), Fault> {
        let Some(kept) = self.kept.take_if(|kept| kept.size == self.frontier.size()) else { return Ok(()) };
        match kept.root == self.frontier.root() {
            true => Ok(()),
            false => Err(Fault(format!(
                "the first {} entries are not those of the kept checkpoint: the journal was written anew",
                kept.size
            ))),
        }
    }

    /// The end of an export.
    ///
    /// # Errors
    /// It is not the end that was signed, or a kept checkpoint was not met.
    pub fn finish_export(mut self) -> Result<Proved, Fault> {
        let Some(end) = self.end.take() else {
            return Err(Fault(format!("the export stops after entry {} without its checkpoint", self.frontier.size())));
        };
        if (end.size, end.root) != (self.frontier.size(), self.frontier.root()) {
            return Err(Fault(format!(
                "the checkpoint is of {} entries with another root than the {} there are: entries were changed or cut \
                 off",
                end.size,
                self.frontier.size()
            )));
        }
        self.finish()
    }

    /// The end of a journal.
    ///
    /// # Errors
    /// A kept checkpoint was not met.
    pub fn finish(self) -> Result<Proved, Fault> {
        let (size, root) = (self.frontier.size(), self.frontier.root());
        match self.kept {
            None => Ok(Proved { size, root, head: self.head }),
            Some(kept) if kept.size > size => Err(Fault(format!(
                "the journal ends at entry {size}, the kept checkpoint is of {}: entries were cut off",
                kept.size
            ))),
            Some(kept) => Err(Fault(format!(
                "the kept checkpoint is of {} entries, the export begins later: ask for a consistency proof, or export \
                 from the beginning",
                kept.size
            ))),
        }
    }
}

/// A proof as `GET /v1/audit/proof` gives it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Proof {
    /// That an entry is in the log.
    Inclusion {
        /// Counted from 1.
        position: u64,
        /// The link before it.
        previous_hash: String,
        /// Its own link.
        hash: String,
        /// Its exact text.
        body: String,
        /// From its leaf to the root, from the bottom up.
        path: Vec<String>,
        /// The signed note with that root.
        checkpoint: String,
    },
    /// That the log continues an earlier state of itself.
    Consistency {
        /// The earlier number of entries.
        from: u64,
        /// As RFC 6962 lists them.
        path: Vec<String>,
        /// The signed note over the later state.
        checkpoint: String,
    },
}

impl Proof {
    /// Checks it, offline; `kept` is the earlier checkpoint that a proof of consistency starts from. Says what it proves.
    ///
    /// # Errors
    /// It proves nothing.
    pub fn check(&self, key: Option<&Verifier>, kept: Option<&Checkpoint>) -> Result<String> {
        let open = |note: &str| key.map_or_else(|| Checkpoint::read(note), |key| key.open(note));
        let hashes = |path: &[String]| -> Result<Vec<Hash>> {
            path.iter().map(|step| hash_of(step).context("a step of the path is no hash")).collect()
        };
        match self {
            Proof::Inclusion { position, previous_hash, hash, body, path, checkpoint } => {
                let (top, path) = (open(checkpoint)?, hashes(path)?);
                let previous = hash_of(previous_hash).context("previous_hash is no hash")?;
                let own = hash_of(hash).context("hash is no hash")?;
                if link(&previous, *position, body.as_bytes()) != own {
                    bail!("the text of entry {position} is not the one that its hash was made from");
                }
                let number = position.checked_sub(1).context("entries count from 1")?;
                if !merkle::includes(&merkle::leaf(&own), number, top.size, &path, &top.root) {
                    bail!("entry {position} is not among the {} of the checkpoint", top.size);
                }
                Ok(format!("entry {position} is among the {} entries of {}", top.size, top.origin))
            }
            Proof::Consistency { from, path, checkpoint } => {
                let (top, path) = (open(checkpoint)?, hashes(path)?);
                let kept = kept.context("a proof of consistency starts from a kept checkpoint: give --checkpoint")?;
                if kept.size != *from {
                    bail!("the kept checkpoint is of {} entries, the proof starts from {from}", kept.size);
                }
                if !merkle::continues(*from, &kept.root, top.size, &top.root, &path) {
                    bail!("the {} entries do not continue the {from} of the kept checkpoint", top.size);
                }
                Ok(format!("the {} entries of {} continue the {from} of the kept checkpoint", top.size, top.origin))
            }
        }
    }
}

fn hash_of(text: &str) -> Option<Hash> {
    let mut hash = GENESIS;
    hex::decode_to_slice(text, &mut hash).ok()?;
    Some(hash)
}

#[cfg(test)]
mod tests;
