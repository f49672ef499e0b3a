//! The console in a real browser, against the real demo.

use crate::root;
use crate::web;
use crate::world::World;
use anyhow::Result;

/// Opens a demo world, walks every screen with axe and a camera, and ends it.
pub fn walk() -> Result<()> {
    let world = World::open("browser-demo")?;
    let address = &world.address;
    println!("\nthe demo answers at {address}; walking its console");
    web::npm_with(&["run", "browse"], &[("COUNTERSIGN_URL", address), ("COUNTERSIGN_ROLE", "vendor_manager")])?;
    web::npm_with(&["run", "browse-portal"], &[("COUNTERSIGN_URL", address)])?;
    // Its own service, with an identity provider and a mail server beside it; the demo was run from the same binary.
    let binary = root().join("target/debug/countersign");
    web::npm_with(&["run", "browse-doors"], &[("COUNTERSIGN_BIN", &binary.to_string_lossy())])
}
