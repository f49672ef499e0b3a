//! The legacy path: what it did is taken in, and the switch that returns to it at once.

use super::draft::Draft;
use super::find_order;
use crate::event::Event;
use crate::ids::LineId;
use crate::legacy::{LegacyLine, LegacyReport, REFERENCES_MAX};
use crate::policy::{Fallback, Mode, Scope};
use crate::reason::Reason;
use crate::refusal::{Refusal, RefusalKind};
use crate::slice::Key;
use jiff::SignedDuration;
use std::collections::BTreeSet;

/// Scopes for which the switch may be thrown at the same time.
const FALLBACKS_MAX: usize = 200;
/// A fact may lie so far before its order or ahead of our clock: clocks differ by minutes, and what is farther off is a
/// mistyped date.
const CLOCKS_DIFFER_MAX: SignedDuration = SignedDuration::from_mins(10);

pub(super) fn needs(report: &LegacyReport) -> BTreeSet<Key> {
    let source = report.fact.source().cloned().map(Key::Source);
    std::iter::once(Key::Order(report.order.clone())).chain(source).collect()
}

pub(super) fn needs_of_switch(scope: &Scope) -> BTreeSet<Key> {
    let mut keys: BTreeSet<Key> = [Key::Policy].into();
    keys.extend(scope.source.clone().map(Key::Source));
    keys
}

pub(super) fn decide(d: &mut Draft, report: &LegacyReport) -> Result<(), Refusal> {
    let order = find_order(&d.slice, &report.order)?;
    if !matches!(order.mode, Mode::Legacy | Mode::Observe) {
        let sentence = format!(
            "order {} goes by this product, not by the legacy path: what vendors do with it comes in by their channels",
            report.order
        );
        return Err(Refusal::field(RefusalKind::NotNow, "/order", &report.order, "not_legacy", sentence));
    }
    if let Some(line) = report.line.as_ref().filter(|l| order.line(l).is_none()) {
        let sentence = format!("order {} has no line {line}", report.order);
        return Err(Refusal::field(RefusalKind::UnknownLine, "/line", line, "unknown_line", sentence));
    }
    if let Some(source) = report.fact.source().filter(|s| d.slice.source(s).is_none()) {
        let sentence = format!(
            "there is no source {source:?}: record it first (PUT /v1/sources/{source})",
            source = source.as_str()
        );
        let reason = Reason::CatalogUnknownSource.code();
        return Err(Refusal::field(RefusalKind::UnknownSource, "/source", source, reason, sentence));
    }
    let wrong = match report.at {
        at if at < order.placed_at - CLOCKS_DIFFER_MAX => {
            Some(format!("it is before the order was placed ({})", order.placed_at))
        }
        at if at > d.now + CLOCKS_DIFFER_MAX => Some(format!("it lies ahead of now ({})", d.now)),
        _ => None,
    };
    if let Some(wrong) = wrong {
        let sentence = format!("at {}: {wrong}: say when it happened", report.at);
        return Err(Refusal::field(RefusalKind::InvalidField, "/at", report.at, "out_of_range", sentence));
    }
    let lines: Vec<LineId> = order
        .lines
        .iter()
        .filter(|l| report.line.as_ref().is_none_or(|only| *only == l.id))
        .map(|l| l.id.clone())
        .collect();
    for line in lines {
        count(d, report, &line)?;
    }
    Ok(())
}

fn count(d: &mut Draft, report: &LegacyReport, id: &LineId) -> Result<(), Refusal> {
    let Some(line) = d.order(&report.order).line(id) else { return Ok(()) };
    let so_far = line.legacy.clone().unwrap_or_default();
    if report.reference.as_ref().is_some_and(|r| so_far.references.contains(r)) {
        return Ok(());
    }
    let open = line.quantity.less(line.cancelled);
    let room = LegacyLine::room(&so_far, &report.fact, open);
    let quantity = report.quantity.unwrap_or(room);
    if quantity > room {
        let sentence = format!(
            "{quantity} units of line {id} cannot be {}: {room} of {} are left for that",
            report.fact.word(),
            line.quantity
        );
        return Err(Refusal::field(
            RefusalKind::InvalidField,
            "/quantity",
            quantity,
            "quantity_out_of_range",
            sentence,
        ));
    }
    if quantity.is_zero() {
        return Ok(());
    }
    let reference = report.reference.clone().filter(|_| so_far.references.len() < REFERENCES_MAX);
    d.record(Event::LegacyRecorded {
        order: report.order.clone(),
        line: id.clone(),
        at: report.at,
        quantity,
        fact: report.fact.clone(),
        reference,
    });
    Ok(())
}

/// Throws the switch for a scope, or takes it back there and wherever it stands more narrowly: who comes back for a vendor
/// wants all of it back. Orders that are open go on in the mode in which they began.
pub(super) fn switch(d: &mut Draft, scope: &Scope, on: bool, words: Option<&str>) -> Result<(), Refusal> {
    if let Some(source) = scope.source.as_ref().filter(|s| d.slice.source(s).is_none()) {
        return Err(Refusal::because(RefusalKind::UnknownSource, "/source", source, Reason::CatalogUnknownSource));
    }
    let mut fallbacks = d.policy.fallbacks.clone();
    let taken_back = |f: &Fallback| scope.contains(&f.scope);
    if !on && !fallbacks.iter().any(taken_back) {
        // Nothing would change; where a wider switch stands, that is not what was meant.
        return match fallbacks.iter().find(|f| f.scope.contains(scope)) {
            Some(wider) => Err(still_thrown(scope, &wider.scope)),
            None => Ok(()),
        };
    }
    if on && fallbacks.iter().any(|f| f.scope == *scope) {
        return Ok(());
    }
    if on && fallbacks.len() >= FALLBACKS_MAX {
        let sentence = format!("the switch is thrown for {FALLBACKS_MAX} scopes already: throw it for all");
        return Err(Refusal::new(RefusalKind::NotNow, sentence));
    }
    if !on {
        fallbacks.retain(|f| !taken_back(f));
    } else {
        let (scope, by) = (scope.clone(), d.by.clone());
        fallbacks.push(Fallback { scope, since: d.now, by, words: words.map(Into::into) });
    }
    // Everywhere first, then by source and category: the same list whatever the order of the switches.
    fallbacks.sort_by(|a, b| (&a.scope.source, &a.scope.category).cmp(&(&b.scope.source, &b.scope.category)));
    let (by, words) = (d.by.clone(), words.map(Into::into));
    d.record(Event::FallbackSwitched { scope: scope.clone(), on, fallbacks, by, at: d.now, words });
    Ok(())
}

fn still_thrown(scope: &Scope, wider: &Scope) -> Refusal {
    let sentence = format!(
        "the switch stands for {}, of which {} is a part: come back for {}, then throw it again for what is to stay on the \
         legacy path",
        wider.words(),
        scope.words(),
        wider.words()
    );
    Refusal::new(RefusalKind::NotNow, sentence)
}
