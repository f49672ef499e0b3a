//! Messages about an order: who may write, how it travels, what is kept and what is erased.

use super::policies::log_in;
use super::world::{World, order_body};
use serde_json::{Value, json};

async fn ordered() -> World {
    let w = World::stocked().await;
    w.post("/v1/orders", order_body("1001", 2)).await.expect(201);
    w
}

async fn written(w: &World) -> Vec<Value> {
    w.get("/v1/orders/1001/messages").await.expect(200)["items"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_is_on_record_once_and_its_words_can_be_erased() {
    let w = ordered().await;
    let addressees = w.call("customer_service", "GET", "/v1/orders/1001/addressees", &[], "").await.expect(200);
    let possible: Vec<(&str, bool)> = addressees["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|a| (a["to"].as_str().unwrap(), a["possible"].as_bool().unwrap()))
        .collect();
    assert_eq!(possible, [("customer", true), ("source", true)], "{addressees}");
    let body = json!({"words": " Dear Zoë, it leaves on Friday. "}).to_string();
    let key = [("idempotency-key", "m-1")];
    let first = w.call("customer_service", "POST", "/v1/orders/1001/messages", &key, &body).await.expect(201);
    assert_eq!(first["by"]["name"], "customer_service");
    w.call("customer_service", "POST", "/v1/orders/1001/messages", &key, &body).await.expect(201);
    let to_vendor = json!({"purchase_order": "1001-1", "words": "Can you gift-wrap it?"});
    w.post_as("vendor_manager", "/v1/orders/1001/messages", to_vendor).await.expect(201);
    let all = written(&w).await;
    let told: Vec<(&str, &str)> =
        all.iter().map(|m| (m["to"].as_str().unwrap(), m["words"].as_str().unwrap())).collect();
    assert_eq!(told, [("customer", "Dear Zoë, it leaves on Friday."), ("source", "Can you gift-wrap it?")]);

    // The journal says who wrote to whom, and not a word of it.
    let timeline = w.get("/v1/orders/1001/timeline").await.expect(200);
    let said: Vec<&str> = timeline["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|i| i["type"] == "message.written")
        .map(|i| i["sentence"].as_str().unwrap())
        .collect();
    assert_eq!(
        said,
        ["Customer_service wrote to the customer.", "Vendor_manager wrote to acme about purchase order 1001-1."]
    );
    assert!(!timeline.to_string().contains("Friday"), "{timeline}");

    // The vendor sees its own, on its page and by its API; the other vendor nothing.
    let path = "/vendor/v1/purchase-orders/1001-1/messages";
    let theirs = w.call("acme", "GET", path, &[], "").await.expect(200);
    assert_eq!(theirs["items"][0]["words"], "Can you gift-wrap it?");
    assert_eq!(theirs["items"].as_array().unwrap().len(), 1, "{theirs}");
    w.call("bolt", "GET", path, &[], "").await.problem(404);
    let page = w.call("acme", "GET", "/portal/purchase-orders/1001-1", &[], "").await;
    assert!(page.status == 200 && page.text.contains("Can you gift-wrap it?"), "{}", page.text);
    assert!(!page.text.contains("Friday"), "the customer's letter is none of the vendor's business");

    w.call("it", "DELETE", "/v1/orders/1001/person", &[], "").await.expect(204);
    let all = written(&w).await;
    assert_eq!((all.len(), &all[0]["words"], &all[1]["words"]), (2, &Value::Null, &Value::Null));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_reaches_nobody_is_refused_and_says_what_to_do() {
    let w = ordered().await;
    for role in ["buyer", "it", "auditor", "acme"] {
        w.post_as(role, "/v1/orders/1001/messages", json!({"words": "hello"})).await.problem(403);
    }
    let say = async |body: Value| w.post_as("customer_service", "/v1/orders/1001/messages", body).await;
    let (_, faulty) = say(json!({"words": "  "})).await.problem(422);
    assert_eq!(faulty["errors"][0]["pointer"], "/words");
    let unknown = say(json!({"words": "hello", "purchase_order": "1001-9"})).await;
    assert_eq!(unknown.problem(404).0, "unknown-purchase-order");
    // Customers are to be written to by mail, and this service has no mail server.
    w.put("/v1/messages/settings", json!({"customers": "smtp"})).await.expect(200);
    let (kind, refused) = say(json!({"words": "hello"})).await.problem(409);
    assert!(kind == "not-now" && refused["detail"].as_str().unwrap().contains("--smtp-url"), "{refused}");
    // A vendor without a portal and without a contact.
    let mut source = super::world::source_body("acme");
    source["channel"] = json!({"dialect": "api"});
    w.put("/v1/sources/acme", source).await.expect(200);
    let (_, refused) = say(json!({"words": "hello", "purchase_order": "1001-1"})).await.problem(409);
    assert!(refused["detail"].as_str().unwrap().contains("add a contact"), "{refused}");
    assert_eq!(written(&w).await, Vec::<Value>::new());
}

/// What vendor and customer write back waits for whoever wrote to them, until somebody answers.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reply_is_a_case_for_whoever_wrote_until_it_is_answered() {
    let w = ordered().await;
    let open = async |kind: &str| -> Vec<Value> {
        let cases = w.get(&format!("/v1/cases?open=true&kind={kind}")).await.expect(200);
        cases["items"].as_array().unwrap().clone()
    };
    let path = "/vendor/v1/purchase-orders/1001-1/messages";
    let key = [("idempotency-key", "r-1")];
    let words = json!({"words": "We can, for 2 dollars. "}).to_string();
    for _ in 0..2 {
        let said = w.call("acme", "POST", path, &key, &words).await.expect(201);
        assert_eq!((said["to"].as_str(), said["purchase_order"].as_str()), (Some("retailer"), Some("1001-1")));
    }
    let [case] = open("vendor_wrote").await.try_into().unwrap();
    assert_eq!((&case["role"], &case["assigned_to"]), (&json!("vendor_manager"), &Value::Null), "nobody wrote before");
    assert_eq!(written(&w).await[0]["words"], "We can, for 2 dollars.");
    assert!(!w.get("/v1/orders/1001/timeline").await.expect(200).to_string().contains("dollars"));

    // Others' orders are as if absent, and a vendor's words are no message of ours.
    w.call("bolt", "POST", path, &[], &words).await.problem(404);
    w.call("acme", "POST", path, &[], r#"{"words":" "}"#).await.problem(422);

    // Whoever answers closes it; another key writes another message.
    let to_vendor = json!({"purchase_order": "1001-1", "words": "Agreed."});
    w.post_as("vendor_manager", "/v1/orders/1001/messages", to_vendor).await.expect(201);
    assert!(open("vendor_wrote").await.is_empty(), "it is answered");

    // It goes first to the person who wrote last, while that person is here.
    let cookie = log_in(&w, "Wanda", "customer_service").await;
    let own = [("cookie", cookie.as_str()), ("x-countersign-csrf", "1")];
    let asks = json!({"purchase_order": "1001-1", "words": "By when?"}).to_string();
    w.call("", "POST", "/v1/orders/1001/messages", &own, &asks).await.expect(201);
    w.call("acme", "POST", path, &[], r#"{"words":"Friday."}"#).await.expect(201);
    let [case] = open("vendor_wrote").await.try_into().unwrap();
    assert_eq!(case["assigned_to"]["name"], "Wanda", "{case}");
    w.call("it", "DELETE", "/v1/people/Wanda", &[], "").await.expect(204);
    w.post_as("vendor_manager", "/v1/orders/1001/messages", serde_json::from_str(&asks).unwrap()).await.expect(201);
    w.call("acme", "POST", path, &[], r#"{"words":"I said Friday."}"#).await.expect(201);
    let [case] = open("vendor_wrote").await.try_into().unwrap();
    assert_eq!((&case["role"], &case["assigned_to"]), (&json!("vendor_manager"), &Value::Null), "nobody is left");

    // The same key with other words changes nothing that stands there.
    let other = json!({"words": "For 3."}).to_string();
    assert_eq!(w.call("acme", "POST", path, &key, &other).await.status, 422);
    assert_eq!(written(&w).await[0]["words"], "We can, for 2 dollars.");

    // What the customer wrote back is handed in by the program that reads the mailbox.
    let reply = json!({"words": "Then cancel it, please."});
    w.post_as("auditor", "/v1/orders/1001/replies", reply.clone()).await.problem(403);
    w.post_as("it", "/v1/orders/1001/replies", reply).await.expect(201);
    let [case] = open("customer_wrote").await.try_into().unwrap();
    assert_eq!(case["role"], "customer_service");
    let page = w.call("acme", "GET", "/portal/purchase-orders/1001-1", &[], "").await;
    assert!(page.text.contains("You wrote") && !page.text.contains("cancel it, please"), "{}", page.text);
}
