//! Channel secrets at rest: sealed with a key that does not lie beside them.
//!
//! XChaCha20-Poly1305 with a random nonce; the place a secret belongs to (`source|field`) is authenticated, so a sealed
//! text moved to another vendor does not open. Does not know where keys or sealed texts are kept.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};

/// How a sealed text begins; the version names the cipher and the layout (nonce, then ciphertext).
const PREFIX: &str = "sealed:v1:";

/// Nonce of XChaCha20: long enough to be drawn at random for ever.
const NONCE_BYTES: usize = 24;

/// A key of XChaCha20-Poly1305.
pub const KEY_BYTES: usize = 32;

/// Longest secret: private keys with certificates fit, files do not.
pub const SECRET_BYTES_MAX: usize = 64 * 1024;

/// Why a secret could not be sealed or opened. Never says anything about the secret itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// The key text is not 32 bytes.
    #[error("the key must be 32 bytes, as 64 hexadecimal digits or as base64; make one with: openssl rand -hex 32")]
    BadKey,
    /// Not a text that `seal` made.
    #[error("the sealed secret is damaged or not a sealed secret; store the secret again")]
    NotSealed,
    /// Wrong key, wrong place, or changed.
    #[error(
        "the sealed secret does not open: another key sealed it, or it was changed or moved; restore the key, or store the secret again"
    )]
    DoesNotOpen,
    /// Too long.
    #[error("a secret may have at most 65536 bytes")]
    TooLong,
    /// The system gave no random bytes.
    #[error("the system gave no random bytes; nothing was sealed")]
    NoRandomness,
}

/// Seals and opens with one key.
pub struct Sealer(XChaCha20Poly1305);

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealer")
    }
}

impl Sealer {
    /// With one key.
    pub fn new(key: [u8; KEY_BYTES]) -> Self {
        Self(XChaCha20Poly1305::new(&Key::from(key)))
    }

    /// Seals `secret` for its place.
    pub fn seal(&self, source: &str, field: &str, secret: &str) -> Result<String, SecretError> {
        if secret.len() > SECRET_BYTES_MAX {
            return Err(SecretError::TooLong);
        }
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(|_| SecretError::NoRandomness)?;
        let place = place(source, field);
        let payload = Payload { msg: secret.as_bytes(), aad: place.as_bytes() };
        let sealed = self.0.encrypt(&XNonce::from(nonce), payload).map_err(|_| SecretError::TooLong)?;
        Ok(format!("{PREFIX}{}", STANDARD.encode([&nonce[..], &sealed].concat())))
    }

    /// Opens what was sealed for this very place.
    pub fn open(&self, source: &str, field: &str, sealed: &str) -> Result<String, SecretError> {
        let encoded = sealed.strip_prefix(PREFIX).ok_or(SecretError::NotSealed)?;
        let bytes = STANDARD.decode(encoded).map_err(|_| SecretError::NotSealed)?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE_BYTES>().ok_or(SecretError::NotSealed)?;
        let place = place(source, field);
        let opened = self.0.decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: place.as_bytes() });
        String::from_utf8(opened.map_err(|_| SecretError::DoesNotOpen)?).map_err(|_| SecretError::NotSealed)
    }
}

/// True if the text looks sealed.
pub fn is_sealed(text: &str) -> bool {
    text.starts_with(PREFIX)
}

/// Draws a new key.
pub fn new_key() -> Result<[u8; KEY_BYTES], SecretError> {
    let mut key = [0; KEY_BYTES];
    getrandom::fill(&mut key).map_err(|_| SecretError::NoRandomness)?;
    Ok(key)
}

/// Reads a key as it stands in a file or variable: 64 hexadecimal digits, or base64.
pub fn read_key(text: &str) -> Result<[u8; KEY_BYTES], SecretError> {
    let text = text.trim();
    let bytes = if text.len() == 2 * KEY_BYTES && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        (0..KEY_BYTES).filter_map(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).ok()).collect()
    } else {
        STANDARD.decode(text).map_err(|_| SecretError::BadKey)?
    };
    bytes.try_into().map_err(|_| SecretError::BadKey)
}

/// The length keeps `a|b` + `c` and `a` + `b|c` apart.
fn place(source: &str, field: &str) -> String {
    format!("{}|{source}|{field}", source.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_only_where_it_was_sealed_for() {
        let sealer = Sealer::new([7; 32]);
        let sealed = sealer.seal("acme", "token", "hush").unwrap();
        assert!(is_sealed(&sealed) && !sealed.contains("hush"));
        assert_eq!(sealer.open("acme", "token", &sealed).as_deref(), Ok("hush"));
        assert_eq!(sealer.open("bolt", "token", &sealed), Err(SecretError::DoesNotOpen));
        assert_eq!(sealer.open("acme", "password", &sealed), Err(SecretError::DoesNotOpen));
        assert_eq!(Sealer::new([8; 32]).open("acme", "token", &sealed), Err(SecretError::DoesNotOpen));
        let moved = sealer.seal("a|b", "c", "hush").unwrap();
        assert_eq!(sealer.open("a", "b|c", &moved), Err(SecretError::DoesNotOpen));
    }

    #[test]
    fn never_the_same_text_twice() {
        let sealer = Sealer::new([7; 32]);
        assert_ne!(sealer.seal("a", "b", "hush").unwrap(), sealer.seal("a", "b", "hush").unwrap());
    }

    #[test]
    fn every_flipped_bit_is_found() {
        let sealer = Sealer::new([7; 32]);
        let sealed = sealer.seal("acme", "token", "hush").unwrap();
        let bytes = STANDARD.decode(&sealed[PREFIX.len()..]).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            let changed = format!("{PREFIX}{}", STANDARD.encode(changed));
            assert_eq!(sealer.open("acme", "token", &changed), Err(SecretError::DoesNotOpen), "bit {bit}");
        }
        for cut in 0..sealed.len() {
            assert!(sealer.open("acme", "token", &sealed[..cut]).is_err(), "cut at {cut}");
        }
    }

    #[test]
    fn keys_are_read_in_two_forms_and_drawn() {
        assert_eq!(read_key(&format!(" {}\n", "0a".repeat(32))), Ok([10; 32]));
        assert_eq!(read_key(&STANDARD.encode([9; 32])), Ok([9; 32]));
        for text in ["", "0a", "zz", &"0g".repeat(32), &STANDARD.encode([9; 31]), &"ä".repeat(32)] {
            assert_eq!(read_key(text), Err(SecretError::BadKey), "{text}");
        }
        assert_ne!(new_key(), new_key());
    }

    #[test]
    fn long_secrets_are_refused() {
        let sealer = Sealer::new([7; 32]);
        assert_eq!(sealer.seal("a", "b", &"x".repeat(SECRET_BYTES_MAX + 1)), Err(SecretError::TooLong));
        assert!(sealer.seal("a", "b", "").is_ok());
    }
}
