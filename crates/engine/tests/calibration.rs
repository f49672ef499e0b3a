//! The learnt chance against known truth: sources whose chances are made up, and known.

#![allow(clippy::unwrap_used, reason = "tests")]

use countersign_engine::calibration::{Answers, Calibration, Cell, Count};
use countersign_engine::ids::SourceId;
use countersign_engine::item::Category;
use countersign_engine::measure::{Money, Quantity};
use jiff::civil::Date;

struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % n
    }
}

const CATEGORIES: [&str; 4] = ["lighting/table", "kitchen/mugs", "furniture", "textiles"];

/// The true chance in millionths: a source's own level, worse with age, share, on Fridays and in one category.
fn truth(source: u64, age_s: i64, quantity: u64, advised: u64, day: Date, category: usize) -> u64 {
    let mut odds = [40.0, 18.0, 9.0, 5.0, 2.0, 1.0, 0.5, 0.15][usize::try_from(source % 8).unwrap()];
    let hours = age_s as f64 / 3_600.0;
    odds *= if hours < 4.0 {
        1.0
    } else if hours < 24.0 {
        0.75
    } else {
        0.5
    };
    odds *= match quantity * 100 / advised {
        0..50 => 1.0,
        50..75 => 0.8,
        _ => 0.5,
    };
    if day.weekday() == jiff::civil::Weekday::Friday {
        odds *= 0.8;
    }
    odds *= [1.0, 1.3, 0.7, 1.0][category];
    (odds / (1.0 + odds) * 1e6) as u64
}

#[test]
fn the_chance_is_near_the_truth_in_every_tenth() {
    let mut dice = Dice(4);
    let mut learnt = Calibration::default();
    let mut tenths = [(0_u64, 0_u64); 10];
    let (learning, all) = (120_000, 160_000);
    for n in 0..all {
        let source = dice.below(24);
        let age_s = i64::try_from(dice.below(60 * 3_600)).unwrap();
        let advised = 1 + dice.below(30);
        let quantity = 1 + dice.below(advised);
        let day =
            Date::constant(2026, 1, 5).saturating_add(jiff::ToSpan::days(i64::try_from(dice.below(300)).unwrap()));
        let category = usize::try_from(dice.below(4)).unwrap();
        let truth = truth(source, age_s, quantity, advised, day, category);
        let yes = dice.below(1_000_000) < truth;
        let id = SourceId::new(format!("v{source}")).unwrap();
        let path = Category::new(CATEGORIES[category]).unwrap();
        let amount = |n: u64| Quantity::new(u32::try_from(n).unwrap());
        let cell = Cell::of(Some(age_s), amount(quantity), amount(advised), day, &path);
        if n >= learning {
            let chance = u64::from(learnt.chance(&id, &cell).unwrap().millionths);
            let tenth = &mut tenths[usize::try_from(chance / 100_000).unwrap().min(9)];
            *tenth = (tenth.0 + 1, tenth.1 + chance.abs_diff(truth));
        }
        learnt.count(&Answers { source: id, cell, count: Count { asked: 1, accepted: u32::from(yes) } });
    }
    let mut judged = 0;
    for (n, (answers, off)) in tenths.iter().enumerate().filter(|(_, t)| t.0 >= 500) {
        judged += 1;
        println!("tenth {n}: {answers} answers, off by {} millionths on average", off / answers);
        assert!(off / answers < 30_000, "tenth {n}: {answers} answers, off by {} millionths on average", off / answers);
    }
    assert!(judged >= 8, "the sources differ enough to fill the diagram: {tenths:?}");
    let text = serde_json::to_string(&learnt).unwrap();
    let back: Calibration = serde_json::from_str(&text).unwrap();
    assert_eq!(back, learnt);
    println!("{} bytes for {} sources", text.len(), learnt.sources.len());
}

fn cell(hours: i64, quantity: u32, advised: u32) -> Cell {
    let category = Category::new("lighting/table").unwrap();
    let day = Date::constant(2026, 1, 5);
    Cell::of(Some(hours * 3_600), Quantity::new(quantity), Quantity::new(advised), day, &category)
}

#[test]
fn a_chance_is_explained_and_leans_on_others_where_little_is_known() {
    let (acme, new) = (SourceId::new("acme").unwrap(), SourceId::new("new").unwrap());
    let mut learnt = Calibration::default();
    assert!(learnt.chance(&acme, &cell(5, 1, 10)).is_none(), "nothing is claimed before anything is learnt");
    learnt.count(&Answers { source: acme.clone(), cell: cell(5, 1, 10), count: Count { asked: 131, accepted: 118 } });
    let chance = learnt.chance(&acme, &cell(5, 1, 10)).unwrap();
    assert_eq!(
        chance.to_string(),
        "accepted 118 of 131 when advice was 4 to 8 h old and at most 10 % of it was wanted"
    );
    assert!((890..=915).contains(&chance.permille()), "{chance:?}");
    let stranger = learnt.chance(&new, &cell(5, 1, 10)).unwrap();
    assert_eq!(stranger.to_string(), "accepted 118 of 131 among all sources in lighting");
    assert!(stranger.permille().abs_diff(chance.permille()) < 15);
}

#[test]
fn what_is_kept_back_follows_what_a_cancellation_costs() {
    let acme = SourceId::new("acme").unwrap();
    let mut learnt = Calibration::default();
    for (quantity, accepted) in [(1, 990), (4, 980), (7, 900), (10, 600)] {
        let count = Count { asked: 1_000, accepted };
        learnt.count(&Answers { source: acme.clone(), cell: cell(5, quantity, 10), count });
    }
    let usd = |minor| Money { minor, currency: countersign_engine::measure::Currency::new("USD").unwrap() };
    let kept = |cancellation, lost| {
        learnt.odds(&acme, &cell(5, 1, 10)).kept_back(Quantity::new(20), usd(cancellation), usd(lost)).unwrap().get()
    };
    assert_eq!(kept(0, 1_000), 0, "a cancellation that costs nothing keeps nothing back");
    let (cheap, dear) = (kept(1_000, 4_000), kept(30_000, 1_000));
    assert!(cheap < dear && dear <= 20, "{cheap} {dear}");
}

#[test]
fn a_chance_names_all_that_it_leans_on() {
    let mut learnt = Calibration::default();
    let (quiet, other) = (SourceId::new("quiet").unwrap(), SourceId::new("other").unwrap());
    let answers = |source: &SourceId, asked, accepted| Answers {
        source: source.clone(),
        cell: cell(5, 1, 10),
        count: Count { asked, accepted },
    };
    learnt.count(&answers(&other, 113, 88));
    learnt.count(&answers(&quiet, 12, 0));
    let chance = learnt.chance(&quiet, &cell(5, 1, 10)).unwrap();
    assert!(chance.permille() < 500, "{chance}");
    let said = chance.to_string();
    assert_eq!(said, "accepted 0 of 12 whatever the age of its advice; all sources in lighting 88 of 125");
    let told = serde_json::to_value(&chance).unwrap();
    let back: countersign_engine::calibration::Chance = serde_json::from_value(told).unwrap();
    assert_eq!(back, chance);
}

#[test]
fn circles_of_as_many_answers_are_named_each_and_all_that_weighs_is() {
    let mut learnt = Calibration::default();
    let (quiet, other) = (SourceId::new("quiet").unwrap(), SourceId::new("other").unwrap());
    let mut answers = |source: &SourceId, category: &str, (hours, wanted, day): (i64, u32, i8), (asked, accepted)| {
        let (category, day) = (Category::new(category).unwrap(), Date::constant(2026, 1, day));
        let cell = Cell::of(Some(hours * 3_600), Quantity::new(wanted), Quantity::new(10), day, &category);
        learnt.count(&Answers { source: source.clone(), cell, count: Count { asked, accepted } });
    };
    answers(&quiet, "kitchen/mugs", (30, 10, 6), (40, 30));
    answers(&other, "lighting/table", (30, 10, 6), (40, 30));
    answers(&other, "kitchen/mugs", (5, 1, 6), (50, 20));
    answers(&other, "kitchen/mugs", (5, 10, 6), (60, 10));
    answers(&other, "kitchen/mugs", (30, 10, 5), (70, 35));
    let said = learnt.chance(&quiet, &cell(5, 1, 10)).unwrap().to_string();
    assert_eq!(
        said,
        "accepted 30 of 40 whatever the age of its advice; all sources in lighting 30 of 40, all sources when advice was 4 \
         to 8 h old and at most 10 % of it was wanted 20 of 50, all sources when advice was 4 to 8 h old 30 of 110, all \
         sources on a Monday 35 of 70, all sources 125 of 260"
    );
}
