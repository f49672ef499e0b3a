//! The loop tree of a set as flat tables: nodes in the order of the standard, and for each node and tag where it leads.
//!
//! It knows tags and places, not elements.

use super::dictionary::Dictionary;
use crate::segment::Tag;

/// In the table: this tag cannot follow this node.
pub(crate) const UNREACHABLE: u16 = u16::MAX;
/// In the table: something mandatory lies between; the rest of the entry is the node.
pub(crate) const SKIPS: u16 = 0x8000;
/// The index of a tag that the set does not have.
pub(crate) const NO_TAG: u16 = u16::MAX;
/// Repetition without bound.
pub(crate) const UNBOUNDED: u32 = u32::MAX;

const SLOTS: usize = 256;

/// A segment at one place of the tree. A loop is the segment that opens it, with what follows inside.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) tag: Tag,
    pub(crate) tag_index: u16,
    /// Its rule in the dictionary.
    pub(crate) segment: u16,
    pub(crate) min: u32,
    pub(crate) max: u32,
    pub(crate) parent: u16,
    /// One past its last descendant.
    pub(crate) end: u16,
    pub(crate) depth: u8,
    pub(crate) place: u16,
    pub(crate) opens_loop: bool,
    /// An overlay made it mandatory.
    pub(crate) by_partner: bool,
}

impl Node {
    /// True when it opens a loop.
    pub(crate) fn is_loop(&self) -> bool {
        self.opens_loop
    }
}

/// From tags to small numbers, without comparing strings.
#[derive(Debug, Clone)]
pub(crate) struct TagIndex {
    slots: Vec<(u32, u16)>,
    count: u16,
}

impl TagIndex {
    fn new() -> TagIndex {
        TagIndex { slots: vec![(0, NO_TAG); SLOTS], count: 0 }
    }

    #[inline]
    fn home(tag: Tag) -> usize {
        (tag.packed().wrapping_mul(0x9E37_79B1) >> 24) as usize
    }

    /// The number of a tag, [`NO_TAG`] when the set does not have it.
    #[inline]
    pub(crate) fn get(&self, tag: Tag) -> u16 {
        let mut at = TagIndex::home(tag);
        loop {
            let (packed, index) = self.slots[at];
            if packed == tag.packed() || index == NO_TAG {
                return index;
            }
            at = (at + 1) % SLOTS;
        }
    }

    fn insert(&mut self, tag: Tag) -> u16 {
        let known = self.get(tag);
        if known != NO_TAG {
            return known;
        }
        let mut at = TagIndex::home(tag);
        while self.slots[at].1 != NO_TAG {
            at = (at + 1) % SLOTS;
        }
        self.slots[at] = (tag.packed(), self.count);
        self.count += 1;
        self.count - 1
    }
}

/// Compiles a tree text.
pub(super) fn compile(text: &str, dictionary: &Dictionary) -> (Vec<Node>, TagIndex, Vec<u16>) {
    let mut nodes: Vec<Node> = Vec::new();
    let mut open: Vec<u16> = Vec::new();
    for word in text.split_whitespace() {
        if word == "}" {
            let closed = open.pop().expect("because braces match");
            nodes[usize::from(closed)].end = nodes.len() as u16;
            continue;
        }
        let (word, is_loop) = word.strip_suffix('{').map_or((word, false), |word| (word, true));
        let split = word.find(['!', '.', '*']).unwrap_or(word.len());
        let (tag, bounds) = word.split_at(split);
        let (min, max) = bounds_of(bounds);
        let tag = Tag::new(tag);
        let place = nodes.len() as u16;
        nodes.push(Node {
            tag,
            tag_index: NO_TAG,
            segment: dictionary.place_of(tag).unwrap_or_else(|| panic!("the schema texts describe no segment {tag}")),
            min,
            max,
            parent: open.last().copied().unwrap_or_default(),
            end: place + 1,
            depth: open.len() as u8,
            place,
            opens_loop: is_loop,
            by_partner: false,
        });
        if is_loop {
            open.push(place);
        }
    }
    let (tags, next) = link(&mut nodes);
    (nodes, tags, next)
}

/// Numbers the tags and fills the table; again after an overlay changed nodes.
pub(crate) fn link(nodes: &mut [Node]) -> (TagIndex, Vec<u16>) {
    let mut tags = TagIndex::new();
    for node in nodes.iter_mut() {
        node.tag_index = tags.insert(node.tag);
    }
    let width = usize::from(tags.count);
    let mut next = vec![UNREACHABLE; nodes.len() * width];
    for from in 0..nodes.len() as u16 {
        let row = usize::from(from) * width;
        let mut skipped = false;
        for_each_following(nodes, from, |to, mandatory_before| {
            skipped |= mandatory_before;
            let entry = &mut next[row + usize::from(nodes[usize::from(to)].tag_index)];
            if *entry == UNREACHABLE {
                *entry = to | if skipped { SKIPS } else { 0 };
            }
        });
    }
    (tags, next)
}

fn bounds_of(text: &str) -> (u32, u32) {
    let count = |text: &str| text.parse().expect("because a bound is a number");
    match text {
        "" => (0, 1),
        "!" => (1, 1),
        "*" => (0, UNBOUNDED),
        "!*" => (1, UNBOUNDED),
        _ => match text.split_at(1) {
            ("!", max) => (1, count(max)),
            (_, max) => (0, count(max)),
        },
    }
}

/// Every node that may come after `from`, nearest first; with it, whether the node passed over just before it is
/// mandatory and would be skipped by going there.
pub(crate) fn for_each_following(nodes: &[Node], from: u16, mut visit: impl FnMut(u16, bool)) {
    let mut passed = false;
    let children = |parent: u16, first: u16, passed: &mut bool, visit: &mut dyn FnMut(u16, bool)| {
        let mut child = first;
        while child < nodes[usize::from(parent)].end {
            visit(child, std::mem::take(passed));
            *passed = nodes[usize::from(child)].min > 0;
            child = nodes[usize::from(child)].end;
        }
    };
    if nodes[usize::from(from)].is_loop() {
        children(from, from + 1, &mut passed, &mut visit);
    }
    let mut at = from;
    while at != 0 {
        let here = &nodes[usize::from(at)];
        if here.max > 1 {
            visit(at, std::mem::take(&mut passed));
        }
        children(here.parent, here.end, &mut passed, &mut visit);
        at = here.parent;
    }
}

impl super::Schema {
    /// Where `tag` leads from `node`: the table's entry.
    #[inline]
    pub(crate) fn entry(&self, node: u16, tag_index: u16) -> u16 {
        self.next[usize::from(node) * usize::from(self.tags.count) + usize::from(tag_index)]
    }

    /// True for the loop of the document's lines, and the loops around it; for each loop where lines are not named.
    pub(crate) fn carries_lines(&self, node: &Node) -> bool {
        let inside = &self.nodes[usize::from(node.place)..usize::from(node.end)];
        node.opens_loop && (self.line == Tag::NONE || inside.iter().any(|inner| inner.tag == self.line))
    }

    /// Where `tag` leads from `node`, if anywhere.
    pub(crate) fn following(&self, node: u16, tag: Tag) -> Option<u16> {
        let index = self.tags.get(tag);
        if index == NO_TAG {
            return None;
        }
        let entry = self.entry(node, index);
        (entry != UNREACHABLE).then_some(entry & !SKIPS)
    }

    /// The mandatory nodes passed over between `from` and `to`; all that are left when `to` is `None`.
    pub(crate) fn skipped(&self, from: u16, to: Option<u16>) -> Vec<u16> {
        let mut skipped = Vec::new();
        let mut found = false;
        for_each_following(&self.nodes, from, |node, _| {
            found |= Some(node) == to;
            let is_self_or_ancestor = node <= from && from < self.nodes[usize::from(node)].end;
            if !found && !is_self_or_ancestor && self.nodes[usize::from(node)].min > 0 {
                skipped.push(node);
            }
        });
        skipped
    }
}
