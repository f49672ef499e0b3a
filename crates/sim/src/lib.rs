//! A simulated world: seeded order of steps, crashes, misbehaving partners, an independent auditor.
//!
//! Runs the same steps as production, over the store in memory. A seed is a bug report.

pub mod auditor;
pub mod chance;
pub mod history;
pub mod kept;
pub mod replay;
pub mod vendor;
pub mod world;
