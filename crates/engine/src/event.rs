//! Events: what has happened, conclusions included. Contracts for ever.
//!
//! An event names every due time, quantity and reason it implies, so that applying it needs no calendar and no policy.

use crate::approval::Approval;
use crate::case::{Case, Comment, Resolution};
use crate::command::{Actor, ReportedLine};
use crate::ids::{ApprovalId, CaseId, LineId, OrderId, PoNumber, ShipmentId, Sku, SourceId};
use crate::item::Item;
use crate::legacy::LegacyFact;
use crate::measure::{Money, Quantity};
use crate::message::Message;
use crate::offer::Offer;
use crate::order::{Clock, ClockKind, Contest, ContestAnswer, Line, Shipped, Substitute};
use crate::policy::table::Fired;
use crate::policy::{Backtest, Fallback, Mode, Policy, PolicyApproval, Scope};
use crate::promise::Promise;
use crate::reason::Reason;
use crate::routing::Plan;
use crate::source::{Region, Source};
use crate::stock::Origin;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Something that has happened. The wire name is `countersign.<type>.v1`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type")]
#[expect(missing_docs, reason = "fields are named as in the records they change")]
pub enum Event {
    /// An item was recorded.
    #[serde(rename = "item.recorded")]
    ItemRecorded { item: Item },
    /// A source was recorded.
    #[serde(rename = "source.recorded")]
    SourceRecorded { source: Source },
    /// An offer was recorded.
    #[serde(rename = "offer.recorded")]
    OfferRecorded { offer: Offer },
    /// A source advised; only lines that differ stand here. `carried` are back-order holds whose receipt has come:
    /// they now weigh on the shelf, under that minute.
    #[serde(rename = "advice.recorded")]
    AdviceRecorded {
        source: SourceId,
        as_of: Timestamp,
        origin: Origin,
        full: bool,
        lines: Vec<ReportedLine>,
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        carried: BTreeMap<Sku, (i64, Quantity)>,
    },
    /// A full feed is complete: it confirms all it listed as of that time.
    #[serde(rename = "feed.completed")]
    FeedCompleted { source: SourceId, as_of: Timestamp },
    /// A draft of a policy was written; what was said about the draft before it no longer counts.
    #[serde(rename = "policy.saved")]
    PolicySaved {
        policy: Arc<Policy>,
        by: Actor,
        at: Timestamp,
        /// What it says otherwise than `against`, each in words: the first ones.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        changed: Vec<String>,
        /// The version compared with: its own number is its draft before, another the policy in force.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        against: Option<u32>,
    },
    /// A backtest of the present draft is there.
    #[serde(rename = "policy.backtested")]
    PolicyBacktested { version: u32, backtest: Backtest },
    /// A second person approved the present draft.
    #[serde(rename = "policy.approved")]
    PolicyApproved { version: u32, approval: PolicyApproval },
    /// A policy takes over at a time; it takes the place of what was scheduled before.
    #[serde(rename = "policy.scheduled")]
    PolicyScheduled { version: u32, at: Timestamp, by: Actor },
    /// The takeover of a policy at a time is withdrawn; `instead` is the version that somebody wants in its place.
    #[serde(rename = "policy.unscheduled")]
    PolicyUnscheduled {
        version: u32,
        at: Timestamp,
        by: Actor,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        instead: Option<u32>,
    },
    /// A policy is in force; the one before is superseded. `by` and `at` are absent where it went by no life cycle.
    #[serde(rename = "policy.activated")]
    PolicyActivated {
        policy: Arc<Policy>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<Actor>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<Timestamp>,
    },

    /// A history was taken in, on which policies can be tried; it takes the place of one of the same name.
    #[serde(rename = "history.kept")]
    HistoryKept { history: crate::history::Kept },
    /// A history is not kept any longer.
    #[serde(rename = "history.removed")]
    HistoryRemoved { name: SmolStr, by: Actor },

    /// What sources answered after one journal position and up to another was counted, alike answers together.
    #[serde(rename = "answers.learnt")]
    AnswersLearnt { after: u64, through: u64, as_of: Timestamp, answers: Vec<crate::calibration::Answers> },

    /// An order was taken in.
    #[serde(rename = "order.captured")]
    OrderCaptured {
        order: OrderId,
        placed_at: Timestamp,
        captured_at: Timestamp,
        sales_channel: SmolStr,
        destination: Region,
        service_level: SmolStr,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        requested_on: Option<Date>,
        fingerprint: SmolStr,
        mode: Mode,
        policy: u32,
        lines: Vec<Line>,
        /// The row of a table that set the mode.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mode_rule: Option<Fired>,
    },
    /// Supply was chosen, or not found: who, why, and why not the others.
    #[serde(rename = "plan.made")]
    PlanMade { order: OrderId, plan: Arc<Plan> },
    /// A person has to decide.
    #[serde(rename = "approval.asked")]
    ApprovalAsked { order: OrderId, approval: Approval },
    /// A person (or the lapse of time) decided.
    #[serde(rename = "approval.answered")]
    ApprovalAnswered { order: OrderId, approval: ApprovalId, outcome: crate::approval::Outcome },
    /// An order was put on hold by a person.
    #[serde(rename = "order.held")]
    OrderHeld { order: OrderId, reason: Reason },
    /// A person lets the order go on.
    #[serde(rename = "order.released")]
    OrderReleased { order: OrderId },

    /// Part of the plan became an assignment.
    #[serde(rename = "assignment.made")]
    AssignmentMade { order: OrderId, assignment: crate::order::Assignment },
    /// Units were reserved at a source.
    #[serde(rename = "hold.placed")]
    HoldPlaced {
        order: OrderId,
        assignment: u32,
        source: SourceId,
        sku: Sku,
        quantity: Quantity,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        incoming: Option<Date>,
        expires: Timestamp,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        load_day: Option<Date>,
    },
    /// A hold is backed by the source's word, for so many units; `given_back` units are free again. `from` tells which
    /// sum both leave, `load_day` the day whose capacity is free again with the latter.
    #[serde(rename = "hold.firmed")]
    HoldFirmed {
        order: OrderId,
        assignment: u32,
        source: SourceId,
        sku: Sku,
        quantity: Quantity,
        given_back: Quantity,
        from: HeldAs,
        minute: i64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        load_day: Option<Date>,
    },
    /// A hold was given back. `from_minute` tells which firm sum it leaves; `None` for a soft hold. `load_day` is the
    /// day whose capacity is free again.
    #[serde(rename = "hold.released")]
    HoldReleased {
        order: OrderId,
        assignment: u32,
        source: SourceId,
        sku: Sku,
        quantity: Quantity,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        incoming: Option<Date>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from_minute: Option<i64>,
        reason: Reason,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        load_day: Option<Date>,
    },
    /// The goods of a hold have left: it no longer stands with the order; advice will contain it.
    #[serde(rename = "hold.consumed")]
    HoldConsumed { order: OrderId, assignment: u32, quantity: Quantity },

    /// A purchase order may go out.
    #[serde(rename = "purchase_order.released")]
    PurchaseOrderReleased {
        order: OrderId,
        ordinal: u32,
        number: PoNumber,
        source: SourceId,
        attempt: u32,
        at: Timestamp,
        assignments: Vec<u32>,
        clocks: Vec<Clock>,
        /// The rows of tables that set its clocks.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        rules: Vec<Fired>,
    },
    /// The connector delivered it.
    #[serde(rename = "purchase_order.sent")]
    PurchaseOrderSent { order: OrderId, purchase_order: u32, at: Timestamp },
    /// The source's machine has it.
    #[serde(rename = "purchase_order.received")]
    PurchaseOrderReceived { order: OrderId, purchase_order: u32, at: Timestamp },
    /// A reminder goes out; the clock begins again.
    #[serde(rename = "purchase_order.reminded")]
    PurchaseOrderReminded { order: OrderId, purchase_order: u32, clock: Clock },
    /// The source was asked to stop.
    #[serde(rename = "purchase_order.cancellation_requested")]
    CancellationRequested {
        order: OrderId,
        purchase_order: u32,
        assignments: Vec<u32>,
        at: Timestamp,
        reason: Reason,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        clock: Option<Clock>,
    },
    /// The source answered the cancellation.
    #[serde(rename = "purchase_order.cancellation_answered")]
    CancellationAnswered { order: OrderId, purchase_order: u32, accepted: bool, at: Timestamp },

    /// The source answered for one assignment; the whole of it so far, replacing its earlier answer.
    #[serde(rename = "acknowledgment.received")]
    AcknowledgmentReceived {
        order: OrderId,
        purchase_order: u32,
        assignment: u32,
        accepted: Quantity,
        declined: Quantity,
        ship_by: Date,
        deliver_by: Date,
        at: Timestamp,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Reason>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        vendor_order: Option<SmolStr>,
        /// What was taken by this instead of what was ordered, and at what price.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        substitute: Option<Box<Substitute>>,
        /// What the assignment costs by that; as before if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cost: Option<Money>,
    },
    /// An answer came for an attempt that is over; nothing running was touched.
    #[serde(rename = "acknowledgment.late")]
    AcknowledgmentLate { order: OrderId, purchase_order: u32, attempt: u32, accepted: Quantity, at: Timestamp },
    /// An assignment will not supply (any more).
    #[serde(rename = "assignment.withdrawn")]
    AssignmentWithdrawn { order: OrderId, assignment: u32, quantity: Quantity, reason: Reason },
    /// A withdrawing assignment supplies after all: the source refused to stop.
    #[serde(rename = "assignment.kept")]
    AssignmentKept { order: OrderId, assignment: u32, accepted: Quantity },

    /// The OMS may treat these units as firm.
    #[serde(rename = "line.committed")]
    LineCommitted {
        order: OrderId,
        line: LineId,
        assignment: u32,
        quantity: Quantity,
        source: SourceId,
        reason: Reason,
    },
    /// Units the OMS thought firm are not.
    #[serde(rename = "line.uncommitted")]
    LineUncommitted { order: OrderId, line: LineId, assignment: u32, quantity: Quantity, reason: Reason },
    /// A line goes from one source to others.
    #[serde(rename = "line.rerouted")]
    LineRerouted { order: OrderId, line: LineId, from: SourceId, quantity: Quantity, reason: Reason },
    /// A line waits for supply.
    #[serde(rename = "line.waiting")]
    LineWaiting { order: OrderId, line: LineId, until: Timestamp, reason: Reason },
    /// The wait is over.
    #[serde(rename = "line.resumed")]
    LineResumed { order: OrderId, line: LineId },
    /// The customer no longer wants a line; sources are being told.
    #[serde(rename = "line.cancellation_requested")]
    LineCancellationRequested { order: OrderId, line: LineId, reason: Reason },
    /// The cancellation of a line could not be carried out.
    #[serde(rename = "line.cancellation_failed")]
    LineCancellationFailed { order: OrderId, line: LineId, reason: Reason },
    /// Units of a line are cancelled for good.
    #[serde(rename = "line.cancelled")]
    LineCancelled { order: OrderId, line: LineId, quantity: Quantity, reason: Reason },
    /// The first cost of a line, against which later plans are measured.
    #[serde(rename = "line.costed")]
    LineCosted { order: OrderId, line: LineId, cost: Money },
    /// The customer may be told provisional dates.
    #[serde(rename = "promise.made")]
    PromiseMade { order: OrderId, line: LineId, promise: Promise },
    /// The dates are sure.
    #[serde(rename = "promise.confirmed")]
    PromiseConfirmed { order: OrderId, line: LineId, promise: Promise },
    /// The dates changed.
    #[serde(rename = "promise.revised")]
    PromiseRevised { order: OrderId, line: LineId, promise: Promise },

    /// Goods left.
    #[serde(rename = "shipment.notified")]
    ShipmentNotified { order: OrderId, shipment: Shipped },
    /// Goods arrived.
    #[serde(rename = "shipment.delivered")]
    ShipmentDelivered { order: OrderId, purchase_order: u32, shipment: ShipmentId, at: Timestamp },

    /// A clock is running low.
    #[serde(rename = "sla.warned")]
    SlaWarned { order: OrderId, purchase_order: u32, source: SourceId, clock: ClockKind, due: Timestamp },
    /// The expected answer came in time.
    #[serde(rename = "sla.met")]
    SlaMet { order: OrderId, purchase_order: u32, source: SourceId, clock: ClockKind, at: Timestamp },
    /// The expected answer did not come in time; `due` is the true due time, however late we noticed.
    #[serde(rename = "sla.breached")]
    SlaBreached { order: OrderId, purchase_order: u32, source: SourceId, clock: ClockKind, due: Timestamp },
    /// The answer is no longer expected.
    #[serde(rename = "sla.stopped")]
    SlaStopped { order: OrderId, purchase_order: u32, clock: ClockKind },
    /// A clock was started after the purchase order was released.
    #[serde(rename = "sla.started")]
    SlaStarted { order: OrderId, purchase_order: u32, clock: Clock },

    /// The legacy path did something with a line that is only watched; how many units that was.
    #[serde(rename = "legacy.recorded")]
    LegacyRecorded {
        order: OrderId,
        line: LineId,
        at: Timestamp,
        quantity: Quantity,
        #[serde(flatten)]
        fact: LegacyFact,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reference: Option<SmolStr>,
    },
    /// The switch to the legacy path was thrown or taken back for a scope; `fallbacks` are all that stand now.
    #[serde(rename = "policy.fallback_switched")]
    FallbackSwitched {
        scope: Scope,
        on: bool,
        fallbacks: Vec<Fallback>,
        by: Actor,
        at: Timestamp,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        words: Option<String>,
    },
    /// A source disputes a breach; clock and due time name it.
    #[serde(rename = "breach.contested")]
    BreachContested {
        order: OrderId,
        purchase_order: u32,
        source: SourceId,
        clock: ClockKind,
        due: Timestamp,
        contest: Contest,
    },
    /// The dispute was answered; if it was accepted, the breach no longer counts.
    #[serde(rename = "breach.contest_answered")]
    BreachContestAnswered {
        order: OrderId,
        purchase_order: u32,
        source: SourceId,
        clock: ClockKind,
        due: Timestamp,
        answer: ContestAnswer,
    },

    /// Somebody wrote to the customer or to the source of a purchase order, or one of these wrote.
    #[serde(rename = "message.written")]
    MessageWritten { order: OrderId, message: Message },

    /// An exception needs somebody.
    #[serde(rename = "case.opened")]
    CaseOpened { case: Case },
    /// Somebody took it on.
    #[serde(rename = "case.assigned")]
    CaseAssigned { case: CaseId, to: Actor },
    /// Somebody wrote on it.
    #[serde(rename = "case.commented")]
    CaseCommented { case: CaseId, comment: Comment },
    /// It went up the ladder.
    #[serde(rename = "case.escalated")]
    CaseEscalated {
        case: CaseId,
        role: crate::command::Role,
        severity: crate::case::Severity,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next: Option<Timestamp>,
    },
    /// It is resolved.
    #[serde(rename = "case.resolved")]
    CaseResolved { case: CaseId, resolution: Resolution },
}

/// In which sum of the stock record held units stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HeldAs {
    /// Among the soft holds.
    Soft,
    /// Among the firm holds of that minute.
    Firm(i64),
    /// Nowhere: the hold had expired, or there was none.
    Nothing,
}
