//! One segment on its way out.
//!
//! It knows elements, components and repetitions, not envelopes.

use super::Writer;
use crate::segment::Tag;

/// Writes the elements of one segment; dropping it ends the segment.
pub struct SegmentWriter<'w> {
    pub(super) writer: &'w mut Writer,
    pub(super) tag: Tag,
    pub(super) element: u32,
    /// Separators owed for elements that were empty so far.
    pub(super) blank: u32,
}

impl SegmentWriter<'_> {
    /// The next element, simple. Empty text leaves it empty.
    pub fn element(&mut self, text: &str) -> &mut Self {
        self.element += 1;
        self.blank += 1;
        if !text.is_empty() {
            self.separators();
            self.writer.data(self.tag, self.element, text);
        }
        self
    }

    /// The next element, a composite. Empty components at its end are not written.
    pub fn composite(&mut self, components: &[&str]) -> &mut Self {
        self.element += 1;
        self.blank += 1;
        self.components(components);
        self
    }

    /// One more repetition of the element just written; refused where the delimiters have no repetition separator.
    pub fn repeat(&mut self, components: &[&str]) -> &mut Self {
        match self.writer.options.delimiters.repetition() {
            Some(separator) => {
                self.separators();
                self.writer.out.push(separator);
                self.components(components);
            }
            None => {
                let reason = "these delimiters have no repetition separator; send the element once".to_owned();
                self.writer.refuse(self.tag, self.element, &components.join(" "), reason);
            }
        }
        self
    }

    /// Leaves elements empty.
    pub fn skip(&mut self, elements: u32) -> &mut Self {
        self.element += elements;
        self.blank += elements;
        self
    }

    fn components(&mut self, components: &[&str]) {
        let filled = components.iter().rposition(|text| !text.is_empty()).map_or(0, |last| last + 1);
        if filled > 0 {
            self.separators();
        }
        for (place, text) in components[..filled].iter().enumerate() {
            if place > 0 {
                let separator = self.writer.options.delimiters.component;
                self.writer.out.push(separator);
            }
            self.writer.data(self.tag, self.element, text);
        }
    }

    fn separators(&mut self) {
        let separator = self.writer.options.delimiters.element;
        for _ in 0..self.blank {
            self.writer.out.push(separator);
        }
        self.blank = 0;
    }
}

impl Drop for SegmentWriter<'_> {
    fn drop(&mut self) {
        self.writer.terminate();
    }
}
