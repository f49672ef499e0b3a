//! Orders of the past packed into bytes: an order with its lines and purchase orders costs some forty bytes instead of a
//! hundred and fifty, and is unpacked when it is looked at. Knows nothing of what the fields mean.

use super::{AskFact, CancelledBy, LineFact, Moment, OrderFact, PoFact};

/// Bytes of one block. Blocks never move, so that growing needs no room for a copy.
const BLOCK: usize = 1 << 20;

/// Records of bytes, each found by its place.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    blocks: Vec<Vec<u8>>,
    /// Records by block that were not let go yet.
    held: Vec<u32>,
}

impl Blocks {
    /// Keeps a record; gives its place.
    pub fn push(&mut self, record: &[u8]) -> u32 {
        debug_assert!(record.len() < BLOCK, "because limits of lines and letters keep records far smaller");
        if self.blocks.last().is_none_or(|b| b.len() + record.len() > BLOCK) {
            self.blocks.push(Vec::with_capacity(BLOCK));
            self.held.push(0);
        }
        let at = self.blocks.len() - 1;
        let place = at * BLOCK + self.blocks[at].len();
        self.blocks[at].extend_from_slice(record);
        self.held[at] += 1;
        u32::try_from(place).expect("because the limit of rows keeps a history under four gigabytes")
    }
    /// The bytes from a place on.
    pub fn at(&self, place: u32) -> Bytes<'_> {
        let place = place as usize;
        Bytes(&self.blocks[place / BLOCK][place % BLOCK..])
    }
    /// The record at a place is not needed any more; a block of which none is needed is freed.
    pub fn let_go(&mut self, place: u32) {
        let at = place as usize / BLOCK;
        self.held[at] -= 1;
        if self.held[at] == 0 && at + 1 < self.blocks.len() {
            self.blocks[at] = vec![];
        }
    }
}

/// Bytes being read.
#[derive(Clone, Copy)]
pub(crate) struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    /// Of one record.
    pub fn of(record: &'a [u8]) -> Self {
        Self(record)
    }
    /// True if all were read.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    pub fn number(&mut self) -> u64 {
        let (mut value, mut shift) = (0_u64, 0);
        loop {
            let (first, rest) = self.0.split_first().expect("because a record is read as it was written");
            self.0 = rest;
            value |= u64::from(first & 0x7f) << shift;
            if first & 0x80 == 0 {
                return value;
            }
            shift += 7;
        }
    }
    /// A number that was written from a type that holds no more.
    pub fn small<T: TryFrom<u64>>(&mut self) -> T {
        T::try_from(self.number()).ok().expect("because a record is read as it was written")
    }
    pub fn signed(&mut self) -> i64 {
        let n = self.number();
        (n >> 1).cast_signed() ^ -(n & 1).cast_signed()
    }
    /// Times as [`put_moments`] wrote them.
    pub fn moments<const N: usize>(&mut self, near: Moment) -> [Moment; N] {
        let (known, mut near) = (self.number(), near.seconds());
        std::array::from_fn(|n| {
            if known & (1 << n) == 0 {
                return Moment::NEVER;
            }
            near += self.signed();
            Moment::from_seconds(u32::try_from(near).expect("because it was a moment when it was written"))
        })
    }
    pub fn text(&mut self) -> &'a str {
        let length: usize = self.small();
        let (text, rest) = self.0.split_at(length);
        self.0 = rest;
        std::str::from_utf8(text).expect("because a text was written")
    }
}

pub(crate) fn put_number(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

pub(crate) fn put_signed(out: &mut Vec<u8>, value: i64) {
    put_number(out, ((value << 1) ^ (value >> 63)).cast_unsigned());
}

/// Times that lie near one another: which are known, and how far each known one is from the one before it.
pub(super) fn put_moments(out: &mut Vec<u8>, near: Moment, moments: &[Moment]) {
    let known = moments.iter().enumerate().fold(0, |bits, (n, m)| bits | (u64::from(m.is_known()) << n));
    put_number(out, known);
    let mut near = near.seconds();
    for moment in moments.iter().filter(|m| m.is_known()) {
        put_signed(out, moment.seconds() - near);
        near = moment.seconds();
    }
}

pub(super) fn put_text(out: &mut Vec<u8>, text: &str) {
    put_number(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

pub(super) fn put_order(out: &mut Vec<u8>, order: &OrderFact) {
    put_number(out, order.placed.seconds().cast_unsigned());
    let by = order.cancelled_by as u64;
    let marks = u64::from(order.manner) << 18 | u64::from(order.region) << 2 | by;
    put_number(out, u64::from(order.firm & OrderFact::ALL_FIRM) << 34 | marks);
    let moments = [order.approved, order.promised, order.delivered, order.cancelled, order.requested, order.given_up];
    put_moments(out, order.placed, &moments);
}

pub(super) fn order(from: &mut Bytes) -> OrderFact {
    let placed = Moment::from_seconds(from.small());
    let marks = from.number();
    let [approved, promised, delivered, cancelled, requested, given_up] = from.moments(placed);
    let (region, manner, firm) = ((marks >> 2) as u16, (marks >> 18) as u16, (marks >> 34) as u32);
    let cancelled_by = cancelled_by(marks);
    OrderFact {
        placed,
        approved,
        promised,
        delivered,
        cancelled,
        cancelled_by,
        region,
        manner,
        requested,
        given_up,
        firm,
    }
}

pub(super) fn cancelled_by(marks: u64) -> CancelledBy {
    match marks & 3 {
        1 => CancelledBy::Customer,
        2 => CancelledBy::Source,
        _ => CancelledBy::Unknown,
    }
}

pub(super) fn put_po(out: &mut Vec<u8>, near: Moment, po: &PoFact) {
    put_number(out, u64::from(po.source) << 3 | u64::from(po.rejected) << 2 | po.cancelled_by as u64);
    let moments = [po.sent, po.ship_by, po.answered, po.ship_on, po.shipped, po.delivered, po.cancelled];
    put_moments(out, near, &moments);
    put_signed(out, po.shipping_cost);
}

pub(super) fn po(from: &mut Bytes, near: Moment) -> PoFact {
    let marks = from.number();
    let [sent, ship_by, answered, ship_on, shipped, delivered, cancelled] = from.moments(near);
    let source = (marks >> 3) as u32;
    let (cancelled_by, rejected) = (cancelled_by(marks), marks & 4 != 0);
    let shipping_cost = from.signed();
    PoFact {
        source,
        sent,
        ship_by,
        answered,
        ship_on,
        shipped,
        delivered,
        cancelled,
        cancelled_by,
        rejected,
        shipping_cost,
    }
}

pub(super) fn put_line(out: &mut Vec<u8>, line: &LineFact) {
    put_number(out, line.item.into());
    put_number(out, line.quantity.into());
    put_signed(out, line.price);
}

pub(super) fn line(from: &mut Bytes) -> LineFact {
    LineFact { item: from.small(), quantity: from.small(), price: from.signed() }
}

/// Most asks are for all of their line, are accepted whole or not answered on record, and cost about the price.
pub(super) fn put_ask(out: &mut Vec<u8>, ask: &AskFact, line: &LineFact) {
    put_number(out, ask.line.into());
    put_number(out, ask.po.into());
    put_number(out, if ask.quantity == line.quantity { 0 } else { u64::from(ask.quantity) + 1 });
    put_number(
        out,
        match ask.accepted {
            n if n == ask.quantity => 0,
            u32::MAX => 1,
            n => u64::from(n) + 2,
        },
    );
    put_signed(out, ask.unit_cost.wrapping_sub(line.price));
}

pub(super) fn ask(from: &mut Bytes, line_at: impl Fn(u16) -> LineFact) -> AskFact {
    let (place, po) = (from.small(), from.small());
    let line = line_at(place);
    let quantity = from.number().checked_sub(1).map_or(line.quantity, |n| n as u32);
    let accepted = match from.number() {
        0 => quantity,
        1 => u32::MAX,
        n => (n - 2) as u32,
    };
    AskFact { line: place, po, quantity, accepted, unit_cost: line.price.wrapping_add(from.signed()) }
}

fn unpack(from: &mut Bytes, into: &mut Past) {
    let Past { order: fact, lines, asks, pos } = into;
    *fact = order(from);
    pos.clear();
    pos.extend((0..from.number()).map(|_| po(from, fact.placed)));
    lines.clear();
    lines.extend((0..from.number()).map(|_| line(from)));
    asks.clear();
    asks.extend((0..from.number()).map(|_| ask(from, |n| lines[usize::from(n)])));
}

/// One order's past: the order, its lines, its purchase orders, and which line was asked of which.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Past {
    /// The order.
    pub order: OrderFact,
    /// Its lines.
    pub lines: Vec<LineFact>,
    /// What was asked for its lines; those of one line in the order of asking.
    pub asks: Vec<AskFact>,
    /// Its purchase orders.
    pub pos: Vec<PoFact>,
}

impl Past {
    /// What a purchase order asks for.
    pub fn asks_of(&self, po: usize) -> impl Iterator<Item = &AskFact> {
        self.asks.iter().filter(move |a| usize::from(a.po) == po)
    }
    /// What was asked for a line, in the order of asking.
    pub fn asks_for(&self, line: usize) -> impl DoubleEndedIterator<Item = &AskFact> {
        self.asks.iter().filter(move |a| usize::from(a.line) == line)
    }
    /// True if a line went from one source to another, after the first one had declined or taken back.
    pub fn is_rerouted(&self, line: usize) -> bool {
        let failed = |a: &AskFact| {
            let po = &self.pos[usize::from(a.po)];
            po.rejected || po.cancelled.is_known() || a.is_short()
        };
        let mut tries = self.asks_for(line).rev();
        tries.next().is_some() && tries.any(failed)
    }
    /// True if somebody could still be asked for something of a line: it did not leave, was not called off, and nobody who
    /// might send it was asked.
    pub(super) fn is_unsupplied(&self, line: usize) -> bool {
        let left: u32 = self.asks_for(line).map(|a| self.left(a)).sum();
        let declined = |a: &AskFact| self.pos[usize::from(a.po)].rejected || a.is_short();
        left < self.lines[line].quantity
            && self.ended(line).is_none()
            && self.asks_for(line).next_back().is_none_or(declined)
    }
    /// When a line was called off, and by whom: with the whole order, or with the purchase order that asked for it last.
    fn ended(&self, line: usize) -> Option<(Moment, CancelledBy)> {
        let last = self.asks_for(line).next_back();
        if self.order.cancelled.is_known() {
            let by = match self.order.cancelled_by {
                CancelledBy::Unknown if last.is_some_and(|a| self.is_failed(a)) => CancelledBy::Source,
                by => by,
            };
            return Some((self.order.cancelled, by));
        }
        let po = &self.pos[usize::from(last?.po)];
        po.is_over().then_some((po.cancelled, po.cancelled_by))
    }
    /// True if a source is known to have declined, accepted too little or taken back.
    fn is_failed(&self, ask: &AskFact) -> bool {
        let po = &self.pos[usize::from(ask.po)];
        po.rejected || po.is_taken_back() || ask.is_short()
    }
    /// Base units of a line that did not come, and not by any known failing of a source: the customer wanted them no more,
    /// or nothing says who did. They count neither for a policy nor against it.
    pub fn excused(&self, line: usize) -> u32 {
        match self.ended(line) {
            Some((_, CancelledBy::Customer | CancelledBy::Unknown)) => {
                let left: u32 = self.asks_for(line).map(|a| self.left(a)).sum();
                self.lines[line].quantity.saturating_sub(left)
            }
            _ => 0,
        }
    }
    /// When a line was called off by whoever is not known to be a source; nobody ships what is called off, and what left
    /// all the same was not called off in time by somebody unknown.
    pub fn called_off(&self, line: usize) -> Option<Moment> {
        let (at, by) = self.ended(line)?;
        let counts = match by {
            CancelledBy::Customer => true,
            CancelledBy::Unknown => self.asks_for(line).all(|a| self.left(a) == 0),
            CancelledBy::Source => false,
        };
        counts.then_some(at)
    }
    /// When all of the order was called off at once.
    pub fn withdrawn(&self) -> Option<Moment> {
        let first = self.called_off(0).filter(|_| !self.lines.is_empty())?;
        (1..self.lines.len()).all(|n| self.called_off(n) == Some(first)).then_some(first)
    }
    /// True if something of the order was called off, and nothing says by whom.
    pub fn is_cause_unknown(&self) -> bool {
        let unknown = |n| self.ended(n).is_some_and(|(_, by)| by == CancelledBy::Unknown) && self.excused(n) > 0;
        (0..self.lines.len()).any(unknown)
    }
    /// Base units of an ask that left.
    pub fn left(&self, ask: &AskFact) -> u32 {
        if self.pos[usize::from(ask.po)].shipped.is_known() { ask.accepted.min(ask.quantity) } else { 0 }
    }
}

/// The pasts of all orders, by index.
#[derive(Debug, Default)]
pub struct Pasts {
    blocks: Blocks,
    places: Vec<u32>,
    scratch: Vec<u8>,
}

impl Pasts {
    /// Room for so many.
    pub fn with_capacity(orders: usize) -> Self {
        Self { places: Vec::with_capacity(orders), ..Self::default() }
    }
    /// How many.
    pub fn len(&self) -> usize {
        self.places.len()
    }
    /// True if there are none.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }
    /// Keeps one more.
    pub fn push(&mut self, past: &Past) {
        let mut out = std::mem::take(&mut self.scratch);
        out.clear();
        put_order(&mut out, &past.order);
        put_number(&mut out, past.pos.len() as u64);
        past.pos.iter().for_each(|po| put_po(&mut out, past.order.placed, po));
        put_number(&mut out, past.lines.len() as u64);
        past.lines.iter().for_each(|line| put_line(&mut out, line));
        put_number(&mut out, past.asks.len() as u64);
        past.asks.iter().for_each(|ask| put_ask(&mut out, ask, &past.lines[usize::from(ask.line)]));
        self.push_packed(&out);
        self.scratch = out;
    }
    /// Keeps one more that is packed already.
    pub(super) fn push_packed(&mut self, packed: &[u8]) {
        self.places.push(self.blocks.push(packed));
    }
    /// The past of an order.
    pub fn get(&self, index: u32) -> Past {
        let mut past = Past::default();
        self.read(index, &mut past);
        past
    }
    /// The past of an order, written over another one, whose room is used again.
    pub fn read(&self, index: u32, over: &mut Past) {
        unpack(&mut self.blocks.at(self.places[index as usize]), over);
    }
    /// Shows all in turn, with their indexes: nothing is kept of them, so this costs less than [`Self::iter`].
    pub fn each(&self, mut see: impl FnMut(u32, &Past)) {
        let mut past = Past::default();
        for n in 0..u32::try_from(self.len()).unwrap_or(u32::MAX) {
            self.read(n, &mut past);
            see(n, &past);
        }
    }
    /// The same, packed.
    pub(super) fn packed(&self, index: u32) -> &[u8] {
        let all = self.blocks.at(self.places[index as usize]);
        let mut rest = all;
        unpack(&mut rest, &mut Past::default());
        &all.0[..all.0.len() - rest.0.len()]
    }
    /// All, with their indexes.
    pub fn iter(&self) -> impl Iterator<Item = (u32, Past)> {
        (0..u32::try_from(self.len()).unwrap_or(u32::MAX)).map(|n| (n, self.get(n)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::NOBODY;

    #[test]
    fn what_is_packed_comes_back_whole() {
        let m = Moment::from_seconds;
        let most = PoFact {
            source: u32::MAX - 1,
            sent: m(u32::MAX),
            ship_by: m(1),
            answered: m(4_000_000_000),
            ship_on: m(7),
            shipped: m(2_000_000_000),
            delivered: m(3),
            cancelled: m(u32::MAX - 1),
            cancelled_by: CancelledBy::Source,
            rejected: true,
            shipping_cost: i64::MIN,
        };
        let line = |price| LineFact { item: u32::MAX, quantity: 100_000, price };
        let ask = |line, po, quantity, accepted, unit_cost| AskFact { line, po, quantity, accepted, unit_cost };
        let order = OrderFact {
            placed: m(1_767_571_200),
            approved: m(9),
            promised: m(u32::MAX),
            delivered: Moment::NEVER,
            cancelled: m(1_767_571_201),
            cancelled_by: CancelledBy::Customer,
            region: u16::MAX,
            manner: u16::MAX,
            requested: m(77),
            given_up: m(5),
            firm: OrderFact::ALL_FIRM,
        };
        let whole = Past {
            order,
            lines: vec![line(i64::MIN), line(i64::MAX), line(-1)],
            asks: vec![
                ask(0, 0, 100_000, u32::MAX, i64::MAX),
                ask(2, u16::MAX - 1, 7, 0, 0),
                ask(2, 1, 0, 0, -1),
                ask(1, 63, u32::MAX - 2, u32::MAX - 3, i64::MIN),
            ],
            pos: vec![most, PoFact { source: NOBODY, ..PoFact::default() }],
        };
        let mut pasts = Pasts::default();
        for _ in 0..50_000 {
            pasts.push(&Past::default());
            pasts.push(&whole);
        }
        assert_eq!(pasts.len(), 100_000);
        for (n, past) in pasts.iter() {
            assert_eq!(past, if n % 2 == 0 { Past::default() } else { whole.clone() }, "{n}");
        }
    }

    #[test]
    fn blocks_are_freed_once_all_their_records_are_let_go() {
        let mut blocks = Blocks::default();
        let record = vec![7_u8; 1_000];
        let places: Vec<u32> = (0..3_000).map(|_| blocks.push(&record)).collect();
        assert_eq!(blocks.blocks.len(), 3);
        places[..2_000].iter().for_each(|place| blocks.let_go(*place));
        assert!(blocks.blocks[0].is_empty() && !blocks.blocks[1].is_empty());
        assert_eq!(blocks.at(places[2_999]).number(), 7);
    }
}
