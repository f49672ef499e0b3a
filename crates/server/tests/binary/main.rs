//! The real binary, over real sockets and files.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod as2;
#[path = "../../../connectors/tests/support/as2_peer.rs"]
mod as2_peer;
mod doors;
mod edi;
mod kill;
mod mail;
mod mock_edi;
mod oidc;
mod proof;
mod quarantine;
mod service;
mod sftp;
#[path = "../../../connectors/tests/support/sshd.rs"]
#[expect(dead_code, reason = "the connector's own tests use more of it")]
mod sshd;
mod tour;
mod trouble;
