//! `countersign replay`: a history through a policy: what happened, what the policy would have changed, and why.
//!
//! Opens the files; what they mean is the simulator's business.

mod progress;
pub(super) mod show;

use super::Ended;
use super::check::read_policy;
use crate::config::Common;
use crate::histories::{self, files};
use crate::notary::export::Line;
use crate::trials::watched;
use anyhow::{Context, Result, anyhow, bail};
use clap::Args;
use countersign_engine::journal::Entry;
use countersign_engine::policy::{Fault, Policy};
use countersign_sim::history::History;
use countersign_sim::history::facts::happened;
use countersign_sim::history::journal::Journal;
use countersign_sim::history::read::find_order;
use countersign_sim::replay::progress::Progress;
use countersign_sim::replay::reliability::reliability;
use countersign_sim::replay::trial::{SEEDS, Trial, Tried, try_out};
use countersign_sim::replay::verdict::verdict;
use countersign_sim::replay::why;
use progress::Kept;
use std::fs::File;
use std::io::{BufRead, BufReader, IsTerminal};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Bytes read from a file at once: histories are read once, from the first byte to the last.
const BUFFER: usize = 1 << 20;
/// Journal entries read at once.
const PAGE: u32 = 1_000;
/// How often progress is shown on a terminal, and kept in a file.
const LOOKED_EVERY: Duration = Duration::from_millis(500);

#[derive(Args)]
pub struct Replay {
    /// A history kept by `countersign import history`, or with --mapping a folder of files [default: this installation's
    /// own journal]
    #[arg(long, value_name = "NAME|DIR")]
    history: Option<PathBuf>,
    /// Which column of which file is what (TOML; see docs/history.md)
    #[arg(long, value_name = "FILE", requires = "history")]
    mapping: Option<PathBuf>,
    /// A journal as `countersign audit export` writes it
    #[arg(long, value_name = "FILE", conflicts_with = "history")]
    journal: Option<PathBuf>,
    /// The policy to be tried (TOML or JSON) [default: the policy as delivered]
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Another policy: how --policy comes out as against this one
    #[arg(long, value_name = "FILE")]
    against: Option<PathBuf>,
    /// Replays under so many seeds, for the intervals
    #[arg(long, default_value_t = SEEDS)]
    seeds: u64,
    /// The first seed of modelled answers
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Threads; they change nothing but the time [default: all cores]
    #[arg(long)]
    threads: Option<usize>,
    /// Keep what is finished in this file while it runs: the same command goes on there after a kill, and removes it when
    /// it is done
    #[arg(long, value_name = "FILE", conflicts_with_all = ["order", "dry_run"])]
    progress: Option<PathBuf>,
    /// Open one order: what happened to it, and every decision of the policy with its reasons
    #[arg(long, value_name = "ID")]
    order: Option<String>,
    /// Read the history, report rejected rows and oddities, replay nothing
    #[arg(long)]
    dry_run: bool,
    /// Report as JSON
    #[arg(long)]
    json: bool,
}

impl Replay {
    pub fn run(self, common: &Common) -> Result<Ended> {
        let policies = self.policies()?;
        let mut kept = self.progress.as_deref().map(Kept::open).transpose()?;
        let (history, until) = self.open(common, kept.as_ref().and_then(Kept::until))?;
        policies.iter().try_for_each(|(path, policy)| names_sources_of(&history, path, policy))?;
        if let Some(id) = &self.order {
            return self.explain(&history, &policies, id);
        }
        let mut report = show::report(&history, &happened(&history));
        if !self.dry_run {
            let cores = std::thread::available_parallelism().map_or(1, usize::from);
            let threads = self.threads.unwrap_or(cores).max(1);
            let trial = Trial { history: &history, policies, seed: self.seed, seeds: self.seeds.max(1), threads };
            let progress = Progress::default();
            if let Some(kept) = &mut kept {
                kept.take_up(&trial, until, &progress)?;
            }
            let tried = looked_at(&trial, &progress, !self.json && std::io::stderr().is_terminal(), kept.as_mut());
            report.chances = Some(reliability(&history));
            report.replayed = Some(verdict(&trial, &tried));
        }
        if self.json {
            println!("{}", serde_json::to_string_pretty(&report)?);
        } else {
            show::print(&report);
        }
        kept.map_or(Ok(Ended::Done), |kept| kept.remove().map(|()| Ended::Done))
    }

    /// Reads the history; this installation's own journal up to a position, which is told.
    fn open(&self, common: &Common, until: Option<u64>) -> Result<(History, Option<u64>)> {
        let history = match (&self.history, &self.mapping, &self.journal) {
            (Some(folder), Some(mapping), _) => {
                files::open(folder, &files::mapping(mapping)?, None, !self.json && std::io::stderr().is_terminal())
            }
            (Some(name), None, _) => kept(common, name),
            (_, _, Some(export)) => exported(export),
            _ => return own(common, until),
        };
        Ok((history?, None))
    }

    fn policies(&self) -> Result<Vec<(String, Policy)>> {
        let first = match &self.policy {
            Some(path) => (path.display().to_string(), checked(path)?),
            None => ("as delivered".to_owned(), Policy::default()),
        };
        let second =
            self.against.as_deref().map(|path| Ok::<_, anyhow::Error>((path.display().to_string(), checked(path)?)));
        Ok(std::iter::once(first).chain(second.transpose()?).collect())
    }

    fn explain(&self, history: &History, policies: &[(String, Policy)], id: &str) -> Result<Ended> {
        let Some(index) = find_order(history, id) else {
            bail!("the history has no order {id:?}: use an id as it stands in its files");
        };
        let then = why::then(history, index);
        let each = |(name, policy): &(String, Policy)| (name.clone(), why::why(history, policy, self.seed, index));
        let now: Vec<(String, Vec<String>)> = policies.iter().map(each).collect();
        if self.json {
            let now: Vec<_> =
                now.iter().map(|(name, told)| serde_json::json!({"policy": name, "told": told})).collect();
            println!(
                "{}",
                serde_json::to_string_pretty(&serde_json::json!({"order": id, "happened": then, "replayed": now}))?
            );
            return Ok(Ended::Done);
        }
        println!("Order {id}: what happened");
        then.iter().for_each(|line| println!("  {line}"));
        for (name, told) in now {
            println!("\nUnder {name}, seed {}", self.seed);
            told.iter().for_each(|line| println!("  {line}"));
        }
        Ok(Ended::Done)
    }
}

/// Opens a history that this installation keeps.
fn kept(common: &Common, name: &Path) -> Result<History> {
    let (text, folder) = (name.to_string_lossy(), name.is_dir());
    let is_folder = || {
        anyhow!(
            "{text} is a folder, and no history of that name is kept: say by --mapping which column of which file is what"
        )
    };
    let found = match common.resolve_existing() {
        Err(_) if folder => return Err(is_folder()),
        found => found?,
    };
    let store = countersign_store::open(&found.store_location())?;
    // A history is kept under the name of its folder, where nobody names it otherwise: the name goes first.
    if folder && !histories::all(store.as_ref())?.all.contains_key(text.as_ref()) {
        return Err(is_folder());
    }
    histories::open(store.as_ref(), &text).map_err(|why| anyhow!("{why}"))
}

/// Reads an export of a journal; its chain is for `countersign audit verify` to check.
fn exported(path: &Path) -> Result<History> {
    let shown = path.display();
    let file = File::open(path).with_context(|| format!("{shown}"))?;
    let (mut journal, mut is_whole) = (Journal::default(), false);
    for line in BufReader::with_capacity(BUFFER, file).lines() {
        let line = serde_json::from_str(&line?)
            .with_context(|| format!("{shown}: this is no export of a journal (countersign audit export)"))?;
        match line {
            Line::Begin { after: 0, .. } => {}
            Line::Begin { after, .. } => bail!("{shown} begins after entry {after}: export the journal from its first"),
            Line::Entry { position, body, .. } => journal.read(&entry(position, &body)?),
            Line::End { .. } => is_whole = true,
        }
    }
    if !is_whole {
        bail!("{shown} ends without its checkpoint: the export was cut off, write it again");
    }
    Ok(journal.finish(&shown.to_string()))
}

/// Reads the journal of this installation's store up to a position, or all of it; and tells up to which.
fn own(common: &Common, until: Option<u64>) -> Result<(History, Option<u64>)> {
    let store = countersign_store::open(&common.resolve_existing()?.store_location())?;
    let (mut journal, mut after) = (Journal::default(), 0);
    loop {
        let mut rows = store.journal(after, PAGE)?;
        rows.retain(|row| until.is_none_or(|until| row.position <= until));
        let Some(last) = rows.last() else { return Ok((journal.finish("this installation's journal"), Some(after))) };
        after = last.position;
        for row in &rows {
            journal.read(&entry(row.position, &row.body)?);
        }
    }
}

fn entry(position: u64, body: &str) -> Result<Entry> {
    serde_json::from_str(body).with_context(|| format!("entry {position} cannot be read"))
}

/// A policy that `countersign check` would pass.
fn checked(path: &Path) -> Result<Policy> {
    let policy = read_policy(path)?;
    passed(&path.display().to_string(), policy.faults())?;
    Ok(policy)
}

/// Refuses a policy that names sources of which the history knows nothing: such a rule would never be tried.
fn names_sources_of(history: &History, path: &str, policy: &Policy) -> Result<()> {
    passed(path, policy.unknown_sources(|id| history.source_ids.find(id.as_str()).is_some()))
}

fn passed(path: &str, faults: impl IntoIterator<Item = Fault>) -> Result<()> {
    let told: Vec<String> = faults.into_iter().map(|f| format!("{path}: {}: {}", f.pointer, f.sentence)).collect();
    if told.is_empty() { Ok(()) } else { bail!("{}", told.join("\n")) }
}

/// Runs a trial; shows how far it is, and keeps what is finished.
fn looked_at(trial: &Trial, progress: &Progress, shown: bool, mut kept: Option<&mut Kept>) -> Vec<Tried> {
    let look = || {
        if shown {
            let (done, of) = (progress.done.load(Ordering::Relaxed), progress.of.load(Ordering::Relaxed));
            eprint!("\r{done} of {of} orders replayed");
        }
        if let Some(kept) = &mut kept {
            kept.keep(progress);
        }
    };
    let tried = watched(LOOKED_EVERY, look, || try_out(trial, progress));
    if shown {
        eprintln!();
    }
    tried.expect("because nobody stops this trial")
}
