//! From an entry of the journal to letters: who has to hear of it, and what.
//!
//! Writes no text and knows no address of a customer. The same entry makes the same letters, with the same ids.

use super::kinds::Kind;
use super::letter::{Letter, Recipient};
use super::settings::{Settings, contacts};
use crate::auth::{Person, Purpose, list_people, may_answer};
use crate::office::Office;
use countersign_engine::approval::Approval;
use countersign_engine::case::{Case, Remedy};
use countersign_engine::command::{Actor, Role};
use countersign_engine::event::Event;
use countersign_engine::ids::{CaseId, CaseSubject, LineId, OrderId, PoNumber, SourceId};
use countersign_engine::journal::Entry;
use countersign_engine::message::{Addressee, Message};
use countersign_engine::order::{ClockKind, Order, PurchaseOrder};
use countersign_engine::promise::{Promise, PromiseState};
use countersign_engine::reason::Reason;
use countersign_engine::slice::{Key, Record};
use countersign_engine::source::{Dialect, Source};
use countersign_runtime::paper;
use countersign_runtime::ports::{JournalRow, Store, StoreError};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How long the link in a purchase order's mail may be used, at least and at most. Within that it ends with the clock.
const ORDER_LINK_MIN: SignedDuration = SignedDuration::from_hours(1);
const ORDER_LINK_MAX: SignedDuration = SignedDuration::from_hours(24 * 7);

/// Types of events that lead to letters, as they stand in the journal's text: other entries are not even parsed.
const MARKS: &[&str] = &[
    "purchase_order.sent",
    "purchase_order.reminded",
    "purchase_order.cancellation_requested",
    "sla.warned",
    "sla.breached",
    "assignment.withdrawn",
    "case.assigned",
    "case.escalated",
    "case.resolved",
    "approval.asked",
    "promise.made",
    "promise.confirmed",
    "promise.revised",
    "line.waiting",
    "line.cancelled",
    "message.written",
];

/// The letters of one entry. Blocks.
///
/// # Errors
/// The store cannot be read.
pub(super) fn letters(office: &Office, settings: &Settings, row: &JournalRow) -> Result<Vec<Letter>, StoreError> {
    if !MARKS.iter().any(|mark| row.body.contains(mark)) {
        return Ok(vec![]);
    }
    let Ok(entry) = serde_json::from_str::<Entry>(&row.body) else { return Ok(vec![]) };
    let mut desk = Composing { office, settings, entry: &entry, made: BTreeMap::new(), people: None };
    desk.vendors()?;
    desk.staff()?;
    desk.customers()?;
    let number =
        |letter: Letter| Letter { id: format!("{}.{}", row.position, letter.id), position: row.position, ..letter };
    Ok(desk.made.into_values().map(number).collect())
}

struct Composing<'a> {
    office: &'a Office,
    settings: &'a Settings,
    entry: &'a Entry,
    made: BTreeMap<String, Letter>,
    people: Option<Vec<Person>>,
}

impl Composing<'_> {
    fn store(&self) -> &dyn Store {
        self.office.store().as_ref()
    }

    fn record(&self, key: Key) -> Result<Option<Record>, StoreError> {
        Ok(self.office.desk().read(&[key])?.pop().flatten())
    }

    fn order(&self, id: &OrderId) -> Result<Option<Arc<Order>>, StoreError> {
        Ok(match self.record(Key::Order(id.clone()))? {
            Some(Record::Order(order)) => Some(order),
            _ => None,
        })
    }

    fn source(&self, id: &SourceId) -> Result<Option<Arc<Source>>, StoreError> {
        Ok(match self.record(Key::Source(id.clone()))? {
            Some(Record::Source(source)) => Some(source),
            _ => None,
        })
    }

    fn people(&mut self) -> Result<Vec<Person>, StoreError> {
        if self.people.is_none() {
            self.people = Some(list_people(self.store())?);
        }
        Ok(self.people.clone().unwrap_or_default())
    }

    /// Keeps a letter; one per kind, subject and recipient, whatever else the entry says of them.
    fn keep(&mut self, subject: &str, letter: Letter) {
        if !self.settings.wants(letter.kind) {
            return;
        }
        let whom = match &letter.to {
            Recipient::Contact { mail, .. } => mail.clone(),
            Recipient::Person { name } => name.clone(),
            Recipient::Customer { .. } => "customer".into(),
        };
        // Ids go into headers and logs: addresses do not.
        let whom = crate::auth::tag_of(&whom);
        let id = format!("{}.{subject}.{whom}", letter.kind.code());
        let due = self.settings.not_before(letter.kind, letter.due);
        self.made.insert(id.clone(), Letter { id, due, ..letter });
    }

    fn vendors(&mut self) -> Result<(), StoreError> {
        for event in &self.entry.events {
            match event {
                Event::PurchaseOrderSent { order, purchase_order, .. } => {
                    self.about_order(Kind::VendorOrder, order, *purchase_order)?;
                }
                Event::PurchaseOrderReminded { order, purchase_order, .. } => {
                    self.about_order(Kind::VendorReminder, order, *purchase_order)?;
                }
                Event::CaseResolved { case, resolution } if resolution.remedy == Some(Remedy::SendAgain) => {
                    if let Some((order, found)) = self.case(case)?
                        && let Some(ordinal) = found.purchase_order
                    {
                        self.about_order(Kind::VendorOrder, &order, ordinal)?;
                    }
                }
                Event::CancellationRequested { order, purchase_order, reason, .. } => {
                    self.stop(order, *purchase_order, *reason)?;
                }
                Event::SlaWarned { order, purchase_order, clock, due, .. }
                | Event::SlaBreached { order, purchase_order, clock, due, .. } => {
                    self.escalate(order, *purchase_order, *clock, *due)?;
                }
                Event::MessageWritten { order, message } => self.pass_on(order, message)?,
                Event::AssignmentWithdrawn { order, assignment, reason, .. } => {
                    self.close(order, *assignment, *reason)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The purchase order with its source and whom to write to; nothing if nobody is to be written to.
    fn addressed(&self, order: &OrderId, ordinal: u32) -> Result<Option<Addressed>, StoreError> {
        let Some(order) = self.order(order)? else { return Ok(None) };
        let Some(po) = order.purchase_order(ordinal).cloned() else { return Ok(None) };
        let Some(source) = self.source(&po.source)? else { return Ok(None) };
        let mail = contacts(self.store(), &po.source)?.mail;
        Ok((!mail.is_empty()).then_some(Addressed { order, po, source, mail }))
    }

    fn about_order(&mut self, kind: Kind, order: &OrderId, ordinal: u32) -> Result<(), StoreError> {
        let Some(found) = self.addressed(order, ordinal)? else { return Ok(()) };
        if !found.on_portal() {
            return Ok(());
        }
        for letter in found.letters(kind, self.entry.at) {
            self.keep(found.po.number.as_str(), letter.fact("lines", found.lines()).fact("due", found.due()));
        }
        Ok(())
    }

    fn stop(&mut self, order: &OrderId, ordinal: u32, reason: Reason) -> Result<(), StoreError> {
        let Some(found) = self.addressed(order, ordinal)?.filter(Addressed::on_portal) else { return Ok(()) };
        for letter in found.letters(Kind::VendorStop, self.entry.at) {
            self.keep(found.po.number.as_str(), letter.fact("why", reason.sentence()));
        }
        Ok(())
    }

    fn escalate(&mut self, order: &OrderId, ordinal: u32, clock: ClockKind, due: Timestamp) -> Result<(), StoreError> {
        // Receipts are the business of machines.
        if clock == ClockKind::Receipt {
            return Ok(());
        }
        let Some(found) = self.addressed(order, ordinal)? else { return Ok(()) };
        for letter in found.letters(Kind::VendorEscalation, self.entry.at) {
            let letter = letter.fact("what", what(clock)).fact("due", at(&found.source, due));
            self.keep(found.po.number.as_str(), letter);
        }
        Ok(())
    }

    /// Closed by us, not by the vendor's own word, and nothing of it is left to ship.
    fn close(&mut self, order: &OrderId, assignment: u32, reason: Reason) -> Result<(), StoreError> {
        if matches!(self.entry.command.by, Actor::Source { .. }) {
            return Ok(());
        }
        let Some(record) = self.order(order)? else { return Ok(()) };
        let Some(ordinal) = record.assignment(assignment).and_then(|a| a.purchase_order) else { return Ok(()) };
        let over = !record.of_purchase_order(ordinal).any(|a| a.phase.supplies());
        let Some(found) = self.addressed(order, ordinal)?.filter(|f| over && f.on_portal()) else { return Ok(()) };
        for letter in found.letters(Kind::VendorClosing, self.entry.at) {
            let letter = Letter { link: None, ..letter };
            self.keep(found.po.number.as_str(), letter.fact("why", reason.sentence()));
        }
        Ok(())
    }

    /// What a person wrote. The words stand with the order's personal data until the letter goes out.
    fn pass_on(&mut self, id: &OrderId, message: &Message) -> Result<(), StoreError> {
        let subject = format!("{id}.{}", message.id);
        let about = |letter: Letter| letter.fact("order", id.as_str()).saying(id.clone(), message.id.clone());
        let po = match &message.to {
            Addressee::Source { po } => po,
            Addressee::Customer => {
                let to = Recipient::Customer { order: id.clone() };
                let letter = Letter::new(String::new(), Kind::CustomerMessage, to, self.entry.at);
                self.keep(&subject, about(letter).fact("shop", self.settings.shop.as_str()));
                return Ok(());
            }
            // Its case says so to whom it is given.
            Addressee::Retailer { .. } => return Ok(()),
        };
        let Some((order, ordinal)) = po.split() else { return Ok(()) };
        let Some(found) = self.addressed(&order, ordinal)? else { return Ok(()) };
        for letter in found.letters(Kind::VendorMessage, self.entry.at) {
            self.keep(&subject, about(letter));
        }
        Ok(())
    }

    fn case(&self, id: &CaseId) -> Result<Option<(OrderId, Case)>, StoreError> {
        let Some((CaseSubject::Order(order), _)) = id.split() else { return Ok(None) };
        let found = self.order(&order)?;
        Ok(found.and_then(|o| o.cases.iter().find(|c| c.id == *id).cloned()).map(|case| (order, case)))
    }

    /// The sentence of a case, of whatever subject.
    fn sentence(&self, id: &CaseId) -> Result<String, StoreError> {
        let cases = match id.split().map(|(subject, _)| subject) {
            Some(CaseSubject::Order(order)) => self.order(&order)?.map(|o| o.cases.clone()),
            Some(CaseSubject::Source(source)) => match self.record(Key::Desk(source))? {
                Some(Record::Desk(desk)) => Some(desk.cases.clone()),
                _ => None,
            },
            None => None,
        };
        let found = cases.unwrap_or_default().into_iter().find(|c| c.id == *id);
        Ok(found.map_or_else(String::new, |c| c.sentence))
    }

    fn staff(&mut self) -> Result<(), StoreError> {
        let entry = self.entry;
        for event in &entry.events {
            match event {
                Event::CaseAssigned { case, to: to @ Actor::Person { name, .. } } if *to != entry.command.by => {
                    let to = Recipient::Person { name: name.to_string() };
                    let letter = Letter::new(String::new(), Kind::StaffAssigned, to, entry.at)
                        .fact("case", case.as_str())
                        .fact("sentence", self.sentence(case)?)
                        .fact("by", entry.command.by.name());
                    self.keep(case.as_str(), letter);
                }
                Event::CaseEscalated { case, role, .. } => {
                    let sentence = self.sentence(case)?;
                    self.write_to_role(*role, case.as_str(), |to| {
                        Letter::new(String::new(), Kind::StaffEscalated, to, entry.at)
                            .fact("case", case.as_str())
                            .fact("sentence", sentence.as_str())
                            .fact("role", role.name())
                    })?;
                }
                Event::SlaBreached { order, purchase_order, source, clock, due } => {
                    let po = format!("{order}-{purchase_order}");
                    self.write_to_role(Role::VendorManager, &format!("{po}.{clock:?}"), |to| {
                        Letter::new(String::new(), Kind::StaffBreached, to, entry.at)
                            .fact("source", source.as_str())
                            .fact("po", po.as_str())
                            .fact("what", what(*clock))
                            .fact("due", due.to_string())
                            .fact("order", order.as_str())
                    })?;
                }
                Event::ApprovalAsked { order, approval } => self.ask(order, approval)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn write_to_role(
        &mut self,
        role: Role,
        subject: &str,
        letter: impl Fn(Recipient) -> Letter,
    ) -> Result<(), StoreError> {
        for person in self.people()?.iter().filter(|p| p.role == role && p.mail.is_some()) {
            self.keep(subject, letter(Recipient::Person { name: person.name.to_string() }));
        }
        Ok(())
    }

    /// Everybody who may answer and did not ask gets a link of their own.
    fn ask(&mut self, order: &OrderId, approval: &Approval) -> Result<(), StoreError> {
        for person in self.people()? {
            let asked = matches!(&self.entry.command.by, Actor::Person { name, .. } if *name == person.name);
            if asked || person.mail.is_none() || !may_answer(person.role, approval.kind) {
                continue;
            }
            let to = Recipient::Person { name: person.name.to_string() };
            let purpose = Purpose::Approval { approval: approval.id.clone(), name: person.name.clone() };
            let letter = Letter::new(String::new(), Kind::StaffApproval, to, self.entry.at)
                .fact("approval", approval.id.as_str())
                .fact("order", order.as_str())
                .fact("sentence", approval.reason.sentence())
                .fact("due", approval.due.to_string())
                .link(purpose, approval.due.duration_since(self.entry.at));
            // An answer counts only until its due time: a letter that quiet hours hold beyond it is of no use.
            let waits = self.settings.not_before(Kind::StaffApproval, self.entry.at) >= approval.due;
            if !waits {
                self.keep(approval.id.as_str(), letter);
            }
        }
        Ok(())
    }

    /// One letter per order and kind of news, whatever the number of lines.
    fn customers(&mut self) -> Result<(), StoreError> {
        let mut news: BTreeMap<(OrderId, Kind), News> = BTreeMap::new();
        let mut told = |order: &OrderId, kind: Kind, line: &LineId, words: String, why: Option<Reason>| {
            let entry = news.entry((order.clone(), kind)).or_default();
            entry.lines.insert((line.clone(), words));
            entry.why.extend(why);
        };
        let dates = |p: &Promise| format!("ships by {}, arrives by {}", p.ship_by, p.deliver_by);
        for event in &self.entry.events {
            match event {
                Event::PromiseMade { order, line, promise } => {
                    told(order, Kind::CustomerProvisional, line, dates(promise), None);
                }
                Event::PromiseConfirmed { order, line, promise } => {
                    told(order, Kind::CustomerConfirmed, line, dates(promise), None);
                }
                // Provisional again with the same dates: nobody knows yet whether there is anything to tell.
                Event::PromiseRevised { promise, .. } if promise.state == PromiseState::Provisional => {}
                Event::PromiseRevised { order, line, promise } => {
                    told(order, Kind::CustomerRevised, line, dates(promise), promise.reason);
                }
                Event::LineWaiting { order, line, reason, .. } => {
                    told(order, Kind::CustomerDelayed, line, "no date yet".into(), Some(*reason));
                }
                Event::LineCancelled { order, line, quantity, reason } => {
                    told(order, Kind::CustomerCancelled, line, format!("{quantity} cancelled"), Some(*reason));
                }
                _ => {}
            }
        }
        for ((id, kind), News { lines, why }) in news {
            if !self.settings.wants(kind) {
                continue;
            }
            let Some(order) = self.order(&id)? else { continue };
            let title =
                |line: &LineId| order.line(line).map_or(line.to_string(), |l| format!("{} × {}", l.quantity, l.title));
            let text: Vec<String> = lines.iter().map(|(line, words)| format!("  {}: {words}", title(line))).collect();
            let why: Vec<&str> = why.iter().map(|r| r.sentence()).collect();
            let letter = Letter::new(String::new(), kind, Recipient::Customer { order: id.clone() }, self.entry.at)
                .fact("order", id.as_str())
                .fact("lines", text.join("\n"))
                .fact("why", why.join(" "))
                .fact("shop", self.settings.shop.as_str());
            self.keep(id.as_str(), letter);
        }
        Ok(())
    }
}

#[derive(Default)]
struct News {
    lines: BTreeSet<(LineId, String)>,
    why: BTreeSet<Reason>,
}

/// A purchase order whose vendor can be written to.
struct Addressed {
    order: Arc<Order>,
    po: PurchaseOrder,
    source: Arc<Source>,
    mail: Vec<String>,
}

impl Addressed {
    /// True if the vendor's people answer on our pages; machines get their papers another way.
    fn on_portal(&self) -> bool {
        self.source.channel.dialect == Dialect::Portal
    }

    /// One letter per address, each with a link of its own.
    fn letters(&self, kind: Kind, now: Timestamp) -> Vec<Letter> {
        let until = self.po.answer_due().unwrap_or(now).max(now + ORDER_LINK_MIN).min(now + ORDER_LINK_MAX);
        let letter = |mail: &String| {
            let (source, number): (SourceId, PoNumber) = (self.source.id.clone(), self.po.number.clone());
            let purpose =
                Purpose::Portal { source: source.clone(), po: Some(number.clone()), mail: Some(mail.clone()) };
            Letter::new(String::new(), kind, Recipient::Contact { source, mail: mail.clone() }, now)
                .fact("vendor", self.source.name.as_str())
                .fact("po", number.as_str())
                .link(purpose, until.duration_since(now))
                .about(number)
        };
        self.mail.iter().map(letter).collect()
    }

    fn lines(&self) -> String {
        let lines = paper::ordered(&self.order, &self.po);
        let line = |l: &countersign_engine::document::PurchaseOrderDocumentLine| {
            format!("  {} {} of {} ({}), ship by {}", l.quantity, l.unit.as_str(), l.vendor_sku, l.title, l.ship_by)
        };
        lines.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    fn due(&self) -> String {
        self.po.answer_due().map_or_else(String::new, |due| at(&self.source, due))
    }
}

fn at(source: &Source, time: Timestamp) -> String {
    time.to_zoned(source.time_zone.rules()).strftime("%a %-d %b %Y, %H:%M %Z").to_string()
}

fn what(clock: ClockKind) -> &'static str {
    match clock {
        ClockKind::Receipt => "the receipt",
        ClockKind::Acknowledgment => "the answer",
        ClockKind::ShipNotice => "the shipment",
        ClockKind::CancelAnswer => "the answer to a cancellation",
    }
}
