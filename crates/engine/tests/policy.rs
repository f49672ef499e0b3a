//! Documents that are refused when they are saved, each for its own reason and with its place; and the schema, which
//! knows every field that the types read.

#![allow(clippy::unwrap_used, reason = "tests")]

use countersign_engine::policy::{Policy, schema};
use serde_json::{Value, json};

/// The faults of the policy as delivered with some fields changed, as `pointer: sentence`.
fn faults(changed: Value) -> Vec<String> {
    let mut document = serde_json::to_value(Policy::default()).unwrap();
    for (field, value) in changed.as_object().unwrap() {
        document[field] = value.clone();
    }
    let policy: Policy = serde_json::from_value(document).unwrap();
    let mut all = policy.faults();
    all.extend(policy.unknown_sources(|id| id.as_str() == "acme"));
    all.into_iter().map(|f| format!("{}: {}", f.pointer, f.sentence)).collect()
}

fn table(fields: Value) -> Value {
    let mut table = json!({"name": "t", "decides": "sourcing", "when": ["vendor"], "then": ["exclude"],
        "rows": [{"when": ["acme"], "then": ["yes"]}], "otherwise": [""]});
    for (field, value) in fields.as_object().unwrap() {
        table[field] = value.clone();
    }
    json!({"tables": [table]})
}

#[test]
fn a_policy_that_reroutes_without_end_is_refused() {
    let one = json!({"one": {}});
    let step = |otherwise: &str| json!({"name": "any", "choose": one, "otherwise": otherwise});
    let found = faults(json!({"sourcing": {"steps": [step("next")]}}));
    assert_eq!(
        found,
        ["/sourcing/steps/0/otherwise: the last step \"any\" has no otherwise: write \"ask\", \"wait\" or \"refuse\""]
    );
    let found = faults(json!({"sourcing": {"steps": [step("wait")], "attempts_max": 0, "wait_days_max": 100_000}}));
    assert!(found[0].starts_with("/sourcing/attempts_max: ") && found[0].contains("rerouted without end"), "{found:?}");
    assert!(found[1].starts_with("/sourcing/wait_days_max: ") && found[1].contains("without end"), "{found:?}");
}

#[test]
fn unknown_vendors_are_refused_where_they_stand() {
    assert_eq!(faults(table(json!({}))), Vec::<String>::new());
    let found = faults(table(json!({"rows": [{"when": ["not(bright)"], "then": ["yes"]}]})));
    assert_eq!(found.len(), 1);
    assert!(
        found[0]
            .starts_with("/tables/0/rows/0/when/0: table \"t\", row 1, column vendor: there is no source \"bright\"")
    );
    let found =
        faults(json!({"clocks": [{"source": "bright"}], "netting": [{"source": "candela", "advice_nets": "none"}]}));
    assert!(found[0].starts_with("/clocks/0/source: ") && found[1].starts_with("/netting/0/source: "), "{found:?}");
}

#[test]
fn contradictions_are_refused_with_both_rows() {
    let rows = json!([{"when": ["-"], "then": ["yes"]}, {"when": ["acme"], "then": ["no"]}]);
    let found = faults(table(json!({"hit": "collect", "rows": rows})));
    assert_eq!(
        found,
        [
            "/tables/0/rows/1: table \"t\", row 2 says exclude no where row 1 always says yes: they contradict each other"
        ]
    );
    let found = faults(json!({"modes": [{"mode": "observe"}, {"source": "acme", "mode": "enforce"}]}));
    assert!(found[0].starts_with("/modes/1: rule 2 of modes is never reached"), "{found:?}");
}

#[test]
fn a_table_without_otherwise_is_refused() {
    let found = faults(table(json!({"otherwise": null})));
    assert!(found[0].starts_with("/tables/0/otherwise: table \"t\": there is no otherwise"), "{found:?}");
}

#[test]
fn costs_of_two_currencies_are_no_costs() {
    let money = |amount: &str, currency: &str| json!({"amount": amount, "currency": currency});
    let costs = json!({"cancellation": money("30", "USD"), "lost_sale": money("10", "EUR")});
    let found = faults(json!({"safety_stock": [{"costs": costs}]}));
    assert!(found[0].starts_with("/safety_stock/0/costs: "), "{found:?}");
}

#[test]
fn mistyped_fields_are_refused_at_every_depth() {
    for (field, value) in [
        ("modes", json!([{"catagory": "lighting", "mode": "legacy"}])),
        ("clocks", json!([{"acknowledgement": null}])),
        ("clocks", json!([{"receipt": {"within_s": 60, "than": "ask", "then": "ask"}}])),
        ("sourcing", json!({"steps": [], "atempts_max": 3})),
        ("approvals", json!({"splits": "always"})),
        ("transit", json!([{"form": "US", "days": 3}])),
    ] {
        let mut document = serde_json::to_value(Policy::default()).unwrap();
        document[field] = value;
        let why = serde_json::from_value::<Policy>(document).unwrap_err().to_string();
        assert!(why.contains("unknown field"), "{field}: {why}");
    }
    let scoped = json!([{"category": "lighting", "source": "acme", "mode": "legacy", "percent": 5}]);
    assert!(faults(json!({"modes": scoped})).is_empty());
}

/// Every property that the schema names, by `Type.field`.
fn properties(schema: &Value) -> Vec<String> {
    let fields = |name: &str, of: &Value| {
        let all = of["properties"].as_object().into_iter().flatten();
        all.map(|(field, _)| format!("{name}.{field}")).collect::<Vec<_>>()
    };
    let mut all = fields("Policy", schema);
    for (name, of) in schema["$defs"].as_object().unwrap() {
        all.extend(fields(name, of));
    }
    all
}

#[test]
fn the_schema_knows_every_field_and_no_other() {
    let schema = schema();
    let known = properties(&schema);
    let document = serde_json::to_value(Policy::default()).unwrap();
    for field in document.as_object().unwrap().keys() {
        assert!(known.contains(&format!("Policy.{field}")), "{field}");
    }
    for field in
        ["ModeRule.source", "ModeRule.percent", "Limit.within_s", "Table.otherwise", "Row.why", "Policy.tables"]
    {
        assert!(known.contains(&field.to_owned()), "{field} is missing in {known:?}");
    }
    assert!(!known.contains(&"Policy.fallbacks".to_owned()), "the switch is no part of a document");
    assert_eq!(schema["additionalProperties"], false);
    let undescribed: Vec<_> =
        schema["$defs"].as_object().unwrap().iter().filter(|(_, d)| d["description"].is_null()).collect();
    assert!(undescribed.is_empty(), "{undescribed:?}");
}
