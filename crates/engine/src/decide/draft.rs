//! A decision in the making: a scratch copy that every recorded event evolves at once, so that the second thought
//! sees the first.

use super::Made;
use crate::case::{COMMENTS_MAX, Case, CaseKind, Comment, Remedy, Resolution};
use crate::command::Actor;
use crate::effect::Effect;
use crate::event::Event;
use crate::evolve::evolve;
use crate::ids::{CaseId, LineId, OrderId};
use crate::order::{Assignment, Order, PurchaseOrder};
use crate::policy::Policy;
use crate::reason::Reason;
use crate::slice::Slice;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

/// Hours until an open case goes up the ladder, by severity from low to critical.
const ESCALATE_HOURS: [i64; 4] = [72, 24, 8, 1];

pub(super) struct Draft<'a> {
    pub(super) slice: Slice,
    pub(super) now: Timestamp,
    pub(super) by: &'a Actor,
    pub(super) policy: Arc<Policy>,
    events: Vec<Event>,
    effects: Vec<Effect>,
    read_policy: bool,
}

impl<'a> Draft<'a> {
    /// A draft in which so many events are likely: room for them is made at once, because they are large.
    pub(super) fn new(slice: Slice, now: Timestamp, by: &'a Actor, likely: usize) -> Self {
        let policy = slice.shared_policy().unwrap_or_else(|| Policy::as_delivered()).clone();
        let read_policy = slice.reads_policy();
        Self { slice, now, by, policy, events: Vec::with_capacity(likely), effects: vec![], read_policy }
    }

    pub(super) fn finish(self) -> (Made, Slice) {
        let policy = if self.read_policy { self.policy.version } else { 0 };
        (Made { events: self.events, effects: self.effects, policy }, self.slice)
    }

    pub(super) fn record(&mut self, event: Event) {
        evolve(&mut self.slice, &event);
        self.events.push(event);
    }

    pub(super) fn send(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    /// The order; the caller has proven that it is there.
    pub(super) fn order(&self, id: &OrderId) -> &Order {
        self.slice.order(id).expect("because the deed was refused if the order were unknown")
    }
    pub(super) fn assignment(&self, id: &OrderId, ordinal: u32) -> &Assignment {
        self.order(id).assignment(ordinal).expect("because ordinals come from the order itself")
    }
    pub(super) fn po(&self, id: &OrderId, ordinal: u32) -> &PurchaseOrder {
        self.order(id).purchase_order(ordinal).expect("because ordinals come from the order itself")
    }

    /// Opens a case about an order; to the same one that is open already, what is new is added.
    pub(super) fn open_case(
        &mut self,
        id: &OrderId,
        kind: CaseKind,
        about: About,
        reason: Reason,
        sentence: String,
        options: Vec<Remedy>,
    ) {
        let order = self.order(id);
        let same = |c: &&Case| {
            c.is_open() && c.kind == kind && c.line == about.line && c.purchase_order == about.purchase_order
        };
        if let Some(open) = order.cases.iter().find(same) {
            let told = open.sentence == sentence || open.comments.last().is_some_and(|c| c.words == sentence);
            if !told && open.comments.len() < COMMENTS_MAX {
                let comment = Comment { by: Actor::Engine, at: self.now, words: sentence };
                let case = open.id.clone();
                self.record(Event::CaseCommented { case, comment });
            }
            return;
        }
        let ordinal = u32::try_from(order.cases.len()).unwrap_or(u32::MAX) + 1;
        let case = new_case(CaseId::of_order(id, ordinal), kind, about, reason, sentence, options, self.now);
        self.record(Event::CaseOpened { case });
    }

    /// Closes open cases that a turn of events has settled.
    pub(super) fn settle_cases(&mut self, id: &OrderId, settled: impl Fn(&Case) -> bool) {
        let open: Vec<CaseId> =
            self.order(id).cases.iter().filter(|c| c.is_open() && settled(c)).map(|c| c.id.clone()).collect();
        for case in open {
            let resolution = Resolution { by: Actor::Engine, at: self.now, remedy: None, reason: None, words: None };
            self.record(Event::CaseResolved { case, resolution });
        }
    }
}

/// What a case is about.
#[derive(Default, Clone)]
pub(super) struct About {
    pub(super) line: Option<LineId>,
    pub(super) purchase_order: Option<u32>,
}

impl About {
    pub(super) fn line(line: &LineId) -> Self {
        Self { line: Some(line.clone()), purchase_order: None }
    }
    pub(super) fn po(ordinal: u32) -> Self {
        Self { line: None, purchase_order: Some(ordinal) }
    }
    pub(super) fn both(line: &LineId, ordinal: Option<u32>) -> Self {
        Self { line: Some(line.clone()), purchase_order: ordinal }
    }
}

pub(super) fn new_case(
    id: CaseId,
    kind: CaseKind,
    about: About,
    reason: Reason,
    sentence: String,
    options: Vec<Remedy>,
    now: Timestamp,
) -> Case {
    let severity = kind.severity();
    Case {
        id,
        kind,
        severity,
        role: kind.role(),
        reason,
        sentence,
        opened_at: now,
        escalate_at: Some(now + SignedDuration::from_hours(ESCALATE_HOURS[severity as usize])),
        line: about.line,
        purchase_order: about.purchase_order,
        blocks: kind.blocks(),
        options,
        assigned_to: None,
        comments: vec![],
        resolution: None,
        revision: 0,
    }
}

/// Hours until a case of that severity goes up the ladder (again).
pub(super) fn escalate_after(severity: crate::case::Severity) -> SignedDuration {
    SignedDuration::from_hours(ESCALATE_HOURS[severity as usize])
}
