//! What the retailer sells.

use crate::ids::Sku;
use crate::measure::Gtin;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::collections::BTreeMap;

/// Substitutes that one item may name: more are never offered to a person at once.
pub const SUBSTITUTES_MAX: usize = 20;

/// An item of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// The retailer's number.
    pub sku: Sku,
    /// Shown to people.
    pub title: String,
    /// Category path, parts parted by `/` (`lighting/table`).
    pub category: Category,
    /// Global trade item number, check digit proven.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gtin: Option<Gtin>,
    /// Base unit of measure (`EA`).
    #[serde(default = "each")]
    pub unit: Unit,
    /// Variant attributes (color, size).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, String>,
    /// Whether it may be sold.
    #[serde(default)]
    pub status: ItemStatus,
    /// From this day on it is not sold, where `status` is `discontinued`; at once if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discontinued_from: Option<Date>,
    /// Items that may be offered instead.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub substitutes: Vec<Sku>,
}

impl Item {
    /// True if the item is not sold on that day.
    pub fn discontinued_on(&self, day: Date) -> bool {
        self.status == ItemStatus::Discontinued && self.discontinued_from.is_none_or(|from| day >= from)
    }
    /// Says what is wrong with the item beyond its types, as (field, sentence).
    pub fn fault(&self) -> Option<(&'static str, String)> {
        if self.title.trim().is_empty() || self.title.len() > 300 {
            return Some(("title", "title must have 1 to 300 characters".into()));
        }
        if self.substitutes.len() > SUBSTITUTES_MAX {
            return Some(("substitutes", format!("at most {SUBSTITUTES_MAX} substitutes")));
        }
        self.substitutes.contains(&self.sku).then(|| ("substitutes", "an item cannot substitute itself".into()))
    }
}

/// Whether an item may be sold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemStatus {
    /// It may.
    #[default]
    Active,
    /// It may not, from a date on.
    Discontinued,
}

/// A category path: lower-case parts parted by `/`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "SmolStr", into = "SmolStr")]
pub struct Category(SmolStr);

impl Category {
    /// Checks the path.
    pub fn new(path: &str) -> Result<Self, String> {
        let fine = |part: &str| {
            !part.is_empty()
                && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_&. ".contains(&b))
        };
        if path.len() <= 120 && path.split('/').all(fine) {
            Ok(Self(path.into()))
        } else {
            Err(format!("category {path:?} is no path: use lower-case parts such as \"lighting/table\""))
        }
    }
    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
    /// True if this category is `other` or lies below it.
    pub fn within(&self, other: &Category) -> bool {
        self.0.strip_prefix(other.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}
impl TryFrom<SmolStr> for Category {
    type Error = String;
    fn try_from(s: SmolStr) -> Result<Self, String> {
        Self::new(&s)
    }
}
impl From<Category> for SmolStr {
    fn from(c: Category) -> SmolStr {
        c.0
    }
}

/// A unit of measure in capitals (`EA`, `CA`, `PCE`): 2 or 3 letters or digits (X12 element 355, UN/ECE Rec. 20).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "SmolStr", into = "SmolStr")]
pub struct Unit(SmolStr);

impl Unit {
    /// Checks the code.
    pub fn new(code: &str) -> Result<Self, String> {
        let fine = (2..=3).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        if fine {
            Ok(Self(code.into()))
        } else {
            Err(format!("unit {code:?} is no unit of measure: use a code such as \"EA\" or \"CA\""))
        }
    }
    /// The code.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
impl TryFrom<SmolStr> for Unit {
    type Error = String;
    fn try_from(s: SmolStr) -> Result<Self, String> {
        Self::new(&s)
    }
}
impl From<Unit> for SmolStr {
    fn from(u: Unit) -> SmolStr {
        u.0
    }
}

fn each() -> Unit {
    Unit(SmolStr::new_static("EA"))
}
