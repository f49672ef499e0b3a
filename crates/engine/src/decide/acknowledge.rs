//! A source answers a purchase order: accepted, in part, with another date, with something else, or not at all.
//!
//! An answer for an attempt that is over is recorded as late and never touches the running one.

pub(super) mod substitute;

use super::draft::{About, Draft};
use super::{cancellation, clocks, find_po, holds, supply};
use crate::approval::{Approval, ApprovalKind};
use crate::case::{Case, CaseKind, Remedy};
use crate::document::{Acknowledgment, AcknowledgmentLine};
use crate::event::Event;
use crate::ids::{LineId, OrderId};
use crate::measure::{QUANTITY_MAX, Quantity};
use crate::order::{Assignment, ClockKind, ClockState, Order, Phase, Substitute};
use crate::policy::{LaterDate, Mode, Rest};
use crate::promise::{self, Dates};
use crate::reason::Reason;
use crate::refusal::Refusal;
use crate::routing::{Demand, plan};
use crate::slice::{Key, Slice};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};
use smol_str::SmolStr;
use std::collections::BTreeSet;

/// A ship day later than that after the planned one is no day that anybody means.
const FAR_AWAY: SignedDuration = SignedDuration::from_hours(24 * 366);

/// What a source said about one assignment, in base units.
#[derive(Default, Clone)]
struct Answer {
    accepted: Quantity,
    rejected: Quantity,
    backordered: Quantity,
    substituted: Quantity,
    /// The day of what is accepted.
    ship_on: Option<Date>,
    /// The day of what is on back-order.
    later_on: Option<Date>,
    reason: Option<Reason>,
    substitute: Option<crate::document::ItemRef>,
}

impl Answer {
    fn total(&self) -> Quantity {
        self.accepted + self.rejected + self.backordered + self.substituted
    }
}

/// What its order reads, and what the source asks for the substitutes that it names.
pub(super) fn needs(slice: &Slice, answer: &Acknowledgment) -> BTreeSet<Key> {
    let Some((id, ordinal)) = answer.po.split() else { return BTreeSet::new() };
    let mut keys = supply::needs(slice, &id);
    let order = slice.has(&Key::Order(id.clone())).then(|| slice.order(&id)).flatten();
    let source = order.and_then(|o| o.purchase_order(ordinal)).map(|po| &po.source);
    let offered = answer.lines.iter().filter_map(|line| line.substitute.as_ref()?.sku.as_ref());
    keys.extend(offered.filter_map(|sku| Some(Key::Offer(source?.clone(), sku.clone()))));
    keys
}

pub(super) fn decide(d: &mut Draft, answer: &Acknowledgment) -> Result<(), Refusal> {
    let (order, po) = find_po(&d.slice, d.by, &answer.po)?;
    let (id, ordinal, attempt) = (order.id.clone(), po.ordinal, po.attempt);
    let mine: Vec<u32> = order.of_purchase_order(ordinal).map(|a| a.ordinal).collect();
    let lines = order.of_purchase_order(ordinal).filter_map(|a| order.line(&a.line));
    let before: Vec<(LineId, Quantity)> = lines.map(|l| (l.id.clone(), order.uncovered(l))).collect();
    clocks::meet(d, &id, ordinal, ClockKind::Receipt);
    if let Some(wrong) = answer.attempt.filter(|a| *a != attempt) {
        let accepted = answer.lines.iter().fold(Quantity::ZERO, |sum, l| sum.plus_capped(l.accepted));
        late(d, &id, ordinal, wrong, accepted);
        return Ok(());
    }
    unknown_lines(d, &id, ordinal, &mine, answer);
    let mut unwanted = vec![];
    for n in mine {
        if let Some(said) = said_of(d, &id, ordinal, n, &answer.lines) {
            unwanted.extend(judge(d, &id, ordinal, n, &said, answer));
        }
    }
    settle(d, &id, ordinal);
    decline(d, &id, ordinal, &unwanted);
    let demands = rest(d, &id, ordinal, &before);
    supply::pursue(d, &id, &demands, Reason::RouteNextBest);
    Ok(())
}

/// Stops waiting for the source once it has said what becomes of every unit.
pub(super) fn settle(d: &mut Draft, id: &OrderId, po: u32) {
    let order = d.order(id);
    if !order.of_purchase_order(po).any(|a| is_unanswered(order, a)) {
        clocks::meet(d, id, po, ClockKind::Acknowledgment);
        d.settle_cases(id, |c| {
            matches!(c.kind, CaseKind::AnswerOverdue | CaseKind::ReceiptOverdue) && c.purchase_order == Some(po)
        });
    }
    d.settle_cases(id, |c| {
        matches!(c.kind, CaseKind::DeliveryFailed | CaseKind::DocumentRejected | CaseKind::InDoubt)
            && c.purchase_order == Some(po)
    });
    clocks::stop_if_over(d, id, po);
}

/// Tells the source to leave out what it would still send, later or something else, and what we do not take.
fn decline(d: &mut Draft, id: &OrderId, po: u32, unwanted: &[Unwanted]) {
    let whole: Vec<u32> =
        unwanted.iter().map(|u| u.assignment).filter(|n| !d.assignment(id, *n).is_running()).collect();
    let awaited = d.po(id, po).cancellation.as_ref().is_some_and(|c| c.accepted.is_none());
    if let (Some(first), false) = (unwanted.iter().find(|u| whole.contains(&u.assignment)), awaited) {
        supply::ask_to_stop(d, id, po, &whole, first.reason);
    }
    // A cancellation names whole lines: of a line that goes on in part, a person tells the source.
    for u in unwanted.iter().filter(|u| !whole.contains(&u.assignment)) {
        let a = d.assignment(id, u.assignment).clone();
        let sentence = format!(
            "{} would send {} more of line {} {}, which are not wanted: tell it to leave them out.",
            a.source,
            u.quantity,
            a.line,
            if u.reason == Reason::AckSubstitution { "as a substitute" } else { "later" },
        );
        let about = About::both(&a.line, Some(po));
        d.open_case(id, CaseKind::AnswerMismatch, about, u.reason, sentence, vec![Remedy::Dismiss]);
    }
}

/// Units that a source would send and that we do not take from it.
struct Unwanted {
    assignment: u32,
    quantity: Quantity,
    reason: Reason,
}

/// Answers that name no line of the purchase order.
fn unknown_lines(d: &mut Draft, id: &OrderId, po: u32, mine: &[u32], answer: &Acknowledgment) {
    let known = |line: &str| mine.iter().any(|n| d.assignment(id, *n).line.as_str() == line);
    let strangers: Vec<&str> = answer.lines.iter().map(|l| l.line.as_str()).filter(|l| !known(l)).collect();
    if !strangers.is_empty() {
        let sentence =
            format!("The vendor answered line {} of {}, which has no such line.", strangers.join(", "), answer.po);
        d.open_case(
            id,
            CaseKind::AnswerMismatch,
            About::po(po),
            Reason::AckUnknownLine,
            sentence,
            vec![Remedy::Dismiss],
        );
    }
}

/// Adds up what was said about one assignment; more than was ordered is cut and becomes a case.
fn said_of(d: &mut Draft, id: &OrderId, po: u32, ordinal: u32, lines: &[AcknowledgmentLine]) -> Option<Answer> {
    let a = d.assignment(id, ordinal).clone();
    let mut sum = Answer::default();
    let mut any = false;
    let mut foreign_unit = None;
    let mut long_past = None;
    let zone = d.slice.source(&a.source).map_or(TimeZone::UTC, |s| s.time_zone.rules());
    // The source may count its days elsewhere.
    let earliest = d.po(id, po).released_at.to_zoned(zone).date().saturating_sub(Span::new().days(1));
    let latest = a.ship_by.saturating_add(FAR_AWAY);
    for line in lines.iter().filter(|l| l.line.as_str() == a.line.as_str()) {
        any = true;
        if line.unit.as_ref().is_some_and(|u| *u != a.pack_unit) {
            foreign_unit.clone_from(&line.unit);
            continue;
        }
        let base = |packs: Quantity| packs.times(a.pack_size).unwrap_or(Quantity::new(QUANTITY_MAX));
        // A vendor's "never" is a day far away: no day at all, and whatever it accepts for it waits for one.
        let never = line.ship_on.is_some_and(|day| day > latest);
        let (accepted, later) = if never { (Quantity::ZERO, line.accepted) } else { (line.accepted, Quantity::ZERO) };
        sum.accepted = sum.accepted.plus_capped(base(accepted));
        sum.rejected = sum.rejected.plus_capped(base(line.rejected));
        sum.backordered = sum.backordered.plus_capped(base(line.backordered)).plus_capped(base(later));
        sum.substituted = sum.substituted.plus_capped(base(line.substituted));
        long_past = long_past.or(line.ship_on.filter(|day| *day < earliest));
        let day = line.ship_on.filter(|day| (earliest..=latest).contains(day));
        let of_later = line.accepted.is_zero() && !line.backordered.is_zero();
        let place = if of_later { &mut sum.later_on } else { &mut sum.ship_on };
        *place = (*place).max(day);
        sum.reason = sum.reason.or(line.reason);
        sum.substitute = sum.substitute.take().or_else(|| line.substitute.clone());
    }
    if let Some(unit) = foreign_unit {
        let sentence = format!(
            "The vendor answered line {} in {}, it was ordered in {}.",
            a.line,
            unit.as_str(),
            a.pack_unit.as_str()
        );
        d.open_case(
            id,
            CaseKind::AnswerMismatch,
            About::both(&a.line, Some(po)),
            Reason::CatalogUnitMismatch,
            sentence,
            vec![Remedy::Dismiss],
        );
        return None;
    }
    if let Some(day) = long_past {
        let sentence = format!(
            "The vendor says that line {} ships on {day}, before it was ordered; the planned day stands.",
            a.line
        );
        let about = About::both(&a.line, Some(po));
        d.open_case(id, CaseKind::AnswerMismatch, about, Reason::AckDateChanged, sentence, vec![Remedy::Dismiss]);
    }
    if sum.total() > a.quantity {
        let sentence = format!(
            "The vendor answered for {} of line {}, {} were ordered; the rest is ignored.",
            sum.total(),
            a.line,
            a.quantity
        );
        d.open_case(
            id,
            CaseKind::AnswerMismatch,
            About::both(&a.line, Some(po)),
            Reason::AckOverQuantity,
            sentence,
            vec![Remedy::Dismiss],
        );
        sum.accepted = sum.accepted.min(a.quantity);
        sum.rejected = sum.rejected.min(a.quantity - sum.accepted);
        sum.backordered = sum.backordered.min(a.quantity - sum.accepted - sum.rejected);
        sum.substituted = sum.substituted.min(a.quantity - sum.accepted - sum.rejected - sum.backordered);
    }
    any.then_some(sum)
}

fn judge(
    d: &mut Draft,
    id: &OrderId,
    po: u32,
    ordinal: u32,
    said: &Answer,
    answer: &Acknowledgment,
) -> Option<Unwanted> {
    let a = d.assignment(id, ordinal).clone();
    match a.phase {
        _ if a.is_running() => return running(d, id, po, &a, said, answer),
        Phase::Withdrawing if said.accepted.is_zero() && said.total() >= a.live() => {
            // To refuse what was to be cancelled anyway is as good as the answer to the cancellation.
            cancellation::settle(d, id, po, &[ordinal], true);
        }
        Phase::Withdrawing => late(d, id, po, d.po(id, po).attempt, said.accepted),
        Phase::Withdrawn if !said.accepted.is_zero() && is_missed(d.order(id), &a) => {
            return running(d, id, po, &a, said, answer);
        }
        Phase::Withdrawn if !said.accepted.is_zero() => changed_mind(d, id, po, &a, said.accepted),
        _ => {}
    }
    None
}

/// True if the source only said no, and nobody else supplies what it let go: it may think better of it.
fn is_missed(order: &Order, a: &Assignment) -> bool {
    let asked_to_stop =
        a.purchase_order.and_then(|n| order.purchase_order(n)).is_some_and(|p| p.cancellation.is_some());
    a.withdrawn.is_zero() && !asked_to_stop && order.line(&a.line).is_some_and(|l| !order.uncovered(l).is_zero())
}

/// True if the source has not yet said what becomes of every unit. What a person decides is not the source's debt.
pub(super) fn is_unanswered(order: &Order, a: &Assignment) -> bool {
    a.is_running() && a.accepted + in_question(order, a) < a.live()
}

/// Units of an assignment about which the source's answer left a question to a person.
pub(super) fn in_question(order: &Order, a: &Assignment) -> Quantity {
    let substitute = |p: &&Approval| p.is_open() && p.kind == ApprovalKind::Substitution;
    let parts = order.approvals.iter().filter(substitute).flat_map(|p| p.plan.parts.iter());
    let substituted: Quantity = parts.filter(|p| p.line == a.line && p.source == a.source).map(|p| p.quantity).sum();
    let asked = |c: &Case| {
        c.is_open()
            && c.kind == CaseKind::DateBroken
            && c.reason == Reason::AckBackordered
            && c.purchase_order == a.purchase_order
            && c.line.as_ref() == Some(&a.line)
    };
    let open = a.live().less(a.accepted);
    if order.cases.iter().any(asked) { open } else { open.min(substituted) }
}

/// The source takes on again what it had let go. Whoever supplies it now is not touched: this one is asked to stop.
fn changed_mind(d: &mut Draft, id: &OrderId, po: u32, a: &Assignment, accepted: Quantity) {
    late(d, id, po, d.po(id, po).attempt, accepted);
    if d.po(id, po).cancellation.as_ref().is_none_or(|c| c.accepted.is_some()) {
        supply::ask_to_stop(d, id, po, &[a.ordinal], Reason::AckLate);
    }
}

/// What an answer means under the policy.
struct Meaning {
    accepted: Quantity,
    declined: Quantity,
    /// The day of all that is accepted.
    ship_on: Option<Date>,
    reason: Option<Reason>,
    /// What it leaves to a person.
    open: Option<Reason>,
    /// Of the declined units, those that the source would send all the same, and why they are not taken.
    unwanted: Option<(Quantity, Reason)>,
}

/// The rule for a later day. Where a person releases each act, giving a source up for its date is one.
fn rule_for(d: &Draft, id: &OrderId, rule: LaterDate) -> LaterDate {
    match (d.order(id).mode, rule) {
        (Mode::Recommend, LaterDate::Reroute) => LaterDate::Ask,
        (_, rule) => rule,
    }
}

fn understand(d: &Draft, id: &OrderId, a: &Assignment, said: &Answer) -> Meaning {
    let (accepted, declined, reason) = (said.accepted, said.rejected, said.reason);
    let mut meaning = Meaning { accepted, declined, ship_on: said.ship_on, reason, open: None, unwanted: None };
    let refuse = |meaning: &mut Meaning, quantity: Quantity, why: Reason| {
        meaning.declined += quantity;
        meaning.unwanted = Some((meaning.unwanted.map_or(Quantity::ZERO, |(q, _)| q) + quantity, why));
    };
    if !said.backordered.is_zero() {
        let elsewhere = || other_source_keeps_promise(d, id, a, said.backordered);
        match (rule_for(d, id, d.policy.answers.backordered), said.later_on.or(said.ship_on)) {
            (LaterDate::Reroute, _) if elsewhere() => refuse(&mut meaning, said.backordered, Reason::AckBackordered),
            // Late is better than never.
            (LaterDate::Revise | LaterDate::Reroute, day @ Some(_)) => {
                meaning.accepted += said.backordered;
                meaning.ship_on = meaning.ship_on.max(day);
            }
            _ => meaning.open = Some(Reason::AckBackordered),
        }
        meaning.reason = meaning.reason.or(Some(Reason::AckBackordered));
    }
    if !said.substituted.is_zero() {
        meaning.reason = meaning.reason.or(Some(Reason::AckSubstitution));
        if substitute::is_allowed(d, id, a, said) && d.policy.asks_about_substitutes() {
            meaning.open = Some(Reason::AckSubstitution);
        } else {
            refuse(&mut meaning, said.substituted, Reason::AckSubstitution);
        }
    }
    meaning
}

fn running(
    d: &mut Draft,
    id: &OrderId,
    po: u32,
    a: &Assignment,
    said: &Answer,
    answer: &Acknowledgment,
) -> Option<Unwanted> {
    let Meaning { mut accepted, mut declined, ship_on, mut reason, open: open_question, unwanted } =
        understand(d, id, a, said);
    let (later, dates) = dates_of(d, id, a, ship_on);
    let later_date = rule_for(d, id, d.policy.answers.later_date);
    let unwanted = unwanted.map(|(quantity, reason)| Unwanted { assignment: a.ordinal, quantity, reason });
    let reroutes_late =
        later && later_date == LaterDate::Reroute && other_source_keeps_promise(d, id, a, said.accepted);
    if reroutes_late {
        reason = Some(Reason::AckDateChanged);
    }
    // What the source once declined may be supplied by another by now: only what is still open can be accepted.
    let line = d.order(id).line(&a.line).expect("because assignments name lines of their order");
    let whole = a.quantity.less(a.withdrawn);
    let room = (a.live() + d.order(id).uncovered(line)).min(whole);
    if accepted > room {
        late(d, id, po, d.po(id, po).attempt, accepted - room);
        accepted = room;
    }
    accepted = accepted.max(a.shipped);
    declined = declined.max(whole.less(room)).min(whole.less(accepted));
    if !is_awaited(d, id, po) {
        // It had answered for every unit before: what it now leaves out, it no longer accepts.
        let asked = if open_question.is_some() { said.substituted + said.backordered } else { Quantity::ZERO };
        declined = declined.max(whole.less(accepted + asked));
    }
    let plain = if accepted.is_zero() { Reason::AckRejectedOther } else { Reason::AckPartialQuantity };
    if a.committed > accepted {
        let (order, line) = (id.clone(), a.line.clone());
        let (assignment, quantity) = (a.ordinal, a.committed - accepted);
        let reason = if a.accepted > accepted { Reason::CancelVendor } else { reason.unwrap_or(plain) };
        d.record(Event::LineUncommitted { order, line, assignment, quantity, reason });
    }
    if a.accepted > accepted {
        taken_back(d, id, po, a, a.accepted - accepted);
    }
    let reason = reason.or_else(|| (!declined.is_zero()).then_some(plain));
    record(d, id, po, a, Tallied { accepted, declined, dates, reason, substitute: None }, answer.vendor_order.as_ref());
    let substituted = if open_question == Some(Reason::AckSubstitution) { said.substituted } else { Quantity::ZERO };
    let held = d.assignment(id, a.ordinal).live().less(a.shipped + substituted);
    if accepted.is_zero() {
        holds::keep(d, id, a.ordinal, held, reason.unwrap_or(Reason::AckPartialQuantity));
        question(d, id, po, a, said, open_question);
        return unwanted;
    }
    holds::firm(d, id, a.ordinal, held);
    start_ship_clock(d, id, po, a.ordinal);
    if reroutes_late {
        settle(d, id, po);
        supply::withdraw(d, id, &[a.ordinal], Reason::AckDateChanged);
    } else if later && later_date == LaterDate::Ask {
        let sentence = format!("{} ships line {} on {}, too late for the promise.", a.source, a.line, dates.ship_by);
        let options = vec![Remedy::AcceptDate, Remedy::PlanAgain, Remedy::CancelRest];
        let about = About::both(&a.line, Some(po));
        d.open_case(id, CaseKind::DateBroken, about, Reason::AckDateChanged, sentence, options);
    } else {
        supply::commit(d, id, a.ordinal, accepted, Reason::AcknowledgmentAccepted);
        settle_line(d, id, &a.line);
    }
    supply::end_wait(d, id, &a.line);
    question(d, id, po, a, said, open_question);
    unwanted
}

/// True while the source owes an answer: its clock runs, or a person looks after the overdue one.
fn is_awaited(d: &Draft, id: &OrderId, po: u32) -> bool {
    let overdue = |c: &Case| c.is_open() && c.kind == CaseKind::AnswerOverdue && c.purchase_order == Some(po);
    d.po(id, po).clock(ClockKind::Acknowledgment).is_some_and(|c| c.state == ClockState::Running)
        || d.order(id).cases.iter().any(overdue)
}

/// Cases about a line that has all its supply are settled.
pub(super) fn settle_line(d: &mut Draft, id: &OrderId, line: &LineId) {
    let order = d.order(id);
    let covered = order.line(line).is_some_and(|l| order.uncovered(l).is_zero());
    let waits = order.of_line(line).any(|a| a.is_running() && a.accepted < a.live());
    d.settle_cases(id, |c| {
        let settled = match c.kind {
            CaseKind::Unsourced | CaseKind::CatalogMismatch | CaseKind::ApprovalLapsed => covered,
            CaseKind::DateBroken => covered && !waits,
            _ => false,
        };
        settled && c.line.as_ref() == Some(line)
    });
}

/// What is recorded of an answer.
pub(super) struct Tallied {
    pub(super) accepted: Quantity,
    pub(super) declined: Quantity,
    pub(super) dates: Dates,
    pub(super) reason: Option<Reason>,
    /// What a person took instead of what was ordered.
    pub(super) substitute: Option<Substitute>,
}

/// Records the whole answer for one assignment so far, unless it says what is known.
pub(super) fn record(d: &mut Draft, id: &OrderId, po: u32, a: &Assignment, told: Tallied, theirs: Option<&SmolStr>) {
    let Tallied { accepted, declined, dates, reason, substitute } = told;
    let answered = d.po(id, po);
    let same = substitute.is_none()
        && a.accepted == accepted
        && a.declined == declined
        && (a.ship_by, a.deliver_by) == (dates.ship_by, dates.deliver_by)
        && (theirs.is_none() || answered.vendor_order.as_ref() == theirs);
    if same && answered.acknowledged_at.is_some() {
        return;
    }
    // Committed on availability, and now declined: the OMS has to hear of it.
    let firm = a.quantity.less(a.withdrawn + declined);
    let committed = d.assignment(id, a.ordinal).committed;
    if committed > firm {
        let (order, line) = (id.clone(), a.line.clone());
        let (assignment, quantity) = (a.ordinal, committed - firm);
        let reason = reason.unwrap_or(Reason::AckPartialQuantity);
        d.record(Event::LineUncommitted { order, line, assignment, quantity, reason });
    }
    d.record(Event::AcknowledgmentReceived {
        order: id.clone(),
        purchase_order: po,
        assignment: a.ordinal,
        accepted,
        declined,
        ship_by: dates.ship_by,
        deliver_by: dates.deliver_by,
        at: d.now,
        reason,
        vendor_order: theirs.cloned(),
        cost: substitute.as_ref().and_then(|taken| a.cost_with(taken)),
        substitute: substitute.map(Box::new),
    });
}

/// What a source has not answered by now counts as declined.
pub(super) fn decline_unanswered(d: &mut Draft, id: &OrderId, ordinal: u32, reason: Reason) {
    let a = d.assignment(id, ordinal).clone();
    let Some(po) = a.purchase_order.filter(|_| a.is_running() && a.accepted < a.live()) else { return };
    let told = Tallied {
        accepted: a.accepted,
        declined: a.quantity.less(a.withdrawn + a.accepted),
        dates: Dates { ship_by: a.ship_by, deliver_by: a.deliver_by },
        reason: Some(reason),
        substitute: None,
    };
    record(d, id, po, &a, told, None);
    holds::keep(d, id, ordinal, a.accepted.less(a.shipped), reason);
    settle(d, id, po);
}

/// The source accepted once and now takes units back.
fn taken_back(d: &mut Draft, id: &OrderId, po: u32, a: &Assignment, quantity: Quantity) {
    let sentence = format!("{} had accepted line {} and now takes back {quantity}.", a.source, a.line);
    d.open_case(
        id,
        CaseKind::VendorCancelled,
        About::both(&a.line, Some(po)),
        Reason::CancelVendor,
        sentence,
        vec![Remedy::Dismiss, Remedy::PlanAgain, Remedy::CancelRest],
    );
}

/// The dates of an answer, and whether they break the promise.
fn dates_of(d: &Draft, id: &OrderId, a: &Assignment, ship_on: Option<Date>) -> (bool, Dates) {
    let planned = Dates { ship_by: a.ship_by, deliver_by: a.deliver_by };
    let order = d.order(id);
    let dates = match (ship_on, d.slice.source(&a.source)) {
        (Some(day), Some(source)) if day != a.ship_by => {
            let level = a.expedited.as_ref().unwrap_or(&order.service_level);
            promise::arrive(source, &d.policy, &order.destination, level, day)
        }
        _ => planned,
    };
    let told = order.line(&a.line).and_then(|l| l.promise).map_or(planned.deliver_by, |p| p.deliver_by);
    (dates.deliver_by > told, dates)
}

/// True if another source could still keep the promise: only then is a late acceptance given up.
fn other_source_keeps_promise(d: &Draft, id: &OrderId, a: &Assignment, quantity: Quantity) -> bool {
    if quantity.is_zero() {
        return false;
    }
    let order = d.order(id);
    let told = order.line(&a.line).and_then(|l| l.promise).map_or(a.deliver_by, |p| p.deliver_by);
    let mut without = order.clone();
    for other in without.assignments.iter_mut().filter(|o| o.ordinal == a.ordinal) {
        other.phase = Phase::Withdrawing;
    }
    let demand = Demand { line: a.line.clone(), quantity, only: None, again: false };
    let plan = plan(&d.slice, &d.policy, &without, d.now, &[demand], Reason::AckDateChanged);
    !plan.parts.is_empty() && plan.parts.iter().all(|p| p.dates.deliver_by <= told && p.incoming.is_none())
}

/// Asks a person what the answer left open.
fn question(d: &mut Draft, id: &OrderId, po: u32, a: &Assignment, said: &Answer, open: Option<Reason>) {
    match open {
        Some(Reason::AckBackordered) => {
            let sentence = format!(
                "{} put {} of line {} on back-order without a date we can promise.",
                a.source, said.backordered, a.line
            );
            let options = vec![Remedy::PlanAgain, Remedy::WaitLonger, Remedy::CancelRest];
            d.open_case(
                id,
                CaseKind::DateBroken,
                About::both(&a.line, Some(po)),
                Reason::AckBackordered,
                sentence,
                options,
            );
        }
        Some(_) => substitute::ask(d, id, a, said),
        None => {}
    }
}

pub(super) fn start_ship_clock(d: &mut Draft, id: &OrderId, po: u32, ordinal: u32) {
    let a = d.assignment(id, ordinal);
    let (source_id, ship_by) = (a.source.clone(), a.ship_by);
    let Some(source) = d.slice.source(&source_id) else { return };
    let end_of_day = ship_by
        .saturating_add(jiff::Span::new().days(1))
        .to_zoned(source.time_zone.rules())
        .map_or(Timestamp::MAX, |z| z.timestamp());
    let clock = clocks::begin(d, id, &source_id, &[ordinal], ClockKind::ShipNotice, end_of_day.max(d.now));
    let known = d.po(id, po).clock(ClockKind::ShipNotice).filter(|c| c.state == ClockState::Running).map(|c| c.due);
    if let Some(clock) = clock.filter(|c| known.is_none_or(|due| c.due > due)) {
        d.record(Event::SlaStarted { order: id.clone(), purchase_order: po, clock });
    }
}

/// An answer for an attempt that is over.
fn late(d: &mut Draft, id: &OrderId, po: u32, attempt: u32, accepted: Quantity) {
    d.record(Event::AcknowledgmentLate { order: id.clone(), purchase_order: po, attempt, accepted, at: d.now });
    if accepted.is_zero() {
        return;
    }
    let p = d.po(id, po);
    let (source, number) = (p.source.clone(), p.number.clone());
    let stopping = d.order(id).of_purchase_order(po).any(|a| a.phase == Phase::Withdrawing);
    let (sentence, options) = if attempt != p.attempt {
        let ours = p.attempt;
        let sentence =
            format!("{source} accepted attempt {attempt}, but {number} is attempt {ours}: nothing was touched.");
        (sentence, vec![Remedy::Dismiss])
    } else if stopping {
        let sentence = format!(
            "{source} accepted {number} after it had been asked to stop. What runs now was not touched; its answer to the cancellation is awaited."
        );
        (sentence, vec![Remedy::Dismiss, Remedy::SourceWillNotShip, Remedy::KeepSource])
    } else {
        let sentence = format!(
            "{source} accepted {accepted} of {number}, no longer wanted from it. What runs now was not touched."
        );
        (sentence, vec![Remedy::Dismiss])
    };
    d.open_case(id, CaseKind::LateAnswer, About::po(po), Reason::AckLate, sentence, options);
}

/// What is left without supply after this answer, treated as the policy says.
fn rest(d: &mut Draft, id: &OrderId, po: u32, before: &[(LineId, Quantity)]) -> Vec<Demand> {
    let mut demands = vec![];
    for (line_id, open) in before {
        let line_id = line_id.clone();
        let order = d.order(id);
        let line = order.line(&line_id).expect("because assignments name lines of their order");
        let quantity = order.uncovered(line);
        if quantity <= *open || line.look_again.is_some() {
            continue;
        }
        let last = order.of_line(&line_id).filter(|a| a.purchase_order == Some(po)).last();
        let (from, reason) = last.map_or((None, None), |a| (Some(a.source.clone()), a.ended));
        let partial = last.is_some_and(|a| !a.accepted.is_zero());
        match d.policy.answers.rest {
            Rest::Cancel if partial => d.record(Event::LineCancelled {
                order: id.clone(),
                line: line_id,
                quantity,
                reason: Reason::AckPartialQuantity,
            }),
            Rest::Ask if partial => {
                let sentence = format!("Only a part of line {line_id} was accepted; {quantity} are open.");
                d.open_case(
                    id,
                    CaseKind::Unsourced,
                    About::line(&line_id),
                    Reason::AckPartialQuantity,
                    sentence,
                    vec![Remedy::PlanAgain, Remedy::CancelRest],
                );
            }
            _ => {
                if let Some(from) = from {
                    let reason = reason.unwrap_or(Reason::AckPartialQuantity);
                    d.record(Event::LineRerouted { order: id.clone(), line: line_id.clone(), from, quantity, reason });
                }
                demands.push(Demand { line: line_id, quantity, only: None, again: false });
            }
        }
    }
    demands
}
