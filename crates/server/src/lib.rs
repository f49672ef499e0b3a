//! The API, the portal, the wiring and the binary. Knows everything; nobody knows it.

pub mod api;
pub mod as2;
pub mod auth;
pub mod bench;
pub mod cli;
pub mod cloud_event;
pub mod config;
pub mod console;
pub mod demo;
pub mod hands;
pub mod hooks;
pub mod intake;
pub mod learning;
pub mod live;
pub mod mail;
pub mod metrics;
pub mod notary;
pub mod office;
pub mod openapi;
pub mod policy_document;
pub mod problem;
pub mod registry;
pub mod sandbox;
pub mod spreadsheet;
pub mod view;
pub mod wires;
