//! No statement reads what grows with history: the plans of both databases say so.
//!
//! Knows the SQL files only. A new statement is checked without being listed here.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may stop")]

use countersign_store::testing::{TemporaryFolder, postgres_or_skip};
use std::path::Path;

/// Statements that are no query of the running store.
const APART: &[&str] = &["migrations", "migrations_done", "migration_done", "is_used"];
/// Statements with a limit that may sort all the same: few rows share a reference, and a search looks at few.
const SORTED: &[&str] = &["errand_by_reference", "list_facts", "search_orders"];

/// The statements of a dialect, each with all of its optional clauses and with none: name, text.
fn statements(dialect: &str, mark: char) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("sql").join(dialect);
    let mut all = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let migration = name.starts_with(|c: char| c.is_ascii_digit());
        if migration || APART.contains(&name.as_str()) {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let without: Vec<_> = text.lines().filter(|line| !line.starts_with("/*") && !line.starts_with("--")).collect();
        let with: Vec<_> = text.lines().filter(|line| !line.starts_with("--")).collect();
        for lines in [without, with] {
            all.push((name.clone(), numbered(&lines.join("\n"), mark)));
        }
    }
    all.sort();
    all.dedup();
    all
}

/// `:name` as numbers, where a statement has named parameters.
fn numbered(text: &str, mark: char) -> String {
    let mut names: Vec<String> = Vec::new();
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(':') {
        let named = rest[at + 1..].starts_with(|c: char| c.is_ascii_lowercase()) && !(at == 0 && out.ends_with(':'));
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if !named {
            out.push(':');
            continue;
        }
        let end = rest.find(|c: char| !c.is_ascii_lowercase() && c != '_').unwrap_or(rest.len());
        let name = &rest[..end];
        let number = names.iter().position(|n| n == name).unwrap_or_else(|| {
            names.push(name.into());
            names.len() - 1
        });
        out.push_str(&format!("{mark}{}", number + 1));
        rest = &rest[end..];
    }
    out + rest
}

fn parameters(text: &str, mark: char) -> usize {
    let numbers = text
        .split(mark)
        .skip(1)
        .filter_map(|rest| rest.chars().take_while(char::is_ascii_digit).collect::<String>().parse().ok());
    numbers.max().unwrap_or(0)
}

#[test]
fn sqlite_walks_indexes_only() {
    let folder = TemporaryFolder::new("plans").unwrap();
    let path = folder.path().join("a.sqlite");
    drop(countersign_store::SqliteStore::open(&path).unwrap());
    let conn = rusqlite::Connection::open(&path).unwrap();
    for (name, text) in statements("sqlite", '?') {
        let mut plan =
            conn.prepare(&format!("EXPLAIN QUERY PLAN {text}")).unwrap_or_else(|why| panic!("{name}: {why}"));
        let values = vec![rusqlite::types::Null; parameters(&text, '?')];
        let steps = plan.query_map(rusqlite::params_from_iter(values), |row| row.get::<_, String>(3)).unwrap();
        for step in steps.map(Result::unwrap) {
            let whole = step.starts_with("SCAN") && !step.contains("USING") && !step.contains("CONSTANT ROW");
            let inner =
                ["found", "theirs", "worded", "labelled", "journal", "levels", "alike", "spans", "sqlite_master"]
                    .iter()
                    .any(|name| step == format!("SCAN {name}"));
            assert!(!whole || inner || name == "counts", "{name} reads a whole table: {step}\n{text}");
            let sorts = step.contains("TEMP B-TREE FOR ORDER BY");
            assert!(
                !sorts || !text.contains("LIMIT") || SORTED.contains(&name.as_str()),
                "{name} sorts: {step}\n{text}"
            );
        }
    }
}

#[test]
fn postgres_walks_indexes_only() {
    let Some(server) = postgres_or_skip() else { return };
    let address = server.database().unwrap();
    drop(countersign_store::PostgresStore::open(&address).unwrap());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (client, line) = tokio_postgres::connect(&address, tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(line);
        let set = "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off;
            SET enable_bitmapscan = off;
            SET plan_cache_mode = force_generic_plan";
        client.batch_execute(set).await.unwrap();
        for (name, text) in statements("postgres", '$') {
            let prepared = format!("PREPARE {name} AS {text}");
            client.batch_execute(&prepared).await.unwrap_or_else(|why| panic!("{name}: {why}\n{text}"));
            let values = vec!["NULL"; parameters(&text, '$')].join(", ");
            let values = if values.is_empty() { values } else { format!("({values})") };
            let steps =
                client.simple_query(&format!("EXPLAIN EXECUTE {name}{values}; DEALLOCATE {name}")).await.unwrap();
            for step in steps {
                let tokio_postgres::SimpleQueryMessage::Row(row) = step else { continue };
                let step = row.get(0).unwrap();
                let small = step.contains("journal_head");
                assert!(!step.contains("Seq Scan") || small, "{name} reads a whole table: {step}\n{text}");
                let sorts = step.trim_start().trim_start_matches("->").trim_start().starts_with("Sort  ");
                assert!(
                    !sorts || !text.contains("LIMIT") || SORTED.contains(&name.as_str()),
                    "{name} sorts: {step}\n{text}"
                );
            }
        }
    });
}
