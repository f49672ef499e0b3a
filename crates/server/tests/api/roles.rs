//! Every call × every role × nobody: allowed exactly where the table says so.

use super::world::World;
use countersign_engine::command::Role;
use countersign_server::api::described;
use countersign_server::auth::{Access, allows};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_table_rules_every_call() {
    let w = World::stocked().await;
    let mut cells = 0;
    for call in described() {
        let route = call.route;
        // Names that no record has: what is let through ends in 2xx, 404 or 422, never in 401 or 403.
        let path = route
            .path
            .split('/')
            .map(|part| if part.starts_with('{') { "nowhere-1" } else { part })
            .collect::<Vec<_>>()
            .join("/");
        // The stream of events would not end; everything else answers.
        for who in Role::ALL.map(|r| if r == Role::Vendor { "acme" } else { r.code() }).into_iter().chain([""]) {
            let role = Role::from_code(who).or((who == "acme").then_some(Role::Vendor));
            let body = if route.method == axum::http::Method::GET { "" } else { "{}" };
            let answer = w.call(who, route.method.as_str(), &path, &[], body).await;
            let expected = match (route.access, role) {
                (Access::Public, _) => "through",
                (_, None) => "401",
                (Access::LoggedIn, Some(_)) => "through",
                (Access::Needs(permission), Some(role)) if allows(role, permission) => "through",
                (Access::Needs(_), Some(_)) => "403",
            };
            let told = match answer.status {
                401 if route.path != "/login" && route.path != "/v1/session" => "401",
                401 if expected == "401" => "401",
                403 if expected == "403" => "403",
                403 if !answer.text.contains("may not") => "through",
                403 => "403",
                500.. if answer.status != 501 => panic!("{} {} as {who:?}: {}", route.method, path, answer.text),
                _ => "through",
            };
            // An import is checked against what its file holds.
            if route.path == "/v1/imports" && told == "403" && expected == "through" {
                continue;
            }
            assert_eq!(told, expected, "{} {path} as {who:?}: {} {}", route.method, answer.status, answer.text);
            cells += 1;
        }
    }
    assert!(cells > 400, "{cells}");
}

/// The table of who may do what, as it stands in the docs: `UPDATE_PAGES=1` writes it anew.
#[test]
fn the_docs_say_who_may_do_what() {
    use countersign_server::auth::TABLE;
    use std::fmt::Write as _;
    let mark = |yes: bool| if yes { "yes" } else { "" };
    let heads = Role::ALL.map(|r| r.code().replace('_', " ")).join(" | ");
    let mut page = format!(
        "# Who may do what\n\nMade from the table in `crates/server/src/auth/permission.rs` by a test; every call and every role \
         is walked by another.\nNobody approves what they proposed. People and keys with the role `vendor` see their own source \
         only: what belongs to\nothers is as if it did not exist. Every refusal is logged.\n\n| may | {heads} |\n|---|{}\n",
        "---|".repeat(Role::ALL.len())
    );
    for (permission, roles) in TABLE {
        let cells = Role::ALL.map(|r| mark(roles.contains(&r))).join(" | ");
        let _ = writeln!(page, "| {} | {cells} |", permission.words());
    }
    page.push_str("\nWhich permission a call needs stands with the call, in `/docs` and in `/openapi.json` of every installation.\n");
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/permissions.md");
    if std::env::var_os("UPDATE_PAGES").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let stored = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        stored == page,
        "docs/permissions.md is stale: UPDATE_PAGES=1 cargo test -p countersign-server --test api docs_say"
    );
}
