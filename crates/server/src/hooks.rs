//! Webhooks: each subscription is a position in the journal; from there events go out signed, in order per order.
//!
//! What an endpoint refuses for good, or does not take for days, becomes a dead letter that can be redelivered.

use crate::cloud_event::{CloudEvent, of_entry};
use crate::office::Office;
use countersign_connectors::webhook::{WebhookSecret, WebhookSender};
use countersign_engine::journal::Entry;
use countersign_runtime::ports::{Delivery, JournalRow, StoreError};
use futures_util::{StreamExt, stream};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

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
/// What one delivery may take.
const DEADLINE: Duration = Duration::from_secs(15);
/// Tries of a message that is refused (4xx) before it is laid aside.
const REFUSALS_MAX: u32 = 5;
/// Tries of a message whose endpoint is down: with half an hour between them, about three days.
const FAILURES_MAX: u32 = 150;
/// Longest pause between two tries.
const PAUSE_MAX: Duration = Duration::from_secs(1_800);
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
    let mut serving: BTreeMap<String, (Webhook, tokio::task::JoinHandle<()>)> = BTreeMap::new();
    loop {
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
            let start = || {
                let task = tokio::spawn(serve(office.clone(), sender.clone(), id.clone(), webhook.clone()));
                (webhook.clone(), task)
            };
            serving.entry(id.clone()).or_insert_with(start);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Serves one subscription.
async fn serve(office: Office, sender: WebhookSender, id: String, webhook: Webhook) {
    let secrets: Vec<WebhookSecret> = webhook.secrets.iter().filter_map(|s| WebhookSecret::parse(s).ok()).collect();
    let Ok(url) = sender.check(&webhook.url) else { return };
    let line = Arc::new(Line { sender, url, secrets, id: id.clone(), office: office.clone() });
    let mut head = office.head();
    let Ok(mut position) = cursor(&office, &id).await else { return };
    let (mut kept, mut kept_at) = (position, Instant::now());
    loop {
        if position != kept && kept_at.elapsed() >= KEEP_EVERY {
            keep(&office, &id, position).await;
            (kept, kept_at) = (position, Instant::now());
        }
        let rows = office.read(move |store| store.journal(position, WINDOW)).await.unwrap_or_default();
        let Some(last) = rows.last().map(|row| row.position) else {
            // The head moves with every commit of ours; the pause also notices commits of other nodes.
            let _ = tokio::time::timeout(LOOK_EVERY, head.changed()).await;
            continue;
        };
        deliver(&line, wanted(&rows, &webhook.types)).await;
        position = last;
    }
}

async fn keep(office: &Office, id: &str, position: u64) {
    let (key, text) = (id.to_owned(), position.to_string());
    if let Err(error) = office.read(move |store| store.put_setting(CURSOR, &key, None, Some(&text))).await {
        tracing::warn!(%error, webhook = id, "the webhook's position was not kept; messages may come twice");
    }
}

/// Where a subscription stands; a new one begins at the present.
async fn cursor(office: &Office, id: &str) -> Result<u64, StoreError> {
    let (key, now) = (id.to_owned(), *office.head().borrow());
    office
        .read(move |store| match store.setting(CURSOR, &key)? {
            Some((_, text)) => Ok(text.parse().unwrap_or(now)),
            None => {
                store.put_setting(CURSOR, &key, None, Some(&now.to_string()))?;
                Ok(now)
            }
        })
        .await
}

/// The events of these entries that the subscription wants. An entry whose text holds none of the types is not parsed.
fn wanted(rows: &[JournalRow], types: &[String]) -> Vec<CloudEvent> {
    let marks: Vec<String> = types
        .iter()
        .map(|t| format!("\"type\":\"{}\"", t.trim_start_matches("countersign.").trim_end_matches(".v1")))
        .collect();
    let may_hold = |row: &&JournalRow| marks.is_empty() || marks.iter().any(|mark| row.body.contains(mark));
    let parsed = rows
        .iter()
        .filter(may_hold)
        .filter_map(|row| Some((row.position, serde_json::from_str::<Entry>(&row.body).ok()?)));
    let events = parsed.flat_map(|(position, entry)| of_entry(position, &entry));
    events.filter(|event| types.is_empty() || types.contains(&event.kind)).collect()
}

struct Line {
    sender: WebhookSender,
    url: reqwest::Url,
    secrets: Vec<WebhookSecret>,
    id: String,
    office: Office,
}

/// Delivers a window: messages about one order one after the other, different orders side by side.
async fn deliver(line: &Arc<Line>, events: Vec<CloudEvent>) {
    let mut by_subject: BTreeMap<Option<String>, Vec<CloudEvent>> = BTreeMap::new();
    for event in events {
        by_subject.entry(event.subject.clone()).or_default().push(event);
    }
    let subjects = stream::iter(by_subject.into_values());
    let sending = subjects.for_each_concurrent(AT_ONCE, |events| async move {
        for event in events {
            send(line, &event).await;
        }
    });
    sending.await;
}

/// Sends one message until it is taken or laid aside.
async fn send(line: &Line, event: &CloudEvent) {
    let body = serde_json::to_vec(event).expect("because an event is plain data");
    let (mut refusals, mut failures) = (0, 0);
    loop {
        let attempt =
            line.sender.send(&line.url, &line.secrets, &event.id, body.clone(), line.office.now(), DEADLINE).await;
        let why = match attempt.delivery {
            Delivery::Done { .. } => return,
            Delivery::Refused { why } => {
                refusals += 1;
                why
            }
            Delivery::Failed { why } | Delivery::Unknown { why } => {
                failures += u32::from(attempt.tried);
                why
            }
        };
        if refusals >= REFUSALS_MAX || failures >= FAILURES_MAX {
            lay_aside(line, event, &body, why).await;
            return;
        }
        let doubled = Duration::from_millis(250).saturating_mul(1 << (refusals + failures).min(13));
        tokio::time::sleep(attempt.retry_after.unwrap_or(doubled).min(PAUSE_MAX)).await;
    }
}

async fn lay_aside(line: &Line, event: &CloudEvent, body: &[u8], why: String) {
    tracing::warn!(webhook = line.id, event = event.id, why, "a webhook message was laid aside");
    let letter = DeadLetter {
        webhook: line.id.clone(),
        event: event.id.clone(),
        why,
        at: line.office.now(),
        body: String::from_utf8_lossy(body).into_owned(),
    };
    let key = format!("{}/{}", line.id, event.id);
    let text = serde_json::to_string(&letter).expect("because a letter is plain data");
    let kept = line.office.read(move |store| store.put_setting(DEAD, &key, None, Some(&text))).await;
    if let Err(error) = kept {
        tracing::error!(%error, webhook = line.id, event = event.id, "a dead letter was not kept");
    }
}
