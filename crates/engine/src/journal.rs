//! The journal entry: the command, what it led to, and under which policy. The truth; all else is a cache of it.
//!
//! Does not know how entries are chained or stored.

use crate::command::Command;
use crate::effect::Effect;
use crate::event::Event;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// One entry. Its JSON text is what is hashed, stored, exported and verified, byte for byte.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The clock reading under which it was decided.
    pub at: Timestamp,
    /// What caused it: a request id or an inbox entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<SmolStr>,
    /// The policy that ruled; 0 where none was read.
    #[serde(default)]
    pub policy: u32,
    /// Who wanted what.
    pub command: Command,
    /// What happened.
    pub events: Vec<Event>,
    /// What the hands were told to do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub effects: Vec<Effect>,
}
