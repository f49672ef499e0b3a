//! A seed's journal and the records that it led to, as a text that is kept in the repository: what one release wrote,
//! every later one has to read.

use crate::world;
use countersign_engine::slice::{Key, Record};
use countersign_runtime::chain::Hash;
use countersign_runtime::ports::Store;
use std::fmt::Write;

/// What stands between journal and records.
const RECORDS: &str = "records";

/// A journal, and the records at its end.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Kept {
    /// Each entry's hash and text, from the first on.
    pub journal: Vec<(Hash, String)>,
    /// The records, as texts.
    pub records: Vec<(Key, String)>,
}

impl Kept {
    /// What a seed with that many random steps leaves behind.
    pub fn of(seed: u64, steps: u32) -> Self {
        let store = world::store_of(seed, steps);
        store.set_faults(None);
        let rows = store.journal(0, u32::MAX).expect("because this store is in memory");
        let records = store.records().into_iter().map(|(key, there)| (key, there.record.to_json()));
        Self { journal: rows.into_iter().map(|row| (row.hash, row.body)).collect(), records: records.collect() }
    }

    /// One line each: hash and entry; then key and record.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        for (hash, body) in &self.journal {
            hash.iter().for_each(|byte| write!(text, "{byte:02x}").expect("because strings take all"));
            writeln!(text, " {body}").expect("because strings take all");
        }
        writeln!(text, "{RECORDS}").expect("because strings take all");
        for (key, body) in &self.records {
            let key = serde_json::to_string(key).expect("because keys are plain data");
            writeln!(text, "{key}\t{body}").expect("because strings take all");
        }
        text
    }

    /// Reads such a text.
    ///
    /// # Errors
    /// The line that is not right, and why.
    pub fn from_text(text: &str) -> Result<Self, String> {
        let mut kept = Self::default();
        let mut lines = text.lines().enumerate();
        for (n, line) in lines.by_ref().take_while(|(_, line)| *line != RECORDS) {
            let (hash, body) = line.split_once(' ').ok_or_else(|| format!("line {}: no hash", n + 1))?;
            let hash = hash_of(hash).ok_or_else(|| format!("line {}: {hash} is no hash", n + 1))?;
            kept.journal.push((hash, body.to_owned()));
        }
        for (n, line) in lines {
            let (key, body) = line.split_once('\t').ok_or_else(|| format!("line {}: no key", n + 1))?;
            let key = serde_json::from_str(key).map_err(|why| format!("line {}: {why}", n + 1))?;
            kept.records.push((key, body.to_owned()));
        }
        Ok(kept)
    }

    /// The records as today's types read them.
    ///
    /// # Errors
    /// The record that cannot be read, and why.
    pub fn read(&self) -> Result<Vec<(Key, Record)>, String> {
        let read = |(key, body): &(Key, String)| match Record::from_json(key, body) {
            Ok(record) => Ok((key.clone(), record)),
            Err(why) => Err(format!("{key:?}: {why}")),
        };
        self.records.iter().map(read).collect()
    }
}

fn hash_of(text: &str) -> Option<Hash> {
    let mut hash = Hash::default();
    if text.len() != 2 * hash.len() || !text.is_ascii() {
        return None;
    }
    for (n, byte) in hash.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * n..2 * n + 2], 16).ok()?;
    }
    Some(hash)
}
