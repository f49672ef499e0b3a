//! Plans, decisions and the timeline: what happened, why, and why not otherwise, in sentences.

use super::words::{ActorWords, MoneyWords};
use countersign_engine::calibration::Chance;
use countersign_engine::command::Actor;
use countersign_engine::event::Event;
use countersign_engine::explain;
use countersign_engine::ids::{LineId, OrderId, PoNumber, SourceId, VendorSku};
use countersign_engine::journal::Entry;
use countersign_engine::measure::{Money, Quantity};
use countersign_engine::order::Order;
use countersign_engine::policy::Otherwise;
use countersign_engine::policy::Policy;
use countersign_engine::reason::Reason;
use countersign_engine::routing::{Counterfactual, Part, Plan, Verdict, counterfactuals};
use countersign_engine::slice::{Key, Slice};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use serde_json::Value;
use smol_str::SmolStr;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Names of sources, by their ids.
pub type Names = BTreeMap<SourceId, String>;

/// What was chosen for an order.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Plan)]
pub struct PlanView {
    round: u32,
    #[schema(value_type = String)]
    reason: Reason,
    policy: u32,
    /// In a sentence.
    sentence: String,
    parts: Vec<PartView>,
    unsourced: Vec<UnsourcedView>,
    /// How much more it costs than the first plan, in percent.
    cost_increase_percent: Option<u32>,
    /// True if a date told to the customer cannot be kept.
    breaks_promise: bool,
}

/// A part of a plan.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PlanPart)]
struct PartView {
    #[schema(value_type = String)]
    line: LineId,
    #[schema(value_type = String)]
    source: SourceId,
    #[schema(value_type = u32)]
    quantity: Quantity,
    #[schema(value_type = String)]
    vendor_sku: VendorSku,
    /// Goods and shipping; null for a substitute whose price nobody here knows.
    #[schema(value_type = Option<MoneyWords>)]
    cost: Option<Money>,
    #[schema(value_type = String, format = Date)]
    ship_by: Date,
    #[schema(value_type = String, format = Date)]
    deliver_by: Date,
    /// It waits for a receipt announced for that day.
    #[schema(value_type = Option<String>, format = Date)]
    incoming: Option<Date>,
    /// The faster service level by which it goes, so that a promise is kept; null where the order's own does.
    #[schema(value_type = Option<String>)]
    expedited: Option<SmolStr>,
    /// What the usual way costs and when it arrives; null where it is taken.
    usual: Option<UsualView>,
    /// The sourcing step that chose it.
    #[schema(value_type = String)]
    step: SmolStr,
}

/// The way that a part would have gone, had it not been too late.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PlanUsual)]
struct UsualView {
    #[schema(value_type = MoneyWords)]
    cost: Money,
    #[schema(value_type = String, format = Date)]
    deliver_by: Date,
}

/// A quantity for which no source was found.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PlanUnsourced)]
struct UnsourcedView {
    #[schema(value_type = String)]
    line: LineId,
    #[schema(value_type = u32)]
    quantity: Quantity,
    /// What the policy says then: `next`, `ask`, `wait`, `refuse`.
    #[schema(value_type = String)]
    otherwise: Otherwise,
    #[schema(value_type = String)]
    reason: Reason,
}

impl PlanView {
    /// The plan.
    pub fn new(plan: &Plan) -> Self {
        let part = |p: &Part| PartView {
            line: p.line.clone(),
            source: p.source.clone(),
            quantity: p.quantity,
            vendor_sku: p.vendor_sku.clone(),
            cost: (!p.unpriced).then_some(p.cost),
            ship_by: p.dates.ship_by,
            deliver_by: p.dates.deliver_by,
            incoming: p.incoming,
            expedited: p.expedited.clone(),
            usual: p.usual.map(|u| UsualView { cost: u.cost, deliver_by: u.deliver_by }),
            step: p.step.clone(),
        };
        let unsourced = plan.unsourced.iter().map(|u| UnsourcedView {
            line: u.line.clone(),
            quantity: u.quantity,
            otherwise: u.otherwise,
            reason: u.reason,
        });
        Self {
            round: plan.round,
            reason: plan.reason,
            policy: plan.policy,
            sentence: explain::plan(plan),
            parts: plan.parts.iter().map(part).collect(),
            unsourced: unsourced.collect(),
            cost_increase_percent: plan.cost_increase_percent,
            breaks_promise: plan.breaks_promise,
        }
    }
}

/// A decision about an order: what was chosen, and what became of each candidate.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Decision)]
pub struct DecisionView {
    /// Position of its journal entry.
    position: u64,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    policy: u32,
    /// In a sentence.
    sentence: String,
    plan: PlanView,
    candidates: Vec<CandidateView>,
    /// What would have changed the outcome.
    what_if: Vec<String>,
}

/// What became of one candidate.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Candidate)]
struct CandidateView {
    #[schema(value_type = String)]
    line: LineId,
    #[schema(value_type = String)]
    source: SourceId,
    source_name: String,
    /// `route_chosen`, or why not.
    #[schema(value_type = String)]
    reason: Reason,
    sentence: String,
    #[schema(value_type = u32)]
    wanted: Quantity,
    /// Units it can promise.
    #[schema(value_type = u32)]
    atp: Quantity,
    /// Age of its advice; null if it never advised.
    advice_age_s: Option<i64>,
    /// The chance that it accepts, learnt from its answers, as a decimal string; null where no rule looks at it.
    acceptance_percent: Option<String>,
    /// What that chance rests on: `accepted 118 of 131 when advice was 4 to 8 h old`.
    acceptance_evidence: Option<String>,
    /// Units of its advice kept back as safety stock.
    #[schema(value_type = u32)]
    kept_back: Quantity,
    /// Goods and shipping of what the plan gives it, by the way that it goes; where nothing, of all that was wanted.
    #[schema(value_type = Option<MoneyWords>)]
    cost: Option<Money>,
    #[schema(value_type = Option<String>, format = Date)]
    ship_by: Option<Date>,
    #[schema(value_type = Option<String>, format = Date)]
    deliver_by: Option<Date>,
    /// The rows of policy tables that spoke about it, each as a sentence.
    rules: Vec<String>,
}

impl CandidateView {
    fn new(plan: &Plan, v: &Verdict, names: &Names) -> Self {
        let parts = || plan.parts.iter().filter(|p| p.line == v.line && p.source == v.source);
        Self {
            line: v.line.clone(),
            source: v.source.clone(),
            source_name: names.get(&v.source).cloned().unwrap_or_else(|| v.source.to_string()),
            reason: v.reason,
            sentence: explain::verdict(plan, v),
            wanted: v.wanted,
            atp: v.atp,
            advice_age_s: v.advice_age_s,
            acceptance_percent: v.acceptance.as_ref().map(Chance::percent),
            acceptance_evidence: v.acceptance.as_ref().map(ToString::to_string),
            kept_back: v.kept_back,
            cost: parts().map(|p| p.cost).reduce(Money::plus).or(v.cost),
            ship_by: parts().map(|p| p.dates.ship_by).max().or(v.dates.map(|d| d.ship_by)),
            deliver_by: parts().map(|p| p.dates.deliver_by).max().or(v.dates.map(|d| d.deliver_by)),
            rules: v.rules.iter().map(|fired| fired.sentence()).collect(),
        }
    }
}

/// The records that the engine asks again on: the order, the terms of its candidates, and the policies that ruled.
pub struct Terms {
    /// Order, items, offers and sources.
    pub slice: Slice,
    /// By version.
    pub policies: BTreeMap<u32, Policy>,
    /// Acceptances that came after their time, by the ordinal of the purchase order.
    pub late: Vec<(u32, Timestamp)>,
}

impl Terms {
    /// What would have changed a plan; nothing where the terms are no longer known.
    fn what_if(&self, order: &OrderId, plan: &Plan, at: Timestamp) -> Vec<String> {
        let known = self.slice.has(&Key::Order(order.clone())).then(|| self.slice.order(order)).flatten();
        match (known, self.policies.get(&plan.policy)) {
            (Some(order), Some(policy)) => {
                let all = counterfactuals(&self.slice, policy, order, plan, at, &self.late);
                all.iter().map(Counterfactual::sentence).collect()
            }
            _ => vec![],
        }
    }
}

/// Acceptances in journal entries that came after their time, by the ordinal of the purchase order.
pub fn late_acceptances<'a>(entries: impl Iterator<Item = &'a Entry>) -> Vec<(u32, Timestamp)> {
    let late = |event: &Event| match event {
        Event::AcknowledgmentLate { purchase_order, accepted, at, .. } if !accepted.is_zero() => {
            Some((*purchase_order, *at))
        }
        _ => None,
    };
    entries.flat_map(|entry| &entry.events).filter_map(late).collect()
}

/// The decisions of a journal entry.
pub fn decisions(position: u64, entry: &Entry, names: &Names, terms: &Terms) -> Vec<DecisionView> {
    let plans = entry.events.iter().filter_map(|event| match event {
        Event::PlanMade { order, plan } => Some((order, plan)),
        _ => None,
    });
    plans
        .map(|(order, plan)| DecisionView {
            position,
            at: entry.at,
            policy: plan.policy,
            sentence: explain::plan(plan),
            plan: PlanView::new(plan),
            candidates: plan.verdicts.iter().map(|v| CandidateView::new(plan, v, names)).collect(),
            what_if: terms.what_if(order, plan, entry.at),
        })
        .collect()
}

/// The sources that the plans of an entry name.
pub fn sources_of(entry: &Entry) -> impl Iterator<Item = &SourceId> {
    entry
        .events
        .iter()
        .flat_map(|event| match event {
            Event::PlanMade { plan, .. } => plan.verdicts.as_slice(),
            _ => &[],
        })
        .map(|v| &v.source)
}

/// One thing that happened.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TimelineItem)]
pub struct TimelineView {
    /// Position of its journal entry.
    position: u64,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Who wanted it.
    #[schema(value_type = ActorWords)]
    by: Actor,
    /// The event's type, without prefix and version.
    #[serde(rename = "type")]
    kind: String,
    /// In a sentence.
    sentence: String,
    /// The reason that whoever wanted it gave; on the first event of their deed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    reason: Option<Reason>,
    /// Their words; on the same event.
    #[serde(skip_serializing_if = "Option::is_none")]
    words: Option<String>,
    /// The paper by which it came or went.
    paper: Option<PaperView>,
    /// The event as recorded.
    event: Value,
}

/// Where the paper behind an event is found.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TimelinePaper)]
struct PaperView {
    /// Among whose papers.
    #[schema(value_type = String)]
    purchase_order: PoNumber,
    /// Its id there.
    document: String,
    /// The line it is about.
    #[schema(value_type = Option<String>)]
    line: Option<LineId>,
}

impl PaperView {
    /// The paper that a source sent, or that went out with this event.
    fn of(position: u64, entry: &Entry, event: &Event, order: Option<&Order>) -> Option<Self> {
        let number = |order: &OrderId, ordinal: u32| PoNumber::of(order, ordinal);
        let line = |assignment: u32| order.and_then(|o| o.assignment(assignment)).map(|a| a.line.clone());
        let (purchase_order, line) = match event {
            Event::AcknowledgmentReceived { order, purchase_order, assignment, .. } => {
                (number(order, *purchase_order), line(*assignment))
            }
            Event::AcknowledgmentLate { order, purchase_order, .. }
            | Event::CancellationAnswered { order, purchase_order, .. }
            | Event::PurchaseOrderReceived { order, purchase_order, .. } => (number(order, *purchase_order), None),
            Event::ShipmentNotified { order, shipment } => (number(order, shipment.purchase_order), None),
            Event::CaseOpened { case } => {
                let about = case.purchase_order.zip(order.map(|o| &o.id));
                (about.map(|(n, order)| number(order, n))?, case.line.clone())
            }
            Event::PurchaseOrderReleased { order, ordinal, .. } => {
                return Self::sent(entry, &number(order, *ordinal));
            }
            Event::PurchaseOrderReminded { order, purchase_order, .. }
            | Event::CancellationRequested { order, purchase_order, .. } => {
                return Self::sent(entry, &number(order, *purchase_order));
            }
            _ => return None,
        };
        let Actor::Source { .. } = entry.command.by else { return None };
        let inbox = entry.cause.as_ref().filter(|cause| cause.starts_with("inbox."));
        let document = inbox.map_or_else(|| format!("journal.{position}"), ToString::to_string);
        Some(Self { purchase_order, document, line })
    }

    fn sent(entry: &Entry, number: &PoNumber) -> Option<Self> {
        let (order, ordinal) = number.split()?;
        let effect = entry.effects.iter().find(|e| *e.order() == order && e.purchase_order() == ordinal)?;
        Some(Self { purchase_order: number.clone(), document: effect.id().to_string(), line: None })
    }
}

/// What happened in a journal entry; `order` tells which line an assignment is about.
pub fn timeline(position: u64, entry: &Entry, order: Option<&Order>) -> Vec<TimelineView> {
    // An answer to an approval says its words itself.
    let first = entry.events.iter().position(|e| !matches!(e, Event::ApprovalAnswered { .. }));
    let (reason, words) = entry.command.deed.said();
    let item = |(n, event): (usize, &Event)| {
        let (reason, words) = if Some(n) == first { (reason, words) } else { (None, None) };
        let said = words.map(|words| format!(" {}: “{words}”", entry.command.by.name())).unwrap_or_default();
        let value = serde_json::to_value(event).unwrap_or_default();
        let kind = value.get("type").and_then(Value::as_str).unwrap_or("unknown").to_owned();
        TimelineView {
            position,
            at: entry.at,
            by: entry.command.by.clone(),
            kind,
            sentence: explain::event_by(&entry.command.by, event) + &said,
            reason,
            words: words.map(Into::into),
            paper: PaperView::of(position, entry, event, order),
            event: value,
        }
    };
    entry.events.iter().enumerate().map(item).collect()
}
