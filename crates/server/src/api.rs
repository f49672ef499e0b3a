//! The API: one file per resource, one line per call. Each call names its method, path, permission and words next to its
//! function, and its types describe themselves, so that routes, permissions and documentation cannot drift apart.
//!
//! Knows HTTP and the office; decides nothing.

mod announce;
mod approvals;
mod as2;
mod audit;
mod backtests;
mod calibration;
mod cases;
mod choices;
mod clocks;
mod connections;
mod docs;
mod documents;
mod events;
mod histories;
mod imports;
mod keys;
mod legacy;
mod master;
mod messages;
mod oidc;
mod operation;
mod orders;
mod policies;
pub(crate) mod portal;
mod purchase_orders;
mod quarantine;
mod quotes;
mod rehearsals;
mod reports;
mod session;
mod snoozes;
mod vendor;
mod views;
mod waits;
mod webhooks;

pub mod call;
pub mod input;
pub mod output;
pub mod route;

use crate::auth::{Auth, Throttle};
use crate::config::OidcSettings;
use crate::console;
use crate::office::Office;
use crate::openapi;
use axum::Router;
use axum::extract::Request;
use countersign_runtime::ports::StoreError;
use route::{Api, Described};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, Semaphore};

/// How often keys and sessions made or revoked by another process are noticed.
const REFRESH: Duration = Duration::from_secs(2);
/// How often the use of keys is written down.
const NOTE_USE: Duration = Duration::from_secs(60);

/// Passwords that are hashed at the same time.
const HASHING_MAX: usize = 4;

/// How the HTTP side is set up.
#[derive(Debug, Clone, Default)]
pub struct HttpSettings {
    /// The address under which people reach it (`https://orders.example.com`), if known; names the source of events.
    pub public_url: Option<String>,
    /// Ready logins without passwords: for the demo world only.
    pub demo: bool,
    /// True if a server takes our mail.
    pub mail: bool,
    /// The identity provider of the retailer's people, if there is one.
    pub oidc: Option<OidcSettings>,
}

/// What every call can reach. Cheap to copy.
#[derive(Clone)]
pub struct App(Arc<Parts>);

struct Parts {
    office: Office,
    auth: Arc<Auth>,
    settings: HttpSettings,
    waits: waits::Waits,
    /// Rung when a file was sent in.
    imports: Arc<Notify>,
    backtests: backtests::Backtests,
    documents: openapi::Documents,
    logins: Throttle,
    oidc: Option<oidc::Provider>,
    /// Passwords being hashed: each takes 19 MiB and a processor.
    hashing: Semaphore,
}

impl App {
    /// Sets the HTTP side up over an office; call it inside the runtime that serves.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn new(office: Office, settings: HttpSettings) -> Result<Self, StoreError> {
        let secure = settings.public_url.as_ref().is_some_and(|url| url.starts_with("https://"));
        let auth = Arc::new(Auth::open(office.store().clone(), secure)?);
        let documents = openapi::Documents::new(&described());
        let http = office.registry().map(|registry| registry.http().clone());
        let oidc = settings.oidc.clone().zip(http).map(|(provider, http)| oidc::Provider::new(provider, http));
        let app = Self(Arc::new(Parts {
            oidc,
            waits: waits::Waits::start(&office),
            office,
            auth,
            settings,
            imports: Arc::default(),
            backtests: backtests::Backtests::default(),
            documents,
            logins: Throttle::default(),
            hashing: Semaphore::new(HASHING_MAX),
        }));
        tokio::spawn(keep_auth_fresh(Arc::downgrade(&app.0)));
        tokio::spawn(backtests::sweep(app.office().clone()));
        tokio::spawn(imports::jobs::run(Arc::downgrade(&app.0), app.0.imports.clone()));
        Ok(app)
    }

    /// The office.
    pub fn office(&self) -> &Office {
        &self.0.office
    }
    /// Keys and sessions.
    pub fn auth(&self) -> &Auth {
        &self.0.auth
    }
    /// The settings.
    pub fn settings(&self) -> &HttpSettings {
        &self.0.settings
    }
    pub(crate) fn waits(&self) -> &waits::Waits {
        &self.0.waits
    }
    pub(crate) fn imports(&self) -> &Notify {
        &self.0.imports
    }
    pub(crate) fn backtests(&self) -> &backtests::Backtests {
        &self.0.backtests
    }
    pub(crate) fn documents(&self) -> &openapi::Documents {
        &self.0.documents
    }
    pub(crate) fn oidc(&self) -> Option<&oidc::Provider> {
        self.0.oidc.as_ref()
    }
    pub(crate) fn hashing(&self) -> &Semaphore {
        &self.0.hashing
    }
    pub(crate) fn logins(&self) -> &Throttle {
        &self.0.logins
    }

    /// The service: all calls, the console, the pages.
    pub fn router(&self) -> Router {
        let app = self.clone();
        let fallback = move |request: Request| {
            let app = app.clone();
            async move { route::unrouted(&app, request) }
        };
        all().into_router().merge(console::router()).fallback(fallback.clone()).with_state(self.clone())
    }
}

/// Every call, in the order of the documentation.
fn all() -> Api {
    let mut api = Api::default();
    master::routes(&mut api);
    connections::routes(&mut api);
    imports::routes(&mut api);
    backtests::routes(&mut api);
    histories::routes(&mut api);
    calibration::routes(&mut api);
    quotes::routes(&mut api);
    orders::routes(&mut api);
    purchase_orders::routes(&mut api);
    documents::routes(&mut api);
    cases::routes(&mut api);
    approvals::routes(&mut api);
    choices::routes(&mut api);
    clocks::routes(&mut api);
    policies::routes(&mut api);
    rehearsals::routes(&mut api);
    reports::routes(&mut api);
    events::routes(&mut api);
    webhooks::routes(&mut api);
    audit::routes(&mut api);
    quarantine::routes(&mut api);
    session::routes(&mut api);
    views::routes(&mut api);
    oidc::routes(&mut api);
    keys::routes(&mut api);
    legacy::routes(&mut api);
    vendor::routes(&mut api);
    messages::routes(&mut api);
    announce::routes(&mut api);
    portal::routes(&mut api);
    as2::routes(&mut api);
    operation::routes(&mut api);
    docs::routes(&mut api);
    api
}

/// What every call says of itself.
pub fn described() -> Vec<Described> {
    all().described
}

async fn keep_auth_fresh(parts: std::sync::Weak<Parts>) {
    let mut since_noted = Duration::ZERO;
    loop {
        tokio::time::sleep(REFRESH).await;
        let Some(parts) = parts.upgrade() else { return };
        since_noted += REFRESH;
        let note = since_noted >= NOTE_USE;
        if note {
            since_noted = Duration::ZERO;
        }
        let (auth, now) = (parts.auth.clone(), parts.office.now());
        let done = parts
            .office
            .read(move |_| {
                auth.refresh()?;
                if note { auth.note_use(now) } else { Ok(()) }
            })
            .await;
        if let Err(error) = done {
            tracing::warn!(%error, "keys and sessions could not be read again");
        }
    }
}
