//! How far this product, only watching, agreed with the legacy path; and whether a category is ready to be switched. Pure.
//!
//! Rests on what both knew: our plan at capture, and the facts the legacy path reported. What a vendor would have
//! answered us is not made up: a cancellation counts as caught where our plan would not have asked that vendor, or where
//! the vendor had not accepted when the legacy path told the shop that the line was firm. What was not seen does not speak
//! for a category: without cancellations, answers or promised days nothing about them could be judged.

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
/// Cancellations after commitment that must have been seen in a category: with fewer, one lucky catch decides.
const CANCELLED_MIN: u64 = 10;
/// Least share of the lines, in permille, of which the vendor's answer was reported: a legacy path that reports no answers
/// looks as if it never waited for one.
const ANSWERED_PERMILLE_MIN: u64 = 500;
/// Least share of the lines on which both chose the same source, and of the promises of the same day, in permille: where
/// most differ, both do not agree, whichever of them is right.
const SAME_PERMILLE_MIN: u64 = 500;
/// Disagreements listed; all are counted.
const LISTED_MAX: usize = 500;

/// One line under watch.
#[derive(Debug, Default)]
struct Watch {
    category: String,
    placed_at: Option<Timestamp>,
    ours: Option<Ours>,
    source: Option<SourceId>,
    deliver_by: Option<Date>,
    committed_at: Option<Timestamp>,
    confirmed_at: Option<Timestamp>,
    rejected: Option<(Timestamp, Option<SourceId>)>,
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
    /// Lines of which the vendor's answer, yes or no, was reported.
    pub answered: u64,
    /// The vendor said no after the legacy path had told the shop that the line was firm.
    pub rejected_after_commitment: u64,
    /// The legacy path cancelled after it had told the shop that the line was firm, not on the customer's wish.
    pub cancelled_after_commitment: u64,
    /// Of these: our plan would not have asked that vendor, because it could not supply by its own advice or the policy.
    pub caught_by_availability: u64,
    /// Of these: the vendor had accepted nothing yet, so the commitment would have waited for its answer.
    pub caught_by_acknowledgment: u64,
    /// We found no source, and the legacy path shipped: held for nothing.
    pub held_needlessly: u64,
    /// Median seconds from the placing of the order to the vendor's acceptance, as the legacy path reported it.
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
    /// In a sentence: ready to enforce, or not yet, because of what.
    pub verdict: String,
    /// Everything that was asked for, each with its figures; what is not met begins with `not yet`.
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
                Event::OrderCaptured { order, placed_at, mode: Mode::Observe, lines, .. } => {
                    for line in lines {
                        let watch = self.0.entry((order.clone(), line.id.clone())).or_default();
                        watch.category = line.category.as_str().to_owned();
                        watch.placed_at = Some(*placed_at);
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
                verdicts: verdicts.map(|v| (v.source.clone(), v.reason, explain::verdict(plan, v))).collect(),
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
            LegacyFact::Rejected { source, .. } => {
                self.source = self.source.take().or(source.clone());
                self.rejected.get_or_insert((at, source.clone()));
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
        if let (Some(placed), Some(confirmed)) = (self.placed_at, self.confirmed_at) {
            // Their clock and ours differ by minutes at most: no later fact is taken in.
            row.seconds.push((confirmed.as_second() - placed.as_second()).max(0));
        }
        row.answered += u64::from(self.confirmed_at.is_some() || self.rejected.is_some());
        let firm = |at: Timestamp| self.committed_at.is_some_and(|committed| committed <= at);
        row.rejected_after_commitment += u64::from(self.rejected.as_ref().is_some_and(|(at, _)| firm(*at)));
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
        let refused = self.rejected.as_ref().map(|(at, source)| {
            let who = source.as_ref().map_or("its source", |s| s.as_str());
            format!("; {who} rejected it at {}", at.strftime("%Y-%m-%d %H:%M UTC"))
        });
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
            ours: match ours.deliver_by {
                Some(day) => format!("{} At the door by {day}.", ours.sentence),
                None => ours.sentence.clone(),
            },
            theirs: format!("The legacy path gave it to {theirs}{promised}{}{ended}.", refused.unwrap_or_default()),
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
                    | Reason::RouteOtherCurrency
            )
        };
        match self.verdicts.iter().find(|(s, ..)| s == source) {
            Some((_, reason, _)) => !better(*reason),
            None => !self.found,
        }
    }
}

/// What speaks for a category, over all its vendors.
#[derive(Debug, Default)]
struct Evidence {
    compared: u64,
    same_source: u64,
    promises: u64,
    same_promise: u64,
    answered: u64,
    cancelled: u64,
    caught: u64,
    held: u64,
}

fn readiness(rows: &[AgreementRow]) -> Vec<Readiness> {
    let mut all: BTreeMap<&str, Evidence> = BTreeMap::new();
    for row in rows {
        let sum = all.entry(&row.category).or_default();
        sum.compared += row.compared;
        sum.same_source += row.same_source;
        sum.promises += row.promises;
        sum.same_promise += row.same_promise;
        sum.answered += row.answered;
        sum.cancelled += row.cancelled_after_commitment;
        sum.caught += row.caught_by_availability + row.caught_by_acknowledgment;
        sum.held += row.held_needlessly;
    }
    all.into_iter().map(|(category, evidence)| evidence.judge(category)).collect()
}

fn permille(part: u64, whole: u64) -> u64 {
    (part * 1_000).checked_div(whole).unwrap_or(0)
}

impl Evidence {
    /// All that somebody who signs for the switch would ask, and the answers.
    fn judge(&self, category: &str) -> Readiness {
        let asked = [self.enough(), self.sources(), self.promises(), self.held(), self.answers(), self.caught()];
        let missing: Vec<&str> = asked.iter().filter(|(met, _)| !met).map(|(_, words)| words.as_str()).collect();
        let verdict = match missing.is_empty() {
            true => format!("{category} is ready to enforce"),
            false => format!("not yet, because {}", missing.join("; ")),
        };
        let told = |(met, words): &(bool, String)| if *met { words.clone() } else { format!("not yet: {words}") };
        Readiness {
            category: category.to_owned(),
            ready: missing.is_empty(),
            compared: self.compared,
            because: asked.iter().map(told).collect(),
            verdict,
        }
    }

    fn enough(&self) -> (bool, String) {
        let n = self.compared;
        (n >= COMPARED_MIN, format!("{n} lines were compared, {COMPARED_MIN} are needed"))
    }

    fn sources(&self) -> (bool, String) {
        let (same, of) = (self.same_source, self.compared);
        let words = format!("{same} of {of} went to the same source, at least {SAME_PERMILLE_MIN} in a thousand must");
        (permille(same, of) >= SAME_PERMILLE_MIN, words)
    }

    fn promises(&self) -> (bool, String) {
        let (same, of) = (self.same_promise, self.promises);
        if of == 0 {
            let words = "no line has a promised day of both (deliver_by of committed), so what customers would be told was \
                         not compared";
            return (false, words.into());
        }
        let words = format!(
            "{same} of {of} were promised for the same day, at least {SAME_PERMILLE_MIN} in a thousand must be"
        );
        (permille(same, of) >= SAME_PERMILLE_MIN, words)
    }

    fn held(&self) -> (bool, String) {
        let (held, of) = (self.held, self.compared);
        let words = format!(
            "{held} of {of} would have been held needlessly, at most {HELD_NEEDLESSLY_PERMILLE_MAX} in a thousand may be"
        );
        (permille(held, of) <= HELD_NEEDLESSLY_PERMILLE_MAX, words)
    }

    fn answers(&self) -> (bool, String) {
        let (answered, of) = (self.answered, self.compared);
        let words = format!(
            "the vendor's answer to {answered} of {of} was reported, at least {ANSWERED_PERMILLE_MIN} in a thousand are \
             needed to judge what waiting for it is worth"
        );
        (permille(answered, of) >= ANSWERED_PERMILLE_MIN, words)
    }

    fn caught(&self) -> (bool, String) {
        let (caught, of) = (self.caught, self.cancelled);
        if of < CANCELLED_MIN {
            let words = format!(
                "{of} cancellations after commitment were seen, {CANCELLED_MIN} are needed to judge how many would have \
                 been caught: watch longer, or look at more days"
            );
            return (false, words);
        }
        let words = format!(
            "{caught} of {of} cancellations after commitment would have been caught, {CAUGHT_PERMILLE_MIN} in a thousand \
             are needed"
        );
        (permille(caught, of) >= CAUGHT_PERMILLE_MIN, words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> Evidence {
        Evidence {
            compared: 400,
            same_source: 300,
            promises: 380,
            same_promise: 250,
            answered: 390,
            cancelled: 12,
            caught: 9,
            held: 3,
        }
    }

    #[test]
    fn a_category_is_ready_on_evidence_only() {
        let ready = good().judge("lighting");
        assert!(ready.ready && ready.because.iter().all(|b| !b.starts_with("not yet")), "{ready:?}");
        let cases = [
            (Evidence { compared: 80, same_source: 80, answered: 80, held: 0, ..good() }, "80 lines were compared"),
            (Evidence { same_source: 199, ..good() }, "199 of 400 went to the same source"),
            (Evidence { same_promise: 0, ..good() }, "0 of 380 were promised for the same day"),
            (Evidence { promises: 0, same_promise: 0, ..good() }, "no line has a promised day of both"),
            (Evidence { held: 9, ..good() }, "9 of 400 would have been held needlessly"),
            (Evidence { answered: 0, ..good() }, "the vendor's answer to 0 of 400 was reported"),
            (
                Evidence { cancelled: 0, caught: 0, ..good() },
                "0 cancellations after commitment were seen, 10 are needed",
            ),
            (Evidence { cancelled: 9, caught: 9, ..good() }, "9 cancellations after commitment were seen"),
            (Evidence { caught: 5, ..good() }, "5 of 12 cancellations after commitment would have been caught"),
        ];
        for (evidence, why) in cases {
            let found = evidence.judge("lighting");
            let missing: Vec<&String> = found.because.iter().filter(|b| b.starts_with("not yet: ")).collect();
            assert!(!found.ready && missing.len() == 1 && missing[0].contains(why), "{why}: {found:?}");
            assert!(found.verdict.starts_with(&format!("not yet, because {why}")), "{why}: {found:?}");
        }
    }
}
