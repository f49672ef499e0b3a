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
use crate::routing::{Plan, Verdict};

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
        PolicySaved { policy, by, .. } => {
            format!("{} wrote a draft of policy {} ({}).", by.name(), policy.version, policy.name)
        }
        PolicyBacktested { version, backtest } => format!("Policy {version} was backtested: {}", backtest.summary),
        PolicyApproved { version, approval } => format!("{} approved policy {version}.", approval.by.name()),
        PolicyScheduled { version, at: from, by } => {
            format!("{} has policy {version} take over at {}.", by.name(), at(*from))
        }
        PolicyUnscheduled { version, at: from, by, instead } => {
            let instead = instead.map(|v| format!(", for policy {v}")).unwrap_or_default();
            format!("{} withdrew the takeover of policy {version} at {}{instead}.", by.name(), at(*from))
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
        AcknowledgmentReceived { order, purchase_order, accepted, declined, ship_by, reason, .. } => {
            let no = if declined.is_zero() { String::new() } else { format!(", declined {declined}") };
            let why = reason.map(|r| format!(" {}", r.sentence())).unwrap_or_default();
            format!("The source of {order}-{purchase_order} accepted {accepted}{no}, shipping by {ship_by}.{why}")
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
                LegacyFact::Rejected { source, reason } => {
                    let by = source.as_ref().map(|s| format!(" by {s}")).unwrap_or_default();
                    let why = reason.map(|r| format!(": {}", lower(r.sentence()))).unwrap_or_default();
                    format!("{by}{}", why.trim_end_matches('.'))
                }
                LegacyFact::Cancelled { reason } => {
                    format!(": {}", lower(reason.sentence())).trim_end_matches('.').into()
                }
                _ => String::new(),
            };
            // The source says no, not the path.
            let verb = match fact {
                LegacyFact::Rejected { .. } => "was refused",
                _ => fact.word(),
            };
            format!("The legacy path {verb} {quantity} of line {line} at {}{from}.", at(*when))
        }
        FallbackSwitched { scope, on, by, .. } => {
            let place = scope.words();
            match on {
                true => format!(
                    "{} returned to the legacy path for {place}: new orders go by it, open ones go on.",
                    by.name()
                ),
                false => format!("{} took {place} back from the legacy path.", by.name()),
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

/// A plan in a sentence: who, why, and what is left.
pub fn plan(plan: &Plan) -> String {
    let mut parts: Vec<String> = plan
        .parts
        .iter()
        .map(|p| {
            let when = p.incoming.map_or_else(String::new, |day| format!(" of a receipt on {day}"));
            if plan.reason == Reason::AckSubstitution && plan.verdicts.is_empty() {
                // What a person is asked about: the step of such a part is what is offered instead.
                return format!(
                    "{} {} instead of what line {} asks for, from {} ({}, ships by {})",
                    p.quantity, p.step, p.line, p.source, p.cost, p.dates.ship_by
                );
            }
            let way = p.expedited.as_ref().map_or_else(String::new, |level| format!(" by {level}"));
            format!(
                "{} of line {} from {}{when}{way} (rule \"{}\", {}, ships by {})",
                p.quantity, p.line, p.source, p.step, p.cost, p.dates.ship_by
            )
        })
        .collect();
    parts.extend(plan.unsourced.iter().map(|u| {
        format!("no source for {} of line {}: {}", u.quantity, u.line, u.reason.sentence().trim_end_matches('.'))
    }));
    let passed = plan.verdicts.iter().filter(|v| v.reason != Reason::RouteChosen).count();
    let over = if passed == 0 { String::new() } else { format!("; {passed} other source{} passed over", s(passed)) };
    format!("{}{over}.", capital(&parts.join(", ")))
}

/// Why a source was chosen or passed over, in a sentence with the figures it rests on.
pub fn verdict(v: &Verdict) -> String {
    let rules: Vec<String> = v.rules.iter().map(|fired| capital(&fired.sentence()) + ".").collect();
    let outcome = outcome(v) + &chance(v);
    if rules.is_empty() { outcome } else { format!("{outcome} {}", rules.join(" ")) }
}

/// What was known of its chance to accept, and what was kept back.
fn chance(v: &Verdict) -> String {
    let chance = v.acceptance.as_ref().map(|c| format!(" Its chance to accept: {} % ({c}).", c.percent()));
    let kept = (!v.kept_back.is_zero()).then(|| format!(" {} kept back.", v.kept_back));
    chance.unwrap_or_default() + &kept.unwrap_or_default()
}

fn outcome(v: &Verdict) -> String {
    match v.reason {
        Reason::RouteChosen => format!("Chosen: can promise {} of {} wanted{}{}.", v.atp, v.wanted, age(v), cost(v)),
        Reason::AtpInsufficient => format!("Passed over: can promise {}, {} wanted{}.", v.atp, v.wanted, age(v)),
        Reason::AtpStale => format!("Passed over: its advice is too old{}.", age(v)),
        Reason::RouteCostlier | Reason::RouteLater => {
            let when = v.dates.map(|d| format!(", at the door by {}", d.deliver_by)).unwrap_or_default();
            format!("Passed over: {}{}{when}", lower(v.reason.sentence()).trim_end_matches('.'), cost(v)) + "."
        }
        Reason::RouteAlreadyTried => {
            format!("Passed over: {}{}.", lower(v.reason.sentence()).trim_end_matches('.'), cost(v))
        }
        reason => format!("Passed over: {}", lower(reason.sentence())),
    }
}

/// What would have changed the outcome.
pub fn what_if(plan: &Plan) -> Vec<String> {
    let mut all = vec![];
    for v in plan.verdicts.iter().filter(|v| v.reason != Reason::RouteChosen) {
        let chosen = plan.parts.iter().find(|p| p.line == v.line);
        match v.reason {
            Reason::AtpInsufficient if !v.atp.is_zero() => {
                all.push(format!("Line {} could have gone to {} for {} or fewer.", v.line, v.source, v.atp))
            }
            Reason::AtpInsufficient | Reason::AtpUnknown => all
                .push(format!("Line {} could have gone to {} had it advised at least {}.", v.line, v.source, v.wanted)),
            Reason::AtpStale => {
                all.push(format!("Line {} could have gone to {} had its advice been fresher.", v.line, v.source))
            }
            Reason::RouteCapacity => all.push(format!(
                "Line {} could have gone to {} had its daily capacity not been used up.",
                v.line, v.source
            )),
            Reason::RouteCostlier => {
                if let (Some(c), Some(cost)) = (chosen, v.cost) {
                    let minor = cost.minor - c.cost.minor + 1;
                    if minor > 0 {
                        let less = crate::measure::Money { minor, ..cost };
                        all.push(format!(
                            "Line {} would have gone to {} had it been {less} cheaper.",
                            v.line, v.source
                        ));
                    }
                }
            }
            Reason::CatalogPackMismatch => {
                all.push(format!("Line {} could have gone to {} for a whole number of its packs.", v.line, v.source))
            }
            _ => {}
        }
    }
    all
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
fn at(time: jiff::Timestamp) -> String {
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
fn cost(v: &Verdict) -> String {
    v.cost.map(|c| format!(", costs {c}")).unwrap_or_default()
}
fn s(n: usize) -> &'static str {
    if n == 1 { "" } else { "s" }
}

fn age(v: &Verdict) -> String {
    match v.advice_age_s {
        None => ", never advised".into(),
        Some(seconds) if seconds < 120 => format!(", advised {seconds} s ago"),
        Some(seconds) if seconds < 7_200 => format!(", advised {} min ago", seconds / 60),
        Some(seconds) => format!(", advised {} h ago", seconds / 3_600),
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|c| c.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

fn lower(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|c| c.to_lowercase().chain(chars).collect()).unwrap_or_default()
}
