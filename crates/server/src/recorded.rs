//! What is recorded of that which a policy or a switch names: sources, categories, items; and what a kept history adds.
//!
//! Does not know why it is asked.

use crate::histories;
use countersign_engine::ids::{Sku, SourceId};
use countersign_engine::item::Category;
use countersign_engine::policy::{Fault, Known, Policy};
use countersign_engine::slice::{Key, Record};
use countersign_engine::source::SourceKind;
use countersign_runtime::ports::{List, Store, StoreError, Versioned};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// Items looked at for their categories: in a larger catalogue no category is said to be unknown.
const ITEMS_MAX: usize = 20_000;
/// Records read at once.
const PAGE: u32 = 1_000;
/// Categories named as near to one that nobody has.
const NEAR_MAX: usize = 3;

/// The categories that items have, and whether all items were looked at. Blocks.
///
/// # Errors
/// The store cannot be read.
pub fn categories(store: &dyn Store) -> Result<(BTreeSet<Category>, bool), StoreError> {
    let mut found = BTreeSet::new();
    let (mut after, mut seen): (Option<String>, usize) = (None, 0);
    while seen < ITEMS_MAX {
        let page = store.list(&List::Items, after.as_deref(), PAGE)?;
        let count = page.len();
        for there in page {
            let Record::Item(item) = there.record else { continue };
            after = Some(item.sku.to_string());
            found.insert(item.category.clone());
        }
        seen += count;
        if count < PAGE as usize {
            return Ok((found, true));
        }
    }
    Ok((found, false))
}

/// The categories nearest to a text, for people who mistyped one; empty if there are none.
pub fn near(text: &str, known: &BTreeSet<Category>) -> String {
    let paths = known.iter().flat_map(|category| {
        let path = category.as_str();
        path.match_indices('/').map(|(at, _)| &path[..at]).chain([path])
    });
    let mut paths: Vec<(usize, &str)> =
        paths.collect::<BTreeSet<_>>().into_iter().map(|path| (distance(text, path), path)).collect();
    paths.sort_unstable();
    let names: Vec<&str> = paths.into_iter().take(NEAR_MAX).map(|(_, path)| path).collect();
    names.join(", ")
}

/// Letters to change, add or leave out until one text is the other.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.chars().enumerate() {
        let mut corner = std::mem::replace(&mut row[0], i + 1);
        for (j, right) in b.iter().enumerate() {
            let change = corner + usize::from(left != *right);
            corner = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(corner + 1);
        }
    }
    row[b.len()]
}

/// What is to be said of a policy beside its faults.
#[derive(Debug, Default)]
pub struct Doubts {
    /// Rules that decide nothing as things stand.
    pub warnings: Vec<Fault>,
    /// Sources that it names, that are not recorded, and that kept histories know.
    pub of_histories: BTreeSet<SourceId>,
}

/// Looks at what a policy names. Blocks.
///
/// # Errors
/// The store cannot be read.
pub fn doubts(store: &dyn Store, policy: &Policy, now: Timestamp) -> Result<Doubts, StoreError> {
    let named: BTreeSet<SourceId> =
        policy.sources_named().into_iter().filter_map(|n| SourceId::new(n.text).ok()).collect();
    let unrecorded = absent(store, named, Key::Source)?;
    let of_histories = of_histories(store, unrecorded)?;
    let skus: BTreeSet<Sku> = policy.skus_named().into_iter().filter_map(|n| Sku::new(n.text).ok()).collect();
    let no_items = absent(store, skus.clone(), Key::Item)?;
    let (categories, complete) = match policy.categories_named().is_empty() {
        true => (BTreeSet::new(), false),
        false => categories(store)?,
    };
    let categories = with_those_of_histories(store, policy, categories)?;
    let is_category = |text: &str| {
        let within = |named: Category| categories.iter().any(|there| there.within(&named));
        !complete || Category::new(text).is_ok_and(within)
    };
    let sources = match policy.tables.is_empty() {
        true => vec![],
        false => sources(store)?,
    };
    let known = Known {
        // One that nobody knows is a fault, told elsewhere.
        source: &|text| !of_histories.iter().any(|id| id.as_str() == text),
        category: &is_category,
        sku: &|text| Sku::new(text).is_ok_and(|sku| !no_items.contains(&sku)),
        sources: &sources,
    };
    Ok(Doubts { warnings: policy.warnings(now, &known), of_histories })
}

/// All sources; none where there are more than a page, of which nothing is said as a whole.
fn sources(store: &dyn Store) -> Result<Vec<(SourceId, SourceKind)>, StoreError> {
    let page = store.list(&List::Sources, None, PAGE)?;
    let whole = page.len() < PAGE as usize;
    let source = |found: Versioned| match found.record {
        Record::Source(source) => Some((source.id.clone(), source.kind)),
        _ => None,
    };
    Ok(page.into_iter().filter_map(source).filter(|_| whole).collect())
}

/// What kept histories know, where the policy names a category that no item has: a draft is tried on them.
fn with_those_of_histories(
    store: &dyn Store,
    policy: &Policy,
    mut categories: BTreeSet<Category>,
) -> Result<BTreeSet<Category>, StoreError> {
    let named: Vec<Category> =
        policy.categories_named().into_iter().filter_map(|n| Category::new(&n.text).ok()).collect();
    let is_known =
        |categories: &BTreeSet<Category>| named.iter().all(|named| categories.iter().any(|there| there.within(named)));
    if is_known(&categories) {
        return Ok(categories);
    }
    for kept in histories::all(store)?.all.values() {
        let of_history = histories::categories(store, &kept.history)?;
        categories.extend(of_history.into_iter().filter_map(|text| Category::new(&text).ok()));
    }
    Ok(categories)
}

/// Those of which there is no record.
fn absent<T: Ord + Clone>(
    store: &dyn Store,
    ids: BTreeSet<T>,
    key: impl Fn(T) -> Key,
) -> Result<BTreeSet<T>, StoreError> {
    let keys: Vec<Key> = ids.iter().cloned().map(key).collect();
    let found = store.load(&keys)?;
    Ok(ids.into_iter().zip(found).filter(|(_, record)| record.is_none()).map(|(id, _)| id).collect())
}

fn of_histories(store: &dyn Store, mut wanted: BTreeSet<SourceId>) -> Result<BTreeSet<SourceId>, StoreError> {
    let mut known = BTreeSet::new();
    if !wanted.is_empty() {
        for kept in histories::all(store)?.all.values() {
            let names = histories::sources(store, &kept.history)?;
            let (some, rest) = wanted.into_iter().partition(|id| names.contains(id.as_str()));
            wanted = rest;
            known.extend::<BTreeSet<SourceId>>(some);
        }
    }
    Ok(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_category_finds_those_near_it() {
        let known = ["lighting/table", "kitchen/pots", "garden"].map(|c| Category::new(c).unwrap());
        assert_eq!(near("lightning", &known.clone().into()).split(", ").next(), Some("lighting"));
        assert_eq!(near("kitchen/pot", &known.into()).split(", ").next(), Some("kitchen/pots"));
        assert_eq!(near("toys", &BTreeSet::new()), "");
        assert_eq!((distance("abc", "abc"), distance("", "abc"), distance("kitten", "sitting")), (0, 3, 3));
    }
}
