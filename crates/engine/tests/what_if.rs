//! What would have changed a decision: asked again by the engine on the facts of the decision.

#![allow(clippy::unwrap_used, reason = "a test")]

mod story;
mod world;

use countersign_engine::event::Event;
use countersign_engine::policy::Policy;
use countersign_engine::routing::{Change, Counterfactual, Plan, counterfactuals};
use countersign_engine::slice::{Key, Slice};
use serde_json::{Value, json};
use world::chance::Chance;

/// The sentences about the last plan of a told story.
fn sentences(told: &str, at: &str) -> Vec<String> {
    found(told, at, &[]).1.iter().map(Counterfactual::sentence).collect()
}

/// The last plan of a told story, and what would have changed it.
fn found(told: &str, at: &str, late: &[(u32, &str)]) -> (Plan, Vec<Counterfactual>) {
    let (_, world) = story::tell("what if", told);
    let made = world.events.iter().rev().find_map(|e| match e {
        Event::PlanMade { order, plan } => Some((order.clone(), plan.clone())),
        _ => None,
    });
    let (id, plan) = made.unwrap();
    let slice = Slice::new(world.records.clone().into_iter().map(|(k, r)| (k, Some(r))));
    assert!(slice.has(&Key::Policy));
    let policy: &Policy = slice.policy();
    let late: Vec<_> = late.iter().map(|(po, at)| (*po, story::time(at).unwrap().0)).collect();
    let at = story::time(at).unwrap().0;
    let changes = counterfactuals(&slice, policy, world.order(&id).unwrap(), &plan, at, &late);
    (Plan::clone(&plan), changes)
}

#[test]
fn an_earlier_order_a_smaller_one_a_fresher_advice() {
    let told = "policy sourcing.day_late_costs {\"amount\": \"1.00\", \"currency\": \"USD\"}\n\
                vendor A has 20 mug, costs 1.20\n\
                vendor B has 20 mug, costs 1.00, cut-off 09:00\n\
                vendor C has 11 mug, costs 0.50\n\
                at 09:07 place order 1001: 12 mug\n";
    let found = sentences(told, "09:07");
    assert_eq!(
        found,
        [
            "Line 1 would have gone to C had it advised 1 more.",
            "Line 1 would have gone to A had it been 1.44 USD cheaper, 0.12 USD for each of 12.",
            "Line 1 would have gone to C below 12 units.",
            "Above 20 units no single source could have supplied line 1."
        ],
        "B is cheaper by more than the day is worth"
    );
    let dear = told.replace("\"1.00\", \"currency\"", "\"3.00\", \"currency\"");
    let found = sentences(&dear, "09:07");
    let earlier = "Line 1 would have gone to B if ordered 8 minutes earlier, before its cut-off at 09:00.";
    assert!(found.iter().any(|s| s == earlier), "{found:?}");
    let more = "Line 1 would have gone to B for 16 to 20 units.";
    assert!(found.iter().any(|s| s == more), "four cents a mug outweigh the day at last: {found:?}");
}

#[test]
fn the_quantity_at_which_a_rule_turns_is_found() {
    let told = "policy tables [{\"name\": \"bulk\", \"decides\": \"sourcing\", \"when\": [\"vendor\", \"quantity\"], \
                \"then\": [\"exclude\"], \"rows\": [{\"when\": [\"A\", \">= 12\"], \"then\": [\"yes\"]}], \"otherwise\": [\"\"]}]\n\
                vendor A has 90 mug, costs 1.00\nvendor B has 90 mug, costs 2.00\n";
    let many = format!("{told}at 09:00 place order 1001: 40 mug\n");
    let below = "Line 1 would have gone to A below 12 units.";
    assert!(sentences(&many, "09:00").iter().any(|s| s == below), "{:?}", sentences(&many, "09:00"));
    let few = format!("{told}at 09:00 place order 1001: 5 mug\n");
    let from = "Line 1 would have gone to B for 12 to 90 units.";
    assert!(sentences(&few, "09:00").iter().any(|s| s == from), "{:?}", sentences(&few, "09:00"));
    let much = few.replace("B has 90", "B has 5000");
    let on = "Line 1 would have gone to B from 12 units on.";
    assert!(sentences(&much, "09:00").iter().any(|s| s == on), "no end was found: {:?}", sentences(&much, "09:00"));
    let one = format!("{told}at 09:00 place order 1001: 1 mug\n");
    assert_eq!(sentences(&one, "09:00"), ["Line 1 would have gone to B had it been 1.01 USD cheaper."]);
}

#[test]
fn without_the_row_that_excluded_it() {
    let told = "policy tables [{\"name\": \"no A\", \"decides\": \"sourcing\", \"when\": [\"vendor\"], \"then\": [\"exclude\"], \
                \"rows\": [{\"when\": [\"A\"], \"then\": [\"yes\"]}], \"otherwise\": [\"\"]}]\n\
                vendor A has 20 mug, costs 1.00\nvendor B has 20 mug, costs 2.00\nat 09:00 place order 1001: 2 mug\n";
    assert_eq!(sentences(told, "09:00"), ["Line 1 would have gone to A without row 1 of table \"no A\"."]);
}

#[test]
fn the_minute_before_a_table_began_to_rule() {
    let told = "policy tables [{\"name\": \"no A\", \"decides\": \"sourcing\", \"from\": \"2026-11-23T09:00:00Z\", \
                \"when\": [\"vendor\"], \"then\": [\"exclude\"], \"rows\": [{\"when\": [\"A\"], \"then\": [\"yes\"]}], \
                \"otherwise\": [\"\"]}]\n\
                vendor A has 20 mug, costs 1.00\nvendor B has 20 mug, costs 2.00\nat 10:30 place order 1001: 2 mug\n";
    let earlier = "Line 1 would have gone to A if ordered 91 minutes earlier.";
    assert!(sentences(told, "10:30").iter().any(|s| s == earlier), "{:?}", sentences(told, "10:30"));
}

#[test]
fn had_the_vendor_that_was_asked_first_supplied_it() {
    let told = "vendor A has 20 mug, costs 1.00\nvendor B has 20 mug, costs 2.00\n\
                at 09:00 place order 1001: 2 mug\nat 09:10 A rejects 1001-1\n";
    assert_eq!(sentences(told, "09:10"), ["Line 1 would have stayed with A had it supplied it."]);
    let (_, world) = story::tell("what if", told);
    let plan = world.events.iter().rev().find_map(|e| match e {
        Event::PlanMade { plan, .. } => Some(plan.clone()),
        _ => None,
    });
    let plan = plan.unwrap();
    let first = plan.verdicts.iter().find(|v| v.source.as_str() == "A").unwrap();
    let words = countersign_engine::explain::verdict(&plan, first);
    assert!(
        words.contains("asked before") && words.contains("2.00 USD"),
        "its cost stands beside the other's: {words}"
    );
}

#[test]
fn had_it_accepted_in_time() {
    let told = "vendor A has 20 mug, costs 1.00, answers within 60 min\nvendor B has 20 mug, costs 2.00\n\
                at 09:00 place order 1001: 2 mug\nat 10:00 wake\n";
    let by = "Line 1 would have stayed with A had it accepted by 2026-11-23 10:00:00 UTC";
    let said =
        |late: &[(u32, &str)]| found(told, "10:00", late).1.iter().map(Counterfactual::sentence).collect::<Vec<_>>();
    assert_eq!(said(&[]), [format!("{by}.")]);
    assert_eq!(said(&[(1, "11:30")]), [format!("{by}, 90 minutes earlier than it did.")]);
}

#[test]
fn a_percentage_is_no_price() {
    let table = |percent: &str| {
        format!(
            "policy tables [{{\"name\": \"dear\", \"decides\": \"sourcing\", \"when\": [\"vendor\"], \"then\": [\"adjust_percent\"], \
             \"rows\": [{{\"when\": [\"A\"], \"then\": [\"{percent}\"]}}], \"otherwise\": [\"\"]}}]\n"
        )
    };
    let told = |percent: &str| {
        format!(
            "{}vendor A has 9 mug, costs 44.83\nvendor B has 9 mug, costs 25.62\nat 09:00 place order 1001: 1 mug\n",
            table(percent)
        )
    };
    let said = |percent: &str| sentences(&told(percent), "09:00");
    assert!(
        said("-20").contains(&"Line 1 would have gone to A had it been 12.81 USD cheaper.".into()),
        "{:?}",
        said("-20")
    );
    assert!(
        said("40").contains(&"Line 1 would have gone to A had it been 26.53 USD cheaper.".into()),
        "{:?}",
        said("40")
    );
}

#[test]
fn of_what_is_kept_back_no_figure_is_made_up() {
    let told = "policy safety_stock [{\"source\": \"A\", \"units\": 40}]\n\
                vendor A has 40 mug, costs 1.00\nvendor B has 20 mug, costs 2.00\nat 09:00 place order 1001: 2 mug\n";
    let said = sentences(told, "09:00");
    let could = "Line 1 would have gone to A had it been able to promise 2; it could promise 0, as 40 of its advice were kept back.";
    assert!(said.iter().any(|s| s == could), "{said:?}");
    assert!(!said.iter().any(|s| s.contains("advised at least")), "{said:?}");
}

/// Sources and rules made up by chance; a change of one fact makes another one of them.
#[derive(Clone, Debug)]
struct Tale {
    vendors: Vec<Vendor>,
    tables: Vec<Value>,
    safety: Vec<Value>,
    freshness: Vec<Value>,
    day_late_costs: Option<u32>,
    quantity: u32,
    /// Of another item, on a line before it.
    before: u32,
    minutes: i64,
}

#[derive(Clone, Debug)]
struct Vendor {
    has: u32,
    price: i64,
    packs: u32,
    minimum: u32,
    cutoff: Option<u32>,
    capacity: Option<u32>,
    currency: &'static str,
}

const NAMES: [&str; 4] = ["A", "B", "C", "D"];

impl Tale {
    fn new(chance: &mut Chance) -> Self {
        let vendors = (0..2 + chance.below(3)).map(|_| Vendor::new(chance)).collect();
        // Tables that the check refuses are none.
        let fits = |table: &Value| {
            let tables: countersign_engine::policy::table::Tables = serde_json::from_value(json!([table])).unwrap();
            Policy { tables, ..Policy::default() }.faults().is_empty()
        };
        let tables = (0..chance.below(3)).map(|n| table(chance, n)).filter(fits).collect();
        let few = |chance: &mut Chance, rule: Value| if chance.happens(25) { vec![rule] } else { vec![] };
        let safety = json!({"source": chance.one(&NAMES[..2]), "percent": chance.below(60), "units": chance.below(8)});
        let freshness = json!({"source": chance.one(&NAMES[..2]), "stale_after_minutes": 10 + chance.below(40),
            "stale": chance.one(&["exclude", "halve", "gate"])});
        Self {
            vendors,
            tables,
            safety: few(chance, safety),
            freshness: few(chance, freshness),
            day_late_costs: chance.happens(40).then(|| 1 + chance.below(300)),
            quantity: 1 + chance.below(12),
            before: if chance.happens(30) { 1 + chance.below(3) } else { 0 },
            minutes: 9 * 60 + i64::from(chance.below(40)),
        }
    }

    fn text(&self) -> String {
        let mut told = format!("policy tables {}\n", Value::from(self.tables.clone()));
        told += &format!("policy safety_stock {}\npolicy freshness {}\n", json!(self.safety), json!(self.freshness));
        if let Some(cents) = self.day_late_costs {
            let cost = json!({"amount": money(i64::from(cents)), "currency": "USD"});
            told += &format!("policy sourcing.day_late_costs {cost}\n");
        }
        told += "advised at 08:50\n";
        for (v, name) in self.vendors.iter().zip(NAMES) {
            let clauses = [
                v.cutoff.map(|m| format!(", cut-off {}", clock(m.into()))),
                v.capacity.map(|n| format!(", capacity {n}")),
            ];
            let currency = v.currency;
            told += &format!(
                "vendor {name} has 50 jug, costs 3.00, has {} mug, costs {} {currency}, packs of {}, minimum {}{}\n",
                v.has,
                money(v.price),
                v.packs,
                v.minimum,
                clauses.into_iter().flatten().collect::<String>()
            );
        }
        let before = if self.before > 0 { format!("{} jug, ", self.before) } else { String::new() };
        told + &format!("at {} place order 1001: {before}{} mug\n", clock(self.minutes), self.quantity)
    }

    fn line(&self) -> &'static str {
        if self.before > 0 { "2" } else { "1" }
    }

    /// Who alone supplies the whole line off the shelf, if anybody does.
    fn winner(&self) -> Option<String> {
        let (plan, _) = found(&self.text(), &clock(self.minutes), &[]);
        let parts: Vec<_> = plan.parts.iter().filter(|p| p.line.as_str() == self.line()).collect();
        match parts.as_slice() {
            [one] if one.incoming.is_none() => Some(one.source.to_string()),
            _ => None,
        }
    }

    /// The tale with the fact of a change different.
    fn with(&self, change: &Change) -> Vec<Self> {
        let mut other = self.clone();
        let name = change.goes_to().map(ToString::to_string);
        let vendor = NAMES.iter().position(|n| Some(*n) == name.as_deref()).map(|n| &mut other.vendors[n]);
        match change {
            Change::Earlier { minutes, .. } => other.minutes -= minutes,
            Change::Quantity { from, to, .. } => {
                let with = |quantity| Self { quantity, ..self.clone() };
                // From so many on: also many times what was ordered.
                let Some(to) = *to else { return [0, 1, 7, 60, 150].map(|n| with(from + n)).into() };
                return (*from..=to).map(with).collect();
            }
            Change::NobodyAbove { units } => {
                return [1, 2, 50].iter().map(|n| Self { quantity: units + n, ..self.clone() }).collect();
            }
            Change::WithoutRows { rows, .. } => {
                let mut rows = rows.clone();
                rows.sort_by_key(|(_, row)| std::cmp::Reverse(*row));
                for (name, row) in rows {
                    let table = other.tables.iter_mut().find(|t| t["name"] == name.as_str()).unwrap();
                    match row {
                        0 => table["otherwise"].as_array_mut().unwrap().iter_mut().for_each(|c| *c = json!("")),
                        row => _ = table["rows"].as_array_mut().unwrap().remove(row as usize - 1),
                    }
                }
            }
            Change::Cheaper { each, .. } => vendor.unwrap().price -= each.minor,
            Change::Fresher { .. } => {
                vendor.unwrap().has = 100_000;
                other.freshness.clear();
            }
            Change::MoreAdvised { units, .. } => vendor.unwrap().has += units.get(),
            Change::Advised { units, .. } => vendor.unwrap().has = units.get(),
            Change::MorePromisable { .. } => vendor.unwrap().has = 100_000,
            Change::Capacity { .. } => vendor.unwrap().capacity = None,
            Change::AcceptedBy { .. } | Change::Supplied { .. } => return vec![],
        }
        vec![other]
    }
}

impl Vendor {
    fn new(chance: &mut Chance) -> Self {
        Self {
            has: if chance.happens(20) { 5_000 } else { chance.below(30) },
            price: 1 + i64::from(chance.below(900)),
            packs: if chance.happens(25) { 2 + chance.below(3) } else { 1 },
            minimum: if chance.happens(20) { 2 } else { 1 },
            cutoff: chance.happens(40).then(|| 8 * 60 + 30 + chance.below(60)),
            capacity: chance.happens(20).then(|| 1 + chance.below(15)),
            currency: if chance.happens(8) { "EUR" } else { "USD" },
        }
    }
}

fn table(chance: &mut Chance, n: u32) -> Value {
    let column = chance.one(&["quantity", "cost", "days_to_door", "advice_age_minutes"]);
    let mut cell = |words: &[&str]| chance.one(words).to_owned();
    let rows: Vec<Value> = (0..2)
        .map(|_| {
            let test = match column {
                "cost" => cell(&["> 5", "<= 12", "-", "[3..20]"]),
                _ => cell(&["> 3", "<= 5", "-", "[2..6]"]),
            };
            let vendor = cell(&["A", "B", "-", "not(A)"]);
            let then = [cell(&["", "", "yes"]), cell(&["", "1.00", "-0.75"]), cell(&["", "-20", "40", "7"])];
            json!({"when": [vendor, test], "then": then})
        })
        .collect();
    json!({"name": format!("t{n}"), "decides": "sourcing", "hit": cell(&["first", "collect"]), "when": ["vendor", column],
        "then": ["exclude", "adjust", "adjust_percent"], "rows": rows, "otherwise": ["", "", cell(&["", "5"])]})
}

fn money(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

fn clock(minutes: i64) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

/// A sentence that names a change comes true when that fact is changed and the order is decided again.
#[test]
fn what_is_said_comes_true() {
    let mut asked = std::collections::BTreeMap::new();
    for seed in 0..600 {
        let tale = Tale::new(&mut Chance::new(seed));
        let (_, changes) = found(&tale.text(), &clock(tale.minutes), &[]);
        for one in changes.iter().filter(|c| c.line.as_str() == tale.line()) {
            let said = one.sentence();
            if let Change::Quantity { source, from, to: Some(to) } = &one.change
                && *from > tale.quantity
                && to > from
            {
                let beyond = Tale { quantity: to + 1, ..tale.clone() };
                let stays = Some(source.to_string());
                assert_ne!(beyond.winner(), stays, "seed {seed}: {said} No end is there.\n{}", tale.text());
            }
            for other in tale.with(&one.change) {
                let winner = other.winner();
                assert_eq!(
                    winner,
                    one.change.goes_to().map(ToString::to_string),
                    "seed {seed}: {said}\n{}\n{}",
                    tale.text(),
                    other.text()
                );
            }
            let open = matches!(one.change, Change::Quantity { to: None, .. });
            let kind = if open { "From".to_owned() } else { format!("{:?}", one.change) };
            *asked.entry(kind.split([' ', '{']).next().unwrap().to_owned()).or_insert(0) += 1;
        }
    }
    let often = |kind: &str| asked.get(kind).copied().unwrap_or(0) >= 10;
    for kind in ["Cheaper", "Quantity", "From", "WithoutRows", "MoreAdvised", "Earlier"] {
        assert!(often(kind), "{kind} is hardly ever said: {asked:?}");
    }
}
