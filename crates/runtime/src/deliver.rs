//! Step five: an outbox row becomes a paper, the paper goes over the wire, and how that went is a command.
//!
//! In two halves, so that whoever runs it may send many papers at once: [`Delivering::prepare`] makes the papers durable
//! before their first byte leaves, [`Delivering::conclude`] says what follows from the outcome. Between them nothing of
//! ours waits. Does not know any network.

use crate::backoff::Backoff;
use crate::batch::catch;
use crate::desk::Desk;
use crate::paper;
use crate::ports::{Connector, Delivery, Errand, ErrandState, Rendered, StoreError};
use crate::receive::channel_of;
use crate::request::{Attachments, Handled, Request};
use crate::task::Task;
use countersign_engine::case::CaseKind;
use countersign_engine::command::{Actor, Command, Deed, Sending};
use countersign_engine::document::CancellationAnswer;
use countersign_engine::effect::Effect;
use countersign_engine::ids::{PoNumber, SourceId};
use countersign_engine::order::{Order, PurchaseOrder};
use countersign_engine::reason::Reason;
use countersign_engine::slice::{Key, Record};
use countersign_engine::source::Source;
use countersign_partners::seam::{ANSWER, Dialect, Paper, Written};
use jiff::{SignedDuration, Timestamp};
use smol_str::{SmolStr, format_smolstr};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

/// Errands taken at once: as many as are worth having in flight.
pub const ERRANDS_MAX: u32 = 256;
/// Seconds for which an errand is claimed: longer than any delivery may take ([`DEADLINE`]), so that no second try
/// begins beside the first.
pub const LEASE_S: u32 = 120;
/// What one delivery may take.
pub const DEADLINE: Duration = Duration::from_secs(30);
/// How long a cancellation waits for the purchase order before it.
const BEHIND_ORDER: SignedDuration = SignedDuration::from_secs(2);
/// Begins the error of an errand whose paper may have arrived: from then on it is never treated as not sent.
const UNKNOWN: &str = "unknown: ";
/// The error of an errand that is being sent where a second delivery could double it.
const BEGUN: &str = "unknown: it is being sent, or was when the service stopped";

/// The step, with what it works by.
#[derive(Clone, Copy)]
pub struct Delivering<'a> {
    /// Decides and keeps.
    pub desk: &'a Desk,
    /// Writes papers.
    pub dialect: &'a dyn Dialect,
    /// How tries are spaced.
    pub backoff: Backoff,
}

/// What is to be done about an errand.
pub enum Prepared {
    /// Hand this over, then [`Delivering::conclude`].
    Deliver(Box<Parcel>),
    /// Nothing goes over the wire: give this to the desk.
    Conclude(Request),
}

/// A paper on its way.
#[derive(Debug, Clone)]
pub struct Parcel {
    /// The id under which it is handed over; the same for a purchase order that is sent again.
    pub id: SmolStr,
    /// To whom.
    pub source: Arc<Source>,
    /// What.
    pub paper: Rendered,
    errand: Errand,
    task: Task,
}

/// An errand on its way to being prepared.
enum Step {
    Prepared(Prepared),
    /// Freshly written: it is kept before it is handed over.
    Fresh(Box<Parcel>),
}

/// What follows from a delivery.
pub struct Concluded {
    /// Give this to the desk: it settles the errand.
    pub request: Request,
    /// What came back in the same exchange, to be received: channel, name, bytes.
    pub answer: Option<(SmolStr, String, Vec<u8>)>,
}

impl Delivering<'_> {
    /// Writes the papers of errands and keeps them in one write, unless that was done before; or says why there is
    /// nothing to send. An errand over which we stumble for good is given up with its reason, the others go on.
    ///
    /// # Errors
    /// The store failed; the errands come again when their claim lapses.
    pub fn prepare(&self, now: Timestamp, errands: Vec<Errand>) -> Result<Vec<Prepared>, StoreError> {
        let (mut steps, mut failed) = (Vec::with_capacity(errands.len()), None);
        for errand in errands {
            match self.step(now, errand) {
                Ok(step) => steps.push(step),
                Err(error) => failed = Some(error),
            }
        }
        if let Some(error) = failed.filter(|_| steps.is_empty()) {
            return Err(error);
        }
        let fresh = steps.iter().filter_map(|step| match step {
            Step::Fresh(parcel) => Some((parcel.errand.new.id.clone(), parcel.paper.clone())),
            Step::Prepared(_) => None,
        });
        let fresh: Vec<(SmolStr, Rendered)> = fresh.collect();
        let mut kept = match fresh.is_empty() {
            true => vec![],
            false => self.desk.store().render(&fresh)?,
        }
        .into_iter();
        let ready = |step| match step {
            Step::Prepared(prepared) => prepared,
            Step::Fresh(mut parcel) => {
                parcel.paper = kept.next().expect("because the store answers for each paper");
                Prepared::Deliver(parcel)
            }
        };
        Ok(steps.into_iter().map(ready).collect())
    }

    /// What is to be done about one errand; what can never be done ends it.
    fn step(&self, now: Timestamp, errand: Errand) -> Result<Step, StoreError> {
        let (id, po) = (errand.new.id.clone(), errand.new.po.clone());
        let given_up = match catch(|| self.write(now, errand)) {
            Ok(Err(StoreError::Broken(why))) => {
                tracing::error!(errand = %id, why, "an errand needs a record that cannot be read back: it is given up");
                settled(&id, dead(&format!("it needs a record that cannot be read back: {why}")))
            }
            Ok(Err(error)) => {
                tracing::warn!(errand = %id, %error, "an errand could not be prepared: it comes again");
                return Err(error);
            }
            Ok(step) => return step,
            Err(words) => {
                tracing::error!(errand = %id, words, "preparing an errand hit a bug of ours: it is given up");
                self.given_up(&id, &po, "preparing it hit a bug of ours; the log has the words")?
            }
        };
        Ok(Step::Prepared(given_up))
    }

    /// An errand that a bug of ours ends: a person is asked about its purchase order.
    fn given_up(&self, id: &SmolStr, po: &PoNumber, why: &str) -> Result<Prepared, StoreError> {
        let errand = self.desk.store().errands_of(po)?.into_iter().find(|errand| errand.new.id == *id);
        let command = errand.filter(is_sending).map(|errand| sending(&errand, Sending::Failed { why: why.into() }));
        let request = Request { commands: command.into_iter().collect(), ..Request::default() };
        Ok(Prepared::Conclude(settling(request, id, dead(why))))
    }

    fn write(&self, now: Timestamp, errand: Errand) -> Result<Step, StoreError> {
        let ready = |prepared| Ok(Step::Prepared(prepared));
        let source = match &self.desk.read(&[Key::Source(errand.new.source.clone())])?[..] {
            [Some(Record::Source(source))] => source.clone(),
            _ => return ready(settled(&errand.new.id, dead("its source is not known"))),
        };
        let task = match Task::of(&errand.new) {
            Ok(task) => task,
            Err(why) => return ready(settled(&errand.new.id, dead(&why))),
        };
        let paper = match &task {
            Task::Receipt(owed) => Paper::Receipt(owed.receipt.clone()),
            Task::Effect(effect) => {
                let order = match &self.desk.read(&[Key::Order(effect.order().clone())])?[..] {
                    [Some(Record::Order(order))] => order.clone(),
                    _ => return ready(settled(&errand.new.id, dead("its order is not known"))),
                };
                if let Some(prepared) = self.without_sending(now, &errand, effect, &order)? {
                    return ready(prepared);
                }
                if source.channel.connector.is_null() {
                    // The source looks for its papers itself (portal, our API): it is sent by standing there.
                    let done = Delivery::Done { receipt: false, answer: None };
                    return ready(Prepared::Conclude(self.outcome(now, &errand, &task, done, true)));
                }
                let person = self.desk.store().person(effect.order())?;
                match paper::of(effect, &order, person.as_deref()) {
                    Some(document) => Paper::Document(document),
                    None => return ready(settled(&errand.new.id, dead("its purchase order is not known"))),
                }
            }
        };
        let moved = errand.rendered.as_ref().is_some_and(|kept| !self.dialect.writes(&source, &kept.media_type));
        if moved && is_order(&task) && may_have_arrived(&errand) {
            let why = "it was on its way when the channel was changed; it was not written anew".into();
            let unknown = Delivery::Unknown { why };
            return ready(Prepared::Conclude(self.outcome(now, &errand, &task, unknown, false)));
        }
        let (paper, is_kept) = match self.rendered(now, &errand, &task, &source, &paper)? {
            Ok(rendered) => rendered,
            Err(why) => {
                let refused = Delivery::Refused { why };
                return ready(Prepared::Conclude(self.outcome(now, &errand, &task, refused, true)));
            }
        };
        let id = match &task {
            Task::Effect(Effect::ResendPurchaseOrder { .. }) => SmolStr::new(errand.new.po.as_str()),
            _ => errand.new.id.clone(),
        };
        let parcel = Box::new(Parcel { id, source, paper, errand, task });
        Ok(if is_kept { Step::Prepared(Prepared::Deliver(parcel)) } else { Step::Fresh(parcel) })
    }

    /// Before the first byte of a parcel leaves. Where a second delivery could double a purchase order, it is written
    /// down that this one begins: whatever happens to us meanwhile, it is in doubt then and not sent again. Says how the
    /// delivery ended if it must not be made.
    pub fn begin(&self, parcel: &Parcel, idempotent: bool) -> Option<Delivery> {
        if idempotent || !is_order(&parcel.task) {
            return None;
        }
        if may_have_arrived(&parcel.errand) {
            return Some(Delivery::Unknown { why: "how an earlier try ended is not known".into() });
        }
        let begun = self.desk.store().begin(&parcel.errand.new.id, BEGUN);
        begun.err().map(|error| Delivery::Failed { why: format!("it could not be noted that it is sent: {error}") })
    }

    /// What follows from a delivery. `idempotent` as the connector says.
    pub fn conclude(&self, now: Timestamp, parcel: &Parcel, delivery: Delivery, idempotent: bool) -> Concluded {
        let answer = match (&delivery, &parcel.task) {
            (Delivery::Done { answer: Some(bytes), .. }, Task::Effect(effect)) => {
                Some((channel_of(&parcel.source.id), answer_name(effect, &parcel.errand.new.po), bytes.clone()))
            }
            _ => None,
        };
        let request = self.outcome(now, &parcel.errand, &parcel.task, delivery, idempotent);
        Concluded { request, answer }
    }

    /// Runs what is due, one after the other, and commits the outcomes together; for the simulator and small tools.
    /// Returns how many errands were dealt with.
    ///
    /// # Errors
    /// The store failed; what was not settled comes again.
    pub fn run(
        &self,
        now: Timestamp,
        limit: u32,
        connector: &dyn Fn(&SourceId) -> Option<Arc<dyn Connector>>,
    ) -> Result<usize, StoreError> {
        let errands = self.desk.store().errands(now, LEASE_S, limit)?;
        let count = errands.len();
        let mut requests = Vec::with_capacity(count);
        for prepared in self.prepare(now, errands)? {
            match prepared {
                Prepared::Conclude(request) => requests.push(request),
                Prepared::Deliver(parcel) => {
                    let (delivery, idempotent) = match connector(&parcel.source.id) {
                        Some(c) => {
                            let ended = self.begin(&parcel, c.idempotent());
                            let deliver = || c.deliver(&parcel.id, &parcel.paper, DEADLINE);
                            (ended.unwrap_or_else(deliver), c.idempotent())
                        }
                        None => (Delivery::Failed { why: "its connection is not set up".into() }, true),
                    };
                    let concluded = self.conclude(now, &parcel, delivery, idempotent);
                    if let Some((channel, name, bytes)) = concluded.answer {
                        let received = crate::receive::receive(&**self.desk.store(), now, &channel, &name, bytes, None);
                        if let Err(error) = received {
                            tracing::warn!(%error, "an answer was not kept");
                        }
                    }
                    requests.push(concluded.request);
                }
            }
        }
        let answers = self.desk.handle(now, requests);
        match answers.iter().flatten().find_map(Handled::failure) {
            Some(failure) => Err(StoreError::Determinate(failure.to_string())),
            None => Ok(count),
        }
    }

    /// Errands that time has overtaken, and cancellations of what never went out.
    fn without_sending(
        &self,
        now: Timestamp,
        errand: &Errand,
        effect: &Effect,
        order: &Order,
    ) -> Result<Option<Prepared>, StoreError> {
        let Some(po) = order.purchase_order(effect.purchase_order()) else { return Ok(None) };
        match effect {
            Effect::SendReminder { .. } if po.acknowledged_at.is_some() || is_over(order, po) => {
                Ok(Some(settled(&errand.new.id, dead("it was answered meanwhile"))))
            }
            Effect::SendPurchaseOrder { .. } | Effect::ResendPurchaseOrder { .. }
                if is_over(order, po) && !may_have_arrived(errand) =>
            {
                Ok(Some(settled(&errand.new.id, dead("it was withdrawn before it went out"))))
            }
            Effect::SendCancellation { .. } => self.cancel(now, errand, po),
            _ => Ok(None),
        }
    }

    /// A cancellation never overtakes its purchase order; if that never went out, we answer it ourselves.
    fn cancel(&self, now: Timestamp, errand: &Errand, po: &PurchaseOrder) -> Result<Option<Prepared>, StoreError> {
        let all = self.desk.store().errands_of(&po.number)?;
        let sendings: Vec<&Errand> = all.iter().filter(|e| is_sending(e)).collect();
        let waits = sendings.iter().any(|e| matches!(e.state, ErrandState::Waiting { .. }));
        if waits {
            let due = now + BEHIND_ORDER;
            let error = Some("the purchase order goes first".into());
            return Ok(Some(settled(&errand.new.id, ErrandState::Waiting { due, error })));
        }
        let arrived = |e: &&Errand| matches!(e.state, ErrandState::Sent { .. }) || may_have_arrived(e);
        if sendings.is_empty() || sendings.iter().any(arrived) {
            return Ok(None);
        }
        let answer =
            CancellationAnswer { po: po.number.clone(), accepted: true, lines: vec![], unasked: false, reason: None };
        let command = Command { by: Actor::Engine, deed: Deed::RecordCancellationAnswer(answer) };
        let state = dead("the purchase order never went out");
        Ok(Some(Prepared::Conclude(settling(Request::caused(command, errand.new.id.clone()), &errand.new.id, state))))
    }

    /// The kept bytes of the errand, or fresh ones, and whether they are kept. What was written for a channel that the
    /// source has left is written anew. The inner error says what to mend.
    fn rendered(
        &self,
        now: Timestamp,
        errand: &Errand,
        task: &Task,
        source: &Source,
        paper: &Paper,
    ) -> Result<Result<(Rendered, bool), String>, StoreError> {
        let fits = |kept: &&Rendered| self.dialect.writes(source, &kept.media_type);
        if let Some(kept) = errand.rendered.as_ref().filter(fits) {
            return Ok(Ok((kept.clone(), true)));
        }
        if let Task::Effect(effect @ Effect::ResendPurchaseOrder { .. }) = task
            && let Some(first) = self.in_doubt(effect, errand)?.filter(|first| fits(&first))
        {
            return Ok(Ok((first, false)));
        }
        let mut failed = None;
        let mut numbers = |sequence: &str| {
            self.desk.store().next_number(sequence).map_err(|error| {
                let words = error.to_string();
                failed = Some(error);
                words
            })
        };
        let written = catch_unwind(AssertUnwindSafe(|| self.dialect.write(source, paper, &mut numbers, now)));
        if let Some(error) = failed {
            return Err(error);
        }
        match written {
            Ok(Ok(written)) => Ok(Ok((written.into(), false))),
            Ok(Err(why)) => Ok(Err(format!("it cannot be written: {why}"))),
            Err(_) => Ok(Err("writing it hit a bug of ours; the log has the words".into())),
        }
    }

    /// Sent again while it may have arrived: the very bytes of the first time, control numbers included. Written anew
    /// only where the source's machine rejected it, or certainly never got it.
    fn in_doubt(&self, effect: &Effect, errand: &Errand) -> Result<Option<Rendered>, StoreError> {
        let orders = self.desk.read(&[Key::Order(effect.order().clone())])?;
        let [Some(Record::Order(order))] = &orders[..] else { return Ok(None) };
        let kinds = [CaseKind::InDoubt, CaseKind::ReceiptOverdue, CaseKind::DeliveryFailed, CaseKind::DocumentRejected];
        let about = |c: &&countersign_engine::case::Case| {
            kinds.contains(&c.kind) && c.purchase_order == Some(effect.purchase_order())
        };
        let last = order.cases.iter().rev().find(about);
        let never_went = order.purchase_order(effect.purchase_order()).is_some_and(|po| po.sent_at.is_none());
        let anew = last.is_some_and(|case| match case.kind {
            CaseKind::DocumentRejected => true,
            CaseKind::DeliveryFailed => never_went,
            _ => false,
        });
        if anew {
            return Ok(None);
        }
        let all = self.desk.store().errands_of(&errand.new.po)?;
        Ok(all.into_iter().rev().filter(is_sending).find_map(|e| e.rendered))
    }

    /// The request that says how an errand went and settles it.
    fn outcome(&self, now: Timestamp, errand: &Errand, task: &Task, delivery: Delivery, idempotent: bool) -> Request {
        let is_order = is_order(task);
        let unknown = may_have_arrived(errand) || matches!(delivery, Delivery::Unknown { .. });
        let (why, again) = match delivery {
            Delivery::Done { receipt, .. } => {
                let command = is_order.then(|| sending(errand, Sending::Sent { receipt }));
                return settling(maybe(command, errand), &errand.new.id, ErrandState::Sent { at: now });
            }
            Delivery::Refused { why } => (why, false),
            Delivery::Failed { why } => (why, true),
            Delivery::Unknown { why } => (why, idempotent || !is_order),
        };
        let error = if unknown { format!("{UNKNOWN}{why}") } else { why.clone() };
        let tries = errand.tries + 1;
        if again && tries < self.backoff.tries_max {
            let due = now + self.backoff.after(&errand.new.id, tries);
            return settling(maybe(None, errand), &errand.new.id, ErrandState::Waiting { due, error: Some(error) });
        }
        let command = match task {
            Task::Receipt(owed) => not_receipted(&owed.source, &owed.receipt.about, &why),
            Task::Effect(_) if is_order && unknown => sending(errand, Sending::InDoubt { why }),
            Task::Effect(_) if is_order => sending(errand, Sending::Failed { why }),
            Task::Effect(effect) => {
                let what = if matches!(effect, Effect::SendReminder { .. }) { "reminder" } else { "cancellation" };
                sending(errand, Sending::Failed { why: format!("the {what}: {why}") })
            }
        };
        settling(maybe(Some(command), errand), &errand.new.id, ErrandState::Dead { error })
    }
}

impl From<Written> for Rendered {
    fn from(written: Written) -> Self {
        let Written { name, media_type, bytes, reference } = written;
        Rendered { name, media_type, bytes, reference }
    }
}

/// What came back in the exchange is named by the paper that it answers: its fields alone do not say what it is.
fn answer_name(effect: &Effect, po: &PoNumber) -> String {
    let what = if matches!(effect, Effect::SendCancellation { .. }) { "cancellation-answer" } else { "acknowledgment" };
    format!("{ANSWER}purchase-orders/{po}/{what}")
}

/// True if nothing of the purchase order is wanted any more.
fn is_over(order: &Order, po: &PurchaseOrder) -> bool {
    !order.of_purchase_order(po.ordinal).any(|a| a.phase.supplies())
}

/// True for an errand that carries a purchase order.
pub(crate) fn is_sending(errand: &Errand) -> bool {
    Task::of(&errand.new).is_ok_and(|task| is_order(&task))
}

fn is_order(task: &Task) -> bool {
    matches!(task, Task::Effect(Effect::SendPurchaseOrder { .. } | Effect::ResendPurchaseOrder { .. }))
}

/// True for an errand that carries a receipt of ours.
pub(crate) fn is_receipt(errand: &Errand) -> bool {
    matches!(Task::of(&errand.new), Ok(Task::Receipt(_)))
}

/// True if a try ended without one knowing whether the paper arrived.
fn may_have_arrived(errand: &Errand) -> bool {
    match &errand.state {
        ErrandState::Waiting { error: Some(error), .. } | ErrandState::Dead { error } => error.starts_with(UNKNOWN),
        ErrandState::Waiting { error: None, .. } | ErrandState::Sent { .. } => false,
    }
}

fn dead(why: &str) -> ErrandState {
    ErrandState::Dead { error: why.to_owned() }
}

fn sending(errand: &Errand, outcome: Sending) -> Command {
    Command { by: Actor::Engine, deed: Deed::RecordSending { po: errand.new.po.clone(), outcome } }
}

fn not_receipted(source: &SourceId, about: &str, why: &str) -> Command {
    let sentence = format!("The receipt ({about}) could not be delivered to {source}: {why}");
    let (kind, reason) = (CaseKind::DeliveryFailed, Reason::DeliveryFailed);
    Command { by: Actor::Engine, deed: Deed::OpenSourceCase { source: source.clone(), kind, reason, sentence } }
}

fn maybe(command: Option<Command>, errand: &Errand) -> Request {
    let cause = Some(format_smolstr!("outbox.{}", errand.new.id));
    Request { commands: command.into_iter().collect(), cause, ..Request::default() }
}

fn settled(id: &SmolStr, state: ErrandState) -> Prepared {
    Prepared::Conclude(settling(Request::default(), id, state))
}

/// The errand is settled in the same commit.
fn settling(request: Request, id: &SmolStr, state: ErrandState) -> Request {
    let sent = (id.clone(), state);
    request.finishing(move |_| Attachments { sent: vec![sent.clone()], ..Attachments::default() })
}
