//! Small histories written by hand, each with one thing that a careless reader gets wrong: what happened is counted as it
//! was, and the gate is credited with nothing that it did not do.

#![allow(clippy::unwrap_used, reason = "tests")]

use countersign_engine::command::{Actor, Command, Deed};
use countersign_engine::event::Event;
use countersign_engine::ids::{LineId, OrderId, Sku, SourceId};
use countersign_engine::item::{Category, Unit};
use countersign_engine::journal::Entry;
use countersign_engine::legacy::LegacyFact;
use countersign_engine::measure::{Money, Quantity};
use countersign_engine::order::Line;
use countersign_engine::policy::table::{Output, Row, Subject, Table};
use countersign_engine::policy::{Mode, Policy};
use countersign_engine::source::Region;
use countersign_sim::history::dirt::Oddity;
use countersign_sim::history::facts::happened;
use countersign_sim::history::generate::mapping;
use countersign_sim::history::journal::Journal;
use countersign_sim::history::read::read;
use countersign_sim::history::{CancelledBy, History};
use countersign_sim::replay::model::Models;
use countersign_sim::replay::progress::Progress;
use countersign_sim::replay::trial::{Trial, try_out};
use countersign_sim::replay::verdict::{NO_SOURCE, Verdict, verdict};
use countersign_sim::replay::why::why;
use jiff::Timestamp;

const HEAD: &str = "order,line,placed_at,sku,quantity,unit_price,source,unit_cost,shipping_cost,sent_at,ship_by,answered_at,accepted,shipped_at,cancelled_at,cancelled_by,po_cancelled_at,po_cancelled_by";

fn history_of(files: &[(&str, String)]) -> History {
    let open = |name: &str| {
        let file = files.iter().find(|(n, _)| *n == name);
        Ok(file.map(|(_, text)| std::io::Cursor::new(text.clone().into_bytes())))
    };
    read(&mapping(), open).unwrap()
}

fn lines(rows: &[String]) -> String {
    format!("{HEAD}\n{}\n", rows.join("\n"))
}

/// A plain day: ordered at nine, asked at once, answered at ten, shipped the next day.
fn plain(order: &str, day: u32, source: &str, cost: &str) -> String {
    format!(
        "{order},1,2026-07-{day:02}T09:00:00Z,MUG,1,100.00,{source},{cost},0.00,2026-07-{day:02}T09:00:00Z,2026-07-{:02}T09:00:00Z,2026-07-{day:02}T10:00:00Z,1,2026-07-{:02}T09:00:00Z,,,,",
        day + 3,
        day + 1
    )
}

fn judge(history: &History, policies: &[&Policy]) -> Verdict {
    let policies = policies.iter().map(|p| ("tried".to_owned(), (*p).clone())).collect();
    let trial = Trial { history, policies, seed: 1, seeds: 1, threads: 1 };
    verdict(&trial, &try_out(&trial, &Progress::default()).unwrap())
}

fn tried(history: &History) -> Verdict {
    judge(history, &[&Policy::default()])
}

#[test]
fn what_was_paid_is_what_it_cost_and_an_offer_of_unknown_cost_is_nobodys() {
    let mut rows: Vec<String> = (1..=20).map(|day| plain(&format!("T{day}"), day, "acme", "50.00")).collect();
    rows[0] = plain("T1", 1, "acme", "10.00");
    let advice = "source,sku,as_of,quantity\nnewguy,MUG,2026-06-30T00:00:00Z,1000\n".to_owned();
    let history = history_of(&[("order_lines.csv", lines(&rows)), ("advice.csv", advice.clone())]);
    assert_eq!(history.dirt.count(Oddity::OfferWithoutCost), 1);
    let told = tried(&history);
    let now = &told.policies[0];
    assert_eq!((told.happened.cost_minor, now.first_seed.cost_minor), (96_000, 96_000), "as it was paid");
    assert_eq!(now.by_source.keys().collect::<Vec<_>>(), ["acme"], "nobody is asked at a cost that nobody knows");

    let offers = "source,sku,unit_cost,shipping_cost\nnewguy,MUG,45.00,1.00\n".to_owned();
    let history = history_of(&[("order_lines.csv", lines(&rows)), ("advice.csv", advice), ("offers.csv", offers)]);
    assert_eq!(history.dirt.count(Oddity::OfferWithoutCost), 0);
    let now = &tried(&history).policies[0];
    assert!(now.by_source.contains_key("newguy"), "{:?}", now.by_source.keys());
    assert!(now.first_seed.cost_minor >= 20 * 4_500, "{:?}", now.first_seed);
}

#[test]
fn a_row_that_stands_twice_doubles_nothing() {
    let (one, two) = (plain("T1", 1, "acme", "50.00"), plain("T2", 2, "acme", "50.00"));
    let history = history_of(&[("order_lines.csv", lines(&[one, two.clone(), two.clone()]))]);
    let all = happened(&history);
    assert_eq!((all.lines, all.units, history.dirt.count(Oddity::LineTwice)), (2, 2, 1));
    // The same where rows do not name their line.
    let cut = |text: String| text.replace(",line,", ",of,");
    let history = history_of(&[("order_lines.csv", cut(lines(&[two.clone(), two])))]);
    assert_eq!((happened(&history).units, history.dirt.count(Oddity::LineTwice)), (1, 1));
}

#[test]
fn a_line_that_went_to_another_source_is_one_line_and_the_first_declined() {
    let acme = "R1,1,2026-07-01T09:00:00Z,MUG,1,100.00,acme,50.00,0.00,2026-07-01T09:00:00Z,2026-07-04T09:00:00Z,2026-07-01T10:00:00Z,0,,,,,";
    let bright = "R1,1,2026-07-01T09:00:00Z,MUG,1,100.00,bright,60.00,0.00,2026-07-01T12:00:00Z,2026-07-04T09:00:00Z,2026-07-01T13:00:00Z,1,2026-07-02T09:00:00Z,,,,";
    // Rows in the order of a database, not of time.
    let history = history_of(&[("order_lines.csv", lines(&[bright.into(), acme.into()]))]);
    let all = happened(&history);
    assert_eq!((all.lines, all.units, all.orders.rerouted, all.orders.split), (1, 1, 1, 0));
    assert_eq!((all.purchase_orders.declined, all.purchase_orders.cancelled_after_commitment.count), (1, 0));
    let told = tried(&history);
    let (then, now) = (&told.happened, &told.policies[0].first_seed);
    assert_eq!((then.cancelled_after_commitment, then.reroutes, then.units_shipped), (0, 1, 1));
    assert_eq!((now.units_shipped, now.reroutes, now.cost_minor), (1, 1, 6_000), "{now:?}");
    assert_eq!(told.policies[0].by_ground.keys().copied().collect::<Vec<_>>(), ["observed"], "both really answered");
    let opened = why(&history, &Policy::default(), 1, 0).join("\n");
    assert!(
        opened.contains("bright, line 1: Passed over: it would cost more"),
        "every candidate and why not: {opened}"
    );
}

#[test]
fn a_cancellation_of_unknown_cause_is_credited_to_nobody() {
    let rows = |by: &str| {
        let gone = |n: u32| {
            format!(
                "C{n},1,2026-07-0{n}T09:00:00Z,MUG,1,100.00,acme,50.00,0.00,2026-07-0{n}T09:00:00Z,2026-07-09T09:00:00Z,2026-07-0{n}T10:00:00Z,1,,2026-07-0{n}T15:00:00Z,{by},,"
            )
        };
        (1..=4)
            .map(gone)
            .chain((10..=20).map(|day| plain(&format!("T{day}"), day, "acme", "50.00")))
            .collect::<Vec<_>>()
    };
    let of = |by: &str| history_of(&[("order_lines.csv", lines(&rows(by)))]);
    let (unknown, customer, source) = (of(""), of("customer"), of("source"));
    assert_eq!(unknown.dirt.count(Oddity::CancelledByUnknown), 4);
    let figures = |history: &History| {
        let told = tried(history);
        let (then, now) = (told.happened, told.policies[0].first_seed);
        let of = |t: countersign_sim::replay::outcome::Tally| {
            (t.cancelled_after_commitment, t.cancelled_by_unknown, t.cancelled_by_customer, t.never_shipped)
        };
        (of(then), of(now))
    };
    assert_eq!(figures(&unknown), ((0, 4, 0, 0), (0, 4, 0, 0)));
    assert_eq!(figures(&customer), ((0, 0, 4, 0), (0, 0, 4, 0)));
    assert_eq!(figures(&source).0, (4, 0, 0, 0));
    assert_eq!(source.pasts.get(0).pos[0].cancelled_by, CancelledBy::Source, "its purchase order ended so");
    // Where the answers tell that the source had too little, it is the source's doing, whatever nobody said.
    let short = rows("").into_iter().map(|row| row.replace("10:00:00Z,1,,", "10:00:00Z,0,,")).collect::<Vec<_>>();
    assert_eq!(figures(&history_of(&[("order_lines.csv", lines(&short))])).0, (4, 0, 0, 0));
}

/// What nothing explains counts for nobody where only the purchase order was cancelled, too: neither then nor now, nor in
/// what is learnt of the source.
#[test]
fn a_purchase_order_cancelled_by_nobody_knows_whom_is_credited_to_nobody() {
    let gone = |by: &str| {
        let row = move |n: u32| {
            format!(
                "C{n},1,2026-07-0{n}T09:00:00Z,MUG,1,100.00,acme,50.00,0.00,2026-07-0{n}T09:00:00Z,2026-07-09T09:00:00Z,2026-07-0{n}T10:00:00Z,1,,,,2026-07-0{n}T09:00:00Z,{by}"
            )
        };
        (1..=4).map(row).chain((10..=20).map(|day| plain(&format!("T{day}"), day, "acme", "50.00"))).collect::<Vec<_>>()
    };
    let of = |by: &str| history_of(&[("order_lines.csv", lines(&gone(by)))]);
    let figures = |history: &History| {
        let told = tried(history);
        let of = |t: countersign_sim::replay::outcome::Tally| {
            (
                t.cancelled_after_commitment,
                t.cancelled_before_commitment,
                t.cancelled_by_unknown,
                t.cancelled_by_customer,
            )
        };
        (of(told.happened), of(told.policies[0].first_seed))
    };
    let (unknown, customer, source) = (of(""), of("customer"), of("source"));
    assert_eq!(figures(&unknown), ((0, 0, 4, 0), (0, 0, 4, 0)));
    assert_eq!(figures(&customer), ((0, 0, 0, 4), (0, 0, 0, 4)));
    assert_eq!(figures(&source).0, (4, 0, 0, 0));
    let counted = |history: &History| {
        let pos = happened(history).purchase_orders;
        (pos.cancelled_after_commitment.count, pos.cancelled_by_unknown)
    };
    assert_eq!((counted(&unknown), counted(&customer), counted(&source)), ((0, 4), (0, 0), (4, 0)));
    assert_eq!(happened(&unknown).orders.cancelled_by_unknown, 4);
    let opened = why(&unknown, &Policy::default(), 1, 0).join("\n");
    assert!(opened.contains("nothing says by whom") && opened.contains("Nothing says who cancelled"), "{opened}");
    assert!(!opened.contains("The vendor cancelled") && !opened.contains("The customer cancelled"), "{opened}");
    // A source that takes back does so after it has answered, whatever the rows say.
    let opened = why(&source, &Policy::default(), 1, 0).join("\n");
    let (answer, back) = (opened.find("are committed to acme").unwrap(), opened.find("The vendor cancelled").unwrap());
    assert!(answer < back, "{opened}");
}

#[test]
fn nobody_learns_from_a_cancellation_of_unknown_cause() {
    for recorded in [true, false] {
        let gone = |n: u32, by: &str| {
            format!(
                "C{n},1,2026-07-{n:02}T09:00:00Z,MUG,1,100.00,acme,50.00,0.00,2026-07-{n:02}T09:00:00Z,2026-07-{:02}T09:00:00Z,,,,,,2026-07-{n:02}T12:00:00Z,{by}",
                n + 3
            )
        };
        let shipped = |day: u32| {
            let (row, answer) =
                (plain(&format!("T{day}"), day, "acme", "50.00"), format!("2026-07-{day}T10:00:00Z,1,"));
            if recorded { row } else { row.replace(&answer, ",,") }
        };
        let fitted = |by: &str| {
            let rows: Vec<String> = (1..=8).map(|n| gone(n, by)).chain((10..=20).map(shipped)).collect();
            Models::fit(&history_of(&[("order_lines.csv", lines(&rows))]))
        };
        let asked = |by: &str| fitted(by).calibration.all.total.asked;
        assert_eq!((asked(""), asked("customer"), asked("source")), (11, 11, 19), "answers recorded: {recorded}");
        let common = fitted("").common;
        assert_eq!((common.takes_back, common.forgets, common.silent), (0, 0, 0));
    }
}

/// A line of unknown end counts for nobody, and the others of its order as ever; a line that went on to another source
/// was not called off.
#[test]
fn only_what_nothing_explains_is_left_out() {
    let at = "2026-07-01T09:00:00Z";
    let row = |line: u32, sku: &str, source: &str, sent: &str, rest: &str| {
        format!("P1,{line},{at},{sku},1,100.00,{source},50.00,0.00,{sent},2026-07-04T09:00:00Z,{rest}")
    };
    let shipped = row(1, "MUG", "acme", at, "2026-07-01T10:00:00Z,1,2026-07-02T09:00:00Z,,,,");
    let gone = row(2, "JUG", "bright", at, "2026-07-01T10:00:00Z,1,,,,2026-07-01T15:00:00Z,");
    let history = history_of(&[("order_lines.csv", lines(&[shipped, gone.clone()]))]);
    let told = tried(&history);
    let of = |t: &countersign_sim::replay::outcome::Tally| {
        (
            t.units_shipped,
            t.cancelled_after_commitment,
            t.cancelled_before_commitment,
            t.never_shipped,
            t.cancelled_by_unknown,
        )
    };
    assert_eq!((of(&told.happened), of(&told.policies[0].first_seed)), ((1, 0, 0, 0, 1), (1, 0, 0, 0, 1)));

    let next = row(2, "JUG", "acme", "2026-07-01T16:00:00Z", "2026-07-01T17:00:00Z,1,2026-07-02T09:00:00Z,,,,");
    let history = history_of(&[("order_lines.csv", lines(&[gone, next]))]);
    assert_eq!(history.pasts.get(0).pos[0].cancelled_by, CancelledBy::Source);
    let told = tried(&history);
    assert_eq!((of(&told.happened), told.happened.reroutes), ((1, 0, 0, 0, 0), 1));
}

/// A purchase order that was declined was never counted on: it is no cancellation after commitment.
#[test]
fn what_was_declined_was_not_cancelled_after_all() {
    let row = |order: &str, accepted: u32, back: &str| {
        format!(
            "{order},1,2026-07-01T09:00:00Z,MUG,1,100.00,acme,50.00,0.00,2026-07-01T09:00:00Z,2026-07-04T09:00:00Z,2026-07-01T10:00:00Z,{accepted},,2026-07-02T09:00:00Z,,{back}"
        )
    };
    let back = "2026-07-01T20:00:00Z,source";
    let rows = [row("D1", 0, ","), row("D2", 0, back), row("D3", 1, back), plain("T4", 4, "acme", "50.00")];
    let all = happened(&history_of(&[("order_lines.csv", lines(&rows))])).purchase_orders;
    assert_eq!((all.declined, all.cancelled_after_commitment.count, all.cancelled_after_commitment.of), (2, 1, 4));
}

/// Declined on the last morning, another source can still be asked; declined weeks ago, nobody was.
#[test]
fn what_was_declined_on_the_last_morning_is_still_open() {
    let declined = |order: &str, day: u32| {
        format!(
            "{order},1,2026-07-{day:02}T09:00:00Z,MUG,1,100.00,acme,50.00,0.00,2026-07-{day:02}T09:00:00Z,2026-07-{:02}T09:00:00Z,2026-07-{day:02}T10:00:00Z,0,,,,,",
            day + 3
        )
    };
    let rows =
        [declined("D1", 1), declined("D2", 20), plain("T2", 2, "acme", "50.00"), plain("T19", 19, "acme", "50.00")];
    let told = tried(&history_of(&[("order_lines.csv", lines(&rows))]));
    let then = &told.happened;
    assert_eq!((then.still_open, then.cancelled_after_commitment), (1, 1), "{then:?}");
    let listed = &told.policies[0].against_history.listed;
    assert_eq!(listed.iter().map(|c| c.order.as_str()).collect::<Vec<_>>(), ["D1"], "{listed:?}");
}

/// One source failed the order, and the other one was stopped for it: what that one would have done is modelled.
#[test]
fn a_source_that_another_one_failed_is_modelled_from_there_on() {
    let at = "2026-07-05T09:00:00Z";
    let row = |line: u32, sku: &str, source: &str, answer: u32| {
        format!(
            "X1,{line},{at},{sku},1,100.00,{source},50.00,0.00,{at},2026-07-08T09:00:00Z,2026-07-05T10:00:00Z,{answer},,2026-07-05T12:00:00Z,source,,"
        )
    };
    let mut rows: Vec<String> = (10..=28).map(|day| plain(&format!("T{day}"), day, "bright", "50.00")).collect();
    rows.extend([row(1, "JUG", "acme", 0), row(2, "MUG", "bright", 1)]);
    let told = tried(&history_of(&[("order_lines.csv", lines(&rows))]));
    let now = &told.policies[0];
    assert_eq!((now.first_seed.units_shipped, now.first_seed.never_shipped), (20, 0), "{:?}", now.first_seed);
    assert_eq!(now.by_ground["modelled"].orders, 1);
}

/// What a history does not tell is told as nothing, not as none.
#[test]
fn figures_that_a_history_does_not_tell_are_null() {
    let history = history_of(&[("order_lines.csv", lines(&[plain("T1", 1, "acme", "50.00")]))]);
    let told = serde_json::to_value(tried(&history)).unwrap();
    let then = [&told["happened"], &told["happened_by_source"]["acme"], &told["happened_by_category"]["uncategorised"]];
    for then in then {
        for figure in
            ["approvals", "cases", "splits", "sla_breaches", "confirmed", "confirmed_seconds", "own_promise_kept"]
        {
            assert!(then.as_object().unwrap().contains_key(figure) && then[figure].is_null(), "{figure}: {then}");
        }
        assert_eq!((then["orders"].as_u64(), then["units_shipped"].as_u64()), (Some(1), Some(1)));
    }
    assert_eq!(told["policies"][0]["first_seed"]["splits"], 0);
}

#[test]
fn goods_that_left_before_the_answer_leave_with_it() {
    let early = plain("E1", 2, "acme", "50.00").replace("2026-07-03T09:00:00Z,,", "2026-07-02T09:30:00Z,,");
    let history = history_of(&[("order_lines.csv", lines(&[early]))]);
    let now = tried(&history).policies[0].first_seed;
    assert_eq!((now.units_shipped, now.never_shipped), (1, 0), "{now:?}");
}

#[test]
fn what_was_not_yet_advised_is_not_nothing() {
    let rows: Vec<String> = (1..=20).map(|day| plain(&format!("T{day}"), day, "acme", "50.00")).collect();
    let advice = "source,sku,as_of,quantity\nacme,MUG,2026-07-11T08:00:00Z,4\nacme,MUG,2026-07-16T08:00:00Z,0\n";
    let history = history_of(&[("order_lines.csv", lines(&rows)), ("advice.csv", advice.to_owned())]);
    let now = &tried(&history).policies[0];
    // Four of those after the first advice, none after the last.
    assert_eq!((now.first_seed.units_shipped, now.first_seed.cancelled_before_commitment), (14, 6), "{now:?}");
    assert_eq!(now.by_source[NO_SOURCE].orders, 6, "orders that nobody supplied are told as well");
}

#[test]
fn the_first_policy_is_compared_with_the_second() {
    let rows: Vec<String> = (1..=20).map(|day| plain(&format!("T{day}"), day, "acme", "50.00")).collect();
    let history = history_of(&[("order_lines.csv", lines(&rows))]);
    let table = |from: &str| Table {
        name: "no acme".into(),
        decides: Subject::Sourcing,
        hit: Default::default(),
        from: from.parse().ok(),
        until: None,
        when: vec![],
        then: vec![Output::Exclude],
        rows: vec![Row { when: vec![], then: vec!["yes".into()], why: "".into() }],
        otherwise: None,
    };
    let with = |from: &str| Policy { version: 2, tables: vec![table(from)].into(), ..Policy::default() };
    let told = judge(&history, &[&with("2026-07-01T00:00:00Z"), &Policy::default()]);
    let changes = told.first_against_second.unwrap();
    assert_eq!(changes.kinds["given up although it had been supplied"], 20, "{:?}", changes.kinds);
    assert!(told.policies[0].never_in_effect.is_empty());
    // A table of next year changes nothing in the past, and the report says why.
    let told = judge(&history, &[&with("2027-01-01T00:00:00Z"), &Policy::default()]);
    assert_eq!((told.first_against_second.unwrap().orders, &told.policies[0].never_in_effect[0][..]), (0, "no acme"));
}

/// What was only watched is a history like any other: whom the legacy path asked, who answered, what became of it.
#[test]
fn facts_of_the_legacy_path_are_a_history() {
    let order = OrderId::new("S1").unwrap();
    let at = |hour: u32| format!("2026-07-01T{hour:02}:00:00Z").parse::<Timestamp>().unwrap();
    let line = Line {
        id: LineId::new("1").unwrap(),
        sku: Sku::new("MUG").unwrap(),
        title: "Mug".into(),
        category: Category::new("kitchen/mugs").unwrap(),
        gtin: None,
        quantity: Quantity::new(2),
        unit: Unit::new("EA").unwrap(),
        unit_price: Money::parse("9.00", "USD").unwrap(),
        promise: None,
        cancelled: Quantity::ZERO,
        cancelling: None,
        look_again: None,
        first_cost: None,
        legacy: None,
    };
    let captured = Event::OrderCaptured {
        order: order.clone(),
        placed_at: at(9),
        captured_at: at(9),
        sales_channel: "web".into(),
        destination: Region { country: "US".into(), region: None, postal_code: None },
        service_level: "standard".into(),
        requested_on: None,
        fingerprint: "x".into(),
        mode: Mode::Observe,
        policy: 1,
        lines: vec![line],
        mode_rule: None,
    };
    let source = |id: &str| Some(SourceId::new(id).unwrap());
    let fact = |hour: u32, fact: LegacyFact| Event::LegacyRecorded {
        order: order.clone(),
        line: LineId::new("1").unwrap(),
        at: at(hour),
        quantity: Quantity::new(2),
        fact,
        reference: None,
    };
    let shipped = LegacyFact::Shipped { carrier: None, tracking: vec![] };
    let events = vec![
        captured,
        fact(9, LegacyFact::Committed { source: source("acme"), ship_by: None, deliver_by: None }),
        fact(10, LegacyFact::Rejected { source: source("acme"), reason: None }),
        fact(11, LegacyFact::Confirmed { source: source("bright") }),
        fact(15, shipped),
        fact(20, LegacyFact::Delivered),
    ];
    let mut journal = Journal::default();
    let command = Command { by: Actor::Engine, deed: Deed::Wake { order } };
    journal.read(&Entry { at: at(20), cause: None, policy: 1, command, events, effects: vec![] });
    let history = journal.finish("watched");
    let all = happened(&history);
    assert_eq!((all.purchase_orders.known, all.purchase_orders.answered, all.purchase_orders.declined), (2, 2, 1));
    let past = history.pasts.get(0);
    assert_eq!(past.asks.iter().map(|a| (a.line, a.po, a.accepted)).collect::<Vec<_>>(), [(0, 0, 0), (0, 1, 2)]);
    assert_eq!((past.pos[1].shipped.at(), past.order.delivered.at()), (at(15), at(20)));
    assert_eq!(tried(&history).happened.units_shipped, 2);
}

#[test]
fn semicolons_part_columns_too_and_what_may_be_missing_is_not_missed() {
    let rows = lines(&[plain("T1", 1, "acme", "50.00")]).replace(',', ";");
    let history = history_of(&[("order_lines.csv", rows)]);
    assert_eq!((happened(&history).units, history.dirt.rejected_rows()), (1, 0));
}
