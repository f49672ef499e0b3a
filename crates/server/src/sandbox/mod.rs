//! `countersign sandbox`: a copy of an installation's configuration with simulated vendors, for learning and for trying
//! what people decide. It has a store, a folder and a secret of its own.
//!
//! Nothing leaves it, by construction: its registry knows no connector but the stage's, its HTTP client calls nobody, and
//! it is given no mail server and no identity provider.

pub mod copy;
pub mod scenario;
pub mod stage;

use crate::api::HttpSettings;
use crate::cli::Ended;
use crate::cli::serve::{Service, hold_data, start_log, until_told};
use crate::config::{Common, Config};
use anyhow::{Context, Result, bail};
use clap::Args;
use copy::Copy;
use jiff::Timestamp;
use scenario::{Cast, SHIPPED, Scenario};
use stage::Stage;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How often the vendors' letters are fetched, in seconds.
const FETCH_SECONDS: f64 = 0.2;
/// The file that marks a folder as a sandbox's.
const MARK: &str = "sandbox";

/// The command.
#[derive(Args)]
pub struct Sandbox {
    /// Folder of the sandbox; made anew
    #[arg(long, value_name = "DIR", default_value = "countersign-sandbox")]
    folder: PathBuf,
    /// A scenario to play: a name of --scenarios, or a file
    #[arg(long, value_name = "NAME")]
    scenario: Option<String>,
    /// List the scenarios that are shipped
    #[arg(long)]
    scenarios: bool,
    /// Vendors and clocks run that much faster
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    speed: u32,
    /// What the vendors draw their answers from
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

impl Sandbox {
    /// Opens a sandbox beside the installation that it copies, and keeps it going until told to stop.
    ///
    /// # Errors
    /// The installation cannot be read, the folder is somebody else's, or the scenario fits nothing.
    pub fn run(self, common: &Common) -> Result<Ended> {
        if self.scenarios {
            for (name, text, _) in SHIPPED {
                println!("{name:<16} {}", Scenario::parse(text)?.title);
            }
            return Ok(Ended::Done);
        }
        start_log(false);
        let lesson = self.scenario.as_deref().map(Scenario::find).transpose()?;
        let own = common.resolve_existing()?;
        let copy = Copy::of(countersign_store::open(&own.store_location())?.as_ref())?;
        let cast = lesson.as_ref().map(|(scenario, _)| scenario.cast(&copy)).transpose()?;
        let config = config(&self.folder, common.listen)?;
        let _lock = hold_data(&config)?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(async {
            let (items, sources) = (copy.items.len(), copy.sources.len());
            let opened = Opened::new(&config, copy, self.speed, self.seed).await?;
            println!("\n  Countersign sandbox: http://{}/\n", opened.service.address);
            println!(
                "  {items} items and {sources} sources copied; vendors are simulated, {} times as fast. Nothing leaves it.",
                self.speed
            );
            if let (Some((scenario, guide)), Some(cast)) = (&lesson, &cast) {
                println!("\n  {}: {}\n", scenario.title, cast.told());
                guide.iter().flat_map(|g| g.lines()).for_each(|line| println!("  {line}"));
                opened.play(scenario, cast, self.speed).await?;
            }
            println!("\n  Ctrl-C ends it.\n");
            until_told().await;
            opened.service.stop().await;
            Ok(Ended::Done)
        })
    }
}

/// Settings of a sandbox: nothing of the installation's own.
///
/// # Errors
/// The folder holds something else, or cannot be made.
pub fn config(folder: &Path, listen: Option<SocketAddr>) -> Result<Config> {
    let mark = folder.join(MARK);
    if folder.exists() {
        let empty = std::fs::read_dir(folder).with_context(|| folder.display().to_string())?.next().is_none();
        if !empty && !mark.exists() {
            bail!("{} holds something that is no sandbox: name another --folder", folder.display());
        }
        std::fs::remove_dir_all(folder).with_context(|| folder.display().to_string())?;
    }
    let common = Common {
        data: Some(folder.to_owned()),
        listen: listen.or(Some(SocketAddr::from(([127, 0, 0, 1], 0)))),
        fetch_seconds: Some(FETCH_SECONDS),
        ..Common::default()
    };
    let config = common.resolve()?;
    std::fs::write(&mark, "This folder holds a sandbox; `countersign sandbox` makes it anew.\n")?;
    Ok(config)
}

/// A sandbox that answers.
pub struct Opened {
    /// The service, with a ready login for every role.
    pub service: Service,
    /// Its vendors.
    pub stage: Arc<Stage>,
}

impl Opened {
    /// Records the copy, lets the vendors in, starts the loops.
    ///
    /// # Errors
    /// Store or address cannot be had, or the copy was refused.
    pub async fn new(config: &Config, copy: Copy, speed: u32, seed: u64) -> Result<Self> {
        let (stage, deeds) = copy.set_up(speed, seed, Timestamp::now());
        let stage = Arc::new(stage);
        let settings = HttpSettings { demo: true, ..HttpSettings::default() };
        let mut service = Service::open_sandbox(config, settings, stage.clone()).await?;
        copy::carry_out(&service.office, deeds).await?;
        service.run_errands(config);
        Ok(Self { service, stage })
    }

    /// Plays a scenario.
    ///
    /// # Errors
    /// Something was refused.
    pub async fn play(&self, scenario: &Scenario, cast: &Cast, speed: u32) -> Result<()> {
        scenario.play(cast, &self.stage, &self.service.office, speed).await
    }
}
