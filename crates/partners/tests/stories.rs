//! Stories: a paper as a partner sends it, and what a clerk would note about it. One file per story in `tests/stories`.
//!
//! A story has a title (`#`), settings of the channel (`settings {…}`), the lines of the purchase order (`ordered …`),
//! the paper, and after `---` the notes. `set 855` begins a set whose envelope is made up here; `file` begins bytes as
//! they are. `COUNTERSIGN_STORIES=write` writes the notes anew.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use common::{Noted, note, source};
use countersign_partners::dialects::Partners;
use countersign_partners::matching::{OrderedLine, settle};
use countersign_partners::seam::{Context, Dialect};
use std::fs;
use std::path::{Path, PathBuf};

struct Story {
    dialect: String,
    settings: serde_json::Value,
    ordered: Vec<OrderedLine>,
    name: String,
    bytes: Vec<u8>,
}

#[test]
fn every_story_is_noted_as_written() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stories");
    let mut files = Vec::new();
    collect(&root, &mut files);
    files.sort();
    assert!(files.len() > 10, "the stories are gone");
    let mut wrong = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let (told, expected) = text.split_once("\n---\n").unwrap_or((&text, ""));
        let notes = notes_of(&parse(told, &file));
        if std::env::var("COUNTERSIGN_STORIES").is_ok_and(|mode| mode == "write") {
            fs::write(&file, format!("{told}\n---\n{notes}")).unwrap();
        } else if notes != expected {
            wrong.push(format!("{}:\n--- noted\n{notes}--- expected\n{expected}", file.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|end| end == "story") {
            files.push(path);
        }
    }
}

fn parse(text: &str, file: &Path) -> Story {
    let dialect = file.parent().and_then(Path::file_name).unwrap().to_string_lossy().into_owned();
    let mut story = Story {
        dialect,
        settings: serde_json::json!({}),
        ordered: Vec::new(),
        name: "paper.edi".into(),
        bytes: Vec::new(),
    };
    let (mut sets, mut raw): (Vec<(String, Vec<String>)>, Option<String>) = (Vec::new(), None);
    for line in text.lines() {
        if let Some(raw) = &mut raw {
            raw.push_str(line);
            raw.push('\n');
        } else if let Some(rest) = line.strip_prefix("settings ") {
            story.settings = serde_json::from_str(rest).unwrap();
        } else if let Some(rest) = line.strip_prefix("ordered ") {
            story.ordered.push(common::ordered_line(rest));
        } else if let Some(rest) = line.strip_prefix("name ") {
            story.name = rest.to_owned();
        } else if let Some(rest) = line.strip_prefix("set ") {
            sets.push((rest.trim().to_owned(), Vec::new()));
        } else if line == "file" {
            raw = Some(String::new());
        } else if let Some((_, body)) = sets.last_mut() {
            body.push(line.to_owned());
        } else {
            assert!(line.is_empty() || line.starts_with('#'), "{}: what is {line:?}?", file.display());
        }
    }
    story.bytes = match raw {
        Some(raw) => raw.into_bytes(),
        None if story.dialect == "eancom" => common::edifact_interchange(&sets),
        None => common::x12_interchange(&sets),
    };
    story
}

fn notes_of(story: &Story) -> String {
    let source = source(&story.dialect, &story.settings);
    let received_at = common::received_at();
    let context = Context::new(&story.name, received_at);
    let mut reading = Partners.read(&source, &story.bytes, &context);
    let again = Partners.read(&source, &story.bytes, &context);
    assert_eq!(format!("{reading:?}"), format!("{again:?}"), "reading is not repeatable");
    let mut settled = Vec::new();
    if !story.ordered.is_empty() {
        for document in &mut reading.documents {
            settled.extend(settle(document, &story.ordered));
        }
    }
    note(&Noted { reading: &reading, settled: &settled })
}
