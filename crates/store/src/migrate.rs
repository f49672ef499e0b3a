//! Which numbered SQL files a database has seen, and which it still has to.
//!
//! Knows neither database. Applied files are never edited: a checksum that differs stops the start.

use crate::statement::sql;
use countersign_runtime::ports::StoreError;
use sha2::{Digest, Sha256};

/// A numbered file: its name and its text per dialect.
pub(crate) struct Migration {
    pub(crate) name: &'static str,
    pub(crate) sqlite: &'static str,
    pub(crate) postgres: &'static str,
}

macro_rules! migrations {
    ($($name:literal)*) => {
        /// All of them, in order.
        pub(crate) const MIGRATIONS: &[Migration] =
            &[$(Migration { name: $name, sqlite: sql!("sqlite", $name), postgres: sql!("postgres", $name) },)*];
    };
}

migrations! {
    "0001_schema"
    "0002_exchanges"
    "0003_facts"
    "0004_people_by_mail"
    "0005_journal_tree"
    "0006_late_indexes"
    "0007_rollup_blocks"
    "0008_pieces"
    "0009_words_in_lower_case"
}

/// What still has to be applied, given what was: (name, checksum) in order of name.
pub(crate) fn pending(
    done: &[(String, String)],
    text: impl Fn(&Migration) -> &'static str,
) -> Result<Vec<(&'static Migration, String)>, StoreError> {
    let mut pending = Vec::new();
    for migration in MIGRATIONS {
        let sum = checksum(text(migration));
        match done.iter().find(|(name, _)| name == migration.name) {
            None => pending.push((migration, sum)),
            Some((_, seen)) if *seen == sum => {}
            Some(_) => {
                return Err(StoreError::Determinate(format!(
                    "migration {} was changed after it had been applied here: use the release that made this store",
                    migration.name
                )));
            }
        }
    }
    match done.iter().find(|(name, _)| MIGRATIONS.iter().all(|m| m.name != name)) {
        Some((name, _)) => Err(StoreError::Determinate(format!(
            "this store was made by a newer release (migration {name}): use that release or a later one"
        ))),
        None => Ok(pending),
    }
}

fn checksum(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_or_unknown_migration_stops_the_start() {
        let all = pending(&[], |m| m.sqlite).unwrap();
        assert_eq!(all.len(), MIGRATIONS.len());
        let mut done: Vec<_> = all.iter().map(|(m, sum)| (m.name.to_owned(), sum.clone())).collect();
        assert!(pending(&done, |m| m.sqlite).unwrap().is_empty());
        done.push(("9999_later".into(), "x".into()));
        assert!(pending(&done, |m| m.sqlite).is_err());
        done.pop();
        done[0].1 = "x".into();
        assert!(pending(&done, |m| m.sqlite).is_err());
    }
}
