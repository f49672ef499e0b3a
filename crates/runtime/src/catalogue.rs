//! What a source calls our items: its whole mapping in memory, for reading feeds.
//!
//! Kept per source until an offer or an item changes. Does not know documents.

use crate::desk::Desk;
use crate::ports::{Mapping, StoreError};
use countersign_engine::document::ItemRef;
use countersign_engine::ids::{Sku, SourceId, VendorSku};
use countersign_engine::reason::Reason;
use countersign_engine::slice::Key;
use smol_str::SmolStr;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Offers kept in memory over all sources, some 300 bytes each; the catalogue in use may be larger.
const OFFERS_MAX: usize = 150_000;

/// The mapping of one source. The maps only find places; nothing is listed in their order.
#[derive(Debug)]
pub struct Catalogue {
    offers: Vec<Mapping>,
    by_sku: HashMap<Sku, u32>,
    by_vendor_sku: HashMap<VendorSku, u32>,
    by_gtin: HashMap<SmolStr, u32>,
}

impl Catalogue {
    /// Of these offers.
    pub fn new(offers: Vec<Mapping>) -> Self {
        let (mut by_sku, mut by_vendor_sku, mut by_gtin) = (HashMap::new(), HashMap::new(), HashMap::new());
        for (n, offer) in (0_u32..).zip(&offers) {
            by_sku.insert(offer.sku.clone(), n);
            by_vendor_sku.insert(offer.vendor_sku.clone(), n);
            if let Some(gtin) = &offer.gtin {
                by_gtin.insert(plain(gtin), n);
            }
        }
        Self { offers, by_sku, by_vendor_sku, by_gtin }
    }

    /// All offers.
    pub fn offers(&self) -> &[Mapping] {
        &self.offers
    }

    /// The places of all offers that one of a document's names means.
    pub fn named(&self, item: &ItemRef) -> impl Iterator<Item = usize> {
        let by_sku = item.sku.as_ref().and_then(|sku| self.by_sku.get(sku));
        let by_vendor_sku = item.vendor_sku.as_ref().and_then(|sku| self.by_vendor_sku.get(sku));
        let by_gtin = item.gtin.as_ref().and_then(|gtin| self.by_gtin.get(&plain(gtin)));
        [by_sku, by_vendor_sku, by_gtin].into_iter().flatten().map(|n| *n as usize)
    }

    /// The place of the offer that a document means, by our number, else the source's, else the GTIN.
    ///
    /// # Errors
    /// No offer has that name, or two of the names given mean different items.
    pub fn find(&self, item: &ItemRef) -> Result<usize, Reason> {
        let by_sku = item.sku.as_ref().map(|sku| self.by_sku.get(sku));
        let by_vendor_sku = item.vendor_sku.as_ref().map(|sku| self.by_vendor_sku.get(sku));
        let by_gtin = item.gtin.as_ref().map(|gtin| self.by_gtin.get(&plain(gtin)));
        let found = by_vendor_sku.flatten().or(by_sku.flatten()).or(by_gtin.flatten());
        let place = *found.ok_or(Reason::CatalogUnknownSku)?;
        let other = |named: Option<Option<&u32>>| named.flatten().is_some_and(|n| *n != place);
        if other(by_sku) || other(by_vendor_sku) {
            return Err(Reason::CatalogUnknownOffer);
        }
        let known = self.offers[place as usize].gtin.as_ref();
        let differs = known.zip(item.gtin.as_ref()).is_some_and(|(ours, theirs)| plain(ours) != plain(theirs));
        if other(by_gtin) || differs {
            return Err(Reason::CatalogGtinMismatch);
        }
        Ok(place as usize)
    }
}

/// A GTIN without the zeros that partners add in front.
fn plain(gtin: &str) -> SmolStr {
    SmolStr::new(gtin.trim_start_matches('0'))
}

/// The catalogues in memory, the one used last in front.
#[derive(Debug, Default)]
pub(crate) struct Shelf(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    catalogues: Vec<(SourceId, Arc<Catalogue>)>,
    /// Counts changes, so that what was read before one is not kept after it.
    changes: u64,
}

impl Shelf {
    /// A record has changed; if it is an offer or an item, what was kept of it is wrong.
    pub fn changed(&self, key: &Key) {
        match key {
            Key::Offer(source, _) => {
                let mut kept = self.kept();
                kept.changes += 1;
                kept.catalogues.retain(|(of, _)| of != source);
            }
            Key::Item(_) => self.clear(),
            _ => {}
        }
    }

    /// Anything may have changed.
    pub fn clear(&self) {
        let mut kept = self.kept();
        kept.changes += 1;
        kept.catalogues.clear();
    }

    fn find(&self, source: &SourceId) -> Result<Arc<Catalogue>, u64> {
        let mut kept = self.kept();
        match kept.catalogues.iter().position(|(of, _)| of == source) {
            Some(place) => {
                kept.catalogues[..=place].rotate_right(1);
                Ok(kept.catalogues[0].1.clone())
            }
            None => Err(kept.changes),
        }
    }

    fn keep(&self, source: &SourceId, catalogue: &Arc<Catalogue>, read_at: u64) {
        let mut kept = self.kept();
        if kept.changes != read_at {
            return;
        }
        kept.catalogues.insert(0, (source.clone(), catalogue.clone()));
        let mut offers = 0;
        let mut fits = kept.catalogues.iter().map(|(_, c)| {
            offers += c.offers.len();
            offers <= OFFERS_MAX
        });
        let count = fits.position(|fits| !fits).unwrap_or(usize::MAX).max(1);
        kept.catalogues.truncate(count);
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Desk {
    /// What a source calls our items.
    ///
    /// # Errors
    /// The store could not be read.
    pub fn catalogue(&self, source: &SourceId) -> Result<Arc<Catalogue>, StoreError> {
        match self.shelf.find(source) {
            Ok(catalogue) => Ok(catalogue),
            Err(read_at) => {
                let catalogue = Arc::new(Catalogue::new(self.store().mappings(source)?));
                self.shelf.keep(source, &catalogue, read_at);
                Ok(catalogue)
            }
        }
    }
}
