//! Records kept in memory: what the desk decides on and what quotes are answered from, without asking the store.
//!
//! Bounded by size; orders have a small share of their own, because each is needed a few times and there is no end of
//! them. A stale record does no harm to a decision: the store compares versions. Does not know how records get here.

use crate::ports::Versioned;
use countersign_engine::slice::{Key, Record};
use foldhash::fast::RandomState;
use std::collections::VecDeque;
use std::collections::hash_map::{Entry, HashMap};
use std::hash::BuildHasher;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// Parts of the cache that are locked apart: enough that two cores seldom meet.
const SHARDS: usize = 16;
/// What a slot costs besides its record: key twice, map and queue.
const SLOT_BYTES: usize = 200;

/// How much may be kept.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// For items, offers, stock, sources, policy.
    pub catalogue_bytes_max: usize,
    /// For orders.
    pub orders_bytes_max: usize,
}

impl Default for Limits {
    /// A catalogue of some 100,000 offers, and the orders of the last minutes: within the memory that the figures allow.
    fn default() -> Self {
        Self { catalogue_bytes_max: 96 << 20, orders_bytes_max: 24 << 20 }
    }
}

/// A record as it is known, or known to be absent.
#[derive(Debug, Clone, PartialEq)]
pub struct Known {
    /// 0 if absent.
    pub version: u64,
    /// The record.
    pub record: Option<Record>,
}

impl From<Option<Versioned>> for Known {
    fn from(loaded: Option<Versioned>) -> Self {
        match loaded {
            Some(Versioned { version, record }) => Known { version, record: Some(record) },
            None => Known { version: 0, record: None },
        }
    }
}

/// The cache.
#[derive(Debug)]
pub struct Cache {
    shards: Vec<RwLock<Shard>>,
    hasher: RandomState,
    limits: Limits,
}

#[derive(Debug, Default)]
struct Shard {
    slots: HashMap<Key, Slot, RandomState>,
    catalogue: Ring,
    orders: Ring,
}

#[derive(Debug)]
struct Slot {
    /// `None` once it has moved on elsewhere.
    known: Option<Known>,
    bytes: usize,
    /// Read since the hand last passed: it gets a second chance.
    used: AtomicBool,
}

/// Keys in the order in which they are considered for removal.
#[derive(Debug, Default)]
struct Ring {
    queue: VecDeque<Key>,
    bytes: usize,
}

impl Cache {
    /// An empty cache.
    pub fn new(limits: Limits) -> Self {
        Self { shards: (0..SHARDS).map(|_| RwLock::default()).collect(), hasher: RandomState::default(), limits }
    }

    /// The record, if it is known here.
    pub fn get(&self, key: &Key) -> Option<Known> {
        let shard = read(self.shard(key));
        let slot = shard.slots.get(key)?;
        if !slot.used.load(Ordering::Relaxed) {
            slot.used.store(true, Ordering::Relaxed);
        }
        slot.known.clone()
    }

    /// Keeps a record, unless a newer one is here. That an order is absent is not kept: there is no end of absent ones.
    pub fn put(&self, key: &Key, known: Known) {
        let is_order = matches!(key, Key::Order(_));
        if is_order && known.record.is_none() {
            return;
        }
        let bytes = SLOT_BYTES + known.record.as_ref().map_or(0, size);
        let mut guard = write(self.shard(key));
        let Shard { slots, catalogue, orders } = &mut *guard;
        let (ring, limit) = match is_order {
            true => (orders, self.limits.orders_bytes_max / SHARDS),
            false => (catalogue, self.limits.catalogue_bytes_max / SHARDS),
        };
        match slots.entry(key.clone()) {
            Entry::Occupied(mut there) => {
                let slot = there.get_mut();
                if slot.known.as_ref().is_some_and(|there| there.version > known.version) {
                    return;
                }
                ring.bytes = ring.bytes - slot.bytes + bytes;
                (slot.known, slot.bytes) = (Some(known), bytes);
            }
            Entry::Vacant(free) => {
                free.insert(Slot { known: Some(known), bytes, used: AtomicBool::new(false) });
                ring.queue.push_back(key.clone());
                ring.bytes += bytes;
            }
        }
        ring.shrink(slots, limit);
    }

    /// Forgets a record: it has moved on elsewhere.
    pub fn forget(&self, key: &Key) {
        let mut guard = write(self.shard(key));
        if let Some(slot) = guard.slots.get_mut(key) {
            slot.known = None;
        }
    }

    /// Forgets everything.
    pub fn clear(&self) {
        self.shards.iter().for_each(|shard| *write(shard) = Shard::default());
    }

    /// Records kept and their approximate size in bytes.
    pub fn extent(&self) -> (usize, usize) {
        self.shards.iter().map(read).fold((0, 0), |(count, bytes), shard| {
            (count + shard.slots.len(), bytes + shard.catalogue.bytes + shard.orders.bytes)
        })
    }

    fn shard(&self, key: &Key) -> &RwLock<Shard> {
        let hash = self.hasher.hash_one(key);
        // The upper bits, because the maps go by the lower ones.
        &self.shards[(hash >> 48) as usize % SHARDS]
    }
}

impl Ring {
    /// Removes what was not read lately until the limit holds. The last one stays, however large.
    fn shrink(&mut self, slots: &mut HashMap<Key, Slot, RandomState>, limit: usize) {
        while self.bytes > limit && self.queue.len() > 1 {
            let Some(key) = self.queue.pop_front() else { return };
            match slots.entry(key) {
                Entry::Occupied(there) if there.get().used.swap(false, Ordering::Relaxed) => {
                    self.queue.push_back(there.key().clone());
                }
                Entry::Occupied(there) => self.bytes -= there.remove().bytes,
                Entry::Vacant(_) => {}
            }
        }
    }
}

// A panic while a lock is held leaves the maps whole: every change under it is a few moves without calls that can fail.
fn read(shard: &RwLock<Shard>) -> RwLockReadGuard<'_, Shard> {
    shard.read().unwrap_or_else(PoisonError::into_inner)
}
fn write(shard: &RwLock<Shard>) -> RwLockWriteGuard<'_, Shard> {
    shard.write().unwrap_or_else(PoisonError::into_inner)
}

/// About how many bytes a record takes. It need not be exact; it must grow with what grows.
fn size(record: &Record) -> usize {
    match record {
        Record::PolicyBook(b) => 500 + 600 * b.versions.len(),
        Record::Policy(p) | Record::PolicyVersion(p) => {
            2_000 + 150 * (p.modes.len() + p.clocks.len() + p.freshness.len() + p.transit.len())
        }
        Record::Item(i) => 300 + 100 * i.attributes.len() + 24 * i.substitutes.len(),
        Record::Source(_) => 2_000,
        Record::Offerers(o) => 50 + 40 * o.sources.len(),
        Record::Offer(_) => 250,
        Record::Stock(s) => 200 + 40 * (s.incoming.len() + s.firm.len()),
        Record::Feed(_) => 60,
        Record::Load(l) => 50 + 24 * l.by_day.len(),
        Record::Desk(d) => 50 + 800 * d.cases.len(),
        Record::Learnt(l) => 200 + l.all.bytes(),
        Record::Evidence(e) => 100 + e.bytes(),
        Record::Histories(h) => 50 + 400 * h.all.len(),
        Record::Order(o) => {
            400 + 350 * (o.lines.len() + o.assignments.len() + o.purchase_orders.len())
                + 800 * (o.approvals.len() + o.cases.len())
                + 200 * o.shipments.len()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_engine::ids::{Sku, SourceId};
    use countersign_engine::slice::Offerers;
    use std::sync::Arc;

    fn key(n: usize) -> Key {
        Key::Offerers(Sku::new(format!("SKU-{n}")).unwrap())
    }
    fn known(version: u64, sources: usize) -> Known {
        let sources = (0..sources).map(|n| SourceId::new(format!("s{n}")).unwrap()).collect();
        Known { version, record: Some(Record::Offerers(Arc::new(Offerers { sources }))) }
    }

    #[test]
    fn the_newer_version_stays() {
        let cache = Cache::new(Limits::default());
        cache.put(&key(1), known(3, 1));
        cache.put(&key(1), known(2, 0));
        assert_eq!(cache.get(&key(1)), Some(known(3, 1)));
        cache.put(&key(1), known(4, 2));
        assert_eq!(cache.get(&key(1)), Some(known(4, 2)));
        cache.forget(&key(1));
        assert_eq!(cache.get(&key(1)), None);
        cache.put(&key(1), known(2, 0));
        assert_eq!(cache.get(&key(1)), Some(known(2, 0)), "what was forgotten is no longer compared with");
    }

    #[test]
    fn it_stays_within_its_limit_and_keeps_what_is_read() {
        let limits = Limits { catalogue_bytes_max: 16 * 10_000, orders_bytes_max: 0 };
        let cache = Cache::new(limits);
        cache.put(&key(0), known(1, 1));
        for n in 1..10_000 {
            cache.get(&key(0));
            cache.put(&key(n), known(1, 1));
            if n % 50 == 0 {
                cache.forget(&key(n));
            }
        }
        let (count, bytes) = cache.extent();
        assert!(bytes <= limits.catalogue_bytes_max, "{bytes}");
        assert!(count > 300, "{count}");
        assert!(cache.get(&key(0)).is_some(), "what is read all the time stays");
    }

    #[test]
    fn absence_is_known_too_but_not_of_orders() {
        let cache = Cache::new(Limits::default());
        let absent = || Known { version: 0, record: None };
        cache.put(&key(1), absent());
        assert_eq!(cache.get(&key(1)), Some(absent()));
        let order = Key::Order(countersign_engine::ids::OrderId::new("1").unwrap());
        cache.put(&order, absent());
        assert_eq!(cache.get(&order), None);
    }
}
