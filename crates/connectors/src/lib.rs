//! What carries papers to and from a source: folder, HTTP, SFTP, AS2; and the parts that every outgoing call needs.
//!
//! Knows the runtime's ports and the network. Does not know stores, journals or what a paper says: bytes go out under a
//! stable id, bytes come in under a name, and each delivery ends in one of four words (done, failed, refused, unknown).

#[cfg(feature = "as2")]
pub mod as2;
pub mod background;
pub mod breaker;
pub mod client;
pub mod factory;
pub mod folder;
pub mod guard;
pub mod http;
pub mod names;
pub mod schedule;
pub mod secrets;
pub mod settings;
pub mod settle;
#[cfg(feature = "sftp")]
pub mod sftp;
pub mod webhook;

#[cfg(feature = "as2")]
pub use as2::{As2Connector, As2Settings};
pub use background::Background;
pub use client::HttpClient;
pub use factory::{Assembled, Context, assemble, assemble_channel, build};
pub use folder::FolderConnector;
pub use guard::Guard;
pub use http::{Attempt, HttpConnector, HttpSettings};
pub use schedule::FetchSchedule;
pub use settings::SettingsError;
#[cfg(feature = "sftp")]
pub use sftp::{SftpConnector, SftpSettings};
