//! Tables against a plain reading of their cells, and the faults that a clerk would make.

use super::cell::{Test, Value};
use super::*;
use crate::ids::SourceId;
use crate::item::Category;
use crate::measure::{Money, Quantity};
use crate::policy::Policy;

fn cells(text: &[&str]) -> Vec<SmolStr> {
    text.iter().map(SmolStr::new).collect()
}

fn row(when: &[&str], then: &[&str]) -> Row {
    Row { when: cells(when), then: cells(then), why: "because".into() }
}

/// The first row that fits, cell by cell.
fn plainly(table: &Table, matter: &Matter) -> Option<usize> {
    let fits = |input: &Input, cell: &SmolStr| {
        let test = Test::parse(cell, input.kind()).unwrap();
        match matter.value(*input) {
            Value::Unknown => test.fits_unknown(),
            Value::Number(n) => test.fits_number(n * 2),
            Value::Text(text) => {
                let meets = |w: &SmolStr| cell::begins(&text, w, input.kind());
                test.any || test.not != test.words.iter().any(meets)
            }
        }
    };
    table.rows.iter().position(|row| table.when.iter().zip(&row.when).all(|(input, cell)| fits(input, cell)))
}

fn sourcing(rows: Vec<Row>) -> Table {
    Table {
        name: "who may".into(),
        decides: Subject::Sourcing,
        hit: Hit::First,
        from: None,
        until: None,
        when: vec![Input::Vendor, Input::Category, Input::Cost, Input::Quantity],
        then: vec![Output::Exclude, Output::Adjust],
        rows,
        otherwise: Some(cells(&["", ""])),
    }
}

#[test]
fn asking_is_reading_row_by_row() {
    let vendors = ["-", "acme", "not(acme)", "\"bright\", candela", "unknown"];
    let categories = ["-", "lighting", "lighting/table", "not(lighting/table)"];
    let costs = ["-", "> 100", "<= 99.99", "[10..20)", "not(50)", "unknown, < 5"];
    let quantities = ["-", "1", "[2..5]", "> 5"];
    let mut state = 7_u64;
    let mut pick = |n: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % n
    };
    for _ in 0..60 {
        let rows = (0..70)
            .map(|_| {
                let when = [
                    vendors[pick(vendors.len())],
                    categories[pick(categories.len())],
                    costs[pick(costs.len())],
                    quantities[pick(quantities.len())],
                ];
                row(&when, &["yes", "1"])
            })
            .collect();
        let tables = Tables::from(vec![sourcing(rows)]);
        for _ in 0..50 {
            let vendor = SourceId::new(["acme", "bright", "other"][pick(3)]).unwrap();
            let category = Category::new(["lighting", "lighting/table/oak", "garden"][pick(3)]).unwrap();
            let cost = Money::parse(["4.99", "10", "20", "50", "99.99", "100", "100.01"][pick(7)], "USD").unwrap();
            let matter = Matter {
                vendor: (pick(5) > 0).then_some(&vendor),
                category: Some(&category),
                cost: (pick(5) > 0).then_some(cost),
                quantity: Some(Quantity::new(u32::try_from(pick(9)).unwrap())),
                ..Matter::default()
            };
            let ruled = tables.rule(Subject::Sourcing, &matter);
            assert_eq!(ruled.len(), 1);
            assert_eq!(ruled[0].row, plainly(&tables[0], &matter), "{matter:?}");
        }
    }
}

#[test]
fn faults_name_table_row_and_cell() {
    let faulty = |table: Table| {
        let policy = Policy { version: 3, tables: vec![table].into(), ..Policy::default() };
        policy.faults().into_iter().map(|f| format!("{} {}: {}", f.pointer, f.value, f.sentence)).collect::<Vec<_>>()
    };
    let fine =
        sourcing(vec![row(&["acme", "-", "> 100", "-"], &["yes", ""]), row(&["-", "-", "-", "1"], &["", "2.50"])]);
    assert_eq!(faulty(fine.clone()), Vec::<String>::new());

    let cell = faulty(sourcing(vec![row(&["acme", "-", "> ten", "-"], &["yes", ""])]));
    let place = "/tables/0/rows/0/when/2 > ten: table \"who may\", row 1, column cost: \"ten\" is no decimal number with at most \
                 four decimals; a test of a number is ";
    assert!(cell.len() == 1 && cell[0].starts_with(place), "{cell:?}");
    let said = faulty(sourcing(vec![row(&["acme", "-", "-", "-"], &["perhaps", "1.23456"])]));
    assert!(said[0].contains("column exclude: \"perhaps\" is none of yes, no"), "{said:?}");
    assert!(said[1].contains("/tables/0/rows/0/then/1"), "{said:?}");
    let short = faulty(sourcing(vec![row(&["acme"], &["yes", ""])]));
    assert!(short[0].contains("row 1: 1 tests for the 4 columns"), "{short:?}");
    let open = faulty(Table { otherwise: None, ..fine.clone() });
    assert!(open[0].contains("there is no otherwise"), "{open:?}");
    let early = faulty(Table { decides: Subject::Modes, ..fine.clone() });
    assert!(early[0].contains("column cost: not known yet when modes are decided"), "{early:?}");
    let hidden = faulty(sourcing(vec![
        row(&["-", "lighting", "> 10", "-"], &["yes", ""]),
        row(&["acme", "lighting/table", "[50..60]", "3"], &["no", ""]),
    ]));
    assert!(
        hidden[0].contains("row 2 is never reached: row 1 fits wherever it does, and says something else"),
        "{hidden:?}"
    );
    let both = Table {
        hit: Hit::Collect,
        ..sourcing(vec![
            row(&["-", "lighting", "-", "-"], &["yes", ""]),
            row(&["acme", "lighting", "-", "-"], &["no", ""]),
        ])
    };
    assert!(faulty(both)[0].contains("they contradict each other"));
}

#[test]
fn rows_add_up_where_they_are_collected() {
    let table = Table {
        hit: Hit::Collect,
        ..sourcing(vec![
            row(&["acme", "-", "-", "-"], &["", "2.50"]),
            row(&["-", "-", "> 100", "-"], &["", "-1"]),
            row(&["bright", "-", "-", "-"], &["yes", ""]),
        ])
    };
    let policy = Policy { tables: vec![table].into(), ..Policy::default() };
    let (acme, bright) = (SourceId::new("acme").unwrap(), SourceId::new("bright").unwrap());
    let matter = Matter { vendor: Some(&acme), cost: Money::parse("150", "USD").ok(), ..Matter::default() };
    let found = policy.preference(&matter);
    assert_eq!((found.minor(matter.cost.unwrap()), found.excluded, found.fired.len()), (150, false, 2));
    assert_eq!(found.fired[1].sentence(), "row 2 of table \"who may\" says adjust -1: because");
    assert!(policy.preference(&Matter { vendor: Some(&bright), ..matter }).excluded);
}

#[test]
fn tables_are_in_effect_between_their_dates() {
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let table =
        Table { from: Some(at("2026-11-24T00:00:00Z")), until: Some(at("2026-12-01T00:00:00Z")), ..sourcing(vec![]) };
    let tables = Tables::from(vec![table]);
    let count = |now: &str| {
        let matter = Matter { now: Some(at(now)), ..Matter::default() };
        tables.rule(Subject::Sourcing, &matter).len()
    };
    assert_eq!(count("2026-11-23T23:59:59Z"), 0);
    assert_eq!(count("2026-11-24T00:00:00Z"), 1);
    assert_eq!(count("2026-12-01T00:00:00Z"), 0);
}

#[test]
fn rows_are_read_out() {
    let table = sourcing(vec![row(&["not(acme)", "lighting", "> 100", "-"], &["yes", ""])]);
    assert_eq!(
        table.sentences(),
        [
            "If the source is not acme and the category is lighting (or below) and the cost of goods and shipping is more \
             than 100: passed over (because).",
            "Otherwise the policy's lists say what follows."
        ]
    );
}
