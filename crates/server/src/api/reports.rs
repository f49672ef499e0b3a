//! Dashboards as data: sums of facts over days, told apart as asked, beside the same number of days before; and the
//! orders behind every figure.
//!
//! Exact as of the position they name; they read sums, not history. Knows no SQL: what is counted stands in
//! `countersign_runtime::facts`, what is made of it in `reports/`.

mod agreement;
pub(super) mod cells;
mod evidence;
mod latency;
mod made;
pub(super) mod scorecard;
mod watched;

use super::call::{Call, json};
use super::input::Query;
use super::output::Raw;
use super::route::{Api, Route};
use crate::auth::Permission::ReadReports;
use crate::problem::{Kind, Problem};
use crate::spreadsheet::Csv;
use axum::http::header;
use cells::{Figures, NONE};
use countersign_runtime::facts::day_of;
use countersign_runtime::ports::{By, Store, StoreError};
use jiff::Timestamp;
use jiff::civil::Date;
use made::{Report, Row};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use utoipa::IntoParams;

/// Days of the range where none is given.
const DAYS: i64 = 7;
/// Longest range in days: ten years, more than any history here has.
const DAYS_MAX: i64 = 3_660;

pub(super) fn routes(api: &mut Api) {
    api.add(
        Route::get("/v1/reports/{report}", ReadReports, "Reports", "A dashboard as data").words(
            "`sla-adherence`, `confirmation-latency`, `reroutes`, `reroute-outcomes`, `cancellations`, \
             `after-acceptance`, `exception-aging`, `promise-accuracy`, `advice`, `fill-rate`. Days of UTC, the last \
             seven if none are given; `by` tells apart; `compare=true` adds the same number of days before. Every \
             figure that is not 0 has its `links`: the facts and orders behind it. JSON, or CSV with `Accept: text/csv` or \
             `format=csv`.",
        ),
        get,
    );
    evidence::routes(api);
    watched::routes(api);
}

/// The range and form.
#[derive(Debug, Clone, Deserialize, IntoParams)]
pub(super) struct ReportQuery {
    /// From this day (or the day of this instant) on.
    #[serde(default)]
    from: Option<String>,
    /// Up to and including this day (or the day of this instant).
    #[serde(default)]
    to: Option<String>,
    /// What to tell apart: `source`, `category`, `channel`, `day`; nothing if absent.
    #[serde(default)]
    by: Option<String>,
    /// Only of this source; `(none)` for what concerns none. The same word serves category and channel.
    #[serde(default)]
    source: Option<String>,
    /// Only of this category.
    #[serde(default)]
    category: Option<String>,
    /// Only of this channel.
    #[serde(default)]
    channel: Option<String>,
    /// Beside the same number of days before.
    #[serde(default)]
    compare: bool,
    /// `csv` or `json`.
    #[serde(default)]
    format: Option<String>,
}

/// Days and filters, checked.
#[derive(Debug, Clone)]
pub(super) struct Scope {
    pub from: i64,
    pub to: i64,
    pub source: Option<SmolStr>,
    pub category: Option<SmolStr>,
    pub channel: Option<SmolStr>,
}

impl Scope {
    /// The same number of days before.
    fn before(&self) -> Self {
        let days = self.to - self.from + 1;
        Self { from: self.from - days, to: self.from - 1, ..self.clone() }
    }
}

/// A day as the API writes it.
pub(super) fn date_of(day: i64) -> String {
    let at = Timestamp::from_second(day.saturating_mul(86_400)).unwrap_or(Timestamp::UNIX_EPOCH);
    at.to_zoned(jiff::tz::TimeZone::UTC).date().to_string()
}

/// The day that a text names: a date, or an instant.
pub(super) fn day(name: &str, text: &str) -> Result<i64, Problem> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(day_of(at));
    }
    let at = text.parse::<Date>().ok().and_then(|date| date.to_zoned(jiff::tz::TimeZone::UTC).ok());
    let at = at.ok_or_else(|| {
        let words = "a day is written 2026-11-23, an instant 2026-11-23T15:05:00Z";
        Problem::field(name, text, "invalid", words)
    });
    Ok(day_of(at?.timestamp()))
}

/// Days and filters as asked; whoever may see one source only, sees that one.
pub(super) fn scope(
    call: &Call,
    range: (Option<&str>, Option<&str>),
    days: i64,
    [source, category, channel]: [Option<String>; 3],
) -> Result<Scope, Problem> {
    let to = range.1.map(|text| day("?to", text)).transpose()?.unwrap_or_else(|| day_of(call.now()));
    let from = range.0.map(|text| day("?from", text)).transpose()?.unwrap_or(to - days + 1);
    if from > to || to - from >= DAYS_MAX {
        let words = format!("a range begins before it ends and has at most {DAYS_MAX} days");
        return Err(Problem::field("?from", range.0.unwrap_or_default(), "invalid", words));
    }
    let own =
        call.caller_if_any().and_then(|caller| caller.source.as_ref()).map(|source| SmolStr::new(source.as_str()));
    Ok(Scope { from, to, source: own.or(filter(source)), category: filter(category), channel: filter(channel) })
}

/// What a filter asks for: nothing if it is absent or empty, what has no such thing if it says [`NONE`].
pub(super) fn filter(text: Option<String>) -> Option<SmolStr> {
    text.filter(|t| !t.is_empty()).map(|text| if text == NONE { SmolStr::default() } else { text.into() })
}

#[derive(Serialize)]
struct ReportView<'a> {
    report: &'a str,
    from: String,
    to: String,
    by: By,
    /// The journal's last position that is counted.
    position: u64,
    rows: Vec<Row>,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<BeforeView>,
}

#[derive(Serialize)]
struct BeforeView {
    from: String,
    to: String,
    rows: Vec<Row>,
}

async fn get(call: Call, Query(query): Query<ReportQuery>) -> Result<Raw, Problem> {
    let name = call.part("report").to_owned();
    let Some(report) = Report::named(&name) else {
        return Err(Problem::absent(Kind::NotFound, &name));
    };
    let by = match query.by.as_deref().unwrap_or_default() {
        "" => report.usual(),
        "nothing" => By::Nothing,
        "source" => By::Source,
        "category" => By::Category,
        "channel" => By::Channel,
        "day" => By::Day,
        other => {
            let words = "tell apart by source, category, channel, day or nothing";
            return Err(Problem::field("?by", other, "invalid", words));
        }
    };
    let csv = query.format.as_deref() == Some("csv")
        || call.header(header::ACCEPT.as_str()).is_some_and(|a| a.starts_with("text/csv"));
    let filters = [query.source, query.category, query.channel];
    let scope = scope(&call, (query.from.as_deref(), query.to.as_deref()), DAYS, filters)?;
    let (now, earlier) = (call.now(), query.compare.then(|| scope.before()));
    let (from, to) = (date_of(scope.from), date_of(scope.to));
    let made = call.read(move |store| {
        let figures = rows(store, report, by, &scope, now)?;
        let before = earlier.map(|scope| Ok::<_, StoreError>((rows(store, report, by, &scope, now)?, scope)));
        Ok((figures, before.transpose()?))
    });
    let ((position, rows), before) = made.await?;
    if csv {
        return Ok(Raw::text("text/csv; charset=utf-8", as_csv(&rows)));
    }
    let before = before.map(|((_, rows), scope)| BeforeView { from: date_of(scope.from), to: date_of(scope.to), rows });
    Ok(Raw::text("application/json", json(&ReportView { report: &name, from, to, by, position, rows, before })))
}

fn rows(
    store: &dyn Store,
    report: Report,
    by: By,
    scope: &Scope,
    now: Timestamp,
) -> Result<(u64, Vec<Row>), StoreError> {
    let mut figures = Figures::new(store, scope, by);
    let rows = report.rows(&mut figures, now)?;
    Ok((figures.position(), rows))
}

/// Plain figures only: what is nested stands in JSON.
fn as_csv(rows: &[Row]) -> String {
    let Some(first) = rows.first() else { return String::new() };
    let mut csv = Csv::new(first.plain().map(|(name, _)| name));
    for row in rows {
        csv.row(row.plain().map(|(_, value)| value));
    }
    csv.text()
}
