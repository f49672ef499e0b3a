//! ORDRSP: a source's answer to an ORDERS, or to the ORDCHG by which we cancel.
//!
//! The same message answers both. It answers a change where it names the change's number, or deletes a line.

use super::order::change_number;
use super::settings::Settings;
use super::{Message, codes, date_of, is, take_item, take_items};
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
use std::collections::BTreeMap;

/// What the heading says.
#[derive(Default)]
struct Head {
    vendor_order: Option<SmolStr>,
    attempt: Option<u32>,
    /// It answers our ORDCHG.
    to_change: bool,
}

/// What the function and the response code of the heading say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Accepted,
    Rejected,
    Exceptions,
    OnHold,
    ByLine,
}

/// One LIN with what stands below it.
struct Asked<'a> {
    line: Line<'a>,
    number: SmolStr,
    action: SmolStr,
    item: ItemRef,
    substitute: ItemRef,
    quantities: BTreeMap<SmolStr, Quantity>,
    unit: SmolStr,
    dates: Vec<(SmolStr, Date)>,
    reason: Option<Reason>,
}

/// Reads one ORDRSP.
pub(crate) fn read(message: &Message<'_>, settings: &Settings, desk: &mut Desk<'_>) -> String {
    let Some(bgm) = message.lines.iter().find(|line| is(line, "BGM")) else {
        return "an ORDRSP without a BGM".into();
    };
    let on = message
        .lines
        .iter()
        .take_while(|line| !is(line, "LIN"))
        .find(|line| is(line, "RFF") && line.part(1, 1) == "ON");
    let po = match on.map(|line| PoNumber::new(line.part(1, 2))) {
        Some(Ok(po)) => po,
        _ => {
            let what = "The answer names no purchase order of ours (RFF+ON).";
            let advice = "Ask the partner to send the purchase order number exactly as it stands on the order.";
            desk.find_at(on.unwrap_or(bgm), 1, ("edi_unmatched_po", Severity::Error), what, advice);
            return "names no purchase order of ours".into();
        }
    };
    let head = head(message, &po, desk);
    let asked = asked(message, settings, desk);
    let verdict = verdict(bgm);
    let place = desk.place(bgm, 0);
    if bgm.text(3) == "1" && !head.to_change {
        // The answer itself is cancelled: the source takes its word back.
        cancellation(&po, true, &asked, true, place, desk);
        return format!("takes back its answer to {po}: a cancellation by the source");
    }
    if head.to_change && asked.is_empty() {
        return answer_to_change(&po, bgm, verdict, place, desk);
    }
    let (deleted, mut answered): (Vec<_>, Vec<_>) = asked.into_iter().partition(|line| line.action == "2");
    if !deleted.is_empty() {
        cancellation(&po, true, &deleted, !head.to_change && verdict == Verdict::ByLine, place.clone(), desk);
    }
    if head.to_change {
        let (refused, others): (Vec<_>, Vec<_>) =
            answered.into_iter().partition(|line| line.action == "7" || verdict == Verdict::Rejected);
        if !refused.is_empty() {
            cancellation(&po, false, &refused, false, place.clone(), desk);
        }
        answered = others;
    }
    if !answered.is_empty() || deleted.is_empty() && !head.to_change {
        acknowledgment(&po, bgm, head, &answered, verdict, settings, desk);
    }
    format!("answer to {po}")
}

fn verdict(bgm: &Line<'_>) -> Verdict {
    match (bgm.text(3).as_str(), bgm.text(4).as_str()) {
        (_, "RE") | ("27", _) => Verdict::Rejected,
        (_, "AP" | "AD") | ("29", _) => Verdict::Accepted,
        (_, "AI") => Verdict::Exceptions,
        (_, "AJ") => Verdict::OnHold,
        _ => Verdict::ByLine,
    }
}

fn head(message: &Message<'_>, po: &PoNumber, desk: &mut Desk<'_>) -> Head {
    let mut head = Head::default();
    let change = change_number(po.as_str());
    for line in message.lines.iter().take_while(|line| !is(line, "LIN")) {
        if is(line, "RFF") {
            let text = line.part(1, 2);
            head.to_change |= text == change;
            match line.part(1, 1).as_str() {
                "ON" => {}
                "VN" => head.vendor_order = Some(text),
                _ if text == change => {}
                _ => match text.to_ascii_uppercase().strip_prefix("ATTEMPT-").map(str::parse) {
                    Some(Ok(attempt)) => head.attempt = Some(attempt),
                    _ => desk.unmapped(&message.name, line),
                },
            }
        } else if is(line, "BGM") {
            head.vendor_order = Some(line.part(2, 1)).filter(|text| !text.is_empty());
        } else if !["UNH", "UNS", "CNT", "UNT"].iter().any(|tag| is(line, tag)) {
            desk.unmapped(&message.name, line);
        }
    }
    head
}

fn asked<'a>(message: &Message<'a>, settings: &Settings, desk: &mut Desk<'_>) -> Vec<Asked<'a>> {
    let mut all: Vec<Asked<'a>> = Vec::new();
    for line in &message.lines {
        if is(line, "LIN") {
            let mut item = ItemRef::default();
            if !take_item(&mut item, line, 3, settings) {
                desk.unmapped(&message.name, line);
            }
            all.push(Asked {
                line: *line,
                number: line.text(1),
                action: line.text(2),
                item,
                substitute: ItemRef::default(),
                quantities: BTreeMap::new(),
                unit: SmolStr::default(),
                dates: Vec::new(),
                reason: None,
            });
        } else if let Some(last) = all.last_mut() {
            below(last, line, message, settings, desk);
        }
    }
    all
}

fn below(asked: &mut Asked<'_>, line: &Line<'_>, message: &Message<'_>, settings: &Settings, desk: &mut Desk<'_>) {
    if is(line, "PIA") {
        let target = if line.text(1) == "3" { &mut asked.substitute } else { &mut asked.item };
        take_items(target, line, settings);
    } else if is(line, "QTY") {
        match value::quantity(&line.part(1, 2)) {
            Ok(quantity) => {
                asked.quantities.insert(line.part(1, 1), quantity);
                if asked.unit.is_empty() {
                    asked.unit = line.part(1, 3);
                }
            }
            Err(error) => {
                let advice = "Send whole packs in the unit of the purchase order.";
                desk.find_at(line, 1, ("quantity_invalid", Severity::Error), sentence(&error), advice);
            }
        }
    } else if is(line, "DTM") {
        match date_of(line) {
            Some((kind, day, _)) => asked.dates.push((kind, day)),
            None => desk.unmapped(&message.name, line),
        }
    } else if is(line, "RFF") && line.part(1, 1) == "LI" {
        asked.number = line.part(1, 2);
    } else if is(line, "RFF") && line.part(1, 1) == "ON" && !line.part(1, 3).is_empty() {
        asked.number = line.part(1, 3);
    } else if is(line, "FTX")
        && settings.reason(&line.part(4, 1)).or_else(|| settings.reason(&line.part(3, 1))).is_some()
    {
        asked.reason = settings.reason(&line.part(4, 1)).or_else(|| settings.reason(&line.part(3, 1)));
    } else if !["UNS", "CNT", "UNT"].iter().any(|tag| is(line, tag)) {
        desk.unmapped(&message.name, line);
    }
}

fn answer_to_change(po: &PoNumber, bgm: &Line<'_>, verdict: Verdict, place: Place, desk: &mut Desk<'_>) -> String {
    match verdict {
        Verdict::Accepted => cancellation(po, true, &[], false, place, desk),
        Verdict::Rejected => cancellation(po, false, &[], false, place, desk),
        _ => {
            let what = "The answer to a change names no line and does not say yes or no.";
            desk.find_at(bgm, 3, ("ack_says_nothing", Severity::Error), what, "Ask the partner for function 29 or 27.");
        }
    }
    format!("answer to a cancellation of {po}")
}

fn cancellation(po: &PoNumber, accepted: bool, lines: &[Asked<'_>], unasked: bool, place: Place, desk: &mut Desk<'_>) {
    let reason = lines.iter().find_map(|line| line.reason).or(unasked.then_some(Reason::CancelVendor));
    let lines = lines.iter().map(|line| line.number.clone()).collect();
    let content = CancellationAnswer { po: po.clone(), accepted, lines, unasked, reason };
    desk.document(Inbound::CancellationAnswer(content), place, Vec::new(), Hints::default());
}

fn acknowledgment(
    po: &PoNumber,
    bgm: &Line<'_>,
    head: Head,
    asked: &[Asked<'_>],
    verdict: Verdict,
    settings: &Settings,
    desk: &mut Desk<'_>,
) {
    let (mut lines, mut places, mut hints) = (Vec::new(), Vec::new(), Vec::new());
    for line in asked {
        for answer in answers(line, verdict, settings, desk) {
            let deliver_on = dated(line, codes::DELIVERY_DATES).filter(|_| answer.rejected.is_zero());
            let ordered = line.quantities.get("21").copied();
            let unit = answer.unit.clone();
            hints.push(LineHint {
                item: line.item.clone(),
                unit,
                ordered,
                deliver_on,
                rest_open: verdict == Verdict::OnHold,
            });
            places.push(desk.place(&line.line, 0));
            lines.push(answer);
        }
    }
    let whole = match verdict {
        Verdict::Exceptions => Some(Whole::Accepted),
        Verdict::Accepted if lines.is_empty() => Some(Whole::Accepted),
        Verdict::Rejected if lines.is_empty() => Some(Whole::Rejected(Reason::AckRejectedOther)),
        _ => None,
    };
    if lines.is_empty() && whole.is_none() {
        let what = "The answer names no line and decides nothing; the purchase order still waits for an answer.";
        desk.find_at(bgm, 3, ("ack_says_nothing", Severity::Warning), what, "Ask the partner to answer every line.");
    }
    let Head { vendor_order, attempt, .. } = head;
    let content = Acknowledgment { po: po.clone(), attempt, vendor_order, lines };
    let place = desk.place(bgm, 0);
    desk.document(Inbound::Acknowledgment(content), place, places, Hints { whole, lines: hints });
}

fn dated(line: &Asked<'_>, kinds: &[&str]) -> Option<Date> {
    line.dates.iter().find(|(kind, _)| kinds.contains(&kind.as_str())).map(|(_, day)| *day)
}

/// The answers to one line: what comes, what comes later, what does not come.
fn answers(line: &Asked<'_>, verdict: Verdict, settings: &Settings, desk: &mut Desk<'_>) -> Vec<AcknowledgmentLine> {
    let quantity = |kind: &str| line.quantities.get(kind).copied();
    let ordered = quantity("21");
    let base = || {
        let mut answer = empty_line(line.number.clone());
        answer.unit = Some(&line.unit).filter(|text| !text.is_empty()).and_then(|text| settings.unit(text));
        answer.ship_on = dated(line, codes::SHIP_DATES);
        answer
    };
    if verdict == Verdict::OnHold {
        return Vec::new();
    }
    if line.action == "7" || verdict == Verdict::Rejected {
        let mut answer = base();
        (answer.rejected, answer.ship_on) = (ordered.or(quantity("83")).unwrap_or_default(), None);
        answer.reason = Some(line.reason.unwrap_or(Reason::AckRejectedOther));
        return vec![answer].into_iter().filter(|answer| !answer.rejected.is_zero()).collect();
    }
    let coming =
        quantity("113").or_else(|| quantity("12")).or_else(|| if quantity("83").is_some() { None } else { ordered });
    let later = quantity("83").or_else(|| quantity("73")).unwrap_or_default();
    let mut all = Vec::new();
    if let Some(coming) = coming.filter(|coming| !coming.is_zero()) {
        let mut answer = base();
        if line.substitute == ItemRef::default() {
            answer.accepted = coming;
        } else {
            (answer.substituted, answer.substitute) = (coming, Some(line.substitute.clone()));
            answer.reason = Some(Reason::AckSubstitution);
        }
        all.push(answer);
    }
    if !later.is_zero() {
        let mut answer = base();
        (answer.backordered, answer.reason) = (later, Some(line.reason.unwrap_or(Reason::AckBackordered)));
        all.push(answer);
    }
    let named = coming.unwrap_or_default().get().saturating_add(later.get());
    if let Some(rest) = ordered.map(|ordered| ordered.less(Quantity::new(named))).filter(|rest| !rest.is_zero()) {
        let mut answer = base();
        (answer.rejected, answer.ship_on) = (rest, None);
        answer.reason = Some(line.reason.unwrap_or(Reason::AckPartialQuantity));
        all.push(answer);
    }
    if all.is_empty() {
        let what = "The line states no quantity that answers it.";
        desk.find_at(
            &line.line,
            0,
            ("quantity_missing", Severity::Error),
            what,
            "Ask the partner for QTY+113 or QTY+21.",
        );
    }
    all
}
