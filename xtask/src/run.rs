//! Running other programs, with their output shown and their failure told.

use anyhow::{Context, Result, bail};
use std::ffi::OsStr;
use std::process::Command;

/// Runs a program; fails if it fails.
pub fn run(program: impl AsRef<OsStr>, args: &[&str]) -> Result<()> {
    let program = program.as_ref();
    let shown = format!("{} {}", program.to_string_lossy(), args.join(" "));
    println!("\n$ {shown}");
    let status = Command::new(program).args(args).status().with_context(|| format!("{shown} could not be started"))?;
    if !status.success() {
        bail!("{shown} failed: {status}");
    }
    Ok(())
}

/// Runs cargo with fixed arguments and those of the caller.
pub fn cargo_run(fixed: &[&str], rest: &[String]) -> Result<()> {
    let args: Vec<&str> = fixed.iter().copied().chain(rest.iter().map(String::as_str)).collect();
    run(env!("CARGO"), &args)
}

/// Throws damaged papers at the EDI reader for some minutes; no tool is needed but cargo.
pub fn fuzz(minutes: u64) -> Result<()> {
    let args = ["test", "--release", "--package", "countersign-edi", "--test", "fuzz", "--", "--nocapture"];
    let seconds = (minutes * 60).to_string();
    println!("\n$ COUNTERSIGN_FUZZ_S={seconds} cargo {}", args.join(" "));
    let status = Command::new(env!("CARGO")).args(args).env("COUNTERSIGN_FUZZ_S", seconds).status()?;
    if !status.success() {
        bail!(
            "an input failed; it is kept in crates/edi/tests/seeds and tried first from now on: commit it with the cure"
        );
    }
    Ok(())
}

/// The standard output of a program, if it can be started and succeeds.
pub fn output(program: &str, args: &[&str]) -> Option<String> {
    let done = Command::new(program).args(args).output().ok()?;
    done.status.success().then(|| String::from_utf8_lossy(&done.stdout).trim().to_owned())
}
