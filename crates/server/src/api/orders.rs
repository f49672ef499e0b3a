//! Orders: read, list, explain, change. Capture stands in its own file.

mod capture;
mod deeds;
pub(super) mod messages;
pub(super) mod replies;

use super::call::Call;
use super::input::{Nothing, Query};
use super::output::{NoContent, Page, Reply};
use super::route::{Api, Route};
use crate::auth::Permission::{
    CaptureOrders, ChangeOrders, ErasePeople, HandInReplies, ReadOrders, ReadPeople, Reroute as MayReroute,
    WriteToPeople,
};
use crate::erasure;
use crate::problem::{Kind, Problem};
use crate::view::decision::{
    DecisionView, Names, Terms, TimelineView, decisions, late_acceptances, sources_of, timeline,
};
use crate::view::order::{OrderRow, OrderView, People};
use countersign_engine::ids::{OrderId, SourceId};
use countersign_engine::journal::Entry;
use countersign_engine::order::Order;
use countersign_engine::policy::Policy;
use countersign_engine::slice::{Key, Record, Slice};
use countersign_runtime::ports::{JournalRow, OrderQuery, Store, StoreError};
use serde::Deserialize;
use smol_str::SmolStr;
use std::collections::BTreeSet;
use std::sync::Arc;
use utoipa::IntoParams;

const GROUP: &str = "Orders";
/// Orders on one page, unless more are asked for.
const PAGE: u32 = 50;
/// Most orders on one page: each comes with its lines.
const PAGE_MAX: u32 = 200;
/// Journal entries of one order that are shown at once: an order has a dozen, a troubled one a hundred.
const ENTRIES_MAX: u32 = 1_000;

pub(super) fn routes(api: &mut Api) {
    api.add(
        Route::post("/v1/orders", CaptureOrders, GROUP, "Capture an order, or many").words(
            "One order as JSON, or many as NDJSON with a result per line. The order id is the idempotency key: the same \
             order again is answered as it stands, other content under the same id is refused with 409. With \
             `Prefer: wait=SECONDS` the answer is held until the order is committed or needs somebody. A result line of \
             the bulk form holds `line`, `id`, `status` (HTTP) and `order_status` or `problem`; live availability is \
             not asked there.",
        ),
        capture::post,
    );
    api.add(
        Route::get("/v1/orders", ReadOrders, GROUP, "List orders, newest first").words(
            "`q` finds an order by its whole id, an SKU, a purchase order or a tracking number, whatever the case of \
                    the letters; for those who may read personal data also by the customer's mail.",
        ),
        list,
    );
    api.add(Route::get("/v1/orders/{order}", ReadOrders, GROUP, "Read an order"), get);
    api.add(
        Route::get("/v1/orders/{order}/timeline", ReadOrders, GROUP, "What happened to an order, oldest first"),
        get_timeline,
    );
    api.add(
        Route::get("/v1/orders/{order}/decisions", ReadOrders, GROUP, "Why: every decision with all candidates"),
        get_decisions,
    );
    api.add(
        Route::post("/v1/orders/{order}/cancel", ChangeOrders, GROUP, "Cancel an order")
            .words("202 where a source has to answer first; the timeline tells how it ended."),
        deeds::cancel,
    );
    api.add(
        Route::post("/v1/orders/{order}/lines/{line}/cancel", ChangeOrders, GROUP, "Cancel a line")
            .words("202 where a source has to answer first."),
        deeds::cancel_line,
    );
    api.add(
        Route::post("/v1/orders/{order}/hold", ChangeOrders, GROUP, "Keep an order from being released"),
        deeds::hold,
    );
    api.add(Route::post("/v1/orders/{order}/release", ChangeOrders, GROUP, "Let a held order go on"), deeds::release);
    api.add(
        Route::post("/v1/orders/{order}/lines/{line}/reroute", MayReroute, GROUP, "Take a line to another source")
            .words("Without `to` the rules choose; naming a source needs the permission to choose one."),
        deeds::reroute,
    );
    api.add(
        Route::get("/v1/orders/{order}/messages", ReadPeople, GROUP, "What people wrote about an order, oldest first")
            .words("With the words, which stand with the customer's personal data and are erased with it."),
        messages::list,
    );
    api.add(
        Route::post("/v1/orders/{order}/messages", WriteToPeople, GROUP, "Write to the customer, or to a source")
            .words(
                "Goes out once, outside quiet hours, the way `addressees` tells: by mail, on the vendor's page in the \
             portal, or as `countersign.message.written.v1` to the storefront, which reads the words here.",
            ),
        messages::write,
    );
    api.add(
        Route::post(
            "/v1/orders/{order}/replies",
            HandInReplies,
            GROUP,
            "Hand in what a customer or a source wrote back",
        )
        .words(
            "For programs that read the mailbox, and for whoever had them on the telephone. It stands among the \
                 order's messages and opens a case (`customer_wrote`, `vendor_wrote`) for the person who wrote to them \
                 last; writing back closes it.",
        ),
        replies::hand_in,
    );
    api.add(
        Route::get("/v1/orders/{order}/addressees", WriteToPeople, GROUP, "Who can be written to, and how it travels"),
        messages::addressees,
    );
    api.add(
        Route::delete("/v1/orders/{order}/person", ErasePeople, GROUP, "Erase the personal data of an order").words(
            "With what people wrote, and what of names and addresses stands in papers that are kept: there each \
                 letter becomes an `x`, or a note takes the place of the text. The log holds none; it and all hashes \
                 stay whole. What has left the house is not fetched back; a paper that is tried again later goes \
                 out covered. Cannot be undone.",
        ),
        erase,
    );
}

/// Which orders.
#[derive(Debug, Deserialize, IntoParams)]
pub(super) struct ListQuery {
    /// Only with this status.
    #[serde(default)]
    status: Option<String>,
    /// Only whose id, SKU, purchase order, tracking number or customer's mail is this, whatever the case of its letters.
    #[serde(default)]
    q: Option<String>,
    /// `next` of the page before.
    #[serde(default)]
    cursor: Option<String>,
    /// Orders on the page, at most 200.
    #[serde(default)]
    limit: Option<u32>,
}

/// A cursor of a list by time: `microseconds:name`.
pub(super) fn time_cursor(text: Option<&str>) -> Result<Option<(i64, String)>, Problem> {
    let Some(text) = text.filter(|t| !t.is_empty()) else { return Ok(None) };
    let parsed = text.split_once(':').and_then(|(at, name)| Some((at.parse().ok()?, name.to_owned())));
    parsed.map(Some).ok_or_else(|| Problem::field("?cursor", text, "invalid", "give `next` of the page before"))
}

/// A text as the customer's mail that it may be; nothing for those who may not read personal data.
pub(super) fn mail_in(text: &str, call: &Call) -> Option<String> {
    (text.contains('@') && call.caller().may(ReadPeople)).then(|| text.to_lowercase())
}

async fn list(call: Call, Query(query): Query<ListQuery>) -> Result<Page<OrderRow>, Problem> {
    let limit = query.limit.unwrap_or(PAGE).clamp(1, PAGE_MAX);
    let cursor = time_cursor(query.cursor.as_deref())?;
    let status = query.status.filter(|s| !s.is_empty()).map(SmolStr::from);
    let text = query.q.map(|q| q.trim().to_owned()).filter(|q| !q.is_empty());
    let mail = text.as_deref().and_then(|text| mail_in(text, &call));
    let wanted = OrderQuery { status, text, mail, cursor, limit };
    let found = call.read(move |store| store.orders(&wanted)).await?;
    let orders: Vec<&Order> = found
        .iter()
        .filter_map(|r| match r {
            Record::Order(order) => Some(order.as_ref()),
            _ => None,
        })
        .collect();
    let last = orders.last().filter(|_| orders.len() == limit as usize);
    let next = last.map(|o| format!("{}:{}", o.captured_at.as_microsecond(), o.id));
    Ok(Page { items: orders.into_iter().map(OrderRow::from).collect(), next })
}

/// The order that the path names, with its personal data as kept.
async fn order_of(call: &Call) -> Result<(Arc<Order>, Option<String>), Problem> {
    let id: OrderId = call.id("order")?;
    let key = id.clone();
    let found = call.read(move |store| {
        let record = store.load(&[Key::Order(key.clone())])?.into_iter().flatten().next().map(|v| v.record);
        Ok((record, store.person(&key)?))
    });
    match found.await? {
        (Some(Record::Order(order)), person) => Ok((order, person)),
        _ => Err(Problem::absent(Kind::UnknownOrder, id.as_str())),
    }
}

async fn get(call: Call, _: Nothing) -> Result<Reply<OrderView>, Problem> {
    let (order, person) = order_of(&call).await?;
    let people = person.filter(|_| call.caller().may(ReadPeople)).and_then(|text| serde_json::from_str(&text).ok());
    Ok(Reply::of(&OrderView::new(&order, people.unwrap_or_else(People::default))))
}

/// Where a list by journal position begins.
#[derive(Debug, Deserialize, IntoParams)]
pub(super) struct EntriesQuery {
    /// Continue after this position: `next` of the page before.
    #[serde(default)]
    cursor: Option<u64>,
}

/// The journal entries of the order that the path names.
async fn entries(call: &Call, after: u64) -> Result<(Vec<(u64, Entry)>, Option<String>), Problem> {
    let id: OrderId = call.id("order")?;
    let subject = id.clone();
    let rows = call.read(move |store| store.journal_of(subject.as_str(), after, ENTRIES_MAX)).await?;
    if rows.is_empty() && after == 0 {
        return Err(Problem::absent(Kind::UnknownOrder, id.as_str()));
    }
    let next = rows.last().filter(|_| rows.len() == ENTRIES_MAX as usize).map(|row| row.position.to_string());
    Ok((rows.iter().filter_map(read_entry).collect(), next))
}

/// An entry as written; one that this build cannot read is reported and passed over.
pub(super) fn read_entry(row: &JournalRow) -> Option<(u64, Entry)> {
    match serde_json::from_str(&row.body) {
        Ok(entry) => Some((row.position, entry)),
        Err(error) => {
            tracing::error!(position = row.position, %error, "a journal entry cannot be read");
            None
        }
    }
}

async fn get_timeline(call: Call, Query(query): Query<EntriesQuery>) -> Result<Page<TimelineView>, Problem> {
    let (entries, next) = entries(&call, query.cursor.unwrap_or(0)).await?;
    let order = match call.record(Key::Order(call.id("order")?)).await? {
        Some(Record::Order(order)) => Some(order),
        _ => None,
    };
    let happened = entries.iter().flat_map(|(position, entry)| timeline(*position, entry, order.as_deref()));
    Ok(Page { items: happened.collect(), next })
}

async fn get_decisions(call: Call, Query(query): Query<EntriesQuery>) -> Result<Page<DecisionView>, Problem> {
    let (entries, next) = entries(&call, query.cursor.unwrap_or(0)).await?;
    let wanted: BTreeSet<SourceId> = entries.iter().flat_map(|(_, entry)| sources_of(entry)).cloned().collect();
    let id: OrderId = call.id("order")?;
    let versions: BTreeSet<u32> = entries.iter().map(|(_, entry)| entry.policy).collect();
    let late = late_acceptances(entries.iter().map(|(_, entry)| entry));
    let (names, mut terms) =
        call.read(move |store| Ok((names_of(store, wanted.clone())?, terms_of(store, &id, wanted, versions)?))).await?;
    terms.late = late;
    let items = entries.iter().flat_map(|(position, entry)| decisions(*position, entry, &names, &terms)).collect();
    Ok(Page { items, next })
}

/// What the engine needs to be asked again about an order's decisions.
fn terms_of(
    store: &dyn Store,
    id: &OrderId,
    sources: BTreeSet<SourceId>,
    versions: BTreeSet<u32>,
) -> Result<Terms, StoreError> {
    let mut keys = vec![Key::Order(id.clone()), Key::Policy];
    let order = store.load(&keys[..1])?.into_iter().flatten().next().map(|v| v.record);
    if let Some(Record::Order(order)) = &order {
        let skus = order.lines.iter().map(|l| &l.sku).collect::<BTreeSet<_>>();
        keys.extend(skus.iter().flat_map(|sku| sources.iter().map(|s| Key::Offer(s.clone(), (*sku).clone()))));
    }
    keys.extend(sources.into_iter().map(Key::Source));
    keys.extend(versions.into_iter().map(Key::policy_version));
    let found: Vec<Option<Record>> = store.load(&keys)?.into_iter().map(|v| v.map(|v| v.record)).collect();
    let policies = found.iter().flatten().filter_map(|record| match record {
        Record::Policy(policy) | Record::PolicyVersion(policy) => Some((policy.version, policy.as_ref().clone())),
        _ => None,
    });
    // The policy as delivered is no record until somebody returns to it.
    let delivered = Policy::as_delivered();
    let policies = std::iter::once((delivered.version, delivered.as_ref().clone())).chain(policies);
    Ok(Terms { late: vec![], policies: policies.collect(), slice: Slice::new(keys.into_iter().zip(found)) })
}

/// The names of sources.
pub(super) fn names_of(store: &dyn Store, wanted: BTreeSet<SourceId>) -> Result<Names, StoreError> {
    let keys: Vec<Key> = wanted.into_iter().map(Key::Source).collect();
    let found = store.load(&keys)?.into_iter().flatten().filter_map(|v| match v.record {
        Record::Source(source) => Some((source.id.clone(), source.name.clone())),
        _ => None,
    });
    Ok(found.collect())
}

async fn erase(call: Call, _: Nothing) -> Result<NoContent, Problem> {
    let (id, now): (OrderId, _) = (call.id("order")?, call.now());
    let wanted = id.clone();
    let erased = call.read(move |store| {
        let record = store.load(&[Key::Order(wanted.clone())])?.into_iter().flatten().next().map(|v| v.record);
        let order = match &record {
            Some(Record::Order(order)) => Some(order.as_ref()),
            _ => None,
        };
        erasure::erase(store, &wanted, order, now)
    });
    let erased = erased.await?;
    tracing::info!(target: "countersign::access", order = %id, by = call.caller().actor.name(), erased, request_id = %call.request_id(), "personal data erased");
    match erased {
        true => Ok(NoContent::default()),
        false => Err(Problem::new(Kind::NotFound, format!("there is no personal data of order {id}"))),
    }
}
