//! The auditor: counts units on its own, from the journal's events and the vendors' own books, and believes nobody.
//!
//! Knows the rules of `domain.md`, not the engine's way of keeping them.

use crate::vendor::Vendor;
use countersign_engine::event::{Event, HeldAs};
use countersign_engine::journal::Entry;
use countersign_engine::order::Status;
use countersign_engine::slice::{Key, Record};
use countersign_runtime::chain::{GENESIS, Hash, link};
use countersign_runtime::memory::MemoryStore;
use countersign_runtime::ports::{InboxState, Store};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// One hold, as the auditor keeps it.
#[derive(Debug, Clone, Copy)]
struct Held {
    units: u32,
    /// When it became firm; soft before.
    firm_at: Option<Timestamp>,
    on_shelf: bool,
}

/// The auditor's books.
#[derive(Default)]
pub struct Auditor {
    position: u64,
    hash: Option<Hash>,
    /// Advised units and the time of the figure, by source and item.
    advised: BTreeMap<(String, String), (u32, Timestamp)>,
    /// Holds by source, item, order and assignment.
    holds: BTreeMap<(String, String), BTreeMap<(String, u32), Held>>,
    /// Ordered, cancelled, committed units by order and line.
    lines: BTreeMap<(String, String), (u32, u32, u32)>,
    /// Orders with a case that names what went wrong in the world.
    warned: BTreeMap<String, Vec<String>>,
    /// What broke a rule.
    pub faults: Vec<String>,
}

impl Auditor {
    /// Reads on in the journal.
    pub fn follow(&mut self, store: &MemoryStore) {
        let Ok(rows) = store.journal(self.position, u32::MAX) else { return };
        for row in rows {
            let previous = self.hash.unwrap_or(GENESIS);
            if row.position != self.position + 1 || link(&previous, row.position, row.body.as_bytes()) != row.hash {
                self.faults.push(format!("the chain breaks at entry {}", row.position));
            }
            self.position = row.position;
            self.hash = Some(row.hash);
            match serde_json::from_str::<Entry>(&row.body) {
                Ok(entry) => entry.events.iter().for_each(|event| self.count(entry.at, row.position, event)),
                Err(why) => self.faults.push(format!("entry {} cannot be read: {why}", row.position)),
            }
        }
    }

    fn count(&mut self, at: Timestamp, position: u64, event: &Event) {
        match event {
            Event::AdviceRecorded { source, as_of, lines, .. } => {
                for line in lines {
                    self.advised.insert((source.to_string(), line.sku.to_string()), (line.quantity.get(), *as_of));
                }
            }
            Event::OrderCaptured { order, lines, .. } => {
                for line in lines {
                    self.lines.insert((order.to_string(), line.id.to_string()), (line.quantity.get(), 0, 0));
                }
            }
            Event::HoldPlaced { order, assignment, source, sku, quantity, incoming, .. } => {
                let key = (source.to_string(), sku.to_string());
                let held = Held { units: quantity.get(), firm_at: None, on_shelf: incoming.is_none() };
                self.holds.entry(key.clone()).or_default().insert((order.to_string(), *assignment), held);
                self.no_oversell(position, &key);
            }
            Event::HoldFirmed { order, assignment, source, sku, quantity, from, .. } => {
                let holds = self.holds.entry((source.to_string(), sku.to_string())).or_default();
                let known = holds.entry((order.to_string(), *assignment)).or_insert(Held {
                    units: 0,
                    firm_at: None,
                    on_shelf: true,
                });
                known.units = quantity.get();
                if !matches!(from, HeldAs::Firm(_)) {
                    known.firm_at = Some(at);
                }
            }
            Event::HoldReleased { order, assignment, source, sku, quantity, .. } => {
                let holds = self.holds.entry((source.to_string(), sku.to_string())).or_default();
                if let Some(known) = holds.get_mut(&(order.to_string(), *assignment)) {
                    known.units = known.units.saturating_sub(quantity.get());
                }
            }
            Event::LineCommitted { order, line, quantity, .. } => {
                self.commit(position, order.as_str(), line.as_str(), i64::from(quantity.get()))
            }
            Event::LineUncommitted { order, line, quantity, .. } => {
                self.commit(position, order.as_str(), line.as_str(), -i64::from(quantity.get()))
            }
            Event::LineCancelled { order, line, quantity, .. } => {
                if let Some(known) = self.lines.get_mut(&(order.to_string(), line.to_string())) {
                    known.1 += quantity.get();
                    if known.1 > known.0 {
                        self.faults
                            .push(format!("entry {position}: more of {order}/{line} is cancelled than was ordered"));
                    }
                }
            }
            Event::CaseOpened { case } => {
                if let Some((parent, _)) = case.id.as_str().rsplit_once('-') {
                    self.warned.entry(parent.to_owned()).or_default().push(case.kind.code().to_owned());
                }
            }
            _ => {}
        }
    }

    /// Σ live holds that the advice does not contain yet ≤ advised, at every placement.
    fn no_oversell(&mut self, position: u64, key: &(String, String)) {
        let Some((advised, as_of)) = self.advised.get(key).copied() else {
            self.faults.push(format!("entry {position}: a hold on {key:?}, which was never advised"));
            return;
        };
        let contained = |held: &Held| held.firm_at.is_some_and(|firm| firm < as_of);
        let held: u32 = self.holds[key].values().filter(|h| h.on_shelf && !contained(h)).map(|h| h.units).sum();
        if held > advised {
            self.faults.push(format!("entry {position}: {held} units of {key:?} are held, {advised} were advised"));
        }
    }

    /// Never more committed than ordered.
    fn commit(&mut self, position: u64, order: &str, line: &str, units: i64) {
        let Some(known) = self.lines.get_mut(&(order.to_owned(), line.to_owned())) else { return };
        let committed = i64::from(known.2) + units;
        if committed < 0 || committed > i64::from(known.0) {
            self.faults
                .push(format!("entry {position}: {committed} of {} units of {order}/{line} are committed", known.0));
        }
        known.2 = u32::try_from(committed.max(0)).unwrap_or(0);
    }

    /// At rest: the vendors' books against ours, and nobody forgotten.
    pub fn close(&mut self, store: &MemoryStore, vendors: &[Vendor]) {
        for vendor in vendors {
            self.faults.extend(vendor.complaints.iter().map(|c| format!("vendor {}: {c}", vendor.id)));
        }
        self.shipped_once(vendors);
        for (key, versioned) in store.records() {
            if let (Key::Order(_), Record::Order(order)) = (&key, &versioned.record) {
                let waits = order.wake_at().is_some() || order.on_hold.is_some();
                let asks = order.cases.iter().any(|c| c.is_open()) || order.approvals.iter().any(|a| a.is_open());
                let rests = matches!(order.status(), Status::Cancelled | Status::Shipped | Status::Delivered);
                if !(rests || waits || asks) {
                    self.faults.push(format!(
                        "order {} is {:?} and nobody will ever look at it again",
                        order.id,
                        order.status()
                    ));
                }
                for line in &order.lines {
                    let (ordered, cancelled, committed) =
                        self.lines.get(&(order.id.to_string(), line.id.to_string())).copied().unwrap_or_default();
                    let tally = order.tally(line);
                    if tally.committed.get() > committed
                        || tally.cancelled.get() != cancelled
                        || tally.ordered.get() != ordered
                    {
                        self.faults.push(format!("order {} line {}: the tally is {tally:?}; counted {ordered} ordered, {cancelled} cancelled, {committed} committed", order.id, line.id));
                    }
                }
            }
        }
        if let Ok(waiting) = store.inbox(InboxState::Waiting, 0, 10)
            && !waiting.is_empty()
        {
            self.faults.push(format!("{} files still wait to be interpreted", waiting.len()));
        }
    }

    /// What vendors shipped of one line is at most what was ordered, unless a case says so.
    fn shipped_once(&mut self, vendors: &[Vendor]) {
        let mut shipped: BTreeMap<(String, String), u32> = BTreeMap::new();
        for known in vendors.iter().flat_map(|v| v.orders.iter()) {
            let Some((order, _)) = known.0.rsplit_once('-') else { continue };
            for (line, packs) in &known.1.shipped {
                *shipped.entry((order.to_owned(), line.clone())).or_default() +=
                    u32::try_from(*packs).unwrap_or(u32::MAX);
            }
        }
        for ((order, line), units) in shipped {
            let ordered = self.lines.get(&(order.clone(), line.clone())).map_or(0, |l| l.0);
            let told = self.warned.get(&order).is_some_and(|kinds| {
                kinds.iter().any(|k| {
                    [
                        "double_supply",
                        "shipped_after_cancel",
                        "cannot_withdraw",
                        "answer_mismatch",
                        "cancel_overdue",
                        "late_answer",
                    ]
                    .contains(&k.as_str())
                })
            });
            if units > ordered && !told {
                self.faults
                    .push(format!("{units} of {ordered} units of {order}/{line} were shipped, and nobody was told"));
            }
        }
    }
}
