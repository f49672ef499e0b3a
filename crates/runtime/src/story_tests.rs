//! Stories through all steps, with the real head, a store in memory, a dialect of plain JSON and vendors made of a list.

mod clocks;

use crate::audit::audit;
use crate::backoff::Backoff;
use crate::deliver::Delivering;
use crate::interpret::{self, Interpreted};
use crate::memory::{Fault, MemoryStore};
use crate::ports::{Connector, Delivery, ErrandState, Found, InboxState, PersonRow, Rendered, Store};
use crate::receive::{channel_of, receive};
use crate::request::{Handled, Request};
use crate::{Desk, Settings, wake};
use countersign_engine::command::{Actor, Command, Deed, Role};
use countersign_engine::document::Inbound;
use countersign_engine::ids::{OrderId, PoNumber, SourceId};
use countersign_engine::order::Order;
use countersign_engine::slice::{Key, Record};
use countersign_engine::source::Source;
use countersign_partners::seam::{
    Context, Dialect, Document, Finding, Numbers, Paper, Place, Reading, Receipt, ReceiptFor, Severity, Written,
};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

/// Papers as plain JSON; a file with `"owe"` is to be receipted.
struct Plain;

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    documents: Vec<Inbound>,
    #[serde(default)]
    receipts: Vec<(String, bool)>,
    #[serde(default)]
    owe: bool,
}

impl Dialect for Plain {
    fn read(&self, _: &Source, bytes: &[u8], _: &Context<'_>) -> Reading {
        if bytes == b"curse" {
            panic!("cursed");
        }
        let file: File = match serde_json::from_slice(bytes) {
            Ok(file) => file,
            Err(error) => {
                let place = Place { line: error.line() as u32, ..Place::default() };
                let (id, severity, sentence) = ("edi_syntax".into(), Severity::Fatal, error.to_string());
                let finding = Finding { id, severity, place, sentence, advice: String::new(), value: None };
                return Reading { findings: vec![finding], quarantine: true, ..Reading::default() };
            }
        };
        let document = |content| Document {
            content,
            place: Place::default(),
            lines: (0..9).map(|n| Place { line: n + 10, ..Place::default() }).collect(),
            written_at: None,
            hints: Default::default(),
        };
        let receipt = |(reference, accepted): (String, bool)| ReceiptFor {
            reference: reference.into(),
            accepted,
            note: None,
            place: Place::default(),
        };
        let owed = Receipt { about: "receipt".into(), content: Value::Null };
        Reading {
            documents: file.documents.into_iter().map(document).collect(),
            receipts: file.receipts.into_iter().map(receipt).collect(),
            owed: file.owe.then_some(owed).into_iter().collect(),
            ..Reading::default()
        }
    }
    fn writes(&self, source: &Source, kept: &str) -> bool {
        media_type(source) == kept
    }
    fn write(
        &self,
        source: &Source,
        paper: &Paper,
        numbers: &mut Numbers<'_>,
        _: Timestamp,
    ) -> Result<Written, String> {
        let text = match paper {
            Paper::Document(document) => serde_json::to_string(document).map_err(|e| e.to_string())?,
            Paper::Receipt(receipt) => receipt.about.clone(),
        };
        if text.contains("unwritable") {
            return Err("the address does not fit".into());
        }
        let number = numbers(&format!("{}.isa", source.id))?;
        let (name, reference) = (format!("{number}.json"), format!("PO.{number}").into());
        Ok(Written { name, media_type: media_type(source), bytes: format!("{number} {text}").into(), reference })
    }
}

fn media_type(source: &Source) -> smol_str::SmolStr {
    let dialect = serde_json::to_value(source.channel.dialect).unwrap();
    format!("text/{}", dialect.as_str().unwrap()).into()
}

/// A vendor's side: what came, and what it answers next (done, if nothing is said).
#[derive(Default)]
struct Vendor {
    came: Mutex<Vec<(String, Rendered)>>,
    next: Mutex<Vec<Delivery>>,
    idempotent: bool,
}

impl Connector for Vendor {
    fn deliver(&self, id: &str, paper: &Rendered, _: std::time::Duration) -> Delivery {
        self.came.lock().unwrap().push((id.to_owned(), paper.clone()));
        let mut next = self.next.lock().unwrap();
        if next.is_empty() { Delivery::Done { receipt: false, answer: None } } else { next.remove(0) }
    }
    fn idempotent(&self) -> bool {
        self.idempotent
    }
    fn fetch(&self, _: usize) -> Result<Vec<Found>, String> {
        Ok(vec![])
    }
    fn taken(&self, _: &str) -> Result<(), String> {
        Ok(())
    }
}

struct World {
    store: Arc<MemoryStore>,
    desk: Desk,
    vendor: Arc<Vendor>,
    now: Timestamp,
}

impl World {
    /// Vendors acme and bolt offer mugs by the box of two; acme has ten boxes, bolt four.
    fn new() -> Self {
        let store = Arc::new(MemoryStore::new());
        let desk = Desk::open(store.clone(), Settings::default()).unwrap();
        let now = "2026-11-23T15:00:00Z".parse().unwrap();
        let mut world = Self { store, desk, vendor: Arc::default(), now };
        for sku in ["MUG", "BOWL"] {
            world.want(json!({"deed": "record_item", "item": {"sku": sku, "title": sku, "category": "kitchen"}}));
        }
        for (source, cost) in [("acme", "4.00"), ("bolt", "5.00")] {
            let channel = json!({"dialect": "x12", "connector": {"kind": "folder"}});
            world.want(json!({"deed": "record_source", "source": {"id": source, "kind": "vendor", "name": source,
                "time_zone": "America/Chicago", "ships_from": {"country": "US"}, "channel": channel}}));
            for sku in ["MUG", "BOWL"] {
                world.want(json!({"deed": "record_offer", "offer": {"source": source, "sku": sku,
                    "vendor_sku": format!("{source}-{sku}"), "pack": {"unit": "BX", "base_units": 2},
                    "unit_cost": {"amount": cost, "currency": "USD"},
                    "shipping_cost": {"amount": "1.00", "currency": "USD"}}}));
            }
        }
        world.file("acme", &feed("acme", &[("MUG", 10), ("BOWL", 0)]));
        world.file("bolt", &feed("bolt", &[("MUG", 4)]));
        world
    }
    fn try_it(&mut self, deed: Value) -> Handled {
        let by = Actor::Person { name: "tess".into(), role: Role::It };
        let deed: Deed = serde_json::from_value(deed).unwrap();
        self.now += SignedDuration::from_secs(1);
        self.desk.handle_one(self.now, Command { by, deed })
    }
    fn want(&mut self, deed: Value) {
        let handled = self.try_it(deed);
        assert!(handled.done().is_some(), "{handled:?}");
    }
    fn place(&mut self, id: &str, quantity: u32, name: &str) {
        let deed = json!({"deed": "capture_order", "id": id, "placed_at": self.now, "sales_channel": "web",
            "destination": {"country": "US"}, "service_level": "standard", "fingerprint": "f",
            "lines": [{"line": "1", "sku": "MUG", "quantity": quantity, "unit": "EA",
                       "unit_price": {"amount": "9.00", "currency": "USD"}}]});
        let command = Command { by: Actor::Engine, deed: serde_json::from_value(deed).unwrap() };
        let body = json!({"customer": {}, "ship_to": {"name": name, "country": "US"}}).to_string();
        let person = PersonRow { order: OrderId::new(id).unwrap(), body };
        let answers = self.desk.handle(self.now, vec![Request::new(command).with_person(person)]);
        assert!(answers[0][0].done().is_some(), "{answers:?}");
    }
    fn file(&mut self, source: &str, file: &Value) -> Interpreted {
        self.bytes(source, file.to_string().as_bytes())
    }
    fn bytes(&mut self, source: &str, bytes: &[u8]) -> Interpreted {
        self.now += SignedDuration::from_secs(1);
        let channel = channel_of(&SourceId::new(source).unwrap());
        let entry = receive(&*self.store, self.now, &channel, "file", bytes.to_vec(), None).unwrap();
        interpret::interpret(&self.desk, &Plain, self.now, &entry).unwrap()
    }
    /// Runs errands as long as any is due now.
    fn deliver(&mut self) {
        let step = Delivering { desk: &self.desk, dialect: &Plain, backoff: Backoff::default() };
        let vendor = self.vendor.clone();
        while step.run(self.now, 100, &|_| Some(vendor.clone() as Arc<dyn Connector>)).unwrap() > 0 {}
    }
    fn later(&mut self, minutes: i64) {
        self.now += SignedDuration::from_mins(minutes);
    }
    fn order(&self, id: &str) -> Arc<Order> {
        match self.desk.read(&[Key::Order(OrderId::new(id).unwrap())]).unwrap().pop() {
            Some(Some(Record::Order(order))) => order,
            other => panic!("{other:?}"),
        }
    }
    fn said_next(&self, deliveries: impl IntoIterator<Item = Delivery>) {
        self.vendor.next.lock().unwrap().extend(deliveries);
    }
    fn came(&self) -> Vec<String> {
        let came = self.vendor.came.lock().unwrap();
        came.iter().map(|(id, paper)| format!("{id} {}", String::from_utf8_lossy(&paper.bytes))).collect()
    }
    fn came_ids(&self) -> Vec<String> {
        self.vendor.came.lock().unwrap().iter().map(|(id, _)| id.clone()).collect()
    }
    fn status(&self, id: &str) -> String {
        serde_json::to_value(self.order(id).status()).unwrap().as_str().unwrap().to_owned()
    }
    fn open_cases(&self, id: &str) -> Vec<&'static str> {
        self.order(id).cases.iter().filter(|c| c.is_open()).map(|c| c.kind.code()).collect()
    }
    fn errand(&self, id: &str) -> crate::ports::Errand {
        self.store.all_errands().into_iter().find(|e| e.new.id == id).unwrap()
    }
}

impl Drop for World {
    /// Every story ends with an audit: events give the state, commands give the events.
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let findings = audit(&*self.store, true).unwrap();
            assert!(findings.differences.is_empty(), "{:#?}", findings.differences);
            assert!(findings.entries > 5);
        }
    }
}

fn feed(source: &str, boxes: &[(&str, u32)]) -> Value {
    full_feed(source, boxes, "2026-11-23T14:59:00Z", true)
}

fn full_feed(source: &str, boxes: &[(&str, u32)], as_of: &str, full: bool) -> Value {
    let line = |(sku, quantity): &(&str, u32)| json!({"item": {"vendor_sku": format!("{source}-{sku}")}, "quantity": quantity, "unit": "BX"});
    let lines: Vec<Value> = boxes.iter().map(line).collect();
    json!({"documents": [{"document": "advice", "as_of": as_of, "origin": "x12", "full": full, "lines": lines}]})
}

fn accept(po: &str, boxes: u32) -> Value {
    let line = json!({"line": "1", "accepted": boxes});
    json!({"documents": [{"document": "acknowledgment", "po": po, "attempt": 1, "lines": [line]}]})
}

fn ids(findings: &Interpreted) -> Vec<&str> {
    findings.report.findings.iter().map(|f| f.id.as_str()).collect()
}

#[test]
fn an_order_is_asked_for_accepted_and_shipped() {
    let mut w = World::new();
    w.place("1001", 4, "Ann");
    assert_eq!(w.status("1001"), "awaiting_confirmation");
    w.deliver();
    let came = w.came();
    assert_eq!(came.len(), 1);
    assert!(
        came[0].starts_with("1001-1 1 {") && came[0].contains("\"Ann\"") && came[0].contains("\"quantity\":2"),
        "{came:?}"
    );
    assert!(w.order("1001").purchase_orders[0].sent_at.is_some());

    assert_eq!(w.file("acme", &json!({"receipts": [["PO.1", true], ["PO.9", true]]})).report.done, 1);
    assert!(w.order("1001").purchase_orders[0].received_at.is_some());
    assert_eq!(w.file("acme", &accept("1001-1", 2)).state, InboxState::Done);
    assert_eq!(w.status("1001"), "confirmed");
    let shipment = json!({"document": "shipment", "shipment": "S-1", "po": "1001-1", "shipped_at": w.now,
                          "tracking": ["1Z"], "lines": [{"line": "1", "quantity": 2}]});
    w.file("acme", &json!({"documents": [shipment]}));
    assert_eq!(w.status("1001"), "shipped");
    assert_eq!(w.store.inbox_of(&PoNumber::new("1001-1").unwrap()).unwrap().len(), 3);
}

#[test]
fn the_same_file_again_has_one_effect() {
    let mut w = World::new();
    w.place("1001", 4, "Ann");
    w.deliver();
    w.file("acme", &accept("1001-1", 2));
    let before = w.order("1001");
    // Interpreted again, as after a crash between reading and settling.
    let entry = w.store.inbox_entry(3).unwrap().unwrap();
    interpret::interpret(&w.desk, &Plain, w.now, &entry).unwrap();
    assert_eq!(w.order("1001"), before);
}

#[test]
fn answers_of_many_calls_share_a_commit() {
    let mut w = World::new();
    w.place("1001", 4, "Ann");
    w.place("1002", 2, "Ben");
    w.deliver();
    let source = match w.desk.read(&[Key::Source(SourceId::new("acme").unwrap())]).unwrap().pop() {
        Some(Some(Record::Source(source))) => source,
        other => panic!("{other:?}"),
    };
    let documents = |file: &Value| Plain.read(&source, file.to_string().as_bytes(), &context(w.now)).documents;
    let calls = [accept("1001-1", 2), accept("1002-1", 1), accept("7-7", 1)];
    let mut all: Vec<_> =
        calls.iter().map(|c| interpret::translate(&w.desk, &source, documents(c), "call").unwrap()).collect();
    let requests: Vec<Option<Request>> = all.iter_mut().map(|t| t.next_request()).collect();
    let commits = w.desk.counted().commits;
    let mut answers = w.desk.handle(w.now, requests.into_iter().flatten().collect()).into_iter();
    assert_eq!(w.desk.counted().commits, commits + 1);
    for translated in all.iter_mut().take(2) {
        translated.answered(answers.next().unwrap()).unwrap();
        assert!(translated.next_request().is_none());
    }
    let ends: Vec<_> = all.into_iter().map(|t| t.end()).map(|t| (t.report.done, t.lacking)).collect();
    assert_eq!(ends, [(1, false), (1, false), (0, true)]);
    assert_eq!((w.status("1001"), w.status("1002")), ("confirmed".into(), "confirmed".into()));
}

fn context(received_at: Timestamp) -> Context<'static> {
    Context::new("call", received_at)
}

#[test]
fn what_cannot_be_used_is_kept_with_its_reason() {
    let mut w = World::new();
    let garbled = w.bytes("acme", b"{\"documents\": [");
    assert_eq!((garbled.state, ids(&garbled)), (InboxState::Quarantined, vec!["edi_syntax"]));
    let cursed = w.bytes("acme", b"curse");
    assert_eq!((cursed.state, ids(&cursed)), (InboxState::Quarantined, vec!["bug"]));
    let unmatched = w.file("acme", &accept("9-9", 1));
    assert_eq!((unmatched.state, ids(&unmatched)), (InboxState::Quarantined, vec!["edi_unmatched_po"]));
    w.place("1001", 4, "Ann");
    let foreign = w.file("bolt", &accept("1001-1", 2));
    assert_eq!((foreign.state, ids(&foreign)), (InboxState::Quarantined, vec!["edi_unmatched_po"]));
    let stranger = w.file("nobody", &accept("1001-1", 2));
    assert_eq!((stranger.state, ids(&stranger)), (InboxState::Quarantined, vec!["edi_unknown_partner"]));
    let kept: Value = serde_json::from_str(&w.store.inbox_entry(3).unwrap().unwrap().findings.unwrap()).unwrap();
    assert_eq!(kept["findings"][0]["id"], "edi_syntax");
    assert!(w.store.inbox(InboxState::Waiting, 0, 9).unwrap().is_empty());
}

#[test]
fn a_feed_is_looked_up_compared_and_cut() {
    let mut w = World::new();
    w.now += SignedDuration::from_mins(10);
    let length = |w: &World| w.store.journal(0, 1_000).unwrap().len();
    let stock = |w: &World, source: &str, sku: &str| {
        let key = Key::Stock(SourceId::new(source).unwrap(), countersign_engine::ids::Sku::new(sku).unwrap());
        match w.store.load(&[key]).unwrap().pop().flatten().map(|there| there.record) {
            Some(Record::Stock(stock)) => Some(stock.advised.get()),
            _ => None,
        }
    };
    assert_eq!((stock(&w, "acme", "MUG"), stock(&w, "bolt", "BOWL")), (Some(20), None));
    let before = length(&w);
    let same = w.file("acme", &full_feed("acme", &[("MUG", 10), ("BOWL", 0)], "2026-11-23T15:00:30Z", true));
    assert_eq!((same.report.unchanged, length(&w) - before), (2, 1), "an unchanged feed is one entry");

    let mut mixed =
        full_feed("acme", &[("MUG", 7), ("NOPE", 3), ("MUG", 6), ("BOWL", 1)], "2026-11-23T15:01:00Z", true);
    mixed["documents"][0]["lines"][3]["unit"] = json!("EA");
    let mixed = w.file("acme", &mixed);
    assert_eq!(mixed.state, InboxState::Done);
    assert_eq!(ids(&mixed), ["catalog_unknown_sku", "edi_duplicate", "catalog_unit_mismatch"]);
    let found = &mixed.report.findings[0];
    assert_eq!((found.place.line, found.value.as_deref()), (11, Some("acme-NOPE")));
    assert_eq!(stock(&w, "acme", "MUG"), Some(12), "the smaller figure counts");

    let older = w.file("acme", &full_feed("acme", &[("MUG", 99)], "2026-11-23T15:00:45Z", true));
    assert_eq!(stock(&w, "acme", "MUG"), Some(12), "older advice changes nothing: {older:?}");
    let absent = w.file("acme", &full_feed("acme", &[("BOWL", 1)], "2026-11-23T15:02:00Z", true));
    assert_eq!((absent.state, stock(&w, "acme", "MUG")), (InboxState::Done, Some(0)), "absent from a full feed");
    let empty = w.file("acme", &full_feed("acme", &[], "2026-11-23T15:03:00Z", true));
    assert_eq!((empty.state, stock(&w, "acme", "BOWL")), (InboxState::Quarantined, Some(2)));
    let partial = w.file("acme", &full_feed("acme", &[("MUG", 3)], "2026-11-23T15:04:00Z", false));
    assert_eq!(
        (partial.state, stock(&w, "acme", "BOWL"), stock(&w, "acme", "MUG")),
        (InboxState::Done, Some(2), Some(6))
    );
}

#[test]
fn a_full_feed_is_not_silent_about_an_item_whose_line_it_garbled() {
    let mut w = World::new();
    w.later(5);
    let boxes = |w: &World, sku: &str| stock_of(w, "acme", sku).map(|s| (s.advised.get(), s.in_full_feed));
    w.file("acme", &full_feed("acme", &[("MUG", 9), ("BOWL", 20)], "2026-11-23T15:01:00Z", true));
    assert_eq!(boxes(&w, "BOWL"), Some((40, true)));
    let before = stock_of(&w, "acme", "BOWL").unwrap();
    let mut garbled = full_feed("acme", &[("MUG", 9), ("BOWL", 39)], "2026-11-23T15:02:00Z", true);
    garbled["documents"][0]["lines"][1]["unit"] = json!("CA");
    let read = w.file("acme", &garbled);
    assert_eq!((read.state, ids(&read)), (InboxState::Done, vec!["catalog_unit_mismatch"]));
    assert_eq!(boxes(&w, "BOWL"), Some((40, true)), "left out, and not gone");
    let feed = match w.desk.read(&[Key::Feed(SourceId::new("acme").unwrap())]).unwrap().pop() {
        Some(Some(Record::Feed(feed))) => Some(feed.full_as_of),
        _ => None,
    };
    let after = stock_of(&w, "acme", "BOWL").unwrap();
    assert_eq!(after.confirmed_as_of(feed), before.confirmed_as_of(feed), "nor confirmed by the file");
    let mug = stock_of(&w, "acme", "MUG").unwrap();
    assert_eq!(mug.confirmed_as_of(feed), "2026-11-23T15:02:00Z".parse().unwrap(), "the others are");
}

fn stock_of(w: &World, source: &str, sku: &str) -> Option<Arc<countersign_engine::stock::Stock>> {
    let key = Key::Stock(SourceId::new(source).unwrap(), countersign_engine::ids::Sku::new(sku).unwrap());
    match w.store.load(&[key]).unwrap().pop().flatten().map(|there| there.record) {
        Some(Record::Stock(stock)) => Some(stock),
        _ => None,
    }
}

#[test]
fn receipts_that_add_up_to_more_than_can_be_are_capped() {
    let mut w = World::new();
    let mut large = full_feed("acme", &[("MUG", 1)], "2026-11-23T15:01:00Z", false);
    let receipt = json!({"on": "2026-12-01", "quantity": countersign_engine::measure::QUANTITY_MAX / 2});
    large["documents"][0]["lines"][0]["incoming"] = json!(vec![receipt; 5_000]);
    assert_eq!(w.file("acme", &large).state, InboxState::Done);
    assert_eq!(stock_of(&w, "acme", "MUG").unwrap().incoming.len(), 1);
}

/// The nth call of that name fares as said, or panics.
fn nth_call(w: &World, name: &'static str, nth: usize, fault: Option<Fault>) {
    let mut calls = 0;
    w.store.set_faults(Some(Box::new(move |called| {
        calls += usize::from(called == name);
        match (called == name && calls == nth, fault) {
            (true, Some(fault)) => fault,
            (true, None) => panic!("as rehearsed"),
            (false, _) => Fault::None,
        }
    })));
}

#[test]
fn a_file_that_fails_holds_up_no_other() {
    for (fault, state) in [
        (None, InboxState::Quarantined),
        (Some(Fault::Unreadable), InboxState::Quarantined),
        (Some(Fault::Determinate), InboxState::Waiting),
    ] {
        let mut w = World::new();
        w.place("1001", 2, "Ann");
        w.place("1002", 2, "Ben");
        w.deliver();
        for po in ["1001-1", "1002-1"] {
            let bytes = accept(po, 1).to_string().into_bytes();
            receive(&*w.store, w.now, "source:acme", po, bytes, None).unwrap();
        }
        nth_call(&w, "relate", 1, fault);
        // One at a time: those that fail do not use up the turn.
        while w.status("1002") != "confirmed" {
            assert!(interpret::run(&w.desk, &Plain, w.now, 1).unwrap() > 0, "{fault:?}");
        }
        w.store.set_faults(None);
        assert_eq!(w.store.inbox_entry(3).unwrap().unwrap().state, state, "{fault:?}");
    }
}

#[test]
fn an_errand_that_cannot_be_prepared_holds_up_no_other() {
    for (fault, cases) in [(None, vec!["delivery_failed"]), (Some(Fault::Unreadable), vec![])] {
        let mut w = World::new();
        w.place("1001", 2, "Ann");
        w.place("1002", 2, "Ben");
        nth_call(&w, "person", 1, fault);
        w.deliver();
        w.store.set_faults(None);
        assert_eq!(w.came_ids(), ["1002-1"], "{fault:?}");
        assert!(matches!(w.errand("1001-1").state, ErrandState::Dead { .. }), "{fault:?}");
        assert_eq!(w.open_cases("1001"), cases, "{fault:?}");
    }
}

#[test]
fn a_receipt_that_we_owe_goes_out_once() {
    let mut w = World::new();
    w.file("acme", &json!({"owe": true}));
    w.deliver();
    w.deliver();
    assert_eq!(w.came(), ["@inbox-3.1 1 receipt"]);
}

#[test]
fn the_same_bytes_on_every_try() {
    let mut w = World::new();
    let down = || Delivery::Failed { why: "connection refused".into() };
    w.said_next([down(), down()]);
    w.place("1001", 4, "Ann");
    w.deliver();
    assert_eq!(w.came().len(), 1, "not again at once");
    w.later(1);
    w.deliver();
    w.later(1);
    w.deliver();
    let came = w.came();
    assert_eq!(came.len(), 3);
    assert!(came.iter().all(|paper| *paper == came[0]));
    assert!(matches!(w.errand("1001-1").state, ErrandState::Sent { .. }));
}

#[test]
fn a_lost_reply_is_in_doubt_where_the_channel_may_double() {
    let mut w = World::new();
    w.said_next([Delivery::Unknown { why: "reset".into() }]);
    w.place("1001", 4, "Ann");
    w.deliver();
    assert_eq!(w.open_cases("1001"), ["in_doubt"]);
    w.later(5);
    w.deliver();
    assert_eq!(w.came_ids(), ["1001-1"], "never blindly again");
    let case = w.order("1001").cases[0].id.clone();
    w.want(json!({"deed": "resolve_case", "case": case, "remedy": {"action": "send_again"}}));
    w.deliver();
    let came = w.came();
    assert_eq!((came.len(), &came[1]), (2, &came[0]), "under the same id, the same bytes");
    assert!(w.open_cases("1001").is_empty());
}

#[test]
fn what_was_being_sent_when_we_died_is_in_doubt() {
    for (idempotent, came, cases) in [(false, 1, vec!["in_doubt"]), (true, 2, vec![])] {
        let mut w = World::new();
        w.vendor = Arc::new(Vendor { idempotent, ..Vendor::default() });
        w.place("1001", 4, "Ann");
        // It arrives, and we die before that is written down.
        nth_call(&w, "commit", 1, Some(Fault::Determinate));
        let step = Delivering { desk: &w.desk, dialect: &Plain, backoff: Backoff::default() };
        let vendor: Arc<dyn Connector> = w.vendor.clone();
        step.run(w.now, 100, &|_| Some(vendor.clone())).unwrap_err();
        w.store.set_faults(None);
        assert_eq!(w.came().len(), 1);
        w.later(5);
        w.deliver();
        assert_eq!((w.came().len(), w.open_cases("1001")), (came, cases), "idempotent: {idempotent}");
    }
}

#[test]
fn what_waits_goes_out_in_the_form_of_the_channel_that_is() {
    for (unknown, came, cases) in [(false, 2, vec![]), (true, 1, vec!["in_doubt"])] {
        let mut w = World::new();
        w.vendor = Arc::new(Vendor { idempotent: true, ..Vendor::default() });
        let why = "no answer".to_owned();
        w.said_next([if unknown { Delivery::Unknown { why } } else { Delivery::Failed { why } }]);
        w.place("1001", 4, "Ann");
        w.deliver();
        let mut source = match w.desk.read(&[Key::Source(SourceId::new("acme").unwrap())]).unwrap().pop() {
            Some(Some(Record::Source(source))) => serde_json::to_value(&*source).unwrap(),
            other => panic!("{other:?}"),
        };
        source["channel"]["dialect"] = json!("wms");
        w.want(json!({"deed": "record_source", "source": source}));
        w.later(5);
        w.deliver();
        assert_eq!((w.came().len(), w.open_cases("1001")), (came, cases), "{unknown}");
        if !unknown {
            let papers = w.vendor.came.lock().unwrap();
            assert_eq!([&papers[0].1.media_type, &papers[1].1.media_type], ["text/x12", "text/wms"]);
        }
    }
}

#[test]
fn a_lost_reply_is_tried_again_where_it_cannot_double() {
    let mut w = World::new();
    w.vendor = Arc::new(Vendor { idempotent: true, ..Vendor::default() });
    w.said_next([Delivery::Unknown { why: "reset".into() }]);
    w.place("1001", 4, "Ann");
    w.deliver();
    w.later(1);
    w.deliver();
    assert_eq!(w.came_ids(), ["1001-1", "1001-1"]);
    assert!(w.open_cases("1001").is_empty());
}

#[test]
fn what_is_refused_or_cannot_be_written_asks_a_person() {
    let mut w = World::new();
    w.said_next([Delivery::Refused { why: "400 unknown ship-to".into() }]);
    w.place("1001", 4, "Ann");
    w.place("1002", 4, "unwritable");
    w.deliver();
    assert_eq!((w.open_cases("1001"), w.open_cases("1002")), (vec!["delivery_failed"], vec!["delivery_failed"]));
    assert_eq!(w.came_ids(), ["1001-1"]);
    assert!(w.order("1002").cases[0].sentence.contains("the address does not fit"));
}

#[test]
fn retries_end_and_a_person_is_asked() {
    let mut w = World::new();
    w.said_next((0..20).map(|_| Delivery::Failed { why: "connection refused".into() }));
    w.place("1001", 4, "Ann");
    for _ in 0..20 {
        w.deliver();
        w.later(30);
    }
    assert!(w.open_cases("1001").contains(&"delivery_failed"), "{:?}", w.open_cases("1001"));
    assert_eq!(w.came().len(), 20);
    assert!(matches!(w.errand("1001-1").state, ErrandState::Dead { .. }));
}

#[test]
fn a_cancellation_never_overtakes_its_order() {
    let mut w = World::new();
    w.said_next([Delivery::Failed { why: "connection refused".into() }]);
    w.place("1001", 4, "Ann");
    w.deliver();
    w.want(json!({"deed": "cancel_order", "order": "1001", "reason": "cancel_customer"}));
    for _ in 0..5 {
        w.later(1);
        w.deliver();
    }
    assert_eq!(w.came_ids(), ["1001-1"], "what never went out is not sent any more, nor cancelled there");
    assert_eq!(w.status("1001"), "cancelled");
}

#[test]
fn a_cancellation_follows_what_may_have_arrived() {
    let mut w = World::new();
    w.place("1001", 4, "Ann");
    w.deliver();
    w.want(json!({"deed": "cancel_order", "order": "1001", "reason": "cancel_customer"}));
    w.deliver();
    assert_eq!(w.came_ids(), ["1001-1", "1001-1.cancel.1"]);
    let answer = json!({"document": "cancellation_answer", "po": "1001-1", "accepted": true});
    w.file("acme", &json!({"documents": [answer]}));
    assert_eq!(w.status("1001"), "cancelled");
}

#[test]
fn quotes_come_from_memory_and_from_what_is_said_now() {
    use crate::quote::Enquiry;
    use countersign_engine::quote::{Cart, CartLine};
    let w = World::new();
    let line = CartLine {
        sku: countersign_engine::ids::Sku::new("MUG").unwrap(),
        quantity: countersign_engine::measure::Quantity::new(16),
    };
    let destination = serde_json::from_value(json!({"country": "US"})).unwrap();
    let cart = Cart { lines: vec![line], destination, service_level: "standard".into() };
    let mut enquiry = Enquiry::open(&w.desk, cart).unwrap();
    let asked: Vec<String> = enquiry.askable().iter().map(|(s, items)| format!("{} {}", s.id, items[0])).collect();
    assert_eq!(asked, ["acme acme-MUG", "bolt bolt-MUG"]);
    let stored = enquiry.quote(w.now, &Default::default());
    assert_eq!((stored[0].promisable.get(), stored[0].sources.len(), stored[0].live), (16, 1, false));
    let acme = SourceId::new("acme").unwrap();
    enquiry.answered(&acme, &[("acme-MUG".parse().unwrap(), 5)]);
    let live = enquiry.quote(w.now, &Default::default());
    assert_eq!((live[0].promisable.get(), live[0].sources.len()), (16, 2), "acme has ten now, bolt the rest");
    let answers = w.desk.handle(w.now, enquiry.reports(w.now).into_iter().map(Request::new).collect());
    assert!(answers[0][0].done().is_some(), "{answers:?}");
    let loads = w.desk.counted().store_loads;
    enquiry = Enquiry::open(&w.desk, enquiry_cart()).unwrap();
    enquiry.quote(w.now, &Default::default());
    assert_eq!(w.desk.counted().store_loads, loads, "nothing is read twice");
}

fn enquiry_cart() -> countersign_engine::quote::Cart {
    serde_json::from_value(json!({"lines": [{"sku": "MUG", "quantity": 1}], "destination": {"country": "US"},
                                  "service_level": "standard"}))
    .unwrap()
}

#[test]
fn a_spoiled_record_or_entry_is_found() {
    let w = World::new();
    let copy = w.store.fork();
    copy.spoil(5, |row| row.body = row.body.replace("4.00", "3.00"));
    let findings = audit(&copy, true).unwrap();
    assert!(!findings.differences.is_empty());
}
