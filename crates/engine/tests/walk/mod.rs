//! A random walk: a world made by chance, and commands drawn from what is going on in it.

mod settings;
mod word;

use crate::world::chance::Chance;
use crate::world::{World, audit};
use countersign_engine::case::Remedy;
use countersign_engine::command::{
    Actor, CaptureLine, CaptureOrder, Command, Deed, ReportAdvice, ReportedLine, Role, Sending,
};
use countersign_engine::document::Receipt;
use countersign_engine::ids::{ApprovalId, CaseId, LineId, OrderId, PoNumber, Sku, SourceId};
use countersign_engine::item::Unit;
use countersign_engine::measure::{Money, Quantity};
use countersign_engine::order::Order;
use countersign_engine::reason::Reason;
use countersign_engine::source::Region;
use countersign_engine::stock::{Incoming, Origin};
use jiff::{SignedDuration, Timestamp};

/// Commands of one walk.
const COMMANDS: u32 = 60;

pub struct Walk {
    pub world: World,
    pub accepted: u64,
    pub refused: u64,
    chance: Chance,
    now: Timestamp,
    sources: Vec<SourceId>,
    skus: Vec<Sku>,
    orders: u32,
    said: Vec<Command>,
}

pub fn engine() -> Actor {
    Actor::Engine
}
pub fn person() -> Actor {
    Actor::Person { name: "kim".into(), role: Role::VendorManager }
}

impl Walk {
    pub fn new(seed: u64) -> Self {
        let mut chance = Chance::new(seed);
        let now = "2026-11-20T15:00:00Z".parse::<Timestamp>().unwrap()
            + SignedDuration::from_hours(i64::from(chance.below(24 * 120)));
        let sources = ["A", "B", "C", "D"][..2 + chance.below(3) as usize].iter().map(|s| SourceId::new(s).unwrap());
        let skus = ["mug", "jug", "cup"][..1 + chance.below(3) as usize].iter().map(|s| Sku::new(s).unwrap());
        let (sources, skus) = (sources.collect(), skus.collect());
        let world = World::default();
        let mut walk = Self { world, accepted: 0, refused: 0, chance, now, sources, skus, orders: 0, said: vec![] };
        for command in settings::furnish(&mut walk.chance, &walk.sources, &walk.skus) {
            walk.world.run(walk.now, &command).unwrap_or_else(|r| panic!("{r}: {command:?}"));
        }
        for n in 0..walk.sources.len() {
            let source = walk.sources[n].clone();
            let advice = walk.advice(&source);
            walk.try_out(&advice, false);
        }
        walk
    }

    /// Walks, and checks the books after every step.
    pub fn go(&mut self, loud: bool) {
        for _ in 0..COMMANDS {
            let command = self.draw();
            if loud {
                println!("{} {command:?}", self.now);
            }
            self.try_out(&command, loud);
        }
        self.world.replay();
        // Left alone, everything due happens, and nothing wakes for ever in one instant.
        for _ in 0..40 {
            let due: Vec<(Timestamp, OrderId)> =
                self.world.orders().filter_map(|o| Some((o.wake_at()?, o.id.clone()))).collect();
            let Some((at, order)) = due.into_iter().min() else { break };
            self.now = self.now.max(at);
            self.try_out(&Command { by: engine(), deed: Deed::Wake { order: order.clone() } }, loud);
            let again = self.world.order(&order).and_then(Order::wake_at);
            assert!(again.is_none_or(|t| t > self.now), "{order} wants to wake at {again:?}, it is {}", self.now);
        }
        self.world.replay();
    }

    fn try_out(&mut self, command: &Command, loud: bool) {
        let thorough = self.chance.happens(25);
        match self.world.run_with(self.now, command, thorough) {
            Ok(decision) => {
                self.accepted += 1;
                if loud {
                    for event in &decision.events {
                        println!("    {}", serde_json::to_string(event).unwrap());
                    }
                }
            }
            Err(refusal) => {
                self.refused += 1;
                if loud {
                    println!("    refused: {refusal}");
                }
            }
        }
        match command.deed.order().and_then(|id| self.world.order(&id)) {
            Some(order) if !thorough => audit::one(order),
            _ => audit::all(&self.world),
        }
    }

    fn draw(&mut self) -> Command {
        if self.chance.happens(60) {
            let minutes = self.chance.one(&[0, 1, 1, 5, 20, 45, 90, 300, 2000]);
            self.now += SignedDuration::from_secs(minutes * 60 + i64::from(self.chance.below(60)));
        }
        let command = match self.chance.below(100) {
            0..=13 => Some(self.capture()),
            14..=19 => {
                let source = self.chance.one(&self.sources);
                Some(self.advice(&source))
            }
            20..=44 => self.acknowledgment(),
            45..=54 => self.shipment(),
            55..=61 => self.cancel_answer(),
            62..=68 => self.paper(),
            69..=75 => self.customer(),
            76..=84 => self.answer_person(),
            85..=89 => {
                self.said.get(self.chance.below(u32::try_from(self.said.len()).unwrap().max(1)) as usize).cloned()
            }
            _ => self.wake(),
        };
        let command = command.unwrap_or_else(|| self.capture());
        self.said.push(command.clone());
        command
    }

    fn capture(&mut self) -> Command {
        let n = if self.chance.happens(6) { self.chance.below(self.orders + 1) } else { self.orders };
        self.orders = self.orders.max(n + 1);
        let count = self.chance.one(&[1, 1, 2, 3]);
        let lines: Vec<CaptureLine> = (0..count)
            .map(|i| CaptureLine {
                line: LineId::new(format!("{}", i + 1)).unwrap(),
                sku: self.chance.one(&self.skus),
                quantity: Quantity::new(self.chance.one(&[1, 2, 2, 3, 4, 6, if count == 1 { 0 } else { 5 }])),
                unit: Unit::new("EA").unwrap(),
                unit_price: Money::parse("9.00", "USD").unwrap(),
            })
            .collect();
        let region = Region { country: "US".into(), region: None, postal_code: Some("733".into()) };
        let order = CaptureOrder {
            id: OrderId::new(format!("{}", 1001 + n)).unwrap(),
            placed_at: self.now,
            sales_channel: "web".into(),
            destination: region,
            service_level: "standard".into(),
            requested_on: None,
            fingerprint: format!("{}", lines.len()).into(),
            lines,
        };
        Command { by: Actor::Program { name: "shop".into() }, deed: Deed::CaptureOrder(order) }
    }

    fn advice(&mut self, source: &SourceId) -> Command {
        let back = self.chance.one(&[0, 0, 1, 10, 120, 1600]);
        let full = self.chance.happens(30);
        let mut lines = vec![];
        for sku in self.skus.clone() {
            if full || self.chance.happens(80) {
                let mut incoming = std::collections::BTreeMap::new();
                if self.chance.happens(40) {
                    let day = self.now.to_zoned(jiff::tz::TimeZone::UTC).date();
                    let day = day.saturating_add(jiff::Span::new().days(i64::from(self.chance.below(12)) - 1));
                    let quantity = Quantity::new(self.chance.below(12));
                    incoming.insert(day, Incoming { quantity, ..Incoming::default() });
                }
                let quantity = Quantity::new(self.chance.one(&[0, 1, 2, 3, 5, 8, 20]));
                lines.push(ReportedLine { sku, quantity, incoming, absent: false });
            }
        }
        let as_of = self.now - SignedDuration::from_mins(back);
        let origin = Origin::Api;
        let source = source.clone();
        let report = ReportAdvice { source, as_of, origin, full, completes_feed: full, unchanged: 0, lines };
        Command { by: Actor::Source { source: report.source.clone() }, deed: Deed::ReportAdvice(report) }
    }

    fn paper(&mut self) -> Option<Command> {
        let (order, n) = self.any_po()?;
        let po = PoNumber::of(&order, n);
        let why = || "the line went dead".to_owned();
        let deed = match self.chance.below(8) {
            0..=2 => Deed::RecordSending { po, outcome: Sending::Sent { receipt: self.chance.happens(50) } },
            3 => Deed::RecordSending { po, outcome: Sending::Failed { why: why() } },
            4 => Deed::RecordSending { po, outcome: Sending::InDoubt { why: why() } },
            5 => Deed::RecordReceipt(Receipt { po, accepted: false, note: None }),
            _ => Deed::RecordReceipt(Receipt { po, accepted: true, note: None }),
        };
        Some(Command { by: engine(), deed })
    }

    fn customer(&mut self) -> Option<Command> {
        let order = self.any_order()?.clone();
        let line = self.chance.pick(&order.lines)?.id.clone();
        let (id, reason) = (order.id.clone(), Reason::CancelCustomer);
        let deed = match self.chance.below(10) {
            0..=1 => Deed::CancelOrder { order: id, line: None, reason, words: None },
            2..=3 => Deed::CancelOrder { order: id, line: Some(line), reason, words: None },
            4 => Deed::HoldOrder { order: id, reason: Reason::ManualHold, words: None },
            5..=6 => Deed::ReleaseOrder { order: id, reason: None, words: None },
            _ => {
                let to = if self.chance.happens(60) { Some(self.chance.one(&self.sources)) } else { None };
                Deed::RerouteLine { order: id, line, to, reason: Reason::ManualOverride, words: None, approval: None }
            }
        };
        let by = if self.chance.happens(70) { person() } else { Actor::Program { name: "shop".into() } };
        Some(Command { by, deed })
    }

    fn answer_person(&mut self) -> Option<Command> {
        let order = self.any_order()?.clone();
        let open: Vec<ApprovalId> = order.approvals.iter().filter(|a| a.is_open()).map(|a| a.id.clone()).collect();
        if let Some(approval) = self.chance.pick(&open).cloned() {
            let approve = self.chance.happens(60);
            return Some(Command { by: person(), deed: Deed::AnswerApproval { approval, approve, words: None } });
        }
        let cases: Vec<(CaseId, Vec<Remedy>)> =
            order.cases.iter().filter(|c| c.is_open()).map(|c| (c.id.clone(), c.options.clone())).collect();
        let (case, options) = self.chance.pick(&cases)?.clone();
        let remedy = if self.chance.happens(4) { Remedy::KeepSource } else { self.chance.one(&options) };
        Some(Command {
            by: person(),
            deed: Deed::ResolveCase { case, remedy, words: None, revision: None, reason: None },
        })
    }

    fn wake(&mut self) -> Option<Command> {
        let due: Vec<(Timestamp, OrderId)> =
            self.world.orders().filter_map(|o| Some((o.wake_at()?, o.id.clone()))).collect();
        let (at, order) = self.chance.pick(&due)?.clone();
        if self.chance.happens(80) {
            self.now = self.now.max(at);
        }
        Some(Command { by: engine(), deed: Deed::Wake { order } })
    }

    fn any_order(&mut self) -> Option<&Order> {
        let count = u32::try_from(self.world.orders().count()).unwrap();
        let n = self.chance.below(count) as usize;
        self.world.orders().nth(n)
    }

    /// A purchase order, mostly a living one.
    fn any_po(&mut self) -> Option<(OrderId, u32)> {
        let living = self.chance.happens(85);
        let fits = |o: &Order, n: u32| !living || o.of_purchase_order(n).any(|a| !a.phase.is_ended());
        let all: Vec<(OrderId, u32)> = self
            .world
            .orders()
            .flat_map(|o| o.purchase_orders.iter().filter(|p| fits(o, p.ordinal)).map(|p| (o.id.clone(), p.ordinal)))
            .collect();
        self.chance.pick(&all).cloned()
    }
}
