//! Mail through a real SMTP server, from the real binary: a vendor without any machine gets a purchase order by mail and
//! answers it from there.

use crate::service::{Binary, Browser, eventually, free_port};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, OnceLock};

/// Python with aiosmtpd, made once a build folder.
fn python() -> &'static Path {
    static PYTHON: OnceLock<PathBuf> = OnceLock::new();
    PYTHON.get_or_init(|| {
        let venv = Path::new(env!("CARGO_TARGET_TMPDIR")).join("smtp-sink");
        let python = venv.join("bin/python");
        let works = || Command::new(&python).args(["-c", "import aiosmtpd"]).output().is_ok_and(|o| o.status.success());
        if !works() {
            assert!(Command::new("python3").arg("-m").arg("venv").arg(&venv).status().unwrap().success());
            let pip = Command::new(venv.join("bin/pip")).args(["install", "--quiet", "aiosmtpd==1.4.6"]).status();
            assert!(pip.unwrap().success(), "aiosmtpd could not be installed");
        }
        python
    })
}

/// A mail server and what it took.
struct Sink {
    child: Child,
    port: u16,
    taken: Arc<Mutex<Vec<Value>>>,
}

impl Sink {
    fn start(port: u16) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/binary/sink.py");
        let mut child = Command::new(python())
            .arg(script)
            .arg(port.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert_eq!(lines.next().unwrap().unwrap(), "listening");
        let taken = Arc::new(Mutex::new(vec![]));
        let keep = taken.clone();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                keep.lock().unwrap().push(serde_json::from_str(&line).unwrap());
            }
        });
        Self { child, port, taken }
    }
    fn flags(&self) -> [String; 4] {
        [
            "--smtp-url".into(),
            format!("smtp://127.0.0.1:{}?tls=none", self.port),
            "--mail-from".into(),
            "Shop <orders@shop.example>".into(),
        ]
    }
    fn to(&self, address: &str) -> Vec<Value> {
        let all = self.taken.lock().unwrap();
        all.iter().filter(|mail| mail["to"][0] == address).cloned().collect()
    }
    async fn mail(&self, address: &str) -> Value {
        eventually(address, async || self.to(address).into_iter().next()).await
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn serve(data: &Path, sink: &Sink) -> Binary {
    let flags = sink.flags();
    Binary::serve(data, &flags.iter().map(String::as_str).collect::<Vec<_>>())
}

async fn set_up(service: &Binary, contacts: &[&str]) {
    service.done("PUT", "/v1/items/MUG", &json!({"title": "Grüner Becher", "category": "kitchen"})).await;
    let source = json!({"kind": "vendor", "name": "Moss Workshop", "time_zone": "America/Chicago",
        "ships_from": {"country": "US", "postal_code": "60601"}, "handling_days": 1, "channel": {"dialect": "portal"}});
    service.done("PUT", "/v1/sources/moss", &source).await;
    let offer = json!({"vendor_sku": "M-1", "pack": {"unit": "EA", "base_units": 1},
        "unit_cost": {"amount": "4.00", "currency": "USD"}, "shipping_cost": {"amount": "5.00", "currency": "USD"}});
    service.done("PUT", "/v1/sources/moss/offers/MUG", &offer).await;
    let advice = json!({"quantity": 50, "as_of": jiff::Timestamp::now()});
    service.done("PUT", "/v1/sources/moss/advice/MUG", &advice).await;
    service.done("PUT", "/v1/sources/moss/contacts", &json!({"mail": contacts})).await;
}

async fn order(service: &Binary, id: &str) {
    order_of(service, id, "zoe@example.com").await;
}

async fn order_of(service: &Binary, id: &str, mail: &str) {
    let body = json!({"id": id, "placed_at": "2026-11-23T15:05:00Z", "sales_channel": "web",
        "customer": {"name": "Zoë Shopper", "email": mail},
        "ship_to": {"name": "Zoë Shopper", "address1": "1 Main St", "city": "Austin", "region": "TX", "postal_code": "73301", "country": "US"},
        "lines": [{"line": "1", "sku": "MUG", "quantity": 3, "unit": "EA", "unit_price": {"amount": "9.00", "currency": "USD"}}]});
    assert!(service.call("POST", "/v1/orders", &body).await.0 < 300);
}

fn link_in(mail: &Value) -> String {
    let text = mail["text"].as_str().unwrap();
    text.split_whitespace().find(|word| word.starts_with("http://")).unwrap_or_else(|| panic!("{text}")).to_owned()
}

#[tokio::test]
async fn an_order_is_committed_from_a_mail() {
    let (data, sink) = (tempfile::tempdir().unwrap(), Sink::start(free_port()));
    let service = serve(data.path(), &sink);
    set_up(&service, &["busy-orders@moss.example"]).await;
    service.done("PUT", "/v1/messages/settings", &json!({"customers": "smtp", "shop": "The Shop"})).await;
    order(&service, "1001").await;

    // The mailbox was busy at first: the letter waited and came all the same, once.
    let mail = sink.mail("busy-orders@moss.example").await;
    assert!(mail["subject"].as_str().unwrap().starts_with("Purchase order 1001-1: please answer by"), "{mail}");
    assert!(mail["text"].as_str().unwrap().contains("3 EA of M-1 (Grüner Becher)"), "{mail}");
    assert_eq!(mail["automatic"], "auto-generated");
    let provisional = sink.mail("zoe@example.com").await;
    assert_eq!(provisional["subject"], "Your order 1001");
    assert!(provisional["text"].as_str().unwrap().contains("Hello Zoë Shopper"), "{provisional}");

    let link = link_in(&mail);
    let mut person = Browser::new();
    let page = person.get(&link).await;
    assert!(page.status == 200 && page.text.contains("Moss Workshop"), "{}", page.text);
    let used = person.post(&format!("{}/portal/link", service.base), &format!("token={}", page.field("token"))).await;
    assert_eq!((used.status, used.location.as_deref()), (303, Some("/portal/purchase-orders/1001-1")));
    let place = format!("{}/portal/purchase-orders/1001-1", service.base);
    let page = person.get(&place).await;
    let form = format!("attempt=1&form_token={}", page.field("form_token"));
    assert_eq!(person.post(&format!("{place}/accept"), &form).await.status, 303);
    let order = service.done("GET", "/v1/orders/1001", &Value::Null).await;
    assert_eq!(
        (&order["status"], &order["lines"][0]["tally"]["committed"]),
        (&json!("confirmed"), &json!(3)),
        "{order}"
    );
    eventually("the customer's confirmation", async || {
        sink.to("zoe@example.com").into_iter().find(|m| m["subject"] == "Your order 1001 is confirmed")
    })
    .await;

    // The used link says so, and a fresh one goes to the address that had the old one.
    let mut other = Browser::new();
    let again = other.get(&link).await;
    assert!(again.status == 410 && again.text.contains("Mail me a fresh link"), "{}", again.text);
    other.post(&format!("{}/portal/link/again", service.base), &format!("token={}", again.field("token"))).await;
    eventually("a fresh link", async || {
        sink.to("busy-orders@moss.example").into_iter().find(|m| m["subject"] == "Your link to the portal")
    })
    .await;

    // Neither a power cut nor a second start sends anything twice.
    let before = sink.taken.lock().unwrap().len();
    service.kill();
    let service = serve(data.path(), &sink);
    self::order(&service, "1002").await;
    let purchase = |m: &Value| m["subject"].as_str().is_some_and(|s| s.starts_with("Purchase order 1002-1"));
    eventually("the next order's mail", async || sink.to("busy-orders@moss.example").into_iter().find(|m| purchase(m)))
        .await;
    eventually("the next customer's mail", async || {
        sink.to("zoe@example.com").into_iter().find(|m| m["subject"] == "Your order 1002")
    })
    .await;
    assert_eq!(sink.taken.lock().unwrap().len(), before + 2);
}

#[tokio::test]
async fn a_mail_that_bounces_becomes_a_case_and_goes_out_again_when_told() {
    let (data, sink) = (tempfile::tempdir().unwrap(), Sink::start(free_port()));
    let service = serve(data.path(), &sink);
    set_up(&service, &["nobody@moss.example"]).await;
    order(&service, "1001").await;
    let case = eventually("a case", async || {
        let cases = service.done("GET", "/v1/cases?open=true", &Value::Null).await;
        cases["items"].as_array()?.iter().find(|c| c["kind"] == "delivery_failed").cloned()
    })
    .await;
    assert!(case["sentence"].as_str().unwrap().contains("no such mailbox"), "{case}");
    let dead = eventually("a dead letter", async || {
        let all = service.done("GET", "/v1/messages/dead", &Value::Null).await;
        all["items"].as_array()?.first().cloned()
    })
    .await;
    assert_eq!((&dead["kind"], &dead["in_doubt"]), (&json!("vendor_order"), &json!(false)), "{dead}");

    service.done("PUT", "/v1/sources/moss/contacts", &json!({"mail": ["orders@moss.example"]})).await;
    let path = format!("/v1/cases/{}/resolve", case["id"].as_str().unwrap());
    service.done("POST", &path, &json!({"remedy": {"action": "send_again"}})).await;
    let mail = sink.mail("orders@moss.example").await;
    assert!(mail["subject"].as_str().unwrap().contains("1001-1"), "{mail}");
}

#[tokio::test]
async fn a_customers_mail_that_bounces_becomes_a_case_without_the_address() {
    let (data, sink) = (tempfile::tempdir().unwrap(), Sink::start(free_port()));
    let service = serve(data.path(), &sink);
    set_up(&service, &["orders@moss.example"]).await;
    service.done("PUT", "/v1/messages/settings", &json!({"customers": "smtp", "shop": "The Shop"})).await;
    order_of(&service, "1001", "nobody@example.com").await;
    let case = eventually("a case", async || {
        let cases = service.done("GET", "/v1/cases?open=true&kind=customer_unreached", &Value::Null).await;
        cases["items"].as_array()?.first().cloned()
    })
    .await;
    assert_eq!((&case["role"], &case["order"]), (&json!("customer_service"), &json!("1001")), "{case}");
    assert!(!case.to_string().contains("nobody"), "no address in the journal: {case}");
    let dead = service.done("GET", "/v1/messages/dead", &Value::Null).await;
    assert!(dead["items"][0]["why"].as_str().is_some_and(|e| e.contains("no such mailbox")), "{dead}");
    let path = format!("/v1/cases/{}/resolve", case["id"].as_str().unwrap());
    service.done("POST", &path, &json!({"remedy": {"action": "dismiss"}, "words": "called her"})).await;
}

#[tokio::test]
async fn a_server_that_is_down_loses_nothing_and_words_are_the_retailers_own() {
    let (data, port) = (tempfile::tempdir().unwrap(), free_port());
    let flags = ["--smtp-url", &format!("smtp://127.0.0.1:{port}?tls=none"), "--mail-from", "orders@shop.example"];
    let service = Binary::serve(data.path(), &flags);
    set_up(&service, &["orders@moss.example"]).await;
    let faulty = json!({"subject": "Order {{po}}", "text": "Please answer:\n{{link}} {{pO}}"});
    let (status, problem) = service.call("PUT", "/v1/messages/templates/vendor_order", &faulty).await;
    assert_eq!((status, &problem["errors"][0]["value"]), (422, &json!({"line": 2, "column": 12})), "{problem}");
    let own = json!({"subject": "Order {{po}}", "text": "Moin {{vendor}}!\n{{link}}\n"});
    service.done("PUT", "/v1/messages/templates/vendor_order", &own).await;
    order(&service, "1001").await;
    // The first tries find nobody.
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    let sink = Sink::start(port);
    let mail = sink.mail("orders@moss.example").await;
    assert_eq!(mail["subject"], "Order 1001-1");
    assert!(mail["text"].as_str().unwrap().starts_with("Moin Moss Workshop!"), "{mail}");
}

#[tokio::test]
async fn an_approval_is_answered_from_a_mail_by_whom_it_was_sent_to() {
    let (data, sink) = (tempfile::tempdir().unwrap(), Sink::start(free_port()));
    let service = serve(data.path(), &sink);
    set_up(&service, &[]).await;
    for (name, mail) in [("vera", "vera@shop.example"), ("vito", "vito@shop.example")] {
        let body = json!({"role": "vendor_manager", "mail": mail, "password": "correct horse battery"});
        service.done("PUT", &format!("/v1/people/{name}"), &body).await;
    }
    let writer = crate::service::create_key(data.path(), "buyer", &[]);
    let second = crate::service::create_key(data.path(), "vendor_manager", &[]);
    let policy = json!({"version": 2, "name": "ask first", "modes": [{"category": "kitchen", "mode": "recommend"}]});
    let written = service.call_as(&writer, "PUT", "/v1/policies/2", &policy).await;
    assert!(written.0 < 300, "{}", written.1);
    let active = service.call_as(&second, "POST", "/v1/policies/2/activate", &json!({})).await;
    assert!(active.0 < 300, "{}", active.1);
    order(&service, "1001").await;
    let (vera, vito) = (sink.mail("vera@shop.example").await, sink.mail("vito@shop.example").await);
    let (hers, his) = (link_in(&vera), link_in(&vito));
    assert!(hers != his && hers.contains("/approvals/link?token="), "{vera}");
    let mut browser = Browser::new();
    let page = browser.get(&hers).await;
    assert!(page.status == 200 && page.text.contains("Moss Workshop") && page.text.contains("vera"), "{}", page.text);
    assert_eq!(browser.get(&hers).await.status, 200, "looking uses nothing up");
    let post = format!("{}/approvals/link", service.base);
    let form = format!("token={}&answer=approve&words=fine", page.field("token"));
    let done = browser.post(&post, &form).await;
    assert!(done.status == 200 && done.text.contains("Approved"), "{}", done.text);
    assert_eq!(browser.post(&post, &form).await.status, 410, "once");
    assert_eq!(browser.get(&his).await.status, 410, "the question is settled");
    let order = service.done("GET", "/v1/orders/1001", &Value::Null).await;
    assert_eq!(order["status"], "awaiting_confirmation", "{order}");
    let answered = service.done("GET", "/v1/approvals?open=false", &Value::Null).await;
    assert_eq!(answered["items"][0]["outcome"]["by"]["name"], "vera", "{answered}");
}

#[tokio::test]
async fn a_person_writes_to_a_customer_and_a_vendor_and_each_gets_it_once() {
    let (data, sink) = (tempfile::tempdir().unwrap(), Sink::start(free_port()));
    let service = serve(data.path(), &sink);
    set_up(&service, &["orders@moss.example"]).await;
    service.done("PUT", "/v1/messages/settings", &json!({"customers": "smtp", "shop": "The Shop"})).await;
    order(&service, "1001").await;
    let kim = crate::service::create_key(data.path(), "customer_service", &[]);
    let write = async |body: Value| {
        let (status, answer) = service.call_as(&kim, "POST", "/v1/orders/1001/messages", &body).await;
        assert_eq!(status, 201, "{answer}");
    };
    write(json!({"words": "Your lamp comes in two parcels."})).await;
    write(json!({"words": "Please use the strong box.", "purchase_order": "1001-1"})).await;
    let subject = |address: &str, subject: &str| {
        sink.to(address).into_iter().filter(|m| m["subject"] == subject).collect::<Vec<Value>>()
    };
    let to_customer =
        eventually("the customer's letter", async || subject("zoe@example.com", "About your order 1001").pop()).await;
    let text = to_customer["text"].as_str().unwrap();
    assert!(text.contains("Hello Zoë Shopper") && text.contains("two parcels") && text.contains("The Shop"), "{text}");
    let about = "About purchase order 1001-1";
    let to_vendor = eventually("the vendor's letter", async || subject("orders@moss.example", about).pop()).await;
    assert!(to_vendor["text"].as_str().unwrap().contains("the strong box"), "{to_vendor}");
    let mut person = Browser::new();
    assert_eq!(person.get(&link_in(&to_vendor)).await.status, 200, "its link opens the purchase order");

    // In quiet hours it waits; erased meanwhile, it is never sent.
    let all_day = json!({"customers": "smtp", "shop": "The Shop",
        "quiet": {"from": "00:00", "to": "23:59", "time_zone": "UTC"}});
    service.done("PUT", "/v1/messages/settings", &all_day).await;
    let (_, ways) = service.call_as(&kim, "GET", "/v1/orders/1001/addressees", &Value::Null).await;
    assert!(ways["items"][0]["sentence"].as_str().unwrap().contains("quiet hours"), "{ways}");
    write(json!({"words": "One more thing."})).await;
    service.done("DELETE", "/v1/orders/1001/person", &Value::Null).await;
    service.kill();
    let service = serve(data.path(), &sink);
    order(&service, "1002").await;
    let purchase = |m: &Value| m["subject"].as_str().is_some_and(|s| s.starts_with("Purchase order 1002-1"));
    eventually("the next order's mail", async || sink.to("orders@moss.example").into_iter().find(purchase)).await;
    assert_eq!(subject("zoe@example.com", "About your order 1001").len(), 1);
    assert_eq!(subject("orders@moss.example", about).len(), 1);
}

#[tokio::test]
async fn a_mail_that_comes_back_later_becomes_a_case_once() {
    let (data, sink) = (tempfile::tempdir().unwrap(), Sink::start(free_port()));
    let service = serve(data.path(), &sink);
    set_up(&service, &["orders@moss.example"]).await;
    service.done("PUT", "/v1/messages/settings", &json!({"customers": "smtp", "shop": "The Shop"})).await;
    order(&service, "1001").await;
    let (to_vendor, to_customer) = (sink.mail("orders@moss.example").await, sink.mail("zoe@example.com").await);
    let gateway = crate::service::create_key(data.path(), "it", &[]);
    let told = async |body: &Value| {
        let (status, answer) = service.call_as(&gateway, "POST", "/v1/messages/bounces", body).await;
        assert_eq!(status, 200, "{answer}");
        answer["outcome"].as_str().unwrap().to_owned()
    };
    let cases = async |kind: &str| {
        let path = format!("/v1/cases?open=true&kind={kind}");
        service.done("GET", &path, &Value::Null).await["items"].as_array().unwrap().clone()
    };

    // A gateway tells it as JSON: a delay is no news, a failure is, once.
    let id = to_vendor["id"].as_str().unwrap();
    let failed = json!({"message_id": id, "why": "550 <orders@moss.example> is unknown here"});
    assert_eq!(told(&json!({"message_id": id, "action": "delayed"})).await, "nothing");
    assert_eq!((told(&failed).await.as_str(), told(&failed).await.as_str()), ("case", "known"));
    let case = cases("delivery_failed").await;
    assert_eq!((case.len(), &case[0]["purchase_order"]), (1, &json!("1001-1")), "{case:?}");
    assert!(!case[0].to_string().contains("moss.example"), "no address in the journal: {case:?}");
    let path = format!("/v1/cases/{}/resolve", case[0]["id"].as_str().unwrap());
    service
        .done(
            "POST",
            &path,
            &json!({"remedy": {"action": "source_has_it"}, "words": "They have it, says Moss on the telephone."}),
        )
        .await;
    assert_eq!(told(&failed).await, "known", "also after the case was resolved");
    for foreign in ["<77.nothing@shop.example>", "<18446744073709551615.x@shop.example>", "", "@", "x"] {
        assert_eq!(told(&json!({"message_id": foreign})).await, "unknown", "{foreign:?}");
    }

    // A mailbox passes the notification on as it came.
    let id = to_customer["id"].as_str().unwrap();
    let report = format!(
        "From: MAILER-DAEMON@mx.example\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n\
         --b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n\
         Final-Recipient: rfc822; zoe@example.com\r\nAction: failed\r\nStatus: 5.1.1\r\n\
         Diagnostic-Code: smtp; 550 no such user zoe@example.com\r\n\r\n\
         --b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: {id}\r\nSubject: x\r\n\r\nHello\r\n--b--\r\n"
    );
    for outcome in ["case", "known"] {
        let (status, answer) = service.post_text(&gateway, "/v1/messages/bounces", "message/rfc822", &report).await;
        assert_eq!((status, answer["outcome"].as_str()), (200, Some(outcome)), "{answer}");
    }
    let case = cases("customer_unreached").await;
    assert_eq!((case.len(), &case[0]["order"]), (1, &json!("1001")), "{case:?}");
    assert!(!case[0].to_string().contains("zoe"), "no address in the journal: {case:?}");
    let dead = service.done("GET", "/v1/messages/dead", &Value::Null).await;
    let why: Vec<&str> = dead["items"].as_array().unwrap().iter().map(|d| d["why"].as_str().unwrap()).collect();
    assert!(why.len() == 2 && why.contains(&"5.1.1 550 no such user zoe@example.com"), "{why:?}");
    let (status, problem) =
        service.post_text(&gateway, "/v1/messages/bounces", "message/rfc822", "Subject: hi\r\n\r\n").await;
    assert!(status == 422 && problem["detail"].as_str().unwrap().contains("multipart/report"), "{problem}");
}
