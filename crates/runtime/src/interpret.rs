//! Step two: an inbox entry, read by its dialect, becomes commands, findings and receipts.
//!
//! Never fails on content: what cannot be used becomes a finding with its place, the rest goes on, and the entry is
//! kept. The same entry interpreted twice has one effect. Knows no dialect.

mod advice;
mod documents;

use crate::desk::Desk;
use crate::ports::{InboxEntry, InboxState, StoreError};
use crate::receive::source_of;
use crate::request::{Attachments, Failure, Handled, Request};
use crate::task::{OwedReceipt, Task};
use countersign_engine::command::{Actor, Command, Deed};
use countersign_engine::ids::{PoNumber, SourceId};
use countersign_engine::reason::Reason;
use countersign_engine::refusal::{Refusal, RefusalKind};
use countersign_engine::slice::{Key, Record};
use countersign_engine::source::Source;
use countersign_partners::seam::{
    Context, Dialect, Document, Envelope, FINDINGS_MAX, Finding, Place, Reading, Receipt, Severity, Unmapped,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use smol_str::{SmolStr, format_smolstr};
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// Commands of one file that are committed at once: four chunks of a feed. More would keep orders waiting longer than
/// a tenth of a second.
const COMMIT_COMMANDS_MAX: usize = 4;
/// The same for commands that are short.
const COMMIT_SHORT_COMMANDS_MAX: usize = 200;

/// What interpreting led to; kept with the inbox entry as JSON.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// What was found, in the order of the file; then what was refused.
    pub findings: Vec<Finding>,
    /// Findings that were not kept.
    #[serde(default)]
    pub findings_dropped: u32,
    /// Sets or messages of the file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub envelopes: Vec<Envelope>,
    /// Data that nothing uses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unmapped: Vec<Unmapped>,
    /// Commands that were carried out.
    #[serde(default)]
    pub done: u32,
    /// Purchase orders that the file is about.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub purchase_orders: BTreeSet<PoNumber>,
    /// Advice lines that said nothing new.
    #[serde(default)]
    pub unchanged: u32,
}

/// How an inbox entry ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Interpreted {
    /// Done, or quarantined.
    pub state: InboxState,
    /// Why, and what came of it.
    pub report: Report,
}

/// What documents led to that came without a file (an API call): what they were answered with, and what was found.
#[derive(Debug)]
pub struct Taken {
    /// One answer per command, in the order of the documents.
    pub handled: Vec<Handled>,
    /// What was found on the way, and what was refused.
    pub report: Report,
    /// True if a part could not be used.
    pub lacking: bool,
}

/// A command and where in the file it stems from.
struct Placed {
    command: Command,
    place: Place,
}

/// A file (or call) being interpreted.
struct Work<'a> {
    desk: &'a Desk,
    source: Arc<Source>,
    now: Timestamp,
    commands: Vec<Placed>,
    report: Report,
    /// A part could not be used.
    quarantine: bool,
}

/// Interprets a waiting entry of a source's channel and settles it in the commit of its last commands.
///
/// # Errors
/// The machinery failed: the entry still waits, interpreting it again is safe.
pub fn interpret(
    desk: &Desk,
    dialect: &dyn Dialect,
    now: Timestamp,
    entry: &InboxEntry,
) -> Result<Interpreted, Failure> {
    let Some(source) = source_of(&entry.new.channel).map(|id| source_record(desk, &id)).transpose()?.flatten() else {
        let sentence = format!("The channel {} belongs to no source known here.", entry.new.channel);
        let unknown = finding(Reason::EdiUnknownPartner, Severity::Fatal, Place::default(), sentence);
        return settle(desk, now, entry, Work::lost(unknown));
    };
    let context = Context { name: &entry.new.name, received_at: entry.new.received_at };
    let read = catch_unwind(AssertUnwindSafe(|| dialect.read(&source, &entry.new.bytes, &context)));
    let Ok(reading) = read else {
        let sentence = "Reading this file hit a bug of ours; the log has the words. It is kept and can be replayed.";
        return settle(desk, now, entry, Work::lost(bug(Place::default(), sentence.into())));
    };
    let mut work = Work::new(desk, source, now);
    let owed = work.take_in(reading)?;
    let ending = Ending { entry: entry.id, source: work.source.id.clone(), owed, now };
    work.carry_out(&format_smolstr!("inbox.{}", entry.id), Some(ending)).map(|(interpreted, _)| interpreted)
}

/// Carries out documents that came ready, by an API call for example: nothing is kept but what they lead to.
///
/// # Errors
/// The machinery failed; asking again is safe.
pub fn take(
    desk: &Desk,
    source: &Arc<Source>,
    now: Timestamp,
    documents: Vec<Document>,
    cause: &str,
) -> Result<Taken, Failure> {
    let mut work = Work::new(desk, source.clone(), now);
    work.documents(documents)?;
    let (interpreted, handled) = work.carry_out(cause, None)?;
    let lacking = interpreted.state == InboxState::Quarantined;
    Ok(Taken { handled, report: interpreted.report, lacking })
}

/// Interprets waiting entries, oldest first; how many were dealt with. Entries of shops' channels are left alone.
///
/// # Errors
/// The machinery failed; what was not settled still waits.
pub fn run(desk: &Desk, dialect: &dyn Dialect, now: Timestamp, limit: u32) -> Result<usize, Failure> {
    let waiting = desk.store().inbox(InboxState::Waiting, 0, limit)?;
    let mut count = 0;
    for entry in waiting.iter().filter(|e| source_of(&e.new.channel).is_some()) {
        interpret(desk, dialect, now, entry)?;
        count += 1;
    }
    Ok(count)
}

/// What is written with the last commands of a file.
struct Ending {
    entry: u64,
    source: SourceId,
    owed: Vec<Receipt>,
    now: Timestamp,
}

impl Ending {
    fn attachments(&self, interpreted: &Interpreted) -> Attachments {
        let receipts = self.owed.iter().zip(1..).map(|(receipt, ordinal)| {
            let owed = OwedReceipt::new(self.source.clone(), self.entry, ordinal, receipt.clone());
            Task::Receipt(owed).errand(self.now)
        });
        let report = serde_json::to_string(&interpreted.report).expect("because reports are plain data");
        Attachments {
            inbox: vec![(self.entry, interpreted.state, Some(report))],
            errands: receipts.collect(),
            ..Attachments::default()
        }
    }
}

/// What is known of a file before its last commands are decided.
struct Sofar {
    report: Report,
    quarantine: bool,
    places: Vec<Place>,
}

impl Sofar {
    /// With the fate of the commands from the `first`-th on.
    fn with(&self, first: usize, handled: &[Handled]) -> Interpreted {
        let (mut report, mut quarantine) = (self.report.clone(), self.quarantine);
        for (one, place) in handled.iter().zip(&self.places[first..]) {
            match one {
                Handled::Done(_) => report.done += 1,
                Handled::Refused(refusal) => {
                    quarantine = true;
                    report.find(of_refusal(refusal, place.clone()));
                }
                Handled::Parked { words } => {
                    quarantine = true;
                    let sentence =
                        format!("Carrying this out hit a bug of ours ({words}). It is kept and can be replayed.");
                    report.find(bug(place.clone(), sentence));
                }
                Handled::Failed(_) | Handled::Again(_) | Handled::KeyReused => {}
            }
        }
        let state = if quarantine { InboxState::Quarantined } else { InboxState::Done };
        Interpreted { state, report }
    }
}

impl<'a> Work<'a> {
    fn new(desk: &'a Desk, source: Arc<Source>, now: Timestamp) -> Self {
        Self { desk, source, now, commands: vec![], report: Report::default(), quarantine: false }
    }

    /// A file of which nothing can be used.
    fn lost(finding: Finding) -> Interpreted {
        let report = Report { findings: vec![finding], ..Report::default() };
        Interpreted { state: InboxState::Quarantined, report }
    }

    /// Turns a reading into commands and findings; returns the receipts that we owe.
    fn take_in(&mut self, reading: Reading) -> Result<Vec<Receipt>, StoreError> {
        let Reading { documents, findings, findings_dropped, owed, receipts, envelopes, unmapped, quarantine } =
            reading;
        self.quarantine |= quarantine;
        self.report = Report { findings, findings_dropped, envelopes, unmapped, ..Report::default() };
        self.receipts(receipts)?;
        self.documents(documents)?;
        Ok(owed)
    }

    fn documents(&mut self, documents: Vec<Document>) -> Result<(), StoreError> {
        documents.into_iter().try_for_each(|document| self.document(document))
    }

    fn order(&mut self, deed: Deed, place: Place) {
        let by = Actor::Source { source: self.source.id.clone() };
        self.commands.push(Placed { command: Command { by, deed }, place });
    }

    /// Notes a finding; an error or worse sends the file to quarantine.
    fn find(&mut self, finding: Finding) {
        self.quarantine |= finding.severity >= Severity::Error;
        self.report.find(finding);
    }

    /// Hands the commands to the desk, a few per commit, the ending with the last of them.
    fn carry_out(self, cause: &str, ending: Option<Ending>) -> Result<(Interpreted, Vec<Handled>), Failure> {
        let Work { desk, now, commands, report, quarantine, .. } = self;
        let about: Vec<PoNumber> = report.purchase_orders.iter().cloned().collect();
        if let Some(ending) = &ending
            && !about.is_empty()
        {
            desk.store().relate(ending.entry, &about)?;
        }
        let (commands, places): (Vec<Command>, Vec<Place>) = commands.into_iter().map(|p| (p.command, p.place)).unzip();
        let sofar = Sofar { report, quarantine, places };
        let mut parts = in_parts(commands);
        let last = parts.pop().unwrap_or_default();
        let mut handled: Vec<Handled> = vec![];
        for part in parts {
            handled.extend(hand(
                desk,
                now,
                Request { commands: part, cause: Some(cause.into()), ..Request::default() },
            )?);
        }
        let sofar = Arc::new(Sofar { places: sofar.places.clone(), ..sofar.after(&handled) });
        let first = handled.len();
        let mut request = Request { commands: last, cause: Some(cause.into()), ..Request::default() };
        if let Some(ending) = ending {
            let sofar = sofar.clone();
            request = request.finishing(move |handled| ending.attachments(&sofar.with(first, handled)));
        }
        let rest = hand(desk, now, request)?;
        let interpreted = sofar.with(first, &rest);
        handled.extend(rest);
        Ok((interpreted, handled))
    }
}

impl Sofar {
    /// As known after the first commands.
    fn after(&self, handled: &[Handled]) -> Sofar {
        let Interpreted { state, report } = self.with(0, handled);
        Sofar { report, quarantine: state == InboxState::Quarantined, places: vec![] }
    }
}

impl Report {
    fn find(&mut self, finding: Finding) {
        if self.findings.len() < FINDINGS_MAX {
            self.findings.push(finding);
        } else {
            self.findings_dropped = self.findings_dropped.saturating_add(1);
        }
    }
}

/// Feeds in few chunks per commit, short commands in many.
fn in_parts(commands: Vec<Command>) -> Vec<Vec<Command>> {
    let mut parts: Vec<Vec<Command>> = vec![];
    let mut room = 0;
    for command in commands {
        let long = matches!(&command.deed, Deed::ReportAdvice(advice) if advice.lines.len() > 10);
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

/// Hands one request to the desk; a failure of the machinery is an error.
fn hand(desk: &Desk, now: Timestamp, request: Request) -> Result<Vec<Handled>, Failure> {
    let handled = desk.handle(now, vec![request]).pop().unwrap_or_default();
    match handled.iter().find_map(Handled::failure) {
        Some(failure) => Err(failure.clone()),
        None => Ok(handled),
    }
}

/// Settles an entry without commands.
fn settle(desk: &Desk, now: Timestamp, entry: &InboxEntry, interpreted: Interpreted) -> Result<Interpreted, Failure> {
    let report = serde_json::to_string(&interpreted.report).expect("because reports are plain data");
    let (id, state) = (entry.id, interpreted.state);
    let request = Request::default()
        .finishing(move |_| Attachments { inbox: vec![(id, state, Some(report.clone()))], ..Attachments::default() });
    hand(desk, now, request)?;
    Ok(interpreted)
}

fn source_record(desk: &Desk, id: &SourceId) -> Result<Option<Arc<Source>>, StoreError> {
    match desk.read(&[Key::Source(id.clone())])?.pop().flatten() {
        Some(Record::Source(source)) => Ok(Some(source)),
        _ => Ok(None),
    }
}

fn finding(reason: Reason, severity: Severity, place: Place, sentence: String) -> Finding {
    let (id, advice) = (SmolStr::new_static(reason.code()), advice_for(reason));
    Finding { id, severity, place, sentence, advice: advice.to_owned(), value: None }
}

fn bug(place: Place, sentence: String) -> Finding {
    let advice = "Tell those who make Countersign; replay the file once it is mended.".to_owned();
    Finding { id: SmolStr::new_static("bug"), severity: Severity::Fatal, place, sentence, advice, value: None }
}

fn of_refusal(refusal: &Refusal, place: Place) -> Finding {
    let fault = refusal.faults.first();
    let code = fault.and_then(|f| Reason::from_code(&f.reason));
    let id = match (code, refusal.kind) {
        (Some(reason), _) => SmolStr::new_static(reason.code()),
        (None, RefusalKind::UnknownPurchaseOrder | RefusalKind::UnknownOrder) => {
            SmolStr::new_static(Reason::EdiUnmatchedPo.code())
        }
        (None, kind) => format_smolstr!("{kind:?}"),
    };
    let advice = code.map_or("Ask the partner what is meant, or mend our records and replay the file.", advice_for);
    Finding {
        id,
        severity: Severity::Error,
        place,
        sentence: refusal.sentence.clone(),
        advice: advice.to_owned(),
        value: fault.map(|f| f.value.clone()),
    }
}

fn advice_for(reason: Reason) -> &'static str {
    match reason {
        Reason::CatalogUnknownSku => {
            "Record the offer (the source's number and ours), or tell the source to drop the item."
        }
        Reason::CatalogUnknownOffer => "The names given mean different items: mend the offer, or ask the source.",
        Reason::CatalogUnitMismatch => "Mend the offer's unit and pack, or ask the source to send that unit.",
        Reason::CatalogPackMismatch => "The quantity is too large to be true: ask the source.",
        Reason::CatalogGtinMismatch => "Mend the GTIN of the item, or ask the source which item it means.",
        Reason::EdiUnknownPartner => "Record the source, or mend the channel's settings, then replay the file.",
        Reason::EdiUnmatchedPo => "Check the purchase order's number with the source, then replay the file.",
        _ => "Ask the partner what is meant, or mend our records and replay the file.",
    }
}
