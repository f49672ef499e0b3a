//! Files and a mapping become a [`History`]: rows that cannot be used are rejected, the others are, whatever their
//! order; memory grows with the orders used, by some seventy bytes each.
//!
//! Opens no file: whoever calls gives the readers.

mod gather;
mod text;

use super::dirt::{Dirt, Oddity, Rejected};
use super::mapping::{EVENT_WORDS, Holds, Mapping, Table};
use super::names::Names;
use super::table::{Row, each};
use super::{CancelledBy, History, Manner, Place, SourceFact};
use countersign_engine::calendar::Zone;
use countersign_engine::ids::{OrderId, Sku, SourceId};
use countersign_engine::item::Category;
use countersign_engine::measure::Currency;
use countersign_engine::source::SourceKind;
use gather::{Gathered, LineRow};
use jiff::Timestamp;
use smol_str::SmolStr;
use std::borrow::Cow;
use std::io::Read;
use text::Texts;

/// Rows of one history: past it places of 32 bits would not do, and the ids alone would fill the memory of a usual machine.
pub const ROWS_MAX: u64 = 50_000_000;
/// Letters of an unknown word that are shown.
const SHOWN_MAX: usize = 80;
/// Most working days from order to carrier, as of sources that are recorded.
const HANDLING_DAYS_MAX: u32 = 60;

/// Reads a history. `open` gives the content of a file that the mapping names; `None` if there is no such file.
///
/// # Errors
/// A file that cannot be opened, or that lacks a column which the mapping names.
pub fn read<R: Read>(
    mapping: &Mapping,
    open: impl FnMut(&str) -> Result<Option<R>, String>,
) -> Result<History, String> {
    read_at(None, mapping, open)
}

/// As [`read`]; where it is known when the files are read, rows are rejected that say what happened after it.
///
/// # Errors
/// As [`read`].
pub fn read_at<R: Read>(
    now: Option<Timestamp>,
    mapping: &Mapping,
    mut open: impl FnMut(&str) -> Result<Option<R>, String>,
) -> Result<History, String> {
    let zone = Zone::new(&mapping.time_zone)?;
    let currency = Currency::new(&mapping.currency).ok_or("currency: use an ISO 4217 code")?;
    let reading = Reading { mapping, texts: Texts::new(&zone, currency, now) };
    let mut gathered = Gathered::new(&mapping.country);
    let mut dirt = Dirt::default();
    let mut left = ROWS_MAX;
    for tables in passes(mapping) {
        let file = tables[0].1.file.as_str();
        let Some(input) = open(file)? else {
            match tables.iter().all(|(_, table)| table.optional) {
                true => continue,
                false => {
                    return Err(format!("{file}: there is no such file, and the mapping does not call it optional"));
                }
            }
        };
        // A row that several tables read is rejected once: what is wrong with it for one is wrong for the others.
        let mut last_rejected = None;
        each(&tables, input, &mut dirt, |(n, table), row, dirt| {
            left = left.saturating_sub(1);
            let taken = if left == 0 {
                Err(row.reject(0, "too_many_rows", "too many rows in one history"))
            } else {
                reading.take(n, table, row, &mut gathered, dirt)
            };
            if let Err(rejected) = taken
                && last_rejected.replace(row.number) != Some(row.number)
            {
                dirt.reject(rejected);
            }
        })?;
    }
    Ok(gathered.finish(mapping, zone, currency, dirt))
}

/// The index of an order, by its id as its files have it or as the history does.
pub fn find_order(history: &History, id: &str) -> Option<u32> {
    history.order_ids.find(id).or_else(|| history.order_ids.find(&text::id(id)))
}

/// The tables in the order in which they are read, those of one file together where that changes nothing: a file with a
/// row a line is read once, for its orders and its lines.
fn passes(mapping: &Mapping) -> Vec<Vec<(usize, &Table)>> {
    let mut tables: Vec<(usize, &Table)> = mapping.tables.iter().enumerate().collect();
    tables.sort_by_key(|(_, t)| t.holds);
    let mut passes: Vec<Vec<(usize, &Table)>> = vec![];
    for one in tables {
        match passes.last_mut() {
            Some(pass) if pass[0].1.file == one.1.file && one.1.holds <= Holds::Lines => pass.push(one),
            _ => passes.push(vec![one]),
        }
    }
    passes
}

type Taken = Result<(), Rejected>;

/// How rows of this mapping are read.
struct Reading<'a> {
    mapping: &'a Mapping,
    texts: Texts,
}

impl Reading<'_> {
    fn take(&self, n: usize, table: &Table, row: &Row, all: &mut Gathered, dirt: &mut Dirt) -> Taken {
        match table.holds {
            Holds::Items => self.item(row, all, dirt),
            Holds::Sources => self.source(row, all, dirt),
            Holds::Customers => {
                let place = self.place(row, 1, all);
                all.customer(row.get(0), place);
                Ok(())
            }
            Holds::Orders => self.order(table, row, all, dirt),
            Holds::Lines => self.line(table, row, all, dirt),
            Holds::Events => self.event(n, row, all, dirt),
            Holds::Offers => self.offer(row, all, dirt),
            Holds::Advice => self.advice(row, all, dirt),
        }
    }

    fn item(&self, row: &Row, all: &mut Gathered, dirt: &mut Dirt) -> Taken {
        let id = text::id(row.get(0));
        Sku::new(&*id).map_err(|e| row.reject(0, "bad_id", e.to_string()))?;
        let text = row.get(1).to_lowercase();
        let path = match Category::new(&text) {
            _ if text.is_empty() => String::new(),
            Ok(_) => text.clone(),
            Err(_) => text::category(&text),
        };
        if text.is_empty() {
            dirt.note(Oddity::ItemWithoutCategory, &id);
        } else {
            Category::new(&path).map_err(|e| row.reject(1, "bad_category", e))?;
        }
        if !all.item(&id, (&text, &path), dirt) {
            return Err(row.reject(0, "duplicate", "this item stands in the file twice; the first counts"));
        }
        note_escaped(row.get(0), &id, dirt);
        Ok(())
    }

    fn source(&self, row: &Row, all: &mut Gathered, dirt: &mut Dirt) -> Taken {
        let id = text::id(row.get(0));
        SourceId::new(&*id).map_err(|e| row.reject(0, "bad_id", e.to_string()))?;
        let ships_from = self.place(row, 1, all);
        let kind = match self.word(row, 4, dirt) {
            Some("dc") => Some(SourceKind::Dc),
            Some("vendor") => Some(SourceKind::Vendor),
            _ => None,
        };
        let cutoff = self.texts.time_of_day(row, 5)?;
        let handling_days = self.texts.quantity(row, 6)?;
        if handling_days.is_some_and(|days| days > HANDLING_DAYS_MAX) {
            return Err(row.reject(6, "bad_quantity", format!("at most {HANDLING_DAYS_MAX} working days")));
        }
        if !all.source(&id, Some(SourceFact { ships_from, kind, cutoff, handling_days })).1 {
            return Err(row.reject(0, "duplicate", "this source stands in the file twice; the first counts"));
        }
        note_escaped(row.get(0), &id, dirt);
        Ok(())
    }

    fn order(&self, table: &Table, row: &Row, all: &mut Gathered, dirt: &mut Dirt) -> Taken {
        let id = text::id(row.get(0));
        OrderId::for_capture(&id).map_err(|e| row.reject(0, "bad_id", e.to_string()))?;
        let texts = &self.texts;
        let placed = texts.past(row, 1)?;
        if !placed.is_known() {
            return Err(row.reject(1, "missing_time", "an order needs the time at which it was placed"));
        }
        let (approved, promised) = (texts.past(row, 2)?, texts.time(row, 3)?);
        let (shipped, delivered, cancelled) = (texts.past(row, 4)?, texts.past(row, 5)?, texts.past(row, 6)?);
        let region = match row.get(8) {
            "" => self.place(row, 9, all),
            customer => match all.customer_place(customer) {
                Some(place) => place,
                None => self.place(row, 9, all),
            },
        };
        let cancelled_by = self.cancelled_by(row, 7, dirt);
        let ended = match self.word(row, 12, dirt) {
            Some("cancelled") => Some(CancelledBy::Unknown),
            Some("cancelled_by_customer") => Some(CancelledBy::Customer),
            Some("cancelled_by_source") => Some(CancelledBy::Source),
            _ => None,
        };
        let some = |text: &str, usual: SmolStr| if text.is_empty() { usual } else { text.into() };
        let usual = Manner::default();
        let manner = Manner {
            service_level: some(row.get(13), usual.service_level),
            sales_channel: some(row.get(14), usual.sales_channel),
        };
        let too_many = || row.reject(13, "too_many_words", "more than 65535 pairs of service level and channel");
        let fact = super::OrderFact {
            manner: manner.index(&mut all.manners).ok_or_else(too_many)?,
            requested: texts.day(row, 15)?,
            placed,
            approved,
            promised,
            delivered,
            cancelled,
            cancelled_by,
            region,
            ..Default::default()
        };
        if all.order(&id, gather::OrderRow { fact, shipped, ended }) {
            note_escaped(row.get(0), &id, dirt);
        } else if !table.repeats {
            return Err(row.reject(0, "duplicate", "this order stands in the file twice; the first counts"));
        }
        Ok(())
    }

    fn line(&self, table: &Table, row: &Row, all: &mut Gathered, dirt: &mut Dirt) -> Taken {
        let Some(order) = self.find(&all.order_ids, row.get(0)) else {
            return Err(row.reject(0, "unknown_order", "no order of this id was read"));
        };
        let item = match self.find(&all.skus, row.get(1)) {
            Some(item) => item,
            None if all.items_are_listed() => {
                return Err(row.reject(1, "unknown_sku", "no item of this number was read"));
            }
            None => {
                let id = text::id(row.get(1));
                Sku::new(&*id).map_err(|e| row.reject(1, "bad_id", e.to_string()))?;
                all.item(&id, ("", ""), dirt);
                note_escaped(row.get(1), &id, dirt);
                all.skus.find(&id).expect("because it was just given")
            }
        };
        let source = match row.get(2) {
            "" => super::NOBODY,
            _ => self.source_of(row, 2, all, dirt)?,
        };
        let texts = &self.texts;
        let quantity = texts.quantity(row, 3)?.unwrap_or(1);
        if quantity == 0 {
            return Err(row.reject(3, "bad_quantity", "a line orders at least one unit"));
        }
        let price = texts.money(row, 5)?.unwrap_or(0);
        let (unit_cost, shipping_cost) = (texts.money(row, 6)?, texts.money(row, 7)?);
        let po = super::PoFact {
            source,
            sent: texts.past(row, 8)?,
            ship_by: texts.time(row, 9)?,
            answered: texts.past(row, 10)?,
            ship_on: texts.time(row, 11)?,
            shipped: texts.past(row, 12)?,
            delivered: texts.past(row, 13)?,
            cancelled: texts.past(row, 14)?,
            cancelled_by: self.cancelled_by(row, 15, dirt),
            rejected: false,
            shipping_cost: shipping_cost.unwrap_or(0),
        };
        let line = LineRow {
            id: row.get(16).into(),
            item,
            quantity,
            accepted: texts.quantity(row, 4)?.unwrap_or(u32::MAX),
            price,
            unit_cost: unit_cost.unwrap_or(price),
            po,
            add_up: table.add_up,
        };
        all.line(order, line, (unit_cost, shipping_cost), dirt);
        Ok(())
    }

    fn offer(&self, row: &Row, all: &mut Gathered, dirt: &mut Dirt) -> Taken {
        let Some(item) = self.find(&all.skus, row.get(1)) else {
            return Err(row.reject(1, "unknown_sku", "no item of this number was read"));
        };
        let unit = self
            .texts
            .money(row, 2)?
            .ok_or_else(|| row.reject(2, "bad_amount", "an offer needs what one unit costs"))?;
        let way = self.texts.money(row, 3)?.unwrap_or(0);
        let source = self.source_of(row, 0, all, dirt)?;
        if !all.offer(item, source, unit, way) {
            return Err(row.reject(1, "duplicate", "this offer stands in the file twice; the last counts"));
        }
        Ok(())
    }

    fn event(&self, table: usize, row: &Row, all: &mut Gathered, dirt: &mut Dirt) -> Taken {
        let Some(order) = self.find(&all.order_ids, row.get(0)) else {
            return Err(row.reject(0, "unknown_order", "no order of this id was read"));
        };
        let at = self.texts.past(row, 1)?;
        if !at.is_known() {
            return Err(row.reject(1, "missing_time", "an event needs its time"));
        }
        let source = match row.get(3) {
            "" => None,
            id => Some(
                self.find(&all.source_ids, id)
                    .ok_or_else(|| row.reject(3, "unknown_source", "no such source was read"))?,
            ),
        };
        let item = match row.get(4) {
            "" => None,
            sku => {
                Some(self.find(&all.skus, sku).ok_or_else(|| row.reject(4, "unknown_sku", "no such item was read"))?)
            }
        };
        let (quantity, due) = (self.texts.quantity(row, 5)?, self.texts.time(row, 6)?);
        let event = gather::Event { order, at, source, item, quantity, due, row: row.number, table };
        let known = || format!("translate this event by values.event into one of {}", EVENT_WORDS.join(", "));
        let Ok(Some(word)) = row.word(2) else { return Err(row.reject(2, "unknown_event", known())) };
        all.event(word, event, dirt);
        Ok(())
    }

    fn advice(&self, row: &Row, all: &mut Gathered, dirt: &mut Dirt) -> Taken {
        let Some(item) = self.find(&all.skus, row.get(1)) else {
            return Err(row.reject(1, "unknown_sku", "no item of this number was read"));
        };
        let at = self.texts.past(row, 2)?;
        if !at.is_known() {
            return Err(row.reject(2, "missing_time", "advice needs the time for which it held"));
        }
        let quantity =
            self.texts.quantity(row, 3)?.ok_or_else(|| row.reject(3, "bad_quantity", "advice needs a quantity"))?;
        let source = self.source_of(row, 0, all, dirt)?;
        all.advice(super::AdviceFact { at, source, item, quantity });
        Ok(())
    }

    /// Country, region and postal code from three fields in a row.
    fn place(&self, row: &Row, first: usize, all: &mut Gathered) -> u16 {
        let some = |text: &str| (!text.is_empty()).then(|| text.into());
        let country = Some(row.get(first)).filter(|c| !c.is_empty()).unwrap_or(&self.mapping.country);
        let postal: String = row.get(first + 2).chars().take(3).collect();
        all.place(Place { country: country.into(), region: some(row.get(first + 1)), postal_code: some(&postal) })
    }

    /// The index of something that was read under this id.
    fn find(&self, names: &Names, text: &str) -> Option<u32> {
        let known = if text::looks_escaped(text) { None } else { names.find(text) };
        known.or_else(|| match text::id(text) {
            Cow::Owned(id) => names.find(&id),
            Cow::Borrowed(_) => None,
        })
    }

    /// The index of a source, taken in if it is new.
    fn source_of(&self, row: &Row, field: usize, all: &mut Gathered, dirt: &mut Dirt) -> Result<u32, Rejected> {
        if let Some(known) = self.find(&all.source_ids, row.get(field)) {
            return Ok(known);
        }
        let id = text::id(row.get(field));
        SourceId::new(&*id).map_err(|e| row.reject(field, "bad_id", e.to_string()))?;
        note_escaped(row.get(field), &id, dirt);
        if all.are_sources_listed() {
            dirt.note(Oddity::SourceNotListed, &id);
        }
        Ok(all.source(&id, None).0)
    }

    /// By whom something was cancelled; a word that is none of ours is named.
    fn cancelled_by(&self, row: &Row, field: usize, dirt: &mut Dirt) -> CancelledBy {
        match self.word(row, field, dirt) {
            Some("customer") => CancelledBy::Customer,
            Some("source" | "vendor") => CancelledBy::Source,
            _ => CancelledBy::Unknown,
        }
    }

    fn word(&self, row: &Row, field: usize, dirt: &mut Dirt) -> Option<&'static str> {
        row.word(field).unwrap_or_else(|text| {
            let shown: String = text.chars().take(SHOWN_MAX).collect();
            dirt.note(Oddity::UnknownWord, &format!("{} {shown:?}", row.column(field)));
            None
        })
    }
}

fn note_escaped(text: &str, id: &str, dirt: &mut Dirt) {
    if text != id {
        dirt.note(Oddity::IdEscaped, &format!("{text:?} as {id}"));
    }
}
