//! What became of an order, and sums of it. Whole numbers only, so that sums are the same in any order of adding.

use crate::history::facts::Share;
use crate::history::{History, NOBODY, Past};
use serde::Serialize;

/// What a result rests on. The worst of its parts: what is modelled anywhere is modelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ground {
    /// The history tells what the source did when it was asked for this order.
    #[default]
    Observed,
    /// The history tells what was shipped or cancelled; that and when the source answered is assumed.
    Assumed,
    /// The history did not ask this source for this: a model fitted to its own history answers.
    Modelled,
}

/// Whether a promise was kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kept {
    /// Nothing arrived, or nothing was promised.
    #[default]
    Unknown,
    /// Arrived by the promised day.
    Kept,
    /// Arrived later.
    Late,
}

/// What became of one order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Outcome {
    /// Its index in the history.
    #[serde(skip)]
    pub order: u32,
    /// What this rests on.
    pub ground: Ground,
    /// Units ordered.
    pub units: u32,
    /// Units that left.
    pub shipped: u32,
    /// Units that were firm (told to the customer as sure) and were not supplied in the end.
    pub broken_units: u32,
    /// Units that were given up before anybody was told they were firm.
    pub given_up_units: u32,
    /// Units that were firm and neither left nor were cancelled.
    pub stuck_units: u32,
    /// It was called off: the customer wanted it no more, or nothing says who did.
    pub withdrawn: bool,
    /// It was called off, and nothing says by whom.
    pub cause_unknown: bool,
    /// It was still under way when the history ended: what became of it then nobody knows.
    pub open: bool,
    /// A line came from several sources.
    pub split: bool,
    /// Times a line went from one source to another.
    pub reroutes: u16,
    /// Decisions asked of people.
    pub approvals: u16,
    /// Exceptions somebody had to look at.
    pub cases: u16,
    /// Answers and shipments that did not come in time.
    pub breaches: u16,
    /// Goods and shipping of what was supplied, in minor units.
    pub cost: i64,
    /// Seconds until the customer could be told that all of it is firm.
    pub confirmed_after_s: Option<u32>,
    /// The first promise of the policy itself.
    pub own_promise: Kept,
    /// The promise that the history told the customer.
    pub told_promise: Kept,
    /// The source of the first line in the end; [`crate::history::NOBODY`] if none.
    #[serde(skip)]
    pub source: u32,
    /// The category of the first line, by index.
    #[serde(skip)]
    pub category: u16,
}

impl Outcome {
    /// What is known of an order by its past alone, whoever decides on it.
    pub fn begun(history: &History, index: u32, past: &Past) -> Self {
        Self {
            order: index,
            withdrawn: past.withdrawn().is_some(),
            cause_unknown: past.is_cause_unknown(),
            open: history.is_in_flight(past),
            source: NOBODY,
            category: history.category_of(past),
            ..Self::default()
        }
    }
    /// True if something was cancelled after the customer had been told that it was firm.
    pub fn is_broken(&self) -> bool {
        self.broken_units > 0 && !self.withdrawn && !self.open
    }
    /// True if something was given up in time.
    pub fn is_given_up(&self) -> bool {
        self.given_up_units > 0 && !self.is_broken() && !self.withdrawn && !self.open
    }
    /// True if something was firm to the end and never left.
    pub fn is_stuck(&self) -> bool {
        self.stuck_units > 0 && !self.is_broken() && !self.withdrawn && !self.open
    }
}

/// An outcome in eight bytes: what is compared between policies and with what happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Brief {
    /// The source of the first line in the end; [`crate::history::NOBODY`] if none.
    pub source: u32,
    /// What it rests on.
    pub ground: Ground,
    /// The promise that the history told the customer.
    pub told_promise: Kept,
    pub(super) flags: u8,
}

impl Brief {
    /// The brief of an outcome.
    pub fn of(o: &Outcome) -> Self {
        let whole = o.shipped >= o.units;
        let flags = [o.is_broken(), o.is_given_up(), whole, o.split, o.is_stuck()].into_iter().rev();
        let flags = flags.fold(0, |bits, flag| bits << 1 | u8::from(flag));
        Self { source: o.source, ground: o.ground, told_promise: o.told_promise, flags }
    }
    /// True if something was cancelled after the customer had been told that it was firm.
    pub fn is_broken(self) -> bool {
        self.flags & 1 != 0
    }
    /// True if something was given up in time.
    pub fn is_given_up(self) -> bool {
        self.flags & 2 != 0
    }
    /// True if all of it left.
    pub fn is_whole(self) -> bool {
        self.flags & 4 != 0
    }
    /// True if a line came from several sources.
    pub fn is_split(self) -> bool {
        self.flags & 8 != 0
    }
    /// True if something was firm to the end and never left.
    pub fn is_stuck(self) -> bool {
        self.flags & 16 != 0
    }
}

/// Ends of the spans in which confirmations are counted, in seconds: an hour, four, a day.
pub const CONFIRMED_WITHIN_S: [u32; 3] = [3_600, 14_400, 86_400];

/// Sums over orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Tally {
    /// Orders.
    pub orders: u64,
    /// Units ordered.
    pub units: u64,
    /// Units that left.
    pub units_shipped: u64,
    /// Orders of which something was cancelled after the customer had been told that it was firm.
    pub cancelled_after_commitment: u64,
    /// Orders of which something was given up before that.
    pub cancelled_before_commitment: u64,
    /// Orders that the customer cancelled.
    pub cancelled_by_customer: u64,
    /// Orders that were cancelled, and nothing says by whom: they count neither for a policy nor against it.
    pub cancelled_by_unknown: u64,
    /// Orders of which something was firm to the end, and neither left nor was cancelled.
    pub never_shipped: u64,
    /// Orders that were still under way when the history ended: they count neither as cancelled nor as given up.
    pub still_open: u64,
    /// The policy's own first promise kept, out of those that arrived.
    pub own_promise_kept: Share,
    /// The promise that the history told the customer kept, out of those that arrived.
    pub told_promise_kept: Share,
    /// Times a line went from one source to another.
    pub reroutes: u64,
    /// Orders with a line from several sources.
    pub splits: u64,
    /// Decisions asked of people.
    pub approvals: u64,
    /// Exceptions somebody had to look at.
    pub cases: u64,
    /// Answers and shipments that did not come in time.
    pub sla_breaches: u64,
    /// Goods and shipping of what was supplied, in minor units.
    pub cost_minor: i64,
    /// Orders of which all became firm.
    pub confirmed: u64,
    /// Seconds that took, together.
    pub confirmed_seconds: u64,
    /// Of them, within an hour, four hours, a day.
    pub confirmed_within: [u64; 3],
}

impl Tally {
    /// Counts one more order.
    pub fn count(&mut self, o: &Outcome) {
        self.orders += 1;
        self.units += u64::from(o.units);
        self.units_shipped += u64::from(o.shipped);
        self.cancelled_after_commitment += u64::from(o.is_broken());
        self.cancelled_before_commitment += u64::from(o.is_given_up());
        self.cancelled_by_customer += u64::from(o.withdrawn && !o.cause_unknown);
        self.cancelled_by_unknown += u64::from(o.cause_unknown);
        self.never_shipped += u64::from(o.is_stuck());
        self.still_open += u64::from(o.open);
        for (share, kept) in
            [(&mut self.own_promise_kept, o.own_promise), (&mut self.told_promise_kept, o.told_promise)]
        {
            if kept != Kept::Unknown {
                share.add(kept == Kept::Kept);
            }
        }
        self.reroutes += u64::from(o.reroutes);
        self.splits += u64::from(o.split);
        self.approvals += u64::from(o.approvals);
        self.cases += u64::from(o.cases);
        self.sla_breaches += u64::from(o.breaches);
        self.cost_minor += o.cost;
        if let Some(seconds) = o.confirmed_after_s {
            self.confirmed += 1;
            self.confirmed_seconds += u64::from(seconds);
            for (count, end) in self.confirmed_within.iter_mut().zip(CONFIRMED_WITHIN_S) {
                *count += u64::from(seconds <= end);
            }
        }
    }
    /// Adds another sum.
    pub fn add(&mut self, other: &Tally) {
        self.orders += other.orders;
        self.units += other.units;
        self.units_shipped += other.units_shipped;
        self.cancelled_after_commitment += other.cancelled_after_commitment;
        self.cancelled_before_commitment += other.cancelled_before_commitment;
        self.cancelled_by_customer += other.cancelled_by_customer;
        self.cancelled_by_unknown += other.cancelled_by_unknown;
        self.never_shipped += other.never_shipped;
        self.still_open += other.still_open;
        for (mine, theirs) in [
            (&mut self.own_promise_kept, other.own_promise_kept),
            (&mut self.told_promise_kept, other.told_promise_kept),
        ] {
            mine.count += theirs.count;
            mine.of += theirs.of;
        }
        self.reroutes += other.reroutes;
        self.splits += other.splits;
        self.approvals += other.approvals;
        self.cases += other.cases;
        self.sla_breaches += other.sla_breaches;
        self.cost_minor += other.cost_minor;
        self.confirmed += other.confirmed;
        self.confirmed_seconds += other.confirmed_seconds;
        for (mine, theirs) in self.confirmed_within.iter_mut().zip(other.confirmed_within) {
            *mine += theirs;
        }
    }
    /// Minutes until an order was confirmed, on average; 0 if none was.
    pub fn minutes_to_confirmation(&self) -> u64 {
        self.confirmed_seconds.checked_div(self.confirmed * 60).unwrap_or(0)
    }
}

/// How one source answered in a replay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Answers {
    /// Purchase orders it was sent.
    pub asked: u64,
    /// Of them, answered as the history tells.
    pub observed: u64,
    /// Of them, answered as the history makes one assume.
    pub assumed: u64,
    /// Of them, answered by the model.
    pub modelled: u64,
    /// Accepted whole.
    pub accepted: u64,
    /// Accepted in part or not at all.
    pub declined: u64,
    /// Never answered.
    pub silent: u64,
    /// Cancelled by the source after it had accepted.
    pub taken_back: u64,
    /// Shipped.
    pub shipped: u64,
}

impl Answers {
    /// Counts a purchase order.
    pub fn ask(&mut self, ground: Ground) {
        self.asked += 1;
        match ground {
            Ground::Observed => self.observed += 1,
            Ground::Assumed => self.assumed += 1,
            Ground::Modelled => self.modelled += 1,
        }
    }
    /// Adds another sum.
    pub fn add(&mut self, other: &Answers) {
        self.asked += other.asked;
        self.observed += other.observed;
        self.assumed += other.assumed;
        self.modelled += other.modelled;
        self.accepted += other.accepted;
        self.declined += other.declined;
        self.silent += other.silent;
        self.taken_back += other.taken_back;
        self.shipped += other.shipped;
    }
}
