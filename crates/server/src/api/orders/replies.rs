//! What customers and sources write back about an order: handed in by a program that reads mail, by whoever had them on
//! the telephone, by a source itself.
//!
//! A reply is a case until somebody has seen to it; it goes first to the person who wrote to them last.

use super::super::call::Call;
use super::super::input::Json;
use super::super::output::Reply;
use super::messages::{MessageView, checked, recorded};
use super::order_of;
use crate::auth::{DEMO_PEOPLE, read_person};
use crate::problem::{Kind, Problem};
use countersign_engine::command::{Actor, Deed, Role};
use countersign_engine::ids::PoNumber;
use countersign_engine::message::Addressee;
use countersign_engine::order::Order;
use countersign_runtime::ports::{Store, StoreError};
use serde::Deserialize;
use utoipa::ToSchema;

/// What somebody wrote back.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = NewReply)]
pub(super) struct ReplyBody {
    /// The source of this purchase order wrote it; the customer did if absent.
    #[serde(default)]
    purchase_order: Option<String>,
    /// What it says, 1 to 4,000 characters of plain text.
    words: String,
}

pub(super) async fn hand_in(call: Call, body: Json<ReplyBody>) -> Result<Reply<MessageView, 201>, Problem> {
    let (order, _) = order_of(&call).await?;
    let po = match body.value.purchase_order.as_deref() {
        None => None,
        Some(text) => {
            let known = order.purchase_orders.iter().find(|po| po.number.as_str() == text);
            let known = known.map(|po| po.number.clone());
            Some(known.ok_or_else(|| Problem::absent(Kind::UnknownPurchaseOrder, text))?)
        }
    };
    take_in(&call, &body.bytes, &order, po, &body.value.words, call.header("idempotency-key")).await
}

/// Puts a reply on record, once under its key, and before whoever wrote to them last.
pub(in crate::api) async fn take_in(
    call: &Call,
    bytes: &[u8],
    order: &Order,
    po: Option<PoNumber>,
    words: &str,
    once: Option<&str>,
) -> Result<Reply<MessageView, 201>, Problem> {
    let words = checked(words)?;
    let wrote: Vec<Actor> =
        order.messages.iter().rev().filter(|m| is_to(&m.to, po.as_ref())).map(|m| m.by.clone()).collect();
    let demo = call.app().settings().demo;
    let reader = call.read(move |store| still_here(store, wrote, demo)).await?;
    let of = order.id.clone();
    let deed = |message, fingerprint| Deed::RecordReply { order: of, message, po, reader, fingerprint };
    recorded(call, bytes, &order.id, &words, once, deed).await
}

/// True if it was written to those who answer now.
fn is_to(to: &Addressee, po: Option<&PoNumber>) -> bool {
    !matches!(to, Addressee::Retailer { .. }) && to.po() == po
}

/// The first of them who is a person of the retailer to this day, in today's role.
fn still_here(store: &dyn Store, wrote: Vec<Actor>, demo: bool) -> Result<Option<Actor>, StoreError> {
    // The demo's ready logins stand in no record.
    let ready = |name: &str| DEMO_PEOPLE.iter().find(|(ready, ..)| demo && *ready == name).map(|(_, role, _)| *role);
    for by in wrote {
        let Actor::Person { name, .. } = by else { continue };
        let role = read_person(store, &name)?.map(|person| person.role).or(ready(&name));
        if let Some(role) = role.filter(|role| *role != Role::Vendor) {
            return Ok(Some(Actor::Person { name, role }));
        }
    }
    Ok(None)
}
