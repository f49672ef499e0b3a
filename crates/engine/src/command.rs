//! Commands: what somebody wants done. Each deed's `needs` and `decide` stand in one file under `decide/`.
//!
//! A command holds no personal data: it goes into the journal as it is.

use crate::case::Remedy;
use crate::document::{Acknowledgment, CancellationAnswer, Receipt, Shipment};
use crate::ids::{ApprovalId, CaseId, LineId, OrderId, PoNumber, Sku, SourceId};
use crate::item::{Item, Unit};
use crate::legacy::LegacyReport;
use crate::measure::{Money, Quantity};
use crate::message::Addressee;
use crate::offer::Offer;
use crate::order::ClockKind;
use crate::policy::{Policy, Scope};
use crate::reason::Reason;
use crate::source::{Region, Source};
use crate::stock::{Incoming, Origin};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet};

/// A command: who wants what.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Command {
    /// Who.
    pub by: Actor,
    /// What.
    #[serde(flatten)]
    pub deed: Deed,
}

/// Somebody who acts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Actor {
    /// The product itself (clocks, deliveries).
    Engine,
    /// A program, by the name of its key.
    Program {
        /// The key's name.
        name: SmolStr,
    },
    /// A person of the retailer.
    Person {
        /// The login.
        name: SmolStr,
        /// In which role.
        role: Role,
    },
    /// A source, through its channel.
    Source {
        /// Which.
        source: SourceId,
    },
}

impl Actor {
    /// True if it is the same person, whatever the role, or the same program or source.
    pub fn is_same(&self, other: &Actor) -> bool {
        match (self, other) {
            (Actor::Person { name, .. }, Actor::Person { name: other, .. }) => name == other,
            _ => self == other,
        }
    }
    /// True for a person of the retailer.
    pub fn is_person(&self) -> bool {
        matches!(self, Actor::Person { .. })
    }
    /// The actor in a word or two, for people.
    pub fn name(&self) -> &str {
        match self {
            Actor::Engine => "countersign",
            Actor::Program { name } | Actor::Person { name, .. } => name,
            Actor::Source { source } => source.as_str(),
        }
    }
}

/// Roles of people and programs (`domain.md`, People).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Orders, cases, promises.
    CustomerService,
    /// Vendors, SLAs, scorecards.
    VendorManager,
    /// Items, offers, costs.
    Buyer,
    /// Connections, keys, users.
    It,
    /// Everything, read only.
    Auditor,
    /// Outside: one source's own.
    Vendor,
}

impl Role {
    /// All roles.
    pub const ALL: [Role; 6] =
        [Role::CustomerService, Role::VendorManager, Role::Buyer, Role::It, Role::Auditor, Role::Vendor];
    /// The wire word.
    pub fn code(self) -> &'static str {
        match self {
            Role::CustomerService => "customer_service",
            Role::VendorManager => "vendor_manager",
            Role::Buyer => "buyer",
            Role::It => "it",
            Role::Auditor => "auditor",
            Role::Vendor => "vendor",
        }
    }
    /// The role as people write it in a sentence.
    pub fn name(self) -> &'static str {
        match self {
            Role::CustomerService => "customer service",
            Role::VendorManager => "vendor manager",
            Role::Buyer => "buyer",
            Role::It => "IT",
            Role::Auditor => "auditor",
            Role::Vendor => "vendor",
        }
    }
    /// The role behind a wire word.
    pub fn from_code(code: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|r| r.code() == code)
    }
}

/// What somebody wants done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "deed", rename_all = "snake_case")]
pub enum Deed {
    /// Record an item.
    RecordItem {
        /// The item, whole.
        item: Item,
    },
    /// Record a source.
    RecordSource {
        /// The source, whole.
        source: Source,
        /// It is to be made: refused if it is there already.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        only_new: bool,
    },
    /// Record an offer.
    RecordOffer {
        /// The offer, whole.
        offer: Offer,
    },
    /// Record what a source can supply; items are looked up, quantities in base units, at most a thousand lines.
    ReportAdvice(ReportAdvice),
    /// Take in an order.
    CaptureOrder(CaptureOrder),
    /// The source's machine has (or rejects) a paper of ours.
    RecordReceipt(Receipt),
    /// The source answered.
    RecordAcknowledgment(Acknowledgment),
    /// The source shipped.
    RecordShipment(Shipment),
    /// A shipment arrived.
    RecordDelivery {
        /// The purchase order.
        po: PoNumber,
        /// The source's number of the shipment.
        shipment: crate::ids::ShipmentId,
    },
    /// The source answered a cancellation, or cancels itself.
    RecordCancellationAnswer(CancellationAnswer),
    /// The connector delivered a paper, or gave up.
    RecordSending {
        /// The purchase order.
        po: PoNumber,
        /// How it went.
        outcome: Sending,
    },
    /// Cancel an order, or one line of it.
    CancelOrder {
        /// The order.
        order: OrderId,
        /// Only this line.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        line: Option<LineId>,
        /// Why.
        reason: Reason,
        /// In what words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        words: Option<String>,
    },
    /// Keep an order from being released.
    HoldOrder {
        /// The order.
        order: OrderId,
        /// Why.
        reason: Reason,
        /// In what words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        words: Option<String>,
    },
    /// Let a held order go on.
    ReleaseOrder {
        /// The order.
        order: OrderId,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Reason>,
        /// In what words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        words: Option<String>,
    },
    /// Take a line away from the sources that were asked and look for others.
    RerouteLine {
        /// The order.
        order: OrderId,
        /// The line.
        line: LineId,
        /// To this source; the rules choose if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<SourceId>,
        /// Why.
        reason: Reason,
        /// In what words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        words: Option<String>,
        /// The approval that is answered by it: another source was chosen than it asked about.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        approval: Option<ApprovalId>,
    },
    /// Resolve a case by one of its remedies.
    ResolveCase {
        /// The case.
        case: CaseId,
        /// What is done.
        remedy: Remedy,
        /// Why, by one of the codes that people give.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Reason>,
        /// In what words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        words: Option<String>,
        /// The revision the person saw; refused if it has moved on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        revision: Option<u32>,
    },
    /// Take a case on, or give it to somebody.
    AssignCase {
        /// The case.
        case: CaseId,
        /// To whom.
        to: Actor,
        /// The revision that the person saw; refused if it has moved on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        revision: Option<u32>,
    },
    /// Write on a case.
    CommentCase {
        /// The case.
        case: CaseId,
        /// The words.
        words: String,
    },
    /// Open a case about a source as such (its files, its connection).
    OpenSourceCase {
        /// The source.
        source: SourceId,
        /// What kind.
        kind: crate::case::CaseKind,
        /// Why.
        reason: Reason,
        /// What happened, in a sentence.
        sentence: String,
    },
    /// Open a case about an order as such, on which nothing waits.
    OpenOrderCase {
        /// The order.
        order: OrderId,
        /// What kind.
        kind: crate::case::CaseKind,
        /// Why.
        reason: Reason,
        /// What happened, in a sentence; without personal data, which the journal never holds.
        sentence: String,
    },
    /// Write to the customer of an order, or to the source of one of its purchase orders. The words stand with the
    /// personal data of the order.
    WriteMessage {
        /// The order.
        order: OrderId,
        /// Names the message within the order.
        message: SmolStr,
        /// To whom.
        to: Addressee,
        /// Tells these words from others.
        fingerprint: SmolStr,
    },
    /// Hand in what a customer or a source wrote back. The words stand with the personal data of the order.
    RecordReply {
        /// The order.
        order: OrderId,
        /// Names the message within the order.
        message: SmolStr,
        /// The purchase order whose source wrote; the customer did if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        po: Option<PoNumber>,
        /// Who is to read it: whoever wrote to them last, if that person is still here.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reader: Option<Actor>,
        /// Tells these words from others.
        fingerprint: SmolStr,
    },
    /// Answer an approval.
    AnswerApproval {
        /// The approval.
        approval: ApprovalId,
        /// Yes or no.
        approve: bool,
        /// In what words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        words: Option<String>,
    },
    /// Dispute a breach, as the source it counts against.
    ContestBreach {
        /// The purchase order.
        po: PoNumber,
        /// What the source was late with.
        clock: ClockKind,
        /// When it was due; the last such breach if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<Timestamp>,
        /// Why it should not count.
        words: String,
        /// What proves it: a document's name, number or address.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        document: Option<SmolStr>,
    },
    /// Accept or refuse what a source said against a breach.
    AnswerContest {
        /// The purchase order.
        po: PoNumber,
        /// What the source was late with.
        clock: ClockKind,
        /// When it was due; the last contested one if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<Timestamp>,
        /// True: the breach is excused.
        accept: bool,
        /// In what words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        words: Option<String>,
    },
    /// Put a policy in force as it stands, without the steps of its life: for worlds that begin with one.
    ActivatePolicy {
        /// The policy, whole.
        policy: Policy,
    },
    /// Write a draft of a policy.
    SavePolicy {
        /// The policy, whole.
        policy: Policy,
        /// Sources that it names and kept histories know: a draft may name them before they are recorded.
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        of_histories: BTreeSet<SourceId>,
    },
    /// Record what the backtest of a draft said.
    RecordBacktest(BacktestResult),
    /// Take in a history whose packed bytes are kept.
    KeepHistory(crate::history::History),
    /// Keep a history no longer.
    RemoveHistory {
        /// Its name.
        name: SmolStr,
    },
    /// Approve a draft, as a second person.
    ApprovePolicy {
        /// Which version.
        version: u32,
        /// The draft the person saw; refused if it was changed meanwhile.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        revision: Option<u32>,
        /// In what words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        words: Option<String>,
    },
    /// Put a written version in force; an earlier one again is a rollback.
    PutPolicyInForce {
        /// Which version.
        version: u32,
        /// From then on; at once if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<Timestamp>,
    },
    /// Withdraw the takeover of a version that is scheduled.
    UnschedulePolicy {
        /// Which version.
        version: u32,
    },
    /// Put in force what was scheduled for now or before.
    WakePolicies,
    /// Do what is due about the cases of a source as such.
    WakeSource {
        /// Which source.
        source: SourceId,
    },
    /// Count what sources answered after one journal position and up to another.
    LearnAnswers {
        /// Counted so far; nothing is done if it was counted further meanwhile.
        after: u64,
        /// Counted then.
        through: u64,
        /// When the last of them came.
        as_of: Timestamp,
        /// Alike answers together.
        answers: Vec<crate::calibration::Answers>,
    },
    /// Take in what the legacy path did with an order that is only watched.
    RecordLegacy(LegacyReport),
    /// Return to the legacy path at once for what comes in from now on, or come back from it.
    SwitchToLegacy {
        /// For which source and category; for all if it names none.
        #[serde(default)]
        scope: Scope,
        /// True to return to the legacy path.
        on: bool,
        /// In what words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        words: Option<String>,
    },
    /// Do what is due for an order.
    Wake {
        /// The order.
        order: OrderId,
    },
}

/// Advice, items looked up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReportAdvice {
    /// Whose.
    pub source: SourceId,
    /// When the figures were true.
    pub as_of: Timestamp,
    /// How they came.
    pub origin: Origin,
    /// Part of a full feed.
    #[serde(default)]
    pub full: bool,
    /// The last part of a full feed: from now on it confirms every offer that it listed.
    #[serde(default)]
    pub completes_feed: bool,
    /// Lines that were the same as before and are left out here.
    #[serde(default)]
    pub unchanged: u32,
    /// The lines that differ.
    pub lines: Vec<ReportedLine>,
}

/// One line of advice, in base units.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReportedLine {
    /// Which item.
    pub sku: Sku,
    /// Base units available.
    pub quantity: Quantity,
    /// Announced receipts by day, in base units (`held` is ignored).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub incoming: BTreeMap<Date, Incoming>,
    /// A full feed did not list it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub absent: bool,
}

/// An order to be taken in, without personal data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CaptureOrder {
    /// The retailer's id.
    pub id: OrderId,
    /// When the customer placed it.
    pub placed_at: Timestamp,
    /// Where it was sold.
    pub sales_channel: SmolStr,
    /// Where it goes, as far as transit times need it.
    pub destination: Region,
    /// `standard`, `expedited`, …
    pub service_level: SmolStr,
    /// Wanted by this day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested_on: Option<Date>,
    /// Tells the same content from other content under the same id (keyed, so that it betrays nothing).
    pub fingerprint: SmolStr,
    /// The lines.
    pub lines: Vec<CaptureLine>,
}

/// A line of an order to be taken in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CaptureLine {
    /// The retailer's line id.
    pub line: LineId,
    /// What.
    pub sku: Sku,
    /// How many.
    pub quantity: Quantity,
    /// In which unit; it must be the item's.
    pub unit: Unit,
    /// What the customer pays for one.
    pub unit_price: Money,
}

/// What a backtest of a policy said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BacktestResult {
    /// Which version.
    pub version: u32,
    /// The draft that was tested; refused if it was changed meanwhile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<u32>,
    /// SHA-256 of the whole report, 64 hex digits.
    pub digest: SmolStr,
    /// What it says, in a sentence or two.
    pub summary: String,
    /// Its main figures by name; whole numbers (permille, minor units, seconds).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub figures: BTreeMap<SmolStr, i64>,
}

/// How a sending went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Sending {
    /// The connector delivered it; `receipt` if the channel's answer is a receipt by itself (2xx, MDN).
    Sent {
        /// The channel's answer is a receipt.
        receipt: bool,
    },
    /// All retries failed.
    Failed {
        /// What the other side or the network said.
        why: String,
    },
    /// The reply was lost and the channel is not known to be idempotent.
    InDoubt {
        /// What happened.
        why: String,
    },
}

impl Deed {
    /// What whoever wants it says about it: a code and words. Of deeds whose events say it themselves, nothing.
    pub fn said(&self) -> (Option<Reason>, Option<&str>) {
        match self {
            Deed::CancelOrder { reason, words, .. }
            | Deed::HoldOrder { reason, words, .. }
            | Deed::RerouteLine { reason, words, .. } => (Some(*reason), words.as_deref()),
            Deed::ReleaseOrder { reason, words, .. } => (*reason, words.as_deref()),
            _ => (None, None),
        }
    }
    /// The order this deed is about, if it is about one.
    pub fn order(&self) -> Option<OrderId> {
        match self {
            Deed::CaptureOrder(c) => Some(c.id.clone()),
            Deed::RecordLegacy(report) => Some(report.order.clone()),
            Deed::RecordReceipt(d) => d.po.split().map(|(o, _)| o),
            Deed::RecordAcknowledgment(d) => d.po.split().map(|(o, _)| o),
            Deed::RecordShipment(d) => d.po.split().map(|(o, _)| o),
            Deed::RecordCancellationAnswer(d) => d.po.split().map(|(o, _)| o),
            Deed::RecordSending { po, .. }
            | Deed::RecordDelivery { po, .. }
            | Deed::ContestBreach { po, .. }
            | Deed::AnswerContest { po, .. } => po.split().map(|(o, _)| o),
            Deed::CancelOrder { order, .. }
            | Deed::HoldOrder { order, .. }
            | Deed::ReleaseOrder { order, .. }
            | Deed::RerouteLine { order, .. }
            | Deed::OpenOrderCase { order, .. }
            | Deed::WriteMessage { order, .. }
            | Deed::RecordReply { order, .. }
            | Deed::Wake { order } => Some(order.clone()),
            Deed::ResolveCase { case, .. } | Deed::AssignCase { case, .. } | Deed::CommentCase { case, .. } => {
                match case.split()?.0 {
                    crate::ids::CaseSubject::Order(order) => Some(order),
                    crate::ids::CaseSubject::Source(_) => None,
                }
            }
            Deed::AnswerApproval { approval, .. } => approval.split().map(|(o, _)| o),
            Deed::RecordItem { .. }
            | Deed::RecordSource { .. }
            | Deed::RecordOffer { .. }
            | Deed::ReportAdvice(_)
            | Deed::OpenSourceCase { .. }
            | Deed::ActivatePolicy { .. }
            | Deed::SwitchToLegacy { .. }
            | Deed::SavePolicy { .. }
            | Deed::RecordBacktest(_)
            | Deed::KeepHistory(_)
            | Deed::RemoveHistory { .. }
            | Deed::ApprovePolicy { .. }
            | Deed::PutPolicyInForce { .. }
            | Deed::UnschedulePolicy { .. }
            | Deed::LearnAnswers { .. }
            | Deed::WakePolicies
            | Deed::WakeSource { .. } => None,
        }
    }
}
