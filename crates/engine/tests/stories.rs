//! Stories: what the desk does, in text a clerk can read. Each file of `stories/` is one; a new behaviour is a new file.
//!
//! `UPDATE_STORIES=1 cargo test -p countersign-engine --test stories` rewrites what follows `---`; read the difference
//! before you keep it: a story says what the business demands, not what the code happens to do.

#![allow(clippy::unwrap_used, reason = "a test")]

mod story;
mod world;

use countersign_engine::order::{PHASE_STEPS, Phase};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("stories");
    let mut all: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|f| f.unwrap().path()).collect();
    all.retain(|p| p.extension().is_some_and(|e| e == "story"));
    all.sort();
    all
}

#[test]
fn stories_come_true() {
    let update = std::env::var("UPDATE_STORIES").is_ok_and(|v| v == "1");
    let mut steps: BTreeSet<(Phase, Phase)> = BTreeSet::new();
    let mut wrong = vec![];
    for path in files() {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        let (told, expected) = text.split_once("---\n").unwrap_or((&text, ""));
        let (happened, world) = story::tell(&name, told);
        steps.extend(world.steps.iter().copied());
        if happened == expected {
            continue;
        }
        if update {
            std::fs::write(&path, format!("{told}---\n{happened}")).unwrap();
        } else {
            wrong.push(format!("{name}\n{}", difference(expected, &happened)));
        }
    }
    assert!(wrong.is_empty(), "{} stories differ (- demanded, + happened)\n\n{}", wrong.len(), wrong.join("\n"));
    for (from, to, why) in PHASE_STEPS {
        // Whatever is planned is held in the same decision.
        let never_seen = (*from, *to) == (Phase::Planned, Phase::Released);
        assert!(never_seen || steps.contains(&(*from, *to)), "no story goes from {from:?} to {to:?} ({why})");
    }
}

/// Lines of one that the other lacks, in order (longest common subsequence).
fn difference(expected: &str, happened: &str) -> String {
    let (a, b): (Vec<&str>, Vec<&str>) = (expected.lines().collect(), happened.lines().collect());
    let mut common = vec![vec![0_u32; b.len() + 1]; a.len() + 1];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            common[i][j] = if a[i] == b[j] { common[i + 1][j + 1] + 1 } else { common[i + 1][j].max(common[i][j + 1]) };
        }
    }
    let (mut i, mut j, mut out) = (0, 0, String::new());
    while i < a.len() || j < b.len() {
        let (mark, line) = if i < a.len() && j < b.len() && a[i] == b[j] {
            (i, j) = (i + 1, j + 1);
            (' ', b[j - 1])
        } else if i < a.len() && (j == b.len() || common[i + 1][j] >= common[i][j + 1]) {
            i += 1;
            ('-', a[i - 1])
        } else {
            j += 1;
            ('+', b[j - 1])
        };
        out += &format!("  {mark} {line}\n");
    }
    out
}
