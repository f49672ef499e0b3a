//! What a writer is told: how the partner wants to be written to, and what the headers say.
//!
//! Plain data. It writes nothing.

use crate::charset::CharacterSet;
use crate::delimiter::{Delimiters, Standard};
use crate::finding::Finding;
use crate::segment::Tag;
use std::fmt;

/// What to do with a delimiter inside data where no release character can protect it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnDelimiter {
    /// Refuse the document.
    #[default]
    Refuse,
    /// Write this byte instead.
    Replace(u8),
}

/// What to do with a character that the character set lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnForeign {
    /// Refuse the document.
    #[default]
    Refuse,
    /// Write the nearest plain letters, `ü` as `u`; refuse what has none.
    Transliterate,
    /// Write the nearest plain letters, and this byte for what has none.
    TransliterateOr(u8),
}

/// What to write after each terminator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LineEnd {
    /// Nothing.
    #[default]
    None,
    /// A line feed.
    Lf,
    /// Carriage return and line feed.
    CrLf,
    /// Nothing there, but a line feed after every so many bytes, wherever that is, as some mainframes want it.
    Width(u16),
}

/// How one partner wants to be written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WriteOptions {
    /// The delimiters.
    pub delimiters: Delimiters,
    /// The characters that may be written.
    pub character_set: CharacterSet,
    /// Delimiters in data.
    pub on_delimiter: OnDelimiter,
    /// Characters outside the set.
    pub on_foreign: OnForeign,
    /// After each terminator.
    pub line_end: LineEnd,
}

impl WriteOptions {
    /// Plain settings with these delimiters: the extended X12 set or EDIFACT's UNOC, everything doubtful refused.
    pub fn new(delimiters: Delimiters) -> WriteOptions {
        let character_set = match delimiters.standard() {
            Standard::X12 => CharacterSet::X12Extended,
            Standard::Edifact => CharacterSet::Unoc,
        };
        WriteOptions {
            delimiters,
            character_set,
            on_delimiter: OnDelimiter::Refuse,
            on_foreign: OnForeign::Refuse,
            line_end: LineEnd::None,
        }
    }
}

/// Why a document was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriteError {
    /// The segment.
    pub tag: Tag,
    /// Number of the segment in its set; 0 in the envelope.
    pub segment: u64,
    /// Number of the element.
    pub element: u32,
    /// The value that cannot be written.
    pub value: String,
    /// What is wrong with it and what to do.
    pub reason: String,
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{:02} cannot hold \"{}\": {}", self.tag, self.element, self.value, self.reason)
    }
}

impl std::error::Error for WriteError {}

/// What an ISA says. Dates and times are digits: YYMMDD and HHMM.
#[derive(Debug, Clone, Copy)]
pub struct X12Interchange<'a> {
    /// Qualifier and id of the sender.
    pub sender: (&'a str, &'a str),
    /// Qualifier and id of the receiver.
    pub receiver: (&'a str, &'a str),
    /// YYMMDD.
    pub date: &'a str,
    /// HHMM.
    pub time: &'a str,
    /// ISA12, as `00401`.
    pub version: &'a str,
    /// ISA13.
    pub control: u32,
    /// Asks for a TA1.
    pub acknowledgment_requested: bool,
    /// `P`, `T` or `I`.
    pub usage: char,
}

/// What a GS says.
#[derive(Debug, Clone, Copy)]
pub struct X12Group<'a> {
    /// GS01, as `PO`.
    pub kind: &'a str,
    /// Application sender.
    pub sender: &'a str,
    /// Application receiver.
    pub receiver: &'a str,
    /// CCYYMMDD.
    pub date: &'a str,
    /// HHMM, HHMMSS.
    pub time: &'a str,
    /// GS06.
    pub control: u32,
    /// GS08, as `004010`.
    pub version: &'a str,
}

/// What a UNB says.
#[derive(Debug, Clone, Copy)]
pub struct EdifactInterchange<'a> {
    /// Write a UNA first.
    pub una: bool,
    /// Syntax id, as `UNOC`.
    pub syntax: &'a str,
    /// Syntax version, 3 or 4.
    pub version: u8,
    /// Id and qualifier of the sender.
    pub sender: (&'a str, &'a str),
    /// Id and qualifier of the receiver.
    pub receiver: (&'a str, &'a str),
    /// YYMMDD in syntax 3, CCYYMMDD in syntax 4.
    pub date: &'a str,
    /// HHMM.
    pub time: &'a str,
    /// Control reference.
    pub control: &'a str,
    /// Application reference, may be empty.
    pub application: &'a str,
    /// Asks for a CONTRL.
    pub acknowledgment_requested: bool,
    /// Marks a test.
    pub test: bool,
}

/// What a UNH says.
#[derive(Debug, Clone, Copy)]
pub struct EdifactMessage<'a> {
    /// Message reference.
    pub reference: &'a str,
    /// Type, as `ORDERS`.
    pub kind: &'a str,
    /// Version, as `D`.
    pub version: &'a str,
    /// Release, as `96A`.
    pub release: &'a str,
    /// Agency, as `UN`.
    pub agency: &'a str,
    /// Association code, as `EAN008`; may be empty.
    pub association: &'a str,
}

/// Why a document that was to be checked before it leaves was not handed out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// Data that could not be written.
    Data(Vec<WriteError>),
    /// What the partner would find wrong: an empty mandatory element, a segment out of order.
    Document(Vec<Finding>),
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<String> = match self {
            Refused::Data(errors) => errors.iter().map(ToString::to_string).collect(),
            Refused::Document(findings) => findings.iter().map(ToString::to_string).collect(),
        };
        f.write_str(&lines.join("\n"))
    }
}

impl std::error::Error for Refused {}
