//! Dashboards as data: computed from the journal of a time range, by what they are grouped by.

mod agreement;
mod count;

use super::call::{Call, json};
use super::input::Query;
use super::orders::read_entry;
use super::output::{Either, Raw, Reply};
use super::route::{Api, Route};
use crate::auth::Permission::ReadReports;
use crate::problem::{Kind, Problem};
use crate::view::words::instant_if_any;
use axum::http::header;
use count::{Report, Row};
use countersign_engine::journal::Entry;
use countersign_runtime::ports::{Store, StoreError};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

/// Journal entries that one report reads: some ten days of a busy shop; past it the report says that it is cut.
const ENTRIES_MAX: u64 = 500_000;
/// Entries read at once.
const PAGE: u32 = 2_000;
/// The range where none is given.
const RANGE: SignedDuration = SignedDuration::from_hours(24 * 7);

pub(super) fn routes(api: &mut Api) {
    api.add(
        Route::get("/v1/reports/{report}", ReadReports, "Reports", "A dashboard as data").words(
            "`sla-adherence`, `confirmation-latency`, `reroutes`, `cancellations`, `exception-aging`. A time range of \
             the journal; the last seven days if none is given. JSON, or CSV with `Accept: text/csv` or `format=csv`.",
        ),
        get,
    );
    api.add(
        Route::get(
            "/v1/reports/shadow-agreement",
            ReadReports,
            "Reports",
            "How far watching agrees with the legacy path",
        )
        .words(
            "Of orders in `observe` captured in the range: per vendor and category how often both chose the same \
                 source and promised the same day, which cancellations after commitment would have been caught, what \
                 would have been held needlessly; each disagreement with both reasons; and per category whether it is \
                 ready to enforce, because of what. The rows alone as CSV with `Accept: text/csv` or `format=csv`.",
        ),
        agreement_report,
    );
}

/// The report with its range.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = ShadowAgreementReport)]
pub(super) struct AgreementView {
    #[schema(value_type = String, format = DateTime)]
    from: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    to: Timestamp,
    /// True if the range holds more entries than one report reads.
    cut: bool,
    #[serde(flatten)]
    found: agreement::Found,
}

async fn agreement_report(
    call: Call,
    Query(query): Query<ReportQuery>,
) -> Result<Either<Reply<AgreementView>, Raw>, Problem> {
    let to = query.to.unwrap_or(call.now());
    let from = query.from.unwrap_or(to - RANGE);
    if from > to {
        return Err(Problem::field("?from", from.to_string(), "invalid", "from lies after to"));
    }
    let (found, cut) = call
        .read(move |store| {
            let mut agreement = agreement::Agreement::default();
            let mut see = |position, entry: &Entry| agreement.see(position, entry);
            let cut = entries(store, from, to, agreement::Agreement::wants, &mut see)?;
            Ok((agreement.found(), cut))
        })
        .await?;
    let csv = query.format.as_deref() == Some("csv")
        || call.header(header::ACCEPT.as_str()).is_some_and(|a| a.starts_with("text/csv"));
    Ok(match csv {
        false => Either::One(Reply::of(&AgreementView { from, to, cut, found })),
        true => {
            let rows: Vec<Row> = found.rows.iter().filter_map(|r| Row::of(&serde_json::to_value(r).ok()?)).collect();
            Either::Other(Raw::text("text/csv; charset=utf-8", as_csv(&rows)))
        }
    })
}

/// The range and form.
#[derive(Debug, Deserialize, IntoParams)]
pub(super) struct ReportQuery {
    /// From this instant on.
    #[serde(default, deserialize_with = "instant_if_any")]
    #[param(value_type = Option<String>)]
    from: Option<Timestamp>,
    /// Up to this instant.
    #[serde(default, deserialize_with = "instant_if_any")]
    #[param(value_type = Option<String>)]
    to: Option<Timestamp>,
    /// `csv` or `json`.
    #[serde(default)]
    format: Option<String>,
}

#[derive(Serialize)]
struct ReportView<'a> {
    report: &'a str,
    from: Timestamp,
    to: Timestamp,
    /// True if the range holds more entries than one report reads.
    cut: bool,
    rows: &'a [Row],
}

async fn get(call: Call, Query(query): Query<ReportQuery>) -> Result<Raw, Problem> {
    let name = call.part("report").to_owned();
    let Some(mut report) = Report::named(&name) else {
        let known = ["promise-accuracy"].contains(&name.as_str());
        return Err(match known {
            true => Problem::new(Kind::NotOffered, format!("{name} is not computed by this version")),
            false => Problem::absent(Kind::NotFound, &name),
        });
    };
    let now = call.now();
    let to = query.to.unwrap_or(now);
    let from = query.from.unwrap_or(to - RANGE);
    if from > to {
        return Err(Problem::field("?from", from.to_string(), "invalid", "from lies after to"));
    }
    let computed = call.read(move |store| {
        let cut = scan(store, from, to, &mut report)?;
        Ok((report.rows(now), cut))
    });
    let (rows, cut) = computed.await?;
    let csv = query.format.as_deref() == Some("csv")
        || call.header(header::ACCEPT.as_str()).is_some_and(|a| a.starts_with("text/csv"));
    Ok(match csv {
        true => Raw::text("text/csv; charset=utf-8", as_csv(&rows)),
        false => Raw::text("application/json", json(&ReportView { report: &name, from, to, cut, rows: &rows })),
    })
}

/// Lays all entries of the range before the report; true if there were more than one report reads.
fn scan(store: &dyn Store, from: Timestamp, to: Timestamp, report: &mut Report) -> Result<bool, StoreError> {
    let marks = report.marks();
    let wants = |body: &str| marks.iter().any(|mark| body.contains(mark));
    entries(store, from, to, wants, &mut |_, entry| report.see(entry))
}

/// Shows every entry of the range whose text is wanted; true if there were more than one report reads.
fn entries(
    store: &dyn Store,
    from: Timestamp,
    to: Timestamp,
    wants: impl Fn(&str) -> bool,
    see: &mut dyn FnMut(u64, &Entry),
) -> Result<bool, StoreError> {
    let mut after = before(store, from)?;
    let mut read = 0;
    loop {
        let rows = store.journal(after, PAGE)?;
        let Some(last) = rows.last() else { return Ok(false) };
        after = last.position;
        for row in rows.iter().filter(|row| row.at >= from) {
            if row.at > to {
                return Ok(false);
            }
            read += 1;
            if wants(&row.body)
                && let Some((position, entry)) = read_entry(row)
            {
                see(position, &entry);
            }
        }
        if read >= ENTRIES_MAX {
            return Ok(true);
        }
    }
}

/// The last position before an instant, by halving.
fn before(store: &dyn Store, instant: Timestamp) -> Result<u64, StoreError> {
    let (mut low, mut high) = (0, store.head()?.0);
    while low < high {
        let middle = low + (high - low) / 2;
        let row = store.journal(middle, 1)?.pop();
        match row.is_some_and(|row| row.at < instant) {
            true => low = middle + 1,
            false => high = middle,
        }
    }
    Ok(low)
}

/// Rows as CSV. A field that a spreadsheet would run as a formula is quoted as text.
fn as_csv(rows: &[Row]) -> String {
    let mut out = String::new();
    let Some(first) = rows.first() else { return out };
    let line = |out: &mut String, fields: &mut dyn Iterator<Item = String>| {
        out.push_str(&fields.map(|f| csv_field(&f)).collect::<Vec<_>>().join(","));
        out.push_str("\r\n");
    };
    line(&mut out, &mut first.iter().map(|(name, _)| (*name).to_owned()));
    for row in rows {
        let text = |value: &serde_json::Value| match value {
            serde_json::Value::Null => String::new(),
            serde_json::Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        line(&mut out, &mut row.iter().map(|(_, value)| text(value)));
    }
    out
}

fn csv_field(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\0']) && text.parse::<f64>().is_err();
    let safe = if formula { format!("'{text}") } else { text.to_owned() };
    match safe.contains(['"', ',', '\n', '\r']) {
        true => format!("\"{}\"", safe.replace('"', "\"\"")),
        false => safe,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_become_text() {
        assert_eq!(csv_field("=HYPERLINK(\"x\")"), "\"'=HYPERLINK(\"\"x\"\")\"");
        assert_eq!(csv_field("-3"), "-3");
        assert_eq!(csv_field("@acme"), "'@acme");
        assert_eq!(csv_field("a,b"), "\"a,b\"");
    }
}
