//! The only hand that changes state. It computes nothing: every conclusion stands in the event.
//!
//! Does not know calendars, policies or the present.

mod histories;
mod learnt;
mod master;
mod order;
mod policy;
mod stock;

use crate::event::Event;
use crate::ids::{CaseId, CaseSubject, OrderId};
use crate::order::Order;
use crate::slice::{Key, Slice};

/// The records an event changes; a replay loads these.
pub fn touches(event: &Event) -> Vec<Key> {
    use Event::*;
    let order = |id: &OrderId| Key::Order(id.clone());
    match event {
        ItemRecorded { item } => vec![Key::Item(item.sku.clone())],
        SourceRecorded { source } => vec![Key::Source(source.id.clone())],
        OfferRecorded { offer } => {
            vec![Key::Offer(offer.source.clone(), offer.sku.clone()), Key::Offerers(offer.sku.clone())]
        }
        AdviceRecorded { source, lines, .. } => {
            lines.iter().map(|l| Key::Stock(source.clone(), l.sku.clone())).collect()
        }
        FeedCompleted { source, .. } => vec![Key::Feed(source.clone())],
        PolicySaved { policy, .. } => vec![Key::PolicyBook, Key::policy_version(policy.version)],
        PolicyBacktested { .. } | PolicyApproved { .. } | PolicyScheduled { .. } | PolicyUnscheduled { .. } => {
            vec![Key::PolicyBook]
        }
        PolicyActivated { at: Some(_), .. } => vec![Key::Policy, Key::PolicyBook],
        PolicyActivated { .. } | FallbackSwitched { .. } => vec![Key::Policy],
        HistoryKept { .. } | HistoryRemoved { .. } => vec![Key::Histories],
        AnswersLearnt { answers, .. } => {
            let sources = answers.iter().map(|a| Key::Evidence(a.source.clone()));
            std::iter::once(Key::Learnt).chain(sources).collect()
        }
        HoldPlaced { order: id, source, sku, load_day, .. } => {
            let mut keys = vec![order(id), Key::Stock(source.clone(), sku.clone())];
            keys.extend(load_day.map(|_| Key::Load(source.clone())));
            keys
        }
        HoldFirmed { order: id, source, sku, load_day, .. } | HoldReleased { order: id, source, sku, load_day, .. } => {
            let mut keys = vec![order(id), Key::Stock(source.clone(), sku.clone())];
            keys.extend(load_day.map(|_| Key::Load(source.clone())));
            keys
        }
        CaseOpened { case } => vec![case_key(&case.id)],
        CaseAssigned { case, .. }
        | CaseCommented { case, .. }
        | CaseEscalated { case, .. }
        | CaseResolved { case, .. } => {
            vec![case_key(case)]
        }
        OrderCaptured { order: id, .. }
        | PlanMade { order: id, .. }
        | ApprovalAsked { order: id, .. }
        | ApprovalAnswered { order: id, .. }
        | OrderHeld { order: id, .. }
        | OrderReleased { order: id }
        | AssignmentMade { order: id, .. }
        | HoldConsumed { order: id, .. }
        | PurchaseOrderReleased { order: id, .. }
        | PurchaseOrderSent { order: id, .. }
        | PurchaseOrderReceived { order: id, .. }
        | PurchaseOrderReminded { order: id, .. }
        | CancellationRequested { order: id, .. }
        | CancellationAnswered { order: id, .. }
        | AcknowledgmentReceived { order: id, .. }
        | AcknowledgmentLate { order: id, .. }
        | AssignmentWithdrawn { order: id, .. }
        | AssignmentKept { order: id, .. }
        | LineCommitted { order: id, .. }
        | LineUncommitted { order: id, .. }
        | LineRerouted { order: id, .. }
        | LineWaiting { order: id, .. }
        | LineResumed { order: id, .. }
        | LineCancellationRequested { order: id, .. }
        | LineCancellationFailed { order: id, .. }
        | LineCancelled { order: id, .. }
        | LineCosted { order: id, .. }
        | LegacyRecorded { order: id, .. }
        | PromiseMade { order: id, .. }
        | PromiseConfirmed { order: id, .. }
        | PromiseRevised { order: id, .. }
        | ShipmentNotified { order: id, .. }
        | ShipmentDelivered { order: id, .. }
        | SlaWarned { order: id, .. }
        | SlaMet { order: id, .. }
        | SlaBreached { order: id, .. }
        | SlaStopped { order: id, .. }
        | SlaStarted { order: id, .. }
        | MessageWritten { order: id, .. }
        | BreachContested { order: id, .. }
        | BreachContestAnswered { order: id, .. } => vec![order(id)],
    }
}

/// Applies one event.
pub fn evolve(slice: &mut Slice, event: &Event) {
    match event {
        Event::ItemRecorded { .. }
        | Event::SourceRecorded { .. }
        | Event::OfferRecorded { .. }
        | Event::FeedCompleted { .. } => master::apply(slice, event),
        Event::PolicySaved { .. }
        | Event::PolicyBacktested { .. }
        | Event::PolicyApproved { .. }
        | Event::PolicyScheduled { .. }
        | Event::PolicyUnscheduled { .. }
        | Event::FallbackSwitched { .. }
        | Event::PolicyActivated { .. } => policy::apply(slice, event),
        Event::HistoryKept { .. } | Event::HistoryRemoved { .. } => histories::apply(slice, event),
        Event::AnswersLearnt { .. } => learnt::apply(slice, event),
        Event::AdviceRecorded { .. } => stock::advise(slice, event),
        Event::CaseOpened { .. }
        | Event::CaseAssigned { .. }
        | Event::CaseCommented { .. }
        | Event::CaseEscalated { .. }
        | Event::CaseResolved { .. } => master::case(slice, event),
        Event::HoldPlaced { .. } | Event::HoldFirmed { .. } | Event::HoldReleased { .. } => {
            stock::hold(slice, event);
            order::apply(slice, event);
        }
        _ => order::apply(slice, event),
    }
}

fn case_key(case: &CaseId) -> Key {
    match case.split().expect("because case ids are made by us").0 {
        CaseSubject::Order(order) => Key::Order(order),
        CaseSubject::Source(source) => Key::Desk(source),
    }
}

fn order_of<'a>(slice: &'a mut Slice, id: &OrderId) -> &'a mut Order {
    slice.order_mut(id).unwrap_or_else(|| panic!("order {id} was changed before it was captured"))
}
