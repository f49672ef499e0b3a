//! An order as one decision sees it: lines, assignments, purchase orders, approvals, cases.
//!
//! Few phases, counted units, derived words: statuses of lines and orders are pure functions of the tallies and are
//! never stored. Personal data is not here; it stands in its own table and can be erased.

mod substitute;

use crate::approval::{Approval, ApprovalKind, Outcome};
use crate::case::Case;
use crate::command::Actor;
use crate::ids::{LineId, OrderId, PoNumber, ShipmentId, Sku, SourceId, VendorSku};
use crate::item::{Category, Unit};
use crate::legacy::LegacyLine;
use crate::measure::{Money, Quantity};
use crate::message::Message;
use crate::policy::table::Matter;
use crate::policy::{Breach, Mode};
use crate::promise::Promise;
use crate::reason::Reason;
use crate::source::Region;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
pub use substitute::Substitute;

/// Lines of one order: a shop's largest carts have a few dozen.
pub const LINES_MAX: usize = 200;
/// Units of one line: above it a person mistyped.
pub const LINE_QUANTITY_MAX: u32 = 100_000;

/// An order and everything decided about it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Order {
    /// The retailer's id.
    pub id: OrderId,
    /// When the customer placed it.
    pub placed_at: Timestamp,
    /// When we took it in.
    pub captured_at: Timestamp,
    /// Where it was sold.
    pub sales_channel: SmolStr,
    /// Where it goes, as far as transit times need it.
    pub destination: Region,
    /// `standard`, `expedited`, …
    pub service_level: SmolStr,
    /// The customer wants it by this day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested_on: Option<Date>,
    /// Tells the same content from other content under the same id.
    pub fingerprint: SmolStr,
    /// How far the product acts on it; fixed when it was captured.
    pub mode: Mode,
    /// The policy under which it was captured.
    pub policy: u32,
    /// A person keeps it from being released.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_hold: Option<Reason>,
    /// How often supply was planned.
    #[serde(default)]
    pub rounds: u32,
    /// What was ordered.
    pub lines: Vec<Line>,
    /// Who supplies it, with the ended ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assignments: Vec<Assignment>,
    /// What was asked of whom.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub purchase_orders: Vec<PurchaseOrder>,
    /// What left.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shipments: Vec<Shipped>,
    /// Decisions reserved for people.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub approvals: Vec<Approval>,
    /// Exceptions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cases: Vec<Case>,
    /// What people wrote to its customer and its sources.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub messages: Vec<Message>,
}

/// An order line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// The retailer's line id.
    pub id: LineId,
    /// What.
    pub sku: Sku,
    /// The item's title when it was ordered.
    pub title: String,
    /// The item's category when it was ordered; policy rules look it up.
    pub category: Category,
    /// GTIN digits, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gtin: Option<SmolStr>,
    /// How many base units.
    pub quantity: Quantity,
    /// The item's base unit.
    pub unit: Unit,
    /// What the customer pays for one.
    pub unit_price: Money,
    /// What the customer was told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promise: Option<Promise>,
    /// Base units cancelled for good.
    #[serde(default, skip_serializing_if = "Quantity::is_zero")]
    pub cancelled: Quantity,
    /// A cancellation of the whole line is under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancelling: Option<Reason>,
    /// It waits for supply and is looked at again at that time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub look_again: Option<Timestamp>,
    /// Cost of the first plan for the whole line; later plans are measured against it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_cost: Option<Money>,
    /// How far the legacy path is with it, where this product only watches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub legacy: Option<LegacyLine>,
}

/// The phases of an assignment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Chosen, nothing reserved yet.
    Planned,
    /// Reserved, not yet asked for (an approval is awaited).
    Held,
    /// The purchase order is out.
    Requested,
    /// The source accepted (all or a part; the tally says).
    Acknowledged,
    /// The OMS was told that it is firm.
    Committed,
    /// All that was accepted has left.
    Shipped,
    /// All that left has arrived.
    Delivered,
    /// We asked the source to stop, its answer is awaited.
    Withdrawing,
    /// It will not be supplied from here.
    Withdrawn,
    /// The hold was given back before anything was asked.
    Released,
}

/// Every step from phase to phase that exists. All else is refused.
pub const PHASE_STEPS: &[(Phase, Phase, &str)] = {
    use Phase::*;
    &[
        (Planned, Held, "hold placed"),
        (Planned, Released, "no longer wanted"),
        (Held, Requested, "purchase order released"),
        (Held, Released, "hold expired, rerouted or cancelled"),
        (Requested, Acknowledged, "accepted, all or a part"),
        (Requested, Withdrawing, "breached, rerouted or cancelled"),
        (Requested, Withdrawn, "rejected"),
        (Acknowledged, Committed, "told to the OMS"),
        (Acknowledged, Shipped, "shipped before it was committed"),
        (Acknowledged, Withdrawing, "rerouted or cancelled"),
        (Acknowledged, Withdrawn, "cancelled by the source"),
        (Committed, Shipped, "all units have left"),
        (Committed, Withdrawing, "cancelled"),
        (Committed, Withdrawn, "cancelled by the source"),
        (Shipped, Delivered, "all has arrived"),
        (Withdrawn, Acknowledged, "rejected, then accepted while nobody else had it"),
        (Withdrawing, Withdrawn, "cancellation accepted"),
        (Withdrawing, Acknowledged, "cancellation refused"),
        (Withdrawing, Shipped, "shipped all the same"),
    ]
};

impl Phase {
    /// All phases in order of life.
    pub const ALL: [Phase; 10] = [
        Phase::Planned,
        Phase::Held,
        Phase::Requested,
        Phase::Acknowledged,
        Phase::Committed,
        Phase::Shipped,
        Phase::Delivered,
        Phase::Withdrawing,
        Phase::Withdrawn,
        Phase::Released,
    ];
    /// True if the step exists.
    pub fn may_become(self, next: Phase) -> bool {
        PHASE_STEPS.iter().any(|(from, to, _)| *from == self && *to == next)
    }
    /// True if nothing more is expected.
    pub fn is_ended(self) -> bool {
        matches!(self, Phase::Delivered | Phase::Withdrawn | Phase::Released)
    }
    /// True if its units count as supply for the line.
    pub fn supplies(self) -> bool {
        !matches!(self, Phase::Withdrawing | Phase::Withdrawn | Phase::Released)
    }
}

/// A quantity of a line given to one source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Assignment {
    /// Counted from 1 within the order.
    pub ordinal: u32,
    /// Which line.
    pub line: LineId,
    /// Who.
    pub source: SourceId,
    /// The counted try.
    pub attempt: u32,
    /// The source's number of the item.
    pub vendor_sku: VendorSku,
    /// The source's unit.
    pub pack_unit: Unit,
    /// Base units in one pack, as it was when this was planned.
    pub pack_size: u32,
    /// Cost of one pack.
    pub unit_cost: Money,
    /// Goods and shipping together, those of [`Assignment::substitutes`] included.
    pub cost: Money,
    /// Base units asked for.
    pub quantity: Quantity,
    /// What goes instead of units of it; the other fields say what was ordered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub substitutes: Vec<Substitute>,
    /// Where it stands.
    pub phase: Phase,
    /// Base units the source accepted.
    #[serde(default, skip_serializing_if = "Quantity::is_zero")]
    pub accepted: Quantity,
    /// Base units the source refused.
    #[serde(default, skip_serializing_if = "Quantity::is_zero")]
    pub declined: Quantity,
    /// Base units told to the OMS as firm.
    #[serde(default, skip_serializing_if = "Quantity::is_zero")]
    pub committed: Quantity,
    /// Base units that left.
    #[serde(default, skip_serializing_if = "Quantity::is_zero")]
    pub shipped: Quantity,
    /// Base units that arrived.
    #[serde(default, skip_serializing_if = "Quantity::is_zero")]
    pub delivered: Quantity,
    /// Base units withdrawn after they had been asked for.
    #[serde(default, skip_serializing_if = "Quantity::is_zero")]
    pub withdrawn: Quantity,
    /// What is reserved for it at the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold: Option<Hold>,
    /// The faster service level by which it goes; the order's own if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expedited: Option<SmolStr>,
    /// At the carrier by this day.
    pub ship_by: Date,
    /// At the door by this day.
    pub deliver_by: Date,
    /// Ordinal of its purchase order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purchase_order: Option<u32>,
    /// Why it ended, or is being ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Reason>,
}

impl Assignment {
    /// Base units that the source may still supply.
    pub fn live(&self) -> Quantity {
        self.quantity.less(self.declined + self.withdrawn)
    }
    /// Base units that count as supply for the line; of what is being withdrawn, those that have left all the same.
    pub fn supply(&self) -> Quantity {
        if self.phase.supplies() { self.live() } else { self.shipped }
    }
    /// True while the source may still answer, ship or be asked to stop.
    pub fn is_running(&self) -> bool {
        matches!(self.phase, Phase::Requested | Phase::Acknowledged | Phase::Committed)
    }
}

/// A reservation at a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// Base units.
    pub quantity: Quantity,
    /// On the shelf, or of a receipt announced for that day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incoming: Option<Date>,
    /// Soft until then, or firm since that minute.
    pub state: HoldState,
    /// The day whose capacity it uses, at a source that has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub load_day: Option<Date>,
}

/// How sure a hold is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HoldState {
    /// Given back at that time, if nothing happens.
    Soft {
        /// When.
        expires: Timestamp,
    },
    /// Backed by the source's word; counted under that minute until advice contains it.
    Firm {
        /// See [`crate::stock::minute`].
        minute: i64,
    },
}

/// A purchase order: the assignments of one order that go to one source together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PurchaseOrder {
    /// Counted from 1 within the order.
    pub ordinal: u32,
    /// Its number: order id, `-`, ordinal.
    pub number: PoNumber,
    /// To whom.
    pub source: SourceId,
    /// The attempt it stands for.
    pub attempt: u32,
    /// When it was released.
    pub released_at: Timestamp,
    /// When the connector first delivered it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<Timestamp>,
    /// When the source's machine confirmed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received_at: Option<Timestamp>,
    /// When the source first answered it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledged_at: Option<Timestamp>,
    /// The source's own number for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vendor_order: Option<SmolStr>,
    /// The cancellation asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancellation: Option<Cancellation>,
    /// Reminders sent.
    #[serde(default)]
    pub reminders: u32,
    /// The clocks: one slot per kind.
    pub clocks: Vec<Clock>,
    /// What the source was late with, and what was said about that.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub breaches: Vec<Breached>,
}

impl PurchaseOrder {
    /// The clock of a kind.
    pub fn clock(&self, kind: ClockKind) -> Option<&Clock> {
        self.clocks.iter().find(|c| c.kind == kind)
    }
    /// When the answer is due.
    pub fn answer_due(&self) -> Option<Timestamp> {
        self.clock(ClockKind::Acknowledgment).map(|c| c.due)
    }
}

/// An expected answer that did not come in time: a mark against the source, unless it is excused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Breached {
    /// What was waited for.
    pub clock: ClockKind,
    /// When it was due; with the clock, this names the breach.
    pub due: Timestamp,
    /// The source disputes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contest: Option<Contest>,
}

impl Breached {
    /// True if it was contested with success: it no longer counts against the source.
    pub fn is_excused(&self) -> bool {
        self.contest.as_ref().and_then(|c| c.answer.as_ref()).is_some_and(|a| a.accepted)
    }
}

/// What a source says against a breach.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contest {
    /// Who.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
    /// The words.
    pub words: String,
    /// What proves it: a document's name, number or address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<SmolStr>,
    /// What the retailer says to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<ContestAnswer>,
}

/// The retailer's answer to a contest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContestAnswer {
    /// True: the breach is excused.
    pub accepted: bool,
    /// Who.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
    /// In what words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<String>,
}

/// A cancellation asked of a source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cancellation {
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// How often it was asked for, other lines and second tries included.
    #[serde(default)]
    pub times: u32,
    /// Why.
    pub reason: Reason,
    /// The source's answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted: Option<bool>,
}

/// What a clock waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockKind {
    /// The source's machine confirms the paper.
    Receipt,
    /// The source answers the purchase order.
    Acknowledgment,
    /// The source ships.
    ShipNotice,
    /// The source answers a cancellation.
    CancelAnswer,
}

impl ClockKind {
    /// The reason code of its breach.
    pub fn breach_reason(self) -> Reason {
        match self {
            ClockKind::Receipt => Reason::SlaBreachedFunctionalAck,
            ClockKind::Acknowledgment => Reason::SlaBreachedPoAck,
            ClockKind::ShipNotice => Reason::SlaBreachedShip,
            ClockKind::CancelAnswer => Reason::SlaBreachedCancel,
        }
    }
}

/// A durable timer for one expected answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    /// What it waits for.
    pub kind: ClockKind,
    /// When it began.
    pub started: Timestamp,
    /// When people are warned; `None` once they were, or never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warn_at: Option<Timestamp>,
    /// When the answer is due.
    pub due: Timestamp,
    /// What happens then.
    pub then: Breach,
    /// Where it stands.
    pub state: ClockState,
}

impl Clock {
    /// The next instant at which it wants to be looked at.
    pub fn wakes_at(&self) -> Option<Timestamp> {
        matches!(self.state, ClockState::Running).then(|| self.warn_at.unwrap_or(self.due))
    }
}

/// Where a clock stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockState {
    /// It runs.
    Running,
    /// The answer came in time.
    Met,
    /// The answer did not come in time.
    Breached,
    /// The answer is no longer expected.
    Stopped,
}

/// A shipment as recorded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Shipped {
    /// The source's number.
    pub shipment: ShipmentId,
    /// Ordinal of the purchase order.
    pub purchase_order: u32,
    /// When it left.
    pub shipped_at: Timestamp,
    /// Carrier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carrier: Option<SmolStr>,
    /// Tracking numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tracking: Vec<SmolStr>,
    /// Base units by assignment ordinal.
    pub units: Vec<(u32, Quantity)>,
    /// True once it has arrived.
    #[serde(default)]
    pub delivered: bool,
}

/// Units of a line by how far they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tally {
    /// Ordered by the customer.
    pub ordered: Quantity,
    /// Reserved at sources, accepted or not.
    pub held: Quantity,
    /// Accepted by sources.
    pub accepted: Quantity,
    /// Told to the OMS as firm.
    pub committed: Quantity,
    /// Left.
    pub shipped: Quantity,
    /// Cancelled for good.
    pub cancelled: Quantity,
}

/// The one word for a line or an order; derived, never stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Taken in, nothing asked yet.
    Captured,
    /// A person has to decide.
    InReview,
    /// Supply is announced for later.
    Backordered,
    /// Sources were asked.
    AwaitingConfirmation,
    /// Committed.
    Confirmed,
    /// Left.
    Shipped,
    /// Arrived.
    Delivered,
    /// Cancelled.
    Cancelled,
}

impl Status {
    /// True if nothing is to be expected any more.
    pub fn is_end(self) -> bool {
        matches!(self, Status::Delivered | Status::Cancelled)
    }
}

impl Order {
    /// The line with that id.
    pub fn line(&self, id: &LineId) -> Option<&Line> {
        self.lines.iter().find(|l| l.id == *id)
    }
    /// The assignment with that ordinal.
    pub fn assignment(&self, ordinal: u32) -> Option<&Assignment> {
        self.assignments.iter().find(|a| a.ordinal == ordinal)
    }
    /// The purchase order with that ordinal.
    pub fn purchase_order(&self, ordinal: u32) -> Option<&PurchaseOrder> {
        self.purchase_orders.iter().find(|p| p.ordinal == ordinal)
    }
    /// The assignments of one line.
    pub fn of_line<'a>(&'a self, line: &'a LineId) -> impl Iterator<Item = &'a Assignment> {
        self.assignments.iter().filter(move |a| a.line == *line)
    }
    /// The assignments of one purchase order.
    pub fn of_purchase_order(&self, ordinal: u32) -> impl Iterator<Item = &Assignment> {
        self.assignments.iter().filter(move |a| a.purchase_order == Some(ordinal))
    }
    /// Base units of a line that the customer still wants.
    pub fn wanted(&self, line: &Line) -> Quantity {
        if line.cancelling.is_some() { Quantity::ZERO } else { line.quantity.less(line.cancelled) }
    }
    /// What a policy table may know about a quantity of a line, before a source is looked at.
    pub fn matter<'a>(&'a self, line: &'a Line, quantity: Quantity) -> Matter<'a> {
        Matter {
            sku: Some(&line.sku),
            category: Some(&line.category),
            quantity: Some(quantity),
            destination: Some(&self.destination),
            service_level: Some(&self.service_level),
            sales_channel: Some(&self.sales_channel),
            ..Matter::default()
        }
    }
    /// Base units of a line that somebody supplies or is asked to.
    pub fn supplied(&self, line: &LineId) -> Quantity {
        self.of_line(line).map(Assignment::supply).sum()
    }
    /// Base units of a line for which supply has yet to be found.
    pub fn uncovered(&self, line: &Line) -> Quantity {
        self.wanted(line).less(self.supplied(&line.id))
    }

    /// The tally of a line.
    pub fn tally(&self, line: &Line) -> Tally {
        let mut t = Tally { ordered: line.quantity, cancelled: line.cancelled, ..Tally::default() };
        for a in self.of_line(&line.id) {
            t.held += a.hold.map_or(Quantity::ZERO, |h| h.quantity);
            t.accepted += if a.phase.supplies() { a.accepted } else { a.shipped };
            t.committed += a.committed;
            t.shipped += a.shipped;
        }
        if let Some(legacy) = &line.legacy {
            t.accepted += legacy.confirmed;
            t.committed += legacy.committed;
            t.shipped += legacy.shipped;
        }
        t
    }

    /// The status of a line.
    pub fn line_status(&self, line: &Line) -> Status {
        let open = line.quantity.less(line.cancelled);
        let sum = |f: fn(&Assignment) -> Quantity| -> Quantity { self.of_line(&line.id).map(f).sum() };
        let legacy = |f: fn(&LegacyLine) -> Quantity| line.legacy.as_ref().map_or(Quantity::ZERO, f);
        let waits = |a: &Assignment| a.phase.supplies() && a.hold.is_some_and(|h| h.incoming.is_some());
        match () {
            () if open.is_zero() => Status::Cancelled,
            () if sum(|a| a.delivered) + legacy(|l| l.delivered) >= open => Status::Delivered,
            () if sum(|a| a.shipped) + legacy(|l| l.shipped) >= open => Status::Shipped,
            () if sum(|a| a.committed) + legacy(|l| l.committed) >= open => Status::Confirmed,
            () if self.needs_person(line) => Status::InReview,
            () if line.look_again.is_some() || self.of_line(&line.id).any(waits) => Status::Backordered,
            () if self.of_line(&line.id).any(|a| {
                matches!(a.phase, Phase::Requested | Phase::Acknowledged | Phase::Committed | Phase::Withdrawing)
            }) =>
            {
                Status::AwaitingConfirmation
            }
            () if legacy(|l| l.committed + l.confirmed) > Quantity::ZERO => Status::AwaitingConfirmation,
            () => Status::Captured,
        }
    }

    /// The status of the order: that of its least advanced open line, or its end.
    pub fn status(&self) -> Status {
        let all = || self.lines.iter().map(|l| self.line_status(l));
        all().filter(|s| *s != Status::Cancelled).min().unwrap_or(Status::Cancelled)
    }

    fn needs_person(&self, line: &Line) -> bool {
        self.on_hold.is_some()
            || self.approvals.iter().any(|a| a.is_open() && a.concerns(&line.id))
            || self.cases.iter().any(|c| c.is_open() && c.blocks && c.line.as_ref().is_none_or(|l| *l == line.id))
    }

    /// True if a plan of that kind for the line was refused, or nobody answered it in time.
    pub fn was_refused(&self, kind: ApprovalKind, line: &LineId) -> bool {
        let refused = |a: &Approval| matches!(a.outcome, Outcome::Rejected { .. } | Outcome::Lapsed { .. });
        self.approvals.iter().any(|a| a.kind == kind && refused(a) && a.concerns(line))
    }
    /// The earliest instant at which this order wants to be looked at.
    pub fn wake_at(&self) -> Option<Timestamp> {
        let clocks = self.purchase_orders.iter().flat_map(|p| p.clocks.iter()).filter_map(Clock::wakes_at);
        let holds = self.assignments.iter().filter_map(|a| match (a.phase, a.hold?.state) {
            (Phase::Held, HoldState::Soft { expires }) => Some(expires),
            _ => None,
        });
        let approvals = self.approvals.iter().filter(|a| a.is_open()).map(|a| a.due);
        let cases = self.cases.iter().filter(|c| c.is_open()).filter_map(|c| c.escalate_at);
        let waits = self.lines.iter().filter_map(|l| l.look_again);
        clocks.chain(holds).chain(approvals).chain(cases).chain(waits).min()
    }
}
