//! People and their sessions: passwords hashed slowly, one-time links, cookies of which only the hash is kept.

use super::{Caller, hash, random_secret};
use countersign_engine::command::{Actor, Role};
use countersign_runtime::ports::{Store, StoreError};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use smol_str::{SmolStr, format_smolstr};
use std::collections::HashMap;
use std::sync::Arc;

/// How long a session lasts: a working day.
pub(super) const SESSION_VALID: SignedDuration = SignedDuration::from_hours(12);
/// How long a one-time link may be used.
pub const LINK_VALID: SignedDuration = SignedDuration::from_mins(15);
/// Shortest password (NIST SP 800-63B asks for 8 at least).
const PASSWORD_LENGTH_MIN: usize = 10;
const PASSWORD_LENGTH_MAX: usize = 256;
/// Argon2id with the memory and passes that OWASP names as its minimum.
const ARGON2_MEMORY_KIB: u32 = 19_456;
const ARGON2_PASSES: u32 = 2;

const PEOPLE: &str = "person";
const SESSIONS: &str = "session";
const LINKS: &str = "login_link";

/// The logins of the demo world: one for every role inside, (name, role, title).
pub const DEMO_PEOPLE: &[(&str, Role, &str)] = &[
    ("cara", Role::CustomerService, "Customer service: orders, cases, promises"),
    ("vik", Role::VendorManager, "Vendor manager: sources, clocks, scorecards"),
    ("bea", Role::Buyer, "Buyer: items, offers, costs"),
    ("ida", Role::It, "IT: connections, keys, quarantine"),
    ("ada", Role::Auditor, "Auditor: everything, read only"),
];

/// A person who may log in.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Person {
    /// The login.
    #[serde(skip)]
    pub name: SmolStr,
    /// In which role.
    pub role: Role,
    /// Salt and Argon2id hash of the password, in hexadecimal digits; absent until one is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    password: Option<(String, String)>,
    /// When the login was made.
    pub created_at: Timestamp,
}

/// A session as it is kept, under the hash of its token.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Session {
    /// Who.
    pub name: SmolStr,
    /// In which role.
    pub role: Role,
    /// When it began.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

impl Session {
    pub(super) fn caller(&self, id: &str) -> Caller {
        let actor = Actor::Person { name: self.name.clone(), role: self.role };
        Caller { actor, role: self.role, source: None, id: format_smolstr!("s.{}", &id[..16]), by_cookie: true }
    }
}

pub(super) fn session_id(token: &str) -> SmolStr {
    SmolStr::new(hex::encode(hash(token.as_bytes())))
}

/// Begins a session; returns its token, its id and itself. Blocks.
///
/// # Errors
/// The store cannot be written.
pub fn create_session(
    store: &dyn Store,
    name: &str,
    role: Role,
    now: Timestamp,
) -> Result<(String, SmolStr, Session), StoreError> {
    let token = random_secret()?;
    let id = session_id(&token);
    let session = Session { name: name.into(), role, created_at: now, expires_at: now + SESSION_VALID };
    store.put_setting(SESSIONS, &id, Some(0), Some(&json(&session)?))?;
    Ok((token, id, session))
}

/// Ends the session of a token; returns its id. Blocks.
///
/// # Errors
/// The store cannot be written.
pub fn end_session(store: &dyn Store, token: &str) -> Result<SmolStr, StoreError> {
    let id = session_id(token);
    if store.setting(SESSIONS, &id)?.is_some() {
        store.put_setting(SESSIONS, &id, None, None)?;
    }
    Ok(id)
}

pub(super) fn read_sessions(store: &dyn Store) -> Result<HashMap<SmolStr, Arc<Session>>, StoreError> {
    let all = store.settings(SESSIONS)?;
    Ok(all
        .into_iter()
        .filter_map(|(id, body)| Some((SmolStr::new(id), Arc::new(serde_json::from_str(&body).ok()?))))
        .collect())
}

pub(super) fn read_session(store: &dyn Store, id: &str) -> Result<Option<Session>, StoreError> {
    Ok(store.setting(SESSIONS, id)?.and_then(|(_, body)| serde_json::from_str(&body).ok()))
}

/// All people. Blocks.
///
/// # Errors
/// The store cannot be read.
pub fn list_people(store: &dyn Store) -> Result<Vec<Person>, StoreError> {
    let all = store.settings(PEOPLE)?;
    Ok(all
        .into_iter()
        .filter_map(|(name, body)| {
            let person: Person = serde_json::from_str(&body).ok()?;
            Some(Person { name: name.into(), ..person })
        })
        .collect())
}

/// Makes a login or changes it; a password is changed only if one is given. Blocks, and takes its time for a password.
///
/// # Errors
/// A name or password that breaks the rules, or the store cannot be written.
pub fn put_person(
    store: &dyn Store,
    name: &str,
    role: Role,
    password: Option<&str>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.@".contains(&b);
    if name.is_empty() || name.len() > 80 || !name.bytes().all(plain) {
        return Err(StoreError::Determinate("a login has 1 to 80 letters, digits or - _ . @".into()));
    }
    if role == Role::Vendor {
        return Err(StoreError::Determinate("people of vendors come through the portal: make them a key".into()));
    }
    let there = store.setting(PEOPLE, name)?;
    let version = there.as_ref().map_or(0, |(version, _)| *version);
    let known: Option<Person> = there.and_then(|(_, body)| serde_json::from_str(&body).ok());
    let password = match password {
        Some(password) => Some(hashed(password)?),
        None => known.as_ref().and_then(|p| p.password.clone()),
    };
    let created_at = known.map_or(now, |p| p.created_at);
    let person = Person { name: SmolStr::default(), role, password, created_at };
    match store.put_setting(PEOPLE, name, Some(version), Some(&json(&person)?))? {
        true => Ok(()),
        false => Err(StoreError::Determinate("somebody else changed this login meanwhile: try again".into())),
    }
}

/// The role of the person with that name and password. Takes the same time whether or not there is one. Blocks.
///
/// # Errors
/// The store cannot be read.
pub fn verify_password(store: &dyn Store, name: &str, password: &str) -> Result<Option<Role>, StoreError> {
    let person: Option<Person> = store.setting(PEOPLE, name)?.and_then(|(_, body)| serde_json::from_str(&body).ok());
    let (salt, wanted) = person
        .as_ref()
        .and_then(|p| p.password.clone())
        .unwrap_or_else(|| ("00000000000000000000000000000000".into(), String::new()));
    let cut = &password.as_bytes()[..password.len().min(PASSWORD_LENGTH_MAX)];
    let found = argon2(cut, &hex::decode(&salt).unwrap_or_default())?;
    let mut expected = [0; 32];
    let known = hex::decode_to_slice(&wanted, &mut expected).is_ok();
    Ok((known && super::same(&found, &expected)).then(|| person.map(|p| p.role)).flatten())
}

/// Makes a one-time login for a person; returns its token. Blocks.
///
/// # Errors
/// The store cannot be written.
pub fn create_link(
    store: &dyn Store,
    name: &str,
    role: Role,
    valid: SignedDuration,
    now: Timestamp,
) -> Result<String, StoreError> {
    let token = random_secret()?;
    let link = Session { name: name.into(), role, created_at: now, expires_at: now + valid };
    store.put_setting(LINKS, &session_id(&token), Some(0), Some(&json(&link)?))?;
    Ok(token)
}

/// Uses a one-time login up; of two who try at once, one wins. Blocks.
///
/// # Errors
/// The store cannot be written.
pub fn redeem_link(store: &dyn Store, token: &str, now: Timestamp) -> Result<Option<(SmolStr, Role)>, StoreError> {
    let id = session_id(token);
    let Some((version, body)) = store.setting(LINKS, &id)? else { return Ok(None) };
    if !store.put_setting(LINKS, &id, Some(version), None)? {
        return Ok(None);
    }
    let link: Option<Session> = serde_json::from_str(&body).ok();
    Ok(link.filter(|l| l.expires_at > now).map(|l| (l.name, l.role)))
}

fn hashed(password: &str) -> Result<(String, String), StoreError> {
    if !(PASSWORD_LENGTH_MIN..=PASSWORD_LENGTH_MAX).contains(&password.len()) {
        return Err(StoreError::Determinate(format!(
            "a password has {PASSWORD_LENGTH_MIN} to {PASSWORD_LENGTH_MAX} characters"
        )));
    }
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).map_err(|_| StoreError::Determinate("the system gave no random bytes".into()))?;
    Ok((hex::encode(salt), hex::encode(argon2(password.as_bytes(), &salt)?)))
}

fn argon2(password: &[u8], salt: &[u8]) -> Result<[u8; 32], StoreError> {
    let fail = |e: argon2::Error| StoreError::Determinate(format!("the password could not be hashed: {e}"));
    let params = argon2::Params::new(ARGON2_MEMORY_KIB, ARGON2_PASSES, 1, Some(32)).map_err(fail)?;
    let mut out = [0; 32];
    argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params)
        .hash_password_into(password, salt, &mut out)
        .map_err(fail)?;
    Ok(out)
}

fn json(thing: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(thing).map_err(|e| StoreError::Determinate(e.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_runtime::memory::MemoryStore;

    #[test]
    fn a_link_works_once_and_a_password_always() {
        let (store, now) = (MemoryStore::new(), Timestamp::now());
        let token = create_link(&store, "ida", Role::It, LINK_VALID, now).unwrap();
        assert_eq!(redeem_link(&store, "other", now).unwrap(), None);
        assert_eq!(redeem_link(&store, &token, now).unwrap(), Some(("ida".into(), Role::It)));
        assert_eq!(redeem_link(&store, &token, now).unwrap(), None);
        let late = create_link(&store, "ida", Role::It, LINK_VALID, now).unwrap();
        assert_eq!(redeem_link(&store, &late, now + SignedDuration::from_hours(1)).unwrap(), None);

        assert!(put_person(&store, "ida", Role::It, Some("short"), now).is_err());
        put_person(&store, "ida", Role::It, Some("correct horse battery"), now).unwrap();
        assert_eq!(verify_password(&store, "ida", "correct horse battery").unwrap(), Some(Role::It));
        assert_eq!(verify_password(&store, "ida", "wrong horse battery").unwrap(), None);
        assert_eq!(verify_password(&store, "eve", "correct horse battery").unwrap(), None);
        put_person(&store, "ida", Role::Auditor, None, now).unwrap();
        assert_eq!(verify_password(&store, "ida", "correct horse battery").unwrap(), Some(Role::Auditor));
    }
}
