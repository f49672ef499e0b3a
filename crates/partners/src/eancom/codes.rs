//! Code tables of EANCOM as retailers use them. A partner's own settings stand above each of them.

use crate::desk::ItemName;

/// Association codes: message, release, code.
pub(crate) const ASSOCIATIONS: &[(&str, &str, &str)] =
    &[("ORDCHG", "96A", "EAN005"), ("ORDERS", "01B", "EAN010"), ("ORDERS", "96A", "EAN008")];

/// What an item number qualifier (7143) names.
pub(crate) const ITEM_IDS: &[(&str, ItemName)] = &[
    ("BP", ItemName::Sku),
    ("EN", ItemName::Gtin),
    ("IN", ItemName::Sku),
    ("MF", ItemName::VendorSku),
    ("SA", ItemName::VendorSku),
    ("SRV", ItemName::Gtin),
    ("UP", ItemName::Gtin),
    ("VP", ItemName::VendorSku),
];

/// Units of Recommendation 20 that stand for ours: a piece is an each.
pub(crate) const UNITS_IN: &[(&str, &str)] = &[("CS", "CA"), ("PCE", "EA"), ("H87", "EA")];
/// Ours in theirs.
pub(crate) const UNITS_OUT: &[(&str, &str)] = &[("EA", "PCE")];

/// Quantity qualifiers (6063) that say what may be sold, best first.
pub(crate) const AVAILABLE: &[&str] = &["192", "33", "145", "17"];
/// Of these, which are stock before anything is taken off.
pub(crate) const ON_HAND: &[&str] = &["145", "17"];
/// Taken off stock on hand where the same item states them.
pub(crate) const NOT_AVAILABLE: &[&str] = &["66", "124", "20"];
/// Quantities that are to come; without a date they are of no use.
pub(crate) const TO_COME: &[&str] = &["21", "73", "113", "198"];

/// Dates (2005) that say when it leaves.
pub(crate) const SHIP_DATES: &[&str] = &["11", "10", "200", "37", "38"];
/// Dates that say when it arrives.
pub(crate) const DELIVERY_DATES: &[&str] = &["67", "69", "76", "17", "2", "358", "63", "64", "35", "132"];
/// Dates that say from when stock is there.
pub(crate) const AVAILABLE_DATES: &[&str] = &["44", "17", "67", "69", "2", "358", "11", "132"];
