//! Small shapes that many bodies share, and how instants are read.

use countersign_engine::command::Actor;
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};
use smol_str::SmolStr;
use utoipa::ToSchema;

/// An amount: a decimal string and an ISO 4217 code.
#[derive(ToSchema)]
#[schema(as = Money)]
#[expect(dead_code, reason = "describes the engine's Money to the documentation")]
pub struct MoneyWords {
    /// Decimal string with at most as many decimals as the currency has.
    #[schema(example = "41.50")]
    amount: String,
    /// ISO 4217, three capital letters.
    #[schema(example = "USD")]
    currency: String,
}

/// A place, as far as transit times need it.
#[derive(ToSchema)]
#[schema(as = Region)]
#[expect(dead_code, reason = "describes the engine's Region to the documentation")]
pub struct RegionWords {
    /// ISO 3166-1 alpha-2.
    #[schema(example = "US")]
    country: String,
    /// State or province.
    region: Option<String>,
    /// Postal code; of customers only its first three characters are kept.
    postal_code: Option<String>,
}

/// Who did something.
#[derive(ToSchema)]
#[schema(as = Actor)]
#[expect(dead_code, reason = "describes the engine's Actor to the documentation")]
pub struct ActorWords {
    /// `engine`, `program`, `person` or `source`.
    kind: String,
    /// The key's or person's name.
    name: Option<String>,
    /// The person's role.
    role: Option<String>,
    /// The source that spoke.
    source: Option<String>,
}

/// Name and address of a person; kept apart from the log, erasable.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Party {
    /// Name.
    #[serde(default)]
    pub name: String,
    /// Street and number.
    #[serde(default)]
    pub address1: String,
    /// Second line of the address.
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
    #[schema(value_type = String, example = "US")]
    pub country: SmolStr,
    /// Phone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

/// The customer; kept apart from the log, erasable.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Customer {
    /// Name.
    #[serde(default)]
    pub name: String,
    /// Mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Phone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// The shop's own id of the customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

/// Reads an instant; one without an offset could be anywhere on earth and is refused.
pub fn instant<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
    let text = std::borrow::Cow::<'de, str>::deserialize(from)?;
    text.parse().map_err(|_| {
        serde::de::Error::custom(format!(
            "{text:?} is no instant: use ISO 8601 with an offset, such as \"2026-11-23T09:00:00-06:00\""
        ))
    })
}

/// As [`instant`], for a field that may be absent.
pub fn instant_if_any<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Timestamp>, D::Error> {
    #[derive(Deserialize)]
    struct Wrapped(#[serde(deserialize_with = "instant")] Timestamp);
    Ok(Option::<Wrapped>::deserialize(from)?.map(|w| w.0))
}

/// True for two capital letters, as ISO 3166-1 alpha-2 has them.
pub fn is_country(code: &str) -> bool {
    code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase())
}

/// An actor as JSON.
pub fn actor(actor: &Actor) -> serde_json::Value {
    serde_json::to_value(actor).expect("because actors are plain data")
}
