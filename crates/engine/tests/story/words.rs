//! What happened, in a clerk's words: one line per event.

use super::DAY;
use crate::world::World;
use countersign_engine::approval::ApprovalKind;
use countersign_engine::decide::Decision;
use countersign_engine::effect::Effect;
use countersign_engine::event::{Event, HeldAs};
use countersign_engine::explain;
use countersign_engine::ids::{LineId, OrderId};
use countersign_engine::order::{Assignment, Line, Order, PurchaseOrder};
use countersign_engine::policy::table::Fired;
use countersign_engine::promise::Promise;
use countersign_engine::refusal::Refusal;
use countersign_engine::routing::Plan;
use countersign_engine::slice::{Record, Slice};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// `09:00`, or with its day if that is not the story's.
fn clock(at: Timestamp) -> String {
    let local = at.to_zoned(TimeZone::UTC);
    let seconds = if local.second() == 0 { "%H:%M" } else { "%H:%M:%S" };
    let day = if local.date().to_string() == DAY { "" } else { "%m-%d " };
    local.strftime(format!("{day}{seconds}").as_str()).to_string()
}

pub fn refusal(now: Timestamp, refusal: &Refusal) -> String {
    let kind = serde_json::to_value(refusal.kind).unwrap();
    let faults: Vec<String> =
        refusal.faults.iter().map(|f| format!(" [{} {}: {}]", f.pointer, f.value, f.reason)).collect();
    format!("{} REFUSED {}: {}{}\n", clock(now), kind.as_str().unwrap(), refusal.sentence, faults.join(""))
}

pub fn decision(now: Timestamp, decision: &Decision) -> String {
    let mut effects = decision.effects.clone();
    let mut out = String::new();
    for event in &decision.events {
        let Some(text) = sentence(&decision.after, event) else { continue };
        let at = effects.iter().position(|e| belongs(e, event));
        let errand = at.map(|i| format!(" -> {}", errand(&effects.remove(i)))).unwrap_or_default();
        out += &format!("{} {text}{errand}\n", clock(now));
    }
    for effect in effects {
        out += &format!("{} -> {}\n", clock(now), errand(&effect));
    }
    if out.is_empty() { format!("{} nothing happens\n", clock(now)) } else { out }
}

fn belongs(effect: &Effect, event: &Event) -> bool {
    match (effect, event) {
        (Effect::SendPurchaseOrder { purchase_order: n, .. }, Event::PurchaseOrderReleased { ordinal, .. }) => {
            n == ordinal
        }
        (Effect::SendCancellation { purchase_order: n, .. }, Event::CancellationRequested { purchase_order, .. })
        | (Effect::SendReminder { purchase_order: n, .. }, Event::PurchaseOrderReminded { purchase_order, .. }) => {
            n == purchase_order
        }
        (Effect::ResendPurchaseOrder { .. }, Event::CaseResolved { .. }) => true,
        _ => false,
    }
}

fn errand(effect: &Effect) -> String {
    let to = format!("{}-{} to {}", effect.order(), effect.purchase_order(), effect.source());
    match effect {
        Effect::SendPurchaseOrder { .. } => format!("send {to}"),
        Effect::ResendPurchaseOrder { .. } => format!("send {to} again"),
        Effect::SendReminder { .. } => format!("send reminder of {to}"),
        Effect::SendCancellation { .. } => format!("send cancellation of {to}"),
    }
}

fn order<'a>(after: &'a Slice, id: &OrderId) -> &'a Order {
    after.order(id).unwrap()
}
fn goods(after: &Slice, id: &OrderId, assignment: u32) -> String {
    let a = order(after, id).assignment(assignment).unwrap();
    let sku = &order(after, id).line(&a.line).unwrap().sku;
    format!("{} {sku} of line {}", a.quantity, a.line)
}
fn what(after: &Slice, id: &OrderId, assignment: u32) -> (String, String) {
    let a = order(after, id).assignment(assignment).unwrap();
    (format!("line {}", a.line), a.source.to_string())
}
fn po<'a>(after: &'a Slice, id: &OrderId, n: u32) -> &'a PurchaseOrder {
    order(after, id).purchase_order(n).unwrap()
}
fn word<T: serde::Serialize>(value: T) -> String {
    serde_json::to_value(value).unwrap().as_str().unwrap_or("?").replace('_', " ")
}

fn sentence(after: &Slice, event: &Event) -> Option<String> {
    use Event::*;
    Some(match event {
        OrderCaptured { order, mode, mode_rule, .. } => {
            format!("order {order} captured ({}){}", word(mode), fired(mode_rule.iter()))
        }
        PlanMade { order: id, plan } => planned(order(after, id), plan),
        HoldPlaced { .. } | HoldFirmed { .. } | HoldReleased { .. } | HoldConsumed { .. } => held(after, event)?,
        AssignmentMade { .. } | LineCosted { .. } => return None,
        PurchaseOrderReleased { .. }
        | PurchaseOrderSent { .. }
        | PurchaseOrderReceived { .. }
        | PurchaseOrderReminded { .. }
        | CancellationRequested { .. }
        | CancellationAnswered { .. } => paper(after, event),
        AcknowledgmentReceived { .. }
        | AcknowledgmentLate { .. }
        | AssignmentWithdrawn { .. }
        | AssignmentKept { .. }
        | ShipmentNotified { .. }
        | ShipmentDelivered { .. } => answered(after, event),
        SlaWarned { .. } | SlaMet { .. } | SlaBreached { .. } | SlaStopped { .. } | SlaStarted { .. } => timed(event),
        BreachContested { .. } | BreachContestAnswered { .. } => contested(event),
        CaseOpened { .. }
        | CaseAssigned { .. }
        | CaseCommented { .. }
        | CaseEscalated { .. }
        | CaseResolved { .. }
        | ApprovalAsked { .. }
        | ApprovalAnswered { .. } => asked(event),
        PromiseMade { line, promise, .. } => format!("promise of line {line}: {}", promised(promise)),
        PromiseConfirmed { line, promise, .. } => format!("promise of line {line} confirmed: {}", promised(promise)),
        PromiseRevised { line, promise, .. } => format!("promise of line {line} revised: {}", promised(promise)),
        AdviceRecorded { source, lines, carried, .. } => {
            let lines: Vec<String> = lines.iter().map(|l| format!("{} {}", l.quantity, l.sku)).collect();
            let carried: String = carried
                .iter()
                .map(|(sku, (_, q))| format!("; {q} {sku} held on receipts now weigh on the shelf"))
                .collect();
            format!("{source} has {}{carried}", lines.join(", "))
        }
        FeedCompleted { source, as_of } => format!("full feed of {source} as of {}", clock(*as_of)),
        LegacyRecorded { line, quantity, fact, .. } => {
            let status = after.records().find_map(|(_, r)| match r {
                Some(Record::Order(o)) => o.line(line).map(|l| word(o.line_status(l))),
                _ => None,
            });
            format!("legacy {} {quantity} of line {line}: {}", fact.word(), status.unwrap_or_default())
        }
        FallbackSwitched { on, fallbacks, .. } => {
            let word = if *on { "thrown" } else { "taken back" };
            format!("switch to the legacy path {word}, {} stand", fallbacks.len())
        }
        AnswersLearnt { through, .. } => format!("{} (up to {through})", explain::event(event)),
        HistoryKept { .. } | HistoryRemoved { .. } => explain::event(event),
        PolicySaved { policy, by, changed, .. } => {
            let changed = if changed.is_empty() { String::new() } else { format!(": {}", changed.join("; ")) };
            format!("{} wrote policy {}{changed}", by.name(), policy.version)
        }
        PolicyBacktested { version, backtest } => format!("policy {version} backtested: {}", backtest.summary),
        PolicyApproved { version, approval } => format!("{} approved policy {version}", approval.by.name()),
        PolicyScheduled { version, at, .. } => format!("policy {version} takes over at {}", clock(*at)),
        PolicyUnscheduled { .. } => explain::event(event),
        PolicyActivated { policy, by, at } => {
            let by = by.as_ref().map_or("nobody", |b| b.name());
            format!("policy {} in force since {}, by {by}", policy.version, at.map(clock).unwrap_or_default())
        }
        OrderHeld { order, .. } => format!("order {order} on hold"),
        OrderReleased { order } => format!("order {order} off hold"),
        MessageWritten { .. } => explain::event(event),
        other => lined(other)?,
    })
}

/// The rows of tables that spoke.
fn fired<'a>(rules: impl Iterator<Item = &'a Fired>) -> String {
    rules.map(|f| format!("; {}", f.sentence())).collect()
}

fn planned(order: &Order, plan: &Plan) -> String {
    let sku = |line: &LineId| order.line(line).unwrap().sku.clone();
    let mut parts: Vec<String> = vec![];
    for p in &plan.parts {
        let day = p.incoming.map(|d| format!(" received on {d}")).unwrap_or_default();
        let way = p.expedited.as_ref().map(|level| format!(" by {level}")).unwrap_or_default();
        parts.push(format!(
            "{} {} of line {} from {}{day}{way}, {} ({})",
            p.quantity,
            sku(&p.line),
            p.line,
            p.source,
            p.cost,
            p.step
        ));
    }
    for u in &plan.unsourced {
        parts.push(format!(
            "{} {} of line {} from nobody ({}, {})",
            u.quantity,
            sku(&u.line),
            u.line,
            u.reason,
            word(u.otherwise)
        ));
    }
    let lost: Vec<String> = plan
        .verdicts
        .iter()
        .filter(|v| v.reason.code() != "route_chosen")
        .map(|v| format!("{} {} has {}", v.source, v.reason, v.atp))
        .collect();
    let lost = if lost.is_empty() { String::new() } else { format!("; not {}", lost.join(", ")) };
    let dearer = plan.cost_increase_percent.map(|p| format!("; {p} % dearer than first planned")).unwrap_or_default();
    let late = if plan.breaks_promise { "; too late for the promise" } else { "" };
    let rules = plan.verdicts.iter().flat_map(|v| v.rules.iter()).chain(plan.reserved.iter().map(|r| &r.rule));
    let mut late = format!("{late}{}", fired(rules));
    for v in &plan.verdicts {
        if let Some(chance) = &v.acceptance {
            late.push_str(&format!("; {} {} % ({chance})", v.source, chance.percent()));
        }
        if !v.kept_back.is_zero() {
            late.push_str(&format!("; {} keeps {} back", v.source, v.kept_back));
        }
    }
    format!("plan {} ({}): {}{lost}{dearer}{late}", plan.round, plan.reason, parts.join("; "))
}

fn held(after: &Slice, event: &Event) -> Option<String> {
    Some(match event {
        Event::HoldPlaced { source, sku, quantity, incoming, expires, .. } => {
            let of = incoming.map(|d| format!(" of the receipt of {d}")).unwrap_or_default();
            format!("hold {quantity} {sku} at {source}{of} until {}", clock(*expires))
        }
        Event::HoldFirmed { source, sku, quantity, given_back, minute, from, .. } => {
            let back = if given_back.is_zero() { String::new() } else { format!(", {given_back} given back") };
            let netted = if *minute == i64::MAX { ", until it has shipped" } else { "" };
            let anew = if *from == HeldAs::Nothing { "hold again and firm" } else { "hold firm:" };
            format!("{anew} {quantity} {sku} at {source}{back}{netted}")
        }
        Event::HoldReleased { source, sku, quantity, reason, .. } => {
            format!("hold given back: {quantity} {sku} at {source} ({reason})")
        }
        Event::HoldConsumed { order, assignment, quantity } => {
            let (_, source) = what(after, order, *assignment);
            format!("hold used up: {quantity} at {source}")
        }
        _ => return None,
    })
}

fn paper(after: &Slice, event: &Event) -> String {
    match event {
        Event::PurchaseOrderReleased { order: id, number, source, attempt, assignments, clocks, rules, .. } => {
            let all: Vec<String> = assignments.iter().map(|n| goods(after, id, *n)).collect();
            let due: Vec<String> = clocks.iter().map(|c| format!("{} due {}", word(c.kind), clock(c.due))).collect();
            let rules = fired(rules.iter());
            format!("ask {source} for {} ({number} attempt {attempt}), {}{rules}", all.join(", "), due.join(", "))
        }
        Event::PurchaseOrderSent { order, purchase_order, .. } => format!("{order}-{purchase_order} sent"),
        Event::PurchaseOrderReceived { order, purchase_order, .. } => {
            format!("{} has received {order}-{purchase_order}", po(after, order, *purchase_order).source)
        }
        Event::PurchaseOrderReminded { order, purchase_order, clock: c } => {
            let source = &po(after, order, *purchase_order).source;
            format!("remind {source} of {order}-{purchase_order}, due {}", clock(c.due))
        }
        Event::CancellationRequested { order: id, purchase_order, reason, clock: c, .. } => {
            let due = c.map(|c| format!(", answer due {}", clock(c.due))).unwrap_or_default();
            format!("ask {} to stop {id}-{purchase_order} ({reason}){due}", po(after, id, *purchase_order).source)
        }
        Event::CancellationAnswered { order, purchase_order, accepted, .. } => {
            let source = &po(after, order, *purchase_order).source;
            let answer = if *accepted { "stops" } else { "does not stop" };
            format!("{source} {answer} {order}-{purchase_order}")
        }
        other => panic!("{other:?}"),
    }
}

fn answered(after: &Slice, event: &Event) -> String {
    match event {
        Event::AcknowledgmentReceived {
            order, assignment, accepted, declined, ship_by, reason, substitute, ..
        } => {
            let (line, source) = what(after, order, *assignment);
            let no = if declined.is_zero() { String::new() } else { format!(", declined {declined}") };
            let why = reason.map(|r| format!(" ({r})")).unwrap_or_default();
            let instead = substitute.as_ref().map_or_else(String::new, |s| {
                let costs = s.cost().map_or("no known price".into(), |cost| cost.to_string());
                format!(", {} of it as {} at {costs}", s.quantity, s.vendor_sku)
            });
            format!("{source} answered for {line}: accepted {accepted}{no}{instead}, ships by {ship_by}{why}")
        }
        Event::AcknowledgmentLate { order, purchase_order, attempt, accepted, .. } => {
            let source = &po(after, order, *purchase_order).source;
            format!("LATE: {source} accepted {accepted} on attempt {attempt} of {order}-{purchase_order}")
        }
        Event::AssignmentWithdrawn { order, assignment, quantity, reason } => {
            let (line, source) = what(after, order, *assignment);
            format!("{source} is out for {quantity} of {line} ({reason})")
        }
        Event::AssignmentKept { order, assignment, accepted } => {
            let (line, source) = what(after, order, *assignment);
            format!("{source} is kept for {accepted} of {line}")
        }
        Event::ShipmentNotified { order: id, shipment } => {
            let source = &po(after, id, shipment.purchase_order).source;
            let units: Vec<String> =
                shipment.units.iter().map(|(n, q)| format!("{q} of {}", what(after, id, *n).0)).collect();
            let units = if units.is_empty() { "nothing that is wanted".into() } else { units.join(", ") };
            format!("{source} shipped {units} as {}, {}", shipment.shipment, shipment.tracking.join(" "))
        }
        Event::ShipmentDelivered { shipment, .. } => format!("{shipment} delivered"),
        other => panic!("{other:?}"),
    }
}

fn timed(event: &Event) -> String {
    match event {
        Event::SlaWarned { source, purchase_order, order, clock: kind, due } => {
            format!("nearly due: {} of {source} for {order}-{purchase_order}, {}", word(kind), clock(*due))
        }
        Event::SlaMet { source, clock: kind, .. } => format!("in time: {} of {source}", word(kind)),
        Event::SlaBreached { source, clock: kind, due, .. } => {
            format!("TOO LATE: {} of {source}, due {}", word(kind), clock(*due))
        }
        Event::SlaStopped { order, purchase_order, clock: kind } => {
            format!("no more waiting: {} for {order}-{purchase_order}", word(kind))
        }
        Event::SlaStarted { order, purchase_order, clock: c } => {
            format!("wait: {} for {order}-{purchase_order} due {}", word(c.kind), clock(c.due))
        }
        other => panic!("{other:?}"),
    }
}

fn contested(event: &Event) -> String {
    match event {
        Event::BreachContested { source, clock: kind, due, contest, .. } => {
            let proof = contest.document.as_ref().map(|d| format!(" [{d}]")).unwrap_or_default();
            format!("{source} contests: {} due {}: {}{proof}", word(kind), clock(*due), contest.words)
        }
        Event::BreachContestAnswered { source, clock: kind, due, answer, .. } => {
            let how = if answer.accepted { "excused" } else { "upheld" };
            format!("{how} by {}: {} of {source} due {}", answer.by.name(), word(kind), clock(*due))
        }
        other => panic!("{other:?}"),
    }
}

fn asked(event: &Event) -> String {
    match event {
        Event::CaseOpened { case } => {
            let options: Vec<String> = case
                .options
                .iter()
                .map(|o| {
                    let o = serde_json::to_value(o).unwrap();
                    let to = o.get("source").map(|s| format!(" {}", s.as_str().unwrap())).unwrap_or_default();
                    format!("{}{to}", o["action"].as_str().unwrap())
                })
                .collect();
            let (kind, severity) = (case.kind.code(), word(case.severity));
            format!("CASE {} {kind} ({severity}): {} [{}]", case.id, case.sentence, options.join(", "))
        }
        Event::CaseResolved { case, resolution } => {
            let how = resolution
                .remedy
                .as_ref()
                .map(|r| serde_json::to_value(r).unwrap()["action"].as_str().unwrap().to_owned());
            let why = resolution.reason.map(|r| format!("; {r}")).unwrap_or_default();
            let words = resolution.words.as_ref().map(|words| format!(": {words}")).unwrap_or_default();
            let (how, by) = (how.as_deref().unwrap_or("settled"), resolution.by.name());
            format!("case {case} closed ({how}, by {by}{why}){words}")
        }
        Event::CaseEscalated { case, role, severity, .. } => {
            format!("case {case} goes up to {}, now {}", word(role), word(severity))
        }
        Event::CaseCommented { case, comment } => {
            format!("case {case} noted by {}: {}", comment.by.name(), comment.words)
        }
        Event::CaseAssigned { case, to } => format!("case {case} given to {}", to.name()),
        Event::ApprovalAsked { approval, .. } => {
            let instead = match approval.kind {
                ApprovalKind::Substitution => format!(": {}", explain::plan(&approval.plan)),
                _ => String::new(),
            };
            format!(
                "APPROVAL {} {} asked until {} ({}){instead}",
                approval.id,
                word(approval.kind),
                clock(approval.due),
                approval.reason
            )
        }
        Event::ApprovalAnswered { approval, outcome, .. } => {
            let outcome = serde_json::to_value(outcome).unwrap();
            let words = outcome["words"].as_str().map(|words| format!(" ({words})")).unwrap_or_default();
            let other = outcome["to"].as_str().map(|to| format!(" by {to}")).unwrap_or_default();
            format!("approval {approval} {}{other}{words}", outcome["state"].as_str().unwrap())
        }
        other => panic!("{other:?}"),
    }
}

fn lined(event: &Event) -> Option<String> {
    use Event::*;
    Some(match event {
        LineCommitted { line, quantity, source, reason, .. } => {
            format!("COMMITTED {quantity} of line {line} from {source} ({reason})")
        }
        LineUncommitted { line, quantity, reason, .. } => {
            format!("no longer committed: {quantity} of line {line} ({reason})")
        }
        LineRerouted { line, from, quantity, reason, .. } => {
            format!("give up {from} for {quantity} of line {line} ({reason})")
        }
        LineWaiting { line, until, reason, .. } => format!("line {line} waits until {} ({reason})", clock(*until)),
        LineResumed { line, .. } => format!("line {line} waits no more"),
        LineCancellationRequested { line, reason, .. } => format!("line {line} is to be cancelled ({reason})"),
        LineCancellationFailed { line, reason, .. } => format!("line {line} cannot be cancelled ({reason})"),
        LineCancelled { line, quantity, reason, .. } => format!("{quantity} of line {line} CANCELLED ({reason})"),
        _ => return None,
    })
}

fn promised(promise: &Promise) -> String {
    let why = promise.reason.map(|r| format!(" ({r})")).unwrap_or_default();
    format!("ships by {}, arrives by {}{why}", promise.ship_by, promise.deliver_by)
}

/// What a line costs of which something else is sent.
fn substituted(order: &Order, line: &Line) -> String {
    let costs = |a: &Assignment| format!(", costs {}, {} as supplied", a.cost, a.cost_of_supply());
    order.of_line(&line.id).filter(|a| !a.substitutes.is_empty()).map(costs).collect()
}

/// How things stand when the story is over.
pub fn end(world: &World) -> String {
    let mut out = String::new();
    for order in world.orders() {
        for line in &order.lines {
            let t = order.tally(line);
            let numbers = [
                ("held", t.held),
                ("accepted", t.accepted),
                ("committed", t.committed),
                ("shipped", t.shipped),
                ("cancelled", t.cancelled),
            ];
            let numbers = numbers.iter().filter(|(_, n)| !n.is_zero()).map(|(w, n)| format!(", {w} {n}"));
            let status = word(order.line_status(line));
            out += &format!(
                "= {} line {}: {status}, ordered {}{}{}\n",
                order.id,
                line.id,
                t.ordered,
                numbers.collect::<String>(),
                substituted(order, line)
            );
        }
    }
    for record in world.records.values() {
        let Record::Stock(stock) = record else { continue };
        let free = stock.atp(None, countersign_engine::measure::Quantity::ZERO);
        if !stock.soft.is_zero() || !stock.firm.is_empty() {
            out += &format!("= {} {}: advised {}, {free} free\n", stock.source, stock.sku, stock.advised);
        }
    }
    out
}
