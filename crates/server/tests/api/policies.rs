//! The life of a policy over the API: written, approved by a second person, in force, rolled back.

use super::world::{Answer, World};
use serde_json::{Value, json};

/// A person of a role, logged in: the cookie.
pub async fn log_in(w: &World, name: &str, role: &str) -> String {
    let password = "correct horse battery";
    w.put(&format!("/v1/people/{name}"), json!({"role": role, "password": password})).await.expect(200);
    let body = json!({"name": name, "password": password}).to_string();
    let answer = w.call("", "POST", "/v1/session", &[], &body).await;
    answer.headers["set-cookie"].split(';').next().unwrap().to_owned()
}

async fn by(w: &World, cookie: &str, method: &str, path: &str, body: &Value) -> Answer {
    let headers = [("cookie", cookie), ("x-countersign-csrf", "1")];
    w.call("", method, path, &headers, &body.to_string()).await
}

fn policy(version: u32) -> Value {
    json!({"version": version, "name": "spring", "life_cycle": {"backtest": "never"}})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_is_simple_and_the_next_needs_a_second_person() {
    let w = World::stocked().await;
    let (kim, lee) = (log_in(&w, "kim", "buyer").await, log_in(&w, "lee", "vendor_manager").await);
    let delivered = w.get("/v1/policies").await.expect(200);
    assert_eq!(delivered["items"][0]["state"], "active", "{delivered}");

    let draft = by(&w, &kim, "PUT", "/v1/policies/2", &policy(2)).await.expect(200);
    assert_eq!((draft["state"].as_str(), draft["authors"][0]["name"].as_str()), (Some("draft"), Some("kim")));
    let first = by(&w, &kim, "POST", "/v1/policies/2/activate", &json!({})).await.expect(200);
    assert_eq!(first["state"], "active");

    by(&w, &kim, "PUT", "/v1/policies/3", &policy(3)).await.expect(200);
    let (kind, _) = by(&w, &kim, "POST", "/v1/policies/3/activate", &json!({})).await.problem(409);
    assert_eq!(kind, "not-now");
    let (kind, own) = by(&w, &kim, "POST", "/v1/policies/3/approve", &json!({})).await.problem(403);
    assert_eq!(kind, "forbidden", "{own}");
    let (_, key) = w.post_as("buyer", "/v1/policies/3/approve", json!({})).await.problem(403);
    assert!(key["detail"].as_str().unwrap().contains("a key is no person"), "{key}");
    let stale = by(&w, &lee, "POST", "/v1/policies/3/approve", &json!({"revision": 7})).await.problem(409);
    assert_eq!(stale.0, "stale");
    let words = json!({"revision": 1, "words": "seen"});
    let approved = by(&w, &lee, "POST", "/v1/policies/3/approve", &words).await.expect(200);
    assert_eq!(
        (approved["state"].as_str(), approved["approval"]["by"]["name"].as_str()),
        (Some("approved"), Some("lee"))
    );

    let later = by(&w, &kim, "POST", "/v1/policies/3/activate", &json!({"at": "2099-01-01T00:00:00Z"})).await;
    assert_eq!(later.expect(200)["state"], "scheduled");
    let now = by(&w, &kim, "POST", "/v1/policies/3/activate", &json!({})).await.expect(200);
    assert_eq!((now["state"].as_str(), now["takes_over_at"].is_null()), (Some("active"), true));
    let states = w.get("/v1/policies").await.expect(200);
    let states: Vec<_> = states["items"].as_array().unwrap().iter().map(|p| (&p["version"], &p["state"])).collect();
    let superseded = json!("superseded");
    assert_eq!(states, [(&json!(3), &json!("active")), (&json!(2), &superseded), (&json!(1), &superseded)]);
    let back = by(&w, &kim, "POST", "/v1/policies/2/activate", &json!({})).await.expect(200);
    assert_eq!((back["state"].as_str(), back["activations"].as_array().unwrap().len()), (Some("active"), 2));
    let order = w.post("/v1/orders", super::world::order_body("1001", 2)).await.expect(201);
    assert_eq!(order["policy"], 2, "{order}");
    let steps = w.get("/v1/events").await.text;
    for step in ["policy.saved", "policy.approved", "policy.scheduled", "policy.activated"] {
        assert!(steps.contains(step), "{step} is missing in the journal");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rollback_withdraws_what_was_to_take_over_and_says_so() {
    let w = World::stocked().await;
    let act = async |path: &str, body: Value| by_key(&w, "POST", path, &[], &body.to_string()).await;
    for version in [2, 3] {
        let mut draft = policy(version);
        draft["life_cycle"] = json!({"backtest": "never", "approval": "never"});
        by_key(&w, "PUT", &format!("/v1/policies/{version}"), &[], &draft.to_string()).await.expect(200);
    }
    act("/v1/policies/2/activate", json!({})).await.expect(200);
    let at = json!({"at": "2099-01-01T00:00:00Z"});
    act("/v1/policies/3/activate", at.clone()).await.expect(200);
    let same = act("/v1/policies/2/activate", json!({})).await.expect(200);
    assert!(same["said"].as_str().unwrap().contains("withdrew the takeover of policy 3 at 2099-01-01"), "{same}");
    assert_eq!(w.get("/v1/policies/3").await.expect(200)["takes_over_at"], Value::Null);
    let again = act("/v1/policies/2/activate", json!({})).await.expect(200);
    assert_eq!(again["said"], "Nothing changed: policy 2 is active already.");

    act("/v1/policies/3/activate", at.clone()).await.expect(200);
    let withdrawn = act("/v1/policies/3/unschedule", json!({})).await.expect(200);
    assert_eq!((&withdrawn["takes_over_at"], withdrawn["state"].as_str()), (&Value::Null, Some("draft")));
    act("/v1/policies/3/unschedule", json!({})).await.problem(409);
    assert!(w.get("/v1/events").await.text.contains("countersign.policy.unscheduled.v1"));
    let (_, active) = act("/v1/policies/2/activate", at).await.problem(409);
    assert!(active["detail"].as_str().unwrap().contains("in force already"), "{active}");
    let (_, past) = act("/v1/policies/3/activate", json!({"at": "2020-01-01T00:00:00Z"})).await.problem(422);
    assert_eq!((&past["errors"][0]["pointer"], &past["errors"][0]["reason"]), (&json!("/at"), &json!("past")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_goes_out_and_in_as_toml() {
    let w = World::stocked().await;
    by_key(&w, "PUT", "/v1/policies/2", &[], &policy(2).to_string()).await.expect(200);
    let toml = w.call("buyer", "GET", "/v1/policies/2/document?as=toml", &[], "").await;
    assert_eq!((toml.status, toml.headers["content-type"].as_str()), (200, "application/toml"));
    let changed = toml.text.replace("spring", "summer");
    let form = [("content-type", "application/toml")];
    let again = by_key(&w, "PUT", "/v1/policies/2", &form, &changed).await.expect(200);
    assert_eq!((again["name"].as_str(), again["revision"].as_u64()), (Some("summer"), Some(2)));
    let broken = by_key(&w, "PUT", "/v1/policies/2", &form, "version = 2\nname = ").await.problem(400);
    assert!(broken.1["detail"].as_str().unwrap().contains("line 2"), "{}", broken.1);
    let unknown = by_key(&w, "PUT", "/v1/policies/2", &form, "version = 2\nholdminutes = 3\n").await.problem(422);
    assert!(unknown.1["detail"].as_str().unwrap().contains("holdminutes"), "{}", unknown.1);

    let table = "version = 2\nname = \"summer\"\n\n[[tables]]\nname = \"fragile\"\ndecides = \"sourcing\"\nwhen = [\"vendor\"]\n\
                 then = [\"adjust_percent\"]\notherwise = [\"\"]\n[[tables.rows]]\nwhen = [\"acme\"]\nthen = [\"10\"]\n";
    let checked = by_key(&w, "POST", "/v1/policies/2/check", &form, table).await.expect(200);
    assert_eq!((&checked["refusal"], &checked["errors"]), (&Value::Null, &json!([])), "{checked}");
    let number =
        by_key(&w, "POST", "/v1/policies/2/check", &form, &table.replace("[\"10\"]", "[10]")).await.problem(422);
    let place = "(table \"fragile\", row 1, column adjust_percent, line 12); a cell is a text";
    assert!(number.1["detail"].as_str().unwrap().contains(place), "{}", number.1);
    // A changed weight is found in the log.
    by_key(&w, "PUT", "/v1/policies/2", &form, table).await.expect(200);
    by_key(&w, "PUT", "/v1/policies/2", &form, &table.replace("\"10\"", "\"25\"")).await.expect(200);
    let log = w.get("/v1/events").await.text;
    assert!(log.contains("table fragile row 1 adjust_percent 10 → 25"), "{log}");
}

async fn by_key(w: &World, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    w.call("buyer", method, path, headers, body).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tables_go_out_and_in_as_csv() {
    let w = World::stocked().await;
    by_key(&w, "PUT", "/v1/policies/2", &[], &policy(2).to_string()).await.expect(200);
    let csv = "table,fragile\ndecides,sourcing\nrow,when vendor,when cost,then adjust,why\n1,acme,> 3,5.00,\"breaks, often\"\notherwise,,,,\n";
    let path = "/v1/policies/2/tables/fragile";
    let saved = by_key(&w, "PUT", path, &[("content-type", "text/csv")], csv).await.expect(200);
    assert_eq!(
        (saved["revision"].as_u64(), saved["policy"]["tables"][0]["rows"][0]["when"][0].as_str()),
        (Some(2), Some("acme"))
    );
    let out = by_key(&w, "GET", path, &[], "").await;
    assert_eq!((out.status, out.headers["content-type"].as_str()), (200, "text/csv; charset=utf-8"));
    assert!(out.text.contains("1,acme,> 3,5.00,\"breaks, often\"\r\n"), "{}", out.text);
    let again = by_key(&w, "PUT", path, &[], &out.text).await.expect(200);
    assert_eq!(again["policy"], saved["policy"]);

    let (_, unread) = by_key(&w, "PUT", path, &[], &csv.replace("when cost", "when costs")).await.problem(422);
    assert_eq!(unread["errors"][0]["pointer"], "line 3, column 3", "{unread}");
    let faulty = out.text.replace("> 3", "> three").replace("acme", "acne");
    let (_, faulty) = by_key(&w, "PUT", path, &[], &faulty).await.problem(422);
    let reasons = faulty["errors"].to_string();
    assert!(
        reasons.contains("table \\\"fragile\\\", row 1, column cost: \\\"three\\\" is no decimal number"),
        "{reasons}"
    );
    assert!(reasons.contains("row 1, column vendor: there is no source \\\"acne\\\""), "{reasons}");
    let (_, other) = by_key(&w, "PUT", "/v1/policies/2/tables/robust", &[], csv).await.problem(422);
    assert_eq!(other["errors"][0]["reason"], "name_mismatch", "{other}");
    by_key(&w, "GET", "/v1/policies/2/tables/robust", &[], "").await.problem(404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_schema_is_served() {
    let w = World::empty().await;
    let schema = by_key(&w, "GET", "/v1/policies/schema", &[], "").await;
    assert_eq!(schema.headers["content-type"], "application/schema+json");
    let schema = schema.expect(200);
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert!(schema["$defs"]["Table"]["properties"]["otherwise"].is_object(), "{schema}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rules_look_at_the_chance_that_was_learnt() {
    use countersign_runtime::learn::Learner;
    use countersign_server::learning::{count, follow};
    let w = World::stocked().await;
    let mut surely = policy(2);
    surely["tables"] = json!([{"name": "surely", "decides": "sourcing", "when": ["acceptance_percent"], "then": ["exclude"],
        "rows": [{"when": ["< 60"], "then": ["yes"]}], "otherwise": [""]}]);
    by_key(&w, "PUT", "/v1/policies/2", &[], &surely.to_string()).await.expect(200);
    by_key(&w, "POST", "/v1/policies/2/activate", &[], "{}").await.expect(200);
    w.put("/v1/sources/acme/advice/LAMP", json!({"quantity": 500, "as_of": jiff::Timestamp::now().to_string()}))
        .await
        .expect(200);
    for n in 0..30 {
        w.post("/v1/orders", super::world::order_body(&format!("10{n}"), 1)).await.expect(201);
        let no = json!({"attempt": 1, "lines": [{"line": "1", "rejected": 1, "reason": "out_of_stock"}]});
        w.post_as("acme", &format!("/vendor/v1/purchase-orders/10{n}-1/acknowledgment"), no).await.expect(200);
    }
    let mut learner = Learner::default();
    let read = follow(&w.office, &mut learner, 0).await.unwrap();
    count(&w.office, &mut learner).await.unwrap();
    count(&w.office, &mut learner).await.unwrap();
    let counted = w.get("/v1/events").await.text.matches("answers.learnt").count();
    assert_eq!((counted, read > 0), (1, true), "what was counted is not counted again");
    w.post("/v1/orders", super::world::order_body("2000", 1)).await.expect(201);
    let decisions = w.get("/v1/orders/2000/decisions").await.expect(200);
    let candidates = decisions["items"][0]["candidates"].as_array().unwrap();
    let acme = candidates.iter().find(|c| c["source"] == "acme").unwrap();
    assert_eq!(acme["reason"], "route_excluded", "{acme}");
    assert!(
        acme["acceptance_evidence"].as_str().unwrap().starts_with("accepted 0 of 30 when advice was less than 1 h old"),
        "{acme}"
    );
    let percent: f64 = acme["acceptance_percent"].as_str().unwrap().parse().unwrap();
    assert!(percent < 60.0, "{acme}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_is_checked_without_being_written() {
    let w = World::stocked().await;
    let kim = log_in(&w, "kim", "buyer").await;
    let table = |cell: &str| {
        json!({"name": "closed", "decides": "sourcing", "when": ["vendor"], "then": ["exclude"], "otherwise": [""],
               "rows": [{"when": ["acme"], "then": [cell], "why": "it moves house"}]})
    };
    let mut draft = policy(2);
    draft["tables"] = json!([table("maybe")]);
    let faulty = by(&w, &kim, "POST", "/v1/policies/2/check", &draft).await.expect(200);
    assert_eq!(faulty["errors"][0]["pointer"], "/tables/0/rows/0/then/0", "{faulty}");
    assert!(faulty["refusal"].is_string(), "{faulty}");
    draft["tables"] = json!([table("yes")]);
    let fine = by(&w, &kim, "POST", "/v1/policies/2/check", &draft).await.expect(200);
    assert_eq!((&fine["refusal"], &fine["errors"]), (&Value::Null, &json!([])));
    assert!(fine["sentences"][0]["sentence"].as_str().unwrap().contains("it moves house"), "{fine}");
    w.get("/v1/policies/2").await.problem(404);

    let columns = w.get("/v1/policy-columns").await.expect(200);
    let sourcing = columns["items"].as_array().unwrap().iter().find(|c| c["decides"] == "sourcing").unwrap();
    assert!(sourcing["then"].as_array().unwrap().iter().any(|c| c["choices"] == json!(["yes", "no"])), "{sourcing}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn modes_are_told_by_source_and_category_and_the_switch_goes_before_them() {
    let w = World::stocked().await;
    let kim = log_in(&w, "kim", "buyer").await;
    let mut draft = policy(2);
    draft["modes"] = json!([{"category": "lighting", "mode": "observe", "percent": 30}, {"mode": "recommend"}]);
    by(&w, &kim, "PUT", "/v1/policies/2", &draft).await.expect(200);
    by(&w, &kim, "POST", "/v1/policies/2/activate", &json!({})).await.expect(200);
    let modes = w.get("/v1/policy-modes").await.expect(200);
    let n = modes["categories"].as_array().unwrap().iter().position(|c| c == "lighting").expect("lighting is named");
    let cell = |modes: &Value| modes["sources"][0]["modes"][n].clone();
    let shares = json!([{"mode": "recommend", "commit_on": "acknowledgment", "percent": 70},
                        {"mode": "observe", "commit_on": "acknowledgment", "percent": 30}]);
    assert_eq!(cell(&modes)["shares"], shares, "{modes}");
    let source = modes["sources"][0]["source"].clone();
    by(&w, &kim, "POST", "/v1/legacy/switch", &json!({"to_legacy": true, "source": source})).await.expect(200);
    let after = w.get("/v1/policy-modes").await.expect(200);
    assert_eq!((&cell(&after)["switched"], &cell(&after)["shares"][0]["mode"]), (&json!(true), &json!("legacy")));
    assert_eq!(after["sources"][1]["modes"][n]["switched"], false, "{after}");
}

/// Clocks of one source are proposed in a draft, which rules nothing before a second person approves it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clocks_of_a_source_are_proposed_in_a_draft() {
    let w = World::stocked().await;
    let path = "/v1/sources/acme/clocks";
    let before = w.call("vendor_manager", "GET", path, &[], "").await.expect(200);
    assert_eq!((&before["draft"], &before["proposed"]), (&Value::Null, &Value::Null));
    let rules = before["rules"].clone();
    let limit = |hours: u32| json!({"within_s": hours * 3600, "time": "business", "then": "remind"});
    let wish = json!({"acknowledgment": limit(36), "cancel_answer": limit(4)});
    for role in ["customer_service", "it", "auditor"] {
        w.call(role, "PUT", path, &[], &wish.to_string()).await.problem(403);
    }
    let said = w.call("vendor_manager", "PUT", path, &[], &wish.to_string()).await.expect(200);
    let draft = said["draft"].as_u64().unwrap();
    let after = w.call("vendor_manager", "GET", path, &[], "").await.expect(200);
    assert_eq!(after["rules"], rules, "a draft rules nothing");
    assert_eq!(after["proposed"]["acknowledgment"]["within_s"], 36 * 3600);
    assert_eq!(after["proposed"]["receipt"], rules["receipt"], "what was not proposed stays as it is for all");

    // A second source joins the same draft; another person begins one of their own.
    w.call("vendor_manager", "PUT", "/v1/sources/bolt/clocks", &[], &wish.to_string()).await.expect(200);
    let both = w.get(&format!("/v1/policies/{draft}/document")).await.expect(200);
    let own = both["clocks"].as_array().unwrap().iter().filter(|rule| rule["source"].is_string());
    assert_eq!(own.count(), 2, "{both}");
    let other = w.call("buyer", "PUT", path, &[], &wish.to_string()).await.expect(200);
    assert_eq!(other["draft"], draft + 1);

    let (_, faulty) =
        w.call("buyer", "PUT", path, &[], r#"{"receipt":{"within_s":0,"then":"ask"}}"#).await.problem(422);
    assert!(faulty["detail"].as_str().unwrap().contains("within_s"), "{faulty}");
    w.call("buyer", "PUT", "/v1/sources/nobody/clocks", &[], "{}").await.problem(404);
    let other = w.call("bolt", "GET", path, &[], "").await;
    assert_eq!(other.status, 403, "vendors do not read policies");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_way_back_to_the_policy_as_delivered() {
    let w = World::stocked().await;
    let again = by_key(&w, "POST", "/v1/policies/1/activate", &[], "{}").await.expect(200);
    assert_eq!(again["state"], "active", "it rules already: {again}");
    by_key(&w, "PUT", "/v1/policies/2", &[], &policy(2).to_string()).await.expect(200);
    by_key(&w, "POST", "/v1/policies/2/activate", &[], "{}").await.expect(200);
    let one = by_key(&w, "GET", "/v1/policies/1", &[], "").await.expect(200);
    assert_eq!((one["state"].as_str(), one["name"].as_str()), (Some("superseded"), Some("as delivered")), "{one}");
    let (_, settled) = by_key(&w, "PUT", "/v1/policies/1", &[], &policy(1).to_string()).await.problem(409);
    assert!(settled["detail"].as_str().unwrap().contains("write version 3"), "{settled}");

    let back = by_key(&w, "POST", "/v1/policies/1/activate", &[], "{}").await.expect(200);
    assert_eq!((back["state"].as_str(), &back["saved_at"]), (Some("active"), &Value::Null), "{back}");
    let one = by_key(&w, "GET", "/v1/policies/1", &[], "").await.expect(200);
    assert_eq!((&one["state"], one["activations"].as_array().map(Vec::len)), (&json!("active"), Some(1)), "{one}");
    let all = by_key(&w, "GET", "/v1/policies", &[], "").await.expect(200);
    let states: Vec<_> = all["items"].as_array().unwrap().iter().map(|p| (&p["version"], &p["state"])).collect();
    assert_eq!(states, [(&json!(1), &json!("active")), (&json!(2), &json!("superseded"))]);
    assert_eq!(w.post("/v1/orders", super::world::order_body("1001", 1)).await.expect(201)["policy"], 1);
    by_key(&w, "POST", "/v1/policies/2/activate", &[], "{}").await.expect(200);
    assert_eq!(by_key(&w, "GET", "/v1/policies/1", &[], "").await.expect(200)["state"], "superseded");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_decides_nothing_yet_is_told_and_saved() {
    let w = World::stocked().await;
    let mut draft = policy(2);
    draft["sensitive"] = json!(["lighting", "toys"]);
    draft["tables"] = json!([{"name": "old", "decides": "sourcing", "when": ["sku"], "then": ["exclude"],
        "until": "2020-01-01T00:00:00Z", "rows": [{"when": ["LAMP, LUMP"], "then": ["yes"]}], "otherwise": [""]}]);
    let text = draft.to_string();
    let checked = by_key(&w, "POST", "/v1/policies/2/check", &[], &text).await.expect(200);
    let places: Vec<&str> =
        checked["warnings"].as_array().unwrap().iter().map(|f| f["pointer"].as_str().unwrap()).collect();
    assert_eq!(places, ["/tables/0/until", "/sensitive/1", "/tables/0/rows/0/when/0"], "{checked}");
    assert_eq!((&checked["refusal"], &checked["errors"]), (&Value::Null, &json!([])), "{checked}");
    let saved = by_key(&w, "PUT", "/v1/policies/2", &[], &text).await.expect(200);
    assert_eq!(saved["warnings"], checked["warnings"], "{saved}");
    assert_eq!(by_key(&w, "GET", "/v1/policies/2", &[], "").await.expect(200)["warnings"], checked["warnings"]);
    w.put("/v1/items/BEAR", json!({"title": "Bear", "category": "toys/soft"})).await.expect(200);
    let filled = by_key(&w, "GET", "/v1/policies/2", &[], "").await.expect(200)["warnings"].clone();
    assert_eq!(filled.as_array().map(Vec::len), Some(2), "{filled}");
}
