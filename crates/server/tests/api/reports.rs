//! Reports, scorecards and what vendors dispute, over the API.

use super::world::{World, order_body};
use countersign_engine::command::{Actor, Command, Deed};
use countersign_engine::ids::OrderId;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// Days wide enough for what is due tomorrow.
const WIDE: &str = "from=2020-01-01&to=2029-12-31";

async fn report(w: &World, name: &str, query: &str) -> Vec<Value> {
    let body = w.get(&format!("/v1/reports/{name}?{WIDE}&{query}")).await.expect(200);
    assert!(body["position"].as_u64().unwrap() > 0, "{body}");
    body["rows"].as_array().unwrap().clone()
}

/// The first row of which the field says that.
fn row<'a>(rows: &'a [Value], field: &str, value: &str) -> &'a Value {
    rows.iter().find(|row| row[field] == value).unwrap_or_else(|| panic!("no row with {field} {value}: {rows:?}"))
}

/// One order that acme has accepted.
async fn accepted() -> World {
    let w = World::stocked().await;
    w.post("/v1/orders", order_body("1001", 1)).await.expect(201);
    let answer = json!({"attempt": 1, "lines": [{"line": "1", "accepted": 1}]});
    w.post_as("acme", "/vendor/v1/purchase-orders/1001-1/acknowledgment", answer).await.expect(200);
    w
}

/// One order that acme leaves unanswered: it goes to bolt.
pub async fn breached() -> World {
    let w = World::stocked().await;
    let order = w.post("/v1/orders", order_body("1001", 1)).await.expect(201);
    let due: Timestamp = order["lines"][0]["assignments"][0]["answer_due"].as_str().unwrap().parse().unwrap();
    let wake = Command { by: Actor::Engine, deed: Deed::Wake { order: OrderId::new("1001").unwrap() } };
    w.desk.handle_one(due + SignedDuration::from_mins(1), wake).done().unwrap();
    w
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reports_count_what_the_journal_holds_and_lead_to_the_orders() {
    let w = accepted().await;
    let rows = report(&w, "confirmation-latency", "").await;
    let lamps = row(&rows, "category", "lighting/table");
    assert_eq!((&lamps["lines"], &lamps["distribution"][0]["count"]), (&json!(1), &json!(1)), "{lamps}");
    let rows = report(&w, "sla-adherence", "").await;
    let acme = rows.iter().find(|r| r["source"] == "acme" && r["clock"] == "acknowledgment").unwrap();
    assert_eq!((&acme["met"], &acme["breached"], &acme["adherence_percent"]), (&json!(1), &json!(0), &json!("100.0")));
    let behind = w.get(acme["links"]["met"].as_str().unwrap()).await.expect(200);
    assert_eq!(behind["items"][0]["order"], "1001", "{behind}");
    assert_eq!(behind["items"][0]["purchase_order"], "1001-1");
    assert!(behind["items"][0]["position"].as_u64().unwrap() > 0);

    let advice = report(&w, "advice", "").await;
    assert_eq!(row(&advice, "source", "acme")["as_advised"], 1);
    assert_eq!(report(&w, "sla-adherence", "source=bolt").await, Vec::<Value>::new());
    assert_eq!(report(&w, "confirmation-latency", "by=nothing&channel=nowhere").await, Vec::<Value>::new());
    for name in [
        "sla-adherence",
        "confirmation-latency",
        "reroutes",
        "reroute-outcomes",
        "cancellations",
        "after-acceptance",
        "exception-aging",
        "promise-accuracy",
        "advice",
        "fill-rate",
    ] {
        for by in ["nothing", "source", "category", "channel", "day"] {
            let body = w.get(&format!("/v1/reports/{name}?by={by}&compare=true")).await.expect(200);
            assert_eq!(
                (&body["by"], body["before"]["rows"].as_array().unwrap().len()),
                (&json!(by), 0),
                "{name} {body}"
            );
            for row in body["rows"].as_array().unwrap() {
                assert_eq!(row.get(by).is_some(), by != "nothing", "{name} {row}");
                for link in row["links"].as_object().unwrap().values() {
                    w.get(link.as_str().unwrap()).await.expect(200);
                }
            }
        }
    }
    for wrong in ["by=vendor", "from=yesterday", "from=2026-02-01&to=2026-01-01", "from=1000-01-01"] {
        assert_eq!(w.get(&format!("/v1/reports/reroutes?{wrong}")).await.status, 422, "{wrong}");
    }
    let bound = w.call("acme's manager", "GET", &format!("/v1/reports/advice?{WIDE}"), &[], "").await;
    assert_eq!(bound.status, 404, "a key bound to a source sees that source's paths only");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tables_of_a_spreadsheet_run_nothing() {
    let w = World::stocked().await;
    let mut order = order_body("1001", 1);
    order["sales_channel"] = json!("=cmd|' /C calc'!A0");
    w.post("/v1/orders", order).await.expect(201);
    let answer = json!({"attempt": 1, "lines": [{"line": "1", "accepted": 1}]});
    w.post_as("acme", "/vendor/v1/purchase-orders/1001-1/acknowledgment", answer).await.expect(200);
    for path in [
        "/v1/reports/confirmation-latency?by=channel&format=csv",
        "/v1/reports/facts?measure=answer&label=as_advised&format=csv",
    ] {
        let csv = w.get(path).await;
        assert_eq!((csv.status, csv.headers["content-type"].as_str()), (200, "text/csv; charset=utf-8"));
        assert!(csv.text.contains("'=cmd"), "{}", csv.text);
        assert!(!csv.text.contains(",=cmd") && !csv.text.contains("\n=cmd"), "{}", csv.text);
    }
}

/// The breach of the answer on a scorecard.
fn breach(card: &Value) -> &Value {
    row(card["breaches"].as_array().unwrap(), "clock", "acknowledgment")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_breach_is_disputed_and_excused() {
    let w = breached().await;
    let card = async || w.get(&format!("/v1/sources/acme/scorecard?{WIDE}")).await.expect(200);
    let own = async || w.call("acme", "GET", &format!("/vendor/v1/scorecard?{WIDE}"), &[], "").await.expect(200);
    let before = card().await;
    assert_eq!((&before["answers_breached"], &before["answers_percent"]), (&json!(1), &json!("0.0")), "{before}");
    assert_eq!(breach(&before)["purchase_order"], "1001-1");
    let due = breach(&before)["due"].clone();

    let path = "/vendor/v1/purchase-orders/1001-1/contests";
    let body =
        json!({"clock": "acknowledgment", "due": due, "words": "your server was down", "document": "ticket 4711"});
    assert_eq!(w.post_as("bolt", path, body.clone()).await.status, 404, "nobody else's");
    let wordless = json!({"clock": "acknowledgment", "words": " "});
    assert_eq!(w.post_as("acme", path, wordless).await.problem(422).1["errors"][0]["pointer"], "/words");
    assert_eq!(w.post_as("acme", path, json!({"clock": "ship_notice", "words": "no"})).await.status, 409);
    w.post_as("acme", path, body.clone()).await.expect(200);
    assert_eq!(w.post_as("acme", path, body).await.status, 409, "once");
    assert_eq!(breach(&own().await)["contest"]["state"], "open");
    assert_eq!(card().await["answers_percent"], "0.0", "a dispute alone changes nothing");

    let cases = w.get("/v1/cases?kind=breach_contested&open=true").await.expect(200);
    let case = cases["items"][0].clone();
    assert!(case["sentence"].as_str().unwrap().contains("your server was down (ticket 4711)"), "{case}");
    let resolve = format!("/v1/cases/{}/resolve", case["id"].as_str().unwrap());
    let excuse = json!({"remedy": {"action": "excuse_breach", "clock": "acknowledgment", "due": due}});
    assert_eq!(w.post_as("customer_service", &resolve, excuse).await.status, 403, "vendor managers answer");
    let answer = json!({"clock": "acknowledgment", "accept": true, "words": "our outage"});
    let answers = "/v1/purchase-orders/1001-1/contest-answers";
    assert_eq!(w.post_as("buyer", answers, answer.clone()).await.status, 403);
    w.post_as("vendor_manager", answers, answer.clone()).await.expect(204);
    assert_eq!(w.post_as("vendor_manager", answers, answer).await.status, 409, "answered");

    let after = card().await;
    assert_eq!((&after["answers_breached"], &after["answers_excused"]), (&json!(1), &json!(1)), "the trace stays");
    assert_eq!((&after["answers_percent"], &breach(&after)["excused"]), (&json!("100.0"), &json!(true)));
    let told = breach(&own().await)["contest"].clone();
    assert_eq!((&told["state"], &told["answer"]), (&json!("accepted"), &json!("our outage")), "{told}");
    let closed = w.get("/v1/cases?kind=breach_contested&open=true").await.expect(200);
    assert_eq!(closed["items"], json!([]));
    let link = own().await["links"]["answers_excused"].as_str().unwrap().to_owned();
    let behind = w.call("acme", "GET", &link, &[], "").await.expect(200);
    assert_eq!(behind["items"][0]["purchase_order"], "1001-1");
    let foreign = w.call("bolt", "GET", &link.replace("source=acme", ""), &[], "").await.expect(200);
    assert_eq!(foreign["items"], json!([]), "a vendor sees its own only");
    assert_eq!(w.call("acme", "GET", "/v1/reports/sla-adherence", &[], "").await.status, 403);

    let rows = report(&w, "sla-adherence", "source=acme").await;
    let answers = row(&rows, "clock", "acknowledgment");
    assert_eq!((&answers["excused"], &answers["adherence_percent"]), (&json!(1), &json!("100.0")));
    let rows = report(&w, "reroutes", "").await;
    assert_eq!(row(&rows, "reason", "sla_breached_po_ack")["source"], "acme");
}

/// A world in which every report has something to tell, with cases that have no source, no item or no order.
async fn busy() -> World {
    let w = breached().await;
    let vendor = async |who: &str, path: &str, body: Value| {
        w.post_as(who, &format!("/vendor/v1/purchase-orders/{path}"), body).await.expect(200)
    };
    for id in ["1002", "1003", "1004"] {
        let mut order = order_body(id, 1);
        order["sales_channel"] = json!(if id == "1003" { "store 7 & co" } else { "web" });
        w.post("/v1/orders", order).await.expect(201);
    }
    let all = json!({"attempt": 1, "lines": [{"line": "1", "accepted": 1}]});
    vendor("acme", "1002-1/acknowledgment", all).await;
    let left = json!({"shipment": "S1", "lines": [{"line": "1", "quantity": 1}], "tracking": ["1Z1"]});
    w.post_as("acme", "/vendor/v1/purchase-orders/1002-1/shipments", left).await;
    let none = json!({"attempt": 1, "lines": [{"line": "1", "accepted": 0, "rejected": 1, "reason": "out_of_stock"}]});
    vendor("acme", "1003-1/acknowledgment", none).await;
    w.post("/v1/orders/1004/cancel", json!({})).await.expect(202);
    for id in ["1005", "1006"] {
        w.post("/v1/orders", order_body(id, 50)).await.expect(201);
    }
    let cases = w.get("/v1/cases?open=true&kind=unsourced").await.expect(200);
    let first = cases["items"][0]["id"].as_str().unwrap();
    let cancel = json!({"remedy": {"action": "cancel_rest"}});
    w.post_as("customer_service", &format!("/v1/cases/{first}/resolve"), cancel).await.expect(200);
    for (source, words) in [("acme", "one"), ("acme", "two"), ("bolt", "one")] {
        let deed = Deed::OpenSourceCase {
            source: source.parse().unwrap(),
            kind: countersign_engine::case::CaseKind::CertificateEnding,
            reason: countersign_engine::reason::Reason::CertificateEnds,
            sentence: words.into(),
        };
        w.desk.handle_one(Timestamp::now(), Command { by: Actor::Engine, deed }).done().unwrap();
    }
    w
}

/// Everything that a link leads to.
async fn behind(w: &World, link: &str) -> Vec<Value> {
    let (mut all, mut cursor) = (vec![], String::new());
    loop {
        let page = w.get(&format!("{link}&limit=2{cursor}")).await.expect(200);
        all.extend(page["items"].as_array().unwrap().iter().cloned());
        let Some(next) = page["next"].as_str() else { return all };
        cursor = format!("&cursor={next}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_list_behind_a_figure_has_as_much_as_the_figure_says() {
    let w = busy().await;
    let today = Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let (mut walked, mut open) = (0, std::collections::BTreeMap::new());
    for name in [
        "sla-adherence",
        "confirmation-latency",
        "reroutes",
        "reroute-outcomes",
        "cancellations",
        "after-acceptance",
        "exception-aging",
        "promise-accuracy",
        "advice",
        "fill-rate",
    ] {
        for by in ["nothing", "source", "category", "channel", "day", "nothing&source=acme", "day&channel=web"] {
            for row in report(&w, name, &format!("by={by}")).await {
                for (figure, link) in row["links"].as_object().unwrap() {
                    let list = behind(&w, link.as_str().unwrap()).await;
                    let up_to = figure.parse::<u64>().ok();
                    let bar = |b: &&Value| up_to.is_some() && b["up_to_s"].as_u64() == up_to;
                    let bar = row["distribution"].as_array().and_then(|bars| bars.iter().find(bar));
                    let said = bar.map_or(&row[figure], |bar| &bar["count"]);
                    assert!(!list.is_empty(), "{name} by {by}: nothing opens nothing: {figure} of {row:#}");
                    // Arrivals have the late ones of departures beside them: links without a figure of their own.
                    if figure.starts_with("delivered_late") {
                        continue;
                    }
                    let counted = match figure.starts_with("units") {
                        true => list.iter().map(|fact| fact["units"].as_u64().unwrap()).sum(),
                        false => list.len() as u64,
                    };
                    assert_eq!(said.as_u64(), Some(counted), "{name} by {by}: {figure} of {row:#}");
                    walked += 1;
                }
                if name == "exception-aging" && !by.contains('&') {
                    *open.entry((by, row["kind"].to_string())).or_insert(0) += row["open"].as_u64().unwrap();
                }
            }
        }
    }
    assert!(walked > 60, "{walked}");
    for ((by, kind), count) in &open {
        assert_eq!(open[&("nothing", kind.clone())], *count, "{by} {kind}");
    }
    let rows = report(&w, "exception-aging", "by=source").await;
    let nobody = rows.iter().find(|r| r["source"] == "" && r["kind"] == "unsourced").unwrap();
    assert_eq!((&nobody["open"], &nobody["opened"]), (&json!(1), &json!(2)), "{nobody:#}");
    let later = w.get("/v1/reports/exception-aging?by=source&from=2029-01-01&to=2029-12-30").await.expect(200);
    let none = |r: &Value| r["opened"] == 0 && r["links"].get("opened").is_none();
    assert!(later["rows"].as_array().unwrap().iter().all(none), "{later:#?}");
    let list = w.get(&format!("/v1/cases?open=true&opened_on={today}&sales_channel=%28none%29")).await.expect(200);
    assert_eq!(list["items"].as_array().unwrap().len(), 3, "cases of sources belong to no channel");
    assert_eq!(w.get("/v1/cases?opened_on=soon").await.problem(422).1["errors"][0]["pointer"], "?opened_on");
}
