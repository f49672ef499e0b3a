//! Moves the write-ahead log into the file, beside the writer instead of in its way.
//!
//! Most of a checkpoint runs while commits go on; only when the log has grown past its limit is the writer held, for
//! the little that came meanwhile, so that the log can begin anew.

use super::desk::Desk;
use super::{PAGE_SIZE, connect};
use countersign_runtime::ports::StoreError;
use rusqlite::{Connection, OpenFlags};
use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Weak};
use std::thread::JoinHandle;
use std::time::Duration;

/// Log bytes not yet moved from which they are: a fraction of a second of full load, and read back as fast after a crash.
const LOG_BYTES_MOVED: i64 = 64 << 20;
/// Log bytes from which the writer is held: without that a log that is always written to never begins anew.
const LOG_BYTES_HELD: i64 = 128 << 20;
/// Log bytes left allocated afterwards.
pub(super) const LOG_BYTES_KEPT: u64 = 64 << 20;
/// How often the log is looked at.
const LOOK: Duration = Duration::from_millis(50);

/// The thread that does it; stops when dropped.
pub(super) struct Checkpointer {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Checkpointer {
    pub(super) fn start(path: &Path, desk: Arc<Desk>) -> Result<Self, StoreError> {
        let conn = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        let (stop, stopped) = channel();
        let desk = Arc::downgrade(&desk);
        let run = move || {
            while stopped.recv_timeout(LOOK) == Err(RecvTimeoutError::Timeout) {
                if let Err(why) = look(&conn, &desk) {
                    tracing::warn!(%why, "the log could not be moved into the store; it is tried again");
                }
            }
        };
        let thread = std::thread::Builder::new().name("checkpoint".into()).spawn(run);
        let thread = thread.map_err(|why| StoreError::Determinate(format!("cannot start a thread: {why}")))?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        self.stop.take();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn look(conn: &Connection, desk: &Weak<Desk>) -> rusqlite::Result<()> {
    let log = checkpoint(conn, "NOOP")?;
    if log.bytes - log.moved < LOG_BYTES_MOVED {
        return Ok(());
    }
    let log = checkpoint(conn, "PASSIVE")?;
    let Some(desk) = desk.upgrade().filter(|_| log.bytes >= LOG_BYTES_HELD) else { return Ok(()) };
    desk.hold(|_| checkpoint(conn, "PASSIVE")).map(|_| ())
}

/// Bytes in the log, and how many of them are in the file.
struct Log {
    bytes: i64,
    moved: i64,
}

fn checkpoint(conn: &Connection, mode: &str) -> rusqlite::Result<Log> {
    let bytes = |frames: i64| frames.max(0) * i64::from(PAGE_SIZE);
    conn.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |row| {
        Ok(Log { bytes: bytes(row.get(1)?), moved: bytes(row.get(2)?) })
    })
}
