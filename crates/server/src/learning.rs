//! Learning from answers: follows the journal, and lays what was learnt before whoever quotes.
//!
//! Lives in memory: after a restart it is learnt again from the journal's last entries. No decision hangs on it.

use crate::office::Office;
use countersign_engine::journal::Entry;
use countersign_runtime::learn::Learner;
use countersign_runtime::ports::{JournalRow, StoreError};
use std::time::Duration;

/// Entries from which is learnt again after a restart: some weeks of a busy shop, read in seconds.
const ENTRIES_MAX: u64 = 300_000;
/// Entries read at once.
const PAGE: u32 = 1_000;
/// How often what was learnt is laid out anew.
const EVERY: Duration = Duration::from_secs(2);
/// Pause after the store could not be read.
const PAUSE: Duration = Duration::from_secs(5);

/// Follows the journal for ever.
pub async fn run(office: Office) {
    let mut head = office.head();
    let mut learner = Learner::default();
    let mut after = head.borrow().saturating_sub(ENTRIES_MAX);
    loop {
        match follow(&office, &mut learner, after).await {
            Ok(now) if now > after => {
                after = now;
                office.learn(learner.learnt().clone());
            }
            Ok(_) => {}
            Err(why) => {
                tracing::warn!(%why, "nothing can be learnt at present");
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        }
        tokio::time::sleep(EVERY).await;
        if *head.borrow_and_update() <= after && head.changed().await.is_err() {
            return;
        }
    }
}

/// Reads on until the journal ends; gives the last position read.
async fn follow(office: &Office, learner: &mut Learner, from: u64) -> Result<u64, StoreError> {
    let mut after = from;
    loop {
        let rows: Vec<JournalRow> = office.read(move |store| store.journal(after, PAGE)).await?;
        let Some(last) = rows.last() else { return Ok(after) };
        after = last.position;
        for row in &rows {
            // An entry of a newer version teaches nothing, and stops nobody.
            if let Ok(entry) = serde_json::from_str::<Entry>(&row.body) {
                learner.read(row.position, &entry);
            }
        }
    }
}
