//! The part of the world that one decision may read.
//!
//! Reading a key that was not asked for panics: a dishonest `needs` cannot hide from the simulator. Records are shared
//! and copied only when an event changes them, so a scratch copy costs almost nothing.

use crate::calibration::{Evidence, Learnt};
use crate::case::Case;
use crate::history::Histories;
use crate::ids::{OrderId, Sku, SourceId};
use crate::item::Item;
use crate::offer::Offer;
use crate::order::Order;
use crate::policy::{Policy, PolicyBook};
use crate::source::{Feed, Load, Source};
use crate::stock::Stock;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The name of a record.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Key {
    /// The policy in force.
    Policy,
    /// Every version of the policy, and where it stands.
    PolicyBook,
    /// The document of one version, by its number (see [`Key::policy_version`]).
    PolicyVersion(smol_str::SmolStr),
    /// An item.
    Item(Sku),
    /// A source.
    Source(SourceId),
    /// Which sources offer an item.
    Offerers(Sku),
    /// A source's offer of an item.
    Offer(SourceId, Sku),
    /// A source's advice for an item, and our holds on it.
    Stock(SourceId, Sku),
    /// A source's last full feed.
    Feed(SourceId),
    /// Units a source is to ship, by day.
    Load(SourceId),
    /// Cases about a source as such.
    Desk(SourceId),
    /// What the answers of all sources amount to.
    Learnt,
    /// What the answers of one source amount to.
    Evidence(SourceId),
    /// The histories that are kept.
    Histories,
    /// An order.
    Order(OrderId),
}

/// A key as it is looked for: the same order as of keys, and nothing is copied to ask.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Clone, Copy)]
enum Sought<'a> {
    Policy,
    PolicyBook,
    PolicyVersion(&'a str),
    Item(&'a str),
    Source(&'a str),
    Offerers(&'a str),
    Offer(&'a str, &'a str),
    Stock(&'a str, &'a str),
    Feed(&'a str),
    Load(&'a str),
    Desk(&'a str),
    Learnt,
    Evidence(&'a str),
    Histories,
    Order(&'a str),
}

impl<'a> From<&'a Key> for Sought<'a> {
    #[inline]
    fn from(key: &'a Key) -> Self {
        match key {
            Key::Policy => Sought::Policy,
            Key::PolicyBook => Sought::PolicyBook,
            Key::PolicyVersion(version) => Sought::PolicyVersion(version),
            Key::Item(sku) => Sought::Item(sku.as_str()),
            Key::Source(id) => Sought::Source(id.as_str()),
            Key::Offerers(sku) => Sought::Offerers(sku.as_str()),
            Key::Offer(source, sku) => Sought::Offer(source.as_str(), sku.as_str()),
            Key::Stock(source, sku) => Sought::Stock(source.as_str(), sku.as_str()),
            Key::Feed(id) => Sought::Feed(id.as_str()),
            Key::Load(id) => Sought::Load(id.as_str()),
            Key::Desk(id) => Sought::Desk(id.as_str()),
            Key::Learnt => Sought::Learnt,
            Key::Evidence(id) => Sought::Evidence(id.as_str()),
            Key::Histories => Sought::Histories,
            Key::Order(id) => Sought::Order(id.as_str()),
        }
    }
}

impl Key {
    /// The document of a version.
    pub fn policy_version(version: u32) -> Self {
        Key::PolicyVersion(smol_str::format_smolstr!("{version}"))
    }
}

/// Sources that offer an item.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Offerers {
    /// In order of their ids.
    pub sources: std::collections::BTreeSet<SourceId>,
}

/// Cases about a source as such.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Desk {
    /// In order of opening.
    pub cases: Vec<Case>,
}

/// A record of any kind. `Arc`, so that slices share what they do not change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
#[expect(missing_docs, reason = "one variant per key, named alike")]
pub enum Record {
    Policy(Arc<Policy>),
    PolicyBook(Arc<PolicyBook>),
    PolicyVersion(Arc<Policy>),
    Item(Arc<Item>),
    Source(Arc<Source>),
    Offerers(Arc<Offerers>),
    Offer(Arc<Offer>),
    Stock(Arc<Stock>),
    Feed(Arc<Feed>),
    Load(Arc<Load>),
    Desk(Arc<Desk>),
    Learnt(Arc<Learnt>),
    Evidence(Arc<Evidence>),
    Histories(Arc<Histories>),
    Order(Arc<Order>),
}

impl Record {
    /// The JSON text of the record's body.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("because records are plain data")
    }
    /// Reads back the body of the record that `key` names.
    pub fn from_json(key: &Key, body: &str) -> Result<Record, serde_json::Error> {
        Ok(match key {
            Key::Policy => Record::Policy(serde_json::from_str(body)?),
            Key::PolicyBook => Record::PolicyBook(serde_json::from_str(body)?),
            Key::PolicyVersion(_) => Record::PolicyVersion(serde_json::from_str(body)?),
            Key::Item(_) => Record::Item(serde_json::from_str(body)?),
            Key::Source(_) => Record::Source(serde_json::from_str(body)?),
            Key::Offerers(_) => Record::Offerers(serde_json::from_str(body)?),
            Key::Offer(..) => Record::Offer(serde_json::from_str(body)?),
            Key::Stock(..) => Record::Stock(serde_json::from_str(body)?),
            Key::Feed(_) => Record::Feed(serde_json::from_str(body)?),
            Key::Load(_) => Record::Load(serde_json::from_str(body)?),
            Key::Desk(_) => Record::Desk(serde_json::from_str(body)?),
            Key::Learnt => Record::Learnt(serde_json::from_str(body)?),
            Key::Evidence(_) => Record::Evidence(serde_json::from_str(body)?),
            Key::Histories => Record::Histories(serde_json::from_str(body)?),
            Key::Order(_) => Record::Order(serde_json::from_str(body)?),
        })
    }
}

impl Sought<'_> {
    /// A number that two keys seldom share: only who has the same is compared in full. Ids differ at their ends and in
    /// length, so that is all of them that is looked at.
    fn tag(&self) -> u8 {
        let (kind, first, second) = match *self {
            Sought::Policy => (0, "", ""),
            Sought::PolicyBook => (1, "", ""),
            Sought::PolicyVersion(version) => (2, version, ""),
            Sought::Item(sku) => (3, sku, ""),
            Sought::Source(id) => (4, id, ""),
            Sought::Offerers(sku) => (5, sku, ""),
            Sought::Offer(source, sku) => (6, source, sku),
            Sought::Stock(source, sku) => (7, source, sku),
            Sought::Feed(id) => (8, id, ""),
            Sought::Load(id) => (9, id, ""),
            Sought::Desk(id) => (10, id, ""),
            Sought::Learnt => (11, "", ""),
            Sought::Evidence(id) => (12, id, ""),
            Sought::Histories => (13, "", ""),
            Sought::Order(id) => (14, id, ""),
        };
        // Odd constants without pattern (the digits of pi), so that every bit of an end reaches the upper half.
        let mixed = (end(first) ^ kind).wrapping_mul(0x243f_6a88_85a3_08d3)
            ^ end(second).wrapping_mul(0x1319_8a2e_0370_7345).rotate_left(17);
        (mixed >> 56) as u8
    }
}

/// The last eight bytes of a text, and its length.
fn end(text: &str) -> u64 {
    let bytes = text.as_bytes();
    let last = match bytes.last_chunk::<8>() {
        Some(last) => u64::from_le_bytes(*last),
        None => bytes.iter().fold(0, |sum, byte| (sum << 8) | u64::from(*byte)),
    };
    last ^ (bytes.len() as u64).rotate_right(8)
}

/// Slots up to which looking through all tags costs less than halving over the keys.
const SCANNED_MAX: usize = 128;
/// Tags in one word, the first in its lowest byte: they are compared at once.
const TAGS: usize = 8;
/// A one in each byte of a word.
const ONES: u64 = 0x0101_0101_0101_0101;

/// The records one decision asked for, each there or known to be absent.
#[derive(Debug, Clone, Default)]
pub struct Slice {
    /// In key order.
    slots: Vec<(Key, Option<Record>)>,
    /// The tag of each slot's key; empty in a slice of more than [`SCANNED_MAX`] slots.
    tags: Vec<u64>,
}

// One macro, because all accessors must fail alike when a key was not asked for.
macro_rules! access {
    ($($get:ident, $edit:ident, $variant:ident, $ty:ty, ($($arg:ident: $argty:ty),*), $key:expr;)*) => {
        impl Slice {
            $(
                #[doc = concat!("The ", stringify!($variant), " record, if there is one.")]
                pub fn $get(&self, $($arg: $argty),*) -> Option<&$ty> {
                    match self.slot($key) { Some(Record::$variant(r)) => Some(r), _ => None }
                }
                #[allow(dead_code, reason = "some records are only ever replaced whole")]
                pub(crate) fn $edit(&mut self, $($arg: $argty),*) -> Option<&mut $ty> {
                    match self.slot_mut($key) { Some(Record::$variant(r)) => Some(Arc::make_mut(r)), _ => None }
                }
            )*
        }
    };
}

access! {
    policy_record, policy_mut, Policy, Policy, (), Sought::Policy;
    policy_book, policy_book_mut, PolicyBook, PolicyBook, (), Sought::PolicyBook;
    policy_version, policy_version_mut, PolicyVersion, Policy, (version: u32), Sought::PolicyVersion(&smol_str::format_smolstr!("{version}"));
    item, item_mut, Item, Item, (sku: &Sku), Sought::Item(sku.as_str());
    source, source_mut, Source, Source, (id: &SourceId), Sought::Source(id.as_str());
    offerers, offerers_mut, Offerers, Offerers, (sku: &Sku), Sought::Offerers(sku.as_str());
    offer, offer_mut, Offer, Offer, (source: &SourceId, sku: &Sku), Sought::Offer(source.as_str(), sku.as_str());
    stock, stock_mut, Stock, Stock, (source: &SourceId, sku: &Sku), Sought::Stock(source.as_str(), sku.as_str());
    feed, feed_mut, Feed, Feed, (source: &SourceId), Sought::Feed(source.as_str());
    load, load_mut, Load, Load, (source: &SourceId), Sought::Load(source.as_str());
    desk, desk_mut, Desk, Desk, (source: &SourceId), Sought::Desk(source.as_str());
    learnt, learnt_mut, Learnt, Learnt, (), Sought::Learnt;
    evidence, evidence_mut, Evidence, Evidence, (id: &SourceId), Sought::Evidence(id.as_str());
    histories, histories_mut, Histories, Histories, (), Sought::Histories;
    order, order_mut, Order, Order, (id: &OrderId), Sought::Order(id.as_str());
}

impl Slice {
    /// A slice of these records; absent ones are given as `None`.
    pub fn new(records: impl IntoIterator<Item = (Key, Option<Record>)>) -> Self {
        let mut slots: Vec<_> = records.into_iter().collect();
        slots.sort_by(|a, b| a.0.cmp(&b.0));
        let word = |slots: &[(Key, Option<Record>)]| {
            slots.iter().rev().fold(0, |word, (key, _)| word << 8 | u64::from(Sought::from(key).tag()))
        };
        let few = slots.len() <= SCANNED_MAX;
        let tags = if few { slots.chunks(TAGS).map(word).collect() } else { vec![] };
        Self { slots, tags }
    }
    /// True if the key was asked for.
    pub fn has(&self, key: &Key) -> bool {
        self.find(key.into()).is_some()
    }
    /// The policy in force; the one as delivered until the retailer writes one.
    pub fn policy(&self) -> &Policy {
        self.policy_record().unwrap_or(Policy::as_delivered())
    }
    /// The same, shared; `None` if it was not asked for, or nobody has written one.
    pub(crate) fn shared_policy(&self) -> Option<&Arc<Policy>> {
        // It sorts before all else.
        match self.slots.first() {
            Some((Key::Policy, Some(Record::Policy(policy)))) => Some(policy),
            _ => None,
        }
    }
    /// True if the policy was asked for.
    pub(crate) fn reads_policy(&self) -> bool {
        matches!(self.slots.first(), Some((Key::Policy, _)))
    }
    /// The record at a place, in key order.
    pub fn at(&self, place: usize) -> Option<&Record> {
        self.slots[place].1.as_ref()
    }
    /// Puts another record at a place, in key order; gives the one that was there.
    pub fn exchange(&mut self, place: usize, record: Option<Record>) -> Option<Record> {
        std::mem::replace(&mut self.slots[place].1, record)
    }
    /// Puts another order, or none under that id, at the last place, where an order stands; gives the one that was there.
    ///
    /// # Panics
    /// If no order was asked for: orders sort behind all else.
    pub fn exchange_order(&mut self, id: &OrderId, order: Option<Arc<Order>>) -> Option<Arc<Order>> {
        let last = self.slots.len().saturating_sub(1);
        let Some((Key::Order(stands), record)) = self.slots.last_mut() else { panic!("no order was asked for") };
        if stands != id {
            *stands = id.clone();
            if let Some(word) = self.tags.get_mut(last / TAGS) {
                let bits = 8 * (last % TAGS);
                *word = *word & !(0xff << bits) | u64::from(Sought::Order(id.as_str()).tag()) << bits;
            }
        }
        match std::mem::replace(record, order.map(Record::Order)) {
            Some(Record::Order(order)) => Some(order),
            _ => None,
        }
    }
    /// All records, in key order.
    pub fn records(&self) -> impl Iterator<Item = (&Key, Option<&Record>)> {
        self.slots.iter().map(|(k, r)| (k, r.as_ref()))
    }
    /// Takes the slice apart.
    pub fn into_records(self) -> impl Iterator<Item = (Key, Option<Record>)> {
        self.slots.into_iter()
    }

    /// The stock of an offer; where there is no record, as it is before anything was advised.
    pub(crate) fn stock_made(&mut self, source: &SourceId, sku: &Sku) -> &mut Stock {
        let slot = self.slot_to_change(Sought::Stock(source.as_str(), sku.as_str()));
        let made = || Record::Stock(Stock::unadvised(source.clone(), sku.clone()).into());
        match slot.get_or_insert_with(made) {
            Record::Stock(stock) => Arc::make_mut(stock),
            other => panic!("{other:?} stands under the key of a stock"),
        }
    }
    pub(crate) fn put(&mut self, key: Key, record: Record) {
        *self.slot_to_change((&key).into()) = Some(record);
    }
    fn find(&self, key: Sought) -> Option<usize> {
        // What is asked for most stands last.
        if let (Sought::Order(id), Some((Key::Order(stands), _))) = (key, self.slots.last())
            && stands.as_str() == id
        {
            return Some(self.slots.len() - 1);
        }
        if self.slots.len() > SCANNED_MAX {
            return self.slots.binary_search_by(|(k, _)| Sought::from(k).cmp(&key)).ok();
        }
        let everywhere = u64::from(key.tag()) * ONES;
        for (n, word) in self.tags.iter().enumerate() {
            // A byte that is the tag becomes zero, and zero bytes show their highest bit; one above such may show it, too.
            let differs = word ^ everywhere;
            let mut alike = differs.wrapping_sub(ONES) & !differs & (ONES << 7);
            while alike != 0 {
                let at = n * TAGS + alike.trailing_zeros() as usize / 8;
                if self.slots.get(at).is_some_and(|(stands, _)| Sought::from(stands) == key) {
                    return Some(at);
                }
                alike &= alike - 1;
            }
        }
        None
    }
    fn slot(&self, key: Sought) -> Option<&Record> {
        let at = self.find(key).unwrap_or_else(|| panic!("the record {key:?} was read without having been asked for"));
        self.slots[at].1.as_ref()
    }
    fn slot_mut(&mut self, key: Sought) -> Option<&mut Record> {
        self.slot_to_change(key).as_mut()
    }
    fn slot_to_change(&mut self, key: Sought) -> &mut Option<Record> {
        let at =
            self.find(key).unwrap_or_else(|| panic!("the record {key:?} was changed without having been asked for"));
        &mut self.slots[at].1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_for_is_found_and_nothing_else() {
        let sku = |n: u32| Sku::new(format!("SKU-{n}")).unwrap();
        let source = |n: u32| SourceId::new(format!("S{n}")).unwrap();
        for size in [0, 1, 7, 8, 9, 60, SCANNED_MAX as u32 / 2, 200] {
            let keys = (0..size).flat_map(|n| [Key::Stock(source(n % 5), sku(n)), Key::Item(sku(n))]);
            let slice = Slice::new(keys.chain([Key::Policy]).map(|key| (key, None)));
            assert_eq!(slice.find(Sought::Policy), Some(0), "of {size}");
            assert!(slice.reads_policy() && slice.find(Sought::PolicyBook).is_none());
            for n in 0..2 * size {
                let (source, sku) = (source(n % 5), sku(n));
                let stock = slice.find(Sought::Stock(source.as_str(), sku.as_str()));
                assert_eq!(stock.is_some(), n < size, "{n} of {size}");
                assert!(stock.is_none_or(|at| slice.slots[at].0 == Key::Stock(source.clone(), sku.clone())));
                assert_eq!(slice.has(&Key::Item(sku.clone())), n < size, "{n} of {size}");
                assert!(!slice.has(&Key::Offer(source, sku)));
            }
        }
    }

    #[test]
    fn an_order_takes_the_place_of_another() {
        let id = |n: u32| OrderId::new(format!("order-{n}")).unwrap();
        for others in 0..20 {
            let sources = (0..others).map(|n| Key::Source(SourceId::new(format!("S{n}")).unwrap()));
            let mut slice = Slice::new(sources.chain([Key::Order(id(1))]).map(|key| (key, None)));
            assert_eq!(slice.exchange_order(&id(2), None), None);
            assert!(slice.has(&Key::Order(id(2))) && !slice.has(&Key::Order(id(1))));
            assert!(slice.records().all(|(key, _)| slice.has(key)), "{others} others");
        }
    }
}
