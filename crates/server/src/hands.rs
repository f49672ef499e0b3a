//! The hands: loops that fetch what partners sent, interpret it, wake what is due and deliver what was decided.
//!
//! Each loop does one step again and again; the steps themselves stand in the runtime and never wait for a network.

use crate::office::Office;
use crate::registry::Registry;
use countersign_engine::ids::SourceId;
use countersign_engine::slice::Record;
use countersign_engine::source::Source;
use countersign_partners::dialects::Partners;
use countersign_runtime::backoff::Backoff;
use countersign_runtime::deliver::{DEADLINE, Delivering, ERRANDS_MAX, LEASE_S, Parcel, Prepared};
use countersign_runtime::ports::{Connector, Delivery, List, Versioned};
use countersign_runtime::receive::channel_of;
use countersign_runtime::{interpret, receive, tree, wake};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, watch};

/// Papers in flight at the same time.
const IN_FLIGHT_MAX: usize = 512;
/// How long a service that stops waits for papers under way: nearly every server has answered by then.
const FINISH_WITHIN: Duration = Duration::from_secs(10);
/// Files fetched from one source in one look.
const FETCH_MAX: usize = 100;
/// Inbox entries interpreted in one go.
const INTERPRET_MAX: u32 = 64;
/// How often deadlines are looked at: a quarter of the lateness we allow ourselves.
const WAKE_EVERY: Duration = Duration::from_millis(25);
/// How often the cases of sources as such are looked at: they escalate by the hour.
const WAKE_SOURCES_EVERY: Duration = Duration::from_secs(60);
/// How often the queues are looked at when nothing rings.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// How often what follows the journal is brought up to its end; who asks sooner brings it there himself.
const FOLLOW_EVERY: Duration = Duration::from_secs(1);
/// Facts summed up in one go: some ten milliseconds of the store.
const FACTS_AT_ONCE: u32 = 1_000;
/// Pause between two such goes.
const BETWEEN_SUMS: Duration = Duration::from_millis(20);
/// Sources that are fetched from, in one look through the list.
const SOURCES_MAX: u32 = 10_000;

static PARTNERS: Partners = Partners;

/// What the loops work with.
#[derive(Clone)]
pub struct Hands {
    office: Office,
    registry: Arc<Registry>,
    backoff: Backoff,
    fetch_every: Duration,
    in_flight: Arc<Semaphore>,
}

impl Hands {
    /// Hands for an office.
    pub fn new(office: Office, registry: Arc<Registry>, fetch_every: Duration) -> Self {
        Self {
            office,
            registry,
            backoff: Backoff::default(),
            fetch_every,
            in_flight: Arc::new(Semaphore::new(IN_FLIGHT_MAX)),
        }
    }

    /// Starts the loops; they end when their handles are aborted.
    pub fn start(&self) -> Vec<tokio::task::JoinHandle<()>> {
        vec![
            tokio::spawn(self.clone().waking()),
            tokio::spawn(self.clone().delivering()),
            tokio::spawn(self.clone().interpreting()),
            tokio::spawn(self.clone().fetching()),
        ]
    }

    /// Wakes what is due.
    async fn waking(self) {
        let mut sources_looked_at = Instant::now();
        loop {
            tokio::time::sleep(WAKE_EVERY).await;
            if sources_looked_at.elapsed() >= WAKE_SOURCES_EVERY {
                sources_looked_at = Instant::now();
                let (office, now) = (self.office.clone(), self.office.now());
                match blocking(move || wake::sources_due(office.desk(), now)).await {
                    Ok(requests) if requests.is_empty() => {}
                    Ok(requests) => drop(self.office.submit_all(requests).await),
                    Err(error) => trouble("cases of sources could not be read", &error).await,
                }
            }
            let (office, now) = (self.office.clone(), self.office.now());
            let due = blocking(move || wake::due(office.desk(), now, wake::WAKES_MAX)).await;
            match due {
                Ok(requests) if requests.is_empty() => {}
                Ok(requests) => drop(self.office.submit_all(requests).await),
                Err(error) => trouble("what is due could not be read", &error).await,
            }
        }
    }

    /// Interprets what came in.
    async fn interpreting(self) {
        let mut bell = self.office.mail();
        loop {
            bell.mark_unchanged();
            let (office, now) = (self.office.clone(), self.office.now());
            let before = *self.office.head().borrow();
            let done = blocking(move || interpret::run(office.desk(), &PARTNERS, now, INTERPRET_MAX)).await;
            match done {
                Ok(0) => rest(&mut bell).await,
                Ok(_) => self.tell_head(before).await,
                Err(error) => trouble("a file could not be interpreted", &error).await,
            }
        }
    }

    /// Commits made beside the deciding thread move the journal, too.
    async fn tell_head(&self, before: u64) {
        if let Ok((position, _)) = self.office.read(|store| store.head()).await
            && position > before
        {
            self.office.moved_to(position);
        }
    }

    /// Runs errands as they come due, many at a time.
    async fn delivering(self) {
        let mut bell = self.office.head();
        loop {
            bell.mark_unchanged();
            let (office, now, backoff) = (self.office.clone(), self.office.now(), self.backoff);
            let prepared = blocking(move || {
                let errands = office.store().errands(now, LEASE_S, ERRANDS_MAX)?;
                Delivering { desk: office.desk(), dialect: &PARTNERS, backoff }.prepare(now, errands)
            });
            match prepared.await {
                Ok(prepared) if prepared.is_empty() => rest(&mut bell).await,
                Ok(prepared) => self.run_errands(prepared).await,
                Err(error) => trouble("errands could not be prepared", &error).await,
            }
        }
    }

    async fn run_errands(&self, prepared: Vec<Prepared>) {
        for step in prepared {
            match step {
                Prepared::Conclude(request) => {
                    let office = self.office.clone();
                    tokio::spawn(async move { office.submit(request).await });
                }
                Prepared::Deliver(parcel) => {
                    let turn = self.in_flight.clone().acquire_owned().await;
                    let hands = self.clone();
                    tokio::spawn(async move {
                        hands.hand_over(Arc::from(parcel)).await;
                        drop(turn);
                    });
                }
            }
        }
    }

    async fn hand_over(&self, parcel: Arc<Parcel>) {
        let (delivery, idempotent) = match self.registry.of(&parcel.source) {
            Err(why) => (Delivery::Failed { why }, true),
            Ok(assembled) => {
                let idempotent = assembled.connector.idempotent();
                let delivery = match (self.begun(&parcel, idempotent).await, assembled.http) {
                    (Some(ended), _) => ended,
                    (None, Some(http)) => http.deliver_async(&parcel.id, &parcel.paper, DEADLINE).await.delivery,
                    (None, None) => carried(assembled.connector, &parcel).await,
                };
                (delivery, idempotent)
            }
        };
        let now = self.office.now();
        self.registry.wires().delivered(&parcel.source.id, now, &delivery);
        let concluded = self.step().conclude(now, &parcel, delivery, idempotent);
        if let Some((channel, name, bytes)) = concluded.answer {
            let kept =
                self.office.read(move |store| Ok(receive::receive(store, now, &channel, &name, bytes, None))).await;
            if let Ok(Err(error)) = kept {
                tracing::warn!(%error, "an answer was not kept");
            }
            self.office.ring();
        }
        self.office.submit(concluded.request).await;
    }

    fn step(&self) -> Delivering<'_> {
        Delivering { desk: self.office.desk(), dialect: &PARTNERS, backoff: self.backoff }
    }

    /// That a delivery begins is durable before its first byte leaves, where that matters.
    async fn begun(&self, parcel: &Arc<Parcel>, idempotent: bool) -> Option<Delivery> {
        if idempotent {
            return None;
        }
        let (hands, parcel) = (self.clone(), parcel.clone());
        let begun = tokio::task::spawn_blocking(move || hands.step().begin(&parcel, idempotent)).await;
        begun.unwrap_or_else(|e| Some(Delivery::Failed { why: format!("it could not be noted that it is sent: {e}") }))
    }

    /// Waits until what is under way has arrived and is written down; what takes longer is in doubt, or comes again.
    /// To be called once the loops have ended.
    pub async fn finish(&self) {
        let all = self.in_flight.acquire_many(IN_FLIGHT_MAX as u32);
        if tokio::time::timeout(FINISH_WITHIN, all).await.is_err() {
            tracing::warn!("papers are still under way; the service stops all the same");
        }
    }

    /// Looks into folders and servers for what partners left there, each at its own times. A server that hangs holds up
    /// nobody but itself: it is not looked into again before its look is over.
    async fn fetching(self) {
        let mut looks = tokio::task::JoinSet::new();
        let mut looking: Vec<(tokio::task::Id, SourceId)> = vec![];
        let mut looked: BTreeMap<SourceId, Instant> = BTreeMap::new();
        loop {
            tokio::time::sleep(self.fetch_every).await;
            while let Some(over) = looks.try_join_next_with_id() {
                let id = over.map_or_else(|error| error.id(), |(id, ())| id);
                looking.retain(|(task, _)| *task != id);
            }
            let sources =
                self.office.read(|store| store.list(&List::Sources, None, SOURCES_MAX)).await.unwrap_or_default();
            for Versioned { record, .. } in sources {
                let Record::Source(source) = record else { continue };
                let since = looked.get(&source.id).map(Instant::elapsed);
                if !looking.iter().any(|(_, id)| *id == source.id) && self.is_due(&source, since) {
                    looked.insert(source.id.clone(), Instant::now());
                    let (hands, id) = (self.clone(), source.id.clone());
                    let task = looks.spawn(async move { hands.fetch(&source).await });
                    looking.push((task.id(), id));
                }
            }
        }
    }

    /// True if it is time to look for what a source left; what is wrong with its settings is told by the look.
    fn is_due(&self, source: &Source, since: Option<Duration>) -> bool {
        if source.channel.connector.is_null() {
            return false;
        }
        let schedule = self.registry.of(source).map(|assembled| assembled.schedule).unwrap_or_default();
        let open = !schedule.business_hours || source.calendar.is_open(self.office.now(), &source.time_zone);
        schedule.is_due(since, open)
    }

    async fn fetch(&self, source: &Arc<Source>) {
        let connector = match self.registry.of(source) {
            Ok(assembled) if assembled.http.is_none() => assembled.connector,
            Ok(_) => return,
            Err(why) => return tracing::warn!(source = %source.id, why, "a connection is not set up"),
        };
        let (office, channel, now) = (self.office.clone(), channel_of(&source.id), self.office.now());
        let fetched = blocking(move || {
            let found = connector.fetch(FETCH_MAX)?;
            let count = found.len();
            for piece in found {
                match receive::receive(office.store().as_ref(), now, &channel, &piece.name, piece.bytes, None) {
                    Ok(_) => connector.taken(&piece.name)?,
                    Err(why) => return Err(why.to_string()),
                }
            }
            Ok::<usize, String>(count)
        });
        match fetched.await {
            Ok(0) => {}
            Ok(pieces) => {
                self.registry.wires().came(&source.id, now, pieces as u64);
                self.office.ring();
            }
            Err(why) => {
                self.registry.wires().failed(&source.id, now, &why);
                tracing::warn!(source = %source.id, why, "fetching failed");
            }
        }
    }
}

/// Brings what follows the journal up to its end, again and again: its tree, sums for reports, indexes kept late.
pub async fn follow(office: Office) {
    loop {
        tokio::time::sleep(FOLLOW_EVERY).await;
        let store = office.store().clone();
        if let Err(error) = blocking(move || tree::grow(store.as_ref())).await {
            trouble("the journal's tree could not follow", &error).await;
        }
        sum_up(&office).await;
    }
}

/// A little at a time, and a pause between: orders that come in go first.
async fn sum_up(office: &Office) {
    loop {
        let store = office.store().clone();
        match blocking(move || store.roll_up(FACTS_AT_ONCE)).await {
            Ok(summed) if summed < FACTS_AT_ONCE => return,
            Ok(_) => tokio::time::sleep(BETWEEN_SUMS).await,
            Err(error) => return trouble("what was counted could not be summed up", &error).await,
        }
    }
}

/// Says what went wrong and gives the machinery a moment.
async fn trouble(what: &str, error: &str) {
    tracing::error!(error, "{what}");
    tokio::time::sleep(Duration::from_secs(1)).await;
}

/// Waits for the bell, or a moment. What rang since the bell was last marked is not missed.
async fn rest<T>(bell: &mut watch::Receiver<T>) {
    let _ = tokio::time::timeout(LOOK_EVERY, bell.changed()).await;
}

async fn carried(connector: Arc<dyn Connector>, parcel: &Parcel) -> Delivery {
    let (id, paper) = (parcel.id.clone(), parcel.paper.clone());
    let done = tokio::task::spawn_blocking(move || connector.deliver(&id, &paper, DEADLINE)).await;
    done.unwrap_or_else(|e| Delivery::Unknown { why: format!("the delivery was given up: {e}") })
}

/// Runs what blocks on a thread that may; failures as words for the log.
async fn blocking<T: Send + 'static, E: std::fmt::Display>(
    work: impl FnOnce() -> Result<T, E> + Send + 'static,
) -> Result<T, String> {
    let done = tokio::task::spawn_blocking(move || work().map_err(|e| e.to_string())).await;
    done.unwrap_or_else(|e| Err(format!("the work was given up: {e}")))
}
