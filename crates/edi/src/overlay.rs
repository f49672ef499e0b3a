//! What one partner does otherwise than the standard, as data laid over a schema: added, relaxed, required, restricted,
//! mapped, each with the level that a breach has.
//!
//! The base schema is never touched; [`Schema::with_overlay`] gives a changed copy. It does not know where overlays
//! are stored or how they are written down.

use crate::finding::{Finding, Level, Source};
use crate::rule::Rule;
use crate::schema::{CodeList, Dictionary, ElementRule, Node, Schema, UNBOUNDED, link};
use crate::segment::Tag;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// The level of a broken rule at some place, by a partner's agreement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LevelRule {
    pub(crate) rule: Option<Rule>,
    pub(crate) tag: Option<Tag>,
    pub(crate) element: Option<u16>,
    /// Loop path, when only there.
    pub(crate) path: Option<String>,
    pub(crate) level: Level,
}

impl LevelRule {
    pub(crate) fn applies(&self, finding: &Finding) -> bool {
        self.rule.is_none_or(|rule| rule == finding.rule)
            && self.tag.is_none_or(|tag| tag == finding.place.tag)
            && self.element.is_none_or(|element| element == finding.place.element)
            && self.path.as_ref().is_none_or(|path| stands_in(finding, path))
    }
}

/// True when the finding's segment stands in the loop at `path`; a segment that opens a loop is told from inside it.
fn stands_in(finding: &Finding, path: &str) -> bool {
    let around = finding.place.loop_path.as_str();
    let own = finding.place.tag.to_string();
    around == path || around.strip_suffix(own.as_str()).is_some_and(|outer| outer.trim_end_matches('/') == path)
}

/// What a partner's codes in one element stand for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CodeMap {
    pub(crate) tag: Tag,
    pub(crate) element: u16,
    pub(crate) codes: BTreeMap<String, String>,
}

/// One thing that a partner does otherwise.
///
/// A segment is named by its tag (`REF`: wherever it stands) or by the loops around it (`PO1/REF`; `/REF` for the one
/// in the heading). Elements and components count from 1; component 0 is the whole element.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// Allows a segment that the standard does not have there, after the segment `after`.
    AddSegment {
        /// Path of the segment after which it may stand.
        after: String,
        /// The new segment's tag.
        tag: String,
        /// How often; 0 for any number.
        max: u32,
    },
    /// Lets a mandatory segment be left out.
    RelaxSegment {
        /// Which.
        segment: String,
    },
    /// Makes a segment mandatory.
    RequireSegment {
        /// Which.
        segment: String,
    },
    /// Sets how often a segment or loop may come.
    LimitSegment {
        /// Which.
        segment: String,
        /// How often; 0 for any number.
        max: u32,
    },
    /// Takes any elements in a segment.
    OpenSegment {
        /// Which, by tag.
        segment: String,
    },
    /// Lets a mandatory element be empty.
    RelaxElement {
        /// Where.
        place: ElementPlace,
    },
    /// Makes an element mandatory.
    RequireElement {
        /// Where.
        place: ElementPlace,
    },
    /// Says that an element is not sent.
    ForbidElement {
        /// Where.
        place: ElementPlace,
    },
    /// Sets the lengths of an element.
    LimitElement {
        /// Where.
        place: ElementPlace,
        /// Shortest.
        min: u16,
        /// Longest.
        max: u16,
    },
    /// Lets an element repeat.
    RepeatElement {
        /// Where.
        place: ElementPlace,
        /// How often.
        max: u16,
    },
    /// Allows these codes and no others.
    RestrictCodes {
        /// Where.
        place: ElementPlace,
        /// The codes, each with words or with none.
        codes: Vec<(String, String)>,
    },
    /// Allows any code.
    AnyCode {
        /// Where.
        place: ElementPlace,
    },
    /// Says what a partner's codes stand for; they are allowed too.
    MapCodes {
        /// Where; the component is not looked at.
        place: ElementPlace,
        /// From the partner's code to the standard's.
        codes: BTreeMap<String, String>,
    },
    /// Drops the syntax notes of a segment.
    DropNotes {
        /// Which, by tag.
        segment: String,
    },
    /// Changes only how grave a breach is.
    Level {
        /// Of which rule; of any when `None`.
        rule: Option<Rule>,
        /// In which segment; in any when empty.
        segment: String,
        /// In which element; in any when 0.
        element: u16,
    },
}

/// A place in a segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ElementPlace {
    /// Segment, by tag or path.
    pub segment: String,
    /// Element from 1.
    pub element: u16,
    /// Component from 1, 0 for the element.
    pub component: u16,
}

/// A change, and how grave it is to break what it demands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OverlayRule {
    /// What is otherwise.
    pub change: Change,
    /// The level of a breach. What a change merely allows has none.
    pub level: Level,
}

/// What one partner does otherwise in one kind of document.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Overlay {
    /// Its name and version, for reports.
    pub name: String,
    /// The rules, in order; later ones win.
    pub rules: Vec<OverlayRule>,
}

/// An overlay rule that names something the schema does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OverlayError {
    /// Which rule, from 0.
    pub rule: usize,
    /// What is wrong and what to do.
    pub reason: String,
}

impl fmt::Display for OverlayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "overlay rule {}: {}", self.rule + 1, self.reason)
    }
}

impl std::error::Error for OverlayError {}

impl Schema {
    /// A copy of the schema with an overlay laid over it.
    pub fn with_overlay(&self, overlay: &Overlay) -> Result<Schema, Vec<OverlayError>> {
        let mut changed = self.clone();
        let mut errors = Vec::new();
        for (rule, entry) in overlay.rules.iter().enumerate() {
            if let Err(reason) = changed.apply(entry) {
                errors.push(OverlayError { rule, reason });
            }
        }
        (changed.tags, changed.next) = link(&mut changed.nodes);
        if errors.is_empty() { Ok(changed) } else { Err(errors) }
    }

    fn apply(&mut self, entry: &OverlayRule) -> Result<(), String> {
        let bound = |max: u32| if max == 0 { UNBOUNDED } else { max };
        match &entry.change {
            Change::AddSegment { after, tag, max } => self.add_segment(after, tag, bound(*max))?,
            Change::RelaxSegment { segment } => self.each_node(segment, |node| node.min = 0)?,
            Change::RequireSegment { segment } => {
                self.each_node(segment, |node| (node.min, node.by_partner) = (1, true))?;
                self.set_level(Rule::SegmentMissing, segment, 0, entry.level);
            }
            Change::LimitSegment { segment, max } => {
                self.each_node(segment, |node| node.max = bound(*max))?;
                self.set_level(Rule::SegmentTooMany, segment, 0, entry.level);
                self.set_level(Rule::LoopTooMany, segment, 0, entry.level);
            }
            Change::OpenSegment { segment } => self.each_segment(segment, |_, open| *open = true)?,
            Change::DropNotes { segment } => self.drop_notes(segment)?,
            Change::RelaxElement { place } => self.each_element(place, |rule| rule.mandatory = false)?,
            Change::RequireElement { place } => {
                self.each_element(place, |rule| (rule.mandatory, rule.source) = (true, Source::Partner))?;
                self.set_level(Rule::ElementMissing, &place.segment, place.element, entry.level);
            }
            Change::ForbidElement { place } => {
                self.each_element(place, |rule| {
                    (rule.unused, rule.mandatory, rule.source) = (true, false, Source::Partner)
                })?;
                self.set_level(Rule::PartnerNotUsed, &place.segment, place.element, entry.level);
            }
            Change::LimitElement { place, min, max } => {
                self.each_element(place, |rule| (rule.min, rule.max, rule.source) = (*min, *max, Source::Partner))?;
                self.set_level(Rule::ElementTooShort, &place.segment, place.element, entry.level);
                self.set_level(Rule::ElementTooLong, &place.segment, place.element, entry.level);
            }
            Change::RepeatElement { place, max } => self.each_element(place, |rule| rule.repeats = *max)?,
            Change::RestrictCodes { place, codes } => {
                let list = CodeList::new(true, Source::Partner, codes.clone());
                let list = Arc::make_mut(&mut self.dictionary).add_codes(list);
                self.each_element(place, |rule| rule.codes = list)?;
                self.set_level(Rule::ElementCode, &place.segment, place.element, entry.level);
            }
            Change::AnyCode { place } => self.each_element(place, |rule| rule.codes = crate::schema::NONE)?,
            Change::MapCodes { place, codes } => {
                let tag = Tag::new(place.segment.rsplit('/').next().unwrap_or_default());
                self.code_maps.push(CodeMap { tag, element: place.element, codes: codes.clone() });
            }
            Change::Level { rule, segment, element } => {
                let (tag, path) = address(segment);
                let element = (*element > 0).then_some(*element);
                let tag = (!segment.is_empty()).then_some(tag);
                self.levels.push(LevelRule { rule: *rule, tag, element, path, level: entry.level });
            }
        }
        Ok(())
    }

    fn set_level(&mut self, rule: Rule, segment: &str, element: u16, level: Level) {
        let (tag, path) = address(segment);
        let element = (element > 0).then_some(element);
        // A missing segment or a loop is told from outside its own loop, an element from inside: paths are compared for
        // segments only.
        let path = if element.is_some() { None } else { path };
        self.levels.push(LevelRule { rule: Some(rule), tag: Some(tag), element, path, level });
    }

    /// The path of a node: the loops around it, and its own tag.
    fn path_of(&self, node: u16) -> (String, Tag) {
        let here = &self.nodes[usize::from(node)];
        (self.loop_path(here.parent), here.tag)
    }

    fn nodes_at(&self, segment: &str) -> Result<Vec<u16>, String> {
        let (tag, path) = address(segment);
        let all = 0..self.nodes.len() as u16;
        let fits: Vec<u16> = all
            .filter(|&node| {
                let (around, own) = self.path_of(node);
                own == tag && path.as_ref().is_none_or(|path| *path == around)
            })
            .collect();
        if fits.is_empty() {
            return Err(format!("{} has no segment {segment}; name it by tag or by the loops around it", self.id));
        }
        Ok(fits)
    }

    fn each_node(&mut self, segment: &str, change: impl Fn(&mut Node)) -> Result<(), String> {
        for node in self.nodes_at(segment)? {
            change(&mut self.nodes[usize::from(node)]);
        }
        Ok(())
    }

    /// Gives every node of the segment a rule of its own, changed.
    fn each_segment(&mut self, segment: &str, change: impl Fn(&mut Vec<ElementRule>, &mut bool)) -> Result<(), String> {
        for node in self.nodes_at(segment)? {
            let place = self.nodes[usize::from(node)].segment;
            let dictionary: &mut Dictionary = Arc::make_mut(&mut self.dictionary);
            let mut rule = dictionary.segment_at(place).clone();
            let mut elements = dictionary.elements(&rule).to_vec();
            let notes = dictionary.notes(&rule).to_vec();
            change(&mut elements, &mut rule.open);
            self.nodes[usize::from(node)].segment = dictionary.add_variant(&rule, elements, notes);
        }
        Ok(())
    }

    fn drop_notes(&mut self, segment: &str) -> Result<(), String> {
        for node in self.nodes_at(segment)? {
            let place = self.nodes[usize::from(node)].segment;
            let dictionary: &mut Dictionary = Arc::make_mut(&mut self.dictionary);
            let rule = dictionary.segment_at(place).clone();
            let elements = dictionary.elements(&rule).to_vec();
            self.nodes[usize::from(node)].segment = dictionary.add_variant(&rule, elements, Vec::new());
        }
        Ok(())
    }

    fn each_element(&mut self, place: &ElementPlace, change: impl Fn(&mut ElementRule)) -> Result<(), String> {
        let tag = address(&place.segment).0;
        let known = self.dictionary.segment(tag).map(|rule| self.dictionary.elements(rule));
        let rule = known.and_then(|elements| elements.get(usize::from(place.element).wrapping_sub(1)));
        let Some(rule) = rule else {
            return Err(format!("{tag} has no element {}; count from 1", place.element));
        };
        if place.component > 1 || (place.component == 1 && !self.dictionary.components(rule).is_empty()) {
            return self.each_component(place, change);
        }
        let number = usize::from(place.element) - 1;
        self.each_segment(&place.segment, |elements, _| {
            if let Some(rule) = elements.get_mut(number) {
                change(rule);
            }
        })
    }

    fn each_component(&mut self, place: &ElementPlace, change: impl Fn(&mut ElementRule)) -> Result<(), String> {
        for node in self.nodes_at(&place.segment)? {
            let segment = self.nodes[usize::from(node)].segment;
            let dictionary: &mut Dictionary = Arc::make_mut(&mut self.dictionary);
            let rule = dictionary.segment_at(segment).clone();
            let mut elements = dictionary.elements(&rule).to_vec();
            let notes = dictionary.notes(&rule).to_vec();
            let element = &mut elements[usize::from(place.element) - 1];
            let mut components = dictionary.components(element).to_vec();
            let Some(component) = components.get_mut(usize::from(place.component) - 1) else {
                return Err(format!("{}{:02} has no component {}", rule.tag, place.element, place.component));
            };
            change(component);
            element.composite = dictionary.add_composite(element.composite, components);
            self.nodes[usize::from(node)].segment = dictionary.add_variant(&rule, elements, notes);
        }
        Ok(())
    }

    fn add_segment(&mut self, after: &str, tag: &str, max: u32) -> Result<(), String> {
        let tag = Tag::new(tag);
        let before = *self.nodes_at(after)?.first().expect("because nodes_at gives at least one");
        if before == 0 {
            return Err("nothing can stand between the header and what must follow it; name a later segment".to_owned());
        }
        let dictionary: &mut Dictionary = Arc::make_mut(&mut self.dictionary);
        if dictionary.segment(tag).is_none() {
            dictionary.add_segment(tag, "Segment of the partner", true, Vec::new(), Vec::new());
        }
        let segment = dictionary.place_of(tag).expect("because it was added just above");
        let (parent, place) = (self.nodes[usize::from(before)].parent, self.nodes[usize::from(before)].end);
        for node in &mut self.nodes {
            // A loop that ends here grows only when the new segment stands inside it.
            let inside = node.place <= parent && node.end >= place;
            node.end += u16::from(node.end > place || (node.end == place && inside));
            node.place += u16::from(node.place >= place);
            node.parent += u16::from(node.parent >= place);
        }
        let depth = self.nodes[usize::from(before)].depth;
        let node = Node {
            tag,
            tag_index: 0,
            segment,
            min: 0,
            max,
            parent,
            end: place + 1,
            depth,
            place,
            opens_loop: false,
            by_partner: true,
        };
        self.nodes.insert(usize::from(place), node);
        Ok(())
    }
}

/// A tag, and the loops around it when they are named.
fn address(segment: &str) -> (Tag, Option<String>) {
    match segment.rsplit_once('/') {
        Some((path, tag)) => (Tag::new(tag), Some(path.to_owned())),
        None => (Tag::new(segment), None),
    }
}
