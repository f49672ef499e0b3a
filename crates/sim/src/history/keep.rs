//! A history as bytes, and back: what an installation keeps of files once they are read. The same history has the same
//! bytes. Does not know where they are kept.
//!
//! A line that names the form, then records, each with its length before it: the head as JSON; ids; items, offers and
//! advice; orders as they are packed in memory. What a release wrote, every later one reads.

use super::dirt::{Dirt, Missing, Noted, Oddity, Rejected};
use super::mapping::Assume;
use super::names::Names;
use super::pack::{Bytes, Pasts, put_number, put_signed};
use super::records::Records;
use super::{AdviceFact, History, ItemFact, Manner, Moment, OfferFact, Place, Recorded, SourceFact};
use countersign_engine::calendar::Zone;
use countersign_engine::ids::{Sku, SourceId};
use countersign_engine::item::Item;
use countersign_engine::measure::Currency;
use countersign_engine::offer::Offer;
use countersign_engine::source::Source as SourceRecord;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::collections::BTreeMap;
use std::io::{self, Read, Write};

/// What the bytes begin with.
const FORM: &[u8] = b"countersign history 3\n";
/// Bytes of one record: far more than the longest order or head has.
const RECORD_MAX: u64 = 64 << 20;

/// What is small.
#[derive(Serialize, Deserialize)]
struct Head {
    name: String,
    currency: SmolStr,
    zone: Zone,
    assume: Assume,
    categories: Vec<SmolStr>,
    regions: Vec<Place>,
    source_facts: Vec<SourceFact>,
    manners: Vec<Manner>,
    sources_recorded: Vec<SourceRecord>,
    offers_recorded: Vec<Offer>,
    items_recorded: Vec<Item>,
    span: (Moment, Moment),
    recorded: Recorded,
    rows: BTreeMap<String, u64>,
    rejected: Vec<(String, Box<str>, u64)>,
    samples: Vec<Rejected>,
    noted: Vec<(Oddity, Noted)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    missing: Vec<Missing>,
    orders: u32,
    skus: u32,
    sources: u32,
    items: u32,
    offers: u32,
    advice: u32,
}

/// Writes a history.
///
/// # Errors
/// The bytes cannot be written.
pub fn write(history: &History, out: impl Write) -> io::Result<()> {
    let mut to = Put { out, scratch: vec![] };
    to.out.write_all(FORM)?;
    to.put(&serde_json::to_vec(&head(history))?)?;
    for names in [&history.order_ids, &history.skus, &history.source_ids] {
        names.iter().try_for_each(|name| to.put(name.as_bytes()))?;
    }
    for item in &history.items {
        to.numbers(&[item.category.into()], &[])?;
    }
    for offer in &history.offers {
        to.numbers(&[offer.item.into(), offer.source.into()], &[offer.unit_cost, offer.shipping_cost])?;
    }
    for fact in &history.advice {
        let at = fact.at.seconds().cast_unsigned();
        to.numbers(&[at, fact.source.into(), fact.item.into(), fact.quantity.into()], &[])?;
    }
    for index in 0..small(history.pasts.len()) {
        to.put(history.pasts.packed(index))?;
    }
    to.out.flush()
}

/// Reads a history that [`write`] wrote.
///
/// # Errors
/// The bytes are no history, of a later form, or end too soon.
pub fn read(from: impl Read) -> Result<History, String> {
    let mut from = Source { from, record: vec![] };
    let mut form = [0; FORM.len()];
    from.from.read_exact(&mut form).map_err(|_| "it is no history".to_owned())?;
    if form != *FORM {
        return Err("it is no history of a form that this release reads: take its files in again".into());
    }
    let head: Head = serde_json::from_slice(from.record()?).map_err(|why| format!("its head cannot be read: {why}"))?;
    let (order_ids, skus, source_ids) = (from.names(head.orders)?, from.names(head.skus)?, from.names(head.sources)?);
    let records = {
        let mut records = Records::default();
        let source =
            |id: &SourceId| source_ids.find(id.as_str()).ok_or("a record is of a source that it does not have");
        let item = |sku: &Sku| skus.find(sku.as_str()).ok_or("a record is of an item that it does not have");
        for record in &head.sources_recorded {
            records.source(source(&record.id)?, record);
        }
        for record in &head.offers_recorded {
            records.offer(item(&record.sku)?, source(&record.source)?, record);
        }
        for record in &head.items_recorded {
            records.item(item(&record.sku)?, record);
        }
        records
    };
    let items = from.each(head.items, |r| ItemFact { category: r.small() })?;
    let offers = from.each(head.offers, |r| {
        let (item, source) = (r.small(), r.small());
        OfferFact { item, source, unit_cost: r.signed(), shipping_cost: r.signed() }
    })?;
    let advice = from.each(head.advice, |r| {
        let at = Moment::from_seconds(r.small());
        AdviceFact { at, source: r.small(), item: r.small(), quantity: r.small() }
    })?;
    let mut pasts = Pasts::with_capacity(head.orders as usize);
    for _ in 0..head.orders {
        pasts.push_packed(from.record()?);
    }
    let rejected = head.rejected.into_iter().map(|(file, kind, count)| ((file, kind), count)).collect();
    let noted = head.noted.into_iter().collect();
    let mut history = History {
        name: head.name,
        currency: Currency::new(&head.currency).ok_or("its currency is none")?,
        zone: head.zone,
        assume: head.assume,
        order_ids,
        skus,
        source_ids,
        categories: head.categories,
        regions: head.regions,
        sources: head.source_facts,
        manners: head.manners,
        records,
        items,
        offers,
        pasts,
        by_time: vec![],
        advice,
        span: head.span,
        recorded: head.recorded,
        dirt: Dirt { rows: head.rows, rejected, samples: head.samples, noted, missing: head.missing },
    };
    history.by_time = history.timeline();
    Ok(history)
}

fn head(history: &History) -> Head {
    let dirt = &history.dirt;
    Head {
        name: history.name.clone(),
        currency: history.currency.as_str().into(),
        zone: history.zone.clone(),
        assume: history.assume,
        categories: history.categories.clone(),
        regions: history.regions.clone(),
        source_facts: history.sources.clone(),
        manners: history.manners.clone(),
        sources_recorded: history.records.sources.values().cloned().collect(),
        offers_recorded: history.records.offers.values().cloned().collect(),
        items_recorded: history.records.items.values().cloned().collect(),
        span: history.span,
        recorded: history.recorded,
        rows: dirt.rows.clone(),
        rejected: dirt.rejected.iter().map(|((file, kind), n)| (file.clone(), kind.clone(), *n)).collect(),
        samples: dirt.samples.clone(),
        noted: dirt.noted.iter().map(|(oddity, noted)| (*oddity, noted.clone())).collect(),
        missing: dirt.missing.clone(),
        orders: small(history.pasts.len()),
        skus: small(history.skus.len()),
        sources: small(history.source_ids.len()),
        items: small(history.items.len()),
        offers: small(history.offers.len()),
        advice: small(history.advice.len()),
    }
}

fn small(count: usize) -> u32 {
    u32::try_from(count).expect("because the limit of rows keeps every count below 2 to the 32")
}

/// Where records go.
struct Put<W> {
    out: W,
    scratch: Vec<u8>,
}

impl<W: Write> Put<W> {
    fn put(&mut self, record: &[u8]) -> io::Result<()> {
        let mut length = vec![];
        put_number(&mut length, record.len() as u64);
        self.out.write_all(&length)?;
        self.out.write_all(record)
    }
    fn numbers(&mut self, numbers: &[u64], signed: &[i64]) -> io::Result<()> {
        let mut record = std::mem::take(&mut self.scratch);
        record.clear();
        numbers.iter().for_each(|n| put_number(&mut record, *n));
        signed.iter().for_each(|n| put_signed(&mut record, *n));
        self.put(&record)?;
        self.scratch = record;
        Ok(())
    }
}

/// Where records come from.
struct Source<R> {
    from: R,
    record: Vec<u8>,
}

impl<R: Read> Source<R> {
    fn record(&mut self) -> Result<&[u8], String> {
        let short = |why: io::Error| format!("it ends too soon: {why}");
        let (mut length, mut shift) = (0_u64, 0);
        loop {
            let mut byte = [0];
            self.from.read_exact(&mut byte).map_err(short)?;
            length |= u64::from(byte[0] & 0x7f) << shift;
            shift += 7;
            if byte[0] & 0x80 == 0 {
                break;
            }
            if shift > 28 {
                return Err("a record of it is too long".into());
            }
        }
        if length > RECORD_MAX {
            return Err("a record of it is too long".into());
        }
        self.record.resize(usize::try_from(length).unwrap_or(0), 0);
        self.from.read_exact(&mut self.record).map_err(short)?;
        Ok(&self.record)
    }
    fn names(&mut self, count: u32) -> Result<Names, String> {
        let mut names = Names::default();
        for _ in 0..count {
            let name = std::str::from_utf8(self.record()?).map_err(|_| "an id of it is no text")?;
            names.give(name);
        }
        Ok(names)
    }
    fn each<T>(&mut self, count: u32, make: impl Fn(&mut Bytes) -> T) -> Result<Vec<T>, String> {
        (0..count).map(|_| Ok(make(&mut Bytes::of(self.record()?)))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::facts::happened;
    use crate::history::generate::{Size, generate};

    fn bytes(history: &History) -> Vec<u8> {
        let mut out = vec![];
        write(history, &mut out).unwrap();
        out
    }

    #[test]
    fn what_is_kept_comes_back_whole() {
        let mut made = generate(Size { orders: 2_000, items: 300, sources: 9, days: 20, advice_hours: 12 }, 4);
        made.dirt.reject(Rejected {
            file: "lines.csv".into(),
            row: 7,
            column: "sku".into(),
            value: "NO".into(),
            kind: "unknown_sku".into(),
            reason: "no such item".into(),
        });
        made.dirt.note(Oddity::NeverApproved, "1001");
        let kept = bytes(&made);
        let back = read(&kept[..]).unwrap();
        assert_eq!(bytes(&back), kept, "and to the same bytes again");
        assert_eq!((back.by_time, back.dirt, back.span), (made.by_time.clone(), made.dirt.clone(), made.span));
        assert_eq!(back.pasts.iter().collect::<Vec<_>>(), made.pasts.iter().collect::<Vec<_>>());
        assert_eq!(back.order_ids.find("H7").map(|n| made.order_ids.get(n).to_owned()).as_deref(), Some("H7"));
        let again = read(&kept[..]).unwrap();
        assert_eq!(happened(&again), happened(&made));
    }

    #[test]
    fn what_is_no_history_is_refused() {
        let kept = bytes(&generate(Size { orders: 50, items: 20, sources: 3, days: 5, advice_hours: 0 }, 4));
        for cut in [0, 5, FORM.len(), FORM.len() + 1, kept.len() / 2, kept.len() - 1] {
            assert!(read(&kept[..cut]).is_err(), "cut at {cut}");
        }
        let mut later = kept.clone();
        later[FORM.len() - 2] = b'9';
        assert!(read(&later[..]).is_err(), "of a form to come");
    }
}
