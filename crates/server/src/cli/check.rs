//! `countersign check`: says what is wrong, where, and how to mend it; changes nothing. Asked about a policy file, it
//! answers for that file as the API would, and tells what is wrong with the installation apart.

use super::Ended;
use crate::config::{Common, NoInstallation};
use crate::installation::working_secret;
use crate::policy_document::{self, Form};
use crate::recorded;
use crate::registry::Registry;
use anyhow::{Context, Result};
use clap::Args;
use countersign_engine::ids::SourceId;
use countersign_engine::policy::{Fault, Known, Policy};
use countersign_engine::slice::{Key, Record};
use countersign_engine::source::Source;
use countersign_runtime::ports::{List, Store};
use jiff::Timestamp;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Records read at once.
const PAGE: u32 = 1_000;

#[derive(Args)]
pub struct Check {
    /// A policy file (TOML or JSON) to check instead of the one in force; the exit code then speaks of it alone
    #[arg(long)]
    policy: Option<PathBuf>,
}

impl Check {
    pub fn run(self, common: &Common) -> Result<Ended> {
        let config = match (common.resolve_existing(), &self.policy) {
            (Err(none), Some(path)) if none.is::<NoInstallation>() => return alone(&read_policy(path)?),
            (config, _) => config?,
        };
        let store = countersign_store::open(&config.store_location())?;
        let secret = working_secret(store.as_ref(), &config.key)?;
        let registry = Registry::new(config.data.clone(), store.clone(), secret, &config.allow_private)?;
        let mut faults = vec![];
        let sources = sources(store.as_ref())?;
        for source in &sources {
            faults.extend(source.fault().map(|(field, why)| format!("source {}: {field}: {why}", source.id)));
            faults.extend(registry.of(source).err().map(|why| format!("source {}: {why}", source.id)));
            if mappings(store.as_ref(), &source.id)? == 0 {
                faults.push(format!(
                    "source {}: it offers nothing: record its offers, or nothing can be ordered from it",
                    source.id
                ));
            }
        }
        let here = format!("{} sources", sources.len());
        let asked = self.policy.as_deref().map(read_policy).transpose()?;
        let policy = match (&asked, store.load(&[Key::Policy])?.pop().flatten().map(|v| v.record)) {
            (Some(policy), _) => Some(policy.clone()),
            (None, Some(Record::Policy(policy))) => Some(policy.as_ref().clone()),
            (None, _) => None,
        };
        let Some(policy) = policy else { return Ok(print(&faults, &[], &here)) };
        let doubts = recorded::doubts(store.as_ref(), &policy, Timestamp::now())?;
        let known = |id: &SourceId| sources.iter().any(|s| s.id == *id) || doubts.of_histories.contains(id);
        let own: Vec<String> =
            told(&policy, policy.faults().into_iter().chain(policy.unknown_sources(known))).collect();
        let warnings: Vec<String> = told(&policy, doubts.warnings).collect();
        if asked.is_some() {
            let ended = print(&own, &warnings, &format!("policy {}", policy.version));
            if !faults.is_empty() {
                eprintln!("The installation ({here}) has {} faults of its own, not the policy's:", faults.len());
                faults.iter().for_each(|fault| eprintln!("  {fault}"));
            }
            return Ok(ended);
        }
        faults.extend(own);
        Ok(print(&faults, &warnings, &here))
    }
}

/// A policy file where no installation is: all but what it names.
fn alone(policy: &Policy) -> Result<Ended> {
    let faults: Vec<String> = told(policy, policy.faults()).collect();
    let all = |_: &str| true;
    let known = Known { source: &all, category: &all, sku: &all, sources: &[] };
    let warnings: Vec<String> = told(policy, policy.warnings(Timestamp::now(), &known)).collect();
    let what = "no installation here: which sources, categories and items it names was not checked";
    Ok(print(&faults, &warnings, what))
}

fn told(policy: &Policy, faults: impl IntoIterator<Item = Fault>) -> impl Iterator<Item = String> {
    faults.into_iter().map(|f| format!("policy {}: {}: {}", policy.version, f.pointer, f.sentence))
}

fn print(faults: &[String], warnings: &[String], what: &str) -> Ended {
    for fault in faults {
        println!("{fault}");
    }
    for warning in warnings {
        println!("warning: {warning}");
    }
    let warned = if warnings.is_empty() { String::new() } else { format!(", {} warnings", warnings.len()) };
    println!("{what}, {} faults{warned}", faults.len());
    if faults.is_empty() { Ended::Done } else { Ended::Faulty }
}

fn sources(store: &dyn Store) -> Result<Vec<Arc<Source>>> {
    let (mut all, mut after): (Vec<Arc<Source>>, Option<String>) = (vec![], None);
    loop {
        let page = store.list(&List::Sources, after.as_deref(), PAGE)?;
        let read: Vec<Arc<Source>> =
            page.into_iter().filter_map(|v| if let Record::Source(s) = v.record { Some(s) } else { None }).collect();
        let Some(last) = read.last() else { return Ok(all) };
        after = Some(last.id.to_string());
        all.extend(read);
    }
}

fn mappings(store: &dyn Store, source: &SourceId) -> Result<usize> {
    Ok(store.list(&List::OffersOf(source.clone()), None, 1)?.len())
}

/// Reads a policy document, JSON by its name or TOML.
pub fn read_policy(path: &Path) -> Result<Policy> {
    let text = std::fs::read(path).with_context(|| path.display().to_string())?;
    let read = policy_document::read(Form::of_file(path), &text);
    read.map_err(|sentence| anyhow::anyhow!("{}: {sentence}", path.display()))
}
