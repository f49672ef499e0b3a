//! The notary: puts the journal's size and root under a signature that anybody can check offline.
//!
//! Checkpoints are C2SP tlog-checkpoints: signed notes (Ed25519) of origin, size and root. The key is drawn when it is
//! first needed, and lies in the store sealed under the installation's secret, together with the origin it signs for.
//! Does not know HTTP.

pub mod export;

use anyhow::{Context, Result, bail, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign_connectors::secrets::Sealer;
use countersign_runtime::chain::Hash;
use countersign_runtime::ports::{Store, StoreError};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The setting under which the sealed key stands.
const KIND: &str = "audit";
const ID: &str = "signing_key";
/// The type of Ed25519 in verifier keys (C2SP signed-note).
const ED25519: u8 = 1;
/// Bytes of a key's id in a signature line.
const KEY_ID_BYTES: usize = 4;

/// The log's size and root at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Whose log.
    pub origin: String,
    /// Entries in it.
    pub size: u64,
    /// The root of the Merkle tree over them.
    pub root: Hash,
}

impl Checkpoint {
    fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, STANDARD.encode(self.root))
    }
    /// Reads the text of a note, its signatures unchecked; lines after the third are extensions and are let be.
    ///
    /// # Errors
    /// It is no checkpoint.
    pub fn read(note: &str) -> Result<Self> {
        let text = note.split_once("\n\n").map_or(note, |(text, _)| text);
        let mut lines = text.lines();
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
            bail!("a checkpoint has three lines (origin, size, root), an empty one, and its signatures");
        };
        let root = STANDARD.decode(root).ok().and_then(|bytes| bytes.try_into().ok());
        Ok(Self {
            origin: origin.to_owned(),
            size: size.parse().context("the second line of a checkpoint is the number of entries")?,
            root: root.context("the third line of a checkpoint is the root: 32 bytes in base64")?,
        })
    }
}

/// Who signed, as others check it: `name+key id+key` (a C2SP verifier key).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verifier {
    name: String,
    key: VerifyingKey,
}

impl Verifier {
    /// Reads a verifier key.
    ///
    /// # Errors
    /// It is none.
    pub fn read(text: &str) -> Result<Self> {
        let words = "a public key is NAME+ID+KEY, as `countersign audit key` prints it";
        let mut parts = text.trim().splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else { bail!(words) };
        let bytes = STANDARD.decode(key).context(words)?;
        let Some((&ED25519, key)) = bytes.split_first() else { bail!("the public key is not an Ed25519 key") };
        let key = VerifyingKey::from_bytes(key.try_into().context(words)?).context(words)?;
        let verifier = Self { name: name.to_owned(), key };
        ensure!(hex::encode(verifier.id()) == id, "the public key is damaged: its id does not fit");
        Ok(verifier)
    }
    fn typed(&self) -> Vec<u8> {
        [&[ED25519], self.key.as_bytes().as_slice()].concat()
    }
    fn id(&self) -> [u8; KEY_ID_BYTES] {
        let digest: Hash = Sha256::digest([self.name.as_bytes(), b"\n", &self.typed()].concat()).into();
        [digest[0], digest[1], digest[2], digest[3]]
    }
    /// The checkpoint in a note, if this key signed it.
    ///
    /// # Errors
    /// Nobody whom this key stands for signed these words.
    pub fn open(&self, note: &str) -> Result<Checkpoint> {
        let Some((text, signatures)) = note.split_once("\n\n") else { bail!("the checkpoint carries no signature") };
        let text = format!("{text}\n");
        let prefix = format!("— {} ", self.name);
        let signed = signatures.lines().filter_map(|line| STANDARD.decode(line.strip_prefix(&prefix)?).ok());
        let good = |bytes: Vec<u8>| {
            let (id, signature) = bytes.split_at_checked(KEY_ID_BYTES)?;
            let signature = Signature::from_slice(signature).ok()?;
            (id == self.id()).then(|| self.key.verify_strict(text.as_bytes(), &signature).ok())?
        };
        ensure!(signed.filter_map(good).next().is_some(), "the signature of {} does not fit the checkpoint", self.name);
        Checkpoint::read(note)
    }
}

impl std::fmt::Display for Verifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}+{}+{}", self.name, hex::encode(self.id()), STANDARD.encode(self.typed()))
    }
}

/// The sealed key as it is stored.
#[derive(Serialize, Deserialize)]
struct Kept {
    origin: String,
    sealed: String,
}

/// Signs for one log.
pub struct Notary {
    origin: String,
    key: SigningKey,
}

impl Notary {
    /// The notary of a store's journal; `secret` is the installation's. At its first call it draws its key, and takes its
    /// name from the public address; both stay.
    ///
    /// # Errors
    /// The store, or the seal: another installation's secret sealed it.
    pub fn open(store: &dyn Store, secret: [u8; 32], public_url: Option<&str>) -> Result<Self, StoreError> {
        let told = |why: String| StoreError::Determinate(format!("the key that signs checkpoints: {why}"));
        let sealer = Sealer::new(secret);
        loop {
            if let Some((_, body)) = store.setting(KIND, ID)? {
                let kept: Kept = serde_json::from_str(&body).map_err(|e| told(e.to_string()))?;
                let seed = sealer.open(KIND, ID, &kept.sealed).map_err(|e| told(e.to_string()))?;
                let mut bytes = [0; 32];
                hex::decode_to_slice(&seed, &mut bytes).map_err(|e| told(e.to_string()))?;
                return Ok(Self { origin: kept.origin, key: SigningKey::from_bytes(&bytes) });
            }
            let mut seed = [0; 32];
            crate::config::fill_random(&mut seed).map_err(|e| told(e.to_string()))?;
            let sealed = sealer.seal(KIND, ID, &hex::encode(seed)).map_err(|e| told(e.to_string()))?;
            let kept = Kept { origin: origin(public_url), sealed };
            let body = serde_json::to_string(&kept).map_err(|e| told(e.to_string()))?;
            // If somebody else was faster, theirs is read.
            store.put_setting(KIND, ID, Some(0), Some(&body))?;
        }
    }
    /// By what others check it.
    pub fn verifier(&self) -> Verifier {
        Verifier { name: self.origin.clone(), key: self.key.verifying_key() }
    }
    /// Whose log.
    pub fn origin(&self) -> &str {
        &self.origin
    }
    /// A signed note over the log at that size.
    pub fn sign(&self, size: u64, root: Hash) -> String {
        let text = Checkpoint { origin: self.origin.clone(), size, root }.text();
        let signature = [self.verifier().id().as_slice(), &self.key.sign(text.as_bytes()).to_bytes()].concat();
        format!("{text}\n— {} {}\n", self.origin, STANDARD.encode(signature))
    }
}

/// The name of the log: the public address without its scheme. Names of keys hold no `+` and no space.
fn origin(public_url: Option<&str>) -> String {
    let url = public_url.unwrap_or_default();
    let host = url.trim_start_matches("https://").trim_start_matches("http://").trim_end_matches('/');
    let host = if host.is_empty() { "countersign" } else { host };
    format!("{}/journal", host.replace(['+', ' '], "-"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_runtime::memory::MemoryStore;

    #[test]
    fn a_note_is_opened_by_its_key_and_by_no_other() {
        let store = MemoryStore::new();
        let notary = Notary::open(&store, [7; 32], Some("https://orders.example.com/")).unwrap();
        let note = notary.sign(3, [9; 32]);
        let verifier = Verifier::read(&notary.verifier().to_string()).unwrap();
        let opened = verifier.open(&note).unwrap();
        assert_eq!((opened.origin.as_str(), opened.size, opened.root), ("orders.example.com/journal", 3, [9; 32]));
        assert!(note.starts_with("orders.example.com/journal\n3\n"), "{note}");
        for spoilt in [note.replace("\n3\n", "\n4\n"), note.replace("orders", "orderz"), note[..note.len() - 9].into()]
        {
            assert!(verifier.open(&spoilt).is_err(), "{spoilt}");
        }
        let other = Notary::open(&MemoryStore::new(), [7; 32], Some("https://orders.example.com")).unwrap();
        assert!(other.verifier().open(&note).is_err(), "the same name, another key");
        let mut damaged = notary.verifier().to_string();
        damaged.replace_range(damaged.len() - 6..damaged.len() - 5, "!");
        assert!(Verifier::read(&damaged).is_err());
    }

    #[test]
    fn the_key_stays_is_sealed_and_opens_only_under_the_secret() {
        let store = MemoryStore::new();
        let first = Notary::open(&store, [7; 32], None).unwrap();
        let again = Notary::open(&store, [7; 32], Some("https://elsewhere.example.com")).unwrap();
        assert_eq!(first.verifier(), again.verifier(), "name and key stay though the address changed");
        let (_, body) = store.setting(KIND, ID).unwrap().unwrap();
        assert!(!body.contains(&hex::encode(first.key.to_bytes())), "{body}");
        assert!(Notary::open(&store, [8; 32], None).is_err());
    }
}
