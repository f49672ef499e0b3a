//! Parts of a history that can be replayed apart: orders that share no advised stock, directly or over others.
//!
//! The parts depend on the history alone, never on the number of threads.

use super::world::Ground;
use crate::history::{AdviceFact, History, Past};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

/// Orders of a part: so few that what is under way among them stays near a core, which counts for more than all else.
const ORDERS: usize = 2000;
/// Fewest parts of one replay: enough to keep the cores of a large machine busy.
const PARTS_MIN: usize = 16;
/// Orders that stand alone are dealt out in such handfuls, so that neighbours in time stay together.
const HANDFUL: usize = 1_024;

/// A history in parts.
pub struct Parts {
    /// Order indexes by part, each by time of release.
    pub orders: Vec<Vec<u32>>,
    /// The advice that a part reads, each by time; copied, because a part reads it in one go and the whole lies far apart.
    pub advice: Vec<Vec<AdviceFact>>,
}

/// Cuts a history into parts.
pub fn parts(history: &History, ground: &Ground) -> Parts {
    let mut parent: Vec<u32> = (0..history.items.len() as u32).collect();
    let shared: Vec<bool> = (0..history.items.len() as u32).map(|item| ground.is_shared(item)).collect();
    // By place in time: the first shared item of each order, once all its shared items are joined.
    let mut past = Past::default();
    let mut first_of = |n: &u32, parent: &mut [u32]| {
        history.pasts.read(*n, &mut past);
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
    let mut groups: Vec<(Option<u32>, Vec<u32>)> = groups.into_iter().map(|(item, g)| (Some(item), g)).collect();
    groups.extend(alone.chunks(HANDFUL).map(|g| (None, g.to_vec())));
    groups.sort_by_key(|(_, g)| (Reverse(g.len()), history.by_time[g[0] as usize]));
    let count = (history.by_time.len() / ORDERS).clamp(PARTS_MIN, groups.len().max(PARTS_MIN));
    let mut orders: Vec<Vec<u32>> = vec![vec![]; count];
    // The lightest part takes the next group; of equal ones the first.
    let mut weights: BinaryHeap<Reverse<(usize, usize)>> = (0..count).map(|n| Reverse((0, n))).collect();
    // By item that stands for its group: the part that has it.
    let mut of_group = vec![usize::MAX; history.items.len()];
    for (item, group) in groups {
        let Some(Reverse((weight, lightest))) = weights.pop() else { break };
        weights.push(Reverse((weight + group.len(), lightest)));
        orders[lightest].extend(group);
        if let Some(item) = item {
            of_group[item as usize] = lightest;
        }
    }
    for part in &mut orders {
        part.sort_unstable();
        part.iter_mut().for_each(|at| *at = history.by_time[*at as usize]);
    }
    let mut advice = vec![vec![]; orders.len()];
    for fact in &history.advice {
        if let Some(reads) = advice.get_mut(of_group[root(&mut parent, fact.item) as usize]) {
            reads.push(*fact);
        }
    }
    Parts { orders, advice }
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
