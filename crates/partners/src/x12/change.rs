//! 865 and 860: cancellations and changes, answered by a source or asked for by it.
//!
//! We only ever cancel, so an answer that says "nothing will come" of a line is the cancellation accepted, in whatever
//! words. Does not know which cancellations were asked for; only a paper that cannot be an answer is called unasked.

use super::acknowledgment::{Answers, Asked, asked, heading};
use super::codes::{self, Answer, HeaderAnswer};
use super::settings::Settings;
use super::{Set, tags};
use crate::desk::{Desk, Line};
use crate::seam::{Hints, LineHint, Place, Severity};
use crate::value;
use countersign_engine::document::{CancellationAnswer, Inbound};
use countersign_engine::ids::PoNumber;
use countersign_engine::measure::Quantity;
use countersign_engine::reason::Reason;
use smol_str::SmolStr;

/// What an 865 says about one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// Nothing of it will come.
    Cancelled,
    /// It comes all the same.
    Refused,
    /// Something else changed, or nothing is decided.
    Other,
}

/// Reads one 865.
pub(crate) fn read_865(set: &Set<'_>, settings: &Settings, desk: &mut Desk<'_>) -> String {
    let Some(head) = set.lines.iter().find(|line| line.segment.tag() == tags::BCA) else {
        return "an 865 without a BCA".into();
    };
    let Some(po) = desk.po_number(head, 3) else { return "names no purchase order of ours".into() };
    let code = head.text(2);
    let answer = codes::header_answer(&code).unwrap_or(HeaderAnswer::ByLine);
    let (mut lines, rest) = asked(set, settings, desk, tags::POC);
    let details = heading(set, settings, desk, &rest);
    let place = desk.place(head, 0);
    if lines.is_empty() {
        return whole_865(&po, head, answer, details.reason, desk);
    }
    let (mut cancelled, mut refused, mut others) = (Vec::new(), Vec::new(), Vec::new());
    let mut unasked = code.is_empty();
    for line in lines.drain(..) {
        unasked &= line.acks.is_empty();
        match verdict(&line, answer, settings) {
            Verdict::Cancelled => cancelled.push(line),
            Verdict::Refused => refused.push(line),
            Verdict::Other => others.push(line),
        }
    }
    let reason = details.reason.or_else(|| cancelled.iter().find_map(|line| line.reason));
    let reason = if unasked { reason.or(Some(Reason::CancelVendor)) } else { reason };
    let numbers = |lines: &[Asked<'_>]| lines.iter().map(|line| line.number.clone()).collect::<Vec<_>>();
    if !cancelled.is_empty() {
        put_down(&po, true, numbers(&cancelled), unasked, reason, (place.clone(), desk));
    }
    if !refused.is_empty() {
        put_down(
            &po,
            false,
            numbers(&refused),
            false,
            refused.iter().find_map(|line| line.reason),
            (place.clone(), desk),
        );
    }
    if !others.is_empty() {
        let mut answers = Answers::default();
        others.iter_mut().for_each(|line| answers.add(line, answer, settings, desk));
        if !answers.lines.is_empty() {
            let vendor_order = Some(head.text(9)).filter(|text| !text.is_empty()).or(details.vendor_order);
            answers.put_down(po.clone(), details.attempt, vendor_order, None, place, desk);
        }
    }
    format!("answer to a change of {po}")
}

/// An 865 without lines: its header is the answer.
fn whole_865(
    po: &PoNumber,
    head: &Line<'_>,
    answer: HeaderAnswer,
    reason: Option<Reason>,
    desk: &mut Desk<'_>,
) -> String {
    let (code, purpose) = (head.text(2), head.text(1));
    let place = desk.place(head, 0);
    let (accepted, unasked) = match answer {
        HeaderAnswer::Accepted | HeaderAnswer::Exceptions => (true, false),
        HeaderAnswer::Rejected => (false, false),
        HeaderAnswer::ByLine if purpose == "01" || purpose == "03" => (true, code.is_empty()),
        _ => {
            let what = "The answer to a change names no line and does not say yes or no.";
            let advice = "Ask the partner for BCA02 (AT or RJ), or for POC lines with ACK.";
            desk.find_at(head, 2, ("ack_says_nothing", Severity::Error), what, advice);
            return format!("says nothing about {po}");
        }
    };
    let reason = if unasked { reason.or(Some(Reason::CancelVendor)) } else { reason };
    put_down(po, accepted, Vec::new(), unasked, reason, (place, desk));
    format!("answer to a cancellation of {po}: {}", if accepted { "accepted" } else { "refused" })
}

fn verdict(line: &Asked<'_>, header: HeaderAnswer, settings: &Settings) -> Verdict {
    let deletion = matches!(line.line.text(2).as_str(), "DI" | "CF");
    let Some(ack) = line.acks.first() else {
        return match (deletion, header) {
            (true, HeaderAnswer::Rejected) => Verdict::Refused,
            (true, HeaderAnswer::OnHold) => Verdict::Other,
            (true, _) => Verdict::Cancelled,
            (false, _) => Verdict::Other,
        };
    };
    let code = ack.text(1);
    let nothing_comes = value::quantity(&ack.text(2)).is_ok_and(|quantity| quantity.is_zero());
    match codes::answer(&code) {
        Some(Answer::Rejected) if code == "ID" => Verdict::Cancelled,
        Some(Answer::Rejected) if nothing_comes && settings.zero_rejection != "refused" => Verdict::Cancelled,
        Some(Answer::Rejected) if deletion => Verdict::Refused,
        // Accepted and already shipped: it is on its way.
        Some(Answer::Accepted) if deletion && code == "AC" => Verdict::Refused,
        Some(Answer::Accepted) if deletion => Verdict::Cancelled,
        _ => Verdict::Other,
    }
}

fn put_down(
    po: &PoNumber,
    accepted: bool,
    lines: Vec<SmolStr>,
    unasked: bool,
    reason: Option<Reason>,
    (place, desk): (Place, &mut Desk<'_>),
) {
    let content = CancellationAnswer { po: po.clone(), accepted, lines, unasked, reason };
    desk.document(Inbound::CancellationAnswer(content), place, Vec::new(), Hints::default());
}

/// Reads one 860 from a source: it cancels or changes what it had accepted.
pub(crate) fn read_860(set: &Set<'_>, settings: &Settings, desk: &mut Desk<'_>) -> String {
    let Some(head) = set.lines.iter().find(|line| line.segment.tag() == tags::BCH) else {
        return "an 860 without a BCH".into();
    };
    let Some(po) = desk.po_number(head, 3) else { return "names no purchase order of ours".into() };
    let (lines, rest) = asked(set, settings, desk, tags::POC);
    let details = heading(set, settings, desk, &rest);
    let place = desk.place(head, 0);
    if matches!(head.text(1).as_str(), "01" | "03") {
        let reason =
            details.reason.or_else(|| lines.iter().find_map(|line| line.reason)).unwrap_or(Reason::CancelVendor);
        put_down(&po, true, Vec::new(), true, Some(reason), (place, desk));
        return format!("the source cancels {po}");
    }
    let mut cancelled: Vec<SmolStr> = Vec::new();
    let mut reason = details.reason;
    let mut answers = Answers::default();
    for line in &lines {
        match line.line.text(2).as_str() {
            "DI" | "CF" => {
                reason = reason.or(line.reason);
                cancelled.push(line.number.clone());
            }
            "NC" => {}
            "CA" | "QD" | "QI" | "RZ" if line.ordered.is_some_and(|quantity| quantity.is_zero()) => {
                cancelled.push(line.number.clone());
            }
            "CA" | "QD" | "QI" | "RZ" if line.ordered.is_some() => lowered(line, settings, &mut answers, desk),
            other => {
                let what =
                    format!("The source asks for a change of kind {other}, which nothing here can follow by itself.");
                let advice = "Settle it with the source; then correct the order by hand.";
                desk.find_at(&line.line, 2, ("change_not_supported", Severity::Error), what, advice);
            }
        }
    }
    if lines.is_empty() {
        let what = "The source changes the purchase order without naming a line; nothing was changed.";
        let advice = "Ask the source what it wants to change; a cancellation has BCH01 01.";
        desk.find_at(head, 1, ("change_not_supported", Severity::Warning), what, advice);
    }
    if !cancelled.is_empty() {
        let reason = Some(reason.unwrap_or(Reason::CancelVendor));
        put_down(&po, true, cancelled, true, reason, (place.clone(), desk));
    }
    if !answers.lines.is_empty() {
        answers.put_down(po.clone(), details.attempt, details.vendor_order, None, place, desk);
    }
    format!("the source changes {po}")
}

/// A source that changes a quantity says what it will ship; the rest will not come.
fn lowered(line: &Asked<'_>, settings: &Settings, answers: &mut Answers, desk: &mut Desk<'_>) {
    let mut answer = crate::matching::empty_line(line.number.clone());
    answer.accepted = line.ordered.unwrap_or(Quantity::ZERO);
    answer.unit = settings.unit(&line.unit).ok().flatten();
    answer.reason = Some(line.reason.unwrap_or(Reason::AckPartialQuantity));
    answers.hints.push(LineHint { item: line.item.clone(), unit: answer.unit.clone(), ..LineHint::default() });
    answers.places.push(desk.place(&line.line, 0));
    answers.lines.push(answer);
}
