//! Tables read out: one sentence per row, for whoever does not read tables.

use super::cell;
use super::{Fired, Output, Row, Table};
use smol_str::SmolStr;

impl Table {
    /// Each row as a sentence, the *otherwise* last.
    pub fn sentences(&self) -> Vec<String> {
        let mut all: Vec<String> = self.rows.iter().map(|row| self.sentence(row)).collect();
        let otherwise = self.otherwise.as_deref().map(|cells| self.conclusion(cells)).unwrap_or_default();
        all.push(if otherwise.is_empty() {
            "Otherwise the policy's lists say what follows.".into()
        } else {
            format!("Otherwise {otherwise}.")
        });
        all
    }

    fn sentence(&self, row: &Row) -> String {
        let tests = self.when.iter().zip(&row.when);
        let tests: Vec<String> = tests
            .filter_map(|(input, text)| Some(format!("{} {}", input.words(), cell::words(text, input.kind())?)))
            .collect();
        let said = self.conclusion(&row.then);
        let said = if said.is_empty() { "the policy's lists say what follows".to_owned() } else { said };
        let why = if row.why.is_empty() { String::new() } else { format!(" ({})", row.why) };
        match tests.is_empty() {
            true => format!("Always {said}{why}."),
            false => format!("If {}: {said}{why}.", tests.join(" and ")),
        }
    }

    fn conclusion(&self, cells: &[SmolStr]) -> String {
        // Nothing is committed where the product only looks on.
        let mode = self.then.iter().position(|o| *o == Output::Mode).and_then(|at| cells.get(at));
        let watches = mode.is_some_and(|mode| matches!(mode.trim(), "legacy" | "observe"));
        let said = self.then.iter().zip(cells).filter(|(_, cell)| !cell.trim().is_empty());
        let said = said.filter(|(output, _)| !(watches && **output == Output::CommitOn));
        said.map(|(output, cell)| concluded(*output, cell.trim())).collect::<Vec<_>>().join(", ")
    }
}

/// A conclusion in words, as people say it.
fn concluded(output: Output, cell: &str) -> String {
    match (output, cell.strip_prefix('-')) {
        (Output::Exclude, _) if cell.eq_ignore_ascii_case("yes") => "passed over".into(),
        (Output::Exclude, _) => "not passed over".into(),
        (Output::Ask, _) if cell == "nobody" => "nobody is asked".into(),
        (Output::Adjust | Output::AdjustPercent, Some(less)) => {
            output.words().replace("{}", less).replace(" more", " less")
        }
        _ => output.words().replace("{}", cell),
    }
}

impl Fired {
    /// Which row fired and why, in a sentence.
    pub fn sentence(&self) -> String {
        let row = if self.row == 0 { "the otherwise".to_owned() } else { format!("row {}", self.row) };
        let why = if self.why.is_empty() { String::new() } else { format!(": {}", self.why) };
        format!("{row} of table \"{}\" says {}{why}", self.table, self.said)
    }
}
