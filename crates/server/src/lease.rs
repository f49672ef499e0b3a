//! Leases: work that one node at a time does for all. A setting says which node has it and until when; it is taken over
//! once it lapses.
//!
//! Correctness never rests on a lease: a node that was stopped for longer may still believe in its own for a moment, so
//! what is written under one is written by version.

use crate::office::Office;
use countersign_runtime::ports::{Store, StoreError};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The setting that holds a lease.
pub const LEASE: &str = "lease";
/// How long a lease holds: what the work of a dead node waits for another one.
const LENGTH: SignedDuration = SignedDuration::from_secs(15);
/// How often it is renewed: two may fail.
const RENEW_EVERY: Duration = Duration::from_secs(5);
/// How often a node asks for what another one has.
const ASK_EVERY: Duration = Duration::from_secs(1);

#[derive(Serialize, Deserialize)]
struct Holder {
    node: String,
    until: Timestamp,
}

/// Work that this node has.
pub struct Lease {
    office: Office,
    id: String,
    /// Version of the setting as this node wrote it.
    version: u64,
    until: Timestamp,
}

impl Lease {
    /// Takes it if nobody has it, or a node whose time is over. `None`: another node has it.
    ///
    /// # Errors
    /// What the store says.
    pub async fn take(office: &Office, id: String) -> Result<Option<Self>, StoreError> {
        let now = office.now();
        let until = now.saturating_add(LENGTH).unwrap_or(Timestamp::MAX);
        let mut lease = Self { office: office.clone(), id, version: 0, until };
        if !office.is_shared() {
            return Ok(Some(lease));
        }
        let id = lease.id.clone();
        let found = office.read(move |store| store.setting(LEASE, &id)).await?;
        let held = found.as_ref().and_then(|(_, text)| serde_json::from_str::<Holder>(text).ok());
        if held.is_some_and(|holder| holder.node != office.node() && holder.until > now) {
            return Ok(None);
        }
        lease.version = found.map_or(0, |(version, _)| version);
        Ok(lease.renew().await?.then_some(lease))
    }

    /// Renews it again and again; ends when it is lost.
    pub async fn keep(&mut self) {
        if !self.office.is_shared() {
            return std::future::pending().await;
        }
        loop {
            tokio::time::sleep(RENEW_EVERY).await;
            match self.renew().await {
                Ok(true) => {}
                Ok(false) => return tracing::warn!(lease = self.id, "another node took this work over"),
                Err(_) if self.office.now() < self.until => {}
                Err(error) => return tracing::warn!(%error, lease = self.id, "this work is given up: no lease on it"),
            }
        }
    }

    /// Gives it back: the work is done, or another may try.
    pub async fn end(self) {
        let Self { office, id, version, .. } = self;
        if office.is_shared() {
            // If this fails, it lapses.
            let _ = office.read(move |store| store.put_setting(LEASE, &id, Some(version), None)).await;
        }
    }

    async fn renew(&mut self) -> Result<bool, StoreError> {
        let until = self.office.now().saturating_add(LENGTH).unwrap_or(Timestamp::MAX);
        let holder = Holder { node: self.office.node().to_owned(), until };
        let (id, version) = (self.id.clone(), self.version);
        let text = serde_json::to_string(&holder).expect("because a lease is plain data");
        let written = self.office.read(move |store| store.put_setting(LEASE, &id, Some(version), Some(&text))).await?;
        if written {
            (self.version, self.until) = (version + 1, until);
        }
        Ok(written)
    }
}

/// Does work without end, on one node at a time.
pub async fn alone<F: Future>(office: &Office, id: &str, mut work: impl FnMut() -> F) {
    loop {
        if let Ok(Some(mut lease)) = Lease::take(office, id.to_owned()).await {
            tokio::select! {
                () = lease.keep() => {}
                _ = work() => {}
            }
        }
        tokio::time::sleep(ASK_EVERY).await;
    }
}

/// The ids of all leases that a node has now.
///
/// # Errors
/// What the store says.
pub fn held(store: &dyn Store, now: Timestamp) -> Result<Vec<String>, StoreError> {
    let holds = |text: &str| serde_json::from_str::<Holder>(text).is_ok_and(|holder| holder.until > now);
    Ok(store.settings(LEASE)?.into_iter().filter(|(_, text)| holds(text)).map(|(id, _)| id).collect())
}

/// Gives back what this node has, so that another need not wait.
///
/// # Errors
/// What the store says.
pub fn give_back(store: &dyn Store, node: &str) -> Result<(), StoreError> {
    for (id, text) in store.settings(LEASE)? {
        if serde_json::from_str::<Holder>(&text).is_ok_and(|holder| holder.node == node) {
            store.put_setting(LEASE, &id, None, None)?;
        }
    }
    Ok(())
}
