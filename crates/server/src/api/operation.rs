//! Is it alive, is it ready, what does it count; and the table of reason codes.

use super::call::Call;
use super::input::Nothing;
use super::output::{Page, Raw, Reply};
use super::route::{Api, Route};
use crate::auth::Access;
use crate::auth::Permission::ReadReports;
use crate::metrics;
use crate::problem::{Kind, Problem};
use axum::http::Method;
use countersign_engine::reason::Reason;
use serde::Serialize;
use utoipa::ToSchema;

const GROUP: &str = "Operation";

pub(super) fn routes(api: &mut Api) {
    let open = |path, summary| Route::open(Method::GET, path, Access::Public, GROUP, summary);
    api.add(open("/healthz", "True as long as the process answers"), health);
    api.add(open("/readyz", "True if the store can be read and written"), ready);
    api.add(
        Route::get("/metrics", ReadReports, GROUP, "Figures for Prometheus")
            .words("Give the scraper a key of any role inside."),
        figures,
    );
    api.add(
        Route::open(Method::GET, "/v1/reasons", Access::LoggedIn, GROUP, "Every reason code with its sentence"),
        reasons,
    );
}

/// All is well.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Health {
    /// `ok`.
    status: &'static str,
    /// Of the service.
    version: &'static str,
}

const WELL: Health = Health { status: "ok", version: env!("CARGO_PKG_VERSION") };

async fn health(_: Call, _: Nothing) -> Result<Reply<Health>, Problem> {
    Ok(Reply::of(&WELL))
}

async fn ready(call: Call, _: Nothing) -> Result<Reply<Health>, Problem> {
    match call.read(|store| store.ready()).await {
        Ok(()) => Ok(Reply::of(&WELL)),
        Err(_) => Err(Problem::new(Kind::Unavailable, "the store does not answer or cannot write").retry_after(5)),
    }
}

async fn figures(call: Call, _: Nothing) -> Result<Raw, Problem> {
    let office = call.app().office().clone();
    let counted = office.desk().counted();
    let counts = call.read(|store| store.counts()).await?;
    let counter = |name: &str, help, value| (format!("countersign_{name}"), help, "counter", value);
    let gauge = |name: &str, help, value| (format!("countersign_{name}"), help, "gauge", value);
    let mut extra = vec![
        counter("commands_done_total", "Commands done.", counted.commands_done),
        counter("commands_refused_total", "Commands refused.", counted.commands_refused),
        counter("commands_parked_total", "Commands stopped by a fault of ours.", counted.commands_parked),
        counter("commands_failed_total", "Commands that the machinery failed.", counted.commands_failed),
        counter("commits_total", "Commits of the desk.", counted.commits),
        counter("commit_conflicts_total", "Commits made again because records had moved on.", counted.conflicts),
        counter("store_loads_total", "Questions to the store for records not in memory.", counted.store_loads),
        gauge("records_kept", "Records in memory.", counted.records_kept),
        gauge("record_bytes_kept", "Bytes of records in memory.", counted.record_bytes_kept),
        gauge("journal_head", "The journal's last position.", *office.head().borrow()),
        gauge("orders_parked", "Orders parked after a fault of ours.", office.desk().parked().len() as u64),
    ];
    extra.extend(counts.into_iter().map(|(name, value)| gauge(&format!("stored_{name}"), "Rows in the store.", value)));
    Ok(Raw::text("text/plain; version=0.0.4", metrics::render(&extra)))
}

/// A reason code.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Reason)]
pub(super) struct ReasonView {
    code: &'static str,
    sentence: &'static str,
    /// True if people give it as their reason: to cancel, hold, release, reroute, or resolve a case.
    given: bool,
}

async fn reasons(_: Call, _: Nothing) -> Result<Page<ReasonView>, Problem> {
    let view = |r: &Reason| ReasonView { code: r.code(), sentence: r.sentence(), given: Reason::GIVEN.contains(r) };
    Ok(Page::whole(Reason::ALL.iter().map(view).collect()))
}
