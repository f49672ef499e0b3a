//! Five steps (receive, interpret, handle, wake, deliver) over two ports.

pub mod chain;
pub mod ports;
