//! Keys of programs, logins of people, secrets of channels.

use super::call::Call;
use super::input::{Json, Nothing};
use super::output::{NoContent, Page, Reply};
use super::route::{Api, Route};
use super::session::{end_all, wrong};
use crate::auth::Permission::{ManageKeys, ManageSecrets};
use crate::auth::{
    LINK_VALID, NewKey, NewPerson, Person, Purpose, create_key, create_link, create_person, list_keys, list_people,
    put_person, read_person, remove_person, revoke_key, revoke_links,
};
use crate::problem::{Kind, Problem};
use crate::registry::SECRET;
use crate::view::words::instant_if_any;
use countersign_connectors::secrets::Sealer;
use countersign_engine::command::Role;
use countersign_engine::ids::SourceId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::sync::atomic::Ordering;
use utoipa::ToSchema;

const GROUP: &str = "Keys and people";

pub(super) fn routes(api: &mut Api) {
    api.add(Route::post("/v1/keys", ManageKeys, GROUP, "Make a key").words("The key is told this once."), make_key);
    api.add(Route::get("/v1/keys", ManageKeys, GROUP, "List keys"), list);
    api.add(Route::delete("/v1/keys/{key}", ManageKeys, GROUP, "Make a key useless"), revoke);
    api.add(
        Route::put("/v1/people/{name}", ManageKeys, GROUP, "Make or change a login")
            .words(
                "A login with the role `vendor` needs the source it speaks for, and opens the portal only. Another role, \
                 source or password ends every session of the login. With `If-None-Match: *` a login is only made, never \
                 changed.",
            )
            .creates(),
        put,
    );
    api.add(
        Route::delete("/v1/people/{name}", ManageKeys, GROUP, "End a login")
            .words("Its sessions and links end at once; what it did stays in the log."),
        remove,
    );
    api.add(Route::delete("/v1/people/{name}/sessions", ManageKeys, GROUP, "Log a person out everywhere"), log_out);
    api.add(Route::get("/v1/people", ManageKeys, GROUP, "List logins"), people);
    api.add(
        Route::post("/v1/people/{name}/link", ManageKeys, GROUP, "Make a one-time login link")
            .words("Good for fifteen minutes and one use."),
        link,
    );
    api.add(
        Route::put("/v1/secrets/{name}", ManageSecrets, GROUP, "Store a channel secret")
            .words("Kept sealed; settings refer to it as `secret:NAME`. It is never told again."),
        put_secret,
    );
    api.add(Route::get("/v1/secrets", ManageSecrets, GROUP, "List the names of secrets"), secrets);
    api.add(Route::delete("/v1/secrets/{name}", ManageSecrets, GROUP, "Forget a secret"), delete_secret);
}

/// A key to be made.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct KeyBody {
    /// Whose, as the journal names it.
    #[schema(value_type = String)]
    name: SmolStr,
    /// What it may do.
    #[schema(value_type = String, example = "it")]
    role: Role,
    /// The only source it speaks for; a vendor's key needs one.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    source: Option<SourceId>,
    /// When it ends.
    #[serde(default, deserialize_with = "instant_if_any")]
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
}

/// A fresh key.
#[derive(Serialize, ToSchema)]
pub(super) struct FreshKey {
    /// Its public part.
    id: String,
    /// The key; it is not told again.
    key: String,
}

async fn make_key(call: Call, body: Json<KeyBody>) -> Result<Reply<FreshKey, 201>, Problem> {
    let KeyBody { name, role, source, expires_at } = body.value;
    let now = call.now();
    if let Some(past) = expires_at.filter(|end| *end <= now) {
        let sentence = "a key ends in the future: name a later moment, or none for a key without an end";
        return Err(Problem::field("/expires_at", past.to_string(), "past", sentence));
    }
    let made = call.read(move |store| Ok(create_key(store, NewKey { name, role, source, expires_at }, now))).await?;
    let key = made.map_err(|e| wrong("", e))?;
    let id = key.split('_').nth(1).unwrap_or_default().to_owned();
    tracing::info!(target: "countersign::access", by = call.caller().actor.name(), key = id, "a key was made");
    Ok(Reply::of(&FreshKey { id, key }))
}

/// A key, without its secret.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Key)]
pub(super) struct KeyView {
    id: String,
    name: String,
    #[schema(value_type = String)]
    role: Role,
    source: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    /// To the minute; null if it never was.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_used_at: Option<Timestamp>,
}

async fn list(call: Call, _: Nothing) -> Result<Page<KeyView>, Problem> {
    let keys = call.read(list_keys).await?;
    let view = |k: &crate::auth::ApiKey| KeyView {
        id: k.id.to_string(),
        name: k.name.to_string(),
        role: k.role,
        source: k.source.as_ref().map(ToString::to_string),
        created_at: k.created_at,
        expires_at: k.expires_at,
        last_used_at: Some(k.used_at.load(Ordering::Relaxed))
            .filter(|s| *s > 0)
            .and_then(|s| Timestamp::from_second(s).ok()),
    };
    Ok(Page::whole(keys.iter().map(view).collect()))
}

async fn revoke(call: Call, _: Nothing) -> Result<NoContent, Problem> {
    let id = call.part("key").to_owned();
    let key = id.clone();
    let known = call.read(move |store| revoke_key(store, &key)).await?;
    call.app().auth().forget_key(&id);
    tracing::info!(target: "countersign::access", by = call.caller().actor.name(), key = id, known, "a key was revoked");
    match known {
        true => Ok(NoContent::default()),
        false => Err(Problem::absent(Kind::NotFound, &id)),
    }
}

/// A login.
#[derive(Deserialize, ToSchema)]
pub(super) struct PersonBody {
    /// In which role.
    #[schema(value_type = String, example = "buyer")]
    role: Role,
    /// The only source they speak for; with the role `vendor`, and only there.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    source: Option<SourceId>,
    /// Where mail reaches them; left as it is if absent.
    #[serde(default)]
    mail: Option<String>,
    /// 10 to 256 characters; left as it is if absent.
    #[serde(default)]
    password: Option<String>,
}

/// A login, without its password.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Person)]
pub(super) struct PersonView {
    name: String,
    #[schema(value_type = String)]
    role: Role,
    #[schema(value_type = Option<String>)]
    source: Option<SourceId>,
    mail: Option<String>,
    /// True if a password is set.
    has_password: bool,
    /// True if a second factor is asked for.
    second_factor: bool,
    /// The identity provider they come from, if they do.
    provider: Option<String>,
}

impl PersonView {
    fn new(person: &Person) -> Self {
        Self {
            name: person.name.to_string(),
            role: person.role,
            source: person.source.clone(),
            mail: person.mail.clone(),
            has_password: person.has_password(),
            second_factor: person.has_totp(),
            provider: person.identity.as_ref().map(|(issuer, _)| issuer.clone()),
        }
    }
}

async fn put(call: Call, body: Json<PersonBody>) -> Result<Reply<PersonView>, Problem> {
    let PersonBody { role, source, mail, password } = body.value;
    let (name, now, only_new) = (call.part("name").to_owned(), call.now(), call.creates_only()?);
    let (who, other_password) = (name.clone(), password.is_some());
    let new = NewPerson { role, source: source.clone(), mail, password };
    let outcome = call.read(move |store| {
        if only_new {
            return Ok(create_person(store, &who, new, now).map(|made| (made, None)));
        }
        let before = read_person(store, &who)?;
        Ok(put_person(store, &who, new, now).map(|()| (true, before)))
    });
    let (written, before) = outcome.await?.map_err(|e| wrong("", e))?;
    if !written {
        return Err(Problem::taken(
            "{name}",
            &name,
            "there is a login of this name already: choose another, or change that one",
        ));
    }
    tracing::info!(target: "countersign::access", by = call.caller().actor.name(), name, role = role.code(), "a login was written");
    if before.is_some_and(|p| other_password || p.role != role || p.source != source) {
        // What they could do and see until now, they may not any more; whoever knew the old password is out.
        end_all(&call, name.as_str().into()).await?;
    }
    let person = call.read(move |store| read_person(store, &name)).await?;
    let person = person.ok_or_else(|| Problem::new(Kind::NotFound, "somebody ended this login meanwhile"))?;
    Ok(Reply::of(&PersonView::new(&person)))
}

async fn people(call: Call, _: Nothing) -> Result<Page<PersonView>, Problem> {
    let all = call.read(list_people).await?;
    Ok(Page::whole(all.iter().map(PersonView::new).collect()))
}

async fn remove(call: Call, _: Nothing) -> Result<NoContent, Problem> {
    let name = call.part("name").to_owned();
    let who = name.clone();
    let known = call.read(move |store| {
        let known = remove_person(store, &who)?;
        let theirs =
            |p: &Purpose| matches!(p, Purpose::Login { name, .. } | Purpose::Approval { name, .. } if *name == who);
        revoke_links(store, theirs)?;
        Ok(known)
    });
    if !known.await? {
        return Err(Problem::absent(Kind::NotFound, &name));
    }
    tracing::info!(target: "countersign::access", by = call.caller().actor.name(), name, "a login was ended");
    end_all(&call, name.as_str().into()).await?;
    Ok(NoContent::default())
}

async fn log_out(call: Call, _: Nothing) -> Result<NoContent, Problem> {
    end_all(&call, call.part("name").into()).await?;
    Ok(NoContent::default())
}

/// A one-time login.
#[derive(Serialize, ToSchema)]
pub(super) struct LinkView {
    /// The path, with its token.
    path: String,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

async fn link(call: Call, _: Nothing) -> Result<Reply<LinkView, 201>, Problem> {
    let (name, now) = (call.part("name").to_owned(), call.now());
    let known = call.read(list_people).await?.into_iter().find(|p| p.name == name);
    let Some(person) = known else { return Err(Problem::absent(Kind::NotFound, &name)) };
    let token = call
        .read(move |store| create_link(store, Purpose::Login { name: name.into(), role: person.role }, LINK_VALID, now))
        .await?;
    Ok(Reply::of(&LinkView { path: format!("/login?token={token}"), expires_at: now + LINK_VALID }))
}

/// A secret of a channel.
#[derive(Deserialize, ToSchema)]
pub(super) struct SecretBody {
    /// The secret.
    secret: String,
}

/// The name of a secret.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SecretName {
    name: String,
}

async fn put_secret(call: Call, body: Json<SecretBody>) -> Result<NoContent, Problem> {
    let name = call.part("name").to_owned();
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
    if name.is_empty() || name.len() > 100 || !name.bytes().all(plain) {
        return Err(Problem::field("{name}", name, "invalid", "use 1 to 100 letters, digits, - _ or ."));
    }
    let sealed = Sealer::new(*call.app().office().key()).seal("channel", &name, &body.value.secret);
    let sealed = sealed.map_err(|e| Problem::field("/secret", serde_json::Value::Null, "invalid", e.to_string()))?;
    tracing::info!(target: "countersign::access", by = call.caller().actor.name(), name, "a secret was stored");
    call.read(move |store| store.put_setting(SECRET, &name, None, Some(&sealed))).await?;
    forget(&call);
    Ok(NoContent::default())
}

async fn secrets(call: Call, _: Nothing) -> Result<Page<SecretName>, Problem> {
    let all = call.read(|store| store.settings(SECRET)).await?;
    Ok(Page::whole(all.into_iter().map(|(name, _)| SecretName { name }).collect()))
}

async fn delete_secret(call: Call, _: Nothing) -> Result<NoContent, Problem> {
    let name = call.part("name").to_owned();
    call.read(move |store| store.put_setting(SECRET, &name, None, None)).await?;
    forget(&call);
    Ok(NoContent::default())
}

/// Connectors were made with the secrets of before.
fn forget(call: &Call) {
    if let Some(registry) = call.app().office().registry() {
        registry.forget();
    }
}
