//! Five steps (receive, interpret, handle, wake, deliver) over two ports.
//!
//! Synchronous and without a clock: `now` is an argument of every step. Whoever runs the steps (the server, the
//! simulator, a replay) brings clock, threads and network.

mod ahead;
pub mod audit;
pub mod backoff;
mod batch;
pub mod cache;
pub mod catalogue;
pub mod chain;
pub mod deliver;
pub mod desk;
pub mod facts;
#[cfg(test)]
mod handle_tests;
pub mod index;
pub mod interpret;
pub mod learn;
pub mod memory;
pub mod merkle;
pub mod paper;
pub mod ports;
pub mod quote;
pub mod receive;
mod rehearse;
pub mod request;
#[cfg(test)]
mod speed_tests;
#[cfg(test)]
mod story_tests;
mod tail;
pub mod task;
pub mod tree;
mod turn;
pub mod wake;
mod workspace;

pub use desk::{Desk, Settings};
pub use request::{Failure, FailureKind, Handled, Once, Request};
