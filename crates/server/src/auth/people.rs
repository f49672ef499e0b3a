//! People who may log in: passwords hashed slowly, an optional second factor, recovery codes of which only hashes are
//! kept, and who they are at an identity provider.

use super::totp::{self, Totp};
use countersign_engine::command::Role;
use countersign_engine::ids::SourceId;
use countersign_runtime::ports::{Store, StoreError};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// Shortest password (NIST SP 800-63B asks for 8 at least).
const PASSWORD_LENGTH_MIN: usize = 10;
const PASSWORD_LENGTH_MAX: usize = 256;
/// Argon2id with the memory and passes that OWASP names as its minimum.
const ARGON2_MEMORY_KIB: u32 = 19_456;
const ARGON2_PASSES: u32 = 2;

const PEOPLE: &str = "person";

/// The logins of the demo world: one for every role inside, (name, role, title).
pub const DEMO_PEOPLE: &[(&str, Role, &str)] = &[
    ("cara", Role::CustomerService, "Customer service: orders, cases, promises"),
    ("vik", Role::VendorManager, "Vendor manager: sources, clocks, scorecards"),
    ("bea", Role::Buyer, "Buyer: items, offers, costs"),
    ("ida", Role::It, "IT: connections, keys, quarantine"),
    ("ada", Role::Auditor, "Auditor: everything, read only"),
];

/// A person who may log in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Person {
    /// The login.
    #[serde(skip)]
    pub name: SmolStr,
    /// In which role.
    pub role: Role,
    /// The only source they speak for: always there for a vendor's people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<SourceId>,
    /// Where mail reaches them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail: Option<String>,
    /// Salt and Argon2id hash of the password, in hexadecimal digits; absent until one is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    password: Option<(String, String)>,
    /// The second factor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) totp: Option<Totp>,
    /// Who they are at the identity provider: issuer and subject, never a mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<(String, String)>,
    /// When the login was made.
    pub created_at: Timestamp,
}

impl Person {
    /// True if a password is set.
    pub fn has_password(&self) -> bool {
        self.password.is_some()
    }
    /// True if a second factor is asked for.
    pub fn has_totp(&self) -> bool {
        self.totp.as_ref().is_some_and(Totp::is_on)
    }
}

/// What a login is to be.
#[derive(Debug, Clone)]
pub struct NewPerson {
    /// In which role.
    pub role: Role,
    /// The only source they speak for.
    pub source: Option<SourceId>,
    /// Where mail reaches them; left as it is if absent.
    pub mail: Option<String>,
    /// Left as it is if absent.
    pub password: Option<String>,
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

/// One person. Blocks.
///
/// # Errors
/// The store cannot be read.
pub fn read_person(store: &dyn Store, name: &str) -> Result<Option<Person>, StoreError> {
    Ok(read_versioned(store, name)?.map(|(_, person)| person))
}

fn read_versioned(store: &dyn Store, name: &str) -> Result<Option<(u64, Person)>, StoreError> {
    let Some((version, body)) = store.setting(PEOPLE, name)? else { return Ok(None) };
    let person: Option<Person> = serde_json::from_str(&body).ok();
    Ok(person.map(|p| (version, Person { name: name.into(), ..p })))
}

/// Makes a login or changes it; a password is changed only if one is given. Blocks, and takes its time for a password.
///
/// # Errors
/// A name, mail address or password that breaks the rules, or the store cannot be written.
pub fn put_person(store: &dyn Store, name: &str, new: NewPerson, now: Timestamp) -> Result<(), StoreError> {
    check(name, &new)?;
    let known = read_versioned(store, name)?;
    let (version, known) = known.map_or((0, None), |(version, person)| (version, Some(person)));
    write(store, name, version, &to_be(known, new, now)?)
}

/// Makes a login; false if there is one of that name, which stays as it is. Blocks, and takes its time for a password.
///
/// # Errors
/// A name, mail address or password that breaks the rules, or the store cannot be written.
pub fn create_person(store: &dyn Store, name: &str, new: NewPerson, now: Timestamp) -> Result<bool, StoreError> {
    check(name, &new)?;
    store.put_setting(PEOPLE, name, Some(0), Some(&super::json(&to_be(None, new, now)?)?))
}

/// A login as it will stand; what is not given stays as it is known.
fn to_be(known: Option<Person>, new: NewPerson, now: Timestamp) -> Result<Person, StoreError> {
    let password = match &new.password {
        Some(password) => Some(hashed(password)?),
        None => known.as_ref().and_then(|p| p.password.clone()),
    };
    Ok(Person {
        name: SmolStr::default(),
        role: new.role,
        source: new.source,
        mail: new.mail.or_else(|| known.as_ref().and_then(|p| p.mail.clone())).filter(|m| !m.is_empty()),
        password,
        totp: known.as_ref().and_then(|p| p.totp.clone()),
        identity: known.as_ref().and_then(|p| p.identity.clone()),
        created_at: known.map_or(now, |p| p.created_at),
    })
}

fn check(name: &str, new: &NewPerson) -> Result<(), StoreError> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.@".contains(&b);
    let wrong = |sentence: &str| Err(StoreError::Determinate(sentence.into()));
    if name.is_empty() || name.len() > 80 || !name.bytes().all(plain) {
        return wrong("a login has 1 to 80 letters, digits or - _ . @");
    }
    match (new.role == Role::Vendor, new.source.is_some()) {
        (true, false) => return wrong("a login with the role vendor needs the source it speaks for"),
        (false, true) => return wrong("only a login with the role vendor is bound to a source"),
        _ => {}
    }
    if let Some(mail) = new.mail.as_ref().filter(|m| !m.is_empty())
        && !is_mail(mail)
    {
        return Err(StoreError::Determinate(format!("{mail:?} is no mail address")));
    }
    Ok(())
}

/// True if mail could reach such an address.
pub fn is_mail(text: &str) -> bool {
    text.len() <= 254 && text.parse::<lettre::Address>().is_ok()
}

fn write(store: &dyn Store, name: &str, version: u64, person: &Person) -> Result<(), StoreError> {
    match store.put_setting(PEOPLE, name, Some(version), Some(&super::json(person)?))? {
        true => Ok(()),
        false => Err(StoreError::Determinate("somebody else changed this login meanwhile: try again".into())),
    }
}

/// Changes what `change` changes, again if somebody else was faster; `None` if there is no such person. Blocks.
///
/// # Errors
/// What `change` says, or the store cannot be written.
pub(super) fn change_person<T>(
    store: &dyn Store,
    name: &str,
    change: impl Fn(&mut Person) -> Result<T, StoreError>,
) -> Result<Option<T>, StoreError> {
    loop {
        let Some((version, mut person)) = read_versioned(store, name)? else { return Ok(None) };
        let outcome = change(&mut person)?;
        if store.put_setting(PEOPLE, name, Some(version), Some(&super::json(&person)?))? {
            return Ok(Some(outcome));
        }
    }
}

/// Ends a login; false if there is none. Blocks.
///
/// # Errors
/// The store cannot be written.
pub fn remove_person(store: &dyn Store, name: &str) -> Result<bool, StoreError> {
    match store.setting(PEOPLE, name)? {
        Some(_) => store.put_setting(PEOPLE, name, None, None),
        None => Ok(false),
    }
}

/// The person with that name and password. Takes the same time whether or not there is one. Blocks.
///
/// # Errors
/// The store cannot be read.
pub fn verify_password(store: &dyn Store, name: &str, password: &str) -> Result<Option<Person>, StoreError> {
    let person = read_person(store, name)?;
    let (salt, wanted) = person
        .as_ref()
        .and_then(|p| p.password.clone())
        .unwrap_or_else(|| ("00000000000000000000000000000000".into(), String::new()));
    let cut = &password.as_bytes()[..password.len().min(PASSWORD_LENGTH_MAX)];
    let found = argon2(cut, &hex::decode(&salt).unwrap_or_default())?;
    let mut expected = [0; 32];
    let known = hex::decode_to_slice(&wanted, &mut expected).is_ok();
    Ok((known && super::same(&found, &expected)).then_some(person).flatten())
}

/// True if the code is good for that person: a code of the moment, not used before, or a recovery code, which is used
/// up. Blocks.
///
/// # Errors
/// The store cannot be written.
pub fn verify_second_factor(
    store: &dyn Store,
    key: &[u8; 32],
    name: &str,
    code: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let good = change_person(store, name, |person| {
        Ok(person.totp.as_mut().is_some_and(|totp| totp.accept(key, name, code, now)))
    });
    Ok(good?.unwrap_or(false))
}

/// Begins a second factor: its secret, shown once. It is asked for only after [`confirm_totp`]. Blocks.
///
/// # Errors
/// The store cannot be written.
pub fn begin_totp(store: &dyn Store, key: &[u8; 32], name: &str) -> Result<Option<String>, StoreError> {
    let (totp, secret) = Totp::begin(key, name)?;
    Ok(change_person(store, name, |person| {
        person.totp = Some(totp.clone());
        Ok(())
    })?
    .map(|()| secret))
}

/// Puts the second factor in force by its first code; returns the recovery codes, shown once. Blocks.
///
/// # Errors
/// The store cannot be written.
pub fn confirm_totp(
    store: &dyn Store,
    key: &[u8; 32],
    name: &str,
    code: &str,
    now: Timestamp,
) -> Result<Option<Vec<String>>, StoreError> {
    let codes = totp::recovery_codes()?;
    let done = change_person(store, name, |person| {
        Ok(person.totp.as_mut().is_some_and(|totp| totp.confirm(key, name, code, &codes, now)))
    })?;
    Ok((done == Some(true)).then_some(codes))
}

/// Takes the second factor away. Blocks.
///
/// # Errors
/// The store cannot be written.
pub fn remove_totp(store: &dyn Store, name: &str) -> Result<bool, StoreError> {
    let done = change_person(store, name, |person| Ok(person.totp.take().is_some()))?;
    Ok(done.unwrap_or(false))
}

/// The person behind an identity at the provider, made or brought up to date with what its claims say. Blocks.
///
/// # Errors
/// The store cannot be written.
pub fn person_of_identity(
    store: &dyn Store,
    identity: (String, String),
    shown: &str,
    role: Role,
    mail: Option<String>,
    now: Timestamp,
) -> Result<Person, StoreError> {
    let known = list_people(store)?.into_iter().find(|p| p.identity.as_ref() == Some(&identity));
    if let Some(known) = known {
        let name = known.name.clone();
        change_person(store, &name, |person| {
            (person.role, person.mail) = (role, mail.clone());
            Ok(())
        })?;
        return Ok(Person { role, mail, ..known });
    }
    // A name that somebody else has already gets a number: names never tell who somebody is.
    let plain: String = shown.chars().filter(|c| c.is_ascii_alphanumeric() || "-_.@".contains(*c)).take(60).collect();
    let base = if plain.is_empty() { "person".to_owned() } else { plain };
    for n in 1.. {
        let name = if n == 1 { base.clone() } else { format!("{base}.{n}") };
        let person = Person {
            name: SmolStr::default(),
            role,
            source: None,
            mail: mail.clone(),
            password: None,
            totp: None,
            identity: Some(identity.clone()),
            created_at: now,
        };
        if store.put_setting(PEOPLE, &name, Some(0), Some(&super::json(&person)?))? {
            return Ok(Person { name: name.into(), ..person });
        }
    }
    unreachable!("because some number is free")
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

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_runtime::memory::MemoryStore;

    fn new(role: Role, password: Option<&str>) -> NewPerson {
        NewPerson { role, source: None, mail: None, password: password.map(Into::into) }
    }

    #[test]
    fn a_password_opens_and_stays_when_the_role_changes() {
        let (store, now) = (MemoryStore::new(), Timestamp::now());
        assert!(put_person(&store, "ida", new(Role::It, Some("short")), now).is_err());
        assert!(put_person(&store, "moss", new(Role::Vendor, None), now).is_err(), "a vendor needs a source");
        put_person(&store, "ida", new(Role::It, Some("correct horse battery")), now).unwrap();
        let role = |name: &str, password: &str| verify_password(&store, name, password).unwrap().map(|p| p.role);
        assert_eq!(role("ida", "correct horse battery"), Some(Role::It));
        assert_eq!(role("ida", "wrong horse battery"), None);
        assert_eq!(role("eve", "correct horse battery"), None);
        put_person(&store, "ida", new(Role::Auditor, None), now).unwrap();
        assert_eq!(role("ida", "correct horse battery"), Some(Role::Auditor));
    }

    #[test]
    fn an_identity_is_issuer_and_subject_whatever_the_name() {
        let (store, now) = (MemoryStore::new(), Timestamp::now());
        let who = |iss: &str, sub: &str| (iss.to_owned(), sub.to_owned());
        let find = |identity| person_of_identity(&store, identity, "ida", Role::Buyer, None, now).unwrap().name;
        put_person(&store, "ida", new(Role::It, None), now).unwrap();
        assert_eq!(find(who("https://a", "1")), "ida.2", "a local login of the same name is somebody else");
        assert_eq!(find(who("https://b", "1")), "ida.3");
        assert_eq!(find(who("https://a", "1")), "ida.2");
    }
}
