//! A demo world to try things on; it ends when dropped.

use crate::root;
use anyhow::{Context, Result};
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// How long the demo lives before it is looked at: until there are breaches, cases and approvals to see.
const LIVES: Duration = Duration::from_secs(120);

/// A running demo.
pub struct World {
    child: Child,
    /// Where it answers.
    pub address: String,
    /// Its folder.
    pub data: PathBuf,
}

impl World {
    /// Opens one and lets it live for a while.
    pub fn open(name: &str) -> Result<Self> {
        let data = root().join("target").join(name);
        let args =
            ["run", "--quiet", "--package", "countersign-server", "--", "demo", "--listen", "127.0.0.1:0", "--data"];
        let child =
            Command::new(env!("CARGO")).args(args).arg(&data).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let child = child.context("the demo could not be started")?;
        let mut world = Self { child, address: String::new(), data };
        let out = world.child.stdout.take().context("the demo has no output")?;
        let mut lines = BufReader::new(out).lines();
        while world.address.is_empty() {
            let line = lines.next().context("the demo ended before it said where it answers")??;
            if let Some(at) = line.find("http://") {
                line[at..].trim().trim_end_matches('/').clone_into(&mut world.address);
            }
        }
        // Whatever else it says must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        std::thread::sleep(LIVES);
        Ok(world)
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
