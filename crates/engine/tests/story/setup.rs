//! The lines before the first `at`: who sells what, who supplies it, what the policy says.

use super::time;
use countersign_engine::calendar::{Calendar, Zone};
use countersign_engine::command::{Actor, Command, Deed, ReportAdvice, ReportedLine, Role};
use countersign_engine::ids::{Sku, SourceId, VendorSku};
use countersign_engine::item::{Category, Item, ItemStatus, Unit};
use countersign_engine::measure::{Money, Quantity};
use countersign_engine::offer::{Offer, OfferStatus, Pack};
use countersign_engine::policy::Policy;
use countersign_engine::source::{Channel, Dialect, Region, Source, SourceKind};
use countersign_engine::stock::{Incoming, Origin};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Everything that stands before the story begins.
pub struct Setup {
    items: BTreeMap<Sku, Item>,
    sources: Vec<Source>,
    offers: Vec<(Offer, u32, BTreeMap<jiff::civil::Date, Incoming>)>,
    clocks: Vec<Value>,
    policy: Value,
    /// No policy is put in force before the story begins.
    unruled: bool,
    advised_at: Timestamp,
}

fn item(sku: &str) -> Item {
    Item {
        sku: Sku::new(sku).unwrap(),
        title: sku.into(),
        category: Category::new("kitchen").unwrap(),
        gtin: None,
        unit: Unit::new("EA").unwrap(),
        attributes: BTreeMap::new(),
        status: ItemStatus::Active,
        discontinued_from: None,
        substitutes: vec![],
    }
}

fn source(id: &str, kind: SourceKind) -> Source {
    Source {
        id: SourceId::new(id).unwrap(),
        kind,
        name: id.into(),
        time_zone: Zone::new("UTC").unwrap(),
        ships_from: Region { country: "US".into(), region: None, postal_code: None },
        calendar: Calendar::default(),
        cutoff: None,
        handling_days: 0,
        daily_capacity: None,
        taking_orders: true,
        channel: Channel { dialect: Dialect::Api, connector: Value::Null, settings: BTreeMap::new() },
    }
}

fn offer(source: &str, sku: &str) -> Offer {
    Offer {
        source: SourceId::new(source).unwrap(),
        sku: Sku::new(sku).unwrap(),
        vendor_sku: VendorSku::new(format!("{source}-{sku}")).unwrap(),
        pack: Pack { unit: Unit::new("EA").unwrap(), base_units: 1 },
        unit_cost: Money::parse("1.00", "USD").unwrap(),
        shipping_cost: Money::parse("0.00", "USD").unwrap(),
        lead_days: 0,
        minimum: Quantity::new(1),
        status: OfferStatus::Active,
    }
}

impl Setup {
    pub fn new() -> Self {
        let mut policy = serde_json::to_value(Policy::default()).unwrap();
        policy["version"] = json!(2);
        policy["approvals"]["cost_increase_percent"] = Value::Null;
        let advised_at = time("08:00").unwrap().0;
        Self {
            items: BTreeMap::new(),
            sources: vec![],
            offers: vec![],
            clocks: vec![],
            policy,
            unruled: false,
            advised_at,
        }
    }

    pub fn read(&mut self, line: &str) -> Result<(), String> {
        let (word, rest) = line.split_once(' ').ok_or("one word alone says nothing")?;
        match word {
            "item" => self.item(rest),
            "vendor" => self.source(rest, SourceKind::Vendor),
            "dc" => self.source(rest, SourceKind::Dc),
            "policy" if rest == "as delivered" => {
                self.unruled = true;
                Ok(())
            }
            "policy" => self.knob(rest),
            "advised" => {
                self.advised_at = time(rest.strip_prefix("at ").unwrap_or(rest)).ok_or("no time")?.0;
                Ok(())
            }
            other => Err(format!("no setup line begins with {other:?}")),
        }
    }

    /// `item mug, category kitchen/fragile, substitute jug, discontinued, unit BX`
    fn item(&mut self, text: &str) -> Result<(), String> {
        let mut parts = text.split(", ");
        let mut item = item(parts.next().unwrap_or_default());
        for part in parts {
            match part.split_once(' ').unwrap_or((part, "")) {
                ("category", c) => item.category = Category::new(c)?,
                ("substitute", s) => item.substitutes.push(Sku::new(s).map_err(|e| e.to_string())?),
                ("discontinued", _) => item.status = ItemStatus::Discontinued,
                _ => return Err(format!("no item has {part:?}")),
            }
        }
        self.items.insert(item.sku.clone(), item);
        Ok(())
    }

    /// `policy approvals.split always`: a dotted path, and a value as JSON or as a bare word.
    fn knob(&mut self, text: &str) -> Result<(), String> {
        let (path, value) = text.split_once(' ').ok_or("a path and a value")?;
        let value = serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.into()));
        let mut place = &mut self.policy;
        for part in path.split('.') {
            place = match part.parse::<usize>() {
                Ok(n) => &mut place[n],
                Err(_) if place.is_array() => {
                    let last = place.as_array().map_or(0, Vec::len) - 1;
                    &mut place[last][part]
                }
                Err(_) => &mut place[part],
            };
        }
        *place = value;
        Ok(())
    }

    /// `vendor A has 5 mug, answers within 60 min then ask, zone America/Chicago, cut-off 14:00`. Clauses about the
    /// offer (`packs of 2`, `costs 3.00`, `minimum 2`) belong to the item named last.
    fn source(&mut self, text: &str, kind: SourceKind) -> Result<(), String> {
        let (id, clauses) = text.split_once(' ').unwrap_or((text, ""));
        let mut s = source(id, kind);
        for clause in clauses.split(", ").filter(|c| !c.is_empty()) {
            self.clause(&mut s, clause).map_err(|e| format!("{clause:?}: {e}"))?;
        }
        self.sources.push(s);
        Ok(())
    }

    fn clause(&mut self, s: &mut Source, clause: &str) -> Result<(), String> {
        let words: Vec<&str> = clause.split(' ').collect();
        let text = |e: &dyn std::fmt::Display| e.to_string();
        let number = |w: &str| w.parse::<u32>().map_err(|e| text(&e));
        match words.as_slice() {
            ["has", n, sku] => {
                let sku = Sku::new(sku).map_err(|e| text(&e))?;
                self.items.entry(sku.clone()).or_insert_with(|| item(sku.as_str()));
                self.offers.push((offer(s.id.as_str(), sku.as_str()), number(n)?, BTreeMap::new()));
            }
            [verb @ ("answers" | "receives" | "ships" | "stops"), "within", n, unit, rest @ ..] => {
                self.clock(s, verb, number(n)?, unit, rest);
            }
            ["zone", z] => s.time_zone = Zone::new(z)?,
            ["cut-off", t] => s.cutoff = Some(t.parse().map_err(|e| text(&e))?),
            ["handles", "in", n, "days"] => s.handling_days = number(n)?,
            ["capacity", n] => s.daily_capacity = Some(Quantity::new(number(n)?)),
            ["closed", "on", day] => _ = s.calendar.holidays.insert(day.parse().map_err(|e| text(&e))?),
            ["open", from, "to", to] => {
                let hours = json!({"open": from, "close": to});
                s.calendar.hours = Some(serde_json::from_value(hours).map_err(|e| text(&e))?);
            }
            ["takes", "no", "orders"] => s.taking_orders = false,
            _ => return self.about_offer(&words),
        }
        Ok(())
    }

    fn about_offer(&mut self, words: &[&str]) -> Result<(), String> {
        let (offer, _, incoming) = self.offers.last_mut().ok_or("which item?")?;
        let number = |w: &str| w.parse::<u32>().map_err(|e| e.to_string());
        match words {
            ["packs", "of", n] => offer.pack.base_units = number(n)?,
            ["costs", amount] => offer.unit_cost = Money::parse(amount, "USD")?,
            ["costs", amount, currency] => {
                offer.unit_cost = Money::parse(amount, currency)?;
                offer.shipping_cost = Money { currency: offer.unit_cost.currency, ..offer.shipping_cost };
            }
            ["shipping", amount] => offer.shipping_cost = Money::parse(amount, "USD")?,
            ["minimum", n] => offer.minimum = Quantity::new(number(n)?),
            ["discontinued"] => offer.status = OfferStatus::Discontinued,
            ["gets", n, "on", day] => {
                let quantity = Quantity::new(number(n)?);
                incoming.insert(day.parse().map_err(|_| "no date")?, Incoming { quantity, ..Incoming::default() });
            }
            _ => return Err("no such clause".into()),
        }
        Ok(())
    }

    fn clock(&mut self, s: &Source, verb: &str, n: u32, unit: &str, rest: &[&str]) {
        let kind = match verb {
            "answers" => "acknowledgment",
            "receives" => "receipt",
            "ships" => "ship_notice",
            _ => "cancel_answer",
        };
        let seconds = n * if unit.starts_with('h') { 3600 } else { 60 };
        let time = if unit.ends_with("business") || rest.contains(&"business") { "business" } else { "continuous" };
        let then = rest.iter().position(|w| *w == "then").and_then(|i| rest.get(i + 1)).unwrap_or(&"reroute");
        let warn = u32::from(rest.contains(&"warned")) * 75;
        let limit = json!({"within_s": seconds, "warn_percent": warn, "time": time, "then": then});
        self.clocks.push(json!({"source": s.id, kind: limit}));
    }

    /// The setup as commands, in the order in which a retailer would give them.
    pub fn commands(&mut self) -> Vec<(Timestamp, Command)> {
        let by = Actor::Person { name: "it".into(), role: Role::It };
        self.policy["clocks"] = Value::Array(self.clocks.clone());
        let policy: Policy = serde_json::from_value(self.policy.clone()).unwrap_or_else(|e| panic!("policy: {e}"));
        let mut deeds = if self.unruled { vec![] } else { vec![Deed::ActivatePolicy { policy }] };
        deeds.extend(self.items.values().map(|item| Deed::RecordItem { item: item.clone() }));
        deeds.extend(self.sources.iter().map(|source| Deed::RecordSource { source: source.clone(), only_new: false }));
        for (offer, quantity, incoming) in &self.offers {
            deeds.push(Deed::RecordOffer { offer: offer.clone() });
            let quantity = Quantity::new(*quantity);
            let lines =
                vec![ReportedLine { sku: offer.sku.clone(), quantity, incoming: incoming.clone(), absent: false }];
            deeds.push(Deed::ReportAdvice(ReportAdvice {
                source: offer.source.clone(),
                as_of: self.advised_at,
                origin: Origin::Api,
                full: false,
                completes_feed: false,
                unchanged: 0,
                lines,
            }));
        }
        let at = self.advised_at + SignedDuration::from_secs(0);
        deeds.into_iter().map(|deed| (at, Command { by: by.clone(), deed })).collect()
    }
}
