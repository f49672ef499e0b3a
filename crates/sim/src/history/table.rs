//! Rows of one file, field by field, whatever the format. Knows nothing of what fields mean.

use super::dirt::{Dirt, Missing, Rejected};
use super::mapping::{Table, words_of};
use super::nearest::nearest;
use super::sheet::Sheet;
use csv::StringRecord;
use std::collections::BTreeSet;
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
    /// The field's text as it stands there; empty if absent.
    fn text(&self, field: usize) -> &str {
        match &self.places[field] {
            Place::Column(at) => self.record.get(*at).unwrap_or_default().trim(),
            Place::Word(word) => word,
            Place::Absent => "",
        }
    }
    /// What stands for a text in this field, where the mapping says it.
    fn translated(&self, field: usize, is: impl Fn(&str) -> bool) -> Option<&str> {
        let words = self.table.values.get(self.name(field))?;
        words.iter().find(|(theirs, _)| is(theirs)).map(|(_, ours)| ours.as_str())
    }
    fn name(&self, field: usize) -> &'static str {
        self.table.holds.fields()[field].0
    }
    /// The field's text, its word translated; empty if absent.
    pub(super) fn get(&self, field: usize) -> &str {
        let text = self.text(field);
        if self.table.values.is_empty() {
            return text;
        }
        self.table.values.get(self.name(field)).and_then(|words| words.get(text)).map_or(text, String::as_str)
    }
    /// The word of ours in a field that holds such, whatever its capitals; `None` if nothing stands there, an error if it
    /// is none of ours.
    pub(super) fn word(&self, field: usize) -> Result<Option<&'static str>, &str> {
        let known = words_of(self.name(field)).unwrap_or_default();
        let ours = |text: &str| known.iter().find(|word| word.eq_ignore_ascii_case(text)).copied();
        let text = self.get(field);
        if text.is_empty() {
            return Ok(None);
        }
        let spelt = || {
            let small = text.to_lowercase();
            self.translated(field, |theirs| theirs.to_lowercase() == small).and_then(ours)
        };
        ours(text).or_else(spelt).map(Some).ok_or(text)
    }
    /// What parts units from fractions in the numbers of its file.
    pub(super) fn decimal(&self) -> char {
        if self.is_typed() { '.' } else { self.table.decimal.unwrap_or('.') }
    }
    /// How times are written in a field, besides ISO 8601.
    pub(super) fn formats(&self, field: usize) -> &[String] {
        let own = if self.table.time_formats.is_empty() { None } else { self.table.time_formats.get(self.name(field)) };
        &own.unwrap_or(&self.table.time_format).0
    }
    /// True if its file knows by itself what is a time.
    fn is_typed(&self) -> bool {
        self.table.file.ends_with(PARQUET)
    }
    /// What the file calls a field.
    pub(super) fn column(&self, field: usize) -> &str {
        let name = self.name(field);
        self.table.columns.get(name).map_or(name, |column| name_of(column))
    }
    /// The row as rejected because of one of its fields.
    pub(super) fn reject(&self, field: usize, kind: &'static str, reason: impl Into<String>) -> Rejected {
        Rejected {
            file: self.table.file.clone(),
            row: self.number,
            column: self.column(field).to_owned(),
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

/// Names the columns that the mapping has and the file has not.
fn tell_missing(tables: &[Numbered], headings: &[&str], dirt: &mut Dirt) {
    let named = || tables.iter().flat_map(|(_, t)| t.columns.iter()).filter(|(_, column)| !column.starts_with('='));
    let free = || headings.iter().copied().filter(|heading| named().all(|(_, column)| name_of(column) != *heading));
    for (field, column) in named().map(|(field, column)| (field, name_of(column))) {
        if headings.contains(&column) || dirt.missing.iter().any(|m| m.file == tables[0].1.file && m.column == column) {
            continue;
        }
        dirt.missing.push(Missing {
            file: tables[0].1.file.clone(),
            column: column.to_owned(),
            field: field.clone(),
            nearest: nearest(column, free()).or_else(|| nearest(field, free())).map(str::to_owned),
        });
    }
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
    let mut sheet = Sheet::open(input).map_err(|why| format!("{}: {why}", table.file))?;
    let headings: Vec<&str> = sheet.headings().iter().map(String::as_str).collect();
    if headings.len() > COLUMNS_MAX {
        return Err(format!("{}: {} columns, at most {COLUMNS_MAX} are read", table.file, headings.len()));
    }
    let at = |column: &str| headings.iter().position(|h| *h == column);
    let places = tables.iter().map(|(_, table)| places(table, at)).collect::<Result<Vec<_>, _>>()?;
    tell_missing(tables, &headings, dirt);
    let mut rows = 0;
    while let Some((line, row)) = sheet.next_row().map_err(|e| format!("{}: {e}", table.file))? {
        rows += 1;
        match row {
            Ok(record) => hand_on(tables, (line, record), &places, dirt, take),
            Err(why) => dirt.reject(whole_row(table, line, why)),
        }
    }
    Ok(rows)
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
    let comma = !table.file.ends_with(PARQUET) && table.decimal == Some(',');
    let mut seen = Seen { columns: vec![false; columns.len()], keys: BTreeSet::new() };
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
                seen.look(&columns, &object);
                let record: StringRecord = columns.iter().map(|c| word(&object, c, comma)).collect();
                hand_on(tables, (number, &record), &places, dirt, take);
            }
            Err(e) => dirt.reject(whole_row(table, number, format!("the line is no JSON object: {e}"))),
        }
    }
    if rows > 0 {
        let there = columns.iter().zip(&seen.columns).filter(|(_, seen)| **seen).map(|(column, _)| *column);
        let headings: Vec<&str> = there.chain(seen.keys.iter().map(String::as_str)).collect();
        tell_missing(tables, &headings, dirt);
    }
    Ok(rows)
}

/// What stood in any line of a file of objects.
struct Seen {
    columns: Vec<bool>,
    keys: BTreeSet<String>,
}

impl Seen {
    fn look(&mut self, columns: &[&str], object: &serde_json::Map<String, serde_json::Value>) {
        for (seen, column) in self.columns.iter_mut().zip(columns).filter(|(seen, _)| !**seen) {
            *seen = find(object, column).is_some();
        }
        for key in object.keys() {
            if self.keys.len() < COLUMNS_MAX && !self.keys.contains(key) {
                self.keys.insert(key.clone());
            }
        }
    }
}

/// A value of a JSON object; a column may be a path (`price.amount`).
fn find<'o>(object: &'o serde_json::Map<String, serde_json::Value>, column: &str) -> Option<&'o serde_json::Value> {
    let mut parts = column.split('.');
    let first = object.get(column).or_else(|| object.get(parts.next().unwrap_or_default()));
    if object.contains_key(column) { first } else { parts.fold(first, |v, part| v?.get(part)) }
}

/// A value of a JSON object as text. Its numbers have a point, whatever texts beside them have.
fn word(object: &serde_json::Map<String, serde_json::Value>, column: &str, comma: bool) -> String {
    match find(object, column) {
        None | Some(serde_json::Value::Null) => String::new(),
        Some(serde_json::Value::String(text)) => text.clone(),
        Some(serde_json::Value::Number(n)) if comma => n.to_string().replace('.', ","),
        Some(other) => other.to_string(),
    }
}
