//! What sources' answers teach: follows the journal and keeps the counts from which chances of acceptance are told.
//!
//! Reads entries, writes nothing; what it counted becomes a command, so that decisions read it from the slice. Every
//! chance is judged before it is learnt from: it was given before its answer came, so the record of how good the chances
//! were is always on answers held out in time. What sources answer to the legacy path, of orders that are only watched,
//! teaches as much: the plan beside it tells what was known of each of them.

use countersign_engine::calibration::{Answers, CERTAIN, Calibration, Cell, Count};
use countersign_engine::command::Deed;
use countersign_engine::decide::COUNTS_MAX;
use countersign_engine::event::Event;
use countersign_engine::ids::{LineId, OrderId, SourceId};
use countersign_engine::item::Category;
use countersign_engine::journal::Entry;
use countersign_engine::legacy::LegacyFact;
use countersign_engine::measure::Quantity;
use countersign_engine::order::ClockKind;
use countersign_engine::policy::Mode;
use countersign_engine::reason::Reason;
use countersign_engine::routing::Verdict;
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Orders remembered while their sources may still answer; the oldest are forgotten first.
const ORDERS_MAX: usize = 100_000;

/// One tenth of the chances given: how many, their sum in millionths, how many accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tenth {
    /// Answers.
    pub answers: u64,
    /// The chances given, summed up.
    pub chances: u64,
    /// Of the answers, those that accepted.
    pub accepted: u64,
}

/// How good the chances were.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Judged {
    /// By tenth of the chance given.
    pub tenths: [Tenth; 10],
    /// Squared errors, summed up, in millionths.
    pub errors: u64,
    /// The same, had always the share of all answers so far been given.
    pub base_errors: u64,
}

impl Judged {
    /// Answers judged.
    pub fn answers(&self) -> u64 {
        self.tenths.iter().map(|t| t.answers).sum()
    }
    fn judge(&mut self, chance: u64, base: u64, yes: bool) {
        let error = |chance: u64| {
            let off = if yes { CERTAIN - chance.min(CERTAIN) } else { chance };
            off * off / CERTAIN
        };
        self.errors += error(chance);
        self.base_errors += error(base);
        let tenth = &mut self.tenths[usize::try_from(chance * 10 / CERTAIN).unwrap_or(9).min(9)];
        tenth.answers += 1;
        tenth.chances += chance;
        tenth.accepted += u64::from(yes);
    }
}

/// What was learnt so far.
#[derive(Debug, Clone, Default)]
pub struct Learnt {
    /// The counts.
    pub calibration: Calibration,
    /// How good the chances told from them were.
    pub judged: Judged,
}

/// Follows the journal.
#[derive(Debug, Default)]
pub struct Learner {
    learnt: Learnt,
    /// Answers by the position of their entry, for the journal to count.
    fresh: Vec<(u64, Answers)>,
    orders: BTreeMap<OrderId, Open>,
    oldest: VecDeque<OrderId>,
}

/// An order whose sources may still answer.
#[derive(Debug, Default)]
struct Open {
    categories: Vec<(LineId, Category)>,
    /// By assignment.
    asked: BTreeMap<u32, Asked>,
    /// Of an order that is only watched.
    watched: Option<Watched>,
}

/// Whom the legacy path asks.
#[derive(Debug, Default)]
struct Watched {
    /// What the latest plan knew of each candidate.
    candidates: Vec<(LineId, Asked)>,
    /// Whom it told of last, by line: a fact that names nobody is about this one.
    told_of: BTreeMap<LineId, SourceId>,
    /// Whose first answer has been counted: what comes of it later is no answer.
    counted: BTreeSet<(LineId, SourceId)>,
}

impl Open {
    fn category(&self, line: &LineId) -> Option<&Category> {
        self.categories.iter().find(|(id, _)| id == line).map(|(_, category)| category)
    }

    /// Remembers what a plan knew of its candidates, if the order is only watched.
    fn watch(&mut self, verdicts: &[Verdict], today: Date) {
        let asked = |v: &Verdict| {
            let cell = Cell::of(v.advice_age_s, v.wanted, v.atp + v.kept_back, today, self.category(&v.line)?);
            let ship_by = v.dates.map_or(today, |d| d.ship_by);
            let asked = Asked { source: v.source.clone(), cell, quantity: v.wanted, ship_by, purchase_order: None };
            Some((v.line.clone(), asked))
        };
        let candidates = verdicts.iter().filter_map(asked).collect();
        if let Some(watched) = &mut self.watched {
            watched.candidates = candidates;
        }
    }
}

#[derive(Debug)]
struct Asked {
    source: SourceId,
    cell: Cell,
    quantity: Quantity,
    ship_by: Date,
    purchase_order: Option<u32>,
}

impl Learner {
    /// What was learnt so far.
    pub fn learnt(&self) -> &Learnt {
        &self.learnt
    }

    /// What the journal has not counted yet, as the command that counts it; `counted` is the position it counted up to.
    pub fn uncounted(&mut self, counted: u64) -> Option<Deed> {
        self.fresh.retain(|(position, _)| *position > counted);
        let last = self.fresh.get(COUNTS_MAX).map(|(position, _)| position - 1);
        let through = last.or(self.fresh.last().map(|(position, _)| *position))?;
        let mut alike: BTreeMap<(&SourceId, &Cell), Count> = BTreeMap::new();
        for (_, answers) in self.fresh.iter().filter(|(position, _)| *position <= through) {
            let count = alike.entry((&answers.source, &answers.cell)).or_default();
            count.asked += answers.count.asked;
            count.accepted += answers.count.accepted;
        }
        let one = |((source, cell), count): ((&SourceId, &Cell), Count)| Answers {
            source: source.clone(),
            cell: cell.clone(),
            count,
        };
        let as_of = self.learnt.calibration.as_of?;
        Some(Deed::LearnAnswers { after: counted, through, as_of, answers: alike.into_iter().map(one).collect() })
    }

    /// Takes a journal entry in.
    pub fn read(&mut self, position: u64, entry: &Entry) {
        let today = entry.at.to_zoned(jiff::tz::TimeZone::UTC).date();
        self.learnt.calibration.position = position;
        self.learnt.calibration.as_of = Some(entry.at);
        let mut verdicts: Vec<Verdict> = vec![];
        for event in &entry.events {
            match event {
                Event::OrderCaptured { order, lines, mode, .. } => {
                    let categories = lines.iter().map(|l| (l.id.clone(), l.category.clone())).collect();
                    let watched = (*mode == Mode::Observe).then(Watched::default);
                    self.remember(order, Open { categories, asked: BTreeMap::new(), watched });
                }
                Event::PlanMade { order, plan } => {
                    verdicts.clone_from(&plan.verdicts);
                    if let Some(open) = self.orders.get_mut(order) {
                        open.watch(&plan.verdicts, today);
                    }
                }
                Event::LegacyRecorded { order, line, quantity, fact, .. } => self.watch(order, line, *quantity, fact),
                Event::AssignmentMade { order, assignment: a } => {
                    let Some(open) = self.orders.get_mut(order) else { continue };
                    let Some(category) = open.category(&a.line) else { continue };
                    let basis = verdicts.iter().find(|v| v.line == a.line && v.source == a.source);
                    let (age, free) = basis.map_or((None, a.quantity), |v| (v.advice_age_s, v.atp + v.kept_back));
                    let cell = Cell::of(age, a.quantity, free, today, category);
                    let (source, quantity, ship_by) = (a.source.clone(), a.quantity, a.ship_by);
                    open.asked.insert(a.ordinal, Asked { source, cell, quantity, ship_by, purchase_order: None });
                }
                Event::PurchaseOrderReleased { order, ordinal, assignments, .. } => {
                    let Some(open) = self.orders.get_mut(order) else { continue };
                    for n in assignments {
                        if let Some(asked) = open.asked.get_mut(n) {
                            asked.purchase_order = Some(*ordinal);
                        }
                    }
                }
                Event::AcknowledgmentReceived { order, assignment, accepted, declined, ship_by, .. } => {
                    let whole = |a: &Asked| *accepted + *declined >= a.quantity;
                    let in_time = |a: &Asked| *accepted >= a.quantity && *ship_by <= a.ship_by;
                    if self.asked(order, *assignment).is_some_and(whole) {
                        self.answered(order, *assignment, in_time);
                    }
                }
                Event::SlaBreached { order, purchase_order, clock: ClockKind::Acknowledgment, .. } => {
                    let Some(open) = self.orders.get(order) else { continue };
                    let silent = open.asked.iter().filter(|(_, a)| a.purchase_order == Some(*purchase_order));
                    let silent: Vec<u32> = silent.map(|(n, _)| *n).collect();
                    silent.into_iter().for_each(|n| self.answered(order, n, |_| false));
                }
                Event::AssignmentWithdrawn { order, assignment, .. } => {
                    if let Some(open) = self.orders.get_mut(order) {
                        open.asked.remove(assignment);
                    }
                }
                _ => {}
            }
        }
    }

    fn remember(&mut self, id: &OrderId, open: Open) {
        if self.orders.insert(id.clone(), open).is_none() {
            self.oldest.push_back(id.clone());
        }
        if self.oldest.len() > ORDERS_MAX
            && let Some(oldest) = self.oldest.pop_front()
        {
            self.orders.remove(&oldest);
        }
    }

    fn asked(&self, order: &OrderId, assignment: u32) -> Option<&Asked> {
        self.orders.get(order)?.asked.get(&assignment)
    }

    fn answered(&mut self, order: &OrderId, assignment: u32, accepted: impl Fn(&Asked) -> bool) {
        let Some(asked) = self.orders.get_mut(order).and_then(|open| open.asked.remove(&assignment)) else { return };
        let yes = accepted(&asked);
        self.learn(asked, yes);
    }

    /// Takes in what the legacy path did with a line that is only watched.
    fn watch(&mut self, order: &OrderId, line: &LineId, quantity: Quantity, fact: &LegacyFact) {
        let Some(watched) = self.orders.get_mut(order).and_then(|open| open.watched.as_mut()) else { return };
        if let Some(source) = fact.source() {
            watched.told_of.insert(line.clone(), source.clone());
        }
        let accepted = match fact {
            LegacyFact::Confirmed { .. } => true,
            LegacyFact::Rejected { .. } | LegacyFact::Cancelled { reason: Reason::CancelVendor } => false,
            _ => return,
        };
        // Where nothing tells who it was, nobody is the wiser.
        let Some(source) = watched.told_of.get(line).cloned() else { return };
        let is_meant = |(l, a): &(LineId, Asked)| l == line && a.source == source;
        let Some(at) = watched.candidates.iter().position(is_meant) else { return };
        if !watched.counted.insert((line.clone(), source)) {
            return;
        }
        let (_, asked) = watched.candidates.swap_remove(at);
        let yes = accepted && quantity >= asked.quantity;
        self.learn(asked, yes);
    }

    fn learn(&mut self, asked: Asked, yes: bool) {
        let Learnt { calibration, judged } = &mut self.learnt;
        if let Some(chance) = calibration.chance(&asked.source, &asked.cell) {
            let all = calibration.all.total;
            let base = u64::from(all.accepted) * CERTAIN / u64::from(all.asked.max(1));
            judged.judge(u64::from(chance.millionths), base, yes);
        }
        let count = Count { asked: 1, accepted: u32::from(yes) };
        let answers = Answers { source: asked.source, cell: asked.cell, count };
        calibration.count(&answers);
        self.fresh.push((calibration.position, answers));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_engine::command::{Actor, Command};
    use serde_json::json;

    fn entry(at: &str, command: serde_json::Value, events: serde_json::Value) -> Entry {
        let mut command = command;
        command["by"] = json!({"kind": "engine"});
        let command: Command = serde_json::from_value(command).unwrap();
        assert_eq!(command.by, Actor::Engine);
        let events = serde_json::from_value(events).unwrap();
        Entry { at: at.parse().unwrap(), cause: None, policy: 1, command, events, effects: vec![] }
    }

    /// One order of two mugs at acme, and what acme says to it.
    fn order(learner: &mut Learner, n: u64, accepted: u32) {
        let (id, wake) = (format!("o{n}"), |id: &str| json!({"deed": "wake", "order": id}));
        let usd = |amount: &str| json!({"amount": amount, "currency": "USD"});
        let dates = json!({"ship_by": "2026-11-24", "deliver_by": "2026-11-27"});
        let captured = json!({"type": "order.captured", "order": id, "placed_at": "2026-11-23T09:00:00Z",
            "captured_at": "2026-11-23T09:00:00Z", "sales_channel": "web", "destination": {"country": "US"},
            "service_level": "standard", "fingerprint": "f", "mode": "enforce", "policy": 1,
            "lines": [{"id": "1", "sku": "MUG", "title": "Mug", "category": "kitchen/mugs", "quantity": 2, "unit": "EA",
                "unit_price": usd("9.00"), "cancelled": 0}]});
        let verdict = json!({"line": "1", "source": "acme", "reason": "route_chosen", "wanted": 2, "atp": 10, "advice_age_s": 18_000});
        let plan = json!({"type": "plan.made", "order": id, "plan": {"round": 1, "reason": "order_placed", "policy": 1, "parts": [], "verdicts": [verdict]}});
        let assignment = json!({"ordinal": 1, "line": "1", "source": "acme", "attempt": 1, "vendor_sku": "M", "pack_unit": "EA",
            "pack_size": 1, "unit_cost": usd("3.00"), "cost": usd("6.00"), "quantity": 2, "phase": "planned",
            "ship_by": dates["ship_by"], "deliver_by": dates["deliver_by"]});
        let made = json!({"type": "assignment.made", "order": id, "assignment": assignment});
        learner.read(n * 2 + 1, &entry("2026-11-23T09:00:00Z", wake(&id), json!([captured, plan, made])));
        let said = json!({"type": "acknowledgment.received", "order": id, "purchase_order": 1, "assignment": 1,
            "accepted": accepted, "declined": 2 - accepted, "ship_by": dates["ship_by"], "deliver_by": dates["deliver_by"],
            "at": "2026-11-23T10:00:00Z"});
        learner.read(n * 2 + 2, &entry("2026-11-23T10:00:00Z", wake(&id), json!([said])));
    }

    #[test]
    fn what_the_legacy_path_hears_teaches_too() {
        let mut learner = Learner::default();
        let wake = |id: &str| json!({"deed": "wake", "order": id});
        let captured = |id: &str| {
            json!({"type": "order.captured", "order": id, "placed_at": "2026-11-23T09:00:00Z",
                "captured_at": "2026-11-23T09:00:00Z", "sales_channel": "web", "destination": {"country": "US"},
                "service_level": "standard", "fingerprint": "f", "mode": "observe", "policy": 1,
                "lines": [{"id": "1", "sku": "MUG", "title": "Mug", "category": "kitchen/mugs", "quantity": 2, "unit": "EA",
                    "unit_price": {"amount": "9.00", "currency": "USD"}, "cancelled": 0}]})
        };
        let plan = |id: &str| {
            let verdict = |source: &str, reason: &str| json!({"line": "1", "source": source, "reason": reason, "wanted": 2, "atp": 10, "advice_age_s": 18_000});
            let verdicts = [verdict("acme", "route_chosen"), verdict("bright", "route_costlier")];
            json!({"type": "plan.made", "order": id, "plan": {"round": 1, "reason": "order_placed",
                "policy": 1, "parts": [], "verdicts": verdicts}})
        };
        for n in 0..20_u64 {
            let id = format!("w{n}");
            let planned = plan(&id);
            learner.read(n * 5 + 1, &entry("2026-11-23T09:00:00Z", wake(&id), json!([captured(&id), planned])));
            let said = |fact: serde_json::Value| {
                let mut event = json!({"type": "legacy.recorded", "order": id, "line": "1", "at": "2026-11-23T10:00:00Z",
                    "quantity": 2});
                event.as_object_mut().unwrap().extend(fact.as_object().unwrap().clone());
                event
            };
            // The legacy path asks bright; every fifth time it cancels.
            let asked = said(json!({"fact": "committed", "source": "bright"}));
            let cancelled = || said(json!({"fact": "cancelled", "reason": "cancel_vendor"}));
            let answer = match n % 5 {
                0 => cancelled(),
                _ => said(json!({"fact": "confirmed"})),
            };
            learner.read(n * 5 + 2, &entry("2026-11-23T10:00:00Z", wake(&id), json!([asked])));
            learner.read(n * 5 + 3, &entry("2026-11-23T11:00:00Z", wake(&id), json!([answer])));
            // What it takes back later, or is told of again, is no other answer, and nobody else's.
            learner.read(n * 5 + 4, &entry("2026-11-23T12:00:00Z", wake(&id), json!([cancelled(), planned])));
            learner.read(n * 5 + 5, &entry("2026-11-23T13:00:00Z", wake(&id), json!([cancelled()])));
        }
        // Of an order of which nobody was told, a cancellation teaches nothing.
        let last = json!([captured("x"), plan("x"), {"type": "legacy.recorded", "order": "x", "line": "1",
            "at": "2026-11-23T10:00:00Z", "quantity": 2, "fact": "cancelled", "reason": "cancel_vendor"}]);
        learner.read(1_000, &entry("2026-11-23T09:00:00Z", wake("x"), last));
        let of =
            |source: &str| learner.learnt().calibration.sources.get(&SourceId::new(source).unwrap()).map(|e| e.total);
        assert_eq!(of("bright").map(|c| (c.asked, c.accepted)), Some((20, 16)));
        assert!(of("acme").is_none(), "nobody asked it");
    }

    #[test]
    fn answers_are_judged_and_then_learnt_from() {
        let mut learner = Learner::default();
        for n in 0..100 {
            order(&mut learner, n, if n % 10 == 0 { 1 } else { 2 });
        }
        let Learnt { calibration, judged } = learner.learnt();
        assert_eq!((calibration.all.total.asked, calibration.all.total.accepted), (100, 90));
        assert_eq!(judged.answers(), 99, "nothing was foretold before the first answer");
        let cell = Cell::of(
            Some(18_000),
            Quantity::new(2),
            Quantity::new(10),
            "2026-11-23".parse().unwrap(),
            &Category::new("kitchen/mugs").unwrap(),
        );
        let chance = calibration.chance(&SourceId::new("acme").unwrap(), &cell).unwrap();
        assert_eq!(
            chance.to_string(),
            "accepted 90 of 100 when advice was 4 to 8 h old and 10 to 25 % of it was wanted"
        );
        assert!((880..=920).contains(&chance.permille()), "{chance:?}");
        assert_eq!(calibration.position, 200);
        let Some(Deed::LearnAnswers { after, through, answers, .. }) = learner.uncounted(100) else {
            panic!("nothing")
        };
        assert_eq!((after, through, answers.len()), (100, 200, 1), "alike answers are one count");
        assert_eq!((answers[0].count.asked, answers[0].count.accepted), (50, 45));
        assert!(learner.uncounted(200).is_none());
    }
}
