//! A few connections that only read.
//!
//! Each call gets one for itself and sees one state of the file throughout. Does not know what is read.

use super::fault::Told;
use super::{READER_CACHE_KIB, connect};
use countersign_runtime::ports::StoreError;
use rusqlite::{Connection, OpenFlags};
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, PoisonError};

/// Connections that read at the same time; more callers wait for one.
const READERS_MAX: usize = 8;

/// The pool.
pub(super) struct Readers {
    path: PathBuf,
    idle: Mutex<Idle>,
    returned: Condvar,
}

#[derive(Default)]
struct Idle {
    connections: Vec<Connection>,
    opened: usize,
}

impl Readers {
    pub(super) fn new(path: &Path) -> Self {
        Self { path: path.into(), idle: Mutex::new(Idle::default()), returned: Condvar::new() }
    }

    /// Reads in one transaction.
    pub(super) fn read<T>(&self, read: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let guard = Guard { pool: self, conn: Some(self.take()?) };
        let conn = guard.conn.as_ref().expect("because the guard gives it back only when dropped");
        conn.prepare_cached("BEGIN").and_then(|mut s| s.execute([])).told("begin to read")?;
        let answer = read(conn);
        conn.prepare_cached("COMMIT").and_then(|mut s| s.execute([])).told("end reading")?;
        answer
    }

    fn take(&self) -> Result<Connection, StoreError> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(conn) = idle.connections.pop() {
                return Ok(conn);
            }
            if idle.opened < READERS_MAX {
                idle.opened += 1;
                drop(idle);
                return self.open().inspect_err(|_| self.forget());
            }
            idle = self.returned.wait(idle).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn open(&self) -> Result<Connection, StoreError> {
        let conn = connect(&self.path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        conn.pragma_update(None, "cache_size", -i64::from(READER_CACHE_KIB)).told("size the cache")?;
        conn.pragma_update(None, "query_only", true).told("open for reading only")?;
        Ok(conn)
    }

    fn forget(&self) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).opened -= 1;
        self.returned.notify_one();
    }
}

/// Gives the connection back, whatever happens.
struct Guard<'a> {
    pool: &'a Readers,
    conn: Option<Connection>,
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        let Some(conn) = self.conn.take() else { return };
        // A read that failed or panicked may have left its transaction open; such a connection is not used again.
        if conn.is_autocommit() {
            self.pool.idle.lock().unwrap_or_else(PoisonError::into_inner).connections.push(conn);
            self.pool.returned.notify_one();
        } else {
            drop(conn);
            self.pool.forget();
        }
    }
}
