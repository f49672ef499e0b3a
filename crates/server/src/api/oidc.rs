//! Login by the retailer's identity provider: OpenID Connect, code flow with PKCE, state and nonce, each fresh.
//!
//! What a login needs to remember until its answer stands sealed in a short-lived cookie of the browser that began it:
//! an answer that another browser brings opens nothing.

use super::App;
use super::call::Call;
use super::input::{Nothing, Query};
use super::output::{Page, Raw};
use super::route::{Api, Route};
use super::session::{begin, end_outdated, holder_of};
use crate::auth::id_token::{Claims, Expected, Fault, Jwk, texts, verify};
use crate::auth::{Access, is_mail, person_of_identity, random_secret, same_text};
use crate::config::OidcSettings;
use crate::problem::{Kind, Problem};
use axum::http::{HeaderMap, HeaderValue, Method, header};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use countersign_connectors::client::{Body, HttpClient};
use countersign_connectors::secrets::Sealer;
use countersign_engine::command::Role;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use utoipa::{IntoParams, ToSchema};

const GROUP: &str = "Session";
/// What one question to the provider may take.
const DEADLINE: Duration = Duration::from_secs(10);
/// How long a person may take at the provider's page.
const LOGIN_MAX: SignedDuration = SignedDuration::from_mins(10);
/// What the provider said of itself is asked again after this.
const KNOWN_FOR: SignedDuration = SignedDuration::from_hours(1);
/// After an unknown key, its keys are asked again at most this often.
const ASK_AGAIN: SignedDuration = SignedDuration::from_secs(30);
/// Logins begun or answered within a minute, all together.
const LOGINS_MAX: u32 = 300;
/// Where the provider sends people back.
const CALLBACK: &str = "/v1/session/oidc/callback";

pub(super) fn routes(api: &mut Api) {
    api.add(
        Route::open(
            Method::GET,
            "/v1/session/providers",
            Access::Public,
            GROUP,
            "List ways to log in besides a password",
        )
        .words("Lead the browser to `path`; it comes back to the console, logged in."),
        list,
    );
    api.add(Route::page(Method::GET, "/v1/session/oidc", Access::Public, "To the identity provider"), go);
    api.add(Route::page(Method::GET, CALLBACK, Access::Public, "Back from the identity provider"), come_back);
}

/// A way to log in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LoginProvider)]
pub(super) struct ProviderView {
    /// For the button.
    name: String,
    /// Where it leads.
    path: &'static str,
}

async fn list(call: Call, _: Nothing) -> Result<Page<ProviderView>, Problem> {
    let view = |p: &Provider| ProviderView { name: p.shown().to_owned(), path: "/v1/session/oidc" };
    Ok(Page::whole(call.app().oidc().map(view).into_iter().collect()))
}

/// The identity provider, as far as it is known.
pub struct Provider {
    settings: OidcSettings,
    http: Arc<HttpClient>,
    known: RwLock<Option<Known>>,
}

/// What the provider said of itself.
#[derive(Clone)]
struct Known {
    about: About,
    keys: Arc<Vec<Jwk>>,
    at: Timestamp,
}

/// Its discovery document, as far as we use it.
#[derive(Debug, Clone, Deserialize)]
struct About {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Vec<String>,
}

#[derive(Deserialize)]
struct Keys {
    // A key of a kind that we do not know must not hide the others.
    keys: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
struct Tokens {
    id_token: String,
}

impl Provider {
    /// A provider by its settings; it is asked when somebody logs in.
    pub fn new(settings: OidcSettings, http: Arc<HttpClient>) -> Self {
        Self { settings, http, known: RwLock::new(None) }
    }

    fn shown(&self) -> &str {
        if self.settings.name.is_empty() { &self.settings.issuer } else { &self.settings.name }
    }

    /// What is known of it; asked again if that is older than `max`.
    async fn known(&self, now: Timestamp, max: SignedDuration) -> Result<Known, Problem> {
        let kept = self.known.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(known) = kept.filter(|k| now.duration_since(k.at) < max) {
            return Ok(known);
        }
        let issuer = self.settings.issuer.trim_end_matches('/');
        let about: About = self.get(&format!("{issuer}/.well-known/openid-configuration")).await?;
        if about.issuer != self.settings.issuer {
            return Err(unwell(&format!(
                "it calls itself {:?}, the settings call it {:?}",
                about.issuer, self.settings.issuer
            )));
        }
        let all: Keys = self.get(&about.jwks_uri).await?;
        let keys = all.keys.into_iter().filter_map(|key| serde_json::from_value(key).ok()).collect();
        let known = Known { about, keys: Arc::new(keys), at: now };
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Some(known.clone());
        Ok(known)
    }

    async fn get<T: DeserializeOwned>(&self, url: &str) -> Result<T, Problem> {
        let url = url.parse().map_err(|_| unwell(&format!("{url:?} is no address")))?;
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        let reply = self.http.get(&url, headers, DEADLINE).await.map_err(|e| unwell(&e.to_string()))?;
        read(reply.status, &reply.body)
    }

    /// Turns the code into a token. The verifier proves that we are who began the login.
    async fn redeem(&self, about: &About, code: &str, verifier: &str, back: &str) -> Result<Tokens, Problem> {
        let (headers, body) = self.token_request(about, code, verifier, back);
        let url = about.token_endpoint.parse().map_err(|_| unwell("its token endpoint is no address"))?;
        let reply = self.http.post(&url, headers, body, DEADLINE).await.map_err(|e| unwell(&e.to_string()))?;
        read(reply.status, &reply.body)
    }

    fn token_request(&self, about: &About, code: &str, verifier: &str, back: &str) -> (HeaderMap, Vec<u8>) {
        let OidcSettings { client_id, client_secret, .. } = &self.settings;
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "authorization_code")
            .append_pair("code", code)
            .append_pair("redirect_uri", back)
            .append_pair("code_verifier", verifier);
        let mut headers = HeaderMap::new();
        let methods = &about.token_endpoint_auth_methods_supported;
        let basic = methods.is_empty() || methods.iter().any(|m| m == "client_secret_basic");
        if !client_secret.is_empty() && basic {
            let plain = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
            let pair = STANDARD.encode(format!("{}:{}", plain(client_id), plain(client_secret)));
            if let Ok(value) = HeaderValue::from_str(&format!("Basic {pair}")) {
                headers.insert(header::AUTHORIZATION, value);
            }
        } else {
            form.append_pair("client_id", client_id);
            if !client_secret.is_empty() {
                form.append_pair("client_secret", client_secret);
            }
        }
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        (headers, form.finish().into_bytes())
    }

    /// Who the token speaks of. After an unknown key the provider's keys are asked again, once.
    async fn judge(&self, token: &str, known: &Known, nonce: &str, now: Timestamp) -> Result<Claims, Problem> {
        let OidcSettings { issuer, client_id, .. } = &self.settings;
        let expected = Expected { issuer, client_id, nonce };
        let mut judged = verify(token, &known.keys, &expected, now);
        if judged == Err(Fault::UnknownKey) {
            let fresh = self.known(now, ASK_AGAIN).await?;
            judged = verify(token, &fresh.keys, &expected, now);
        }
        judged.map_err(|fault| {
            tracing::warn!(target: "countersign::access", ?fault, "refused: a bad token of the identity provider");
            refused("the answer of the identity provider is not good: try again")
        })
    }

    /// The first of our roles that the claims map to.
    fn role(&self, claims: &Claims) -> Option<Role> {
        let said = texts(&claims.all, &self.settings.role_claim);
        let roles: Vec<Role> = said.iter().filter_map(|text| self.settings.roles.get(*text).copied()).collect();
        Role::ALL.into_iter().find(|role| roles.contains(role))
    }
}

fn read<T: DeserializeOwned>(status: u16, body: &Body) -> Result<T, Problem> {
    match body {
        Body::Whole(bytes) if status == 200 => {
            serde_json::from_slice(bytes).map_err(|_| unwell("its answer cannot be read"))
        }
        _ => Err(unwell(&format!("it answered with status {status}"))),
    }
}

fn unwell(why: &str) -> Problem {
    tracing::warn!(why, "the identity provider cannot be used");
    Problem::new(Kind::Unavailable, "the identity provider does not answer as it should: try again, or use a password")
        .retry_after(10)
}

fn refused(words: &str) -> Problem {
    // Not 401: the page of that status offers the vendors' way in.
    Problem::new(Kind::Forbidden, words)
}

/// What a login remembers until its answer comes.
#[derive(Serialize, Deserialize)]
struct Begun {
    state: String,
    nonce: String,
    verifier: String,
    issuer: String,
    until: Timestamp,
}

impl App {
    fn oidc_cookie(&self) -> &'static str {
        if self.auth().is_secure() { "__Host-countersign-login" } else { "countersign-login" }
    }
    fn begun_cookie(&self, sealed: &str) -> String {
        let secure = if self.auth().is_secure() { "; Secure" } else { "" };
        let age = if sealed.is_empty() { 0 } else { LOGIN_MAX.as_secs() };
        format!("{}={sealed}; Path=/; HttpOnly; SameSite=Lax; Max-Age={age}{secure}", self.oidc_cookie())
    }
    /// Where the provider sends people back: exactly what is registered there.
    fn oidc_back(&self, headers: &HeaderMap) -> String {
        let host = headers.get(header::HOST).and_then(|h| h.to_str().ok()).unwrap_or("localhost");
        let base = self.settings().public_url.clone().unwrap_or_else(|| format!("http://{host}"));
        format!("{}{CALLBACK}", base.trim_end_matches('/'))
    }
}

fn provider(call: &Call) -> Result<&Provider, Problem> {
    call.app().oidc().ok_or_else(|| Problem::new(Kind::NotFound, "no identity provider is set up here"))
}

async fn go(call: Call, _: Nothing) -> Result<Raw, Problem> {
    let (provider, now) = (provider(&call)?, call.now());
    call.app().logins().attempt("identity provider", LOGINS_MAX, now)?;
    let known = provider.known(now, KNOWN_FOR).await?;
    let begun = Begun {
        state: random_secret()?,
        nonce: random_secret()?,
        verifier: random_secret()?,
        issuer: known.about.issuer.clone(),
        until: now + LOGIN_MAX,
    };
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(begun.verifier.as_bytes()));
    let scope =
        std::iter::once("openid").chain(provider.settings.scopes.iter().map(String::as_str)).collect::<Vec<_>>();
    let mut to: reqwest::Url =
        known.about.authorization_endpoint.parse().map_err(|_| unwell("its login page is no address"))?;
    to.query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair("client_id", &provider.settings.client_id)
        .append_pair("redirect_uri", &call.app().oidc_back(call.headers()))
        .append_pair("scope", &scope.join(" "))
        .append_pair("state", &begun.state)
        .append_pair("nonce", &begun.nonce)
        .append_pair("code_challenge", &challenge)
        .append_pair("code_challenge_method", "S256");
    let sealed = Sealer::new(*call.app().office().key()).seal("login", "oidc", &super::call::json(&begun));
    let sealed = sealed.map_err(|e| Problem::new(Kind::Bug, e.to_string()))?;
    let cookie = call.app().begun_cookie(&URL_SAFE_NO_PAD.encode(sealed));
    Ok(onward(to.as_str()).header(header::SET_COOKIE, &cookie))
}

fn onward(to: &str) -> Raw {
    Raw::text("text/html; charset=utf-8", "")
        .status(303)
        .header(header::LOCATION, to)
        .header(header::REFERRER_POLICY, "no-referrer")
}

/// What the provider's answer brings.
#[derive(Deserialize, IntoParams)]
pub(super) struct AnswerQuery {
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    state: Option<String>,
    #[serde(default)]
    iss: Option<String>,
    #[serde(default)]
    error: Option<String>,
}

/// The login that this browser began.
fn begun(call: &Call) -> Option<Begun> {
    let name = call.app().oidc_cookie();
    let cookies = call.headers().get_all(header::COOKIE).iter().filter_map(|v| v.to_str().ok());
    let mut pairs = cookies.flat_map(|all| all.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let (_, text) = pairs.find(|(found, _)| *found == name)?;
    let sealed = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
    let text = Sealer::new(*call.app().office().key()).open("login", "oidc", &sealed).ok()?;
    serde_json::from_str(&text).ok()
}

async fn come_back(call: Call, Query(answer): Query<AnswerQuery>) -> Result<Raw, Problem> {
    let (provider, now) = (provider(&call)?, call.now());
    call.app().logins().attempt("identity provider", LOGINS_MAX, now)?;
    let old = || refused("this login was begun in another browser, or too long ago: begin again");
    let begun = begun(&call).filter(|b| now < b.until).ok_or_else(old)?;
    if !answer.state.as_deref().is_some_and(|state| same_text(state, &begun.state)) {
        return Err(old());
    }
    let known = provider.known(now, KNOWN_FOR).await?;
    // An answer of another provider must not be taken for this one's (RFC 9207).
    let named = answer.iss.as_deref();
    let missing = named.is_none() && known.about.authorization_response_iss_parameter_supported;
    if missing || named.is_some_and(|iss| iss != begun.issuer) || begun.issuer != provider.settings.issuer {
        tracing::warn!(target: "countersign::access", ?named, "refused: an answer of another identity provider");
        return Err(refused("the answer comes from another identity provider: begin again"));
    }
    if let Some(error) = answer.error {
        tracing::info!(target: "countersign::access", error = %error.chars().take(60).collect::<String>(), "the identity provider let nobody in");
        return Err(refused("the identity provider did not let you in"));
    }
    let code = answer.code.ok_or_else(old)?;
    let back = call.app().oidc_back(call.headers());
    let Tokens { id_token } = provider.redeem(&known.about, &code, &begun.verifier, &back).await?;
    let claims = provider.judge(&id_token, &known, &begun.nonce, now).await?;
    let Some(role) = provider.role(&claims) else {
        tracing::warn!(target: "countersign::access", subject = claims.subject, "refused: no role for these claims");
        return Err(refused("you have no role here: ask whoever keeps the groups at the identity provider"));
    };
    let text = |name: &str| claims.all[name].as_str().map(str::to_owned);
    let verified = claims.all["email_verified"].as_bool() == Some(true);
    let mail = text("email").filter(|mail| verified && is_mail(mail));
    let shown = text("preferred_username").or_else(|| text("name")).unwrap_or_else(|| claims.subject.clone());
    let identity = (provider.settings.issuer.clone(), claims.subject);
    let person = call.read(move |store| person_of_identity(store, identity, &shown, role, mail, now)).await?;
    end_outdated(&call, &person).await?;
    let cookie = begin(&call, holder_of(&person)).await?;
    Ok(onward("/console/").header(header::SET_COOKIE, &cookie).header(header::SET_COOKIE, &call.app().begun_cookie("")))
}
