//! A policy read out: each rule as a sentence, with its place in the document.

use super::check::word;
use super::table::Subject;
use super::{
    Answers, Approvals, Choose, ClockRule, ClockTime, Expedite, Limit, Mode, Policy, Required, Reserve, SafetyRule,
    Scope, Sourcing, TransitRule,
};
use crate::source::SourceKind;
use serde::Serialize;

/// A rule as a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sentence {
    /// JSON pointer to the rule.
    pub pointer: String,
    /// What it says.
    pub sentence: String,
}

impl Policy {
    /// Every rule as a sentence, in the order in which they are asked: tables before lists.
    pub fn sentences(&self) -> Vec<Sentence> {
        let mut all = Sentences(vec![]);
        self.tables(&mut all);
        self.lists(&mut all);
        all.sourcing(&self.sourcing, &ranked(self));
        all.approvals(&self.approvals);
        self.expedite.iter().for_each(|rule| all.expedite(rule));
        all.answers(&self.answers);
        for (i, rule) in self.transit.iter().enumerate() {
            all.add(format!("/transit/{i}"), transit(rule));
        }
        all.add("/hold_minutes", format!("A reservation lasts {} minutes while a person decides.", self.hold_minutes));
        all.life_cycle("backtest", "a backtest", self.life_cycle.backtest);
        all.life_cycle("approval", "the approval of somebody who did not write it", self.life_cycle.approval);
        all.0
    }

    fn tables(&self, all: &mut Sentences) {
        for (t, table) in self.tables.iter().enumerate() {
            let last = table.rows.len();
            for (r, sentence) in table.sentences().into_iter().enumerate() {
                let place = if r == last { "otherwise".to_owned() } else { format!("rows/{r}") };
                let row = if r == last { String::new() } else { format!(", row {}", r + 1) };
                all.add(
                    format!("/tables/{t}/{place}"),
                    format!("Table \"{}\" ({}){row}: {sentence}", table.name, table.decides.code()),
                );
            }
        }
    }

    fn lists(&self, all: &mut Sentences) {
        for (i, rule) in self.modes.iter().enumerate() {
            let share = rule.percent.map(|p| format!(", {p} % of the orders")).unwrap_or_default();
            // Nothing is committed where the product only looks on.
            let commits = match rule.mode {
                Mode::Legacy | Mode::Observe => String::new(),
                Mode::Recommend | Mode::Enforce => format!(", committed on {}", word(&rule.commit_on)),
            };
            let sentence = format!("{}{share}: mode {}{commits}.", scope(&rule.scope), word(&rule.mode));
            all.add(format!("/modes/{i}"), sentence);
        }
        for (i, category) in self.sensitive.iter().enumerate() {
            all.add(
                format!("/sensitive/{i}"),
                format!("{} never commits without an acknowledgment, whatever the mode.", category.as_str()),
            );
        }
        for (i, rule) in self.clocks.iter().enumerate() {
            all.add(format!("/clocks/{i}"), clocks(rule));
        }
        for (i, rule) in self.freshness.iter().enumerate() {
            let then = match rule.stale {
                super::Stale::Gate => "commits on the acknowledgment only",
                super::Stale::Halve => "counts half",
                super::Stale::Exclude => "is not used",
            };
            let minutes = rule.stale_after_minutes;
            all.add(
                format!("/freshness/{i}"),
                format!("{}: advice older than {minutes} minutes {then}.", scope(&rule.scope)),
            );
        }
        for (i, rule) in self.safety_stock.iter().enumerate() {
            all.add(format!("/safety_stock/{i}"), safety(rule));
        }
        for (i, rule) in self.netting.iter().enumerate() {
            let whose = rule.source.as_ref().map_or("every source".to_owned(), |s| s.to_string());
            all.add(
                format!("/netting/{i}"),
                format!("The advice of {whose} has taken off which of our orders: {}.", word(&rule.advice_nets)),
            );
        }
    }
}

/// Sentences being gathered.
struct Sentences(Vec<Sentence>);

impl Sentences {
    fn add(&mut self, pointer: impl Into<String>, sentence: impl Into<String>) {
        self.0.push(Sentence { pointer: pointer.into(), sentence: sentence.into() });
    }

    fn sourcing(&mut self, sourcing: &Sourcing, ranked: &str) {
        for (i, step) in sourcing.steps.iter().enumerate() {
            let what = match &step.choose {
                Choose::One { kind } => {
                    let whom = match kind {
                        None => "one source",
                        Some(SourceKind::Vendor) => "one vendor",
                        Some(SourceKind::Dc) => "one of our own centres",
                    };
                    format!("{whom} for the whole quantity, {ranked}")
                }
                Choose::Split { sources_max } => format!("up to {sources_max} sources together"),
                Choose::Backorder { days_max } => format!("one source that announced a receipt within {days_max} days"),
            };
            let otherwise = match step.otherwise {
                super::Otherwise::Next => "the next step is tried",
                super::Otherwise::Ask => "a person is asked",
                super::Otherwise::Wait => "it is tried again when supply changes or an hour has passed",
                super::Otherwise::Refuse => "the quantity is cancelled, and an order that is just coming in is refused",
            };
            let sentence = format!("Step {} \"{}\" looks for {what}; otherwise {otherwise}.", i + 1, step.name);
            self.add(format!("/sourcing/steps/{i}"), sentence);
        }
        if let Some(cost) = sourcing.day_late_costs {
            self.add("/sourcing/day_late_costs", format!("A day later at the door ranks like {cost} more, per line."));
        }
        self.add(
            "/sourcing/attempts_max",
            format!("After {} attempts for one quantity a person is asked.", sourcing.attempts_max),
        );
        self.add(
            "/sourcing/wait_days_max",
            format!("What waits for supply waits at most {} days, then a person is asked.", sourcing.wait_days_max),
        );
    }

    fn approvals(&mut self, rules: &Approvals) {
        let asked = |reserve| if reserve == Reserve::Always { "is reserved for a person" } else { "needs nobody" };
        self.add("/approvals/split", format!("A line shipped from several sources {}.", asked(rules.split)));
        let substitutes = match rules.substitution {
            Reserve::Always => "A substitute that the item allows is reserved for a person; any other is declined.",
            Reserve::Never => "Every substitute is declined; nobody is asked.",
        };
        self.add("/approvals/substitution", substitutes);
        let cost = match rules.cost_increase_percent {
            Some(percent) => {
                format!("A plan that costs over {percent} % more than the first is reserved for a person.")
            }
            None => "Nobody is asked about a plan that costs more than the first.".into(),
        };
        self.add("/approvals/cost_increase_percent", cost);
        let late = format!("A promise later than the one told {}.", asked(rules.late_promise));
        self.add("/approvals/late_promise", late);
        let silence = match rules.unanswered {
            super::Unanswered::Ask => "a case is opened",
            super::Unanswered::Approve => "it counts as approved",
            super::Unanswered::Reject => "it counts as rejected",
        };
        self.add(
            "/approvals/within_minutes",
            format!("A person has {} minutes to answer; after that {silence}.", rules.within_minutes),
        );
    }

    fn expedite(&mut self, rule: &Expedite) {
        let asked = match rule.ask {
            Reserve::Always => "a person is asked whether they go",
            Reserve::Never => "they go",
        };
        let Expedite { service_level, cost, .. } = rule;
        self.add("/expedite", format!("Where goods would come too late, {asked} by {service_level} for {cost} more."));
    }

    fn answers(&mut self, answers: &Answers) {
        let rest = match answers.rest {
            super::Rest::Resource => "is looked for elsewhere",
            super::Rest::Cancel => "is cancelled",
            super::Rest::Ask => "is put before a person",
        };
        self.add("/answers/rest", format!("The rest of a partial acceptance {rest}."));
        for (field, what, rule) in [
            ("later_date", "A ship day that breaks the promise", answers.later_date),
            ("backordered", "A back-order by the source", answers.backordered),
        ] {
            let then = match rule {
                super::LaterDate::Reroute => "sends the line elsewhere if somebody else can keep it",
                super::LaterDate::Revise => "is taken, and the customer is told",
                super::LaterDate::Ask => "is put before a person",
            };
            self.add(format!("/answers/{field}"), format!("{what} {then}."));
        }
    }

    fn life_cycle(&mut self, field: &str, what: &str, required: Required) {
        let when = match required {
            Required::Never => "The next policy needs no",
            Required::AfterFirst => "Every policy after the first needs",
            Required::Always => "Every policy needs",
        };
        let what =
            if required == Required::Never { what.trim_start_matches("a ").trim_start_matches("the ") } else { what };
        self.add(format!("/life_cycle/{field}"), format!("{when} {what} before it rules."));
    }
}

/// By what the best source is the best.
fn ranked(policy: &Policy) -> String {
    let late = policy.sourcing.day_late_costs.map(|_| "what days later at the door rank like");
    let tables = policy.tables.iter().any(|t| t.decides == Subject::Sourcing).then_some("what the tables add");
    let more: Vec<&str> = late.into_iter().chain(tables).collect();
    let more = if more.is_empty() { String::new() } else { format!(" with {}", more.join(" and ")) };
    format!("the one of the lowest cost of goods and shipping{more}")
}

fn scope(scope: &Scope) -> String {
    match (&scope.source, &scope.category) {
        (None, None) => "Everywhere".into(),
        (Some(source), None) => format!("For {source}"),
        (None, Some(category)) => format!("In {}", category.as_str()),
        (Some(source), Some(category)) => format!("For {source} in {}", category.as_str()),
    }
}

fn safety(rule: &SafetyRule) -> String {
    let advised = "of what is advised";
    let plainly = match (rule.units.get(), rule.percent) {
        (0, 0) => None,
        (units, 0) => Some(format!("{units} base units {advised} are kept back")),
        (0, percent) => Some(format!("{percent} % {advised} are kept back")),
        (units, percent) => {
            Some(format!("{units} base units or {percent} % {advised} are kept back, whichever is more"))
        }
    };
    let costs = rule.costs.as_ref().map(|c| {
        format!(
            "so many are kept back that, for each unit promised, a cancellation ({}) by its chance weighs no more than a \
             lost sale ({})",
            c.cancellation, c.lost_sale
        )
    });
    let said = match (plainly, costs) {
        (Some(plainly), Some(costs)) => format!("{plainly}, or, if that is more, {costs}"),
        (None, None) => "nothing is kept back".into(),
        (plainly, costs) => plainly.or(costs).unwrap_or_default(),
    };
    format!("{}: {said}.", scope(&rule.scope))
}

fn clocks(rule: &ClockRule) -> String {
    let one = |what: &str, limit: &Option<Limit>| {
        limit.as_ref().map(|l| {
            let time = if l.time == ClockTime::Business { " of business time" } else { "" };
            format!("{what} within {}{time}, else {}", duration(l.within_s), word(&l.then))
        })
    };
    let all = [
        one("receipt", &rule.receipt),
        one("answer", &rule.acknowledgment),
        one("ship notice", &rule.ship_notice),
        one("answer to a cancellation", &rule.cancel_answer),
    ];
    format!("{}: {}.", scope(&rule.scope), all.into_iter().flatten().collect::<Vec<_>>().join("; "))
}

fn duration(seconds: u32) -> String {
    match seconds {
        s if s % 3600 == 0 => format!("{} h", s / 3600),
        s if s % 60 == 0 => format!("{} min", s / 60),
        s => format!("{s} s"),
    }
}

fn transit(rule: &TransitRule) -> String {
    let part = |word: &str, value: &Option<smol_str::SmolStr>| value.as_ref().map(|v| format!("{word} {v}"));
    let parts = [
        part("from", &rule.from),
        part("to", &rule.to),
        part("in", &rule.to_region),
        part("postal code beginning", &rule.to_postal),
        part("by", &rule.service_level),
    ];
    let lane: Vec<String> = parts.into_iter().flatten().collect();
    let lane = if lane.is_empty() { "anywhere".to_owned() } else { lane.join(" ") };
    format!("Parcels {lane} take {} days, weekends left out.", rule.days)
}
