//! What really happened, counted from the history alone: no policy, no model, no engine.

use super::{CancelledBy, History, Moment, NOBODY, OrderFact, Past, PoFact};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;
use std::collections::BTreeMap;

/// A share: so many, out of so many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Share {
    /// How many.
    pub count: u64,
    /// Out of how many.
    pub of: u64,
}

impl Share {
    /// Counts one more.
    pub fn add(&mut self, yes: bool) {
        self.of += 1;
        self.count += u64::from(yes);
    }
    /// In thousandths; 0 of nothing.
    pub fn permille(self) -> u64 {
        (self.count * 1_000 + self.of / 2).checked_div(self.of).unwrap_or(0)
    }
}

/// Purchase orders as they went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct PurchaseOrders {
    /// In the history: one per order and source.
    pub known: u64,
    /// That went out (recorded as sent, or shipped, or of an approved order).
    pub sent: u64,
    /// That the source answered.
    pub answered: u64,
    /// That the source declined whole.
    pub declined: u64,
    /// That shipped.
    pub shipped: u64,
    /// Shipped after the ship-by date, out of those shipped that had one.
    pub missed_ship_by: Share,
    /// Neither shipped nor cancelled although the ship-by date lies within the history.
    pub overdue_unshipped: u64,
    /// Taken back by the source after they had been sent, and not shipped: the customer had been counting on them. One that
    /// was declined never was counted on.
    pub cancelled_after_commitment: Share,
    /// Cancelled after they had been sent, and not shipped, of which nothing says by whom.
    pub cancelled_by_unknown: u64,
}

/// Orders as they went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Orders {
    /// In the history.
    pub known: u64,
    /// With lines, so that they can be replayed.
    pub with_lines: u64,
    /// From several sources.
    pub split: u64,
    /// With a line that went to another source after the first one declined or took it back.
    pub rerouted: u64,
    /// Cancelled, whole or in part, and not shipped.
    pub cancelled: u64,
    /// Of them, those of which nothing says by whom.
    pub cancelled_by_unknown: u64,
    /// That arrived.
    pub delivered: u64,
    /// Arrived on a later day than the one promised, out of those that arrived and had a promise.
    pub after_promise: Share,
    /// Arrived after the instant that is written as the promise: where only a day was promised and it is written as
    /// its midnight, this counts what came during the promised day as late.
    pub after_promise_instant: Share,
    /// Neither arrived nor cancelled although the promised day lies within the history.
    pub overdue_undelivered: u64,
}

/// What really happened.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Happened {
    /// Orders.
    pub orders: Orders,
    /// Purchase orders.
    pub purchase_orders: PurchaseOrders,
    /// Lines and units.
    pub lines: u64,
    /// Base units.
    pub units: u64,
    /// By source: its purchase orders.
    pub by_source: BTreeMap<String, PurchaseOrders>,
    /// By category of the first line.
    pub by_category: BTreeMap<String, PurchaseOrders>,
}

/// Counts a history.
pub fn happened(history: &History) -> Happened {
    let rules = history.zone.rules();
    let mut all = Happened::default();
    let (mut by_source, mut by_category) = (BTreeMap::new(), BTreeMap::new());
    history.pasts.each(|_, past| {
        let Past { order, lines, pos, .. } = past;
        count_order(&mut all.orders, history, past, &rules);
        all.lines += lines.len() as u64;
        all.units += lines.iter().map(|l| u64::from(l.quantity)).sum::<u64>();
        for (n, po) in pos.iter().enumerate().filter(|(_, po)| po.source != NOBODY) {
            let first = past.asks_of(n).next().map(|a| lines[usize::from(a.line)].item);
            let category = first.map_or(0, |item| history.items[item as usize].category);
            count_po(&mut all.purchase_orders, history, order, po);
            count_po(by_source.entry(po.source).or_default(), history, order, po);
            count_po(by_category.entry(category).or_default(), history, order, po);
        }
    });
    all.by_source = by_source.into_iter().map(|(n, sum)| (history.source_ids.get(n).to_owned(), sum)).collect();
    let category = |n: u16| history.categories[usize::from(n)].to_string();
    all.by_category = by_category.into_iter().map(|(n, sum)| (category(n), sum)).collect();
    all
}

/// The day of a moment in the history's zone.
pub fn day(moment: Moment, rules: &TimeZone) -> Date {
    rules.to_datetime(moment.at()).date()
}

/// True if an order came on a later day than promised.
pub fn came_late(order: &OrderFact, rules: &TimeZone) -> bool {
    day(order.delivered, rules) > day(order.promised, rules)
}

fn count_order(sum: &mut Orders, history: &History, past: &Past, rules: &TimeZone) {
    let Past { order, lines, pos, .. } = past;
    sum.known += 1;
    sum.with_lines += u64::from(!lines.is_empty());
    let supplied = |p: &&PoFact| !p.rejected && !p.cancelled.is_known();
    sum.split += u64::from(pos.iter().filter(supplied).count() > 1);
    sum.rerouted += u64::from((0..lines.len()).any(|n| past.is_rerouted(n)));
    let shipped = pos.iter().any(|p| p.shipped.is_known());
    let cancelled = order.cancelled.is_known() || pos.iter().any(|p| p.cancelled.is_known());
    sum.cancelled += u64::from(cancelled && !shipped);
    let unknown = order.cancelled.is_known() && order.cancelled_by == CancelledBy::Unknown && lines.is_empty();
    sum.cancelled_by_unknown += u64::from((unknown || past.is_cause_unknown()) && !shipped);
    sum.delivered += u64::from(order.delivered.is_known());
    match (order.delivered.is_known(), order.promised.is_known()) {
        (true, true) => {
            sum.after_promise.add(came_late(order, rules));
            sum.after_promise_instant.add(order.delivered > order.promised);
        }
        (false, true) if !cancelled && order.promised < history.span.1 => sum.overdue_undelivered += 1,
        _ => {}
    }
}

fn count_po(sum: &mut PurchaseOrders, history: &History, order: &OrderFact, po: &PoFact) {
    let sent = po.sent.is_known() || po.shipped.is_known() || (!history.recorded.sent && order.approved.is_known());
    sum.known += 1;
    sum.sent += u64::from(sent);
    sum.answered += u64::from(po.answered.is_known());
    sum.declined += u64::from(po.rejected);
    sum.shipped += u64::from(po.shipped.is_known());
    if po.ship_by.is_known() && po.shipped.is_known() {
        sum.missed_ship_by.add(po.shipped > po.ship_by);
    }
    let by = if po.cancelled.is_known() { po.cancelled_by } else { order.cancelled_by };
    let ended = po.cancelled.is_known() || order.cancelled.is_known();
    let over = ended && !po.shipped.is_known() && !po.rejected;
    let open = sent && !po.shipped.is_known() && !ended && !po.rejected;
    sum.overdue_unshipped += u64::from(open && po.ship_by.is_known() && po.ship_by < history.span.1);
    if sent {
        sum.cancelled_after_commitment.add(over && by == CancelledBy::Source);
        sum.cancelled_by_unknown += u64::from(over && by == CancelledBy::Unknown);
    }
}
