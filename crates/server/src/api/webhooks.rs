//! Subscriptions to events, and what could not be delivered to them.

use super::call::Call;
use super::input::{Json, MaybeJson, Nothing};
use super::output::{NoContent, Page, Reply};
use super::route::{Api, Route};
use crate::auth::Permission::ManageWebhooks;
use crate::hooks::{CURSOR, DEAD, DeadLetter, HELD, Held, WEBHOOK, Webhook, forget_held, read_held};
use crate::problem::{Kind, Problem};
use countersign_connectors::webhook::{WebhookSecret, WebhookSender};
use countersign_runtime::ports::Delivery;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use utoipa::ToSchema;

const GROUP: &str = "Webhooks";
/// Secrets of one subscription: the one in use and the one before.
const SECRETS_MAX: usize = 3;
/// Dead letters tried in one call: it must end before callers give up.
const LETTERS_MAX: usize = 50;
/// What one of them may take.
const DEADLINE: Duration = Duration::from_secs(5);

pub(super) fn routes(api: &mut Api) {
    api.add(
        Route::put("/v1/webhooks/{webhook}", ManageWebhooks, GROUP, "Subscribe, or change a subscription").words(
            "Messages are CloudEvents signed by Standard Webhooks (`webhook-id`, `webhook-timestamp`, \
             `webhook-signature`), in order for each order, retried with back-off. An order whose message is not taken \
             is held back, and the others go on. A new subscription begins at the present. Without `secret` one is made, and told this once.",
        ),
        put,
    );
    api.add(Route::get("/v1/webhooks/{webhook}", ManageWebhooks, GROUP, "Read a subscription"), get);
    api.add(Route::get("/v1/webhooks", ManageWebhooks, GROUP, "List subscriptions"), list);
    api.add(Route::delete("/v1/webhooks/{webhook}", ManageWebhooks, GROUP, "End a subscription"), delete);
    api.add(
        Route::get("/v1/webhooks/{webhook}/held-back", ManageWebhooks, GROUP, "List orders that are held back").words(
            "Their first message was not taken and is tried again, longer and longer apart; their later ones wait behind \
             it. Changing the subscription tries all at once.",
        ),
        list_held,
    );
    api.add(
        Route::get("/v1/webhooks/{webhook}/dead-letters", ManageWebhooks, GROUP, "List what was not delivered"),
        list_dead,
    );
    api.add(
        Route::post("/v1/webhooks/{webhook}/redeliver", ManageWebhooks, GROUP, "Deliver dead letters again").words(
            "Each is tried once, under its old id; what is taken is forgotten, the others stay with the new reason.",
        ),
        redeliver,
    );
}

/// A subscription as it is wished.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct WebhookBody {
    /// Where to; https outside private networks.
    url: String,
    /// `whsec_` and base64 of 24 to 64 bytes; made if absent. The one before stays valid beside it.
    #[serde(default)]
    secret: Option<String>,
    /// Only these types (`countersign.line.committed.v1`); all if empty.
    #[serde(default)]
    types: Vec<String>,
    /// False switches it off.
    #[serde(default = "yes")]
    active: bool,
}

fn yes() -> bool {
    true
}

/// A subscription.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Webhook)]
pub(super) struct WebhookView {
    id: String,
    url: String,
    types: Vec<String>,
    active: bool,
    /// Journal position up to which it was served; null before it began.
    position: Option<u64>,
    /// Orders whose messages are held back, because the endpoint does not take one of them.
    held_back: u64,
    /// Told only when it was just made.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

impl WebhookView {
    fn new(id: &str, webhook: &Webhook, position: Option<u64>) -> Self {
        let Webhook { url, types, active, .. } = webhook.clone();
        Self { id: id.to_owned(), url, types, active, position, held_back: 0, secret: None }
    }
}

/// An order whose messages are held back.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HeldBack)]
pub(super) struct HeldView {
    /// The order or source; empty for events about neither.
    subject: String,
    /// Id of the event that is not taken.
    event: String,
    /// Messages that wait, this one included.
    waiting: u64,
    /// Tries so far.
    tries: u32,
    /// What the last one was answered.
    why: String,
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    next_try: Timestamp,
}

impl From<Held> for HeldView {
    fn from(held: Held) -> Self {
        let Held { subject, waiting, refusals, failures, why, since, due } = held;
        let count = waiting.len() as u64;
        let event = waiting.into_iter().next().unwrap_or_default();
        Self { subject, event, waiting: count, tries: refusals + failures, why, since, next_try: due }
    }
}

/// A message that was laid aside.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeadLetter)]
pub(super) struct DeadView {
    /// The event's id.
    event: String,
    /// Why.
    why: String,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// The message.
    body: String,
}

/// Which dead letters are delivered again.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub(super) struct RedeliverBody {
    /// Ids of their events; all if empty.
    #[serde(default)]
    events: Vec<String>,
}

/// What became of dead letters.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(super) struct Redelivered {
    /// Taken by the endpoint.
    delivered: u32,
    /// Still dead.
    remaining: u32,
    /// Why the last one was not taken.
    why: Option<String>,
}

fn id_of(call: &Call) -> Result<String, Problem> {
    let id = call.part("webhook");
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
    match !id.is_empty() && id.len() <= 64 && id.bytes().all(plain) {
        true => Ok(id.to_owned()),
        false => Err(Problem::field("{webhook}", id, "invalid", "use 1 to 64 letters, digits, - _ or .")),
    }
}

async fn put(call: Call, body: Json<WebhookBody>) -> Result<Reply<WebhookView>, Problem> {
    let id = id_of(&call)?;
    let WebhookBody { url, secret, types, active } = body.value;
    check_url(&url)?;
    if let Some(text) = &secret
        && let Err(error) = WebhookSecret::parse(text)
    {
        return Err(Problem::field("/secret", serde_json::Value::Null, "invalid", error.to_string()));
    }
    let fresh = made_secret()?;
    let key = id.clone();
    let written = call.read(move |store| {
        let known = store.setting(WEBHOOK, &key)?;
        let old: Option<Webhook> = known.as_ref().and_then(|(_, text)| serde_json::from_str(text).ok());
        let mut secrets = old.map(|w| w.secrets).unwrap_or_default();
        let told = match (secret, secrets.is_empty()) {
            (Some(given), _) => {
                secrets.retain(|s| *s != given);
                secrets.insert(0, given);
                None
            }
            (None, true) => {
                secrets.push(fresh.clone());
                Some(fresh)
            }
            (None, false) => None,
        };
        secrets.truncate(SECRETS_MAX);
        let webhook = Webhook { url, secrets, types, active };
        let text = super::call::json(&webhook);
        let written = store.put_setting(WEBHOOK, &key, Some(known.map_or(0, |(v, _)| v)), Some(&text))?;
        let position = store.setting(CURSOR, &key)?.and_then(|(_, text)| text.parse().ok());
        Ok(written.then_some((webhook, told, position)))
    });
    let Some((webhook, told, position)) = written.await? else {
        return Err(Problem::new(Kind::Stale, "somebody else changed this subscription meanwhile: read it again"));
    };
    Ok(Reply::of(&WebhookView { secret: told, ..WebhookView::new(&id, &webhook, position) }))
}

/// The form of the address; whether it may be reached is checked at each delivery.
fn check_url(url: &str) -> Result<(), Problem> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let fits = rest.is_some_and(|r| !r.is_empty() && !r.starts_with('/')) && url.len() <= 2_000 && !url.contains('@');
    match fits && !url.chars().any(|c| c.is_whitespace() || c.is_control()) {
        true => Ok(()),
        false => Err(Problem::field("/url", url, "invalid", "use an address such as \"https://shop.example/hooks\"")),
    }
}

fn made_secret() -> Result<String, Problem> {
    use base64::Engine as _;
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|_| Problem::new(Kind::Unavailable, "the system gave no random bytes"))?;
    Ok(format!("whsec_{}", base64::engine::general_purpose::STANDARD.encode(bytes)))
}

async fn get(call: Call, _: Nothing) -> Result<Reply<WebhookView>, Problem> {
    let id = id_of(&call)?;
    let found = all(&call).await?.into_iter().find(|w| w.id == id);
    found.map(|w| Reply::of(&w)).ok_or_else(|| Problem::absent(Kind::NotFound, &id))
}

async fn list(call: Call, _: Nothing) -> Result<Page<WebhookView>, Problem> {
    Ok(Page::whole(all(&call).await?))
}

async fn all(call: &Call) -> Result<Vec<WebhookView>, Problem> {
    let found = call.read(|store| Ok((store.settings(WEBHOOK)?, store.settings(CURSOR)?, store.settings(HELD)?)));
    let (webhooks, cursors, held) = found.await?;
    let position = |id: &str| cursors.iter().find(|(of, _)| of == id).and_then(|(_, text)| text.parse().ok());
    let held_back = |id: &str| held.iter().filter(|(of, _)| of.split('/').next() == Some(id)).count() as u64;
    let view = |(id, text): &(String, String)| {
        let view = WebhookView::new(id, &serde_json::from_str::<Webhook>(text).ok()?, position(id));
        Some(WebhookView { held_back: held_back(id), ..view })
    };
    Ok(webhooks.iter().filter_map(view).collect())
}

async fn delete(call: Call, _: Nothing) -> Result<NoContent, Problem> {
    let id = id_of(&call)?;
    call.read(move |store| {
        store.put_setting(WEBHOOK, &id, None, None)?;
        forget_held(store, &id)?;
        store.put_setting(CURSOR, &id, None, None)
    })
    .await?;
    Ok(NoContent::default())
}

async fn list_held(call: Call, _: Nothing) -> Result<Page<HeldView>, Problem> {
    let id = id_of(&call)?;
    let held = call.read(move |store| read_held(store, &id)).await?;
    Ok(Page::whole(held.into_iter().map(HeldView::from).collect()))
}

async fn dead_of(call: &Call, id: &str) -> Result<Vec<DeadLetter>, Problem> {
    let prefix = format!("{id}/");
    let found = call.read(|store| store.settings(DEAD)).await?;
    let mine = found.into_iter().filter(|(key, _)| key.starts_with(&prefix));
    Ok(mine.filter_map(|(_, text)| serde_json::from_str(&text).ok()).collect())
}

async fn list_dead(call: Call, _: Nothing) -> Result<Page<DeadView>, Problem> {
    let id = id_of(&call)?;
    let letters = dead_of(&call, &id).await?.into_iter();
    let view = |l: DeadLetter| DeadView { event: l.event, why: l.why, at: l.at, body: l.body };
    Ok(Page::whole(letters.map(view).collect()))
}

async fn redeliver(call: Call, body: MaybeJson<RedeliverBody>) -> Result<Reply<Redelivered>, Problem> {
    let id = id_of(&call)?;
    let key = id.clone();
    let found = call.read(move |store| store.setting(WEBHOOK, &key)).await?;
    let webhook: Option<Webhook> = found.and_then(|(_, text)| serde_json::from_str(&text).ok());
    let Some(webhook) = webhook else { return Err(Problem::absent(Kind::NotFound, &id)) };
    let Some(registry) = call.app().office().registry() else {
        return Err(Problem::new(Kind::NotOffered, "this process delivers nothing"));
    };
    let sender = WebhookSender::new(registry.http().clone());
    let url = sender.check(&webhook.url).map_err(|why| Problem::new(Kind::NotNow, why))?;
    let secrets: Vec<WebhookSecret> = webhook.secrets.iter().filter_map(|s| WebhookSecret::parse(s).ok()).collect();
    let wanted = body.value.events;
    let letters = dead_of(&call, &id).await?.into_iter();
    let mut outcome = Redelivered::default();
    for mut letter in letters.filter(|l| wanted.is_empty() || wanted.contains(&l.event)).take(LETTERS_MAX) {
        let bytes = letter.body.clone().into_bytes();
        let attempt = sender.send(&url, &secrets, &letter.event, bytes, call.now(), DEADLINE).await;
        let key = format!("{id}/{}", letter.event);
        match attempt.delivery {
            Delivery::Done { .. } => {
                outcome.delivered += 1;
                call.read(move |store| store.put_setting(DEAD, &key, None, None)).await?;
            }
            Delivery::Failed { why } | Delivery::Refused { why } | Delivery::Unknown { why } => {
                outcome.remaining += 1;
                letter.why.clone_from(&why);
                outcome.why = Some(why);
                let text = super::call::json(&letter);
                call.read(move |store| store.put_setting(DEAD, &key, None, Some(&text))).await?;
            }
        }
    }
    Ok(Reply::of(&outcome))
}
