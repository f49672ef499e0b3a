//! Pages of the documentation that are tables of the engine: printed from the code, so that they cannot go stale.
//!
//! `UPDATE_PAGES=1 cargo test -p countersign-engine --test pages` writes them.

#![allow(clippy::unwrap_used, reason = "a test")]

use countersign_engine::case::CaseKind;
use countersign_engine::order::{Order, PHASE_STEPS, Phase, Status};
use countersign_engine::reason::Reason;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

const HEAD: &str = "<!-- Printed by crates/engine/tests/pages.rs; UPDATE_PAGES=1 writes it anew. -->\n\n";

fn word<T: serde::Serialize>(value: T) -> String {
    serde_json::to_value(value).unwrap().as_str().unwrap().to_owned()
}

/// Compares a page with its file, or writes it.
fn page(name: &str, body: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name);
    let page = format!("{HEAD}{body}");
    if std::env::var("UPDATE_PAGES").is_ok_and(|v| v == "1") {
        std::fs::write(&path, page).unwrap();
        return;
    }
    let stored = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(stored == page, "docs/{name} is stale: UPDATE_PAGES=1 cargo test -p countersign-engine --test pages");
}

#[test]
fn phases() {
    let mut reached: BTreeSet<Phase> = [Phase::Planned].into();
    for _ in Phase::ALL {
        reached.extend(PHASE_STEPS.iter().filter(|(from, ..)| reached.contains(from)).map(|s| s.1).collect::<Vec<_>>());
    }
    for phase in Phase::ALL {
        assert!(reached.contains(&phase), "{phase:?} cannot be reached");
        let leaves = PHASE_STEPS.iter().any(|(from, ..)| *from == phase);
        assert!(leaves || phase.is_ended(), "{phase:?} must be left, or be an end");
    }
    let mut body = String::from(
        "# Phases of an assignment\n\nA quantity of a line given to one source goes through these phases. There are no other steps; an input that \
         fits none is refused, and changes nothing.\n\n```mermaid\nstateDiagram-v2\n    [*] --> planned\n",
    );
    for (from, to, _) in PHASE_STEPS {
        body += &format!("    {} --> {}\n", word(from), word(to));
    }
    for phase in Phase::ALL.into_iter().filter(|p| p.is_ended()) {
        body += &format!("    {} --> [*]\n", word(phase));
    }
    body += "```\n\n| from | to | when |\n| --- | --- | --- |\n";
    for (from, to, why) in PHASE_STEPS {
        body += &format!("| `{}` | `{}` | {why} |\n", word(from), word(to));
    }
    page("phases.md", &body);
}

#[test]
fn reasons() {
    let mut body = String::from("# Reason codes\n\nA code, once released, keeps its meaning for ever.\n");
    let mut families: BTreeMap<&str, Vec<Reason>> = BTreeMap::new();
    for reason in Reason::ALL {
        families.entry(reason.code().split('_').next().unwrap()).or_default().push(*reason);
    }
    for (family, reasons) in families {
        body += &format!("\n## {family}\n\n| code | meaning |\n| --- | --- |\n");
        for reason in reasons {
            body += &format!("| `{}` | {} |\n", reason.code(), reason.sentence());
        }
    }
    body +=
        "\n# Cases\n\n| kind | severity | owner | blocks the line | what to do |\n| --- | --- | --- | --- | --- |\n";
    for kind in CaseKind::ALL {
        let blocks = if kind.blocks() { "yes" } else { "no" };
        let help = kind.help().trim().replace('\n', " ");
        let (severity, role) = (word(kind.severity()), kind.role().code());
        body += &format!("| `{}` | {severity} | {role} | {blocks} | {help} |\n", kind.code());
    }
    page("reasons.md", &body);
}

/// An order of one line of three units with one assignment in a phase, its tallies, and what else is open.
fn order(assignments: &[Value], more: &[(&str, Value)]) -> Order {
    let money = json!({"amount": "1.00", "currency": "USD"});
    let mut all = vec![];
    for (i, a) in assignments.iter().enumerate() {
        let mut whole = json!({"ordinal": i + 1, "line": "1", "source": "A", "attempt": 1, "vendor_sku": "V",
            "pack_unit": "EA", "pack_size": 1, "unit_cost": money, "cost": money, "quantity": 3,
            "ship_by": "2026-11-23", "deliver_by": "2026-11-26"});
        whole.as_object_mut().unwrap().extend(a.as_object().unwrap().clone());
        all.push(whole);
    }
    let at = "2026-11-23T09:00:00Z";
    let mut order = json!({"id": "1001", "placed_at": at, "captured_at": at, "sales_channel": "web",
        "destination": {"country": "US"}, "service_level": "standard", "fingerprint": "f", "mode": "enforce", "policy": 1,
        "assignments": all,
        "lines": [{"id": "1", "sku": "mug", "title": "Mug", "category": "kitchen", "quantity": 3, "unit": "EA",
            "unit_price": money}]});
    for (pointer, value) in more {
        let (parent, field) = pointer.rsplit_once('/').unwrap();
        order.pointer_mut(parent).unwrap().as_object_mut().unwrap().insert(field.into(), value.clone());
    }
    serde_json::from_value(order).unwrap()
}

#[test]
fn statuses() {
    let until = "2026-11-23T10:00:00Z";
    let hold = |incoming: Value| json!({"quantity": 3, "incoming": incoming, "state": {"soft": {"expires": until}}});
    let phase = |phase: &str| json!({"phase": phase});
    let with = |phase: &str, fields: Value| {
        let mut all = fields;
        all["phase"] = json!(phase);
        all
    };
    let case = |blocks: bool| {
        json!([{"id": "1001-1", "kind": "unsourced", "severity": "high", "role": "customer_service",
            "reason": "route_no_candidate", "sentence": "", "opened_at": until, "line": "1", "blocks": blocks, "options": []}])
    };
    let all = json!({"accepted": 3, "committed": 3});
    let rows: Vec<(&str, Order)> = vec![
        ("nothing asked yet", order(&[], &[])),
        ("held for an approval that was answered", order(&[with("held", json!({"hold": hold(Value::Null)}))], &[])),
        ("kept by a person", order(&[phase("requested")], &[("/on_hold", json!("manual_hold"))])),
        ("a blocking case is open", order(&[], &[("/cases", case(true))])),
        ("a case is open that does not block", order(&[phase("requested")], &[("/cases", case(false))])),
        ("waits for supply", order(&[], &[("/lines/0/look_again", json!(until))])),
        (
            "asked for, of an announced receipt",
            order(&[with("requested", json!({"hold": hold(json!("2026-12-01"))}))], &[]),
        ),
        ("asked for", order(&[with("requested", json!({"hold": hold(Value::Null)}))], &[])),
        ("accepted, not yet committed", order(&[with("acknowledged", json!({"accepted": 3}))], &[])),
        ("being withdrawn", order(&[phase("withdrawing")], &[])),
        ("withdrawn, nobody else asked yet", order(&[with("withdrawn", json!({"withdrawn": 3}))], &[])),
        ("two of three committed", order(&[with("committed", json!({"accepted": 2, "committed": 2}))], &[])),
        ("all committed", order(&[with("committed", all.clone())], &[])),
        (
            "two of three shipped",
            order(&[with("committed", json!({"accepted": 3, "committed": 3, "shipped": 2}))], &[]),
        ),
        ("all shipped", order(&[with("shipped", json!({"accepted": 3, "committed": 3, "shipped": 3}))], &[])),
        (
            "all delivered",
            order(&[with("delivered", json!({"accepted": 3, "committed": 3, "shipped": 3, "delivered": 3}))], &[]),
        ),
        ("one cancelled, two committed", {
            let two = json!({"accepted": 2, "committed": 2, "declined": 1});
            order(&[with("committed", two)], &[("/lines/0/cancelled", json!(1))])
        }),
        ("all cancelled", order(&[with("withdrawn", json!({"withdrawn": 3}))], &[("/lines/0/cancelled", json!(3))])),
    ];
    let mut body = String::from(
        "# Statuses\n\nThe status of a line is derived from its units and never stored; the first row that fits, from the end of its \
         life to the beginning. What is partial is read from the tally. The status of an order is that of its least advanced open \
         line.\n\n| a line of three | status | held | accepted | committed | shipped | cancelled |\n| --- | --- | --- | --- | --- | --- | --- |\n",
    );
    let mut seen = BTreeSet::new();
    for (what, order) in rows {
        let line = &order.lines[0];
        let (status, t) = (order.line_status(line), order.tally(line));
        assert_eq!(status, order.status(), "an order of one line has its status");
        seen.insert(status);
        body += &format!(
            "| {what} | `{}` | {} | {} | {} | {} | {} |\n",
            word(status),
            t.held,
            t.accepted,
            t.committed,
            t.shipped,
            t.cancelled
        );
    }
    let every = [
        Status::Captured,
        Status::InReview,
        Status::Backordered,
        Status::AwaitingConfirmation,
        Status::Confirmed,
        Status::Shipped,
        Status::Delivered,
        Status::Cancelled,
    ];
    assert_eq!(seen, every.into(), "the table shows every status");
    page("statuses.md", &body);
}
