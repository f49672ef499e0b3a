//! A small world for tests: all records in one map. Every command that runs here is checked from all sides.
//!
//! Does not know what should be decided; only what must hold whatever is decided.

#![allow(dead_code, clippy::unwrap_used, reason = "a test harness shared by several test binaries")]

pub mod audit;
pub mod chance;

use countersign_engine::command::Command;
use countersign_engine::decide::{Decision, ROUNDS_MAX};
use countersign_engine::effect::Effect;
use countersign_engine::event::Event;
use countersign_engine::ids::OrderId;
use countersign_engine::order::{Order, Phase};
use countersign_engine::slice::{Key, Record, Slice};
use countersign_engine::{Refusal, decide, evolve, needs, touches};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// All records, and all that happened.
#[derive(Default, Clone)]
pub struct World {
    pub records: BTreeMap<Key, Record>,
    pub events: Vec<Event>,
    pub effects: BTreeSet<String>,
    /// Steps from phase to phase that were seen.
    pub steps: BTreeSet<(Phase, Phase)>,
}

impl World {
    /// Gathers what a command needs, to settlement.
    pub fn slice(&self, command: &Command) -> Slice {
        let mut slice = Slice::new([]);
        let mut known = BTreeSet::new();
        for _ in 0..=ROUNDS_MAX {
            let wanted = needs(&slice, command);
            if wanted.is_subset(&known) {
                return slice;
            }
            known.extend(wanted);
            slice = Slice::new(known.iter().map(|k| (k.clone(), self.records.get(k).cloned())));
        }
        panic!("needs did not settle in {ROUNDS_MAX} rounds for {command:?}");
    }

    /// Decides a command, checks the decision, and keeps it.
    pub fn run(&mut self, now: Timestamp, command: &Command) -> Result<Decision, Refusal> {
        self.run_with(now, command, true)
    }

    /// As [`World::run`]; the costly checks (JSON, deciding twice) only if `thorough`.
    pub fn run_with(&mut self, now: Timestamp, command: &Command, thorough: bool) -> Result<Decision, Refusal> {
        let slice = self.slice(command);
        let decision = decide(&slice, now, command)?;
        self.check(&slice, &decision, thorough);
        if thorough {
            let again = decide(&slice, now, command).expect("because it was accepted before");
            assert_eq!(again.events, decision.events, "deciding twice gives other events");
            assert_eq!(again.effects, decision.effects, "deciding twice gives other effects");
            round_trips(&decision, command);
        }
        for (key, record) in decision.after.clone().into_records() {
            if let Some(record) = record {
                self.records.insert(key, record);
            }
        }
        for effect in &decision.effects {
            assert!(self.effects.insert(effect.id().to_string()), "two errands under one id: {}", effect.id());
        }
        self.events.extend(decision.events.iter().cloned());
        Ok(decision)
    }

    /// The events alone lead to what was decided, each changes only what it touches, holds never oversell.
    fn check(&mut self, slice: &Slice, decision: &Decision, thorough: bool) {
        let mut step = slice.clone();
        for event in &decision.events {
            if !thorough {
                evolve(&mut step, event);
                audit::placement(&step, event);
                continue;
            }
            let before = step.clone();
            evolve(&mut step, event);
            let touched = touches(event);
            for ((key, was), (_, is)) in before.records().zip(step.records()) {
                if was != is {
                    assert!(touched.contains(key), "{event:?} changed {key:?}, which it does not touch");
                }
                if let (Some(Record::Order(was)), Some(Record::Order(is))) = (was, is) {
                    self.phases(was, is);
                }
            }
            audit::placement(&step, event);
        }
        let (a, b): (Vec<_>, Vec<_>) = (step.records().collect(), decision.after.records().collect());
        assert_eq!(a, b, "the events do not lead to what was decided");
    }

    fn phases(&mut self, was: &Order, is: &Order) {
        for a in &is.assignments {
            let Some(old) = was.assignment(a.ordinal).map(|o| o.phase).filter(|p| *p != a.phase) else { continue };
            if old.may_become(a.phase) {
                self.steps.insert((old, a.phase));
                continue;
            }
            let through = Phase::ALL.into_iter().find(|p| old.may_become(*p) && p.may_become(a.phase));
            let through = through.unwrap_or_else(|| panic!("{old:?} became {:?}", a.phase));
            self.steps.extend([(old, through), (through, a.phase)]);
        }
    }

    /// Applies all events to nothing: the result must be what is stored.
    pub fn replay(&self) {
        let mut records: BTreeMap<Key, Record> = BTreeMap::new();
        for event in &self.events {
            let keys: BTreeSet<Key> = touches(event).into_iter().collect();
            let mut slice = Slice::new(keys.into_iter().map(|k| (k.clone(), records.get(&k).cloned())));
            evolve(&mut slice, event);
            records.extend(slice.into_records().filter_map(|(k, r)| Some((k, r?))));
        }
        assert_eq!(records, self.records, "replaying the events does not give the stored records");
    }

    pub fn orders(&self) -> impl Iterator<Item = &Order> {
        self.records.values().filter_map(|r| match r {
            Record::Order(o) => Some(&**o),
            _ => None,
        })
    }
    pub fn order(&self, id: &OrderId) -> Option<&Order> {
        match self.records.get(&Key::Order(id.clone())) {
            Some(Record::Order(o)) => Some(o),
            _ => None,
        }
    }
}

/// What goes into the journal and the tables reads back as it was, byte for byte.
fn round_trips(decision: &Decision, command: &Command) {
    let text = serde_json::to_string(command).unwrap();
    let back: Command = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}"));
    assert_eq!((&back, &serde_json::to_string(&back).unwrap()), (command, &text));
    for event in &decision.events {
        let text = serde_json::to_string(event).unwrap();
        let back: Event = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}"));
        assert_eq!(&back, event, "an event reads back as another: {text}");
        assert_eq!(serde_json::to_string(&back).unwrap(), text);
    }
    for effect in &decision.effects {
        let text = serde_json::to_string(effect).unwrap();
        let back: Effect = serde_json::from_str(&text).unwrap();
        assert_eq!(&back, effect);
    }
    for (key, record) in decision.after.records() {
        let Some(record) = record else { continue };
        let text = record.to_json();
        let back = Record::from_json(key, &text).unwrap_or_else(|e| panic!("{e}: {text}"));
        assert_eq!((&back, back.to_json()), (record, text));
    }
}
