//! One fact that might have been different, and what had followed, as a sentence.

use crate::explain;
use crate::ids::{LineId, SourceId};
use crate::measure::{Money, Quantity};
use jiff::Timestamp;
use smol_str::SmolStr;

/// A fact of a line that might have been different: then the line had gone elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counterfactual {
    /// Which line.
    pub line: LineId,
    /// What might have been different.
    pub change: Change,
}

/// What might have been different, and where the line had gone then.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "`source` is where the line had gone; the others are named as what they are")]
pub enum Change {
    /// The order had come earlier, before a cut-off if that is why.
    Earlier { source: SourceId, minutes: i64, cutoff: Option<String> },
    /// So many units had been wanted; from so many on, if no end was found.
    Quantity { source: SourceId, from: u32, to: Option<u32> },
    /// More than so many units had been wanted: nobody alone.
    NobodyAbove { units: u32 },
    /// Rows of tables had not been there.
    WithoutRows { source: SourceId, rows: Vec<(SmolStr, u32)> },
    /// Its price for a pack of so many base units had been lower.
    Cheaper { source: SourceId, each: Money, packs: Quantity, size: u32 },
    /// Its advice had been fresher, and enough.
    Fresher { source: SourceId },
    /// It had advised so many more.
    MoreAdvised { source: SourceId, units: Quantity },
    /// It had advised so many at all.
    Advised { source: SourceId, units: Quantity },
    /// It could have promised so many.
    MorePromisable { source: SourceId, units: Quantity, could: Quantity, kept_back: Quantity },
    /// Its capacity of the day had not been used up.
    Capacity { source: SourceId },
    /// It had accepted in time; it did so many minutes later, if at all.
    AcceptedBy { source: SourceId, due: Timestamp, late: Option<i64> },
    /// It had supplied what it was asked for.
    Supplied { source: SourceId },
}

impl Change {
    /// Where the line had gone.
    pub fn goes_to(&self) -> Option<&SourceId> {
        use Change::*;
        match self {
            NobodyAbove { .. } => None,
            Earlier { source, .. }
            | Quantity { source, .. }
            | WithoutRows { source, .. }
            | Cheaper { source, .. }
            | Fresher { source }
            | MoreAdvised { source, .. }
            | Advised { source, .. }
            | MorePromisable { source, .. }
            | Capacity { source }
            | AcceptedBy { source, .. }
            | Supplied { source } => Some(source),
        }
    }

    fn condition(&self) -> String {
        use Change::*;
        match self {
            Earlier { minutes, cutoff, .. } => {
                let before = cutoff.as_ref().map(|c| format!(", before its cut-off at {c}")).unwrap_or_default();
                format!("if ordered {} earlier{before}", span(*minutes))
            }
            Quantity { from, to: None, .. } => format!("from {from} units on"),
            Quantity { from: 1, to: Some(to), .. } => format!("below {} units", to + 1),
            Quantity { from, to: Some(to), .. } if from == to => format!("for {from} units"),
            Quantity { from, to: Some(to), .. } => format!("for {from} to {to} units"),
            NobodyAbove { .. } => String::new(),
            WithoutRows { rows, .. } => {
                let row = |(table, row): &(SmolStr, u32)| match row {
                    0 => format!("the otherwise of table \"{table}\""),
                    row => format!("row {row} of table \"{table}\""),
                };
                format!("without {}", rows.iter().map(row).collect::<Vec<_>>().join(" and "))
            }
            Cheaper { each, packs, .. } if packs.get() <= 1 => format!("had it been {each} cheaper"),
            Cheaper { each, packs, size, .. } => {
                let whole = each.times(*packs);
                let packs = if *size > 1 { format!("{packs} packs of {size}") } else { packs.to_string() };
                format!("had it been {whole} cheaper, {each} for each of {packs}")
            }
            Fresher { .. } => "had its advice been fresher, and enough".into(),
            MoreAdvised { units, .. } => format!("had it advised {units} more"),
            Advised { units, .. } => format!("had it advised at least {units}"),
            MorePromisable { units, could, kept_back, .. } => {
                let kept = if kept_back.is_zero() {
                    String::new()
                } else {
                    format!(", as {kept_back} of its advice were kept back")
                };
                format!("had it been able to promise {units}; it could promise {could}{kept}")
            }
            Capacity { .. } => "had its daily capacity not been used up".into(),
            AcceptedBy { due, late, .. } => {
                let late = late.map(|m| format!(", {} earlier than it did", span(m))).unwrap_or_default();
                format!("had it accepted by {}{late}", explain::at(*due))
            }
            Supplied { .. } => "had it supplied it".into(),
        }
    }
}

impl Counterfactual {
    /// In a sentence.
    pub fn sentence(&self) -> String {
        let line = &self.line;
        match &self.change {
            Change::NobodyAbove { units } => {
                format!("Above {units} units no single source could have supplied line {line}.")
            }
            change @ (Change::AcceptedBy { source, .. } | Change::Supplied { source }) => {
                format!("Line {line} would have stayed with {source} {}.", change.condition())
            }
            change => {
                let source = change.goes_to().map(ToString::to_string).unwrap_or_default();
                format!("Line {line} would have gone to {source} {}.", change.condition())
            }
        }
    }
}

/// Minutes as people say them.
fn span(minutes: i64) -> String {
    match minutes {
        1 => "a minute".into(),
        m if m < 120 => format!("{m} minutes"),
        m => format!("{} h {} min", m / 60, m % 60),
    }
}
