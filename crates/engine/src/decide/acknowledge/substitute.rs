//! A source offers something else: whether it may, what it costs, and the question to a person.

use super::Answer;
use crate::approval::{Approval, ApprovalKind, Outcome};
use crate::decide::draft::Draft;
use crate::event::Event;
use crate::ids::{ApprovalId, OrderId, Sku, VendorSku};
use crate::measure::{Money, Quantity};
use crate::offer::Offer;
use crate::order::{Assignment, Order, Substitute};
use crate::promise::Dates;
use crate::reason::Reason;
use crate::routing::{Part, Plan};
use jiff::SignedDuration;

/// True if the item names what is offered among its substitutes.
pub(super) fn is_allowed(d: &Draft, id: &OrderId, a: &Assignment, said: &Answer) -> bool {
    let line = d.order(id).line(&a.line).expect("because assignments name lines of their order");
    let offered = said.substitute.as_ref().and_then(|s| s.sku.as_ref());
    let allowed = d.slice.item(&line.sku).map(|i| i.substitutes.as_slice()).unwrap_or_default();
    offered.is_some_and(|sku| allowed.contains(sku))
}

/// Puts the substitute before a person, with what the source asks for it.
pub(super) fn ask(d: &mut Draft, id: &OrderId, a: &Assignment, said: &Answer) {
    let order = d.order(id);
    let open = |p: &Approval| p.is_open() && p.kind == ApprovalKind::Substitution && p.concerns(&a.line);
    if order.approvals.iter().any(open) {
        return;
    }
    let ordinal = u32::try_from(order.approvals.len()).unwrap_or(u32::MAX) + 1;
    let offered = said.substitute.as_ref();
    // Under our own number where the source names none of its own: never under that of the item it does not have.
    let ours = || VendorSku::new(offered?.sku.as_ref()?.as_str()).ok();
    let named = offered.and_then(|s| s.vendor_sku.clone()).or_else(ours);
    let offer = offered.and_then(|s| s.sku.as_ref()).and_then(|sku| d.slice.offer(&a.source, sku));
    let price = offer.map(|offer| price(d, id, a, said, offer));
    let unknown = Money::zero(a.unit_cost.currency);
    let part = Part {
        line: a.line.clone(),
        source: a.source.clone(),
        quantity: said.substituted,
        vendor_sku: named.unwrap_or_else(|| a.vendor_sku.clone()),
        pack_unit: offer.map_or(&a.pack_unit, |o| &o.pack.unit).clone(),
        pack_size: offer.map_or(a.pack_size, |o| o.pack.base_units),
        unit_cost: offer.map_or(unknown, |o| o.unit_cost),
        cost: price.unwrap_or(unknown),
        unpriced: price.is_none(),
        dates: Dates { ship_by: a.ship_by, deliver_by: a.deliver_by },
        incoming: None,
        expedited: None,
        usual: None,
        step: offered.and_then(|s| s.sku.as_ref()).map_or("substitute".into(), |s| s.as_str().into()),
    };
    let plan = Plan {
        round: order.rounds,
        reason: Reason::AckSubstitution,
        policy: d.policy.version,
        parts: vec![part],
        unsourced: vec![],
        verdicts: vec![],
        cost_increase_percent: None,
        breaks_promise: false,
        changes_currency: false,
        reserved: None,
    };
    let due = d.now + SignedDuration::from_mins(i64::from(d.policy.approvals.within_minutes));
    let approval = Approval {
        id: ApprovalId::of(id, ordinal),
        kind: ApprovalKind::Substitution,
        reason: Reason::ApprovalSubstitution,
        asked_at: d.now,
        due,
        plan,
        outcome: Outcome::Open,
    };
    d.record(Event::ApprovalAsked { order: id.clone(), approval });
}

/// What a substitute costs by the source's own offer of it: packs that are begun are paid, the way once per purchase order.
fn price(d: &Draft, id: &OrderId, a: &Assignment, said: &Answer, offer: &Offer) -> Money {
    let (packs, rest) = said.substituted.packs(offer.pack.base_units);
    let packs = if rest.is_zero() { packs } else { packs + Quantity::new(1) };
    let goods = offer.unit_cost.times(packs);
    if goes_along(d.order(id), a) { goods } else { goods.plus(offer.shipping_cost) }
}

/// True if other units of its purchase order are accepted, so that the way is paid with them.
fn goes_along(order: &Order, a: &Assignment) -> bool {
    order
        .assignments
        .iter()
        .any(|o| o.source == a.source && o.purchase_order == a.purchase_order && !o.accepted.is_zero())
}

/// What a person takes by an approval, at the price that was put before that person; nothing where no unit is left.
pub(in crate::decide) fn taken(order: &Order, a: &Assignment, offered: &Part, units: Quantity) -> Option<Substitute> {
    let mut taken = Substitute {
        sku: Sku::new(offered.step.as_str()).ok(),
        vendor_sku: offered.vendor_sku.clone(),
        pack_unit: offered.pack_unit.clone(),
        pack_size: offered.pack_size,
        quantity: offered.quantity,
        unit_cost: (!offered.unpriced).then_some(offered.unit_cost),
        shipping_cost: None,
    };
    if let Some(goods) = taken.goods(offered.quantity) {
        let way = Money { minor: offered.cost.minor - goods.minor, ..goods };
        taken.shipping_cost = (way.minor > 0 || !goes_along(order, a)).then_some(way);
    }
    taken.quantity = units;
    (!units.is_zero()).then_some(taken)
}
