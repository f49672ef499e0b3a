//! The API under attack: every call with thousands of requests made from its own description, valid and not, against the
//! real demo. No answer may be a fault of the server's, and the journal must hold afterwards.

use crate::world::World;
use crate::{needs, root, run};
use anyhow::Result;

/// Who attacks: roles that may do much.
const ROLES: [&str; 3] = ["it", "vendor_manager", "customer_service"];
/// Calls that would end the attacker's own rights.
const SPARED: &str = "/v1/(keys|session|people)";

/// Attacks with so many examples for each call.
pub fn api(rest: &[String]) -> Result<()> {
    let examples = rest.first().map_or("25", String::as_str);
    needs::satisfy(&[needs::PYTHON])?;
    let venv = root().join("target/schemathesis");
    let bin = venv.join("bin");
    if !bin.join("st").exists() {
        run::run("python3", &["-m", "venv", &venv.to_string_lossy()])?;
        run::run(bin.join("pip"), &["install", "--quiet", "schemathesis==4.*"])?;
    }
    let world = World::open("attack-demo")?;
    let data = world.data.to_string_lossy();
    let schema = format!("{}/openapi.json", world.address);
    let countersign = ["run", "--quiet", "--package", "countersign-server", "--", "--data", &data];
    for role in ROLES {
        let create = ["admin", "key", "create", "--name", "attacker", "--role", role];
        let key = run::output(env!("CARGO"), &[&countersign[..], &create[..]].concat());
        let header = format!("Authorization: Bearer {}", key.unwrap_or_default());
        let what = ["run", &schema, "-H", &header, "--exclude-path-regex", SPARED, "--checks", "not_a_server_error"];
        let how = ["--phases", "coverage,fuzzing,stateful", "--workers", "2", "-n", examples];
        run::run(bin.join("st"), &[what.as_slice(), &how].concat())?;
    }
    run::run(env!("CARGO"), &[&countersign[..], &["audit", "verify"]].concat())
}
