//! Tests of the machinery around the head, with a head that knows one trick: it takes one unit of stock per order.

use crate::desk::{Desk, Head, Settings};
use crate::memory::{Fault, MemoryStore};
use crate::ports::{Answer, Commit, PersonRow, Store, Write};
use crate::request::{Attachments, FailureKind, Handled, Once, Request};
use countersign_engine::command::{Actor, CaptureOrder, Command, Deed};
use countersign_engine::decide::Decision;
use countersign_engine::effect::Effect;
use countersign_engine::event::Event;
use countersign_engine::ids::{OrderId, Sku, SourceId};
use countersign_engine::measure::Quantity;
use countersign_engine::order::Order;
use countersign_engine::policy::Mode;
use countersign_engine::reason::Reason;
use countersign_engine::refusal::{Refusal, RefusalKind};
use countersign_engine::slice::{Key, Record, Slice};
use countersign_engine::source::Region;
use countersign_engine::stock::Stock;
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::sync::Arc;

const HEAD: Head = Head { needs, decide };

fn needs(_: &Slice, command: &Command) -> BTreeSet<Key> {
    match &command.deed {
        Deed::CaptureOrder(c) => BTreeSet::from([Key::Order(c.id.clone()), shelf()]),
        Deed::HoldOrder { order, .. } => BTreeSet::from([Key::Order(order.clone())]),
        _ => BTreeSet::new(),
    }
}

fn decide(slice: &Slice, now: Timestamp, command: &Command) -> Result<Decision, Refusal> {
    match &command.deed {
        Deed::CaptureOrder(c) if c.sales_channel == "cursed" => panic!("order {} is cursed", c.id),
        Deed::CaptureOrder(c) => capture(slice, now, c),
        _ => Err(Refusal::new(RefusalKind::NotNow, "I know one trick")),
    }
}

fn capture(slice: &Slice, now: Timestamp, c: &CaptureOrder) -> Result<Decision, Refusal> {
    if let Some(order) = slice.order(&c.id) {
        return match order.fingerprint == c.fingerprint {
            true => Ok(Decision { after: slice.clone(), ..Decision::default() }),
            false => Err(Refusal::new(RefusalKind::OrderConflict, "another order has this id")),
        };
    }
    let Key::Stock(source, sku) = shelf() else { unreachable!() };
    let mut stock = slice.stock(&source, &sku).cloned().expect("the shelf is there");
    if stock.advised <= stock.soft {
        return Err(Refusal::new(RefusalKind::SoldOut, "sold out"));
    }
    stock.soft += Quantity::new(1);
    let order = order(now, c);
    let captured = Event::OrderHeld { order: c.id.clone(), reason: Reason::ManualHold };
    let effect = Effect::SendPurchaseOrder { order: c.id.clone(), purchase_order: 1, source };
    let after = Slice::new([
        (Key::Order(c.id.clone()), Some(Record::Order(Arc::new(order)))),
        (shelf(), Some(Record::Stock(Arc::new(stock)))),
    ]);
    Ok(Decision { events: vec![captured], effects: vec![effect], after, policy: 1 })
}

fn order(now: Timestamp, c: &CaptureOrder) -> Order {
    Order {
        id: c.id.clone(),
        placed_at: c.placed_at,
        captured_at: now,
        sales_channel: c.sales_channel.clone(),
        destination: c.destination.clone(),
        service_level: c.service_level.clone(),
        requested_on: None,
        fingerprint: c.fingerprint.clone(),
        mode: Mode::Enforce,
        policy: 1,
        on_hold: None,
        rounds: 0,
        lines: vec![],
        assignments: vec![],
        purchase_orders: vec![],
        shipments: vec![],
        approvals: vec![],
        cases: vec![],
        messages: vec![],
    }
}

fn shelf() -> Key {
    Key::Stock(SourceId::new("acme").unwrap(), Sku::new("MUG").unwrap())
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

fn command(id: &str, channel: &str, fingerprint: &str) -> Command {
    let capture = CaptureOrder {
        id: OrderId::new(id).unwrap(),
        placed_at: at(0),
        sales_channel: channel.into(),
        destination: Region { country: "US".into(), region: None, postal_code: None },
        service_level: "standard".into(),
        requested_on: None,
        fingerprint: fingerprint.into(),
        lines: vec![],
    };
    Command { by: Actor::Engine, deed: Deed::CaptureOrder(capture) }
}

fn place(id: &str) -> Request {
    Request::new(command(id, "web", "one"))
}

/// A store with so many mugs, and a desk over it.
fn world(mugs: u32) -> (Arc<MemoryStore>, Desk) {
    let store = Arc::new(MemoryStore::new());
    let Key::Stock(source, sku) = shelf() else { unreachable!() };
    let stock = Stock { advised: Quantity::new(mugs), ..Stock::unadvised(source, sku) };
    let write = Write { key: shelf(), expected: 0, record: Some(Record::Stock(Arc::new(stock))) };
    store.commit(&Commit { writes: vec![write], ..Commit::default() }).unwrap();
    let desk = desk(&store);
    (store, desk)
}

fn desk(store: &Arc<MemoryStore>) -> Desk {
    Desk::with_head(store.clone(), Settings::default(), HEAD).unwrap()
}

fn words(answers: &[Vec<Handled>]) -> String {
    let word = |handled: &Handled| match handled {
        Handled::Done(done) => done.position.map_or("same".to_owned(), |p| format!("done@{p}")),
        Handled::Refused(refusal) => format!("refused: {refusal}"),
        Handled::Parked { words } => format!("parked: {words}"),
        Handled::Failed(failure) => format!("failed: {failure}"),
        Handled::Again(answer) => format!("again: {}", answer.body),
        Handled::KeyReused => "key reused".to_owned(),
    };
    answers.iter().flatten().map(word).collect::<Vec<_>>().join(" | ")
}

fn held(store: &MemoryStore) -> u32 {
    match &store.load(&[shelf()]).unwrap()[0].as_ref().unwrap().record {
        Record::Stock(stock) => stock.soft.get(),
        _ => unreachable!(),
    }
}

#[test]
fn one_commit_for_all_and_each_sees_what_came_before() {
    let (store, desk) = world(2);
    let conflict = Request::new(command("1", "web", "two"));
    let answers = desk.handle(at(1), vec![place("1"), place("1"), place("2"), place("3"), conflict]);
    assert_eq!(words(&answers), "done@1 | same | done@2 | refused: sold out | refused: another order has this id");
    assert_eq!(store.journal(0, 10).unwrap().len(), 2);
    assert_eq!(held(&store), 2);
    assert_eq!(store.all_errands().len(), 2);
    let counted = desk.counted();
    assert_eq!((counted.commits, counted.commands_done, counted.commands_refused), (1, 3, 2));
    assert!(answers[1][0].done().unwrap().order(&OrderId::new("1").unwrap()).is_some(), "the order comes with it");
}

#[test]
fn a_bug_parks_one_order_and_the_others_go_on() {
    let (store, desk) = world(5);
    let cursed = Request::new(command("13", "cursed", "one"));
    let answers = desk.handle(at(1), vec![place("1"), cursed, place("2")]);
    assert_eq!(words(&answers), "done@1 | parked: order 13 is cursed | done@2");
    assert_eq!(held(&store), 2);
    assert_eq!(desk.parked().into_keys().map(|o| o.to_string()).collect::<Vec<_>>(), ["13"]);
}

#[test]
fn a_cursed_finish_fails_its_batch_and_the_desk_goes_on() {
    let (store, desk) = world(5);
    let cursed = place("1").finishing(|_| panic!("no end"));
    assert_eq!(words(&desk.handle(at(1), vec![cursed])), "failed: a bug of ours: no end");
    assert_eq!(held(&store), 0);
    assert_eq!(words(&desk.handle(at(2), vec![place("1")])), "done@1");
}

#[test]
fn what_moved_on_elsewhere_is_read_again() {
    let (store, here) = world(3);
    let there = desk(&store);
    assert_eq!(words(&here.handle(at(1), vec![place("1")])), "done@1");
    assert_eq!(words(&there.handle(at(2), vec![place("2")])), "done@2");
    assert_eq!(words(&here.handle(at(3), vec![place("3"), place("4")])), "done@3 | refused: sold out");
    assert_eq!(here.counted().conflicts, 1);
    assert_eq!(held(&store), 3);
}

#[test]
fn a_shared_desk_follows_the_others() {
    let (store, _) = world(3);
    let shared = Settings { shared: true, ..Settings::default() };
    let here = Desk::with_head(store.clone(), shared, HEAD).unwrap();
    here.handle(at(1), vec![place("1")]);
    desk(&store).handle(at(2), vec![place("2")]);
    here.handle(at(3), vec![place("3")]);
    assert_eq!(here.follow().unwrap(), 0);
    assert_eq!(held(&store), 3);
}

#[test]
fn a_lost_answer_is_read_back() {
    for (fault, expected) in [(Fault::LostAnswer, "done@1"), (Fault::LostCall, "done@1")] {
        let (store, desk) = world(3);
        let mut faults = vec![fault];
        store.set_faults(Some(Box::new(move |call| match call {
            "commit" => faults.pop().unwrap_or_default(),
            _ => Fault::None,
        })));
        assert_eq!(words(&desk.handle(at(1), vec![place("1")])), expected, "{fault:?}");
        assert_eq!((held(&store), store.journal(0, 9).unwrap().len()), (1, 1), "{fault:?}");
        assert_eq!(words(&desk.handle(at(2), vec![place("2")])), "done@2", "{fault:?}");
    }
}

#[test]
fn a_full_disk_stops_the_desk_until_the_store_is_ready() {
    let (store, desk) = world(3);
    store.set_faults(Some(Box::new(|call| if call == "load" { Fault::None } else { Fault::Unwritable })));
    for second in 1..3 {
        let answers = desk.handle(at(second), vec![place("1"), place("2")]);
        let kinds: Vec<_> = answers.iter().map(|a| a[0].failure().unwrap().kind).collect();
        assert_eq!(kinds, [FailureKind::Unwritable, FailureKind::Unwritable]);
    }
    store.set_faults(None);
    assert_eq!(words(&desk.handle(at(3), vec![place("1")])), "done@1");
}

#[test]
fn one_request_the_store_cannot_take_does_not_spoil_the_others() {
    let (store, desk) = world(9);
    let inner = store.clone();
    let mut commits = 0;
    // The store refuses every commit until a batch is down to one order; then it refuses the first of these.
    store.set_faults(Some(Box::new(move |call| {
        commits += usize::from(call == "commit");
        let _ = &inner;
        if call == "commit" && commits <= 3 { Fault::Determinate } else { Fault::None }
    })));
    let answers = desk.handle(at(1), (1..=4).map(|n| place(&n.to_string())).collect());
    assert_eq!(words(&answers), "failed: the store refused: commit, as rehearsed | done@1 | done@2 | done@3");
    assert_eq!(held(&store), 3);
    store.set_faults(None);
}

#[test]
fn the_first_answer_is_given_again() {
    let (store, desk) = world(9);
    let ask = |id: &str, fingerprint: &str| {
        let once = Once { key: "shop:k1".into(), fingerprint: fingerprint.into() };
        let (kept, id) = (once.clone(), id.to_owned());
        place(&id).once(once, move |handled| {
            handled[0].done()?;
            let (key, fingerprint) = (kept.key.clone(), kept.fingerprint.clone());
            Some(Answer { key, fingerprint, status: 201, body: format!("order {id}"), at: at(1) })
        })
    };
    let answers = desk.handle(at(1), vec![ask("1", "a"), ask("1", "a"), ask("2", "b")]);
    assert_eq!(words(&answers), "done@1 | again: order 1 | key reused");
    assert_eq!(words(&desk.handle(at(2), vec![ask("1", "a")])), "again: order 1");
    assert_eq!(held(&store), 1);
}

#[test]
fn people_and_attachments_share_the_commit() {
    let (store, desk) = world(1);
    let person = |id: &str| PersonRow { order: OrderId::new(id).unwrap(), body: "{}".into() };
    let seen = |handled: &[Handled]| {
        assert_eq!(handled.len(), 1);
        Attachments {
            sent: vec![("1-1".into(), crate::ports::ErrandState::Sent { at: at(1) })],
            ..Attachments::default()
        }
    };
    let requests = vec![place("1").with_person(person("1")), place("2").with_person(person("2")).finishing(seen)];
    assert_eq!(words(&desk.handle(at(1), requests)), "done@1 | refused: sold out");
    assert!(store.person(&OrderId::new("1").unwrap()).unwrap().is_some());
    assert!(store.person(&OrderId::new("2").unwrap()).unwrap().is_none(), "a refused order leaves nothing");
    assert_eq!(store.next_errand().unwrap(), None, "the errand is settled in the same commit");
}

#[test]
fn no_oversell_by_two_desks_and_eight_threads() {
    let (store, first) = world(100);
    let desks = [Arc::new(first), Arc::new(desk(&store))];
    let buy = |desk: &Desk, thread: usize| -> usize {
        let one = |n: usize| {
            let requests = (0..3).map(|k| place(&format!("{thread}-{n}-{k}"))).collect();
            let answers = desk.handle(at(1), requests);
            assert!(answers.iter().flatten().all(|a| a.done().is_some() || a.refusal().is_some()), "{answers:?}");
            answers.iter().flatten().filter(|a| a.done().is_some()).count()
        };
        (0..15).map(one).sum()
    };
    let sold: usize = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|t| (t, desks[t % 2].clone())).collect();
        let running: Vec<_> = threads.into_iter().map(|(t, desk)| scope.spawn(move || buy(&desk, t))).collect();
        running.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!((sold, held(&store)), (100, 100));
    assert_eq!(store.journal(0, 1_000).unwrap().len(), 100);
}

/// Batches are decided while the one before them is written; whatever becomes of that one, none is decided on what
/// never was.
#[test]
fn no_oversell_by_eight_threads_whose_commits_fail() {
    let (store, desk) = world(100);
    let mut commits = 0_u32;
    store.set_faults(Some(Box::new(move |call| {
        if call != "commit" {
            return Fault::None;
        }
        commits += 1;
        // Slow enough that the next batch is decided meanwhile.
        std::thread::sleep(std::time::Duration::from_micros(300));
        match commits % 9 {
            2 => Fault::Determinate,
            4 => Fault::LostAnswer,
            7 => Fault::LostCall,
            _ => Fault::None,
        }
    })));
    let buy = |thread: usize| -> Vec<u64> {
        let one = |n: usize| {
            let answers = desk.handle(at(1), (0..2).map(|k| place(&format!("{thread}-{n}-{k}"))).collect());
            let known = |a: &Handled| a.done().is_some() || a.refusal().is_some() || a.failure().is_some();
            assert!(answers.iter().flatten().all(known), "{answers:?}");
            answers.iter().flatten().filter_map(|a| a.done()?.position).collect::<Vec<u64>>()
        };
        (0..20).flat_map(one).collect()
    };
    let positions: Vec<u64> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..8).map(|thread| scope.spawn(move || buy(thread))).collect();
        running.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    store.set_faults(None);
    let rows = store.journal(0, 1_000).unwrap();
    assert_eq!(held(&store), 100, "every unit is sold once, and none twice");
    assert_eq!(rows.len(), 100);
    let distinct: BTreeSet<u64> = positions.iter().copied().collect();
    assert_eq!(distinct.len(), positions.len(), "no two orders stand at one place of the journal");
}
