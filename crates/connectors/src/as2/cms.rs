//! Cryptographic messages (CMS, RFC 5652 and 3274): signed, enveloped, compressed, as AS2 uses them with RSA.
//!
//! Knows no MIME. Reads BER, writes DER. A key that does not unwrap is replaced by a random one and the work goes on, so
//! that neither the answer nor its time tells whether the padding of a key was right.

use super::asn1::{INTEGER, Node, OCTETS, OID, SEQUENCE, SET, UTC_TIME, algorithm, context, integer, join, wrap};
use super::keys::{Certificate, Identity};
use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use flate2::Compression;
use flate2::read::{ZlibDecoder, ZlibEncoder};
use getrandom::SysRng;
use jiff::Timestamp;
use rsa::rand_core::UnwrapErr;
use rsa::{Pkcs1v15Encrypt, Pkcs1v15Sign};
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha384, Sha512};
use std::io::Read;

const DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01];
const SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
const ENVELOPED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x03];
const COMPRESSED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x09];
const CONTENT_TYPE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x03];
const MESSAGE_DIGEST: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x04];
const SIGNING_TIME: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x05];
const ZLIB: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x03, 0x08];
const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];

/// What a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Signed; the content may stand beside it.
    Signed,
    /// Encrypted.
    Enveloped,
    /// Compressed.
    Compressed,
}

/// Says what a message is, by what stands in it.
pub fn kind(bytes: &[u8]) -> Option<Kind> {
    let whole = Node::read(bytes)?;
    let kind = whole.part(0)?;
    let kinds = [(SIGNED_DATA, Kind::Signed), (ENVELOPED_DATA, Kind::Enveloped), (COMPRESSED_DATA, Kind::Compressed)];
    kinds.into_iter().find(|(oid, _)| kind.is(oid)).map(|(_, kind)| kind)
}

/// How a digest is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Digest {
    /// For partners that know nothing else.
    Sha1,
    /// What everybody should use.
    Sha256,
    /// Longer.
    Sha384,
    /// Longest.
    Sha512,
}

impl Digest {
    /// Every one, strongest last.
    pub const ALL: [Digest; 4] = [Digest::Sha1, Digest::Sha256, Digest::Sha384, Digest::Sha512];

    /// By the name in a header, in either spelling (`sha-256`, `SHA256`).
    pub fn of_name(name: &str) -> Option<Self> {
        let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
        Self::ALL.into_iter().find(|digest| digest.name(false) == plain)
    }

    /// Its name in headers, with the dash of the newer RFCs or without.
    pub fn name(self, dash: bool) -> &'static str {
        match (self, dash) {
            // The RFCs spelt this one without a dash for longest; every peer reads it.
            (Digest::Sha1, _) => "sha1",
            (Digest::Sha256, true) => "sha-256",
            (Digest::Sha384, true) => "sha-384",
            (Digest::Sha512, true) => "sha-512",
            (Digest::Sha256, false) => "sha256",
            (Digest::Sha384, false) => "sha384",
            (Digest::Sha512, false) => "sha512",
        }
    }

    fn oid(self) -> &'static [u8] {
        match self {
            Digest::Sha1 => &[0x2b, 0x0e, 0x03, 0x02, 0x1a],
            Digest::Sha256 => &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01],
            Digest::Sha384 => &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02],
            Digest::Sha512 => &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03],
        }
    }

    /// The digest of some bytes.
    pub fn of(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Digest::Sha1 => Sha1::digest(bytes).to_vec(),
            Digest::Sha256 => Sha256::digest(bytes).to_vec(),
            Digest::Sha384 => Sha384::digest(bytes).to_vec(),
            Digest::Sha512 => Sha512::digest(bytes).to_vec(),
        }
    }

    fn scheme(self) -> Pkcs1v15Sign {
        match self {
            Digest::Sha1 => Pkcs1v15Sign::new::<Sha1>(),
            Digest::Sha256 => Pkcs1v15Sign::new::<Sha256>(),
            Digest::Sha384 => Pkcs1v15Sign::new::<Sha384>(),
            Digest::Sha512 => Pkcs1v15Sign::new::<Sha512>(),
        }
    }
}

/// How content is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cipher {
    /// AES with 128 bits.
    Aes128,
    /// AES with 192 bits.
    Aes192,
    /// AES with 256 bits.
    Aes256,
    /// Triple DES, for partners that know nothing else.
    TripleDes,
}

impl Cipher {
    const ALL: [Cipher; 4] = [Cipher::Aes128, Cipher::Aes192, Cipher::Aes256, Cipher::TripleDes];

    fn oid(self) -> &'static [u8] {
        match self {
            Cipher::Aes128 => &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x02],
            Cipher::Aes192 => &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x16],
            Cipher::Aes256 => &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2a],
            Cipher::TripleDes => &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x03, 0x07],
        }
    }

    /// Bytes of key and of initial vector.
    fn sizes(self) -> (usize, usize) {
        match self {
            Cipher::Aes128 => (16, 16),
            Cipher::Aes192 => (24, 16),
            Cipher::Aes256 => (32, 16),
            Cipher::TripleDes => (24, 8),
        }
    }

    fn encrypt(self, key: &[u8], iv: &[u8], plain: &[u8]) -> Option<Vec<u8>> {
        Some(match self {
            Cipher::Aes128 => {
                cbc::Encryptor::<aes::Aes128>::new_from_slices(key, iv).ok()?.encrypt_padded_vec::<Pkcs7>(plain)
            }
            Cipher::Aes192 => {
                cbc::Encryptor::<aes::Aes192>::new_from_slices(key, iv).ok()?.encrypt_padded_vec::<Pkcs7>(plain)
            }
            Cipher::Aes256 => {
                cbc::Encryptor::<aes::Aes256>::new_from_slices(key, iv).ok()?.encrypt_padded_vec::<Pkcs7>(plain)
            }
            Cipher::TripleDes => {
                cbc::Encryptor::<des::TdesEde3>::new_from_slices(key, iv).ok()?.encrypt_padded_vec::<Pkcs7>(plain)
            }
        })
    }

    fn decrypt(self, key: &[u8], iv: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        match self {
            Cipher::Aes128 => {
                cbc::Decryptor::<aes::Aes128>::new_from_slices(key, iv).ok()?.decrypt_padded_vec::<Pkcs7>(sealed).ok()
            }
            Cipher::Aes192 => {
                cbc::Decryptor::<aes::Aes192>::new_from_slices(key, iv).ok()?.decrypt_padded_vec::<Pkcs7>(sealed).ok()
            }
            Cipher::Aes256 => {
                cbc::Decryptor::<aes::Aes256>::new_from_slices(key, iv).ok()?.decrypt_padded_vec::<Pkcs7>(sealed).ok()
            }
            Cipher::TripleDes => {
                cbc::Decryptor::<des::TdesEde3>::new_from_slices(key, iv).ok()?.decrypt_padded_vec::<Pkcs7>(sealed).ok()
            }
        }
    }
}

fn random() -> UnwrapErr<SysRng> {
    UnwrapErr(SysRng)
}

fn info(kind: &[u8], content: &[u8]) -> Vec<u8> {
    join(SEQUENCE, &[&wrap(OID, kind), &wrap(context(0), content)])
}

fn named_by_issuer(certificate: &Certificate) -> Vec<u8> {
    join(SEQUENCE, &[&certificate.issuer, &certificate.serial])
}

/// A signature of `content`, which stands beside it.
///
/// # Errors
/// The key is too small for the digest.
pub fn sign(content: &[u8], identity: &Identity, digest: Digest, at: Timestamp) -> Result<Vec<u8>, String> {
    let attribute = |kind: &[u8], value: &[u8]| join(SEQUENCE, &[&wrap(OID, kind), &wrap(SET, value)]);
    let time = at.strftime("%y%m%d%H%M%SZ").to_string();
    // DER sorts the members of a set; in this order they are sorted, since they grow and begin alike.
    let mut attributes = [
        attribute(CONTENT_TYPE, &wrap(OID, DATA)),
        attribute(SIGNING_TIME, &wrap(UTC_TIME, time.as_bytes())),
        attribute(MESSAGE_DIGEST, &wrap(OCTETS, &digest.of(content))),
    ];
    attributes.sort();
    let attributes = attributes.concat();
    let hash = digest.of(&wrap(SET, &attributes));
    let signature = identity.key.sign_with_rng(&mut random(), digest.scheme(), &hash);
    let signature = signature.map_err(|error| format!("the message cannot be signed: {error}"))?;
    let digest_algorithm = algorithm(digest.oid());
    let signer = join(
        SEQUENCE,
        &[
            &integer(1),
            &named_by_issuer(&identity.certificate),
            &digest_algorithm,
            &wrap(context(0), &attributes),
            &algorithm(RSA),
            &wrap(OCTETS, &signature),
        ],
    );
    let signed = join(
        SEQUENCE,
        &[
            &integer(1),
            &wrap(SET, &digest_algorithm),
            &join(SEQUENCE, &[&wrap(OID, DATA)]),
            &wrap(context(0), &identity.certificate.der),
            &wrap(SET, &signer),
        ],
    );
    Ok(info(SIGNED_DATA, &signed))
}

/// A signature that holds.
#[derive(Debug)]
pub struct Verified {
    /// How the content was digested.
    pub digest: Digest,
    /// Which of the certificates given made it.
    pub by: usize,
    /// The content, where it stands in the message.
    pub content: Option<Vec<u8>>,
}

/// Why a signature does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unverified {
    /// It cannot be read, or is made in a way that is not known here.
    Unreadable,
    /// None of the certificates made it.
    Stranger,
    /// The content is another one than was signed.
    Changed,
}

/// Checks a signature against the certificates of a partner. `content` is what stands beside it, if it does.
///
/// # Errors
/// Why it does not hold.
pub fn verify(bytes: &[u8], content: Option<&[u8]>, of: &[&Certificate]) -> Result<Verified, Unverified> {
    let whole = Node::read(bytes).ok_or(Unverified::Unreadable)?;
    let signed = whole.part(1).and_then(|part| part.part(0)).ok_or(Unverified::Unreadable)?;
    let inside =
        signed.part(2).and_then(|info| info.tagged(context(0))?.part(0)).map(|node| node.octets().into_owned());
    let content = inside.as_deref().or(content).ok_or(Unverified::Unreadable)?;
    let signers = signed.parts.iter().skip(3).rfind(|part| part.tag == SET).ok_or(Unverified::Unreadable)?;
    let mut why = Unverified::Unreadable;
    for signer in &signers.parts {
        match signed_by(signer, content, of) {
            Ok((digest, by)) => return Ok(Verified { digest, by, content: inside.clone() }),
            Err(fault) => why = fault,
        }
    }
    Err(why)
}

fn signed_by(signer: &Node<'_>, content: &[u8], of: &[&Certificate]) -> Result<(Digest, usize), Unverified> {
    let unreadable = Unverified::Unreadable;
    let name = signer.part(2).and_then(|algorithm| algorithm.part(0)).ok_or(unreadable)?;
    let digest = Digest::ALL.into_iter().find(|digest| name.is(digest.oid())).ok_or(unreadable)?;
    let attributes = signer.tagged(context(0));
    let signature = signer.parts.iter().skip(3).find(|part| part.tag & 0x1f == OCTETS).ok_or(unreadable)?.octets();
    let hash = match attributes {
        Some(attributes) => digest.of(&wrap(SET, attributes.value)),
        None => digest.of(content),
    };
    let by = of.iter().position(|one| one.key.verify(digest.scheme(), &hash, &signature).is_ok());
    let stated = attributes.map(|attributes| {
        let mut all = attributes.parts.iter();
        let found = all.find(|one| one.part(0).is_some_and(|kind| kind.is(MESSAGE_DIGEST)));
        found.and_then(|one| one.part(1)?.part(0)).map(|value| value.octets().into_owned())
    });
    match (by, stated) {
        (Some(by), None) => Ok((digest, by)),
        (Some(by), Some(Some(stated))) if stated == digest.of(content) => Ok((digest, by)),
        (Some(_), _) => Err(Unverified::Changed),
        (None, None) => Err(Unverified::Changed),
        (None, Some(_)) => Err(Unverified::Stranger),
    }
}

/// Encrypts content for the holder of a certificate.
///
/// # Errors
/// The certificate's key is too small.
pub fn encrypt(content: &[u8], to: &Certificate, cipher: Cipher) -> Result<Vec<u8>, String> {
    let (key_bytes, iv_bytes) = cipher.sizes();
    let (mut key, mut iv) = (vec![0; key_bytes], vec![0; iv_bytes]);
    let drawn = getrandom::fill(&mut key).and_then(|()| getrandom::fill(&mut iv));
    drawn.map_err(|_| "the system gave no random bytes; nothing was encrypted")?;
    let wrapped = to.key.encrypt(&mut random(), Pkcs1v15Encrypt, &key);
    let wrapped = wrapped.map_err(|error| format!("nothing can be encrypted for {}: {error}", to.name))?;
    let sealed = cipher.encrypt(&key, &iv, content).ok_or("the cipher does not take its key")?;
    let recipient = join(SEQUENCE, &[&integer(0), &named_by_issuer(to), &algorithm(RSA), &wrap(OCTETS, &wrapped)]);
    let with = join(SEQUENCE, &[&wrap(OID, cipher.oid()), &wrap(OCTETS, &iv)]);
    let inner = join(SEQUENCE, &[&wrap(OID, DATA), &with, &wrap(0x80, &sealed)]);
    Ok(info(ENVELOPED_DATA, &join(SEQUENCE, &[&integer(0), &wrap(SET, &recipient), &inner])))
}

/// Decrypts with the first of our identities that the message is for. `None`, whatever the reason.
pub fn decrypt(bytes: &[u8], identities: &[Identity]) -> Option<Vec<u8>> {
    let whole = Node::read(bytes)?;
    let enveloped = whole.part(1)?.part(0)?;
    let recipients = enveloped.tagged(SET)?;
    let inner = enveloped.parts.iter().rfind(|part| part.tag == SEQUENCE)?;
    let with = inner.part(1)?;
    let cipher = Cipher::ALL.into_iter().find(|cipher| with.part(0).is_some_and(|kind| kind.is(cipher.oid())))?;
    let (iv, sealed) = (with.part(1)?.octets(), inner.part(2)?.octets());
    let recipient = |identity: &Identity| recipients.parts.iter().find(|one| is_for(one, &identity.certificate));
    let (identity, recipient) = identities.iter().find_map(|one| Some((one, recipient(one)?)))?;
    if !recipient.part(2)?.part(0)?.is(RSA) {
        return None;
    }
    let mut key = vec![0; cipher.sizes().0];
    getrandom::fill(&mut key).ok()?;
    let wrapped = recipient.part(3)?.octets();
    if let Ok(found) = identity.key.decrypt_blinded(&mut random(), Pkcs1v15Encrypt, &wrapped)
        && found.len() == key.len()
    {
        key = found;
    }
    cipher.decrypt(&key, &iv, &sealed)
}

/// True if a recipient is the holder of the certificate, named by issuer and number or by the number of the key.
fn is_for(recipient: &Node<'_>, certificate: &Certificate) -> bool {
    let Some(name) = recipient.part(1).filter(|_| recipient.tag == SEQUENCE) else { return false };
    match (name.tag, name.part(0), name.part(1)) {
        (SEQUENCE, Some(issuer), Some(serial)) => issuer.raw == certificate.issuer && serial.raw == certificate.serial,
        // The number of a key stands in an extension; it is looked for as the bytes it is made of.
        (0x80, ..) => certificate.der.windows(name.value.len().max(1)).any(|window| window == name.value),
        _ => false,
    }
}

/// Compresses content.
///
/// # Errors
/// Never on memory; the signature is that of a reader.
pub fn compress(content: &[u8]) -> Result<Vec<u8>, String> {
    let mut packed = Vec::new();
    let read = ZlibEncoder::new(content, Compression::default()).read_to_end(&mut packed);
    read.map_err(|error| format!("the message cannot be compressed: {error}"))?;
    let inner = join(SEQUENCE, &[&wrap(OID, DATA), &wrap(context(0), &wrap(OCTETS, &packed))]);
    Ok(info(COMPRESSED_DATA, &join(SEQUENCE, &[&[INTEGER, 1, 0], &join(SEQUENCE, &[&wrap(OID, ZLIB)]), &inner])))
}

/// Unpacks content of at most `limit` bytes.
pub fn decompress(bytes: &[u8], limit: usize) -> Option<Vec<u8>> {
    let whole = Node::read(bytes)?;
    let compressed = whole.part(1)?.part(0)?;
    if !compressed.part(1)?.part(0)?.is(ZLIB) {
        return None;
    }
    let packed = compressed.part(2)?.tagged(context(0))?.part(0)?.octets();
    let mut out = Vec::new();
    let mut reader = ZlibDecoder::new(packed.as_ref()).take(limit as u64 + 1);
    reader.read_to_end(&mut out).ok().filter(|_| out.len() <= limit).map(|_| out)
}
