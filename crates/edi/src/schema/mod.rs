//! Schemas: which segments a set may hold, where, how often, and what their elements may be.
//!
//! Written as text in `schemas/`, compiled to flat tables at first use. It knows the standards only; what one partner
//! does otherwise is an [`Overlay`](crate::Overlay), which makes a changed copy.

pub(crate) mod dictionary;
mod text;
mod tree;

pub(crate) use dictionary::{CodeList, Dictionary, ElementRule, Kind, NONE, Note, NoteKind, SegmentRule};
pub(crate) use tree::{NO_TAG, Node, SKIPS, UNBOUNDED, UNREACHABLE, for_each_following, link};

use crate::delimiter::Standard;
use crate::segment::Tag;
use std::sync::{Arc, LazyLock, OnceLock};
use tree::TagIndex;

/// The compiled schema of one set in one version.
#[derive(Debug, Clone)]
pub struct Schema {
    pub(crate) standard: Standard,
    pub(crate) id: &'static str,
    pub(crate) version: &'static str,
    pub(crate) name: &'static str,
    /// The functional group of an X12 set.
    pub(crate) group: &'static str,
    /// The segment that opens a line of the document; [`Tag::NONE`] when the set has no lines.
    pub(crate) line: Tag,
    pub(crate) nodes: Vec<Node>,
    pub(crate) tags: TagIndex,
    /// For each node and tag: the node that the tag leads to, with [`tree::SKIPS`] when something mandatory lies between.
    pub(crate) next: Vec<u16>,
    pub(crate) dictionary: Arc<Dictionary>,
    /// Rules of a partner: levels by rule and place. Empty in the standard.
    pub(crate) levels: Vec<crate::overlay::LevelRule>,
    /// Codes of a partner and what they stand for.
    pub(crate) code_maps: Vec<crate::overlay::CodeMap>,
}

impl Schema {
    /// `850`, `ORDERS`.
    pub fn id(&self) -> &str {
        self.id
    }

    /// `004010`, `D96A`.
    pub fn version(&self) -> &str {
        self.version
    }

    /// Our own name of the set.
    pub fn name(&self) -> &str {
        self.name
    }

    /// GS01 of an X12 set, empty otherwise.
    pub fn group(&self) -> &str {
        self.group
    }

    /// The segment that opens a line, if the set has lines.
    pub fn line_tag(&self) -> Option<Tag> {
        (self.line != Tag::NONE).then_some(self.line)
    }

    /// Our own name of a segment.
    pub fn segment_name(&self, tag: Tag) -> Option<&str> {
        self.dictionary.segment(tag).map(|rule| rule.name)
    }

    /// Our own name of an element.
    pub fn element_name(&self, tag: Tag, element: usize) -> Option<&str> {
        let rule = self.dictionary.segment(tag)?;
        self.dictionary.elements(rule).get(element.checked_sub(1)?).map(|element| element.name)
    }

    /// Our own words for a code, where the element has a list with words for it.
    pub fn code_name(&self, tag: Tag, element: usize, component: usize, code: &str) -> Option<&str> {
        let rule = self.dictionary.rule_at(tag, element, component)?;
        self.dictionary.code_list(rule)?.name(code)
    }

    /// What a partner's code stands for, by his overlay; the code itself otherwise.
    pub fn map_code<'c>(&'c self, tag: Tag, element: usize, code: &'c str) -> &'c str {
        let map = self.code_maps.iter().find(|map| map.tag == tag && map.element as usize == element);
        map.and_then(|map| map.codes.get(code)).map_or(code, String::as_str)
    }

    /// The loops around a node, outermost first, as `PO1/N1`.
    pub(crate) fn loop_path(&self, node: u16) -> String {
        let mut names = Vec::new();
        let mut at = node;
        while at != 0 {
            let here = &self.nodes[usize::from(at)];
            if here.is_loop() {
                names.push(here.tag.to_string());
            }
            at = here.parent;
        }
        names.reverse();
        names.join("/")
    }
}

/// The schemas to read with: the standard's, and before them those that partner overlays have changed.
#[derive(Debug, Clone, Default)]
pub struct Schemas {
    changed: Vec<Arc<Schema>>,
}

impl Schemas {
    /// The standard's schemas alone.
    pub fn standard() -> Schemas {
        Schemas::default()
    }

    /// Puts a changed schema before the standard's.
    #[must_use]
    pub fn with(mut self, schema: Schema) -> Schemas {
        self.changed.insert(0, Arc::new(schema));
        self
    }

    /// The schema for a set: by id, and by a version that begins like the schema's (`004010VICS` is a `004010`).
    pub fn find(&self, standard: Standard, id: &str, version: &str) -> Option<Arc<Schema>> {
        let fits = |schema: &&Arc<Schema>| {
            schema.standard == standard && schema.id == id && version.starts_with(schema.version)
        };
        self.changed.iter().find(fits).cloned().or_else(|| base(standard, id, version, false))
    }

    /// Like [`Schemas::find`], and where the version is not known the nearest one: good enough for names, not for verdicts.
    pub fn nearest(&self, standard: Standard, id: &str, version: &str) -> Option<Arc<Schema>> {
        self.find(standard, id, version).or_else(|| base(standard, id, version, true))
    }

    /// The sets of the standard: id, version, name.
    pub fn known() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
        BASES.iter().flat_map(|base| base.sets.iter().map(|set| (set.id, base.version, set.name)))
    }
}

struct Base {
    standard: Standard,
    version: &'static str,
    dictionary: Arc<Dictionary>,
    sets: Vec<BaseSet>,
}

struct BaseSet {
    id: &'static str,
    group: &'static str,
    line: &'static str,
    name: &'static str,
    tree: &'static str,
    schema: OnceLock<Arc<Schema>>,
}

static BASES: LazyLock<[Base; 4]> = LazyLock::new(|| {
    [
        load(Standard::X12, "004010", include_str!("../../schemas/x12-004010.txt")),
        load(Standard::X12, "005010", include_str!("../../schemas/x12-005010.txt")),
        load(Standard::Edifact, "D96A", include_str!("../../schemas/edifact-d96a.txt")),
        load(Standard::Edifact, "D01B", include_str!("../../schemas/edifact-d01b.txt")),
    ]
});

fn load(standard: Standard, version: &'static str, sets: &'static str) -> Base {
    let sets = text::sets(sets).into_iter().map(|set| BaseSet {
        id: set.id,
        group: set.group,
        line: set.line,
        name: set.name,
        tree: set.tree,
        schema: OnceLock::new(),
    });
    Base { standard, version, dictionary: Arc::new(Dictionary::load(standard, version)), sets: sets.collect() }
}

fn base(standard: Standard, id: &str, version: &str, nearest: bool) -> Option<Arc<Schema>> {
    // CONTRL is a service message: it has versions of its own, and one form.
    let exact = |base: &&Base| base.standard == standard && (version.starts_with(base.version) || id == "CONTRL");
    let found = if nearest { Some(nearest_base(standard, version)) } else { BASES.iter().find(exact) }?;
    let set = found.sets.iter().find(|set| set.id == id)?;
    Some(Arc::clone(set.schema.get_or_init(|| {
        let (nodes, tags, next) = tree::compile(set.tree, &found.dictionary);
        Arc::new(Schema {
            standard,
            id: set.id,
            version: found.version,
            name: set.name,
            group: set.group,
            line: Tag::new(set.line),
            nodes,
            tags,
            next,
            dictionary: Arc::clone(&found.dictionary),
            levels: Vec::new(),
            code_maps: Vec::new(),
        })
    })))
}

fn nearest_base(standard: Standard, version: &str) -> &'static Base {
    let newer = match standard {
        Standard::X12 => version >= "005",
        // Directories are named by year: D99B comes before D01B.
        Standard::Edifact => version.get(1..2).is_some_and(|decade| decade < "9") || version >= "D97",
    };
    match (standard, newer) {
        (Standard::X12, false) => &BASES[0],
        (Standard::X12, true) => &BASES[1],
        (Standard::Edifact, false) => &BASES[2],
        (Standard::Edifact, true) => &BASES[3],
    }
}

/// The segments and elements of the nearest version, for sets without a schema.
pub(crate) fn nearest_dictionary(standard: Standard, version: &str) -> Arc<Dictionary> {
    Arc::clone(&nearest_base(standard, version).dictionary)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_set_compiles_and_its_segments_are_known() {
        for base in BASES.iter() {
            for set in &base.sets {
                let schema = super::base(base.standard, set.id, base.version, false).expect("it is listed");
                for node in &schema.nodes {
                    assert!(schema.dictionary.segment(node.tag).is_some(), "{} {} {}", base.version, set.id, node.tag);
                }
            }
        }
        assert!(Schemas::known().count() >= 38);
    }

    #[test]
    fn versions_are_found_by_their_beginning() {
        let schemas = Schemas::standard();
        assert!(schemas.find(Standard::X12, "850", "004010VICS").is_some());
        assert!(schemas.find(Standard::X12, "850", "004060").is_none());
        assert_eq!(schemas.nearest(Standard::X12, "850", "004060").expect("nearest").version(), "004010");
        assert!(schemas.find(Standard::Edifact, "CONTRL", "41").is_some());
    }

    #[test]
    fn codes_have_words() {
        let schema = Schemas::standard().find(Standard::X12, "846", "004010").expect("an 846");
        assert_eq!(schema.code_name(Tag::new("QTY"), 1, 1, "33"), Some("available for sale"));
        assert_eq!(schema.element_name(Tag::new("LIN"), 3), Some("Product id"));
    }

    /// Compares our elements with the collected lengths, where the collection is there.
    #[test]
    fn lengths_agree_with_the_collected_facts() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../../shared/edi/structures/x12-4010-segments.txt");
        let Ok(facts) = std::fs::read_to_string(path) else {
            return println!("the collected facts are not here; skipped");
        };
        let mut wrong = Vec::new();
        for line in facts.lines() {
            let mut words = line.split(' ');
            let (version, tag) = (words.next().expect("a version"), words.next().expect("a tag"));
            let dictionary = &BASES[usize::from(version == "5010")].dictionary;
            let rule = dictionary.segment(Tag::new(tag)).expect(tag);
            let elements = dictionary.elements(rule);
            let facts: Vec<&str> = words.collect();
            if facts.len() > elements.len() {
                wrong.push(format!("{version} {tag}: {} elements, not {}", facts.len(), elements.len()));
            }
            for (element, fact) in elements.iter().zip(facts) {
                let parts: Vec<&str> = fact.split(':').collect();
                let composite = element.composite != NONE;
                if (parts[2] == "COMP") != composite || (parts[1] == "M") != element.mandatory {
                    wrong.push(format!("{version} {fact}: {element:?}"));
                } else if !composite {
                    let bounds: Vec<u16> = parts[2].split('-').map(|bound| bound.parse().expect("a length")).collect();
                    let (min, max) = if bounds.len() == 2 { (bounds[0], bounds[1]) } else { (1, bounds[0]) };
                    if (min, max) != (element.min, element.max) {
                        wrong.push(format!(
                            "{version} {fact}: we say {}-{} ({})",
                            element.min, element.max, element.name
                        ));
                    }
                }
            }
        }
        assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
    }
}
