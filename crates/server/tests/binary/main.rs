//! The real binary, over real sockets and files.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod kill;
mod service;
mod tour;
mod trouble;
