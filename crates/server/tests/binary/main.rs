//! The real binary, over real sockets and files.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod as2;
#[path = "../../../connectors/tests/support/as2_peer.rs"]
mod as2_peer;
mod kill;
mod mail;
mod mock_edi;
mod oidc;
mod proof;
mod service;
mod tour;
mod trouble;
