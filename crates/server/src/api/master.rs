//! Items, sources, offers, advice.

use super::call::{Call, json, ok};
use super::input::{Bulk, BulkForm, Forms, Json, Nothing, Query, schema_of};
use super::output::{Page, Reply};
use super::reports::scorecard::{Scorecard, ScorecardQuery};
use super::route::{Api, Route};
use crate::auth::Permission::{ReadCatalog, WriteAdvice, WriteItems, WriteOffers, WriteSources};
use crate::problem::{Kind, Problem};
use crate::view::master::{
    AdviceBody, AdviceView, FeedBody, FeedLine, FeedOutcome, Finding, ItemBody, ItemView, OfferBody, OfferView,
    SourceBody, SourceView,
};
use countersign_engine::command::{Deed, ReportAdvice, ReportedLine};
use countersign_engine::document::{Advice, AdviceLine, Inbound, ItemRef};
use countersign_engine::ids::{Sku, SourceId};
use countersign_engine::measure::{QUANTITY_MAX, Quantity};
use countersign_engine::offer::Offer;
use countersign_engine::slice::{Key, Record};
use countersign_engine::source::Source;
use countersign_engine::stock::{Incoming, Origin, Stock};
use countersign_partners::seam::{Document, Hints, Place};
use countersign_runtime::interpret::{self, Taken};
use countersign_runtime::ports::{List, Versioned};
use countersign_runtime::request::Done;
use serde::Deserialize;
use serde_json::Value;
use smol_str::format_smolstr;
use std::collections::BTreeMap;
use std::sync::Arc;
use utoipa::IntoParams;

const GROUP: &str = "Master data";
/// Things on one page, unless more are asked for.
const PAGE: u32 = 100;
/// Most things on one page.
pub(super) const PAGE_MAX: u32 = 1_000;

pub(super) fn routes(api: &mut Api) {
    api.add(Route::put("/v1/items/{sku}", WriteItems, GROUP, "Record an item"), put_item);
    api.add(Route::get("/v1/items/{sku}", ReadCatalog, GROUP, "Read an item"), get_item);
    api.add(Route::get("/v1/items", ReadCatalog, GROUP, "List items by number"), list_items);
    api.add(Route::put("/v1/sources/{source}", WriteSources, GROUP, "Record a source").creates(), put_source);
    api.add(Route::get("/v1/sources/{source}", ReadCatalog, GROUP, "Read a source"), get_source);
    api.add(Route::get("/v1/sources", ReadCatalog, GROUP, "List sources"), list_sources);
    api.add(
        Route::get("/v1/sources/{source}/scorecard", ReadCatalog, GROUP, "How a source kept its word").words(
            "Over days of UTC, the last 90 if none are given; `links` lead to the purchase orders behind each figure.",
        ),
        scorecard,
    );
    api.add(Route::put("/v1/sources/{source}/offers/{sku}", WriteOffers, GROUP, "Record an offer"), put_offer);
    api.add(Route::get("/v1/sources/{source}/offers/{sku}", ReadCatalog, GROUP, "Read an offer"), get_offer);
    api.add(Route::get("/v1/sources/{source}/offers", ReadCatalog, GROUP, "List the offers of a source"), list_offers);
    api.add(Route::get("/v1/items/{sku}/offers", ReadCatalog, GROUP, "List the offers for an item"), list_offers_for);
    api.add(
        Route::put("/v1/sources/{source}/advice/{sku}", WriteAdvice, GROUP, "Report availability of one item")
            .words("The quantity is in the offer's packs. Older advice never replaces newer."),
        put_advice,
    );
    api.add(Route::get("/v1/sources/{source}/advice/{sku}", ReadCatalog, GROUP, "Read the latest advice"), get_advice);
    api.add(
        Route::post("/v1/sources/{source}/advice", WriteAdvice, GROUP, "Report availability in bulk").words(
            "Faulty lines are left out and told; the others are taken in. `full` has to be said: a full feed makes \
             absent offers unavailable. Repeating a feed has no effect.",
        ),
        post_advice,
    );
}

/// Where a page begins and how long it is.
#[derive(Debug, Deserialize, IntoParams)]
pub(super) struct PageQuery {
    /// `next` of the page before.
    #[serde(default)]
    cursor: Option<String>,
    /// Things on the page, at most 1,000.
    #[serde(default)]
    limit: Option<u32>,
}

impl PageQuery {
    pub(super) fn limit(&self) -> u32 {
        self.limit.unwrap_or(PAGE).clamp(1, PAGE_MAX)
    }
}

/// A page of records of one kind.
pub(super) async fn page<T>(
    call: &Call,
    what: List,
    query: PageQuery,
    name: fn(&Record) -> Option<String>,
    view: impl Fn(&Record) -> Option<T>,
) -> Result<Page<T>, Problem> {
    let limit = query.limit();
    let after = query.cursor;
    let found: Vec<Versioned> = call.read(move |store| store.list(&what, after.as_deref(), limit)).await?;
    let full = found.len() == limit as usize;
    let next = found.last().filter(|_| full).and_then(|v| name(&v.record));
    Ok(Page { items: found.iter().filter_map(|v| view(&v.record)).collect(), next })
}

async fn put_item(call: Call, body: Json<ItemBody>) -> Result<Reply<ItemView>, Problem> {
    let item = body.value.named(call.id("sku")?);
    let view = json(&ItemView::from(&item));
    call.act(&body.bytes, Deed::RecordItem { item }, move |_| (200, view.clone())).await
}

async fn get_item(call: Call, _: Nothing) -> Result<Reply<ItemView>, Problem> {
    let sku: Sku = call.id("sku")?;
    match call.record(Key::Item(sku.clone())).await? {
        Some(Record::Item(item)) => Ok(Reply::of(&ItemView::from(item.as_ref()))),
        _ => Err(Problem::absent(Kind::UnknownSku, sku.as_str()).in_path()),
    }
}

async fn list_items(call: Call, Query(query): Query<PageQuery>) -> Result<Page<ItemView>, Problem> {
    let name = |r: &Record| match r {
        Record::Item(item) => Some(item.sku.to_string()),
        _ => None,
    };
    let view = |r: &Record| match r {
        Record::Item(item) => Some(ItemView::from(item.as_ref())),
        _ => None,
    };
    page(&call, List::Items, query, name, view).await
}

async fn put_source(call: Call, body: Json<SourceBody>) -> Result<Reply<SourceView>, Problem> {
    let source = body.value.named(call.id("source")?).map_err(|faults| {
        Problem::fields(faults).unwrap_or_else(|| Problem::new(Kind::InvalidField, "the source is not right"))
    })?;
    check_connection(&call, &source).await?;
    let (view, only_new) = (json(&SourceView::from(&source)), call.creates_only()?);
    call.act(&body.bytes, Deed::RecordSource { source, only_new }, move |_| (200, view.clone())).await
}

/// Settings that no connector takes, or that hold a secret in plain words, never reach the log.
async fn check_connection(call: &Call, source: &Source) -> Result<(), Problem> {
    let (office, channel) = (call.app().office().clone(), source.channel.clone());
    if channel.connector.is_null() {
        return Ok(());
    }
    let checked = call.read(move |_| Ok(office.registry().map_or(Ok(()), |registry| registry.check(&channel))));
    checked.await?.map_err(|fault| {
        let pointer = format!("/channel/connector{}", fault.pointer);
        Problem::field(pointer, Value::Null, "connector", fault.sentence)
    })
}

/// The source that the path names.
pub(super) async fn source_of(call: &Call) -> Result<Arc<Source>, Problem> {
    let id: SourceId = call.id("source")?;
    match call.record(Key::Source(id.clone())).await? {
        Some(Record::Source(source)) => Ok(source),
        _ => Err(Problem::absent(Kind::UnknownSource, id.as_str()).in_path()),
    }
}

async fn get_source(call: Call, _: Nothing) -> Result<Reply<SourceView>, Problem> {
    Ok(Reply::of(&SourceView::from(source_of(&call).await?.as_ref())))
}

async fn list_sources(call: Call, Query(query): Query<PageQuery>) -> Result<Page<SourceView>, Problem> {
    let name = |r: &Record| match r {
        Record::Source(source) => Some(source.id.to_string()),
        _ => None,
    };
    let view = |r: &Record| match r {
        Record::Source(source) => Some(SourceView::from(source.as_ref())),
        _ => None,
    };
    page(&call, List::Sources, query, name, view).await
}

async fn scorecard(call: Call, Query(query): Query<ScorecardQuery>) -> Result<Reply<Scorecard>, Problem> {
    let source = source_of(&call).await?;
    super::vendor::scorecard_of(&call, source.id.clone(), query, super::reports::cells::FACTS).await
}

async fn put_offer(call: Call, body: Json<OfferBody>) -> Result<Reply<OfferView>, Problem> {
    let offer = body.value.named(call.id("source")?, call.id("sku")?);
    let view = json(&OfferView::new(&offer, None));
    let done = call.act(&body.bytes, Deed::RecordOffer { offer }, move |_| (200, view.clone())).await;
    done.map_err(Problem::in_path)
}

/// Offer and stock of the source and item that the path names.
async fn offer_of(call: &Call) -> Result<(Arc<Offer>, Option<Arc<Stock>>), Problem> {
    let (source, sku): (SourceId, Sku) = (call.id("source")?, call.id("sku")?);
    let keys = [Key::Offer(source.clone(), sku.clone()), Key::Stock(source.clone(), sku.clone())];
    let mut found = call.read(move |store| store.load(&keys)).await?.into_iter().map(|v| v.map(|v| v.record));
    match (found.next().flatten(), found.next().flatten()) {
        (Some(Record::Offer(offer)), Some(Record::Stock(stock))) => Ok((offer, Some(stock))),
        (Some(Record::Offer(offer)), _) => Ok((offer, None)),
        _ => Err(Problem::new(Kind::NotFound, format!("{source} has no offer for {sku}"))),
    }
}

async fn get_offer(call: Call, _: Nothing) -> Result<Reply<OfferView>, Problem> {
    let (offer, stock) = offer_of(&call).await?;
    Ok(Reply::of(&OfferView::new(&offer, stock.as_deref())))
}

async fn list_offers(call: Call, Query(query): Query<PageQuery>) -> Result<Page<OfferView>, Problem> {
    let source = source_of(&call).await?;
    let name: fn(&Offer) -> String = |offer| offer.sku.to_string();
    offers(&call, List::OffersOf(source.id.clone()), query, name).await
}

async fn list_offers_for(call: Call, Query(query): Query<PageQuery>) -> Result<Page<OfferView>, Problem> {
    let name: fn(&Offer) -> String = |offer| offer.source.to_string();
    offers(&call, List::OffersFor(call.id("sku")?), query, name).await
}

/// A page of offers, with the advice for each.
pub(super) async fn offers(
    call: &Call,
    what: List,
    query: PageQuery,
    name: fn(&Offer) -> String,
) -> Result<Page<OfferView>, Problem> {
    let limit = query.limit();
    let after = query.cursor;
    let found = call.read(move |store| {
        let offers: Vec<Arc<Offer>> = store
            .list(&what, after.as_deref(), limit)?
            .into_iter()
            .filter_map(|v| match v.record {
                Record::Offer(offer) => Some(offer),
                _ => None,
            })
            .collect();
        let keys: Vec<Key> = offers.iter().map(|o| Key::Stock(o.source.clone(), o.sku.clone())).collect();
        Ok((offers, store.load(&keys)?))
    });
    let (offers, stocks) = found.await?;
    let next = offers.last().filter(|_| offers.len() == limit as usize).map(|o| name(o));
    let view = |(offer, stock): (&Arc<Offer>, Option<Versioned>)| match stock.map(|v| v.record) {
        Some(Record::Stock(stock)) => OfferView::new(offer, Some(&stock)),
        _ => OfferView::new(offer, None),
    };
    Ok(Page { items: offers.iter().zip(stocks).map(view).collect(), next })
}

async fn put_advice(call: Call, body: Json<AdviceBody>) -> Result<Reply<AdviceView>, Problem> {
    let (source, sku): (SourceId, Sku) = (call.id("source")?, call.id("sku")?);
    let keys = [Key::Source(source.clone()), Key::Offer(source.clone(), sku.clone())];
    let desk = call.app().office().desk().clone();
    let found = desk.read(&keys)?;
    let (offer, origin) = match (&found[0], &found[1]) {
        (None, _) => return Err(Problem::absent(Kind::UnknownSource, source.as_str()).in_path()),
        (Some(_), Some(Record::Offer(offer))) => (offer.clone(), Origin::Api),
        _ => return Err(Problem::new(Kind::NotFound, format!("{source} has no offer for {sku}: record it first"))),
    };
    let line = reported(&offer, &body.value)?;
    let report = ReportAdvice {
        source,
        as_of: body.value.as_of,
        origin,
        full: false,
        completes_feed: false,
        unchanged: 0,
        lines: vec![line],
    };
    let key = (offer.source.clone(), offer.sku.clone());
    let render = move |done: &Done| {
        let stock = done.after.has(&Key::Stock(key.0.clone(), key.1.clone())).then(|| done.after.stock(&key.0, &key.1));
        let unadvised = Stock::unadvised(key.0.clone(), key.1.clone());
        ok(&AdviceView::new(&offer, stock.flatten().unwrap_or(&unadvised)))
    };
    call.act(&body.bytes, Deed::ReportAdvice(report), render).await
}

/// One line of advice in base units.
fn reported(offer: &Offer, body: &AdviceBody) -> Result<ReportedLine, Problem> {
    let base = |pointer: String, packs: Quantity| {
        packs.times(offer.pack.base_units).filter(|q| q.get() <= QUANTITY_MAX).ok_or_else(|| {
            Problem::field(pointer, packs.get(), "quantity_out_of_range", format!("at most {QUANTITY_MAX} base units"))
        })
    };
    let quantity = base("/quantity".into(), Quantity::new(body.quantity))?;
    let mut incoming: BTreeMap<_, Incoming> = BTreeMap::new();
    for (i, receipt) in body.incoming.iter().enumerate() {
        let units = base(format!("/incoming/{i}/quantity"), receipt.quantity)?;
        let slot = incoming.entry(receipt.on).or_default();
        slot.quantity = slot.quantity.plus_capped(units);
    }
    Ok(ReportedLine { sku: offer.sku.clone(), quantity, incoming, absent: false })
}

async fn get_advice(call: Call, _: Nothing) -> Result<Reply<AdviceView>, Problem> {
    let (offer, stock) = offer_of(&call).await?;
    match stock.filter(|s| s.is_advised()) {
        Some(stock) => Ok(Reply::of(&AdviceView::new(&offer, &stock))),
        None => Err(Problem::new(Kind::NotFound, format!("{} has never advised {}", offer.source, offer.sku))),
    }
}

/// No parameters; the body may be large.
#[derive(Debug, Deserialize, IntoParams)]
pub(super) struct FeedQuery {}

impl BulkForm for FeedQuery {
    fn forms() -> Forms {
        let (schema, schemas) = schema_of::<FeedBody>();
        (vec![("application/json", schema)], schemas)
    }
}

async fn post_advice(call: Call, body: Bulk<FeedQuery>) -> Result<Reply<FeedOutcome>, Problem> {
    if let Some(first) = call.first_answer(&body.bytes).await? {
        return Ok(first);
    }
    let source = source_of(&call).await?;
    let feed: FeedBody = super::call::parse(&body.bytes)?;
    let count = feed.lines.len();
    let lines = feed.lines.into_iter().map(advice_line).collect::<Vec<_>>();
    let places = (0..count).map(|i| at(format!("/lines/{i}"))).collect();
    let advice = Advice { as_of: feed.as_of, origin: Origin::Api, full: feed.full, lines };
    let document = Document {
        content: Inbound::Advice(advice),
        place: at(String::new()),
        lines: places,
        written_at: None,
        hints: Hints::default(),
    };
    let reply = Reply::of(&take(&call, source, vec![document], count).await?);
    call.keep(&body.bytes, reply).await
}

fn at(pointer: String) -> Place {
    Place { tag: pointer.into(), ..Place::default() }
}

fn advice_line(line: FeedLine) -> AdviceLine {
    let FeedLine { sku, vendor_sku, gtin, quantity, unit, incoming, discontinued } = line;
    let item = ItemRef { sku, vendor_sku, gtin };
    AdviceLine { item, quantity: Quantity::new(quantity), unit, incoming, discontinued }
}

/// Has documents carried out chunk by chunk, and tells what became of them.
pub(super) async fn take(
    call: &Call,
    source: Arc<Source>,
    documents: Vec<Document>,
    lines: usize,
) -> Result<FeedOutcome, Problem> {
    let (office, now, cause) = (call.app().office().clone(), call.now(), format_smolstr!("{}", call.request_id()));
    let work = tokio::task::spawn_blocking(move || {
        let taken = interpret::take(office.desk(), &source, now, documents, &cause);
        let position = taken.iter().flat_map(|t| &t.handled).filter_map(|h| h.done()?.position).max();
        if let Some(position) = position {
            office.moved_to(position);
        }
        taken
    });
    let taken = work.await.map_err(|_| Problem::new(Kind::Bug, "the work was given up"))?;
    let Taken { report, handled, .. } = taken.map_err(|failure| Problem::from(&failure))?;
    let finding = |f: &countersign_partners::seam::Finding| Finding {
        pointer: f.place.tag.to_string(),
        reason: f.id.to_string(),
        sentence: f.sentence.clone(),
        advice: f.advice.clone(),
        value: f.value.clone(),
    };
    Ok(FeedOutcome {
        lines,
        unchanged: report.unchanged,
        findings: report.findings.iter().map(finding).collect(),
        findings_dropped: report.findings_dropped,
        is_refused: !report.findings.is_empty() && report.unchanged == 0 && !handled.iter().any(|h| h.done().is_some()),
    })
}
