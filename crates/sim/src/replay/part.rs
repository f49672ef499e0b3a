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

/// Order indexes by part, each by time of release.
pub fn parts(history: &History, ground: &Ground) -> Vec<Vec<u32>> {
    let mut parent: Vec<u32> = (0..history.items.len() as u32).collect();
    let shared: Vec<bool> = (0..history.items.len() as u32).map(|item| ground.is_shared(item)).collect();
    let of_order = |n: u32| {
        let lines = history.lines_of(&history.orders[n as usize]);
        lines.iter().map(|l| l.item).filter(|item| shared[*item as usize])
    };
    for n in &history.by_time {
        let mut items = of_order(*n);
        let Some(first) = items.next() else { continue };
        items.for_each(|other| join(&mut parent, first, other));
    }
    let mut groups: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    let mut alone: Vec<u32> = vec![];
    for n in &history.by_time {
        match of_order(*n).next() {
            Some(item) => groups.entry(root(&mut parent, item)).or_default().push(*n),
            None => alone.push(*n),
        }
    }
    let mut groups: Vec<Vec<u32>> = groups.into_values().collect();
    groups.extend(alone.chunks(HANDFUL).map(<[u32]>::to_vec));
    groups.sort_by_key(|g| (std::cmp::Reverse(g.len()), g[0]));
    let mut parts: Vec<Vec<u32>> = vec![vec![]; PARTS];
    for group in groups {
        let lightest = (0..PARTS).min_by_key(|n| parts[*n].len()).unwrap_or(0);
        parts[lightest].extend(group);
    }
    for part in &mut parts {
        part.sort_unstable_by_key(|n| (history.released(&history.orders[*n as usize]), *n));
    }
    parts.retain(|p| !p.is_empty());
    parts
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
