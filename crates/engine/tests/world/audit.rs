//! What must hold in every state, counted independently of the engine.

use super::World;
use countersign_engine::event::Event;
use countersign_engine::ids::{Sku, SourceId};
use countersign_engine::measure::Quantity;
use countersign_engine::order::{Assignment, ClockKind, ClockState, HoldState, Order, Phase};
use countersign_engine::policy::Mode;
use countersign_engine::slice::{Record, Slice};
use std::collections::BTreeMap;

/// A hold is placed on what is there: Σ holds that the advice does not know of ≤ what was advised.
pub fn placement(after: &Slice, event: &Event) {
    let Event::HoldPlaced { source, sku, quantity, incoming, .. } = event else { return };
    let stock = after.stock(source, sku).expect("because the hold stands there");
    match incoming {
        Some(day) => {
            let receipt = stock.incoming.get(day).copied().unwrap_or_default();
            assert!(receipt.held <= receipt.quantity, "oversold the receipt of {day}: {receipt:?}");
        }
        None => {
            let as_of = stock.confirmed_as_of(after.feed(source).map(|f| f.full_as_of));
            assert!(stock.held(as_of) <= stock.advised, "oversold {source} {sku} by {quantity}: {stock:?}");
        }
    }
}

/// Everything that must hold between two commands.
pub fn all(world: &World) {
    world.orders().for_each(one);
    stocks(world);
}

/// Everything that must hold of one order.
pub fn one(order: &Order) {
    for a in &order.assignments {
        tally(order, a);
        owner(order, a);
    }
    lines(order);
}

fn tally(order: &Order, a: &Assignment) {
    let says = |what: &str| format!("{what} in order {}: {a:?}", order.id);
    assert!(a.accepted + a.declined + a.withdrawn <= a.quantity, "{}", says("more answered than asked"));
    assert!(a.committed <= a.quantity.less(a.declined + a.withdrawn), "{}", says("committed what is not supplied"));
    assert!(a.shipped <= a.accepted, "{}", says("shipped more than accepted"));
    assert!(a.delivered <= a.shipped, "{}", says("delivered more than shipped"));
    let held = a.hold.map_or(Quantity::ZERO, |h| h.quantity);
    assert!(held + a.shipped <= a.quantity, "{}", says("more held than asked"));
    match a.phase {
        Phase::Planned => panic!("{}", says("planned and never held")),
        Phase::Held => assert!(!held.is_zero(), "{}", says("held without a hold")),
        Phase::Withdrawn | Phase::Released => {
            assert!(a.shipped.is_zero() && a.committed.is_zero() && held.is_zero(), "{}", says("ended, not empty"));
        }
        Phase::Shipped | Phase::Delivered => {
            assert!(a.shipped >= a.live() && !a.shipped.is_zero(), "{}", says("called shipped, and is not"));
        }
        Phase::Withdrawing => assert!(a.committed <= a.shipped, "{}", says("withdrawing what is committed")),
        Phase::Requested | Phase::Acknowledged | Phase::Committed => {
            assert!(!a.live().is_zero() && a.shipped < a.live(), "{}", says("nothing left to wait for"));
        }
    }
}

/// Whatever is not over has a deadline or somebody who looks after it.
fn owner(order: &Order, a: &Assignment) {
    let Some(po) = a.purchase_order.and_then(|n| order.purchase_order(n)) else {
        let expires = matches!(a.hold.map(|h| h.state), Some(HoldState::Soft { .. }));
        assert!(a.phase != Phase::Held || expires, "held for ever in order {}: {a:?}", order.id);
        return;
    };
    let case = order.cases.iter().any(|c| {
        c.is_open()
            && (c.purchase_order == a.purchase_order || c.purchase_order.is_none() && c.line.as_ref() == Some(&a.line))
    });
    let asked = order.approvals.iter().any(|p| p.is_open() && p.concerns(&a.line));
    let runs = |kind| po.clock(kind).is_some_and(|c| c.state == ClockState::Running);
    let unanswered = a.accepted < a.live();
    let kept = match a.phase {
        Phase::Requested => runs(ClockKind::Acknowledgment),
        Phase::Acknowledged | Phase::Committed if unanswered => runs(ClockKind::Acknowledgment),
        Phase::Acknowledged | Phase::Committed => runs(ClockKind::ShipNotice),
        Phase::Withdrawing => runs(ClockKind::CancelAnswer),
        _ => true,
    };
    assert!(kept || case || asked, "nobody waits for it in order {}: {a:?}\n{po:?}", order.id);
}

fn lines(order: &Order) {
    for line in &order.lines {
        let says = |what: &str| format!("{what}: line {} of order {:?}", line.id, order);
        let tally = order.tally(line);
        assert!(tally.cancelled <= tally.ordered, "{}", says("more cancelled than ordered"));
        assert!(tally.committed <= tally.ordered.less(tally.cancelled), "{}", says("two commitments for one quantity"));
        let uncovered = order.uncovered(line);
        let mine = |l: &Option<_>| l.as_ref().is_none_or(|l| *l == line.id);
        let watched = line.look_again.is_some()
            || order.on_hold.is_some()
            || order.cases.iter().any(|c| c.is_open() && mine(&c.line))
            || order.approvals.iter().any(|p| p.is_open() && p.concerns(&line.id));
        let acts = matches!(order.mode, Mode::Enforce | Mode::Recommend);
        assert!(!acts || uncovered.is_zero() || watched, "{}", says("a quantity that nobody looks for"));
        let pending = order.of_line(&line.id).any(|a| a.phase == Phase::Withdrawing);
        assert!(line.cancelling.is_none() || pending, "{}", says("cancelling for ever"));
    }
    let open = !order.status().is_end() && order.assignments.iter().any(|a| a.is_running() || a.phase == Phase::Held);
    let cases = order.cases.iter().any(|c| c.is_open());
    assert!(!open || order.wake_at().is_some() || cases || order.on_hold.is_some(), "stuck: {order:#?}");
}

/// The sums at the sources are the holds that stand with the orders.
fn stocks(world: &World) {
    type Holds = BTreeMap<(SourceId, Sku), (Quantity, BTreeMap<i64, Quantity>)>;
    let mut holds = Holds::new();
    for order in world.orders() {
        for a in &order.assignments {
            let Some(hold) = a.hold.filter(|h| h.incoming.is_none()) else { continue };
            let sku = order.line(&a.line).expect("because assignments name lines of their order").sku.clone();
            let (soft, firm) = holds.entry((a.source.clone(), sku)).or_default();
            match hold.state {
                HoldState::Soft { .. } => *soft += hold.quantity,
                HoldState::Firm { minute } => *firm.entry(minute).or_default() += hold.quantity,
            }
        }
    }
    for record in world.records.values() {
        let Record::Stock(stock) = record else { continue };
        let (soft, firm) = holds.remove(&(stock.source.clone(), stock.sku.clone())).unwrap_or_default();
        assert_eq!(stock.soft, soft, "soft holds at {} of {}", stock.source, stock.sku);
        let known = stock.as_of.as_second().div_euclid(60);
        for (minute, quantity) in firm.into_iter().filter(|(minute, _)| *minute > known) {
            let there = stock.firm.get(&minute).copied().unwrap_or_default();
            assert!(there >= quantity, "firm holds at {} of {}: {there} of {quantity}", stock.source, stock.sku);
        }
    }
    assert!(holds.is_empty(), "holds without a stock record: {holds:?}");
}
