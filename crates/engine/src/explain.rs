//! Decisions and events in sentences that a customer service agent can read out.
//!
//! Does not know how they are shown.

use crate::approval::ApprovalKind;
use crate::command::{Actor, Sending};
use crate::event::Event;
use crate::legacy::LegacyFact;
use crate::message::Addressee;
use crate::order::ClockKind;
use crate::promise::{Promise, PromiseState};
use crate::reason::Reason;

mod supply;
pub use supply::{plan, verdict};

/// What happened because of somebody, in a sentence.
pub fn event_by(by: &Actor, event: &Event) -> String {
    match event {
        Event::CaseAssigned { case, to } if to.name() != by.name() => {
            format!("{} gave case {case} to {}.", capital(by.name()), to.name())
        }
        Event::CaseAssigned { case, to } => format!("{} takes case {case} on.", capital(to.name())),
        other => self::event(other),
    }
}

/// What happened, in a sentence.
pub fn event(event: &Event) -> String {
    use Event::*;
    match event {
        ItemRecorded { item } => format!("Item {} was recorded: {}.", item.sku, item.title),
        SourceRecorded { source } => format!("Source {} was recorded: {}.", source.id, source.name),
        OfferRecorded { offer } => format!("{} offers {} as {}.", offer.source, offer.sku, offer.vendor_sku),
        AdviceRecorded { source, lines, as_of, .. } => {
            format!("{source} advised {} changed items as of {}.", lines.len(), at(*as_of))
        }
        FeedCompleted { source, as_of } => format!("The full feed of {source} is complete as of {}.", at(*as_of)),
        PolicySaved { policy, by, changed, against, .. } => {
            let version = policy.version;
            let changed = match against {
                _ if changed.is_empty() => String::new(),
                Some(draft) if *draft == version => {
                    format!(" Changed against the draft before: {}.", changed.join("; "))
                }
                Some(other) => format!(" Changed against policy {other}: {}.", changed.join("; ")),
                None => format!(" Changed: {}.", changed.join("; ")),
            };
            format!("{} wrote a draft of policy {version} ({}).{changed}", by.name(), policy.name)
        }
        PolicyBacktested { version, backtest } => format!("Policy {version} was backtested: {}", backtest.summary),
        PolicyApproved { version, approval } => {
            format!("{} approved policy {version}{}.", approval.by.name(), said(&approval.words))
        }
        PolicyScheduled { version, at: from, by } => {
            format!("{} has policy {version} take over at {}.", by.name(), at(*from))
        }
        PolicyUnscheduled { version, at: from, by, instead } => {
            let instead = instead.map(|v| format!(", for policy {v}")).unwrap_or_default();
            format!("{} withdrew the takeover of policy {version} at {}{instead}.", by.name(), at(*from))
        }
        PolicyActivated { policy, by: Some(by), .. } => {
            format!("{} put policy {} ({}) in force.", by.name(), policy.version, policy.name)
        }
        PolicyActivated { policy, .. } => format!("Policy {} ({}) is in force.", policy.version, policy.name),
        HistoryKept { history: kept } => {
            let h = &kept.history;
            format!(
                "{} took in the history {}: {} orders, {} of {} rows rejected.",
                kept.by.name(),
                h.name,
                h.orders,
                h.rejected,
                h.rows
            )
        }
        HistoryRemoved { name, by } => format!("{} removed the history {name}.", by.name()),
        AnswersLearnt { answers, .. } => {
            let asked: u32 = answers.iter().map(|a| a.count.asked).sum();
            format!("{asked} more answer{} of sources were counted.", s(asked as usize))
        }
        OrderCaptured { lines, mode, .. } => {
            format!("The order came in with {} line{}; mode {mode:?}.", lines.len(), s(lines.len()))
        }
        PlanMade { plan, .. } => self::plan(plan),
        ApprovalAsked { approval, .. } => {
            let instead = match approval.kind {
                ApprovalKind::Substitution => format!(" {}", self::plan(&approval.plan)),
                _ => String::new(),
            };
            format!("A person is asked until {}: {}{instead}", at(approval.due), approval.reason.sentence())
        }
        ApprovalAnswered { approval, outcome, .. } => format!("Approval {approval}: {}.", answer(outcome)),
        OrderHeld { reason, .. } => format!("The order was put on hold: {}", reason.sentence()),
        OrderReleased { .. } => "The order may go on.".into(),
        AssignmentMade { assignment: a, .. } => format!("{} of line {} are given to {}.", a.quantity, a.line, a.source),
        HoldPlaced { source, sku, quantity, incoming, expires, .. } => match incoming {
            Some(day) => format!("Reserved: {quantity} of {sku} out of what {source} receives on {day}."),
            None => format!("Reserved: {quantity} of {sku} at {source}, until {}.", at(*expires)),
        },
        HoldFirmed { source, sku, quantity, .. } => {
            format!("The reservation of {quantity} of {sku} at {source} is firm.")
        }
        HoldReleased { source, sku, quantity, reason, .. } => {
            format!("Free again: {quantity} of {sku} at {source}. {}", reason.sentence())
        }
        HoldConsumed { quantity, .. } => format!("{quantity} reserved units have left."),
        PurchaseOrderReleased { number, source, attempt, clocks, .. } => {
            let due = clocks
                .iter()
                .find(|c| c.kind == ClockKind::Acknowledgment)
                .map(|c| format!(", answer due {}", at(c.due)));
            format!("Purchase order {number} (attempt {attempt}) goes to {source}{}.", due.unwrap_or_default())
        }
        PurchaseOrderSent { order, purchase_order, .. } => {
            format!("Purchase order {order}-{purchase_order} was delivered.")
        }
        PurchaseOrderReceived { order, purchase_order, .. } => {
            format!("The source's system has purchase order {order}-{purchase_order}.")
        }
        PurchaseOrderReminded { order, purchase_order, clock } => {
            format!("A reminder goes out for {order}-{purchase_order}; the answer is now due {}.", at(clock.due))
        }
        CancellationRequested { order, purchase_order, reason, .. } => {
            format!("The source of {order}-{purchase_order} is asked to stop: {}", reason.sentence())
        }
        CancellationAnswered { order, purchase_order, accepted, .. } => {
            format!(
                "The source {} the cancellation of {order}-{purchase_order}.",
                if *accepted { "accepted" } else { "refused" }
            )
        }
        AcknowledgmentReceived { order, purchase_order, accepted, declined, ship_by, reason, substitute, .. } => {
            let no = if declined.is_zero() { String::new() } else { format!(", declined {declined}") };
            let why = reason.map(|r| format!(" {}", r.sentence())).unwrap_or_default();
            let instead = substitute.as_ref().map(|s| supply::instead(s)).unwrap_or_default();
            format!(
                "The source of {order}-{purchase_order} accepted {accepted}{no}, shipping by {ship_by}.{why}{instead}"
            )
        }
        AcknowledgmentLate { order, purchase_order, attempt, accepted, .. } => {
            format!(
                "A late answer came for {order}-{purchase_order}, attempt {attempt}, accepting {accepted}; it changed nothing."
            )
        }
        AssignmentWithdrawn { quantity, reason, .. } => {
            format!("{quantity} units are withdrawn: {}", reason.sentence())
        }
        AssignmentKept { accepted, .. } => format!("The source ships {accepted} units all the same and is kept."),
        LineCommitted { line, quantity, source, reason, .. } => {
            format!("{quantity} of line {line} are committed to {source}: {}", reason.sentence())
        }
        LineUncommitted { line, quantity, reason, .. } => {
            format!("{quantity} of line {line} are no longer firm: {}", reason.sentence())
        }
        LineRerouted { line, from, quantity, reason, .. } => {
            format!("{quantity} of line {line} are taken away from {from}: {}", reason.sentence())
        }
        LineWaiting { line, until, reason, .. } => {
            format!("Line {line} waits and is looked at again at {}: {}", at(*until), reason.sentence())
        }
        LineResumed { line, .. } => format!("Line {line} is looked at again."),
        LineCancellationRequested { line, reason, .. } => {
            format!("Line {line} is to be cancelled: {}", reason.sentence())
        }
        LineCancellationFailed { line, reason, .. } => {
            format!("Line {line} could not be cancelled: {}", reason.sentence())
        }
        LineCancelled { line, quantity, reason, .. } => {
            format!("{quantity} of line {line} are cancelled: {}", reason.sentence())
        }
        LineCosted { line, cost, .. } => format!("The first plan for line {line} costs {cost}."),
        PromiseMade { line, promise, .. } => format!("Line {line} may be promised provisionally: {}.", dates(promise)),
        PromiseConfirmed { line, promise, .. } => {
            format!("The promise of line {line} is confirmed: {}.", dates(promise))
        }
        PromiseRevised { line, promise, .. } if promise.state == PromiseState::Provisional => {
            format!("The promise of line {line} is provisional again: {}.{}", dates(promise), because(promise.reason))
        }
        PromiseRevised { line, promise, .. } => {
            format!("The promise of line {line} is revised: {}.{}", dates(promise), because(promise.reason))
        }
        ShipmentNotified { shipment, .. } => {
            let units: u32 = shipment.units.iter().map(|(_, q)| q.get()).sum();
            format!("Shipment {} left with {units} units{}.", shipment.shipment, tracking(&shipment.tracking))
        }
        ShipmentDelivered { shipment, .. } => format!("Shipment {shipment} arrived."),
        SlaWarned { clock, due, .. } => format!("{} is nearly due: {}.", capital(expected(*clock)), at(*due)),
        SlaMet { clock, .. } => format!("{} came in time.", capital(expected(*clock))),
        SlaBreached { clock, due, .. } => format!("{} did not come by {}.", capital(expected(*clock)), at(*due)),
        SlaStopped { clock, .. } => format!("{} is no longer expected.", capital(expected(*clock))),
        SlaStarted { clock, .. } => format!("{} is expected by {}.", capital(expected(clock.kind)), at(clock.due)),
        LegacyRecorded { line, quantity, fact, at: when, .. } => {
            let from = match fact {
                LegacyFact::Committed { source: Some(source), .. } | LegacyFact::Confirmed { source: Some(source) } => {
                    format!(" with {source}")
                }
                LegacyFact::Rejected { source: Some(source), .. } => format!(" by {source}"),
                _ => String::new(),
            };
            let why = match fact {
                LegacyFact::Rejected { reason: Some(reason), .. } | LegacyFact::Cancelled { reason } => {
                    format!(": {}", lower(reason.sentence()).trim_end_matches('.'))
                }
                _ => String::new(),
            };
            let when = at(*when);
            match fact {
                // The source says no, not the path.
                LegacyFact::Rejected { .. } => {
                    let are = if quantity.get() == 1 { "was" } else { "were" };
                    format!("On the legacy path {quantity} of line {line} {are} refused{from} at {when}{why}.")
                }
                _ => format!("The legacy path {} {quantity} of line {line} at {when}{from}{why}.", fact.word()),
            }
        }
        FallbackSwitched { scope, on, by, words, .. } => {
            let (by, place, words) = (by.name(), scope.words(), said(words));
            match on {
                true => format!(
                    "{by} returned to the legacy path for {place}{words}: new orders go by it, open ones go on."
                ),
                false => format!("{by} took {place} back from the legacy path{words}."),
            }
        }
        BreachContested { source, clock, contest, .. } => {
            format!("{source} disputes that it was late with {}: {}", expected(*clock), contest.words)
        }
        BreachContestAnswered { source, clock, answer, .. } => {
            let how = if answer.accepted { "excused" } else { "upheld" };
            format!("{} {how} that {source} was late with {}.", capital(answer.by.name()), expected(*clock))
        }
        MessageWritten { message, .. } => match (&message.to, &message.source) {
            (Addressee::Source { po }, Some(source)) => {
                format!("{} wrote to {source} about purchase order {po}.", capital(message.by.name()))
            }
            (Addressee::Retailer { po: Some(po) }, Some(source)) => {
                format!("{} wrote about purchase order {po}.", capital(source.as_str()))
            }
            (Addressee::Retailer { .. }, _) => "The customer wrote.".into(),
            _ => format!("{} wrote to the customer.", capital(message.by.name())),
        },
        CaseOpened { case } => format!("Case {}: {}", case.id, case.sentence),
        CaseAssigned { case, to } => format!("Case {case} is with {}.", to.name()),
        CaseCommented { case, comment } => format!("{} wrote on case {case}: {}", comment.by.name(), comment.words),
        CaseEscalated { case, role, .. } => format!("Case {case} goes up to {}.", role.name()),
        CaseResolved { case, resolution } => match &resolution.remedy {
            Some(remedy) => {
                let (by, remedy) = (resolution.by.name(), self::remedy(remedy));
                let why = because(resolution.reason);
                format!("{by} resolved case {case}: {remedy}{}.{why}", said(&resolution.words))
            }
            None => format!("Case {case} settled by itself."),
        },
    }
}

/// A remedy in words.
pub fn remedy(remedy: &crate::case::Remedy) -> String {
    use crate::case::Remedy::*;
    match remedy {
        PlanAgain => "look for supply again".into(),
        RerouteTo { source } => format!("ask {source}"),
        CancelRest => "cancel what has no supply".into(),
        WaitLonger => "give the source the same time again".into(),
        SendAgain => "send the purchase order again".into(),
        SourceHasIt => "the source has the paper".into(),
        SourceWillNotShip => "the source will not ship".into(),
        KeepSource => "the source ships and is kept".into(),
        AcceptDate => "take the later date and tell the customer".into(),
        ExcuseBreach { .. } => "excuse the breach: it no longer counts".into(),
        UpholdBreach { .. } => "uphold the breach: it counts".into(),
        Dismiss => "leave it as it is".into(),
    }
}

/// How a sending went, in words.
pub fn sending(outcome: &Sending) -> String {
    match outcome {
        Sending::Sent { .. } => "delivered".into(),
        Sending::Failed { why } => format!("could not be delivered: {why}"),
        Sending::InDoubt { why } => format!("unknown whether it arrived: {why}"),
    }
}

fn answer(outcome: &crate::approval::Outcome) -> String {
    use crate::approval::Outcome::*;
    match outcome {
        Open => "open".into(),
        Approved { by, words, .. } => format!("approved by {}{}", by.name(), said(words)),
        Rejected { by, words, .. } => format!("rejected by {}{}", by.name(), said(words)),
        Lapsed { .. } => "nobody answered in time".into(),
        Replaced { by, to: Some(source), words, .. } => format!("{} took {source} instead{}", by.name(), said(words)),
        Replaced { by, words, .. } => format!("{} had the rules choose again{}", by.name(), said(words)),
        Void => "no longer needed".into(),
    }
}

fn said(words: &Option<String>) -> String {
    words.as_ref().map(|w| format!(" ({w})")).unwrap_or_default()
}

pub(crate) fn expected(clock: ClockKind) -> &'static str {
    match clock {
        ClockKind::Receipt => "the receipt for the purchase order",
        ClockKind::Acknowledgment => "the answer to the purchase order",
        ClockKind::ShipNotice => "the ship notice",
        ClockKind::CancelAnswer => "the answer to the cancellation",
    }
}

/// A time to the second, as people write it.
pub(crate) fn at(time: jiff::Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

fn dates(p: &Promise) -> String {
    format!("ships by {}, at the door by {}", p.ship_by, p.deliver_by)
}
fn because(reason: Option<Reason>) -> String {
    reason.map(|r| format!(" {}", r.sentence())).unwrap_or_default()
}
fn tracking(numbers: &[smol_str::SmolStr]) -> String {
    if numbers.is_empty() { String::new() } else { format!(", tracking {}", numbers.join(" ")) }
}
fn s(n: usize) -> &'static str {
    if n == 1 { "" } else { "s" }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|c| c.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

fn lower(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|c| c.to_lowercase().chain(chars).collect()).unwrap_or_default()
}
