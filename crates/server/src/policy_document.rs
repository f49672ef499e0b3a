//! A policy document as people write it: JSON or TOML in, JSON or TOML out.
//!
//! Does not know where it is kept. What is wrong beyond the types, the engine says.

pub mod sheet;

use countersign_engine::policy::Policy;
use serde_json::Value;

/// What a document is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// JSON.
    Json,
    /// TOML.
    Toml,
}

impl Form {
    /// By a media type; JSON unless it says TOML.
    pub fn of_media_type(media: &str) -> Self {
        if media.to_ascii_lowercase().contains("toml") { Form::Toml } else { Form::Json }
    }
    /// By a file name; TOML unless it says JSON.
    pub fn of_file(path: &std::path::Path) -> Self {
        if path.extension().is_some_and(|e| e.eq_ignore_ascii_case("json")) { Form::Json } else { Form::Toml }
    }
}

/// The JSON text behind a document, so that one reader explains the faults of both forms.
///
/// # Errors
/// The text breaks the grammar of TOML; the sentence names line and column.
pub fn as_json(form: Form, text: &[u8]) -> Result<Vec<u8>, String> {
    match form {
        Form::Json => Ok(text.to_vec()),
        Form::Toml => {
            let text = std::str::from_utf8(text).map_err(|e| format!("the text is not UTF-8: {e}"))?;
            let value: serde_json::Value = toml::from_str(text).map_err(|e| e.to_string())?;
            Ok(serde_json::to_vec(&value).expect("because TOML is plain data"))
        }
    }
}

/// Reads a document.
///
/// # Errors
/// It breaks the grammar of its form, or a place of it is of another type; the sentence names the place.
pub fn read(form: Form, text: &[u8]) -> Result<Policy, String> {
    let json = as_json(form, text)?;
    let found = serde_path_to_error::deserialize(&mut serde_json::Deserializer::from_slice(&json));
    found.map_err(|error: serde_path_to_error::Error<serde_json::Error>| {
        let (pointer, why) = (pointer_of(error.path()), error.inner().to_string());
        let why = why.rfind(" at line ").map_or(why.as_str(), |end| &why[..end]);
        let at = if pointer.is_empty() { "the document" } else { &pointer };
        format!("{at}: {why}{}", place(form, text, &json, &pointer))
    })
}

/// A path of serde as a JSON pointer.
fn pointer_of(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let part = |segment: &Segment| match segment {
        Segment::Seq { index } => format!("/{index}"),
        Segment::Map { key } => format!("/{key}"),
        Segment::Enum { .. } | Segment::Unknown => String::new(),
    };
    path.iter().map(part).collect()
}

/// Where a document that cannot be read is wrong, as people count: table, row and column, and the line of a TOML file; and
/// how a cell is written.
pub fn place(form: Form, text: &[u8], json: &[u8], pointer: &str) -> String {
    let document: Value = serde_json::from_slice(json).unwrap_or_default();
    let parts: Vec<&str> = pointer.split('/').skip(1).collect();
    let mut words = vec![];
    let mut hint = "";
    if let ["tables", table, rest @ ..] = parts.as_slice() {
        let of = |path: &str| document.pointer(&format!("/tables/{table}{path}")).and_then(Value::as_str);
        words.push(of("/name").map_or_else(|| format!("table {}", counted(table)), |name| format!("table {name:?}")));
        if let ["rows", row, rest @ ..] = rest {
            words.push(format!("row {}", counted(row)));
            if let [kind @ ("when" | "then"), cell] = rest {
                let column = of(&format!("/{kind}/{cell}")).map_or_else(|| counted(cell), str::to_owned);
                words.push(format!("column {column}"));
                hint = "; a cell is a text: write it in quotation marks, as \"> 5\"";
            }
        }
    }
    words.extend(line(form, text).map(|line| format!("line {line}")));
    let words = if words.is_empty() { String::new() } else { format!(" ({})", words.join(", ")) };
    words + hint
}

fn counted(index: &str) -> String {
    index.parse::<usize>().map_or_else(|_| index.to_owned(), |n| (n + 1).to_string())
}

/// The line at which a TOML file is of another type than the document has.
fn line(form: Form, text: &[u8]) -> Option<usize> {
    let text = std::str::from_utf8(text).ok().filter(|_| form == Form::Toml)?;
    let span = toml::from_str::<Policy>(text).err()?.span()?;
    Some(text.get(..span.start)?.matches('\n').count() + 1)
}

/// The document in a form.
pub fn write(form: Form, policy: &Policy) -> String {
    match form {
        Form::Json => serde_json::to_string_pretty(policy).expect("because policies are plain data"),
        Form::Toml => {
            let text = toml::to_string_pretty(policy).expect("because policies are plain data");
            match policy.approvals.cost_increase_percent {
                Some(_) => text,
                // TOML knows no null, and an absent field would mean the default.
                None => text.replacen("[approvals]\n", "[approvals]\ncost_increase_percent = \"never\"\n", 1),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_is_told_by_its_place() {
        let text = "version = 3\nname = \"spring\"\n\n[[tables]]\nname = \"fragile\"\ndecides = \"sourcing\"\n\
                    when = [\"vendor\", \"quantity\"]\nthen = [\"exclude\"]\notherwise = [\"\"]\n\
                    [[tables.rows]]\nwhen = [\"acme\", 5]\nthen = [\"yes\"]\n";
        assert_eq!(
            read(Form::Toml, text.as_bytes()).unwrap_err(),
            "/tables/0/rows/0/when/1: invalid type: integer `5`, expected a string (table \"fragile\", row 1, column \
             quantity, line 11); a cell is a text: write it in quotation marks, as \"> 5\""
        );
        let days = read(Form::Toml, b"version = 3\n\n[[transit]]\ndays = \"three\"\n").unwrap_err();
        assert_eq!(days, "/transit/0/days: invalid type: string \"three\", expected u32 (line 4)");
        let json = read(Form::Json, br#"{"version": 3, "hold_minutes": "long"}"#).unwrap_err();
        assert_eq!(json, "/hold_minutes: invalid type: string \"long\", expected u32");
    }

    #[test]
    fn both_forms_read_back() {
        let mut policy = Policy { version: 3, ..Policy::default() };
        for percent in [None, Some(5)] {
            policy.approvals.cost_increase_percent = percent;
            for form in [Form::Json, Form::Toml] {
                let json = as_json(form, write(form, &policy).as_bytes()).unwrap();
                let back: Policy = serde_json::from_slice(&json).unwrap();
                assert_eq!(back, policy);
            }
        }
    }
}
