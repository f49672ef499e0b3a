//! What a vendor says of itself beyond single purchase orders: lead times, days without work, what it can ship a day.
//!
//! Each becomes the same command as when the retailer's people record it; the journal names the source as its author.

use super::call::{Call, ok};
use super::input::{Json, Nothing, Query};
use super::master::{PageQuery, offers};
use super::output::{Page, Reply};
use super::route::{Api, Route};
use super::vendor::{own, own_source};
use crate::auth::Permission::Supply;
use crate::problem::{Kind, Problem};
use crate::view::master::OfferView;
use countersign_engine::command::Deed;
use countersign_engine::ids::Sku;
use countersign_engine::measure::Quantity;
use countersign_engine::offer::Offer;
use countersign_engine::slice::{Key, Record};
use countersign_engine::source::Source;
use countersign_runtime::ports::List;
use countersign_runtime::request::Done;
use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

const GROUP: &str = "Vendors";
/// Days of one closure: more is a vendor that has given up, which is told to a person.
const CLOSURE_DAYS_MAX: i32 = 60;
/// Closed days kept for one source: some ten years of holidays.
const CLOSED_DAYS_MAX: usize = 500;

pub(super) fn routes(api: &mut Api) {
    api.add(Route::get("/vendor/v1/offers", Supply, GROUP, "List your offers, with what you last advised"), list);
    api.add(
        Route::put("/vendor/v1/offers/{sku}/lead-time", Supply, GROUP, "Say how long an item takes")
            .words("Working days until goods that are not on the shelf are ready to ship."),
        put_lead_time,
    );
    api.add(Route::get("/vendor/v1/calendar", Supply, GROUP, "Your working days, closures and capacity"), calendar);
    api.add(
        Route::post("/vendor/v1/closures", Supply, GROUP, "Announce days without work")
            .words("From then on no ship day is promised on them; what was promised before stays."),
        close,
    );
    api.add(Route::delete("/vendor/v1/closures/{day}", Supply, GROUP, "Take an announced day back"), reopen);
    api.add(
        Route::put("/vendor/v1/capacity", Supply, GROUP, "Say how many units you can ship a day")
            .words("`null`: no limit. `taking_orders: false` stops new purchase orders; those that are out stay."),
        put_capacity,
    );
}

async fn list(call: Call, Query(query): Query<PageQuery>) -> Result<Page<OfferView>, Problem> {
    let name: fn(&Offer) -> String = |offer| offer.sku.to_string();
    offers(&call, List::OffersOf(own(&call)?), query, name).await
}

/// How long an item takes.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct LeadTimeBody {
    /// Working days, at most 365.
    lead_days: u32,
}

async fn put_lead_time(call: Call, body: Json<LeadTimeBody>) -> Result<Reply<OfferView>, Problem> {
    let sku: Sku = call.id("sku")?;
    let deed = lead_time_deed(&call, &sku, body.value.lead_days)?;
    let key = (own(&call)?, sku);
    let render = move |done: &Done| match done.after.offer(&key.0, &key.1) {
        Some(offer) => ok(&OfferView::new(offer, None)),
        None => (200, "{}".into()),
    };
    call.act(&body.bytes, deed, render).await
}

/// The caller's offer with another lead time; one of somebody else is as if absent.
pub(super) fn lead_time_deed(call: &Call, sku: &Sku, lead_days: u32) -> Result<Deed, Problem> {
    let found = call.app().office().desk().read(&[Key::Offer(own(call)?, sku.clone())])?.pop().flatten();
    let Some(Record::Offer(offer)) = found else { return Err(Problem::absent(Kind::NotFound, sku.as_str())) };
    let mut offer = Offer::clone(&offer);
    offer.lead_days = lead_days;
    Ok(Deed::RecordOffer { offer })
}

/// When a vendor works and how much it can ship.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct VendorCalendar {
    /// IANA name.
    time_zone: String,
    /// `mon` to `sun`.
    #[schema(value_type = Vec<String>)]
    business_days: Vec<countersign_engine::calendar::Day>,
    /// Days without work.
    #[schema(value_type = Vec<String>)]
    closures: Vec<Date>,
    /// Units a day; null without a limit.
    daily_capacity: Option<u32>,
    /// False while no new purchase orders are wanted.
    taking_orders: bool,
}

impl VendorCalendar {
    fn new(source: &Source) -> Self {
        Self {
            time_zone: source.time_zone.as_str().to_owned(),
            business_days: source.calendar.business_days.iter().copied().collect(),
            closures: source.calendar.holidays.iter().copied().collect(),
            daily_capacity: source.daily_capacity.map(Quantity::get),
            taking_orders: source.taking_orders,
        }
    }
}

async fn calendar(call: Call, _: Nothing) -> Result<Reply<VendorCalendar>, Problem> {
    let source = own_source(&call)?;
    Ok(Reply::of(&VendorCalendar::new(&source)))
}

/// Days without work.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct ClosureBody {
    /// The first day.
    #[schema(value_type = String, format = Date)]
    from: Date,
    /// The last day; the first if absent.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    to: Option<Date>,
}

async fn close(call: Call, body: Json<ClosureBody>) -> Result<Reply<VendorCalendar>, Problem> {
    let ClosureBody { from, to } = body.value;
    let deed = closure_deed(&call, from, to.unwrap_or(from))?;
    record(&call, &body.bytes, deed).await
}

/// The caller's record with those days closed.
pub(super) fn closure_deed(call: &Call, from: Date, to: Date) -> Result<Deed, Problem> {
    let mut source = Source::clone(&*own_source(call)?);
    let today = call.now().to_zoned(source.time_zone.rules()).date();
    let wrong =
        |field: &str, value: Date, sentence: String| Err(Problem::field(field, value.to_string(), "invalid", sentence));
    if to < from {
        return wrong("/to", to, format!("the last day must not be before the first ({from})"));
    }
    if from < today {
        return wrong("/from", from, format!("the first day must not be gone by: today is {today}"));
    }
    if (to - from).get_days() >= CLOSURE_DAYS_MAX {
        return wrong("/to", to, format!("at most {CLOSURE_DAYS_MAX} days at once: for longer, talk to the retailer"));
    }
    let mut day = from;
    while day <= to {
        source.calendar.holidays.insert(day);
        day = day.saturating_add(1.day());
    }
    if source.calendar.holidays.len() > CLOSED_DAYS_MAX {
        return wrong("/to", to, format!("at most {CLOSED_DAYS_MAX} closed days are kept: take old ones back first"));
    }
    Ok(Deed::RecordSource { source, only_new: false })
}

async fn reopen(call: Call, _: Nothing) -> Result<Reply<VendorCalendar>, Problem> {
    let day: Date = call.id("day")?;
    let deed = opening_deed(&call, day)?;
    record(&call, b"", deed).await
}

/// The caller's record with that day open again.
pub(super) fn opening_deed(call: &Call, day: Date) -> Result<Deed, Problem> {
    let mut source = Source::clone(&*own_source(call)?);
    if !source.calendar.holidays.remove(&day) {
        return Err(Problem::absent(Kind::NotFound, &day.to_string()));
    }
    Ok(Deed::RecordSource { source, only_new: false })
}

/// What a vendor can ship a day.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct CapacityBody {
    /// Units a day, at least 1; null without a limit.
    daily_capacity: Option<u32>,
    /// False: no new purchase orders for now.
    #[serde(default = "yes")]
    taking_orders: bool,
}

fn yes() -> bool {
    true
}

async fn put_capacity(call: Call, body: Json<CapacityBody>) -> Result<Reply<VendorCalendar>, Problem> {
    let CapacityBody { daily_capacity, taking_orders } = body.value;
    let deed = capacity_deed(&call, daily_capacity, taking_orders)?;
    record(&call, &body.bytes, deed).await
}

/// The caller's record with another capacity.
pub(super) fn capacity_deed(call: &Call, daily: Option<u32>, taking_orders: bool) -> Result<Deed, Problem> {
    let mut source = Source::clone(&*own_source(call)?);
    if daily == Some(0) {
        let sentence = "at least 1 unit a day; to get no orders at all, say that you take none";
        return Err(Problem::field("/daily_capacity", 0, "invalid", sentence));
    }
    source.daily_capacity = daily.map(Quantity::new);
    source.taking_orders = taking_orders;
    Ok(Deed::RecordSource { source, only_new: false })
}

async fn record(call: &Call, body: &[u8], deed: Deed) -> Result<Reply<VendorCalendar>, Problem> {
    let id = own(call)?;
    let render = move |done: &Done| match done.after.source(&id) {
        Some(source) => ok(&VendorCalendar::new(source)),
        None => (200, "{}".into()),
    };
    call.act(body, deed, render).await
}
