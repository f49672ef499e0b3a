//! The Merkle tree over the journal (RFC 6962): one leaf per entry, so that one signed root stands for all of them.
//!
//! `leaf(n) = SHA-256(0x00 ‖ hash(n))`, where `hash(n)` is the entry's link of the chain (and so fixes its text, its
//! place and all before it); `node = SHA-256(0x01 ‖ left ‖ right)`. Pure: hashes come through [`Hashes`], a perfect
//! subtree at a time. Sizes and leaf numbers count from 0; the entry at position `p` is leaf `p - 1`.

use crate::chain::Hash;
use sha2::{Digest, Sha256};

/// The leaf of an entry with that link of the chain.
pub fn leaf(link: &Hash) -> Hash {
    Sha256::new().chain_update([0]).chain_update(link).finalize().into()
}

/// The node above two others.
pub fn node(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// The root of a perfect tree over these hashes; their number is a power of two.
pub fn perfect(hashes: &[Hash]) -> Hash {
    assert!(hashes.len().is_power_of_two(), "because only perfect trees are asked for");
    let mut row = hashes.to_vec();
    while row.len() > 1 {
        row = row.chunks_exact(2).map(|pair| node(&pair[0], &pair[1])).collect();
    }
    row[0]
}

/// Where the roots of perfect subtrees come from.
pub trait Hashes {
    /// Why one could not be had.
    type Error;
    /// The root of the perfect subtree over leaves `number << height` to `(number + 1) << height`.
    fn subtree(&mut self, height: u32, number: u64) -> Result<Hash, Self::Error>;
}

/// The root over the first `size` leaves; of none, the hash of nothing.
pub fn root<H: Hashes>(hashes: &mut H, size: u64) -> Result<Hash, H::Error> {
    match size {
        0 => Ok(Sha256::digest([]).into()),
        _ => range(hashes, 0, size),
    }
}

/// The root over leaves `from..to` as the tree has it; `from` is where such a subtree can begin.
fn range<H: Hashes>(hashes: &mut H, from: u64, to: u64) -> Result<Hash, H::Error> {
    let count = to - from;
    if count.is_power_of_two() {
        let height = count.trailing_zeros();
        return hashes.subtree(height, from >> height);
    }
    let middle = from + split(count);
    Ok(node(&range(hashes, from, middle)?, &range(hashes, middle, to)?))
}

/// The largest power of two below `count`, which is at least 2.
fn split(count: u64) -> u64 {
    1 << (63 - (count - 1).leading_zeros())
}

/// The hashes that lead from leaf `number` to the root over `size` leaves, from the bottom up.
pub fn inclusion<H: Hashes>(hashes: &mut H, number: u64, size: u64) -> Result<Vec<Hash>, H::Error> {
    assert!(number < size, "because only leaves of the tree have a proof");
    let (mut from, mut to, mut path) = (0, size, Vec::new());
    while to - from > 1 {
        let middle = from + split(to - from);
        if number < middle {
            path.push(range(hashes, middle, to)?);
            to = middle;
        } else {
            path.push(range(hashes, from, middle)?);
            from = middle;
        }
    }
    path.reverse();
    Ok(path)
}

/// The hashes that show that the tree over `size` leaves continues the one over `earlier`, as RFC 6962 lists them.
pub fn consistency<H: Hashes>(hashes: &mut H, earlier: u64, size: u64) -> Result<Vec<Hash>, H::Error> {
    assert!(earlier <= size, "because a tree continues only smaller ones");
    if earlier == 0 || earlier == size {
        return Ok(Vec::new());
    }
    let (mut from, mut to, mut path) = (0, size, Vec::new());
    while to != earlier {
        let middle = from + split(to - from);
        if earlier <= middle {
            path.push(range(hashes, middle, to)?);
            to = middle;
        } else {
            path.push(range(hashes, from, middle)?);
            from = middle;
        }
    }
    if from > 0 {
        path.push(range(hashes, from, to)?);
    }
    path.reverse();
    Ok(path)
}

/// True if the path leads from that leaf to that root.
pub fn includes(leaf: &Hash, number: u64, size: u64, path: &[Hash], root: &Hash) -> bool {
    if number >= size {
        return false;
    }
    // RFC 9162, 2.1.3.2.
    let (mut at, mut last, mut hash) = (number, size - 1, *leaf);
    for step in path {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            hash = node(step, &hash);
            while at & 1 == 0 && at != 0 {
                (at, last) = (at >> 1, last >> 1);
            }
        } else {
            hash = node(&hash, step);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    last == 0 && hash == *root
}

/// True if the path shows that the tree of `size` and `root` continues the one of `earlier` and `earlier_root`.
pub fn continues(earlier: u64, earlier_root: &Hash, size: u64, root: &Hash, path: &[Hash]) -> bool {
    if earlier == size {
        return path.is_empty() && earlier_root == root;
    }
    if earlier == 0 || earlier > size {
        return earlier == 0 && path.is_empty();
    }
    // RFC 9162, 2.1.4.2.
    let known = earlier.is_power_of_two().then_some(*earlier_root);
    let mut steps = known.iter().chain(path);
    let Some(first) = steps.next() else { return false };
    let (mut at, mut last) = (earlier - 1, size - 1);
    while at & 1 == 1 {
        (at, last) = (at >> 1, last >> 1);
    }
    let (mut old, mut new) = (*first, *first);
    for step in steps {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            (old, new) = (node(step, &old), node(step, &new));
            while at & 1 == 0 && at != 0 {
                (at, last) = (at >> 1, last >> 1);
            }
        } else {
            new = node(&new, step);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    last == 0 && old == *earlier_root && new == *root
}

/// A tree that only grows, known by the roots of its largest perfect subtrees: enough to go on and to know the root.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Hash>,
}

impl Frontier {
    /// A tree of that size with these peaks, the largest first; `None` if their number does not fit the size.
    pub fn from_parts(size: u64, peaks: Vec<Hash>) -> Option<Self> {
        (peaks.len() == size.count_ones() as usize).then_some(Self { size, peaks })
    }
    /// The frontier of a stored tree.
    pub fn of<H: Hashes>(hashes: &mut H, size: u64) -> Result<Self, H::Error> {
        let mut frontier = Self { size, peaks: Vec::new() };
        for height in (0..u64::BITS).rev().filter(|height| size >> height & 1 == 1) {
            frontier.peaks.push(hashes.subtree(height, (size >> height) - 1)?);
        }
        Ok(frontier)
    }
    /// Adds a leaf.
    pub fn push(&mut self, leaf: Hash) {
        let mut hash = leaf;
        for _ in 0..self.size.trailing_ones() {
            let left = self.peaks.pop().expect("because every one bit of the size has a peak");
            hash = node(&left, &hash);
        }
        self.peaks.push(hash);
        self.size += 1;
    }
    /// Leaves so far.
    pub fn size(&self) -> u64 {
        self.size
    }
    /// The roots of its largest perfect subtrees, the largest first.
    pub fn peaks(&self) -> &[Hash] {
        &self.peaks
    }
    /// The root over all leaves so far.
    pub fn root(&self) -> Hash {
        let mut up = self.peaks.iter().rev();
        match up.next() {
            None => Sha256::digest([]).into(),
            Some(last) => up.fold(*last, |right, left| node(left, &right)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::convert::Infallible;

    /// The definition of RFC 6962, word for word.
    fn naive_root(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => Sha256::digest([]).into(),
            [one] => *one,
            _ => {
                let mut middle = 1;
                while middle * 2 < leaves.len() {
                    middle *= 2;
                }
                node(&naive_root(&leaves[..middle]), &naive_root(&leaves[middle..]))
            }
        }
    }

    struct All(Vec<Hash>);

    impl Hashes for All {
        type Error = Infallible;
        fn subtree(&mut self, height: u32, number: u64) -> Result<Hash, Infallible> {
            let from = (number << height) as usize;
            Ok(perfect(&self.0[from..from + (1 << height)]))
        }
    }

    fn leaves(count: usize) -> All {
        All((0..count as u64).map(|n| leaf(&Sha256::digest(n.to_be_bytes()).into())).collect())
    }

    #[test]
    fn known_roots() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let Ok(root) = root(&mut leaves(0), 0);
        assert_eq!(hex(&root), empty);
        assert_eq!(Frontier::default().root(), root);
        // RFC 6962's leaf of the empty string is of other data; ours is of thirty-two bytes.
        let zero = Sha256::digest([0; 33]);
        assert_eq!(leaf(&[0; 32]), <Hash>::from(zero));
    }

    fn hex(hash: &Hash) -> String {
        hash.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn all_small_trees_agree_with_the_definition() {
        let mut frontier = Frontier::default();
        for size in 0..70_usize {
            let mut all = leaves(size);
            let expected = naive_root(&all.0);
            assert_eq!(root(&mut all, size as u64), Ok(expected));
            assert_eq!(frontier.root(), expected);
            assert_eq!(Frontier::of(&mut all, size as u64), Ok(frontier.clone()));
            for number in 0..size {
                let Ok(path) = inclusion(&mut all, number as u64, size as u64);
                assert!(includes(&all.0[number], number as u64, size as u64, &path, &expected));
            }
            for earlier in 0..=size {
                let Ok(path) = consistency(&mut all, earlier as u64, size as u64);
                let before = naive_root(&all.0[..earlier]);
                assert!(continues(earlier as u64, &before, size as u64, &expected, &path), "{earlier} of {size}");
            }
            frontier.push(leaves(size + 1).0[size]);
        }
    }

    proptest! {
        #[test]
        fn a_proof_holds_for_nothing_else(
            size in 1_usize..400, number in 0_usize..400, earlier in 1_usize..400, spoilt in 0_usize..32, bit in 0_u8..8,
        ) {
            let (number, earlier) = (number % size, 1 + earlier % size);
            let mut all = leaves(size);
            let after = naive_root(&all.0);
            let before = naive_root(&all.0[..earlier]);
            let (n, m, s) = (number as u64, earlier as u64, size as u64);
            let Ok(path) = inclusion(&mut all, n, s);
            prop_assert!(includes(&all.0[number], n, s, &path, &after));
            let other = leaf(&[9; 32]);
            prop_assert!(!includes(&other, n, s, &path, &after));
            prop_assert!(!includes(&all.0[number], n, s, &path, &other));
            if size > 1 {
                prop_assert!(!includes(&all.0[number], (n + 1) % s, s, &path, &after));
                let mut spoilt_path = path.clone();
                spoilt_path[spoilt % path.len()][spoilt] ^= 1 << bit;
                prop_assert!(!includes(&all.0[number], n, s, &spoilt_path, &after));
                prop_assert!(!includes(&all.0[number], n, s, &path[1..], &after));
            }
            let Ok(path) = consistency(&mut all, m, s);
            prop_assert!(continues(m, &before, s, &after, &path));
            prop_assert!(!continues(m, &other, s, &after, &path));
            prop_assert!(!continues(m, &before, s, &other, &path));
            if !path.is_empty() {
                let mut spoilt_path = path.clone();
                spoilt_path[spoilt % path.len()][spoilt] ^= 1 << bit;
                prop_assert!(!continues(m, &before, s, &after, &spoilt_path));
                prop_assert!(!continues(m, &before, s, &after, &path[1..]));
            }
        }

        #[test]
        fn a_frontier_goes_on_where_it_was(size in 0_usize..300, more in 0_usize..300) {
            let mut all = leaves(size + more);
            let Ok(kept) = Frontier::of(&mut all, size as u64);
            let mut frontier = Frontier::from_parts(size as u64, kept.peaks().to_vec()).unwrap();
            all.0[size..].iter().for_each(|leaf| frontier.push(*leaf));
            prop_assert_eq!(frontier.root(), naive_root(&all.0));
            prop_assert_eq!(frontier.size(), (size + more) as u64);
        }
    }
}
