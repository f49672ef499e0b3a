//! What a source last said it has, and what we hold of it: the arithmetic of ATP.
//!
//! Does not know which order holds what; that stands with the order. Everything here is counted in base units
//! and stays small however many holds there are: soft holds are one sum, firm holds one sum per minute of
//! acknowledgment, because all that netting asks is "acknowledged before or after the advice was written".

use crate::ids::{Sku, SourceId};
use crate::measure::Quantity;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Announced receipts kept per offer: a year of weekly ones.
pub const INCOMING_MAX: usize = 53;

/// The advice of one source for one item, and the holds on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stock {
    /// Who advised.
    pub source: SourceId,
    /// What is advised.
    pub sku: Sku,
    /// Base units that the source said it can supply.
    pub advised: Quantity,
    /// When the source's figure was true.
    pub as_of: Timestamp,
    /// How the figure came.
    pub origin: Origin,
    /// True if the last full feed listed it, so that the feed's time confirms it.
    #[serde(default)]
    pub in_full_feed: bool,
    /// Announced receipts, by day.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub incoming: BTreeMap<Date, Incoming>,
    /// Base units under soft holds.
    #[serde(default)]
    pub soft: Quantity,
    /// Base units under firm holds that advice may not know of yet, by the minute (since 1970) they became firm.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub firm: BTreeMap<i64, Quantity>,
}

/// One announced receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Incoming {
    /// Base units announced.
    pub quantity: Quantity,
    /// Base units of it that back-orders wait for.
    #[serde(default)]
    pub held: Quantity,
    /// Those of the held ones that the source has not acknowledged yet.
    #[serde(default, skip_serializing_if = "Quantity::is_zero")]
    pub soft: Quantity,
}

impl Incoming {
    /// True if it is announced no longer: it stands on the shelf, and what is held of it is held there.
    pub fn has_arrived(&self) -> bool {
        self.quantity.is_zero()
    }
}

/// How an advice came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the channels of domain.md")]
pub enum Origin {
    Api,
    X12,
    Eancom,
    Portal,
    Wms,
    Csv,
}

/// Which of our orders a source's advice has already taken off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Netting {
    /// Those it had accepted.
    #[default]
    Acknowledged,
    /// Those it had received.
    Received,
    /// None until they ship.
    None,
}

/// The minute of an instant, rounded up: a hold counts as known to an advice only if the whole minute lies before it.
pub fn minute(at: Timestamp) -> i64 {
    at.as_second().div_euclid(60) + 1
}

impl Stock {
    /// Stock never advised: nothing is there, but holds can be counted.
    pub fn unadvised(source: SourceId, sku: Sku) -> Self {
        Self {
            source,
            sku,
            advised: Quantity::ZERO,
            as_of: Timestamp::UNIX_EPOCH,
            origin: Origin::Csv,
            in_full_feed: false,
            incoming: BTreeMap::new(),
            soft: Quantity::ZERO,
            firm: BTreeMap::new(),
        }
    }
    /// True if the source has ever said anything about it.
    pub fn is_advised(&self) -> bool {
        self.as_of > Timestamp::UNIX_EPOCH
    }
    /// The time for which the figure holds: its own, or that of a later full feed that left it unchanged.
    pub fn confirmed_as_of(&self, full_feed: Option<Timestamp>) -> Timestamp {
        match full_feed {
            Some(feed) if self.in_full_feed => self.as_of.max(feed),
            _ => self.as_of,
        }
    }
    /// Base units under holds that the advice does not know of yet.
    pub fn held(&self, as_of: Timestamp) -> Quantity {
        let known = as_of.as_second().div_euclid(60);
        let arrived: Quantity = self.incoming.values().filter(|i| i.has_arrived()).map(|i| i.held).sum();
        self.soft + arrived + self.firm.range(known + 1..).map(|(_, q)| *q).sum()
    }
    /// The receipts that are announced.
    pub fn announced(&self) -> impl Iterator<Item = (&Date, &Incoming)> {
        self.incoming.iter().filter(|(_, i)| !i.has_arrived())
    }
    /// True if just these receipts are announced.
    pub fn announces(&self, receipts: &BTreeMap<Date, Incoming>) -> bool {
        let figures = |(day, i): (&Date, &Incoming)| (*day, i.quantity);
        self.announced().map(figures).eq(receipts.iter().filter(|(_, i)| !i.has_arrived()).map(figures))
    }
    /// Available to promise from the shelf: advised − holds the advice does not know of − safety stock, never below zero.
    pub fn atp(&self, full_feed: Option<Timestamp>, safety: Quantity) -> Quantity {
        self.advised.less(self.held(self.confirmed_as_of(full_feed))).less(safety)
    }
    /// Announced and not yet held units that arrive until `day`, and the day on which `wanted` of them are there.
    pub fn incoming_by(&self, wanted: Quantity) -> Option<Date> {
        let mut sum = Quantity::ZERO;
        self.incoming.iter().find_map(|(day, i)| {
            sum += i.quantity.less(i.held);
            (sum >= wanted).then_some(*day)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn advice_nets_what_was_acknowledged_before_it() {
        let mut stock = Stock::unadvised(SourceId::new("acme").unwrap(), Sku::new("MUG").unwrap());
        stock.advised = Quantity::new(10);
        stock.as_of = at("2026-11-23T09:00:00Z");
        stock.soft = Quantity::new(2);
        stock.firm.insert(minute(at("2026-11-23T09:30:20Z")), Quantity::new(3));
        assert_eq!(stock.atp(None, Quantity::new(1)), Quantity::new(4));
        stock.as_of = at("2026-11-23T09:30:40Z");
        assert_eq!(stock.atp(None, Quantity::ZERO), Quantity::new(5), "the same minute is not yet netted");
        stock.as_of = at("2026-11-23T09:31:00Z");
        assert_eq!(stock.atp(None, Quantity::ZERO), Quantity::new(8));
        stock.as_of = at("2026-11-23T09:00:00Z");
        assert_eq!(
            stock.atp(Some(at("2026-11-23T10:00:00Z")), Quantity::ZERO),
            Quantity::new(5),
            "not in the full feed"
        );
        stock.in_full_feed = true;
        assert_eq!(stock.atp(Some(at("2026-11-23T10:00:00Z")), Quantity::ZERO), Quantity::new(8));
    }
}
