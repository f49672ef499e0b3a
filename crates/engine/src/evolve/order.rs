//! Orders: every event about an order, applied to its record.

use super::order_of;
use crate::event::Event;
use crate::legacy::LegacyFact;
use crate::order::{
    Assignment, Breached, Cancellation, Clock, ClockKind, ClockState, Hold, HoldState, Line, Order, Phase,
    PurchaseOrder,
};
use crate::slice::{Key, Record, Slice};
use jiff::Timestamp;

#[expect(clippy::too_many_lines, reason = "one arm per event, each a few assignments")]
pub(super) fn apply(slice: &mut Slice, event: &Event) {
    use Event::*;
    match event {
        OrderCaptured { .. } => capture(slice, event),
        PlanMade { order, plan } => order_of(slice, order).rounds = plan.round,
        ApprovalAsked { order, approval } => order_of(slice, order).approvals.push(approval.clone()),
        ApprovalAnswered { order, approval, outcome } => {
            let found = order_of(slice, order).approvals.iter_mut().find(|a| a.id == *approval);
            found.expect("because it was asked before").outcome = outcome.clone();
        }
        OrderHeld { order, reason } => order_of(slice, order).on_hold = Some(*reason),
        OrderReleased { order } => order_of(slice, order).on_hold = None,
        MessageWritten { order, message } => order_of(slice, order).messages.push(message.clone()),
        AssignmentMade { order, assignment } => order_of(slice, order).assignments.push(assignment.clone()),
        HoldPlaced { order, assignment, quantity, incoming, expires, load_day, .. } => {
            let a = assigned(order_of(slice, order), *assignment);
            let state = HoldState::Soft { expires: *expires };
            a.hold = Some(Hold { quantity: *quantity, incoming: *incoming, state, load_day: *load_day });
            step(a, Phase::Held);
        }
        HoldFirmed { order, assignment, quantity, minute, .. } => {
            let a = assigned(order_of(slice, order), *assignment);
            let (incoming, load_day) = a.hold.map_or((None, None), |h| (h.incoming, h.load_day));
            a.hold = Some(Hold { quantity: *quantity, incoming, state: HoldState::Firm { minute: *minute }, load_day });
        }
        HoldReleased { order, assignment, quantity, reason, .. } => {
            let a = assigned(order_of(slice, order), *assignment);
            a.hold = a.hold.and_then(|h| {
                let left = h.quantity.less(*quantity);
                (!left.is_zero()).then_some(Hold { quantity: left, ..h })
            });
            if a.phase == Phase::Held && a.hold.is_none() {
                step(a, Phase::Released);
                a.ended = Some(*reason);
            }
        }
        HoldConsumed { order, assignment, quantity } => {
            let a = assigned(order_of(slice, order), *assignment);
            a.hold = a.hold.and_then(|h| {
                let left = h.quantity.less(*quantity);
                (!left.is_zero()).then_some(Hold { quantity: left, ..h })
            });
        }
        PurchaseOrderReleased { .. } => release(slice, event),
        PurchaseOrderSent { order, purchase_order, at } => {
            po(order_of(slice, order), *purchase_order).sent_at.get_or_insert(*at);
        }
        PurchaseOrderReceived { order, purchase_order, at } => {
            po(order_of(slice, order), *purchase_order).received_at.get_or_insert(*at);
        }
        PurchaseOrderReminded { order, purchase_order, clock } => {
            let po = po(order_of(slice, order), *purchase_order);
            po.reminders += 1;
            set_clock(po, *clock);
        }
        CancellationRequested { order, purchase_order, assignments, at, reason, clock } => {
            let order = order_of(slice, order);
            for ordinal in assignments {
                let a = assigned(order, *ordinal);
                step(a, Phase::Withdrawing);
                a.ended = Some(*reason);
            }
            let po = po(order, *purchase_order);
            let times = po.cancellation.as_ref().map_or(0, |c| c.times) + 1;
            po.cancellation = Some(Cancellation { asked_at: *at, times, reason: *reason, accepted: None });
            if let Some(clock) = clock {
                set_clock(po, *clock);
            }
        }
        CancellationAnswered { order, purchase_order, accepted, .. } => {
            if let Some(c) = &mut po(order_of(slice, order), *purchase_order).cancellation {
                c.accepted = Some(*accepted);
            }
        }
        AcknowledgmentReceived { .. } => acknowledge(slice, event),
        AcknowledgmentLate { .. }
        | LineRerouted { .. }
        | SlaMet { .. }
        | SlaBreached { .. }
        | SlaWarned { .. }
        | SlaStopped { .. }
        | SlaStarted { .. } => clocks(slice, event),
        AssignmentWithdrawn { order, assignment, quantity, reason } => {
            let a = assigned(order_of(slice, order), *assignment);
            a.withdrawn += *quantity;
            a.accepted = a.accepted.min(a.live());
            a.committed = a.committed.min(a.live());
            a.ended = Some(*reason);
            if a.live().is_zero() {
                step(a, Phase::Withdrawn);
            }
            leave_if_done(a);
        }
        AssignmentKept { order, assignment, accepted } => {
            let a = assigned(order_of(slice, order), *assignment);
            a.accepted = *accepted;
            a.ended = None;
            step(a, Phase::Acknowledged);
        }
        LineCommitted { order, assignment, quantity, .. } => {
            let a = assigned(order_of(slice, order), *assignment);
            a.committed += *quantity;
            if a.phase == Phase::Acknowledged {
                step(a, Phase::Committed);
            }
        }
        LineUncommitted { order, assignment, quantity, .. } => {
            let a = assigned(order_of(slice, order), *assignment);
            a.committed = a.committed.less(*quantity);
        }
        LineWaiting { order, line, until, .. } => lined(order_of(slice, order), line).look_again = Some(*until),
        LineResumed { order, line } => lined(order_of(slice, order), line).look_again = None,
        LineCancellationRequested { order, line, reason } => {
            let line = lined(order_of(slice, order), line);
            line.cancelling = Some(*reason);
            line.look_again = None;
        }
        LineCancellationFailed { order, line, .. } => lined(order_of(slice, order), line).cancelling = None,
        LineCancelled { order, line, quantity, .. } => {
            let line = lined(order_of(slice, order), line);
            line.cancelled += *quantity;
            line.cancelling = None;
            if line.cancelled >= line.quantity {
                line.look_again = None;
            }
        }
        LineCosted { order, line, cost } => lined(order_of(slice, order), line).first_cost = Some(*cost),
        LegacyRecorded { order, line, quantity, fact, reference, .. } => {
            let line = lined(order_of(slice, order), line);
            let legacy = line.legacy.get_or_insert_default();
            legacy.count(fact, *quantity);
            legacy.references.extend(reference.clone());
            if matches!(fact, LegacyFact::Cancelled { .. }) {
                line.cancelled += *quantity;
            }
        }
        PromiseMade { order, line, promise }
        | PromiseConfirmed { order, line, promise }
        | PromiseRevised { order, line, promise } => lined(order_of(slice, order), line).promise = Some(*promise),
        ShipmentNotified { .. } | ShipmentDelivered { .. } => ship(slice, event),
        BreachContested { .. } | BreachContestAnswered { .. } => contest(slice, event),
        other => panic!("{other:?} is not about an order"),
    }
}

fn capture(slice: &mut Slice, event: &Event) {
    let Event::OrderCaptured {
        order,
        placed_at,
        captured_at,
        sales_channel,
        destination,
        service_level,
        requested_on,
        fingerprint,
        mode,
        policy,
        lines,
        ..
    } = event
    else {
        return;
    };
    let record = Order {
        id: order.clone(),
        placed_at: *placed_at,
        captured_at: *captured_at,
        sales_channel: sales_channel.clone(),
        destination: destination.clone(),
        service_level: service_level.clone(),
        requested_on: *requested_on,
        fingerprint: fingerprint.clone(),
        mode: *mode,
        policy: *policy,
        on_hold: None,
        rounds: 0,
        lines: lines.clone(),
        assignments: vec![],
        purchase_orders: vec![],
        shipments: vec![],
        approvals: vec![],
        cases: vec![],
        messages: vec![],
    };
    slice.put(Key::Order(order.clone()), Record::Order(record.into()));
}

fn release(slice: &mut Slice, event: &Event) {
    let Event::PurchaseOrderReleased { order, ordinal, number, source, attempt, at, assignments, clocks, .. } = event
    else {
        return;
    };
    let order = order_of(slice, order);
    order.purchase_orders.push(PurchaseOrder {
        ordinal: *ordinal,
        number: number.clone(),
        source: source.clone(),
        attempt: *attempt,
        released_at: *at,
        sent_at: None,
        received_at: None,
        acknowledged_at: None,
        vendor_order: None,
        cancellation: None,
        reminders: 0,
        clocks: clocks.clone(),
        breaches: vec![],
    });
    for n in assignments {
        let a = assigned(order, *n);
        a.purchase_order = Some(*ordinal);
        step(a, Phase::Requested);
    }
}

fn acknowledge(slice: &mut Slice, event: &Event) {
    let Event::AcknowledgmentReceived {
        order,
        purchase_order,
        assignment,
        accepted,
        declined,
        ship_by,
        deliver_by,
        at,
        reason,
        vendor_order,
        substitute,
        cost,
    } = event
    else {
        return;
    };
    let order = order_of(slice, order);
    let a = assigned(order, *assignment);
    a.substitutes.extend(substitute.as_deref().cloned());
    a.cost = cost.unwrap_or(a.cost);
    a.accepted = *accepted;
    a.declined = *declined;
    a.ship_by = *ship_by;
    a.deliver_by = *deliver_by;
    a.committed = a.committed.min(a.live());
    if a.live().is_zero() {
        step(a, Phase::Withdrawn);
        a.ended = *reason;
    } else if !accepted.is_zero() && matches!(a.phase, Phase::Requested | Phase::Withdrawn) {
        step(a, Phase::Acknowledged);
        a.ended = None;
    }
    leave_if_done(a);
    let po = po(order, *purchase_order);
    po.acknowledged_at.get_or_insert(*at);
    if vendor_order.is_some() {
        po.vendor_order.clone_from(vendor_order);
    }
}

fn clocks(slice: &mut Slice, event: &Event) {
    let mark = |slice: &mut Slice, order, ordinal: u32, kind: ClockKind, state| {
        let po = po(order_of(slice, order), ordinal);
        for clock in po.clocks.iter_mut().filter(|c| c.kind == kind) {
            clock.state = state;
        }
    };
    match event {
        Event::SlaWarned { order, purchase_order, clock, .. } => {
            let po = po(order_of(slice, order), *purchase_order);
            for c in po.clocks.iter_mut().filter(|c| c.kind == *clock) {
                c.warn_at = None;
            }
        }
        Event::SlaMet { order, purchase_order, clock, .. } => {
            mark(slice, order, *purchase_order, *clock, ClockState::Met)
        }
        Event::SlaBreached { order, purchase_order, clock, due, .. } => {
            mark(slice, order, *purchase_order, *clock, ClockState::Breached);
            let breach = Breached { clock: *clock, due: *due, contest: None };
            po(order_of(slice, order), *purchase_order).breaches.push(breach);
        }
        Event::SlaStopped { order, purchase_order, clock } => {
            mark(slice, order, *purchase_order, *clock, ClockState::Stopped);
        }
        Event::SlaStarted { order, purchase_order, clock } => {
            set_clock(po(order_of(slice, order), *purchase_order), *clock);
        }
        _ => {}
    }
}

fn contest(slice: &mut Slice, event: &Event) {
    match event {
        Event::BreachContested { order, purchase_order, clock, due, contest, .. } => {
            breached(po(order_of(slice, order), *purchase_order), *clock, *due).contest = Some(contest.clone());
        }
        Event::BreachContestAnswered { order, purchase_order, clock, due, answer, .. } => {
            let breach = breached(po(order_of(slice, order), *purchase_order), *clock, *due);
            let contest = breach.contest.as_mut().expect("because it was contested before it was answered");
            contest.answer = Some(answer.clone());
        }
        other => panic!("{other:?} is not about a contest"),
    }
}

fn breached(po: &mut PurchaseOrder, clock: ClockKind, due: Timestamp) -> &mut Breached {
    let found = po.breaches.iter_mut().find(|b| b.clock == clock && b.due == due);
    found.unwrap_or_else(|| panic!("a breach of {clock:?} due {due} was contested before there was one"))
}

fn ship(slice: &mut Slice, event: &Event) {
    match event {
        Event::ShipmentNotified { order, shipment } => {
            let order = order_of(slice, order);
            for (ordinal, units) in &shipment.units {
                let a = assigned(order, *ordinal);
                a.shipped += *units;
                a.accepted = a.accepted.max(a.shipped);
                leave_if_done(a);
            }
            order.shipments.push(shipment.clone());
        }
        Event::ShipmentDelivered { order, purchase_order, shipment, .. } => {
            let order = order_of(slice, order);
            let mut arrived = vec![];
            for s in
                order.shipments.iter_mut().filter(|s| s.purchase_order == *purchase_order && s.shipment == *shipment)
            {
                s.delivered = true;
                arrived.extend(s.units.iter().copied());
            }
            for (ordinal, units) in arrived {
                let a = assigned(order, ordinal);
                a.delivered += units;
                leave_if_done(a);
            }
        }
        other => panic!("{other:?} is not about a shipment"),
    }
}

/// The phase follows the tally: all that will ever leave has left, all that left has arrived.
fn leave_if_done(a: &mut Assignment) {
    let may_leave = matches!(a.phase, Phase::Acknowledged | Phase::Committed | Phase::Withdrawing);
    if may_leave && !a.shipped.is_zero() && a.shipped >= a.live() {
        step(a, Phase::Shipped);
    }
    if a.phase == Phase::Shipped && a.delivered >= a.shipped {
        step(a, Phase::Delivered);
    }
}

fn step(a: &mut Assignment, next: Phase) {
    assert!(a.phase.may_become(next), "assignment {} cannot go from {:?} to {next:?}", a.ordinal, a.phase);
    a.phase = next;
    debug_assert!(
        a.accepted <= a.quantity && a.committed <= a.quantity,
        "because a tally never exceeds what was asked for"
    );
}

fn set_clock(po: &mut PurchaseOrder, clock: Clock) {
    po.clocks.retain(|c| c.kind != clock.kind);
    po.clocks.push(clock);
}

fn assigned(order: &mut Order, ordinal: u32) -> &mut Assignment {
    let found = order.assignments.iter_mut().find(|a| a.ordinal == ordinal);
    found.unwrap_or_else(|| panic!("assignment {ordinal} was changed before it was made"))
}

fn po(order: &mut Order, ordinal: u32) -> &mut PurchaseOrder {
    let found = order.purchase_orders.iter_mut().find(|p| p.ordinal == ordinal);
    found.unwrap_or_else(|| panic!("purchase order {ordinal} was changed before it was released"))
}

fn lined<'a>(order: &'a mut Order, id: &crate::ids::LineId) -> &'a mut Line {
    order.lines.iter_mut().find(|l| l.id == *id).unwrap_or_else(|| panic!("line {id} does not exist"))
}
