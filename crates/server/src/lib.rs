//! The API, the portal, the wiring and the binary.
