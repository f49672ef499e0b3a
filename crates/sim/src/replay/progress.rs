//! How far a trial has come; and its finished parts as sealed batches of bytes, so that a trial whose process was killed
//! goes on where it was and comes to the same result.
//!
//! Does not know where batches are kept, nor when. A batch is sealed for its trial: one that is torn, or of another trial,
//! or of another build of this program, is not taken up, and what it held is replayed.

use super::trial::{SEEDS_MAX, Trial};
use super::unit::Unit;
use crate::history::pack::{Bytes, put_number};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Bytes after which a batch is full: a write that holds nobody up. It may be a part larger.
const BATCH: usize = 1 << 20;
/// Bytes of a seal.
const SEAL: usize = 32;

/// How far a trial has come, for whoever waits; and how to stop it.
#[derive(Debug, Default)]
pub struct Progress {
    /// Orders replayed.
    pub done: AtomicU64,
    /// Orders to be replayed.
    pub of: AtomicU64,
    /// Set to stop.
    pub stop: AtomicBool,
    finished: Mutex<Finished>,
}

/// Finished parts, by place.
#[derive(Debug, Default)]
struct Finished {
    all: BTreeMap<usize, Arc<Unit>>,
    /// Places that are in no batch yet.
    unsaved: Vec<usize>,
}

/// What finished parts belong to: a history, policies, seeds, and the build that replayed them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity([u8; SEAL]);

impl Identity {
    /// Of a trial over a history of that digest, tried by that build of the program.
    pub fn of(trial: &Trial, history: &str, build: &str) -> Self {
        let policies = trial.policies.iter().map(|(_, policy)| policy).collect::<Vec<_>>();
        let policies = serde_json::to_string(&policies).expect("because policies are plain data");
        let seeds = format!("{} {}", trial.seed, trial.seeds.clamp(1, SEEDS_MAX));
        let mut sum = Sha256::new();
        for text in [build, history, &seeds, &policies] {
            sum.update((text.len() as u64).to_be_bytes());
            sum.update(text);
        }
        Self(sum.finalize().into())
    }

    /// What a batch begins with.
    fn seal(&self, body: &[u8]) -> [u8; SEAL] {
        Sha256::new().chain_update(self.0).chain_update(body).finalize().into()
    }
}

impl std::fmt::Display for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl Progress {
    /// What was finished since the last batch, as the next one; `None` if nothing was.
    pub fn batch(&self, of: &Identity) -> Option<Vec<u8>> {
        let mut batch = vec![0; SEAL];
        while batch.len() < BATCH
            && let Some((place, unit)) = self.next_unsaved()
        {
            put_number(&mut batch, place as u64);
            unit.pack(&mut batch);
        }
        let (seal, body) = batch.split_at_mut(SEAL);
        seal.copy_from_slice(&of.seal(body));
        (!body.is_empty()).then_some(batch)
    }

    /// Takes up what a batch holds; false if it is not one of this trial as it was made.
    pub fn take_up(&self, of: &Identity, batch: &[u8]) -> bool {
        let Some((seal, body)) = batch.split_at_checked(SEAL) else { return false };
        if *seal != of.seal(body) {
            return false;
        }
        let (mut finished, mut from) = (self.finished(), Bytes::of(body));
        while !from.is_empty() {
            let (place, unit) = (from.small(), Unit::unpack(&mut from));
            let orders = unit.total.orders;
            if finished.all.insert(place, Arc::new(unit)).is_none() {
                self.done.fetch_add(orders, Ordering::Relaxed);
            }
        }
        true
    }

    /// From now on nothing counts as saved.
    pub fn save_again(&self) {
        let mut finished = self.finished();
        finished.unsaved = finished.all.keys().copied().collect();
    }

    pub(super) fn has(&self, place: usize) -> bool {
        self.finished().all.contains_key(&place)
    }

    pub(super) fn finish(&self, place: usize, unit: Unit) {
        let mut finished = self.finished();
        finished.all.insert(place, Arc::new(unit));
        finished.unsaved.push(place);
    }

    /// All that is finished, by place; from now on nothing is.
    pub(super) fn taken(&self) -> BTreeMap<usize, Arc<Unit>> {
        std::mem::take(&mut *self.finished()).all
    }

    /// Packing takes a moment: nobody who has finished a part waits for it.
    fn next_unsaved(&self) -> Option<(usize, Arc<Unit>)> {
        let mut finished = self.finished();
        let place = finished.unsaved.pop()?;
        finished.all.get(&place).map(|unit| (place, unit.clone()))
    }

    // What the lock guards is whole after every statement.
    fn finished(&self) -> MutexGuard<'_, Finished> {
        self.finished.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
