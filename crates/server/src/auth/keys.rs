//! API keys of programs: `cs_<id>_<secret>`, 256 random bits of secret, of which only the hash is kept.

use super::{Caller, SecretHash, hash, random_secret};
use countersign_engine::command::{Actor, Role};
use countersign_engine::ids::SourceId;
use countersign_runtime::ports::{Store, StoreError};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Where keys stand among the settings.
const KIND: &str = "api_key";
/// Use is noted to the minute: more often would only wear the disk.
const NOTE_EVERY_S: i64 = 60;

/// A key as it is kept.
#[derive(Debug, Serialize, Deserialize)]
pub struct ApiKey {
    /// Its public part.
    #[serde(skip)]
    pub id: SmolStr,
    /// Whose it is, as the journal names it.
    pub name: SmolStr,
    /// What it may do.
    pub role: Role,
    /// The only source it speaks for; always there for a vendor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<SourceId>,
    /// SHA-256 of the secret.
    #[serde(with = "hex_hash")]
    pub(super) hash: SecretHash,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to the minute; seconds since 1970, 0 for never.
    #[serde(default, with = "atomic")]
    pub used_at: AtomicI64,
}

impl ApiKey {
    pub(super) fn caller(&self) -> Caller {
        let actor = match (&self.source, self.role) {
            (Some(source), Role::Vendor) => Actor::Source { source: source.clone() },
            _ => Actor::Program { name: self.name.clone() },
        };
        Caller { actor, role: self.role, source: self.source.clone(), po: None, id: self.id.clone(), by_cookie: false }
    }
}

/// What a new key is to be.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// Whose.
    pub name: SmolStr,
    /// What it may do.
    pub role: Role,
    /// The only source it speaks for.
    pub source: Option<SourceId>,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
}

/// Makes a key and returns it; it cannot be read again. Blocks.
///
/// # Errors
/// A vendor's key without a source, or the store cannot be written.
pub fn create_key(store: &dyn Store, new: NewKey, now: Timestamp) -> Result<String, StoreError> {
    let NewKey { name, role, source, expires_at } = new;
    if role == Role::Vendor && source.is_none() {
        return Err(StoreError::Determinate("a key with the role vendor needs a source".into()));
    }
    if name.trim().is_empty() || name.len() > 100 {
        return Err(StoreError::Determinate("a key's name has 1 to 100 characters".into()));
    }
    let (id, secret) = (hex::encode(&hash(random_secret()?.as_bytes())[..8]), random_secret()?);
    let key = ApiKey {
        id: SmolStr::default(),
        name,
        role,
        source,
        hash: hash(secret.as_bytes()),
        created_at: now,
        expires_at,
        used_at: AtomicI64::new(0),
    };
    let body = serde_json::to_string(&key).map_err(|e| StoreError::Determinate(e.to_string()))?;
    store.put_setting(KIND, &id, Some(0), Some(&body))?;
    Ok(format!("cs_{id}_{secret}"))
}

/// All keys, by id. Blocks.
///
/// # Errors
/// The store cannot be read.
pub fn list_keys(store: &dyn Store) -> Result<Vec<ApiKey>, StoreError> {
    Ok(store.settings(KIND)?.into_iter().filter_map(|(id, body)| parse(&id, &body)).collect())
}

/// Ends a key; false if there is none. Blocks.
///
/// # Errors
/// The store cannot be written.
pub fn revoke_key(store: &dyn Store, id: &str) -> Result<bool, StoreError> {
    match store.setting(KIND, id)? {
        Some(_) => store.put_setting(KIND, id, None, None),
        None => Ok(false),
    }
}

pub(super) fn read_all(store: &dyn Store) -> Result<HashMap<SmolStr, Arc<ApiKey>>, StoreError> {
    Ok(list_keys(store)?.into_iter().map(|key| (key.id.clone(), Arc::new(key))).collect())
}

pub(super) fn read(store: &dyn Store, id: &str) -> Result<Option<ApiKey>, StoreError> {
    Ok(store.setting(KIND, id)?.and_then(|(_, body)| parse(id, &body)))
}

/// Writes the last use down, unless it was just now, or somebody changes the key meanwhile.
pub(super) fn note_use(store: &dyn Store, key: &ApiKey) -> Result<(), StoreError> {
    let used = key.used_at.load(Ordering::Relaxed);
    let Some((version, body)) = store.setting(KIND, &key.id)? else { return Ok(()) };
    let Some(stored) = parse(&key.id, &body) else { return Ok(()) };
    if used - stored.used_at.load(Ordering::Relaxed) < NOTE_EVERY_S {
        return Ok(());
    }
    stored.used_at.store(used, Ordering::Relaxed);
    let body = serde_json::to_string(&stored).map_err(|e| StoreError::Determinate(e.to_string()))?;
    store.put_setting(KIND, &key.id, Some(version), Some(&body)).map(|_| ())
}

/// A key that cannot be read is no key; it is reported, because somebody's program stands outside.
fn parse(id: &str, body: &str) -> Option<ApiKey> {
    match serde_json::from_str::<ApiKey>(body) {
        Ok(key) => Some(ApiKey { id: id.into(), ..key }),
        Err(error) => {
            tracing::error!(id, %error, "an API key cannot be read");
            None
        }
    }
}

mod hex_hash {
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(hash: &[u8; 32], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&hex::encode(hash))
    }
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<[u8; 32], D::Error> {
        let mut hash = [0; 32];
        hex::decode_to_slice(String::deserialize(from)?, &mut hash).map_err(serde::de::Error::custom)?;
        Ok(hash)
    }
}

mod atomic {
    use serde::{Deserialize, Deserializer, Serializer};
    use std::sync::atomic::{AtomicI64, Ordering};

    pub fn serialize<S: Serializer>(n: &AtomicI64, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_i64(n.load(Ordering::Relaxed))
    }
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<AtomicI64, D::Error> {
        i64::deserialize(from).map(AtomicI64::new)
    }
}
