//! Master data and advice from files: CSV and NDJSON rows become the very deeds that the API makes of its bodies.
//!
//! Used by `countersign import` and by `POST /v1/imports`. A faulty row is reported with row, column, value and reason;
//! the others are taken in.

use countersign_engine::command::{Deed, ReportAdvice, ReportedLine};
use countersign_engine::ids::{Sku, SourceId};
use countersign_engine::item::Item;
use countersign_engine::legacy::LegacyReport;
use countersign_engine::measure::Quantity;
use countersign_engine::offer::Offer;
use countersign_engine::source::Source;
use countersign_engine::stock::Origin;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::io::{BufRead, BufReader, Read};

/// Columns of one CSV file: ours have at most twenty.
const COLUMNS_MAX: usize = 200;

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
    /// Comma separated, first row the names: `sku,title,unit_cost.amount,…`.
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

/// One row as a deed.
#[derive(Debug)]
pub struct Row {
    /// Line of the file.
    pub row: u64,
    /// What to do.
    pub deed: Deed,
}

/// Reads all rows of a file, one after the other, so that a file of any size needs little memory.
pub fn rows<'a>(
    kind: Kind,
    format: Format,
    input: impl Read + 'a,
    now: Timestamp,
) -> Box<dyn Iterator<Item = Result<Row, RowFault>> + 'a> {
    match format {
        Format::Ndjson => {
            Box::new(ndjson(input).map(move |line| line.and_then(|(row, value)| deed(kind, row, value, now))))
        }
        Format::Csv => Box::new(csv(input).map(move |line| line.and_then(|(row, value)| deed(kind, row, value, now)))),
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

fn csv(input: impl Read) -> impl Iterator<Item = Result<(u64, Value), RowFault>> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(input);
    let headings = reader.headers().cloned();
    let headings =
        headings.map(|h| h.iter().map(|name| name.trim_start_matches('\u{feff}').to_owned()).collect::<Vec<_>>());
    let mut failed = false;
    let mut records = reader.into_records();
    std::iter::from_fn(move || {
        if failed {
            return None;
        }
        let names = match &headings {
            Ok(names) if names.len() <= COLUMNS_MAX => names,
            Ok(names) => {
                failed = true;
                let reason = format!("at most {COLUMNS_MAX} columns");
                return Some(Err(RowFault { row: 1, column: String::new(), value: names.len().to_string(), reason }));
            }
            Err(e) => {
                failed = true;
                return Some(Err(RowFault {
                    row: 1,
                    column: String::new(),
                    value: String::new(),
                    reason: format!("the heading cannot be read: {e}"),
                }));
            }
        };
        let record = records.next()?;
        Some(match record {
            Ok(record) => {
                let row = record.position().map_or(0, csv::Position::line);
                object(names, &record, row)
            }
            Err(e) => {
                let row = e.position().map_or(0, csv::Position::line);
                Err(RowFault {
                    row,
                    column: String::new(),
                    value: String::new(),
                    reason: format!("the row cannot be read: {e}"),
                })
            }
        })
    })
}

/// Builds the JSON object that the API would take: `unit_cost.amount` becomes a field of a field, `a|b` a list.
fn object(names: &[String], record: &csv::StringRecord, row: u64) -> Result<(u64, Value), RowFault> {
    if record.len() > names.len() {
        let value = record.get(names.len()).unwrap_or_default().to_owned();
        let reason =
            format!("the row has {} fields, the heading {}: is a comma not quoted?", record.len(), names.len());
        return Err(RowFault { row, column: String::new(), value, reason });
    }
    let mut whole = Map::new();
    for (name, text) in names.iter().zip(record.iter()).filter(|(_, text)| !text.is_empty()) {
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

fn deed(kind: Kind, row: u64, value: Value, now: Timestamp) -> Result<Row, RowFault> {
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

fn parse<T: serde::de::DeserializeOwned>(row: u64, value: Value) -> Result<T, RowFault> {
    let shown = value.clone();
    serde_path_to_error::deserialize(value).map_err(|e| {
        let mut path = e.path().to_string();
        let mut at = if path == "." {
            &shown
        } else {
            path.split('.').try_fold(&shown, |v, part| v.get(part)).unwrap_or(&Value::Null)
        };
        // A value of several columns is refused as a whole; the reason quotes the one that is wrong.
        let quoted = format!("{}", e.inner());
        let is_quoted = |v: &&Value| v.as_str().is_some_and(|text| quoted.contains(&format!("{text:?}")));
        if let Some((name, part)) = at.as_object().and_then(|all| all.iter().find(|(_, v)| is_quoted(v))) {
            path = if path == "." { name.clone() } else { format!("{path}.{name}") };
            at = part;
        }
        let value = match at {
            Value::Null | Value::Object(_) => String::new(),
            Value::String(text) => short(text),
            other => short(&other.to_string()),
        };
        RowFault { row, column: if path == "." { String::new() } else { path }, value, reason: e.inner().to_string() }
    })
}

fn short(text: &str) -> String {
    text.chars().take(120).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(kind: Kind, format: Format, text: &str) -> Vec<Result<Row, RowFault>> {
        rows(kind, format, text.as_bytes(), Timestamp::UNIX_EPOCH).collect()
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
        assert!(all[2].as_ref().unwrap_err().reason.contains("lost"), "{:?}", all[2]);
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
