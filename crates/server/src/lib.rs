//! The API, the portal, the wiring and the binary. Knows everything; nobody knows it.

pub mod office;
