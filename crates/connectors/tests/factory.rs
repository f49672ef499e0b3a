//! Settings as they stand in a source's record: what they make, and what is said about faulty ones.
#![expect(clippy::unwrap_used, reason = "a helper of a test may fail like the test itself")]

use countersign_connectors::{Background, Context, Guard, HttpClient, assemble, assemble_channel, build};
use countersign_engine::source::Channel;
use countersign_runtime::ports::{Delivery, Rendered};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

fn context() -> (TempDir, Context) {
    let home = tempfile::tempdir().unwrap();
    let guard = Arc::new(Guard::allowing(&["http://127.0.0.0/8"]).unwrap());
    let http = Arc::new(HttpClient::new(guard, Arc::new(Background::own().unwrap()), &[]).unwrap());
    let secret = Arc::new(|name: &str| match name {
        "acme" => Some("hush\n".to_owned()),
        "empty" => Some(String::new()),
        _ => None,
    });
    let note = Arc::new(|_: &countersign_connectors::as2::SentMessage| Ok(()));
    let context = Context { data_dir: home.path().to_owned(), http, secret, note };
    (home, context)
}

#[test]
fn every_kind_is_built() {
    let (home, context) = context();
    let folder = json!({"type": "folder", "outbound": "edi/acme/out", "inbound": "edi/acme/in", "settle_s": 0});
    build(&folder, &context).unwrap();
    assert!(home.path().join("edi/acme/in").is_dir() && home.path().join("edi/acme/out").is_dir());
    let http = assemble(&json!({"type": "http", "base": "http://127.0.0.1:9/v1", "token": "secret:acme"}), &context);
    let http = http.unwrap();
    assert!(http.live().is_some() && http.connector.idempotent());
    let no_promise = json!({"type": "http", "base": "https://vendor.example/v1", "idempotent": false, "rate_per_s": 5});
    assert!(!build(&no_promise, &context).unwrap().idempotent());
    let portal = build(&json!({"type": "portal"}), &context).unwrap();
    let paper = Rendered { name: "po".into(), media_type: "text/plain".into(), bytes: vec![], reference: "".into() };
    let seen = Delivery::Done { receipt: false, answer: None };
    assert_eq!(portal.deliver("1", &paper, Duration::from_secs(1)), seen);
    assert_eq!(portal.fetch(10), Ok(Vec::new()));
}

#[test]
fn who_comes_to_us_needs_no_connector() {
    let (_home, context) = context();
    let channel = |dialect: &str| -> Channel { serde_json::from_value(json!({"dialect": dialect})).unwrap() };
    for dialect in ["portal", "api", "wms"] {
        assemble_channel(&channel(dialect), &context).expect(dialect);
    }
    for dialect in ["x12", "eancom"] {
        let fault = assemble_channel(&channel(dialect), &context).unwrap_err();
        assert_eq!(fault.pointer, "/type", "{fault}");
    }
}

#[test]
fn every_fault_has_its_place_and_its_sentence() {
    let (_home, context) = context();
    let folder = |outbound: &str, inbound: &str| json!({"type": "folder", "outbound": outbound, "inbound": inbound});
    let http = |base: &str| json!({"type": "http", "base": base});
    let cases: [(Value, &str, &str); 18] = [
        (json!(null), "/type", "missing"),
        (json!("folder"), "/type", "missing"),
        (json!({"type": "pigeon"}), "/type", "known: as2, folder, http"),
        (json!({"type": "folder", "outbound": "a"}), "/inbound", "missing"),
        (json!({"type": "folder", "outbound": "a", "inbound": "b", "settle_s": -1}), "/settle_s", "whole number"),
        (json!({"type": "folder", "outbound": "a", "inbound": "b", "inbuond": "c"}), "/inbuond", "not a setting"),
        (folder("a", "../../etc"), "/inbound", "\"..\""),
        (folder("a", "a"), "/inbound", "our own papers"),
        (folder("", "a"), "/outbound", "not empty"),
        (http("not an address"), "/base", "no address"),
        (http("http://10.0.0.1/"), "/base", "over https"),
        (http("https://169.254.169.254/"), "/base", "not a public address"),
        (http("https://user:pw@vendor.example/"), "/base", "user or password"),
        (http("https://vendor.example/?a=b"), "/base", "no ?"),
        (json!({"type": "http", "base": "https://v.example", "token": "hush"}), "/token", "secret:NAME"),
        (json!({"type": "http", "base": "https://v.example", "token": "secret:none"}), "/token", "no secret \"none\""),
        (json!({"type": "http", "base": "https://v.example", "token": "secret:empty"}), "/token", "is empty"),
        (json!({"type": "portal", "base": "x"}), "/base", "not a setting"),
    ];
    for (settings, pointer, words) in cases {
        let fault = build(&settings, &context).err().unwrap_or_else(|| panic!("{settings} was taken"));
        assert_eq!(fault.pointer, pointer, "{settings}: {fault}");
        assert!(fault.sentence.contains(words), "{settings}: {fault}");
        assert!(!fault.sentence.contains("pw"), "{fault}");
    }
}
