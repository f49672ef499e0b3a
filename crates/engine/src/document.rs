//! Neutral documents: what partners say and what we say to them, whatever the dialect.
//!
//! Does not know any dialect. Quantities are in the source's packs, because that is what the source counts.

use crate::ids::{OrderId, PoNumber, ShipmentId, Sku, SourceId, VendorSku};
use crate::item::Unit;
use crate::measure::{Money, Quantity};
use crate::reason::Reason;
use crate::stock::Origin;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// Lines of advice in one command: a feed of 100,000 lines becomes a hundred commands.
pub const ADVICE_LINES_MAX: usize = 1_000;

/// What a source said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "document", rename_all = "snake_case")]
pub enum Inbound {
    /// What it can supply.
    Advice(Advice),
    /// Its machine has the purchase order (997, 2xx, opened mail).
    Receipt(Receipt),
    /// Its answer per line.
    Acknowledgment(Acknowledgment),
    /// What it shipped.
    Shipment(Shipment),
    /// Its answer to a cancellation that we asked for, or a cancellation of its own.
    CancellationAnswer(CancellationAnswer),
}

/// How a document names an item; at least one is given.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ItemRef {
    /// The retailer's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sku: Option<Sku>,
    /// The source's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vendor_sku: Option<VendorSku>,
    /// GTIN digits as received.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gtin: Option<SmolStr>,
}

/// A source's advice, before items are looked up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Advice {
    /// When the figures were true.
    pub as_of: Timestamp,
    /// How they came.
    pub origin: Origin,
    /// True if absent offers are unavailable; false if absent offers are unchanged.
    pub full: bool,
    /// The lines, each with the place in the document it came from.
    pub lines: Vec<AdviceLine>,
}

/// One line of advice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AdviceLine {
    /// Which item.
    pub item: ItemRef,
    /// Packs available now.
    pub quantity: Quantity,
    /// The unit stated, if any; it must be the offer's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Unit>,
    /// Announced receipts, in packs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub incoming: Vec<Receivable>,
    /// The source will not have it again.
    #[serde(default)]
    pub discontinued: bool,
}

/// An announced receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receivable {
    /// The day.
    pub on: Date,
    /// How many.
    pub quantity: Quantity,
}

/// A receipt for a document of ours.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Receipt {
    /// The purchase order, where the receipt names it or the runtime matched it.
    pub po: PoNumber,
    /// False if the source's machine rejected the document.
    pub accepted: bool,
    /// What the receipt said, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A source's answer to a purchase order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Acknowledgment {
    /// Which purchase order.
    pub po: PoNumber,
    /// The attempt answered; a dialect that cannot carry it leaves it out, the number of the order then tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<u32>,
    /// The source's own order number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vendor_order: Option<SmolStr>,
    /// Answers; several for one line split it. A line without any is not answered yet.
    pub lines: Vec<AcknowledgmentLine>,
}

/// One answer about (a part of) one line. At most one of the three quantities is more than zero.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcknowledgmentLine {
    /// Line number on the purchase order.
    pub line: SmolStr,
    /// Packs it will ship.
    #[serde(default, skip_serializing_if = "Quantity::is_zero")]
    pub accepted: Quantity,
    /// Packs it will not ship.
    #[serde(default, skip_serializing_if = "Quantity::is_zero")]
    pub rejected: Quantity,
    /// Packs it will ship later, on `ship_on` if that is known.
    #[serde(default, skip_serializing_if = "Quantity::is_zero")]
    pub backordered: Quantity,
    /// Packs of `substitute` that it offers instead.
    #[serde(default, skip_serializing_if = "Quantity::is_zero")]
    pub substituted: Quantity,
    /// The unit stated, if any; it must be the purchase order's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Unit>,
    /// The day it will ship.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ship_on: Option<Date>,
    /// Why not, in our words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// What it offers instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub substitute: Option<ItemRef>,
}

/// A ship notice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Shipment {
    /// The source's number for it; a second notice with the same number and content has no effect.
    pub shipment: ShipmentId,
    /// Which purchase order.
    pub po: PoNumber,
    /// When it left.
    pub shipped_at: Timestamp,
    /// Carrier code (SCAC or name).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carrier: Option<SmolStr>,
    /// Tracking numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tracking: Vec<SmolStr>,
    /// Packs per purchase order line.
    pub lines: Vec<ShipmentLine>,
}

/// What a shipment holds of one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShipmentLine {
    /// Line number on the purchase order.
    pub line: SmolStr,
    /// Packs.
    pub quantity: Quantity,
}

/// A source's word on a cancellation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CancellationAnswer {
    /// Which purchase order.
    pub po: PoNumber,
    /// True: it will not ship. False: it ships all the same.
    pub accepted: bool,
    /// Only these lines, where the source answers by line; all of them if empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<SmolStr>,
    /// True if the source cancels of its own accord.
    #[serde(default)]
    pub unasked: bool,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
}

/// What we say to a source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "document", rename_all = "snake_case")]
pub enum Outbound {
    /// Please ship this.
    PurchaseOrder(PurchaseOrderDocument),
    /// Please do not ship this any more.
    Cancellation(CancellationDocument),
    /// Please answer this purchase order (dialects without such a paper send the order again).
    Reminder(PurchaseOrderDocument),
}

/// A purchase order as a paper.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PurchaseOrderDocument {
    /// Its number, the same on every resend.
    pub po: PoNumber,
    /// The attempt to be answered.
    pub attempt: u32,
    /// To whom.
    pub source: SourceId,
    /// The retailer's order.
    pub order: OrderId,
    /// When it was released.
    pub released_at: Timestamp,
    /// The answer is expected until then.
    pub answer_due: Timestamp,
    /// Where it goes.
    pub ship_to: Party,
    /// `standard`, `expedited`, …
    pub service_level: SmolStr,
    /// The lines.
    pub lines: Vec<PurchaseOrderDocumentLine>,
}

/// One line of a purchase order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PurchaseOrderDocumentLine {
    /// Line number, the retailer's own line id.
    pub line: SmolStr,
    /// Retailer's number of the item.
    pub sku: Sku,
    /// Source's number of the item.
    pub vendor_sku: VendorSku,
    /// GTIN digits, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gtin: Option<SmolStr>,
    /// Shown to people.
    pub title: String,
    /// Packs wanted.
    pub quantity: Quantity,
    /// The unit of the packs.
    pub unit: Unit,
    /// Agreed cost of one pack.
    pub unit_cost: Money,
    /// Wanted at the carrier by this day.
    pub ship_by: Date,
    /// Promised to the customer for this day.
    pub deliver_by: Date,
}

/// A cancellation as a paper.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CancellationDocument {
    /// Which purchase order.
    pub po: PoNumber,
    /// Which attempt.
    pub attempt: u32,
    /// To whom.
    pub source: SourceId,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// When the purchase order was released.
    pub released_at: Timestamp,
    /// Why, as a reason code.
    pub reason: Reason,
    /// The lines to be cancelled, as they stood on the purchase order.
    pub lines: Vec<PurchaseOrderDocumentLine>,
}

/// Name and address of a person or place; personal data, never in the journal.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Party {
    /// Name.
    #[serde(default)]
    pub name: String,
    /// First line.
    #[serde(default)]
    pub address1: String,
    /// Second line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address2: Option<String>,
    /// City.
    #[serde(default)]
    pub city: String,
    /// State or province.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Postal code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub country: SmolStr,
    /// Phone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}
