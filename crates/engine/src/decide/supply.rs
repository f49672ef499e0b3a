//! Finding supply and acting on it: plan → assignments and holds → authority → purchase orders.
//!
//! Every deed that leaves a quantity without supply ends here, so that there is one path to a purchase order.

use super::draft::{About, Draft};
use crate::approval::{self, Approval, Authority};
use crate::case::{CaseKind, Remedy};
use crate::effect::Effect;
use crate::event::{Event, HeldAs};
use crate::ids::{ApprovalId, LineId, OrderId, PoNumber, SourceId};
use crate::measure::{Money, Quantity};
use crate::order::{Assignment, Clock, ClockKind, ClockState, HoldState, Order, Phase};
use crate::policy::{ClockRule, ClockTime, CommitOn, Limit, Mode, Otherwise};
use crate::promise::{self, Promise, PromiseState};
use crate::reason::Reason;
use crate::routing::{CANDIDATES_MAX, Demand, Part, Plan, plan};
use crate::slice::{Key, Slice};
use crate::source::Source;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

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
    for source in slice.offerers(sku).iter().flat_map(|o| o.sources.iter()).take(CANDIDATES_MAX) {
        keys.insert(Key::Offer(source.clone(), sku.clone()));
        keys.insert(Key::Stock(source.clone(), sku.clone()));
        keys.insert(Key::Source(source.clone()));
        keys.insert(Key::Feed(source.clone()));
        keys.insert(Key::Load(source.clone()));
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
        Ok(authority) => release(d, id, &made, &authority),
        Err((kind, reason)) => ask(d, id, plan, kind, reason),
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
        made.push(ordinal);
    }
    made
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
        phase: Phase::Planned,
        accepted: Quantity::ZERO,
        declined: Quantity::ZERO,
        committed: Quantity::ZERO,
        shipped: Quantity::ZERO,
        delivered: Quantity::ZERO,
        withdrawn: Quantity::ZERO,
        hold: None,
        ship_by: part.dates.ship_by,
        deliver_by: part.dates.deliver_by,
        purchase_order: None,
        ended: None,
    }
}

/// Remembers what the whole line cost in its first plan.
fn cost_line(d: &mut Draft, id: &OrderId, line: &LineId, plan: &Plan) {
    let parts = plan.parts.iter().filter(|p| p.line == *line);
    let (cost, units) = parts.fold((None::<Money>, Quantity::ZERO), |(sum, n), p| {
        (Some(sum.map_or(p.cost, |s| s.plus(p.cost))), n + p.quantity)
    });
    let ordered = d.order(id).line(line).map_or(Quantity::ZERO, |l| l.quantity);
    if let Some(cost) = cost.filter(|_| units == ordered) {
        d.record(Event::LineCosted { order: id.clone(), line: line.clone(), cost });
    }
}

/// Tells provisional dates, or later ones if those told before cannot be kept.
fn tell_provisional(d: &mut Draft, id: &OrderId, plan: &Plan) {
    let lines: BTreeSet<&LineId> = plan.parts.iter().map(|p| &p.line).collect();
    for line in lines {
        let order = d.order(id);
        let Some(dates) = promise::of_line(order, line) else { continue };
        let told = order.line(line).and_then(|l| l.promise);
        let tell = |state, reason| Promise { state, ship_by: dates.ship_by, deliver_by: dates.deliver_by, reason };
        let (order, line) = (id.clone(), line.clone());
        match told {
            None => d.record(Event::PromiseMade { order, line, promise: tell(PromiseState::Provisional, None) }),
            Some(told) if dates.deliver_by > told.deliver_by => {
                d.record(Event::PromiseRevised {
                    order,
                    line,
                    promise: tell(PromiseState::Revised, Some(plan.reason)),
                });
            }
            Some(_) => {}
        }
    }
}

/// Does with the quantities nobody can supply what the policy says.
fn leave_unsourced(d: &mut Draft, id: &OrderId, plan: &Plan) {
    for rest in &plan.unsourced {
        let (order, line) = (id.clone(), rest.line.clone());
        match rest.otherwise {
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

fn ask_about_unsourced(d: &mut Draft, id: &OrderId, line: &LineId, quantity: Quantity, reason: Reason) {
    let sku = d.order(id).line(line).map(|l| l.sku.clone());
    let sku = sku.expect("because the line was planned for");
    let offers = d.slice.offerers(&sku).map(|o| o.sources.clone()).unwrap_or_default();
    let mut options = vec![Remedy::PlanAgain, Remedy::CancelRest];
    options.extend(offers.into_iter().take(CANDIDATES_MAX).map(|source| Remedy::RerouteTo { source }));
    let catalog =
        matches!(reason, Reason::CatalogPackMismatch | Reason::CatalogUnitMismatch | Reason::CatalogGtinMismatch);
    let kind = if catalog { CaseKind::CatalogMismatch } else { CaseKind::Unsourced };
    let sentence = format!("{quantity} of {sku} have no source: {}", reason.sentence());
    d.open_case(id, kind, About::line(line), reason, sentence, options);
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
pub(super) fn release(d: &mut Draft, id: &OrderId, made: &[u32], authority: &Authority) {
    let _ = authority.is_personal();
    let mut by_source: BTreeMap<SourceId, Vec<u32>> = BTreeMap::new();
    for ordinal in made {
        let a = d.assignment(id, *ordinal);
        if a.phase == Phase::Held {
            by_source.entry(a.source.clone()).or_default().push(*ordinal);
        }
    }
    for (source, assignments) in by_source {
        let order = d.order(id);
        let ordinal = u32::try_from(order.purchase_orders.len()).unwrap_or(u32::MAX) + 1;
        let attempt = assignments.iter().map(|n| d.assignment(id, *n).attempt).max().unwrap_or(1);
        let clocks = [
            start_clock(d, id, &source, &assignments, ClockKind::Receipt, d.now, |r| r.receipt),
            start_clock(d, id, &source, &assignments, ClockKind::Acknowledgment, d.now, |r| r.acknowledgment),
        ];
        let clocks = clocks.into_iter().flatten().collect();
        d.record(Event::PurchaseOrderReleased {
            order: id.clone(),
            ordinal,
            number: PoNumber::of(id, ordinal),
            source: source.clone(),
            attempt,
            at: d.now,
            assignments: assignments.clone(),
            clocks,
        });
        d.send(Effect::SendPurchaseOrder { order: id.clone(), purchase_order: ordinal, source });
        for n in assignments {
            commit_on_availability(d, id, n);
        }
    }
}

/// Commits at once what the policy commits on verified, fresh, held availability.
fn commit_on_availability(d: &mut Draft, id: &OrderId, ordinal: u32) {
    let a = d.assignment(id, ordinal);
    let line = d.order(id).line(&a.line).expect("because assignments name lines of their order");
    let (_, on) = d.policy.mode(&a.source, &line.category);
    let feed = d.slice.feed(&a.source).map(|f| f.full_as_of);
    let as_of = d.slice.stock(&a.source, &line.sku).map(|s| s.confirmed_as_of(feed));
    let (minutes, _) = d.policy.freshness(&a.source, &line.category);
    let fresh = as_of.is_some_and(|t| t + SignedDuration::from_mins(i64::from(minutes)) >= d.now);
    let on_shelf = a.hold.is_some_and(|h| h.incoming.is_none());
    if on == CommitOn::Availability && fresh && on_shelf {
        let quantity = a.quantity;
        commit(d, id, ordinal, quantity, Reason::CommitOnAvailability);
    }
}

/// Tells the OMS that units are firm, never more than the customer still wants, and confirms the promise.
pub(super) fn commit(d: &mut Draft, id: &OrderId, ordinal: u32, quantity: Quantity, reason: Reason) {
    let order = d.order(id);
    let a = d.assignment(id, ordinal);
    let line = order.line(&a.line).expect("because assignments name lines of their order");
    let committed: Quantity = order.of_line(&a.line).map(|a| a.committed).sum();
    let room = order.wanted(line).less(committed);
    let quantity = quantity.less(a.committed).min(room);
    if quantity.is_zero() {
        return;
    }
    let (line_id, source, told) = (a.line.clone(), a.source.clone(), line.promise);
    let all = committed + quantity >= order.wanted(line);
    d.record(Event::LineCommitted {
        order: id.clone(),
        line: line_id.clone(),
        assignment: ordinal,
        quantity,
        source,
        reason,
    });
    if !all {
        return;
    }
    let Some(dates) = promise::of_line(d.order(id), &line_id) else { return };
    let later = told.is_some_and(|t| dates.deliver_by > t.deliver_by);
    let kept = told.filter(|_| !later);
    let promise = Promise {
        state: PromiseState::Confirmed,
        ship_by: dates.ship_by,
        deliver_by: kept.map_or(dates.deliver_by, |t| t.deliver_by.max(dates.deliver_by)),
        reason: later.then_some(Reason::AckDateChanged),
    };
    let (order, line) = (id.clone(), line_id);
    if later {
        let promise = Promise { state: PromiseState::Revised, ..promise };
        d.record(Event::PromiseRevised { order, line, promise });
    } else if told != Some(promise) {
        d.record(Event::PromiseConfirmed { order, line, promise });
    }
}

/// A clock for an answer of a source, if the policy sets one.
pub(super) fn start_clock(
    d: &Draft,
    id: &OrderId,
    source: &SourceId,
    assignments: &[u32],
    kind: ClockKind,
    from: Timestamp,
    pick: fn(&ClockRule) -> Option<Limit>,
) -> Option<Clock> {
    let order = d.order(id);
    let line = assignments.iter().filter_map(|n| order.line(&order.assignment(*n)?.line)).next()?;
    let limit = d.policy.limit(source, &line.category, pick)?;
    Some(clock(kind, from, limit, d.slice.source(source)))
}

/// A clock that begins at `from`.
pub(super) fn clock(kind: ClockKind, from: Timestamp, limit: Limit, source: Option<&Source>) -> Clock {
    let after = |seconds: u32| match (limit.time, source) {
        (ClockTime::Business, Some(s)) => s.calendar.business_minutes_after(from, seconds.div_ceil(60), &s.time_zone),
        _ => from + SignedDuration::from_secs(i64::from(seconds)),
    };
    let warn = u64::from(limit.within_s) * u64::from(limit.warn_percent) / 100;
    let warn_at = (limit.warn_percent > 0).then(|| after(u32::try_from(warn).unwrap_or(limit.within_s)));
    Clock { kind, started: from, warn_at, due: after(limit.within_s), then: limit.then, state: ClockState::Running }
}

/// Gives back what is reserved for an assignment.
pub(super) fn give_back(d: &mut Draft, id: &OrderId, ordinal: u32, reason: Reason) {
    let a = d.assignment(id, ordinal);
    let Some(hold) = a.hold else { return };
    let source = a.source.clone();
    let sku = d.order(id).line(&a.line).expect("because assignments name lines of their order").sku.clone();
    let from_minute = match hold.state {
        HoldState::Firm { minute } => Some(minute),
        HoldState::Soft { .. } => None,
    };
    d.record(Event::HoldReleased {
        order: id.clone(),
        assignment: ordinal,
        source,
        sku,
        quantity: hold.quantity,
        incoming: hold.incoming,
        from_minute,
        reason,
    });
}

/// Backs a hold by the source's word for `accepted` units in all; the rest is given back.
pub(super) fn firm(d: &mut Draft, id: &OrderId, ordinal: u32, accepted: Quantity, minute: i64) {
    let a = d.assignment(id, ordinal);
    let (source, before) = (a.source.clone(), a.hold);
    let sku = d.order(id).line(&a.line).expect("because assignments name lines of their order").sku.clone();
    let from = match before.map(|h| h.state) {
        Some(HoldState::Soft { .. }) => HeldAs::Soft,
        Some(HoldState::Firm { minute }) => HeldAs::Firm(minute),
        None => HeldAs::Nothing,
    };
    let held = before.map_or(Quantity::ZERO, |h| h.quantity);
    let minute = match before.map(|h| h.state) {
        Some(HoldState::Firm { minute }) => minute,
        _ => minute,
    };
    let given_back = held.less(accepted);
    let quantity = if from == HeldAs::Nothing { accepted } else { held.min(accepted) };
    if quantity.is_zero() {
        give_back(d, id, ordinal, Reason::AckPartialQuantity);
        return;
    }
    d.record(Event::HoldFirmed {
        order: id.clone(),
        assignment: ordinal,
        source,
        sku,
        quantity,
        given_back,
        from,
        minute,
    });
}

/// Asks sources to stop, one cancellation per purchase order; held assignments are simply given back.
pub(super) fn withdraw(d: &mut Draft, id: &OrderId, ordinals: &[u32], reason: Reason) {
    let mut by_po: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for n in ordinals {
        let a = d.assignment(id, *n);
        match (a.phase, a.purchase_order) {
            (Phase::Planned | Phase::Held, _) => give_back(d, id, *n, reason),
            (Phase::Requested | Phase::Acknowledged | Phase::Committed, Some(po)) => {
                by_po.entry(po).or_default().push(*n)
            }
            _ => {}
        }
    }
    for (po, assignments) in by_po {
        for n in &assignments {
            uncommit(d, id, *n, reason);
            give_back(d, id, *n, reason);
        }
        let source = d.po(id, po).source.clone();
        stop_clocks(d, id, po, &assignments);
        let clock = start_clock(d, id, &source, &assignments, ClockKind::CancelAnswer, d.now, |r| r.cancel_answer);
        d.record(Event::CancellationRequested {
            order: id.clone(),
            purchase_order: po,
            assignments: assignments.clone(),
            at: d.now,
            reason,
            clock,
        });
        d.send(Effect::SendCancellation { order: id.clone(), purchase_order: po, source, assignments, reason });
    }
}

pub(super) fn uncommit(d: &mut Draft, id: &OrderId, ordinal: u32, reason: Reason) {
    let a = d.assignment(id, ordinal);
    if !a.committed.is_zero() {
        let (line, quantity) = (a.line.clone(), a.committed);
        d.record(Event::LineUncommitted { order: id.clone(), line, assignment: ordinal, quantity, reason });
    }
}

/// Stops the running clocks of a purchase order if nothing else on it is still expected.
fn stop_clocks(d: &mut Draft, id: &OrderId, po: u32, leaving: &[u32]) {
    let open = |a: &Assignment| {
        !leaving.contains(&a.ordinal) && matches!(a.phase, Phase::Requested | Phase::Acknowledged | Phase::Committed)
    };
    if d.order(id).of_purchase_order(po).any(open) {
        return;
    }
    let running: Vec<ClockKind> =
        d.po(id, po).clocks.iter().filter(|c| c.state == ClockState::Running).map(|c| c.kind).collect();
    for clock in running {
        d.record(Event::SlaStopped { order: id.clone(), purchase_order: po, clock });
    }
}

/// Marks a clock met if it still runs; an answer after a breach changes nothing about the breach.
pub(super) fn meet(d: &mut Draft, id: &OrderId, po: u32, kind: ClockKind) {
    let p = d.po(id, po);
    let Some(clock) = p.clock(kind).filter(|c| c.state == ClockState::Running) else { return };
    let (source, due) = (p.source.clone(), clock.due);
    if d.now <= due {
        d.record(Event::SlaMet { order: id.clone(), purchase_order: po, source, clock: kind, at: d.now });
    } else {
        d.record(Event::SlaBreached { order: id.clone(), purchase_order: po, source, clock: kind, due });
    }
}
