//! Learning from answers: follows the journal, and lays what was learnt before whoever quotes and before whoever decides.
//!
//! For quotes it lives in memory: after a restart it is learnt again from the journal's last entries. For decisions the
//! counts go into the journal, as a command like any other, so that a replay decides on the same ones.

use crate::office::Office;
use countersign_engine::command::Actor;
use countersign_engine::journal::Entry;
use countersign_engine::slice::{Key, Record};
use countersign_runtime::learn::Learner;
use countersign_runtime::ports::{JournalRow, StoreError};
use std::time::{Duration, Instant};
use tokio::time::timeout;

/// Entries from which is learnt again after a restart: some weeks of a busy shop, read in seconds.
const ENTRIES_MAX: u64 = 300_000;
/// Entries read at once.
const PAGE: u32 = 1_000;
/// How often what was learnt is laid out anew.
const EVERY: Duration = Duration::from_secs(2);
/// How often answers are counted in the journal: a rule that looks at chances need not know the last minute's.
const COUNT_EVERY: Duration = Duration::from_secs(60);
/// Pause after the store could not be read.
const PAUSE: Duration = Duration::from_secs(5);

/// Follows the journal for ever.
pub async fn run(office: Office) {
    let mut head = office.head();
    let mut learner = Learner::default();
    let mut after = head.borrow().saturating_sub(ENTRIES_MAX);
    let mut counted = Instant::now();
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
        if counted.elapsed() >= COUNT_EVERY {
            counted = Instant::now();
            if let Err(why) = count(&office, &mut learner).await {
                tracing::warn!(%why, "answers could not be counted; they are counted later");
            }
        }
        tokio::time::sleep(EVERY).await;
        // Answers that nothing follows are counted all the same.
        if *head.borrow_and_update() <= after && matches!(timeout(COUNT_EVERY, head.changed()).await, Ok(Err(_))) {
            return;
        }
    }
}

/// Has the journal count what it has not counted yet. Where several nodes learn, the first one's command counts; the
/// others' finds it done.
///
/// # Errors
/// What the store says.
pub async fn count(office: &Office, learner: &mut Learner) -> Result<(), StoreError> {
    let known = office.read(|store| store.load(&[Key::Learnt])).await?.pop().flatten();
    let position = match known.map(|k| k.record) {
        Some(Record::Learnt(learnt)) => learnt.position,
        _ => 0,
    };
    if let Some(deed) = learner.uncounted(position) {
        office.command(Actor::Engine, deed).await;
    }
    Ok(())
}

/// Reads on until the journal ends; gives the last position read.
///
/// # Errors
/// What the store says.
pub async fn follow(office: &Office, learner: &mut Learner, from: u64) -> Result<u64, StoreError> {
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
