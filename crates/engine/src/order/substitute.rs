//! What goes instead of what was ordered, and what that makes of the costs.

use super::Assignment;
use crate::ids::{Sku, VendorSku};
use crate::item::Unit;
use crate::measure::{Money, Quantity};
use serde::{Deserialize, Serialize};

/// Another article that goes instead of units of an assignment, once a person took it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Substitute {
    /// Our number of it, if it has one here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sku: Option<Sku>,
    /// The source's number of it.
    pub vendor_sku: VendorSku,
    /// The source's unit.
    pub pack_unit: Unit,
    /// Base units in one pack.
    pub pack_size: u32,
    /// Base units that it replaces.
    pub quantity: Quantity,
    /// Cost of one pack; nobody here knows it if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit_cost: Option<Money>,
    /// Its way, which is paid instead of that of what was ordered; it goes along if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shipping_cost: Option<Money>,
}

impl Substitute {
    /// What so many base units of it cost: packs that are begun are paid.
    pub fn goods(&self, units: Quantity) -> Option<Money> {
        self.unit_cost.map(|each| each.times(begun(units, self.pack_size)))
    }
    /// Goods and way together, if it is known what it costs.
    pub fn cost(&self) -> Option<Money> {
        let goods = self.goods(self.quantity)?;
        Some(self.shipping_cost.map_or(goods, |way| goods.plus(way)))
    }
}

impl Assignment {
    /// What it costs once a substitute is taken: its price instead of that of the units that it replaces. `None` where that
    /// is not known, or cannot be added to what remains: the cost stays what was planned then.
    pub(crate) fn cost_with(&self, substitute: &Substitute) -> Option<Money> {
        let goods = substitute.goods(substitute.quantity)?;
        let remains = self.as_ordered().less(substitute.quantity);
        if goods.currency != self.cost.currency {
            let whole = remains.is_zero() && self.substitutes.is_empty();
            return substitute.cost().filter(|_| whole && substitute.shipping_cost.is_some());
        }
        let less = self.ordered_goods(self.as_ordered()).minor - self.ordered_goods(remains).minor;
        let way = substitute.shipping_cost.map_or(0, |way| way.minor - self.way().minor);
        let minor = self.cost.minor - less + way + goods.minor;
        Some(Money { minor, ..self.cost })
    }

    /// What it costs as far as it is supplied: of what was ordered its share.
    pub fn cost_of_supply(&self) -> Money {
        let share = |cost: Money, part: Quantity, whole: Quantity| Money {
            minor: cost.minor.saturating_mul(i64::from(part.get())) / i64::from(whole.get()).max(1),
            ..cost
        };
        if self.known().next().is_none() {
            return share(self.cost, self.supply(), self.quantity);
        }
        // What is supplied is first what a person took instead.
        let mut left = self.supply();
        let mut cost = if left.is_zero() { Money::zero(self.cost.currency) } else { self.way() };
        for substitute in &self.substitutes {
            let units = left.min(substitute.quantity);
            let goods = substitute.goods(units).filter(|_| self.priced(substitute));
            cost = cost.plus(goods.unwrap_or(self.ordered_goods(units)));
            left -= units;
        }
        let ordered = self.as_ordered();
        cost.plus(share(self.ordered_goods(ordered), left.min(ordered), ordered))
    }

    /// True if its price stands in the cost.
    fn priced(&self, substitute: &Substitute) -> bool {
        substitute.unit_cost.is_some_and(|each| each.currency == self.cost.currency)
    }
    /// The substitutes whose price stands in the cost.
    fn known(&self) -> impl Iterator<Item = &Substitute> {
        self.substitutes.iter().filter(|s| self.priced(s))
    }
    /// Base units whose cost is still that of what was ordered.
    fn as_ordered(&self) -> Quantity {
        self.quantity.less(self.known().map(|s| s.quantity).sum())
    }
    fn ordered_goods(&self, units: Quantity) -> Money {
        self.unit_cost.times(begun(units, self.pack_size))
    }
    /// What the cost holds besides goods.
    fn way(&self) -> Money {
        let goods = self.known().filter_map(|s| s.goods(s.quantity)).map(|m| m.minor).sum::<i64>();
        let minor = self.cost.minor - goods - self.ordered_goods(self.as_ordered()).minor;
        Money { minor, ..self.cost }
    }
}

fn begun(units: Quantity, pack_size: u32) -> Quantity {
    let (packs, rest) = units.packs(pack_size);
    if rest.is_zero() { packs } else { packs + Quantity::new(1) }
}
