//! Certificates and private keys, as far as AS2 needs them: whose, from when to when, and the RSA numbers.
//!
//! Certificates are pinned: a partner's is trusted because it stands in the partner's settings, not because of a chain.
//! Does not know where they are kept.

use super::asn1::{GENERALIZED_TIME, Node, UTC_TIME};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use rsa::pkcs1::DecodeRsaPrivateKey;
use rsa::pkcs8::{DecodePrivateKey, DecodePublicKey};
use rsa::{RsaPrivateKey, RsaPublicKey};
use sha2::{Digest, Sha256};

/// `commonName`.
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
/// Certificates read of one text: a chain has three or four.
const BLOCKS_MAX: usize = 16;

/// A certificate of ours or of a partner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// As it is.
    pub der: Vec<u8>,
    /// Who issued it, as it stands in it.
    pub issuer: Vec<u8>,
    /// Its number, as it stands in it.
    pub serial: Vec<u8>,
    /// The key it is about.
    pub key: RsaPublicKey,
    /// Valid from.
    pub not_before: Timestamp,
    /// Valid until.
    pub not_after: Timestamp,
    /// Whose, for people.
    pub name: String,
}

impl Certificate {
    /// Reads one.
    ///
    /// # Errors
    /// A sentence that says what is wrong with it.
    pub fn read(der: &[u8]) -> Result<Self, String> {
        let broken = || "the certificate cannot be read".to_owned();
        let whole = Node::read(der).ok_or_else(broken)?;
        let body = whole.part(0).ok_or_else(broken)?;
        // The version stands first if it is not the default one.
        let at = usize::from(body.part(0).is_some_and(|part| part.tag == super::asn1::context(0)));
        let part = |index: usize| body.part(at + index).ok_or_else(broken);
        let validity = part(3)?;
        let time = |index: usize| validity.part(index).and_then(instant).ok_or_else(broken);
        let key = RsaPublicKey::from_public_key_der(part(5)?.raw);
        Ok(Self {
            der: whole.raw.to_vec(),
            serial: part(0)?.raw.to_vec(),
            issuer: part(2)?.raw.to_vec(),
            not_before: time(0)?,
            not_after: time(1)?,
            name: common_name(part(4)?).unwrap_or_else(|| "no name".to_owned()),
            key: key
                .map_err(|_| "the certificate's key is not RSA; AS2 here signs and encrypts with RSA".to_owned())?,
        })
    }

    /// All certificates of a text in PEM, in its order.
    ///
    /// # Errors
    /// There is none, or one of them cannot be read.
    pub fn of_pem(text: &str) -> Result<Vec<Self>, String> {
        let blocks = pem(text)?;
        let all: Result<Vec<Self>, String> =
            blocks.iter().filter(|(label, _)| label == "CERTIFICATE").map(|(_, der)| Self::read(der)).collect();
        match all? {
            none if none.is_empty() => Err("there is no certificate (-----BEGIN CERTIFICATE-----) in it".to_owned()),
            all => Ok(all),
        }
    }

    /// SHA-256 of the whole, in hexadecimal digits: what people compare on the telephone.
    pub fn fingerprint(&self) -> String {
        Sha256::digest(&self.der).iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// A private key of ours with its certificate.
#[derive(Clone)]
pub struct Identity {
    /// Signs and decrypts.
    pub key: RsaPrivateKey,
    /// What partners know of it.
    pub certificate: Certificate,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Identity").field("certificate", &self.certificate.name).finish_non_exhaustive()
    }
}

impl Identity {
    /// Reads a private key and the certificate made for it, both in PEM, in one text.
    ///
    /// # Errors
    /// A sentence that says what is missing or does not fit; never anything of the key.
    pub fn of_pem(text: &str) -> Result<Self, String> {
        let blocks = pem(text)?;
        let key = blocks.iter().find_map(|(label, der)| match label.as_str() {
            "PRIVATE KEY" => Some(RsaPrivateKey::from_pkcs8_der(der).map_err(|_| ())),
            "RSA PRIVATE KEY" => Some(RsaPrivateKey::from_pkcs1_der(der).map_err(|_| ())),
            "ENCRYPTED PRIVATE KEY" => Some(Err(())),
            _ => None,
        });
        let key = match key {
            Some(Ok(key)) => key,
            Some(Err(())) => {
                return Err("the private key cannot be read: give RSA in PEM, not encrypted (it is sealed here)".into());
            }
            None => return Err("there is no private key (-----BEGIN PRIVATE KEY-----) in it".to_owned()),
        };
        let public = key.to_public_key();
        let certificates = Certificate::of_pem(text)?;
        let own = certificates.into_iter().find(|certificate| certificate.key == public);
        let certificate = own.ok_or("no certificate in it belongs to the private key")?;
        Ok(Self { key, certificate })
    }
}

/// The blocks of a PEM text: label and bytes.
fn pem(text: &str) -> Result<Vec<(String, Vec<u8>)>, String> {
    let mut blocks = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("-----BEGIN ") {
        let (label, after) = after.split_once("-----").ok_or("a PEM block has no end of its first line")?;
        let end = format!("-----END {label}-----");
        let (body, after) = after.split_once(&end).ok_or_else(|| format!("the PEM block {label} has no end"))?;
        let digits: String = body.chars().filter(|c| !c.is_ascii_whitespace()).collect();
        let bytes = STANDARD.decode(digits).map_err(|_| format!("the PEM block {label} is not base64"))?;
        blocks.push((label.to_owned(), bytes));
        rest = after;
        if blocks.len() > BLOCKS_MAX {
            return Err(format!("more than {BLOCKS_MAX} PEM blocks"));
        }
    }
    Ok(blocks)
}

/// An instant as certificates write it: always in UTC, with seconds.
fn instant(node: &Node<'_>) -> Option<Timestamp> {
    let text = std::str::from_utf8(node.value).ok()?.strip_suffix('Z')?;
    let text = match node.tag {
        // Two digits of the year: until 2049, then from 1950 on.
        UTC_TIME => format!("{}{text}", if text.get(..2)?.parse::<u8>().ok()? < 50 { "20" } else { "19" }),
        GENERALIZED_TIME => text.to_owned(),
        _ => return None,
    };
    let time = DateTime::strptime("%Y%m%d%H%M%S", text).ok()?;
    time.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

fn common_name(name: &Node<'_>) -> Option<String> {
    let pairs = name.parts.iter().flat_map(|set| &set.parts);
    let value =
        pairs.filter(|pair| pair.part(0).is_some_and(|kind| kind.is(COMMON_NAME))).find_map(|pair| pair.part(1))?;
    Some(crate::client::quote(&String::from_utf8_lossy(value.value)))
}
