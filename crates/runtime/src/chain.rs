//! The hash chain of the journal.
//!
//! `hash(n) = SHA-256("countersign journal v1" ‖ n as u64 big-endian ‖ hash(n-1) ‖ body)`, with thirty-two zero bytes
//! before the first entry. Whoever holds a head can tell whether the entries before it are the ones it was made from.

use sha2::{Digest, Sha256};

/// A link of the chain.
pub type Hash = [u8; 32];

/// What stands before the first entry.
pub const GENESIS: Hash = [0; 32];

/// The hash of the entry at `position` (counted from 1) with that exact text, after `previous`.
pub fn link(previous: &Hash, position: u64, body: &[u8]) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update(b"countersign journal v1");
    hasher.update(position.to_be_bytes());
    hasher.update(previous);
    hasher.update(body);
    hasher.finalize().into()
}
