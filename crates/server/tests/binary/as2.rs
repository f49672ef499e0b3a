//! An order over AS2 in EANCOM, with the real binary and an independent AS2 at the other end: ORDERS out; CONTRL, ORDRSP
//! and DESADV in; signed, encrypted and receipted both ways, receipts at once and later.

use crate::as2_peer::{Peer, python};
use crate::service::{Binary, eventually};
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::IntoResponse;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use std::sync::{Arc, Mutex};

/// The partner: its keys, ours as it knows them, and what it got.
struct Partner {
    peer: Peer,
    own: Value,
    ours: Value,
    got: Mutex<Vec<String>>,
    receipts: Mutex<Vec<Value>>,
    address: Mutex<String>,
}

impl Partner {
    fn question(&self, more: Value) -> Value {
        let mut question = json!({ "own": self.own, "theirs": self.ours["certificate"], "mdn_url": format!("{}/mdn", self.address.lock().unwrap()) });
        question.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        question
    }

    fn paper(&self, kind: &str) -> Option<String> {
        self.got.lock().unwrap().iter().find(|text| text.contains(kind)).cloned()
    }

    /// Packs a paper; headers and body.
    fn pack(&self, text: &str, mdn_mode: &str) -> (Value, Vec<u8>) {
        let partner = json!({ "sign": true, "encrypt": true, "enc_alg": "aes_256_cbc", "mdn_mode": mdn_mode, "mdn_digest_alg": "sha256" });
        let data = STANDARD.encode(text);
        let built =
            self.peer.ask(&self.question(
                json!({ "do": "build", "partner": partner, "data": data, "media_type": "application/edifact" }),
            ));
        (built["headers"].clone(), STANDARD.decode(built["body"].as_str().unwrap()).unwrap())
    }

    /// Sends it; what was answered, and what the partner thinks of that.
    async fn deliver(&self, service: &Binary, (headers, body): &(Value, Vec<u8>)) -> (Vec<u8>, Value) {
        let mut request = reqwest::Client::new().post(format!("{}/as2", service.base)).body(body.clone());
        for (name, value) in headers.as_object().unwrap() {
            request = request.header(name, value.as_str().unwrap().replace("\r\n", "").replace('\n', ""));
        }
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200);
        let headers = words(answer.headers());
        let body = answer.bytes().await.unwrap().to_vec();
        if body.is_empty() {
            return (body, Value::Null);
        }
        let judged = self.judge(headers, &body);
        (body, judged)
    }

    fn judge(&self, headers: Value, body: &[u8]) -> Value {
        self.peer.ask(&self.question(json!({ "do": "parse_mdn", "headers": headers, "body": STANDARD.encode(body) })))
    }
}

fn words(headers: &HeaderMap) -> Value {
    let all = headers.iter().filter_map(|(name, value)| Some((name.to_string(), Value::from(value.to_str().ok()?))));
    all.collect::<Map<_, _>>().into()
}

/// Takes a message of ours and answers with the receipt of pyas2lib.
async fn take(State(partner): State<Arc<Partner>>, headers: HeaderMap, body: Bytes) -> impl IntoResponse {
    let question = json!({ "do": "parse", "partner": { "sign": true, "encrypt": true }, "headers": words(&headers), "body": STANDARD.encode(&body) });
    let answer = partner.peer.ask(&partner.question(question));
    assert_eq!(answer["status"], "processed", "{answer}");
    let text = STANDARD.decode(answer["content"].as_str().unwrap()).unwrap();
    // UNOC: ISO 8859-1, a byte a character.
    partner.got.lock().unwrap().push(text.iter().map(|byte| char::from(*byte)).collect());
    let mut out = HeaderMap::new();
    for (name, value) in answer["mdn"]["headers"].as_object().unwrap() {
        let value = value.as_str().unwrap().replace("\r\n", "").replace('\n', "");
        out.insert(HeaderName::try_from(name.as_str()).unwrap(), HeaderValue::try_from(value).unwrap());
    }
    (out, STANDARD.decode(answer["mdn"]["body"].as_str().unwrap()).unwrap())
}

/// Takes a receipt that comes later.
async fn take_receipt(State(partner): State<Arc<Partner>>, headers: HeaderMap, body: Bytes) {
    let judged = partner.judge(words(&headers), &body);
    partner.receipts.lock().unwrap().push(judged);
}

async fn partner(ours: impl Fn(&Peer) -> Value) -> Option<Arc<Partner>> {
    let peer = Peer::start(python()?);
    let (own, ours) = (peer.identity("Peer", 300), ours(&peer));
    let (got, receipts, address) = (Mutex::default(), Mutex::default(), Mutex::default());
    let partner = Arc::new(Partner { peer, own, ours, got, receipts, address });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    *partner.address.lock().unwrap() = format!("http://{}", listener.local_addr().unwrap());
    let router =
        axum::Router::new().route("/as2", axum::routing::post(take)).route("/mdn", axum::routing::post(take_receipt));
    let router = router.with_state(partner.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    Some(partner)
}

async fn set_up(service: &Binary, partner: &Partner) {
    let item = json!({"title": "Oak table lamp", "category": "lighting/table", "unit": "EA", "gtin": "4006381333931"});
    service.done("PUT", "/v1/items/LAMP-OAK-01", &item).await;
    let pem = format!("{}{}", partner.ours["key"].as_str().unwrap(), partner.ours["certificate"].as_str().unwrap());
    service.done("PUT", "/v1/secrets/as2-ours", &json!({ "secret": pem })).await;
    let connector = json!({"type": "as2", "url": format!("{}/as2", partner.address.lock().unwrap()), "as2_from": "RETAILER", "as2_to": "PEER",
        "identity": "secret:as2-ours", "certificates": [partner.own["certificate"]]});
    let source = json!({"kind": "vendor", "name": "Lampen AG", "time_zone": "Europe/Berlin", "handling_days": 1,
        "ships_from": {"country": "DE", "postal_code": "10115"},
        "channel": {"dialect": "eancom", "connector": connector,
            "eancom": {"sender": {"qualifier": "14", "id": "4012345000009"}, "receiver": {"qualifier": "14", "id": "4098765000002"}}}});
    service.done("PUT", "/v1/sources/lampen", &source).await;
    let offer = json!({"vendor_sku": "V-7781", "pack": {"unit": "EA", "base_units": 1},
        "unit_cost": {"amount": "41.50", "currency": "EUR"}, "shipping_cost": {"amount": "9.90", "currency": "EUR"}});
    service.done("PUT", "/v1/sources/lampen/offers/LAMP-OAK-01", &offer).await;
    let advice = json!({"quantity": 12, "as_of": jiff::Timestamp::now()});
    service.done("PUT", "/v1/sources/lampen/advice/LAMP-OAK-01", &advice).await;
}

fn order(id: &str) -> Value {
    json!({"id": id, "placed_at": "2026-11-23T15:05:00Z", "sales_channel": "web",
        "customer": {"name": "A. Käufer", "email": "a@example.com"},
        "ship_to": {"name": "A. Käufer", "address1": "Hauptstraße 1", "city": "Köln", "postal_code": "50667", "country": "DE"},
        "lines": [{"line": "1", "sku": "LAMP-OAK-01", "quantity": 2, "unit": "EA", "unit_price": {"amount": "89.00", "currency": "EUR"}}]})
}

/// An interchange of the partner around messages.
fn interchange(number: u32, messages: &[(&str, &[&str])]) -> String {
    let mut text = format!("UNA:+.? '\nUNB+UNOC:3+4098765000002:14+4012345000009:14+261123:1510+{number}'\n");
    for (index, (kind, body)) in messages.iter().enumerate() {
        text += &format!("UNH+{}+{kind}'\n", index + 1);
        body.iter().for_each(|segment| text += &format!("{segment}'\n"));
        text += &format!("UNT+{}+{}'\n", body.len() + 2, index + 1);
    }
    text + &format!("UNZ+{}+{number}'\n", messages.len())
}

async fn status(service: &Binary) -> Value {
    service.done("GET", "/v1/orders/3001", &Value::Null).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_goes_the_whole_way_in_eancom_over_as2() {
    let Some(partner) = partner(|peer| peer.identity("Retailer", 20)).await else { return };
    let data = tempfile::tempdir().unwrap();
    let service = Binary::serve(data.path(), &["--allow-private", "http://127.0.0.0/8"]);
    set_up(&service, &partner).await;
    service.done("POST", "/v1/orders", &order("3001")).await;
    let orders = eventually("the ORDERS", async || partner.paper("+ORDERS:")).await;
    assert!(orders.contains("3001-1") && orders.contains("Käufer") == orders.contains("UNOC"), "{orders}");

    // Their machine has it: a CONTRL. It stops the receipt clock; the receipt of the transport does not.
    let unb: Vec<&str> =
        orders.lines().find(|line| line.starts_with("UNB")).unwrap().trim_end_matches('\'').split('+').collect();
    let control = unb[5];
    let before = service.done("GET", "/v1/purchase-orders/3001-1", &Value::Null).await;
    assert!(before["received_at"].is_null(), "{before}");
    let uci = format!("UCI+{control}+4012345000009:14+4098765000002:14+7");
    let contrl = interchange(1, &[("CONTRL:2:2:UN:EAN002", &[&uci])]);
    let (_, judged) = partner.deliver(&service, &partner.pack(&contrl, "SYNC")).await;
    assert_eq!(judged["status"], "processed", "{judged}");
    eventually("the receipt", async || {
        let po = service.done("GET", "/v1/purchase-orders/3001-1", &Value::Null).await;
        (!po["received_at"].is_null()).then_some(())
    })
    .await;

    // They accept; the same message again is answered with the very same receipt, and read once.
    let ordrsp = interchange(
        2,
        &[(
            "ORDRSP:D:96A:UN:EAN005",
            &[
                "BGM+231+SO-77+4",
                "DTM+137:20261123:102",
                "RFF+ON:3001-1",
                "NAD+SU+4098765000002::9",
                "NAD+BY+4012345000009::9",
                "LIN+1+5+4006381333931:EN",
                "QTY+21:2:PCE",
                "UNS+S",
                "CNT+2:1",
            ],
        )],
    );
    let packed = partner.pack(&ordrsp, "SYNC");
    let (first, judged) = partner.deliver(&service, &packed).await;
    assert_eq!(judged["status"], "processed", "{judged}");
    let (second, _) = partner.deliver(&service, &packed).await;
    assert_eq!(first, second, "a duplicate gets the receipt of then");
    eventually("the commitment", async || (status(&service).await["status"] == "confirmed").then_some(())).await;
    eventually("our CONTRL", async || partner.paper("+CONTRL:")).await;

    // They ship, and want the receipt later at an address of theirs.
    let desadv = interchange(
        3,
        &[(
            "DESADV:D:96A:UN:EAN005",
            &[
                "BGM+351+S-88+9",
                "DTM+137:20261123:102",
                "DTM+11:202611231500:203",
                "RFF+ON:3001-1",
                "NAD+SU+4098765000002::9",
                "NAD+BY+4012345000009::9",
                "TDT+20++30+31+DHL",
                "CPS+1",
                "PAC+1++CT",
                "PCI+33E",
                "GIN+BJ+340123450000000017",
                "LIN+1++4006381333931:EN",
                "QTY+12:2:PCE",
                "RFF+ON:3001-1:1",
            ],
        )],
    );
    let (body, _) = partner.deliver(&service, &partner.pack(&desadv, "ASYNC")).await;
    assert!(body.is_empty(), "the receipt comes later");
    let judged = eventually("the later receipt", async || partner.receipts.lock().unwrap().first().cloned()).await;
    assert_eq!(judged["status"], "processed", "{judged}");
    eventually("the shipment", async || (status(&service).await["status"] == "shipped").then_some(())).await;
    let inbox = service.done("GET", "/v1/quarantine", &Value::Null).await;
    assert_eq!(inbox["items"], json!([]), "{inbox}");

    // Our certificate ends in twenty days: somebody is told.
    eventually("the warning", async || {
        let cases = service.done("GET", "/v1/cases", &Value::Null).await;
        cases["items"].as_array().unwrap().iter().any(|case| case["kind"] == "certificate_ending").then_some(())
    })
    .await;

    // Our paper, explained for a screen.
    let po = service.done("GET", "/v1/purchase-orders/3001-1", &Value::Null).await;
    let id = po["documents"]
        .as_array()
        .unwrap()
        .iter()
        .find(|d| d["text"].as_str().unwrap().contains("ORDERS"))
        .unwrap()["id"]
        .clone();
    let path = format!("/v1/purchase-orders/3001-1/documents/{}", id.as_str().unwrap().replace('/', "%2F"));
    let explained = service.done("GET", &path, &Value::Null).await;
    assert_eq!(
        (explained["standard"].as_str(), explained["sets"][0]["id"].as_str()),
        (Some("edifact"), Some("ORDERS")),
        "{explained}"
    );
    assert_eq!(explained["findings"], json!([]), "{explained}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rejected_message_is_a_case_that_names_the_segment() {
    let Some(partner) = partner(|peer| peer.identity("Retailer", 200)).await else { return };
    let data = tempfile::tempdir().unwrap();
    let service = Binary::serve(data.path(), &["--allow-private", "http://127.0.0.0/8"]);
    set_up(&service, &partner).await;
    service.done("POST", "/v1/orders", &order("3002")).await;
    let orders = eventually("the ORDERS", async || partner.paper("+ORDERS:")).await;
    let control = orders.lines().find(|line| line.starts_with("UNB")).unwrap().trim_end_matches('\'').split('+').nth(5);
    let segments = orders.lines().skip_while(|line| !line.starts_with("UNH"));
    let number = segments.take_while(|line| !line.starts_with("LIN")).count() + 1;
    let uci = format!("UCI+{}+4012345000009:14+4098765000002:14+7", control.unwrap());
    let ucs = format!("UCS+{number}");
    let body = [uci.as_str(), "UCM+1+ORDERS:D:96A:UN:EAN008+4", &ucs, "UCD+12+3:1"];
    let contrl = interchange(1, &[("CONTRL:2:2:UN:EAN002", &body)]);
    let (_, judged) = partner.deliver(&service, &partner.pack(&contrl, "SYNC")).await;
    assert_eq!(judged["status"], "processed", "{judged}");
    let case = eventually("the case", async || {
        let cases = service.done("GET", "/v1/cases", &Value::Null).await;
        cases["items"].as_array().unwrap().iter().find(|case| case["kind"] == "document_rejected").cloned()
    })
    .await;
    assert!(case["sentence"].as_str().unwrap().contains(&format!("segment {number}")), "{case}");
    assert_eq!(case["order"], "3002", "{case}");
    // Nobody is warned of certificates that hold for longer than thirty days.
    let cases = service.done("GET", "/v1/cases", &Value::Null).await;
    assert!(!cases.to_string().contains("certificate_ending"), "{cases}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn strangers_and_the_unsafe_are_told_so_and_nothing_is_taken() {
    let Some(partner) = partner(|peer| peer.identity("Retailer", 200)).await else { return };
    let data = tempfile::tempdir().unwrap();
    let service = Binary::serve(data.path(), &["--allow-private", "http://127.0.0.0/8"]);
    set_up(&service, &partner).await;
    let paper = interchange(9, &[("CONTRL:2:2:UN:EAN002", &["UCI+1+4012345000009:14+4098765000002:14+7"])]);
    // Sent by somebody unknown.
    let (mut headers, body) = partner.pack(&paper, "SYNC");
    headers["AS2-From"] = "NOBODY".into();
    let (answer, _) = partner.deliver(&service, &(headers, body)).await;
    assert!(String::from_utf8_lossy(&answer).contains("unknown-trading-relationship"));
    // Neither signed nor encrypted.
    let plain = json!({ "do": "build", "partner": { "mdn_mode": "SYNC" }, "data": STANDARD.encode(&paper), "media_type": "application/edifact" });
    let built = partner.peer.ask(&partner.question(plain));
    let body = STANDARD.decode(built["body"].as_str().unwrap()).unwrap();
    let (answer, _) = partner.deliver(&service, &(built["headers"].clone(), body)).await;
    assert!(String::from_utf8_lossy(&answer).contains("insufficient-message-security"));
    let cases = service.done("GET", "/v1/cases", &Value::Null).await;
    assert!(cases.to_string().contains("insufficient-message-security"), "{cases}");
    // Not AS2 at all.
    let plain = reqwest::Client::new().post(format!("{}/as2", service.base)).body("x").send().await.unwrap();
    assert_eq!(plain.status(), 400);
}
