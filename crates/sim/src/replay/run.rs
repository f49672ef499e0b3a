//! One part of the orders of a history through one policy under one seed: the same engine, commands in order of time, a
//! clock that jumps. What sources do comes from [`super::vendor`]; what people do is simple and said on the report:
//! they approve what they are asked after the assumed time, and cancel what nobody can supply.

mod account;

use super::model::Models;
use super::outcome::{Answers, Outcome};
use super::part::Parts;
use super::vendor::{Asked, Behaviour, behave};
use super::why::{candidate, clock, in_zone};
use super::world::{Ground, Papers, World};
use crate::history::{History, LineFact, Moment, Past};
use account::Account;
use countersign_engine::case::{CaseKind, Remedy};
use countersign_engine::command::{Actor, CaptureLine, CaptureOrder, Command, Deed, ReportAdvice, ReportedLine, Role};
use countersign_engine::decide::{Made, decide_in};
use countersign_engine::document::{Acknowledgment, AcknowledgmentLine, CancellationAnswer, Shipment, ShipmentLine};
use countersign_engine::effect::Effect;
use countersign_engine::event::Event;
use countersign_engine::explain;
use countersign_engine::ids::{ApprovalId, CaseId, LineId, OrderId, PoNumber, ShipmentId, SourceId};
use countersign_engine::measure::{Money, Quantity};
use countersign_engine::order::{Assignment, Order, Phase};
use countersign_engine::policy::Policy;
use countersign_engine::reason::Reason;
use countersign_engine::refusal::Refusal;
use countersign_engine::routing::{Verdict, what_if};
use countersign_engine::slice::Slice;
use countersign_engine::stock::Origin;
use jiff::SignedDuration;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::atomic::{AtomicBool, Ordering};

/// Seconds after the history's end at which a replay stops waiting: time for its last orders to arrive.
const AFTER_END_S: i64 = 60 * 86_400;
/// Wakes of one order: past it the policy only moves the order to and fro, and it is left to people.
const WAKES_MAX: u16 = 200;
/// What is told of an order, or a line of it, that was called off by nobody knows whom.
const UNKNOWN_CAUSE: &str =
    "It was cancelled then, and nothing says by whom: it is cancelled here as well, and counts for nobody.";
/// Seconds a source needs to stop what it has not shipped, where nothing is known of it.
const STOP_S: u32 = 3_600;

/// What is replayed.
pub struct Part<'a> {
    /// The history.
    pub history: &'a History,
    /// Read-only indexes.
    pub ground: &'a Ground,
    /// Fitted sources.
    pub models: &'a Models,
    /// The policy that rules.
    pub policy: &'a Policy,
    /// The seed of modelled answers.
    pub seed: u64,
    /// The parts of the history, and which of them this is.
    pub parts: &'a Parts,
    /// Its place among them.
    pub place: usize,
    /// Tell what happens to this order.
    pub trace: Option<u32>,
    /// Sees every command and the records on which it is decided: to measure what of a replay is the engine's own.
    pub witness: Option<&'a Witness<'a>>,
}

/// Who sees the commands of a replay.
pub type Witness<'a> = dyn Fn(&Slice, Moment, &Command) + Sync + 'a;

/// What came of it.
#[derive(Debug, Default)]
pub struct Ran {
    /// One per order.
    pub outcomes: Vec<Outcome>,
    /// By source index.
    pub answers: Vec<Answers>,
    /// Decisions taken.
    pub commands: u64,
    /// What happened to the traced order.
    pub told: Vec<String>,
    /// True if it was stopped half way.
    pub stopped: bool,
}

/// What happens next, by time; equal times by order and step, so that parts can be cut anyhow.
type Due = Reverse<(Moment, u32, u8, u32, u32)>;

/// Kinds of what happens, in the order in which they happen at one moment.
mod step {
    pub const ANSWER: u8 = 1;
    pub const TAKE_BACK: u8 = 2;
    pub const STOP: u8 = 3;
    pub const SHIP: u8 = 4;
    pub const CANCEL: u8 = 5;
    pub const APPROVE: u8 = 6;
    pub const GIVE_UP: u8 = 7;
    pub const WAKE: u8 = 8;
}

/// An order under way.
struct Live {
    index: u32,
    id: OrderId,
    papers: Papers,
    /// What happened to it then.
    past: Past,
    pending: u32,
    wake: Moment,
    wakes: u16,
    /// Purchase orders of the history that were repeated.
    used: u64,
    /// By ordinal - 1 of our purchase orders.
    behaviours: Vec<Behaviour>,
    account: Account,
}

impl Live {
    /// The order as it stands.
    fn order(&self) -> &Order {
        self.papers.order()
    }
}

struct Run<'a, 'h> {
    part: &'a Part<'h>,
    world: World<'h>,
    due: BinaryHeap<Due>,
    live: Vec<Option<Live>>,
    free: Vec<u32>,
    /// Pasts of closed orders, whose room is used again.
    spare: Vec<Past>,
    ran: Ran,
    end: Moment,
    engine: Actor,
    program: Actor,
    person: Actor,
}

/// Replays a part.
pub fn run(part: &Part, stop: &AtomicBool) -> Ran {
    let history = part.history;
    let answers = vec![Answers::default(); history.source_ids.len()];
    let outcomes = Vec::with_capacity(part.parts.orders[part.place].len());
    let mut run = Run {
        part,
        world: World::new(history, part.ground, part.models, part.policy),
        due: BinaryHeap::new(),
        live: vec![],
        free: vec![],
        spare: vec![],
        ran: Ran { outcomes, answers, ..Ran::default() },
        end: Moment::from_seconds(u32::try_from(history.span.1.seconds() + AFTER_END_S).unwrap_or(u32::MAX)),
        engine: Actor::Engine,
        program: Actor::Program { name: "replay".into() },
        person: Actor::Person { name: "replay".into(), role: Role::VendorManager },
    };
    run.all(stop);
    run.ran
}

impl Run<'_, '_> {
    fn all(&mut self, stop: &AtomicBool) {
        let Part { history, parts, place, .. } = *self.part;
        let mut orders = parts.orders[place].iter();
        let mut following = |spare: &mut Vec<Past>| {
            let n = *orders.next()?;
            let mut past = spare.pop().unwrap_or_default();
            history.pasts.read(n, &mut past);
            Some((history.released(&past), n, past))
        };
        let mut advice = parts.advice[place].iter().peekable();
        let mut next = following(&mut self.spare);
        loop {
            if self.ran.commands.is_multiple_of(4_096) && stop.load(Ordering::Relaxed) {
                self.ran.stopped = true;
                return;
            }
            let order = next.as_ref().map(|(at, n, _)| (*at, *n));
            let at = order.map(|(at, _)| at).into_iter().chain(self.due.peek().map(|d| d.0.0)).min();
            while let Some(fact) = advice.next_if(|a| at.is_some_and(|t| a.at <= t)) {
                self.advise(fact);
            }
            match (order, self.due.peek()) {
                (None, None) => break,
                (Some((at, n)), due) if due.is_none_or(|d| (at, n, 0) < (d.0.0, d.0.1, d.0.2)) => {
                    if let Some((at, n, past)) = std::mem::replace(&mut next, following(&mut self.spare)) {
                        self.capture(n, at, past);
                    }
                }
                _ => {
                    let Some(Reverse((at, _, kind, slot, what))) = self.due.pop() else { break };
                    if at > self.end {
                        break;
                    }
                    self.happen(at, kind, slot, what);
                }
            }
        }
        for slot in 0..self.live.len() {
            if let Some(live) = self.live[slot].take() {
                self.close(live);
            }
        }
        self.ran.outcomes.sort_unstable_by_key(|o| o.order);
    }

    fn decide(&mut self, papers: &mut Papers, at: Moment, command: &Command) -> Result<Made, Refusal> {
        self.ran.commands += 1;
        self.world.decide(papers, command, decider(self.part.witness, at))
    }

    fn advise(&mut self, fact: &crate::history::AdviceFact) {
        let line = ReportedLine {
            sku: self.part.ground.sku(fact.item).clone(),
            quantity: Quantity::new(fact.quantity),
            incoming: Default::default(),
            absent: false,
        };
        let report = ReportAdvice {
            source: self.world.source_id(fact.source).clone(),
            as_of: fact.at.at(),
            origin: Origin::Csv,
            full: false,
            completes_feed: false,
            unchanged: 0,
            lines: vec![line],
        };
        let command = Command { by: self.program.clone(), deed: Deed::ReportAdvice(report) };
        self.ran.commands += 1;
        // Advice that is refused, or older than what is known, changes nothing.
        let _ = self.world.advise(fact, &command, decider(self.part.witness, fact.at));
    }

    fn capture(&mut self, index: u32, at: Moment, past: Past) {
        let Part { history, ground, .. } = *self.part;
        let Past { order: fact, lines, .. } = &past;
        let id =
            OrderId::new(history.order_ids.get(index)).expect("because ids were checked when the history was read");
        let manner = &history.manners[usize::from(fact.manner)];
        let line = |(n, l): (usize, &LineFact)| CaptureLine {
            line: line_id(n),
            sku: ground.sku(l.item).clone(),
            quantity: Quantity::new(l.quantity.min(countersign_engine::order::LINE_QUANTITY_MAX)),
            unit: self.world.unit(l.item),
            unit_price: Money { minor: l.price.max(0), currency: history.currency },
        };
        let capture = CaptureOrder {
            id: id.clone(),
            placed_at: fact.placed.at(),
            sales_channel: manner.sales_channel.clone(),
            destination: self.world.destination(fact.region),
            service_level: manner.service_level.clone(),
            requested_on: fact.requested.is_known().then(|| super::model::utc_day(fact.requested)),
            fingerprint: "history".into(),
            lines: lines.iter().enumerate().map(line).collect(),
        };
        let command = Command { by: self.program.clone(), deed: Deed::CaptureOrder(capture) };
        let items: Vec<u32> = lines.iter().map(|l| l.item).collect();
        let mut papers = self.world.papers(&items, id.clone(), &command);
        let made = match self.decide(&mut papers, at, &command) {
            Ok(made) => made,
            Err(refusal) => {
                self.tell(index, at, || format!("The order was refused: {}", refusal.sentence));
                let outcome = account::refused(history, &past, index);
                self.ran.outcomes.push(outcome);
                return;
            }
        };
        let account = Account::new(lines.len(), at);
        let live = Live {
            index,
            id,
            papers,
            past,
            pending: 0,
            wake: Moment::NEVER,
            wakes: 0,
            used: 0,
            behaviours: vec![],
            account,
        };
        let slot = match self.free.pop() {
            Some(slot) => {
                self.live[slot as usize] = Some(live);
                slot
            }
            None => {
                self.live.push(Some(live));
                u32::try_from(self.live.len() - 1).expect("because fewer orders are under way than there are")
            }
        };
        self.call_off(slot, at);
        self.follow(slot, at, &made.events, &made.effects);
    }

    /// What was called off then is called off here: the whole order, or some of its lines, each by its number.
    fn call_off(&mut self, slot: u32, at: Moment) {
        let Some(live) = &self.live[slot as usize] else { return };
        if let Some(moment) = live.past.withdrawn() {
            return self.schedule(slot, moment.max(at), step::CANCEL, 0);
        }
        let lines = 0..live.past.lines.len();
        let off: Vec<(u32, Moment)> =
            (1..).zip(lines).filter_map(|(n, line)| Some((n, live.past.called_off(line)?))).collect();
        off.into_iter().for_each(|(n, moment)| self.schedule(slot, moment.max(at), step::CANCEL, n));
    }

    fn schedule(&mut self, slot: u32, at: Moment, kind: u8, what: u32) {
        if let Some(live) = &mut self.live[slot as usize] {
            live.pending += 1;
            self.due.push(Reverse((at, live.index, kind, slot, what)));
        }
    }

    /// Does what is due for an order.
    fn happen(&mut self, at: Moment, kind: u8, slot: u32, what: u32) {
        let Some(live) = &mut self.live[slot as usize] else { return };
        live.pending -= 1;
        let deed = match kind {
            step::ANSWER => answer(live, what),
            step::TAKE_BACK => take_back(live, what),
            step::STOP => stop_answer(live, what, at),
            step::SHIP => ship(live, what, at),
            step::CANCEL => {
                live.account.withdrawn |= what == 0;
                Some(Deed::CancelOrder {
                    order: live.id.clone(),
                    line: what.checked_sub(1).map(|place| line_id(place as usize)),
                    reason: Reason::CancelCustomer,
                    words: None,
                })
            }
            step::APPROVE => {
                Some(Deed::AnswerApproval { approval: ApprovalId::of(&live.id, what), approve: true, words: None })
            }
            step::GIVE_UP => give_up(live, what),
            _ => {
                // What an order was to be woken for is often done before: then it is not woken, and looked at later.
                let armed = live.wake == at;
                live.wake = if armed { Moment::NEVER } else { live.wake };
                let due = armed && live.order().wake_at().is_some_and(|wake| wake <= at.at());
                live.wakes += u16::from(due);
                (due && live.wakes < WAKES_MAX).then(|| Deed::Wake { order: live.id.clone() })
            }
        };
        let by = match kind {
            step::CANCEL => self.program.clone(),
            step::APPROVE | step::GIVE_UP => self.person.clone(),
            step::WAKE => self.engine.clone(),
            _ => self.engine.clone(),
        };
        if kind == step::CANCEL && live.past.is_cause_unknown() {
            let index = live.index;
            self.tell(index, at, || UNKNOWN_CAUSE.into());
        }
        if let Some(deed) = deed {
            self.command(slot, at, &Command { by, deed });
            if kind == step::ANSWER {
                self.count_answer(slot, what);
            }
        }
        self.settle(slot, at);
    }

    fn command(&mut self, slot: u32, at: Moment, command: &Command) {
        let Some(mut live) = self.live[slot as usize].take() else { return };
        // The one deed of a replay that may be refused after its first event.
        let before = matches!(command.deed, Deed::ResolveCase { .. }).then(|| live.papers.order().clone());
        let decided = self.decide(&mut live.papers, at, command);
        if let (Err(_), Some(before)) = (&decided, before) {
            live.papers.put_order(before);
        }
        let index = live.index;
        self.live[slot as usize] = Some(live);
        match decided {
            Ok(made) => self.follow(slot, at, &made.events, &made.effects),
            Err(refusal) => self.tell(index, at, || format!("(refused: {})", refusal.sentence)),
        }
    }

    /// Books what was decided, and lets the world answer it.
    fn follow(&mut self, slot: u32, at: Moment, events: &[Event], effects: &[Effect]) {
        let Some(live) = &mut self.live[slot as usize] else { return };
        let index = live.index;
        live.account.book(events, live.papers.order(), at);
        if self.part.trace == Some(index) {
            self.trace(slot, at, events);
        }
        let minutes = i64::from(self.part.history.assume.approval_minutes);
        let soon = Moment::of(at.at() + SignedDuration::from_mins(minutes)).unwrap_or(at);
        for event in events {
            match event {
                Event::ApprovalAsked { approval, .. } => {
                    let ordinal = approval.id.split().map_or(0, |(_, n)| n);
                    self.schedule(slot, soon, step::APPROVE, ordinal);
                }
                Event::CaseOpened { case } if matches!(case.kind, CaseKind::Unsourced | CaseKind::ApprovalLapsed) => {
                    let ordinal = case.id.split().map_or(0, |(_, n)| n);
                    self.schedule(slot, soon, step::GIVE_UP, ordinal);
                }
                _ => {}
            }
        }
        for effect in effects {
            match effect {
                Effect::SendPurchaseOrder { purchase_order, source, .. } => {
                    self.send(slot, at, *purchase_order, source)
                }
                Effect::SendCancellation { purchase_order, .. } => {
                    let stops = self.stops_at(slot, at, *purchase_order);
                    self.schedule(slot, stops, step::STOP, *purchase_order);
                }
                _ => {}
            }
        }
        self.arm(slot, at);
    }

    /// Tells what happened to the traced order, and what would have changed each plan.
    fn trace(&mut self, slot: u32, at: Moment, events: &[Event]) {
        let Some(live) = &mut self.live[slot as usize] else { return };
        let rules = self.part.history.zone.rules();
        let when = clock(at, &rules);
        let unknown = live.past.is_cause_unknown();
        for event in events {
            let mut sentence = explain::event(event);
            if unknown {
                // The engine has to be told some reason; whose doing it was it does not know either.
                sentence = sentence.replace(Reason::CancelCustomer.sentence(), "Nothing says who cancelled.");
            }
            self.ran.told.push(format!("{when} {}", in_zone(&sentence, &rules)));
            if let Event::PlanMade { plan, .. } = event {
                let told = |v: &Verdict| format!("    {}, line {}: {}", v.source, v.line, candidate(plan, v));
                self.ran.told.extend(plan.verdicts.iter().map(told));
                let order = live.papers.order().clone();
                let ask = |slice: &mut Slice, _: &Command| what_if(slice, self.part.policy, &order, plan, at.at());
                let wake = Command { by: Actor::Engine, deed: Deed::Wake { order: live.id.clone() } };
                let otherwise = self.world.decide(&mut live.papers, &wake, ask);
                self.ran.told.extend(otherwise.into_iter().map(|sentence| format!("    {sentence}")));
            }
        }
    }

    /// The order wants to be looked at again.
    fn arm(&mut self, slot: u32, at: Moment) {
        let Some(live) = &mut self.live[slot as usize] else { return };
        let Some(wake) = live.order().wake_at() else { return };
        // Rounded up: a clock of this replay ticks in seconds.
        let wake = Moment::of(wake + SignedDuration::from_millis(999)).unwrap_or(self.end).max(at);
        if wake <= self.end && (live.wake == Moment::NEVER || wake < live.wake) {
            live.wake = wake;
            self.schedule(slot, wake, step::WAKE, 0);
        }
    }

    fn stops_at(&self, slot: u32, at: Moment, po: u32) -> Moment {
        let live = self.live[slot as usize].as_ref();
        let source = live.and_then(|l| l.order().purchase_order(po)).and_then(|p| self.world.source_index(&p.source));
        let seconds = source.map_or(STOP_S, |n| self.part.models.characters[n as usize].answer_s.median());
        Moment::of(at.at() + SignedDuration::from_secs(i64::from(seconds))).unwrap_or(at)
    }

    /// A purchase order goes out: the source does what it does.
    fn send(&mut self, slot: u32, at: Moment, ordinal: u32, source: &SourceId) {
        let Some(index) = self.world.source_index(source) else { return };
        let Some(live) = &mut self.live[slot as usize] else { return };
        let order = live.papers.order();
        let lines: Vec<(u16, u32)> =
            order.of_purchase_order(ordinal).map(|a| (place_of(&a.line), a.quantity.get())).collect();
        let first = order.of_purchase_order(ordinal).next();
        let item = lines.first().and_then(|(line, _)| live.past.lines.get(usize::from(*line))).map(|l| l.item);
        let advice = item.and_then(|item| self.world.advice(item, index));
        let age = advice.map(|(as_of, _)| at.seconds() - as_of.as_second());
        let advised = advice.map_or(lines.first().map_or(1, |l| l.1), |(_, q)| q.get());
        let ship_by = first.map_or_else(|| super::model::utc_day(at), |a| a.ship_by);
        let attempt = order.purchase_order(ordinal).map_or(1, |p| p.attempt) + ordinal * 1_000;
        let asked = Asked {
            order: live.index,
            past: &live.past,
            source: index,
            attempt,
            at,
            lines: &lines,
            advice: (age, advised),
            ship_by,
        };
        let does = behave(self.part.history, self.part.models, self.part.seed, &asked, live.used);
        if let Some(n) = does.repeats {
            live.used |= 1 << n;
        }
        live.account.ground = live.account.ground.max(does.ground);
        let (answers, ships, takes_back) = (does.answers, does.ships, does.takes_back);
        self.ran.answers[index as usize].ask(does.ground);
        if self.part.trace == Some(live.index) {
            self.ran.told.push(format!("    {source} does as {}", super::why::ground(&does, &live.past)));
        }
        let at_ordinal = ordinal as usize;
        live.behaviours.resize(at_ordinal.max(live.behaviours.len()), Behaviour::default());
        live.behaviours[at_ordinal - 1] = does;
        for (moment, kind) in [(answers, step::ANSWER), (takes_back, step::TAKE_BACK), (ships, step::SHIP)] {
            if moment.is_known() {
                self.schedule(slot, moment.max(at), kind, ordinal);
            }
        }
    }

    fn count_answer(&mut self, slot: u32, ordinal: u32) {
        let Some(live) = &self.live[slot as usize] else { return };
        let does = &live.behaviours[ordinal as usize - 1];
        let Some(source) = does.source else { return };
        let asked: u32 = live.order().of_purchase_order(ordinal).map(|a| a.quantity.get()).sum();
        let yes: u32 = does.accepted.iter().map(|(_, n)| *n).sum();
        let sum = &mut self.ran.answers[source as usize];
        if yes >= asked { sum.accepted += 1 } else { sum.declined += 1 }
    }

    /// An order for which nothing more will happen is closed.
    fn settle(&mut self, slot: u32, at: Moment) {
        self.arm(slot, at);
        let done = self.live[slot as usize].as_ref().is_some_and(|l| l.pending == 0);
        if done && let Some(live) = self.live[slot as usize].take() {
            self.free.push(slot);
            self.close(live);
        }
    }

    fn close(&mut self, live: Live) {
        for (n, does) in live.behaviours.iter().enumerate() {
            let Some(source) = does.source else { continue };
            let sum = &mut self.ran.answers[source as usize];
            let shipped = live.order().of_purchase_order(n as u32 + 1).any(|a| !a.shipped.is_zero());
            sum.silent += u64::from(!does.answers.is_known() && !shipped);
            sum.taken_back += u64::from(does.takes_back.is_known());
            sum.shipped += u64::from(shipped);
        }
        let supplies = live.order().assignments.iter().rev().find(|a| !a.supply().is_zero());
        let asked = |a: &Assignment| live.behaviours.get(a.purchase_order? as usize - 1)?.source;
        let source = supplies.and_then(|a| asked(a).or_else(|| self.world.source_index(&a.source)));
        let source = source.unwrap_or(crate::history::NOBODY);
        let outcome = live.account.close(
            self.part.history,
            (live.index, &live.past),
            live.papers.order(),
            &live.behaviours,
            source,
        );
        self.ran.outcomes.push(outcome);
        self.spare.push(live.past);
    }

    fn tell(&mut self, index: u32, at: Moment, words: impl FnOnce() -> String) {
        if self.part.trace == Some(index) {
            let when = clock(at, &self.part.history.zone.rules());
            self.ran.told.push(format!("{when} {}", words()));
        }
    }
}

/// Decides, after the witness has seen it.
fn decider<'a>(
    witness: Option<&'a Witness<'a>>,
    at: Moment,
) -> impl FnOnce(&mut Slice, &Command) -> Result<Made, Refusal> + 'a {
    move |slice, command| {
        if let Some(witness) = witness {
            witness(slice, at, command);
        }
        decide_in(slice, at.at(), command)
    }
}

/// Lines are numbered from 1 in the order of the history.
fn line_id(place: usize) -> LineId {
    LineId::new((place + 1).to_string()).expect("because a number is an id")
}

fn place_of(line: &LineId) -> u16 {
    line.as_str().parse::<u16>().map_or(0, |n| n.saturating_sub(1))
}

/// The source answers what was asked of it, whatever has become of it since.
fn answer(live: &Live, ordinal: u32) -> Option<Deed> {
    let does = &live.behaviours[ordinal as usize - 1];
    let po = live.order().purchase_order(ordinal)?;
    let mut lines = vec![];
    for a in live.order().of_purchase_order(ordinal) {
        let place = place_of(&a.line);
        let yes = does.accepted.iter().find(|(n, _)| *n == place).map_or(0, |(_, q)| *q).min(a.quantity.get());
        // A source answers and ships in packs.
        let pack = a.pack_size.max(1);
        let (yes, no) = (yes / pack, a.quantity.get() / pack - yes / pack);
        let line = smol_str::SmolStr::new(a.line.as_str());
        let blank = AcknowledgmentLine {
            line,
            accepted: Quantity::ZERO,
            rejected: Quantity::ZERO,
            backordered: Quantity::ZERO,
            substituted: Quantity::ZERO,
            unit: None,
            ship_on: None,
            reason: None,
            substitute: None,
        };
        if yes > 0 {
            lines.push(AcknowledgmentLine { accepted: Quantity::new(yes), ship_on: does.ship_on, ..blank.clone() });
        }
        if no > 0 {
            let reason = Some(Reason::AckRejectedOutOfStock);
            lines.push(AcknowledgmentLine { rejected: Quantity::new(no), reason, ..blank });
        }
    }
    let attempt = Some(po.attempt);
    Some(Deed::RecordAcknowledgment(Acknowledgment { po: po.number.clone(), attempt, vendor_order: None, lines }))
}

fn has_shipped(live: &Live, ordinal: u32) -> bool {
    live.order().of_purchase_order(ordinal).any(|a| !a.shipped.is_zero())
}

/// The source cancels what it had accepted.
fn take_back(live: &Live, ordinal: u32) -> Option<Deed> {
    let runs = live.order().of_purchase_order(ordinal).any(|a| a.is_running());
    let po = live.order().purchase_order(ordinal)?.number.clone();
    let reason = Some(Reason::CancelVendor);
    runs.then_some(Deed::RecordCancellationAnswer(CancellationAnswer {
        po,
        accepted: true,
        lines: vec![],
        unasked: true,
        reason,
    }))
}

/// The source was asked to stop: it does unless the goods have left.
fn stop_answer(live: &Live, ordinal: u32, _at: Moment) -> Option<Deed> {
    let waits = live.order().of_purchase_order(ordinal).any(|a| a.phase == Phase::Withdrawing);
    let accepted = !has_shipped(live, ordinal);
    let po = live.order().purchase_order(ordinal)?.number.clone();
    waits.then_some(Deed::RecordCancellationAnswer(CancellationAnswer {
        po,
        accepted,
        lines: vec![],
        unasked: false,
        reason: None,
    }))
}

/// The source ships what it accepted and was not stopped for.
fn ship(live: &mut Live, ordinal: u32, at: Moment) -> Option<Deed> {
    let po: PoNumber = live.order().purchase_order(ordinal)?.number.clone();
    let does = &live.behaviours[ordinal as usize - 1];
    let silent = !does.answers.is_known();
    let mut lines = vec![];
    for a in live.order().of_purchase_order(ordinal) {
        let place = place_of(&a.line);
        let meant = does.accepted.iter().find(|(n, _)| *n == place).map_or(0, |(_, q)| *q);
        let runs = a.is_running() || a.phase == Phase::Withdrawing;
        let units = if silent {
            meant.min(a.live().get())
        } else {
            meant.min(a.accepted.get().max(if a.phase == Phase::Withdrawing { meant } else { 0 }))
        };
        let packs = units / a.pack_size.max(1);
        if runs && packs > 0 {
            let line = smol_str::SmolStr::new(a.line.as_str());
            lines.push(ShipmentLine { line, quantity: Quantity::new(packs) });
        }
    }
    if lines.is_empty() {
        return None;
    }
    live.account.left(at, does.transit_s);
    let shipment = ShipmentId::new(format!("S{ordinal}")).expect("because S and a number are an id");
    Some(Deed::RecordShipment(Shipment { shipment, po, shipped_at: at.at(), carrier: None, tracking: vec![], lines }))
}

/// A person cancels what nobody can supply.
fn give_up(live: &Live, ordinal: u32) -> Option<Deed> {
    let case = CaseId::of_order(&live.id, ordinal);
    let open = live.order().cases.iter().find(|c| c.id == case && c.is_open())?;
    let can = open.options.contains(&Remedy::CancelRest);
    let remedy = if can { Remedy::CancelRest } else { Remedy::Dismiss };
    Some(Deed::ResolveCase { case, remedy, words: None, revision: None, reason: None })
}
