//! Orders: what comes in, what is told.

use super::case::{ApprovalView, CaseView};
use super::purchase_order::SubstituteView;
use super::words::{Customer, MoneyWords, Party, RegionWords, instant, is_country};
use crate::problem::{FieldError, Problem};
use countersign_engine::command::{CaptureLine, CaptureOrder};
use countersign_engine::ids::{ApprovalId, LineId, OrderId, PoNumber, ShipmentId, Sku, SourceId};
use countersign_engine::item::Unit;
use countersign_engine::legacy::LegacyLine;
use countersign_engine::measure::{Money, Quantity};
use countersign_engine::order::{Assignment, Line, Order, Phase, Shipped, Status, Tally};
use countersign_engine::policy::Mode;
use countersign_engine::promise::Promise;
use countersign_engine::reason::Reason;
use countersign_engine::source::Region;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use smol_str::SmolStr;
use utoipa::ToSchema;

/// Characters of a customer's postal code that stay in the log: enough for a transit time, too few for a house.
const POSTAL_CODE_KEPT: usize = 3;
/// Longest text of an address or name.
const TEXT_LENGTH_MAX: usize = 300;
/// Seconds by which a shop's clock may run ahead of ours.
const AHEAD_S_MAX: i64 = 86_400;

/// An order as a shop sends it. The order id is the idempotency key: the same id with the same content again gets the
/// order as it stands, with other content it is refused.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"id": "1001", "placed_at": "2026-11-23T15:05:00Z", "sales_channel": "web",
    "customer": {"name": "A. Shopper", "email": "a@example.com"},
    "ship_to": {"name": "A. Shopper", "address1": "1 Main St", "city": "Austin", "region": "TX", "postal_code": "73301", "country": "US"},
    "service_level": "standard",
    "lines": [{"line": "1", "sku": "LAMP-OAK-01", "quantity": 2, "unit": "EA", "unit_price": {"amount": "89.00", "currency": "USD"}}]}))]
pub struct OrderBody {
    /// The retailer's id.
    #[schema(value_type = String)]
    pub id: OrderId,
    /// When the customer placed it.
    #[serde(deserialize_with = "instant")]
    #[schema(value_type = String, format = DateTime)]
    pub placed_at: Timestamp,
    /// Where it was sold.
    #[serde(default = "api")]
    #[schema(value_type = String)]
    pub sales_channel: SmolStr,
    /// The customer; kept apart from the log, erasable.
    #[serde(default)]
    pub customer: Option<Customer>,
    /// Where it goes; only country, region and the first three characters of the postal code enter the log.
    pub ship_to: Party,
    /// `standard`, `expedited`, …
    #[serde(default = "standard")]
    #[schema(value_type = String)]
    pub service_level: SmolStr,
    /// The customer wants it by this day.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    pub requested_on: Option<Date>,
    /// 1 to 200 lines.
    pub lines: Vec<OrderLineBody>,
}

fn api() -> SmolStr {
    SmolStr::new_static("api")
}
fn standard() -> SmolStr {
    SmolStr::new_static("standard")
}
fn each() -> Unit {
    Unit::new("EA").expect("because EA is a unit")
}

/// A line of an order.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct OrderLineBody {
    /// The retailer's line id, unique within the order.
    #[schema(value_type = String, example = "1")]
    pub line: LineId,
    /// What.
    #[schema(value_type = String)]
    pub sku: Sku,
    /// How many; 1 to 100,000.
    #[schema(value_type = u32)]
    pub quantity: Quantity,
    /// In which unit; it must be the item's.
    #[serde(default = "each")]
    #[schema(value_type = String)]
    pub unit: Unit,
    /// What the customer pays for one.
    #[schema(value_type = MoneyWords)]
    pub unit_price: Money,
}

/// Personal data as it is kept, apart from everything else.
#[derive(Serialize, Deserialize, Default)]
pub struct People {
    /// The customer.
    #[serde(default)]
    pub customer: Option<Customer>,
    /// Where it goes.
    #[serde(default)]
    pub ship_to: Option<Party>,
}

impl OrderBody {
    /// What is wrong beyond what types and engine check.
    ///
    /// # Errors
    /// The fields at fault.
    pub fn check(&self, now: Timestamp) -> Result<(), Problem> {
        let mut errors = vec![];
        let mut fault = |pointer: &str, value: Value, reason: &str, detail: String| {
            errors.push(FieldError { pointer: pointer.into(), value, reason: reason.into(), detail });
        };
        if !is_country(&self.ship_to.country) {
            let detail = "use two capital letters of ISO 3166-1, such as \"US\"".to_owned();
            fault("/ship_to/country", self.ship_to.country.as_str().into(), "country", detail);
        }
        if self.placed_at.as_second() > now.as_second() + AHEAD_S_MAX {
            let detail = "it lies more than a day in the future: check the clock and the offset".to_owned();
            fault("/placed_at", self.placed_at.to_string().into(), "in_the_future", detail);
        }
        for (pointer, word) in [("/sales_channel", &self.sales_channel), ("/service_level", &self.service_level)] {
            if word.is_empty() || word.len() > 64 || word.chars().any(char::is_control) {
                fault(pointer, word.as_str().into(), "length", "use 1 to 64 characters".into());
            }
        }
        for (pointer, text) in self.texts() {
            if text.len() > TEXT_LENGTH_MAX || text.chars().any(char::is_control) {
                let shown: String = text.chars().take(80).collect();
                fault(pointer, shown.into(), "length", format!("use at most {TEXT_LENGTH_MAX} plain characters"));
            }
        }
        Problem::fields(errors).map_or(Ok(()), Err)
    }

    fn texts(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let to = &self.ship_to;
        let plain = [
            ("/ship_to/name", Some(&to.name)),
            ("/ship_to/address1", Some(&to.address1)),
            ("/ship_to/address2", to.address2.as_ref()),
            ("/ship_to/city", Some(&to.city)),
            ("/ship_to/region", to.region.as_ref()),
            ("/ship_to/postal_code", to.postal_code.as_ref()),
            ("/ship_to/phone", to.phone.as_ref()),
            ("/ship_to/email", to.email.as_ref()),
            ("/customer/name", self.customer.as_ref().map(|c| &c.name)),
            ("/customer/email", self.customer.as_ref().and_then(|c| c.email.as_ref())),
            ("/customer/phone", self.customer.as_ref().and_then(|c| c.phone.as_ref())),
            ("/customer/id", self.customer.as_ref().and_then(|c| c.id.as_ref())),
        ];
        plain.into_iter().filter_map(|(pointer, text)| Some((pointer, text?.as_str())))
    }

    /// The order without personal data, and the personal data.
    pub fn apart(self, fingerprint: SmolStr) -> (CaptureOrder, People) {
        let OrderBody { id, placed_at, sales_channel, customer, ship_to, service_level, requested_on, lines } = self;
        let line = |l: OrderLineBody| CaptureLine {
            line: l.line,
            sku: l.sku,
            quantity: l.quantity,
            unit: l.unit,
            unit_price: l.unit_price,
        };
        let order = CaptureOrder {
            id,
            placed_at,
            sales_channel,
            destination: destination(&ship_to),
            service_level,
            requested_on,
            fingerprint,
            lines: lines.into_iter().map(line).collect(),
        };
        (order, People { customer, ship_to: Some(ship_to) })
    }
}

/// What of an address may stand in the log.
pub fn destination(to: &Party) -> Region {
    let text = |text: &Option<String>| text.as_ref().filter(|t| !t.is_empty()).map(SmolStr::new);
    Region {
        country: to.country.clone(),
        region: text(&to.region),
        postal_code: text(&to.postal_code).map(|p| p.chars().take(POSTAL_CODE_KEPT).collect()),
    }
}

/// An order as it stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Order)]
pub struct OrderView {
    #[schema(value_type = String)]
    id: OrderId,
    /// `captured`, `in_review`, `awaiting_confirmation`, `confirmed`, `backordered`, `shipped`, `delivered`, `cancelled`.
    #[schema(value_type = String)]
    status: Status,
    /// `legacy`, `observe`, `recommend`, `enforce`.
    #[schema(value_type = String)]
    mode: Mode,
    #[schema(value_type = String, format = DateTime)]
    placed_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    captured_at: Timestamp,
    #[schema(value_type = String)]
    sales_channel: SmolStr,
    #[schema(value_type = String)]
    service_level: SmolStr,
    #[schema(value_type = Option<String>, format = Date)]
    requested_on: Option<Date>,
    #[schema(value_type = RegionWords)]
    destination: Region,
    /// The customer; null if erased, or if the role may not see personal data.
    customer: Option<Customer>,
    /// Where it goes; null if erased, or if the role may not see personal data.
    ship_to: Option<Party>,
    /// Why a person keeps it from being released; null if nobody does.
    #[schema(value_type = Option<String>)]
    on_hold: Option<Reason>,
    /// The policy under which it was captured.
    policy: u32,
    lines: Vec<LineView>,
    shipments: Vec<ShipmentView>,
    approvals: Vec<ApprovalView>,
    cases: Vec<CaseView>,
}

/// A line as it stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OrderLine)]
struct LineView {
    #[schema(value_type = String)]
    line: LineId,
    #[schema(value_type = String)]
    status: Status,
    #[schema(value_type = String)]
    sku: Sku,
    title: String,
    category: String,
    #[schema(value_type = u32)]
    quantity: Quantity,
    #[schema(value_type = String)]
    unit: Unit,
    #[schema(value_type = MoneyWords)]
    unit_price: Money,
    /// Units by how far they are.
    #[schema(value_type = TallyWords)]
    tally: Tally,
    /// What the customer was told; null before a plan was made.
    #[schema(value_type = Option<PromiseWords>)]
    promise: Option<Promise>,
    assignments: Vec<AssignmentView>,
    /// It waits for supply and is looked at again then.
    #[schema(value_type = Option<String>, format = DateTime)]
    look_again: Option<Timestamp>,
    /// How far the legacy path is with it, where this product only watches; null elsewhere.
    legacy: Option<LegacyView>,
}

/// How far the legacy path is with a line.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OrderLineLegacy)]
struct LegacyView {
    /// From whom it is, as last told.
    source: Option<String>,
    committed: u32,
    confirmed: u32,
    /// Units its source said no to; another may have been asked since.
    rejected: u32,
    shipped: u32,
    delivered: u32,
    #[schema(value_type = Option<String>, format = Date)]
    ship_by: Option<Date>,
    #[schema(value_type = Option<String>, format = Date)]
    deliver_by: Option<Date>,
    tracking: Vec<String>,
}

impl LegacyView {
    fn new(l: &LegacyLine) -> Self {
        Self {
            source: l.source.as_ref().map(ToString::to_string),
            committed: l.committed.get(),
            confirmed: l.confirmed.get(),
            rejected: l.rejected.get(),
            shipped: l.shipped.get(),
            delivered: l.delivered.get(),
            ship_by: l.ship_by,
            deliver_by: l.deliver_by,
            tracking: l.tracking.iter().map(ToString::to_string).collect(),
        }
    }
}

/// Units of a line by how far they are.
#[derive(ToSchema)]
#[schema(as = Tally)]
#[expect(dead_code, reason = "describes the engine's Tally to the documentation")]
struct TallyWords {
    ordered: u32,
    held: u32,
    accepted: u32,
    committed: u32,
    shipped: u32,
    cancelled: u32,
}

/// What the customer was told.
#[derive(ToSchema)]
#[schema(as = Promise)]
#[expect(dead_code, reason = "describes the engine's Promise to the documentation")]
struct PromiseWords {
    /// `provisional`, `confirmed` or `revised`.
    state: String,
    /// At the carrier by this day.
    ship_by: String,
    /// At the door by this day.
    deliver_by: String,
    /// Why it was changed.
    reason: Option<String>,
}

/// A quantity of a line given to one source.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Assignment)]
struct AssignmentView {
    ordinal: u32,
    /// The purchase order that asks for it; null while nothing was asked.
    #[schema(value_type = Option<String>)]
    purchase_order: Option<PoNumber>,
    attempt: u32,
    #[schema(value_type = String)]
    source: SourceId,
    #[schema(value_type = u32)]
    quantity: Quantity,
    /// `planned`, `held`, `requested`, `acknowledged`, `committed`, `shipped`, `delivered`, `withdrawing`, `withdrawn`,
    /// `released`.
    #[schema(value_type = String)]
    phase: Phase,
    #[schema(value_type = Option<String>, format = DateTime)]
    answer_due: Option<Timestamp>,
    /// The faster service level by which it goes; null where the order's own does.
    #[schema(value_type = Option<String>)]
    expedited: Option<SmolStr>,
    #[schema(value_type = u32)]
    accepted: Quantity,
    #[schema(value_type = u32)]
    declined: Quantity,
    #[schema(value_type = u32)]
    committed: Quantity,
    #[schema(value_type = u32)]
    shipped: Quantity,
    #[schema(value_type = String, format = Date)]
    ship_by: Date,
    #[schema(value_type = String, format = Date)]
    deliver_by: Date,
    #[schema(value_type = MoneyWords)]
    cost: Money,
    /// What is sent instead of units of it. Their price stands in `cost`, except where it is not known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    substitutes: Vec<SubstituteView>,
    /// Why it ended, or is being ended.
    #[schema(value_type = Option<String>)]
    ended: Option<Reason>,
}

/// Goods that left.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OrderShipment)]
struct ShipmentView {
    #[schema(value_type = String)]
    shipment: ShipmentId,
    #[schema(value_type = String)]
    purchase_order: PoNumber,
    #[schema(value_type = String, format = DateTime)]
    shipped_at: Timestamp,
    #[schema(value_type = Option<String>)]
    carrier: Option<SmolStr>,
    #[schema(value_type = Vec<String>)]
    tracking: Vec<SmolStr>,
    delivered: bool,
}

impl OrderView {
    /// The order, with personal data where they may be seen.
    pub fn new(order: &Order, people: People) -> Self {
        Self {
            id: order.id.clone(),
            status: order.status(),
            mode: order.mode,
            placed_at: order.placed_at,
            captured_at: order.captured_at,
            sales_channel: order.sales_channel.clone(),
            service_level: order.service_level.clone(),
            requested_on: order.requested_on,
            destination: order.destination.clone(),
            customer: people.customer,
            ship_to: people.ship_to,
            on_hold: order.on_hold,
            policy: order.policy,
            lines: order.lines.iter().map(|line| LineView::new(order, line)).collect(),
            shipments: order.shipments.iter().map(|s| ShipmentView::new(order, s)).collect(),
            approvals: order.approvals.iter().map(|a| ApprovalView::new(&order.id, a)).collect(),
            cases: order.cases.iter().map(CaseView::new).collect(),
        }
    }
}

impl LineView {
    fn new(order: &Order, line: &Line) -> Self {
        Self {
            line: line.id.clone(),
            status: order.line_status(line),
            sku: line.sku.clone(),
            title: line.title.clone(),
            category: line.category.as_str().to_owned(),
            quantity: line.quantity,
            unit: line.unit.clone(),
            unit_price: line.unit_price,
            tally: order.tally(line),
            promise: line.promise,
            assignments: order.of_line(&line.id).map(|a| AssignmentView::new(order, a)).collect(),
            look_again: line.look_again,
            legacy: line.legacy.as_ref().map(LegacyView::new),
        }
    }
}

impl AssignmentView {
    fn new(order: &Order, a: &Assignment) -> Self {
        let po = a.purchase_order.and_then(|n| order.purchase_order(n));
        Self {
            ordinal: a.ordinal,
            purchase_order: po.map(|p| p.number.clone()),
            attempt: a.attempt,
            source: a.source.clone(),
            quantity: a.quantity,
            phase: a.phase,
            answer_due: po.and_then(|p| p.answer_due()),
            expedited: a.expedited.clone(),
            accepted: a.accepted,
            declined: a.declined,
            committed: a.committed,
            shipped: a.shipped,
            ship_by: a.ship_by,
            deliver_by: a.deliver_by,
            cost: a.cost,
            substitutes: SubstituteView::all(a),
            ended: a.ended,
        }
    }
}

impl ShipmentView {
    fn new(order: &Order, s: &Shipped) -> Self {
        Self {
            shipment: s.shipment.clone(),
            purchase_order: PoNumber::of(&order.id, s.purchase_order),
            shipped_at: s.shipped_at,
            carrier: s.carrier.clone(),
            tracking: s.tracking.clone(),
            delivered: s.delivered,
        }
    }
}

/// An order in a list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OrderSummary)]
pub struct OrderRow {
    #[schema(value_type = String)]
    id: OrderId,
    #[schema(value_type = String)]
    status: Status,
    #[schema(value_type = String)]
    mode: Mode,
    #[schema(value_type = String, format = DateTime)]
    placed_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    captured_at: Timestamp,
    #[schema(value_type = String)]
    sales_channel: SmolStr,
    #[schema(value_type = String)]
    service_level: SmolStr,
    #[schema(value_type = RegionWords)]
    destination: Region,
    lines: Vec<LineView>,
    /// Ids of its open cases.
    cases: Vec<String>,
}

impl From<&Order> for OrderRow {
    fn from(order: &Order) -> Self {
        Self {
            id: order.id.clone(),
            status: order.status(),
            mode: order.mode,
            placed_at: order.placed_at,
            captured_at: order.captured_at,
            sales_channel: order.sales_channel.clone(),
            service_level: order.service_level.clone(),
            destination: order.destination.clone(),
            lines: order.lines.iter().map(|line| LineView::new(order, line)).collect(),
            cases: order.cases.iter().filter(|c| c.is_open()).map(|c| c.id.to_string()).collect(),
        }
    }
}

/// Why something is done to an order.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub struct ReasonBody {
    /// A reason code, see `GET /v1/reasons`.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "cancel_customer")]
    pub reason: Option<Reason>,
    /// In what words; at most 4,000 characters.
    #[serde(default)]
    pub words: Option<String>,
}

impl ReasonBody {
    /// The reason, and the words if there are some.
    pub fn said(self, otherwise: Reason) -> (Reason, Option<String>) {
        (self.reason.unwrap_or(otherwise), spoken(self.words))
    }
}

/// Words, if somebody said something.
pub fn spoken(words: Option<String>) -> Option<String> {
    words.map(|words| words.trim().to_owned()).filter(|words| !words.is_empty())
}

/// Where a line is taken, and why.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub struct RerouteBody {
    /// To this source; the rules choose if absent.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub to: Option<SourceId>,
    /// A reason code, see `GET /v1/reasons`.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub reason: Option<Reason>,
    /// In what words; at most 4,000 characters.
    #[serde(default)]
    pub words: Option<String>,
    /// The approval that is answered by it: its outcome says who took which source instead, and in what words.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub approval: Option<ApprovalId>,
}
