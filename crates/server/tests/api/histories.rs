//! Histories that policies are tried on, by the API: looked at, kept, listed, replayed, removed; and each step in the log.

use super::world::World;
use countersign_sim::history::History;
use countersign_sim::history::generate::{Size, files, generate};
use serde_json::json;

const WHO: &str = "vendor_manager";
const MAPPING: &str = include_str!("../../../../docs/mappings/plain.toml");
const FORM: [(&str, &str); 1] = [("content-type", "multipart/form-data; boundary=cut")];

/// A form with the mapping and some files.
fn form(mapping: Option<&str>, files: &[(&str, String)]) -> String {
    let mut form = String::new();
    if let Some(mapping) = mapping {
        form += &format!("--cut\r\ncontent-disposition: form-data; name=\"mapping\"\r\n\r\n{mapping}\r\n");
    }
    for (name, content) in files {
        form += &format!(
            "--cut\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n{content}\r\n"
        );
    }
    form + "--cut--\r\n"
}

/// Keeps a history under a name.
pub async fn keep(w: &World, name: &str, made: &History) {
    let whole = form(Some(MAPPING), &files(made));
    w.call(WHO, "PUT", &format!("/v1/histories/{name}"), &FORM, &whole).await.expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_history_is_looked_at_kept_replayed_and_removed() {
    let w = World::stocked().await;
    let size = Size { orders: 200, items: 50, sources: 4, days: 30, advice_hours: 24 };
    let mut files = files(&generate(size, 5));
    for (name, content) in &mut files {
        if *name == "order_lines.csv" {
            *content += "H-bad,0,2O26-01-05,,,,,SKU-1,1,,,,,,,,,,,\n";
        }
    }
    let whole = form(Some(MAPPING), &files);
    let path = "/v1/histories/spring";

    let none = w.call(WHO, "PUT", path, &FORM, &form(None, &files)).await.problem(422).1;
    assert_eq!(none["errors"][0]["pointer"], "/mapping", "{none}");
    let short = w.call(WHO, "PUT", path, &FORM, &form(Some(MAPPING), &files[..1])).await.problem(422).1;
    assert!(short.to_string().contains("the mapping names"), "{short}");
    w.call(WHO, "PUT", path, &[("content-type", "text/csv")], "a,b").await.problem(415);
    w.call("auditor", "PUT", path, &FORM, &whole).await.problem(403);
    w.call(WHO, "PUT", "/v1/histories/two%20words", &FORM, &whole).await.problem(422);

    let looked = w.call(WHO, "PUT", &format!("{path}?dry_run=true"), &FORM, &whole).await.expect(200);
    assert_eq!((looked["orders"].as_u64(), looked["rejected"].as_u64()), (Some(200), Some(1)), "{looked}");
    assert!(looked["kept_by"].is_null() && looked["faults"][0]["column"] == "placed_at", "{looked}");
    assert_eq!(w.get("/v1/histories").await.expect(200)["items"], json!([]));

    let kept = w.call(WHO, "PUT", path, &FORM, &whole).await.expect(200);
    assert_eq!((&kept["digest"], kept["name"].as_str()), (&looked["digest"], Some("spring")));
    let all = w.get("/v1/histories").await.expect(200);
    assert_eq!(all["items"].as_array().map(Vec::len), Some(1), "{all}");
    w.call(WHO, "PUT", path, &FORM, &whole).await.expect(200);

    let job = w.post_as(WHO, "/v1/policies/1/backtest", json!({"history": "spring", "seeds": 1})).await.expect(202);
    let view = loop {
        let view = w.call(WHO, "GET", &format!("/v1/backtests/{}", job["id"].as_str().unwrap()), &[], "").await;
        let view = view.expect(200);
        if view["state"] != "running" {
            break view;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    };
    assert_eq!((view["state"].as_str(), view["result"]["seeds"][0].as_u64()), (Some("done"), Some(1)), "{view}");
    assert!(view["result"]["orders"].as_u64() > Some(150), "{view}");
    let both = json!({"history": "spring", "until": 7});
    w.post_as(WHO, "/v1/policies/1/backtest", both).await.problem(422);

    w.call(WHO, "DELETE", path, &[], "").await.expect(200);
    w.call(WHO, "DELETE", path, &[], "").await.problem(404);
    w.post_as(WHO, "/v1/policies/1/backtest", json!({"history": "spring"})).await.problem(422);
    let log = w.get("/v1/events").await.text;
    assert_eq!((log.matches("history.kept").count(), log.matches("history.removed").count()), (1, 1));
}

/// What cannot have happened yet is rejected, what is odd is named, and what nobody can replay is not kept.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_history_of_no_use_is_not_kept_and_odd_things_are_named() {
    let w = World::stocked().await;
    let path = "/v1/histories/spring";
    let rows = |year: u32| {
        format!("order,placed_at,sku,source,answerd_at\nA1,{year}-01-05,MUG,acme,\nA2,2062-01-05,MUG,acme,\n")
    };
    let sent = |year: u32| form(Some(MAPPING), &[("order_lines.csv", rows(year))]);
    let (_, none) = w.call(WHO, "PUT", path, &FORM, &sent(2061)).await.problem(422);
    let why = none["detail"].as_str().unwrap_or_default().to_owned();
    assert!(why.contains("nothing was kept") && why.contains("is the year mistyped?"), "{none}");
    assert_eq!(w.get("/v1/histories").await.expect(200)["items"], json!([]));
    let kept = w.call(WHO, "PUT", path, &FORM, &sent(2025)).await.expect(200);
    assert_eq!((kept["orders"].as_u64(), kept["faults"][0]["row"].as_u64()), (Some(1), Some(3)), "{kept}");
    assert!(kept["notes"].to_string().contains("is \\\"answerd_at\\\" meant?"), "{kept}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_draft_may_name_the_sources_of_a_kept_history() {
    let w = World::stocked().await;
    let made = generate(Size { orders: 60, items: 20, sources: 3, days: 20, advice_hours: 24 }, 5);
    let source = made.source_ids.get(0).to_owned();
    let draft = json!({"version": 2, "modes": [{"source": source, "mode": "observe"}]}).to_string();
    let path = "/v1/policies/2";
    w.call(WHO, "PUT", path, &[], &draft).await.problem(422);
    keep(&w, "spring", &made).await;

    let checked = w.call(WHO, "POST", "/v1/policies/2/check", &[], &draft).await.expect(200);
    assert_eq!(checked["errors"], json!([]), "{checked}");
    assert_eq!(checked["warnings"][0]["pointer"], "/modes/0/source", "{checked}");
    // A category that only the history knows is nothing to wonder about either.
    let category = made.categories.iter().find(|c| !c.is_empty()).unwrap();
    let named = json!({"version": 2, "modes": [{"category": category, "mode": "observe"}]}).to_string();
    let named = w.call(WHO, "POST", "/v1/policies/2/check", &[], &named).await.expect(200);
    assert_eq!(named["warnings"], json!([]), "{category}");
    let saved = w.call(WHO, "PUT", path, &[], &draft).await.expect(200);
    let warning = saved["warnings"][0]["sentence"].as_str().unwrap();
    assert!(warning.contains("is not recorded yet, only a kept history knows it"), "{saved}");
    w.post_as(WHO, "/v1/policies/2/backtest", json!({"history": "spring", "seeds": 1})).await.expect(202);
    let (_, refused) = w.post_as(WHO, "/v1/policies/2/activate", json!({})).await.problem(422);
    assert_eq!(refused["errors"][0]["pointer"], "/modes/0/source", "{refused}");
    w.put(&format!("/v1/sources/{source}"), super::world::source_body(&source)).await.expect(200);
    w.post_as(WHO, "/v1/policies/2/activate", json!({})).await.expect(200);
    assert_eq!(w.call(WHO, "GET", path, &[], "").await.expect(200)["warnings"], json!([]));
}
