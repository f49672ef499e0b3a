//! What is wrong with a table: named by table, row and column, with what was expected.
//!
//! The same check when a policy is saved and by `countersign check`. Does not know which vendors there are.

use super::cell::Test;
use super::column::{Input, Output};
use super::compiled::{Compiled, members};
use super::said::Said;
use super::{COLUMNS_MAX, CUTS_MAX, Hit, ROWS_MAX, ROWS_OF_POLICY_MAX, TABLES_MAX, Table, WHY_BYTES_MAX};
use crate::policy::check::Faults;
use smol_str::SmolStr;
use std::collections::BTreeSet;

/// Longest name of a table.
const NAME_BYTES_MAX: usize = 80;

/// Finds what is wrong with the tables of a policy.
pub(in crate::policy) fn tables(tables: &[Table], found: &mut Faults) {
    if tables.len() > TABLES_MAX {
        found.add("/tables", tables.len(), format!("a policy has at most {TABLES_MAX} tables"));
    }
    let rows: usize = tables.iter().map(|t| t.rows.len()).sum();
    if rows > ROWS_OF_POLICY_MAX {
        found.add("/tables", rows, format!("the tables of a policy have at most {ROWS_OF_POLICY_MAX} rows together"));
        return;
    }
    let mut names = BTreeSet::new();
    for (n, table) in tables.iter().enumerate() {
        if !names.insert(&table.name) {
            let sentence =
                format!("two tables are called {:?}: decisions name tables, so give each its own", table.name);
            found.add(format!("/tables/{n}/name"), &table.name, sentence);
        }
        let before = found.0.len();
        Checking { at: format!("/tables/{n}"), table, found }.all();
        if found.0.len() == before {
            reach(&format!("/tables/{n}"), table, found);
        }
    }
}

struct Checking<'a> {
    at: String,
    table: &'a Table,
    found: &'a mut Faults,
}

impl Checking<'_> {
    fn add(&mut self, place: &str, value: impl ToString, sentence: &str) {
        let sentence = format!("table {:?}{sentence}", self.table.name);
        self.found.add(format!("{}{place}", self.at), value, sentence);
    }

    fn all(&mut self) {
        let table = self.table;
        if table.name.trim().is_empty() || table.name.len() > NAME_BYTES_MAX {
            self.add("/name", &table.name, &format!(": a name has 1 to {NAME_BYTES_MAX} characters"));
        }
        if table.rows.len() > ROWS_MAX {
            let sentence = format!(": a table has at most {ROWS_MAX} rows: cut it in two by vendor or category");
            return self.add("/rows", table.rows.len(), &sentence);
        }
        if table.hit == Hit::Collect && table.decides != super::Subject::Sourcing {
            self.add("/hit", "collect", ": rows add up in tables for sourcing only: write \"first\"");
        }
        if let (Some(from), Some(until)) = (table.from, table.until)
            && from >= until
        {
            self.add("/until", until, ": it ends before it begins");
        }
        self.columns();
        self.rows();
        self.otherwise();
    }

    fn columns(&mut self) {
        let table = self.table;
        let (subject, inputs, outputs) = (table.decides.code(), table.decides.inputs(), table.decides.outputs());
        if table.when.len() > COLUMNS_MAX || table.then.is_empty() || table.then.len() > COLUMNS_MAX {
            let sentence = format!(": name 1 to {COLUMNS_MAX} conclusions in `then`, and at most as many in `when`");
            self.add("/then", table.then.len(), &sentence);
        }
        for (c, input) in table.when.iter().enumerate() {
            if !inputs.contains(input) {
                let known: Vec<&str> = inputs.iter().map(|i| i.code()).collect();
                let sentence = format!(
                    ", column {}: not known yet when {subject} are decided; known are {}",
                    input.code(),
                    known.join(", ")
                );
                self.add(&format!("/when/{c}"), input.code(), &sentence);
            }
            if table.when[..c].contains(input) {
                self.add(
                    &format!("/when/{c}"),
                    input.code(),
                    &format!(", column {}: it stands there twice", input.code()),
                );
            }
        }
        for (c, output) in table.then.iter().enumerate() {
            if !outputs.contains(output) || table.then[..c].contains(output) {
                let known: Vec<&str> = outputs.iter().map(|o| o.code()).collect();
                let sentence = format!(
                    ", column {}: a table for {subject} concludes, each once: {}",
                    output.code(),
                    known.join(", ")
                );
                self.add(&format!("/then/{c}"), output.code(), &sentence);
            }
        }
    }

    fn rows(&mut self) {
        let table = self.table;
        for (r, row) in table.rows.iter().enumerate() {
            if row.why.len() > WHY_BYTES_MAX {
                let sentence = format!(", row {}: a reason has at most {WHY_BYTES_MAX} bytes", r + 1);
                self.add(&format!("/rows/{r}/why"), "", &sentence);
            }
            let place = (format!(", row {}", r + 1), format!("/rows/{r}"));
            self.tests(&place, &row.when);
            self.conclusions(&place.0, &format!("{}/then", place.1), &row.then);
        }
        for (c, input) in table.when.iter().enumerate() {
            let tests = table.rows.iter().filter_map(|row| Test::parse(row.when.get(c)?, input.kind()).ok());
            let cuts: usize = tests.map(|t| t.ranges.len() * 2 + t.words.len()).sum();
            if cuts > CUTS_MAX {
                let sentence = format!(", column {}: its cells name more than {CUTS_MAX} values", input.code());
                self.add(&format!("/when/{c}"), cuts, &sentence);
            }
        }
    }

    fn tests(&mut self, (row, place): &(String, String), cells: &[SmolStr]) {
        if cells.len() != self.table.when.len() {
            let sentence = format!(
                "{row}: {} tests for the {} columns of `when`: one each, `-` for anything",
                cells.len(),
                self.table.when.len()
            );
            return self.add(&format!("{place}/when"), cells.len(), &sentence);
        }
        let inputs: Vec<Input> = self.table.when.clone();
        for (c, (input, cell)) in inputs.into_iter().zip(cells).enumerate() {
            if let Err(why) = Test::parse(cell, input.kind()) {
                let sentence = format!("{row}, column {}: {why}", input.code());
                self.add(&format!("{place}/when/{c}"), cell, &sentence);
            }
        }
    }

    fn conclusions(&mut self, row: &str, place: &str, cells: &[SmolStr]) {
        if cells.len() != self.table.then.len() {
            let sentence =
                format!("{row}: {} cells for the {} columns of `then`: one each", cells.len(), self.table.then.len());
            return self.add(place, cells.len(), &sentence);
        }
        let outputs: Vec<Output> = self.table.then.clone();
        for (c, (output, cell)) in outputs.into_iter().zip(cells).enumerate() {
            if let Err(why) = Said::parse(cell, output) {
                let sentence = format!("{row}, column {}: {why}", output.code());
                self.add(&format!("{place}/{c}"), cell, &sentence);
            }
        }
    }

    fn otherwise(&mut self) {
        match &self.table.otherwise {
            Some(cells) => self.conclusions(", otherwise", "/otherwise", cells),
            None => self.add(
                "/otherwise",
                "",
                ": there is no otherwise: say what follows where no row fits (an empty cell leaves it to the lists)",
            ),
        }
    }
}

/// Rows that never count because an earlier one takes all they would, and rows that contradict each other.
fn reach(at: &str, table: &Table, found: &mut Faults) {
    let ready = Compiled::new(table);
    let sets: Vec<Vec<Vec<u64>>> = ready.columns.iter().map(|c| turned(c, table.rows.len())).collect();
    let covers = |i: usize, j: usize| {
        sets.iter().all(|rows| rows[i].iter().zip(&rows[j]).all(|(wide, narrow)| narrow & !wide == 0))
    };
    for (j, row) in table.rows.iter().enumerate() {
        let (name, place) = (&table.name, format!("{at}/rows/{j}"));
        match table.hit {
            Hit::First => {
                if let Some(i) = (0..j).find(|i| covers(*i, j)) {
                    let same = if table.rows[i].then == row.then { "" } else { ", and says something else" };
                    let sentence = format!(
                        "table {name:?}, row {} is never reached: row {} fits wherever it does{same}; move it up or \
                         remove it",
                        j + 1,
                        i + 1
                    );
                    found.add(place, row.when.join(" | "), sentence);
                }
            }
            Hit::Collect => {
                let exclude = table.then.iter().position(|o| *o == Output::Exclude);
                let says = |r: usize| exclude.and_then(|c| table.rows[r].then.get(c)).map(|cell| cell.trim());
                let against = |i: &usize| {
                    covers(*i, j)
                        && matches!((says(*i), says(j)), (Some(i), Some(j)) if i.eq_ignore_ascii_case("yes") && j.eq_ignore_ascii_case("no"))
                };
                if let Some(i) = (0..table.rows.len()).filter(|i| *i != j).find(against) {
                    let sentence = format!(
                        "table {name:?}, row {} says exclude no where row {} always says yes: they contradict each other",
                        j + 1,
                        i + 1
                    );
                    found.add(place, row.when.join(" | "), sentence);
                }
            }
        }
    }
}

/// For each row the classes that it fits, the unknown last: the column's sets, turned.
fn turned(column: &super::compiled::Column, rows: usize) -> Vec<Vec<u64>> {
    let classes = column.classes.len() + 1;
    let mut sets = vec![vec![0_u64; classes.div_ceil(64)]; rows];
    for (class, fitting) in column.classes.iter().chain([&column.unknown]).enumerate() {
        members(fitting).for_each(|row| sets[row][class / 64] |= 1 << (class % 64));
    }
    sets
}
