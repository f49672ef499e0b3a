//! ID tokens of an identity provider: signature, issuer, audience, times, nonce. Pure: keys and the present are arguments.
//!
//! Three algorithms and no other; the key says which one it is for, never the token alone.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde::Deserialize;
use serde_json::Value;

/// Longest token that is looked at.
const TOKEN_BYTES_MAX: usize = 16 << 10;
/// Clocks of two machines may differ by so much.
const LEEWAY_S: i64 = 60;
/// Longest subject.
const SUBJECT_LENGTH_MAX: usize = 255;

/// A key of the provider (RFC 7517), as far as we use it.
#[derive(Debug, Clone, Deserialize)]
pub struct Jwk {
    kty: String,
    #[serde(default)]
    kid: Option<String>,
    #[serde(default, rename = "use")]
    purpose: Option<String>,
    #[serde(default)]
    alg: Option<String>,
    #[serde(default)]
    crv: Option<String>,
    #[serde(default)]
    n: Option<String>,
    #[serde(default)]
    e: Option<String>,
    #[serde(default)]
    x: Option<String>,
    #[serde(default)]
    y: Option<String>,
}

/// What a token must say.
#[derive(Debug, Clone)]
pub struct Expected<'a> {
    /// Who made it, exactly.
    pub issuer: &'a str,
    /// For whom: us.
    pub client_id: &'a str,
    /// The number used once that we sent along.
    pub nonce: &'a str,
}

/// What a good token says.
#[derive(Debug, Clone, PartialEq)]
pub struct Claims {
    /// Who it is, to the issuer; never reassigned, unlike a mail address.
    pub subject: String,
    /// All of it.
    pub all: Value,
}

/// Why a token is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// No key of the provider fits: it may have changed its keys.
    UnknownKey,
    /// Anything else, in words for the log.
    Bad(String),
}

fn bad<T>(words: &str) -> Result<T, Fault> {
    Err(Fault::Bad(words.to_owned()))
}

/// Checks a token.
///
/// # Errors
/// What is wrong with it.
pub fn verify(token: &str, keys: &[Jwk], expected: &Expected<'_>, now: Timestamp) -> Result<Claims, Fault> {
    if token.len() > TOKEN_BYTES_MAX {
        return bad("the token is too long");
    }
    let mut parts = token.split('.');
    let (Some(head), Some(body), Some(signature), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return bad("the token has not three parts");
    };
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| Fault::Bad("the token is not base 64".into()));
    let header: Header = read(&decode(head)?)?;
    if header.crit.is_some() {
        return bad("the token demands an extension");
    }
    let key = key_for(&header, keys)?;
    let signed = &token.as_bytes()[..head.len() + 1 + body.len()];
    if !key.verifies(&header.alg, signed, &decode(signature)?) {
        return bad("the signature is wrong");
    }
    let claims: Value = read(&decode(body)?)?;
    check(&claims, expected, now.as_second())?;
    let subject = claims["sub"].as_str().unwrap_or_default().to_owned();
    match subject.is_empty() || subject.len() > SUBJECT_LENGTH_MAX {
        true => bad("sub is missing"),
        false => Ok(Claims { subject, all: claims }),
    }
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    #[serde(default)]
    kid: Option<String>,
    #[serde(default)]
    crit: Option<Value>,
}

fn read<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Result<T, Fault> {
    serde_json::from_slice(bytes).map_err(|_| Fault::Bad("the token is not JSON".into()))
}

/// The one key that the token names, or the only one that fits its algorithm.
fn key_for<'a>(header: &Header, keys: &'a [Jwk]) -> Result<&'a Jwk, Fault> {
    if !["RS256", "ES256", "EdDSA"].contains(&header.alg.as_str()) {
        return Err(Fault::Bad(format!("the algorithm {:?} is not allowed", header.alg)));
    }
    let mut fitting = keys.iter().filter(|key| key.fits(&header.alg));
    match &header.kid {
        Some(kid) => fitting.find(|key| key.kid.as_ref() == Some(kid)).ok_or(Fault::UnknownKey),
        None => match (fitting.next(), fitting.next()) {
            (Some(only), None) => Ok(only),
            _ => bad("the token names no key, and several fit"),
        },
    }
}

impl Jwk {
    fn fits(&self, alg: &str) -> bool {
        let shape = match (self.kty.as_str(), self.crv.as_deref()) {
            ("RSA", _) => "RS256",
            ("EC", Some("P-256")) => "ES256",
            ("OKP", Some("Ed25519")) => "EdDSA",
            _ => return false,
        };
        shape == alg && self.alg.as_deref().is_none_or(|a| a == alg) && self.purpose.as_deref() != Some("enc")
    }

    fn verifies(&self, alg: &str, signed: &[u8], signature: &[u8]) -> bool {
        let part =
            |text: &Option<String>| text.as_ref().and_then(|t| URL_SAFE_NO_PAD.decode(t).ok()).unwrap_or_default();
        match alg {
            "RS256" => {
                let key = RsaPublicKeyComponents { n: part(&self.n), e: part(&self.e) };
                key.verify(&RSA_PKCS1_2048_8192_SHA256, signed, signature).is_ok()
            }
            "ES256" => {
                let point = [vec![4], part(&self.x), part(&self.y)].concat();
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(signed, signature).is_ok()
            }
            "EdDSA" => UnparsedPublicKey::new(&ED25519, part(&self.x)).verify(signed, signature).is_ok(),
            _ => false,
        }
    }
}

fn check(claims: &Value, expected: &Expected<'_>, now: i64) -> Result<(), Fault> {
    if claims["iss"].as_str() != Some(expected.issuer) {
        return bad("iss is another issuer");
    }
    let audience: Vec<&str> = match &claims["aud"] {
        Value::String(one) => vec![one],
        Value::Array(many) => many.iter().filter_map(Value::as_str).collect(),
        _ => vec![],
    };
    if !audience.contains(&expected.client_id) {
        return bad("aud is somebody else");
    }
    let party = claims["azp"].as_str();
    if party.is_some_and(|p| p != expected.client_id) || (audience.len() > 1 && party.is_none()) {
        return bad("azp is somebody else");
    }
    let time = |name: &str| claims[name].as_f64().map(|seconds| seconds as i64);
    match (time("exp"), time("iat")) {
        (Some(exp), _) if exp + LEEWAY_S <= now => return bad("it has expired"),
        (Some(_), Some(iat)) if iat > now + LEEWAY_S => return bad("it was made in the future"),
        (Some(_), Some(_)) => {}
        _ => return bad("exp or iat is missing"),
    }
    if time("nbf").is_some_and(|nbf| nbf > now + LEEWAY_S) {
        return bad("it is not good yet");
    }
    match claims["nonce"].as_str() {
        Some(nonce) if super::same(&super::hash(nonce.as_bytes()), &super::hash(expected.nonce.as_bytes())) => Ok(()),
        _ => bad("nonce is not ours"),
    }
}

/// The texts of a claim; a dotted path reaches into it.
pub fn texts<'a>(claims: &'a Value, path: &str) -> Vec<&'a str> {
    let found = claims.get(path).or_else(|| claims.pointer(&format!("/{}", path.replace('.', "/"))));
    match found {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).collect(),
        _ => vec![],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ring::rand::SystemRandom;
    use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair};
    use serde_json::json;

    const NOW: i64 = 1_800_000_000;

    fn encode(value: &Value) -> String {
        URL_SAFE_NO_PAD.encode(value.to_string())
    }

    fn good() -> Value {
        json!({"iss": "https://id.example", "aud": "countersign", "sub": "u-1", "nonce": "n-1", "iat": NOW, "exp": NOW + 300, "groups": ["buyers"]})
    }

    /// A provider with one key.
    struct Provider {
        key: EcdsaKeyPair,
        random: SystemRandom,
    }

    impl Provider {
        fn new() -> Self {
            let random = SystemRandom::new();
            let bytes = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
            let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, bytes.as_ref(), &random).unwrap();
            Self { key, random }
        }
        fn jwk(&self, kid: &str) -> Jwk {
            let point = self.key.public_key().as_ref();
            let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
            serde_json::from_value(json!({"kty": "EC", "crv": "P-256", "kid": kid, "use": "sig", "x": part(&point[1..33]), "y": part(&point[33..])})).unwrap()
        }
        fn sign(&self, header: &Value, claims: &Value) -> String {
            let signed = format!("{}.{}", encode(header), encode(claims));
            let signature = self.key.sign(&self.random, signed.as_bytes()).unwrap();
            format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
        }
    }

    fn judged(token: &str, keys: &[Jwk]) -> Result<Claims, Fault> {
        let expected = Expected { issuer: "https://id.example", client_id: "countersign", nonce: "n-1" };
        verify(token, keys, &expected, Timestamp::from_second(NOW).unwrap())
    }

    #[test]
    fn a_good_token_is_taken() {
        let provider = Provider::new();
        let head = json!({"alg": "ES256", "kid": "k1"});
        let claims = judged(&provider.sign(&head, &good()), &[provider.jwk("k1")]).unwrap();
        assert_eq!((claims.subject.as_str(), texts(&claims.all, "groups")), ("u-1", vec!["buyers"]));
        let several = json!({"aud": ["countersign", "other"], "azp": "countersign"});
        let mut body = good();
        body.as_object_mut().unwrap().extend(several.as_object().unwrap().clone());
        assert!(judged(&provider.sign(&head, &body), &[provider.jwk("k1")]).is_ok());
        let random = SystemRandom::new();
        let bytes = Ed25519KeyPair::generate_pkcs8(&random).unwrap();
        let edwards = Ed25519KeyPair::from_pkcs8(bytes.as_ref()).unwrap();
        let jwk: Jwk = serde_json::from_value(
            json!({"kty": "OKP", "crv": "Ed25519", "kid": "e", "x": URL_SAFE_NO_PAD.encode(edwards.public_key())}),
        )
        .unwrap();
        let signed = format!("{}.{}", encode(&json!({"alg": "EdDSA", "kid": "e"})), encode(&good()));
        let token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(edwards.sign(signed.as_bytes())));
        assert!(judged(&token, &[provider.jwk("k1"), jwk]).is_ok());
    }

    #[test]
    fn bad_tokens_are_refused() {
        let provider = Provider::new();
        let keys = [provider.jwk("k1")];
        let head = json!({"alg": "ES256", "kid": "k1"});
        let changed = |name: &str, value: Value| {
            let mut claims = good();
            match value {
                Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
                value => claims[name] = value,
            }
            provider.sign(&head, &claims)
        };
        let whole = provider.sign(&head, &good());
        let (signed, signature) = whole.rsplit_once('.').unwrap();
        let x = keys[0].x.clone().unwrap();
        // The public key as the secret of a keyed hash: the classic confusion.
        let confused = {
            use hmac::{Hmac, KeyInit, Mac};
            let text = format!("{}.{}", encode(&json!({"alg": "HS256", "kid": "k1"})), encode(&good()));
            let mut mac = Hmac::<sha2::Sha256>::new_from_slice(x.as_bytes()).unwrap();
            mac.update(text.as_bytes());
            format!("{text}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
        };
        let cases = [
            ("no algorithm", format!("{}.{}.", encode(&json!({"alg": "none"})), encode(&good()))),
            ("no algorithm, signed", provider.sign(&json!({"alg": "none", "kid": "k1"}), &good())),
            ("keyed hash", confused),
            ("RSA named, EC key", provider.sign(&json!({"alg": "RS256", "kid": "k1"}), &good())),
            ("unknown key", provider.sign(&json!({"alg": "ES256", "kid": "k2"}), &good())),
            ("another's key", Provider::new().sign(&head, &good())),
            ("a critical extension", provider.sign(&json!({"alg": "ES256", "kid": "k1", "crit": ["b64"]}), &good())),
            ("no signature", format!("{signed}.")),
            ("cut", signed.to_owned()),
            (
                "changed body",
                format!("{}.{}.{signature}", encode(&head), encode(&json!({"iss": "https://id.example"}))),
            ),
            ("other issuer", changed("iss", json!("https://id.example/"))),
            ("no issuer", changed("iss", Value::Null)),
            ("other audience", changed("aud", json!("shop"))),
            ("several audiences, no party", changed("aud", json!(["countersign", "shop"]))),
            ("another party", changed("azp", json!("shop"))),
            ("expired", changed("exp", json!(NOW - 61))),
            ("no end", changed("exp", Value::Null)),
            ("end as text", changed("exp", json!("never"))),
            ("from the future", changed("iat", json!(NOW + 3600))),
            ("not yet good", changed("nbf", json!(NOW + 3600))),
            ("another nonce", changed("nonce", json!("n-2"))),
            ("no nonce", changed("nonce", Value::Null)),
            ("no subject", changed("sub", Value::Null)),
            ("empty subject", changed("sub", json!(""))),
            ("endless", format!("{whole}{}", "A".repeat(TOKEN_BYTES_MAX))),
        ];
        for (name, token) in cases {
            assert!(judged(&token, &keys).is_err(), "{name}");
        }
        assert!(judged(&whole, &keys).is_ok(), "and the one they were made of is good");
        assert_eq!(
            judged(&provider.sign(&json!({"alg": "ES256", "kid": "k2"}), &good()), &keys),
            Err(Fault::UnknownKey)
        );
    }

    #[test]
    fn a_claim_is_found_by_its_path() {
        let claims = json!({"realm_access": {"roles": ["it", "x"]}, "https://a/role": "buyer"});
        assert_eq!(texts(&claims, "realm_access.roles"), ["it", "x"]);
        assert_eq!(texts(&claims, "https://a/role"), ["buyer"]);
        assert!(texts(&claims, "none").is_empty());
    }
}
