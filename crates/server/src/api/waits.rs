//! Callers who wait for their order to be committed, or to need somebody.
//!
//! One task looks at all waited-for orders after each commit, mostly in memory, so that a waiting caller costs no poll.

use crate::office::Office;
use countersign_engine::ids::OrderId;
use countersign_engine::order::{Order, Status};
use countersign_engine::policy::Mode;
use countersign_engine::slice::{Key, Record};
use countersign_runtime::Desk;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;
use tokio::runtime::RuntimeFlavor;
use tokio::sync::{Notify, oneshot, watch};

/// Callers who wait.
pub(crate) struct Waits(Arc<Inner>);

#[derive(Default)]
struct Inner {
    waiting: Mutex<HashMap<OrderId, Vec<oneshot::Sender<Arc<Order>>>>>,
    /// Somebody new waits.
    arrived: Notify,
}

impl Waits {
    /// Starts looking; ends with the application.
    pub fn start(office: &Office) -> Self {
        let inner = Arc::new(Inner::default());
        tokio::spawn(watch(Arc::downgrade(&inner), office.head(), Arc::downgrade(office.desk())));
        Self(inner)
    }

    /// The order once it is settled; `None` if that did not happen in time, or is so already.
    pub async fn until_settled(&self, order: &Order, wait: Duration) -> Option<Arc<Order>> {
        if is_settled(order) {
            return None;
        }
        let (reply, settled) = oneshot::channel();
        self.0.guard().entry(order.id.clone()).or_default().push(reply);
        self.0.arrived.notify_one();
        match tokio::time::timeout(wait, settled).await {
            Ok(order) => order.ok(),
            Err(_) => {
                self.0.forget(&order.id);
                None
            }
        }
    }
}

async fn watch(inner: Weak<Inner>, mut head: watch::Receiver<u64>, desk: Weak<Desk>) {
    loop {
        let Some(inner) = inner.upgrade() else { return };
        let idle = inner.guard().is_empty();
        let again = Duration::from_millis(if idle { 1_000 } else { 100 });
        // The pause also notices commits of other nodes, and the end of the application.
        tokio::select! {
            () = inner.arrived.notified() => {}
            changed = head.changed(), if !idle => if changed.is_err() { return },
            () = tokio::time::sleep(again) => {}
        }
        let Some(desk) = desk.upgrade() else { return };
        let keys: Vec<Key> = inner.guard().keys().cloned().map(Key::Order).collect();
        let (known, unknown): (Vec<_>, Vec<_>) =
            keys.into_iter().map(|key| (desk.at_hand(&key), key)).partition(|(k, _)| k.is_some());
        inner.tell(known.into_iter().filter_map(|(record, _)| record.flatten()));
        let unknown: Vec<Key> = unknown.into_iter().map(|(_, key)| key).collect();
        if !unknown.is_empty() {
            inner.tell(read(&desk, &unknown).into_iter().flatten());
        }
    }
}

/// Reads what may have to come from the disk without keeping other tasks from this thread.
fn read(desk: &Desk, keys: &[Key]) -> Vec<Option<Record>> {
    let read = || desk.read(keys).unwrap_or_default();
    match tokio::runtime::Handle::current().runtime_flavor() {
        RuntimeFlavor::MultiThread => tokio::task::block_in_place(read),
        _ => read(),
    }
}

/// True if the order is committed, over, or needs somebody; or if nothing will ever be done about it here.
fn is_settled(order: &Order) -> bool {
    matches!(order.mode, Mode::Legacy | Mode::Observe)
        || matches!(
            order.status(),
            Status::Confirmed | Status::Shipped | Status::Delivered | Status::Cancelled | Status::InReview
        )
}

impl Inner {
    // The map is whole after every statement.
    fn guard(&self) -> MutexGuard<'_, HashMap<OrderId, Vec<oneshot::Sender<Arc<Order>>>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Removes those of an order whose callers went away.
    fn forget(&self, order: &OrderId) {
        let mut waiting = self.guard();
        if let Some(all) = waiting.get_mut(order) {
            all.retain(|reply| !reply.is_closed());
            if all.is_empty() {
                waiting.remove(order);
            }
        }
    }

    fn tell(&self, records: impl Iterator<Item = Record>) {
        for record in records {
            let Record::Order(order) = record else { continue };
            if !is_settled(&order) {
                continue;
            }
            for reply in self.guard().remove(&order.id).into_iter().flatten() {
                let _ = reply.send(order.clone());
            }
        }
    }
}
