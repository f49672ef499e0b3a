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
    let choices = w.call("buyer", "GET", &format!("/v1/cases/{case}/choices"), &[], "").await.expect(200);
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
