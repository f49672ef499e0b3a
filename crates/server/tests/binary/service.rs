//! The real binary in a folder of its own, and a client for it.

use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A running service; killed when dropped.
pub struct Binary {
    child: Child,
    pub base: String,
    pub key: String,
}

pub fn command(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
    command.args(["--data", &data.to_string_lossy()]).stdin(Stdio::null());
    command
}

/// Makes a key over the store; works with and without a running service.
pub fn create_key(data: &Path, role: &str, more: &[&str]) -> String {
    let made =
        command(data).args(["admin", "key", "create", "--name", "test", "--role", role]).args(more).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    String::from_utf8(made.stdout).unwrap().trim().to_owned()
}

impl Binary {
    /// Starts `countersign serve` and waits until it says where it answers.
    pub fn serve(data: &Path, more: &[&str]) -> Self {
        Self::serve_at(data, &[&["--listen", "127.0.0.1:0"], more].concat())
    }

    /// The same where the address is among the flags.
    pub fn serve_at(data: &Path, more: &[&str]) -> Self {
        let mut service = Self::serve_with(data, more);
        service.key = create_key(data, "it", &[]);
        service
    }

    fn serve_with(data: &Path, more: &[&str]) -> Self {
        let mut child = command(data)
            .args(["serve", "--fetch-seconds", "0.2"])
            .args(more)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = lines.next().expect("the service says where it answers").unwrap();
        let base = first.rsplit(' ').next().unwrap().to_owned();
        // Whatever else it says must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, base, key: String::new() }
    }

    /// A node on a database that it shares with others, and their secret, which lies in the folder `secret`.
    pub fn serve_on(data: &Path, database: &str, secret: &Path) -> Self {
        let key = secret.join("installation.key");
        let more = ["--database", database, "--key-file", key.to_str().unwrap()];
        Self::serve_shared(data, &more, &["--listen", "127.0.0.1:0"])
    }

    /// A node on a database: `shared` names it and the secret, `more` is the node's own.
    pub fn serve_shared(data: &Path, shared: &[&str], more: &[&str]) -> Self {
        let mut node = Self::serve_with(data, &[more, shared].concat());
        node.key = create_key(data, "it", shared);
        node
    }

    /// Ends it as a power cut would, whoever still knows it.
    pub fn kill_shared(&self) {
        let killed = Command::new("kill").args(["-9", &self.child.id().to_string()]).status();
        assert!(killed.unwrap().success());
    }

    /// Ends it by a signal (`-TERM`, `-9`), and waits until it is gone.
    pub fn end(mut self, signal: &str) {
        assert!(Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap().success());
        self.child.wait().unwrap();
    }

    /// Ends it as a power cut would.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Tells it to stop, and waits until it has.
    pub fn terminate(mut self) {
        let told = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        assert!(told.unwrap().success());
        self.child.wait().unwrap();
    }

    /// One call; status and JSON.
    pub async fn call(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        self.call_as(&self.key, method, path, body).await
    }

    /// One call with another key.
    pub async fn call_as(&self, key: &str, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let request = client().request(method.clone(), format!("{}{path}", self.base)).bearer_auth(key);
        let request = if method == reqwest::Method::GET { request } else { request.json(body) };
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        let text = answer.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    /// A text posted with a key.
    pub async fn post_text(&self, key: &str, path: &str, media_type: &str, text: &str) -> (u16, Value) {
        let request = client().post(format!("{}{path}", self.base)).bearer_auth(key);
        let answer = request.header("content-type", media_type).body(text.to_owned()).send().await.unwrap();
        let status = answer.status().as_u16();
        (status, serde_json::from_str(&answer.text().await.unwrap()).unwrap())
    }

    /// A call that must succeed.
    pub async fn done(&self, method: &str, path: &str, body: &Value) -> Value {
        let (status, value) = self.call(method, path, body).await;
        assert!(status < 300, "{method} {path}: {status} {value}");
        value
    }
}

impl Drop for Binary {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn client() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::new()
}

/// A port that is free now.
pub fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A browser: keeps cookies, follows nothing by itself.
pub struct Browser {
    http: reqwest::Client,
    cookies: std::collections::BTreeMap<String, String>,
}

/// A page as a browser got it.
pub struct Shown {
    pub status: u16,
    pub location: Option<String>,
    pub text: String,
}

impl Browser {
    pub fn new() -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { http, cookies: Default::default() }
    }
    pub async fn get(&mut self, url: &str) -> Shown {
        let request = self.http.get(url);
        self.send(request).await
    }
    pub async fn post(&mut self, url: &str, form: &str) -> Shown {
        let media = "application/x-www-form-urlencoded";
        let request = self.http.post(url).header("content-type", media).body(form.to_owned());
        self.send(request).await
    }
    async fn send(&mut self, request: reqwest::RequestBuilder) -> Shown {
        let all: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let answer = request.header("cookie", all.join("; ")).send().await.unwrap();
        for cookie in answer.headers().get_all("set-cookie") {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            match value.is_empty() {
                true => drop(self.cookies.remove(name)),
                false => drop(self.cookies.insert(name.to_owned(), value.to_owned())),
            }
        }
        let location = answer.headers().get("location").map(|l| l.to_str().unwrap().to_owned());
        Shown { status: answer.status().as_u16(), location, text: answer.text().await.unwrap() }
    }
}

impl Shown {
    /// The value of a hidden field.
    pub fn field(&self, name: &str) -> String {
        let mark = format!("name=\"{name}\" value=\"");
        let after = self.text.split(&mark).nth(1).unwrap_or_else(|| panic!("no {name} in {}", self.text));
        after.split('"').next().unwrap().to_owned()
    }
}

/// Asks again until it holds; half a minute is longer than anything here takes.
pub async fn eventually<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let begin = Instant::now();
    loop {
        if let Some(found) = ask().await {
            return found;
        }
        assert!(begin.elapsed() < Duration::from_secs(30), "it never came: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
