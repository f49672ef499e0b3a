//! `countersign replay`: a history through a policy. Opens the files; what they mean is the simulator's business.

mod show;

use super::Ended;
use crate::config::Common;
use anyhow::{Context, Result, anyhow, bail};
use clap::Args;
use countersign_sim::history::History;
use countersign_sim::history::facts::happened;
use countersign_sim::history::mapping::Mapping;
use countersign_sim::history::read::read;
use std::fs::File;
use std::io::BufReader;
use std::path::PathBuf;

/// Bytes read from a file at once: histories are read once, from the first byte to the last.
const BUFFER: usize = 1 << 20;

#[derive(Args)]
pub struct Replay {
    /// Folder with the files of the history
    #[arg(long, value_name = "DIR", requires = "mapping")]
    history: Option<PathBuf>,
    /// Which column of which file is what (TOML; see docs/history.md)
    #[arg(long, value_name = "FILE", requires = "history")]
    mapping: Option<PathBuf>,
    /// Read the history, report rejected rows and oddities, replay nothing
    #[arg(long)]
    dry_run: bool,
    /// Report as JSON
    #[arg(long)]
    json: bool,
}

impl Replay {
    pub fn run(self, _common: &Common) -> Result<Ended> {
        let history = self.read()?;
        let report = show::report(&history, &happened(&history));
        if self.json {
            println!("{}", serde_json::to_string_pretty(&report)?);
        } else {
            show::print(&report);
        }
        Ok(Ended::Done)
    }

    fn read(&self) -> Result<History> {
        let (Some(folder), Some(mapping)) = (&self.history, &self.mapping) else {
            bail!("name a history: --history DIR --mapping FILE");
        };
        let text = std::fs::read_to_string(mapping).with_context(|| format!("{}", mapping.display()))?;
        let mapping = Mapping::parse(&text).map_err(|why| anyhow!("{}: {why}", self.mapping_name()))?;
        let open = |name: &str| {
            let path = folder.join(name);
            let file = File::open(&path).map_err(|why| format!("{}: {why}", path.display()))?;
            Ok(BufReader::with_capacity(BUFFER, file))
        };
        read(&mapping, open).map_err(|why| anyhow!("{why}"))
    }

    fn mapping_name(&self) -> String {
        self.mapping.as_ref().map(|p| p.display().to_string()).unwrap_or_default()
    }
}
