//! Histories that this installation keeps: read from files by a mapping, packed, and kept by the store in pieces, so that
//! every node can try a policy on them. The journal knows their names and digests; a backtest names the one it ran over.
//!
//! Knows neither what a policy makes of them nor who asks.

pub mod files;
pub mod parquet;

use countersign_engine::history::{Histories, History as Card};
use countersign_engine::slice::{Key, Record};
use countersign_runtime::ports::{Store, StoreError};
use countersign_sim::history::{History, keep};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::io::{self, BufReader, BufWriter, Read, Write};

/// Bytes of one piece: few enough to be written between two commits, enough for a short list of them.
const PIECE: usize = 1 << 20;
/// The settings that say what is kept in pieces, by digest: written before the first piece, removed after the last.
const WHOLES: &str = "history_pieces";
/// The settings that say which sources a history knows, by digest: found without reading all of it.
const SOURCES: &str = "history_sources";
/// The same of its categories.
const CATEGORIES: &str = "history_categories";
/// Pieces without a history are swept after so long: nobody takes a day to keep one.
const SWEPT_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// The histories that are kept, by name. Blocks.
///
/// # Errors
/// The store cannot be read.
pub fn all(store: &dyn Store) -> Result<Histories, StoreError> {
    let found = store.load(&[Key::Histories])?.pop().flatten();
    Ok(match found.map(|v| v.record) {
        Some(Record::Histories(all)) => all.as_ref().clone(),
        _ => Histories::default(),
    })
}

/// Keeps the bytes of a history. It is there for others once the command that names it has been decided. Blocks.
///
/// # Errors
/// The store cannot be written.
pub fn put(store: &dyn Store, name: &str, history: &History, now: Timestamp) -> Result<Card, StoreError> {
    sweep(store, now)?;
    let card = card(name, history)?;
    let whole = card.digest.as_str();
    store.put_setting(WHOLES, whole, None, Some(&now.to_string()))?;
    let mut pieces = Pieces { store, whole, place: 0, piece: Vec::with_capacity(PIECE) };
    keep::write(history, &mut pieces).map_err(told)?;
    pieces.put().map_err(told)?;
    put_names(store, whole, history)?;
    Ok(card)
}

/// The sources of a history that is kept. Blocks; one that was kept by an earlier version is opened for it, once.
///
/// # Errors
/// The store cannot be read. A history whose bytes are damaged knows nobody.
pub fn sources(store: &dyn Store, kept: &Card) -> Result<BTreeSet<String>, StoreError> {
    names(store, kept, SOURCES)
}

/// Its categories, as [`sources`].
///
/// # Errors
/// As [`sources`].
pub fn categories(store: &dyn Store, kept: &Card) -> Result<BTreeSet<String>, StoreError> {
    names(store, kept, CATEGORIES)
}

fn names(store: &dyn Store, kept: &Card, of: &str) -> Result<BTreeSet<String>, StoreError> {
    if let Some((_, names)) = store.setting(of, &kept.digest)? {
        return Ok(serde_json::from_str(&names).unwrap_or_default());
    }
    match open(store, &kept.name) {
        Ok(history) => {
            put_names(store, &kept.digest, &history)?;
            Ok(named(&history, of))
        }
        Err(_) => Ok(BTreeSet::new()),
    }
}

fn named(history: &History, of: &str) -> BTreeSet<String> {
    match of {
        SOURCES => history.source_ids.iter().map(str::to_owned).collect(),
        _ => history.categories.iter().filter(|c| !c.is_empty()).map(ToString::to_string).collect(),
    }
}

fn put_names(store: &dyn Store, digest: &str, history: &History) -> Result<(), StoreError> {
    for of in [SOURCES, CATEGORIES] {
        let text = serde_json::to_string(&named(history, of)).expect("because names are plain text");
        store.put_setting(of, digest, None, Some(&text))?;
    }
    Ok(())
}

/// Why a history is of no use to anybody, if it is of none.
pub fn useless(history: &History) -> Option<String> {
    let dirt = &history.dirt;
    let first = dirt.samples.first().map(|r| {
        let place = format!("{} row {}", r.file, r.row);
        format!("; the first of them: {place}: {} {:?}: {}", r.column, r.value, r.reason)
    });
    let rows: u64 = dirt.rows.values().sum();
    history.by_time.is_empty().then(|| {
        let (rejected, first) = (dirt.rejected_rows(), first.unwrap_or_default());
        format!("no order of these files can be replayed: {rejected} of {rows} rows were rejected{first}")
    })
}

/// What is told of a history, whether it is kept or not.
///
/// # Errors
/// It cannot be packed.
pub fn card(name: &str, history: &History) -> Result<Card, StoreError> {
    let mut sum = Digester::default();
    keep::write(history, BufWriter::new(&mut sum)).map_err(told)?;
    let dirt = &history.dirt;
    Ok(Card {
        name: name.into(),
        digest: hex::encode(sum.digest.finalize()).into(),
        bytes: sum.bytes,
        rows: dirt.rows.values().sum(),
        rejected: dirt.rejected_rows(),
        orders: history.pasts.len() as u64,
        from: history.span.0.known(),
        to: history.span.1.known(),
    })
}

/// Opens a history that is kept, once its bytes have been proved whole. Blocks.
///
/// # Errors
/// There is none of that name, or its bytes are not what was kept: import it again.
pub fn open(store: &dyn Store, name: &str) -> Result<History, String> {
    let kept = all(store).map_err(|why| why.to_string())?;
    let Some(kept) = kept.all.get(name) else {
        let names: Vec<&str> = kept.all.keys().map(|n| n.as_str()).collect();
        let known = if names.is_empty() { "none is kept".to_owned() } else { format!("kept are {}", names.join(", ")) };
        return Err(format!("there is no history {name:?}; {known}: see countersign import history"));
    };
    let whole = kept.history.digest.as_str();
    let damaged = |why: String| format!("the history {name} is damaged ({why}): import it again");
    if digest(Taken::of(store, whole)).map_err(|why| damaged(why.to_string()))? != whole {
        return Err(damaged("its digest is another one".into()));
    }
    keep::read(BufReader::new(Taken::of(store, whole))).map_err(damaged)
}

/// The same, if it is still the one of that digest. Blocks.
///
/// # Errors
/// It is another one by now, or as for [`open`].
pub fn open_same(store: &dyn Store, name: &str, digest: &str) -> Result<History, String> {
    let kept = all(store).map_err(|why| why.to_string())?;
    match kept.all.get(name) {
        Some(kept) if kept.history.digest != digest => {
            Err(format!("the history {name} is another one by now (its digest was {digest}): take the former in again"))
        }
        _ => open(store, name),
    }
}

/// SHA-256 of all that can be read.
///
/// # Errors
/// It cannot be read.
pub fn digest(mut from: impl Read) -> io::Result<String> {
    let mut sum = Digester::default();
    io::copy(&mut from, &mut sum)?;
    Ok(hex::encode(sum.digest.finalize()))
}

/// Lets bytes go that no history has any longer, or that were never finished. Blocks.
///
/// # Errors
/// The store cannot be read or written.
pub fn sweep(store: &dyn Store, now: Timestamp) -> Result<(), StoreError> {
    let kept = all(store)?;
    for (whole, since) in store.settings(WHOLES)? {
        let begun: Option<Timestamp> = since.parse().ok();
        let is_new = begun.is_some_and(|at| now.duration_since(at) < SWEPT_AFTER);
        if !is_new && kept.all.values().all(|k| k.history.digest != whole) {
            remove(store, &whole)?;
        }
    }
    Ok(())
}

/// Lets the bytes of a history go, unless another name has the same. Blocks.
///
/// # Errors
/// The store cannot be read or written.
pub fn let_go(store: &dyn Store, digest: &str) -> Result<(), StoreError> {
    match all(store)?.all.values().any(|k| k.history.digest == digest) {
        true => Ok(()),
        false => remove(store, digest),
    }
}

fn remove(store: &dyn Store, whole: &str) -> Result<(), StoreError> {
    store.remove_pieces(whole)?;
    store.put_setting(SOURCES, whole, None, None)?;
    store.put_setting(CATEGORIES, whole, None, None)?;
    store.put_setting(WHOLES, whole, None, None).map(drop)
}

fn told(why: io::Error) -> StoreError {
    StoreError::Determinate(format!("the history could not be kept: {why}"))
}

/// Counts and digests what is written into it.
#[derive(Default)]
struct Digester {
    digest: Sha256,
    bytes: u64,
}

impl Write for Digester {
    fn write(&mut self, some: &[u8]) -> io::Result<usize> {
        self.digest.update(some);
        self.bytes += some.len() as u64;
        Ok(some.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What is written into it is kept piece by piece.
struct Pieces<'a> {
    store: &'a dyn Store,
    whole: &'a str,
    place: u32,
    piece: Vec<u8>,
}

impl Pieces<'_> {
    fn put(&mut self) -> io::Result<()> {
        self.store.put_piece(self.whole, self.place, &self.piece).map_err(io::Error::other)?;
        self.place += 1;
        self.piece.clear();
        Ok(())
    }
}

impl Write for Pieces<'_> {
    fn write(&mut self, some: &[u8]) -> io::Result<usize> {
        if self.piece.len() == PIECE {
            self.put()?;
        }
        let fits = some.len().min(PIECE - self.piece.len());
        self.piece.extend_from_slice(&some[..fits]);
        Ok(fits)
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Reads pieces one after the other.
struct Taken<'a> {
    store: &'a dyn Store,
    whole: &'a str,
    next: u32,
    piece: Vec<u8>,
    at: usize,
}

impl<'a> Taken<'a> {
    fn of(store: &'a dyn Store, whole: &'a str) -> Self {
        Self { store, whole, next: 0, piece: vec![], at: 0 }
    }
}

impl Read for Taken<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.at == self.piece.len() {
            let Some(piece) = self.store.piece(self.whole, self.next).map_err(io::Error::other)? else { return Ok(0) };
            (self.piece, self.at, self.next) = (piece, 0, self.next + 1);
        }
        let some = (self.piece.len() - self.at).min(into.len());
        into[..some].copy_from_slice(&self.piece[self.at..self.at + some]);
        self.at += some;
        Ok(some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_engine::command::{Actor, Command, Deed};
    use countersign_runtime::memory::MemoryStore;
    use countersign_runtime::request::{Handled, Request};
    use countersign_runtime::{Desk, Settings};
    use countersign_sim::history::generate::{Size, generate};
    use std::sync::Arc;

    fn history(orders: u32) -> History {
        generate(Size { orders, items: 500, sources: 9, days: 20, advice_hours: 1 }, 4)
    }

    fn told_to(store: &Arc<MemoryStore>, deed: Deed) {
        let desk = Desk::open(store.clone() as Arc<dyn Store>, Settings::default()).unwrap();
        let command = Command { by: Actor::Program { name: "import".into() }, deed };
        let handled = desk.handle(Timestamp::UNIX_EPOCH, vec![Request::new(command)]);
        assert!(matches!(handled[0][0], Handled::Done(_)), "{handled:?}");
    }

    #[test]
    fn a_history_is_kept_found_and_let_go() {
        let (store, now) = (Arc::new(MemoryStore::new()), Timestamp::UNIX_EPOCH);
        let made = history(40_000);
        let card = put(store.as_ref(), "last", &made, now).unwrap();
        assert!(card.bytes > PIECE as u64, "of several pieces: {card:?}");
        assert!(open(store.as_ref(), "last").unwrap_err().contains("none is kept"), "not before the journal says so");
        told_to(&store, Deed::KeepHistory(card.clone()));
        let back = open(store.as_ref(), "last").unwrap();
        assert_eq!(put(store.as_ref(), "last", &back, now).unwrap(), card, "the same again");
        let names = sources(store.as_ref(), &card).unwrap();
        assert_eq!(names, made.source_ids.iter().map(str::to_owned).collect());
        assert!(categories(store.as_ref(), &card).unwrap().iter().all(|c| made.categories.iter().any(|m| m == c)));
        // One that an earlier version kept is asked itself.
        store.put_setting(SOURCES, &card.digest, None, None).unwrap();
        assert_eq!(sources(store.as_ref(), &card).unwrap(), names);
        assert!(open(store.as_ref(), "other").unwrap_err().contains("kept are last"));
        // Bytes that are not what was kept are never replayed.
        store.put_piece(&card.digest, 1, b"torn").unwrap();
        assert!(open(store.as_ref(), "last").unwrap_err().contains("import it again"));
        told_to(&store, Deed::RemoveHistory { name: "last".into() });
        let_go(store.as_ref(), &card.digest).unwrap();
        assert_eq!(store.piece(&card.digest, 0).unwrap(), None);
        assert!(store.settings(WHOLES).unwrap().is_empty() && store.settings(SOURCES).unwrap().is_empty());
        assert!(store.settings(CATEGORIES).unwrap().is_empty());
    }

    #[test]
    fn what_was_never_finished_is_swept_a_day_later() {
        let (store, now) = (Arc::new(MemoryStore::new()), Timestamp::UNIX_EPOCH);
        let left = put(store.as_ref(), "killed", &history(100), now).unwrap();
        sweep(store.as_ref(), now + SignedDuration::from_hours(23)).unwrap();
        assert!(store.piece(&left.digest, 0).unwrap().is_some(), "somebody may still be at it");
        sweep(store.as_ref(), now + SignedDuration::from_hours(25)).unwrap();
        assert_eq!(store.piece(&left.digest, 0).unwrap(), None);
    }
}
