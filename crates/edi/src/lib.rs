//! The grammar of X12 and EDIFACT. Pure, and useful alone.
//!
//! Reading never fails: it finds. Every finding says where it is (byte, line, segment, element, loop), what stood
//! there, what was expected, and what to do; the acknowledgments are made out of the same report.
//!
//! ```
//! let input = b"ISA*00*          *00*          *ZZ*SELLER         *ZZ*BUYER          *261123*1030*U*00401*000000201*0*T*>~\
//! GS*PR*SELLER*BUYER*20261123*1030*201*X*004010~ST*855*0001~BAK*00*AC*1001-1*20261123~SE*3*0001~GE*1*201~IEA*1*000000201~";
//! let report = countersign_edi::read(input);
//! let (interchange, _group, set) = report.sets().next().expect("one set");
//! let document = set.document(input, &interchange.header.delimiters);
//! assert_eq!(document.first("BAK").expect("a BAK").text(3), "1001-1");
//! assert!(report.is_accepted(), "{:?}", report.findings);
//! ```
//!
//! * [`read`] a whole input to a [`Report`]; [`listen`] or [`StreamReader`] to hear segments one by one in constant
//!   memory. [`SetReport::document`] gives the segments of one set.
//! * [`Writer`] writes interchanges with right counts; [`write_997`], [`write_999`], [`write_ta1`] and
//!   [`write_contrl`] write acknowledgments out of a report, [`write_824`] and [`write_aperak`] refusals for business
//!   reasons.
//! * [`Schemas`] holds the standard's schemas; an [`Overlay`] says what a partner does otherwise.
//! * [`Tree`] carries a document to JSON and back without loss; [`explain()`] puts it into plain words;
//!   [`diff()`] says what two files say differently, by meaning.
//!
//! The crate knows no file, clock, chance or network, and no other crate of its workspace.

#![deny(missing_docs)]

/// The examples in the README are tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod acknowledge_edifact;
mod acknowledge_x12;
mod charset;
mod check;
mod delimiter;
mod diff;
mod envelope;
mod envelope_edifact;
mod envelope_x12;
mod explain;
mod finding;
mod foreign;
mod json;
mod listener;
mod overlay;
mod reader;
mod refusal;
mod report;
mod report_json;
mod rule;
mod scan;
mod schema;
mod segment;
mod value;
mod write;

pub use acknowledge_edifact::{ContrlLeg, ContrlOptions, wants_contrl, write_contrl};
pub use acknowledge_x12::{
    AcknowledgmentOptions, InterchangeVerdict, SetDetail, interchange_verdict, wants_functional, write_997, write_999,
    write_ta1,
};
pub use charset::CharacterSet;
pub use delimiter::{Delimiters, Detection, Standard, detect};
pub use diff::{Change as DiffChange, DIFFERENCES_MAX, Difference, Spot, diff};
pub use explain::{ExplainedSegment, ExplainedValue, Explanation, SEGMENTS_MAX, explain};
pub use finding::{Finding, Level, Place, Source, VALUE_BYTES_MAX};
pub use json::{Tree, TreeError, TreeInterchange, TreeSegment};
pub use listener::{Collector, Listener, SegmentContext};
pub use overlay::{Change, ElementPlace, Overlay, OverlayError, OverlayRule};
pub use reader::{FINDINGS_MAX, ReadOptions, SEGMENT_BYTES_MAX, StreamReader, listen, read, read_with};
pub use refusal::{Answered, Reason, Verdict, write_824, write_aperak};
pub use report::{
    GroupHeader, GroupReport, GroupSummary, InterchangeAcknowledgment, InterchangeHeader, InterchangeReport,
    InterchangeSummary, Party, Report, SetHeader, SetReport,
};
pub use rule::{Rule, RuleCodes};
pub use schema::{Schema, Schemas};
pub use segment::{Document, Element, Elements, Pieces, Segment, Tag};
pub use write::{
    EdifactInterchange, EdifactMessage, LineEnd, OnDelimiter, OnForeign, Refused, SegmentWriter, WriteError,
    WriteOptions, Writer, X12Group, X12Interchange,
};
