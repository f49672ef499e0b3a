//! Figures for Prometheus: counted where things happen, told at `/metrics`.
//!
//! Names and labels are few and fixed (route templates, deeds, outcomes), so that no order id ever becomes a label.

use countersign_engine::command::Deed;
use countersign_runtime::{Handled, Request};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Upper bounds of latency buckets, in microseconds: from a cached quote to a stuck disk.
const BOUNDS_US: [u64; 13] =
    [250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 1_000_000, 2_500_000, 10_000_000];
/// Upper bounds of batch sizes.
const BOUNDS_BATCH: [u64; 11] = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024];

/// Counts of values by size.
#[derive(Debug)]
pub struct Histogram {
    bounds: &'static [u64],
    counts: Box<[AtomicU64]>,
    sum: AtomicU64,
}

impl Histogram {
    fn new(bounds: &'static [u64]) -> Self {
        Self { bounds, counts: (0..=bounds.len()).map(|_| AtomicU64::new(0)).collect(), sum: AtomicU64::new(0) }
    }
    /// Counts a value.
    pub fn note(&self, value: u64) {
        let place = self.bounds.partition_point(|bound| *bound < value);
        self.counts[place].fetch_add(1, Ordering::Relaxed);
        self.sum.fetch_add(value, Ordering::Relaxed);
    }
    fn write(&self, out: &mut String, name: &str, labels: &str, scale: f64) {
        let comma = if labels.is_empty() { "" } else { "," };
        let mut sum = 0;
        for (bound, count) in self.bounds.iter().zip(&self.counts) {
            sum += count.load(Ordering::Relaxed);
            let _ = writeln!(out, "{name}_bucket{{{labels}{comma}le=\"{}\"}} {sum}", *bound as f64 / scale);
        }
        sum += self.counts[self.bounds.len()].load(Ordering::Relaxed);
        let _ = writeln!(out, "{name}_bucket{{{labels}{comma}le=\"+Inf\"}} {sum}");
        let total = self.sum.load(Ordering::Relaxed) as f64 / scale;
        let _ = writeln!(out, "{name}_sum{{{labels}}} {total}\n{name}_count{{{labels}}} {sum}");
    }
}

/// What is counted of one call.
#[derive(Debug)]
pub struct RouteMeter {
    method: String,
    route: &'static str,
    latency: Histogram,
    /// By class of status: 1xx to 5xx.
    statuses: [AtomicU64; 5],
}

impl RouteMeter {
    /// Counts one answer.
    pub fn note(&self, status: u16, took: Duration) {
        self.latency.note(micros(took));
        let class = usize::from(status / 100).clamp(1, 5) - 1;
        self.statuses[class].fetch_add(1, Ordering::Relaxed);
    }
}

struct Meters {
    routes: Mutex<BTreeMap<(String, &'static str), Arc<RouteMeter>>>,
    commands: Mutex<BTreeMap<(&'static str, &'static str), u64>>,
    batch: Histogram,
    commit: Histogram,
    gauges: Mutex<BTreeMap<&'static str, u64>>,
}

static METERS: LazyLock<Meters> = LazyLock::new(|| Meters {
    routes: Mutex::default(),
    commands: Mutex::default(),
    batch: Histogram::new(&BOUNDS_BATCH),
    commit: Histogram::new(&BOUNDS_US),
    gauges: Mutex::default(),
});

/// The meter of a call; one per method and route, however often the routes are built.
pub fn route(method: &str, route: &'static str) -> Arc<RouteMeter> {
    let mut routes = METERS.routes.lock().unwrap_or_else(PoisonError::into_inner);
    let meter = routes.entry((method.to_owned(), route)).or_insert_with(|| {
        Arc::new(RouteMeter {
            method: method.to_owned(),
            route,
            latency: Histogram::new(&BOUNDS_US),
            statuses: Default::default(),
        })
    });
    meter.clone()
}

/// A batch of requests on its way through the desk.
pub struct Batch {
    /// One per command, in order.
    deeds: Vec<&'static str>,
    began: Instant,
}

impl Batch {
    /// Begins a batch.
    pub fn begin() -> Self {
        Self { deeds: vec![], began: Instant::now() }
    }

    /// Notes what is about to be decided.
    pub fn add(&mut self, requests: &[Request]) {
        self.deeds.extend(requests.iter().flat_map(|r| &r.commands).map(|c| deed_word(&c.deed)));
    }

    /// Counts how it ended.
    pub fn end(self, answers: &[Vec<Handled>]) {
        METERS.batch.note(self.deeds.len() as u64);
        METERS.commit.note(micros(self.began.elapsed()));
        let outcome = |handled: &Handled| match handled {
            Handled::Done(_) => "done",
            Handled::Again(_) => "again",
            Handled::Refused(_) | Handled::KeyReused => "refused",
            Handled::Parked { .. } => "parked",
            Handled::Failed(_) => "failed",
        };
        let mut counts: BTreeMap<(&str, &str), u64> = BTreeMap::new();
        for (deed, handled) in self.deeds.iter().zip(answers.iter().flatten()) {
            *counts.entry((deed, outcome(handled))).or_default() += 1;
        }
        let mut commands = METERS.commands.lock().unwrap_or_else(PoisonError::into_inner);
        for (key, count) in counts {
            *commands.entry(key).or_default() += count;
        }
    }
}

/// The wire word of a deed.
pub(crate) fn deed_word(deed: &Deed) -> &'static str {
    match deed {
        Deed::RecordItem { .. } => "record_item",
        Deed::RecordSource { .. } => "record_source",
        Deed::RecordOffer { .. } => "record_offer",
        Deed::ReportAdvice(_) => "report_advice",
        Deed::CaptureOrder(_) => "capture_order",
        Deed::RecordReceipt(_) => "record_receipt",
        Deed::RecordAcknowledgment(_) => "record_acknowledgment",
        Deed::RecordShipment(_) => "record_shipment",
        Deed::RecordDelivery { .. } => "record_delivery",
        Deed::RecordCancellationAnswer(_) => "record_cancellation_answer",
        Deed::RecordSending { .. } => "record_sending",
        Deed::CancelOrder { .. } => "cancel_order",
        Deed::HoldOrder { .. } => "hold_order",
        Deed::ReleaseOrder { .. } => "release_order",
        Deed::RerouteLine { .. } => "reroute_line",
        Deed::ResolveCase { .. } => "resolve_case",
        Deed::AssignCase { .. } => "assign_case",
        Deed::CommentCase { .. } => "comment_case",
        Deed::OpenSourceCase { .. } => "open_source_case",
        Deed::OpenOrderCase { .. } => "open_order_case",
        Deed::WriteMessage { .. } => "write_message",
        Deed::RecordReply { .. } => "record_reply",
        Deed::AnswerApproval { .. } => "answer_approval",
        Deed::ActivatePolicy { .. } => "activate_policy",
        Deed::SavePolicy { .. } => "save_policy",
        Deed::RecordBacktest(_) => "record_backtest",
        Deed::KeepHistory(_) => "keep_history",
        Deed::RemoveHistory { .. } => "remove_history",
        Deed::ApprovePolicy { .. } => "approve_policy",
        Deed::PutPolicyInForce { .. } => "put_policy_in_force",
        Deed::UnschedulePolicy { .. } => "unschedule_policy",
        Deed::WakePolicies => "wake_policies",
        Deed::LearnAnswers { .. } => "learn_answers",
        Deed::RecordLegacy(_) => "record_legacy",
        Deed::SwitchToLegacy { .. } => "switch_to_legacy",
        Deed::ContestBreach { .. } => "contest_breach",
        Deed::AnswerContest { .. } => "answer_contest",
        Deed::Wake { .. } => "wake",
        Deed::WakeSource { .. } => "wake_source",
    }
}

/// Sets a figure that goes up and down (`outbox_waiting`).
pub fn gauge(name: &'static str, value: u64) {
    METERS.gauges.lock().unwrap_or_else(PoisonError::into_inner).insert(name, value);
}

fn micros(took: Duration) -> u64 {
    u64::try_from(took.as_micros()).unwrap_or(u64::MAX)
}

/// All figures in Prometheus' text form; `extra` are (name, help, kind, value) read just now.
pub fn render(extra: &[(String, &str, &str, u64)]) -> String {
    let mut out = String::with_capacity(16_384);
    head(&mut out, "countersign_http_request_duration_seconds", "Time from request to answer, by call.", "histogram");
    let routes: Vec<_> = METERS.routes.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect();
    let busy = || routes.iter().filter(|r| r.statuses.iter().any(|s| s.load(Ordering::Relaxed) > 0));
    for r in busy() {
        let labels = format!("method=\"{}\",route=\"{}\"", r.method, r.route);
        r.latency.write(&mut out, "countersign_http_request_duration_seconds", &labels, 1e6);
    }
    head(&mut out, "countersign_http_requests_total", "Answers by call and class of status.", "counter");
    for r in busy() {
        for (class, count) in r.statuses.iter().enumerate().filter(|(_, c)| c.load(Ordering::Relaxed) > 0) {
            let count = count.load(Ordering::Relaxed);
            let (method, route) = (&r.method, r.route);
            let _ = writeln!(
                out,
                "countersign_http_requests_total{{method=\"{method}\",route=\"{route}\",status=\"{}xx\"}} {count}",
                class + 1
            );
        }
    }
    head(&mut out, "countersign_commands_total", "Commands by deed and outcome.", "counter");
    for ((deed, outcome), count) in METERS.commands.lock().unwrap_or_else(PoisonError::into_inner).iter() {
        let _ = writeln!(out, "countersign_commands_total{{deed=\"{deed}\",outcome=\"{outcome}\"}} {count}");
    }
    head(&mut out, "countersign_commit_commands", "Commands in one commit.", "histogram");
    METERS.batch.write(&mut out, "countersign_commit_commands", "", 1.0);
    head(&mut out, "countersign_commit_duration_seconds", "Time to decide and commit a batch.", "histogram");
    METERS.commit.write(&mut out, "countersign_commit_duration_seconds", "", 1e6);
    for (name, value) in METERS.gauges.lock().unwrap_or_else(PoisonError::into_inner).iter() {
        head(&mut out, &format!("countersign_{name}"), "As last seen by the loops.", "gauge");
        let _ = writeln!(out, "countersign_{name} {value}");
    }
    for (name, help, kind, value) in extra {
        head(&mut out, name, help, kind);
        let _ = writeln!(out, "{name} {value}");
    }
    out
}

fn head(out: &mut String, name: &str, help: &str, kind: &str) {
    let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_add_up() {
        let h = Histogram::new(&BOUNDS_BATCH);
        for n in [1, 1, 2, 3, 5_000] {
            h.note(n);
        }
        let mut out = String::new();
        h.write(&mut out, "x", "", 1.0);
        assert!(out.contains("x_bucket{le=\"1\"} 2\n"), "{out}");
        assert!(out.contains("x_bucket{le=\"4\"} 4\n"), "{out}");
        assert!(out.contains("x_bucket{le=\"1024\"} 4\n"), "{out}");
        assert!(out.contains("x_bucket{le=\"+Inf\"} 5\n"), "{out}");
        assert!(out.contains("x_sum{} 5007\nx_count{} 5\n"), "{out}");
    }
}
