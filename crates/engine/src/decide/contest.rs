//! A source disputes a breach; a vendor manager excuses or upholds it. What was decided about the order stays as it is:
//! only the mark against the source goes.

use super::draft::{About, Draft, new_case};
use super::find_po;
use crate::case::{Case, CaseKind, Remedy, Resolution};
use crate::command::{Actor, Role};
use crate::event::Event;
use crate::explain::expected;
use crate::ids::{CaseId, OrderId, PoNumber};
use crate::order::{Breached, ClockKind, Contest, ContestAnswer, PurchaseOrder};
use crate::reason::Reason;
use crate::refusal::{Refusal, RefusalKind};
use crate::slice::Key;
use jiff::Timestamp;
use smol_str::SmolStr;
use std::collections::BTreeSet;

/// Longest words of a contest and of its answer.
const WORDS_MAX: usize = 4_000;
/// Longest name of a document.
const DOCUMENT_MAX: usize = 500;

pub(super) fn needs(po: &PoNumber) -> BTreeSet<Key> {
    po.split().map(|(order, _)| Key::Order(order)).into_iter().collect()
}

/// The source's side.
pub(super) fn contest(
    d: &mut Draft,
    number: &PoNumber,
    clock: ClockKind,
    due: Option<Timestamp>,
    words: &str,
    document: Option<&SmolStr>,
) -> Result<(), Refusal> {
    let (order, po) = find_po(&d.slice, d.by, number)?;
    let breach = find(po, clock, due, |b| b.contest.is_none())?;
    if breach.contest.is_some() {
        let sentence = "this breach was contested before: its answer stands";
        return Err(Refusal::field(RefusalKind::NotNow, "/clock", expected(clock), "contested", sentence));
    }
    check("/words", words, WORDS_MAX)?;
    document.map_or(Ok(()), |document| check("/document", document, DOCUMENT_MAX))?;
    let contest =
        Contest { by: d.by.clone(), at: d.now, words: words.into(), document: document.cloned(), answer: None };
    let (id, purchase_order, source, due) = (order.id.clone(), po.ordinal, po.source.clone(), breach.due);
    let case = case(d, &id, po, breach, words, document);
    d.record(Event::BreachContested { order: id, purchase_order, source, clock, due, contest });
    d.record(Event::CaseOpened { case });
    Ok(())
}

/// The case by which a vendor manager answers.
fn case(
    d: &Draft,
    id: &OrderId,
    po: &PurchaseOrder,
    breach: &Breached,
    words: &str,
    document: Option<&SmolStr>,
) -> Case {
    let proof = document.map(|document| format!(" ({document})")).unwrap_or_default();
    let sentence = format!(
        "{} disputes that it was late for {} with {}, due {}: {words}{proof}",
        po.source,
        po.number,
        expected(breach.clock),
        breach.due
    );
    let (clock, due) = (breach.clock, breach.due);
    let options = vec![Remedy::UpholdBreach { clock, due }, Remedy::ExcuseBreach { clock, due }];
    let ordinal = u32::try_from(d.order(id).cases.len()).unwrap_or(u32::MAX) + 1;
    let about = About::po(po.ordinal);
    new_case(
        CaseId::of_order(id, ordinal),
        CaseKind::BreachContested,
        about,
        Reason::SlaContested,
        sentence,
        options,
        d.now,
    )
}

/// The retailer's side, by the purchase order; its case is settled with it.
pub(super) fn answer(
    d: &mut Draft,
    number: &PoNumber,
    clock: ClockKind,
    due: Option<Timestamp>,
    accept: bool,
    words: Option<&str>,
) -> Result<(), Refusal> {
    let (order, po) = find_po(&d.slice, d.by, number)?;
    let open = |b: &Breached| b.contest.as_ref().is_some_and(|c| c.answer.is_none());
    let due = find(po, clock, due, open)?.due;
    let (id, ordinal) = (order.id.clone(), po.ordinal);
    let remedy = remedy(clock, due, accept);
    let asked = order.cases.iter().find(|c| c.is_open() && c.options.contains(&remedy));
    let case = asked.map(|c| c.id.clone());
    conclude(d, &id, ordinal, clock, due, accept, words)?;
    if let Some(case) = case {
        let words = words.map(Into::into);
        let resolution = Resolution { by: d.by.clone(), at: d.now, remedy: Some(remedy), reason: None, words };
        d.record(Event::CaseResolved { case, resolution });
    }
    Ok(())
}

fn remedy(clock: ClockKind, due: Timestamp, accept: bool) -> Remedy {
    match accept {
        true => Remedy::ExcuseBreach { clock, due },
        false => Remedy::UpholdBreach { clock, due },
    }
}

/// Answers a contest; also when its case is resolved.
pub(super) fn conclude(
    d: &mut Draft,
    id: &OrderId,
    ordinal: u32,
    clock: ClockKind,
    due: Timestamp,
    accepted: bool,
    words: Option<&str>,
) -> Result<(), Refusal> {
    let by = d.by.clone();
    if !matches!(by, Actor::Person { role: Role::VendorManager, .. } | Actor::Program { .. }) {
        let sentence = "vendor managers excuse or uphold a breach: give the case to one";
        return Err(Refusal::new(RefusalKind::Forbidden, sentence));
    }
    let po = d.po(id, ordinal);
    let breach = find(po, clock, Some(due), |_| true)?;
    if breach.contest.as_ref().is_none_or(|c| c.answer.is_some()) {
        let sentence = "nobody contests this breach, or it was answered before: read it again";
        return Err(Refusal::field(RefusalKind::NotNow, "/clock", expected(clock), "not_contested", sentence));
    }
    let answer = ContestAnswer { accepted, by, at: d.now, words: words.map(Into::into) };
    let source = po.source.clone();
    d.record(Event::BreachContestAnswered { order: id.clone(), purchase_order: ordinal, source, clock, due, answer });
    Ok(())
}

/// The breach that is meant: by its due time, or the last one that is `likely`, or the last one.
fn find(
    po: &PurchaseOrder,
    clock: ClockKind,
    due: Option<Timestamp>,
    likely: impl Fn(&Breached) -> bool,
) -> Result<&Breached, Refusal> {
    let mine = || po.breaches.iter().rev().filter(|b| b.clock == clock && due.is_none_or(|due| due == b.due));
    mine().find(|b| likely(b)).or_else(|| mine().next()).ok_or_else(|| {
        let sentence = format!("{} has no such breach: see the scorecard for those it has", po.number);
        Refusal::field(RefusalKind::NotNow, "/clock", expected(clock), "no_breach", sentence)
    })
}

fn check(pointer: &str, text: &str, length_max: usize) -> Result<(), Refusal> {
    if !text.trim().is_empty() && text.len() <= length_max {
        return Ok(());
    }
    let sentence = format!("{} has 1 to {length_max} characters", &pointer[1..]);
    Err(Refusal::field(RefusalKind::InvalidField, pointer, text.len(), "length", sentence))
}
