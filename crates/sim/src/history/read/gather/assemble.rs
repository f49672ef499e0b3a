//! The rows of one order become its past: lines brought together, a purchase order per source, events in their place,
//! and whose doing a cancellation was, where the rows tell.

use super::super::super::dirt::{Dirt, Oddity, Rejected};
use super::super::super::mapping::{EVENT_WORDS, Table};
use super::super::super::names::Names;
use super::super::super::pack::{self, Bytes, put_number, put_signed, put_text};
use super::super::super::{AskFact, CancelledBy, History, LineFact, Moment, NOBODY, OrderFact, Past, PoFact, Recorded};
use super::Event;
use smol_str::SmolStr;

/// Lines of one order that are replayed; the engine takes no more either.
const LINES_MAX: usize = countersign_engine::order::LINES_MAX;

/// Rows of one order that are used: every line of the largest order asked of three sources.
const ROWS_MAX: usize = 3 * LINES_MAX;

/// A row, kept until all are there.
pub(super) enum Kept {
    /// The order.
    Order(OrderRow),
    /// A line, or one try at supplying it.
    Line(LineRow),
    /// An event, by the place of its word in [`EVENT_WORDS`].
    Event(usize, Event),
}

/// What a row says of an order.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct OrderRow {
    pub fact: OrderFact,
    /// When all of it shipped.
    pub shipped: Moment,
    /// By whom it was cancelled, where it is called so and perhaps nothing says when.
    pub ended: Option<CancelledBy>,
}

/// What a row says of a line and of the purchase order that asked for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct LineRow {
    /// Which line of the order; empty if rows do not say.
    pub id: SmolStr,
    pub item: u32,
    pub quantity: u32,
    pub accepted: u32,
    pub price: i64,
    pub unit_cost: i64,
    pub po: PoFact,
    /// Rows of one item and source are one line.
    pub add_up: bool,
}

impl LineRow {
    fn put(&self, out: &mut Vec<u8>) {
        [self.item, self.quantity, self.accepted.wrapping_add(1)].into_iter().for_each(|n| put_number(out, n.into()));
        put_signed(out, self.price);
        put_signed(out, self.unit_cost.wrapping_sub(self.price));
        put_text(out, &self.id);
        pack::put_po(out, Moment::NEVER, &self.po);
    }
    fn get(from: &mut Bytes, add_up: bool) -> Self {
        let (item, quantity, accepted) = (from.small(), from.small(), from.small::<u32>().wrapping_sub(1));
        let price = from.signed();
        let unit_cost = price.wrapping_add(from.signed());
        let id = from.text().into();
        Self { id, item, quantity, accepted, price, unit_cost, po: pack::po(from, Moment::NEVER), add_up }
    }
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
            Kept::Order(OrderRow { fact, shipped, ended }) => {
                out.push(0);
                pack::put_order(out, fact);
                pack::put_moments(out, fact.placed, &[*shipped]);
                put_some(out, ended.map(|by| by as u32));
            }
            Kept::Line(row) => {
                out.push(1 + u8::from(row.add_up));
                row.put(out);
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
                let fact = pack::order(from);
                let [shipped] = from.moments(fact.placed);
                let ended = some(from).map(|by| pack::cancelled_by(by.into()));
                Kept::Order(OrderRow { fact, shipped, ended })
            }
            kind @ (1 | 2) => Kept::Line(LineRow::get(from, kind == 2)),
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
        let (mut past, mut shipped, mut ended) = (Past::default(), Moment::NEVER, None);
        let mut taken = vec![];
        for row in &rows {
            match row {
                Kept::Order(row) => (past.order, shipped, ended) = (row.fact, row.shipped, row.ended),
                Kept::Line(row) => self.line(&mut past, &mut taken, row, dirt),
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
        let known = past.asks.iter_mut().filter(|a| a.accepted != u32::MAX);
        for ask in known.filter(|a| a.accepted > a.quantity) {
            ask.accepted = ask.quantity;
            dirt.note(Oddity::AcceptedTooMuch, self.id);
        }
        if let Some(by) = ended {
            end(&mut past, by);
        }
        // An answer that accepts nothing of any line declines the purchase order.
        for (n, po) in past.pos.iter_mut().enumerate() {
            let mut asks = past.asks.iter().filter(|a| usize::from(a.po) == n);
            po.rejected |= po.answered.is_known() && asks.all(|a| a.accepted == 0);
        }
        in_order_of_asking(&mut past);
        settle_whose_doing(&mut past);
        past
    }

    /// Takes a row in; `taken` are the rows that were used, with the place of their line.
    fn line<'r>(&self, past: &mut Past, taken: &mut Vec<(&'r LineRow, u16)>, row: &'r LineRow, dirt: &mut Dirt) {
        if taken.len() >= ROWS_MAX {
            return dirt.note(Oddity::TooManyLines, self.id);
        }
        let of_line = |there: &&(&LineRow, u16)| !row.id.is_empty() && there.0.id == row.id;
        let joins = |there: &&(&LineRow, u16)| {
            let (t, _) = there;
            row.add_up && (t.item, t.price, t.po.source) == (row.item, row.price, row.po.source)
        };
        let is_repeat = |(t, _): &(&LineRow, u16)| match row.id.is_empty() {
            true => *t == row,
            false => t.id == row.id && t.po.source == row.po.source,
        };
        let known = taken.iter().find(joins).or_else(|| taken.iter().find(of_line)).map(|(_, place)| *place);
        if !row.add_up && taken.iter().any(is_repeat) {
            return dirt.note(Oddity::LineTwice, self.id);
        }
        let Some(place) = known.or_else(|| new_line(past, row)) else {
            return dirt.note(Oddity::TooManyLines, self.id);
        };
        let joined = row.add_up && known.is_some();
        if joined {
            let line = &mut past.lines[usize::from(place)];
            line.quantity = line.quantity.saturating_add(row.quantity);
            dirt.note(Oddity::LinesJoined, self.id);
        }
        if row.po.source != NOBODY {
            let po = po_of(&mut past.pos, &row.po);
            let there = past.asks.iter_mut().find(|a| joined && (a.line, a.po) == (place, po));
            match there {
                Some(ask) => {
                    ask.quantity = ask.quantity.saturating_add(row.quantity);
                    if row.accepted != u32::MAX && ask.accepted != u32::MAX {
                        ask.accepted = ask.accepted.saturating_add(row.accepted);
                    }
                }
                None => {
                    let LineRow { quantity, accepted, unit_cost, .. } = *row;
                    past.asks.push(AskFact { line: place, po, quantity, accepted, unit_cost });
                }
            }
        }
        taken.push((row, place));
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

/// An order that is called cancelled was, at the latest when the last thing was heard of it.
fn end(past: &mut Past, by: CancelledBy) {
    let Past { order, pos, .. } = past;
    if !order.cancelled.is_known() {
        let of_pos = || pos.iter().flat_map(|p| [p.sent, p.answered, p.shipped]);
        let heard = of_pos().chain([order.placed, order.approved, order.delivered]).max().unwrap_or_default();
        order.cancelled = pos.iter().map(|p| p.cancelled).max().unwrap_or_default().or(heard);
    }
    if order.cancelled_by == CancelledBy::Unknown {
        order.cancelled_by = by;
    }
}

/// A new line of the order for this row; `None` past the limit.
fn new_line(past: &mut Past, row: &LineRow) -> Option<u16> {
    if past.lines.len() >= LINES_MAX {
        return None;
    }
    past.lines.push(LineFact { item: row.item, quantity: row.quantity, price: row.price });
    u16::try_from(past.lines.len() - 1).ok()
}

/// Tries at a line stand in the order in which the sources were asked. What several sources supplied of it adds up; who
/// declined was asked for the same units that another one supplied.
fn in_order_of_asking(past: &mut Past) {
    let pos = &past.pos;
    past.asks.sort_by_key(|a| (a.line, pos[usize::from(a.po)].sent));
    for (n, line) in past.lines.iter_mut().enumerate() {
        let asks = || past.asks.iter().filter(|a| usize::from(a.line) == n);
        let supplied = |a: &&AskFact| {
            let po = &pos[usize::from(a.po)];
            !po.rejected && !po.cancelled.is_known() && a.accepted > 0
        };
        let together = asks().filter(supplied).map(|a| a.accepted.min(a.quantity)).sum();
        line.quantity = asks().map(|a| a.quantity).max().unwrap_or(line.quantity).max(together);
    }
}

/// A cancellation of which nobody said whose doing it was is the source's where a source is known to have failed; and
/// what the source failed to do is over for its purchase orders.
fn settle_whose_doing(past: &mut Past) {
    let is_short = |n: usize, po: &PoFact| po.answered.is_known() && past.asks_of(n).any(AskFact::is_short);
    let went_on = |n: usize| {
        let after =
            |(at, a): (usize, &AskFact)| usize::from(a.po) == n && past.asks[at + 1..].iter().any(|b| b.line == a.line);
        past.asks.iter().enumerate().any(after)
    };
    let declined: Vec<bool> = past.pos.iter().enumerate().map(|(n, po)| po.rejected || is_short(n, po)).collect();
    let others: Vec<bool> = (0..past.pos.len()).map(went_on).collect();
    let Past { order, pos, .. } = past;
    let said = |by: CancelledBy| pos.iter().any(|po| po.cancelled.is_known() && po.cancelled_by == by);
    let failed = declined.contains(&true) || said(CancelledBy::Source);
    if order.cancelled.is_known() && order.cancelled_by == CancelledBy::Unknown {
        order.cancelled_by = match (failed, said(CancelledBy::Customer)) {
            (true, _) => CancelledBy::Source,
            (_, true) => CancelledBy::Customer,
            _ => CancelledBy::Unknown,
        };
    }
    let whole = order.cancelled.is_known().then_some(order.cancelled_by);
    for (n, po) in pos.iter_mut().enumerate().filter(|(_, po)| po.cancelled_by == CancelledBy::Unknown) {
        // A line that went on to another source was not called off: the one before it had failed.
        po.cancelled_by = match whole {
            _ if !po.is_over() => CancelledBy::Unknown,
            _ if declined[n] || others[n] => CancelledBy::Source,
            Some(CancelledBy::Source) if failed => CancelledBy::Unknown,
            Some(by) => by,
            None => CancelledBy::Unknown,
        };
    }
    if whole == Some(CancelledBy::Source) && !pos.iter().any(|p| p.rejected || p.cancelled.is_known()) {
        for po in pos.iter_mut().filter(|p| !p.shipped.is_known()) {
            (po.cancelled, po.cancelled_by) = (order.cancelled, CancelledBy::Source);
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
    po.shipping_cost = po.shipping_cost.max(said.shipping_cost);
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
            let lines = &past.lines;
            let is_meant = |a: &&mut AskFact| {
                usize::from(a.po) == n && event.item.is_none_or(|i| i == lines[usize::from(a.line)].item)
            };
            for ask in past.asks.iter_mut().filter(is_meant) {
                ask.accepted = if word == "accepted" { quantity } else { ask.quantity.saturating_sub(quantity) };
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
pub(super) fn oddities(id: &str, past: &Past, recorded: Recorded, dirt: &mut Dirt) {
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
        note(!po.sent.is_known() && shipped && recorded.sent, Oddity::ShippedNeverSent);
        note(!po.sent.is_known() && !shipped && !order.approved.is_known(), Oddity::NeverSent);
        note(po.answered.is_known() && po.answered < History::sent(order, po), Oddity::AnsweredBeforeSent);
    }
    let first = pos.iter().map(|p| p.shipped).filter(|s| s.is_known()).min();
    let all_shipped = !pos.is_empty() && pos.iter().all(|p| p.shipped.is_known());
    let cancelled =
        order.cancelled.is_known() && all_shipped || pos.iter().any(|p| p.cancelled.is_known() && p.shipped.is_known());
    let (unknown, gone) = (order.cancelled_by == CancelledBy::Unknown, order.cancelled.is_known());
    note(past.is_cause_unknown() || (gone && unknown && !has_lines), Oddity::CancelledByUnknown);
    note(!order.approved.is_known() && has_lines && recorded.approvals, Oddity::NeverApproved);
    note(order.delivered.is_known() && first.is_some_and(|s| order.delivered < s), Oddity::DeliveredBeforeShipped);
    note(order.delivered.is_known() && has_lines && first.is_none(), Oddity::DeliveredNeverShipped);
    note(cancelled, Oddity::CancelledAfterShipping);
}
