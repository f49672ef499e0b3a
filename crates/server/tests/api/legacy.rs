//! The legacy path: what it did with watched orders comes in by every way there is, and one switch returns to it.

use super::world::{World, offer_body, order_body, source_body};
use serde_json::json;

async fn watching() -> World {
    let w = World::stocked().await;
    let policy = json!({"version": 2, "name": "watch", "modes": [{"mode": "observe"}]});
    w.call("buyer", "PUT", "/v1/policies/2", &[], &policy.to_string()).await.expect(200);
    w.call("buyer", "POST", "/v1/policies/2/activate", &[], "{}").await.expect(200);
    w
}

fn answer_855(po: &str) -> String {
    let body = ["BAK*00*AT*{po}*20261123", "PO1*1*2*EA*41.5**VN*E-LAMP", "ACK*IA*2*EA", "CTT*1"];
    let head = "ISA*00*          *00*          *ZZ*ECHO           *ZZ*RETAILER       *261123*1510*U*00401*000000001*0*P*>~\n\
                GS*PR*ECHO*RETAILER*20261123*1510*1*X*004010~\nST*855*0001~\n";
    let segments: String = body.map(|s| format!("{}~\n", s.replace("{po}", po))).concat();
    format!("{head}{segments}SE*{}*0001~\nGE*1*1~\nIEA*1*000000001~\n", body.len() + 2)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn facts_come_in_by_call_webhook_lines_and_copies() {
    let w = watching().await;
    let mut echo = source_body("echo");
    echo["channel"] = json!({"dialect": "x12", "connector": {"type": "folder", "outbound": "edi/out", "inbound": "edi/in"},
        "x12": {"version": "004010", "sender": {"qualifier": "ZZ", "id": "RETAILER"}, "receiver": {"qualifier": "ZZ", "id": "ECHO"}}});
    w.put("/v1/sources/echo", echo).await.expect(200);
    let mut offer = offer_body("echo", "41.50");
    offer["vendor_sku"] = "E-LAMP".into();
    w.put("/v1/sources/echo/offers/LAMP", offer).await.expect(200);
    for id in ["1001", "1002", "1003"] {
        let order = w.post("/v1/orders", order_body(id, 2)).await.expect(201);
        assert_eq!(order["mode"], "observe", "{order}");
    }
    let now = jiff::Timestamp::now().to_string();
    let fact = json!({"order": "1001", "fact": "committed", "at": now, "source": "acme", "reference": "c-1"});
    let taken = w.call("it", "POST", "/v1/legacy/facts", &[], &fact.to_string()).await.expect(200);
    assert_eq!(taken["changed"], true, "{taken}");
    let again = w.call("it", "POST", "/v1/legacy/facts", &[], &fact.to_string()).await.expect(200);
    assert_eq!(again["changed"], false, "{again}");
    let hook = json!({"type": "order.shipped", "timestamp": now, "data": {"order": "1001", "tracking": ["1Z9"]}});
    w.call("it", "POST", "/v1/legacy/facts", &[], &hook.to_string()).await.expect(200);
    let lines = format!(
        "{}\n{}\n",
        json!({"order": "1002", "fact": "committed", "at": now}),
        json!({"order": "77", "fact": "delivered", "at": now})
    );
    let ndjson =
        w.call("it", "POST", "/v1/legacy/facts", &[("content-type", "application/x-ndjson")], &lines).await.lines();
    assert_eq!((ndjson[0]["status"].as_u64(), ndjson[1]["status"] == 200), (Some(200), false), "{ndjson:?}");

    let edi = [("content-type", "application/edi-x12")];
    let copy = w.call("it", "POST", "/v1/legacy/documents?source=echo", &edi, &answer_855("1003")).await.expect(200);
    assert_eq!(copy["facts"][0]["fact"], "confirmed", "{copy}");
    assert_eq!(
        (copy["facts"][0]["quantity"].as_u64(), copy["facts"][0]["problem"].is_null()),
        (Some(2), true),
        "{copy}"
    );
    let timeline = w.get("/v1/orders/1003/timeline").await.text;
    assert!(timeline.contains("legacy path confirmed 2 of line 1") && timeline.contains("echo"), "{timeline}");
    let before = w.get("/v1/events?limit=1000").await.text.matches("legacy.recorded").count();
    w.call("it", "POST", "/v1/legacy/documents?source=echo", &edi, &answer_855("1003")).await.expect(200);
    let after = w.get("/v1/events?limit=1000").await.text.matches("legacy.recorded").count();
    assert_eq!(before, after, "the same copy again changes nothing");
    let strange = w.call("it", "POST", "/v1/legacy/documents?source=echo", &edi, &answer_855("4711")).await.expect(200);
    assert!(strange["findings"].to_string().contains("capture the order first"), "{strange}");
    let sent = w.get("/v1/purchase-orders").await.expect(200);
    assert_eq!(sent["items"], json!([]), "what is watched sends nothing to anybody");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_switch_returns_and_says_what_is_in_flight() {
    let w = World::stocked().await;
    w.put("/v1/items/HOSE", json!({"title": "Hose", "category": "garden/hoses"})).await.expect(200);
    w.post("/v1/orders", order_body("1001", 2)).await.expect(201);
    for (scope, in_flight) in [
        (json!({"to_legacy": true, "source": "bolt"}), 0),
        (json!({"to_legacy": true, "category": "garden"}), 0),
        (json!({"to_legacy": true, "source": "acme"}), 1),
        (json!({"to_legacy": true, "category": "lighting"}), 1),
        (json!({"to_legacy": true}), 1),
    ] {
        let thrown = w.post_as("vendor_manager", "/v1/legacy/switch", scope.clone()).await.expect(200);
        assert_eq!(thrown["in_flight"]["open_orders"], in_flight, "{scope}: {thrown}");
        assert!(thrown["in_flight"]["sentence"].as_str().unwrap().contains("no clock stops"), "{thrown}");
    }
    let order = w.post("/v1/orders", order_body("1002", 2)).await.expect(201);
    assert_eq!(order["mode"], "legacy", "{order}");
    assert_eq!(w.get("/v1/orders/1001").await.expect(200)["mode"], "enforce", "what is open goes on as it began");
    w.post_as("vendor_manager", "/v1/legacy/switch", json!({"to_legacy": false})).await.expect(200);
    assert_eq!(w.post("/v1/orders", order_body("1003", 1)).await.expect(201)["mode"], "enforce");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_switch_says_what_stands_and_what_it_cannot_mean() {
    let w = World::stocked().await;
    let switch = async |body: serde_json::Value| w.post_as("vendor_manager", "/v1/legacy/switch", body).await;
    let none = w.get("/v1/legacy/switch").await.expect(200);
    assert!(none["sentence"].as_str().unwrap().contains("thrown nowhere"), "{none}");
    assert!(!none.to_string().contains("New orders go by the legacy path"), "{none}");

    let (kind, unknown) = switch(json!({"to_legacy": true, "category": "lightning"})).await.problem(422);
    assert_eq!((kind.as_str(), unknown["errors"][0]["pointer"].as_str()), ("invalid-field", Some("/category")));
    assert!(unknown["detail"].as_str().unwrap().contains("near it are lighting"), "{unknown}");
    switch(json!({"to_legacy": true, "source": "ghost"})).await.problem(422);

    let acme = switch(json!({"to_legacy": true, "source": "acme", "words": "fire"})).await.expect(200);
    assert!(acme["sentence"].as_str().unwrap().contains("stands for acme: new orders that concern it"), "{acme}");
    let all = switch(json!({"to_legacy": true})).await.expect(200);
    assert!(all["sentence"].as_str().unwrap().contains("every new order"), "{all}");
    let part = switch(json!({"to_legacy": false, "source": "acme"})).await.expect(200);
    assert!(part["sentence"].as_str().unwrap().contains("stands for everything"), "what is wider stands: {part}");
    let (_, part) = switch(json!({"to_legacy": false, "source": "acme"})).await.problem(409);
    assert!(part["detail"].as_str().unwrap().contains("come back for everything"), "{part}");
    switch(json!({"to_legacy": true, "source": "acme", "category": "lighting"})).await.expect(200);
    let back = switch(json!({"to_legacy": false})).await.expect(200);
    assert_eq!(back["thrown"], json!([]), "everything comes back: {back}");
    assert!(back["sentence"].as_str().unwrap().contains("modes of the policy in force"), "{back}");
}

/// An 855 that answers line 1 with a code, dated as it says.
fn dated_855(po: &str, code: &str, day: &str, time: &str, number: u32) -> String {
    let whole = answer_855(po).replace("ACK*IA", &format!("ACK*{code}")).replace("*20261123~", &format!("*{day}~"));
    let whole = whole.replace("*20261123*1510*1*X", &format!("*{day}*{time}*1*X"));
    whole.replace("000000001", &format!("{number:09}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_that_rejects_is_a_fact_and_its_own_time_counts() {
    let w = watching().await;
    let mut echo = source_body("echo");
    echo["time_zone"] = "UTC".into();
    echo["channel"] = json!({"dialect": "x12", "connector": {"type": "folder", "outbound": "edi/out", "inbound": "edi/in"},
        "x12": {"version": "004010", "sender": {"qualifier": "ZZ", "id": "RETAILER"}, "receiver": {"qualifier": "ZZ", "id": "ECHO"}}});
    w.put("/v1/sources/echo", echo).await.expect(200);
    let mut offer = offer_body("echo", "41.50");
    offer["vendor_sku"] = "E-LAMP".into();
    w.put("/v1/sources/echo/offers/LAMP", offer).await.expect(200);
    for id in ["1001", "1002", "1003", "1004"] {
        w.post("/v1/orders", order_body(id, 2)).await.expect(201);
    }
    let edi = [("content-type", "application/edi-x12")];
    let copy =
        async |text: String| w.call("it", "POST", "/v1/legacy/documents?source=echo", &edi, &text).await.expect(200);
    let rejected = copy(dated_855("1001", "IR", "20261124", "0915", 1)).await;
    assert_eq!(rejected["facts"][0]["fact"], "rejected", "{rejected}");
    assert_eq!((&rejected["facts"][0]["quantity"], &rejected["findings"]), (&json!(2), &json!([])), "{rejected}");
    let line = w.get("/v1/orders/1001").await.expect(200)["lines"][0].clone();
    assert_eq!((&line["legacy"]["rejected"], &line["legacy"]["confirmed"]), (&json!(2), &json!(0)), "{line}");
    let timeline = w.get("/v1/orders/1001/timeline").await.text;
    assert!(timeline.contains("On the legacy path 2 of line 1 were refused"), "{timeline}");
    assert!(timeline.contains(" at 2026-11-24 09:15"), "{timeline}");

    copy(dated_855("1002", "IA", "20261124", "0915", 2)).await;
    let timeline = w.get("/v1/orders/1002/timeline").await.text;
    assert!(timeline.contains("confirmed 2 of line 1 at 2026-11-24 09:15"), "its own time: {timeline}");
    // Of the day of the order, without a time that is its own: not before the order.
    copy(dated_855("1003", "IA", "20261123", "", 3)).await;
    let timeline = w.get("/v1/orders/1003/timeline").await.text;
    assert!(timeline.contains("confirmed 2 of line 1 at 2026-11-23 15:05"), "{timeline}");
    let early = copy(dated_855("1004", "IA", "20261101", "0915", 4)).await;
    assert!(early["facts"][0]["problem"].as_str().unwrap().contains("before the order was placed"), "{early}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn facts_that_cannot_be_are_refused_and_promises_are_told_with_both_days() {
    let w = watching().await;
    w.post("/v1/orders", order_body("1001", 2)).await.expect(201);
    let now = jiff::Timestamp::now().to_string();
    let fact = async |fact: serde_json::Value| {
        let mut whole = json!({"order": "1001", "at": now, "fact": "committed"});
        fact.as_object().unwrap().iter().for_each(|(k, v)| whole[k] = v.clone());
        w.post("/v1/legacy/facts", whole).await
    };
    let (kind, ghost) = fact(json!({"source": "ghostvendor"})).await.problem(422);
    assert_eq!((kind.as_str(), ghost["errors"][0]["pointer"].as_str()), ("unknown-source", Some("/source")), "{ghost}");
    assert_eq!(ghost["errors"][0]["value"], "ghostvendor");
    for at in ["2099-01-01T00:00:00Z", "2020-01-01T00:00:00Z"] {
        let (_, wrong) = fact(json!({"at": at, "source": "acme"})).await.problem(422);
        assert_eq!(
            (&wrong["errors"][0]["pointer"], &wrong["errors"][0]["value"]),
            (&json!("/at"), &json!(at)),
            "{wrong}"
        );
    }
    fact(json!({"source": "acme", "deliver_by": "2026-12-31"})).await.expect(200);
    fact(json!({"fact": "rejected", "source": "acme"})).await.expect(200);
    let report = w.get("/v1/reports/shadow-agreement").await.expect(200);
    let promise = report["disagreements"].as_array().unwrap().iter().find(|d| d["kind"] == "promise").unwrap();
    assert!(promise["ours"].as_str().unwrap().contains("At the door by 2026-"), "our day: {promise}");
    assert!(
        promise["theirs"].as_str().unwrap().contains("at the door by 2026-12-31; acme rejected it at"),
        "{promise}"
    );
    let row = &report["rows"][0];
    assert_eq!((&row["answered"], &row["rejected_after_commitment"]), (&json!(1), &json!(1)), "{row}");
    let ready = &report["readiness"][0];
    assert_eq!(ready["ready"], false, "{ready}");
    assert!(ready["verdict"].as_str().unwrap().starts_with("not yet, because 1 lines were compared"), "{ready}");
}
