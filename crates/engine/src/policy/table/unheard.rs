//! Conclusions that nothing follows from, though each cell can be read: half a conclusion, one beyond reason, a table that
//! an earlier one never lets come to its turn. Refused when a policy is saved; one that rules already goes on ruling.
//!
//! Does not know the lists that tables go before.

use super::cell::{Kind, fits_none_of};
use super::column::{Output, Subject};
use super::said::Said;
use super::{Hit, ONE, Table};
use crate::policy::check::Faults;
use smol_str::SmolStr;

/// Below it a cost would be less than nothing.
const ADJUST_PERCENT_MIN: i64 = -100;

/// Finds what will never be heard in the tables of a policy.
pub(in crate::policy) fn check(tables: &[Table], found: &mut Faults) {
    for (n, table) in tables.iter().enumerate() {
        half(n, table, found);
        beyond(n, table, found);
        outside(n, table, found);
        if let Some(before) = tables[..n].iter().find(|before| silences(before, table)) {
            let sentence = format!(
                "table {:?} is never heard: table {:?} before it answers always, its otherwise included; move it up, or \
                 leave cells of {:?} empty",
                table.name, before.name, before.name
            );
            found.add(format!("/tables/{n}"), &table.name, sentence);
        }
    }
}

/// The conclusion without which the others of a subject count for nothing.
fn leading(subject: Subject) -> Option<Output> {
    match subject {
        Subject::Modes => Some(Output::Mode),
        Subject::Clocks => Some(Output::WithinMinutes),
        Subject::Freshness | Subject::SafetyStock | Subject::Sourcing | Subject::Approvals => None,
    }
}

/// What is asked for together: the first table that says any of it is heard. Sourcing hears every table.
fn asked(subject: Subject) -> &'static [&'static [Output]] {
    match subject {
        Subject::Modes => &[&[Output::Mode]],
        Subject::Clocks => &[&[Output::WithinMinutes]],
        Subject::Freshness => &[&[Output::StaleAfterMinutes], &[Output::Stale]],
        Subject::SafetyStock => &[&[Output::Units, Output::Percent]],
        Subject::Approvals => &[&[Output::Ask]],
        Subject::Sourcing => &[],
    }
}

/// Every line of conclusions, with its name and its pointer: the rows, then the *otherwise*.
fn lines(n: usize, table: &Table) -> impl Iterator<Item = (String, String, &[SmolStr])> {
    let rows = (0..table.rows.len())
        .map(move |r| (format!("row {}", r + 1), format!("/tables/{n}/rows/{r}/then"), table.rows[r].then.as_slice()));
    let otherwise = table.otherwise.as_deref().map(|o| ("otherwise".to_owned(), format!("/tables/{n}/otherwise"), o));
    rows.chain(otherwise)
}

fn says(cells: &[SmolStr], at: Option<usize>) -> bool {
    at.and_then(|at| cells.get(at)).is_some_and(|cell| !cell.trim().is_empty())
}

fn column(table: &Table, output: Output) -> Option<usize> {
    table.then.iter().position(|there| *there == output)
}

/// Conclusions beside an empty leading one.
fn half(n: usize, table: &Table, found: &mut Faults) {
    let Some(leading) = leading(table.decides) else { return };
    let at = column(table, leading);
    for (name, pointer, cells) in lines(n, table).filter(|(.., cells)| !says(cells, at)) {
        let Some(c) = (0..table.then.len()).find(|c| says(cells, Some(*c))) else { continue };
        let (said, needed) = (table.then[c].code(), leading.code());
        let sentence = format!(
            "table {:?}, {name}, column {said}: it counts only where the same row says {needed}: write that too, or leave \
             the cell empty",
            table.name
        );
        found.add(format!("{pointer}/{c}"), &cells[c], sentence);
    }
}

fn beyond(n: usize, table: &Table, found: &mut Faults) {
    let Some(c) = column(table, Output::AdjustPercent) else { return };
    for (name, pointer, cells) in lines(n, table) {
        let Some(cell) = cells.get(c) else { continue };
        if matches!(Said::parse(cell, Output::AdjustPercent), Ok(Said::Number(p)) if p < ADJUST_PERCENT_MIN * ONE) {
            let sentence = format!(
                "table {:?}, {name}, column adjust_percent: {cell} % would rank a source below costing nothing: write \
                 {ADJUST_PERCENT_MIN} or more",
                table.name
            );
            found.add(format!("{pointer}/{c}"), cell, sentence);
        }
    }
}

/// Tests that no value meets.
fn outside(n: usize, table: &Table, found: &mut Faults) {
    for (r, row) in table.rows.iter().enumerate() {
        let cells = table.when.iter().zip(&row.when).enumerate().filter(|(_, (input, _))| input.kind() == Kind::Number);
        for (c, (input, cell)) in cells {
            let (least, most) = input.bounds();
            if !fits_none_of(cell, (least, most)) {
                continue;
            }
            let values = if most == i64::MAX { format!("{least} or more") } else { format!("{least} to {most}") };
            let sentence = format!(
                "table {:?}, row {}, column {}: {cell} never fits, {} is {values}: write what it can be, or remove the row",
                table.name,
                r + 1,
                input.code(),
                input.words()
            );
            found.add(format!("/tables/{n}/rows/{r}/when/{c}"), cell, sentence);
        }
    }
}

/// True if an earlier table answers wherever a later one could be asked.
fn silences(before: &Table, table: &Table) -> bool {
    let lasts = before.from.is_none_or(|from| table.from.is_some_and(|later| from <= later))
        && before.until.is_none_or(|until| table.until.is_some_and(|earlier| until >= earlier));
    let is_asked = |outputs: &[Output], cells: &[SmolStr], of: &Table| {
        outputs.iter().any(|output| says(cells, column(of, *output)))
    };
    let mut wanted =
        asked(table.decides).iter().filter(|o| lines(0, table).any(|(.., cells)| is_asked(o, cells, table)));
    let always = |outputs: &&&[Output]| {
        before.otherwise.is_some() && lines(0, before).all(|(.., cells)| is_asked(outputs, cells, before))
    };
    before.decides == table.decides
        && before.hit == Hit::First
        && lasts
        && wanted.clone().next().is_some()
        && wanted.all(|outputs| always(&outputs))
}
