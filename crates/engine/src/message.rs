//! A message that somebody of the retailer wrote about an order.
//!
//! Does not know its words: they may name people, so they stand with the personal data of the order and can be erased.

use crate::command::Actor;
use crate::ids::{PoNumber, SourceId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// Messages about one order: past that, people telephone.
pub const MESSAGES_MAX: usize = 200;

/// To whom a message goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Addressee {
    /// The customer.
    Customer,
    /// The source of a purchase order.
    Source {
        /// Which purchase order.
        po: PoNumber,
    },
}

/// A message as it was written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// Names it within its order; the same message asked for twice is written once.
    pub id: SmolStr,
    /// To whom.
    pub to: Addressee,
    /// The source behind the purchase order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<SourceId>,
    /// Who wrote it.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
    /// Tells these words from others (keyed, so that it betrays nothing once they are erased).
    pub fingerprint: SmolStr,
}
