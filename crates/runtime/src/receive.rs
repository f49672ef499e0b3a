//! Step one: bytes into the inbox. Nothing is lost; an identical interchange is kept and marked a duplicate.
//!
//! Looks at the first bytes only: whether what came carries a number of its own. A table or an answer that carries none
//! says how things stand at the moment it comes, and says it again when it comes again.

use crate::chain::Hash;
use crate::ports::{InboxEntry, NewInbox, Store, StoreError};
use countersign_engine::ids::SourceId;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use smol_str::{SmolStr, format_smolstr};

/// Bytes of one file: twenty times the largest full feed that a figure is given for (846 with 100,000 lines).
pub const FILE_BYTES_MAX: usize = 64 << 20;
/// How an interchange begins.
const INTERCHANGES: [&[u8]; 3] = [b"ISA", b"UNA", b"UNB"];
/// Characters of a file's name that are kept.
const NAME_CHARS_MAX: usize = 400;

/// Why bytes were not taken in.
#[derive(Debug, thiserror::Error)]
pub enum NotReceived {
    /// The file is too large; whoever sent it has to cut it.
    #[error("{name:?} has {bytes} bytes; at most {FILE_BYTES_MAX} (64 MiB) are taken in one file: send it in parts")]
    TooLarge {
        /// Its name.
        name: String,
        /// Its size.
        bytes: usize,
    },
    /// It is not known here now; it must stay where it is and be sent again.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The channel of a source, as the inbox names it.
pub fn channel_of(source: &SourceId) -> SmolStr {
    format_smolstr!("source:{source}")
}

/// The source behind a channel, if it is one's.
pub fn source_of(channel: &str) -> Option<SourceId> {
    SourceId::new(channel.strip_prefix("source:")?).ok()
}

/// SHA-256 of a file.
pub(crate) fn hash(bytes: &[u8]) -> Hash {
    Sha256::digest(bytes).into()
}

/// By what a second arrival is told: the bytes of an interchange, which is numbered; of anything else also its name and
/// when it came (files that are fetched in one look come at the same time).
fn identity(bytes: &[u8], name: &str, now: Timestamp) -> Hash {
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii_start();
    let is_numbered = INTERCHANGES.iter().any(|tag| text.starts_with(tag));
    let mut digest = Sha256::new_with_prefix(bytes);
    if !is_numbered {
        digest.update(now.as_nanosecond().to_be_bytes());
        digest.update(name.as_bytes());
    }
    digest.finalize().into()
}

/// Takes a file in: once this returns an entry, the bytes are durable and may be taken away at the other side.
/// `replays` names the entry of which this is an edited or unchanged replay; a replay is never a duplicate.
///
/// # Errors
/// The file is too large, or the store cannot keep it.
pub fn receive(
    store: &dyn Store,
    now: Timestamp,
    channel: &str,
    name: &str,
    bytes: Vec<u8>,
    replays: Option<u64>,
) -> Result<InboxEntry, NotReceived> {
    let name: String = name.chars().take(NAME_CHARS_MAX).collect();
    if bytes.len() > FILE_BYTES_MAX {
        return Err(NotReceived::TooLarge { name, bytes: bytes.len() });
    }
    let hash = identity(&bytes, &name, now);
    let new = NewInbox { channel: SmolStr::new(channel), name, hash, bytes, received_at: now, replays };
    Ok(store.receive(&new)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::MemoryStore;
    use crate::ports::InboxState;

    #[test]
    fn a_duplicate_is_kept_and_marked_and_a_replay_is_none() {
        let store = MemoryStore::new();
        let now = Timestamp::UNIX_EPOCH;
        let named = |name: &str, second, channel: &str, bytes: &[u8], replays| {
            let now = now + jiff::SignedDuration::from_secs(second);
            let entry = receive(&store, now, channel, name, bytes.to_vec(), replays).unwrap();
            (entry.id, entry.state)
        };
        let at = |second, channel: &str, bytes: &[u8], replays| named("a.edi", second, channel, bytes, replays);
        let take = |channel: &str, bytes: &[u8], replays| at(0, channel, bytes, replays);
        assert_eq!(take("source:acme", b"ISA", None), (1, InboxState::Waiting));
        assert_eq!(take("source:acme", b"ISA", None), (2, InboxState::Duplicate));
        assert_eq!(take("source:bolt", b"ISA", None), (3, InboxState::Waiting));
        assert_eq!(take("source:acme", b"ISA", Some(1)), (4, InboxState::Waiting));
        assert_eq!(at(5, "source:acme", b"\xEF\xBB\xBF\nISA", None).1, InboxState::Waiting, "other bytes");
        assert_eq!(at(6, "source:acme", b"ISA", None).1, InboxState::Duplicate, "numbered: at any time");
        // Five, none, five again: the third one is news, or five would be sold twice over.
        for (second, table) in
            [(7, "sku,quantity\nMUG,5\n"), (8, "sku,quantity\nMUG,0\n"), (9, "sku,quantity\nMUG,5\n")]
        {
            assert_eq!(at(second, "source:acme", table.as_bytes(), None).1, InboxState::Waiting, "{second}");
        }
        // The same, fetched in one look.
        for (name, table) in [("1.csv", "MUG,5"), ("2.csv", "MUG,0"), ("3.csv", "MUG,5")] {
            assert_eq!(named(name, 10, "source:acme", table.as_bytes(), None).1, InboxState::Waiting, "{name}");
        }
        assert_eq!(source_of("source:acme"), SourceId::new("acme").ok());
        assert_eq!(source_of("shop:vendure"), None);
    }

    #[test]
    fn a_file_that_is_too_large_says_so() {
        let error = receive(
            &MemoryStore::new(),
            Timestamp::UNIX_EPOCH,
            "source:acme",
            "big",
            vec![0; FILE_BYTES_MAX + 1],
            None,
        );
        let words = error.unwrap_err().to_string();
        assert!(words.contains("67108865 bytes") && words.contains("send it in parts"), "{words}");
    }
}
