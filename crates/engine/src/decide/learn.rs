//! Answers counted: what decisions may know of a source's chance to accept stands in the journal like everything else, so
//! that a replay decides on the same counts.

use super::draft::Draft;
use crate::calibration::Answers;
use crate::event::Event;
use crate::refusal::{Refusal, RefusalKind};
use crate::slice::Key;
use jiff::Timestamp;
use std::collections::BTreeSet;

/// Most counts in one command: some thousand answers, each in circumstances of its own.
pub const COUNTS_MAX: usize = 10_000;

pub(super) fn needs(answers: &[Answers]) -> BTreeSet<Key> {
    let sources = answers.iter().map(|a| Key::Evidence(a.source.clone()));
    [Key::Policy, Key::Learnt].into_iter().chain(sources).collect()
}

/// Counts, unless it was counted further meanwhile: then whoever asked reads on from there.
pub(super) fn decide(
    d: &mut Draft,
    (after, through): (u64, u64),
    as_of: Timestamp,
    answers: &[Answers],
) -> Result<(), Refusal> {
    if answers.len() > COUNTS_MAX {
        let sentence = format!("at most {COUNTS_MAX} counts are learnt at once: send the rest afterwards");
        return Err(Refusal::new(RefusalKind::InvalidField, sentence));
    }
    let counted = d.slice.learnt().map_or(0, |l| l.position);
    if counted == after && through > after && !answers.is_empty() {
        d.record(Event::AnswersLearnt { after, through, as_of, answers: answers.to_vec() });
    }
    Ok(())
}
