//! The API, the portal, the wiring and the binary. Knows everything; nobody knows it.

pub mod cloud_event;
pub mod config;
pub mod hands;
pub mod hooks;
pub mod intake;
pub mod live;
pub mod office;
pub mod registry;
