//! Who asks, and whether they may. The one place through which every call passes.
//!
//! Programs bring an API key, people a session cookie. Only hashes are at rest; what is needed to tell a key stands in
//! memory, so that checking one asks nobody. Does not know any call: calls name a [`Permission`].

pub mod id_token;
mod keys;
mod links;
mod people;
mod permission;
mod sessions;
mod throttle;
mod totp;

pub use keys::{ApiKey, NewKey, create_key, list_keys, revoke_key};
pub use links::{
    LINK_VALID, Link, Purpose, create_link, derived_token, keep_link, look_at_link, redeem_link, revoke_links, tag_of,
};
pub use people::{
    DEMO_PEOPLE, NewPerson, Person, begin_totp, confirm_totp, create_person, is_mail, list_people, person_of_identity,
    put_person, read_person, remove_person, remove_totp, verify_password, verify_second_factor,
};
pub use permission::{Access, Permission, TABLE, allows, barred, may_answer, of_remedy};
pub use sessions::{Holder, Session, create_session, end_session, end_sessions};
pub use throttle::Throttle;
pub use totp::code_for;

use crate::problem::{Kind, Problem};
use axum::http::{HeaderMap, Method, header};
use countersign_engine::command::{Actor, Role};
use countersign_engine::ids::{PoNumber, SourceId};
use countersign_runtime::ports::{Store, StoreError};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use smol_str::SmolStr;
use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

/// The header that browser calls must bear if they change something: a form of another site cannot set it.
pub const CSRF_HEADER: &str = "x-countersign-csrf";
/// Unknown keys looked up in the store per second: made-up keys must not become work for the disk.
const LOOK_UPS_PER_S: i64 = 20;

/// Who asks.
#[derive(Debug, Clone, PartialEq)]
pub struct Caller {
    /// As the journal names them.
    pub actor: Actor,
    /// In which role.
    pub role: Role,
    /// The only source they may see and speak for.
    pub source: Option<SourceId>,
    /// The only purchase order they reach.
    pub po: Option<PoNumber>,
    /// Tells callers apart: idempotency keys belong to one of them.
    pub id: SmolStr,
    /// True if a browser's cookie said so.
    pub by_cookie: bool,
}

impl Caller {
    /// True if the role includes it.
    pub fn may(&self, permission: Permission) -> bool {
        allows(self.role, permission)
    }
    /// Refused, and logged, if the role does not include it.
    ///
    /// # Errors
    /// 403, naming the roles that do.
    pub fn must(&self, permission: Permission) -> Result<(), Problem> {
        let Some(why) = barred(self.role, permission) else { return Ok(()) };
        let (by, role) = (self.actor.name(), self.role.code());
        tracing::warn!(target: "countersign::access", by, role, ?permission, "refused");
        Err(Problem::new(Kind::Forbidden, why))
    }
}

/// SHA-256 of a secret; secrets are long and random, so a slow hash would add nothing.
pub(crate) type SecretHash = [u8; 32];

pub(crate) fn hash(secret: &[u8]) -> SecretHash {
    Sha256::digest(secret).into()
}

/// Compares without telling by time how much was right.
pub(crate) fn same(a: &[u8; 32], b: &[u8; 32]) -> bool {
    std::hint::black_box(a.iter().zip(b).fold(0, |difference, (x, y)| difference | (x ^ y))) == 0
}

/// Compares two secrets without telling by time how much was right.
pub(crate) fn same_text(a: &str, b: &str) -> bool {
    same(&hash(a.as_bytes()), &hash(b.as_bytes()))
}

/// 256 random bits in letters that URLs and headers bear.
pub(crate) fn random_secret() -> Result<String, StoreError> {
    use base64::Engine as _;
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|_| StoreError::Determinate("the system gave no random bytes".into()))?;
    Ok(base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes))
}

/// What is known of keys and sessions.
pub struct Auth {
    store: Arc<dyn Store>,
    keys: RwLock<HashMap<SmolStr, Arc<ApiKey>>>,
    sessions: RwLock<HashMap<SmolStr, Arc<Session>>>,
    /// The second being counted (upper bits) and the look-ups in it.
    look_ups: AtomicI64,
    /// Cookies are bound to TLS.
    secure: bool,
}

/// What the headers say.
pub(crate) enum Found {
    /// Nothing: nobody in particular asks.
    Nobody,
    /// A caller who is known.
    Known(Caller),
    /// A key or session that is not in memory; it may be new.
    Unknown(Credential),
}

/// A credential that may stand in the store, though not in memory.
pub(crate) enum Credential {
    /// The id of an API key.
    Key(SmolStr),
    /// The hash of a session token.
    Session(SmolStr),
}

impl Auth {
    /// Reads keys and sessions. `secure`: the service is reached over TLS.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn open(store: Arc<dyn Store>, secure: bool) -> Result<Self, StoreError> {
        let auth =
            Self { store, keys: RwLock::default(), sessions: RwLock::default(), look_ups: AtomicI64::new(0), secure };
        auth.refresh()?;
        Ok(auth)
    }

    /// Reads keys and sessions again: what was made or revoked elsewhere takes effect. Blocks.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn refresh(&self) -> Result<(), StoreError> {
        let keys = keys::read_all(self.store.as_ref())?;
        let sessions = sessions::read_sessions(self.store.as_ref())?;
        let mut guard = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        for (id, key) in &keys {
            if let Some(known) = guard.get(id) {
                key.used_at.fetch_max(known.used_at.load(Ordering::Relaxed), Ordering::Relaxed);
            }
        }
        *guard = keys;
        drop(guard);
        let mut guard = self.sessions.write().unwrap_or_else(PoisonError::into_inner);
        for (id, session) in &sessions {
            if let Some(known) = guard.get(id) {
                session.learn(known);
            }
        }
        *guard = sessions;
        Ok(())
    }

    /// Writes down when keys and sessions were last used, to the minute, and removes what is over. Blocks.
    ///
    /// # Errors
    /// The store cannot be written.
    pub fn note_use(&self, now: Timestamp) -> Result<(), StoreError> {
        let sessions: Vec<(SmolStr, Arc<Session>)> = {
            let known = self.sessions.read().unwrap_or_else(PoisonError::into_inner);
            known.iter().map(|(id, session)| (id.clone(), session.clone())).collect()
        };
        for (id, session) in sessions {
            sessions::note_use(self.store.as_ref(), &id, &session, now)?;
        }
        links::forget_old(self.store.as_ref(), now)?;
        let all: Vec<Arc<ApiKey>> =
            self.keys.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect();
        all.iter().try_for_each(|key| keys::note_use(self.store.as_ref(), key))
    }

    /// Makes a key and returns it; it cannot be read again. Blocks.
    ///
    /// # Errors
    /// A vendor's key without a source, or the store cannot be written.
    pub fn create_key(&self, new: NewKey, now: Timestamp) -> Result<String, StoreError> {
        create_key(self.store.as_ref(), new, now)
    }

    /// All keys. Blocks.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn keys(&self) -> Result<Vec<ApiKey>, StoreError> {
        list_keys(self.store.as_ref())
    }

    /// Makes a key useless; false if there is none. Blocks.
    ///
    /// # Errors
    /// The store cannot be written.
    pub fn revoke_key(&self, id: &str) -> Result<bool, StoreError> {
        self.forget_key(id);
        revoke_key(self.store.as_ref(), id)
    }

    /// True if people reach the service over TLS.
    pub fn is_secure(&self) -> bool {
        self.secure
    }

    /// The cookie's name: bound to this host where TLS allows it.
    pub fn cookie_name(&self) -> &'static str {
        if self.secure { "__Host-countersign" } else { "countersign" }
    }

    /// The cookie that carries a session token; an empty token ends it.
    pub fn cookie(&self, token: &str) -> String {
        let (name, secure) = (self.cookie_name(), if self.secure { "; Secure" } else { "" });
        let age = if token.is_empty() { 0 } else { sessions::SESSION_VALID.as_secs() };
        format!("{name}={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age={age}{secure}")
    }

    /// Reads who asks from the headers.
    pub(crate) fn find(&self, headers: &HeaderMap, now: Timestamp) -> Found {
        if let Some(value) = headers.get(header::AUTHORIZATION) {
            let key = value.to_str().ok().and_then(|text| text.split_once(' '));
            let bearer = key.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, key)| key.trim());
            return bearer.map_or(Found::Nobody, |key| self.find_key(key, now));
        }
        match self.session_token(headers) {
            Some(token) => self.find_session(token, now),
            None => Found::Nobody,
        }
    }

    /// The session token in the cookies.
    pub(crate) fn session_token<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        let name = self.cookie_name();
        let cookies = headers.get_all(header::COOKIE).iter().filter_map(|v| v.to_str().ok());
        let mut pairs = cookies.flat_map(|all| all.split(';')).filter_map(|pair| pair.trim().split_once('='));
        pairs.find(|(found, token)| *found == name && !token.is_empty()).map(|(_, token)| token)
    }

    fn find_key(&self, text: &str, now: Timestamp) -> Found {
        let Some((id, secret)) = text.strip_prefix("cs_").and_then(|rest| rest.split_once('_')) else {
            return Found::Nobody;
        };
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let Some(key) = keys.get(id) else { return Found::Unknown(Credential::Key(id.into())) };
        if !same(&key.hash, &hash(secret.as_bytes())) || key.expires_at.is_some_and(|at| at <= now) {
            return Found::Nobody;
        }
        key.used_at.store(now.as_second(), Ordering::Relaxed);
        Found::Known(key.caller())
    }

    fn find_session(&self, token: &str, now: Timestamp) -> Found {
        let id = sessions::session_id(token);
        let sessions = self.sessions.read().unwrap_or_else(PoisonError::into_inner);
        match sessions.get(&id) {
            None => Found::Unknown(Credential::Session(id)),
            Some(session) if session.touch(now) => Found::Known(session.caller(&id)),
            Some(_) => Found::Nobody,
        }
    }

    /// True if one more unknown credential may be looked up in this second.
    pub(crate) fn may_look_up(&self, now: Timestamp) -> bool {
        let second = now.as_second() << 8;
        let seen = self.look_ups.load(Ordering::Relaxed);
        let next = if seen >> 8 == now.as_second() { seen + 1 } else { second | 1 };
        self.look_ups.store(next, Ordering::Relaxed);
        next & 0xff <= LOOK_UPS_PER_S
    }

    /// Looks an unknown credential up; true if it is there now. Blocks.
    pub(crate) fn look_up(&self, credential: &Credential) -> Result<bool, StoreError> {
        match credential {
            Credential::Key(id) => match keys::read(self.store.as_ref(), id)? {
                Some(key) => {
                    self.keys.write().unwrap_or_else(PoisonError::into_inner).insert(id.clone(), Arc::new(key));
                    Ok(true)
                }
                None => Ok(false),
            },
            Credential::Session(id) => match sessions::read_session(self.store.as_ref(), id)? {
                Some(session) => {
                    self.keep_session(id.clone(), session);
                    Ok(true)
                }
                None => Ok(false),
            },
        }
    }

    /// The session that the cookies name.
    pub(crate) fn session_of(&self, headers: &HeaderMap) -> Option<Arc<Session>> {
        let id = sessions::session_id(self.session_token(headers)?);
        self.sessions.read().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }
    pub(crate) fn keep_session(&self, id: SmolStr, session: Session) {
        self.sessions.write().unwrap_or_else(PoisonError::into_inner).insert(id, Arc::new(session));
    }
    pub(crate) fn forget_session(&self, id: &str) {
        self.sessions.write().unwrap_or_else(PoisonError::into_inner).remove(id);
    }
    /// Forgets every session that this holds for: they were ended in the store.
    pub(crate) fn forget_sessions(&self, whose: impl Fn(&Holder) -> bool) {
        self.sessions.write().unwrap_or_else(PoisonError::into_inner).retain(|_, s| !whose(&s.holder));
    }
    pub(crate) fn forget_key(&self, id: &str) {
        self.keys.write().unwrap_or_else(PoisonError::into_inner).remove(id);
    }
}

pub(crate) fn json(thing: &impl serde::Serialize) -> Result<String, StoreError> {
    serde_json::to_string(thing).map_err(|e| StoreError::Determinate(e.to_string()))
}

/// Whether a caller may do what a call does; refusals are logged. A page's forms bear their own token, which is checked
/// where the form is read.
///
/// # Errors
/// 401 where nobody in particular asks, 403 where the role does not include it or the console's header is missing.
pub fn admit(
    caller: Option<Caller>,
    access: Access,
    method: &Method,
    headers: &HeaderMap,
    path: &str,
    is_page: bool,
) -> Result<Option<Caller>, Problem> {
    let Some(caller) = caller else {
        return match access {
            Access::Public => Ok(None),
            Access::LoggedIn | Access::Needs(_) => {
                tracing::warn!(target: "countersign::access", %method, path, "refused: no valid key or session");
                Err(Problem::new(
                    Kind::Unauthenticated,
                    "send a valid key as \"Authorization: Bearer KEY\", or log in; the key may have expired",
                ))
            }
        };
    };
    let changes = !method.is_safe() && access != Access::Public && !is_page;
    if caller.by_cookie && changes && !headers.contains_key(CSRF_HEADER) {
        tracing::warn!(target: "countersign::access", %method, path, by = caller.actor.name(), "refused: no csrf header");
        return Err(Problem::new(Kind::CsrfMissing, format!("send the header {CSRF_HEADER} with the call")));
    }
    if let Access::Needs(permission) = access
        && !caller.may(permission)
    {
        let role = caller.role.code();
        tracing::warn!(target: "countersign::access", %method, path, by = caller.actor.name(), role, "refused: not in this role");
        return Err(Problem::new(Kind::Forbidden, format!("the role {role} may not {}", permission.words())));
    }
    Ok(Some(caller))
}
