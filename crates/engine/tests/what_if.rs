//! What would have changed a decision: asked again by the engine on the facts of the decision.

#![allow(clippy::unwrap_used, reason = "a test")]

mod story;
mod world;

use countersign_engine::event::Event;
use countersign_engine::policy::Policy;
use countersign_engine::routing::what_if;
use countersign_engine::slice::{Key, Slice};

/// The sentences about the last plan of a told story.
fn sentences(told: &str, at: &str) -> Vec<String> {
    let (_, world) = story::tell("what if", told);
    let made = world.events.iter().rev().find_map(|e| match e {
        Event::PlanMade { order, plan } => Some((order.clone(), plan.clone())),
        _ => None,
    });
    let (id, plan) = made.unwrap();
    let slice = Slice::new(world.records.clone().into_iter().map(|(k, r)| (k, Some(r))));
    assert!(slice.has(&Key::Policy));
    let policy: &Policy = slice.policy();
    what_if(&slice, policy, world.order(&id).unwrap(), &plan, story::time(at).unwrap().0)
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
            "Line 1 would have gone to C below 12 units.",
            "Line 1 would have gone to C had it advised at least 12 to promise.",
            "Line 1 would have gone to A had it been 1.41 USD cheaper.",
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
    let from = "Line 1 would have gone to B from 12 units on.";
    assert!(sentences(&few, "09:00").iter().any(|s| s == from), "{:?}", sentences(&few, "09:00"));
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
    let words = countersign_engine::explain::verdict(first);
    assert!(
        words.contains("asked before") && words.contains("2.00 USD"),
        "its cost stands beside the other's: {words}"
    );
}
