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

#[test]
fn half_a_conclusion_is_refused_where_it_stands() {
    let clocks = json!({"name": "c", "decides": "clocks", "when": ["vendor"], "then": ["then"],
        "rows": [{"when": ["acme"], "then": ["ask"]}]});
    let found = faults(table(clocks.clone()));
    assert_eq!(
        found,
        [
            "/tables/0/rows/0/then/0: table \"c\", row 1, column then: it counts only where the same row says within_minutes: \
          write that too, or leave the cell empty"
        ]
    );
    let mut whole = clocks;
    whole["then"] = json!(["within_minutes", "then"]);
    whole["rows"] = json!([{"when": ["acme"], "then": ["60", "ask"]}]);
    whole["otherwise"] = json!(["", "ask"]);
    let found = faults(table(whole.clone()));
    assert!(found.len() == 1 && found[0].starts_with("/tables/0/otherwise/1: "), "{found:?}");
    whole["otherwise"] = json!(["", ""]);
    assert_eq!(faults(table(whole)), Vec::<String>::new());
    let modes =
        json!({"decides": "modes", "then": ["commit_on"], "rows": [{"when": ["acme"], "then": ["availability"]}]});
    let found = faults(table(modes));
    assert!(found.len() == 1 && found[0].contains("only where the same row says mode"), "{found:?}");
}

#[test]
fn a_table_behind_one_that_always_answers_is_refused() {
    let modes = |name: &str, otherwise: &str| {
        json!({"name": name, "decides": "modes", "when": ["vendor"], "then": ["mode"],
            "rows": [{"when": ["acme"], "then": ["observe"]}], "otherwise": [otherwise]})
    };
    let found = faults(json!({"tables": [modes("m1", "enforce"), modes("m2", "")]}));
    assert_eq!(
        found,
        [
            "/tables/1: table \"m2\" is never heard: table \"m1\" before it answers always, its otherwise included; move it \
          up, or leave cells of \"m1\" empty"
        ]
    );
    assert_eq!(faults(json!({"tables": [modes("m1", ""), modes("m2", "enforce")]})), Vec::<String>::new());
    // In effect for a time only, or about something else, it silences nobody.
    let mut bounded = modes("m1", "enforce");
    bounded["until"] = "2099-01-01T00:00:00Z".into();
    assert_eq!(faults(json!({"tables": [bounded, modes("m2", "")]})), Vec::<String>::new());
    let freshness = json!({"name": "f", "decides": "freshness", "when": [], "then": ["stale"], "rows": [],
        "otherwise": ["halve"]});
    let other = json!({"name": "g", "decides": "freshness", "when": [], "then": ["stale_after_minutes"], "rows": [],
        "otherwise": ["60"]});
    assert_eq!(faults(json!({"tables": [freshness, other]})), Vec::<String>::new());
}

#[test]
fn splits_over_one_and_costs_below_nothing_are_refused() {
    for most in [0, 1] {
        let step = json!({"name": "s", "choose": {"split": {"sources_max": most}}, "otherwise": "ask"});
        let found = faults(json!({"sourcing": {"steps": [step]}}));
        assert!(found.len() == 1 && found[0].starts_with("/sourcing/steps/0/choose/split/sources_max: "), "{found:?}");
    }
    let cheap =
        |percent: &str| table(json!({"then": ["adjust_percent"], "rows": [{"when": ["acme"], "then": [percent]}]}));
    assert!(faults(cheap("-100.5"))[0].starts_with("/tables/0/rows/0/then/0: "));
    assert_eq!(faults(cheap("-100")), Vec::<String>::new());
}

#[test]
fn what_decides_nothing_yet_is_a_warning() {
    let document = json!({"version": 2, "sensitive": ["toys"], "modes": [{"category": "kitchen", "mode": "observe"}],
        "tables": [
            {"name": "t", "decides": "sourcing", "when": ["vendor", "category", "sku"], "then": ["exclude"],
                "until": "2026-01-01T00:00:00Z", "otherwise": [""],
                "rows": [{"when": ["bright", "lighting/table", "LAMP"], "then": ["yes"]},
                    {"when": ["acme", "lighting/tabel", "LUMP"], "then": ["yes"]}]}]});
    let policy: Policy = serde_json::from_value(document).unwrap();
    let known = countersign_engine::policy::Known {
        source: &|s| s == "acme",
        category: &|c| ["kitchen", "lighting", "lighting/table"].contains(&c),
        sku: &|s| s == "LAMP",
        sources: &[],
    };
    let found = |now: &str| -> Vec<String> {
        let all = policy.warnings(now.parse().unwrap(), &known).into_iter();
        all.map(|f| format!("{}: {}", f.pointer, f.sentence)).collect()
    };
    let after = found("2026-01-01T00:00:00Z");
    let places: Vec<&str> = after.iter().map(|f| f.split_once(": ").unwrap().0).collect();
    let rows = ["/tables/0/rows/0/when/0", "/sensitive/0", "/tables/0/rows/1/when/1", "/tables/0/rows/1/when/2"];
    assert_eq!(places, [&["/tables/0/until"], rows.as_slice()].concat(), "{after:?}");
    assert!(after[1].contains("source \"bright\" is not recorded yet"), "{after:?}");
    assert!(after[3].contains("no item is in category \"lighting/tabel\" or below it"), "{after:?}");
    assert_eq!(found("2025-12-31T00:00:00Z").len(), 4);
}

/// Known to be there: everything, and these sources.
fn warned(policy: &Value, sources: &[&str]) -> Vec<String> {
    let policy: Policy = serde_json::from_value(policy.clone()).unwrap();
    let vendor = |s: &&str| {
        (countersign_engine::ids::SourceId::new(*s).unwrap(), countersign_engine::source::SourceKind::Vendor)
    };
    let sources: Vec<_> = sources.iter().map(vendor).collect();
    let all = |_: &str| true;
    let known = countersign_engine::policy::Known { source: &all, category: &all, sku: &all, sources: &sources };
    let found = policy.warnings("2026-01-01T00:00:00Z".parse().unwrap(), &known).into_iter();
    found.map(|f| format!("{}: {}", f.pointer, f.sentence)).collect()
}

#[test]
fn tables_that_leave_no_source_are_warned_about() {
    let with = |rows: Value, otherwise: &str| {
        json!({"version": 2, "tables": [{"name": "shut", "decides": "sourcing", "when": ["vendor", "quantity"],
            "then": ["exclude"], "rows": rows, "otherwise": [otherwise]}]})
    };
    let row = |vendor: &str, quantity: &str, said: &str| json!({"when": [vendor, quantity], "then": [said]});
    let both = ["acme", "bright"];
    let whole = warned(&with(json!([]), "YES"), &[]);
    assert!(whole[0].starts_with("/tables/0: table \"shut\" passes over every source"), "{whole:?}");
    let each = with(json!([row("acme", "-", "yes"), row("bright", "> 3", "yes"), row("bright", "-", "yes")]), "");
    assert!(warned(&each, &both)[0].starts_with("/tables: the tables pass over every source that is recorded"));
    assert_eq!(warned(&each, &["acme", "bright", "candela"]), Vec::<String>::new());
    let some = with(json!([row("acme", "> 3", "no"), row("-", "-", "yes")]), "");
    assert_eq!(warned(&some, &["acme"]), Vec::<String>::new());
    let comma = warned(&with(json!([row("acme", "1,5", "yes")]), ""), &[]);
    assert!(comma[0].contains("column quantity: 1,5 is read as a list of two numbers; write 1.5"), "{comma:?}");
}

#[test]
fn what_can_never_be_is_a_fault() {
    let faults = |over: Value| -> Vec<String> {
        let mut document = json!({"version": 2});
        over.as_object().unwrap().iter().for_each(|(field, value)| document[field] = value.clone());
        let policy: Policy = serde_json::from_value(document).unwrap();
        policy.faults().into_iter().map(|f| format!("{}: {}", f.pointer, f.sentence)).collect()
    };
    let table = |column: &str, cell: &str| {
        json!({"tables": [{"name": "t", "decides": "sourcing", "when": [column], "then": ["exclude"],
            "rows": [{"when": [cell], "then": ["yes"]}], "otherwise": [""]}]})
    };
    let never = faults(table("quantity", "< 0"));
    assert!(
        never[0].contains("row 1, column quantity: < 0 never fits, the quantity in base units is 1 or more"),
        "{never:?}"
    );
    let never = faults(table("acceptance_percent", "> 120"));
    assert!(never[0].contains("the chance of acceptance in percent is 0 to 100"), "{never:?}");
    let step = json!({"name": "one", "choose": {"one": {}}, "otherwise": "next"});
    let last = json!({"name": "one", "choose": {"one": {}}, "otherwise": "ask"});
    let twice = faults(json!({"sourcing": {"steps": [step, last]}}));
    assert!(twice[0].contains("step 2 \"one\" looks for the same as step 1"), "{twice:?}");
    assert!(twice[1].contains("two steps are called \"one\""), "{twice:?}");
    let lane = faults(json!({"transit": [{"to": "USA", "days": 2}]}));
    assert!(lane[0].starts_with("/transit/0/to: \"USA\" is no country code"), "{lane:?}");
}

#[test]
fn the_schema_has_the_limits_of_the_check() {
    let schema = countersign_engine::policy::schema();
    let of = |pointer: &str| {
        schema.pointer(&format!("/$defs/{pointer}")).unwrap_or_else(|| panic!("{pointer}: {schema}")).clone()
    };
    assert_eq!(of("SafetyRule/properties/percent/maximum"), 100);
    assert_eq!(
        (of("ModeRule/properties/percent/minimum"), of("ModeRule/properties/percent/maximum")),
        (json!(1), json!(100))
    );
    assert_eq!(of("Sourcing/properties/attempts_max/minimum"), 1);
    assert_eq!(of("Limit/properties/within_s/minimum"), 1);
    assert!(of("Table/required").as_array().unwrap().contains(&json!("otherwise")));
    assert!(schema.to_string().contains("\"minimum\":2"), "sources_max: {schema}");
}

#[test]
fn rules_are_read_out_as_people_say_them() {
    let policy: Policy = serde_json::from_value(json!({"version": 2,
        "modes": [{"category": "lighting", "mode": "observe"}, {"mode": "enforce"}],
        "safety_stock": [{"costs": {"cancellation": {"amount": "30", "currency": "USD"}, "lost_sale": {"amount": "10", "currency": "USD"}}}],
        "sourcing": {"steps": Policy::default().sourcing.steps, "day_late_costs": {"amount": "2", "currency": "USD"}},
        "tables": [{"name": "t", "decides": "sourcing", "when": ["vendor"], "then": ["exclude", "adjust", "adjust_percent"],
            "rows": [{"when": ["acme"], "then": ["", "-5.00", "-20"]}, {"when": ["bright"], "then": ["yes", "", ""]}],
            "otherwise": ["", "", ""]}]})).unwrap();
    let said: Vec<String> = policy.sentences().into_iter().map(|s| s.sentence).collect();
    for sentence in [
        "In lighting: mode observe.",
        "Everywhere: mode enforce, committed on acknowledgment.",
        "Table \"t\" (sourcing), row 1: If the source is acme: ranked as if it cost 5.00 less, ranked as if it cost 20 % less.",
        "Table \"t\" (sourcing), row 2: If the source is bright: passed over.",
        "Everywhere: so many are kept back that, for each unit promised, a cancellation (30.00 USD) by its chance weighs no \
         more than a lost sale (10.00 USD).",
        "Step 1 \"one vendor\" looks for one vendor for the whole quantity, the one of the lowest cost of goods and shipping \
         with what days later at the door rank like and what the tables add; otherwise the next step is tried.",
    ] {
        assert!(said.iter().any(|s| s == sentence), "{sentence}\n{said:#?}");
    }
}
