//! Tables made ready to be asked: for each column, which rows fit a value, as a set of bits.
//!
//! The bounds and words that a column's cells name part its values into classes within which every cell says the same.
//! For each class the rows that fit are worked out once; asking finds the class by halving and intersects the sets, so
//! that five hundred rows cost hardly more than five.

use super::cell::{Kind, Test, Value, begins};
use super::column::{Output, Subject};
use super::said::{Ruling, Said};
use super::{Hit, Matter, Table};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

/// The tables of a policy, compiled when they are first asked.
#[derive(Debug, Clone, Default)]
pub struct Tables {
    tables: Vec<Table>,
    compiled: OnceLock<Arc<Vec<Compiled>>>,
}

impl PartialEq for Tables {
    fn eq(&self, other: &Self) -> bool {
        self.tables == other.tables
    }
}
impl From<Vec<Table>> for Tables {
    fn from(tables: Vec<Table>) -> Self {
        Self { tables, compiled: OnceLock::new() }
    }
}
impl std::ops::Deref for Tables {
    type Target = [Table];
    fn deref(&self) -> &[Table] {
        &self.tables
    }
}
impl Serialize for Tables {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.tables.serialize(to)
    }
}
impl<'de> Deserialize<'de> for Tables {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Vec::deserialize(from).map(Self::from)
    }
}

impl Tables {
    /// True if there are none.
    pub fn is_empty(&self) -> bool {
        self.tables.is_empty()
    }
    /// What the tables of a subject that are in effect say, in their order: of each the first row that fits (or all of
    /// them), else its *otherwise*.
    pub fn rule<'p>(&'p self, subject: Subject, matter: &Matter) -> Vec<Ruling<'p>> {
        let mut found = vec![];
        if self.tables.is_empty() {
            return found;
        }
        let compiled = self.compiled.get_or_init(|| Arc::new(self.tables.iter().map(Compiled::new).collect()));
        for (table, ready) in self.tables.iter().zip(compiled.iter()).filter(|(t, _)| t.decides == subject) {
            if matter.now.is_none_or(|now| table.is_in_effect(now)) {
                ready.ask(table, matter, &mut found);
            }
        }
        found
    }
    /// The first conclusion of a subject's tables in one column, and the row that said it.
    pub fn first<'p>(&'p self, subject: Subject, output: Output, matter: &Matter) -> Option<(Said, Ruling<'p>)> {
        let rulings = self.rule(subject, matter).into_iter();
        rulings.map(|r| (r.said(output), r)).find(|(said, _)| *said != Said::Nothing)
    }
}

/// A set of rows.
type Rows = Box<[u64]>;

/// A table made ready. A cell that cannot be read fits nothing; none gets past the check.
#[derive(Debug)]
pub(super) struct Compiled {
    pub(super) columns: Vec<Column>,
    said: Vec<Vec<Said>>,
    otherwise: Vec<Said>,
    /// Every row.
    all: Rows,
}

/// A column made ready.
#[derive(Debug)]
pub(super) struct Column {
    kind: Kind,
    /// Bounds, in half ten-thousandths, ascending; class 2n + 1 is the bound itself, class 2n what lies before it.
    cuts: Vec<i64>,
    /// Words by class, counted from 1; class 0 is every other word.
    words: BTreeMap<SmolStr, usize>,
    /// Which rows fit a class.
    pub(super) classes: Vec<Rows>,
    /// Which rows fit what nobody knows.
    pub(super) unknown: Rows,
}

impl Compiled {
    pub(super) fn new(table: &Table) -> Self {
        let column = |at: usize| {
            let kind = table.when[at].kind();
            let cell = |row: &super::Row| row.when.get(at).and_then(|text| Test::parse(text, kind).ok());
            Column::new(kind, &table.rows.iter().map(|row| cell(row).unwrap_or_default()).collect::<Vec<_>>())
        };
        let said = |cells: &[SmolStr]| -> Vec<Said> {
            let pairs = table.then.iter().zip(cells);
            pairs.map(|(output, cell)| Said::parse(cell, *output).unwrap_or(Said::Nothing)).collect()
        };
        Self {
            columns: (0..table.when.len()).map(column).collect(),
            said: table.rows.iter().map(|row| said(&row.then)).collect(),
            otherwise: said(table.otherwise.as_deref().unwrap_or_default()),
            all: rows(table.rows.len(), |_| true),
        }
    }

    fn ask<'p>(&'p self, table: &'p Table, matter: &Matter, found: &mut Vec<Ruling<'p>>) {
        let mut fit = self.all.clone();
        for (input, column) in table.when.iter().zip(&self.columns) {
            let here = column.fits(&matter.value(*input));
            fit.iter_mut().zip(here.iter()).for_each(|(all, here)| *all &= here);
        }
        let before = found.len();
        for row in members(&fit) {
            found.push(Ruling { table, row: Some(row), said: &self.said[row] });
            if table.hit == Hit::First {
                return;
            }
        }
        if found.len() == before {
            found.push(Ruling { table, row: None, said: &self.otherwise });
        }
    }
}

impl Column {
    pub(super) fn new(kind: Kind, tests: &[Test]) -> Self {
        let unknown = rows(tests.len(), |row| tests[row].fits_unknown());
        if kind == Kind::Number {
            let ends = tests.iter().flat_map(|t| t.ranges.iter()).flat_map(|(low, high)| [*low, *high]);
            let cuts: Vec<i64> =
                ends.filter(|n| ![i64::MIN, i64::MAX].contains(n)).collect::<BTreeSet<_>>().into_iter().collect();
            let class = |n: usize| {
                let value = match (n % 2, cuts.get(n / 2)) {
                    (1, Some(cut)) => *cut,
                    (_, Some(cut)) => cut - 1,
                    (_, None) => cuts.last().map_or(0, |last| last + 1),
                };
                rows(tests.len(), |row| tests[row].fits_number(value))
            };
            let classes = (0..=cuts.len() * 2).map(class).collect();
            return Self { kind, cuts, words: BTreeMap::new(), classes, unknown };
        }
        let named: BTreeSet<&SmolStr> = tests.iter().flat_map(|t| t.words.iter()).collect();
        let mut classes = vec![rows(tests.len(), |row| tests[row].fits_text(None, kind))];
        let mut words = BTreeMap::new();
        for word in named {
            words.insert(word.clone(), classes.len());
            classes.push(rows(tests.len(), |row| tests[row].fits_text(Some(word), kind)));
        }
        Self { kind, cuts: vec![], words, classes, unknown }
    }

    fn fits(&self, value: &Value) -> &Rows {
        match value {
            Value::Unknown => &self.unknown,
            Value::Number(n) => {
                let halves = n.saturating_mul(2);
                let at = self.cuts.partition_point(|cut| *cut < halves);
                let on = self.cuts.get(at) == Some(&halves);
                &self.classes[at * 2 + usize::from(on)]
            }
            Value::Text(text) => &self.classes[self.class_of(text)],
        }
    }

    /// The class of a text: that of the deepest word that it begins with.
    fn class_of(&self, text: &str) -> usize {
        let at = |word: &str| self.words.get(word).copied();
        match self.kind {
            Kind::Path => {
                let mut rest = text;
                loop {
                    match (at(rest), rest.rfind('/')) {
                        (Some(class), _) => return class,
                        (None, Some(cut)) => rest = &rest[..cut],
                        (None, None) => return 0,
                    }
                }
            }
            Kind::Prefix => {
                let deepest = self.words.iter().filter(|(word, _)| begins(text, word, Kind::Prefix));
                deepest.max_by_key(|(word, _)| word.len()).map_or(0, |(_, class)| *class)
            }
            _ => at(text).unwrap_or(0),
        }
    }
}

fn rows(count: usize, fits: impl Fn(usize) -> bool) -> Rows {
    let mut bits = vec![0_u64; count.div_ceil(64)];
    (0..count).filter(|row| fits(*row)).for_each(|row| bits[row / 64] |= 1 << (row % 64));
    bits.into()
}

/// The rows of a set, ascending.
pub(super) fn members(rows: &[u64]) -> impl Iterator<Item = usize> {
    rows.iter().enumerate().flat_map(|(at, word)| {
        let mut left = *word;
        std::iter::from_fn(move || {
            let bit = left.trailing_zeros() as usize;
            left &= left.wrapping_sub(1);
            (bit < 64).then_some(at * 64 + bit)
        })
    })
}
