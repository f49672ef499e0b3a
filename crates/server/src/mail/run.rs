//! The loops: one follows the journal and writes letters down, one sends those that are due.
//!
//! On several nodes both run on each: letters have ids that their entries give them, and a letter is claimed before it
//! is sent.

use super::compose;
use super::digest;
use super::kinds::{Audience, Kind};
use super::letter::{self, Claimed, Letter, Recipient, TRIES_MAX};
use super::settings::read_settings;
use super::smtp::{Mailer, Outcome, Written};
use super::template::read_template;
use crate::auth::{Purpose, derived_token, keep_link, read_person};
use crate::office::Office;
use countersign_engine::case::CaseKind;
use countersign_engine::command::{Actor, Command, Deed, Sending};
use countersign_engine::reason::Reason;
use countersign_engine::slice::{Key, Record};
use countersign_runtime::Request;
use countersign_runtime::ports::{Store, StoreError};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// The setting that holds how far letters have come.
const CURSOR: (&str, &str) = ("mail_cursor", "all");
/// Journal entries read ahead.
const WINDOW: u32 = 256;
/// How often the journal and the letters are looked at when nothing rings.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Letters that may be due before the journal is not followed any further: sending comes first. Those that quiet hours
/// hold do not count.
const WAITING_MAX: u32 = 1_000;
/// Mails sent at the same time.
const IN_FLIGHT_MAX: usize = 8;
/// How often digests are thought of and old marks are swept.
const SWEEP_EVERY: Duration = Duration::from_secs(20);

/// Follows the journal and sends until the office closes. `base` is where people reach the service.
pub async fn run(office: Office, mailer: Mailer, base: String) {
    let post = Arc::new(Post { office, mailer, base });
    tokio::join!(follow(post.clone()), send_all(post.clone()), sweep(post));
}

struct Post {
    office: Office,
    mailer: Mailer,
    base: String,
}

async fn follow(post: Arc<Post>) {
    let mut head = post.office.head();
    loop {
        let desk = post.clone();
        match post.office.read(move |store| compose_window(&desk.office, store)).await {
            Ok(0) => drop(tokio::time::timeout(LOOK_EVERY, head.changed()).await),
            Ok(_) => post.office.ring(),
            Err(error) => {
                tracing::warn!(%error, "letters could not be written down; they come later");
                tokio::time::sleep(LOOK_EVERY).await;
            }
        }
    }
}

/// Writes the letters of the next entries down, then moves the position on. Returns how many entries it looked at.
fn compose_window(office: &Office, store: &dyn Store) -> Result<usize, StoreError> {
    let position = match store.setting(CURSOR.0, CURSOR.1)? {
        Some((_, text)) => text.parse().unwrap_or(0),
        None => {
            // Who sets mail up today does not write about yesterday.
            let (now, _) = store.head()?;
            store.put_setting(CURSOR.0, CURSOR.1, Some(0), Some(&now.to_string()))?;
            return Ok(0);
        }
    };
    if letter::is_behind(store, office.now(), WAITING_MAX)? {
        return Ok(0);
    }
    let settings = read_settings(store)?;
    let rows = store.journal(position, WINDOW)?;
    let Some(last) = rows.last().map(|row| row.position) else { return Ok(0) };
    for row in &rows {
        for letter in compose::letters(office, &settings, row)? {
            letter::post(store, &letter)?;
        }
    }
    // Another node may have come further: the position never goes back.
    if let Some((version, text)) = store.setting(CURSOR.0, CURSOR.1)?
        && text.parse().unwrap_or(0) < last
    {
        store.put_setting(CURSOR.0, CURSOR.1, Some(version), Some(&last.to_string()))?;
    }
    Ok(rows.len())
}

async fn sweep(post: Arc<Post>) {
    let began = post.office.now();
    if let Err(error) = post.office.read(move |store| letter::mend(store, began)).await {
        tracing::warn!(%error, "letters of an earlier run could not be looked for; the next start does");
    }
    loop {
        let now = post.office.now();
        let swept = post.office.read(move |store| {
            let settings = read_settings(store)?;
            for letter in digest::letters(store, &settings, now)? {
                letter::post(store, &letter)?;
            }
            let cursor = store.setting(CURSOR.0, CURSOR.1)?.and_then(|(_, text)| text.parse().ok()).unwrap_or(0);
            letter::forget_sent(store, cursor, now)
        });
        if let Err(error) = swept.await {
            tracing::warn!(%error, "digests could not be thought of");
        }
        tokio::time::sleep(SWEEP_EVERY).await;
    }
}

async fn send_all(post: Arc<Post>) {
    // Rung by whoever wrote a letter down; letters of other nodes are found by looking.
    let mut rung = post.office.mail();
    loop {
        let now = post.office.now();
        let due = post.office.read(move |store| letter::claim_due(store, now, IN_FLIGHT_MAX)).await;
        match due {
            Ok(due) if due.is_empty() => drop(tokio::time::timeout(LOOK_EVERY, rung.changed()).await),
            Ok(due) => {
                let mut running = JoinSet::new();
                for claimed in due {
                    running.spawn(handle(post.clone(), claimed));
                }
                while running.join_next().await.is_some() {}
            }
            Err(error) => {
                tracing::warn!(%error, "letters could not be read");
                tokio::time::sleep(LOOK_EVERY).await;
            }
        }
    }
}

async fn handle(post: Arc<Post>, claimed: Claimed) {
    let now = post.office.now();
    let letter = match claimed {
        Claimed::Mine(letter) => letter,
        Claimed::Orphan(letter) => {
            return lay_aside(&post, letter, "the service stopped while it was being sent".into(), true).await;
        }
    };
    let (desk, wanted) = (post.clone(), letter.clone());
    let written = post.office.read(move |store| write(&desk, store, &wanted, now)).await;
    let outcome = match written {
        Ok(Ready::Send(mail)) => post.mailer.send(&mail).await,
        Ok(Ready::Unwanted) => return settle(&post, move |store, now| letter::drop_letter(store, &letter, now)).await,
        Ok(Ready::Nowhere(why)) => Outcome::Refused(why),
        Err(error) => Outcome::Failed(error.to_string()),
    };
    let (id, kind) = (letter.id.clone(), letter.kind.code());
    match outcome {
        Outcome::Sent => {
            tracing::info!(letter = id, kind, "mail sent");
            settle(&post, move |store, now| letter::sent(store, &letter, now)).await;
        }
        Outcome::Failed(why) if letter.tries + 1 < TRIES_MAX => {
            tracing::warn!(
                letter = id,
                kind,
                why,
                tries = letter.tries + 1,
                "a mail did not go out; it is tried again"
            );
            settle(&post, move |store, now| letter::put_back(store, &letter, why, now)).await;
        }
        Outcome::Failed(why) | Outcome::Refused(why) => lay_aside(&post, letter, why, false).await,
        Outcome::Unknown(why) => lay_aside(&post, letter, why, true).await,
    }
}

async fn settle(post: &Post, settle: impl FnOnce(&dyn Store, Timestamp) -> Result<(), StoreError> + Send + 'static) {
    let now = post.office.now();
    if let Err(error) = post.office.read(move |store| settle(store, now)).await {
        tracing::error!(%error, "what became of a mail was not kept; it will be laid aside as in doubt");
    }
}

/// Lays a letter aside; a bounce becomes a case.
async fn lay_aside(post: &Post, letter: Letter, why: String, in_doubt: bool) {
    tracing::warn!(letter = letter.id, kind = letter.kind.code(), why, in_doubt, "a mail was laid aside");
    if let Some(deed) = case_of(&letter, &why, in_doubt, false) {
        let command = Command { by: Actor::Engine, deed };
        let cause = smol_str::format_smolstr!("mail.{}", letter.id);
        post.office.submit(Request::caused(command, cause)).await;
    }
    settle(post, move |store, now| letter::lay_aside(store, &letter, why, in_doubt, now)).await;
}

/// What the desk has to know of a mail that did not arrive; `heard` if the vendor has answered all the same.
pub(super) fn case_of(letter: &Letter, why: &str, in_doubt: bool, heard: bool) -> Option<Deed> {
    let source = match &letter.to {
        Recipient::Contact { source, .. } => source,
        Recipient::Person { .. } => return None,
        // What the other server said may name the address, and personal data stands in no journal.
        Recipient::Customer { order } => {
            let sentence = format!(
                "A mail to the customer of order {order} ({}) did not arrive; Settings, Mail says what was answered",
                letter.kind.code()
            );
            return Some(Deed::OpenOrderCase {
                order: order.clone(),
                kind: CaseKind::CustomerUnreached,
                reason: Reason::MessageToCustomerFailed,
                sentence,
            });
        }
    };
    let why = format!("the mail did not arrive: {}", without_addresses(why));
    match (letter.kind, &letter.po) {
        // Nobody there knows of the order: the same as a paper that could not be delivered.
        (Kind::VendorOrder, Some(po)) if !heard => {
            let outcome = if in_doubt { Sending::InDoubt { why } } else { Sending::Failed { why } };
            Some(Deed::RecordSending { po: po.clone(), outcome })
        }
        (Kind::VendorLink, _) => None,
        (kind, po) => {
            let about = po.as_ref().map_or_else(String::new, |po| format!(" about {po}"));
            let sentence = format!("A mail to {source}{about} ({}) did not arrive: {why}", kind.code());
            Some(Deed::OpenSourceCase {
                source: source.clone(),
                kind: CaseKind::DeliveryFailed,
                reason: Reason::DeliveryFailed,
                sentence,
            })
        }
    }
}

/// What a server said, without the addresses that servers like to repeat: cases stand in the journal.
fn without_addresses(why: &str) -> String {
    let word = |word: &str| if word.contains('@') { "(address)".to_owned() } else { word.to_owned() };
    why.split_whitespace().map(word).collect::<Vec<_>>().join(" ")
}

enum Ready {
    Send(Written),
    /// Time has overtaken it.
    Unwanted,
    /// There is no address.
    Nowhere(String),
}

/// Writes a letter out: address, link, text. Only now, so that neither waits in the store.
fn write(post: &Post, store: &dyn Store, letter: &Letter, now: Timestamp) -> Result<Ready, StoreError> {
    if !still_wanted(&post.office, letter)? {
        return Ok(Ready::Unwanted);
    }
    let mut facts = letter.facts.clone();
    let to = match &letter.to {
        Recipient::Contact { mail, .. } => mail.clone(),
        Recipient::Person { name } => match read_person(store, name)?.and_then(|p| p.mail) {
            Some(mail) => mail,
            None => return Ok(Ready::Unwanted),
        },
        Recipient::Customer { order } => match customer(store, order)? {
            Some((name, mail)) => {
                facts.insert("name".into(), name);
                mail
            }
            // Erased, or the shop never told.
            None => return Ok(Ready::Unwanted),
        },
    };
    if !crate::auth::is_mail(&to) {
        return Ok(Ready::Nowhere("the address is no mail address".into()));
    }
    if let Some((order, message)) = &letter.message {
        // Erased meanwhile: there is nothing to say any more.
        let Some(words) = crate::correspondence::words(store, order)?.remove(message.as_str()) else {
            return Ok(Ready::Unwanted);
        };
        facts.insert("words".into(), words);
    }
    facts.insert("link".into(), link(post, store, letter, now)?);
    let (template, _) = read_template(store, letter.kind)?;
    let (subject, text) = template.render(&facts);
    Ok(Ready::Send(Written { to, subject, text, id: message_id(&letter.id) }))
}

/// Letters of an id, as a Message-ID bears them.
pub(super) fn message_id(id: &str) -> String {
    id.chars().map(|c| if c.is_ascii_alphanumeric() || "-._".contains(c) { c } else { '_' }).collect()
}

/// A purchase order that was answered or closed meanwhile needs no letter that asks for an answer.
fn still_wanted(office: &Office, letter: &Letter) -> Result<bool, StoreError> {
    let (Some(po), Kind::VendorOrder | Kind::VendorReminder) = (&letter.po, letter.kind) else { return Ok(true) };
    let Some((order, ordinal)) = po.split() else { return Ok(false) };
    let found = office.desk().read(&[Key::Order(order)])?.pop().flatten();
    let Some(Record::Order(order)) = found else { return Ok(false) };
    let open = order.of_purchase_order(ordinal).any(|a| a.phase.supplies());
    let answered = order.purchase_order(ordinal).is_none_or(|po| po.acknowledged_at.is_some());
    Ok(open && !answered)
}

fn link(post: &Post, store: &dyn Store, letter: &Letter, now: Timestamp) -> Result<String, StoreError> {
    let base = post.base.trim_end_matches('/');
    let Some(wish) = &letter.link else { return Ok(format!("{base}{}", place(letter))) };
    let token = derived_token(post.office.key(), &letter.id);
    keep_link(store, &token, wish.purpose.clone(), SignedDuration::from_secs(wish.valid_s), now)?;
    let page = match wish.purpose {
        Purpose::Portal { .. } => "/portal/link",
        Purpose::Approval { .. } => "/approvals/link",
        Purpose::Login { .. } => "/login",
    };
    Ok(format!("{base}{page}?token={token}"))
}

/// Where a person of the retailer finds what the letter is about.
fn place(letter: &Letter) -> String {
    let fact = |name: &str| letter.facts.get(name).cloned().unwrap_or_default();
    match letter.kind {
        Kind::StaffAssigned | Kind::StaffEscalated => format!("/console/cases/{}", fact("case")),
        Kind::StaffBreached => format!("/console/orders/{}", fact("order")),
        _ if letter.kind.audience() == Audience::Vendors => "/portal/".into(),
        _ => "/console/".into(),
    }
}

/// Name and address of an order's customer, if they are known and not erased.
fn customer(
    store: &dyn Store,
    order: &countersign_engine::ids::OrderId,
) -> Result<Option<(String, String)>, StoreError> {
    #[derive(Deserialize, Default)]
    struct Customer {
        #[serde(default)]
        name: String,
        #[serde(default)]
        email: Option<String>,
    }
    #[derive(Deserialize)]
    struct Body {
        #[serde(default)]
        customer: Customer,
    }
    let Some(body) = store.person(order)? else { return Ok(None) };
    let customer = serde_json::from_str::<Body>(&body).map(|b| b.customer).unwrap_or_default();
    Ok(customer.email.map(|mail| (customer.name, mail)))
}
