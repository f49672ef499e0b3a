//! Who is logged in: passwords, one-time links, the demo's ready logins.

use super::App;
use super::call::{Call, json};
use super::input::{Json, Nothing, Query};
use super::output::{NoContent, Page, Raw, Reply};
use super::route::{Api, Route};
use crate::auth::{
    Access, DEMO_PEOPLE, LINK_VALID, Session, create_link, create_session, end_session, list_keys, list_people,
    put_person, redeem_link, verify_password,
};
use crate::console::html_page;
use crate::problem::{Kind, Problem};
use axum::http::{Method, header};
use countersign_engine::command::{Actor, Role};
use countersign_runtime::ports::{Store, StoreError};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use utoipa::{IntoParams, ToSchema};

const GROUP: &str = "Session";
/// Wrong passwords for one name within a minute before it has to wait.
const ATTEMPTS_MAX: u32 = 10;
/// Names whose attempts are remembered; more are forgotten all at once.
const NAMES_MAX: usize = 10_000;

pub(super) fn routes(api: &mut Api) {
    let public = Access::Public;
    let open = |method, path, access, summary| Route::open(method, path, access, GROUP, summary);
    api.add(open(Method::GET, "/v1/session", Access::LoggedIn, "Who am I?"), get);
    api.add(
        open(Method::POST, "/v1/session", public, "Log in").words(
            "With name and password, or with the token of a one-time link. Sets a cookie; calls that change something \
             then need the header `x-countersign-csrf`. Programs use keys instead.",
        ),
        post,
    );
    api.add(open(Method::DELETE, "/v1/session", Access::LoggedIn, "Log out"), delete);
    api.add(open(Method::PUT, "/v1/session/password", Access::LoggedIn, "Set one's own password"), set_password);
    api.add(open(Method::GET, "/v1/session/demo", public, "The demo's ready logins; 404 elsewhere"), list_demo);
    api.add(open(Method::POST, "/v1/session/demo", public, "Log in to the demo; 404 elsewhere"), post_demo);
    api.add(open(Method::GET, "/login", public, "The page behind a one-time link"), link_page);
    api.add(open(Method::POST, "/login", public, "Use a one-time link up"), use_link);
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
}

impl SessionView {
    fn new(name: &str, role: Role, source: Option<String>) -> Self {
        let mine = crate::auth::Permission::ALL.iter().filter(|p| crate::auth::allows(role, **p));
        Self { name: name.to_owned(), role, source, permissions: mine.map(|p| snake(&format!("{p:?}"))).collect() }
    }
}

/// `ReadOrders` as `read_orders`.
fn snake(name: &str) -> String {
    let mut text = String::with_capacity(name.len() + 4);
    for (i, c) in name.char_indices() {
        if c.is_ascii_uppercase() && i > 0 {
            text.push('_');
        }
        text.push(c.to_ascii_lowercase());
    }
    text
}

async fn get(call: Call, _: Nothing) -> Result<Reply<SessionView>, Problem> {
    let caller = call.caller();
    let source = caller.source.as_ref().map(ToString::to_string);
    Ok(Reply::of(&SessionView::new(caller.actor.name(), caller.role, source)))
}

/// Name and password, or the token of a one-time link.
#[derive(Deserialize, ToSchema)]
pub(super) struct LoginBody {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    password: Option<String>,
    #[serde(default)]
    token: Option<String>,
}

async fn post(call: Call, body: Json<LoginBody>) -> Result<Reply<SessionView, 201>, Problem> {
    let (name, role) = match body.value {
        LoginBody { token: Some(token), .. } => redeem(&call, token).await?,
        LoginBody { name: Some(name), password: Some(password), .. } => {
            call.app().logins().attempt(&name, call.now())?;
            let who = name.clone();
            let role = call.read(move |store| verify_password(store, &who, &password)).await?;
            let Some(role) = role else {
                tracing::warn!(target: "countersign::access", name, "refused: wrong name or password");
                return Err(Problem::new(Kind::Unauthenticated, "name or password is wrong"));
            };
            call.app().logins().forget(&name);
            (SmolStr::from(name), role)
        }
        _ => return Err(Problem::new(Kind::InvalidField, "send name and password, or the token of a link")),
    };
    let cookie = begin(&call, &name, role).await?;
    let view = json(&SessionView::new(&name, role, None));
    Ok(Reply::text(201, view).header(header::SET_COOKIE, &cookie))
}

async fn redeem(call: &Call, token: String) -> Result<(SmolStr, Role), Problem> {
    let now = call.now();
    call.app().logins().attempt("", now)?;
    let found = call.read(move |store| redeem_link(store, &token, now)).await?;
    found.ok_or_else(|| {
        tracing::warn!(target: "countersign::access", "refused: a one-time link that is used, old or made up");
        Problem::new(Kind::Unauthenticated, "this link was used, is too old, or was never made: ask for a fresh one")
    })
}

/// Begins a session; returns its cookie.
async fn begin(call: &Call, name: &str, role: Role) -> Result<String, Problem> {
    let (who, now) = (name.to_owned(), call.now());
    let made = call.read(move |store| create_session(store, &who, role, now)).await?;
    let (token, id, session): (String, SmolStr, Session) = made;
    call.app().auth().keep_session(id, session);
    tracing::info!(target: "countersign::access", name, role = role.code(), "logged in");
    Ok(call.app().auth().cookie(&token))
}

async fn delete(call: Call, _: Nothing) -> Result<NoContent, Problem> {
    if let Some(token) = call.app().auth().session_token(call.headers()).map(str::to_owned) {
        let id = call.read(move |store| end_session(store, &token)).await?;
        call.app().auth().forget_session(&id);
    }
    Ok(NoContent::default().header(header::SET_COOKIE, &call.app().auth().cookie("")))
}

/// A new password.
#[derive(Deserialize, ToSchema)]
pub(super) struct PasswordBody {
    /// 10 to 256 characters.
    password: String,
}

async fn set_password(call: Call, body: Json<PasswordBody>) -> Result<NoContent, Problem> {
    let Actor::Person { name, role } = call.actor() else {
        return Err(Problem::new(Kind::Forbidden, "programs have keys, not passwords"));
    };
    let (password, now) = (body.value.password, call.now());
    let outcome = call.read(move |store| Ok(put_person(store, &name, role, Some(&password), now))).await?;
    outcome.map_err(|e| wrong("/password", e))?;
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
    let cookie = begin(&call, name, *role).await?;
    Ok(Reply::text(201, json(&SessionView::new(name, *role, None))).header(header::SET_COOKIE, &cookie))
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

async fn use_link(call: Call, body: super::input::Form<LinkQuery>) -> Result<Raw, Problem> {
    match redeem(&call, body.0.token).await {
        Ok((name, role)) => {
            let cookie = begin(&call, &name, role).await?;
            Ok(html_page("Log in", "")
                .status(303)
                .header(header::LOCATION, "/console/")
                .header(header::SET_COOKIE, &cookie))
        }
        Err(problem) if problem.status == 401 => {
            Ok(html_page("Log in", &format!("<h1>Not logged in</h1><p>{}</p>", problem.detail)).status(401))
        }
        Err(problem) => Err(problem),
    }
}

/// Wrong passwords lately, by name.
#[derive(Default)]
pub(crate) struct Throttle(Mutex<HashMap<String, (i64, u32)>>);

impl Throttle {
    fn attempt(&self, name: &str, now: Timestamp) -> Result<(), Problem> {
        let minute = now.as_second() / 60;
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() > NAMES_MAX {
            seen.clear();
        }
        let entry = seen.entry(name.chars().take(80).collect()).or_insert((minute, 0));
        *entry = if entry.0 == minute { (minute, entry.1 + 1) } else { (minute, 1) };
        match entry.1 > ATTEMPTS_MAX {
            true => {
                let wait = u32::try_from(60 - now.as_second().rem_euclid(60)).unwrap_or(60);
                Err(Problem::new(Kind::TooManyRequests, "too many attempts: wait a minute").retry_after(wait))
            }
            false => Ok(()),
        }
    }
    fn forget(&self, name: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
    }
}

impl App {
    /// The path of a one-time login for the first person, where nobody can log in yet. Blocks.
    ///
    /// # Errors
    /// The store cannot be read or written.
    pub fn first_login(&self) -> Result<Option<String>, StoreError> {
        let (store, now): (&dyn Store, _) = (self.office().store().as_ref(), self.office().now());
        if !list_people(store)?.is_empty() || !list_keys(store)?.is_empty() || self.settings().demo {
            return Ok(None);
        }
        let token = create_link(store, "admin", Role::It, LINK_VALID, now)?;
        Ok(Some(format!("/login?token={token}")))
    }
}
