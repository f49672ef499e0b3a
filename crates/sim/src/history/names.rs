//! Names packed into blocks of text: an id costs its letters, one byte, and some ten for finding it. Knows nothing of
//! what is named.

use super::pack::{Blocks, put_text};
use foldhash::fast::FixedState;
use std::hash::BuildHasher;

/// Names by index, and indexes by name.
#[derive(Debug, Default)]
pub struct Names {
    text: Blocks,
    places: Vec<u32>,
    /// Open addressing: index + 1, 0 for free; at most three quarters full.
    slots: Vec<u32>,
    scratch: Vec<u8>,
}

/// The seed is fixed, so that the packing is the same in every run; ids are not chosen by an enemy of the replay.
const HASH: u64 = 0x1d8e_4e27_c47d_124f;

impl Names {
    /// How many.
    pub fn len(&self) -> usize {
        self.places.len()
    }
    /// True if there are none.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }
    /// The name at an index.
    pub fn get(&self, index: u32) -> &str {
        self.text.at(self.places[index as usize]).text()
    }
    /// The index of a name.
    pub fn find(&self, name: &str) -> Option<u32> {
        if self.slots.is_empty() {
            return None;
        }
        match self.slots[self.slot(name)] {
            0 => None,
            n => Some(n - 1),
        }
    }
    /// The index of a name, given anew if it has none; and whether it was new.
    pub fn give(&mut self, name: &str) -> (u32, bool) {
        if self.slots.len() * 3 < 4 * (self.places.len() + 1) {
            self.grow();
        }
        let slot = self.slot(name);
        if self.slots[slot] != 0 {
            return (self.slots[slot] - 1, false);
        }
        self.scratch.clear();
        put_text(&mut self.scratch, name);
        self.places.push(self.text.push(&self.scratch));
        let index = u32::try_from(self.places.len()).expect("because there are fewer names than letters");
        self.slots[slot] = index;
        (index - 1, true)
    }
    /// All names in order of their indexes.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..u32::try_from(self.len()).unwrap_or(u32::MAX)).map(|n| self.get(n))
    }

    /// The slot that holds a name, or the free one where it belongs.
    fn slot(&self, name: &str) -> usize {
        let mask = self.slots.len() - 1;
        let mut at = hash(name) & mask;
        while self.slots[at] != 0 && self.get(self.slots[at] - 1) != name {
            at = (at + 1) & mask;
        }
        at
    }
    fn grow(&mut self) {
        let size = (self.slots.len() * 2).max(64);
        self.slots = vec![];
        self.slots.resize(size, 0);
        for index in 0..u32::try_from(self.len()).unwrap_or(u32::MAX) {
            let mut at = hash(self.get(index)) & (size - 1);
            while self.slots[at] != 0 {
                at = (at + 1) & (size - 1);
            }
            self.slots[at] = index + 1;
        }
    }
}

fn hash(name: &str) -> usize {
    usize::try_from(FixedState::with_seed(HASH).hash_one(name) >> 8).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_keeps_its_index() {
        let mut names = Names::default();
        assert_eq!(names.find("a"), None);
        for n in 0..10_000_u32 {
            assert_eq!(names.give(&format!("order-{n}")), (n, true));
        }
        assert_eq!(names.give("order-77"), (77, false));
        assert_eq!(names.find("order-9999"), Some(9_999));
        assert_eq!(names.find("order-10000"), None);
        assert_eq!(names.get(4_711), "order-4711");
        assert_eq!(names.iter().count(), 10_000);
    }
}
