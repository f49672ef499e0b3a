//! Signing against the specification's own library, and everything that must not be accepted.

use super::*;
use std::collections::BTreeMap;

const BODY: &[u8] = br#"{"type":"countersign.line.committed.v1","data":{"line":"1"}}"#;

fn secret(byte: u8) -> WebhookSecret {
    WebhookSecret(vec![byte; 32])
}

fn now() -> Timestamp {
    Timestamp::now()
}

type Headers = BTreeMap<&'static str, String>;

fn headers(secrets: &[WebhookSecret], timestamp_s: i64) -> Headers {
    let signature = sign(secrets, "msg_1", timestamp_s, BODY);
    [(ID, "msg_1".to_owned()), (TIMESTAMP, timestamp_s.to_string()), (SIGNATURE, signature)].into()
}

fn check(secrets: &[WebhookSecret], headers: &Headers, body: &[u8]) -> Result<String, WebhookError> {
    verify(secrets, |name| headers.get(name).map(String::as_str), body, now()).map(str::to_owned)
}

#[test]
fn the_example_of_the_specification() {
    let secret = WebhookSecret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
    let signature = sign(&[secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, br#"{"test": 2432232314}"#);
    assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

#[test]
fn ours_and_the_specifications_library_accept_each_other() {
    let own = WebhookSecret::draw().unwrap();
    let library = standardwebhooks::Webhook::new(&own.text()).unwrap();
    let now_s = now().as_second();
    assert_eq!(library.sign("msg_1", now_s, BODY).unwrap(), sign(std::slice::from_ref(&own), "msg_1", now_s, BODY));
    let theirs = [
        (ID, "msg_1".to_owned()),
        (TIMESTAMP, now_s.to_string()),
        (SIGNATURE, library.sign("msg_1", now_s, BODY).unwrap()),
    ];
    assert_eq!(check(std::slice::from_ref(&own), &theirs.into(), BODY).as_deref(), Ok("msg_1"));
    let mut map = reqwest::header::HeaderMap::new();
    for (name, value) in headers(&[secret(1), own], now_s) {
        map.insert(name, value.parse().unwrap());
    }
    library.verify(BODY, &map).unwrap();
}

#[test]
fn every_flipped_bit_is_found() {
    let secrets = [secret(7)];
    let good = headers(&secrets, now().as_second());
    assert_eq!(check(&secrets, &good, BODY).as_deref(), Ok("msg_1"));
    for bit in 0..BODY.len() * 8 {
        let mut body = BODY.to_vec();
        body[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(check(&secrets, &good, &body), Err(WebhookError::Signature));
    }
    let signature = STANDARD.decode(good[SIGNATURE].strip_prefix("v1,").unwrap()).unwrap();
    for bit in 0..signature.len() * 8 {
        let mut changed = signature.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        let mut headers = good.clone();
        headers.insert(SIGNATURE, format!("v1,{}", STANDARD.encode(changed)));
        assert_eq!(check(&secrets, &headers, BODY), Err(WebhookError::Signature));
    }
    for name in [ID, TIMESTAMP] {
        let mut headers = good.clone();
        headers.entry(name).and_modify(|value| value.replace_range(value.len() - 1.., "9"));
        if headers != good {
            assert_eq!(check(&secrets, &headers, BODY), Err(WebhookError::Signature), "{name}");
        }
    }
    assert_eq!(check(&[secret(8)], &good, BODY), Err(WebhookError::Signature));
}

#[test]
fn missing_and_malformed_headers_are_refused() {
    let secrets = [secret(7)];
    let good = headers(&secrets, now().as_second());
    for name in [ID, TIMESTAMP, SIGNATURE] {
        let mut headers = good.clone();
        headers.remove(name);
        assert_eq!(check(&secrets, &headers, BODY), Err(WebhookError::Header(name)));
        headers.insert(name, String::new());
        assert_eq!(check(&secrets, &headers, BODY), Err(WebhookError::Header(name)));
    }
    for text in ["soon", "+1764000000", "-1", "1764000000.5", " 1764000000", "99999999999999999999"] {
        let mut headers = good.clone();
        headers.insert(TIMESTAMP, text.to_owned());
        assert_eq!(check(&secrets, &headers, BODY), Err(WebhookError::Header(TIMESTAMP)), "{text}");
    }
    for text in ["v1", "v1,", "v2,abc", "v1,%%%", "v1a,AAAA", ",", "v1,AAAA"] {
        let mut headers = good.clone();
        headers.insert(SIGNATURE, text.to_owned());
        assert_eq!(check(&secrets, &headers, BODY), Err(WebhookError::Signature), "{text}");
    }
    let mut headers = good;
    headers.insert(ID, "a.b".to_owned());
    assert_eq!(check(&secrets, &headers, BODY), Err(WebhookError::Header(ID)));
}

#[test]
fn old_and_early_messages_are_refused_though_their_signature_fits() {
    let secrets = [secret(7)];
    let now_s = now().as_second();
    for (shift, expected) in [
        (-TOLERANCE_S - 5, Err(WebhookError::Stale)),
        (-TOLERANCE_S + 5, Ok("msg_1".to_owned())),
        (TOLERANCE_S - 5, Ok("msg_1".to_owned())),
        (TOLERANCE_S + 5, Err(WebhookError::Early)),
        (-now_s, Err(WebhookError::Stale)),
    ] {
        assert_eq!(check(&secrets, &headers(&secrets, now_s + shift), BODY), expected, "{shift}");
    }
}

#[test]
fn nothing_is_accepted_without_a_secret() {
    let good = headers(&[secret(7)], now().as_second());
    assert_eq!(check(&[], &good, BODY), Err(WebhookError::NoSecret));
    for text in ["", "whsec_", "whsec_QUJD", "whsec_%%%", &format!("whsec_{}", STANDARD.encode([1; 65]))] {
        assert_eq!(WebhookSecret::parse(text).err(), Some(WebhookError::BadSecret), "{text}");
    }
}

#[test]
fn old_and_new_secret_both_fit_while_they_are_exchanged() {
    let (old, new) = (secret(1), secret(2));
    let both = headers(&[new.clone(), old.clone()], now().as_second());
    assert!(check(std::slice::from_ref(&old), &both, BODY).is_ok());
    assert!(check(std::slice::from_ref(&new), &both, BODY).is_ok());
    let only_old = headers(std::slice::from_ref(&old), now().as_second());
    assert!(check(&[new, old], &only_old, BODY).is_ok());
    assert!(!format!("{:?}", secret(1)).contains('1'));
}
