//! The API over real sockets, on a store in memory.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod audit;
mod backtests;
mod desk;
mod events;
mod histories;
mod legacy;
mod master;
mod messages;
mod orders;
mod people;
mod policies;
mod portal;
mod problems;
mod reports;
mod roles;
mod sandbox;
mod session;
mod vendor;
mod world;
