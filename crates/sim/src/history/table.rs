//! Rows of one file, field by field, whatever the format. Knows nothing of what fields mean.

use super::dirt::{Dirt, Rejected};
use super::mapping::Table;
use csv::StringRecord;
use std::io::{BufRead, BufReader, Read};

/// How a file of Parquet is called: whoever opens it gives its rows as lines of JSON, times as ISO 8601.
pub const PARQUET: &str = ".parquet";
/// Columns of one file: more are a sign of a wrong delimiter.
const COLUMNS_MAX: usize = 500;
/// Characters of a faulty value that are shown.
const SHOWN_MAX: usize = 80;

/// One row, its fields by their place in [`super::mapping::Holds::fields`].
pub(super) struct Row<'a> {
    table: &'a Table,
    pub(super) number: u64,
    record: &'a StringRecord,
    places: &'a [Place],
}

/// Where a field stands.
enum Place {
    Column(usize),
    Word(String),
    Absent,
}

impl Row<'_> {
    /// The field's text, its word translated; empty if absent.
    pub(super) fn get(&self, field: usize) -> &str {
        let text = match &self.places[field] {
            Place::Column(at) => self.record.get(*at).unwrap_or_default().trim(),
            Place::Word(word) => word,
            Place::Absent => "",
        };
        if self.table.values.is_empty() {
            return text;
        }
        let (name, _) = self.table.holds.fields()[field];
        self.table.values.get(name).and_then(|words| words.get(text)).map_or(text, String::as_str)
    }
    /// True if its file knows by itself what is a time.
    pub(super) fn is_typed(&self) -> bool {
        self.table.file.ends_with(PARQUET)
    }
    /// The row as rejected because of one of its fields.
    pub(super) fn reject(&self, field: usize, kind: &'static str, reason: impl Into<String>) -> Rejected {
        let (name, _) = self.table.holds.fields()[field];
        let column = self.table.columns.get(name).map_or(name, |column| name_of(column));
        Rejected {
            file: self.table.file.clone(),
            row: self.number,
            column: column.to_owned(),
            value: self.get(field).chars().take(SHOWN_MAX).collect(),
            kind: kind.into(),
            reason: reason.into(),
        }
    }
}

/// The name of a column that may be missing, or must not.
fn name_of(column: &str) -> &str {
    column.strip_suffix('?').unwrap_or(column)
}

/// A table, and which of the mapping's it is.
pub(super) type Numbered<'a> = (usize, &'a Table);

/// Hands every row of a file to `take`, once for each of its tables; rows that cannot be read are rejected.
///
/// # Errors
/// The file's heading does not have the columns that the mapping names.
pub(super) fn each(
    tables: &[Numbered],
    input: impl Read,
    dirt: &mut Dirt,
    mut take: impl FnMut(Numbered, &Row, &mut Dirt),
) -> Result<(), String> {
    let name = tables[0].1.file.as_str();
    let lines = [".ndjson", ".jsonl", ".json", PARQUET].iter().any(|end| name.ends_with(end));
    let rows = if lines { ndjson(tables, input, dirt, &mut take) } else { csv(tables, input, dirt, &mut take) }?;
    *dirt.rows.entry(name.to_owned()).or_default() = rows;
    Ok(())
}

fn places(table: &Table, find: impl Fn(&str) -> Option<usize>) -> Result<Vec<Place>, String> {
    let place = |(field, _): &(&str, bool)| match table.columns.get(*field) {
        None => Ok(Place::Absent),
        Some(column) => match column.strip_prefix('=') {
            Some(word) => Ok(Place::Word(word.to_owned())),
            None => match (find(name_of(column)), column.strip_suffix('?')) {
                (Some(at), _) => Ok(Place::Column(at)),
                (None, Some(_)) => Ok(Place::Absent),
                (None, None) => {
                    Err(format!("{}: there is no column {column:?}, which the mapping names for {field}", table.file))
                }
            },
        },
    };
    table.holds.fields().iter().map(place).collect()
}

fn whole_row(table: &Table, row: u64, reason: String) -> Rejected {
    Rejected {
        file: table.file.clone(),
        row,
        column: String::new(),
        value: String::new(),
        kind: "unreadable".into(),
        reason,
    }
}

/// A row as each of the tables sees it.
fn hand_on(
    tables: &[Numbered],
    (number, record): (u64, &StringRecord),
    places: &[Vec<Place>],
    dirt: &mut Dirt,
    take: &mut impl FnMut(Numbered, &Row, &mut Dirt),
) {
    for (table, places) in tables.iter().zip(places) {
        take(*table, &Row { table: table.1, number, record, places }, dirt);
    }
}

fn csv(
    tables: &[Numbered],
    input: impl Read,
    dirt: &mut Dirt,
    take: &mut impl FnMut(Numbered, &Row, &mut Dirt),
) -> Result<u64, String> {
    let table = tables[0].1;
    let mut input = BufReader::new(input);
    let beginning = input.fill_buf().map_err(|e| format!("{}: {e}", table.file))?;
    let delimiter = delimiter(beginning);
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(input);
    let headings = reader.headers().map_err(|e| format!("{}: the heading cannot be read: {e}", table.file))?.clone();
    if headings.len() > COLUMNS_MAX {
        return Err(format!("{}: {} columns, at most {COLUMNS_MAX} are read", table.file, headings.len()));
    }
    let at = |column: &str| headings.iter().position(|h| h.trim_start_matches('\u{feff}').trim() == column);
    let places = tables.iter().map(|(_, table)| places(table, at)).collect::<Result<Vec<_>, _>>()?;
    let mut record = StringRecord::new();
    let mut rows = 0;
    loop {
        match reader.read_record(&mut record) {
            Ok(false) => return Ok(rows),
            Ok(true) => {
                rows += 1;
                let number = record.position().map_or(rows + 1, csv::Position::line);
                hand_on(tables, (number, &record), &places, dirt, take);
            }
            Err(e) if e.is_io_error() => return Err(format!("{}: {e}", table.file)),
            Err(e) => {
                rows += 1;
                let row = e.position().map_or(rows + 1, csv::Position::line);
                dirt.reject(whole_row(table, row, format!("the row cannot be read: {e}")));
            }
        }
    }
}

/// What parts the columns of a heading: comma, semicolon or tab, whichever stands there most.
fn delimiter(beginning: &[u8]) -> u8 {
    let heading = beginning.split(|b| *b == b'\n').next().unwrap_or_default();
    let often = |delimiter: &u8| heading.iter().filter(|b| *b == delimiter).count();
    // Of equal ones the last: a heading of one column is parted by commas.
    [b'\t', b';', b','].into_iter().max_by_key(often).unwrap_or(b',')
}

fn ndjson(
    tables: &[Numbered],
    input: impl Read,
    dirt: &mut Dirt,
    take: &mut impl FnMut(Numbered, &Row, &mut Dirt),
) -> Result<u64, String> {
    let table = tables[0].1;
    let named = tables.iter().flat_map(|(_, t)| t.columns.values());
    let columns: Vec<&str> = named.map(|c| name_of(c)).filter(|c| !c.starts_with('=')).collect();
    let at = |column: &str| columns.iter().position(|c| *c == column);
    let places = tables.iter().map(|(_, table)| places(table, at)).collect::<Result<Vec<_>, _>>()?;
    let mut rows = 0;
    for (line, number) in BufReader::new(input).lines().zip(1_u64..) {
        let line = match line {
            Ok(line) => line,
            Err(e) if e.kind() == std::io::ErrorKind::InvalidData => {
                rows += 1;
                dirt.reject(whole_row(table, number, "the line is no UTF-8".into()));
                continue;
            }
            Err(e) => return Err(format!("{}: {e}", table.file)),
        };
        let text = line.trim_start_matches('\u{feff}').trim();
        if text.is_empty() {
            continue;
        }
        rows += 1;
        match serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text) {
            Ok(object) => {
                let record: StringRecord = columns.iter().map(|c| word(&object, c)).collect();
                hand_on(tables, (number, &record), &places, dirt, take);
            }
            Err(e) => dirt.reject(whole_row(table, number, format!("the line is no JSON object: {e}"))),
        }
    }
    Ok(rows)
}

/// A value of a JSON object as text; a column may be a path (`price.amount`).
fn word(object: &serde_json::Map<String, serde_json::Value>, column: &str) -> String {
    let mut parts = column.split('.');
    let first = object.get(column).or_else(|| object.get(parts.next().unwrap_or_default()));
    let found = if object.contains_key(column) { first } else { parts.fold(first, |v, part| v?.get(part)) };
    match found {
        None | Some(serde_json::Value::Null) => String::new(),
        Some(serde_json::Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}
