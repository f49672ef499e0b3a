//! Decisions that the policy reserves for people.

use super::call::{Call, Rendered, ok};
use super::cases::{DeskListQuery, next_of, orders_of};
use super::input::{MaybeJson, Nothing, Query};
use super::orders::read_entry;
use super::output::{Page, Reply};
use super::route::{Api, Route};
use crate::auth::Permission::{AnswerApprovals, ReadApprovals};
use crate::auth::may_answer;
use crate::problem::{Kind, Problem};
use crate::view::case::{AnswerBody, ApprovalView};
use countersign_engine::approval::{Approval, ApprovalKind};
use countersign_engine::command::{Actor, Deed, Role};
use countersign_engine::event::Event;
use countersign_engine::ids::{ApprovalId, OrderId};
use countersign_engine::policy::Unanswered;
use countersign_engine::slice::{Key, Record};
use countersign_runtime::ports::{DeskQuery, IndexRow, Store, StoreError};
use countersign_runtime::request::Done;

const GROUP: &str = "Approvals";
/// Journal entries of the order that are searched for who asked.
const ENTRIES_MAX: u32 = 1_000;

pub(super) fn routes(api: &mut Api) {
    api.add(Route::get("/v1/approvals", ReadApprovals, GROUP, "List approvals, oldest first"), list);
    api.add(Route::get("/v1/approvals/{approval}", ReadApprovals, GROUP, "Read an approval"), get);
    api.add(
        Route::post("/v1/approvals/{approval}/approve", AnswerApprovals, GROUP, "Approve")
            .words("Nobody approves what they proposed. Which role answers which kind: see the roles."),
        approve,
    );
    api.add(Route::post("/v1/approvals/{approval}/reject", AnswerApprovals, GROUP, "Reject"), reject);
}

/// Open approvals read at once while they are counted.
const SCAN: u32 = 500;

/// What each open approval asks: of these there are few.
pub(super) fn open_kinds(store: &dyn Store) -> Result<Vec<ApprovalKind>, StoreError> {
    let (mut all, mut query) = (vec![], DeskQuery { open: Some(true), limit: SCAN, ..DeskQuery::default() });
    loop {
        let rows = store.approvals(&query)?;
        all.extend(rows.iter().filter_map(of_row).map(|(_, approval)| approval.kind));
        if rows.len() < SCAN as usize {
            return Ok(all);
        }
        query.offset += SCAN;
    }
}

async fn list(call: Call, Query(query): Query<DeskListQuery>) -> Result<Page<ApprovalView>, Problem> {
    let own = query.answerable == Some(true);
    let query = query.query();
    let (offset, limit) = (query.offset, query.limit);
    let office = call.app().office().clone();
    let read = call.read(move |store| {
        let found = store.approvals(&query)?;
        let asked: Vec<(OrderId, Approval)> = found.iter().filter_map(of_row).collect();
        let orders = orders_of(store, asked.iter().map(|(order, _)| order.clone()))?;
        Ok((found.len(), asked, orders, office.policy()?.approvals.unanswered))
    });
    let (found, asked, orders, unanswered) = read.await?;
    let role = call.caller().role;
    let view = |(id, a): &(OrderId, Approval)| {
        ApprovalView::new(id, a).for_role(role).beside(a, orders.get(id).map(std::sync::Arc::as_ref), unanswered)
    };
    let shown = asked.iter().filter(|(_, a)| !own || may_answer(role, a.kind));
    Ok(Page { items: shown.map(view).collect(), next: next_of(found, offset, limit) })
}

fn of_row(row: &IndexRow) -> Option<(OrderId, Approval)> {
    match row {
        IndexRow::Approval { order, body, .. } => Some((order.clone(), serde_json::from_str(body).ok()?)),
        _ => None,
    }
}

/// What the policy does where nobody answers.
async fn unanswered(call: &Call) -> Result<Unanswered, Problem> {
    let office = call.app().office().clone();
    call.read(move |_| Ok(office.policy()?.approvals.unanswered)).await
}

/// The approval that the path names.
pub(super) async fn find(call: &Call) -> Result<(OrderId, Approval), Problem> {
    let id: ApprovalId = call.id("approval")?;
    let unknown = || Problem::absent(Kind::UnknownApproval, id.as_str());
    let (order, _) = id.split().ok_or_else(unknown)?;
    let Some(Record::Order(record)) = call.record(Key::Order(order.clone())).await? else { return Err(unknown()) };
    let approval = record.approvals.iter().find(|a| a.id == id).cloned().ok_or_else(unknown)?;
    Ok((order, approval))
}

async fn get(call: Call, _: Nothing) -> Result<Reply<ApprovalView>, Problem> {
    let (id, approval) = find(&call).await?;
    let order = match call.record(Key::Order(id.clone())).await? {
        Some(Record::Order(order)) => Some(order),
        _ => None,
    };
    let view = ApprovalView::new(&id, &approval).for_role(call.caller().role).beside(
        &approval,
        order.as_deref(),
        unanswered(&call).await?,
    );
    Ok(Reply::of(&view))
}

async fn approve(call: Call, body: MaybeJson<AnswerBody>) -> Result<Reply<ApprovalView>, Problem> {
    answer(call, body, true).await
}

async fn reject(call: Call, body: MaybeJson<AnswerBody>) -> Result<Reply<ApprovalView>, Problem> {
    answer(call, body, false).await
}

async fn answer(call: Call, body: MaybeJson<AnswerBody>, approve: bool) -> Result<Reply<ApprovalView>, Problem> {
    let (order, approval) = find(&call).await?;
    let caller = call.caller();
    let asker = proposer(&call, &order, &approval.id).await?;
    check_answerer(&caller.actor, caller.role, &approval, asker.as_ref(), approve)?;
    let id = approval.id.clone();
    let render = move |done: &Done| -> Rendered {
        let after = done.order(&order).and_then(|o| o.approvals.iter().find(|a| a.id == id));
        after.map_or((200, "{}".into()), |a| ok(&ApprovalView::new(&order, a)))
    };
    let deed = Deed::AnswerApproval { approval: approval.id, approve, words: body.value.words };
    call.act(&body.bytes, deed, render).await
}

/// Whether somebody may answer: their role must be for questions of that kind, and nobody approves what they proposed.
///
/// # Errors
/// 403; the refusal is logged.
pub(super) fn check_answerer(
    by: &Actor,
    role: Role,
    approval: &Approval,
    asker: Option<&Actor>,
    approve: bool,
) -> Result<(), Problem> {
    let Some(why) = why_not(by, role, approval, asker, approve) else { return Ok(()) };
    let (name, role, kind) = (by.name(), role.code(), approval.kind);
    tracing::warn!(target: "countersign::access", by = name, role, ?kind, approval = %approval.id, why, "refused");
    Err(Problem::new(Kind::Forbidden, why))
}

/// Why somebody may not give that answer; nothing if they may.
pub(super) fn barred(
    by: &Actor,
    role: Role,
    approval: &Approval,
    asker: Option<&Actor>,
    approve: bool,
) -> Option<String> {
    crate::auth::barred(role, AnswerApprovals).or_else(|| why_not(by, role, approval, asker, approve))
}

fn why_not(by: &Actor, role: Role, approval: &Approval, asker: Option<&Actor>, approve: bool) -> Option<String> {
    if !may_answer(role, approval.kind) {
        return Some(format!("the role {} may not answer an approval of this kind", role.code()));
    }
    let own = approve && asker.is_some_and(|asker| same_one(asker, by));
    own.then(|| "nobody approves what they proposed: somebody else has to".into())
}

/// True for the same person, whatever role they had then.
fn same_one(a: &Actor, b: &Actor) -> bool {
    match (a, b) {
        (Actor::Person { name: a, .. }, Actor::Person { name: b, .. }) => a == b,
        (a, b) => a == b,
    }
}

/// Who did what led to the question.
pub(super) async fn proposer(call: &Call, order: &OrderId, approval: &ApprovalId) -> Result<Option<Actor>, Problem> {
    let (order, approval) = (order.clone(), approval.clone());
    let found = call.read(move |store| {
        let rows = store.journal_of(order.as_str(), 0, ENTRIES_MAX)?;
        let asks = |event: &Event| matches!(event, Event::ApprovalAsked { approval: a, .. } if a.id == approval);
        let mut entries = rows.iter().filter(|r| r.body.contains("approval.asked")).filter_map(read_entry);
        Ok(entries.find(|(_, entry)| entry.events.iter().any(asks)).map(|(_, entry)| entry.command.by))
    });
    found.await
}
