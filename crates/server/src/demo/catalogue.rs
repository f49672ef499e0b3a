//! The demo's catalogue: four hundred home goods with variants, packs and substitutes, made by rule.

use super::nature::{Dice, Vendor};
use serde_json::{Value, json};
use std::sync::Arc;

/// Things, with category, base price in dollars, and how many come in a pack at some vendors.
const THINGS: &[(&str, &str, u64, u32)] = &[
    ("table lamp", "lighting/table", 79, 1),
    ("floor lamp", "lighting/floor", 149, 1),
    ("pendant lamp", "lighting/pendant", 119, 1),
    ("desk lamp", "lighting/desk", 59, 1),
    ("mug", "kitchen/mugs", 12, 6),
    ("dinner plate", "kitchen/plates", 14, 4),
    ("salad bowl", "kitchen/bowls", 28, 1),
    ("carafe", "kitchen/glass", 32, 1),
    ("saucepan", "kitchen/cookware", 64, 1),
    ("chopping board", "kitchen/tools", 36, 1),
    ("tea towel", "textiles/towels", 9, 6),
    ("bath towel", "textiles/towels", 24, 2),
    ("cushion", "textiles/cushions", 29, 2),
    ("throw", "textiles/throws", 69, 1),
    ("rug", "textiles/rugs", 199, 1),
    ("curtain", "textiles/curtains", 58, 2),
    ("armchair", "furniture/chairs", 349, 1),
    ("dining chair", "furniture/chairs", 129, 2),
    ("side table", "furniture/tables", 139, 1),
    ("bookshelf", "furniture/shelves", 229, 1),
    ("stool", "furniture/stools", 89, 1),
    ("mirror", "decor/mirrors", 99, 1),
    ("vase", "decor/vases", 34, 1),
    ("picture frame", "decor/frames", 22, 4),
    ("candle holder", "decor/candles", 18, 2),
    ("planter", "outdoor/planters", 45, 1),
    ("garden bench", "outdoor/benches", 259, 1),
    ("lantern", "outdoor/lights", 39, 1),
    ("doormat", "outdoor/mats", 27, 1),
    ("basket", "storage/baskets", 31, 2),
    ("storage box", "storage/boxes", 21, 4),
    ("coat rack", "storage/racks", 74, 1),
    ("wall clock", "decor/clocks", 54, 1),
    ("duvet cover", "textiles/bedding", 89, 1),
    ("pillow", "textiles/bedding", 39, 2),
    ("blanket", "textiles/bedding", 59, 1),
    ("wine glass", "kitchen/glass", 11, 6),
    ("cutlery set", "kitchen/cutlery", 79, 1),
    ("kettle", "kitchen/appliances", 69, 1),
    ("teapot", "kitchen/tea", 44, 1),
];
const MATERIALS: &[&str] = &["Oak", "Walnut", "Linen", "Stone", "Brass"];
const COLORS: &[&str] = &["natural", "charcoal"];

/// An item as it is put to the API.
pub struct Item {
    /// Our number.
    pub sku: String,
    /// Its price to customers, in cents.
    pub price: u64,
    /// Packs at vendors that pack it.
    pub pack: u32,
    /// The API's body.
    pub body: Value,
}

/// An offer as it is put to the API.
pub struct Offer {
    /// Our number.
    pub sku: String,
    /// The vendor's number.
    pub vendor_sku: String,
    /// Base units in a pack.
    pub pack: u32,
    /// The API's body.
    pub body: Value,
}

/// The catalogue.
pub struct Catalogue {
    /// Four hundred items.
    pub items: Vec<Item>,
}

impl Catalogue {
    /// Makes it; the same every time.
    pub fn make() -> Self {
        let mut items = vec![];
        for (thing, (name, category, dollars, pack)) in THINGS.iter().enumerate() {
            for (m, material) in MATERIALS.iter().enumerate() {
                for (c, color) in COLORS.iter().enumerate() {
                    let number = items.len();
                    let sku = sku(thing, m, c);
                    let substitutes: Vec<String> = (0..MATERIALS.len())
                        .filter(|other| *other != m)
                        .map(|other| self::sku(thing, other, c))
                        .collect();
                    let price = dollars * 100 + (m as u64) * 700 + (c as u64) * 200;
                    let body = json!({
                        "title": format!("{material} {name}, {color}"), "category": category, "gtin": gtin(number), "unit": "EA",
                        "attributes": {"color": color, "material": material.to_lowercase()}, "substitutes": substitutes,
                    });
                    items.push(Item { sku, price, pack: *pack, body });
                }
            }
        }
        Self { items }
    }

    /// What a vendor offers.
    pub fn offers_of(&self, vendor: &Vendor) -> Arc<Vec<Offer>> {
        let (every, first) = vendor.offers;
        let mut dice = Dice::of(vendor.id);
        let chosen = self.items.iter().enumerate().filter(|(n, _)| n % every == first % every);
        let offers = chosen.map(|(n, item)| {
            let pack = if item.pack > 1 && dice.percent(30) { item.pack } else { 1 };
            let cost = item.price * u64::from(vendor.price_percent) * 55 / 10_000 * u64::from(pack);
            let vendor_sku = format!("{}-{}", vendor.id[..2].to_uppercase(), 1_000 + n);
            let unit = if pack > 1 { "CA" } else { "EA" };
            let body = json!({
                "vendor_sku": vendor_sku, "pack": {"unit": unit, "base_units": pack}, "unit_cost": money(cost),
                "shipping_cost": money(590 + dice.below(400)), "lead_days": 3 + dice.below(8), "minimum": 1,
            });
            Offer { sku: item.sku.clone(), vendor_sku, pack, body }
        });
        Arc::new(offers.collect())
    }
}

/// Another offer of the same thing in the same colour and pack: what may stand in for it.
pub fn alike<'a>(offers: &'a [Offer], vendor_sku: &str) -> Option<&'a Offer> {
    let wanted = offers.iter().find(|o| o.vendor_sku == vendor_sku)?;
    let ends = |sku: &str| Some((sku.split('-').next()?.to_owned(), sku.rsplit('-').next()?.to_owned()));
    offers.iter().find(|o| o.sku != wanted.sku && o.pack == wanted.pack && ends(&o.sku) == ends(&wanted.sku))
}

fn sku(thing: usize, material: usize, color: usize) -> String {
    let name: String =
        THINGS[thing].0.split(' ').map(|word| word[..word.len().min(4)].to_uppercase()).collect::<Vec<_>>().join("");
    format!("{name}-{}-{:02}", MATERIALS[material][..3].to_uppercase(), color + 1)
}

fn money(cents: u64) -> Value {
    json!({"amount": format!("{}.{:02}", cents / 100, cents % 100), "currency": "USD"})
}

/// A GTIN-13 of a prefix for use within a company, with its check digit.
fn gtin(number: usize) -> String {
    let body = format!("200{number:09}");
    let sum: u32 =
        body.bytes().rev().enumerate().map(|(i, d)| u32::from(d - b'0') * if i % 2 == 0 { 3 } else { 1 }).sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_engine::item::Item as EngineItem;
    use std::collections::BTreeSet;

    #[test]
    fn what_stands_in_for_an_item_is_one_of_its_substitutes() {
        let catalogue = Catalogue::make();
        let cedar = super::super::nature::VENDORS.iter().find(|v| v.id == "cedar").expect("the demo has Cedar House");
        let offers = catalogue.offers_of(cedar);
        let pairs: Vec<(&Offer, &Offer)> =
            offers.iter().filter_map(|o| Some((o, alike(&offers, &o.vendor_sku)?))).collect();
        assert!(pairs.len() > offers.len() / 2, "{} of {} have something alike", pairs.len(), offers.len());
        for (wanted, other) in pairs {
            let item = catalogue.items.iter().find(|i| i.sku == wanted.sku).expect("offers are of items");
            let allowed = item.body["substitutes"].as_array().expect("a list");
            assert!(
                allowed.iter().any(|s| s == other.sku.as_str()),
                "{} does not stand in for {}",
                other.sku,
                wanted.sku
            );
        }
    }

    #[test]
    fn four_hundred_items_that_the_engine_takes() {
        let catalogue = Catalogue::make();
        let skus: BTreeSet<&str> = catalogue.items.iter().map(|i| i.sku.as_str()).collect();
        assert_eq!(skus.len(), 400);
        for item in &catalogue.items {
            let mut body = item.body.clone();
            body["sku"] = json!(item.sku);
            let read: EngineItem = serde_json::from_value(body).expect("the item is whole");
            assert_eq!(read.fault(), None);
        }
    }
}
