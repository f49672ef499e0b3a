//! What goes over the wire: shapes of bodies and answers, each with its description. No rule of the business stands here.

pub mod case;
pub mod decision;
pub mod master;
pub mod option;
pub mod order;
pub mod policy;
pub mod purchase_order;
pub mod supply;
pub mod words;

pub use words::{MoneyWords, Party};
