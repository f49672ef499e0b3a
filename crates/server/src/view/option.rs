//! What may be done, and what each choice would lead to: told by rehearsing it, never by a second set of rules.
//!
//! Does not know HTTP.

use super::decision::Names;
use super::words::MoneyWords;
use countersign_engine::case::Remedy;
use countersign_engine::decide::Decision;
use countersign_engine::event::Event;
use countersign_engine::explain;
use countersign_engine::ids::{LineId, SourceId};
use countersign_engine::measure::{Money, Quantity};
use countersign_engine::order::{Line, Order};
use countersign_engine::policy::Policy;
use countersign_engine::promise::PromiseState;
use countersign_engine::quote::confidence_permille;
use countersign_engine::refusal::Refusal;
use countersign_engine::routing::{Part, Plan};
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

/// Events that a person weighs; the rest is bookkeeping.
const WEIGHED: &[&str] = &[
    "approval.asked",
    "assignment.kept",
    "assignment.withdrawn",
    "case.opened",
    "line.cancelled",
    "line.cancellation_failed",
    "line.cancellation_requested",
    "line.committed",
    "line.rerouted",
    "line.uncommitted",
    "line.waiting",
    "promise.revised",
    "purchase_order.cancellation_requested",
    "purchase_order.released",
    "purchase_order.reminded",
];

/// A choice, with what it would lead to if it were made now.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Choice)]
pub struct ChoiceView {
    /// `plan_again`, `reroute_to`, `cancel_rest`, `wait_longer`, `send_again`, `source_has_it`, `source_will_not_ship`,
    /// `keep_source`, `accept_date`, `dismiss`; of approvals `approve`, `reject`.
    pub action: String,
    /// Of cases: the remedy, to be sent as it stands when this is chosen.
    #[schema(value_type = Option<super::case::RemedyBody>)]
    pub remedy: Option<Remedy>,
    /// For `reroute_to`: which source.
    #[schema(value_type = Option<String>)]
    pub source: Option<SourceId>,
    /// Its name.
    pub source_name: Option<String>,
    /// What it does.
    pub sentence: String,
    /// The choice that the rules would make; never one that states a fact about the world outside.
    pub recommended: bool,
    /// True if it states such a fact (somebody telephoned): it is refused without words.
    pub needs_words: bool,
    /// Why it is recommended.
    pub why: Option<String>,
    /// Why it cannot be made now; null if it can.
    pub impossible: Option<String>,
    /// What would follow, in order.
    pub consequences: Vec<ConsequenceView>,
    /// What the new supply would cost; null if none is planned.
    #[schema(value_type = Option<MoneyWords>)]
    pub cost: Option<Money>,
    /// How much more than the first plan that is, in percent, if it is more.
    pub cost_increase_percent: Option<u32>,
    /// The last part leaves by this day.
    #[schema(value_type = Option<String>, format = Date)]
    pub ship_by: Option<Date>,
    /// The last part arrives by this day.
    #[schema(value_type = Option<String>, format = Date)]
    pub deliver_by: Option<Date>,
    /// True if the customer gets it by the day that was told; null if the choice plans nothing, or none was told.
    pub keeps_promise: Option<bool>,
    /// Chance that the sources will supply, by the freshness of their advice: a decimal from 0 to 1.
    #[schema(value_type = Option<String>, example = "0.93")]
    pub confidence: Option<String>,
    /// Units that would be cancelled.
    #[schema(value_type = u32)]
    pub cancels: Quantity,
}

/// Something that would follow.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Consequence)]
pub struct ConsequenceView {
    /// The event's type, without prefix and version.
    #[serde(rename = "type")]
    kind: String,
    /// In a sentence.
    sentence: String,
}

/// A choice to be rehearsed.
#[derive(Default)]
pub struct Choice {
    /// The remedy, of cases.
    pub remedy: Option<Remedy>,
    /// Its word.
    pub action: String,
    /// Which source, if it names one.
    pub source: Option<SourceId>,
    /// What it does.
    pub sentence: String,
}

impl ChoiceView {
    /// A choice with the outcome of its rehearsal. `order` is as it stands before.
    pub fn new(
        choice: Choice,
        outcome: &Result<Decision, Refusal>,
        order: Option<&Order>,
        policy: &Policy,
        names: &Names,
    ) -> Self {
        let source_name = choice.source.as_ref().map(|s| names.get(s).cloned().unwrap_or_else(|| s.to_string()));
        let needs_words = choice.remedy.as_ref().is_some_and(Remedy::is_statement);
        let mut view = Self {
            action: choice.action,
            needs_words,
            remedy: choice.remedy,
            source: choice.source,
            source_name,
            sentence: choice.sentence,
            recommended: false,
            why: None,
            impossible: None,
            consequences: vec![],
            cost: None,
            cost_increase_percent: None,
            ship_by: None,
            deliver_by: None,
            keeps_promise: None,
            confidence: None,
            cancels: Quantity::ZERO,
        };
        match outcome {
            Err(refusal) => view.impossible = Some(refusal.sentence.clone()),
            Ok(decision) => view.tell(decision, order, policy),
        }
        view
    }

    fn tell(&mut self, decision: &Decision, order: Option<&Order>, policy: &Policy) {
        for event in &decision.events {
            match event {
                Event::PlanMade { plan, .. } => self.plan(plan, order, policy),
                Event::LineCancelled { quantity, .. } => self.cancels += *quantity,
                _ => {}
            }
            let value = serde_json::to_value(event).unwrap_or_default();
            let kind = value.get("type").and_then(|t| t.as_str()).unwrap_or_default();
            if WEIGHED.contains(&kind) {
                self.consequences.push(ConsequenceView { kind: kind.to_owned(), sentence: explain::event(event) });
            }
        }
        if self.action == "reroute_to" && self.cost.is_none() && self.impossible.is_none() {
            self.impossible = decision.events.iter().find_map(passed_over);
        }
    }

    /// True if it would lead back to a case and to no supply.
    fn is_futile(&self) -> bool {
        self.cost.is_none() && self.consequences.iter().any(|c| c.kind == "case.opened")
    }

    /// Takes the facts of a plan over.
    pub fn plan(&mut self, plan: &Plan, order: Option<&Order>, policy: &Policy) {
        if plan.parts.is_empty() {
            return;
        }
        self.cost = plan.parts.iter().map(|p| p.cost).reduce(Money::plus);
        self.cost_increase_percent = plan.cost_increase_percent.filter(|p| *p > 0);
        self.ship_by = plan.parts.iter().map(|p| p.dates.ship_by).max();
        self.deliver_by = plan.parts.iter().map(|p| p.dates.deliver_by).max();
        let told = plan.parts.iter().filter_map(|p| in_time(p, order?));
        self.keeps_promise = told.reduce(|all, one| all && one);
        let chance = |p: &Part| {
            let line = order.and_then(|o| o.line(&p.line))?;
            let age = plan.verdicts.iter().find(|v| v.line == p.line && v.source == p.source)?.advice_age_s;
            Some(confidence_permille(policy, &p.source, &line.category, age))
        };
        self.confidence = plan.parts.iter().filter_map(chance).min().map(|n| format!("0.{n:03}"));
    }
}

/// Why a plan that should have used a certain source has no part.
fn passed_over(event: &Event) -> Option<String> {
    match event {
        Event::PlanMade { plan, .. } if plan.parts.is_empty() => {
            Some(plan.verdicts.first().map_or_else(|| explain::plan(plan), |v| explain::verdict(plan, v)))
        }
        _ => None,
    }
}

/// Whether a part arrives by the day that the customer was told; nothing if no day was told.
fn in_time(part: &Part, order: &Order) -> Option<bool> {
    let told = order.line(&part.line)?.promise.as_ref()?;
    Some(part.dates.deliver_by <= told.deliver_by)
}

/// Marks the first choice that can be made and leads somewhere, puts it first, and says why. What only somebody knows who
/// asked outside is nobody's to recommend.
pub fn recommend(choices: &mut [ChoiceView]) {
    let possible = |c: &ChoiceView| c.impossible.is_none() && !c.needs_words;
    let useful = choices.iter().position(|c| possible(c) && !c.is_futile());
    let Some(at) = useful.or_else(|| choices.iter().position(possible)) else { return };
    let why = reason(at, choices);
    choices[at].recommended = true;
    choices[at].why = why;
    choices[..=at].rotate_right(1);
}

/// What speaks for a choice; nothing where it is merely the first answer that fits.
fn reason(at: usize, all: &[ChoiceView]) -> Option<String> {
    let best = &all[at];
    let planned = || all.iter().filter(|c| c.cost.is_some() && c.impossible.is_none());
    let Some(cost) = best.cost else {
        let before = all[..at].iter().find(|c| !c.needs_words);
        let Some(before) = before else {
            return (at > 0)
                .then(|| "As long as nobody has asked the source, this is what can be done from here.".into());
        };
        return Some(match &before.impossible {
            Some(why) => format!("To {} is not possible now: {why}", before.sentence),
            None => format!("To {} would only open a case like this one again.", before.sentence),
        });
    };
    let mut words = vec![];
    match (best.keeps_promise, best.deliver_by) {
        (Some(true), _) => words.push("keeps the day the customer was told"),
        (Some(false), Some(day)) if planned().all(|c| c.deliver_by >= Some(day)) => {
            words.push("arrives earliest of all that can be had, though later than was told");
        }
        _ => {}
    }
    if planned().count() > 1 && planned().all(|c| c.cost.is_none_or(|other| !cheaper(other, cost))) {
        words.push("costs least");
    }
    Some(match words.is_empty() {
        true => "It comes first by the sourcing steps of the policy.".into(),
        false => format!("It {}.", words.join(" and ")),
    })
}

fn cheaper(a: Money, b: Money) -> bool {
    a.currency == b.currency && a.minor < b.minor
}

/// What stands on the table for a case: what the customer pays for what the case concerns, and what was promised.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Stake)]
pub struct StakeView {
    /// What the customer pays for the units that have not left; null where prices are in several currencies.
    #[schema(value_type = Option<MoneyWords>)]
    value: Option<Money>,
    /// Those units.
    #[schema(value_type = u32)]
    units: Quantity,
    /// The first of the items.
    title: String,
    /// Lines concerned.
    lines: usize,
    /// The earliest day that the customer was told for them.
    #[schema(value_type = Option<String>, format = Date)]
    deliver_by: Option<Date>,
    /// True once the source's own word stands behind that day.
    confirmed: bool,
}

impl StakeView {
    /// Of the lines for which `concerns` says so.
    pub fn new(order: &Order, concerns: impl Fn(&LineId) -> bool) -> Option<Self> {
        let lines: Vec<_> = order.lines.iter().filter(|l| concerns(&l.id)).collect();
        let first = lines.first()?;
        let left = |line: &LineId| -> Quantity { order.of_line(line).map(|a| a.shipped).sum() };
        let open = |l: &&&Line| l.quantity.less(l.cancelled).less(left(&l.id));
        let same = lines.iter().all(|l| l.unit_price.currency == first.unit_price.currency);
        let worth = || lines.iter().map(|l| l.unit_price.times(open(&l))).reduce(Money::plus);
        let told = lines.iter().filter_map(|l| l.promise.as_ref());
        let earliest = told.min_by_key(|p| p.deliver_by);
        Some(Self {
            value: if same { worth() } else { None },
            units: lines.iter().map(|l| open(&l)).sum(),
            title: first.title.clone(),
            lines: lines.len(),
            deliver_by: earliest.map(|p| p.deliver_by),
            confirmed: earliest.is_some_and(|p| p.state == PromiseState::Confirmed),
        })
    }

    /// Of all that one purchase order is about, or one line, or the whole order.
    pub fn of(order: &Order, line: Option<&LineId>, purchase_order: Option<u32>) -> Option<Self> {
        match (line, purchase_order) {
            (Some(line), _) => Self::new(order, |l| l == line),
            (None, Some(po)) => Self::new(order, |l| order.of_purchase_order(po).any(|a| a.line == *l)),
            (None, None) => Self::new(order, |_| true),
        }
    }
}
