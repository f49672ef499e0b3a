//! Decision tables: rules as people write them in a spreadsheet. Rows of tests over what is known, and what follows.
//!
//! Does not know any order; what is known comes as a [`Matter`]. A table is compiled once, with the policy record that
//! holds it, and asked in time that hardly grows with its rows.

mod cell;
mod check;
mod column;
mod compiled;
mod matter;
mod said;
mod sentence;
#[cfg(test)]
mod tests;
mod unheard;

pub use cell::{CELL_BYTES_MAX, Kind, ONE, Value};
pub use column::{Form, Input, Output, Subject};
pub use compiled::Tables;
pub use matter::{Matter, cohort};
pub use said::{Fired, Ruling, Said};

pub(super) use cell::{is_comma_decimal, words_of};
pub(super) use check::tables as check_tables;
pub(super) use unheard::check as check_unheard;

use crate::ids::SourceId;
use crate::source::SourceKind;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// Tables of one policy: a dozen subjects, a few vendors' own.
pub const TABLES_MAX: usize = 50;
/// Rows of one table: above it a person no longer reads it.
pub const ROWS_MAX: usize = 1_000;
/// Rows of all tables of one policy, so that compiling it stays a matter of milliseconds.
pub const ROWS_OF_POLICY_MAX: usize = 5_000;
/// Columns of one kind in one table.
pub const COLUMNS_MAX: usize = 16;
/// Different bounds or words that the cells of one column may name.
pub const CUTS_MAX: usize = 2_000;
/// Longest reason of a row, in bytes.
pub const WHY_BYTES_MAX: usize = 300;

/// A decision table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
// Without its otherwise a table is read, so that the check can say what it lacks; a form had better ask for it.
#[schemars(extend("required" = ["name", "decides", "when", "then", "rows", "otherwise"]))]
pub struct Table {
    /// Shown in decisions; no two tables of a policy share it.
    pub name: SmolStr,
    /// What it decides.
    pub decides: Subject,
    /// Which rows count where several fit.
    #[serde(default)]
    pub hit: Hit,
    /// In effect from this instant on; always if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// In effect before this instant; without end if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// What its rows look at, by column.
    #[schemars(length(max = 16))]
    pub when: Vec<Input>,
    /// What its rows conclude, by column.
    #[schemars(length(min = 1, max = 16))]
    pub then: Vec<Output>,
    /// The rows, in order.
    pub rows: Vec<Row>,
    /// What follows where no row fits: one cell per conclusion; an empty cell says nothing, and the policy's lists rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Vec<SmolStr>")]
    pub otherwise: Option<Vec<SmolStr>>,
}

/// Which rows count where several fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Hit {
    /// The first one.
    #[default]
    First,
    /// All of them together: numbers add up, one `yes` is enough. For sourcing.
    Collect,
}

/// A row: tests, conclusions, a reason.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// One test per column of `when`; `-` or nothing fits everything.
    pub when: Vec<SmolStr>,
    /// One conclusion per column of `then`; nothing says nothing.
    pub then: Vec<SmolStr>,
    /// Why the rule stands there, for people.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub why: SmolStr,
}

impl Table {
    /// True if a sourcing table passes over a source whatever else is known of a matter; of no source in particular: over
    /// every one.
    pub(super) fn always_excludes(&self, source: Option<(&SourceId, SourceKind)>) -> bool {
        let Some(at) = self.then.iter().position(|o| *o == Output::Exclude) else { return false };
        let excludes = |cells: &[SmolStr]| cells.get(at).is_some_and(|cell| cell.trim().eq_ignore_ascii_case("yes"));
        let matter = Matter { vendor: source.map(|s| s.0), kind: source.map(|s| s.1), ..Matter::default() };
        // Of each row: `None` if it never fits the source, else whether it fits always.
        let fits = |row: &Row| {
            let mut always = true;
            for (input, cell) in self.when.iter().zip(&row.when) {
                let Ok(test) = cell::Test::parse(cell, input.kind()) else { return None };
                match matter.value(*input) {
                    Value::Text(text) if !test.any => {
                        let meets = test.words.iter().any(|w| cell::begins(&text, w, input.kind()));
                        if test.not == meets {
                            return None;
                        }
                    }
                    _ => always &= test.any,
                }
            }
            Some(always)
        };
        let ruled = self.rows.iter().filter_map(|row| fits(row).map(|always| (always, excludes(&row.then))));
        let otherwise = self.otherwise.as_deref().is_some_and(excludes);
        match self.hit {
            Hit::Collect => {
                let mut ruled = ruled.peekable();
                (ruled.peek().is_none() && otherwise) || ruled.any(|(always, yes)| always && yes)
            }
            Hit::First => {
                for (always, yes) in ruled {
                    if !yes || always {
                        return yes;
                    }
                }
                otherwise
            }
        }
    }
    /// True if the table is in effect at an instant.
    pub fn is_in_effect(&self, now: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= now) && self.until.is_none_or(|until| now < until)
    }
}
