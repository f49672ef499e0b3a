//! An approval answered from a mail: looking at the page uses nothing up, pressing one of its buttons does.
//!
//! The link is good for one approval and one person, who must still have the role for it, and did not ask for it.

use super::{Frame, Words, html};
use crate::api::approvals::{check_answerer, proposer};
use crate::api::call::Call;
use crate::api::choices::for_approval;
use crate::api::input::{PageForm, Query};
use crate::api::orders::names_of;
use crate::api::output::Raw;
use crate::auth::{Permission, Person, Purpose, barred, look_at_link, read_person, redeem_link, tag_of};
use crate::problem::{Kind, Problem};
use crate::view::decision::Names;
use crate::view::option::ChoiceView;
use askama::Template;
use countersign_engine::approval::{Approval, ApprovalKind, Outcome};
use countersign_engine::command::{Actor, Command, Deed, Role};
use countersign_engine::ids::{ApprovalId, LineId, OrderId, SourceId};
use countersign_engine::measure::Quantity;
use countersign_engine::order::{Assignment, Order};
use countersign_engine::policy::Unanswered;
use countersign_engine::reason::Reason;
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
    /// Other sources that could be taken instead.
    others: Vec<OtherWords>,
    token: String,
}

/// Another source than the one asked about.
struct OtherWords {
    source: String,
    name: String,
    /// What taking it would mean.
    sentence: String,
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
    let sources = order.assignments.iter().map(|a| a.source.clone());
    let sources = sources.chain(approval.plan.parts.iter().map(|p| p.source.clone())).collect();
    let names = call.read(move |store| names_of(store, sources)).await?;
    let words = |a: &Assignment| {
        format!("{}, ships by {}", units(&order, a.live(), &a.line, name_of(&names, &a.source)), a.ship_by)
    };
    let before: Vec<String> = standing.map(words).collect();
    let policy = call.app().office().policy()?;
    let by = Actor::Person { name: person.name.clone(), role: person.role };
    let choices = for_approval(&call, (by, person.role), order.id.clone(), approval.clone()).await?;
    let page = ApprovalPage {
        title: question(approval.kind),
        frame: None,
        sentence: approval.reason.sentence().to_owned(),
        order: order.id.to_string(),
        due: approval.due.to_zoned(TimeZone::UTC).strftime("%a %-d %b %Y, %H:%M UTC").to_string(),
        unanswered: match policy.approvals.unanswered {
            Unanswered::Approve => "it counts as approved",
            Unanswered::Reject => "it counts as rejected",
            Unanswered::Ask => "a case asks a person",
        },
        name: person.name.to_string(),
        before: if before.is_empty() { vec!["Nobody supplies it yet.".into()] } else { before },
        after: after(&order, &approval, &names),
        cost: approval
            .plan
            .cost_increase_percent
            .map_or_else(String::new, |p| format!("Costs {p} % more than the first plan.")),
        others: choices.iter().filter_map(OtherWords::of).collect(),
        token: query.token,
    };
    html(200, &page)
}

impl OtherWords {
    /// A choice of another source that can be made now.
    fn of(choice: &ChoiceView) -> Option<Self> {
        let source = choice.source.as_ref().filter(|_| choice.impossible.is_none())?.to_string();
        let mut words = vec![];
        words.extend(choice.cost.map(|cost| format!("costs {cost}")));
        words.extend(choice.cost_increase_percent.map(|p| format!("{p} % more than the first plan")));
        words.extend(choice.ship_by.map(|day| format!("ships by {day}")));
        words.extend(choice.deliver_by.map(|day| format!("arrives by {day}")));
        words.extend((choice.keeps_promise == Some(false)).then(|| "later than the customer was told".to_owned()));
        let name = choice.source_name.clone().unwrap_or_else(|| source.clone());
        Some(Self { source, name, sentence: words.join(", ") })
    }
}

fn name_of<'a>(names: &'a Names, source: &'a SourceId) -> &'a str {
    names.get(source).map_or(source.as_str(), String::as_str)
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

/// `3 × Oak lamp from Acme Lighting`.
fn units(order: &Order, quantity: Quantity, line: &LineId, source: &str) -> String {
    let title = order.line(line).map_or_else(|| format!("line {line}"), |l| l.title.clone());
    format!("{quantity} × {title} from {source}")
}

fn after(order: &Order, approval: &Approval, names: &Names) -> Vec<String> {
    let part = |p: &countersign_engine::routing::Part| {
        let what = units(order, p.quantity, &p.line, name_of(names, &p.source));
        let (ship_by, deliver_by) = (p.dates.ship_by, p.dates.deliver_by);
        let unit = p.pack_unit.as_str();
        format!("{what}, {} per {unit}, ships by {ship_by}, arrives by {deliver_by}", p.unit_cost)
    };
    approval.plan.parts.iter().map(part).collect()
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
        Outcome::Replaced { by, at, .. } => format!("{} took another source on {}.", by.name(), day(*at)),
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
    let answer = match form.get("answer") {
        "approve" => Answer::Yes,
        "reject" => Answer::No,
        other => match other.strip_prefix("instead:").and_then(|source| source.parse().ok()) {
            Some(source) => Answer::Instead(source),
            None => return Err(Problem::new(Kind::BadRequest, "press one of the buttons")),
        },
    };
    let (token, now) = (form.get("token").to_owned(), call.now());
    let Asked { order, approval, person } = asked(&call, &token).await?;
    let by = Actor::Person { name: person.name.clone(), role: person.role };
    let asker = proposer(&call, &order.id, &approval.id).await?;
    match &answer {
        Answer::Instead(_) => may_choose(&by, person.role)?,
        yes_or_no => {
            check_answerer(&by, person.role, &approval, asker.as_ref(), matches!(yes_or_no, Answer::Yes))?;
        }
    }
    let words = Some(form.get("words").to_owned()).filter(|w| !w.is_empty());
    let deed = answer.deed(&order.id, &approval, words)?;
    call.done(Request::caused(Command { by, deed }, call.request_id().clone())).await?;
    // Done first: what is refused leaves the link good for another answer, and what is done closes the question for all.
    let id = approval.id.clone();
    let fits = move |p: &Purpose| matches!(p, Purpose::Approval { approval, .. } if *approval == id);
    let wanted = token.clone();
    call.read(move |store| redeem_link(store, &wanted, now, fits)).await?;
    let name = person.name;
    tracing::info!(target: "countersign::access", %name, approval = %approval.id, ?answer, link = tag_of(&token), "an approval was answered from a mail");
    said(&order.id, &answer)
}

/// What was pressed.
#[derive(Debug)]
enum Answer {
    Yes,
    No,
    /// Another source than the one asked about.
    Instead(SourceId),
}

impl Answer {
    fn deed(&self, order: &OrderId, asked: &Approval, words: Option<String>) -> Result<Deed, Problem> {
        let approval = asked.id.clone();
        let to = match self {
            Answer::Yes => return Ok(Deed::AnswerApproval { approval, approve: true, words }),
            Answer::No => return Ok(Deed::AnswerApproval { approval, approve: false, words }),
            Answer::Instead(source) => Some(source.clone()),
        };
        let first = asked.plan.parts.first().map(|part| part.line.clone());
        let line = first.ok_or_else(|| Problem::new(Kind::NotNow, "nothing is planned that another could supply"))?;
        let (order, reason) = (order.clone(), Reason::ManualOverride);
        Ok(Deed::RerouteLine { order, line, to, reason, words, approval: Some(approval) })
    }
}

fn may_choose(by: &Actor, role: Role) -> Result<(), Problem> {
    let Some(why) = barred(role, Permission::ChooseSource) else { return Ok(()) };
    tracing::warn!(target: "countersign::access", by = by.name(), role = role.code(), "refused: may not choose a source");
    Err(Problem::new(Kind::Forbidden, why))
}

fn said(order: &OrderId, answer: &Answer) -> Result<Raw, Problem> {
    let title = match answer {
        Answer::Yes => "Approved",
        Answer::No => "Rejected",
        Answer::Instead(_) => "Another source is asked",
    };
    let paragraphs = vec![format!("Your answer about order {order} is recorded. Thank you.")];
    html(200, &Words { title, frame: None, paragraphs, onward: Some(("/console/", "To the console")) })
}
