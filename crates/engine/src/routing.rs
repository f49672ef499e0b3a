//! How supply is chosen, and why: the plan carries its reasons, for the chosen and for each passed over.

use crate::approval::ApprovalKind;
use crate::calibration::Chance;
use crate::ids::{LineId, SourceId, VendorSku};
use crate::item::Unit;
use crate::measure::{Money, Quantity};
use crate::policy::Otherwise;
use crate::policy::table::Fired;
use crate::promise::Dates;
use crate::reason::Reason;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// Sources looked at for one line: an item with more offers than this is sold by its first ones.
pub const CANDIDATES_MAX: usize = 16;

/// What was chosen for an order, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Counted from 1 within the order; the attempt number of what comes of it.
    pub round: u32,
    /// Why it was made.
    pub reason: Reason,
    /// The policy that ruled.
    pub policy: u32,
    /// What goes to whom.
    pub parts: Vec<Part>,
    /// What nobody can supply.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unsourced: Vec<Unsourced>,
    /// What was looked at, and what became of it.
    pub verdicts: Vec<Verdict>,
    /// How much more this costs than the first plan, in percent, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_increase_percent: Option<u32>,
    /// True if a date told to the customer cannot be kept.
    #[serde(default)]
    pub breaks_promise: bool,
    /// A part costs another currency than its line cost in the first plan: how much more that is nobody here knows.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub changes_currency: bool,
    /// What the approval tables say about it, if they say anything; then the policy's lists are not asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reserved: Option<Reserved>,
}

impl Plan {
    /// True if a line is supplied by several sources.
    pub fn is_split(&self) -> bool {
        self.parts.iter().any(|p| self.parts.iter().any(|q| q.line == p.line && q.source != p.source))
    }
}

/// What the approval tables say about a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reserved {
    /// What a person is asked; nobody is if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ask: Option<ApprovalKind>,
    /// The row that said so.
    pub rule: Fired,
}

/// A part of a plan: a quantity of a line from one source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// Which line.
    pub line: LineId,
    /// Who.
    pub source: SourceId,
    /// Base units.
    pub quantity: Quantity,
    /// The source's number of the item.
    pub vendor_sku: VendorSku,
    /// The source's unit.
    pub pack_unit: Unit,
    /// Base units in one.
    pub pack_size: u32,
    /// Cost of one pack.
    pub unit_cost: Money,
    /// Goods and shipping together.
    pub cost: Money,
    /// Nobody here knows what it costs: the costs that stand here are none.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unpriced: bool,
    /// When it leaves and arrives.
    #[serde(flatten)]
    pub dates: Dates,
    /// It waits for a receipt announced for that day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incoming: Option<Date>,
    /// The faster service level by which it goes, so that a promise is kept; the order's own if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expedited: Option<SmolStr>,
    /// What the usual way costs and when it arrives, where a faster one is taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usual: Option<Usual>,
    /// The sourcing step that chose it.
    pub step: SmolStr,
}

/// The way that a part would have gone, had it not been too late.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usual {
    /// Goods and shipping together.
    pub cost: Money,
    /// When it arrives.
    pub deliver_by: Date,
}

/// A quantity for which no source was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unsourced {
    /// Which line.
    pub line: LineId,
    /// Base units.
    pub quantity: Quantity,
    /// What the policy says then.
    pub otherwise: Otherwise,
    /// Why.
    pub reason: Reason,
}

/// What became of one candidate for one line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// Which line.
    pub line: LineId,
    /// Who.
    pub source: SourceId,
    /// `route_chosen`, or why not.
    pub reason: Reason,
    /// Base units wanted.
    pub wanted: Quantity,
    /// Base units it can promise.
    pub atp: Quantity,
    /// Age of its advice in seconds; absent if it never advised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advice_age_s: Option<i64>,
    /// What it would cost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Money>,
    /// When it would leave and arrive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dates: Option<Dates>,
    /// The chance that it accepts, and what that rests on; absent where no rule looks at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acceptance: Option<Chance>,
    /// Base units of its advice kept back.
    #[serde(default, skip_serializing_if = "Quantity::is_zero")]
    pub kept_back: Quantity,
    /// What the tables' rows added to its rank.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adjust: Option<Money>,
    /// The rows of tables that spoke about it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<Fired>,
}

mod choose;
mod what_if;
pub(crate) use choose::{Demand, plan};
pub use what_if::{Change, Counterfactual, counterfactuals, what_if};
