//! What comes in at the doors outlives whatever happens behind them; and what a stranger types is answered as written.

use crate::service::{Binary, client, command, create_key, eventually, free_port};
use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

const ROWS: u64 = 40_000;

/// Sends the file under one key; the job as it was answered.
async fn send_in(service: &Binary, key: &str, csv: &str) -> Value {
    let request = client().post(format!("{}/v1/imports?kind=items", service.base)).bearer_auth(key);
    let request = request.header("content-type", "text/csv").header("idempotency-key", "nightly");
    let answer = request.body(csv.to_owned()).send().await.unwrap();
    assert_eq!(answer.status(), 202);
    answer.json().await.unwrap()
}

async fn done(service: &Binary, id: &str) -> Value {
    eventually("the job to be done", async || {
        let job = service.done("GET", &format!("/v1/imports/{id}"), &Value::Null).await;
        (job["state"] == "done").then_some(job)
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_was_answered_202_is_taken_in_whatever_happens() {
    let data = tempfile::tempdir().unwrap();
    let rows = |from: u64, count: u64| {
        (from..from + count)
            .fold("sku,title,category,unit\n".to_owned(), |text, n| text + &format!("I-{n},Item {n},kitchen,EA\n"))
    };
    let file = rows(0, ROWS);
    let service = Binary::serve(data.path(), &[]);
    let key = service.key.clone();
    let job = send_in(&service, &key, &file).await;
    assert_eq!(job["state"], "running", "{job}");
    service.kill();

    let service = Binary::serve(data.path(), &[]);
    let again = send_in(&service, &key, &file).await;
    assert_eq!(again["id"], job["id"], "the same request is the same job");
    let id = job["id"].as_str().unwrap().to_owned();
    // Told to stop, it stops in the middle of it as well.
    service.terminate();

    let service = Binary::serve(data.path(), &[]);
    let job = done(&service, &id).await;
    let count = |field: &str| job[field].as_u64().unwrap();
    assert_eq!((count("taken_in") + count("unchanged"), count("rejected")), (ROWS, 0), "{job}");
    service.done("GET", &format!("/v1/items/I-{}", ROWS - 1), &Value::Null).await;
    let (status, next) = service.post_text(&service.key, "/v1/imports?kind=items", "text/csv", &rows(ROWS, 1)).await;
    assert!(status == 202 && next["id"] != id.as_str(), "ids never come again: {next}");
    assert_eq!(done(&service, next["id"].as_str().unwrap()).await["taken_in"], 1);
    let all = service.done("GET", "/v1/imports", &Value::Null).await;
    assert_eq!(all["items"].as_array().unwrap().len(), 2, "{all}");
}

/// A mistyped folder is said, and nothing is made there: no store, no key, no clean bill.
#[test]
fn only_a_command_that_begins_an_installation_makes_one() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = folder.path().join("nowhere");
    let refused = |args: &[&str]| {
        let ran = command(&nowhere).args(args).output().unwrap();
        let said = String::from_utf8_lossy(&ran.stderr).into_owned();
        assert_eq!(ran.status.code(), Some(2), "{args:?}: {said}");
        assert!(said.contains("there is no installation in") && said.contains("nowhere"), "{args:?}: {said}");
        said
    };
    let backup = folder.path().join("backup.sqlite");
    for args in [
        &["audit", "verify"][..],
        &["audit", "export"],
        &["audit", "checkpoint"],
        &["audit", "key"],
        &["admin", "backup", backup.to_str().unwrap()],
        &["admin", "key", "create", "--name", "a", "--role", "it"],
        &["admin", "key", "list"],
        &["admin", "user", "list"],
        &["admin", "secret", "list"],
        &["admin", "migrate"],
        &["admin", "move", "postgres://nobody@127.0.0.1:1/none"],
        &["admin", "rekey", backup.to_str().unwrap()],
        &["check"],
        &["replay"],
        &["replay", "--history", "quarter"],
        &["sandbox", "--folder", backup.to_str().unwrap()],
    ] {
        refused(args);
        assert!(!nowhere.exists() && !backup.exists(), "{args:?} made something");
    }
    // A policy file can be checked on its own.
    let policy = folder.path().join("policy.toml");
    fs::write(&policy, "version = 2\nname = \"spring\"\n").unwrap();
    let alone = |wanted: i32, words: &str| {
        let ran = command(&nowhere).args(["check", "--policy", policy.to_str().unwrap()]).output().unwrap();
        let said = String::from_utf8_lossy(&ran.stdout).into_owned();
        assert!(ran.status.code() == Some(wanted) && said.contains(words) && !nowhere.exists(), "{ran:?}");
    };
    alone(0, "no installation here");
    fs::write(&policy, "version = 2\nname = \"spring\"\nhold_minutes = 0\n").unwrap();
    alone(1, "hold_minutes");
    drop(Binary::serve(&nowhere, &[]));
    assert!(command(&nowhere).args(["audit", "verify"]).status().unwrap().success());
    let key = nowhere.join("installation.key");
    fs::remove_file(&key).unwrap();
    assert!(refused(&["audit", "verify"]).contains("installation.key"));
    assert!(!key.exists(), "another key would open nothing");
}

/// A program's key logs no person in: the link is printed while there are no people.
#[test]
fn the_first_login_is_printed_while_there_are_no_people() {
    let data = tempfile::tempdir().unwrap();
    drop(Binary::serve(data.path(), &[]));
    create_key(data.path(), "it", &[]);
    let mut child = command(data.path())
        .args(["serve", "--listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let (send, receive) = std::sync::mpsc::channel();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    std::thread::spawn(move || lines.map_while(Result::ok).for_each(|line| drop(send.send(line))));
    let said = [receive.recv_timeout(Duration::from_secs(30)), receive.recv_timeout(Duration::from_secs(30))];
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(said[1].as_ref().is_ok_and(|line| line.contains("/login?token=")), "{said:?}");
}

/// The README's tour, word for word in a shell.
#[test]
fn the_readme_comes_out_as_written() {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md")).unwrap();
    let tour = readme.split("## A tour in five minutes").nth(1).and_then(|rest| rest.split("\n## ").next()).unwrap();
    let blocks = tour.split("```sh\n").skip(1).map(|block| block.split("```").next().unwrap());
    let port = free_port().to_string();
    let binary = Path::new(env!("CARGO_BIN_EXE_countersign"));
    let built = |line: &&str| !line.starts_with("cargo build") && !line.starts_with("export PATH");
    let script: Vec<&str> = blocks.flat_map(str::lines).filter(built).collect();
    let script = format!("set -e; trap 'kill %1' EXIT\n{}\n", script.join("\n").replace("8080", &port));
    let path = format!("{}:{}", binary.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let folder = tempfile::tempdir().unwrap();
    let ran = Command::new("timeout")
        .args(["120", "bash", "-c", &script])
        .current_dir(folder.path())
        .envs([("PATH", path.as_str()), ("COUNTERSIGN_LISTEN", &format!("127.0.0.1:{port}"))])
        .output()
        .unwrap();
    let (said, log) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success(), "{said}\n{log}");
    let answers: Vec<&str> = said.lines().collect();
    let order = answers.iter().rev().flat_map(|line| line.split_inclusive('}')).collect::<String>();
    assert!(order.contains("\"committed\":2") && order.contains("\"state\":\"confirmed\""), "{said}");
    assert!(said.contains("/login?token=") && said.contains("\"promisable\":2") && said.contains("ST*850*"), "{said}");
    assert!(answers.last().is_some_and(|last| last.contains("chain and tree hold")), "{said}");
}

/// Asked about a policy file, the exit code speaks of that file, as the API does; what is wrong elsewhere is told apart.
#[tokio::test(flavor = "multi_thread")]
async fn a_policy_file_is_not_blamed_for_the_installation() {
    let data = tempfile::tempdir().unwrap();
    {
        let service = Binary::serve(data.path(), &[]);
        let acme = json!({"kind": "vendor", "name": "Acme", "time_zone": "UTC", "ships_from": {"country": "US"},
            "channel": {"dialect": "portal"}});
        service.done("PUT", "/v1/sources/acme", &acme).await;
    }
    let policy = data.path().join("policy.toml");
    let check = |text: &str| {
        fs::write(&policy, text).unwrap();
        let ran = command(data.path()).args(["check", "--policy", policy.to_str().unwrap()]).output().unwrap();
        let told = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (ran.status.code(), told(&ran.stdout), told(&ran.stderr))
    };
    let (code, said, apart) = check("version = 2\nsensitive = [\"toys\"]\n");
    assert_eq!(code, Some(0), "{said}{apart}");
    assert!(
        said.contains("warning: policy 2: /sensitive/0: no item is in category")
            && said.contains("0 faults, 1 warnings"),
        "{said}"
    );
    assert!(!said.contains("offers nothing") && apart.contains("acme: it offers nothing"), "{said}{apart}");
    let (code, said, _) = check("version = 2\n[[modes]]\nmode = \"observe\"\nsource = \"acmee\"\n");
    assert!(code == Some(1) && said.contains("there is no source \"acmee\"") && said.contains("1 faults"), "{said}");
    // Of the installation itself, its faults count.
    assert_eq!(command(data.path()).arg("check").status().unwrap().code(), Some(1));
}
