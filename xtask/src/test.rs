//! The test command: fast tests first, everything once, nothing that depends on what was installed by hand.

use crate::{needs, run, tidy, web};
use anyhow::Result;

/// Seeds of the simulator in the test command.
const SEEDS: &str = "10000";
/// Minutes of damaged papers, never the same twice, in the long test command.
const FUZZ_MINUTES: u64 = 10;

/// Runs all tests; `quick` leaves out what must be installed and the long simulation, `long` adds papers damaged as they
/// never were before (each run of the tests damages the same ones for a moment).
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
        if long {
            run::fuzz(FUZZ_MINUTES)?;
        }
        web::npm(&["run", "check"])?;
    }
    println!("\nall tests passed");
    Ok(())
}
