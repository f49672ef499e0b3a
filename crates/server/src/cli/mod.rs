//! The command line. Exit codes: 0 done, 1 refused or found faulty, 2 wrong use.

mod admin;
mod audit;
mod check;
mod edi;
mod histories;
mod import;
mod replay;
pub mod serve;

use crate::config::{Common, NoInstallation};
use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// The promise layer for drop-ship retail: an order is committed only when it is countersigned.
#[derive(Parser)]
#[command(
    name = "countersign",
    version,
    about = "The promise layer for drop-ship retail: an order is committed only when its vendor has countersigned it",
    max_term_width = 110
)]
struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Run the service
    Serve(serve::Serve),
    /// Check settings, policy, sources and connections; say what is wrong, where, and how to mend it
    Check(check::Check),
    /// Take in items, sources, offers or advice from CSV, NDJSON or Parquet, or a history of the past
    Import(import::Import),
    /// A history through a policy: what happened, what the policy would have changed, and why
    Replay(replay::Replay),
    /// Read, check, explain, acknowledge and convert X12 and EDIFACT files, with no server
    #[command(subcommand)]
    Edi(edi::Edi),
    /// Verify or export the journal
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Keys, backup, moving a store
    #[command(subcommand)]
    Admin(admin::Admin),
    /// Open a living world: vendors that really answer, a storefront that really sends orders
    Demo(crate::demo::Demo),
    /// Rehearse on a copy of this installation: simulated vendors, scenarios, and no way out
    Sandbox(crate::sandbox::Sandbox),
    /// Measure this machine: the figures the README quotes, beside this machine's limits
    Bench(crate::bench::Bench),
}

/// How a command ended, short of a failure.
pub enum Ended {
    /// Done.
    Done,
    /// Refused or found faulty; what was wrong has been said.
    Faulty,
    /// Not even read; why has been said.
    NotRead,
}

/// Reads the command line and does what it says.
pub fn main() -> ExitCode {
    end_quietly_when_nobody_reads();
    let cli = Cli::parse();
    let common = &cli.common;
    let ended = match cli.task {
        Task::Serve(task) => task.run(common),
        Task::Check(task) => task.run(common),
        Task::Import(task) => task.run(common),
        Task::Replay(task) => task.run(common),
        Task::Edi(task) => task.run(),
        Task::Audit(task) => task.run(common),
        Task::Admin(task) => task.run(common),
        Task::Demo(task) => task.run(common),
        Task::Sandbox(task) => task.run(common),
        Task::Bench(task) => task.run(),
    };
    match ended {
        Ok(Ended::Done) => ExitCode::SUCCESS,
        Ok(Ended::Faulty) => ExitCode::from(1),
        Ok(Ended::NotRead) => ExitCode::from(2),
        Err(error) => {
            eprintln!("countersign: {error:#}");
            ExitCode::from(if error.is::<NoInstallation>() { 2 } else { 1 })
        }
    }
}

/// `countersign … | head` ends when `head` does, without a word; every other panic is told as ever.
fn end_quietly_when_nobody_reads() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let words = info.payload().downcast_ref::<String>();
        if words.is_some_and(|w| w.starts_with("failed printing to stdout") && w.contains("Broken pipe")) {
            std::process::exit(0);
        }
        usual(info);
    }));
}
