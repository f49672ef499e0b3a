//! Files and a mapping become a [`History`]: rows that cannot be used are rejected, the others are, whatever their
//! order; memory grows with the orders used, by some seventy bytes each.
//!
//! Opens no file: whoever calls gives the readers.

mod gather;

use super::dirt::{Dirt, Rejected};
use super::mapping::{Holds, Mapping, Table};
use super::table::{Row, each};
use super::{History, Moment, Place};
use countersign_engine::calendar::Zone;
use countersign_engine::ids::{OrderId, Sku, SourceId};
use countersign_engine::item::Category;
use countersign_engine::measure::{Currency, Money, QUANTITY_MAX};
use gather::{Gathered, LineRow};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use std::io::Read;

/// Rows of one history: past it places of 32 bits would not do, and the ids alone would fill the memory of a usual machine.
pub const ROWS_MAX: u64 = 50_000_000;

/// Reads a history. `open` gives the content of a file that the mapping names; `None` if there is no such file.
///
/// # Errors
/// A file that cannot be opened, or that lacks a column which the mapping names.
pub fn read<R: Read>(
    mapping: &Mapping,
    mut open: impl FnMut(&str) -> Result<Option<R>, String>,
) -> Result<History, String> {
    let zone = Zone::new(&mapping.time_zone)?;
    let currency = Currency::new(&mapping.currency).ok_or("currency: use an ISO 4217 code")?;
    let reading = Reading { mapping, rules: zone.rules(), currency };
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

/// How texts of this mapping are read.
struct Reading<'a> {
    mapping: &'a Mapping,
    rules: TimeZone,
    currency: Currency,
}

impl Reading<'_> {
    fn take(&self, n: usize, table: &Table, row: &Row, all: &mut Gathered, dirt: &mut Dirt) -> Taken {
        match table.holds {
            Holds::Items => self.item(row, all, dirt),
            Holds::Sources => self.source(row, all),
            Holds::Customers => {
                let place = self.place(row, 1, all);
                all.customer(row.get(0), place);
                Ok(())
            }
            Holds::Orders => self.order(table, row, all),
            Holds::Lines => self.line(table, row, all, dirt),
            Holds::Events => self.event(n, row, all, dirt),
            Holds::Offers => self.offer(row, all),
            Holds::Advice => self.advice(row, all),
        }
    }

    fn item(&self, row: &Row, all: &mut Gathered, dirt: &mut Dirt) -> Taken {
        Sku::new(row.get(0)).map_err(|e| row.reject(0, "bad_id", e.to_string()))?;
        let text = row.get(1).to_lowercase();
        if text.is_empty() {
            dirt.note(super::dirt::Oddity::ItemWithoutCategory, row.get(0));
        } else {
            Category::new(&text).map_err(|e| row.reject(1, "bad_category", e))?;
        }
        if !all.item(row.get(0), &text) {
            return Err(row.reject(0, "duplicate", "this item stands in the file twice; the first counts"));
        }
        Ok(())
    }

    fn source(&self, row: &Row, all: &mut Gathered) -> Taken {
        SourceId::new(row.get(0)).map_err(|e| row.reject(0, "bad_id", e.to_string()))?;
        let place = self.place(row, 1, all);
        if !all.source(row.get(0), Some(place)).1 {
            return Err(row.reject(0, "duplicate", "this source stands in the file twice; the first counts"));
        }
        Ok(())
    }

    fn order(&self, table: &Table, row: &Row, all: &mut Gathered) -> Taken {
        OrderId::for_capture(row.get(0)).map_err(|e| row.reject(0, "bad_id", e.to_string()))?;
        let placed = self.time(row, 1)?;
        if !placed.is_known() {
            return Err(row.reject(1, "missing_time", "an order needs the time at which it was placed"));
        }
        let (approved, promised) = (self.time(row, 2)?, self.time(row, 3)?);
        let (shipped, delivered, cancelled) = (self.time(row, 4)?, self.time(row, 5)?, self.time(row, 6)?);
        let region = match row.get(8) {
            "" => self.place(row, 9, all),
            customer => match all.customer_place(customer) {
                Some(place) => place,
                None => self.place(row, 9, all),
            },
        };
        let fact = super::OrderFact {
            placed,
            approved,
            promised,
            delivered,
            cancelled,
            cancelled_by: by(row.get(7)),
            region,
            ..Default::default()
        };
        if !all.order(row.get(0), fact, shipped) && !table.repeats {
            return Err(row.reject(0, "duplicate", "this order stands in the file twice; the first counts"));
        }
        Ok(())
    }

    fn line(&self, table: &Table, row: &Row, all: &mut Gathered, dirt: &mut Dirt) -> Taken {
        let Some(order) = all.order_ids.find(row.get(0)) else {
            return Err(row.reject(0, "unknown_order", "no order of this id was read"));
        };
        let item = match all.skus.find(row.get(1)) {
            Some(item) => item,
            None if all.items_are_listed() => {
                return Err(row.reject(1, "unknown_sku", "no item of this number was read"));
            }
            None => {
                Sku::new(row.get(1)).map_err(|e| row.reject(1, "bad_id", e.to_string()))?;
                all.item(row.get(1), "");
                all.skus.find(row.get(1)).expect("because it was just given")
            }
        };
        let source = match row.get(2) {
            "" => super::NOBODY,
            id => {
                SourceId::new(id).map_err(|e| row.reject(2, "bad_id", e.to_string()))?;
                all.source(id, None).0
            }
        };
        let quantity = self.quantity(row, 3)?.unwrap_or(1);
        if quantity == 0 {
            return Err(row.reject(3, "bad_quantity", "a line orders at least one unit"));
        }
        let price = self.money(row, 5)?.unwrap_or(0);
        let (unit_cost, shipping_cost) = (self.money(row, 6)?, self.money(row, 7)?);
        let po = super::PoFact {
            source,
            sent: self.time(row, 8)?,
            ship_by: self.time(row, 9)?,
            answered: self.time(row, 10)?,
            ship_on: self.time(row, 11)?,
            shipped: self.time(row, 12)?,
            delivered: self.time(row, 13)?,
            cancelled: self.time(row, 14)?,
            cancelled_by: by(row.get(15)),
            rejected: false,
            shipping_cost: shipping_cost.unwrap_or(0),
        };
        let line = LineRow {
            id: row.get(16).into(),
            item,
            quantity,
            accepted: self.quantity(row, 4)?.unwrap_or(u32::MAX),
            price,
            unit_cost: unit_cost.unwrap_or(price),
            po,
            add_up: table.add_up,
        };
        all.line(order, line, (unit_cost, shipping_cost), dirt);
        Ok(())
    }

    fn offer(&self, row: &Row, all: &mut Gathered) -> Taken {
        SourceId::new(row.get(0)).map_err(|e| row.reject(0, "bad_id", e.to_string()))?;
        let Some(item) = all.skus.find(row.get(1)) else {
            return Err(row.reject(1, "unknown_sku", "no item of this number was read"));
        };
        let unit =
            self.money(row, 2)?.ok_or_else(|| row.reject(2, "bad_amount", "an offer needs what one unit costs"))?;
        let way = self.money(row, 3)?.unwrap_or(0);
        let source = all.source(row.get(0), None).0;
        if !all.offer(item, source, unit, way) {
            return Err(row.reject(1, "duplicate", "this offer stands in the file twice; the last counts"));
        }
        Ok(())
    }

    fn event(&self, table: usize, row: &Row, all: &mut Gathered, dirt: &mut Dirt) -> Taken {
        let Some(order) = all.order_ids.find(row.get(0)) else {
            return Err(row.reject(0, "unknown_order", "no order of this id was read"));
        };
        let at = self.time(row, 1)?;
        if !at.is_known() {
            return Err(row.reject(1, "missing_time", "an event needs its time"));
        }
        let source = match row.get(3) {
            "" => None,
            id => Some(
                all.source_ids.find(id).ok_or_else(|| row.reject(3, "unknown_source", "no such source was read"))?,
            ),
        };
        let item = match row.get(4) {
            "" => None,
            sku => Some(all.skus.find(sku).ok_or_else(|| row.reject(4, "unknown_sku", "no such item was read"))?),
        };
        let (quantity, due) = (self.quantity(row, 5)?, self.time(row, 6)?);
        let event = gather::Event { order, at, source, item, quantity, due, row: row.number, table };
        all.event(row.get(2), event, dirt).map_err(|(field, kind, why)| row.reject(field, kind, why))
    }

    fn advice(&self, row: &Row, all: &mut Gathered) -> Taken {
        SourceId::new(row.get(0)).map_err(|e| row.reject(0, "bad_id", e.to_string()))?;
        let Some(item) = all.skus.find(row.get(1)) else {
            return Err(row.reject(1, "unknown_sku", "no item of this number was read"));
        };
        let at = self.time(row, 2)?;
        if !at.is_known() {
            return Err(row.reject(2, "missing_time", "advice needs the time for which it held"));
        }
        let quantity =
            self.quantity(row, 3)?.ok_or_else(|| row.reject(3, "bad_quantity", "advice needs a quantity"))?;
        let source = all.source(row.get(0), None).0;
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

    fn quantity(&self, row: &Row, field: usize) -> Result<Option<u32>, Rejected> {
        let text = row.get(field);
        if text.is_empty() {
            return Ok(None);
        }
        // Spreadsheets write 3 as 3.0.
        let whole =
            text.split_once('.').map_or(text, |(n, rest)| if rest.bytes().all(|b| b == b'0') { n } else { text });
        let number = whole.parse::<u32>().ok().filter(|n| *n <= QUANTITY_MAX);
        number
            .map(Some)
            .ok_or_else(|| row.reject(field, "bad_quantity", "use a whole number of units, at most ten million"))
    }

    fn money(&self, row: &Row, field: usize) -> Result<Option<i64>, Rejected> {
        let text = row.get(field);
        if text.is_empty() {
            return Ok(None);
        }
        let money = Money::parse(text, self.currency.as_str()).map_err(|why| row.reject(field, "bad_amount", why))?;
        Ok(Some(money.minor))
    }

    fn time(&self, row: &Row, field: usize) -> Result<Moment, Rejected> {
        let text = row.get(field);
        if text.is_empty() {
            return Ok(Moment::NEVER);
        }
        let typed = || row.is_typed().then(|| self.iso(text)).flatten();
        let moment = self.instant(text).or_else(typed).and_then(Moment::of);
        moment.ok_or_else(|| {
            let how = self.mapping.time_format.as_deref().unwrap_or("ISO 8601");
            row.reject(
                field,
                "bad_time",
                format!("no time as the mapping says it is written ({how}), or outside 1970 to 2106"),
            )
        })
    }

    fn instant(&self, text: &str) -> Option<Timestamp> {
        let Some(format) = &self.mapping.time_format else { return self.iso(text) };
        let broken = jiff::fmt::strtime::parse(format, text).ok()?;
        if broken.offset().is_some() {
            return broken.to_timestamp().ok();
        }
        let midnight = || broken.to_date().map(|d| d.to_datetime(jiff::civil::Time::midnight()));
        self.local(broken.to_datetime().or_else(|_| midnight()).ok()?)
    }

    fn iso(&self, text: &str) -> Option<Timestamp> {
        let day = || text.parse::<Date>().ok().map(|d| d.to_datetime(jiff::civil::Time::midnight()));
        let at = text.parse::<Timestamp>().ok();
        at.or_else(|| self.local(text.parse::<DateTime>().ok().or_else(day)?))
    }

    fn local(&self, civil: DateTime) -> Option<Timestamp> {
        self.rules.to_ambiguous_zoned(civil).compatible().ok().map(|z| z.timestamp())
    }
}

fn by(word: &str) -> super::CancelledBy {
    match word {
        "customer" => super::CancelledBy::Customer,
        "source" | "vendor" => super::CancelledBy::Source,
        _ => super::CancelledBy::Unknown,
    }
}
