//! Which connector carries the papers of which source; made anew when the source's record changes.

use crate::wires::Wires;
use countersign_connectors::{
    Assembled, Context, Guard, HttpClient, assemble_channel, background::Background, secrets::Sealer,
};
use countersign_engine::ids::SourceId;
use countersign_engine::slice::{Key, Record};
use countersign_engine::source::{Channel, Source};
use countersign_runtime::Desk;
use countersign_runtime::ports::Store;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

/// The setting under which sealed secrets of channels stand.
pub const SECRET: &str = "channel_secret";

/// The connectors in use.
pub struct Registry {
    context: Context,
    made: RwLock<BTreeMap<SourceId, (Channel, Assembled)>>,
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
        let sealer = Sealer::new(key);
        let secret = move |name: &str| {
            let (_, sealed) = store.setting(SECRET, name).ok().flatten()?;
            sealer.open("channel", name, &sealed).ok()
        };
        Ok(Self {
            context: Context { data_dir: data, http: Arc::new(http), secret: Arc::new(secret) },
            made: RwLock::default(),
            wires: Wires::default(),
        })
    }

    /// The HTTP client that everything shares.
    pub fn http(&self) -> &Arc<HttpClient> {
        &self.context.http
    }

    /// What connectors are made from; for checking settings before they are recorded.
    pub fn context(&self) -> &Context {
        &self.context
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
        if let Some((channel, assembled)) = self.made.read().unwrap_or_else(PoisonError::into_inner).get(&source.id)
            && *channel == source.channel
        {
            return Ok(assembled.clone());
        }
        let assembled = assemble_channel(&source.channel, &self.context)
            .map_err(|e| format!("channel.connector{}: {}", e.pointer, e.sentence))?;
        let mut made = self.made.write().unwrap_or_else(PoisonError::into_inner);
        made.insert(source.id.clone(), (source.channel.clone(), assembled.clone()));
        Ok(assembled)
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
