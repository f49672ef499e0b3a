//! What is done to an order after its capture. Each deed answers with the order as it then stands.

use super::super::call::{Call, Rendered, json};
use super::super::input::MaybeJson;
use super::super::output::Reply;
use crate::auth::Permission;
use crate::problem::Problem;
use crate::view::order::{OrderRow, ReasonBody, RerouteBody, spoken};
use countersign_engine::command::Deed;
use countersign_engine::ids::{LineId, OrderId};
use countersign_engine::order::{Order, Phase};
use countersign_engine::reason::Reason;
use countersign_runtime::request::Done;

type Answer = Result<Reply<OrderRow>, Problem>;

/// The order as it stands; 202 while a source has yet to answer.
fn render(id: &OrderId, waits: fn(&Order) -> bool) -> impl Fn(&Done) -> Rendered + Send + Sync + use<> {
    let id = id.clone();
    move |done| match done.order(&id) {
        Some(order) => (if waits(order) { 202 } else { 200 }, json(&OrderRow::from(order))),
        None => (200, "{}".into()),
    }
}

fn withdraws(order: &Order) -> bool {
    order.assignments.iter().any(|a| a.phase == Phase::Withdrawing)
}
fn no(_: &Order) -> bool {
    false
}

pub(super) async fn cancel(call: Call, body: MaybeJson<ReasonBody>) -> Answer {
    let order: OrderId = call.id("order")?;
    let render = render(&order, withdraws);
    let (reason, words) = body.value.said(Reason::CancelCustomer);
    call.act(&body.bytes, Deed::CancelOrder { order, line: None, reason, words }, render).await
}

pub(super) async fn cancel_line(call: Call, body: MaybeJson<ReasonBody>) -> Answer {
    let (order, line): (OrderId, LineId) = (call.id("order")?, call.id("line")?);
    let render = render(&order, withdraws);
    let (reason, words) = body.value.said(Reason::CancelCustomer);
    call.act(&body.bytes, Deed::CancelOrder { order, line: Some(line), reason, words }, render).await
}

pub(super) async fn hold(call: Call, body: MaybeJson<ReasonBody>) -> Answer {
    let order: OrderId = call.id("order")?;
    let render = render(&order, no);
    let (reason, words) = body.value.said(Reason::ManualHold);
    call.act(&body.bytes, Deed::HoldOrder { order, reason, words }, render).await
}

pub(super) async fn release(call: Call, body: MaybeJson<ReasonBody>) -> Answer {
    let order: OrderId = call.id("order")?;
    let render = render(&order, no);
    let (reason, words) = (body.value.reason, spoken(body.value.words));
    call.act(&body.bytes, Deed::ReleaseOrder { order, reason, words }, render).await
}

pub(super) async fn reroute(call: Call, body: MaybeJson<RerouteBody>) -> Answer {
    let (order, line): (OrderId, LineId) = (call.id("order")?, call.id("line")?);
    if body.value.to.is_some() {
        call.caller().must(Permission::ChooseSource)?;
    }
    let render = render(&order, withdraws);
    let RerouteBody { to, reason, words, approval } = body.value;
    let (reason, words) = (reason.unwrap_or(Reason::ManualOverride), spoken(words));
    call.act(&body.bytes, Deed::RerouteLine { order, line, to, reason, words, approval }, render).await
}
