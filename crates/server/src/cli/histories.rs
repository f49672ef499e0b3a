//! `countersign import history`: files of the past, read by a mapping, kept under a name for replays and backtests; and
//! `countersign admin history`: which are kept.

use super::Ended;
use super::replay::show;
use super::serve::hold_data;
use crate::config::{Common, Config};
use crate::histories::{self, files};
use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use countersign_engine::command::{Actor, Command, Deed};
use countersign_runtime::ports::Store;
use countersign_runtime::request::{Handled, Request};
use countersign_runtime::{Desk, Settings};
use countersign_sim::history::facts::happened;
use jiff::Timestamp;
use std::path::PathBuf;
use std::sync::Arc;

/// A history: orders, vendors' answers, shipments, cancellations, advice.
#[derive(Args)]
pub struct ImportHistory {
    /// Folder with its files
    folder: PathBuf,
    /// Which column of which file is what (TOML; see docs/history.md)
    #[arg(long, value_name = "FILE")]
    mapping: PathBuf,
    /// By which it is chosen later [default: the folder's name]
    #[arg(long)]
    name: Option<String>,
    /// Whom the journal names [default: who is logged in on this machine]
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// Read the files, report rejected rows and oddities, keep nothing
    #[arg(long)]
    dry_run: bool,
    /// Report as JSON
    #[arg(long)]
    json: bool,
}

impl ImportHistory {
    pub fn run(self, common: &Common) -> Result<Ended> {
        let name = self.name()?;
        let mapping = files::mapping(&self.mapping)?;
        // Whoever would be refused in the end is told before anything is read.
        let kept = match self.dry_run {
            true => None,
            false => {
                let config = common.resolve()?;
                let held = hold_data(&config)?;
                Some((held, countersign_store::open(&config.store_location())?))
            }
        };
        let history = files::open(&self.folder, &mapping, Some(Timestamp::now()), !self.json)?;
        let report = show::report(&history, &happened(&history));
        let mut card = None;
        let useless = histories::useless(&history).filter(|_| !self.dry_run);
        if let (Some((_held, store)), None) = (kept, &useless) {
            let (now, before) = (Timestamp::now(), histories::all(store.as_ref())?);
            let made = histories::put(store.as_ref(), &name, &history, now)?;
            decide(&store, self.by.as_deref(), Deed::KeepHistory(made.clone()))?;
            if let Some(before) = before.all.get(name.as_str()) {
                histories::let_go(store.as_ref(), &before.history.digest)?;
            }
            card = Some(made);
        }
        let rejected = history.dirt.rejected_rows();
        if self.json {
            println!("{}", serde_json::to_string_pretty(&serde_json::json!({"kept": card, "read": report}))?);
        } else if useless.is_none() {
            show::print(&report);
            match card {
                Some(card) => println!(
                    "\nKept as {name}, {} bytes, digest {}. Try a policy on it: countersign replay --history {name}, or POST /v1/policies/VERSION/backtest with {{\"history\": \"{name}\"}}.",
                    card.bytes, card.digest
                ),
                None => println!("\nDry run: nothing was kept."),
            }
        }
        if let Some(why) = useless {
            bail!("nothing was kept: {why}");
        }
        Ok(if rejected == 0 { Ended::Done } else { Ended::Faulty })
    }

    fn name(&self) -> Result<String> {
        if let Some(name) = &self.name {
            return Ok(name.clone());
        }
        let folder = self.folder.canonicalize().with_context(|| format!("{}", self.folder.display()))?;
        let name = folder.file_name().map(|n| n.to_string_lossy().into_owned());
        name.context("the folder has no name: use --name")
    }
}

/// Who does it: whoever says so, or is logged in on this machine.
fn actor(by: Option<&str>) -> Actor {
    let user = || ["USER", "LOGNAME", "USERNAME"].iter().find_map(|name| std::env::var(name).ok());
    let who = by.map(str::to_owned).or_else(user).filter(|who| !who.trim().is_empty());
    Actor::Program { name: who.map_or("import".into(), |who| format!("{} (import)", who.trim()).into()) }
}

/// Has the journal say it, on a store that no service holds.
fn decide(store: &Arc<dyn Store>, by: Option<&str>, deed: Deed) -> Result<()> {
    let desk = Desk::open(store.clone(), Settings::default())?;
    let command = Command { by: actor(by), deed };
    let handled = desk.handle(Timestamp::now(), vec![Request::caused(command, "import")]).into_iter().flatten().next();
    match handled.context("because one command has one answer")? {
        Handled::Done(_) => Ok(()),
        Handled::Refused(refusal) => bail!("{}", refusal.sentence),
        Handled::Failed(failure) => bail!("{}", failure.sentence),
        other => bail!("it was not decided: {other:?}"),
    }
}

/// Histories that are kept.
#[derive(Subcommand)]
pub enum History {
    /// List them
    List,
    /// Remove one; the journal keeps that it was there
    Remove {
        /// Its name
        name: String,
        /// Whom the journal names [default: who is logged in on this machine]
        #[arg(long, value_name = "NAME")]
        by: Option<String>,
    },
}

impl History {
    pub fn run(self, config: &Config) -> Result<Ended> {
        match self {
            History::List => {
                let store = countersign_store::open(&config.store_location())?;
                for (name, kept) in histories::all(store.as_ref())?.all {
                    let h = &kept.history;
                    println!(
                        "{name}: {} orders of {} rows, {} rejected, {} bytes; by {} at {}",
                        h.orders,
                        h.rows,
                        h.rejected,
                        h.bytes,
                        kept.by.name(),
                        kept.at
                    );
                }
            }
            History::Remove { name, by } => {
                let _held = hold_data(config)?;
                let store = countersign_store::open(&config.store_location())?;
                let kept = histories::all(store.as_ref())?.all.remove(name.as_str());
                let digest = kept.with_context(|| format!("there is no history {name:?}"))?.history.digest;
                decide(&store, by.as_deref(), Deed::RemoveHistory { name: name.as_str().into() })?;
                histories::let_go(store.as_ref(), &digest)?;
                println!("{name} is removed");
            }
        }
        Ok(Ended::Done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_journal_names_who_took_a_history_in() {
        assert_eq!(actor(Some("anna")).name(), "anna (import)");
        assert!(actor(None).name().ends_with("import)") || actor(None).name() == "import");
    }
}
