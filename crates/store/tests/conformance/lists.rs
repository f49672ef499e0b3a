//! Lists, pages and searches.

use super::records::done;
use crate::{Check, at, order_id, po, sku, source_id};
use countersign_engine::ids::ShipmentId;
use countersign_engine::order::Shipped;
use countersign_engine::slice::{Key, Record};
use countersign_runtime::ports::{
    Commit, DeskQuery, IndexRow, List, Mapping, OrderQuery, PersonRow, PurchaseOrderQuery, Store, Write,
};
use countersign_store::testing::{item, offer, order, order_commit, source, stock};
use smol_str::SmolStr;
use std::sync::Arc;

pub const CHECKS: &[(&str, Check)] = &[
    ("records are listed in key order by pages", records),
    ("a source's mapping names GTINs", mappings),
    ("orders are listed newest first by pages", orders),
    ("orders are found by id, item, purchase order and tracking number", search),
    ("purchase orders are listed newest first by pages", purchase_orders),
    ("cases are listed worst and oldest first", cases),
    ("approvals are listed oldest first", approvals),
];

fn put(store: &dyn Store, key: Key, expected: u64, record: Record) {
    let writes = vec![Write { key, expected, record: Some(record) }];
    done(store.commit(&Commit { writes, ..Commit::default() }).unwrap());
}

fn master(store: &dyn Store) {
    for name in ["b", "B", "a-1", "a.1", "a"] {
        put(store, Key::Item(sku(name)), 0, Record::Item(Arc::new(item(name))));
        put(store, Key::Source(source_id(name)), 0, Record::Source(Arc::new(source(name))));
        for vendor in ["acme", "bolt"] {
            let (one, key) = (offer(vendor, name), Key::Offer(source_id(vendor), sku(name)));
            put(store, key, 0, Record::Offer(Arc::new(one)));
            let (one, key) = (stock(vendor, name, 3), Key::Stock(source_id(vendor), sku(name)));
            put(store, key, 0, Record::Stock(Arc::new(one)));
        }
    }
}

fn name_of(record: &Record, by_source: bool) -> String {
    match record {
        Record::Item(item) => item.sku.to_string(),
        Record::Source(source) => source.id.to_string(),
        Record::Offer(offer) if by_source => offer.source.to_string(),
        Record::Offer(offer) => offer.sku.to_string(),
        Record::Stock(stock) => stock.sku.to_string(),
        Record::Order(order) => order.id.to_string(),
        other => panic!("{other:?}"),
    }
}

fn records(store: &dyn Store) {
    master(store);
    let names = |what: &List, after: Option<&str>, limit| -> Vec<String> {
        let by_source = matches!(what, List::OffersFor(_));
        store.list(what, after, limit).unwrap().iter().map(|v| name_of(&v.record, by_source)).collect()
    };
    let acme = source_id("acme");
    for what in [List::Items, List::Sources, List::OffersOf(acme.clone()), List::StockOf(acme)] {
        assert_eq!(names(&what, None, 9), ["B", "a", "a-1", "a.1", "b"], "{what:?}: by bytes, not by language");
        assert_eq!(names(&what, Some("a"), 2), ["a-1", "a.1"], "{what:?}");
        assert!(names(&what, Some("b"), 9).is_empty(), "{what:?}");
    }
    assert_eq!(names(&List::OffersFor(sku("a")), None, 9), ["acme", "bolt"]);
    assert_eq!(names(&List::OffersFor(sku("a")), Some("acme"), 9), ["bolt"]);
    assert_eq!(store.list(&List::Items, None, 1).unwrap()[0].version, 1);
}

fn mappings(store: &dyn Store) {
    put(store, Key::Item(sku("a")), 0, Record::Item(Arc::new(item("a"))));
    for name in ["a", "b"] {
        put(store, Key::Offer(source_id("acme"), sku(name)), 0, Record::Offer(Arc::new(offer("acme", name))));
    }
    let line = |name: &str, gtin: Option<&str>| Mapping {
        vendor_sku: offer("acme", name).vendor_sku,
        sku: sku(name),
        gtin: gtin.map(SmolStr::from),
        unit: "CA".into(),
        pack_size: 6,
    };
    let expected = [line("a", Some("4006381333931")), line("b", None)];
    assert_eq!(store.mappings(&source_id("acme")).unwrap(), expected);
    assert!(store.mappings(&source_id("bolt")).unwrap().is_empty());
}

fn names(found: &[Record]) -> Vec<String> {
    found.iter().map(|record| name_of(record, false)).collect()
}

fn orders(store: &dyn Store) {
    for (id, second) in [("a", 1), ("b", 2), ("d", 2), ("c", 2), ("e", 3)] {
        done(store.commit(&order_commit(id, "MUG", "acme", at(second))).unwrap());
    }
    let mut done_one = order("c", "MUG", "acme", at(2));
    done_one.lines[0].cancelled = done_one.lines[0].quantity;
    done_one.assignments.clear();
    done_one.purchase_orders.clear();
    put(store, Key::Order(order_id("c")), 1, Record::Order(Arc::new(done_one.clone())));
    let ask = |query: OrderQuery| names(&store.orders(&query).unwrap());
    let page = OrderQuery { limit: 9, ..OrderQuery::default() };
    assert_eq!(ask(page.clone()), ["e", "d", "c", "b", "a"]);
    let us = at(2).as_microsecond();
    assert_eq!(ask(OrderQuery { cursor: Some((us, "d".into())), limit: 2, ..page.clone() }), ["c", "b"]);
    assert_eq!(ask(OrderQuery { cursor: Some((us, "b".into())), ..page.clone() }), ["a"]);
    let status = |word: &str| OrderQuery { status: Some(word.into()), ..page.clone() };
    assert_eq!(ask(status("awaiting_confirmation")), ["e", "d", "b", "a"]);
    assert_eq!(ask(status("cancelled")), ["c"]);
    assert!(ask(status("shipped")).is_empty());
    assert_eq!(ask(OrderQuery { cursor: Some((us, "d".into())), ..status("awaiting_confirmation") }), ["b", "a"]);
    assert_eq!(store.orders(&status("cancelled")).unwrap(), [Record::Order(Arc::new(done_one))]);
}

fn search(store: &dyn Store) {
    for (id, item, second) in [("1001", "MUG", 1), ("1002", "CUP", 2), ("1003", "MUG", 3), ("1001-1", "PAN", 4)] {
        done(store.commit(&order_commit(id, item, "acme", at(second))).unwrap());
    }
    done(store.commit(&order_commit("R4-A", "Pot", "acme", at(5))).unwrap());
    let mut shipped = order("1002", "CUP", "acme", at(2));
    shipped.shipments.push(Shipped {
        shipment: ShipmentId::new("S-1").unwrap(),
        purchase_order: 1,
        shipped_at: at(9),
        carrier: None,
        tracking: vec!["1Z999".into(), "1Z998".into()],
        units: Vec::new(),
        delivered: false,
    });
    put(store, Key::Order(order_id("1002")), 1, Record::Order(Arc::new(shipped)));
    // At once, while some is in order and some is not, and when all is.
    found(store);
    store.roll_up(1).unwrap();
    done(store.commit(&order_commit("1004", "PAN", "acme", at(0))).unwrap());
    found(store);
    while store.roll_up(1_000).unwrap() > 0 {}
    found(store);
    by_mail(store);
}

fn found(store: &dyn Store) {
    let ask = |text: &str, query: OrderQuery| {
        let query = OrderQuery { text: Some(text.into()), ..query };
        names(&store.orders(&query).unwrap())
    };
    let page = OrderQuery { limit: 9, ..OrderQuery::default() };
    assert_eq!(ask("1002", page.clone()), ["1002"]);
    assert_eq!(ask("1003-1", page.clone()), ["1003"]);
    assert_eq!(ask("1001-1", page.clone()), ["1001-1", "1001"], "an order's id and a purchase order of another");
    assert_eq!(ask("MUG", page.clone()), ["1003", "1001"]);
    assert_eq!(ask("1Z998", page.clone()), ["1002"]);
    for (text, found) in [("mug", vec!["1003", "1001"]), ("Mug", vec!["1003", "1001"]), ("1z998", vec!["1002"])] {
        assert_eq!(ask(text, page.clone()), found, "letter case tells nothing apart: {text}");
    }
    for text in ["R4-A", "r4-a", "r4-A", "R4-A-1", "r4-a-1", "pot", "POT"] {
        assert_eq!(ask(text, page.clone()), ["R4-A"], "{text}");
    }
    assert!(ask("MU", page.clone()).is_empty(), "exactly, not in part");
    assert!(ask("", page.clone()).is_empty());
    assert_eq!(ask("MUG", OrderQuery { limit: 1, ..page.clone() }), ["1003"]);
    let cursor = Some((at(3).as_microsecond(), "1003".into()));
    assert_eq!(ask("MUG", OrderQuery { cursor, ..page.clone() }), ["1001"]);
    let status = |word: &str| OrderQuery { status: Some(word.into()), ..page.clone() };
    assert_eq!(ask("MUG", status("awaiting_confirmation")), ["1003", "1001"]);
    assert!(ask("MUG", status("shipped")).is_empty());
}

fn by_mail(store: &dyn Store) {
    let ask = |text: &str, query: OrderQuery| {
        let query = OrderQuery { text: Some(text.into()), ..query };
        names(&store.orders(&query).unwrap())
    };
    let page = OrderQuery { limit: 9, ..OrderQuery::default() };
    let body = r#"{"customer": {"name": "A. Shopper", "email": "A.Shopper@Example.com"}, "ship_to": null}"#;
    let people = vec![PersonRow { order: order_id("1003"), body: body.into() }];
    done(store.commit(&Commit { people, ..Commit::default() }).unwrap());
    let theirs = || OrderQuery { mail: Some("a.shopper@example.com".into()), ..page.clone() };
    assert_eq!(ask("a.shopper@example.com", theirs()), ["1003"], "by the customer's mail, whatever its case");
    assert!(ask("a.shopper@example.com", page.clone()).is_empty(), "not by whom it is not asked for");
    assert!(store.erase_person(&order_id("1003")).unwrap());
    assert!(ask("a.shopper@example.com", theirs()).is_empty(), "what is erased is not found");
}

fn purchase_orders(store: &dyn Store) {
    let row = |number: &str, source: &str, state: &str, second: i64| IndexRow::PurchaseOrder {
        number: po(number),
        order: order_id("1001"),
        source: source_id(source),
        attempt: 2,
        state: state.into(),
        released_at: at(second),
        answer_due: (second > 2).then(|| at(second + 60)),
    };
    let all = [
        row("a-1", "acme", "open", 1),
        row("b-1", "bolt", "open", 2),
        row("c-1", "acme", "closed", 3),
        row("d-1", "acme", "shipped", 3),
    ];
    let write = |index: Vec<IndexRow>| done(store.commit(&Commit { index, ..Commit::default() }).unwrap());
    write(vec![row("c-1", "acme", "open", 3), all[0].clone(), all[1].clone(), all[2].clone()]);
    write(vec![row("d-1", "acme", "open", 3)]);
    write(vec![all[3].clone()]);
    let ask = |source: Option<&str>, state: Option<&str>, cursor, limit| {
        let (source, state) = (source.map(source_id), state.map(SmolStr::from));
        store.purchase_orders(&PurchaseOrderQuery { source, state, cursor, limit }).unwrap()
    };
    let [a, b, c, d] = all;
    assert_eq!(ask(None, None, None, 9), [d.clone(), c.clone(), b.clone(), a.clone()]);
    assert_eq!(ask(None, None, None, 1), [d.clone()]);
    assert_eq!(ask(Some("acme"), None, None, 9), [d.clone(), c.clone(), a.clone()]);
    assert_eq!(ask(None, Some("open"), None, 9), [b.clone(), a.clone()]);
    assert_eq!(ask(Some("acme"), Some("open"), None, 9), [a.clone()]);
    assert_eq!(ask(None, None, Some((at(3).as_microsecond(), "d-1".into())), 2), [c, b]);
    assert!(ask(None, Some("strange"), None, 9).is_empty());
}

fn case(id: &str, severity: u8, role: &str, open: bool, second: i64) -> IndexRow {
    IndexRow::Case {
        id: id.into(),
        subject: id.rsplit_once('-').unwrap().0.into(),
        kind: if severity > 2 { "unsourced" } else { "late_answer" }.into(),
        severity,
        role: role.into(),
        open,
        opened_at: at(second),
        body: format!("{{\"id\":\"{id}\"}}"),
    }
}

fn cases(store: &dyn Store) {
    let all = [
        case("1001-1", 3, "buyer", true, 5),
        case("1002-1", 3, "it", true, 4),
        case("@acme-1", 1, "it", true, 1),
        case("1001-2", 2, "buyer", false, 2),
    ];
    done(store.commit(&Commit { index: all.to_vec(), ..Commit::default() }).unwrap());
    let [a, b, c, d] = all;
    let page = DeskQuery { limit: 9, ..DeskQuery::default() };
    let ask = |query: DeskQuery| store.cases(&query).unwrap();
    assert_eq!(ask(page.clone()), [b.clone(), a.clone(), d.clone(), c.clone()]);
    assert_eq!(ask(DeskQuery { offset: 1, limit: 2, ..page.clone() }), [a.clone(), d.clone()]);
    assert_eq!(ask(DeskQuery { open: Some(true), ..page.clone() }), [b.clone(), a.clone(), c.clone()]);
    assert_eq!(ask(DeskQuery { open: Some(false), ..page.clone() }), [d.clone()]);
    assert_eq!(ask(DeskQuery { role: Some("it".into()), ..page.clone() }), [b.clone(), c.clone()]);
    assert_eq!(ask(DeskQuery { kind: Some("late_answer".into()), ..page.clone() }), [d.clone(), c.clone()]);
    assert_eq!(ask(DeskQuery { subject: Some("@acme".into()), ..page.clone() }), [c]);
    let both = DeskQuery { subject: Some("1001".into()), open: Some(true), ..page.clone() };
    assert_eq!(ask(both), [a]);
    let closed = case("1002-1", 2, "buyer", false, 4);
    done(store.commit(&Commit { index: vec![b, closed.clone()], ..Commit::default() }).unwrap());
    assert_eq!(ask(DeskQuery { open: Some(false), ..page }), [d, closed], "later ones win");
}

fn approvals(store: &dyn Store) {
    let row = |id: &str, kind: &str, open, asked| IndexRow::Approval {
        id: id.into(),
        order: order_id(id.rsplit_once('-').unwrap().0),
        kind: kind.into(),
        open,
        asked_at: at(asked),
        due: at(99 - asked),
        body: "{}".into(),
    };
    let all = [row("1001-1", "split", true, 9), row("1002-1", "release", true, 5), row("1003-1", "split", false, 1)];
    done(store.commit(&Commit { index: all.to_vec(), ..Commit::default() }).unwrap());
    let [a, b, c] = all;
    let page = DeskQuery { limit: 9, ..DeskQuery::default() };
    let ask = |query: DeskQuery| store.approvals(&query).unwrap();
    assert_eq!(ask(page.clone()), [c.clone(), b.clone(), a.clone()]);
    assert_eq!(ask(DeskQuery { open: Some(true), ..page.clone() }), [b.clone(), a.clone()]);
    assert_eq!(ask(DeskQuery { kind: Some("split".into()), ..page.clone() }), [c, a.clone()]);
    assert_eq!(
        ask(DeskQuery { role: Some("it".into()), offset: 1, limit: 1, ..page.clone() }),
        [b],
        "they have no role"
    );
    assert_eq!(ask(DeskQuery { subject: Some("1001".into()), ..page }), [a]);
}
