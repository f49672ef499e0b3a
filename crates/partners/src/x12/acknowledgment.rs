//! 855: a source's answer to a purchase order; and the answers to lines (ACK) that 865 shares with it.
//!
//! Does not know what was ordered: it works with what the paper says was ordered, and leaves hints for the rest.

use super::advice::item_of;
use super::codes::{self, Answer, HeaderAnswer};
use super::settings::Settings;
use super::{Set, tags};
use crate::desk::{Desk, Line};
use crate::feed::sentence;
use crate::matching::empty_line;
use crate::seam::{Hints, LineHint, Place, Severity, Whole};
use crate::value;
use countersign_engine::document::{Acknowledgment, AcknowledgmentLine, CancellationAnswer, Inbound, ItemRef};
use countersign_engine::ids::PoNumber;
use countersign_engine::measure::Quantity;
use countersign_engine::reason::Reason;
use jiff::civil::Date;
use smol_str::SmolStr;

/// Lines of an answer while they are put together, with their places and hints.
#[derive(Default)]
pub(crate) struct Answers {
    pub lines: Vec<AcknowledgmentLine>,
    pub places: Vec<Place>,
    pub hints: Vec<LineHint>,
}

/// One PO1 or POC with its answers.
pub(crate) struct Asked<'a> {
    pub line: Line<'a>,
    /// Line number on the purchase order.
    pub number: SmolStr,
    /// How many, as far as the paper says.
    pub ordered: Option<Quantity>,
    /// Unit stated.
    pub unit: SmolStr,
    /// The item.
    pub item: ItemRef,
    /// Its ACK segments.
    pub acks: Vec<Line<'a>>,
    /// Dates of the line itself, as qualifier and day.
    pub dates: Vec<(SmolStr, Date)>,
    /// The reason that a REF or an industry code gives.
    pub reason: Option<Reason>,
}

/// Reads one 855.
pub(crate) fn read(set: &Set<'_>, settings: &Settings, desk: &mut Desk<'_>) -> String {
    let Some(head) = set.lines.iter().find(|line| line.segment.tag() == tags::BAK) else {
        return "an 855 without a BAK".into();
    };
    let Some(po) = desk.po_number(head, 3) else { return "names no purchase order of ours".into() };
    if head.text(1) == "01" {
        return taken_back(set, &po, head, settings, desk);
    }
    let answer = header(head, settings, desk);
    let (mut asked, rest) = asked(set, settings, desk, tags::PO1);
    let mut answers = Answers::default();
    for line in &mut asked {
        answers.add(line, answer, settings, desk);
    }
    let details = heading(set, settings, desk, &rest);
    let whole = whole(answer, head, settings, answers.lines.is_empty());
    if answers.lines.is_empty() && whole.is_none() {
        let what = "The answer names no line and decides nothing; the purchase order still waits for an answer.";
        let advice = "Ask the partner to answer every line (PO1 with ACK).";
        desk.find_at(head, 2, ("ack_says_nothing", Severity::Warning), what, advice);
    }
    let vendor_order = Some(head.text(8)).filter(|text| !text.is_empty()).or(details.vendor_order);
    answers.put_down(po.clone(), details.attempt, vendor_order, whole, desk.place(head, 0), desk);
    format!("acknowledgment of {po}")
}

/// An answer taken back is a cancellation by the source: of the lines it names, or of everything.
fn taken_back(set: &Set<'_>, po: &PoNumber, head: &Line<'_>, settings: &Settings, desk: &mut Desk<'_>) -> String {
    let (asked, rest) = asked(set, settings, desk, tags::PO1);
    let details = heading(set, settings, desk, &rest);
    let reason = details.reason.or_else(|| asked.iter().find_map(|line| line.reason)).unwrap_or(Reason::CancelVendor);
    let lines = asked.iter().map(|line| line.number.clone()).filter(|number| !number.is_empty()).collect();
    let content = CancellationAnswer { po: po.clone(), accepted: true, lines, unasked: true, reason: Some(reason) };
    let place = desk.place(head, 1);
    desk.document(Inbound::CancellationAnswer(content), place, Vec::new(), Hints::default());
    format!("takes back its answer to {po}: a cancellation by the source")
}

/// What the header says, or a finding that its code is not known.
fn header(head: &Line<'_>, settings: &Settings, desk: &mut Desk<'_>) -> HeaderAnswer {
    let code = head.text(2);
    if let Some(reason) = settings.reasons.get(&code)
        && *reason != Reason::AcknowledgmentAccepted
    {
        return HeaderAnswer::Rejected;
    }
    codes::header_answer(&code).unwrap_or_else(|| {
        let what = format!("The answer code {code} is not known here; only the lines are read.");
        desk.find_at(head, 2, ("ack_code_unknown", Severity::Warning), what, "Map it in channel.x12.reasons.");
        HeaderAnswer::ByLine
    })
}

fn whole(answer: HeaderAnswer, head: &Line<'_>, settings: &Settings, without_lines: bool) -> Option<Whole> {
    match answer {
        HeaderAnswer::Exceptions => Some(Whole::Accepted),
        HeaderAnswer::Accepted if without_lines => Some(Whole::Accepted),
        HeaderAnswer::Rejected if without_lines => {
            Some(Whole::Rejected(settings.reason(&head.text(2)).unwrap_or(Reason::AckRejectedOther)))
        }
        _ => None,
    }
}

/// What the heading says besides its first segment.
#[derive(Default)]
pub(crate) struct Details {
    pub attempt: Option<u32>,
    pub vendor_order: Option<SmolStr>,
    pub reason: Option<Reason>,
}

/// Reads attempt, vendor order and reason out of the segments before the first line.
pub(crate) fn heading(set: &Set<'_>, settings: &Settings, desk: &mut Desk<'_>, rest: &[Line<'_>]) -> Details {
    let mut details = Details::default();
    for line in rest {
        match (line.segment.tag(), line.text(1).as_str()) {
            (tags::REF, _) if attempt_of(line).is_some() => details.attempt = attempt_of(line),
            (tags::REF, "VN" | "SO") => details.vendor_order = Some(line.text(2)),
            (tags::REF, _) if reason_of(line, settings).is_some() => details.reason = reason_of(line, settings),
            (tags::ST | tags::SE | tags::BAK | tags::BCA | tags::BCH | tags::CTT, _) => {}
            _ => desk.unmapped(&set.name, line),
        }
    }
    details
}

/// The attempt that we put on the purchase order and the partner sent back.
pub(crate) fn attempt_of(line: &Line<'_>) -> Option<u32> {
    let text = [line.text(2), line.text(3)].into_iter().find_map(|text| {
        let upper = text.to_ascii_uppercase();
        upper.strip_prefix("ATTEMPT-").map(SmolStr::new)
    })?;
    text.parse().ok().filter(|attempt| (1..=100_000).contains(attempt))
}

/// A reason that stands in a REF: the code after the qualifier, or the words after it.
pub(crate) fn reason_of(line: &Line<'_>, settings: &Settings) -> Option<Reason> {
    [line.text(2), line.text(3)].into_iter().find_map(|code| {
        let plain = code.to_ascii_lowercase().replace([' ', '-'], "_");
        settings.reasons.get(&code).copied().or_else(|| match plain.len() {
            3.. => settings.reason(&plain).or_else(|| Reason::from_code(&plain)),
            _ => None,
        })
    })
}

/// The lines of a set, and the segments outside any of them.
pub(crate) fn asked<'a>(
    set: &Set<'a>,
    settings: &Settings,
    desk: &mut Desk<'_>,
    opener: countersign_edi::Tag,
) -> (Vec<Asked<'a>>, Vec<Line<'a>>) {
    let (mut all, mut rest): (Vec<Asked<'a>>, Vec<Line<'a>>) = (Vec::new(), Vec::new());
    for line in &set.lines {
        if line.segment.tag() == opener {
            all.push(begin(line, settings, desk, set, opener));
            continue;
        }
        let Some(last) = all.last_mut() else {
            rest.push(*line);
            continue;
        };
        match line.segment.tag() {
            tags::ACK => last.acks.push(*line),
            tags::DTM => match value::date(&line.text(2)) {
                Some(day) => last.dates.push((line.text(1), day)),
                None => desk.unmapped(&set.name, line),
            },
            tags::REF | tags::MSG | tags::NTE if reason_of(line, settings).is_some() => {
                last.reason = reason_of(line, settings);
            }
            tags::CTT | tags::SE => {}
            _ => desk.unmapped(&set.name, line),
        }
    }
    (all, rest)
}

fn begin<'a>(
    line: &Line<'a>,
    settings: &Settings,
    desk: &mut Desk<'_>,
    set: &Set<'_>,
    opener: countersign_edi::Tag,
) -> Asked<'a> {
    let (quantity, unit, ids) = if opener == tags::POC { (3, line.part(5, 1), 8) } else { (2, line.text(3), 6) };
    let item = item_of(line, ids, settings, desk, set);
    let ordered = match line.text(quantity) {
        text if text.is_empty() => None,
        text => number(&text, line, quantity, desk),
    };
    let (acks, dates) = (Vec::new(), Vec::new());
    Asked { line: *line, number: line.text(1), ordered, unit, item, acks, dates, reason: None }
}

fn number(text: &str, line: &Line<'_>, element: usize, desk: &mut Desk<'_>) -> Option<Quantity> {
    value::quantity(text)
        .map_err(|error| {
            let advice = "Send whole packs in the unit of the purchase order.";
            desk.find_at(line, element, ("quantity_invalid", Severity::Error), sentence(&error), advice);
        })
        .ok()
}

impl Answers {
    /// Adds the answers to one line. Several answers split it; what they leave is decided by what they say.
    pub fn add(&mut self, asked: &mut Asked<'_>, header: HeaderAnswer, settings: &Settings, desk: &mut Desk<'_>) {
        if asked.acks.is_empty() {
            return self.add_unanswered(asked, header, settings, desk);
        }
        let start = self.lines.len();
        let mut left = asked.ordered;
        let (mut to_backorder, mut on_hold) = (false, false);
        let acks = std::mem::take(&mut asked.acks);
        for (index, ack) in acks.iter().enumerate() {
            let Some(answer) = self.meaning(ack, asked, desk) else { continue };
            let alone = acks.len() - index == 1;
            let Some(quantity) = quantity_of(ack, answer, left, alone, desk) else { continue };
            if answer == Answer::OnHold {
                on_hold = true;
                continue;
            }
            to_backorder |= answer == Answer::PartBackordered;
            left = left.map(|left| left.less(quantity));
            self.push(ack, asked, answer, quantity, settings, desk);
        }
        let rest = left.filter(|left| !left.is_zero() && !on_hold && self.lines.len() > start);
        if let Some(rest) = rest {
            self.push_rest(asked, rest, to_backorder, desk);
        }
        if on_hold {
            self.hints[start..].iter_mut().for_each(|hint| hint.rest_open = true);
            let what = "The partner has the line on hold; this is no answer yet.";
            let advice = "Wait for the next answer, or ask the partner.";
            desk.find_at(&acks[0], 1, ("ack_on_hold", Severity::Note), what, advice);
        }
    }

    fn add_unanswered(&mut self, asked: &Asked<'_>, header: HeaderAnswer, settings: &Settings, desk: &mut Desk<'_>) {
        let quantity = asked.ordered.unwrap_or_default();
        match header {
            HeaderAnswer::Accepted if !quantity.is_zero() => {
                self.push(&asked.line, asked, Answer::Accepted, quantity, settings, desk);
            }
            HeaderAnswer::Rejected if !quantity.is_zero() => {
                self.push(&asked.line, asked, Answer::Rejected, quantity, settings, desk);
            }
            _ => {
                let what = "The line has no answer (ACK), and the header does not give one for it.";
                let advice = "Ask the partner to answer the line.";
                desk.find_at(&asked.line, 0, ("ack_line_unanswered", Severity::Warning), what, advice);
            }
        }
    }

    fn meaning(&self, ack: &Line<'_>, asked: &Asked<'_>, desk: &mut Desk<'_>) -> Option<Answer> {
        let code = ack.text(1);
        let answer = codes::answer(&code);
        match answer {
            None => {
                let what = format!("The answer code {code} is not known here; this answer was left out.");
                let advice = "Ask the partner for a code of element 668, such as IA, IQ, IB or IR.";
                desk.find_at(ack, 1, ("ack_code_unknown", Severity::Error), what, advice);
            }
            Some(Answer::AcceptedAtPrice) => {
                let what = format!("The partner accepts line {} at a price that is not yet agreed.", asked.number);
                let advice = "Compare the price on the paper with the offer's cost and settle it with the partner.";
                desk.find_at(ack, 1, ("ack_price_changed", Severity::Warning), what, advice);
            }
            _ => {}
        }
        answer
    }

    fn push(
        &mut self,
        ack: &Line<'_>,
        asked: &Asked<'_>,
        answer: Answer,
        quantity: Quantity,
        settings: &Settings,
        desk: &mut Desk<'_>,
    ) {
        let is_ack = ack.segment.tag() == tags::ACK;
        let code = if is_ack { ack.text(1) } else { SmolStr::default() };
        let (ship_on, deliver_on) = dates_of(ack, asked, is_ack);
        let mut line = empty_line(asked.number.clone());
        line.unit = unit_of(ack, asked, is_ack, settings, desk);
        let own = is_ack.then(|| ack.text(29)).and_then(|code| settings.reason(&code));
        let stated = own.or(asked.reason);
        match answer {
            Answer::Accepted | Answer::AcceptedAtPrice | Answer::PartBackordered => {
                (line.accepted, line.ship_on) = (quantity, ship_on);
                line.reason = (code == "DR").then_some(Reason::AckDateChanged);
            }
            Answer::Backordered => {
                (line.backordered, line.ship_on) = (quantity, ship_on);
                line.reason = stated.or(Some(Reason::AckBackordered));
            }
            Answer::Substituted => {
                (line.substituted, line.ship_on) = (quantity, ship_on);
                line.reason = Some(Reason::AckSubstitution);
                let item = item_of(ack, 7, settings, desk, &Set::nameless());
                line.substitute = Some(item).filter(|item| *item != ItemRef::default());
            }
            Answer::Rejected => {
                line.rejected = quantity;
                let usual = settings.reason(&code).unwrap_or(Reason::AckRejectedOther);
                line.reason = Some(stated.unwrap_or(usual));
            }
            Answer::OnHold => return,
        }
        let hint = LineHint {
            item: asked.item.clone(),
            unit: line.unit.clone(),
            ordered: asked.ordered,
            deliver_on,
            rest_open: false,
        };
        self.lines.push(line);
        self.places.push(desk.place(ack, 0));
        self.hints.push(hint);
    }

    /// What was ordered and is named by no answer: backordered where the partner said so, else it will not come.
    fn push_rest(&mut self, asked: &Asked<'_>, rest: Quantity, to_backorder: bool, desk: &mut Desk<'_>) {
        let mut line = empty_line(asked.number.clone());
        if to_backorder {
            (line.backordered, line.reason) = (rest, Some(Reason::AckBackordered));
        } else {
            (line.rejected, line.reason) = (rest, Some(asked.reason.unwrap_or(Reason::AckPartialQuantity)));
        }
        self.hints.push(LineHint { item: asked.item.clone(), ordered: asked.ordered, ..LineHint::default() });
        self.places.push(desk.place(&asked.line, 0));
        self.lines.push(line);
    }

    /// Puts the answer down as a document.
    pub fn put_down(
        self,
        po: PoNumber,
        attempt: Option<u32>,
        vendor_order: Option<SmolStr>,
        whole: Option<Whole>,
        place: Place,
        desk: &mut Desk<'_>,
    ) {
        let content = Acknowledgment { po, attempt, vendor_order, lines: self.lines };
        desk.document(Inbound::Acknowledgment(content), place, self.places, Hints { whole, lines: self.hints });
    }
}

/// How many an answer is about. A rejection of 0 is about all that is left; an acceptance of 0 accepts nothing.
fn quantity_of(
    ack: &Line<'_>,
    answer: Answer,
    left: Option<Quantity>,
    alone: bool,
    desk: &mut Desk<'_>,
) -> Option<Quantity> {
    let text = ack.text(2);
    let stated = if text.is_empty() { None } else { Some(number(&text, ack, 2, desk)?) };
    let takes_rest = answer == Answer::Rejected || (answer == Answer::Backordered && alone);
    match stated {
        Some(quantity) if !quantity.is_zero() => Some(quantity),
        Some(_) if !takes_rest => {
            Some(Quantity::ZERO).filter(|_| answer == Answer::OnHold || answer == Answer::PartBackordered)
        }
        _ if left.is_some() => left,
        _ if answer == Answer::OnHold => Some(Quantity::ZERO),
        _ => {
            let what = "The answer does not say how many it is about, and neither does the line.";
            let advice = "Ask the partner to state the quantity in ACK02.";
            desk.find_at(ack, 2, ("quantity_missing", Severity::Error), what, advice);
            None
        }
    }
}

fn unit_of(
    ack: &Line<'_>,
    asked: &Asked<'_>,
    is_ack: bool,
    settings: &Settings,
    desk: &mut Desk<'_>,
) -> Option<countersign_engine::item::Unit> {
    let own = if is_ack { ack.text(3) } else { SmolStr::default() };
    let text = if own.is_empty() { asked.unit.clone() } else { own };
    settings.unit(&text).unwrap_or_else(|error| {
        let advice = "Send the unit of the purchase order, or map it in channel.x12.units.";
        desk.find_at(ack, 3, ("catalog_unit_mismatch", Severity::Warning), sentence(&error), advice);
        None
    })
}

/// Ship date and delivery date of an answer: its own, else those of its line.
fn dates_of(ack: &Line<'_>, asked: &Asked<'_>, is_ack: bool) -> (Option<Date>, Option<Date>) {
    let own = is_ack.then(|| value::date(&ack.text(5)).map(|day| (ack.text(4), day))).flatten();
    let all: Vec<&(SmolStr, Date)> = own.iter().chain(&asked.dates).collect();
    let first = |kinds: &[&str]| all.iter().find(|(code, _)| kinds.contains(&code.as_str())).map(|(_, day)| *day);
    (first(codes::SHIP_DATES), first(codes::DELIVERY_DATES))
}
