//! Backtests under way: one at a time, on one node, beside the day's work. What is finished is kept every second, so that
//! a job whose node was killed goes on where it was; a card that somebody else changed meanwhile ends the work on it.
//!
//! Does not know HTTP.

use super::card::{self, Card, Changed, Over, State};
use crate::api::App;
use crate::histories;
use crate::lease::Lease;
use crate::office::Office;
use crate::problem::of_handled;
use crate::trials::{self, watched};
use countersign_engine::command::{BacktestResult, Deed};
use countersign_engine::journal::Entry;
use countersign_runtime::Handled;
use countersign_runtime::ports::{Store, StoreError};
use countersign_sim::history::History;
use countersign_sim::history::journal::Journal;
use countersign_sim::replay::progress::{Identity, Progress};
use countersign_sim::replay::summary::summary;
use countersign_sim::replay::trial::{Trial, try_out};
use countersign_sim::replay::verdict::{Verdict, verdict};
use sha2::{Digest, Sha256};
use smol_str::SmolStr;
use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, TryLockError};
use std::time::Duration;

/// How often what is finished is kept, and how far a job is told: a replay does some megabytes of it in that time, at most.
const KEPT_EVERY: Duration = Duration::from_secs(1);
/// Journal entries read at once.
const PAGE: u32 = 1_000;

/// Backtests of this process.
#[derive(Default)]
pub(crate) struct Backtests {
    here: Mutex<BTreeMap<u64, Arc<Progress>>>,
    /// The history that was read last: orders are opened in it.
    opened: Mutex<Opened>,
}

impl Backtests {
    /// How far a job is, if this process runs it.
    pub fn progress(&self, id: u64) -> Option<Arc<Progress>> {
        locked(&self.here).get(&id).cloned()
    }

    /// True if a job runs here.
    pub fn is_at_work(&self) -> bool {
        !locked(&self.here).is_empty()
    }

    /// Stops what runs here: it is interrupted, and what is finished of it is kept.
    pub fn stop(&self) {
        locked(&self.here).values().for_each(|progress| progress.stop.store(true, Ordering::Relaxed));
    }

    /// The history that a job runs over: the one read last, or read again. Blocks. `None` if it was stopped.
    fn history(&self, store: &dyn Store, over: &Over, progress: &Progress) -> Result<Option<Arc<History>>, Fault> {
        read_into(&mut locked(&self.opened), store, over, progress)
    }

    /// The same for whoever looks on: they do not wait while one is being read.
    ///
    /// # Errors
    /// It is not there any more as it was, or one is being read.
    pub fn look_into(&self, store: &dyn Store, over: &Over) -> Result<Arc<History>, Fault> {
        let mut opened = match self.opened.try_lock() {
            Ok(opened) => opened,
            Err(TryLockError::Poisoned(opened)) => opened.into_inner(),
            Err(TryLockError::WouldBlock) => {
                return Err(Fault::Lasting("a history is being read: ask again in a moment".into()));
            }
        };
        let history = read_into(&mut opened, store, over, &Progress::default())?;
        Ok(history.expect("because nobody stops this reading"))
    }
}

/// A history, and what it is.
type Opened = Option<(Over, Arc<History>)>;

fn read_into(
    opened: &mut Opened,
    store: &dyn Store,
    over: &Over,
    progress: &Progress,
) -> Result<Option<Arc<History>>, Fault> {
    if let Some((_, history)) = opened.as_ref().filter(|(known, _)| known == over) {
        return Ok(Some(history.clone()));
    }
    // The other one makes room before this one is read.
    *opened = None;
    let history = match over {
        Over::History { name, digest } => Some(histories::open_same(store, name, digest).map_err(Fault::Lasting)?),
        Over::Journal(until) => journal(store, *until, progress)?,
    };
    let history = history.map(Arc::new);
    *opened = history.clone().map(|history| (over.clone(), history));
    Ok(history)
}

/// Why a job came to no result.
pub enum Fault {
    /// The store did not answer: once it does, the job goes on.
    Store(StoreError),
    /// It would be the same again.
    Lasting(String),
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Fault::Store(error)
    }
}

// What a lock guards is whole after every statement.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The one place in which a backtest runs; free again once it is dropped.
pub struct Place {
    app: App,
    id: u64,
    progress: Arc<Progress>,
    lease: Option<Lease>,
}

impl Place {
    /// Takes it for a job; `None` if a backtest is under way, here or on another node.
    ///
    /// # Errors
    /// What the store says.
    pub async fn take(app: &App, id: u64) -> Result<Option<Self>, StoreError> {
        let progress = Arc::new(Progress::default());
        {
            let mut here = locked(&app.backtests().here);
            if !here.is_empty() {
                return Ok(None);
            }
            here.insert(id, progress.clone());
        }
        let mut place = Self { app: app.clone(), id, progress, lease: None };
        let (office, now) = (app.office(), app.office().now());
        if !office.read(move |store| card::led(store, now)).await?.is_empty() {
            return Ok(None);
        }
        place.lease = Lease::take(office, card::lease_of(id)).await?;
        Ok(place.lease.is_some().then_some(place))
    }

    /// Gives it back unused.
    pub async fn give_back(mut self) {
        if let Some(lease) = self.lease.take() {
            lease.end().await;
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        locked(&self.app.backtests().here).remove(&self.id);
    }
}

/// Runs a job beside the day's work, and writes down what it came to. The card is as it was just written.
pub fn begin(mut place: Place, card: Card, version: u64) {
    tokio::spawn(async move {
        let Some(mut lease) = place.lease.take() else { return };
        let (app, progress, id) = (place.app.clone(), place.progress.clone(), place.id);
        let office = app.office().clone();
        let mut work = tokio::task::spawn_blocking(move || {
            let mut keeper = Keeper { office: app.office(), progress: &progress, card, version, kept: 0, left: None };
            let done = keeper.run(app.backtests());
            keeper.conclude(done)
        });
        let done = tokio::select! {
            () = lease.keep() => {
                place.progress.stop.store(true, Ordering::Relaxed);
                (&mut work).await
            }
            done = &mut work => done,
        };
        let ended = match done {
            Ok(Ok(Some((card, result)))) => record(&office, card, result).await,
            Ok(Ok(None)) => Ok(()),
            Ok(Err(why)) => Err(why),
            Err(_) => fail(&office, id).await,
        };
        if let Err(error) = ended {
            tracing::warn!(%error, job = id, "a backtest was interrupted; it can be resumed");
        }
        lease.end().await;
        drop(place);
        // Whoever forgot it meanwhile has left its bytes to this run.
        let _ = office.read(move |store| card::let_forgotten_go(store, id)).await;
    });
}

/// A job in the hands of this node.
struct Keeper<'a> {
    office: &'a Office,
    progress: &'a Progress,
    card: Card,
    version: u64,
    /// Batches kept by this run.
    kept: u32,
    /// One that the store did not take yet.
    left: Option<Vec<u8>>,
}

impl<'a> Keeper<'a> {
    /// Replays what is not finished yet; `None` if it was stopped.
    fn run(&mut self, jobs: &Backtests) -> Result<Option<Verdict>, Fault> {
        let (store, progress, asked) = (self.store(), self.progress, self.card.clone());
        // What its parts belong to, and where the next batch of them goes: known once the history is.
        let begun: OnceLock<(Identity, u32)> = OnceLock::new();
        let look = || self.look(begun.get());
        watched(KEPT_EVERY, look, || {
            let Some(history) = jobs.history(store, &asked.over, progress)? else { return Ok(None) };
            // One thread: the day's work goes on beside it.
            let Card { policies, seed, seeds, id, .. } = asked;
            let trial = Trial { history: &history, policies, seed, seeds, threads: 1 };
            let of = trials::identity(&trial)?;
            let place = card::take_up(store, id, progress, &of)?;
            let _ = begun.set((of, place));
            Ok(try_out(&trial, progress).map(|tried| verdict(&trial, &tried)))
        })
    }

    /// Keeps what was finished meanwhile, and tells how far it is; stops if the job is not this run's any more.
    fn look(&mut self, begun: Option<&(Identity, u32)>) {
        if let Some((of, place)) = begun {
            while let Some(batch) = self.left.take().or_else(|| self.progress.batch(of)) {
                if card::put_batch(self.store(), self.card.id, place + self.kept, &batch).is_err() {
                    self.left = Some(batch);
                    break;
                }
                self.kept += 1;
            }
        }
        // A store that does not answer may do so the next time.
        if matches!(self.note(), Ok(false)) {
            self.progress.stop.store(true, Ordering::Relaxed);
        }
    }

    /// Writes the card as it stands here; false if the job is not this run's any more.
    fn note(&mut self) -> Result<bool, StoreError> {
        self.tell();
        loop {
            if card::put(self.store(), &self.card, self.version)? {
                self.version += 1;
                return Ok(true);
            }
            // A note whose answer was lost may have been written all the same.
            match card::find(self.store(), self.card.id)? {
                Some((version, found)) if found.turn == self.card.turn && found.state.is_of_its_run() => {
                    self.version = version;
                }
                _ => return Ok(false),
            }
        }
    }

    fn tell(&mut self) {
        // Nothing is known while the history is being read: what an earlier run told stands.
        let of = self.progress.of.load(Ordering::Relaxed);
        if of > 0 {
            (self.card.done, self.card.of) = (self.progress.done.load(Ordering::Relaxed), of);
        }
        self.card.told_at = self.office.now();
    }

    /// Writes down how it ended; gives what the journal is to be told.
    fn conclude(&mut self, done: Result<Option<Verdict>, Fault>) -> Result<Option<(Card, BacktestResult)>, StoreError> {
        match done {
            Ok(None) => return self.left_off().map(|()| None),
            Ok(Some(verdict)) => {
                let result = serde_json::to_value(&verdict).expect("because a verdict is plain data");
                card::put_result(self.store(), self.card.id, &result)?;
                self.card.state = State::Recording;
                if self.note()? {
                    return Ok(Some((self.card.clone(), written(&self.card, &verdict))));
                }
            }
            Err(Fault::Store(error)) => self.card.error = Some(error.to_string()),
            Err(Fault::Lasting(why)) => {
                (self.card.state, self.card.error) = (State::Failed, Some(why));
                if self.note()? {
                    return card::let_batches_go(self.store(), self.card.id).map(|()| None);
                }
            }
        }
        self.left_off().map(|()| None)
    }

    /// It was stopped: how far it came is told, unless somebody else is at it by now.
    fn left_off(&mut self) -> Result<(), StoreError> {
        self.tell();
        let told = &self.card;
        let tell = |card: &mut Card| {
            (card.done, card.of, card.told_at) = (told.done, told.of, told.told_at);
            card.error.clone_from(&told.error);
            card.turn == told.turn
        };
        card::change(self.store(), told.id, tell).map(drop)
    }

    fn store(&self) -> &'a dyn Store {
        self.office.store().as_ref()
    }
}

/// Tells the journal what a job came to, and says that it is done. Where that is cut off, it is told when the job goes on;
/// twice is harmless.
async fn record(office: &Office, card: Card, result: BacktestResult) -> Result<(), StoreError> {
    let not_kept = match result.revision {
        None => Some(format!("policy {} never was a draft: it needs no backtest", result.version)),
        Some(_) => match office.command(card.by, Deed::RecordBacktest(result)).await {
            Handled::Failed(failure) => return Err(StoreError::Determinate(failure.sentence)),
            handled => of_handled(&handled).map(|problem| problem.detail),
        },
    };
    let (id, turn) = (card.id, card.turn);
    let end = move |store: &dyn Store| {
        let changed = card::change(store, id, |card| {
            card.not_kept.clone_from(&not_kept);
            let is_ours = card.turn == turn && card.state == State::Recording;
            card.state = State::Done;
            is_ours
        });
        match changed? {
            Changed::To(_) => card::let_batches_go(store, id),
            Changed::Not | Changed::Gone => Ok(()),
        }
    };
    office.read(end).await
}

/// A job that met a fault of ours does so again: it does not go on.
async fn fail(office: &Office, id: u64) -> Result<(), StoreError> {
    let end = move |store: &dyn Store| {
        card::change(store, id, |card| {
            card.error = Some("a fault of this service: its log has the words".into());
            let was_running = card.state == State::Running;
            card.state = State::Failed;
            was_running
        })?;
        card::let_batches_go(store, id)
    };
    office.read(end).await
}

/// What the journal keeps of a backtest: the digest of the whole, a sentence, and the main figures.
fn written(card: &Card, verdict: &Verdict) -> BacktestResult {
    let over = match &card.over {
        Over::History { name, .. } => format!("the history {name}"),
        Over::Journal(_) => "the journal".into(),
    };
    let digest = Sha256::digest(crate::api::call::json(verdict).as_bytes());
    let (figures, summary) = (&verdict.policies[0].figures, summary(verdict, &over));
    let named = [
        ("orders", i64::try_from(verdict.orders).unwrap_or(i64::MAX)),
        ("cancelled_after_commitment", figures.cancelled_after_commitment.middle),
        ("cancelled_before_commitment", figures.cancelled_before_commitment.middle),
        ("told_promise_kept_permille", figures.told_promise_kept_permille.middle),
        ("own_promise_kept_permille", figures.own_promise_kept_permille.middle),
        ("reroutes", figures.reroutes.middle),
        ("splits", figures.splits.middle),
        ("approvals", figures.approvals.middle),
        ("sla_breaches", figures.sla_breaches.middle),
        ("cost_minor", figures.cost_minor.middle),
        ("minutes_to_confirmation", figures.minutes_to_confirmation.middle),
    ];
    let figures = named.into_iter().map(|(name, value)| (SmolStr::new_static(name), value)).collect();
    BacktestResult {
        version: card.policy,
        revision: card.revision,
        digest: hex::encode(digest).into(),
        summary,
        figures,
    }
}

/// This installation's journal up to a position as a history; `None` if it was stopped.
fn journal(store: &dyn Store, until: u64, progress: &Progress) -> Result<Option<History>, Fault> {
    let (mut journal, mut after) = (Journal::default(), 0);
    loop {
        if progress.stop.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let mut rows = store.journal(after, PAGE)?;
        rows.retain(|row| row.position <= until);
        let Some(last) = rows.last() else { return Ok(Some(journal.finish("this installation's journal"))) };
        after = last.position;
        for row in &rows {
            let entry: Entry = serde_json::from_str(&row.body)
                .map_err(|why| Fault::Lasting(format!("entry {} cannot be read: {why}", row.position)))?;
            journal.read(&entry);
        }
    }
}
