//! The test command: fast tests first, everything once, nothing that depends on what was installed by hand.

use crate::{needs, run, tidy, web};
use anyhow::Result;

/// Seeds of the simulator in the test command.
const SEEDS: &str = "10000";
/// Minutes of damaged papers in the test command, and in the long one.
const FUZZ_MINUTES: u64 = 1;
const FUZZ_MINUTES_LONG: u64 = 10;

/// Runs all tests; `quick` leaves out what must be installed and the long simulation, `long` damages papers for longer.
pub fn all(quick: bool, long: bool) -> Result<()> {
    let cargo = env!("CARGO");
    tidy::check()?;
    run::run(cargo, &["fmt", "--all", "--check"])?;
    if !quick {
        needs::satisfy(needs::TESTS)?;
    }
    web::build()?;
    // Pure crates first: they fail fastest.
    let pure = ["countersign-engine", "countersign-edi", "countersign-partners", "countersign-runtime"];
    let mut args = vec!["test", "--quiet"];
    args.extend(pure.iter().flat_map(|p| ["--package", p]));
    run::run(cargo, &args)?;
    let mut rest = vec!["test", "--quiet", "--workspace"];
    rest.extend(pure.iter().flat_map(|p| ["--exclude", p]));
    run::run(cargo, &rest)?;
    run::run(cargo, &["clippy", "--quiet", "--workspace", "--all-targets", "--", "--deny", "warnings"])?;
    if !quick {
        run::run(cargo, &["run", "--quiet", "--package", "countersign-sim", "--", "--seeds", SEEDS])?;
        run::fuzz(if long { FUZZ_MINUTES_LONG } else { FUZZ_MINUTES })?;
        web::npm(&["run", "check"])?;
    }
    println!("\nall tests passed");
    Ok(())
}
