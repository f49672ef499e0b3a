//! The records of one batch: as they were read, and as the decisions so far left them.
//!
//! Knows nothing of commands. A record has a cell; slices are put together from cells, so that a decision sees what
//! the decisions before it changed. The map only finds cells; nothing is ever listed in its order.

use crate::cache::Known;
use crate::ports::Write;
use countersign_engine::slice::{Key, Record, Slice};
use foldhash::fast::RandomState;
use std::collections::HashMap;
use std::sync::Arc;

/// The place of a cell.
pub(crate) type CellId = u32;

#[derive(Debug, Default)]
pub(crate) struct Workspace {
    places: HashMap<Key, CellId, RandomState>,
    cells: Vec<Cell>,
    /// Cells that hold another record than was read, in order of their first change.
    changed: Vec<CellId>,
}

#[derive(Debug)]
struct Cell {
    key: Key,
    /// As read; `None` until it was.
    known: Option<Known>,
    /// As the decisions so far left it.
    now: Option<Record>,
    changed: bool,
}

impl Workspace {
    /// With room for the records of so many commands: each order brings its own, and shares most others.
    pub fn with_room(commands: usize) -> Self {
        let records = commands * 2 + 32;
        let places = HashMap::with_capacity_and_hasher(records, RandomState::default());
        Self { places, cells: Vec::with_capacity(records), changed: vec![] }
    }

    /// The cell of a key. `find` looks where reading costs nothing; what it does not find is to be loaded.
    pub fn cell(&mut self, key: Key, find: impl FnOnce(&Key) -> Option<Known>, missing: &mut Vec<CellId>) -> CellId {
        if let Some(id) = self.places.get(&key) {
            return *id;
        }
        let id = CellId::try_from(self.cells.len()).expect("because a batch has few commands");
        let known = find(&key);
        if known.is_none() {
            missing.push(id);
        }
        self.places.insert(key.clone(), id);
        let now = known.as_ref().and_then(|k| k.record.clone());
        self.cells.push(Cell { key, known, now, changed: false });
        id
    }

    /// Fills a cell with what was read.
    pub fn fill(&mut self, id: CellId, known: Known) {
        let cell = &mut self.cells[id as usize];
        cell.now = known.record.clone();
        cell.known = Some(known);
    }

    pub fn key(&self, id: CellId) -> &Key {
        &self.cells[id as usize].key
    }

    /// True if a decision has changed one of these.
    pub fn any_changed(&self, cells: &[CellId]) -> bool {
        !self.changed.is_empty() && cells.iter().any(|id| self.cells[*id as usize].changed)
    }

    /// The slice of these cells, as they stand now.
    pub fn slice(&self, cells: &[CellId]) -> Slice {
        Slice::new(cells.iter().map(|id| self.slot(*id)))
    }

    /// `slice` with these cells besides.
    pub fn extend(&self, slice: Slice, cells: &[CellId]) -> Slice {
        Slice::new(slice.into_records().chain(cells.iter().map(|id| self.slot(*id))))
    }

    fn slot(&self, id: CellId) -> (Key, Option<Record>) {
        let cell = &self.cells[id as usize];
        (cell.key.clone(), cell.now.clone())
    }

    /// Takes over what a decision made of its slice, all or nothing.
    ///
    /// # Errors
    /// The decision gave back other records than it was given: a bug of the head.
    pub fn take(&mut self, before: &Slice, after: &Slice) -> Result<(), String> {
        let mut news: Vec<(CellId, Option<&Record>)> = vec![];
        for ((key, old), (key_after, new)) in before.records().zip(after.records()) {
            if key != key_after {
                return Err(format!("the decision was given {key:?} and gave back {key_after:?}"));
            }
            if !same(old, new) {
                news.push((*self.places.get(key).expect("because the slice was made of cells"), new));
            }
        }
        for (id, new) in news {
            let cell = &mut self.cells[id as usize];
            cell.now = new.cloned();
            if !cell.changed {
                cell.changed = true;
                self.changed.push(id);
            }
        }
        Ok(())
    }

    /// What was changed: the key, what was read, what is there now; in key order, which is the order of locks.
    pub fn changes(&self) -> Vec<Change<'_>> {
        let mut changes: Vec<Change<'_>> = self
            .changed
            .iter()
            .map(|id| {
                let cell = &self.cells[*id as usize];
                let known = cell.known.as_ref().expect("because only what was read is changed");
                Change { key: &cell.key, version: known.version, before: known.record.as_ref(), now: cell.now.as_ref() }
            })
            .filter(|change| !same(change.before, change.now))
            .collect();
        changes.sort_unstable_by(|a, b| a.key.cmp(b.key));
        changes
    }
}

/// One changed record.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Change<'a> {
    pub key: &'a Key,
    /// As read.
    pub version: u64,
    pub before: Option<&'a Record>,
    pub now: Option<&'a Record>,
}

impl Change<'_> {
    pub fn write(&self) -> Write {
        Write { key: self.key.clone(), expected: self.version, record: self.now.cloned() }
    }
    /// As it is known once the write is durable.
    pub fn known(&self) -> Known {
        Known { version: if self.now.is_some() { self.version + 1 } else { 0 }, record: self.now.cloned() }
    }
}

/// True if both are the very same record; a changed record is always another allocation.
fn same(a: Option<&Record>, b: Option<&Record>) -> bool {
    match (a, b) {
        (None, None) => true,
        (Some(Record::Policy(a)), Some(Record::Policy(b))) => Arc::ptr_eq(a, b),
        (Some(Record::PolicyBook(a)), Some(Record::PolicyBook(b))) => Arc::ptr_eq(a, b),
        (Some(Record::PolicyVersion(a)), Some(Record::PolicyVersion(b))) => Arc::ptr_eq(a, b),
        (Some(Record::Item(a)), Some(Record::Item(b))) => Arc::ptr_eq(a, b),
        (Some(Record::Source(a)), Some(Record::Source(b))) => Arc::ptr_eq(a, b),
        (Some(Record::Offerers(a)), Some(Record::Offerers(b))) => Arc::ptr_eq(a, b),
        (Some(Record::Offer(a)), Some(Record::Offer(b))) => Arc::ptr_eq(a, b),
        (Some(Record::Stock(a)), Some(Record::Stock(b))) => Arc::ptr_eq(a, b),
        (Some(Record::Feed(a)), Some(Record::Feed(b))) => Arc::ptr_eq(a, b),
        (Some(Record::Load(a)), Some(Record::Load(b))) => Arc::ptr_eq(a, b),
        (Some(Record::Desk(a)), Some(Record::Desk(b))) => Arc::ptr_eq(a, b),
        (Some(Record::Learnt(a)), Some(Record::Learnt(b))) => Arc::ptr_eq(a, b),
        (Some(Record::Evidence(a)), Some(Record::Evidence(b))) => Arc::ptr_eq(a, b),
        (Some(Record::Histories(a)), Some(Record::Histories(b))) => Arc::ptr_eq(a, b),
        (Some(Record::Order(a)), Some(Record::Order(b))) => Arc::ptr_eq(a, b),
        _ => false,
    }
}
