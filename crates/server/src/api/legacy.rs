//! The legacy path: what it did with orders that are only watched, and the switch that returns to it at once.

mod copies;

use super::call::{Call, json, ok, parse};
use super::input::{Bulk, BulkForm, Forms, Json, Nothing, media_type, schema_of};
use super::output::{Either, Raw, Reply};
use super::route::{Api, Route};
use crate::auth::Permission::{CaptureOrders, ReadPolicies, SwitchToLegacy};
use crate::intake::{self, Format, Kind as RowKind, Row, RowFault};
use crate::problem::{Problem, of_handled};
use crate::recorded;
use crate::view::words::ActorWords;
use countersign_engine::command::{Actor, Command, Deed};
use countersign_engine::ids::SourceId;
use countersign_engine::item::Category;
use countersign_engine::legacy::LegacyReport;
use countersign_engine::order::Order;
use countersign_engine::policy::{Fallback, Mode, Scope};
use countersign_engine::slice::{Key, Record};
use countersign_runtime::ports::{OrderQuery, Store, StoreError};
use countersign_runtime::request::Done;
use countersign_runtime::{Handled, Request};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

const GROUP: &str = "Legacy path";
/// Facts decided in one go.
const FACTS_AT_ONCE: usize = 500;
/// Orders looked at to say what is in flight, newest first: a few days of a busy shop.
const EXAMINED_MAX: usize = 5_000;
/// Orders read at once for that.
const PAGE: u32 = 200;

pub(super) fn routes(api: &mut Api) {
    api.add(
        Route::post("/v1/legacy/facts", CaptureOrders, GROUP, "Take in what the legacy path did").words(
            "Of orders in the modes `legacy` and `observe`: one fact as JSON, or many as NDJSON with a result per line. \
             `fact` is `committed`, `confirmed`, `rejected`, `cancelled`, `shipped` or `delivered`; without `line` it is about every \
             line, without `quantity` about all units that it can still be about. `reference` is your own id of the \
             fact: the same one again changes nothing. A webhook's body is taken as it is: `{\"type\": \
             \"order.shipped\", \"timestamp\": …, \"data\": {…}}`. Files go to `POST /v1/imports?kind=legacy`.",
        ),
        post,
    );
    copies::routes(api);
    api.add(
        Route::post("/v1/legacy/switch", SwitchToLegacy, GROUP, "Return to the legacy path at once, or come back").words(
            "For a source, a category, both, or everything. Takes effect for the next order that comes in. Orders that \
             are open go on in the mode in which they began; the answer says how many those are and what they wait for. \
             Coming back for a scope also takes back what was thrown more narrowly within it; where a wider one stands, \
             coming back is refused. The answer says in a sentence what stands now.",
        ),
        switch,
    );
    api.add(
        Route::get("/v1/legacy/switch", ReadPolicies, GROUP, "Where the switch to the legacy path is thrown"),
        switches,
    );
}

/// A fact, as it is documented; read as the engine's own report.
#[derive(ToSchema)]
#[schema(as = LegacyFact)]
#[expect(dead_code, reason = "describes the engine's report to the documentation")]
pub(super) struct FactWords {
    /// The order.
    #[schema(example = "1001")]
    order: String,
    /// Only this line.
    line: Option<String>,
    /// When it happened there: not before the order was placed, not ahead of now.
    #[schema(format = DateTime)]
    at: String,
    /// `committed`, `confirmed`, `rejected`, `cancelled`, `shipped`, `delivered`.
    fact: String,
    /// Base units; all that it can still be about if absent.
    quantity: Option<u32>,
    /// Your id of the fact.
    reference: Option<String>,
    /// From whom (`committed`, `confirmed`, `rejected`): a recorded source.
    source: Option<String>,
    /// Promised ship day (`committed`).
    #[schema(format = Date)]
    ship_by: Option<String>,
    /// Promised day at the door (`committed`).
    #[schema(format = Date)]
    deliver_by: Option<String>,
    /// A `cancel_*` reason code (`cancelled`), an `ack_*` one (`rejected`; may be left out there).
    reason: Option<String>,
    /// Carrier (`shipped`).
    carrier: Option<String>,
    /// Tracking numbers (`shipped`).
    tracking: Option<Vec<String>>,
}

/// No parameters; the body may be large.
#[derive(Debug, Deserialize, IntoParams)]
pub(super) struct FactsQuery {}

impl BulkForm for FactsQuery {
    fn forms() -> Forms {
        let (schema, schemas) = schema_of::<FactWords>();
        (vec![("application/json", schema.clone()), ("application/x-ndjson", schema)], schemas)
    }
}

/// The line of an order after a fact.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LegacyTaken)]
pub(super) struct TakenView {
    order: String,
    /// The order's status after it.
    status: String,
    /// False if it was known already.
    changed: bool,
}

impl TakenView {
    fn new(order: &Order, changed: bool) -> Self {
        let status = serde_json::to_value(order.status()).ok().and_then(|v| v.as_str().map(str::to_owned));
        Self { order: order.id.to_string(), status: status.unwrap_or_default(), changed }
    }
}

async fn post(call: Call, body: Bulk<FactsQuery>) -> Result<Either<Reply<TakenView>, Raw>, Problem> {
    if media_type(&call).contains("ndjson") || media_type(&call).contains("jsonl") {
        return Ok(Either::Other(many(&call, &body.bytes).await));
    }
    let value: serde_json::Value = parse(&body.bytes)?;
    let report: LegacyReport = parse(json(&intake::unwrapped(value)).as_bytes())?;
    let order = report.order.clone();
    let render = move |done: &Done| {
        let view = done.order(&order).map(|o| TakenView::new(o, done.position.is_some()));
        view.map_or((200, "{}".into()), |view| ok(&view))
    };
    Ok(Either::One(call.act(&body.bytes, Deed::RecordLegacy(report), render).await?))
}

/// A result line per line: `{"line": 3, "status": 200}`, or with the problem.
async fn many(call: &Call, bytes: &[u8]) -> Raw {
    let rows: Vec<Result<Row, RowFault>> = intake::rows(RowKind::Legacy, Format::Ndjson, bytes, call.now()).collect();
    let mut rows = rows.into_iter();
    let mut out = String::new();
    loop {
        let some: Vec<Result<Row, RowFault>> = rows.by_ref().take(FACTS_AT_ONCE).collect();
        if some.is_empty() {
            return Raw::text("application/x-ndjson", out);
        }
        let (mut numbers, mut requests) = (vec![], vec![]);
        for row in some {
            match row {
                Ok(row) => {
                    let command = Command { by: call.actor(), deed: row.deed };
                    numbers.push(row.row);
                    requests.push(Request::caused(command, call.request_id().clone()));
                }
                Err(fault) => out.push_str(&line(fault.row, 422, Some(&fault.reason))),
            }
        }
        let answers: Vec<Vec<Handled>> = call.app().office().submit_all(requests).await;
        for (number, handled) in numbers.into_iter().zip(answers) {
            out.push_str(&match handled.iter().find_map(of_handled) {
                Some(problem) => line(number, problem.status, Some(&problem.detail)),
                None => line(number, 200, None),
            });
        }
    }
}

fn line(number: u64, status: u16, problem: Option<&str>) -> String {
    let value = match problem {
        Some(words) => serde_json::json!({"line": number, "status": status, "problem": words}),
        None => serde_json::json!({"line": number, "status": status}),
    };
    format!("{value}\n")
}

/// Which way the switch is thrown, and where.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SwitchBody {
    /// True: back to the legacy path. False: come back from it.
    to_legacy: bool,
    /// Only this source.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    source: Option<SourceId>,
    /// Only this category and those below it.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    category: Option<Category>,
    /// In what words.
    #[serde(default)]
    words: Option<String>,
}

/// Where the switch is thrown, and what is in flight.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LegacySwitch)]
pub(super) struct SwitchView {
    thrown: Vec<FallbackView>,
    /// What stands now, and which way new orders go.
    sentence: String,
    in_flight: InFlight,
}

/// One scope for which the switch is thrown.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LegacyFallback)]
struct FallbackView {
    /// Only this source; every source if null.
    source: Option<String>,
    /// Only this category; every category if null.
    category: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    #[schema(value_type = ActorWords)]
    by: Actor,
    words: Option<String>,
}

impl FallbackView {
    fn new(f: &Fallback) -> Self {
        Self {
            source: f.scope.source.as_ref().map(ToString::to_string),
            category: f.scope.category.as_ref().map(|c| c.as_str().to_owned()),
            since: f.since,
            by: f.by.clone(),
            words: f.words.clone(),
        }
    }
}

/// Open orders that go on under this product although the switch is thrown.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = LegacyInFlight)]
struct InFlight {
    /// Orders in `enforce` or `recommend` that have not ended and have a line in the scope.
    open_orders: u64,
    /// Of these, those that wait for a source's answer.
    waiting_for_source: u64,
    /// Of these, those that wait for a person.
    waiting_for_person: u64,
    /// Of these, those committed or shipped.
    committed: u64,
    /// False if there were more orders than one answer looks at; then the counts are of the newest.
    complete: bool,
    /// What happens to them.
    sentence: String,
}

/// Counts what goes on in a scope.
fn in_flight(store: &dyn Store, scope: &Scope) -> Result<InFlight, StoreError> {
    use countersign_engine::order::Status;
    let mut found = InFlight { complete: true, ..InFlight::default() };
    let (mut cursor, mut examined) = (None, 0);
    loop {
        let page = store.orders(&OrderQuery { cursor: cursor.take(), limit: PAGE, ..OrderQuery::default() })?;
        let count = page.len();
        for record in page {
            let Record::Order(order) = record else { continue };
            cursor = Some((order.captured_at.as_microsecond(), order.id.to_string()));
            let status = order.status();
            if status.is_end() || !matches!(order.mode, Mode::Enforce | Mode::Recommend) || !concerns(&order, scope) {
                continue;
            }
            found.open_orders += 1;
            match status {
                Status::InReview => found.waiting_for_person += 1,
                Status::Confirmed | Status::Shipped => found.committed += 1,
                Status::AwaitingConfirmation => found.waiting_for_source += 1,
                _ => {}
            }
        }
        examined += count;
        if count < PAGE as usize {
            break;
        }
        if examined >= EXAMINED_MAX {
            found.complete = false;
            break;
        }
    }
    let orders = match found.open_orders {
        1 => "1 open order goes on to its end in the mode in which it began".to_owned(),
        n => format!("{n} open orders go on to their end in the mode in which they began"),
    };
    found.sentence = format!("{orders}: nothing sent is taken back, no clock stops.");
    Ok(found)
}

/// Which way new orders go, by what is thrown.
fn stands(thrown: &[Fallback]) -> String {
    if thrown.iter().any(|f| f.scope == Scope::default()) {
        return "The switch stands for everything: every new order goes by the legacy path.".into();
    }
    match thrown {
        [] => "The switch is thrown nowhere: new orders go in the modes of the policy in force.".into(),
        some => {
            let places: Vec<String> = some.iter().map(|f| f.scope.words()).collect();
            format!(
                "The switch stands for {}: new orders that concern it go by the legacy path, all others in the modes of \
                 the policy in force.",
                places.join("; ")
            )
        }
    }
}

fn concerns(order: &Order, scope: &Scope) -> bool {
    let supplied =
        |source: &SourceId| order.assignments.is_empty() || order.assignments.iter().any(|a| a.source == *source);
    scope.source.as_ref().is_none_or(supplied)
        && scope.category.as_ref().is_none_or(|c| order.lines.iter().any(|l| l.category.within(c)))
}

async fn switch(call: Call, body: Json<SwitchBody>) -> Result<Reply<SwitchView>, Problem> {
    let SwitchBody { to_legacy, source, category, words } = body.value;
    if let Some(category) = category.as_ref().filter(|_| to_legacy) {
        known_category(&call, category).await?;
    }
    let scope = Scope { source, category };
    let deed = Deed::SwitchToLegacy { scope: scope.clone(), on: to_legacy, words };
    call.done(call.command(deed)).await?;
    view(&call, scope).await
}

/// Refuses a category that no item has: the switch would be thrown for nothing, by somebody in a hurry.
async fn known_category(call: &Call, category: &Category) -> Result<(), Problem> {
    let (known, complete) = call.read(recorded::categories).await?;
    if !complete || known.iter().any(|there| there.within(category)) {
        return Ok(());
    }
    let near = recorded::near(category.as_str(), &known);
    let known = if near.is_empty() { "no item has a category yet".to_owned() } else { format!("near it are {near}") };
    let sentence = format!("no item is in category {:?} or below it: {known}", category.as_str());
    Err(Problem::field("/category", category.as_str(), "unknown_category", sentence))
}

async fn switches(call: Call, _: Nothing) -> Result<Reply<SwitchView>, Problem> {
    view(&call, Scope::default()).await
}

async fn view(call: &Call, scope: Scope) -> Result<Reply<SwitchView>, Problem> {
    let thrown = match call.record(Key::Policy).await? {
        Some(Record::Policy(policy)) => policy.fallbacks.clone(),
        _ => vec![],
    };
    let (sentence, thrown) = (stands(&thrown), thrown.iter().map(FallbackView::new).collect());
    let in_flight = call.read(move |store| in_flight(store, &scope)).await?;
    Ok(Reply::of(&SwitchView { thrown, sentence, in_flight }))
}
