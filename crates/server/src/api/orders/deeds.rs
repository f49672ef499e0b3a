//! What is done to an order after its capture. Each deed answers with the order as it then stands.

use super::super::call::{Call, Rendered, json};
use super::super::input::MaybeJson;
use super::super::output::Reply;
use crate::auth::Permission;
use crate::problem::{Kind, Problem};
use crate::view::order::{OrderRow, ReasonBody, RerouteBody};
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
    let reason = body.value.reason.unwrap_or(Reason::CancelCustomer);
    call.act(&body.bytes, Deed::CancelOrder { order, line: None, reason }, render).await
}

pub(super) async fn cancel_line(call: Call, body: MaybeJson<ReasonBody>) -> Answer {
    let (order, line): (OrderId, LineId) = (call.id("order")?, call.id("line")?);
    let render = render(&order, withdraws);
    let reason = body.value.reason.unwrap_or(Reason::CancelCustomer);
    call.act(&body.bytes, Deed::CancelOrder { order, line: Some(line), reason }, render).await
}

pub(super) async fn hold(call: Call, body: MaybeJson<ReasonBody>) -> Answer {
    let order: OrderId = call.id("order")?;
    let render = render(&order, no);
    let reason = body.value.reason.unwrap_or(Reason::ManualHold);
    call.act(&body.bytes, Deed::HoldOrder { order, reason }, render).await
}

pub(super) async fn release(call: Call, body: MaybeJson<ReasonBody>) -> Answer {
    let order: OrderId = call.id("order")?;
    let render = render(&order, no);
    call.act(&body.bytes, Deed::ReleaseOrder { order }, render).await
}

pub(super) async fn reroute(call: Call, body: MaybeJson<RerouteBody>) -> Answer {
    let (order, line): (OrderId, LineId) = (call.id("order")?, call.id("line")?);
    if body.value.to.is_some() && !call.caller().may(Permission::ChooseSource) {
        let role = call.caller().role.code();
        let sentence = format!("the role {role} may not choose the source of a line: leave `to` out, or ask a buyer");
        return Err(Problem::new(Kind::Forbidden, sentence));
    }
    let render = render(&order, withdraws);
    let reason = body.value.reason.unwrap_or(Reason::ManualOverride);
    call.act(&body.bytes, Deed::RerouteLine { order, line, to: body.value.to, reason }, render).await
}
