//! Keys, sessions, one-time links.

use super::world::World;
use serde_json::json;

fn cookie(answer: &super::world::Answer) -> String {
    answer.headers["set-cookie"].split(';').next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_logs_in_and_out() {
    let w = World::empty().await;
    w.put("/v1/people/ines", json!({"role": "buyer", "password": "correct horse battery"})).await.expect(200);
    let wrong = w.call("", "POST", "/v1/session", &[], "{\"name\":\"ines\",\"password\":\"wrong\"}").await;
    assert_eq!(wrong.problem(401).0, "unauthenticated");
    let body = "{\"name\":\"ines\",\"password\":\"correct horse battery\"}";
    let answer = w.call("", "POST", "/v1/session", &[], body).await;
    assert!(answer.headers["set-cookie"].contains("HttpOnly; SameSite=Lax"));
    let cookie = cookie(&answer);
    assert_eq!(answer.expect(201)["role"], "buyer");
    let me = w.call("", "GET", "/v1/session", &[("cookie", &cookie)], "").await.expect(200);
    assert_eq!((me["name"].as_str(), me["role"].as_str()), (Some("ines"), Some("buyer")));
    let item = "{\"title\":\"Mug\",\"category\":\"kitchen\"}";
    let forged = w.call("", "PUT", "/v1/items/MUG", &[("cookie", &cookie)], item).await;
    assert_eq!(forged.problem(403).0, "csrf-missing");
    let headers = [("cookie", cookie.as_str()), ("x-countersign-csrf", "1")];
    w.call("", "PUT", "/v1/items/MUG", &headers, item).await.expect(200);
    w.call("", "DELETE", "/v1/session", &headers, "").await.expect(204);
    assert_eq!(w.call("", "GET", "/v1/session", &[("cookie", &cookie)], "").await.status, 401);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn passwords_are_not_guessed() {
    let w = World::empty().await;
    let body = "{\"name\":\"ines\",\"password\":\"guess guess guess\"}";
    // More than two minutes allow: on a busy machine a new one may begin between two tries.
    let mut turned_away = 0;
    for _ in 0..25 {
        let answer = w.call("", "POST", "/v1/session", &[], body).await;
        if answer.status == 429 {
            turned_away += 1;
            assert!(answer.headers["retry-after"].parse::<u32>().unwrap() <= 60);
        }
    }
    assert!(turned_away > 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_is_used_up_by_its_button_only() {
    let w = World::empty().await;
    w.put("/v1/people/ines", json!({"role": "buyer"})).await.expect(200);
    let link = w.post("/v1/people/ines/link", json!({})).await.expect(201);
    let path = link["path"].as_str().unwrap();
    for _ in 0..2 {
        let page = w.call("", "GET", path, &[], "").await;
        assert!(page.status == 200 && page.text.contains("<form"), "looking uses nothing up");
        assert_eq!(page.headers["referrer-policy"], "no-referrer");
    }
    let token = path.split('=').nth(1).unwrap();
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let body = format!("token={token}");
    let used = w.call("", "POST", "/login", &form, &body).await;
    assert_eq!((used.status, used.headers["location"].as_str()), (303, "/console/"));
    let cookie = cookie(&used);
    w.call("", "GET", "/v1/session", &[("cookie", &cookie)], "").await.expect(200);
    assert_eq!(w.call("", "POST", "/login", &form, &body).await.status, 401);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demo_has_a_login_for_every_role() {
    let w = World::empty().await;
    let all = w.call("", "GET", "/v1/session/demo", &[], "").await.expect(200);
    let names: Vec<&str> = all["items"].as_array().unwrap().iter().map(|l| l["name"].as_str().unwrap()).collect();
    assert_eq!(names.len(), 5);
    for name in names {
        let answer = w.call("", "POST", "/v1/session/demo", &[], &json!({"name": name}).to_string()).await;
        let cookie = cookie(&answer);
        w.call("", "GET", "/v1/orders", &[("cookie", &cookie)], "").await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_come_and_go() {
    let w = World::empty().await;
    let made = w.post("/v1/keys", json!({"name": "shop", "role": "customer_service"})).await.expect(201);
    let bearer = format!("Bearer {}", made["key"].as_str().unwrap());
    assert_eq!(w.raw("GET", "/v1/orders", &[("authorization", &bearer)], b"").await.status, 200);
    let listed = w.get("/v1/keys").await.expect(200);
    assert!(!listed.to_string().contains(made["key"].as_str().unwrap()));
    let wrong = format!("{bearer}x");
    assert_eq!(w.raw("GET", "/v1/orders", &[("authorization", &wrong)], b"").await.status, 401);
    w.call("it", "DELETE", &format!("/v1/keys/{}", made["id"].as_str().unwrap()), &[], "").await.expect(204);
    assert_eq!(w.raw("GET", "/v1/orders", &[("authorization", &bearer)], b"").await.status, 401);
    let vendor = w.post("/v1/keys", json!({"name": "v", "role": "vendor"})).await.problem(422);
    assert!(vendor.1["detail"].as_str().unwrap().contains("needs a source"));
    let past = json!({"name": "old", "role": "it", "expires_at": "2020-01-01T00:00:00Z"});
    let (kind, refused) = w.post("/v1/keys", past).await.problem(422);
    assert_eq!((kind.as_str(), &refused["errors"][0]["pointer"]), ("invalid-field", &json!("/expires_at")));
    use countersign_server::auth::{NewKey, create_key};
    let end = Some("2020-01-01T00:00:00Z".parse().unwrap());
    let ended =
        NewKey { name: "old".into(), role: countersign_engine::command::Role::It, source: None, expires_at: end };
    let bearer = format!("Bearer {}", create_key(w.store.as_ref(), ended, jiff::Timestamp::now()).unwrap());
    assert_eq!(w.raw("GET", "/v1/orders", &[("authorization", &bearer)], b"").await.status, 401);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn secrets_are_sealed_and_never_told() {
    let w = World::empty().await;
    w.put("/v1/secrets/acme.token", json!({"secret": "canary-4711"})).await.expect(204);
    assert_eq!(w.get("/v1/secrets").await.expect(200)["items"][0]["name"], "acme.token");
    use countersign_runtime::ports::Store;
    let kept = w.store.settings(countersign_server::registry::SECRET).unwrap();
    assert!(!format!("{kept:?}").contains("canary"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_bound_to_a_source_sees_that_source() {
    let w = World::stocked().await;
    let offer = super::world::offer_body("acme", "40.00").to_string();
    w.call("acme's manager", "PUT", "/v1/sources/acme/offers/LAMP", &[], &offer).await.expect(200);
    let foreign = w.call("acme's manager", "PUT", "/v1/sources/bolt/offers/LAMP", &[], &offer).await;
    assert_eq!(foreign.problem(404).0, "not-found");
    assert_eq!(w.call("acme's manager", "GET", "/v1/orders", &[], "").await.problem(404).0, "not-found");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_factor_is_asked_for_once_it_was_confirmed() {
    let w = World::empty().await;
    w.put("/v1/people/ines", json!({"role": "buyer", "password": "correct horse battery"})).await.expect(200);
    let login = async |code: &str| {
        let body = json!({"name": "ines", "password": "correct horse battery", "code": code});
        w.call("", "POST", "/v1/session", &[], &body.to_string()).await
    };
    let first = login("").await;
    let mine = cookie(&first);
    let headers = [("cookie", mine.as_str()), ("x-countersign-csrf", "1")];
    let begun = w.call("", "POST", "/v1/session/totp", &headers, "").await.expect(201);
    let secret = begun["secret"].as_str().unwrap();
    assert!(begun["uri"].as_str().unwrap().starts_with("otpauth://totp/Countersign:ines?secret="));
    login("").await.expect(201);
    let code = |second: i64| {
        let now = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(second);
        countersign_server::auth::code_for(secret, now).unwrap()
    };
    let confirm = async |code: &str| {
        let body = json!({"code": code}).to_string();
        w.call("", "POST", "/v1/session/totp/confirm", &headers, &body).await
    };
    confirm("12").await.problem(422);
    let now = code(0);
    let codes = confirm(&now).await.expect(200);
    assert_eq!(login("").await.problem(401).0, "second-factor-needed");
    assert_eq!(login(&now).await.problem(401).0, "second-factor-needed", "a code opens once");
    login(&code(30)).await.expect(201);
    let recovery = codes["recovery_codes"][0].as_str().unwrap();
    login(recovery).await.expect(201);
    assert_eq!(login(recovery).await.status, 401, "so does a recovery code");
    use countersign_runtime::ports::Store;
    let kept = format!("{:?}", w.store.settings("person").unwrap());
    assert!(!kept.contains(secret) && !kept.contains(recovery), "sealed and hashed at rest");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_password_needs_the_old_one_and_ends_all_other_sessions() {
    let w = World::empty().await;
    w.put("/v1/people/ines", json!({"role": "buyer", "password": "correct horse battery"})).await.expect(200);
    let login = async |password: &str| {
        let body = json!({"name": "ines", "password": password}).to_string();
        w.call("", "POST", "/v1/session", &[], &body).await
    };
    let (one, two) = (cookie(&login("correct horse battery").await), cookie(&login("correct horse battery").await));
    let set = async |cookie: &str, body: serde_json::Value| {
        let headers = [("cookie", cookie), ("x-countersign-csrf", "1")];
        w.call("", "PUT", "/v1/session/password", &headers, &body.to_string()).await
    };
    set(&one, json!({"password": "better horse battery"})).await.problem(422);
    let changed = set(&one, json!({"password": "better horse battery", "current": "correct horse battery"})).await;
    let fresh = cookie(&changed);
    assert!(changed.status == 204 && fresh != one, "the session's token is a new one");
    let alive = async |cookie: &str| w.call("", "GET", "/v1/session", &[("cookie", cookie)], "").await.status;
    assert_eq!((alive(&one).await, alive(&two).await, alive(&fresh).await), (401, 401, 200));
    // Logging in again with a cookie at hand ends the session of that cookie.
    let body = json!({"name": "ines", "password": "better horse battery"}).to_string();
    let again = cookie(&w.call("", "POST", "/v1/session", &[("cookie", &fresh)], &body).await);
    assert_eq!((alive(&fresh).await, alive(&again).await), (401, 200));
    let other = cookie(&login("better horse battery").await);
    let headers = [("cookie", again.as_str()), ("x-countersign-csrf", "1")];
    w.call("", "DELETE", "/v1/session/all", &headers, "").await.expect(204);
    assert_eq!((alive(&again).await, alive(&other).await), (401, 401));
    // A role taken away is taken away at once.
    let mine = cookie(&login("better horse battery").await);
    w.put("/v1/people/ines", json!({"role": "auditor"})).await.expect(200);
    assert_eq!(alive(&mine).await, 401);
    w.call("it", "DELETE", "/v1/people/ines", &[], "").await.expect(204);
    assert_eq!(login("better horse battery").await.status, 401);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_source_or_password_ends_the_sessions_of_before() {
    let w = World::stocked().await;
    let put = async |body: serde_json::Value| w.put("/v1/people/vera", body).await.expect(200);
    put(json!({"role": "vendor", "source": "acme", "password": "correct horse battery"})).await;
    let login = async |password: &str| {
        let body = json!({"name": "vera", "password": password}).to_string();
        cookie(&w.call("", "POST", "/v1/session", &[], &body).await)
    };
    let mine =
        async |cookie: &str| w.call("", "GET", "/vendor/v1/purchase-orders", &[("cookie", cookie)], "").await.status;
    let first = login("correct horse battery").await;
    assert_eq!(mine(&first).await, 200);
    put(json!({"role": "vendor", "source": "acme", "mail": "vera@acme.example"})).await;
    assert_eq!(mine(&first).await, 200, "an address changes nothing that a session may do");
    put(json!({"role": "vendor", "source": "bolt"})).await;
    assert_eq!(mine(&first).await, 401, "what she read of acme she reads no more");
    let second = login("correct horse battery").await;
    put(json!({"role": "vendor", "source": "bolt", "password": "better horse battery"})).await;
    assert_eq!(mine(&second).await, 401, "whoever knew the old password is out");
    assert_eq!(mine(&login("better horse battery").await).await, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_to_be_made_never_overwrites_what_is_there() {
    let w = World::stocked().await;
    let make = async |path: &str, body: &serde_json::Value| {
        w.call("it", "PUT", path, &[("if-none-match", "*")], &body.to_string()).await
    };
    let source = super::world::source_body("Cobalt");
    let view = json!({"title": "Mine", "screen": "cases", "query": "?open=true"});
    let person = json!({"role": "buyer", "mail": "ines@example.com"});
    for (path, body) in
        [("/v1/people/ines", &person), ("/v1/sources/cobalt", &source), ("/v1/session/views/mine", &view)]
    {
        make(path, body).await.expect(200);
        let (kind, told) = make(path, body).await.problem(412);
        assert_eq!(kind, "exists", "{told}");
        w.put(path, body.clone()).await.expect(200);
    }
    let other = json!({"role": "it", "password": "correct horse battery"});
    make("/v1/people/ines", &other).await.problem(412);
    let ines = w.get("/v1/people").await.expect(200)["items"][0].clone();
    assert_eq!((&ines["role"], &ines["has_password"]), (&json!("buyer"), &json!(false)));
    let version = w.call("it", "PUT", "/v1/people/ines", &[("if-none-match", "\"7\"")], &person.to_string()).await;
    assert_eq!(version.problem(400).0, "bad-request");
}
