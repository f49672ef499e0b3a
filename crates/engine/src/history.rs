//! Histories that an installation keeps: files of the past, read and packed, on which policies are tried.
//!
//! Knows their names, digests and sizes; neither what stands in them nor where their bytes are.

use crate::command::Actor;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::collections::BTreeMap;

/// Histories of one installation: more would only hide each other on the page where one is chosen.
pub const HISTORIES_MAX: usize = 64;

/// A history, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    /// By which people choose it.
    pub name: SmolStr,
    /// SHA-256 of its packed bytes, 64 hex digits: the same files read by the same mapping have the same.
    pub digest: SmolStr,
    /// Its packed bytes.
    pub bytes: u64,
    /// Rows that were read.
    pub rows: u64,
    /// Rows that could not be used.
    pub rejected: u64,
    /// Orders in it.
    pub orders: u64,
    /// The first moment recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// The last moment recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Timestamp>,
}

/// Who took a history in, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// The history.
    #[serde(flatten)]
    pub history: History,
    /// Who.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
}

/// All histories that are kept, by name.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Histories {
    /// By name.
    pub all: BTreeMap<SmolStr, Kept>,
}
