//! Papers over SFTP: we log in at the partner's server, put papers into one folder and fetch them from another.
//!
//! Knows SFTP's ways and the servers' poor ones: no rename (then written under the final name), no removing (then
//! remembered in a journal here), no trustworthy clock (then two looks tell whether a file still grows).

mod journal;
mod session;

use crate::client::HttpClient;
use crate::folder::{FILE_BYTES_MAX, too_large};
use crate::names::{PART, fetchable, is_file_name, numbered, outgoing};
use crate::schedule::FetchSchedule;
use crate::settings::{Fields, Secrets, SettingsError};
use crate::settle::{Look, Settle};
use countersign_runtime::ports::{Connector, Delivery, Found, Rendered};
use journal::{Journal, Shape};
use russh_sftp::client::error::Error;
use russh_sftp::client::{SftpSession, fs::Metadata};
use russh_sftp::protocol::StatusCode;
use session::{Login, Session};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::future::Future;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// One fetch may last this long; the next one goes on.
const FETCH_MAX: Duration = Duration::from_secs(300);

/// Taking one file may last this long.
const TAKE_MAX: Duration = Duration::from_secs(60);

/// Bytes of one fetch together; the rest comes with the next one.
const FETCH_BYTES_MAX: u64 = 128 * 1024 * 1024;

/// Names tried in the archive; a partner that reuses one name this often has a fault.
const ARCHIVE_TRIES_MAX: u32 = 1_000;

/// Files rest this long before they are fetched, unless the settings say otherwise: partners upload over slow lines.
const REST_S_DEFAULT: u64 = 10;

/// Longest rest that may be set.
const REST_S_MAX: u64 = 3_600;

/// What happens at the server to a file whose bytes are durable here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum After {
    /// It moves into the archive folder.
    Archive,
    /// It is removed.
    Delete,
    /// It stays, and is remembered here.
    Leave,
}

/// What the connector is told.
#[derive(Debug, Clone)]
pub struct SftpSettings {
    login: Login,
    outbound: String,
    inbound: String,
    archive: String,
    after: After,
    rename: bool,
    rest: Duration,
    schedule: FetchSchedule,
}

impl SftpSettings {
    /// When the server is looked into.
    pub fn schedule(&self) -> FetchSchedule {
        self.schedule
    }

    /// Reads the settings as they stand in a source's record.
    ///
    /// # Errors
    /// The first fault.
    pub fn read(settings: &serde_json::Value, secrets: Secrets<'_>) -> Result<Self, SettingsError> {
        let known = [
            "host",
            "port",
            "user",
            "host_key",
            "password",
            "key",
            "passphrase",
            "outbound",
            "inbound",
            "archive",
            "after",
            "rename",
            "settle_s",
            "legacy_algorithms",
            "fetch_every_s",
            "fetch_within",
        ];
        let fields = Fields::new(settings, &known, secrets)?;
        let inbound = fields.text("inbound")?;
        let outbound = fields.text("outbound")?;
        if outbound.trim_end_matches('/') == inbound.trim_end_matches('/') {
            let sentence = "inbound must not be the folder that outbound is: we would read our own papers";
            return Err(SettingsError::at("inbound", sentence));
        }
        let after = match fields.word("after", &["archive", "delete", "leave"])? {
            "delete" => After::Delete,
            "leave" => After::Leave,
            _ => After::Archive,
        };
        Ok(Self {
            login: login(&fields)?,
            archive: fields.optional_text("archive")?.unwrap_or_else(|| join(&inbound, "archive")),
            outbound,
            inbound,
            after,
            rename: fields.flag("rename", true)?,
            rest: Duration::from_secs(fields.number("settle_s", 0..=REST_S_MAX, REST_S_DEFAULT)?),
            schedule: FetchSchedule::read(&fields)?,
        })
    }
}

fn login(fields: &Fields<'_>) -> Result<Login, SettingsError> {
    let host_keys = fields.texts("host_key")?;
    if host_keys.is_empty() {
        let how = "host_key is missing; pin the server's key, which the partner tells and \
                   `ssh-keyscan HOST | ssh-keygen -lf -` shows, for example SHA256:…";
        return Err(SettingsError::at("host_key", how));
    }
    if let Some(bad) = host_keys.iter().find(|key| !is_fingerprint(key)) {
        let sentence = format!("{bad:?} is no fingerprint; it is SHA256: and 43 characters");
        return Err(SettingsError::at("host_key", sentence));
    }
    let passphrase = fields.secret("passphrase")?;
    let key = match fields.secret("key")? {
        None => None,
        Some(text) => {
            Some(Arc::new(russh::keys::decode_secret_key(&text, passphrase.as_deref()).map_err(|error| {
                let why = format!("the secret holds no private key that can be read (OpenSSH, PEM or PPK): {error}");
                SettingsError::at("key", why)
            })?))
        }
    };
    let password = fields.secret("password")?.map(|text| text.trim_end_matches(['\r', '\n']).to_owned());
    if key.is_none() && password.is_none() {
        return Err(SettingsError::at("key", "give key or password, as \"secret:NAME\""));
    }
    Ok(Login {
        host: fields.text("host")?,
        port: u16::try_from(fields.number("port", 1..=65_535, 22)?).unwrap_or(22),
        user: fields.text("user")?,
        host_keys,
        password,
        key,
        legacy_algorithms: fields.flag("legacy_algorithms", false)?,
    })
}

fn is_fingerprint(text: &str) -> bool {
    let Some(hash) = text.strip_prefix("SHA256:") else { return false };
    let hash = hash.trim_end_matches('=');
    hash.len() == 43 && hash.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
}

/// The connector.
#[derive(Clone)]
pub struct SftpConnector {
    inner: Arc<Inner>,
}

impl std::fmt::Debug for SftpConnector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SftpConnector({:?})", self.inner.settings)
    }
}

struct Inner {
    settings: SftpSettings,
    http: Arc<HttpClient>,
    /// The open connection; taken out while it is used, so that a call that is given up closes it.
    session: tokio::sync::Mutex<Option<Session>>,
    /// The server was found to refuse renaming.
    cannot_rename: AtomicBool,
    started: Instant,
    desk: Mutex<Desk>,
}

/// What is remembered between calls.
struct Desk {
    settle: Settle,
    fetched: BTreeMap<String, Shape>,
    journal: Journal,
}

/// Why an operation failed: `Gone` closes the connection, and is worth one more try on a new one.
enum Fault {
    Gone(String),
    Said(String),
}

impl SftpConnector {
    /// Makes the connector; nothing is called yet. The journal of taken files lies below the data directory.
    ///
    /// # Errors
    /// The name of the faulty setting, and a sentence that says what to mend.
    pub fn new(settings: SftpSettings, http: Arc<HttpClient>, data_dir: &Path) -> Result<Self, (&'static str, String)> {
        let login = &settings.login;
        let place = format!("{}@{}:{}|{}", login.user, login.host, login.port, settings.inbound);
        let hash = Sha256::digest(place.as_bytes());
        let name: String = hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        let path = data_dir.join("sftp-taken").join(format!("{name}.jsonl"));
        let journal = Journal::open(path.clone())
            .map_err(|error| ("inbound", format!("the journal {} cannot be read: {error}", path.display())))?;
        let desk = Mutex::new(Desk { settle: Settle::new(settings.rest), fetched: BTreeMap::new(), journal });
        let inner = Inner {
            cannot_rename: AtomicBool::new(!settings.rename),
            settings,
            http,
            session: tokio::sync::Mutex::new(None),
            started: Instant::now(),
            desk,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Hands over one paper, without blocking the thread.
    pub async fn deliver_async(&self, id: &str, paper: &Rendered, deadline: Duration) -> Delivery {
        let inner = &*self.inner;
        let name = &outgoing(id, &paper.name);
        let put = inner.with_session(deadline, |sftp| async move { inner.put(&sftp, name, &paper.bytes).await });
        match put.await {
            Ok(()) => Delivery::Done { receipt: false, answer: None },
            Err(why) => Delivery::Failed { why },
        }
    }

    /// Fetches what lies ready, without blocking the thread.
    ///
    /// # Errors
    /// A sentence that says what is wrong with the server or a file.
    pub async fn fetch_async(&self, limit: usize) -> Result<Vec<Found>, String> {
        let inner = &*self.inner;
        inner.with_session(FETCH_MAX, |sftp| async move { inner.gather(&sftp, limit).await }).await
    }

    /// Archives, removes or remembers a file, without blocking the thread.
    ///
    /// # Errors
    /// A sentence that says what is wrong with the server.
    pub async fn taken_async(&self, name: &str) -> Result<(), String> {
        let inner = &*self.inner;
        if !is_file_name(name) {
            return Err(format!("{name:?} is not the name of a file in {}", inner.settings.inbound));
        }
        let read = inner.desk().fetched.remove(name);
        let cleared = match inner.settings.after {
            After::Leave => false,
            After::Archive | After::Delete => {
                inner.with_session(TAKE_MAX, |sftp| async move { inner.clear(&sftp, name, read).await }).await?
            }
        };
        match read {
            Some(shape) if !cleared => {
                let added = inner.desk().journal.add(name, shape);
                added.map_err(|error| format!("that {name} was taken cannot be written down: {error}"))
            }
            _ => Ok(()),
        }
    }
}

impl Inner {
    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs one operation on the open connection, or on a new one; once more if an old connection proved to be gone.
    async fn with_session<T, F>(
        &self,
        deadline: Duration,
        operation: impl Fn(Arc<SftpSession>) -> F,
    ) -> Result<T, String>
    where
        F: Future<Output = Result<T, Fault>>,
    {
        let work = async {
            let mut place = self.session.lock().await;
            let mut old = place.take().filter(|session| !session.is_closed());
            loop {
                let reused = old.is_some();
                let session = match old.take() {
                    Some(session) => session,
                    None => session::connect(&self.settings.login, self.http.guard()).await?,
                };
                match operation(Arc::clone(&session.sftp)).await {
                    Err(Fault::Gone(why)) if reused => tracing::debug!(why, "an SFTP connection was gone"),
                    Err(Fault::Gone(why)) => return Err(why),
                    Err(Fault::Said(why)) => {
                        *place = Some(session);
                        return Err(why);
                    }
                    Ok(done) => {
                        *place = Some(session);
                        return Ok(done);
                    }
                }
            }
        };
        let timed_out = |_| Err(format!("{} did not finish within {} s", self.settings.login.host, deadline.as_secs()));
        tokio::time::timeout(deadline, work).await.unwrap_or_else(timed_out)
    }

    async fn put(&self, sftp: &SftpSession, name: &str, bytes: &[u8]) -> Result<(), Fault> {
        let whole = join(&self.settings.outbound, name);
        if size(sftp, &whole).await? == Some(bytes.len() as u64) {
            // An earlier try got this far: the same id has the same bytes.
            return Ok(());
        }
        if self.cannot_rename.load(Ordering::Relaxed) {
            return write(sftp, &whole, bytes).await;
        }
        let part = format!("{whole}{PART}");
        write(sftp, &part, bytes).await?;
        let Err(error) = sftp.rename(&part, &whole).await else { return Ok(()) };
        let refusal = fault(&whole, error);
        let Fault::Said(why) = refusal else { return Err(refusal) };
        match size(sftp, &whole).await? {
            Some(size) if size == bytes.len() as u64 => return Ok(()),
            // Half a file of an earlier direct write stands in the way.
            Some(_) => {
                sftp.remove_file(&whole).await.map_err(|error| fault(&whole, error))?;
                return sftp.rename(&part, &whole).await.map_err(|error| fault(&whole, error));
            }
            None => {}
        }
        tracing::info!(
            host = self.settings.login.host,
            why,
            "the server does not rename; writing under the final name"
        );
        write(sftp, &whole, bytes).await?;
        self.cannot_rename.store(true, Ordering::Relaxed);
        // Where renaming is forbidden removing often is, too; the partner's pickers ignore `.part`.
        let _ = sftp.remove_file(&part).await;
        Ok(())
    }

    async fn gather(&self, sftp: &SftpSession, limit: usize) -> Result<Vec<Found>, Fault> {
        let folder = &self.settings.inbound;
        let ready = self.ready(sftp.read_dir(folder).await.map_err(|error| fault(folder, error))?)?;
        let mut found = Vec::new();
        let mut faults = Vec::new();
        let mut bytes_left = FETCH_BYTES_MAX;
        for (name, shape) in ready {
            let path = join(folder, &name);
            if shape.size > FILE_BYTES_MAX {
                faults.push(too_large(&path, shape.size));
                continue;
            }
            if found.len() >= limit || shape.size > bytes_left {
                break;
            }
            match read(sftp, &path, shape).await {
                Ok(Some(bytes)) => {
                    bytes_left -= shape.size;
                    self.desk().fetched.insert(name.clone(), shape);
                    found.push(Found { name, bytes });
                }
                Ok(None) => {}
                Err(Fault::Said(why)) => faults.push(why),
                // What was read before the connection broke is whole.
                Err(Fault::Gone(why)) if !found.is_empty() => {
                    tracing::warn!(why, "a fetch broke off");
                    break;
                }
                Err(gone) => return Err(gone),
            }
        }
        faults.iter().for_each(|fault| tracing::warn!(fault, "a file is left where it is"));
        if found.is_empty() && !faults.is_empty() { Err(Fault::Said(faults.join("; "))) } else { Ok(found) }
    }

    /// Finished files that were not taken yet, in the order they came.
    fn ready(&self, listed: russh_sftp::client::fs::ReadDir) -> Result<Vec<(String, Shape)>, Fault> {
        let files = listed.filter(|entry| entry.file_type().is_file() && fetchable(&entry.file_name()));
        let mut files: Vec<_> = files.map(|entry| (entry.file_name(), shape(&entry.metadata()))).collect();
        files.sort_by(|a, b| (a.1.modified_s, &a.0).cmp(&(b.1.modified_s, &b.0)));
        let looks: Vec<_> = files
            .iter()
            .map(|(name, shape)| (name.clone(), Look { size: shape.size, modified_s: i64::from(shape.modified_s) }))
            .collect();
        let names: std::collections::BTreeSet<_> = files.iter().map(|(name, _)| name.clone()).collect();
        let mut desk = self.desk();
        desk.fetched.retain(|name, _| names.contains(name));
        desk.journal
            .keep_only(|name| names.contains(name))
            .map_err(|error| Fault::Said(format!("the journal of taken files cannot be written: {error}")))?;
        let settled = desk.settle.look(self.started.elapsed(), None, &looks);
        let ready = files
            .into_iter()
            .zip(settled)
            .filter(|((name, shape), settled)| *settled && !desk.journal.holds(name, *shape));
        Ok(ready.map(|(file, _)| file).collect())
    }

    /// Moves or removes a file; false if the server does not let us. A file that was replaced since it was read is left
    /// alone and fetched again.
    async fn clear(&self, sftp: &SftpSession, name: &str, read: Option<Shape>) -> Result<bool, Fault> {
        let path = join(&self.settings.inbound, name);
        let now = match sftp.metadata(&path).await {
            Ok(metadata) => shape(&metadata),
            Err(error) if is_missing(&error) => return Ok(true),
            Err(error) => return Err(fault(&path, error)),
        };
        if read.is_some_and(|read| read != now) {
            return Ok(true);
        }
        let cleared = match self.settings.after {
            After::Archive => self.archive(sftp, &path, name).await,
            After::Delete | After::Leave => sftp.remove_file(&path).await.map_err(|error| fault(&path, error)),
        };
        match cleared {
            Ok(()) => Ok(true),
            Err(Fault::Said(why)) => {
                tracing::info!(why, "the server does not let us clear a file; it is remembered here instead");
                Ok(false)
            }
            Err(gone) => Err(gone),
        }
    }

    async fn archive(&self, sftp: &SftpSession, path: &str, name: &str) -> Result<(), Fault> {
        for n in 1..=ARCHIVE_TRIES_MAX {
            let archived = join(&self.settings.archive, &numbered(name, n));
            if size(sftp, &archived).await?.is_some() {
                continue;
            }
            if sftp.rename(path, &archived).await.is_ok() {
                return Ok(());
            }
            // The folder may be missing; that it is there already is no fault.
            let _ = sftp.create_dir(&self.settings.archive).await;
            return sftp.rename(path, &archived).await.map_err(|error| fault(&archived, error));
        }
        Err(Fault::Said(format!("{} holds {ARCHIVE_TRIES_MAX} files named {name}; clear it", self.settings.archive)))
    }
}

/// Writes a file and makes sure that the server has all of it.
async fn write(sftp: &SftpSession, path: &str, bytes: &[u8]) -> Result<(), Fault> {
    let mut file = sftp.create(path).await.map_err(|error| fault(path, error))?;
    let written = async {
        file.write_all(bytes).await?;
        file.flush().await
    };
    written.await.map_err(|error| Fault::Gone(format!("{path} cannot be written: {error}")))?;
    // Servers without fsync answer that they have none; the size below is then all the proof there is.
    let _ = file.sync_all().await;
    file.close().await.map_err(|error| Fault::Gone(format!("{path} cannot be closed: {error}")))?;
    match size(sftp, path).await? {
        Some(size) if size != bytes.len() as u64 => {
            Err(Fault::Said(format!("{path} has {size} of {} bytes; is the partner's disk full?", bytes.len())))
        }
        // A server that lets nobody look has to be believed; so does a partner that picks up within a moment.
        _ => Ok(()),
    }
}

/// Reads a file as it was listed; `None` if it went away or changed meanwhile.
async fn read(sftp: &SftpSession, path: &str, listed: Shape) -> Result<Option<Vec<u8>>, Fault> {
    let file = match sftp.open(path).await {
        Ok(file) => file,
        Err(error) if is_missing(&error) => return Ok(None),
        Err(error) => return Err(fault(path, error)),
    };
    let mut bytes = Vec::with_capacity(usize::try_from(listed.size).unwrap_or(0));
    let mut limited = file.take(FILE_BYTES_MAX + 1);
    limited.read_to_end(&mut bytes).await.map_err(|error| Fault::Gone(format!("{path} cannot be read: {error}")))?;
    let file = limited.into_inner();
    let now = file.metadata().await.map(|metadata| shape(&metadata)).map_err(|error| fault(path, error))?;
    let _ = file.close().await;
    Ok((now == listed && bytes.len() as u64 == listed.size).then_some(bytes))
}

/// Size of a file; `None` if there is none, or if nobody may look.
async fn size(sftp: &SftpSession, path: &str) -> Result<Option<u64>, Fault> {
    match sftp.metadata(path).await {
        Ok(metadata) => Ok(metadata.size),
        Err(Error::Status(_)) => Ok(None),
        Err(error) => Err(fault(path, error)),
    }
}

fn shape(metadata: &Metadata) -> Shape {
    Shape { size: metadata.size.unwrap_or(0), modified_s: metadata.mtime.unwrap_or(0) }
}

fn is_missing(error: &Error) -> bool {
    matches!(error, Error::Status(status) if status.status_code == StatusCode::NoSuchFile)
}

/// A status is the server's word; everything else is the connection's end.
fn fault(path: &str, error: Error) -> Fault {
    match error {
        Error::Status(status)
            if !matches!(status.status_code, StatusCode::NoConnection | StatusCode::ConnectionLost) =>
        {
            Fault::Said(format!("{path}: {} ({})", status.status_code, crate::client::quote(&status.error_message)))
        }
        other => Fault::Gone(format!("{path}: {other}")),
    }
}

fn join(folder: &str, name: &str) -> String {
    if folder.ends_with('/') { format!("{folder}{name}") } else { format!("{folder}/{name}") }
}

impl Connector for SftpConnector {
    fn deliver(&self, id: &str, paper: &Rendered, deadline: Duration) -> Delivery {
        let (own, id, paper) = (self.clone(), id.to_owned(), paper.clone());
        let work = async move { own.deliver_async(&id, &paper, deadline).await };
        let stopped = || Delivery::Failed { why: "the service stopped while it was being sent".to_owned() };
        self.inner.http.background().wait(work).unwrap_or_else(stopped)
    }

    fn idempotent(&self) -> bool {
        true
    }

    fn fetch(&self, limit: usize) -> Result<Vec<Found>, String> {
        let own = self.clone();
        let work = async move { own.fetch_async(limit).await };
        self.inner.http.background().wait(work).unwrap_or_else(|| Err("the service is stopping".to_owned()))
    }

    fn taken(&self, name: &str) -> Result<(), String> {
        let (own, name) = (self.clone(), name.to_owned());
        let work = async move { own.taken_async(&name).await };
        self.inner.http.background().wait(work).unwrap_or_else(|| Err("the service is stopping".to_owned()))
    }
}
