//! Settings: defaults, then one TOML file, then `COUNTERSIGN_…` variables, then flags. A secret may be a file path.

use anyhow::{Context, Result, bail};
use clap::Args;
use serde::Deserialize;
use std::fs;
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

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
    /// PostgreSQL instead of the embedded store: postgres://user:password@host/name
    #[arg(long, value_name = "URL", env = "COUNTERSIGN_DATABASE", global = true, hide_env_values = true)]
    pub database: Option<String>,
    /// File with the installation's secret, 64 hexadecimal digits [default: DATA/installation.key, made at first start]
    #[arg(long, value_name = "FILE", env = "COUNTERSIGN_KEY_FILE", global = true)]
    pub key_file: Option<PathBuf>,
    /// Address under which people reach the service, for links in mails [default: http://LISTEN]
    #[arg(long, value_name = "URL", env = "COUNTERSIGN_PUBLIC_URL", global = true)]
    pub public_url: Option<String>,
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
    #[serde(default)]
    allow_private: Vec<String>,
    fetch_seconds: Option<f64>,
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
    /// The installation's secret.
    pub key: [u8; 32],
    /// Address under which people reach the service, if told.
    pub public_url: Option<String>,
    /// Private networks and hosts that connectors may reach.
    pub allow_private: Vec<String>,
    /// Seconds between two looks into folders and SFTP servers.
    pub fetch_seconds: f64,
}

impl Common {
    /// Merges all layers and makes the data folder and the key if they are not there.
    ///
    /// # Errors
    /// A layer cannot be read; says which and where.
    pub fn resolve(&self) -> Result<Config> {
        let file = match &self.config {
            Some(path) => read_file(path)?,
            None => FileSettings::default(),
        };
        let data = self.data.clone().or(file.data).unwrap_or_else(|| PathBuf::from("countersign-data"));
        fs::create_dir_all(&data).with_context(|| format!("the data folder {} cannot be made", data.display()))?;
        let database = match (&self.database, file.database, file.database_file) {
            (Some(url), ..) => Some(url.clone()),
            (None, Some(url), _) => Some(url),
            (None, None, Some(path)) => Some(
                fs::read_to_string(&path)
                    .with_context(|| format!("database_file {}", path.display()))?
                    .trim()
                    .to_owned(),
            ),
            (None, None, None) => None,
        };
        let key_file = self.key_file.clone().or(file.key_file).unwrap_or_else(|| data.join("installation.key"));
        let listen = self.listen.or(file.listen).unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8080)));
        let mut allow_private = self.allow_private.clone();
        allow_private.extend(file.allow_private);
        Ok(Config {
            key: installation_key(&key_file)?,
            data,
            listen,
            database,
            public_url: self.public_url.clone().or(file.public_url),
            allow_private,
            fetch_seconds: self.fetch_seconds.or(file.fetch_seconds).unwrap_or(5.0).clamp(0.1, 3600.0),
        })
    }
}

impl Config {
    /// What the store opens: a PostgreSQL URL or the embedded file.
    pub fn store_location(&self) -> String {
        self.database.clone().unwrap_or_else(|| self.data.join("countersign.sqlite").display().to_string())
    }
}

fn read_file(path: &Path) -> Result<FileSettings> {
    let text = fs::read_to_string(path).with_context(|| format!("settings file {}", path.display()))?;
    toml::from_str(&text).with_context(|| format!("settings file {}", path.display()))
}

/// Reads the installation's secret, or makes one that only its owner can read.
fn installation_key(path: &Path) -> Result<[u8; 32]> {
    if let Ok(text) = fs::read_to_string(path) {
        let mut key = [0; 32];
        if hex::decode_to_slice(text.trim(), &mut key).is_err() {
            bail!(
                "{} must hold 64 hexadecimal digits: restore it from your backup; without it sealed secrets cannot be opened",
                path.display()
            );
        }
        return Ok(key);
    }
    let mut key = [0; 32];
    fill_random(&mut key)?;
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).with_context(|| format!("the key file {} cannot be made", path.display()))?;
    writeln!(file, "{}", hex::encode(key))?;
    file.sync_all()?;
    Ok(key)
}

/// Fills a buffer with random bytes of the operating system.
///
/// # Errors
/// The system has none to give.
pub fn fill_random(bytes: &mut [u8]) -> Result<()> {
    getrandom::fill(bytes).map_err(|e| anyhow::anyhow!("the system gave no random bytes: {e}"))
}
