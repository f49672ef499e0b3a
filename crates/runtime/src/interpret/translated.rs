//! The commands of a file, handed to the desk a few at a time, and what is known of the file meanwhile.
//!
//! Whoever runs it asks for the next request, hands it to the desk together with others' requests if it likes, and
//! brings the answers back. Does not know documents.

use super::findings::{bug, of_refusal};
use super::{Interpreted, Report, Taken};
use crate::ports::InboxState;
use crate::request::{Attachments, Failure, Handled, Request};
use crate::task::{OwedReceipt, Task};
use countersign_engine::command::{Command, Deed};
use countersign_engine::ids::SourceId;
use countersign_partners::seam::{FINDINGS_MAX, Finding, Place, Receipt};
use jiff::Timestamp;
use smol_str::SmolStr;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Commands of one file that are committed at once: four chunks of a feed. More would keep orders waiting longer than
/// a tenth of a second.
const COMMIT_COMMANDS_MAX: usize = 4;
/// The same for commands that are short.
const COMMIT_SHORT_COMMANDS_MAX: usize = 200;
/// Lines from which on a command counts as long.
const LONG_FROM: usize = 10;

/// A command and where in the file it stems from.
pub(super) struct Placed {
    pub command: Command,
    pub place: Place,
}

/// What is written with the last commands of a file.
pub(super) struct Ending {
    pub entry: u64,
    pub source: SourceId,
    pub owed: Vec<Receipt>,
    pub now: Timestamp,
}

/// A file (or call) in commands, on its way through the desk.
pub struct Translated {
    parts: VecDeque<Request>,
    sofar: Arc<Mutex<Sofar>>,
    handled: Vec<Handled>,
}

/// What is known of a file while its commands are decided.
#[derive(Clone)]
struct Sofar {
    report: Report,
    quarantine: bool,
    /// Of all commands.
    places: Arc<[Place]>,
    /// Commands whose fate is in the report.
    known: usize,
}

impl Translated {
    pub(super) fn new(
        commands: Vec<Placed>,
        report: Report,
        quarantine: bool,
        cause: &str,
        ending: Option<Ending>,
    ) -> Self {
        let (commands, places): (Vec<Command>, Vec<Place>) = commands.into_iter().map(|p| (p.command, p.place)).unzip();
        let sofar = Sofar { report, quarantine, places: places.into(), known: 0 };
        let sofar = Arc::new(Mutex::new(sofar));
        let request = |commands| Request { commands, cause: Some(SmolStr::new(cause)), ..Request::default() };
        let mut parts: VecDeque<Request> = in_parts(commands).into_iter().map(request).collect();
        if let Some(ending) = ending {
            let last = parts.pop_back().unwrap_or_else(|| request(vec![]));
            let shared = sofar.clone();
            parts.push_back(last.finishing(move |handled| {
                let mut end = lock(&shared).clone();
                end.add(handled);
                ending.attachments(&end.interpreted())
            }));
        }
        Self { parts, sofar, handled: vec![] }
    }

    /// A file that is settled without commands.
    pub(super) fn settled(entry: u64, interpreted: Interpreted) -> Self {
        let quarantine = interpreted.state == InboxState::Quarantined;
        let places = Arc::from([]);
        let sofar = Sofar { report: interpreted.report.clone(), quarantine, places, known: 0 };
        let request = Request::default().finishing(move |_| Attachments {
            inbox: vec![(entry, interpreted.state, Some(interpreted.report.to_json()))],
            ..Attachments::default()
        });
        Self { parts: [request].into(), sofar: Arc::new(Mutex::new(sofar)), handled: vec![] }
    }

    /// The next request for the desk; `None` once all were given out. Bring its answers back before asking again: the
    /// last one tells in its commit how the others fared.
    pub fn next_request(&mut self) -> Option<Request> {
        self.parts.pop_front()
    }

    /// Takes the answers to the last request.
    ///
    /// # Errors
    /// The machinery failed: give the whole up, it can be translated again.
    pub fn answered(&mut self, handled: Vec<Handled>) -> Result<(), Failure> {
        if let Some(failure) = handled.iter().find_map(Handled::failure) {
            return Err(failure.clone());
        }
        lock(&self.sofar).add(&handled);
        self.handled.extend(handled);
        Ok(())
    }

    /// How it ended.
    pub fn end(self) -> Taken {
        let Interpreted { state, report } = lock(&self.sofar).clone().interpreted();
        Taken { handled: self.handled, report, lacking: state == InboxState::Quarantined }
    }
}

impl Sofar {
    fn add(&mut self, handled: &[Handled]) {
        let places = self.places.clone();
        for (one, place) in handled.iter().zip(&places[self.known..]) {
            match one {
                Handled::Done(_) => self.report.done += 1,
                Handled::Refused(refusal) => self.lack(of_refusal(refusal, place.clone())),
                Handled::Parked { words } => {
                    let sentence =
                        format!("Carrying this out hit a bug of ours ({words}). The file is kept and can be replayed.");
                    self.lack(bug(place.clone(), sentence));
                }
                Handled::Failed(_) | Handled::Again(_) | Handled::KeyReused => {}
            }
        }
        self.known += handled.len();
    }

    fn lack(&mut self, finding: Finding) {
        self.quarantine = true;
        self.report.find(finding);
    }

    fn interpreted(self) -> Interpreted {
        let state = if self.quarantine { InboxState::Quarantined } else { InboxState::Done };
        Interpreted { state, report: self.report }
    }
}

impl Ending {
    fn attachments(&self, interpreted: &Interpreted) -> Attachments {
        let receipts = self.owed.iter().zip(1..).map(|(receipt, ordinal)| {
            let owed = OwedReceipt::new(self.source.clone(), self.entry, ordinal, receipt.clone());
            Task::Receipt(owed).errand(self.now)
        });
        Attachments {
            inbox: vec![(self.entry, interpreted.state, Some(interpreted.report.to_json()))],
            errands: receipts.collect(),
            ..Attachments::default()
        }
    }
}

impl Report {
    pub(super) fn find(&mut self, finding: Finding) {
        if self.findings.len() < FINDINGS_MAX {
            self.findings.push(finding);
        } else {
            self.findings_dropped = self.findings_dropped.saturating_add(1);
        }
    }
}

// What is known of a file is whole at every moment: a panic between two changes leaves one of them out at worst.
fn lock(sofar: &Mutex<Sofar>) -> MutexGuard<'_, Sofar> {
    sofar.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Feeds in few chunks per commit, short commands in many.
fn in_parts(commands: Vec<Command>) -> Vec<Vec<Command>> {
    let mut parts: Vec<Vec<Command>> = vec![];
    let mut room = 0;
    for command in commands {
        let long = matches!(&command.deed, Deed::ReportAdvice(advice) if advice.lines.len() > LONG_FROM);
        let weight = if long { COMMIT_SHORT_COMMANDS_MAX / COMMIT_COMMANDS_MAX } else { 1 };
        match parts.last_mut() {
            Some(part) if room >= weight => part.push(command),
            _ => {
                parts.push(vec![command]);
                room = COMMIT_SHORT_COMMANDS_MAX;
            }
        }
        room -= weight;
    }
    parts
}
