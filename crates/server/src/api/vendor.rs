//! The API for vendors: what they see, what they say. A vendor sees its own things only; others' are as if absent.
//!
//! Bodies are read by the partners' crate, the same way as files and answers of the vendor's own server.

use super::call::{Call, json};
use super::input::{Bulk, BulkForm, Forms, Json, Nothing, Query, Text};
use super::master::take;
use super::orders::messages::{MessageView, messages_of};
use super::orders::replies::take_in;
use super::output::{Page, Reply};
use super::purchase_orders::{ListQuery, find, next_of};
use super::reports::scorecard::{self, Scorecard, ScorecardQuery};
use super::route::{Api, Route};
use crate::auth::Permission::Supply;
use crate::problem::{FieldError, Kind, Problem};
use crate::proofs;
use crate::view::master::FeedOutcome;
use crate::view::supply::{
    Acknowledgment, Availability, CancellationAnswer, ContestBody, Receipt, Shipment, SupplyView,
};
use axum::body::Bytes;
use countersign_engine::command::Deed;
use countersign_engine::document::{self, Inbound};
use countersign_engine::ids::{OrderId, PoNumber, SourceId};
use countersign_engine::order::Order;
use countersign_engine::slice::{Key, Record};
use countersign_engine::source::{Dialect as SourceDialect, Source};
use countersign_partners::dialects::Partners;
use countersign_partners::matching::{self, OrderedLine};
use countersign_partners::seam::{Context, Dialect, Document, Finding, Reading, Severity};
use countersign_runtime::paper;
use countersign_runtime::ports::{IndexRow, PurchaseOrderQuery};
use countersign_runtime::request::Done;
use serde::Deserialize;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

const GROUP: &str = "Vendors";

pub(super) fn routes(api: &mut Api) {
    api.add(
        Route::post("/vendor/v1/availability", Supply, GROUP, "Say what you can supply")
            .words("Quantities in the packs of your offers. Faulty lines are left out and told; the others count. Where not one can be used, the answer is a problem."),
        availability,
    );
    api.add(
        Route::get("/vendor/v1/purchase-orders", Supply, GROUP, "List your purchase orders, newest first")
            .words("`state=open` are those that wait for your answer."),
        list,
    );
    api.add(Route::get("/vendor/v1/purchase-orders/{po}", Supply, GROUP, "Read a purchase order"), get);
    api.add(
        Route::get(
            "/vendor/v1/purchase-orders/{po}/messages",
            Supply,
            GROUP,
            "What the retailer's people and you wrote",
        )
        .words("Oldest first. They come by mail, too, where the retailer has recorded an address of yours."),
        messages,
    );
    api.add(
        Route::post("/vendor/v1/purchase-orders/{po}/messages", Supply, GROUP, "Write to the retailer's people")
            .words("About this purchase order, to whoever wrote to you last. Answers with `acknowledgment`, not here."),
        write,
    );
    api.add(
        Route::post("/vendor/v1/purchase-orders/{po}/receipt", Supply, GROUP, "Say that your system has it")
            .words("Stops the receipt clock, and nothing else."),
        receipt,
    );
    api.add(
        Route::post("/vendor/v1/purchase-orders/{po}/acknowledgment", Supply, GROUP, "Answer a purchase order")
            .words("A later answer replaces the earlier one of the same attempt."),
        acknowledgment,
    );
    api.add(Route::post("/vendor/v1/purchase-orders/{po}/shipments", Supply, GROUP, "Say what has left"), shipment);
    api.add(
        Route::post("/vendor/v1/purchase-orders/{po}/cancellation-answer", Supply, GROUP, "Answer a cancellation")
            .words("Or cancel of your own accord, with `unasked`."),
        cancellation_answer,
    );
    api.add(
        Route::get("/vendor/v1/scorecard", Supply, GROUP, "Your scorecard, with each breach behind it")
            .words("`links` lead to the purchase orders behind each figure."),
        scorecard,
    );
    api.add(
        Route::post("/vendor/v1/purchase-orders/{po}/contest-files", Supply, GROUP, "Hand in a file that proves it")
            .words(
                "The bytes of the file, at most 2 MiB, its name as `?name=`. Name it in the dispute's `document`. The \
                 retailer's people see it.",
            ),
        hand_in,
    );
    api.add(
        Route::post("/vendor/v1/purchase-orders/{po}/contests", Supply, GROUP, "Dispute a breach")
            .words("Say why it should not count. Excused breaches leave the score; the scorecard shows the answer."),
        contest,
    );
}

/// How a file is called.
#[derive(Debug, Deserialize, IntoParams)]
pub(super) struct FileQuery {
    /// Its name.
    #[serde(default)]
    name: String,
}

impl BulkForm for FileQuery {
    fn forms() -> Forms {
        (vec![("*/*", serde_json::json!({"type": "string", "format": "binary"}))], vec![])
    }
}

async fn hand_in(call: Call, body: Bulk<FileQuery>) -> Result<Reply<proofs::File, 201>, Problem> {
    let (po, ..) = own_order(&call).await?;
    let kept = keep_proof(&call, po, body.query.name, body.bytes).await?;
    Ok(Reply::of(&kept?))
}

/// Keeps a file that proves what the vendor says; or says why not.
pub(super) async fn keep_proof(
    call: &Call,
    po: PoNumber,
    name: String,
    bytes: Bytes,
) -> Result<Result<proofs::File, Problem>, Problem> {
    let now = call.now();
    let kept = call.read(move |store| proofs::keep(store, &po, &name, &bytes, now)).await?;
    Ok(kept.map_err(|why| {
        let kind = if matches!(why, proofs::NotKept::Size(1..)) { Kind::TooLarge } else { Kind::InvalidField };
        Problem::new(kind, why.words())
    }))
}

/// The source for which the caller speaks.
pub(super) fn own(call: &Call) -> Result<SourceId, Problem> {
    call.caller().source.clone().ok_or_else(|| Problem::new(Kind::Forbidden, "this key speaks for no source"))
}

/// Its record, from memory. Whoever asks for it speaks to us: its wire carries something in.
pub(super) fn own_source(call: &Call) -> Result<Arc<Source>, Problem> {
    let id = own(call)?;
    if let Some(registry) = call.app().office().registry() {
        registry.wires().came(&id, call.now(), 1);
    }
    match call.app().office().desk().read(&[Key::Source(id.clone())])?.pop().flatten() {
        Some(Record::Source(source)) => Ok(source),
        _ => Err(Problem::absent(Kind::NotFound, id.as_str())),
    }
}

/// The purchase order that the path names, if it is the caller's own.
pub(super) async fn own_order(call: &Call) -> Result<(PoNumber, Arc<Order>, u32), Problem> {
    let source = own(call)?;
    let text = call.part("po");
    let unknown = || Problem::absent(Kind::UnknownPurchaseOrder, text);
    let number = PoNumber::new(text).map_err(|_| unknown())?;
    let (id, ordinal) = number.split().ok_or_else(unknown)?;
    let order = match call.app().office().desk().read(&[Key::Order(id)])?.pop().flatten() {
        Some(Record::Order(order)) => order,
        _ => return Err(unknown()),
    };
    match order.purchase_order(ordinal).is_some_and(|po| po.source == source) {
        true => Ok((number, order, ordinal)),
        false => Err(unknown()),
    }
}

async fn list(call: Call, Query(query): Query<ListQuery>) -> Result<Page<SupplyView>, Problem> {
    listed(&call, query).await
}

/// The caller's own purchase orders.
pub(super) async fn listed(call: &Call, query: ListQuery) -> Result<Page<SupplyView>, Problem> {
    let source = own(call)?;
    let query = PurchaseOrderQuery { limit: query.limit(100), ..query.query(Some(source.clone()))? };
    let limit = query.limit;
    let found = call.read(move |store| {
        let rows = store.purchase_orders(&query)?;
        let mut views = vec![];
        for row in &rows {
            let IndexRow::PurchaseOrder { number, source: of, .. } = row else { continue };
            if let (true, Some((order, ordinal))) = (*of == source, find(store, number)?) {
                let person = store.person(&order.id)?;
                views.extend(order.purchase_order(ordinal).map(|po| SupplyView::new(&order, po, person.as_deref())));
            }
        }
        Ok((views, next_of(&rows, limit)))
    });
    let (items, next) = found.await?;
    Ok(Page { items, next })
}

async fn get(call: Call, _: Nothing) -> Result<Reply<SupplyView>, Problem> {
    Ok(Reply::of(&seen(&call).await?))
}

/// The purchase order that the path names, as its vendor sees it.
pub(super) async fn seen(call: &Call) -> Result<SupplyView, Problem> {
    let (_, order, ordinal) = own_order(call).await?;
    let id = order.id.clone();
    let person = call.read(move |store| store.person(&id)).await?;
    let po = order.purchase_order(ordinal).map(|po| SupplyView::new(&order, po, person.as_deref()));
    po.ok_or_else(|| Problem::absent(Kind::UnknownPurchaseOrder, call.part("po")))
}

/// What the retailer's people and the caller's wrote about the purchase order of the path.
pub(super) async fn messages_to(call: &Call) -> Result<Vec<MessageView>, Problem> {
    let (number, order, _) = own_order(call).await?;
    messages_of(call, &order, |to| to.po() == Some(&number)).await
}

/// A message to the retailer.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = NewVendorMessage)]
struct WordsBody {
    /// What it says, 1 to 4,000 characters of plain text.
    words: String,
}

async fn write(call: Call, body: Json<WordsBody>) -> Result<Reply<MessageView, 201>, Problem> {
    written(&call, &body.bytes, &body.value.words, call.header("idempotency-key")).await
}

/// Words about the purchase order of the path, before the retailer's people.
pub(super) async fn written(
    call: &Call,
    bytes: &[u8],
    words: &str,
    once: Option<&str>,
) -> Result<Reply<MessageView, 201>, Problem> {
    let (number, order, _) = own_order(call).await?;
    take_in(call, bytes, &order, Some(number), words, once).await
}

async fn messages(call: Call, _: Nothing) -> Result<Page<MessageView>, Problem> {
    Ok(Page::whole(messages_to(&call).await?))
}

/// A body that a source sent, or that its people filled in on our pages.
pub(super) struct Said<'a> {
    /// What it is about, as the path of the call says it: `purchase-orders/1001-1/acknowledgment`.
    pub name: &'a str,
    /// The body.
    pub bytes: &'a [u8],
    /// True if it was filled in on our pages.
    pub on_page: bool,
}

impl<'a> Said<'a> {
    fn by_call(call: &'a Call, bytes: &'a [u8]) -> Self {
        Self { name: call.uri().path().trim_start_matches("/vendor/v1/"), bytes, on_page: false }
    }
}

/// Reads a body as the partners' crate reads what this source posts; what is faulty is told and nothing is done.
fn read(call: &Call, source: &Source, said: &Said<'_>, whole: bool) -> Result<Reading, Problem> {
    // Whatever papers it exchanges otherwise, here it speaks the vendor API, or its people do on our pages.
    let mut source = source.clone();
    source.channel.dialect = match (said.on_page, source.channel.dialect) {
        (true, _) => SourceDialect::Portal,
        (false, SourceDialect::Wms) => SourceDialect::Wms,
        (false, _) => SourceDialect::Api,
    };
    let reading = Partners.read(&source, said.bytes, &Context::new(said.name, call.now()));
    let grave: Vec<&Finding> = reading.findings.iter().filter(|f| f.severity >= Severity::Error).collect();
    if let Some(fatal) = grave.iter().find(|f| f.severity == Severity::Fatal) {
        return Err(Problem::new(Kind::MalformedJson, fatal.sentence.clone()));
    }
    match whole && !grave.is_empty() || reading.documents.is_empty() {
        true => Err(faults(&grave)),
        false => Ok(reading),
    }
}

fn faults(findings: &[&Finding]) -> Problem {
    let error = |f: &&Finding| FieldError {
        pointer: f.place.tag.to_string(),
        value: f.value.clone().map_or(serde_json::Value::Null, serde_json::Value::String),
        reason: f.id.to_string(),
        detail: f.sentence.clone(),
    };
    Problem::fields(findings.iter().map(error).collect())
        .unwrap_or_else(|| Problem::new(Kind::InvalidField, "the body says nothing that this call understands"))
}

async fn availability(call: Call, body: Text<Availability>) -> Result<Reply<FeedOutcome>, Problem> {
    if let Some(first) = call.first_answer(&body.bytes).await? {
        return Ok(first);
    }
    let outcome = advised(&call, &Said::by_call(&call, &body.bytes)).await?;
    if outcome.is_refused {
        return Err(nothing_taken(&outcome));
    }
    call.keep(&body.bytes, Reply::of(&outcome)).await
}

/// Not a single line could be used: whoever sent it must not take it for heard.
fn nothing_taken(outcome: &FeedOutcome) -> Problem {
    let error = |f: &crate::view::master::Finding| FieldError {
        pointer: f.pointer.clone(),
        value: f.value.clone().map_or(serde_json::Value::Null, serde_json::Value::String),
        reason: f.reason.clone(),
        detail: f.sentence.clone(),
    };
    Problem::fields(outcome.findings.iter().map(error).collect())
        .unwrap_or_else(|| Problem::new(Kind::InvalidField, "not a single line could be used"))
}

/// Takes in what the caller can supply; faulty lines are told, the others count.
pub(super) async fn advised(call: &Call, said: &Said<'_>) -> Result<FeedOutcome, Problem> {
    let source = own_source(call)?;
    let reading = read(call, &source, said, false)?;
    let lines = reading.documents.iter().map(|d| match &d.content {
        Inbound::Advice(advice) => advice.lines.len(),
        _ => 0,
    });
    let lines = lines.sum();
    let mut outcome = take(call, source, reading.documents, lines).await?;
    let before = reading.findings.iter().map(|f| crate::view::master::Finding {
        pointer: f.place.tag.to_string(),
        reason: f.id.to_string(),
        sentence: f.sentence.clone(),
        advice: f.advice.clone(),
        value: f.value.clone(),
    });
    outcome.findings.splice(0..0, before);
    Ok(outcome)
}

/// The purchase order as it stands after a deed; without the address, which the deed did not read.
fn render(order: &OrderId, ordinal: u32) -> impl Fn(&Done) -> super::call::Rendered + Send + Sync + use<> {
    let id = order.clone();
    move |done| {
        let view = done.order(&id).and_then(|o| o.purchase_order(ordinal).map(|po| SupplyView::new(o, po, None)));
        (200, view.map_or_else(|| "{}".into(), |v| json(&v)))
    }
}

/// Has one document about a purchase order carried out.
pub(super) async fn say(
    call: &Call,
    said: &Said<'_>,
    deed: impl FnOnce(Inbound) -> Option<Deed>,
) -> Result<Reply<SupplyView>, Problem> {
    let (number, order, ordinal) = own_order(call).await?;
    let source = own_source(call)?;
    let mut document = match said.bytes.trim_ascii().is_empty() {
        true => bare_receipt(said.name, number)?,
        false => {
            let mut reading = read(call, &source, said, true)?;
            reading.documents.truncate(1);
            reading.documents.pop().ok_or_else(|| faults(&[]))?
        }
    };
    if let Some(po) = order.purchase_order(ordinal) {
        let ordered: Vec<OrderedLine> = paper::ordered(&order, po).iter().map(OrderedLine::from).collect();
        let found = matching::settle(&mut document, &ordered);
        let grave: Vec<&Finding> = found.iter().filter(|f| f.severity >= Severity::Error).collect();
        if !grave.is_empty() {
            return Err(faults(&grave));
        }
    }
    let content = match document.content {
        Inbound::Acknowledgment(answer) => Inbound::Acknowledgment(name_substitutes(call, &source, answer)?),
        other => other,
    };
    let Some(deed) = deed(content) else {
        return Err(Problem::new(Kind::InvalidField, "the body is another document than this call takes"));
    };
    call.act(said.bytes, deed, render(&order.id, ordinal)).await
}

/// A receipt may come without a body: the path says it all.
fn bare_receipt(name: &str, po: PoNumber) -> Result<Document, Problem> {
    if !name.ends_with("/receipt") {
        return Err(Problem::new(Kind::MalformedJson, "the body is empty; send one JSON object"));
    }
    let content = Inbound::Receipt(document::Receipt { po, accepted: true, note: None });
    Ok(Document { content, place: Default::default(), lines: vec![], written_at: None, hints: Default::default() })
}

/// Substitutes are named by the source's numbers; the head wants ours.
fn name_substitutes(
    call: &Call,
    source: &Source,
    mut answer: document::Acknowledgment,
) -> Result<document::Acknowledgment, Problem> {
    for item in answer.lines.iter_mut().filter_map(|l| l.substitute.as_mut()).filter(|item| item.sku.is_none()) {
        let catalogue = call.app().office().desk().catalogue(&source.id)?;
        item.sku = catalogue.find(item).ok().map(|place| catalogue.offers()[place].sku.clone());
    }
    Ok(answer)
}

async fn receipt(call: Call, body: Text<Receipt>) -> Result<Reply<SupplyView>, Problem> {
    say(&call, &Said::by_call(&call, &body.bytes), receipt_deed).await
}

async fn acknowledgment(call: Call, body: Text<Acknowledgment>) -> Result<Reply<SupplyView>, Problem> {
    say(&call, &Said::by_call(&call, &body.bytes), acknowledgment_deed).await
}

async fn shipment(call: Call, body: Text<Shipment>) -> Result<Reply<SupplyView>, Problem> {
    say(&call, &Said::by_call(&call, &body.bytes), shipment_deed).await
}

async fn cancellation_answer(call: Call, body: Text<CancellationAnswer>) -> Result<Reply<SupplyView>, Problem> {
    say(&call, &Said::by_call(&call, &body.bytes), cancellation_deed).await
}

pub(super) fn receipt_deed(content: Inbound) -> Option<Deed> {
    match content {
        Inbound::Receipt(d) => Some(Deed::RecordReceipt(d)),
        _ => None,
    }
}

pub(super) fn acknowledgment_deed(content: Inbound) -> Option<Deed> {
    match content {
        Inbound::Acknowledgment(d) => Some(Deed::RecordAcknowledgment(d)),
        _ => None,
    }
}

pub(super) fn shipment_deed(content: Inbound) -> Option<Deed> {
    match content {
        Inbound::Shipment(d) => Some(Deed::RecordShipment(d)),
        _ => None,
    }
}

pub(super) fn cancellation_deed(content: Inbound) -> Option<Deed> {
    match content {
        Inbound::CancellationAnswer(d) => Some(Deed::RecordCancellationAnswer(d)),
        _ => None,
    }
}

async fn scorecard(call: Call, Query(query): Query<ScorecardQuery>) -> Result<Reply<Scorecard>, Problem> {
    let source = own(&call)?;
    scorecard_of(&call, source, query, "/vendor/v1/scorecard/facts").await
}

/// How a source kept its word, as an answer.
pub(super) async fn scorecard_of(
    call: &Call,
    source: SourceId,
    query: ScorecardQuery,
    facts: &'static str,
) -> Result<Reply<Scorecard>, Problem> {
    Ok(Reply::of(&score(call, source, query, facts).await?))
}

/// The same, to be shown.
pub(super) async fn score(
    call: &Call,
    source: SourceId,
    query: ScorecardQuery,
    facts: &'static str,
) -> Result<Scorecard, Problem> {
    let range = (query.from.as_deref(), query.to.as_deref());
    let scope = super::reports::scope(call, range, scorecard::DAYS, [const { None }; 3])?;
    call.read(move |store| scorecard::of(store, &source, &scope, facts)).await
}

async fn contest(call: Call, body: Json<ContestBody>) -> Result<Reply<SupplyView>, Problem> {
    let (po, order, ordinal) = own_order(&call).await?;
    let ContestBody { clock, due, words, document } = body.value;
    let deed = Deed::ContestBreach { po, clock, due, words, document: document.map(Into::into) };
    call.act(&body.bytes, deed, render(&order.id, ordinal)).await
}
