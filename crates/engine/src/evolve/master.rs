//! Master data and cases: records replaced or edited as the event says.

use super::case_key;
use crate::case::Case;
use crate::event::Event;
use crate::ids::{CaseId, CaseSubject};
use crate::slice::{Desk, Key, Offerers, Record, Slice};
use crate::source::Feed;

pub(super) fn apply(slice: &mut Slice, event: &Event) {
    match event {
        Event::ItemRecorded { item } => slice.put(Key::Item(item.sku.clone()), Record::Item(item.clone().into())),
        Event::SourceRecorded { source } => {
            slice.put(Key::Source(source.id.clone()), Record::Source(source.clone().into()));
        }
        Event::OfferRecorded { offer } => {
            let (source, sku) = (offer.source.clone(), offer.sku.clone());
            slice.put(Key::Offer(source.clone(), sku.clone()), Record::Offer(offer.clone().into()));
            if slice.offerers(&sku).is_none() {
                slice.put(Key::Offerers(sku.clone()), Record::Offerers(Offerers::default().into()));
            }
            slice.offerers_mut(&sku).expect("because it was just put there").sources.insert(source);
        }
        Event::FeedCompleted { source, as_of } => {
            let feed = Feed { source: source.clone(), full_as_of: *as_of };
            slice.put(Key::Feed(source.clone()), Record::Feed(feed.into()));
        }
        other => panic!("{other:?} is no master data"),
    }
}

pub(super) fn case(slice: &mut Slice, event: &Event) {
    match event {
        Event::CaseOpened { case } => cases(slice, &case.id).push(case.clone()),
        Event::CaseAssigned { case, to } => edit(slice, case, |c| c.assigned_to = Some(to.clone())),
        Event::CaseCommented { case, comment } => edit(slice, case, |c| c.comments.push(comment.clone())),
        Event::CaseEscalated { case, role, severity, next } => edit(slice, case, |c| {
            c.role = *role;
            c.severity = *severity;
            c.escalate_at = *next;
        }),
        Event::CaseResolved { case, resolution } => edit(slice, case, |c| {
            c.resolution = Some(resolution.clone());
            c.escalate_at = None;
        }),
        other => panic!("{other:?} is not about a case"),
    }
}

fn edit(slice: &mut Slice, id: &CaseId, change: impl FnOnce(&mut Case)) {
    let case = cases(slice, id).iter_mut().find(|c| c.id == *id);
    let case = case.unwrap_or_else(|| panic!("case {id} was changed before it was opened"));
    change(case);
    case.revision += 1;
}

fn cases<'a>(slice: &'a mut Slice, id: &CaseId) -> &'a mut Vec<Case> {
    match id.split().expect("because case ids are made by us").0 {
        CaseSubject::Order(order) => &mut super::order_of(slice, &order).cases,
        CaseSubject::Source(source) => {
            if slice.desk(&source).is_none() {
                slice.put(case_key(id), Record::Desk(Desk::default().into()));
            }
            &mut slice.desk_mut(&source).expect("because it was just put there").cases
        }
    }
}
