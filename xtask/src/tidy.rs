//! The walls between the crates and the house rules, as a test with reasons.

use crate::root;
use anyhow::{Result, bail};
use std::fs;
use std::path::{Path, PathBuf};

/// A file is read in an afternoon; longer ones are listed here with the reason.
const FILE_LINES_MAX: usize = 700;
const LONG_FILES: &[(&str, &str)] = &[];

/// Which crates of ours a crate may know (architecture.md, Crates).
const WALLS: &[(&str, &[&str])] = &[
    ("engine", &[]),
    ("edi", &[]),
    ("partners", &["engine", "edi"]),
    ("runtime", &["engine", "partners"]),
    ("store", &["runtime", "engine"]),
    ("connectors", &["runtime", "engine"]),
    ("sim", &["runtime", "partners", "engine", "edi"]),
    ("server", &["engine", "edi", "partners", "runtime", "store", "connectors", "sim"]),
];

/// Words that a pure crate must not hold, and why.
const IMPURE: &[(&str, &str)] = &[
    ("Timestamp::now", "a pure crate never reads a clock: now is an argument"),
    ("SystemTime::now", "a pure crate never reads a clock: now is an argument"),
    ("Instant::now", "a pure crate never reads a clock: now is an argument"),
    ("Zoned::now", "a pure crate never reads a clock: now is an argument"),
    ("std::fs", "a pure crate touches no file"),
    ("std::net", "a pure crate touches no network"),
    ("std::thread", "a pure crate starts no thread"),
    ("tokio", "a pure crate has no async runtime"),
    ("rand::", "a pure crate has no chance in it"),
    ("HashMap", "iteration over a hash map differs from run to run: use a BTreeMap"),
    ("HashSet", "iteration over a hash set differs from run to run: use a BTreeSet"),
];

/// Words that only some crates may hold: (word, crates, why).
const OWNED: &[(&str, &[&str], &str)] = &[
    ("rusqlite", &["store"], "only the store knows SQL"),
    ("tokio_postgres", &["store"], "only the store knows SQL"),
    ("axum::", &["server"], "only the server serves HTTP"),
    ("countersign_store::", &["store", "server"], "only the server names a concrete store"),
    ("countersign_connectors::", &["connectors", "server"], "only the server names a concrete connector"),
    ("countersign_edi::", &["edi", "partners", "server", "sim"], "only the partners know partners' bytes"),
];

/// Checks everything and names every fault.
pub fn check() -> Result<()> {
    let mut faults = vec![];
    for (name, may_know) in WALLS {
        check_manifest(name, may_know, &mut faults)?;
        for file in rust_files(&root().join("crates").join(name).join("src")) {
            check_file(name, &file, &mut faults)?;
        }
    }
    if faults.is_empty() {
        println!("tidy: the walls stand");
        return Ok(());
    }
    for fault in &faults {
        eprintln!("tidy: {fault}");
    }
    bail!("{} places break the house rules", faults.len())
}

fn check_manifest(name: &str, may_know: &[&str], faults: &mut Vec<String>) -> Result<()> {
    let manifest = root().join("crates").join(name).join("Cargo.toml");
    let text = fs::read_to_string(&manifest)?;
    let used = text.split("[dev-dependencies]").next().unwrap_or_default();
    for (other, _) in WALLS {
        let known = used.contains(&format!("countersign-{other}."));
        if known && *other != name && !may_know.contains(other) {
            faults.push(format!("crates/{name}/Cargo.toml: {name} must not know {other} (architecture, Crates)"));
        }
    }
    Ok(())
}

fn check_file(name: &str, file: &Path, faults: &mut Vec<String>) -> Result<()> {
    let text = fs::read_to_string(file)?;
    let shown = file.strip_prefix(root()).unwrap_or(file).display().to_string();
    let lines = text.lines().count();
    if lines > FILE_LINES_MAX && !LONG_FILES.iter().any(|(f, _)| *f == shown) {
        faults.push(format!("{shown}: {lines} lines; part it where its subject parts (at most {FILE_LINES_MAX})"));
    }
    if !text.starts_with("//!") && !shown.ends_with("_tests.rs") && !shown.ends_with("tests.rs") {
        faults.push(format!("{shown}: begins without //! saying what it is and what it does not know"));
    }
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let pure = ["engine", "edi", "partners"].contains(&name);
    for (number, line) in code.lines().enumerate() {
        let line = line.split("//").next().unwrap_or_default();
        let at = format!("{shown}:{}", number + 1);
        if pure && let Some((word, why)) = IMPURE.iter().find(|(word, _)| line.contains(word)) {
            faults.push(format!("{at}: {word}: {why}"));
        }
        if let Some((word, _, why)) =
            OWNED.iter().find(|(word, crates, _)| line.contains(word) && !crates.contains(&name))
        {
            faults.push(format!("{at}: {word}: {why}"));
        }
    }
    Ok(())
}

fn rust_files(dir: &Path) -> Vec<PathBuf> {
    files(dir).into_iter().filter(|p| p.extension().is_some_and(|e| e == "rs")).collect()
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(dir) else { return vec![] };
    let mut all = vec![];
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() { all.extend(files(&path)) } else { all.push(path) }
    }
    all
}
