//! What is known about the matter that a table is asked about: every input, as far as somebody knows it.

use super::cell::{ONE, Value};
use super::column::Input;
use crate::ids::{OrderId, Sku, SourceId};
use crate::item::Category;
use crate::measure::{Money, Quantity};
use crate::order::ClockKind;
use crate::source::{Region, SourceKind};
use jiff::Timestamp;
use std::borrow::Cow;

/// Places in the cohorts: hundredths of a percent.
const COHORTS: u64 = 10_000;

/// The facts behind one question. What is absent is unknown.
#[derive(Debug, Clone, Copy, Default)]
#[expect(missing_docs, reason = "fields are named as the inputs that they answer")]
pub struct Matter<'a> {
    pub now: Option<Timestamp>,
    pub vendor: Option<&'a SourceId>,
    pub kind: Option<SourceKind>,
    pub sku: Option<&'a Sku>,
    pub category: Option<&'a Category>,
    pub quantity: Option<Quantity>,
    pub cost: Option<Money>,
    pub destination: Option<&'a Region>,
    pub service_level: Option<&'a str>,
    pub sales_channel: Option<&'a str>,
    pub advice_age_s: Option<i64>,
    pub acceptance_permille: Option<u32>,
    pub advised: Option<Quantity>,
    pub days_to_door: Option<i64>,
    pub attempt: Option<u32>,
    /// In hundredths of a percent.
    pub cohort: Option<u32>,
    pub clock: Option<ClockKind>,
    pub cost_increase_percent: Option<u32>,
    pub is_split: Option<bool>,
    pub is_late: Option<bool>,
}

impl<'a> Matter<'a> {
    /// The value of an input.
    pub fn value(&self, input: Input) -> Value<'a> {
        let whole = |n: i64| Value::Number(n.saturating_mul(ONE));
        let text = |t: &'a str| Value::Text(Cow::Borrowed(t));
        let yes_no = |b: bool| text(if b { "yes" } else { "no" });
        let found = match input {
            Input::Vendor => self.vendor.map(|v| text(v.as_str())),
            Input::SourceKind => self.kind.map(|k| match k {
                SourceKind::Vendor => text("vendor"),
                SourceKind::Dc => text("dc"),
            }),
            Input::Sku => self.sku.map(|s| text(s.as_str())),
            Input::Category => self.category.map(|c| text(c.as_str())),
            Input::Quantity => self.quantity.map(|q| whole(i64::from(q.get()))),
            Input::Cost => self.cost.map(|c| Value::Number(in_ten_thousandths(c))),
            Input::Currency => self.cost.map(|c| Value::Text(Cow::Owned(c.currency.to_string()))),
            Input::Destination => self.destination.map(path),
            Input::PostalCode => self.destination.and_then(|d| d.postal_code.as_deref()).map(text),
            Input::ServiceLevel => self.service_level.map(text),
            Input::SalesChannel => self.sales_channel.map(text),
            Input::AdviceAgeMinutes => self.advice_age_s.map(|s| Value::Number(s.saturating_mul(ONE) / 60)),
            Input::AcceptancePercent => self.acceptance_permille.map(|p| Value::Number(i64::from(p) * ONE / 10)),
            Input::AdvisedQuantity => self.advised.map(|q| whole(i64::from(q.get()))),
            Input::DaysToDoor => self.days_to_door.map(whole),
            Input::Attempt => self.attempt.map(|n| whole(i64::from(n))),
            Input::CohortPercent => self.cohort.map(|c| Value::Number(i64::from(c) * ONE / 100)),
            Input::Clock => self.clock.map(|c| match c {
                ClockKind::Receipt => text("receipt"),
                ClockKind::Acknowledgment => text("acknowledgment"),
                ClockKind::ShipNotice => text("ship_notice"),
                ClockKind::CancelAnswer => text("cancel_answer"),
            }),
            Input::CostIncreasePercent => Some(whole(i64::from(self.cost_increase_percent.unwrap_or(0)))),
            Input::Split => self.is_split.map(yes_no),
            Input::LatePromise => self.is_late.map(yes_no),
        };
        found.unwrap_or(Value::Unknown)
    }
}

fn path(region: &Region) -> Value<'_> {
    Value::Text(match &region.region {
        Some(inner) => Cow::Owned(format!("{}/{inner}", region.country)),
        None => Cow::Borrowed(region.country.as_str()),
    })
}

/// An amount with four decimals.
fn in_ten_thousandths(amount: Money) -> i64 {
    amount.minor.saturating_mul(10_i64.pow(4 - amount.currency.decimals().min(4)))
}

/// The place of an order in the cohorts, in hundredths of a percent (0 to 9999): always the same for an order id and a
/// salt, evenly spread (FNV-1a, then the finisher of SplitMix64).
pub fn cohort(salt: &str, order: &OrderId) -> u32 {
    let bytes = salt.bytes().chain([0]).chain(order.as_str().bytes());
    let mut hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0000_0100_0000_01b3));
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^= hash >> 31;
    u32::try_from(hash % COHORTS).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cohorts_are_stable_and_even() {
        let of = |n: u32, salt: &str| cohort(salt, &OrderId::new(n.to_string()).unwrap());
        assert_eq!(of(1001, "spring"), of(1001, "spring"));
        for salt in ["", "spring"] {
            let tenth = (0..100_000).filter(|n| of(*n, salt) < 1_000).count();
            assert!((9_700..10_300).contains(&tenth), "{tenth} of 100000 in a tenth");
        }
        let both = (0..100_000).filter(|n| of(*n, "") < 1_000 && of(*n, "spring") < 1_000).count();
        assert!((850..1_150).contains(&both), "{both}: another salt must draw other orders");
    }
}
