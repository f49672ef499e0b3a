//! The head: which records a command wants to read, and what follows from them.
//!
//! Each deed is one file that holds its `needs` and its `decide` side by side; this file only knows which is which.

mod acknowledge;
mod advice;
mod approvals;
mod cancel;
mod cancellation;
mod capture;
mod cases;
mod clocks;
mod contest;
mod draft;
mod histories;
mod holds;
mod learn;
mod legacy;
mod master;
mod message;
mod policies;
mod reroute;
mod sending;
mod shipment;
mod supply;
mod wake;

use crate::command::{Actor, Command, Deed};
use crate::effect::Effect;
use crate::event::Event;
use crate::ids::{OrderId, PoNumber};
use crate::order::{Order, PurchaseOrder};
use crate::refusal::{Refusal, RefusalKind};
use crate::slice::{Key, Slice};
use draft::Draft;
use jiff::Timestamp;
pub use learn::COUNTS_MAX;
use std::collections::BTreeSet;
pub(crate) use supply::supply_of;

/// Rounds of `needs` until it must have settled: order, items, offers, stock.
pub const ROUNDS_MAX: usize = 4;

/// What was decided: complete, the hands make no choice.
#[derive(Debug, Clone, Default)]
pub struct Decision {
    /// What has happened.
    pub events: Vec<Event>,
    /// Errands.
    pub effects: Vec<Effect>,
    /// The slice with the events applied.
    pub after: Slice,
    /// The policy that ruled; 0 where none was read.
    pub policy: u32,
}

/// What came of a decision, apart from the records.
#[derive(Debug, Clone, Default)]
pub struct Made {
    /// What has happened.
    pub events: Vec<Event>,
    /// Errands.
    pub effects: Vec<Effect>,
    /// The policy that ruled; 0 where none was read.
    pub policy: u32,
}

/// The records that `command` wants to read, as far as `slice` lets one see. Asked again, with what it asked for,
/// until it asks for nothing new: at most [`ROUNDS_MAX`] times.
pub fn needs(slice: &Slice, command: &Command) -> BTreeSet<Key> {
    match &command.deed {
        Deed::RecordItem { .. }
        | Deed::RecordSource { .. }
        | Deed::RecordOffer { .. }
        | Deed::ActivatePolicy { .. } => master::needs(&command.deed),
        Deed::SavePolicy { .. }
        | Deed::RecordBacktest(_)
        | Deed::ApprovePolicy { .. }
        | Deed::PutPolicyInForce { .. }
        | Deed::UnschedulePolicy { .. }
        | Deed::WakePolicies => policies::needs(slice, &command.deed),
        Deed::KeepHistory(_) | Deed::RemoveHistory { .. } => [Key::Policy, Key::Histories].into(),
        Deed::LearnAnswers { answers, .. } => learn::needs(answers),
        Deed::ReportAdvice(report) => advice::needs(report),
        Deed::CaptureOrder(capture) => capture::needs(slice, capture),
        Deed::RecordReceipt(_) | Deed::RecordSending { .. } | Deed::RecordDelivery { .. } => {
            sending::needs(slice, &command.deed)
        }
        Deed::OpenSourceCase { source, .. } => [Key::Source(source.clone()), Key::Desk(source.clone())].into(),
        Deed::WakeSource { source } => [Key::Desk(source.clone())].into(),
        Deed::AssignCase { case, .. } | Deed::CommentCase { case, .. } => cases::key(case).into_iter().collect(),
        Deed::ResolveCase { case, .. } => cases::needs(slice, case),
        Deed::ContestBreach { po, .. } | Deed::AnswerContest { po, .. } => contest::needs(po),
        Deed::HoldOrder { order, .. }
        | Deed::OpenOrderCase { order, .. }
        | Deed::WriteMessage { order, .. }
        | Deed::RecordReply { order, .. } => [Key::Order(order.clone())].into(),
        Deed::RecordLegacy(report) => legacy::needs(report),
        Deed::RecordAcknowledgment(answer) => acknowledge::needs(slice, answer),
        Deed::SwitchToLegacy { scope, .. } => legacy::needs_of_switch(scope),
        deed => deed.order().map(|order| supply::needs(slice, &order)).unwrap_or_default(),
    }
}

/// Decides a command on the records it asked for.
///
/// # Errors
/// The asker's fault; nothing has changed.
///
/// # Panics
/// On a bug of ours: a record read that was not asked for, a tally below zero. The caller parks that command.
pub fn decide(slice: &Slice, now: Timestamp, command: &Command) -> Result<Decision, Refusal> {
    decide_on(slice.clone(), now, command)
}

/// As [`decide`], on a slice that the caller has no other use for.
///
/// # Errors
/// As [`decide`].
///
/// # Panics
/// As [`decide`].
pub fn decide_on(mut slice: Slice, now: Timestamp, command: &Command) -> Result<Decision, Refusal> {
    let Made { events, effects, policy } = decide_in(&mut slice, now, command)?;
    Ok(Decision { events, effects, after: slice, policy })
}

/// As [`decide`], on a slice that stays and is evolved in place, so that no record is copied that nobody else holds.
/// A refused capture or resolving of a case may have evolved what it was about: take the records from before.
///
/// # Errors
/// As [`decide`].
///
/// # Panics
/// As [`decide`]; the slice is then empty.
pub fn decide_in(slice: &mut Slice, now: Timestamp, command: &Command) -> Result<Made, Refusal> {
    let likely = match command.deed {
        Deed::CaptureOrder(_) => 8,
        Deed::ReportAdvice(_) | Deed::Wake { .. } => 1,
        _ => 4,
    };
    let mut draft = Draft::new(std::mem::take(slice), now, &command.by, likely);
    let decided = turn(&mut draft, &command.deed);
    let (made, after) = draft.finish();
    *slice = after;
    decided.map(|()| made)
}

fn turn(d: &mut Draft, deed: &Deed) -> Result<(), Refusal> {
    match deed {
        Deed::RecordItem { .. }
        | Deed::RecordSource { .. }
        | Deed::RecordOffer { .. }
        | Deed::ActivatePolicy { .. } => {
            master::decide(d, deed)?;
        }
        Deed::SavePolicy { .. }
        | Deed::RecordBacktest(_)
        | Deed::ApprovePolicy { .. }
        | Deed::PutPolicyInForce { .. }
        | Deed::UnschedulePolicy { .. }
        | Deed::WakePolicies => policies::decide(d, deed)?,
        Deed::KeepHistory(history) => histories::keep(d, history)?,
        Deed::RemoveHistory { name } => histories::remove(d, name)?,
        Deed::LearnAnswers { after, through, as_of, answers } => learn::decide(d, (*after, *through), *as_of, answers)?,
        Deed::ReportAdvice(report) => advice::decide(d, report)?,
        Deed::CaptureOrder(capture) => capture::decide(d, capture)?,
        Deed::RecordReceipt(receipt) => sending::receipt(d, receipt)?,
        Deed::RecordSending { po, outcome } => sending::decide(d, po, outcome)?,
        Deed::RecordDelivery { po, shipment } => shipment::delivered(d, po, shipment)?,
        Deed::RecordAcknowledgment(answer) => acknowledge::decide(d, answer)?,
        Deed::RecordShipment(notice) => shipment::decide(d, notice)?,
        Deed::RecordCancellationAnswer(answer) => cancellation::decide(d, answer)?,
        Deed::CancelOrder { order, line, reason, words } => {
            cases::words_fit(words.as_deref())?;
            cancel::decide(d, order, line.as_ref(), *reason)?;
        }
        Deed::HoldOrder { order, reason, words } => {
            cases::words_fit(words.as_deref())?;
            reroute::hold(d, order, *reason)?;
        }
        Deed::RecordLegacy(report) => legacy::decide(d, report)?,
        Deed::SwitchToLegacy { scope, on, words } => legacy::switch(d, scope, *on, words.as_deref())?,
        Deed::ReleaseOrder { order, words, .. } => {
            cases::words_fit(words.as_deref())?;
            reroute::release(d, order)?;
        }
        Deed::RerouteLine { order, line, to, reason, words, approval } => {
            cases::words_fit(words.as_deref())?;
            let answers = approval.as_ref().map(|id| (id, words.as_deref()));
            reroute::decide(d, order, line, to.as_ref(), *reason, answers)?;
        }
        Deed::ResolveCase { case, remedy, reason, words, revision } => {
            let (reason, words, revision) = (*reason, words.as_deref(), *revision);
            cases::resolve(d, case, &cases::Resolving { remedy, reason, words, revision })?;
        }
        Deed::AssignCase { case, to, revision } => cases::assign(d, case, to, *revision)?,
        Deed::CommentCase { case, words } => cases::comment(d, case, words)?,
        Deed::OpenSourceCase { source, kind, reason, sentence } => {
            cases::open_at_source(d, source, *kind, *reason, sentence)?
        }
        Deed::OpenOrderCase { order, kind, reason, sentence } => {
            cases::open_at_order(d, order, *kind, *reason, sentence)?;
        }
        Deed::WriteMessage { order, message, to, fingerprint } => {
            message::write(d, order, message, to, fingerprint)?;
        }
        Deed::RecordReply { order, message, po, reader, fingerprint } => {
            message::reply(d, order, message, po.as_ref(), reader.as_ref(), fingerprint)?;
        }
        Deed::AnswerApproval { approval, approve, words } => {
            approvals::decide(d, approval, *approve, words.as_deref())?
        }
        Deed::ContestBreach { po, clock, due, words, document } => {
            contest::contest(d, po, *clock, *due, words, document.as_ref())?;
        }
        Deed::AnswerContest { po, clock, due, accept, words } => {
            contest::answer(d, po, *clock, *due, *accept, words.as_deref())?;
        }
        Deed::Wake { order } => wake::decide(d, order),
        Deed::WakeSource { source } => wake::of_source(d, source),
    }
    Ok(())
}

/// The order, or a refusal that names it.
fn find_order<'a>(slice: &'a Slice, id: &OrderId) -> Result<&'a Order, Refusal> {
    let unknown = || {
        Refusal::field(
            RefusalKind::UnknownOrder,
            "/order",
            id,
            "unknown_order",
            format!("order {id} is not known here"),
        )
    };
    slice.order(id).ok_or_else(unknown)
}

/// The purchase order behind a number, if it is known and, where a source asks, its own.
fn find_po<'a>(slice: &'a Slice, by: &Actor, number: &PoNumber) -> Result<(&'a Order, &'a PurchaseOrder), Refusal> {
    let unknown = || {
        let sentence = format!("purchase order {number} is not known here: check the number on the order you received");
        Refusal::field(RefusalKind::UnknownPurchaseOrder, "/po", number, "edi_unmatched_po", sentence)
    };
    let (id, ordinal) = number.split().ok_or_else(unknown)?;
    let order = slice.order(&id).ok_or_else(unknown)?;
    let po = order.purchase_order(ordinal).ok_or_else(unknown)?;
    match by {
        Actor::Source { source } if *source != po.source => Err(unknown()),
        _ => Ok((order, po)),
    }
}
