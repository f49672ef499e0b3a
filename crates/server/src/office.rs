//! The office: the serve loop. Two threads decide and commit for everybody, one batch being decided while the one before
//! it is written; others ask them, wake them and run their errands.
//!
//! The only place that reads a clock. Does not know HTTP.

use crate::metrics;
use crate::registry::Registry;
use countersign_engine::command::{Actor, Command, Deed};
use countersign_engine::policy::Policy;
use countersign_engine::slice::{Key, Record};
use countersign_partners::dialects::Partners;
use countersign_runtime::desk::BATCH_COMMANDS_MAX;
use countersign_runtime::learn::Learnt;
use countersign_runtime::ports::{Store, StoreError};
use countersign_runtime::request::{Failure, FailureKind, Handled, Request};
use countersign_runtime::{Desk, Settings};
use jiff::Timestamp;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::JoinHandle;
use tokio::sync::{Semaphore, mpsc, oneshot, watch};

/// Threads that decide: one decides while the other writes.
const DECIDERS: usize = 2;
/// Requests that may wait for the deciding threads before callers are held back: a second of work at full speed.
const QUEUE_MAX: usize = 16_384;
/// Reads of the store that run at the same time: more only contend for the same two disks and caches.
const READERS_MAX: usize = 32;

/// The office. Cheap to copy; all copies are one.
#[derive(Clone)]
pub struct Office(Arc<Inner>);

struct Inner {
    desk: Arc<Desk>,
    queue: mpsc::Sender<Job>,
    head: watch::Sender<u64>,
    /// Rung when something was received.
    mail: watch::Sender<()>,
    readers: Semaphore,
    key: [u8; 32],
    /// How this process names itself to others on the same store.
    node: String,
    shared: bool,
    registry: OnceLock<Arc<Registry>>,
    /// Set if there is a server that takes our mail.
    mails: OnceLock<()>,
    learnt: std::sync::RwLock<Arc<Learnt>>,
    closing: AtomicBool,
    deciders: Mutex<Vec<JoinHandle<()>>>,
    listed: Mutex<Option<std::time::Instant>>,
}

/// Requests that were handed in: how many commands each has, and where its answers will come.
pub struct HandedIn(Vec<(usize, Option<oneshot::Receiver<Vec<Handled>>>)>);

impl HandedIn {
    /// The answers, in the order of the requests, once all are there.
    pub async fn answers(self) -> Vec<Vec<Handled>> {
        let mut all = Vec::with_capacity(self.0.len());
        for (commands, answer) in self.0 {
            let handled = match answer {
                Some(answer) => answer.await.ok(),
                None => None,
            };
            all.push(handled.unwrap_or_else(|| vec![Handled::Failed(closing()); commands]));
        }
        all
    }
}

struct Job {
    request: Request,
    reply: oneshot::Sender<Vec<Handled>>,
}

impl Office {
    /// Opens the office over a store. `key` is the installation's secret: fingerprints and seals are keyed with it.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn open(store: Arc<dyn Store>, settings: Settings, key: [u8; 32]) -> Result<Self, StoreError> {
        let desk = Arc::new(Desk::open(store.clone(), settings)?.writing_by(Arc::new(Partners)));
        let (position, _) = store.head()?;
        let (queue, jobs) = mpsc::channel(QUEUE_MAX);
        let (head, _) = watch::channel(position);
        let inner = Arc::new(Inner {
            desk,
            queue,
            head,
            mail: watch::Sender::new(()),
            readers: Semaphore::new(READERS_MAX),
            key,
            node: drawn_name()?,
            shared: settings.shared,
            registry: OnceLock::new(),
            mails: OnceLock::new(),
            learnt: std::sync::RwLock::default(),
            closing: AtomicBool::new(false),
            deciders: Mutex::default(),
            listed: Mutex::new(None),
        });
        let jobs = Arc::new(Mutex::new(jobs));
        for _ in 0..DECIDERS {
            let (desk, jobs, office) = (inner.desk.clone(), jobs.clone(), Arc::downgrade(&inner));
            let decide = move || while decide(&desk, &jobs, &office) {};
            let thread = std::thread::Builder::new().name("decide".into()).spawn(decide);
            let thread = thread.map_err(|e| StoreError::Determinate(format!("no thread could be started: {e}")))?;
            inner.deciders.lock().unwrap_or_else(PoisonError::into_inner).push(thread);
        }
        Ok(Self(inner))
    }

    /// The present, to the millisecond.
    pub fn now(&self) -> Timestamp {
        present()
    }

    /// One request through the group commit; one answer per command of it.
    pub async fn submit(&self, request: Request) -> Vec<Handled> {
        let commands = request.commands.len().max(1);
        let (reply, answer) = oneshot::channel();
        let closed = || vec![Handled::Failed(closing()); commands];
        if self.0.closing.load(Ordering::Relaxed) || self.0.queue.send(Job { request, reply }).await.is_err() {
            return closed();
        }
        answer.await.unwrap_or_else(|_| closed())
    }

    /// One command, without more.
    pub async fn command(&self, by: Actor, deed: Deed) -> Handled {
        let mut all = self.submit(Request::new(Command { by, deed })).await;
        all.pop().unwrap_or_else(|| Handled::Failed(closing()))
    }

    /// Many requests; they share commits with each other and with everybody else's.
    pub async fn submit_all(&self, requests: Vec<Request>) -> Vec<Vec<Handled>> {
        self.hand_in(requests).await.answers().await
    }

    /// Hands many requests in without waiting for their answers.
    pub async fn hand_in(&self, requests: Vec<Request>) -> HandedIn {
        let mut waiting = Vec::with_capacity(requests.len());
        for request in requests {
            let commands = request.commands.len().max(1);
            let (reply, answer) = oneshot::channel();
            let sent =
                !self.0.closing.load(Ordering::Relaxed) && self.0.queue.send(Job { request, reply }).await.is_ok();
            waiting.push((commands, sent.then_some(answer)));
        }
        HandedIn(waiting)
    }

    /// Reads the store on a thread that may block; a bounded number at a time.
    ///
    /// # Errors
    /// What the store says.
    pub async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&dyn Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let _turn = self.0.readers.acquire().await;
        let store = self.store().clone();
        let done = tokio::task::spawn_blocking(move || read(store.as_ref())).await;
        done.unwrap_or_else(|e| Err(StoreError::Determinate(format!("a read was given up: {e}"))))
    }

    /// The desk behind the office.
    pub fn desk(&self) -> &Arc<Desk> {
        &self.0.desk
    }
    /// The store behind the desk.
    pub fn store(&self) -> &Arc<dyn Store> {
        self.0.desk.store()
    }
    /// The journal's last position, renewed after each commit.
    pub fn head(&self) -> watch::Receiver<u64> {
        self.0.head.subscribe()
    }
    /// The connectors, once they are wired; tests of the API need none.
    pub fn registry(&self) -> Option<&Registry> {
        self.0.registry.get().map(Arc::as_ref)
    }
    /// The connectors, to be held.
    pub fn wired(&self) -> Option<Arc<Registry>> {
        self.0.registry.get().cloned()
    }
    /// True at most once in `every`: whoever gets it may read a long list.
    pub fn may_list(&self, every: std::time::Duration) -> bool {
        let now = std::time::Instant::now();
        let mut last = self.0.listed.lock().unwrap_or_else(PoisonError::into_inner);
        let may = last.is_none_or(|last| now.duration_since(last) >= every);
        if may {
            *last = Some(now);
        }
        may
    }
    /// Wires the connectors, once.
    pub fn wire(&self, registry: Arc<Registry>) {
        let _ = self.0.registry.set(registry);
    }
    /// From now on there is a server that takes our mail.
    pub fn mails(&self) {
        let _ = self.0.mails.set(());
    }
    /// True if there is a server that takes our mail.
    pub fn is_mailing(&self) -> bool {
        self.0.mails.get().is_some()
    }
    /// The installation's secret.
    pub fn key(&self) -> &[u8; 32] {
        &self.0.key
    }
    /// How this process names itself to others on the same store.
    pub fn node(&self) -> &str {
        &self.0.node
    }
    /// True if other nodes may work on the same store.
    pub fn is_shared(&self) -> bool {
        self.0.shared
    }
    /// Rings when something was received.
    pub fn mail(&self) -> watch::Receiver<()> {
        self.0.mail.subscribe()
    }
    /// Says that something was received.
    pub fn ring(&self) {
        self.0.mail.send_replace(());
    }
    /// Says that other nodes have moved the journal on.
    pub fn moved_to(&self, position: u64) {
        self.0.head.send_if_modified(|head| {
            let moved = position > *head;
            *head = position.max(*head);
            moved
        });
    }

    /// What sources' answers have taught so far.
    pub fn learnt(&self) -> Arc<Learnt> {
        self.0.learnt.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
    /// Says what sources' answers have taught.
    pub(crate) fn learn(&self, learnt: Learnt) {
        *self.0.learnt.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(learnt);
    }

    /// The policy in force.
    ///
    /// # Errors
    /// What the store says.
    pub fn policy(&self) -> Result<Arc<Policy>, StoreError> {
        match self.0.desk.read(&[Key::Policy])?.pop().flatten() {
            Some(Record::Policy(policy)) => Ok(policy),
            _ => Ok(Arc::default()),
        }
    }

    /// Takes nothing new in, finishes what was taken in, and ends the deciding threads.
    pub async fn close(&self) {
        self.0.closing.store(true, Ordering::Relaxed);
        let (reply, _) = oneshot::channel();
        // An empty request is the last one: the threads end when the queue is empty behind it.
        let _ = self.0.queue.send(Job { request: Request::default(), reply }).await;
        let threads = std::mem::take(&mut *self.0.deciders.lock().unwrap_or_else(PoisonError::into_inner));
        for thread in threads {
            let _ = tokio::task::spawn_blocking(move || thread.join()).await;
        }
    }
}

/// The clock on the wall, to the millisecond: finer digits would only be noise in the journal.
fn present() -> Timestamp {
    Timestamp::from_millisecond(Timestamp::now().as_millisecond()).expect("because the present is within range")
}

/// A name that no other node has.
fn drawn_name() -> Result<String, StoreError> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes)
        .map_err(|e| StoreError::Determinate(format!("the system gave no random bytes: {e}")))?;
    Ok(hex::encode(bytes))
}

fn closing() -> Failure {
    Failure { kind: FailureKind::NotDone, sentence: "the service is stopping: send it again".into() }
}

/// Gathers what waits, decides and commits it at once, answers. A batch is whatever came in while the batch ahead was on
/// its way to the disk, so that nobody waits for company. False once the queue has ended.
fn decide(desk: &Desk, jobs: &Mutex<mpsc::Receiver<Job>>, office: &std::sync::Weak<Inner>) -> bool {
    let mut jobs = jobs.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(first) = jobs.blocking_recv() else { return false };
    let turn = desk.turn();
    let mut replies = vec![];
    let mut counted = metrics::Batch::begin();
    let mut waiting = Some(first);
    let (asked, count) = (&mut replies, &mut counted);
    // Owns the queue's lock: the other thread gathers once this batch is being written.
    let mut take = move |room: usize| {
        let mut requests = vec![];
        while requests.len() < room
            && let Some(Job { request, reply }) = waiting.take().or_else(|| jobs.try_recv().ok())
        {
            if request.commands.is_empty() && request.finish.is_none() {
                jobs.close();
            }
            requests.push(request);
            asked.push(reply);
        }
        count.add(&requests);
        (present(), requests)
    };
    let (now, requests) = take(BATCH_COMMANDS_MAX);
    let answers = turn.handle(now, requests, Box::new(take));
    counted.end(&answers);
    let head = answers.iter().flatten().filter_map(|h| h.done()?.position).max();
    for (reply, answer) in replies.into_iter().zip(answers) {
        // Whoever asked may have gone away; what was decided stands.
        let _ = reply.send(answer);
    }
    if let (Some(position), Some(office)) = (head, office.upgrade()) {
        office.head.send_if_modified(|known| {
            let moved = position > *known;
            *known = position.max(*known);
            moved
        });
    }
    true
}
