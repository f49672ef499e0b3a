//! The sources, categories and items that a policy names, each with its place: a rule about what nobody recorded never
//! fits.
//!
//! Does not know which there are.

use super::check::Fault;
use super::table::{Input, Kind, Table};
use super::{Policy, Scope};
use crate::ids::SourceId;
use smol_str::SmolStr;

/// A source, a category or an item as a policy names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// JSON pointer into the document.
    pub pointer: String,
    /// The table, row and column, where it stands in one.
    pub(super) place: String,
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
        self.tables.iter().enumerate().for_each(|(n, table)| cells(&mut all, n, table, Input::Vendor));
        all
    }

    /// Every category that a list or a cell names.
    pub fn categories_named(&self) -> Vec<Named> {
        let mut all = vec![];
        let lists: [(&str, Vec<&Scope>); 4] = [
            ("modes", self.modes.iter().map(|r| &r.scope).collect()),
            ("clocks", self.clocks.iter().map(|r| &r.scope).collect()),
            ("freshness", self.freshness.iter().map(|r| &r.scope).collect()),
            ("safety_stock", self.safety_stock.iter().map(|r| &r.scope).collect()),
        ];
        let mut named = |pointer: String, text: &str| {
            all.push(Named { pointer, place: String::new(), text: text.into() });
        };
        for (list, scopes) in lists {
            for (n, category) in scopes.into_iter().enumerate().filter_map(|(n, s)| Some((n, s.category.as_ref()?))) {
                named(format!("/{list}/{n}/category"), category.as_str());
            }
        }
        self.sensitive.iter().enumerate().for_each(|(n, c)| named(format!("/sensitive/{n}"), c.as_str()));
        self.tables.iter().enumerate().for_each(|(n, table)| cells(&mut all, n, table, Input::Category));
        all
    }

    /// Every item that a cell names.
    pub fn skus_named(&self) -> Vec<Named> {
        let mut all = vec![];
        self.tables.iter().enumerate().for_each(|(n, table)| cells(&mut all, n, table, Input::Sku));
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

fn cells(all: &mut Vec<Named>, n: usize, table: &Table, input: Input) {
    let Some(column) = table.when.iter().position(|there| *there == input) else { return };
    let kind: Kind = input.kind();
    for (r, row) in table.rows.iter().enumerate() {
        let words = row.when.get(column).map(|cell| super::table::words_of(cell, kind)).unwrap_or_default();
        all.extend(words.into_iter().map(|text| Named {
            pointer: format!("/tables/{n}/rows/{r}/when/{column}"),
            place: format!("table {:?}, row {}, column {}: ", table.name, r + 1, input.code()),
            text,
        }));
    }
}
