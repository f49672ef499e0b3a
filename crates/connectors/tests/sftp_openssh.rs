//! The SFTP connector against Debian's OpenSSH server, started here on a free loopback port with keys of its own.
//!
//! Without the server each test says that it is skipped; where `CI=true` or `COUNTERSIGN_REQUIRE_SSHD=1` it fails.
#![cfg(feature = "sftp")]

#[path = "support/sshd.rs"]
mod sshd;

use countersign_connectors::{Background, Context, Guard, HttpClient, SettingsError, build};
use countersign_runtime::ports::{Connector, Delivery, Rendered};
use serde_json::{Value, json};
use sshd::{Server, user};
use std::fs;
use std::sync::Arc;
use std::time::Duration;

const PLENTY: Duration = Duration::from_secs(60);
const DONE: Delivery = Delivery::Done { receipt: false, answer: None };

/// Connectors to the server.
trait Connects {
    fn settings(&self) -> Value;
    fn connect(&self, more: Value) -> Result<Arc<dyn Connector>, SettingsError>;
    fn connect_through(&self, more: Value, allow: &[&str]) -> Result<Arc<dyn Connector>, SettingsError>;
}

impl Connects for Server {
    fn settings(&self) -> Value {
        json!({"type": "sftp", "host": "127.0.0.1", "port": self.port, "user": user(), "host_key": self.host_key,
               "key": "secret:ed25519", "outbound": "in", "inbound": "out", "settle_s": 0})
    }

    fn connect(&self, more: Value) -> Result<Arc<dyn Connector>, SettingsError> {
        self.connect_through(more, &["127.0.0.0/8"])
    }

    fn connect_through(&self, more: Value, allow: &[&str]) -> Result<Arc<dyn Connector>, SettingsError> {
        let mut settings = self.settings();
        let map = settings.as_object_mut().expect("an object");
        map.extend(more.as_object().expect("an object").clone());
        let guard = Arc::new(Guard::allowing(allow).expect("a list"));
        let background = Arc::new(Background::own().expect("a runtime"));
        let keys = self.home.path().to_owned();
        let secret = move |name: &str| match name {
            "password" => Some("wrong".to_owned()),
            "garbage" => Some("no key at all".to_owned()),
            name => fs::read_to_string(keys.join(name)).ok(),
        };
        let http = Arc::new(HttpClient::new(guard, background, &[]).expect("a client"));
        let note = Arc::new(|_: &countersign_connectors::as2::SentMessage| Ok(()));
        build(&settings, &Context { data_dir: self.path("data"), http, secret: Arc::new(secret), note })
    }
}

fn paper(bytes: &[u8]) -> Rendered {
    let media_type = "application/edi-x12".into();
    Rendered { name: "850.x12".into(), media_type, bytes: bytes.to_vec(), reference: "PO.12".into() }
}

fn fetched(connector: &dyn Connector) -> Vec<(String, Vec<u8>)> {
    connector.fetch(100).expect("a fetch").into_iter().map(|found| (found.name, found.bytes)).collect()
}

#[test]
fn papers_go_out_once_and_come_in_and_are_archived() {
    let Some(server) = Server::start("ed25519", "") else { return };
    let connector = server.connect(json!({})).unwrap();
    let large: Vec<u8> = (0..3_000_000_u32).map(|n| n.to_le_bytes()[0]).collect();
    assert_eq!(connector.deliver("1001-1/1", &paper(&large), PLENTY), DONE);
    assert_eq!(connector.deliver("1001-1/1", &paper(&large), PLENTY), DONE);
    let names = server.names("in");
    assert_eq!(names.len(), 1, "{names:?}");
    assert!(names[0].ends_with(".x12"));
    assert!(fs::read(server.path("in").join(&names[0])).unwrap() == large);

    for name in ["855.edi", "856.edi.part", ".hidden", "x.filepart"] {
        server.put(&format!("out/{name}"), name.as_bytes());
    }
    fs::create_dir(server.path("out/sub.edi")).unwrap();
    assert_eq!(fetched(&*connector), [("855.edi".to_owned(), b"855.edi".to_vec())]);
    connector.taken("855.edi").unwrap();
    connector.taken("855.edi").expect("taking twice is harmless");
    assert_eq!(server.names("out/archive"), ["855.edi"]);
    server.put("out/855.edi", b"another");
    assert_eq!(fetched(&*connector).len(), 1);
    connector.taken("855.edi").unwrap();
    assert_eq!(server.names("out/archive"), ["855-2.edi", "855.edi"]);
    assert_eq!(fetched(&*connector), []);
    for name in ["../in/x", "a/b", "", ".."] {
        connector.taken(name).unwrap_err();
    }
    server.put("out/huge.edi", b"");
    fs::File::options().write(true).open(server.path("out/huge.edi")).unwrap().set_len(200 << 20).unwrap();
    let why = connector.fetch(10).unwrap_err();
    assert!(why.contains("huge.edi has 200 MiB"), "{why}");
}

#[test]
fn a_large_feed_comes_whole() {
    let Some(server) = Server::start("ed25519", "") else { return };
    let feed: Vec<u8> = (0..20_000_000_u32).map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect();
    server.put("out/846.edi", &feed);
    let found = server.connect(json!({})).unwrap().fetch(1).unwrap();
    assert!(found.len() == 1 && found[0].bytes == feed);
}

#[test]
fn only_a_pinned_host_is_spoken_to() {
    let Some(server) = Server::start("ed25519", "") else { return };
    let other = "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let connector = server.connect(json!({"host_key": other})).unwrap();
    let Delivery::Failed { why } = connector.deliver("1", &paper(b"x"), PLENTY) else { panic!("delivered") };
    assert!(why.contains(&server.host_key) && why.contains("not pinned"), "{why}");
    assert!(connector.fetch(1).is_err());
    assert_eq!(server.names("in"), Vec::<String>::new());
    let both = server.connect(json!({"host_key": [other, server.host_key]})).unwrap();
    assert_eq!(both.deliver("1", &paper(b"x"), PLENTY), DONE);
}

#[test]
fn who_is_not_let_in_learns_why() {
    let Some(server) = Server::start("ed25519", "") else { return };
    let stranger = server.connect(json!({"key": "secret:ecdsa"})).unwrap();
    let why = stranger.fetch(1).unwrap_err();
    assert!(why.contains("does not let") && why.contains("check user, key and password"), "{why}");
    let password = server.connect(json!({"key": null, "password": "secret:password"})).unwrap();
    assert!(password.fetch(1).unwrap_err().contains("does not let"));
    let closed = server.connect_through(json!({}), &[]).unwrap();
    let why = closed.fetch(1).unwrap_err();
    assert!(why.contains("not a public address"), "{why}");
    let nowhere = server.connect(json!({"outbound": "missing", "inbound": "gone"})).unwrap();
    let Delivery::Failed { why } = nowhere.deliver("1", &paper(b"x"), PLENTY) else { panic!("delivered") };
    assert!(why.contains("missing/1.x12.part"), "{why}");
    assert!(nowhere.fetch(1).unwrap_err().contains("gone"));
}

#[test]
fn rsa_keys_and_rsa_hosts_work() {
    let Some(server) = Server::start("rsa", "") else { return };
    let connector = server.connect(json!({"key": "secret:host"})).unwrap();
    assert_eq!(connector.deliver("1", &paper(b"x"), PLENTY), DONE);
}

#[test]
fn a_server_without_rename_gets_the_file_directly_and_taken_files_are_remembered() {
    let Some(server) = Server::start("ed25519", "-P rename,remove,posix-rename") else { return };
    let connector = server.connect(json!({})).unwrap();
    assert_eq!(connector.deliver("1", &paper(b"ISA*"), PLENTY), DONE);
    assert_eq!(fs::read(server.path("in/1.x12")).unwrap(), b"ISA*");
    assert_eq!(connector.deliver("2", &paper(b"ISA*2"), PLENTY), DONE);
    assert_eq!(connector.deliver("2", &paper(b"ISA*2"), PLENTY), DONE);
    assert_eq!(server.names("in"), ["1.x12", "1.x12.part", "2.x12"], "found out once, not again");
    // Half a file of a broken try is written over.
    server.put("in/3.x12", b"IS");
    assert_eq!(connector.deliver("3", &paper(b"ISA*3"), PLENTY), DONE);
    assert_eq!(fs::read(server.path("in/3.x12")).unwrap(), b"ISA*3");

    for after in ["archive", "delete", "leave"] {
        let name = format!("{after}.edi");
        server.put(&format!("out/{name}"), b"first");
        let connector = server.connect(json!({"after": after})).unwrap();
        let ours = |connector: &dyn Connector| {
            fetched(connector).into_iter().filter(|found| found.0 == name).map(|found| found.1).collect::<Vec<_>>()
        };
        assert_eq!(ours(&*connector), [b"first"], "{after}");
        connector.taken(&name).unwrap();
        assert_eq!(ours(&*connector), Vec::<Vec<u8>>::new(), "{after}");
        let restarted = server.connect(json!({"after": after})).unwrap();
        assert_eq!(ours(&*restarted), Vec::<Vec<u8>>::new(), "{after}: remembered over a restart");
        server.put(&format!("out/{name}"), b"second one");
        assert_eq!(ours(&*restarted), [b"second one"], "{after}: another file under the same name");
    }
}

#[test]
fn files_are_removed_where_the_settings_say_so_unless_they_were_replaced() {
    let Some(server) = Server::start("ed25519", "") else { return };
    let connector = server.connect(json!({"after": "delete"})).unwrap();
    server.put("out/a.edi", b"first");
    assert_eq!(fetched(&*connector).len(), 1);
    server.put("out/a.edi", b"replaced meanwhile");
    connector.taken("a.edi").unwrap();
    assert_eq!(fetched(&*connector), [("a.edi".to_owned(), b"replaced meanwhile".to_vec())]);
    connector.taken("a.edi").unwrap();
    assert_eq!(server.names("out"), Vec::<String>::new());
}

#[test]
fn a_file_that_may_still_grow_waits() {
    let Some(server) = Server::start("ed25519", "") else { return };
    server.put("out/a.edi", b"half");
    let connector = server.connect(json!({"settle_s": 3600})).unwrap();
    assert_eq!(fetched(&*connector), []);
    assert_eq!(fetched(&*connector), []);
}

#[test]
fn a_server_that_was_restarted_is_connected_to_again() {
    let Some(mut server) = Server::start("ed25519", "") else { return };
    let connector = server.connect(json!({})).unwrap();
    assert_eq!(connector.deliver("1", &paper(b"x"), PLENTY), DONE);
    server.end_sessions();
    server.listen("");
    assert_eq!(connector.deliver("2", &paper(b"x"), PLENTY), DONE);
    let _ = server.child.kill();
    let _ = server.child.wait();
    let gone = server.connect(json!({})).unwrap();
    assert!(matches!(gone.deliver("3", &paper(b"x"), PLENTY), Delivery::Failed { .. }));
}

#[test]
fn a_partner_whose_disk_is_closed_is_a_failure() {
    let Some(server) = Server::start("ed25519", "-R") else { return };
    let connector = server.connect(json!({})).unwrap();
    let Delivery::Failed { why } = connector.deliver("1", &paper(b"x"), PLENTY) else { panic!("delivered") };
    assert!(why.contains("Permission denied"), "{why}");
    server.put("out/a.edi", b"x");
    assert_eq!(fetched(&*connector).len(), 1);
    connector.taken("a.edi").expect("remembered here");
    assert_eq!(fetched(&*connector), []);
}

#[test]
fn faulty_settings_have_a_place() {
    let Some(server) = Server::start("ed25519", "") else { return };
    for (more, pointer, words) in [
        (json!({"host_key": null}), "/host_key", "ssh-keyscan"),
        (json!({"host_key": "MD5:aa:bb"}), "/host_key", "no fingerprint"),
        (json!({"key": "-----BEGIN OPENSSH PRIVATE KEY-----"}), "/key", "secret:NAME"),
        (json!({"key": "secret:garbage"}), "/key", "no private key"),
        (json!({"key": null}), "/key", "key or password"),
        (json!({"inbound": "in/"}), "/inbound", "our own papers"),
        (json!({"port": 0}), "/port", "1 to 65535"),
        (json!({"after": "burn"}), "/after", "archive, delete, leave"),
        (json!({"user": ""}), "/user", "not empty"),
    ] {
        let fault = server.connect(more.clone()).err().unwrap_or_else(|| panic!("{more} was taken"));
        assert_eq!(fault.pointer, pointer, "{fault}");
        assert!(fault.sentence.contains(words), "{fault}");
    }
}
