//! How likely a source accepts what it advised, learnt from its own answers, and explained by them.
//!
//! Counts and whole numbers only: no floats enter the journal, and every machine computes the same chance. Where a
//! source has said little, its chance leans on its category and on all sources. Does not know the present.

use crate::ids::SourceId;
use crate::item::Category;
use crate::measure::{Money, Quantity};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::collections::BTreeMap;
use std::fmt;

/// Upper ends of the ages of advice that are told apart, in seconds; older advice is one more, unknown age the last.
const AGE_ENDS_S: [i64; 6] = [3_600, 4 * 3_600, 8 * 3_600, 24 * 3_600, 72 * 3_600, 168 * 3_600];
/// Their names, as they stand in sentences.
const AGE_WORDS: [&str; 8] = [
    "less than 1 h old",
    "1 to 4 h old",
    "4 to 8 h old",
    "8 to 24 h old",
    "1 to 3 days old",
    "3 to 7 days old",
    "more than 7 days old",
    "of unknown age",
];
/// Upper ends of the shares of the advised quantity that are told apart, in percent; more than all is one more.
const SHARE_ENDS: [u64; 5] = [10, 25, 50, 75, 100];
/// Their names, as they stand in sentences.
const SHARE_WORDS: [&str; 6] =
    ["at most 10 %", "10 to 25 %", "25 to 50 %", "50 to 75 %", "75 to 100 %", "more than all"];
/// The weekdays, as they stand in sentences.
const DAY_WORDS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
/// Shares told apart.
const SHARES: u8 = 6;
/// Certainty, in millionths.
pub const CERTAIN: u64 = 1_000_000;
/// What is believed of a source nobody has heard of, in millionths: most answers of most vendors are a plain yes.
const BELIEF: u64 = 920_000;
/// So many answers of a source, or in a category, weigh as much as what all sources do.
const WEIGHT: u64 = 24;
/// So many answers of a source in one circumstance weigh as much as what the circumstance means to all: more, because a
/// circumstance is seldom a source's own secret.
const WEIGHT_FINE: u64 = 90;
/// A source's counts are halved at so many answers: what it did years ago fades.
const FADES_AT: u32 = 20_000;
/// Answers that a sentence must rest on before a wider circle is named instead.
const TELLING: u32 = 20;

/// Answers asked for, and those that accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Count {
    /// How many were asked for.
    pub asked: u32,
    /// How many accepted all of it in time.
    pub accepted: u32,
}

impl Count {
    fn add(&mut self, other: Count) {
        self.asked = self.asked.saturating_add(other.asked);
        self.accepted = self.accepted.saturating_add(other.accepted);
    }
    /// The share that accepted, leaning on `parent` (millionths) as if it were `weight` answers.
    fn leaning(self, parent: u64, weight: u64) -> u64 {
        let (asked, accepted) = (u64::from(self.asked), u64::from(self.accepted.min(self.asked)));
        ((accepted * CERTAIN + weight * parent) / (asked + weight)).clamp(1, CERTAIN - 1)
    }
    fn chance(self, parent: u64) -> u64 {
        self.leaning(parent, WEIGHT)
    }
    fn fine(self, parent: u64) -> u64 {
        self.leaning(parent, WEIGHT_FINE)
    }
}

/// Counts by a small key, sorted by it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
struct Counts(Vec<(u8, Count)>);

impl Counts {
    fn get(&self, key: u8) -> Count {
        self.0.binary_search_by_key(&key, |(k, _)| *k).map_or(Count::default(), |at| self.0[at].1)
    }
    fn add(&mut self, key: u8, count: Count) {
        match self.0.binary_search_by_key(&key, |(k, _)| *k) {
            Ok(at) => self.0[at].1.add(count),
            Err(at) => self.0.insert(at, (key, count)),
        }
    }
    fn halve(&mut self) {
        self.0.iter_mut().for_each(|(_, count)| halve(count));
        self.0.retain(|(_, count)| count.asked > 0);
    }
}

fn halve(count: &mut Count) {
    *count = Count { asked: count.asked / 2, accepted: count.accepted / 2 };
}

/// What the answers of a source (or of all) amount to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Evidence {
    /// All answers.
    pub total: Count,
    by_age: Counts,
    /// By age and share together.
    by_cell: Counts,
    by_day: Counts,
    by_category: BTreeMap<SmolStr, Count>,
}

impl Evidence {
    /// What is known of a source that never answered.
    pub fn none() -> &'static Self {
        static NOTHING: std::sync::LazyLock<Evidence> = std::sync::LazyLock::new(Evidence::default);
        &NOTHING
    }
    /// Takes an answer, or several alike, into account.
    pub fn count(&mut self, about: &Cell, count: Count) {
        self.total.add(count);
        self.by_age.add(about.age, count);
        self.by_cell.add(about.key(), count);
        self.by_day.add(about.day, count);
        self.by_category.entry(about.category.clone()).or_default().add(count);
        if self.total.asked >= FADES_AT {
            self.fade();
        }
    }
    /// About how many bytes it takes.
    pub fn bytes(&self) -> usize {
        12 * (self.by_age.0.len() + self.by_cell.0.len() + self.by_day.0.len()) + 60 * self.by_category.len()
    }
    fn fade(&mut self) {
        halve(&mut self.total);
        [&mut self.by_age, &mut self.by_cell, &mut self.by_day].into_iter().for_each(Counts::halve);
        self.by_category.values_mut().for_each(halve);
        self.by_category.retain(|_, count| count.asked > 0);
    }
    fn of_category(&self, category: &str) -> Count {
        self.by_category.get(category).copied().unwrap_or_default()
    }
}

/// The circumstances of an answer, as far as they are told apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Cell {
    /// How old the advice was: a place among [`AGE_ENDS_S`].
    age: u8,
    /// Which share of it was wanted: a place among [`SHARE_ENDS`].
    share: u8,
    /// Weekday, Monday is 0.
    day: u8,
    /// The first part of the item's category path.
    category: SmolStr,
}

impl Cell {
    /// The circumstances of wanting `quantity` where `advised` was advised, `age_s` seconds ago, on that day.
    pub fn of(age_s: Option<i64>, quantity: Quantity, advised: Quantity, day: Date, category: &Category) -> Self {
        let age = match age_s {
            None => AGE_ENDS_S.len() + 1,
            Some(age) => AGE_ENDS_S.iter().position(|end| age < *end).unwrap_or(AGE_ENDS_S.len()),
        };
        let percent = (u64::from(quantity.get()) * 100).div_ceil(u64::from(advised.get()).max(1));
        let share = SHARE_ENDS.iter().position(|end| percent <= *end).unwrap_or(SHARE_ENDS.len());
        let day = day.weekday().to_monday_zero_offset().unsigned_abs();
        let category = category.as_str().split('/').next().unwrap_or_default().into();
        Self { age: u8::try_from(age).unwrap_or(7), share: u8::try_from(share).unwrap_or(5), day, category }
    }
    fn key(&self) -> u8 {
        self.age * SHARES + self.share
    }
    fn at_share(&self, share: u8) -> Self {
        Self { share, ..self.clone() }
    }
}

/// Answers alike, counted: what an event carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answers {
    /// Whose.
    pub source: SourceId,
    /// In which circumstances.
    pub cell: Cell,
    /// How many, and how many accepted.
    pub count: Count,
}

/// What the answers of all sources together amount to, as decisions read it: a record of the slice. Those of one source
/// are its [`Evidence`], a record of their own.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Learnt {
    /// Answers up to this journal position are counted.
    pub position: u64,
    /// When the last of them came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Timestamp>,
    /// Of all sources together.
    pub all: Evidence,
}

/// What is known of a source's answers in one set of circumstances.
#[derive(Debug, Clone, Copy)]
pub struct Odds<'a> {
    /// Its own answers.
    pub source: &'a Evidence,
    /// Those of all sources.
    pub all: &'a Evidence,
    /// The circumstances.
    pub cell: &'a Cell,
}

impl Odds<'_> {
    /// The chance that the source accepts; `None` while nothing was learnt from anybody.
    pub fn chance(&self) -> Option<Chance> {
        let millionths = self.millionths()?;
        let (told, of) = telling(self);
        Some(Chance { millionths, answers: told.answers(self), of, beside: beside(self, told) })
    }
    fn millionths(&self) -> Option<u32> {
        (self.all.total.asked > 0).then(|| millionths(self.source, self.all, self.cell))
    }
    /// Base units of `advised` to keep back so that, for each unit promised, what a cancellation costs by its chance is
    /// at most what a lost sale would cost by its own. `None` while nothing was learnt.
    pub fn kept_back(&self, advised: Quantity, cancellation: Money, lost_sale: Money) -> Option<Quantity> {
        let costs = |m: Money| u64::try_from(m.minor.max(0)).unwrap_or(0);
        let (cancel, lost) = (costs(cancellation), costs(lost_sale));
        let needed = (u128::from(cancel) * u128::from(CERTAIN)).checked_div(u128::from(cancel) + u128::from(lost));
        let needed = needed.and_then(|n| u64::try_from(n).ok())?;
        let mut promisable = 0;
        for (share, percent) in (0_u8..).zip(SHARE_ENDS) {
            let cell = self.cell.at_share(share);
            if u64::from(Odds { cell: &cell, ..*self }.millionths()?) < needed {
                break;
            }
            promisable = u64::from(advised.get()) * percent / 100;
        }
        Some(advised.less(Quantity::new(u32::try_from(promisable).unwrap_or(u32::MAX))))
    }
}

/// What all answers so far amount to, in one piece: for whoever follows a journal or a history.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Calibration {
    /// Answers up to this journal position are counted.
    pub position: u64,
    /// When they were last counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Timestamp>,
    /// Of all sources together.
    pub all: Evidence,
    /// Of each.
    pub sources: BTreeMap<SourceId, Evidence>,
}

impl Calibration {
    /// Takes answers into account.
    pub fn count(&mut self, answers: &Answers) {
        self.all.count(&answers.cell, answers.count);
        match self.sources.get_mut(&answers.source) {
            Some(known) => known.count(&answers.cell, answers.count),
            None => {
                let mut fresh = Evidence::default();
                fresh.count(&answers.cell, answers.count);
                self.sources.insert(answers.source.clone(), fresh);
            }
        }
    }
    /// What is known of a source in these circumstances.
    pub fn odds<'a>(&'a self, source: &SourceId, cell: &'a Cell) -> Odds<'a> {
        Odds { source: self.sources.get(source).unwrap_or(Evidence::none()), all: &self.all, cell }
    }
    /// The chance that a source accepts in these circumstances; `None` while nothing was learnt from anybody.
    pub fn chance(&self, source: &SourceId, cell: &Cell) -> Option<Chance> {
        self.odds(source, cell).chance()
    }
}

/// A chance, and what it rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chance {
    /// In millionths.
    pub millionths: u32,
    /// The answers that tell most about it.
    pub answers: Count,
    /// Which answers those are, in words.
    pub of: SmolStr,
    /// What weighs beside them: the fewer they are, the more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub beside: Vec<Beside>,
}

/// Answers that weigh beside the most telling ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beside {
    /// How many, and how many accepted.
    pub answers: Count,
    /// Which, in words.
    pub of: SmolStr,
}

impl Chance {
    /// In percent with one decimal.
    pub fn percent(&self) -> String {
        format!("{}.{}", self.permille() / 10, self.permille() % 10)
    }
    /// In thousandths, as the rules use it.
    pub fn permille(&self) -> u32 {
        self.millionths / 1_000
    }
}

impl fmt::Display for Chance {
    /// `accepted 118 of 131 when advice was 4 to 8 h old; all sources in chairs 88 of 125, all sources 900 of 1000`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "accepted {} of {} {}", self.answers.accepted, self.answers.asked, self.of)?;
        self.beside.iter().enumerate().try_for_each(|(n, Beside { answers, of })| {
            let sign = if n == 0 { ';' } else { ',' };
            write!(f, "{sign} {of} {} of {}", answers.accepted, answers.asked)
        })
    }
}

/// The chance in a cell: from the whole to the particular, each level leaning on the one above as far as it is thin.
fn millionths(source: &Evidence, all: &Evidence, cell: &Cell) -> u32 {
    let everybody = all.total.chance(BELIEF);
    let itself = source.total.chance(everybody);
    let (age, key) = (cell.age, cell.key());
    // What age and share mean to everybody is what they are first believed to mean to this source.
    let age_of_all = all.by_age.get(age).chance(everybody);
    let at_age = source.by_age.get(age).fine(shift(itself, age_of_all, everybody));
    let cell_of_all = all.by_cell.get(key).chance(age_of_all);
    let at_cell = source.by_cell.get(key).fine(shift(at_age, cell_of_all, age_of_all));
    let category_of_all = all.of_category(&cell.category).chance(everybody);
    let at_category = source.of_category(&cell.category).fine(shift(itself, category_of_all, everybody));
    let day_of_all = all.by_day.get(cell.day).chance(everybody);
    let at_day = source.by_day.get(cell.day).fine(shift(itself, day_of_all, everybody));
    let together = shift(shift(at_cell, at_category, itself), at_day, itself);
    u32::try_from(together).unwrap_or(0)
}

/// `base`, its odds changed as those of `from` differ from those of `to`: odds(base) × odds(to) ÷ odds(from).
fn shift(base: u64, to: u64, from: u64) -> u64 {
    let no = |p: u64| u128::from(CERTAIN - p);
    let yes = |p: u64| u128::from(p);
    let (for_it, against) = (yes(base) * yes(to) * no(from), no(base) * no(to) * yes(from));
    let p = for_it * u128::from(CERTAIN) / (for_it + against).max(1);
    u64::try_from(p).unwrap_or(CERTAIN).clamp(1, CERTAIN - 1)
}

/// Whose answers, and in which circumstance: what weighs in a chance.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Circle {
    of_all: bool,
    within: Within,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    Cell,
    Age,
    Category,
    Day,
    Total,
}

impl Circle {
    /// All that [`millionths`] looks at, in the order in which it is told.
    fn all() -> impl Iterator<Item = Self> {
        use Within::*;
        let own = [Total, Category, Cell, Age, Day].map(|within| Self { of_all: false, within });
        own.into_iter().chain([Category, Cell, Age, Day, Total].map(|within| Self { of_all: true, within }))
    }
    fn answers(self, odds: &Odds) -> Count {
        let evidence = if self.of_all { odds.all } else { odds.source };
        match self.within {
            Within::Cell => evidence.by_cell.get(odds.cell.key()),
            Within::Age => evidence.by_age.get(odds.cell.age),
            Within::Category => evidence.of_category(&odds.cell.category),
            Within::Day => evidence.by_day.get(odds.cell.day),
            Within::Total => evidence.total,
        }
    }
    /// True if the answers of the other are among its own.
    fn holds(self, other: Self) -> bool {
        let whose = self.of_all || !other.of_all;
        let within = self.within == other.within
            || self.within == Within::Total
            || (self.within, other.within) == (Within::Age, Within::Cell);
        whose && within
    }
    /// In which circumstance, in words; none for all of them.
    fn circumstance(self, cell: &Cell) -> Option<SmolStr> {
        let age = AGE_WORDS[usize::from(cell.age.min(7))];
        let share = SHARE_WORDS[usize::from(cell.share.min(5))];
        Some(match self.within {
            Within::Cell => smol_str::format_smolstr!("when advice was {age} and {share} of it was wanted"),
            Within::Age => smol_str::format_smolstr!("when advice was {age}"),
            Within::Category => smol_str::format_smolstr!("in {}", cell.category),
            Within::Day => smol_str::format_smolstr!("on a {}", DAY_WORDS[usize::from(cell.day.min(6))]),
            Within::Total => return None,
        })
    }
    /// As it stands beside another.
    fn beside(self, cell: &Cell) -> SmolStr {
        let whose = if self.of_all { "all sources" } else { "itself" };
        match self.circumstance(cell) {
            Some(circumstance) => smol_str::format_smolstr!("{whose} {circumstance}"),
            None if self.of_all => SmolStr::new_static(whose),
            None => SmolStr::new_static("in all"),
        }
    }
}

/// The narrowest circle of a source's own answers that is wide enough to tell something; others' only where it never
/// answered.
fn telling(odds: &Odds) -> (Circle, SmolStr) {
    let own = |within| Circle { of_all: false, within };
    let others = |within| Circle { of_all: true, within };
    let asked = |circle: Circle| circle.answers(odds).asked;
    let narrow = [own(Within::Cell), own(Within::Age)].into_iter().find(|c| asked(*c) >= TELLING);
    if let Some((circle, words)) = narrow.and_then(|c| Some((c, c.circumstance(odds.cell)?))) {
        return (circle, words);
    }
    match () {
        () if asked(own(Within::Total)) > 0 => {
            (own(Within::Total), SmolStr::new_static("whatever the age of its advice"))
        }
        () if asked(others(Within::Category)) > 0 => {
            (others(Within::Category), smol_str::format_smolstr!("among all sources in {}", odds.cell.category))
        }
        () => (others(Within::Total), SmolStr::new_static("among all sources")),
    }
}

/// All else that a chance leans on.
fn beside(odds: &Odds, told: Circle) -> Vec<Beside> {
    let mut named = vec![told];
    let mut beside = vec![];
    for circle in Circle::all() {
        let answers = circle.answers(odds);
        // The same answers are told once: two circles are the same where each is the whole of one that holds both. As many
        // answers alone say nothing.
        let whole = |c: Circle| c.holds(circle) && c.answers(odds) == answers;
        let is_same = |n: &Circle| n.answers(odds) == answers && Circle::all().any(|c| c.holds(*n) && whole(c));
        if answers.asked > 0 && !named.iter().any(is_same) {
            named.push(circle);
            beside.push(Beside { answers, of: circle.beside(odds.cell) });
        }
    }
    beside
}
