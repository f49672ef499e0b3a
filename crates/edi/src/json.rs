//! A plain tree of a whole input, out of which the very same bytes can be written again, and its form as JSON.
//!
//! The tree knows interchanges, segments, elements, repetitions and components, and what stood between segments; it
//! knows no schema. JSON is read and written by hand here: this one shape needs no general library.

use crate::delimiter::{Delimiters, Standard, detect};
use crate::segment::{Document, Segment};
use std::fmt::Write as _;

/// How deep JSON may nest before it is refused.
const DEPTH_MAX: u32 = 32;

/// A whole input as data. [`Tree::read`] and [`Tree::write`] are each other's inverse, byte for byte.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tree {
    /// Interchanges, in order.
    pub interchanges: Vec<TreeInterchange>,
    /// Bytes before the first interchange, as ISO 8859-1 text: a byte order mark, blank lines.
    pub before: String,
}

/// One run of segments with the same delimiters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeInterchange {
    /// The delimiters.
    pub delimiters: Delimiters,
    /// The UNA as it was sent, with what follows it; empty without one.
    pub prefix: String,
    /// The segments.
    pub segments: Vec<TreeSegment>,
}

/// A segment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TreeSegment {
    /// Its tag.
    pub tag: String,
    /// Its elements: repetitions of components. A simple element is one repetition of one component.
    pub elements: Vec<Vec<Vec<String>>>,
    /// What follows the segment: its terminator is meant when it is `None`, and then nothing.
    pub after: Option<String>,
}

/// Why a text is no tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeError {
    /// Byte of the JSON text.
    pub offset: usize,
    /// What is wrong there.
    pub reason: String,
}

impl std::fmt::Display for TreeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "byte {}: {}", self.offset, self.reason)
    }
}

impl std::error::Error for TreeError {}

/// Bytes as text, one letter a byte, so that nothing is lost whatever the character set is.
fn letters(bytes: &[u8]) -> String {
    bytes.iter().map(|&byte| byte as char).collect()
}

fn bytes_of(text: &str, out: &mut Vec<u8>) {
    out.extend(text.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap_or(b'?')));
}

impl Tree {
    /// Reads an input. `None` when no interchange is in it.
    ///
    /// Values are kept as ISO 8859-1 text, one letter a byte, release characters and line ends inside segments too:
    /// the tree is for carrying a document, [`read`](crate::read) is for judging it.
    pub fn read(input: &[u8]) -> Option<Tree> {
        let start = (0..input.len()).find(|&place| detect(&input[place..]).is_some())?;
        let mut tree = Tree { interchanges: Vec::new(), before: letters(&input[..start]) };
        let mut at = start;
        while at < input.len() {
            let Some(detection) = detect(&input[at..]) else { break };
            let from = at + detection.prefix_bytes;
            let end = run_end(input, from, &detection.delimiters);
            let mut interchange = TreeInterchange {
                // Spaces before terminators are kept behind each segment.
                delimiters: Delimiters { spaced: false, ..detection.delimiters },
                prefix: letters(&input[at..from]),
                segments: Vec::new(),
            };
            let document = Document::plain(&input[from..end], 0, detection.delimiters);
            let mut done = 0;
            for segment in document.segments() {
                let begins = segment.offset() as usize;
                let gap = &input[from + done..from + begins];
                match interchange.segments.last_mut() {
                    Some(last) => push_gap(last, gap, &detection.delimiters),
                    None => interchange.prefix.push_str(&letters(gap)),
                }
                interchange.segments.push(TreeSegment::of(&segment));
                done = segment.end_offset() as usize;
            }
            match interchange.segments.last_mut() {
                Some(last) => push_gap(last, &input[from + done..end], &detection.delimiters),
                None => interchange.prefix.push_str(&letters(&input[from + done..end])),
            }
            tree.interchanges.push(interchange);
            at = end;
        }
        Some(tree)
    }

    /// Writes the bytes that were read.
    pub fn write(&self) -> Vec<u8> {
        let mut out = Vec::new();
        bytes_of(&self.before, &mut out);
        for interchange in &self.interchanges {
            bytes_of(&interchange.prefix, &mut out);
            for segment in &interchange.segments {
                segment.write(&interchange.delimiters, &mut out);
            }
        }
        out
    }

    /// The tree as JSON.
    pub fn to_json(&self) -> String {
        let mut out = String::from("{\"before\":");
        string(&self.before, &mut out);
        out.push_str(",\"interchanges\":[");
        for (place, interchange) in self.interchanges.iter().enumerate() {
            out.push_str(if place > 0 { "," } else { "" });
            interchange.to_json(&mut out);
        }
        out.push_str("]}");
        out
    }

    /// Reads what [`Tree::to_json`] wrote, perhaps edited by hand.
    pub fn from_json(text: &str) -> Result<Tree, TreeError> {
        let value = Parser { text: text.as_bytes(), at: 0 }.whole()?;
        let refuse = |reason: &str| TreeError { offset: 0, reason: reason.to_owned() };
        let interchanges =
            value.field("interchanges").and_then(Value::list).ok_or_else(|| refuse("there are no interchanges"))?;
        let mut tree = Tree { before: value.text_field("before"), interchanges: Vec::new() };
        for entry in interchanges {
            tree.interchanges
                .push(TreeInterchange::from_value(entry).ok_or_else(|| refuse("an interchange lacks its parts"))?);
        }
        Ok(tree)
    }
}

/// Where the next interchange begins that has a header of its own.
fn run_end(input: &[u8], from: usize, delimiters: &Delimiters) -> usize {
    let document = Document::plain(&input[from..], 0, *delimiters);
    let mut over = false;
    for segment in document.segments() {
        let raw = &input[from + segment.offset() as usize..];
        let first = segment.offset() == 0;
        let header = raw.starts_with(b"ISA") || raw.starts_with(b"UNA") || raw.starts_with(b"UNB");
        if !first && header && over && detect(raw).is_some() {
            return from + segment.offset() as usize;
        }
        over = matches!(segment.tag_bytes(), b"IEA" | b"UNZ");
    }
    input.len()
}

/// What stands between two segments: nothing to keep when it is the terminator alone.
fn push_gap(segment: &mut TreeSegment, gap: &[u8], delimiters: &Delimiters) {
    segment.after = (gap != [delimiters.terminator()]).then(|| letters(gap));
}

impl TreeSegment {
    fn of(segment: &Segment<'_>) -> TreeSegment {
        let simple = |bytes: &[u8]| vec![vec![letters(bytes)]];
        let is_isa = segment.tag_bytes() == b"ISA";
        let elements = if is_isa {
            // ISA16 is the component separator itself, ISA11 the repetition separator.
            let separator = segment.delimiters().element();
            segment.raw().split(|&byte| byte == separator).skip(1).map(simple).collect()
        } else {
            let pieces = segment.elements().map(|element| {
                let repeats =
                    element.repeats().map(|repeat| repeat.components().map(|part| letters(part.raw())).collect());
                repeats.collect()
            });
            pieces.collect()
        };
        TreeSegment { tag: letters(segment.tag_bytes()), elements, after: None }
    }

    fn write(&self, delimiters: &Delimiters, out: &mut Vec<u8>) {
        bytes_of(&self.tag, out);
        for element in &self.elements {
            out.push(delimiters.element());
            for (place, repeat) in element.iter().enumerate() {
                if place > 0 {
                    out.extend(delimiters.repetition());
                }
                for (place, component) in repeat.iter().enumerate() {
                    if place > 0 {
                        out.push(delimiters.component());
                    }
                    bytes_of(component, out);
                }
            }
        }
        match &self.after {
            None => out.push(delimiters.terminator()),
            Some(after) => bytes_of(after, out),
        }
    }

    fn to_json(&self, out: &mut String) {
        out.push('[');
        string(&self.tag, out);
        for element in &self.elements {
            out.push(',');
            match element.as_slice() {
                [repeat] => repetition(repeat, out),
                repeats => {
                    out.push_str("{\"repeats\":[");
                    for (place, repeat) in repeats.iter().enumerate() {
                        out.push_str(if place > 0 { "," } else { "" });
                        repetition(repeat, out);
                    }
                    out.push_str("]}");
                }
            }
        }
        if let Some(after) = &self.after {
            out.push_str(",{\"after\":");
            string(after, out);
            out.push('}');
        }
        out.push(']');
    }

    fn from_value(value: &Value) -> Option<TreeSegment> {
        let (tag, rest) = value.list()?.split_first()?;
        let mut segment = TreeSegment { tag: tag.text()?.to_owned(), ..TreeSegment::default() };
        for entry in rest {
            match entry {
                Value::Object(_) if entry.field("after").is_some() => segment.after = Some(entry.text_field("after")),
                Value::Object(_) => {
                    let repeats = entry.field("repeats")?.list()?.iter().map(components_of);
                    segment.elements.push(repeats.collect::<Option<_>>()?);
                }
                _ => segment.elements.push(vec![components_of(entry)?]),
            }
        }
        Some(segment)
    }
}

fn repetition(components: &[String], out: &mut String) {
    match components {
        [simple] => string(simple, out),
        several => {
            out.push('[');
            for (place, component) in several.iter().enumerate() {
                out.push_str(if place > 0 { "," } else { "" });
                string(component, out);
            }
            out.push(']');
        }
    }
}

fn components_of(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::Text(text) => Some(vec![text.clone()]),
        Value::List(list) => list.iter().map(|entry| entry.text().map(str::to_owned)).collect(),
        Value::Object(_) => None,
    }
}

impl TreeInterchange {
    fn to_json(&self, out: &mut String) {
        let Delimiters { standard, element, component, repetition, terminator, release, decimal, .. } = self.delimiters;
        let standard = if standard == Standard::X12 { "x12" } else { "edifact" };
        let _ = write!(out, "{{\"standard\":\"{standard}\",\"delimiters\":");
        string(&letters(&[element, component, repetition, terminator, release, decimal]), out);
        out.push_str(",\"prefix\":");
        string(&self.prefix, out);
        out.push_str(",\"segments\":[");
        for (place, segment) in self.segments.iter().enumerate() {
            out.push_str(if place > 0 { ",\n" } else { "\n" });
            segment.to_json(out);
        }
        out.push_str("\n]}");
    }

    fn from_value(value: &Value) -> Option<TreeInterchange> {
        let mut marks = Vec::new();
        bytes_of(&value.text_field("delimiters"), &mut marks);
        let [element, component, repetition, terminator, release, decimal] = marks.try_into().ok()?;
        let standard = match value.text_field("standard").as_str() {
            "x12" => Standard::X12,
            "edifact" => Standard::Edifact,
            _ => return None,
        };
        let segments = value.field("segments")?.list()?.iter().map(TreeSegment::from_value);
        Some(TreeInterchange {
            delimiters: Delimiters {
                standard,
                element,
                component,
                repetition,
                terminator,
                release,
                decimal,
                spaced: false,
            },
            prefix: value.text_field("prefix"),
            segments: segments.collect::<Option<_>>()?,
        })
    }
}

/// Appends a text as a JSON string.
pub(crate) fn string(text: &str, out: &mut String) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            control if control.is_control() => {
                let _ = write!(out, "\\u{:04x}", u32::from(control));
            }
            plain => out.push(plain),
        }
    }
    out.push('"');
}

/// JSON as far as trees need it: texts, lists and objects.
enum Value {
    Text(String),
    List(Vec<Value>),
    Object(Vec<(String, Value)>),
}

impl Value {
    fn text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    fn list(&self) -> Option<&[Value]> {
        match self {
            Value::List(list) => Some(list),
            _ => None,
        }
    }

    fn field(&self, name: &str) -> Option<&Value> {
        match self {
            Value::Object(fields) => fields.iter().find(|(field, _)| field == name).map(|(_, value)| value),
            _ => None,
        }
    }

    fn text_field(&self, name: &str) -> String {
        self.field(name).and_then(Value::text).unwrap_or_default().to_owned()
    }
}

struct Parser<'t> {
    text: &'t [u8],
    at: usize,
}

impl Parser<'_> {
    fn whole(mut self) -> Result<Value, TreeError> {
        let value = self.value(0)?;
        self.blank();
        if self.at < self.text.len() { Err(self.refuse("something follows the document")) } else { Ok(value) }
    }

    fn refuse(&self, reason: &str) -> TreeError {
        TreeError { offset: self.at, reason: reason.to_owned() }
    }

    fn blank(&mut self) {
        while self.text.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
    }

    /// Steps over `byte` if it comes next.
    fn takes(&mut self, byte: u8) -> bool {
        self.blank();
        let there = self.text.get(self.at) == Some(&byte);
        self.at += usize::from(there);
        there
    }

    fn value(&mut self, depth: u32) -> Result<Value, TreeError> {
        if depth > DEPTH_MAX {
            return Err(self.refuse("it nests too deep"));
        }
        self.blank();
        match self.text.get(self.at) {
            Some(b'"') => self.string().map(Value::Text),
            Some(b'[') => {
                self.at += 1;
                let mut list = Vec::new();
                if self.takes(b']') {
                    return Ok(Value::List(list));
                }
                loop {
                    list.push(self.value(depth + 1)?);
                    if self.takes(b']') {
                        return Ok(Value::List(list));
                    }
                    if !self.takes(b',') {
                        return Err(self.refuse("a comma or a closing bracket is missing"));
                    }
                }
            }
            Some(b'{') => self.object(depth),
            _ => Err(self.refuse("a text, a list or an object is expected; numbers are written as texts")),
        }
    }

    fn object(&mut self, depth: u32) -> Result<Value, TreeError> {
        self.at += 1;
        let mut fields = Vec::new();
        if self.takes(b'}') {
            return Ok(Value::Object(fields));
        }
        loop {
            self.blank();
            let name = self.string()?;
            if !self.takes(b':') {
                return Err(self.refuse("a colon is missing"));
            }
            fields.push((name, self.value(depth + 1)?));
            if self.takes(b'}') {
                return Ok(Value::Object(fields));
            }
            if !self.takes(b',') {
                return Err(self.refuse("a comma or a closing brace is missing"));
            }
        }
    }

    fn string(&mut self) -> Result<String, TreeError> {
        if !self.takes(b'"') {
            return Err(self.refuse("a quotation mark is missing"));
        }
        let mut bytes = Vec::new();
        loop {
            let Some(&byte) = self.text.get(self.at) else { return Err(self.refuse("a text is not closed")) };
            self.at += 1;
            match byte {
                b'"' => break,
                b'\\' => {
                    let letter = self.escaped()?;
                    bytes.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
                }
                byte => bytes.push(byte),
            }
        }
        String::from_utf8(bytes).map_err(|_| self.refuse("a text is not UTF-8"))
    }

    fn escaped(&mut self) -> Result<char, TreeError> {
        let Some(&byte) = self.text.get(self.at) else { return Err(self.refuse("a text is not closed")) };
        self.at += 1;
        Ok(match byte {
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'b' => '\u{8}',
            b'f' => '\u{C}',
            b'u' => {
                let digits = self.text.get(self.at..self.at + 4).and_then(|digits| std::str::from_utf8(digits).ok());
                let letter = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()).and_then(char::from_u32);
                self.at += 4;
                letter.ok_or_else(|| self.refuse("an escape names no letter"))?
            }
            plain => plain as char,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_and_json_come_back_the_same() {
        let input = b"\xEF\xBB\xBFUNA:+.? '\r\nUNB+UNOC:3+A+B+261123:1030+1'\nUNH+1+ORDERS:D:96A:UN'\nFTX+AAI+++caf\xE9 ?+ ?'x?':two'UNT+3+1'UNZ+1+1'\n";
        let tree = Tree::read(input).expect("an interchange");
        assert_eq!(tree.write(), input);
        assert_eq!(tree.interchanges[0].segments[2].elements[3], [["caf\u{E9} ?+ ?'x?'", "two"]]);
        let json = tree.to_json();
        assert_eq!(Tree::from_json(&json).expect("its own JSON"), tree);
    }

    #[test]
    fn bad_json_is_refused_with_its_place() {
        assert_eq!(Tree::from_json("{\"interchanges\":[1]}").expect_err("a number").offset, 17);
        assert!(Tree::from_json(&"[".repeat(100)).is_err());
    }
}
