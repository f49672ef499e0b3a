//! Advice and the stock side of holds.

use super::stock_of;
use crate::event::{Event, HeldAs};
use crate::ids::SourceId;
use crate::measure::Quantity;
use crate::slice::{Key, Record, Slice};
use crate::source::Load;
use crate::stock::{Incoming, Stock};
use jiff::SignedDuration;
use jiff::civil::Date;

/// Days of capacity kept before the day last booked: younger ones may still be given back.
const LOAD_KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

pub(super) fn advise(slice: &mut Slice, event: &Event) {
    let Event::AdviceRecorded { source, as_of, origin, full, lines, carried } = event else { return };
    for line in lines {
        let stock = stock_of(slice, source, &line.sku);
        stock.advised = line.quantity;
        stock.as_of = *as_of;
        stock.origin = *origin;
        stock.in_full_feed = *full;
        let held = std::mem::take(&mut stock.incoming);
        stock.incoming = line.incoming.clone();
        for (day, incoming) in held {
            if let Some(now) = stock.incoming.get_mut(&day) {
                now.held = incoming.held;
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
        Event::HoldPlaced { source, sku, quantity, incoming, load_day, .. } => {
            let stock = stock_of(slice, source, sku);
            match incoming {
                Some(day) => stock.incoming.entry(*day).or_default().held += *quantity,
                None => stock.soft += *quantity,
            }
            if let Some(day) = load_day {
                if slice.load(source).is_none() {
                    slice.put(Key::Load(source.clone()), Record::Load(Load::default().into()));
                }
                let load = slice.load_mut(source).expect("because it was just put there");
                load.by_day.retain(|d, _| d.saturating_add(LOAD_KEPT) >= *day);
                *load.by_day.entry(*day).or_default() += *quantity;
            }
        }
        Event::HoldFirmed { source, sku, quantity, given_back, from, minute, load_day, order, assignment } => {
            unload(slice, source, *load_day, *given_back);
            let incoming = slice.order(order).and_then(|o| o.assignment(*assignment)?.hold?.incoming);
            let stock = stock_of(slice, source, sku);
            match incoming {
                Some(day) => give_back_incoming(stock, day, *given_back),
                None => {
                    leave(stock, *from, *quantity + *given_back);
                    *stock.firm.entry(*minute).or_default() += *quantity;
                }
            }
        }
        Event::HoldReleased { source, sku, quantity, incoming, from_minute, load_day, .. } => {
            unload(slice, source, *load_day, *quantity);
            let stock = stock_of(slice, source, sku);
            match (incoming, from_minute) {
                (Some(day), _) => give_back_incoming(stock, *day, *quantity),
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

fn give_back_incoming(stock: &mut Stock, day: Date, quantity: Quantity) {
    if let Some(Incoming { held, .. }) = stock.incoming.get_mut(&day) {
        *held = held.less(quantity);
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
