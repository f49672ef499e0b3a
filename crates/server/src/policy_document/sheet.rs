//! A decision table as a CSV file, for people who keep rules in a spreadsheet; out and in again without a change.
//!
//! First what the table is (`table`, `decides`, `hit`, `from`, `until`, each with its value), then a head that begins with
//! `row` and names the columns (`when vendor`, `then exclude`, `why`), then the rows, then `otherwise`. Does not know what
//! the cells mean: that is the check's, when the policy is saved.

use crate::spreadsheet::Csv;
use countersign_engine::policy::table::{Hit, Input, Output, Row, Subject, Table};
use jiff::Timestamp;
use serde::de::IntoDeserializer;
use serde::de::value::{Error as WordError, StrDeserializer};
use smol_str::SmolStr;

/// What is wrong with a file: where, what stands there, what was expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// `line 3, column 2`, as a spreadsheet counts them.
    pub place: String,
    /// What stands there.
    pub value: String,
    /// What is wrong, and what to write.
    pub sentence: String,
}

impl Fault {
    fn at(line: usize, column: usize, value: &str, sentence: impl Into<String>) -> Self {
        Self { place: format!("line {line}, column {column}"), value: value.to_owned(), sentence: sentence.into() }
    }
}

/// Writes a table.
pub fn write(table: &Table) -> String {
    let mut csv = Csv::default();
    let hit = match table.hit {
        Hit::First => "first",
        Hit::Collect => "collect",
    };
    let instant = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
    for (word, value) in [
        ("table", table.name.to_string()),
        ("decides", table.decides.code().to_owned()),
        ("hit", hit.to_owned()),
        ("from", instant(table.from)),
        ("until", instant(table.until)),
    ] {
        csv.row([word.to_owned(), quoted(&value)]);
    }
    let tests = table.when.iter().map(|input| format!("when {}", input.code()));
    let conclusions = table.then.iter().map(|output| format!("then {}", output.code()));
    csv.row(std::iter::once("row".to_owned()).chain(tests).chain(conclusions).chain(["why".to_owned()]));
    for (n, row) in table.rows.iter().enumerate() {
        let cells = row.when.iter().chain(&row.then).chain([&row.why]).map(|cell| quoted(cell));
        csv.row(std::iter::once((n + 1).to_string()).chain(cells));
    }
    if let Some(otherwise) = &table.otherwise {
        let empty = table.when.iter().map(|_| String::new());
        let cells = otherwise.iter().map(|cell| quoted(cell));
        csv.row(std::iter::once("otherwise".to_owned()).chain(empty).chain(cells));
    }
    csv.text()
}

/// An apostrophe of the text itself is doubled, because the first one means "this is text" to a spreadsheet.
fn quoted(cell: &str) -> String {
    if cell.starts_with('\'') { format!("'{cell}") } else { cell.to_owned() }
}

/// The text of a cell, without the apostrophe that keeps a spreadsheet from running it.
fn unquoted(cell: &str) -> &str {
    let guarded = ['\'', '=', '+', '-', '@', '\t', '\r', '\n', '\0', '＝', '＋', '－', '＠'];
    cell.strip_prefix('\'').filter(|rest| rest.starts_with(guarded)).unwrap_or(cell)
}

/// What a column of the file holds.
#[derive(Debug, Clone, Copy)]
enum Column {
    When,
    Then,
    Why,
}

/// Reads a table.
///
/// # Errors
/// The file is no such table; the first fault that stops the reading.
pub fn read(bytes: &[u8]) -> Result<Table, Fault> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter(bytes)).from_reader(bytes);
    let mut reading = Reading::default();
    for record in reader.records() {
        let line = record.as_ref().ok().and_then(|r| r.position()).map_or(1, |p| p.line());
        let line = usize::try_from(line).unwrap_or(usize::MAX);
        let record = record.map_err(|why| Fault::at(line, 1, "", format!("the file is no CSV: {why}")))?;
        let cells: Vec<&str> = record.iter().map(unquoted).collect();
        if cells.iter().any(|cell| !cell.is_empty()) {
            reading.line(line, &cells)?;
        }
    }
    reading.finish()
}

/// What parts the columns: the first line is `table` and its name, so that what follows the word tells. Spreadsheets of
/// countries that write a decimal comma part by semicolons.
fn delimiter(bytes: &[u8]) -> u8 {
    let parts = |sign: u8| {
        let begins = |head: &[u8]| bytes.starts_with(&[head, &[sign]].concat());
        begins(b"table") || begins(b"\"table\"")
    };
    *[b',', b';', b'\t'].iter().find(|sign| parts(**sign)).unwrap_or(&b',')
}

#[derive(Default)]
struct Reading {
    name: Option<SmolStr>,
    decides: Option<Subject>,
    hit: Hit,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
    columns: Vec<Column>,
    when: Vec<Input>,
    then: Vec<Output>,
    rows: Vec<Row>,
    otherwise: Option<Vec<SmolStr>>,
}

/// The value of a plain enum by its word.
fn by_word<T: serde::de::DeserializeOwned>(word: &str) -> Option<T> {
    let from: StrDeserializer<'_, WordError> = word.into_deserializer();
    T::deserialize(from).ok()
}

impl Reading {
    fn line(&mut self, line: usize, cells: &[&str]) -> Result<(), Fault> {
        if self.columns.is_empty() {
            return self.setting(line, cells);
        }
        let mut row = Row::default();
        for (at, column) in self.columns.iter().enumerate() {
            let cell = SmolStr::new(cells.get(at + 1).copied().unwrap_or_default());
            match column {
                Column::When => row.when.push(cell),
                Column::Then => row.then.push(cell),
                Column::Why => row.why = cell,
            }
        }
        if let Some((at, extra)) = cells.iter().enumerate().skip(self.columns.len() + 1).find(|(_, c)| !c.is_empty()) {
            return Err(Fault::at(line, at + 1, extra, "the head names no such column: name it, or empty the cell"));
        }
        match cells[0].trim() == "otherwise" {
            false => self.rows.push(row),
            true if self.otherwise.is_some() => {
                return Err(Fault::at(line, 1, cells[0], "a table has one otherwise: remove one of the lines"));
            }
            true => match row.when.iter().position(|cell| !matches!(cell.trim(), "" | "-")) {
                Some(at) => {
                    let sentence = "the otherwise tests nothing: empty the cells under `when`";
                    return Err(Fault::at(line, at + 2, &row.when[at], sentence));
                }
                None => self.otherwise = Some(row.then),
            },
        }
        Ok(())
    }

    /// One of the lines before the rows.
    fn setting(&mut self, line: usize, cells: &[&str]) -> Result<(), Fault> {
        let value = cells.get(1).copied().unwrap_or_default();
        let wrong = |sentence: String| Fault::at(line, 2, value, sentence);
        let instant = || match value {
            "" => Ok(None),
            text => text.parse().map(Some).map_err(|_| wrong("write an instant: 2026-11-24T00:00:00Z".into())),
        };
        match cells[0].trim() {
            "table" => self.name = Some(value.into()),
            "decides" => {
                let known = Subject::ALL.map(Subject::code).join(", ");
                self.decides = Some(by_word(value.trim()).ok_or_else(|| wrong(format!("a table decides {known}")))?);
            }
            "hit" if value.is_empty() => {}
            "hit" => self.hit = by_word(value.trim()).ok_or_else(|| wrong("write first or collect".into()))?,
            "from" => self.from = instant()?,
            "until" => self.until = instant()?,
            "row" => return self.head(line, &cells[1..]),
            other => {
                let sentence =
                    "before the rows stand table, decides, hit, from, until, and a head that begins with row";
                return Err(Fault::at(line, 1, other, sentence));
            }
        }
        Ok(())
    }

    fn head(&mut self, line: usize, names: &[&str]) -> Result<(), Fault> {
        let last = names.iter().rposition(|name| !name.is_empty()).map_or(0, |at| at + 1);
        for (at, name) in names[..last].iter().enumerate() {
            let wrong = |sentence: String| Fault::at(line, at + 2, name, sentence);
            let column = match name.trim().split_once(' ') {
                Some(("when", input)) => {
                    // Of what a table of its kind may look at; the check says why another column may not.
                    let inputs = self.decides.map_or(Input::ALL, Subject::inputs);
                    let known: Vec<&str> = inputs.iter().map(|i| i.code()).collect();
                    let sentence = || wrong(format!("{} look at {}", self.tables(), known.join(", ")));
                    let read = by_word(input.trim()).ok_or_else(sentence)?;
                    self.when.push(read);
                    Column::When
                }
                Some(("then", output)) => {
                    let outputs = self.decides.map_or(Output::ALL, Subject::outputs);
                    let known: Vec<&str> = outputs.iter().map(|o| o.code()).collect();
                    let sentence = || wrong(format!("{} conclude {}", self.tables(), known.join(", ")));
                    let read = by_word(output.trim()).ok_or_else(sentence)?;
                    self.then.push(read);
                    Column::Then
                }
                _ if name.trim() == "why" => Column::Why,
                _ => return Err(wrong("write `when` or `then` before the column's name, or `why`".into())),
            };
            self.columns.push(column);
        }
        match self.columns.is_empty() {
            true => Err(Fault::at(line, 2, "", "the head names no column: row, when …, then …, why")),
            false => Ok(()),
        }
    }

    fn tables(&self) -> String {
        self.decides.map_or_else(|| "tables".to_owned(), |decides| format!("tables for {}", decides.code()))
    }

    fn finish(self) -> Result<Table, Fault> {
        let missing = |what: &str| Fault::at(1, 1, "", format!("the file has no line {what}"));
        if self.columns.is_empty() {
            return Err(missing("`row`, the head of the rows"));
        }
        Ok(Table {
            name: self.name.ok_or_else(|| missing("`table`, with its name"))?,
            decides: self.decides.ok_or_else(|| missing("`decides`: sourcing, approvals, clocks, …"))?,
            hit: self.hit,
            from: self.from,
            until: self.until,
            when: self.when,
            then: self.then,
            rows: self.rows,
            otherwise: self.otherwise,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Any text, with what a spreadsheet or a CSV reader would stumble over.
    fn cell() -> impl Strategy<Value = SmolStr> {
        let bits =
            ["-", "'", "=", "+1", "@", "\"", ",", ";", "\n", "\r\n", "\t", " ", "> 3", "acme", "ü", "＝", "5.00"];
        proptest::collection::vec(proptest::sample::select(bits.to_vec()), 0..5).prop_map(|bits| bits.concat().into())
    }

    fn table() -> impl Strategy<Value = Table> {
        let columns = (1..5_usize, 1..3_usize, 0..6_usize);
        let cells = columns.prop_flat_map(|(when, then, rows)| {
            let row = (proptest::collection::vec(cell(), when), proptest::collection::vec(cell(), then), cell());
            let row = row.prop_map(|(when, then, why)| Row { when, then, why });
            let otherwise = proptest::option::of(proptest::collection::vec(cell(), then));
            (Just((when, then)), proptest::collection::vec(row, rows), otherwise)
        });
        let instant = || proptest::option::of((0..4_000_000_000_i64).prop_map(|s| Timestamp::from_second(s).unwrap()));
        let subject = proptest::sample::select(Subject::ALL.to_vec());
        (cell(), subject, any::<bool>(), instant(), instant(), cells).prop_map(
            |(name, decides, collect, from, until, ((when, then), rows, otherwise))| Table {
                name,
                decides,
                hit: if collect { Hit::Collect } else { Hit::First },
                from,
                until,
                when: Input::ALL[..when].to_vec(),
                then: Output::ALL[..then].to_vec(),
                rows,
                otherwise,
            },
        )
    }

    proptest! {
        #[test]
        fn what_was_written_is_read(table in table()) {
            let text = write(&table);
            prop_assert_eq!(read(text.as_bytes()), Ok(table), "{}", text);
        }
    }

    #[test]
    fn as_a_spreadsheet_would_save_it() {
        let text = "\u{feff}table,fragile,,,\ndecides,sourcing,,,\nrow,when vendor,then adjust,why,\n,acme,5.00,\"breaks, often\",\n,,,,\notherwise,,,,\n";
        let table = read(text.as_bytes()).unwrap();
        assert_eq!((table.name.as_str(), table.rows.len(), table.otherwise), ("fragile", 1, Some(vec!["".into()])));
        assert_eq!(table.rows[0].why, "breaks, often");
    }

    #[test]
    fn semicolons_part_columns_too() {
        let text = "table;fragile\ndecides;sourcing\nrow;when vendor;then adjust;why\n1;\"acme, bright\";5.00;breaks\notherwise;;;\n";
        let table = read(text.as_bytes()).unwrap();
        assert_eq!((table.rows[0].when[0].as_str(), table.rows[0].then[0].as_str()), ("acme, bright", "5.00"));
        let known = read(text.replace("when vendor", "when split").replace("split", "splits").as_bytes()).unwrap_err();
        assert!(known.sentence.contains("advice_age_minutes") && !known.sentence.contains("late_promise"), "{known:?}");
    }

    #[test]
    fn faults_name_line_and_column() {
        let said =
            |text: &str| read(text.as_bytes()).map_err(|f| format!("{}: {:?}: {}", f.place, f.value, f.sentence));
        let head = "table,t\ndecides,sourcing\n";
        for (text, expected) in [
            ("table,t\ndecides,weather\n", "line 2, column 2: \"weather\": a table decides modes"),
            ("table,t\ncolor,red\n", "line 2, column 1: \"color\": before the rows stand"),
            (
                &format!("{head}row,when vendr,then exclude\n"),
                "line 3, column 2: \"when vendr\": tables for sourcing look at vendor",
            ),
            (&format!("{head}row,when vendor,exclude\n"), "line 3, column 3: \"exclude\": write `when` or `then`"),
            (
                &format!("{head}row,when vendor,then exclude\n1,acme,yes,x\n"),
                "line 4, column 4: \"x\": the head names no",
            ),
            (
                &format!("{head}row,when vendor,then exclude\notherwise,acme,yes\n"),
                "line 4, column 2: \"acme\": the otherwise",
            ),
            (&format!("{head}from,soon\n"), "line 3, column 2: \"soon\": write an instant"),
            (head, "line 1, column 1: \"\": the file has no line `row`"),
        ] {
            let found = said(text).unwrap_err();
            assert!(found.starts_with(expected), "{found}");
        }
    }
}
