//! Webhooks: each subscription is a position in the journal; from there events go out signed, in order per order.
//!
//! An order whose message is not taken is held back, and the others go on. What an endpoint refuses for good, or does not
//! take for days, becomes a dead letter that can be redelivered. Of several nodes one serves a subscription.

mod held;

pub use held::{HELD, Held, forget_held, read_held};

use crate::cloud_event::{CloudEvent, of_entry, place};
use crate::lease::Lease;
use crate::office::Office;
use countersign_connectors::webhook::{WebhookSecret, WebhookSender};
use countersign_engine::journal::Entry;
use countersign_runtime::ports::{Delivery, JournalRow, Store, StoreError};
use futures_util::{StreamExt, stream};
use held::{Shelf, TakenOver, Trouble};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::{AbortHandle, JoinSet};

/// The setting that holds a subscription.
pub const WEBHOOK: &str = "webhook";
/// The setting that holds how far a subscription has come.
pub const CURSOR: &str = "webhook_cursor";
/// The setting that holds a dead letter, under `<webhook>/<event id>`.
pub const DEAD: &str = "webhook_dead";

/// Journal entries read ahead for one subscription.
const WINDOW: u32 = 64;
/// Messages of one subscription under way at once: a burst of them must not keep orders waiting.
const AT_ONCE: usize = 16;
/// Messages of one order sent in one go once it is no longer held up.
const CATCH_UP: usize = 64;
/// What one delivery may take.
const DEADLINE: Duration = Duration::from_secs(15);
/// Tries of a message that is refused (4xx) before it is laid aside.
const REFUSALS_MAX: u32 = 5;
/// Tries of a message whose endpoint is down: with half an hour between them, about three days.
const FAILURES_MAX: u32 = 150;
/// How often a subscription's position is kept. After a crash the messages since then come again, under the same ids.
const KEEP_EVERY: Duration = Duration::from_secs(1);
/// How often subscriptions are looked up again.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// A subscription.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Webhook {
    /// Where to.
    pub url: String,
    /// Secrets to sign with (`whsec_…`); several while they are being exchanged.
    pub secrets: Vec<String>,
    /// Only these types (`countersign.line.committed.v1`); all if empty.
    #[serde(default)]
    pub types: Vec<String>,
    /// False while it is switched off.
    #[serde(default = "yes")]
    pub active: bool,
}

fn yes() -> bool {
    true
}

/// A message that was laid aside.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DeadLetter {
    /// Whose.
    pub webhook: String,
    /// Which event.
    pub event: String,
    /// Why.
    pub why: String,
    /// When.
    pub at: jiff::Timestamp,
    /// The message.
    pub body: String,
}

/// Serves all subscriptions until the office closes.
pub async fn run(office: Office, sender: WebhookSender) {
    let mut tasks = JoinSet::new();
    let mut serving: BTreeMap<String, (Webhook, AbortHandle)> = BTreeMap::new();
    loop {
        while tasks.try_join_next().is_some() {}
        let known = office.read(|store| store.settings(WEBHOOK)).await.unwrap_or_default();
        let known: BTreeMap<String, Webhook> =
            known.into_iter().filter_map(|(id, body)| Some((id, serde_json::from_str(&body).ok()?))).collect();
        serving.retain(|id, (webhook, task)| {
            let same = known.get(id) == Some(webhook) && webhook.active && !task.is_finished();
            if !same {
                task.abort();
            }
            same
        });
        for (id, webhook) in known.into_iter().filter(|(_, w)| w.active) {
            serving.entry(id.clone()).or_insert_with(|| {
                let task = tasks.spawn(serve(office.clone(), sender.clone(), id, webhook.clone()));
                (webhook, task)
            });
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Serves one subscription while this node has it.
async fn serve(office: Office, sender: WebhookSender, id: String, webhook: Webhook) {
    let secrets: Vec<WebhookSecret> = webhook.secrets.iter().filter_map(|s| WebhookSecret::parse(s).ok()).collect();
    let Ok(url) = sender.check(&webhook.url) else { return };
    let Ok(Some(mut lease)) = Lease::take(&office, format!("{WEBHOOK}/{id}")).await else { return };
    let line = Arc::new(Line { sender, url, secrets, id, office });
    tokio::select! {
        () = lease.keep() => {}
        // Where another node writes what only one may write, this one begins anew.
        _ = follow(line, &webhook.types) => {}
    }
}

/// Follows the journal, and tries what is held back again.
async fn follow(line: Arc<Line>, types: &[String]) -> Result<(), TakenOver> {
    let office = &line.office;
    let mut head = office.head();
    let Ok(mut cursor) = Cursor::open(office, &line.id).await else { return Ok(()) };
    let Ok(mut shelf) = Shelf::open(office, &line.id).await else { return Ok(()) };
    let mut trying = JoinSet::new();
    loop {
        while let Some(tried) = trying.try_join_next() {
            take_back(&mut shelf, tried).await?;
        }
        for held in shelf.due(office.now(), AT_ONCE.saturating_sub(trying.len())) {
            trying.spawn(again(line.clone(), held));
        }
        cursor.keep(office, KEEP_EVERY).await?;
        let position = cursor.position;
        let rows = match shelf.is_full() {
            true => vec![],
            false => office.read(move |store| store.journal(position, WINDOW)).await.unwrap_or_default(),
        };
        if let Some(last) = rows.last() {
            let held_more = deliver(&line, &mut shelf, wanted(&rows, types)).await?;
            cursor.position = last.position;
            if held_more {
                cursor.keep(office, Duration::ZERO).await?;
            }
            continue;
        }
        let pause = shelf.next_due().map_or(LOOK_EVERY, |due| office.now().duration_until(due).unsigned_abs());
        tokio::select! {
            Some(tried) = trying.join_next() => take_back(&mut shelf, tried).await?,
            // The head moves with every commit of ours; the pause also notices commits of other nodes.
            _ = head.changed(), if !shelf.is_full() => {}
            () = tokio::time::sleep(pause.clamp(Duration::from_millis(10), LOOK_EVERY)) => {}
        }
    }
}

/// How far a subscription has come, and how far the store knows.
struct Cursor {
    webhook: String,
    position: u64,
    kept: u64,
    kept_at: Instant,
    version: u64,
}

impl Cursor {
    /// Where a subscription stands; a new one begins at the present.
    async fn open(office: &Office, id: &str) -> Result<Self, StoreError> {
        let (key, now) = (id.to_owned(), *office.head().borrow());
        let read = move |store: &dyn Store| match store.setting(CURSOR, &key)? {
            Some((version, text)) => Ok((version, text.parse().unwrap_or(now))),
            None => {
                store.put_setting(CURSOR, &key, Some(0), Some(&now.to_string()))?;
                Ok((1, now))
            }
        };
        let (version, position) = office.read(read).await?;
        Ok(Self { webhook: id.to_owned(), position, kept: position, kept_at: Instant::now(), version })
    }

    /// Has the store know, if that is older than `age`.
    async fn keep(&mut self, office: &Office, age: Duration) -> Result<(), TakenOver> {
        if self.position == self.kept || self.kept_at.elapsed() < age {
            return Ok(());
        }
        let (key, version, position) = (self.webhook.clone(), self.version, self.position);
        let text = position.to_string();
        match office.read(move |store| store.put_setting(CURSOR, &key, Some(version), Some(&text))).await {
            Ok(true) => self.version += 1,
            Ok(false) => return Err(TakenOver),
            Err(error) => {
                tracing::warn!(%error, webhook = self.webhook, "the position was not kept; messages may come twice");
            }
        }
        (self.kept, self.kept_at) = (position, Instant::now());
        Ok(())
    }
}

/// The events of these entries that the subscription wants. An entry whose text holds none of the types is not parsed.
fn wanted(rows: &[JournalRow], types: &[String]) -> Vec<CloudEvent> {
    let marks: Vec<String> = types
        .iter()
        .map(|t| format!("\"type\":\"{}\"", t.trim_start_matches("countersign.").trim_end_matches(".v1")))
        .collect();
    let may_hold = |row: &&JournalRow| marks.is_empty() || marks.iter().any(|mark| row.body.contains(mark));
    let events = rows.iter().filter(may_hold).flat_map(events_of);
    events.filter(|event| types.is_empty() || types.contains(&event.kind)).collect()
}

fn events_of(row: &JournalRow) -> Vec<CloudEvent> {
    serde_json::from_str::<Entry>(&row.body).map_or_else(|_| vec![], |entry| of_entry(row.position, &entry))
}

struct Line {
    sender: WebhookSender,
    url: reqwest::Url,
    secrets: Vec<WebhookSecret>,
    id: String,
    office: Office,
}

/// Delivers a window: messages about one order one after the other, different orders side by side. An order whose
/// message is not taken is held back; true if one was.
async fn deliver(line: &Line, shelf: &mut Shelf, events: Vec<CloudEvent>) -> Result<bool, TakenOver> {
    let mut by_subject: BTreeMap<String, Vec<CloudEvent>> = BTreeMap::new();
    for event in events {
        by_subject.entry(event.subject.clone().unwrap_or_default()).or_default().push(event);
    }
    let (waiting, free): (BTreeMap<_, _>, BTreeMap<_, _>) = by_subject.into_iter().partition(|(s, _)| shelf.holds(s));
    let sending = stream::iter(free).map(|(subject, events)| async move {
        for (done, event) in events.iter().enumerate() {
            if let Err(trouble) = send(line, event).await {
                let waiting = events[done..].iter().map(|event| event.id.clone()).collect();
                return (done, Some(Held::new(subject, waiting, trouble, line.office.now())));
            }
        }
        (events.len(), None)
    });
    let sent: Vec<_> = sending.buffer_unordered(AT_ONCE).collect().await;
    for (subject, events) in waiting {
        shelf.put_behind(&subject, events.into_iter().map(|event| event.id).collect()).await?;
    }
    let mut held_more = false;
    for (taken, held) in sent {
        shelf.note(taken, held.is_some());
        if let Some(held) = held {
            shelf.hold(held).await?;
            held_more = true;
        }
    }
    Ok(held_more)
}

/// Sends one message, once.
async fn send(line: &Line, event: &CloudEvent) -> Result<(), Trouble> {
    let attempt = line.sender.send(&line.url, &line.secrets, &event.id, body_of(event), line.office.now(), DEADLINE);
    let attempt = attempt.await;
    let (refused, why) = match attempt.delivery {
        Delivery::Done { .. } => return Ok(()),
        Delivery::Refused { why } => (true, why),
        Delivery::Failed { why } | Delivery::Unknown { why } => (false, why),
    };
    Err(Trouble { refused, tried: attempt.tried, why, retry_after: attempt.retry_after })
}

fn body_of(event: &CloudEvent) -> Vec<u8> {
    serde_json::to_vec(event).expect("because an event is plain data")
}

/// An order that was tried again: as it stands now, how many messages shorter, and how many of those were taken.
struct Tried {
    held: Held,
    done: usize,
    taken: usize,
    failed: bool,
}

async fn take_back(shelf: &mut Shelf, tried: Result<Tried, tokio::task::JoinError>) -> Result<(), TakenOver> {
    // A try that panicked is a fault of ours: begin anew, with what the store knows.
    let tried = tried.map_err(|_| TakenOver)?;
    shelf.note(tried.taken, tried.failed);
    shelf.tried(tried.held, tried.done).await
}

/// Tries the first message that is held back of an order, and those behind it if it is taken.
async fn again(line: Arc<Line>, mut held: Held) -> Tried {
    let (mut done, mut taken, mut failed) = (0, 0, false);
    while let Some(id) = held.waiting.first().filter(|_| done < CATCH_UP) {
        let event = match event_of(&line.office, id).await {
            Ok(Some(event)) => event,
            // An entry that cannot be read holds nobody up.
            Ok(None) => {
                held.step(line.office.now());
                done += 1;
                continue;
            }
            Err(error) => {
                held.again(
                    Trouble { refused: false, tried: false, why: error.to_string(), retry_after: None },
                    line.office.now(),
                );
                break;
            }
        };
        match send(&line, &event).await {
            Ok(()) => taken += 1,
            Err(trouble) => {
                failed = true;
                held.again(trouble, line.office.now());
                let over = held.refusals >= REFUSALS_MAX || held.failures >= FAILURES_MAX;
                if !over || !lay_aside(&line, &event, &held.why).await {
                    break;
                }
            }
        }
        held.step(line.office.now());
        done += 1;
    }
    Tried { held, done, taken, failed }
}

/// An event by its id, out of the journal.
async fn event_of(office: &Office, id: &str) -> Result<Option<CloudEvent>, StoreError> {
    let Some((position, index)) = place(id) else { return Ok(None) };
    let rows = office.read(move |store| store.journal(position.saturating_sub(1), 1)).await?;
    Ok(rows.first().and_then(|row| events_of(row).into_iter().nth(index)))
}

/// Keeps a dead letter; false if the store did not.
async fn lay_aside(line: &Line, event: &CloudEvent, why: &str) -> bool {
    tracing::warn!(webhook = line.id, event = event.id, why, "a webhook message was laid aside");
    let letter = DeadLetter {
        webhook: line.id.clone(),
        event: event.id.clone(),
        why: why.to_owned(),
        at: line.office.now(),
        body: String::from_utf8_lossy(&body_of(event)).into_owned(),
    };
    let key = format!("{}/{}", line.id, event.id);
    let text = serde_json::to_string(&letter).expect("because a letter is plain data");
    let kept = line.office.read(move |store| store.put_setting(DEAD, &key, None, Some(&text))).await;
    kept.inspect_err(|error| {
        tracing::error!(%error, webhook = line.id, event = event.id, "a dead letter was not kept; it waits");
    })
    .is_ok()
}
