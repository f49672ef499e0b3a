//! From a CSV of last quarter to a changed policy in force, with the real binary: two commands for the report, one order
//! opened, one weight changed, the difference, a second login that approves, and every step of it in the log. And
//! backtests and replays that are killed.

use crate::service::{Binary, client, command, eventually};
use countersign_sim::history::generate::{Size, files, generate};
use countersign_store::testing::postgres_or_skip;
use serde_json::{Value, json};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

const PASSWORD: &str = "correct horse battery";

/// Runs a command of the binary; what it printed.
fn told(data: &Path, args: &[&str]) -> String {
    let done = command(data).args(args).output().unwrap();
    assert!(done.status.success(), "{args:?}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap()
}

fn told_json(data: &Path, args: &[&str]) -> Value {
    serde_json::from_str(&told(data, &[args, &["--json"]].concat())).unwrap()
}

/// A folder with the files of a history, and how it is taken in under a name.
fn last_quarter(folder: &Path, size: Size) -> Vec<String> {
    let history = folder.join("last-quarter");
    std::fs::create_dir(&history).unwrap();
    for (name, content) in files(&generate(size, 5)) {
        std::fs::write(history.join(name), content).unwrap();
    }
    let mapping = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/mappings/plain.toml");
    let parts = ["import", "history", history.to_str().unwrap(), "--mapping", mapping.to_str().unwrap()];
    parts.map(str::to_owned).to_vec()
}

fn seen(parts: &[String]) -> Vec<&str> {
    parts.iter().map(String::as_str).collect()
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
    let data = folder.path().join("data");
    let size = Size { orders: 2_000, items: 200, sources: 6, days: 90, advice_hours: 24 };
    let import = last_quarter(folder.path(), size);
    let import = seen(&import);

    // Looked at without being kept; then two commands: taken in, and replayed.
    let looked = told_json(&data, &[&import[..], &["--dry-run"]].concat());
    assert!(looked["kept"].is_null() && looked["read"]["rejected"]["count"] == 0, "{looked}");
    let kept = told_json(&data, &import);
    assert_eq!((kept["kept"]["name"].as_str(), kept["kept"]["orders"].as_u64()), (Some("last-quarter"), Some(2_000)));
    let report = told_json(&data, &["replay", "--history", "last-quarter", "--seeds", "2"]);
    let changes = &report["replayed"]["policies"][0];
    let then = report["replayed"]["happened"]["cancelled_after_commitment"].as_u64().unwrap();
    let now = changes["first_seed"]["cancelled_after_commitment"].as_u64().unwrap();
    assert!(now < then, "the gate would have kept promises that were broken: {now} of {then}");

    // Its name is that of its folder: where that stands makes no difference.
    let beside = ["replay", "--history", "last-quarter", "--seeds", "2", "--json"];
    let beside = command(&data).current_dir(folder.path()).args(beside).output().unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&beside.stdout).unwrap(), report);

    // One order is opened, and the reason is a sentence.
    let order = changes["against_history"]["listed"][0]["order"].as_str().unwrap();
    let opened = told(&data, &["replay", "--history", "last-quarter", "--order", order]);
    assert!(opened.contains("what happened") && opened.contains("goes to"), "{opened}");

    // One weight is changed, and the difference seen.
    let (before, after) = (folder.path().join("before.json"), folder.path().join("after.json"));
    std::fs::write(&before, policy(2, "0.00").to_string()).unwrap();
    std::fs::write(&after, policy(3, "25.00").to_string()).unwrap();
    let both = ["--policy", before.to_str().unwrap(), "--against", after.to_str().unwrap(), "--seeds", "1"];
    let compared = told_json(&data, &[&["replay", "--history", "last-quarter"], &both[..]].concat());
    let difference = &compared["replayed"]["first_against_second"];
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
    let unknown = kim.call("POST", "/v1/policies/3/backtest", &json!({"history": "no-such"})).await;
    assert_eq!((unknown.0, unknown.1["errors"][0]["pointer"].as_str()), (422, Some("/history")), "{}", unknown.1);
    let asked = json!({"history": "last-quarter", "against": 2, "seeds": 1});
    let path = begun(&kim, 3, &asked).await;
    let done = ended(&kim, &path).await;
    assert_eq!(done["result"]["orders"], report["replayed"]["orders"], "the same orders as on the command line");
    let other = done["result"]["first_against_second"]["listed"][0]["order"].as_str().unwrap();
    let opened = kim.done("GET", &format!("{path}/orders/{other}"), &Value::Null).await;
    assert!(opened["replayed"].to_string().contains("goes to"), "{opened}");
    assert!(opened["against"].to_string().contains("goes to"), "{opened}");
    assert_eq!(kim.call("POST", "/v1/policies/3/approve", &json!({})).await.0, 403, "nobody approves their own");
    lee.done("POST", "/v1/policies/3/approve", &json!({"words": "agreed"})).await;
    let active = kim.done("POST", "/v1/policies/3/activate", &json!({})).await;
    assert_eq!((active["state"].as_str(), active["approval"]["by"]["name"].as_str()), (Some("active"), Some("lee")));

    // Every one of these steps stands in the log, and the log proves itself.
    let events = service.done("GET", "/v1/events?limit=1000", &Value::Null).await.to_string();
    assert!(events.contains("orders of the history last-quarter"), "the log says what the policy was tried on");
    for step in ["history.kept", "policy.saved", "policy.backtested", "policy.approved", "policy.activated"] {
        assert!(events.contains(&format!("countersign.{step}.v1")), "{step} is missing in the log");
    }
    let verified = command(&data).args(["audit", "verify"]).output().unwrap();
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));

    // An export of it is a history like the journal itself, unless it was cut off.
    let export = folder.path().join("journal.ndjson");
    told(&data, &["audit", "export", "--to", export.to_str().unwrap()]);
    let [from_store, from_file] = [vec![], vec!["--journal", export.to_str().unwrap()]]
        .map(|of| told_json(&data, &[&["replay", "--seeds", "1"], &of[..]].concat())["replayed"].clone());
    assert_eq!(from_store, from_file);
    let text = std::fs::read_to_string(&export).unwrap();
    std::fs::write(&export, &text[..text.trim_end().rfind('\n').unwrap()]).unwrap();
    let cut = command(&data).args(["replay", "--journal", export.to_str().unwrap()]).output().unwrap();
    assert!(String::from_utf8_lossy(&cut.stderr).contains("the export was cut off"), "{cut:?}");
}

/// Begins a backtest; where it is watched.
async fn begun(person: &Person<'_>, version: u32, asked: &Value) -> String {
    let job = person.done("POST", &format!("/v1/policies/{version}/backtest"), asked).await;
    format!("/v1/backtests/{}", job["id"].as_str().unwrap())
}

async fn ended(person: &Person<'_>, path: &str) -> Value {
    let view = async || {
        let view = person.done("GET", path, &Value::Null).await;
        assert_ne!(view["state"], "failed", "{view}");
        (view["state"] == "done").then_some(view)
    };
    eventually("the backtest", view).await
}

/// The bytes of a result, as they were sent.
async fn result_of(service: &Binary, path: &str) -> String {
    let answer = client().get(format!("{}{path}", service.base)).bearer_auth(&service.key).send().await.unwrap();
    let text = answer.text().await.unwrap();
    text[text.find("\"result\":{").unwrap()..].to_owned()
}

/// Waits until some of a job is finished, and told to whoever asks.
async fn under_way(person: &Person<'_>, path: &str) {
    let view = async || {
        let view = person.done("GET", path, &Value::Null).await;
        assert_eq!(view["state"], "running", "too late, {} of {}", view["done"], view["of"]);
        (view["done"].as_u64() > Some(0)).then_some(())
    };
    eventually("the backtest to be under way", view).await;
}

/// What one needs for a backtest over a history: a source that the policy names, a login, a draft.
async fn ready(service: &Binary) -> Person<'_> {
    let source = json!({"kind": "vendor", "name": "Vendor 1", "time_zone": "America/Chicago",
        "ships_from": {"country": "US", "postal_code": "60601"}, "channel": {"dialect": "portal"}});
    service.done("PUT", "/v1/sources/vendor-1", &source).await;
    let kim = Person::new(service, "kim", "buyer").await;
    kim.done("PUT", "/v1/policies/2", &policy(2, "25.00")).await;
    kim
}

/// kill -9 in the middle of a backtest: the log knows nothing of it, it goes on where it was, and comes to the bytes of one
/// that was left alone. What is done outlives the service too.
#[tokio::test]
async fn a_backtest_that_was_killed_goes_on_and_comes_to_the_same_result() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let size = Size { orders: 2_000, items: 200, sources: 6, days: 60, advice_hours: 24 };
    told(&data, &seen(&last_quarter(folder.path(), size)));
    let asked = json!({"history": "last-quarter", "seeds": 50, "seed": 3});

    let service = Binary::serve(&data, &[]);
    let kim = ready(&service).await;
    let before = told(&data, &["audit", "verify"]);
    let path = begun(&kim, 2, &asked).await;
    under_way(&kim, &path).await;
    // What is finished is kept every second.
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    service.kill();

    assert_eq!(told(&data, &["audit", "verify"]), before, "the log knows nothing of it");
    let service = Binary::serve(&data, &[]);
    let all = service.done("GET", "/v1/backtests", &Value::Null).await;
    let left = &all["items"][0];
    assert_eq!((left["state"].as_str(), left["asked_by"].as_str()), (Some("interrupted"), Some("kim")), "{left}");
    assert!(left["done"].as_u64() > Some(0) && left["done"].as_u64() < left["of"].as_u64(), "{left}");
    let draft = service.done("GET", "/v1/policies/2", &Value::Null).await;
    assert_eq!(draft["state"], "draft", "{draft}");
    let lee = Person::new(&service, "lee", "vendor_manager").await;
    assert_eq!(lee.call("POST", &format!("{path}/cancel"), &json!({})).await.0, 409, "nobody is at it");
    lee.done("POST", &format!("{path}/resume"), &json!({})).await;
    let done = ended(&lee, &path).await;
    assert_eq!((&done["done"], done["asked_by"].as_str()), (&done["of"], Some("lee")), "every order once: {done}");
    let result = result_of(&service, &path).await;
    let events = service.done("GET", "/v1/events?limit=1000", &Value::Null).await.to_string();
    assert_eq!(events.matches("policy.backtested").count(), 1);
    service.kill();

    let service = Binary::serve(&data, &[]);
    assert_eq!(result_of(&service, &path).await, result);
    let lee = Person::new(&service, "lee", "vendor_manager").await;
    let changed = done["result"]["policies"][0]["against_history"]["listed"][0]["order"].as_str().unwrap();
    let opened = lee.done("GET", &format!("{path}/orders/{changed}"), &Value::Null).await;
    assert!(opened["replayed"].to_string().contains("goes to"), "{opened}");
    lee.done("DELETE", &path, &Value::Null).await;
    let other = begun(&lee, 2, &asked).await;
    assert_eq!(other, "/v1/backtests/2", "its number never comes again");
    ended(&lee, &other).await;
    assert_eq!(result_of(&service, &other).await, result, "as if it had not been killed");
}

/// Two nodes on one database: each sees, stops and resumes what the other one runs.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backtest_goes_on_on_another_node() {
    let Some(server) = postgres_or_skip() else { return };
    let database = server.database().unwrap();
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let secret = folders[0].path();
    let (one, two) =
        (Binary::serve_on(secret, &database, secret), Binary::serve_on(folders[1].path(), &database, secret));
    let size = Size { orders: 2_000, items: 200, sources: 6, days: 60, advice_hours: 24 };
    let import = last_quarter(secret, size);
    told(secret, &[&seen(&import)[..], &["--database", &database]].concat());
    let (kim, lee) = (ready(&one).await, Person::new(&two, "lee", "vendor_manager").await);
    let asked = json!({"history": "last-quarter", "seeds": 50});
    let path = begun(&kim, 2, &asked).await;
    under_way(&lee, &path).await;
    let (status, why) = lee.call("POST", "/v1/policies/2/backtest", &asked).await;
    assert_eq!(status, 429, "one at a time: {why}");
    lee.done("POST", &format!("{path}/cancel"), &json!({})).await;
    let stands = async |state: &str| {
        let view = async || {
            let view = lee.done("GET", &path, &Value::Null).await;
            assert_ne!(view["state"], "done", "too late");
            (view["state"] == state).then_some(())
        };
        eventually(state, view).await;
    };
    stands("cancelled").await;
    kim.done("POST", &format!("{path}/resume"), &json!({})).await;
    one.terminate();
    stands("interrupted").await;
    lee.done("POST", &format!("{path}/resume"), &json!({})).await;
    let done = ended(&lee, &path).await;
    assert_eq!(done["done"], done["of"], "{done}");
    let result = result_of(&two, &path).await;
    let again = begun(&lee, 2, &asked).await;
    ended(&lee, &again).await;
    assert_eq!(result_of(&two, &again).await, result);
}

/// kill -9 of a replay on the command line.
#[test]
fn a_replay_that_was_killed_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let (data, file) = (folder.path().join("data"), folder.path().join("progress"));
    let size = Size { orders: 2_000, items: 200, sources: 6, days: 60, advice_hours: 24 };
    told(&data, &seen(&last_quarter(folder.path(), size)));
    let replay = ["replay", "--history", "last-quarter", "--seeds", "50", "--json"];
    let keeping = [&replay[..], &["--progress", file.to_str().unwrap()]].concat();
    let mut killed = command(&data).args(&keeping).stdout(Stdio::null()).spawn().unwrap();
    // More than its first line, which says of which replay it is.
    while std::fs::metadata(&file).map_or(0, |file| file.len()) < 1_000 {
        assert!(killed.try_wait().unwrap().is_none(), "killed too late");
        std::thread::sleep(Duration::from_millis(20));
    }
    killed.kill().unwrap();
    killed.wait().unwrap();
    let left = std::fs::read(&file).unwrap();
    let other = command(&data).args(&keeping).args(["--seed", "2"]).output().unwrap();
    let said = String::from_utf8_lossy(&other.stderr);
    assert!(!other.status.success() && said.contains("keeps the progress of another replay"), "{said}");
    assert_eq!(std::fs::read(&file).unwrap(), left);
    let resumed = told(&data, &keeping);
    assert!(!file.exists(), "done");
    assert_eq!(resumed, told(&data, &replay), "the same bytes, whether it was killed or not");
}
