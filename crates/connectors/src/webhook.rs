//! Webhooks by the Standard Webhooks specification: signing, verifying, sending.
//!
//! Signing and verifying are pure: the time is an argument. Verifying fails closed: no secret, no signature, no valid
//! time, no entry. Whoever receives also keeps the ids it has seen, longer than the tolerance; that is not done here.

use crate::client::HttpClient;
use crate::http::{Attempt, classify};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use reqwest::Url;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use sha2::Sha256;
use std::sync::Arc;
use std::time::Duration;

/// Header with the message's id, the same on every try.
pub const ID: &str = "webhook-id";

/// Header with the seconds since 1970 at which this try was signed.
pub const TIMESTAMP: &str = "webhook-timestamp";

/// Header with the signatures, separated by spaces.
pub const SIGNATURE: &str = "webhook-signature";

/// A message signed longer ago, or for a time further ahead, is refused: it is a replay or a wrong clock.
pub const TOLERANCE_S: i64 = 300;

/// Signatures looked at in one header; a sender that rotates its secrets has two or three.
const SIGNATURES_MAX: usize = 16;

/// Longest id; it becomes a key in the receiver's memory.
const ID_BYTES_MAX: usize = 256;

/// Bytes of a secret, as the specification wants them.
const SECRET_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// How secrets begin.
const SECRET_PREFIX: &str = "whsec_";

/// Why a message is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    /// The secret is no webhook secret.
    #[error("a webhook secret is whsec_ and 24 to 64 bytes in base64; store it again")]
    BadSecret,
    /// There is no secret to verify with.
    #[error("no webhook secret is configured; nothing is accepted without one")]
    NoSecret,
    /// A header is missing or malformed.
    #[error("the header {0} is missing or malformed")]
    Header(&'static str),
    /// Signed too long ago.
    #[error("signed more than 300 s ago; a replay, or a wrong clock")]
    Stale,
    /// Signed for a time to come.
    #[error("signed more than 300 s ahead; a wrong clock")]
    Early,
    /// No signature fits.
    #[error("no signature fits; another secret signed it, or it was changed on its way")]
    Signature,
}

/// A secret shared with one sender or receiver.
#[derive(Clone)]
pub struct WebhookSecret(Vec<u8>);

impl std::fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WebhookSecret(…)")
    }
}

impl WebhookSecret {
    /// Reads `whsec_…`.
    ///
    /// # Errors
    /// It is not a secret of the right form and length.
    pub fn parse(text: &str) -> Result<Self, WebhookError> {
        let text = text.trim();
        let bytes = STANDARD.decode(text.strip_prefix(SECRET_PREFIX).unwrap_or(text));
        match bytes {
            Ok(bytes) if SECRET_BYTES.contains(&bytes.len()) => Ok(Self(bytes)),
            _ => Err(WebhookError::BadSecret),
        }
    }

    /// Draws a new one; `None` if the system gives no random bytes.
    pub fn draw() -> Option<Self> {
        let mut bytes = vec![0; 32];
        getrandom::fill(&mut bytes).ok()?;
        Some(Self(bytes))
    }

    /// The text to be shown once and stored sealed.
    pub fn text(&self) -> String {
        format!("{SECRET_PREFIX}{}", STANDARD.encode(&self.0))
    }

    fn mac(&self, id: &str, timestamp_s: i64, body: &[u8]) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("because HMAC takes keys of any length");
        mac.update(format!("{id}.{timestamp_s}.").as_bytes());
        mac.update(body);
        mac
    }
}

/// The value of the signature header: one signature for each secret, so that the receiver may know the old one or the
/// new one while they are exchanged.
pub fn sign(secrets: &[WebhookSecret], id: &str, timestamp_s: i64, body: &[u8]) -> String {
    let one = |secret: &WebhookSecret| {
        format!("v1,{}", STANDARD.encode(secret.mac(id, timestamp_s, body).finalize().into_bytes()))
    };
    secrets.iter().map(one).collect::<Vec<_>>().join(" ")
}

/// Checks a received message, given a way to look up its headers (lower case names) and its raw body; the answer is its
/// id, by which a repeated message is recognised.
///
/// # Errors
/// Why it must not be accepted.
pub fn verify<'h>(
    secrets: &[WebhookSecret],
    header: impl Fn(&'static str) -> Option<&'h str>,
    body: &[u8],
    now: Timestamp,
) -> Result<&'h str, WebhookError> {
    if secrets.is_empty() {
        return Err(WebhookError::NoSecret);
    }
    let present = |name| header(name).filter(|value| !value.is_empty()).ok_or(WebhookError::Header(name));
    let id = present(ID)?;
    if id.len() > ID_BYTES_MAX || id.contains('.') {
        // The id is joined to the time with a point: one inside it could shift what is signed.
        return Err(WebhookError::Header(ID));
    }
    let timestamp = present(TIMESTAMP)?;
    let plain = timestamp.len() <= 12 && timestamp.bytes().all(|byte| byte.is_ascii_digit());
    let timestamp_s: i64 = timestamp.parse().ok().filter(|_| plain).ok_or(WebhookError::Header(TIMESTAMP))?;
    let age_s = now.as_second() - timestamp_s;
    if age_s > TOLERANCE_S {
        return Err(WebhookError::Stale);
    }
    if age_s < -TOLERANCE_S {
        return Err(WebhookError::Early);
    }
    let fits = |signature: &[u8]| {
        // `verify_slice` takes the same time wherever the first difference is.
        secrets.iter().any(|secret| secret.mac(id, timestamp_s, body).verify_slice(signature).is_ok())
    };
    let signatures = present(SIGNATURE)?.split(' ').take(SIGNATURES_MAX);
    let mut versioned = signatures.filter_map(|signature| signature.strip_prefix("v1,"));
    let found = versioned.any(|encoded| STANDARD.decode(encoded).is_ok_and(|signature| fits(&signature)));
    if found { Ok(id) } else { Err(WebhookError::Signature) }
}

/// Sends signed messages through the guarded client.
#[derive(Debug, Clone)]
pub struct WebhookSender {
    client: Arc<HttpClient>,
}

impl WebhookSender {
    /// Sends over this client.
    pub fn new(client: Arc<HttpClient>) -> Self {
        Self { client }
    }

    /// Says what is wrong with a subscription's address before the first message.
    ///
    /// # Errors
    /// A sentence for whoever subscribes.
    pub fn check(&self, url: &str) -> Result<Url, String> {
        let url: Url = url.parse().map_err(|error| format!("{url:?} is no address: {error}"))?;
        self.client.guard().check_url(&url).map_err(|denied| denied.0)?;
        Ok(url)
    }

    /// Sends one message under its stable id, signed now. Receivers know repeated messages by the id, so a lost answer
    /// is a failure that may be tried again.
    pub async fn send(
        &self,
        url: &Url,
        secrets: &[WebhookSecret],
        id: &str,
        body: Vec<u8>,
        now: Timestamp,
        deadline: Duration,
    ) -> Attempt {
        let refused = |why: &str| Attempt {
            delivery: countersign_runtime::ports::Delivery::Refused { why: why.to_owned() },
            retry_after: None,
            tried: false,
        };
        if secrets.is_empty() {
            return refused("the subscription has no secret to sign with; give it one");
        }
        if id.is_empty() || id.len() > ID_BYTES_MAX || id.contains('.') {
            return refused("the message's id is empty, too long or holds a point; this is our fault, report it");
        }
        let signature = sign(secrets, id, now.as_second(), &body);
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        for (name, value) in [(ID, id.to_owned()), (TIMESTAMP, now.as_second().to_string()), (SIGNATURE, signature)] {
            let Ok(value) = HeaderValue::try_from(value) else {
                return refused("the message's id fits no header; this is our fault, report it");
            };
            headers.insert(HeaderName::from_static(name), value);
        }
        classify(self.client.post(url, headers, body, deadline).await, true)
    }
}

#[cfg(test)]
#[path = "webhook_tests.rs"]
mod tests;
