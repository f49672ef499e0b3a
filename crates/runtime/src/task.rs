//! What an errand in the outbox asks for: an effect that was decided, or a receipt that we owe for a file.
//!
//! Does not know how it is carried out.

use crate::ports::NewErrand;
use countersign_engine::effect::Effect;
use countersign_engine::ids::{OrderId, PoNumber, SourceId};
use countersign_partners::seam::Receipt;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use smol_str::{SmolStr, format_smolstr};

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Task {
    /// As decided by the engine.
    Effect(Effect),
    /// A receipt for a file that came in.
    Receipt(OwedReceipt),
}

/// A receipt that we owe.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OwedReceipt {
    /// Always `send_receipt`.
    effect: SmolStr,
    /// To whom.
    pub source: SourceId,
    /// For which inbox entry.
    pub inbox: u64,
    /// Counted from 1 within the file.
    pub ordinal: u32,
    /// What it says.
    pub receipt: Receipt,
}

impl OwedReceipt {
    /// The `ordinal`-th receipt for an inbox entry.
    pub fn new(source: SourceId, inbox: u64, ordinal: u32, receipt: Receipt) -> Self {
        Self { effect: SmolStr::new_static("send_receipt"), source, inbox, ordinal, receipt }
    }
}

impl Task {
    /// The stable id under which it is sent.
    pub fn id(&self) -> SmolStr {
        match self {
            Task::Effect(effect) => effect.id(),
            Task::Receipt(r) => format_smolstr!("@inbox-{}.{}", r.inbox, r.ordinal),
        }
    }

    /// The outbox row. A receipt is about no order: it stands under `@inbox`, which no order can be called.
    pub fn errand(&self, due: Timestamp) -> NewErrand {
        let (source, order, po) = match self {
            Task::Effect(effect) => {
                let order = effect.order().clone();
                let po = PoNumber::of(&order, effect.purchase_order());
                (effect.source().clone(), order, po)
            }
            Task::Receipt(r) => {
                let order = OrderId::new("@inbox").expect("because it holds letters and @ only");
                let po = PoNumber::new(format_smolstr!("@inbox-{}", r.inbox)).expect("because digits may follow");
                (r.source.clone(), order, po)
            }
        };
        let effect = serde_json::to_string(self).expect("because tasks are plain data");
        NewErrand { id: self.id(), source, order, po, effect, due }
    }

    /// Reads an outbox row back.
    ///
    /// # Errors
    /// The row was not written by this product, or by a later version of it.
    pub fn of(errand: &NewErrand) -> Result<Task, String> {
        serde_json::from_str(&errand.effect).map_err(|e| format!("errand {} cannot be read: {e}", errand.id))
    }
}
