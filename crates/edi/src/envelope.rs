//! Follows interchange, group and set from header to trailer: what is open, what was counted, what does not agree.
//!
//! This file keeps the state that both standards share and closes what was left open; `envelope_x12` and
//! `envelope_edifact` know the segments. It does not know where bytes come from, nor how a set is built inside.

use crate::check::Checker;
use crate::delimiter::Standard;
use crate::finding::{Finding, Level, Place, Source, kept_value};
use crate::listener::{Listener, SegmentContext, is_refusal};
use crate::reader::ReadOptions;
use crate::report::{GroupHeader, GroupSummary, InterchangeHeader, InterchangeSummary, Party, SetHeader, SetReport};
use crate::rule::Rule;
use crate::segment::{Element, Segment, Tag};
use std::collections::BTreeSet;

/// How many control numbers that do not simply ascend are remembered to find one used twice.
const CONTROLS_KEPT: usize = 65_536;
/// How many findings of one set are told; the rest is counted, and still decides what becomes of the set.
const FINDINGS_PER_SET: u32 = 1_000;

/// What the reader does after a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flow {
    /// Goes on.
    Next,
    /// The interchange is over; look for another.
    Ended,
    /// A new interchange begins at this very segment.
    Restart,
}

/// To whom a finding counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    Set,
    Group,
    Interchange,
    Outside,
}

pub(crate) struct OpenInterchange {
    pub(crate) header: InterchangeHeader,
    pub(crate) summary: InterchangeSummary,
    pub(crate) groups: u32,
    pub(crate) explicit_groups: u64,
    pub(crate) sets: u64,
    pub(crate) group_controls: Seen,
    pub(crate) outside_told: bool,
    pub(crate) wrap_told: bool,
    /// Its lines end as in quoted-printable.
    pub(crate) is_quoted: bool,
    /// It holds a TA1.
    pub(crate) acknowledged: bool,
}

pub(crate) struct OpenGroup {
    pub(crate) header: GroupHeader,
    pub(crate) summary: GroupSummary,
    pub(crate) set_controls: Seen,
}

pub(crate) struct OpenSet {
    pub(crate) header: SetHeader,
    segments: u32,
    level: Level,
    findings: u32,
    /// Its end is lost, and whatever stood there.
    cut: bool,
    /// A schema is known.
    checked: bool,
}

/// Control numbers met so far, to find one that comes twice. Ascending numbers cost no memory.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    highest: Option<u64>,
    others: BTreeSet<String>,
}

impl Seen {
    /// False when this number was there before.
    pub(crate) fn insert(&mut self, control: &str) -> bool {
        match control.parse::<u64>() {
            Ok(number) if self.highest.is_none_or(|highest| number == highest + 1) => {
                self.highest = Some(number);
                true
            }
            Ok(number) if self.highest == Some(number) => false,
            _ if self.others.len() >= CONTROLS_KEPT => true,
            _ => self.others.insert(control.to_owned()),
        }
    }
}

/// Counts lines without looking at any byte twice.
#[derive(Debug)]
struct Lines {
    offset: u64,
    line: u64,
}

impl Lines {
    fn at(&mut self, offset: u64, window: &[u8], base: u64) -> u64 {
        if offset == 0 {
            return 1;
        }
        let from = self.offset.max(base);
        let to = offset.min(base + window.len() as u64);
        if to < from {
            let back = &window[(offset.max(base) - base) as usize..(from - base).min(window.len() as u64) as usize];
            return self.line - memchr::memchr_iter(b'\n', back).count() as u64;
        }
        self.line += memchr::memchr_iter(b'\n', &window[(from - base) as usize..(to - base) as usize]).count() as u64;
        self.offset = to;
        self.line
    }
}

/// Everything that is known while an input is read.
pub(crate) struct Envelope<L> {
    pub(crate) options: ReadOptions,
    pub(crate) listener: L,
    pub(crate) interchange: Option<OpenInterchange>,
    pub(crate) group: Option<OpenGroup>,
    pub(crate) set: Option<OpenSet>,
    pub(crate) interchange_controls: Seen,
    interchanges: u32,
    checker: Checker,
    drafts: Vec<Finding>,
    /// What was unusual about the header of the interchange that is about to open.
    pub(crate) remarks: Vec<Finding>,
    lines: Lines,
    /// The segment at hand was put together from several lines.
    pub(crate) unwrapped: Option<Unwrapped>,
}

/// Line ends taken out of a segment, to give findings in it their true places.
pub(crate) struct Unwrapped {
    /// Where the segment begins.
    start: u64,
    /// On which line.
    line: u64,
    /// Places of the line ends within it, and whether each is a line feed.
    removed: Vec<(u32, bool)>,
}

impl<L: Listener> Envelope<L> {
    pub(crate) fn new(options: ReadOptions, listener: L) -> Envelope<L> {
        Envelope {
            options,
            listener,
            interchange: None,
            group: None,
            set: None,
            interchange_controls: Seen::default(),
            interchanges: 0,
            checker: Checker::default(),
            drafts: Vec::new(),
            remarks: Vec::new(),
            lines: Lines { offset: 0, line: 1 },
            unwrapped: None,
        }
    }

    pub(crate) fn any_interchange(&self) -> bool {
        self.interchanges > 0
    }

    /// Takes one segment in.
    #[inline]
    pub(crate) fn take(&mut self, segment: &Segment<'_>) -> Flow {
        match segment.delimiters().standard() {
            Standard::X12 => self.take_x12(segment),
            Standard::Edifact => self.take_edifact(segment),
        }
    }

    /// The line of an offset in the window.
    pub(crate) fn line_at(&mut self, offset: u64, window: &[u8], base: u64) -> u64 {
        self.lines.at(offset, window, base)
    }

    /// A window is about to be dropped: count its lines up to `end`.
    pub(crate) fn leave_window(&mut self, window: &[u8], base: u64) {
        self.lines.at(base + window.len() as u64, window, base);
    }

    /// Remembers which line ends are about to be taken out of a segment.
    pub(crate) fn unwrap(&mut self, segment: &Segment<'_>) {
        let ends = segment.raw().iter().enumerate().filter(|(_, byte)| matches!(byte, b'\r' | b'\n'));
        let removed = ends.map(|(place, &byte)| (place as u32, byte == b'\n')).collect();
        let line = self.lines.at(segment.offset(), segment.window(), segment.base());
        self.unwrapped = Some(Unwrapped { start: segment.offset(), line, removed });
    }

    /// A segment inside the open set, header and trailer included.
    #[inline]
    pub(crate) fn set_segment(&mut self, segment: &Segment<'_>) {
        let Some(set) = &mut self.set else { return };
        set.segments += 1;
        let (depth, opens_loop) = if self.options.check_sets {
            self.checker.segment(segment, set.segments, &mut self.drafts);
            self.checker.place()
        } else {
            (0, false)
        };
        let context = SegmentContext { number: set.segments, set: &set.header, depth, opens_loop };
        self.listener.segment(segment, &context);
        if !self.drafts.is_empty() {
            let number = set.segments;
            // A segment that was cut off is told once, and the envelope tells its own fields.
            self.drafts.retain(|draft| segment.is_terminated() && !is_of_envelope(draft, number));
            self.tell_drafts(segment.window(), segment.base());
        }
    }

    fn tell_drafts(&mut self, window: &[u8], base: u64) {
        for draft in std::mem::take(&mut self.drafts) {
            self.tell(draft, Scope::Set, window, base);
        }
    }

    /// Completes a finding with its place and tells it, unless its level says not to.
    pub(crate) fn tell(&mut self, mut finding: Finding, scope: Scope, window: &[u8], base: u64) {
        if finding.source == Source::Standard
            && let Some(&level) = self.options.levels.get(&finding.rule)
        {
            finding.level = level;
        }
        let is_of_schema = finding.rule.codes().segment != 0 || finding.rule.codes().element != 0;
        if scope == Scope::Set && is_of_schema && self.set.as_ref().is_some_and(|set| !set.checked) {
            // By the schema of another version there are only hints, whatever the options say.
            finding.level = finding.level.min(Level::Warn);
        }
        if finding.level == Level::Ignore {
            return;
        }
        let place = &mut finding.place;
        match &self.unwrapped {
            Some(unwrapped) if place.line == 0 => (place.offset, place.line) = unwrapped.place(place.offset),
            Some(_) => {}
            None if place.line == 0 => place.line = self.lines.at(place.offset, window, base),
            None => {}
        }
        place.interchange =
            if scope == Scope::Outside { 0 } else { self.interchange.as_ref().map_or(0, |open| open.header.ordinal) };
        if matches!(scope, Scope::Set | Scope::Group) {
            place.group = self.group.as_ref().map_or(0, |open| open.header.ordinal);
        }
        match scope {
            Scope::Set => {
                if let Some(set) = &mut self.set {
                    place.set = set.header.ordinal;
                    if place.segment == 0 {
                        place.segment = set.segments;
                    }
                    set.level = set.level.max(finding.level);
                    set.findings += 1;
                    if set.findings > FINDINGS_PER_SET {
                        return;
                    }
                }
            }
            Scope::Group => {
                if let Some(group) = &mut self.group {
                    group.summary.level = group.summary.level.max(finding.level);
                }
            }
            Scope::Interchange => {
                if let Some(interchange) = &mut self.interchange {
                    interchange.summary.level = interchange.summary.level.max(finding.level);
                }
            }
            Scope::Outside => {}
        }
        self.listener.finding(finding);
    }

    /// Tells that a rule is broken by a whole segment.
    pub(crate) fn tell_segment(&mut self, rule: Rule, scope: Scope, segment: &Segment<'_>) {
        let mut finding = at_segment(rule, segment);
        if matches!(rule, Rule::SegmentOutside | Rule::SegmentUnknown) {
            finding.value = Some(kept_value(segment.raw()));
        }
        self.tell(finding, scope, segment.window(), segment.base());
    }

    /// Tells that a rule is broken by one element of a segment.
    pub(crate) fn tell_element(
        &mut self,
        rule: Rule,
        scope: Scope,
        segment: &Segment<'_>,
        number: usize,
        expected: Option<String>,
    ) {
        let finding = element_finding(rule, segment, number, expected);
        self.tell(finding, scope, segment.window(), segment.base());
    }

    /// Tells a control number that an interchange of this input has, or one that came before with other content.
    pub(crate) fn find_double(&mut self, numbers: &str, segment: &Segment<'_>, control: usize) {
        let is_fresh = self.interchange_controls.insert(numbers);
        let header = self.interchange.as_ref().map(|open| &open.header);
        let is_used = !self.options.used.is_empty()
            && header.is_some_and(|header| self.options.used.contains(&header.identity()));
        if is_fresh && !is_used {
            return;
        }
        let mut finding = element_finding(Rule::InterchangeDuplicate, segment, control, None);
        if is_used {
            finding.level = Level::Reject;
            finding.expected = Some("a control number of its own: one like it came before with other content".into());
        }
        self.tell(finding, Scope::Interchange, segment.window(), segment.base());
    }

    pub(crate) fn open_interchange(&mut self, mut header: InterchangeHeader) {
        self.interchanges += 1;
        header.ordinal = self.interchanges;
        self.listener.interchange(&header);
        self.interchange = Some(OpenInterchange {
            header,
            summary: InterchangeSummary::default(),
            groups: 0,
            explicit_groups: 0,
            sets: 0,
            group_controls: Seen::default(),
            outside_told: false,
            acknowledged: false,
            wrap_told: is_told(&self.remarks, Rule::InterchangeLineWrapped)
                || is_told(&self.remarks, Rule::InterchangeQuotedPrintable),
            is_quoted: is_told(&self.remarks, Rule::InterchangeQuotedPrintable),
        });
        for remark in std::mem::take(&mut self.remarks) {
            self.tell(remark, Scope::Interchange, &[], 0);
        }
    }

    /// What stands without an interchange header is read as if it had one.
    pub(crate) fn imply_interchange(&mut self, segment: &Segment<'_>) {
        if self.interchange.is_some() {
            return;
        }
        self.open_interchange(InterchangeHeader {
            standard: segment.delimiters().standard(),
            delimiters: *segment.delimiters(),
            ordinal: 0,
            offset: segment.offset(),
            sender: Party::default(),
            receiver: Party::default(),
            date: String::new(),
            time: String::new(),
            control: String::new(),
            version: String::new(),
            acknowledgment_requested: false,
            test: false,
            implied: true,
        });
        self.tell_segment(Rule::InterchangeHeaderMissing, Scope::Interchange, segment);
    }

    pub(crate) fn open_group(&mut self, mut header: GroupHeader) {
        let Some(interchange) = &mut self.interchange else { return };
        interchange.groups += 1;
        interchange.outside_told = false;
        interchange.explicit_groups += u64::from(!header.implied);
        header.ordinal = interchange.groups;
        self.listener.group(&header);
        self.group = Some(OpenGroup { header, summary: GroupSummary::default(), set_controls: Seen::default() });
    }

    /// Opens a set and takes its header segment in.
    pub(crate) fn open_set(&mut self, mut header: SetHeader, segment: &Segment<'_>) {
        let Some(group) = &mut self.group else { return };
        group.summary.received += 1;
        header.ordinal = u32::try_from(group.summary.received).unwrap_or(u32::MAX);
        let (control, version, id) = (header.control.clone(), header.version.clone(), header.id.clone());
        let implied = group.header.implied;
        let fresh = control.is_empty() || group.set_controls.insert(&control);
        let standard = segment.delimiters().standard();
        let find = |schemas: &crate::Schemas| schemas.find(standard, &header.id, &header.version);
        let schema = if self.options.check_sets { find(&self.options.schemas) } else { None };
        let checked = schema.is_some();
        if let Some(interchange) = &mut self.interchange {
            interchange.sets += 1;
            interchange.outside_told = false;
        }
        self.listener.set(&header);
        self.set = Some(OpenSet { header, segments: 0, level: Level::Ignore, findings: 0, cut: false, checked });
        if self.options.check_sets {
            let syntax = self.interchange.as_ref().map_or("", |open| open.header.version.as_str());
            let nearest = if checked { None } else { self.options.schemas.nearest(standard, &id, &version) };
            self.checker.start(standard, schema.or(nearest), checked, &version, syntax);
        }
        self.set_segment(segment);
        if !fresh {
            let number = if standard == Standard::X12 { 2 } else { 1 };
            self.tell_element(Rule::SetDuplicate, Scope::Set, segment, number, None);
        }
        // A version that is none was told in the group's header.
        let told = standard == Standard::X12 && !implied && !is_x12_version(&version);
        if !checked && !told && self.options.check_sets {
            let number = if standard == Standard::X12 { 1 } else { 2 };
            self.tell_element(Rule::SetUnknown, Scope::Set, segment, number, None);
        }
    }

    /// Closes the open set at its trailer, or before `segment` when the trailer never came.
    pub(crate) fn close_set(&mut self, segment: Option<&Segment<'_>>, end: u64) {
        if let Some(set) = &self.set
            && self.options.check_sets
            && !set.cut
        {
            let (window, base): (&[u8], u64) = segment.map_or((&[], end), |segment| (segment.window(), segment.base()));
            self.checker.finish(end, set.segments, &mut self.drafts);
            self.tell_drafts(window, base);
        }
        let Some(set) = self.set.take() else { return };
        if let Some(group) = &mut self.group {
            group.summary.accepted += u64::from(!is_refusal(set.level));
        }
        let range = set.header.offset..end;
        self.listener.set_end(SetReport {
            header: set.header,
            range,
            segments: set.segments,
            level: set.level,
            checked: set.checked,
            findings: set.findings,
        });
    }

    /// Tells that nothing stands between a header and the trailer at hand.
    pub(crate) fn tell_empty(&mut self, rule: Rule, scope: Scope, segment: &Segment<'_>, claimed: Option<u64>) {
        let is_empty = match (&self.group, &self.interchange) {
            (Some(group), _) => group.summary.received == 0,
            (None, Some(open)) => open.groups == 0 && !open.outside_told && !open.acknowledged,
            (None, None) => false,
        };
        // Where something was claimed, the count is wrong, and that is told already.
        if is_empty && claimed == Some(0) {
            self.tell_segment(rule, scope, segment);
        }
    }

    pub(crate) fn close_group(&mut self) {
        if let Some(group) = self.group.take() {
            self.listener.group_end(group.summary);
        }
    }

    pub(crate) fn close_interchange(&mut self, end: u64) {
        if let Some(mut interchange) = self.interchange.take() {
            interchange.summary.end = end;
            self.listener.interchange_end(interchange.summary);
        }
    }

    /// Tells that trailers are missing from the set outwards, down to `depth` (3 set, 2 group, 1 interchange), and
    /// closes what they should have closed. `segment` is what came instead; without it the input ended.
    pub(crate) fn break_off(&mut self, depth: u8, segment: Option<&Segment<'_>>, offset: u64) {
        let (window, base): (&[u8], u64) = segment.map_or((&[], offset), |segment| (segment.window(), segment.base()));
        let standard = self.interchange.as_ref().map_or(Standard::X12, |open| open.header.standard);
        let trailer = |x12: &str, edifact: &str| Tag::new(if standard == Standard::X12 { x12 } else { edifact });
        if let Some(set) = &self.set {
            let number = set.segments + 1;
            let mut finding = missing(Rule::SetTrailerMissing, trailer("SE", "UNT"), offset);
            finding.place.segment = number;
            self.tell(finding, Scope::Set, window, base);
            if let Some(set) = &mut self.set {
                set.cut = true;
            }
            self.close_set(segment, offset);
        }
        if depth <= 2
            && let Some(group) = &self.group
        {
            if !group.header.implied {
                self.tell(missing(Rule::GroupTrailerMissing, trailer("GE", "UNE"), offset), Scope::Group, window, base);
            }
            self.close_group();
        }
        if depth <= 1
            && let Some(interchange) = &self.interchange
        {
            if !interchange.header.implied {
                let finding = missing(Rule::InterchangeTrailerMissing, trailer("IEA", "UNZ"), offset);
                self.tell(finding, Scope::Interchange, window, base);
            }
            self.close_interchange(offset);
        }
    }

    /// A segment that stands outside any set: told once for a run of them.
    pub(crate) fn outside(&mut self, segment: &Segment<'_>) {
        let Some(interchange) = &mut self.interchange else { return };
        if std::mem::replace(&mut interchange.outside_told, true) {
            return;
        }
        self.tell_segment(Rule::SegmentOutside, Scope::Interchange, segment);
    }

    /// Tells the first element beyond those that a segment of the envelope has.
    pub(crate) fn too_many(&mut self, segment: &Segment<'_>, known: usize, scope: Scope) {
        let filled = |number: &usize| !segment.element(*number).is_empty();
        if let Some(number) = (known + 1..=segment.len()).find(filled) {
            let expected = Some(format!("at most {known} elements"));
            self.tell_element(Rule::ElementTooMany, scope, segment, number, expected);
        }
    }

    /// Compares a trailer's control number with its header's.
    pub(crate) fn compare_controls(
        &mut self,
        rules: (Rule, Rule),
        scope: Scope,
        segment: &Segment<'_>,
        number: usize,
        header: &str,
    ) {
        let trailer = segment.element(number);
        let text = trailer.text();
        if text.trim_end() == header {
            return;
        }
        let same_number = match (text.trim().parse::<u64>(), header.parse::<u64>()) {
            (Ok(trailer), Ok(header)) => trailer == header,
            _ => false,
        };
        let rule = if same_number { rules.1 } else { rules.0 };
        let expected = (!header.is_empty()).then(|| format!("\"{header}\""));
        self.tell_element(rule, scope, segment, number, expected);
    }

    /// Compares a trailer's count with what was counted; gives the claim.
    pub(crate) fn compare_count(
        &mut self,
        rule: Rule,
        scope: Scope,
        segment: &Segment<'_>,
        counted: u64,
    ) -> Option<u64> {
        let claimed = count_of(&segment.element(1));
        if claimed != Some(counted) {
            self.tell_element(rule, scope, segment, 1, Some(counted.to_string()));
        }
        claimed
    }

    /// Segments of the open set so far.
    pub(crate) fn set_segments(&self) -> u64 {
        self.set.as_ref().map_or(0, |set| u64::from(set.segments))
    }
}

/// True for the fields of set header and trailer that the envelope checks itself.
fn is_of_envelope(finding: &Finding, number: u32) -> bool {
    const FIELDS: [(Tag, u16); 4] =
        [(Tag::new("ST"), 2), (Tag::new("UNH"), 1), (Tag::new("SE"), 2), (Tag::new("UNT"), 2)];
    let Place { tag, element, .. } = finding.place;
    let of_header = number == 1 || tag == FIELDS[2].0 || tag == FIELDS[3].0;
    let is_field = FIELDS.iter().any(|&(service, last)| tag == service && (1..=last).contains(&element));
    of_header && is_field && finding.rule != Rule::ElementTooMany
}

/// A finding about a whole segment; the envelope completes its place.
pub(crate) fn at_segment(rule: Rule, segment: &Segment<'_>) -> Finding {
    let mut finding = missing(rule, segment.tag(), segment.offset());
    finding.place.length = segment.raw().len() as u32;
    finding
}

/// True if one of the findings is of that rule.
pub(crate) fn is_told(findings: &[Finding], rule: Rule) -> bool {
    findings.iter().any(|finding| finding.rule == rule)
}

/// A finding about one element of a segment of the envelope.
pub(crate) fn element_finding(rule: Rule, segment: &Segment<'_>, number: usize, expected: Option<String>) -> Finding {
    let element = segment.element(number);
    let mut finding = at_segment(rule, segment);
    finding.place.element = number as u16;
    finding.place.offset = element.offset();
    finding.place.length = element.raw().len() as u32;
    finding.value = (!element.is_empty()).then(|| kept_value(element.raw()));
    finding.expected = expected;
    finding
}

/// A finding about something that should have been at `offset`.
pub(crate) fn missing(rule: Rule, tag: Tag, offset: u64) -> Finding {
    Finding {
        rule,
        level: rule.level(),
        source: Source::Standard,
        place: Place { offset, tag, ..Place::default() },
        element_number: 0,
        name: "",
        value: None,
        expected: None,
    }
}

/// True for versions of X12, as `004010` and `004010VICS`.
pub(crate) fn is_x12_version(version: &str) -> bool {
    version.len() >= 6 && version.bytes().take(6).all(|byte| byte.is_ascii_digit())
}

/// A count in a trailer: digits only.
pub(crate) fn count_of(element: &Element<'_>) -> Option<u64> {
    let text = element.text();
    let text = text.trim();
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

/// An element's text without the blanks that pad it.
pub(crate) fn trimmed(segment: &Segment<'_>, number: usize) -> String {
    segment.text(number).trim_end().to_owned()
}

impl Unwrapped {
    /// Where a byte of the unwrapped segment stood in the input: offset and line.
    fn place(&self, offset: u64) -> (u64, u64) {
        let Some(mut place) = offset.checked_sub(self.start) else { return (offset, self.line) };
        let mut line = self.line;
        for &(gap, is_feed) in &self.removed {
            if u64::from(gap) <= place {
                place += 1;
                line += u64::from(is_feed);
            }
        }
        (self.start + place, line)
    }
}
