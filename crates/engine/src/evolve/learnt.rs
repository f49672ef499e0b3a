//! What sources' answers amount to: counted up, nothing else.

use crate::calibration::{Evidence, Learnt};
use crate::event::Event;
use crate::slice::{Key, Record, Slice};

pub(super) fn apply(slice: &mut Slice, event: &Event) {
    let Event::AnswersLearnt { through, as_of, answers, .. } = event else { panic!("{event:?} teaches nothing") };
    if slice.learnt().is_none() {
        slice.put(Key::Learnt, Record::Learnt(Learnt::default().into()));
    }
    let learnt = slice.learnt_mut().expect("because it was just put there");
    (learnt.position, learnt.as_of) = (*through, Some(*as_of));
    answers.iter().for_each(|a| learnt.all.count(&a.cell, a.count));
    for a in answers {
        match slice.evidence_mut(&a.source) {
            Some(evidence) => evidence.count(&a.cell, a.count),
            None => {
                let mut fresh = Evidence::default();
                fresh.count(&a.cell, a.count);
                slice.put(Key::Evidence(a.source.clone()), Record::Evidence(fresh.into()));
            }
        }
    }
}
