//! How far this product, only watching, agreed with the legacy path; and whether a category is ready to be switched. Pure.
//!
//! Rests on what both knew: our plan at capture, and the facts the legacy path reported. What a vendor would have
//! answered us is not made up: a cancellation counts as caught where our plan would not have asked that vendor, or where
//! the vendor had not accepted when the legacy path told the shop that the line was firm.

use countersign_engine::event::Event;
use countersign_engine::explain;
use countersign_engine::ids::{LineId, OrderId, SourceId};
use countersign_engine::journal::Entry;
use countersign_engine::legacy::LegacyFact;
use countersign_engine::policy::Mode;
use countersign_engine::reason::Reason;
use countersign_engine::routing::Plan;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Lines that must have been compared before a category may be called ready: below it a bad week looks like a good one.
const COMPARED_MIN: u64 = 100;
/// Most lines held needlessly, in permille of those compared, for a category to be ready.
const HELD_NEEDLESSLY_PERMILLE_MAX: u64 = 20;
/// Least share of the legacy path's cancellations that would have been caught, in permille, for a category to be ready.
const CAUGHT_PERMILLE_MIN: u64 = 500;
/// Disagreements listed; all are counted.
const LISTED_MAX: usize = 500;

/// One line under watch.
#[derive(Debug, Default)]
struct Watch {
    category: String,
    captured_at: Option<Timestamp>,
    ours: Option<Ours>,
    source: Option<SourceId>,
    deliver_by: Option<Date>,
    committed_at: Option<Timestamp>,
    confirmed_at: Option<Timestamp>,
    cancelled: Option<(Timestamp, Reason)>,
    shipped: bool,
}

/// What we would have done.
#[derive(Debug)]
struct Ours {
    /// The only source of our plan; none if nobody was found, or several.
    source: Option<SourceId>,
    found: bool,
    deliver_by: Option<Date>,
    sentence: String,
    /// Each candidate's verdict.
    verdicts: Vec<(SourceId, Reason, String)>,
    position: u64,
}

/// The report being computed.
#[derive(Debug, Default)]
pub struct Agreement(BTreeMap<(OrderId, LineId), Watch>);

/// Counts of one vendor in one category.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
#[schema(as = AgreementRow)]
pub struct AgreementRow {
    /// The source that the legacy path chose.
    pub source: String,
    pub category: String,
    /// Lines of which both decisions are known.
    pub compared: u64,
    /// Both chose the same source.
    pub same_source: u64,
    /// Lines of which both promised a day at the door.
    pub promises: u64,
    /// Both promised the same day.
    pub same_promise: u64,
    /// The legacy path cancelled after it had told the shop that the line was firm, not on the customer's wish.
    pub cancelled_after_commitment: u64,
    /// Of these: our plan would not have asked that vendor, because it could not supply by its own advice or the policy.
    pub caught_by_availability: u64,
    /// Of these: the vendor had accepted nothing yet, so the commitment would have waited for its answer.
    pub caught_by_acknowledgment: u64,
    /// We found no source, and the legacy path shipped: held for nothing.
    pub held_needlessly: u64,
    /// Median seconds from capture to the vendor's acceptance, as the legacy path reported it.
    pub confirmation_seconds_median: Option<i64>,
    #[serde(skip)]
    seconds: Vec<i64>,
}

/// Whether a category may be switched, and on what evidence.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Readiness)]
pub struct Readiness {
    pub category: String,
    /// True: ready to enforce.
    pub ready: bool,
    pub compared: u64,
    /// Why, each with its figures.
    pub because: Vec<String>,
}

/// One line on which both differ.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Disagreement)]
pub struct Disagreement {
    pub order: String,
    pub line: String,
    pub category: String,
    /// `source`, `promise`, `caught`, `held_needlessly`.
    pub kind: &'static str,
    /// What we would have done, and why.
    pub ours: String,
    /// What the legacy path did.
    pub theirs: String,
    /// Why we would not have chosen its source, where we judged it.
    pub verdict: Option<String>,
    /// Journal position of our decision.
    pub position: u64,
}

/// The whole report.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ShadowAgreement)]
pub struct Found {
    pub rows: Vec<AgreementRow>,
    pub readiness: Vec<Readiness>,
    /// The first 500.
    pub disagreements: Vec<Disagreement>,
    pub disagreements_total: u64,
}

impl Agreement {
    /// True if the text of an entry may hold something to count.
    pub fn wants(body: &str) -> bool {
        body.contains("\"legacy.recorded\"") || body.contains("\"mode\":\"observe\"")
    }

    /// Counts what an entry holds.
    pub fn see(&mut self, position: u64, entry: &Entry) {
        for event in &entry.events {
            match event {
                Event::OrderCaptured { order, captured_at, mode: Mode::Observe, lines, .. } => {
                    for line in lines {
                        let watch = self.0.entry((order.clone(), line.id.clone())).or_default();
                        watch.category = line.category.as_str().to_owned();
                        watch.captured_at = Some(*captured_at);
                    }
                }
                Event::PlanMade { order, plan } => self.plan(position, order, plan),
                Event::LegacyRecorded { order, line, at, fact, .. } => {
                    if let Some(watch) = self.0.get_mut(&(order.clone(), line.clone())) {
                        watch.fact(*at, fact);
                    }
                }
                _ => {}
            }
        }
    }

    fn plan(&mut self, position: u64, order: &OrderId, plan: &Plan) {
        let lines = self.0.range_mut((order.clone(), first())..).take_while(|((o, _), _)| o == order);
        for ((_, line), watch) in lines.filter(|(_, watch)| watch.ours.is_none()) {
            let parts: Vec<_> = plan.parts.iter().filter(|p| p.line == *line).collect();
            let one = parts.first().map(|p| p.source.clone()).filter(|s| parts.iter().all(|p| p.source == *s));
            let verdicts = plan.verdicts.iter().filter(|v| v.line == *line);
            watch.ours = Some(Ours {
                source: one,
                found: !parts.is_empty(),
                deliver_by: parts.iter().map(|p| p.dates.deliver_by).max(),
                sentence: explain::plan(plan),
                verdicts: verdicts.map(|v| (v.source.clone(), v.reason, explain::verdict(v))).collect(),
                position,
            });
        }
    }

    /// The report.
    pub fn found(self) -> Found {
        let mut rows: BTreeMap<(String, String), AgreementRow> = BTreeMap::new();
        let (mut disagreements, mut total) = (vec![], 0);
        for ((order, line), watch) in &self.0 {
            let (Some(ours), Some(theirs)) = (&watch.ours, &watch.source) else { continue };
            let row = rows.entry((theirs.to_string(), watch.category.clone())).or_insert_with(|| AgreementRow {
                source: theirs.to_string(),
                category: watch.category.clone(),
                ..AgreementRow::default()
            });
            for kind in watch.compare(ours, theirs, row) {
                total += 1;
                if disagreements.len() < LISTED_MAX {
                    disagreements.push(watch.disagreement(order, line, kind, ours, theirs));
                }
            }
        }
        let mut rows: Vec<AgreementRow> = rows.into_values().collect();
        for row in &mut rows {
            row.seconds.sort_unstable();
            row.confirmation_seconds_median = row.seconds.get(row.seconds.len() / 2).copied();
        }
        Found { readiness: readiness(&rows), rows, disagreements, disagreements_total: total }
    }
}

fn first() -> LineId {
    LineId::new("!").expect("because an exclamation mark is a line id, the least of all")
}

impl Watch {
    fn fact(&mut self, at: Timestamp, fact: &LegacyFact) {
        match fact {
            LegacyFact::Committed { source, deliver_by, .. } => {
                self.source = source.clone().or(self.source.take());
                self.deliver_by = deliver_by.or(self.deliver_by);
                self.committed_at.get_or_insert(at);
            }
            LegacyFact::Confirmed { source } => {
                self.source = source.clone().or(self.source.take());
                self.confirmed_at.get_or_insert(at);
            }
            LegacyFact::Cancelled { reason } => _ = self.cancelled.get_or_insert((at, *reason)),
            LegacyFact::Shipped { .. } | LegacyFact::Delivered => self.shipped = true,
        }
    }

    /// Counts the line and says on what both differ.
    fn compare(&self, ours: &Ours, theirs: &SourceId, row: &mut AgreementRow) -> Vec<&'static str> {
        let mut kinds = vec![];
        row.compared += 1;
        if ours.source.as_ref() == Some(theirs) {
            row.same_source += 1;
        } else {
            kinds.push("source");
        }
        if let (Some(a), Some(b)) = (ours.deliver_by, self.deliver_by) {
            row.promises += 1;
            if a == b {
                row.same_promise += 1;
            } else {
                kinds.push("promise");
            }
        }
        if let (Some(captured), Some(confirmed)) = (self.captured_at, self.confirmed_at) {
            row.seconds.push(confirmed.as_second() - captured.as_second());
        }
        if let Some((at, _)) = self.broken_commitment() {
            row.cancelled_after_commitment += 1;
            if ours.would_not_ask(theirs) {
                row.caught_by_availability += 1;
                kinds.push("caught");
            } else if self.confirmed_at.is_none_or(|confirmed| confirmed > at) {
                row.caught_by_acknowledgment += 1;
                kinds.push("caught");
            }
        } else if !ours.found && self.shipped {
            row.held_needlessly += 1;
            kinds.push("held_needlessly");
        }
        kinds
    }

    /// A cancellation after the shop was told that the line was firm, unless the customer wished it.
    fn broken_commitment(&self) -> Option<(Timestamp, Reason)> {
        let (at, reason) = self.cancelled?;
        let wished = matches!(reason, Reason::CancelCustomer | Reason::CancelFraud);
        self.committed_at.filter(|committed| *committed <= at && !wished).map(|_| (at, reason))
    }

    fn disagreement(
        &self,
        order: &OrderId,
        line: &LineId,
        kind: &'static str,
        ours: &Ours,
        theirs: &SourceId,
    ) -> Disagreement {
        let promised = self.deliver_by.map(|d| format!(", at the door by {d}")).unwrap_or_default();
        let ended = match self.broken_commitment() {
            Some((at, reason)) => {
                format!(
                    "; cancelled at {}: {}",
                    at.strftime("%Y-%m-%d %H:%M UTC"),
                    reason.sentence().trim_end_matches('.')
                )
            }
            None if self.shipped => "; it shipped".into(),
            None => String::new(),
        };
        Disagreement {
            order: order.to_string(),
            line: line.to_string(),
            category: self.category.clone(),
            kind,
            ours: ours.sentence.clone(),
            theirs: format!("The legacy path gave it to {theirs}{promised}{ended}."),
            verdict: ours.verdicts.iter().find(|(s, ..)| s == theirs).map(|(.., sentence)| sentence.clone()),
            position: ours.position,
        }
    }
}

impl Ours {
    /// True if we judged that the source could not supply, rather than that another was better; or found nobody.
    fn would_not_ask(&self, source: &SourceId) -> bool {
        let better = |r: Reason| {
            matches!(
                r,
                Reason::RouteChosen
                    | Reason::RouteCostlier
                    | Reason::RouteLater
                    | Reason::RouteRankedLower
                    | Reason::RouteNotThisKind
            )
        };
        match self.verdicts.iter().find(|(s, ..)| s == source) {
            Some((_, reason, _)) => !better(*reason),
            None => !self.found,
        }
    }
}

fn readiness(rows: &[AgreementRow]) -> Vec<Readiness> {
    let mut all: BTreeMap<&str, [u64; 5]> = BTreeMap::new();
    for row in rows {
        let sum = all.entry(&row.category).or_default();
        let caught = row.caught_by_availability + row.caught_by_acknowledgment;
        let values = [row.compared, row.same_source, row.cancelled_after_commitment, caught, row.held_needlessly];
        sum.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
    }
    let judge = |(category, [compared, same, cancelled, caught, held]): (&str, [u64; 5])| {
        let permille = |part: u64, whole: u64| (part * 1_000).checked_div(whole).unwrap_or(0);
        let enough = compared >= COMPARED_MIN;
        let few_held = permille(held, compared) <= HELD_NEEDLESSLY_PERMILLE_MAX;
        let catches = cancelled == 0 || permille(caught, cancelled) >= CAUGHT_PERMILLE_MIN;
        let but = |fine: bool| if fine { "" } else { "not yet: " };
        Readiness {
            category: category.to_owned(),
            ready: enough && few_held && catches,
            compared,
            because: vec![
                format!("{}{compared} lines were compared, {COMPARED_MIN} are needed", but(enough)),
                format!(
                    "{}{held} of {compared} would have been held needlessly, at most {HELD_NEEDLESSLY_PERMILLE_MAX} in a \
                     thousand may be",
                    but(few_held)
                ),
                format!(
                    "{}{caught} of {cancelled} cancellations after commitment would have been caught, {} in a thousand are \
                     needed",
                    but(catches),
                    CAUGHT_PERMILLE_MIN
                ),
                format!("{same} of {compared} went to the same source"),
            ],
        }
    };
    all.into_iter().map(judge).collect()
}
