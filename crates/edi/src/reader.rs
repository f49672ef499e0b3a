//! Reading: windows of bytes in, segments out to the envelope; finds where interchanges begin and goes on after junk.
//!
//! It keeps at most one window and one segment; it does not know what a segment means.

use crate::delimiter::{self, Delimiters};
use crate::envelope::{Envelope, Flow, Scope, is_told, missing};
use crate::envelope_x12::ISA_FIELDS;
use crate::finding::{Finding, Level, kept_value};
use crate::foreign;
use crate::listener::{Collector, Listener};
use crate::report::Report;
use crate::rule::Rule;
use crate::scan::{self, Lanes, Marks};
use crate::schema::Schemas;
use crate::segment::{Cursor, Segment, Tag, Token, is_wrapped};
use std::collections::{BTreeMap, BTreeSet};

/// Bytes looked at in one go: small enough for the second-level cache, large enough to forget the borders.
const WINDOW_BYTES: usize = 64 * 1024;
/// A longer segment is taken for a lost terminator.
pub const SEGMENT_BYTES_MAX: usize = 1024 * 1024;
/// An interchange header is looked for only where this many bytes follow, or the input ends.
const HEADER_BYTES: usize = 1200;
/// How much of what is no interchange is shown.
const JUNK_BYTES: usize = 40;
/// Findings that [`read`] keeps; more are counted.
pub const FINDINGS_MAX: usize = 10_000;

/// The greatest tag of three letters.
const LONGEST_TAG: u32 = 0xFF_FFFF;

/// How to read.
#[derive(Debug, Clone)]
pub struct ReadOptions {
    /// Check sets against their schemas; without, only the envelope is checked.
    pub check_sets: bool,
    /// The schemas, with what partner overlays change about them.
    pub schemas: Schemas,
    /// Levels that differ from [`Rule::level`].
    pub levels: BTreeMap<Rule, Level>,
    /// Interchanges that came before with other content, by their [identity](crate::InterchangeHeader::identity): one
    /// that has the numbers of one of them is refused as its duplicate.
    pub used: BTreeSet<String>,
    /// Findings kept by [`read_with`].
    pub findings_max: usize,
}

impl Default for ReadOptions {
    fn default() -> ReadOptions {
        ReadOptions {
            check_sets: true,
            schemas: Schemas::standard(),
            levels: BTreeMap::new(),
            used: BTreeSet::new(),
            findings_max: FINDINGS_MAX,
        }
    }
}

/// Reads a whole input, checks it against envelope rules and schemas, and reports.
pub fn read(input: &[u8]) -> Report {
    read_with(input, ReadOptions::default())
}

/// Reads a whole input as `options` say.
pub fn read_with(input: &[u8], options: ReadOptions) -> Report {
    let mut collector = Collector::new(options.findings_max);
    listen(input, options, &mut collector);
    collector.finish(input.len() as u64)
}

/// Reads a whole input and tells `listener` what comes.
pub fn listen<L: Listener>(input: &[u8], options: ReadOptions, listener: L) {
    let mut core = Core::new(options, listener);
    let mut done = 0;
    let mut width = WINDOW_BYTES;
    while done < input.len() {
        let end = input.len().min(done + width);
        let used = core.consume(&input[done..end], done as u64, end == input.len());
        done += used;
        width = if used == 0 { width * 2 } else { WINDOW_BYTES };
        if used == 0 && end == input.len() {
            break;
        }
    }
    core.finish(input.len() as u64);
}

/// Reads an input that comes in pieces, in memory that does not grow with it.
///
/// Push the pieces in order, then call [`StreamReader::finish`].
pub struct StreamReader<L> {
    core: Core<L>,
    held: Vec<u8>,
    base: u64,
}

impl<L: Listener> StreamReader<L> {
    /// A reader that tells `listener` what comes.
    pub fn new(options: ReadOptions, listener: L) -> StreamReader<L> {
        StreamReader { core: Core::new(options, listener), held: Vec::new(), base: 0 }
    }

    /// Takes the next piece of input, of any size.
    pub fn push(&mut self, piece: &[u8]) {
        for part in piece.chunks(WINDOW_BYTES) {
            self.held.extend_from_slice(part);
            if self.held.len() >= WINDOW_BYTES {
                self.drain(false);
            }
        }
    }

    /// The input is over. Gives the listener back.
    pub fn finish(mut self) -> L {
        self.drain(true);
        self.core.finish(self.base + self.held.len() as u64)
    }

    fn drain(&mut self, last: bool) {
        let used = self.core.consume(&self.held, self.base, last);
        self.held.drain(..used);
        self.base += used as u64;
    }
}

/// Where reading stands between two windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Looks for the next interchange; with a flag when bytes were skipped already.
    Seeking { junk_told: bool },
    /// Inside an interchange with these delimiters.
    Inside(Delimiters),
}

struct Core<L> {
    envelope: Envelope<L>,
    state: State,
    marks: Marks,
    cursor: Cursor,
    /// Start of the scanned part in the window, while the marks fit it.
    scanned: Option<(usize, Delimiters)>,
    unwrapped: Vec<u8>,
    unwrapped_marks: Marks,
    /// What stands before the first interchange, as long as there is none.
    junk: Option<Finding>,
    /// It looks like something that may hold an interchange as it is.
    wrapped: bool,
}

impl<L: Listener> Core<L> {
    fn new(options: ReadOptions, listener: L) -> Core<L> {
        Core {
            envelope: Envelope::new(options, listener),
            state: State::Seeking { junk_told: false },
            marks: Marks::default(),
            cursor: Cursor::default(),
            scanned: None,
            unwrapped: Vec::new(),
            unwrapped_marks: Marks::default(),
            junk: None,
            wrapped: false,
        }
    }

    /// Reads what can be read of a window that begins at `base` of the input; says how many bytes are done with.
    fn consume(&mut self, window: &[u8], base: u64, last: bool) -> usize {
        self.scanned = None;
        let mut at = 0;
        loop {
            let next = match self.state {
                State::Seeking { junk_told } => self.seek(window, at, base, last, junk_told),
                State::Inside(delimiters) => self.inside(window, at, base, last, delimiters),
            };
            match next {
                Step::Go(place) => at = place,
                Step::Wait(place) => {
                    self.envelope.leave_window(&window[..place], base);
                    return place;
                }
            }
        }
    }

    /// Looks for the beginning of an interchange from `at` on.
    fn seek(&mut self, window: &[u8], at: usize, base: u64, last: bool, junk_told: bool) -> Step {
        let rest = &window[at..];
        let blank = blank_bytes(rest);
        let from = at + blank;
        if from == window.len() {
            return Step::Wait(from);
        }
        if window.len() - from < HEADER_BYTES && !last {
            return Step::Wait(from);
        }
        let is_bare = !self.envelope.any_interchange() && delimiter::is_bare(&window[from..]);
        let starts = delimiter::is_start(&window[from..]);
        if (starts || is_bare)
            && let Some(detection) = delimiter::detect(&window[from..])
        {
            return self.enter(window, from, base, &detection);
        }
        let next = next_start(&window[from + 1..]).map(|place| from + 1 + place);
        if !junk_told {
            let rule = if starts && last { Rule::InterchangeHeaderIncomplete } else { Rule::InterchangeJunk };
            let mut finding = missing(rule, Tag::NONE, base + from as u64);
            let shown = &window[from..next.unwrap_or(window.len()).min(from + JUNK_BYTES)];
            finding.value = Some(kept_value(shown));
            finding.place.length = shown.len() as u32;
            if rule == Rule::InterchangeHeaderIncomplete {
                finding.place.tag = Tag::from_bytes(&window[from..from + 3]);
            } else {
                let guess = foreign::looks_like(&window[at..]);
                self.wrapped = guess.is_some_and(|guess| guess.wraps);
                finding.expected = guess.map(|guess| format!("X12 or EDIFACT; this looks like {}", guess.words));
            }
            self.found_junk(finding, window, base);
        }
        self.state = State::Seeking { junk_told: true };
        match next {
            Some(place) => Step::Go(place),
            // The last bytes could be the beginning of a start.
            None => Step::Wait(if last { window.len() } else { window.len().saturating_sub(4).max(from) }),
        }
    }

    /// What stands before the first interchange is held back: perhaps there is none, and that is the one thing to say.
    fn found_junk(&mut self, mut finding: Finding, window: &[u8], base: u64) {
        if self.envelope.any_interchange() {
            return self.envelope.tell(finding, Scope::Outside, window, base);
        }
        finding.place.line = self.envelope.line_at(finding.place.offset, window, base);
        self.junk = Some(finding);
    }

    fn enter(&mut self, window: &[u8], from: usize, base: u64, detection: &delimiter::Detection) -> Step {
        let delimiters = detection.delimiters;
        let start = from + detection.prefix_bytes;
        let reusable = self.scanned.is_some_and(|(scanned_at, with)| {
            with == delimiters && self.cursor.skip_to(&self.marks, start - scanned_at)
        });
        if !reusable {
            self.scanned = None;
        }
        self.state = State::Inside(delimiters);
        if let Some(junk) = self.junk.take() {
            let expected = junk.expected.filter(|_| self.wrapped);
            let junk = Finding { expected, ..junk };
            self.envelope.tell(junk, Scope::Outside, window, base);
        }
        for &rule in &detection.remarks {
            let mut finding = missing(rule, Tag::from_bytes(&window[from..from + 3]), base + from as u64);
            finding.place.line = self.envelope.line_at(finding.place.offset, window, base);
            if rule == Rule::InterchangeHeaderIncomplete {
                finding.expected = Some(ISA_FIELDS.into());
            }
            self.envelope.remarks.push(finding);
        }
        Step::Go(start)
    }

    /// Hands out segments until the interchange or the window ends.
    fn inside(&mut self, window: &[u8], at: usize, base: u64, last: bool, delimiters: Delimiters) -> Step {
        let scanned_at = match self.scanned {
            Some((scanned_at, _)) => scanned_at,
            None => {
                // Segments see the window from here on only; the lines before are counted now.
                self.envelope.leave_window(&window[..at], base);
                scan::scan(&window[at..], &delimiters, Lanes::Best, &mut self.marks);
                self.cursor = Cursor::default();
                self.scanned = Some((at, delimiters));
                at
            }
        };
        let (part, part_base) = (&window[scanned_at..], base + scanned_at as u64);
        loop {
            let before = self.cursor.clone();
            let segment = match self.cursor.advance(&self.marks, part, part_base, &delimiters, last) {
                Token::Segment(segment) => segment,
                Token::Empty(offset) => {
                    if delimiters.terminator() != b'\n' && delimiters.terminator() != b'\r' {
                        let finding = missing(Rule::SegmentEmpty, Tag::NONE, offset);
                        self.envelope.tell(finding, Scope::Interchange, window, base);
                    }
                    continue;
                }
                Token::Rest(place) => return self.rest(window, scanned_at + place, base, last),
            };
            let begins = (segment.offset() - base) as usize;
            if segment.raw().len() > SEGMENT_BYTES_MAX || self.hides_start(&segment) {
                return self.resynchronise(window, begins, base, last);
            }
            let flow = if scan::HAS_ODD & segment.flags() != 0 && is_wrapped(&segment) {
                take_unwrapped(&mut self.envelope, &mut self.unwrapped, &mut self.unwrapped_marks, &segment)
            } else {
                self.envelope.take(&segment)
            };
            if !segment.is_terminated() {
                let mut finding = missing(Rule::SegmentUnterminated, segment.tag(), segment.offset());
                finding.value = Some(kept_value(segment.raw()));
                self.envelope.tell(finding, Scope::Interchange, window, base);
            }
            match flow {
                Flow::Next => {}
                Flow::Ended => {
                    self.state = State::Seeking { junk_told: false };
                    return Step::Go(scanned_at + self.cursor.position());
                }
                Flow::Restart => {
                    self.envelope.break_off(1, Some(&segment), segment.offset());
                    self.state = State::Seeking { junk_told: false };
                    // The header is read again; what is known of the window still holds if it has the same delimiters.
                    self.cursor = before;
                    return Step::Go(begins);
                }
            }
        }
    }

    /// True when an interchange with other delimiters begins at what looks like a segment with an overlong tag.
    fn hides_start(&self, segment: &Segment<'_>) -> bool {
        if segment.tag().packed() <= LONGEST_TAG || self.envelope.interchange.is_none() {
            return false;
        }
        let raw = segment.raw();
        [b"ISA", b"UNA", b"UNB"].iter().any(|tag| raw.starts_with(*tag)) && delimiter::is_start(raw)
    }

    /// The terminator is lost, or other delimiters begin: leave the interchange and look for the next.
    fn resynchronise(&mut self, window: &[u8], begins: usize, base: u64, last: bool) -> Step {
        let offset = base + begins as u64;
        if !delimiter::is_start(&window[begins..]) || self.envelope.interchange.is_none() {
            let finding = missing(Rule::SegmentTooLong, Tag::NONE, offset);
            self.envelope.tell(finding, Scope::Interchange, window, base);
        }
        self.envelope.break_off(1, None, offset);
        self.state = State::Seeking { junk_told: true };
        self.scanned = None;
        if delimiter::is_start(&window[begins..]) {
            return Step::Go(begins);
        }
        match next_start(&window[begins + 1..]) {
            Some(place) => Step::Go(begins + 1 + place),
            None => Step::Wait(if last { window.len() } else { window.len().saturating_sub(4) }),
        }
    }

    /// No terminator is left in the window.
    fn rest(&mut self, window: &[u8], place: usize, base: u64, last: bool) -> Step {
        if last {
            return Step::Wait(window.len());
        }
        if window.len() - place > SEGMENT_BYTES_MAX {
            return self.resynchronise(window, place, base, last);
        }
        Step::Wait(place)
    }

    fn finish(mut self, end: u64) -> L {
        if matches!(self.state, State::Inside(_)) {
            self.envelope.break_off(1, None, end);
        }
        if !self.envelope.any_interchange() {
            let mut finding = self.junk.take().unwrap_or_else(|| missing(Rule::InputEmpty, Tag::NONE, 0));
            if finding.rule == Rule::InterchangeJunk {
                finding.rule = Rule::InputEmpty;
                finding.level = Rule::InputEmpty.level();
            }
            self.envelope.tell(finding, Scope::Outside, &[], end);
        }
        self.envelope.listener
    }
}

/// How the loop over a window goes on.
enum Step {
    /// From this place of the window.
    Go(usize),
    /// With the next window; this many bytes of this one are done with.
    Wait(usize),
}

/// A segment that was broken over lines is put together and taken in as one.
fn take_unwrapped<L: Listener>(
    envelope: &mut Envelope<L>,
    bytes: &mut Vec<u8>,
    marks: &mut Marks,
    segment: &Segment<'_>,
) -> Flow {
    let from = (segment.offset() - segment.base()) as usize;
    let (window, end) = (segment.window(), from + segment.raw().len());
    if envelope.unwrapped.is_none() && envelope.interchange.as_ref().is_some_and(|open| !open.wrap_told) {
        let is_quoted = delimiter::soft_line_end(&window[..end], from).is_some();
        let rule = if is_quoted { Rule::InterchangeQuotedPrintable } else { Rule::InterchangeLineWrapped };
        envelope.tell_segment(rule, Scope::Interchange, segment);
        if let Some(open) = &mut envelope.interchange {
            (open.wrap_told, open.is_quoted) = (true, is_quoted);
        }
    }
    let is_quoted = match &envelope.interchange {
        Some(open) => open.is_quoted,
        None => is_told(&envelope.remarks, Rule::InterchangeQuotedPrintable),
    };
    bytes.clear();
    let mut rest = from;
    while let Some(soft) = is_quoted.then(|| delimiter::soft_line_end(&window[..end], rest)).flatten() {
        bytes.extend_from_slice(&window[rest..soft]);
        rest = soft + 1;
    }
    bytes.extend_from_slice(&window[rest..end]);
    bytes.retain(|byte| !matches!(byte, b'\r' | b'\n'));
    scan::scan(bytes, segment.delimiters(), Lanes::Best, marks);
    let mut cursor = Cursor::default();
    let token = cursor.advance(marks, bytes, segment.offset(), segment.delimiters(), true);
    let Token::Segment(whole) = token else { return Flow::Next };
    envelope.unwrap(segment);
    let flow = envelope.take(&whole.terminated());
    envelope.unwrapped = None;
    flow
}

/// Blanks, line ends, control characters and byte order marks that stand before something.
fn blank_bytes(bytes: &[u8]) -> usize {
    let mut place = 0;
    loop {
        if bytes[place..].starts_with(b"\xEF\xBB\xBF") {
            place += 3;
        } else if bytes.get(place).is_some_and(|byte| *byte <= b' ') {
            place += 1;
        } else {
            return place;
        }
    }
}

/// The next place where an interchange could begin.
fn next_start(bytes: &[u8]) -> Option<usize> {
    memchr::memchr2_iter(b'I', b'U', bytes).find(|&place| {
        let before = place.checked_sub(1).map(|before| bytes[before]);
        // In the middle of a word it is no start.
        !before.is_some_and(|byte| byte.is_ascii_alphanumeric()) && delimiter::is_start(&bytes[place..])
    })
}
