//! `countersign demo`: a whole world on an embedded store.
//!
//! Vendors and storefront are tasks that speak the real protocols over real sockets and files: they know nothing of the
//! service but its address, its folders and their own keys.

mod catalogue;
mod edi_vendor;
mod http_vendor;
mod nature;
mod sftp_server;
mod storefront;

use crate::api::HttpSettings;
use crate::auth::NewKey;
use crate::cli::Ended;
use crate::cli::serve::{Service, hold_data, start_log, until_told};
use crate::config::{Common, Config};
use crate::registry::SECRET;
use anyhow::{Context, Result, bail};
use catalogue::Catalogue;
use clap::Args;
use countersign_connectors::secrets::Sealer;
use countersign_engine::command::Role;
use countersign_engine::ids::SourceId;
use jiff::Timestamp;
use nature::{Carrier, VENDORS, Vendor};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

/// The command.
#[derive(Args)]
pub struct Demo {
    /// Seconds between two orders of the storefront
    #[arg(long, default_value_t = 2.5)]
    pace: f64,
    /// Go on with the world of an earlier demo instead of a fresh one
    #[arg(long)]
    keep: bool,
}

impl Demo {
    /// Opens the world and keeps it going until told to stop.
    ///
    /// # Errors
    /// Folder, address or a vendor cannot be had.
    pub fn run(self, common: &Common) -> Result<Ended> {
        start_log(false);
        let mut common = common.clone();
        let data = common.data.get_or_insert_with(|| PathBuf::from("countersign-demo")).clone();
        if !self.keep && data.join("demo").exists() {
            std::fs::remove_dir_all(&data).with_context(|| data.display().to_string())?;
        }
        common.fetch_seconds = common.fetch_seconds.or(Some(1.0));
        common.allow_private.push("http://127.0.0.0/8".into());
        let config = common.resolve()?;
        let _lock = hold_data(&config)?;
        std::fs::write(
            config.data.join("demo"),
            "This folder holds a demo world; `countersign demo` makes it anew.\n",
        )?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(async {
            let world = World::open(config, common.listen.is_some()).await?;
            println!("\n  Countersign demo: http://{}/\n", world.service.address);
            println!(
                "  {} vendors and {} items; orders arrive every {} s. Ctrl-C ends it.\n",
                VENDORS.len(),
                world.catalogue.items.len(),
                self.pace
            );
            tokio::spawn(storefront::run(
                world.client(Role::CustomerService, None, "storefront")?,
                world.catalogue.clone(),
                self.pace,
            ));
            until_told().await;
            world.service.stop().await;
            Ok(Ended::Done)
        })
    }
}

struct World {
    service: Service,
    catalogue: Arc<Catalogue>,
}

/// A caller of the service: a key and an address, nothing else.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    key: String,
}

impl Client {
    /// Calls the API; the answer's JSON if it was a success.
    pub async fn call(&self, method: &str, path: &str, body: &Value) -> Result<Value> {
        let method = reqwest::Method::from_bytes(method.as_bytes())?;
        let request = self.http.request(method.clone(), format!("{}{path}", self.base)).bearer_auth(&self.key);
        let request = if method == reqwest::Method::GET { request } else { request.json(body) };
        let answer = request.send().await?;
        let status = answer.status();
        let text = answer.text().await?;
        if !status.is_success() {
            bail!("{method} {path}: {status} {text}");
        }
        Ok(serde_json::from_str(&text).unwrap_or(Value::Null))
    }
}

impl World {
    async fn open(mut config: Config, fixed: bool) -> Result<Self> {
        let settings = || HttpSettings { demo: true, ..HttpSettings::default() };
        let service = match Service::start(&config, settings()).await {
            Err(_) if !fixed => {
                // The usual port is taken: any other will do, the address is printed.
                config.listen = SocketAddr::from(([127, 0, 0, 1], 0));
                Service::start(&config, settings()).await?
            }
            other => other?,
        };
        let world = Self { service, catalogue: Arc::new(Catalogue::make()) };
        let admin = world.client(Role::It, None, "demo")?;
        let fresh =
            admin.call("GET", "/v1/items?limit=1", &Value::Null).await?["items"].as_array().is_none_or(Vec::is_empty);
        if fresh {
            let (writer, second) = (
                world.client(Role::Buyer, None, "demo-buyer")?,
                world.client(Role::VendorManager, None, "demo-vendor-manager")?,
            );
            writer.call("PUT", "/v1/policies/2", &policy()).await?;
            second.call("POST", "/v1/policies/2/activate", &json!({})).await?;
            for item in &world.catalogue.items {
                admin.call("PUT", &format!("/v1/items/{}", item.sku), &item.body).await?;
            }
        }
        for vendor in VENDORS {
            world.raise(vendor, &admin, &config, fresh).await.with_context(|| format!("vendor {}", vendor.id))?;
        }
        Ok(world)
    }

    fn client(&self, role: Role, source: Option<SourceId>, name: &str) -> Result<Client> {
        let key = self
            .service
            .app
            .auth()
            .create_key(NewKey { name: name.into(), role, source, expires_at: None }, Timestamp::now())?;
        Ok(Client {
            http: reqwest::Client::new(),
            base: format!("http://{}", self.service.address),
            key: key.to_string(),
        })
    }

    /// Starts a vendor's task, records its source and its offers, and lets it advise.
    async fn raise(&self, vendor: &'static Vendor, admin: &Client, config: &Config, fresh: bool) -> Result<()> {
        let id = SourceId::new(vendor.id)?;
        let own = self.client(Role::Vendor, Some(id), vendor.id)?;
        let offers = self.catalogue.offers_of(vendor);
        let folder = config.data.join("edi").join(vendor.id);
        let channel = match vendor.carrier {
            Carrier::Http => {
                let base = http_vendor::serve(vendor, own.clone(), offers.clone()).await?;
                json!({"dialect": "api", "connector": {"type": "http", "base": base}})
            }
            Carrier::Folder => {
                tokio::spawn(edi_vendor::run(vendor, folder.clone(), offers.clone()));
                let place = |dir: &str| format!("edi/{}/{dir}", vendor.id);
                x12(vendor, json!({"type": "folder", "outbound": place("out"), "inbound": place("in"), "settle_s": 0}))
            }
            Carrier::Sftp => {
                let served = sftp_server::serve(vendor.id, folder.clone()).await?;
                let sealed =
                    Sealer::new(*self.service.office.key()).seal("channel", &served.password.0, &served.password.1)?;
                self.service.office.store().put_setting(SECRET, &served.password.0, None, Some(&sealed))?;
                tokio::spawn(edi_vendor::run(vendor, folder.clone(), offers.clone()));
                x12(vendor, served.connector)
            }
            Carrier::Portal => json!({"dialect": "portal"}),
        };
        let body = json!({
            "kind": if vendor.in_house { "dc" } else { "vendor" }, "name": vendor.name, "time_zone": vendor.time_zone,
            "ships_from": {"country": "US", "postal_code": vendor.postal_code}, "cutoff": vendor.cutoff,
            "handling_days": vendor.handling_days, "channel": channel,
        });
        admin.call("PUT", &format!("/v1/sources/{}", vendor.id), &body).await?;
        if fresh {
            for offer in offers.iter() {
                admin.call("PUT", &format!("/v1/sources/{}/offers/{}", vendor.id, offer.sku), &offer.body).await?;
            }
        }
        if matches!(vendor.carrier, Carrier::Http | Carrier::Portal) {
            tokio::spawn(http_vendor::advise(vendor, own, offers));
        }
        Ok(())
    }
}

fn x12(vendor: &Vendor, connector: Value) -> Value {
    json!({"dialect": "x12", "connector": connector, "x12": {"version": "004010",
        "sender": {"qualifier": "ZZ", "id": "RETAILER"}, "receiver": {"qualifier": "ZZ", "id": vendor.id.to_uppercase()}}})
}

/// Clocks short enough to see a breach within a minute; a few things reserved for people.
fn policy() -> Value {
    let limit = |within_s: u32, then: &str| json!({"within_s": within_s, "warn_percent": 60, "then": then});
    json!({
        "version": 2, "name": "demo: short clocks",
        "modes": [{"category": "outdoor/benches", "mode": "recommend"}],
        "sensitive": ["lighting"],
        "clocks": [
            {"category": "furniture", "receipt": limit(20, "ask"), "acknowledgment": limit(35, "remind"), "ship_notice": limit(3600, "ask"), "cancel_answer": limit(30, "ask")},
            {"receipt": limit(20, "ask"), "acknowledgment": limit(25, "reroute"), "ship_notice": limit(3600, "ask"), "cancel_answer": limit(30, "ask")},
        ],
        "freshness": [{"stale_after_minutes": 20, "stale": "gate"}],
        "safety_stock": [{"category": "kitchen", "units": 1}],
        "sourcing": {"steps": [
            {"name": "cheapest vendor", "choose": {"one": {"kind": "vendor"}}, "otherwise": "next"},
            {"name": "our own centre", "choose": {"one": {"kind": "dc"}}, "otherwise": "next"},
            {"name": "split", "choose": {"split": {"sources_max": 3}}, "otherwise": "next"},
            {"name": "wait for announced supply", "choose": {"backorder": {"days_max": 21}}, "otherwise": "ask"},
        ], "day_late_costs": {"amount": "1.50", "currency": "USD"}, "attempts_max": 4},
        "approvals": {"split": "always", "substitution": "always", "cost_increase_percent": 12, "within_minutes": 30, "unanswered": "ask"},
        "answers": {"rest": "resource", "later_date": "reroute", "backordered": "reroute"},
        "transit": [{"service_level": "expedited", "days": 1}, {"to_postal": "9", "days": 4}, {"days": 3}],
        "hold_minutes": 45,
    })
}
