//! What may be done about a case, an approval or a line, each choice rehearsed on the records as they stand.

use super::call::Call;
use super::input::Nothing;
use super::orders::names_of;
use super::output::Page;
use super::route::{Api, Route};
use crate::auth::Permission;
use crate::auth::Permission::{ReadApprovals, ReadCases, ReadOrders};
use crate::auth::{barred, of_remedy};
use crate::problem::{Kind, Problem};
use crate::view::option::{Choice, ChoiceView, recommend};
use countersign_engine::approval::Approval;
use countersign_engine::case::Remedy;
use countersign_engine::command::{Actor, Command, Deed, Role};
use countersign_engine::explain;
use countersign_engine::ids::{CaseId, LineId, OrderId, SourceId};
use countersign_engine::order::Order;
use countersign_engine::reason::Reason;
use countersign_engine::refusal::{Refusal, RefusalKind};
use countersign_engine::routing::{CANDIDATES_MAX, Plan};
use countersign_engine::slice::{Key, Record};
use std::collections::BTreeSet;
use std::sync::Arc;

pub(super) fn routes(api: &mut Api) {
    const WORDS: &str = "Each choice is rehearsed now: costs, dates, chance and what would follow. The one that the \
                         rules would make comes first, with the reason. Nothing is written.";
    api.add(
        Route::get("/v1/cases/{case}/choices", ReadCases, "Cases", "What may be done about a case").words(WORDS),
        of_case,
    );
    api.add(
        Route::get("/v1/approvals/{approval}/choices", ReadApprovals, "Approvals", "Yes, no, or another source")
            .words(WORDS),
        of_approval,
    );
    api.add(
        Route::get(
            "/v1/orders/{order}/lines/{line}/choices",
            ReadOrders,
            "Orders",
            "Where a line could be taken, or cancelled",
        )
        .words(WORDS),
        of_line,
    );
}

/// A choice, the deed that makes it, and why the caller may not make it, if they may not.
struct Made {
    choice: Choice,
    deed: Deed,
    barred: Option<String>,
}

impl Made {
    fn new(role: Role, choice: Choice, deed: Deed, needs: Permission) -> Self {
        Self { choice, deed, barred: barred(role, needs) }
    }
}

async fn of_case(call: Call, _: Nothing) -> Result<Page<ChoiceView>, Problem> {
    let id: CaseId = call.id("case")?;
    let case = super::cases::find(&call, &id).await?;
    if !case.is_open() {
        return Ok(Page::whole(vec![]));
    }
    let role = call.caller().role;
    let may_work = barred(role, Permission::WorkCases);
    let made = case.options.iter().map(|remedy| {
        let source = match remedy {
            Remedy::RerouteTo { source } => Some(source.clone()),
            _ => None,
        };
        let word = serde_json::to_value(remedy).unwrap_or_default();
        let action = word.get("action").and_then(|a| a.as_str()).unwrap_or_default().to_owned();
        let deed =
            Deed::ResolveCase { case: id.clone(), remedy: remedy.clone(), words: None, revision: None, reason: None };
        let choice = Choice { action, source, sentence: explain::remedy(remedy), remedy: Some(remedy.clone()) };
        let made = Made::new(role, choice, deed, of_remedy(remedy));
        Made { barred: may_work.clone().or(made.barred), ..made }
    });
    let order = super::cases::order_of(&id);
    Ok(Page::whole(rehearsed(&call, person_of(&call), order, made.collect(), None).await?))
}

async fn of_approval(call: Call, _: Nothing) -> Result<Page<ChoiceView>, Problem> {
    let (order, approval) = super::approvals::find(&call).await?;
    if !approval.is_open() {
        return Ok(Page::whole(vec![]));
    }
    let role = call.caller().role;
    Ok(Page::whole(for_approval(&call, (person_of(&call), role), order, approval).await?))
}

/// What somebody may answer to an open approval, each choice rehearsed as theirs.
pub(super) async fn for_approval(
    call: &Call,
    (by, role): (Actor, Role),
    order: OrderId,
    approval: Approval,
) -> Result<Vec<ChoiceView>, Problem> {
    let asker = super::approvals::proposer(call, &order, &approval.id).await?;
    let answer = |approve: bool| {
        let (action, sentence) = match approve {
            true => ("approve", "release the plan as it is"),
            false => ("reject", "drop the plan"),
        };
        let deed = Deed::AnswerApproval { approval: approval.id.clone(), approve, words: None };
        let choice = Choice { action: action.into(), sentence: sentence.into(), ..Choice::default() };
        Made { choice, deed, barred: super::approvals::barred(&by, role, &approval, asker.as_ref(), approve) }
    };
    let mut made: Vec<Made> = vec![answer(true)];
    let lines: BTreeSet<&LineId> = approval.plan.parts.iter().map(|p| &p.line).collect();
    // Another source for the whole plan is a choice where the plan is about one line; else one reroutes line by line.
    if let (Some(line), 1) = (lines.first(), lines.len()) {
        let planned = |s: &SourceId| approval.plan.parts.iter().any(|p| p.source == *s);
        let others: BTreeSet<&SourceId> = approval.plan.verdicts.iter().map(|v| &v.source).collect();
        made.extend(others.into_iter().filter(|s| !planned(s)).map(|s| take_to(role, &order, line, s)));
    }
    made.push(answer(false));
    rehearsed(call, by, Some(order), made, Some(approval.plan)).await
}

async fn of_line(call: Call, _: Nothing) -> Result<Page<ChoiceView>, Problem> {
    let (id, line): (OrderId, LineId) = (call.id("order")?, call.id("line")?);
    let Some(Record::Order(order)) = call.record(Key::Order(id.clone())).await? else {
        return Err(Problem::absent(Kind::UnknownOrder, id.as_str()));
    };
    let Some(wanted) = order.line(&line) else {
        return Err(Problem::new(Kind::NotFound, format!("order {id} has no line {line}")));
    };
    let sku = wanted.sku.clone();
    let offerers = match call.record(Key::Offerers(sku)).await? {
        Some(Record::Offerers(all)) => all.sources.clone(),
        _ => Default::default(),
    };
    let (reason, role) = (Reason::ManualOverride, call.caller().role);
    let again =
        Deed::RerouteLine { order: id.clone(), line: line.clone(), to: None, reason, words: None, approval: None };
    let cancel =
        Deed::CancelOrder { order: id.clone(), line: Some(line.clone()), reason: Reason::CancelCustomer, words: None };
    let plain =
        |action: &str, sentence: &str| Choice { action: action.into(), sentence: sentence.into(), ..Choice::default() };
    let again = Made::new(role, plain("reroute", "ask the best source by the rules"), again, Permission::Reroute);
    let mut made = vec![again];
    made.extend(offerers.iter().take(CANDIDATES_MAX).map(|source| take_to(role, &id, &line, source)));
    made.push(Made::new(role, plain("cancel", "cancel the line"), cancel, Permission::ChangeOrders));
    Ok(Page::whole(rehearsed(&call, person_of(&call), Some(id), made, None).await?))
}

fn take_to(role: Role, order: &OrderId, line: &LineId, source: &SourceId) -> Made {
    let remedy = Remedy::RerouteTo { source: source.clone() };
    let sentence = explain::remedy(&remedy);
    let choice = Choice { action: "reroute_to".into(), source: Some(source.clone()), sentence, remedy: None };
    let (order, line, to) = (order.clone(), line.clone(), Some(source.clone()));
    let deed = Deed::RerouteLine { order, line, to, reason: Reason::ManualOverride, words: None, approval: None };
    Made::new(role, choice, deed, Permission::ChooseSource)
}

/// As a sentence of its own: `The role buyer may not ….`
fn sentence_of(why: &str) -> String {
    let mut letters = why.chars();
    letters.next().map(|first| format!("{}{}.", first.to_uppercase(), letters.as_str())).unwrap_or_default()
}

/// The caller as a person: a program's own name would not count as a person's word.
fn person_of(call: &Call) -> Actor {
    match call.actor() {
        person @ Actor::Person { .. } => person,
        other => Actor::Person { name: other.name().into(), role: call.caller().role },
    }
}

/// Rehearses each choice as somebody's. `asked` is the plan that an approval would release: it was made before, so its rehearsal makes none.
async fn rehearsed(
    call: &Call,
    by: Actor,
    order: Option<OrderId>,
    made: Vec<Made>,
    asked: Option<Plan>,
) -> Result<Vec<ChoiceView>, Problem> {
    let (desk, now) = (call.app().office().desk().clone(), call.now());
    let policy = call.app().office().clone();
    let read = call.read(move |store| {
        let policy = policy.policy()?;
        let before: Option<Arc<Order>> = match order {
            Some(id) => desk.read(&[Key::Order(id)])?.pop().flatten().and_then(|record| match record {
                Record::Order(order) => Some(order),
                _ => None,
            }),
            None => None,
        };
        let sources: BTreeSet<SourceId> = made.iter().filter_map(|m| m.choice.source.clone()).collect();
        let names = names_of(store, sources)?;
        let mut all = Vec::with_capacity(made.len());
        for Made { choice, deed, barred } in made {
            let outcome = match barred {
                Some(why) => Err(Refusal::new(RefusalKind::Forbidden, sentence_of(&why))),
                None => desk.rehearse(now, &Command { by: by.clone(), deed })?,
            };
            let approves = choice.action == "approve";
            let mut view = ChoiceView::new(choice, &outcome, before.as_deref(), &policy, &names);
            if let Some(plan) = asked.as_ref().filter(|_| approves) {
                view.plan(plan, before.as_deref(), &policy);
            }
            all.push(view);
        }
        recommend(&mut all);
        Ok(all)
    });
    read.await
}
