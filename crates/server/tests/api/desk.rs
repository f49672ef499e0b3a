//! Cases and approvals as people work on them: choices that were rehearsed, lists that are narrowed, what is put aside.

use super::world::{World, order_body};
use serde_json::{Value, json};

/// A world in which nobody has enough for order 2001; returns the id of its case.
async fn with_a_case() -> (World, String) {
    let w = World::stocked().await;
    w.post("/v1/orders", order_body("2001", 50)).await.expect(201);
    let cases = w.get("/v1/cases?open=true").await.expect(200);
    let id = cases["items"][0]["id"].as_str().unwrap().to_owned();
    (w, id)
}

fn items(list: &Value) -> &Vec<Value> {
    list["items"].as_array().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn choices_are_rehearsed_and_nothing_is_written() {
    let (w, case) = with_a_case().await;
    let before = w.get("/v1/orders/2001/timeline").await.expect(200);
    let choices = w.call("vendor_manager", "GET", &format!("/v1/cases/{case}/choices"), &[], "").await.expect(200);
    let all = items(&choices);
    assert_eq!(all.iter().filter(|c| c["recommended"] == true).count(), 1, "{all:#?}");
    assert_eq!((&all[0]["recommended"], &all[0]["action"]), (&json!(true), &json!("cancel_rest")), "{:#}", all[0]);
    assert!(all[0]["why"].as_str().unwrap().contains("case like this one again"), "{:#}", all[0]);
    let cancel = all.iter().find(|c| c["action"] == "cancel_rest").unwrap();
    assert_eq!(cancel["cancels"], 50);
    assert!(items(&json!({"items": cancel["consequences"]})).iter().any(|c| c["type"] == "line.cancelled"));
    let to = all.iter().find(|c| c["action"] == "reroute_to" && c["source"] == "acme").unwrap();
    assert!(to["impossible"].is_string() || to["cost"].is_object(), "{to:#}");
    assert_eq!(w.get("/v1/orders/2001/timeline").await.expect(200), before, "a rehearsal writes nothing");
    // Customer service may not choose a source, and is told so rather than offered it.
    let theirs = w.call("customer_service", "GET", &format!("/v1/cases/{case}/choices"), &[], "").await.expect(200);
    let to = items(&theirs).iter().find(|c| c["action"] == "reroute_to").unwrap().clone();
    assert!(to["impossible"].as_str().unwrap().contains("may not choose"), "{to:#}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_knows_where_it_could_go() {
    let w = World::stocked().await;
    w.post("/v1/orders", order_body("2002", 2)).await.expect(201);
    let path = "/v1/orders/2002/lines/1/choices";
    let choices = w.call("vendor_manager", "GET", path, &[], "").await.expect(200);
    let bolt = items(&choices).iter().find(|c| c["source"] == "bolt").unwrap().clone();
    assert_eq!((&bolt["impossible"], &bolt["source_name"]), (&Value::Null, &json!("bolt")), "{bolt:#}");
    assert_eq!(bolt["cost"], json!({"amount": "95.90", "currency": "USD"}));
    assert!(bolt["confidence"].as_str().unwrap().starts_with("0.9"), "{bolt:#}");
    assert!(
        bolt["consequences"].as_array().unwrap().iter().any(|c| c["type"] == "purchase_order.cancellation_requested")
    );
    // Doing it leads to what the rehearsal said.
    let done = w.post_as("vendor_manager", "/v1/orders/2002/lines/1/reroute", json!({"to": "bolt"})).await.expect(202);
    assert!(done["lines"][0]["assignments"].as_array().unwrap().iter().any(|a| a["source"] == "bolt"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_case_tells_what_is_at_stake_and_is_found() {
    let (w, case) = with_a_case().await;
    let one = w.get(&format!("/v1/cases/{case}")).await.expect(200);
    assert_eq!(one["stake"]["value"], json!({"amount": "4450.00", "currency": "USD"}), "{one:#}");
    assert_eq!((&one["stake"]["units"], &one["stake"]["title"]), (&json!(50), &json!("Oak lamp")));
    for (query, found) in [
        ("q=2001", 1),
        ("q=LAMP", 1),
        ("q=lamp", 1),
        ("q=a%40example.com", 1),
        ("q=A%40Example.com", 1),
        ("q=9999", 0),
        ("assigned=nobody", 1),
        ("assigned=me", 0),
        ("severity=low", 1),
        ("severity=critical", 0),
    ] {
        let list = w.get(&format!("/v1/cases?open=true&{query}")).await.expect(200);
        assert_eq!(items(&list).len(), found, "{query}");
    }
    assert_eq!(w.get("/v1/cases?severity=awful").await.problem(422).0, "invalid-field");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_takes_a_case_out_of_anothers_hands_unseen() {
    let (w, case) = with_a_case().await;
    let seen = w.get(&format!("/v1/cases/{case}")).await.expect(200)["revision"].clone();
    let path = format!("/v1/cases/{case}/assign");
    w.post_as("customer_service", &path, json!({"name": "cara", "revision": seen})).await.expect(200);
    let (kind, body) = w.post_as("buyer", &path, json!({"name": "bea", "revision": seen})).await.problem(409);
    assert_eq!((kind.as_str(), body["errors"][0]["pointer"].as_str()), ("stale", Some("/revision")));
    assert_eq!(w.get(&format!("/v1/cases/{case}")).await.expect(200)["assigned_to"]["name"], "cara");
    assert_eq!(items(&w.get("/v1/cases?assigned=cara").await.expect(200)).len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_put_aside_comes_back_when_it_changes() {
    let (w, case) = with_a_case().await;
    let path = format!("/v1/cases/{case}/snooze");
    let snooze = |until: jiff::Timestamp| json!({"until": until.to_string()}).to_string();
    let (hour, now) = (jiff::SignedDuration::from_hours(1), jiff::Timestamp::now());
    let put = |body: String| {
        let (w, path) = (&w, &path);
        async move { w.call("buyer", "PUT", path, &[], &body).await }
    };
    assert_eq!(put(snooze(now - hour)).await.problem(422).0, "invalid-field");
    assert_eq!(put(snooze(now + hour * 24 * 40)).await.problem(422).0, "invalid-field");
    assert!(put(snooze(now + hour)).await.expect(200)["snoozed_until"].is_string());
    let open = async |who: &str, more: &str| {
        items(&w.call(who, "GET", &format!("/v1/cases?open=true{more}"), &[], "").await.expect(200)).len()
    };
    assert_eq!((open("buyer", "").await, open("buyer", "&snoozed=true").await), (0, 1));
    assert_eq!(open("it", "").await, 1, "others still see it");
    w.post(&format!("/v1/cases/{case}/comment"), json!({"words": "the customer called"})).await.expect(200);
    assert_eq!(open("buyer", "").await, 1, "it changed, so it is back");
    put(snooze(now + hour)).await.expect(200);
    w.call("buyer", "DELETE", &path, &[], "").await.expect(204);
    assert_eq!(open("buyer", "").await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn views_are_ones_own() {
    let w = World::empty().await;
    let view = json!({"title": "Late and dear", "screen": "cases", "query": "severity=high"}).to_string();
    let put = w.call("buyer", "PUT", "/v1/session/views/late", &[], &view).await.expect(200);
    assert_eq!((&put["id"], &put["title"]), (&json!("late"), &json!("Late and dear")));
    let mine = w.call("buyer", "GET", "/v1/session/views", &[], "").await.expect(200);
    assert_eq!(items(&mine), &vec![put]);
    assert_eq!(items(&w.get("/v1/session/views").await.expect(200)).len(), 0, "it's are not buyer's");
    let untitled = json!({"title": " ", "screen": "cases", "query": ""}).to_string();
    let (_, body) = w.call("buyer", "PUT", "/v1/session/views/x", &[], &untitled).await.problem(422);
    assert_eq!(body["errors"][0]["pointer"], "/title");
    assert_eq!(w.call("it", "DELETE", "/v1/session/views/late", &[], "").await.problem(404).0, "not-found");
    w.call("buyer", "DELETE", "/v1/session/views/late", &[], "").await.expect(204);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wire_is_tried_without_an_order() {
    let w = World::stocked().await;
    let test = w.post_as("vendor_manager", "/v1/sources/acme/connection/test", json!({})).await.expect(200);
    let step = |name: &str| test["steps"].as_array().unwrap().iter().find(|s| s["step"] == name).unwrap().clone();
    assert_eq!((&test["passed"], &step("offers")["passed"]), (&json!(true), &json!(true)), "{test:#}");
    assert!(test["sample"].as_str().unwrap().contains("acme-1"), "{test:#}");
    // An EDI partner whose folders are the same one is told so, at the step where it shows.
    let mut body = super::world::source_body("Edi");
    body["channel"] = json!({"dialect": "x12", "connector": {"type": "folder", "outbound": "edi/a", "inbound": "edi/b"},
        "x12": {"version": "004010", "sender": {"qualifier": "ZZ", "id": "RETAILER"}, "receiver": {"qualifier": "ZZ", "id": "EDI"}}});
    w.put("/v1/sources/edi", body).await.expect(200);
    let test = w.post("/v1/sources/edi/connection/test", json!({})).await.expect(200);
    assert_eq!(test["passed"], false, "it offers nothing yet");
    assert!(test["sample"].as_str().unwrap().starts_with("ISA"), "{test:#}");
    assert_eq!(w.get("/v1/purchase-orders").await.expect(200)["items"], json!([]), "nothing was ordered");
    w.call("acme", "GET", "/vendor/v1/purchase-orders/none", &[], "").await.problem(404);
    let all = w.get("/v1/connections").await.expect(200);
    assert!(items(&all).iter().any(|c| c["source"] == "edi" && c["connector"] == "folder"), "{all:#}");
    assert_eq!(w.call("customer_service", "POST", "/v1/sources/acme/connection/test", &[], "{}").await.status, 403);
}

/// A person of that role who is logged in: the headers of their calls.
async fn log_in(w: &World, name: &str, role: &str) -> Vec<(&'static str, String)> {
    let person = json!({"role": role, "password": "correct horse battery"});
    w.put(&format!("/v1/people/{name}"), person).await.expect(200);
    let body = json!({"name": name, "password": "correct horse battery"}).to_string();
    let answer = w.call("", "POST", "/v1/session", &[], &body).await;
    let cookie = answer.headers["set-cookie"].split(';').next().unwrap().to_owned();
    vec![("cookie", cookie), ("x-countersign-csrf", "1".to_owned())]
}

async fn as_person(w: &World, who: &[(&'static str, String)], path: &str, body: Value) -> super::world::Answer {
    let headers: Vec<(&str, &str)> = who.iter().map(|(name, value)| (*name, value.as_str())).collect();
    w.call("", "POST", path, &headers, &body.to_string()).await
}

fn sentences(timeline: &Value) -> Vec<&str> {
    items(timeline).iter().map(|item| item["sentence"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_does_by_a_case_what_they_may_not_do_without() {
    let (w, case) = with_a_case().await;
    let path = format!("/v1/cases/{case}/resolve");
    for (who, remedy, same_as) in [
        ("buyer", json!({"action": "cancel_rest"}), "/v1/orders/2001/cancel"),
        ("it", json!({"action": "plan_again"}), "/v1/orders/2001/lines/1/reroute"),
    ] {
        w.post_as(who, same_as, json!({})).await.problem(403);
        let (kind, told) = w.post_as(who, &path, json!({"remedy": remedy})).await.problem(403);
        assert!(kind == "forbidden" && told["detail"].as_str().unwrap().contains("may not"), "{told}");
        let choices = w.call(who, "GET", &format!("/v1/cases/{case}/choices"), &[], "").await.expect(200);
        let barred = items(&choices).iter().find(|c| c["action"] == remedy["action"]).unwrap();
        assert!(barred["impossible"].as_str().unwrap().contains("may not"), "{barred}");
        assert_eq!(barred["recommended"], false, "{barred}");
    }
    let to = json!({"remedy": {"action": "reroute_to", "source": "acme"}});
    w.post_as("customer_service", &path, to).await.problem(403);
    for remedy in ["keep_source", "source_will_not_ship"] {
        let stated = json!({"remedy": {"action": remedy}, "words": "Joe said so"});
        w.post_as("customer_service", &path, stated).await.problem(403);
    }
    let one = w.get(&format!("/v1/cases/{case}")).await.expect(200);
    let cancel = one["options"].as_array().unwrap().iter().find(|o| o["action"] == "cancel_rest").unwrap();
    assert_eq!((&cancel["permission"], &cancel["needs_words"]), (&json!("change_orders"), &json!(false)));
    let fraud = json!({"remedy": {"action": "cancel_rest"}, "reason": "cancel_fraud", "words": "a stolen card"});
    let done = w.post_as("customer_service", &path, fraud).await.expect(200);
    assert_eq!(done["resolution"]["reason"], "cancel_fraud", "{done}");
    let timeline = w.get("/v1/orders/2001/timeline").await.expect(200);
    let told = sentences(&timeline).join("\n");
    assert!(told.contains("cancel what has no supply (a stolen card). Cancelled on suspicion of fraud."), "{told}");
    assert!(told.contains("Line 1 is to be cancelled: Cancelled on suspicion of fraud."), "{told}");
    let given = w.get("/v1/reasons").await.expect(200);
    let given = items(&given).iter().filter(|r| r["given"] == true).count();
    assert_eq!(given, 7);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_somebody_said_on_the_telephone_is_never_recommended_and_needs_words() {
    let w = World::stocked().await;
    w.post("/v1/orders", order_body("2003", 1)).await.expect(201);
    w.post("/v1/orders/2003/cancel", json!({})).await.expect(202);
    let order = countersign_engine::ids::OrderId::new("2003").unwrap();
    let wake = countersign_engine::command::Deed::Wake { order };
    let wake = countersign_engine::command::Command { by: countersign_engine::command::Actor::Engine, deed: wake };
    w.desk.handle_one(jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24 * 4), wake).done().unwrap();
    let cases = w.get("/v1/cases?kind=cancel_overdue").await.expect(200);
    let case = items(&cases)[0]["id"].as_str().unwrap();
    let choices = w.call("vendor_manager", "GET", &format!("/v1/cases/{case}/choices"), &[], "").await.expect(200);
    let marked: Vec<&Value> = items(&choices).iter().filter(|c| c["recommended"] == true).collect();
    assert_eq!(marked.len(), 1);
    assert!(marked[0]["action"] == "wait_longer" && marked[0]["why"].is_string(), "{choices:#}");
    let path = format!("/v1/cases/{case}/resolve");
    let stated = |words: Value| json!({"remedy": {"action": "source_will_not_ship"}, "words": words});
    for wordless in [Value::Null, json!("  ")] {
        let (_, told) = w.post_as("vendor_manager", &path, stated(wordless)).await.problem(422);
        assert_eq!(told["errors"][0]["pointer"], "/words");
    }
    w.post_as("vendor_manager", &path, stated(json!("Joe at Acme, by phone"))).await.expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_case_is_given_to_somebody_who_can_work_on_it() {
    let (w, case) = with_a_case().await;
    let path = format!("/v1/cases/{case}/assign");
    w.put("/v1/people/otto", json!({"role": "auditor"})).await.expect(200);
    w.put("/v1/people/vera", json!({"role": "vendor", "source": "acme"})).await.expect(200);
    for nobody in ["vikk", "ada", "otto", "vera"] {
        let (_, told) = w.post(&path, json!({"name": nobody, "role": "buyer"})).await.problem(422);
        assert_eq!((&told["errors"][0]["pointer"], &told["errors"][0]["value"]), (&json!("/name"), &json!(nobody)));
    }
    let cara = log_in(&w, "cara", "customer_service").await;
    let listed = w.get("/v1/assignees").await.expect(200);
    let names: Vec<&str> = items(&listed).iter().map(|a| a["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["bea", "cara", "ida", "vik"]);
    let given = as_person(&w, &cara, &path, json!({"name": "bea"})).await.expect(200);
    assert_eq!(given["assigned_to"], json!({"kind": "person", "name": "bea", "role": "buyer"}));
    let own = as_person(&w, &cara, &path, json!({})).await.expect(200);
    assert_eq!(own["assigned_to"]["name"], "cara");
    let timeline = w.get("/v1/orders/2001/timeline").await.expect(200);
    let told = sentences(&timeline);
    assert!(told.contains(&format!("Cara gave case {case} to bea.").as_str()), "{told:#?}");
    assert!(told.contains(&format!("Cara takes case {case} on.").as_str()), "{told:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_is_counted_without_being_fetched() {
    let (w, case) = with_a_case().await;
    let counts = async |who: &str| w.call(who, "GET", "/v1/desk/counts", &[], "").await.expect(200);
    let cases = counts("customer_service").await["cases"].clone();
    assert_eq!(
        (&cases["open"], &cases["by_role"], &cases["unclaimed"]),
        (&json!(1), &json!({"customer_service": 1}), &json!(1))
    );
    w.post(&format!("/v1/cases/{case}/assign"), json!({"name": "bea"})).await.expect(200);
    let cases = counts("customer_service").await["cases"].clone();
    assert_eq!(
        (&cases["by_assignee"], &cases["unclaimed"], &cases["mine"]),
        (&json!({"bea": 1}), &json!(0), &json!(0))
    );
    recommend(&w).await;
    w.post("/v1/orders", order_body("2004", 1)).await.expect(201);
    let approvals = counts("vendor_manager").await["approvals"].clone();
    assert_eq!(
        approvals,
        json!({"open": 1, "by_kind": {"release": 1}, "by_role": {"vendor_manager": 1}, "answerable": 1})
    );
    assert_eq!(counts("buyer").await["approvals"]["answerable"], 0);
    let own = w.call("buyer", "GET", "/v1/approvals?open=true&answerable=true", &[], "").await.expect(200);
    assert_eq!(items(&own).len(), 0);
}

/// From now on a person releases each act.
async fn recommend(w: &World) {
    let policy = json!({"version": 2, "name": "ask first", "modes": [{"mode": "recommend"}]}).to_string();
    w.call("buyer", "PUT", "/v1/policies/2", &[], &policy).await.expect(200);
    w.post_as("vendor_manager", "/v1/policies/2/activate", json!({})).await.expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_approval_answered_by_another_source_says_who_which_and_why() {
    let w = World::stocked().await;
    recommend(&w).await;
    w.post("/v1/orders", order_body("2005", 1)).await.expect(201);
    let vik = log_in(&w, "vik", "vendor_manager").await;
    let body = json!({"to": "bolt", "approval": "2005-1", "words": "acme was late twice"});
    as_person(&w, &vik, "/v1/orders/2005/lines/1/reroute", body.clone()).await.expect(200);
    let outcome = w.get("/v1/approvals/2005-1").await.expect(200)["outcome"].clone();
    assert_eq!((&outcome["state"], &outcome["to"]), (&json!("replaced"), &json!("bolt")), "{outcome}");
    assert_eq!((&outcome["by"]["name"], &outcome["words"]), (&json!("vik"), &json!("acme was late twice")));
    let timeline = w.get("/v1/orders/2005/timeline").await.expect(200);
    let told = sentences(&timeline).join("\n");
    assert!(told.contains("Approval 2005-1: vik took bolt instead (acme was late twice)."), "{told}");
    let again = as_person(&w, &vik, "/v1/orders/2005/lines/1/reroute", body).await;
    assert_eq!(again.problem(409).0, "not-now");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_behind_a_mail_offers_other_sources_by_their_names() {
    use countersign_server::auth::{LINK_VALID, Purpose, create_link};
    let w = World::stocked().await;
    for (source, name) in [("acme", "Acme Lighting"), ("bolt", "Bolt & Sons")] {
        w.put(&format!("/v1/sources/{source}"), super::world::source_body(name)).await.expect(200);
    }
    let policy = json!({"version": 2, "name": "ask first", "modes": [{"mode": "recommend"}],
        "approvals": {"unanswered": "reject"}});
    w.call("buyer", "PUT", "/v1/policies/2", &[], &policy.to_string()).await.expect(200);
    w.post_as("vendor_manager", "/v1/policies/2/activate", json!({})).await.expect(200);
    w.post("/v1/orders", order_body("2006", 1)).await.expect(201);
    w.put("/v1/people/vik", json!({"role": "vendor_manager"})).await.expect(200);
    let purpose = Purpose::Approval { approval: "2006-1".parse().unwrap(), name: "vik".into() };
    let token = create_link(w.store.as_ref(), purpose, LINK_VALID, jiff::Timestamp::now()).unwrap();
    let page = w.call("", "GET", &format!("/approvals/link?token={token}"), &[], "").await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(page.text.contains("it counts as rejected"), "{}", page.text);
    assert!(page.text.contains("1 × Oak lamp from Acme Lighting"), "{}", page.text);
    assert!(page.text.contains("Take Bolt") && page.text.contains("value=\"instead:bolt\""), "{}", page.text);
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let unknown = format!("token={token}&answer=instead%3Anowhere");
    assert_eq!(w.call("", "POST", "/approvals/link", &form, &unknown).await.status, 422);
    let body = format!("token={token}&answer=instead%3Abolt&words=nearer");
    let done = w.call("", "POST", "/approvals/link", &form, &body).await;
    assert!(done.status == 200 && done.text.contains("Another source is asked"), "{}", done.text);
    let outcome = w.get("/v1/approvals/2006-1").await.expect(200)["outcome"].clone();
    assert_eq!(
        (&outcome["state"], &outcome["by"]["name"], &outcome["words"]),
        (&json!("replaced"), &json!("vik"), &json!("nearer"))
    );
    assert_eq!(w.call("", "POST", "/approvals/link", &form, &body).await.status, 410, "once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_done_to_an_order_says_why_in_a_code_and_in_words() {
    let w = World::stocked().await;
    w.post("/v1/orders", order_body("2007", 1)).await.expect(201);
    let post = async |deed: &str, body: Value| w.post(&format!("/v1/orders/2007/{deed}"), body).await;
    post("hold", json!({"words": "address unclear"})).await.expect(200);
    post("release", json!({"reason": "manual_override", "words": "she called back"})).await.expect(200);
    let line = json!({"reason": "cancel_fraud", "words": "the bank called"});
    post("lines/1/cancel", line).await.expect(202);
    assert_eq!(
        post("hold", json!({"words": "x".repeat(4_001)})).await.problem(422).1["errors"][0]["pointer"],
        "/words"
    );
    let timeline = w.get("/v1/orders/2007/timeline").await.expect(200);
    let said: Vec<(&str, &str)> =
        items(&timeline).iter().filter_map(|item| Some((item["reason"].as_str()?, item["words"].as_str()?))).collect();
    let expected = [
        ("manual_hold", "address unclear"),
        ("manual_override", "she called back"),
        ("cancel_fraud", "the bank called"),
    ];
    assert_eq!(said, expected);
    let told = sentences(&timeline).join("\n");
    assert!(
        told.contains("Line 1 is to be cancelled: Cancelled on suspicion of fraud. it: “the bank called”"),
        "{told}"
    );
}
