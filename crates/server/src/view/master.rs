//! Items, sources, offers and advice as bodies and answers.

use super::words::{MoneyWords, RegionWords, instant, is_country};
use crate::problem::FieldError;
use countersign_engine::calendar::{Calendar, Zone};
use countersign_engine::document::Receivable;
use countersign_engine::ids::{Sku, SourceId, VendorSku};
use countersign_engine::item::{Category, Item, ItemStatus, Unit};
use countersign_engine::measure::{Gtin, Money, Quantity};
use countersign_engine::offer::{Offer, OfferStatus, Pack};
use countersign_engine::source::{Channel, Region, Source, SourceKind};
use countersign_engine::stock::Stock;
use jiff::Timestamp;
use jiff::civil::{Date, Time};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use smol_str::SmolStr;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// An item, without the number that stands in the path.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ItemBody {
    /// Shown to people; 1 to 300 characters.
    #[schema(example = "Oak table lamp")]
    title: String,
    /// Category path in lower case, parts parted by `/`.
    #[schema(value_type = String, example = "lighting/table")]
    category: Category,
    /// GTIN-8, -12, -13 or -14; its check digit must be right.
    #[schema(value_type = Option<String>, example = "04006381333931")]
    gtin: Option<Gtin>,
    /// Base unit of measure.
    #[serde(default = "each")]
    #[schema(value_type = String, example = "EA")]
    unit: Unit,
    /// Variant attributes.
    #[serde(default)]
    attributes: BTreeMap<String, String>,
    /// `active` or `discontinued`.
    #[serde(default)]
    #[schema(value_type = String, example = "active")]
    status: ItemStatus,
    /// From this day on it is not sold, where `status` is `discontinued`; at once if absent.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    discontinued_from: Option<Date>,
    /// Items that may be offered instead.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    substitutes: Vec<Sku>,
}

fn each() -> Unit {
    Unit::new("EA").expect("because EA is a unit")
}

impl ItemBody {
    /// The item.
    pub fn named(self, sku: Sku) -> Item {
        let ItemBody { title, category, gtin, unit, attributes, status, discontinued_from, substitutes } = self;
        Item { sku, title, category, gtin, unit, attributes, status, discontinued_from, substitutes }
    }
}

/// An item.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Item)]
pub struct ItemView {
    #[schema(value_type = String)]
    sku: Sku,
    title: String,
    #[schema(value_type = String)]
    category: Category,
    #[schema(value_type = Option<String>)]
    gtin: Option<Gtin>,
    #[schema(value_type = String)]
    unit: Unit,
    attributes: BTreeMap<String, String>,
    #[schema(value_type = String)]
    status: ItemStatus,
    #[schema(value_type = Option<String>, format = Date)]
    discontinued_from: Option<Date>,
    #[schema(value_type = Vec<String>)]
    substitutes: Vec<Sku>,
}

impl From<&Item> for ItemView {
    fn from(item: &Item) -> Self {
        let Item { sku, title, category, gtin, unit, attributes, status, discontinued_from, substitutes } =
            item.clone();
        Self { sku, title, category, gtin, unit, attributes, status, discontinued_from, substitutes }
    }
}

/// A source, without the id that stands in the path.
#[derive(Debug, Deserialize, ToSchema)]
pub struct SourceBody {
    /// `vendor` or `dc`.
    #[schema(value_type = String, example = "vendor")]
    kind: SourceKind,
    /// Shown to people.
    #[schema(example = "Acme Lighting")]
    name: String,
    /// IANA zone of its calendar and cut-off.
    #[schema(value_type = String, example = "America/Chicago")]
    time_zone: Zone,
    /// Where its parcels start.
    #[schema(value_type = RegionWords)]
    ships_from: Region,
    /// When it works; Monday to Friday if absent.
    #[serde(default)]
    #[schema(value_type = CalendarWords)]
    calendar: Calendar,
    /// Orders from this time of day on belong to the next working day.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "14:00")]
    cutoff: Option<Time>,
    /// Working days from the order day to the carrier.
    #[serde(default)]
    handling_days: u32,
    /// Units it can ship a day; unbounded if absent.
    #[serde(default)]
    #[schema(value_type = Option<u32>)]
    daily_capacity: Option<Quantity>,
    /// False while it takes no orders.
    #[serde(default = "yes")]
    taking_orders: bool,
    /// How it is reached.
    #[schema(value_type = ChannelWords)]
    channel: Channel,
}

fn yes() -> bool {
    true
}

/// When a source works.
#[derive(ToSchema)]
#[schema(as = Calendar)]
#[expect(dead_code, reason = "describes the engine's Calendar to the documentation")]
pub struct CalendarWords {
    /// `mon` to `sun`.
    business_days: Vec<String>,
    /// Days without work.
    holidays: Option<Vec<String>>,
    /// Opening hours, `{"open": "09:00", "close": "17:00"}`, for clocks that count business time.
    hours: Option<Value>,
}

/// How a source is reached: the dialect of its papers and what carries them.
#[derive(ToSchema)]
#[schema(as = Channel)]
#[expect(dead_code, reason = "describes the engine's Channel to the documentation")]
pub struct ChannelWords {
    /// `api`, `x12`, `eancom`, `portal` or `wms`.
    #[schema(example = "x12")]
    dialect: String,
    /// The connector's settings, by its `type`: `folder`, `http`, `sftp`. Secrets stand here as `secret:NAME` only; store
    /// them with `PUT /v1/secrets/{name}`.
    connector: Option<Value>,
    /// The dialect's own settings stand under its name: `x12`, `eancom`, …
    x12: Option<Value>,
}

impl SourceBody {
    /// The source, or what is wrong with it beyond what the engine checks.
    ///
    /// # Errors
    /// The fields at fault.
    pub fn named(self, id: SourceId) -> Result<Source, Vec<FieldError>> {
        let SourceBody {
            kind,
            name,
            time_zone,
            ships_from,
            calendar,
            cutoff,
            handling_days,
            daily_capacity,
            taking_orders,
            channel,
        } = self;
        if !is_country(&ships_from.country) {
            return Err(vec![FieldError {
                pointer: "/ships_from/country".into(),
                value: ships_from.country.as_str().into(),
                reason: "country".into(),
                detail: "use two capital letters of ISO 3166-1, such as \"US\"".into(),
            }]);
        }
        Ok(Source {
            id,
            kind,
            name,
            time_zone,
            ships_from,
            calendar,
            cutoff,
            handling_days,
            daily_capacity,
            taking_orders,
            channel,
        })
    }
}

/// A source.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Source)]
pub struct SourceView {
    #[schema(value_type = String)]
    id: SourceId,
    #[schema(value_type = String)]
    kind: SourceKind,
    name: String,
    #[schema(value_type = String)]
    time_zone: Zone,
    #[schema(value_type = RegionWords)]
    ships_from: Region,
    #[schema(value_type = CalendarWords)]
    calendar: Calendar,
    #[schema(value_type = Option<String>)]
    cutoff: Option<Time>,
    handling_days: u32,
    #[schema(value_type = Option<u32>)]
    daily_capacity: Option<Quantity>,
    taking_orders: bool,
    #[schema(value_type = ChannelWords)]
    channel: Channel,
}

impl From<&Source> for SourceView {
    fn from(source: &Source) -> Self {
        let Source {
            id,
            kind,
            name,
            time_zone,
            ships_from,
            calendar,
            cutoff,
            handling_days,
            daily_capacity,
            taking_orders,
            channel,
        } = source.clone();
        Self {
            id,
            kind,
            name,
            time_zone,
            ships_from,
            calendar,
            cutoff,
            handling_days,
            daily_capacity,
            taking_orders,
            channel,
        }
    }
}

/// An offer, without the source and item that stand in the path.
#[derive(Debug, Deserialize, ToSchema)]
pub struct OfferBody {
    /// The source's own number.
    #[schema(value_type = String, example = "AC-7781")]
    vendor_sku: VendorSku,
    /// The unit the source counts in.
    #[schema(value_type = PackWords)]
    pack: Pack,
    /// Cost of one pack.
    #[schema(value_type = MoneyWords)]
    unit_cost: Money,
    /// Cost of shipping one line to a customer.
    #[schema(value_type = MoneyWords)]
    shipping_cost: Money,
    /// Working days until goods that are not on the shelf are ready to ship.
    #[serde(default)]
    lead_days: u32,
    /// Fewest packs the source accepts.
    #[serde(default = "one")]
    #[schema(value_type = u32)]
    minimum: Quantity,
    /// `active`, `paused` or `discontinued`.
    #[serde(default)]
    #[schema(value_type = String, example = "active")]
    status: OfferStatus,
}

fn one() -> Quantity {
    Quantity::new(1)
}

/// The unit a source counts in.
#[derive(ToSchema)]
#[schema(as = Pack)]
#[expect(dead_code, reason = "describes the engine's Pack to the documentation")]
pub struct PackWords {
    /// Its unit of measure.
    #[schema(example = "EA")]
    unit: String,
    /// Base units of the item in one.
    base_units: u32,
}

impl OfferBody {
    /// The offer.
    pub fn named(self, source: SourceId, sku: Sku) -> Offer {
        let OfferBody { vendor_sku, pack, unit_cost, shipping_cost, lead_days, minimum, status } = self;
        Offer { source, sku, vendor_sku, pack, unit_cost, shipping_cost, lead_days, minimum, status }
    }
}

/// An offer, with what the source last advised.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Offer)]
pub struct OfferView {
    #[schema(value_type = String)]
    source: SourceId,
    #[schema(value_type = String)]
    sku: Sku,
    #[schema(value_type = String)]
    vendor_sku: VendorSku,
    #[schema(value_type = PackWords)]
    pack: Pack,
    #[schema(value_type = MoneyWords)]
    unit_cost: Money,
    #[schema(value_type = MoneyWords)]
    shipping_cost: Money,
    lead_days: u32,
    #[schema(value_type = u32)]
    minimum: Quantity,
    #[schema(value_type = String)]
    status: OfferStatus,
    /// What the source last advised; null if it never did.
    advice: Option<AdviceView>,
}

impl OfferView {
    /// The offer with the stock record that goes with it.
    pub fn new(offer: &Offer, stock: Option<&Stock>) -> Self {
        let Offer { source, sku, vendor_sku, pack, unit_cost, shipping_cost, lead_days, minimum, status } =
            offer.clone();
        let advice = stock.filter(|s| s.is_advised()).map(|stock| AdviceView::new(offer, stock));
        Self { source, sku, vendor_sku, pack, unit_cost, shipping_cost, lead_days, minimum, status, advice }
    }
}

/// Advice for one item, in packs.
#[derive(Debug, Deserialize, ToSchema)]
pub struct AdviceBody {
    /// Packs available now.
    pub quantity: u32,
    /// When the figure was true.
    #[serde(deserialize_with = "instant")]
    #[schema(value_type = String, format = DateTime)]
    pub as_of: Timestamp,
    /// Announced receipts, in packs.
    #[serde(default)]
    #[schema(value_type = Vec<ReceivableWords>)]
    pub incoming: Vec<Receivable>,
}

/// An announced receipt.
#[derive(ToSchema)]
#[schema(as = Receivable)]
#[expect(dead_code, reason = "describes the engine's Receivable to the documentation")]
pub struct ReceivableWords {
    /// The day.
    #[schema(example = "2026-12-01")]
    on: String,
    /// Packs.
    quantity: u32,
}

/// Advice for many items at once.
#[derive(Debug, Deserialize, ToSchema)]
pub struct FeedBody {
    /// When the figures were true.
    #[serde(deserialize_with = "instant")]
    #[schema(value_type = String, format = DateTime)]
    pub as_of: Timestamp,
    /// True: offers that are not listed are unavailable. False: they are unchanged. Has to be said.
    pub full: bool,
    /// The lines.
    pub lines: Vec<FeedLine>,
}

/// One line of a feed; names the item by `sku`, `vendor_sku` or `gtin`.
#[derive(Debug, Deserialize, ToSchema)]
pub struct FeedLine {
    /// Our number.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub sku: Option<Sku>,
    /// The source's number.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub vendor_sku: Option<VendorSku>,
    /// GTIN digits.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub gtin: Option<SmolStr>,
    /// Packs available now.
    pub quantity: u32,
    /// The unit stated, if any; it must be the offer's.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub unit: Option<Unit>,
    /// Announced receipts, in packs.
    #[serde(default)]
    #[schema(value_type = Vec<ReceivableWords>)]
    pub incoming: Vec<Receivable>,
    /// The source will not have it again.
    #[serde(default)]
    pub discontinued: bool,
}

/// What a feed led to.
#[derive(Debug, Serialize, ToSchema)]
pub struct FeedOutcome {
    /// Lines that came.
    pub lines: usize,
    /// Lines that said nothing new.
    pub unchanged: u32,
    /// Lines that were left out, and why; the others were taken in.
    pub findings: Vec<Finding>,
    /// Findings beyond those shown.
    pub findings_dropped: u32,
    /// True if no line could be used.
    #[serde(skip)]
    pub is_refused: bool,
}

/// Something found in what came.
#[derive(Debug, Serialize, ToSchema)]
pub struct Finding {
    /// Where: a JSON pointer.
    pub pointer: String,
    /// A reason code.
    pub reason: String,
    /// What is wrong.
    pub sentence: String,
    /// What to do.
    pub advice: String,
    /// What stood there.
    pub value: Option<String>,
}

/// What a source last advised for an item.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Advice)]
pub struct AdviceView {
    /// Packs advised.
    quantity: u32,
    /// When the figure was true.
    #[schema(value_type = String, format = DateTime)]
    as_of: Timestamp,
    /// `api`, `x12`, `eancom`, `portal`, `wms` or `csv`.
    #[schema(value_type = String)]
    origin: countersign_engine::stock::Origin,
    /// Announced receipts, in packs.
    #[schema(value_type = Vec<ReceivableWords>)]
    incoming: Vec<Receivable>,
    /// Base units under holds that the figure does not know of yet.
    held: u32,
}

impl AdviceView {
    /// From the offer (for its pack) and the stock.
    pub fn new(offer: &Offer, stock: &Stock) -> Self {
        let packs = |units: Quantity| units.packs(offer.pack.base_units).0;
        let incoming = stock.announced().map(|(on, i)| Receivable { on: *on, quantity: packs(i.quantity) });
        Self {
            quantity: packs(stock.advised).get(),
            as_of: stock.as_of,
            origin: stock.origin,
            incoming: incoming.collect(),
            held: stock.held(stock.as_of).get(),
        }
    }
}
