//! The agreement of watching with the legacy path, over a time range: read from the journal itself, because it compares
//! reasons, not sums.

use super::super::call::Call;
use super::super::input::Query;
use super::super::orders::read_entry;
use super::super::output::{Either, Raw, Reply};
use super::super::route::{Api, Route};
use super::agreement;
use crate::auth::Permission::ReadReports;
use crate::problem::Problem;
use crate::spreadsheet::Csv;
use crate::view::words::instant_if_any;
use axum::http::header;
use countersign_engine::journal::Entry;
use countersign_runtime::ports::{Store, StoreError};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::IntoParams;

/// Journal entries that one report reads: some ten days of a busy shop; past it the report says that it is cut.
const ENTRIES_MAX: u64 = 500_000;
/// Entries read at once.
const PAGE: u32 = 2_000;
/// The range where none is given.
const RANGE: SignedDuration = SignedDuration::from_hours(24 * 7);

pub(super) fn routes(api: &mut Api) {
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
    Query(query): Query<AgreementQuery>,
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
            let rows: Vec<Value> = found.rows.iter().filter_map(|row| serde_json::to_value(row).ok()).collect();
            Either::Other(Raw::text("text/csv; charset=utf-8", as_csv(&rows)))
        }
    })
}

/// The range and form.
#[derive(Debug, Deserialize, IntoParams)]
pub(super) struct AgreementQuery {
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

/// Rows as CSV, their fields by name.
fn as_csv(rows: &[Value]) -> String {
    let Some(Value::Object(first)) = rows.first() else { return String::new() };
    let mut csv = Csv::new(first.keys());
    for row in rows {
        csv.row(first.keys().map(|name| match &row[name] {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        }));
    }
    csv.text()
}
