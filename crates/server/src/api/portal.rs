//! The portal: pages on which a vendor's people answer purchase orders, without scripts and on any phone.
//!
//! Every form becomes the same command as a call of the vendors' API. A page shows its vendor's own things only;
//! others' are as if absent. Does not know how mail goes out.

mod approval;
mod entry;
pub(crate) mod orders;
mod score;
mod supply;

use super::call::Call;
use super::input::Nothing;
use super::output::Raw;
use super::route::{Api, Route};
use super::vendor::own_source;
use crate::auth::Access;
use crate::auth::Permission::Supply;
use crate::console::PAGE_POLICY;
use crate::problem::{FieldError, Problem};
use askama::Template;
use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Method, Response, StatusCode, header};
use countersign_engine::source::Source;
use jiff::Timestamp;
use jiff::civil::Date;

/// The portal's places, as the navigation names them.
pub(crate) const PLACES: &[(&str, &str)] = &[
    ("/portal/purchase-orders", "Orders"),
    ("/portal/availability", "Availability"),
    ("/portal/calendar", "Closures"),
    ("/portal/scorecard", "Scorecard"),
];

/// The console's tokens and the portal's own rules: one visual language for both.
const STYLE: &str = concat!(include_str!("../../../../web/src/style/tokens.css"), include_str!("portal/portal.css"));

pub(super) fn routes(api: &mut Api) {
    let get = |path, summary| Route::page(Method::GET, path, Access::Needs(Supply), summary);
    let post = |path, summary| Route::page(Method::POST, path, Access::Needs(Supply), summary);
    let open = |method, path, summary| Route::page(method, path, Access::Public, summary);
    api.add(open(Method::GET, "/portal/portal.css", "The portal's style"), style);
    api.add(open(Method::GET, "/portal/link", "What a link is good for; uses nothing up"), entry::link_page);
    api.add(open(Method::POST, "/portal/link", "Use a link up"), entry::use_link);
    api.add(open(Method::POST, "/portal/link/again", "Mail a fresh link to where the old one went"), entry::link_again);
    api.add(open(Method::GET, "/approvals/link", "What a link in a mail asks; uses nothing up"), approval::page);
    api.add(open(Method::POST, "/approvals/link", "Answer an approval from a mail"), approval::answer);
    api.add(open(Method::GET, "/portal/login", "Get in"), entry::login_page);
    api.add(open(Method::POST, "/portal/login", "Log in by password"), entry::login);
    api.add(open(Method::POST, "/portal/login/mail", "Mail a link"), entry::mail_link);
    api.add(Route::page(Method::POST, "/portal/logout", Access::LoggedIn, "Log out"), entry::log_out);
    api.add(Route::page(Method::GET, "/portal/", Access::LoggedIn, "Where one begins"), home);
    api.add(Route::page(Method::GET, "/portal", Access::LoggedIn, "Where one begins"), home);
    api.add(get("/portal/purchase-orders", "Purchase orders"), orders::list);
    api.add(get("/portal/purchase-orders/{po}", "A purchase order"), orders::show);
    api.add(post("/portal/purchase-orders/{po}/accept", "Accept all of it"), orders::accept_all);
    api.add(post("/portal/purchase-orders/{po}/acknowledgment", "Answer line by line"), orders::answer);
    api.add(post("/portal/purchase-orders/{po}/shipments", "Say what has left"), orders::ship);
    api.add(post("/portal/purchase-orders/{po}/cancellation-answer", "Answer a cancellation"), orders::stop);
    api.add(post("/portal/purchase-orders/{po}/messages", "Write to the retailer"), orders::write);
    api.add(post("/portal/purchase-orders/{po}/contests", "Dispute a breach"), score::contest);
    api.add(get("/portal/availability", "Availability and lead times"), supply::page);
    api.add(post("/portal/availability", "Save what was typed"), supply::save);
    api.add(post("/portal/availability/many", "Take in pasted lines or a file"), supply::many);
    api.add(get("/portal/calendar", "Closures and capacity"), supply::calendar);
    api.add(post("/portal/closures", "Announce days without work"), supply::close);
    api.add(post("/portal/openings", "Take an announced day back"), supply::reopen);
    api.add(post("/portal/capacity", "Say what can be shipped a day"), supply::capacity);
    api.add(get("/portal/scorecard", "The vendor's own scorecard"), score::page);
}

async fn style(_: Call, _: Nothing) -> Result<Raw, Problem> {
    Ok(Raw::text("text/css; charset=utf-8", STYLE).header(header::CACHE_CONTROL, "max-age=3600"))
}

async fn home(call: Call, _: Nothing) -> Result<Raw, Problem> {
    match &call.caller().po {
        Some(po) => Ok(see_other(&format!("/portal/purchase-orders/{po}"))),
        None => Ok(see_other("/portal/purchase-orders")),
    }
}

/// What every page of a vendor's people bears.
struct Frame {
    vendor: String,
    token: String,
    /// False for whoever came by the mail about one purchase order: there is nowhere else to go.
    whole: bool,
    place: &'static str,
}

impl Frame {
    fn of(call: &Call, source: &Source, place: &'static str) -> Option<Self> {
        Some(Self { vendor: source.name.clone(), token: call.form_token(), whole: call.caller().po.is_none(), place })
    }
}

/// A page that only says something.
#[derive(Template)]
#[template(path = "portal/words.html")]
struct Words<'a> {
    title: &'a str,
    frame: Option<Frame>,
    paragraphs: Vec<String>,
    onward: Option<(&'a str, &'a str)>,
}

/// A page with its headers; addresses that hold a token go nowhere with a referrer.
fn html(status: u16, page: &impl Template) -> Result<Raw, Problem> {
    let text = page.render().map_err(|e| Problem::new(crate::problem::Kind::Bug, e.to_string()))?;
    let raw = Raw::text("text/html; charset=utf-8", text).status(status);
    Ok(PAGE_HEADERS.iter().fold(raw, |raw, (name, value)| raw.header(HeaderName::from_static(name), value)))
}

const PAGE_HEADERS: &[(&str, &str)] = &[
    ("content-security-policy", PAGE_POLICY),
    ("referrer-policy", "no-referrer"),
    ("x-frame-options", "DENY"),
    ("cross-origin-opener-policy", "same-origin"),
    ("permissions-policy", "camera=(), microphone=(), geolocation=(), payment=()"),
];

/// A problem as a page.
pub(super) fn problem_page(problem: &Problem, path: &str) -> Response<Body> {
    let (title, detail) = (problem.kind.title(), problem.detail.clone());
    let onward = match (path.starts_with("/portal"), problem.status) {
        (true, 401) => ("/portal/login", "Get in"),
        (true, _) => ("/portal/", "Back to the start"),
        (false, _) => ("/console/", "To the console"),
    };
    let page = Words { title, frame: None, paragraphs: vec![detail], onward: Some(onward) };
    let mut response = Response::new(Body::from(page.render().unwrap_or_else(|_| title.to_owned())));
    *response.status_mut() = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::BAD_REQUEST);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    for (name, value) in PAGE_HEADERS {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    if let Some(wait) = problem.retry_after_s {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(wait));
    }
    response
}

/// After a form was taken in: to the page that shows it, so that loading it again does nothing twice.
fn see_other(path: &str) -> Raw {
    Raw::text("text/html; charset=utf-8", "").status(303).header(header::LOCATION, path)
}

/// A fault of a form: which field, and what is wrong.
#[derive(Debug, Clone, PartialEq)]
struct Fault {
    field: String,
    words: String,
}

impl Fault {
    fn new(field: impl Into<String>, words: impl Into<String>) -> Self {
        Self { field: field.into(), words: words.into() }
    }
}

/// A refused command as faults of the form that led to it; anything but a refused field stays a problem.
fn faults_of(problem: Problem, field: impl Fn(&FieldError) -> String) -> Result<Vec<Fault>, Problem> {
    match (problem.status, problem.errors.is_empty()) {
        (400 | 409 | 422, false) => {
            Ok(problem.errors.iter().map(|e| Fault::new(field(e), first_of(&e.detail, &problem.detail))).collect())
        }
        (400 | 409 | 422, true) => Ok(vec![Fault::new("", problem.detail)]),
        _ => Err(problem),
    }
}

fn first_of(detail: &str, otherwise: &str) -> String {
    if detail.is_empty() { otherwise.to_owned() } else { detail.to_owned() }
}

/// The vendor whose page it is.
fn vendor(call: &Call) -> Result<std::sync::Arc<Source>, Problem> {
    own_source(call)
}

/// `Tue 24 Nov 2026, 14:00 CST`: an instant where the vendor works.
fn at(source: &Source, time: Timestamp) -> String {
    time.to_zoned(source.time_zone.rules()).strftime("%a %-d %b %Y, %H:%M %Z").to_string()
}

/// `Tue 24 Nov 2026`.
fn on(day: Date) -> String {
    day.strftime("%a %-d %b %Y").to_string()
}

fn today(call: &Call, source: &Source) -> Date {
    call.now().to_zoned(source.time_zone.rules()).date()
}
