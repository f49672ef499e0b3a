//! The words that people wrote to customers and vendors: kept with the personal data of their order, erased with it.
//!
//! The journal knows that a message was written, by whom and to whom. Does not know how it travels.

use countersign_engine::ids::OrderId;
use countersign_runtime::ports::{Store, StoreError};
use std::collections::BTreeMap;

/// The setting that holds the words of an order's messages, by the message's id.
const WORDS: &str = "order_words";
/// Tries against others who write about the same order at the same moment.
const TRIES: usize = 16;

/// The words of an order's messages, by id. Blocks.
///
/// # Errors
/// The store cannot be read.
pub fn words(store: &dyn Store, order: &OrderId) -> Result<BTreeMap<String, String>, StoreError> {
    Ok(read(store, order)?.1)
}

/// Keeps the words of a message; what was kept first stands. Blocks.
///
/// # Errors
/// The store cannot be written.
pub fn keep(store: &dyn Store, order: &OrderId, message: &str, words: &str) -> Result<(), StoreError> {
    change(store, order, |all| {
        all.entry(message.to_owned()).or_insert_with(|| words.to_owned());
    })
}

/// Forgets the words of a message that was never written. Blocks.
///
/// # Errors
/// The store cannot be written.
pub fn forget(store: &dyn Store, order: &OrderId, message: &str) -> Result<(), StoreError> {
    change(store, order, |all| drop(all.remove(message)))
}

/// Erases the words of all messages of an order; false if there were none. Blocks.
///
/// # Errors
/// The store cannot be written.
pub fn erase(store: &dyn Store, order: &OrderId) -> Result<bool, StoreError> {
    let there = store.setting(WORDS, order.as_str())?.is_some();
    Ok(there && store.put_setting(WORDS, order.as_str(), None, None)?)
}

fn read(store: &dyn Store, order: &OrderId) -> Result<(u64, BTreeMap<String, String>), StoreError> {
    let kept = store.setting(WORDS, order.as_str())?;
    Ok(kept.map(|(version, body)| (version, serde_json::from_str(&body).unwrap_or_default())).unwrap_or_default())
}

fn change(
    store: &dyn Store,
    order: &OrderId,
    change: impl Fn(&mut BTreeMap<String, String>),
) -> Result<(), StoreError> {
    for _ in 0..TRIES {
        let (version, mut all) = read(store, order)?;
        change(&mut all);
        let body = (!all.is_empty()).then(|| crate::auth::json(&all)).transpose()?;
        if store.put_setting(WORDS, order.as_str(), Some(version), body.as_deref())? {
            return Ok(());
        }
    }
    Err(StoreError::Determinate(format!("others write about order {order} all the time: try again")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_runtime::memory::MemoryStore;

    #[test]
    fn words_are_kept_forgotten_and_erased() {
        let (store, order) = (MemoryStore::new(), OrderId::new("1001").unwrap());
        keep(&store, &order, "a", "Dear Zoë").unwrap();
        keep(&store, &order, "b", "please hurry").unwrap();
        keep(&store, &order, "b", "other words under the same key").unwrap();
        forget(&store, &order, "a").unwrap();
        assert_eq!(words(&store, &order).unwrap(), BTreeMap::from([("b".to_owned(), "please hurry".to_owned())]));
        assert!(erase(&store, &order).unwrap());
        assert!(words(&store, &order).unwrap().is_empty());
        assert!(!erase(&store, &order).unwrap(), "there is nothing left");
    }
}
