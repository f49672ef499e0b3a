//! A copy of the file while it is in use.

use super::SqliteStore;
use super::fault::Told;
use countersign_runtime::ports::StoreError;
use rusqlite::{Connection, OpenFlags};
use std::path::Path;

/// Pages copied at a stretch: few enough that a commit never waits for them.
const STRETCH_PAGES: i32 = 1024;

impl SqliteStore {
    /// Copies the store as it stands at one instant into a new file. Commits go on meanwhile.
    pub fn backup(&self, to: &Path) -> Result<(), StoreError> {
        if to.exists() {
            return Err(StoreError::Determinate(format!("{} exists: name a new file", to.display())));
        }
        let from = super::connect(self.path(), OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        // One read transaction holds the instant; in a write-ahead log it keeps nobody waiting.
        from.execute_batch("BEGIN; SELECT count(*) FROM migrations").told("begin the copy")?;
        let mut copy = Connection::open(to).told("make the copy")?;
        let backup = rusqlite::backup::Backup::new(&from, &mut copy).told("begin the copy")?;
        backup.run_to_completion(STRETCH_PAGES, std::time::Duration::ZERO, None).told("copy")?;
        drop(backup);
        copy.close().map_err(|(_, why)| why).told("finish the copy")?;
        let file = std::fs::File::open(to).and_then(|file| file.sync_all());
        file.map_err(|why| StoreError::Unwritable(format!("cannot sync {}: {why}", to.display())))
    }
}
