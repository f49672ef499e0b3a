//! The one write connection, and who writes with it.
//!
//! Whoever gets the connection also does the small work that waits for it, in the same transaction: however many
//! callers there are, they share one sync of the disk. Does not know what the work is.

use super::commit;
use super::fault::{Told, again, fault};
use crate::rows::Batch;
use countersign_runtime::chain::Hash;
use countersign_runtime::ports::{Committed, NewEntry, StoreError};
use rusqlite::Connection;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The write connection and the work that waits for it.
pub(super) struct Desk {
    book: Mutex<Book>,
    waiting: Mutex<Vec<Arc<dyn Work>>>,
}

/// What the holder of the lock has.
pub(super) struct Book {
    pub(super) conn: Connection,
    /// The end of the journal; `None` where it has to be read again.
    pub(super) head: Option<(u64, Hash)>,
    /// Changes when another process has written.
    seen: i64,
    /// Why nothing can be written any more until the store is opened again.
    broken: Option<String>,
}

/// Small work that waits for the connection.
trait Work: Send + Sync {
    fn run(&self, conn: &Connection) -> Result<(), StoreError>;
    fn end(&self, outcome: Result<(), StoreError>);
}

struct Slot<T, F> {
    work: Mutex<Option<F>>,
    value: Mutex<Option<T>>,
    outcome: Mutex<Option<Result<T, StoreError>>>,
}

impl<T: Send, F: FnOnce(&Connection) -> Result<T, StoreError> + Send> Work for Slot<T, F> {
    fn run(&self, conn: &Connection) -> Result<(), StoreError> {
        let work = lock(&self.work).take().expect("because work is run once");
        *lock(&self.value) = Some(work(conn)?);
        Ok(())
    }
    fn end(&self, outcome: Result<(), StoreError>) {
        let value = lock(&self.value).take();
        let told = outcome.map(|()| value.expect("because work that went well left its value"));
        *lock(&self.outcome) = Some(told);
    }
}

/// A panic under the lock is a bug that was caught per command; the transaction it left is rolled back by the next.
fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Desk {
    pub(super) fn new(conn: Connection) -> Self {
        let book = Book { conn, head: None, seen: -1, broken: None };
        Self { book: Mutex::new(book), waiting: Mutex::new(Vec::new()) }
    }

    /// Does small work durably.
    pub(super) fn write<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let slot = Arc::new(Slot { work: Mutex::new(Some(work)), value: Mutex::new(None), outcome: Mutex::new(None) });
        let queued: Arc<dyn Work> = slot.clone();
        lock(&self.waiting).push(queued);
        let mut book = lock(&self.book);
        if let Some(outcome) = lock(&slot.outcome).take() {
            return outcome;
        }
        book.serve(self.take_waiting(), |_| Ok(Some(())))?;
        drop(book);
        let outcome = lock(&slot.outcome).take();
        outcome.unwrap_or_else(|| Err(StoreError::Determinate("the writer stopped before this was done".into())))
    }

    /// Writes a batch and its journal entries.
    pub(super) fn commit(&self, batch: &Batch<'_>, entries: &[NewEntry]) -> Result<Committed, StoreError> {
        let mut book = lock(&self.book);
        let mut answer = Committed::Conflict { keys: Vec::new() };
        let waiting = self.take_waiting();
        book.serve(waiting, |book| {
            answer = commit::write(book, batch, entries)?;
            Ok(matches!(answer, Committed::Done { .. }).then_some(()))
        })?;
        Ok(answer)
    }

    /// Runs something on the write connection outside of any transaction.
    pub(super) fn hold<T>(&self, run: impl FnOnce(&Connection) -> T) -> T {
        run(&lock(&self.book).conn)
    }

    fn take_waiting(&self) -> Vec<Arc<dyn Work>> {
        std::mem::take(&mut *lock(&self.waiting))
    }
}

impl Book {
    /// One transaction for the holder's own work and all that waits. `own` answers `None` to leave no trace.
    fn serve(
        &mut self,
        waiting: Vec<Arc<dyn Work>>,
        own: impl FnOnce(&mut Book) -> Result<Option<()>, StoreError>,
    ) -> Result<(), StoreError> {
        let mine = self.begin().and_then(|()| match own(self) {
            Ok(Some(())) => Ok(()),
            Ok(None) => self.undo().and_then(|()| self.begin()),
            Err(why) => Err(why),
        });
        let Err(why) = mine else { return self.finish(waiting) };
        // The holder's failure is not the others': they get a transaction of their own.
        self.head = None;
        let others = self.undo().and_then(|()| self.begin()).and_then(|()| self.finish(waiting.clone()));
        if let Err(theirs) = others {
            end_all(&waiting, &theirs);
        }
        Err(why)
    }

    /// Does the waiting work and commits; answers everybody.
    fn finish(&mut self, waiting: Vec<Arc<dyn Work>>) -> Result<(), StoreError> {
        let mut done = Vec::with_capacity(waiting.len());
        let mut rest = waiting.into_iter();
        let mut failure = None;
        for work in rest.by_ref() {
            match self.guarded(work.as_ref()) {
                Ok(Ok(())) => done.push(work),
                Ok(Err(why)) => work.end(Err(why)),
                Err(why) => {
                    done.push(work);
                    failure = Some(why);
                    break;
                }
            }
        }
        let outcome = match failure {
            Some(why) => Err(why),
            None => self.conn.execute_batch("COMMIT").map_err(|why| self.note("commit", why)),
        };
        match &outcome {
            Ok(()) => done.iter().for_each(|work| work.end(Ok(()))),
            Err(why) => {
                self.head = None;
                let _ = self.undo();
                done.extend(rest);
                end_all(&done, why);
            }
        }
        outcome
    }

    /// Runs one piece of work so that its failure leaves no trace; the outer error is that of the whole transaction.
    fn guarded(&self, work: &dyn Work) -> Result<Result<(), StoreError>, StoreError> {
        self.conn.execute_batch("SAVEPOINT work").told("begin a piece of work")?;
        match work.run(&self.conn) {
            Ok(()) => self.conn.execute_batch("RELEASE work").told("end a piece of work").map(Ok),
            // A full disk ends the whole transaction at once.
            Err(why) if self.conn.is_autocommit() => Err(why),
            Err(why) => self
                .conn
                .execute_batch("ROLLBACK TO work; RELEASE work")
                .told("undo a piece of work")
                .map(|()| Err(why)),
        }
    }

    fn begin(&mut self) -> Result<(), StoreError> {
        if let Some(why) = &self.broken {
            return Err(StoreError::Unwritable(why.clone()));
        }
        self.undo()?;
        self.conn.execute_batch("BEGIN IMMEDIATE").told("begin to write")?;
        let mut version = self.conn.prepare_cached("PRAGMA data_version").told("ask who else wrote")?;
        let seen = version.query_row([], |row| row.get(0)).told("ask who else wrote")?;
        if self.seen != seen {
            (self.seen, self.head) = (seen, None);
        }
        Ok(())
    }

    fn undo(&mut self) -> Result<(), StoreError> {
        if self.conn.is_autocommit() {
            return Ok(());
        }
        self.head = None;
        self.conn.execute_batch("ROLLBACK").told("roll back")
    }

    /// After a failed sync nobody knows what the disk holds: nothing is acknowledged any more until a restart.
    fn note(&mut self, what: &str, why: rusqlite::Error) -> StoreError {
        let code = why.sqlite_extended_error_code();
        let error = fault(what, why);
        if matches!(code, Some(rusqlite::ffi::SQLITE_IOERR_FSYNC | rusqlite::ffi::SQLITE_IOERR_DIR_FSYNC)) {
            self.broken = Some(format!("{error}; the disk did not confirm a write, restart when it is mended"));
        }
        error
    }
}

fn end_all(work: &[Arc<dyn Work>], why: &StoreError) {
    work.iter().for_each(|work| work.end(Err(again(why))));
}
