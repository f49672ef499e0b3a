//! A report and its findings as JSON, with stable ids, for other programs.
//!
//! Field names are a contract: they may be added to, never changed.

use crate::delimiter::Standard;
use crate::finding::{Finding, Source};
use crate::json::string;
use crate::report::{GroupReport, InterchangeReport, Report, SetReport};
use std::fmt::Write as _;

/// Writes the fields of one object.
struct Object<'o> {
    out: &'o mut String,
    first: bool,
}

impl<'o> Object<'o> {
    fn open(out: &'o mut String) -> Object<'o> {
        out.push('{');
        Object { out, first: true }
    }

    fn name(&mut self, name: &str) -> &mut String {
        if !std::mem::replace(&mut self.first, false) {
            self.out.push(',');
        }
        string(name, self.out);
        self.out.push(':');
        self.out
    }

    fn text(&mut self, name: &str, text: &str) -> &mut Self {
        let out = self.name(name);
        string(text, out);
        self
    }

    fn number(&mut self, name: &str, number: u64) -> &mut Self {
        let _ = write!(self.name(name), "{number}");
        self
    }

    fn list<T>(&mut self, name: &str, items: &[T], item: impl Fn(&T, &mut String)) -> &mut Self {
        let out = self.name(name);
        out.push('[');
        for (place, entry) in items.iter().enumerate() {
            out.push_str(if place > 0 { "," } else { "" });
            item(entry, out);
        }
        out.push(']');
        self
    }

    fn close(self) {
        self.out.push('}');
    }
}

impl Report {
    /// The whole report.
    pub fn to_json(&self) -> String {
        let mut out = String::new();
        let mut object = Object::open(&mut out);
        object
            .text("level", self.level().word())
            .number("bytes", self.bytes)
            .list("interchanges", &self.interchanges, interchange)
            .list("findings", &self.findings, finding)
            .number("findings_dropped", self.findings_dropped);
        object.close();
        out
    }
}

impl Finding {
    /// One finding.
    pub fn to_json(&self) -> String {
        let mut out = String::new();
        finding(self, &mut out);
        out
    }
}

fn interchange(report: &InterchangeReport, out: &mut String) {
    let header = &report.header;
    let mut object = Object::open(out);
    object
        .text("standard", if header.standard == Standard::X12 { "x12" } else { "edifact" })
        .text("sender_qualifier", &header.sender.qualifier)
        .text("sender", &header.sender.id)
        .text("receiver_qualifier", &header.receiver.qualifier)
        .text("receiver", &header.receiver.id)
        .text("control", &header.control)
        .text("version", &header.version)
        .text("level", report.level().word())
        .list("groups", &report.groups, group);
    object.close();
}

fn group(report: &GroupReport, out: &mut String) {
    let mut object = Object::open(out);
    object
        .text("kind", &report.header.kind)
        .text("control", &report.header.control)
        .text("version", &report.header.version)
        .text("level", report.summary.level.word())
        .list("sets", &report.sets, set);
    object.close();
}

fn set(report: &SetReport, out: &mut String) {
    let mut object = Object::open(out);
    object
        .text("id", &report.header.id)
        .text("control", &report.header.control)
        .text("version", &report.header.version)
        .text("level", report.level.word())
        .number("offset", report.range.start)
        .number("segments", u64::from(report.segments));
    object.close();
}

fn finding(finding: &Finding, out: &mut String) {
    let place = &finding.place;
    let mut object = Object::open(out);
    object
        .text("id", finding.id())
        .text("level", finding.level.word())
        .text("source", if finding.source == Source::Partner { "partner" } else { "standard" })
        .text("reference", &finding.reference())
        .text("name", finding.name)
        .text("sentence", &finding.sentence())
        .text("advice", finding.advice())
        .number("offset", place.offset)
        .number("length", u64::from(place.length))
        .number("line", place.line)
        .number("interchange", u64::from(place.interchange))
        .number("group", u64::from(place.group))
        .number("set", u64::from(place.set))
        .number("segment", u64::from(place.segment))
        .number("element", u64::from(place.element))
        .number("component", u64::from(place.component))
        .number("repeat", u64::from(place.repeat))
        .text("loop", &place.loop_path);
    if let Some(value) = &finding.value {
        object.text("value", value);
    }
    if let Some(expected) = &finding.expected {
        object.text("expected", expected);
    }
    object.close();
}

#[cfg(test)]
mod tests {
    use crate::read;

    #[test]
    fn a_report_for_other_programs() {
        let json = read(b"x").to_json();
        assert!(json.starts_with(
            "{\"level\":\"reject\",\"bytes\":1,\"interchanges\":[],\"findings\":[{\"id\":\"input.empty\""
        ));
        assert!(json.ends_with("\"findings_dropped\":0}"));
    }
}
