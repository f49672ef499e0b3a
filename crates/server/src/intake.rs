//! Master data and advice from files: CSV and NDJSON rows become the very deeds that the API makes of its bodies.
//!
//! Used by `countersign import` and by `POST /v1/imports`. A faulty row is reported with row, column, value and reason,
//! all of its faults at once; the others are taken in.

use countersign_engine::command::{Deed, ReportAdvice, ReportedLine};
use countersign_engine::ids::{Sku, SourceId};
use countersign_engine::item::Item;
use countersign_engine::legacy::LegacyReport;
use countersign_engine::measure::Quantity;
use countersign_engine::offer::Offer;
use countersign_engine::source::Source;
use countersign_engine::stock::Origin;
use countersign_sim::history::nearest::nearest;
use countersign_sim::history::sheet::Sheet;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::io::{BufRead, BufReader, Read};

/// Columns of one CSV file: ours have at most twenty.
const COLUMNS_MAX: usize = 200;
/// Faults told of one row: more than it has columns that matter.
const FAULTS_OF_A_ROW_MAX: usize = 12;

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "said by the names")]
pub enum Kind {
    Items,
    Sources,
    Offers,
    Advice,
    /// What the legacy path did with orders that are only watched.
    Legacy,
}

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Parted by commas, semicolons or tabs, first row the names: `sku,title,unit_cost.amount,…`.
    Csv,
    /// One JSON object a line, as the API takes them.
    Ndjson,
}

/// A row that was not taken in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowFault {
    /// Line of the file, counted from 1 (the heading is row 1 of a CSV file).
    pub row: u64,
    /// Column, or JSON pointer; empty if the whole row is meant.
    pub column: String,
    /// What stood there.
    pub value: String,
    /// What was wrong and what to do.
    pub reason: String,
}

/// What is wrong with one row: at least one fault.
pub type RowFaults = Vec<RowFault>;

/// One row as a deed.
#[derive(Debug)]
pub struct Row {
    /// Line of the file.
    pub row: u64,
    /// What to do.
    pub deed: Deed,
}

/// As [`rows_judged`], with the first fault of each row.
pub fn rows<'a>(
    kind: Kind,
    format: Format,
    input: impl Read + 'a,
    now: Timestamp,
) -> impl Iterator<Item = Result<Row, RowFault>> + 'a {
    let first = |faults: RowFaults| faults.into_iter().next().expect("because a row is refused for something");
    rows_judged(kind, format, input, now).map(move |row| row.map_err(first))
}

/// Reads all rows of a file, one after the other, so that a file of any size needs little memory; of a row that cannot be
/// read, every fault.
pub fn rows_judged<'a>(
    kind: Kind,
    format: Format,
    input: impl Read + 'a,
    now: Timestamp,
) -> Box<dyn Iterator<Item = Result<Row, RowFaults>> + 'a> {
    let made = move |line: Result<(u64, Value), RowFaults>| line.and_then(|(row, value)| deed(kind, row, value, now));
    match format {
        Format::Ndjson => Box::new(ndjson(input).map(|line| line.map_err(|fault| vec![fault])).map(made)),
        Format::Csv => Box::new(csv(kind, input).map(made)),
    }
}

fn ndjson(input: impl Read) -> impl Iterator<Item = Result<(u64, Value), RowFault>> {
    BufReader::new(input).lines().zip(1_u64..).filter_map(|(line, row)| {
        let fault = |value: String, reason: String| RowFault { row, column: String::new(), value, reason };
        let line = match line {
            Ok(line) => line,
            Err(e) => return Some(Err(fault(String::new(), format!("the line cannot be read as UTF-8: {e}")))),
        };
        let text = line.trim_start_matches('\u{feff}').trim();
        if text.is_empty() {
            return None;
        }
        let value = serde_json::from_str(text);
        Some(value.map(|v| (row, v)).map_err(|e| fault(short(text), format!("no JSON object: {e}"))))
    })
}

/// The columns that a file of each kind may have; those that end with a dot begin names of somebody's own.
fn columns(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Items => {
            &["sku", "title", "category", "gtin", "unit", "attributes.", "status", "discontinued_from", "substitutes"]
        }
        Kind::Sources => &[
            "id",
            "kind",
            "name",
            "time_zone",
            "ships_from.country",
            "ships_from.region",
            "ships_from.postal_code",
            "calendar.business_days",
            "calendar.holidays",
            "calendar.hours.",
            "cutoff",
            "handling_days",
            "daily_capacity",
            "taking_orders",
            "channel.",
        ],
        Kind::Offers => &[
            "source",
            "sku",
            "vendor_sku",
            "pack.unit",
            "pack.base_units",
            "unit_cost.amount",
            "unit_cost.currency",
            "shipping_cost.amount",
            "shipping_cost.currency",
            "lead_days",
            "minimum",
            "status",
        ],
        Kind::Advice => &["source", "sku", "quantity", "as_of"],
        Kind::Legacy => &[
            "order",
            "line",
            "fact",
            "at",
            "source",
            "ship_by",
            "deliver_by",
            "quantity",
            "reason",
            "carrier",
            "tracking",
            "reference",
        ],
    }
}

/// Headings that are none of ours and much like one that the file lacks. What stands below them would be left out of every
/// row, so nothing of the file is taken in.
fn mistyped(kind: Kind, headings: &[String]) -> RowFaults {
    let known = columns(kind);
    let is_known = |name: &str| {
        known.contains(&name) || known.iter().any(|k| k.ends_with('.') && name.starts_with(k)) || name.is_empty()
    };
    let fault = |name: &String| {
        let free = known.iter().copied().filter(|k| headings.iter().all(|h| h != k));
        let meant = nearest(name, free)?;
        let reason =
            format!("there is no such column: is {meant} meant? Nothing is taken in before it is renamed or left out");
        Some(RowFault { row: 1, column: name.clone(), value: String::new(), reason })
    };
    headings.iter().filter(|name| !is_known(name)).filter_map(fault).collect()
}

fn csv(kind: Kind, input: impl Read) -> impl Iterator<Item = Result<(u64, Value), RowFaults>> {
    let whole = |row: u64, value: String, reason: String| vec![RowFault { row, column: String::new(), value, reason }];
    let (mut sheet, mut refused) = match Sheet::open(input) {
        Ok(sheet) if sheet.headings().len() > COLUMNS_MAX => {
            let reason = format!("at most {COLUMNS_MAX} columns");
            (None, Some(whole(1, sheet.headings().len().to_string(), reason)))
        }
        Ok(sheet) => match mistyped(kind, sheet.headings()) {
            faults if faults.is_empty() => (Some(sheet), None),
            faults => (None, Some(faults)),
        },
        Err(why) => (None, Some(whole(1, String::new(), why))),
    };
    std::iter::from_fn(move || {
        if let Some(faults) = refused.take() {
            return Some(Err(faults));
        }
        let names = sheet.as_ref()?.headings().to_vec();
        match sheet.as_mut()?.next_row() {
            Ok(None) => None,
            Ok(Some((row, Ok(record)))) => Some(object(&names, record, row).map_err(|fault| vec![fault])),
            Ok(Some((row, Err(why)))) => Some(Err(whole(row, String::new(), why))),
            Err(why) => {
                sheet = None;
                Some(Err(whole(0, String::new(), format!("the file cannot be read any further: {why}"))))
            }
        }
    })
}

/// Builds the JSON object that the API would take: `unit_cost.amount` becomes a field of a field, `a|b` a list.
fn object(names: &[String], record: &csv::StringRecord, row: u64) -> Result<(u64, Value), RowFault> {
    if record.len() > names.len() {
        let value = record.get(names.len()).unwrap_or_default().to_owned();
        let reason = format!(
            "the row has {} fields, the heading {}: is what parts them not quoted in one?",
            record.len(),
            names.len()
        );
        return Err(RowFault { row, column: String::new(), value, reason });
    }
    let mut whole = Map::new();
    for (name, text) in names.iter().zip(record.iter().map(str::trim)).filter(|(_, text)| !text.is_empty()) {
        let (path, leaf) = name.rsplit_once('.').unwrap_or(("", name));
        let mut at = &mut whole;
        for part in path.split('.').filter(|p| !p.is_empty()) {
            let next = at.entry(part).or_insert_with(|| Value::Object(Map::new()));
            let Value::Object(inner) = next else {
                let reason = format!("column {name:?} clashes with another column");
                return Err(RowFault { row, column: name.clone(), value: text.into(), reason });
            };
            at = inner;
        }
        at.insert(leaf.to_owned(), typed(leaf, text));
    }
    Ok((row, Value::Object(whole)))
}

/// Columns that the payloads take as numbers, lists or booleans; all else is text (leading zeros stay).
fn typed(leaf: &str, text: &str) -> Value {
    let number = || text.parse::<i64>().map_or_else(|_| Value::from(text), Value::from);
    match leaf {
        "quantity" | "base_units" | "lead_days" | "minimum" | "handling_days" | "daily_capacity" => number(),
        "substitutes" | "business_days" | "holidays" | "tracking" => {
            text.split('|').map(str::trim).map(Value::from).collect()
        }
        "taking_orders" => text.parse::<bool>().map_or_else(|_| Value::from(text), Value::from),
        _ => Value::from(text),
    }
}

/// One line of advice, as a file names it.
#[derive(Deserialize)]
struct AdviceRow {
    source: SourceId,
    sku: Sku,
    quantity: u32,
    #[serde(default)]
    as_of: Option<Timestamp>,
}

fn deed(kind: Kind, row: u64, value: Value, now: Timestamp) -> Result<Row, RowFaults> {
    let deed = match kind {
        Kind::Items => parse::<Item>(row, value).map(|item| Deed::RecordItem { item })?,
        Kind::Sources => parse::<Source>(row, value).map(|source| Deed::RecordSource { source, only_new: false })?,
        Kind::Offers => parse::<Offer>(row, value).map(|offer| Deed::RecordOffer { offer })?,
        Kind::Legacy => parse::<LegacyReport>(row, unwrapped(value)).map(Deed::RecordLegacy)?,
        Kind::Advice => {
            let line: AdviceRow = parse(row, value)?;
            let reported = ReportedLine {
                sku: line.sku,
                quantity: Quantity::new(line.quantity),
                incoming: Default::default(),
                absent: false,
            };
            Deed::ReportAdvice(ReportAdvice {
                source: line.source,
                as_of: line.as_of.unwrap_or(now),
                origin: Origin::Csv,
                full: false,
                completes_feed: false,
                unchanged: 0,
                lines: vec![reported],
            })
        }
    };
    Ok(Row { row, deed })
}

/// What stands inside a webhook's envelope (`{"id": …, "type": "order.shipped", "timestamp": …, "data": {…}}`), as the fact
/// that it tells; anything else as it is.
pub fn unwrapped(value: Value) -> Value {
    let (Some(Value::Object(data)), Some(kind)) = (value.get("data"), value.get("type").and_then(Value::as_str)) else {
        return value;
    };
    let mut fact = data.clone();
    let mut fill = |field: &str, from: Option<Value>| {
        if let (false, Some(found)) = (fact.contains_key(field), from) {
            fact.insert(field.to_owned(), found);
        }
    };
    // A version behind the word (`order.shipped.v1`) says nothing about the fact.
    let word = kind.rsplit('.').find(|part| !part.starts_with('v') || part.len() > 3);
    fill("fact", word.map(Value::from));
    fill("at", value.get("timestamp").or(value.get("time")).cloned());
    fill("reference", value.get("id").cloned());
    Value::Object(fact)
}

/// Reads a row; where it is faulty, each fault is told, as if the ones before it were mended.
fn parse<T: serde::de::DeserializeOwned>(row: u64, mut value: Value) -> Result<T, RowFaults> {
    let mut faults: RowFaults = vec![];
    loop {
        let wrong = match read::<T>(&value) {
            Ok(read) if faults.is_empty() => return Ok(read),
            Ok(_) => return Err(faults),
            Err(wrong) => wrong,
        };
        faults.push(wrong.fault(row));
        if faults.len() == FAULTS_OF_A_ROW_MAX || !mend::<T>(&mut value, &wrong) {
            return Err(faults);
        }
    }
}

/// Where a row cannot be read, and what the reader says.
struct Wrong {
    /// The column: names with dots between.
    column: String,
    value: Value,
    words: String,
}

fn read<T: serde::de::DeserializeOwned>(value: &Value) -> Result<T, Wrong> {
    serde_path_to_error::deserialize(value).map_err(|e: serde_path_to_error::Error<serde_json::Error>| {
        let mut column = Some(e.path().to_string()).filter(|path| path != ".").unwrap_or_default();
        let words = e.inner().to_string();
        if let Some(name) = words.strip_prefix("missing field `").and_then(|rest| rest.split('`').next()) {
            column = if column.is_empty() { name.to_owned() } else { format!("{column}.{name}") };
            return Wrong { column, value: Value::Null, words };
        }
        let mut at = within(value, &column).unwrap_or(&Value::Null);
        // A value of several columns is refused as a whole; the reason quotes the one that is wrong.
        let quoted = |text: &str| words.contains(&format!("{text:?}")) || unknown_word(&words) == Some(text);
        let is_quoted = |v: &&Value| v.as_str().is_some_and(quoted);
        if let Some((name, part)) = at.as_object().and_then(|all| all.iter().find(|(_, v)| is_quoted(v))) {
            column = if column.is_empty() { name.clone() } else { format!("{column}.{name}") };
            at = part;
        }
        let value = at.clone();
        Wrong { column, value, words }
    })
}

/// The word that is none of those expected.
fn unknown_word(words: &str) -> Option<&str> {
    words.strip_prefix("unknown variant `")?.split('`').next()
}

fn within<'v>(value: &'v Value, column: &str) -> Option<&'v Value> {
    column.split('.').filter(|part| !part.is_empty()).try_fold(value, |v, part| v.get(part))
}

impl Wrong {
    fn fault(&self, row: u64) -> RowFault {
        let value = match &self.value {
            Value::Null | Value::Object(_) => String::new(),
            Value::String(text) => short(text),
            other => short(&other.to_string()),
        };
        RowFault { row, column: self.column.clone(), value, reason: plainly(&self.words) }
    }
}

/// What the reader says, for people: what is expected.
fn plainly(words: &str) -> String {
    let expected = words.split_once("expected ").map(|(_, expected)| expected);
    let whole = ["u8", "u16", "u32", "u64", "usize", "i32", "i64"];
    match expected {
        _ if words.starts_with("missing field") => "nothing stands here: this column is needed".into(),
        Some(kind) if whole.contains(&kind) => "write a whole number of 0 or more, such as 6".into(),
        Some("a boolean") => "write true or false".into(),
        Some("a string") => "write a text".into(),
        Some("a sequence") => "write a list, its parts with | between".into(),
        Some(kind) if kind.starts_with("struct ") => {
            "this is made of several columns (such as unit_cost.amount and unit_cost.currency): fill those in".into()
        }
        Some(kind) if words.starts_with("unknown variant") => {
            format!("write one of these: {}", kind.trim_start_matches("one of ").replace('`', ""))
        }
        _ => words.to_owned(),
    }
}

/// Puts something that can be read in the place of what cannot, so that faults behind it are found, too; false if nothing
/// that is tried helps.
fn mend<T: serde::de::DeserializeOwned>(value: &mut Value, wrong: &Wrong) -> bool {
    // One of the words that are expected, where the reader names them.
    let expected = wrong.words.split_once("expected ").map_or("", |(_, expected)| expected);
    let samples = [
        json!(expected.split('`').nth(1).unwrap_or_default()),
        json!(1),
        json!("1.00"),
        json!("USD"),
        json!("EA"),
        json!("a"),
        json!("2026-11-23"),
        json!("2026-11-23T09:00:00Z"),
        json!("09:00"),
        json!("UTC"),
        json!(true),
        json!([]),
        json!({}),
        json!({"amount": "1.00", "currency": "USD"}),
        json!({"unit": "EA", "base_units": 1}),
        Value::Null,
    ];
    samples.into_iter().any(|sample| {
        let before = value.clone();
        let better = put(value, &wrong.column, sample)
            && read::<T>(value).map_or_else(|now| now.column != wrong.column && !now.column.is_empty(), |_| true);
        if !better {
            *value = before;
        }
        better
    })
}

fn put(value: &mut Value, column: &str, sample: Value) -> bool {
    let parts: Vec<&str> = column.split('.').filter(|part| !part.is_empty()).collect();
    let Some((leaf, path)) = parts.split_last() else { return false };
    let mut at = value;
    for part in path {
        let Some(object) = at.as_object_mut() else { return false };
        at = object.entry(*part).or_insert_with(|| json!({}));
    }
    at.as_object_mut().map(|object| object.insert((*leaf).to_owned(), sample)).is_some()
}

fn short(text: &str) -> String {
    text.chars().take(120).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each row, or its first fault.
    fn read(kind: Kind, format: Format, text: &str) -> Vec<Result<Row, RowFault>> {
        rows(kind, format, text.as_bytes(), Timestamp::UNIX_EPOCH).collect()
    }

    fn all_of(kind: Kind, format: Format, text: &str) -> Vec<Result<Row, RowFaults>> {
        rows_judged(kind, format, text.as_bytes(), Timestamp::UNIX_EPOCH).collect()
    }

    #[test]
    fn every_fault_of_a_row_is_told_in_words_for_people() {
        let text = "source,sku,vendor_sku,pack.unit,pack.base_units,unit_cost.amount,unit_cost.currency,shipping_cost.amount,shipping_cost.currency,lead_days,status\nacme,MUG,,CA,six,much,USD,9.90,dollars,-1,gone\n";
        let faults = all_of(Kind::Offers, Format::Csv, text).remove(0).unwrap_err();
        let told: Vec<(&str, &str)> = faults.iter().map(|f| (f.column.as_str(), f.value.as_str())).collect();
        for expected in [
            ("vendor_sku", ""),
            ("pack.base_units", "six"),
            ("unit_cost.amount", "much"),
            ("shipping_cost.currency", "dollars"),
            ("lead_days", "-1"),
            ("status", "gone"),
        ] {
            assert!(told.contains(&expected), "{expected:?} in {told:?}");
        }
        assert_eq!(told.len(), 6, "{faults:#?}");
        let reason = |column: &str| faults.iter().find(|f| f.column == column).unwrap().reason.clone();
        assert_eq!(reason("pack.base_units"), "write a whole number of 0 or more, such as 6");
        assert_eq!(reason("vendor_sku"), "nothing stands here: this column is needed");
        assert!(reason("status").starts_with("write one of these: active"), "{}", reason("status"));
        assert!(faults.iter().all(|f| !f.reason.contains("invalid type")), "{faults:#?}");
    }

    #[test]
    fn csv_rows_become_deeds_and_faults_name_their_place() {
        let text = "sku,title,category,gtin,unit,substitutes\nMUG,Mug,kitchen/mugs,04006381333931,EA,CUP|BOWL\nJUG,Jug,kitchen,4006381333932,EA,\nPOT,Pot,Kitchen,,EA,\n";
        let all = read(Kind::Items, Format::Csv, text);
        let Ok(Row { row: 2, deed: Deed::RecordItem { item } }) = &all[0] else { panic!("{:?}", all[0]) };
        assert_eq!(item.gtin.as_ref().map(|g| g.as_str()), Some("04006381333931"));
        assert_eq!(item.substitutes.len(), 2);
        let gtin = all[1].as_ref().unwrap_err();
        assert_eq!((gtin.row, gtin.column.as_str(), gtin.value.as_str()), (3, "gtin", "4006381333932"));
        assert!(gtin.reason.contains("check digit should be 1"), "{}", gtin.reason);
        assert_eq!(all[2].as_ref().unwrap_err().column, "category");
    }

    #[test]
    fn a_sheet_of_semicolons_is_read_and_its_lines_are_those_of_the_file() {
        let text = "order;line;fact;at;source;deliver_by\n1001;1;committed;2026-11-23T09:00:00Z;acme;2026-11-27\n\n1001;;lost;\"\n\";;\n1001;;gone;;;\n";
        for end in ["\n", "\r\n"] {
            let all = read(Kind::Legacy, Format::Csv, &text.replace('\n', end));
            let Ok(Row { row: 2, deed: Deed::RecordLegacy(first) }) = &all[0] else { panic!("{:?}", all[0]) };
            assert_eq!(first.fact.source().map(|s| s.as_str()), Some("acme"));
            let rows: Vec<u64> = all[1..].iter().map(|row| row.as_ref().unwrap_err().row).collect();
            assert_eq!(rows, [4, 6], "{end:?}: {all:?}");
        }
    }

    #[test]
    fn a_mistyped_heading_is_named_before_anything_is_taken_in() {
        let text = "order,fact,source,deliverby,at,remark\n1001,committed,acme,2026-11-27,2026-11-23T09:00:00Z,hm\n";
        let all = read(Kind::Legacy, Format::Csv, text);
        let fault = all[0].as_ref().unwrap_err();
        assert_eq!((all.len(), fault.row, fault.column.as_str()), (1, 1, "deliverby"));
        assert!(fault.reason.contains("is deliver_by meant?"), "{}", fault.reason);
        // A column of somebody's own hurts nobody.
        assert!(read(Kind::Legacy, Format::Csv, &text.replace("deliverby", "deliver_by"))[0].is_ok());
    }

    /// What a file may have is what the payloads have.
    #[test]
    fn every_column_of_ours_is_known() {
        let samples = [
            (
                Kind::Items,
                json!({"sku": "M", "title": "M", "category": "m", "gtin": "04006381333931", "unit": "EA", "attributes": {"a": "b"}, "status": "discontinued", "discontinued_from": "2026-11-27", "substitutes": ["N"]}),
            ),
            (
                Kind::Offers,
                json!({"source": "a", "sku": "M", "vendor_sku": "7", "pack": {"unit": "CA", "base_units": 6}, "unit_cost": {"amount": "1.00", "currency": "USD"}, "shipping_cost": {"amount": "1.00", "currency": "USD"}, "lead_days": 2, "minimum": 1, "status": "active"}),
            ),
            (
                Kind::Legacy,
                json!({"order": "1", "line": "1", "fact": "committed", "at": "2026-11-23T09:00:00Z", "source": "a", "ship_by": "2026-11-27", "deliver_by": "2026-11-27", "quantity": 1, "reference": "r"}),
            ),
            (
                Kind::Legacy,
                json!({"order": "1", "fact": "rejected", "at": "2026-11-23T09:00:00Z", "reason": "ack_rejected_out_of_stock"}),
            ),
            (
                Kind::Legacy,
                json!({"order": "1", "fact": "shipped", "at": "2026-11-23T09:00:00Z", "carrier": "ups", "tracking": ["1Z"]}),
            ),
        ];
        for (kind, sample) in samples {
            let back = match deed(kind, 1, sample, Timestamp::UNIX_EPOCH).unwrap().deed {
                Deed::RecordItem { item } => serde_json::to_value(item).unwrap(),
                Deed::RecordOffer { offer } => serde_json::to_value(offer).unwrap(),
                Deed::RecordLegacy(report) => serde_json::to_value(report).unwrap(),
                other => panic!("{other:?}"),
            };
            for (name, value) in back.as_object().unwrap() {
                let inner = value.as_object().map(|o| o.keys().map(|k| format!("{name}.{k}")).collect());
                for column in inner.unwrap_or_else(|| vec![name.clone()]) {
                    let has = columns(kind).iter().any(|k| *k == column || (k.ends_with('.') && column.starts_with(k)));
                    assert!(has, "{kind:?} {column}");
                }
            }
        }
    }

    #[test]
    fn nested_columns_and_numbers() {
        let text = "source,sku,vendor_sku,pack.unit,pack.base_units,unit_cost.amount,unit_cost.currency,shipping_cost.amount,shipping_cost.currency,lead_days\nacme,MUG,007,CA,6,41.50,USD,9.90,USD,two\n";
        let fault = read(Kind::Offers, Format::Csv, text).remove(0).unwrap_err();
        assert_eq!((fault.column.as_str(), fault.value.as_str()), ("lead_days", "two"));
        let dear =
            read(Kind::Offers, Format::Csv, &text.replace("two", "2").replace("41.50", "much")).remove(0).unwrap_err();
        assert_eq!((dear.column.as_str(), dear.value.as_str()), ("unit_cost.amount", "much"));
        let good = read(Kind::Offers, Format::Csv, &text.replace("two", "2")).remove(0).unwrap();
        let Deed::RecordOffer { offer } = good.deed else { panic!() };
        assert_eq!((offer.vendor_sku.as_str(), offer.pack.base_units, offer.lead_days), ("007", 6, 2));
    }

    #[test]
    fn legacy_facts_come_as_rows_and_as_webhooks() {
        let csv = "order,line,fact,at,source,deliver_by,quantity,reason,tracking\n1001,1,committed,2026-11-23T09:00:00Z,acme,2026-11-27,2,,\n1001,,shipped,2026-11-24T09:00:00Z,,,,,1Z8|1Z9\n1001,,lost,2026-11-24T09:00:00Z,,,,,\n";
        let all = read(Kind::Legacy, Format::Csv, csv);
        let Ok(Row { deed: Deed::RecordLegacy(first), .. }) = &all[0] else { panic!("{:?}", all[0]) };
        assert_eq!((first.fact.word(), first.quantity.map(|q| q.get())), ("committed", Some(2)));
        assert!(
            matches!(&all[1], Ok(Row { deed: Deed::RecordLegacy(r), .. }) if r.fact.word() == "shipped"),
            "{:?}",
            all[1]
        );
        let lost = all[2].as_ref().unwrap_err();
        assert_eq!((lost.column.as_str(), lost.value.as_str()), ("fact", "lost"), "{lost:?}");
        let hook = "{\"id\":\"evt_1\",\"type\":\"order.cancelled.v1\",\"timestamp\":\"2026-11-23T09:00:00Z\",\"data\":{\"order\":\"1001\",\"reason\":\"cancel_vendor\"}}\n";
        let Ok(Row { deed: Deed::RecordLegacy(hook), .. }) = read(Kind::Legacy, Format::Ndjson, hook).remove(0) else {
            panic!()
        };
        assert_eq!((hook.fact.word(), hook.reference.as_deref()), ("cancelled", Some("evt_1")));
    }

    #[test]
    fn ndjson_names_the_line() {
        let all =
            read(Kind::Advice, Format::Ndjson, "{\"source\":\"acme\",\"sku\":\"MUG\",\"quantity\":-1}\n\nnonsense\n");
        assert_eq!(all.len(), 2);
        assert_eq!(all[0].as_ref().unwrap_err().column, "quantity");
        assert_eq!(all[1].as_ref().unwrap_err().row, 3);
    }
}
