//! What the legacy path did with an order that this product only watches: taken in as facts, tallied per line.
//!
//! Does not know what this product would have done; that stands in the plan beside it.

use crate::ids::{LineId, OrderId, SourceId};
use crate::measure::Quantity;
use crate::reason::Reason;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::collections::BTreeSet;

/// Facts of one line that are told apart by their references: a troubled line has a dozen.
pub const REFERENCES_MAX: usize = 100;
/// Tracking numbers kept of one line.
pub const TRACKING_MAX: usize = 50;

/// A fact as somebody reports it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LegacyReport {
    /// The order.
    pub order: OrderId,
    /// The line; every line of the order if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<LineId>,
    /// When it happened there.
    pub at: Timestamp,
    /// The reporter's own id of the fact: the same one again changes nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<SmolStr>,
    /// Base units; all that it can still be about if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<Quantity>,
    /// What happened.
    #[serde(flatten)]
    pub fact: LegacyFact,
}

/// What the legacy path did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
pub enum LegacyFact {
    /// It told the shop that units are firm.
    Committed {
        /// From whom.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        source: Option<SourceId>,
        /// At the carrier by this day, as it promised.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ship_by: Option<Date>,
        /// At the door by this day, as it promised.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        deliver_by: Option<Date>,
    },
    /// The source accepted.
    Confirmed {
        /// Who.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        source: Option<SourceId>,
    },
    /// The source said no.
    Rejected {
        /// Who.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        source: Option<SourceId>,
        /// Why, if it said so: `ack_rejected_out_of_stock`, …
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Reason>,
    },
    /// Units were cancelled for good.
    Cancelled {
        /// Why: `cancel_vendor`, `cancel_customer`, `cancel_no_source`, …
        reason: Reason,
    },
    /// Units left.
    Shipped {
        /// With whom.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        carrier: Option<SmolStr>,
        /// Under which numbers.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        tracking: Vec<SmolStr>,
    },
    /// Units arrived.
    Delivered,
}

impl LegacyFact {
    /// The source that it names.
    pub fn source(&self) -> Option<&SourceId> {
        match self {
            LegacyFact::Committed { source, .. }
            | LegacyFact::Confirmed { source }
            | LegacyFact::Rejected { source, .. } => source.as_ref(),
            LegacyFact::Cancelled { .. } | LegacyFact::Shipped { .. } | LegacyFact::Delivered => None,
        }
    }
    /// The word for it.
    pub fn word(&self) -> &'static str {
        match self {
            LegacyFact::Committed { .. } => "committed",
            LegacyFact::Confirmed { .. } => "confirmed",
            LegacyFact::Rejected { .. } => "rejected",
            LegacyFact::Cancelled { .. } => "cancelled",
            LegacyFact::Shipped { .. } => "shipped",
            LegacyFact::Delivered => "delivered",
        }
    }
}

/// How far the legacy path is with a line.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LegacyLine {
    /// From whom it is, as last told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<SourceId>,
    /// Base units told to the shop as firm.
    #[serde(default, skip_serializing_if = "Quantity::is_zero")]
    pub committed: Quantity,
    /// Base units the source accepted.
    #[serde(default, skip_serializing_if = "Quantity::is_zero")]
    pub confirmed: Quantity,
    /// Base units the source said no to; the legacy path may have asked another since.
    #[serde(default, skip_serializing_if = "Quantity::is_zero")]
    pub rejected: Quantity,
    /// Base units that left.
    #[serde(default, skip_serializing_if = "Quantity::is_zero")]
    pub shipped: Quantity,
    /// Base units that arrived.
    #[serde(default, skip_serializing_if = "Quantity::is_zero")]
    pub delivered: Quantity,
    /// Promised for this day at the carrier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ship_by: Option<Date>,
    /// Promised for this day at the door.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deliver_by: Option<Date>,
    /// Tracking numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tracking: Vec<SmolStr>,
    /// The reporter's ids of facts that were counted.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub references: BTreeSet<SmolStr>,
}

impl LegacyLine {
    /// Base units of an open line that a fact can still be about; `open` is what is not cancelled.
    pub fn room(&self, fact: &LegacyFact, open: Quantity) -> Quantity {
        match fact {
            LegacyFact::Committed { .. } => open.less(self.committed),
            LegacyFact::Confirmed { .. } => open.less(self.confirmed),
            LegacyFact::Rejected { .. } => open.less(self.rejected),
            LegacyFact::Cancelled { .. } | LegacyFact::Shipped { .. } => open.less(self.shipped),
            LegacyFact::Delivered => open.less(self.delivered),
        }
    }

    /// Counts a fact about so many units.
    pub(crate) fn count(&mut self, fact: &LegacyFact, quantity: Quantity) {
        match fact {
            LegacyFact::Committed { source, ship_by, deliver_by } => {
                self.committed += quantity;
                self.source = source.clone().or(self.source.take());
                self.ship_by = ship_by.or(self.ship_by);
                self.deliver_by = deliver_by.or(self.deliver_by);
            }
            LegacyFact::Confirmed { source } => {
                self.confirmed += quantity;
                self.source = source.clone().or(self.source.take());
            }
            LegacyFact::Rejected { .. } => self.rejected += quantity,
            LegacyFact::Cancelled { .. } => {
                self.committed = self.committed.less(quantity);
                self.confirmed = self.confirmed.less(quantity);
            }
            LegacyFact::Shipped { tracking, .. } => {
                self.shipped += quantity;
                let room = TRACKING_MAX.saturating_sub(self.tracking.len());
                self.tracking.extend(tracking.iter().take(room).cloned());
            }
            LegacyFact::Delivered => {
                self.delivered += quantity;
                self.shipped = self.shipped.max(self.delivered);
            }
        }
    }
}
