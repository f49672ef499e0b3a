//! What was wrong with a history: rows rejected (with row, column, value and reason) and oddities noted (counted, with
//! examples). The lists are bounded; the counts are not.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Rejected rows kept whole; beyond them only counts are kept, so that a file of nonsense needs no memory.
pub const ROWS_MAX: usize = 1_000;
/// Examples of each oddity.
pub const EXAMPLES_MAX: usize = 5;

/// A row that was not used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejected {
    /// Which file.
    pub file: String,
    /// Line of the file, counted from 1 (the heading is row 1 of a CSV file).
    pub row: u64,
    /// Column; empty if the whole row is meant.
    pub column: String,
    /// What stood there.
    pub value: String,
    /// Which kind of fault, in one word.
    pub kind: Box<str>,
    /// What was wrong and what to do.
    pub reason: String,
}

/// An oddity of what was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the table of sentences below says it")]
pub enum Oddity {
    OrderWithoutLines,
    ApprovedBeforePlaced,
    NeverApproved,
    ShippedNeverSent,
    ShippedBeforePlaced,
    ShippedBeforeApproved,
    DeliveredBeforeShipped,
    DeliveredNeverShipped,
    CancelledAfterShipping,
    AnsweredBeforeSent,
    NeverSent,
    SourceUnknown,
    ItemWithoutCategory,
    EventsOutOfOrder,
    LinesJoined,
    ShipTimeOfOrder,
    LineTwice,
    TooManyLines,
    CancelledByUnknown,
    OfferWithoutCost,
    FarAfterTheRest,
    UnknownWord,
    CategoryRewritten,
    CategoriesMerged,
    IdEscaped,
    AcceptedTooMuch,
    SourceNotListed,
    FarBeforeTheRest,
}

impl Oddity {
    /// All, in the order in which they are told.
    pub const ALL: [Oddity; 28] = [
        Oddity::OrderWithoutLines,
        Oddity::ApprovedBeforePlaced,
        Oddity::NeverApproved,
        Oddity::ShippedNeverSent,
        Oddity::ShippedBeforePlaced,
        Oddity::ShippedBeforeApproved,
        Oddity::DeliveredBeforeShipped,
        Oddity::DeliveredNeverShipped,
        Oddity::CancelledAfterShipping,
        Oddity::AnsweredBeforeSent,
        Oddity::NeverSent,
        Oddity::SourceUnknown,
        Oddity::ItemWithoutCategory,
        Oddity::EventsOutOfOrder,
        Oddity::LinesJoined,
        Oddity::ShipTimeOfOrder,
        Oddity::LineTwice,
        Oddity::TooManyLines,
        Oddity::CancelledByUnknown,
        Oddity::OfferWithoutCost,
        Oddity::FarAfterTheRest,
        Oddity::FarBeforeTheRest,
        Oddity::UnknownWord,
        Oddity::CategoryRewritten,
        Oddity::CategoriesMerged,
        Oddity::IdEscaped,
        Oddity::AcceptedTooMuch,
        Oddity::SourceNotListed,
    ];
    /// Its word on the wire.
    pub fn code(self) -> &'static str {
        self.words().0
    }
    /// What it means and what was done about it.
    pub fn sentence(self) -> &'static str {
        self.words().1
    }
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Oddity::OrderWithoutLines => ("order_without_lines", "orders without lines: counted, not replayed"),
            Oddity::ApprovedBeforePlaced => ("approved_before_placed", "orders approved before they were placed"),
            Oddity::NeverApproved => ("never_approved", "orders that were never approved"),
            Oddity::ShippedNeverSent => {
                ("shipped_never_sent", "purchase orders shipped whose sending is not recorded: they count as sent")
            }
            Oddity::ShippedBeforePlaced => (
                "shipped_before_placed",
                "purchase orders shipped before their order was placed: replayed as shipped with their answer",
            ),
            Oddity::ShippedBeforeApproved => (
                "shipped_before_approved",
                "purchase orders shipped before their order was approved: replayed as shipped with their answer",
            ),
            Oddity::DeliveredBeforeShipped => ("delivered_before_shipped", "orders delivered before they were shipped"),
            Oddity::DeliveredNeverShipped => {
                ("delivered_never_shipped", "orders delivered whose shipping is not recorded")
            }
            Oddity::CancelledAfterShipping => (
                "cancelled_after_shipping",
                "orders or parts called cancelled that had been shipped: the shipment counts",
            ),
            Oddity::AnsweredBeforeSent => {
                ("answered_before_sent", "purchase orders answered before they were sent: replayed as answered at once")
            }
            Oddity::NeverSent => ("never_sent", "purchase orders that were never sent"),
            Oddity::SourceUnknown => (
                "source_unknown",
                "lines of which the history does not say who supplied them: every answer is modelled",
            ),
            Oddity::ItemWithoutCategory => ("item_without_category", "items without a category"),
            Oddity::EventsOutOfOrder => {
                ("events_out_of_order", "events that stand later in the file than younger ones: used by their time")
            }
            Oddity::LinesJoined => {
                ("lines_joined", "rows of one order, item and source that were added up to one line")
            }
            Oddity::ShipTimeOfOrder => (
                "ship_time_of_order",
                "orders of several sources for which only one ship time is recorded: it counts for each",
            ),
            Oddity::LineTwice => (
                "line_twice",
                "rows that repeat a row of the same order: the first counts (add_up = true if every row is a unit)",
            ),
            Oddity::TooManyLines => ("too_many_lines", "rows past the most lines that an order may have: not replayed"),
            Oddity::CancelledByUnknown => (
                "cancelled_by_unknown",
                "orders cancelled of which nothing says by whom: they count apart, nobody is credited with them",
            ),
            Oddity::OfferWithoutCost => (
                "offer_without_cost",
                "offers that were advised and never bought: nobody knows their cost, so they are not asked (tell it in a \
                 file that holds offers)",
            ),
            Oddity::FarAfterTheRest => (
                "far_after_the_rest",
                "orders and advice with a moment more than half a year after all else (a mistyped year?): set aside, not \
                 replayed",
            ),
            Oddity::FarBeforeTheRest => (
                "far_before_the_rest",
                "orders and advice with a moment more than half a year before all else (a mistyped year?): set aside, not \
                 replayed",
            ),
            Oddity::UnknownWord => (
                "unknown_word",
                "words that are none of ours: they count as if nothing stood there (translate them by values)",
            ),
            Oddity::CategoryRewritten => {
                ("category_rewritten", "categories written in the letters that a category may have")
            }
            Oddity::CategoriesMerged => (
                "categories_merged",
                "categories that are written alike in the letters that a category may have: they are one",
            ),
            Oddity::IdEscaped => {
                ("id_escaped", "ids with signs that an id may not have: each such byte is written as = and two digits")
            }
            Oddity::AcceptedTooMuch => {
                ("accepted_too_much", "answers that accept more than was asked for: they accept all of it")
            }
            Oddity::SourceNotListed => {
                ("source_not_listed", "sources that stand in no file of sources although there is one")
            }
        }
    }
}

/// What is counted of one oddity.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Noted {
    /// How often.
    pub count: u64,
    /// The first of them.
    pub examples: Vec<String>,
}

/// A column that the mapping names and that no row of its file has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    /// Which file.
    pub file: String,
    /// What the mapping calls it.
    pub column: String,
    /// For which field of ours.
    pub field: String,
    /// A column of the file that is not mapped and called much like it.
    pub nearest: Option<String>,
}

/// All that was wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dirt {
    /// Rows read, by file.
    pub rows: BTreeMap<String, u64>,
    /// Rows rejected, by file and kind of fault.
    pub rejected: BTreeMap<(String, Box<str>), u64>,
    /// The first of them, whole.
    pub samples: Vec<Rejected>,
    /// Oddities.
    pub noted: BTreeMap<Oddity, Noted>,
    /// Columns of the mapping that are not there.
    pub missing: Vec<Missing>,
}

impl Dirt {
    /// Takes a rejected row down.
    pub fn reject(&mut self, row: Rejected) {
        *self.rejected.entry((row.file.clone(), row.kind.clone())).or_default() += 1;
        if self.samples.len() < ROWS_MAX {
            self.samples.push(row);
        }
    }
    /// Notes an oddity.
    pub fn note(&mut self, oddity: Oddity, example: &str) {
        let noted = self.noted.entry(oddity).or_default();
        noted.count += 1;
        if noted.examples.len() < EXAMPLES_MAX && noted.examples.iter().all(|known| known != example) {
            noted.examples.push(example.to_owned());
        }
    }
    /// How many rows were rejected.
    pub fn rejected_rows(&self) -> u64 {
        self.rejected.values().sum()
    }
    /// How often an oddity was noted.
    pub fn count(&self, oddity: Oddity) -> u64 {
        self.noted.get(&oddity).map_or(0, |n| n.count)
    }
}
