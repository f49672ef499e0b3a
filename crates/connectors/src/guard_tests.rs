//! Forty-odd ways to write an address that must not be called, and those that may.

use super::*;

fn check(guard: &Guard, text: &str) -> Result<(), Denied> {
    guard.check_url(&Url::parse(text).map_err(|error| Denied(format!("{text}: {error}")))?)
}

/// Closed by the address itself: no name server is asked.
const CLOSED: [&str; 50] = [
    "https://127.0.0.1/",
    "https://127.1/",
    "https://127.255.255.254:8443/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0x7f.0x0.0x0.0x1/",
    "https://0177.0.0.1/",
    "https://017700000001/",
    "https://0x7f.1/",
    "https://127.0.0.1./",
    "https://%31%32%37.0.0.1/",
    "https://１２７.0.0.1/",
    "https://127。0。0。1/",
    "https://①②⑦.⓪.⓪.①/",
    "https://0.0.0.0/",
    "https://0/",
    "https://10.0.0.5/",
    "https://10.1/",
    "https://172.16.0.1/",
    "https://172.31.255.255/",
    "https://192.168.1.1/",
    "https://3232235777/",
    "https://100.64.0.1/",
    "https://100.100.100.200/latest/meta-data/",
    "https://169.254.169.254/latest/meta-data/",
    "https://0xa9fea9fe/",
    "https://2852039166/",
    "https://0251.0376.0251.0376/",
    "https://168.63.129.16/",
    "https://192.0.0.192/",
    "https://198.18.0.1/",
    "https://224.0.0.1/",
    "https://255.255.255.255/",
    "https://[::1]/",
    "https://[::]/",
    "https://[0:0:0:0:0:0:0:1]:8443/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[::ffff:169.254.169.254]/",
    "https://[::127.0.0.1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[64:ff9b::a9fe:a9fe]/",
    "https://[64:ff9b:1::1]/",
    "https://[2002:7f00:1::]/",
    "https://[2001:0:1::1]/",
    "https://[fe80::1]/",
    "https://[fc00::1]/",
    "https://[fd00:ec2::254]/latest/meta-data/",
    "https://[ff02::1]/",
    "https://[fec0::1]/",
];

#[test]
fn every_way_to_write_a_closed_address_is_closed() {
    for text in CLOSED {
        let denied = check(&Guard::strict(), text).expect_err(text);
        assert!(denied.0.contains("not a public address") || denied.0.contains("invalid"), "{text}: {denied}");
    }
}

#[test]
fn other_schemes_users_and_ports_are_closed() {
    for (text, why) in [
        ("http://8.8.8.8/", "https"),
        ("http://shop.example/", "https"),
        ("ftp://8.8.8.8/", "only https"),
        ("file:///etc/passwd", "only https"),
        ("gopher://8.8.8.8:70/", "only https"),
        ("unix:/var/run/docker.sock", "only https"),
        ("https://user:pw@8.8.8.8/", "user or password"),
        ("https://user@shop.example/", "user or password"),
        ("https://8.8.8.8:22/", "port 22"),
        ("https://shop.example:25/", "port 25"),
    ] {
        let denied = check(&Guard::strict(), text).expect_err(text);
        assert!(denied.0.contains(why), "{text}: {denied}");
        assert!(!denied.0.contains("pw"), "{denied}");
    }
}

#[test]
fn public_addresses_are_open() {
    for text in [
        "https://8.8.8.8/",
        "https://1.1.1.1:8443/x",
        "https://shop.example/hooks",
        "https://[2606:4700::1111]/",
        "https://[64:ff9b::808:808]/",
        "https://172.32.0.1/",
        "https://100.63.255.255/",
        "https://192.169.0.1/",
    ] {
        check(&Guard::strict(), text).expect(text);
    }
}

#[test]
fn the_operators_list_opens_exactly_what_it_names() {
    let guard = Guard::allowing(&["10.1.0.0/16", "http://127.0.0.1", "http://erp.local", ".corp.example", "fd12::/16"]);
    let guard = guard.unwrap();
    for text in [
        "https://10.1.2.3/",
        "https://10.1.2.3:22/",
        "http://127.0.0.1:9/",
        "https://[::ffff:127.0.0.1]/",
        "http://erp.local/",
        "https://a.corp.example:81/",
        "https://[fd12::7]/",
    ] {
        check(&guard, text).expect(text);
    }
    for text in ["https://10.2.0.1/", "http://10.1.2.3/", "https://127.0.0.2/", "https://[fd13::7]/"] {
        check(&guard, text).expect_err(text);
    }
    let intern: IpAddr = "10.9.9.9".parse().unwrap();
    assert!(guard.check_address(intern, Some("erp.local"), true).is_ok());
    assert!(guard.check_address(intern, Some("ERP.local."), false).is_ok());
    assert!(guard.check_address(intern, Some("a.corp.example"), false).is_ok());
    assert!(guard.check_address(intern, Some("a.corp.example"), true).is_err());
    assert!(guard.check_address(intern, Some("evilcorp.example"), false).is_err());
    assert!(guard.check_address(intern, Some("shop.example"), false).is_err());
    assert!(Guard::allowing(&["http://0.0.0.0/0"]).unwrap().check_address(intern, None, true).is_ok());
}

#[test]
fn a_faulty_list_says_which_line() {
    for line in ["10.0.0.0/33", "10.0.0/8", "", "a b", "::1/129", "erp.local/8", "*"] {
        let fault = Guard::allowing(&[line]).expect_err(line);
        assert!(fault.sentence.contains(&format!("{line:?}")), "{fault}");
    }
}

#[tokio::test]
async fn a_name_that_points_inside_is_closed_once_resolved() {
    let denied = Guard::strict().resolve("localhost", 443, false).await.unwrap_err();
    assert!(denied.0.contains("not a public address"), "{denied}");
    let guard = Guard::allowing(&["http://127.0.0.0/8"]).unwrap();
    let open = guard.resolve("localhost", 8080, true).await.unwrap();
    assert!(open.iter().all(|socket| socket.ip().is_ipv4()), "{open:?}");
}
