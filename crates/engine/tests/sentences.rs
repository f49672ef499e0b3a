//! Plans and their candidates in sentences: figures that agree, and what was weighed.

#![allow(clippy::unwrap_used, reason = "a test")]

mod story;
mod world;

use countersign_engine::event::Event;
use countersign_engine::explain;

/// The last plan of a story as a sentence, and those of its candidates.
fn told(text: &str) -> Vec<String> {
    let (_, world) = story::tell("sentences", text);
    let plan = |e: &Event| if let Event::PlanMade { plan, .. } = e { Some(plan.clone()) } else { None };
    let plan = world.events.iter().rev().find_map(plan).unwrap();
    let mut all = vec![explain::plan(&plan)];
    all.extend(plan.verdicts.iter().map(|v| explain::verdict(&plan, v)));
    all
}

#[test]
fn a_split_says_why_nobody_alone_and_what_each_part_costs() {
    let text = "policy sourcing.steps [{\"name\": \"one\", \"choose\": {\"one\": {}}, \"otherwise\": \"next\"}, \
                {\"name\": \"split\", \"choose\": {\"split\": {\"sources_max\": 3}}, \"otherwise\": \"ask\"}]\n\
                vendor A has 3 mug, costs 1.00, shipping 5.00\nvendor B has 3 mug, costs 2.00, shipping 5.00\n\
                vendor C has 1 mug, costs 9.00\nat 09:00 place order 1001: 5 mug\n";
    assert_eq!(
        told(text),
        [
            "3 of line 1 from A (rule \"split\", 8.00 USD, ships by 2026-11-23), 2 of line 1 from B (rule \"split\", 9.00 \
             USD, ships by 2026-11-23); 1 other source passed over. No source alone can promise the 5 of line 1: A 3, B \
             3, C 1.",
            "Chosen: can promise 3 of 5 wanted, advised 60 min ago, gets 3, costs 8.00 USD with shipping.",
            "Chosen: can promise 3 of 5 wanted, advised 60 min ago, gets 2, costs 9.00 USD with shipping.",
            "Passed over: can promise 1, 5 wanted, advised 60 min ago.",
        ]
    );
}

#[test]
fn a_faster_way_says_what_it_costs_more_and_when_the_usual_one_arrives() {
    let text = "policy transit [{\"service_level\":\"express\",\"days\":1},{\"days\":3}]\n\
                policy expedite {\"service_level\":\"express\",\"cost\":{\"amount\":\"7.50\",\"currency\":\"USD\"}}\n\
                vendor A has 5 mug\nvendor B has 5 mug, costs 1.10\nat 09:00 place order 1001: 3 mug\n\
                at 2026-11-24 09:10 A rejects 1001-1 (out_of_stock)\n";
    let told = told(text);
    let way = "7.50 USD more than the usual way, which is at the door by 2026-11-27";
    assert!(told[0].contains(&format!("10.80 USD, {way}, ships by")), "{told:?}");
    assert!(told.iter().any(|v| v.contains(&format!("costs 10.80 USD with shipping by express, {way}."))), "{told:?}");
}

#[test]
fn beside_a_faster_way_the_cost_that_was_compared_is_named() {
    let text = "policy transit [{\"service_level\":\"express\",\"days\":1},{\"days\":3}]\n\
                policy expedite {\"service_level\":\"express\",\"cost\":{\"amount\":\"7.50\",\"currency\":\"USD\"}}\n\
                vendor A has 5 mug\nvendor B has 5 mug, costs 1.10\nvendor C has 5 mug, costs 1.20\n\
                at 09:00 place order 1001: 3 mug\nat 2026-11-24 09:10 A rejects 1001-1 (out_of_stock)\n";
    let told = told(text);
    let said = "it would cost more than the chosen source's usual way (3.30 USD), costs 3.60 USD";
    assert!(told.iter().any(|v| v.contains(said)), "the chosen one costs 10.80 USD: {told:?}");
}

#[test]
fn the_log_names_who_did_it_and_in_what_words() {
    use countersign_engine::command::{Actor, Role};
    use countersign_engine::policy::{Policy, PolicyApproval, Scope};
    let by = Actor::Person { name: "kim".into(), role: Role::Buyer };
    let at = story::time("09:00").unwrap().0;
    let said = Some("seen with the buyers".to_owned());
    let policy = std::sync::Arc::new(Policy { version: 3, name: "spring".into(), ..Policy::default() });
    let changed = vec!["table ranking row 2 adjust_percent 10 → 25".to_owned()];
    for (event, sentence) in [
        (
            Event::PolicySaved { policy: policy.clone(), by: by.clone(), at, changed, against: Some(2) },
            "kim wrote a draft of policy 3 (spring). Changed against policy 2: table ranking row 2 adjust_percent 10 → 25.",
        ),
        (
            Event::PolicyApproved { version: 3, approval: PolicyApproval { by: by.clone(), at, words: said.clone() } },
            "kim approved policy 3 (seen with the buyers).",
        ),
        (Event::PolicyActivated { policy, by: Some(by.clone()), at: Some(at) }, "kim put policy 3 (spring) in force."),
        (
            Event::FallbackSwitched { scope: Scope::default(), on: true, fallbacks: vec![], by, at, words: said },
            "kim returned to the legacy path for everything (seen with the buyers): new orders go by it, open ones go on.",
        ),
    ] {
        assert_eq!(explain::event(&event), sentence);
    }
}
