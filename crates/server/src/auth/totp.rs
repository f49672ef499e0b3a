//! The second factor: codes of the moment (RFC 6238: SHA-1, six digits, thirty seconds, as every authenticator app
//! reads them) and recovery codes.
//!
//! The secret stands sealed; a code opens once.

use super::hash;
use countersign_connectors::secrets::Sealer;
use countersign_runtime::ports::StoreError;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha1::Sha1;

/// One code's time.
const STEP_S: i64 = 30;
/// Clocks of phones may be off by this many steps either way.
const DRIFT_STEPS: i64 = 1;
/// Recovery codes handed out.
const RECOVERY_CODES: usize = 10;
/// Letters of base 32 (RFC 4648).
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// A person's second factor as it is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Totp {
    /// The secret, sealed.
    secret: String,
    /// False until its first code was shown to work.
    #[serde(default)]
    on: bool,
    /// The step of the last code that opened: neither it nor an earlier one opens again.
    #[serde(default)]
    last_step: i64,
    /// SHA-256 of the recovery codes that are left.
    #[serde(default)]
    recovery: Vec<String>,
}

impl Totp {
    /// A new one, not yet in force, and its secret in base 32.
    pub(super) fn begin(key: &[u8; 32], name: &str) -> Result<(Self, String), StoreError> {
        let mut bytes = [0; 20];
        getrandom::fill(&mut bytes).map_err(|_| StoreError::Determinate("the system gave no random bytes".into()))?;
        let sealed = Sealer::new(*key).seal("totp", name, &hex::encode(bytes));
        let secret = sealed.map_err(|e| StoreError::Determinate(e.to_string()))?;
        Ok((Self { secret, on: false, last_step: 0, recovery: vec![] }, base32(&bytes)))
    }

    pub(super) fn is_on(&self) -> bool {
        self.on
    }

    /// Puts it in force by its first code.
    pub(super) fn confirm(&mut self, key: &[u8; 32], name: &str, code: &str, codes: &[String], now: Timestamp) -> bool {
        if self.on || !self.accept_code(key, name, code, now) {
            return false;
        }
        self.on = true;
        self.recovery = codes.iter().map(|code| recovery_hash(code)).collect();
        true
    }

    /// Takes a code of the moment or a recovery code; neither opens twice.
    pub(super) fn accept(&mut self, key: &[u8; 32], name: &str, code: &str, now: Timestamp) -> bool {
        if !self.on {
            return false;
        }
        if self.accept_code(key, name, code, now) {
            return true;
        }
        let wanted = recovery_hash(code);
        let before = self.recovery.len();
        self.recovery.retain(|known| *known != wanted);
        self.recovery.len() < before
    }

    fn accept_code(&mut self, key: &[u8; 32], name: &str, code: &str, now: Timestamp) -> bool {
        let Ok(secret) = Sealer::new(*key).open("totp", name, &self.secret) else { return false };
        let Ok(secret) = hex::decode(secret) else { return false };
        let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
        let step = now.as_second().div_euclid(STEP_S);
        let found = (step - DRIFT_STEPS..=step + DRIFT_STEPS)
            .filter(|s| *s > self.last_step)
            .find(|s| code_at(&secret, *s) == digits);
        if let Some(step) = found {
            self.last_step = step;
        }
        found.is_some()
    }
}

/// The code of a step (RFC 4226 with the step as its counter).
fn code_at(secret: &[u8], step: i64) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret).expect("because HMAC takes keys of any length");
    mac.update(&step.to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let at = usize::from(digest[19] & 0xf);
    let number = u32::from_be_bytes([digest[at] & 0x7f, digest[at + 1], digest[at + 2], digest[at + 3]]);
    format!("{:06}", number % 1_000_000)
}

/// The code of a moment for a secret in base 32: what an authenticator app would show.
pub fn code_for(secret: &str, now: Timestamp) -> Option<String> {
    let mut bits = 0_u64;
    let mut held = 0;
    let mut bytes = vec![];
    for letter in secret.bytes() {
        bits = bits << 5 | BASE32.iter().position(|b| *b == letter)? as u64;
        held += 5;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held & 0xff) as u8);
        }
    }
    Some(code_at(&bytes, now.as_second().div_euclid(STEP_S)))
}

fn base32(bytes: &[u8; 20]) -> String {
    let mut text = String::with_capacity(32);
    for five in bytes.chunks(5) {
        let bits = five.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
        text.extend((0..8).rev().map(|i| char::from(BASE32[(bits >> (5 * i) & 31) as usize])));
    }
    text
}

/// Fresh recovery codes: 60 random bits each, written in groups.
pub(super) fn recovery_codes() -> Result<Vec<String>, StoreError> {
    let mut bytes = [0_u8; RECOVERY_CODES * 12];
    getrandom::fill(&mut bytes).map_err(|_| StoreError::Determinate("the system gave no random bytes".into()))?;
    let letter = |b: &u8| char::from(BASE32[usize::from(b & 31)]).to_ascii_lowercase();
    let code = |twelve: &[u8]| {
        let letters: Vec<char> = twelve.iter().map(letter).collect();
        letters.chunks(4).map(|four| four.iter().collect::<String>()).collect::<Vec<_>>().join("-")
    };
    Ok(bytes.chunks(12).map(code).collect())
}

fn recovery_hash(code: &str) -> String {
    let plain: String = code.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    hex::encode(hash(plain.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_rfc_6238() {
        // Appendix B, the last six of its eight digits.
        for (second, code) in [(59, "287082"), (1_111_111_109, "081804"), (2_000_000_000, "279037")] {
            assert_eq!(code_at(b"12345678901234567890", second / STEP_S), code);
        }
    }

    #[test]
    fn a_code_opens_once_and_so_does_a_recovery_code() {
        let (key, now) = ([7; 32], Timestamp::now());
        let (mut totp, secret) = Totp::begin(&key, "ida").unwrap();
        let code = code_for(&secret, now).unwrap();
        assert!(!totp.accept(&key, "ida", &code, now), "not in force yet");
        let codes = recovery_codes().unwrap();
        assert!(!totp.confirm(&key, "ida", "000000x", &codes, now));
        assert!(totp.confirm(&key, "ida", &code, &codes, now));
        assert!(!totp.accept(&key, "ida", &code, now), "seen before");
        let later = now + jiff::SignedDuration::from_secs(60);
        assert!(totp.accept(&key, "ida", &code_for(&secret, later).unwrap(), later));
        assert!(totp.accept(&key, "ida", &codes[3].to_uppercase(), now) && !totp.accept(&key, "ida", &codes[3], now));
        let much = later + jiff::SignedDuration::from_mins(5);
        assert!(!totp.accept(&key, "ida", &code_for(&secret, later).unwrap(), much), "too old");
        assert!(!totp.clone().accept(&key, "eve", &code_for(&secret, much).unwrap(), much), "sealed to its owner");
    }
}
