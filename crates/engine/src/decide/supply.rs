//! Finding supply and acting on it: plan → assignments and holds → authority → purchase orders.
//!
//! Every deed that leaves a quantity without supply ends here, so that there is one path to a purchase order.

use super::draft::{About, Draft};
use super::{clocks, holds};
use crate::approval::{self, Approval, Authority};
use crate::case::{CaseKind, Remedy};
use crate::effect::Effect;
use crate::event::Event;
use crate::ids::{ApprovalId, LineId, OrderId, PoNumber, Sku, SourceId};
use crate::measure::{Money, Quantity};
use crate::order::{Assignment, ClockKind, Order, Phase};
use crate::policy::table::{Matter, cohort};
use crate::policy::{CommitOn, Mode, Otherwise};
use crate::promise::{self, Dates, Promise, PromiseState};
use crate::reason::Reason;
use crate::routing::{CANDIDATES_MAX, Demand, Part, Plan, plan};
use crate::slice::{Key, Slice};
use jiff::SignedDuration;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How long a line waits before supply is looked for again.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_hours(1);

/// What an order-level deed reads: the order, the policy, and whatever could supply its lines.
pub(super) fn needs(slice: &Slice, order: &OrderId) -> BTreeSet<Key> {
    let mut keys: BTreeSet<Key> = [Key::Policy, Key::Order(order.clone())].into();
    if !slice.has(&Key::Order(order.clone())) {
        return keys;
    }
    let Some(order) = slice.order(order) else { return keys };
    for line in &order.lines {
        keys.insert(Key::Item(line.sku.clone()));
        supply_of(slice, &line.sku, &mut keys);
    }
    for a in &order.assignments {
        if let Some(line) = order.line(&a.line) {
            keys.insert(Key::Load(a.source.clone()));
            keys.insert(Key::Source(a.source.clone()));
            keys.insert(Key::Stock(a.source.clone(), line.sku.clone()));
            keys.insert(Key::Feed(a.source.clone()));
        }
    }
    keys
}

/// What could supply an item, as far as the slice lets one see.
pub(crate) fn supply_of(slice: &Slice, sku: &crate::ids::Sku, keys: &mut BTreeSet<Key>) {
    let offerers = Key::Offerers(sku.clone());
    let known = slice.has(&offerers);
    keys.insert(offerers);
    if !known {
        return;
    }
    let chances = slice.has(&Key::Policy) && slice.policy().looks_at_chances();
    if chances {
        keys.insert(Key::Learnt);
    }
    for source in slice.offerers(sku).iter().flat_map(|o| o.sources.iter()).take(CANDIDATES_MAX) {
        keys.insert(Key::Offer(source.clone(), sku.clone()));
        keys.insert(Key::Stock(source.clone(), sku.clone()));
        keys.insert(Key::Source(source.clone()));
        keys.insert(Key::Feed(source.clone()));
        keys.insert(Key::Load(source.clone()));
        if chances {
            keys.insert(Key::Evidence(source.clone()));
        }
    }
}

/// The demand of every line that nobody supplies yet.
pub(super) fn uncovered(order: &Order) -> Vec<Demand> {
    let wanting = order.lines.iter().map(|l| (l, order.uncovered(l))).filter(|(_, q)| !q.is_zero());
    wanting.map(|(l, quantity)| Demand { line: l.id.clone(), quantity, only: None, again: false }).collect()
}

/// Looks for supply and acts on what is found, as far as mode and policy allow.
pub(super) fn pursue(d: &mut Draft, id: &OrderId, demands: &[Demand], reason: Reason) {
    if demands.is_empty() {
        return;
    }
    let plan = plan(&d.slice, &d.policy, d.order(id), d.now, demands, reason);
    follow(d, id, plan, None);
}

/// Acts on a plan. `ordered` is the authority of a person who demanded it.
pub(super) fn follow(d: &mut Draft, id: &OrderId, plan: Plan, ordered: Option<Authority>) {
    let plan = Arc::new(plan);
    d.record(Event::PlanMade { order: id.clone(), plan: plan.clone() });
    let mode = d.order(id).mode;
    if matches!(mode, Mode::Legacy | Mode::Observe) {
        return;
    }
    let made = reserve(d, id, &plan);
    tell_provisional(d, id, &plan);
    leave_unsourced(d, id, &plan);
    if made.is_empty() || d.order(id).on_hold.is_some() {
        return;
    }
    let authority = match ordered {
        Some(authority) => Ok(authority),
        None => approval::by_policy(&d.policy, mode, &plan),
    };
    match authority {
        Ok(authority) => release(d, id, &made, &authority, plan.reason),
        Err((kind, reason)) => ask(d, id, Arc::unwrap_or_clone(plan), kind, reason),
    }
}

/// Makes assignments of the parts and reserves their units.
fn reserve(d: &mut Draft, id: &OrderId, plan: &Plan) -> Vec<u32> {
    let expires = d.now + SignedDuration::from_mins(i64::from(d.policy.hold_minutes));
    let tried = |line: &LineId| d.order(id).of_line(line).map(|a| a.attempt).max().unwrap_or(0);
    let attempts: Vec<u32> = plan.parts.iter().map(|p| tried(&p.line) + 1).collect();
    let mut made = vec![];
    for (part, attempt) in plan.parts.iter().zip(attempts) {
        let order = d.order(id);
        let ordinal = u32::try_from(order.assignments.len()).unwrap_or(u32::MAX) + 1;
        let line = order.line(&part.line).expect("because the plan was made for this order");
        let (sku, first) = (line.sku.clone(), line.first_cost.is_none());
        d.record(Event::AssignmentMade { order: id.clone(), assignment: assignment(part, ordinal, attempt) });
        let source = d.slice.source(&part.source);
        let load_day = source.and_then(|s| s.daily_capacity).map(|_| part.dates.ship_by);
        let (source, quantity, incoming) = (part.source.clone(), part.quantity, part.incoming);
        d.record(Event::HoldPlaced {
            order: id.clone(),
            assignment: ordinal,
            source,
            sku,
            quantity,
            incoming,
            expires,
            load_day,
        });
        if first {
            cost_line(d, id, &part.line, plan);
        }
        end_wait(d, id, &part.line);
        made.push(ordinal);
    }
    made
}

/// A line that has supply for all of it waits no more.
pub(super) fn end_wait(d: &mut Draft, id: &OrderId, line: &LineId) {
    let order = d.order(id);
    if order.line(line).is_some_and(|l| l.look_again.is_some() && order.uncovered(l).is_zero()) {
        d.record(Event::LineResumed { order: id.clone(), line: line.clone() });
    }
}

fn assignment(part: &Part, ordinal: u32, attempt: u32) -> Assignment {
    Assignment {
        ordinal,
        line: part.line.clone(),
        source: part.source.clone(),
        attempt,
        vendor_sku: part.vendor_sku.clone(),
        pack_unit: part.pack_unit.clone(),
        pack_size: part.pack_size,
        unit_cost: part.unit_cost,
        cost: part.cost,
        quantity: part.quantity,
        substitutes: vec![],
        phase: Phase::Planned,
        accepted: Quantity::ZERO,
        declined: Quantity::ZERO,
        committed: Quantity::ZERO,
        shipped: Quantity::ZERO,
        delivered: Quantity::ZERO,
        withdrawn: Quantity::ZERO,
        hold: None,
        expedited: part.expedited.clone(),
        ship_by: part.dates.ship_by,
        deliver_by: part.dates.deliver_by,
        purchase_order: None,
        ended: None,
    }
}

/// Remembers what the whole line cost in its first plan.
fn cost_line(d: &mut Draft, id: &OrderId, line: &LineId, plan: &Plan) {
    let parts = || plan.parts.iter().filter(|p| p.line == *line);
    let mut currencies = parts().map(|p| p.cost.currency);
    if currencies.next().is_none_or(|first| currencies.any(|other| other != first)) {
        return;
    }
    let (cost, units) = parts().fold((None::<Money>, Quantity::ZERO), |(sum, n), p| {
        (Some(sum.map_or(p.cost, |s| s.plus(p.cost))), n + p.quantity)
    });
    let ordered = d.order(id).line(line).map_or(Quantity::ZERO, |l| l.quantity);
    if let Some(cost) = cost.filter(|_| units == ordered) {
        d.record(Event::LineCosted { order: id.clone(), line: line.clone(), cost });
    }
}

/// Tells provisional dates of lines of which nothing was told yet.
fn tell_provisional(d: &mut Draft, id: &OrderId, plan: &Plan) {
    let lines: BTreeSet<&LineId> = plan.parts.iter().map(|p| &p.line).collect();
    for line in lines {
        let order = d.order(id);
        let Some(Dates { ship_by, deliver_by }) = promise::of_line(order, line) else { continue };
        if order.line(line).is_some_and(|l| l.promise.is_none()) {
            let promise = Promise { state: PromiseState::Provisional, ship_by, deliver_by, reason: None };
            d.record(Event::PromiseMade { order: id.clone(), line: line.clone(), promise });
        }
    }
}

/// Tells later dates where those told before cannot be kept by what was released: never before somebody may release it.
fn tell_later(d: &mut Draft, id: &OrderId, released: &[u32], reason: Reason) {
    let lines: BTreeSet<LineId> = released.iter().map(|n| d.assignment(id, *n).line.clone()).collect();
    for line in lines {
        let order = d.order(id);
        let told = order.line(&line).and_then(|l| l.promise);
        let (Some(dates), Some(told)) = (promise::of_line(order, &line), told) else { continue };
        if dates.deliver_by > told.deliver_by {
            let Dates { ship_by, deliver_by } = dates;
            let promise = Promise { state: PromiseState::Revised, ship_by, deliver_by, reason: Some(reason) };
            d.record(Event::PromiseRevised { order: id.clone(), line, promise });
        }
    }
}

/// Does with the quantities nobody can supply what the policy says.
fn leave_unsourced(d: &mut Draft, id: &OrderId, plan: &Plan) {
    for rest in &plan.unsourced {
        let (order, line) = (id.clone(), rest.line.clone());
        if rest.otherwise != Otherwise::Refuse {
            take_back_promise(d, id, &rest.line, rest.reason);
        }
        match rest.otherwise {
            // Nobody waits for ever: past the policy's patience a person is asked.
            Otherwise::Wait if has_waited_long(d, id) => {
                ask_about_unsourced(d, id, &rest.line, rest.quantity, rest.reason)
            }
            Otherwise::Wait => {
                d.record(Event::LineWaiting { order, line, until: d.now + LOOK_AGAIN, reason: rest.reason })
            }
            Otherwise::Refuse => {
                d.record(Event::LineCancelled { order, line, quantity: rest.quantity, reason: Reason::CancelNoSource });
            }
            Otherwise::Next | Otherwise::Ask => ask_about_unsourced(d, id, &rest.line, rest.quantity, rest.reason),
        }
    }
}

/// What was confirmed is provisional again once nobody stands for it; the dates stay until there are better ones.
fn take_back_promise(d: &mut Draft, id: &OrderId, line: &LineId, reason: Reason) {
    let order = d.order(id);
    let committed: Quantity = order.of_line(line).map(|a| a.committed).sum();
    let Some(l) = order.line(line).filter(|l| committed < order.wanted(l)) else { return };
    if let Some(told) = l.promise.filter(|p| p.state != PromiseState::Provisional) {
        let promise = Promise { state: PromiseState::Provisional, reason: Some(reason), ..told };
        d.record(Event::PromiseRevised { order: id.clone(), line: line.clone(), promise });
    }
}

fn has_waited_long(d: &Draft, id: &OrderId) -> bool {
    let days = i64::from(d.policy.sourcing.wait_days_max);
    d.order(id).captured_at + SignedDuration::from_hours(24 * days) <= d.now
}

fn ask_about_unsourced(d: &mut Draft, id: &OrderId, line: &LineId, quantity: Quantity, reason: Reason) {
    let sku = d.order(id).line(line).map(|l| l.sku.clone());
    let sku = sku.expect("because the line was planned for");
    let offers = d.slice.offerers(&sku).map(|o| o.sources.clone()).unwrap_or_default();
    let mut options = vec![Remedy::PlanAgain, Remedy::CancelRest];
    options.extend(offers.into_iter().take(CANDIDATES_MAX).map(|source| Remedy::RerouteTo { source }));
    let catalog =
        matches!(reason, Reason::CatalogPackMismatch | Reason::CatalogUnitMismatch | Reason::CatalogGtinMismatch);
    let kind = if catalog { CaseKind::CatalogMismatch } else { CaseKind::Unsourced };
    let sentence = format!("No source for {quantity} of {sku}: {}{}", reason.sentence(), mismatch(d, &sku, reason));
    d.open_case(id, kind, About::line(line), reason, sentence, options);
}

/// The field that does not match, with each source's value.
fn mismatch(d: &Draft, sku: &Sku, reason: Reason) -> String {
    if reason != Reason::CatalogPackMismatch {
        return String::new();
    }
    let sources = d.slice.offerers(sku).map(|o| o.sources.iter().take(CANDIDATES_MAX)).into_iter().flatten();
    let packs = sources.filter_map(|s| d.slice.offer(s, sku)).map(|o| format!("{} {}", o.source, o.pack.base_units));
    format!(" (pack.base_units: {})", packs.collect::<Vec<_>>().join(", "))
}

fn ask(d: &mut Draft, id: &OrderId, plan: Plan, kind: approval::ApprovalKind, reason: Reason) {
    let ordinal = u32::try_from(d.order(id).approvals.len()).unwrap_or(u32::MAX) + 1;
    let due = d.now + SignedDuration::from_mins(i64::from(d.policy.approvals.within_minutes));
    let approval = Approval {
        id: ApprovalId::of(id, ordinal),
        kind,
        reason,
        asked_at: d.now,
        due,
        plan,
        outcome: approval::Outcome::Open,
    };
    d.record(Event::ApprovalAsked { order: id.clone(), approval });
}

/// Releases held assignments as purchase orders, one per source. The authority proves that somebody may.
pub(super) fn release(d: &mut Draft, id: &OrderId, made: &[u32], authority: &Authority, reason: Reason) {
    let _ = authority.is_personal();
    tell_later(d, id, made, reason);
    for (source, assignments) in by_source(d, id, made) {
        let order = d.order(id);
        let ordinal = u32::try_from(order.purchase_orders.len()).unwrap_or(u32::MAX) + 1;
        let attempt = assignments.iter().map(|n| d.assignment(id, *n).attempt).max().unwrap_or(1);
        let (clocks, rules): (Vec<_>, Vec<_>) = [ClockKind::Receipt, ClockKind::Acknowledgment]
            .into_iter()
            .filter_map(|kind| clocks::begin_ruled(d, id, &source, &assignments, kind, d.now))
            .unzip();
        d.record(Event::PurchaseOrderReleased {
            order: id.clone(),
            ordinal,
            number: PoNumber::of(id, ordinal),
            source: source.clone(),
            attempt,
            at: d.now,
            assignments: assignments.clone(),
            clocks,
            rules: rules.into_iter().flatten().collect(),
        });
        d.send(Effect::SendPurchaseOrder { order: id.clone(), purchase_order: ordinal, source });
        for n in assignments {
            commit_on_availability(d, id, n);
        }
    }
}

/// Held assignments by source, each line once: a purchase order never names a line twice.
fn by_source(d: &Draft, id: &OrderId, made: &[u32]) -> Vec<(SourceId, Vec<u32>)> {
    let mut groups: Vec<(SourceId, Vec<u32>)> = vec![];
    let held = made.iter().map(|n| d.assignment(id, *n)).filter(|a| a.phase == Phase::Held);
    for a in held {
        let named = |n: &u32| d.assignment(id, *n).line == a.line;
        match groups.iter_mut().find(|(source, all)| *source == a.source && !all.iter().any(named)) {
            Some((_, all)) => all.push(a.ordinal),
            None => groups.push((a.source.clone(), vec![a.ordinal])),
        }
    }
    groups.sort_by(|a, b| (&a.0, &a.1).cmp(&(&b.0, &b.1)));
    groups
}

/// Commits at once what the policy commits on verified, fresh, held availability.
fn commit_on_availability(d: &mut Draft, id: &OrderId, ordinal: u32) {
    let a = d.assignment(id, ordinal);
    let line = d.order(id).line(&a.line).expect("because assignments name lines of their order");
    let matter = Matter {
        now: Some(d.now),
        vendor: Some(&a.source),
        kind: d.slice.source(&a.source).map(|s| s.kind),
        cohort: Some(cohort(&d.policy.cohort_salt, id)),
        ..d.order(id).matter(line, a.quantity)
    };
    let on = d.policy.mode(&matter).commit_on;
    let feed = d.slice.feed(&a.source).map(|f| f.full_as_of);
    let as_of = d.slice.stock(&a.source, &line.sku).map(|s| s.confirmed_as_of(feed));
    let (minutes, _) = d.policy.freshness(&matter);
    let fresh = as_of.is_some_and(|t| t + SignedDuration::from_mins(i64::from(minutes)) >= d.now);
    let on_shelf = a.hold.is_some_and(|h| h.incoming.is_none());
    if on == CommitOn::Availability && fresh && on_shelf {
        let quantity = a.quantity;
        commit(d, id, ordinal, quantity, Reason::CommitOnAvailability);
    }
}

/// Tells the OMS that units are firm, never more than the customer still wants, and confirms the promise. Nothing of an
/// order on hold is made firm: that waits for its release.
pub(super) fn commit(d: &mut Draft, id: &OrderId, ordinal: u32, quantity: Quantity, reason: Reason) {
    let order = d.order(id);
    if order.on_hold.is_some() {
        return;
    }
    let a = d.assignment(id, ordinal);
    let line = order.line(&a.line).expect("because assignments name lines of their order");
    let committed: Quantity = order.of_line(&a.line).map(|a| a.committed).sum();
    let room = order.wanted(line).less(committed);
    let quantity = quantity.less(a.committed).min(room);
    let (line, source) = (a.line.clone(), a.source.clone());
    if !quantity.is_zero() {
        let (order, line) = (id.clone(), line.clone());
        d.record(Event::LineCommitted { order, line, assignment: ordinal, quantity, source, reason });
    }
    confirm(d, id, &line, !quantity.is_zero());
}

/// Confirms the promise of a line that is wholly committed, or revises it where it cannot be kept.
fn confirm(d: &mut Draft, id: &OrderId, line: &LineId, newly: bool) {
    let order = d.order(id);
    let Some(l) = order.line(line) else { return };
    let committed: Quantity = order.of_line(line).map(|a| a.committed).sum();
    if committed.is_zero() || order.wanted(l).is_zero() || committed < order.wanted(l) {
        return;
    }
    let told = l.promise;
    let Some(Dates { ship_by, deliver_by }) = promise::of_line(order, line) else { return };
    let (order, line) = (id.clone(), line.clone());
    match told {
        Some(told) if deliver_by > told.deliver_by => {
            let reason = Some(Reason::AckDateChanged);
            let promise = Promise { state: PromiseState::Revised, ship_by, deliver_by, reason };
            d.record(Event::PromiseRevised { order, line, promise });
        }
        Some(told) if told.state == PromiseState::Confirmed || !newly => {}
        told => {
            let deliver_by = told.map_or(deliver_by, |t| t.deliver_by);
            let promise = Promise { state: PromiseState::Confirmed, ship_by, deliver_by, reason: None };
            d.record(Event::PromiseConfirmed { order, line, promise });
        }
    }
}

/// Asks sources to stop, one cancellation per purchase order; held assignments are simply given back.
pub(super) fn withdraw(d: &mut Draft, id: &OrderId, ordinals: &[u32], reason: Reason) {
    let mut by_po: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for n in ordinals {
        let a = d.assignment(id, *n);
        match (a.phase, a.purchase_order) {
            (Phase::Planned | Phase::Held, _) => holds::give_back(d, id, *n, reason),
            (_, Some(po)) if a.is_running() => by_po.entry(po).or_default().push(*n),
            _ => {}
        }
    }
    for (po, assignments) in by_po {
        for n in &assignments {
            uncommit(d, id, *n, reason);
            holds::give_back(d, id, *n, reason);
        }
        clocks::stop_without(d, id, po, &assignments);
        ask_to_stop(d, id, po, &assignments, reason);
        settle_waiting_cases(d, id, po);
    }
}

/// Sends a cancellation and waits for its answer. Assignments that have ended already stay as they are.
pub(super) fn ask_to_stop(d: &mut Draft, id: &OrderId, po: u32, assignments: &[u32], reason: Reason) {
    let source = d.po(id, po).source.clone();
    let clock = clocks::begin(d, id, &source, assignments, ClockKind::CancelAnswer, d.now);
    let running = assignments.iter().copied().filter(|n| d.assignment(id, *n).is_running()).collect();
    d.record(Event::CancellationRequested {
        order: id.clone(),
        purchase_order: po,
        assignments: running,
        at: d.now,
        reason,
        clock,
    });
    let time = d.po(id, po).cancellation.as_ref().map_or(1, |c| c.times);
    let (order, assignments) = (id.clone(), assignments.to_vec());
    d.send(Effect::SendCancellation { order, purchase_order: po, source, assignments, reason, time });
}

/// Nobody waits any more for an answer on a purchase order of which nothing runs.
pub(super) fn settle_waiting_cases(d: &mut Draft, id: &OrderId, po: u32) {
    if d.order(id).of_purchase_order(po).any(Assignment::is_running) {
        return;
    }
    let waits = |kind| {
        use CaseKind::{AnswerOverdue, DeliveryFailed, DocumentRejected, InDoubt, ReceiptOverdue, ShipmentOverdue};
        matches!(kind, AnswerOverdue | DeliveryFailed | DocumentRejected | InDoubt | ReceiptOverdue | ShipmentOverdue)
    };
    d.settle_cases(id, |c| waits(c.kind) && c.purchase_order == Some(po));
}

/// Tells the OMS that units it thought firm are not; what has left stays firm.
pub(super) fn uncommit(d: &mut Draft, id: &OrderId, ordinal: u32, reason: Reason) {
    let a = d.assignment(id, ordinal);
    let quantity = a.committed.less(a.shipped);
    if !quantity.is_zero() {
        let line = a.line.clone();
        d.record(Event::LineUncommitted { order: id.clone(), line, assignment: ordinal, quantity, reason });
    }
}
