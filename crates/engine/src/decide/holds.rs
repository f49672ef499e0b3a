//! What is reserved for an assignment: given back, made firm, used up when the goods leave.

use super::draft::Draft;
use crate::event::{Event, HeldAs};
use crate::ids::{OrderId, Sku, SourceId};
use crate::measure::Quantity;
use crate::order::{Hold, HoldState};
use crate::policy::Policy;
use crate::reason::Reason;
use crate::stock::{Netting, minute};
use jiff::Timestamp;
use jiff::civil::Date;

/// The minute under which a hold stands whose source's advice contains it only once it has shipped.
const NEVER: i64 = i64::MAX;

/// Where a hold stands: its source and item.
fn place(d: &Draft, id: &OrderId, ordinal: u32) -> (SourceId, Sku, Option<Hold>) {
    let a = d.assignment(id, ordinal);
    let line = d.order(id).line(&a.line).expect("because assignments name lines of their order");
    (a.source.clone(), line.sku.clone(), a.hold)
}

/// Gives back what is reserved for an assignment, and its share of the day's capacity.
pub(super) fn give_back(d: &mut Draft, id: &OrderId, ordinal: u32, reason: Reason) {
    keep(d, id, ordinal, Quantity::ZERO, reason);
}

/// Gives back what is reserved beyond `units`.
pub(super) fn keep(d: &mut Draft, id: &OrderId, ordinal: u32, units: Quantity, reason: Reason) {
    let Some(hold) = d.assignment(id, ordinal).hold else { return };
    let beyond = hold.quantity.less(units);
    if !beyond.is_zero() {
        release(d, id, ordinal, beyond, reason, hold.load_day);
    }
}

fn release(d: &mut Draft, id: &OrderId, ordinal: u32, quantity: Quantity, reason: Reason, load_day: Option<Date>) {
    let (source, sku, hold) = place(d, id, ordinal);
    let Some(hold) = hold else { return };
    let from_minute = match hold.state {
        HoldState::Firm { minute } => Some(minute),
        HoldState::Soft { .. } => None,
    };
    d.record(Event::HoldReleased {
        order: id.clone(),
        assignment: ordinal,
        source,
        sku,
        quantity,
        incoming: hold.incoming,
        from_minute,
        reason,
        load_day,
    });
}

/// The minute under which the source's advice will contain units acknowledged now.
pub(super) fn netted_from(policy: &Policy, source: &SourceId, received: Option<Timestamp>, now: Timestamp) -> i64 {
    match policy.netting(source) {
        Netting::Acknowledged => minute(now),
        Netting::Received => minute(received.unwrap_or(now)),
        Netting::None => NEVER,
    }
}

/// Backs a hold by the source's word for `units` in all; what was held beyond is given back.
pub(super) fn firm(d: &mut Draft, id: &OrderId, ordinal: u32, units: Quantity) {
    let (source, sku, before) = place(d, id, ordinal);
    let held = before.map_or(Quantity::ZERO, |h| h.quantity);
    if units.is_zero() {
        give_back(d, id, ordinal, Reason::AckPartialQuantity);
        return;
    }
    let a = d.assignment(id, ordinal);
    let received = a.purchase_order.and_then(|n| d.po(id, n).received_at);
    let netted = netted_from(&d.policy, &source, received, d.now);
    let (mut from, minute) = match before.map(|h| h.state) {
        Some(HoldState::Soft { .. }) => (HeldAs::Soft, netted),
        Some(HoldState::Firm { minute }) => (HeldAs::Firm(minute), minute),
        None => (HeldAs::Nothing, netted),
    };
    if held == units && matches!(from, HeldAs::Firm(_)) {
        return;
    }
    if held < units && before.is_some() {
        release(d, id, ordinal, held, Reason::AcknowledgmentAccepted, None);
        from = HeldAs::Nothing;
    }
    let given_back = if from == HeldAs::Nothing { Quantity::ZERO } else { held.less(units) };
    let load_day = before.and_then(|h| h.load_day).filter(|_| !given_back.is_zero());
    d.record(Event::HoldFirmed {
        order: id.clone(),
        assignment: ordinal,
        source,
        sku,
        quantity: units,
        given_back,
        from,
        minute,
        load_day,
    });
}

/// Goods have left the shelf: their hold ends with the order; the stock's sum stays until advice contains them.
pub(super) fn use_up(d: &mut Draft, id: &OrderId, ordinal: u32, leaving: Quantity) {
    let (source, sku, hold) = place(d, id, ordinal);
    let Some(hold) = hold else { return };
    let leaving = leaving.min(hold.quantity);
    let consumed = Event::HoldConsumed { order: id.clone(), assignment: ordinal, quantity: leaving };
    if hold.incoming.is_some() || hold.state != (HoldState::Firm { minute: NEVER }) {
        d.record(consumed);
        return;
    }
    // This source's advice contains nothing before it has shipped: what leaves now will be in its next advice.
    let firmed = |quantity, minute| Event::HoldFirmed {
        order: id.clone(),
        assignment: ordinal,
        source: source.clone(),
        sku: sku.clone(),
        quantity,
        given_back: Quantity::ZERO,
        from: HeldAs::Nothing,
        minute,
        load_day: None,
    };
    release(d, id, ordinal, hold.quantity, Reason::OrderPlaced, None);
    d.record(firmed(leaving, minute(d.now)));
    d.record(consumed);
    let staying = hold.quantity.less(leaving);
    if !staying.is_zero() {
        d.record(firmed(staying, NEVER));
    }
}
