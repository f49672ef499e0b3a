//! Models of sources, each fitted to what that source itself did: how it answers, how long it takes, how late it ships,
//! how often it takes back what it accepted. Where a source did little, all sources together lend their figures.
//!
//! Deterministic: the same history and the same seed draw the same answers, on every machine, in any order of asking.

use crate::chance::Chance;
use crate::history::{AskFact, History, Moment, NOBODY, Past, PoFact};
use countersign_engine::calibration::{Answers, Calibration, Cell, Count, Evidence, Learnt};
use countersign_engine::ids::SourceId;
use countersign_engine::item::Category;
use countersign_engine::measure::Quantity;
use foldhash::fast::FixedState;
use jiff::civil::Date;
use std::collections::HashMap;
use std::sync::Arc;

/// Steps of a distribution: its 0th to 16th sixteenth.
const STEPS: usize = 16;
/// Samples that a distribution of its own needs; below it, that of all sources stands in.
const SAMPLES_MIN: usize = 8;
/// So many samples weigh as much as what all sources do together.
const WEIGHT: u64 = 20;
/// Samples kept of one distribution: more do not change its sixteenths.
const SAMPLES_MAX: usize = 20_000;

/// A distribution as its sixteenths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Spread([u32; STEPS + 1]);

impl Spread {
    fn of(samples: &mut [u32]) -> Option<Self> {
        if samples.len() < SAMPLES_MIN {
            return None;
        }
        samples.sort_unstable();
        let last = samples.len() - 1;
        Some(Self(std::array::from_fn(|n| samples[n * last / STEPS])))
    }
    /// The same figure always.
    pub fn constant(value: u32) -> Self {
        Self([value; STEPS + 1])
    }
    /// The middle.
    pub fn median(&self) -> u32 {
        self.0[STEPS / 2]
    }
    /// Draws one.
    pub fn draw(&self, chance: &mut Chance) -> u32 {
        let at = chance.below((STEPS as u64) << 16);
        let (step, part) = ((at >> 16) as usize, at & 0xffff);
        let (low, high) = (u64::from(self.0[step]), u64::from(self.0[step + 1]));
        u32::try_from(low + (((high - low) * part) >> 16)).unwrap_or(u32::MAX)
    }
}

/// What a source is like, apart from whether it accepts.
#[derive(Debug, Clone, Copy)]
pub struct Character {
    /// Seconds until it answers.
    pub answer_s: Spread,
    /// Seconds from the purchase order until it ships.
    pub ship_s: Spread,
    /// Seconds from there to the door.
    pub transit_s: Spread,
    /// Of those it does not accept whole, so many thousandths are accepted in part.
    pub partial: u64,
    /// So many thousandths are never answered.
    pub silent: u64,
    /// So many thousandths are accepted for a later day than asked.
    pub later: u64,
    /// By so many days.
    pub later_days: Spread,
    /// So many thousandths of what it accepted it takes back.
    pub takes_back: u64,
    /// So many thousandths of what it accepted it never ships.
    pub forgets: u64,
    /// Working days from order to carrier, as its ship-by dates were set.
    pub handling_days: u32,
}

/// The models of all sources of a history.
#[derive(Debug)]
pub struct Models {
    /// By source index.
    pub characters: Vec<Character>,
    /// What a source is like of which nothing is known: all of them together.
    pub common: Character,
    /// Whether they accept.
    pub calibration: Calibration,
    /// The same, as the records that rules read.
    pub learnt: Arc<Learnt>,
    /// By source index.
    pub evidence: Arc<Vec<Arc<Evidence>>>,
    ids: Vec<SourceId>,
    categories: Vec<Category>,
}

impl Models {
    /// Fits all sources.
    pub fn fit(history: &History) -> Self {
        let mut samples = vec![Samples::default(); history.source_ids.len()];
        let mut all = Samples::default();
        let ids: Vec<SourceId> = history.source_ids.iter().map(source_id).collect();
        let categories: Vec<Category> = history.categories.iter().map(|c| category(c)).collect();
        let mut calibration = Calibration::default();
        let mut advice = Latest::new(history);
        let mut past = Past::default();
        for index in &history.by_time {
            history.pasts.read(*index, &mut past);
            for (n, po) in past.pos.iter().enumerate().filter(|(_, po)| po.source != NOBODY) {
                samples[po.source as usize].take(history, &past, n, po);
                all.take(history, &past, n, po);
                if let Some(accepted) = accepted(history, &past, n, po) {
                    let count = Count { asked: 1, accepted: u32::from(accepted) };
                    let cell = advice.cell(history, &categories, &past, n, po);
                    let source = ids[po.source as usize].clone();
                    calibration.count(&Answers { source, cell, count });
                }
            }
        }
        let assume = history.assume;
        let common = all.character(&Character {
            answer_s: Spread::constant(assume.answer_minutes * 60),
            ship_s: Spread::constant((assume.handling_days.max(1)) * 86_400),
            transit_s: Spread::constant(assume.transit_days * 86_400),
            partial: 0,
            silent: 0,
            later: 0,
            later_days: Spread::constant(2),
            takes_back: 0,
            forgets: 0,
            handling_days: assume.handling_days,
        });
        let characters: Vec<Character> = samples.iter_mut().map(|s| s.character(&common)).collect();
        let learnt = Learnt { position: 0, as_of: None, all: calibration.all.clone() };
        let of = |id: &SourceId| Arc::new(calibration.sources.get(id).cloned().unwrap_or_default());
        let evidence = ids.iter().map(of).collect::<Vec<_>>();
        Self { common, learnt: learnt.into(), evidence: evidence.into(), characters, calibration, ids, categories }
    }

    /// The chance, in millionths, that a source accepts.
    pub fn chance(&self, source: u32, cell: &Cell) -> u64 {
        let chance = self.calibration.chance(&self.ids[source as usize], cell);
        chance.map_or(1_000_000, |c| u64::from(c.millionths))
    }
    /// What a source is like, also one that the history does not know.
    pub fn character_of(&self, id: &SourceId) -> &Character {
        self.ids.iter().position(|known| known == id).map_or(&self.common, |n| &self.characters[n])
    }
    /// The ids of the sources, by index.
    pub fn ids(&self) -> &[SourceId] {
        &self.ids
    }
    /// The categories, by index.
    pub fn categories(&self) -> &[Category] {
        &self.categories
    }
}

/// The id of a source of a history; the reader let only valid ones in.
pub fn source_id(text: &str) -> SourceId {
    SourceId::new(text).expect("because ids were checked when the history was read")
}

/// The category of a history; the reader let only valid ones in.
pub fn category(text: &str) -> Category {
    Category::new(text).expect("because categories were checked when the history was read")
}

/// Whether the source accepted a purchase order whole, as far as the history tells; `None` if it does not.
pub fn accepted(history: &History, past: &Past, n: usize, po: &PoFact) -> Option<bool> {
    let order = &past.order;
    if !history.recorded.answers {
        let gone = po.is_taken_back();
        return (po.shipped.is_known() || gone).then_some(!gone);
    }
    match (po.answered.is_known(), po.shipped.is_known()) {
        (true, _) => Some(!po.rejected && !past.asks_of(n).any(AskFact::is_short)),
        (false, true) => Some(true),
        (false, false) if history.is_open(past, po) || po.is_called_off() => None,
        // Sent, neither answered nor called off: silence is no acceptance.
        (false, false) if History::sent(order, po).is_known() && !order.cancelled.is_known() => Some(false),
        _ => None,
    }
}

/// What the advice said when purchase orders went out, read along with them in order of time.
pub struct Latest {
    next: usize,
    /// By item and source; the seed is fixed, and nothing depends on the order.
    by_offer: HashMap<(u32, u32), (Moment, u32), FixedState>,
}

impl Latest {
    /// Nothing was advised yet.
    pub fn new(_history: &History) -> Self {
        Self { next: 0, by_offer: HashMap::default() }
    }
    /// The circumstances of a purchase order: its first line stands for it.
    pub fn cell(&mut self, history: &History, categories: &[Category], past: &Past, n: usize, po: &PoFact) -> Cell {
        let sent = History::sent(&past.order, po);
        while let Some(fact) = history.advice.get(self.next).filter(|a| a.at <= sent) {
            self.by_offer.insert((fact.item, fact.source), (fact.at, fact.quantity));
            self.next += 1;
        }
        let first = past.asks_of(n).next();
        let (item, quantity) = first.map_or((0, 1), |a| (past.lines[usize::from(a.line)].item, a.quantity));
        let known = self.by_offer.get(&(item, po.source));
        let age = known.map(|(at, _)| sent.seconds() - at.seconds());
        let advised = known.map_or(quantity, |(_, q)| *q);
        let category = &categories[usize::from(history.items[item as usize].category)];
        Cell::of(age, Quantity::new(quantity), Quantity::new(advised), utc_day(sent), category)
    }
}

/// The day of a moment, in UTC: weekdays of models need no zone.
pub fn utc_day(moment: Moment) -> Date {
    jiff::tz::TimeZone::UTC.to_datetime(moment.at()).date()
}

/// What is seen of one source.
#[derive(Debug, Clone, Default)]
struct Samples {
    answer_s: Vec<u32>,
    ship_s: Vec<u32>,
    transit_s: Vec<u32>,
    later_days: Vec<u32>,
    handling_days: Vec<u32>,
    /// Purchase orders of which the source knew.
    asked: u64,
    silent: u64,
    declined: u64,
    partial: u64,
    accepted: u64,
    later: u64,
    taken_back: u64,
    forgotten: u64,
}

impl Samples {
    fn take(&mut self, history: &History, past: &Past, n: usize, po: &PoFact) {
        let order = &past.order;
        let sent = History::sent(order, po);
        let after =
            |from: Moment, to: Moment| u32::try_from((to.seconds() - from.seconds()).max(0)).unwrap_or(u32::MAX);
        let keep = |samples: &mut Vec<u32>, value: u32| {
            if samples.len() < SAMPLES_MAX {
                samples.push(value);
            }
        };
        if !sent.is_known() {
            return;
        }
        self.asked += 1;
        let shipped = po.shipped.is_known();
        if po.answered.is_known() {
            keep(&mut self.answer_s, after(sent, po.answered));
        } else if history.recorded.answers && !shipped && !order.cancelled.is_known() && !po.is_called_off() {
            self.silent += u64::from(!history.is_open(past, po));
        }
        if shipped {
            keep(&mut self.ship_s, after(sent, po.shipped));
            let arrived = po.delivered.or(order.delivered);
            if arrived.is_known() {
                keep(&mut self.transit_s, after(po.shipped, arrived));
            }
        }
        if po.ship_by.is_known() {
            let days = after(sent, po.ship_by) / 86_400;
            keep(&mut self.handling_days, (days * 5).div_ceil(7));
        }
        self.judge(history, past, n, po);
    }

    fn judge(&mut self, history: &History, past: &Past, n: usize, po: &PoFact) {
        let order = &past.order;
        match accepted(history, past, n, po) {
            Some(true) => self.accepted += 1,
            Some(false) => {
                self.declined += 1;
                self.partial += u64::from(past.asks_of(n).any(|a| a.accepted > 0 && a.is_short()));
                return;
            }
            None => return,
        }
        if po.ship_on.is_known() && po.ship_by.is_known() {
            let days = (po.ship_on.seconds() - po.ship_by.seconds()) / 86_400;
            if days > 0 {
                self.later += 1;
                self.later_days.push(u32::try_from(days).unwrap_or(30));
            }
        }
        self.taken_back += u64::from(po.is_taken_back());
        let overdue = po.ship_by.is_known() && po.ship_by < history.span.1;
        let ended = po.cancelled.is_known() || order.cancelled.is_known();
        self.forgotten += u64::from(overdue && !po.shipped.is_known() && !ended);
    }

    fn character(&mut self, common: &Character) -> Character {
        let rate = |count: u64, of: u64, common: u64| (count * 1_000 + WEIGHT * common) / (of + WEIGHT).max(1);
        let later = rate(self.later, self.accepted, common.later);
        Character {
            answer_s: Spread::of(&mut self.answer_s).unwrap_or(common.answer_s),
            ship_s: Spread::of(&mut self.ship_s).unwrap_or(common.ship_s),
            transit_s: Spread::of(&mut self.transit_s).unwrap_or(common.transit_s),
            partial: rate(self.partial, self.declined, common.partial),
            silent: rate(self.silent, self.asked, common.silent),
            later,
            later_days: Spread::of(&mut self.later_days).unwrap_or(common.later_days),
            takes_back: rate(self.taken_back, self.accepted, common.takes_back),
            forgets: rate(self.forgotten, self.accepted, common.forgets),
            handling_days: Spread::of(&mut self.handling_days).map_or(common.handling_days, |s| s.median()),
        }
    }
}

/// The chance of one question: the same for the same seed, order, source and attempt, whoever asks first.
pub fn dice(seed: u64, order: u32, source: u32, attempt: u32) -> Chance {
    let mut mixed = seed ^ 0x6a09_e667_f3bc_c908;
    for part in [u64::from(order), u64::from(source), u64::from(attempt)] {
        mixed = Chance::of(mixed ^ part.wrapping_mul(0x9e37_79b9_7f4a_7c15)).below(u64::MAX);
    }
    Chance::of(mixed)
}
