//! Which connector carries the papers of which source; made anew when the source's record changes.

use crate::sandbox::stage::Stage;
use crate::wires::Wires;
use countersign_connectors::as2::{As2Connector, Note};
use countersign_connectors::settings::SettingsError;
use countersign_connectors::{
    Assembled, Context, Guard, HttpClient, assemble_channel, background::Background, secrets::Sealer,
};
use countersign_engine::ids::SourceId;
use countersign_engine::slice::{Key, Record};
use countersign_engine::source::{Channel, Source};
use countersign_runtime::Desk;
use countersign_runtime::ports::{Exchange, List, Store, Versioned};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

/// The setting under which sealed secrets of channels stand.
pub const SECRET: &str = "channel_secret";

/// Sources looked through for AS2 partners.
const SOURCES_MAX: u32 = 10_000;

/// Keeps AS2 messages whose receipt comes later; a second try finds the first one's note.
fn keeping(store: Arc<dyn Store>) -> Note {
    Arc::new(move |message| {
        let body = serde_json::to_string(&crate::as2::Noted::Sent(message.clone())).map_err(|e| e.to_string())?;
        let (pair, message_id) = (message.pair.clone(), message.message_id.clone());
        let exchange = Exchange { pair, message_id, at: jiff::Timestamp::now(), due: Some(message.due), body };
        store.put_exchange(&exchange, false).map(|_| ()).map_err(|error| error.to_string())
    })
}

/// Who makes connectors.
enum Maker {
    /// They lead to the partners, as their channels say.
    World(Context),
    /// They lead to simulated partners of this process, whatever their channels say.
    Stage(Arc<Stage>),
}

/// The connectors in use.
pub struct Registry {
    maker: Maker,
    http: Arc<HttpClient>,
    made: RwLock<BTreeMap<SourceId, (Channel, Assembled)>>,
    /// AS2 connectors made so far: each has certificates that nobody has looked at yet.
    as2_made: AtomicU64,
    wires: Wires,
}

impl Registry {
    /// A registry that makes connectors below `data`; `allow_private` opens the guard of outgoing calls.
    ///
    /// # Errors
    /// The allow list is faulty, or no HTTP client can be made.
    pub fn new(data: PathBuf, store: Arc<dyn Store>, key: [u8; 32], allow_private: &[String]) -> anyhow::Result<Self> {
        let guard = Guard::allowing(allow_private)
            .map_err(|e| anyhow::anyhow!("allow_private{}: {}", e.pointer, e.sentence))?;
        let background = Arc::new(Background::own()?);
        let http = HttpClient::new(Arc::new(guard), background, &[]).map_err(anyhow::Error::msg)?;
        let note = keeping(store.clone());
        let sealer = Sealer::new(key);
        let secret = move |name: &str| {
            let (_, sealed) = store.setting(SECRET, name).ok().flatten()?;
            sealer.open("channel", name, &sealed).ok()
        };
        let http = Arc::new(http);
        let context = Context { data_dir: data, http: http.clone(), secret: Arc::new(secret), note };
        Ok(Self {
            maker: Maker::World(context),
            http,
            made: RwLock::default(),
            as2_made: AtomicU64::new(0),
            wires: Wires::default(),
        })
    }

    /// A registry that knows no way out: every source is simulated, and the HTTP client calls nobody.
    ///
    /// # Errors
    /// No HTTP client can be made.
    pub fn sandbox(stage: Arc<Stage>) -> anyhow::Result<Self> {
        let background = Arc::new(Background::own()?);
        let http = HttpClient::new(Arc::new(Guard::closed()), background, &[]).map_err(anyhow::Error::msg)?;
        let (maker, http) = (Maker::Stage(stage), Arc::new(http));
        Ok(Self { maker, http, made: RwLock::default(), as2_made: AtomicU64::new(0), wires: Wires::default() })
    }

    /// The HTTP client that everything shares.
    pub fn http(&self) -> &Arc<HttpClient> {
        &self.http
    }

    /// Judges the settings of a channel before they are recorded.
    ///
    /// # Errors
    /// The first fault, with its field.
    pub fn check(&self, channel: &Channel) -> Result<(), SettingsError> {
        match &self.maker {
            Maker::World(context) => assemble_channel(channel, context).map(|_| ()),
            Maker::Stage(_) => Ok(()),
        }
    }

    /// What the wires have carried.
    pub fn wires(&self) -> &Wires {
        &self.wires
    }

    /// The connector of a source.
    ///
    /// # Errors
    /// A sentence that says what is wrong with its settings.
    pub fn of(&self, source: &Source) -> Result<Assembled, String> {
        let context = match &self.maker {
            Maker::World(context) => context,
            Maker::Stage(stage) => return Ok(Assembled::of(stage.player(&source.id))),
        };
        if let Some((channel, assembled)) = self.made.read().unwrap_or_else(PoisonError::into_inner).get(&source.id)
            && *channel == source.channel
        {
            return Ok(assembled.clone());
        }
        let assembled = assemble_channel(&source.channel, context)
            .map_err(|e| format!("channel.connector{}: {}", e.pointer, e.sentence))?;
        if assembled.as2.is_some() {
            self.as2_made.fetch_add(1, Ordering::Relaxed);
        }
        let mut made = self.made.write().unwrap_or_else(PoisonError::into_inner);
        made.insert(source.id.clone(), (source.channel.clone(), assembled.clone()));
        Ok(assembled)
    }

    /// The partner behind the identifiers of an AS2 message: theirs and ours. The list of sources is looked through only
    /// if none of the connectors in use fits; `may_look` says that this may be done now.
    pub fn as2_partner(
        &self,
        desk: &Desk,
        theirs: &str,
        ours: &str,
        may_look: bool,
    ) -> Option<(Arc<Source>, As2Connector)> {
        let fits = |one: &As2Connector| one.settings().to == theirs && one.settings().from == ours;
        let in_use = || {
            let made = self.made.read().unwrap_or_else(PoisonError::into_inner);
            made.iter().find(|(_, (_, made))| made.as2.as_ref().is_some_and(fits)).map(|(id, _)| id.clone())
        };
        let id = in_use().or_else(|| {
            if may_look {
                self.as2_sources(desk);
            }
            in_use()
        })?;
        // The record may have changed since the connector was made.
        let source = Self::source(desk, &id)?;
        let connector = self.of(&source).ok()?.as2.filter(fits)?;
        Some((source, connector))
    }

    /// How many AS2 connectors were made so far; it grows when a source, or a secret it rests on, is new or changed.
    pub fn as2_made(&self) -> u64 {
        self.as2_made.load(Ordering::Relaxed)
    }

    /// Every source that speaks AS2, with its connector.
    pub fn as2_sources(&self, desk: &Desk) -> Vec<(Arc<Source>, As2Connector)> {
        let all = desk.store().list(&List::Sources, None, SOURCES_MAX).unwrap_or_default();
        let sources = all.into_iter().filter_map(|Versioned { record, .. }| match record {
            Record::Source(source) if source.channel.connector["type"] == "as2" => Some(source),
            _ => None,
        });
        sources.filter_map(|source| Some((source.clone(), self.of(&source).ok()?.as2?))).collect()
    }

    /// The record of a source, if it is known.
    pub fn source(desk: &Desk, id: &SourceId) -> Option<Arc<Source>> {
        match desk.read(&[Key::Source(id.clone())]).ok()?.pop()?? {
            Record::Source(source) => Some(source),
            _ => None,
        }
    }

    /// Forgets connectors whose making rested on a secret that has changed.
    pub fn forget(&self) {
        self.made.write().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
