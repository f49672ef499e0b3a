//! `countersign bench`: the figures the README quotes, on the reader's own machine, each beside a limit of that machine
//! measured in the same run. Load generator, vendors and service share the machine.

mod aged;
mod capture;
mod head;
mod life;
mod limits;
mod load;
mod reports;
mod world;

use crate::cli::Ended;
use anyhow::Result;
use clap::{Args, ValueEnum};

/// The command.
#[derive(Args)]
pub struct Bench {
    /// What to measure; everything if left out
    #[arg(value_enum)]
    what: Vec<What>,
    /// Orders per measurement
    #[arg(long, default_value_t = 60_000)]
    orders: u64,
    /// PostgreSQL database to use instead of a fresh embedded store (it is written to)
    #[arg(long)]
    on: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    /// The engine alone: needs, decide, evolve for a plain order
    Engine,
    /// Orders over HTTP, each durable before its answer
    Capture,
    /// Orders in bulk, one request
    Bulk,
    /// One hot item, one unit per order
    Hot,
    /// Carts quoted from stored advice
    Quotes,
    /// Order, purchase order to a vendor's server, its answer, commitment, webhook
    Life,
    /// A feed of 100,000 lines, then the same again
    Feed,
    /// Memory and CPU of an empty service at rest
    Idle,
    /// A store with --orders open orders: capture, restart after kill -9, clocks, lists
    Aged,
    /// Every report over a year of --orders orders
    Reports,
}

impl Bench {
    /// Measures and prints.
    pub fn run(self) -> Result<Ended> {
        let all = [
            What::Engine,
            What::Capture,
            What::Bulk,
            What::Hot,
            What::Quotes,
            What::Life,
            What::Feed,
            What::Idle,
            What::Aged,
            What::Reports,
        ];
        let what = if self.what.is_empty() { all.to_vec() } else { self.what.clone() };
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        for one in what {
            match one {
                What::Engine => head::engine(),
                What::Capture => runtime.block_on(capture::single(self.orders, self.on.as_deref()))?,
                What::Bulk => runtime.block_on(capture::bulk(self.orders, self.on.as_deref()))?,
                What::Hot => runtime.block_on(capture::hot(self.orders, self.on.as_deref()))?,
                What::Quotes => runtime.block_on(capture::quotes(self.orders, self.on.as_deref()))?,
                What::Life => runtime.block_on(life::whole(self.orders / 3, self.on.as_deref()))?,
                What::Feed => runtime.block_on(capture::feed(self.on.as_deref()))?,
                What::Idle => runtime.block_on(aged::idle())?,
                What::Aged => runtime.block_on(aged::all(self.orders))?,
                What::Reports => runtime.block_on(reports::all(self.orders))?,
            }
        }
        Ok(Ended::Done)
    }
}

/// Prints one figure with its limit.
fn say(what: &str, figure: String, beside: &str) {
    println!("{what:<44} {figure:<34} {beside}");
}
