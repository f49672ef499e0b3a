//! A place that can supply: a drop-ship vendor or an in-house distribution centre.
//!
//! Knows how the source is reached only as far as people and the policy must; the bytes are the partners' business.

use crate::calendar::{Calendar, Zone};
use crate::ids::SourceId;
use crate::measure::Quantity;
use jiff::Timestamp;
use jiff::civil::{Date, Time};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::collections::BTreeMap;

/// A source of supply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// The retailer's name for it in URLs and documents.
    pub id: SourceId,
    /// Vendor or own distribution centre.
    pub kind: SourceKind,
    /// Shown to people.
    pub name: String,
    /// The zone of its calendar and cut-off.
    pub time_zone: Zone,
    /// Where its parcels start.
    pub ships_from: Region,
    /// When it works.
    #[serde(default)]
    pub calendar: Calendar,
    /// Orders from this time of day on belong to the next working day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cutoff: Option<Time>,
    /// Working days from the order day to the carrier, for goods on the shelf.
    #[serde(default)]
    pub handling_days: u32,
    /// Units it can ship a day; unbounded if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub daily_capacity: Option<Quantity>,
    /// False while it takes no orders.
    #[serde(default = "yes")]
    pub taking_orders: bool,
    /// How it is reached.
    pub channel: Channel,
}

fn yes() -> bool {
    true
}

impl Source {
    /// Says what is wrong with the source beyond its types, as (field, sentence).
    pub fn fault(&self) -> Option<(&'static str, String)> {
        if self.name.trim().is_empty() || self.name.len() > 200 {
            return Some(("name", "name must have 1 to 200 characters".into()));
        }
        if self.handling_days > 60 {
            return Some(("handling_days", "handling_days must be at most 60".into()));
        }
        self.calendar.fault().map(|sentence| ("calendar", sentence))
    }
}

/// Vendor or own distribution centre.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    /// Ships in the retailer's name from its own stock.
    Vendor,
    /// The retailer's own distribution centre.
    Dc,
}

/// Part of the world, as far as transit times need it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Region {
    /// ISO 3166-1 alpha-2.
    pub country: SmolStr,
    /// State or province, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<SmolStr>,
    /// Postal code of a place; only its first three characters for a customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<SmolStr>,
}

/// How a source is reached: the dialect of its papers and the connector that carries them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Channel {
    /// Which papers it reads and writes.
    pub dialect: Dialect,
    /// What carries them, as the connector's own settings (secrets appear only as `secret:` references).
    #[serde(default, skip_serializing_if = "serde_json::Value::is_null")]
    pub connector: serde_json::Value,
    /// The dialect's own settings (`x12`, `eancom`, …), kept as they came.
    #[serde(flatten)]
    pub settings: BTreeMap<String, serde_json::Value>,
}

/// Which papers a source reads and writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dialect {
    /// The vendor's own HTTP server, by our published contract, and our vendor API.
    Api,
    /// ASC X12.
    X12,
    /// GS1 EANCOM.
    Eancom,
    /// People on the portal.
    Portal,
    /// A warehouse management system of the retailer.
    Wms,
}

/// What a source's feeds said last, as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feed {
    /// The source.
    pub source: SourceId,
    /// The last complete full feed confirms every offer as of this time.
    pub full_as_of: Timestamp,
}

/// Units that a source is to ship, by working day: what its daily capacity is held against.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Load {
    /// Units by ship day; days gone by are dropped when the record is next written.
    pub by_day: BTreeMap<Date, Quantity>,
}
