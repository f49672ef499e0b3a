//! Papers over AS2: signed, encrypted and receipted messages by HTTP, both ways.
//!
//! Knows the protocol and the network. Does not keep anything: which messages went out and came in is told to whoever
//! made the connector. The Message-ID is made from the paper's stable id, so that a second try is known as one.

pub mod asn1;
pub mod cms;
pub mod keys;
pub mod mdn;
pub mod message;
pub mod mime;
mod settings;

pub use settings::{As2Settings, Dated, Mdn};

use crate::client::{Body, HttpClient, Reply, Trouble, quote};
use crate::names::outgoing;
use countersign_runtime::ports::{Connector, Delivery, Found, Rendered};
use jiff::Timestamp;
use mdn::{Outcome, Report};
use message::{Fault, Keys, Opened, Packed, Packing};
use reqwest::Url;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::sync::Arc;
use std::time::Duration;

/// A message that went out and whose receipt comes later; kept by whoever made the connector.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentMessage {
    /// From us to the partner.
    pub pair: String,
    /// Its Message-ID.
    pub message_id: String,
    /// By which the errand is found.
    pub reference: String,
    /// The paper, for people.
    pub name: String,
    /// Digests that an honest receipt may name.
    pub mics: Vec<String>,
    /// When the receipt is missed.
    pub due: Timestamp,
}

/// Keeps a message that goes out before its first byte leaves.
pub type Note = Arc<dyn Fn(&SentMessage) -> Result<(), String> + Send + Sync>;

/// The connector.
#[derive(Clone)]
pub struct As2Connector {
    settings: Arc<As2Settings>,
    http: Arc<HttpClient>,
    note: Note,
}

impl std::fmt::Debug for As2Connector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "As2Connector({} to {})", self.settings.from, self.settings.to)
    }
}

/// Who talks to whom, as messages are kept by: the sender first.
pub fn pair(from: &str, to: &str) -> String {
    format!("{from}>{to}")
}

/// An identifier as a header bears it, without its quotes.
pub fn unquoted(id: &str) -> String {
    let id = id.trim();
    let inner = id.strip_prefix('"').and_then(|id| id.strip_suffix('"'));
    inner.map_or_else(|| id.to_owned(), |inner| inner.replace("\\\"", "\"").replace("\\\\", "\\"))
}

/// An identifier as a header bears it.
pub fn quoted(id: &str) -> String {
    if id.contains(' ') { format!("\"{id}\"") } else { id.to_owned() }
}

impl As2Connector {
    /// Makes the connector; nothing is called yet.
    ///
    /// # Errors
    /// The name of the faulty setting, and a sentence that says what to mend.
    pub fn new(settings: As2Settings, http: Arc<HttpClient>, note: Note) -> Result<Self, (&'static str, String)> {
        http.guard().check_url(&settings.url).map_err(|denied| ("url", denied.0))?;
        Ok(Self { settings: Arc::new(settings), http, note })
    }

    /// The settings.
    pub fn settings(&self) -> &As2Settings {
        &self.settings
    }

    /// Hands over one paper, without blocking the thread for the network. (Signing takes some milliseconds.)
    pub async fn deliver_async(&self, id: &str, paper: &Rendered, deadline: Duration) -> Delivery {
        let now = Timestamp::now();
        let prepared = self.prepare(id, paper, now);
        let (packed, message_id) = match prepared {
            Ok(prepared) => prepared,
            Err(why) => return Delivery::Failed { why },
        };
        let headers = match self.headers(&packed, &message_id, now) {
            Ok(headers) => headers,
            Err(why) => return Delivery::Refused { why },
        };
        match self.http.post(&self.settings.url, headers, packed.body, deadline).await {
            Ok(reply) => self.judge(&reply, &message_id, &packed.mics, now),
            Err(Trouble::Denied(why)) => Delivery::Refused { why },
            Err(Trouble::NotSent(why)) => Delivery::Failed { why },
            Err(Trouble::NoAnswer(why)) => Delivery::Unknown { why },
        }
    }

    /// Packs a paper and notes it where its receipt comes later.
    fn prepare(&self, id: &str, paper: &Rendered, now: Timestamp) -> Result<(Packed, String), String> {
        let s = &*self.settings;
        let encrypt = match s.encrypt {
            None => None,
            Some(cipher) => {
                let to = s.certificate(now).ok_or("the partner's certificate is missing")?;
                if to.not_after < now {
                    let sentence = format!("{}'s certificate ended on {}; enter the new one", to.name, to.not_after);
                    return Err(sentence);
                }
                Some((to, cipher))
            }
        };
        let sign = match s.sign {
            None => None,
            Some(digest) => Some((s.identity(now).ok_or("our private key is missing")?, digest)),
        };
        let name = outgoing(id, &paper.name);
        let packing = Packing { sign, encrypt, compress: s.compress, base64: s.base64, dash: s.dash };
        let packed = message::pack(&paper.bytes, &paper.media_type, &name, &packing, now)?;
        let message_id = self.message_id(id);
        if matches!(s.mdn, Mdn::Async(_)) {
            (self.note)(&SentMessage {
                pair: pair(&s.from, &s.to),
                message_id: message_id.clone(),
                reference: paper.reference.to_string(),
                name: paper.name.clone(),
                mics: packed.mics.clone(),
                due: now + s.mdn_within,
            })?;
        }
        Ok((packed, message_id))
    }

    /// The same for every try of the same paper.
    fn message_id(&self, id: &str) -> String {
        let s = &*self.settings;
        let plain = |text: &str| -> String { text.chars().filter(char::is_ascii_alphanumeric).take(40).collect() };
        let hash = Sha256::digest(format!("{id}|{}|{}", s.from, s.to).as_bytes());
        let tail: String = hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        format!("<{}.{tail}@{}.countersign>", plain(id), plain(&s.from))
    }

    fn headers(&self, packed: &Packed, message_id: &str, now: Timestamp) -> Result<HeaderMap, String> {
        let s = &*self.settings;
        let mut all = vec![
            ("as2-version", "1.1".to_owned()),
            ("as2-from", quoted(&s.from)),
            ("as2-to", quoted(&s.to)),
            ("message-id", message_id.to_owned()),
            ("mime-version", "1.0".to_owned()),
            ("subject", "EDI".to_owned()),
            ("date", jiff::fmt::rfc2822::to_string(&now.to_zoned(jiff::tz::TimeZone::UTC)).unwrap_or_default()),
            ("content-type", packed.content_type.clone()),
            ("content-transfer-encoding", packed.encoding.to_owned()),
        ];
        if s.mdn != Mdn::No {
            all.push(("disposition-notification-to", quoted(&s.from)));
        }
        if s.mdn != Mdn::No && s.mdn_signed {
            let digest = s.sign.unwrap_or(cms::Digest::Sha256).name(s.dash);
            all.push((
                "disposition-notification-options",
                format!("signed-receipt-protocol=optional, pkcs7-signature; signed-receipt-micalg=optional, {digest}"),
            ));
        }
        if let Mdn::Async(url) = &s.mdn {
            all.push(("receipt-delivery-option", url.clone()));
        }
        all.extend(s.authorization.clone().map(|whole| ("authorization", whole)));
        header_map(&all)
    }

    /// What an answer means.
    fn judge(&self, reply: &Reply, message_id: &str, mics: &[String], now: Timestamp) -> Delivery {
        let body = match (&reply.body, reply.status) {
            (Body::Whole(body), 200..300) => body,
            (Body::TooLarge, 200..300) => {
                return Delivery::Unknown { why: "the receipt is too large to be read".into() };
            }
            (Body::Lost(why), 200..300) => return Delivery::Unknown { why: format!("the receipt broke off: {why}") },
            (body, status) => return refused(status, body),
        };
        if self.settings.mdn != Mdn::Sync {
            return Delivery::Done { receipt: false, answer: None };
        }
        match self.receipt(reply.headers(), body, now) {
            Err(why) => Delivery::Unknown { why },
            Ok(report) if report.message_id != message_id && !report.message_id.is_empty() => {
                let why = format!("the receipt is for another message ({})", quote(&report.message_id));
                Delivery::Unknown { why }
            }
            Ok(report) => match self.settled(&report, mics) {
                Ok(()) => Delivery::Done { receipt: self.settings.mdn_is_receipt, answer: None },
                Err(why) => Delivery::Refused { why },
            },
        }
    }

    /// Reads a receipt and checks its signature.
    ///
    /// # Errors
    /// Why it is none that can be relied on.
    pub fn receipt(&self, headers: Vec<(String, String)>, body: &[u8], now: Timestamp) -> Result<Report, String> {
        let opened = self.open(headers, body, now);
        self.report(opened.map_err(|fault| format!("the receipt cannot be used: {}", fault.sentence()))?)
    }

    /// The receipt in a message that was opened.
    ///
    /// # Errors
    /// It holds none, or none that can be relied on.
    pub fn report(&self, opened: Opened) -> Result<Report, String> {
        if self.settings.mdn_signed && opened.signed.is_none() {
            // Whoever cannot read a message cannot sign for it either; such a refusal is believed, a success is not.
            let refused = opened.report.as_ref().is_some_and(|report| matches!(report.outcome, Outcome::Failed(_)));
            if !refused {
                return Err("the receipt is not signed, and the agreement wants it to be".into());
            }
        }
        opened.report.ok_or_else(|| "the answer holds no receipt (MDN)".to_owned())
    }

    /// Whether a receipt says that the message arrived whole.
    ///
    /// # Errors
    /// What it says instead.
    pub fn settled(&self, report: &Report, mics: &[String]) -> Result<(), String> {
        match &report.outcome {
            Outcome::Failed(word) => {
                Err(format!("the partner could not take the message: {}; {}", quote(word), report.said))
            }
            // A duplicate's receipt may be made anew, of nothing.
            Outcome::Warned(_) if report.mic.is_none() => Ok(()),
            Outcome::Processed | Outcome::Warned(_) => match &report.mic {
                Some(mic) if !self.settings.mic_check || mics.contains(mic) => Ok(()),
                None if !self.settings.mic_check => Ok(()),
                Some(_) => Err("the partner's receipt names the digest of something else than was sent".into()),
                None => {
                    Err("the partner's receipt names no digest of what it got; set mic_check to false if it never does"
                        .into())
                }
            },
        }
    }

    /// Opens a message of the partner.
    ///
    /// # Errors
    /// Why it cannot be opened.
    pub fn open(&self, headers: Vec<(String, String)>, body: &[u8], now: Timestamp) -> Result<Opened, Fault> {
        let identities = self.settings.all_identities();
        let certificates = self.settings.verifying(now);
        message::open(headers, body, &Keys { identities: &identities, certificates: &certificates })
    }

    /// Whether a message is as safe as was agreed.
    ///
    /// # Errors
    /// It is not.
    pub fn secure(&self, opened: &Opened) -> Result<(), Fault> {
        let unsigned = self.settings.require_signature && opened.signed.is_none();
        let open = self.settings.require_encryption && !opened.encrypted;
        if unsigned || open { Err(Fault::Insufficient) } else { Ok(()) }
    }

    /// Where a later receipt may go: to the partner's own host, or to the one that was agreed.
    ///
    /// # Errors
    /// A sentence that says why not there.
    pub fn receipt_address(&self, text: &str) -> Result<Url, String> {
        let url: Url = text.trim().parse().map_err(|_| format!("{:?} is no address for a receipt", quote(text)))?;
        let host = url.host_str().unwrap_or_default();
        let known = [self.settings.url.host_str(), self.settings.mdn_host.as_deref()];
        if known.into_iter().flatten().any(|known| known.eq_ignore_ascii_case(host)) {
            return Ok(url);
        }
        Err(format!(
            "receipts are not sent to {host:?}: it is not the partner's host; name it in mdn_host if it is right"
        ))
    }

    /// Hands a later receipt over.
    ///
    /// # Errors
    /// What happened instead.
    pub async fn send_receipt(
        &self,
        url: &Url,
        headers: &[(&str, String)],
        body: Vec<u8>,
        deadline: Duration,
    ) -> Result<(), String> {
        let headers = header_map(headers)?;
        match self.http.post(url, headers, body, deadline).await {
            Ok(reply) if (200..300).contains(&reply.status) => Ok(()),
            Ok(reply) => Err(format!("the partner answered {} to a receipt", reply.status)),
            Err(trouble) => Err(trouble.to_string()),
        }
    }
}

fn header_map(all: &[(&str, String)]) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::new();
    for (name, value) in all {
        let fault = || format!("{name} cannot stand in a header: {value:?}");
        let name = HeaderName::try_from(*name).map_err(|_| fault())?;
        headers.insert(name, HeaderValue::from_str(value).map_err(|_| fault())?);
    }
    Ok(headers)
}

/// A status that is no success: transport trouble, not a word on the message.
fn refused(status: u16, body: &Body) -> Delivery {
    let said = match body {
        Body::Whole(body) => quote(&String::from_utf8_lossy(body)),
        _ => String::new(),
    };
    let why = format!("the partner answered {status}: {said}");
    match status {
        408 | 425 | 429 | 503 => Delivery::Failed { why },
        400..500 => Delivery::Refused { why },
        _ => Delivery::Unknown { why },
    }
}

impl Connector for As2Connector {
    fn deliver(&self, id: &str, paper: &Rendered, deadline: Duration) -> Delivery {
        let (own, id, paper) = (self.clone(), id.to_owned(), paper.clone());
        let done = self.http.background().wait(async move { own.deliver_async(&id, &paper, deadline).await });
        done.unwrap_or_else(|| Delivery::Unknown { why: "the delivery was given up".into() })
    }

    fn idempotent(&self) -> bool {
        true
    }

    /// Partners come to us: what they send is received at `/as2`.
    fn fetch(&self, _limit: usize) -> Result<Vec<Found>, String> {
        Ok(Vec::new())
    }

    fn taken(&self, _name: &str) -> Result<(), String> {
        Ok(())
    }
}
