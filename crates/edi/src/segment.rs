//! Segments and elements as views into the bytes that were read: nothing is copied until text is asked for.
//!
//! It knows delimiters; it does not know envelopes or schemas.

use crate::delimiter::{Delimiters, Standard};
use crate::scan::{self, FLAG_BITS, Lanes, Marks};
use std::borrow::Cow;
use std::fmt;

/// The tag of a segment, `BEG` or `UNH`, packed so that comparing it costs one instruction.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Tag(u32);

impl Tag {
    /// No tag.
    pub const NONE: Tag = Tag(0);
    /// A tag too long to be one.
    pub(crate) const LONG: Tag = Tag(u32::MAX);

    /// The tag with these letters. More than four bytes are no tag of any standard and compare equal to nothing known.
    pub const fn new(text: &str) -> Tag {
        Tag::from_bytes(text.as_bytes())
    }

    /// The tag with these bytes.
    pub const fn from_bytes(bytes: &[u8]) -> Tag {
        if bytes.len() > 4 {
            return Tag::LONG;
        }
        let mut packed = 0u32;
        let mut place = 0;
        while place < bytes.len() {
            packed = packed << 8 | bytes[place] as u32;
            place += 1;
        }
        Tag(packed)
    }

    pub(crate) const fn packed(self) -> u32 {
        self.0
    }

    /// The tag that was probably meant: without blanks and signs, in capitals.
    pub(crate) fn meant(bytes: &[u8]) -> Tag {
        let letters: Vec<u8> = bytes.iter().filter(|byte| byte.is_ascii_alphanumeric()).take(5).copied().collect();
        Tag::from_bytes(&letters.to_ascii_uppercase())
    }

    /// True for two or three letters or digits that begin with a letter.
    pub fn is_plausible(self) -> bool {
        let text = self.to_string();
        (2..=3).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
            && text.as_bytes()[0].is_ascii_uppercase()
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Tag::LONG {
            return f.write_str("????");
        }
        for byte in self.0.to_be_bytes() {
            if byte != 0 {
                write!(f, "{}", if (0x20..0x7F).contains(&byte) { byte as char } else { '\u{FFFD}' })?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tag({self})")
    }
}

/// One segment of the input.
#[derive(Clone, Copy)]
pub struct Segment<'a> {
    window: &'a [u8],
    marks: &'a [u32],
    start: u32,
    end: u32,
    base: u64,
    tag: Tag,
    flags: u32,
    delimiters: &'a Delimiters,
}

impl<'a> Segment<'a> {
    /// The tag.
    pub fn tag(&self) -> Tag {
        self.tag
    }

    /// The tag as it was sent, whatever its length.
    pub fn tag_bytes(&self) -> &'a [u8] {
        &self.window[self.start as usize..self.marks.first().map_or(self.end, |&mark| mark) as usize]
    }

    /// All bytes of the segment without its terminator.
    pub fn raw(&self) -> &'a [u8] {
        &self.window[self.start as usize..self.end as usize]
    }

    /// Where the segment begins in the input.
    pub fn offset(&self) -> u64 {
        self.base + u64::from(self.start)
    }

    /// Where its terminator stands in the input.
    pub fn end_offset(&self) -> u64 {
        self.base + u64::from(self.end)
    }

    /// The delimiters it was read with.
    pub fn delimiters(&self) -> &'a Delimiters {
        self.delimiters
    }

    /// False when the input ended before a terminator came.
    pub fn is_terminated(&self) -> bool {
        self.flags & scan::UNTERMINATED == 0
    }

    /// How many elements it has, empty ones included.
    pub fn len(&self) -> usize {
        if self.flags & scan::HAS_SUB == 0 {
            return self.marks.len();
        }
        self.marks.iter().filter(|&&mark| self.window[mark as usize] == self.delimiters.element).count()
    }

    /// True for a bare tag.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Element `number`, counted from 1. Elements that were not sent are empty.
    pub fn element(&self, number: usize) -> Element<'a> {
        if number == 0 {
            return self.slice(self.start, self.start);
        }
        if self.flags & scan::HAS_SUB == 0 {
            return match self.marks.get(number - 1) {
                Some(&mark) => self.slice(mark + 1, self.marks.get(number).copied().unwrap_or(self.end)),
                None => self.slice(self.end, self.end),
            };
        }
        self.elements().nth(number - 1).unwrap_or_else(|| self.slice(self.end, self.end))
    }

    /// All elements in order.
    pub fn elements(&self) -> Elements<'a> {
        Elements { segment: *self, next: 0 }
    }

    /// Text of element `number` as it was sent, released characters restored.
    pub fn text(&self, number: usize) -> Cow<'a, str> {
        self.element(number).text()
    }

    /// Text of one component of an element; both count from 1.
    pub fn component(&self, number: usize, component: usize) -> Cow<'a, str> {
        self.element(number).component(component).text()
    }

    /// Qualifier and value pairs that begin at element `first`, as product ids in `PO106`/`PO107` onwards.
    pub fn pairs(&self, first: usize) -> impl Iterator<Item = (Cow<'a, str>, Cow<'a, str>)> + 'a {
        let segment = *self;
        (first..=segment.len())
            .step_by(2)
            .map(move |place| (segment.text(place), segment.text(place + 1)))
            .filter(|(qualifier, value)| !qualifier.is_empty() || !value.is_empty())
    }

    /// The same segment, as if its terminator had been seen; for one that was put together from lines.
    pub(crate) fn terminated(&self) -> Segment<'a> {
        Segment { flags: self.flags & !scan::UNTERMINATED, ..*self }
    }

    pub(crate) fn flags(&self) -> u32 {
        self.flags
    }

    pub(crate) fn marks(&self) -> &'a [u32] {
        self.marks
    }

    pub(crate) fn window(&self) -> &'a [u8] {
        self.window
    }

    pub(crate) fn end_in_window(&self) -> u32 {
        self.end
    }

    pub(crate) fn base(&self) -> u64 {
        self.base
    }

    fn slice(&self, start: u32, end: u32) -> Element<'a> {
        Element {
            raw: &self.window[start as usize..end as usize],
            offset: self.base + u64::from(start),
            delimiters: self.delimiters,
            plain: self.flags & (scan::HAS_SUB | scan::HAS_RELEASE) == 0,
        }
    }
}

impl fmt::Debug for Segment<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Segment({:?} at {})", String::from_utf8_lossy(self.raw()), self.offset())
    }
}

/// The elements of a segment.
#[derive(Clone)]
pub struct Elements<'a> {
    segment: Segment<'a>,
    next: usize,
}

impl<'a> Iterator for Elements<'a> {
    type Item = Element<'a>;

    fn next(&mut self) -> Option<Element<'a>> {
        let segment = &self.segment;
        let &mark = segment.marks.get(self.next)?;
        let separator = segment.delimiters.element;
        self.next += 1;
        while let Some(&next) = segment.marks.get(self.next) {
            if segment.window[next as usize] == separator {
                break;
            }
            self.next += 1;
        }
        Some(segment.slice(mark + 1, segment.marks.get(self.next).copied().unwrap_or(segment.end)))
    }
}

/// An element, one repetition of it, or a component of it: a piece of a segment.
#[derive(Debug, Clone, Copy)]
pub struct Element<'a> {
    raw: &'a [u8],
    offset: u64,
    delimiters: &'a Delimiters,
    plain: bool,
}

impl<'a> Element<'a> {
    /// The bytes as sent.
    pub fn raw(&self) -> &'a [u8] {
        self.raw
    }

    /// Where it begins in the input.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// True when nothing was sent.
    pub fn is_empty(&self) -> bool {
        self.raw.is_empty()
    }

    /// The text, release characters taken out; bytes that are not UTF-8 are read as ISO 8859-1.
    pub fn text(&self) -> Cow<'a, str> {
        let bytes = if self.plain { Cow::Borrowed(self.raw) } else { self.unescaped() };
        match bytes {
            Cow::Borrowed(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => Cow::Borrowed(text),
                Err(_) => Cow::Owned(latin_1(bytes)),
            },
            Cow::Owned(bytes) => Cow::Owned(String::from_utf8(bytes).unwrap_or_else(|error| latin_1(error.as_bytes()))),
        }
    }

    /// Component `number`, counted from 1; of the first repetition when there are several.
    pub fn component(&self, number: usize) -> Element<'a> {
        let first = self.repeats().next().unwrap_or(*self);
        first.components().nth(number.wrapping_sub(1)).unwrap_or(Element { raw: &[], ..*self })
    }

    /// The components. A simple element is its own only component.
    pub fn components(&self) -> Pieces<'a> {
        Pieces { rest: Some(*self), separator: self.delimiters.component }
    }

    /// The repetitions. An element that is not repeated is its own only repetition.
    pub fn repeats(&self) -> Pieces<'a> {
        let separator = self.delimiters.repetition().unwrap_or(self.delimiters.element);
        Pieces { rest: Some(*self), separator }
    }

    /// The bytes with release characters taken out.
    pub fn unescaped(&self) -> Cow<'a, [u8]> {
        let Some(release) = self.delimiters.release() else { return Cow::Borrowed(self.raw) };
        if memchr::memchr(release, self.raw).is_none() {
            return Cow::Borrowed(self.raw);
        }
        let mut bytes = Vec::with_capacity(self.raw.len());
        let mut rest = self.raw.iter();
        while let Some(&byte) = rest.next() {
            bytes.push(if byte == release { rest.next().copied().unwrap_or(byte) } else { byte });
        }
        Cow::Owned(bytes)
    }
}

/// Every byte is the code point of the same number.
fn latin_1(bytes: &[u8]) -> String {
    bytes.iter().map(|&byte| byte as char).collect()
}

/// Components or repetitions of an element.
#[derive(Debug, Clone)]
pub struct Pieces<'a> {
    rest: Option<Element<'a>>,
    separator: u8,
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Element<'a>;

    fn next(&mut self) -> Option<Element<'a>> {
        let rest = self.rest?;
        let Some(place) = unreleased(rest.raw, self.separator, rest.delimiters) else {
            self.rest = None;
            return Some(rest);
        };
        self.rest = Some(Element { raw: &rest.raw[place + 1..], offset: rest.offset + place as u64 + 1, ..rest });
        Some(Element { raw: &rest.raw[..place], ..rest })
    }
}

/// First place of `wanted` that no release character protects.
fn unreleased(bytes: &[u8], wanted: u8, delimiters: &Delimiters) -> Option<usize> {
    let mut place = 0;
    while let Some(&byte) = bytes.get(place) {
        if Some(byte) == delimiters.release() {
            place += 1;
        } else if byte == wanted {
            return Some(place);
        }
        place += 1;
    }
    None
}

/// Walks the segments that [`Marks`] describe.
#[derive(Debug, Default, Clone)]
pub(crate) struct Cursor {
    next_end: usize,
    next_mark: usize,
    next_start: u32,
}

/// What [`Cursor::advance`] found.
pub(crate) enum Token<'a> {
    /// A segment.
    Segment(Segment<'a>),
    /// A terminator with nothing before it, at this offset of the input.
    Empty(u64),
    /// No whole segment is left; the rest begins here in the window.
    Rest(usize),
}

impl Cursor {
    /// Steps to `start`, where a segment must begin. False when the delimiters were found under another alignment.
    pub(crate) fn skip_to(&mut self, marks: &Marks, start: usize) -> bool {
        while let Some(&end) = marks.ends.get(self.next_end) {
            let index = (end >> FLAG_BITS) as usize;
            match marks.positions.get(index) {
                Some(&position) if (position as usize) < start => {
                    self.next_end += 1;
                    self.next_mark = index + 1;
                    self.next_start = position + 1;
                }
                _ => break,
            }
        }
        let aligned = self.next_start as usize <= start
            && marks.positions.get(self.next_mark).is_none_or(|&mark| mark as usize >= start);
        self.next_start = start as u32;
        aligned
    }

    /// Where the next segment begins, line ends before it included.
    pub(crate) fn position(&self) -> usize {
        self.next_start as usize
    }

    /// The next segment. With `last`, what is left at the end of the window is one too.
    #[inline]
    pub(crate) fn advance<'a>(
        &mut self,
        marks: &'a Marks,
        window: &'a [u8],
        base: u64,
        delimiters: &'a Delimiters,
        last: bool,
    ) -> Token<'a> {
        let Some(&entry) = marks.ends.get(self.next_end) else { return Token::Rest(window.len()) };
        let (index, flags) = ((entry >> FLAG_BITS) as usize, entry & ((1 << FLAG_BITS) - 1));
        let mut start = self.next_start;
        let mut end = match marks.positions.get(index) {
            Some(&position) if flags & scan::UNTERMINATED == 0 => position,
            _ if last => window.len() as u32,
            _ => return Token::Rest(start as usize),
        };
        let next_start = (end + 1).min(window.len() as u32);
        while start < end && window[start as usize] <= b' ' {
            start += 1;
        }
        if delimiters.terminator == b'\n' && start < end && window[end as usize - 1] == b'\r' {
            end -= 1;
        }
        if delimiters.spaced {
            while start < end && window[end as usize - 1] == b' ' {
                end -= 1;
            }
        }
        let mut separators = &marks.positions[self.next_mark.min(index)..index];
        // A delimiter below the blank, as the separators of UNOB, may stand among the bytes just skipped.
        // And a component separator before the first element separator belongs to a tag that is none.
        while separators.first().is_some_and(|&mark| mark < start || window[mark as usize] != delimiters.element) {
            separators = &separators[1..];
        }
        self.next_end += 1;
        self.next_mark = index + 1;
        self.next_start = next_start;
        if start >= end {
            return if flags & scan::UNTERMINATED != 0 {
                Token::Rest(window.len())
            } else {
                Token::Empty(base + u64::from(end))
            };
        }
        let tag_end = separators.first().map_or(end, |&mark| mark);
        let mut name = &window[start as usize..tag_end as usize];
        if name.len() > 3 && delimiters.standard == Standard::Edifact {
            // EDIFACT may number the repetition of a loop behind the tag, as LIN:1.
            name = name.split(|&byte| byte == delimiters.component).next().unwrap_or(name);
        }
        let tag = Tag::from_bytes(name);
        Token::Segment(Segment { window, marks: separators, start, end, base, tag, flags, delimiters })
    }
}

/// A stretch of input, usually one set, whose segments can be walked at will.
///
/// For documents that fit memory. Whoever must not hold a whole document is a [`Listener`](crate::Listener) instead.
#[derive(Debug, Clone)]
pub struct Document<'a> {
    bytes: Cow<'a, [u8]>,
    base: u64,
    delimiters: Delimiters,
    marks: Marks,
}

impl<'a> Document<'a> {
    /// Finds the segments in `bytes`, which begin with a segment at offset `base` of the input.
    pub fn new(bytes: &'a [u8], base: u64, delimiters: Delimiters) -> Document<'a> {
        let mut document = Document::plain(bytes, base, delimiters);
        let odd = document.marks.ends.iter().any(|end| end & scan::HAS_ODD != 0);
        if odd && document.segments().any(|segment| is_wrapped(&segment)) {
            let unwrapped: Vec<u8> = bytes.iter().copied().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect();
            scan::scan(&unwrapped, &delimiters, Lanes::Best, &mut document.marks);
            document.bytes = Cow::Owned(unwrapped);
        }
        document
    }

    /// The same, with line ends inside segments left where they are.
    pub(crate) fn plain(bytes: &'a [u8], base: u64, delimiters: Delimiters) -> Document<'a> {
        let mut document = Document { bytes: Cow::Borrowed(bytes), base, delimiters, marks: Marks::default() };
        scan::scan(bytes, &delimiters, Lanes::Best, &mut document.marks);
        document
    }

    /// The segments in order.
    pub fn segments(&self) -> impl Iterator<Item = Segment<'_>> {
        let mut cursor = Cursor::default();
        std::iter::from_fn(move || {
            loop {
                match cursor.advance(&self.marks, &self.bytes, self.base, &self.delimiters, true) {
                    Token::Segment(segment) => return Some(segment),
                    Token::Empty(_) => {}
                    Token::Rest(_) => return None,
                }
            }
        })
    }

    /// The delimiters.
    pub fn delimiters(&self) -> &Delimiters {
        &self.delimiters
    }

    /// The first segment with this tag.
    pub fn first(&self, tag: &str) -> Option<Segment<'_>> {
        let tag = Tag::new(tag);
        self.segments().find(|segment| segment.tag() == tag)
    }
}

/// True when a line was broken inside a segment.
pub(crate) fn is_wrapped(segment: &Segment<'_>) -> bool {
    segment.flags() & scan::HAS_ODD != 0 && memchr::memchr2(b'\r', b'\n', segment.raw()).is_some()
}
