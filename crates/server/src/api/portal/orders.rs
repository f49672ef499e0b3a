//! Purchase orders: which there are, and what the vendor says to one.

use super::{Fault, Frame, at, faults_of, html, on, see_other, today, vendor};
use crate::api::call::{Call, json};
use crate::api::input::{PageForm, Query};
use crate::api::orders::messages::MessageView;
use crate::api::output::Raw;
use crate::api::purchase_orders::ListQuery;
use crate::api::vendor::{
    Said, acknowledgment_deed, cancellation_deed, listed, messages_to, say, seen, shipment_deed, written,
};
use crate::problem::{FieldError, Problem};
use crate::view::supply::{SupplyLine, SupplyView};
use askama::Template;
use countersign_engine::command::Deed;
use countersign_engine::document::{Inbound, Party};
use countersign_engine::source::Source;
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::IntoParams;

/// Which orders to show, (state, words).
pub(crate) const STATES: &[(&str, &str)] = &[
    ("open", "To answer"),
    ("withdrawing", "To stop"),
    ("acknowledged", "To ship"),
    ("shipped", "Shipped"),
    ("closed", "Closed"),
];

/// What becomes of what is not accepted, (code, words).
pub(crate) const RESTS: &[(&str, &str)] = &[
    ("out_of_stock", "Declined: out of stock"),
    ("discontinued", "Declined: discontinued"),
    ("price", "Declined: the price is wrong"),
    ("unknown_item", "Declined: we do not know the item"),
    ("other", "Declined: another reason"),
    ("later", "Ships later"),
];

/// Why a vendor cancels, (code, words).
pub(crate) const REASONS: &[(&str, &str)] =
    &[("out_of_stock", "Out of stock"), ("discontinued", "Discontinued"), ("other", "Another reason")];

/// Purchase orders on one page.
const PAGE: u32 = 50;

/// Which purchase orders.
#[derive(Deserialize, IntoParams)]
pub(super) struct StateQuery {
    /// `open`, `withdrawing`, `acknowledged`, `shipped`, `closed`.
    #[serde(default)]
    state: Option<String>,
    /// Continue after this one.
    #[serde(default)]
    cursor: Option<String>,
}

#[derive(Template)]
#[template(path = "portal/list.html")]
struct ListPage {
    title: &'static str,
    frame: Option<Frame>,
    shown: String,
    rows: Vec<Row>,
    next: Option<String>,
}

struct Row {
    number: String,
    what: String,
    due: String,
    late: bool,
}

pub(super) async fn list(call: Call, Query(query): Query<StateQuery>) -> Result<Raw, Problem> {
    let source = vendor(&call)?;
    let known = |state: &String| STATES.iter().any(|(code, _)| code == state);
    let shown = query.state.filter(known).unwrap_or_else(|| "open".into());
    let found = listed(&call, ListQuery::of_state(&shown, query.cursor, PAGE)).await?;
    let row = |po: &SupplyView| {
        let what = po.lines.iter().map(|l| format!("{} {} {}", l.quantity, l.unit, l.title)).collect::<Vec<_>>();
        let waits = matches!(po.state, "open" | "withdrawing");
        Row {
            number: po.purchase_order.to_string(),
            what: what.join(", "),
            due: match waits {
                true => format!("Answer by {}", at(&source, po.answer_due)),
                false => format!("Released {}", at(&source, po.released_at)),
            },
            late: waits && po.answer_due < call.now(),
        }
    };
    let rows = found.items.iter().map(row).collect();
    html(
        200,
        &ListPage {
            title: "Purchase orders",
            frame: Frame::of(&call, &source, super::PLACES[0].0),
            shown,
            rows,
            next: found.next,
        },
    )
}

#[derive(Template)]
#[template(path = "portal/order.html")]
struct OrderPage {
    title: String,
    frame: Option<Frame>,
    token: String,
    done: &'static str,
    faults: Vec<Fault>,
    po: Po,
    vendor_order: String,
    shipment: ShipmentFields,
    messages: Vec<Letter>,
    /// What was typed to the retailer, and the key under which it is written once.
    words: String,
    once: String,
}

impl OrderPage {
    fn fault(&self, name: &str) -> &str {
        self.faults.iter().find(|f| f.field == name).map_or("", |f| &f.words)
    }
}

/// What one side wrote to the other.
struct Letter {
    ours: bool,
    when: String,
    words: String,
}

/// A purchase order in the words of its page.
struct Po {
    number: String,
    attempt: u32,
    state: &'static str,
    released: String,
    due: String,
    service: String,
    address: Vec<String>,
    stop_asked: bool,
    can_answer: bool,
    /// It waits for the vendor's first answer.
    waits: bool,
    can_accept_all: bool,
    can_ship: bool,
    can_cancel: bool,
    lines: Vec<Line>,
    shipments: Vec<String>,
}

struct Line {
    at: usize,
    item: String,
    title: String,
    quantity: u32,
    unit: String,
    cost: String,
    ship_by: String,
    so_far: String,
    is_open: bool,
    to_ship: u32,
    accept: String,
    ship_on: String,
    rest: String,
    later: String,
    ship: String,
    faults: Vec<Fault>,
}

impl Line {
    fn of(index: usize, line: &SupplyLine, form: Option<&PageForm>, faults: &[Fault]) -> Self {
        let quantity = line.quantity.get();
        let typed = |name: &str, otherwise: String| match form {
            Some(form) => form.at(name, index).to_owned(),
            None => otherwise,
        };
        let to_ship = line.accepted.saturating_sub(line.shipped);
        let so_far = match (line.withdrawn, line.accepted, line.declined, line.shipped) {
            (true, ..) => "no longer wanted".to_owned(),
            (_, 0, 0, _) => "not answered".to_owned(),
            (_, accepted, declined, shipped) => {
                format!("{accepted} accepted, {declined} declined, {shipped} shipped")
            }
        };
        Self {
            at: index,
            item: format!("{} ({})", line.vendor_sku, line.sku),
            title: line.title.clone(),
            quantity,
            unit: line.unit.clone(),
            cost: line.unit_cost.to_string(),
            ship_by: on(line.ship_by),
            so_far,
            is_open: !line.withdrawn && line.shipped == 0,
            to_ship,
            accept: typed("accept", if line.accepted > 0 { line.accepted } else { quantity }.to_string()),
            ship_on: typed("ship_on", line.ship_by.to_string()),
            rest: typed("rest", "out_of_stock".into()),
            later: typed("later", String::new()),
            ship: typed("ship", to_ship.to_string()),
            faults: faults.iter().filter(|f| f.field.ends_with(&format!(".{index}"))).cloned().collect(),
        }
    }
    fn fault(&self, name: &str) -> &str {
        let field = format!("{name}.{}", self.at);
        self.faults.iter().find(|f| f.field == field).map_or("", |f| &f.words)
    }
    fn wrong(&self, name: &str) -> bool {
        !self.fault(name).is_empty()
    }
}

struct ShipmentFields {
    number: String,
    on: String,
    carrier: String,
    tracking: String,
}

fn state_words(state: &str) -> &'static str {
    match state {
        "open" => "waits for your answer",
        "acknowledged" => "answered, to be shipped",
        "shipped" => "shipped",
        "withdrawing" => "the retailer asks to stop it",
        _ => "closed",
    }
}

/// An address, line by line.
fn address(party: &Party) -> Vec<String> {
    let city = [Some(party.city.as_str()), party.region.as_deref(), party.postal_code.as_deref()];
    let city = city.into_iter().flatten().filter(|p| !p.is_empty()).collect::<Vec<_>>().join(" ");
    let lines = [Some(party.name.as_str()), Some(&party.address1), party.address2.as_deref(), Some(&city)];
    let lines = lines.into_iter().flatten().chain([party.country.as_str()]);
    lines.filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

impl Po {
    fn of(po: &SupplyView, source: &Source, form: Option<&PageForm>, faults: &[Fault]) -> Self {
        let lines: Vec<Line> = po.lines.iter().enumerate().map(|(i, l)| Line::of(i, l, form, faults)).collect();
        let open = matches!(po.state, "open" | "acknowledged") && lines.iter().any(|l| l.is_open);
        let to_ship = lines.iter().any(|l| l.to_ship > 0);
        Self {
            number: po.purchase_order.to_string(),
            attempt: po.attempt,
            state: state_words(po.state),
            released: at(source, po.released_at),
            due: at(source, po.answer_due),
            service: po.service_level.to_string(),
            address: po.ship_to.as_ref().map(address).unwrap_or_default(),
            stop_asked: po.cancellation_requested,
            can_answer: open,
            waits: po.state == "open",
            can_accept_all: po.state == "open",
            can_ship: to_ship,
            can_cancel: to_ship && !po.cancellation_requested,
            shipments: po.shipments.iter().map(ToString::to_string).collect(),
            lines,
        }
    }
}

/// What was done, for the line above the page.
#[derive(Deserialize, IntoParams)]
pub(super) struct DoneQuery {
    /// What was done last.
    #[serde(default)]
    pub(super) done: String,
}

pub(super) async fn show(call: Call, Query(query): Query<DoneQuery>) -> Result<Raw, Problem> {
    let stops = seen(&call).await?.cancellation_requested;
    let done = match query.done.as_str() {
        // What was answered does not suit: a later day, a part.
        "answered" if stops => {
            "Your answer is recorded. The retailer takes another way and asks you to stop this order: see below."
        }
        "answered" => "Your answer is recorded. Thank you.",
        "shipped" => "The shipment is recorded. Thank you.",
        "written" => "Your words are with the retailer.",
        "stopped" => "Your answer to the cancellation is recorded.",
        _ => "",
    };
    page(&call, None, vec![], done).await
}

async fn page(call: &Call, form: Option<&PageForm>, faults: Vec<Fault>, done: &'static str) -> Result<Raw, Problem> {
    let (source, view, messages) = (vendor(call)?, seen(call).await?, messages_to(call).await?);
    let typed = |name: &str, otherwise: String| match form.map(|f| f.get(name)).filter(|text| !text.is_empty()) {
        Some(text) => text.to_owned(),
        None => otherwise,
    };
    let status = if faults.is_empty() { 200 } else { 422 };
    let written = messages.len();
    let letter = |m: MessageView| Some(Letter { ours: m.to == "retailer", when: at(&source, m.at), words: m.words? });
    let page = OrderPage {
        title: format!("Purchase order {}", view.purchase_order),
        frame: Frame::of(call, &source, super::PLACES[0].0),
        token: call.form_token(),
        done,
        po: Po::of(&view, &source, form, &faults),
        faults,
        messages: messages.into_iter().filter_map(letter).collect(),
        words: typed("words", String::new()),
        // As many as there are: pressed twice, the second has the first one's key and no effect.
        once: typed("once", written.to_string()),
        vendor_order: typed("vendor_order", String::new()),
        shipment: ShipmentFields {
            // Pressed twice, the second notice has the first one's number and no effect.
            number: typed("shipment", format!("{}-S{}", view.purchase_order, view.shipments.len() + 1)),
            on: typed("shipped_on", today(call, &source).to_string()),
            carrier: typed("carrier", String::new()),
            tracking: typed("tracking", String::new()),
        },
    };
    html(status, &page)
}

/// Says a body about the purchase order of the path; back to its page, or the form again with what is wrong.
async fn tell(
    call: &Call,
    what: &str,
    body: &Value,
    form: &PageForm,
    done: &str,
    deed: fn(Inbound) -> Option<Deed>,
    field: impl Fn(&FieldError) -> String,
) -> Result<Raw, Problem> {
    let number = call.part("po").to_owned();
    let (name, bytes) = (format!("purchase-orders/{number}/{what}"), json(body));
    match say(call, &Said { name: &name, bytes: bytes.as_bytes(), on_page: true }, deed).await {
        Ok(_) => Ok(see_other(&format!("/portal/purchase-orders/{number}?done={done}"))),
        Err(problem) => page(call, Some(form), faults_of(problem, field)?, "").await,
    }
}

/// All quantities, by the days asked for.
pub(super) async fn accept_all(call: Call, form: PageForm) -> Result<Raw, Problem> {
    let view = seen(&call).await?;
    let lines: Vec<Value> = view
        .lines
        .iter()
        .filter(|l| !l.withdrawn && l.shipped == 0)
        .map(|l| json!({"line": l.line, "accepted": l.quantity, "ship_on": l.ship_by}))
        .collect();
    let body = json!({"attempt": attempt(&form), "lines": lines});
    tell(&call, "acknowledgment", &body, &form, "answered", acknowledgment_deed, |_| String::new()).await
}

/// The attempt that the page showed: an answer to one that is over never touches the running one.
fn attempt(form: &PageForm) -> Option<u32> {
    form.get("attempt").parse().ok()
}

/// Quantity, day and the fate of the rest, line by line.
pub(super) async fn answer(call: Call, form: PageForm) -> Result<Raw, Problem> {
    let view = seen(&call).await?;
    let (mut lines, mut places, mut faults) = (vec![], vec![], vec![]);
    for (i, line) in view.lines.iter().enumerate().filter(|(_, l)| !l.withdrawn && l.shipped == 0) {
        match answer_of(i, line, &form) {
            Ok(parts) => {
                places.extend(parts.iter().map(|_| i));
                lines.extend(parts);
            }
            Err(mut wrong) => faults.append(&mut wrong),
        }
    }
    if !faults.is_empty() {
        return page(&call, Some(&form), faults, "").await;
    }
    let vendor_order = Some(form.get("vendor_order")).filter(|text| !text.is_empty());
    let body = json!({"attempt": attempt(&form), "vendor_order": vendor_order, "lines": lines});
    let field = |error: &FieldError| field_of(&error.pointer, &places);
    tell(&call, "acknowledgment", &body, &form, "answered", acknowledgment_deed, field).await
}

/// `/lines/2/ship_on` as the field that it was read from.
fn field_of(pointer: &str, places: &[usize]) -> String {
    let mut parts = pointer.trim_start_matches('/').split('/').skip(1);
    let line = parts.next().and_then(|n| n.parse::<usize>().ok()).and_then(|n| places.get(n));
    let Some(line) = line else { return String::new() };
    match parts.next() {
        Some("ship_on") => format!("ship_on.{line}"),
        Some("rejected" | "backordered" | "reason") => format!("rest.{line}"),
        _ => format!("accept.{line}"),
    }
}

/// The answers for one line: what ships, and what becomes of the rest.
fn answer_of(index: usize, line: &SupplyLine, form: &PageForm) -> Result<Vec<Value>, Vec<Fault>> {
    let ordered = line.quantity.get();
    let mut faults = vec![];
    let accepted = match form.at("accept", index).parse::<u32>() {
        Ok(n) if n <= ordered => n,
        _ => {
            let words = format!("{}: write a whole number from 0 to {ordered}", line.vendor_sku);
            faults.push(Fault::new(format!("accept.{index}"), words));
            ordered
        }
    };
    let mut day = |name: &str| -> Option<Date> {
        let text = form.at(name, index);
        let read = text.parse().ok();
        if read.is_none() && !text.is_empty() {
            let words = format!("{}: {text:?} is no day; write it as 2026-11-24", line.vendor_sku);
            faults.push(Fault::new(format!("{name}.{index}"), words));
        }
        read
    };
    let (ship_on, later) = (day("ship_on"), day("later"));
    let (rest, reason) = (ordered - accepted, form.at("rest", index));
    if rest > 0 && !RESTS.iter().any(|(code, _)| *code == reason) {
        faults.push(Fault::new(format!("rest.{index}"), format!("{}: say what becomes of the rest", line.vendor_sku)));
    }
    if rest > 0 && reason == "later" && later.is_none() {
        faults.push(Fault::new(
            format!("later.{index}"),
            format!("{}: say on which day the rest ships", line.vendor_sku),
        ));
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let mut parts = vec![];
    if accepted > 0 {
        parts.push(json!({"line": line.line, "accepted": accepted, "ship_on": ship_on.unwrap_or(line.ship_by)}));
    }
    match (rest, reason) {
        (0, _) => {}
        (_, "later") => parts.push(json!({"line": line.line, "backordered": rest, "ship_on": later})),
        _ => parts.push(json!({"line": line.line, "rejected": rest, "reason": reason})),
    }
    Ok(parts)
}

/// What has left, with its tracking numbers.
pub(super) async fn ship(call: Call, form: PageForm) -> Result<Raw, Problem> {
    let (view, source) = (seen(&call).await?, vendor(&call)?);
    if view.shipments.iter().any(|known| known.as_str() == form.get("shipment")) {
        // The button was pressed twice: it is recorded.
        return Ok(see_other(&format!("/portal/purchase-orders/{}?done=shipped", view.purchase_order)));
    }
    let (mut lines, mut places, mut faults) = (vec![], vec![], vec![]);
    for (i, line) in view.lines.iter().enumerate() {
        let most = line.accepted.saturating_sub(line.shipped);
        let text = form.at("ship", i);
        match text.parse::<u32>() {
            _ if text.is_empty() || most == 0 => {}
            Ok(0) => {}
            Ok(n) if n <= most => {
                lines.push(json!({"line": line.line, "quantity": n}));
                places.push(i);
            }
            _ => {
                let words = format!("{}: write a whole number from 0 to {most}", line.vendor_sku);
                faults.push(Fault::new(format!("ship.{i}"), words));
            }
        }
    }
    let tracking: Vec<&str> =
        form.get("tracking").split(['\n', ',', ' ']).map(str::trim).filter(|t| !t.is_empty()).collect();
    if tracking.is_empty() {
        faults.push(Fault::new("tracking", "write at least one tracking number"));
    }
    if lines.is_empty() && faults.is_empty() {
        faults.push(Fault::new("", "say what is in the shipment"));
    }
    if !faults.is_empty() {
        return page(&call, Some(&form), faults, "").await;
    }
    let mut body =
        json!({"shipment": form.get("shipment"), "carrier": form.get("carrier"), "tracking": tracking, "lines": lines});
    if let Ok(day) = form.get("shipped_on").parse::<Date>()
        && day != today(&call, &source)
    {
        // Noon: the day is what was said, and no zone moves it.
        let noon = day.at(12, 0, 0, 0).to_zoned(source.time_zone.rules());
        body["shipped_at"] = json!(noon.map(|z| z.timestamp()).unwrap_or_else(|_| call.now()));
    }
    let field = |error: &FieldError| {
        let line = error.pointer.trim_start_matches("/lines/").split('/').next().and_then(|n| n.parse::<usize>().ok());
        line.and_then(|n| places.get(n)).map_or_else(String::new, |i| format!("ship.{i}"))
    };
    tell(&call, "shipments", &body, &form, "shipped", shipment_deed, field).await
}

/// Writes to the retailer's people.
pub(super) async fn write(call: Call, form: PageForm) -> Result<Raw, Problem> {
    let number = call.part("po").to_owned();
    // Other words are another message, from whatever page they come.
    let once = format!("{} {}", form.get("once"), form.get("words"));
    match written(&call, &[], form.get("words"), Some(&once)).await {
        Ok(_) => Ok(see_other(&format!("/portal/purchase-orders/{number}?done=written"))),
        Err(problem) => page(&call, Some(&form), faults_of(problem, |_| "words".into())?, "").await,
    }
}

/// Answers a cancellation, or cancels of the vendor's own accord.
pub(super) async fn stop(call: Call, form: PageForm) -> Result<Raw, Problem> {
    let reason = Some(form.get("reason")).filter(|text| !text.is_empty());
    let unasked = form.get("unasked") == "true";
    let body = json!({"accepted": form.get("accepted") == "true", "unasked": unasked, "reason": reason});
    tell(&call, "cancellation-answer", &body, &form, "stopped", cancellation_deed, |_| String::new()).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_leads_to_the_field_it_was_read_from() {
        // Line 0 of the form gave two answers, line 2 one.
        let places = [0, 0, 2];
        assert_eq!(field_of("/lines/1/reason", &places), "rest.0");
        assert_eq!(field_of("/lines/2/ship_on", &places), "ship_on.2");
        assert_eq!(field_of("/lines/2/accepted", &places), "accept.2");
        assert_eq!(field_of("/attempt", &places), "");
    }
}
