//! The day's digest: what is open for each role, once a day, to whoever has a mail address.

use super::kinds::Kind;
use super::letter::{Letter, Recipient};
use super::settings::Settings;
use crate::auth::{list_people, may_answer};
use countersign_engine::approval::Approval;
use countersign_engine::case::Case;
use countersign_engine::command::Role;
use countersign_runtime::ports::{DeskQuery, IndexRow, Store, StoreError};
use jiff::{SignedDuration, Timestamp};

/// Cases and approvals counted for a digest.
const COUNTED_MAX: u32 = 1_000;
/// Cases written out in it: the worst and oldest.
const SHOWN_MAX: usize = 10;
/// A digest that is later than this is not sent any more: the service stood still over the morning.
const LATE_MAX: SignedDuration = SignedDuration::from_hours(4);

/// The digests that are due. Blocks.
///
/// # Errors
/// The store cannot be read.
pub(super) fn letters(store: &dyn Store, settings: &Settings, now: Timestamp) -> Result<Vec<Letter>, StoreError> {
    let Some(time) = settings.digest_at.filter(|_| settings.wants(Kind::StaffDigest)) else { return Ok(vec![]) };
    let rules = settings.time_zone.rules();
    let today = now.to_zoned(rules.clone()).date();
    let Ok(due) = rules.to_ambiguous_zoned(today.to_datetime(time)).compatible() else { return Ok(vec![]) };
    let due = due.timestamp();
    if now < due || now - LATE_MAX > due {
        return Ok(vec![]);
    }
    let people: Vec<_> =
        list_people(store)?.into_iter().filter(|p| p.mail.is_some() && p.role != Role::Vendor).collect();
    if people.is_empty() {
        return Ok(vec![]);
    }
    let query = || DeskQuery { open: Some(true), limit: COUNTED_MAX, ..DeskQuery::default() };
    let case = |row: IndexRow| match row {
        IndexRow::Case { body, .. } => serde_json::from_str::<Case>(&body).ok(),
        _ => None,
    };
    let approval = |row: IndexRow| match row {
        IndexRow::Approval { body, .. } => serde_json::from_str::<Approval>(&body).ok(),
        _ => None,
    };
    let cases: Vec<Case> = store.cases(&query())?.into_iter().filter_map(case).collect();
    let approvals: Vec<Approval> = store.approvals(&query())?.into_iter().filter_map(approval).collect();
    let mut letters = vec![];
    for person in people {
        let mine: Vec<&Case> = cases.iter().filter(|c| c.role == person.role).collect();
        let asked = approvals.iter().filter(|a| may_answer(person.role, a.kind)).count();
        if mine.is_empty() && asked == 0 {
            continue;
        }
        let lines: Vec<String> = mine.iter().take(SHOWN_MAX).map(|c| format!("  {}: {}", c.id, c.sentence)).collect();
        let to = Recipient::Person { name: person.name.to_string() };
        let id = format!("digest.{today}.{}", person.name);
        letters.push(
            Letter::new(id, Kind::StaffDigest, to, now)
                .fact("day", today.strftime("%a %-d %b %Y").to_string())
                .fact("cases", mine.len().to_string())
                .fact("approvals", asked.to_string())
                .fact("lines", lines.join("\n")),
        );
    }
    Ok(letters)
}
