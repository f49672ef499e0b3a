//! One connection to an SFTP server: the pinned host key, the login, the SFTP channel.
//!
//! Does not know folders or papers. A server whose key is not the pinned one gets neither a password nor a signature.

use crate::guard::Guard;
use russh::client::{self, AuthResult, Handle, KeyboardInteractiveAuthResponse};
use russh::keys::{Algorithm, HashAlg, PrivateKey, PrivateKeyWithHashAlg, PublicKeyOrCertificate};
use russh::{MethodKind, Preferred, cipher, kex, mac};
use russh_sftp::client::SftpSession;
use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::TcpStream;

/// TCP, key exchange and login together; a server that needs longer is down.
const LOGIN_MAX: Duration = Duration::from_secs(20);

/// Rounds of questions (keyboard-interactive) answered with the password; servers ask one or two.
const QUESTIONS_MAX: usize = 4;

/// Who logs in where, and how both prove it.
#[derive(Clone)]
pub struct Login {
    /// Name or address of the server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The user.
    pub user: String,
    /// Fingerprints of the server's host keys as `SHA256:…`; one of them must be shown.
    pub host_keys: Vec<String>,
    /// The user's password.
    pub password: Option<String>,
    /// The user's private key.
    pub key: Option<Arc<PrivateKey>>,
    /// Accept SHA-1 and CBC, for servers that know nothing else.
    pub legacy_algorithms: bool,
}

impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Login({}@{}:{})", self.user, self.host, self.port)
    }
}

/// An open connection.
pub struct Session {
    handle: Handle<Pinned>,
    /// The SFTP channel.
    pub sftp: Arc<SftpSession>,
}

impl Session {
    /// True if the connection is known to be gone.
    pub fn is_closed(&self) -> bool {
        self.handle.is_closed()
    }
}

/// Connects, checks the host key, logs in.
///
/// # Errors
/// A sentence that says at which step it failed and what to mend.
pub async fn connect(login: &Login, guard: &Guard) -> Result<Session, String> {
    let place = format!("{}:{}", login.host, login.port);
    tokio::time::timeout(LOGIN_MAX, open(login, guard, &place))
        .await
        .unwrap_or_else(|_| Err(format!("{place} did not let us in within {} s", LOGIN_MAX.as_secs())))
}

async fn open(login: &Login, guard: &Guard, place: &str) -> Result<Session, String> {
    let addresses = guard.resolve(&login.host, login.port, false).await.map_err(|denied| denied.0)?;
    let stream = TcpStream::connect(&addresses[..]).await.map_err(|error| format!("{place}: {error}"))?;
    // Small requests wait for their answers; holding them back would double each wait.
    let _ = stream.set_nodelay(true);
    let shown = Arc::new(Mutex::new(None));
    let handler = Pinned { host_keys: login.host_keys.clone(), shown: Arc::clone(&shown) };
    let connected = client::connect_stream(Arc::new(config(login.legacy_algorithms)), stream, handler).await;
    let mut handle = connected.map_err(|error| {
        let shown = shown.lock().unwrap_or_else(PoisonError::into_inner).take();
        match shown {
            Some(key) if matches!(error, russh::Error::UnknownKey) => format!(
                "{place} shows the host key {key}, which is not pinned; ask the partner, and only if it is theirs put it into host_key"
            ),
            _ => format!("{place}: no common ground for SSH: {error}"),
        }
    })?;
    authenticate(&mut handle, login).await.map_err(|why| format!("{place}: {why}"))?;
    let channel = handle.channel_open_session().await.map_err(|error| format!("{place}: no channel: {error}"))?;
    channel.request_subsystem(true, "sftp").await.map_err(|error| format!("{place}: no SFTP: {error}"))?;
    let sftp = SftpSession::new(channel.into_stream()).await.map_err(|error| format!("{place}: no SFTP: {error}"))?;
    Ok(Session { handle, sftp: Arc::new(sftp) })
}

/// Tries the key, then the password, then the password as the answer to questions.
async fn authenticate(handle: &mut Handle<Pinned>, login: &Login) -> Result<(), String> {
    let failed = |error: russh::Error| format!("the login as {} failed: {error}", login.user);
    if let Some(key) = &login.key {
        let hash = match handle.best_supported_rsa_hash().await.map_err(failed)? {
            Some(best) => best,
            None => Some(HashAlg::Sha256),
        };
        if key.algorithm().is_rsa() && hash.is_none() && !login.legacy_algorithms {
            return Err("the server knows RSA keys only with SHA-1; use another key, or set legacy_algorithms".into());
        }
        let key = PrivateKeyWithHashAlg::new(Arc::clone(key), hash);
        if handle.authenticate_publickey(&login.user, key).await.map_err(failed)?.success() {
            return Ok(());
        }
    }
    if let Some(password) = &login.password {
        let remaining = match handle.authenticate_password(&login.user, password).await.map_err(failed)? {
            AuthResult::Success => return Ok(()),
            AuthResult::Failure { remaining_methods, .. } => remaining_methods,
        };
        if remaining.contains(&MethodKind::KeyboardInteractive)
            && answer_questions(handle, &login.user, password).await.map_err(failed)?
        {
            return Ok(());
        }
    }
    Err(format!("the server does not let {} in; check user, key and password", login.user))
}

async fn answer_questions(handle: &mut Handle<Pinned>, user: &str, password: &str) -> Result<bool, russh::Error> {
    let mut step = handle.authenticate_keyboard_interactive_start(user, None::<String>).await?;
    for _ in 0..QUESTIONS_MAX {
        step = match step {
            KeyboardInteractiveAuthResponse::Success => return Ok(true),
            KeyboardInteractiveAuthResponse::Failure { .. } => return Ok(false),
            KeyboardInteractiveAuthResponse::InfoRequest { prompts, .. } => {
                let answers = prompts.iter().map(|_| password.to_owned()).collect();
                handle.authenticate_keyboard_interactive_respond(answers).await?
            }
        };
    }
    Ok(matches!(step, KeyboardInteractiveAuthResponse::Success))
}

fn config(legacy: bool) -> client::Config {
    let mut preferred = Preferred::DEFAULT;
    let modern_key = |algorithm: &&Algorithm| legacy || **algorithm != Algorithm::Rsa { hash: None };
    preferred.key = preferred.key.iter().filter(modern_key).cloned().collect::<Vec<_>>().into();
    add(&mut preferred.kex, &[kex::ECDH_SHA2_NISTP256, kex::ECDH_SHA2_NISTP384, kex::ECDH_SHA2_NISTP521]);
    add(&mut preferred.cipher, &[cipher::AES_128_GCM]);
    if legacy {
        add(&mut preferred.kex, &[kex::DH_GEX_SHA1, kex::DH_G14_SHA1, kex::DH_G1_SHA1]);
        add(&mut preferred.cipher, &[cipher::AES_256_CBC, cipher::AES_192_CBC, cipher::AES_128_CBC]);
        add(&mut preferred.mac, &[mac::HMAC_SHA1_ETM, mac::HMAC_SHA1]);
    }
    client::Config {
        preferred,
        // A dead connection is noticed within a minute, and a live one is kept through quiet hours.
        keepalive_interval: Some(Duration::from_secs(15)),
        keepalive_max: 3,
        nodelay: true,
        ..client::Config::default()
    }
}

fn add<T: Copy>(names: &mut Cow<'static, [T]>, more: &[T]) {
    names.to_mut().extend_from_slice(more);
}

/// Lets in only servers with a pinned key, and remembers what another one showed.
pub struct Pinned {
    host_keys: Vec<String>,
    shown: Arc<Mutex<Option<String>>>,
}

impl client::Handler for Pinned {
    type Error = russh::Error;

    async fn check_server_key(&mut self, shown: &PublicKeyOrCertificate) -> Result<bool, russh::Error> {
        let PublicKeyOrCertificate::PublicKey { key, .. } = shown else { return Ok(false) };
        let fingerprint = key.fingerprint(HashAlg::Sha256).to_string();
        let pinned = self.host_keys.iter().any(|pinned| pinned.trim_end_matches('=') == fingerprint);
        if !pinned {
            let words = format!("{} {fingerprint}", key.algorithm());
            *self.shown.lock().unwrap_or_else(PoisonError::into_inner) = Some(words);
        }
        Ok(pinned)
    }
}
