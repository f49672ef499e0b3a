//! What tests and benches need beside a store: a PostgreSQL of their own for a while, and rows such as orders leave.
//!
//! Not part of the product: behind the feature `testing`.

mod samples;
mod temporary;

pub use samples::{item, offer, order, order_commit, source, stock};
pub use temporary::{TemporaryPostgres, postgres_or_skip};

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// A folder that is removed when dropped.
#[derive(Debug)]
pub struct TemporaryFolder(PathBuf);

impl TemporaryFolder {
    /// A new empty folder under the system's temporary folder.
    pub fn new(name: &str) -> std::io::Result<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let unique = format!("countersign-{name}-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(unique);
        std::fs::create_dir_all(&path)?;
        Ok(Self(path))
    }
    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
