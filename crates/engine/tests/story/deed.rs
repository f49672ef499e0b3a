//! The lines that begin with `at`: who does what.

use super::time;
use crate::world::World;
use countersign_engine::calibration::{Answers, Cell, Count};
use countersign_engine::case::{CaseKind, Remedy};
use countersign_engine::command::{
    Actor, BacktestResult, CaptureLine, CaptureOrder, Command, Deed, ReportAdvice, ReportedLine, Role, Sending,
};
use countersign_engine::document::{
    Acknowledgment, AcknowledgmentLine, CancellationAnswer, ItemRef, Receipt, Shipment, ShipmentLine,
};
use countersign_engine::history::History;
use countersign_engine::ids::{ApprovalId, CaseId, LineId, OrderId, PoNumber, ShipmentId, Sku, SourceId};
use countersign_engine::item::{Category, Unit};
use countersign_engine::legacy::{LegacyFact, LegacyReport};
use countersign_engine::measure::{Money, Quantity};
use countersign_engine::message::Addressee;
use countersign_engine::order::{ClockKind, PurchaseOrder};
use countersign_engine::policy::{Policy, Scope};
use countersign_engine::reason::Reason;
use countersign_engine::slice::{Key, Record};
use countersign_engine::source::Region;
use countersign_engine::stock::{Incoming, Origin};
use jiff::Timestamp;
use std::collections::BTreeMap;

fn say<E: std::fmt::Display>(e: E) -> String {
    e.to_string()
}
fn id<T: std::str::FromStr>(text: &str) -> Result<T, String>
where
    T::Err: std::fmt::Display,
{
    text.trim_end_matches([':', ',']).parse().map_err(say)
}
fn quantity(text: &str) -> Result<Quantity, String> {
    text.parse().map(Quantity::new).map_err(say)
}
fn reason(text: &str) -> Result<Reason, String> {
    let code = text.trim_matches(['(', ')']);
    let codes = [code.to_owned(), format!("ack_rejected_{code}"), format!("cancel_{code}"), format!("manual_{code}")];
    codes.iter().find_map(|c| Reason::from_code(c)).ok_or_else(|| format!("{code:?} is no reason"))
}
fn person(name: &str) -> Actor {
    match name {
        "shop" => Actor::Program { name: "shop".into() },
        _ => Actor::Person { name: name.into(), role: Role::VendorManager },
    }
}

/// Reads one deed.
pub fn read(world: &World, now: Timestamp, text: &str) -> Result<Command, String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let engine = |deed| Ok(Command { by: Actor::Engine, deed });
    match words.as_slice() {
        ["place", "order", ..] => place(now, text),
        [source, "advises", ..] => advise(now, source, &words[2..]),
        [po, "sent"] => engine(sending(po, Sending::Sent { receipt: false })?),
        [po, "sent", "and", "received"] => engine(sending(po, Sending::Sent { receipt: true })?),
        [po, "not", "sent"] => engine(sending(po, Sending::Failed { why: "connection refused".into() })?),
        [po, "in", "doubt"] => engine(sending(po, Sending::InDoubt { why: "the reply was lost".into() })?),
        [po, shipment, "delivered"] => engine(Deed::RecordDelivery { po: id(po)?, shipment: id(shipment)? }),
        ["customer", "cancels", order] => {
            let deed = Deed::CancelOrder { order: id(order)?, line: None, reason: Reason::CancelCustomer, words: None };
            Ok(Command { by: person("shop"), deed })
        }
        ["customer", "cancels", "line", line, "of", order] => {
            let deed = Deed::CancelOrder {
                order: id(order)?,
                line: Some(id(line)?),
                reason: Reason::CancelCustomer,
                words: None,
            };
            Ok(Command { by: person("shop"), deed })
        }
        ["legacy", fact, rest @ ..] => legacy(now, fact, rest),
        [who, "falls", "back", rest @ ..] | [who, "comes", "back", rest @ ..] => {
            let scope = Scope {
                source: rest.iter().position(|w| *w == "for").map(|i| id(rest[i + 1])).transpose()?,
                category: rest.iter().position(|w| *w == "in").map(|i| Category::new(rest[i + 1])).transpose()?,
            };
            Ok(Command { by: person(who), deed: Deed::SwitchToLegacy { scope, on: words[1] == "falls", words: None } })
        }
        ["learnt:", source, "accepted", yes, "of", asked, age, "min", "after", "advising", share, "%"] => {
            learnt(world, now, source, (yes, asked), (age, share))
        }
        ["the", "clock", "strikes"] => engine(Deed::WakePolicies),
        ["wake", source] => engine(Deed::WakeSource { source: id(source)? }),
        ["trouble", "at", source, ..] => {
            let sentence = words[3..].join(" ");
            let (kind, reason) = (CaseKind::DeliveryFailed, Reason::EdiUnknownPartner);
            engine(Deed::OpenSourceCase { source: id(source)?, kind, reason, sentence })
        }
        ["policy", version, "backtested"] => backtested(version, None, "1000"),
        ["policy", version, "draft", revision, "backtested"] => {
            backtested(version, Some(revision.parse().map_err(say)?), "1000")
        }
        ["policy", version, "backtested", "on", orders, "orders"] => backtested(version, None, orders),
        [who, "keeps", "history", name, "of", orders, "orders"] => {
            let orders: u64 = orders.parse().map_err(say)?;
            let digest = format!("{orders:064x}").into();
            let (bytes, rows, rejected, from, to) = (orders * 70, orders, 0, None, None);
            let history = History { name: (*name).into(), digest, bytes, rows, rejected, orders, from, to };
            Ok(Command { by: person(who), deed: Deed::KeepHistory(history) })
        }
        [who, "removes", "history", name] => {
            Ok(Command { by: person(who), deed: Deed::RemoveHistory { name: (*name).into() } })
        }
        [who, verb, "policy", version, ..] => {
            let deed = about_policy(verb, version.trim_end_matches(':').parse().map_err(say)?, &words[4..], text)?;
            Ok(Command { by: person(who), deed })
        }
        [
            who,
            verb @ ("holds" | "releases" | "approves" | "declines" | "resolves" | "reroutes" | "excuses" | "upholds"
            | "writes"),
            ..,
        ] => Ok(Command { by: person(who), deed: by_person(verb, &words[2..])? }),
        [source, rest @ ..] => {
            let by = Actor::Source { source: id::<SourceId>(source)? };
            Ok(Command { by, deed: by_source(world, now, rest, text)? })
        }
        [] => Err("who does what?".into()),
    }
}

/// `learnt: A accepted 30 of 60 30 min after advising 10 %`: answers to purchase orders for that share of what it had
/// advised that long before.
fn learnt(
    world: &World,
    now: Timestamp,
    source: &str,
    (yes, asked): (&str, &str),
    (age, share): (&str, &str),
) -> Result<Command, String> {
    let after = match world.records.get(&Key::Learnt) {
        Some(Record::Learnt(learnt)) => learnt.position,
        _ => 0,
    };
    let minutes: i64 = age.parse().map_err(say)?;
    let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
    let kitchen = Category::new("kitchen").map_err(say)?;
    let cell = Cell::of(Some(minutes * 60), quantity(share)?, Quantity::new(100), today, &kitchen);
    let count = Count { asked: asked.parse().map_err(say)?, accepted: yes.parse().map_err(say)? };
    let answers = vec![Answers { source: id(source)?, cell, count }];
    let deed = Deed::LearnAnswers { after, through: after + u64::from(count.asked), as_of: now, answers };
    Ok(Command { by: Actor::Engine, deed })
}

fn backtested(version: &str, revision: Option<u32>, orders: &str) -> Result<Command, String> {
    let (version, digest) = (version.parse().map_err(say)?, "0123456789abcdef".repeat(4).into());
    let summary = format!("{orders} orders, 3 of them elsewhere");
    let figures = BTreeMap::from([("orders".into(), orders.parse().map_err(say)?)]);
    let result = BacktestResult { version, revision, digest, summary, figures };
    Ok(Command { by: person("shop"), deed: Deed::RecordBacktest(result) })
}

/// `legacy committed 1001 from B by 2026-11-25`, `legacy cancelled 2 of 1001 (vendor) as X1`.
fn legacy(now: Timestamp, word: &str, rest: &[&str]) -> Result<Command, String> {
    let after = |w: &str| rest.iter().position(|x| *x == w).and_then(|i| rest.get(i + 1)).copied();
    let (order, quantity) = match after("of") {
        Some(order) => (order, Some(quantity(rest[0])?)),
        None => (rest[0], None),
    };
    let source = after("from").map(id).transpose()?;
    let fact = match word {
        "committed" => LegacyFact::Committed { source, ship_by: None, deliver_by: after("by").map(id).transpose()? },
        "confirmed" => LegacyFact::Confirmed { source },
        "rejected" => LegacyFact::Rejected { source, reason: Some(Reason::AckRejectedOutOfStock) },
        "cancelled" => {
            let why = rest.iter().find(|w| w.starts_with('(')).map_or(Ok(Reason::CancelVendor), |w| reason(w))?;
            LegacyFact::Cancelled { reason: why }
        }
        "shipped" => LegacyFact::Shipped { carrier: None, tracking: vec!["1Z9".into()] },
        "delivered" => LegacyFact::Delivered,
        other => return Err(format!("the legacy path never {other} anything")),
    };
    let (line, reference) = (None, after("as").map(Into::into));
    let at = after("at").map_or(Some(now), |text| time(text).map(|(at, _)| at)).ok_or("no time")?;
    let report = LegacyReport { order: id(order)?, line, at, reference, quantity, fact };
    Ok(Command { by: person("shop"), deed: Deed::RecordLegacy(report) })
}

/// `kim writes policy 3: {"hold_minutes": 200}`, `kim approves policy 3`, `kim activates policy 3 at 10:00`.
fn about_policy(verb: &str, version: u32, rest: &[&str], text: &str) -> Result<Deed, String> {
    Ok(match (verb, rest) {
        ("writes", _) => {
            let mut policy = serde_json::to_value(Policy { version, ..Policy::default() }).map_err(say)?;
            let over = text.split_once(": ").map_or("{}", |(_, json)| json);
            let over: BTreeMap<String, serde_json::Value> = serde_json::from_str(over).map_err(say)?;
            over.into_iter().for_each(|(field, value)| policy[field] = value);
            let known = rest.iter().position(|w| *w == "know").and_then(|i| rest.get(i + 1));
            let of_histories = known.map(|s| id(s.trim_end_matches(':'))).transpose()?.into_iter().collect();
            Deed::SavePolicy { policy: serde_json::from_value(policy).map_err(say)?, of_histories }
        }
        ("approves", []) => Deed::ApprovePolicy { version, revision: None, words: None },
        ("unschedules", []) => Deed::UnschedulePolicy { version },
        ("activates", []) => Deed::PutPolicyInForce { version, at: None },
        ("activates", ["at", at @ ..]) => {
            Deed::PutPolicyInForce { version, at: Some(time(&at.join(" ")).ok_or("no time")?.0) }
        }
        _ => return Err("what becomes of the policy?".into()),
    })
}

/// `place order 1001: 3 mug, 2 jug`
fn place(now: Timestamp, text: &str) -> Result<Command, String> {
    let (head, tail) = text.split_once(": ").ok_or("what is ordered?")?;
    let mut lines = vec![];
    for (i, part) in tail.split(", ").enumerate() {
        let words: Vec<&str> = part.split(' ').collect();
        let unit = words.get(2).copied().unwrap_or("EA");
        lines.push(CaptureLine {
            line: LineId::new((i + 1).to_string()).map_err(say)?,
            sku: id(words[1])?,
            quantity: quantity(words[0])?,
            unit: Unit::new(unit)?,
            unit_price: Money::parse("9.00", "USD")?,
        });
    }
    let order: OrderId = id(head.rsplit(' ').next().unwrap_or_default())?;
    let destination = Region { country: "US".into(), region: None, postal_code: Some("733".into()) };
    let capture = CaptureOrder {
        id: order,
        placed_at: now,
        sales_channel: "web".into(),
        destination,
        service_level: "standard".into(),
        requested_on: None,
        fingerprint: tail.into(),
        lines,
    };
    Ok(Command { by: person("shop"), deed: Deed::CaptureOrder(capture) })
}

/// `A advises 7 mug, 3 jug as of 08:55 gets 5 mug on 2026-12-01 in full`
fn advise(now: Timestamp, source: &str, words: &[&str]) -> Result<Command, String> {
    let mut lines: Vec<ReportedLine> = vec![];
    let (mut as_of, mut full, mut i) = (now, false, 0);
    while i < words.len() {
        match &words[i..] {
            ["as", "of", clock, ..] => (as_of, i) = (time(clock).ok_or("no time")?.0, i + 3),
            ["gets", n, sku, "on", day, ..] => {
                let sku: Sku = id(sku)?;
                let line = lines.iter_mut().find(|l| l.sku == sku).ok_or("gets what?")?;
                let incoming = Incoming { quantity: quantity(n)?, ..Incoming::default() };
                line.incoming.insert(id(day)?, incoming);
                i += 5;
            }
            ["in", "full", ..] => (full, i) = (true, i + 2),
            ["absent", sku, ..] => {
                let (sku, quantity, incoming) = (id(sku)?, Quantity::ZERO, BTreeMap::new());
                lines.push(ReportedLine { sku, quantity, incoming, absent: true });
                i += 2;
            }
            [n, sku, ..] => {
                let (sku, quantity, incoming) = (id(sku)?, quantity(n)?, BTreeMap::new());
                lines.push(ReportedLine { sku, quantity, incoming, absent: false });
                i += 2;
            }
            _ => return Err("what is advised?".into()),
        }
    }
    let source: SourceId = id(source)?;
    let by = Actor::Source { source: source.clone() };
    let (origin, completes_feed, unchanged) = (Origin::Api, full, 0);
    Ok(Command {
        by,
        deed: Deed::ReportAdvice(ReportAdvice { source, as_of, origin, full, completes_feed, unchanged, lines }),
    })
}

fn sending(po: &str, outcome: Sending) -> Result<Deed, String> {
    Ok(Deed::RecordSending { po: id(po)?, outcome })
}

/// `kim holds 1001: the customer asked for it`: what stands behind the colon are the person's words.
fn by_person(verb: &str, words: &[&str]) -> Result<Deed, String> {
    let end = words.iter().position(|w| w.ends_with(':')).map_or(words.len(), |at| at + 1);
    let said = (end < words.len()).then(|| words[end..].join(" "));
    if !matches!(verb, "approves" | "declines") && said.is_some() {
        let deed: Vec<&str> = words[..end].iter().map(|w| w.trim_end_matches(':')).collect();
        return Ok(match by_person(verb, &deed)? {
            Deed::HoldOrder { order, reason, .. } => Deed::HoldOrder { order, reason, words: said },
            Deed::ReleaseOrder { order, reason, .. } => Deed::ReleaseOrder { order, reason, words: said },
            Deed::RerouteLine { order, line, to, reason, approval, .. } => {
                Deed::RerouteLine { order, line, to, reason, approval, words: said }
            }
            Deed::ResolveCase { case, remedy, reason, revision, .. } => {
                Deed::ResolveCase { case, remedy, reason, revision, words: said }
            }
            other => other,
        });
    }
    Ok(match (verb, words) {
        ("holds", [order]) => Deed::HoldOrder { order: id(order)?, reason: Reason::ManualHold, words: None },
        ("releases", [order]) => Deed::ReleaseOrder { order: id(order)?, reason: None, words: None },
        ("writes", ["to", "customer", "of", order, message]) => writes(order, message, Addressee::Customer)?,
        ("writes", ["to", "source", "of", po, "in", order, message]) => {
            writes(order, message, Addressee::Source { po: id(po)? })?
        }
        ("writes", ["back", "as", "customer", "of", order, message, "for", reader]) => {
            replies(order, message, None, Some(person(reader)))?
        }
        ("writes", ["back", "as", "customer", "of", order, message]) => replies(order, message, None, None)?,
        ("approves" | "declines", [approval, words @ ..]) => {
            let approve = verb == "approves";
            let words = (!words.is_empty()).then(|| words.join(" "));
            Deed::AnswerApproval { approval: id::<ApprovalId>(approval.trim_end_matches(':'))?, approve, words }
        }
        ("excuses" | "upholds", [po, clock]) => {
            let (po, clock, accept) = (id(po)?, clock_kind(clock)?, verb == "excuses");
            Deed::AnswerContest { po, clock, due: None, accept, words: None }
        }
        ("resolves", [case, remedy @ .., code]) if code.starts_with('(') => {
            let code = reason(code)?;
            match by_person(verb, &[&[*case], remedy].concat())? {
                Deed::ResolveCase { case, remedy, words, revision, .. } => {
                    Deed::ResolveCase { case, remedy, words, revision, reason: Some(code) }
                }
                other => other,
            }
        }
        ("resolves", [case, remedy @ ..]) => {
            let remedy = match remedy {
                ["reroute_to", source] => Remedy::RerouteTo { source: id(source)? },
                [word] => serde_json::from_value(serde_json::json!({"action": word})).map_err(say)?,
                _ => return Err("by which remedy?".into()),
            };
            Deed::ResolveCase { case: id::<CaseId>(case)?, remedy, words: None, revision: None, reason: None }
        }
        ("reroutes", ["line", line, "of", order, to @ ..]) => {
            let after = |word| to.iter().position(|w| *w == word).and_then(|at| to.get(at + 1));
            let approval = after("answering").map(|s| id(s)).transpose()?;
            let to = after("to").map(|s| id(s)).transpose()?;
            let (order, line, reason) = (id(order)?, id(line)?, Reason::ManualOverride);
            Deed::RerouteLine { order, line, to, reason, words: None, approval }
        }
        _ => return Err("what does the person do?".into()),
    })
}

fn writes(order: &str, message: &str, to: Addressee) -> Result<Deed, String> {
    Ok(Deed::WriteMessage { order: id(order)?, message: message.into(), to, fingerprint: "f".into() })
}

fn replies(order: &str, message: &str, po: Option<&str>, reader: Option<Actor>) -> Result<Deed, String> {
    let (order, po) = (id(order)?, po.map(id).transpose()?);
    Ok(Deed::RecordReply { order, message: message.into(), po, reader, fingerprint: "f".into() })
}

fn clock_kind(word: &str) -> Result<ClockKind, String> {
    serde_json::from_value(serde_json::Value::String(word.trim_end_matches(':').into())).map_err(say)
}

fn by_source(world: &World, now: Timestamp, words: &[&str], text: &str) -> Result<Deed, String> {
    let given = words.iter().find(|w| w.starts_with('(')).map(|w| reason(w)).transpose()?;
    let answer = |po: &str, accepted, unasked| -> Result<Deed, String> {
        let (po, lines, reason) = (id(po)?, vec![], given);
        Ok(Deed::RecordCancellationAnswer(CancellationAnswer { po, accepted, lines, unasked, reason }))
    };
    match words {
        ["received", po] => Ok(Deed::RecordReceipt(Receipt { po: id(po)?, accepted: true, note: None })),
        ["cannot", "read", po] => {
            let note = Some("segment PO1, element 02 is missing".into());
            Ok(Deed::RecordReceipt(Receipt { po: id(po)?, accepted: false, note }))
        }
        ["stops", po] => answer(po, true, false),
        ["refuses", "to", "stop", po] => answer(po, false, false),
        ["cancels", po, ..] => answer(po, true, true),
        ["accepts", po, rest @ ..] => acknowledge(world, po, rest, None, false),
        ["rejects", po, rest @ ..] => acknowledge(world, po, rest, None, true),
        ["answers", po, rest @ ..] => {
            let tail = text.split_once(": ").ok_or("what is answered?")?.1;
            acknowledge(world, po, rest, Some(tail), false)
        }
        ["ships", po, rest @ ..] => ship(world, now, po, rest),
        ["replies", "about", po, "in", order, message] => replies(order, message, Some(po), None),
        ["replies", "about", po, "in", order, message, "for", reader] => {
            replies(order, message, Some(po), Some(person(reader)))
        }
        ["contests", po, clock, ..] => {
            let words = text.split_once(": ").ok_or("in which words?")?.1;
            let (words, document) = match words.strip_suffix(']').and_then(|w| w.rsplit_once(" [")) {
                Some((words, document)) => (words, Some(document.into())),
                None => (words, None),
            };
            let (po, clock, words) = (id(po)?, clock_kind(clock)?, words.to_owned());
            Ok(Deed::ContestBreach { po, clock, due: None, words, document })
        }
        _ => Err("what does the source do?".into()),
    }
}

fn purchase_order<'a>(world: &'a World, number: &PoNumber) -> Option<&'a PurchaseOrder> {
    let (order, n) = number.split()?;
    world.order(&order)?.purchase_order(n)
}

/// Lines of a purchase order and their packs.
fn asked(world: &World, number: &PoNumber) -> Vec<(String, Quantity)> {
    let Some((order, n)) = number.split() else { return vec![] };
    let order = world.order(&order);
    let mine = order.into_iter().flat_map(|o| o.of_purchase_order(n));
    mine.map(|a| (a.line.to_string(), a.quantity.packs(a.pack_size).0)).collect()
}

fn nothing(line: &str) -> AcknowledgmentLine {
    serde_json::from_value(serde_json::json!({"line": line})).unwrap()
}

/// `A accepts 1001-1 on 2026-11-25`, `A rejects 1001-1 (out_of_stock)`, `A answers 1001-1: accepts 2, rejects 1`.
fn acknowledge(world: &World, po: &str, rest: &[&str], tail: Option<&str>, rejects: bool) -> Result<Deed, String> {
    let number: PoNumber = id(po)?;
    let mut attempt = purchase_order(world, &number).map(|p| p.attempt);
    let mut lines = vec![];
    if let Some(i) = rest.iter().position(|w| *w == "attempt") {
        attempt = Some(rest[i + 1].trim_end_matches(':').parse().map_err(say)?);
    }
    match tail {
        Some(tail) => {
            for part in tail.split(", ") {
                lines.push(part_of_answer(part)?);
            }
        }
        None => {
            let day = rest.iter().position(|w| *w == "on").map(|i| id(rest[i + 1])).transpose()?;
            let why = rest.iter().find(|w| w.starts_with('(')).map(|w| reason(w)).transpose()?;
            for (line, packs) in asked(world, &number) {
                let mut answer = AcknowledgmentLine { ship_on: day, reason: why, ..nothing(&line) };
                *(if rejects { &mut answer.rejected } else { &mut answer.accepted }) = packs;
                lines.push(answer);
            }
        }
    }
    Ok(Deed::RecordAcknowledgment(Acknowledgment { po: number, attempt, vendor_order: None, lines }))
}

/// `accepts 2 of line 2 on 2026-11-25`, `rejects 1 (out_of_stock)`, `backorders 3 on …`, `offers 2 jug`, `accepts 3 BX`.
fn part_of_answer(text: &str) -> Result<AcknowledgmentLine, String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let after = |w: &str| words.iter().position(|x| *x == w).and_then(|i| words.get(i + 1)).copied();
    let mut line = nothing(after("line").unwrap_or("1"));
    let n = quantity(words.get(1).ok_or("how many?")?)?;
    match words[0] {
        "accepts" => line.accepted = n,
        "rejects" => line.rejected = n,
        "backorders" => line.backordered = n,
        "offers" => {
            line.substituted = n;
            line.substitute = Some(ItemRef { sku: Some(id(words[2])?), vendor_sku: None, gtin: None });
        }
        other => return Err(format!("{other:?} is no answer")),
    }
    line.unit = words.iter().filter_map(|w| Unit::new(w).ok()).find(|u| u.as_str().parse::<u32>().is_err());
    line.ship_on = after("on").map(id).transpose()?;
    line.reason = words.iter().find(|w| w.starts_with('(')).map(|w| reason(w)).transpose()?;
    Ok(line)
}

/// `A ships 1001-1`, `A ships 1001-1 as S2: 1 of line 1 tracking 1Z9`.
fn ship(world: &World, now: Timestamp, po: &str, rest: &[&str]) -> Result<Deed, String> {
    let number: PoNumber = id(po)?;
    let after = |w: &str| rest.iter().position(|x| *x == w).and_then(|i| rest.get(i + 1)).copied();
    let mut lines: Vec<ShipmentLine> = vec![];
    for (i, word) in rest.iter().enumerate() {
        if *word == "of" {
            let line = rest.get(i + 2).ok_or("of which line?")?.trim_end_matches(',');
            lines.push(ShipmentLine { line: line.into(), quantity: quantity(rest[i - 1])? });
        }
    }
    if lines.is_empty() {
        lines =
            asked(world, &number).into_iter().map(|(l, quantity)| ShipmentLine { line: l.into(), quantity }).collect();
    }
    let shipment: ShipmentId = id(after("as").unwrap_or("S1"))?;
    let tracking = vec![after("tracking").map_or_else(|| format!("1Z-{number}"), str::to_owned).into()];
    let carrier = Some("UPSN".into());
    Ok(Deed::RecordShipment(Shipment { shipment, po: number, shipped_at: now, carrier, tracking, lines }))
}
