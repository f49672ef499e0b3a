//! Every set of every version, made from its own schema: the fullest document has no finding, and each fault that can be
//! put into it is found once, at its place, with its codes in 997, 999 and CONTRL.
//!
//! The codes are written down here a second time, from the standards, so that the table of rules cannot be wrong alone.

use crate::schema::{ElementRule, Kind, NoteKind, SegmentRule};
use crate::write::{EdifactInterchange, WriteOptions, X12Group, X12Interchange};
use crate::{
    AcknowledgmentOptions, ContrlLeg, ContrlOptions, Delimiters, Rule, Schema, Schemas, Standard, Writer, read,
    write_997, write_999, write_contrl,
};
use std::sync::Arc;

/// AK304 and AK403 (IK304 and IK403), then 0085 of CONTRL.
const CODES: [(Rule, u8, u8, u8); 17] = [
    (Rule::SegmentNotInSet, 6, 0, 15),
    (Rule::SegmentOutOfOrder, 7, 0, 15),
    (Rule::SegmentMissing, 3, 0, 13),
    (Rule::SegmentTooMany, 5, 0, 35),
    (Rule::LoopTooMany, 4, 0, 35),
    (Rule::ElementMissing, 8, 1, 13),
    (Rule::ElementConditionMissing, 8, 2, 13),
    (Rule::ElementTooMany, 8, 3, 16),
    (Rule::ElementTooShort, 8, 4, 40),
    (Rule::ElementTooLong, 8, 5, 39),
    (Rule::ElementCharacters, 8, 6, 37),
    (Rule::ElementCode, 8, 7, 12),
    (Rule::ElementDate, 8, 8, 12),
    (Rule::ElementTime, 8, 9, 12),
    (Rule::ElementExcluded, 8, 10, 12),
    (Rule::ElementRepeated, 8, 12, 35),
    (Rule::ComponentTooMany, 8, 13, 16),
];

/// What an answer without anything in it is told, and may be.
const EMPTY: [Rule; 2] = [Rule::InterchangeEmpty, Rule::GroupEmpty];

/// One segment of a document in the making: elements of components, and the node it stands at.
#[derive(Debug, Clone, PartialEq)]
struct Row {
    node: u16,
    tag: String,
    elements: Vec<Vec<String>>,
}

/// What must be found: the rule, the segment's number, and the element and component (0 for none).
#[derive(Debug, Clone, PartialEq, Eq)]
struct Expected {
    rule: Rule,
    tag: String,
    segment: u32,
    element: u16,
    component: u16,
}

struct Maker {
    schema: Arc<Schema>,
    delimiters: Delimiters,
}

impl Maker {
    fn new(standard: Standard, id: &str, version: &str) -> Maker {
        let schema = Schemas::standard().find(standard, id, version).expect("it is listed");
        let delimiters = match (standard, version >= "005010") {
            (Standard::Edifact, _) => Delimiters::EDIFACT_3,
            (Standard::X12, true) => Delimiters::X12_5010,
            (Standard::X12, false) => Delimiters::X12_4010,
        };
        Maker { schema, delimiters }
    }

    fn is_edifact(&self) -> bool {
        self.schema.standard == Standard::Edifact
    }

    fn rule(&self, node: u16) -> &SegmentRule {
        self.schema.dictionary.segment_at(self.schema.nodes[usize::from(node)].segment)
    }

    fn elements(&self, node: u16) -> &[ElementRule] {
        self.schema.dictionary.elements(self.rule(node))
    }

    /// A value that keeps the rule.
    fn value(&self, rule: &ElementRule) -> String {
        let (min, max) = (usize::from(rule.min), usize::from(rule.max));
        if let Some(list) = self.schema.dictionary.code_list(rule)
            && let Some(code) = list.codes().find(|code| (min..=max).contains(&code.len()))
        {
            return code.to_owned();
        }
        match rule.kind {
            Kind::Text | Kind::Code | Kind::Letters => "A".repeat(min),
            Kind::Integer | Kind::Decimal | Kind::Number => "1".repeat(min),
            Kind::Date => "20261123"[8 - max.min(8)..].to_owned(),
            Kind::Time => "1030".to_owned(),
        }
    }

    /// A segment with every element that its notes allow at once.
    fn full(&self, node: u16) -> Row {
        let rule = self.rule(node);
        let mut elements: Vec<Vec<String>> = self.elements(node).iter().map(|element| self.filled(element)).collect();
        for note in self.schema.dictionary.notes(rule).iter().filter(|note| note.kind == NoteKind::Exclusive) {
            for (place, element) in elements.iter_mut().enumerate() {
                if note.others >> place & 1 == 1 {
                    element.clear();
                }
            }
        }
        self.sensible(rule.tag.to_string(), node, elements)
    }

    /// A segment with what it must have.
    fn plain(&self, node: u16) -> Row {
        let mut row = self.full(node);
        let rules = self.elements(node);
        let notes = self.schema.dictionary.notes(self.rule(node));
        let needed = notes.iter().fold(0, |needed, note| needed | note.first | note.others);
        let service = matches!(row.tag.as_str(), "UNH" | "ST" | "CTT" | "CNT" | "UNT" | "SE" | "HL");
        for (place, element) in row.elements.iter_mut().enumerate() {
            if !rules[place].mandatory && needed >> place & 1 == 0 && !service {
                element.clear();
            }
        }
        row
    }

    fn filled(&self, element: &ElementRule) -> Vec<String> {
        let components = self.schema.dictionary.components(element);
        match (components, self.schema.dictionary.demands(element).1) {
            ([], _) => vec![self.value(element)],
            (_, true) => vec!["137".into(), "20261123".into(), "102".into()],
            (components, false) => components.iter().map(|component| self.value(component)).collect(),
        }
    }

    /// Values that are more than their kind: the set's own header, dates with a format, numbers of levels.
    fn sensible(&self, tag: String, node: u16, mut elements: Vec<Vec<String>>) -> Row {
        let one = |text: &str| vec![text.to_owned()];
        match tag.as_str() {
            "ST" => elements = vec![one(self.schema.id), one("0001")],
            "UNH" => {
                let (version, release) = self.schema.version.split_at(1);
                let (version, release) = if self.schema.id == "CONTRL" { ("2", "2") } else { (version, release) };
                let kind = [self.schema.id, version, release, "UN"].map(str::to_owned).to_vec();
                elements = vec![one("1"), kind];
            }
            "HL" => elements = vec![one("1"), vec![], one("S"), one("0")],
            "CNT" => elements = vec![vec!["2".into(), "1".into()]],
            _ => {}
        }
        Row { node, tag, elements }
    }

    /// The nodes of a document: what it must have, the loops around `target`, and `target`; all of them without one.
    fn document(&self, target: Option<u16>) -> Vec<Row> {
        let nodes = &self.schema.nodes;
        let mut kept = vec![false; nodes.len()];
        for node in nodes {
            let parent = usize::from(node.parent);
            let wanted = target.is_none_or(|target| node.place <= target && target < node.end);
            kept[usize::from(node.place)] = node.place == 0 || wanted || (kept[parent] && node.min > 0);
        }
        let rows = nodes.iter().filter(|node| kept[usize::from(node.place)]);
        rows.map(|node| match target {
            Some(target) if target != node.place => self.plain(node.place),
            _ => self.full(node.place),
        })
        .collect()
    }

    fn text(&self, rows: &[Row]) -> String {
        let [element, component, terminator] =
            [self.delimiters.element(), self.delimiters.component(), self.delimiters.terminator()].map(char::from);
        let line = self.schema.line_tag().map(|tag| tag.to_string());
        let lines = rows.iter().filter(|row| Some(&row.tag) == line.as_ref()).count().to_string();
        let mut text = self.head();
        for row in rows {
            let mut elements = row.elements.clone();
            match row.tag.as_str() {
                "CTT" if line.is_some() => elements[0] = vec![lines.clone()],
                "CNT" if line.is_some() => elements = vec![vec!["2".into(), lines.clone()]],
                "SE" => elements = vec![vec![rows.len().to_string()], vec!["0001".into()]],
                "UNT" => elements = vec![vec![rows.len().to_string()], vec!["1".into()]],
                _ => {}
            }
            while elements.last().is_some_and(|last| last.iter().all(String::is_empty)) {
                elements.pop();
            }
            text.push_str(&row.tag);
            for parts in &elements {
                text.push(element);
                text.push_str(parts.join(&component.to_string()).trim_end_matches(component));
            }
            text.push(terminator);
        }
        text.push_str(if self.is_edifact() { "UNZ+1+77'" } else { "GE*1*201~IEA*1*000000201~" });
        text
    }

    fn head(&self) -> String {
        if self.is_edifact() {
            return "UNB+UNOC:3+B:14+V:14+261123:1030+77'".to_owned();
        }
        let modern = self.schema.version >= "005010";
        let (repetition, envelope, last) = if modern { ('^', "00501", ':') } else { ('U', "00401", '>') };
        format!(
            "ISA*00*          *00*          *ZZ*BUYER          *ZZ*VENDOR         *261123*1030*{repetition}*{envelope}*\
             000000201*0*T*{last}~GS*{}*BUYER*VENDOR*20261123*1030*201*X*{}~",
            self.schema.group, self.schema.version
        )
    }

    /// Reads the rows, and says what is wrong about what was found.
    fn check(&self, rows: &[Row], expected: Option<&Expected>) -> Result<(), String> {
        let text = self.text(rows);
        let report = read(text.as_bytes());
        let told = || report.findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n  ");
        let found: Vec<Expected> = report
            .findings
            .iter()
            .map(|finding| Expected {
                rule: finding.rule,
                tag: finding.place.tag.to_string(),
                segment: finding.place.segment,
                element: finding.place.element,
                component: finding.place.component,
            })
            .collect();
        if found != expected.cloned().into_iter().collect::<Vec<_>>() {
            let short: String = text.chars().take(900).collect();
            return Err(format!("{} {}: {expected:?}\n  {}\n  {short}", self.schema.id, self.schema.version, told()));
        }
        let Some(expected) = expected else { return Ok(()) };
        if report.findings.iter().any(|finding| usize::try_from(finding.place.offset).is_ok_and(|at| at > text.len())) {
            return Err(format!("outside of the input: {}", told()));
        }
        let answer = self.answer(&report);
        match answer.is_empty() || self.is_told(&answer, expected) {
            true => Ok(()),
            false => Err(format!("{} {}: {expected:?} is not told in {answer}", self.schema.id, self.schema.version)),
        }
    }

    /// The acknowledgments; empty for sets that are none's to acknowledge.
    fn answer(&self, report: &crate::Report) -> String {
        let mut writer = Writer::new(WriteOptions::new(self.delimiters));
        let interchange = &report.interchanges[0];
        let (date, time, control) = ("261123", "1031", 1);
        if self.is_edifact() {
            writer.begin_edifact(&EdifactInterchange {
                una: false,
                syntax: "UNOC",
                version: 3,
                sender: ("V", "14"),
                receiver: ("B", "14"),
                date,
                time,
                control: "1",
                application: "",
                acknowledgment_requested: false,
                test: false,
            });
            write_contrl(report, interchange, ContrlLeg::Acceptance, "1", &ContrlOptions::default(), &mut writer);
        } else {
            let version = if self.schema.version >= "005010" { "00501" } else { "00401" };
            let (sender, receiver, usage) = (("ZZ", "VENDOR"), ("ZZ", "BUYER"), 'T');
            let acknowledgment_requested = false;
            #[rustfmt::skip]
            writer.begin_x12(&X12Interchange { sender, receiver, date, time, version, control, acknowledgment_requested, usage });
            let (kind, sender, receiver, date, version) = ("FA", "VENDOR", "BUYER", "20261123", self.schema.version);
            writer.begin_group(&X12Group { kind, sender, receiver, date, time, control, version });
            let write = if self.schema.version >= "005010" { write_999 } else { write_997 };
            write(report, interchange, AcknowledgmentOptions::default(), &mut writer);
        }
        let text = String::from_utf8(writer.finish().expect("nothing to refuse")).expect("ASCII");
        let own = read(text.as_bytes());
        let told: Vec<_> = own.findings.iter().filter(|finding| !EMPTY.contains(&finding.rule)).collect();
        assert!(told.iter().all(|finding| finding.rule == Rule::GroupCountWrong), "{told:?}\n{text}");
        if text.contains("AK2") || text.contains("UCM") { text } else { String::new() }
    }

    /// True when the acknowledgment names the fault by segment, element and code.
    fn is_told(&self, answer: &str, expected: &Expected) -> bool {
        let Expected { rule, tag, segment, element, component } = expected;
        let known = CODES.iter().find(|(known, ..)| known == rule);
        let (_, about, inside, edifact) = *known.unwrap_or_else(|| panic!("no codes are known for {rule:?}"));
        let between = char::from(self.delimiters.component());
        let part = match (component, rule) {
            (0, Rule::ElementRepeated) => format!("{between}{between}2"),
            (0, _) => String::new(),
            _ => format!("{between}{component}"),
        };
        if self.is_edifact() {
            let place = format!("{}{part}", element + 1);
            return match inside {
                0 => answer.contains(&format!("'UCS+{segment}+{edifact}'")),
                _ => answer.contains(&format!("'UCS+{segment}'UCD+{edifact}+{place}'")),
            };
        }
        let modern = self.schema.version >= "005010";
        let kind = if modern { 'I' } else { 'A' };
        // 4010 has no codes for repetitions and components: there, both are too many elements.
        let inside = if inside >= 12 && !modern { 3 } else { inside };
        let mut lines = answer.split('~').skip_while(|line| {
            !(line.starts_with(&format!("{kind}K3*{tag}*{segment}*")) && line.ends_with(&format!("*{about}")))
        });
        let (is_there, next) = (lines.next().is_some(), lines.next().unwrap_or_default());
        let fields: Vec<&str> = next.split('*').collect();
        is_there
            && (inside == 0
                || fields.get(1) == Some(&format!("{element}{part}").as_str())
                    && fields.get(3) == Some(&inside.to_string().as_str()))
    }
}

/// All sets of all versions.
fn makers() -> impl Iterator<Item = Maker> {
    Schemas::known().map(|(id, version, _)| {
        let standard = if version.starts_with('0') { Standard::X12 } else { Standard::Edifact };
        Maker::new(standard, id, version)
    })
}

#[track_caller]
fn none_wrong(wrong: Vec<String>, tried: usize) {
    let shown = wrong.iter().take(12).cloned().collect::<Vec<_>>().join("\n");
    assert!(wrong.is_empty(), "{} of {tried} judged wrongly:\n{shown}", wrong.len());
    println!("{tried} tried");
}

/// Each document is printed too, so that other parsers can read it (`--nocapture`).
#[test]
fn each_segment_of_each_set_may_be_full() {
    let (mut wrong, mut tried) = (Vec::new(), 0);
    for maker in makers() {
        let whole = maker.document(None);
        wrong.extend(maker.check(&whole, None).err());
        println!("{} {}: {}", maker.schema.version, maker.schema.id, maker.text(&whole));
        for node in 0..maker.schema.nodes.len() as u16 {
            tried += 1;
            wrong.extend(maker.check(&maker.document(Some(node)), None).err());
        }
    }
    none_wrong(wrong, tried);
}

/// Segments whose contents are counted or tied together; their faults have tests of their own.
const SERVICE: [&str; 9] = ["ST", "SE", "UNH", "UNT", "HL", "CTT", "CNT", "LS", "LE"];

/// One fault: the rows that hold it, and what must be found.
type Fault = (Vec<Row>, Expected);

impl Maker {
    /// Every fault that can be put into the segment at `node`.
    fn faults_inside(&self, node: u16) -> Vec<Fault> {
        let rows = self.document(Some(node));
        let at = rows.iter().position(|row| row.node == node).expect("the node was asked for");
        if SERVICE.contains(&rows[at].tag.as_str()) {
            return Vec::new();
        }
        let mut faults = Vec::new();
        let mut put = |rule: Rule, element: usize, component: usize, parts: Vec<String>| {
            let mut rows = rows.clone();
            let elements = &mut rows[at].elements;
            elements.resize(elements.len().max(element), Vec::new());
            elements[element - 1] = parts;
            let tag = rows[at].tag.clone();
            let (segment, element, component) = (at as u32 + 1, element as u16, component as u16);
            faults.push((rows, Expected { rule, tag, segment, element, component }));
        };
        let rules = self.elements(node);
        put(Rule::ElementTooMany, rules.len() + 1, 0, vec!["A".into()]);
        let notes = self.schema.dictionary.notes(self.rule(node));
        let noted = notes.iter().fold(0, |noted, note| noted | note.first | note.others);
        for (place, rule) in rules.iter().enumerate() {
            let sent = &rows[at].elements[place];
            if sent.is_empty() {
                continue;
            }
            if rule.mandatory && noted >> place & 1 == 0 {
                put(Rule::ElementMissing, place + 1, 0, Vec::new());
            }
            let components = self.schema.dictionary.components(rule);
            let (whole, parts): (_, &[ElementRule]) = match components {
                [] => (true, std::slice::from_ref(rule)),
                components => (false, components),
            };
            for (number, part) in parts.iter().enumerate() {
                let component = if whole { 0 } else { number + 1 };
                let replaced = |value: String| {
                    let mut sent = sent.clone();
                    sent[number] = value;
                    sent
                };
                if !whole && part.mandatory && parts.len() > 1 {
                    put(Rule::ElementMissing, place + 1, component, replaced(String::new()));
                }
                for (broken, value) in self.wrong_values(part) {
                    if self.schema.dictionary.demands(rule).1 && number > 0 {
                        continue;
                    }
                    put(broken, place + 1, component, replaced(value));
                }
            }
            if self.schema.dictionary.demands(rule).1 {
                put(Rule::ElementDate, place + 1, 2, vec!["137".into(), "20261323".into(), "102".into()]);
            }
            let mut more = sent.clone();
            more.resize(parts.len(), "A".into());
            more.push("A".into());
            put(Rule::ComponentTooMany, place + 1, 0, more);
            if let Some(repetition) = self.delimiters.repetition()
                && rule.repeats == 1
            {
                let component = char::from(self.delimiters.component()).to_string();
                let once = sent.join(&component);
                put(Rule::ElementRepeated, place + 1, 0, vec![format!("{once}{}{once}", char::from(repetition))]);
            }
        }
        faults
    }

    /// Values that break the rule of one element, each with the rule of reading that it breaks.
    fn wrong_values(&self, rule: &ElementRule) -> Vec<(Rule, String)> {
        let (min, max) = (usize::from(rule.min), usize::from(rule.max));
        let mut wrong = Vec::new();
        let letter = match rule.kind {
            Kind::Text | Kind::Code | Kind::Letters => "A",
            _ => "1",
        };
        wrong.push((Rule::ElementTooLong, letter.repeat(max + 1)));
        if min > 1 {
            wrong.push((Rule::ElementTooShort, letter.repeat(min - 1)));
        }
        match rule.kind {
            Kind::Integer | Kind::Decimal | Kind::Number => {
                wrong.push((Rule::ElementCharacters, format!("{}x", "1".repeat(min))));
            }
            Kind::Date if max == 8 => wrong.push((Rule::ElementDate, "20261323".into())),
            Kind::Time => wrong.push((Rule::ElementTime, "2561".into())),
            _ => {}
        }
        if let Some(list) = self.schema.dictionary.code_list(rule)
            && list.closed
            && let Some(code) = ["J", "JJ", "JJJ"]
                .into_iter()
                .find(|code| (min..=max).contains(&code.len()) && !list.holds(code.as_bytes()))
        {
            wrong.push((Rule::ElementCode, code.into()));
        }
        wrong
    }

    /// Each syntax note broken, where no other note and no requirement speaks of the same elements.
    fn faults_of_notes(&self, node: u16) -> Vec<Fault> {
        let rows = self.document(Some(node));
        let at = rows.iter().position(|row| row.node == node).expect("the node was asked for");
        let notes = self.schema.dictionary.notes(self.rule(node));
        let mandatory = self.rule(node).mandatory;
        let mut faults = Vec::new();
        for (number, note) in notes.iter().enumerate() {
            let all = note.first | note.others;
            let elsewhere = notes.iter().enumerate().filter(|(other, _)| *other != number);
            let taken = elsewhere.fold(mandatory, |taken, (_, other)| taken | other.first | other.others);
            let (rule, cleared, told) = match note.kind {
                NoteKind::Exclusive => continue,
                NoteKind::Required => (Rule::ElementConditionMissing, all, note.first),
                NoteKind::Paired | NoteKind::Conditional => {
                    let last = 1 << (63 - note.others.leading_zeros());
                    (Rule::ElementConditionMissing, last, last)
                }
                NoteKind::List => {
                    (Rule::ElementConditionMissing, note.others, note.others & note.others.wrapping_neg())
                }
            };
            let is_sent = |place: u32| rows[at].elements.get(place as usize).is_some_and(|sent| !sent.is_empty());
            if cleared & taken != 0 || !is_sent(note.first.trailing_zeros()) {
                continue;
            }
            let mut rows = rows.clone();
            for (place, element) in rows[at].elements.iter_mut().enumerate() {
                if cleared >> place & 1 == 1 {
                    element.clear();
                }
            }
            let (tag, segment) = (rows[at].tag.clone(), at as u32 + 1);
            let element = told.trailing_zeros() as u16 + 1;
            faults.push((rows, Expected { rule, tag, segment, element, component: 0 }));
        }
        faults
    }

    /// The segment missing, repeated once too often, and followed by one that the set does not have.
    fn faults_around(&self, node: u16) -> Vec<Fault> {
        const REPEATS_TRIED: u32 = 30;
        let here = &self.schema.nodes[usize::from(node)];
        let rows = self.document(Some(node));
        let inside = |row: &Row| here.place <= row.node && row.node < here.end;
        let at = rows.iter().position(|row| row.node == node).expect("the node was asked for");
        let tag = here.tag.to_string();
        let expected = |rule: Rule, tag: &str, segment: usize| Expected {
            rule,
            tag: tag.to_owned(),
            segment: segment as u32,
            element: 0,
            component: 0,
        };
        let mut faults = Vec::new();
        let ends = ["ST", "SE", "UNH", "UNT"].contains(&tag.as_str());
        if !ends {
            let mut with_more = rows.clone();
            let foreign = Row { node, tag: "ZZX".into(), elements: vec![vec!["1".into()]] };
            with_more.insert(at + 1, foreign);
            faults.push((with_more, expected(Rule::SegmentNotInSet, "ZZX", at + 2)));
        }
        if here.min > 0 && !ends {
            let without = rows.iter().filter(|row| !inside(row)).cloned().collect();
            faults.push((without, expected(Rule::SegmentMissing, &tag, at + 1)));
        }
        let mut elsewhere = false;
        crate::schema::for_each_following(&self.schema.nodes, node, |next, _| {
            elsewhere |= next != node && self.schema.nodes[usize::from(next)].tag == here.tag;
        });
        if here.max <= REPEATS_TRIED && !elsewhere && !SERVICE.contains(&tag.as_str()) {
            let block: Vec<Row> = rows.iter().filter(|row| inside(row)).cloned().collect();
            let mut often = rows[..at].to_vec();
            (0..=here.max).for_each(|_| often.extend(block.iter().cloned()));
            let segment = often.len() - block.len() + 1;
            often.extend(rows[at..].iter().filter(|row| !inside(row)).cloned());
            let rule = if here.opens_loop { Rule::LoopTooMany } else { Rule::SegmentTooMany };
            faults.push((often, expected(rule, &tag, segment)));
        }
        faults
    }
}

fn try_all(faults: impl Fn(&Maker, u16) -> Vec<Fault>) {
    let (mut wrong, mut tried) = (Vec::new(), 0);
    for maker in makers() {
        for node in 0..maker.schema.nodes.len() as u16 {
            for (rows, expected) in faults(&maker, node) {
                tried += 1;
                wrong.extend(maker.check(&rows, Some(&expected)).err());
            }
        }
    }
    none_wrong(wrong, tried);
}

#[test]
fn each_fault_inside_a_segment_is_found_once() {
    try_all(Maker::faults_inside);
}

#[test]
fn each_broken_note_is_found_once() {
    try_all(Maker::faults_of_notes);
}

#[test]
fn each_fault_around_a_segment_is_found_once() {
    try_all(Maker::faults_around);
}
