//! How a source kept its word, with the purchase orders behind every figure, and what it disputes.

use super::cells::{Figures, Labels, Sum};
use super::latency::Spans;
use super::made::{percent, sum};
use super::{Scope, date_of};
use countersign_engine::ids::{OrderId, SourceId};
use countersign_engine::order::{Breached, ClockKind, Order};
use countersign_engine::slice::{Key, Record};
use countersign_runtime::facts::{AUTOMATIC, Measure, clock_word};
use countersign_runtime::ports::{By, FACT_BITS, FactQuery, FactRow, Store, StoreError};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use smol_str::{SmolStr, format_smolstr};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};

/// Days of the range where none is given.
pub const DAYS: i64 = 90;
/// Breaches shown of each clock, the latest ones; the others are behind the links.
const BREACHES_MAX: u32 = 50;

/// Which days.
#[derive(Debug, Default, Deserialize, IntoParams)]
pub struct ScorecardQuery {
    /// From this day (or the day of this instant) on; 90 days if absent.
    #[serde(default)]
    pub from: Option<String>,
    /// Up to and including this day.
    #[serde(default)]
    pub to: Option<String>,
}

/// How a source kept its word. Breaches that were excused count as if they had not been.
#[derive(Debug, Serialize, ToSchema)]
pub struct Scorecard {
    /// Whose.
    pub source: String,
    /// From this day on.
    pub from: String,
    /// Up to and including this day.
    pub to: String,
    /// The journal's last position that is counted.
    pub position: u64,
    /// Purchase orders whose answer was due.
    pub purchase_orders: u64,
    /// Of these, answered in time.
    pub acknowledged: u64,
    /// Answered late or never, the excused included.
    pub answers_breached: u64,
    /// Of these, excused.
    pub answers_excused: u64,
    /// In time or excused, of all.
    pub answers_percent: Option<String>,
    /// Most answers took at most so many seconds: a bound of the histogram.
    pub answer_seconds_median: Option<i64>,
    /// Answers within five seconds: given by no person.
    pub automatic_answers: u64,
    /// Purchase orders whose ship notice was due.
    pub shipments: u64,
    /// Shipped late or never, the excused included.
    pub shipments_breached: u64,
    /// Of these, excused.
    pub shipments_excused: u64,
    /// In time or excused, of all.
    pub shipments_percent: Option<String>,
    /// Units asked for, of lines that have ended; what we took back ourselves does not count.
    pub units_asked: i64,
    /// Units shipped of these.
    pub units_shipped: i64,
    /// The fill rate.
    pub fill_percent: Option<String>,
    /// Units accepted at first.
    pub units_accepted: i64,
    /// Of these, taken back later: acknowledgments that were none.
    pub units_taken_back: i64,
    /// Lines of which units were taken back.
    pub lines_taken_back: u64,
    /// Of these, lines whose acknowledgment had been automatic.
    pub lines_taken_back_automatic: u64,
    /// Units taken back of those accepted.
    pub taken_back_percent: Option<String>,
    /// Lines that it had as it had advised.
    pub advice_right: u64,
    /// Lines of which it had less.
    pub advice_short: u64,
    /// Right, of both.
    pub advice_percent: Option<String>,
    /// The latest breaches behind the figures.
    pub breaches: Vec<BreachView>,
    /// Where the purchase orders behind each figure are listed.
    #[schema(value_type = Object)]
    pub links: Map<String, Value>,
}

/// One breach.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Breach)]
pub struct BreachView {
    /// Which purchase order.
    pub purchase_order: String,
    /// `receipt`, `acknowledgment`, `ship_notice`, `cancel_answer`.
    #[schema(value_type = String)]
    pub clock: ClockKind,
    /// When the answer was due.
    #[schema(value_type = String, format = DateTime)]
    pub due: Timestamp,
    /// The journal's entry that noted it.
    pub position: u64,
    /// True if it no longer counts.
    pub excused: bool,
    /// What was said against it.
    pub contest: Option<ContestView>,
}

/// What a source said against a breach, and what was answered.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Contest)]
pub struct ContestView {
    /// `open`, `accepted`, `refused`.
    pub state: &'static str,
    /// When it was contested.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// The source's words.
    pub words: String,
    /// What proves it.
    pub document: Option<String>,
    /// When it was answered.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub answered_at: Option<Timestamp>,
    /// By whom.
    pub answered_by: Option<String>,
    /// In what words.
    pub answer: Option<String>,
}

impl ContestView {
    fn new(breach: &Breached) -> Option<Self> {
        let contest = breach.contest.as_ref()?;
        let answer = contest.answer.as_ref();
        Some(Self {
            state: answer.map_or("open", |a| if a.accepted { "accepted" } else { "refused" }),
            at: contest.at,
            words: contest.words.clone(),
            document: contest.document.as_ref().map(ToString::to_string),
            answered_at: answer.map(|a| a.at),
            answered_by: answer.map(|a| a.by.name().to_owned()),
            answer: answer.and_then(|a| a.words.clone()),
        })
    }
}

/// The labels of one measure, whatever is told apart: nothing is.
fn labels(figures: &mut Figures<'_>, measure: Measure) -> Result<Labels, StoreError> {
    Ok(figures.of(measure)?.into_values().next().unwrap_or_default())
}

fn words(value: Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

/// The scorecard of a source; `facts` is the path under which its facts are listed.
pub fn of(store: &dyn Store, source: &SourceId, scope: &Scope, facts: &str) -> Result<Scorecard, StoreError> {
    let scope = Scope { source: Some(SmolStr::new(source.as_str())), category: None, channel: None, ..scope.clone() };
    let mut figures = Figures::new(store, &scope, By::Nothing);
    let sla = labels(&mut figures, Measure::Sla)?;
    let (speeds, answers) = (labels(&mut figures, Measure::AnswerSpeed)?, labels(&mut figures, Measure::Answer)?);
    let (supplied, back) = (labels(&mut figures, Measure::Supplied)?, labels(&mut figures, Measure::TakenBack)?);
    let all = |labels: &Labels| labels.values().fold(Sum::default(), |all, sum| all.plus(*sum));
    let ends = |clock: &str| {
        let [met, breached, excused] = ["met", "breached", "excused"].map(|end| format!("{clock}:{end}"));
        (sum(&sla, &met).count, sum(&sla, &breached).count, sum(&sla, &excused).count)
    };
    let kept = |(met, breached, excused): (u64, u64, u64)| {
        words(percent((met + excused.min(breached)) as i64, (met + breached) as i64))
    };
    let (answered, shipped) = (ends("acknowledgment"), ends("ship_notice"));
    let (filled, taken, accepted) = (all(&supplied), all(&back), all(&speeds).units);
    let (right, short) = (sum(&answers, "as_advised").count, sum(&answers, "short").count);
    let automatic = |(label, _): &(&SmolStr, &Sum)| label.parse().is_ok_and(|s: i64| s <= AUTOMATIC.as_secs());
    Ok(Scorecard {
        source: source.to_string(),
        from: date_of(scope.from),
        to: date_of(scope.to),
        position: figures.position(),
        purchase_orders: answered.0 + answered.1,
        acknowledged: answered.0,
        answers_breached: answered.1,
        answers_excused: answered.2,
        answers_percent: kept(answered),
        answer_seconds_median: Spans::of(&speeds).at_most(500).as_i64(),
        automatic_answers: speeds.iter().filter(automatic).map(|(_, sum)| sum.count).sum(),
        shipments: shipped.0 + shipped.1,
        shipments_breached: shipped.1,
        shipments_excused: shipped.2,
        shipments_percent: kept(shipped),
        units_asked: filled.value,
        units_shipped: filled.units,
        fill_percent: words(percent(filled.units, filled.value)),
        units_accepted: accepted,
        units_taken_back: taken.units,
        lines_taken_back: taken.count,
        lines_taken_back_automatic: sum(&back, "automatic").count,
        taken_back_percent: words(percent(taken.units, accepted)),
        advice_right: right,
        advice_short: short,
        advice_percent: words(percent(right as i64, (right + short) as i64)),
        breaches: breaches(store, &scope)?,
        links: links(&figures, facts),
    })
}

const CLOCKS: [ClockKind; 4] =
    [ClockKind::Receipt, ClockKind::Acknowledgment, ClockKind::ShipNotice, ClockKind::CancelAnswer];

/// The latest breaches with what was said about them.
fn breaches(store: &dyn Store, scope: &Scope) -> Result<Vec<BreachView>, StoreError> {
    let mut found: Vec<(ClockKind, FactRow)> = vec![];
    for clock in CLOCKS {
        let query = FactQuery {
            measure: Measure::Sla,
            label: format_smolstr!("{}:breached", clock_word(clock)),
            from: scope.from,
            to: scope.to,
            source: scope.source.clone(),
            category: None,
            channel: None,
            cursor: None,
            limit: BREACHES_MAX,
        };
        found.extend(store.facts(&query)?.into_iter().map(|row| (clock, row)));
    }
    let keys: Vec<Key> =
        found.iter().filter_map(|(_, row)| OrderId::new(&row.fact.order).ok().map(Key::Order)).collect();
    let mut orders: BTreeMap<SmolStr, std::sync::Arc<Order>> = BTreeMap::new();
    for there in store.load(&keys)?.into_iter().flatten() {
        if let Record::Order(order) = there.record {
            orders.insert(SmolStr::new(order.id.as_str()), order);
        }
    }
    let view = |(clock, row): (ClockKind, FactRow)| {
        let fact = &row.fact;
        let po = orders.get(&fact.order).and_then(|order| order.purchase_order(fact.purchase_order));
        let breach = po.and_then(|po| po.breaches.iter().find(|b| b.clock == clock && b.due == fact.at));
        BreachView {
            purchase_order: po
                .map_or_else(|| format!("{}-{}", fact.order, fact.purchase_order), |po| po.number.to_string()),
            clock,
            due: fact.at,
            position: row.id >> FACT_BITS,
            excused: breach.is_some_and(Breached::is_excused),
            contest: breach.and_then(ContestView::new),
        }
    };
    let mut views: Vec<BreachView> = found.into_iter().map(view).collect();
    views.sort_by_key(|view| std::cmp::Reverse(view.due));
    Ok(views)
}

fn links(figures: &Figures<'_>, facts: &str) -> Map<String, Value> {
    let all = [
        ("acknowledged", Measure::Sla, "acknowledgment:met"),
        ("answers_breached", Measure::Sla, "acknowledgment:breached"),
        ("answers_excused", Measure::Sla, "acknowledgment:excused"),
        ("shipments_breached", Measure::Sla, "ship_notice:breached"),
        ("shipments_excused", Measure::Sla, "ship_notice:excused"),
        ("filled", Measure::Supplied, "full"),
        ("filled_short", Measure::Supplied, "short"),
        ("not_filled", Measure::Supplied, "none"),
        ("taken_back_automatic", Measure::TakenBack, "automatic"),
        ("taken_back_considered", Measure::TakenBack, "considered"),
        ("advice_right", Measure::Answer, "as_advised"),
        ("advice_short", Measure::Answer, "short"),
    ];
    let link = |(name, measure, label): (&str, Measure, &str)| {
        let link = figures.link("", measure, label);
        let path = link.as_str().unwrap_or_default().replacen(super::cells::FACTS, facts, 1);
        (name.to_owned(), Value::String(path))
    };
    all.into_iter().map(link).collect()
}
