//! Following the journal: what other desks wrote is forgotten here, so that it is read afresh.
//!
//! Also finds out whether a commit whose answer was lost was made.

use crate::desk::Desk;
use crate::ports::{Commit, StoreError};
use countersign_engine::journal::Entry;
use countersign_engine::slice::Key;
use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Journal entries read at once.
const PAGE: u32 = 500;
/// Entries behind which it is cheaper to forget everything than to read them.
const BEHIND_MAX: u64 = 20_000;

/// How far the journal is known.
#[derive(Debug)]
pub(crate) struct Tail(Mutex<Reach>);

#[derive(Debug)]
struct Reach {
    /// All entries up to here are reflected in memory.
    position: u64,
    /// Our own entries beyond: (first, last), in order.
    own: BTreeSet<(u64, u64)>,
}

impl Tail {
    /// Memory is empty: it reflects any position.
    pub fn from(position: u64) -> Self {
        Self(Mutex::new(Reach { position, own: BTreeSet::new() }))
    }

    /// The position up to which memory reflects the journal.
    pub fn position(&self) -> u64 {
        self.guard().position
    }

    /// We wrote `count` entries from `first` on.
    pub fn wrote(&self, first: u64, count: u64) {
        if count == 0 {
            return;
        }
        let mut reach = self.guard();
        reach.own.insert((first, first + count - 1));
        reach.close();
    }

    fn guard(&self) -> MutexGuard<'_, Reach> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reach {
    /// Our own entries that follow without a gap need not be read.
    fn close(&mut self) {
        while let Some((first, last)) = self.own.first().copied().filter(|(first, _)| *first <= self.position + 1) {
            self.own.remove(&(first, last));
            self.position = self.position.max(last);
        }
    }
}

impl Desk {
    /// Follows the journal to its end: records that others changed are forgotten here. Returns how many entries were
    /// read. Call it now and then where several desks share a store; alone, it reads nothing.
    ///
    /// # Errors
    /// The store could not be read.
    pub fn follow(&self) -> Result<u64, StoreError> {
        let (head, _) = self.store.head()?;
        let mut read = 0;
        loop {
            let position = self.tail.position();
            if position >= head {
                return Ok(read);
            }
            if head - position > BEHIND_MAX {
                self.forget_all();
                self.tail.wrote(position + 1, head - position);
                return Ok(read);
            }
            let rows = self.store.journal(position, PAGE)?;
            let Some(last) = rows.last().map(|row| row.position) else { return Ok(read) };
            read += rows.len() as u64;
            for row in &rows {
                match changed_by(&row.body) {
                    Ok(keys) => keys.iter().for_each(|key| {
                        self.cache.forget(key);
                        self.shelf.changed(key);
                    }),
                    Err(_) => self.forget_all(),
                }
            }
            self.tail.wrote(position + 1, last - position);
        }
    }

    fn forget_all(&self) {
        self.cache.clear();
        self.shelf.clear();
    }

    /// The position of a commit's first entry, if the commit was made after `known`.
    pub(crate) fn find_commit(&self, commit: &Commit, known: u64) -> Result<Option<u64>, StoreError> {
        let Some(sought) = commit.entries.first() else { return Ok(None) };
        let mut after = known;
        loop {
            let rows = self.store.journal(after, PAGE)?;
            if let Some(row) = rows.iter().find(|row| row.subject == sought.subject && row.body == sought.body) {
                return Ok(Some(row.position));
            }
            match rows.last() {
                Some(last) => after = last.position,
                None => return Ok(None),
            }
        }
    }
}

fn changed_by(body: &str) -> Result<BTreeSet<Key>, serde_json::Error> {
    let entry: Entry = serde_json::from_str(body)?;
    Ok(entry.events.iter().flat_map(countersign_engine::touches).collect())
}
