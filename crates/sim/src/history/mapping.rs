//! The mapping file: which column of which file is what. Written by people in TOML, documented in `docs/history.md`.
//!
//! Does not read the files it names.

use countersign_engine::calendar::Zone;
use countersign_engine::measure::Currency;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A mapping file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// Shown on the report.
    #[serde(default)]
    pub name: String,
    /// Currency of all amounts (ISO 4217).
    pub currency: String,
    /// Country of sources and customers where no column says it (ISO 3166-1 alpha-2).
    pub country: String,
    /// Zone of times without an offset, and of days (IANA).
    pub time_zone: String,
    /// How times are written, as in strptime (`%Y-%m-%d %H:%M:%S`); ISO 8601 if left out.
    #[serde(default)]
    pub time_format: Option<String>,
    /// What stands in for what the history does not say.
    #[serde(default)]
    pub assume: Assume,
    /// The files.
    pub tables: Vec<Table>,
}

/// What stands in for what a history does not say. The report marks everything that rests on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Assume {
    /// Minutes until a source answers, where the history records no answers at all.
    pub answer_minutes: u32,
    /// Working days a source needs to ship, where there is no recorded one to learn from.
    pub handling_days: u32,
    /// Days from ship to door, where there is no recorded one to learn from.
    pub transit_days: u32,
    /// Minutes until a person answers an approval.
    pub approval_minutes: u32,
}

impl Default for Assume {
    fn default() -> Self {
        Self { answer_minutes: 60, handling_days: 1, transit_days: 3, approval_minutes: 60 }
    }
}

/// One file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// What its rows are.
    pub holds: Holds,
    /// Its name below the history's folder; `.csv`, `.tsv`, `.ndjson` or `.jsonl`.
    pub file: String,
    /// True if the file may be missing.
    #[serde(default)]
    pub optional: bool,
    /// Field of ours → column of theirs; `=word` stands for the word itself, `column?` for a column that may be missing.
    pub columns: BTreeMap<String, String>,
    /// Words of theirs → words of ours, by field.
    #[serde(default)]
    pub values: BTreeMap<String, BTreeMap<String, String>>,
    /// The same order may stand in many rows (one row a line): the first counts, and the others are no duplicates.
    #[serde(default)]
    pub repeats: bool,
    /// Rows of one order, item and source are one line; their quantities add up.
    #[serde(default)]
    pub add_up: bool,
}

/// What the rows of a file are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "said by the names; read in this order")]
pub enum Holds {
    Items,
    Sources,
    Customers,
    Orders,
    Lines,
    Offers,
    Events,
    Advice,
}

impl Holds {
    /// The fields a row may have; those marked must be mapped.
    pub fn fields(self) -> &'static [(&'static str, bool)] {
        match self {
            Holds::Items => &[("sku", true), ("category", false)],
            Holds::Sources => &[("source", true), ("country", false), ("region", false), ("postal_code", false)],
            Holds::Customers => &[("customer", true), ("country", false), ("region", false), ("postal_code", false)],
            Holds::Orders => &[
                ("order", true),
                ("placed_at", true),
                ("approved_at", false),
                ("promised", false),
                ("shipped_at", false),
                ("delivered_at", false),
                ("cancelled_at", false),
                ("cancelled_by", false),
                ("customer", false),
                ("country", false),
                ("region", false),
                ("postal_code", false),
            ],
            Holds::Lines => &[
                ("order", true),
                ("sku", true),
                ("source", false),
                ("quantity", false),
                ("accepted", false),
                ("unit_price", false),
                ("unit_cost", false),
                ("shipping_cost", false),
                ("sent_at", false),
                ("ship_by", false),
                ("answered_at", false),
                ("ship_on", false),
                ("shipped_at", false),
                ("delivered_at", false),
                ("cancelled_at", false),
                ("cancelled_by", false),
                ("line", false),
            ],
            Holds::Offers => &[("source", true), ("sku", true), ("unit_cost", true), ("shipping_cost", false)],
            Holds::Events => &[
                ("order", true),
                ("at", true),
                ("event", true),
                ("source", false),
                ("sku", false),
                ("quantity", false),
                ("due", false),
            ],
            Holds::Advice => &[("source", true), ("sku", true), ("as_of", true), ("quantity", true)],
        }
    }
}

/// Words of the field `event`.
pub const EVENT_WORDS: &[&str] = &[
    "approved",
    "sent",
    "accepted",
    "rejected",
    "shipped",
    "delivered",
    "cancelled",
    "cancelled_by_customer",
    "cancelled_by_source",
    "ignored",
];

impl Mapping {
    /// Reads and checks a mapping file; every fault names the place.
    ///
    /// # Errors
    /// All faults, one a line.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mapping: Mapping = toml::from_str(text).map_err(|e| format!("the mapping cannot be read: {e}"))?;
        let faults = mapping.faults();
        if faults.is_empty() { Ok(mapping) } else { Err(faults.join("\n")) }
    }

    fn faults(&self) -> Vec<String> {
        let mut faults = vec![];
        faults.extend(Zone::new(&self.time_zone).err().map(|why| format!("time_zone: {why}")));
        if Currency::new(&self.currency).is_none() {
            faults.push(format!("currency: {:?} is no ISO 4217 code: use three capital letters", self.currency));
        }
        for holds in [Holds::Orders, Holds::Lines] {
            if !self.tables.iter().any(|t| t.holds == holds) {
                faults.push(format!("tables: none holds {holds:?}; a history needs orders and lines").to_lowercase());
            }
        }
        for (n, table) in self.tables.iter().enumerate() {
            table.check(&format!("tables[{n}] ({})", table.file), &mut faults);
        }
        faults
    }
}

impl Table {
    fn check(&self, at: &str, faults: &mut Vec<String>) {
        let fields = self.holds.fields();
        for (field, _) in fields.iter().filter(|(field, needed)| *needed && !self.columns.contains_key(*field)) {
            faults.push(format!("{at}: columns.{field} is missing"));
        }
        for field in self.columns.keys().chain(self.values.keys()) {
            if !fields.iter().any(|(known, _)| known == field) {
                let known: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
                faults.push(format!("{at}: columns.{field} is no field of {:?}; use {}", self.holds, known.join(", ")));
            }
        }
        for (theirs, ours) in self.values.get("event").into_iter().flatten() {
            if !EVENT_WORDS.contains(&ours.as_str()) {
                faults.push(format!("{at}: values.event.{theirs}: {ours:?} is none of {}", EVENT_WORDS.join(", ")));
            }
        }
        let outside = self.file.starts_with('/') || self.file.split(['/', '\\']).any(|part| part == "..");
        if self.file.is_empty() || outside {
            faults.push(format!("{at}: file must name a file below the history's folder"));
        }
    }
}
