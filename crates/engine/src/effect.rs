//! Effects: errands for the hands. Each becomes a row of the outbox in the same commit as its events.
//!
//! Webhooks need no effects: they follow the journal by position.

use crate::ids::{OrderId, SourceId};
use crate::reason::Reason;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// An errand to a source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "effect", rename_all = "snake_case")]
#[expect(missing_docs, reason = "fields are named as in the records they refer to")]
pub enum Effect {
    /// Send a purchase order.
    SendPurchaseOrder { order: OrderId, purchase_order: u32, source: SourceId },
    /// Send it again under the same number, because a person asked for it.
    ResendPurchaseOrder { order: OrderId, purchase_order: u32, source: SourceId, time: u32 },
    /// Remind the source.
    SendReminder { order: OrderId, purchase_order: u32, source: SourceId, time: u32 },
    /// Ask the source to stop.
    SendCancellation {
        order: OrderId,
        purchase_order: u32,
        source: SourceId,
        assignments: Vec<u32>,
        reason: Reason,
        time: u32,
    },
}

impl Effect {
    /// To whom.
    pub fn source(&self) -> &SourceId {
        match self {
            Effect::SendPurchaseOrder { source, .. }
            | Effect::ResendPurchaseOrder { source, .. }
            | Effect::SendReminder { source, .. }
            | Effect::SendCancellation { source, .. } => source,
        }
    }
    /// About which order.
    pub fn order(&self) -> &OrderId {
        match self {
            Effect::SendPurchaseOrder { order, .. }
            | Effect::ResendPurchaseOrder { order, .. }
            | Effect::SendReminder { order, .. }
            | Effect::SendCancellation { order, .. } => order,
        }
    }
    /// About which purchase order.
    pub fn purchase_order(&self) -> u32 {
        match self {
            Effect::SendPurchaseOrder { purchase_order, .. }
            | Effect::ResendPurchaseOrder { purchase_order, .. }
            | Effect::SendReminder { purchase_order, .. }
            | Effect::SendCancellation { purchase_order, .. } => *purchase_order,
        }
    }
    /// The stable id under which it is sent, however often: the outbox key and the idempotency key.
    pub fn id(&self) -> SmolStr {
        let po = |order: &OrderId, n: &u32| smol_str::format_smolstr!("{order}-{n}");
        match self {
            Effect::SendPurchaseOrder { order, purchase_order, .. } => po(order, purchase_order),
            Effect::ResendPurchaseOrder { order, purchase_order, time, .. } => {
                smol_str::format_smolstr!("{}.again.{time}", po(order, purchase_order))
            }
            Effect::SendReminder { order, purchase_order, time, .. } => {
                smol_str::format_smolstr!("{}.reminder.{time}", po(order, purchase_order))
            }
            Effect::SendCancellation { order, purchase_order, time, .. } => {
                smol_str::format_smolstr!("{}.cancel.{time}", po(order, purchase_order))
            }
        }
    }
}
