//! Warehouse management systems of the retailer: pick orders out, stock and shipments in; as CSV, JSON or X12.
//!
//! Settings `channel.wms`: `format` (`csv`, `json`, `x12`) of what we write; what comes in is told by its first
//! bytes. X12 partners' ids stand in `channel.x12`. A warehouse counts in base units as any source counts in packs.

mod pick;
mod table;

use crate::desk::Desk;
use crate::seam::{Context, Numbers, Paper, Reading, Written};
use crate::x12;
use crate::{findings, json};
use countersign_engine::document::Outbound;
use countersign_engine::source::Source;
use countersign_engine::stock::Origin;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use smol_str::SmolStr;

/// Of what media type a table is.
const CSV: &str = "text/csv; charset=utf-8";

/// What is agreed with a warehouse.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Settings {
    /// Format of what we write: `csv`, `json` or `x12`; JSON over HTTP and CSV elsewhere if absent.
    pub format: SmolStr,
    /// Whether a stock file names every item: `full` or `delta`. A file with `full` in its name always does.
    pub feed: SmolStr,
}

impl Settings {
    fn of(source: &Source) -> Result<Settings, String> {
        let mut settings = match source.channel.settings.get("wms") {
            None | Some(Value::Null) => Settings::default(),
            Some(value) => Settings::deserialize(value)
                .map_err(|error| format!("channel.wms of source {} cannot be read: {error}", source.id))?,
        };
        if settings.format.is_empty() {
            let over_http = source.channel.connector.get("type").and_then(Value::as_str) == Some("http");
            settings.format = SmolStr::new_static(if over_http { "json" } else { "csv" });
        }
        Ok(settings)
    }
}

/// Reads a file of a warehouse.
pub(crate) fn read(source: &Source, bytes: &[u8], context: &Context<'_>) -> Reading {
    let start = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii_start();
    if start.starts_with(b"ISA") {
        return x12::read(source, bytes, context, Origin::Wms);
    }
    let mut desk = Desk::new(source, bytes, context);
    if start.starts_with(b"{") || start.starts_with(b"[") {
        json::read(bytes, context.name, Origin::Wms, &mut desk);
        return desk.reading;
    }
    match Settings::of(source) {
        Ok(settings) => table::read(bytes, context.name, &settings, &mut desk),
        Err(error) => {
            return findings::unreadable(desk, &error, "Mend the settings of the channel, then replay the file.");
        }
    }
    desk.reading
}

/// Of what media type the papers of a warehouse are.
pub(crate) fn media_type(source: &Source) -> &'static str {
    match Settings::of(source).unwrap_or_default().format.as_str() {
        "x12" => x12::MEDIA_TYPE,
        "json" => crate::api::MEDIA_TYPE,
        _ => CSV,
    }
}

/// Writes a paper for a warehouse.
pub(crate) fn write(
    source: &Source,
    paper: &Paper,
    numbers: &mut Numbers<'_>,
    now: Timestamp,
) -> Result<Written, String> {
    let settings = Settings::of(source)?;
    match (settings.format.as_str(), paper) {
        ("x12", Paper::Receipt(_)) => x12::write(source, paper, numbers, now),
        (_, Paper::Receipt(receipt)) => {
            Err(format!("this warehouse gets no receipts; {:?} is not sent", receipt.about))
        }
        ("x12", Paper::Document(document)) => pick::write_940(source, document, numbers, now),
        ("json", Paper::Document(_)) => {
            crate::api::write(paper).map(|written| Written { name: file_name(paper, "json"), ..written })
        }
        ("csv", Paper::Document(document)) => Ok(Written {
            name: file_name(paper, "csv"),
            media_type: SmolStr::new_static(CSV),
            bytes: pick::csv(document).into_bytes(),
            reference: SmolStr::default(),
        }),
        (other, _) => Err(format!("channel.wms.format {other:?} is none of csv, json, x12")),
    }
}

fn file_name(paper: &Paper, end: &str) -> String {
    let (kind, po, attempt) = match paper {
        Paper::Document(Outbound::PurchaseOrder(order)) => ("pick", order.po.as_str(), order.attempt),
        Paper::Document(Outbound::Reminder(order)) => ("pick-reminder", order.po.as_str(), order.attempt),
        Paper::Document(Outbound::Cancellation(paper)) => ("pick-cancellation", paper.po.as_str(), paper.attempt),
        Paper::Receipt(_) => ("receipt", "", 0),
    };
    let po: String = po.chars().map(|c| if c.is_ascii_alphanumeric() || "-._".contains(c) { c } else { '_' }).collect();
    format!("{kind}-{po}-{attempt}.{end}")
}
