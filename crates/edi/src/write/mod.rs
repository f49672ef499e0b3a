//! Writing: segments into an envelope whose counts and trailers are always right.
//!
//! Control numbers, dates and names are the caller's; this file keeps no number and reads no clock. Data that holds
//! a delimiter, or a character that the partner's character set lacks, is escaped, replaced or refused, never passed.

mod headers;
mod segment;

pub use headers::{
    EdifactInterchange, EdifactMessage, LineEnd, OnDelimiter, OnForeign, Refused, WriteError, WriteOptions, X12Group,
    X12Interchange,
};
pub use segment::SegmentWriter;

use crate::delimiter::{Delimiters, NONE, Standard};
use crate::finding::Level;
use crate::reader::{ReadOptions, read_with};
use crate::segment::Tag;

/// Writes interchanges.
#[derive(Debug)]
pub struct Writer {
    options: WriteOptions,
    out: Vec<u8>,
    errors: Vec<WriteError>,
    /// For each byte: 0 may be copied, 1 needs a look.
    care: [u8; 256],
    segments: u64,
    sets: u64,
    groups: u64,
    set_control: Option<String>,
    group_control: Option<String>,
    interchange_control: Option<String>,
}

impl Writer {
    /// An empty output.
    pub fn new(mut options: WriteOptions) -> Writer {
        options.delimiters = options.delimiters.writable();
        let mut care = [1u8; 256];
        for (byte, plain) in options.character_set.ascii().iter().enumerate() {
            care[byte] = u8::from(!plain);
        }
        let Delimiters { element, component, repetition, terminator, release, .. } = options.delimiters;
        for byte in [element, component, repetition, terminator, release] {
            care[usize::from(byte)] = 1;
        }
        Writer {
            options,
            out: Vec::with_capacity(1024),
            errors: Vec::new(),
            care,
            segments: 0,
            sets: 0,
            groups: 0,
            set_control: None,
            group_control: None,
            interchange_control: None,
        }
    }

    /// The output, closed where it was still open; or why it was refused.
    pub fn finish(mut self) -> Result<Vec<u8>, Vec<WriteError>> {
        self.end_interchange();
        if self.errors.is_empty() { Ok(in_lines(self.out, self.options.line_end)) } else { Err(self.errors) }
    }

    /// Like [`Writer::finish`], and hands out only what the partner will accept without a word: the output is read as
    /// `options` say, with the partner's overlay in them, and any error refuses it.
    pub fn finish_checked(self, options: ReadOptions) -> Result<Vec<u8>, Refused> {
        let bytes = self.finish().map_err(Refused::Data)?;
        let mut findings = read_with(&bytes, options).findings;
        findings.retain(|finding| finding.level > Level::Warn);
        if findings.is_empty() { Ok(bytes) } else { Err(Refused::Document(findings)) }
    }

    /// Like [`Writer::finish`], and begins anew with the same memory; `sink` gets the bytes.
    pub fn finish_into(&mut self, sink: &mut Vec<u8>) -> Result<(), Vec<WriteError>> {
        self.end_interchange();
        let refused = std::mem::take(&mut self.errors);
        if refused.is_empty() {
            match self.options.line_end {
                LineEnd::Width(_) => sink.extend(in_lines(std::mem::take(&mut self.out), self.options.line_end)),
                _ => sink.extend_from_slice(&self.out),
            }
        }
        self.out.clear();
        if refused.is_empty() { Ok(()) } else { Err(refused) }
    }

    /// Begins an X12 interchange; one that is open is closed.
    pub fn begin_x12(&mut self, header: &X12Interchange<'_>) -> &mut Writer {
        self.end_interchange();
        let Delimiters { element, component, repetition, .. } = self.options.delimiters;
        let control = format!("{:09}", header.control);
        let repeats = if repetition != NONE && header.version >= "00402" { repetition } else { b'U' };
        let start = self.out.len();
        let fields: [(&str, usize); 10] = [
            (header.sender.0, 2),
            (header.sender.1, 15),
            (header.receiver.0, 2),
            (header.receiver.1, 15),
            (header.date, 6),
            (header.time, 4),
            (std::str::from_utf8(std::slice::from_ref(&repeats)).unwrap_or("U"), 1),
            (header.version, 5),
            (&control, 9),
            (if header.acknowledgment_requested { "1" } else { "0" }, 1),
        ];
        self.out.extend_from_slice(b"ISA");
        for field in ["00", "          ", "00", "          "] {
            self.out.push(element);
            self.out.extend_from_slice(field.as_bytes());
        }
        for (place, (text, width)) in fields.into_iter().enumerate() {
            self.out.push(element);
            if place == 6 {
                self.out.push(repeats);
            } else {
                self.fixed(place as u32 + 5, text, width);
            }
        }
        self.out.push(element);
        let usage = header.usage.to_string();
        self.fixed(15, &usage, 1);
        self.out.extend_from_slice(&[element, component]);
        if self.errors.is_empty() {
            debug_assert_eq!(self.out.len() - start, 105, "an ISA has fixed widths");
        }
        self.terminate();
        self.groups = 0;
        self.interchange_control = Some(control);
        self
    }

    /// Begins an EDIFACT interchange; one that is open is closed.
    pub fn begin_edifact(&mut self, header: &EdifactInterchange<'_>) -> &mut Writer {
        self.end_interchange();
        if header.una {
            let Delimiters { element, component, repetition, terminator, release, decimal, .. } =
                self.options.delimiters;
            let reserved = if repetition == NONE { b' ' } else { repetition };
            let release = if release == NONE { b' ' } else { release };
            self.out.extend_from_slice(b"UNA");
            self.out.extend_from_slice(&[component, element, decimal, release, reserved]);
            self.out.push(terminator);
            self.end_line();
        }
        let mut unb = self.segment("UNB");
        unb.composite(&[header.syntax, &header.version.to_string()])
            .composite(&[header.sender.0, header.sender.1])
            .composite(&[header.receiver.0, header.receiver.1])
            .composite(&[header.date, header.time])
            .element(header.control)
            .element("")
            .element(header.application)
            .element("")
            .element(if header.acknowledgment_requested { "1" } else { "" })
            .element("")
            .element(if header.test { "1" } else { "" });
        drop(unb);
        self.sets = 0;
        self.interchange_control = Some(header.control.to_owned());
        self
    }

    /// Begins a group; one that is open is closed.
    pub fn begin_group(&mut self, header: &X12Group<'_>) -> &mut Writer {
        self.end_group();
        let control = header.control.to_string();
        let mut gs = self.segment("GS");
        for text in
            [header.kind, header.sender, header.receiver, header.date, header.time, &control, "X", header.version]
        {
            gs.element(text);
        }
        drop(gs);
        self.sets = 0;
        self.group_control = Some(control);
        self
    }

    /// Begins a set numbered by its place in the group, `0001` first; one that is open is closed.
    pub fn begin_set(&mut self, id: &str) -> &mut Writer {
        self.end_set();
        let control = format!("{:04}", self.sets + 1);
        self.begin_set_as(id, &control, "")
    }

    /// Begins a set with a control number, and a convention reference (ST03) unless it is empty.
    pub fn begin_set_as(&mut self, id: &str, control: &str, convention: &str) -> &mut Writer {
        self.end_set();
        self.segments = 0;
        self.sets += 1;
        self.segment("ST").element(id).element(control).element(convention);
        self.set_control = Some(control.to_owned());
        self
    }

    /// Begins an EDIFACT message; one that is open is closed.
    pub fn begin_message(&mut self, header: &EdifactMessage<'_>) -> &mut Writer {
        self.end_set();
        self.segments = 0;
        self.sets += 1;
        let kind = [header.kind, header.version, header.release, header.agency, header.association];
        self.segment("UNH").element(header.reference).composite(&kind);
        self.set_control = Some(header.reference.to_owned());
        self
    }

    /// Begins a segment. It is complete when the returned builder is dropped; empty elements at its end are not written.
    pub fn segment(&mut self, tag: &str) -> SegmentWriter<'_> {
        self.segments += 1;
        self.out.extend_from_slice(tag.as_bytes());
        SegmentWriter { tag: Tag::new(tag), element: 0, blank: 0, writer: self }
    }

    /// Writes a whole segment of simple elements.
    pub fn simple(&mut self, tag: &str, elements: &[&str]) -> &mut Writer {
        let mut segment = self.segment(tag);
        for text in elements {
            segment.element(text);
        }
        drop(segment);
        self
    }

    /// Writes SE or UNT, with the number of segments.
    pub fn end_set(&mut self) -> &mut Writer {
        let Some(control) = self.set_control.take() else { return self };
        let count = (self.segments + 1).to_string();
        let tag = if self.options.delimiters.standard == Standard::X12 { "SE" } else { "UNT" };
        self.simple(tag, &[&count, &control])
    }

    /// Writes GE, with the number of sets.
    pub fn end_group(&mut self) -> &mut Writer {
        self.end_set();
        let Some(control) = self.group_control.take() else { return self };
        self.groups += 1;
        let count = self.sets.to_string();
        self.simple("GE", &[&count, &control])
    }

    /// Writes IEA or UNZ, with the number of groups or messages.
    pub fn end_interchange(&mut self) -> &mut Writer {
        self.end_group();
        let Some(control) = self.interchange_control.take() else { return self };
        match self.options.delimiters.standard {
            Standard::X12 => self.simple("IEA", &[&self.groups.to_string(), &control]),
            Standard::Edifact => self.simple("UNZ", &[&self.sets.to_string(), &control]),
        }
    }

    /// A field of the ISA: padded to its width, refused when longer.
    fn fixed(&mut self, element: u32, text: &str, width: usize) {
        let start = self.out.len();
        self.data(Tag::new("ISA"), element, text);
        let written = self.out.len() - start;
        if written > width {
            self.refuse(
                Tag::new("ISA"),
                element,
                text,
                format!("the field is {width} characters wide; shorten the value"),
            );
        }
        self.out.resize(start + width, b' ');
    }

    fn refuse(&mut self, tag: Tag, element: u32, value: &str, reason: String) {
        let segment = if self.set_control.is_some() { self.segments } else { 0 };
        self.errors.push(WriteError { tag, segment, element, value: value.to_owned(), reason });
    }

    fn terminate(&mut self) {
        self.out.push(self.options.delimiters.terminator);
        self.end_line();
    }

    fn end_line(&mut self) {
        match self.options.line_end {
            LineEnd::None | LineEnd::Width(_) => {}
            LineEnd::Lf => self.out.push(b'\n'),
            LineEnd::CrLf => self.out.extend_from_slice(b"\r\n"),
        }
    }

    /// Copies data that needs no care; looks at every character of the rest.
    fn data(&mut self, tag: Tag, element: u32, text: &str) {
        if text.bytes().all(|byte| self.care[usize::from(byte)] == 0) {
            self.out.extend_from_slice(text.as_bytes());
        } else {
            self.careful(tag, element, text);
        }
    }

    fn careful(&mut self, tag: Tag, element: u32, text: &str) {
        for letter in text.chars() {
            if letter.is_ascii() && self.options.delimiters.is_special(letter as u8) {
                self.delimiter_in_data(tag, element, text, letter as u8);
            } else if letter.is_control() {
                match self.options.on_delimiter {
                    OnDelimiter::Replace(byte) => self.stand_in(byte),
                    OnDelimiter::Refuse => {
                        let reason =
                            "it holds a line end or control character; take it out, or let it be replaced".into();
                        return self.refuse(tag, element, text, reason);
                    }
                }
            } else if !self.options.character_set.encode(letter, &mut self.out) && !self.foreign(tag, element, letter) {
                let set = self.options.character_set.name();
                let reason =
                    format!("the character set {set} lacks '{letter}'; write it otherwise, or allow transliteration");
                return self.refuse(tag, element, text, reason);
            }
        }
    }

    fn delimiter_in_data(&mut self, tag: Tag, element: u32, text: &str, byte: u8) {
        match (self.options.delimiters.release(), self.options.on_delimiter) {
            (Some(release), _) => self.out.extend_from_slice(&[release, byte]),
            (None, OnDelimiter::Replace(instead)) => self.out.push(instead),
            (None, OnDelimiter::Refuse) => {
                let delimiter = byte as char;
                let reason =
                    format!("it holds the delimiter '{delimiter}'; choose other delimiters, or let it be replaced");
                self.refuse(tag, element, text, reason);
            }
        }
    }

    /// Writes something near to a character that the set lacks; false when nothing may be written.
    fn foreign(&mut self, tag: Tag, element: u32, letter: char) -> bool {
        let replacement = match self.options.on_foreign {
            OnForeign::Refuse => return false,
            OnForeign::Transliterate | OnForeign::TransliterateOr(_) => crate::charset::transliterate(letter),
        };
        let set = self.options.character_set;
        let capital = |letter: char| if set.holds(letter) { letter } else { letter.to_ascii_uppercase() };
        match (replacement, self.options.on_foreign) {
            (Some(text), _) if text.chars().all(|letter| set.holds(capital(letter))) => {
                for letter in text.chars().map(capital) {
                    if self.options.delimiters.is_special(letter as u8) {
                        self.delimiter_in_data(tag, element, text, letter as u8);
                    } else {
                        self.out.push(letter as u8);
                    }
                }
                true
            }
            (_, OnForeign::TransliterateOr(byte)) => {
                self.stand_in(byte);
                true
            }
            _ => false,
        }
    }

    /// Writes what stands for a character that cannot be written. A question mark, for one, releases what follows it in
    /// EDIFACT, unless it is released itself.
    fn stand_in(&mut self, byte: u8) {
        if let Some(release) = self.options.delimiters.release()
            && self.options.delimiters.is_special(byte)
        {
            self.out.push(release);
        }
        self.out.push(byte);
    }

    /// True when this text would be written exactly as it is.
    pub(crate) fn copies(&self, text: &str) -> bool {
        text.bytes().all(|byte| self.care[usize::from(byte)] == 0)
    }

    /// Sets written to the open group so far, the open one included.
    pub(crate) fn sets_in_group(&self) -> u64 {
        self.sets
    }

    /// The delimiters it writes with.
    pub fn delimiters(&self) -> &Delimiters {
        &self.options.delimiters
    }
}

/// Breaks the output into lines of a fixed width where a partner wants that.
fn in_lines(bytes: Vec<u8>, line_end: LineEnd) -> Vec<u8> {
    match line_end {
        LineEnd::Width(width) if width > 0 => bytes.chunks(usize::from(width)).collect::<Vec<_>>().join(&b'\n'),
        _ => bytes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::charset::CharacterSet;
    use crate::reader::read;

    fn x12() -> Writer {
        let mut writer = Writer::new(WriteOptions::new(Delimiters::X12_4010));
        writer.begin_x12(&X12Interchange {
            sender: ("ZZ", "BUYER"),
            receiver: ("ZZ", "VENDOR"),
            date: "261123",
            time: "1030",
            version: "00401",
            control: 7,
            acknowledgment_requested: false,
            usage: 'T',
        });
        writer.begin_group(&X12Group {
            kind: "PO",
            sender: "BUYER",
            receiver: "VENDOR",
            date: "20261123",
            time: "1030",
            control: 7,
            version: "004010",
        });
        writer
    }

    #[test]
    fn what_stands_for_a_foreign_letter_releases_nothing() {
        let mut options = WriteOptions::new(Delimiters::EDIFACT_3);
        options.on_foreign = OnForeign::TransliterateOr(b'?');
        let mut writer = Writer::new(options);
        writer.segment("NAD").element("\u{540d}").element("1 Main St");
        assert_eq!(writer.finish().expect("nothing to refuse"), b"NAD+??+1 Main St'");
    }

    #[test]
    fn trailers_and_counts_come_by_themselves() {
        let mut writer = x12();
        writer.begin_set("850").simple("BEG", &["00", "DS", "1001-1", "", "20261123", "", ""]);
        let bytes = writer.finish().expect("nothing is refused");
        let text = String::from_utf8(bytes).expect("ASCII");
        assert!(text.ends_with("BEG*00*DS*1001-1**20261123~SE*3*0001~GE*1*7~IEA*1*000000007~"), "{text}");
        assert_eq!(text.find("~GS"), Some(105));
    }

    #[test]
    fn a_checked_document_is_right_or_does_not_leave() {
        let order = |number: &str| {
            let mut writer = x12();
            writer.begin_set("850").simple("BEG", &["00", "DS", number, "", "20261123"]);
            writer.simple("PO1", &["1", "3", "EA", "9.5", "", "VN", "MUG"]);
            writer.finish_checked(ReadOptions::default())
        };
        assert!(order("1001-1").is_ok());
        let Err(Refused::Document(findings)) = order("") else { panic!("an order needs a number") };
        assert_eq!(findings[0].reference(), "BEG03");
    }

    #[test]
    fn a_delimiter_in_data_is_refused_or_replaced() {
        let mut writer = x12();
        writer.begin_set("850").simple("N1", &["ST", "A*B"]);
        let errors = writer.finish().expect_err("an element separator in data");
        assert_eq!((errors[0].element, errors[0].value.as_str()), (2, "A*B"));
        let mut writer = x12();
        writer.options.on_delimiter = OnDelimiter::Replace(b' ');
        writer.begin_set("850").simple("N1", &["ST", "A*B\n~C"]);
        let text = String::from_utf8(writer.finish().expect("replaced")).expect("ASCII");
        assert!(text.contains("N1*ST*A B  C~"), "{text}");
    }

    #[test]
    fn edifact_escapes_and_transliterates() {
        let options = WriteOptions {
            character_set: CharacterSet::Unoa,
            on_foreign: OnForeign::Transliterate,
            ..WriteOptions::new(Delimiters::EDIFACT_3)
        };
        let mut writer = Writer::new(options);
        writer.begin_edifact(&EdifactInterchange {
            una: true,
            syntax: "UNOA",
            version: 3,
            sender: ("5790000010790", "14"),
            receiver: ("V", ""),
            date: "261123",
            time: "1030",
            control: "9",
            application: "",
            acknowledgment_requested: false,
            test: true,
        });
        let message = EdifactMessage {
            reference: "1",
            kind: "ORDERS",
            version: "D",
            release: "96A",
            agency: "UN",
            association: "EAN008",
        };
        writer.begin_message(&message);
        writer.segment("FTX").element("AAI").skip(2).composite(&["it's 5+5?", "Müller"]);
        let text = String::from_utf8(writer.finish().expect("nothing is refused")).expect("ASCII");
        assert_eq!(
            text,
            "UNA:+.? 'UNB+UNOA:3+5790000010790:14+V+261123:1030+9++++++1'UNH+1+ORDERS:D:96A:UN:EAN008'\
             FTX+AAI+++IT?'S 5?+5??:MULLER'UNT+3+1'UNZ+1+9'"
        );
        let report = read(text.as_bytes());
        let envelope = report.findings.iter().filter(|finding| finding.rule != crate::Rule::SegmentMissing);
        assert!(envelope.clone().all(|finding| finding.level < crate::Level::Reject), "{:?}", report.findings);
    }
}
