//! The life of a policy over the API: written, approved by a second person, in force, rolled back.

use super::world::{Answer, World};
use serde_json::{Value, json};

/// A person of a role, logged in: the cookie.
async fn log_in(w: &World, name: &str, role: &str) -> String {
    let password = "correct horse battery";
    w.put(&format!("/v1/people/{name}"), json!({"role": role, "password": password})).await.expect(200);
    let body = json!({"name": name, "password": password}).to_string();
    let answer = w.call("", "POST", "/v1/session", &[], &body).await;
    answer.headers["set-cookie"].split(';').next().unwrap().to_owned()
}

async fn by(w: &World, cookie: &str, method: &str, path: &str, body: &Value) -> Answer {
    let headers = [("cookie", cookie), ("x-countersign-csrf", "1")];
    w.call("", method, path, &headers, &body.to_string()).await
}

fn policy(version: u32) -> Value {
    json!({"version": version, "name": "spring", "life_cycle": {"backtest": "never"}})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_is_simple_and_the_next_needs_a_second_person() {
    let w = World::stocked().await;
    let (kim, lee) = (log_in(&w, "kim", "buyer").await, log_in(&w, "lee", "vendor_manager").await);
    let delivered = w.get("/v1/policies").await.expect(200);
    assert_eq!(delivered["items"][0]["state"], "active", "{delivered}");

    let draft = by(&w, &kim, "PUT", "/v1/policies/2", &policy(2)).await.expect(200);
    assert_eq!((draft["state"].as_str(), draft["authors"][0]["name"].as_str()), (Some("draft"), Some("kim")));
    let first = by(&w, &kim, "POST", "/v1/policies/2/activate", &json!({})).await.expect(200);
    assert_eq!(first["state"], "active");

    by(&w, &kim, "PUT", "/v1/policies/3", &policy(3)).await.expect(200);
    let (kind, _) = by(&w, &kim, "POST", "/v1/policies/3/activate", &json!({})).await.problem(409);
    assert_eq!(kind, "not-now");
    let (kind, own) = by(&w, &kim, "POST", "/v1/policies/3/approve", &json!({})).await.problem(403);
    assert_eq!(kind, "forbidden", "{own}");
    let (_, key) = w.post_as("buyer", "/v1/policies/3/approve", json!({})).await.problem(403);
    assert!(key["detail"].as_str().unwrap().contains("a key is no person"), "{key}");
    let stale = by(&w, &lee, "POST", "/v1/policies/3/approve", &json!({"revision": 7})).await.problem(409);
    assert_eq!(stale.0, "stale");
    let words = json!({"revision": 1, "words": "seen"});
    let approved = by(&w, &lee, "POST", "/v1/policies/3/approve", &words).await.expect(200);
    assert_eq!(
        (approved["state"].as_str(), approved["approval"]["by"]["name"].as_str()),
        (Some("approved"), Some("lee"))
    );

    let later = by(&w, &kim, "POST", "/v1/policies/3/activate", &json!({"at": "2099-01-01T00:00:00Z"})).await;
    assert_eq!(later.expect(200)["state"], "scheduled");
    let now = by(&w, &kim, "POST", "/v1/policies/3/activate", &json!({})).await.expect(200);
    assert_eq!((now["state"].as_str(), now["takes_over_at"].is_null()), (Some("active"), true));
    let states = w.get("/v1/policies").await.expect(200);
    let states: Vec<_> = states["items"].as_array().unwrap().iter().map(|p| (&p["version"], &p["state"])).collect();
    assert_eq!(states, [(&json!(3), &json!("active")), (&json!(2), &json!("superseded"))]);
    let back = by(&w, &kim, "POST", "/v1/policies/2/activate", &json!({})).await.expect(200);
    assert_eq!((back["state"].as_str(), back["activations"].as_array().unwrap().len()), (Some("active"), 2));
    let order = w.post("/v1/orders", super::world::order_body("1001", 2)).await.expect(201);
    assert_eq!(order["policy"], 2, "{order}");
    let steps = w.get("/v1/events").await.text;
    for step in ["policy.saved", "policy.approved", "policy.scheduled", "policy.activated"] {
        assert!(steps.contains(step), "{step} is missing in the journal");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_goes_out_and_in_as_toml() {
    let w = World::stocked().await;
    by_key(&w, "PUT", "/v1/policies/2", &[], &policy(2).to_string()).await.expect(200);
    let toml = w.call("buyer", "GET", "/v1/policies/2/document?as=toml", &[], "").await;
    assert_eq!((toml.status, toml.headers["content-type"].as_str()), (200, "application/toml"));
    let changed = toml.text.replace("spring", "summer");
    let form = [("content-type", "application/toml")];
    let again = by_key(&w, "PUT", "/v1/policies/2", &form, &changed).await.expect(200);
    assert_eq!((again["name"].as_str(), again["revision"].as_u64()), (Some("summer"), Some(2)));
    let broken = by_key(&w, "PUT", "/v1/policies/2", &form, "version = 2\nname = ").await.problem(400);
    assert!(broken.1["detail"].as_str().unwrap().contains("line 2"), "{}", broken.1);
    let unknown = by_key(&w, "PUT", "/v1/policies/2", &form, "version = 2\nholdminutes = 3\n").await.problem(422);
    assert!(unknown.1["detail"].as_str().unwrap().contains("holdminutes"), "{}", unknown.1);
}

async fn by_key(w: &World, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    w.call("buyer", method, path, headers, body).await
}
