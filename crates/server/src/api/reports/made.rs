//! What is made of the counts: the rows of each report. Pure but for the counting itself.

use super::cells::{Figures, Labels, Sum};
use super::date_of;
use super::latency::Spans;
use crate::api::cases::open_places;
use countersign_runtime::facts::{AUTOMATIC, Measure, day_of};
use countersign_runtime::ports::{By, StoreError};
use jiff::Timestamp;
use serde::Serialize;
use serde::ser::SerializeMap;
use serde_json::{Value, json};
use smol_str::{SmolStr, format_smolstr};
use std::collections::{BTreeMap, BTreeSet};

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
            let links =
                f.links(&key, Measure::Sla, &labels, &[("met", &met), ("breached", &breached), ("excused", &excused)]);
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
            .with("links", f.links(key, Measure::Confirmation, labels, &named))
    };
    let found = f.of(Measure::Confirmation)?;
    Ok(found.iter().map(|(key, labels)| row(f, key, labels)).collect())
}

fn by_reason(f: &mut Figures<'_>, measure: Measure) -> Rows {
    let mut rows = vec![];
    for (key, labels) in f.of(measure)? {
        for (reason, sum) in &labels {
            let links = f.links(&key, measure, &labels, &[("lines", reason)]);
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
            .with("links", f.links(&key, Measure::RerouteOutcome, &became, &named))
    };
    Ok(joined(taken, became).into_iter().map(row).collect())
}

fn taken_back(f: &mut Figures<'_>) -> Rows {
    let (back, speeds) = (f.of(Measure::TakenBack)?, f.of(Measure::AnswerSpeed)?);
    let row = |(key, (back, speeds)): (SmolStr, (Labels, Labels))| {
        let (automatic, considered) = (sum(&back, "automatic"), sum(&back, "considered"));
        let all = automatic.plus(considered);
        let accepted = speeds.values().fold(Sum::default(), |all, sum| all.plus(*sum));
        let links =
            f.links(&key, Measure::TakenBack, &back, &[("automatic", "automatic"), ("considered", "considered")]);
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

/// By kind, and within it by whatever is told apart: opened and resolved in the range, open at its end. What is open
/// today is counted from the cases themselves, so that the list behind the figure is what was counted.
fn aging(f: &mut Figures<'_>, now: Timestamp) -> Rows {
    let (opened, resolved) = (by_kind(f.of(Measure::CaseOpened)?), by_kind(f.of(Measure::CaseResolved)?));
    let today = f.scope().to >= day_of(now);
    let open = match today {
        true => open_ages(f, now)?,
        false => BTreeMap::new(),
    };
    let past = match today || f.by() == By::Day {
        true => BTreeMap::new(),
        false => left_open(by_kind(f.ever(Measure::CaseOpened)?), by_kind(f.ever(Measure::CaseResolved)?)),
    };
    let keys = opened.keys().chain(resolved.keys()).chain(open.keys()).chain(past.keys());
    let keys: BTreeSet<&(SmolStr, SmolStr)> = keys.collect();
    let (none, nothing) = (Labels::new(), (0, Labels::new()));
    let row = |id: &(SmolStr, SmolStr)| {
        let (key, kind) = id;
        let begun = opened.get(id).unwrap_or(&none);
        let spans = Spans::of(resolved.get(id).unwrap_or(&none));
        let (oldest, ages) = open.get(id).unwrap_or(&nothing);
        let ages = Spans::of(ages);
        let standing = match (today, f.by()) {
            (true, _) => ages.count().into(),
            (false, By::Day) => Value::Null,
            (false, _) => past.get(id).copied().unwrap_or(0).into(),
        };
        let mut links = f.links(key, Measure::CaseOpened, begun, &[("opened", kind)]);
        if ages.count() > 0 {
            links.insert("open".into(), open_link(f, key, kind).into());
        }
        Row::new(f.key(key))
            .with("kind", kind.as_str())
            .with("opened", count(begun, kind))
            .with("resolved", spans.count())
            .with("resolved_seconds_median", spans.at_most(500))
            .with("resolved_seconds_p90", spans.at_most(900))
            .with("open", standing)
            .with("oldest_open_seconds", if ages.count() > 0 { (*oldest).into() } else { Value::Null })
            .with("open_ages", json!(ages.bars()))
            .with("links", links)
    };
    Ok(keys.into_iter().map(row).collect())
}

/// Labels `kind` or `kind:bucket`, told apart by the kind.
fn by_kind(all: BTreeMap<SmolStr, Labels>) -> BTreeMap<(SmolStr, SmolStr), Labels> {
    let mut told: BTreeMap<(SmolStr, SmolStr), Labels> = BTreeMap::new();
    for (key, labels) in all {
        for (label, sum) in labels {
            let kind = SmolStr::new(label.split(':').next().unwrap_or_default());
            told.entry((key.clone(), kind)).or_default().insert(label, sum);
        }
    }
    told
}

type Told<T> = BTreeMap<(SmolStr, SmolStr), T>;

/// Opened and not resolved, up to a day that is past.
fn left_open(opened: Told<Labels>, resolved: Told<Labels>) -> Told<u64> {
    let all = |labels: &Labels| labels.values().map(|sum| sum.count).sum::<u64>();
    let left = opened.into_iter().map(|(id, labels)| {
        let over = resolved.get(&id).map_or(0, all);
        let open = all(&labels).saturating_sub(over);
        (id, open)
    });
    left.filter(|(_, open)| *open > 0).collect()
}

/// The list of what is open now; what the reader has put aside is on it, too.
fn open_link(f: &Figures<'_>, key: &str, kind: &str) -> String {
    let day = match (f.by(), key.parse()) {
        (By::Day, Ok(day)) => format!("&opened_on={}", date_of(day)),
        _ => String::new(),
    };
    format!("/v1/cases?open=true&snoozed=true&kind={kind}{}{day}", f.narrowed(key, "sales_channel"))
}

/// Open cases by key and kind: the oldest one's age in seconds, and all ages.
fn open_ages(f: &Figures<'_>, now: Timestamp) -> Result<Told<(i64, Labels)>, StoreError> {
    let scope = f.scope();
    let narrowed = scope.source.is_some() || scope.category.is_some() || scope.channel.is_some();
    let mut told: Told<(i64, Labels)> = BTreeMap::new();
    let mut add = |key: SmolStr, kind: SmolStr, opened_at: Timestamp| {
        let seconds = (now.as_second() - opened_at.as_second()).max(0);
        let (oldest, ages) = told.entry((key, kind)).or_default();
        *oldest = seconds.max(*oldest);
        let sum = ages.entry(countersign_runtime::facts::bucket(seconds)).or_default();
        *sum = sum.plus(Sum { count: 1, units: 0, value: seconds });
    };
    let in_range = |day: i64| (scope.from..=scope.to).contains(&day);
    match f.by() {
        By::Nothing if !narrowed => {
            f.store().open_cases()?.into_iter().for_each(|(kind, at)| add(SmolStr::default(), kind, at));
        }
        By::Day if !narrowed => {
            let all = f.store().open_cases()?.into_iter().filter(|(_, at)| in_range(day_of(*at)));
            all.for_each(|(kind, at)| add(format_smolstr!("{}", day_of(at)), kind, at));
        }
        by => {
            let place = |text: &Option<SmolStr>, own: &SmolStr| text.as_ref().is_none_or(|wanted| wanted == own);
            for (case, at) in open_places(f.store())? {
                let fits = place(&scope.source, &at.source)
                    && place(&scope.category, &at.category)
                    && place(&scope.channel, &at.channel)
                    && (by != By::Day || in_range(day_of(case.opened_at)));
                let key = match by {
                    By::Nothing => SmolStr::default(),
                    By::Source => at.source,
                    By::Category => at.category,
                    By::Channel => at.channel,
                    By::Day => format_smolstr!("{}", day_of(case.opened_at)),
                };
                if fits {
                    add(key, case.kind.code().into(), case.opened_at);
                }
            }
        }
    }
    Ok(told)
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
        let mut links = f.links(key, Measure::ShipPromise, shipped, &named);
        let came_as = |(name, label): (&str, &'static str)| (format!("delivered_{name}"), label);
        let arrivals = [("kept", "kept")].into_iter().chain(LATENESS).map(came_as);
        for (name, label) in arrivals.filter(|(_, label)| count(delivered, label) > 0) {
            links.insert(name, f.link(key, Measure::DeliveryPromise, label));
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
            .with("links", f.links(&key, Measure::Answer, &answers, &named))
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
            .with("links", f.links(key, Measure::Supplied, labels, &named))
    };
    Ok(found.iter().map(row).collect())
}
