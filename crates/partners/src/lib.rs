//! How each partner's papers read: neutral documents to and from dialects. Pure.
//!
//! No clock, file, network or chance: `now` and control numbers are arguments. A dialect is one file (and its parts)
//! and one line in [`dialects`]; the types that it shares with the hands stand in [`seam`].

pub mod api;
mod desk;
pub mod dialects;
pub mod eancom;
mod envelope;
mod feed;
mod findings;
mod json;
pub mod matching;
pub mod overlay;
pub mod person;
mod portal;
mod rows;
pub mod seam;
mod value;
mod wms;
pub mod x12;

pub use desk::ItemName;
