//! Who gets what: the retailer's settings for messages, and the contacts of its vendors.
//!
//! Contacts are no part of a source's record: addresses of people do not belong into the journal.

use super::kinds::{Audience, Kind};
use super::quiet::Quiet;
use countersign_engine::calendar::Zone;
use countersign_engine::ids::SourceId;
use countersign_runtime::ports::{Store, StoreError};
use jiff::civil::Time;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

const SETTINGS: (&str, &str) = ("mail_settings", "all");
const CONTACTS: &str = "source_contacts";

/// How customers hear from us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CustomersBy {
    /// The storefront writes to them; it hears of everything by webhook.
    #[default]
    Webhook,
    /// We write to them by mail.
    Smtp,
}

/// Who gets what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// How the retailer signs letters to customers.
    #[serde(default)]
    pub shop: String,
    /// How customers hear from us.
    #[serde(default)]
    pub customers: CustomersBy,
    /// Kinds that are not sent.
    #[serde(default)]
    pub off: BTreeSet<Kind>,
    /// When nobody is written to.
    #[serde(default)]
    pub quiet: Option<Quiet>,
    /// For whom the quiet hours hold. Vendors' clocks run at night too, so they are not among them unless said.
    #[serde(default = "all_but_vendors")]
    pub quiet_for: BTreeSet<Audience>,
    /// When the day's digest goes out; none if absent.
    #[serde(default)]
    pub digest_at: Option<Time>,
    /// Where that is.
    #[serde(default = "utc")]
    pub time_zone: Zone,
}

fn all_but_vendors() -> BTreeSet<Audience> {
    [Audience::Staff, Audience::Customers].into()
}
fn utc() -> Zone {
    Zone::new("UTC").expect("because the table holds UTC")
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            shop: String::new(),
            customers: CustomersBy::default(),
            off: BTreeSet::new(),
            quiet: None,
            quiet_for: all_but_vendors(),
            digest_at: None,
            time_zone: utc(),
        }
    }
}

impl Settings {
    /// True if messages of that kind go out by mail.
    pub fn wants(&self, kind: Kind) -> bool {
        let way = kind.audience() != Audience::Customers || self.customers == CustomersBy::Smtp;
        way && !self.off.contains(&kind)
    }
    /// When a message of that kind may go out.
    pub fn not_before(&self, kind: Kind, now: jiff::Timestamp) -> jiff::Timestamp {
        // Who asked for a link sits in front of the page.
        let held = kind != Kind::VendorLink && self.quiet_for.contains(&kind.audience());
        self.quiet.as_ref().filter(|_| held).map_or(now, |quiet| quiet.not_before(now))
    }
}

/// The settings in force. Blocks.
///
/// # Errors
/// The store cannot be read.
pub fn read_settings(store: &dyn Store) -> Result<Settings, StoreError> {
    let kept = store.setting(SETTINGS.0, SETTINGS.1)?;
    Ok(kept.and_then(|(_, body)| serde_json::from_str(&body).ok()).unwrap_or_default())
}

/// Puts settings in force. Blocks.
///
/// # Errors
/// The store cannot be written.
pub fn put_settings(store: &dyn Store, settings: &Settings) -> Result<(), StoreError> {
    store.put_setting(SETTINGS.0, SETTINGS.1, None, Some(&crate::auth::json(settings)?)).map(drop)
}

/// Whom to write to at a vendor.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contacts {
    /// Mail addresses, in small letters.
    #[serde(default)]
    pub mail: Vec<String>,
}

/// The contacts of a vendor. Blocks.
///
/// # Errors
/// The store cannot be read.
pub fn contacts(store: &dyn Store, source: &SourceId) -> Result<Contacts, StoreError> {
    let kept = store.setting(CONTACTS, source.as_str())?;
    Ok(kept.and_then(|(_, body)| serde_json::from_str(&body).ok()).unwrap_or_default())
}

/// The contacts of all vendors. Blocks.
///
/// # Errors
/// The store cannot be read.
pub fn all_contacts(store: &dyn Store) -> Result<Vec<(SourceId, Contacts)>, StoreError> {
    let all = store.settings(CONTACTS)?.into_iter();
    Ok(all.filter_map(|(id, body)| Some((SourceId::new(id).ok()?, serde_json::from_str(&body).ok()?))).collect())
}

/// Records the contacts of a vendor. Blocks.
///
/// # Errors
/// The store cannot be written.
pub fn put_contacts(store: &dyn Store, source: &SourceId, contacts: &Contacts) -> Result<(), StoreError> {
    store.put_setting(CONTACTS, source.as_str(), None, Some(&crate::auth::json(contacts)?)).map(drop)
}
