//! Replay and backtest: a history through a policy, by the same engine that runs production, on a simulated clock.
//!
//! What a source really answered is observed; where the policy asks a source that history did not ask, a model fitted to
//! that source's own history answers, seeded, and is marked so. The result is the same for the same history, policy and
//! seed, on any machine and any number of threads: parts of orders that share no stock are replayed apart, and chance
//! hangs on the question, not on the order of asking.

pub mod model;
pub mod outcome;
pub mod part;
pub mod progress;
pub mod reliability;
pub mod run;
pub mod summary;
pub mod trial;
mod unit;
pub mod vendor;
pub mod verdict;
pub mod why;
pub mod world;
