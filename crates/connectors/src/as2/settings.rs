//! What an AS2 connection is told: who we are to the partner, keys with their times, and where the partner deviates.
//!
//! Several keys and certificates may stand side by side, each with the time from which it is used: that is how they are
//! rolled over. Every one of ours decrypts and every one of theirs verifies; the newest whose time has come signs and
//! encrypts.

use super::cms::{Cipher, Digest};
use super::keys::{Certificate, Identity};
use super::message::Compress;
use crate::settings::{Fields, Secrets, SettingsError};
use jiff::{SignedDuration, Timestamp};
use reqwest::Url;
use serde_json::Value;

/// Longest identifier (RFC 4130).
const ID_BYTES_MAX: usize = 128;
/// Receipts that come later are waited for so long, unless the settings say otherwise.
const MDN_WITHIN_S_DEFAULT: u64 = 3_600;
/// Longest wait that may be set.
const MDN_WITHIN_S_MAX: u64 = 7 * 86_400;

/// How the receipt comes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mdn {
    /// None is wanted.
    No,
    /// In the answer.
    Sync,
    /// Later, at this address of ours.
    Async(String),
}

/// Something that is used from a time on.
#[derive(Debug, Clone)]
pub struct Dated<T> {
    /// From then on.
    pub from: Timestamp,
    /// What.
    pub what: T,
}

/// The settings.
#[derive(Debug, Clone)]
pub struct As2Settings {
    /// Where the partner takes messages.
    pub url: Url,
    /// Who we are to the partner.
    pub from: String,
    /// Who the partner is.
    pub to: String,
    /// Our keys.
    pub identities: Vec<Dated<Identity>>,
    /// The partner's certificates.
    pub certificates: Vec<Dated<Certificate>>,
    /// How papers are signed.
    pub sign: Option<Digest>,
    /// How papers are encrypted.
    pub encrypt: Option<Cipher>,
    /// How papers are compressed.
    pub compress: Compress,
    /// How the receipt comes.
    pub mdn: Mdn,
    /// The receipt must be signed.
    pub mdn_signed: bool,
    /// A good receipt stops the receipt clock: for partners that send no 997 or CONTRL.
    pub mdn_is_receipt: bool,
    /// A receipt that comes later is missed after this.
    pub mdn_within: SignedDuration,
    /// The host that later receipts of ours may go to besides the partner's own.
    pub mdn_host: Option<String>,
    /// A receipt whose digest differs is a failure.
    pub mic_check: bool,
    /// Papers of theirs must be signed.
    pub require_signature: bool,
    /// Papers of theirs must be encrypted.
    pub require_encryption: bool,
    /// Certificates of theirs serve beyond their end.
    pub accept_expired: bool,
    /// Bodies are written in base64.
    pub base64: bool,
    /// Digests are spelt `sha-256`.
    pub dash: bool,
    /// Value of the `Authorization` header.
    pub authorization: Option<String>,
}

/// The settings by name.
const KNOWN: [&str; 21] = [
    "url",
    "as2_from",
    "as2_to",
    "identity",
    "certificates",
    "sign",
    "encrypt",
    "compress",
    "mdn",
    "mdn_url",
    "mdn_signed",
    "mdn_is_receipt",
    "mdn_within_s",
    "mdn_host",
    "mic_check",
    "require_signature",
    "require_encryption",
    "accept_expired_certificates",
    "transfer_encoding",
    "micalg_spelling",
    "authorization",
];

impl As2Settings {
    /// Reads the settings as they stand in a source's record.
    ///
    /// # Errors
    /// The first fault.
    pub fn read(settings: &Value, secrets: Secrets<'_>) -> Result<Self, SettingsError> {
        let fields = Fields::new(settings, &KNOWN, secrets)?;
        let url = fields.text("url")?;
        let url = url.parse().map_err(|error| SettingsError::at("url", format!("{url:?} is no address: {error}")))?;
        let sign = fields.word("sign", &["sha-256", "sha-384", "sha-512", "sha-1", "none"])?;
        let encrypt = fields.word("encrypt", &["aes-256", "aes-192", "aes-128", "3des", "none"])?;
        let within = fields.number("mdn_within_s", 60..=MDN_WITHIN_S_MAX, MDN_WITHIN_S_DEFAULT)?;
        let made = Self {
            url,
            from: id(&fields, "as2_from")?,
            to: id(&fields, "as2_to")?,
            identities: identities(settings, secrets)?,
            certificates: certificates(settings)?,
            sign: Digest::of_name(sign),
            encrypt: cipher(encrypt),
            compress: match fields.word("compress", &["none", "before_signing", "after_signing"])? {
                "before_signing" => Compress::BeforeSigning,
                "after_signing" => Compress::AfterSigning,
                _ => Compress::No,
            },
            mdn: mdn(&fields)?,
            mdn_signed: fields.flag("mdn_signed", true)?,
            mdn_is_receipt: fields.flag("mdn_is_receipt", false)?,
            mdn_within: SignedDuration::from_secs(i64::try_from(within).unwrap_or(i64::MAX)),
            mdn_host: fields.optional_text("mdn_host")?,
            mic_check: fields.flag("mic_check", true)?,
            require_signature: fields.flag("require_signature", true)?,
            require_encryption: fields.flag("require_encryption", true)?,
            accept_expired: fields.flag("accept_expired_certificates", false)?,
            base64: fields.word("transfer_encoding", &["binary", "base64"])? == "base64",
            dash: fields.word("micalg_spelling", &["dashed", "plain"])? == "dashed",
            authorization: fields.secret("authorization")?.map(|whole| whole.trim().to_owned()),
        };
        made.complete()
    }

    /// What one setting makes necessary in another.
    fn complete(self) -> Result<Self, SettingsError> {
        if self.from == self.to {
            return Err(SettingsError::at("as2_to", "as2_to must be the partner's identifier, not ours"));
        }
        if self.sign.is_some() && self.identities.is_empty() {
            let how = "identity is missing: store a private key with its certificate as a secret (PEM) and name it";
            return Err(SettingsError::at("identity", how));
        }
        let wanted = self.encrypt.is_some() || self.require_signature;
        if wanted && self.certificates.is_empty() {
            return Err(SettingsError::at(
                "certificates",
                "certificates is missing: give the partner's certificate as PEM",
            ));
        }
        Ok(self)
    }

    /// Our key that signs now.
    pub fn identity(&self, now: Timestamp) -> Option<&Identity> {
        current(&self.identities, now, |identity| identity.certificate.not_after)
    }

    /// The partner's certificate to encrypt for now.
    pub fn certificate(&self, now: Timestamp) -> Option<&Certificate> {
        current(&self.certificates, now, |certificate| certificate.not_after)
    }

    /// All our keys, for decrypting.
    pub fn all_identities(&self) -> Vec<Identity> {
        self.identities.iter().map(|dated| dated.what.clone()).collect()
    }

    /// The partner's certificates that may have signed something now: those announced too, since partners change early.
    pub fn verifying(&self, now: Timestamp) -> Vec<&Certificate> {
        let all = self.certificates.iter().map(|dated| &dated.what);
        all.filter(|certificate| self.accept_expired || certificate.not_after >= now).collect()
    }

    /// Certificates that end within `within` of now and that nothing newer stands in for: whose, and when they end.
    pub fn ending(&self, now: Timestamp, within: SignedDuration) -> Vec<(&'static str, &Certificate)> {
        let ours: Vec<&Certificate> = self.identities.iter().map(|dated| &dated.what.certificate).collect();
        let theirs: Vec<&Certificate> = self.certificates.iter().map(|dated| &dated.what).collect();
        let latest = |all: &[&Certificate]| all.iter().copied().max_by_key(|one| one.not_after).cloned();
        let mut ending = Vec::new();
        for (whose, all) in [("our", ours), ("their", theirs)] {
            let last = latest(&all).filter(|last| last.not_after <= now + within);
            ending.extend(last.and_then(|last| all.iter().copied().find(|one| **one == last)).map(|one| (whose, one)));
        }
        ending
    }
}

/// The newest whose time has come and that has not ended; else the one that ends last.
fn current<T>(all: &[Dated<T>], now: Timestamp, ends: impl Fn(&T) -> Timestamp) -> Option<&T> {
    let open = all.iter().filter(|dated| dated.from <= now && ends(&dated.what) >= now);
    let newest = open.max_by_key(|dated| dated.from).or_else(|| all.iter().max_by_key(|dated| ends(&dated.what)));
    newest.map(|dated| &dated.what)
}

fn id(fields: &Fields<'_>, field: &str) -> Result<String, SettingsError> {
    let text = fields.text(field)?;
    let plain = text.len() <= ID_BYTES_MAX
        && text.bytes().all(|byte| (b' '..=b'~').contains(&byte) && !b"\"\\>".contains(&byte));
    if plain && text.trim() == text {
        return Ok(text);
    }
    let sentence =
        format!("{field} must have 1 to {ID_BYTES_MAX} printable ASCII characters without quotes, backslashes or >");
    Err(SettingsError::at(field, sentence))
}

fn cipher(word: &str) -> Option<Cipher> {
    match word {
        "aes-256" => Some(Cipher::Aes256),
        "aes-192" => Some(Cipher::Aes192),
        "aes-128" => Some(Cipher::Aes128),
        "3des" => Some(Cipher::TripleDes),
        _ => None,
    }
}

fn mdn(fields: &Fields<'_>) -> Result<Mdn, SettingsError> {
    let url = fields.optional_text("mdn_url")?;
    match (fields.word("mdn", &["sync", "async", "none"])?, url) {
        ("async", Some(url)) => Ok(Mdn::Async(url)),
        ("async", None) => {
            let how = "mdn_url is missing: the address of this service's /as2, as the partner reaches it";
            Err(SettingsError::at("mdn_url", how))
        }
        ("none", _) => Ok(Mdn::No),
        _ => Ok(Mdn::Sync),
    }
}

/// One value or a list of them.
fn listed(value: Option<&Value>) -> &[Value] {
    match value {
        None | Some(Value::Null) => &[],
        Some(Value::Array(list)) => list,
        Some(one) => std::slice::from_ref(one),
    }
}

/// The text of an entry and the time from which it is used, where it is told: `"…"` or `{"NAME": "…", "from": "…"}`.
fn entry<'v>(value: &'v Value, name: &str, place: &str) -> Result<(&'v str, Option<Timestamp>), SettingsError> {
    let fault = |sentence: String| SettingsError::at(place, sentence);
    if let Value::String(text) = value {
        return Ok((text, None));
    }
    let text = value.get(name).and_then(Value::as_str);
    let text = text.ok_or_else(|| fault(format!("give a text, or {{\"{name}\": …, \"from\": …}}")))?;
    let from = value.get("from").and_then(Value::as_str);
    let from = from
        .map(|from| from.parse().map_err(|error| fault(format!("from is no instant (2026-12-01T00:00:00Z): {error}"))));
    Ok((text, from.transpose()?))
}

fn identities(settings: &Value, secrets: Secrets<'_>) -> Result<Vec<Dated<Identity>>, SettingsError> {
    let mut all = Vec::new();
    for (index, value) in listed(settings.get("identity")).iter().enumerate() {
        let place = format!("identity/{index}");
        let (reference, from) = entry(value, "secret", &place)?;
        let one = serde_json::json!({ "identity": reference });
        let text = Fields::new(&one, &["identity"], secrets)?.secret("identity")?.unwrap_or_default();
        let what = Identity::of_pem(&text).map_err(|why| SettingsError::at(&place, why))?;
        all.push(Dated { from: from.unwrap_or(what.certificate.not_before), what });
    }
    Ok(all)
}

fn certificates(settings: &Value) -> Result<Vec<Dated<Certificate>>, SettingsError> {
    let mut all = Vec::new();
    for (index, value) in listed(settings.get("certificates")).iter().enumerate() {
        let place = format!("certificates/{index}");
        let (text, from) = entry(value, "pem", &place)?;
        // The first is the partner's own; what follows it in one text is the chain, which is not needed.
        let what = Certificate::of_pem(text).map_err(|why| SettingsError::at(&place, why))?.swap_remove(0);
        all.push(Dated { from: from.unwrap_or(what.not_before), what });
    }
    Ok(all)
}
