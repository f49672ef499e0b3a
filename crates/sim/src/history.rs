//! A history: what a retailer's orders, vendors and customers really did, in order of time, packed so that ten million
//! rows fit into less than a gigabyte.
//!
//! Knows nothing of policies and of the engine's decisions. Where a history is silent it says so ([`Recorded`]); what
//! is odd in it is counted and named ([`dirt::Dirt`]), never dropped in silence.

pub mod dirt;
pub mod facts;
pub mod generate;
pub mod journal;
pub mod keep;
pub mod mapping;
pub mod names;
pub mod nearest;
pub mod pack;
pub mod read;
pub mod records;
pub mod sheet;
pub mod table;

use countersign_engine::calendar::Zone;
use countersign_engine::measure::Currency;
use countersign_engine::source::SourceKind;
use jiff::Timestamp;
use jiff::civil::Time;
use names::Names;
pub use pack::Past;
use smol_str::SmolStr;

/// Seconds after which a purchase order without a ship-by date, or an order that waits to be asked for, of which nothing
/// more was heard, is no longer in flight.
const IN_FLIGHT_S: i64 = 7 * 86_400;

/// "Nobody": the source of a line of which the history does not say who supplied it.
pub const NOBODY: u32 = u32::MAX;

/// An instant in seconds since 1970, packed; good until 2106.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, serde::Serialize, serde::Deserialize)]
pub struct Moment(u32);

impl Moment {
    /// Not recorded. Sorts before every instant.
    pub const NEVER: Moment = Moment(0);
    /// The moment of an instant; `None` outside 1970 to 2106.
    pub fn of(at: Timestamp) -> Option<Self> {
        u32::try_from(at.as_second()).ok().filter(|s| *s > 0).map(Self)
    }
    /// A moment so many seconds after 1970.
    pub const fn from_seconds(seconds: u32) -> Self {
        Self(seconds)
    }
    /// True if it was recorded.
    pub fn is_known(self) -> bool {
        self.0 != 0
    }
    /// The instant, if it was recorded.
    pub fn known(self) -> Option<Timestamp> {
        self.is_known().then(|| self.at())
    }
    /// The instant; 1970 if it was not recorded.
    pub fn at(self) -> Timestamp {
        Timestamp::from_second(i64::from(self.0)).expect("because 32 bits of seconds are within jiff's range")
    }
    /// Seconds since 1970.
    pub fn seconds(self) -> i64 {
        i64::from(self.0)
    }
    /// This moment, or `other` if this one was not recorded.
    pub fn or(self, other: Moment) -> Moment {
        if self.is_known() { self } else { other }
    }
}

/// Whose doing the end of an order was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CancelledBy {
    /// The history does not say.
    #[default]
    Unknown,
    /// The customer's.
    Customer,
    /// The source's.
    Source,
}

/// An order as it went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OrderFact {
    /// When the customer placed it.
    pub placed: Moment,
    /// When it was released (paid, approved); the customer counts on it from then on.
    pub approved: Moment,
    /// The end of the promise told to the customer, as written.
    pub promised: Moment,
    /// When the last of it arrived.
    pub delivered: Moment,
    /// When it was cancelled.
    pub cancelled: Moment,
    /// By whom.
    pub cancelled_by: CancelledBy,
    /// Where it went: an index into [`History::regions`].
    pub region: u16,
    /// How it was ordered: an index into [`History::manners`].
    pub manner: u16,
    /// The day the customer asked for; its first moment in UTC.
    pub requested: Moment,
    /// When nobody could supply the rest, and it was given up before anybody was told that it is firm.
    pub given_up: Moment,
    /// Lines that the customer was told are firm, a bit each, where commitments are recorded; see [`OrderFact::is_firm`].
    pub firm: u32,
}

impl OrderFact {
    /// Bits of [`OrderFact::firm`]; the last one stands for all lines from there on.
    pub const FIRM_BITS: u32 = 30;
    /// All lines.
    pub const ALL_FIRM: u32 = (1 << Self::FIRM_BITS) - 1;
    /// The bit of a line.
    fn bit(line: usize) -> u32 {
        1 << u32::try_from(line).unwrap_or(u32::MAX).min(Self::FIRM_BITS - 1)
    }
    /// Notes that the customer was told that a line is firm.
    pub fn commit(&mut self, line: usize) {
        self.firm |= Self::bit(line);
    }
    /// True if the customer was told that a line is firm.
    pub fn is_firm(&self, line: usize) -> bool {
        self.firm & Self::bit(line) != 0
    }
}

/// How an order was placed, as far as rules look at it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Manner {
    /// The service level that was paid for.
    pub service_level: SmolStr,
    /// The sales channel it came in by.
    pub sales_channel: SmolStr,
}

impl Default for Manner {
    fn default() -> Self {
        Self { service_level: SmolStr::new_static("standard"), sales_channel: SmolStr::new_static("history") }
    }
}

impl Manner {
    /// The index of a manner among others, which takes it in if it is new; `None` if there are too many.
    pub fn index(self, among: &mut Vec<Manner>) -> Option<u16> {
        let at = among.iter().position(|known| *known == self).unwrap_or_else(|| {
            among.push(self);
            among.len() - 1
        });
        u16::try_from(at).ok()
    }
}

/// A line as the customer ordered it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineFact {
    /// Which item.
    pub item: u32,
    /// Base units ordered.
    pub quantity: u32,
    /// What the customer paid for one, in minor units.
    pub price: i64,
}

/// What one source was asked for a line. A line has none if the history does not say who supplied it, several if it was
/// split, or asked of another source after the first one declined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AskFact {
    /// Place of the line within the order.
    pub line: u16,
    /// Place of the purchase order within the order.
    pub po: u16,
    /// Base units asked for.
    pub quantity: u32,
    /// Base units the source accepted; [`u32::MAX`] if no answer is recorded for this line.
    pub accepted: u32,
    /// What one cost there, in minor units; the price where the history does not say.
    pub unit_cost: i64,
}

impl AskFact {
    /// True if the source is known to have accepted less than was asked for.
    pub fn is_short(&self) -> bool {
        self.accepted < self.quantity
    }
}

/// A purchase order as it went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PoFact {
    /// To whom.
    pub source: u32,
    /// When it went out.
    pub sent: Moment,
    /// When the source was to ship.
    pub ship_by: Moment,
    /// When the source answered.
    pub answered: Moment,
    /// The ship day its answer named.
    pub ship_on: Moment,
    /// When it shipped.
    pub shipped: Moment,
    /// When it arrived.
    pub delivered: Moment,
    /// When it was cancelled.
    pub cancelled: Moment,
    /// By whom.
    pub cancelled_by: CancelledBy,
    /// True if the answer declined it all.
    pub rejected: bool,
    /// What sending it cost, in minor units.
    pub shipping_cost: i64,
}

impl PoFact {
    /// True if it was cancelled, and nothing left.
    pub fn is_over(&self) -> bool {
        self.cancelled.is_known() && !self.shipped.is_known()
    }
    /// True if its source cancelled it.
    pub fn is_taken_back(&self) -> bool {
        self.is_over() && self.cancelled_by == CancelledBy::Source
    }
    /// True if it was cancelled, and not by its source as far as anybody knows: what the source would have done nobody
    /// knows.
    pub fn is_called_off(&self) -> bool {
        self.is_over() && self.cancelled_by != CancelledBy::Source
    }
}

/// What a source said it has.
#[derive(Debug, Clone, Copy)]
pub struct AdviceFact {
    /// As of when.
    pub at: Moment,
    /// Who.
    pub source: u32,
    /// What.
    pub item: u32,
    /// Base units.
    pub quantity: u32,
}

/// A source, as far as its history tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct SourceFact {
    /// Where it ships from: an index into [`History::regions`].
    pub ships_from: u16,
    /// Vendor or centre; a vendor where nothing says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<SourceKind>,
    /// Orders from this time of day on belong to the next working day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cutoff: Option<Time>,
    /// Working days from order to carrier; fitted to its ship-by dates where nothing says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handling_days: Option<u32>,
}

/// An item that was sold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemFact {
    /// Index into [`History::categories`].
    pub category: u16,
}

/// A source offers an item at a cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OfferFact {
    /// Which item.
    pub item: u32,
    /// Who.
    pub source: u32,
    /// What one costs, in minor units.
    pub unit_cost: i64,
    /// What sending it costs, in minor units.
    pub shipping_cost: i64,
}

/// Part of the world orders go to or sources ship from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, serde::Serialize, serde::Deserialize)]
pub struct Place {
    /// ISO 3166-1 alpha-2.
    pub country: SmolStr,
    /// State or province.
    pub region: Option<SmolStr>,
    /// First characters of the postal code.
    pub postal_code: Option<SmolStr>,
}

/// What a history records at all: where it is silent, the replay must assume or model, and says which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[expect(missing_docs, reason = "said by the names")]
pub struct Recorded {
    pub approvals: bool,
    pub sent: bool,
    pub answers: bool,
    pub advice: bool,
    pub ship_by: bool,
    pub shipments: bool,
    pub promises: bool,
    pub deliveries: bool,
    pub costs: bool,
    #[serde(default)]
    pub commitments: bool,
}

/// A history, ready for replay.
#[derive(Debug)]
pub struct History {
    /// Shown to people.
    pub name: String,
    /// Currency of all its amounts.
    pub currency: Currency,
    /// Zone in which its days are counted.
    pub zone: Zone,
    /// What stands in for what it does not say.
    pub assume: mapping::Assume,
    /// Order ids.
    pub order_ids: Names,
    /// Item numbers.
    pub skus: Names,
    /// Source ids.
    pub source_ids: Names,
    /// Categories; place 0 is what has none.
    pub categories: Vec<SmolStr>,
    /// Places; 0 is the mapping's own country.
    pub regions: Vec<Place>,
    /// Sources, by index.
    pub sources: Vec<SourceFact>,
    /// How orders were placed; 0 is where nothing says so.
    pub manners: Vec<Manner>,
    /// Records of sources, offers and items, where the history is our own journal.
    pub records: records::Records,
    /// Items, by index.
    pub items: Vec<ItemFact>,
    /// Who offers what, by item and source.
    pub offers: Vec<OfferFact>,
    /// Orders with their lines and purchase orders, by index (the order in which the history names them).
    pub pasts: pack::Pasts,
    /// Indexes of orders that were released and have lines, by time of release.
    pub by_time: Vec<u32>,
    /// Advice, by time.
    pub advice: Vec<AdviceFact>,
    /// The first and the last moment recorded.
    pub span: (Moment, Moment),
    /// What is recorded.
    pub recorded: Recorded,
    /// What was rejected, and what is odd.
    pub dirt: dirt::Dirt,
}

impl History {
    /// When an order was released to be supplied: approved, or placed where approvals are not recorded or goods left all
    /// the same. Not known for an order that never was.
    pub fn released(&self, past: &Past) -> Moment {
        let order = &past.order;
        if order.approved.is_known() {
            return order.approved.max(order.placed);
        }
        let went_on = |p: &PoFact| p.sent.is_known() || p.shipped.is_known() || p.answered.is_known();
        let anyway = !self.recorded.approvals || past.pos.iter().any(went_on);
        if anyway { order.placed } else { Moment::NEVER }
    }
    /// True if a purchase order was still under way when the history ended: asked, neither ended nor overdue.
    pub fn is_open(&self, past: &Past, po: &PoFact) -> bool {
        let ended = po.shipped.is_known() || po.cancelled.is_known() || po.rejected;
        let over = past.order.cancelled.is_known() || past.order.delivered.is_known();
        let due = match po.ship_by.is_known() {
            true => po.ship_by.seconds(),
            false => Self::sent(&past.order, po).seconds() + IN_FLIGHT_S,
        };
        !ended && !over && due >= self.span.1.seconds() && self.released(past).is_known()
    }
    /// When a purchase order was cut short that its source had not failed: by the end of the history, or of its order,
    /// which another source failed. What its source would have done from there on nobody knows.
    pub fn cut_short(&self, past: &Past, n: usize) -> Option<Moment> {
        let (order, po) = (&past.order, &past.pos[n]);
        if self.is_open(past, po) {
            return Some(self.span.1);
        }
        let ended = order.cancelled.is_known() && order.cancelled_by == CancelledBy::Source;
        let failed = po.rejected || po.is_taken_back() || past.asks_of(n).any(AskFact::is_short);
        (ended && !po.shipped.is_known() && !failed).then_some(po.cancelled.or(order.cancelled))
    }
    /// The category of an order: that of its first line's item.
    pub fn category_of(&self, past: &Past) -> u16 {
        past.lines.first().map_or(0, |l| self.items[l.item as usize].category)
    }
    /// True if an order was still under way when the history ended: asked, or waiting to be asked for.
    pub fn is_in_flight(&self, past: &Past) -> bool {
        past.pos.iter().any(|po| self.is_open(past, po)) || self.is_waiting(past)
    }
    /// True if something of an order could still be asked of somebody when the history ended: nobody was asked for it, or
    /// whoever was declined, and neither is that long ago nor is what was promised overdue.
    fn is_waiting(&self, past: &Past) -> bool {
        let Past { order, pos, lines, .. } = past;
        let over = [order.cancelled, order.delivered, order.given_up].iter().any(|at| at.is_known());
        if over || !self.released(past).is_known() || !(0..lines.len()).any(|n| past.is_unsupplied(n)) {
            return false;
        }
        // Only the legacy path makes firm before anybody is asked; what it did nobody told.
        if self.recorded.commitments && order.firm != 0 && pos.is_empty() {
            return true;
        }
        let of_pos = pos.iter().flat_map(|p| [p.sent, p.answered, p.shipped]);
        let heard = of_pos.chain([order.placed, order.approved]).max().unwrap_or_default();
        let due = pos.iter().map(|p| p.ship_by).chain([order.promised]).max().unwrap_or_default();
        due.seconds().max(heard.seconds() + IN_FLIGHT_S) >= self.span.1.seconds()
    }
    /// True if the customer was told that a line is firm. Without a gate, an order is firm as soon as it is released.
    pub fn is_firm(&self, past: &Past, line: usize) -> bool {
        !self.recorded.commitments || past.order.is_firm(line)
    }
    /// Orders that can be replayed, by time of release; equal times by index.
    pub(crate) fn timeline(&self) -> Vec<u32> {
        let mut timed: Vec<(Moment, u32)> = Vec::with_capacity(self.pasts.len());
        self.pasts.each(|n, past| {
            let at = self.released(past);
            if at.is_known() && !past.lines.is_empty() {
                timed.push((at, n));
            }
        });
        timed.sort_unstable();
        timed.into_iter().map(|(_, n)| n).collect()
    }
    /// When a purchase order counts as sent: as recorded, else when its order was released, else when it was placed.
    pub fn sent(order: &OrderFact, po: &PoFact) -> Moment {
        po.sent.or(order.approved).or(order.placed)
    }
}
