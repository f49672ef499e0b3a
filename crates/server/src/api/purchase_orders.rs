//! Purchase orders: what went to whom, papers in and out.

use super::call::Call;
use super::input::{Json, Nothing, Query};
use super::orders::{read_entry, time_cursor};
use super::output::{NoContent, Page, Raw, Reply};
use super::route::{Api, Route};
use crate::auth::Permission::{AnswerContests, ReadOrders, ReadPeople};
use crate::erasure;
use crate::problem::{Kind, Problem};
use crate::proofs;
use crate::view::purchase_order::{DocumentView, PurchaseOrderRow, PurchaseOrderView};
use axum::http::header;
use countersign_engine::command::Deed;
use countersign_engine::ids::{PoNumber, SourceId};
use countersign_engine::order::{ClockKind, Order};
use countersign_engine::slice::{Key, Record};
use countersign_engine::source::Source;
use countersign_runtime::ports::{IndexRow, PurchaseOrderQuery, Store, StoreError};
use jiff::Timestamp;
use serde::Deserialize;
use smol_str::SmolStr;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

const GROUP: &str = "Purchase orders";
const PAGE: u32 = 50;
const PAGE_MAX: u32 = 500;
/// Journal entries of the order that are searched for what the source said through the API.
const ENTRIES_MAX: u32 = 1_000;

pub(super) fn routes(api: &mut Api) {
    api.add(Route::get("/v1/purchase-orders", ReadOrders, GROUP, "List purchase orders, newest first"), list);
    api.add(Route::get("/v1/purchase-orders/{po}", ReadOrders, GROUP, "Read a purchase order with its papers"), get);
    api.add(
        Route::get(
            "/v1/purchase-orders/{po}/contest-files",
            ReadPeople,
            GROUP,
            "Files by which a vendor proves what it disputes",
        ),
        proofs_of,
    );
    api.add(
        Route::get("/v1/purchase-orders/{po}/contest-files/{file}", ReadPeople, GROUP, "Such a file, as it came")
            .words("Always as a download: what a vendor sends is shown in no page of ours."),
        proof,
    );
    api.add(
        Route::post(
            "/v1/purchase-orders/{po}/contest-answers",
            AnswerContests,
            GROUP,
            "Excuse or uphold a breach that the vendor disputes",
        )
        .words(
            "Closes the case `breach_contested`, too. An excused breach leaves the vendor's score; both are logged.",
        ),
        answer_contest,
    );
}

/// What becomes of a disputed breach.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ContestAnswerRequest)]
pub(super) struct ContestAnswerBody {
    /// `receipt`, `acknowledgment`, `ship_notice` or `cancel_answer`.
    #[schema(value_type = String, example = "acknowledgment")]
    clock: ClockKind,
    /// When the answer was due; the last disputed one if absent.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    due: Option<Timestamp>,
    /// True: it no longer counts.
    accept: bool,
    /// In what words.
    #[serde(default)]
    words: Option<String>,
}

async fn proofs_of(call: Call, _: Nothing) -> Result<Page<proofs::File>, Problem> {
    let number: PoNumber = call.id("po")?;
    let wanted = number.clone();
    let found =
        call.read(move |store| find(store, &wanted)?.is_some().then(|| proofs::list(store, &wanted)).transpose());
    found.await?.map(Page::whole).ok_or_else(|| Problem::absent(Kind::UnknownPurchaseOrder, number.as_str()))
}

async fn proof(call: Call, _: Nothing) -> Result<Raw, Problem> {
    let (number, id) = (call.id::<PoNumber>("po")?, call.part("file").to_owned());
    let found = call.read(move |store| proofs::read(store, &number, &id)).await?;
    let (file, bytes) = found.ok_or_else(|| Problem::new(Kind::NotFound, "there is no such file"))?;
    let plain = |c: char| if c.is_ascii_alphanumeric() || "-_. ".contains(c) { c } else { '_' };
    let name: String = file.name.chars().map(plain).collect();
    Ok(Raw::bytes("application/octet-stream", bytes)
        .header(header::CONTENT_DISPOSITION, &format!("attachment; filename=\"{name}\"")))
}

async fn answer_contest(call: Call, body: Json<ContestAnswerBody>) -> Result<NoContent, Problem> {
    let text = call.part("po");
    let unknown = || Problem::absent(Kind::UnknownPurchaseOrder, text);
    let po = PoNumber::new(text).map_err(|_| unknown())?;
    if let Some(own) = call.caller().source.clone() {
        let asked = po.clone();
        let found = call.read(move |store| find(store, &asked)).await?;
        let of = found.and_then(|(order, ordinal)| order.purchase_order(ordinal).map(|po| po.source.clone()));
        if of.is_none_or(|of| of != own) {
            return Err(unknown());
        }
    }
    let ContestAnswerBody { clock, due, accept, words } = body.value;
    call.done(call.command(Deed::AnswerContest { po, clock, due, accept, words })).await?;
    Ok(NoContent::default())
}

/// Which purchase orders.
#[derive(Debug, Deserialize, IntoParams)]
pub(super) struct ListQuery {
    /// Only of this source.
    #[serde(default)]
    source: Option<String>,
    /// Only in this state: `open`, `acknowledged`, `shipped`, `withdrawing`, `closed`.
    #[serde(default)]
    state: Option<String>,
    /// `next` of the page before.
    #[serde(default)]
    cursor: Option<String>,
    /// Purchase orders on the page, at most 500.
    #[serde(default)]
    limit: Option<u32>,
}

impl ListQuery {
    /// Those in one state, after a cursor.
    pub(super) fn of_state(state: &str, cursor: Option<String>, limit: u32) -> Self {
        Self { source: None, state: Some(state.to_owned()), cursor, limit: Some(limit) }
    }
    /// How many, at most `most`.
    pub(super) fn limit(&self, most: u32) -> u32 {
        self.limit.unwrap_or(PAGE).clamp(1, most)
    }
    /// The question to the store; `only` narrows it to one source whatever was asked.
    pub(super) fn query(self, only: Option<SourceId>) -> Result<PurchaseOrderQuery, Problem> {
        let asked = self
            .source
            .filter(|s| !s.is_empty())
            .map(|text| SourceId::new(&text).map_err(|e| Problem::field("?source", text, "invalid", e.to_string())));
        Ok(PurchaseOrderQuery {
            source: only.or(asked.transpose()?),
            state: self.state.filter(|s| !s.is_empty()).map(SmolStr::from),
            cursor: time_cursor(self.cursor.as_deref())?,
            limit: self.limit.unwrap_or(PAGE).clamp(1, PAGE_MAX),
        })
    }
}

/// The cursor behind the last row of a full page.
pub(super) fn next_of(rows: &[IndexRow], limit: u32) -> Option<String> {
    match rows.last().filter(|_| rows.len() == limit as usize)? {
        IndexRow::PurchaseOrder { number, released_at, .. } => {
            Some(format!("{}:{number}", released_at.as_microsecond()))
        }
        _ => None,
    }
}

async fn list(call: Call, Query(query): Query<ListQuery>) -> Result<Page<PurchaseOrderRow>, Problem> {
    let query = query.query(None)?;
    let limit = query.limit;
    let rows = call.read(move |store| store.purchase_orders(&query)).await?;
    Ok(Page { items: rows.iter().filter_map(PurchaseOrderRow::of).collect(), next: next_of(&rows, limit) })
}

async fn get(call: Call, _: Nothing) -> Result<Reply<PurchaseOrderView>, Problem> {
    let number: PoNumber = call.id("po")?;
    let (wanted, may_read) = (number.clone(), call.caller().may(ReadPeople));
    let found = call.read(move |store| {
        let Some((order, ordinal)) = find(store, &wanted)? else { return Ok(None) };
        let documents = match may_read {
            true => papers(store, &order, &wanted, None)?,
            false => papers(store, &order, &wanted, Some(&values_of(store, &wanted)?))?,
        };
        Ok(order.purchase_order(ordinal).map(|po| PurchaseOrderView::new(&order, po, documents)))
    });
    match found.await? {
        Some(view) => Ok(Reply::of(&view)),
        None => Err(Problem::absent(Kind::UnknownPurchaseOrder, number.as_str())),
    }
}

/// The order behind a purchase order's number, and the ordinal in it.
pub(super) fn find(store: &dyn Store, number: &PoNumber) -> Result<Option<(Arc<Order>, u32)>, StoreError> {
    let Some((id, ordinal)) = number.split() else { return Ok(None) };
    match store.load(&[Key::Order(id)])?.into_iter().flatten().next().map(|v| v.record) {
        Some(Record::Order(order)) if order.purchase_order(ordinal).is_some() => Ok(Some((order, ordinal))),
        _ => Ok(None),
    }
}

/// The record of a source.
pub(super) fn source_of(store: &dyn Store, id: SourceId) -> Result<Option<Arc<Source>>, StoreError> {
    let record = store.load(&[Key::Source(id)])?.into_iter().flatten().next().map(|versioned| versioned.record);
    Ok(match record {
        Some(Record::Source(source)) => Some(source),
        _ => None,
    })
}

/// What tells the customer of a purchase order apart, as far as it is kept.
pub(super) fn values_of(store: &dyn Store, number: &PoNumber) -> Result<Vec<String>, StoreError> {
    let Some((order, _)) = number.split() else { return Ok(vec![]) };
    Ok(store.person(&order)?.map(|person| erasure::values_of(&person)).unwrap_or_default())
}

/// Papers in both directions; for those who may not read personal data, without what `people` tells of the customer.
fn papers(
    store: &dyn Store,
    order: &Order,
    number: &PoNumber,
    people: Option<&[String]>,
) -> Result<Vec<DocumentView>, StoreError> {
    let released_at =
        number.split().and_then(|(_, n)| order.purchase_order(n)).map_or(order.captured_at, |p| p.released_at);
    let out = store.errands_of(number)?;
    let inbound = store.inbox_of(number)?;
    let rows = store.journal_of(order.id.as_str(), 0, ENTRIES_MAX)?;
    let said = rows.iter().filter(|row| row.body.contains("\"kind\":\"source\"")).filter_map(read_entry);
    let said = said.filter_map(|(position, entry)| DocumentView::said(position, &entry, number));
    Ok(out
        .iter()
        .map(|errand| {
            let bytes = errand.rendered.as_ref().map(|paper| paper.bytes.as_slice());
            DocumentView::out(errand, released_at).covered(bytes.unwrap_or_default(), people)
        })
        .chain(inbound.iter().map(|entry| DocumentView::inbound(entry).covered(&entry.new.bytes, people)))
        .chain(said)
        .collect())
}
