//! The columns that tables may have: what is looked at, what is concluded, and for which decision.
//!
//! Three tables, nothing else; which facts are known when, is said here and nowhere else.

use super::cell::Kind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const YES_NO: &[&str] = &["yes", "no"];
const SOURCE_KINDS: &[&str] = &["vendor", "dc"];
const CLOCKS: &[&str] = &["receipt", "acknowledgment", "ship_notice", "cancel_answer"];

// One macro, because variant, wire word, kind of values and words must stand on one line.
macro_rules! inputs {
    ($($variant:ident = $code:literal, $kind:expr, $words:literal;)*) => {
        /// What a row may look at.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        pub enum Input { $(#[doc = $words] #[serde(rename = $code)] $variant,)* }

        impl Input {
            /// Every input.
            pub const ALL: &[Input] = &[$(Input::$variant,)*];
            /// The wire word.
            pub fn code(self) -> &'static str { match self { $(Input::$variant => $code,)* } }
            /// Which values it has.
            pub fn kind(self) -> Kind { match self { $(Input::$variant => $kind,)* } }
            /// What it is, as the beginning of a sentence.
            pub fn words(self) -> &'static str { match self { $(Input::$variant => $words,)* } }
        }
    };
}

inputs! {
    Vendor = "vendor", Kind::Word, "the source";
    SourceKind = "kind", Kind::OneOf(SOURCE_KINDS), "the kind of source";
    Sku = "sku", Kind::Word, "the item";
    Category = "category", Kind::Path, "the category";
    Quantity = "quantity", Kind::Number, "the quantity in base units";
    Cost = "cost", Kind::Number, "the cost of goods and shipping";
    Currency = "currency", Kind::Word, "the currency of the cost";
    Destination = "destination", Kind::Path, "the destination (country/region)";
    PostalCode = "postal_code", Kind::Prefix, "the postal code's beginning";
    ServiceLevel = "service_level", Kind::Word, "the service level";
    SalesChannel = "sales_channel", Kind::Word, "the sales channel";
    AdviceAgeMinutes = "advice_age_minutes", Kind::Number, "the age of the advice in minutes";
    AcceptancePercent = "acceptance_percent", Kind::Number, "the chance of acceptance in percent";
    AdvisedQuantity = "advised_quantity", Kind::Number, "the advised quantity in base units";
    DaysToDoor = "days_to_door", Kind::Number, "the days until it is at the door";
    Attempt = "attempt", Kind::Number, "the number of the attempt";
    CohortPercent = "cohort_percent", Kind::Number, "the order's place in the cohorts (0 to 100)";
    Clock = "clock", Kind::OneOf(CLOCKS), "the awaited answer";
    CostIncreasePercent = "cost_increase_percent", Kind::Number, "the increase over the first plan's cost in percent";
    Split = "split", Kind::OneOf(YES_NO), "a split over several sources";
    LatePromise = "late_promise", Kind::OneOf(YES_NO), "a promise later than the one told";
}

impl Input {
    /// The least and the greatest value of a number; what lies beyond nothing ever has.
    pub(super) fn bounds(self) -> (i64, i64) {
        match self {
            Input::Quantity | Input::Attempt => (1, i64::MAX),
            Input::AcceptancePercent | Input::CohortPercent => (0, 100),
            _ => (0, i64::MAX),
        }
    }
}

/// How a conclusion is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A whole number from the first to the second.
    Whole(i64, i64),
    /// A decimal number, also below zero, at most that large.
    Decimal(i64),
    /// One of these words.
    OneOf(&'static [&'static str]),
}

macro_rules! outputs {
    ($($variant:ident = $code:literal, $form:expr, $words:literal;)*) => {
        /// What a row may conclude.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        pub enum Output { $(#[doc = $words] #[serde(rename = $code)] $variant,)* }

        impl Output {
            /// Every output.
            pub const ALL: &[Output] = &[$(Output::$variant,)*];
            /// The wire word.
            pub fn code(self) -> &'static str { match self { $(Output::$variant => $code,)* } }
            /// How it is written.
            pub fn form(self) -> Form { match self { $(Output::$variant => $form,)* } }
            /// A sentence with the conclusion in place of `{}`.
            pub fn words(self) -> &'static str { match self { $(Output::$variant => $words,)* } }
        }
    };
}

outputs! {
    Exclude = "exclude", Form::OneOf(YES_NO), "passed over: {}";
    Adjust = "adjust", Form::Decimal(1_000_000_000), "ranked as if it cost {} more";
    AdjustPercent = "adjust_percent", Form::Decimal(10_000), "ranked as if it cost {} % more";
    Mode = "mode", Form::OneOf(&["legacy", "observe", "recommend", "enforce"]), "mode {}";
    CommitOn = "commit_on", Form::OneOf(&["acknowledgment", "availability"]), "committed on {}";
    WithinMinutes = "within_minutes", Form::Whole(1, 525_600), "due within {} minutes";
    WarnPercent = "warn_percent", Form::Whole(0, 99), "people warned after {} % of the time";
    Time = "time", Form::OneOf(&["continuous", "business"]), "{} time counts";
    Then = "then", Form::OneOf(&["reroute", "ask", "remind"]), "at the breach: {}";
    Ask = "ask", Form::OneOf(&["nobody", "split", "cost_increase", "expedite", "late_promise", "release"]), "a person is asked: {}";
    Units = "units", Form::Whole(0, 10_000_000), "{} base units kept back";
    Percent = "percent", Form::Whole(0, 100), "{} % kept back";
    StaleAfterMinutes = "stale_after_minutes", Form::Whole(1, 525_600), "advice stale after {} minutes";
    Stale = "stale", Form::OneOf(&["gate", "halve", "exclude"]), "stale advice: {}";
}

/// What a table decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// How far the product acts on an order, per line and possible source.
    Modes,
    /// How long an answer may take, and what happens then.
    Clocks,
    /// When advice is stale, and what it is worth then.
    Freshness,
    /// What is never promised.
    SafetyStock,
    /// Which sources are passed over or ranked differently.
    Sourcing,
    /// Which plans are reserved for a person.
    Approvals,
}

impl Subject {
    /// Every subject.
    pub const ALL: [Subject; 6] = [
        Subject::Modes,
        Subject::Clocks,
        Subject::Freshness,
        Subject::SafetyStock,
        Subject::Sourcing,
        Subject::Approvals,
    ];
    /// The wire word.
    pub fn code(self) -> &'static str {
        match self {
            Subject::Modes => "modes",
            Subject::Clocks => "clocks",
            Subject::Freshness => "freshness",
            Subject::SafetyStock => "safety_stock",
            Subject::Sourcing => "sourcing",
            Subject::Approvals => "approvals",
        }
    }
    /// What is known when it is decided.
    pub fn inputs(self) -> &'static [Input] {
        use Input::*;
        match self {
            Subject::Modes => &[
                Vendor,
                SourceKind,
                Sku,
                Category,
                Quantity,
                Destination,
                PostalCode,
                ServiceLevel,
                SalesChannel,
                CohortPercent,
            ],
            Subject::Clocks => &[
                Clock,
                Vendor,
                SourceKind,
                Sku,
                Category,
                Quantity,
                Cost,
                Currency,
                Destination,
                PostalCode,
                ServiceLevel,
                SalesChannel,
                Attempt,
            ],
            Subject::Freshness => {
                &[Vendor, SourceKind, Sku, Category, Quantity, Destination, PostalCode, ServiceLevel, AcceptancePercent]
            }
            Subject::SafetyStock => &[
                Vendor,
                SourceKind,
                Sku,
                Category,
                Quantity,
                Destination,
                PostalCode,
                ServiceLevel,
                AdviceAgeMinutes,
                AcceptancePercent,
                AdvisedQuantity,
            ],
            Subject::Sourcing => &[
                Vendor,
                SourceKind,
                Sku,
                Category,
                Quantity,
                Cost,
                Currency,
                Destination,
                PostalCode,
                ServiceLevel,
                SalesChannel,
                AdviceAgeMinutes,
                AcceptancePercent,
                AdvisedQuantity,
                DaysToDoor,
                Attempt,
            ],
            Subject::Approvals => &[
                Vendor,
                SourceKind,
                Sku,
                Category,
                Quantity,
                Cost,
                Currency,
                Destination,
                PostalCode,
                ServiceLevel,
                SalesChannel,
                DaysToDoor,
                Attempt,
                CostIncreasePercent,
                Split,
                LatePromise,
            ],
        }
    }
    /// What it concludes.
    pub fn outputs(self) -> &'static [Output] {
        match self {
            Subject::Modes => &[Output::Mode, Output::CommitOn],
            Subject::Clocks => &[Output::WithinMinutes, Output::WarnPercent, Output::Time, Output::Then],
            Subject::Freshness => &[Output::StaleAfterMinutes, Output::Stale],
            Subject::SafetyStock => &[Output::Units, Output::Percent],
            Subject::Sourcing => &[Output::Exclude, Output::Adjust, Output::AdjustPercent],
            Subject::Approvals => &[Output::Ask],
        }
    }
}
