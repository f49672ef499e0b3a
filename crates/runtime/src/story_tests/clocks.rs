//! What happens because time goes by.

use super::*;

#[test]
fn a_silent_vendor_is_noticed_when_its_clock_ends() {
    let mut w = World::new();
    w.place("1001", 4, "Ann");
    w.deliver();
    let mut woken = 0;
    for _ in 0..200 {
        w.later(60);
        woken += wake::wake(&w.desk, w.now, wake::WAKES_MAX).unwrap();
        w.deliver();
    }
    assert!(woken > 0);
    assert!(w.desk.parked().is_empty(), "{:?}", w.desk.parked());
    let breached = w.store.journal_of("1001", 0, 1_000).unwrap();
    assert!(breached.iter().any(|row| row.body.contains("sla.breached")));
}

#[test]
fn a_case_of_a_source_goes_up_the_ladder() {
    let mut w = World::new();
    w.want(
        json!({"deed": "open_source_case", "source": "acme", "kind": "delivery_failed", "reason": "edi_unknown_partner",
        "sentence": "nobody answers the door"}),
    );
    assert!(wake::sources_due(&w.desk, w.now).unwrap().is_empty());
    w.later(9 * 60);
    let due = wake::sources_due(&w.desk, w.now).unwrap();
    assert_eq!(due.len(), 1);
    w.desk.handle(w.now, due);
    assert!(wake::sources_due(&w.desk, w.now).unwrap().is_empty(), "once a rung");
    let told = w.store.journal_of("@acme", 0, 1_000).unwrap();
    assert!(told.last().unwrap().body.contains("case.escalated"), "{told:?}");
}
