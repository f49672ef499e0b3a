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
    for scope in [
        json!({}),
        json!({"source": "bolt"}),
        json!({"category": "garden"}),
        json!({"source": "acme"}),
        json!({"category": "lighting"}),
    ] {
        let mut back = scope;
        back["to_legacy"] = false.into();
        w.post_as("vendor_manager", "/v1/legacy/switch", back).await.expect(200);
    }
    assert_eq!(w.post("/v1/orders", order_body("1003", 1)).await.expect(201)["mode"], "enforce");
}
