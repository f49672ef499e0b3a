//! The records of sources, offers and items as an installation has them: with its working days, cut-offs, kinds, packs and
//! substitutes a replay decides as it would here. A history that was read from files has none, and what its rows show
//! stands in.
//!
//! The latest record of each counts, for the whole history.

use countersign_engine::item::{Item, ItemStatus};
use countersign_engine::offer::{Offer, OfferStatus};
use countersign_engine::source::Source;
use std::collections::BTreeMap;

/// Records, by the indexes of their history.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Records {
    /// By source. Capacities of a day are left out: orders that are replayed apart do not know of each other.
    pub sources: BTreeMap<u32, Source>,
    /// By item and source.
    pub offers: BTreeMap<(u32, u32), Offer>,
    /// By item.
    pub items: BTreeMap<u32, Item>,
}

impl Records {
    /// Keeps a source. One that takes no orders now took them when it had them.
    pub fn source(&mut self, index: u32, source: &Source) {
        self.sources.insert(index, Source { taking_orders: true, daily_capacity: None, ..source.clone() });
    }
    /// Keeps an offer, as active: it was, when it was ordered from.
    pub fn offer(&mut self, item: u32, source: u32, offer: &Offer) {
        self.offers.insert((item, source), Offer { status: OfferStatus::Active, ..offer.clone() });
    }
    /// Keeps an item, as active.
    pub fn item(&mut self, index: u32, item: &Item) {
        self.items.insert(index, Item { status: ItemStatus::Active, ..item.clone() });
    }
}
