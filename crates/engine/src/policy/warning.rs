//! What a policy may well mean, and may well not: told beside its faults, and refuses nothing.
//!
//! Does not know which sources, categories and items there are; whoever asks does.

use super::Policy;
use super::check::Fault;
use super::named::Named;
use super::table::{Kind, Subject, Table, is_comma_decimal};
use crate::ids::SourceId;
use crate::source::SourceKind;
use jiff::Timestamp;

/// What is recorded, asked by the text that stands in the policy.
pub struct Known<'a> {
    /// True if there is such a source.
    pub source: &'a dyn Fn(&str) -> bool,
    /// True if an item is in the category or below it.
    pub category: &'a dyn Fn(&str) -> bool,
    /// True if there is such an item.
    pub sku: &'a dyn Fn(&str) -> bool,
    /// The sources that are recorded, as far as they are known.
    pub sources: &'a [(SourceId, SourceKind)],
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
        all.extend(self.excluded(now, known.sources));
        all.extend(self.tables.iter().enumerate().flat_map(|(n, table)| commas(n, table)));
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

    /// Tables that leave no source.
    fn excluded(&self, now: Timestamp, sources: &[(SourceId, SourceKind)]) -> Vec<Fault> {
        let sourcing = || {
            let there = self.tables.iter().enumerate();
            there.filter(|(_, t)| t.decides == Subject::Sourcing && t.until.is_none_or(|until| until > now))
        };
        let whole = sourcing().filter(|(_, t)| t.always_excludes(None)).map(|(n, table)| Fault {
            pointer: format!("/tables/{n}"),
            value: table.name.to_string(),
            sentence: format!(
                "table {:?} passes over every source, whatever is ordered: while it rules nothing can be supplied; write \
                 rows that tell which, or leave the cells of its otherwise empty",
                table.name
            ),
        });
        let whole: Vec<Fault> = whole.collect();
        let is_excluded = |(id, kind): &(SourceId, SourceKind)| {
            sourcing().any(|(_, table)| table.is_in_effect(now) && table.always_excludes(Some((id, *kind))))
        };
        if !whole.is_empty() || sources.is_empty() || !sources.iter().all(is_excluded) {
            return whole;
        }
        let sentence =
            "the tables pass over every source that is recorded, whatever is ordered: nothing can be supplied";
        vec![Fault { pointer: "/tables".into(), value: String::new(), sentence: sentence.into() }]
    }
}

/// Cells of numbers that look like one number with a decimal comma.
fn commas(n: usize, table: &Table) -> Vec<Fault> {
    let mut all = vec![];
    for (r, row) in table.rows.iter().enumerate() {
        for (c, (input, cell)) in table.when.iter().zip(&row.when).enumerate() {
            if input.kind() == Kind::Number && is_comma_decimal(cell) {
                let (point, list) = (cell.replace(',', "."), cell.replace(',', ", "));
                let sentence = format!(
                    "table {:?}, row {}, column {}: {cell} is read as a list of two numbers; write {point} for one number, \
                     {list} for two",
                    table.name,
                    r + 1,
                    input.code()
                );
                all.push(Fault {
                    pointer: format!("/tables/{n}/rows/{r}/when/{c}"),
                    value: cell.to_string(),
                    sentence,
                });
            }
        }
    }
    all
}
