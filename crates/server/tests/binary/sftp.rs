//! An order over SFTP in X12, with the real binary and Debian's OpenSSH server at the other end: 850 out, 997 and 855 in,
//! 997 back; a server that neither renames nor removes; a host key that is not the pinned one.

use crate::service::{Binary, eventually};
use crate::sshd::Server;
use serde_json::{Value, json};
use std::path::Path;

async fn set_up(service: &Binary, server: &Server, more: &Value) {
    let key = std::fs::read_to_string(server.path("ed25519")).unwrap();
    service.done("PUT", "/v1/secrets/sftp-acme", &json!({ "secret": key })).await;
    let mut connector = json!({"type": "sftp", "host": "127.0.0.1", "port": server.port, "user": crate::sshd::user(),
        "host_key": server.host_key, "key": "secret:sftp-acme", "outbound": "in", "inbound": "out", "settle_s": 0});
    connector.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let source = json!({"kind": "vendor", "name": "Acme", "time_zone": "America/Chicago", "handling_days": 1,
        "ships_from": {"country": "US", "postal_code": "60601"},
        "channel": {"dialect": "x12", "connector": connector,
            "x12": {"sender": {"qualifier": "ZZ", "id": "DROPSHIP"}, "receiver": {"qualifier": "ZZ", "id": "ACME"}}}});
    service.done("PUT", "/v1/sources/acme", &source).await;
    let item = json!({"title": "Brass lamp", "category": "lighting", "unit": "EA"});
    service.done("PUT", "/v1/items/LAMP", &item).await;
    let offer = json!({"vendor_sku": "ACM-1001", "pack": {"unit": "EA", "base_units": 1},
        "unit_cost": {"amount": "41.50", "currency": "USD"}, "shipping_cost": {"amount": "9.90", "currency": "USD"}});
    service.done("PUT", "/v1/sources/acme/offers/LAMP", &offer).await;
    let advice = json!({"quantity": 50, "as_of": jiff::Timestamp::now()});
    service.done("PUT", "/v1/sources/acme/advice/LAMP", &advice).await;
}

async fn place(service: &Binary, id: &str) {
    let order = json!({"id": id, "placed_at": "2026-11-23T15:05:00Z", "sales_channel": "web",
        "customer": {"name": "A. Shopper", "email": "a@example.com"},
        "ship_to": {"name": "A. Shopper", "address1": "1 Main St", "city": "Austin", "region": "TX", "postal_code": "73301", "country": "US"},
        "lines": [{"line": "1", "sku": "LAMP", "quantity": 2, "unit": "EA", "unit_price": {"amount": "89.00", "currency": "USD"}}]});
    service.done("POST", "/v1/orders", &order).await;
}

/// The first whole file in the partner's inbox that holds `what`.
fn paper(server: &Server, what: &str) -> Option<String> {
    let mut names = server.names("in");
    names.retain(|name| !name.ends_with(".part"));
    names
        .iter()
        .find_map(|name| std::fs::read_to_string(server.path("in").join(name)).ok().filter(|text| text.contains(what)))
}

/// Value of an element of the first such segment, as a person with a pencil would find it.
fn element(paper: &str, tag: &str, number: usize) -> String {
    let segment = paper.split('~').map(str::trim).find(|segment| segment.starts_with(&format!("{tag}*")));
    segment
        .and_then(|segment| segment.split('*').nth(number))
        .unwrap_or_else(|| panic!("no {tag} in {paper}"))
        .to_owned()
}

/// Leaves an interchange of the partner in the folder that we fetch from.
fn answer(server: &Server, name: &str, group: &str, control: u32, body: &str) {
    let segments = body.matches('~').count() + 1;
    let set = element(body, "ST", 1);
    assert!(["997", "855"].contains(&set.as_str()));
    let text = format!(
        "ISA*00*          *00*          *ZZ*ACME           *ZZ*DROPSHIP       *261123*1030*U*00401*{control:09}*0*P*>~\
         GS*{group}*ACME*DROPSHIP*20261123*1030*{control}*X*004010~{body}SE*{segments}*0001~GE*1*{control}~IEA*1*{control:09}~"
    );
    server.put(&format!("out/{name}"), text.as_bytes());
}

async fn trade(service: &Binary, server: &Server, order: &str, control: u32) {
    place(service, order).await;
    let po = format!("{order}-1");
    let out = eventually("the 850", async || paper(server, &format!("*{po}*"))).await;
    assert_eq!(element(&out, "ST", 1), "850");
    let (group, set) = (element(&out, "GS", 6), element(&out, "ST", 2));
    let receipt = format!("ST*997*0001~AK1*PO*{group}~AK2*850*{set}~AK5*A~AK9*A*1*1*1~");
    answer(server, &format!("{order}-997.edi"), "FA", control, &receipt);
    eventually("the 997 to stop the receipt clock", async || {
        let seen = service.done("GET", &format!("/v1/purchase-orders/{po}"), &Value::Null).await;
        (!seen["received_at"].is_null()).then_some(())
    })
    .await;
    let (line, item) = (element(&out, "PO1", 1), element(&out, "PO1", 7));
    let accepted =
        format!("ST*855*0001~BAK*00*AC*{po}*20261123~PO1*{line}*2*EA*41.5**VN*{item}~ACK*IA*2*EA*068*20261124~CTT*1~");
    answer(server, &format!("{order}-855.edi"), "PR", control + 1, &accepted);
    eventually("the line to be committed", async || {
        let seen = service.done("GET", &format!("/v1/orders/{order}"), &Value::Null).await;
        (seen["lines"][0]["assignments"][0]["phase"] == "committed").then_some(())
    })
    .await;
    let ours = eventually("our 997", async || paper(server, &format!("AK1*PR*{}~", control + 1))).await;
    assert!(ours.contains("AK9*A*1*1*1~"), "{ours}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_over_sftp_with_acknowledgments_both_ways() {
    let Some(server) = Server::start("ed25519", "") else { return };
    let data = tempfile::tempdir().unwrap();
    let service = Binary::serve(data.path(), &["--allow-private", "127.0.0.1"]);
    set_up(&service, &server, &json!({})).await;
    trade(&service, &server, "5001", 301).await;
    eventually("both papers in the archive", async || {
        let left = server.names("out").into_iter().filter(|name| name.ends_with(".edi")).count();
        (left == 0 && server.names("out/archive").len() == 2).then_some(())
    })
    .await;
    // The same file once more is no second answer.
    std::fs::copy(server.path("out/archive/5001-855.edi"), server.path("out/again.edi")).unwrap();
    eventually("the double to be taken", async || (!Path::new(&server.path("out/again.edi")).exists()).then_some(()))
        .await;
    let order = service.done("GET", "/v1/orders/5001", &Value::Null).await;
    assert_eq!(order["lines"][0]["assignments"][0]["phase"], "committed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_neither_renames_nor_removes_trades_all_the_same() {
    let Some(server) = Server::start("ed25519", "-P rename,posix-rename,remove") else { return };
    let data = tempfile::tempdir().unwrap();
    let service = Binary::serve(data.path(), &["--allow-private", "127.0.0.1"]);
    set_up(&service, &server, &json!({"rename": false, "after": "leave", "fetch_every_s": 1})).await;
    trade(&service, &server, "5002", 401).await;
    // The answers lie where they lay, and are not taken a second time.
    assert_eq!(server.names("out"), ["5002-855.edi", "5002-997.edi"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_sent_to_a_server_with_another_host_key_and_the_wire_says_why() {
    let Some(server) = Server::start("ed25519", "") else { return };
    let data = tempfile::tempdir().unwrap();
    let service = Binary::serve(data.path(), &["--allow-private", "127.0.0.1"]);
    let other = format!("SHA256:{}", "A".repeat(43));
    set_up(&service, &server, &json!({"host_key": other})).await;
    place(&service, "5003").await;
    let told = eventually("the wire to tell", async || {
        let (status, wires) = service.call("GET", "/v1/connections", &Value::Null).await;
        assert_eq!(status, 200, "{wires}");
        wires.to_string().contains(&server.host_key).then(|| wires.to_string())
    })
    .await;
    assert!(told.contains("host key") || told.contains("host_key"), "{told}");
    assert!(server.names("in").is_empty(), "{:?}", server.names("in"));
    // Once the new key is pinned, the order that waited goes out.
    set_up(&service, &server, &json!({})).await;
    eventually("the 850", async || paper(&server, "*5003-1*")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rejected_order_is_a_case_that_names_the_segment() {
    let Some(server) = Server::start("ed25519", "") else { return };
    let data = tempfile::tempdir().unwrap();
    let service = Binary::serve(data.path(), &["--allow-private", "127.0.0.1"]);
    set_up(&service, &server, &json!({})).await;
    place(&service, "5004").await;
    let out = eventually("the 850", async || paper(&server, "*5004-1*")).await;
    let segments: Vec<&str> = out.split('~').map(str::trim).skip_while(|segment| !segment.starts_with("ST*")).collect();
    let number = segments.iter().position(|segment| segment.starts_with("PO1*")).unwrap() + 1;
    let (group, set) = (element(&out, "GS", 6), element(&out, "ST", 2));
    let rejected = format!(
        "ST*997*0001~AK1*PO*{group}~AK2*850*{set}~AK3*PO1*{number}*PO1*8~AK4*7*234*7*ACM-1001~AK5*R*5~AK9*R*1*1*0~"
    );
    answer(&server, "5004-997.edi", "FA", 501, &rejected);
    let case = eventually("the case", async || {
        let cases = service.done("GET", "/v1/cases", &Value::Null).await;
        cases["items"].as_array().unwrap().iter().find(|case| case["kind"] == "document_rejected").cloned()
    })
    .await;
    let told = case["sentence"].as_str().unwrap();
    assert!(told.contains(&format!("segment PO1 (number {number})")) && told.contains("\"ACM-1001\""), "{case}");
    assert_eq!(case["order"], "5004", "{case}");
    let order = service.done("GET", "/v1/orders/5004", &Value::Null).await;
    assert_ne!(order["status"], "confirmed", "{order}");
}
