//! `countersign audit`: the journal's proofs, from a live store, a stopped one, or a file.

use super::Ended;
use crate::config::{Common, Config};
use crate::installation::working_secret;
use crate::notary::export::{Check, Fault, Line, Proof, Proved, begin, end};
use crate::notary::{Checkpoint, Notary, Verifier};
use anyhow::{Context, Result, bail, ensure};
use clap::{Args, Subcommand};
use countersign_runtime::ports::{JournalRow, Store};
use countersign_runtime::tree::Tree;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::PathBuf;
use std::sync::Arc;

/// Entries read at once.
const PAGE: u32 = 1_000;

#[derive(Subcommand)]
pub enum Audit {
    /// Find any changed, removed, added or reordered entry
    Verify(Verify),
    /// Write the entries with a signed checkpoint over them, as NDJSON
    Export {
        /// Where to; standard output if left out
        #[arg(long, value_name = "FILE")]
        to: Option<PathBuf>,
        /// Only entries after this position
        #[arg(long, value_name = "POSITION", default_value_t = 0)]
        after: u64,
    },
    /// Print the log's size and root, signed; keep it elsewhere
    Checkpoint,
    /// Print the public key that checks checkpoints; keep it elsewhere
    Key,
}

#[derive(Args)]
pub struct Verify {
    /// An export; the store of --data or --database if left out
    #[arg(long, value_name = "FILE")]
    export: Option<PathBuf>,
    /// A proof of one entry, or of the log's growth, as the API gives it
    #[arg(long, value_name = "FILE", conflicts_with = "export")]
    proof: Option<PathBuf>,
    /// A checkpoint kept from earlier: finds a journal that was cut or wholly written anew
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,
    /// The key that signed (NAME+ID+KEY, or a file that holds it), as `countersign audit key` printed it
    #[arg(long, value_name = "KEY")]
    public_key: Option<String>,
}

impl Audit {
    pub fn run(self, common: &Common) -> Result<Ended> {
        match self {
            Audit::Verify(verify) => verify.run(common),
            Audit::Export { to, after } => {
                let (store, notary) = open(common)?;
                let out: Box<dyn Write> = match &to {
                    Some(path) => Box::new(File::create(path).with_context(|| format!("{}", path.display()))?),
                    None => Box::new(std::io::stdout()),
                };
                export(store.as_ref(), &notary, after, BufWriter::new(out))?;
                Ok(Ended::Done)
            }
            Audit::Checkpoint => {
                let (store, notary) = open(common)?;
                let mut tree = Tree::open(store.as_ref())?;
                let root = tree.root(tree.size())?;
                print!("{}", notary.sign(tree.size(), root));
                Ok(Ended::Done)
            }
            Audit::Key => {
                println!("{}", open(common)?.1.verifier());
                Ok(Ended::Done)
            }
        }
    }
}

fn store_of(config: &Config) -> Result<Arc<dyn Store>> {
    Ok(countersign_store::open(&config.store_location())?)
}

fn open(common: &Common) -> Result<(Arc<dyn Store>, Notary)> {
    let config = common.resolve_existing()?;
    let store = store_of(&config)?;
    let notary =
        Notary::open(store.as_ref(), working_secret(store.as_ref(), &config.key)?, config.public_url.as_deref())?;
    Ok((store, notary))
}

fn export(store: &dyn Store, notary: &Notary, after: u64, mut out: impl Write) -> Result<()> {
    let size = store.head()?.0;
    ensure!(after <= size, "the journal ends at entry {size}");
    let mut write = |line: &Line| -> Result<()> { Ok(writeln!(out, "{}", serde_json::to_string(line)?)?) };
    write(&begin(store, after)?)?;
    for row in entries(store, after).take((size - after) as usize) {
        write(&Line::from(&row?))?;
    }
    write(&end(store, notary, size)?)?;
    Ok(out.flush()?)
}

/// All entries of a store after a position, in order.
fn entries(store: &dyn Store, mut after: u64) -> impl Iterator<Item = Result<JournalRow>> + '_ {
    let mut page = vec![].into_iter();
    std::iter::from_fn(move || {
        if let Some(row) = page.next() {
            return Some(Ok(row));
        }
        match store.journal(after, PAGE) {
            Ok(rows) => {
                after = rows.last()?.position;
                page = rows.into_iter();
                page.next().map(Ok)
            }
            Err(e) => Some(Err(e.into())),
        }
    })
}

impl Verify {
    fn run(self, common: &Common) -> Result<Ended> {
        let key = self.public_key.as_deref().map(read_key).transpose()?;
        if key.is_none() && (self.export.is_some() || self.proof.is_some()) {
            eprintln!("no --public-key: who signed is not checked, only that all fits together");
        }
        let kept = match &self.checkpoint {
            None => None,
            Some(path) => {
                let note = fs::read_to_string(path).with_context(|| format!("{}", path.display()))?;
                let kept = key.as_ref().map_or_else(|| Checkpoint::read(&note), |key| key.open(&note));
                Some(kept.with_context(|| format!("the kept checkpoint {}", path.display()))?)
            }
        };
        if let Some(path) = &self.proof {
            let text = fs::read_to_string(path).with_context(|| format!("{}", path.display()))?;
            let proof: Proof = serde_json::from_str(&text).with_context(|| format!("{}", path.display()))?;
            return Ok(match proof.check(key.as_ref(), kept.as_ref()) {
                Ok(words) => say(&words, Ended::Done),
                Err(why) => say(&format!("FAULT: {why:#}"), Ended::Faulty),
            });
        }
        let proved = match &self.export {
            Some(path) => {
                let file = File::open(path).with_context(|| format!("{}", path.display()))?;
                verify_export(BufReader::new(file).lines(), key.as_ref(), kept)?
            }
            None => verify_store(store_of(&common.resolve_existing()?)?.as_ref(), kept)?,
        };
        Ok(match proved {
            Ok(proved) => say(
                &format!(
                    "{} entries, chain and tree hold; head {}, root {}",
                    proved.size,
                    hex::encode(proved.head),
                    hex::encode(proved.root)
                ),
                Ended::Done,
            ),
            Err(fault) => say(&format!("FAULT: {fault}"), Ended::Faulty),
        })
    }
}

fn say(words: &str, ended: Ended) -> Ended {
    println!("{words}");
    ended
}

fn read_key(text: &str) -> Result<Verifier> {
    match fs::read_to_string(text) {
        Ok(content) => Verifier::read(&content),
        Err(_) => Verifier::read(text),
    }
}

fn verify_export(
    lines: impl Iterator<Item = std::io::Result<String>>,
    key: Option<&Verifier>,
    kept: Option<Checkpoint>,
) -> Result<Result<Proved, Fault>> {
    let mut check = Check::new(kept);
    for (n, line) in lines.enumerate() {
        let Ok(line) = serde_json::from_str::<Line>(&line?) else {
            return Ok(Err(Fault(format!("line {} of the export is none of an export's lines", n + 1))));
        };
        if let Err(fault) = check.line(&line, key) {
            return Ok(Err(fault));
        }
    }
    Ok(check.finish_export())
}

/// The journal of a store, entry by entry, and the tree that is kept beside it.
fn verify_store(store: &dyn Store, kept: Option<Checkpoint>) -> Result<Result<Proved, Fault>> {
    let size = store.head()?.0;
    let mut check = Check::new(kept);
    for row in entries(store, 0).take(size as usize) {
        let row = row?;
        if let Err(fault) = check.entry(row.position, &row.body, &row.hash) {
            return Ok(Err(fault));
        }
    }
    let proved = match check.finish() {
        Ok(proved) if proved.size == size => proved,
        Ok(proved) => {
            return Ok(Err(Fault(format!("the journal ends at entry {}, its head says {size}", proved.size))));
        }
        Err(fault) => return Ok(Err(fault)),
    };
    match Tree::open(store).and_then(|mut tree| tree.root(size)) {
        Ok(root) if root == proved.root => Ok(Ok(proved)),
        Ok(_) => Ok(Err(Fault("the stored hashes of the tree are not those of the entries".into()))),
        Err(why) => bail!(why),
    }
}
