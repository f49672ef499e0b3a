//! Policies: the one in force, the documents, and the book of their lives.

use crate::event::Event;
use crate::policy::{Activation, Policy, PolicyBook, Scheduled, Standing};
use crate::slice::{Key, Record, Slice};
use std::collections::BTreeSet;

pub(super) fn apply(slice: &mut Slice, event: &Event) {
    match event {
        Event::PolicySaved { policy, by, at, .. } => {
            slice.put(Key::policy_version(policy.version), Record::PolicyVersion(policy.clone()));
            let before = book(slice).versions.remove(&policy.version);
            let (revision, mut authors) = before.map_or((0, BTreeSet::new()), |s| (s.revision, s.authors));
            authors.insert(by.clone());
            let standing = Standing {
                name: policy.name.clone(),
                revision: revision + 1,
                authors,
                saved_at: *at,
                backtest: None,
                approval: None,
                activations: vec![],
            };
            book(slice).versions.insert(policy.version, standing);
        }
        Event::PolicyBacktested { version, backtest } => {
            edit(slice, *version, |s| s.backtest = Some(backtest.clone()));
        }
        Event::PolicyApproved { version, approval } => edit(slice, *version, |s| s.approval = Some(approval.clone())),
        Event::PolicyScheduled { version, at, by } => {
            book(slice).scheduled = Some(Scheduled { version: *version, at: *at, by: by.clone() });
        }
        Event::PolicyUnscheduled { .. } => book(slice).scheduled = None,
        Event::PolicyActivated { policy, by, at } => {
            slice.put(Key::Policy, Record::Policy(policy.clone()));
            let (Some(by), Some(at)) = (by, at) else { return };
            if policy.version == Policy::as_delivered().version {
                book(slice).versions.entry(policy.version).or_insert_with(|| delivered(*at));
            }
            edit(slice, policy.version, |s| s.activations.push(Activation { by: by.clone(), at: *at }));
            let book = book(slice);
            book.active = Some(policy.version);
            book.scheduled = book.scheduled.take().filter(|s| s.version != policy.version);
        }
        Event::FallbackSwitched { fallbacks, .. } => {
            let policy = Policy { fallbacks: fallbacks.clone(), ..slice.policy().clone() };
            slice.put(Key::Policy, Record::Policy(policy.into()));
        }
        other => panic!("{other:?} is not about a policy"),
    }
}

/// The policy as delivered never was a draft: it stands in the book once somebody returns to it.
fn delivered(at: jiff::Timestamp) -> Standing {
    Standing {
        name: Policy::as_delivered().name.clone(),
        revision: 0,
        authors: BTreeSet::new(),
        saved_at: at,
        backtest: None,
        approval: None,
        activations: vec![],
    }
}

fn book(slice: &mut Slice) -> &mut PolicyBook {
    if slice.policy_book().is_none() {
        slice.put(Key::PolicyBook, Record::PolicyBook(PolicyBook::default().into()));
    }
    slice.policy_book_mut().expect("because it was just put there")
}

fn edit(slice: &mut Slice, version: u32, change: impl FnOnce(&mut Standing)) {
    let standing = book(slice).versions.get_mut(&version);
    change(standing.unwrap_or_else(|| panic!("policy {version} took a step before it was written")));
}
