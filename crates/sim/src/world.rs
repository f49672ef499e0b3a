//! A rehearsal: the same steps as in production, in an order drawn by a seed, with crashes between any two, a store
//! that fails, a post that loses, repeats and delays, clocks that jump, and people who decide at random.

use crate::auditor::Auditor;
use crate::chance::Chance;
use crate::vendor::{Character, Vendor};
use countersign_engine::approval::Outcome;
use countersign_engine::case::Remedy;
use countersign_engine::command::{Actor, CaptureOrder, Command, Deed, ReportAdvice, ReportedLine, Role};
use countersign_engine::ids::{OrderId, SourceId};
use countersign_engine::measure::Quantity;
use countersign_engine::message::Addressee;
use countersign_engine::order::Order;
use countersign_engine::reason::Reason;
use countersign_engine::slice::{Key, Record};
use countersign_engine::stock::Origin;
use countersign_partners::dialects::Partners;
use countersign_runtime::backoff::Backoff;
use countersign_runtime::deliver::Delivering;
use countersign_runtime::memory::{Fault, MemoryStore};
use countersign_runtime::ports::{Connector, Delivery, Found, PersonRow, Rendered, Store};
use countersign_runtime::{Desk, Handled, Request, Settings, audit, interpret, receive, wake};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

static PARTNERS: Partners = Partners;

/// Items of the small world: few, so that orders meet in the same stock.
const ITEMS: &[&str] = &["MUG", "JUG", "LAMP"];
/// Steps after which a world is judged although lines still wait for supply that will never come.
const REST_STEPS_MAX: u32 = 200;

/// What a rehearsal came to.
#[derive(Debug)]
pub struct Outcomes {
    /// Rules that were broken.
    pub faults: Vec<String>,
    /// Orders taken in.
    pub orders: u64,
    /// Journal entries.
    pub entries: u64,
    /// Crashes.
    pub crashes: u64,
    /// What happened to the order that was asked about, in sentences.
    pub told: Vec<String>,
}

/// The post: what it was given lands at vendors, or not.
#[derive(Default)]
struct Post {
    bag: Mutex<Vec<(String, Rendered)>>,
    chance: Mutex<Option<Chance>>,
}

struct Route {
    vendor: String,
    post: Arc<Post>,
    idempotent: bool,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Connector for Route {
    fn deliver(&self, _: &str, paper: &Rendered, _: std::time::Duration) -> Delivery {
        let roll = locked(&self.post.chance).as_mut().map_or(500, |c| c.below(1_000));
        let arrives = || locked(&self.post.bag).push((self.vendor.clone(), paper.clone()));
        match roll {
            0..40 => Delivery::Failed { why: "connection refused".into() },
            40..60 => {
                arrives();
                Delivery::Unknown { why: "the reply was lost".into() }
            }
            60..75 => Delivery::Unknown { why: "timeout".into() },
            75..80 => Delivery::Refused { why: "422".into() },
            80..110 => {
                arrives();
                arrives();
                Delivery::Done { receipt: true, answer: None }
            }
            _ => {
                arrives();
                Delivery::Done { receipt: !roll.is_multiple_of(7), answer: None }
            }
        }
    }
    fn idempotent(&self) -> bool {
        self.idempotent
    }
    fn fetch(&self, _: usize) -> Result<Vec<Found>, String> {
        Ok(vec![])
    }
    fn taken(&self, _: &str) -> Result<(), String> {
        Ok(())
    }
}

/// A world under way.
pub struct World {
    c: Chance,
    now: Timestamp,
    store: Arc<MemoryStore>,
    desk: Desk,
    post: Arc<Post>,
    vendors: Vec<Vendor>,
    idempotent: Vec<bool>,
    /// Said, not yet arrived: when, by whom, under which name, what.
    on_the_way: Vec<(Timestamp, String, String, Vec<u8>)>,
    /// Orders whose capture failed and must be sent again.
    unsure: Vec<CaptureOrder>,
    orders: Vec<OrderId>,
    auditor: Auditor,
    crashes: u64,
    advised: u64,
}

/// Rehearses one seed with that many random steps; tells what happened to one order, if asked.
pub fn rehearse(seed: u64, steps: u32, order: Option<&str>) -> Outcomes {
    lived(seed, steps).judge(order)
}

/// The store that one seed with that many random steps leaves behind.
pub fn store_of(seed: u64, steps: u32) -> Arc<MemoryStore> {
    lived(seed, steps).store
}

fn lived(seed: u64, steps: u32) -> World {
    let mut world = World::new(seed);
    for _ in 0..steps {
        world.step();
    }
    world.come_to_rest();
    world
}

impl World {
    fn new(seed: u64) -> Self {
        let mut c = Chance::of(seed);
        let store = Arc::new(MemoryStore::new());
        let desk = open(&store);
        let post = Arc::new(Post { bag: Mutex::default(), chance: Mutex::new(Some(Chance::of(seed ^ 0xabcd))) });
        let count = 2 + c.below(3);
        let vendors = (0..count).map(|n| Vendor::new(&format!("v{n}"), Character::draw(&mut c))).collect();
        let idempotent = (0..count).map(|_| !c.permille(250)).collect();
        // A Friday before the clocks change in America: weekends and the lost hour lie ahead.
        let now = "2026-03-06T15:00:00Z".parse().expect("because it is a time");
        let mut world = Self {
            c,
            now,
            store,
            desk,
            post,
            vendors,
            idempotent,
            on_the_way: vec![],
            unsure: vec![],
            orders: vec![],
            auditor: Auditor::default(),
            crashes: 0,
            advised: 0,
        };
        world.set_up();
        let mut faults = Chance::of(seed ^ 0x77);
        let level = *world.c.pick(&[0, 0, 15, 60]).unwrap_or(&0);
        world.store.set_faults(Some(Box::new(move |call| match call {
            "commit" if faults.permille(level) => {
                [Fault::Determinate, Fault::LostAnswer, Fault::LostCall][faults.below(3) as usize]
            }
            "load" | "errands" | "render" | "receive" if faults.permille(level / 3) => Fault::Determinate,
            _ => Fault::None,
        })));
        world
    }

    fn set_up(&mut self) {
        let policy = self.policy();
        let mut deeds = vec![json!({"deed": "activate_policy", "policy": policy})];
        for sku in ITEMS {
            deeds.push(json!({"deed": "record_item", "item": {"sku": sku, "title": sku, "category": if *sku == "LAMP" { "lighting/table" } else { "kitchen/mugs" }, "unit": "EA", "substitutes": []}}));
        }
        for n in 0..self.vendors.len() {
            let id = format!("v{n}");
            let kind = if n == 1 { "dc" } else { "vendor" };
            deeds.push(json!({"deed": "record_source", "source": {"id": id, "kind": kind, "name": id, "time_zone": "America/Chicago", "ships_from": {"country": "US"}, "cutoff": "14:00:00", "handling_days": n, "channel": {"dialect": "api", "connector": {"type": "sim"}}}}));
            for sku in ITEMS {
                let money = |amount: u64| json!({"amount": format!("{amount}.00"), "currency": "USD"});
                let offer = json!({"source": id, "sku": sku, "vendor_sku": format!("{id}-{sku}"), "pack": {"unit": "EA", "base_units": 1}, "unit_cost": money(5 + self.c.below(5)), "shipping_cost": money(2)});
                deeds.push(json!({"deed": "record_offer", "offer": offer}));
            }
        }
        for mut deed in deeds {
            deed["by"] = json!({"kind": "engine"});
            let command: Command = serde_json::from_value(deed).expect("because the set-up is well-formed");
            let handled = self.desk.handle_one(self.now, command);
            assert!(handled.done().is_some(), "the set-up was not taken: {handled:?}");
        }
        for n in 0..self.vendors.len() {
            self.advise(n);
        }
    }

    fn policy(&mut self) -> Value {
        let c = &mut self.c;
        let pick = |c: &mut Chance, all: &[&str]| (*c.pick(all).unwrap_or(&"ask")).to_owned();
        let then = pick(c, &["reroute", "reroute", "remind", "ask"]);
        let time = pick(c, &["continuous", "continuous", "business"]);
        let limit =
            |within_s: u32, then: &str| json!({"within_s": within_s, "warn_percent": 70, "then": then, "time": time});
        let mode = pick(c, &["enforce", "enforce", "enforce", "recommend"]);
        json!({
            "version": 2, "name": "rehearsal",
            "modes": [{"mode": mode, "commit_on": pick(c, &["acknowledgment", "acknowledgment", "availability"])}],
            "sensitive": ["lighting"],
            "clocks": [{"receipt": limit(1_800, "ask"), "acknowledgment": limit(7_200, &then), "ship_notice": limit(86_400, &pick(c, &["ask", "ask", "reroute"])), "cancel_answer": limit(7_200, "ask")}],
            "netting": [{"advice_nets": "acknowledged"}],
            "sourcing": {"steps": [
                {"name": "vendor", "choose": {"one": {"kind": "vendor"}}, "otherwise": "next"},
                {"name": "centre", "choose": {"one": {"kind": "dc"}}, "otherwise": "next"},
                {"name": "split", "choose": {"split": {"sources_max": 3}}, "otherwise": pick(c, &["ask", "wait", "refuse"])},
            ], "attempts_max": 4},
            "approvals": {"split": pick(c, &["never", "always"]), "substitution": "always", "within_minutes": 90, "unanswered": pick(c, &["ask", "approve", "reject"])},
            "answers": {"rest": pick(c, &["resource", "resource", "cancel", "ask"]), "later_date": pick(c, &["reroute", "revise", "ask"]), "backordered": "reroute"},
            "hold_minutes": 100,
        })
    }

    fn step(&mut self) {
        match self.c.below(100) {
            0..14 => self.place_order(),
            14..30 => self.run_errands(),
            30..46 => self.interpret(),
            46..58 => self.wake(),
            58..72 => self.pass_time(),
            72..84 => self.carry_post(),
            84..88 => self.crash(),
            88..91 => self.cancel(),
            91..96 => self.decide_something(),
            96..98 => self.send_again(),
            _ => {
                let n = self.c.below(self.vendors.len() as u64) as usize;
                self.advise(n);
            }
        }
        self.auditor.follow(&self.store);
    }

    fn place_order(&mut self) {
        let id = OrderId::new(format!("o{}", self.orders.len() + self.unsure.len() + 1)).expect("because it is an id");
        let lines: Vec<Value> = (1..=1 + self.c.below(2)).map(|line| {
            let sku = self.c.pick(ITEMS).copied().unwrap_or("MUG");
            json!({"line": line.to_string(), "sku": sku, "quantity": 1 + self.c.below(4), "unit": "EA", "unit_price": {"amount": "9.00", "currency": "USD"}})
        }).collect();
        let capture = json!({"id": id, "placed_at": self.now, "sales_channel": "web", "destination": {"country": "US", "postal_code": "733"}, "service_level": "standard", "fingerprint": format!("f-{id}"), "lines": lines});
        let capture = serde_json::from_value(capture).expect("because the order is well-formed");
        self.capture(capture);
        if self.c.permille(100) {
            // The shop sends it twice.
            if let Some(last) = self.orders.last().cloned() {
                self.ask(Deed::Wake { order: last });
            }
        }
    }

    fn capture(&mut self, capture: CaptureOrder) {
        let person = PersonRow {
            order: capture.id.clone(),
            body: r#"{"customer":{"name":"A"},"ship_to":{"name":"A","country":"US"}}"#.into(),
        };
        let command = Command { by: Actor::Program { name: "shop".into() }, deed: Deed::CaptureOrder(capture.clone()) };
        let handled = self
            .desk
            .handle(self.now, vec![Request::new(command).with_person(person)])
            .pop()
            .and_then(|mut all| all.pop());
        match handled {
            Some(Handled::Done(_)) => {
                if !self.orders.contains(&capture.id) {
                    self.orders.push(capture.id);
                }
            }
            Some(Handled::Refused(_)) => {}
            Some(Handled::Parked { words }) => {
                self.auditor.faults.push(format!("capture of {} was parked: {words}", capture.id))
            }
            _ => self.unsure.push(capture),
        }
    }

    fn send_again(&mut self) {
        for capture in std::mem::take(&mut self.unsure) {
            self.capture(capture);
        }
    }

    fn ask(&mut self, deed: Deed) {
        self.ask_as(Actor::Person { name: "kim".into(), role: Role::VendorManager }, deed);
    }

    fn ask_as(&mut self, by: Actor, deed: Deed) {
        let shown = format!("{deed:?}");
        if let Handled::Parked { words } = self.desk.handle_one(self.now, Command { by, deed }) {
            self.auditor.faults.push(format!("parked: {words} on {shown}"));
        }
    }

    fn run_errands(&mut self) {
        let (post, idempotent) = (self.post.clone(), self.idempotent.clone());
        let connector = move |id: &SourceId| -> Option<Arc<dyn Connector>> {
            let n: usize = id.as_str().strip_prefix('v')?.parse().ok()?;
            Some(Arc::new(Route {
                vendor: id.to_string(),
                post: post.clone(),
                idempotent: idempotent.get(n).copied().unwrap_or(true),
            }))
        };
        let backoff =
            Backoff { first: SignedDuration::from_secs(20), most: SignedDuration::from_mins(20), tries_max: 6 };
        let step = Delivering { desk: &self.desk, dialect: &PARTNERS, backoff };
        let limit = 1 + u32::try_from(self.c.below(8)).unwrap_or(0);
        // A failing store leaves errands claimed; they come again when the claim lapses.
        let _ = step.run(self.now, limit, &connector);
        for (vendor, paper) in std::mem::take(&mut *locked(&self.post.bag)) {
            if let Some(v) = self.vendors.iter_mut().find(|v| v.id == vendor) {
                v.take(&paper.name, &paper.bytes, self.now, &mut self.c);
            }
        }
    }

    /// Vendors act; what they say is lost, repeated or delayed; what has arrived is received.
    fn carry_post(&mut self) {
        for n in 0..self.vendors.len() {
            for (name, body) in self.vendors[n].act(self.now) {
                let bytes = body.to_string().into_bytes();
                let (who, quiet) = (self.vendors[n].id.clone(), locked(&self.post.chance).is_none());
                let copies = match self.c.below(100) {
                    0..4 if !quiet => 0,
                    4..12 => 2,
                    _ => 1,
                };
                for _ in 0..copies {
                    let delay = if self.c.permille(150) { self.c.below(600) } else { self.c.below(10) };
                    self.on_the_way.push((
                        self.now + SignedDuration::from_mins(delay as i64),
                        who.clone(),
                        name.clone(),
                        bytes.clone(),
                    ));
                }
            }
        }
        let (arrived, later): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.on_the_way).into_iter().partition(|(at, ..)| *at <= self.now);
        self.on_the_way = later;
        for (at, who, name, bytes) in arrived {
            let kept =
                receive::receive(self.store.as_ref(), self.now, &format!("source:{who}"), &name, bytes.clone(), None);
            if kept.is_err() {
                // The vendor got no 2xx and sends it again.
                self.on_the_way.push((at + SignedDuration::from_mins(5), who, name, bytes));
            }
        }
    }

    fn interpret(&mut self) {
        let _ = interpret::run(&self.desk, &PARTNERS, self.now, 1 + u32::try_from(self.c.below(5)).unwrap_or(0));
        self.note_parked();
    }

    fn wake(&mut self) {
        let _ = wake::wake(&self.desk, self.now, 50);
        self.note_parked();
    }

    fn note_parked(&mut self) {
        for (order, words) in self.desk.parked() {
            self.auditor.faults.push(format!("order {order} is parked: {words}"));
        }
    }

    fn pass_time(&mut self) {
        let seconds = match self.c.below(20) {
            0 => 3_600 * (6 + self.c.below(60)),
            1 => 0,
            2..6 => 60 * self.c.below(120),
            _ => self.c.below(900),
        };
        self.now += SignedDuration::from_secs(seconds as i64);
        if self.c.permille(20) {
            // The clock is set back a little.
            self.now -= SignedDuration::from_secs(self.c.below(90) as i64);
        }
    }

    /// The process dies: what was not committed is gone.
    fn crash(&mut self) {
        self.desk = open(&self.store);
        self.crashes += 1;
    }

    fn cancel(&mut self) {
        if let Some(order) = self.c.pick(&self.orders.clone()).cloned() {
            self.ask(Deed::CancelOrder { order, line: None, reason: Reason::CancelCustomer, words: None });
        }
    }

    fn read(&self, id: &OrderId) -> Option<Arc<Order>> {
        match self.store.records().into_iter().find(|(key, _)| *key == Key::Order(id.clone()))?.1.record {
            Record::Order(order) => Some(order),
            _ => None,
        }
    }

    /// A person answers an approval, resolves a case, holds, releases or reroutes something.
    fn decide_something(&mut self) {
        let Some(order) = self.c.pick(&self.orders.clone()).and_then(|id| self.read(id)) else { return };
        if let Some(approval) = order.approvals.iter().find(|a| a.outcome == Outcome::Open) {
            let approve = self.c.permille(600);
            self.ask(Deed::AnswerApproval { approval: approval.id.clone(), approve, words: None });
            return;
        }
        let open: Vec<_> = order.cases.iter().filter(|c| c.is_open()).collect();
        if let Some(case) = self.c.pick(&open) {
            let remedy = self.c.pick(&case.options).cloned().unwrap_or(Remedy::Dismiss);
            self.ask(Deed::ResolveCase { case: case.id.clone(), remedy, words: None, revision: None, reason: None });
            return;
        }
        let (id, line) = (order.id.clone(), order.lines[0].id.clone());
        match self.c.below(5) {
            0 => self.ask(Deed::HoldOrder { order: id, reason: Reason::ManualHold, words: None }),
            1 => self.ask(Deed::RerouteLine {
                order: id,
                line,
                to: None,
                reason: Reason::ManualOverride,
                words: None,
                approval: None,
            }),
            2 => {
                let message = self.c.below(3).to_string().into();
                let to = match order.purchase_orders.last() {
                    Some(po) if self.c.permille(500) => Addressee::Source { po: po.number.clone() },
                    _ => Addressee::Customer,
                };
                self.ask(Deed::WriteMessage { order: id, message, to, fingerprint: "f".into() });
            }
            _ => self.ask(Deed::ReleaseOrder { order: id, reason: None, words: None }),
        }
    }

    fn advise(&mut self, n: usize) {
        self.advised += 1;
        let source = SourceId::new(format!("v{n}")).expect("because it is an id");
        let lines = ITEMS.iter().map(|sku| ReportedLine {
            sku: countersign_engine::ids::Sku::new(sku).expect("because it is an id"),
            quantity: Quantity::new(u32::try_from(self.c.below(14)).unwrap_or(0)),
            incoming: Default::default(),
            absent: false,
        });
        let lines = lines.collect();
        let back = if self.c.permille(200) { self.c.below(7_200) } else { 0 };
        let as_of = self.now - SignedDuration::from_secs(back as i64);
        let report = ReportAdvice {
            source: source.clone(),
            as_of,
            origin: Origin::Api,
            full: false,
            completes_feed: false,
            unchanged: 0,
            lines,
        };
        self.ask_as(Actor::Source { source }, Deed::ReportAdvice(report));
    }

    /// No more faults, no more orders: time goes on until nothing is left to do.
    fn come_to_rest(&mut self) {
        self.store.set_faults(None);
        *locked(&self.post.chance) = None;
        self.desk = open(&self.store);
        let mut quiet = 0;
        for _ in 0..REST_STEPS_MAX {
            let (before, _) = self.store.head().unwrap_or_default();
            self.send_again();
            self.run_errands();
            self.carry_post();
            self.interpret();
            self.wake();
            self.now += SignedDuration::from_mins(45);
            let (after, _) = self.store.head().unwrap_or_default();
            let pending = !self.on_the_way.is_empty() || self.vendors.iter().any(|v| !v.plans.is_empty());
            quiet = if before == after && !pending { quiet + 1 } else { 0 };
            if quiet > 8 && !self.something_due() {
                break;
            }
            if quiet > 8 {
                self.now += SignedDuration::from_hours(12);
            }
        }
        self.auditor.follow(&self.store);
    }

    fn something_due(&self) -> bool {
        let horizon = self.now + SignedDuration::from_hours(24 * 14);
        self.store.next_due().ok().flatten().is_some_and(|due| due <= horizon)
            || self.store.next_errand().ok().flatten().is_some()
    }

    fn judge(mut self, order: Option<&str>) -> Outcomes {
        self.auditor.close(&self.store, &self.vendors);
        match audit::audit(self.store.as_ref(), true) {
            Ok(found) => self.auditor.faults.extend(found.differences.iter().map(ToString::to_string)),
            Err(why) => self.auditor.faults.push(why.to_string()),
        }
        let entries = self.store.head().map_or(0, |(position, _)| position);
        let mut faults = self.auditor.faults;
        faults.dedup();
        Outcomes {
            faults,
            orders: self.orders.len() as u64,
            entries,
            crashes: self.crashes,
            told: order.map(|id| tell(&self.store, id)).unwrap_or_default(),
        }
    }
}

/// What happened to one order, in sentences.
fn tell(store: &MemoryStore, order: &str) -> Vec<String> {
    let rows = store.journal_of(order, 0, u32::MAX).unwrap_or_default();
    let entries =
        rows.iter().filter_map(|row| serde_json::from_str::<countersign_engine::journal::Entry>(&row.body).ok());
    let lines = entries.flat_map(|entry| {
        let events = entry.events.iter().map(countersign_engine::explain::event);
        let effects = entry.effects.iter().map(|effect| format!("    -> {}", effect.id()));
        events.chain(effects).map(|line| format!("{} {line}", entry.at)).collect::<Vec<_>>()
    });
    lines.collect()
}

fn open(store: &Arc<MemoryStore>) -> Desk {
    let port: Arc<dyn Store> = store.clone();
    Desk::open(port, Settings::default()).expect("because reading the head never fails here")
}
