//! The API over real sockets, on a store in memory.

mod events;
mod master;
mod orders;
mod problems;
mod roles;
mod session;
mod vendor;
mod world;
