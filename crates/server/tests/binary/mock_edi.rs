//! A seller of somebody else's making (mock-edi) trades with the running service through two folders: order, 850, 997,
//! 855, 856, committed or rerouted. Its clock stands still and is moved by the test.

use crate::as2_peer::{environment, or_skip};
use crate::service::{Binary, create_key, eventually};
use serde_json::{Value, json};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

const REQUIREMENTS: &str = include_str!("../../../partners/tests/peers/requirements.txt");
/// The retailer asks the next source after so many seconds without an answer.
const ANSWER_WITHIN_S: u32 = 6;

fn python() -> Option<&'static PathBuf> {
    static PYTHON: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let wanted = REQUIREMENTS.lines().find(|line| line.starts_with("mock-edi")).unwrap();
    or_skip(PYTHON.get_or_init(|| environment("mock-edi", wanted, "import mockedi")))
}

/// The seller; it ends with the test.
struct Seller {
    child: Child,
    base: String,
}

impl Drop for Seller {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Seller {
    async fn start(python: &Path, folder: &Path) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let (out, inbound) = (folder.join("out"), folder.join("in"));
        std::fs::create_dir_all(&out).unwrap();
        std::fs::create_dir_all(&inbound).unwrap();
        let now = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let mut command = Command::new(python);
        command.args(["-m", "mockedi", "--quiet", "--port", &port.to_string(), "--start-at", &now]);
        command.args(["--despatch-delay", "3600000", "--invoice-delay", "7200000", "--drop-interval-ms", "100"]);
        command.arg("--drop-dir").arg(out).arg("--pickup-dir").arg(inbound);
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let seller = Self { child, base: format!("http://127.0.0.1:{port}") };
        eventually("the seller", async || seller.ask("GET", "/_mock/health", &Value::Null).await).await;
        seller
    }

    async fn ask(&self, method: &str, path: &str, body: &Value) -> Option<Value> {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let request = reqwest::Client::new().request(method, format!("{}{path}", self.base));
        let request = if body.is_null() { request } else { request.json(body) };
        let answer = request.send().await.ok()?;
        assert!(answer.status().is_success(), "{path}: {}", answer.text().await.unwrap_or_default());
        serde_json::from_str(&answer.text().await.ok()?).ok()
    }

    async fn behave(&self, behaviour: &str) {
        self.ask("PATCH", "/_mock/partners/ACME", &json!({ "behaviour": behaviour })).await.unwrap();
    }

    /// Lets time pass until everything it has promised is done.
    async fn advance(&self) {
        self.ask("POST", "/_mock/advance?all", &Value::Null).await;
    }
}

async fn set_up(service: &Binary, data: &Path) {
    let seller = json!({"dialect": "x12", "connector": {"type": "folder", "outbound": "edi/seller/out", "inbound": "edi/seller/in", "settle_s": 0},
        "x12": {"sender": {"qualifier": "ZZ", "id": "ACME"}, "receiver": {"qualifier": "ZZ", "id": "MOCKEDI"}, "order_items": [["VP", "vendor_sku"], ["SK", "sku"]]}});
    for (source, channel, shipping) in [("seller", seller, "1.00"), ("fallback", json!({"dialect": "portal"}), "9.00")]
    {
        let record = json!({"kind": "vendor", "name": source, "time_zone": "America/Chicago", "handling_days": 1,
            "ships_from": {"country": "US", "postal_code": "60601"}, "channel": channel});
        service.done("PUT", &format!("/v1/sources/{source}"), &record).await;
        for (sku, vendor_sku, cost) in [("BRACKET", "BRKT-050", "4.15"), ("CABLE", "CABLE-2M", "3.95")] {
            let item = json!({"title": sku, "category": "parts", "unit": "EA"});
            service.done("PUT", &format!("/v1/items/{sku}"), &item).await;
            let offer = json!({"vendor_sku": vendor_sku, "pack": {"unit": "EA", "base_units": 1},
                "unit_cost": {"amount": cost, "currency": "USD"}, "shipping_cost": {"amount": shipping, "currency": "USD"}});
            service.done("PUT", &format!("/v1/sources/{source}/offers/{sku}"), &offer).await;
            let advice = json!({"quantity": 500, "as_of": jiff::Timestamp::now()});
            service.done("PUT", &format!("/v1/sources/{source}/advice/{sku}"), &advice).await;
        }
    }
    let buyer = create_key(data, "vendor_manager", &[]);
    let clocks = json!([{"acknowledgment": {"within_s": ANSWER_WITHIN_S, "then": "reroute"}}]);
    let policy = json!({"version": 2, "name": "quick", "clocks": clocks,
        "approvals": {"cost_increase_percent": null, "substitution": "never"}});
    for (method, path, body) in [("PUT", "/v1/policies/2", &policy), ("POST", "/v1/policies/2/activate", &json!({}))] {
        let (status, told) = service.call_as(&buyer, method, path, body).await;
        assert!(status < 300, "{told}");
    }
}

async fn place(service: &Binary, id: &str) {
    let line = |line: &str, sku: &str, quantity: u32| json!({"line": line, "sku": sku, "quantity": quantity, "unit": "EA", "unit_price": {"amount": "9.00", "currency": "USD"}});
    let order = json!({"id": id, "placed_at": "2026-11-23T15:05:00Z", "sales_channel": "web",
        "customer": {"name": "A. Shopper", "email": "a@example.com"},
        "ship_to": {"name": "A. Shopper", "address1": "1 Main St", "city": "Austin", "region": "TX", "postal_code": "73301", "country": "US"},
        "lines": [line("1", "BRACKET", 10), line("2", "CABLE", 4)]});
    service.done("POST", "/v1/orders", &order).await;
}

/// What stands at whom: `1 seller committed 10`, one text per assignment that still counts, without what was declined.
async fn standing(service: &Binary, id: &str) -> Vec<String> {
    let order = service.done("GET", &format!("/v1/orders/{id}"), &Value::Null).await;
    let mut all = vec![];
    for line in order["lines"].as_array().unwrap() {
        for a in line["assignments"].as_array().unwrap() {
            let phase = a["phase"].as_str().unwrap();
            if !["withdrawn", "released", "withdrawing"].contains(&phase) {
                let units = a["quantity"].as_u64().unwrap() - a["declined"].as_u64().unwrap();
                let (line, source) = (line["line"].as_str().unwrap(), a["source"].as_str().unwrap());
                all.push(format!("{line} {source} {phase} {units}"));
            }
        }
    }
    all.sort();
    all
}

async fn stands(service: &Binary, id: &str, wanted: &[&str]) {
    let mut last = vec![];
    let reached = tokio::time::timeout(std::time::Duration::from_secs(40), async {
        loop {
            last = standing(service, id).await;
            if last == wanted {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    });
    assert!(reached.await.is_ok(), "{id}: {last:?}, wanted {wanted:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_seller_that_behaves_in_five_ways_and_the_order_that_follows() {
    let Some(python) = python() else { return };
    let data = tempfile::tempdir().unwrap();
    let seller = Seller::start(python, &data.path().join("edi/seller")).await;
    let service = Binary::serve(data.path(), &[]);
    set_up(&service, data.path()).await;

    seller.behave("accept").await;
    place(&service, "4001").await;
    stands(&service, "4001", &["1 seller committed 10", "2 seller committed 4"]).await;
    let po = service.done("GET", "/v1/purchase-orders/4001-1", &Value::Null).await;
    assert!(!po["received_at"].is_null(), "the 997 stopped the receipt clock: {po}");
    seller.advance().await;
    stands(&service, "4001", &["1 seller shipped 10", "2 seller shipped 4"]).await;

    // Eight and three are confirmed; the rest goes elsewhere.
    seller.behave("short-ship").await;
    place(&service, "4002").await;
    let split = ["1 fallback requested 2", "1 seller committed 8", "2 fallback requested 1", "2 seller committed 3"];
    stands(&service, "4002", &split).await;

    seller.behave("reject-line").await;
    place(&service, "4003").await;
    stands(&service, "4003", &["1 seller committed 10", "2 fallback requested 4"]).await;

    // Neither 997 nor 855: the clock runs out.
    seller.behave("no-ack").await;
    place(&service, "4004").await;
    stands(&service, "4004", &["1 fallback requested 10", "2 fallback requested 4"]).await;

    // An answer that comes when the order has gone elsewhere is recorded, and commits nothing.
    seller.behave("late").await;
    place(&service, "4005").await;
    stands(&service, "4005", &["1 fallback requested 10", "2 fallback requested 4"]).await;
    seller.advance().await;
    eventually("the word on the late answer", async || {
        let timeline = service.done("GET", "/v1/orders/4005/timeline", &Value::Null).await;
        let po = service.done("GET", "/v1/purchase-orders/4005-1", &Value::Null).await;
        let papers = po["documents"].as_array().unwrap();
        let answered = papers.iter().any(|d| d["direction"] == "in" && d["text"].as_str().unwrap().contains("ST*855"));
        (answered && timeline.to_string().contains("late")).then_some(())
    })
    .await;
    // It was asked to stop, and shipped all the same: what is on its way counts, and the replacement is stopped.
    stands(&service, "4005", &["1 seller shipped 10", "2 seller shipped 4"]).await;
}
