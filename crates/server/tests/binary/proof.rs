//! From a CSV of last quarter to a changed policy in force, with the real binary: two commands for the report, one order
//! opened, one weight changed, the difference, a second login that approves, and every step of it in the log.

use crate::service::{Binary, client, command, eventually};
use countersign_sim::history::generate::{Size, files, generate};
use serde_json::{Value, json};
use std::path::Path;

const PASSWORD: &str = "correct horse battery";

/// Runs `countersign replay` over the files; what it printed.
fn replay(data: &Path, files: &Path, more: &[&str]) -> String {
    let mapping = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/mappings/plain.toml");
    let mut command = command(data);
    command.arg("replay").arg("--history").arg(files).arg("--mapping").arg(mapping).args(["--seeds", "2"]).args(more);
    let done = command.output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap()
}

/// A person's calls.
struct Person<'a> {
    service: &'a Binary,
    cookie: String,
}

impl<'a> Person<'a> {
    /// A login made by the people of IT, and used.
    async fn new(service: &'a Binary, name: &str, role: &str) -> Self {
        service.done("PUT", &format!("/v1/people/{name}"), &json!({"role": role, "password": PASSWORD})).await;
        let body = json!({"name": name, "password": PASSWORD});
        let answer = client().post(format!("{}/v1/session", service.base)).json(&body).send().await.unwrap();
        let cookie = answer.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        Self { service, cookie }
    }
    async fn call(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let request = client().request(method, format!("{}{path}", self.service.base));
        let request = request.header("cookie", &self.cookie).header("x-countersign-csrf", "1").json(body);
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap_or(Value::Null))
    }
    async fn done(&self, method: &str, path: &str, body: &Value) -> Value {
        let (status, value) = self.call(method, path, body).await;
        assert!(status < 300, "{method} {path}: {status} {value}");
        value
    }
}

/// A policy under which vendor-1 is ranked as if it cost that much more.
fn policy(version: u32, weight: &str) -> Value {
    json!({"version": version, "name": "spring", "tables": [{"name": "weights", "decides": "sourcing",
        "when": ["vendor"], "then": ["adjust"], "otherwise": [""],
        "rows": [{"when": ["vendor-1"], "then": [weight], "why": "parcels arrive broken"}]}]})
}

#[tokio::test]
async fn a_stranger_proves_a_policy_before_switching() {
    let folder = tempfile::tempdir().unwrap();
    let (data, history) = (folder.path().join("data"), folder.path().join("last-quarter"));
    std::fs::create_dir(&history).unwrap();
    let size = Size { orders: 2_000, items: 200, sources: 6, days: 90, advice_hours: 24 };
    for (name, content) in files(&generate(size, 5)) {
        std::fs::write(history.join(name), content).unwrap();
    }

    // Two commands: the files are looked at, then replayed.
    let read: Value = serde_json::from_str(&replay(&data, &history, &["--dry-run", "--json"])).unwrap();
    assert!(read["replayed"].is_null(), "{read}");
    let report: Value = serde_json::from_str(&replay(&data, &history, &["--json"])).unwrap();
    let told = &report["replayed"]["policies"][0];
    let then = report["replayed"]["happened"]["cancelled_after_commitment"].as_u64().unwrap();
    let now = told["first_seed"]["cancelled_after_commitment"].as_u64().unwrap();
    assert!(now < then, "the gate would have kept promises that were broken: {now} of {then}");

    // One order is opened, and the reason is a sentence.
    let changed = told["against_history"]["listed"].as_array().unwrap();
    let order = changed[0]["order"].as_str().unwrap();
    let opened = replay(&data, &history, &["--order", order]);
    assert!(opened.contains("what happened") && opened.contains("goes to"), "{opened}");

    // One weight is changed, and the difference seen.
    let (before, after) = (folder.path().join("before.json"), folder.path().join("after.json"));
    std::fs::write(&before, policy(2, "0.00").to_string()).unwrap();
    std::fs::write(&after, policy(3, "25.00").to_string()).unwrap();
    let both = ["--json", "--policy", before.to_str().unwrap(), "--against", after.to_str().unwrap()];
    let compared: Value = serde_json::from_str(&replay(&data, &history, &both)).unwrap();
    let difference = &compared["replayed"]["second_against_first"];
    assert!(!difference["listed"].as_array().unwrap().is_empty(), "{difference}");

    // It is written, tried, approved by a second login, and put in force.
    let service = Binary::serve(&data, &[]);
    let source = json!({"kind": "vendor", "name": "Vendor 1", "time_zone": "America/Chicago",
        "ships_from": {"country": "US", "postal_code": "60601"}, "channel": {"dialect": "portal"}});
    service.done("PUT", "/v1/sources/vendor-1", &source).await;
    let kim = Person::new(&service, "kim", "buyer").await;
    let lee = Person::new(&service, "lee", "vendor_manager").await;
    kim.done("PUT", "/v1/policies/2", &policy(2, "0.00")).await;
    kim.done("POST", "/v1/policies/2/activate", &json!({})).await;
    kim.done("PUT", "/v1/policies/3", &policy(3, "25.00")).await;
    let (untried, why) = lee.call("POST", "/v1/policies/3/approve", &json!({})).await;
    assert_eq!(untried, 409, "nothing is approved untried: {why}");
    let job = kim.done("POST", "/v1/policies/3/backtest", &json!({"against": 2, "seeds": 1})).await;
    let path = format!("/v1/backtests/{}", job["id"].as_str().unwrap());
    eventually("the backtest", async || {
        let view = kim.done("GET", &path, &Value::Null).await;
        assert_ne!(view["state"], "failed", "{view}");
        (view["state"] == "done").then_some(())
    })
    .await;
    assert_eq!(kim.call("POST", "/v1/policies/3/approve", &json!({})).await.0, 403, "nobody approves their own");
    lee.done("POST", "/v1/policies/3/approve", &json!({"words": "agreed"})).await;
    let active = kim.done("POST", "/v1/policies/3/activate", &json!({})).await;
    assert_eq!((active["state"].as_str(), active["approval"]["by"]["name"].as_str()), (Some("active"), Some("lee")));

    // Every one of these steps stands in the log, and the log proves itself.
    let events = service.done("GET", "/v1/events?limit=1000", &Value::Null).await.to_string();
    for step in ["policy.saved", "policy.backtested", "policy.approved", "policy.activated"] {
        assert!(events.contains(&format!("countersign.{step}.v1")), "{step} is missing in the log");
    }
    let verified = command(&data).args(["audit", "verify"]).output().unwrap();
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
}
