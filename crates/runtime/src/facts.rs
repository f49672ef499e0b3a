//! What a journal entry counts for in reports: facts, each with the order behind it.
//!
//! Pure: the events of one entry, the order before and after it, the same facts always; so that a report can be counted
//! again from the journal. Facts are written in the commit of their entry. Capturing an order gives none: what is worth
//! counting happens later, and taking orders in is the hot path. Days are days of UTC unless a measure says otherwise.

use crate::ports::{By, Cell, TallyQuery};
use countersign_engine::case::Case;
use countersign_engine::command::{Command, Deed};
use countersign_engine::event::Event;
use countersign_engine::ids::{CaseId, CaseSubject, LineId, OrderId, SourceId};
use countersign_engine::measure::Quantity;
use countersign_engine::order::{Assignment, ClockKind, Order, Phase};
use countersign_engine::promise::Promise;
use countersign_engine::reason::Reason;
use countersign_engine::slice::{Key, Slice};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use smol_str::{SmolStr, format_smolstr};
use std::collections::BTreeMap;

/// An acknowledgment within this time after the purchase order went out was given by no person and no look at a shelf. One
/// of [`BOUNDS_S`], so that the histogram tells them apart.
pub const AUTOMATIC: SignedDuration = SignedDuration::from_secs(5);

/// Upper bounds in seconds of the histogram's buckets: the same for every span that is counted; above the last there is
/// one more.
pub const BOUNDS_S: [i64; 27] = [
    1, 5, 15, 30, 60, 120, 300, 600, 900, 1_800, 2_700, 3_600, 5_400, 7_200, 10_800, 14_400, 21_600, 28_800, 43_200,
    57_600, 86_400, 129_600, 172_800, 259_200, 345_600, 604_800, 1_209_600,
];

// One macro, because a measure's word and what it counts must stand together.
macro_rules! measures {
    ($($(#[doc = $doc:literal])+ $variant:ident = $code:literal;)*) => {
        /// What a fact counts.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Measure { $($(#[doc = $doc])+ #[serde(rename = $code)] $variant,)* }

        impl Measure {
            /// Every measure.
            pub const ALL: &[Measure] = &[$(Measure::$variant,)*];
            /// The stored word.
            pub fn code(self) -> &'static str { match self { $(Measure::$variant => $code,)* } }
            /// The measure behind a stored word.
            pub fn from_code(code: &str) -> Option<Measure> { match code { $($code => Some(Measure::$variant),)* _ => None } }
        }
    };
}

measures! {
    /// A clock of a purchase order ended. Label: `clock:met`, `clock:breached`, or `clock:excused` for a breach that was
    /// contested with success (it counts beside the breach, on the breach's day). A breach counts on the day it was due.
    Sla = "sla";
    /// A line went from nothing committed to something. Label: bucket of the seconds since capture; value: the seconds.
    Confirmation = "confirmation";
    /// Units were taken away from a source. Label: reason.
    Reroute = "reroute";
    /// What became of units that had been taken from a source: `confirmed` elsewhere, or `cancelled`. Counts for that
    /// source.
    RerouteOutcome = "reroute_outcome";
    /// Units of a line were cancelled for good. Label: reason; for the last source that was asked.
    Cancellation = "cancellation";
    /// A case was opened. Label: kind.
    CaseOpened = "case_opened";
    /// A case was resolved. Label: `kind:bucket` of its age; value: the seconds.
    CaseResolved = "case_resolved";
    /// Goods left. Label: `kept` or `late_1`, `late_2_3`, `late_4_7`, `late_8` days after the promised ship day, in the
    /// source's zone; value: days late.
    ShipPromise = "ship_promise";
    /// Goods arrived. Labels as of `ship_promise`, against the promised delivery day, in UTC.
    DeliveryPromise = "delivery_promise";
    /// A promise was changed. Label: reason; value: days that delivery moved.
    PromiseRevised = "promise_revised";
    /// A source's first answer about an assignment. Label: `as_advised`, `short` (it had less than it had advised), or
    /// `declined` (for another reason); units: accepted, value: asked.
    Answer = "answer";
    /// The same answers by their speed. Label: bucket of the seconds since the purchase order went out; units: accepted;
    /// value: the seconds.
    AnswerSpeed = "answer_speed";
    /// An assignment ended. Label: `full`, `short`, `none`; units: shipped, value: asked of the source and not taken back
    /// by us.
    Supplied = "supplied";
    /// A source took back what it had accepted: an acknowledgment that was none. Label: `automatic` or `considered`, as
    /// the acknowledgment was; value: seconds from it.
    TakenBack = "taken_back";
    /// A source advised. Label: bucket of the seconds between the figures' time and their coming; value: the seconds;
    /// units: items that differ.
    Advice = "advice";
}

/// One thing that is counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// Which of the commit's entries it stems from, counted from 0.
    pub entry: u32,
    /// What is counted.
    pub measure: Measure,
    /// As what.
    pub label: SmolStr,
    /// When it was, or was due.
    pub at: Timestamp,
    /// Which source; empty where none is concerned.
    pub source: SmolStr,
    /// Which category of items; empty where none is.
    pub category: SmolStr,
    /// Where it was sold; empty where no order is concerned.
    pub channel: SmolStr,
    /// The order behind it; empty where none is.
    pub order: SmolStr,
    /// The ordinal of its purchase order; 0 where none is concerned.
    pub purchase_order: u32,
    /// Base units.
    pub units: i64,
    /// Seconds, days or units, as the measure says.
    pub value: i64,
}

impl Fact {
    /// True if somebody may have to answer for it; the others are many and nobody looks for them at one source.
    pub fn is_notable(&self) -> bool {
        is_notable(self.measure, &self.label)
    }
    /// Days of UTC since 1970: where it counts.
    pub fn day(&self) -> i64 {
        day_of(self.at)
    }
}

/// True if facts so labelled are notable, as [`Fact::is_notable`] says.
pub fn is_notable(measure: Measure, label: &str) -> bool {
    match measure {
        Measure::Sla => !label.ends_with(":met"),
        Measure::ShipPromise | Measure::DeliveryPromise => label != "kept",
        Measure::Answer => label != "as_advised",
        Measure::Supplied => label != "full",
        Measure::Confirmation | Measure::AnswerSpeed | Measure::Advice => false,
        Measure::Reroute
        | Measure::RerouteOutcome
        | Measure::Cancellation
        | Measure::CaseOpened
        | Measure::CaseResolved
        | Measure::PromiseRevised
        | Measure::TakenBack => true,
    }
}

/// Days of UTC since 1970.
pub fn day_of(at: Timestamp) -> i64 {
    at.as_second().div_euclid(86_400)
}

/// The bucket of a span: the least bound in seconds that is not below it, or `more`.
pub fn bucket(seconds: i64) -> SmolStr {
    match BOUNDS_S.iter().find(|bound| seconds <= **bound) {
        Some(bound) => format_smolstr!("{bound}"),
        None => SmolStr::new_static("more"),
    }
}

/// The word of a clock.
pub fn clock_word(clock: ClockKind) -> &'static str {
    match clock {
        ClockKind::Receipt => "receipt",
        ClockKind::Acknowledgment => "acknowledgment",
        ClockKind::ShipNotice => "ship_notice",
        ClockKind::CancelAnswer => "cancel_answer",
    }
}

/// Counts facts by looking at all of them: what a store's sums must agree with.
pub fn tally<'f>(facts: impl IntoIterator<Item = &'f Fact>, query: &TallyQuery) -> Vec<Cell> {
    let mut cells: BTreeMap<(SmolStr, SmolStr), Cell> = BTreeMap::new();
    let wanted = |fact: &&Fact| {
        fact.measure == query.measure
            && (query.from..=query.to).contains(&fact.day())
            && fits(&query.source, &fact.source)
            && fits(&query.category, &fact.category)
            && fits(&query.channel, &fact.channel)
    };
    for fact in facts.into_iter().filter(wanted) {
        let key = match query.by {
            By::Nothing => SmolStr::default(),
            By::Source => fact.source.clone(),
            By::Category => fact.category.clone(),
            By::Channel => fact.channel.clone(),
            By::Day => format_smolstr!("{}", fact.day()),
        };
        let empty = Cell { key: key.clone(), label: fact.label.clone(), count: 0, units: 0, value: 0 };
        let cell = cells.entry((key, fact.label.clone())).or_insert(empty);
        cell.count += 1;
        cell.units += fact.units;
        cell.value += fact.value;
    }
    cells.into_values().collect()
}

/// True if nothing else is wanted.
pub(crate) fn fits(wanted: &Option<SmolStr>, value: &SmolStr) -> bool {
    wanted.as_ref().is_none_or(|wanted| wanted == value)
}

/// An entry and the records around it.
pub struct Seen<'a> {
    /// The clock reading under which it was decided.
    pub at: Timestamp,
    /// What was wanted.
    pub command: &'a Command,
    /// What happened.
    pub events: &'a [Event],
    /// The order before, if it is about one that there was.
    pub before: Option<&'a Order>,
    /// The order after.
    pub after: Option<&'a Order>,
    /// The cases about the source after, if it is about a source.
    pub desk: &'a [Case],
    /// The time zone of a source, where its record was read.
    pub zone: &'a dyn Fn(&SourceId) -> Option<TimeZone>,
}

/// The facts of a decision on a slice, as [`of`] a [`Seen`].
pub fn of_decision(
    before: &Slice,
    at: Timestamp,
    command: &Command,
    events: &[Event],
    after: &Slice,
    entry: u32,
) -> Vec<Fact> {
    if !events.iter().any(counts) {
        return Vec::new();
    }
    let id = command.deed.order();
    let (old, new) = match &id {
        Some(id) => (order_in(before, id), order_in(after, id)),
        None => (None, None),
    };
    let desk = events.iter().find_map(|event| match event {
        Event::CaseResolved { case, .. } => match case.split()?.0 {
            CaseSubject::Source(source) if after.has(&Key::Desk(source.clone())) => after.desk(&source),
            _ => None,
        },
        _ => None,
    });
    let zone = |id: &SourceId| match after.has(&Key::Source(id.clone())) {
        true => after.source(id).map(|source| source.time_zone.rules()),
        false => None,
    };
    let desk = desk.map(|desk| desk.cases.as_slice()).unwrap_or_default();
    of(&Seen { at, command, events, before: old, after: new, desk, zone: &zone }, entry)
}

fn order_in<'s>(slice: &'s Slice, id: &OrderId) -> Option<&'s Order> {
    if slice.has(&Key::Order(id.clone())) { slice.order(id) } else { None }
}

/// True if an event may count for something; most of what capturing an order leads to does not.
fn counts(event: &Event) -> bool {
    use Event::*;
    matches!(
        event,
        SlaMet { .. }
            | SlaBreached { .. }
            | BreachContestAnswered { .. }
            | LineCommitted { .. }
            | LineRerouted { .. }
            | LineCancelled { .. }
            | CaseOpened { .. }
            | CaseResolved { .. }
            | ShipmentNotified { .. }
            | ShipmentDelivered { .. }
            | PromiseRevised { .. }
            | AcknowledgmentReceived { .. }
            | AssignmentWithdrawn { .. }
            | AdviceRecorded { .. }
            | FeedCompleted { .. }
    )
}

/// The facts of an entry; `entry` as in [`Fact`].
pub fn of(seen: &Seen<'_>, entry: u32) -> Vec<Fact> {
    let mut book = Book { seen, entry, facts: Vec::new() };
    seen.events.iter().enumerate().for_each(|(n, event)| book.event(n, event));
    book.ended();
    book.facts
}

/// Where a case counts: what is told apart when cases are counted, and by what lists of them are narrowed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CasePlace {
    /// The source it is about; empty where none is.
    pub source: SmolStr,
    /// The category of the first item it is about; empty where none is.
    pub category: SmolStr,
    /// Where the order was sold; empty where no order is concerned.
    pub channel: SmolStr,
    /// The ordinal of the purchase order; 0 where none is concerned.
    pub purchase_order: u32,
}

impl CasePlace {
    /// Of a case and its order, if it is about one.
    pub fn of(case: &Case, order: Option<&Order>) -> Self {
        let po = case.purchase_order.and_then(|n| order?.purchase_order(n));
        let source = match (po, case.id.split()) {
            (Some(po), _) => SmolStr::new(po.source.as_str()),
            (None, Some((CaseSubject::Source(source), _))) => SmolStr::new(source.as_str()),
            _ => SmolStr::default(),
        };
        let po_line = po.and_then(|po| order?.of_purchase_order(po.ordinal).next()).map(|a| &a.line);
        let line = case.line.as_ref().or(po_line).and_then(|line| order?.line(line));
        Self {
            source,
            category: line.map(|l| SmolStr::new(l.category.as_str())).unwrap_or_default(),
            channel: order.map(|o| o.sales_channel.clone()).unwrap_or_default(),
            purchase_order: po.map_or(0, |po| po.ordinal),
        }
    }
}

struct Book<'a> {
    seen: &'a Seen<'a>,
    entry: u32,
    facts: Vec<Fact>,
}

impl<'a> Book<'a> {
    /// A fact about nothing in particular, to be filled in.
    fn blank(&self, measure: Measure, label: impl Into<SmolStr>) -> Fact {
        let order = self.seen.after;
        Fact {
            entry: self.entry,
            measure,
            label: label.into(),
            at: self.seen.at,
            source: SmolStr::default(),
            category: SmolStr::default(),
            channel: order.map(|o| o.sales_channel.clone()).unwrap_or_default(),
            order: order.map(|o| SmolStr::new(o.id.as_str())).unwrap_or_default(),
            purchase_order: 0,
            units: 0,
            value: 0,
        }
    }

    /// A fact about an assignment.
    fn about(&self, measure: Measure, label: impl Into<SmolStr>, a: &Assignment) -> Fact {
        let source = SmolStr::new(a.source.as_str());
        let (category, purchase_order) = (self.category(&a.line), a.purchase_order.unwrap_or(0));
        Fact { source, category, purchase_order, ..self.blank(measure, label) }
    }

    fn category(&self, line: &LineId) -> SmolStr {
        let line = self.seen.after.and_then(|o| o.line(line));
        line.map(|l| SmolStr::new(l.category.as_str())).unwrap_or_default()
    }

    fn event(&mut self, n: usize, event: &Event) {
        match event {
            Event::SlaMet { purchase_order, source, clock, at, .. } => {
                self.sla(*purchase_order, source, *clock, *at, "met");
            }
            Event::SlaBreached { purchase_order, source, clock, due, .. } => {
                self.sla(*purchase_order, source, *clock, *due, "breached");
            }
            Event::BreachContestAnswered { purchase_order, source, clock, due, answer, .. } if answer.accepted => {
                self.sla(*purchase_order, source, *clock, *due, "excused");
            }
            Event::LineCommitted { line, assignment, quantity, .. } => self.committed(n, line, *assignment, *quantity),
            Event::LineRerouted { line, from, quantity, reason, .. } => {
                self.rerouted(line, from, *quantity, *reason);
            }
            Event::LineCancelled { line, quantity, reason, .. } => self.cancelled(line, *quantity, *reason),
            Event::CaseOpened { case } => self.case(case, None),
            Event::CaseResolved { case, resolution } => self.resolved(case, resolution.at),
            Event::ShipmentNotified { shipment, .. } => {
                for (assignment, units) in &shipment.units {
                    self.left(*assignment, *units, shipment.shipped_at);
                }
            }
            Event::ShipmentDelivered { purchase_order, shipment, at, .. } => {
                let sent = self.seen.before.into_iter().flat_map(|o| &o.shipments);
                let mine = sent.filter(|s| s.purchase_order == *purchase_order && s.shipment == *shipment);
                let units: Vec<_> = mine.flat_map(|s| s.units.iter().copied()).collect();
                units.into_iter().for_each(|(assignment, units)| self.arrived(assignment, units, *at));
            }
            Event::PromiseRevised { line, promise, .. } => self.revised(line, promise),
            Event::AcknowledgmentReceived { assignment, accepted, declined, reason, .. } => {
                self.answered(*assignment, *accepted, *declined, *reason);
            }
            Event::AssignmentWithdrawn { assignment, quantity, .. } => self.taken_back(*assignment, *quantity),
            Event::AdviceRecorded { source, as_of, lines, .. } => self.advised(source, *as_of, lines.len()),
            // A part that differs was counted by its own event.
            Event::FeedCompleted { source, as_of }
                if !self.seen.events.iter().any(|e| matches!(e, Event::AdviceRecorded { .. })) =>
            {
                self.advised(source, *as_of, 0);
            }
            _ => {}
        }
    }

    fn sla(&mut self, purchase_order: u32, source: &SourceId, clock: ClockKind, at: Timestamp, end: &str) {
        let first = self.seen.after.and_then(|o| o.of_purchase_order(purchase_order).next());
        let category = first.map(|a| self.category(&a.line)).unwrap_or_default();
        let label = format_smolstr!("{}:{end}", clock_word(clock));
        let source = SmolStr::new(source.as_str());
        self.facts.push(Fact { source, category, at, purchase_order, ..self.blank(Measure::Sla, label) });
    }

    fn committed(&mut self, n: usize, line: &LineId, assignment: u32, quantity: Quantity) {
        let Some((order, a)) = self.assignment(assignment) else { return };
        let earlier = |e: &Event| matches!(e, Event::LineCommitted { line: l, .. } if l == line);
        let known = self.seen.before.is_some_and(|o| o.of_line(line).any(|a| !a.committed.is_zero()));
        if !known && !self.seen.events[..n].iter().any(earlier) {
            let seconds = (self.seen.at.as_second() - order.captured_at.as_second()).max(0);
            let fact = self.about(Measure::Confirmation, bucket(seconds), a);
            self.facts.push(Fact { units: units(quantity), value: seconds, ..fact });
        }
        if let Some(from) = given_up_before(order, a) {
            let fact = self.about(Measure::RerouteOutcome, "confirmed", from);
            self.facts.push(Fact { units: units(quantity), ..fact });
        }
    }

    fn rerouted(&mut self, line: &LineId, from: &SourceId, quantity: Quantity, reason: Reason) {
        let last = self.seen.after.and_then(|o| o.of_line(line).filter(|a| a.source == *from).last());
        let fact = match last {
            Some(a) => self.about(Measure::Reroute, reason.code(), a),
            None => self.blank(Measure::Reroute, reason.code()),
        };
        self.facts.push(Fact { units: units(quantity), ..fact });
    }

    fn cancelled(&mut self, line: &LineId, quantity: Quantity, reason: Reason) {
        let asked = self.seen.after.and_then(|o| o.of_line(line).filter(|a| a.purchase_order.is_some()).last());
        let fact = match asked {
            Some(a) => self.about(Measure::Cancellation, reason.code(), a),
            None => Fact { category: self.category(line), ..self.blank(Measure::Cancellation, reason.code()) },
        };
        self.facts.push(Fact { units: units(quantity), ..fact });
        if let Some(a) = asked.filter(|a| reason == Reason::CancelNoSource && given_up(a)) {
            let fact = self.about(Measure::RerouteOutcome, "cancelled", a);
            self.facts.push(Fact { units: units(quantity), ..fact });
        }
    }

    /// A case; with its age, if it is over.
    fn case(&mut self, case: &Case, ended: Option<Timestamp>) {
        let (measure, label, value) = match ended {
            None => (Measure::CaseOpened, SmolStr::new_static(case.kind.code()), 0),
            Some(at) => {
                let seconds = (at.as_second() - case.opened_at.as_second()).max(0);
                let label = format_smolstr!("{}:{}", case.kind.code(), bucket(seconds));
                (Measure::CaseResolved, label, seconds)
            }
        };
        let CasePlace { source, category, purchase_order, .. } = CasePlace::of(case, self.seen.after);
        let fact = Fact { value, source, category, purchase_order, ..self.blank(measure, label) };
        self.facts.push(fact);
    }

    fn resolved(&mut self, id: &CaseId, at: Timestamp) {
        let of_order = self.seen.after.map(|o| o.cases.as_slice()).unwrap_or_default();
        if let Some(case) = of_order.iter().chain(self.seen.desk).find(|c| c.id == *id) {
            self.case(case, Some(at));
        }
    }

    fn left(&mut self, assignment: u32, quantity: Quantity, shipped_at: Timestamp) {
        let Some((_, a)) = self.assignment(assignment) else { return };
        let told = self.seen.before.and_then(|o| o.line(&a.line)?.promise);
        let day = self.day_at(&a.source, shipped_at);
        let days = told.map_or(0, |p| days_between(p.ship_by, day));
        let fact = self.about(Measure::ShipPromise, lateness(days), a);
        self.facts.push(Fact { units: units(quantity), value: days.max(0), ..fact });
    }

    fn arrived(&mut self, assignment: u32, quantity: Quantity, at: Timestamp) {
        let Some((order, a)) = self.assignment(assignment) else { return };
        let told = order.line(&a.line).and_then(|l| l.promise);
        // Whoever tells of an arrival seldom tells the zone of the door.
        let days = told.map_or(0, |p| days_between(p.deliver_by, at.to_zoned(TimeZone::UTC).date()));
        let fact = self.about(Measure::DeliveryPromise, lateness(days), a);
        self.facts.push(Fact { units: units(quantity), value: days.max(0), ..fact });
    }

    /// The day at a source; of UTC where its zone was not read.
    fn day_at(&self, source: &SourceId, at: Timestamp) -> Date {
        at.to_zoned((self.seen.zone)(source).unwrap_or(TimeZone::UTC)).date()
    }

    fn revised(&mut self, line: &LineId, promise: &Promise) {
        let told = self.seen.before.and_then(|o| o.line(line)?.promise);
        let moved = told.map_or(0, |t| days_between(t.deliver_by, promise.deliver_by));
        let last = self.seen.after.and_then(|o| o.of_line(line).filter(|a| a.phase.supplies()).last());
        let label = promise.reason.map_or("unknown", Reason::code);
        let fact = match last {
            Some(a) => self.about(Measure::PromiseRevised, label, a),
            None => Fact { category: self.category(line), ..self.blank(Measure::PromiseRevised, label) },
        };
        self.facts.push(Fact { value: moved, ..fact });
    }

    fn answered(&mut self, assignment: u32, accepted: Quantity, declined: Quantity, reason: Option<Reason>) {
        let Some(old) = self.seen.before.and_then(|o| o.assignment(assignment)) else { return };
        if old.accepted > accepted {
            return self.took_back(old, old.accepted - accepted);
        }
        if !(old.accepted.is_zero() && old.declined.is_zero()) || (accepted.is_zero() && declined.is_zero()) {
            return;
        }
        let stock = |r: Reason| {
            use Reason::{AckBackordered, AckPartialQuantity, AckRejectedDiscontinued, AckRejectedOutOfStock};
            matches!(r, AckRejectedOutOfStock | AckRejectedDiscontinued | AckBackordered | AckPartialQuantity)
        };
        let label = match (declined.is_zero(), reason) {
            (true, _) => "as_advised",
            (false, Some(reason)) if stock(reason) => "short",
            (false, _) => "declined",
        };
        let fact = self.about(Measure::Answer, label, old);
        self.facts.push(Fact { units: units(accepted), value: units(old.quantity), ..fact });
        let seconds = self.since_asked(old, self.seen.at);
        let speed = self.about(Measure::AnswerSpeed, bucket(seconds), old);
        self.facts.push(Fact { units: units(accepted), value: seconds, ..speed });
    }

    /// Seconds from when the purchase order went out.
    fn since_asked(&self, a: &Assignment, until: Timestamp) -> i64 {
        let po = self.seen.before.and_then(|o| o.purchase_order(a.purchase_order?));
        let asked = po.map_or(until, |po| po.sent_at.unwrap_or(po.released_at));
        (until.as_second() - asked.as_second()).max(0)
    }

    /// Units that the source gave up of its own accord after it had accepted them.
    fn taken_back(&mut self, assignment: u32, quantity: Quantity) {
        let Some(old) = self.seen.before.and_then(|o| o.assignment(assignment)) else { return };
        if matches!(old.phase, Phase::Acknowledged | Phase::Committed) {
            self.took_back(old, quantity.min(old.accepted));
        }
    }

    fn took_back(&mut self, old: &Assignment, quantity: Quantity) {
        let po = self.seen.before.and_then(|o| o.purchase_order(old.purchase_order?));
        let acknowledged = po.and_then(|po| po.acknowledged_at).unwrap_or(self.seen.at);
        let automatic = self.since_asked(old, acknowledged) <= AUTOMATIC.as_secs();
        let fact = self.about(Measure::TakenBack, if automatic { "automatic" } else { "considered" }, old);
        let value = (self.seen.at.as_second() - acknowledged.as_second()).max(0);
        self.facts.push(Fact { units: units(quantity), value, ..fact });
    }

    fn advised(&mut self, source: &SourceId, as_of: Timestamp, lines: usize) {
        let seconds = (self.seen.at.as_second() - as_of.as_second()).max(0);
        let source = SmolStr::new(source.as_str());
        let fact = self.blank(Measure::Advice, bucket(seconds));
        self.facts.push(Fact { source, value: seconds, units: lines as i64, ..fact });
    }

    /// Assignments that were asked for and have now ended.
    fn ended(&mut self) {
        let over = |a: &Assignment| matches!(a.phase, Phase::Shipped | Phase::Delivered | Phase::Withdrawn);
        let moves = self.seen.events.iter().any(|e| {
            matches!(
                e,
                Event::ShipmentNotified { .. }
                    | Event::AssignmentWithdrawn { .. }
                    | Event::AcknowledgmentReceived { .. }
            )
        });
        let (true, Some(before), Some(after)) = (moves, self.seen.before, self.seen.after) else { return };
        for a in after.assignments.iter().filter(|a| a.purchase_order.is_some() && over(a)) {
            if before.assignment(a.ordinal).is_none_or(over) {
                continue;
            }
            let by_us = a.ended.is_some_and(|reason| is_ours(reason, self.seen.command));
            let asked = if by_us { a.quantity.less(a.withdrawn) } else { a.quantity };
            if asked.is_zero() {
                continue;
            }
            let label = match a.shipped {
                shipped if shipped >= asked => "full",
                shipped if shipped.is_zero() => "none",
                _ => "short",
            };
            let fact = self.about(Measure::Supplied, label, a);
            self.facts.push(Fact { units: units(a.shipped), value: units(asked), ..fact });
        }
    }

    fn assignment(&self, ordinal: u32) -> Option<(&'a Order, &'a Assignment)> {
        let order = self.seen.after?;
        Some((order, order.assignment(ordinal)?))
    }
}

/// True if units were taken away for a reason of ours: the source did nothing wrong.
fn is_ours(reason: Reason, command: &Command) -> bool {
    use Reason::{
        CancelCustomer, CancelFraud, CancelRerouted, DoubleSupply, ManualHold, ManualOverride, ManualRelease,
    };
    let by_source = matches!(command.deed, Deed::RecordAcknowledgment(_));
    !by_source
        && matches!(
            reason,
            CancelCustomer
                | CancelFraud
                | CancelRerouted
                | DoubleSupply
                | ManualOverride
                | ManualHold
                | ManualRelease
                | Reason::CancelNoSource
        )
}

/// True if units were asked for and given up.
fn given_up(a: &Assignment) -> bool {
    a.purchase_order.is_some() && matches!(a.phase, Phase::Withdrawing | Phase::Withdrawn)
}

/// The assignment that this one took over from: the last of an earlier attempt that was given up.
fn given_up_before<'a>(order: &'a Order, a: &'a Assignment) -> Option<&'a Assignment> {
    order.of_line(&a.line).filter(|other| other.attempt < a.attempt && given_up(other)).last()
}

fn units(quantity: Quantity) -> i64 {
    i64::from(quantity.get())
}

fn days_between(from: Date, to: Date) -> i64 {
    from.until(to).map_or(0, |span| i64::from(span.get_days()))
}

/// The label of so many days after a promised one.
fn lateness(days: i64) -> &'static str {
    match days {
        ..=0 => "kept",
        1 => "late_1",
        2..=3 => "late_2_3",
        4..=7 => "late_4_7",
        _ => "late_8",
    }
}
