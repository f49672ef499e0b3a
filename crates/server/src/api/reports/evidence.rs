//! The facts behind a figure, each with its order, its purchase order and its place in the journal.

use super::{Scope, scope};
use crate::api::call::Call;
use crate::api::input::Query;
use crate::api::output::{Either, Page, Raw};
use crate::api::route::{Api, Route};
use crate::auth::Permission::{ReadReports, Supply};
use crate::problem::Problem;
use crate::spreadsheet::Csv;
use countersign_runtime::facts::Measure;
use countersign_runtime::ports::{FACT_BITS, FactQuery, FactRow};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use utoipa::{IntoParams, ToSchema};

const PAGE: u32 = 100;
const PAGE_MAX: u32 = 1_000;
/// Days of the range where none is given.
const DAYS: i64 = 90;

pub(super) fn routes(api: &mut Api) {
    api.add(
        Route::get("/v1/reports/facts", ReadReports, "Reports", "The orders behind a figure").words(
            "`links` of reports and scorecards lead here. Newest first; `position` is the journal's entry, of which \
             `/v1/audit/proof` gives a proof.",
        ),
        list,
    );
    api.add(
        Route::get(
            "/vendor/v1/scorecard/facts",
            Supply,
            "Vendors",
            "The purchase orders behind a figure of your scorecard",
        ),
        list,
    );
}

/// Which facts.
#[derive(Debug, Deserialize, IntoParams)]
pub(super) struct FactsQuery {
    /// What is counted: `sla`, `confirmation`, `reroute`, …
    measure: String,
    /// As what: `acknowledgment:breached`, a reason, a bucket, …
    label: String,
    /// From this day on.
    #[serde(default)]
    from: Option<String>,
    /// Up to and including this day.
    #[serde(default)]
    to: Option<String>,
    /// Only of this source; `(none)` for what concerns none. The same word serves category and channel.
    #[serde(default)]
    source: Option<String>,
    /// Only of this category.
    #[serde(default)]
    category: Option<String>,
    /// Only of this channel.
    #[serde(default)]
    channel: Option<String>,
    /// `next` of the page before.
    #[serde(default)]
    cursor: Option<String>,
    /// Facts on the page, at most 1,000.
    #[serde(default)]
    limit: Option<u32>,
    /// `csv` or `json`.
    #[serde(default)]
    format: Option<String>,
}

/// One fact behind a figure.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Fact)]
pub(super) struct FactView {
    /// The order.
    order: String,
    /// The purchase order, where one is concerned.
    purchase_order: Option<String>,
    source: String,
    category: String,
    channel: String,
    /// When it was, or was due.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Base units.
    units: i64,
    /// Seconds, days or units, as the measure says.
    value: i64,
    /// The journal's entry it stems from.
    position: u64,
}

impl FactView {
    pub(super) fn new(row: FactRow) -> Self {
        let fact = row.fact;
        let number = (fact.purchase_order > 0).then(|| format!("{}-{}", fact.order, fact.purchase_order));
        Self {
            order: fact.order.into(),
            purchase_order: number,
            source: fact.source.into(),
            category: fact.category.into(),
            channel: fact.channel.into(),
            at: fact.at,
            units: fact.units,
            value: fact.value,
            position: row.id >> FACT_BITS,
        }
    }
}

async fn list(call: Call, Query(query): Query<FactsQuery>) -> Result<Either<Page<FactView>, Raw>, Problem> {
    let measure = Measure::from_code(&query.measure).ok_or_else(|| {
        let known: Vec<&str> = Measure::ALL.iter().map(|m| m.code()).collect();
        Problem::field("?measure", query.measure.as_str(), "invalid", format!("one of {}", known.join(", ")))
    })?;
    let cursor = query.cursor.as_deref().map(|text| {
        let parts = text.split_once('.').and_then(|(day, id)| Some((day.parse().ok()?, id.parse().ok()?)));
        parts.ok_or_else(|| Problem::field("?cursor", text, "invalid", "`next` of the page before"))
    });
    let filters = [query.source, query.category, query.channel];
    let Scope { from, to, source, category, channel } =
        scope(&call, (query.from.as_deref(), query.to.as_deref()), DAYS, filters)?;
    let limit = query.limit.unwrap_or(PAGE).clamp(1, PAGE_MAX);
    let label = SmolStr::from(query.label);
    let asked = FactQuery { measure, label, from, to, source, category, channel, cursor: cursor.transpose()?, limit };
    let rows = call.read(move |store| store.facts(&asked)).await?;
    let last = rows.last().filter(|_| rows.len() == limit as usize);
    let next = last.map(|row| format!("{}.{}", row.fact.day(), row.id));
    let items: Vec<FactView> = rows.into_iter().map(FactView::new).collect();
    Ok(match query.format.as_deref() {
        Some("csv") => Either::Other(Raw::text("text/csv; charset=utf-8", as_csv(&items))),
        _ => Either::One(Page { items, next }),
    })
}

fn as_csv(items: &[FactView]) -> String {
    let names = ["order", "purchase_order", "source", "category", "channel", "at", "units", "value", "position"];
    let mut csv = Csv::new(names);
    for item in items {
        let (at, units, value) = (item.at.to_string(), item.units.to_string(), item.value.to_string());
        let (po, position) = (item.purchase_order.as_deref().unwrap_or_default(), item.position.to_string());
        csv.row([&item.order, po, &item.source, &item.category, &item.channel, &at, &units, &value, &position]);
    }
    csv.text()
}
