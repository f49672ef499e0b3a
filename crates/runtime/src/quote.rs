//! What a cart may be promised: from records in memory, and from what sources with a live API say at this moment.
//!
//! Writes nothing. Does not ask anybody: whoever does gives the answers here, and puts what they say ahead of a capture.

use crate::desk::Desk;
use crate::ports::StoreError;
use countersign_engine::calibration::Calibration;
use countersign_engine::command::{Actor, CaptureOrder, Command, Deed, ReportAdvice, ReportedLine};
use countersign_engine::decide::ROUNDS_MAX;
use countersign_engine::ids::{Sku, SourceId, VendorSku};
use countersign_engine::measure::Quantity;
use countersign_engine::offer::{Offer, OfferStatus};
use countersign_engine::quote::{Cart, CartLine, Knowledge, QuotedLine, needs, quote};
use countersign_engine::slice::{Key, Record, Slice};
use countersign_engine::source::Source;
use countersign_engine::stock::{Incoming, Origin, Stock};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A cart with all records that bear on it.
#[derive(Debug, Clone)]
pub struct Enquiry {
    cart: Cart,
    slice: Slice,
    live: BTreeMap<SourceId, BTreeMap<Sku, Quantity>>,
}

impl Enquiry {
    /// Lays the records before a cart, from memory where they are there.
    ///
    /// # Errors
    /// The store could not be read.
    pub fn open(desk: &Desk, cart: Cart) -> Result<Self, StoreError> {
        let mut slice = Slice::default();
        for _ in 0..ROUNDS_MAX {
            let fresh: Vec<Key> = needs(&slice, &cart).into_iter().filter(|key| !slice.has(key)).collect();
            if fresh.is_empty() {
                break;
            }
            let records = desk.read(&fresh)?;
            slice = Slice::new(slice.into_records().chain(fresh.into_iter().zip(records)));
        }
        Ok(Self { cart, slice, live: BTreeMap::new() })
    }

    /// The same for an order that is about to be captured.
    ///
    /// # Errors
    /// The store could not be read.
    pub fn of_order(desk: &Desk, order: &CaptureOrder) -> Result<Self, StoreError> {
        let line = |l: &countersign_engine::command::CaptureLine| CartLine { sku: l.sku.clone(), quantity: l.quantity };
        let lines = order.lines.iter().map(line).collect();
        let (destination, service_level) = (order.destination.clone(), order.service_level.clone());
        Self::open(desk, Cart { lines, destination, service_level })
    }

    /// Whom one could ask now, and for which of its items: sources that take orders, in order of their ids. Which of
    /// them have a live API is for the caller to know.
    pub fn askable(&self) -> Vec<(Arc<Source>, Vec<VendorSku>)> {
        let mut askable: BTreeMap<&SourceId, (Arc<Source>, Vec<VendorSku>)> = BTreeMap::new();
        for (_, record) in self.slice.records() {
            if let Some(Record::Source(source)) = record
                && source.taking_orders
            {
                askable.insert(&source.id, (source.clone(), vec![]));
            }
        }
        for offer in self.offers().filter(|o| o.status == OfferStatus::Active) {
            if let Some((_, wanted)) = askable.get_mut(&offer.source) {
                wanted.push(offer.vendor_sku.clone());
            }
        }
        askable.into_values().filter(|(_, wanted)| !wanted.is_empty()).collect()
    }

    /// Takes in what a source said just now, in its packs. What it did not name stays as advised.
    pub fn answered(&mut self, source: &SourceId, packs: &[(VendorSku, u32)]) {
        let units = |offer: &Offer| {
            let (_, count) = packs.iter().find(|(named, _)| *named == offer.vendor_sku)?;
            Quantity::new(*count).times(offer.pack.base_units)
        };
        let of_source = self.offers().filter(|o| o.source == *source);
        let said: BTreeMap<Sku, Quantity> = of_source.filter_map(|o| Some((o.sku.clone(), units(o)?))).collect();
        if !said.is_empty() {
            self.live.entry(source.clone()).or_default().extend(said);
        }
    }

    /// The quote, its confidence by what sources' answers have taught.
    pub fn quote(&self, now: Timestamp, learnt: &Calibration) -> Vec<QuotedLine> {
        if self.live.is_empty() {
            return quote(&self.slice, now, &self.cart, Knowledge { live: &BTreeSet::new(), learnt });
        }
        let live = self.live.keys().cloned().collect();
        quote(&self.with_live(now), now, &self.cart, Knowledge { live: &live, learnt })
    }

    /// What the sources said just now, as commands to be put ahead of a capture.
    pub fn reports(&self, now: Timestamp) -> Vec<Command> {
        let report = |(source, said): (&SourceId, &BTreeMap<Sku, Quantity>)| {
            let lines = said.iter().map(|(sku, quantity)| {
                let announced = self.slice.stock(source, sku).map(|s| s.announced()).into_iter().flatten();
                let receipt = |i: &Incoming| Incoming { quantity: i.quantity, ..Incoming::default() };
                let incoming = announced.map(|(day, i)| (*day, receipt(i))).collect();
                ReportedLine { sku: sku.clone(), quantity: *quantity, incoming, absent: false }
            });
            let report = ReportAdvice {
                source: source.clone(),
                as_of: now,
                origin: Origin::Api,
                full: false,
                completes_feed: false,
                unchanged: 0,
                lines: lines.collect(),
            };
            Command { by: Actor::Source { source: source.clone() }, deed: Deed::ReportAdvice(report) }
        };
        self.live.iter().map(report).collect()
    }

    fn offers(&self) -> impl Iterator<Item = &Offer> {
        self.slice.records().filter_map(|(_, record)| match record {
            Some(Record::Offer(offer)) => Some(&**offer),
            _ => None,
        })
    }

    /// The records as if the sources' words of just now had been recorded.
    fn with_live(&self, now: Timestamp) -> Slice {
        let said = |key: &Key| match key {
            Key::Stock(source, sku) => self.live.get(source)?.get(sku).copied(),
            _ => None,
        };
        let overlaid = self.slice.records().map(|(key, record)| match (key, said(key)) {
            (Key::Stock(source, sku), Some(advised)) => {
                let mut stock = match record {
                    Some(Record::Stock(stock)) => Stock::clone(stock),
                    _ => Stock::unadvised(source.clone(), sku.clone()),
                };
                (stock.advised, stock.as_of, stock.origin) = (advised, now, Origin::Api);
                (key.clone(), Some(Record::Stock(Arc::new(stock))))
            }
            _ => (key.clone(), record.cloned()),
        });
        Slice::new(overlaid)
    }
}
