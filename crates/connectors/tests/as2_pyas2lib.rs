//! AS2 against an independent one, in both directions: signed, encrypted, compressed, receipted at once and later.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

#[path = "support/as2_peer.rs"]
mod as2_peer;
mod support;

use as2_peer::{Peer, python};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign_connectors::as2::mdn::{self, Outcome, Receipt};
use countersign_connectors::as2::message::Fault;
use countersign_connectors::as2::{As2Connector, SentMessage};
use countersign_connectors::{As2Settings, Background, Guard, HttpClient};
use countersign_runtime::ports::{Connector, Delivery, Rendered};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use support::{Act, Request, Vendor};

const PLENTY: Duration = Duration::from_secs(60);
/// Every awkward byte that a paper may hold: line feeds alone, both, none at the end, and letters beyond ASCII.
const PAPER: &[u8] = b"UNB+UNOC:3+RETAILER:14+PEER:14+261123:1506+1'\nUNH+1+ORDERS:D:96A:UN:EAN008'\r\nFTX+AAI+++Caf\xe9 -- --boundary'\nUNZ+1+1'";

struct World {
    peer: Arc<Peer>,
    ours: Value,
    theirs: Value,
}

impl World {
    fn new() -> Option<Self> {
        let peer = Arc::new(Peer::start(python()?));
        let (ours, theirs) = (peer.identity("Retailer", 365), peer.identity("Peer", 365));
        Some(Self { peer, ours, theirs })
    }

    fn text(of: &Value, field: &str) -> String {
        of[field].as_str().unwrap().to_owned()
    }

    /// What the peer is asked, with who is who.
    fn question(&self, more: &Value) -> Value {
        let mut question = json!({ "own": self.theirs, "theirs": self.ours["certificate"] });
        question.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        question
    }

    fn connector(&self, url: &str, more: &Value) -> (As2Connector, Arc<Mutex<Vec<SentMessage>>>) {
        let mut settings = json!({
            "type": "as2", "url": url, "as2_from": "RETAILER", "as2_to": "PEER",
            "identity": "secret:ours", "certificates": [self.theirs["certificate"]],
        });
        settings.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let pem = Self::text(&self.ours, "key") + &Self::text(&self.ours, "certificate");
        let settings = As2Settings::read(&settings, &|name| (name == "ours").then(|| pem.clone())).unwrap();
        let guard = Guard::allowing(&["http://127.0.0.0/8"]).unwrap();
        let http = HttpClient::new(Arc::new(guard), Arc::new(Background::own().unwrap()), &[]).unwrap();
        let sent = Arc::new(Mutex::new(vec![]));
        let keep = Arc::clone(&sent);
        let note = move |message: &SentMessage| {
            keep.lock().unwrap().push(message.clone());
            Ok(())
        };
        (As2Connector::new(settings, Arc::new(http), Arc::new(note)).unwrap(), sent)
    }

    /// A partner's server that hands what comes to the peer and answers with its receipt.
    fn server(&self, partner: Value, seen: Arc<Mutex<Vec<Value>>>) -> Vendor {
        let (peer, question) = (Arc::clone(&self.peer), self.question(&json!({ "do": "parse", "partner": partner })));
        Vendor::start(move |_, request| {
            let mut question = question.clone();
            question["headers"] = headers(request);
            question["body"] = STANDARD.encode(&request.body).into();
            let answer = peer.ask(&question);
            let reply = http_reply(&answer["mdn"]);
            seen.lock().unwrap().push(answer);
            Act::Raw(reply)
        })
    }
}

fn headers(request: &Request) -> Value {
    request
        .headers
        .iter()
        .map(|(name, value)| (name.clone(), Value::from(value.clone())))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

fn http_reply(mdn: &Value) -> Vec<u8> {
    if mdn.is_null() || !mdn["url"].is_null() {
        return b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".to_vec();
    }
    let body = bytes(&mdn["body"]);
    let mut head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in mdn["headers"].as_object().unwrap() {
        head.push_str(&format!("{name}: {}\r\n", value.as_str().unwrap().replace("\r\n", "").replace('\n', "")));
    }
    [head.into_bytes(), b"\r\n".to_vec(), body].concat()
}

fn bytes(text: &Value) -> Vec<u8> {
    STANDARD.decode(text.as_str().unwrap()).unwrap()
}

fn pairs(headers: &Value) -> Vec<(String, String)> {
    let all = headers.as_object().unwrap().iter();
    all.map(|(name, value)| (name.to_ascii_lowercase(), value.as_str().unwrap().to_owned())).collect()
}

/// The peer writes text with its own line ends before it signs; what was signed is what counts.
fn flat(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().copied().filter(|byte| *byte != b'\r').collect()
}

fn paper() -> Rendered {
    Rendered {
        name: "1001-1.edi".into(),
        media_type: "application/edifact".into(),
        bytes: PAPER.into(),
        reference: "7".into(),
    }
}

#[test]
fn what_we_send_is_opened_and_receipted() {
    let Some(world) = World::new() else { return };
    for more in [
        json!({}),
        json!({ "compress": "before_signing" }),
        json!({ "compress": "after_signing" }),
        json!({ "transfer_encoding": "base64", "micalg_spelling": "plain" }),
        json!({ "encrypt": "none" }),
        json!({ "encrypt": "3des", "sign": "sha-1" }),
        json!({ "encrypt": "aes-128", "sign": "sha-512", "micalg_spelling": "plain" }),
        json!({ "encrypt": "aes-192", "sign": "sha-384", "micalg_spelling": "plain" }),
        json!({ "sign": "none", "mic_check": false }),
    ] {
        let seen = Arc::default();
        let server = world.server(json!({}), Arc::clone(&seen));
        let (connector, _) = world.connector(&server.url("as2"), &more);
        let delivery = connector.deliver("1001-1", &paper(), PLENTY);
        let peer = seen.lock().unwrap()[0].clone();
        assert_eq!(peer["status"], "processed", "{more}: {peer}");
        assert_eq!(bytes(&peer["content"]), PAPER, "{more}");
        assert_eq!(delivery, Delivery::Done { receipt: false, answer: None }, "{more}");
        connector.deliver("1001-1", &paper(), PLENTY);
        assert_eq!(
            server.request(0).header("message-id"),
            server.request(1).header("message-id"),
            "known as a second try"
        );
    }
}

#[test]
fn a_partner_that_cannot_open_it_or_has_it_already_is_understood() {
    let Some(world) = World::new() else { return };
    let strange =
        World { ours: world.peer.identity("Stranger", 365), theirs: world.theirs.clone(), peer: world.peer.clone() };
    let server = world.server(json!({}), Arc::default());
    // The peer still has another certificate of ours.
    let Delivery::Refused { why } = strange.connector(&server.url("as2"), &json!({})).0.deliver("1", &paper(), PLENTY)
    else {
        panic!("it must be refused")
    };
    assert!(why.contains("authentication-failed") || why.contains("integrity"), "{why}");
    // We still have another certificate of the peer.
    let other = World { theirs: world.peer.identity("Other", 365), ours: world.ours.clone(), peer: world.peer.clone() };
    let Delivery::Refused { why } =
        other.connector(&server.url("as2"), &json!({ "mdn_signed": false })).0.deliver("1", &paper(), PLENTY)
    else {
        panic!("it must be refused")
    };
    assert!(why.contains("decryption-failed"), "{why}");
    // It has seen the Message-ID before.
    let (peer, question) = (world.peer.clone(), world.question(&json!({ "do": "parse", "duplicate": true })));
    let server = Vendor::start(move |_, request| {
        let mut question = question.clone();
        question["headers"] = headers(request);
        question["body"] = STANDARD.encode(&request.body).into();
        Act::Raw(http_reply(&peer.ask(&question)["mdn"]))
    });
    let delivery =
        world.connector(&server.url("as2"), &json!({ "mdn_is_receipt": true })).0.deliver("1", &paper(), PLENTY);
    assert_eq!(delivery, Delivery::Done { receipt: true, answer: None });
}

#[test]
fn a_receipt_that_comes_later_belongs_to_the_message_and_its_digest_fits() {
    let Some(world) = World::new() else { return };
    let seen: Arc<Mutex<Vec<Value>>> = Arc::default();
    let server = world.server(json!({}), Arc::clone(&seen));
    let more = json!({ "mdn": "async", "mdn_url": "http://127.0.0.1:9/as2" });
    let (connector, sent) = world.connector(&server.url("as2"), &more);
    assert_eq!(connector.deliver("1001-1", &paper(), PLENTY), Delivery::Done { receipt: false, answer: None });
    let mdn = seen.lock().unwrap()[0]["mdn"].clone();
    assert_eq!(mdn["url"], "http://127.0.0.1:9/as2");
    let report = connector.receipt(pairs(&mdn["headers"]), &bytes(&mdn["body"]), Timestamp::now()).unwrap();
    let sent = sent.lock().unwrap()[0].clone();
    assert_eq!((&report.message_id, &report.outcome), (&sent.message_id, &Outcome::Processed));
    assert_eq!((connector.settled(&report, &sent.mics), sent.reference.as_str()), (Ok(()), "7"));
    assert!(connector.settled(&report, &["other".to_owned()]).unwrap_err().contains("something else"));
}

#[test]
fn what_the_peer_sends_is_opened_and_our_receipt_convinces_it() {
    let Some(world) = World::new() else { return };
    for (partner, media_type) in [
        (
            json!({ "sign": true, "encrypt": true, "enc_alg": "aes_256_cbc", "digest_alg": "sha256" }),
            "application/edifact",
        ),
        (
            json!({ "sign": true, "encrypt": true, "enc_alg": "tripledes_192_cbc", "digest_alg": "sha1" }),
            "application/edi-x12",
        ),
        (
            json!({ "sign": true, "encrypt": true, "compress": true, "enc_alg": "aes_128_cbc" }),
            "application/octet-stream",
        ),
        (json!({ "sign": true, "digest_alg": "sha512" }), "application/edifact"),
        (json!({ "encrypt": true, "enc_alg": "aes_192_cbc" }), "application/edifact"),
    ] {
        let mut asked = partner.clone();
        asked["mdn_mode"] = "SYNC".into();
        asked["mdn_digest_alg"] = "sha256".into();
        let question =
            json!({ "do": "build", "partner": asked, "data": STANDARD.encode(PAPER), "media_type": media_type });
        let built = world.peer.ask(&world.question(&question));
        let (connector, _) = world.connector("http://127.0.0.1:9/", &json!({}));
        let opened = connector.open(pairs(&built["headers"]), &bytes(&built["body"]), Timestamp::now());
        let opened = opened.unwrap_or_else(|fault| panic!("{partner}: {fault:?}"));
        assert_eq!(flat(&opened.payloads[0].bytes), flat(PAPER), "{partner}");
        assert_eq!(opened.payloads[0].name.as_deref(), Some("order.edi"));
        assert_eq!((opened.signed.is_some(), opened.encrypted), (partner["sign"] == true, partner["encrypt"] == true));
        let safe = partner["sign"] == true && partner["encrypt"] == true;
        assert_eq!(connector.secure(&opened).err(), (!safe).then_some(Fault::Insufficient));
        let mic = opened.mic(None);
        if let Some(wanted) = built["mic"].as_str() {
            assert_eq!(mic.0, wanted, "{partner}");
        }
        let message_id = format!("<{}>", built["message_id"].as_str().unwrap());
        let receipt = Receipt {
            recipient: "RETAILER",
            message_id: &message_id,
            outcome: &Outcome::Processed,
            mic: Some(mic),
            text: "Taken.",
            dash: false,
        };
        let identity = connector.settings().identity(Timestamp::now()).unwrap();
        let digest = countersign_connectors::as2::cms::Digest::Sha256;
        let (content_type, body) = mdn::write(&receipt, Some((identity, digest)), Timestamp::now()).unwrap();
        let headers =
            json!({ "AS2-From": "RETAILER", "AS2-To": "PEER", "Message-ID": "<r@us>", "Content-Type": content_type });
        let question = json!({ "do": "parse_mdn", "headers": headers, "body": STANDARD.encode(body) });
        let judged = world.peer.ask(&world.question(&question));
        assert_eq!(judged["status"], "processed", "{partner}: {judged}");
    }
}

#[test]
fn keys_roll_over_with_an_overlap_and_their_end_is_seen() {
    let Some(world) = World::new() else { return };
    let (old, new) = (world.peer.identity("Old", 20), world.peer.identity("New", 400));
    let seen: Arc<Mutex<Vec<Value>>> = Arc::default();
    let now = Timestamp::now();
    let begins = |hours| (now + jiff::SignedDuration::from_hours(hours)).to_string();
    let entries = |hours| {
        json!({ "certificates": [
        old["certificate"], { "pem": new["certificate"], "from": begins(hours) },
    ] })
    };
    let with = |theirs: &Value| World { theirs: theirs.clone(), ours: world.ours.clone(), peer: world.peer.clone() };
    for (hours, holder) in [(1, &old), (-1, &new)] {
        let server = with(holder).server(json!({}), Arc::clone(&seen));
        let delivery = world.connector(&server.url("as2"), &entries(hours)).0.deliver("1", &paper(), PLENTY);
        assert_eq!(
            delivery,
            Delivery::Done { receipt: false, answer: None },
            "encrypted for the one whose time has come"
        );
    }
    // Both verify at any time.
    for holder in [&old, &new] {
        let question = json!({ "do": "build", "partner": { "sign": true, "encrypt": true, "enc_alg": "aes_256_cbc" }, "data": STANDARD.encode(PAPER), "media_type": "application/edifact" });
        let built = world.peer.ask(&with(holder).question(&question));
        let (connector, _) = world.connector("http://127.0.0.1:9/", &entries(1));
        assert!(connector.open(pairs(&built["headers"]), &bytes(&built["body"]), now).is_ok());
    }
    let month = jiff::SignedDuration::from_hours(30 * 24);
    let ending = |more: &Value| {
        let (connector, _) = world.connector("http://127.0.0.1:9/", more);
        connector
            .settings()
            .ending(now, month)
            .iter()
            .map(|(whose, one)| format!("{whose} {}", one.name))
            .collect::<Vec<_>>()
    };
    assert_eq!(ending(&json!({ "certificates": [old["certificate"]] })), ["their Old"]);
    assert_eq!(ending(&entries(1)), Vec::<String>::new(), "the new one stands in for it");
}

#[test]
fn what_was_changed_on_the_way_is_found_and_garbage_harms_nobody() {
    let Some(world) = World::new() else { return };
    let (connector, _) = world.connector("http://127.0.0.1:9/", &json!({}));
    let now = Timestamp::now();
    let question = |partner: Value| json!({ "do": "build", "partner": partner, "data": STANDARD.encode(PAPER), "media_type": "application/edifact" });
    let built = world.peer.ask(&world.question(&question(json!({ "sign": true }))));
    let (head, body) = (pairs(&built["headers"]), bytes(&built["body"]));
    let at = body.windows(6).position(|window| window == b"ORDERS").unwrap();
    let mut changed = body.clone();
    changed[at] = b'X';
    assert_eq!(connector.open(head.clone(), &changed, now).unwrap_err(), Fault::Integrity);
    let built =
        world.peer.ask(&world.question(&question(json!({ "sign": true, "encrypt": true, "enc_alg": "aes_256_cbc" }))));
    let (head, body) = (pairs(&built["headers"]), bytes(&built["body"]));
    for at in (0..body.len()).step_by(37) {
        let mut changed = body.clone();
        changed[at] ^= 0x55;
        // Some bytes mean nothing (the number of a version): then what arrives is still what was signed.
        if let Ok(opened) = connector.open(head.clone(), &changed, now) {
            assert!(connector.secure(&opened).is_err() || flat(&opened.payloads[0].bytes) == flat(PAPER), "byte {at}");
        }
        let _ = connector.open(head.clone(), &body[..at], now);
    }
}
