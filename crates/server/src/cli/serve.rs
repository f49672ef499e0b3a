//! `countersign serve`: the service.

use super::Ended;
use crate::api::{App, HttpSettings};
use crate::config::{Common, Config};
use crate::hands::{self, Hands};
use crate::hooks;
use crate::installation::{Secret, working_secret};
use crate::lease;
use crate::mail::{self, Mailer, Relay};
use crate::office::Office;
use crate::registry::Registry;
use crate::sandbox::stage::Stage;
use anyhow::{Context, Result, bail};
use clap::Args;
use countersign_connectors::webhook::WebhookSender;
use countersign_runtime::Settings;
use countersign_runtime::ports::Store;
use std::fs::File;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// How long a stop waits for calls that are under way.
const STOP_WITHIN: Duration = Duration::from_secs(20);

/// The command.
#[derive(Args)]
pub struct Serve {
    /// Log as JSON lines
    #[arg(long, env = "COUNTERSIGN_LOG_JSON")]
    log_json: bool,
}

impl Serve {
    /// Serves until told to stop.
    ///
    /// # Errors
    /// Settings, store or address cannot be had.
    pub fn run(self, common: &Common) -> Result<Ended> {
        start_log(self.log_json);
        let config = common.resolve()?;
        let _lock = hold_data(&config)?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(async {
            let service = Service::start(
                &config,
                HttpSettings {
                    public_url: config.public_url.clone(),
                    oidc: config.oidc.clone(),
                    ..HttpSettings::default()
                },
            )
            .await?;
            println!("countersign listens on http://{}", service.address);
            if let Some(link) = service.app.first_login()? {
                println!("first login, once: http://{}{link}", service.address);
            }
            until_told().await;
            service.stop().await;
            Ok(Ended::Done)
        })
    }
}

/// A running service.
pub struct Service {
    /// Where it answers.
    pub address: SocketAddr,
    /// The office behind it.
    pub office: Office,
    /// The HTTP side.
    pub app: App,
    registry: Arc<Registry>,
    mailer: Option<Mailer>,
    loops: Vec<JoinHandle<()>>,
    hands: Option<Hands>,
    http: JoinHandle<()>,
    stopping: tokio::sync::watch::Sender<bool>,
}

impl Service {
    /// Opens the store, answers calls and starts the loops.
    ///
    /// # Errors
    /// The store or the address cannot be had.
    pub async fn start(config: &Config, settings: HttpSettings) -> Result<Self> {
        let mut service = Self::open(config, settings).await?;
        service.run_errands(config);
        Ok(service)
    }

    /// The same with simulated partners: no wire leads out of it.
    ///
    /// # Errors
    /// The store or the address cannot be had.
    pub async fn open_sandbox(config: &Config, settings: HttpSettings, stage: Arc<Stage>) -> Result<Self> {
        let nobody = Config { mail: None, oidc: None, allow_private: vec![], ..config.clone() };
        Self::open_with(&nobody, settings, |_, _| Registry::sandbox(stage)).await
    }

    /// Opens the store, answers calls and keeps what follows the journal. What is decided waits in the outbox until
    /// [`Service::run_errands`].
    ///
    /// # Errors
    /// The store or the address cannot be had.
    pub async fn open(config: &Config, settings: HttpSettings) -> Result<Self> {
        let wired = |store, secret| Registry::new(config.data.clone(), store, secret, &config.allow_private);
        Self::open_with(config, settings, wired).await
    }

    async fn open_with(
        config: &Config,
        settings: HttpSettings,
        wired: impl FnOnce(Arc<dyn Store>, Secret) -> Result<Registry>,
    ) -> Result<Self> {
        let place = config.store_location();
        let shared = config.database.is_some();
        let store = tokio::task::spawn_blocking(move || countersign_store::open(&place)).await??;
        let secret = working_secret(store.as_ref(), &config.key)?;
        let office = Office::open(store.clone(), Settings { shared, ..Settings::default() }, secret)?;
        let registry = Arc::new(wired(store, secret)?);
        office.wire(registry.clone());
        let settings = HttpSettings { mail: config.mail.is_some(), ..settings };
        let app = App::new(office.clone(), settings)?;
        let listener = TcpListener::bind(config.listen)
            .await
            .with_context(|| format!("the address {} cannot be had", config.listen))?;
        let address = listener.local_addr()?;
        let (stopping, mut stop) = tokio::sync::watch::channel(false);
        let router = app.router();
        let http = tokio::spawn(async move {
            let told = async move {
                let _ = stop.wait_for(|s| *s).await;
            };
            if let Err(error) = axum::serve(listener, router).with_graceful_shutdown(told).await {
                tracing::error!(%error, "the HTTP side ended");
            }
        });
        let mailer = config.mail.as_ref().map(|(relay, from)| mailer(relay, from)).transpose()?;
        mailer.iter().for_each(|_| office.mails());
        let loops = vec![tokio::spawn(hands::follow(office.clone()))];
        Ok(Self { address, office, app, registry, mailer, loops, hands: None, http, stopping })
    }

    /// Starts the loops: fetching, interpreting, waking, delivering, AS2 receipts, webhooks, mail.
    pub fn run_errands(&mut self, config: &Config) {
        let every = Duration::from_secs_f64(config.fetch_seconds);
        let (office, registry) = (self.office.clone(), self.registry.clone());
        self.loops.push(tokio::spawn(crate::learning::run(office.clone())));
        self.loops.push(tokio::spawn(hooks::run(office.clone(), WebhookSender::new(registry.http().clone()))));
        self.loops.push(tokio::spawn(crate::as2::run(office.clone(), registry.clone())));
        if let Some(mailer) = self.mailer.clone() {
            let known = self.app.settings().public_url.clone();
            let base = known.unwrap_or_else(|| format!("http://{}", self.address));
            self.loops.push(tokio::spawn(mail::run(office.clone(), mailer, base)));
        }
        let hands = Hands::new(office, registry, every);
        self.loops.extend(hands.start());
        self.hands = Some(hands);
    }

    /// Finishes the calls and the deliveries under way, writes what was taken in, ends.
    pub async fn stop(self) {
        let _ = self.stopping.send(true);
        self.app.backtests().stop();
        let _ = tokio::time::timeout(STOP_WITHIN, self.http).await;
        for task in &self.loops {
            task.abort();
        }
        if let Some(hands) = &self.hands {
            hands.finish().await;
        }
        let node = self.office.node().to_owned();
        if let Err(error) = self.office.read(move |store| lease::give_back(store, &node)).await {
            tracing::warn!(%error, "what this node does for all was not given back; others take it over soon");
        }
        self.office.close().await;
    }
}

fn mailer(relay: &str, from: &str) -> Result<Mailer> {
    let relay = Relay::parse(relay).map_err(anyhow::Error::msg).context("smtp_url")?;
    Mailer::new(relay, from).map_err(anyhow::Error::msg)
}

/// Keeps the data folder for this process: two that write the same embedded store would each know only half.
pub fn hold_data(config: &Config) -> Result<Option<File>> {
    if config.database.is_some() {
        return Ok(None);
    }
    let path = config.data.join("in-use");
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .with_context(|| path.display().to_string())?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(std::fs::TryLockError::WouldBlock) => {
            bail!(
                "{} is in use by a running service: stop it, use its API, or name another --data",
                config.data.display()
            )
        }
        Err(std::fs::TryLockError::Error(e)) => Err(e).with_context(|| path.display().to_string()),
    }
}

/// Until SIGTERM or Ctrl-C.
pub async fn until_told() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        let Ok(mut term) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) else {
            let _ = interrupted.await;
            return;
        };
        tokio::select! {
            _ = interrupted => {}
            _ = term.recv() => {}
        }
    }
    #[cfg(not(unix))]
    let _ = interrupted.await;
}

/// Structured logs on standard error; `RUST_LOG` says how much.
pub fn start_log(json: bool) {
    use tracing_subscriber::EnvFilter;
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let _ = if json { log.json().try_init() } else { log.try_init() };
}
