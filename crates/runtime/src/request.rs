//! What the desk is asked, and what it says.
//!
//! Does not know who asks: HTTP, files, clocks and simulators all ask like this.

use crate::ports::{Answer, ErrandState, InboxState, NewErrand, PersonRow};
use countersign_engine::Refusal;
use countersign_engine::command::Command;
use countersign_engine::event::Event;
use countersign_engine::ids::OrderId;
use countersign_engine::order::Order;
use countersign_engine::slice::Slice;
use smol_str::SmolStr;

/// Commands of one caller, decided one after the other and committed together; one refusal leaves the others alone.
///
/// Usually one command. Several where one thing came in that says several (a feed, live availability ahead of an
/// order). All requests of a batch share one commit.
#[derive(Default)]
pub struct Request {
    /// What is wanted.
    pub commands: Vec<Command>,
    /// What caused it: a request id, or an inbox entry (`inbox.17`).
    pub cause: Option<SmolStr>,
    /// Personal data of the order that one of the commands takes in; kept only if that command is accepted.
    pub person: Option<PersonRow>,
    /// The caller's idempotency key: the first answer under it is given again.
    pub once: Option<Once>,
    /// Looks at how the commands fared and says what else belongs into the same commit. Called again if the commit has
    /// to be repeated.
    pub finish: Option<Finish>,
}

/// An idempotency key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Once {
    /// The caller and its key.
    pub key: SmolStr,
    /// Tells the same request from another one under the same key.
    pub fingerprint: SmolStr,
}

/// See [`Request::finish`].
pub type Finish = Box<dyn Fn(&[Handled]) -> Attachments + Send + Sync>;

/// What else belongs into the commit of a request.
#[derive(Debug, Default)]
pub struct Attachments {
    /// Inbox entries that are dealt with, with findings as JSON.
    pub inbox: Vec<(u64, InboxState, Option<String>)>,
    /// Errands that are dealt with.
    pub sent: Vec<(SmolStr, ErrandState)>,
    /// Errands beyond those that decisions led to (receipts that we owe).
    pub errands: Vec<NewErrand>,
    /// The first answer under the request's idempotency key.
    pub answer: Option<Answer>,
}

impl Attachments {
    /// True if there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.inbox.is_empty() && self.sent.is_empty() && self.errands.is_empty() && self.answer.is_none()
    }
}

impl Request {
    /// One command.
    pub fn new(command: Command) -> Self {
        Self { commands: vec![command], ..Self::default() }
    }
    /// One command with its cause.
    pub fn caused(command: Command, cause: impl Into<SmolStr>) -> Self {
        Self { commands: vec![command], cause: Some(cause.into()), ..Self::default() }
    }
    /// With personal data of the order taken in.
    pub fn with_person(mut self, person: PersonRow) -> Self {
        self.person = Some(person);
        self
    }
    /// Under an idempotency key; `render` makes the answer that is kept for it.
    pub fn once(mut self, once: Once, render: impl Fn(&[Handled]) -> Option<Answer> + Send + Sync + 'static) -> Self {
        self.once = Some(once);
        self.finish = Some(Box::new(move |handled| Attachments { answer: render(handled), ..Attachments::default() }));
        self
    }
    /// With a conclusion that goes into the same commit.
    pub fn finishing(mut self, finish: impl Fn(&[Handled]) -> Attachments + Send + Sync + 'static) -> Self {
        self.finish = Some(Box::new(finish));
        self
    }
}

/// What became of one command.
#[derive(Debug, Clone)]
pub enum Handled {
    /// Decided and durable (no events: it had been done before, or nothing was to be done).
    Done(Done),
    /// The asker's fault; nothing changed, nothing is kept.
    Refused(Refusal),
    /// A bug of ours: this command is parked, the others go on.
    Parked {
        /// The words of the assertion.
        words: String,
    },
    /// The machinery failed.
    Failed(Failure),
    /// The same request was answered before: that answer. The only element of its reply.
    Again(Answer),
    /// Another request came before under the same idempotency key. The only element of its reply.
    KeyReused,
}

impl Handled {
    /// What was done, if it was.
    pub fn done(&self) -> Option<&Done> {
        match self {
            Handled::Done(done) => Some(done),
            _ => None,
        }
    }
    /// The refusal, if it was refused.
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Handled::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }
    /// The failure, if the machinery failed.
    pub fn failure(&self) -> Option<&Failure> {
        match self {
            Handled::Failed(failure) => Some(failure),
            _ => None,
        }
    }
}

/// What a decision led to.
#[derive(Debug, Clone, Default)]
pub struct Done {
    /// The journal's position of its entry; `None` if nothing happened.
    pub position: Option<u64>,
    /// What happened.
    pub events: Vec<Event>,
    /// The records it read, as they stand after it.
    pub after: Slice,
}

impl Done {
    /// The order as it stands after the decision. `None` if the decision did not read it.
    pub fn order(&self, id: &OrderId) -> Option<&Order> {
        let key = countersign_engine::slice::Key::Order(id.clone());
        self.after.has(&key).then(|| self.after.order(id)).flatten()
    }
}

/// The machinery failed; nothing is said about the asker's wish.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{sentence}")]
pub struct Failure {
    /// How sure it is that nothing was written.
    pub kind: FailureKind,
    /// What happened, for people who keep the machinery.
    pub sentence: String,
}

/// How sure it is that nothing was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// Nothing was written; asking again is safe.
    NotDone,
    /// It may have been written; asking again under the same id is safe.
    Unknown,
    /// Nothing can be written at present: stop taking things in.
    Unwritable,
}

impl From<crate::ports::StoreError> for Failure {
    fn from(error: crate::ports::StoreError) -> Self {
        use crate::ports::StoreError;
        let kind = match &error {
            StoreError::Determinate(_) | StoreError::Broken(_) => FailureKind::NotDone,
            StoreError::Indeterminate(_) => FailureKind::Unknown,
            StoreError::Unwritable(_) => FailureKind::Unwritable,
        };
        Self { kind, sentence: error.to_string() }
    }
}
