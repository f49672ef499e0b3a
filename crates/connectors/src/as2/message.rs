//! AS2 messages (RFC 4130, compression after RFC 5402): a paper packed for a partner, and what a partner packed for us.
//!
//! Knows certificates and MIME, no network and no clock of its own. Opening goes by what the bytes are, not by what their
//! headers say; the digest for the receipt (MIC) is taken where the RFCs want it: over what was signed, else over what
//! was encrypted with its headers, else over the payload alone.

use super::cms::{self, Cipher, Digest, Kind, Unverified};
use super::keys::{Certificate, Identity};
use super::mime::{self, Entity};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use std::borrow::Cow;

/// Layers of one message: compressed, signed, encrypted, and one more to be kind.
const LAYERS_MAX: usize = 6;

/// Largest payload after unpacking; what is compressed could otherwise grow without end.
pub const PAYLOAD_BYTES_MAX: usize = 64 * 1024 * 1024;

/// When a paper is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compress {
    /// It is not.
    No,
    /// First of all.
    BeforeSigning,
    /// Together with its signature.
    AfterSigning,
}

/// How papers are packed for a partner.
#[derive(Debug, Clone)]
pub struct Packing<'a> {
    /// Who signs; nobody if it is not signed.
    pub sign: Option<(&'a Identity, Digest)>,
    /// For whom it is encrypted.
    pub encrypt: Option<(&'a Certificate, Cipher)>,
    /// Whether it is compressed.
    pub compress: Compress,
    /// Everything in base64 instead of binary.
    pub base64: bool,
    /// Digests are spelt `sha-256` and not `sha256`.
    pub dash: bool,
}

/// A paper ready for the wire.
#[derive(Debug)]
pub struct Packed {
    /// Media type, with its parameters.
    pub content_type: String,
    /// Transfer encoding of the body.
    pub encoding: &'static str,
    /// The body.
    pub body: Vec<u8>,
    /// Digests that an honest receipt may name, as base64.
    pub mics: Vec<String>,
}

/// Packs a paper.
///
/// # Errors
/// A key or certificate does not serve.
pub fn pack(
    payload: &[u8],
    media_type: &str,
    name: &str,
    packing: &Packing<'_>,
    now: Timestamp,
) -> Result<Packed, String> {
    let disposition = format!("attachment; filename=\"{name}\"");
    let mut inner =
        mime::entity(&[("Content-Type", media_type), ("Content-Disposition", &disposition)], payload, packing.base64);
    let plain = packing.sign.is_none() && packing.encrypt.is_none() && packing.compress == Compress::No;
    let mut covered = if plain { payload.to_vec() } else { inner.clone() };
    if packing.compress == Compress::BeforeSigning {
        inner = enclosed("compressed-data", "smime.p7z", &cms::compress(&inner)?, packing.base64);
    }
    if let Some((identity, digest)) = packing.sign {
        covered.clone_from(&inner);
        inner = signed(&inner, identity, digest, packing.dash, now)?;
    }
    if packing.compress == Compress::AfterSigning {
        inner = enclosed("compressed-data", "smime.p7z", &cms::compress(&inner)?, packing.base64);
    }
    if let Some((to, cipher)) = packing.encrypt {
        inner = enclosed("enveloped-data", "smime.p7m", &cms::encrypt(&inner, to, cipher)?, packing.base64);
    }
    let entity = Entity::read(&inner);
    let encoding = if entity.header("content-transfer-encoding") == "base64" { "base64" } else { "binary" };
    Ok(Packed {
        content_type: entity.header("content-type").to_owned(),
        encoding,
        body: entity.body.to_vec(),
        mics: mics(&covered),
    })
}

/// Every digest under which the bytes may come back: peers choose the algorithm, and some digest with other line ends.
fn mics(covered: &[u8]) -> Vec<String> {
    let canonical = mime::canonical(covered);
    let forms: &[&[u8]] = if canonical == covered { &[covered] } else { &[covered, &canonical] };
    forms.iter().flat_map(|form| Digest::ALL.map(|digest| STANDARD.encode(digest.of(form)))).collect()
}

fn enclosed(kind: &str, name: &str, bytes: &[u8], base64: bool) -> Vec<u8> {
    let content_type = format!("application/pkcs7-mime; smime-type={kind}; name=\"{name}\"");
    let disposition = format!("attachment; filename=\"{name}\"");
    mime::entity(&[("Content-Type", &content_type), ("Content-Disposition", &disposition)], bytes, base64)
}

/// An entity with its signature beside it, as an entity.
///
/// # Errors
/// The key is too small for the digest.
pub fn signed(inner: &[u8], by: &Identity, digest: Digest, dash: bool, now: Timestamp) -> Result<Vec<u8>, String> {
    let signature = cms::sign(inner, by, digest, now)?;
    let headers = [
        ("Content-Type", "application/pkcs7-signature; name=\"smime.p7s\""),
        ("Content-Disposition", "attachment; filename=\"smime.p7s\""),
    ];
    let signature = mime::entity(&headers, &signature, true);
    let boundary = boundary(inner);
    let head = format!(
        "Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; micalg={}; boundary=\"{boundary}\"\r\n\r\n",
        digest.name(dash)
    );
    Ok([head.into_bytes(), mime::multipart(&boundary, &[inner, &signature])].concat())
}

/// A boundary that does not occur in the bytes: a digest of them cannot.
pub fn boundary(of: &[u8]) -> String {
    let digits: String = Digest::Sha256.of(of).iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("=_{digits}")
}

/// What opens a partner's messages.
#[derive(Debug, Clone, Copy)]
pub struct Keys<'a> {
    /// Ours: each may decrypt.
    pub identities: &'a [Identity],
    /// The partner's: each may have signed.
    pub certificates: &'a [&'a Certificate],
}

/// Why a message could not be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It could not be decrypted.
    Decryption,
    /// It could not be unpacked.
    Decompression,
    /// The signature is not one of the partner's.
    Authentication,
    /// The content is another one than was signed.
    Integrity,
    /// It should have been signed, or encrypted.
    Insufficient,
    /// It is made in a way that is not known here.
    Unexpected,
}

impl Fault {
    /// The word for it in a receipt.
    pub fn modifier(self) -> &'static str {
        match self {
            Fault::Decryption => "decryption-failed",
            Fault::Decompression => "decompression-failed",
            Fault::Authentication => "authentication-failed",
            Fault::Integrity => "integrity-check-failed",
            Fault::Insufficient => "insufficient-message-security",
            Fault::Unexpected => "unexpected-processing-error",
        }
    }

    /// What it means, for people.
    pub fn sentence(self) -> &'static str {
        match self {
            Fault::Decryption => {
                "it could not be decrypted with any key of ours: has the partner our current certificate?"
            }
            Fault::Decompression => "what is compressed in it cannot be unpacked",
            Fault::Authentication => {
                "no certificate of the partner known here made its signature: has the partner a new one?"
            }
            Fault::Integrity => "its content is another one than was signed",
            Fault::Insufficient => "it is not signed or not encrypted, and the agreement wants both or one of them",
            Fault::Unexpected => "it is made in a way that is not known here",
        }
    }
}

/// One file of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payload {
    /// Its name, if it came with one.
    pub name: Option<String>,
    /// Its media type.
    pub media_type: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// A message that was opened.
#[derive(Debug)]
pub struct Opened {
    /// What came; most often one file.
    pub payloads: Vec<Payload>,
    /// The report, if it is a receipt: its third and second part.
    pub report: Option<super::mdn::Report>,
    /// Which certificate signed it, and how it was digested.
    pub signed: Option<(usize, Digest)>,
    /// It was encrypted.
    pub encrypted: bool,
    covered: Vec<u8>,
}

impl Opened {
    /// The digest for the receipt, as base64, and how it was computed.
    pub fn mic(&self, wanted: Option<Digest>) -> (String, Digest) {
        let digest = wanted.or(self.signed.map(|(_, digest)| digest)).unwrap_or(Digest::Sha256);
        (STANDARD.encode(digest.of(&self.covered)), digest)
    }
}

/// One layer of a message being opened.
struct Layer {
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

/// Opens a message, layer by layer.
///
/// # Errors
/// Why it could not be opened.
pub fn open(headers: Vec<(String, String)>, body: &[u8], keys: &Keys<'_>) -> Result<Opened, Fault> {
    let mut layer = Layer { headers, body: body.to_vec() };
    let mut opened = Opened { payloads: vec![], report: None, signed: None, encrypted: false, covered: body.to_vec() };
    for _ in 0..LAYERS_MAX {
        let entity = Entity::of(layer.headers.clone(), &layer.body);
        let media = entity.media_type();
        let inner: Vec<u8> = if media == "multipart/signed" {
            let (inner, by, digest) = beside(&entity, keys)?;
            opened.signed = Some((by, digest));
            opened.covered.clone_from(&inner);
            inner
        } else if media.starts_with("application/") && media.ends_with("pkcs7-mime") {
            within(&entity.decoded(true), keys, &mut opened)?
        } else {
            return Ok(finish(&entity, &media, opened));
        };
        let entity = Entity::read(&inner);
        layer = Layer { headers: entity.headers.clone(), body: entity.body.to_vec() };
    }
    Err(Fault::Unexpected)
}

fn finish(entity: &Entity<'_>, media: &str, mut opened: Opened) -> Opened {
    if media == "multipart/report" {
        opened.report = super::mdn::Report::read(entity);
        return opened;
    }
    let payload = |part: &Entity<'_>| Payload {
        name: part.file_name(),
        media_type: part.media_type(),
        bytes: part.decoded(false).into_owned(),
    };
    opened.payloads = match media {
        "multipart/related" | "multipart/mixed" => entity.parts().iter().map(payload).collect(),
        _ => vec![payload(entity)],
    };
    opened
}

/// Content with its signature beside it.
fn beside(entity: &Entity<'_>, keys: &Keys<'_>) -> Result<(Vec<u8>, usize, Digest), Fault> {
    let parts = entity.parts();
    let [content, signature, ..] = parts.as_slice() else { return Err(Fault::Unexpected) };
    let signature = signature.decoded(true);
    // As it came first; some peers digest another form of the line ends than they send.
    let forms: [Cow<'_, [u8]>; 2] = [Cow::Borrowed(content.whole), Cow::Owned(mime::canonical(content.whole))];
    let mut fault = Unverified::Unreadable;
    for form in forms {
        match cms::verify(&signature, Some(&form), keys.certificates) {
            Ok(verified) => return Ok((form.into_owned(), verified.by, verified.digest)),
            Err(why) => fault = why,
        }
    }
    Err(of_signature(fault))
}

fn of_signature(why: Unverified) -> Fault {
    match why {
        Unverified::Unreadable => Fault::Unexpected,
        Unverified::Stranger => Fault::Authentication,
        Unverified::Changed => Fault::Integrity,
    }
}

/// What stands within a cryptographic message.
fn within(bytes: &[u8], keys: &Keys<'_>, opened: &mut Opened) -> Result<Vec<u8>, Fault> {
    let unsigned = opened.signed.is_none();
    match cms::kind(bytes).ok_or(if opened.encrypted { Fault::Unexpected } else { Fault::Decryption })? {
        Kind::Enveloped => {
            let inner = cms::decrypt(bytes, keys.identities).ok_or(Fault::Decryption)?;
            opened.encrypted = true;
            opened.covered.clone_from(&inner);
            Ok(inner)
        }
        Kind::Compressed => {
            let inner = cms::decompress(bytes, PAYLOAD_BYTES_MAX).ok_or(Fault::Decompression)?;
            if unsigned {
                opened.covered.clone_from(&inner);
            }
            Ok(inner)
        }
        Kind::Signed => {
            let verified = cms::verify(bytes, None, keys.certificates).map_err(of_signature)?;
            let inner = verified.content.ok_or(Fault::Unexpected)?;
            opened.signed = Some((verified.by, verified.digest));
            opened.covered.clone_from(&inner);
            Ok(inner)
        }
    }
}
