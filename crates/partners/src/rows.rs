//! Segments while a paper is put together, before an envelope is drawn around them.
//!
//! A row is a tag and its elements; the components of a composite stand in one element, parted by [`COMPONENT`].

use countersign_edi::{OnDelimiter, OnForeign, WriteOptions, Writer};
use serde_json::{Value, json};

/// One segment: its tag and its elements.
pub(crate) type Row = Vec<String>;

/// Parts the components of a composite; no data can hold it.
pub(crate) const COMPONENT: char = '\u{1f}';

/// The segments of a set. Empty elements at an end are dropped when they are written.
#[derive(Default)]
pub(crate) struct Rows(pub Vec<Row>);

impl Rows {
    /// Adds a segment.
    pub fn add(&mut self, tag: &str, elements: &[&str]) {
        self.add_all(tag, elements.iter().map(|text| (*text).to_owned()).collect());
    }
    /// Adds a segment.
    pub fn add_all(&mut self, tag: &str, elements: Vec<String>) {
        let mut row = vec![tag.to_owned()];
        row.extend(elements);
        self.0.push(row);
    }
}

/// A composite out of its components; data is kept from looking like a border between them.
pub(crate) fn composite(parts: &[&str]) -> String {
    let clean: Vec<String> = parts.iter().map(|part| part.replace(COMPONENT, " ")).collect();
    clean.join("\u{1f}")
}

/// Writes one segment.
pub(crate) fn write(writer: &mut Writer, capitals: bool, row: &Row) {
    let Some((tag, elements)) = row.split_first() else { return };
    let mut segment = writer.segment(tag);
    for text in elements {
        let upper = if capitals { text.to_uppercase() } else { String::new() };
        let text = if capitals { &upper } else { text };
        match text.contains(COMPONENT) {
            true => segment.composite(&text.split(COMPONENT).collect::<Vec<_>>()),
            false => segment.element(text),
        };
    }
}

/// The sets of an owed receipt, out of its JSON.
pub(crate) fn from_json(sets: &Value) -> Option<Vec<Vec<Row>>> {
    let element = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Array(parts) => {
            let parts: Option<Vec<&str>> = parts.iter().map(Value::as_str).collect();
            parts.map(|parts| composite(&parts))
        }
        _ => None,
    };
    let row = |row: &Value| -> Option<Row> {
        let row: Row = row.as_array()?.iter().map(element).collect::<Option<_>>()?;
        (!row.is_empty()).then_some(row)
    };
    sets.as_array()?.iter().map(|rows| rows.as_array()?.iter().map(row).collect()).collect()
}

/// Delimiters that no data holds, for taking apart what edi wrote.
pub(crate) const PLAIN: [u8; 4] = [b'\x1d', b'\x1f', b'\x1e', b'\x1c'];

/// Settings with which a receipt is written only to be taken apart again.
pub(crate) fn plain(mut options: WriteOptions) -> WriteOptions {
    (options.on_delimiter, options.on_foreign) = (OnDelimiter::Replace(b' '), OnForeign::TransliterateOr(b'?'));
    options
}

/// What edi wrote with [`PLAIN`] delimiters, as the JSON of sets of segments, without any envelope: numbers and dates
/// come when it is sent.
pub(crate) fn to_json(bytes: &[u8]) -> Value {
    let mut sets: Vec<Value> = Vec::new();
    let mut open: Vec<Value> = Vec::new();
    for segment in bytes.split(|byte| *byte == PLAIN[3]) {
        let text = String::from_utf8_lossy(segment);
        let elements: Vec<Value> = text.trim_start().split(PLAIN[0] as char).map(element).collect();
        match elements[0].as_str().unwrap_or_default() {
            "" | "ISA" | "GS" | "ST" | "GE" | "IEA" | "UNA" | "UNB" | "UNH" | "UNZ" => {}
            "SE" | "UNT" => sets.push(Value::Array(std::mem::take(&mut open))),
            "TA1" => sets.push(json!([elements])),
            _ => open.push(json!(elements)),
        }
    }
    Value::Array(sets)
}

fn element(text: &str) -> Value {
    if text.contains(COMPONENT) { json!(text.split(COMPONENT).collect::<Vec<_>>()) } else { json!(text) }
}
