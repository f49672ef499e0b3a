//! The console in a real browser, against the real demo.

use crate::{root, web};
use anyhow::{Context, Result};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// How long the demo lives before it is looked at: until there are breaches, cases and approvals to see.
const LIVES: Duration = Duration::from_secs(75);

/// Opens a demo world, walks every screen with axe and a camera, and ends it.
pub fn walk() -> Result<()> {
    let data = root().join("target/browser-demo");
    let data = data.to_string_lossy();
    let args = ["run", "--quiet", "--package", "countersign-server", "--", "demo", "--listen", "127.0.0.1:0"];
    let child = Command::new(env!("CARGO"))
        .args(args)
        .args(["--data", &data])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let mut demo = Ended(child.context("the demo could not be started")?);
    let out = demo.0.stdout.take().context("the demo has no output")?;
    let mut lines = BufReader::new(out).lines();
    let address = loop {
        let line = lines.next().context("the demo ended before it said where it answers")??;
        if let Some(at) = line.find("http://") {
            break line[at..].trim().trim_end_matches('/').to_owned();
        }
    };
    std::thread::sleep(LIVES);
    println!("\nthe demo answers at {address}; walking its console");
    web::npm_with(&["run", "browse"], &[("COUNTERSIGN_URL", &address), ("COUNTERSIGN_ROLE", "vendor_manager")])?;
    web::npm_with(&["run", "browse-portal"], &[("COUNTERSIGN_URL", &address)])
}

/// A process that ends when this is dropped.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
