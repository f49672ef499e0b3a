//! The console's build: npm and Vite, never run by the Rust build itself.

use crate::{needs, root};
use anyhow::{Context, Result, bail};
use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

/// Builds the console unless what stands in `web/dist` is newer than its sources.
pub fn build() -> Result<()> {
    let web = root().join("web");
    if is_fresh(&web) {
        return Ok(());
    }
    npm(&["ci", "--no-audit", "--no-fund"])?;
    npm(&["run", "build"])
}

/// As [`build`], but a console that cannot be built does not keep the rest from running.
pub fn build_or_explain() -> Result<()> {
    if let Err(why) = build() {
        eprintln!("the console was not built ({why:#}); everything else works without it");
    }
    Ok(())
}

/// Runs npm in `web/`.
pub fn npm(args: &[&str]) -> Result<()> {
    npm_with(args, &[])
}

/// Runs npm in `web/` with variables set.
pub fn npm_with(args: &[&str], variables: &[(&str, &str)]) -> Result<()> {
    let mut command = Command::new("npm");
    if let Some(bin) = needs::node()? {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let all = std::iter::once(bin.clone()).chain(std::env::split_paths(&path));
        command = Command::new(bin.join("npm"));
        command.env("PATH", std::env::join_paths(all)?);
    }
    println!("\n$ npm {} (in web)", args.join(" "));
    let status = command
        .args(args)
        .envs(variables.iter().copied())
        .current_dir(root().join("web"))
        .status()
        .context("npm could not be started")?;
    if !status.success() {
        bail!("npm {} failed: {status}", args.join(" "));
    }
    Ok(())
}

fn is_fresh(web: &Path) -> bool {
    let built = web.join("dist/index.html");
    if !web.join("node_modules").is_dir() {
        return false;
    }
    let Ok(built) = built.metadata().and_then(|m| m.modified()) else { return false };
    let sources = ["package-lock.json", "package.json", "index.html", "vite.config.ts", "src", "public"];
    sources.iter().all(|name| newest(&web.join(name)).is_none_or(|changed| changed <= built))
}

fn newest(path: &Path) -> Option<SystemTime> {
    let meta = path.metadata().ok()?;
    if !meta.is_dir() {
        return meta.modified().ok();
    }
    std::fs::read_dir(path).ok()?.flatten().filter_map(|entry| newest(&entry.path())).max()
}
