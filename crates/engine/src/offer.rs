//! A source's version of an item: the item mapping.

use crate::ids::{Sku, SourceId, VendorSku};
use crate::item::Unit;
use crate::measure::{Money, Quantity};
use serde::{Deserialize, Serialize};

/// What a source calls an item, how it packs it and what it costs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// Who offers.
    pub source: SourceId,
    /// What is offered.
    pub sku: Sku,
    /// The source's own number.
    pub vendor_sku: VendorSku,
    /// The unit the source counts in.
    pub pack: Pack,
    /// Cost of one pack.
    pub unit_cost: Money,
    /// Cost of shipping one purchase order's line to a customer.
    pub shipping_cost: Money,
    /// Working days until goods that are not on the shelf are ready to ship.
    #[serde(default)]
    pub lead_days: u32,
    /// Fewest packs the source accepts.
    #[serde(default = "one")]
    pub minimum: Quantity,
    /// Whether it may be ordered.
    #[serde(default)]
    pub status: OfferStatus,
}

fn one() -> Quantity {
    Quantity::new(1)
}

impl Offer {
    /// Says what is wrong with the offer beyond its types, as (field, sentence).
    pub fn fault(&self) -> Option<(&'static str, String)> {
        if self.pack.base_units == 0 || self.pack.base_units > 100_000 {
            return Some(("pack", "pack.base_units must be 1 to 100000".into()));
        }
        if self.unit_cost.minor < 0 || self.shipping_cost.minor < 0 {
            return Some(("unit_cost", "costs must not be negative".into()));
        }
        if !self.unit_cost.is_price() || !self.shipping_cost.is_price() {
            let most = Money::PRICE_DIGITS_MAX;
            return Some(("unit_cost", format!("costs have at most {most} digits before the decimal point")));
        }
        if self.unit_cost.currency != self.shipping_cost.currency {
            return Some(("shipping_cost", "unit_cost and shipping_cost must have one currency".into()));
        }
        if self.lead_days > 365 {
            return Some(("lead_days", "lead_days must be at most 365".into()));
        }
        self.minimum.is_zero().then(|| ("minimum", "minimum must be at least 1".into()))
    }
}

/// The unit a source counts in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pack {
    /// Its unit of measure.
    pub unit: Unit,
    /// Base units of the item in one.
    pub base_units: u32,
}

/// Whether an offer may be ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfferStatus {
    /// It may.
    #[default]
    Active,
    /// The source has none for now.
    Paused,
    /// The source will not have it again.
    Discontinued,
}
