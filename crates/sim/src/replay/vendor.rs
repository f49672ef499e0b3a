//! What a source does with a purchase order in a replay: as the history tells, as it makes one assume, or as the model of
//! that source has it. Knows nothing of the engine's decisions but the purchase order itself.

use super::model::{Character, Models, dice, utc_day};
use super::outcome::Ground;
use crate::chance::Chance;
use crate::history::{AskFact, History, Moment, Past, PoFact};
use countersign_engine::calibration::{CERTAIN, Cell};
use countersign_engine::measure::Quantity;
use jiff::ToSpan;
use jiff::civil::Date;

/// What was asked of a source.
pub struct Asked<'a> {
    /// The order, by index.
    pub order: u32,
    /// What happened to it then.
    pub past: &'a Past,
    /// Of whom, by index.
    pub source: u32,
    /// Counted try.
    pub attempt: u32,
    /// When.
    pub at: Moment,
    /// (place of the line within the order, base units)
    pub lines: &'a [(u16, u32)],
    /// Age of the advice and what it said, for the first line.
    pub advice: (Option<i64>, u32),
    /// The ship day asked for.
    pub ship_by: Date,
}

/// What the source does.
#[derive(Debug, Clone, Default)]
pub struct Behaviour {
    /// Whose it is, by index; `None` of a purchase order that was not sent.
    pub source: Option<u32>,
    /// What this rests on.
    pub ground: Ground,
    /// When it answers; never if not known.
    pub answers: Moment,
    /// (place of the line, units accepted)
    pub accepted: Vec<(u16, u32)>,
    /// The ship day it names, where it names one.
    pub ship_on: Option<Date>,
    /// When it ships; never if not known.
    pub ships: Moment,
    /// When it takes back what it accepted; never if not known.
    pub takes_back: Moment,
    /// Seconds from shipping to the door; `None` if it never arrives.
    pub transit_s: Option<u32>,
    /// The purchase order of the history that this repeats, by place.
    pub repeats: Option<u16>,
}

fn later(from: Moment, seconds: i64) -> Moment {
    Moment::from_seconds(u32::try_from((from.seconds() + seconds.max(0)).min(i64::from(u32::MAX))).unwrap_or(u32::MAX))
}

/// What the source does; `used` marks the purchase orders of the history that have been repeated already.
pub fn behave(history: &History, models: &Models, seed: u64, asked: &Asked, used: u64) -> Behaviour {
    let does = match repeated(asked, used) {
        Some(n) => match history.cut_short(asked.past, usize::from(n)) {
            Some(cut) => in_flight(history, models, seed, asked, (n, cut)),
            None => observed(history, n, asked),
        },
        None => modelled(history, models, seed, asked, None),
    };
    Behaviour { source: Some(asked.source), ..does }
}

/// The purchase order of the history that asked this source for no less.
fn repeated(asked: &Asked, used: u64) -> Option<u16> {
    let mut pos = asked.past.pos.iter().enumerate().take(64);
    let fits = |n: usize| {
        asked.lines.iter().all(|(line, units)| ask(asked.past, n, *line).is_some_and(|a| a.quantity >= *units))
    };
    let (n, _) = pos.find(|(n, po)| po.source == asked.source && used & (1 << n) == 0 && fits(*n))?;
    u16::try_from(n).ok()
}

/// What a purchase order of the history asked for a line.
fn ask(past: &Past, po: usize, line: u16) -> Option<&AskFact> {
    past.asks_of(po).find(|a| a.line == line)
}

/// The source does as it did, as long after being asked as it took then.
fn observed(history: &History, n: u16, asked: &Asked) -> Behaviour {
    let Past { order, pos, .. } = asked.past;
    let po = &pos[usize::from(n)];
    let sent = History::sent(order, po);
    let shift =
        |then: Moment| if then.is_known() { later(asked.at, then.seconds() - sent.seconds()) } else { Moment::NEVER };
    let said_no = po.rejected || (!history.recorded.answers && had_none(po));
    let accepts = |(line, units): &(u16, u32)| {
        let accepted = ask(asked.past, usize::from(n), *line).map_or(u32::MAX, |a| a.accepted);
        (*line, if said_no { 0 } else { accepted.min(*units) })
    };
    let (ground, answers) = match (po.answered.is_known(), history.recorded.answers) {
        (true, _) => (Ground::Observed, shift(po.answered)),
        // It said nothing, and the history would tell: a shipment is its answer.
        (false, true) => (Ground::Observed, Moment::NEVER),
        // Nobody answers what was called off before that.
        (false, false) if po.is_called_off() => (Ground::Assumed, Moment::NEVER),
        (false, false) => (Ground::Assumed, later(asked.at, i64::from(history.assume.answer_minutes) * 60)),
    };
    // Where the rows say that it shipped before it was asked or had answered, it ships as it answers.
    let ships = if po.shipped.is_known() { shift(po.shipped).max(answers) } else { Moment::NEVER };
    let arrived = po.delivered.or(order.delivered);
    let transit = arrived.seconds() - po.shipped.seconds();
    let takes_back = po.is_taken_back() && !said_no;
    Behaviour {
        source: None,
        ground,
        answers,
        accepted: asked.lines.iter().map(accepts).collect(),
        ship_on: po.ship_on.known().map(|at| jiff::tz::TimeZone::UTC.to_datetime(at).date()),
        ships,
        takes_back: if takes_back { shift(po.cancelled).max(answers) } else { Moment::NEVER },
        transit_s: (arrived.is_known() && po.shipped.is_known())
            .then(|| u32::try_from(transit.max(0)).unwrap_or(u32::MAX)),
        repeats: Some(n),
    }
}

/// The source was cut short before it was done: it does what it did until then, and what its model does from there on.
fn in_flight(history: &History, models: &Models, seed: u64, asked: &Asked, (n, cut): (u16, Moment)) -> Behaviour {
    let (did, po) = (observed(history, n, asked), &asked.past.pos[usize::from(n)]);
    let answered = po.answered.is_known();
    let does = modelled(history, models, seed, asked, answered.then_some(CERTAIN));
    let sent = History::sent(&asked.past.order, po);
    let until = later(asked.at, cut.seconds() - sent.seconds());
    let from_there = |at: Moment| if at.is_known() { at.max(until) } else { at };
    let (ships, takes_back) = (from_there(does.ships), from_there(does.takes_back));
    let (answers, accepted, ship_on) = match answered {
        true => (did.answers, did.accepted, did.ship_on),
        false => (from_there(does.answers), does.accepted, does.ship_on),
    };
    Behaviour { answers, accepted, ship_on, ships, takes_back, repeats: did.repeats, ..does }
}

fn had_none(po: &PoFact) -> bool {
    po.is_taken_back()
}

/// What its model does; `sure` where the chance that it accepts is known.
fn modelled(history: &History, models: &Models, seed: u64, asked: &Asked, sure: Option<u64>) -> Behaviour {
    let first = asked.lines.first().copied().unwrap_or((0, 1));
    let item = asked.past.lines[usize::from(first.0)].item;
    let category = &models.categories()[usize::from(history.items[item as usize].category)];
    let (age, advised) = asked.advice;
    let cell = Cell::of(age, Quantity::new(first.1), Quantity::new(advised), utc_day(asked.at), category);
    let dice = dice(seed, asked.order, asked.source, asked.attempt);
    let wanted = Wanted { at: asked.at, ship_by: asked.ship_by, lines: asked.lines };
    let chance = sure.unwrap_or_else(|| models.chance(asked.source, &cell));
    drawn(&models.characters[asked.source as usize], chance, dice, &wanted)
}

/// What is wanted of a source.
pub struct Wanted<'a> {
    /// When it was asked.
    pub at: Moment,
    /// The ship day asked for.
    pub ship_by: Date,
    /// (place of the line, base units)
    pub lines: &'a [(u16, u32)],
}

/// What a source of that character does, which accepts with that chance, in millionths.
pub fn drawn(character: &Character, chance: u64, mut dice: Chance, asked: &Wanted) -> Behaviour {
    // Every question is put to the dice, whatever the answers before it: a changed policy then changes only what it must.
    let accepts = dice.below(1_000_000) < chance;
    let no = 1_000 - (chance / 1_000).min(999);
    let silent = dice.permille((character.silent * 1_000 / no).min(1_000)) && !accepts;
    let partial = dice.permille(character.partial);
    let part = dice.below(1_000);
    let is_later = dice.permille(character.later);
    let later_days = character.later_days.draw(&mut dice);
    let answer_s = character.answer_s.draw(&mut dice);
    let ship_s = character.ship_s.draw(&mut dice).max(answer_s);
    let takes_back = dice.permille(character.takes_back);
    let forgets = dice.permille(character.forgets);
    let transit_s = character.transit_s.draw(&mut dice);
    let accepted = |(line, units): &(u16, u32)| {
        let some = u64::from(*units) * part / 1_000;
        (
            *line,
            if accepts {
                *units
            } else if partial {
                u32::try_from(some).unwrap_or(0)
            } else {
                0
            },
        )
    };
    let accepted: Vec<(u16, u32)> = asked.lines.iter().map(accepted).collect();
    let any = accepted.iter().any(|(_, units)| *units > 0) && !silent;
    let ships = later(asked.at, i64::from(ship_s) + if is_later { i64::from(later_days) * 86_400 } else { 0 });
    Behaviour {
        source: None,
        ground: Ground::Modelled,
        answers: if silent { Moment::NEVER } else { later(asked.at, i64::from(answer_s)) },
        accepted,
        ship_on: (is_later && any).then(|| asked.ship_by.saturating_add(i64::from(later_days).days())),
        ships: if any && !takes_back && !forgets { ships } else { Moment::NEVER },
        takes_back: if any && takes_back { ships } else { Moment::NEVER },
        transit_s: Some(transit_s),
        repeats: None,
    }
}
