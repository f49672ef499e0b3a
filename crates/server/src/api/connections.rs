//! How the wire to each source does, and a test exchange that shows it live without sending an order.

use super::call::Call;
use super::input::Nothing;
use super::output::{Page, Reply};
use super::route::{Api, Route};
use crate::auth::Permission::{ReadCatalog, WriteSources};
use crate::problem::{Kind, Problem};
use crate::registry::Registry;
use countersign_connectors::Assembled;
use countersign_engine::document::{Outbound, Party, PurchaseOrderDocument, PurchaseOrderDocumentLine};
use countersign_engine::ids::{OrderId, PoNumber, Sku, SourceId, VendorSku};
use countersign_engine::item::Unit;
use countersign_engine::measure::{Currency, Money, Quantity};
use countersign_engine::offer::Offer;
use countersign_engine::slice::{Key, Record};
use countersign_engine::source::Source;
use countersign_partners::dialects::{Partners, remarks};
use countersign_partners::seam::{Dialect, Paper};
use countersign_runtime::ports::List;
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde::Serialize;
use smol_str::SmolStr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use utoipa::ToSchema;

const GROUP: &str = "Connections";
/// How long a live question may take in a test: ten times what a checkout allows.
const LIVE_BUDGET: Duration = Duration::from_secs(3);
/// Items asked about, and lines of the sample order.
const SAMPLES: u32 = 3;
const SOURCES_MAX: u32 = 1_000;

pub(super) fn routes(api: &mut Api) {
    api.add(
        Route::get("/v1/connections", ReadCatalog, GROUP, "How the wires to all sources do")
            .words("Counted since the service started, by the node that answers."),
        list,
    );
    api.add(Route::get("/v1/sources/{source}/connection", ReadCatalog, GROUP, "How the wire to a source does"), get);
    api.add(
        Route::post("/v1/sources/{source}/connection/test", WriteSources, GROUP, "Try the wire to a source").words(
            "Makes the connector from the settings, reaches the other side, asks for availability where it can be \
             asked, and writes a sample purchase order in the source's dialect. Nothing is ordered or taken away.",
        ),
        test,
    );
}

/// How the wire to a source does.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Connection)]
struct ConnectionView {
    #[schema(value_type = String)]
    source: SourceId,
    /// `http`, `folder`, `sftp`; null where the source comes to us.
    connector: Option<String>,
    /// What is wrong with its settings; null if nothing.
    fault: Option<String>,
    /// Of a source with an HTTP server: `closed` (well), `open` (not asked for a while), `half_open` (being tried).
    circuit_papers: Option<&'static str>,
    /// The same for questions at checkout; `unserved` where its server has no answer to them (404, 405, 501).
    circuit_questions: Option<&'static str>,
    #[schema(value_type = Option<String>, format = DateTime)]
    last_out: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    last_in: Option<Timestamp>,
    /// Papers that got through.
    sent: u64,
    /// Pieces that came in.
    received: u64,
    /// Tries that failed, in either direction.
    failed: u64,
    #[schema(value_type = Option<String>, format = DateTime)]
    last_failure_at: Option<Timestamp>,
    /// What the network or the other side said.
    last_failure: Option<String>,
}

impl ConnectionView {
    fn new(registry: &Registry, source: &Source) -> Self {
        let made = registry.of(source);
        let circuits = made.as_ref().ok().and_then(|m| m.http.as_ref()).map(|http| http.circuits());
        let wire = registry.wires().of(&source.id);
        let (last_failure_at, last_failure) = wire.last_failure.unzip();
        Self {
            source: source.id.clone(),
            connector: source.channel.connector.get("type").and_then(|t| t.as_str()).map(str::to_owned),
            fault: made.err().or_else(|| remarks(source).into_iter().next()),
            circuit_papers: circuits.map(|(_, papers)| papers),
            circuit_questions: circuits.map(|(questions, _)| questions),
            last_out: wire.last_out,
            last_in: wire.last_in,
            sent: wire.sent,
            received: wire.received,
            failed: wire.failed,
            last_failure_at,
            last_failure,
        }
    }
}

fn registry(call: &Call) -> Result<&Registry, Problem> {
    let wired = call.app().office().registry();
    wired.ok_or_else(|| Problem::new(Kind::NotOffered, "no connectors are wired here"))
}

async fn list(call: Call, _: Nothing) -> Result<Page<ConnectionView>, Problem> {
    let found = call.read(|store| store.list(&List::Sources, None, SOURCES_MAX)).await?;
    let registry = registry(&call)?;
    let view = |record: &Record| match record {
        Record::Source(source) => Some(ConnectionView::new(registry, source)),
        _ => None,
    };
    Ok(Page::whole(found.iter().filter_map(|v| view(&v.record)).collect()))
}

async fn source_of(call: &Call) -> Result<Arc<Source>, Problem> {
    let id: SourceId = call.id("source")?;
    match call.record(Key::Source(id.clone())).await? {
        Some(Record::Source(source)) => Ok(source),
        _ => Err(Problem::absent(Kind::NotFound, id.as_str())),
    }
}

async fn get(call: Call, _: Nothing) -> Result<Reply<ConnectionView>, Problem> {
    let source = source_of(&call).await?;
    Ok(Reply::of(&ConnectionView::new(registry(&call)?, &source)))
}

/// How a test exchange went.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ConnectionTest)]
struct TestView {
    /// True if every step went well.
    passed: bool,
    steps: Vec<StepView>,
    /// The sample purchase order as it would be sent; null where it could not be written.
    sample: Option<String>,
    /// Its file name, or the path of its request.
    sample_name: Option<String>,
}

/// One step of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ConnectionTestStep)]
struct StepView {
    /// `settings`, `reach`, `availability`, `offers`, `paper`.
    step: &'static str,
    passed: bool,
    /// What was found, or what is wrong and what to do.
    sentence: String,
    took_ms: u64,
}

impl StepView {
    fn new(step: &'static str, began: Instant, outcome: Result<String, String>) -> Self {
        let took_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let passed = outcome.is_ok();
        Self { step, passed, sentence: outcome.unwrap_or_else(|why| why), took_ms }
    }
}

async fn test(call: Call, _: Nothing) -> Result<Reply<TestView>, Problem> {
    let source = source_of(&call).await?;
    let offers = offers_of(&call, &source.id).await?;
    let (mut steps, began) = (vec![], Instant::now());
    let made = registry(&call)?.of(&source);
    let settings = match (&made, remarks(&source).into_iter().next()) {
        (Err(why), _) => Err(why.clone()),
        (Ok(_), Some(remark)) => Err(remark),
        (Ok(_), None) => Ok("The settings are complete.".to_owned()),
    };
    steps.push(StepView::new("settings", began, settings));
    if let Ok(assembled) = made {
        steps.push(reach(assembled, source.clone(), &offers).await);
    }
    let began = Instant::now();
    let mapped = match offers.len() {
        0 => Err("It offers nothing yet: import its item mapping, or nothing can be ordered from it.".to_owned()),
        _ => Ok("Items are mapped.".to_owned()),
    };
    steps.push(StepView::new("offers", began, mapped));
    let began = Instant::now();
    let paper = sample(&source, &offers, call.now());
    let (said, sample, sample_name) = match paper {
        Ok((name, text)) => {
            (Ok("A sample purchase order was written, and not sent.".to_owned()), Some(text), Some(name))
        }
        Err(why) => (Err(format!("A purchase order cannot be written: {why}")), None, None),
    };
    steps.push(StepView::new("paper", began, said));
    Ok(Reply::of(&TestView { passed: steps.iter().all(|s| s.passed), steps, sample, sample_name }))
}

async fn offers_of(call: &Call, source: &SourceId) -> Result<Vec<Arc<Offer>>, Problem> {
    let which = List::OffersOf(source.clone());
    let found = call.read(move |store| store.list(&which, None, SAMPLES)).await?;
    let offer = |record| match record {
        Record::Offer(offer) => Some(offer),
        _ => None,
    };
    Ok(found.into_iter().filter_map(|v| offer(v.record)).collect())
}

/// Reaches the other side: a question to its server, or a look into its folder.
async fn reach(assembled: Assembled, source: Arc<Source>, offers: &[Arc<Offer>]) -> StepView {
    let began = Instant::now();
    let skus: Vec<VendorSku> = offers.iter().map(|o| o.vendor_sku.clone()).collect();
    if source.channel.connector.is_null() {
        return StepView::new("reach", began, Ok("It comes to us; there is nothing to reach.".into()));
    }
    let work = tokio::task::spawn_blocking(move || match assembled.live() {
        Some(_) if skus.is_empty() => ("availability", Err("There is no item yet to ask about.".to_owned())),
        Some(live) => {
            let asked = skus.len();
            let told = live.availability(&skus, LIVE_BUDGET);
            ("availability", told.map(|all| format!("Its server answered about {} of {asked} items.", all.len())))
        }
        None => {
            let found = assembled.connector.fetch(1);
            (
                "reach",
                found.map(|pieces| match pieces.is_empty() {
                    true => "Reached; nothing waits to be fetched.".to_owned(),
                    false => "Reached; papers wait to be fetched.".to_owned(),
                }),
            )
        }
    });
    match work.await {
        Ok((step, outcome)) => StepView::new(step, began, outcome),
        Err(error) => StepView::new("reach", began, Err(format!("the test was given up: {error}"))),
    }
}

/// A purchase order that nobody placed, in the source's dialect. Its control numbers are none of the sequence.
fn sample(source: &Source, offers: &[Arc<Offer>], now: Timestamp) -> Result<(String, String), String> {
    let day = now.to_zoned(jiff::tz::TimeZone::UTC).date();
    let line = |n: usize, sku: Sku, vendor_sku: VendorSku, unit: Unit, unit_cost: Money| PurchaseOrderDocumentLine {
        line: SmolStr::new(n.to_string()),
        sku,
        vendor_sku,
        gtin: None,
        title: "Sample item".into(),
        quantity: Quantity::new(1),
        unit,
        unit_cost,
        ship_by: day,
        deliver_by: day.checked_add(3.days()).unwrap_or(day),
    };
    let mut lines: Vec<_> = offers
        .iter()
        .enumerate()
        .map(|(n, o)| line(n + 1, o.sku.clone(), o.vendor_sku.clone(), o.pack.unit.clone(), o.unit_cost))
        .collect();
    if lines.is_empty() {
        let wrong = |e: &dyn std::fmt::Display| e.to_string();
        let currency = Currency::new("USD").ok_or("USD is no currency")?;
        let (sku, theirs) =
            (Sku::new("SAMPLE").map_err(|e| wrong(&e))?, VendorSku::new("SAMPLE").map_err(|e| wrong(&e))?);
        let unit = Unit::new("EA").map_err(|e| wrong(&e))?;
        lines.push(line(1, sku, theirs, unit, Money { minor: 100, currency }));
    }
    let order = OrderId::new("TEST").map_err(|e| e.to_string())?;
    let document = PurchaseOrderDocument {
        po: PoNumber::of(&order, 1),
        attempt: 1,
        source: source.id.clone(),
        order,
        released_at: now,
        answer_due: now + SignedDuration::from_hours(4),
        ship_to: Party {
            name: "Sample Customer".into(),
            address1: "1 Main St".into(),
            city: "Austin".into(),
            region: Some("TX".into()),
            postal_code: Some("73301".into()),
            country: "US".into(),
            ..Party::default()
        },
        service_level: "standard".into(),
        lines,
    };
    let written = Partners.write(source, &Paper::Document(Outbound::PurchaseOrder(document)), &mut |_| Ok(1), now)?;
    Ok((written.name.clone(), String::from_utf8_lossy(&written.bytes).into_owned()))
}
