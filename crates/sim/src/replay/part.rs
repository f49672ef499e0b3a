//! Parts of a history that can be replayed apart: orders that share no advised stock, directly or over others.
//!
//! The parts depend on the history alone, never on the number of threads.

use super::world::Ground;
use crate::history::History;
use std::collections::BTreeMap;

/// Parts of one replay: enough to keep the cores of a large machine busy, few enough that the catalogue is not built
/// over and over.
pub const PARTS: usize = 16;
/// Orders that stand alone are dealt out in such handfuls, so that neighbours in time stay together.
const HANDFUL: usize = 1_024;

/// A history in parts.
pub struct Parts {
    /// Order indexes by part, each by time of release.
    pub orders: Vec<Vec<u32>>,
    /// By item whose advice matters: the part that reads it.
    of_item: Vec<u16>,
}

impl Parts {
    /// True if a part reads the advice for an item.
    pub fn reads(&self, part: usize, item: u32) -> bool {
        usize::from(self.of_item[item as usize]) == part
    }
}

/// Cuts a history into parts.
pub fn parts(history: &History, ground: &Ground) -> Parts {
    let mut parent: Vec<u32> = (0..history.items.len() as u32).collect();
    let shared: Vec<bool> = (0..history.items.len() as u32).map(|item| ground.is_shared(item)).collect();
    // By place in time: the first shared item of each order, once all its shared items are joined.
    let first_of = |n: &u32, parent: &mut [u32]| {
        let past = history.pasts.get(*n);
        let mut items = past.lines.iter().map(|l| l.item).filter(|item| shared[*item as usize]);
        let first = items.next()?;
        items.for_each(|other| join(parent, first, other));
        Some(first)
    };
    let first: Vec<Option<u32>> = history.by_time.iter().map(|n| first_of(n, &mut parent)).collect();
    let mut groups: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    let mut alone: Vec<u32> = vec![];
    for (at, first) in (0_u32..).zip(first) {
        match first {
            Some(item) => groups.entry(root(&mut parent, item)).or_default().push(at),
            None => alone.push(at),
        }
    }
    let mut groups: Vec<Vec<u32>> = groups.into_values().collect();
    groups.extend(alone.chunks(HANDFUL).map(<[u32]>::to_vec));
    groups.sort_by_key(|g| (std::cmp::Reverse(g.len()), history.by_time[g[0] as usize]));
    let mut orders: Vec<Vec<u32>> = vec![vec![]; PARTS];
    let mut of_item = vec![u16::MAX; history.items.len()];
    for group in groups {
        let lightest = (0..PARTS).min_by_key(|n| orders[*n].len()).unwrap_or(0);
        orders[lightest].extend(group);
    }
    orders.retain(|p| !p.is_empty());
    for (n, part) in orders.iter_mut().enumerate() {
        part.sort_unstable();
        for at in part {
            *at = history.by_time[*at as usize];
            for line in history.pasts.get(*at).lines.iter().filter(|l| shared[l.item as usize]) {
                of_item[line.item as usize] = n as u16;
            }
        }
    }
    Parts { orders, of_item }
}

fn root(parent: &mut [u32], of: u32) -> u32 {
    let mut at = of;
    while parent[at as usize] != at {
        let above = parent[parent[at as usize] as usize];
        parent[at as usize] = above;
        at = above;
    }
    at
}

fn join(parent: &mut [u32], a: u32, b: u32) {
    let (a, b) = (root(parent, a), root(parent, b));
    // The smaller one is the root, so that the result does not hang on the order of joining.
    parent[a.max(b) as usize] = a.min(b);
}
