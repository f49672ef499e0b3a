//! `countersign import`: a file into the store of this machine, with a dry run and a report of every rejected row.

use super::Ended;
use super::histories::ImportHistory;
use super::serve::hold_data;
use crate::config::Common;
use crate::histories::parquet::Lines;
use crate::intake::{self, Format, Kind, Row, RowFault, RowFaults};
use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use countersign_engine::command::{Actor, Command};
use countersign_runtime::memory::MemoryStore;
use countersign_runtime::ports::{List, Store};
use countersign_runtime::request::{Handled, Request};
use countersign_runtime::{Desk, Settings};
use jiff::Timestamp;
use std::fs::File;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::sync::Arc;

/// Rows decided in one commit.
const ROWS_AT_ONCE: usize = 500;

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Import {
    #[command(subcommand)]
    whole: Option<Whole>,
    #[command(flatten)]
    rows: Option<Rows>,
}

/// What is taken in whole.
#[derive(Subcommand)]
enum Whole {
    /// What happened in the past, from a folder of files, kept for replays and backtests
    History(ImportHistory),
}

/// What is taken in row by row.
#[derive(Args)]
struct Rows {
    /// What the file holds
    kind: Kind,
    /// The file; `-` reads standard input
    file: PathBuf,
    /// csv or ndjson; told by the file's name if left out (.parquet is known by its name only)
    #[arg(long)]
    format: Option<Format>,
    /// Check every row and store nothing
    #[arg(long)]
    dry_run: bool,
    /// Report as JSON
    #[arg(long)]
    json: bool,
}

impl Import {
    pub fn run(self, common: &Common) -> Result<Ended> {
        match (self.whole, self.rows) {
            (Some(Whole::History(history)), _) => history.run(common),
            (None, Some(rows)) => rows.run(common),
            (None, None) => bail!("say what is to be imported: countersign import --help"),
        }
    }
}

impl Rows {
    fn run(self, common: &Common) -> Result<Ended> {
        let config = common.resolve()?;
        let _lock = hold_data(&config)?;
        let store = countersign_store::open(&config.store_location())?;
        let store: Arc<dyn Store> = if self.dry_run { rehearsal(store.as_ref())? } else { store };
        let desk = Desk::open(store, Settings::default())?;
        let input: Box<dyn std::io::Read> = if self.file.as_os_str() == "-" {
            Box::new(std::io::stdin())
        } else {
            let shown = || format!("{}", self.file.display());
            let file = File::open(&self.file).with_context(shown)?;
            match self.file.extension().is_some_and(|end| end == "parquet") {
                true => Box::new(Lines::of(file).with_context(shown)?),
                false => Box::new(file),
            }
        };
        let mut report = Report::default();
        let mut batch = vec![];
        for row in intake::rows_judged(self.kind, self.format(), input, Timestamp::now()) {
            match row {
                Ok(row) => batch.push(row),
                Err(faults) => report.reject(faults),
            }
            if batch.len() == ROWS_AT_ONCE {
                take_in(&desk, &mut batch, &mut report);
                report.progress(self.json);
            }
        }
        take_in(&desk, &mut batch, &mut report);
        report.show(self.json, self.dry_run);
        Ok(if report.rejected.is_empty() { Ended::Done } else { Ended::Faulty })
    }

    fn format(&self) -> Format {
        let name = self.file.to_string_lossy();
        let lines = [".ndjson", ".jsonl", ".json", ".parquet"].iter().any(|end| name.ends_with(end));
        self.format.unwrap_or(if lines { Format::Ndjson } else { Format::Csv })
    }
}

/// A store in memory with the master data of the real one: a dry run goes through the very same steps.
fn rehearsal(real: &dyn Store) -> Result<Arc<dyn Store>> {
    use countersign_engine::command::Deed;
    use countersign_engine::slice::Record;
    let copy: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let desk = Desk::open(copy.clone(), Settings::default())?;
    let fill = |what: &List| -> Result<Vec<countersign_engine::ids::SourceId>> {
        let (mut after, mut sources) = (None::<String>, vec![]);
        loop {
            let page = real.list(what, after.as_deref(), 1_000)?;
            let requests = page.iter().filter_map(|v| {
                let (deed, key) = match &v.record {
                    Record::Item(item) => (Deed::RecordItem { item: item.as_ref().clone() }, item.sku.to_string()),
                    Record::Source(source) => {
                        sources.push(source.id.clone());
                        (Deed::RecordSource { source: source.as_ref().clone(), only_new: false }, source.id.to_string())
                    }
                    Record::Offer(offer) => {
                        (Deed::RecordOffer { offer: offer.as_ref().clone() }, offer.sku.to_string())
                    }
                    _ => return None,
                };
                after = Some(key);
                Some(Request::new(Command { by: Actor::Engine, deed }))
            });
            let requests: Vec<Request> = requests.collect();
            if requests.is_empty() {
                return Ok(sources);
            }
            desk.handle(Timestamp::now(), requests);
        }
    };
    fill(&List::Items)?;
    for source in fill(&List::Sources)? {
        fill(&List::OffersOf(source))?;
    }
    Ok(copy)
}

fn take_in(desk: &Desk, batch: &mut Vec<Row>, report: &mut Report) {
    let (places, requests): (Vec<u64>, Vec<Request>) = batch
        .drain(..)
        .map(|row| {
            (
                row.row,
                Request::caused(Command { by: Actor::Program { name: "import".into() }, deed: row.deed }, "import"),
            )
        })
        .unzip();
    for (row, handled) in places.into_iter().zip(desk.handle(Timestamp::now(), requests)) {
        match handled.into_iter().next() {
            Some(Handled::Done(done)) => report.count(done.position.is_some()),
            Some(Handled::Refused(refusal)) => {
                let fault = refusal.faults.first();
                report.reject(vec![RowFault {
                    row,
                    column: fault.map(|f| f.pointer.trim_start_matches('/').replace('/', ".")).unwrap_or_default(),
                    value: fault.map(|f| f.value.clone()).unwrap_or_default(),
                    reason: refusal.sentence,
                }]);
            }
            Some(Handled::Failed(failure)) => report.reject(vec![RowFault {
                row,
                column: String::new(),
                value: String::new(),
                reason: failure.sentence,
            }]),
            Some(Handled::Parked { words }) => report.reject(vec![RowFault {
                row,
                column: String::new(),
                value: String::new(),
                reason: format!("a fault of ours: {words}"),
            }]),
            _ => {}
        }
    }
}

#[derive(Default, serde::Serialize)]
struct Report {
    taken_in: u64,
    unchanged: u64,
    rejected: Vec<RowFault>,
}

impl Report {
    fn count(&mut self, changed: bool) {
        if changed { self.taken_in += 1 } else { self.unchanged += 1 }
    }
    fn reject(&mut self, faults: RowFaults) {
        self.rejected.extend(faults);
    }
    /// Rows that were not taken in; each has a fault or several.
    fn rejected_rows(&self) -> usize {
        self.rejected.iter().map(|fault| fault.row).collect::<std::collections::BTreeSet<_>>().len()
    }
    fn progress(&self, json: bool) {
        if !json && std::io::stderr().is_terminal() {
            eprint!(
                "\r{} rows taken in, {} unchanged, {} rejected",
                self.taken_in,
                self.unchanged,
                self.rejected_rows()
            );
            let _ = std::io::stderr().flush();
        }
    }
    fn show(&self, json: bool, dry: bool) {
        if json {
            println!("{}", serde_json::to_string_pretty(self).expect("because a report is plain data"));
            return;
        }
        if std::io::stderr().is_terminal() {
            eprintln!();
        }
        for f in &self.rejected {
            println!(
                "row {}: {}{}: {}",
                f.row,
                f.column,
                if f.value.is_empty() { String::new() } else { format!(" {:?}", f.value) },
                f.reason
            );
        }
        let would = if dry { " (dry run, nothing stored)" } else { "" };
        println!("{} taken in, {} unchanged, {} rejected{would}", self.taken_in, self.unchanged, self.rejected_rows());
    }
}
