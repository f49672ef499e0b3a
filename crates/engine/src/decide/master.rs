//! Master data: items, sources, offers, policies. The same checks by API, import and EDI.

use super::draft::Draft;
use crate::command::Deed;
use crate::event::Event;
use crate::reason::Reason;
use crate::refusal::{Refusal, RefusalKind};
use crate::slice::Key;
use std::collections::BTreeSet;

pub(super) fn needs(deed: &Deed) -> BTreeSet<Key> {
    match deed {
        Deed::RecordItem { item } => [Key::Item(item.sku.clone())].into(),
        Deed::RecordSource { source, .. } => [Key::Source(source.id.clone())].into(),
        Deed::RecordOffer { offer } => [
            Key::Item(offer.sku.clone()),
            Key::Source(offer.source.clone()),
            Key::Offer(offer.source.clone(), offer.sku.clone()),
            Key::Offerers(offer.sku.clone()),
        ]
        .into(),
        Deed::ActivatePolicy { .. } => [Key::Policy].into(),
        _ => BTreeSet::new(),
    }
}

pub(super) fn decide(d: &mut Draft, deed: &Deed) -> Result<(), Refusal> {
    let invalid = |(field, sentence): (&str, String)| {
        Refusal::field(RefusalKind::InvalidField, format!("/{field}"), "", "invalid", sentence)
    };
    match deed {
        Deed::RecordItem { item } => {
            item.fault().map_or(Ok(()), |f| Err(invalid(f)))?;
            if d.slice.item(&item.sku) != Some(item) {
                d.record(Event::ItemRecorded { item: item.clone() });
            }
        }
        Deed::RecordSource { source, only_new } => {
            source.fault().map_or(Ok(()), |f| Err(invalid(f)))?;
            if *only_new && d.slice.source(&source.id).is_some() {
                let id = &source.id;
                let sentence = format!("there is a source {id} already: choose another id, or change that one");
                return Err(Refusal::field(RefusalKind::Exists, "{source}", id, "exists", sentence));
            }
            if d.slice.source(&source.id) != Some(source) {
                d.record(Event::SourceRecorded { source: source.clone() });
            }
        }
        Deed::RecordOffer { offer } => {
            offer.fault().map_or(Ok(()), |f| Err(invalid(f)))?;
            if d.slice.item(&offer.sku).is_none() {
                return Err(Refusal::because(RefusalKind::UnknownSku, "/sku", &offer.sku, Reason::CatalogUnknownSku));
            }
            if d.slice.source(&offer.source).is_none() {
                return Err(Refusal::because(
                    RefusalKind::UnknownSource,
                    "/source",
                    &offer.source,
                    Reason::CatalogUnknownSource,
                ));
            }
            if d.slice.offer(&offer.source, &offer.sku) != Some(offer) {
                d.record(Event::OfferRecorded { offer: offer.clone() });
            }
        }
        Deed::ActivatePolicy { policy } => {
            if let Some((pointer, sentence)) = policy.fault() {
                return Err(Refusal::field(RefusalKind::InvalidField, pointer, "", "invalid", sentence));
            }
            if d.slice.policy_record() != Some(policy) {
                d.record(Event::PolicyActivated { policy: policy.clone().into(), by: None, at: None });
            }
        }
        other => unreachable!("{other:?} is no master data"),
    }
    Ok(())
}
