//! What vendors send and see. Bodies are read by the partners' crate, which knows their fields; these shapes describe
//! them to the documentation.

use super::words::Party;
use countersign_engine::document::PurchaseOrderDocument;
use countersign_engine::ids::{LineId, OrderId, PoNumber, ShipmentId, Sku, VendorSku};
use countersign_engine::measure::Quantity;
use countersign_engine::order::{ClockKind, Order, Phase, PurchaseOrder};
use countersign_runtime::{index, paper};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use smol_str::SmolStr;
use utoipa::ToSchema;

/// What the vendor can supply.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a body to the documentation")]
pub struct Availability {
    /// When the figures were true; now if absent.
    #[schema(format = DateTime)]
    as_of: Option<String>,
    /// True: offers that are not listed are unavailable.
    full: Option<bool>,
    /// The lines.
    lines: Vec<AvailabilityLine>,
}

/// One line of availability; names the item by `sku`, `vendor_sku` or `gtin`.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a body to the documentation")]
pub struct AvailabilityLine {
    /// The retailer's number.
    sku: Option<String>,
    /// The vendor's number.
    vendor_sku: Option<String>,
    /// GTIN digits.
    gtin: Option<String>,
    /// Packs available now.
    quantity: u32,
    /// The unit, if stated; it must be the offer's.
    unit: Option<String>,
    /// Announced receipts, `[{"on": "2026-12-01", "quantity": 40}]`.
    incoming: Option<Vec<Value>>,
    /// It will not come again.
    discontinued: Option<bool>,
}

/// The vendor's machine has the purchase order. Proves nothing about stock.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a body to the documentation")]
pub struct Receipt {
    /// The attempt on the purchase order.
    attempt: Option<u32>,
    /// False if the machine rejected it.
    accepted: Option<bool>,
    /// For people.
    note: Option<String>,
}

/// The vendor's answer, per line and quantity. A later one replaces an earlier one of the same attempt.
#[derive(ToSchema)]
#[schema(example = json!({"attempt": 1, "lines": [{"line": "1", "accepted": 1, "ship_on": "2026-11-24"}, {"line": "1", "rejected": 1, "reason": "out_of_stock"}]}))]
#[expect(dead_code, reason = "describes a body to the documentation")]
pub struct Acknowledgment {
    /// The attempt on the purchase order; an answer to one that is over never touches the running one.
    attempt: Option<u32>,
    /// The vendor's own order number.
    vendor_order: Option<String>,
    /// Answers; several for one line split it. A line without any is not answered yet.
    lines: Vec<AcknowledgmentLine>,
}

/// One answer: exactly one of the four quantities is above zero.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a body to the documentation")]
pub struct AcknowledgmentLine {
    /// Line of the purchase order.
    line: String,
    /// Packs that will ship.
    accepted: Option<u32>,
    /// Packs that will not ship.
    rejected: Option<u32>,
    /// Packs that will ship later.
    backordered: Option<u32>,
    /// Packs of `substitute` offered instead.
    substituted: Option<u32>,
    /// The day they will ship.
    #[schema(format = Date)]
    ship_on: Option<String>,
    /// `out_of_stock`, `discontinued`, `price`, `unknown_item`, `other`, …
    reason: Option<String>,
    /// What is offered instead: `{"vendor_sku": …}`.
    substitute: Option<Value>,
}

/// What left.
#[derive(ToSchema)]
#[schema(as = Shipment, example = json!({"shipment": "S-88", "shipped_at": "2026-11-24T16:00:00-06:00", "carrier": "UPSN", "tracking": ["1Z…"], "lines": [{"line": "1", "quantity": 1}]}))]
#[expect(dead_code, reason = "describes a body to the documentation")]
pub struct Shipment {
    /// The vendor's number; a second notice with the same number has no effect.
    shipment: String,
    /// When it left; now if absent.
    #[schema(format = DateTime)]
    shipped_at: Option<String>,
    /// Carrier code (SCAC) or name.
    carrier: Option<String>,
    /// Tracking numbers.
    tracking: Option<Vec<String>>,
    /// Packs per line.
    lines: Vec<ShipmentLine>,
}

/// What a shipment holds of one line.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a body to the documentation")]
pub struct ShipmentLine {
    /// Line of the purchase order.
    line: String,
    /// Packs.
    quantity: u32,
}

/// The vendor's word on a cancellation.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a body to the documentation")]
pub struct CancellationAnswer {
    /// The attempt on the purchase order.
    attempt: Option<u32>,
    /// True: it will not ship. False: it ships all the same.
    accepted: bool,
    /// Only these lines; all if absent.
    lines: Option<Vec<String>>,
    /// True if the vendor cancels of its own accord.
    unasked: Option<bool>,
    /// Why.
    reason: Option<String>,
}

/// A purchase order as its vendor sees it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VendorPurchaseOrder)]
pub struct SupplyView {
    #[schema(value_type = String)]
    pub(crate) purchase_order: PoNumber,
    pub(crate) attempt: u32,
    #[schema(value_type = String)]
    pub(crate) order: OrderId,
    /// `open`, `acknowledged`, `shipped`, `withdrawing`, `closed`.
    pub(crate) state: &'static str,
    #[schema(value_type = String, format = DateTime)]
    pub(crate) released_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub(crate) answer_due: Timestamp,
    /// The retailer asked to stop it and has no answer yet.
    pub(crate) cancellation_requested: bool,
    /// Absent where it was not read, or was erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Party>)]
    pub(crate) ship_to: Option<countersign_engine::document::Party>,
    #[schema(value_type = String)]
    pub(crate) service_level: SmolStr,
    pub(crate) lines: Vec<SupplyLine>,
    #[schema(value_type = Vec<String>)]
    pub(crate) shipments: Vec<ShipmentId>,
}

/// A line of it, in packs.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VendorPurchaseOrderLine)]
pub(crate) struct SupplyLine {
    #[schema(value_type = String)]
    pub(crate) line: SmolStr,
    #[schema(value_type = String)]
    pub(crate) sku: Sku,
    #[schema(value_type = String)]
    pub(crate) vendor_sku: VendorSku,
    #[schema(value_type = Option<String>)]
    pub(crate) gtin: Option<SmolStr>,
    pub(crate) title: String,
    #[schema(value_type = u32)]
    pub(crate) quantity: Quantity,
    pub(crate) unit: String,
    #[schema(value_type = super::words::MoneyWords)]
    pub(crate) unit_cost: countersign_engine::measure::Money,
    #[schema(value_type = String, format = Date)]
    pub(crate) ship_by: jiff::civil::Date,
    #[schema(value_type = String, format = Date)]
    pub(crate) deliver_by: jiff::civil::Date,
    pub(crate) accepted: u32,
    pub(crate) declined: u32,
    pub(crate) shipped: u32,
    /// True if its quantity is no longer wanted.
    pub(crate) withdrawn: bool,
}

impl SupplyView {
    /// The purchase order of an order, with its address.
    pub fn new(order: &Order, po: &PurchaseOrder, person: Option<&str>) -> Self {
        let PurchaseOrderDocument { ship_to, lines, answer_due, .. } = paper::purchase_order(order, po, person);
        let line = |l: countersign_engine::document::PurchaseOrderDocumentLine| {
            let mine = || {
                let of = move |line: &LineId, known: &SmolStr| line.as_str() == known.as_str();
                let wanted = l.line.clone();
                order.of_purchase_order(po.ordinal).filter(move |a| of(&a.line, &wanted))
            };
            let packs = |f: fn(&countersign_engine::order::Assignment) -> Quantity| {
                mine().map(|a| f(a).packs(a.pack_size).0.get()).sum()
            };
            SupplyLine {
                accepted: packs(|a| a.accepted),
                declined: packs(|a| a.declined),
                shipped: packs(|a| a.shipped),
                withdrawn: mine().all(|a| matches!(a.phase, Phase::Withdrawing | Phase::Withdrawn | Phase::Released)),
                line: l.line.clone(),
                sku: l.sku.clone(),
                vendor_sku: l.vendor_sku.clone(),
                gtin: l.gtin.clone(),
                title: l.title.clone(),
                quantity: l.quantity,
                unit: l.unit.as_str().to_owned(),
                unit_cost: l.unit_cost,
                ship_by: l.ship_by,
                deliver_by: l.deliver_by,
            }
        };
        let shipments = order.shipments.iter().filter(|s| s.purchase_order == po.ordinal).map(|s| s.shipment.clone());
        Self {
            purchase_order: po.number.clone(),
            attempt: po.attempt,
            order: order.id.clone(),
            state: index::state(order, po),
            released_at: po.released_at,
            answer_due,
            cancellation_requested: po.cancellation.as_ref().is_some_and(|c| c.accepted.is_none()),
            ship_to: person.map(|_| ship_to),
            service_level: order.service_level.clone(),
            lines: lines.into_iter().map(line).collect(),
            shipments: shipments.collect(),
        }
    }
}

/// Why a breach should not count.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ContestRequest)]
pub struct ContestBody {
    /// `receipt`, `acknowledgment`, `ship_notice` or `cancel_answer`.
    #[schema(value_type = String, example = "acknowledgment")]
    pub clock: ClockKind,
    /// When the answer was due, as the scorecard says; the last such breach if absent.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub due: Option<Timestamp>,
    /// The reason.
    pub words: String,
    /// What proves it: a document's name, number or address.
    #[serde(default)]
    pub document: Option<String>,
}
