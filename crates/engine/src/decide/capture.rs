//! An order comes in: checked, planned, held, asked for; or refused whole, with every fault named.

use super::draft::Draft;
use super::supply;
use crate::command::{CaptureLine, CaptureOrder};
use crate::event::Event;
use crate::ids::OrderId;
use crate::measure::Quantity;
use crate::order::{LINE_QUANTITY_MAX, LINES_MAX, Line};
use crate::policy::table::{Matter, cohort};
use crate::policy::{Mode, ModeRuling, Otherwise};
use crate::reason::Reason;
use crate::refusal::{FieldFault, Refusal, RefusalKind};
use crate::routing::{CANDIDATES_MAX, plan};
use crate::slice::{Key, Slice};
use std::collections::BTreeSet;

pub(super) fn needs(slice: &Slice, capture: &CaptureOrder) -> BTreeSet<Key> {
    let mut keys: BTreeSet<Key> = [Key::Policy, Key::Order(capture.id.clone())].into();
    for line in &capture.lines {
        keys.insert(Key::Item(line.sku.clone()));
        supply::supply_of(slice, &line.sku, &mut keys);
    }
    keys
}

pub(super) fn decide(d: &mut Draft, capture: &CaptureOrder) -> Result<(), Refusal> {
    if let Some(known) = d.slice.order(&capture.id) {
        return same_again(known, capture);
    }
    let lines = check(d, capture)?;
    let ruled = lines.iter().map(|l| mode_of(d, capture, l)).min_by_key(|ruled| ruled.mode);
    let (mode, mode_rule) = ruled.map_or((Mode::Enforce, None), |ruled| (ruled.mode, ruled.fired));
    let id = capture.id.clone();
    d.record(Event::OrderCaptured {
        order: id.clone(),
        placed_at: capture.placed_at,
        captured_at: d.now,
        sales_channel: capture.sales_channel.clone(),
        destination: capture.destination.clone(),
        service_level: capture.service_level.clone(),
        requested_on: capture.requested_on,
        fingerprint: capture.fingerprint.clone(),
        mode,
        policy: d.policy.version,
        lines,
        mode_rule,
    });
    if mode == Mode::Legacy {
        // Passed through and recorded: nothing is decided beside it.
        return Ok(());
    }
    let demands = supply::uncovered(d.order(&id));
    let plan = plan(&d.slice, &d.policy, d.order(&id), d.now, &demands, Reason::OrderPlaced);
    if matches!(mode, Mode::Enforce | Mode::Recommend) {
        let refused = plan.unsourced.iter().filter(|u| u.otherwise == Otherwise::Refuse);
        let faults: Vec<FieldFault> = refused.map(|u| fault(capture, u.line.as_str(), u.reason)).collect();
        if !faults.is_empty() {
            let sentence = "not enough can be promised, and the policy refuses then".into();
            return Err(Refusal { kind: RefusalKind::SoldOut, sentence, faults });
        }
    }
    supply::follow(d, &id, plan, None);
    Ok(())
}

fn same_again(known: &crate::order::Order, capture: &CaptureOrder) -> Result<(), Refusal> {
    if known.fingerprint == capture.fingerprint {
        return Ok(());
    }
    let sentence = format!(
        "order {} was captured before with other content: use another id, or the change and cancel calls",
        capture.id
    );
    Err(Refusal::field(RefusalKind::OrderConflict, "/id", &capture.id, "order_conflict", sentence))
}

fn fault(capture: &CaptureOrder, line: &str, reason: Reason) -> FieldFault {
    let at = capture.lines.iter().position(|l| l.line.as_str() == line).unwrap_or(0);
    FieldFault {
        pointer: format!("/lines/{at}/quantity"),
        value: capture.lines[at].quantity.to_string(),
        reason: reason.code().into(),
    }
}

/// The mode of a line: the strictest of those of the sources that could supply it, because any of them may be asked.
fn mode_of(d: &Draft, capture: &CaptureOrder, line: &Line) -> ModeRuling {
    let matter = Matter {
        now: Some(d.now),
        sku: Some(&line.sku),
        category: Some(&line.category),
        quantity: Some(line.quantity),
        destination: Some(&capture.destination),
        service_level: Some(&capture.service_level),
        sales_channel: Some(&capture.sales_channel),
        cohort: Some(cohort(&d.policy.cohort_salt, &capture.id)),
        ..Matter::default()
    };
    let sources = d.slice.offerers(&line.sku).into_iter().flat_map(|o| o.sources.iter()).take(CANDIDATES_MAX);
    let of = |vendor| {
        let kind = d.slice.source(vendor).map(|s| s.kind);
        d.policy.mode(&Matter { vendor: Some(vendor), kind, ..matter })
    };
    sources.map(of).min_by_key(|ruled| ruled.mode).unwrap_or_else(|| d.policy.mode(&matter))
}

fn check(d: &Draft, capture: &CaptureOrder) -> Result<Vec<Line>, Refusal> {
    OrderId::for_capture(capture.id.as_str())
        .map_err(|e| Refusal::field(RefusalKind::InvalidField, "/id", &capture.id, "invalid", e.to_string()))?;
    if capture.lines.is_empty() || capture.lines.len() > LINES_MAX {
        let sentence = format!("an order has 1 to {LINES_MAX} lines");
        return Err(Refusal::field(RefusalKind::InvalidField, "/lines", capture.lines.len(), "line_count", sentence));
    }
    let mut faults = vec![];
    let mut seen = BTreeSet::new();
    let mut lines = vec![];
    for (i, line) in capture.lines.iter().enumerate() {
        let mut wrong = |field: &str, value: String, reason: &str| {
            faults.push(FieldFault { pointer: format!("/lines/{i}/{field}"), value, reason: reason.into() })
        };
        if !seen.insert(&line.line) {
            wrong("line", line.line.to_string(), "line_twice");
        }
        if line.quantity.is_zero() || line.quantity > Quantity::new(LINE_QUANTITY_MAX) {
            wrong("quantity", line.quantity.to_string(), "quantity_out_of_range");
        }
        if line.unit_price.minor < 0 {
            wrong("unit_price", line.unit_price.to_string(), "price_negative");
        }
        if !line.unit_price.is_price() {
            wrong("unit_price", line.unit_price.to_string(), "price_out_of_range");
        }
        match d.slice.item(&line.sku) {
            None => wrong("sku", line.sku.to_string(), Reason::CatalogUnknownSku.code()),
            Some(item) if item.unit != line.unit => {
                wrong("unit", line.unit.as_str().into(), Reason::CatalogUnitMismatch.code())
            }
            Some(item) if item.discontinued_on(d.now.to_zoned(jiff::tz::TimeZone::UTC).date()) => {
                wrong("sku", line.sku.to_string(), Reason::CatalogDiscontinued.code());
            }
            Some(item) => lines.push(captured(line, item)),
        }
    }
    match faults.first() {
        None => Ok(lines),
        Some(first) => {
            let unknown = first.reason == Reason::CatalogUnknownSku.code();
            let kind = if unknown { RefusalKind::UnknownSku } else { RefusalKind::InvalidField };
            let sentence =
                format!("{} of the order's lines cannot be taken: see each pointer; nothing was stored", faults.len());
            Err(Refusal { kind, sentence, faults })
        }
    }
}

fn captured(line: &CaptureLine, item: &crate::item::Item) -> Line {
    Line {
        id: line.line.clone(),
        sku: line.sku.clone(),
        title: item.title.clone(),
        category: item.category.clone(),
        gtin: item.gtin.as_ref().map(|g| g.as_str().into()),
        quantity: line.quantity,
        unit: line.unit.clone(),
        unit_price: line.unit_price,
        promise: None,
        cancelled: Quantity::ZERO,
        cancelling: None,
        look_again: None,
        first_cost: None,
        legacy: None,
    }
}
