//! Decides. The head of the order desk: it reads the papers laid before it and decides; it never leaves the desk,
//! never looks at a clock on the wall, never phones.
//!
//! Three doors: [`needs`] says which records a command wants to read, [`decide`] turns records and a command into
//! events and effects with reasons, [`evolve`] applies one event. No clock, no chance, no network, no file, no hash
//! maps, no floats.

pub mod approval;
pub mod calendar;
pub mod calibration;
pub mod case;
pub mod command;
pub mod decide;
pub mod document;
pub mod effect;
pub mod event;
pub mod evolve;
pub mod explain;
pub mod history;
pub mod ids;
pub mod item;
pub mod journal;
pub mod legacy;
pub mod measure;
pub mod message;
pub mod offer;
pub mod order;
pub mod policy;
pub mod promise;
pub mod quote;
pub mod reason;
pub mod refusal;
pub mod routing;
pub mod slice;
pub mod source;
pub mod stock;

pub use decide::{Decision, decide, needs};
pub use evolve::{evolve, touches};
pub use refusal::Refusal;
