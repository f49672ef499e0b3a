//! What people list, out of the store in memory. Searches walk what there is: a rehearsal is small.

use super::tables::Tables;
use crate::ports::{DeskQuery, IndexRow, List, Mapping, OrderQuery, PurchaseOrderQuery, Versioned, mail_of};
use countersign_engine::ids::{Sku, SourceId};
use countersign_engine::item::Item;
use countersign_engine::order::Order;
use countersign_engine::slice::{Key, Record};
use jiff::Timestamp;
use smol_str::SmolStr;
use std::cmp::Reverse;

impl Tables {
    pub fn list(&self, what: &List, after: Option<&str>, limit: u32) -> Vec<Versioned> {
        let beyond = |cursor: &str| after.is_none_or(|after| cursor > after);
        let listed = |key: &Key| match (what, key) {
            (List::Items, Key::Item(sku)) => beyond(sku.as_str()),
            (List::Sources, Key::Source(source)) => beyond(source.as_str()),
            (List::OffersOf(of), Key::Offer(source, sku)) => of == source && beyond(sku.as_str()),
            (List::OffersFor(of), Key::Offer(source, sku)) => of == sku && beyond(source.as_str()),
            (List::StockOf(of), Key::Stock(source, sku)) => of == source && beyond(sku.as_str()),
            _ => false,
        };
        let from = match what {
            List::OffersOf(source) => Key::Offer(source.clone(), least()),
            List::StockOf(source) => Key::Stock(source.clone(), least()),
            _ => Key::Policy,
        };
        let kind = std::mem::discriminant(&from);
        let of_kind = self.records.range(from..).take_while(|(key, _)| match what {
            List::OffersOf(source) => matches!(key, Key::Offer(s, _) if s == source),
            List::StockOf(source) => matches!(key, Key::Stock(s, _) if s == source),
            _ => kind == std::mem::discriminant(&Key::Policy),
        });
        of_kind.filter(|(key, _)| listed(key)).take(limit as usize).map(|(_, there)| there.clone()).collect()
    }

    pub fn orders(&self, query: &OrderQuery) -> Vec<Record> {
        let newest = self.orders_by_time.iter().rev();
        let after = newest.filter(|(at, id)| {
            query.cursor.as_ref().is_none_or(|(t, cursor)| (*at, id.as_str()) < (*t, cursor.as_str()))
        });
        let records = after.filter_map(|(_, id)| match self.records.get(&Key::Order(id.clone())) {
            Some(Versioned { record: Record::Order(order), .. }) => Some(order),
            _ => None,
        });
        let wanted = records.filter(|order| {
            query.status.as_ref().is_none_or(|status| *status == status_word(order))
                && query.text.as_ref().is_none_or(|text| mentions(order, text) || self.is_of(order, &query.mail))
        });
        wanted.take(query.limit as usize).map(|order| Record::Order(order.clone())).collect()
    }

    fn is_of(&self, order: &Order, mail: &Option<String>) -> bool {
        mail.is_some() && self.people.get(&order.id).and_then(|person| mail_of(person)) == *mail
    }

    pub fn purchase_orders(&self, query: &PurchaseOrderQuery) -> Vec<IndexRow> {
        let newest = self.purchase_orders_by_time.iter().rev().filter(|(at, number)| {
            query.cursor.as_ref().is_none_or(|(t, cursor)| (*at, number.as_str()) < (*t, cursor.as_str()))
        });
        let rows = newest.filter_map(|(_, number)| self.purchase_orders.get(number));
        let wanted = rows.filter(|row| match row {
            IndexRow::PurchaseOrder { source, state, .. } => {
                query.source.as_ref().is_none_or(|s| s == source) && query.state.as_ref().is_none_or(|s| s == state)
            }
            _ => false,
        });
        wanted.take(query.limit as usize).cloned().collect()
    }

    pub fn cases(&self, query: &DeskQuery) -> Vec<IndexRow> {
        let mut found: Vec<_> = self
            .cases
            .values()
            .filter_map(|row| match row {
                IndexRow::Case { id, subject, kind, severity, role, open, opened_at, .. } => {
                    let wanted = fits(query.open.as_ref(), open)
                        && fits(query.role.as_ref(), role)
                        && fits(query.kind.as_ref(), kind)
                        && fits(query.subject.as_ref(), subject);
                    wanted.then_some(((Reverse(*severity), *opened_at, id), row))
                }
                _ => None,
            })
            .collect();
        found.sort_by(|a, b| a.0.cmp(&b.0));
        page(query, found.into_iter().map(|(_, row)| row))
    }

    pub fn open_cases(&self) -> Vec<(SmolStr, Timestamp)> {
        let open = self.cases.values().filter_map(|row| match row {
            IndexRow::Case { kind, opened_at, open: true, .. } => Some((kind.clone(), *opened_at)),
            _ => None,
        });
        open.collect()
    }

    pub fn approvals(&self, query: &DeskQuery) -> Vec<IndexRow> {
        let mut found: Vec<_> = self
            .approvals
            .values()
            .filter_map(|row| match row {
                IndexRow::Approval { id, order, kind, open, asked_at, .. } => {
                    let subject = SmolStr::new(order.as_str());
                    let wanted = fits(query.open.as_ref(), open)
                        && fits(query.kind.as_ref(), kind)
                        && fits(query.subject.as_ref(), &subject);
                    wanted.then_some(((*asked_at, id), row))
                }
                _ => None,
            })
            .collect();
        found.sort_by(|a, b| a.0.cmp(&b.0));
        page(query, found.into_iter().map(|(_, row)| row))
    }

    pub fn mappings(&self, source: &SourceId) -> Vec<Mapping> {
        let offers = self.list(&List::OffersOf(source.clone()), None, u32::MAX).into_iter();
        offers
            .filter_map(|there| match there.record {
                Record::Offer(offer) => Some(Mapping {
                    vendor_sku: offer.vendor_sku.clone(),
                    sku: offer.sku.clone(),
                    gtin: self.item(&offer.sku).and_then(|i| i.gtin.as_ref()).map(|g| SmolStr::new(g.as_str())),
                    unit: SmolStr::new(offer.pack.unit.as_str()),
                    pack_size: offer.pack.base_units,
                }),
                _ => None,
            })
            .collect()
    }

    pub fn counts(&self) -> Vec<(&'static str, u64)> {
        let of = |kind: fn(&Key) -> bool| self.records.keys().filter(|key| kind(key)).count() as u64;
        vec![
            ("items", of(|key| matches!(key, Key::Item(_)))),
            ("sources", of(|key| matches!(key, Key::Source(_)))),
            ("offers", of(|key| matches!(key, Key::Offer(..)))),
            ("orders", self.orders_by_time.len() as u64),
            ("purchase_orders", self.purchase_orders.len() as u64),
            ("journal", self.journal.len() as u64),
            ("inbox", self.inbox.len() as u64),
            ("outbox", self.outbox.len() as u64),
        ]
    }

    fn item(&self, sku: &Sku) -> Option<&Item> {
        match self.records.get(&Key::Item(sku.clone())) {
            Some(Versioned { record: Record::Item(item), .. }) => Some(item),
            _ => None,
        }
    }
}

/// The least SKU there can be.
fn least() -> Sku {
    Sku::new("!").expect("because it is the least printable character")
}

fn fits<T: PartialEq>(wanted: Option<&T>, value: &T) -> bool {
    wanted.is_none_or(|wanted| wanted == value)
}

fn page<'a>(query: &DeskQuery, rows: impl Iterator<Item = &'a IndexRow>) -> Vec<IndexRow> {
    rows.skip(query.offset as usize).take(query.limit as usize).cloned().collect()
}

fn status_word(order: &Order) -> String {
    serde_json::to_string(&order.status()).unwrap_or_default().trim_matches('"').to_owned()
}

fn mentions(order: &Order, text: &str) -> bool {
    let is = |other: &str| other.eq_ignore_ascii_case(text);
    is(order.id.as_str())
        || order.lines.iter().any(|line| is(line.sku.as_str()))
        || order.purchase_orders.iter().any(|po| is(po.number.as_str()))
        || order.shipments.iter().any(|s| s.tracking.iter().any(|t| is(t)))
}
