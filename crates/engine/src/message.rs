//! A message about an order: somebody of the retailer wrote to its customer or to a source, or one of these wrote back.
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
    /// The retailer's people: what a customer or a source wrote back.
    Retailer {
        /// The purchase order whose source wrote; the customer did if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        po: Option<PoNumber>,
    },
}

impl Addressee {
    /// The purchase order with whose source words are exchanged; absent where it is the customer.
    pub fn po(&self) -> Option<&PoNumber> {
        match self {
            Addressee::Customer => None,
            Addressee::Source { po } => Some(po),
            Addressee::Retailer { po } => po.as_ref(),
        }
    }
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
