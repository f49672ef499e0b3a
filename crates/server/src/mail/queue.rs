//! Names in the order of their times, so that finding what is due costs what is due and not what is kept.
//!
//! Entries only point: whoever meets one looks at what it names, and an entry that is out of date is dropped then.

use countersign_runtime::ports::{Store, StoreError};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// A queue, by the kind of setting that holds its entries.
pub(super) struct Queue(pub(super) &'static str);

/// A name and its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    key: String,
    /// Since when it is due, to the microsecond.
    pub(super) at: Timestamp,
    /// What is due.
    pub(super) name: String,
}

/// Digits of a time: microseconds since 1970 until the year 5138.
const DIGITS: usize = 17;

impl Queue {
    /// Has a name found from a time on. Blocks.
    pub(super) fn put(&self, store: &dyn Store, name: &str, at: Timestamp) -> Result<(), StoreError> {
        store.put_setting(self.0, &key(at, name), None, Some("")).map(drop)
    }

    /// The first entries whose time has come. Blocks.
    pub(super) fn due(&self, store: &dyn Store, now: Timestamp, limit: u32) -> Result<Vec<Entry>, StoreError> {
        // Behind every name of this microsecond.
        let until = key(now, "\u{10ffff}");
        Ok(store.settings_until(self.0, &until, limit)?.into_iter().filter_map(entry).collect())
    }

    /// Takes an entry out. Blocks.
    pub(super) fn drop(&self, store: &dyn Store, entry: &Entry) -> Result<(), StoreError> {
        store.put_setting(self.0, &entry.key, None, None).map(drop)
    }

    /// Puts in what is kept and has no entry. Blocks; costs what is kept.
    pub(super) fn mend(
        &self,
        store: &dyn Store,
        kept: impl Iterator<Item = (String, Timestamp)>,
    ) -> Result<(), StoreError> {
        let there: BTreeSet<String> =
            store.settings(self.0)?.into_iter().filter_map(|(key, _)| Some(entry(key)?.name)).collect();
        for (name, at) in kept.filter(|(name, _)| !there.contains(name)) {
            self.put(store, &name, at)?;
        }
        Ok(())
    }
}

fn key(at: Timestamp, name: &str) -> String {
    format!("{:0DIGITS$}.{name}", at.as_microsecond().max(0))
}

fn entry(key: String) -> Option<Entry> {
    let (at, name) = key.split_once('.')?;
    let at = Timestamp::from_microsecond(at.parse().ok()?).ok()?;
    let name = name.to_owned();
    Some(Entry { at, name, key })
}
