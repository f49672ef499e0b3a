//! What is made of the counts: the rows of each report. Pure but for the counting itself.

use super::cells::{Figures, Labels, Sum};
use super::latency::Spans;
use countersign_runtime::facts::{AUTOMATIC, Measure};
use countersign_runtime::ports::{By, StoreError};
use jiff::Timestamp;
use serde::Serialize;
use serde::ser::SerializeMap;
use serde_json::{Map, Value, json};
use smol_str::SmolStr;
use std::collections::BTreeMap;

/// One row: named values, in the order of the columns.
#[derive(Debug, Default)]
pub struct Row(Vec<(&'static str, Value)>);

impl Row {
    fn new(key: Option<(&'static str, Value)>) -> Self {
        Self(key.into_iter().collect())
    }
    fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.0.push((name, value.into()));
        self
    }
    /// The figures that are no lists.
    pub fn plain(&self) -> impl Iterator<Item = (&'static str, String)> {
        let text = |value: &Value| match value {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let plain = self.0.iter().filter(|(_, value)| !value.is_array() && !value.is_object());
        plain.map(move |(name, value)| (*name, text(value)))
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

/// A report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Report {
    SlaAdherence,
    ConfirmationLatency,
    Reroutes,
    RerouteOutcomes,
    Cancellations,
    AfterAcceptance,
    ExceptionAging,
    PromiseAccuracy,
    Advice,
    FillRate,
}

type Rows = Result<Vec<Row>, StoreError>;

impl Report {
    /// The report of that name.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "sla-adherence" => Report::SlaAdherence,
            "confirmation-latency" => Report::ConfirmationLatency,
            "reroutes" => Report::Reroutes,
            "reroute-outcomes" => Report::RerouteOutcomes,
            "cancellations" => Report::Cancellations,
            "after-acceptance" => Report::AfterAcceptance,
            "exception-aging" => Report::ExceptionAging,
            "promise-accuracy" => Report::PromiseAccuracy,
            "advice" => Report::Advice,
            "fill-rate" => Report::FillRate,
            _ => return None,
        })
    }

    /// What is told apart if nothing is said.
    pub fn usual(self) -> By {
        match self {
            Report::ConfirmationLatency => By::Category,
            Report::Cancellations | Report::ExceptionAging => By::Nothing,
            _ => By::Source,
        }
    }

    /// The rows; ages are as of `now`.
    pub fn rows(self, f: &mut Figures<'_>, now: Timestamp) -> Rows {
        match self {
            Report::SlaAdherence => sla(f),
            Report::ConfirmationLatency => confirmations(f),
            Report::Reroutes => by_reason(f, Measure::Reroute),
            Report::RerouteOutcomes => outcomes(f),
            Report::Cancellations => by_reason(f, Measure::Cancellation),
            Report::AfterAcceptance => taken_back(f),
            Report::ExceptionAging => aging(f, now),
            Report::PromiseAccuracy => promises(f),
            Report::Advice => advice(f),
            Report::FillRate => fill(f),
        }
    }
}

/// What was counted as that label.
pub fn sum(labels: &Labels, label: &str) -> Sum {
    labels.get(label).copied().unwrap_or_default()
}

/// A share with one decimal, as a decimal string; null of nothing.
pub fn percent(part: i64, whole: i64) -> Value {
    match (part * 1_000).checked_div(whole) {
        Some(permille) => format!("{}.{}", permille / 10, permille % 10).into(),
        None => Value::Null,
    }
}

fn count(labels: &Labels, label: &str) -> u64 {
    sum(labels, label).count
}

fn sla(f: &mut Figures<'_>) -> Rows {
    let mut rows = vec![];
    for (key, labels) in f.of(Measure::Sla)? {
        for clock in ["receipt", "acknowledgment", "ship_notice", "cancel_answer"] {
            let [met, breached, excused] = ["met", "breached", "excused"].map(|end| format!("{clock}:{end}"));
            let (m, b, x) = (count(&labels, &met), count(&labels, &breached), count(&labels, &excused));
            if m + b == 0 {
                continue;
            }
            let links = f.links(&key, Measure::Sla, &[("met", &met), ("breached", &breached), ("excused", &excused)]);
            let row = Row::new(f.key(&key)).with("clock", clock).with("met", m).with("breached", b).with("excused", x);
            let row = row.with("adherence_percent", percent((m + x.min(b)) as i64, (m + b) as i64));
            rows.push(row.with("links", links));
        }
    }
    Ok(rows)
}

fn confirmations(f: &mut Figures<'_>) -> Rows {
    let row = |f: &Figures<'_>, key: &str, labels: &Labels| {
        let spans = Spans::of(labels);
        let named: Vec<(&str, &str)> = labels.keys().map(|label| (label.as_str(), label.as_str())).collect();
        Row::new(f.key(key))
            .with("lines", spans.count())
            .with("seconds_median", spans.at_most(500))
            .with("seconds_p90", spans.at_most(900))
            .with("seconds_p99", spans.at_most(990))
            .with("seconds_mean", spans.mean())
            .with("distribution", json!(spans.bars()))
            .with("links", f.links(key, Measure::Confirmation, &named))
    };
    let found = f.of(Measure::Confirmation)?;
    Ok(found.iter().map(|(key, labels)| row(f, key, labels)).collect())
}

fn by_reason(f: &mut Figures<'_>, measure: Measure) -> Rows {
    let mut rows = vec![];
    for (key, labels) in f.of(measure)? {
        for (reason, sum) in &labels {
            let links = f.links(&key, measure, &[("lines", reason)]);
            let row = Row::new(f.key(&key)).with("reason", reason.as_str()).with("lines", sum.count);
            rows.push(row.with("units", sum.units).with("links", links));
        }
    }
    Ok(rows)
}

/// Both measures under every key that either has.
fn joined(one: BTreeMap<SmolStr, Labels>, mut other: BTreeMap<SmolStr, Labels>) -> BTreeMap<SmolStr, (Labels, Labels)> {
    let mut all: BTreeMap<SmolStr, (Labels, Labels)> = BTreeMap::new();
    for (key, labels) in one {
        let second = other.remove(&key).unwrap_or_default();
        all.insert(key, (labels, second));
    }
    all.extend(other.into_iter().map(|(key, labels)| (key, (Labels::new(), labels))));
    all
}

fn outcomes(f: &mut Figures<'_>) -> Rows {
    let (taken, became) = (f.of(Measure::Reroute)?, f.of(Measure::RerouteOutcome)?);
    let row = |(key, (taken, became)): (SmolStr, (Labels, Labels))| {
        let all = taken.values().fold(Sum::default(), |all, sum| all.plus(*sum));
        let (confirmed, cancelled) = (sum(&became, "confirmed"), sum(&became, "cancelled"));
        let named = [("units_confirmed", "confirmed"), ("units_cancelled", "cancelled")];
        Row::new(f.key(&key))
            .with("lines", all.count)
            .with("units", all.units)
            .with("units_confirmed", confirmed.units)
            .with("units_cancelled", cancelled.units)
            .with("confirmed_percent", percent(confirmed.units, all.units))
            .with("links", f.links(&key, Measure::RerouteOutcome, &named))
    };
    Ok(joined(taken, became).into_iter().map(row).collect())
}

fn taken_back(f: &mut Figures<'_>) -> Rows {
    let (back, speeds) = (f.of(Measure::TakenBack)?, f.of(Measure::AnswerSpeed)?);
    let row = |(key, (back, speeds)): (SmolStr, (Labels, Labels))| {
        let (automatic, considered) = (sum(&back, "automatic"), sum(&back, "considered"));
        let all = automatic.plus(considered);
        let accepted = speeds.values().fold(Sum::default(), |all, sum| all.plus(*sum));
        let links = f.links(&key, Measure::TakenBack, &[("automatic", "automatic"), ("considered", "considered")]);
        let quick = |(label, _): &(&SmolStr, &Sum)| label.parse().is_ok_and(|s: i64| s <= AUTOMATIC.as_secs());
        Row::new(f.key(&key))
            .with("lines", all.count)
            .with("units", all.units)
            .with("units_accepted", accepted.units)
            .with("taken_back_percent", percent(all.units, accepted.units))
            .with("automatic", automatic.count)
            .with("considered", considered.count)
            .with("automatic_answers", speeds.iter().filter(quick).map(|(_, sum)| sum.count).sum::<u64>())
            .with("seconds_mean", all.value.checked_div(all.count as i64).map_or(Value::Null, Value::from))
            .with("links", links)
    };
    Ok(joined(back, speeds).into_iter().map(row).collect())
}

/// By kind, and within it by whatever is told apart: opened and resolved in the range, open at its end.
fn aging(f: &mut Figures<'_>, now: Timestamp) -> Rows {
    let (opened, resolved) = (f.of(Measure::CaseOpened)?, f.of(Measure::CaseResolved)?);
    let (ever_opened, ever_resolved) = (f.ever(Measure::CaseOpened)?, f.ever(Measure::CaseResolved)?);
    let ages = match f.by() {
        By::Nothing => open_ages(f, now)?,
        _ => BTreeMap::new(),
    };
    let empty = Labels::new();
    let mut rows = vec![];
    for (key, ever) in &ever_opened {
        let in_range = opened.get(key).unwrap_or(&empty);
        for (kind, total) in ever {
            let of_kind = |all: &BTreeMap<SmolStr, Labels>| -> Labels {
                let mine = all.get(key).into_iter().flatten();
                let mine = mine.filter(|(label, _)| label.split(':').next() == Some(kind.as_str()));
                mine.map(|(label, sum)| (label.clone(), *sum)).collect()
            };
            let spans = Spans::of(&of_kind(&resolved));
            let over = Spans::of(&of_kind(&ever_resolved)).count();
            let open = total.count.saturating_sub(over);
            if open + spans.count() + count(in_range, kind) == 0 {
                continue;
            }
            let (oldest, bars) = ages
                .get(kind)
                .map_or((Value::Null, json!([])), |(oldest, bars)| ((*oldest).into(), json!(bars.bars())));
            rows.push(
                Row::new(f.key(key))
                    .with("kind", kind.as_str())
                    .with("opened", count(in_range, kind))
                    .with("resolved", spans.count())
                    .with("resolved_seconds_median", spans.at_most(500))
                    .with("resolved_seconds_p90", spans.at_most(900))
                    .with("open", open)
                    .with("oldest_open_seconds", oldest)
                    .with("open_ages", bars)
                    .with("links", aging_links(f, key, kind)),
            );
        }
    }
    Ok(rows)
}

fn aging_links(f: &Figures<'_>, key: &str, kind: &str) -> Map<String, Value> {
    let mut links = f.links(key, Measure::CaseOpened, &[("opened", kind)]);
    links.insert("open".into(), format!("/v1/cases?open=true&kind={kind}").into());
    links
}

/// Open cases by kind: the oldest one's age in seconds, and all ages.
fn open_ages(f: &Figures<'_>, now: Timestamp) -> Result<BTreeMap<SmolStr, (i64, Spans)>, StoreError> {
    let mut labels: BTreeMap<SmolStr, (i64, Labels)> = BTreeMap::new();
    for (kind, opened_at) in f.store().open_cases()? {
        let seconds = (now.as_second() - opened_at.as_second()).max(0);
        let (oldest, ages) = labels.entry(kind).or_default();
        *oldest = seconds.max(*oldest);
        let sum = ages.entry(countersign_runtime::facts::bucket(seconds)).or_default();
        *sum = sum.plus(Sum { count: 1, units: 0, value: seconds });
    }
    Ok(labels.into_iter().map(|(kind, (oldest, ages))| (kind, (oldest, Spans::of(&ages)))).collect())
}

const LATENESS: [(&str, &str); 4] =
    [("late_1", "late_1"), ("late_2_3", "late_2_3"), ("late_4_7", "late_4_7"), ("late_8", "late_8")];

fn promises(f: &mut Figures<'_>) -> Rows {
    let (shipped, delivered) = (f.of(Measure::ShipPromise)?, f.of(Measure::DeliveryPromise)?);
    let revised = f.of(Measure::PromiseRevised)?;
    let all = joined(shipped, delivered);
    let keys: std::collections::BTreeSet<&SmolStr> = all.keys().chain(revised.keys()).collect();
    let empty = (Labels::new(), Labels::new());
    let row = |key: &SmolStr| {
        let (shipped, delivered) = all.get(key).unwrap_or(&empty);
        let changes = revised.get(key).into_iter().flatten().fold(Sum::default(), |all, (_, sum)| all.plus(*sum));
        let totals = |labels: &Labels| labels.values().fold(Sum::default(), |all, sum| all.plus(*sum));
        let (left, came) = (totals(shipped), totals(delivered));
        let mut named = vec![("shipped_kept", "kept")];
        named.extend(LATENESS);
        let mut links = f.links(key, Measure::ShipPromise, &named);
        links.insert("delivered_kept".into(), f.link(key, Measure::DeliveryPromise, "kept"));
        for (name, label) in LATENESS {
            links.insert(format!("delivered_{name}"), f.link(key, Measure::DeliveryPromise, label));
        }
        let mut row = Row::new(f.key(key)).with("shipped", left.count).with("shipped_kept", count(shipped, "kept"));
        for (name, label) in LATENESS {
            row = row.with(name, count(shipped, label));
        }
        row.with("shipped_kept_percent", percent(count(shipped, "kept") as i64, left.count as i64))
            .with("days_late", left.value)
            .with("delivered", came.count)
            .with("delivered_kept", count(delivered, "kept"))
            .with("delivered_kept_percent", percent(count(delivered, "kept") as i64, came.count as i64))
            .with("revised", changes.count)
            .with("days_moved", changes.value)
            .with("links", links)
    };
    Ok(keys.into_iter().map(row).collect())
}

fn advice(f: &mut Figures<'_>) -> Rows {
    let (reports, answers) = (f.of(Measure::Advice)?, f.of(Measure::Answer)?);
    let row = |(key, (reports, answers)): (SmolStr, (Labels, Labels))| {
        let spans = Spans::of(&reports);
        let (right, short) = (count(&answers, "as_advised"), count(&answers, "short"));
        let named = [("as_advised", "as_advised"), ("short", "short"), ("declined", "declined")];
        Row::new(f.key(&key))
            .with("reports", spans.count())
            .with("lag_seconds_median", spans.at_most(500))
            .with("lag_seconds_p90", spans.at_most(900))
            .with("lag_seconds_mean", spans.mean())
            .with("answers", right + short + count(&answers, "declined"))
            .with("as_advised", right)
            .with("short", short)
            .with("declined", count(&answers, "declined"))
            .with("accuracy_percent", percent(right as i64, (right + short) as i64))
            .with("links", f.links(&key, Measure::Answer, &named))
    };
    Ok(joined(reports, answers).into_iter().map(row).collect())
}

fn fill(f: &mut Figures<'_>) -> Rows {
    let found = f.of(Measure::Supplied)?;
    let row = |(key, labels): (&SmolStr, &Labels)| {
        let all = labels.values().fold(Sum::default(), |all, sum| all.plus(*sum));
        let named = [("full", "full"), ("short", "short"), ("none", "none")];
        Row::new(f.key(key))
            .with("lines", all.count)
            .with("full", count(labels, "full"))
            .with("short", count(labels, "short"))
            .with("none", count(labels, "none"))
            .with("units_asked", all.value)
            .with("units_shipped", all.units)
            .with("fill_percent", percent(all.units, all.value))
            .with("links", f.links(key, Measure::Supplied, &named))
    };
    Ok(found.iter().map(row).collect())
}
