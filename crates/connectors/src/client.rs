//! One HTTP client for all outgoing calls: a pool of kept connections behind the guard, with limits on time and size.
//!
//! Knows HTTP, not what is asked of whom. Follows no redirect, uses no proxy of the environment, speaks HTTP/1.1.

use crate::background::Background;
use crate::guard::{Denied, Guard, shown};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::{Client, ClientBuilder, Url};
use std::sync::Arc;
use std::time::Duration;

/// Making a connection takes a few round trips; a host that needs longer is down.
const CONNECT_MAX: Duration = Duration::from_secs(5);

/// Kept connections a host: enough for the busiest vendor, few enough for the file descriptors of a small machine.
const IDLE_PER_HOST_MAX: usize = 128;

/// Kept this long; shorter than the idle limit of common servers (nginx 75 s, many proxies 60 s), so that we close first.
const IDLE_MAX: Duration = Duration::from_secs(45);

/// Largest answer that is read; a purchase order's answer has a few kilobytes.
pub const ANSWER_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Longest piece of a foreign answer that goes into a message.
const QUOTE_CHARS_MAX: usize = 300;

/// What a server answered.
#[derive(Debug, Clone)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// How long it asked to be left alone.
    pub retry_after: Option<Duration>,
    /// Where it pointed to, if it answered with a redirect.
    pub location: Option<String>,
    /// Its headers.
    pub head: HeaderMap,
    /// Its body.
    pub body: Body,
}

impl Reply {
    /// Its headers as texts, names in lower case; those that are no text are left out.
    pub fn headers(&self) -> Vec<(String, String)> {
        let text = |(name, value): (&HeaderName, &HeaderValue)| {
            Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
        };
        self.head.iter().filter_map(text).collect()
    }
}

/// The body of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// All of it.
    Whole(Vec<u8>),
    /// It was larger than [`ANSWER_BYTES_MAX`] and is not kept.
    TooLarge,
    /// The connection ended within it.
    Lost(String),
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// The guard forbids the address.
    Denied(String),
    /// No connection was made: nothing left.
    NotSent(String),
    /// Something may have left, no answer came.
    NoAnswer(String),
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (Self::Denied(why) | Self::NotSent(why) | Self::NoAnswer(why)) = self;
        f.write_str(why)
    }
}

/// The client. Cheap to share, dear to make: make one.
#[derive(Debug)]
pub struct HttpClient {
    secure: Client,
    plain: Client,
    guard: Arc<Guard>,
    background: Arc<Background>,
}

impl HttpClient {
    /// Makes the client; `roots` are certificates in PEM that are trusted besides the system's.
    ///
    /// # Errors
    /// A sentence that says what is wrong with the certificates or the system.
    pub fn new(guard: Arc<Guard>, background: Arc<Background>, roots: &[Vec<u8>]) -> Result<Self, String> {
        // A second installation fails, and that is well: the provider is the same one.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut certificates = Vec::new();
        for pem in roots {
            let bundle = reqwest::Certificate::from_pem_bundle(pem)
                .map_err(|error| format!("a trusted certificate cannot be read as PEM: {error}"))?;
            certificates.extend(bundle);
        }
        let client = |plain: bool| {
            let resolver = Arc::new(GuardedNames { guard: Arc::clone(&guard), plain });
            let builder = || settings().https_only(!plain).dns_resolver(Arc::clone(&resolver));
            builder().tls_certs_merge(certificates.clone()).build().or_else(|error| {
                tracing::warn!(%error, "no certificates of the system; only the configured ones are trusted");
                builder().tls_certs_only(certificates.clone()).build().map_err(|error| whole(&error))
            })
        };
        Ok(Self { secure: client(false)?, plain: client(true)?, guard, background })
    }

    /// Where async work of the callers runs.
    pub fn background(&self) -> &Arc<Background> {
        &self.background
    }

    /// What may be called.
    pub fn guard(&self) -> &Guard {
        &self.guard
    }

    /// Gets what stands there, within `deadline`.
    ///
    /// # Errors
    /// What happened instead of an answer.
    pub async fn get(&self, url: &Url, headers: HeaderMap, deadline: Duration) -> Result<Reply, Trouble> {
        let client = self.client_for(url)?;
        finish(url, client.get(url.clone()).headers(headers).timeout(deadline)).await
    }

    /// Posts `body` and waits at most `deadline` for the whole answer.
    ///
    /// # Errors
    /// What happened instead of an answer.
    pub async fn post(
        &self,
        url: &Url,
        headers: HeaderMap,
        body: Vec<u8>,
        deadline: Duration,
    ) -> Result<Reply, Trouble> {
        let client = self.client_for(url)?;
        finish(url, client.post(url.clone()).headers(headers).body(body).timeout(deadline)).await
    }

    fn client_for(&self, url: &Url) -> Result<&Client, Trouble> {
        self.guard.check_url(url).map_err(|Denied(why)| Trouble::Denied(why))?;
        Ok(if url.scheme() == "http" { &self.plain } else { &self.secure })
    }
}

/// Sends a request and reads the whole answer.
async fn finish(url: &Url, request: reqwest::RequestBuilder) -> Result<Reply, Trouble> {
    let mut response = request.send().await.map_err(|error| trouble(url, &error))?;
    let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
    let retry_after = header(RETRY_AFTER).and_then(|text| retry_after(text, jiff::Timestamp::now()));
    let location = header(reqwest::header::LOCATION).map(quote);
    let status = response.status().as_u16();
    let head = response.headers().clone();
    let body = read(&mut response).await;
    Ok(Reply { status, retry_after, location, head, body })
}

/// What all our calls have in common.
fn settings() -> ClientBuilder {
    Client::builder()
        .user_agent(concat!("countersign/", env!("CARGO_PKG_VERSION")))
        .http1_only()
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        // Proxies of the environment would resolve names behind the guard's back.
        .no_proxy()
        // What is compressed has no size that could be limited before it is unpacked.
        .no_gzip()
        .connect_timeout(CONNECT_MAX)
        .pool_max_idle_per_host(IDLE_PER_HOST_MAX)
        .pool_idle_timeout(IDLE_MAX)
        .tcp_nodelay(true)
        .tcp_keepalive(Duration::from_secs(30))
}

/// Resolves names for the pool; the addresses it gives are the ones that are connected to.
struct GuardedNames {
    guard: Arc<Guard>,
    plain: bool,
}

impl Resolve for GuardedNames {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = Arc::clone(&self.guard);
        let plain = self.plain;
        Box::pin(async move {
            let open = guard.resolve(name.as_str(), 0, plain).await?;
            Ok(Box::new(open.into_iter()) as Addrs)
        })
    }
}

async fn read(response: &mut reqwest::Response) -> Body {
    if response.content_length().is_some_and(|length| length > ANSWER_BYTES_MAX as u64) {
        return Body::TooLarge;
    }
    let mut bytes = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if bytes.len() + chunk.len() > ANSWER_BYTES_MAX => return Body::TooLarge,
            Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
            Ok(None) => return Body::Whole(bytes),
            Err(error) => return Body::Lost(whole(&error)),
        }
    }
}

fn trouble(url: &Url, error: &reqwest::Error) -> Trouble {
    let why = format!("{}: {}", shown(url), whole(error));
    if error.is_connect() || error.is_builder() { Trouble::NotSent(why) } else { Trouble::NoAnswer(why) }
}

/// An error with its causes; the outermost one says the least. The address is left out, it may hold something secret.
fn whole(error: &reqwest::Error) -> String {
    let mut said: Vec<String> = Vec::new();
    if error.is_timeout() {
        said.push("no answer in time".to_owned());
    }
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        let text = inner.to_string();
        if !said.iter().any(|earlier| earlier.contains(&text)) {
            said.push(text);
        }
        cause = inner.source();
    }
    if said.is_empty() { "the request could not be made".to_owned() } else { said.join(": ") }
}

/// Reads `Retry-After`: seconds, or a date.
fn retry_after(text: &str, now: jiff::Timestamp) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let until = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
    Some(Duration::try_from(until.duration_since(now)).unwrap_or(Duration::ZERO))
}

/// A piece of a foreign text that is fit for a message: short, on one line, without control characters.
pub fn quote(text: &str) -> String {
    let mut quoted: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(QUOTE_CHARS_MAX).collect();
    if text.chars().nth(QUOTE_CHARS_MAX).is_some() {
        quoted.push('…');
    }
    quoted.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_read_in_both_forms() {
        let now: jiff::Timestamp = "2026-11-23T15:00:00Z".parse().unwrap();
        assert_eq!(retry_after("120", now), Some(Duration::from_secs(120)));
        assert_eq!(retry_after("Mon, 23 Nov 2026 15:00:30 GMT", now), Some(Duration::from_secs(30)));
        assert_eq!(retry_after("Mon, 23 Nov 2026 14:00:30 GMT", now), Some(Duration::ZERO));
        assert_eq!(retry_after("soon", now), None);
        assert_eq!(retry_after("-1", now), None);
    }

    #[test]
    fn quotes_are_short_and_plain() {
        assert_eq!(quote(" a\r\nb\u{1b}[31m "), "a  b [31m");
        assert_eq!(quote(&"ä".repeat(400)).chars().count(), QUOTE_CHARS_MAX + 1);
    }
}
