//! One batch: load what all commands need, decide one after the other, commit once.
//!
//! It is decided while the batch ahead is written, on what that one will leave; if that one ends otherwise, on what it
//! left. What comes in while this one waits to be written joins it.
//!
//! A batch that meets a record which moved on elsewhere starts again from nothing; commands and finishing touches are
//! kept for that. A panic of the head is caught per command.

use crate::ahead::{Ahead, Published};
use crate::cache::Known;
use crate::desk::{BATCH_COMMANDS_MAX, Desk, Tally};
use crate::facts;
use crate::index;
use crate::paper;
use crate::ports::{Commit, Committed, NewEntry, Rendered, StoreError};
use crate::request::{Done, Failure, FailureKind, Handled, Request};
use crate::task::Task;
use crate::turn::Taken;
use crate::workspace::{CellId, Workspace};
use countersign_engine::command::{Command, Deed};
use countersign_engine::decide::{Decision, ROUNDS_MAX};
use countersign_engine::effect::Effect;
use countersign_engine::ids::{CaseSubject, OrderId};
use countersign_engine::journal::Entry;
use countersign_engine::refusal::Refusal;
use countersign_engine::slice::{Key, Slice};
use countersign_partners::seam::Paper;
use jiff::Timestamp;
use smol_str::SmolStr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

/// Tries of one batch: each is lost only to another desk that got through.
const TRIES_MAX: u32 = 16;
/// Lost tries after which a batch is halved: a smaller one is decided faster and meets fewer others.
const TRIES_WHOLE_MAX: u32 = 4;
/// Bytes of a plain order's journal entry, so that its text is grown once.
const ENTRY_BYTES_USUAL: usize = 2_048;

/// Gives what has come in meanwhile: at most so many requests, and the time at which they are decided. It is dropped
/// before the batch is written, with all that it holds.
pub type More<'m> = Box<dyn FnMut(usize) -> (Timestamp, Vec<Request>) + 'm>;

/// How long a batch waits to be written before it looks for what has come in meanwhile: a few decisions long.
const PATIENCE: Duration = Duration::from_micros(100);

/// A batch at work.
pub(crate) struct Batch<'d> {
    desk: &'d Desk,
    now: Timestamp,
    works: Vec<Work>,
    /// The batch that is being written while this one is decided.
    ahead: Option<Arc<Ahead>>,
}

/// What was decided so far.
struct Thought {
    space: Workspace,
    draft: Draft,
    /// Works that were decided.
    works: usize,
}

impl Thought {
    fn new(commands: usize) -> Self {
        Self { space: Workspace::with_room(commands), draft: Draft::default(), works: 0 }
    }

    /// The commit it comes to.
    fn conclude(self) -> (Workspace, Commit, Vec<(usize, usize)>) {
        let Self { space, draft: Draft { mut commit, origins }, .. } = self;
        for change in space.changes() {
            commit.index.extend(index::rows(change.key, change.before, change.now));
            commit.writes.push(change.write());
        }
        (space, commit, origins)
    }
}

/// A request at work. Commands are taken out while they are written into the journal, and put back.
struct Work {
    request: Request,
    commands: Vec<Option<Command>>,
    handled: Vec<Handled>,
    /// Answered without deciding (an idempotency key, a failure).
    settled: bool,
}

impl From<Request> for Work {
    fn from(mut request: Request) -> Self {
        let commands = std::mem::take(&mut request.commands).into_iter().map(Some).collect();
        Self { request, commands, handled: vec![], settled: false }
    }
}

/// A command with the records it asked for.
#[derive(Default)]
struct Prepared {
    slice: Slice,
    cells: Vec<CellId>,
    /// Cells asked for in the running round.
    fresh: Vec<CellId>,
    settled: bool,
    /// The head panicked when it was asked for its needs.
    bug: Option<String>,
}

/// How a try ended.
enum Tried {
    Committed,
    /// Records had moved on.
    Lost,
    /// The store refused the commit.
    Rejected(StoreError),
    Failed(Failure),
}

/// The parts of a commit that grow while deciding.
#[derive(Default)]
struct Draft {
    commit: Commit,
    /// Which request and command each entry stems from.
    origins: Vec<(usize, usize)>,
}

impl<'d> Batch<'d> {
    pub fn new(desk: &'d Desk, now: Timestamp, requests: Vec<Request>) -> Self {
        Self { desk, now, works: requests.into_iter().map(Work::from).collect(), ahead: None }
    }

    /// Runs the batch; one answer per command, in the order of the requests.
    pub fn run(mut self, turn: Taken<'_>, mut more: More<'_>) -> Vec<Vec<Handled>> {
        let desk = self.desk;
        self.ahead = desk.ahead.look();
        let mut thought = Thought::new(self.works.len());
        let mut decided = self.think(&mut thought);
        let _writing = loop {
            if let Some(writing) = desk.writing.take_within(PATIENCE) {
                break writing;
            }
            if decided.is_ok() && self.works.len() < BATCH_COMMANDS_MAX {
                let (now, requests) = more(BATCH_COMMANDS_MAX - self.works.len());
                self.now = now;
                self.works.extend(requests.into_iter().map(Work::from));
                decided = self.think(&mut thought);
            }
        };
        if self.ahead.take().is_some_and(|ahead| !ahead.held()) {
            self.reconsider();
            thought = Thought::new(self.works.len());
            decided = self.think(&mut thought);
        }
        if let Err(error) = decided {
            return self.go_on(Err(error));
        }
        let (space, commit, origins) = thought.conclude();
        let published = Published::new(desk, &space);
        drop((more, turn));
        let tried = self.write(&space, &commit, &origins);
        if matches!(tried, Tried::Committed) {
            published.hold();
        }
        self.go_on(Ok(tried))
    }

    /// Goes on after the first try, until the batch is written or given up.
    fn go_on(mut self, mut tried: Result<Tried, StoreError>) -> Vec<Vec<Handled>> {
        for tries in 1..=TRIES_MAX {
            match tried {
                Ok(Tried::Committed) => return self.conclude(None),
                Ok(Tried::Lost) => Tally::add(&self.desk.tally.conflicts, 1),
                Ok(Tried::Rejected(error)) => return self.isolate(error),
                Ok(Tried::Failed(failure)) => return self.conclude(Some(failure)),
                Err(error) => return self.isolate(error),
            }
            if tries >= TRIES_WHOLE_MAX && self.works.len() > 1 {
                return self.halve();
            }
            tried = self.attempt();
        }
        let sentence = format!("other desks changed the same records {TRIES_MAX} times; ask again");
        self.conclude(Some(Failure { kind: FailureKind::NotDone, sentence }))
    }

    /// Decides on what is there and writes it.
    fn attempt(&mut self) -> Result<Tried, StoreError> {
        self.reconsider();
        let mut thought = Thought::new(self.works.len());
        self.think(&mut thought)?;
        let (space, commit, origins) = thought.conclude();
        Ok(self.write(&space, &commit, &origins))
    }

    /// The store is well but refused this commit, or cannot read what it is about: one request must be at fault. Halving
    /// finds it, so that it alone fails. An order that cannot be read when it is woken is parked: it
    /// would be woken for ever.
    fn isolate(self, error: StoreError) -> Vec<Vec<Handled>> {
        if self.desk.store.ready().is_err() {
            return self.conclude(Some(error.into()));
        }
        if self.works.len() > 1 {
            return self.halve();
        }
        if matches!(error, StoreError::Broken(_)) {
            tracing::error!(%error, "a command could not be decided");
            for command in self.works.iter().flat_map(|work| work.commands.iter().flatten()) {
                if let Deed::Wake { order } = &command.deed {
                    self.desk.park(order.clone(), &error.to_string());
                }
            }
        }
        self.conclude(Some(error.into()))
    }

    fn halve(mut self) -> Vec<Vec<Handled>> {
        let works = self.works.split_off(self.works.len() / 2);
        let mut second = Batch { desk: self.desk, now: self.now, works, ahead: None };
        let tried = self.attempt();
        let mut answers = self.go_on(tried);
        let tried = second.attempt();
        answers.extend(second.go_on(tried));
        answers
    }

    /// Forgets what was decided: it will be decided again.
    fn reconsider(&mut self) {
        self.works.iter_mut().for_each(|work| (work.handled, work.settled) = (vec![], false));
    }

    /// Decides what was not decided yet.
    fn think(&mut self, thought: &mut Thought) -> Result<(), StoreError> {
        self.recall(thought.works)?;
        let prepared = self.prepare(&mut thought.space, thought.works)?;
        self.decide_all(thought, prepared)?;
        thought.works = self.works.len();
        Ok(())
    }

    /// Requests under a known idempotency key get the first answer again.
    fn recall(&mut self, from: usize) -> Result<(), StoreError> {
        for work in &mut self.works[from..] {
            let Some(once) = &work.request.once else { continue };
            if let Some(answer) = self.desk.store.answer(&once.key)? {
                let same = answer.fingerprint == once.fingerprint;
                work.handled = vec![if same { Handled::Again(answer) } else { Handled::KeyReused }];
                work.settled = true;
            }
        }
        Ok(())
    }

    /// Loads what the commands need: one question to the store per round, for all of them.
    fn prepare(&self, space: &mut Workspace, from: usize) -> Result<Vec<Vec<Prepared>>, StoreError> {
        let works = &self.works[from..];
        let mut all: Vec<Vec<Prepared>> = works
            .iter()
            .map(|work| {
                let commands = if work.settled { &[][..] } else { &work.commands };
                commands.iter().map(|_| Prepared::default()).collect()
            })
            .collect();
        for _ in 0..ROUNDS_MAX {
            let mut missing = vec![];
            let mut open = false;
            for (work, prepared) in works.iter().zip(&mut all) {
                for (command, one) in work.commands.iter().flatten().zip(prepared) {
                    open |= self.ask(space, command, one, &mut missing);
                }
            }
            self.load(space, &missing)?;
            for one in all.iter_mut().flatten().filter(|one| !one.fresh.is_empty()) {
                grow(space, one);
            }
            if !open {
                break;
            }
        }
        Ok(all)
    }

    /// Asks for a command's needs; false once it needs nothing more.
    fn ask(&self, space: &mut Workspace, command: &Command, one: &mut Prepared, missing: &mut Vec<CellId>) -> bool {
        if one.settled {
            return false;
        }
        match catch(|| (self.desk.head.needs)(&one.slice, command)) {
            Ok(keys) => {
                for key in keys.into_iter().filter(|key| !one.slice.has(key)) {
                    one.fresh.push(space.cell(key, |key| self.find(key), missing));
                }
                one.settled = one.fresh.is_empty();
            }
            Err(words) => (one.bug, one.settled) = (Some(words), true),
        }
        !one.settled
    }

    /// Where a record is found without reading the store.
    fn find(&self, key: &Key) -> Option<Known> {
        self.ahead.as_ref().and_then(|ahead| ahead.get(key)).or_else(|| self.desk.cache.get(key))
    }

    fn load(&self, space: &mut Workspace, missing: &[CellId]) -> Result<(), StoreError> {
        if missing.is_empty() {
            return Ok(());
        }
        let keys: Vec<Key> = missing.iter().map(|id| space.key(*id).clone()).collect();
        Tally::add(&self.desk.tally.loads, 1);
        let loaded = self.desk.store.load(&keys)?;
        for ((id, key), found) in missing.iter().zip(&keys).zip(loaded) {
            let known = Known::from(found);
            self.desk.cache.put(key, known.clone());
            space.fill(*id, known);
        }
        Ok(())
    }

    fn decide_all(&mut self, thought: &mut Thought, prepared: Vec<Vec<Prepared>>) -> Result<(), StoreError> {
        let Thought { space, draft, works: from } = thought;
        for (r, ones) in (*from..).zip(prepared) {
            if self.works[r].settled {
                continue;
            }
            let mut handled = Vec::with_capacity(ones.len());
            for (c, mut one) in ones.into_iter().enumerate() {
                let command = self.works[r].commands[c].take().expect("because commands are put back");
                let outcome = self.renew(space, &command, &mut one).map(|()| self.decide(&command, &mut one));
                let (command, answer) = match outcome {
                    Ok(Ok(Ok(decision))) => match space.take(&one.slice, &decision.after) {
                        Ok(()) => self.draft(draft, (r, c), &one.slice, command, decision),
                        Err(words) => (command, Handled::Parked { words }),
                    },
                    Ok(Ok(Err(refusal))) => (command, Handled::Refused(refusal)),
                    Ok(Err(words)) => (command, Handled::Parked { words }),
                    Err(error) => {
                        self.works[r].commands[c] = Some(command);
                        return Err(error);
                    }
                };
                self.works[r].commands[c] = Some(command);
                handled.push(answer);
            }
            let work = &mut self.works[r];
            work.handled = handled;
            attach(work, &mut draft.commit);
        }
        Ok(())
    }

    /// Where an earlier decision of the batch changed what this command reads, it sees that, and may need more.
    fn renew(&self, space: &mut Workspace, command: &Command, one: &mut Prepared) -> Result<(), StoreError> {
        if one.bug.is_some() || !space.any_changed(&one.cells) {
            return Ok(());
        }
        one.slice = space.slice(&one.cells);
        one.settled = false;
        for _ in 0..ROUNDS_MAX {
            let mut missing = vec![];
            if !self.ask(space, command, one, &mut missing) {
                break;
            }
            self.load(space, &missing)?;
            grow(space, one);
        }
        Ok(())
    }

    /// The head decides; `Err` is its panic.
    fn decide(&self, command: &Command, one: &mut Prepared) -> Result<Result<Decision, Refusal>, String> {
        match one.bug.take() {
            Some(words) => Err(words),
            None => catch(|| (self.desk.head.decide)(&one.slice, self.now, command)),
        }
    }

    /// Writes a decision into the draft of the commit. A decision without events leaves no trace.
    fn draft(
        &self,
        draft: &mut Draft,
        origin: (usize, usize),
        before: &Slice,
        command: Command,
        decision: Decision,
    ) -> (Command, Handled) {
        let Decision { events, effects, after, policy } = decision;
        if events.is_empty() {
            return (command, Handled::Done(Done { position: None, events, after }));
        }
        let subject = subject(&command.deed);
        let place = draft.commit.entries.len() as u32;
        draft.commit.facts.extend(facts::of_decision(before, self.now, &command, &events, &after, place));
        let work = &self.works[origin.0];
        if let Some(person) = &work.request.person
            && command.deed.order().as_ref() == Some(&person.order)
            && draft.commit.people.last().is_none_or(|last| last.order != person.order)
        {
            draft.commit.people.push(person.clone());
        }
        let entry = Entry { at: self.now, cause: work.request.cause.clone(), policy, command, events, effects };
        let body = text(&entry);
        let Entry { command, events, effects, .. } = entry;
        if let Some(person) = &work.request.person {
            let papers = effects.iter().filter_map(|effect| self.paper(effect, &after, &person.body));
            draft.commit.papers.extend(papers);
        }
        draft.commit.outbox.extend(effects.into_iter().map(|effect| Task::Effect(effect).errand(self.now)));
        draft.commit.entries.push(NewEntry { subject, at: self.now, body });
        draft.origins.push(origin);
        (command, Handled::Done(Done { position: None, events, after }))
    }

    /// The paper of a purchase order that was just released, if it can be written here: the order is at hand, and no
    /// number of a sequence is needed. Any other is written when its errand is run.
    fn paper(&self, effect: &Effect, after: &Slice, person: &str) -> Option<(SmolStr, Rendered)> {
        let writer = self.desk.writer.as_ref()?;
        let (Effect::SendPurchaseOrder { order, source, .. }, true) = (effect, after.has(&source_key(effect))) else {
            return None;
        };
        let source = after.source(source).filter(|s| !s.channel.connector.is_null() && !writer.is_numbered(s))?;
        let document = paper::of(effect, after.order(order)?, Some(person))?;
        let mut none = |_: &str| Err("there are no numbers here".to_owned());
        let written = catch(|| writer.write(source, &Paper::Document(document), &mut none, self.now));
        Some((effect.id(), written.ok()?.ok()?.into()))
    }

    fn write(&mut self, space: &Workspace, commit: &Commit, origins: &[(usize, usize)]) -> Tried {
        if is_empty(commit) {
            return Tried::Committed;
        }
        let known = self.desk.tail.position();
        let why = match self.desk.store.commit(commit) {
            Ok(Committed::Done { first }) => return self.written(space, first, origins),
            Ok(Committed::Conflict { keys }) => {
                keys.iter().for_each(|key| self.desk.cache.forget(key));
                return Tried::Lost;
            }
            Err(StoreError::Indeterminate(why)) => why,
            Err(error) => {
                self.forget(space);
                if matches!(error, StoreError::Unwritable(_)) {
                    self.desk.stop_writing();
                    return Tried::Failed(error.into());
                }
                return Tried::Rejected(error);
            }
        };
        // The answer was lost: the journal tells. If the commit is not there, it can only fail later, on its versions.
        match self.desk.find_commit(commit, known) {
            Ok(Some(first)) => self.written(space, first, origins),
            Ok(None) => {
                self.forget(space);
                Tried::Lost
            }
            Err(error) => {
                self.forget(space);
                let sentence = format!("{why}; reading back failed too: {error}");
                Tried::Failed(Failure { kind: FailureKind::Unknown, sentence })
            }
        }
    }

    /// It is durable: memory may know it.
    fn written(&mut self, space: &Workspace, first: u64, origins: &[(usize, usize)]) -> Tried {
        for change in space.changes() {
            self.desk.cache.put(change.key, change.known());
            self.desk.shelf.changed(change.key);
        }
        for (position, (r, c)) in (first..).zip(origins) {
            if let Some(Handled::Done(done)) = self.works[*r].handled.get_mut(*c) {
                done.position = Some(position);
            }
        }
        self.desk.tail.wrote(first, origins.len() as u64);
        Tally::add(&self.desk.tally.commits, 1);
        Tried::Committed
    }

    fn forget(&self, space: &Workspace) {
        space.changes().iter().for_each(|change| self.desk.cache.forget(change.key));
    }

    /// Counts, parks and hands out the answers; a failure overrules what was decided but not written.
    fn conclude(self, failure: Option<Failure>) -> Vec<Vec<Handled>> {
        let desk = self.desk;
        let now = self.now;
        let (mut done, mut refused, mut parked, mut failed) = (0, 0, 0, 0);
        let mut answers = Vec::with_capacity(self.works.len());
        for mut work in self.works {
            if let Some(failure) = &failure
                && !work.settled
            {
                work.handled = vec![Handled::Failed(failure.clone()); work.commands.len().max(1)];
            }
            for (handled, command) in work.handled.iter().zip(&work.commands) {
                match handled {
                    Handled::Done(d) => {
                        done += 1;
                        if let Some(order) = command.as_ref().and_then(|command| still_due(command, d, now)) {
                            desk.park(order, "it is due, and waking it led to nothing");
                        }
                    }
                    Handled::Again(_) => done += 1,
                    Handled::Refused(_) | Handled::KeyReused => refused += 1,
                    Handled::Failed(_) => failed += 1,
                    Handled::Parked { words } => {
                        parked += 1;
                        let order = command.as_ref().and_then(|command| command.deed.order());
                        tracing::error!(order = order.as_ref().map(|o| o.as_str()), words, "a command was parked");
                        order.into_iter().for_each(|order| desk.park(order, words));
                    }
                }
            }
            answers.push(work.handled);
        }
        Tally::add(&desk.tally.done, done);
        Tally::add(&desk.tally.refused, refused);
        Tally::add(&desk.tally.parked, parked);
        Tally::add(&desk.tally.failed, failed);
        answers
    }
}

/// The order that was woken and still is due, though nothing happened: it would be woken for ever.
fn still_due(command: &Command, done: &Done, now: Timestamp) -> Option<OrderId> {
    let Deed::Wake { order: id } = &command.deed else { return None };
    let due = done.events.is_empty() && done.order(id)?.wake_at()? <= now;
    due.then(|| id.clone())
}

fn source_key(effect: &Effect) -> Key {
    Key::Source(effect.source().clone())
}

/// Adds what a request wants to have written besides its decisions.
fn attach(work: &Work, commit: &mut Commit) {
    if let Some(finish) = &work.request.finish {
        let attachments = finish(&work.handled);
        commit.inbox.extend(attachments.inbox);
        commit.sent.extend(attachments.sent);
        commit.outbox.extend(attachments.errands);
        commit.answers.extend(attachments.answer);
    }
}

/// Lays the freshly loaded records before a command.
fn grow(space: &Workspace, one: &mut Prepared) {
    let fresh = std::mem::take(&mut one.fresh);
    one.slice = space.extend(std::mem::take(&mut one.slice), &fresh);
    one.cells.extend(fresh);
}

fn is_empty(commit: &Commit) -> bool {
    let Commit { entries, writes, index, facts, outbox, papers, people, answers, inbox, sent } = commit;
    entries.is_empty()
        && writes.is_empty()
        && index.is_empty()
        && facts.is_empty()
        && outbox.is_empty()
        && papers.is_empty()
        && people.is_empty()
        && answers.is_empty()
        && inbox.is_empty()
        && sent.is_empty()
}

/// The order or source (`@` and its id) that a deed is about.
pub(crate) fn subject(deed: &Deed) -> Option<SmolStr> {
    if let Some(order) = deed.order() {
        return Some(order.into());
    }
    let source = match deed {
        Deed::RecordSource { source, .. } => &source.id,
        Deed::RecordOffer { offer } => &offer.source,
        Deed::ReportAdvice(advice) => &advice.source,
        Deed::OpenSourceCase { source, .. } | Deed::WakeSource { source } => source,
        Deed::ResolveCase { case, .. } | Deed::AssignCase { case, .. } | Deed::CommentCase { case, .. } => {
            return match case.split()?.0 {
                CaseSubject::Source(source) => Some(index::subject_of_source(&source)),
                CaseSubject::Order(order) => Some(order.into()),
            };
        }
        _ => return None,
    };
    Some(index::subject_of_source(source))
}

fn text(entry: &Entry) -> String {
    let mut bytes = Vec::with_capacity(ENTRY_BYTES_USUAL);
    serde_json::to_writer(&mut bytes, entry).expect("because entries are plain data");
    String::from_utf8(bytes).expect("because JSON is UTF-8")
}

/// Calls what may panic; the panic becomes the words of the assertion.
pub(crate) fn catch<T>(head: impl FnOnce() -> T) -> Result<T, String> {
    // Nothing is left half done: the head sees only records that it cannot change, and a batch is dropped whole.
    catch_unwind(AssertUnwindSafe(head)).map_err(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic without words").to_owned()
    })
}
