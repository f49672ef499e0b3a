//! An approval answered from a mail: looking at the page uses nothing up, pressing one of its buttons does.
//!
//! The link is good for one approval and one person, who must still have the role for it, and did not ask for it.

use super::{Frame, Words, html};
use crate::api::approvals::{check_answerer, proposer};
use crate::api::call::Call;
use crate::api::input::{PageForm, Query};
use crate::api::output::Raw;
use crate::auth::{Person, Purpose, look_at_link, read_person, redeem_link, tag_of};
use crate::problem::{Kind, Problem};
use askama::Template;
use countersign_engine::approval::{Approval, ApprovalKind, Outcome};
use countersign_engine::command::{Actor, Command, Deed};
use countersign_engine::explain;
use countersign_engine::ids::{ApprovalId, LineId, OrderId, SourceId};
use countersign_engine::measure::Quantity;
use countersign_engine::order::Order;
use countersign_engine::policy::Unanswered;
use countersign_engine::slice::{Key, Record};
use countersign_runtime::Request;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Deserialize;
use std::sync::Arc;
use utoipa::IntoParams;

/// Links looked at or used within a minute, all together.
const LINKS_MAX: u32 = 600;

/// The token of a link.
#[derive(Deserialize, IntoParams)]
pub(super) struct LinkQuery {
    /// The token.
    #[serde(default)]
    token: String,
}

#[derive(Template)]
#[template(path = "portal/approval.html")]
struct ApprovalPage {
    title: &'static str,
    frame: Option<Frame>,
    sentence: String,
    order: String,
    due: String,
    unanswered: &'static str,
    name: String,
    before: Vec<String>,
    after: Vec<String>,
    cost: String,
    token: String,
}

/// What a good link asks, and whom.
struct Asked {
    order: Arc<Order>,
    approval: Approval,
    person: Person,
}

pub(super) async fn page(call: Call, Query(query): Query<LinkQuery>) -> Result<Raw, Problem> {
    let Asked { order, approval, person } = asked(&call, &query.token).await?;
    let standing = order.assignments.iter().filter(|a| a.phase.supplies() && approval.concerns(&a.line));
    let standing = standing.map(|a| format!("{}, ships by {}", units(&order, a.live(), &a.line, &a.source), a.ship_by));
    let before: Vec<String> = standing.collect();
    let policy = call.app().office().policy()?;
    let page = ApprovalPage {
        title: question(approval.kind),
        frame: None,
        sentence: approval.reason.sentence().to_owned(),
        order: order.id.to_string(),
        due: approval.due.to_zoned(TimeZone::UTC).strftime("%a %-d %b %Y, %H:%M UTC").to_string(),
        unanswered: match policy.approvals.unanswered {
            Unanswered::Approve => "it counts as approved",
            _ => "a case asks a person",
        },
        name: person.name.to_string(),
        before: if before.is_empty() { vec!["Nobody supplies it yet.".into()] } else { before },
        after: after(&order, &approval),
        cost: approval
            .plan
            .cost_increase_percent
            .map_or_else(String::new, |p| format!("Costs {p} % more than the first plan.")),
        token: query.token,
    };
    html(200, &page)
}

fn question(kind: ApprovalKind) -> &'static str {
    match kind {
        ApprovalKind::Split => "Ship a line from several sources?",
        ApprovalKind::Substitution => "Ship another item?",
        ApprovalKind::CostIncrease => "Pay more than the first plan?",
        ApprovalKind::Expedite => "Pay for a faster way?",
        ApprovalKind::LatePromise => "Promise a later day?",
        ApprovalKind::Release => "Release this plan?",
    }
}

/// `3 × Oak lamp from acme`.
fn units(order: &Order, quantity: Quantity, line: &LineId, source: &SourceId) -> String {
    let title = order.line(line).map_or_else(|| format!("line {line}"), |l| l.title.clone());
    format!("{quantity} × {title} from {source}")
}

fn after(order: &Order, approval: &Approval) -> Vec<String> {
    let part = |p: &countersign_engine::routing::Part| {
        let what = units(order, p.quantity, &p.line, &p.source);
        format!("{what}, {} per {}, ships by {}", p.unit_cost, p.pack_unit.as_str(), p.dates.ship_by)
    };
    let parts = approval.plan.parts.iter().map(part);
    parts.chain([explain::plan(&approval.plan)]).collect()
}

fn ended() -> Problem {
    Problem::new(Kind::LinkEnded, "this link was used, is too old, or was never made: see the console")
}

/// Why a question cannot be answered any more, for whoever was asked it.
fn settled(approval: &Approval) -> Problem {
    let day = |at: Timestamp| at.to_zoned(TimeZone::UTC).strftime("%a %-d %b %Y, %H:%M UTC").to_string();
    let sentence = match &approval.outcome {
        Outcome::Open => return ended(),
        Outcome::Approved { by, at, .. } => format!("{} approved it on {}.", by.name(), day(*at)),
        Outcome::Rejected { by, at, .. } => format!("{} rejected it on {}.", by.name(), day(*at)),
        Outcome::Lapsed { at } => format!("Nobody answered until {}.", day(*at)),
        Outcome::Void => "The question no longer arises.".into(),
    };
    Problem::new(Kind::LinkEnded, format!("This is answered already: {sentence}"))
}

/// What the link asks, if its button still works.
async fn asked(call: &Call, token: &str) -> Result<Asked, Problem> {
    let now = call.now();
    call.app().logins().attempt("approval links", LINKS_MAX, now)?;
    let wanted = token.to_owned();
    let found = call.read(move |store| {
        let Some(link) = look_at_link(store, &wanted)? else { return Ok(None) };
        let good = link.is_good(now);
        let Purpose::Approval { approval, name } = link.purpose else { return Ok(None) };
        Ok(read_person(store, &name)?.map(|person| (approval, person, good)))
    });
    let (id, person, good) = found.await?.ok_or_else(ended)?;
    let (order, approval) = approval_of(call, &id).await?.ok_or_else(ended)?;
    match good && approval.is_open() {
        true => Ok(Asked { order, approval, person }),
        false => Err(settled(&approval)),
    }
}

async fn approval_of(call: &Call, id: &ApprovalId) -> Result<Option<(Arc<Order>, Approval)>, Problem> {
    let Some((order, _)) = id.split() else { return Ok(None) };
    let Some(Record::Order(order)) = call.record(Key::Order(order)).await? else { return Ok(None) };
    let approval = order.approvals.iter().find(|a| a.id == *id).cloned();
    Ok(approval.map(|approval| (order, approval)))
}

pub(super) async fn answer(call: Call, form: PageForm) -> Result<Raw, Problem> {
    let approve = match form.get("answer") {
        "approve" => true,
        "reject" => false,
        _ => return Err(Problem::new(Kind::BadRequest, "press one of the two buttons")),
    };
    let (token, now) = (form.get("token").to_owned(), call.now());
    let Asked { order, approval, person } = asked(&call, &token).await?;
    let by = Actor::Person { name: person.name.clone(), role: person.role };
    let asker = proposer(&call, &order.id, &approval.id).await?;
    check_answerer(&by, person.role, &approval, asker.as_ref(), approve)?;
    let id = approval.id.clone();
    let fits = move |p: &Purpose| matches!(p, Purpose::Approval { approval, .. } if *approval == id);
    let wanted = token.clone();
    if call.read(move |store| redeem_link(store, &wanted, now, fits)).await?.is_none() {
        return Err(ended());
    }
    let words = Some(form.get("words").to_owned()).filter(|w| !w.is_empty());
    let deed = Deed::AnswerApproval { approval: approval.id.clone(), approve, words };
    call.done(Request::caused(Command { by, deed }, call.request_id().clone())).await?;
    let name = person.name;
    tracing::info!(target: "countersign::access", %name, approval = %approval.id, approve, link = tag_of(&token), "an approval was answered from a mail");
    said(&order.id, approve)
}

fn said(order: &OrderId, approve: bool) -> Result<Raw, Problem> {
    let title = if approve { "Approved" } else { "Rejected" };
    let paragraphs = vec![format!("Your answer about order {order} is recorded. Thank you.")];
    html(200, &Words { title, frame: None, paragraphs, onward: Some(("/console/", "To the console")) })
}
