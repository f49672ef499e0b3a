//! The rows of one order become its past: lines brought together, a purchase order per source, events in their place.

use super::super::super::dirt::{Dirt, Oddity, Rejected};
use super::super::super::mapping::{EVENT_WORDS, Table};
use super::super::super::names::Names;
use super::super::super::pack::{self, Bytes, put_number};
use super::super::super::{CancelledBy, History, LineFact, Moment, NOBODY, OrderFact, Past, PoFact};
use super::Event;

/// Lines of one order that are replayed; the engine takes no more either.
const LINES_MAX: usize = countersign_engine::order::LINES_MAX;

/// A row, kept until all are there.
pub(super) enum Kept {
    /// The order, and when all of it shipped.
    Order(OrderFact, Moment),
    /// A line, what it says of its purchase order, and whether its quantity adds up with others.
    Line(LineFact, PoFact, bool),
    /// An event, by the place of its word in [`EVENT_WORDS`].
    Event(usize, Event),
}

/// Nothing, or one more than the number.
fn put_some(out: &mut Vec<u8>, number: Option<u32>) {
    put_number(out, number.map_or(0, |n| u64::from(n) + 1));
}

fn some(from: &mut Bytes) -> Option<u32> {
    from.number().checked_sub(1).map(|n| n as u32)
}

impl Kept {
    pub fn put(&self, out: &mut Vec<u8>) {
        match self {
            Kept::Order(order, shipped) => {
                out.push(0);
                pack::put_order(out, order);
                pack::put_moments(out, order.placed, &[*shipped]);
            }
            Kept::Line(line, po, add_up) => {
                out.push(1 + u8::from(*add_up));
                pack::put_line(out, line);
                pack::put_po(out, Moment::NEVER, po);
            }
            Kept::Event(word, e) => {
                out.push(3);
                put_number(out, *word as u64);
                put_number(out, e.table as u64);
                put_number(out, e.row);
                [e.source, e.item, e.quantity].into_iter().for_each(|n| put_some(out, n));
                pack::put_moments(out, Moment::NEVER, &[e.at, e.due]);
            }
        }
    }

    pub fn get(from: &mut Bytes, order: u32) -> Self {
        match from.number() {
            0 => {
                let order = pack::order(from);
                let [shipped] = from.moments(order.placed);
                Kept::Order(order, shipped)
            }
            kind @ (1 | 2) => {
                let line = pack::line(from);
                Kept::Line(line, pack::po(from, Moment::NEVER), kind == 2)
            }
            _ => {
                let (word, table, row) = (from.small(), from.small(), from.number());
                let (source, item, quantity) = (some(from), some(from), some(from));
                let [at, due] = from.moments(Moment::NEVER);
                Kept::Event(word, Event { order, at, source, item, quantity, due, row, table })
            }
        }
    }
}

/// What is at hand while an order's past is made.
pub(super) struct Said<'a> {
    pub id: &'a str,
    pub sources: &'a Names,
    pub tables: &'a [Table],
}

impl Said<'_> {
    /// The past that the rows of an order make: lines first, whatever the order of the files.
    pub fn past(&self, rows: Vec<Kept>, dirt: &mut Dirt) -> Past {
        let (mut past, mut shipped) = (Past::default(), Moment::NEVER);
        for row in &rows {
            match row {
                Kept::Order(order, all) => (past.order, shipped) = (*order, *all),
                Kept::Line(line, po, add_up) => self.line(&mut past, *line, po, *add_up, dirt),
                Kept::Event(..) => {}
            }
        }
        if shipped.is_known() {
            if past.pos.len() > 1 {
                dirt.note(Oddity::ShipTimeOfOrder, self.id);
            }
            past.pos.iter_mut().for_each(|po| po.shipped = po.shipped.or(shipped));
        }
        for row in &rows {
            if let Kept::Event(word, event) = row
                && !happen(&mut past, EVENT_WORDS[*word], event)
            {
                dirt.reject(self.without_purchase_order(event));
            }
        }
        // An answer that accepts nothing of any line declines the purchase order.
        for (n, po) in past.pos.iter_mut().enumerate() {
            let mut lines = past.lines.iter().filter(|l| usize::from(l.po) == n);
            po.rejected |= po.answered.is_known() && lines.all(|l| l.accepted == 0);
        }
        past
    }

    fn line(&self, past: &mut Past, line: LineFact, said: &PoFact, add_up: bool, dirt: &mut Dirt) {
        let po = match said.source {
            NOBODY => u16::MAX,
            _ => po_of(&mut past.pos, said),
        };
        let same = |l: &&mut LineFact| add_up && l.item == line.item && l.po == po && l.price == line.price;
        if let Some(there) = past.lines.iter_mut().find(same) {
            there.quantity = there.quantity.saturating_add(line.quantity);
            if line.accepted != u32::MAX && there.accepted != u32::MAX {
                there.accepted = there.accepted.saturating_add(line.accepted);
            }
            dirt.note(Oddity::LinesJoined, self.id);
        } else if past.lines.len() < LINES_MAX {
            past.lines.push(LineFact { po, ..line });
        }
    }

    fn without_purchase_order(&self, event: &Event) -> Rejected {
        let table = &self.tables[event.table];
        Rejected {
            file: table.file.clone(),
            row: event.row,
            column: table.columns.get("source").map_or("source", String::as_str).to_owned(),
            value: event.source.map(|n| self.sources.get(n).to_owned()).unwrap_or_default(),
            kind: "unknown_purchase_order".into(),
            reason: "the order has no line at this source".into(),
        }
    }
}

/// The purchase order of that source within the order, with what another line says of it.
fn po_of(pos: &mut Vec<PoFact>, said: &PoFact) -> u16 {
    let there = pos.iter().position(|p| p.source == said.source);
    let at = there.unwrap_or_else(|| {
        pos.push(PoFact { source: said.source, ..PoFact::default() });
        pos.len() - 1
    });
    let po = &mut pos[at];
    po.sent = po.sent.or(said.sent);
    po.ship_by = po.ship_by.max(said.ship_by);
    po.answered = po.answered.or(said.answered);
    po.ship_on = po.ship_on.max(said.ship_on);
    po.shipped = po.shipped.max(said.shipped);
    po.delivered = po.delivered.max(said.delivered);
    if said.cancelled.is_known() && !po.cancelled.is_known() {
        (po.cancelled, po.cancelled_by) = (said.cancelled, said.cancelled_by);
    }
    u16::try_from(at).unwrap_or(u16::MAX - 1)
}

/// Takes an event in; false if the order has no purchase order that it could be about.
fn happen(past: &mut Past, word: &str, event: &Event) -> bool {
    let (order, at) = (&mut past.order, event.at);
    match word {
        "ignored" => return true,
        "approved" => {
            order.approved = order.approved.or(at);
            return true;
        }
        "delivered" if event.source.is_none() => {
            order.delivered = order.delivered.or(at);
            order.promised = order.promised.or(event.due);
            return true;
        }
        "cancelled_by_customer" => {
            if !order.cancelled.is_known() {
                (order.cancelled, order.cancelled_by) = (at, CancelledBy::Customer);
            }
            return true;
        }
        "cancelled" if event.source.is_none() => order.cancelled = order.cancelled.or(at),
        _ => {}
    }
    let mut any = false;
    let about = |(_, po): &(usize, &mut PoFact)| event.source.is_none_or(|s| s == po.source);
    for (n, po) in past.pos.iter_mut().enumerate().filter(about) {
        any = true;
        happen_to(po, word, event);
        if let ("accepted" | "rejected", Some(quantity)) = (word, event.quantity) {
            let item = |l: &&mut LineFact| usize::from(l.po) == n && event.item.is_none_or(|i| i == l.item);
            for line in past.lines.iter_mut().filter(item) {
                line.accepted = if word == "accepted" { quantity } else { line.quantity.saturating_sub(quantity) };
            }
        }
    }
    any
}

fn happen_to(po: &mut PoFact, word: &str, event: &Event) {
    match word {
        "sent" => {
            po.sent = po.sent.or(event.at);
            po.ship_by = po.ship_by.or(event.due);
        }
        "accepted" => {
            po.answered = po.answered.or(event.at);
            po.ship_on = po.ship_on.or(event.due);
        }
        "rejected" => {
            po.answered = po.answered.or(event.at);
            po.rejected |= event.quantity.is_none();
        }
        "shipped" => {
            po.shipped = po.shipped.or(event.at);
            po.ship_by = po.ship_by.or(event.due);
        }
        "delivered" => po.delivered = po.delivered.or(event.at),
        _ => {
            if !po.cancelled.is_known() {
                po.cancelled = event.at;
                po.cancelled_by = if word == "cancelled" { CancelledBy::Unknown } else { CancelledBy::Source };
            }
        }
    }
}

/// Notes what is odd about an order.
pub(super) fn oddities(id: &str, past: &Past, recorded_sent: bool, dirt: &mut Dirt) {
    let mut note = |wrong: bool, oddity| {
        if wrong {
            dirt.note(oddity, id);
        }
    };
    let (order, pos, has_lines) = (&past.order, &past.pos, !past.lines.is_empty());
    note(!has_lines, Oddity::OrderWithoutLines);
    note(order.approved.is_known() && order.approved < order.placed, Oddity::ApprovedBeforePlaced);
    for po in pos {
        let shipped = po.shipped.is_known();
        note(shipped && po.shipped < order.placed, Oddity::ShippedBeforePlaced);
        note(shipped && order.approved.is_known() && po.shipped < order.approved, Oddity::ShippedBeforeApproved);
        note(!po.sent.is_known() && shipped && recorded_sent, Oddity::ShippedNeverSent);
        note(!po.sent.is_known() && !shipped && !order.approved.is_known(), Oddity::NeverSent);
        note(po.answered.is_known() && po.answered < History::sent(order, po), Oddity::AnsweredBeforeSent);
    }
    let first = pos.iter().map(|p| p.shipped).filter(|s| s.is_known()).min();
    let cancelled = order.cancelled.is_known() || pos.iter().any(|p| p.cancelled.is_known());
    note(!order.approved.is_known() && has_lines, Oddity::NeverApproved);
    note(order.delivered.is_known() && first.is_some_and(|s| order.delivered < s), Oddity::DeliveredBeforeShipped);
    note(order.delivered.is_known() && has_lines && first.is_none(), Oddity::DeliveredNeverShipped);
    note(cancelled && first.is_some(), Oddity::CancelledAfterShipping);
}
