//! What a row concludes, read once; and which row it was.

use super::cell::{ONE, number};
use super::column::{Form, Output};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// A conclusion, read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// The cell is empty: it says nothing.
    Nothing,
    /// A number, in ten-thousandths.
    Number(i64),
    /// The word at that place in the list of the column's words.
    Word(&'static str),
}

impl Said {
    /// Reads a cell; the error says what was expected.
    pub(super) fn parse(text: &str, output: Output) -> Result<Self, String> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(Said::Nothing);
        }
        match output.form() {
            Form::OneOf(words) => {
                let bare = text.trim_matches('"');
                let known = words.iter().find(|w| w.eq_ignore_ascii_case(bare)).copied();
                known.map(Said::Word).ok_or_else(|| format!("{text:?} is none of {}", words.join(", ")))
            }
            Form::Whole(low, high) => {
                let n = number(text).ok().filter(|n| n % ONE == 0 && (low..=high).contains(&(n / ONE)));
                n.map(Said::Number).ok_or_else(|| format!("{text:?} is no whole number from {low} to {high}"))
            }
            Form::Decimal(most) => {
                let n = number(text)?;
                let fits = n.abs() <= most * ONE;
                fits.then_some(Said::Number(n)).ok_or_else(|| format!("{text} is beyond {most}"))
            }
        }
    }
    /// The whole number.
    pub fn whole(self) -> Option<i64> {
        match self {
            Said::Number(n) => Some(n / ONE),
            _ => None,
        }
    }
    /// The word, as the value of a plain enum.
    pub fn value<T: serde::de::DeserializeOwned>(self) -> Option<T> {
        use serde::de::IntoDeserializer;
        use serde::de::value::{Error, StrDeserializer};
        let Said::Word(word) = self else { return None };
        let from: StrDeserializer<'_, Error> = word.into_deserializer();
        T::deserialize(from).ok()
    }
}

/// A row that ruled, as a decision records it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fired {
    /// The table's name.
    pub table: SmolStr,
    /// The row, counted from 1; 0 for the *otherwise*.
    pub row: u32,
    /// What it said: `adjust 5.00`.
    pub said: SmolStr,
    /// Why the rule stands there.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub why: SmolStr,
}

/// A row that rules a matter.
#[derive(Debug, Clone, Copy)]
pub struct Ruling<'p> {
    pub(super) table: &'p super::Table,
    /// The row's place; `None` for the *otherwise*.
    pub(super) row: Option<usize>,
    pub(super) said: &'p [Said],
}

impl Ruling<'_> {
    /// What it says in a column.
    pub fn said(&self, output: Output) -> Said {
        let at = self.table.then.iter().position(|o| *o == output);
        at.and_then(|at| self.said.get(at)).copied().unwrap_or(Said::Nothing)
    }
    /// True if it says anything at all.
    pub fn speaks(&self) -> bool {
        self.said.iter().any(|s| *s != Said::Nothing)
    }
    /// As a decision records it.
    pub fn fired(&self) -> Fired {
        let cells = match self.row {
            Some(row) => self.table.rows[row].then.as_slice(),
            None => self.table.otherwise.as_deref().unwrap_or_default(),
        };
        let pairs = self.table.then.iter().zip(cells).filter(|(_, cell)| !cell.trim().is_empty());
        let said: Vec<String> = pairs.map(|(output, cell)| format!("{} {}", output.code(), cell.trim())).collect();
        Fired {
            table: self.table.name.clone(),
            row: self.row.map_or(0, |row| u32::try_from(row).unwrap_or(u32::MAX).saturating_add(1)),
            said: said.join(", ").into(),
            why: self.row.map(|row| self.table.rows[row].why.clone()).unwrap_or_default(),
        }
    }
}
