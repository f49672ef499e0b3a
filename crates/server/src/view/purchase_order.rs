//! Purchase orders: what went to whom, what came back, and the papers in both directions.

use super::words::MoneyWords;
use crate::erasure;
use countersign_engine::command::{Actor, Deed};
use countersign_engine::ids::{LineId, OrderId, PoNumber, Sku, SourceId, VendorSku};
use countersign_engine::item::Unit;
use countersign_engine::journal::Entry;
use countersign_engine::measure::{Money, Quantity};
use countersign_engine::order::{Assignment, Cancellation, Clock, Order, Phase, PurchaseOrder, Substitute};
use countersign_runtime::index;
use countersign_runtime::ports::{Errand, ErrandState, InboxEntry, IndexRow};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use smol_str::SmolStr;
use utoipa::ToSchema;

/// Bytes of a paper that are shown; the whole of it is in the store.
pub const TEXT_BYTES_MAX: usize = 200_000;

/// A purchase order in a list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PurchaseOrderSummary)]
pub struct PurchaseOrderRow {
    #[schema(value_type = String)]
    number: PoNumber,
    #[schema(value_type = String)]
    order: OrderId,
    #[schema(value_type = String)]
    source: SourceId,
    attempt: u32,
    /// `open`, `acknowledged`, `shipped`, `withdrawing`, `closed`.
    #[schema(value_type = String)]
    state: SmolStr,
    #[schema(value_type = String, format = DateTime)]
    released_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    answer_due: Option<Timestamp>,
}

impl PurchaseOrderRow {
    /// From its index row.
    pub fn of(row: &IndexRow) -> Option<Self> {
        match row.clone() {
            IndexRow::PurchaseOrder { number, order, source, attempt, state, released_at, answer_due } => {
                Some(Self { number, order, source, attempt, state, released_at, answer_due })
            }
            _ => None,
        }
    }
}

/// A purchase order with its papers.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PurchaseOrder)]
pub struct PurchaseOrderView {
    #[schema(value_type = String)]
    number: PoNumber,
    #[schema(value_type = String)]
    order: OrderId,
    #[schema(value_type = String)]
    source: SourceId,
    attempt: u32,
    /// `open`, `acknowledged`, `shipped`, `withdrawing`, `closed`.
    state: String,
    #[schema(value_type = String, format = DateTime)]
    released_at: Timestamp,
    /// When the connector first delivered it.
    #[schema(value_type = Option<String>, format = DateTime)]
    sent_at: Option<Timestamp>,
    /// When the source's machine confirmed it; proves nothing about stock.
    #[schema(value_type = Option<String>, format = DateTime)]
    received_at: Option<Timestamp>,
    /// When the source first answered it.
    #[schema(value_type = Option<String>, format = DateTime)]
    acknowledged_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    answer_due: Option<Timestamp>,
    /// The source's own number for it.
    #[schema(value_type = Option<String>)]
    vendor_order: Option<SmolStr>,
    reminders: u32,
    /// The cancellation asked for; null if none was.
    #[schema(value_type = Option<CancellationWords>)]
    cancellation: Option<Cancellation>,
    lines: Vec<PoLineView>,
    #[schema(value_type = Vec<ClockWords>)]
    clocks: Vec<Clock>,
    /// Papers in both directions, oldest first.
    documents: Vec<DocumentView>,
}

/// A cancellation asked of a source.
#[derive(ToSchema)]
#[schema(as = Cancellation)]
#[expect(dead_code, reason = "describes the engine's Cancellation to the documentation")]
struct CancellationWords {
    asked_at: String,
    reason: String,
    /// The source's answer; absent until it came.
    accepted: Option<bool>,
}

/// A durable timer for one expected answer.
#[derive(ToSchema)]
#[schema(as = Clock)]
#[expect(dead_code, reason = "describes the engine's Clock to the documentation")]
struct ClockWords {
    /// `receipt`, `acknowledgment`, `ship_notice`, `cancel_answer`.
    kind: String,
    started: String,
    warn_at: Option<String>,
    due: String,
    /// `remind`, `reroute`, `ask`.
    then: String,
    /// `running`, `met`, `breached`, `stopped`.
    state: String,
}

/// A line of a purchase order, in packs.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PurchaseOrderLine)]
struct PoLineView {
    #[schema(value_type = String)]
    line: LineId,
    #[schema(value_type = Option<String>)]
    sku: Option<Sku>,
    #[schema(value_type = String)]
    vendor_sku: VendorSku,
    title: String,
    #[schema(value_type = u32)]
    quantity: Quantity,
    #[schema(value_type = String)]
    unit: Unit,
    #[schema(value_type = MoneyWords)]
    unit_cost: Money,
    /// What is sent instead of units of it, and at what price.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    substitutes: Vec<SubstituteView>,
    #[schema(value_type = u32)]
    accepted: Quantity,
    #[schema(value_type = u32)]
    declined: Quantity,
    #[schema(value_type = u32)]
    shipped: Quantity,
    #[schema(value_type = String)]
    phase: Phase,
    #[schema(value_type = String, format = Date)]
    ship_by: Date,
    #[schema(value_type = String, format = Date)]
    deliver_by: Date,
}

/// An article that goes instead of what was ordered.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Substitute)]
pub(super) struct SubstituteView {
    #[schema(value_type = Option<String>)]
    sku: Option<Sku>,
    #[schema(value_type = String)]
    vendor_sku: VendorSku,
    /// Base units that it replaces.
    #[schema(value_type = u32)]
    quantity: Quantity,
    /// The unit that its price is for.
    #[schema(value_type = String)]
    unit: Unit,
    /// `null`: nobody here knows its price.
    #[schema(value_type = Option<MoneyWords>)]
    unit_cost: Option<Money>,
}

impl SubstituteView {
    pub(super) fn all(a: &Assignment) -> Vec<Self> {
        let view = |s: &Substitute| Self {
            sku: s.sku.clone(),
            vendor_sku: s.vendor_sku.clone(),
            quantity: s.quantity,
            unit: s.pack_unit.clone(),
            unit_cost: s.unit_cost,
        };
        a.substitutes.iter().map(view).collect()
    }
}

impl PoLineView {
    fn new(order: &Order, a: &Assignment) -> Self {
        let of = order.line(&a.line);
        let packs = |units: Quantity| units.packs(a.pack_size).0;
        Self {
            line: a.line.clone(),
            sku: of.map(|l| l.sku.clone()),
            vendor_sku: a.vendor_sku.clone(),
            title: of.map(|l| l.title.clone()).unwrap_or_default(),
            quantity: packs(a.quantity),
            unit: a.pack_unit.clone(),
            unit_cost: a.unit_cost,
            substitutes: SubstituteView::all(a),
            accepted: packs(a.accepted),
            declined: packs(a.declined),
            shipped: packs(a.shipped),
            phase: a.phase,
            ship_by: a.ship_by,
            deliver_by: a.deliver_by,
        }
    }
}

/// A paper that went out or came in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PurchaseOrderDocument)]
pub struct DocumentView {
    /// Stable: the errand's id, `inbox.N`, or `journal.N` for an API call.
    id: String,
    /// `out` or `in`.
    direction: &'static str,
    /// File name, or path of the request.
    name: String,
    media_type: String,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// `waiting`, `sent`, `dead`; `waiting`, `done`, `duplicate`, `quarantined`.
    state: &'static str,
    /// The paper, as far as it is text.
    text: String,
    /// `covered`: names and addresses are replaced by `x`, because the reader may not read personal data; `withheld`: the
    /// text is left out, because nobody can tell where they stand in it. Null if all of it is shown.
    personal_data: Option<&'static str>,
    /// What went wrong, if something did.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

impl PurchaseOrderView {
    /// The purchase order of an order, with its papers.
    pub fn new(order: &Order, po: &PurchaseOrder, mut documents: Vec<DocumentView>) -> Self {
        documents.sort_by_key(|d| d.at);
        Self {
            number: po.number.clone(),
            order: order.id.clone(),
            source: po.source.clone(),
            attempt: po.attempt,
            state: index::state(order, po).to_owned(),
            released_at: po.released_at,
            sent_at: po.sent_at,
            received_at: po.received_at,
            acknowledged_at: po.acknowledged_at,
            answer_due: po.answer_due(),
            vendor_order: po.vendor_order.clone(),
            reminders: po.reminders,
            cancellation: po.cancellation.clone(),
            lines: order.of_purchase_order(po.ordinal).map(|a| PoLineView::new(order, a)).collect(),
            clocks: po.clocks.clone(),
            documents,
        }
    }
}

impl DocumentView {
    /// A paper of ours.
    pub fn out(errand: &Errand, released_at: Timestamp) -> Self {
        let (state, at, error) = match &errand.state {
            ErrandState::Waiting { due, error } => ("waiting", (*due).max(released_at), error.clone()),
            ErrandState::Sent { at } => ("sent", *at, None),
            ErrandState::Dead { error } => ("dead", errand.new.due, Some(error.clone())),
        };
        let rendered = errand.rendered.as_ref();
        Self {
            id: errand.new.id.to_string(),
            direction: "out",
            name: rendered.map_or_else(|| errand.new.id.to_string(), |r| r.name.clone()),
            media_type: rendered.map(|r| r.media_type.to_string()).unwrap_or_default(),
            at,
            state,
            text: rendered.map(|r| text(&r.bytes)).unwrap_or_default(),
            personal_data: None,
            error,
        }
    }

    /// A paper of theirs.
    pub fn inbound(entry: &InboxEntry) -> Self {
        Self {
            id: format!("inbox.{}", entry.id),
            direction: "in",
            name: entry.new.name.clone(),
            media_type: media_type(&entry.new.bytes).to_owned(),
            at: entry.new.received_at,
            state: entry.state.word(),
            text: text(&entry.new.bytes),
            personal_data: None,
            error: None,
        }
    }

    /// For those who may not read personal data: without what `people` tells of the customer.
    pub fn covered(mut self, bytes: &[u8], people: Option<&[String]>) -> Self {
        let Some(values) = people else { return self };
        (self.text, self.personal_data) = match erasure::covered(bytes, values) {
            Some(covered) => (text(&covered), Some("covered")),
            None => (String::new(), Some("withheld")),
        };
        self.error = self.error.map(|error| erasure::covered_text(&error, values));
        self
    }

    /// What the source said through the API about that purchase order, as the journal has it.
    pub fn said(position: u64, entry: &Entry, po: &PoNumber) -> Option<Self> {
        if !matches!(entry.command.by, Actor::Source { .. })
            || entry.cause.as_ref().is_some_and(|c| c.starts_with("inbox."))
        {
            return None;
        }
        let (name, about, content) = match &entry.command.deed {
            Deed::RecordReceipt(d) => ("receipt", &d.po, serde_json::to_string_pretty(d)),
            Deed::RecordAcknowledgment(d) => ("acknowledgment", &d.po, serde_json::to_string_pretty(d)),
            Deed::RecordShipment(d) => ("shipment", &d.po, serde_json::to_string_pretty(d)),
            Deed::RecordCancellationAnswer(d) => ("cancellation-answer", &d.po, serde_json::to_string_pretty(d)),
            _ => return None,
        };
        (about == po).then(|| Self {
            id: format!("journal.{position}"),
            direction: "in",
            name: format!("purchase-orders/{po}/{name}"),
            media_type: "application/json".into(),
            at: entry.at,
            state: "done",
            text: content.unwrap_or_default(),
            personal_data: None,
            error: None,
        })
    }
}

/// Bytes as text, cut: in UTF-8, or else a letter for each byte (ISO 8859-1), so that none is lost.
pub fn text(bytes: &[u8]) -> String {
    let cut = &bytes[..bytes.len().min(TEXT_BYTES_MAX)];
    match (std::str::from_utf8(bytes), std::str::from_utf8(cut)) {
        (Ok(whole), Ok(_)) => whole[..cut.len()].to_owned(),
        (Ok(whole), Err(broken)) => whole[..broken.valid_up_to()].to_owned(),
        (Err(_), _) => cut.iter().map(|byte| char::from(*byte)).collect(),
    }
}

/// What somebody made of such a text, in the letters and line ends of the file that it came from.
///
/// # Errors
/// The letter that the file's character set does not have.
pub fn bytes_of(text: &str, original: &[u8]) -> Result<Vec<u8>, char> {
    // A browser's text field knows one kind of line end only.
    let text = match original.iter().position(|byte| *byte == b'\r') {
        Some(_) if text.contains('\r') => text.to_owned(),
        Some(first) if original.get(first + 1) == Some(&b'\n') => text.replace('\n', "\r\n"),
        Some(_) => text.replace('\n', "\r"),
        None => text.to_owned(),
    };
    if std::str::from_utf8(original).is_ok() {
        return Ok(text.into_bytes());
    }
    text.chars().map(|letter| u8::try_from(letter).map_err(|_| letter)).collect()
}

/// What the bytes look like.
pub fn media_type(bytes: &[u8]) -> &'static str {
    let start = bytes.trim_ascii_start();
    match () {
        () if start.starts_with(b"ISA") => "application/edi-x12",
        () if start.starts_with(b"UNA") || start.starts_with(b"UNB") => "application/edifact",
        () if start.starts_with(b"{") || start.starts_with(b"[") => "application/json",
        () => "text/plain",
    }
}
