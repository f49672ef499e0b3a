//! The policy: every rule of the retailer in one versioned document.
//!
//! Does not know the present or any order; it is a record in the slice, so a replay knows which policy ruled when.

mod book;
mod change;
mod check;
mod lists;
mod named;
mod ruling;
mod schema;
mod sentence;
pub mod table;
mod warning;

pub use book::*;
pub use change::changes;
pub use check::Fault;
pub use named::Named;
pub use ruling::ModeRuling;
pub(crate) use ruling::Preference;
pub use schema::schema;
pub use sentence::Sentence;
pub use warning::Known;

use crate::ids::SourceId;
use crate::item::Category;
use crate::measure::{Money, Quantity};
use crate::source::SourceKind;
use crate::stock::Netting;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::sync::{Arc, LazyLock};

/// A policy document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Counts up; every decision names it.
    #[schemars(range(min = 1))]
    pub version: u32,
    /// Shown to people.
    #[serde(default)]
    pub name: String,
    /// How far the product acts; the first rule that fits wins.
    #[serde(default)]
    pub modes: Vec<ModeRule>,
    /// Categories that never commit without an acknowledgment, whatever the mode.
    #[serde(default)]
    pub sensitive: Vec<Category>,
    /// Clocks for expected answers; the first rule that fits wins.
    #[serde(default)]
    pub clocks: Vec<ClockRule>,
    /// How old advice may be; the first rule that fits wins.
    #[serde(default)]
    pub freshness: Vec<FreshnessRule>,
    /// What is never promised; the first rule that fits wins.
    #[serde(default)]
    pub safety_stock: Vec<SafetyRule>,
    /// Which of our orders a source's advice has taken off already; the first rule that fits wins.
    #[serde(default)]
    pub netting: Vec<NettingRule>,
    /// How supply is chosen.
    #[serde(default)]
    pub sourcing: Sourcing,
    /// What is reserved for people.
    #[serde(default)]
    pub approvals: Approvals,
    /// What is done with answers that are not a plain yes.
    #[serde(default)]
    pub answers: Answers,
    /// Days from ship day to door; the first rule that fits wins.
    #[serde(default)]
    pub transit: Vec<TransitRule>,
    /// A faster way, where a promise could not be kept without it; none if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expedite: Option<Expedite>,
    /// Minutes a soft hold lasts while a person decides.
    #[serde(default = "two_hours")]
    #[schemars(range(min = 1, max = 525_600))]
    pub hold_minutes: u32,
    /// Decision tables; where one says something, it goes before the lists above.
    #[serde(default, skip_serializing_if = "table::Tables::is_empty")]
    pub tables: table::Tables,
    /// Which orders a cohort draws: another text draws others.
    #[serde(default, skip_serializing_if = "SmolStr::is_empty")]
    pub cohort_salt: SmolStr,
    /// What the next policy needs before it may rule.
    #[serde(default)]
    pub life_cycle: LifeCycle,
    /// Where the switch back to the legacy path is thrown. Kept with the policy in force; no part of a document.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(skip)]
    pub fallbacks: Vec<Fallback>,
}

/// What the next policy needs before it may rule, said by the one that rules now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LifeCycle {
    /// A backtest of its last draft.
    #[serde(default)]
    pub backtest: Required,
    /// The approval of a person who did not write it.
    #[serde(default)]
    pub approval: Required,
}

/// Whether a step is required.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Required {
    /// Not.
    Never,
    /// Of every policy but the retailer's first: that one only takes the place of the policy as delivered.
    #[default]
    AfterFirst,
    /// Of every policy.
    Always,
}

/// The switch back to the legacy path, thrown for a scope: what comes in from now on goes by the legacy path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fallback {
    /// Where; everywhere if it names nothing.
    #[serde(flatten)]
    pub scope: Scope,
    /// Since when.
    pub since: jiff::Timestamp,
    /// Who threw it.
    pub by: crate::command::Actor,
    /// In what words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<String>,
}

fn two_hours() -> u32 {
    120
}

/// What a rule applies to; an absent part fits everything.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Scope {
    /// Only this source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<SourceId>,
    /// Only this category and those below it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<Category>,
}

/// How far the product acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Pass through and record.
    Legacy,
    /// Decide beside the legacy path, act on nothing.
    Observe,
    /// A person releases each act.
    Recommend,
    /// Gate and act.
    #[default]
    Enforce,
}

/// A mode for a scope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ModeRule {
    /// Where.
    #[serde(flatten)]
    pub scope: Scope,
    /// Only so many percent of the orders: always the same ones for an order id and the policy's `cohort_salt`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100))]
    pub percent: Option<u8>,
    /// How far.
    pub mode: Mode,
    /// What commits a line in `enforce` and `recommend`, outside sensitive categories.
    #[serde(default)]
    pub commit_on: CommitOn,
}

/// What commits a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CommitOn {
    /// The source's acceptance.
    #[default]
    Acknowledgment,
    /// Verified, held availability; the acknowledgment is awaited all the same.
    Availability,
}

/// The clocks of a purchase order for a scope.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClockRule {
    /// Where.
    #[serde(flatten)]
    pub scope: Scope,
    /// The source's machine confirms the paper.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<Limit>,
    /// The source answers the purchase order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledgment: Option<Limit>,
    /// The source ships, counted from the end of the promised ship day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ship_notice: Option<Limit>,
    /// The source answers a cancellation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancel_answer: Option<Limit>,
}

/// A time limit and what happens at its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// Seconds until the answer is due.
    #[schemars(range(min = 1))]
    pub within_s: u32,
    /// Percent of that time after which people are warned; 0 for never.
    #[serde(default = "three_quarters")]
    #[schemars(range(max = 99))]
    pub warn_percent: u8,
    /// Which time is counted.
    #[serde(default)]
    pub time: ClockTime,
    /// What happens at the breach.
    pub then: Breach,
}

fn three_quarters() -> u8 {
    75
}

/// Which time a clock counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClockTime {
    /// All of it.
    #[default]
    Continuous,
    /// Only the source's business time.
    Business,
}

/// What happens when an answer is late.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Breach {
    /// Send a reminder once, start the clock again, then ask a person.
    Remind,
    /// Withdraw and plan again.
    Reroute,
    /// Open a case.
    Ask,
}

/// How old advice may be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FreshnessRule {
    /// Where.
    #[serde(flatten)]
    pub scope: Scope,
    /// Minutes after which advice is stale.
    #[schemars(range(min = 1, max = 525_600))]
    pub stale_after_minutes: u32,
    /// What stale advice is worth.
    #[serde(default)]
    pub stale: Stale,
}

/// What stale advice is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stale {
    /// Use it, and commit on the acknowledgment only.
    #[default]
    Gate,
    /// Use half of it, and commit on the acknowledgment only.
    Halve,
    /// Do not use it.
    Exclude,
}

/// What is never promised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SafetyRule {
    /// Where.
    #[serde(flatten)]
    pub scope: Scope,
    /// Base units kept back.
    #[serde(default)]
    pub units: Quantity,
    /// Percent of the advised quantity kept back, rounded up; the larger of both counts.
    #[serde(default)]
    #[schemars(range(max = 100))]
    pub percent: u8,
    /// Keeps back what, by the chance that the source accepts, would cost more in cancellations than in lost sales; the
    /// largest of all counts. Nothing until something was learnt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub costs: Option<SafetyCosts>,
}

/// What being wrong costs, for one unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SafetyCosts {
    /// A unit that was promised and is cancelled.
    pub cancellation: Money,
    /// A unit that was kept back and could have been sold.
    pub lost_sale: Money,
}

/// Which of our orders a source's advice has taken off already.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NettingRule {
    /// Which source; all if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<SourceId>,
    /// What its advice has taken off.
    pub advice_nets: Netting,
}

/// How supply is chosen: steps tried in order, each with its *otherwise*.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sourcing {
    /// The steps.
    #[schemars(length(min = 1))]
    pub steps: Vec<Step>,
    /// What one day later at the door is worth, per order line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day_late_costs: Option<Money>,
    /// Most attempts for one quantity, then a person is asked.
    #[serde(default = "five")]
    #[schemars(range(min = 1, max = 100))]
    pub attempts_max: u32,
    /// Days after its capture during which an order waits for supply where a step says `wait`; then a person is asked.
    #[serde(default = "thirty")]
    #[schemars(range(min = 1, max = 365))]
    pub wait_days_max: u32,
}

fn thirty() -> u32 {
    30
}

fn five() -> u32 {
    5
}

impl Default for Sourcing {
    fn default() -> Self {
        let step = |name: &str, choose, otherwise| Step { name: name.into(), choose, otherwise };
        Self {
            steps: vec![
                step("one vendor", Choose::One { kind: Some(SourceKind::Vendor) }, Otherwise::Next),
                step("our own centre", Choose::One { kind: Some(SourceKind::Dc) }, Otherwise::Next),
                step("split", Choose::Split { sources_max: 3 }, Otherwise::Next),
                step("wait for announced supply", Choose::Backorder { days_max: 21 }, Otherwise::Ask),
            ],
            day_late_costs: None,
            attempts_max: five(),
            wait_days_max: thirty(),
        }
    }
}

/// One step of the sourcing rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Shown in decisions.
    pub name: SmolStr,
    /// What it looks for.
    pub choose: Choose,
    /// What happens if it finds nothing.
    pub otherwise: Otherwise,
}

/// What a sourcing step looks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Choose {
    /// One source for the whole quantity, the cheapest including lateness.
    One {
        /// Only this kind.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        kind: Option<SourceKind>,
    },
    /// Several sources together.
    Split {
        /// At most so many.
        #[schemars(range(min = 2))]
        sources_max: u8,
    },
    /// One source that announced a receipt.
    Backorder {
        /// At most so many days away.
        days_max: u16,
    },
}

/// What happens if a step finds nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Otherwise {
    /// The next step is tried.
    Next,
    /// A case asks a person.
    Ask,
    /// It is tried again when supply changes or an hour has passed.
    Wait,
    /// The quantity is cancelled; on capture of hot stock the order is refused with 409.
    Refuse,
}

/// A faster way to the customer, taken where goods would come later than the customer was told or asked for, and it keeps
/// that day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Expedite {
    /// The service level that is written on the purchase order instead of the order's own; transit rules tell its days.
    pub service_level: SmolStr,
    /// What it costs more, for each purchase order.
    pub cost: Money,
    /// Whether a person is asked before it is taken. Where nobody wants it, goods go the usual way and come later.
    #[serde(default = "always")]
    pub ask: Reserve,
}

/// What is reserved for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Approvals {
    /// A line shipped from several sources.
    #[serde(default)]
    pub split: Reserve,
    /// Another item than was ordered. A substitute is never accepted silently: `always` asks a person about those that
    /// the item allows, `never` asks nobody and declines them all.
    #[serde(default = "always")]
    pub substitution: Reserve,
    /// A reroute that costs more than the first plan by more than this many percent; `null`: never asked.
    #[serde(default = "twenty", deserialize_with = "percent_or_never")]
    #[schemars(schema_with = "schema::percent_or_never")]
    pub cost_increase_percent: Option<u32>,
    /// A promise later than the one given.
    #[serde(default)]
    pub late_promise: Reserve,
    /// Minutes a person has.
    #[serde(default = "two_hours")]
    #[schemars(range(min = 1, max = 525_600))]
    pub within_minutes: u32,
    /// What happens if nobody answers.
    #[serde(default)]
    pub unanswered: Unanswered,
}

fn always() -> Reserve {
    Reserve::Always
}
#[expect(clippy::unnecessary_wraps, reason = "serde's default has the field's type")]
fn twenty() -> Option<u32> {
    Some(20)
}

/// A percentage; `null`, or `"never"` where a form knows no null.
fn percent_or_never<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<u32>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "a whole number of percent, null or \"never\"")]
    enum Wire {
        Percent(u32),
        Word(SmolStr),
    }
    match Option::<Wire>::deserialize(from)? {
        None => Ok(None),
        Some(Wire::Percent(percent)) => Ok(Some(percent)),
        Some(Wire::Word(word)) if word == "never" => Ok(None),
        Some(Wire::Word(_)) => Err(serde::de::Error::custom("write a whole number of percent, null or \"never\"")),
    }
}

impl Default for Approvals {
    fn default() -> Self {
        Self {
            split: Reserve::Never,
            substitution: Reserve::Always,
            cost_increase_percent: twenty(),
            late_promise: Reserve::Never,
            within_minutes: two_hours(),
            unanswered: Unanswered::default(),
        }
    }
}

/// Whether a person is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reserve {
    /// The policy itself releases it.
    #[default]
    Never,
    /// A person is asked.
    Always,
}

/// What happens when nobody answers an approval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unanswered {
    /// A case is opened.
    #[default]
    Ask,
    /// It counts as approved.
    Approve,
    /// It counts as rejected.
    Reject,
}

/// What is done with answers that are not a plain yes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Answers {
    /// The rest of a partial acceptance.
    #[serde(default)]
    pub rest: Rest,
    /// A ship day that breaks the promise.
    #[serde(default)]
    pub later_date: LaterDate,
    /// A back-order by the source.
    #[serde(default)]
    pub backordered: LaterDate,
}

/// What is done with the rest of a partial acceptance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rest {
    /// Another source is looked for.
    #[default]
    Resource,
    /// It is cancelled.
    Cancel,
    /// A person is asked.
    Ask,
}

/// What is done with a date that breaks the promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LaterDate {
    /// Another source is looked for.
    #[default]
    Reroute,
    /// The promise is revised and the customer told.
    Revise,
    /// A person is asked.
    Ask,
}

/// Days from ship day to door.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TransitRule {
    /// Only from this country.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = "^[A-Z]{2}$"))]
    pub from: Option<SmolStr>,
    /// Only to this country.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = "^[A-Z]{2}$"))]
    pub to: Option<SmolStr>,
    /// Only to this state or province.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_region: Option<SmolStr>,
    /// Only to postal codes that begin so (at most three characters).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_postal: Option<SmolStr>,
    /// Only for this service level.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_level: Option<SmolStr>,
    /// Days; Saturdays and Sundays do not count.
    #[schemars(range(max = 90))]
    pub days: u32,
}

impl Default for Policy {
    /// What rules before the retailer has written a policy: gate everything, four hours for an answer.
    fn default() -> Self {
        let limit = |minutes: u32, then| {
            Some(Limit { within_s: minutes * 60, warn_percent: 75, time: ClockTime::Continuous, then })
        };
        Self {
            version: 1,
            name: "as delivered".into(),
            modes: vec![],
            sensitive: vec![],
            clocks: vec![ClockRule {
                scope: Scope::default(),
                receipt: limit(60, Breach::Ask),
                acknowledgment: limit(240, Breach::Reroute),
                ship_notice: limit(1440, Breach::Ask),
                cancel_answer: limit(240, Breach::Ask),
            }],
            freshness: vec![],
            safety_stock: vec![],
            netting: vec![],
            sourcing: Sourcing::default(),
            approvals: Approvals::default(),
            answers: Answers::default(),
            transit: vec![],
            expedite: None,
            hold_minutes: two_hours(),
            tables: table::Tables::default(),
            cohort_salt: SmolStr::default(),
            life_cycle: LifeCycle::default(),
            fallbacks: vec![],
        }
    }
}

/// Transit days where the policy says nothing.
const TRANSIT_DAYS: u32 = 3;

impl Policy {
    /// The policy that rules until the retailer writes one.
    pub fn as_delivered() -> &'static Arc<Policy> {
        static DELIVERED: LazyLock<Arc<Policy>> = LazyLock::new(Arc::default);
        &DELIVERED
    }
    /// True if the category never commits without an acknowledgment.
    pub fn is_sensitive(&self, category: &Category) -> bool {
        self.sensitive.iter().any(|c| category.within(c))
    }
    /// What a source's advice has taken off already.
    pub fn netting(&self, source: &SourceId) -> Netting {
        self.netting
            .iter()
            .find(|r| r.source.as_ref().is_none_or(|s| s == source))
            .map_or(Netting::default(), |r| r.advice_nets)
    }
    /// Transit days for a lane and service level.
    pub fn transit_days(&self, from: &SmolStr, to: &crate::source::Region, service_level: &str) -> u32 {
        let begins = |prefix: &SmolStr| to.postal_code.as_ref().is_some_and(|p| p.starts_with(prefix.as_str()));
        let fits = |r: &&TransitRule| {
            r.from.as_ref().is_none_or(|c| c == from)
                && r.to.as_ref().is_none_or(|c| *c == to.country)
                && r.to_region.as_ref().is_none_or(|c| Some(c) == to.region.as_ref())
                && r.to_postal.as_ref().is_none_or(begins)
                && r.service_level.as_ref().is_none_or(|s| s == service_level)
        };
        self.transit.iter().find(fits).map_or(TRANSIT_DAYS, |r| r.days)
    }
}
