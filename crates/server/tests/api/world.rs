//! A running service with a small catalogue, and a plain HTTP client.

use countersign_engine::command::Role;
use countersign_engine::ids::SourceId;
use countersign_runtime::memory::MemoryStore;
use countersign_runtime::{Desk, Settings};
use countersign_server::api::{App, HttpSettings};
use countersign_server::auth::{NewKey, create_key};
use countersign_server::office::Office;
use countersign_server::registry::Registry;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A service that answers on a socket of its own.
pub struct World {
    pub address: SocketAddr,
    pub store: Arc<MemoryStore>,
    pub desk: Arc<Desk>,
    pub office: Office,
    keys: BTreeMap<String, String>,
    _data: tempfile::TempDir,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e}: {} {}", self.status, self.text))
    }
    pub fn lines(&self) -> Vec<Value> {
        self.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
    /// The body, if the status is as expected.
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        if self.text.is_empty() { Value::Null } else { self.json() }
    }
    /// The kind of the problem, if the status is as expected.
    pub fn problem(self, status: u16) -> (String, Value) {
        assert_eq!(self.status, status, "{}", self.text);
        assert_eq!(self.headers["content-type"], "application/problem+json");
        let body = self.json();
        assert_eq!(body["status"], status);
        assert_eq!(body["request_id"], self.headers["x-request-id"].as_str());
        let kind = body["type"].as_str().unwrap().strip_prefix("/problems/").unwrap().to_owned();
        (kind, body)
    }
}

impl World {
    /// An empty service.
    pub async fn empty() -> Self {
        let store = Arc::new(MemoryStore::new());
        let now = jiff::Timestamp::now();
        let mut keys = BTreeMap::new();
        let mut make = |name: &str, role: Role, source: Option<&str>| {
            let source = source.map(|s| SourceId::new(s).unwrap());
            let new = NewKey { name: name.into(), role, source, expires_at: None };
            keys.insert(name.to_owned(), create_key(store.as_ref(), new, now).unwrap());
        };
        for role in Role::ALL.into_iter().filter(|r| *r != Role::Vendor) {
            make(role.code(), role, None);
        }
        make("acme", Role::Vendor, Some("acme"));
        make("bolt", Role::Vendor, Some("bolt"));
        make("acme's manager", Role::VendorManager, Some("acme"));
        let office = Office::open(store.clone(), Settings::default(), [7; 32]).unwrap();
        let data = tempfile::tempdir().unwrap();
        let registry = Registry::new(data.path().into(), store.clone(), [7; 32], &[]).unwrap();
        office.wire(Arc::new(registry));
        let desk = office.desk().clone();
        let app = App::new(office.clone(), HttpSettings { demo: true, ..HttpSettings::default() }).unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = app.router();
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, store, desk, office, keys, _data: data }
    }

    /// A service with one lamp, two vendors that have it, a day's advice.
    pub async fn stocked() -> Self {
        let world = Self::empty().await;
        world.put("/v1/items/LAMP", json!({"title": "Oak lamp", "category": "lighting/table"})).await.expect(200);
        for (source, cost) in [("acme", "41.50"), ("bolt", "43.00")] {
            world.put(&format!("/v1/sources/{source}"), source_body(source)).await.expect(200);
            world.put(&format!("/v1/sources/{source}/offers/LAMP"), offer_body(source, cost)).await.expect(200);
            let now = jiff::Timestamp::now().to_string();
            let advice = json!({"quantity": 10, "as_of": now});
            world.put(&format!("/v1/sources/{source}/advice/LAMP"), advice).await.expect(200);
        }
        world
    }

    /// The key by its name: a role, or a vendor.
    pub fn key(&self, name: &str) -> &str {
        &self.keys[name]
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.call("it", "GET", path, &[], "").await
    }
    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.call("it", "PUT", path, &[], &body.to_string()).await
    }
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.call("it", "POST", path, &[], &body.to_string()).await
    }
    pub async fn post_as(&self, who: &str, path: &str, body: Value) -> Answer {
        self.call(who, "POST", path, &[], &body.to_string()).await
    }

    /// A call with somebody's key; nobody's if the name is empty.
    pub async fn call(&self, who: &str, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let bearer = if who.is_empty() { String::new() } else { format!("Bearer {}", self.key(who)) };
        let mut all: Vec<(&str, &str)> = headers.to_vec();
        if !bearer.is_empty() {
            all.push(("authorization", &bearer));
        }
        if !body.is_empty() && !headers.iter().any(|(name, _)| *name == "content-type") {
            all.push(("content-type", "application/json"));
        }
        self.raw(method, path, &all, body.as_bytes()).await
    }

    /// A call as it is written.
    pub async fn raw(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut line = TcpStream::connect(self.address).await.unwrap();
        let mut head = format!("{method} {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n");
        if !headers.iter().any(|(name, _)| *name == "content-length") {
            head.push_str(&format!("content-length: {}\r\n", body.len()));
        }
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        line.write_all(head.as_bytes()).await.unwrap();
        // A refused body may find the other side gone already.
        let _ = line.write_all(body).await;
        let mut bytes = vec![];
        let _ = line.read_to_end(&mut bytes).await;
        parse(&bytes)
    }
}

fn parse(bytes: &[u8]) -> Answer {
    let split = bytes.windows(4).position(|w| w == b"\r\n\r\n").expect("a head");
    let head = String::from_utf8_lossy(&bytes[..split]).into_owned();
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers: BTreeMap<String, String> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let body = &bytes[split + 4..];
    let body = match headers.get("transfer-encoding").map(String::as_str) {
        Some("chunked") => unchunk(body),
        _ => body.to_vec(),
    };
    Answer { status, headers, text: String::from_utf8_lossy(&body).into_owned() }
}

fn unchunk(mut body: &[u8]) -> Vec<u8> {
    let mut whole = vec![];
    while let Some(end) = body.windows(2).position(|w| w == b"\r\n") {
        let size = usize::from_str_radix(std::str::from_utf8(&body[..end]).unwrap(), 16).unwrap();
        if size == 0 {
            break;
        }
        whole.extend_from_slice(&body[end + 2..end + 2 + size]);
        body = &body[end + 4 + size..];
    }
    whole
}

pub fn source_body(name: &str) -> Value {
    json!({"kind": "vendor", "name": name, "time_zone": "America/Chicago",
        "ships_from": {"country": "US", "postal_code": "60601"}, "cutoff": "14:00", "handling_days": 1,
        "channel": {"dialect": "portal"}})
}

pub fn offer_body(source: &str, cost: &str) -> Value {
    json!({"vendor_sku": format!("{source}-1"), "pack": {"unit": "EA", "base_units": 1},
        "unit_cost": {"amount": cost, "currency": "USD"}, "shipping_cost": {"amount": "9.90", "currency": "USD"}})
}

pub fn order_body(id: &str, quantity: i64) -> Value {
    json!({"id": id, "placed_at": "2026-11-23T15:05:00Z", "sales_channel": "web",
        "customer": {"name": "A. Shopper", "email": "a@example.com"},
        "ship_to": {"name": "A. Shopper", "address1": "1 Main St", "city": "Austin", "region": "TX",
            "postal_code": "73301", "country": "US"},
        "service_level": "standard",
        "lines": [{"line": "1", "sku": "LAMP", "quantity": quantity, "unit": "EA",
            "unit_price": {"amount": "89.00", "currency": "USD"}}]})
}
