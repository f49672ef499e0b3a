//! Messages about an order: who can be written to and how it would travel, what was written, and writing. What comes
//! back is `replies.rs`.
//!
//! The way is found in one place: what a dialog shows is what a message then takes. Does not send anything; mail and
//! webhooks follow the journal.

use super::super::call::{Call, json};
use super::super::input::{Json, Nothing};
use super::super::output::{Page, Reply};
use super::super::purchase_orders::source_of;
use super::order_of;
use crate::correspondence;
use crate::hooks::{WEBHOOK, Webhook};
use crate::mail::{Contacts, CustomersBy, Kind as MailKind, Settings, contacts, read_settings};
use crate::problem::{Kind, Problem};
use crate::view::words::ActorWords;
use countersign_engine::command::{Actor, Deed};
use countersign_engine::ids::{OrderId, PoNumber, SourceId};
use countersign_engine::message::{Addressee, Message};
use countersign_engine::order::Order;
use countersign_engine::slice::{Key, Record};
use countersign_engine::source::{Dialect, Source};
use countersign_runtime::ports::{Store, StoreError, mail_of};
use hmac::Mac;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Longest message: a page of a letter.
const WORDS_MAX: usize = 4_000;
/// The event by which a storefront hears of a message.
const EVENT: &str = "countersign.message.written.v1";

/// A message about an order.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Message)]
pub(in crate::api) struct MessageView {
    id: String,
    /// `customer`, `source`, or `retailer` for what one of these wrote back.
    pub(in crate::api) to: &'static str,
    /// The purchase order it is about; of words to or from a customer, none.
    #[schema(value_type = Option<String>)]
    purchase_order: Option<PoNumber>,
    /// The source that wrote or was written to.
    #[schema(value_type = Option<String>)]
    source: Option<SourceId>,
    /// Who wrote it, or handed it in.
    #[schema(value_type = ActorWords)]
    by: Actor,
    #[schema(value_type = String, format = DateTime)]
    pub(in crate::api) at: Timestamp,
    /// What it says; null once the order's personal data is erased, and in the answer to writing it.
    pub(in crate::api) words: Option<String>,
}

impl MessageView {
    fn new(message: &Message, words: &BTreeMap<String, String>) -> Self {
        let to = match &message.to {
            Addressee::Customer => "customer",
            Addressee::Source { .. } => "source",
            Addressee::Retailer { .. } => "retailer",
        };
        Self {
            id: message.id.to_string(),
            to,
            purchase_order: message.to.po().cloned(),
            source: message.source.clone(),
            by: message.by.clone(),
            at: message.at,
            words: words.get(message.id.as_str()).cloned(),
        }
    }
}

/// The messages of an order that `wanted` picks, oldest first, with their words.
pub(in crate::api) async fn messages_of(
    call: &Call,
    order: &Order,
    wanted: impl Fn(&Addressee) -> bool,
) -> Result<Vec<MessageView>, Problem> {
    let id = order.id.clone();
    let words = call.read(move |store| correspondence::words(store, &id)).await?;
    Ok(order.messages.iter().filter(|m| wanted(&m.to)).map(|m| MessageView::new(m, &words)).collect())
}

pub(super) async fn list(call: Call, _: Nothing) -> Result<Page<MessageView>, Problem> {
    let (order, _) = order_of(&call).await?;
    Ok(Page::whole(messages_of(&call, &order, |_| true).await?))
}

/// Somebody who can be written to about an order.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Addressee)]
pub(super) struct AddresseeView {
    /// `customer` or `source`.
    to: &'static str,
    #[schema(value_type = Option<String>)]
    purchase_order: Option<PoNumber>,
    /// The source's name.
    name: Option<String>,
    /// False if nothing would reach them; `sentence` says what to do.
    possible: bool,
    /// How a message would travel, or why none can.
    sentence: String,
}

pub(super) async fn addressees(call: Call, _: Nothing) -> Result<Page<AddresseeView>, Problem> {
    let (order, person) = order_of(&call).await?;
    let ways = Ways::of(&call, person);
    let all = call.read(move |store| {
        let sources = order.purchase_orders.iter().map(|po| Addressee::Source { po: po.number.clone() });
        let all = std::iter::once(Addressee::Customer).chain(sources);
        all.map(|to| ways.view(store, &order, &to)).collect::<Result<Vec<_>, _>>()
    });
    Ok(Page::whole(all.await?))
}

/// A message to be written.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = NewMessage)]
pub(super) struct MessageBody {
    /// To the source of this purchase order; to the customer if absent.
    #[serde(default)]
    purchase_order: Option<String>,
    /// What it says, 1 to 4,000 characters of plain text.
    words: String,
}

pub(super) async fn write(call: Call, body: Json<MessageBody>) -> Result<Reply<MessageView, 201>, Problem> {
    let (order, person) = order_of(&call).await?;
    let words = checked(&body.value.words)?;
    let to = addressee(&order, body.value.purchase_order.as_deref())?;
    let (ways, seen, whom) = (Ways::of(&call, person), order.clone(), to.clone());
    let way = call.read(move |store| ways.view(store, &seen, &whom)).await?;
    if !way.possible {
        return Err(Problem::new(Kind::NotNow, way.sentence));
    }
    let deed = |message, fingerprint| Deed::WriteMessage { order: order.id.clone(), message, to, fingerprint };
    recorded(&call, &body.bytes, &order.id, &words, call.header("idempotency-key"), deed).await
}

/// Keeps the words and has their message put on record. `once` names it, so that it is written once however often it
/// is sent; words without a message are forgotten.
pub(super) async fn recorded(
    call: &Call,
    bytes: &[u8],
    order: &OrderId,
    words: &str,
    once: Option<&str>,
    deed: impl FnOnce(SmolStr, SmolStr) -> Deed,
) -> Result<Reply<MessageView, 201>, Problem> {
    let id = message_id(call, order, once)?;
    let (of, name, text) = (order.clone(), id.clone(), words.to_owned());
    // Before the command: a message on record without words would reach nobody.
    call.read(move |store| correspondence::keep(store, &of, &name, &text)).await?;
    let (of, name) = (order.clone(), id.clone());
    let render = move |done: &countersign_runtime::request::Done| {
        let written = done.order(&of).and_then(|o| o.messages.iter().find(|m| m.id == name));
        // Answers are kept under their key: the words stand in one place only.
        (201, written.map_or_else(|| "{}".into(), |m| json(&MessageView::new(m, &BTreeMap::new()))))
    };
    let answer = call.act(bytes, deed(id.clone(), fingerprint(call, order, words)), render).await;
    if answer.is_err() && !is_written(call, order, &id).await? {
        let of = order.clone();
        call.read(move |store| correspondence::forget(store, &of, &id)).await?;
    }
    answer
}

pub(super) fn checked(words: &str) -> Result<String, Problem> {
    let words = words.trim();
    let length = words.chars().count();
    match (1..=WORDS_MAX).contains(&length) {
        true => Ok(words.to_owned()),
        false => Err(Problem::field(
            "/words",
            length,
            "length",
            format!("a message has 1 to {WORDS_MAX} characters of text"),
        )),
    }
}

fn addressee(order: &Order, po: Option<&str>) -> Result<Addressee, Problem> {
    let Some(text) = po else { return Ok(Addressee::Customer) };
    let known = order.purchase_orders.iter().find(|po| po.number.as_str() == text);
    let known = known.map(|po| Addressee::Source { po: po.number.clone() });
    known.ok_or_else(|| Problem::absent(Kind::UnknownPurchaseOrder, text))
}

/// The same for the same key, so that words are kept once and a message is written once.
fn message_id(call: &Call, order: &OrderId, once: Option<&str>) -> Result<SmolStr, Problem> {
    let mut mac = call.mac();
    match once {
        Some(key) => {
            for part in ["message", call.caller().id.as_str(), order.as_str(), key] {
                mac.update(part.as_bytes());
                mac.update(&[0]);
            }
        }
        None => {
            let mut bytes = [0; 16];
            getrandom::fill(&mut bytes)
                .map_err(|_| Problem::new(Kind::Unavailable, "the system gave no random bytes: try again"))?;
            mac.update(&bytes);
        }
    }
    Ok(hex::encode(&mac.finalize().into_bytes()[..8]).into())
}

fn fingerprint(call: &Call, order: &OrderId, words: &str) -> SmolStr {
    let mut mac = call.mac();
    for part in ["words", order.as_str(), words] {
        mac.update(part.as_bytes());
        mac.update(&[0]);
    }
    hex::encode(&mac.finalize().into_bytes()[..16]).into()
}

async fn is_written(call: &Call, order: &OrderId, id: &str) -> Result<bool, Problem> {
    let found = call.record(Key::Order(order.clone())).await?;
    Ok(matches!(found, Some(Record::Order(o)) if o.messages.iter().any(|m| m.id == id)))
}

/// What decides how a message travels.
struct Ways {
    person: Option<String>,
    mails: bool,
    now: Timestamp,
}

impl Ways {
    fn of(call: &Call, person: Option<String>) -> Self {
        Self { person, mails: call.app().settings().mail, now: call.now() }
    }

    fn view(&self, store: &dyn Store, order: &Order, to: &Addressee) -> Result<AddresseeView, StoreError> {
        let settings = read_settings(store)?;
        let Addressee::Source { po } = to else {
            let (possible, sentence) = told(self.to_customer(store, &settings)?);
            return Ok(AddresseeView { to: "customer", purchase_order: None, name: None, possible, sentence });
        };
        let source = order.purchase_orders.iter().find(|p| p.number == *po).map(|p| p.source.clone());
        let source = source.map(|id| source_of(store, id)).transpose()?.flatten();
        let (possible, sentence) = match &source {
            Some(source) => told(self.to_source(store, &settings, source)?),
            None => (false, "its source is not known any more".into()),
        };
        let name = source.map(|s| s.name.clone());
        Ok(AddresseeView { to: "source", purchase_order: Some(po.clone()), name, possible, sentence })
    }

    fn to_customer(&self, store: &dyn Store, settings: &Settings) -> Result<Result<String, String>, StoreError> {
        if settings.customers == CustomersBy::Webhook {
            let takes =
                |hook: &Webhook| hook.active && (hook.types.is_empty() || hook.types.iter().any(|t| t == EVENT));
            let hooks = store.settings(WEBHOOK)?;
            let taken = hooks.iter().filter_map(|(_, body)| serde_json::from_str(body).ok()).any(|hook| takes(&hook));
            let how = if taken { "by webhook" } else { "if it follows the events (no webhook takes them)" };
            return Ok(Ok(format!("The storefront writes to the customer. It hears of this {how}.")));
        }
        let known = self.person.as_deref().and_then(mail_of).is_some();
        Ok(match (known, self.mails, settings.wants(MailKind::CustomerMessage)) {
            (false, ..) => Err("The customer's mail address is not known, or was erased: telephone.".into()),
            (_, false, _) => Err("No mail server is set up: ask IT to start the service with --smtp-url.".into()),
            (.., false) => Err("Messages to customers are switched off under Settings, Mail.".into()),
            _ => Ok(self.by_mail("The customer gets a mail", settings, MailKind::CustomerMessage)),
        })
    }

    fn to_source(
        &self,
        store: &dyn Store,
        settings: &Settings,
        source: &Source,
    ) -> Result<Result<String, String>, StoreError> {
        let Contacts { mail } = contacts(store, &source.id)?;
        let (name, portal) = (&source.name, source.channel.dialect == Dialect::Portal);
        let mails = self.mails && settings.wants(MailKind::VendorMessage);
        Ok(match (mails && !mail.is_empty(), portal) {
            (true, _) => {
                let who = if mail.len() == 1 { "1 address".into() } else { format!("{} addresses", mail.len()) };
                Ok(self.by_mail(&format!("A mail goes to {who} of {name}"), settings, MailKind::VendorMessage))
            }
            (false, true) => Ok(format!("{name} finds it on the order's page in the portal; no mail goes out.")),
            (false, false) if mail.is_empty() => {
                Err(format!("Nobody to write to is recorded at {name}: add a contact on the vendor's page."))
            }
            (false, false) if !self.mails => {
                Err("No mail server is set up: ask IT to start the service with --smtp-url.".into())
            }
            (false, false) => Err("Messages to vendors are switched off under Settings, Mail.".into()),
        })
    }

    fn by_mail(&self, what: &str, settings: &Settings, kind: MailKind) -> String {
        let due = settings.not_before(kind, self.now);
        let zone = settings.quiet.as_ref().map(|q| q.time_zone.clone()).filter(|_| due > self.now);
        match zone {
            None => format!("{what}, at once."),
            Some(zone) => {
                let due = due.to_zoned(zone.rules()).strftime("%a %-d %b, %H:%M %Z").to_string();
                format!("{what} when the quiet hours end: {due}.")
            }
        }
    }
}

fn told(way: Result<String, String>) -> (bool, String) {
    match way {
        Ok(sentence) => (true, sentence),
        Err(sentence) => (false, sentence),
    }
}
