//! Settings: defaults, then one TOML file, then `COUNTERSIGN_…` variables, then flags. A secret may be a file path.

use crate::installation::{self, Secret};
use anyhow::{Context, Result, bail};
use clap::Args;
use countersign_engine::command::Role;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// The embedded store, in the data folder.
pub const STORE_FILE: &str = "countersign.sqlite";

/// The flags that all commands share.
#[derive(Debug, Clone, Default, Args)]
pub struct Common {
    /// Where store, keys and folders are kept [default: ./countersign-data]
    #[arg(long, value_name = "DIR", env = "COUNTERSIGN_DATA", global = true)]
    pub data: Option<PathBuf>,
    /// Address to answer on; port 0 picks a free one [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR", env = "COUNTERSIGN_LISTEN", global = true)]
    pub listen: Option<SocketAddr>,
    /// Settings file (TOML)
    #[arg(long, value_name = "FILE", env = "COUNTERSIGN_CONFIG", global = true)]
    pub config: Option<PathBuf>,
    /// PostgreSQL instead of the embedded store: postgres://user:password@host/name?sslmode=require
    #[arg(long, value_name = "URL", env = "COUNTERSIGN_DATABASE", global = true, hide_env_values = true)]
    pub database: Option<String>,
    /// File with the installation's secret, 64 hexadecimal digits [default: DATA/installation.key, made at first start]
    #[arg(long, value_name = "FILE", env = "COUNTERSIGN_KEY_FILE", global = true)]
    pub key_file: Option<PathBuf>,
    /// Address under which people reach the service, for links in mails [default: http://LISTEN]
    #[arg(long, value_name = "URL", env = "COUNTERSIGN_PUBLIC_URL", global = true)]
    pub public_url: Option<String>,
    /// Server that takes our mail: smtps://user:password@host, smtp://host (STARTTLS), smtp://localhost:25?tls=none
    #[arg(long, value_name = "URL", env = "COUNTERSIGN_SMTP_URL", global = true, hide_env_values = true)]
    pub smtp_url: Option<String>,
    /// File that holds it instead
    #[arg(long, value_name = "FILE", env = "COUNTERSIGN_SMTP_URL_FILE", global = true)]
    pub smtp_url_file: Option<PathBuf>,
    /// In whose name mail goes out: "Shop <orders@shop.example>"
    #[arg(long, value_name = "ADDRESS", env = "COUNTERSIGN_MAIL_FROM", global = true)]
    pub mail_from: Option<String>,
    /// Networks or hosts that vendor endpoints may lie in although they are private, comma separated (10.1.0.0/16)
    #[arg(long, value_name = "LIST", env = "COUNTERSIGN_ALLOW_PRIVATE", global = true, value_delimiter = ',')]
    pub allow_private: Vec<String>,
    /// Seconds between two looks into folders and SFTP servers [default: 5]
    #[arg(long, value_name = "S", env = "COUNTERSIGN_FETCH_SECONDS", global = true)]
    pub fetch_seconds: Option<f64>,
}

/// The settings file: the same names as the flags.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileSettings {
    data: Option<PathBuf>,
    listen: Option<SocketAddr>,
    database: Option<String>,
    database_file: Option<PathBuf>,
    key_file: Option<PathBuf>,
    public_url: Option<String>,
    smtp_url: Option<String>,
    smtp_url_file: Option<PathBuf>,
    mail_from: Option<String>,
    oidc: Option<OidcSettings>,
    #[serde(default)]
    allow_private: Vec<String>,
    fetch_seconds: Option<f64>,
}

/// The identity provider of the retailer's people (OpenID Connect).
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OidcSettings {
    /// Its issuer, exactly as its tokens name it.
    pub issuer: String,
    /// How it knows us.
    pub client_id: String,
    /// What proves that; empty for a public client.
    #[serde(default)]
    pub client_secret: String,
    /// File that holds it instead.
    #[serde(default)]
    client_secret_file: Option<PathBuf>,
    /// Shown on the button.
    #[serde(default)]
    pub name: String,
    /// The claim that tells roles: a text or a list of texts. A dotted path reaches into it (`realm_access.roles`).
    pub role_claim: String,
    /// From the claim's values to roles; the first that fits, in the order of the roles in the documentation.
    pub roles: BTreeMap<String, Role>,
    /// Asked for besides `openid`.
    #[serde(default)]
    pub scopes: Vec<String>,
}

impl std::fmt::Debug for OidcSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} as {}", self.issuer, self.client_id)
    }
}

impl OidcSettings {
    fn resolved(mut self) -> Result<Self> {
        let given = Some(self.client_secret).filter(|s| !s.is_empty());
        self.client_secret =
            secret("oidc.client_secret_file", given, self.client_secret_file.take())?.unwrap_or_default();
        if self.roles.values().any(|role| *role == Role::Vendor) {
            bail!("oidc.roles: people of vendors do not come from the retailer's identity provider");
        }
        if self.roles.is_empty() {
            bail!("oidc.roles is empty: nobody could log in");
        }
        Ok(self)
    }
}

/// Settings as they rule.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where store, keys and folders are kept.
    pub data: PathBuf,
    /// Address to answer on.
    pub listen: SocketAddr,
    /// PostgreSQL, if not the embedded store.
    pub database: Option<String>,
    /// The secret in the installation's key file.
    pub key: Secret,
    /// That file.
    pub key_file: PathBuf,
    /// Address under which people reach the service, if told.
    pub public_url: Option<String>,
    /// The server that takes our mail, and in whose name; no mail goes out without both.
    pub mail: Option<(String, String)>,
    /// The identity provider of the retailer's people, if there is one.
    pub oidc: Option<OidcSettings>,
    /// Private networks and hosts that connectors may reach.
    pub allow_private: Vec<String>,
    /// Seconds between two looks into folders and SFTP servers.
    pub fetch_seconds: f64,
}

/// Where a command was sent, nobody has set anything up: most likely the name is mistyped.
#[derive(Debug, thiserror::Error)]
#[error(
    "there is no installation in {place}: {lacking}. Name its place by --data or --database; `countersign serve` makes a new one"
)]
pub struct NoInstallation {
    place: String,
    lacking: String,
}

impl Common {
    /// Merges all layers and makes the data folder and the key if they are not there.
    ///
    /// # Errors
    /// A layer cannot be read; says which and where.
    pub fn resolve(&self) -> Result<Config> {
        self.layered(|data, key_file, _| {
            fs::create_dir_all(data).with_context(|| format!("the data folder {} cannot be made", data.display()))?;
            installation::read_or_make(key_file)
        })
    }

    /// Merges all layers for a command that needs an installation: it makes none.
    ///
    /// # Errors
    /// A layer cannot be read, or [`NoInstallation`].
    pub fn resolve_existing(&self) -> Result<Config> {
        self.layered(|data, key_file, database| {
            let (place, name) = match database {
                Some(url) => (url.to_owned(), "this database".to_owned()),
                None => (data.join(STORE_FILE).display().to_string(), data.display().to_string()),
            };
            if !countersign_store::is_set_up(&place)? {
                bail!(NoInstallation { place: name, lacking: "no store was ever made there".into() });
            }
            if !key_file.exists() {
                let lacking = format!("its key file {} is not there (--key-file names another)", key_file.display());
                bail!(NoInstallation { place: name, lacking });
            }
            installation::read_or_make(key_file)
        })
    }

    /// `key` finds the installation's secret, given the data folder, the key file and the database.
    fn layered(&self, key: impl FnOnce(&Path, &Path, Option<&str>) -> Result<Secret>) -> Result<Config> {
        let file = match &self.config {
            Some(path) => read_file(path)?,
            None => FileSettings::default(),
        };
        let data = self.data.clone().or(file.data).unwrap_or_else(|| PathBuf::from("countersign-data"));
        let database = secret("database_file", self.database.clone().or(file.database), file.database_file)?;
        if let Some(url) = &database
            && !countersign_store::is_postgres(url)
        {
            bail!(
                "database is no address of PostgreSQL: it starts with postgres:// or postgresql://; the embedded store is chosen by leaving it out, its place by --data"
            );
        }
        let smtp_file = self.smtp_url_file.clone().or(file.smtp_url_file);
        let smtp_url = secret("smtp_url_file", self.smtp_url.clone().or(file.smtp_url), smtp_file)?;
        let mail = match (smtp_url, self.mail_from.clone().or(file.mail_from)) {
            (Some(url), Some(from)) => Some((url, from)),
            (None, None) => None,
            (Some(_), None) => bail!("smtp_url is set and mail_from is not: say in whose name mail goes out"),
            (None, Some(_)) => bail!("mail_from is set and smtp_url is not: name the server that takes our mail"),
        };
        let key_file = self.key_file.clone().or(file.key_file).unwrap_or_else(|| data.join("installation.key"));
        let listen = self.listen.or(file.listen).unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8080)));
        let mut allow_private = self.allow_private.clone();
        allow_private.extend(file.allow_private);
        Ok(Config {
            key: key(&data, &key_file, database.as_deref())?,
            key_file,
            data,
            listen,
            database,
            public_url: self.public_url.clone().or(file.public_url),
            mail,
            oidc: file.oidc.map(OidcSettings::resolved).transpose()?,
            allow_private,
            fetch_seconds: self.fetch_seconds.or(file.fetch_seconds).unwrap_or(5.0).clamp(0.1, 3600.0),
        })
    }
}

impl Config {
    /// What the store opens: a PostgreSQL URL or the embedded file.
    pub fn store_location(&self) -> String {
        self.database.clone().unwrap_or_else(|| self.data.join(STORE_FILE).display().to_string())
    }
}

/// A secret as it stands in a setting, or in the file that another setting names.
fn secret(name: &str, value: Option<String>, file: Option<PathBuf>) -> Result<Option<String>> {
    match (value, file) {
        (Some(value), _) => Ok(Some(value)),
        (None, Some(path)) => {
            let text = fs::read_to_string(&path).with_context(|| format!("{name} {}", path.display()))?;
            Ok(Some(text.trim().to_owned()))
        }
        (None, None) => Ok(None),
    }
}

fn read_file(path: &Path) -> Result<FileSettings> {
    let text = fs::read_to_string(path).with_context(|| format!("settings file {}", path.display()))?;
    toml::from_str(&text).with_context(|| format!("settings file {}", path.display()))
}

/// Fills a buffer with random bytes of the operating system.
///
/// # Errors
/// The system has none to give.
pub fn fill_random(bytes: &mut [u8]) -> Result<()> {
    getrandom::fill(bytes).map_err(|e| anyhow::anyhow!("the system gave no random bytes: {e}"))
}
