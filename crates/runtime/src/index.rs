//! The rows by which people find purchase orders, cases and approvals, computed from records.
//!
//! Pure: what a record was before, what it is now, which rows that changes. Never a truth of its own.

use crate::ports::IndexRow;
use countersign_engine::approval::Approval;
use countersign_engine::case::{Case, Severity};
use countersign_engine::ids::SourceId;
use countersign_engine::order::{Order, Phase, PurchaseOrder};
use countersign_engine::slice::{Key, Record};
use serde::Serialize;
use smol_str::{SmolStr, format_smolstr};

/// The rows that change when the record under `key` goes from `before` to `after`.
pub fn rows(key: &Key, before: Option<&Record>, after: Option<&Record>) -> Vec<IndexRow> {
    let mut rows = vec![];
    match (key, after) {
        (Key::Order(_), Some(Record::Order(order))) => {
            let old = match before {
                Some(Record::Order(old)) => Some(old.as_ref()),
                _ => None,
            };
            of_order(old, order, &mut rows);
        }
        (Key::Desk(source), Some(Record::Desk(desk))) => {
            let old: &[Case] = match before {
                Some(Record::Desk(old)) => &old.cases,
                _ => &[],
            };
            let subject = subject_of_source(source);
            rows.extend(changed(old, &desk.cases).map(|case| row_of_case(&subject, case)));
        }
        _ => {}
    }
    rows
}

/// How the journal and the index name a source.
pub fn subject_of_source(source: &SourceId) -> SmolStr {
    format_smolstr!("@{source}")
}

fn of_order(before: Option<&Order>, order: &Order, rows: &mut Vec<IndexRow>) {
    for po in &order.purchase_orders {
        let row = row_of_purchase_order(order, po);
        let old = before.and_then(|old| Some(row_of_purchase_order(old, old.purchase_order(po.ordinal)?)));
        if old.as_ref() != Some(&row) {
            rows.push(row);
        }
    }
    let subject = SmolStr::new(order.id.as_str());
    let (old_cases, old_approvals) = before.map_or((&[][..], &[][..]), |old| (&old.cases, &old.approvals));
    rows.extend(changed(old_cases, &order.cases).map(|case| row_of_case(&subject, case)));
    rows.extend(changed(old_approvals, &order.approvals).map(|approval| row_of_approval(order, approval)));
}

/// Those of `now` that are not the same in `before`. Both lists only grow, so places tell which is which.
fn changed<'a, T: PartialEq>(before: &'a [T], now: &'a [T]) -> impl Iterator<Item = &'a T> {
    now.iter().enumerate().filter(|(n, thing)| before.get(*n) != Some(thing)).map(|(_, thing)| thing)
}

fn row_of_purchase_order(order: &Order, po: &PurchaseOrder) -> IndexRow {
    IndexRow::PurchaseOrder {
        number: po.number.clone(),
        order: order.id.clone(),
        source: po.source.clone(),
        attempt: po.attempt,
        state: SmolStr::new_static(state(order, po)),
        released_at: po.released_at,
        answer_due: po.answer_due(),
    }
}

/// The one word for a purchase order: that of its least advanced assignment which is not over.
pub fn state(order: &Order, po: &PurchaseOrder) -> &'static str {
    let mut words = order.of_purchase_order(po.ordinal).map(|a| match a.phase {
        Phase::Planned | Phase::Held | Phase::Requested => (0, "open"),
        Phase::Withdrawing => (1, "withdrawing"),
        Phase::Acknowledged | Phase::Committed => (2, "acknowledged"),
        Phase::Shipped => (3, "shipped"),
        Phase::Delivered | Phase::Withdrawn | Phase::Released => (4, "closed"),
    });
    let first = words.next().unwrap_or((4, "closed"));
    words.fold(first, Ord::min).1
}

fn row_of_case(subject: &SmolStr, case: &Case) -> IndexRow {
    IndexRow::Case {
        id: SmolStr::new(case.id.as_str()),
        subject: subject.clone(),
        kind: SmolStr::new_static(case.kind.code()),
        severity: match case.severity {
            Severity::Low => 1,
            Severity::Medium => 2,
            Severity::High => 3,
            Severity::Critical => 4,
        },
        role: SmolStr::new_static(case.role.code()),
        open: case.is_open(),
        opened_at: case.opened_at,
        body: json(case),
    }
}

fn row_of_approval(order: &Order, approval: &Approval) -> IndexRow {
    IndexRow::Approval {
        id: SmolStr::new(approval.id.as_str()),
        order: order.id.clone(),
        kind: word(&approval.kind),
        open: approval.is_open(),
        asked_at: approval.asked_at,
        due: approval.due,
        body: json(approval),
    }
}

fn json(thing: &impl Serialize) -> String {
    serde_json::to_string(thing).expect("because cases and approvals are plain data")
}

/// The wire word of a plain enum.
fn word(thing: &impl Serialize) -> SmolStr {
    SmolStr::new(json(thing).trim_matches('"'))
}
