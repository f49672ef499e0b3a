//! The stage: simulated vendors behind the connector port. Each takes purchase orders and leaves its answers to be fetched,
//! as the model of its real counterpart draws them, or as a scenario tells it to.
//!
//! Knows no address, no file and no secret: what is handed over here ends here.

use countersign_engine::calibration::Cell;
use countersign_engine::ids::{Sku, SourceId};
use countersign_engine::item::Category;
use countersign_engine::measure::Quantity;
use countersign_runtime::ports::{Connector, Delivery, Found, Rendered};
use countersign_sim::chance::Chance;
use countersign_sim::history::Moment;
use countersign_sim::replay::model::Models;
use countersign_sim::replay::vendor::{Behaviour, Wanted, drawn};
use jiff::{Timestamp, ToSpan};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A told vendor answers after so long, whatever its own habits are: a lesson is not spent waiting.
const TOLD_ANSWERS_AFTER: Duration = Duration::from_secs(2);
/// And does what it does next after so long again.
const TOLD_ACTS_AFTER: Duration = Duration::from_secs(4);
/// Days by which a vendor that is told to be late is late.
const LATE_DAYS: i64 = 9;
/// Age of advice that a drawn answer supposes: advice in a sandbox is fresh.
const ADVICE_AGE_S: i64 = 1_800;

/// What a vendor does with purchase orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Conduct {
    /// What its model draws.
    #[default]
    AsFitted,
    /// Accepts, and ships.
    Accepts,
    /// Takes the paper and says nothing.
    Silent,
    /// Has none.
    Declines,
    /// Accepts half.
    AcceptsHalf,
    /// Accepts for a day more than a week late.
    Late,
    /// Accepts, then cancels.
    TakesBack,
    /// Offers something else.
    Substitutes,
}

/// What the vendors know when the curtain rises.
pub struct Stage {
    /// The journal's, then those of kept histories; never empty.
    models: Vec<Models>,
    /// By source and item: how much was advised; by item: its category.
    advised: BTreeMap<(SourceId, Sku), Quantity>,
    categories: BTreeMap<Sku, Category>,
    /// A vendor's hour lasts an hour divided by this.
    speed: u32,
    seed: u64,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    told: BTreeMap<SourceId, Conduct>,
    /// What a vendor that substitutes offers.
    substitute: Option<Sku>,
    /// Purchase orders and cancellations taken, by id: a second one has no second effect.
    taken: BTreeSet<String>,
    left: BTreeSet<String>,
    letters: BTreeMap<SourceId, Vec<Letter>>,
}

/// A paper that a vendor leaves to be fetched.
struct Letter {
    due: Instant,
    po: String,
    name: String,
    body: Value,
    /// With it the goods have left.
    ships: bool,
}

impl Stage {
    /// A stage for vendors that behave as the first of these models that saw them answer.
    pub fn new(
        models: Vec<Models>,
        advised: BTreeMap<(SourceId, Sku), Quantity>,
        categories: BTreeMap<Sku, Category>,
        speed: u32,
        seed: u64,
    ) -> Self {
        Self { models, advised, categories, speed: speed.max(1), seed, state: Mutex::default() }
    }
    /// The models that saw a vendor answer, if any did.
    pub fn fitted(&self, source: &SourceId) -> Option<&Models> {
        self.models.iter().find(|models| models.calibration.sources.contains_key(source))
    }
    /// Tells a vendor what to do from now on.
    pub fn tell(&self, source: &SourceId, conduct: Conduct) {
        self.state().told.insert(source.clone(), conduct);
    }
    /// Names what a vendor that substitutes offers.
    pub fn offer_instead(&self, sku: Sku) {
        self.state().substitute = Some(sku);
    }
    /// The connector behind which a vendor plays.
    pub fn player(self: &Arc<Self>, source: &SourceId) -> Arc<dyn Connector> {
        Arc::new(Player { stage: self.clone(), source: source.clone() })
    }

    // What the lock guards is whole after every statement.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ordered(&self, source: &SourceId, paper: &Value) {
        let po = paper["purchase_order"].as_str().unwrap_or_default().to_owned();
        let fresh = self.state().taken.insert(format!("{po} {}", paper["attempt"]));
        let conduct = self.state().told.get(source).copied().unwrap_or_default();
        if !fresh {
            return;
        }
        let letters = match conduct {
            Conduct::AsFitted => self.drawn(source, &po, paper),
            Conduct::Silent => vec![],
            told => self.told(&po, paper, told),
        };
        self.state().letters.entry(source.clone()).or_default().extend(letters);
    }

    /// The letters of a vendor that does as it is told.
    fn told(&self, po: &str, paper: &Value, conduct: Conduct) -> Vec<Letter> {
        let substitute = self.state().substitute.clone();
        let line = |line: &Value| {
            let packs = line["quantity"].as_u64().unwrap_or(0);
            let name = &line["line"];
            match conduct {
                Conduct::Declines => vec![json!({"line": name, "rejected": packs, "reason": "out_of_stock"})],
                Conduct::AcceptsHalf if packs > 1 => vec![
                    json!({"line": name, "accepted": packs / 2}),
                    json!({"line": name, "rejected": packs - packs / 2, "reason": "out_of_stock"}),
                ],
                Conduct::Late => {
                    let day = line["ship_by"].as_str().and_then(|d| d.parse::<jiff::civil::Date>().ok());
                    vec![
                        json!({"line": name, "accepted": packs, "ship_on": day.map(|d| d.saturating_add(LATE_DAYS.days()))}),
                    ]
                }
                Conduct::Substitutes => {
                    vec![json!({"line": name, "substituted": packs, "substitute": {"sku": substitute}})]
                }
                _ => vec![json!({"line": name, "accepted": packs})],
            }
        };
        let lines: Vec<Value> = paper["lines"].as_array().into_iter().flatten().flat_map(line).collect();
        let acts = TOLD_ANSWERS_AFTER + TOLD_ACTS_AFTER;
        let mut letters = vec![acknowledgment(po, paper, TOLD_ANSWERS_AFTER, &lines)];
        match conduct {
            Conduct::TakesBack => letters.push(taken_back(po, acts)),
            Conduct::Accepts | Conduct::AcceptsHalf => letters.push(shipment(po, acts, &lines)),
            _ => {}
        }
        letters
    }

    /// The letters that the model of a vendor draws.
    fn drawn(&self, source: &SourceId, po: &str, paper: &Value) -> Vec<Letter> {
        let lines: Vec<&Value> = paper["lines"].as_array().into_iter().flatten().collect();
        let packs = |line: &Value| line["quantity"].as_u64().and_then(|n| u32::try_from(n).ok()).unwrap_or(0);
        let wanted: Vec<(u16, u32)> = (0_u16..).zip(&lines).map(|(n, line)| (n, packs(line))).collect();
        let Some(first) = lines.first() else { return vec![] };
        let sku: Option<Sku> = first["sku"].as_str().and_then(|s| s.parse().ok());
        let advised = sku.as_ref().and_then(|s| self.advised.get(&(source.clone(), s.clone()))).copied();
        let category = sku.as_ref().and_then(|s| self.categories.get(s)).cloned();
        let now = Timestamp::now();
        let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
        let quantity = Quantity::new(packs(first));
        let category = category.or(Category::new("other").ok()).expect("because other is a path");
        let cell = Cell::of(Some(ADVICE_AGE_S), quantity, advised.unwrap_or(quantity), today, &category);
        let ship_by = first["ship_by"].as_str().and_then(|d| d.parse().ok()).unwrap_or(today);
        let at = Moment::of(now).unwrap_or(Moment::NEVER);
        let asked = Wanted { at, ship_by, lines: &wanted };
        let models = self.fitted(source).unwrap_or(&self.models[0]);
        let chance = models.calibration.chance(source, &cell).map_or(1_000_000, |c| u64::from(c.millionths));
        let dice = self.dice(&format!("{source} {po} {}", paper["attempt"]));
        let does = drawn(models.character_of(source), chance, dice, &asked);
        self.letters(po, paper, &lines, &wanted, &does)
    }

    fn letters(
        &self,
        po: &str,
        paper: &Value,
        lines: &[&Value],
        wanted: &[(u16, u32)],
        does: &Behaviour,
    ) -> Vec<Letter> {
        if !does.answers.is_known() {
            return vec![];
        }
        let asked = Moment::of(Timestamp::now()).unwrap_or(Moment::NEVER);
        let after = |then: Moment| {
            let seconds = u64::try_from(then.seconds() - asked.seconds()).unwrap_or(0);
            Duration::from_millis(seconds * 1_000 / u64::from(self.speed)) + Duration::from_millis(200)
        };
        let said = |(n, yes): &(u16, u32)| {
            let (name, all) = (&lines[usize::from(*n)]["line"], wanted[usize::from(*n)].1);
            let yes = (*yes).min(all);
            let accepted = (yes > 0).then(|| match does.ship_on {
                Some(day) => json!({"line": name, "accepted": yes, "ship_on": day}),
                None => json!({"line": name, "accepted": yes}),
            });
            let rejected = (yes < all).then(|| json!({"line": name, "rejected": all - yes, "reason": "out_of_stock"}));
            accepted.into_iter().chain(rejected)
        };
        let answers: Vec<Value> = does.accepted.iter().flat_map(said).collect();
        let mut letters = vec![acknowledgment(po, paper, after(does.answers), &answers)];
        if does.ships.is_known() {
            letters.push(shipment(po, after(does.ships), &answers));
        }
        if does.takes_back.is_known() {
            letters.push(taken_back(po, after(does.takes_back)));
        }
        letters
    }

    /// The chance of one question (FNV-1a): the same sandbox asked the same answers the same.
    fn dice(&self, question: &str) -> Chance {
        let start = 0xcbf2_9ce4_8422_2325_u64;
        let hash = question.bytes().fold(start, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0000_0100_0000_01b3));
        Chance::of(self.seed ^ hash)
    }

    fn cancelled(&self, source: &SourceId, paper: &Value) {
        let po = paper["purchase_order"].as_str().unwrap_or_default().to_owned();
        let mut state = self.state();
        if state.told.get(source) == Some(&Conduct::Silent) || !state.taken.insert(format!("{po} stop")) {
            return;
        }
        let left = state.left.contains(&po);
        let letters = state.letters.entry(source.clone()).or_default();
        if !left {
            letters.retain(|letter| letter.po != po);
        }
        let body = json!({"purchase_order": po, "accepted": !left});
        letters.push(letter(&po, "cancellation-answer", TOLD_ANSWERS_AFTER, body));
    }
}

fn letter(po: &str, what: &str, after: Duration, mut body: Value) -> Letter {
    body["purchase_order"] = po.into();
    let name = format!("purchase-orders/{po}/{what}");
    Letter { due: Instant::now() + after, po: po.to_owned(), name, body, ships: false }
}

fn acknowledgment(po: &str, paper: &Value, after: Duration, lines: &[Value]) -> Letter {
    letter(po, "acknowledgment", after, json!({"attempt": paper["attempt"], "lines": lines}))
}

fn shipment(po: &str, after: Duration, answers: &[Value]) -> Letter {
    let some = answers.iter().filter(|a| a["accepted"].as_u64().is_some_and(|n| n > 0));
    let lines: Vec<Value> = some.map(|a| json!({"line": a["line"], "quantity": a["accepted"]})).collect();
    let body =
        json!({"shipment": format!("S-{po}"), "carrier": "UPSN", "tracking": ["1Z0000000000000000"], "lines": lines});
    Letter { ships: true, ..letter(po, "shipments", after, body) }
}

fn taken_back(po: &str, after: Duration) -> Letter {
    letter(po, "cancellation-answer", after, json!({"accepted": true, "unasked": true, "reason": "out_of_stock"}))
}

/// A vendor behind its connector.
struct Player {
    stage: Arc<Stage>,
    source: SourceId,
}

impl Connector for Player {
    fn deliver(&self, _: &str, paper: &Rendered, _: Duration) -> Delivery {
        let Ok(body) = serde_json::from_slice::<Value>(&paper.bytes) else {
            let why = "simulated vendors read the vendor API only: set the dialect api in this sandbox".to_owned();
            return Delivery::Refused { why };
        };
        match paper.name.ends_with("/cancellation") {
            true => self.stage.cancelled(&self.source, &body),
            false => self.stage.ordered(&self.source, &body),
        }
        Delivery::Done { receipt: true, answer: None }
    }
    fn idempotent(&self) -> bool {
        true
    }
    fn fetch(&self, limit: usize) -> Result<Vec<Found>, String> {
        let (state, now) = (self.stage.state(), Instant::now());
        let letters = state.letters.get(&self.source).map(Vec::as_slice).unwrap_or_default();
        let due = letters.iter().filter(|letter| letter.due <= now).take(limit);
        let found = due.map(|letter| {
            let mut body = letter.body.clone();
            if letter.ships {
                body["shipped_at"] = json!(Timestamp::now());
            }
            Found { name: letter.name.clone(), bytes: body.to_string().into_bytes() }
        });
        Ok(found.collect())
    }
    fn taken(&self, name: &str) -> Result<(), String> {
        let mut state = self.stage.state();
        let letters = state.letters.entry(self.source.clone()).or_default();
        let gone: Option<Letter> = letters.iter().position(|l| l.name == name).map(|at| letters.remove(at));
        if let Some(letter) = gone.filter(|l| l.ships) {
            state.left.insert(letter.po);
        }
        Ok(())
    }
}
