//! Step two: an inbox entry, read by its dialect, becomes commands, findings and receipts.
//!
//! Never fails on content: what cannot be used becomes a finding with its place, the rest goes on, and the entry is
//! kept. The same entry interpreted twice has one effect. Knows no dialect.

mod advice;
mod documents;
mod doubles;
mod findings;
mod translated;

pub use translated::Translated;

use crate::batch::catch;
use crate::desk::Desk;
use crate::ports::{InboxEntry, InboxState, StoreError};
use crate::receive::source_of;
use crate::request::{Failure, Handled};
use countersign_engine::command::{Actor, Command, Deed};
use countersign_engine::ids::{PoNumber, SourceId};
use countersign_engine::reason::Reason;
use countersign_engine::slice::{Key, Record};
use countersign_engine::source::Source;
use countersign_partners::seam::{
    Context, Dialect, Document, Envelope, Finding, Place, Reading, Receipt, Severity, Unmapped,
};
use doubles::Doubles;
use findings::{bug, finding};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use smol_str::{SmolStr, format_smolstr};
use std::collections::BTreeSet;
use std::sync::Arc;
use translated::{Ending, Placed};

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
    /// How the file left the quarantine, if it came there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<Left>,
}

impl Report {
    /// As it is kept with the inbox entry.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("because reports are plain data")
    }
}

/// Who took a file out of the quarantine, when, and how. The file itself stays as it came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Left {
    /// Person or program.
    pub by: SmolStr,
    /// When.
    pub at: Timestamp,
    /// How.
    pub how: Leaving,
    /// The inbox entry that was read in its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replay: Option<u64>,
    /// What was said about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<String>,
}

/// How a file leaves the quarantine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Leaving {
    /// Read again as it came.
    Replayed,
    /// Read again, edited.
    Edited,
    /// Left as it is.
    Dismissed,
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

/// A file (or call) being interpreted.
struct Work<'a> {
    desk: &'a Desk,
    source: Arc<Source>,
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
    let Taken { report, lacking, .. } = carry_out(desk, now, read(desk, dialect, now, entry)?)?;
    let state = if lacking { InboxState::Quarantined } else { InboxState::Done };
    Ok(Interpreted { state, report })
}

/// The first half of [`interpret`], for whoever hands many files' commands to the desk together. A file over which we
/// stumble for good (a bug of ours, a record that cannot be read back) is quarantined like any other that is not
/// understood: it holds up nobody.
///
/// # Errors
/// The store could not be read.
pub fn read(desk: &Desk, dialect: &dyn Dialect, now: Timestamp, entry: &InboxEntry) -> Result<Translated, StoreError> {
    match catch(|| translated_file(desk, dialect, now, entry)) {
        Ok(Err(StoreError::Broken(why))) => Ok(Translated::settled(entry.id, unreadable(&why))),
        Ok(read) => read,
        Err(words) => {
            tracing::error!(entry = entry.id, words, "reading a file hit a bug of ours: it is quarantined");
            let sentence =
                "Reading this file hit a bug of ours; the log has the words. It is kept and can be replayed.";
            Ok(Translated::settled(entry.id, lost(bug(Place::default(), sentence.into()))))
        }
    }
}

fn translated_file(
    desk: &Desk,
    dialect: &dyn Dialect,
    now: Timestamp,
    entry: &InboxEntry,
) -> Result<Translated, StoreError> {
    let Some(source) = source_of(&entry.new.channel).map(|id| source_record(desk, &id)).transpose()?.flatten() else {
        let sentence = format!("The channel {} belongs to no source known here.", entry.new.channel);
        let unknown = finding(Reason::EdiUnknownPartner, Severity::Fatal, Place::default(), sentence);
        return Ok(Translated::settled(entry.id, lost(unknown)));
    };
    let read = |used: &BTreeSet<String>| {
        let context = Context { used, ..Context::new(&entry.new.name, entry.new.received_at) };
        dialect.read(&source, &entry.new.bytes, &context)
    };
    let mut reading = read(&BTreeSet::new());
    let mut doubles = Doubles::of(desk.store().as_ref(), entry, &reading.envelopes)?;
    if !doubles.refused.is_empty() {
        // Read once more, so that the partner is told by the same report that people see.
        reading = read(&doubles.refused);
        doubles = Doubles::of(desk.store().as_ref(), entry, &reading.envelopes)?;
    }
    doubles.leave_out(&mut reading.documents, &mut reading.receipts);
    let told = doubles.remember(desk.store().as_ref())?;
    let mut work = Work::new(desk, source.clone());
    let owed = work.take_in(reading)?;
    told.into_iter().for_each(|finding| work.find(finding));
    let about: Vec<PoNumber> = work.report.purchase_orders.iter().cloned().collect();
    if !about.is_empty() {
        desk.store().relate(entry.id, &about)?;
    }
    let ending = Ending { entry: entry.id, source: work.source.id.clone(), owed, now };
    Ok(work.translated(&format_smolstr!("inbox.{}", entry.id), Some(ending)))
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
    carry_out(desk, now, translate(desk, source, documents, cause)?)
}

/// The first half of [`take`], for whoever hands many calls' commands to the desk together.
///
/// # Errors
/// The store could not be read.
pub fn translate(
    desk: &Desk,
    source: &Arc<Source>,
    documents: Vec<Document>,
    cause: &str,
) -> Result<Translated, StoreError> {
    let mut work = Work::new(desk, source.clone());
    work.documents(documents)?;
    Ok(work.translated(cause, None))
}

/// Interprets waiting entries, oldest first, until so many were dealt with; how many were. Entries of shops' channels
/// are left alone. One that fails waits on, and does not stand in the way of those behind it.
///
/// # Errors
/// The machinery failed, and nothing could be dealt with; what was not settled still waits.
pub fn run(desk: &Desk, dialect: &dyn Dialect, now: Timestamp, limit: u32) -> Result<usize, Failure> {
    let (mut count, mut after, mut failed) = (0, 0, None);
    loop {
        let waiting = desk.store().inbox(InboxState::Waiting, after, limit)?;
        for entry in waiting.iter().filter(|e| source_of(&e.new.channel).is_some()) {
            match interpret(desk, dialect, now, entry) {
                Ok(_) => count += 1,
                Err(failure) => {
                    tracing::error!(entry = entry.id, %failure, "a file could not be interpreted: it waits");
                    failed.get_or_insert(failure);
                }
            }
        }
        after = waiting.last().map_or(after, |entry| entry.id);
        if count >= limit as usize || waiting.len() < limit as usize {
            break;
        }
    }
    failed.filter(|_| count == 0).map_or(Ok(count), Err)
}

impl<'a> Work<'a> {
    fn new(desk: &'a Desk, source: Arc<Source>) -> Self {
        Self { desk, source, commands: vec![], report: Report::default(), quarantine: false }
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

    fn translated(self, cause: &str, ending: Option<Ending>) -> Translated {
        Translated::new(self.commands, self.report, self.quarantine, cause, ending)
    }
}

/// Hands the commands to the desk, part by part.
fn carry_out(desk: &Desk, now: Timestamp, mut translated: Translated) -> Result<Taken, Failure> {
    while let Some(request) = translated.next_request() {
        translated.answered(desk.handle(now, vec![request]).pop().unwrap_or_default())?;
    }
    Ok(translated.end())
}

/// A file that needs a record that cannot be read back.
fn unreadable(why: &str) -> Interpreted {
    tracing::error!(why, "a file needs a record that cannot be read back: it is quarantined");
    lost(bug(Place::default(), format!("This file needs a record that cannot be read back: {why}.")))
}

/// A file of which nothing can be used.
fn lost(finding: Finding) -> Interpreted {
    let report = Report { findings: vec![finding], ..Report::default() };
    Interpreted { state: InboxState::Quarantined, report }
}

fn source_record(desk: &Desk, id: &SourceId) -> Result<Option<Arc<Source>>, StoreError> {
    match desk.read(&[Key::Source(id.clone())])?.pop().flatten() {
        Some(Record::Source(source)) => Ok(Some(source)),
        _ => Ok(None),
    }
}
