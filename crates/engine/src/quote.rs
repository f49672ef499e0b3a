//! What a cart may be promised right now. Reads the same records and the same rules as a capture; writes nothing.

use crate::calibration::{Calibration, Cell};
use crate::decide::supply_of;
use crate::ids::{LineId, OrderId, Sku, SourceId};
use crate::item::{Category, Unit};
use crate::measure::{Currency, Money, Quantity};
use crate::order::{Line, Order};
use crate::policy::table::Matter;
use crate::policy::{Mode, Policy};
use crate::promise::Dates;
use crate::reason::Reason;
use crate::routing::{Demand, Plan, plan};
use crate::slice::{Key, Slice};
use crate::source::Region;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::collections::BTreeSet;

/// Lines of one cart that are quoted at once.
pub const CART_LINES_MAX: usize = 200;

/// A cart to be quoted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cart {
    /// What is wanted.
    pub lines: Vec<CartLine>,
    /// Where it goes.
    pub destination: Region,
    /// `standard`, `expedited`, …
    pub service_level: SmolStr,
}

/// One line of a cart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CartLine {
    /// What.
    pub sku: Sku,
    /// How many base units.
    pub quantity: Quantity,
}

/// What one line may be promised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuotedLine {
    /// What.
    pub sku: Sku,
    /// How many were asked for.
    pub quantity: Quantity,
    /// How many may be promised.
    pub promisable: Quantity,
    /// When they leave and arrive.
    pub dates: Option<Dates>,
    /// Age of the oldest advice it rests on, in seconds.
    pub advice_age_s: Option<i64>,
    /// True if every source it rests on was asked just now.
    pub live: bool,
    /// Chance in thousandths that the sources will accept: learnt from their answers; by the freshness of their advice
    /// where too little was learnt.
    pub confidence_permille: u32,
    /// Why not all of it, if not.
    pub reason: Option<Reason>,
    /// Who would be asked. Internal: never told to a customer or another source.
    pub sources: Vec<SourceId>,
}

/// The records a quote wants to read; asked again until it settles, like [`crate::needs`].
pub fn needs(slice: &Slice, cart: &Cart) -> BTreeSet<Key> {
    let mut keys: BTreeSet<Key> = [Key::Policy].into();
    for line in &cart.lines {
        keys.insert(Key::Item(line.sku.clone()));
        supply_of(slice, &line.sku, &mut keys);
    }
    keys
}

/// What a quote knows besides the records: it is not in the journal, and no decision hangs on it.
#[derive(Debug, Clone, Copy)]
pub struct Knowledge<'a> {
    /// Sources that were asked just now.
    pub live: &'a BTreeSet<SourceId>,
    /// What sources' answers have taught so far.
    pub learnt: &'a Calibration,
}

/// Answers from which on a learnt chance is told rather than guessed from the freshness of advice.
const LEARNT_MIN: u32 = 50;

/// Quotes a cart.
pub fn quote(slice: &Slice, now: Timestamp, cart: &Cart, known: Knowledge) -> Vec<QuotedLine> {
    let order = as_order(slice, now, cart);
    let demands: Vec<Demand> = order
        .lines
        .iter()
        .map(|l| Demand { line: l.id.clone(), quantity: l.quantity, only: None, again: false })
        .collect();
    let plan = plan(slice, slice.policy(), &order, now, &demands, Reason::OrderPlaced);
    let mut lines = order.lines.iter();
    let answer = |line: &CartLine| match slice.item(&line.sku) {
        None => unsold(line, Reason::CatalogUnknownSku),
        Some(item) => {
            let id = lines.next().map(|l| l.id.clone()).expect("because one line was made per known item");
            let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
            if item.discontinued_on(today) {
                unsold(line, Reason::CatalogDiscontinued)
            } else {
                quoted(slice, line, &id, &plan, now, known)
            }
        }
    };
    cart.lines.iter().map(answer).collect()
}

fn unsold(line: &CartLine, reason: Reason) -> QuotedLine {
    QuotedLine {
        sku: line.sku.clone(),
        quantity: line.quantity,
        promisable: Quantity::ZERO,
        dates: None,
        advice_age_s: None,
        live: false,
        confidence_permille: 0,
        reason: Some(reason),
        sources: vec![],
    }
}

fn quoted(slice: &Slice, line: &CartLine, id: &LineId, plan: &Plan, now: Timestamp, known: Knowledge) -> QuotedLine {
    let live = known.live;
    let sure = |source: &SourceId, quantity: Quantity| {
        let verdict = plan.verdicts.iter().find(|v| v.line == *id && v.source == *source);
        let (age, atp) = verdict.map_or((None, quantity), |v| (v.advice_age_s, v.atp));
        confidence(slice, line, source, Asked { age_s: age, quantity, atp, now }, known)
    };
    let parts: Vec<_> = plan.parts.iter().filter(|p| p.line == *id).collect();
    if parts.is_empty() {
        let best =
            plan.verdicts.iter().filter(|v| v.line == *id && v.reason == Reason::AtpInsufficient).max_by_key(|v| v.atp);
        let reason = plan.unsourced.iter().find(|u| u.line == *id).map(|u| u.reason);
        return match best {
            Some(v) if !v.atp.is_zero() => QuotedLine {
                promisable: v.atp,
                dates: v.dates,
                advice_age_s: v.advice_age_s,
                live: live.contains(&v.source),
                confidence_permille: sure(&v.source, v.atp),
                sources: vec![v.source.clone()],
                ..unsold(line, Reason::AtpInsufficient)
            },
            _ => unsold(line, reason.unwrap_or(Reason::RouteNoCandidate)),
        };
    }
    let age = |source: &SourceId| {
        plan.verdicts.iter().find(|v| v.line == *id && v.source == *source).and_then(|v| v.advice_age_s)
    };
    let dates = parts
        .iter()
        .map(|p| p.dates)
        .reduce(|a, b| Dates { ship_by: a.ship_by.max(b.ship_by), deliver_by: a.deliver_by.max(b.deliver_by) });
    let waits = parts.iter().any(|p| p.incoming.is_some());
    QuotedLine {
        sku: line.sku.clone(),
        quantity: line.quantity,
        promisable: parts.iter().map(|p| p.quantity).sum(),
        dates,
        advice_age_s: parts.iter().filter_map(|p| age(&p.source)).max(),
        live: parts.iter().all(|p| live.contains(&p.source)),
        confidence_permille: parts.iter().map(|p| sure(&p.source, p.quantity)).min().unwrap_or(0),
        reason: waits.then_some(Reason::RouteBackorder),
        sources: parts.iter().map(|p| p.source.clone()).collect(),
    }
}

/// Chance in thousandths that a source supplies what it advised that long ago: from 975 for fresh advice to 600 at the
/// edge of staleness, 500 beyond and where it never advised.
pub fn confidence_permille(policy: &Policy, source: &SourceId, category: &Category, age_s: Option<i64>) -> u32 {
    let Some(age) = age_s else { return 500 };
    let asked = Matter { vendor: Some(source), category: Some(category), advice_age_s: age_s, ..Matter::default() };
    let (minutes, _) = policy.freshness(&asked);
    let limit = i64::from(minutes.max(1)) * 60;
    if age > limit { 500 } else { u32::try_from(975 - 375 * age / limit).unwrap_or(500) }
}

/// What would be asked of a source, and on what advice.
struct Asked {
    age_s: Option<i64>,
    quantity: Quantity,
    atp: Quantity,
    now: Timestamp,
}

/// 990 for an answer of this moment; else what the source's own answers teach, once there are some; else as
/// [`confidence_permille`].
fn confidence(slice: &Slice, line: &CartLine, source: &SourceId, asked: Asked, known: Knowledge) -> u32 {
    if known.live.contains(source) {
        return 990;
    }
    let (Some(age), Some(item)) = (asked.age_s, slice.item(&line.sku)) else { return 500 };
    if known.learnt.all.total.asked >= LEARNT_MIN {
        let day = asked.now.to_zoned(jiff::tz::TimeZone::UTC).date();
        let cell = Cell::of(Some(age), asked.quantity, asked.atp, day, &item.category);
        if let Some(chance) = known.learnt.chance(source, &cell) {
            return chance.permille();
        }
    }
    confidence_permille(slice.policy(), source, &item.category, Some(age))
}

/// A cart seen as an order, so that the very rules of a capture apply.
fn as_order(slice: &Slice, now: Timestamp, cart: &Cart) -> Order {
    let nothing = Money::zero(Currency::new("XXX").expect("because XXX is three capitals"));
    let each = Unit::new("EA").expect("because EA is a unit");
    let line = |(i, l): (usize, &CartLine)| {
        let item = slice.item(&l.sku)?;
        let id = LineId::new((i + 1).to_string()).expect("because a number is an id");
        Some(Line {
            id,
            sku: l.sku.clone(),
            title: String::new(),
            category: item.category.clone(),
            gtin: None,
            quantity: l.quantity,
            unit: each.clone(),
            unit_price: nothing,
            promise: None,
            cancelled: Quantity::ZERO,
            cancelling: None,
            look_again: None,
            first_cost: None,
            legacy: None,
        })
    };
    Order {
        id: OrderId::new("quote").expect("because quote is an id"),
        placed_at: now,
        captured_at: now,
        sales_channel: SmolStr::new_static("quote"),
        destination: cart.destination.clone(),
        service_level: cart.service_level.clone(),
        requested_on: None,
        fingerprint: SmolStr::default(),
        mode: Mode::Enforce,
        policy: slice.policy().version,
        on_hold: None,
        rounds: 0,
        lines: cart.lines.iter().enumerate().filter_map(line).collect(),
        assignments: vec![],
        purchase_orders: vec![],
        shipments: vec![],
        approvals: vec![],
        cases: vec![],
        messages: vec![],
    }
}
