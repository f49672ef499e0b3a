//! Events in order: as pages, as a stream, again from any place; and the log's proofs.

use super::world::{World, order_body};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_resume_where_they_ended() {
    let w = World::stocked().await;
    w.post("/v1/orders", order_body("1001", 1)).await.expect(201);
    let whole = w.get("/v1/events?limit=1000").await;
    let all = whole.lines();
    assert!(all.iter().all(|e| e["specversion"] == "1.0" && e["type"].as_str().unwrap().starts_with("countersign.")));
    let captured = all.iter().find(|e| e["type"] == "countersign.order.captured.v1").unwrap();
    assert_eq!((captured["subject"].as_str(), captured["data"]["order"].as_str()), (Some("1001"), Some("1001")));
    let mut pieces: Vec<Value> = vec![];
    let mut after = "0".to_owned();
    loop {
        let page = w.get(&format!("/v1/events?limit=2&after={after}")).await;
        let next = page.headers["x-next-after"].clone();
        pieces.extend(page.lines());
        if next == after {
            break;
        }
        after = next;
    }
    assert_eq!(pieces, all);
    let id = captured["id"].as_str().unwrap();
    let rest = w.get(&format!("/v1/events?after={id}")).await.lines();
    let place = all.iter().position(|e| e["id"] == id).unwrap();
    assert_eq!(rest, all[place + 1..]);
    let only = w.get("/v1/events?types=countersign.order.captured.v1").await.lines();
    assert_eq!(only.len(), 1);
    // Who did what: by name, not by what stands somewhere in it.
    w.put("/v1/people/vikk", json!({"role": "buyer"})).await.expect(200);
    w.post("/v1/orders", order_body("1002", 50)).await.expect(201);
    w.post("/v1/cases/1002-1/assign", json!({"name": "vik"})).await.expect(200);
    w.post_as("buyer", "/v1/cases/1002-1/assign", json!({"name": "vikk"})).await.expect(200);
    let mine = w.get("/v1/events?by=BUYER&limit=1000").await.lines();
    assert_eq!(mine.len(), 1, "{mine:#?}");
    let told = ["by", "bykind", "deed"].map(|name| mine[0][name].as_str().unwrap());
    assert_eq!((told, &mine[0]["data"]["to"]["name"]), (["buyer", "program", "assign_case"], &json!("vikk")));
    assert_eq!(mine[0]["sentence"], "Buyer gave case 1002-1 to vikk.", "{mine:#?}");
    let deeds = w.get("/v1/events?deed=assign_case,hold_order&limit=1000").await.lines();
    assert_eq!(deeds.iter().map(|e| e["by"].as_str().unwrap()).collect::<Vec<_>>(), ["it", "buyer"]);
    assert!(w.get("/v1/events?by=vik&limit=1000").await.lines().is_empty(), "what was given to vik is not vik's deed");
    assert_eq!(w.get("/v1/events?after=soon").await.problem(422).1["errors"][0]["pointer"], "?after");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_empty_page_waits_for_something_to_happen() {
    let w = std::sync::Arc::new(World::stocked().await);
    let after = w.get("/v1/events?limit=1000").await.headers["x-next-after"].clone();
    let waiting = w.clone();
    let page = tokio::spawn(async move {
        waiting.call("it", "GET", &format!("/v1/events?after={after}"), &[("prefer", "wait=20")], "").await.lines()
    });
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    w.post("/v1/orders", order_body("1001", 1)).await.expect(201);
    let events = tokio::time::timeout(std::time::Duration::from_secs(10), page).await.unwrap().unwrap();
    assert_eq!(events[0]["type"], "countersign.order.captured.v1");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_tells_what_happens() {
    let w = World::stocked().await;
    let mut line = TcpStream::connect(w.address).await.unwrap();
    let head = format!(
        "GET /v1/events?types=countersign.order.captured.v1 HTTP/1.1\r\nhost: test\r\naccept: text/event-stream\r\nauthorization: Bearer {}\r\n\r\n",
        w.key("auditor")
    );
    line.write_all(head.as_bytes()).await.unwrap();
    let mut text = String::new();
    read_until(&mut line, &mut text, ": listening").await;
    assert!(text.contains("text/event-stream"));
    w.post("/v1/orders", order_body("1001", 1)).await.expect(201);
    read_until(&mut line, &mut text, "order.captured.v1").await;
    assert!(text.contains("\nid: evt_"), "{text}");
}

async fn read_until(line: &mut TcpStream, text: &mut String, mark: &str) {
    let mut buffer = [0; 4096];
    while !text.contains(mark) {
        let read =
            tokio::time::timeout(std::time::Duration::from_secs(10), line.read(&mut buffer)).await.unwrap().unwrap();
        assert_ne!(read, 0, "{text}");
        text.push_str(&String::from_utf8_lossy(&buffer[..read]));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn subscriptions_are_kept_and_their_secret_told_once() {
    let w = World::empty().await;
    let body = json!({"url": "https://shop.example/hooks", "types": ["countersign.line.committed.v1"]});
    let made = w.put("/v1/webhooks/shop", body.clone()).await.expect(200);
    assert!(made["secret"].as_str().unwrap().starts_with("whsec_"));
    assert_eq!(w.put("/v1/webhooks/shop", body).await.expect(200).get("secret"), None);
    assert_eq!(w.get("/v1/webhooks").await.expect(200)["items"][0]["url"], "https://shop.example/hooks");
    let (_, fault) = w.put("/v1/webhooks/shop", json!({"url": "file:///etc/passwd"})).await.problem(422);
    assert_eq!(fault["errors"][0]["pointer"], "/url");
    assert_eq!(w.get("/v1/webhooks/shop/dead-letters").await.expect(200)["items"], json!([]));
    w.call("it", "DELETE", "/v1/webhooks/shop", &[], "").await.expect(204);
    assert_eq!(w.get("/v1/webhooks/shop").await.status, 404);
}
