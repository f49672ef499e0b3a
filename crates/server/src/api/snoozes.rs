//! Cases that people have put aside for themselves. A view, not a decision: clocks and escalation go on, others see them.

use countersign_engine::case::Case;
use countersign_engine::command::Actor;
use countersign_engine::ids::CaseId;
use countersign_runtime::ports::{Store, StoreError};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const KIND: &str = "snooze";
/// Longest time for which a case is put aside.
pub(super) const SNOOZE_MAX: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Until when, and of what: a case that has changed comes back by itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Snooze {
    until: Timestamp,
    revision: u32,
}

/// What one person has put aside.
#[derive(Debug, Clone, Default)]
pub(super) struct Snoozes(BTreeMap<String, Snooze>);

impl Snoozes {
    /// Reads them; those that are over are not told.
    pub fn of(store: &dyn Store, who: &Actor, now: Timestamp) -> Result<Self, StoreError> {
        let prefix = prefix(who);
        let mine = store.settings(KIND)?.into_iter().filter_map(|(id, body)| {
            let case = id.strip_prefix(&prefix)?.to_owned();
            let snooze: Snooze = serde_json::from_str(&body).ok()?;
            (snooze.until > now).then_some((case, snooze))
        });
        Ok(Self(mine.collect()))
    }

    /// Until when a case is put aside; nothing once it has changed.
    pub fn until(&self, case: &Case) -> Option<Timestamp> {
        self.0.get(case.id.as_str()).filter(|s| s.revision == case.revision).map(|s| s.until)
    }

    pub fn put(store: &dyn Store, who: &Actor, case: &Case, until: Timestamp) -> Result<(), StoreError> {
        let body = super::call::json(&Snooze { until, revision: case.revision });
        store.put_setting(KIND, &format!("{}{}", prefix(who), case.id), None, Some(&body))?;
        Ok(())
    }

    pub fn remove(store: &dyn Store, who: &Actor, case: &CaseId) -> Result<(), StoreError> {
        let id = format!("{}{case}", prefix(who));
        if store.setting(KIND, &id)?.is_some() {
            store.put_setting(KIND, &id, None, None)?;
        }
        Ok(())
    }
}

fn prefix(who: &Actor) -> String {
    format!("{}\n", who.name())
}
