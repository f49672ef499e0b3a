//! Scenarios: a lesson that is set on whatever configuration was copied. A scenario says how many sources must offer its
//! item, what they advise, how they behave, which orders come in, and what that leads to: the point where a person acts.
//!
//! Names no item and no source: it takes the first ones that fit.

use super::copy::{Copy, RECORDING, advised, carry_out, hurried, report};
use super::stage::{Conduct, Stage};
use crate::office::Office;
use anyhow::{Context, Result, anyhow, bail};
use countersign_engine::command::Deed;
use countersign_engine::ids::Sku;
use countersign_engine::item::Item;
use countersign_engine::journal::Entry;
use countersign_engine::measure::Quantity;
use countersign_engine::offer::{Offer, OfferStatus};
use countersign_engine::policy::Policy;
use countersign_runtime::ports::{Store, StoreError};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

// One macro, because a name, its file and its guide must not part.
macro_rules! shipped {
    ($name:literal) => {
        (
            $name,
            include_str!(concat!("../../../../docs/sandbox/", $name, ".toml")),
            include_str!(concat!("../../../../docs/sandbox/", $name, ".md")),
        )
    };
}

/// Shipped scenarios: name, file, guide.
pub const SHIPPED: &[(&str, &str, &str)] = &[
    shipped!("costly-reroute"),
    shipped!("expedite"),
    shipped!("late-date"),
    shipped!("silent-vendor"),
    shipped!("split"),
    shipped!("substitute"),
    shipped!("taken-back"),
];

/// A scenario.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Shown when it begins.
    pub title: String,
    /// The sources of its item, cheapest first; all others advise none.
    pub sources: Vec<Part>,
    /// Orders that come in.
    pub orders: Vec<Order>,
    /// True if a source offers another item instead.
    #[serde(default)]
    pub substitute: bool,
    /// Fields that take the place of the policy's.
    #[serde(default)]
    pub policy: serde_json::Map<String, Value>,
    /// Types of the events by which the lesson has come to the person's turn, in any order.
    pub leads_to: BTreeSet<String>,
}

/// The part of one source.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// What it does.
    #[serde(default)]
    pub does: Conduct,
    /// What it advises.
    pub has: u32,
}

/// An order of the scenario's item.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// Seconds after the beginning.
    #[serde(default)]
    pub after_s: u64,
    /// How many.
    pub quantity: u32,
    /// Days until which the customer wants it; any day if absent.
    #[serde(default)]
    pub wanted_in_days: Option<u16>,
}

/// What a scenario takes of a copy.
#[derive(Debug, Clone)]
pub struct Cast {
    item: Item,
    /// Cheapest first, one per part.
    offers: Vec<Offer>,
    /// Other offers of the item.
    others: Vec<Offer>,
    substitute: Option<Sku>,
    policy: Policy,
}

impl Scenario {
    /// A shipped scenario by its name, or one of a file; and its guide, if it has one.
    ///
    /// # Errors
    /// There is none, or it cannot be read.
    pub fn find(name: &str) -> Result<(Self, Option<&'static str>)> {
        if let Some((name, text, guide)) = SHIPPED.iter().find(|(known, ..)| *known == name) {
            return Ok((Self::parse(text).with_context(|| format!("scenario {name}"))?, Some(guide)));
        }
        let text = std::fs::read_to_string(name).with_context(|| {
            let known: Vec<&str> = SHIPPED.iter().map(|(name, ..)| *name).collect();
            format!("{name} is no file, and no scenario that is shipped ({})", known.join(", "))
        })?;
        Ok((Self::parse(&text).with_context(|| name.to_owned())?, None))
    }

    /// Reads a scenario.
    ///
    /// # Errors
    /// It is not one; says where.
    pub fn parse(text: &str) -> Result<Self> {
        let scenario: Self = toml::from_str(text)?;
        if scenario.sources.is_empty() || scenario.orders.is_empty() || scenario.leads_to.is_empty() {
            bail!("sources, orders and leads_to name at least one each");
        }
        Ok(scenario)
    }

    /// Gives the parts to what a copy holds.
    ///
    /// # Errors
    /// No item is offered by so many sources.
    pub fn cast(&self, copy: &Copy) -> Result<Cast> {
        let open = |offer: &Offer| {
            let source = copy.sources.iter().find(|s| s.id == offer.source);
            let free = source.is_some_and(|s| s.taking_orders && s.daily_capacity.is_none());
            free && offer.status == OfferStatus::Active
                && offer.pack.base_units == 1
                && offer.minimum <= Quantity::new(1)
        };
        for item in &copy.items {
            let all: Vec<&Offer> = copy.offers.iter().map(AsRef::as_ref).filter(|o| o.sku == item.sku).collect();
            let mut able: Vec<&Offer> = all.iter().copied().filter(|o| open(o)).collect();
            if able.len() < self.sources.len() {
                continue;
            }
            able.sort_by_key(|o| (o.unit_cost.plus(o.shipping_cost).minor, o.source.clone()));
            let offers: Vec<Offer> = able.into_iter().take(self.sources.len()).cloned().collect();
            let others = all.into_iter().filter(|o| offers.iter().all(|p| p.source != o.source)).cloned().collect();
            let substitute = copy.items.iter().map(|i| &i.sku).find(|sku| **sku != item.sku);
            let substitute = substitute.filter(|_| self.substitute).cloned();
            if self.substitute && substitute.is_none() {
                bail!("the scenario needs a second item");
            }
            let policy = copy.policy.clone();
            return Ok(Cast { item: item.as_ref().clone(), offers, others, substitute, policy });
        }
        let needed = self.sources.len();
        Err(anyhow!(
            "this scenario plays with an item that {needed} sources offer, each in packs of one unit, with a minimum of one \
             and no daily capacity; there are {} items, {} sources and {} offers, and none fits: record what is missing \
             ({RECORDING})",
            copy.items.len(),
            copy.sources.len(),
            copy.offers.len()
        ))
    }

    /// Sets the stage, and sends the orders when their time comes.
    ///
    /// # Errors
    /// Something was refused.
    pub async fn play(&self, cast: &Cast, stage: &Stage, office: &Office, speed: u32) -> Result<()> {
        let now = Timestamp::now();
        let mut deeds = vec![Deed::ActivatePolicy { policy: self.policy(&cast.policy, speed)? }];
        if let Some(sku) = &cast.substitute {
            stage.offer_instead(sku.clone());
            deeds.push(Deed::RecordItem { item: Item { substitutes: vec![sku.clone()], ..cast.item.clone() } });
        }
        for (offer, part) in cast.offers.iter().zip(&self.sources) {
            stage.tell(&offer.source, part.does);
            deeds.push(report(&offer.source, now, vec![advised(&cast.item.sku, part.has)]));
        }
        for offer in &cast.others {
            deeds.push(report(&offer.source, now, vec![advised(&cast.item.sku, 0)]));
        }
        carry_out(office, deeds).await?;
        let mut waited = 0;
        for (n, order) in self.orders.iter().enumerate() {
            tokio::time::sleep(Duration::from_secs(order.after_s.saturating_sub(waited))).await;
            waited = waited.max(order.after_s);
            carry_out(office, vec![self.order(cast, n, *order)?]).await?;
        }
        Ok(())
    }

    fn policy(&self, copied: &Policy, speed: u32) -> Result<Policy> {
        let hurried = hurried(copied.clone(), speed);
        let mut document = serde_json::to_value(&hurried)?;
        document["version"] = json!(hurried.version + 1);
        document["modes"] = json!([]);
        for (field, value) in &self.policy {
            match (&mut document[field], value) {
                (Value::Object(there), Value::Object(over)) => there.extend(over.clone()),
                (there, value) => *there = value.clone(),
            }
        }
        let policy: Policy = serde_json::from_value(document).context("policy")?;
        match policy.fault() {
            None => Ok(policy),
            Some((pointer, why)) => bail!("policy{pointer}: {why}"),
        }
    }

    fn order(&self, cast: &Cast, n: usize, order: Order) -> Result<Deed> {
        let now = Timestamp::now();
        let price = cast.offers[0].unit_cost.times(Quantity::new(2));
        let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
        let wanted = order.wanted_in_days.map(|n| today.saturating_add(jiff::Span::new().days(i32::from(n))));
        Ok(serde_json::from_value(json!({
            "deed": "capture_order", "id": format!("SANDBOX-{}-{}", now.as_second(), n + 1), "placed_at": now,
            "sales_channel": "sandbox", "destination": {"country": "US"}, "service_level": "standard",
            "fingerprint": "sandbox", "requested_on": wanted,
            "lines": [{"line": "1", "sku": cast.item.sku, "quantity": order.quantity, "unit": cast.item.unit,
                "unit_price": price}],
        }))?)
    }

    /// What the journal does not tell yet of what the scenario leads to.
    ///
    /// # Errors
    /// What the store says.
    pub fn missing(&self, store: &dyn Store) -> Result<BTreeSet<String>, StoreError> {
        let (mut missing, mut after) = (self.leads_to.clone(), 0);
        loop {
            let rows = store.journal(after, 1_000)?;
            let Some(last) = rows.last() else { return Ok(missing) };
            after = last.position;
            for entry in rows.iter().filter_map(|row| serde_json::from_str::<Entry>(&row.body).ok()) {
                for event in &entry.events {
                    let word = serde_json::to_value(event).ok().and_then(|e| Some(e["type"].as_str()?.to_owned()));
                    missing.remove(&word.unwrap_or_default());
                }
            }
        }
    }
}

impl Cast {
    /// What is told when the lesson begins.
    pub fn told(&self) -> String {
        let sources: Vec<&str> = self.offers.iter().map(|o| o.source.as_str()).collect();
        format!("{} ({}), from {}", self.item.sku, self.item.title, sources.join(", "))
    }
}
