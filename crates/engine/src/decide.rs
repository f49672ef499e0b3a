//! The head: which records a command wants to read, and what follows from them.
//!
//! Each deed is one file that holds its `needs` and its `decide` side by side.

use crate::command::{Command, Deed};
use crate::effect::Effect;
use crate::event::Event;
use crate::refusal::Refusal;
use crate::slice::{Key, Slice};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// Rounds of `needs` until it must have settled: order, items, offers, stock.
pub const ROUNDS_MAX: usize = 4;

/// What was decided: complete, the hands make no choice.
#[derive(Debug, Clone, Default)]
pub struct Decision {
    /// What has happened.
    pub events: Vec<Event>,
    /// Errands.
    pub effects: Vec<Effect>,
    /// The slice with the events applied.
    pub after: Slice,
    /// The policy that ruled; 0 where none was read.
    pub policy: u32,
}

/// The records that `command` wants to read, as far as `slice` lets one see. Asked again, with what it asked for,
/// until it asks for nothing new: at most [`ROUNDS_MAX`] times.
pub fn needs(slice: &Slice, command: &Command) -> BTreeSet<Key> {
    let _ = (slice, command);
    BTreeSet::new()
}

/// Decides a command on the records it asked for.
///
/// # Errors
/// The asker's fault; nothing has changed.
///
/// # Panics
/// On a bug of ours: a record read that was not asked for, a tally below zero. The caller parks that command.
pub fn decide(slice: &Slice, now: Timestamp, command: &Command) -> Result<Decision, Refusal> {
    let _ = (now, &command.deed);
    match &command.deed {
        Deed::Wake { .. } => Ok(Decision { after: slice.clone(), ..Decision::default() }),
        _ => Err(Refusal::new(crate::refusal::RefusalKind::NotNow, "not decided")),
    }
}
