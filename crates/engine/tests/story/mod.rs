//! Tells a story: reads its lines, runs them in a world, says what happened.

mod deed;
mod setup;
mod words;

use crate::world::{World, audit};
use countersign_engine::command::{Actor, Command, Deed};
use countersign_engine::ids::OrderId;
use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

/// The Monday on which stories play.
pub const DAY: &str = "2026-11-23";

/// Runs the told part; returns what happened, and the world after it.
pub fn tell(name: &str, told: &str) -> (String, World) {
    let mut setup = setup::Setup::new();
    let mut world = World::default();
    let mut out = String::new();
    let mut furnished = false;
    for (n, line) in told.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let fail = |what: String| -> ! { panic!("{name}:{}: {what}\n    {line}", n + 1) };
        let Some(rest) = line.strip_prefix("at ") else {
            setup.read(line).unwrap_or_else(|e| fail(e));
            continue;
        };
        if !furnished {
            furnished = true;
            for (at, command) in setup.commands() {
                world.run(at, &command).unwrap_or_else(|r| fail(r.to_string()));
            }
        }
        let (now, words) = time(rest).unwrap_or_else(|| fail("no time".into()));
        out += &run(&mut world, now, words).unwrap_or_else(|e| fail(e));
        audit::all(&world);
    }
    world.replay();
    out += &words::end(&world);
    (out, world)
}

fn run(world: &mut World, now: Timestamp, words: &str) -> Result<String, String> {
    if words == "wake" {
        let wake = |order: OrderId| Command { by: Actor::Engine, deed: Deed::Wake { order } };
        let all: Vec<OrderId> = world.orders().map(|o| o.id.clone()).collect();
        return all.into_iter().map(|o| carry_out(world, now, &wake(o))).collect();
    }
    let command = deed::read(world, now, words)?;
    carry_out(world, now, &command)
}

fn carry_out(world: &mut World, now: Timestamp, command: &Command) -> Result<String, String> {
    let before = world.records.clone();
    match world.run(now, command) {
        Ok(decision) => Ok(words::decision(now, &decision)),
        Err(refusal) => {
            assert_eq!(before, world.records, "a refusal changed something");
            Ok(words::refusal(now, &refusal))
        }
    }
}

/// A time of the story's day (`09:00`), or of another (`2026-11-24 09:00`), in UTC; and what follows.
pub fn time(text: &str) -> Option<(Timestamp, &str)> {
    let (first, rest) = text.split_once(' ').unwrap_or((text, ""));
    let (day, clock, rest) = match first.parse::<Date>() {
        Ok(day) => {
            let (clock, rest) = rest.split_once(' ').unwrap_or((rest, ""));
            (day, clock, rest)
        }
        Err(_) => (DAY.parse().unwrap(), first, rest),
    };
    let clock: Time = clock.parse().ok()?;
    Some((day.to_datetime(clock).to_zoned(TimeZone::UTC).ok()?.timestamp(), rest.trim()))
}
