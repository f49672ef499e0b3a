//! The world a measurement runs in: a service on a fresh store, a catalogue, vendors with plenty.

use super::load::{Connection, put};
use crate::api::HttpSettings;
use crate::auth::NewKey;
use crate::cli::serve::Service;
use crate::config::Config;
use crate::installation;
use anyhow::{Result, bail};
use countersign_engine::command::Role;
use countersign_engine::ids::SourceId;
use jiff::Timestamp;
use std::net::SocketAddr;

/// Items of the catalogue: orders spread over them.
pub const ITEMS: u64 = 1_000;
/// Advised per item and vendor: more than any measurement sells.
const PLENTY: u32 = 9_000_000;

/// A running world.
pub struct World {
    /// The service.
    pub service: Service,
    /// The authorisation header line of a key that may do everything the measurements do.
    pub auth: String,
    config: Config,
    data: tempfile::TempDir,
}

impl World {
    /// Starts a service and fills its catalogue: every item from three vendors. `channel` is the vendors' channel as
    /// JSON. Purchase orders wait in the outbox, as for partners who are served once an hour, until
    /// [`World::run_errands`].
    pub async fn start(on: Option<&str>, channel: &str, policy: &str) -> Result<Self> {
        let mut world = Self::empty(on).await?;
        let mut line = Connection::open(world.address()).await?;
        world.put(&mut line, "/v1/policies/2", policy).await?;
        world.send(&mut line, "POST", "/v1/policies/2/activate", "{}").await?;
        let it = NewKey { name: "bench".into(), role: Role::It, source: None, expires_at: None };
        world.auth = world.key(it)?;
        world.fill(channel).await?;
        Ok(world)
    }

    /// Starts a service with nothing in it; the authorisation is a vendor manager's.
    pub async fn empty(on: Option<&str>) -> Result<Self> {
        let data = tempfile::tempdir()?;
        let key_file = data.path().join("installation.key");
        let config = Config {
            data: data.path().to_owned(),
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            database: on.map(str::to_owned),
            key: installation::read_or_make(&key_file)?,
            key_file,
            public_url: None,
            mail: None,
            oidc: None,
            allow_private: vec!["http://127.0.0.0/8".into()],
            fetch_seconds: 60.0,
        };
        let service = Service::open(&config, HttpSettings::default()).await?;
        let mut world = Self { service, auth: String::new(), config, data };
        let manager = Role::VendorManager;
        world.auth =
            world.key(NewKey { name: "bench-manager".into(), role: manager, source: None, expires_at: None })?;
        Ok(world)
    }

    /// The authorisation header line of a fresh key.
    fn key(&self, new: NewKey) -> Result<String> {
        Ok(format!("authorization: Bearer {}\r\n", self.service.app.auth().create_key(new, Timestamp::now())?))
    }

    /// Delivers from now on.
    pub fn run_errands(&mut self) {
        self.service.run_errands(&self.config);
    }

    /// Ends the service; its data folder, for another process to serve, and an authorisation that is good there.
    pub async fn end(self) -> Result<(tempfile::TempDir, String)> {
        self.service.stop().await;
        Ok((self.data, self.auth))
    }

    /// Where it answers.
    pub fn address(&self) -> SocketAddr {
        self.service.address
    }

    async fn fill(&self, channel: &str) -> Result<()> {
        let mut line = Connection::open(self.address()).await?;
        for vendor in ["v1", "v2", "v3"] {
            let source = format!(
                r#"{{"kind":"vendor","name":"Vendor {vendor}","time_zone":"America/Chicago","ships_from":{{"country":"US"}},"cutoff":"14:00","handling_days":1,"channel":{channel}}}"#
            );
            self.put(&mut line, &format!("/v1/sources/{vendor}"), &source).await?;
        }
        for n in 0..ITEMS {
            let item = format!(r#"{{"title":"Item {n}","category":"home/things","unit":"EA"}}"#);
            self.put(&mut line, &format!("/v1/items/ITEM-{n}"), &item).await?;
            for (rank, vendor) in ["v1", "v2", "v3"].iter().enumerate() {
                let offer = format!(
                    r#"{{"vendor_sku":"{vendor}-{n}","pack":{{"unit":"EA","base_units":1}},"unit_cost":{{"amount":"{}.00","currency":"USD"}},"shipping_cost":{{"amount":"5.00","currency":"USD"}}}}"#,
                    10 + rank
                );
                self.put(&mut line, &format!("/v1/sources/{vendor}/offers/ITEM-{n}"), &offer).await?;
            }
        }
        self.advise(&mut line, PLENTY).await
    }

    async fn advise(&self, line: &mut Connection, quantity: u32) -> Result<()> {
        let now = Timestamp::now();
        for vendor in ["v1", "v2", "v3"] {
            let lines: Vec<String> =
                (0..ITEMS).map(|n| format!(r#"{{"sku":"ITEM-{n}","quantity":{quantity}}}"#)).collect();
            let body = format!(r#"{{"as_of":"{now}","full":false,"lines":[{}]}}"#, lines.join(","));
            self.send(line, "POST", &format!("/v1/sources/{vendor}/advice"), &body).await?;
        }
        Ok(())
    }

    /// The authorisation header line of a key that speaks for a source.
    pub fn speaking_for(&self, source: &str) -> Result<String> {
        let source = Some(SourceId::new(source)?);
        self.key(NewKey { name: "bench-vendor".into(), role: Role::Vendor, source, expires_at: None })
    }

    /// Puts something, and insists.
    pub async fn put(&self, line: &mut Connection, path: &str, body: &str) -> Result<()> {
        self.send(line, "PUT", path, body).await
    }

    /// Sends something, and insists.
    pub async fn send(&self, line: &mut Connection, method: &str, path: &str, body: &str) -> Result<()> {
        let mut request = put(path, &self.auth, body);
        request.splice(0..3, method.bytes());
        let answer = line.call(&request).await?;
        if answer.status >= 300 {
            bail!("{method} {path}: {} {}", answer.status, String::from_utf8_lossy(answer.body));
        }
        Ok(())
    }
}

/// A plain one-line order, as a shop sends it.
pub fn order(id: &str, sku: &str, quantity: u32) -> String {
    format!(
        r#"{{"id":"{id}","placed_at":"2026-11-23T15:05:00Z","sales_channel":"web","customer":{{"name":"A. Shopper","email":"a@example.com"}},"ship_to":{{"name":"A. Shopper","address1":"1 Main St","city":"Austin","region":"TX","postal_code":"73301","country":"US"}},"service_level":"standard","lines":[{{"line":"1","sku":"{sku}","quantity":{quantity},"unit":"EA","unit_price":{{"amount":"89.00","currency":"USD"}}}}]}}"#
    )
}

/// The policy of the measurements: everything on, nobody asked.
pub const POLICY: &str = r#"{"version":2,"name":"bench","clocks":[{"receipt":{"within_s":3600,"then":"ask"},"acknowledgment":{"within_s":14400,"then":"reroute"},"ship_notice":{"within_s":86400,"then":"ask"},"cancel_answer":{"within_s":14400,"then":"ask"}}],"sourcing":{"steps":[{"name":"cheapest","choose":{"one":{}},"otherwise":"refuse"}],"attempts_max":5}}"#;
