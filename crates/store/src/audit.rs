//! Whether a journal is the one that its head was made from.
//!
//! Knows the chain and nothing else: it works on rows from a store or from an exported file, offline.

use countersign_runtime::chain::{GENESIS, Hash, link};
use countersign_runtime::ports::{JournalRow, Store, StoreError};

/// Entries read at a stretch.
const STRETCH: u32 = 1_000;

/// The end of a journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The last position; 0 if there is no entry.
    pub position: u64,
    /// Its hash; genesis if there is no entry.
    pub hash: Hash,
}

impl Head {
    /// The head of an empty journal.
    pub const EMPTY: Head = Head { position: 0, hash: GENESIS };
}

/// Where a journal is not what it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("journal entry {position}: {what}")]
pub struct Fault {
    /// The first position at which it shows.
    pub position: u64,
    /// What is wrong there.
    pub what: String,
}

/// Follows the chain, entry by entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verifier {
    head: Head,
}

impl Default for Verifier {
    fn default() -> Self {
        Self { head: Head::EMPTY }
    }
}

impl Verifier {
    /// Begins after a head that is trusted already.
    pub fn after(head: Head) -> Self {
        Self { head }
    }
    /// Checks the next entry.
    pub fn entry(&mut self, row: &JournalRow) -> Result<(), Fault> {
        let position = self.head.position + 1;
        let fault = |what: String| Err(Fault { position, what });
        if row.position != position {
            return fault(format!("expected here, found entry {}: one was removed, added or moved", row.position));
        }
        let hash = link(&self.head.hash, position, row.body.as_bytes());
        if hash != row.hash {
            return fault("its text, or an entry before it, is not the one it was chained with".into());
        }
        self.head = Head { position, hash };
        Ok(())
    }
    /// The head so far.
    pub fn head(&self) -> Head {
        self.head
    }
    /// Ends: compares with the head that is known from elsewhere, if one is.
    pub fn finish(self, known: Option<&Head>) -> Result<Head, Fault> {
        match known {
            Some(known) if known.position > self.head.position => Err(Fault {
                position: self.head.position + 1,
                what: format!("missing, as are all up to {}: the end was cut off", known.position),
            }),
            Some(known) if *known != self.head => Err(Fault {
                position: known.position,
                what: "it does not lead to the known head: the journal was rewritten".into(),
            }),
            _ => Ok(self.head),
        }
    }
}

/// Checks a whole journal; `known` is a head kept elsewhere (a signed checkpoint), without which a cut-off end or a
/// journal rewritten from some entry on cannot be told.
pub fn verify<'a>(rows: impl IntoIterator<Item = &'a JournalRow>, known: Option<&Head>) -> Result<Head, Fault> {
    let mut verifier = Verifier::default();
    for row in rows {
        verifier.entry(row)?;
    }
    verifier.finish(known)
}

/// Checks the journal of a store, `known` as in [`verify`]; entries past the known head are checked too.
pub fn verify_store(store: &dyn Store, known: Option<&Head>) -> Result<Result<Head, Fault>, StoreError> {
    let mut verifier = Verifier::default();
    let end = store.head()?;
    loop {
        let rows = store.journal(verifier.head().position, STRETCH)?;
        for row in &rows {
            if let Err(fault) = verifier.entry(row) {
                return Ok(Err(fault));
            }
            if let Some(known) = known.filter(|known| known.position == row.position && known.hash != row.hash) {
                return Ok(Err(Fault {
                    position: known.position,
                    what: "it is not the entry of the known head: the journal was rewritten".into(),
                }));
            }
        }
        if rows.is_empty() || verifier.head().position >= end.0 && rows.len() < STRETCH as usize {
            break;
        }
    }
    let passed = known.filter(|known| known.position > verifier.head().position);
    let stored = Head { position: end.0, hash: end.1 };
    let own = (stored.position >= verifier.head().position).then_some(&stored);
    Ok(verifier.finish(passed.or(own)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    fn journal(entries: u64) -> Vec<JournalRow> {
        let mut hash = GENESIS;
        let row = |position: u64| {
            let body = format!("{{\"entry\":{position}}}");
            hash = link(&hash, position, body.as_bytes());
            JournalRow { position, subject: None, at: Timestamp::UNIX_EPOCH, body, hash }
        };
        (1..=entries).map(row).collect()
    }

    #[test]
    fn an_untouched_journal_leads_to_its_head() {
        let rows = journal(9);
        let head = verify(&rows, None).unwrap();
        assert_eq!((head.position, head.hash), (9, rows[8].hash));
        assert_eq!(verify(&rows, Some(&head)), Ok(head));
        assert_eq!(verify(&[], None), Ok(Head::EMPTY));
    }

    #[test]
    fn every_change_of_one_entry_is_found_where_it_is() {
        let rows = journal(9);
        for at in 0..rows.len() {
            for change in 0..4 {
                let mut bad = rows.clone();
                match change {
                    0 => bad[at].body.push(' '),
                    1 => bad[at].body = bad[at].body.replace("entry", "Entry"),
                    2 => bad[at].hash[31] ^= 1,
                    _ => bad[at].position += 1,
                }
                let fault = verify(&bad, None).unwrap_err();
                assert_eq!(fault.position, at as u64 + 1, "{fault}");
            }
        }
    }

    #[test]
    fn every_removal_swap_and_doubling_is_found() {
        let rows = journal(9);
        let head = verify(&rows, None).unwrap();
        for at in 0..rows.len() {
            let mut removed = rows.clone();
            removed.remove(at);
            assert!(verify(&removed, Some(&head)).is_err());
            renumber(&mut removed);
            assert!(verify(&removed, Some(&head)).is_err(), "removed and renumbered");
            let mut doubled = rows.clone();
            doubled.insert(at, rows[at].clone());
            assert!(verify(&doubled, None).is_err());
            renumber(&mut doubled);
            assert!(verify(&doubled, None).is_err(), "doubled and renumbered");
            for other in at + 1..rows.len() {
                let mut swapped = rows.clone();
                swapped.swap(at, other);
                assert_eq!(verify(&swapped, None).unwrap_err().position, at as u64 + 1);
                renumber(&mut swapped);
                assert_eq!(verify(&swapped, None).unwrap_err().position, at as u64 + 1, "swapped and renumbered");
            }
        }
    }

    #[test]
    fn truncation_and_rewriting_are_found_against_a_known_head() {
        let rows = journal(9);
        let head = verify(&rows, None).unwrap();
        for end in 0..rows.len() {
            let fault = verify(&rows[..end], Some(&head)).unwrap_err();
            assert_eq!(fault.position, end as u64 + 1);
        }
        for at in 0..rows.len() {
            let mut hash = if at == 0 { GENESIS } else { rows[at - 1].hash };
            let mut rewritten = rows.clone();
            rewritten[at].body.push(' ');
            for row in &mut rewritten[at..] {
                hash = link(&hash, row.position, row.body.as_bytes());
                row.hash = hash;
            }
            assert!(verify(&rewritten, None).is_ok(), "without a known head nobody can tell");
            assert!(verify(&rewritten, Some(&head)).is_err());
        }
    }

    fn renumber(rows: &mut [JournalRow]) {
        for (row, position) in rows.iter_mut().zip(1..) {
            row.position = position;
        }
    }
}
