//! People work on cases: take on, write, resolve by one of the remedies offered.

use super::draft::{Draft, new_case};
use super::{acknowledge, cancel, cancellation, clocks, contest, find_order, sending, supply};
use crate::approval;
use crate::case::{COMMENTS_MAX, Case, CaseKind, Comment, Remedy, Resolution};
use crate::command::Actor;
use crate::effect::Effect;
use crate::event::Event;
use crate::ids::{CaseId, CaseSubject, LineId, OrderId, SourceId};
use crate::measure::Quantity;
use crate::order::{Assignment, ClockKind, ClockState, Phase};
use crate::policy::Breach;
use crate::reason::Reason;
use crate::refusal::{Refusal, RefusalKind};
use crate::routing::{Demand, plan};
use crate::slice::{Key, Slice};
use std::collections::BTreeSet;

/// First number of cancellations that a person sends again, so that their outbox ids never meet those the engine counts.
const CANCELLATION_AGAIN: u32 = 1_000_000;
/// Longest words on a case.
const WORDS_MAX: usize = 4_000;

/// The record in which a case stands.
pub(super) fn key(case: &CaseId) -> Option<Key> {
    match case.split()?.0 {
        CaseSubject::Order(order) => Some(Key::Order(order)),
        CaseSubject::Source(source) => Some(Key::Desk(source)),
    }
}

pub(super) fn needs(slice: &Slice, case: &CaseId) -> BTreeSet<Key> {
    match case.split() {
        Some((CaseSubject::Order(order), _)) => supply::needs(slice, &order),
        Some((CaseSubject::Source(source), _)) => [Key::Desk(source)].into(),
        None => BTreeSet::new(),
    }
}

fn find<'a>(slice: &'a Slice, id: &CaseId) -> Result<&'a Case, Refusal> {
    let unknown = || {
        Refusal::field(RefusalKind::UnknownCase, "/case", id, "unknown_case", format!("case {id} is not known here"))
    };
    let cases = match id.split().ok_or_else(unknown)?.0 {
        CaseSubject::Order(order) => slice.order(&order).map(|o| &o.cases),
        CaseSubject::Source(source) => slice.desk(&source).map(|d| &d.cases),
    };
    cases.and_then(|all| all.iter().find(|c| c.id == *id)).ok_or_else(unknown)
}

/// Refused if somebody has changed the case since the person looked.
fn not_stale(case: &Case, seen: Option<u32>) -> Result<(), Refusal> {
    let Some(seen) = seen.filter(|r| *r != case.revision) else { return Ok(()) };
    let (id, now) = (&case.id, case.revision);
    let sentence =
        format!("somebody has changed case {id} meanwhile (you saw revision {seen}, it is at {now}): read it again");
    Err(Refusal::field(RefusalKind::Stale, "/revision", seen, "stale", sentence))
}

pub(super) fn assign(d: &mut Draft, id: &CaseId, to: &Actor, revision: Option<u32>) -> Result<(), Refusal> {
    let case = find(&d.slice, id)?;
    not_stale(case, revision)?;
    if case.assigned_to.as_ref() != Some(to) {
        d.record(Event::CaseAssigned { case: id.clone(), to: to.clone() });
    }
    Ok(())
}

/// Words that go with a deed: as long as a comment at most.
pub(super) fn words_fit(words: Option<&str>) -> Result<(), Refusal> {
    let Some(long) = words.map(str::len).filter(|length| *length > WORDS_MAX) else { return Ok(()) };
    let sentence = format!("words have at most {WORDS_MAX} characters");
    Err(Refusal::field(RefusalKind::InvalidField, "/words", long, "too_long", sentence))
}

/// How a person resolves a case.
pub(super) struct Resolving<'a> {
    pub remedy: &'a Remedy,
    pub reason: Option<Reason>,
    pub words: Option<&'a str>,
    pub revision: Option<u32>,
}

pub(super) fn comment(d: &mut Draft, id: &CaseId, words: &str) -> Result<(), Refusal> {
    let case = find(&d.slice, id)?;
    if words.trim().is_empty() || words.len() > WORDS_MAX || case.comments.len() >= COMMENTS_MAX {
        let sentence = format!("a comment has 1 to {WORDS_MAX} characters, a case at most {COMMENTS_MAX} comments");
        return Err(Refusal::field(RefusalKind::InvalidField, "/words", words.len(), "comment", sentence));
    }
    let comment = Comment { by: d.by.clone(), at: d.now, words: words.into() };
    d.record(Event::CaseCommented { case: id.clone(), comment });
    Ok(())
}

pub(super) fn open_at_source(
    d: &mut Draft,
    source: &SourceId,
    kind: CaseKind,
    reason: Reason,
    sentence: &str,
) -> Result<(), Refusal> {
    if d.slice.source(source).is_none() {
        return Err(Refusal::because(RefusalKind::UnknownSource, "/source", source, Reason::CatalogUnknownSource));
    }
    let cases = d.slice.desk(source).map(|k| k.cases.as_slice()).unwrap_or_default();
    if cases.iter().any(|c| c.is_open() && c.kind == kind && c.reason == reason && c.sentence == sentence) {
        return Ok(());
    }
    let id = CaseId::of_source(source, u32::try_from(cases.len()).unwrap_or(u32::MAX) + 1);
    let case =
        new_case(id, kind, super::draft::About::default(), reason, sentence.into(), vec![Remedy::Dismiss], d.now);
    d.record(Event::CaseOpened { case });
    Ok(())
}

/// One open case of a kind says enough about an order; what happened meanwhile is on the order's timeline.
pub(super) fn open_at_order(
    d: &mut Draft,
    order: &OrderId,
    kind: CaseKind,
    reason: Reason,
    sentence: &str,
) -> Result<(), Refusal> {
    super::find_order(&d.slice, order)?;
    d.open_case(order, kind, super::draft::About::default(), reason, sentence.into(), vec![Remedy::Dismiss]);
    Ok(())
}

pub(super) fn resolve(d: &mut Draft, id: &CaseId, how: &Resolving) -> Result<(), Refusal> {
    let Resolving { remedy, reason, words, revision } = *how;
    let case = find(&d.slice, id)?.clone();
    if !case.is_open() {
        return Err(Refusal::new(RefusalKind::NotNow, format!("case {id} is resolved already: read it again")));
    }
    not_stale(&case, revision)?;
    if !case.options.contains(remedy) {
        let sentence =
            format!("this case cannot be resolved that way: choose one of its options ({})", case.options.len());
        return Err(Refusal::field(RefusalKind::NotNow, "/remedy", format!("{remedy:?}"), "not_an_option", sentence));
    }
    if let Some(other) = reason.filter(|reason| !Reason::GIVEN.contains(reason)) {
        let known: Vec<&str> = Reason::GIVEN.iter().map(|reason| reason.code()).collect();
        let sentence = format!("{other} is no reason of a person's: use one of {}", known.join(", "));
        return Err(Refusal::field(RefusalKind::InvalidField, "/reason", other, "not_given", sentence));
    }
    let (by, at) = (d.by.clone(), d.now);
    let resolution = Resolution { by, at, remedy: Some(remedy.clone()), reason, words: words.map(Into::into) };
    d.record(Event::CaseResolved { case: id.clone(), resolution });
    match id.split() {
        Some((CaseSubject::Order(order), _)) => carry_out(d, &order, &case, how),
        _ => Ok(()),
    }
}

fn carry_out(d: &mut Draft, id: &OrderId, case: &Case, how: &Resolving) -> Result<(), Refusal> {
    let Resolving { remedy, reason, words, .. } = *how;
    find_order(&d.slice, id)?;
    match remedy {
        Remedy::Dismiss => {}
        Remedy::PlanAgain => plan_again(d, id, case, None),
        Remedy::RerouteTo { source } => plan_again(d, id, case, Some(source)),
        Remedy::CancelRest => {
            let reason = reason.filter(|reason| reason.cancels()).unwrap_or(Reason::CancelNoSource);
            cancel_rest(d, id, case, reason);
        }
        Remedy::WaitLonger => wait_longer(d, id, case),
        Remedy::SendAgain => {
            if let Some(po) = case.purchase_order {
                send_again(d, id, case, po);
            }
        }
        Remedy::SourceHasIt => {
            if let Some(po) = case.purchase_order {
                sending::received(d, id, po);
            }
        }
        Remedy::SourceWillNotShip => answer_for_source(d, id, case, true),
        Remedy::KeepSource => answer_for_source(d, id, case, false),
        Remedy::AcceptDate => accept_date(d, id, case),
        Remedy::ExcuseBreach { clock, due } | Remedy::UpholdBreach { clock, due } => {
            if let Some(po) = case.purchase_order {
                let excused = matches!(remedy, Remedy::ExcuseBreach { .. });
                contest::conclude(d, id, po, *clock, *due, excused, words)?;
            }
        }
    }
    Ok(())
}

/// Makes the outbox id of a resend its own: cases of an order are counted.
fn case_time(case: &Case) -> u32 {
    case.id.split().map_or(1, |(_, n)| n)
}

/// Sends the paper that did not get through: the cancellation if one is unanswered, else the purchase order,
/// whose time to confirm and to answer begins anew.
fn send_again(d: &mut Draft, id: &OrderId, case: &Case, po: u32) {
    let (source, time) = (d.po(id, po).source.clone(), case_time(case));
    let stopping = d.order(id).of_purchase_order(po).filter(|a| a.phase == Phase::Withdrawing);
    let assignments: Vec<u32> = stopping.map(|a| a.ordinal).collect();
    if let (false, Some(asked)) = (assignments.is_empty(), d.po(id, po).cancellation.clone()) {
        let (order, time) = (id.clone(), CANCELLATION_AGAIN + time);
        d.send(Effect::SendCancellation { order, purchase_order: po, source, assignments, reason: asked.reason, time });
        return;
    }
    d.send(Effect::ResendPurchaseOrder { order: id.clone(), purchase_order: po, source, time });
    if !d.order(id).of_purchase_order(po).any(|a| a.phase == Phase::Requested) {
        return;
    }
    for kind in [ClockKind::Receipt, ClockKind::Acknowledgment] {
        let state = d.po(id, po).clock(kind).map(|c| c.state);
        if matches!(state, Some(ClockState::Running | ClockState::Breached)) {
            clocks::restart(d, id, po, kind, None);
        }
    }
}

fn lines_of(d: &Draft, id: &OrderId, case: &Case) -> Vec<LineId> {
    let order = d.order(id);
    match (&case.line, case.purchase_order) {
        (Some(line), _) => vec![line.clone()],
        (None, Some(po)) => order.of_purchase_order(po).map(|a| a.line.clone()).collect(),
        (None, None) => order.lines.iter().map(|l| l.id.clone()).collect(),
    }
}

/// The supply that a case is about: what its purchase order has not answered, or not as it should.
fn troubled(d: &Draft, id: &OrderId, case: &Case) -> Vec<u32> {
    let Some(po) = case.purchase_order else { return vec![] };
    let given_up = |a: &Assignment| match (case.kind, a.phase) {
        (CaseKind::DateBroken, Phase::Acknowledged) => case.reason == Reason::AckDateChanged,
        (CaseKind::ShipmentOverdue, Phase::Acknowledged | Phase::Committed) => true,
        (_, phase) => phase == Phase::Requested,
    };
    let lines = lines_of(d, id, case);
    let mine = d.order(id).of_purchase_order(po).filter(|a| lines.contains(&a.line) && given_up(a));
    mine.map(|a| a.ordinal).collect()
}

/// Gives the supply up that a case is about; what was accepted in part stays, its unanswered rest counts as declined.
fn give_up(d: &mut Draft, id: &OrderId, case: &Case) {
    let leaving = troubled(d, id, case);
    supply::withdraw(d, id, &leaving, Reason::ManualOverride);
    let Some(po) = case.purchase_order.filter(|_| case.kind != CaseKind::ShipmentOverdue) else { return };
    let lines = lines_of(d, id, case);
    let partial: Vec<u32> = d
        .order(id)
        .of_purchase_order(po)
        .filter(|a| a.is_running() && lines.contains(&a.line) && a.accepted < a.live())
        .map(|a| a.ordinal)
        .collect();
    for n in partial {
        acknowledge::decline_unanswered(d, id, n, Reason::ManualOverride);
    }
}

/// Takes the troubled supply of the case away and looks again; where no purchase order is concerned and nobody new is
/// found, also at sources asked before.
fn plan_again(d: &mut Draft, id: &OrderId, case: &Case, to: Option<&SourceId>) {
    let lines = lines_of(d, id, case);
    give_up(d, id, case);
    let order = d.order(id);
    let wanting = lines.iter().filter_map(|l| Some((l, order.uncovered(order.line(l)?)))).filter(|(_, q)| !q.is_zero());
    let mut demands: Vec<Demand> = wanting
        .map(|(l, quantity)| Demand { line: l.clone(), quantity, only: to.cloned(), again: to.is_some() })
        .collect();
    if demands.is_empty() {
        return;
    }
    let mut found = plan(&d.slice, &d.policy, d.order(id), d.now, &demands, Reason::ManualOverride);
    if !found.unsourced.is_empty() && case.purchase_order.is_none() {
        demands.iter_mut().for_each(|x| x.again = true);
        found = plan(&d.slice, &d.policy, d.order(id), d.now, &demands, Reason::ManualOverride);
    }
    let authority = approval::by_order_of(d.by).filter(|_| to.is_some());
    supply::follow(d, id, found, authority);
}

/// Cancels what the case leaves without supply; a line that has no other supply is cancelled as a whole.
fn cancel_rest(d: &mut Draft, id: &OrderId, case: &Case, reason: Reason) {
    let leaving = troubled(d, id, case);
    let others = |d: &Draft, line: &LineId| {
        let order = d.order(id);
        order.of_line(line).any(|a| !leaving.contains(&a.ordinal) && !a.supply().is_zero())
    };
    let (partly, wholly): (Vec<LineId>, Vec<LineId>) =
        lines_of(d, id, case).into_iter().partition(|line| others(d, line));
    give_up(d, id, case);
    let wanted = |line: &LineId| d.order(id).line(line).is_some_and(|l| !d.order(id).wanted(l).is_zero());
    let wholly: Vec<LineId> = wholly.into_iter().filter(wanted).collect();
    cancel::cancel_lines(d, id, &wholly, reason);
    for line in partly {
        let order = d.order(id);
        let quantity = order.line(&line).map(|l| order.uncovered(l)).unwrap_or_default();
        if !quantity.is_zero() {
            d.record(Event::LineCancelled { order: id.clone(), line, quantity, reason });
        }
    }
}

fn wait_longer(d: &mut Draft, id: &OrderId, case: &Case) {
    let Some(po) = case.purchase_order else { return };
    let kind = match case.kind {
        CaseKind::ReceiptOverdue => ClockKind::Receipt,
        CaseKind::ShipmentOverdue => ClockKind::ShipNotice,
        CaseKind::CancelOverdue => ClockKind::CancelAnswer,
        _ => ClockKind::Acknowledgment,
    };
    clocks::restart(d, id, po, kind, Some(Breach::Ask));
}

/// A person says what the source said by phone about stopping.
fn answer_for_source(d: &mut Draft, id: &OrderId, case: &Case, stops: bool) {
    let Some(po) = case.purchase_order else { return };
    let withdrawing: Vec<u32> =
        d.order(id).of_purchase_order(po).filter(|a| a.phase == Phase::Withdrawing).map(|a| a.ordinal).collect();
    if d.po(id, po).cancellation.as_ref().is_some_and(|c| c.accepted.is_none()) || !withdrawing.is_empty() {
        cancellation::settle(d, id, po, &withdrawing, stops);
    }
}

fn accept_date(d: &mut Draft, id: &OrderId, case: &Case) {
    let firm = |a: &&Assignment| {
        matches!(a.phase, Phase::Acknowledged | Phase::Committed) && case.line.as_ref() == Some(&a.line)
    };
    let mine: Vec<(u32, Quantity)> =
        d.order(id).assignments.iter().filter(firm).map(|a| (a.ordinal, a.accepted)).collect();
    for (n, accepted) in mine {
        supply::commit(d, id, n, accepted, Reason::AckDateChanged);
    }
}
