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
    /// How times are written where their table does not say it; ISO 8601 is read as well.
    #[serde(default)]
    pub time_format: Formats,
    /// What parts units from fractions in numbers where their table does not say it: a point, or a comma.
    #[serde(default)]
    pub decimal: Option<char>,
    /// What stands in for what the history does not say.
    #[serde(default)]
    pub assume: Assume,
    /// The files.
    pub tables: Vec<Table>,
}

/// How times are written, as in strptime (`%Y-%m-%d %H:%M:%S`): one way, or several that are tried in turn.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(from = "OneOrMany")]
pub struct Formats(pub Vec<String>);

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl From<OneOrMany> for Formats {
    fn from(formats: OneOrMany) -> Self {
        match formats {
            OneOrMany::One(format) => Self(vec![format]),
            OneOrMany::Many(formats) => Self(formats),
        }
    }
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
    /// How its times are written, where not as the mapping says.
    #[serde(default)]
    pub time_format: Formats,
    /// The same for some of its fields.
    #[serde(default)]
    pub time_formats: BTreeMap<String, Formats>,
    /// What parts units from fractions in its numbers, where not as the mapping says.
    #[serde(default)]
    pub decimal: Option<char>,
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
            Holds::Sources => &[
                ("source", true),
                ("country", false),
                ("region", false),
                ("postal_code", false),
                ("kind", false),
                ("cutoff", false),
                ("handling_days", false),
            ],
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
                ("status", false),
                ("service_level", false),
                ("sales_channel", false),
                ("requested_on", false),
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

/// Words of the field `status`: how an order ended, where no time of it is recorded. All else says nothing.
pub const STATUS_WORDS: &[&str] = &["ignored", "cancelled", "cancelled_by_customer", "cancelled_by_source"];

/// Words of the field `cancelled_by`. What the retailer cancelled, and what nobody knows who did, says nothing of why.
pub const CANCELLED_BY_WORDS: &[&str] = &["customer", "source", "vendor", "retailer", "unknown"];

/// Words of the field `kind`.
pub const KIND_WORDS: &[&str] = &["vendor", "dc"];

/// The words that a field may hold, where it holds words of ours.
pub fn words_of(field: &str) -> Option<&'static [&'static str]> {
    match field {
        "event" => Some(EVENT_WORDS),
        "status" => Some(STATUS_WORDS),
        "cancelled_by" => Some(CANCELLED_BY_WORDS),
        "kind" => Some(KIND_WORDS),
        _ => None,
    }
}

impl Mapping {
    /// Reads and checks a mapping file; every fault names the place.
    ///
    /// # Errors
    /// All faults, one a line.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut mapping: Mapping = toml::from_str(text).map_err(|e| format!("the mapping cannot be read: {e}"))?;
        let faults = mapping.faults();
        for table in &mut mapping.tables {
            table.decimal = table.decimal.or(mapping.decimal);
            if table.time_format.0.is_empty() {
                table.time_format = mapping.time_format.clone();
            }
        }
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
        check_writing("", &self.time_format, self.decimal, &mut faults);
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
        check_writing(&format!("{at}: "), &self.time_format, self.decimal, faults);
        for (field, formats) in &self.time_formats {
            check_writing(&format!("{at}: time_formats.{field}: "), formats, None, faults);
        }
        for field in self.columns.keys().chain(self.values.keys()).chain(self.time_formats.keys()) {
            if !fields.iter().any(|(known, _)| known == field) {
                let known: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
                faults.push(format!("{at}: columns.{field} is no field of {:?}; use {}", self.holds, known.join(", ")));
            }
        }
        for (field, values) in &self.values {
            let Some(words) = words_of(field) else { continue };
            for (theirs, ours) in values.iter().filter(|(_, ours)| !words.contains(&ours.as_str())) {
                faults.push(format!("{at}: values.{field}.{theirs}: {ours:?} is none of {}", words.join(", ")));
            }
        }
        let outside = self.file.starts_with('/') || self.file.split(['/', '\\']).any(|part| part == "..");
        if self.file.is_empty() || outside {
            faults.push(format!("{at}: file must name a file below the history's folder"));
        }
    }
}

/// Checks how times and numbers are said to be written.
fn check_writing(at: &str, formats: &Formats, decimal: Option<char>, faults: &mut Vec<String>) {
    for format in &formats.0 {
        let some = jiff::Timestamp::UNIX_EPOCH.to_zoned(jiff::tz::TimeZone::UTC);
        let read = |text: String| jiff::fmt::strtime::parse(format, text).map(drop);
        let wrong = jiff::fmt::strtime::format(format, &some).and_then(read).err();
        faults.extend(wrong.map(|why| format!("{at}time_format {format:?}: {why}")));
    }
    if decimal.is_some_and(|mark| mark != '.' && mark != ',') {
        faults.push(format!("{at}decimal: use \".\" or \",\""));
    }
}
