//! The desk: the head's decisions, made durable. All commands of all callers go through [`Desk::handle`].
//!
//! Synchronous, without a clock. Knows the store only as a port. One desk serves any number of threads, one batch after
//! the other in the order they came: each is decided while the one before it is written. Only another desk over the
//! same store can get in between, and then the batch is decided again.

use crate::ahead::Place;
use crate::batch::{Batch, More, catch};
use crate::cache::{Cache, Known, Limits};
use crate::catalogue::Shelf;
use crate::ports::{Store, StoreError};
use crate::request::{Failure, FailureKind, Handled, Request};
use crate::tail::Tail;
use crate::turn::{Taken, Turn};
use countersign_engine::command::Command;
use countersign_engine::decide::Decision;
use countersign_engine::ids::OrderId;
use countersign_engine::refusal::Refusal;
use countersign_engine::slice::{Key, Record, Slice};
use countersign_partners::seam::Dialect;
use jiff::Timestamp;
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Commands worth gathering into one commit: beyond it the answer waits longer than the disk is spared.
pub const BATCH_COMMANDS_MAX: usize = 1_024;
/// Orders that are remembered as parked: more bugs at once than anybody looks at.
pub const PARKED_MAX: usize = 10_000;

/// How a desk is set up.
#[derive(Debug, Clone, Copy, Default)]
pub struct Settings {
    /// How much is kept in memory.
    pub limits: Limits,
    /// Other desks write to the same store: before each batch the journal is followed, so that items, offers and
    /// policies that were recorded elsewhere are known here.
    pub shared: bool,
}

/// The desk.
pub struct Desk {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) cache: Cache,
    pub(crate) head: Head,
    pub(crate) tally: Tally,
    pub(crate) tail: Tail,
    pub(crate) shelf: Shelf,
    pub(crate) ahead: Place,
    pub(crate) writer: Option<Arc<dyn Dialect>>,
    /// Whose turn it is to decide.
    deciding: Turn,
    /// Whose turn it is to write. Taken while holding the other, which is then given to the next: one batch is decided
    /// while the one before it is written.
    pub(crate) writing: Turn,
    shared: bool,
    unwritable: AtomicBool,
    parked: Mutex<BTreeMap<OrderId, String>>,
}

/// The doors of the engine. Tests of the machinery put a simpler head here; nothing else does.
#[derive(Clone, Copy)]
pub(crate) struct Head {
    pub needs: fn(&Slice, &Command) -> BTreeSet<Key>,
    pub decide: fn(&Slice, Timestamp, &Command) -> Result<Decision, Refusal>,
}

impl Head {
    pub(crate) const ENGINE: Head = Head { needs: countersign_engine::needs, decide: countersign_engine::decide };
}

/// What the desk has counted since it was set up.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub done: AtomicU64,
    pub refused: AtomicU64,
    pub parked: AtomicU64,
    pub failed: AtomicU64,
    pub commits: AtomicU64,
    pub conflicts: AtomicU64,
    pub loads: AtomicU64,
}

impl Tally {
    pub(crate) fn add(counter: &AtomicU64, n: u64) {
        counter.fetch_add(n, Ordering::Relaxed);
    }
}

/// A reading of the desk's counters, for metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "said by the names")]
pub struct Counted {
    pub commands_done: u64,
    pub commands_refused: u64,
    pub commands_parked: u64,
    pub commands_failed: u64,
    pub commits: u64,
    pub conflicts: u64,
    pub store_loads: u64,
    pub records_kept: u64,
    pub record_bytes_kept: u64,
}

impl Desk {
    /// A desk over a store.
    ///
    /// # Errors
    /// The store could not be read.
    pub fn open(store: Arc<dyn Store>, settings: Settings) -> Result<Self, StoreError> {
        Self::with_head(store, settings, Head::ENGINE)
    }

    pub(crate) fn with_head(store: Arc<dyn Store>, settings: Settings, head: Head) -> Result<Self, StoreError> {
        let (position, _) = store.head()?;
        Ok(Self {
            store,
            cache: Cache::new(settings.limits),
            head,
            tally: Tally::default(),
            tail: Tail::from(position),
            shelf: Shelf::default(),
            ahead: Place::default(),
            writer: None,
            deciding: Turn::default(),
            writing: Turn::default(),
            shared: settings.shared,
            unwritable: AtomicBool::new(false),
            parked: Mutex::default(),
        })
    }

    /// Papers that need no number of a sequence are written in the commit that releases them: they are ready to go as
    /// soon as it is durable.
    pub fn writing_by(self, dialect: Arc<dyn Dialect>) -> Self {
        Self { writer: Some(dialect), ..self }
    }

    /// The store behind the desk.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// Decides all commands of all requests, one after the other, and commits once; the answer has one place per
    /// request and, in it, one per command. What is answered with `Done` is durable.
    pub fn handle(&self, now: Timestamp, requests: Vec<Request>) -> Vec<Vec<Handled>> {
        self.turn().handle(now, requests, Box::new(move |_| (now, vec![])))
    }

    /// Waits until it is one's turn to decide.
    pub fn turn(&self) -> DeskTurn<'_> {
        DeskTurn { desk: self, taken: self.deciding.take() }
    }

    /// Runs a batch. Whatever panics outside the head (a finishing touch, a store) fails the batch, not the desk.
    fn run(&self, turn: Taken<'_>, now: Timestamp, requests: Vec<Request>, mut more: More<'_>) -> Vec<Vec<Handled>> {
        let mut lengths: Vec<usize> = requests.iter().map(length).collect();
        let count = &mut lengths;
        let counted: More<'_> = Box::new(move |room: usize| {
            let (now, more) = more(room);
            count.extend(more.iter().map(length));
            (now, more)
        });
        let ran = catch(|| Batch::new(self, now, requests).run(turn, counted));
        ran.unwrap_or_else(|words| {
            tracing::error!(words, "a batch was given up");
            self.cache.clear();
            let failure = Failure { kind: FailureKind::Unknown, sentence: format!("a bug of ours: {words}") };
            lengths.into_iter().map(|n| vec![Handled::Failed(failure.clone()); n]).collect()
        })
    }

    /// [`Desk::handle`] for one command alone; for tests, tools and rare deeds.
    pub fn handle_one(&self, now: Timestamp, command: Command) -> Handled {
        self.handle(now, vec![Request::new(command)]).pop().and_then(|mut h| h.pop()).unwrap_or_else(nothing)
    }

    /// A record that is known without asking the store; the inner `None` says that it is absent.
    pub fn at_hand(&self, key: &Key) -> Option<Option<Record>> {
        self.cache.get(key).map(|known| known.record)
    }

    /// Records as they stand, from memory or from the store; for reading, not for deciding.
    ///
    /// # Errors
    /// The store could not be read.
    pub fn read(&self, keys: &[Key]) -> Result<Vec<Option<Record>>, StoreError> {
        let mut found: Vec<Option<Known>> = keys.iter().map(|key| self.cache.get(key)).collect();
        let missing: Vec<usize> = (0..keys.len()).filter(|n| found[*n].is_none()).collect();
        if !missing.is_empty() {
            let wanted: Vec<Key> = missing.iter().map(|n| keys[*n].clone()).collect();
            Tally::add(&self.tally.loads, 1);
            for (n, loaded) in missing.into_iter().zip(self.store.load(&wanted)?) {
                let known = Known::from(loaded);
                self.cache.put(&keys[n], known.clone());
                found[n] = Some(known);
            }
        }
        Ok(found.into_iter().map(|known| known.and_then(|k| k.record)).collect())
    }

    /// Orders whose commands ended in a bug of ours since the desk was set up, with the words of the assertion. They
    /// are not woken; commands from outside may still try.
    pub fn parked(&self) -> BTreeMap<OrderId, String> {
        self.parked_guard().clone()
    }

    /// Lets a parked order be woken again.
    pub fn unpark(&self, order: &OrderId) -> bool {
        self.parked_guard().remove(order).is_some()
    }

    pub(crate) fn park(&self, order: OrderId, words: &str) {
        let mut parked = self.parked_guard();
        if parked.len() < PARKED_MAX {
            parked.insert(order, words.to_owned());
        }
    }

    pub(crate) fn parked_guard(&self) -> MutexGuard<'_, BTreeMap<OrderId, String>> {
        self.parked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the desk has counted.
    pub fn counted(&self) -> Counted {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let (records, bytes) = self.cache.extent();
        Counted {
            commands_done: read(&self.tally.done),
            commands_refused: read(&self.tally.refused),
            commands_parked: read(&self.tally.parked),
            commands_failed: read(&self.tally.failed),
            commits: read(&self.tally.commits),
            conflicts: read(&self.tally.conflicts),
            store_loads: read(&self.tally.loads),
            records_kept: records as u64,
            record_bytes_kept: bytes as u64,
        }
    }

    /// The store could not write: nothing more is taken in until it says that it can again.
    pub(crate) fn stop_writing(&self) {
        self.unwritable.store(true, Ordering::Release);
    }

    fn may_write(&self) -> Result<(), Failure> {
        if self.unwritable.load(Ordering::Acquire) {
            self.store.ready().map_err(|e| Failure { kind: FailureKind::Unwritable, sentence: e.to_string() })?;
            self.unwritable.store(false, Ordering::Release);
        }
        Ok(())
    }

    fn catch_up(&self) -> Result<(), Failure> {
        if self.shared {
            self.follow()?;
        }
        Ok(())
    }
}

/// One's turn to decide. The desk is given to the next as soon as this one's batch is being written.
pub struct DeskTurn<'d> {
    desk: &'d Desk,
    taken: Taken<'d>,
}

impl DeskTurn<'_> {
    /// As [`Desk::handle`]. While an earlier batch is still being written, `more` is asked for what has come meanwhile
    /// (at most so many requests, and the time at which they are decided); answers to those follow.
    pub fn handle(self, now: Timestamp, requests: Vec<Request>, mut more: More<'_>) -> Vec<Vec<Handled>> {
        let Self { desk, taken } = self;
        if let Err(failure) = desk.may_write().and_then(|()| desk.catch_up()) {
            return requests.iter().map(|r| vec![Handled::Failed(failure.clone()); length(r)]).collect();
        }
        let mut sorted = Sorted::default();
        let first = sorted.sort(requests);
        let sort = &mut sorted;
        let sorting: More<'_> = Box::new(move |room| {
            let (now, more) = more(room);
            (now, sort.sort(more))
        });
        let answers = desk.run(taken, now, first, sorting);
        let Sorted { first, again, .. } = sorted;
        let mut answers: Vec<(usize, Vec<Handled>)> = first.into_iter().zip(answers).collect();
        if !again.is_empty() {
            let (places, requests): (Vec<usize>, Vec<Request>) = again.into_iter().unzip();
            let handled = desk.run(desk.deciding.take(), now, requests, Box::new(move |_| (now, vec![])));
            answers.extend(places.into_iter().zip(handled));
        }
        answers.sort_by_key(|(place, _)| *place);
        answers.into_iter().map(|(_, handled)| handled).collect()
    }
}

/// Requests under an idempotency key that an earlier request of the batch has too wait for that one's answer.
#[derive(Default)]
struct Sorted {
    keys: BTreeSet<SmolStr>,
    count: usize,
    /// Places of those that go first.
    first: Vec<usize>,
    /// Those that wait, with their places.
    again: Vec<(usize, Request)>,
}

impl Sorted {
    /// Those that go first.
    fn sort(&mut self, requests: Vec<Request>) -> Vec<Request> {
        let mut first = Vec::with_capacity(requests.len());
        for request in requests {
            let place = self.count;
            self.count += 1;
            if request.once.as_ref().is_none_or(|once| self.keys.insert(once.key.clone())) {
                self.first.push(place);
                first.push(request);
            } else {
                self.again.push((place, request));
            }
        }
        first
    }
}

/// Answers that a request gets.
fn length(request: &Request) -> usize {
    request.commands.len().max(1)
}

/// What a request without commands is answered with, where one answer must be.
pub(crate) fn nothing() -> Handled {
    Handled::Done(crate::request::Done::default())
}
