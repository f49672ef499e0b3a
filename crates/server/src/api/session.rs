//! Who is logged in: passwords with an optional second factor, one-time links, the demo's ready logins.

use super::App;
use super::call::{Call, json};
use super::input::{Json, Nothing, PageForm, Query};
use super::output::{NoContent, Page, Raw, Reply};
use super::route::{Api, Route};
use crate::auth::{
    Access, DEMO_PEOPLE, Holder, LINK_VALID, NewPerson, Person, Purpose, begin_totp, confirm_totp, create_link,
    create_session, end_session, end_sessions, list_people, put_person, read_person, redeem_link, remove_totp,
    verify_password, verify_second_factor,
};
use crate::console::html_page;
use crate::problem::{Kind, Problem};
use axum::http::{Method, header};
use countersign_engine::command::Role;
use countersign_runtime::ports::{Store, StoreError};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use utoipa::{IntoParams, ToSchema};

const GROUP: &str = "Session";
/// Wrong passwords for one name within a minute before it has to wait.
const ATTEMPTS_MAX: u32 = 10;
/// Passwords tried within a minute, all names together: what two processors can hash without others noticing.
const ATTEMPTS_OF_ALL_MAX: u32 = 300;
/// Links tried within a minute, all together. Their 256 bits are not guessed; this only spares the disk.
const LINKS_MAX: u32 = 600;

pub(super) fn routes(api: &mut Api) {
    let public = Access::Public;
    let open = |method, path, access, summary| Route::open(method, path, access, GROUP, summary);
    api.add(open(Method::GET, "/v1/session", Access::LoggedIn, "Who am I?"), get);
    api.add(
        open(Method::POST, "/v1/session", public, "Log in").words(
            "With name and password (and `code`, if `second-factor-needed` says so), or with the token of a one-time \
             link. Sets a cookie; calls that change something then need the header `x-countersign-csrf`. A session \
             ends after two hours without use and after twelve in any case. Programs use keys instead.",
        ),
        post,
    );
    api.add(open(Method::DELETE, "/v1/session", Access::LoggedIn, "Log out"), delete);
    api.add(
        open(Method::DELETE, "/v1/session/all", Access::LoggedIn, "Log out everywhere")
            .words("Ends every session of the person, this one included."),
        delete_all,
    );
    api.add(
        open(Method::PUT, "/v1/session/password", Access::LoggedIn, "Set one's own password")
            .words("Needs the old one, unless the session began with a one-time link. Ends all other sessions."),
        set_password,
    );
    api.add(
        open(Method::POST, "/v1/session/totp", Access::LoggedIn, "Begin a second factor").words(
            "Answers the secret for an authenticator app, this once. It is asked for only once a code confirmed it.",
        ),
        start_totp,
    );
    api.add(
        open(Method::POST, "/v1/session/totp/confirm", Access::LoggedIn, "Put the second factor in force")
            .words("With a code of the app. Answers ten recovery codes, this once; each opens once."),
        finish_totp,
    );
    api.add(
        open(Method::DELETE, "/v1/session/totp", Access::LoggedIn, "Take the second factor away")
            .words("Needs a code of the app, or a recovery code, as `?code=`."),
        drop_totp,
    );
    api.add(open(Method::GET, "/v1/session/demo", public, "The demo's ready logins; 404 elsewhere"), list_demo);
    api.add(open(Method::POST, "/v1/session/demo", public, "Log in to the demo; 404 elsewhere"), post_demo);
    api.add(Route::page(Method::GET, "/login", public, "The page behind a one-time link"), link_page);
    api.add(Route::page(Method::POST, "/login", public, "Use a one-time link up"), use_link);
}

/// Who is logged in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Session)]
pub(super) struct SessionView {
    name: String,
    /// `customer_service`, `vendor_manager`, `buyer`, `it`, `auditor`, `vendor`.
    #[schema(value_type = String)]
    role: Role,
    /// The only source the caller speaks for.
    source: Option<String>,
    /// What the role includes.
    permissions: Vec<String>,
    /// The same in words, as the end of "may …".
    rights: Vec<&'static str>,
    /// True if a second factor is asked for at login.
    second_factor: bool,
    /// True if the person logs in with a password here; false for programs and people of an identity provider.
    has_password: bool,
}

impl SessionView {
    fn new(name: &str, role: Role, source: Option<String>, person: Option<&Person>) -> Self {
        let mine = || crate::auth::Permission::ALL.iter().filter(|p| crate::auth::allows(role, **p));
        Self {
            name: name.to_owned(),
            role,
            source,
            permissions: mine().map(|p| p.code()).collect(),
            rights: mine().map(|p| p.words()).collect(),
            second_factor: person.is_some_and(Person::has_totp),
            has_password: person.is_some_and(Person::has_password),
        }
    }
}

async fn get(call: Call, _: Nothing) -> Result<Reply<SessionView>, Problem> {
    let caller = call.caller();
    let source = caller.source.as_ref().map(ToString::to_string);
    let (name, role) = (caller.actor.name().to_owned(), caller.role);
    let person = match login_of(&call) {
        Some(login) => call.read(move |store| read_person(store, &login)).await?,
        None => None,
    };
    Ok(Reply::of(&SessionView::new(&name, role, source, person.as_ref())))
}

/// The login behind the caller's session; none for keys.
fn login_of(call: &Call) -> Option<SmolStr> {
    let session = call.app().auth().session_of(call.headers())?;
    call.caller().by_cookie.then(|| session.holder.name.clone())
}

/// The same, where there must be one.
fn own_login(call: &Call) -> Result<SmolStr, Problem> {
    login_of(call).ok_or_else(|| Problem::new(Kind::Forbidden, "programs have keys, not passwords"))
}

/// Name and password, or the token of a one-time link.
#[derive(Deserialize, ToSchema)]
pub(super) struct LoginBody {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    password: Option<String>,
    /// The code of the authenticator app, or a recovery code, where a second factor is in force.
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    token: Option<String>,
}

async fn post(call: Call, body: Json<LoginBody>) -> Result<Reply<SessionView, 201>, Problem> {
    let holder = match body.value {
        LoginBody { token: Some(token), .. } => redeem(&call, token).await?,
        LoginBody { name: Some(name), password: Some(password), code, .. } => {
            by_password(&call, name, password, code).await?
        }
        _ => return Err(Problem::new(Kind::InvalidField, "send name and password, or the token of a link")),
    };
    let cookie = begin(&call, holder.clone()).await?;
    let source = holder.source.as_ref().map(ToString::to_string);
    let view = json(&SessionView::new(&holder.name, holder.role, source, None));
    Ok(Reply::text(201, view).header(header::SET_COOKIE, &cookie))
}

/// Who comes with that name, password and, where it is in force, that code of the second factor.
pub(super) async fn by_password(
    call: &Call,
    name: String,
    password: String,
    code: Option<String>,
) -> Result<Holder, Problem> {
    let (app, now) = (call.app(), call.now());
    app.logins().attempt(&format!("login|{name}"), ATTEMPTS_MAX, now)?;
    app.logins().attempt("login of all", ATTEMPTS_OF_ALL_MAX, now)?;
    let who = name.clone();
    let turn = app.hashing().acquire().await;
    let person = call.read(move |store| verify_password(store, &who, &password)).await?;
    drop(turn);
    let Some(person) = person else {
        tracing::warn!(target: "countersign::access", name, "refused: wrong name or password");
        return Err(Problem::new(Kind::Unauthenticated, "name or password is wrong"));
    };
    if person.has_totp() {
        let (key, who) = (*app.office().key(), name.clone());
        let code = code.unwrap_or_default();
        let asked = code.is_empty();
        let good = !asked && call.read(move |store| verify_second_factor(store, &key, &who, &code, now)).await?;
        if !good {
            tracing::warn!(target: "countersign::access", name, asked, "refused: second factor missing or wrong");
            let words = if asked {
                "send the code of the authenticator app as `code`"
            } else {
                "the code is wrong, or was used before"
            };
            return Err(Problem::new(Kind::SecondFactorNeeded, words));
        }
    }
    app.logins().forget(&format!("login|{name}"));
    Ok(holder_of(&person))
}

pub(super) fn holder_of(person: &Person) -> Holder {
    let Person { name, role, source, .. } = person;
    Holder { name: name.clone(), role: *role, source: source.clone(), po: None, by_link: false }
}

async fn redeem(call: &Call, token: String) -> Result<Holder, Problem> {
    let now = call.now();
    call.app().logins().attempt("links", LINKS_MAX, now)?;
    let found = call.read(move |store| {
        let found = redeem_link(store, &token, now, |p| matches!(p, Purpose::Login { .. }))?;
        let Some(Purpose::Login { name, role }) = found else { return Ok(None) };
        let known = read_person(store, &name)?.map(|person| holder_of(&person));
        let first = Holder { name, role, source: None, po: None, by_link: true };
        Ok(Some(known.map_or(first, |holder| Holder { by_link: true, ..holder })))
    });
    found.await?.ok_or_else(|| {
        tracing::warn!(target: "countersign::access", "refused: a one-time link that is used, old or made up");
        Problem::new(Kind::Unauthenticated, "this link was used, is too old, or was never made: ask for a fresh one")
    })
}

/// Begins a session; returns its cookie. The session that the browser had before ends: no cookie outlives a login.
pub(super) async fn begin(call: &Call, holder: Holder) -> Result<String, Problem> {
    let (before, now) = (call.app().auth().session_token(call.headers()).map(str::to_owned), call.now());
    let (name, role) = (holder.name.clone(), holder.role);
    let made = call.read(move |store| {
        let ended = before.map(|token| end_session(store, &token)).transpose()?;
        Ok((create_session(store, holder, now)?, ended))
    });
    let ((token, id, session), ended) = made.await?;
    if let Some(ended) = ended {
        call.app().auth().forget_session(&ended);
    }
    call.app().auth().keep_session(id, session);
    tracing::info!(target: "countersign::access", %name, role = role.code(), "logged in");
    Ok(call.app().auth().cookie(&token))
}

/// Ends the session of the cookies; returns the cookie that says so.
pub(super) async fn end(call: &Call) -> Result<String, Problem> {
    if let Some(token) = call.app().auth().session_token(call.headers()).map(str::to_owned) {
        let id = call.read(move |store| end_session(store, &token)).await?;
        call.app().auth().forget_session(&id);
    }
    Ok(call.app().auth().cookie(""))
}

async fn delete(call: Call, _: Nothing) -> Result<NoContent, Problem> {
    Ok(NoContent::default().header(header::SET_COOKIE, &end(&call).await?))
}

async fn delete_all(call: Call, _: Nothing) -> Result<NoContent, Problem> {
    let name = own_login(&call)?;
    end_all(&call, name).await?;
    Ok(NoContent::default().header(header::SET_COOKIE, &call.app().auth().cookie("")))
}

/// Ends every session of a login.
pub(super) async fn end_all(call: &Call, name: SmolStr) -> Result<(), Problem> {
    let who = name.clone();
    call.read(move |store| end_sessions(store, |holder| holder.name == who)).await?;
    call.app().auth().forget_sessions(|holder| holder.name == name);
    tracing::info!(target: "countersign::access", %name, "logged out everywhere");
    Ok(())
}

/// Ends the sessions of a login in which it still has another role or source than it has now.
pub(super) async fn end_outdated(call: &Call, person: &Person) -> Result<(), Problem> {
    let (name, role, source) = (person.name.clone(), person.role, person.source.clone());
    let outdated = move |h: &Holder| h.name == name && (h.role != role || h.source != source);
    let ended = outdated.clone();
    call.read(move |store| end_sessions(store, ended)).await?;
    call.app().auth().forget_sessions(outdated);
    Ok(())
}

/// A new password.
#[derive(Deserialize, ToSchema)]
pub(super) struct PasswordBody {
    /// 10 to 256 characters.
    password: String,
    /// The old one, if there is one and the session did not begin with a one-time link.
    #[serde(default)]
    current: Option<String>,
}

async fn set_password(call: Call, body: Json<PasswordBody>) -> Result<NoContent, Problem> {
    let (name, now) = (own_login(&call)?, call.now());
    let holder = call.app().auth().session_of(call.headers()).map(|s| s.holder.clone());
    let Some(holder) = holder else { return Err(Problem::new(Kind::Unauthenticated, "log in again")) };
    let who = name.clone();
    let known = call.read(move |store| read_person(store, &who)).await?;
    if known.as_ref().is_some_and(Person::has_password) && !holder.by_link {
        call.app().logins().attempt(&format!("login|{name}"), ATTEMPTS_MAX, now)?;
        let (who, current) = (name.clone(), body.value.current.unwrap_or_default());
        if call.read(move |store| verify_password(store, &who, &current)).await?.is_none() {
            return Err(Problem::field("/current", serde_json::Value::Null, "invalid", "the old password is wrong"));
        }
    }
    let (who, role, source, password) = (name.clone(), holder.role, holder.source.clone(), body.value.password);
    let new = NewPerson { role, source, mail: None, password: Some(password) };
    let outcome = call.read(move |store| Ok(put_person(store, &who, new, now))).await?;
    outcome.map_err(|e| wrong("/password", e))?;
    end_all(&call, name).await?;
    let cookie = begin(&call, Holder { by_link: false, ..holder }).await?;
    Ok(NoContent::default().header(header::SET_COOKIE, &cookie))
}

/// The secret of a second factor, for an authenticator app.
#[derive(Serialize, ToSchema)]
pub(super) struct TotpSecret {
    /// Base 32.
    secret: String,
    /// The same as an address that apps read (`otpauth://…`), for a QR code.
    uri: String,
}

async fn start_totp(call: Call, _: Nothing) -> Result<Reply<TotpSecret, 201>, Problem> {
    let (name, key) = (own_login(&call)?, *call.app().office().key());
    let who = name.clone();
    if call.read(move |store| read_person(store, &who)).await?.is_some_and(|p| p.has_totp()) {
        return Err(Problem::new(Kind::InvalidField, "a second factor is in force: take it away first"));
    }
    let who = name.clone();
    let secret = call.read(move |store| begin_totp(store, &key, &who)).await?;
    let secret = secret.ok_or_else(|| Problem::new(Kind::NotFound, "set a password first"))?;
    let uri = format!("otpauth://totp/Countersign:{name}?secret={secret}&issuer=Countersign");
    Ok(Reply::of(&TotpSecret { secret, uri }))
}

/// A code of the authenticator app.
#[derive(Deserialize, ToSchema)]
pub(super) struct TotpCode {
    /// Six digits.
    code: String,
}

/// Codes for the day the phone is lost.
#[derive(Serialize, ToSchema)]
pub(super) struct RecoveryCodes {
    /// Each opens once.
    recovery_codes: Vec<String>,
}

async fn finish_totp(call: Call, body: Json<TotpCode>) -> Result<Reply<RecoveryCodes>, Problem> {
    let (name, key, now, code) = (own_login(&call)?, *call.app().office().key(), call.now(), body.value.code);
    call.app().logins().attempt(&format!("login|{name}"), ATTEMPTS_MAX, now)?;
    let who = name.clone();
    match call.read(move |store| confirm_totp(store, &key, &who, &code, now)).await? {
        Some(recovery_codes) => {
            tracing::info!(target: "countersign::access", %name, "a second factor is in force");
            Ok(Reply::of(&RecoveryCodes { recovery_codes }))
        }
        None => Err(Problem::field(
            "/code",
            serde_json::Value::Null,
            "invalid",
            "the code is wrong: wait for the next one, and check the phone's clock",
        )),
    }
}

/// The code that proves who asks.
#[derive(Deserialize, IntoParams)]
pub(super) struct CodeQuery {
    /// Of the app, or a recovery code.
    #[serde(default)]
    code: String,
}

async fn drop_totp(call: Call, Query(query): Query<CodeQuery>) -> Result<NoContent, Problem> {
    let (name, key, now) = (own_login(&call)?, *call.app().office().key(), call.now());
    call.app().logins().attempt(&format!("login|{name}"), ATTEMPTS_MAX, now)?;
    let who = name.clone();
    let gone = call
        .read(move |store| Ok(verify_second_factor(store, &key, &who, &query.code, now)? && remove_totp(store, &who)?));
    if !gone.await? {
        return Err(Problem::new(Kind::SecondFactorNeeded, "the code is wrong, or was used before"));
    }
    tracing::info!(target: "countersign::access", %name, "a second factor was taken away");
    Ok(NoContent::default())
}

/// A rule that a login breaks, as a problem.
pub(super) fn wrong(pointer: &str, error: StoreError) -> Problem {
    match error {
        StoreError::Determinate(sentence) => Problem::field(pointer, serde_json::Value::Null, "invalid", sentence),
        other => other.into(),
    }
}

/// A ready login.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DemoLogin {
    name: &'static str,
    #[schema(value_type = String)]
    role: Role,
    /// What the role does.
    title: &'static str,
}

fn demo_only(call: &Call) -> Result<(), Problem> {
    match call.app().settings().demo {
        true => Ok(()),
        false => Err(Problem::new(Kind::NotFound, "this is not the demo")),
    }
}

async fn list_demo(call: Call, _: Nothing) -> Result<Page<DemoLogin>, Problem> {
    demo_only(&call)?;
    Ok(Page::whole(DEMO_PEOPLE.iter().map(|(name, role, title)| DemoLogin { name, role: *role, title }).collect()))
}

/// Which of the ready logins.
#[derive(Deserialize, ToSchema)]
pub(super) struct DemoBody {
    name: String,
}

async fn post_demo(call: Call, body: Json<DemoBody>) -> Result<Reply<SessionView, 201>, Problem> {
    demo_only(&call)?;
    let Some((name, role, _)) = DEMO_PEOPLE.iter().find(|(name, ..)| *name == body.value.name) else {
        return Err(Problem::field("/name", body.value.name, "unknown", "there is no such login in the demo"));
    };
    let holder = Holder { name: (*name).into(), role: *role, source: None, po: None, by_link: false };
    let cookie = begin(&call, holder).await?;
    Ok(Reply::text(201, json(&SessionView::new(name, *role, None, None))).header(header::SET_COOKIE, &cookie))
}

/// The token of a link.
#[derive(Deserialize, IntoParams)]
pub(super) struct LinkQuery {
    /// The token.
    #[serde(default)]
    token: String,
}

/// Mail scanners follow links: looking at the page uses nothing up, pressing its button does.
async fn link_page(_: Call, Query(query): Query<LinkQuery>) -> Result<Raw, Problem> {
    let plain = query.token.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    let token = if plain { query.token } else { String::new() };
    let body = format!(
        "<h1>Log in to Countersign</h1><p>This link works once.</p><form method=\"post\" action=\"/login\">\
         <input type=\"hidden\" name=\"token\" value=\"{token}\"><button>Log in</button></form>"
    );
    Ok(html_page("Log in", &body))
}

async fn use_link(call: Call, form: PageForm) -> Result<Raw, Problem> {
    match redeem(&call, form.get("token").to_owned()).await {
        Ok(holder) => {
            let home = if holder.role == Role::Vendor { "/portal/" } else { "/console/" };
            let cookie = begin(&call, holder).await?;
            Ok(html_page("Log in", "").status(303).header(header::LOCATION, home).header(header::SET_COOKIE, &cookie))
        }
        Err(problem) if problem.status == 401 => {
            Ok(html_page("Log in", &format!("<h1>Not logged in</h1><p>{}</p>", problem.detail)).status(401))
        }
        Err(problem) => Err(problem),
    }
}

impl App {
    /// The path of a one-time login for the first person, while there are no people: a program's key logs nobody in.
    /// Blocks.
    ///
    /// # Errors
    /// The store cannot be read or written.
    pub fn first_login(&self) -> Result<Option<String>, StoreError> {
        let (store, now): (&dyn Store, _) = (self.office().store().as_ref(), self.office().now());
        if !list_people(store)?.is_empty() || self.settings().demo {
            return Ok(None);
        }
        let token = create_link(store, Purpose::Login { name: "admin".into(), role: Role::It }, LINK_VALID, now)?;
        Ok(Some(format!("/login?token={token}")))
    }
}
