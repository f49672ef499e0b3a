//! The journal's Merkle tree as the store keeps it: of the entries' own hashes, and of the roots of every 256, 65,536, …
//! entries.
//!
//! Follows the journal and adds nothing to a commit: what is missing is computed when somebody asks, or in the
//! background, from hashes that stand there anyway. A proof reads a few hundred hashes, however long the journal is.

use crate::chain::Hash;
use crate::merkle::{self, Frontier, Hashes};
use crate::ports::{Store, StoreError};
use std::collections::BTreeMap;

/// Hashes of one level under one hash of the next: eight generations of the binary tree.
const WIDTH: u64 = 256;
/// Generations between two levels.
const GENERATIONS: u32 = WIDTH.trailing_zeros();
/// Levels that a journal of any length can have.
const LEVELS: u8 = (u64::BITS / GENERATIONS) as u8;
/// Hashes computed between two writes: a few megabytes of reading.
const AT_ONCE: u64 = 64;

/// Brings the stored hashes up to the journal's end; returns how many were added. Two that do it at the same time
/// write the same.
///
/// # Errors
/// The store could not be read or written.
pub fn grow(store: &dyn Store) -> Result<u64, StoreError> {
    let mut below = store.head()?.0;
    let mut added = 0;
    for level in 1..LEVELS {
        let mut known = store.tree_length(level)?;
        let full = below / WIDTH;
        while known < full {
            let more = AT_ONCE.min(full - known);
            let children = rows(store, level - 1, known * WIDTH, more * WIDTH)?;
            let hashes: Vec<Hash> = children.chunks_exact(WIDTH as usize).map(merkle::perfect).collect();
            store.extend_tree(level, known, &hashes)?;
            known += more;
            added += more;
        }
        if full == 0 {
            break;
        }
        below = known;
    }
    Ok(added)
}

/// Hashes of one level; those of the journal as leaves.
fn rows(store: &dyn Store, level: u8, from: u64, count: u64) -> Result<Vec<Hash>, StoreError> {
    let hashes = store.tree(level, from, count as u32)?;
    if hashes.len() as u64 != count {
        let why = format!("the journal's tree lacks hashes of level {level} from {from} on: some were removed");
        return Err(StoreError::Determinate(why));
    }
    Ok(if level == 0 { hashes.iter().map(merkle::leaf).collect() } else { hashes })
}

/// The tree of a store, up to the entries there were when it was opened.
pub struct Tree<'s> {
    store: &'s dyn Store,
    size: u64,
    /// Rows of at most [`WIDTH`] hashes that were read, by level and place.
    read: BTreeMap<(u8, u64), Vec<Hash>>,
}

impl<'s> Tree<'s> {
    /// The tree over all entries there are.
    ///
    /// # Errors
    /// The store could not be read or written.
    pub fn open(store: &'s dyn Store) -> Result<Self, StoreError> {
        let size = store.head()?.0;
        grow(store)?;
        Ok(Self { store, size, read: BTreeMap::new() })
    }
    /// Its entries.
    pub fn size(&self) -> u64 {
        self.size
    }
    /// The root over the first `size` entries.
    ///
    /// # Errors
    /// The store could not be read.
    pub fn root(&mut self, size: u64) -> Result<Hash, StoreError> {
        merkle::root(self, size)
    }
    /// That the entry at `position` is among the first `size`.
    ///
    /// # Errors
    /// The store could not be read.
    pub fn inclusion(&mut self, position: u64, size: u64) -> Result<Vec<Hash>, StoreError> {
        merkle::inclusion(self, position - 1, size)
    }
    /// That the first `size` entries continue the first `earlier`.
    ///
    /// # Errors
    /// The store could not be read.
    pub fn consistency(&mut self, earlier: u64, size: u64) -> Result<Vec<Hash>, StoreError> {
        merkle::consistency(self, earlier, size)
    }
    /// What is needed to go on after the first `size` entries.
    ///
    /// # Errors
    /// The store could not be read.
    pub fn frontier(&mut self, size: u64) -> Result<Frontier, StoreError> {
        Frontier::of(self, size)
    }
}

impl Hashes for Tree<'_> {
    type Error = StoreError;
    fn subtree(&mut self, height: u32, number: u64) -> Result<Hash, StoreError> {
        let (level, rest) = ((height / GENERATIONS) as u8, height % GENERATIONS);
        let (from, count) = (number << rest, 1_u64 << rest);
        // A subtree of fewer than `WIDTH` hashes lies in one row.
        let row = from / WIDTH;
        let there = match self.read.entry((level, row)) {
            std::collections::btree_map::Entry::Occupied(there) => there.into_mut(),
            std::collections::btree_map::Entry::Vacant(place) => {
                let length = (self.size >> (u32::from(level) * GENERATIONS)).saturating_sub(row * WIDTH).min(WIDTH);
                place.insert(rows(self.store, level, row * WIDTH, length)?)
            }
        };
        let at = (from % WIDTH) as usize;
        let hashes = there.get(at..at + count as usize);
        hashes.map(merkle::perfect).ok_or_else(|| {
            StoreError::Determinate(format!("the journal's tree ends before hash {} of level {level}", from + count))
        })
    }
}
