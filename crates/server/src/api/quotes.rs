//! What a cart may be promised right now. Writes nothing.

use super::call::Call;
use super::input::Json;
use super::output::Reply;
use super::route::{Api, Route};
use crate::auth::Permission;
use crate::live::{BUDGET, BUDGET_MAX};
use crate::problem::{FieldError, Problem};
use crate::view::words::{RegionWords, is_country};
use countersign_engine::ids::Sku;
use countersign_engine::measure::Quantity;
use countersign_engine::order::LINE_QUANTITY_MAX;
use countersign_engine::quote::{CART_LINES_MAX, Cart, CartLine, QuotedLine};
use countersign_engine::reason::Reason;
use countersign_engine::source::Region;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::time::Duration;
use utoipa::ToSchema;

/// How long a quote may be shown: stock moves, and a quote holds nothing.
const VALID: SignedDuration = SignedDuration::from_mins(15);

pub(super) fn routes(api: &mut Api) {
    api.add(
        Route::post("/v1/quotes", Permission::Quote, "Quotes", "Quote a cart").words(
            "Answers from stored advice, and from vendors' own servers as far as they answer within the budget (300 ms \
             unless said otherwise). Holds nothing and writes nothing.",
        ),
        post,
    );
}

/// A cart.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({"lines": [{"sku": "LAMP-OAK-01", "quantity": 2}], "ship_to": {"country": "US", "postal_code": "73301"}, "service_level": "standard", "budget_ms": 300}))]
pub(super) struct QuoteBody {
    /// 1 to 200 lines.
    lines: Vec<QuoteLineBody>,
    /// Where it goes.
    #[schema(value_type = RegionWords)]
    ship_to: Region,
    /// `standard`, `expedited`, …
    #[serde(default = "standard")]
    #[schema(value_type = String)]
    service_level: SmolStr,
    /// Milliseconds that asking vendors may take; at most 5,000.
    #[serde(default)]
    budget_ms: Option<u64>,
}

fn standard() -> SmolStr {
    SmolStr::new_static("standard")
}

/// A line of a cart.
#[derive(Debug, Deserialize, ToSchema)]
struct QuoteLineBody {
    #[schema(value_type = String)]
    sku: Sku,
    /// Base units; 1 to 100,000.
    #[schema(value_type = u32)]
    quantity: Quantity,
}

/// What may be promised.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Quote)]
pub(super) struct QuoteView {
    lines: Vec<QuoteLineView>,
    /// Ask again after this.
    #[schema(value_type = String, format = DateTime)]
    valid_until: Timestamp,
}

/// What may be promised of one line.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = QuoteLine)]
struct QuoteLineView {
    #[schema(value_type = String)]
    sku: Sku,
    #[schema(value_type = u32)]
    quantity: Quantity,
    /// Units that may be promised.
    #[schema(value_type = u32)]
    promisable: Quantity,
    /// At the carrier by this day; null if nothing may be promised.
    #[schema(value_type = Option<String>, format = Date)]
    ship_by: Option<Date>,
    /// At the door by this day.
    #[schema(value_type = Option<String>, format = Date)]
    deliver_by: Option<Date>,
    /// Age of the oldest advice it rests on.
    advice_age_s: Option<i64>,
    /// True if every source it rests on was asked just now.
    live: bool,
    /// Chance that the sources will accept, as a decimal string.
    confidence: String,
    /// Why not all of it.
    #[schema(value_type = Option<String>)]
    reason: Option<Reason>,
}

impl From<QuotedLine> for QuoteLineView {
    fn from(line: QuotedLine) -> Self {
        let permille = line.confidence_permille.min(1_000);
        Self {
            sku: line.sku,
            quantity: line.quantity,
            promisable: line.promisable,
            ship_by: line.dates.map(|d| d.ship_by),
            deliver_by: line.dates.map(|d| d.deliver_by),
            advice_age_s: line.advice_age_s,
            live: line.live,
            confidence: format!("{}.{:02}", permille / 1_000, permille % 1_000 / 10),
            reason: line.reason,
        }
    }
}

async fn post(call: Call, body: Json<QuoteBody>) -> Result<Reply<QuoteView>, Problem> {
    let QuoteBody { lines, ship_to, service_level, budget_ms } = body.value;
    check(&lines, &ship_to)?;
    let destination = Region { postal_code: ship_to.postal_code.map(|p| p.chars().take(3).collect()), ..ship_to };
    let line = |l: QuoteLineBody| CartLine { sku: l.sku, quantity: l.quantity };
    let cart = Cart { lines: lines.into_iter().map(line).collect(), destination, service_level };
    let budget = budget_ms.map_or(BUDGET, Duration::from_millis).min(BUDGET_MAX);
    let quoted = call.app().office().quote(cart, budget).await?;
    let valid_until = call.now() + VALID;
    Ok(Reply::of(&QuoteView { lines: quoted.into_iter().map(Into::into).collect(), valid_until }))
}

fn check(lines: &[QuoteLineBody], ship_to: &Region) -> Result<(), Problem> {
    let mut errors = vec![];
    if lines.is_empty() || lines.len() > CART_LINES_MAX {
        errors.push(FieldError {
            pointer: "/lines".into(),
            value: lines.len().into(),
            reason: "line_count".into(),
            detail: format!("a cart has 1 to {CART_LINES_MAX} lines"),
        });
    }
    if !is_country(&ship_to.country) {
        errors.push(FieldError {
            pointer: "/ship_to/country".into(),
            value: ship_to.country.as_str().into(),
            reason: "country".into(),
            detail: "use two capital letters of ISO 3166-1, such as \"US\"".into(),
        });
    }
    for (i, line) in lines.iter().enumerate() {
        if line.quantity.is_zero() || line.quantity.get() > LINE_QUANTITY_MAX {
            errors.push(FieldError {
                pointer: format!("/lines/{i}/quantity"),
                value: line.quantity.get().into(),
                reason: "quantity_out_of_range".into(),
                detail: format!("a quantity is 1 to {LINE_QUANTITY_MAX}"),
            });
        }
    }
    Problem::fields(errors).map_or(Ok(()), Err)
}
