//! Advice and the stock side of holds.

use crate::event::{Event, HeldAs};
use crate::ids::SourceId;
use crate::measure::Quantity;
use crate::slice::{Key, Record, Slice};
use crate::source::Load;
use crate::stock::{Incoming, Stock};
use jiff::SignedDuration;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// Days of capacity kept before the present: younger ones may still be given back.
const LOAD_KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

pub(super) fn advise(slice: &mut Slice, event: &Event) {
    let Event::AdviceRecorded { source, as_of, origin, full, lines, carried } = event else { return };
    for line in lines {
        let stock = slice.stock_made(source, &line.sku);
        stock.advised = line.quantity;
        stock.as_of = *as_of;
        stock.origin = *origin;
        stock.in_full_feed = *full;
        let held = std::mem::take(&mut stock.incoming);
        stock.incoming = line.incoming.clone();
        for (day, before) in held {
            if let Some(now) = stock.incoming.get_mut(&day) {
                (now.held, now.soft) = (before.held, before.soft);
            } else if !before.soft.is_zero() {
                let arrived = Incoming { quantity: Quantity::ZERO, held: before.soft, soft: before.soft };
                stock.incoming.insert(day, arrived);
            }
        }
        let known = as_of.as_second().div_euclid(60);
        stock.firm.retain(|minute, _| *minute > known);
        if let Some((minute, quantity)) = carried.get(&line.sku) {
            *stock.firm.entry(*minute).or_default() += *quantity;
        }
    }
}

pub(super) fn hold(slice: &mut Slice, event: &Event) {
    match event {
        Event::HoldPlaced { source, sku, quantity, incoming, load_day, expires, .. } => {
            let stock = slice.stock_made(source, sku);
            match incoming {
                Some(day) => {
                    let receipt = stock.incoming.entry(*day).or_default();
                    receipt.held += *quantity;
                    receipt.soft += *quantity;
                }
                None => stock.soft += *quantity,
            }
            if let Some(day) = load_day {
                if slice.load(source).is_none() {
                    slice.put(Key::Load(source.clone()), Record::Load(Load::default().into()));
                }
                let load = slice.load_mut(source).expect("because it was just put there");
                // A hold expires soon after it was placed: that is as near to the present as an event tells.
                let present = expires.to_zoned(TimeZone::UTC).date().min(*day);
                load.by_day.retain(|d, _| d.saturating_add(LOAD_KEPT) >= present);
                *load.by_day.entry(*day).or_default() += *quantity;
            }
        }
        Event::HoldFirmed { source, sku, quantity, given_back, from, minute, load_day, order, assignment } => {
            unload(slice, source, *load_day, *given_back);
            let incoming = slice.order(order).and_then(|o| o.assignment(*assignment)?.hold?.incoming);
            let stock = slice.stock_made(source, sku);
            match incoming {
                Some(day) => firm_receipt(stock, day, *quantity, *given_back, *from, *minute),
                None => {
                    leave(stock, *from, *quantity + *given_back);
                    *stock.firm.entry(*minute).or_default() += *quantity;
                }
            }
        }
        Event::HoldReleased { source, sku, quantity, incoming, from_minute, load_day, .. } => {
            unload(slice, source, *load_day, *quantity);
            let stock = slice.stock_made(source, sku);
            match (incoming, from_minute) {
                (Some(day), from) => give_back_incoming(stock, *day, *quantity, from.is_none()),
                (None, None) => leave(stock, HeldAs::Soft, *quantity),
                (None, Some(minute)) => leave(stock, HeldAs::Firm(*minute), *quantity),
            }
        }
        other => panic!("{other:?} is not about a hold"),
    }
}

/// Frees capacity of a day, if that day is still kept.
fn unload(slice: &mut Slice, source: &SourceId, day: Option<Date>, quantity: Quantity) {
    let Some(day) = day else { return };
    let Some(booked) = slice.load_mut(source).and_then(|l| l.by_day.get_mut(&day)) else { return };
    *booked = booked.less(quantity);
}

/// The source stands for units of a receipt. Where the receipt has arrived meanwhile, they are held on the shelf.
fn firm_receipt(stock: &mut Stock, day: Date, quantity: Quantity, given_back: Quantity, from: HeldAs, minute: i64) {
    let Some(receipt) = stock.incoming.get_mut(&day) else { return };
    receipt.held = receipt.held.less(given_back);
    if from == HeldAs::Soft {
        receipt.soft = receipt.soft.less(quantity + given_back);
        if receipt.has_arrived() {
            receipt.held = receipt.held.less(quantity);
            *stock.firm.entry(minute).or_default() += quantity;
        }
    }
    forget_arrived(stock, day);
}

fn give_back_incoming(stock: &mut Stock, day: Date, quantity: Quantity, soft: bool) {
    let Some(receipt) = stock.incoming.get_mut(&day) else { return };
    receipt.held = receipt.held.less(quantity);
    if soft {
        receipt.soft = receipt.soft.less(quantity);
    }
    forget_arrived(stock, day);
}

/// A receipt that has arrived is kept as long as somebody waits for the source's word about it.
fn forget_arrived(stock: &mut Stock, day: Date) {
    if stock.incoming.get(&day).is_some_and(|i| i.has_arrived() && i.held.is_zero()) {
        stock.incoming.remove(&day);
    }
}

/// Takes units out of the sum they stand in; a firm sum that advice has netted is no longer there.
fn leave(stock: &mut Stock, from: HeldAs, quantity: Quantity) {
    match from {
        HeldAs::Soft => stock.soft = stock.soft.less(quantity),
        HeldAs::Firm(minute) => {
            if let Some(firm) = stock.firm.get_mut(&minute) {
                *firm = firm.less(quantity);
            }
            stock.firm.retain(|_, q| !q.is_zero());
        }
        HeldAs::Nothing => {}
    }
}
