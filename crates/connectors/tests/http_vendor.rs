//! The HTTP connector against a vendor's server over real sockets.
#![expect(clippy::unwrap_used, reason = "a helper of a test may fail like the test itself")]

mod support;

use countersign_connectors::{Attempt, Background, Guard, HttpClient, HttpConnector, HttpSettings};
use countersign_engine::ids::VendorSku;
use countersign_runtime::ports::{Connector, Delivery, LiveAvailability, Rendered};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use support::{Act, Vendor};

/// Long enough to be reached only by a hang.
const PLENTY: Duration = Duration::from_secs(60);

/// Short enough to wait for.
const LITTLE: Duration = Duration::from_millis(150);

fn client(guard: Guard) -> Arc<HttpClient> {
    let background = Arc::new(Background::own().unwrap());
    Arc::new(HttpClient::new(Arc::new(guard), background, &[]).unwrap())
}

fn loopback() -> Guard {
    Guard::allowing(&["http://127.0.0.0/8"]).unwrap()
}

fn settings(base: &str) -> HttpSettings {
    let authorization = Some("Bearer hush".to_owned());
    HttpSettings { base: base.parse().unwrap(), authorization, idempotent: true, rate_per_s: None }
}

fn connector(base: &str) -> HttpConnector {
    HttpConnector::new(client(loopback()), settings(base)).unwrap()
}

fn paper(name: &str) -> Rendered {
    let bytes = br#"{"po": "1001-1"}"#.to_vec();
    Rendered { name: name.to_owned(), media_type: "application/json".into(), bytes, reference: "".into() }
}

fn order() -> Rendered {
    paper("purchase-orders")
}

fn done(answer: Option<&str>) -> Delivery {
    Delivery::Done { receipt: true, answer: answer.map(|text| text.as_bytes().to_vec()) }
}

#[test]
fn a_purchase_order_arrives_with_key_and_authorization_and_its_answer_comes_back() {
    let vendor = Vendor::start(|_, _| Act::Answer(201, "", r#"{"lines": []}"#));
    let connector = connector(&vendor.url("api/v2/"));
    assert_eq!(connector.deliver("1001-1/1", &order(), PLENTY), done(Some(r#"{"lines": []}"#)));
    let request = vendor.request(0);
    assert_eq!(request.line, "POST /api/v2/purchase-orders HTTP/1.1");
    assert_eq!(request.header("idempotency-key"), "1001-1/1");
    assert_eq!(request.header("authorization"), "Bearer hush");
    assert_eq!(request.header("content-type"), "application/json");
    assert_eq!(request.body, order().bytes);

    let cancellation = paper("purchase-orders/10 01#?%-1/cancellation");
    connector.deliver("c", &cancellation, PLENTY);
    assert_eq!(vendor.request(1).line, "POST /api/v2/purchase-orders/10%2001%23%3F%25-1/cancellation HTTP/1.1");
    assert_eq!(vendor.connections.load(Ordering::SeqCst), 1, "connections are kept");
}

#[test]
fn a_path_that_leaves_the_base_is_refused_and_nothing_is_sent() {
    let vendor = Vendor::start(|_, _| Act::Answer(201, "", ""));
    let connector = connector(&vendor.url("api"));
    for name in ["../admin", "", "/etc", "a//b", "a/../b", "a/..", "https://elsewhere.example", "a\\..\\b"] {
        let delivery = connector.deliver("1", &paper(name), PLENTY);
        assert!(
            matches!(&delivery, Delivery::Refused { why } if why.contains("no path below")),
            "{name}: {delivery:?}"
        );
    }
    assert_eq!((vendor.count(), connector.circuits().1), (0, "closed"));
}

#[tokio::test]
async fn every_status_has_its_word() {
    let vendor = Vendor::start(|_, request| {
        let status: u16 = String::from_utf8_lossy(&request.body).parse().unwrap();
        match status {
            204 => Act::Answer(204, "", ""),
            302 => Act::Answer(302, "location: http://169.254.169.254/\r\n", ""),
            422 => Act::Answer(422, "", r#"{"title": "Unknown item", "detail": "AC-7 is not ours", "type": "x"}"#),
            429 | 503 => Act::Answer(status, "retry-after: 7\r\n", "slow\ndown"),
            _ => Act::Answer(status, "", ""),
        }
    });
    let client = client(loopback());
    let send = async |status: u16| {
        let connector = HttpConnector::new(Arc::clone(&client), settings(&vendor.url(""))).unwrap();
        let paper = Rendered { bytes: status.to_string().into_bytes(), ..order() };
        connector.deliver_async("1", &paper, PLENTY).await
    };
    for status in [200, 201, 202, 204] {
        assert_eq!(send(status).await.delivery, done(None), "{status}");
    }
    for status in [400, 401, 403, 404, 409, 410, 422] {
        assert!(matches!(send(status).await.delivery, Delivery::Refused { .. }), "{status}");
    }
    for status in [408, 425, 429, 500, 502, 503, 504] {
        assert!(matches!(send(status).await.delivery, Delivery::Failed { .. }), "{status}");
    }
    let why = "answered 422: Unknown item: AC-7 is not ours".to_owned();
    assert_eq!(send(422).await.delivery, Delivery::Refused { why });
    let slow = Delivery::Failed { why: "answered 429: slow down".to_owned() };
    assert_eq!(send(429).await, Attempt { delivery: slow, retry_after: Some(Duration::from_secs(7)), tried: true });
    let Delivery::Refused { why } = send(302).await.delivery else { panic!("a redirect was followed") };
    assert!(why.contains("redirect to http://169.254.169.254/"), "{why}");
}

#[test]
fn no_answer_is_a_failure_only_where_sending_again_is_safe() {
    for act in [Act::Hangup, Act::Silence, Act::HalfAnswer(500)] {
        let vendor = Vendor::start({
            let act = act.clone();
            move |_, _| act.clone()
        });
        let safe = connector(&vendor.url(""));
        assert!(matches!(safe.deliver("1", &order(), LITTLE), Delivery::Failed { .. }), "{act:?}");
        let unsafe_settings = HttpSettings { idempotent: false, ..settings(&vendor.url("")) };
        let not_safe = HttpConnector::new(client(loopback()), unsafe_settings).unwrap();
        assert!(!not_safe.idempotent());
        let delivery = not_safe.deliver("1", &order(), LITTLE);
        match act {
            // The status came: it does not have it.
            Act::HalfAnswer(_) => assert!(matches!(delivery, Delivery::Failed { .. }), "{delivery:?}"),
            _ => assert!(matches!(delivery, Delivery::Unknown { .. }), "{act:?}: {delivery:?}"),
        }
    }
}

#[test]
fn a_lost_answer_is_asked_for_again_where_that_is_safe() {
    let vendor = Vendor::start(|number, _| match number {
        0 => Act::HalfAnswer(201),
        _ => Act::Answer(201, "", r#"{"half": "no"}"#),
    });
    let connector = connector(&vendor.url(""));
    assert!(matches!(connector.deliver("1", &order(), PLENTY), Delivery::Failed { .. }));
    assert_eq!(connector.deliver("1", &order(), PLENTY), done(Some(r#"{"half": "no"}"#)));
}

#[test]
fn a_refused_connection_is_a_certain_failure_even_where_sending_again_is_not_safe() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let settings = HttpSettings { idempotent: false, ..settings(&format!("http://{address}/")) };
    let connector = HttpConnector::new(client(loopback()), settings).unwrap();
    let delivery = connector.deliver("1", &order(), PLENTY);
    assert!(matches!(&delivery, Delivery::Failed { why } if why.contains("refused")), "{delivery:?}");
}

#[test]
fn answers_that_are_too_large_or_say_nothing_are_receipts_only() {
    let body = vec![b'1'; 5 * 1024 * 1024];
    let announced = [b"HTTP/1.1 200 X\r\ncontent-length: 5242880\r\n\r\n", body.as_slice()].concat();
    // A length that is not announced: the limit counts what comes.
    let mut chunked = b"HTTP/1.1 200 X\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    body.chunks(0x10000).for_each(|piece| chunked.extend([b"10000\r\n", piece, b"\r\n"].concat()));
    chunked.extend(b"0\r\n\r\n");
    for answer in [announced, chunked] {
        let vendor = Vendor::start(move |_, _| Act::Raw(answer.clone()));
        assert_eq!(connector(&vendor.url("")).deliver("1", &order(), PLENTY), done(None));
    }
    for body in ["", "{}", "[]", "null", "  ", "<html>thanks</html>", "{\"half\":"] {
        let vendor = Vendor::start(move |_, _| Act::Answer(200, "", body));
        assert_eq!(connector(&vendor.url("")).deliver("1", &order(), PLENTY), done(None), "{body}");
    }
}

#[tokio::test]
async fn a_vendor_that_fails_again_and_again_is_left_alone_and_then_probed() {
    let vendor = Vendor::start(|_, _| Act::Answer(500, "", ""));
    let connector = connector(&vendor.url(""));
    for _ in 0..5 {
        assert!(connector.deliver_async("1", &order(), PLENTY).await.tried);
    }
    let turned_away = connector.deliver_async("1", &order(), PLENTY).await;
    assert!(!turned_away.tried && turned_away.retry_after.is_some(), "{turned_away:?}");
    assert_eq!(vendor.count(), 5);
    assert_eq!(connector.circuits(), ("closed", "open"));
}

#[tokio::test]
async fn retry_after_silences_further_papers() {
    let vendor = Vendor::start(|_, _| Act::Answer(503, "retry-after: 600\r\n", ""));
    let connector = connector(&vendor.url(""));
    connector.deliver_async("1", &order(), PLENTY).await;
    let turned_away = connector.deliver_async("2", &order(), PLENTY).await;
    assert!(!turned_away.tried && turned_away.retry_after > Some(Duration::from_secs(500)), "{turned_away:?}");
    assert_eq!((vendor.count(), connector.circuits().1), (1, "paused"));
}

fn skus(names: &[&str]) -> Vec<VendorSku> {
    names.iter().map(|name| VendorSku::new(name).unwrap()).collect()
}

#[test]
fn availability_is_one_question_for_all_items() {
    let vendor = Vendor::start(|_, _| {
        let figures = r#"{"as_of": "2026-11-23T09:00:00-06:00", "more": 1, "lines": [
            {"vendor_sku": "B", "quantity": 7, "note": "x"}, {"vendor_sku": "A", "quantity": 3},
            {"vendor_sku": "A", "quantity": 2}, {"vendor_sku": "C", "quantity": -4},
            {"vendor_sku": "not asked\u0007", "quantity": 9}]}"#;
        Act::Answer(200, "", figures)
    });
    let connector = connector(&vendor.url(""));
    let answer = connector.availability(&skus(&["A", "B", "C", "D"]), PLENTY).unwrap();
    let answer: Vec<_> = answer.iter().map(|(sku, quantity)| (sku.as_str(), *quantity)).collect();
    assert_eq!(answer, [("A", 2), ("B", 7), ("C", 0)]);
    assert_eq!(vendor.request(0).line, "POST /availability HTTP/1.1");
    assert_eq!(
        vendor.request(0).body,
        br#"{"lines":[{"vendor_sku":"A"},{"vendor_sku":"B"},{"vendor_sku":"C"},{"vendor_sku":"D"}]}"#
    );
    assert_eq!(connector.availability(&[], PLENTY), Ok(Vec::new()));
    assert!(
        connector.availability(&vec![skus(&["A"])[0].clone(); 1_001], PLENTY).unwrap_err().contains("at most 1000")
    );
    assert_eq!(vendor.count(), 1);
}

#[tokio::test]
async fn a_slow_vendor_costs_the_budget_once_and_its_probe_costs_nobody() {
    let vendor = Vendor::start(|_, _| Act::Silence);
    let connector = connector(&vendor.url(""));
    let wanted = skus(&["A"]);
    let first = connector.availability_async(&wanted, LITTLE).await.unwrap_err();
    assert!(first.contains("no answer in time"), "{first}");
    for _ in 0..50 {
        let why = connector.availability_async(&wanted, LITTLE).await.unwrap_err();
        assert!(why.contains("did not answer lately"), "{why}");
    }
    assert_eq!((vendor.count(), connector.circuits()), (1, ("open", "closed")));
}

#[tokio::test]
async fn a_caller_with_less_patience_than_the_budget_finds_the_vendor_slow_all_the_same() {
    let vendor = Vendor::start(|_, _| Act::Silence);
    let connector = connector(&vendor.url(""));
    let wanted = skus(&["A"]);
    tokio::time::timeout(LITTLE, connector.availability_async(&wanted, PLENTY)).await.unwrap_err();
    let why = connector.availability_async(&wanted, PLENTY).await.unwrap_err();
    assert!(why.contains("did not answer lately"), "{why}");
}

#[tokio::test]
async fn a_vendor_that_is_back_is_asked_again() {
    let vendor = Vendor::start(|number, _| match number {
        0 => Act::Hangup,
        _ => Act::Answer(200, "", r#"{"lines": [{"vendor_sku": "A", "quantity": 1}]}"#),
    });
    let connector = connector(&vendor.url(""));
    let wanted = skus(&["A"]);
    connector.availability_async(&wanted, PLENTY).await.unwrap_err();
    // The probe runs beside; only that it comes back at all is looked for.
    loop {
        if connector.availability_async(&wanted, PLENTY).await == Ok(vec![(wanted[0].clone(), 1)]) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(connector.circuits().0, "closed");
}

#[tokio::test]
async fn a_vendor_that_serves_no_questions_is_not_asked_at_every_checkout() {
    let vendor = Vendor::start(|_, _| Act::Answer(404, "", ""));
    let connector = connector(&vendor.url(""));
    let wanted = skus(&["A"]);
    let first = connector.availability_async(&wanted, PLENTY).await.unwrap_err();
    assert!(first.contains("404"), "{first}");
    for _ in 0..20 {
        let why = connector.availability_async(&wanted, PLENTY).await.unwrap_err();
        assert!(why.contains("serves no questions"), "{why}");
    }
    assert_eq!((vendor.count(), connector.circuits()), (1, ("unserved", "closed")), "its papers go on");
}

#[test]
fn answers_that_are_not_the_contract_say_so() {
    for (body, why) in [("<html>", "not what the contract says"), (r#"{"lines": [{"vendor_sku": "A"}]}"#, "quantity")] {
        let vendor = Vendor::start(move |_, _| Act::Answer(200, "", body));
        let answer = connector(&vendor.url("")).availability(&skus(&["A"]), PLENTY).unwrap_err();
        assert!(answer.contains(why), "{answer}");
    }
    let vendor = Vendor::start(|_, _| Act::Answer(401, "", r#"{"title": "Who are you?"}"#));
    let answer = connector(&vendor.url("")).availability(&skus(&["A"]), PLENTY).unwrap_err();
    assert_eq!(answer, "answered 401: Who are you?");
}

#[test]
fn a_closed_address_is_refused_before_anything_is_sent() {
    let vendor = Vendor::start(|_, _| Act::Answer(200, "", "{}"));
    let strict = client(Guard::strict());
    for base in [vendor.url(""), "https://127.0.0.1/".to_owned(), "https://[::ffff:10.0.0.1]/".to_owned()] {
        let (field, why) = HttpConnector::new(Arc::clone(&strict), settings(&base)).err().unwrap();
        assert_eq!(field, "base", "{why}");
    }
    // The name is looked at only when it is called; the address that it leads to is then the one that counts.
    let named = HttpConnector::new(strict, settings(&format!("https://localhost:{}/", vendor.address.port()))).unwrap();
    let delivery = named.deliver("1", &order(), PLENTY);
    assert!(matches!(&delivery, Delivery::Failed { why } if why.contains("not a public address")), "{delivery:?}");
    assert_eq!((vendor.count(), vendor.connections.load(Ordering::SeqCst)), (0, 0));
    // Plain HTTP and HTTPS are opened separately.
    let only_https = client(Guard::allowing(&["127.0.0.0/8"]).unwrap());
    assert!(HttpConnector::new(only_https, settings(&vendor.url(""))).is_err());
}

#[test]
fn settings_that_no_header_can_carry_are_refused() {
    let settings = HttpSettings { authorization: Some("Bearer a\nb".to_owned()), ..settings("http://127.0.0.1:1/") };
    let (field, why) = HttpConnector::new(client(loopback()), settings).err().unwrap();
    assert_eq!(field, "token");
    assert!(!why.contains("Bearer"), "{why}");
    let connector = connector("http://127.0.0.1:1/");
    assert!(!format!("{connector:?}").contains("hush"), "{connector:?}");
    assert!(HttpConnector::new(client(loopback()), self::settings("http://127.0.0.1:1/?key=x")).is_err());
}
