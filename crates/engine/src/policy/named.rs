//! The sources that a policy names, each with its place: a rule about a source that nobody recorded never fits, so it is
//! refused when the policy is saved.
//!
//! Does not know which sources there are.

use super::check::Fault;
use super::table::{Input, Table};
use super::{Policy, Scope};
use crate::ids::SourceId;
use smol_str::SmolStr;

/// A source as a policy names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// JSON pointer into the document.
    pub pointer: String,
    /// The table, row and column, where it stands in one.
    place: String,
    /// As it is written; not always an id.
    pub text: SmolStr,
}

impl Policy {
    /// Every source that a list or a cell names.
    pub fn sources_named(&self) -> Vec<Named> {
        let mut all = vec![];
        scopes(&mut all, "modes", self.modes.iter().map(|r| &r.scope));
        scopes(&mut all, "clocks", self.clocks.iter().map(|r| &r.scope));
        scopes(&mut all, "freshness", self.freshness.iter().map(|r| &r.scope));
        scopes(&mut all, "safety_stock", self.safety_stock.iter().map(|r| &r.scope));
        for (n, rule) in self.netting.iter().enumerate() {
            add(&mut all, format!("/netting/{n}/source"), rule.source.as_ref());
        }
        self.tables.iter().enumerate().for_each(|(n, table)| cells(&mut all, n, table));
        all
    }

    /// What is wrong with the sources that the policy names, as far as `known` knows them.
    pub fn unknown_sources(&self, known: impl Fn(&SourceId) -> bool) -> Vec<Fault> {
        let unknown = |n: &Named| !SourceId::new(&n.text).is_ok_and(|id| known(&id));
        let fault = |n: Named| {
            let sentence = format!(
                "{}there is no source {:?}: record it first (PUT /v1/sources/{}), or write the id of one that there is",
                n.place, n.text, n.text
            );
            Fault { pointer: n.pointer, value: n.text.to_string(), sentence }
        };
        self.sources_named().into_iter().filter(unknown).map(fault).collect()
    }
}

fn scopes<'a>(all: &mut Vec<Named>, list: &str, scopes: impl Iterator<Item = &'a Scope>) {
    for (n, scope) in scopes.enumerate() {
        add(all, format!("/{list}/{n}/source"), scope.source.as_ref());
    }
}

fn add(all: &mut Vec<Named>, pointer: String, source: Option<&SourceId>) {
    all.extend(source.map(|s| Named { pointer, place: String::new(), text: s.as_str().into() }));
}

fn cells(all: &mut Vec<Named>, n: usize, table: &Table) {
    let Some(column) = table.when.iter().position(|input| *input == Input::Vendor) else { return };
    for (r, row) in table.rows.iter().enumerate() {
        let words = row.when.get(column).map(|cell| super::table::words_of(cell)).unwrap_or_default();
        all.extend(words.into_iter().map(|text| Named {
            pointer: format!("/tables/{n}/rows/{r}/when/{column}"),
            place: format!("table {:?}, row {}, column vendor: ", table.name, r + 1),
            text,
        }));
    }
}
