//! What came before under the same control numbers: a resend has no second effect, one that says something else is told.
//!
//! Knows numbers and sums of bytes, not what they mean. A replay is a person's wish and is never held against its
//! numbers.

use super::findings::finding;
use crate::ports::{Exchange, InboxEntry, Store, StoreError};
use crate::receive::hash;
use countersign_engine::document::Inbound;
use countersign_engine::reason::Reason;
use countersign_partners::seam::{Document, Envelope, Finding, ReceiptFor, Severity};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use smol_str::{SmolStr, format_smolstr};
use std::collections::{BTreeMap, BTreeSet};

/// Sets remembered under one control number. Partners that never count get by with it; the oldest are forgotten.
const SETS_MAX: usize = 1_000;

/// What is remembered of an interchange, as JSON.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Known {
    sets: Vec<Came>,
}

/// A set that came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Came {
    /// In which file.
    entry: u64,
    /// Its name, for people.
    file: String,
    at: Timestamp,
    /// Kind, group and set: `855 301 0001`.
    numbers: SmolStr,
    /// What the sender calls it; empty if it has no name.
    document: SmolStr,
    /// Sum over its bytes, line ends aside.
    sum: SmolStr,
}

/// What a file holds that came before.
#[derive(Debug, Default)]
pub(super) struct Doubles {
    /// Interchanges with a document that came before and said something else: to be refused.
    pub refused: BTreeSet<String>,
    /// Sets that came before, byte for byte: where they stand.
    same: Vec<(u64, u64)>,
    findings: Vec<Finding>,
    /// What to remember.
    exchanges: Vec<Exchange>,
}

impl Doubles {
    /// Compares a file with what came before over its channel.
    pub fn of(store: &dyn Store, entry: &InboxEntry, envelopes: &[Envelope]) -> Result<Self, StoreError> {
        let mut doubles = Self::default();
        let mut interchanges: BTreeMap<String, Vec<&Envelope>> = BTreeMap::new();
        for envelope in envelopes.iter().filter(|envelope| envelope.end > 0 && !envelope.interchange.is_empty()) {
            interchanges.entry(envelope.identity()).or_default().push(envelope);
        }
        for (identity, sets) in interchanges {
            let exchange = store.exchange(&entry.new.channel, &identity)?;
            let known = exchange.and_then(|exchange| serde_json::from_str(&exchange.body).ok()).unwrap_or_default();
            doubles.interchange(entry, identity, known, &sets);
        }
        Ok(doubles)
    }

    fn interchange(&mut self, entry: &InboxEntry, identity: String, mut known: Known, sets: &[&Envelope]) {
        let (mut is_known, mut reused) = (true, None);
        for set in sets {
            let came = came(entry, set);
            let earlier = |other: &&Came| other.entry < entry.id && other.numbers == came.numbers;
            let same = known.sets.iter().find(|other| earlier(other) && other.sum == came.sum);
            let other = known.sets.iter().find(|other| earlier(other) && other.sum != came.sum);
            let is_replay = entry.new.replays.is_some();
            match (same, other) {
                (Some(same), _) if !is_replay => self.again(set, same),
                (None, Some(_)) if !is_replay && !came.document.is_empty() && known.has(&came) => {
                    self.refused.insert(identity.clone());
                }
                (None, Some(other)) if !is_replay => {
                    reused.get_or_insert_with(|| self::reused(set, other));
                }
                _ => {}
            }
            if !known.sets.contains(&came) {
                is_known = false;
                known.sets.push(came);
            }
        }
        self.findings.extend(reused);
        if !is_known {
            let forgotten = known.sets.len().saturating_sub(SETS_MAX);
            known.sets.drain(..forgotten);
            let body = serde_json::to_string(&known).expect("because numbers and sums are plain data");
            let pair = entry.new.channel.to_string();
            self.exchanges.push(Exchange { pair, message_id: identity, at: entry.new.received_at, due: None, body });
        }
    }

    fn again(&mut self, set: &Envelope, earlier: &Came) {
        let sentence = format!(
            "{} of interchange {} came before, in {} at {}; it has no second effect.",
            earlier.numbers, set.interchange, earlier.file, earlier.at
        );
        let mut again = finding(Reason::EdiDuplicate, Severity::Note, set.place.clone(), sentence);
        again.advice = "Nothing has to be done.".into();
        self.findings.push(again);
        self.same.push((set.place.byte, set.end));
    }

    /// Takes what came before out of a reading. A feed stays: it says how things stand, and says it again.
    pub fn leave_out(&self, documents: &mut Vec<Document>, receipts: &mut Vec<ReceiptFor>) {
        let came = |byte: u64| self.same.iter().any(|(begin, end)| (*begin..*end).contains(&byte));
        documents.retain(|document| matches!(document.content, Inbound::Advice(_)) || !came(document.place.byte));
        receipts.retain(|receipt| !came(receipt.place.byte));
    }

    /// What is to be told; remembers the numbers, before anything is made of the file.
    pub fn remember(self, store: &dyn Store) -> Result<Vec<Finding>, StoreError> {
        self.exchanges.iter().try_for_each(|exchange| store.put_exchange(exchange, true).map(|_| ()))?;
        Ok(self.findings)
    }
}

impl Known {
    /// True if an earlier file held that very document with other content.
    fn has(&self, came: &Came) -> bool {
        let same = |other: &&Came| other.numbers == came.numbers && other.document == came.document;
        self.sets.iter().filter(same).any(|other| other.entry < came.entry && other.sum != came.sum)
    }
}

fn came(entry: &InboxEntry, set: &Envelope) -> Came {
    let bytes = &entry.new.bytes;
    let place = |byte: u64| usize::try_from(byte).unwrap_or(usize::MAX).min(bytes.len());
    let whole = &bytes[place(set.place.byte)..place(set.end).max(place(set.place.byte))];
    let plain: Vec<u8> = whole.iter().copied().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect();
    Came {
        entry: entry.id,
        file: entry.new.name.clone(),
        at: entry.new.received_at,
        numbers: format_smolstr!("{} {} {}", set.kind, set.group, set.set),
        document: set.document.clone(),
        sum: hash(&plain)[..16].iter().map(|byte| format_smolstr!("{byte:02x}")).collect::<Vec<_>>().concat().into(),
    }
}

fn reused(set: &Envelope, earlier: &Came) -> Finding {
    let sentence = format!(
        "Interchange {} came before with other content, in {} at {}. No document of then is changed by this one; it was taken.",
        set.interchange, earlier.file, earlier.at
    );
    let mut reused = finding(Reason::EdiDuplicate, Severity::Warning, set.place.clone(), sentence);
    reused.advice =
        "Ask the partner to number every interchange anew: a resend cannot be told from something new.".into();
    reused
}
