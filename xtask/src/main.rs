//! The toolbox. `cargo xtask` lists what it can do.

mod attack;
mod browser;
mod needs;
mod run;
mod test;
mod tidy;
mod web;
mod world;

use anyhow::{Result, bail};
use std::path::PathBuf;

const HELP: &str = "\
cargo xtask demo [ARGS]    build everything and open a living world at one printed address
cargo xtask test           run every test, fast ones first; installs what they need where it may; --quick, --long
cargo xtask tidy           check the walls between the crates and the house rules
cargo xtask browse         walk the console of a demo world in a browser: axe, pictures, keys
cargo xtask attack [N]     the API of a demo world under attack, N examples for each call
cargo xtask web            build the console (npm ci, vite build) into web/dist
cargo xtask sim [ARGS]     run the simulator: --seeds N, --seed N [--steps N, --order ID, --keep FILE]
cargo xtask fuzz --minutes N    throw damaged papers at the EDI reader; what fails is kept in crates/edi/tests/seeds
cargo xtask bench [ARGS]   the figures the README quotes, on this machine
cargo xtask dist           a release binary with the console inside, under target/release
";

fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let task = args.next().unwrap_or_default();
    let rest: Vec<String> = args.collect();
    std::env::set_current_dir(root())?;
    match task.as_str() {
        "demo" => {
            web::build_or_explain()?;
            run::cargo_run(&["run", "--release", "--package", "countersign-server", "--", "demo"], &rest)
        }
        "test" => test::all(rest.iter().any(|a| a == "--quick"), rest.iter().any(|a| a == "--long")),
        "tidy" => tidy::check(),
        "browse" => {
            web::build()?;
            browser::walk()
        }
        "attack" => attack::api(&rest),
        "web" => web::build(),
        "sim" => run::cargo_run(&["run", "--release", "--package", "countersign-sim", "--"], &rest),
        "fuzz" => run::fuzz(minutes(&rest)?),
        "bench" => run::cargo_run(&["run", "--release", "--package", "countersign-server", "--", "bench"], &rest),
        "dist" => {
            web::build()?;
            run::cargo_run(&["build", "--release", "--package", "countersign-server"], &rest)
        }
        "" | "help" | "--help" => {
            print!("{HELP}");
            Ok(())
        }
        other => bail!("there is no task {other:?}\n\n{HELP}"),
    }
}

/// `--minutes N`; one without it.
fn minutes(args: &[String]) -> Result<u64> {
    match args {
        [] => Ok(1),
        [flag, number] if flag == "--minutes" => {
            number.parse().map_err(|_| anyhow::anyhow!("--minutes takes a whole number, not {number:?}"))
        }
        _ => bail!("cargo xtask fuzz [--minutes N]"),
    }
}

/// The folder of the workspace.
fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).parent().map(PathBuf::from).unwrap_or_default()
}
