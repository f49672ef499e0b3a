//! What each report counts. Pure.

use countersign_engine::case::{CaseKind, Severity};
use countersign_engine::event::Event;
use countersign_engine::ids::{CaseId, OrderId, SourceId};
use countersign_engine::journal::Entry;
use countersign_engine::order::ClockKind;
use countersign_engine::reason::Reason;
use jiff::Timestamp;
use serde::Serialize;
use serde::ser::SerializeMap;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// One row: named values, in the order of the columns.
pub struct Row(Vec<(&'static str, Value)>);

impl Row {
    /// The fields of a JSON object whose names are those of the agreement's columns.
    pub fn of(object: &Value) -> Option<Self> {
        const COLUMNS: [&str; 11] = [
            "source",
            "category",
            "compared",
            "same_source",
            "promises",
            "same_promise",
            "cancelled_after_commitment",
            "caught_by_availability",
            "caught_by_acknowledgment",
            "held_needlessly",
            "confirmation_seconds_median",
        ];
        COLUMNS.iter().map(|name| Some((*name, object.get(name)?.clone()))).collect::<Option<_>>().map(Self)
    }
    pub fn iter(&self) -> impl Iterator<Item = &(&'static str, Value)> {
        self.0.iter()
    }
}

impl Serialize for Row {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// A report being computed.
pub enum Report {
    SlaAdherence(BTreeMap<(SourceId, ClockKind), [u64; 3]>),
    ConfirmationLatency { captured: BTreeMap<OrderId, Timestamp>, seconds: Vec<i64>, told: BTreeSet<OrderId> },
    Reroutes(BTreeMap<(SourceId, Reason), (u64, u64)>),
    Cancellations(BTreeMap<Reason, (u64, u64)>),
    ExceptionAging { open: BTreeMap<CaseId, (CaseKind, Severity, Timestamp)>, closed: BTreeMap<CaseKind, Vec<i64>> },
}

impl Report {
    /// The report of that name.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "sla-adherence" => Report::SlaAdherence(BTreeMap::new()),
            "confirmation-latency" => {
                Report::ConfirmationLatency { captured: BTreeMap::new(), seconds: vec![], told: BTreeSet::new() }
            }
            "reroutes" => Report::Reroutes(BTreeMap::new()),
            "cancellations" => Report::Cancellations(BTreeMap::new()),
            "exception-aging" => Report::ExceptionAging { open: BTreeMap::new(), closed: BTreeMap::new() },
            _ => return None,
        })
    }

    /// Words of which one stands in every entry that holds something to count: most need not be read.
    pub fn marks(&self) -> &'static [&'static str] {
        match self {
            Report::SlaAdherence(_) => &["\"sla."],
            Report::ConfirmationLatency { .. } => &["\"order.captured\"", "\"line.committed\""],
            Report::Reroutes(_) => &["\"line.rerouted\""],
            Report::Cancellations(_) => &["\"line.cancelled\""],
            Report::ExceptionAging { .. } => &["\"case.opened\"", "\"case.resolved\""],
        }
    }

    /// Counts what an entry holds.
    pub fn see(&mut self, entry: &Entry) {
        entry.events.iter().for_each(|event| self.count(entry.at, event));
    }

    fn count(&mut self, at: Timestamp, event: &Event) {
        match (self, event) {
            (Report::SlaAdherence(all), Event::SlaMet { source, clock, .. }) => {
                all.entry((source.clone(), *clock)).or_default()[0] += 1;
            }
            (Report::SlaAdherence(all), Event::SlaBreached { source, clock, .. }) => {
                all.entry((source.clone(), *clock)).or_default()[1] += 1;
            }
            (Report::SlaAdherence(all), Event::SlaWarned { source, clock, .. }) => {
                all.entry((source.clone(), *clock)).or_default()[2] += 1;
            }
            (Report::ConfirmationLatency { captured, .. }, Event::OrderCaptured { order, captured_at, .. }) => {
                captured.insert(order.clone(), *captured_at);
            }
            (Report::ConfirmationLatency { captured, seconds, told }, Event::LineCommitted { order, .. }) => {
                if let (Some(began), true) = (captured.get(order), told.insert(order.clone())) {
                    seconds.push(at.as_second() - began.as_second());
                }
            }
            (Report::Reroutes(all), Event::LineRerouted { from, reason, quantity, .. }) => {
                let count = all.entry((from.clone(), *reason)).or_default();
                *count = (count.0 + 1, count.1 + u64::from(quantity.get()));
            }
            (Report::Cancellations(all), Event::LineCancelled { reason, quantity, .. }) => {
                let count = all.entry(*reason).or_default();
                *count = (count.0 + 1, count.1 + u64::from(quantity.get()));
            }
            (Report::ExceptionAging { open, .. }, Event::CaseOpened { case }) => {
                open.insert(case.id.clone(), (case.kind, case.severity, case.opened_at));
            }
            (Report::ExceptionAging { open, closed }, Event::CaseResolved { case, .. }) => {
                if let Some((kind, _, opened)) = open.remove(case) {
                    closed.entry(kind).or_default().push(at.as_second() - opened.as_second());
                }
            }
            _ => {}
        }
    }

    /// The rows; ages are as of `now`.
    pub fn rows(self, now: Timestamp) -> Vec<Row> {
        match self {
            Report::SlaAdherence(all) => all.into_iter().map(|(key, counts)| adherence(key, counts)).collect(),
            Report::ConfirmationLatency { captured, seconds, .. } => vec![latency(captured.len(), seconds)],
            Report::Reroutes(all) => {
                let row = |((from, reason), (lines, units)): ((SourceId, Reason), (u64, u64))| {
                    Row(vec![
                        ("from", from.as_str().into()),
                        ("reason", reason.code().into()),
                        ("lines", lines.into()),
                        ("units", units.into()),
                    ])
                };
                all.into_iter().map(row).collect()
            }
            Report::Cancellations(all) => {
                let row = |(reason, (lines, units)): (Reason, (u64, u64))| {
                    Row(vec![("reason", reason.code().into()), ("lines", lines.into()), ("units", units.into())])
                };
                all.into_iter().map(row).collect()
            }
            Report::ExceptionAging { open, closed } => aging(open, closed, now),
        }
    }
}

fn adherence((source, clock): (SourceId, ClockKind), [met, breached, warned]: [u64; 3]) -> Row {
    let clock = serde_json::to_value(clock).unwrap_or_default();
    Row(vec![
        ("source", source.as_str().into()),
        ("clock", clock),
        ("met", met.into()),
        ("breached", breached.into()),
        ("warned", warned.into()),
        ("adherence_percent", percent(met, met + breached)),
    ])
}

/// A share with one decimal, as a decimal string; null of nothing.
fn percent(part: u64, whole: u64) -> Value {
    match (part * 1_000).checked_div(whole) {
        Some(permille) => format!("{}.{}", permille / 10, permille % 10).into(),
        None => Value::Null,
    }
}

fn latency(captured: usize, mut seconds: Vec<i64>) -> Row {
    seconds.sort_unstable();
    let at = |permille: usize| seconds.get((seconds.len() * permille / 1_000).min(seconds.len().saturating_sub(1)));
    let value = |permille| at(permille).map_or(Value::Null, |s| (*s).into());
    Row(vec![
        ("orders", captured.into()),
        ("confirmed", seconds.len().into()),
        ("seconds_median", value(500)),
        ("seconds_p90", value(900)),
        ("seconds_p99", value(990)),
    ])
}

fn aging(
    open: BTreeMap<CaseId, (CaseKind, Severity, Timestamp)>,
    mut closed: BTreeMap<CaseKind, Vec<i64>>,
    now: Timestamp,
) -> Vec<Row> {
    let mut ages: BTreeMap<CaseKind, Vec<i64>> = BTreeMap::new();
    for (kind, _, opened) in open.values() {
        ages.entry(*kind).or_default().push(now.as_second() - opened.as_second());
    }
    let kinds: BTreeSet<CaseKind> = ages.keys().chain(closed.keys()).copied().collect();
    let row = |kind: CaseKind| {
        let open = ages.remove(&kind).unwrap_or_default();
        let mut done = closed.remove(&kind).unwrap_or_default();
        done.sort_unstable();
        Row(vec![
            ("kind", kind.code().into()),
            ("open", open.len().into()),
            ("oldest_open_seconds", open.iter().max().map_or(Value::Null, |s| (*s).into())),
            ("resolved", done.len().into()),
            ("resolved_seconds_median", done.get(done.len() / 2).map_or(Value::Null, |s| (*s).into())),
        ])
    };
    kinds.into_iter().map(row).collect()
}
