//! Counted cells of one scope, each measure asked for once.

use super::{Scope, date_of};
use countersign_runtime::facts::Measure;
use countersign_runtime::ports::{By, Cell, Store, StoreError, TallyQuery};
use serde_json::{Map, Value};
use smol_str::SmolStr;
use std::collections::BTreeMap;

/// Where facts are listed.
pub const FACTS: &str = "/v1/reports/facts";

/// Asks for what has no source, category or channel: no id can be written so.
pub const NONE: &str = "(none)";

/// What was counted as one label.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sum {
    /// Facts.
    pub count: u64,
    /// Their units.
    pub units: i64,
    /// Their values.
    pub value: i64,
}

impl Sum {
    /// Both.
    pub fn plus(self, other: Sum) -> Sum {
        Sum { count: self.count + other.count, units: self.units + other.units, value: self.value + other.value }
    }
}

/// Labels with their sums.
pub type Labels = BTreeMap<SmolStr, Sum>;

/// The counts of one scope.
pub struct Figures<'s> {
    store: &'s dyn Store,
    scope: &'s Scope,
    by: By,
    position: Option<u64>,
}

impl<'s> Figures<'s> {
    /// Of a scope, told apart.
    pub fn new(store: &'s dyn Store, scope: &'s Scope, by: By) -> Self {
        Self { store, scope, by, position: None }
    }
    /// What is told apart.
    pub fn by(&self) -> By {
        self.by
    }
    /// The store behind it.
    pub fn store(&self) -> &'s dyn Store {
        self.store
    }
    /// The journal's position as of which all of it is exact: the first that was counted to.
    pub fn position(&self) -> u64 {
        self.position.unwrap_or(0)
    }
    /// The sums of a measure by key and label.
    pub fn of(&mut self, measure: Measure) -> Result<BTreeMap<SmolStr, Labels>, StoreError> {
        self.between(measure, self.scope.from, self.scope.to)
    }
    /// All there ever were up to the end of the range.
    pub fn ever(&mut self, measure: Measure) -> Result<BTreeMap<SmolStr, Labels>, StoreError> {
        self.between(measure, 0, self.scope.to)
    }
    fn between(&mut self, measure: Measure, from: i64, to: i64) -> Result<BTreeMap<SmolStr, Labels>, StoreError> {
        let Scope { source, category, channel, .. } = self.scope.clone();
        let counts = self.store.tally(&TallyQuery { measure, from, to, source, category, channel, by: self.by })?;
        self.position.get_or_insert(counts.position);
        let mut keys: BTreeMap<SmolStr, Labels> = BTreeMap::new();
        for Cell { key, label, count, units, value } in counts.cells {
            keys.entry(key).or_default().insert(label, Sum { count, units, value });
        }
        Ok(keys)
    }
    /// Where the facts behind one label of one row are listed.
    pub fn link(&self, key: &str, measure: Measure, label: &str) -> Value {
        let scope = self.scope;
        let mut query = format!("{FACTS}?measure={}&label={}", measure.code(), escaped(label));
        let (mut from, mut to) = (date_of(scope.from), date_of(scope.to));
        if let (By::Day, Ok(day)) = (self.by, key.parse()) {
            (from, to) = (date_of(day), date_of(day));
        }
        query += &format!("&from={from}&to={to}");
        Value::String(query + &self.narrowed(key, "channel"))
    }
    /// The filters that lead to what one row counts; `channel` is what the list calls that filter.
    pub fn narrowed(&self, key: &str, channel: &str) -> String {
        let scope = self.scope;
        let told = |by: By, filter: &Option<SmolStr>| match self.by == by {
            true => Some(SmolStr::new(key)),
            false => filter.clone(),
        };
        let filters = [
            ("source", told(By::Source, &scope.source)),
            ("category", told(By::Category, &scope.category)),
            (channel, told(By::Channel, &scope.channel)),
        ];
        let written = filters.into_iter().filter_map(|(name, value)| {
            let value = value?;
            let value = if value.is_empty() { NONE } else { value.as_str() };
            Some(format!("&{name}={}", escaped(value)))
        });
        written.collect()
    }
    /// The column that says which row it is, where rows are told apart.
    pub fn key(&self, key: &str) -> Option<(&'static str, Value)> {
        let value = match (self.by, key.parse()) {
            (By::Nothing, _) => return None,
            (By::Day, Ok(day)) => date_of(day),
            _ => key.to_owned(),
        };
        Some((self.by.code(), Value::String(value)))
    }
    /// Links by figure; behind a figure of which nothing was counted there is nothing to open.
    pub fn links(&self, key: &str, measure: Measure, of: &Labels, labels: &[(&str, &str)]) -> Map<String, Value> {
        let counted = labels.iter().filter(|(_, label)| of.get(*label).is_some_and(|sum| sum.count > 0));
        let link = |(figure, label): &(&str, &str)| ((*figure).to_owned(), self.link(key, measure, label));
        counted.map(link).collect()
    }
    /// The scope.
    pub fn scope(&self) -> &'s Scope {
        self.scope
    }
}

/// A value as it stands in a query.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b':' | b'/' => out.push(byte as char),
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}
