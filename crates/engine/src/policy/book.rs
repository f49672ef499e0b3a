//! The life of policies: who wrote a version, what its backtest said, who approved it, when it ruled.
//!
//! Does not hold the documents; each stands in a record of its own. States are derived, never stored.

use crate::command::Actor;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet};

/// Versions that one retailer keeps: some decades of weekly changes.
pub const VERSIONS_MAX: usize = 2_000;
/// Figures that the result of one backtest may name.
pub const BACKTEST_FIGURES_MAX: usize = 64;
/// Longest summary of a backtest, in bytes.
pub const BACKTEST_SUMMARY_BYTES_MAX: usize = 2_000;

/// Every version and where it stands.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct PolicyBook {
    /// By version number.
    pub versions: BTreeMap<u32, Standing>,
    /// The version in force; absent until one of these was activated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<u32>,
    /// The version that takes over, and when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheduled: Option<Scheduled>,
}

/// Where one version stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Standing {
    /// Shown to people.
    #[serde(default)]
    pub name: String,
    /// Counts the drafts of this version; a backtest or an approval is of one of them.
    pub revision: u32,
    /// Everybody who wrote on it; none of them may approve it.
    pub authors: BTreeSet<Actor>,
    /// When the present draft was written.
    pub saved_at: Timestamp,
    /// The last backtest of the present draft.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backtest: Option<Backtest>,
    /// Who approved the present draft.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<PolicyApproval>,
    /// When it was put in force, and by whom; a rollback adds another.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub activations: Vec<Activation>,
}

/// The result of a backtest, as far as the life of a policy needs it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backtest {
    /// SHA-256 of the whole report, in hex: which report was seen.
    pub digest: SmolStr,
    /// What it says, in a sentence or two.
    pub summary: String,
    /// Its main figures by name (orders, cancellations, permille …); whole numbers.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub figures: BTreeMap<SmolStr, i64>,
    /// Who had it computed.
    pub by: Actor,
    /// When it was recorded.
    pub at: Timestamp,
}

/// The word of a second person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyApproval {
    /// Who.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
    /// In what words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<String>,
}

/// One time at which a version was put in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Activation {
    /// Who.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
}

/// A version that takes over at a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scheduled {
    /// Which.
    pub version: u32,
    /// When.
    pub at: Timestamp,
    /// Who said so.
    pub by: Actor,
}

/// The one word for a version; derived, never stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PolicyState {
    /// Written.
    Draft,
    /// A backtest of this very draft is recorded.
    Backtested,
    /// A second person approved this very draft.
    Approved,
    /// It takes over at a time.
    Scheduled,
    /// It rules.
    Active,
    /// It ruled once.
    Superseded,
}

impl PolicyState {
    /// The wire word.
    pub fn code(self) -> &'static str {
        match self {
            PolicyState::Draft => "draft",
            PolicyState::Backtested => "backtested",
            PolicyState::Approved => "approved",
            PolicyState::Scheduled => "scheduled",
            PolicyState::Active => "active",
            PolicyState::Superseded => "superseded",
        }
    }
}

impl PolicyBook {
    /// Where a version stands, in a word.
    pub fn state(&self, version: u32) -> Option<PolicyState> {
        let standing = self.versions.get(&version)?;
        Some(match () {
            () if self.active == Some(version) => PolicyState::Active,
            () if self.scheduled.as_ref().is_some_and(|s| s.version == version) => PolicyState::Scheduled,
            () if !standing.activations.is_empty() => PolicyState::Superseded,
            () if standing.approval.is_some() => PolicyState::Approved,
            () if standing.backtest.is_some() => PolicyState::Backtested,
            () => PolicyState::Draft,
        })
    }
    /// When something has to be done about a policy by itself.
    pub fn wake_at(&self) -> Option<Timestamp> {
        self.scheduled.as_ref().map(|s| s.at)
    }
}
