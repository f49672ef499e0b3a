//! What a policy may well mean, and may well not: told beside its faults, and refuses nothing.
//!
//! Does not know which sources, categories and items there are; whoever asks does.

use super::Policy;
use super::check::Fault;
use super::named::Named;
use jiff::Timestamp;

/// What is recorded, asked by the text that stands in the policy.
pub struct Known<'a> {
    /// True if there is such a source.
    pub source: &'a dyn Fn(&str) -> bool,
    /// True if an item is in the category or below it.
    pub category: &'a dyn Fn(&str) -> bool,
    /// True if there is such an item.
    pub sku: &'a dyn Fn(&str) -> bool,
}

impl Policy {
    /// Rules that decide nothing as things stand at an instant, though they may tomorrow: a catalogue is still filled, a
    /// table is kept for next year.
    pub fn warnings(&self, now: Timestamp, known: &Known) -> Vec<Fault> {
        let mut all = vec![];
        for (n, table) in self.tables.iter().enumerate() {
            let Some(until) = table.until.filter(|until| *until <= now) else { continue };
            let sentence = format!(
                "table {:?} ended at {until}: nothing of it rules; remove it, or give it a later until",
                table.name
            );
            all.push(Fault { pointer: format!("/tables/{n}/until"), value: until.to_string(), sentence });
        }
        let mut unknown = |named: Vec<Named>, is_known: &dyn Fn(&str) -> bool, what: &str| {
            let some = named.into_iter().filter(|n| !is_known(&n.text));
            all.extend(some.map(|n| Fault {
                sentence: format!("{}{}", n.place, what.replace("{}", &format!("{:?}", n.text))),
                pointer: n.pointer,
                value: n.text.to_string(),
            }));
        };
        let source = "source {} is not recorded yet, only a kept history knows it: record it before the policy is put in \
                      force, or the rule never fits";
        unknown(self.sources_named(), known.source, source);
        let category = "no item is in category {} or below it: the rule never fits until there is one";
        unknown(self.categories_named(), known.category, category);
        unknown(self.skus_named(), known.sku, "there is no item {}: the rule never fits until it is recorded");
        all
    }
}
