//! Login by a real identity provider: the whole dance of the code flow, and what must not be taken for it.

use crate::service::{Binary, Browser, Shown, command, free_port};
use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

struct Provider(Child);

impl Drop for Provider {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Installs the provider beside the build, once, and starts it.
fn provider(port: u16, back: &str) -> Provider {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oidc");
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("identity-provider");
    fs::create_dir_all(&place).unwrap();
    for name in ["package.json", "package-lock.json", "provider.mjs"] {
        fs::copy(from.join(name), place.join(name)).unwrap();
    }
    if !place.join("node_modules/oidc-provider").exists() {
        let installed =
            Command::new("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(&place).output().unwrap();
        assert!(installed.status.success(), "{}", String::from_utf8_lossy(&installed.stderr));
    }
    let mut child = Command::new("node")
        .args(["provider.mjs", &port.to_string(), back])
        .current_dir(&place)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    assert!(lines.any(|line| line.starts_with("listening")), "the provider did not start");
    std::thread::spawn(move || lines.for_each(drop));
    Provider(child)
}

/// An address as a browser reads it on that page.
fn whole(base: &str, location: &str) -> String {
    if location.starts_with("http") { location.to_owned() } else { format!("{base}{location}") }
}

/// Logs in at the provider's own pages and returns where it sends the browser back to.
async fn at_provider(browser: &mut Browser, issuer: &str, begin: &str, login: &str) -> String {
    let mut to = begin.to_owned();
    for _ in 0..10 {
        let page = browser.get(&to).await;
        if let Some(location) = page.location {
            to = whole(issuer, &location);
            if !to.starts_with(issuer) {
                return to;
            }
            continue;
        }
        assert_eq!(page.status, 200, "{}", page.text);
        let prompt = if page.text.contains("value=\"login\"") {
            format!("prompt=login&login={login}&password=x")
        } else {
            "prompt=consent".into()
        };
        let action = page.text.split("action=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let answer = browser.post(&whole(issuer, &action), &prompt).await;
        to = whole(issuer, &answer.location.unwrap_or_else(|| panic!("{}", answer.text)));
    }
    panic!("the provider never came to an end");
}

struct World {
    service: Binary,
    issuer: String,
    _provider: Provider,
    _data: tempfile::TempDir,
}

fn world() -> World {
    let data = tempfile::tempdir().unwrap();
    let (port, at) = (free_port(), free_port());
    let issuer = format!("http://127.0.0.1:{port}");
    let back = format!("http://127.0.0.1:{at}/v1/session/oidc/callback");
    let settings = data.path().join("settings.toml");
    fs::write(
        &settings,
        format!(
            "[oidc]\nissuer = \"{issuer}\"\nclient_id = \"countersign\"\nclient_secret = \"only-for-tests\"\nname = \"Our directory\"\nrole_claim = \"groups\"\nscopes = [\"email\"]\n[oidc.roles]\nbuyers = \"buyer\"\nit = \"it\"\n"
        ),
    )
    .unwrap();
    let provider = provider(port, &back);
    let listen = format!("127.0.0.1:{at}");
    let more = ["--config", &settings.to_string_lossy(), "--allow-private", "http://127.0.0.0/8", "--listen", &listen];
    let service = Binary::serve_at(data.path(), &more);
    World { service, issuer, _provider: provider, _data: data }
}

async fn begin(w: &World, browser: &mut Browser) -> String {
    let begun = browser.get(&format!("{}/v1/session/oidc", w.service.base)).await;
    assert_eq!(begun.status, 303, "{}", begun.text);
    begun.location.unwrap()
}

async fn who(w: &World, browser: &mut Browser) -> Shown {
    browser.get(&format!("{}/v1/session", w.service.base)).await
}

#[tokio::test]
async fn people_come_by_the_retailers_identity_provider() {
    let w = world();
    let ways = w.service.done("GET", "/v1/session/providers", &Value::Null).await;
    assert_eq!(ways["items"][0], json!({"name": "Our directory", "path": "/v1/session/oidc"}));
    let mut browser = Browser::new();
    let to = begin(&w, &mut browser).await;
    for part in ["code_challenge_method=S256", "code_challenge=", "state=", "nonce=", "response_type=code"] {
        assert!(to.contains(part), "{to}");
    }
    let back = at_provider(&mut browser, &w.issuer, &to, "ines").await;
    let done = browser.get(&back).await;
    assert_eq!((done.status, done.location.as_deref()), (303, Some("/console/")), "{}", done.text);
    let me: Value = serde_json::from_str(&who(&w, &mut browser).await.text).unwrap();
    assert_eq!((&me["name"], &me["role"]), (&json!("ines"), &json!("buyer")), "{me}");
    assert_eq!(browser.get(&back).await.status, 403, "an answer opens once");
    let people = w.service.done("GET", "/v1/people", &Value::Null).await;
    assert_eq!(
        (&people["items"][0]["provider"], &people["items"][0]["mail"]),
        (&json!(w.issuer), &json!("ines@shop.example"))
    );

    // Of two roles the first of the table; no role is no way in; a login of the same name is somebody else.
    let mut ivo = Browser::new();
    let to = begin(&w, &mut ivo).await;
    let back = at_provider(&mut ivo, &w.issuer, &to, "ivo").await;
    assert_eq!(ivo.get(&back).await.status, 303);
    assert!(who(&w, &mut ivo).await.text.contains("\"buyer\""));
    let mut guest = Browser::new();
    let to = begin(&w, &mut guest).await;
    let back = at_provider(&mut guest, &w.issuer, &to, "gast").await;
    let refused = guest.get(&back).await;
    assert!(refused.status == 403 && refused.text.contains("no role"), "{}", refused.text);
    assert_eq!(who(&w, &mut guest).await.status, 401);
}

#[tokio::test]
async fn answers_that_are_not_ours_open_nothing() {
    let w = world();
    let mut browser = Browser::new();
    let to = begin(&w, &mut browser).await;
    let back = at_provider(&mut browser, &w.issuer, &to, "ines").await;
    // The answer in another browser: somebody was sent a link.
    assert_eq!(Browser::new().get(&back).await.status, 403);
    let changed = |name: &str, value: &str| {
        let mut url: reqwest::Url = back.parse().unwrap();
        let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        let mut query = url.query_pairs_mut();
        query.clear();
        for (key, old) in pairs {
            query.append_pair(&key, if key == name { value } else { &old });
        }
        drop(query);
        url.to_string()
    };
    for (name, value) in [("state", "made-up"), ("iss", "https://evil.example"), ("code", "made-up")] {
        let answer = browser.get(&changed(name, value)).await;
        assert!([403, 503].contains(&answer.status), "{name}: {} {}", answer.status, answer.text);
        assert_eq!(who(&w, &mut browser).await.status, 401, "{name}");
    }
    // The login that was begun is still good: nothing of the above used it up.
    assert_eq!(browser.get(&back).await.status, 303);
}

#[tokio::test]
async fn people_are_made_on_the_command_line() {
    let data = tempfile::tempdir().unwrap();
    drop(Binary::serve(data.path(), &[]));
    let run = |args: &[&str]| command(data.path()).args(["admin", "user"]).args(args).output().unwrap();
    let made = run(&["add", "ines", "--role", "buyer", "--mail", "ines@shop.example"]);
    let link = String::from_utf8(made.stdout).unwrap();
    assert!(link.starts_with("/login?token="), "{link}{}", String::from_utf8_lossy(&made.stderr));
    assert!(!run(&["add", "moss", "--role", "vendor"]).status.success(), "a vendor needs a source");
    let service = Binary::serve(data.path(), &[]);
    let mut browser = Browser::new();
    let page = browser.get(&format!("{}{}", service.base, link.trim())).await;
    let used = browser.post(&format!("{}/login", service.base), &format!("token={}", page.field("token"))).await;
    assert_eq!(used.location.as_deref(), Some("/console/"), "{}", used.text);
    // Ended beside the running service, it is ended there within seconds.
    assert!(run(&["remove", "ines"]).status.success());
    crate::service::eventually("the session's end", async || {
        (browser.get(&format!("{}/v1/session", service.base)).await.status == 401).then_some(())
    })
    .await;
}
