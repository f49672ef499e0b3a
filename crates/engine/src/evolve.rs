//! The only hand that changes state. It computes nothing: every conclusion stands in the event.

use crate::event::Event;
use crate::slice::{Key, Slice};

/// The records an event changes; a replay loads these.
pub fn touches(event: &Event) -> Vec<Key> {
    let _ = event;
    vec![]
}

/// Applies one event.
pub fn evolve(slice: &mut Slice, event: &Event) {
    let _ = (slice, event);
}
