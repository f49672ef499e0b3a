//! The life of policies: written, backtested, approved by a second person, put in force now or at a time, put in force
//! again. What a step needs is said by the policy in force, so that no draft can excuse itself.

use super::draft::Draft;
use crate::command::{BacktestResult, Deed};
use crate::event::Event;
use crate::ids::SourceId;
use crate::policy::{
    BACKTEST_FIGURES_MAX, BACKTEST_SUMMARY_BYTES_MAX, Fault, Policy, PolicyBook, Required, Scheduled, Standing,
    VERSIONS_MAX,
};
use crate::refusal::{FieldFault, Refusal, RefusalKind};
use crate::slice::Key;
use jiff::Timestamp;
use std::collections::BTreeSet;

pub(super) fn needs(slice: &crate::slice::Slice, deed: &Deed) -> BTreeSet<Key> {
    let mut keys: BTreeSet<Key> = [Key::Policy, Key::PolicyBook].into();
    match deed {
        Deed::SavePolicy { policy, .. } => {
            keys.insert(Key::policy_version(policy.version));
            keys.extend(sources_named(policy));
        }
        Deed::PutPolicyInForce { version, .. } => {
            let key = Key::policy_version(*version);
            if slice.has(&key) {
                keys.extend(slice.policy_version(*version).map(sources_named).unwrap_or_default());
            }
            keys.insert(key);
        }
        Deed::RecordBacktest(BacktestResult { version, .. })
        | Deed::ApprovePolicy { version, .. }
        | Deed::UnschedulePolicy { version } => _ = keys.insert(Key::policy_version(*version)),
        Deed::WakePolicies if slice.has(&Key::PolicyBook) => {
            keys.extend(slice.policy_book().and_then(|b| b.scheduled.as_ref()).map(|s| Key::policy_version(s.version)));
        }
        _ => {}
    }
    keys
}

fn sources_named(policy: &Policy) -> Vec<Key> {
    let ids = policy.sources_named().into_iter().filter_map(|named| SourceId::new(named.text).ok());
    ids.map(Key::Source).collect()
}

pub(super) fn decide(d: &mut Draft, deed: &Deed) -> Result<(), Refusal> {
    match deed {
        Deed::SavePolicy { policy, of_histories } => save(d, policy, of_histories),
        Deed::RecordBacktest(result) => backtested(d, result),
        Deed::ApprovePolicy { version, revision, words } => approve(d, *version, *revision, words.as_deref()),
        Deed::PutPolicyInForce { version, at } => put_in_force(d, *version, *at),
        Deed::UnschedulePolicy { version } => unschedule(d, *version),
        Deed::WakePolicies => {
            wake(d);
            Ok(())
        }
        other => unreachable!("{other:?} is not about the life of a policy"),
    }
}

fn book(d: &Draft) -> PolicyBook {
    d.slice.policy_book().cloned().unwrap_or_default()
}

fn standing(d: &Draft, version: u32) -> Result<Standing, Refusal> {
    let unknown = || {
        let sentence = format!("there is no policy {version}: write it first");
        Refusal::field(RefusalKind::UnknownPolicy, "/version", version, "unknown_policy", sentence)
    };
    d.slice.policy_book().and_then(|b| b.versions.get(&version)).cloned().ok_or_else(unknown)
}

/// All that is wrong, as one refusal with every place.
fn refuse(faults: Vec<Fault>) -> Result<(), Refusal> {
    let Some(first) = faults.first() else { return Ok(()) };
    let more = if faults.len() > 1 { format!(" ({} more places)", faults.len() - 1) } else { String::new() };
    let sentence = format!("{}: {}{more}", first.pointer, first.sentence);
    let faults =
        faults.into_iter().map(|f| FieldFault { pointer: f.pointer, value: f.value, reason: f.sentence }).collect();
    Err(Refusal { kind: RefusalKind::InvalidField, sentence, faults })
}

/// Sources that only a kept history knows are enough for a draft: it can be tried on that history.
fn save(d: &mut Draft, policy: &Policy, of_histories: &BTreeSet<SourceId>) -> Result<(), Refusal> {
    let mut faults = policy.faults();
    faults.extend(policy.unknown_sources(|id| d.slice.source(id).is_some() || of_histories.contains(id)));
    refuse(faults)?;
    let (version, book) = (policy.version, book(d));
    if d.slice.policy_version(version) == Some(policy) {
        return Ok(());
    }
    let settled = book.versions.get(&version).is_some_and(|s| s.approval.is_some() || !s.activations.is_empty());
    // The policy as delivered, and one that came by another way, never stood in the book.
    let ruled = [d.slice.policy().version, Policy::as_delivered().version].contains(&version);
    if settled || ruled && !book.versions.contains_key(&version) {
        let next = book.versions.keys().next_back().map_or(version, |v| (*v).max(version)) + 1;
        let sentence = format!("policy {version} was approved or in force and is never changed: write version {next}");
        return Err(Refusal::field(RefusalKind::NotNow, "/version", version, "policy_settled", sentence));
    }
    if book.versions.len() >= VERSIONS_MAX && !book.versions.contains_key(&version) {
        let sentence = format!("at most {VERSIONS_MAX} versions are kept: write on a draft that is there");
        return Err(Refusal::new(RefusalKind::NotNow, sentence));
    }
    let (by, at) = (d.by.clone(), d.now);
    let before = d.slice.policy_version(version).unwrap_or(d.slice.policy());
    let (changed, against) = (crate::policy::changes(before, policy), Some(before.version));
    d.record(Event::PolicySaved { policy: policy.clone().into(), by, at, changed, against });
    Ok(())
}

fn backtested(d: &mut Draft, result: &BacktestResult) -> Result<(), Refusal> {
    let version = result.version;
    let standing = standing(d, version)?;
    of_this_draft(version, result.revision, &standing, "run the backtest again")?;
    if result.figures.get("orders").is_some_and(|orders| *orders <= 0) {
        let sentence = format!(
            "the backtest of policy {version} replayed no order, so it says nothing: run it over a history that has \
             orders (GET /v1/histories), or over the journal once orders came in"
        );
        return Err(Refusal::field(RefusalKind::InvalidField, "/figures/orders", 0, "no_orders", sentence));
    }
    let too_large = result.summary.len() > BACKTEST_SUMMARY_BYTES_MAX || result.figures.len() > BACKTEST_FIGURES_MAX;
    if too_large || result.digest.len() != 64 || !result.digest.bytes().all(|b| b.is_ascii_hexdigit()) {
        let sentence = format!(
            "a backtest has a digest of 64 hex digits, at most {BACKTEST_SUMMARY_BYTES_MAX} bytes of summary and \
             {BACKTEST_FIGURES_MAX} figures"
        );
        return Err(Refusal::field(RefusalKind::InvalidField, "/digest", &result.digest, "invalid", sentence));
    }
    let backtest = crate::policy::Backtest {
        digest: result.digest.clone(),
        summary: result.summary.clone(),
        figures: result.figures.clone(),
        by: d.by.clone(),
        at: d.now,
    };
    d.record(Event::PolicyBacktested { version, backtest });
    Ok(())
}

/// Refuses what was said about an earlier draft; `again` says what to do.
fn of_this_draft(version: u32, seen: Option<u32>, standing: &Standing, again: &str) -> Result<(), Refusal> {
    match seen {
        Some(seen) if seen != standing.revision => Err(Refusal::field(
            RefusalKind::Stale,
            "/revision",
            seen,
            "stale",
            format!(
                "policy {version} was changed meanwhile: this is about draft {seen}, it is at draft {}; {again}",
                standing.revision
            ),
        )),
        _ => Ok(()),
    }
}

fn approve(d: &mut Draft, version: u32, revision: Option<u32>, words: Option<&str>) -> Result<(), Refusal> {
    let standing = standing(d, version)?;
    of_this_draft(version, revision, &standing, "look at it again")?;
    if standing.authors.iter().any(|a| a.is_same(d.by)) || !d.by.is_person() {
        let why = if d.by.is_person() {
            format!("{} wrote on policy {version}: a second person has to approve it", d.by.name())
        } else {
            "only a person may approve a policy: log in, a key is no person".to_owned()
        };
        return Err(Refusal::new(RefusalKind::Forbidden, why));
    }
    if standing.approval.is_some() || !standing.activations.is_empty() {
        return Ok(());
    }
    needs_backtest(d, version, &standing)?;
    let approval = crate::policy::PolicyApproval { by: d.by.clone(), at: d.now, words: words.map(Into::into) };
    d.record(Event::PolicyApproved { version, approval });
    Ok(())
}

/// True if the policy in force asks for it at this point: `after_first` spares the first policy of a retailer, not the one
/// that follows a return to the policy as delivered.
fn is_required(d: &Draft, required: Required) -> bool {
    match required {
        Required::Always => true,
        Required::Never => false,
        Required::AfterFirst => {
            let delivered = Policy::as_delivered().as_ref();
            let document = |p: &Policy| Policy { fallbacks: vec![], ..p.clone() };
            let has_ruled = d.slice.policy_book().is_some_and(|book| book.active.is_some());
            has_ruled || d.slice.policy_record().is_some_and(|p| document(p) != *delivered)
        }
    }
}

fn needs_backtest(d: &Draft, version: u32, standing: &Standing) -> Result<(), Refusal> {
    if standing.backtest.is_none() && is_required(d, d.policy.life_cycle.backtest) {
        let sentence = format!(
            "policy {version} has no backtest of its present draft: run POST /v1/policies/{version}/backtest first \
             (life_cycle.backtest of the policy in force asks for it)"
        );
        return Err(Refusal::new(RefusalKind::NotNow, sentence));
    }
    Ok(())
}

/// True if the version means the policy as delivered, which ruled before there was a book and never was a draft.
fn is_delivered(d: &Draft, version: u32) -> bool {
    Policy::as_delivered().version == version && d.slice.policy_version(version).is_none()
}

/// Refuses a policy that never ruled, and may not yet.
fn may_rule(d: &Draft, version: u32, standing: &Standing) -> Result<(), Refusal> {
    let document = d.slice.policy_version(version);
    refuse(document.map(|p| p.unknown_sources(|id| d.slice.source(id).is_some())).unwrap_or_default())?;
    needs_backtest(d, version, standing)?;
    if standing.approval.is_none() && is_required(d, d.policy.life_cycle.approval) {
        let sentence = format!(
            "policy {version} is not approved: somebody who did not write it has to approve it first \
             (life_cycle.approval of the policy in force asks for it)"
        );
        return Err(Refusal::new(RefusalKind::NotNow, sentence));
    }
    Ok(())
}

fn put_in_force(d: &mut Draft, version: u32, at: Option<Timestamp>) -> Result<(), Refusal> {
    let book = book(d);
    let delivered = is_delivered(d, version);
    if !delivered {
        let standing = standing(d, version)?;
        if standing.activations.is_empty() {
            may_rule(d, version, &standing)?;
        }
    }
    let rules = book.active == Some(version) || delivered && book.active.is_none();
    let scheduled = book.scheduled.as_ref();
    match at {
        Some(at) if at <= d.now => Err(Refusal::field(
            RefusalKind::InvalidField,
            "/at",
            at,
            "past",
            format!(
                "{at} is past: name an instant to come, or leave `at` out to put policy {version} in force at once"
            ),
        )),
        Some(_) if rules => Err(Refusal::new(
            RefusalKind::NotNow,
            format!("policy {version} is in force already, it cannot take over later: schedule another version"),
        )),
        Some(at) if scheduled.is_some_and(|s| s.version == version && s.at == at) => Ok(()),
        Some(at) => {
            withdraw_scheduled(d, scheduled, version);
            let by = d.by.clone();
            d.record(Event::PolicyScheduled { version, at, by });
            Ok(())
        }
        None => {
            withdraw_scheduled(d, scheduled, version);
            if !rules {
                activate(d, version, d.by.clone(), d.now);
            }
            Ok(())
        }
    }
}

/// Whoever wants a version now, or at another time, no longer wants what was to take over: a rollback would be undone.
fn withdraw_scheduled(d: &mut Draft, scheduled: Option<&Scheduled>, wanted: u32) {
    let Some(other) = scheduled.filter(|s| s.version != wanted) else { return };
    let by = d.by.clone();
    d.record(Event::PolicyUnscheduled { version: other.version, at: other.at, by, instead: Some(wanted) });
}

fn unschedule(d: &mut Draft, version: u32) -> Result<(), Refusal> {
    let book = book(d);
    let Some(scheduled) = book.scheduled.filter(|s| s.version == version) else {
        let sentence = format!("policy {version} is not scheduled to take over: there is nothing to withdraw");
        return Err(Refusal::new(RefusalKind::NotNow, sentence));
    };
    let by = d.by.clone();
    d.record(Event::PolicyUnscheduled { version, at: scheduled.at, by, instead: None });
    Ok(())
}

fn activate(d: &mut Draft, version: u32, by: crate::command::Actor, at: Timestamp) {
    let delivered = is_delivered(d, version).then(|| Policy::as_delivered().as_ref());
    let Some(document) = d.slice.policy_version(version).or(delivered) else { return };
    // The switches back to the legacy path are no part of a document: they stay as they are.
    let policy = Policy { fallbacks: d.policy.fallbacks.clone(), ..document.clone() };
    d.record(Event::PolicyActivated { policy: policy.into(), by: Some(by), at: Some(at) });
}

/// What was to take over takes over. Its true time is the scheduled one, however late it is noticed.
fn wake(d: &mut Draft) {
    let due = d.slice.policy_book().and_then(|b| b.scheduled.clone()).filter(|s| s.at <= d.now);
    if let Some(due) = due {
        activate(d, due.version, due.by, due.at);
    }
}
