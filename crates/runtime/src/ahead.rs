//! The batch that is being written while the next one is decided: what its records will be once it is durable.
//!
//! Nobody else sees them before that. If it ends otherwise than it was decided, whoever looked ahead decides again.

use crate::cache::Known;
use crate::desk::Desk;
use crate::workspace::Workspace;
use countersign_engine::slice::Key;
use foldhash::fast::RandomState;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// The batch ahead, as it was decided.
#[derive(Debug)]
pub(crate) struct Ahead {
    known: HashMap<Key, Known, RandomState>,
    held: AtomicBool,
}

impl Ahead {
    /// A record that the batch ahead changes, as it leaves it.
    pub fn get(&self, key: &Key) -> Option<Known> {
        self.known.get(key).cloned()
    }
    /// True once it is durable as it was decided.
    pub fn held(&self) -> bool {
        self.held.load(Ordering::Acquire)
    }
}

/// The place of the batch ahead.
#[derive(Debug, Default)]
pub(crate) struct Place(Mutex<Option<Arc<Ahead>>>);

impl Place {
    /// The batch that is being written, if one is.
    pub fn look(&self) -> Option<Arc<Ahead>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
    fn set(&self, ahead: Option<Arc<Ahead>>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = ahead;
    }
}

/// A batch that lets others look ahead, until it is dropped. Unless it [holds](Published::hold), what they saw is void.
pub(crate) struct Published<'d> {
    desk: &'d Desk,
    ahead: Arc<Ahead>,
}

impl<'d> Published<'d> {
    pub fn new(desk: &'d Desk, space: &Workspace) -> Self {
        let known = space.changes().iter().map(|change| (change.key.clone(), change.known())).collect();
        let ahead = Arc::new(Ahead { known, held: AtomicBool::new(false) });
        desk.ahead.set(Some(ahead.clone()));
        Self { desk, ahead }
    }
    /// It is durable, as it was decided.
    pub fn hold(&self) {
        self.ahead.held.store(true, Ordering::Release);
    }
}

impl Drop for Published<'_> {
    fn drop(&mut self) {
        self.desk.ahead.set(None);
    }
}
