//! What the wires to the sources have carried since the service started: last in, last out, how much failed, and why.
//!
//! A reading for people, kept in memory by each node for itself; no decision rests on it.

use countersign_engine::ids::SourceId;
use countersign_runtime::ports::Delivery;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// The wires, by source.
#[derive(Debug, Default)]
pub struct Wires(Mutex<BTreeMap<SourceId, Wire>>);

/// What one wire has carried.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wire {
    /// When a paper last got through to the source.
    pub last_out: Option<Timestamp>,
    /// When something last came in.
    pub last_in: Option<Timestamp>,
    /// Papers that got through.
    pub sent: u64,
    /// Pieces that came in.
    pub received: u64,
    /// Tries that failed, in either direction.
    pub failed: u64,
    /// The last failure: when, and what the network or the other side said.
    pub last_failure: Option<(Timestamp, String)>,
}

impl Wires {
    /// The wire to a source; nothing has been carried if it is not known yet.
    pub fn of(&self, source: &SourceId) -> Wire {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(source).cloned().unwrap_or_default()
    }

    /// A try to deliver ended.
    pub fn delivered(&self, source: &SourceId, now: Timestamp, delivery: &Delivery) {
        self.change(source, |wire| match delivery {
            Delivery::Done { .. } => {
                wire.sent += 1;
                wire.last_out = Some(now);
            }
            Delivery::Failed { why } | Delivery::Refused { why } | Delivery::Unknown { why } => wire.fail(now, why),
        });
    }

    /// Pieces came in.
    pub fn came(&self, source: &SourceId, now: Timestamp, pieces: u64) {
        self.change(source, |wire| {
            wire.received += pieces;
            wire.last_in = Some(now);
        });
    }

    /// Fetching failed.
    pub fn failed(&self, source: &SourceId, now: Timestamp, why: &str) {
        self.change(source, |wire| wire.fail(now, why));
    }

    fn change(&self, source: &SourceId, change: impl FnOnce(&mut Wire)) {
        change(self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(source.clone()).or_default());
    }
}

impl Wire {
    fn fail(&mut self, now: Timestamp, why: &str) {
        self.failed += 1;
        self.last_failure = Some((now, why.to_owned()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wire_tells_what_it_carried_and_why_not() {
        let (wires, now) = (Wires::default(), Timestamp::UNIX_EPOCH);
        let (acme, bolt) = (SourceId::new("acme").unwrap(), SourceId::new("bolt").unwrap());
        wires.delivered(&acme, now, &Delivery::Done { receipt: true, answer: None });
        wires.delivered(&acme, now, &Delivery::Failed { why: "no route".into() });
        wires.came(&acme, now, 3);
        let wire = wires.of(&acme);
        assert_eq!((wire.sent, wire.received, wire.failed), (1, 3, 1));
        assert_eq!(wire.last_failure, Some((now, "no route".into())));
        assert_eq!(wires.of(&bolt), Wire::default());
    }
}
