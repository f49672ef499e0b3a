//! From the settings in a source's record to a connector, with a place and a sentence for every fault.
//!
//! The one list of connectors. Does not know where settings or secrets are kept.
//!
//! | type | settings (those in brackets may be left out) |
//! | --- | --- |
//! | `folder` | `outbound`, `inbound`: below the data directory, or absolute; \[`settle_s` 5; `fetch_every_s`, `fetch_within`\] |
//! | `http` | `base`; \[`token` for `Bearer`, or `authorization` whole, as `secret:NAME`; `idempotent` true; `rate_per_s`\] |
//! | `sftp` | `host`, `user`, `host_key` (`SHA256:…`, one or a list), `password` or `key` (\[`passphrase`\]) as `secret:NAME`, `outbound`, `inbound`; \[`port` 22; `after` archive, delete or leave; `archive` folder; `rename` true; `settle_s` 10; `fetch_every_s`, `fetch_within`; `legacy_algorithms` false\] |
//! | `as2` | `url`, `as2_from`, `as2_to`, `identity` (`secret:NAME` of a PEM with private key and certificate; one or a list, each may be `{secret, from}`), `certificates` (the partner's as PEM; likewise with `{pem, from}`); \[`sign` sha-256, `encrypt` aes-256, `compress` none, `mdn` sync, async or none, `mdn_url`, …\] |
//! | `portal` | none |
//!
//! `fetch_every_s` is the shortest pause between two looks, `fetch_within` is `always` or `business_hours` of the source.
//! `fetch(0)` of a connector that was built looks whether the folder or server can be reached, and takes nothing.

use crate::client::HttpClient;
use crate::folder::{FolderConnector, REST_DEFAULT};
use crate::http::{HttpConnector, HttpSettings};
use crate::schedule::{self, FetchSchedule};
use crate::settings::{Fields, SettingsError};
use countersign_engine::source::{Channel, Dialect};
use countersign_runtime::ports::{Connector, Delivery, Found, LiveAvailability, Rendered};
use serde_json::Value;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Longest rest of a file before it is fetched; a partner that writes longer should write under another name first.
const REST_S_MAX: u64 = 3_600;

/// Calls per second that may be set; more is no limit at all.
const RATE_PER_S_MAX: u64 = 100_000;

/// Finds the text behind `secret:NAME`; `None` if there is no such secret.
pub type SecretFinder = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// What connectors are made from, besides their settings.
#[derive(Clone)]
pub struct Context {
    /// Folders given as relative paths lie below it.
    pub data_dir: PathBuf,
    /// The one HTTP client; its guard and its background serve the other connectors, too.
    pub http: Arc<HttpClient>,
    /// Finds the text behind `secret:NAME`.
    pub secret: SecretFinder,
    /// Keeps AS2 messages whose receipt comes later.
    #[cfg(feature = "as2")]
    pub note: crate::as2::Note,
}

/// A connector, and what else it can do.
#[derive(Clone)]
pub struct Assembled {
    /// Carries papers.
    pub connector: Arc<dyn Connector>,
    /// The same one with its async functions, if the vendor has an HTTP server: it can be asked for availability.
    pub http: Option<HttpConnector>,
    /// When it is looked into.
    pub schedule: FetchSchedule,
    /// The same one, if the partner speaks AS2: its messages are opened with it.
    #[cfg(feature = "as2")]
    pub as2: Option<crate::as2::As2Connector>,
}

impl Assembled {
    /// A connector that carries papers and can do nothing else.
    pub fn of(connector: Arc<dyn Connector>) -> Self {
        only(connector)
    }
    /// The live question, where the vendor can be asked.
    pub fn live(&self) -> Option<Arc<dyn LiveAvailability>> {
        self.http.clone().map(|http| Arc::new(http) as Arc<dyn LiveAvailability>)
    }
}

impl std::fmt::Debug for Assembled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Assembled").field("http", &self.http.is_some()).finish_non_exhaustive()
    }
}

/// Makes a connector.
///
/// # Errors
/// The first fault of the settings.
pub fn build(settings: &Value, context: &Context) -> Result<Arc<dyn Connector>, SettingsError> {
    assemble(settings, context).map(|assembled| assembled.connector)
}

/// Makes the connector of a channel. Partners who come to us (portal, our vendor API, a WMS that polls) need none;
/// papers in X12 and EANCOM have to be carried.
///
/// # Errors
/// The first fault of the settings.
pub fn assemble_channel(channel: &Channel, context: &Context) -> Result<Assembled, SettingsError> {
    match (&channel.connector, channel.dialect) {
        (Value::Null, Dialect::Portal | Dialect::Api | Dialect::Wms) => Ok(only(Arc::new(Portal))),
        (settings, _) => assemble(settings, context),
    }
}

/// Makes a connector, with all that it can do.
///
/// # Errors
/// The first fault of the settings.
pub fn assemble(settings: &Value, context: &Context) -> Result<Assembled, SettingsError> {
    match settings.get("type").and_then(Value::as_str) {
        Some("folder") => folder(settings, context),
        Some("http") => http(settings, context),
        Some("portal") => {
            Fields::new(settings, &[], &*context.secret)?;
            Ok(only(Arc::new(Portal)))
        }
        #[cfg(feature = "sftp")]
        Some("sftp") => {
            let settings = crate::sftp::SftpSettings::read(settings, &*context.secret)?;
            let schedule = settings.schedule();
            let connector = crate::sftp::SftpConnector::new(settings, Arc::clone(&context.http), &context.data_dir);
            let connector = connector.map_err(|(field, sentence)| SettingsError::at(field, sentence))?;
            Ok(Assembled { schedule, ..only(Arc::new(connector)) })
        }
        #[cfg(not(feature = "sftp"))]
        Some("sftp") => {
            Err(SettingsError::at("type", "this build has no SFTP; take one that was built with the feature sftp"))
        }
        #[cfg(feature = "as2")]
        Some("as2") => {
            let settings = crate::as2::As2Settings::read(settings, &*context.secret)?;
            let connector =
                crate::as2::As2Connector::new(settings, Arc::clone(&context.http), Arc::clone(&context.note));
            let connector = connector.map_err(|(field, sentence)| SettingsError::at(field, sentence))?;
            Ok(Assembled { as2: Some(connector.clone()), ..only(Arc::new(connector)) })
        }
        #[cfg(not(feature = "as2"))]
        Some("as2") => {
            Err(SettingsError::at("type", "this build has no AS2; take one that was built with the feature as2"))
        }
        Some(other) => {
            Err(SettingsError::at("type", format!("{other:?} is no connector; known: as2, folder, http, portal, sftp")))
        }
        None => Err(SettingsError::at("type", "type is missing; known: as2, folder, http, portal, sftp")),
    }
}

fn only(connector: Arc<dyn Connector>) -> Assembled {
    Assembled {
        connector,
        http: None,
        schedule: FetchSchedule::default(),
        #[cfg(feature = "as2")]
        as2: None,
    }
}

fn folder(settings: &Value, context: &Context) -> Result<Assembled, SettingsError> {
    let known = [&["outbound", "inbound", "settle_s"][..], &schedule::FIELDS].concat();
    let fields = Fields::new(settings, &known, &*context.secret)?;
    let outbound = place(&fields, "outbound", &context.data_dir)?;
    let inbound = place(&fields, "inbound", &context.data_dir)?;
    if outbound == inbound {
        let sentence = "inbound must not be the folder that outbound is: we would read our own papers";
        return Err(SettingsError::at("inbound", sentence));
    }
    let rest = Duration::from_secs(fields.number("settle_s", 0..=REST_S_MAX, REST_DEFAULT.as_secs())?);
    let connector = FolderConnector::new(outbound, inbound, rest);
    let connector = connector.map_err(|(field, sentence)| SettingsError::at(field, sentence))?;
    Ok(Assembled { schedule: FetchSchedule::read(&fields)?, ..only(Arc::new(connector)) })
}

/// A folder below the data directory, or an absolute one; never one that climbs out of the data directory.
fn place(fields: &Fields<'_>, field: &str, data_dir: &Path) -> Result<PathBuf, SettingsError> {
    let text = fields.text(field)?;
    if text.contains('\0') || Path::new(&text).components().any(|part| part == Component::ParentDir) {
        return Err(SettingsError::at(
            field,
            format!("{field} must not hold \"..\"; give a path below the data directory"),
        ));
    }
    Ok(data_dir.join(text))
}

fn http(settings: &Value, context: &Context) -> Result<Assembled, SettingsError> {
    let known = ["base", "token", "authorization", "idempotent", "rate_per_s"];
    let fields = Fields::new(settings, &known, &*context.secret)?;
    let base = fields.text("base")?;
    let base = base.parse().map_err(|error| SettingsError::at("base", format!("{base:?} is no address: {error}")))?;
    let authorization = match (fields.secret("token")?, fields.secret("authorization")?) {
        (Some(_), Some(_)) => {
            return Err(SettingsError::at("authorization", "give token or authorization, not both"));
        }
        (Some(token), None) => Some(format!("Bearer {}", token.trim())),
        (None, whole) => whole.map(|whole| whole.trim().to_owned()),
    };
    let rate = fields.number("rate_per_s", 0..=RATE_PER_S_MAX, 0)?;
    let rate_per_s = u32::try_from(rate).ok().filter(|rate| *rate > 0);
    let idempotent = fields.flag("idempotent", true)?;
    let connector =
        HttpConnector::new(Arc::clone(&context.http), HttpSettings { base, authorization, idempotent, rate_per_s })
            .map_err(|(field, sentence)| SettingsError::at(field, sentence))?;
    Ok(Assembled { http: Some(connector.clone()), ..only(Arc::new(connector)) })
}

/// Partners who come to us: the paper is delivered by being there to be looked at, which proves nothing yet.
#[derive(Debug)]
struct Portal;

impl Connector for Portal {
    fn deliver(&self, _id: &str, _paper: &Rendered, _deadline: Duration) -> Delivery {
        Delivery::Done { receipt: false, answer: None }
    }

    fn idempotent(&self) -> bool {
        true
    }

    fn fetch(&self, _limit: usize) -> Result<Vec<Found>, String> {
        Ok(Vec::new())
    }

    fn taken(&self, _name: &str) -> Result<(), String> {
        Ok(())
    }
}
